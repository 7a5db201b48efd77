// Goal: the shortlist that large nodes rank from holds what a ranking of everything puts first.
// Method: the catalogue's own titles as the archive, with lists far shorter than in use.
#include "desk_antecedents.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "desk_fixture.hpp"

namespace atalaya::commitments {
namespace {

class ShortlistTest : public DeskTest {
 protected:
  void SetUp() override {
    DeskTest::SetUp();
    if (IsSkipped()) {
      return;
    }
    auto index = text::SearchIndex::open(store_->folder() / "index");
    ASSERT_TRUE(index.has_value()) << index.error().detail;
    index_ = *std::move(index);
    desk_ = open(store_->database(), index_.get());
    follow();
  }

  void follow() {
    for (std::int64_t read = 1; read > 0;) {
      const auto followed = desk_->follow_index(1'000);
      ASSERT_TRUE(followed.has_value()) << followed.error().detail;
      read = *followed;
    }
  }

  std::vector<LineageItem> read(std::string_view id, detail::ShortlistSize size) {
    std::vector<LineageItem> items;
    const auto done = store_->database().read([&](store::Transaction& tx) -> Result<void> {
      const auto& catalogue = desk_->catalogue();
      auto found =
          ATALAYA_TRY(id.empty() ? detail::lineage_items(tx, catalogue)
                                 : detail::lineage_shortlist(tx, catalogue, *index_, id, size));
      items = std::move(found);
      return {};
    });
    EXPECT_TRUE(done.has_value()) << done.error().detail;
    return items;
  }

  std::unique_ptr<text::SearchIndex> index_;
};

TEST_P(ShortlistTest, HoldsWhatComesFirst) {
  const auto all = read("", {});
  ASSERT_GT(all.size(), 150U);
  const LineageIndex whole = LineageIndex::build(all);
  int asked = 0;
  int held = 0;
  int first = 0;
  for (std::size_t i = 0; i < all.size(); i += 10) {
    const auto ranked = whole.rank(all[i].id, 1);
    if (ranked.empty()) {
      continue;
    }
    const auto some = read(all[i].id, {10, 30, 30});
    EXPECT_LT(some.size(), 130U);
    EXPECT_EQ(std::ranges::count(some, all[i].id, &LineageItem::id), 1);
    ++asked;
    held += std::ranges::count(some, ranked[0].id, &LineageItem::id) == 1 ? 1 : 0;
    const auto again = LineageIndex::build(some).rank(all[i].id, 1);
    first += !again.empty() && again[0].id == ranked[0].id ? 1 : 0;
  }
  EXPECT_GE(asked, 15);
  EXPECT_GE(held * 10, asked * 9) << held << " of " << asked;
  EXPECT_GE(first * 4, asked * 3) << first << " of " << asked;

  EXPECT_TRUE(read("summit-1994-none", {}).empty());
  EXPECT_TRUE(read("' OR 1=1 --", {}).empty());
}

// Recitals and statements of position are found as what they are, in the newest version of a page
// only, and are never among the commitments.
TEST_P(ShortlistTest, TextsBesideTheCommitmentsAreFoundAndNotCounted) {
  const auto ministers = [](std::string_view recital) {
    return fmt::format(
        "Segunda Reunión de Ministros en Materia de Seguridad Pública de las Américas\n\n"
        "Los Ministros en Materia de Seguridad Pública, reunidos los días 4 y 5 de noviembre de "
        "2009,\n\nCONSIDERANDO:\n\n1. Que la seguridad es un deber del Estado;\n\n2. {};\n\n"
        "ACUERDAN:\n\nGestión de la Seguridad Pública\n\n1. Mejorar la guardia de los faros "
        "sintéticos.\n\n2. Crear un grupo de trabajo sobre el tema.\n\n3. Promover programas para "
        "la juventud;¹\n\n¹ La delegación de Nicaragua reserva su posición sobre este párrafo.\n",
        recital);
  };
  const auto search = [&](std::string words, Language language,
                          std::map<std::string, std::vector<std::string>> facets = {}) {
    SearchQuery query;
    query.text = std::move(words);
    query.language = language;
    query.facets = std::move(facets);
    auto answer = desk_->search(query);
    EXPECT_TRUE(answer.has_value()) << answer.error().detail;
    return answer ? *std::move(answer) : SearchAnswer{};
  };
  const auto before = desk_->overview()->commitments;
  const auto first =
      import(*desk_, {{"v1.txt", ministers("Que la neblina exige convención contra la delincuencia "
                                           "organizada transnacional")}});
  ASSERT_TRUE(first.has_value()) << first.error().detail;
  EXPECT_GT(desk_->index_behind().value_or(0), 0);
  EXPECT_EQ(search("neblina", Language::es).texts_total, 0);
  follow();
  EXPECT_EQ(desk_->index_behind().value_or(-1), 0);

  SearchAnswer found = search("neblina", Language::es);
  EXPECT_EQ(found.total, 0);
  ASSERT_EQ(found.texts.size(), 1U);
  EXPECT_EQ(found.texts_total, 1);
  const TextHit& recital = found.texts.front();
  EXPECT_EQ(std::tuple(recital.source, recital.role, recital.ordinal, recital.language),
            std::tuple(first->files[0].id, std::string("recital"), 2, std::string("es")));
  EXPECT_EQ(recital.line, first->files[0].document.recitals[1].line);
  EXPECT_TRUE(std::ranges::count(recital.snippet, true, &std::pair<std::string, bool>::second));
  EXPECT_EQ(found.facets["role"], (std::vector<std::pair<std::string, std::int64_t>>{
                                      {"recital", 1}}));
  // The state is no word of the statement in English; a role alone lists what has it.
  found = search("Nicaragua", Language::en);
  EXPECT_TRUE(std::ranges::any_of(found.texts, [](const TextHit& text) {
    return text.role == "statement_of_position" && text.actor == "NIC";
  }));
  EXPECT_EQ(search("", Language::fr, {{"role", {"recital"}}}).texts_total, 2);
  EXPECT_EQ(search("faros", Language::es, {{"role", {"recital"}}}).total, 0);
  // Words that only some texts have one of find no text: they would stand for the others.
  EXPECT_EQ(search("neblina faros", Language::es).texts_total, 0);

  ImportOptions accept;
  accept.accept_changes = true;
  ASSERT_TRUE(import(*desk_, {{"v2.txt", ministers("Que la bruma es necesaria")}}, accept));
  follow();
  EXPECT_EQ(search("neblina", Language::es).texts_total, 0);
  EXPECT_EQ(search("bruma", Language::es).texts_total, 1);
  EXPECT_EQ(desk_->overview()->commitments, before + 3);
  // Read anew from nothing, the index says the same.
  ASSERT_TRUE(index_->reset().has_value());
  follow();
  EXPECT_EQ(search("neblina", Language::es).texts_total, 0);
  EXPECT_EQ(search("bruma", Language::es).texts_total, 1);
}

// A text longer than the index takes, which an import refuses now and a node may hold from before.
TEST_P(ShortlistTest, NoTextKeepsTheOthersOutOfTheIndex) {
  const auto plan = import(*desk_, {{"page.txt", page(kItems, "SECURITY: Synthetic")}});
  ASSERT_TRUE(plan.has_value()) << plan.error().detail;
  std::string words = "Promote wherefromness";
  while (words.size() <= text::kIndexedBytesMax) {
    words += " añádase";
  }
  run_sql("UPDATE commitment_texts SET text = '" + words + " unreachable' WHERE commitment = '" +
          plan->files[0].items[0].commitment + "'");
  follow();
  EXPECT_EQ(desk_->index_behind().value_or(-1), 0);
  const auto found = [&](std::string words_of_one) {
    SearchQuery query;
    query.text = std::move(words_of_one);
    query.language = Language::en;
    const auto answer = desk_->search(query);
    EXPECT_TRUE(answer.has_value());
    return answer ? answer->hits.size() : 0;
  };
  EXPECT_EQ(found("wherefromness"), 1U);
  EXPECT_EQ(found("unreachable"), 0U);
  EXPECT_GE(found("synthetic reviews of registries"), 1U);
}

TEST_P(ShortlistTest, AThemeHoldsWhatItsNarrowerOnesName) {
  std::map<std::string, std::set<std::string>, std::less<>> held;
  for (const auto& theme : desk_->catalogue().themes()) {
    Filter filter;
    filter.themes = {theme.id};
    const auto page = desk_->list(filter, Language::en, 10'000, 0);
    ASSERT_TRUE(page.has_value()) << page.error().detail;
    for (const auto& row : page->rows) {
      held[theme.id].insert(row.id);
    }
    SearchQuery query;
    query.facets["theme"] = {theme.id};
    query.limit = 1;
    const auto found = desk_->search(query);
    ASSERT_TRUE(found.has_value()) << found.error().detail;
    EXPECT_EQ(found->total, std::ssize(held[theme.id])) << "searched: " << theme.id;
  }
  bool more = false;
  for (const auto& theme : desk_->catalogue().themes()) {
    if (theme.broader.empty()) {
      EXPECT_EQ(std::ssize(held[theme.id]),
                theme.id == "security" ? desk_->overview()->on_subject : 0)
          << theme.id;
      continue;
    }
    EXPECT_TRUE(std::ranges::includes(held[theme.broader], held[theme.id])) << theme.id;
    more = more || held[theme.broader].size() > held[theme.id].size();
  }
  EXPECT_TRUE(more) << "nothing was tested";
}

// Changes are read while those before them are written: what happens between is not lost.
TEST_P(ShortlistTest, WhatChangesAfterItWasReadAheadIsFollowed) {
  const std::size_t size = index_->size(Language::es);
  ASSERT_TRUE(index_->reset().has_value());
  ASSERT_EQ(desk_->follow_index(10).value_or(0), 10);
  std::string id;
  ASSERT_TRUE(store_->database()
                  .read([&](store::Transaction& tx) -> Result<void> {
                    const auto row = ATALAYA_TRY(
                        tx.query_one("SELECT subject FROM change_feed WHERE position = 15"));
                    id = row.text(0);
                    return {};
                  })
                  .has_value());
  const TitleVersion title{"es", 0, "Título del zorzal", "Resumen sintético.", "ana", "", "bird"};
  ASSERT_TRUE(desk_->set_title(id, title).has_value());
  ASSERT_EQ(desk_->follow_index(10).value_or(0), 10);
  ASSERT_TRUE(index_->reset().has_value());  // and what was read ahead fits no longer
  follow();
  EXPECT_EQ(desk_->index_behind().value_or(-1), 0);
  EXPECT_EQ(index_->size(Language::es), size);
  SearchQuery query;
  query.text = "zorzal";
  query.language = Language::es;
  const auto answer = desk_->search(query);
  ASSERT_TRUE(answer.has_value());
  ASSERT_EQ(answer->hits.size(), 1U);
  EXPECT_EQ(answer->hits[0].row.id, id);
}

// Priorities of a meeting that the catalogue does not know are the parliaments' all the same, in
// the counts and behind the filter; so are those of no known year, and of a year in which another
// one was.
TEST_P(DeskTest, PrioritiesOfUnknownMeetingsAreTheParliaments) {
  const auto before = desk_->overview();
  const auto priorities = [](std::string_view day, std::string_view what) {
    return fmt::format(
        "**Gathering of the Synthetic Parliamentary Network**\n\n{}We, parliamentarians of the "
        "Americas, reaffirm our synthetic priorities:\n\n1. Pass synthetic laws on {}.\n\n2. "
        "Review synthetic budgets of {}.\n",
        day, what, what);
  };
  ASSERT_TRUE(import(*desk_, {{"dated.txt", priorities("Brasília, March 12, 2031\n\n", "ports")},
                              {"other.txt", priorities("Brasília, March 12, 2025\n\n", "hills")},
                              {"undated.txt", priorities("", "rivers")}})
                  .has_value());
  const auto after = desk_->overview();
  EXPECT_EQ(after->commitments, before->commitments + 6);
  EXPECT_EQ(after->parliaments, before->parliaments + 6);
  Filter filter;
  filter.series = {"pns"};
  EXPECT_EQ(desk_->list(filter, Language::en, 50, 0)->total, after->parliaments);
}

INSTANTIATE_TEST_SUITE_P(Engines, ShortlistTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) {
                           return engine.param == store::Engine::sqlite ? "sqlite" : "postgresql";
                         });

}  // namespace
}  // namespace atalaya::commitments
