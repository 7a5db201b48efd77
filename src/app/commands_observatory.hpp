#pragma once
// atalaya observatory …: files in, tables out, releases.

#include <functional>
#include <memory>

#include <atalaya/base/result.hpp>

namespace CLI {
class App;
}

namespace atalaya::app {

/// Adds the commands below `root`; `choose` is told what the chosen one does. What the options are
/// read into lives as long as the returned object.
class ObservatoryCommands {
 public:
  using Choose = std::function<void(std::function<Result<void>()>)>;
  ObservatoryCommands(CLI::App& root, Choose choose);
  ~ObservatoryCommands();
  ObservatoryCommands(const ObservatoryCommands&) = delete;
  ObservatoryCommands& operator=(const ObservatoryCommands&) = delete;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace atalaya::app
