// Goal: which pages are one work in Akoma Ntoso, and that its address never changes.
// Method: synthetic pages, on both engines; the files against the schema in
// tests/functional/akn.py.
#include <atalaya/commitments/due_kind.hpp>
#include <atalaya/commitments/export.hpp>
#include <atalaya/commitments/reread.hpp>

#include "desk_fixture.hpp"

namespace atalaya::commitments {
namespace {

// Two pages of one heading are two works; which has the short address never changes.
TEST_P(DeskTest, PagesOfOneHeadingHaveAddressesOfTheirOwn) {
  const std::vector<std::string> others{"Build synthetic lighthouses on every coast.",
                                        "Publish a synthetic almanac of tides."};
  ASSERT_TRUE(import(*desk_, {{"a.txt", page(kItems, "SECURITY: Synthetic")}}).has_value());
  const auto first = desk_->sources()->front().id;
  const auto work = [&](const std::string& id) {
    const std::string all = *Exporter(*desk_).akoma_ntoso(id);
    const auto at = all.find("<FRBRuri value=\"") + 16;
    return all.substr(at, all.find('"', at) - at);
  };
  const std::string before = work(first);
  const auto plan = import(*desk_, {{"b.txt", page(others, "SECURITY: Synthetic")}});
  ASSERT_TRUE(plan.has_value()) << plan.error().detail;
  ASSERT_EQ(plan->files[0].follows, "");
  EXPECT_EQ(work(first), before);
  EXPECT_EQ(work(plan->files[0].id), before + "-" + plan->files[0].id.substr(0, 8));

  // A page in another language is an expression of the work that it joins, under its own heading.
  const auto twin =
      import(*desk_, {{"es.txt", page(kItemsSpanish, "SEGURIDAD: Sintética", kSantiagoSpanish)}});
  ASSERT_TRUE(twin.has_value()) << twin.error().detail;
  ASSERT_EQ(twin->files[0].twin_of, first);
  EXPECT_EQ(work(twin->files[0].id), before);
  EXPECT_NE(Exporter(*desk_).akoma_ntoso(twin->files[0].id)->find(before + "/spa@"),
            std::string::npos);
  // Two components that hold one commitment both name it by its id.
  const std::string all = *Exporter(*desk_).write(ExportFormat::akn);
  const std::string guid = "GUID=\"" + twin->files[0].items[1].commitment + "\"";
  const auto at = all.find(guid);
  ASSERT_NE(at, std::string::npos);
  EXPECT_NE(all.find(guid, at + 1), std::string::npos);
}

// What shares less than half of the shorter page's items was joined item by item.
TEST_P(DeskTest, APageOfOtherItemsIsNoExpressionOfTheOneItMeets) {
  ASSERT_TRUE(import(*desk_, {{"a.txt", page(kItems, "SECURITY: Synthetic")}}).has_value());
  ImportOptions accept;
  accept.accept_changes = true;
  const auto other = import(
      *desk_,
      {{"es.txt",
        page({kItemsSpanish[0], "Proteger los caminos rurales y los puentes viejos.",
              "Abrir escuelas nuevas para los jóvenes.", "Limpiar los ríos y sembrar los bosques."},
             "EDUCACIÓN", kSantiagoSpanish)}},
      accept);
  ASSERT_TRUE(other.has_value()) << other.error().detail;
  const std::string alone = *Exporter(*desk_).akoma_ntoso(other->files[0].id);
  EXPECT_NE(alone.find("/educacion/spa@"), std::string::npos);
}

// A guide is of whom it names.
TEST_P(DeskTest, AGuideIsOfTheAuthorThatItNames) {
  const auto author = [&](const std::string& name, const std::string& line) {
    const auto plan = import(*desk_, {{name, "Synthetic " + name + ": A Primer for Mayors\n" + line +
                                                 "\n\nNext steps\n\n- Count the ships.\n"}});
    EXPECT_TRUE(plan.has_value()) << plan.error().detail;
    const std::string file = *Exporter(*desk_).akoma_ntoso(plan->files[0].id);
    const auto at = file.find("FRBRauthor href=\"#") + 18;
    return file.substr(at, file.find('"', at) - at);
  };
  EXPECT_EQ(author("ports", "Of ParlAmericas, 2030"), "parlamericas");
  EXPECT_EQ(author("roads", "2030"), "unknown");
}

// A date above all items is theirs; the line that says it is shown, exported and no item.
TEST_P(DeskTest, TheLineAboveTheItemsDatesThem) {
  const auto plan = import(
      *desk_, {{"m.txt",
                "Synthetic Meeting of Ministers of Ports\nSynthetic City, 4 March "
                "2026\n\nCommit, by 31 December 2030, to the following:\n\n1. Review the "
                "synthetic laws of the ports;\n2. Publish them by 2028;\n3. Train crews.\n"}});
  ASSERT_TRUE(plan.has_value()) << plan.error().detail;
  const auto& items = plan->files[0].items;
  ASSERT_EQ(items.size(), 3U);
  const auto dates = [&](std::size_t i) {
    std::string out;
    const auto view = desk_->get(items[i].commitment, Language::en);
    for (const DueView& due : view->dues) {
      out += due.edtf + (is_from_above(*view, due) ? " above: " + due.printed : "");
    }
    return out;
  };
  EXPECT_EQ(dates(0), "../2030-12-31 above: by 31 December 2030");
  EXPECT_EQ(dates(1), "../2028");
  const auto before = desk_->get(items[2].commitment, Language::en)->appearances.at(0).before;
  ASSERT_EQ(before.size(), 3U);
  EXPECT_EQ(before[0], std::pair(4, std::string("Commit, by 31 December 2030, to the following:")));
  EXPECT_NE(
      Exporter(*desk_)
          .akoma_ntoso(plan->files[0].id)
          ->find("<formula eId=\"formula_1\" name=\"leadIn\"><p eId=\"formula_1__p_1\">Commit, by"),
      std::string::npos);
  run_sql("UPDATE commitments SET reading = 0");
  const auto report = desk_->reread({});
  ASSERT_TRUE(report.has_value()) << report.error().detail;
  EXPECT_TRUE(report->changed.empty());
}

// The other cells of an item's row say whom it asks and until when; they are shown and exported.
TEST_P(DeskTest, ARowOfATableSaysWhoAndUntilWhen) {
  const std::string rows =
      "<tr><th>N.º</th><th>Compromiso</th><th>Responsable</th><th>Plazo</th><th>Indicador</th></tr>"
      "<tr><td>1</td><td>Crear una base sintética de armas.</td><td>Brasil</td><td>2026</td>"
      "<td>Base</td></tr>\n<tr><td>2</td><td>Capacitar a 300 peritos.</td><td>CICAD</td>"
      "<td>30/06/2027</td><td></td></tr>\n<tr><td>3</td><td>Publicar estadísticas antes de "
      "2030.</td><td></td><td>2028</td><td></td></tr>";
  const auto plan =
      import(*desk_,
             {{"plan.html",
               "<html lang=\"es\"><body><h1>Plan sintético de los Ministros del Istmo</h1>\n<p>Los "
               "Ministros del Istmo, reunidos en Ciudad Sintética el 10 de junio de 2025, "
               "acuerdan:</p>\n<table>" +
                   rows + "</table></body></html>"}});
  ASSERT_TRUE(plan.has_value()) << plan.error().detail;
  const auto& items = plan->files[0].items;
  ASSERT_EQ(items.size(), 3U);
  const auto reading = [&](std::size_t i) {
    const auto view = desk_->get(items[i].commitment, Language::es);
    std::string out = view->clauses.at(0).addressee + " " + view->clauses.at(0).addressee_printed;
    for (const DueView& due : view->dues) {
      out += " " + due.latest + (is_from_above(*view, due) ? " above: " : " ") + due.printed;
    }
    return out;
  };
  EXPECT_EQ(reading(0), "unnamed_body Brasil 2026-12-31 above: Plazo: 2026");
  EXPECT_EQ(reading(1), "cicad CICAD 2027-06-30 above: Plazo: 30/06/2027");
  EXPECT_EQ(reading(2), "states  2029-12-31 antes de 2030");
  const std::string row = "| Responsable: Brasil | Plazo: 2026 | Indicador: Base ||";
  const auto own = desk_->get(items[0].commitment, Language::es)->appearances.at(0).own_lines;
  EXPECT_NE(own.at(0).second.find(row), std::string::npos) << own.at(0).second;
  EXPECT_NE(Exporter(*desk_).akoma_ntoso(plan->files[0].id)->find(row), std::string::npos);
  run_sql("UPDATE commitments SET reading = 0");
  const auto report = desk_->reread({});
  ASSERT_TRUE(report.has_value()) << report.error().detail;
  EXPECT_TRUE(report->changed.empty());
}

// Ministers of a region are not the MISPA, and nobody says that they are.
TEST_P(DeskTest, NobodyKnowsForWhomMinistersOfARegionSpeak) {
  const auto plan =
      import(*desk_, {{"m.txt",
                       "Synthetic Meeting of Ministers of Ports\nSynthetic City, 4 "
                       "March 2030\n\nThe Ministers agree:\n\n1. Review the synthetic "
                       "laws of the ports;\n2. Publish what the ports decide.\n"}});
  ASSERT_TRUE(plan.has_value()) << plan.error().detail;
  EXPECT_EQ(to_string(plan->files[0].document.kind), "ministers_commitment");
  const std::string file = *Exporter(*desk_).akoma_ntoso(plan->files[0].id);
  const auto at = file.find("FRBRauthor href=\"#") + 18;
  EXPECT_EQ(file.substr(at, file.find('"', at) - at), "unknown");
}

}  // namespace
}  // namespace atalaya::commitments
