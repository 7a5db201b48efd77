#pragma once
// atalaya treaties …, atalaya followup …: what came of the commitments.

#include <functional>
#include <memory>

#include <atalaya/base/result.hpp>

namespace CLI {
class App;
}

namespace atalaya::app {

/// Adds the commands below `root`; `choose` is told what the chosen one does. What the options are
/// read into lives as long as the returned object.
class FollowupCommands {
 public:
  using Choose = std::function<void(std::function<Result<void>()>)>;
  FollowupCommands(CLI::App& root, Choose choose);
  ~FollowupCommands();
  FollowupCommands(const FollowupCommands&) = delete;
  FollowupCommands& operator=(const FollowupCommands&) = delete;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace atalaya::app
