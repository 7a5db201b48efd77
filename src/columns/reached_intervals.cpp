// The problem: counts x >= 0, whole; each published line knows low <= sum of its x <= high. How far
// can one line's sum be moved from the truth? The idea: move one unknown of the line by one; where
// that pushes another line out of what is known, mend it by moving another unknown of that line the
// other way, and so on, at most kMendsMax times. Each whole table on the way is an example. The
// search ends because every mend is one of a bounded number of candidates and the depth is bounded;
// where it finds nothing it says so by a narrow interval, which the caller counts as a leak.
#include <algorithm>
#include <string>

#include <atalaya/columns/disclosure_reach.hpp>

namespace atalaya::columns::disclosure {
namespace {

constexpr std::size_t kMendsMax = 5;
constexpr std::size_t kCandidatesMax = 24;  // tried at each mend
constexpr std::size_t kTriesMax = 6'000;    // for one step of one line

class Search {
 public:
  explicit Search(const LineSystem& system) : system_(system), now_(system.truth) {
    lines_of_.resize(now_.size());
    for (std::uint32_t line = 0; line < system.lines.size(); ++line) {
      std::int64_t sum = 0;
      for (const std::uint32_t unknown : system.lines[line].members) {
        lines_of_[unknown].push_back(line);
        sum += now_[unknown];
      }
      sums_.push_back(sum);
    }
    truth_sums_ = sums_;
  }

  ReachedInterval reach(std::uint32_t line, std::int64_t width) {
    ReachedInterval out{truth_sums_[line], truth_sums_[line]};
    for (const int direction : {-1, 1}) {
      while (out.high - out.low < width && step(line, direction)) {
        out.low = std::min(out.low, sums_[line]);
        out.high = std::max(out.high, sums_[line]);
      }
      now_ = system_.truth;
      sums_ = truth_sums_;
    }
    return out;
  }

 private:
  bool step(std::uint32_t line, int direction) {
    tries_ = 0;
    kept_ = line;
    for (const std::uint32_t unknown : system_.lines[line].members) {
      if (tries_ > kTriesMax) {
        return false;
      }
      if (!can(unknown, direction)) {
        continue;
      }
      move(unknown, direction);
      if (in_bounds(line) && mend(0)) {
        return true;
      }
      move(unknown, -direction);
    }
    return false;
  }

  // Every line that moved is looked at; the first that is out of bounds is mended.
  bool mend(std::size_t depth) {
    const auto broken = first_broken();
    if (broken == kNoLine) {
      moved_.clear();
      directions_.clear();
      return true;
    }
    if (depth == kMendsMax) {
      return false;
    }
    const auto& line = system_.lines[broken];
    const int direction = sums_[broken] > line.high ? -1 : 1;
    std::size_t candidates = 0;
    for (const std::uint32_t unknown : line.members) {
      if (candidates == kCandidatesMax || ++tries_ > kTriesMax) {
        return false;
      }
      // The line that is being moved must not be moved back.
      if (!can(unknown, direction) || is_in(unknown, kept_)) {
        continue;
      }
      ++candidates;
      move(unknown, direction);
      if (mend(depth + 1)) {
        return true;
      }
      move(unknown, -direction);
    }
    return false;
  }

  static constexpr std::uint32_t kNoLine = ~std::uint32_t{0};

  [[nodiscard]] std::uint32_t first_broken() const {
    for (const std::uint32_t unknown : moved_) {
      for (const std::uint32_t line : lines_of_[unknown]) {
        if (!in_bounds(line)) {
          return line;
        }
      }
    }
    return kNoLine;
  }

  [[nodiscard]] bool in_bounds(std::uint32_t line) const {
    return sums_[line] >= system_.lines[line].low && sums_[line] <= system_.lines[line].high;
  }

  [[nodiscard]] bool is_in(std::uint32_t unknown, std::uint32_t line) const {
    const auto& members = lines_of_[unknown];
    return std::ranges::binary_search(members, line);
  }

  [[nodiscard]] bool can(std::uint32_t unknown, int direction) const {
    return direction > 0 || now_[unknown] > 0;
  }

  void move(std::uint32_t unknown, int direction) {
    now_[unknown] += direction;
    for (const std::uint32_t line : lines_of_[unknown]) {
      sums_[line] += direction;
    }
    // A move and its undoing follow each other like brackets.
    if (!moved_.empty() && moved_.back() == unknown && directions_.back() == -direction) {
      moved_.pop_back();
      directions_.pop_back();
    } else {
      moved_.push_back(unknown);
      directions_.push_back(direction);
    }
  }

  const LineSystem& system_;
  std::vector<std::int64_t> now_, sums_, truth_sums_;
  std::vector<std::vector<std::uint32_t>> lines_of_;  // by unknown, ascending
  std::vector<std::uint32_t> moved_;
  std::vector<int> directions_;
  std::uint32_t kept_ = 0;
  std::size_t tries_ = 0;
};

}  // namespace

Result<std::vector<ReachedInterval>> reached_intervals(const LineSystem& system,
                                                       std::span<const std::uint32_t> asked,
                                                       std::int64_t width) {
  const auto bad = [](std::string detail) {
    return fail(ErrorCode::invalid_argument, "disclosure.lines", std::move(detail));
  };
  for (const auto& line : system.lines) {
    std::int64_t sum = 0;
    for (const std::uint32_t unknown : line.members) {
      if (unknown >= system.truth.size()) {
        return bad("a line names an unknown that is not there");
      }
      sum += system.truth[unknown];
    }
    if (line.members.empty() || sum < line.low || sum > line.high) {
      return bad("a line does not hold at the truth");
    }
  }
  Search search(system);
  std::vector<ReachedInterval> out;
  for (const std::uint32_t line : asked) {
    if (line >= system.lines.size()) {
      return bad("a line is asked for that is not there");
    }
    out.push_back(search.reach(line, width));
  }
  return out;
}

}  // namespace atalaya::columns::disclosure
