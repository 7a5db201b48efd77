// Files of several sources, compared pair by pair and put together into cases.
//
// Every two lists are compared one to one. Pairs are taken best first; each joins the cases of its
// two records unless that would give a case two records of one list. Such a pair is a conflict and
// shown as one: with three lists, A=B and B=C can disagree with a better A=C'.
#include <algorithm>
#include <fstream>
#include <numeric>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/columns/read_table.hpp>
#include <atalaya/crypto/hash.hpp>

#include "desk_state.hpp"
#include "linkage_outcome.hpp"

namespace atalaya::observatory {
namespace {

std::unexpected<Error> bad(std::string_view reason, std::string what) {
  return fail(Error{ErrorCode::invalid_argument, std::string(reason), what, {{"what", what}}});
}

const columns::RawColumn* find_column(const columns::RawTable& table, std::string_view name) {
  const auto at = std::ranges::find(table.columns, name, &columns::RawColumn::name);
  return at == table.columns.end() ? nullptr : &*at;
}

Result<columns::RawTable> read_list(const LinkageList& list, const std::filesystem::path& file) {
  columns::ReadOptions options;
  for (const auto& [field, column] : list.columns) {
    options.columns.push_back(column);
  }
  if (!list.case_column.empty()) {
    options.columns.push_back(list.case_column);
  }
  std::ranges::sort(options.columns);
  const auto [first, last] = std::ranges::unique(options.columns);
  options.columns.erase(first, last);
  auto table = ATALAYA_TRY(columns::read_table(file.string(), options));
  // A row left out without a word would look like a case that the other list alone has.
  if (table.ragged_rows > 0) {
    return bad("observatory.linkage.files",
               fmt::format("{}: {} rows have more or fewer fields than the header, the first on "
                           "line {}; correct them first",
                           table.file, table.ragged_rows, table.ragged.front().line));
  }
  return table;
}

std::vector<LinkedRecord> records_of(const LinkagePlan& plan, const LinkageList& list,
                                     const columns::RawTable& table) {
  const auto value = [&](std::string_view column, std::size_t row) {
    const auto* raw = column.empty() ? nullptr : find_column(table, column);
    return raw == nullptr ? std::string()
                          : std::string(trim(raw->values.text(columns::at(raw->codes, row))));
  };
  const auto column_of = [&](const std::string& field) {
    const auto at = list.columns.find(field);
    return at == list.columns.end() ? std::string() : at->second;
  };
  std::vector<LinkedRecord> out;
  out.reserve(table.rows);
  for (std::size_t row = 0; row < table.rows; ++row) {
    LinkedRecord record;
    record.line = table.line_of(row);
    record.number = value(list.case_column, row);
    record.group = value(column_of("group"), row);
    for (const auto& field : plan.fields) {
      record.values.push_back(value(column_of(field.id), row));
    }
    out.push_back(std::move(record));
  }
  return out;
}

LinkTable table_of(const LinkagePlan& plan, const std::vector<LinkedRecord>& records) {
  LinkTable out(plan.fields.size());
  for (std::size_t field = 0; field < plan.fields.size(); ++field) {
    for (const auto& record : records) {
      out[field].push_back(record.values[field]);
    }
  }
  return out;
}

std::string why_of(const std::vector<FieldWeight>& weights) {
  std::string out;
  for (const auto& weight : weights) {
    out += fmt::format("{}{}: {} {:+.1f}", out.empty() ? "" : "; ", weight.field, weight.level,
                       weight.bits);
  }
  return out;
}

json::object weights_json(const LinkagePlan& plan, const LinkReport& report, std::size_t a,
                          std::size_t b) {
  json::array fields;
  for (std::size_t f = 0; f < plan.fields.size(); ++f) {
    const auto names = level_names(plan.fields[f].kind);
    json::array levels;
    for (std::size_t level = 0; level < report.model.fields[f].m.size(); ++level) {
      levels.push_back(
          json::object{{"level", level < names.size() ? names[level] : std::string_view("missing")},
                       {"m", report.model.fields[f].m[level]},
                       {"u", report.model.fields[f].u[level]}});
    }
    fields.push_back(json::object{{"field", plan.fields[f].id}, {"levels", std::move(levels)}});
  }
  json::array passes;
  for (const auto& pass : report.passes) {
    passes.push_back(json::object{{"keys", pass.id},
                                  {"pairs", pass.pairs},
                                  {"blocks_left_out", pass.blocks_left_out},
                                  {"pairs_left_out", pass.pairs_left_out}});
  }
  return {{"lists", json::array{json::string(plan.lists[a].id), json::string(plan.lists[b].id)}},
          {"prior", report.model.prior},
          {"pairs_compared", report.pairs_compared},
          {"pairs_displaced", report.pairs_displaced},
          {"fields", std::move(fields)},
          {"passes", std::move(passes)}};
}

Result<void> compare(LinkageOutcome& out, std::size_t a, std::size_t b, json::array& comparisons) {
  if (out.records[a].empty() || out.records[b].empty()) {
    return {};
  }
  LinkJob job;
  job.fields = out.plan.fields;
  job.passes = out.plan.passes;
  job.options = out.plan.options;
  job.a = table_of(out.plan, out.records[a]);
  job.b = table_of(out.plan, out.records[b]);
  auto linker = ATALAYA_TRY(Linker::create(std::move(job)));
  const auto report = ATALAYA_TRY(linker.run());
  for (const auto& pair : report.pairs) {
    CasePair found;
    found.list_a = a;
    found.list_b = b;
    found.a = pair.a;
    found.b = pair.b;
    found.probability = pair.probability;
    found.bits = pair.bits;
    found.state = pair.decision == LinkDecision::match ? PairState::linked : PairState::review;
    found.why = why_of(linker.explain(pair));
    out.pairs.push_back(std::move(found));
  }
  comparisons.push_back(weights_json(out.plan, report, a, b));
  return {};
}

// Records of one list that look like the same case: what one_to_one would hide.
Result<json::object> count_duplicates(const LinkageOutcome& out) {
  json::object counts;
  for (std::size_t list = 0; list < out.records.size(); ++list) {
    std::int64_t pairs = 0;
    if (out.records[list].size() > 1) {
      LinkJob job;
      job.fields = out.plan.fields;
      job.passes = out.plan.passes;
      job.options = out.plan.options;
      job.options.one_to_one = false;
      job.a = table_of(out.plan, out.records[list]);
      auto linker = ATALAYA_TRY(Linker::create(std::move(job)));
      const auto report = ATALAYA_TRY(linker.run());
      pairs = std::ranges::count(report.pairs, LinkDecision::match, &LinkedPair::decision);
    }
    counts[out.plan.lists[list].id] = pairs;
  }
  return counts;
}

Result<std::uint32_t> record_at(const LinkageOutcome& out, std::size_t list, std::uint64_t line) {
  const auto& records = out.records[list];
  const auto at = std::ranges::lower_bound(records, line, {}, &LinkedRecord::line);
  if (at == records.end() || at->line != line) {
    return bad("observatory.linkage.decisions",
               fmt::format("the decisions speak of line {} of list {}, which has no record there: "
                           "are they of other files?",
                           line, out.plan.lists[list].id));
  }
  return static_cast<std::uint32_t>(at - records.begin());
}

// Persons' decisions come before the program's.
Result<void> decide(LinkageOutcome& out, const std::vector<LinkageDecision>& decisions) {
  for (const auto& decision : decisions) {
    CasePair pair;
    pair.list_a = decision.list_a;
    pair.list_b = decision.list_b;
    pair.a = ATALAYA_TRY(record_at(out, decision.list_a, decision.line_a));
    pair.b = ATALAYA_TRY(record_at(out, decision.list_b, decision.line_b));
    const auto at = std::ranges::find_if(out.pairs, [&](const CasePair& p) {
      return p.list_a == pair.list_a && p.list_b == pair.list_b && p.a == pair.a && p.b == pair.b;
    });
    if (at != out.pairs.end()) {
      pair = *at;
      out.pairs.erase(at);
    }
    if (decision.is_match) {
      pair.state = PairState::linked;
      pair.decided = true;
      pair.probability = 1;
      out.pairs.push_back(std::move(pair));
    }
  }
  std::ranges::stable_sort(out.pairs, [](const CasePair& x, const CasePair& y) {
    return x.decided != y.decided ? x.decided : x.probability > y.probability;
  });
  return {};
}

// Cases as a forest over all records; a root keeps which record of each list its case has.
class Cases {
 public:
  explicit Cases(const LinkageOutcome& out) {
    for (const auto& records : out.records) {
      offset_.push_back(parent_.size());
      for (std::size_t i = 0; i < records.size(); ++i) {
        std::vector<std::optional<std::uint32_t>> one(out.records.size());
        one[offset_.size() - 1] = static_cast<std::uint32_t>(i);
        members_.push_back(std::move(one));
        parent_.push_back(parent_.size());
      }
    }
  }

  bool join(const CasePair& pair) {
    const std::size_t a = root(offset_[pair.list_a] + pair.a);
    const std::size_t b = root(offset_[pair.list_b] + pair.b);
    if (a == b) {
      return true;
    }
    for (std::size_t list = 0; list < members_[a].size(); ++list) {
      if (members_[a][list] && members_[b][list]) {
        return false;
      }
    }
    for (std::size_t list = 0; list < members_[a].size(); ++list) {
      members_[a][list] = members_[a][list] ? members_[a][list] : members_[b][list];
    }
    parent_[b] = a;
    return true;
  }

  [[nodiscard]] std::vector<std::vector<std::optional<std::uint32_t>>> take() {
    std::vector<std::vector<std::optional<std::uint32_t>>> out;
    for (std::size_t i = 0; i < parent_.size(); ++i) {
      if (parent_[i] == i) {
        out.push_back(std::move(members_[i]));
      }
    }
    return out;
  }

 private:
  std::size_t root(std::size_t i) {
    while (parent_[i] != i) {
      parent_[i] = parent_[parent_[i]];
      i = parent_[i];
    }
    return i;
  }

  std::vector<std::size_t> offset_, parent_;
  std::vector<std::vector<std::optional<std::uint32_t>>> members_;
};

Result<void> count(LinkageOutcome& out) {
  for (const auto& members : out.cases) {
    std::string group;
    std::size_t pattern = 0;
    for (std::size_t list = 0; list < members.size(); ++list) {
      if (members[list]) {
        pattern |= std::size_t{1} << list;
        const auto& own = out.records[list][*members[list]].group;
        group = group.empty() ? own : group;
      }
    }
    auto& counts = out.counts[group.empty() ? std::string(kUnknown) : group];
    counts.resize(std::size_t{1} << out.plan.lists.size());
    ++counts[pattern];
  }
  if (out.counts.size() > kLinkageGroupsMax) {
    return bad("observatory.linkage.groups",
               fmt::format("the column of groups has {} different values; counts are kept for at "
                           "most {}. Choose a coarser column, like the year or the department",
                           out.counts.size(), kLinkageGroupsMax));
  }
  return {};
}

}  // namespace

Result<LinkageOutcome> link_files(const LinkagePlan& plan,
                                  const std::vector<std::filesystem::path>& files,
                                  const std::vector<LinkageDecision>& decisions) {
  if (files.size() != plan.lists.size()) {
    return bad("observatory.linkage.files",
               fmt::format("the plan has {} lists and {} files were given; name one file a list, "
                           "in the order of the plan",
                           plan.lists.size(), files.size()));
  }
  LinkageOutcome out;
  out.plan = plan;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto table = ATALAYA_TRY(read_list(plan.lists[i], files[i]));
    out.records.push_back(records_of(plan, plan.lists[i], table));
    auto hash = ATALAYA_TRY(detail::file_sha256(files[i]));
    out.sha256.push_back(std::move(hash));
  }
  json::array comparisons;
  for (std::size_t a = 0; a < files.size(); ++a) {
    for (std::size_t b = a + 1; b < files.size(); ++b) {
      ATALAYA_TRY(compare(out, a, b, comparisons));
    }
  }
  ATALAYA_TRY(decide(out, decisions));
  Cases cases(out);
  for (auto& pair : out.pairs) {
    if (pair.state == PairState::linked && !cases.join(pair)) {
      pair.state = PairState::conflict;
    }
  }
  out.cases = cases.take();
  ATALAYA_TRY(count(out));
  out.result = detail::linkage_result(out, std::move(comparisons));
  out.result["duplicates"] = ATALAYA_TRY(count_duplicates(out));
  out.agreement = ATALAYA_TRY(detail::protected_agreement(out));
  return out;
}

}  // namespace atalaya::observatory
