// English, Spanish, Portuguese and French official texts share most of their content words'
// beginnings (cooper-, secur-/segur-, democr-, terror-), all numbers and many acronyms. Item by
// item that is a weak signal; over a whole page, aligned against shifted by one, it is decisive:
// a true twin scores about twice its shifted self, an unrelated page about the same.
#include "twin.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "desk_state.hpp"

namespace atalaya::commitments {
namespace {

constexpr std::size_t kBeginningBytes = 5;
constexpr double kLikenessMin = 0.10;
constexpr double kShiftedRatioMin = 1.35;
constexpr std::size_t kItemsMin = 3;  // fewer agree by chance

std::set<std::string, std::less<>> features(std::string_view text) {
  std::set<std::string, std::less<>> out;
  const std::string folded = fold(text);
  std::string word;
  const auto end_word = [&] {
    const bool number = !word.empty() && word.front() >= '0' && word.front() <= '9';
    if (number || word.size() >= kBeginningBytes) {
      out.insert(number ? word : word.substr(0, kBeginningBytes));
    }
    word.clear();
  };
  for (const char c : folded) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80) {
      word += c;
    } else {
      end_word();
    }
  }
  end_word();
  return out;
}

using Items = std::vector<std::pair<std::string, std::string>>;

double mean_likeness(const Items& held, const std::vector<ParsedItem>& items, std::size_t shift) {
  double sum = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    sum += cognate_likeness(held[(i + shift) % held.size()].second, items[i].text);
  }
  return sum / static_cast<double>(items.size());
}

void consider(const std::string& source, const std::string& file_name, const Items& held,
              const ParsedDocument& document, Twin& best) {
  if (held.size() != document.items.size()) {
    return;
  }
  const double likeness = mean_likeness(held, document.items, 0);
  const double shifted = mean_likeness(held, document.items, 1);
  if (likeness < kLikenessMin || likeness < kShiftedRatioMin * shifted ||
      likeness <= best.likeness) {
    return;
  }
  best = {source, file_name, {}, {}, likeness, shifted};
  for (const auto& item : held) {
    best.commitments.push_back(item.first);
    best.texts.push_back(item.second);
  }
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
  const auto fa = features(a);
  const auto fb = features(b);
  if (fa.empty() || fb.empty()) {
    return 0;
  }
  std::size_t shared = 0;
  for (const auto& feature : fa) {
    shared += fb.contains(feature) ? 1U : 0U;
  }
  return static_cast<double>(shared) / static_cast<double>(std::min(fa.size(), fb.size()));
}

Result<Twin> find_twin(store::Transaction& tx, const ParsedDocument& document,
                       const std::vector<TwinCandidate>& earlier) {
  Twin best;
  if (!document.language || document.items.size() < kItemsMin) {
    return best;
  }
  const std::string shape = shape_of(document);
  for (const TwinCandidate& candidate : earlier) {
    if (candidate.kind == document.kind && candidate.language != *document.language &&
        candidate.shape == shape) {
      consider(candidate.source, candidate.file_name, candidate.items, document, best);
    }
  }
  const auto pages = ATALAYA_TRY(
      tx.query("SELECT s.id, s.file_name, CASE WHEN EXISTS (SELECT 1 FROM source_documents n WHERE "
               "n.follows = s.id) THEN 1 ELSE 0 END AS superseded FROM source_documents s WHERE "
               "s.shape = $3 AND s.kind = $1 AND s.language <> $2 ORDER BY superseded, s.position "
               "DESC LIMIT 20",
               {std::string(to_string(document.kind)), std::string(to_string(*document.language)),
                shape}));
  for (const auto& page : pages) {
    if (page.integer(2) != 0 && !best.source.empty()) {
      break;  // a newer version of the page fits
    }
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT commitment, text FROM appearances WHERE source = $1 ORDER BY ordinal",
                 {page.text(0)}));
    Items held;
    held.reserve(rows.size());
    for (const auto& row : rows) {
      held.emplace_back(row.text(0), row.text(1));
    }
    consider(page.text(0), page.text(1), held, document, best);
  }
  return best;
}

}  // namespace atalaya::commitments
