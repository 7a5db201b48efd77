// Writes what a stranger gets from a node, for the verifier in main.go:
//   make_log FOLDER
// makes a log that grows through several sizes and leaves in FOLDER the verifier key, a checkpoint
// for each size, inclusion proofs (with and without payload) and consistency proofs.
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "test_log.hpp"

namespace {

using namespace atalaya;
using namespace atalaya::ledger;

Result<void> write_file(const std::string& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) {
    return fail(ErrorCode::unavailable, "make_log.write", path);
  }
  return {};
}

Result<void> make(const std::string& folder) {
  ledger::testing::OpenLog log(folder + "/log.db");
  ATALAYA_TRY(write_file(folder + "/vkey", log.ledger->verifier().to_string()));
  std::vector<std::uint64_t> sizes;
  std::uint64_t size = 0;
  for (const std::uint64_t next : {0U, 1U, 2U, 3U, 7U, 8U, 16U, 33U, 100U, 300U}) {
    ATALAYA_TRY(log.append(ledger::testing::events(size, next - size)));
    size = next;
    sizes.push_back(size);
    const Checkpoint checkpoint = ATALAYA_TRY(log.ledger->checkpoint());
    ATALAYA_TRY(write_file(fmt::format("{}/{}.checkpoint", folder, size), checkpoint.note));
    for (const std::uint64_t index : {std::uint64_t{0}, size / 3, size / 2, size - 1}) {
      if (size == 0) {
        continue;
      }
      for (const Reveal reveal : {Reveal::leaf, Reveal::payload}) {
        const std::string proof = ATALAYA_TRY(log.ledger->prove_inclusion(index, reveal));
        ATALAYA_TRY(write_file(fmt::format("{}/{}-of-{}{}.tlog-proof", folder, index, size,
                                           reveal == Reveal::leaf ? "" : "-revealed"),
                               proof));
      }
    }
    for (const std::uint64_t old_size : sizes) {
      const std::string proof = ATALAYA_TRY(log.ledger->prove_consistency(old_size, size));
      ATALAYA_TRY(
          write_file(fmt::format("{}/{}-to-{}.consistency", folder, old_size, size), proof));
    }
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_log FOLDER\n");
    return 2;
  }
  const auto made = make(argv[1]);
  if (!made) {
    std::fprintf(stderr, "make_log: %s %s\n", made.error().reason.c_str(),
                 made.error().detail.c_str());
    return 1;
  }
  return 0;
}
