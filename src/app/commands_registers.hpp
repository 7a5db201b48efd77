#pragma once
// atalaya registers …: the small tables that people keep beside the commitments

#include <functional>
#include <memory>

#include <atalaya/base/result.hpp>

namespace CLI {
class App;
}

namespace atalaya::app {

/// As FollowupCommands (commands_followup.hpp).
class RegisterCommands {
 public:
  using Choose = std::function<void(std::function<Result<void>()>)>;
  RegisterCommands(CLI::App& root, Choose choose);
  ~RegisterCommands();
  RegisterCommands(const RegisterCommands&) = delete;
  RegisterCommands& operator=(const RegisterCommands&) = delete;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace atalaya::app
