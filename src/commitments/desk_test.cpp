// Goal: what the desk promises about imports, counts, titles and antecedents, on both engines.
// Method: self-written synthetic pages in the shape of the real ones; counts against a naive loop
// over the list; every write failing once; queries that would harm if they were not parameters.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <tuple>

#include <fmt/format.h>

#include <atalaya/commitments/export.hpp>
#include <atalaya/commitments/import.hpp>
#include <atalaya/store/faulty.hpp>

#include "desk_fixture.hpp"
#include "import_compare.hpp"
#include "twin.hpp"

namespace atalaya::commitments {
namespace {

TEST_P(DeskTest, ImportsOnceAndJoinsPages) {
  const auto first = import(*desk_, {{"one.txt", page(kItems, "SECURITY: Synthetic")}});
  ASSERT_TRUE(first.has_value()) << first.error().detail;
  EXPECT_EQ(first->files[0].added, 4);
  const auto other = import(
      *desk_, {{"two.txt", page({kItems[1], "Support a further synthetic matter."}, "OTHER")}});
  ASSERT_TRUE(other.has_value()) << other.error().detail;
  EXPECT_EQ(other->files[0].duplicates, 1);
  EXPECT_EQ(other->files[0].added, 1);
  const auto shared = desk_->get(other->files[0].items[0].commitment, Language::en);
  ASSERT_TRUE(shared.has_value());
  EXPECT_EQ(shared->appearances.size(), 2U);

  const std::string before = state();
  const auto again = import(*desk_, {{"one.txt", page(kItems, "SECURITY: Synthetic")}});
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->files[0].known);
  EXPECT_EQ(again->files[0].unchanged, 4);
  EXPECT_EQ(state(), before);
}

TEST_P(DeskTest, KeepsEveryVersionOfAPage) {
  ASSERT_TRUE(import(*desk_, {{"v1.txt", page(kItems, "SECURITY: Synthetic")}}).has_value());
  std::vector<std::string> changed = kItems;
  changed.erase(changed.begin());
  changed.push_back("Support a further synthetic matter.");
  ImportOptions accept;
  accept.accept_changes = true;
  const auto newer = import(*desk_, {{"v2.txt", page(changed, "SECURITY: Synthetic")}}, accept);
  ASSERT_TRUE(newer.has_value()) << newer.error().detail;
  EXPECT_FALSE(newer->files[0].follows.empty());
  EXPECT_EQ(newer->files[0].unchanged, 3);
  EXPECT_EQ(newer->files[0].added, 1);
  EXPECT_EQ(newer->files[0].gone.size(), 1U);
  // What the newer version dropped stays readable, says so, and is counted no more.
  const auto gone = desk_->get(newer->files[0].gone[0], Language::en);
  ASSERT_TRUE(gone.has_value());
  EXPECT_EQ(gone->gone_from, newer->files[0].id);
  Filter filter;
  filter.held = true;
  EXPECT_EQ(desk_->list(filter, Language::en, 50, 0)->total, 4);
  // Whoever counts an export gets the same number: what is gone is marked, or not in it.
  const std::string dropped = newer->files[0].gone[0];
  const std::string older = newer->files[0].follows;
  const auto csv = Exporter(*desk_).write(ExportFormat::csv);
  ASSERT_TRUE(csv.has_value());
  for (const std::string_view row : split(*csv, '\n')) {
    EXPECT_EQ(row.starts_with(dropped), row.ends_with(",0," + newer->files[0].id + "\r")) << row;
  }
  const auto jsonld = json::parse(*Exporter(*desk_).write(ExportFormat::jsonld));
  const auto& graph = jsonld.at("@graph").as_array();
  EXPECT_EQ(std::ranges::count_if(graph,
                                  [&](const json::value& node) {
                                    return node.as_object().contains("schema:creativeWorkStatus");
                                  }),
            1);
  EXPECT_EQ(std::ranges::count_if(graph,
                                  [&](const json::value& node) {
                                    return node.at("@id").as_string() ==
                                               "urn:atalaya:source:" + older &&
                                           node.as_object().contains("dcterms:isReplacedBy");
                                  }),
            1);
  const auto akn = Exporter(*desk_).write(ExportFormat::akn);
  EXPECT_EQ(akn->find(dropped), std::string::npos);
  EXPECT_NE(akn->find(newer->files[0].items[0].commitment), std::string::npos);
  // The first version again is a newer one once more: what it holds counts again.
  ASSERT_TRUE(import(*desk_, {{"v3.txt", page(kItems, "SECURITY: Synthetic") + "\n"}}, accept)
                  .has_value());
  EXPECT_EQ(desk_->get(newer->files[0].gone[0], Language::en)->gone_from, "");
}

// One word apart from what the catalogue knows is no commitment more.
TEST_P(DeskTest, OtherWordsInAPlaceOfTheCatalogueAreItsCommitment) {
  const std::vector<InputFile> file{{"a.txt", page(kItems, "SECURITY: Synthetic")}};
  FilePlan plan = Importer(*desk_).plan(file, {})->files[0];
  std::vector<std::string> ids;
  std::vector<Entry> entries(kItems.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    ids.push_back(plan.items[i].commitment);
    entries[i].id = ids[i];
    entries[i].meeting = "summit-1998";
    entries[i].stands_on = {{"synthetic", static_cast<std::int32_t>(i + 1)}};
    entries[i].summary.set(Language::en, kItems[i]);
  }
  entries[1].id = "0f0f0f0f";
  const auto taken = [&](const std::vector<Entry>& known) {
    Held held;
    FilePlan copy = plan;
    take_catalogue_places(copy, known, ids, held);
    return copy.items[1].commitment;
  };
  EXPECT_EQ(taken(entries), "0f0f0f0f");
  EXPECT_EQ(plan.items[0].commitment, ids[0]);
  auto others = entries;
  others[1].summary.set(Language::en, "Build lighthouses on every coast.");
  EXPECT_EQ(taken(others), ids[1]) << "other matters";
  others = entries;
  others[2].id = "1e1e1e1e";
  EXPECT_EQ(taken(others), ids[1]) << "a neighbour is unknown, too";
  others = entries;
  others[1].meeting = "summit-1994";
  EXPECT_EQ(taken(others), ids[1]) << "of another meeting";
}

// Nobody takes a translation for the document's words.
TEST_P(DeskTest, WhatIsHeldInTranslationAloneIsSaid) {
  ImportOptions translation;
  translation.translation = true;
  ASSERT_TRUE(import(*desk_, {{"a.txt", page(kItems, "SECURITY: Synthetic")}}, translation));
  const auto overview = desk_->overview();
  EXPECT_EQ(overview->held, 4);
  EXPECT_EQ(overview->translated, 4);
  Filter filter;
  filter.held = true;
  const auto held = desk_->list(filter, Language::en, 10, 0);
  for (const auto& row : held->rows) {
    EXPECT_EQ(row.text_standing, "translation");
  }
  filter.formulations = {"declaratory"};
  EXPECT_EQ(desk_->list(filter, Language::en, 10, 0)->total, 1);
}

// A meeting that the catalogue does not know is what the documents print of it.
TEST_P(DeskTest, AnUnknownMeetingHasItsPlaces) {
  const std::string text =
      page({"Promote synthetic bridges."}, "SECURITY: Synthetic", "(Plan of Action Sparta, 2031)");
  const auto plan = import(*desk_, {{"a.txt", text}});
  ASSERT_TRUE(plan.has_value()) << plan.error().detail;
  const auto row = desk_->get(plan->files[0].items[0].commitment, Language::en)->row;
  const auto places = desk_->places_of_meeting(row.meeting);
  ASSERT_EQ(places->size(), 1U) << row.meeting;
  EXPECT_EQ(places->front().place, "Sparta");
  EXPECT_EQ(places->front().source, plan->files[0].id);
  EXPECT_EQ(places->front().commitments, 1);

  // Several files of one such meeting keep their items together, under what each calls itself.
  const auto two = [&](std::string_view theme, std::string_view plan_name) {
    return page(
        {fmt::format("Paint {} doors.", plan_name), fmt::format("Clean {} roofs.", plan_name)},
        theme, fmt::format("({} Sparta, 2031)", plan_name));
  };
  ASSERT_TRUE(import(*desk_, {{"b.txt", two("HEALTH: Synthetic", "Declaration")},
                              {"c.txt", two("TRADE: Synthetic", "Commitment")}}));
  Filter filter;
  filter.meetings = {row.meeting};
  std::vector<std::string> named;
  const auto held = desk_->list(filter, Language::en, 10, 0);
  for (const auto& one : held->rows) {
    named.push_back(one.printed_in);
  }
  const auto all = fmt::format("{}", fmt::join(named, ", "));
  EXPECT_EQ(named.size(), 5U) << all;
  named.erase(std::unique(named.begin(), named.end()), named.end());
  EXPECT_EQ(named.size(), 3U) << all;
}

// A page that came in as official by a forgotten option does not stay so, and none becomes so unseen.
TEST_P(DeskTest, AStandingChangesOnlyWhereSomebodyAcceptsIt) {
  ImportOptions translation;
  translation.translation = true;
  for (const bool first_official : {true, false}) {
    const std::string name = first_official ? "one" : "other";
    const std::string own = page({first_official ? "Promote the synthetic one of standing."
                                                 : "Build lighthouses on every coast by 2031."},
                                 name);
    ImportOptions first = first_official ? ImportOptions() : translation;
    ImportOptions then = first_official ? translation : ImportOptions();
    const auto held = import(*desk_, {{"v1.txt", own}}, first);
    ASSERT_TRUE(held.has_value()) << held.error().detail;
    EXPECT_EQ(import(*desk_, {{"v1.txt", own}}, then).error().reason,
              "commitments.import.standing");
    EXPECT_EQ(import(*desk_, {{"v2.txt", own + "\n"}}, then).error().reason,
              "commitments.import.changes");
    then.accept_changes = true;
    ASSERT_TRUE(import(*desk_, {{"v2.txt", own + "\n"}}, then).has_value());
    const auto view = desk_->get(held->files[0].items[0].commitment, Language::en);
    EXPECT_EQ(view->texts.at(0).standing, first_official ? "translation" : "official");
    // The first version again brings its standing back.
    EXPECT_EQ(import(*desk_, {{"v1.txt", own}}, first).error().reason,
              "commitments.import.changes");
    first.accept_changes = true;
    ASSERT_TRUE(import(*desk_, {{"v1.txt", own}}, first).has_value());
    const auto back = desk_->get(held->files[0].items[0].commitment, Language::en);
    EXPECT_EQ(back->texts.at(0).standing, first_official ? "official" : "translation");
  }
}

// A warning of the reader of files is given once, and no other one with it.
TEST_P(DeskTest, WarningsOfTheReaderStandOnce) {
  const auto plan = Importer(*desk_).plan(
      {{"hidden.html", "<html><body><p>SECURITY: Synthetic</p><ol><li>Promote a synthetic "
                       "census of bridges.</li></ol><p style=\"display:none\">Promote a "
                       "synthetic census of harbours in all the ports of the hemisphere."
                       "</p></body></html>"}},
      {});
  ASSERT_TRUE(plan.has_value()) << plan.error().detail;
  const auto& warnings = plan->files[0].document.warnings;
  EXPECT_EQ(std::ranges::count(warnings, "files.hidden_text", &Warning::reason), 1);
  EXPECT_EQ(std::ranges::count(warnings, "files.hidden_text", &Warning::detail), 0);
}

// What is shown in another order than it has must not become an official text unseen.
TEST_P(DeskTest, TextsThatReadOtherwiseThanTheyAreWaitForAcceptance) {
  const std::string turned = "We will \u202Egrahc ton\u202C synthetic fees at borders.";
  const auto files = std::vector<InputFile>{
      {"turned.txt", page({turned, "Promote syn\u200Bthetic bridges."}, "SECURITY: Synthetic")}};
  const auto plan = Importer(*desk_).plan(files, {});
  ASSERT_TRUE(plan.has_value()) << plan.error().detail;
  const auto& warnings = plan->files[0].document.warnings;
  const auto found = std::ranges::find(warnings, "commitments.import.reordered", &Warning::reason);
  ASSERT_NE(found, warnings.end());
  EXPECT_GT(found->line, 0);
  EXPECT_EQ(std::ranges::count(warnings, "commitments.import.unseen", &Warning::reason), 1);
  for (const std::string_view control : {"\x1B[31m", "\x01", "\x0B", "\x7F", "\u009F", "\uFFFE"}) {
    const std::string item = fmt::format("Promote {}synthetic bridges.", control);
    const auto told = Importer(*desk_).plan({{"c.txt", page({item}, "SECURITY: Synthetic")}}, {});
    ASSERT_TRUE(told.has_value()) << told.error().detail;
    EXPECT_EQ(std::ranges::count(told->files[0].document.warnings, "commitments.import.control",
                                 &Warning::reason),
              1);
  }
  for (const std::string_view where : {"Synthetic", "(Plan of Action", "Promote"}) {
    std::string text = page({"Promote synthetic bridges."}, "SECURITY: Synthetic");
    text.insert(text.find(where) + 3, "\u2067");
    const auto other = Importer(*desk_).plan({{"turned.txt", text}}, {});
    ASSERT_TRUE(other.has_value()) << where;
    EXPECT_TRUE(other->files[0].needs_acceptance) << where;
  }
  EXPECT_EQ(import(*desk_, files).error().reason, "commitments.import.changes");
  ImportOptions accept;
  accept.accept_changes = true;
  ASSERT_TRUE(import(*desk_, files, accept).has_value());
}

// However much a file loses, it is stopped; a page of the same name about other matters is no
// version of the one held and takes nothing from it.
TEST_P(DeskTest, NoLossIsTooLargeToBeStopped) {
  std::vector<std::string> items;
  for (const char* matter : {"bridges", "harvests", "archives", "harbours", "clinics", "orchards",
                             "libraries", "pastures", "theatres", "glaciers"}) {
    items.push_back(fmt::format("Promote a synthetic census of {0} with keepers of {0}.", matter));
  }
  const auto whole = import(*desk_, {{"v1.txt", page(items, "SECURITY: Synthetic")}});
  ASSERT_TRUE(whole.has_value()) << whole.error().detail;
  const std::string before = state();
  for (const std::size_t kept : {9U, 7U, 5U, 4U, 1U}) {
    const std::vector<std::string> first(items.begin(),
                                         items.begin() + static_cast<std::ptrdiff_t>(kept));
    const auto cut = import(*desk_, {{"cut.txt", page(first, "SECURITY: Synthetic")}});
    ASSERT_FALSE(cut.has_value()) << kept;
    EXPECT_EQ(cut.error().reason, "commitments.import.changes");
    EXPECT_EQ(state(), before) << kept;
  }
  const auto other =
      import(*desk_, {{"other.txt", page({"Protect rural roads."}, "SECURITY: Synthetic")}});
  ASSERT_TRUE(other.has_value()) << other.error().detail;
  EXPECT_EQ(other->files[0].follows, "");
  EXPECT_TRUE(other->files[0].gone.empty());
  EXPECT_EQ(desk_->get(whole->files[0].items[0].commitment, Language::en)->gone_from, "");
  // The next version of the first page still follows it, though it is not the newest of its name.
  items.push_back("Support yet another synthetic matter.");
  const auto next = import(*desk_, {{"v2.txt", page(items, "SECURITY: Synthetic")}});
  ASSERT_TRUE(next.has_value()) << next.error().detail;
  EXPECT_EQ(next->files[0].follows, whole->files[0].id);
}

// The real page, cut to fewer than half of its lines.
TEST_P(DeskTest, ARealPageThatWasCutIsStopped) {
  const char* shared = std::getenv("ATALAYA_SHARED");
  const std::filesystem::path folder =
      (shared != nullptr ? std::filesystem::path(shared)
                         : std::filesystem::path(ATALAYA_SOURCE_DIR "/../shared")) /
      "documents";
  std::string bytes;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    if (entry.path().filename().string().starts_with("001_")) {
      std::ifstream file(entry.path(), std::ios::binary);
      bytes.assign(std::istreambuf_iterator<char>(file), {});
    }
  }
  if (bytes.empty()) {
    GTEST_SKIP() << "no source documents: set ATALAYA_SHARED to what holds documents/";
  }
  ASSERT_TRUE(import(*desk_, {{"001.txt", bytes}}).has_value());
  const std::string before = state();
  for (const int lines : {300, 200, 100, 60}) {
    std::size_t end = 0;
    for (int n = 0; n < lines && end < bytes.size(); ++n) {
      end = bytes.find('\n', end) + 1;
    }
    ImportOptions options;
    options.incomplete = true;
    const auto cut = import(*desk_, {{"cut.txt", bytes.substr(0, end)}}, options);
    ASSERT_FALSE(cut.has_value()) << lines;
    EXPECT_EQ(cut.error().reason, "commitments.import.changes");
    EXPECT_EQ(state(), before);
  }
}

TEST_P(DeskTest, JoinsAnotherLanguageItemByItemAndNothingElse) {
  ASSERT_TRUE(import(*desk_, {{"en.txt", page(kItems, "SECURITY: Synthetic")}}).has_value());
  const auto twin = import(
      *desk_, {{"es.txt", page(kItemsSpanish, "SEGURIDAD: Sintética", kSantiagoSpanish)}});
  ASSERT_TRUE(twin.has_value()) << twin.error().detail;
  ASSERT_FALSE(twin->files[0].twin_of.empty());
  const auto view = desk_->get(twin->files[0].items[1].commitment, Language::es);
  ASSERT_TRUE(view.has_value());
  EXPECT_EQ(view->texts.size(), 2U);

  // As many items of the same meeting, but other matters.
  const auto unrelated = import(
      *desk_, {{"fr.txt", page({"Proteger los caminos rurales y los puentes viejos.",
                                "Cuidar la salud de las familias del campo.",
                                "Abrir escuelas nuevas para los jóvenes.",
                                "Limpiar los ríos y sembrar los bosques."},
                               "EDUCACIÓN", kSantiagoSpanish)}});
  ASSERT_TRUE(unrelated.has_value()) << unrelated.error().detail;
  EXPECT_TRUE(unrelated->files[0].twin_of.empty());
}

// A text must never stand as the official one of another item, nor may a page count twice unasked.
TEST_P(DeskTest, ItemsOfATwinThatChangedPlacesOrWordsAreAskedFor) {
  const auto file = [](const std::vector<std::string>& items) {
    return InputFile{"es.txt", page(items, "SEGURIDAD: Sintética", kSantiagoSpanish)};
  };
  ImportOptions accept;
  accept.accept_changes = true;
  std::vector<std::string> ids;
  const auto english =
      import(*desk_, {{"en.txt", page(kItems, "SECURITY: Synthetic")}});
  ASSERT_TRUE(english.has_value());
  for (const ItemPlan& item : english->files[0].items) {
    ids.push_back(item.commitment);
  }
  const std::string before = state();
  const auto stopped = [&](const std::vector<std::string>& items) {
    const auto refused = import(*desk_, {file(items)});
    EXPECT_EQ(refused ? "" : refused.error().reason, "commitments.import.changes");
    EXPECT_EQ(state(), before);
    return std::move(Importer(*desk_).plan({file(items)}, {})->files[0]);
  };
  // Two neighbours in the other order: the right words are shown, and nothing else is joined.
  std::vector<std::string> swapped = kItemsSpanish;
  std::swap(swapped[2], swapped[3]);
  const FilePlan crossed = stopped(swapped);
  ASSERT_EQ(crossed.rewordings.size(), 1U);
  const Rewording& odd = crossed.rewordings[0];
  EXPECT_TRUE(odd.across && odd.kind == Rewording::Kind::suggested);
  const auto at = static_cast<std::size_t>(std::ranges::find(ids, odd.earlier) - ids.begin());
  EXPECT_TRUE(odd.after.starts_with(kItemsSpanish.at(at).substr(0, 30))) << odd.after;
  // Other words in a place.
  std::vector<std::string> mixed = kItemsSpanish;
  mixed[1] = "Proteger los ríos y los bosques de la montaña frente a la minería.";
  const FilePlan other = stopped(mixed);
  ASSERT_EQ(other.rewordings.size(), 1U);
  EXPECT_EQ(other.rewordings[0].earlier, ids[1]);
  ImportOptions apart;
  apart.apart = {other.rewordings[0].commitment};
  const auto said = Importer(*desk_).plan({file(mixed)}, apart);
  ASSERT_TRUE(said.has_value()) << said.error().detail;
  EXPECT_EQ(std::pair(said->files[0].added, said->files[0].needs_acceptance), std::pair(1, false));
  // One more.
  std::vector<std::string> more = kItemsSpanish;
  more.insert(more.begin() + 1, mixed[1]);
  EXPECT_EQ(stopped(more).added, 1);
  // One less.
  std::vector<std::string> less = kItemsSpanish;
  less.erase(less.begin() + 1);
  const FilePlan shorter = stopped(less);
  EXPECT_EQ(shorter.added, 0);
  EXPECT_TRUE(std::ranges::any_of(shorter.document.warnings, [&](const Warning& warning) {
    return warning.reason == "commitments.import.twin_missing" &&
           warning.detail.starts_with(ids[1]);
  }));
  ASSERT_TRUE(import(*desk_, {file(less)}, accept).has_value());
  EXPECT_EQ(desk_->get(ids[1], Language::es)->texts.size(), 1U);
  const auto whole = import(*desk_, {file(kItemsSpanish)});
  ASSERT_TRUE(whole.has_value()) << whole.error().detail;
  Filter held;
  held.held = true;
  EXPECT_EQ(desk_->list(held, Language::en, 50, 0)->total, 4);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    EXPECT_EQ(whole->files[0].items[i].commitment, ids[i]);
    EXPECT_EQ(desk_->get(ids[i], Language::es)->texts.size(), 2U);
  }
}

TEST_P(DeskTest, AnItemInAnotherPlaceJoinsWhenSomebodySaysSo) {
  ASSERT_TRUE(import(*desk_, {{"en.txt", page(kItems, "SECURITY: Synthetic")}}).has_value());
  std::vector<std::string> swapped = kItemsSpanish;
  std::swap(swapped[2], swapped[3]);
  const std::vector<InputFile> file{
      {"es.txt", page(swapped, "SEGURIDAD: Sintética", kSantiagoSpanish)}};
  const auto seen = Importer(*desk_).plan(file, {});
  ASSERT_EQ(seen->files[0].rewordings.size(), 1U);
  const Rewording& odd = seen->files[0].rewordings[0];
  ImportOptions same;
  same.same = {{odd.earlier, odd.commitment}};
  const auto done = import(*desk_, file, same);
  ASSERT_TRUE(done.has_value()) << done.error().detail;
  for (std::size_t i = 0; i < swapped.size(); ++i) {
    const auto view = desk_->get(done->files[0].items[i].commitment, Language::es);
    ASSERT_EQ(view->texts.size(), 2U);
    const auto place = std::ranges::find(kItemsSpanish, swapped[i]) - kItemsSpanish.begin();
    for (const auto& text : view->texts) {
      const std::string& words = text.language == "es" ? swapped[i]
                                                       : kItems[static_cast<std::size_t>(place)];
      EXPECT_TRUE(text.text.starts_with(words.substr(0, 30))) << text.text;
    }
  }
  const auto check = desk_->check_against_log();
  EXPECT_TRUE(check.has_value() && check->problems.empty());
}

struct TwinPage {
  Language language;
  std::string_view theme, citation;
  std::vector<std::string> items;
  std::string reworded, appended;  // of its second item
};

// Nothing that happens to a page in one language may part it from the others, or count twice.
TEST_P(DeskTest, NewVersionsOfATwinStayJoined) {
  const std::string fund = " 500 000 (OEA, OAS) 2033.";
  std::vector<TwinPage> pages{
      {Language::es, "SEGURIDAD: Sintética", kSantiagoSpanish, kItemsSpanish,
       "Fortalecer las revisiones sintéticas de los registros, según proceda.",
       "Crear para la democracia un fondo sintético de" + fund},
      {Language::pt, "SEGURANÇA: Sintética", "(Plano de Ação Santiago, 1998)",
       {"Promover o intercâmbio sintético de listas entre os 35 corpos até dezembro de 2031.",
        "Fortalecer as revisões sintéticas dos registros, conforme o caso.",
        "Reconhecer que a cooperação sintética importa à democracia em 1998.",
        "Solicitar à OEA que prepare um relatório sintético sobre terrorismo e corrupção."},
       "Fortalecer as revisões sintéticas dos registros, quando for o caso.",
       "Criar para a democracia um fundo sintético de" + fund},
      {Language::fr, "SÉCURITÉ : Synthétique", "(Plan d'action Santiago, 1998)",
       {"Promouvoir l'échange synthétique des listes entre les 35 corps avant décembre 2031.",
        "Renforcer les revues synthétiques des registres, dans les cas appropriés.",
        "Reconnaître que la coopération synthétique importe à la démocratie en 1998.",
        "Demander à la OEA de préparer un rapport synthétique sur le terrorisme et la corruption."},
       "Renforcer les revues synthétiques des registres, selon le cas approprié.",
       "Créer pour la démocratie un fonds synthétique de" + fund}};
  const auto ids_of = [](const FilePlan& file) {
    std::vector<std::string> ids;
    for (const ItemPlan& item : file.items) {
      ids.push_back(item.commitment);
    }
    return ids;
  };
  const auto counted = [&] {
    Filter filter;
    filter.held = true;
    return desk_->list(filter, Language::en, 50, 0)->total;
  };
  // Plans without writing, then imports; both say the same.
  const auto import_next = [&](const TwinPage& of, std::string_view end) {
    const std::vector<InputFile> file{
        {fmt::format("{}.txt", to_string(of.language)),
         page(of.items, of.theme, of.citation) + std::string(end)}};
    const std::string before = state();
    const auto dry = Importer(*desk_).plan(file, {});
    EXPECT_TRUE(dry.has_value());
    EXPECT_EQ(state(), before);
    auto done = import(*desk_, file);
    EXPECT_TRUE(done.has_value()) << done.error().detail;
    EXPECT_EQ(Importer::summary(dry->files[0]), Importer::summary(done->files[0]));
    return std::move(done->files[0]);
  };
  TwinPage original{Language::en, "SECURITY: Synthetic", kSantiago, kItems, "",
                    "Create for democracy a synthetic fund of" + fund};
  const std::vector<std::string> ids = ids_of(import_next(original, ""));
  for (const TwinPage& twin : pages) {
    const FilePlan first = import_next(twin, "");
    ASSERT_EQ(first.document.language, twin.language);
    ASSERT_FALSE(first.twin_of.empty()) << to_string(twin.language);
    EXPECT_EQ(ids_of(first), ids);
  }
  std::vector<std::string> longer = ids;
  for (TwinPage& twin : pages) {
    SCOPED_TRACE(to_string(twin.language));
    const FilePlan same = import_next(twin, "\n");
    EXPECT_FALSE(same.follows.empty());
    EXPECT_EQ(std::tuple(same.added, same.unchanged, same.gone.size()), std::tuple(0, 4, 0U));
    EXPECT_EQ(ids_of(same), ids);

    twin.items[1] = twin.reworded;
    const FilePlan reworded = import_next(twin, "");
    EXPECT_EQ(std::tuple(reworded.added, reworded.unchanged, reworded.gone.size()),
              std::tuple(0, 3, 0U));
    EXPECT_EQ(ids_of(reworded), ids);
    ASSERT_EQ(reworded.rewordings.size(), 1U);
    EXPECT_EQ(reworded.rewordings[0].kind, Rewording::Kind::joined);
    const auto view = desk_->get(ids[1], twin.language);
    ASSERT_EQ(view->texts.size(), 4U);
    for (const auto& text : view->texts) {
      const auto of = std::ranges::find_if(
          pages, [&](const TwinPage& one) { return to_string(one.language) == text.language; });
      EXPECT_EQ(text.text, of == pages.end() ? kItems[1] : of->items[1]);
    }

    // The first page that got a further item makes it a commitment, the others join it.
    const bool is_first = longer.size() == ids.size();
    twin.items.push_back(twin.appended);
    const FilePlan appended = import_next(twin, "");
    EXPECT_EQ(std::tuple(appended.added, appended.unchanged, appended.gone.size()),
              std::tuple(is_first ? 1 : 0, 4, 0U));
    longer = is_first ? ids_of(appended) : longer;
    EXPECT_EQ(ids_of(appended), longer);
    EXPECT_EQ(counted(), 5);
  }
  original.items.push_back(original.appended);
  EXPECT_EQ(ids_of(import_next(original, "")), longer);
  EXPECT_EQ(counted(), 5);
  EXPECT_EQ(desk_->get(longer[4], Language::en)->texts.size(), 4U);
  // What nobody else has stays a page's own, whatever else changed with it.
  pages[0].items[0] += " Sin demora.";
  pages[0].items.erase(pages[0].items.begin() + 2);
  ImportOptions accept;
  accept.accept_changes = true;
  const auto done = import(
      *desk_, {{"es.txt", page(pages[0].items, pages[0].theme, pages[0].citation)}}, accept);
  ASSERT_TRUE(done.has_value()) << done.error().detail;
  const FilePlan& shorter = done->files[0];
  EXPECT_EQ(ids_of(shorter), (std::vector<std::string>{ids[0], ids[1], ids[3], longer[4]}));
  EXPECT_EQ(desk_->get(ids[2], Language::en)->gone_from, "");
  const auto check = desk_->check_against_log();
  EXPECT_TRUE(check.has_value() && check->problems.empty());
}

TEST_P(DeskTest, FailingWritesLeaveNothing) {
  store::FaultyDatabase faulty(store_->database());
  faulty.fail_at(0);
  const auto desk = open(faulty);
  const std::string before = state();
  int failures = 0;
  for (std::int64_t n = 1; n < 500; ++n) {
    faulty.fail_at(n);
    const auto done = import(*desk, {{"one.txt", page(kItems, "SECURITY: Synthetic")}});
    if (done) {
      break;
    }
    EXPECT_EQ(done.error().reason, "store.disk_full");
    ASSERT_EQ(state(), before) << "after the failure of step " << n;
    ++failures;
  }
  EXPECT_GT(failures, 10);
  EXPECT_NE(state(), before);
}

TEST_P(DeskTest, OneBadFileStopsAll) {
  const std::string before = state();
  const auto done = import(*desk_, {{"good.txt", page(kItems, "SECURITY: Synthetic")},
                                    {"bad.txt", std::string("\xFF\xFE\x00 x", 5)}});
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(state(), before);
}

TEST_P(DeskTest, AStalePlanIsRefused) {
  Importer importer(*desk_);
  const auto plan = importer.plan({{"one.txt", page(kItems, "SECURITY: Synthetic")}}, {});
  ASSERT_TRUE(plan.has_value());
  ASSERT_TRUE(import(*desk_, {{"two.txt", page({kItems[0]}, "OTHER")}}).has_value());
  const auto applied = importer.apply(*plan, {});
  ASSERT_FALSE(applied.has_value());
  EXPECT_EQ(applied.error().reason, "commitments.import.stale");
}

// Each number is computed once; here every one is computed a second time, naively.
TEST_P(DeskTest, CountsAgreeWithTheListForEveryFilter) {
  ASSERT_TRUE(import(*desk_, {{"one.txt", page(kItems, "SECURITY: Synthetic")}}).has_value());
  const auto all = desk_->list({}, Language::en, 10'000, 0);
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(static_cast<std::size_t>(all->total), all->rows.size());
  const auto overview = desk_->overview();
  ASSERT_TRUE(overview.has_value());
  EXPECT_EQ(overview->commitments, all->total);
  std::int32_t cells = 0;
  for (const auto& cell : overview->cells) {
    cells += cell.acts + cell.declarations;
  }
  EXPECT_EQ(cells, overview->summit);
  EXPECT_EQ(std::ranges::count_if(all->rows, &CommitmentRow::held), overview->held);
  EXPECT_EQ(std::ranges::count_if(all->rows, &CommitmentRow::actionable), overview->actionable);

  for (const auto field : {"theme", "meeting", "document", "year", "role", "instrument"}) {
    const auto counts = desk_->counts(field, {});
    ASSERT_TRUE(counts.has_value());
    for (const auto& count : *counts) {
      Filter filter;
      const std::string_view name = field;
      if (name == "year") {
        filter.years = {std::stoi(count.id)};
      } else {
        (name == "theme"        ? filter.themes
         : name == "meeting"    ? filter.meetings
         : name == "document"   ? filter.documents
         : name == "instrument" ? filter.instruments
                                : filter.roles) = {count.id};
      }
      const auto listed = desk_->list(filter, Language::en, 1, 0);
      ASSERT_TRUE(listed.has_value());
      EXPECT_EQ(listed->total, count.commitments) << field << " " << count.id;
    }
  }
}

TEST_P(DeskTest, ValuesAreNeverPartOfAStatement) {
  const std::string evil = "x'; DROP TABLE commitments; --";
  Filter filter;
  filter.themes = {evil};
  filter.meetings = {evil};
  const auto listed = desk_->list(filter, Language::en, 10, 0);
  ASSERT_TRUE(listed.has_value());
  EXPECT_EQ(listed->total, 0);
  EXPECT_EQ(desk_->get(evil, Language::en).error().code, ErrorCode::not_found);
  EXPECT_EQ(desk_->counts(evil, {}).error().code, ErrorCode::invalid_argument);
  EXPECT_GT(desk_->overview()->commitments, 180);
}

TEST_P(DeskTest, TitlesAreVersionsAndTheSecondWriterSeesTheConflict) {
  const std::string id = desk_->catalogue().entries().front().id;
  TitleVersion title{"es", 0, "Título sintético", "Resumen sintético.", "ana", "", "clarity"};
  ASSERT_TRUE(desk_->set_title(id, title).has_value());
  title.set_by = "luis";
  // Whoever changes our words says why, as with every other decision; a blank is no reason.
  for (const std::string& reason : {std::string(), std::string(" \n "), std::string(2001, 'x'),
                                    std::string("cut in a letter \xC3")}) {
    TitleVersion silent = title;
    silent.version = 1;
    silent.reason = reason;
    EXPECT_EQ(desk_->set_title(id, silent).error().reason, "commitments.title.reason") << reason;
  }
  const auto second = desk_->set_title(id, title);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().reason, "commitments.title.changed");
  EXPECT_EQ(desk_->get(id, Language::es)->row.title, "Título sintético");
  EXPECT_NE(desk_->get(id, Language::en)->row.title, "Título sintético");
  const auto history = desk_->title_history(id);
  ASSERT_TRUE(history.has_value());
  EXPECT_EQ(history->size(), 5U);  // four of the catalogue and one of a person
}

TEST_P(DeskTest, AntecedentsPointBackwardsAndCanBeWithdrawn) {
  std::string older;
  std::string newer;
  for (const Entry& entry : desk_->catalogue().entries()) {
    older = entry.year == 1994 && older.empty() ? entry.id : older;
    newer = entry.year == 2022 && newer.empty() ? entry.id : newer;
  }
  EXPECT_EQ(desk_->confirm_antecedent(older, newer, "restates", "x", "ana").error().reason,
            "commitments.antecedent.order");
  EXPECT_EQ(desk_->confirm_antecedent(older, older, "restates", "x", "ana").error().reason,
            "commitments.antecedent.itself");
  EXPECT_EQ(desk_->confirm_antecedent(newer, older, "copies", "x", "ana").error().reason,
            "commitments.antecedent.type");
  const auto id = desk_->confirm_antecedent(newer, older, "restates", "synthetic", "ana");
  ASSERT_TRUE(id.has_value()) << id.error().detail;
  EXPECT_EQ(desk_->confirm_antecedent(newer, older, "weakens", "x", "luis").error().reason,
            "commitments.antecedent.exists");
  const auto linked = [&] {
    const auto view = desk_->get(older, Language::en);
    return std::ranges::count(view->antecedents, *id, &AntecedentView::id);
  };
  EXPECT_EQ(linked(), 1);
  ASSERT_TRUE(desk_->withdraw_antecedent(*id, "luis").has_value());
  EXPECT_EQ(linked(), 0);
  // What the ranking proposed keeps why; what a person found without it says nothing.
  const auto candidates = desk_->candidates(newer, Language::en, 5);
  ASSERT_TRUE(candidates.has_value());
  for (const CandidateView& candidate : *candidates) {
    const bool is_later = candidate.row.year > 2022;
    const auto linked_now =
        desk_->confirm_antecedent(is_later ? candidate.row.id : newer,
                                  is_later ? newer : candidate.row.id, "restates", "x", "ana");
    if (!linked_now) {
      continue;  // the catalogue links it already
    }
    const auto view = desk_->get(newer, Language::en);
    const auto kept = std::ranges::find(view->antecedents, *linked_now, &AntecedentView::id);
    ASSERT_NE(kept, view->antecedents.end());
    EXPECT_EQ(kept->suggested_because, candidate.reasons);
    EXPECT_FALSE(candidate.reasons.empty());
    break;
  }
  EXPECT_EQ(desk_->withdraw_antecedent(*id, "luis").error().code, ErrorCode::not_found);
}

TEST_P(DeskTest, ExportsAreDeterministicAndSafeForSpreadsheets) {
  ASSERT_TRUE(import(*desk_, {{"one.txt", page({"=SUM(A1) is a synthetic formula to promote."},
                                               "SECURITY: Synthetic")}})
                  .has_value());
  for (const auto format :
       {ExportFormat::json, ExportFormat::csv, ExportFormat::jsonld, ExportFormat::akn}) {
    const auto first = Exporter(*desk_).write(format);
    const auto second = Exporter(*desk_).write(format);
    ASSERT_TRUE(first.has_value() && second.has_value());
    EXPECT_EQ(*first, *second);
  }
  const auto csv = Exporter(*desk_).write(ExportFormat::csv);
  EXPECT_EQ(csv->find(",=SUM"), std::string::npos);
  EXPECT_NE(csv->find("'=SUM"), std::string::npos);
}

TEST_P(DeskTest, TheLogVerifiesAfterEverything) {
  ASSERT_TRUE(import(*desk_, {{"one.txt", page(kItems, "SECURITY: Synthetic")}}).has_value());
  const auto report = ledgers_.front()->verify();
  ASSERT_TRUE(report.has_value());
  EXPECT_TRUE(report->ok());
  EXPECT_GE(report->size, 6U);  // the catalogue, four texts, the import
}

TEST_P(DeskTest, NoticesTextsThatWereChangedBehindItsBack) {
  ASSERT_TRUE(import(*desk_, {{"one.txt", page(kItems, "SECURITY: Synthetic")}}).has_value());
  ASSERT_TRUE(desk_->check_against_log().has_value());
  EXPECT_TRUE(desk_->check_against_log()->problems.empty());
  for (const char* harm :
       {"UPDATE commitment_texts SET text = 'Do nothing.' WHERE text LIKE 'Strengthen%'",
        "UPDATE appearances SET text = 'Do nothing.' WHERE ordinal = 1",
        "DELETE FROM commitment_texts WHERE text LIKE 'Request%'"}) {
    const auto before = desk_->check_against_log()->problems.size();
    ASSERT_TRUE(store_->database()
                    .write([&](store::Transaction& tx) -> Result<void> {
                      ATALAYA_TRY(tx.execute(harm));
                      return {};
                    })
                    .has_value());
    EXPECT_GT(desk_->check_against_log()->problems.size(), before) << harm;
  }
}

TEST_P(DeskTest, ACutPageIsRefusedUnlessSomebodySaysSo) {
  std::string cut = page(kItems, "SECURITY: Synthetic");
  cut.resize(cut.find("synthetic report"));
  Importer importer(*desk_);
  const auto refused = importer.plan({{"cut.txt", cut}}, {});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, "commitments.import.cut");
  ImportOptions options;
  options.incomplete = true;
  EXPECT_TRUE(importer.plan({{"cut.txt", cut}}, options).has_value());
}

// The end of a list that cannot be read hangs on its last item.
TEST_P(DeskTest, AnEndlessItemIsRefusedWithItsLines) {
  std::string lines = "Synthetic strategy\n\n1. Strengthen cooperation.\n2. Promote lists of";
  while (lines.size() <= kItemBytesMax + kItemBytesMax / 8) {
    lines += "\n   5000. synthetic names and words";
  }
  Importer importer(*desk_);
  const auto refused = importer.plan({{"long.txt", lines + ".\n"}}, {});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, "commitments.import.long_item");
  EXPECT_TRUE(refused.error().detail.starts_with("long.txt: lines 4 to "))
      << refused.error().detail;
}

INSTANTIATE_TEST_SUITE_P(Engines, DeskTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) {
                           return engine.param == store::Engine::sqlite ? "sqlite" : "postgresql";
                         });

TEST(Twin, CognatesTellTranslationsFromStrangers) {
  EXPECT_GT(cognate_likeness(kItems[3], kItemsSpanish[3]),
            2 * cognate_likeness(kItems[3], kItemsSpanish[1]));
  EXPECT_EQ(cognate_likeness("", "x"), 0);
}

// The words that say its date stand above the item, and the export says so.
TEST_P(DeskTest, AnItemHasTheDateOfTheTextAboveIt) {
  ASSERT_TRUE(import(*desk_, {{"m.txt",
                               "Synthetic Meeting of Ministers of Ports\nSynthetic City, 4 March "
                               "2030\n\nThe Ministers agree:\n\n1. By 31 December 2032, repair the "
                               "synthetic ports, as follows:\n    a. the lights of the north;\n    "
                               "b. the lights of the south, by 2031.\n\n2. Publish what was done.\n"}})
                  .has_value());
  const auto whole = json::parse(*Exporter(*desk_).write(ExportFormat::json));
  std::map<std::string, std::string> dates;
  for (const auto& one : whole.at("commitments").as_array()) {
    for (const auto& due : one.at("due").as_array()) {
      if (!one.at("appearances").as_array().empty()) {
        dates[std::string(one.at("text").at("en").as_string())] =
            fmt::format("{} {}", due.at("edtf").as_string().c_str(),
                        due.at("from_chapeau").as_bool() ? "above" : "own");
      }
    }
  }
  EXPECT_EQ(dates.size(), 3U);
  EXPECT_EQ(dates["the lights of the north;"], "../2032-12-31 above");
  EXPECT_EQ(dates["the lights of the south, by 2031."], "../2031 own");
}

}  // namespace
}  // namespace atalaya::commitments
