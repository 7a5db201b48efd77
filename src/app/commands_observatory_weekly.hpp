#pragma once
// atalaya observatory link | linkages | alerts | bulletin | quality: what an observatory does every
// week.

#include <memory>

#include "commands_observatory.hpp"

namespace atalaya::app {

/// Adds its commands below `observatory`; as ObservatoryCommands.
class WeeklyCommands {
 public:
  WeeklyCommands(CLI::App& observatory, ObservatoryCommands::Choose choose);
  ~WeeklyCommands();
  WeeklyCommands(const WeeklyCommands&) = delete;
  WeeklyCommands& operator=(const WeeklyCommands&) = delete;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace atalaya::app
