// Import in two steps. plan() reads the files and compares them with the desk inside one snapshot;
// apply() writes everything in one transaction, after checking that no document was added since,
// so a crash at any write leaves either nothing or all of it.
#include <atalaya/commitments/import.hpp>

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/commitments/analysis.hpp>

#include "desk_state.hpp"
#include "import_batch.hpp"
#include "import_review.hpp"
#include "twin.hpp"

namespace atalaya::commitments {
namespace {

// What is known of a commitment before this file: from the store, then from the files before it.
struct Known {
  std::string text;           // in `language`
  std::string language;
  bool listed = false;        // the catalogue or the store has a row for it
  bool reworded = false;      // it stands in other words too, because somebody said so
  std::set<std::pair<std::string, std::string>> pages;  // language, page key
};

struct Held {
  std::int64_t based_on = 0;
  std::map<std::string, Known, std::less<>> commitments;
  std::set<std::string, std::less<>> files;
  std::map<std::string, std::string, std::less<>> same_as;  // by the id of the new words
};

// Adds the commitments that `ids` are other words of, as was said before, to `ids`.
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
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT id FROM commitments" + listed.sql(), listed.parameters()));
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

// Runs job(0) … job(count - 1), which share nothing, on as many threads as there are processors,
// in about this order: reading and analysing texts is most of an import. The caller may go on with
// what is done already.
class WorkAhead {
 public:
  WorkAhead(std::size_t count, std::function<void(std::size_t)> job)
      : job_(std::move(job)), done_(count) {
    const std::size_t threads = std::min<std::size_t>(std::thread::hardware_concurrency(), count);
    for (std::size_t i = 1; i < threads; ++i) {
      helpers_.emplace_back([this] {
        while (run_one()) {
        }
      });
    }
  }

  /// Returns when job(i) is done; does jobs itself meanwhile.
  void wait_for(std::size_t i) {
    while (!done_[i].load()) {
      if (!run_one()) {
        done_[i].wait(false);
      }
    }
  }

  void wait_for_all() {
    for (std::size_t i = 0; i < done_.size(); ++i) {
      wait_for(i);
    }
  }

 private:
  bool run_one() {
    const std::size_t i = next_++;
    if (i >= done_.size()) {
      return false;
    }
    job_(i);
    done_[i] = true;
    done_[i].notify_all();
    return true;
  }

  std::function<void(std::size_t)> job_;
  std::vector<std::atomic<bool>> done_;
  std::atomic<std::size_t> next_ = 0;
  std::vector<std::jthread> helpers_;  // last, so that they end before what they use
};

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
    out.places.push_back({row.text(0), row.text(1),
                          out.twin_of.empty() ? row.text(0)
                                              : commitment_id(meeting_of(place), row.text(1))});
    out.items.try_emplace(row.text(0),
                          EarlierItem{row.text(1), static_cast<std::int32_t>(row.integer(2)),
                                      static_cast<std::int32_t>(row.integer(3))});
  }
  return out;
}

// The newest page held of this name that the document is a version of. Pages of one name may be
// different pages; what shares nothing with any of them follows none.
Result<EarlierVersion> earlier_version(store::Transaction& tx, const ParsedDocument& document,
                                       const std::vector<std::string>& ids) {
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT s.id, s.twin_of FROM source_documents s WHERE s.page_key = $1 AND COALESCE(s.language, "
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

// A year printed beside a treaty that is neither its adoption nor its entry into force, or two
// years for one treaty: kept as printed, and explained.
void explain_years(ParsedDocument& document, const Catalogue& catalogue) {
  for (const NamedTreaty& treaty : document.treaties) {
    const Instrument* known = catalogue.find_instrument(treaty.instrument);
    if (known == nullptr || treaty.year == 0 || treaty.year == known->adopted_year ||
        known->adopted_year == 0) {
      continue;
    }
    const bool in_force = treaty.year == known->in_force_year;
    document.warnings.push_back(
        {in_force ? "commitments.import.year_in_force" : "commitments.import.year_differs",
         treaty.line,
         in_force ? fmt::format("{} is printed with {}, the year it entered into force; it was "
                                "adopted in {}",
                                known->short_name.in(Language::en), treaty.year,
                                known->adopted_year)
                  : fmt::format("{} is printed with {}; the catalogue has {} as its adoption; "
                                "both are kept",
                                known->short_name.in(Language::en), treaty.year,
                                known->adopted_year),
         false,
         {{"instrument", known->id},
          {"printed", std::to_string(treaty.year)},
          {"adopted", std::to_string(known->adopted_year)}}});
  }
}

// `ids` are the eight-character names of the items; `joined` those that a page in another language
// gives them, one per item, empty where it gives none.
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
      const bool held_already = std::ranges::any_of(known.pages, [&](const auto& page) {
        return page != std::pair(language, key);
      });
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
    plan.items.push_back({static_cast<std::int32_t>(rows[i].integer(0)), id,
                          same ? ItemPlan::Change::unchanged : ItemPlan::Change::text_differs, true,
                          {}, false, true});
    plan.unchanged += same ? 1 : 0;
    ids.push_back(id);
    if (present.insert(id).second && !stands) {
      plan.document.warnings.push_back(
          {"commitments.import.comes_back", plan.document.items[i].line,
           fmt::format("{} comes back: {}", id, plan.document.items[i].text), false,
           {{"id", id}, {"text", plan.document.items[i].text}}});
    }
  }
  for (const auto& [id, item] : earlier.items) {
    if (!present.contains(id)) {
      plan.gone.push_back(id);
      plan.gone_texts.push_back(item.text);
    }
  }
  if (plan.gone.empty() && plan.unchanged == std::ssize(plan.items)) {
    plan.known = true;  // the newest version says the same
    return {};
  }
  plan.again = plan.needs_acceptance = true;
  plan.follows = newest;
  find_rewordings(plan, earlier, ids, {}, {});
  for (Rewording& pair : plan.rewordings) {
    pair.kind = Rewording::Kind::mended;  // these words were the commitment's before
  }
  plan.document.warnings.push_back(
      {"commitments.import.again", 0,
       "this file is held as an older version of a page; importing it again makes it the newest "
       "one",
       false,
       {}});
  return {};
}

// The bytes are held: nothing will change, and the counts say so, unless a newer version replaced
// them.
Result<void> compare_known(store::Transaction& tx, FilePlan& plan) {
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT a.ordinal, a.commitment, (SELECT COUNT(*) FROM appearances b JOIN "
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
  plan.known = true;
  for (const auto& row : rows) {
    plan.items.push_back({static_cast<std::int32_t>(row.integer(0)), row.text(1),
                          ItemPlan::Change::unchanged, true, {}});
  }
  plan.unchanged = static_cast<std::int32_t>(rows.size());
  return {};
}

// A half sentence must not become an official text for ever.
Result<void> refuse_cut(const InputFile& file, const ParsedDocument& document) {
  const auto cut = std::ranges::find(document.warnings, "commitments.parse.may_be_cut",
                                     &Warning::reason);
  if (document.kind == DocumentKind::unknown || cut == document.warnings.end()) {
    return {};
  }
  return fail(Error{ErrorCode::invalid_argument,
                    "commitments.import.cut",
                    fmt::format("{}: line {}: the last item ends in the middle of a sentence; get "
                                "the whole file, or use --incomplete if it really ends there",
                                file.name, cut->line),
                    {{"file", file.name}, {"line", std::to_string(cut->line)}}});
}

// The end of a list whose numbers could not be read hangs on the last item that was: nobody could
// work with it, and no part of the node is made for it.
Result<void> refuse_long(const InputFile& file, const ParsedDocument& document) {
  for (const auto* group : {&document.items, &document.recitals, &document.guidance}) {
    const auto item = std::ranges::find_if(
        *group, [](const ParsedItem& one) { return one.text.size() > kItemBytesMax; });
    if (item == group->end()) {
      continue;
    }
    const std::size_t size = (item->text.size() + 1023) / 1024;
    return fail(Error{ErrorCode::invalid_argument,
                      "commitments.import.long_item",
                      fmt::format("{}: lines {} to {} read as one item of {} KiB; an item may have "
                                  "{} KiB; number the items in the file, each on a line of its "
                                  "own, and import it again",
                                  file.name, item->line, item->line_end, size,
                                  kItemBytesMax / 1024),
                      {{"file", file.name},
                       {"line", std::to_string(item->line)},
                       {"end", std::to_string(item->line_end)},
                       {"size", std::to_string(size)},
                       {"limit", std::to_string(kItemBytesMax / 1024)}}});
  }
  return {};
}

struct ReadFile {
  FilePlan plan;
  std::vector<std::string> ids;  // the eight-character names of its items
};

Result<ReadFile> read_one(const InputFile& file, const Catalogue& catalogue, bool incomplete) {
  auto text = files::read_document(file.bytes, file.name);
  if (!text) {
    return fail(std::move(text).error());
  }
  auto parsed = parse(*text, catalogue);
  if (!parsed) {
    return fail(std::move(parsed).error().with("file", file.name));
  }
  ATALAYA_TRY(refuse_long(file, *parsed));
  if (!incomplete) {
    ATALAYA_TRY(refuse_cut(file, *parsed));
  }
  FilePlan plan;
  plan.file_name = file.name;
  plan.id = to_hex(sha256(file.bytes));
  plan.format = to_string(text->format);
  plan.document = *std::move(parsed);
  for (const auto& warning : text->warnings) {
    plan.document.warnings.push_back({"commitments.import.file", 0, warning, false, {}});
  }
  explain_years(plan.document, catalogue);
  ReadFile out;
  for (const ParsedItem& item : plan.document.items) {
    out.ids.push_back(commitment_id(meeting_of(item), item.text));
  }
  out.plan = std::move(plan);
  return out;
}

// What the files of one command are compared with.
struct Twins {
  TwinIndex index;
  std::size_t added = 0;  // of the files before

  explicit Twins(store::Transaction& tx) : index(tx) {}

  Result<void> add(std::span<const FilePlan> before) {
    for (; added < before.size(); ++added) {
      const FilePlan& file = before[added];
      const ParsedDocument& document = file.document;
      if (file.known || !document.language || file.items.empty()) {
        continue;
      }
      TwinPage page{file.id,          file.file_name, *document.language, document.kind,
                    document.theme,   document.title, document.meeting,   shape_of(document)};
      for (std::size_t i = 0; i < file.items.size(); ++i) {
        const ParsedItem& item = document.items[i];
        page.items.push_back(
            {file.items[i].commitment, item.text, item.level, item.effective.meeting});
      }
      ATALAYA_TRY(index.add(std::move(page), file.follows));
    }
    return {};
  }
};

void tell_joined(FilePlan& plan, const Twin& twin) {
  plan.document.warnings.push_back(
      {"commitments.import.joined_twin", 0,
       fmt::format("joined item by item with {}, the same page in another language "
                   "(likeness {:.2f} against {:.2f} of other items)",
                   twin.file_name, twin.likeness, twin.likeness_of_others),
       false,
       {{"file", twin.file_name},
        {"likeness", fmt::format("{:.2f}", twin.likeness)},
        {"shifted", fmt::format("{:.2f}", twin.likeness_of_others)}}});
}

// The items of a page that no version is held of, and the commitments in other languages that they
// are.
Result<FollowedItems> join_new(Twins& twins, FilePlan& plan, const std::vector<std::string>& ids,
                               const std::vector<std::string>& apart) {
  FollowedItems joined{std::vector<std::string>(ids.size())};
  const KnownItems known = ATALAYA_TRY(twins.index.by_words(plan.document, ids));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (known[i] != ids[i] && std::ranges::find(apart, ids[i]) == apart.end()) {
      joined.commitments[i] = known[i];
    }
  }
  if (std::ranges::none_of(known, &std::string::empty)) {
    return joined;
  }
  const Twin twin = ATALAYA_TRY(twins.index.find(plan.document, known));
  const bool any = std::ranges::any_of(
      twin.commitments, [](const std::string& id) { return !id.empty(); });
  join_first(plan, twin, ids, apart, joined);
  if (any) {
    plan.twin_of = twin.source;
    tell_joined(plan, twin);
  }
  return joined;
}

// A newer version keeps what the version before it was joined with.
Result<FollowedItems> join_newer(store::Transaction& tx, Twins& twins, FilePlan& plan,
                                 const std::vector<std::string>& ids,
                                 const std::vector<std::string>& apart,
                                 const EarlierVersion& earlier) {
  Twin twin = ATALAYA_TRY(twins.index.find_by_place(plan.document));
  FollowedItems joined =
      ATALAYA_TRY(follow_items(tx, plan.document, ids, apart, earlier, twin));
  if (!earlier.twin_of.empty()) {
    plan.twin_of = twin.source.empty() ? earlier.twin_of : twin.source;
  }
  KnownItems known = ATALAYA_TRY(twins.index.by_words(plan.document, ids));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    std::string& found = joined.commitments[i];
    const bool said = std::ranges::find(apart, ids[i]) != apart.end();
    if (found.empty() && !known[i].empty() && known[i] != ids[i] && !said &&
        !earlier.items.contains(ids[i])) {
      found = known[i];
    }
    if (!found.empty() || said || earlier.items.contains(ids[i]) ||
        std::ranges::find(joined.doubtful, i, &DoubtfulPlace::item) != joined.doubtful.end()) {
      known[i] = ids[i];
    }
  }
  const auto odd = ATALAYA_TRY(twins.index.suggest(plan.document, known));
  for (const OddItem& item : odd) {
    joined.doubtful.push_back({item.item, item.commitment, item.text, true});
  }
  if (!twin.source.empty()) {
    tell_joined(plan, twin);
  }
  return joined;
}

// The ids that pages in other languages give the items.
Result<FollowedItems> join_twin(store::Transaction& tx, std::span<const FilePlan> before,
                                Twins& twins, FilePlan& plan, const std::vector<std::string>& ids,
                                const std::vector<std::string>& apart,
                                const EarlierVersion& earlier) {
  FollowedItems joined{std::vector<std::string>(ids.size())};
  const bool all_held = std::ranges::all_of(
      ids, [&](const std::string& id) { return earlier.items.contains(id); });
  if (!earlier.id.empty() && all_held) {
    plan.twin_of = earlier.twin_of;
    return joined;
  }
  ATALAYA_TRY(twins.add(before));
  if (earlier.id.empty()) {
    joined = ATALAYA_TRY(join_new(twins, plan, ids, apart));
  } else {
    joined = ATALAYA_TRY(join_newer(tx, twins, plan, ids, apart, earlier));
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (plan.document.language && !joined.commitments[i].empty()) {
      twins.index.name(*plan.document.language, ids[i], joined.commitments[i]);
    }
  }
  return joined;
}

// Other pages that hold a commitment in their newest version.
struct Elsewhere {
  bool same_language = false, other_language = false;
};

using HeldElsewhere = std::map<std::string, Elsewhere, std::less<>>;

// Of what this version lacks.
Result<HeldElsewhere> held_elsewhere(store::Transaction& tx, std::span<const FilePlan> before,
                                     const FilePlan& plan) {
  HeldElsewhere out;
  std::set<std::string> followed{plan.follows};
  for (const FilePlan& file : before) {
    followed.insert(file.known ? std::string() : file.follows);
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
      if (!file.known && gone.contains(item.commitment)) {
        add(item.commitment, language_of(file.document));
      }
    }
  }
  return out;
}

// An item in new words whose old words another page still has is not counted beside them: it stays
// that commitment, unless somebody said that it is one of its own. Answers whether there is any.
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

Result<void> plan_one(store::Transaction& tx, std::span<const FilePlan> before, Twins& twins,
                      FilePlan& plan, const std::vector<std::string>& ids, Held& held,
                      const ImportOptions& options) {
  if (!held.files.insert(plan.id).second) {
    plan.known = true;  // the same file twice in one command
    plan.unchanged = static_cast<std::int32_t>(plan.document.items.size());
    return {};
  }
  const auto same = ATALAYA_TRY(
      tx.query("SELECT 1 FROM source_documents WHERE id = $1", {plan.id}));
  if (!same.empty()) {
    return compare_known(tx, plan);
  }
  const std::string key = page_key(plan.document);
  const EarlierVersion earlier =
      ATALAYA_TRY(earlier_version(tx, plan.document, ids));
  const FollowedItems followed =
      ATALAYA_TRY(join_twin(tx, before, twins, plan, ids, options.apart, earlier));
  const std::vector<std::string>& joined = followed.commitments;
  std::vector<std::string> wanted = ids;
  std::ranges::copy_if(joined, std::back_inserter(wanted),
                       [](const std::string& id) { return !id.empty(); });
  for (const SameWords& said : options.same) {
    wanted.push_back(said.earlier);
  }
  ATALAYA_TRY(look_up_wordings(tx, wanted, held));
  ATALAYA_TRY(look_up(tx, wanted, held));
  compare(plan, earlier, key, held, ids, joined, options);
  find_rewordings(plan, earlier, ids, followed.doubtful, options.apart);
  const HeldElsewhere elsewhere = ATALAYA_TRY(held_elsewhere(tx, before, plan));
  const bool others = std::ranges::any_of(
      elsewhere, [](const auto& one) { return one.second.other_language; });
  const bool kept = keep_as_one(plan, elsewhere, held, options);
  plan.gone_elsewhere = static_cast<std::int32_t>(std::ranges::count_if(
      plan.gone, [&](const std::string& id) { return elsewhere.contains(id); }));
  if (!earlier.id.empty()) {
    review_changes(plan, earlier, others || kept);
  } else {
    review_first_join(plan);
  }
  plan.needs_acceptance =
      plan.needs_acceptance || std::ranges::any_of(plan.document.warnings, is_doubt);
  return {};
}

}  // namespace

Result<ImportPlan> Importer::plan(std::vector<InputFile> files, const ImportOptions& options) {
  ImportPlan plan;
  std::vector<std::optional<Result<ReadFile>>> results(files.size());
  WorkAhead(files.size(), [&](std::size_t i) {
    results[i] = read_one(files[i], desk_.catalogue(), options.incomplete);
  }).wait_for_all();
  std::vector<FilePlan> read;
  std::vector<std::vector<std::string>> ids;
  for (auto& result : results) {
    ReadFile file = ATALAYA_TRY(*std::move(result));
    read.push_back(std::move(file.plan));
    ids.push_back(std::move(file.ids));
    read.back().standing = options.translation ? "translation" : "official";
  }
  ATALAYA_TRY(
      desk_.state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
        plan.files = read;
        Held held;
        Twins twins(tx);
        const auto row = ATALAYA_TRY(
            tx.query_one("SELECT value FROM counters WHERE name = 'source_documents'"));
        plan.based_on = row.integer(0);
        for (std::size_t i = 0; i < plan.files.size(); ++i) {
          ATALAYA_TRY(plan_one(tx, std::span(plan.files).first(i), twins, plan.files[i], ids[i],
                               held, options));
        }
        return check_same(tx, plan, options);
      }));
  for (InputFile& file : files) {
    plan.bytes.push_back(std::move(file.bytes));
  }
  return plan;
}

Result<void> Importer::apply(const ImportPlan& plan, const ImportOptions& options) {
  if (std::ranges::all_of(plan.files, &FilePlan::known)) {
    return {};
  }
  ATALAYA_TRY(check_accepted(plan, options));
  const DeskParts& parts = desk_.state_->parts;
  const Recogniser recogniser(desk_.catalogue());
  std::vector<Batch> batches(plan.files.size(), Batch(*parts.database));
  WorkAhead analysis(plan.files.size(), [&](std::size_t i) {
    if (!plan.files[i].known) {
      add_items(plan.files[i], recogniser, batches[i]);
    }
  });
  ATALAYA_TRY(parts.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto row = ATALAYA_TRY(
        tx.query_one("SELECT value FROM counters WHERE name = 'source_documents'"));
    if (row.integer(0) != plan.based_on) {
      return fail(ErrorCode::conflict, "commitments.import.stale",
                  "another import finished after this plan was made; run the import again");
    }
    for (std::size_t i = 0; i < plan.files.size(); ++i) {
      const FilePlan& file = plan.files[i];
      if (file.known) {
        continue;
      }
      analysis.wait_for(i);
      ATALAYA_TRY(write_file(tx, parts, file, plan.bytes[i], options, batches[i]));
    }
    return {};
  }));
  ++desk_.state_->version;
  return {};
}

json::object Importer::summary(const FilePlan& plan) {
  const ParsedDocument& document = plan.document;
  const auto printed = document.count_citations(CitationStatus::own);
  const auto from_child = document.count_citations(CitationStatus::from_child);
  const auto from_sibling = document.count_citations(CitationStatus::from_sibling);
  const auto inferred = document.count_citations(CitationStatus::inferred);
  const auto items = static_cast<std::int64_t>(document.items.size());
  json::object out{{"file", plan.file_name},
                   {"sha256", plan.id},
                   {"kind", to_string(document.kind)},
                   {"format", plan.format},
                   {"language", language_of(document)},
                   {"title", document.title},
                   {"theme", document.theme},
                   {"adopted", document.adopted ? to_string(*document.adopted) : std::string()},
                   {"items", items},
                   {"level_1", document.count_level(1)},
                   {"level_2", document.count_level(2)},
                   {"level_3", items - document.count_level(1) - document.count_level(2)},
                   {"citations_printed", printed},
                   {"citations_inferred", from_child + from_sibling + inferred},
                   {"citations_by_status",
                    json::object{{"own", printed},
                                 {"from_child", from_child},
                                 {"from_sibling", from_sibling},
                                 {"inferred", inferred}}},
                   {"duplicates", plan.duplicates},
                   {"new", plan.added},
                   {"unchanged", plan.unchanged},
                   {"known", plan.known},
                   {"again", plan.again},
                   {"follows", plan.follows},
                   {"joined_with", plan.twin_of},
                   {"gone", plan.gone.size()},
                   {"gone_elsewhere", plan.gone_elsewhere},
                   {"needs_acceptance", plan.needs_acceptance},
                   {"recitals", document.recitals.size()},
                   {"states", document.states.size()},
                   {"treaties", document.treaties.size()},
                   {"statements_of_position", document.statements.size()}};
  json::object blocks;
  for (const ParsedItem& item : document.items) {
    if (!item.block.empty()) {
      auto& count = blocks[item.block];
      count = (count.is_int64() ? count.as_int64() : 0) + 1;
    }
  }
  out["blocks"] = std::move(blocks);
  json::object guidance;
  for (const ParsedItem& item : document.guidance) {
    auto& count = guidance[to_string(item.role)];
    count = (count.is_int64() ? count.as_int64() : 0) + 1;
  }
  out["guidance"] = std::move(guidance);
  json::array warnings;
  for (const Warning& warning : document.warnings) {
    json::object params;
    for (const auto& [name, value] : warning.params) {
      params[name] = value;
    }
    warnings.push_back(json::object{{"reason", warning.reason},
                                    {"line", warning.line},
                                    {"detail", warning.detail},
                                    {"params", std::move(params)}});
  }
  out["warnings"] = std::move(warnings);
  return out;
}

}  // namespace atalaya::commitments
