#include "packages_rows.hpp"

#include <charconv>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

#include "checks.hpp"

namespace atalaya::followup::detail {
namespace {

std::unexpected<Error> bad(std::string_view field) {
  return invalid("package.record", field, "a record is not one that this program knows");
}

// Reads fields of a record and remembers the first one that is not as it should be.
class Fields {
 public:
  explicit Fields(const json::object& object) : object_(object) {}

  std::string line(std::string_view name) { return text(name, Lines::one); }

  std::string text(std::string_view name, Lines lines = Lines::many) {
    const auto* value = object_.if_contains(name);
    if (value == nullptr || !value->is_string()) {
      wrong(name);
      return {};
    }
    auto clean = clean_text(value->get_string(), lines);
    if (!clean) {
      wrong(name);
      return {};
    }
    return *std::move(clean);
  }

  // A day, or a moment of which the day is meant.
  std::string day(std::string_view name) {
    std::string found = line(name);
    if (!parse_civil_date(std::string_view(found).substr(0, 10))) {
      wrong(name);
    }
    return found;
  }

  bool flag(std::string_view name) {
    const auto* value = object_.if_contains(name);
    if (value == nullptr || !value->is_bool()) {
      wrong(name);
      return false;
    }
    return value->get_bool();
  }

  std::int64_t number(std::string_view name) {
    const auto* value = object_.if_contains(name);
    if (value == nullptr || !value->is_int64()) {
      wrong(name);
      return 0;
    }
    return value->get_int64();
  }

  std::vector<SourceRef> sources(std::string_view name) {
    const auto* value = object_.if_contains(name);
    auto found =
        value == nullptr ? Result<std::vector<SourceRef>>(bad(name)) : parse_sources(*value);
    if (!found) {
      wrong(name);
      return {};
    }
    for (SourceRef& source : *found) {
      // The copy lies in the other node: its hash says which, and nothing here leads to it.
      if (source.file.size() != 64 || !from_hex(source.file)) {
        source.file.clear();
      }
      auto title = clean_text(source.title, Lines::one);
      source.title = title ? *std::move(title) : std::string();
      auto no_copy = clean_text(source.no_copy, Lines::one);
      source.no_copy = no_copy ? *std::move(no_copy) : std::string();
      if (!names_web(source.url) || !check_text(source.url, 2000)) {
        source.url.clear();
      }
    }
    return *std::move(found);
  }

  const json::value* any(std::string_view name) const { return object_.if_contains(name); }

  void wrong(std::string_view name) {
    if (wrong_.empty()) {
      wrong_ = name;
    }
  }

  [[nodiscard]] Result<void> done() const { return wrong_.empty() ? Result<void>() : bad(wrong_); }

 private:
  const json::object& object_;
  std::string wrong_;
};

Result<json::value> object_of(std::string_view body) {
  json::value value = ATALAYA_TRY(parse_json(body, "record"));
  if (!value.is_object()) {
    return bad("record");
  }
  return value;
}

void read_codes(Fields& fields, Coding& out) {
  const auto* codes = fields.any("codes");
  if (codes == nullptr || !codes->is_array() || codes->get_array().size() > 10) {
    fields.wrong("codes");
    return;
  }
  for (const json::value& value : codes->get_array()) {
    if (!value.is_object()) {
      fields.wrong("codes");
      return;
    }
    Fields one(value.get_object());
    Code code;
    code.coder = one.line("coder");
    code.value = one.line("value");
    code.reasons = one.text("reasons");
    code.provision = one.text("provision");
    code.interest = one.text("interest");
    code.sources = one.sources("sources");
    if (!one.done()) {
      fields.wrong("codes");
    }
    out.submitted.push_back(code.coder);
    out.codes.push_back(std::move(code));
  }
}

constexpr std::string_view kShown =
    "SELECT r.body, p.name, r.record FROM followup_node_records r JOIN followup_nodes p ON "
    "p.verifier_key = r.peer WHERE r.superseded_at IS NULL AND r.kind = $1";

Result<store::Rows> shown(store::Transaction& tx, RecordKind kind, std::string_view commitment,
                          std::string_view actor) {
  std::string sql(kShown);
  store::Parameters parameters{std::string(to_string(kind))};
  const std::pair<std::string_view, std::string_view> filters[] = {{"commitment", commitment},
                                                                   {"actor", actor}};
  for (const auto& [column, value] : filters) {
    if (!value.empty()) {
      parameters.emplace_back(std::string(value));
      sql += fmt::format(" AND r.{} = ${}", column, parameters.size());
    }
  }
  return tx.query(sql + " ORDER BY r.as_of DESC, r.id DESC", parameters);
}

}  // namespace

json::object assessment_record(const Coding& coding) {
  json::array codes;
  for (const Code& code : coding.codes) {
    codes.push_back(json::object{{"coder", code.coder},
                                 {"value", code.value},
                                 {"reasons", code.reasons},
                                 {"provision", code.provision},
                                 {"interest", code.interest},
                                 {"sources", sources_json(code.sources)}});
  }
  return {{"v", 1},
          {"commitment", coding.commitment},
          {"actor", coding.actor},
          {"scale", coding.scale},
          {"as_of", coding.as_of},
          {"value", coding.value},
          {"dissent", coding.dissent},
          {"window_from", coding.window_from},
          {"window_to", coding.window_to},
          {"criteria_version", coding.criteria.version},
          {"criteria", coding.criteria.text},
          {"codes", std::move(codes)},
          {"decision", coding.decision},
          {"decided_by", coding.decided_by},
          {"reply", coding.reply},
          {"reply_language", coding.reply_language},
          {"replied_by", coding.replied_by},
          {"published_at", coding.published_at},
          {"by", coding.published_by}};
}

bool same_but_names(std::string_view one, std::string_view other) {
  const auto nameless = [](std::string_view body) {
    auto value = parse_json(body, "record");
    if (!value || !value->is_object()) {
      return std::string();
    }
    json::object& record = value->get_object();
    for (const std::string_view name : {"decided_by", "replied_by", "by"}) {
      record.erase(name);
    }
    if (auto* codes = record.if_contains("codes"); codes != nullptr && codes->is_array()) {
      for (json::value& code : codes->get_array()) {
        if (code.is_object()) {
          code.get_object().erase("coder");
        }
      }
    }
    return canonical_json(record);
  };
  const std::string first = nameless(one);
  return !first.empty() && first == nameless(other);
}

Result<Coding> coding_from_record(std::string_view body) {
  const json::value value = ATALAYA_TRY(object_of(body));
  Fields fields(value.get_object());
  Coding out;
  out.stage = CodingStage::published;
  out.commitment = fields.line("commitment");
  out.actor = fields.line("actor");
  out.scale = fields.line("scale");
  out.as_of = fields.day("as_of");
  out.value = fields.line("value");
  out.dissent = fields.flag("dissent");
  out.window_from = fields.day("window_from");
  out.window_to = fields.day("window_to");
  out.criteria.version = fields.number("criteria_version");
  out.criteria.scale = out.scale;
  out.criteria.text = fields.text("criteria");
  read_codes(fields, out);
  out.decision = fields.text("decision");
  out.decided_by = fields.line("decided_by");
  out.reply = fields.text("reply");
  out.reply_language = fields.line("reply_language");
  out.replied_by = fields.line("replied_by");
  out.published_at = fields.day("published_at");
  out.published_by = fields.line("by");
  ATALAYA_TRY(fields.done());
  return out;
}

Result<AlternativeReport> report_from_record(std::string_view body) {
  const json::value value = ATALAYA_TRY(object_of(body));
  Fields fields(value.get_object());
  AlternativeReport out;
  out.id = fields.number("id");
  out.kind = fields.line("kind");
  out.commitment = fields.line("commitment");
  out.actor = fields.line("actor");
  out.as_of = fields.day("as_of");
  out.language = fields.line("language");
  out.title = fields.line("title");
  out.text = fields.text("text");
  out.sources = fields.sources("sources");
  out.name = fields.line("name");
  out.organisation = fields.line("organisation");
  out.attribution = fields.line("attribution");
  out.redacted = fields.flag("redacted");
  out.published_on = fields.day("published_on");
  if ((out.kind != "alternative_report" && out.kind != "correction") ||
      (out.attribution != "named" && out.attribution != "vouched") ||
      !parse_language(out.language)) {
    fields.wrong("kind");
  }
  ATALAYA_TRY(fields.done());
  return out;
}

Result<void> add_peer_codings(store::Transaction& tx, std::string_view commitment,
                              std::string_view actor, std::vector<Coding>& out) {
  const auto rows = ATALAYA_TRY(shown(tx, RecordKind::assessment, commitment, actor));
  for (const auto& row : rows) {
    Coding coding = ATALAYA_TRY(coding_from_record(row.text(0)));
    coding.node = row.text(1);
    // "coding/846": another program's node may name its records otherwise.
    const std::string record = row.text(2);
    const auto digits = std::string_view(record).substr(record.find('/') + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), coding.number);
    out.push_back(std::move(coding));
  }
  return {};
}

Result<void> add_peer_reports(store::Transaction& tx, std::string_view commitment,
                              std::string_view actor, std::vector<AlternativeReport>& out) {
  const auto rows = ATALAYA_TRY(shown(tx, RecordKind::alternative_report, commitment, actor));
  for (const auto& row : rows) {
    AlternativeReport report = ATALAYA_TRY(report_from_record(row.text(0)));
    report.node = row.text(1);
    out.push_back(std::move(report));
  }
  return {};
}

}  // namespace atalaya::followup::detail
