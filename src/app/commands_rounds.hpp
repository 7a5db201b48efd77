#pragma once
// atalaya rounds …, atalaya checklists …: evaluation rounds and legislation checklists.

#include <functional>
#include <memory>

#include <atalaya/base/result.hpp>

namespace CLI {
class App;
}

namespace atalaya::app {

/// As FollowupCommands (commands_followup.hpp).
class RoundCommands {
 public:
  using Choose = std::function<void(std::function<Result<void>()>)>;
  RoundCommands(CLI::App& root, Choose choose);
  ~RoundCommands();
  RoundCommands(const RoundCommands&) = delete;
  RoundCommands& operator=(const RoundCommands&) = delete;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace atalaya::app
