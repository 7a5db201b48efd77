// A translation is found by its items: each new one is looked up among all that are held in other
// languages, by features that few have. What is found decides which pages are compared item by
// item, so that a page costs the same beside ten pages as beside ten thousand.
#include "twin.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "desk_state.hpp"
#include "import_batch.hpp"
#include "twin_align.hpp"
#include "work_ahead.hpp"

namespace atalaya::commitments {
namespace {

constexpr double kThemeClosenessMin = 0.5;
constexpr std::int64_t kPagesMax = 24;  // of one shape: the newest ones
constexpr std::size_t kCandidatesMax = 6;

// What is looked up. With these limits, 60 commitments held of other matters stop 0 to 3 of 100
// pages in another language, and 97 to 100 of 100 pages of three or more of them are found.
constexpr std::size_t kBuckets = 1UL << 18U;
constexpr std::size_t kFeaturesMin = 3;  // "Publish it." is like anything that is published
constexpr std::size_t kCommon = 1'000;  // features that more items have tell nothing
constexpr std::size_t kSampled = 200;   // items of a page, evenly spread
constexpr std::size_t kCompared = 200;  // held items, those with the most rare features in common
constexpr double kFair = 0.35;
constexpr double kStrong = 0.45;
constexpr double kElsewhere = 0.6;  // where another meeting is cited
constexpr double kWeakShare = 0.25;
constexpr std::size_t kPairsAFair = 800;  // chance gives one fair pair in so many
constexpr std::size_t kPairsAStrong = 4'000;

bool more_than_chance(const std::vector<Pair>& found, std::size_t items, std::size_t pairs,
                      std::size_t margin) {
  const auto count = [&](double closeness) {
    return static_cast<std::size_t>(std::ranges::count_if(
        found, [&](const Pair& pair) { return pair.closeness >= closeness; }));
  };
  const auto share = static_cast<std::size_t>(std::ceil(kWeakShare * static_cast<double>(items)));
  return count(kStrong) >= 1 + margin + pairs / kPairsAStrong ||
         count(kFair) >= 2 + margin + pairs / kPairsAFair ||
         (margin == 0 && count(kWeakCloseness) >= std::max<std::size_t>(items <= 2 ? 1 : 2, share));
}

// "SECURITY: Public Policies" is another page than "SEGURIDAD: Armas de fuego".
bool is_same_theme(std::string_view a, Language a_in, std::string_view b, Language b_in) {
  const auto last = [](std::string_view theme) {
    const std::size_t colon = theme.rfind(':');
    return trim(colon == std::string_view::npos ? theme : theme.substr(colon + 1));
  };
  const std::string_view x = last(a);
  const std::string_view y = last(b);
  return !x.empty() && !y.empty() && disagreement(a, a_in, b, b_in).empty() &&
         (fold(x) == fold(y) || closeness_of(features(x), features(y)) >= kThemeClosenessMin);
}

// What ministers or parliamentarians agreed at one meeting is no translation of what they agreed at
// another, however alike; a Summit page cites many meetings, and other pages may misread theirs.
bool is_of_another_meeting(const ParsedDocument& document, const TwinPage& page) {
  const auto has_one = [](DocumentKind kind, const std::string& meeting) {
    return !meeting.empty() && (kind == DocumentKind::ministers_commitment ||
                                kind == DocumentKind::parliamentary_priorities);
  };
  return has_one(document.kind, document.meeting) && has_one(page.kind, page.meeting) &&
         document.meeting != page.meeting;
}

}  // namespace

struct TwinIndex::Held {
  struct Entry {
    std::uint32_t page = 0, meeting = 0;
    std::size_t length = 0;          // of the text
    std::size_t begin = 0, end = 0;  // in `words`
    std::string commitment;
  };

  struct Overlap {
    std::vector<Pair> pairs;         // `held` is an entry
    std::vector<std::size_t> pages;  // those with the most of them first
    bool likely = false;
  };

  using Ids = std::unordered_set<std::string>;

  explicit Held(store::Transaction& transaction) : tx(transaction) {}

  store::Transaction& tx;
  bool is_read = false;
  std::vector<TwinPage> pages{};
  std::vector<bool> replaced{};      // beside `pages`
  std::vector<std::size_t> first{};  // entry of each page
  std::vector<Entry> entries{};
  std::vector<std::uint32_t> words{};
  std::vector<std::vector<std::uint32_t>> postings{};  // by feature; full ones are not followed
  std::unordered_map<std::string, std::uint32_t> meetings{};
  std::unordered_map<std::uint32_t, std::size_t> entries_of{};  // by meeting
  std::map<Language, Ids> in_language{};
  std::map<Language, std::unordered_map<std::string, std::string>> names{};

  Result<void> read();
  struct Chunk;
  Result<void> read_pages();
  void add_items(std::size_t page, const std::vector<TwinItem>& items,
                 const std::vector<Features>& featured);
  Result<const Ids*> having(Language language);
  Result<Overlap> look_up(const ParsedDocument& document, const Side& items,
                          const KnownItems& known);
  void look_up_one(const ParsedDocument& document, const Side& items, std::size_t item,
                   const Ids& having, std::vector<Pair>& out);
  [[nodiscard]] bool is_same_document(const ParsedDocument& document, const TwinPage& page,
                                      std::size_t at) const;
  [[nodiscard]] std::vector<std::size_t> candidates(const ParsedDocument& document,
                                                    const Overlap& overlap, const Ids& having,
                                                    std::vector<bool>& same) const;
  Result<std::vector<TwinItem>> items_of(const TwinPage& page);
  Result<OddItem> odd_of(const ParsedDocument& document, const Pair& pair);
  std::vector<std::uint32_t> counted{};  // beside `entries`: features in common; else 0
};

void TwinIndex::Held::add_items(std::size_t page, const std::vector<TwinItem>& items,
                                const std::vector<Features>& featured) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto meeting =
        meetings.emplace(items[i].meeting, static_cast<std::uint32_t>(meetings.size())).first;
    const std::size_t begin = words.size();
    const auto entry = static_cast<std::uint32_t>(entries.size());
    words.insert(words.end(), featured[i].begin(), featured[i].end());
    for (const std::uint32_t feature : featured[i]) {
      auto& list = postings[feature % kBuckets];
      if (list.size() <= kCommon) {
        list.push_back(entry);
      }
    }
    entries.push_back({static_cast<std::uint32_t>(page), meeting->second, items[i].text.size(),
                       begin, words.size(), items[i].commitment});
    ++entries_of[meeting->second];
  }
  counted.resize(entries.size());
}

// Pages whose texts are being taken apart.
struct TwinIndex::Held::Chunk {
  std::vector<std::vector<TwinItem>> items;
  std::vector<std::vector<Features>> featured;
  std::optional<WorkAhead> work;  // last: it uses the others
};

// The texts are read by one thread, as the store wants it, while others take those before apart.
Result<void> TwinIndex::Held::read_pages() {
  constexpr std::size_t kAtOnce = 20;
  std::unique_ptr<Chunk> before;
  const auto finish = [&] {
    before->work->wait_for_all();
    for (std::size_t at = 0; at < before->items.size(); ++at) {
      const std::size_t page = first.size();
      first.push_back(entries.size());
      add_items(page, before->items[at], before->featured[at]);
    }
  };
  for (std::size_t from = 0; from < pages.size(); from += kAtOnce) {
    auto chunk = std::make_unique<Chunk>();
    for (std::size_t at = from; at < std::min(from + kAtOnce, pages.size()); ++at) {
      chunk->items.push_back(ATALAYA_TRY(items_of(pages[at])));
    }
    chunk->featured.resize(chunk->items.size());
    chunk->work.emplace(chunk->items.size(), [one = chunk.get()](std::size_t at) {
      for (const TwinItem& item : one->items[at]) {
        one->featured[at].push_back(features(item.text));
      }
    });
    if (before != nullptr) {
      finish();
    }
    before = std::move(chunk);
  }
  if (before != nullptr) {
    finish();
  }
  return {};
}

Result<void> TwinIndex::Held::read() {
  if (is_read) {
    return {};
  }
  is_read = true;
  postings.resize(kBuckets);
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT s.id, s.file_name, s.language, s.kind, s.theme, s.title, s.meeting FROM "
               "source_documents s WHERE s.language IS NOT NULL AND s.id NOT IN (SELECT follows "
               "FROM source_documents WHERE follows IS NOT NULL) ORDER BY s.position"));
  for (const auto& row : rows) {
    TwinPage page;
    page.source = row.text(0);
    page.file_name = row.text(1);
    page.language = parse_language(row.text(2)).value_or(Language::en);
    for (const DocumentKind kind :
         {DocumentKind::summit_mandates, DocumentKind::ministers_commitment,
          DocumentKind::parliamentary_priorities, DocumentKind::primer}) {
      page.kind = row.text(3) == to_string(kind) ? kind : page.kind;
    }
    page.theme = row.text(4);
    page.title = row.text(5);
    page.meeting = row.text(6);
    pages.push_back(std::move(page));
  }
  replaced.resize(pages.size());
  return read_pages();
}

Result<std::vector<TwinItem>> TwinIndex::Held::items_of(const TwinPage& page) {
  if (!page.items.empty()) {
    return page.items;
  }
  std::vector<TwinItem> held;
  ATALAYA_TRY(tx.for_each(
      "SELECT commitment, text, level, effective_meeting FROM appearances WHERE source = $1 ORDER "
      "BY ordinal",
      {page.source}, [&](const store::Row& row) -> Result<void> {
        held.push_back(
            {row.text(0), row.text(1), static_cast<std::int32_t>(row.integer(2)), row.text(3)});
        return {};
      }));
  return held;
}

// The commitments that have a text in the language: none of them is what a new item translates.
Result<const TwinIndex::Held::Ids*> TwinIndex::Held::having(Language language) {
  const auto known = in_language.find(language);
  if (known != in_language.end()) {
    return &known->second;
  }
  Ids& ids = in_language[language];
  ATALAYA_TRY(tx.for_each("SELECT commitment FROM commitment_texts WHERE language = $1",
                          {std::string(to_string(language))},
                          [&](const store::Row& row) -> Result<void> {
                            ids.insert(row.text(0));
                            return {};
                          }));
  for (const TwinPage& page : pages) {
    for (const TwinItem& item : page.items) {
      if (page.language == language) {
        ids.insert(item.commitment);
      }
    }
  }
  return &ids;
}

void TwinIndex::Held::look_up_one(const ParsedDocument& document, const Side& items,
                                  std::size_t item, const Ids& having, std::vector<Pair>& out) {
  const std::string& meeting = document.items[item].effective.meeting;
  std::vector<std::uint32_t> touched;
  for (const std::uint32_t feature : items.words[item]) {
    const auto& list = postings[feature % kBuckets];
    if (list.size() > kCommon) {
      continue;
    }
    for (const std::uint32_t entry : list) {
      if (counted[entry]++ == 0) {
        touched.push_back(entry);
      }
    }
  }
  std::array<std::size_t, 64> with{};  // how many entries share so many features
  for (const std::uint32_t entry : touched) {
    ++with[std::min<std::size_t>(counted[entry], with.size() - 1)];
  }
  std::size_t at_least = with.size() - 1;
  for (std::size_t sum = with[at_least]; at_least > 1 && sum + with[at_least - 1] <= kCompared;) {
    sum += with[--at_least];
  }
  const auto known = meetings.find(meeting);
  for (const std::uint32_t at : touched) {
    const bool enough = std::exchange(counted[at], 0) >= at_least;
    const Entry& entry = entries[at];
    const std::size_t fewer =
        std::min<std::size_t>(entry.end - entry.begin, items.words[item].size());
    if (!enough || fewer < kFeaturesMin || replaced[entry.page] ||
        pages[entry.page].language == *document.language ||
        is_of_another_meeting(document, pages[entry.page]) ||
        !fits_in_length(entry.length, items.lengths[item])) {
      continue;
    }
    const double closeness = closeness_of(
        std::span(words).subspan(entry.begin, entry.end - entry.begin), items.words[item]);
    const bool here = known != meetings.end() && known->second == entry.meeting;
    const bool anywhere = meeting.empty() || pages[entry.page].kind == DocumentKind::unknown;
    if (closeness >= (here || anywhere ? kSeenCloseness : kElsewhere) &&
        !having.contains(entry.commitment)) {
      out.push_back({closeness, item, at});
    }
  }
}

Result<TwinIndex::Held::Overlap> TwinIndex::Held::look_up(const ParsedDocument& document,
                                                          const Side& items,
                                                          const KnownItems& known) {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (known.empty() || known[i].empty()) {
      open.push_back(i);
    }
  }
  const Ids& in_it = *ATALAYA_TRY(having(*document.language));
  const std::size_t sampled = std::min(open.size(), kSampled);
  Overlap out;
  std::size_t pairs = 0;
  for (std::size_t s = 0; s < sampled; ++s) {
    const std::size_t item = open[s * open.size() / sampled];
    const std::string& meeting = document.items[item].effective.meeting;
    look_up_one(document, items, item, in_it, out.pairs);
    const auto same = meetings.find(meeting);
    pairs += same == meetings.end() ? 0 : entries_of[same->second];
  }
  keep_closest(out.pairs);
  out.likely = more_than_chance(out.pairs, sampled, pairs, 0);
  std::map<std::size_t, std::vector<Pair>> by_page;
  for (const Pair& pair : out.pairs) {
    by_page[entries[pair.held].page].push_back(pair);
  }
  std::vector<std::pair<double, std::size_t>> ranked;
  for (const auto& [page, found] : by_page) {
    const std::size_t end = page + 1 < first.size() ? first[page + 1] : entries.size();
    // One page alone may be what the others hide; two times chance, as there are many.
    out.likely = out.likely || more_than_chance(found, sampled, sampled * (end - first[page]), 1);
    double sum = 0;
    for (const Pair& pair : found) {
      sum += pair.closeness;
    }
    ranked.emplace_back(sum, page);
  }
  std::ranges::sort(ranked, std::greater<>());
  for (const auto& one : ranked) {
    out.pages.push_back(one.second);
  }
  return out;
}

bool TwinIndex::Held::is_same_document(const ParsedDocument& document, const TwinPage& page,
                                       std::size_t at) const {
  if (page.kind != document.kind || page.language == *document.language) {
    return false;
  }
  if (document.kind != DocumentKind::summit_mandates &&
      !(document.meeting.empty() && page.meeting.empty())) {
    return document.meeting == page.meeting;
  }
  const std::string& theme = document.theme.empty() ? document.title : document.theme;
  if (!is_same_theme(theme, *document.language, page.theme.empty() ? page.title : page.theme,
                     page.language)) {
    return false;
  }
  const std::size_t end = at + 1 < first.size() ? first[at + 1] : entries.size();
  for (std::size_t entry = first[at]; entry < end; ++entry) {
    for (const ParsedItem& item : document.items) {
      const auto meeting = meetings.find(item.effective.meeting);
      if (meeting != meetings.end() && meeting->second == entries[entry].meeting) {
        return true;
      }
    }
  }
  return false;
}

// The newest pages of the very document that lack the language, and those that most items agree
// with; `same` says beside them which are the former.
std::vector<std::size_t> TwinIndex::Held::candidates(const ParsedDocument& document,
                                                     const Overlap& overlap, const Ids& having,
                                                     std::vector<bool>& same) const {
  std::vector<std::size_t> out;
  for (std::size_t at = pages.size(); at-- > 0 && out.size() < kCandidatesMax;) {
    const std::size_t end = at + 1 < first.size() ? first[at + 1] : entries.size();
    const auto lacks = [&] {
      return std::any_of(entries.begin() + static_cast<std::ptrdiff_t>(first[at]),
                         entries.begin() + static_cast<std::ptrdiff_t>(end),
                         [&](const Entry& entry) { return !having.contains(entry.commitment); });
    };
    if (!replaced[at] && is_same_document(document, pages[at], at) && lacks()) {
      out.push_back(at);
    }
  }
  same.assign(out.size(), true);
  for (std::size_t n = 0; n < std::min(overlap.pages.size(), kCandidatesMax); ++n) {
    if (std::ranges::find(out, overlap.pages[n]) == out.end()) {
      out.push_back(overlap.pages[n]);
      same.push_back(false);
    }
  }
  return out;
}

Result<OddItem> TwinIndex::Held::odd_of(const ParsedDocument& document, const Pair& pair) {
  const Entry& entry = entries[pair.held];
  const TwinPage& page = pages[entry.page];
  const auto items = ATALAYA_TRY(items_of(page));
  const std::string& text = items.at(pair.held - first[entry.page]).text;
  return OddItem{
      pair.item, entry.commitment, text,
      disagreement(document.items[pair.item].text, *document.language, text, page.language)};
}

TwinIndex::TwinIndex(store::Transaction& tx) : held_(std::make_unique<Held>(tx)) {}

TwinIndex::~TwinIndex() = default;

Result<void> TwinIndex::add(TwinPage page, const std::string& follows) {
  ATALAYA_TRY(held_->read());
  for (std::size_t at = 0; at < held_->pages.size(); ++at) {
    held_->replaced[at] = held_->replaced[at] || held_->pages[at].source == follows;
  }
  std::vector<Features> featured;
  for (const TwinItem& item : page.items) {
    featured.push_back(features(item.text));
  }
  const auto in_it = held_->in_language.find(page.language);
  for (const TwinItem& item : page.items) {
    if (in_it != held_->in_language.end()) {
      in_it->second.insert(item.commitment);
    }
  }
  held_->pages.push_back(std::move(page));
  held_->replaced.push_back(false);
  held_->first.push_back(held_->entries.size());
  held_->add_items(held_->pages.size() - 1, held_->pages.back().items, featured);
  return {};
}

Result<Twin> TwinIndex::find(const ParsedDocument& document, const KnownItems& known) {
  if (!document.language || document.items.empty()) {
    return Twin{};
  }
  ATALAYA_TRY(held_->read());
  const Side items = side_of(document);
  const Held::Overlap overlap = ATALAYA_TRY(held_->look_up(document, items, known));
  const Held::Ids& in_it = *ATALAYA_TRY(held_->having(*document.language));
  std::vector<bool> same;
  const std::vector<std::size_t> candidates = held_->candidates(document, overlap, in_it, same);
  Comparison best;
  const auto rank = [](const Comparison& one) {
    return std::tuple(one.complete, one.joined, one.twin.same_document);
  };
  for (std::size_t n = 0; n < candidates.size(); ++n) {
    const TwinPage& page = held_->pages[candidates[n]];
    const auto held = ATALAYA_TRY(held_->items_of(page));
    Comparison one = compare(page, held, document, items, known, same[n]);
    const std::size_t longer = std::max(held.size(), items.size());
    const bool most =
        one.strong && static_cast<double>(one.joined) >= kMatchedMin * static_cast<double>(longer);
    one.twin.same_document = one.twin.same_document || most;
    const bool overlaps = overlap.likely && one.joined + one.twin.odd.size() > 0;
    if ((same[n] || most || overlaps) && (best.twin.source.empty() || rank(one) > rank(best))) {
      best = std::move(one);
    }
  }
  Twin& twin = best.twin;
  twin.commitments.resize(items.size());
  twin.texts.resize(items.size());
  // Of a page of other matters, what is not like anything held is simply new.
  const bool is_other = !twin.same_document && !best.strong;
  if (is_other) {
    twin.missing.clear();
    twin.alone.clear();
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (std::ranges::find(twin.odd, i, &OddItem::item) == twin.odd.end()) {
        twin.alone.push_back(i);
      }
    }
  }
  for (const Pair& pair : overlap.pairs) {
    const auto alone = std::ranges::find(twin.alone, pair.item);
    const auto is_odd = [&](const OddItem& odd) {
      return odd.commitment == held_->entries[pair.held].commitment;
    };
    if (overlap.likely && pair.closeness >= kWeakCloseness && alone != twin.alone.end() &&
        !std::ranges::any_of(twin.odd, is_odd)) {
      twin.odd.push_back(ATALAYA_TRY(held_->odd_of(document, pair)));
      twin.alone.erase(alone);
    }
  }
  if (is_other) {
    twin.alone.clear();
  }
  return std::move(best.twin);
}

Result<std::vector<OddItem>> TwinIndex::suggest(const ParsedDocument& document,
                                                const KnownItems& known) {
  std::vector<OddItem> out;
  if (!document.language || document.items.empty()) {
    return out;
  }
  ATALAYA_TRY(held_->read());
  const Side items = side_of(document);
  const Held::Overlap overlap = ATALAYA_TRY(held_->look_up(document, items, known));
  for (const Pair& pair : overlap.pairs) {
    if (overlap.likely && pair.closeness >= kWeakCloseness) {
      out.push_back(ATALAYA_TRY(held_->odd_of(document, pair)));
    }
  }
  return out;
}

Result<Twin> TwinIndex::find_by_place(const ParsedDocument& document) {
  Twin best;
  if (!document.language || document.items.size() < kItemsMin) {
    return best;
  }
  const std::string shape = shape_of(document);
  std::vector<TwinPage> pages;
  for (const TwinPage& page : held_->pages) {
    if (page.shape == shape && page.kind == document.kind && page.language != *document.language) {
      pages.push_back(page);
    }
  }
  const auto rows = ATALAYA_TRY(held_->tx.query(
      "SELECT s.id, s.file_name, CASE WHEN EXISTS (SELECT 1 FROM source_documents n WHERE "
      "n.follows = s.id) THEN 1 ELSE 0 END AS superseded, s.language FROM source_documents s WHERE "
      "s.shape = "
      "$1 AND s.kind = $2 AND s.language <> $3 ORDER BY superseded, s.position DESC LIMIT $4",
      {shape, std::string(to_string(document.kind)), std::string(to_string(*document.language)),
       kPagesMax}));
  const Side items = side_of(document);
  for (std::size_t n = 0; n < pages.size() + rows.size(); ++n) {
    TwinPage page;
    if (n < pages.size()) {
      page = pages[n];
    } else {
      page.source = rows[n - pages.size()].text(0);
      page.file_name = rows[n - pages.size()].text(1);
      page.language = parse_language(rows[n - pages.size()].text(3)).value_or(Language::en);
      if (rows[n - pages.size()].integer(2) != 0 && !best.source.empty()) {
        break;  // a newer version of the page fits
      }
    }
    const auto held = ATALAYA_TRY(held_->items_of(page));
    Side side;
    for (const TwinItem& item : held) {
      side.add(item);
    }
    const Alignment found = align(side, items);
    if (held.size() != items.size() ||
        static_cast<double>(found.matched) < kMatchedMin * static_cast<double>(items.size()) ||
        found.likeness < kMeanLikenessMin || found.likeness < kOthersRatioMin * found.others ||
        found.likeness <= best.likeness) {
      continue;
    }
    best = Twin{};
    best.source = page.source;
    best.file_name = page.file_name;
    best.same_document = true;
    best.language = page.language;
    best.likeness = found.likeness;
    best.likeness_of_others = found.others;
    for (const TwinItem& item : held) {
      best.commitments.push_back(item.commitment);
      best.texts.push_back(item.text);
    }
  }
  return best;
}

Result<KnownItems> TwinIndex::by_words(const ParsedDocument& document,
                                       const std::vector<std::string>& ids) {
  KnownItems out(ids.size());
  if (!document.language) {
    return out;
  }
  const auto known = held_->names.find(*document.language);
  auto& names = known == held_->names.end() ? held_->names[*document.language] : known->second;
  if (known == held_->names.end()) {
    ATALAYA_TRY(held_->tx.for_each(
        "SELECT a.commitment, a.text, a.effective_meeting, a.effective_year, a.citation_year FROM "
        "appearances a JOIN source_documents s ON s.id = a.source WHERE s.language = $1 AND "
        "s.twin_of IS NOT NULL",
        {std::string(to_string(*document.language))}, [&](const store::Row& row) -> Result<void> {
          ParsedItem item;
          item.effective.meeting = row.text(2);
          item.effective.year = static_cast<std::int32_t>(row.integer(3));
          item.citation.year = static_cast<std::int32_t>(row.integer(4));
          names[commitment_id(meeting_of(item), row.text(1))] = row.text(0);
          return {};
        }));
  }
  const Held::Ids& in_it = *ATALAYA_TRY(held_->having(*document.language));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto same = names.find(ids[i]);
    out[i] = same != names.end() ? same->second : in_it.contains(ids[i]) ? ids[i] : std::string();
  }
  return out;
}

void TwinIndex::name(Language language, const std::string& id, const std::string& commitment) {
  const auto known = held_->names.find(language);
  if (known != held_->names.end()) {
    known->second[id] = commitment;
  }
}

std::string shape_of(const ParsedDocument& document) {
  std::string text;
  for (const ParsedItem& item : document.items) {
    text += fmt::format("{} {}\n", item.level, item.effective.meeting);
  }
  return to_hex(sha256(text)).substr(0, 32);
}

double cognate_likeness(std::string_view a, std::string_view b) {
  return likeness_of(features(a), features(b));
}

}  // namespace atalaya::commitments
