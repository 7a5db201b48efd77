#include <cstdio>
#include <cstdlib>
#include <exception>
#include <system_error>

#include "../commands.hpp"

int main(int argc, char** argv) {
  try {
    return atalaya::app::command_line(argc, argv);
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::broken_pipe) {
      std::_Exit(0);  // whoever reads has seen enough; what is left in the buffers goes nowhere
    }
    std::fprintf(stderr, "atalaya: unexpected: %s\n", error.what());
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "atalaya: unexpected: %s\n", error.what());
    return 1;
  }
}
