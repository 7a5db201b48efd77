// Documented shares: cells of a code that says too little, divided among codes that say more. What
// comes of it is an estimate; the facts stay as they are. Rules: docs/methods/shares.md.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "table_parts.hpp"

namespace atalaya::observatory::detail {
namespace {

// What is left of a divided count below this is rounding.
constexpr double kNothing = 1e-9;

FactFilter without(const FactFilter& filter, std::string_view dimension) {
  FactFilter out = filter;
  const auto is = [&](const auto& term) { return term.first == dimension; };
  std::erase_if(out.terms, is);
  std::erase_if(out.except, is);
  return out;
}

class Splitter {
 public:
  Splitter(const Desk::State& state, const Territories& territories, const TableQuery& query,
           const FactFilter& filter, const SplitShares& shares)
      : state_(state),
        territories_(territories),
        query_(query),
        filter_(filter),
        shares_(shares),
        place_(place_of(query, shares.dimension)) {}

  /// Whether the table tells the codes of this dimension apart at all.
  [[nodiscard]] bool matters() const {
    return place_.has_value() || find_where(query_.where, shares_.dimension) != nullptr ||
           names_dimension(filter_, shares_.dimension);
  }

  /// Whether the cells alone tell what is to be divided. Else the facts are asked again, which
  /// knows nothing of what another entry has divided already.
  [[nodiscard]] bool needs_cells_only() const {
    return place_.has_value() && counts(shares_.from) &&
           std::ranges::all_of(shares_.where, [&](const auto& term) {
             return place_of(query_, term.first).has_value();
           });
  }

  Result<void> run_on_cells(Cells& cells) const {
    const Cells before = cells;
    for (const auto& [codes, sums] : before) {
      const bool chosen = codes[*place_] == shares_.from &&
                          std::ranges::all_of(shares_.where, [&](const auto& term) {
                            const std::string& code = codes[*place_of(query_, term.first)];
                            return std::ranges::any_of(term.second, [&](const std::string& outer) {
                              return is_within(term.first, code, outer);
                            });
                          });
      if (chosen) {
        ATALAYA_TRY(divide(codes, sums, cells));
      }
    }
    return {};
  }

  Result<void> run(const std::vector<Current>& submissions, Cells& cells) const {
    const FactFilter open = without(filter_, shares_.dimension);
    Adding adding;
    adding.by = query_.by;
    adding.indicator = &open;
    for (const auto& [name, codes] : query_.where) {
      if (name != shares_.dimension) {
        adding.filters.emplace_back(name, codes);
      }
    }
    for (const auto& [name, codes] : shares_.where) {
      // Both choices must agree; a code within the narrower of two is within both.
      if (find_where(adding.filters, name) == nullptr) {
        adding.filters.emplace_back(name, codes);
      } else {
        narrow(adding.filters, name, codes);
      }
    }
    adding.filters.emplace_back(shares_.dimension, std::vector<std::string>{shares_.from});
    Adder adder(state_, territories_, adding);
    const Cells divided = ATALAYA_TRY(adder.add(submissions));
    for (const auto& [codes, sums] : divided) {
      ATALAYA_TRY(divide(codes, sums, cells));
    }
    return {};
  }

 private:
  void narrow(Where& filters, const std::string& name,
              const std::vector<std::string>& codes) const {
    const auto at = std::ranges::find(filters, name, [](const auto& w) { return w.first; });
    std::vector<std::string> both;
    for (const auto& a : at->second) {
      for (const auto& b : codes) {
        if (is_within(name, a, b)) {
          both.push_back(a);
        } else if (is_within(name, b, a)) {
          both.push_back(b);
        }
      }
    }
    at->second = std::move(both);
  }

  [[nodiscard]] bool is_within(const std::string& name, std::string_view code,
                               std::string_view outer) const {
    return name == "territory" ? territories_.is_within(code, outer)
                               : territories_.lists().is_within(name, code, outer);
  }

  // Whether the table counts this code.
  [[nodiscard]] bool counts(const std::string& code) const {
    if (!filter_.accepts(territories_.lists(), shares_.dimension, code)) {
      return false;
    }
    const auto* wanted = find_where(query_.where, shares_.dimension);
    return wanted == nullptr || std::ranges::any_of(*wanted, [&](const std::string& outer) {
             return is_within(shares_.dimension, code, outer);
           });
  }

  Result<void> divide(const std::vector<std::string>& codes, const Sums& sums, Cells& cells) const {
    double given = 0;
    for (const auto& [code, share] : shares_.to) {
      given += share;
      if (!counts(code)) {
        continue;
      }
      auto target = codes;
      if (place_) {
        target[*place_] = ATALAYA_TRY(place_code(territories_, query_.by[*place_], code));
      }
      auto& cell = cells[std::move(target)];
      cell.low += sums.low * share;
      cell.high += sums.high * share;
      cell.flag = std::max(cell.flag, kEstimated);
    }
    const auto at = place_ ? cells.find(codes) : cells.end();
    if (at != cells.end() && counts(shares_.from)) {
      at->second.low -= sums.low * given;
      at->second.high -= sums.high * given;
      at->second.flag = std::max(at->second.flag, kEstimated);
      if (at->second.high < kNothing) {
        cells.erase(at);
      }
    }
    return {};
  }

  const Desk::State& state_;
  const Territories& territories_;
  const TableQuery& query_;
  const FactFilter& filter_;
  const SplitShares& shares_;
  std::optional<std::size_t> place_;
};

}  // namespace

Result<void> split_by_shares(const Desk::State& state, const Territories& territories,
                             const std::vector<Current>& submissions, const TableQuery& query,
                             const FactFilter& filter, Cells& cells) {
  std::vector<Splitter> splitters;
  for (const auto& shares : query.shares) {
    Splitter splitter(state, territories, query, filter, shares);
    if (splitter.matters()) {
      splitters.push_back(std::move(splitter));
    }
  }
  const bool cells_only = std::ranges::all_of(splitters, &Splitter::needs_cells_only);
  if (!cells_only && splitters.size() > 1) {
    return fail(Error{ErrorCode::invalid_argument,
                      "observatory.shares.together",
                      "several shares apply to this table, and one of them needs a dimension that "
                      "the table does not show: name it in --by, or use one entry at a time",
                      {}});
  }
  for (const auto& splitter : splitters) {
    ATALAYA_TRY(cells_only ? splitter.run_on_cells(cells) : splitter.run(submissions, cells));
  }
  return {};
}

}  // namespace atalaya::observatory::detail
