#include "audit_program.hpp"

#include <cmath>
#include <utility>

#include <ClpSimplex.hpp>
#include <CoinPackedMatrix.hpp>

namespace atalaya::columns::disclosure {

struct Program::Clp {
  ClpSimplex model;
  int rows = 0;
  int columns = 0;
  std::vector<double> low;  // of rows, as they were made
  std::vector<double> high;
};

Program::Program(std::size_t columns, std::span<const Row> rows, double cost)
    : clp_(std::make_unique<Clp>()) {
  std::vector<int> row_index;
  std::vector<int> column_index;
  std::vector<double> elements;
  std::vector<double>& low = clp_->low;
  std::vector<double>& high = clp_->high;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (const auto& [list, sign] : {std::pair{&rows[r].columns, 1.0}, {&rows[r].less, -1.0}}) {
      for (const std::uint32_t column : *list) {
        row_index.push_back(static_cast<int>(r));
        column_index.push_back(static_cast<int>(column));
        elements.push_back(sign);
      }
    }
    const auto sum = static_cast<double>(rows[r].sum);
    low.push_back(rows[r].sum == kAnything ? -COIN_DBL_MAX : sum);
    high.push_back(rows[r].equal ? sum : COIN_DBL_MAX);
  }
  clp_->rows = static_cast<int>(rows.size());
  clp_->columns = static_cast<int>(columns);
  CoinPackedMatrix matrix(true, row_index.data(), column_index.data(), elements.data(),
                          static_cast<CoinBigIndex>(elements.size()));
  matrix.setDimensions(clp_->rows, clp_->columns);
  const std::vector<double> zeros(columns, 0.0);
  const std::vector<double> infinite(columns, COIN_DBL_MAX);
  clp_->model.setLogLevel(0);
  const std::vector<double> costs(columns, cost);
  clp_->model.loadProblem(matrix, zeros.data(), infinite.data(), costs.data(), low.data(),
                          high.data());
}

Program::~Program() = default;

Program::Answer Program::optimise(std::span<const std::uint32_t> columns,
                                  std::span<const double> weights, bool largest) {
  ClpSimplex& model = clp_->model;
  double* objective = model.objective();
  for (int i = 0; i < clp_->columns; ++i) {
    objective[i] = 0;
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    objective[columns[i]] = weights[i];
  }
  model.setOptimizationDirection(largest ? -1.0 : 1.0);
  model.primal(1);
  return answer();
}

Program::Answer Program::reoptimise() {
  clp_->model.setOptimizationDirection(1.0);
  clp_->model.dual();
  return answer();
}

Program::Answer Program::answer() const {
  const ClpSimplex& model = clp_->model;
  Answer answer;
  if (model.isProvenDualInfeasible()) {
    answer.solved = true;
    return answer;
  }
  if (!model.isProvenOptimal()) {
    return answer;
  }
  answer.solved = true;
  answer.bounded = true;
  answer.value = model.objectiveValue();
  answer.columns.assign(model.primalColumnSolution(), model.primalColumnSolution() + clp_->columns);
  answer.duals.assign(model.dualRowSolution(), model.dualRowSolution() + clp_->rows);
  return answer;
}

void Program::charge(std::size_t column, double cost) {
  clp_->model.setObjectiveCoefficient(static_cast<int>(column), cost);
}

void Program::bind(std::size_t row, std::int64_t sum) {
  clp_->model.setRowBounds(static_cast<int>(row), static_cast<double>(sum),
                           static_cast<double>(sum));
}

std::pair<double, double> Program::limits(std::size_t column) const {
  const double high = clp_->model.columnUpper()[column];
  return {clp_->model.columnLower()[column], high == COIN_DBL_MAX ? -1 : high};
}

void Program::release(std::size_t row) {
  clp_->model.setRowBounds(static_cast<int>(row), clp_->low[row], clp_->high[row]);
}

void Program::limit(std::size_t column, double low, double high) {
  clp_->model.setColumnBounds(static_cast<int>(column), low, high < 0 ? COIN_DBL_MAX : high);
}

bool Program::branch(std::span<const double> columns, const std::function<bool()>& deeper) {
  constexpr double kClose = 1e-6;  // to a whole number
  std::size_t split = 0;
  double worst = kClose;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const double off = std::abs(columns[i] - std::round(columns[i]));
    if (off > worst) {
      worst = off;
      split = i;
    }
  }
  if (worst <= kClose) {
    return false;
  }
  const auto [least, most] = limits(split);
  const double at = columns[split];
  limit(split, std::ceil(at), most);
  bool found = deeper();
  if (!found) {
    limit(split, least, std::floor(at));
    found = deeper();
  }
  limit(split, least, most);
  return found;
}

}  // namespace atalaya::columns::disclosure
