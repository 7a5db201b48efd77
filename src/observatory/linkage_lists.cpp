#include <atalaya/observatory/linkage_lists.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "alerts_glm.hpp"

namespace atalaya::observatory {
namespace {

using detail::Design;

std::unexpected<Error> bad(std::string_view reason, const std::string& detail) {
  return fail(ErrorCode::invalid_argument, reason, detail);
}

std::vector<std::pair<std::size_t, std::size_t>> pairs_of(std::size_t lists) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t i = 0; i < lists; ++i) {
    for (std::size_t j = i + 1; j < lists; ++j) {
      pairs.emplace_back(i, j);
    }
  }
  return pairs;
}

// Log of the Poisson likelihood, for AIC as R gives it.
double log_likelihood(std::span<const double> counts, std::span<const double> means) {
  double sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    sum += counts[i] * std::log(means[i]) - means[i] - std::lgamma(counts[i] + 1);
  }
  return sum;
}

// Cells are coded 0 and 1, so the intercept is the logarithm of the cell on no list.
bool fit(ListModel& model, std::span<const double> counts, std::size_t lists) {
  Design design;
  design.columns = 1 + lists + model.dependent.size();
  for (std::size_t cell = 1; cell <= counts.size(); ++cell) {
    const auto on = [&](std::size_t list) { return ((cell >> list) & 1U) != 0 ? 1.0 : 0.0; };
    design.cells.push_back(1);
    for (std::size_t list = 0; list < lists; ++list) {
      design.cells.push_back(on(list));
    }
    for (const auto& [i, j] : model.dependent) {
      design.cells.push_back(on(i) * on(j));
    }
  }
  const auto fitted = detail::fit_poisson(design, counts, {});
  if (!fitted) {
    return false;
  }
  const double error = std::sqrt(fitted->inverse[0]);
  model.unseen = std::exp(fitted->coefficients[0]);
  constexpr double kZ95 = 1.959963984540054;
  model.unseen_interval = {model.unseen * std::exp(-kZ95 * error),
                           model.unseen * std::exp(kZ95 * error)};
  model.degrees = fitted->degrees;
  model.deviance = fitted->deviance;
  model.aic = 2 * static_cast<double>(design.columns) - 2 * log_likelihood(counts, fitted->fitted);
  // A standard error beyond this means a cell of zero decides: the estimate runs away.
  constexpr double kErrorMax = 5;
  return std::isfinite(model.unseen) && error < kErrorMax;
}

Result<void> check(std::span<const std::int64_t> counts, std::size_t lists) {
  if (lists < kListsMin) {
    return bad("observatory.linkage.too_few_lists",
               fmt::format("an estimate of what no list has needs {} lists or more, and there are "
                           "{}: with two, dependence between them cannot be told from cases that "
                           "both miss",
                           kListsMin, lists));
  }
  if (lists > kListsMax) {
    return bad("observatory.linkage.too_many_lists",
               fmt::format("at most {} lists: join the most alike", kListsMax));
  }
  if (counts.size() != (std::size_t{1} << lists) || counts[0] != 0 ||
      std::ranges::any_of(counts, [](std::int64_t n) { return n < 0; })) {
    return bad("observatory.linkage.bad_counts",
               fmt::format("{} lists need {} counts of zero or more, the first (on no list) zero",
                           lists, std::size_t{1} << lists));
  }
  return {};
}

}  // namespace

Result<UnseenEstimate> estimate_unseen(std::span<const std::int64_t> counts, std::size_t lists,
                                       double aic_span) {
  ATALAYA_TRY(check(counts, lists));
  UnseenEstimate estimate;
  std::vector<double> cells;
  for (const std::int64_t count : counts.subspan(1)) {
    estimate.seen += count;
    cells.push_back(static_cast<double>(count));
  }
  const auto pairs = pairs_of(lists);
  for (std::size_t chosen = 0; chosen < (std::size_t{1} << pairs.size()); ++chosen) {
    ListModel model;
    for (std::size_t p = 0; p < pairs.size(); ++p) {
      if (((chosen >> p) & 1U) != 0) {
        model.dependent.push_back(pairs[p]);
      }
    }
    if (fit(model, cells, lists)) {
      model.total = static_cast<double>(estimate.seen) + model.unseen;
      estimate.models.push_back(std::move(model));
    } else {
      ++estimate.models_not_fitted;
    }
  }
  if (estimate.models.empty()) {
    return bad("observatory.linkage.no_estimate",
               "no model fits: the lists share too few cases to say anything about the rest");
  }
  std::ranges::stable_sort(estimate.models, {}, &ListModel::aic);
  const double best = estimate.models.front().aic;
  estimate.total_low = estimate.total_low_all = estimate.models.front().total;
  estimate.total_high = estimate.total_high_all = estimate.models.front().total;
  for (const ListModel& model : estimate.models) {
    estimate.total_low_all = std::min(estimate.total_low_all, model.total);
    estimate.total_high_all = std::max(estimate.total_high_all, model.total);
    if (model.aic <= best + aic_span) {
      estimate.total_low = std::min(estimate.total_low, model.total);
      estimate.total_high = std::max(estimate.total_high, model.total);
    }
  }
  return estimate;
}

}  // namespace atalaya::observatory
