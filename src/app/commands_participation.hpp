#pragma once
// atalaya peers …, atalaya followup …: records of other institutions' nodes.

#include <functional>
#include <memory>

#include <atalaya/base/result.hpp>

namespace CLI {
class App;
}

namespace atalaya::app {

/// As FollowupCommands (commands_followup.hpp).
class ParticipationCommands {
 public:
  using Choose = std::function<void(std::function<Result<void>()>)>;
  ParticipationCommands(CLI::App& root, Choose choose);
  ~ParticipationCommands();
  ParticipationCommands(const ParticipationCommands&) = delete;
  ParticipationCommands& operator=(const ParticipationCommands&) = delete;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace atalaya::app
