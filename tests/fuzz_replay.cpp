// Runs a libFuzzer target without libFuzzer: replays every file of the corpus folder, then seeded
// mutations of them (bit flips, cuts, doublings, splices), so that each parser of outside bytes
// meets hostile input in every ordinary test run. A crash or a sanitizer report fails the test.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::string mutate(std::string text, const std::string& other, std::mt19937_64& random) {
  const int steps = static_cast<int>(random() % 4) + 1;
  for (int i = 0; i < steps; ++i) {
    const std::size_t at = text.empty() ? 0 : random() % text.size();
    switch (random() % 5) {
      case 0:
        if (!text.empty()) {
          text[at] = static_cast<char>(random());
        }
        break;
      case 1:
        text.resize(at);
        break;
      case 2:
        text.insert(at, text.substr(at, random() % 64));
        break;
      case 3:
        text.erase(at, random() % 32);
        break;
      default:
        text = text.substr(0, at) + (other.empty() ? "" : other.substr(random() % other.size()));
    }
    if (text.size() > 200'000) {
      text.resize(200'000);
    }
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> corpus{""};
  if (argc > 1 && std::filesystem::is_directory(argv[1])) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
      std::ifstream file(entry.path(), std::ios::binary);
      corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
  }
  const char* asked = std::getenv("ATALAYA_FUZZ_RUNS");
  const int runs = asked != nullptr ? std::atoi(asked) : 3000;
  for (const std::string& input : corpus) {
    run(input);
  }
  std::mt19937_64 random(20260101);
  for (int i = 0; i < runs; ++i) {
    const std::string& one = corpus[random() % corpus.size()];
    run(mutate(one, corpus[random() % corpus.size()], random));
  }
  std::printf("replayed %zu inputs and %d mutations\n", corpus.size(), runs);
  return 0;
}
