// Goal: the numbers that the search index has to keep: 300,000 items in four
// languages, p95 below 50 ms a query, at least 2,500 items/s indexed, below 1 GB of memory, open in
// less than 2 s. Non-goal: the quality of the ranking. Method: texts made of invented words whose
// frequencies follow Zipf's law, with real function words between them; queries take their words
// from such texts, so that frequent words are asked for as often as they are written.
//
//   atalaya_text_bench [ITEMS [FOLDER]]      FOLDER is kept and used again
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <random>
#include <string>

#include <atalaya/text/search.hpp>

#include "stop_words.hpp"
#include "test_index.hpp"

namespace atalaya::text {
namespace {

using Timer = std::chrono::steady_clock;

double seconds_since(Timer::time_point start) {
  return std::chrono::duration<double>(Timer::now() - start).count();
}

// Peak ("VmHWM") or present ("VmRSS") memory of this process in MB.
double memory_mb(const std::string& key) {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with(key)) {
      return std::atof(line.substr(line.find(':') + 1).c_str()) / 1024;
    }
  }
  return 0;
}

constexpr std::size_t kVocabulary = 30'000;

class Texts {
 public:
  explicit Texts(Language language)
      : language_(language), random_(20260101U + static_cast<unsigned>(language)) {
    static constexpr const char* kSyllables[] = {"ba",  "co",  "de",  "fi", "gu", "la",
                                                 "me",  "ni",  "po",  "ra", "se", "ti",
                                                 "tra", "ver", "con", "pla"};
    static constexpr const char* kEndings[4][6] = {{"s", "ing", "ed", "tion", "ment", "ity"},
                                                   {"s", "es", "ción", "miento", "dad", "o"},
                                                   {"s", "ção", "ções", "mento", "dade", "o"},
                                                   {"s", "tion", "ment", "ité", "eux", "ique"}};
    double sum = 0;
    for (std::size_t i = 0; i < kVocabulary; ++i) {
      std::string word;
      for (std::size_t k = 2 + random_() % 3; k > 0; --k) {
        word += kSyllables[random_() % 16];
      }
      words_.push_back(word + kEndings[static_cast<std::size_t>(language)][random_() % 6]);
      sum += 1.0 / static_cast<double>(i + 3);
      cumulated_.push_back(sum);
    }
  }

  const std::string& word() {
    const double at = std::uniform_real_distribution<double>(0, cumulated_.back())(random_);
    const auto it = std::ranges::lower_bound(cumulated_, at);
    return words_[static_cast<std::size_t>(it - cumulated_.begin())];
  }

  std::string text(std::size_t words) {
    std::string out;
    const auto stops = stop_words(language_);
    for (std::size_t i = 0; i < words; ++i) {
      if (random_() % 5 < 2) {
        out.append(stops[random_() % stops.size()]).append(" ");
      } else {
        out.append(word()).append(i % 12 == 11 ? ". " : " ");
      }
    }
    return out;
  }

  SearchDocument document(std::size_t number) {
    SearchDocument document;
    document.id = "item-" + std::to_string(1994 + number / 4 % 32) + "-" + std::to_string(number);
    document.kind = "item";
    document.language = language_;
    document.title = text(8);
    document.summary = text(20);
    document.body = text(40 + random_() % 60);
    document.facets = {{"year", std::to_string(1994 + number / 4 % 32)},
                       {"meeting", "meeting-" + std::to_string(random_() % 15)},
                       {"theme", "theme-" + std::to_string(random_() % 20)},
                       {"theme", "theme-" + std::to_string(random_() % 20)},
                       {"institution", "institution-" + std::to_string(random_() % 60)},
                       {"instrument", "instrument-" + std::to_string(random_() % 38)},
                       {"formulation", "formulation-" + std::to_string(random_() % 4)}};
    return document;
  }

  std::mt19937_64& random() { return random_; }

 private:
  Language language_;
  std::mt19937_64 random_;
  std::vector<std::string> words_;
  std::vector<double> cumulated_;
};

void fill(SearchIndex& index, std::vector<Texts>& texts, std::size_t items) {
  constexpr std::size_t kBatch = 5'000;
  double indexing = 0;
  double processor = 0;  // of the whole process; tells load by others from our own cost
  std::vector<SearchChange> batch;
  for (std::size_t i = 0; i < items; ++i) {
    batch.emplace_back(texts[i % 4].document(i));
    if (batch.size() == kBatch || i + 1 == items) {
      const auto start = Timer::now();
      const std::clock_t ticks = std::clock();
      const auto done = index.apply(batch, static_cast<std::int64_t>(i + 1));
      indexing += seconds_since(start);
      processor += static_cast<double>(std::clock() - ticks) / CLOCKS_PER_SEC;
      if (!done) {
        std::printf("apply: %s %s\n", done.error().reason.c_str(), done.error().detail.c_str());
        std::exit(1);
      }
      batch.clear();
    }
  }
  std::printf("indexed %zu items: %.0f items/s (%.0f per processor second), peak memory %.0f MB\n",
              items, static_cast<double>(items) / indexing, static_cast<double>(items) / processor,
              memory_mb("VmHWM"));
}

struct Shape {
  const char* name;
  std::size_t words;
  bool facets;
  bool typo;
  bool phrase;
  bool prefix;
  bool filters;
};

void ask(const SearchIndex& index, Language language, Texts& texts, const Shape& shape) {
  constexpr int kQueries = 200;
  std::vector<double> times;
  std::vector<double> processor;
  std::size_t hits = 0;
  std::size_t fallbacks = 0;
  for (int i = 0; i < kQueries; ++i) {
    SearchQuery query;
    query.language = language;
    for (std::size_t w = 0; w < shape.words; ++w) {
      query.text += (w == 0 ? "" : " ") + texts.word();
    }
    if (shape.typo) {
      query.text.erase(2, 1);
    }
    if (shape.phrase) {
      query.text = '"' + query.text + '"';
    }
    if (shape.prefix) {
      query.prefix_last = true;
      query.text.resize(query.text.size() - 2);
      while (find_invalid_utf8(query.text)) {
        query.text.pop_back();
      }
    }
    if (shape.facets) {
      query.facets = {"year", "meeting", "theme", "institution", "instrument", "formulation"};
    }
    if (shape.filters) {
      query.filters = {{"year", "1998"}, {"year", "2008"}, {"theme", "theme-3"}};
    }
    const auto start = Timer::now();
    const std::clock_t ticks = std::clock();
    const auto results = index.search(query);
    times.push_back(seconds_since(start) * 1000);
    processor.push_back(static_cast<double>(std::clock() - ticks) * 1000 / CLOCKS_PER_SEC);
    if (!results) {
      std::printf("search: %s\n", results.error().detail.c_str());
      std::exit(1);
    }
    hits += results->total;
    fallbacks += results->used_fallback ? 1U : 0U;
  }
  std::ranges::sort(times);
  std::ranges::sort(processor);
  std::printf(
      "%s %-22s p50 %6.2f ms  p95 %6.2f ms  max %6.2f ms  (processor p95 %6.2f ms)  matches/query "
      "%zu  fallback %zu\n",
      std::string(to_string(language)).c_str(), shape.name, times[kQueries / 2],
      times[kQueries * 95 / 100], times.back(), processor[kQueries * 95 / 100], hits / kQueries,
      fallbacks);
}

int run(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::size_t items = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 300'000;
  const TemporaryDirectory temporary;
  const std::filesystem::path dir = argc > 2 ? argv[2] : temporary.path();
  std::vector<Texts> texts;
  for (const Language language : kLanguages) {
    texts.emplace_back(language);
  }
  if (auto index = open_index(dir); index->position() < static_cast<std::int64_t>(items)) {
    fill(*index, texts, items);
  }
  const auto start = Timer::now();
  const auto index = open_index(dir);
  const auto position = index->position();
  std::printf("opened at %lld in %.3f s\n", static_cast<long long>(position), seconds_since(start));
  const Shape shapes[] = {
      {"1 word, facets", 1, true, false, false, false, false},
      {"2 words, facets", 2, true, false, false, false, false},
      {"3 words, facets", 3, true, false, false, false, false},
      {"2 words", 2, false, false, false, false, false},
      {"typo, facets", 2, true, true, false, false, false},
      {"phrase, facets", 2, true, false, true, false, false},
      {"prefix, facets", 2, true, false, false, true, false},
      {"filters, facets", 1, true, false, false, false, true},
      {"32 words, facets", 32, true, false, false, false, false},
      {"browse, facets", 0, true, false, false, false, false},
  };
  for (const Language language : kLanguages) {
    for (const Shape& shape : shapes) {
      ask(*index, language, texts[static_cast<std::size_t>(language)], shape);
    }
  }
  std::printf("memory now %.0f MB, peak %.0f MB\n", memory_mb("VmRSS"), memory_mb("VmHWM"));
  return 0;
}

}  // namespace
}  // namespace atalaya::text

int main(int argc, char** argv) {
  return atalaya::text::run(argc, argv);
}
