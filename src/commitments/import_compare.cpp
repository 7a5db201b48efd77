// Which commitment each item is.
#include "import_compare.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "desk_state.hpp"
#include "import_batch.hpp"
#include "import_reread.hpp"
#include "twin.hpp"

namespace atalaya::commitments {

Result<void> look_up_wordings(store::Transaction& tx, std::vector<std::string>& ids, Held& held) {
  const auto any = ATALAYA_TRY(tx.query("SELECT 1 FROM wordings LIMIT 1"));
  if (any.empty()) {
    return {};
  }
  std::set<std::string> wanted(ids.begin(), ids.end());
  const auto rows = ATALAYA_TRY(tx.query("SELECT later, commitment FROM wordings"));
  for (const auto& row : rows) {
    const bool asked = wanted.contains(row.text(0));
    if (asked) {
      held.same_as[row.text(0)] = row.text(1);
    }
    if (asked || wanted.contains(row.text(1))) {
      held.commitments[row.text(1)].reworded = true;
      ids.push_back(row.text(1));
    }
  }
  return {};
}

Result<void> look_up(store::Transaction& tx, const std::vector<std::string>& ids, Held& held) {
  for (std::size_t at = 0; at < ids.size(); at += 500) {
    const std::vector<std::string> chunk(
        ids.begin() + static_cast<std::ptrdiff_t>(at),
        ids.begin() + static_cast<std::ptrdiff_t>(std::min(at + 500, ids.size())));
    detail::Where listed;
    listed.add("id IN (" + listed.list(chunk) + ")");
    const auto rows =
        ATALAYA_TRY(tx.query("SELECT id FROM commitments" + listed.sql(), listed.parameters()));
    for (const auto& row : rows) {
      held.commitments[row.text(0)].listed = true;
    }
    detail::Where texts;
    texts.add("a.commitment IN (" + texts.list(chunk) + ")");
    const auto found = ATALAYA_TRY(
        tx.query("SELECT a.commitment, a.text, s.language, s.page_key FROM appearances a JOIN "
                 "source_documents s ON s.id = a.source" +
                     texts.sql() + " ORDER BY s.position",
                 texts.parameters()));
    for (const auto& row : found) {
      Known& known = held.commitments[row.text(0)];
      if (known.text.empty()) {
        known.text = row.text(1);
        known.language = row.text_or_empty(2);
      }
      known.pages.emplace(row.text_or_empty(2), row.text(3));
    }
  }
  return {};
}

namespace {

// Eight characters (`id`) name a commitment; where another wording took them already, twelve.
std::string id_for(const ParsedItem& item, std::string id, const std::string& language,
                   const Held& held) {
  const std::string meeting = meeting_of(item);
  const auto it = held.commitments.find(id);
  if (it != held.commitments.end() && !it->second.text.empty() && !it->second.reworded &&
      it->second.language == language &&
      commitment_id(meeting, it->second.text, 32) != commitment_id(meeting, item.text, 32)) {
    id = commitment_id(meeting, item.text, 12);
  }
  const auto same = held.same_as.find(id);
  return same == held.same_as.end() ? id : same->second;
}

Result<EarlierVersion> held_version(store::Transaction& tx, const std::string& id,
                                    const std::string& twin_of) {
  EarlierVersion out;
  out.id = id;
  out.twin_of = twin_of;
  const auto items = ATALAYA_TRY(
      tx.query("SELECT commitment, text, level, ordinal, effective_meeting, effective_year, "
               "citation_year FROM appearances WHERE source = $1 ORDER BY ordinal",
               {out.id}));
  for (const auto& row : items) {
    ParsedItem place;
    place.effective.meeting = row.text(4);
    place.effective.year = static_cast<std::int32_t>(row.integer(5));
    place.citation.year = static_cast<std::int32_t>(row.integer(6));
    // Only the pages that have another's ids are asked for their own.
    out.places.push_back(
        {row.text(0), row.text(1),
         out.twin_of.empty() ? row.text(0) : commitment_id(meeting_of(place), row.text(1))});
    out.items.try_emplace(row.text(0),
                          EarlierItem{row.text(1), static_cast<std::int32_t>(row.integer(2)),
                                      static_cast<std::int32_t>(row.integer(3))});
  }
  return out;
}

}  // namespace

Result<EarlierVersion> earlier_version(store::Transaction& tx, const FilePlan& plan,
                                       const std::vector<std::string>& ids,
                                       const Catalogue& catalogue) {
  const ParsedDocument& document = plan.document;
  const std::string misread = ATALAYA_TRY(misread_page(tx, plan, catalogue));
  if (!misread.empty()) {
    const auto row =
        ATALAYA_TRY(tx.query_one("SELECT twin_of FROM source_documents WHERE id = $1", {misread}));
    return held_version(tx, misread, row.text_or_empty(0));
  }
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT s.id, s.twin_of FROM source_documents s WHERE s.page_key = $1 AND "
               "COALESCE(s.language, "
               "'') = $2 AND NOT EXISTS (SELECT 1 FROM source_documents n WHERE n.follows = s.id) "
               "ORDER BY s.position DESC",
               {page_key(document), language_of(document)}));
  for (const auto& row : rows) {
    EarlierVersion version = ATALAYA_TRY(held_version(tx, row.text(0), row.text_or_empty(1)));
    if (!is_other_page(document, ids, version)) {
      return version;
    }
  }
  return EarlierVersion{};
}

void compare(FilePlan& plan, const EarlierVersion& earlier, const std::string& key, Held& held,
             const std::vector<std::string>& ids, const std::vector<std::string>& joined,
             const ImportOptions& options) {
  const std::size_t count = plan.document.items.size();
  const std::string language = language_of(plan.document);
  plan.follows = earlier.id;
  std::set<std::string, std::less<>> present;
  for (std::size_t i = 0; i < count; ++i) {
    const ParsedItem& item = plan.document.items[i];
    ItemPlan entry;
    entry.ordinal = item.ordinal;
    entry.commitment = joined[i].empty() ? id_for(item, ids[i], language, held) : joined[i];
    const auto said = std::ranges::find(options.same, entry.commitment, &SameWords::later);
    if (said != options.same.end()) {
      entry.new_words = std::exchange(entry.commitment, said->earlier);
      held.commitments[entry.commitment].reworded = true;
    }
    present.insert(entry.commitment);
    Known& known = held.commitments[entry.commitment];
    const bool elsewhere = std::ranges::any_of(known.pages, [&](const auto& page) {
      return page.first == language && page.second != key;
    });
    if (earlier.items.contains(entry.commitment)) {
      entry.change = earlier.holds(entry.commitment, item.text) ? ItemPlan::Change::unchanged
                                                                : ItemPlan::Change::text_differs;
    } else {
      const bool held_already = std::ranges::any_of(
          known.pages, [&](const auto& page) { return page != std::pair(language, key); });
      entry.change = held_already ? ItemPlan::Change::joined : ItemPlan::Change::added;
    }
    if (!entry.new_words.empty() && entry.change != ItemPlan::Change::unchanged) {
      entry.change = ItemPlan::Change::text_differs;
    }
    entry.analysed = !known.text.empty();
    entry.listed = known.listed || entry.analysed || !entry.new_words.empty();
    known.listed = true;
    plan.duplicates += elsewhere ? 1 : 0;
    plan.added += entry.change == ItemPlan::Change::added ? 1 : 0;
    plan.unchanged += entry.change == ItemPlan::Change::unchanged ? 1 : 0;
    if (known.text.empty()) {
      known.text = item.text;
      known.language = language;
    }
    known.pages.emplace(language, key);
    plan.items.push_back(std::move(entry));
  }
  for (const auto& [id, item] : earlier.items) {
    if (!present.contains(id)) {
      plan.gone.push_back(id);
      plan.gone_texts.push_back(item.text);
    }
  }
}

namespace {

// The newest version of the page that a held file was replaced by; empty when nothing replaced it.
Result<std::string> replaced_by(store::Transaction& tx, const std::string& id) {
  std::string newest;
  std::set<std::string> seen{id};
  for (std::string at = id;;) {
    const auto next = ATALAYA_TRY(tx.query(
        "SELECT id FROM source_documents WHERE follows = $1 ORDER BY position DESC LIMIT 1", {at}));
    if (next.empty() || !seen.insert(next.front().text(0)).second) {
      return newest;
    }
    at = newest = next.front().text(0);
  }
}

// An older version that is imported again becomes the newest one: what it has comes back, what only
// the version held since has is gone. Its items are the commitments that they were.
Result<void> compare_again(store::Transaction& tx, FilePlan& plan, const std::string& newest,
                           const std::vector<store::Row>& rows) {
  const EarlierVersion earlier = ATALAYA_TRY(held_version(tx, newest, plan.twin_of));
  std::set<std::string, std::less<>> present;
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string id = rows[i].text(1);
    const bool stands = earlier.items.contains(id);
    const bool same = stands && earlier.holds(id, plan.document.items[i].text);
    plan.items.push_back({static_cast<std::int32_t>(rows[i].integer(0)),
                          id,
                          same ? ItemPlan::Change::unchanged : ItemPlan::Change::text_differs,
                          true,
                          {},
                          false,
                          true});
    plan.unchanged += same ? 1 : 0;
    ids.push_back(id);
    if (present.insert(id).second && !stands) {
      plan.document.warnings.push_back(
          {"commitments.import.comes_back",
           plan.document.items[i].line,
           fmt::format("{} comes back: {}", id, plan.document.items[i].text),
           false,
           {{"id", id}, {"text", plan.document.items[i].text}}});
    }
  }
  for (const auto& [id, item] : earlier.items) {
    if (!present.contains(id)) {
      plan.gone.push_back(id);
      plan.gone_texts.push_back(item.text);
    }
  }
  const std::string follows = std::exchange(plan.follows, newest);
  ATALAYA_TRY(compare_standing(tx, plan));
  if (plan.gone.empty() && plan.unchanged == std::ssize(plan.items) && !plan.needs_acceptance) {
    plan.follows = follows;
    plan.known = true;  // the newest version says the same
    return {};
  }
  plan.again = plan.needs_acceptance = true;
  find_rewordings(plan, earlier, ids, {}, {});
  for (Rewording& pair : plan.rewordings) {
    pair.kind = Rewording::Kind::mended;  // these words were the commitment's before
  }
  plan.document.warnings.push_back(
      {"commitments.import.again",
       0,
       "this file is held as an older version of a page; importing it again makes it the newest "
       "one",
       false,
       {}});
  return {};
}

}  // namespace

Result<void> compare_known(store::Transaction& tx, FilePlan& plan, const ImportOptions& options) {
  const auto rows = ATALAYA_TRY(tx.query(
      "SELECT a.ordinal, a.commitment, (SELECT COUNT(*) FROM appearances b JOIN "
      "source_documents t ON t.id = b.source WHERE b.commitment = a.commitment AND "
      "t.position < s.position AND t.page_key <> s.page_key AND COALESCE(t.language, '') = "
      "COALESCE(s.language, '')), a.text FROM appearances a JOIN "
      "source_documents s ON s.id = a.source WHERE a.source = $1 ORDER BY a.ordinal",
      {plan.id}));
  const auto twin = ATALAYA_TRY(tx.query_one(
      "SELECT follows, twin_of, standing FROM source_documents WHERE id = $1", {plan.id}));
  plan.follows = twin.text_or_empty(0);
  plan.twin_of = twin.text_or_empty(1);
  for (const auto& row : rows) {
    plan.duplicates += row.integer(2) > 0 ? 1 : 0;
  }
  const std::string newest = ATALAYA_TRY(replaced_by(tx, plan.id));
  // Not where this version of the program reads the file otherwise than the one that imported it.
  if (!newest.empty() &&
      std::ranges::equal(rows, plan.document.items, [](const auto& row, const ParsedItem& item) {
        return row.text(3) == item.text;
      })) {
    plan.standing = twin.text(2);
    return compare_again(tx, plan, newest, rows);
  }
  if (twin.text(2) != plan.standing && !options.read_again) {
    return fail(Error{ErrorCode::conflict,
                      "commitments.import.standing",
                      fmt::format("{}: this file is held as {}, and importing the same file again "
                                  "does not make its texts {}; a newer version of it does",
                                  plan.file_name, twin.text(2), plan.standing),
                      {{"file", plan.file_name}}});
  }
  plan.known = true;
  for (const auto& row : rows) {
    plan.items.push_back({static_cast<std::int32_t>(row.integer(0)),
                          row.text(1),
                          ItemPlan::Change::unchanged,
                          true,
                          {}});
  }
  plan.unchanged = static_cast<std::int32_t>(rows.size());
  return newest.empty() ? compare_reading(tx, plan, options) : Result<void>();
}

Result<void> compare_standing(store::Transaction& tx, FilePlan& plan) {
  if (plan.follows.empty()) {
    return {};
  }
  const auto row = ATALAYA_TRY(
      tx.query_one("SELECT standing FROM source_documents WHERE id = $1", {plan.follows}));
  if (row.text(0) == plan.standing) {
    return {};
  }
  const bool official = plan.standing == "official";
  plan.document.warnings.push_back(
      {official ? "commitments.import.now_official" : "commitments.import.now_translation",
       0,
       official ? "the version that is held is a translation; with this one its texts become "
                  "official"
                : "the version that is held is official; with this one its texts become "
                  "translations",
       false,
       {}});
  plan.needs_acceptance = true;
  return {};
}

namespace {

using Places = std::map<std::int32_t, const Entry*>;  // of one page, by ordinal

// The page of the catalogue that most items stand on, each at its place; empty where they are fewer
// than half of it.
Places places_of(std::span<const Entry> entries, const std::vector<std::string>& ids) {
  std::map<std::string, Places, std::less<>> pages;
  for (const Entry& entry : entries) {
    for (const auto& [page, ordinal] : entry.stands_on) {
      pages[page][ordinal] = &entry;
    }
  }
  for (auto& [page, places] : pages) {
    const auto same = std::ranges::count_if(places, [&](const auto& place) {
      const auto at = static_cast<std::size_t>(place.first - 1);
      return at < ids.size() && ids[at] == place.second->id;
    });
    if (same * 2 > std::ssize(places)) {
      return std::move(places);
    }
  }
  return {};
}

}  // namespace

void take_catalogue_places(FilePlan& plan, std::span<const Entry> entries,
                           const std::vector<std::string>& ids, Held& held) {
  const Places places = places_of(entries, ids);
  const auto stands = [&](std::int32_t ordinal) {
    const auto place = places.find(ordinal);
    return place == places.end() || ids[static_cast<std::size_t>(ordinal - 1)] == place->second->id;
  };
  const Language language = plan.document.language.value_or(Language::en);
  for (ItemPlan& item : plan.items) {
    const auto place = places.find(item.ordinal);
    const auto at = static_cast<std::size_t>(item.ordinal - 1);
    if (place == places.end() || item.change != ItemPlan::Change::added ||
        !item.new_words.empty() || item.listed || item.commitment != ids[at]) {
      continue;
    }
    const Entry& entry = *place->second;
    const ParsedItem& words = plan.document.items[at];
    const std::string ours = entry.title.in(language) + " " + entry.summary.in(language);
    if (!stands(item.ordinal - 1) || (at + 1 < ids.size() && !stands(item.ordinal + 1)) ||
        std::ranges::find(ids, entry.id) != ids.end() || meeting_of(words) != entry.meeting ||
        cognate_likeness(ours, words.text) < kTranslatedLikenessMin ||
        !held.commitments[entry.id].text.empty()) {
      continue;
    }
    item.new_words = std::exchange(item.commitment, entry.id);
    item.listed = item.by_place = true;
    Known& known = held.commitments[entry.id];
    known.text = words.text;
    known.language = language_of(plan.document);
    known.listed = known.reworded = true;
    known.pages.emplace(known.language, page_key(plan.document));
    held.same_as[item.new_words] = entry.id;
    plan.document.warnings.push_back(
        {"commitments.import.catalogue_words",
         words.line,
         fmt::format("other words than those that the catalogue knows of {} ({}); taken for it, "
                     "as it stands in its place between its neighbours",
                     entry.id, entry.title.in(Language::en)),
         false,
         {{"id", entry.id}, {"text", entry.title.in(language)}}});
  }
}

Result<HeldElsewhere> held_elsewhere(store::Transaction& tx, std::span<const FilePlan> before,
                                     const FilePlan& plan) {
  HeldElsewhere out;
  std::set<std::string> followed{plan.follows};
  for (const FilePlan& file : before) {
    followed.insert(file.is_held() ? std::string() : file.follows);
  }
  const std::string own = language_of(plan.document);
  const auto add = [&](const std::string& id, std::string_view language) {
    Elsewhere& where = out[id];
    (language == own ? where.same_language : where.other_language) = true;
  };
  for (std::size_t at = 0; at < plan.gone.size(); at += 500) {
    const auto first = plan.gone.begin() + static_cast<std::ptrdiff_t>(at);
    const auto count = std::min<std::ptrdiff_t>(500, plan.gone.end() - first);
    detail::Where where;
    where.add("a.commitment IN (" + where.list(std::vector<std::string>(first, first + count)) +
              ")");
    where.add("NOT EXISTS (SELECT 1 FROM source_documents n WHERE n.follows = s.id)");
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT a.commitment, s.id, s.language FROM appearances a JOIN source_documents s "
                 "ON s.id = a.source" +
                     where.sql(),
                 where.parameters()));
    for (const auto& row : rows) {
      if (!followed.contains(row.text(1))) {
        add(row.text(0), row.text_or_empty(2));
      }
    }
  }
  const std::set<std::string_view> gone(plan.gone.begin(), plan.gone.end());
  for (const FilePlan& file : before) {
    for (const ItemPlan& item : file.items) {
      if (!file.is_held() && gone.contains(item.commitment)) {
        add(item.commitment, language_of(file.document));
      }
    }
  }
  return out;
}

bool keep_as_one(FilePlan& plan, const HeldElsewhere& elsewhere, Held& held,
                 const ImportOptions& options) {
  bool any = false;
  for (Rewording& pair : plan.rewordings) {
    ItemPlan& item = plan.items[static_cast<std::size_t>(pair.ordinal - 1)];
    const auto others = elsewhere.find(pair.earlier);
    if (pair.kind != Rewording::Kind::suggested || pair.across || others == elsewhere.end() ||
        item.listed || pair.likeness < kRewordedLikenessMin ||
        std::ranges::find(options.apart, pair.commitment) != options.apart.end() ||
        std::ranges::count(plan.items, pair.commitment, &ItemPlan::commitment) > 1) {
      continue;
    }
    any = true;
    pair.kind = Rewording::Kind::joined;
    item.new_words = std::exchange(item.commitment, pair.earlier);
    item.change = ItemPlan::Change::text_differs;
    item.kept = item.listed = item.analysed = true;
    --plan.added;
    plan.duplicates += others->second.same_language ? 1 : 0;
    const auto gone = std::ranges::find(plan.gone, pair.earlier);
    plan.gone_texts.erase(plan.gone_texts.begin() + (gone - plan.gone.begin()));
    plan.gone.erase(gone);
    held.commitments.erase(item.new_words);
    Known& known = held.commitments[pair.earlier];
    known.listed = known.reworded = true;
    known.pages.emplace(language_of(plan.document), page_key(plan.document));
    held.same_as[item.new_words] = pair.earlier;
  }
  return any;
}

}  // namespace atalaya::commitments
