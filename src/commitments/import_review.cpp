#include "import_review.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include <atalaya/commitments/word_diff.hpp>

#include "twin.hpp"

namespace atalaya::commitments {
namespace {

constexpr std::size_t kSampled = 24;  // items of a page, evenly spread
constexpr std::size_t kComparisonsMax = 250'000;

struct Pair {
  double likeness = 0;
  std::size_t item = 0, gone = 0;
};

std::vector<Pair> likely_pairs(const FilePlan& plan) {
  std::vector<std::size_t> added;
  for (std::size_t i = 0; i < plan.items.size(); ++i) {
    if (plan.items[i].change == ItemPlan::Change::added) {
      added.push_back(i);
    }
  }
  std::vector<Pair> pairs;
  if (added.size() * plan.gone.size() > kComparisonsMax) {
    return pairs;  // another page altogether: nobody would read so many pairs
  }
  const std::vector<WordBag> gone(plan.gone_texts.begin(), plan.gone_texts.end());
  for (const std::size_t i : added) {
    const WordBag words(plan.document.items[i].text);
    for (std::size_t g = 0; g < plan.gone.size(); ++g) {
      const double likeness = words.likeness(gone[g]);
      if (likeness >= kRewordedLikenessMin) {
        pairs.push_back({likeness, i, g});
      }
    }
  }
  std::ranges::stable_sort(pairs, std::greater<>(), &Pair::likeness);
  return pairs;
}

// What a commitment says in other languages now.
using Elsewhere = std::multimap<std::string, std::pair<Language, std::string>, std::less<>>;

Result<Elsewhere> other_languages(store::Transaction& tx, const std::string& source,
                                  Language language) {
  Elsewhere out;
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT t.commitment, t.language, t.text FROM commitment_texts t WHERE t.language <> "
               "$1 AND t.commitment IN (SELECT commitment FROM appearances WHERE source = $2)",
               {std::string(to_string(language)), source}));
  for (const auto& row : rows) {
    out.emplace(row.text(0), std::pair(parse_language(row.text(1)).value_or(Language::en),
                                       row.text(2)));
  }
  return out;
}

// Finds the items of a newer version among those of the version before.
struct Follower {
  const EarlierVersion& earlier;
  const ParsedDocument& document;
  std::vector<std::string> found;  // beside the document's items
  std::vector<bool> used;          // beside earlier.places
  std::vector<bool> apart;         // beside the document's items
  Elsewhere elsewhere{};
  Language language = document.language.value_or(Language::en);
  std::vector<DoubtfulPlace> doubtful{};

  void by_same_words(const std::vector<std::string>& ids) {
    std::map<std::string_view, std::vector<std::size_t>> places;  // the first one last
    for (std::size_t at = earlier.places.size(); at-- > 0;) {
      places[earlier.places[at].own].push_back(at);
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto here = places.find(ids[i]);
      if (here != places.end() && !here->second.empty()) {
        found[i] = earlier.places[here->second.back()].commitment;
        used[here->second.back()] = true;
        here->second.pop_back();
      }
    }
  }

  // New words that change a number or a negation are joined unasked only where another language
  // says so, too.
  [[nodiscard]] bool agrees(const EarlierPlace& place, std::string_view text,
                            std::string_view there = {}, Language there_in = Language::en) const {
    const auto [begin, end] = elsewhere.equal_range(place.commitment);
    return disagreement(text, language, place.text, language).empty() ||
           (!there.empty() && disagreement(text, language, there, there_in).empty()) ||
           std::any_of(begin, end, [&](const auto& other) {
             return disagreement(text, language, other.second.second, other.second.first).empty();
           });
  }

  // A page of the same shape about other matters shares few commitments with the version before.
  [[nodiscard]] bool is_page_of(const Twin& twin) const {
    const auto shared = std::ranges::count_if(
        twin.commitments, [&](const auto& id) { return earlier.items.contains(id); });
    return twin.commitments.size() == found.size() && shared * 2 >= std::ssize(found);
  }

  // The item in a place where a page in another language has `id` and the words `there`. Neither
  // like the words held nor like those: another item stands there now, and only a person knows.
  void take(std::size_t item, const std::string& id, std::string_view there, Language there_in) {
    for (std::size_t at = 0; at < used.size(); ++at) {
      if (used[at] || earlier.places[at].commitment != id) {
        continue;
      }
      const std::string& text = document.items[item].text;
      if (agrees(earlier.places[at], text, there, there_in) &&
          (word_likeness(earlier.places[at].text, text) >= kRewordedLikenessMin ||
           cognate_likeness(there, text) >= kTranslatedLikenessMin)) {
        found[item] = id;
        used[at] = true;
      } else {
        doubtful.push_back({item, id, earlier.places[at].text, false});
      }
      return;
    }
  }

  void by_like_words() {
    std::vector<Pair> pairs;
    const auto left = std::ranges::count(found, std::string());
    if (static_cast<std::size_t>(left) * used.size() > kComparisonsMax) {
      return;
    }
    std::vector<WordBag> held;
    for (const EarlierPlace& place : earlier.places) {
      held.emplace_back(place.text);
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
      const WordBag words(document.items[i].text);
      for (std::size_t at = 0; at < used.size() && found[i].empty() && !apart[i]; ++at) {
        const double likeness = used[at] ? 0 : words.likeness(held[at]);
        if (likeness >= kRewordedLikenessMin &&
            agrees(earlier.places[at], document.items[i].text)) {
          pairs.push_back({likeness, i, at});
        }
      }
    }
    std::ranges::stable_sort(pairs, std::greater<>(), &Pair::likeness);
    for (const Pair& pair : pairs) {
      if (found[pair.item].empty() && !used[pair.gone]) {
        found[pair.item] = earlier.places[pair.gone].commitment;
        used[pair.gone] = true;
      }
    }
  }
};

std::string_view to_string(Rewording::Kind kind) {
  switch (kind) {
    case Rewording::Kind::joined:
      return "joined";
    case Rewording::Kind::mended:
      return "mended";
    case Rewording::Kind::said:
      return "said";
    case Rewording::Kind::suggested:
      return "suggested";
  }
  return "suggested";
}

std::string_view to_string(DiffPart::Kind kind) {
  switch (kind) {
    case DiffPart::Kind::same:
      return "same";
    case DiffPart::Kind::removed:
      return "removed";
    case DiffPart::Kind::added:
      return "added";
  }
  return "same";
}

}  // namespace

namespace {

void add_doubtful(FilePlan& plan, const std::vector<DoubtfulPlace>& doubtful,
                  const std::vector<std::string>& apart) {
  for (const DoubtfulPlace& place : doubtful) {
    const ItemPlan& item = plan.items[place.item];
    const std::string& text = plan.document.items[place.item].text;
    const bool said = !item.new_words.empty() && item.commitment == place.commitment;
    const bool is_new = item.change == ItemPlan::Change::added &&
                        std::ranges::find(apart, item.commitment) == apart.end();
    const bool paired = std::ranges::any_of(plan.rewordings, [&](const Rewording& one) {
      return one.ordinal == item.ordinal || one.earlier == place.commitment;
    });
    const bool is_gone = std::ranges::find(plan.gone, place.commitment) != plan.gone.end();
    if (paired || !(said || is_new) || !(place.across || is_gone)) {
      continue;
    }
    plan.rewordings.push_back({said ? Rewording::Kind::said : Rewording::Kind::suggested,
                               item.ordinal, said ? item.new_words : item.commitment,
                               place.commitment, place.text, text,
                               place.across ? cognate_likeness(place.text, text)
                                            : word_likeness(place.text, text),
                               place.across});
  }
}

}  // namespace

void find_rewordings(FilePlan& plan, const EarlierVersion& earlier,
                     const std::vector<std::string>& ids,
                     const std::vector<DoubtfulPlace>& doubtful,
                     const std::vector<std::string>& apart) {
  for (std::size_t i = 0; i < plan.items.size(); ++i) {
    const ItemPlan& item = plan.items[i];
    const std::string& text = plan.document.items[i].text;
    const auto before = earlier.items.find(item.commitment);
    if (item.change != ItemPlan::Change::text_differs || before == earlier.items.end()) {
      continue;
    }
    const bool said = !item.new_words.empty();
    const double likeness = word_likeness(before->second.text, text);
    const auto kind = said             ? Rewording::Kind::said
                      : likeness < 1.0 ? Rewording::Kind::joined
                                       : Rewording::Kind::mended;
    plan.rewordings.push_back({kind, item.ordinal, said ? item.new_words : ids[i],
                               item.commitment, before->second.text, text, likeness});
  }
  std::vector<bool> item_used(plan.items.size());
  std::vector<bool> gone_used(plan.gone.size());
  for (const Pair& pair : likely_pairs(plan)) {
    if (item_used[pair.item] || gone_used[pair.gone]) {
      continue;
    }
    item_used[pair.item] = true;
    gone_used[pair.gone] = true;
    plan.rewordings.push_back({Rewording::Kind::suggested, plan.items[pair.item].ordinal,
                               plan.items[pair.item].commitment, plan.gone[pair.gone],
                               plan.gone_texts[pair.gone], plan.document.items[pair.item].text,
                               pair.likeness});
  }
  add_doubtful(plan, doubtful, apart);
  std::ranges::stable_sort(plan.rewordings, {}, &Rewording::ordinal);
}

json::object Importer::rewordings(const FilePlan& plan) {
  json::array reworded;
  for (const Rewording& item : plan.rewordings) {
    json::array words;
    for (const DiffPart& part : word_diff(item.before, item.after)) {
      words.push_back(json::object{{to_string(part.kind), part.text}});
    }
    const std::int32_t line = plan.document.items[static_cast<std::size_t>(item.ordinal - 1)].line;
    reworded.push_back(json::object{{"kind", to_string(item.kind)},
                                    {"ordinal", item.ordinal},
                                    {"line", line},
                                    {"commitment", item.commitment},
                                    {"earlier", item.earlier},
                                    {"before", item.before},
                                    {"after", item.after},
                                    {"likeness", item.likeness},
                                    {"across", item.across},
                                    {"words", std::move(words)}});
  }
  json::array gone;
  for (std::size_t i = 0; i < plan.gone.size(); ++i) {
    gone.push_back(json::object{{"commitment", plan.gone[i]}, {"text", plan.gone_texts[i]}});
  }
  return {{"reworded", std::move(reworded)}, {"gone_items", std::move(gone)}};
}

Result<void> check_same(store::Transaction& tx, const ImportPlan& plan,
                        const ImportOptions& options) {
  for (const std::string& id : options.apart) {
    const bool item = std::ranges::any_of(plan.files, [&](const FilePlan& file) {
      return file.known || std::ranges::any_of(file.items, [&](const ItemPlan& one) {
               return one.commitment == id && one.change == ItemPlan::Change::added;
             });
    });
    if (!item) {
      return fail(Error{ErrorCode::invalid_argument,
                        "commitments.import.apart",
                        fmt::format("no item of these files is new as {}; --dry-run shows the ids",
                                    id),
                        {{"id", id.substr(0, 60)}}});
    }
  }
  for (const SameWords& said : options.same) {
    const bool item = std::ranges::any_of(plan.files, [&](const FilePlan& file) {
      return std::ranges::find(file.items, said.later, &ItemPlan::new_words) != file.items.end();
    });
    const auto before = ATALAYA_TRY(tx.query(
        "SELECT 1 FROM wordings WHERE later = $1 AND commitment = $2", {said.later, said.earlier}));
    if (!before.empty()) {
      continue;  // said already, by an import of this file most likely
    }
    const auto held = ATALAYA_TRY(
        tx.query("SELECT (SELECT COUNT(*) FROM appearances a WHERE a.commitment = c.id), (SELECT "
                 "COUNT(*) FROM appearances a WHERE a.commitment = $2), (SELECT COUNT(*) FROM "
                 "wordings w WHERE w.later = c.id) FROM commitments c WHERE c.id = $1",
                 {said.earlier, said.later}));
    std::string why;
    if (!item) {
      why = fmt::format("no item of these files is new as {}; --dry-run shows the ids", said.later);
    } else if (held.empty() || held.front().integer(0) == 0) {
      why = fmt::format("no text of {} is held", said.earlier);
    } else if (held.front().integer(1) > 0) {
      why = fmt::format("{} stands in another document already: say so on its page", said.later);
    } else if (std::ranges::any_of(plan.files, [&](const FilePlan& file) {
                 return std::ranges::find(file.items, said.later, &ItemPlan::new_words) !=
                            file.items.end() &&
                        std::ranges::count(file.items, said.earlier, &ItemPlan::commitment) > 1;
               })) {
      why = fmt::format("{} and {} both stand in this file: they are two commitments",
                        said.earlier, said.later);
    } else if (held.front().integer(2) > 0 || said.earlier == said.later) {
      why = fmt::format("{} is itself other words of another commitment", said.earlier);
    }
    if (!why.empty()) {
      return fail(
          Error{ErrorCode::invalid_argument,
                "commitments.import.same",
                std::move(why),
                {{"earlier", said.earlier.substr(0, 60)}, {"later", said.later.substr(0, 60)}}});
    }
  }
  return {};
}

bool EarlierVersion::holds(const std::string& commitment, std::string_view text) const {
  const auto first = items.find(commitment);
  return first != items.end() &&
         (first->second.text == text || std::ranges::any_of(places, [&](const auto& place) {
            return place.commitment == commitment && place.text == text;
          }));
}

Result<FollowedItems> follow_items(store::Transaction& tx, const ParsedDocument& document,
                                   const std::vector<std::string>& ids,
                                   const std::vector<std::string>& apart,
                                   const EarlierVersion& earlier, Twin& twin) {
  Follower follower{.earlier = earlier,
                    .document = document,
                    .found = std::vector<std::string>(ids.size()),
                    .used = std::vector<bool>(earlier.places.size()),
                    .apart = std::vector<bool>(ids.size())};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    follower.apart[i] = std::ranges::find(apart, ids[i]) != apart.end();
  }
  const bool was_joined = !earlier.twin_of.empty();
  if (was_joined) {
    follower.elsewhere = ATALAYA_TRY(other_languages(tx, earlier.id, follower.language));
    follower.by_same_words(ids);
  }
  if (!follower.is_page_of(twin)) {
    twin = {};
  }
  bool given = was_joined;
  for (std::size_t i = 0; i < twin.commitments.size(); ++i) {
    const std::string& id = twin.commitments[i];
    if (!follower.found[i].empty() || follower.apart[i] || earlier.items.contains(ids[i])) {
      continue;
    }
    if (earlier.items.contains(id)) {
      if (was_joined) {
        follower.take(i, id, twin.texts[i], twin.language);
      }
      continue;
    }
    const auto held = ATALAYA_TRY(
        tx.query("SELECT 1 FROM commitment_texts WHERE commitment = $1 AND language = $2",
                 {id, std::string(to_string(document.language.value_or(Language::en)))}));
    if (!held.empty() || std::ranges::find(follower.found, id) != follower.found.end()) {
      continue;
    }
    const std::string& text = document.items[i].text;
    if (cognate_likeness(twin.texts[i], text) < kTranslatedLikenessMin ||
        !disagreement(text, follower.language, twin.texts[i], twin.language).empty()) {
      follower.doubtful.push_back({i, id, twin.texts[i], true});
      continue;
    }
    follower.found[i] = id;
    given = true;
  }
  if (!given) {
    twin = {};
  }
  if (was_joined) {
    follower.by_like_words();
  }
  std::erase_if(follower.doubtful,
                [&](const DoubtfulPlace& place) { return !follower.found[place.item].empty(); });
  return FollowedItems{std::move(follower.found), std::move(follower.doubtful)};
}

void join_first(FilePlan& plan, const Twin& twin, const std::vector<std::string>& ids,
                const std::vector<std::string>& apart, FollowedItems& joined) {
  const auto is_apart = [&](std::size_t i) {
    return std::ranges::find(apart, ids[i]) != apart.end();
  };
  const auto warn = [&](std::string reason, std::int32_t line, std::string detail,
                        std::vector<std::pair<std::string, std::string>> params) {
    plan.document.warnings.push_back(
        {std::move(reason), line, std::move(detail), false, std::move(params)});
  };
  for (std::size_t i = 0; i < twin.commitments.size(); ++i) {
    if (!is_apart(i) && !twin.commitments[i].empty()) {
      joined.commitments[i] = twin.commitments[i];
    }
  }
  for (const OddItem& odd : twin.odd) {
    joined.doubtful.push_back({odd.item, odd.commitment, odd.text, true});
    if (!odd.differs.empty() && !is_apart(odd.item)) {
      const std::string here = odd.differs.here.empty() ? "–" : odd.differs.here;
      const std::string there = odd.differs.there.empty() ? "–" : odd.differs.there;
      warn("commitments.import.twin_unlike", plan.document.items[odd.item].line,
           fmt::format("{} has {}, here it is {}", odd.commitment, there, here),
           {{"id", odd.commitment}, {"there", there}, {"here", here}});
    }
  }
  if (!twin.same_document && !twin.missing.empty()) {
    const auto here = static_cast<std::size_t>(
        std::ranges::count_if(twin.commitments, [](const auto& id) { return !id.empty(); }));
    warn("commitments.import.twin_part", 0,
         fmt::format("{} items of this file stand in {}, another page, which has {} more", here,
                     twin.file_name, twin.missing.size()),
         {{"file", twin.file_name},
          {"here", std::to_string(here)},
          {"more", std::to_string(twin.missing.size())}});
  }
  for (const TwinItem& item : twin.same_document ? twin.missing : std::vector<TwinItem>()) {
    warn("commitments.import.twin_missing", 0,
         fmt::format("{} stands in {}, not here: {}", item.commitment, twin.file_name, item.text),
         {{"file", twin.file_name}, {"id", item.commitment}, {"text", item.text}});
  }
  for (const std::size_t i : twin.alone) {
    if (!is_apart(i)) {
      warn("commitments.import.twin_alone", plan.document.items[i].line,
           fmt::format("{} stands here, not in {}; --new {} says that it is right", ids[i],
                       twin.file_name, ids[i]),
           {{"file", twin.file_name}, {"id", ids[i]}});
    }
  }
}

bool is_other_page(const ParsedDocument& document, const std::vector<std::string>& ids,
                   const EarlierVersion& earlier) {
  if (document.items.empty() || earlier.items.empty() ||
      std::ranges::any_of(ids, [&](const auto& id) { return earlier.items.contains(id); })) {
    return false;
  }
  const std::size_t count = std::min(document.items.size(), kSampled);
  std::vector<WordBag> sampled;
  for (std::size_t s = 0; s < count; ++s) {
    sampled.emplace_back(document.items[s * document.items.size() / count].text);
  }
  return std::ranges::none_of(earlier.items, [&](const auto& item) {
    const WordBag held(item.second.text);
    return std::ranges::any_of(
        sampled, [&](const WordBag& one) { return held.likeness(one) >= kRewordedLikenessMin; });
  });
}

bool is_doubt(const Warning& warning) {
  return warning.reason == "commitments.parse.list_doubtful" ||
         warning.reason == "commitments.import.reordered" ||
         warning.reason == "commitments.parse.numbers_out_of_order" ||
         warning.reason == "commitments.parse.number_inside" ||
         warning.reason == "commitments.parse.table_unread" ||
         warning.reason == "files.side_by_side";
}

void review_changes(FilePlan& plan, const EarlierVersion& earlier, bool others_hold_gone) {
  // A version that was read badly keeps most items and spoils some; one that was cut keeps the
  // first and loses the rest. There is no loss so large that nobody need look at it. An item at
  // another level is most often one whose indentation was not read.
  constexpr std::size_t kChangesMax = 2;
  constexpr std::size_t kChangesPerCent = 10;
  std::size_t reworded = 0;
  std::size_t moved = 0;
  for (std::size_t i = 0; i < plan.items.size(); ++i) {
    const auto before = earlier.items.find(plan.items[i].commitment);
    if (before == earlier.items.end()) {
      continue;
    }
    const bool other_level = before->second.level != plan.document.items[i].level;
    moved += other_level ? 1U : 0U;
    reworded += plan.items[i].new_words.empty() && !other_level &&
                        plan.items[i].change == ItemPlan::Change::text_differs
                    ? 1U
                    : 0U;
  }
  // What the newest version of the twin has in another's place replaces that here, too.
  const auto joined = plan.twin_of.empty() ? 0
                                           : std::ranges::count(plan.items,
                                                                ItemPlan::Change::joined,
                                                                &ItemPlan::change);
  const auto replaced = static_cast<std::size_t>(
      joined +
      std::ranges::count_if(plan.rewordings, [](const Rewording& one) {
        return one.kind == Rewording::Kind::suggested && !one.across;
      }));
  const std::size_t changes = plan.gone.size() + reworded + moved;
  const std::size_t held = earlier.items.size();
  // Found by its place alone: perhaps another item stands there now, and a person must say.
  const bool by_place = std::ranges::any_of(plan.rewordings, [](const Rewording& one) {
    return one.kind == Rewording::Kind::suggested ? one.across
                                                  : one.kind == Rewording::Kind::joined &&
                                                        one.likeness < kRewordedLikenessMin;
  });
  if (!others_hold_gone && !by_place && moved == 0 && plan.gone.size() <= replaced &&
      (changes <= kChangesMax || changes * 100 <= held * kChangesPerCent)) {
    return;
  }
  plan.needs_acceptance = true;
  plan.document.warnings.push_back(
      {"commitments.import.many_changes", 0,
       fmt::format("of {} items held, {} would be gone, {} read otherwise and {} stand at another "
                   "level; {} are new",
                   earlier.items.size(), plan.gone.size(), reworded, moved, plan.added),
       false,
       {{"held", std::to_string(earlier.items.size())},
        {"gone", std::to_string(plan.gone.size())},
        {"reworded", std::to_string(reworded)},
        {"moved", std::to_string(moved)},
        {"added", std::to_string(plan.added)}}});
}

void review_first_join(FilePlan& plan) {
  const auto warned = [&](std::string_view reason) {
    return std::ranges::count(plan.document.warnings, reason, &Warning::reason);
  };
  const auto odd =
      std::ranges::count(plan.rewordings, Rewording::Kind::suggested, &Rewording::kind);
  const auto missing = warned("commitments.import.twin_missing") +
                       warned("commitments.import.twin_part");
  const auto alone = warned("commitments.import.twin_alone");
  if (odd + missing + alone == 0) {
    return;
  }
  plan.needs_acceptance = true;
  plan.document.warnings.push_back(
      {"commitments.import.twin_differs", 0,
       fmt::format("the page in the other language differs: {} items stand beside other words or "
                   "in another place, {} of that page are missing here, {} stand only here",
                   odd, missing, alone),
       false,
       {{"odd", std::to_string(odd)},
        {"missing", std::to_string(missing)},
        {"alone", std::to_string(alone)}}});
}

Result<void> check_accepted(const ImportPlan& plan, const ImportOptions& options) {
  if (options.accept_changes) {
    return {};
  }
  const auto file = std::ranges::find(plan.files, true, &FilePlan::needs_acceptance);
  if (file == plan.files.end()) {
    return {};
  }
  const auto& warnings = file->document.warnings;
  const auto why = std::ranges::find_if(warnings, [](const Warning& warning) {
    return warning.reason == "commitments.import.many_changes" ||
           warning.reason == "commitments.import.twin_differs" ||
           warning.reason == "commitments.import.now_official" ||
           warning.reason == "commitments.import.now_translation" ||
           warning.reason == "commitments.import.again";
  });
  const auto doubt = std::ranges::find_if(warnings, is_doubt);
  const std::string reason =
      why != warnings.end()     ? why->detail
      : doubt == warnings.end() ? std::string()
                                : fmt::format("line {} and what follows may be read badly: {}",
                                              std::max(doubt->line, 1), doubt->detail);
  return fail(Error{ErrorCode::conflict,
                    "commitments.import.changes",
                    fmt::format("{}: {}; compare it with the document (--dry-run shows the plan), "
                                "then repeat with --accept-changes if it is right, or import a "
                                "version that keeps the lists",
                                file->file_name, reason),
                    {{"file", file->file_name}}});
}

}  // namespace atalaya::commitments
