#pragma once
// atalaya brief, atalaya deadlines: what is carried into a room, and what is due.

#include <functional>
#include <memory>

#include <atalaya/base/result.hpp>

namespace CLI {
class App;
}

namespace atalaya::app {

/// As FollowupCommands (commands_followup.hpp).
class BriefCommands {
 public:
  using Choose = std::function<void(std::function<Result<void>()>)>;
  BriefCommands(CLI::App& root, Choose choose);
  ~BriefCommands();
  BriefCommands(const BriefCommands&) = delete;
  BriefCommands& operator=(const BriefCommands&) = delete;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace atalaya::app
