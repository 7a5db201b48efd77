// What people and the program change: the catalogue's rows, titles, clauses, antecedents. Each
// change is one transaction with its ledger leaf and its entry in the change feed.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "characters.hpp"
#include "desk_state.hpp"
#include "wordings.hpp"

namespace atalaya::commitments {
namespace {

constexpr std::string_view kCatalogueKey = "commitments.catalogue";

void hash_translated(const Translated& text, std::string& out) {
  for (const Language language : kLanguages) {
    out += text.has(language) ? text.in(language) : std::string();
    out += '\x1f';
  }
}

// Changes exactly when something that the store copies from the catalogue, or that search reads,
// has changed.
std::string digest_of(const Catalogue& catalogue) {
  std::string all = "1";
  for (const Entry& entry : catalogue.entries()) {
    all += fmt::format("{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f", entry.id, entry.meeting,
                       entry.document, entry.year, entry.role, entry.theme);
    hash_translated(entry.title, all);
    hash_translated(entry.summary, all);
    for (const auto* list : {&entry.themes, &entry.instruments, &entry.institutions}) {
      for (const auto& value : *list) {
        all += value + "\x1f";
      }
      all += '\x1e';
    }
    for (const auto& [page, ordinal] : entry.stands_on) {
      all += fmt::format("{}:{};", page, ordinal);
    }
    all += entry.actionable ? "a" : "d";
  }
  for (const CatalogueAntecedent& antecedent : catalogue.antecedents()) {
    all += fmt::format("{} {};", antecedent.id, antecedent.type);
  }
  return to_hex(sha256(all));
}

// Items of the first thematic page keep its order; those only on other pages follow.
std::int64_t sort_of(const Entry& entry) {
  std::int64_t sort = 1'000'000;
  for (const auto& [page, ordinal] : entry.stands_on) {
    sort = std::min<std::int64_t>(sort, ordinal + (page == "public_policies" ? 10'000 : 0));
  }
  return sort;
}

Result<void> write_entries(store::Transaction& tx, const Catalogue& catalogue) {
  std::vector<store::Parameters> rows;
  std::vector<store::Parameters> removed;
  std::vector<store::Parameters> links;
  std::vector<std::string> ids;
  for (const Entry& entry : catalogue.entries()) {
    ids.push_back(entry.id);
    rows.push_back({entry.id, entry.meeting, entry.document, std::int64_t{entry.year},
                    sort_of(entry), entry.role, entry.theme,
                    std::int64_t{entry.actionable ? 1 : 0}});
    removed.push_back({entry.id});
    const std::pair<const char*, const std::vector<std::string>*> kinds[] = {
        {"theme", &entry.themes},
        {"instrument", &entry.instruments},
        {"institution", &entry.institutions}};
    for (const auto& [kind, targets] : kinds) {
      std::int64_t position = 0;
      for (const auto& target : *targets) {
        links.push_back(
            {entry.id, std::string(kind), target, position++, std::string("catalogue")});
      }
    }
  }
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO commitments(id, meeting, document, year, sort, role, theme, actionable, held) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0) ON CONFLICT (id) DO UPDATE SET theme = $7",
      rows));
  ATALAYA_TRY(tx.execute_many(
      "DELETE FROM commitment_links WHERE commitment = $1 AND set_by = 'catalogue'", removed));
  ATALAYA_TRY(tx.execute_many(detail::kInsertLink, links));
  ATALAYA_TRY(tx.execute_many(detail::kSettleTheme, removed));
  return detail::feed(tx, ids);
}

// Links that the editors of the catalogue made. One that somebody withdrew stays withdrawn, and a
// pair that a person linked keeps that person's type.
Result<void> write_antecedents(store::Transaction& tx, const Catalogue& catalogue,
                               const std::string& now) {
  const auto held = ATALAYA_TRY(tx.query("SELECT later, earlier FROM antecedents"));
  std::set<std::pair<std::string, std::string>> pairs;
  for (const auto& row : held) {
    pairs.insert(std::minmax(row.text(0), row.text(1)));
  }
  std::vector<store::Parameters> rows;
  for (const CatalogueAntecedent& antecedent : catalogue.antecedents()) {
    if (!pairs.contains(std::minmax(antecedent.later, antecedent.earlier))) {
      rows.push_back({std::int64_t{0}, antecedent.later, antecedent.earlier, antecedent.type, now});
    }
  }
  if (rows.empty()) {
    return {};
  }
  const auto count = static_cast<std::int64_t>(rows.size());
  std::int64_t id = ATALAYA_TRY(detail::advance_counter(tx, "antecedents", count));
  id -= count;
  for (auto& row : rows) {
    row.front() = ++id;
  }
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO antecedents(id, later, earlier, type, reason, confirmed_by, confirmed_at) VALUES "
      "($1, $2, $3, $4, '', 'catalogue', $5)",
      rows));
  return {};
}

Result<void> append_leaf(const DeskParts& parts, store::Transaction& tx, std::string_view kind,
                         std::string_view subject, const json::object& payload) {
  const ledger::Event event = detail::event(kind, subject, payload);
  ATALAYA_TRY(parts.ledger->append(tx, {&event, 1}));
  return {};
}

constexpr std::string_view kTypes[] = {"restates", "strengthens", "weakens",
                                       "fulfils",  "supersedes",  "reports_on"};
std::unexpected<Error> no_commitment(std::string_view id) {
  return fail(Error{ErrorCode::not_found,
                    "commitments.not_found",
                    "no commitment has this id",
                    {{"id", std::string(id.substr(0, 60))}}});
}

Result<std::int64_t> year_of(store::Transaction& tx, std::string_view id) {
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT year FROM commitments WHERE id = $1", {std::string(id)}));
  if (rows.empty()) {
    return no_commitment(id);
  }
  return rows.front().integer(0);
}

}  // namespace

namespace {

// Marks that are put on the letter before them: three are more than any language writes, and hide
// what stands above and below; one with no letter before it is put on somebody else's words.
bool has_loose_marks(std::string_view text) {
  constexpr std::pair<std::string_view, std::string_view> kMarks[] = {
      {"\u0300", "\u036F"}, {"\u0483", "\u0489"}, {"\u1AB0", "\u1AFF"},
      {"\u1DC0", "\u1DFF"}, {"\u20D0", "\u20FF"}, {"\uFE20", "\uFE2F"}};
  constexpr int kOnALetterMax = 2;
  int room = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
      ++end;
    }
    const std::string_view character = text.substr(at, end - at);
    const bool mark = std::ranges::any_of(kMarks, [&](const auto& range) {
      return character.size() == range.first.size() && character >= range.first &&
             character <= range.second;
    });
    room = mark ? room - 1 : static_cast<unsigned char>(character[0]) <= ' ' ? 0 : kOnALetterMax;
    if (room < 0) {
      return true;
    }
    at = end;
  }
  return false;
}

}  // namespace

bool detail::has_controls(std::string_view text) {
  constexpr std::string_view kTurning[] = {
      "\u061C", "\u200B", "\u200E", "\u200F", "\u2028", "\u2029", "\u202A", "\u202B",
      "\u202C", "\u202D", "\u202E", "\u2060", "\u2066", "\u2067", "\u2068", "\u2069",
      "\uFEFF", "\u3164", "\u115F", "\u1160", "\uFFA0", "\xF3\xA0\x80", "\xF3\xA0\x81"};
  const auto is_control = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0x7F || (byte < 0x20 && c != '\n' && c != '\r' && c != '\t');
  };
  return std::ranges::any_of(text, is_control) || has_loose_marks(text) ||
         std::ranges::any_of(kTurning, [&](std::string_view turning) {
           return text.find(turning) != std::string_view::npos;
         });
}

std::vector<TitleVersion> detail::catalogue_titles(const Catalogue& catalogue,
                                                   std::string_view id) {
  std::vector<TitleVersion> out;
  if (const Entry* entry = catalogue.find_entry(id)) {
    for (const Language language : kLanguages) {
      if (entry->title.has(language)) {
        out.push_back({std::string(to_string(language)), 0, entry->title.in(language),
                       entry->summary.in(language), "catalogue", "", ""});
      }
    }
  }
  return out;
}

Result<void> Desk::State::sync_catalogue() {
  const std::string digest = digest_of(*parts.catalogue);
  bool current = false;
  ATALAYA_TRY(parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(tx.query("SELECT value FROM settings WHERE key = $1",
                                           {std::string(kCatalogueKey)}));
    current = !rows.empty() && rows.front().text(0) == digest;
    return {};
  }));
  if (current) {
    return {};
  }
  return parts.database->write([&](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(write_entries(tx, *parts.catalogue));
    ATALAYA_TRY(write_antecedents(tx, *parts.catalogue, to_string(parts.clock->now())));
    ATALAYA_TRY(tx.execute("INSERT INTO settings(key, value) VALUES ($1, $2) ON CONFLICT (key) DO "
                           "UPDATE SET value = $2",
                           {std::string(kCatalogueKey), digest}));
    return append_leaf(parts, tx, "commitments.catalogue", digest,
                       {{"entries", parts.catalogue->entries().size()},
                        {"antecedents", parts.catalogue->antecedents().size()},
                        {"digest", digest}});
  });
}

json::array Desk::State::why_suggested(std::string_view later, std::string_view earlier) const {
  constexpr std::size_t kLookedAtMax = 50;
  json::array out;
  const auto index = lineage.with([](const CachedLineage& cached) { return cached.index; });
  if (index == nullptr) {
    return out;
  }
  for (const auto& [from, to] : {std::pair(later, earlier), std::pair(earlier, later)}) {
    const auto ranked = index->rank(from, kLookedAtMax);
    const auto found = std::ranges::find(ranked, to, [](const auto& candidate) {
      return std::string_view(candidate.id);
    });
    if (found == ranked.end()) {
      continue;
    }
    for (const auto& reason : found->reasons) {
      out.push_back(json::object{{"kind", to_string(reason.kind)}, {"detail", reason.detail}});
    }
    return out;
  }
  return out;
}

Result<std::int64_t> Desk::confirm_antecedent(std::string_view later, std::string_view earlier,
                                              std::string_view type, std::string_view reason,
                                              std::string_view by) {
  if (std::ranges::find(kTypes, type) == std::end(kTypes)) {
    return fail(Error{ErrorCode::invalid_argument,
                      "commitments.antecedent.type",
                      "the type is none of restates, strengthens, weakens, fulfils, supersedes, "
                      "reports_on",
                      {{"type", std::string(type.substr(0, 40))}}});
  }
  if (trim(reason).empty() || reason.size() > 2000 || find_invalid_utf8(reason) ||
      detail::has_controls(reason)) {
    return fail(ErrorCode::invalid_argument, "commitments.antecedent.reason",
                "a reason of 1 to 2000 bytes is needed");
  }
  if (later == earlier) {
    return fail(ErrorCode::invalid_argument, "commitments.antecedent.itself",
                "the antecedent must be another commitment");
  }
  const json::array because = state_->why_suggested(later, earlier);
  std::int64_t id = 0;
  ATALAYA_TRY(state_->parts.database->write([&](store::Transaction& tx) -> Result<void> {
    const std::int64_t later_year = ATALAYA_TRY(year_of(tx, later));
    const std::int64_t earlier_year = ATALAYA_TRY(year_of(tx, earlier));
    if (later_year < earlier_year) {
      return fail(Error{
          ErrorCode::invalid_argument,
          "commitments.antecedent.order",
          "the antecedent must be an earlier commitment",
          {{"later", std::to_string(later_year)}, {"earlier", std::to_string(earlier_year)}}});
    }
    const auto together = ATALAYA_TRY(
        tx.query("SELECT 1 FROM commitments a JOIN commitments b ON b.meeting = a.meeting AND "
                 "b.document = a.document WHERE a.id = $1 AND b.id = $2 AND a.meeting <> '' AND "
                 "a.document <> ''",
                 {std::string(later), std::string(earlier)}));
    if (!together.empty()) {
      return fail(ErrorCode::invalid_argument, "commitments.antecedent.same_document",
                  "both stand in one document of one day; an antecedent is older");
    }
    const auto same = ATALAYA_TRY(
        tx.query("SELECT id FROM antecedents WHERE ((later = $1 AND earlier = $2) OR (later = $2 "
                 "AND earlier = $1)) AND withdrawn_at IS NULL",
                 {std::string(later), std::string(earlier)}));
    if (!same.empty()) {
      return fail(ErrorCode::conflict, "commitments.antecedent.exists",
                  "these two are linked already; withdraw that link first");
    }
    id = ATALAYA_TRY(detail::advance_counter(tx, "antecedents", 1));
    ATALAYA_TRY(tx.execute(
        "INSERT INTO antecedents(id, later, earlier, type, reason, confirmed_by, confirmed_at, "
        "suggested_because) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        {id, std::string(later), std::string(earlier), std::string(type),
         std::string(trim(reason)), std::string(by), to_string(state_->parts.clock->now()),
         because.empty() ? std::string() : json::serialize(because)}));
    ATALAYA_TRY(detail::feed(tx, {std::string(later), std::string(earlier)}));
    return append_leaf(state_->parts, tx, "commitments.antecedent.confirmed", std::to_string(id),
                       {{"later", later},
                        {"earlier", earlier},
                        {"type", type},
                        {"reason", trim(reason)},
                        {"suggested_because", because},
                        {"by", by}});
  }));
  ++state_->version;
  return id;
}

Result<void> Desk::withdraw_antecedent(std::int64_t id, std::string_view by) {
  ATALAYA_TRY(state_->parts.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto ends = ATALAYA_TRY(tx.query(
        "UPDATE antecedents SET withdrawn_by = $1, withdrawn_at = $2 WHERE id = $3 AND "
        "withdrawn_at IS NULL RETURNING later, earlier",
        {std::string(by), to_string(state_->parts.clock->now()), id}));
    if (ends.empty()) {
      return fail(ErrorCode::not_found, "commitments.antecedent.not_found",
                  "no such link, or it is withdrawn already");
    }
    ATALAYA_TRY(detail::feed(tx, {ends.front().text(0), ends.front().text(1)}));
    return append_leaf(state_->parts, tx, "commitments.antecedent.withdrawn", std::to_string(id),
                       {{"by", by}});
  }));
  ++state_->version;
  return {};
}

Result<void> Desk::set_title(std::string_view id, const TitleVersion& title) {
  const auto name = trim(title.title);
  const auto summary = trim(title.summary);
  if (!parse_language(title.language) || name.empty() || detail::characters(name) > 300 ||
      detail::characters(summary) > 2000 || find_invalid_utf8(title.title) ||
      find_invalid_utf8(title.summary)) {
    return fail(ErrorCode::invalid_argument, "commitments.title.bad",
                "a title needs a language (en, es, pt, fr), 1 to 300 characters of title and at "
                "most 2000 characters of summary");
  }
  const auto reason = trim(title.reason);
  if (reason.empty() || reason.size() > 2000 || find_invalid_utf8(reason)) {
    return fail(ErrorCode::invalid_argument, "commitments.title.reason",
                "a reason of 1 to 2000 bytes is needed");
  }
  if (name.find_first_of("\r\n\t") != std::string_view::npos) {
    return fail(ErrorCode::invalid_argument, "commitments.title.line",
                "a title is one line: it has no line break and no tab");
  }
  if (detail::has_controls(title.title) || detail::has_controls(title.summary) || detail::has_controls(title.reason)) {
    return fail(ErrorCode::invalid_argument, "commitments.title.controls",
                "the title, the summary or the reason has characters that cannot be seen");
  }
  ATALAYA_TRY(state_->parts.database->write([&](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(year_of(tx, id));
    const auto newest = ATALAYA_TRY(tx.query_one(
        "SELECT COALESCE(MAX(version), 0) FROM titles WHERE commitment = $1 AND language = $2",
        {std::string(id), title.language}));
    if (newest.integer(0) != title.version) {
      return fail(Error{ErrorCode::conflict,
                        "commitments.title.changed",
                        "somebody changed this title in the meantime; read theirs first",
                        {{"version", std::to_string(newest.integer(0))}}});
    }
    ATALAYA_TRY(tx.execute(
        "INSERT INTO titles(commitment, language, version, title, summary, set_by, set_at, reason) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        {std::string(id), title.language, title.version + 1, std::string(name),
         std::string(summary), title.set_by, to_string(state_->parts.clock->now()),
         std::string(reason)}));
    ATALAYA_TRY(detail::feed(tx, {std::string(id)}));
    return append_leaf(state_->parts, tx, "commitments.title", id,
                       {{"language", title.language},
                        {"version", title.version + 1},
                        {"title", name},
                        {"summary", summary},
                        {"by", title.set_by},
                        {"reason", reason}});
  }));
  ++state_->version;
  return {};
}

Result<std::vector<TitleVersion>> Desk::title_history(std::string_view id) const {
  std::vector<TitleVersion> out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    out.clear();
    ATALAYA_TRY(year_of(tx, id));
    out = detail::catalogue_titles(catalogue(), id);
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT language, version, title, summary, set_by, set_at, reason FROM titles "
                 "WHERE commitment = $1 ORDER BY language, version",
                 {std::string(id)}));
    for (const auto& row : rows) {
      out.push_back({row.text(0), row.integer(1), row.text(2), row.text(3), row.text(4),
                     row.text(5), row.text(6)});
    }
    return {};
  }));
  return out;
}

}  // namespace atalaya::commitments
