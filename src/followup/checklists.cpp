// Checklists: definitions from the catalogue, marks and replies in the store.
#include <atalaya/followup/checklists.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <set>

#include <fmt/format.h>

#include <atalaya/base/csv.hpp>
#include <atalaya/base/embedded.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/figures/messages.hpp>
#include <atalaya/followup/reference.hpp>

#include "checks.hpp"
#include "rounds_entries.hpp"

ATALAYA_EMBEDDED(followup_catalogue);

namespace atalaya::followup {
namespace {

constexpr std::string_view kFields[] = {"value", "law",     "article", "quote", "language",
                                        "url",   "read_on", "note",    "coder"};

// The file is part of the program: what is wrong in it stops the program, and a test.
void must_hold(bool holds, std::string_view what) {
  if (!holds) {
    fmt::print(stderr, "checklists.json: {}\n", what);
  }
  ATALAYA_CHECK(holds);
}

Checklist checklist_from(const json::object& row) {
  using detail::in_all_languages;
  using detail::text_of;
  using detail::words_of;
  Checklist out;
  out.id = text_of(row, "id");
  out.kind = text_of(row, "kind");
  out.instrument = text_of(row, "instrument");
  out.label = words_of(row, "label");
  out.about = words_of(row, "about");
  out.source = text_of(row, "source");
  out.read_on = text_of(row, "read_on");
  must_hold(!out.id.empty() && (out.kind == "treaty" || out.kind == "model") &&
                !out.source.empty() && parse_civil_date(out.read_on) &&
                in_all_languages(out.label) && in_all_languages(out.about),
            out.id);
  for (const json::value& value : row.at("items").as_array()) {
    const json::object& object = value.as_object();
    ChecklistItem item;
    item.id = text_of(object, "id");
    item.article = text_of(object, "article");
    item.label = words_of(object, "label");
    item.about = words_of(object, "about");
    must_hold(!item.id.empty() && !item.article.empty() && out.find(item.id) == nullptr &&
                  in_all_languages(item.label) && in_all_languages(item.about),
              fmt::format("{}: {}", out.id, item.id));
    out.items.push_back(std::move(item));
  }
  must_hold(!out.items.empty(), out.id);
  return out;
}

std::vector<Checklist> load_checklists() {
  std::vector<Checklist> out;
  const EmbeddedFile* file = atalaya::embedded::followup_catalogue("checklists.json");
  must_hold(file != nullptr, "not there");
  const auto value = parse_json(file->bytes, file->path);
  must_hold(value.has_value() && value->is_array(), "not a list");
  for (const json::value& row : value->get_array()) {
    out.push_back(checklist_from(row.as_object()));
  }
  must_hold(!out.empty(), "empty");
  return out;
}

Result<void> check_value(const Parts& parts, const Entry& entry) {
  using detail::wrong_field;
  ATALAYA_TRY(detail::check_fields(
      entry, {"value", "law", "article", "quote", "language", "url", "read_on", "note", "coder"}));
  const std::string_view mark = entry.value("value");
  const Scale* scale = parts.reference->find_scale(kChecklistScale);
  if (scale == nullptr || scale->find(mark) == nullptr) {
    return wrong_field("value", mark, "choice");
  }
  const auto lacks = [&](std::string_view field) { return entry.value(field).empty(); };
  if (mark == "X") {
    for (const std::string_view field : {"law", "article", "quote", "language", "read_on"}) {
      if (lacks(field)) {
        return wrong_field(field, "", "required");
      }
    }
  } else if (lacks("quote") && lacks("note")) {
    return wrong_field("note", "", "required");
  }
  if (!lacks("url") && !detail::opens(entry.value("url"))) {
    return wrong_field("url", entry.value("url"), "url");
  }
  if (!lacks("read_on")) {
    const auto day = detail::check_day(parts, entry.value("read_on"));
    if (!day) {
      return wrong_field("read_on", entry.value("read_on"),
                         day.error().reason.ends_with("future") ? "future" : "date");
    }
  }
  return {};
}

// That there is such a cell, and that this person may mark it.
Result<const Checklist*> check_place(const Parts& parts, const Entry& entry) {
  const Checklist* checklist = ATALAYA_TRY(Checklists::find(entry.container));
  if (checklist->find(entry.name) == nullptr) {
    return detail::missing("checklist.item", entry.name);
  }
  const auto* country = parts.catalogue().find_country(entry.country);
  if (country == nullptr || !country->is_state) {
    return detail::wrong_field("country", entry.country, "country");
  }
  return checklist;
}

Result<void> check_coder(const Entry& entry, const ChecklistCoder& coder) {
  if (std::ranges::find(coder.own, entry.country) != coder.own.end()) {
    return fail(Error{ErrorCode::permission_denied,
                      "followup.own_state",
                      "nobody marks the laws of the state that the account comes from",
                      {{"actor", entry.country}}});
  }
  return {};
}

Result<std::vector<Entry>> signed_entries(const Parts& parts, const detail::Place& place) {
  std::vector<Entry> out;
  ATALAYA_TRY(parts.database->read([&](store::Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(detail::read_entries(tx, place));
    const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
    for (Entry& entry : out) {
      detail::sign(entry, names);
    }
    return {};
  }));
  return out;
}

Result<void> read_earlier(store::Transaction& tx, ChecklistMatrix& out) {
  for (const auto& [key, reply] : out.replies) {
    const auto& [item, state] = key;
    const std::int32_t version = out.replied_to(item, state);
    const Entry* now = out.value(item, state);
    if (version == 0 || (now != nullptr && now->version == version)) {
      continue;
    }
    const auto versions = ATALAYA_TRY(
        detail::read_versions(tx, {"checklist", out.checklist->id, state, "value", item}));
    const auto then = std::ranges::find(versions, version, &Entry::version);
    if (then != versions.end()) {
      out.earlier[key] = {std::string(then->value("value")), then->at};
    }
  }
  return {};
}

Result<Entry> write(const Parts& parts, store::Transaction& tx, Entry entry,
                    const Checklist& checklist) {
  const auto held = ATALAYA_TRY(detail::read_entries(
      tx, {"checklist", entry.container, entry.country, entry.kind, entry.name}));
  const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
  const auto coder = entry.values.find("coder");
  if (coder != entry.values.end()) {  // a file names its coder as readers are shown it
    if (!held.empty() && coder->second == names.of(held[0].value("coder"))) {
      coder->second = held[0].value("coder");
    } else if (coder->second == names.of(entry.by)) {
      coder->second = entry.by;
    }
  }
  detail::Change change;
  change.kind = "checklist";
  change.actor = entry.country;
  change.instrument = checklist.instrument;
  change.why =
      fmt::format("{}, {}", checklist.label.in(Language::en), checklist.find(entry.name)->article);
  change.by = entry.by;
  if (entry.kind == "value") {
    change.before = held.empty() ? std::string(kNotCoded) : std::string(held[0].value("value"));
    change.after = entry.removed ? std::string(kNotCoded) : std::string(entry.value("value"));
  } else {
    change.after = "reply";
  }
  // The same words again are no change that readers should be told of.
  const bool same = !held.empty() && detail::same_words(held[0], entry);
  return detail::write_entry(parts, tx, entry,
                             same ? std::vector<detail::Change>() : std::vector{change});
}

// Without a change a mark stays whose it is; what somebody says anew is signed by nobody else.
Result<void> settle_coder(const Entry* kept, const std::string& own, const ChecklistCoder& coder,
                          Entry& entry) {
  const std::string given(entry.value("coder"));
  if (given.empty() && kept != nullptr) {
    entry.values["coder"] = kept->value("coder");
  }
  if (kept != nullptr && detail::same_words(*kept, entry)) {
    return {};
  }
  if (!given.empty() && given != own && given != coder.name && !coder.names_coders) {
    return fail(Error{ErrorCode::invalid_argument,
                      "followup.checklist.coder",
                      "a mark is its sender's",
                      {{"coder", given.substr(0, 100)}, {"name", own}}});
  }
  entry.values["coder"] = given.empty() || given == coder.name ? own : given;
  return {};
}

// A row for each mark, with what the state says to it.
std::string marks_csv(const ChecklistMatrix& matrix) {
  std::string out;
  for (const auto& [key, entry] : matrix.values) {
    const auto& [item, state] = key;
    out += fmt::format("{},{},{},{}", matrix.checklist->id, item, state, entry.version);
    for (const std::string_view field : kFields) {
      out += "," + csv_field(entry.value(field));
    }
    if (const Entry* reply = matrix.reply(item, state)) {
      out += fmt::format(",{},{},{}", csv_field(reply->value("text")),
                         csv_field(reply->value("language")), matrix.replied_to(item, state));
    } else {
      out += ",,,";
    }
    out += "\r\n";
  }
  return out;
}

}  // namespace

const ChecklistItem* Checklist::find(std::string_view item) const noexcept {
  const auto it = std::ranges::find(items, item, &ChecklistItem::id);
  return it == items.end() ? nullptr : &*it;
}

const Entry* ChecklistMatrix::value(const std::string& item, const std::string& state) const {
  const auto it = values.find({item, state});
  return it == values.end() ? nullptr : &it->second;
}

const Entry* ChecklistMatrix::reply(const std::string& item, const std::string& state) const {
  const auto it = replies.find({item, state});
  return it == replies.end() ? nullptr : &it->second;
}

std::int32_t ChecklistMatrix::replied_to(const std::string& item, const std::string& state) const {
  const Entry* said = reply(item, state);
  if (said == nullptr) {
    return 0;
  }
  if (const std::string mark(said->value("mark")); !mark.empty()) {
    return std::atoi(mark.c_str());
  }
  // Older programs kept no version: whatever was written later is another mark.
  const Entry* now = value(item, state);
  return now != nullptr && now->at <= said->at ? now->version : 0;
}

std::string_view ChecklistMatrix::mark(const std::string& item, const std::string& state) const {
  const Entry* entry = value(item, state);
  return entry == nullptr ? kNotCoded : entry->value("value");
}

const std::vector<Checklist>& Checklists::all() {
  static const std::vector<Checklist> checklists = load_checklists();
  return checklists;
}

Result<const Checklist*> Checklists::find(std::string_view id) {
  const auto it = std::ranges::find(all(), id, &Checklist::id);
  if (it == all().end()) {
    return detail::missing("checklist.unknown", id);
  }
  return &*it;
}

Result<ChecklistMatrix> Checklists::matrix(std::string_view checklist) const {
  ChecklistMatrix out;
  out.checklist = ATALAYA_TRY(find(checklist));
  for (const auto& country : parts_.catalogue().countries()) {
    if (country.is_state) {
      out.states.push_back(country.id);
    }
  }
  auto entries = ATALAYA_TRY(signed_entries(parts_, {"checklist", std::string(checklist)}));
  for (Entry& entry : entries) {
    auto& place = entry.kind == "value" ? out.values : out.replies;
    const std::pair key{entry.name, entry.country};
    place[key] = std::move(entry);
  }
  ATALAYA_TRY(parts_.database->read(
      [&](store::Transaction& tx) -> Result<void> { return read_earlier(tx, out); }));
  for (const ChecklistItem& item : out.checklist->items) {
    for (const std::string& state : out.states) {
      out.counts[item.id][std::string(out.mark(item.id, state))] += 1;
    }
  }
  return out;
}

Result<std::vector<Entry>> Checklists::versions(std::string_view checklist, std::string_view item,
                                                std::string_view country) const {
  std::vector<Entry> out;
  const Entry place{.container = std::string(checklist),
                    .country = std::string(country),
                    .name = std::string(item)};
  ATALAYA_TRY(check_place(parts_, place));
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(
        detail::read_versions(tx, {"checklist", place.container, place.country, "", place.name}));
    const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
    for (Entry& entry : out) {
      detail::sign(entry, names);
    }
    return {};
  }));
  std::ranges::stable_sort(out, [](const Entry& a, const Entry& b) { return a.at > b.at; });
  return out;
}

Result<Entry> Checklists::save(Entry entry, const ChecklistCoder& coder) const {
  entry.area = "checklist";
  entry.kind = "value";
  entry.by = coder.name;
  detail::tidy(entry);
  const Checklist* checklist = ATALAYA_TRY(check_place(parts_, entry));
  ATALAYA_TRY(check_coder(entry, coder));
  ATALAYA_TRY(check_value(parts_, entry));
  entry.values["coder"] = coder.name;
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    entry = ATALAYA_TRY(write(parts_, tx, entry, *checklist));
    return {};
  }));
  ATALAYA_TRY(detail::noticed(parts_));
  return entry;
}

Result<Entry> Checklists::reply(Entry entry, const Writer& writer) const {
  entry.area = "checklist";
  entry.kind = "reply";
  entry.by = writer.name;
  detail::tidy(entry);
  const Checklist* checklist = ATALAYA_TRY(check_place(parts_, entry));
  if (!writer.may_write_for(entry.country)) {
    return fail(Error{ErrorCode::permission_denied,
                      "followup.not_yours",
                      "this account is not the focal point of that state",
                      {{"actor", entry.country}}});
  }
  ATALAYA_TRY(detail::check_fields(entry, {"text", "language", "mark"}));
  if (entry.value("text").empty()) {
    return detail::wrong_field("text", "", "required");
  }
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    auto marked = ATALAYA_TRY(detail::read_entries(
        tx, {"checklist", entry.container, entry.country, "value", entry.name}));
    if (marked.empty()) {
      return detail::missing("checklist.no_value", entry.name);
    }
    // What was written to one mark is no answer to the next, which the state has not seen.
    if (entry.value("mark") != std::to_string(marked.front().version)) {
      const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
      detail::sign(marked.front(), names);
      return fail(
          Error{ErrorCode::conflict,
                "followup.checklist.mark_changed",
                "the mark was changed after the state read it",
                {{"by", marked.front().by}, {"version", std::to_string(marked.front().version)}}});
    }
    entry = ATALAYA_TRY(write(parts_, tx, entry, *checklist));
    return {};
  }));
  ATALAYA_TRY(detail::noticed(parts_));
  return entry;
}

Result<std::string> Checklists::csv(std::string_view checklist) const {
  std::string out = "checklist,item,country,version";
  for (const std::string_view field : kFields) {
    out += fmt::format(",{}", field);
  }
  out += ",reply,reply_language,reply_to\r\n";
  if (!checklist.empty()) {
    return out + marks_csv(ATALAYA_TRY(matrix(checklist)));
  }
  for (const Checklist& one : all()) {
    out += marks_csv(ATALAYA_TRY(matrix(one.id)));
  }
  return out;
}

Result<EntryImportPlan> Checklists::plan(std::string_view bytes, std::string_view file_name,
                                         const ChecklistCoder& coder) const {
  const auto held = ATALAYA_TRY(signed_entries(parts_, {"checklist", "", "", "value"}));
  std::string own;  // as readers are shown it: what differs is shown, too
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    own = ATALAYA_TRY(identity::ShownNames::read(tx)).of(coder.name);
    return {};
  }));
  std::map<std::array<std::string, 3>, const Entry*> by_place;
  for (const Entry& entry : held) {
    by_place[{entry.container, entry.name, entry.country}] = &entry;
  }
  const auto entry_of = [&](const detail::TableRows& table, std::size_t row) -> Result<Entry> {
    const auto text = [&](std::string_view name) { return table.text(row, table.column(name)); };
    Entry entry;
    entry.area = "checklist";
    entry.kind = "value";
    entry.container = text("checklist");
    entry.name = text("item");
    entry.country = text("country");
    entry.version = ATALAYA_TRY(detail::version_of(text("version")));
    for (const std::string_view field : kFields) {
      entry.values.emplace(field, text(field));
    }
    entry.by = coder.name;
    detail::tidy(entry);
    ATALAYA_TRY(check_place(parts_, entry));
    if (entry.value("value").empty()) {
      entry.values.clear();
      return entry;
    }
    ATALAYA_TRY(check_value(parts_, entry));
    const auto kept = by_place.find({entry.container, entry.name, entry.country});
    ATALAYA_TRY(settle_coder(kept == by_place.end() ? nullptr : kept->second, own, coder, entry));
    return entry;
  };
  auto plan = ATALAYA_TRY(detail::plan_entries(
      bytes, file_name, {"checklist", "item", "country", "value"}, held, entry_of));
  // A whole export holds the coder's own state, too: only what would change there is refused.
  for (const EntryImportRow& row : plan.rows) {
    const auto allowed =
        row.change == RecordChange::unchanged ? Result<void>() : check_coder(row.entry, coder);
    if (!allowed) {
      return fail(Error(allowed.error())
                      .with("file", std::string(file_name))
                      .with("line", std::to_string(row.line)));
    }
  }
  return plan;
}

Result<void> Checklists::apply(const EntryImportPlan& plan, const ChecklistCoder& coder,
                               bool accept_changes) const {
  ATALAYA_TRY(detail::check_accepted(plan, accept_changes));
  if (plan.count(RecordChange::unchanged) == static_cast<std::int64_t>(plan.rows.size())) {
    return {};
  }
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    for (const EntryImportRow& row : plan.rows) {
      if (row.change == RecordChange::unchanged) {
        continue;
      }
      Entry entry = row.entry;
      entry.by = coder.name;
      entry.why = fmt::format("{}, line {}", plan.file_name, row.line);
      const Checklist* checklist = ATALAYA_TRY(find(entry.container));
      ATALAYA_TRY(write(parts_, tx, entry, *checklist));
    }
    return {};
  }));
  return detail::noticed(parts_);
}

std::string article_name(const std::string& article, Language language) {
  const auto& messages = figures::Messages::embedded();
  const std::string key = "checklist.article." + article;
  return messages.has(language, key) ? messages.text(language, key, {}) : article;
}

std::string article_name(const ChecklistItem& item, Language language) {
  return article_name(item.article, language);
}

}  // namespace atalaya::followup
