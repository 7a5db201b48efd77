// Goal: the five source documents come apart exactly as they were counted by hand. The documents
// are not part of the program; the expected hashes were made by an independent reader in another
// language, the counts by hand. Skipped where the documents are not at hand.
#include <atalaya/commitments/parse.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <atalaya/base/text.hpp>
#include <atalaya/files/read.hpp>

#include "parse_account_check.hpp"

namespace atalaya::commitments {
namespace {

using Ordinals = std::vector<std::int32_t>;

std::string find_document(std::string_view prefix) {
  const char* asked = std::getenv("ATALAYA_SHARED");
  const std::filesystem::path shared =
      asked != nullptr ? asked : std::string(ATALAYA_SOURCE_DIR) + "/../shared";
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(shared / "documents", none)) {
    if (entry.path().filename().string().starts_with(prefix)) {
      return entry.path().string();
    }
  }
  return {};
}

class ParseDocuments : public ::testing::Test {
 protected:
  // The parsed document, or nothing after a skip.
  std::optional<ParsedDocument> parsed(std::string_view prefix) {
    const std::string path = find_document(prefix);
    if (path.empty()) {
      return std::nullopt;
    }
    const auto bytes = files::read_file(path);
    EXPECT_TRUE(bytes.has_value());
    bytes_ = *bytes;
    const auto text = files::read_document(*bytes, path);
    EXPECT_TRUE(text.has_value());
    auto document = parse_and_account(*text, *catalogue_);
    EXPECT_TRUE(document.has_value());
    return *std::move(document);
  }

  std::shared_ptr<const Catalogue> catalogue_ = Catalogue::embedded();
  std::string bytes_;
};

template <class Field>
std::string hash_of(const std::vector<ParsedItem>& items, const Field& field) {
  std::string all;
  for (const ParsedItem& item : items) {
    all += all.empty() && &item == items.data() ? "" : "\n";
    all += field(item);
  }
  return to_hex(sha256(all));
}

std::string text_hash(const std::vector<ParsedItem>& items) {
  return hash_of(items, [](const ParsedItem& item) { return item.text; });
}

std::string id_hash(const std::vector<ParsedItem>& items) {
  return hash_of(items, [](const ParsedItem& item) {
    return commitment_id(item.effective.meeting, item.text);
  });
}

std::string line_hash(const std::vector<ParsedItem>& items) {
  return hash_of(items, [](const ParsedItem& item) { return std::to_string(item.line); });
}

std::string raw_hash(const std::vector<ParsedItem>& items) {
  return hash_of(items, [](const ParsedItem& item) { return item.citation.raw; });
}

std::string label_hash(const std::vector<ParsedItem>& items) {
  return hash_of(items, [](const ParsedItem& item) { return item.label; });
}

template <class Test>
Ordinals ordinals(const std::vector<ParsedItem>& items, const Test& test) {
  Ordinals found;
  for (const ParsedItem& item : items) {
    if (test(item)) {
      found.push_back(item.ordinal);
    }
  }
  return found;
}

Ordinals with_status(const std::vector<ParsedItem>& items, CitationStatus status) {
  return ordinals(items, [&](const ParsedItem& item) { return item.citation.status == status; });
}

std::vector<int> block_sizes(const std::vector<ParsedItem>& items) {
  std::vector<int> sizes;
  std::string last;
  for (const ParsedItem& item : items) {
    if (sizes.empty() || item.block != last) {
      sizes.push_back(0);
      last = item.block;
    }
    ++sizes.back();
  }
  return sizes;
}

// Every text stands in the document byte for byte.
void expect_verbatim(const std::vector<ParsedItem>& items, std::string_view bytes) {
  for (const ParsedItem& item : items) {
    EXPECT_NE(bytes.find(item.text), std::string_view::npos) << "item " << item.ordinal;
  }
}

TEST_F(ParseDocuments, SummitSecurity) {
  const auto p = parsed("001");
  if (!p) {
    GTEST_SKIP() << "set ATALAYA_SHARED to the folder that holds documents/";
  }
  EXPECT_EQ(p->kind, DocumentKind::summit_mandates);
  EXPECT_EQ(p->language, Language::en);
  EXPECT_EQ(p->theme, "SECURITY");
  ASSERT_EQ(p->items.size(), 146U);
  EXPECT_EQ(p->count_level(1), 139);
  EXPECT_EQ(p->count_level(2), 7);
  EXPECT_EQ(p->count_citations(CitationStatus::own), 137);
  EXPECT_EQ(with_status(p->items, CitationStatus::from_child), (Ordinals{1, 5, 17, 67}));
  EXPECT_EQ(with_status(p->items, CitationStatus::from_sibling), (Ordinals{2, 68, 69}));
  EXPECT_EQ(with_status(p->items, CitationStatus::inferred), (Ordinals{60, 61}));
  EXPECT_TRUE(with_status(p->items, CitationStatus::none).empty());
  EXPECT_EQ(ordinals(p->items, [](const ParsedItem& i) { return i.role == ItemRole::chapeau; }),
            (Ordinals{1, 5, 17, 64, 67, 78, 82}));
  EXPECT_EQ(ordinals(p->items, [](const ParsedItem& i) { return i.level == 2; }),
            (Ordinals{2, 3, 6, 18, 68, 69, 70}));
  EXPECT_EQ(p->items[59].effective.document, "summit-2004-declaration");
  EXPECT_EQ(p->items[59].effective.place, "Monterrey");
  EXPECT_TRUE(p->items[59].citation.raw.empty());
  EXPECT_EQ(text_hash(p->items),
            "f0f6c12e9becd7bf4f815a854010689176ab7c183b54a9eeaa280dd7ccf0c0bb");
  EXPECT_EQ(id_hash(p->items), "d2b9c5c8c7eceb7c9ae7f6f86d66bfa7b2d4f2f59d5cd151760910b2bb697ce7");
  EXPECT_EQ(line_hash(p->items),
            "63a29b4a1d1807317ad4b297060022ac09593601e7e604083e7778e91b2ed47d");
  EXPECT_EQ(raw_hash(p->items), "344419a3ef53044a8d10944f870ee15ef1d2b5d82704380a2461d2fb37c23f19");
  EXPECT_EQ(label_hash(p->items),
            "2154755b326b24358b7d1e509e9f09f2c5c357dd1c6a7294842db7a474240f6e");
  expect_verbatim(p->items, bytes_);
}

// Counts per text and year: the table of the hand count, effective, level 1 and all.
TEST_F(ParseDocuments, SummitSecurityByText) {
  const auto p = parsed("001");
  if (!p) {
    GTEST_SKIP() << "set ATALAYA_SHARED to the folder that holds documents/";
  }
  std::map<std::string, std::pair<int, int>> counts;  // {level 1, all}
  for (const ParsedItem& item : p->items) {
    counts[item.effective.document].first += item.level == 1 ? 1 : 0;
    ++counts[item.effective.document].second;
    EXPECT_FALSE(item.effective.meeting.empty());
    EXPECT_FALSE(item.effective.country.empty());
    EXPECT_NE(item.effective.year, 0);
  }
  const std::map<std::string, std::pair<int, int>> expected = {
      {"summit-2022-governance", {3, 6}},  {"summit-2022-digital", {10, 10}},
      {"summit-2022-health", {2, 3}},      {"summit-2018-lima-commitment", {3, 3}},
      {"summit-2015-migration", {1, 1}},   {"summit-2015-security", {7, 7}},
      {"summit-2012-security", {9, 9}},    {"summit-2009-declaration", {11, 11}},
      {"summit-2005-declaration", {4, 4}}, {"summit-2005-plan", {3, 3}},
      {"summit-2004-declaration", {4, 4}}, {"summit-2001-declaration", {2, 2}},
      {"summit-2001-plan", {27, 30}},      {"summit-1998-declaration", {3, 3}},
      {"summit-1998-plan", {32, 32}},      {"summit-1994-declaration", {2, 2}},
      {"summit-1994-plan", {16, 16}}};
  EXPECT_EQ(counts, expected);
}

TEST_F(ParseDocuments, SummitPublicPolicies) {
  const auto p = parsed("003");
  if (!p) {
    GTEST_SKIP() << "set ATALAYA_SHARED to the folder that holds documents/";
  }
  EXPECT_EQ(p->theme, "SECURITY: Public Policies");
  ASSERT_EQ(p->items.size(), 21U);
  EXPECT_EQ(p->count_level(1), 20);
  EXPECT_EQ(p->count_citations(CitationStatus::own), 20);
  EXPECT_EQ(with_status(p->items, CitationStatus::from_child), (Ordinals{2}));
  EXPECT_EQ(text_hash(p->items),
            "5ea26448870e9da5b1e3f53905e3c58023fe70187ed862c2d8b8ecda4597b70f");
  EXPECT_EQ(id_hash(p->items), "77662f7403217c1d91d95c3f1271b8699469de3bb5317e32b70663a53a68a80a");
  EXPECT_EQ(line_hash(p->items),
            "56568606ca13158f4f7c6c2bed48c2ba0fe9df8209830869c7643c0ec32f832c");
  expect_verbatim(p->items, bytes_);
}

// What no item has is told in one warning, and the furniture of the pages is no part of it.
TEST_F(ParseDocuments, LinesThatAreLeft) {
  constexpr int kProseOfTheGuide = 60;  // at most
  for (const auto& [name, left] : std::map<std::string, int>{
           {"000", 4}, {"001", 0}, {"002", kProseOfTheGuide}, {"003", 0}, {"004", 0}}) {
    const auto p = parsed(name);
    if (!p) {
      GTEST_SKIP() << "set ATALAYA_SHARED to the folder that holds documents/";
    }
    EXPECT_LE(p->count_lines(LineUse::left), left) << name;
    EXPECT_EQ(std::ranges::count(p->warnings, "commitments.parse.lines_left", &Warning::reason),
              left > 0 ? 1 : 0)
        << name;
  }
}

TEST_F(ParseDocuments, TheTwoPagesShareEighteen) {
  const auto a = parsed("001");
  const auto b = parsed("003");
  if (!a || !b) {
    GTEST_SKIP() << "set ATALAYA_SHARED to the folder that holds documents/";
  }
  const auto ids = [](const ParsedDocument& p) {
    std::set<std::string> out;
    for (const ParsedItem& item : p.items) {
      out.insert(commitment_id(item.effective.meeting, item.text));
    }
    return out;
  };
  const std::set<std::string> first = ids(*a);
  const std::set<std::string> second = ids(*b);
  EXPECT_EQ(first.size(), 146U);
  EXPECT_EQ(second.size(), 21U);
  EXPECT_EQ(std::count_if(second.begin(), second.end(),
                          [&](const std::string& id) { return first.contains(id); }),
            18);
}

TEST_F(ParseDocuments, Ministers) {
  const auto p = parsed("004");
  if (!p) {
    GTEST_SKIP() << "set ATALAYA_SHARED to the folder that holds documents/";
  }
  EXPECT_EQ(p->kind, DocumentKind::ministers_commitment);
  EXPECT_EQ(p->meeting, "mispa-2008");
  EXPECT_EQ(p->document, "mispa-2008-commitment");
  EXPECT_EQ(p->place, "Mexico City");
  EXPECT_EQ(p->adopted, (CivilDate{2008, 10, 8}));
  ASSERT_EQ(p->items.size(), 31U);
  EXPECT_EQ(block_sizes(p->items), (std::vector<int>{6, 2, 4, 3, 8, 8}));
  ASSERT_EQ(p->recitals.size(), 21U);
  EXPECT_EQ(block_sizes(p->recitals), (std::vector<int>{7, 6, 8}));
  EXPECT_EQ(p->recitals[6].notes, (std::vector<std::string>{"1"}));
  EXPECT_EQ(p->recitals[14].notes, (std::vector<std::string>{"2"}));
  EXPECT_TRUE(p->recitals[14].text.ends_with(';'));
  ASSERT_EQ(p->statements.size(), 1U);
  EXPECT_EQ(p->statements[0].actor, "ECU");
  EXPECT_EQ(p->statements[0].role, ItemRole::recital);
  EXPECT_EQ(p->statements[0].ordinal, 15);
  EXPECT_EQ(text_hash(p->items),
            "9f70173d8ff8fdcad8555d2fb3600daf02d076e9630573fe7d8d603643065edc");
  EXPECT_EQ(id_hash(p->items), "cd4f5731d7cd7417c7e1e34d015445a1c4bdb34f46d11b120ef47f4e51cd7e8e");
  EXPECT_TRUE(p->warnings.empty());
  EXPECT_TRUE(p->left.empty());
  expect_verbatim(p->items, bytes_);
  expect_verbatim(p->recitals, bytes_);
}

TEST_F(ParseDocuments, Parliamentarians) {
  const auto p = parsed("000");
  if (!p) {
    GTEST_SKIP() << "set ATALAYA_SHARED to the folder that holds documents/";
  }
  EXPECT_EQ(p->kind, DocumentKind::parliamentary_priorities);
  EXPECT_EQ(p->meeting, "pns-2025");
  EXPECT_EQ(p->adopted, (CivilDate{2025, 11, 28}));
  EXPECT_TRUE(p->title.starts_with("First Gathering"));
  EXPECT_TRUE(p->title.ends_with("the Caribbean"));
  ASSERT_EQ(p->items.size(), 7U);
  EXPECT_TRUE(std::all_of(p->items.begin(), p->items.end(), [](const ParsedItem& item) {
    return item.role == ItemRole::priority && item.level == 1;
  }));
  EXPECT_EQ(id_hash(p->items), "0697cd4622da2348637b6643063e1c7d7a34f853f650b33ec9e1f61189195ee6");
  std::string codes;
  for (const NamedState& state : p->states) {
    codes += state.code + ' ';
  }
  EXPECT_EQ(codes,
            "ATG ARG BRB BLZ CAN CHL COL CRI CUB CUW DOM ECU SLV GRD GTM GUY MEX PAN PRY PER KNA ");
  std::vector<std::pair<std::string, std::int32_t>> treaties;
  for (const NamedTreaty& treaty : p->treaties) {
    treaties.emplace_back(treaty.instrument, treaty.year);
  }
  EXPECT_EQ(treaties,
            (std::vector<std::pair<std::string, std::int32_t>>{{"un-drugs-1988", 1988},
                                                               {"terrorism-financing", 1999},
                                                               {"untoc", 2000},
                                                               {"ia-terrorism", 2002},
                                                               {"uncac", 2003}}));
  expect_verbatim(p->items, bytes_);
}

TEST_F(ParseDocuments, Primer) {
  const auto p = parsed("002");
  if (!p) {
    GTEST_SKIP() << "set ATALAYA_SHARED to the folder that holds documents/";
  }
  EXPECT_EQ(p->kind, DocumentKind::primer);
  EXPECT_EQ(p->meeting, "primer-2025");
  EXPECT_TRUE(p->items.empty());
  std::map<ItemRole, int> roles;
  for (const ParsedItem& item : p->guidance) {
    ++roles[item.role];
    EXPECT_FALSE(item.text.empty());
    EXPECT_TRUE(item.text.ends_with('.') || item.text.ends_with('?')) << item.ordinal;
  }
  EXPECT_EQ(roles, (std::map<ItemRole, int>{{ItemRole::key_question, 9},
                                            {ItemRole::response_dimension, 4},
                                            {ItemRole::next_step, 9},
                                            {ItemRole::good_practice, 3}}));
}

}  // namespace
}  // namespace atalaya::commitments
