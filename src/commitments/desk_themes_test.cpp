// Themes of commitments: by catalogue, by the title of a page, and by persons, whose word holds.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include <atalaya/commitments/export.hpp>
#include <atalaya/commitments/themes.hpp>

#include "desk_fixture.hpp"

namespace atalaya::commitments {
namespace {

using Words = std::vector<std::string>;

class ThemesTest : public DeskTest {
 protected:
  static LinkDecision decision(std::string theme, std::string what = "add") {
    return {"theme", std::move(theme), std::move(what), "synthetic", "ana", ""};
  }

  CommitmentView view(const std::string& id) { return *desk_->get(id, Language::en); }

  std::int64_t listed(const std::string& theme, Filter filter = {}) {
    filter.themes = {theme};
    return desk_->list(filter, Language::en, 1, 0)->total;
  }

  void expect_counts(const Filter& filter) {
    std::set<std::string> counted;
    const auto counts = desk_->counts("theme", filter);
    ASSERT_TRUE(counts.has_value()) << counts.error().detail;
    for (const auto& count : *counts) {
      counted.insert(count.id);
      EXPECT_EQ(listed(count.id, filter), count.commitments) << count.id;
    }
    for (const Theme& theme : desk_->catalogue().themes()) {
      EXPECT_EQ(listed(theme.id, filter) > 0, counted.contains(theme.id)) << theme.id;
    }
  }
};

TEST(Themes, ATitleNamesWhatItIsMadeOf) {
  const auto catalogue = Catalogue::embedded();
  const std::pair<const char*, Words> titles[] = {
      {"EDUCATION", {"education"}},
      {"Educación", {"education"}},
      {"SECURITY: Drugs", {"drugs"}},
      {"Sécurité – Terrorisme", {"terrorism"}},
      {"PAZ E DEFESA", {"defence"}},
      {"Democracy and Education", {"democracy", "education"}},
      {"Rights, press and elections", {"rights"}},
      {"Energy, food security and trade", {"energy", "trade"}},
      {"FOOD SECURITY", {}},
      {"Illicit trade in firearms", {}},
      {"Plan of Action", {}},
      {"", {}},
      {" : , and ", {}}};
  for (const auto& [title, themes] : titles) {
    EXPECT_EQ(themes_named(*catalogue, title), themes) << title;
  }
  EXPECT_TRUE(themes_named(*catalogue, "Education, " + std::string(500, 'a')).empty());
}

TEST(Themes, WhatNamesNoneStandsUnderNoneButWhatTheProgramKeepsBeside) {
  const auto catalogue = Catalogue::embedded();
  EXPECT_FALSE(stands_under(*catalogue, "security", {}));
  EXPECT_TRUE(concerns(*catalogue, "security", {}));
  EXPECT_FALSE(concerns(*catalogue, "education", {}));
  const Words narrow = {"mines"};
  for (const char* theme : {"mines", "defence", "security", ""}) {
    EXPECT_TRUE(stands_under(*catalogue, theme, narrow)) << theme;
  }
  EXPECT_EQ(with_broader(*catalogue, narrow), (Words{"mines", "defence", "security"}));
  EXPECT_TRUE(with_broader(*catalogue, {}).empty());
}

TEST_P(ThemesTest, APageWithoutAThemeGetsOneByAnEditorAllItemsAtOnce) {
  const auto before = *desk_->overview();
  EXPECT_EQ(before.on_subject, before.commitments);
  const auto plan = import(*desk_, {{"other.txt", page(kItems, "SYNTHETIC MATTERS")}});
  ASSERT_TRUE(plan.has_value()) << plan.error().detail;
  const FilePlan& file = plan->files[0];
  EXPECT_EQ(file.unthemed, 4);
  EXPECT_EQ(
      std::ranges::count(file.document.warnings, "commitments.import.theme_none", &Warning::reason),
      1);
  EXPECT_EQ(desk_->overview()->on_subject, before.commitments) << "nobody said that they are";
  EXPECT_EQ(listed("security"), before.commitments);

  const std::string id = file.items[0].commitment;
  ASSERT_TRUE(desk_->set_link(id, decision("drugs")).has_value());
  const auto all = desk_->set_link_of_source(file.id, decision("education"));
  ASSERT_TRUE(all.has_value()) << all.error().detail;
  EXPECT_EQ(all->changed, 4);
  EXPECT_EQ(desk_->set_link_of_source(file.id, decision("education")).error().reason,
            "commitments.link.exists");
  EXPECT_EQ(desk_->set_link_of_source("nope", decision("education")).error().reason,
            "commitments.source.not_found");
  EXPECT_EQ(desk_->set_link(id, decision("unicorns")).error().reason, "commitments.link.bad");
  EXPECT_EQ(view(id).themes, (Words{"drugs", "education"}));
  EXPECT_EQ(view(id).row.theme, "drugs") << "the first stays the main one";
  EXPECT_EQ(listed("education"), 4);
  EXPECT_EQ(desk_->overview()->on_subject, before.commitments + 1);
  EXPECT_EQ(listed("security"), before.commitments + 1);
  expect_counts({});

  ASSERT_TRUE(desk_->set_link(id, decision("drugs", "remove")).has_value());
  EXPECT_EQ(view(id).row.theme, "education");
  const auto history = *desk_->link_history(id);
  ASSERT_EQ(history.size(), 3U);
  EXPECT_EQ(history[1].target + " " + history[1].decision, "drugs remove") << "after drugs add";
  EXPECT_EQ(history[1].set_by, "ana");
  // The same words on a page about drugs, and one whose theme a person took away, change nothing.
  const auto drugs = import(*desk_, {{"drugs.txt", page({kItems[0], kItems[1]}, "DRUGS")}});
  ASSERT_TRUE(drugs.has_value()) << drugs.error().detail;
  EXPECT_EQ(view(id).themes, Words{"education"});
  EXPECT_TRUE(desk_->check_against_log()->problems.empty());
}

TEST_P(ThemesTest, ChaptersGiveTheirThemeToTheirItems) {
  const auto plan = import(
      *desk_,
      {{"chapters.txt",
        "SEVENTH SUMMIT OF THE AMERICAS\nPanama City, April 10, 2015\n\nMANDATES FOR ACTION\n\n"
        "EDUCATION\n\n1. Mend synthetic schools.\n\nHEALTH\n\n1. Mend synthetic clinics.\n\n"
        "VILLAGES\n\n1. Mend synthetic bridges.\n\n© Summits of the Americas\n"}});
  ASSERT_TRUE(plan.has_value()) << plan.error().detail;
  const FilePlan& file = plan->files[0];
  ASSERT_EQ(file.items.size(), 3U);
  EXPECT_EQ(file.unthemed, 1);
  EXPECT_EQ(view(file.items[0].commitment).themes, Words{"education"});
  EXPECT_EQ(view(file.items[1].commitment).themes, Words{"public_health"});
  EXPECT_EQ(view(file.items[2].commitment).themes, Words{});
}

TEST_P(ThemesTest, ATitleThatNamesAThemeGivesItToItemsThatHaveNone) {
  const auto plan =
      import(*desk_, {{"en.txt", page(kItems, "SECURITY: Education")},
                      {"es.txt", page(kItemsSpanish, "SEGURIDAD: Educación", kSantiagoSpanish)}});
  ASSERT_TRUE(plan.has_value()) << plan.error().detail;
  for (const FilePlan& file : plan->files) {
    EXPECT_EQ(file.unthemed, 0);
  }
  // Of two themes of which none is narrower, both; the twin brings nothing of its own.
  for (const ItemPlan& item : plan->files[0].items) {
    EXPECT_EQ(view(item.commitment).themes, (Words{"security", "education"}));
    EXPECT_EQ(view(item.commitment).link_set_by.at("theme:education"), "rule");
    EXPECT_EQ(view(item.commitment).row.theme, "security");
  }
  EXPECT_EQ(std::ranges::count(plan->files[1].items, true, &ItemPlan::themed), 0);
  // New words of an item are read anew; what the page is about stays.
  Words mended = kItems;
  mended[0] = "Promote the synthetic exchange of lists, among the 35 bodies, by December 2031.";
  ImportOptions accept;
  accept.accept_changes = true;
  const auto newer = import(*desk_, {{"v2.txt", page(mended, "SECURITY: Education")}}, accept);
  ASSERT_TRUE(newer.has_value()) << newer.error().detail;
  EXPECT_EQ(view(newer->files[0].items[0].commitment).themes, (Words{"security", "education"}));
  expect_counts({});
}

TEST_P(ThemesTest, WhatAPersonTookAwayTheCatalogueDoesNotBringBack) {
  const auto& entries = desk_->catalogue().entries();
  const auto entry =
      std::ranges::find_if(entries, [](const Entry& one) { return one.themes.size() > 1; });
  ASSERT_NE(entry, entries.end());
  ASSERT_TRUE(desk_->set_link(entry->id, decision(entry->theme, "remove")).has_value());
  ASSERT_TRUE(desk_->set_link(entry->id, decision("education")).has_value());
  const CommitmentView changed = view(entry->id);
  EXPECT_EQ(std::ranges::count(changed.themes, entry->theme), 0);
  EXPECT_EQ(changed.row.theme, entry->themes[1]);
  const auto exported = Exporter(*desk_).commitment(entry->id);
  ASSERT_TRUE(exported.has_value());
  EXPECT_EQ(json::value_to<Words>(exported->at("themes")), changed.themes);
  run_sql("DELETE FROM settings WHERE key = 'commitments.catalogue'");
  desk_ = open(store_->database());
  EXPECT_EQ(view(entry->id).themes, changed.themes);
  EXPECT_EQ(view(entry->id).row.theme, changed.row.theme);
  expect_counts({});
}

TEST_P(ThemesTest, CountsAreThoseOfTheListsUnderEveryFilter) {
  std::mt19937 random(7);
  const auto& themes = desk_->catalogue().themes();
  const auto plan = import(*desk_, {{"one.txt", page(kItems, "SYNTHETIC MATTERS")}});
  Words ids;
  for (const ItemPlan& item : plan->files[0].items) {
    ids.push_back(item.commitment);
  }
  for (std::size_t i = 0; i < 12; ++i) {
    ids.push_back(desk_->catalogue().entries()[random() % 180].id);
  }
  for (const std::string& id : ids) {
    // Refused where it is so already: then it counts once all the same.
    static_cast<void>(desk_->set_link(id, decision(themes[random() % themes.size()].id)));
  }
  ImportOptions accept;
  accept.accept_changes = true;
  const Words fewer(kItems.begin(), kItems.begin() + 3);
  ASSERT_TRUE(import(*desk_, {{"two.txt", page(fewer, "SYNTHETIC MATTERS")}}, accept).has_value());
  Filter year, gone, actionable;
  year.years = {1998};
  gone.gone = true;
  actionable.actionable = true;
  for (const Filter& filter : {Filter{}, year, gone, actionable}) {
    expect_counts(filter);
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, ThemesTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) {
                           return engine.param == store::Engine::sqlite ? "sqlite" : "postgresql";
                         });

}  // namespace
}  // namespace atalaya::commitments
