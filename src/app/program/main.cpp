#include <cstdio>
#include <exception>

#include "../commands.hpp"

int main(int argc, char** argv) {
  try {
    return atalaya::app::command_line(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "atalaya: unexpected: %s\n", error.what());
    return 1;
  }
}
