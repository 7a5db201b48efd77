// English, Spanish, Portuguese and French official texts share all numbers, many acronyms and
// names, and most of their content words' beginnings (cooper-, secur-, democr-, terror-); the
// commonest words that differ are in a list. Over a whole page that tells a twin; item by item it
// tells most pairs: docs/guides/import.md has the numbers.
#include "twin.hpp"

#include <algorithm>
#include <functional>
#include <unordered_map>

#include <fmt/format.h>

#include "desk_state.hpp"

namespace atalaya::commitments {
namespace {

constexpr std::size_t kBeginningBytes = 5;
constexpr double kLikenessMin = 0.10;
constexpr double kOthersRatioMin = 1.6;
constexpr double kMatchedMin = 0.7;  // of the longer page's items
constexpr std::size_t kItemsMin = 3;  // fewer agree by chance
constexpr std::size_t kWindow = 4;    // how far an item may stand from its place
constexpr std::size_t kSampled = 24;
constexpr std::int64_t kPagesMax = 24;  // the newest ones of the shape, then of the meeting

// One notion a line, as words and beginnings of words begin without accents. A word of three
// letters or less counts alone or with an s. Written down before anything was measured with it.
constexpr std::string_view kNotions =
    "state estad etat\nright derec direi droit\nlaw ley leyes lei leis loi lois legal\n"
    "women mujer mulhe femme\nhealth salud saude sante\nhelp ayud ajud aide aider assis\n"
    "countr pais paise pays\nagains contra contre\ncrime crimi delit delin\ndrug droga drogu\n"
    "weapon guns firear arms arma armas armes\ntrade comer comme\nwork trab trava\n"
    "safe secur segur\npeople person pesso indiv\nchild nino nina ninez crian enfan infan\n"
    "young youth joven juven jovem jeun\njudge juez juec juiz juize juge\n"
    "leader mandat dirig lider\nstrengthen fortal refor renfo\ntrain capac forma\n"
    "report infor rappo relat denun\ngather reuni recop\ndata datos dados donne\n"
    "financ finan\nschool escue escol ecole\nborder front\nmoney dinero dinhe argen laund lavad "
    "blanc\nnetwork redes rede resea\ntraffic trata trafi\nsummit cumbr cupul somme\n"
    "year anos ans annee annua\nfirst prime premi\nnew nuev novo novas nouv\noas oea\n"
    "share compar parta interc\nsocial soci\ngovernment gober gover gouv\nprotect prote\n"
    "prevent preve\nensure garan asseg assur\nimprove mejor melho amelio\n"
    "develop desar desen devel\npoverty pobre pauvr\nvictim victi vitim\nbody bodies organ\n"
    "make hacer fazer faire\nencourage alent incen encour\nsupport apoy appui soute\n"
    "world mundo mond global\nminister minis\nmeeting reuni\ncorrupt corru\n"
    "offence delit infra\nprison carce penit priso\ndigital digit numer\nhuman humai\n"
    "environment ambien enviro\ndisaster desas catast\nregion regio hemis\npolice polic\n"
    "prosecutor fisca procu\nbank banco banc banqu\nfight lucha luta lutte comba\n"
    "build constr cons\nprogram progr\naccess acces\ninformation infor\neducation educa\n"
    "community comun commu\nfamily famil\nland tierra terra terre\ncitizen ciuda cidad citoy\n"
    "local municip\nnational nacio nation\nuse usar usage utili\nneed neces besoi\n"
    "agree acuer acord accor\nfollow segui suivi\n";
constexpr std::size_t kNotionBytesMax = 11;
constexpr std::size_t kBeginningOfNotionMin = 4;

using Notions = std::unordered_map<std::string_view, std::vector<std::string>>;

const Notions& notions() {
  static const Notions all = [] {
    Notions out;
    std::size_t line = 0;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < kNotions.size(); ++at) {
      if (kNotions[at] != ' ' && kNotions[at] != '\n') {
        continue;
      }
      out[kNotions.substr(begin, at - begin)].push_back(fmt::format("#{}", line));
      begin = at + 1;
      line += kNotions[at] == '\n' ? 1U : 0U;
    }
    return out;
  }();
  return all;
}

using Features = std::vector<std::string>;  // sorted, each once

void add_feature(const std::string& word, Features& out) {
  if (word.empty()) {
    return;
  }
  if (word.front() >= '0' && word.front() <= '9') {
    out.push_back(word);
    return;
  }
  for (std::size_t size = std::min(word.size(), kNotionBytesMax); size > 1; --size) {
    const bool whole =
        size == word.size() || (size + 1 == word.size() && word.back() == 's');
    if (!whole && size < kBeginningOfNotionMin) {
      continue;
    }
    const auto known = notions().find(std::string_view(word).substr(0, size));
    if (known != notions().end()) {
      out.insert(out.end(), known->second.begin(), known->second.end());
      return;
    }
  }
  if (word.size() >= kBeginningBytes) {
    out.push_back(word.substr(0, kBeginningBytes));
  }
}

Features features(std::string_view text) {
  Features out;
  std::string word;
  for (const char c : fold(text)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80) {
      word += c;
    } else {
      add_feature(word, out);
      word.clear();
    }
  }
  add_feature(word, out);
  std::ranges::sort(out);
  const auto rest = std::ranges::unique(out);
  out.erase(rest.begin(), rest.end());
  return out;
}

double likeness_of(const Features& a, const Features& b) {
  if (a.empty() || b.empty()) {
    return 0;
  }
  std::size_t shared = 0;
  for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
    const int order = x->compare(*y);
    shared += order == 0 ? 1U : 0U;
    x += order <= 0 ? 1 : 0;
    y += order >= 0 ? 1 : 0;
  }
  return static_cast<double>(shared) / static_cast<double>(std::min(a.size(), b.size()));
}

// Items of one page, ready to be compared.
struct Side {
  std::vector<Features> words;
  std::vector<std::pair<std::int32_t, std::string>> places;  // level, meeting

  void add(const TwinItem& item) {
    words.push_back(features(item.text));
    places.emplace_back(item.level, item.meeting);
  }
  [[nodiscard]] std::size_t size() const { return words.size(); }
};

struct Alignment {
  std::vector<std::size_t> held_of;  // per item; kNone where it stands alone
  std::size_t matched = 0;
  double likeness = 0;  // sum over the pairs by the longer page's items
  double others = 0;    // mean of the pairs that were compared and not taken
};

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// The pairs in the order of both pages whose likeness above that of strangers is the largest: an
// item may be missing on either side, and of two that changed places the likelier pair is kept.
class Aligner {
 public:
  Aligner(const Side& held, const Side& items)
      : held_(held),
        items_(items),
        reach_(kWindow + (held.size() > items.size() ? held.size() - items.size()
                                                     : items.size() - held.size())),
        width_(2 * reach_ + 1),
        steps_((items.size() + 1) * width_) {}

  Alignment run() {
    std::vector<double> above;
    std::vector<double> row;
    for (std::size_t i = 0; i <= items_.size(); ++i) {
      row.assign(width_, -1);
      for (std::size_t k = 0; k < width_; ++k) {
        if (i + k >= reach_ && i + k - reach_ <= held_.size()) {
          row[k] = best_at(i, k, above, row);
        }
      }
      above = row;
    }
    return trace();
  }

 private:
  struct Step {
    char from = ' ';
    double likeness = 0;
  };

  // `k` is the held item's place beside the item's, shifted by the reach.
  double best_at(std::size_t i, std::size_t k, const std::vector<double>& above,
                 const std::vector<double>& row) {
    const std::size_t h = i + k - reach_;
    Step& step = steps_[i * width_ + k];
    double best = i == 0 && h == 0 ? 0 : -1;
    const auto take = [&](double value, char from, double likeness) {
      if (value > best) {
        best = value;
        step = {from, likeness};
      }
    };
    if (i > 0 && h > 0 && above[k] >= 0) {
      const double likeness = likeness_at(h - 1, i - 1);
      if (likeness >= kTranslatedLikenessMin) {
        take(above[k] + likeness - kTranslatedLikenessMin, 'm', likeness);
      }
    }
    if (i > 0 && k + 1 < width_ && above[k + 1] >= 0) {
      take(above[k + 1], 'i', 0);
    }
    if (h > 0 && k > 0 && row[k - 1] >= 0) {
      take(row[k - 1], 'h', 0);
    }
    return best;
  }

  double likeness_at(std::size_t h, std::size_t i) {
    const double likeness = likeness_of(held_.words[h], items_.words[i]);
    compared_ += likeness;
    ++pairs_;
    return held_.places[h] == items_.places[i] ? likeness : 0;
  }

  Alignment trace() const {
    Alignment out;
    out.held_of.assign(items_.size(), kNone);
    std::size_t i = items_.size();
    std::size_t h = held_.size();
    while (i > 0 || h > 0) {
      const Step& step = steps_[i * width_ + (h + reach_ - i)];
      if (step.from == 'm') {
        out.held_of[--i] = --h;
        out.likeness += step.likeness;
        ++out.matched;
      } else if (step.from == 'i') {
        --i;
      } else {
        --h;
      }
    }
    out.others = pairs_ == out.matched
                     ? 0
                     : (compared_ - out.likeness) / static_cast<double>(pairs_ - out.matched);
    out.likeness /= static_cast<double>(std::max(items_.size(), held_.size()));
    return out;
  }

  const Side& held_;
  const Side& items_;
  const std::size_t reach_, width_;
  double compared_ = 0;  // the sum over `pairs_`
  std::size_t pairs_ = 0;
  std::vector<Step> steps_;
};

// Lists of very different length are extracts at most.
std::size_t longest(std::size_t shorter) {
  return (shorter * 12 + 10) / 10;
}

// By a few items, evenly spread: most pages are nothing like it.
bool looks_like(const Side& held, const Side& items) {
  const std::size_t sampled = std::min(items.size(), kSampled);
  double sum = 0;
  for (std::size_t s = 0; s < sampled; ++s) {
    const std::size_t i = s * items.size() / sampled;
    const std::size_t place = i * held.size() / items.size();
    const std::size_t end = std::min(held.size(), place + kWindow + 1);
    double best = 0;
    for (std::size_t at = place > kWindow ? place - kWindow : 0; at < end; ++at) {
      best = std::max(best, likeness_of(held.words[at], items.words[i]));
    }
    sum += best;
  }
  return sum >= kLikenessMin * static_cast<double>(sampled);
}

// What is left on both sides: an item beside the one that its words are most like, else beside the
// one that stands between the same neighbours.
void pair_the_rest(const std::vector<TwinItem>& held, const Side& held_side, const Side& items,
                   const Alignment& found, Twin& twin) {
  std::vector<bool> used(held.size());
  for (const std::size_t h : found.held_of) {
    if (h != kNone) {
      used[h] = true;
    }
  }
  std::vector<std::size_t> left;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (found.held_of[i] == kNone) {
      left.push_back(i);
    }
  }
  std::vector<std::size_t> odd_of(items.size(), kNone);
  const auto pair = [&](std::size_t i, std::size_t h) {
    used[h] = true;
    odd_of[i] = h;
    twin.odd.push_back({i, held[h].commitment, held[h].text});
  };
  struct Likely {
    double likeness;
    std::size_t item, held;
  };
  std::vector<Likely> likely;
  for (const std::size_t i : left) {
    for (std::size_t h = 0; h < held.size(); ++h) {
      const double likeness =
          used[h] ? 0 : likeness_of(held_side.words[h], items.words[i]);
      if (likeness >= kTranslatedLikenessMin) {
        likely.push_back({likeness, i, h});
      }
    }
  }
  std::ranges::stable_sort(likely, std::greater<>(), &Likely::likeness);
  for (const Likely& one : likely) {
    if (odd_of[one.item] == kNone && !used[one.held]) {
      pair(one.item, one.held);
    }
  }
  for (const std::size_t i : left) {
    const std::size_t h = i == 0 ? 0
                          : found.held_of[i - 1] != kNone ? found.held_of[i - 1] + 1
                          : odd_of[i - 1] != kNone        ? odd_of[i - 1] + 1
                                                          : kNone;
    if (odd_of[i] == kNone && h < held.size() && !used[h]) {
      pair(i, h);
    } else if (odd_of[i] == kNone) {
      twin.alone.push_back(i);
    }
  }
  for (std::size_t h = 0; h < held.size(); ++h) {
    if (!used[h]) {
      twin.missing.push_back(held[h]);
    }
  }
}

// Looks for the best twin of one document.
struct Search {
  const Side& items;
  bool by_place;
  Twin best{};

  void consider(const std::string& source, const std::string& file_name,
                const std::vector<TwinItem>& held) {
    const std::size_t longer = std::max(held.size(), items.size());
    const std::size_t shorter = std::min(held.size(), items.size());
    if (shorter < kItemsMin || longer > longest(shorter) || (by_place && longer != shorter)) {
      return;
    }
    Side side;
    for (const TwinItem& item : held) {
      side.add(item);
    }
    if (!looks_like(side, items)) {
      return;
    }
    const Alignment found = Aligner(side, items).run();
    if (static_cast<double>(found.matched) < kMatchedMin * static_cast<double>(longer) ||
        found.likeness < kLikenessMin || found.likeness < kOthersRatioMin * found.others ||
        found.likeness <= best.likeness) {
      return;
    }
    best = {source, file_name, {}, {}, {}, {}, {}, found.likeness, found.others};
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::size_t h = by_place ? i : found.held_of[i];
      best.commitments.push_back(h == kNone ? std::string() : held[h].commitment);
      best.texts.push_back(h == kNone ? std::string() : held[h].text);
    }
    if (!by_place) {
      pair_the_rest(held, side, items, found, best);
    }
  }
};

Result<std::vector<TwinItem>> held_items(store::Transaction& tx, const std::string& source) {
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT commitment, text, level, effective_meeting FROM appearances WHERE source = "
               "$1 ORDER BY ordinal",
               {source}));
  std::vector<TwinItem> held;
  held.reserve(rows.size());
  for (const auto& row : rows) {
    held.push_back({row.text(0), row.text(1), static_cast<std::int32_t>(row.integer(2)),
                    row.text(3)});
  }
  return held;
}

}  // namespace

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

Result<Twin> find_twin(store::Transaction& tx, const ParsedDocument& document, bool by_place,
                       const std::vector<TwinCandidate>& earlier) {
  if (!document.language || document.items.size() < kItemsMin) {
    return Twin{};
  }
  const std::string shape = shape_of(document);
  Side items;
  for (const ParsedItem& item : document.items) {
    items.add({"", item.text, item.level, item.effective.meeting});
  }
  Search search{.items = items, .by_place = by_place};
  for (const TwinCandidate& candidate : earlier) {
    if (candidate.kind == document.kind && candidate.language != *document.language &&
        (!by_place || candidate.shape == shape)) {
      search.consider(candidate.source, candidate.file_name, candidate.items);
    }
  }
  // Pages of this very shape first, then those of the meeting; of both the newest.
  const auto pages = ATALAYA_TRY(
      tx.query("SELECT s.id, s.file_name, CASE WHEN EXISTS (SELECT 1 FROM source_documents n WHERE "
               "n.follows = s.id) THEN 1 ELSE 0 END AS superseded, CASE WHEN s.shape = $3 THEN 0 "
               "ELSE 1 END AS other FROM source_documents s WHERE s.kind = $1 AND s.language <> $2 "
               "AND (s.shape = $3 OR (CAST($5 AS INTEGER) = 0 AND s.meeting = $4 AND (SELECT "
               "COUNT(*) FROM appearances a WHERE a.source = s.id) BETWEEN $6 AND $7)) ORDER BY "
               "superseded, other, s.position DESC LIMIT $8",
               {std::string(to_string(document.kind)), std::string(to_string(*document.language)),
                shape, document.meeting, std::int64_t{by_place ? 1 : 0},
                static_cast<std::int64_t>(items.size() * 10 / 13),
                static_cast<std::int64_t>(longest(items.size())), kPagesMax}));
  for (const auto& page : pages) {
    if (page.integer(2) != 0 && !search.best.source.empty()) {
      break;  // a newer version of the page fits
    }
    const auto held = ATALAYA_TRY(held_items(tx, page.text(0)));
    search.consider(page.text(0), page.text(1), held);
  }
  return std::move(search.best);
}

}  // namespace atalaya::commitments
