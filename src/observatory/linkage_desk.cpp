// What leaves a linkage: the list of cases as a file, counts into the node.
#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include <atalaya/base/csv.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/columns/read_table.hpp>
#include <atalaya/crypto/hash.hpp>

#include "linkage_outcome.hpp"

namespace atalaya::observatory {
namespace {

std::unexpected<Error> conflict(std::string_view reason, std::string_view linkage,
                                std::string_view detail_text) {
  return fail(Error{ErrorCode::conflict,
                    std::string(reason),
                    std::string(detail_text),
                    {{"linkage", std::string(linkage)}}});
}

struct Line {
  std::string_view kind;
  std::vector<std::optional<std::uint32_t>> members;
  const CasePair* pair = nullptr;  // the weakest that holds it together; none for single records
};

std::string heading(const LinkagePlan& plan, bool values) {
  std::string out = "kind,found_in";
  for (const auto& list : plan.lists) {
    out += fmt::format(",{0}_line,{0}_case,{0}_group", list.id);
    for (const auto& field : plan.fields) {
      out += values ? fmt::format(",{}_{}", list.id, field.id) : "";
    }
  }
  return out + ",probability,bits,why,decision\n";
}

void write_line(std::string& out, const LinkageOutcome& outcome, const Line& line, bool values) {
  std::size_t pattern = 0;
  std::string cells;
  for (std::size_t list = 0; list < line.members.size(); ++list) {
    const auto* record = line.members[list] ? &outcome.records[list][*line.members[list]] : nullptr;
    pattern |= record == nullptr ? 0 : std::size_t{1} << list;
    cells += fmt::format(",{},{},{}", record == nullptr ? "" : std::to_string(record->line),
                         csv_field(record == nullptr ? "" : record->number),
                         csv_field(record == nullptr ? "" : record->group));
    for (std::size_t field = 0; values && field < outcome.plan.fields.size(); ++field) {
      cells += "," + csv_field(record == nullptr ? "" : record->values[field]);
    }
  }
  out +=
      fmt::format("{},{}{}", line.kind, detail::pattern_name(outcome.plan.lists, pattern), cells);
  if (line.pair == nullptr) {
    out += ",,,,\n";
  } else if (line.pair->decided) {
    out += fmt::format(",,{:.2f},{},match\n", line.pair->bits, csv_field(line.pair->why));
  } else {
    out += fmt::format(",{:.6f},{:.2f},{},\n", line.pair->probability, line.pair->bits,
                       csv_field(line.pair->why));
  }
}

// The weakest linked pair of each record, by list and record.
std::vector<std::vector<const CasePair*>> weakest_pairs(const LinkageOutcome& outcome) {
  std::vector<std::vector<const CasePair*>> out;
  for (const auto& records : outcome.records) {
    out.emplace_back(records.size(), nullptr);
  }
  for (const auto& pair : outcome.pairs) {
    if (pair.state == PairState::linked) {
      out[pair.list_a][pair.a] = &pair;
      out[pair.list_b][pair.b] = &pair;
    }
  }
  return out;
}

std::optional<std::uint64_t> line_number(std::string_view text) {
  std::uint64_t line = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), line);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(line)
                                                                  : std::nullopt;
}

struct DecisionColumns {
  const columns::RawColumn* decision = nullptr;
  std::vector<const columns::RawColumn*> lines;
};

std::unexpected<Error> bad_decisions(std::string what) {
  return fail(
      Error{ErrorCode::invalid_argument, "observatory.linkage.decisions", what, {{"what", what}}});
}

std::string_view cell(const columns::RawColumn& column, std::size_t row) {
  return trim(column.values.text(columns::at(column.codes, row)));
}

Result<void> add_decisions(const DecisionColumns& columns, const columns::RawTable& table,
                           std::size_t row, std::vector<LinkageDecision>& out) {
  const std::string word(cell(*columns.decision, row));
  if (word.empty()) {
    return {};
  }
  if (word != "match" && word != "no_match") {
    return bad_decisions(
        fmt::format("line {}: a decision is match, no_match or nothing", table.line_of(row)));
  }
  std::vector<std::pair<std::size_t, std::uint64_t>> lines;
  for (std::size_t list = 0; list < columns.lines.size(); ++list) {
    const auto text = cell(*columns.lines[list], row);
    const auto line = line_number(text);
    if (!text.empty() && !line) {
      return bad_decisions(fmt::format("line {}: a line number is none", table.line_of(row)));
    }
    if (line) {
      lines.emplace_back(list, *line);
    }
  }
  for (std::size_t a = 0; a < lines.size(); ++a) {
    for (std::size_t b = a + 1; b < lines.size(); ++b) {
      out.push_back(
          {lines[a].first, lines[b].first, lines[a].second, lines[b].second, word == "match"});
    }
  }
  return {};
}

json::object line_json(const Linkage& linkage) {
  return {{"linkage", linkage.linkage},
          {"plan_sha256", to_hex(sha256(linkage.plan))},
          {"lists", linkage.lists},
          {"result_sha256", to_hex(sha256(canonical_json(linkage.result)))},
          {"agreement_sha256", to_hex(sha256(canonical_json(linkage.agreement)))},
          {"published", linkage.published},
          {"made_by", linkage.made_by}};
}

// Whether figures of two indicators can be of the same cases: of persons or events to whom one
// offence may have happened.
bool counts_alike(const Desk& desk, std::string_view a, std::string_view b) {
  constexpr std::array<std::string_view, 3> kCases{"victims", "incidents", "deaths"};
  const auto* left = desk.indicators().find(a);
  const auto* right = desk.indicators().find(b);
  if (left == nullptr || right == nullptr) {
    return true;  // not of this version
  }
  const auto is_case = [&](const Indicator& one) {
    return std::ranges::find(kCases, one.unit) != kCases.end();
  };
  if (left->unit != right->unit && !(is_case(*left) && is_case(*right))) {
    return false;
  }
  const auto* ours = left->numerator.find("iccs");
  const auto* theirs = right->numerator.find("iccs");
  return ours == nullptr || theirs == nullptr ||
         std::ranges::any_of(*ours, [&](const std::string& one) {
           return std::ranges::any_of(*theirs, [&](const std::string& other) {
             return desk.codelists().is_within("iccs", one, other) ||
                    desk.codelists().is_within("iccs", other, one);
           });
         });
}

// A source of one of the lists of which this node has released figures of such cases; empty: there
// is none.
Result<std::string> released_source(const Desk& desk, const LinkagePlan& plan) {
  for (const auto& release : ATALAYA_TRY(desk.releases())) {
    for (const auto& entry : release.tables) {
      const auto* sources = entry.query.if_contains("sources");
      if (sources == nullptr || !sources->is_array() ||
          !counts_alike(desk, plan.indicator, entry.indicator)) {
        continue;
      }
      for (const auto& source : sources->get_array()) {
        if (std::ranges::any_of(plan.lists, [&](const LinkageList& list) {
              return json::value(list.source) == source;
            })) {
          return std::string(source.as_string());
        }
      }
    }
  }
  return std::string();
}

Result<void> check_publishable(const Desk& desk, const LinkageOutcome& outcome) {
  const auto& id = outcome.plan.id;
  if (trim(outcome.plan.decided_by).empty() || trim(outcome.plan.reason).empty()) {
    return conflict("observatory.linkage.undecided", id,
                    "nobody is named who decided to publish the agreement: add [decision] by = "
                    "\"…\", reason = \"…\" to the plan");
  }
  if (!outcome.agreement.at("safe").as_bool()) {
    return conflict("observatory.linkage.unsafe", id,
                    "a reader could work hidden counts out; choose coarser groups");
  }
  const auto review = outcome.agreement.at("pairs_for_review").to_number<std::int64_t>();
  if (review > 0) {
    return conflict("observatory.linkage.review", id,
                    fmt::format("{} pairs wait for somebody to decide; fill the column `decision` "
                                "of the list of cases and give it with --decisions",
                                review));
  }
  if (outcome.agreement.at("hidden").to_number<std::int64_t>() > 0 &&
      !outcome.plan.list_totals_known) {
    const auto source = ATALAYA_TRY(released_source(desk, outcome.plan));
    if (!source.empty()) {
      return conflict("observatory.linkage.unsafe", id,
                      fmt::format("readers hold figures of {} from releases, by which hidden "
                                  "counts can be worked out: write list_totals_known = true under "
                                  "[agreement], so that others are hidden, or choose coarser "
                                  "groups",
                                  source));
    }
  }
  const auto held = ATALAYA_TRY(linkages(desk));
  for (const auto& other : held) {
    if (other.published && other.linkage == id && other.agreement != outcome.agreement &&
        (outcome.agreement.at("hidden").to_number<std::int64_t>() > 0 ||
         other.agreement.at("hidden").to_number<std::int64_t>() > 0)) {
      return conflict("observatory.linkage.published", id,
                      fmt::format("an agreement of {} that hides counts was published on {}: the "
                                  "difference would show them. Use another id and coarser groups",
                                  id, other.made_at.substr(0, 10)));
    }
  }
  return {};
}

Result<Linkage> linkage_of(const store::Row& row) {
  Linkage out;
  out.id = row.integer(0);
  out.linkage = row.text(1);
  out.title = row.text(2);
  out.country = row.text(3);
  out.synthetic = row.integer(4) != 0;
  out.plan = row.text(5);
  const auto lists = ATALAYA_TRY(parse_json(row.text(6), "observatory_linkages"));
  const auto result = ATALAYA_TRY(parse_json(row.text(7), "observatory_linkages"));
  const auto agreement = ATALAYA_TRY(parse_json(row.text(8), "observatory_linkages"));
  if (!lists.is_array() || !result.is_object() || !agreement.is_object()) {
    return fail(ErrorCode::data_loss, "observatory.stored", "a stored linkage is none");
  }
  out.lists = lists.as_array();
  out.result = result.as_object();
  out.agreement = agreement.as_object();
  out.made_at = row.text(9);
  out.made_by = row.text(10);
  out.published = row.integer(11) != 0;
  return out;
}

std::string number_text(const json::value& value) {
  return value.is_null() ? "" : std::to_string(value.to_number<std::int64_t>());
}

void agreement_line(std::string& out, std::string_view group, const json::object& line) {
  const auto write = [&](std::string_view what, const json::value& value) {
    out += fmt::format("{},{},{},{}\n", csv_field(group), csv_field(what), number_text(value),
                       value.is_null() ? "suppressed" : "");
  };
  for (const auto& [pattern, value] : line.at("found").as_object()) {
    write(fmt::format("only in {}", std::string_view(pattern)), value);
  }
  for (const auto& [list, value] : line.at("lists").as_object()) {
    write(fmt::format("all in {}", std::string_view(list)), value);
  }
  write("all cases", line.at("cases"));
}

}  // namespace

Result<std::vector<LinkageDecision>> read_decisions(const LinkagePlan& plan,
                                                    const std::filesystem::path& file) {
  const auto table = ATALAYA_TRY(columns::read_table(file.string()));
  const auto find = [&](const std::string& name) -> const columns::RawColumn* {
    const auto at = std::ranges::find(table.columns, name, &columns::RawColumn::name);
    return at == table.columns.end() ? nullptr : &*at;
  };
  DecisionColumns columns;
  columns.decision = find("decision");
  for (const auto& list : plan.lists) {
    columns.lines.push_back(find(list.id + "_line"));
  }
  if (columns.decision == nullptr ||
      std::ranges::find(columns.lines, nullptr) != columns.lines.end()) {
    return bad_decisions(
        "decisions stand in a list of cases that `observatory link` wrote, in its column "
        "`decision`; a column is missing");
  }
  std::vector<LinkageDecision> out;
  for (std::size_t row = 0; row < table.rows; ++row) {
    ATALAYA_TRY(add_decisions(columns, table, row, out));
  }
  return out;
}

std::string cases_csv(const LinkageOutcome& outcome, bool values) {
  std::string out = heading(outcome.plan, values);
  const auto weakest = weakest_pairs(outcome);
  // What waits for somebody comes first.
  for (const auto& pair : outcome.pairs) {
    if (pair.state != PairState::linked) {
      Line line{.kind = pair.state == PairState::review ? "review" : "conflict", .members = {}};
      line.members.resize(outcome.plan.lists.size());
      line.members[pair.list_a] = pair.a;
      line.members[pair.list_b] = pair.b;
      line.pair = &pair;
      write_line(out, outcome, line, values);
    }
  }
  for (const auto& members : outcome.cases) {
    Line line{.kind = "only", .members = members};
    for (std::size_t list = 0; list < members.size(); ++list) {
      const auto* pair = members[list] ? weakest[list][*members[list]] : nullptr;
      if (pair != nullptr && (line.pair == nullptr || pair->probability < line.pair->probability)) {
        line.pair = pair;
        line.kind = "linked";
      }
    }
    write_line(out, outcome, line, values);
  }
  return out;
}

std::string agreement_csv(const json::object& agreement) {
  std::string out = "group,found,count,status\n";
  for (const auto& line : agreement.at("groups").as_array()) {
    const auto& object = line.as_object();
    agreement_line(out, std::string_view(object.at("group").as_string()), object);
  }
  if (const auto* total = agreement.at("total").if_object(); total != nullptr) {
    agreement_line(out, kTotal, *total);
  }
  return out;
}

Result<Linkage> store_linkage(const Desk& desk, const LinkageOutcome& outcome, std::string_view by,
                              PublishAgreement publish) {
  if (publish == PublishAgreement::yes) {
    ATALAYA_TRY(check_publishable(desk, outcome));
  }
  const auto& parts = desk.parts();
  Linkage out;
  out.linkage = outcome.plan.id;
  out.title = outcome.plan.title;
  out.country = outcome.plan.country;
  out.synthetic = outcome.plan.synthetic;
  out.plan = outcome.plan.text;
  out.made_at = to_string(parts.clock->now());
  out.made_by = by;
  out.published = publish == PublishAgreement::yes;
  out.result = outcome.result;
  out.agreement = outcome.agreement;
  for (std::size_t i = 0; i < outcome.plan.lists.size(); ++i) {
    const auto& list = outcome.plan.lists[i];
    out.lists.push_back(json::object{{"list", list.id},
                                     {"title", list.title},
                                     {"source", list.source},
                                     {"rows", outcome.records[i].size()},
                                     {"sha256", outcome.sha256[i]}});
  }
  ATALAYA_TRY(parts.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto top =
        ATALAYA_TRY(tx.query_one("SELECT COALESCE(MAX(id), 0) FROM observatory_linkages"));
    out.id = top.integer(0) + 1;
    ATALAYA_TRY(tx.execute(
        "INSERT INTO observatory_linkages (id, linkage, title, country, synthetic, plan, lists, "
        "result, agreement, made_at, made_by, published) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
        "$9, $10, $11, $12)",
        {out.id, out.linkage, out.title, out.country, std::int64_t{out.synthetic ? 1 : 0}, out.plan,
         json::serialize(out.lists), json::serialize(out.result), json::serialize(out.agreement),
         out.made_at, out.made_by, std::int64_t{out.published ? 1 : 0}}));
    const ledger::Event leaf{"observatory.linkage", fmt::format("linkage/{}", out.id),
                             canonical_json(line_json(out))};
    ATALAYA_TRY(parts.ledger->append(tx, {&leaf, 1}));
    return {};
  }));
  return out;
}

Result<std::vector<std::string>> detail::agreements_hiding(const Desk& desk,
                                                           const std::set<Told>& told) {
  std::vector<std::string> out;
  for (const auto& linkage : ATALAYA_TRY(linkages(desk))) {
    if (!linkage.published || linkage.agreement.at("hidden").to_number<std::int64_t>() == 0) {
      continue;
    }
    const auto plan = parse_linkage_plan(linkage.plan);  // one that is not read says nothing
    const bool given_away = std::ranges::any_of(told, [&](const Told& one) {
      return std::ranges::any_of(linkage.lists,
                                 [&](const json::value& list) {
                                   return list.at("source").as_string() == one.first;
                                 }) &&
             (!plan || counts_alike(desk, plan->indicator, one.second));
    });
    if (given_away && !(plan && plan->list_totals_known)) {
      out.push_back(linkage.linkage);
    }
  }
  return out;
}

Result<std::vector<Linkage>> linkages(const Desk& desk) {
  std::vector<Linkage> out;
  ATALAYA_TRY(desk.parts().database->read([&](store::Transaction& tx) -> Result<void> {
    out.clear();
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT id, linkage, title, country, synthetic, plan, lists, result, agreement, "
                 "made_at, made_by, published FROM observatory_linkages ORDER BY id DESC"));
    for (const auto& row : rows) {
      auto linkage = ATALAYA_TRY(linkage_of(row));
      out.push_back(std::move(linkage));
    }
    return {};
  }));
  return out;
}

}  // namespace atalaya::observatory
