#pragma once
// atalaya observatory boundaries: shapes of territories for maps.

#include <functional>
#include <memory>

#include <atalaya/base/result.hpp>

namespace CLI {
class App;
}

namespace atalaya::app {

/// Adds the command below `desk`, as ObservatoryCommands does its own.
class BoundaryCommands {
 public:
  using Choose = std::function<void(std::function<Result<void>()>)>;
  BoundaryCommands(CLI::App& desk, Choose choose);
  ~BoundaryCommands();
  BoundaryCommands(const BoundaryCommands&) = delete;
  BoundaryCommands& operator=(const BoundaryCommands&) = delete;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace atalaya::app
