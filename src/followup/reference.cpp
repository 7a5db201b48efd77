// Reading catalogue/followup: small files, every key known, every reference resolved, or the
// program does not start.
#include <atalaya/followup/reference.hpp>

#include <algorithm>
#include <cstdio>
#include <set>

#include <fmt/format.h>

#include <atalaya/base/embedded.hpp>
#include <atalaya/base/json.hpp>
#include <atalaya/base/text.hpp>

ATALAYA_EMBEDDED(followup_catalogue);

namespace atalaya::followup {
namespace {

std::unexpected<Error> bad(std::string_view file, std::size_t row, std::string_view what) {
  return fail(ErrorCode::invalid_argument, "followup.catalogue.bad",
              fmt::format("{}, row {}: {}", file, row + 1, what));
}

std::string text(const json::object& row, std::string_view key) {
  const auto* value = row.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<std::int32_t> integer(const json::object& row, std::string_view key) {
  const auto* value = row.if_contains(key);
  return value != nullptr && value->is_int64()
             ? std::optional(static_cast<std::int32_t>(value->get_int64()))
             : std::nullopt;
}

Translated translated(const json::object& row, std::string_view key) {
  Translated out;
  const auto* value = row.if_contains(key);
  if (value != nullptr && value->is_object()) {
    for (const Language language : kLanguages) {
      const std::string words = text(value->get_object(), to_string(language));
      if (!words.empty()) {
        out.set(language, words);
      }
    }
  }
  return out;
}

bool complete(const Translated& words) {
  return std::ranges::all_of(kLanguages, [&](Language language) { return words.has(language); });
}

Result<std::vector<json::object>> rows_of(
    const std::map<std::string, std::string, std::less<>>& files, std::string_view name,
    const std::set<std::string_view>& keys) {
  std::vector<json::object> out;
  const auto file = files.find(name);
  if (file == files.end()) {
    return out;
  }
  const json::value value = ATALAYA_TRY(parse_json(file->second, name));
  if (!value.is_array()) {
    return bad(name, 0, "not a list");
  }
  for (const json::value& row : value.get_array()) {
    if (!row.is_object()) {
      return bad(name, out.size(), "not an object");
    }
    for (const auto& pair : row.get_object()) {
      if (!keys.contains(std::string_view(pair.key()))) {
        return bad(name, out.size(), fmt::format("unknown key {}", std::string_view(pair.key())));
      }
    }
    out.push_back(row.get_object());
  }
  return out;
}

Result<Scale> scale_from(const json::object& row, std::size_t number) {
  Scale out;
  out.id = text(row, "id");
  out.layer = text(row, "layer");
  out.level = text(row, "level");
  out.label = translated(row, "label");
  out.source = text(row, "source");
  const auto* provision = row.if_contains("needs_provision");
  out.needs_provision = provision != nullptr && provision->is_bool() && provision->get_bool();
  const bool layer = out.layer == "state_report" || out.layer == "assessment";
  const bool level = out.level == "nominal" || out.level == "ordinal";
  const auto* values = row.if_contains("values");
  if (out.id.empty() || !layer || !level || out.source.empty() || !complete(out.label) ||
      values == nullptr || !values->is_array() || values->get_array().size() < 2) {
    return bad("scales.json", number, "id, layer, level, label, source and values are needed");
  }
  for (const json::value& entry : values->get_array()) {
    const json::object& object = entry.as_object();
    ScaleValue value;
    value.id = text(object, "id");
    value.label = translated(object, "label");
    value.definition = translated(object, "definition");
    value.mark = translated(object, "mark");
    value.order = integer(object, "order");
    value.g20 = integer(object, "g20");
    value.step = integer(object, "step").value_or(0);
    if (value.id.empty() || !complete(value.label) || !complete(value.definition) ||
        !complete(value.mark) || out.find(value.id) != nullptr || value.step < 0 ||
        value.step > 5) {
      return bad("scales.json", number, "a value needs an id, label, definition and a step 0 to 5");
    }
    out.values.push_back(std::move(value));
  }
  return out;
}

Result<TreatyEvent> event_from(const json::object& row, std::size_t number,
                               const commitments::Catalogue& catalogue) {
  constexpr std::string_view kFile = "treaty_events.json";
  TreatyEvent out;
  out.party = text(row, "party");
  out.instrument = text(row, "instrument");
  out.date = text(row, "date");
  out.effective = text(row, "effective");
  out.source = text(row, "source");
  out.read_on = text(row, "read_on");
  out.note = text(row, "note");
  const auto act = parse_treaty_act(text(row, "kind"));
  const auto* country = catalogue.find_country(out.party);
  const auto* instrument = catalogue.find_instrument(out.instrument);
  const auto day = last_day(out.date);
  if (country == nullptr || !country->is_state || instrument == nullptr ||
      instrument->kind != "treaty") {
    return bad(kFile, number, "party or instrument is not in the catalogue");
  }
  if (!act || !day || out.source.empty() || !parse_civil_date(out.read_on) ||
      out.date > out.read_on) {
    return bad(kFile, number, "kind, date, source or read_on is wrong");
  }
  out.act = *act;
  out.depositary = instrument->depositary;
  return out;
}

constexpr std::string_view kParticipations[] = {
    "took_part", "adopted", "joined_later", "statement_of_position", "left", "absent"};

// A text or a list of texts: one source may name several states, and states one set of documents.
std::vector<std::string> texts(const json::object& row, std::string_view key) {
  std::vector<std::string> out;
  const auto* value = row.if_contains(key);
  if (value != nullptr && value->is_array()) {
    for (const json::value& one : value->get_array()) {
      out.push_back(one.is_string() ? std::string(one.get_string()) : std::string());
    }
  } else {
    out.push_back(text(row, key));
  }
  return out;
}

bool takes_part(std::string_view kind) {
  return kind == "took_part" || kind == "adopted";
}

Result<void> check_participation(const Participation& row, std::size_t number,
                                 const commitments::Catalogue& catalogue) {
  constexpr std::string_view kFile = "participations.json";
  const auto* document = catalogue.find_document(row.document);
  if (document == nullptr ||
      catalogue.find_country(std::string_view(row.actor).substr(0, 3)) == nullptr ||
      std::ranges::find(kParticipations, row.kind) == std::end(kParticipations) ||
      !last_day(row.date) || row.source.empty()) {
    return bad(kFile, number, "document, actor, kind, date or source is wrong");
  }
  // The document's page shows its list, the cell shows these rows: they may not say two things.
  const auto& list = document->took_part;
  const bool listed = std::ranges::find(list, row.actor) != list.end();
  if (!list.empty() && ((takes_part(row.kind) && !listed) || (row.kind == "absent" && listed))) {
    return bad(kFile, number,
               fmt::format("{} and the list of {} disagree", row.actor, row.document));
  }
  return {};
}

Result<void> add_participations(const json::object& object, std::size_t number,
                                const commitments::Catalogue& catalogue,
                                std::vector<Participation>& out) {
  Participation row;
  row.kind = text(object, "kind");
  row.date = text(object, "date");
  row.source = text(object, "source");
  row.read_on = text(object, "read_on");
  row.note = text(object, "note");
  row.added_by = "catalogue";
  const auto actors = texts(object, "actor");
  for (const std::string& document : texts(object, "document")) {
    for (const std::string& actor : actors) {
      row.document = document;
      row.actor = actor;
      ATALAYA_TRY(check_participation(row, number, catalogue));
      out.push_back(row);
    }
  }
  return {};
}

// A document's own list of participants, one row each, where no row with a source of its own says
// the same. Priorities bind parliaments, not states.
void add_lists(const commitments::Catalogue& catalogue, std::vector<Participation>& out) {
  std::set<std::pair<std::string, std::string>> sourced;
  for (const Participation& row : out) {
    if (takes_part(row.kind)) {
      sourced.emplace(row.document, row.actor);
    }
  }
  for (const auto& document : catalogue.documents()) {
    const auto* meeting = catalogue.find_meeting(document.meeting);
    for (const std::string& state : document.took_part) {
      Participation row;
      row.document = document.id;
      row.actor = document.nature == "parliamentary" ? state + ".parliament" : state;
      row.kind = document.adoption == "consensus" ? "adopted" : "took_part";
      row.date = meeting == nullptr ? "" : meeting->ends;
      row.source = document.adoption_source;
      row.added_by = "catalogue";
      if (!sourced.contains({row.document, row.actor})) {
        out.push_back(std::move(row));
      }
    }
  }
}

Result<EntryRule> rule_from(const json::object& row, std::size_t i) {
  EntryRule out;
  const auto after = integer(row, "after");
  const std::string unit = text(row, "unit");
  out.source = text(row, "rule");
  out.silent_from = text(row, "silent_from");
  out.read_in = text(row, "rule_read_in");
  out.read_on = text(row, "rule_read_on");
  if (out.read_in.empty() ? !out.read_on.empty() : !parse_civil_date(out.read_on)) {
    return bad("treaties.json", i, "rule_read_in goes with the day rule_read_on");
  }
  if (!after || *after < 0 || out.source.empty() ||
      (!out.silent_from.empty() && !parse_civil_date(out.silent_from))) {
    return bad("treaties.json", i, "after, rule or silent_from is wrong");
  }
  out.after = *after;
  if (unit == "month") {
    out.unit = EntryRule::Unit::month;
  } else if (unit == "month_start") {
    out.unit = EntryRule::Unit::month_start;
  } else if (unit != "day") {
    return bad("treaties.json", i, "unit is day, month or month_start");
  }
  return out;
}

}  // namespace

const ScaleValue* Scale::find(std::string_view value) const noexcept {
  const auto it = std::ranges::find(values, value, &ScaleValue::id);
  return it == values.end() ? nullptr : &*it;
}

Result<Reference> Reference::load(const std::map<std::string, std::string, std::less<>>& files,
                                  const commitments::Catalogue& catalogue) {
  Reference out;
  const auto scales = ATALAYA_TRY(
      rows_of(files, "scales.json",
              {"id", "layer", "level", "label", "needs_provision", "values", "source"}));
  for (std::size_t i = 0; i < scales.size(); ++i) {
    Scale scale = ATALAYA_TRY(scale_from(scales[i], i));
    out.scales_.push_back(std::move(scale));
  }
  const auto treaties = ATALAYA_TRY(rows_of(files, "treaties.json",
                                            {"id", "opened", "source", "after", "unit", "rule",
                                             "rule_read_in", "rule_read_on", "silent_from"}));
  for (std::size_t i = 0; i < treaties.size(); ++i) {
    const std::string id = text(treaties[i], "id");
    if (catalogue.find_instrument(id) == nullptr) {
      return bad("treaties.json", i, "no such instrument");
    }
    const std::string opened = text(treaties[i], "opened");
    if (!opened.empty()) {
      if (!parse_civil_date(opened) || text(treaties[i], "source").empty()) {
        return bad("treaties.json", i, "opened or source is wrong");
      }
      out.opened_[id] = opened;
    }
    out.rules_[id] = ATALAYA_TRY(rule_from(treaties[i], i));
  }
  for (const auto& instrument : catalogue.instruments()) {
    out.opened_.try_emplace(instrument.id, instrument.adopted);
  }
  const auto events = ATALAYA_TRY(
      rows_of(files, "treaty_events.json",
              {"party", "instrument", "kind", "date", "effective", "source", "read_on", "note"}));
  for (std::size_t i = 0; i < events.size(); ++i) {
    TreatyEvent event = ATALAYA_TRY(event_from(events[i], i, catalogue));
    const auto opened_on = parse_civil_date(out.opened(event.instrument));
    const auto day = last_day(event.date);
    if (opened_on && day && *day < *opened_on) {
      return bad("treaty_events.json", i, "an act before the treaty was opened");
    }
    out.events_.push_back(std::move(event));
  }
  const auto participations =
      ATALAYA_TRY(rows_of(files, "participations.json",
                          {"document", "actor", "kind", "date", "source", "read_on", "note"}));
  for (std::size_t i = 0; i < participations.size(); ++i) {
    ATALAYA_TRY(add_participations(participations[i], i, catalogue, out.participations_));
  }
  add_lists(catalogue, out.participations_);
  const auto copied = files.find("treaty_events.json");
  out.digest_ = to_hex(sha256(copied == files.end() ? std::string_view() : copied->second));
  return out;
}

std::shared_ptr<const Reference> Reference::embedded(const commitments::Catalogue& catalogue) {
  std::map<std::string, std::string, std::less<>> files;
  for (const EmbeddedFile& file : atalaya::embedded::followup_catalogue_all()) {
    files.emplace(file.path, file.bytes);
  }
  auto loaded = load(files, catalogue);
  if (!loaded) {
    fmt::print(stderr, "{}\n", loaded.error().detail);
  }
  ATALAYA_CHECK(loaded.has_value());
  return std::make_shared<const Reference>(*std::move(loaded));
}

const Scale* Reference::find_scale(std::string_view id) const noexcept {
  const auto it = std::ranges::find(scales_, id, &Scale::id);
  return it == scales_.end() ? nullptr : &*it;
}

EntryRule Reference::entry_rule(const commitments::Instrument& treaty) const {
  const auto it = rules_.find(treaty.id);
  EntryRule out = it == rules_.end() ? EntryRule() : it->second;
  out.in_force = treaty.in_force;
  return out;
}

std::string Reference::opened(std::string_view instrument) const {
  const auto it = opened_.find(instrument);
  return it == opened_.end() ? std::string() : it->second;
}

}  // namespace atalaya::followup
