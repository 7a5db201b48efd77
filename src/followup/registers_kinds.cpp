// Which registers there are, and what their fields may hold.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <atalaya/base/embedded.hpp>
#include <atalaya/base/json.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/deadlines.hpp>
#include <atalaya/followup/treaties.hpp>

#include "checks.hpp"
#include "cube_rules.hpp"
#include "deadlines_data.hpp"
#include "registers_kinds.hpp"

ATALAYA_EMBEDDED(followup_catalogue);

namespace atalaya::followup {
namespace {

constexpr std::size_t kLineMax = 300;  // characters
constexpr std::size_t kTextMax = 5'000;

constexpr std::pair<std::string_view, FieldType> kTypes[] = {{"line", FieldType::line},
                                                             {"text", FieldType::text},
                                                             {"date", FieldType::date},
                                                             {"month_day", FieldType::month_day},
                                                             {"number", FieldType::number},
                                                             {"currency", FieldType::currency},
                                                             {"url", FieldType::url},
                                                             {"email", FieldType::email},
                                                             {"choice", FieldType::choice},
                                                             {"country", FieldType::country},
                                                             {"actor", FieldType::actor},
                                                             {"instrument", FieldType::instrument},
                                                             {"commitment", FieldType::commitment},
                                                             {"theme", FieldType::theme},
                                                             {"question", FieldType::question}};

// The file is part of the program: what is wrong in it stops the program, and a test.
void must_hold(bool holds, std::string_view what) {
  if (!holds) {
    fmt::print(stderr, "registers.json: {}\n", what);
  }
  ATALAYA_CHECK(holds);
}

std::string text_of(const json::object& row, std::string_view key) {
  const auto* value = row.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Translated words_of(const json::object& row, std::string_view key) {
  Translated out;
  const auto* value = row.if_contains(key);
  must_hold(value != nullptr && value->is_object(), key);
  for (const Language language : kLanguages) {
    const std::string text = text_of(value->get_object(), to_string(language));
    must_hold(!text.empty(), "a text lacks a language");
    out.set(language, text);
  }
  return out;
}

RegisterField field_of(const json::object& row) {
  RegisterField field;
  field.id = text_of(row, "id");
  field.label = words_of(row, "label");
  field.required = row.contains("required");
  const std::string type = text_of(row, "type");
  const auto* found = std::ranges::find(kTypes, type, [](const auto& pair) { return pair.first; });
  must_hold(!field.id.empty() && found != std::end(kTypes), "a field without id or known type");
  field.type = found->second;
  if (const auto* choices = row.if_contains("choices")) {
    for (const json::value& choice : choices->as_array()) {
      field.choices.push_back(
          {text_of(choice.as_object(), "id"), words_of(choice.as_object(), "label")});
    }
  }
  must_hold((field.type == FieldType::choice) == !field.choices.empty(), field.id);
  return field;
}

std::vector<RegisterKind> load_kinds() {
  std::vector<RegisterKind> out;
  for (const EmbeddedFile& file : atalaya::embedded::followup_catalogue_all()) {
    if (file.path != "registers.json") {
      continue;
    }
    const auto value = parse_json(file.bytes, file.path);
    must_hold(value.has_value() && value->is_array(), "not a list");
    for (const json::value& entry : value->get_array()) {
      const json::object& row = entry.as_object();
      RegisterKind kind;
      kind.id = text_of(row, "id");
      kind.heading = text_of(row, "heading");
      kind.label = words_of(row, "label");
      kind.about = words_of(row, "about");
      for (const json::value& field : row.at("fields").as_array()) {
        kind.fields.push_back(field_of(field.as_object()));
        must_hold(kind.find(kind.fields.back().id) == &kind.fields.back(), "a field twice");
      }
      must_hold(kind.find(kind.heading) != nullptr, kind.id);
      must_hold(std::ranges::find(out, kind.id, &RegisterKind::id) == out.end(), kind.id);
      out.push_back(std::move(kind));
    }
  }
  must_hold(!out.empty(), "no register");
  return out;
}

bool is_month_day(std::string_view value) {
  return value.size() == 5 && parse_civil_date(fmt::format("2023-{}", value)).has_value();
}

bool is_email(std::string_view value) {
  const std::size_t at = value.find('@');
  return at != std::string_view::npos && at > 0 && value.find('@', at + 1) == value.npos &&
         value.find('.', at + 2) != value.npos && !value.ends_with('.') &&
         value.find_first_of(" ,;<>()\"\\\t\r\n") == value.npos;
}

bool has_controls(std::string_view value, bool paragraphs) {
  return std::ranges::any_of(value, [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0x7F || (byte < 0x20 && !(paragraphs && (c == '\n' || c == '\r' || c == '\t')));
  });
}

bool is_actor(const commitments::Catalogue& catalogue, std::string_view value) {
  constexpr std::string_view kParliament = ".parliament";
  if (value.ends_with(kParliament)) {
    value.remove_suffix(kParliament.size());
    return catalogue.find_country(value) != nullptr;
  }
  return catalogue.find_country(value) != nullptr || catalogue.find_institution(value) != nullptr;
}

// Days on which something was done: none of them is still to come.
constexpr std::pair<std::string_view, std::string_view> kPast[] = {
    {"deadline_outcomes", "date"}, {"reports_received", "received"},
    {"answers", "as_of"},          {"authorities", "read_on"},
    {"practices", "read_on"},      {"report_duties", "read_on"},
    {"practices", "since"},        {"hearings", "date"}};

// Of two days of one row, the one that cannot come before the other.
struct Order {
  std::string_view kind, earlier, later;
};

constexpr Order kOrders[] = {{"cooperation", "begins", "ends"},
                             {"hearings", "date", "due"},
                             {"practices", "since", "read_on"},
                             {"reports_received", "period", "received"}};

// A field that says nothing without another.
constexpr Order kPairs[] = {{"cooperation", "amount", "currency"},
                            {"hearings", "due", "undertaking"}};

// ISO 4217, those in use.
constexpr std::string_view kCurrencies =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN "
    "BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP "
    "ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK "
    "JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK "
    "MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN "
    "PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS "
    "TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG "
    "XDR XOF XPF XSU XUA YER ZAR ZMW ZWG ZWL";

// The days on which a commitment's dates end: of date number `which`, or of all.
Result<std::vector<CivilDate>> due_days(const Parts& parts, std::string_view commitment,
                                        std::string_view which) {
  std::vector<CivilDate> out;
  ATALAYA_TRY(parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT ordinal, edtf, latest FROM dues WHERE commitment = $1 AND withdrawn_by = ''",
                 {std::string(commitment)}));
    for (const auto& row : rows) {
      const std::string ordinal = std::to_string(row.integer(0));
      auto last = days_of(row.text(row.text(2).empty() ? 1 : 2)).last;
      for (const detail::KnownDay& day : detail::deadline_data().days) {
        last = day.commitment == commitment && day.which == row.integer(0) ? days_of(day.due).last
                                                                           : last;
      }
      if (last && (which.empty() || which == "0" || which == ordinal)) {
        out.push_back(*last);
      }
    }
    return {};
  }));
  return out;
}

// What a date's outcome says must be possible for that date: {field, rule}, empty where it is.
Result<std::pair<std::string_view, std::string_view>> broken_outcome_rule(
    const Parts& parts, const RegisterRecord& record) {
  using Rule = std::pair<std::string_view, std::string_view>;  // of words that live for ever
  const std::string_view id = record.value("commitment");
  const auto member = ATALAYA_TRY(Cube(parts).member(id, Language::en));
  const auto done = days_of(record.value("date"));
  const auto adopted = days_of(member.adopted).first;
  if (adopted && done.last && *done.last < *adopted) {
    return Rule{"date", "before_adoption"};
  }
  const std::string_view which = record.value("which");
  const bool dated = ATALAYA_TRY(Deadlines(parts).has_date(id, which));
  if (!which.empty() && which != "0" && !dated) {
    return Rule{"which", "no_such_date"};
  }
  const std::string_view outcome = record.value("outcome");
  if (outcome == "postponed" && record.value("new_due").empty()) {
    return Rule{"new_due", "required"};
  }
  if (outcome == "postponed") {
    const auto moved_to = days_of(record.value("new_due")).last;
    const auto dues = ATALAYA_TRY(due_days(parts, id, which));
    for (const CivilDate due : dues) {
      if (moved_to && *moved_to <= due) {
        return Rule{"new_due", "not_later"};
      }
    }
  }
  const std::string_view actor = record.value("actor");
  if (const auto day = done.last; day && !actor.empty()) {
    auto rules = ATALAYA_TRY(detail::CellRules::load(parts));
    const auto asked = rules.check(id, actor, std::min(*day, parts.today()));
    if (!asked && asked.error().reason == "followup.not_applicable") {
      return Rule{"actor", "not_asked"};
    }
  }
  if (outcome == "superseded" && record.value("successor").empty()) {
    return Rule{"successor", "required"};
  }
  if (record.value("successor") == id) {
    return Rule{"successor", "itself"};
  }
  return Rule{};
}

bool fits_text(const RegisterField& field, std::string_view value) {
  const bool paragraphs = field.type == FieldType::text;
  const auto characters = std::ranges::count_if(
      value, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
  return std::cmp_less_equal(characters, paragraphs ? kTextMax : kLineMax) &&
         !has_controls(value, paragraphs) && !find_invalid_utf8(value);
}

bool fits(const Parts& parts, const RegisterField& field, const std::string& value) {
  const commitments::Catalogue& catalogue = parts.catalogue();
  switch (field.type) {
    case FieldType::line:
    case FieldType::text:
      return true;  // fits_text() says it all
    case FieldType::date:
      return last_day(value).has_value();
    case FieldType::month_day:
      return is_month_day(value);
    case FieldType::number:
      return detail::is_number(value) && !value.starts_with('-');  // numbers count or pay
    case FieldType::currency:
      return value.size() == 3 && !value.contains(' ') && kCurrencies.contains(value);
    case FieldType::url:
      return detail::opens(value);
    case FieldType::email:
      return is_email(value);
    case FieldType::choice:
      return field.find_choice(value) != nullptr;
    case FieldType::country:
      return catalogue.find_country(value) != nullptr;
    case FieldType::actor:
      return is_actor(catalogue, value);
    case FieldType::instrument:
      return catalogue.find_instrument(value) != nullptr;
    case FieldType::commitment:
      return parts.commitments->get(value, Language::en).has_value();
    case FieldType::theme:
      return catalogue.find_theme(value) != nullptr;
    case FieldType::question: {
      const auto* guidance = catalogue.find_guidance(value);
      return guidance != nullptr && guidance->kind == "key_question";
    }
  }
  return false;
}

std::unexpected<Error> wrong(std::string_view field, std::string_view value,
                             std::string_view rule) {
  return fail(Error{ErrorCode::invalid_argument,
                    "followup.register.field",
                    fmt::format("{} is not valid ({})", field, rule),
                    {{"field", std::string(field)},
                     {"value", std::string(value.substr(0, 80))},
                     {"rule", std::string(rule)}}});
}

std::unexpected<Error> impossible(const RegisterRecord& record, std::string_view field,
                                  std::string_view rule) {
  return fail(Error{ErrorCode::invalid_argument,
                    fmt::format("followup.register.{}", rule),
                    fmt::format("{} cannot be ({})", field, rule),
                    {{"field", std::string(field)},
                     {"value", std::string(record.value(field).substr(0, 80))},
                     {"commitment", std::string(record.value("commitment").substr(0, 80))}}});
}

// What one field says must be possible beside what another says.
Result<void> check_beside(const Parts& parts, const RegisterKind& kind,
                          const RegisterRecord& record, const RegisterRecord* held) {
  // A row that was fine when it was written may change in what the newer rules do not speak of.
  const auto kept = [&](std::initializer_list<std::string_view> fields) {
    return held != nullptr && std::ranges::all_of(fields, [&](std::string_view field) {
             return held->value(field) == record.value(field);
           });
  };
  for (const Order& order : kOrders) {
    const auto first = days_of(record.value(order.earlier)).first;
    const auto last = days_of(record.value(order.later)).last;
    if (order.kind == kind.id && first && last && *last < *first &&
        !kept({order.earlier, order.later})) {
      return fail(Error{ErrorCode::invalid_argument,
                        "followup.register.order",
                        "one day of the row comes before another that it follows",
                        {{"field", std::string(order.later)},
                         {"value", std::string(record.value(order.later))},
                         {"other", std::string(order.earlier)},
                         {"before", std::string(record.value(order.earlier))}}});
    }
  }
  for (const Order& pair : kPairs) {
    if (pair.kind == kind.id && !record.value(pair.earlier).empty() &&
        record.value(pair.later).empty() && !kept({pair.earlier, pair.later})) {
      return wrong(pair.later, "", "required");
    }
  }
  if (const std::string_view duty = record.value("duty"); !duty.empty() && !kept({"duty"})) {
    const auto duties = ATALAYA_TRY(ReportCalendar(parts).duties());
    if (std::ranges::find(duties, duty, &ReportDuty::id) == duties.end()) {
      return impossible(record, "duty", "no_such_duty");
    }
  }
  return {};
}

}  // namespace

const FieldChoice* RegisterField::find_choice(std::string_view choice) const noexcept {
  const auto it = std::ranges::find(choices, choice, &FieldChoice::id);
  return it == choices.end() ? nullptr : &*it;
}

const RegisterField* RegisterKind::find(std::string_view field) const noexcept {
  const auto it = std::ranges::find(fields, field, &RegisterField::id);
  return it == fields.end() ? nullptr : &*it;
}

const std::vector<RegisterKind>& Registers::kinds() {
  static const std::vector<RegisterKind> kinds = load_kinds();
  return kinds;
}

Result<const RegisterKind*> Registers::find_kind(std::string_view id) {
  const auto it = std::ranges::find(kinds(), id, &RegisterKind::id);
  if (it == kinds().end()) {
    return fail(Error{ErrorCode::not_found,
                      "followup.register.unknown",
                      "there is no such register",
                      {{"id", std::string(id)}}});
  }
  return &*it;
}

namespace detail {

std::string_view rule_of(FieldType type) noexcept {
  const auto* found = std::ranges::find(kTypes, type, [](const auto& pair) { return pair.second; });
  return found->first;
}

Result<void> check_record(const Parts& parts, const RegisterKind& kind,
                          const RegisterRecord& record, const RegisterRecord* held) {
  if (!parse_language(record.language)) {
    return fail(Error{ErrorCode::invalid_argument,
                      "followup.register.language",
                      "the language of the row is none of en, es, pt, fr",
                      {{"value", record.language.substr(0, 20)}}});
  }
  for (const auto& [name, value] : record.values) {
    const RegisterField* field = kind.find(name);
    if (field == nullptr) {
      return wrong(name, value, "unknown");
    }
    if (held != nullptr && held->value(name) == value) {
      continue;
    }
    ATALAYA_TRY(check_no_login(value));
    ATALAYA_TRY(check_text(value));
    if (!fits_text(*field, value) || !fits(parts, *field, value)) {
      auto error = wrong(name, value, rule_of(field->type)).error();
      std::string choices;
      for (const FieldChoice& choice : field->choices) {
        choices += (choices.empty() ? "" : ", ") + choice.id;
      }
      return fail(choices.empty() ? std::move(error) : std::move(error).with("choices", choices));
    }
  }
  for (const RegisterField& field : kind.fields) {
    if (field.required && record.value(field.id).empty()) {
      return wrong(field.id, "", "required");
    }
  }
  for (const auto& [register_id, field] : kPast) {
    const auto first = days_of(record.value(field)).first;
    if (register_id == kind.id && first && *first > parts.today()) {
      return impossible(record, field, "future");
    }
  }
  ATALAYA_TRY(check_beside(parts, kind, record, held));
  if (kind.id == "deadline_outcomes") {
    if (const auto rule = ATALAYA_TRY(broken_outcome_rule(parts, record)); !rule.first.empty()) {
      return rule.second == "required" ? wrong(rule.first, "", rule.second)
                                       : impossible(record, rule.first, rule.second);
    }
  }
  return {};
}

std::string said_once(const RegisterRecord& record) {
  const auto key = [&](std::initializer_list<std::string_view> fields) {
    std::string out;
    for (const std::string_view field : fields) {
      out += fmt::format("{}\n", record.value(field));
    }
    return out;
  };
  if (record.kind == "reports_received") {
    return key({"country", "duty", "instrument", "period", "said_by"});
  }
  if (record.kind == "deadline_outcomes" && record.value("outcome") != "postponed") {
    return key({"commitment", "actor", "which", "said_by"});
  }
  return {};
}

}  // namespace detail
}  // namespace atalaya::followup
