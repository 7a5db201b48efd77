// Weights of comparison patterns, and learning them without known answers.
//
// Pairs are summed by pattern first, so a step of expectation-maximisation costs as many operations
// as there are patterns, however many pairs were compared. A level that no true pair showed keeps a
// small chance: otherwise one odd record could never be linked again.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <atalaya/observatory/linkage.hpp>

namespace atalaya::observatory {
namespace {

constexpr double kChanceMin = 1e-6;

bool shows(const FieldModel& field, std::int8_t level) noexcept {
  return level >= 0 && static_cast<std::size_t>(level) < field.m.size();
}

Result<void> check(std::span<const LinkPattern> patterns, const LinkModel& model) {
  double pairs = 0;
  for (const LinkPattern& pattern : patterns) {
    pairs += pattern.pairs;
  }
  bool fits = model.fields.size() <= kLinkFieldsMax && model.prior > 0 && model.prior < 1;
  for (const FieldModel& field : model.fields) {
    fits = fits && !field.m.empty() && field.m.size() == field.u.size();
  }
  if (!fits || !(pairs > 0)) {
    return fail(ErrorCode::invalid_argument, "observatory.linkage.bad_model",
                "needs pairs to learn from, a prior between 0 and 1, and for each field m and u of "
                "the same length");
  }
  return {};
}

// Turns sums into shares and tells the largest change. Levels that nobody could show stay.
double settle(std::vector<double>& shares, const std::vector<double>& sums) {
  double all = 0;
  for (const double sum : sums) {
    all += sum;
  }
  if (!(all > 0)) {
    return 0;
  }
  double change = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const double share = sums[i] / all;
    change = std::max(change, std::abs(share - shares[i]));
    shares[i] = share;
  }
  return change;
}

}  // namespace

double pattern_bits(const LinkModel& model, const LinkPattern& pattern) {
  double bits = pattern.extra_bits;
  for (std::size_t f = 0; f < model.fields.size(); ++f) {
    const FieldModel& field = model.fields[f];
    if (shows(field, pattern.levels[f])) {
      const auto level = static_cast<std::size_t>(pattern.levels[f]);
      bits +=
          std::log2(std::max(field.m[level], kChanceMin) / std::max(field.u[level], kChanceMin));
    }
  }
  return bits;
}

double match_probability(double prior, double bits) noexcept {
  const double odds = std::log2(prior / (1 - prior)) + bits;
  return odds > 0 ? 1 / (1 + std::exp2(-odds)) : std::exp2(odds) / (1 + std::exp2(odds));
}

Result<LinkModel> estimate_model(std::span<const LinkPattern> patterns, LinkModel start,
                                 const EmOptions& options) {
  ATALAYA_TRY(check(patterns, start));
  LinkModel model = std::move(start);
  for (int step = 0; step < options.steps_max; ++step) {
    std::vector<FieldModel> sums = model.fields;
    for (FieldModel& field : sums) {
      std::ranges::fill(field.m, 0);
      std::ranges::fill(field.u, 0);
    }
    double matches = 0;
    double pairs = 0;
    for (const LinkPattern& pattern : patterns) {
      const double p = match_probability(model.prior, pattern_bits(model, pattern));
      matches += p * pattern.pairs;
      pairs += pattern.pairs;
      for (std::size_t f = 0; f < sums.size(); ++f) {
        if (shows(sums[f], pattern.levels[f])) {
          const auto level = static_cast<std::size_t>(pattern.levels[f]);
          sums[f].m[level] += p * pattern.pairs;
          sums[f].u[level] += (1 - p) * pattern.pairs;
        }
      }
    }
    double change = 0;
    for (std::size_t f = 0; f < sums.size(); ++f) {
      change = std::max(change, settle(model.fields[f].m, sums[f].m));
      if (!options.fix_u) {
        change = std::max(change, settle(model.fields[f].u, sums[f].u));
      }
    }
    if (!options.fix_prior) {
      const double prior = std::clamp(matches / pairs, 1e-12, 1 - 1e-12);
      change = std::max(change, std::abs(prior - model.prior));
      model.prior = prior;
    }
    if (change < options.change_max) {
      break;
    }
  }
  return model;
}

}  // namespace atalaya::observatory
