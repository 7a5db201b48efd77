// Goal: an analyst can bring a file in and a publisher can publish from it by forms alone, seeing
// beforehand what will happen; hostile names and other people's uploads lead nowhere. Method: the
// program's routes over a node in a temporary folder, asked by browsers that keep cookies.
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <atalaya/http/target.hpp>

#include "figure_tables.hpp"
#include "pending_figures.hpp"
#include "serving_fixture.hpp"

namespace atalaya::api::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMapping = R"(id = "cases"
title = "Cases, synthetic"
synthetic = true
country = "COL"
covers = "COL"
source_kind = "police"
[defaults]
unit = "victims"
iccs = "0101"
[dimensions.period]
column = "date"
[dimensions.territory]
column = "place"
[dimensions.sex]
column = "sex"
[value]
column = "n"
)";

constexpr std::string_view kCases =
    "date,place,sex,n\n"
    "2023-01-05,CO-ANT,M,30\n2023-02-05,CO-ANT,F,4\n2023-03-01,CO-CUN,M,12\n"
    "2023-12-31,CO-CUN,,9\n2022-06-01,CO-ANT,M,20\n2023-13-45,CO-ANT,M,7\n";

std::string plan(std::string_view id, std::string_view tables) {
  return fmt::format(
      "id = \"{}\"\nname = \"Cases\"\n[decision]\nby = \"The director\"\n"
      "reason = \"yearly figures\"\n{}",
      id, tables);
}

constexpr std::string_view kByYear =
    "[[tables]]\nindicator = \"homicide_victims\"\nby = \"period:year\"\n";
constexpr std::string_view kByPlace =
    "[[tables]]\nindicator = \"homicide_victims\"\nby = \"territory,period:year\"\n";
constexpr std::string_view kProtected = "protect = true\nreason = \"small places\"\n";

class FigureDesk : public ::testing::Test {
 protected:
  FigureDesk() {
    node.add("ana", {{"analyst", ""}});
    node.add("pia", {{"publisher", ""}});
    node.add("ben", {{"analyst", ""}});
    EXPECT_EQ(analyst.sign_in("ana").status, 303);
    EXPECT_EQ(publisher.sign_in("pia").status, 303);
  }

  std::string csrf(Browser& browser) {
    const auto me = browser.get("/api/v1/me");
    const auto body = parse_json(me.text(), "me");
    EXPECT_TRUE(body.has_value());
    return std::string(body->at("csrf").as_string());
  }

  struct Upload {
    std::string file_name = "cases.csv";
    std::string bytes = std::string(kCases);
    std::string mapping = std::string(kMapping);
    std::string token = {};
    std::string source = "police";
  };

  http::Response upload(Browser& browser, const Upload& what) {
    std::string body;
    const auto part = [&](std::string_view disposition, std::string_view bytes) {
      body += fmt::format("--b0undary\r\nContent-Disposition: form-data; {}\r\n\r\n{}\r\n",
                          disposition, bytes);
    };
    part("name=\"csrf\"", csrf(browser));
    part("name=\"source\"", what.source);
    part("name=\"country\"", "COL");
    part("name=\"mapping\"", what.mapping);
    part("name=\"token\"", what.token);
    if (!what.file_name.empty()) {
      part(fmt::format("name=\"files\"; filename=\"{}\"", what.file_name), what.bytes);
    }
    body += "--b0undary--\r\n";
    return node.send(http::Method::post, "/en/desk/figures/load",
                     {{"Content-Type", "multipart/form-data; boundary=b0undary"},
                      {"Sec-Fetch-Site", "same-origin"},
                      {"Cookie", "atalaya_session=" + browser.cookies["atalaya_session"]}},
                     std::move(body));
  }

  static std::string token_in(const http::Response& response) {
    const std::string_view page = response.text();
    const std::size_t at = page.find("name=\"token\" value=\"");
    return at == std::string_view::npos ? std::string() : std::string(page.substr(at + 20, 32));
  }

  http::Response apply(Browser& browser, const std::string& token) {
    return browser.post("/en/desk/figures/load/apply", {{"csrf", csrf(browser)}, {"token", token}});
  }

  http::Response preview(Browser& browser, const std::string& text) {
    return browser.post("/en/desk/figures/release", {{"csrf", csrf(browser)}, {"plan", text}});
  }

  http::Response publish(Browser& browser, const std::string& text, bool decided = true) {
    return browser.post(
        "/en/desk/figures/release/publish",
        {{"csrf", csrf(browser)}, {"plan", text}, {"decided", decided ? "yes" : ""}});
  }

  static bool has(const http::Response& response, std::string_view text) {
    return response.text().find(text) != std::string_view::npos;
  }

  ServedNode node;
  Browser analyst{node};
  Browser publisher{node};
};

TEST_F(FigureDesk, AnEmptyDeskTeachesTheFirstStep) {
  const auto page = analyst.get("/en/desk/figures");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.headers.get("Cache-Control"), "no-store");
  EXPECT_TRUE(has(page, "Nothing was loaded yet."));
  EXPECT_TRUE(has(page, "/en/desk/figures/load"));
  const auto desk = analyst.get("/en/desk");
  EXPECT_EQ(desk.status, 200);
  EXPECT_TRUE(has(desk, "/en/desk/figures"));
  EXPECT_FALSE(has(desk, "/en/desk/import")) << "an analyst is no editor";
  EXPECT_FALSE(has(publisher.get("/en/desk/figures"), "/en/desk/figures/load"))
      << "a publisher does not load";
  EXPECT_EQ(publisher.get("/en/desk/figures/load").status, 403);
}

TEST_F(FigureDesk, AFileIsLookedAtThenLoaded) {
  const auto page = upload(analyst, {});
  ASSERT_EQ(page.status, 200) << node.last_error;
  EXPECT_TRUE(has(page, "Everything is accounted for."));
  EXPECT_TRUE(has(page, "Total in the files 82 = 75 accepted + 7 rejected + 0 left out."));
  EXPECT_TRUE(has(page, "2023-13-45")) << "the rejected row is shown with its value";
  EXPECT_TRUE(must(node.observatory->submissions()).empty()) << "looking stores nothing";
  const std::string token = token_in(page);
  ASSERT_EQ(token.size(), 32U);
  const auto done = apply(analyst, token);
  ASSERT_EQ(done.status, 303) << node.last_error;
  EXPECT_EQ(done.headers.get("Location"), "/en/desk/figures/submissions/1?done=loaded");
  const auto submissions = must(node.observatory->submissions());
  ASSERT_EQ(submissions.size(), 1U);
  EXPECT_EQ(submissions[0].loaded_by,
            identity::shown_name(must(node.accounts->get("ana"))));
  EXPECT_EQ(submissions[0].files.at(0).at("name").as_string(), "cases.csv");
  const auto shown = analyst.get("/en/desk/figures/submissions/1?done=loaded");
  ASSERT_EQ(shown.status, 200);
  EXPECT_TRUE(has(shown, "The figures were loaded."));
  EXPECT_TRUE(has(shown, "These figures are synthetic"));
  EXPECT_TRUE(has(shown, "Mapping cases, version 1"));
  EXPECT_TRUE(has(shown, "2023-13-45"));
  EXPECT_TRUE(has(shown, "12.0\u00A0%")) << "9 of 75 victims have no sex";
  EXPECT_TRUE(has(shown, "Criteria of the Bogotá Protocol"));
  EXPECT_EQ(apply(analyst, token).status, 404) << "once";
  EXPECT_EQ(analyst.get("/en/desk/figures/submissions/2").status, 404);
  EXPECT_TRUE(has(analyst.get("/en/desk/figures"), "6 rows: "));
}

TEST_F(FigureDesk, WithoutAMappingOneIsProposedAndTheFilesAreKept) {
  const auto drafted = upload(analyst, {.mapping = ""});
  ASSERT_EQ(drafted.status, 200) << node.last_error;
  EXPECT_TRUE(has(drafted, "# guess: "));
  EXPECT_TRUE(has(drafted, "[dimensions.period]"));
  const auto again = upload(analyst, {.file_name = "", .bytes = "", .token = token_in(drafted)});
  ASSERT_EQ(again.status, 200);
  EXPECT_TRUE(has(again, "Everything is accounted for.")) << "the files need not be sent again";
  const auto wrong = upload(
      analyst, {.file_name = "", .bytes = "", .mapping = "id = 7", .token = token_in(again)});
  EXPECT_EQ(wrong.status, 400);
  EXPECT_TRUE(has(wrong, "The mapping has an error in line 1"));
  EXPECT_TRUE(has(wrong, "id = 7")) << "what was typed is still there";
  EXPECT_EQ(token_in(wrong).size(), 32U);
  EXPECT_FALSE(has(wrong, fs::temp_directory_path().string() + "/atalaya")) << "no path";
}

TEST_F(FigureDesk, AnUploadIsItsAccountsAloneAndEnds) {
  Browser other{node};
  ASSERT_EQ(other.sign_in("ben").status, 303);
  const std::string token = token_in(upload(analyst, {}));
  EXPECT_EQ(apply(other, token).status, 404);
  EXPECT_EQ(upload(other, {.file_name = "", .bytes = "", .token = token}).status, 404);
  node.clock->set(UtcTime{kStart.ms + 31LL * 60 * 1000});
  EXPECT_EQ(apply(analyst, token).status, 404);
  EXPECT_TRUE(must(node.observatory->submissions()).empty());
}

TEST_F(FigureDesk, HostileNamesAndTextsStayTexts) {
  const auto page = upload(analyst, {.file_name = "../../etc/<script>x.csv",
                                     .bytes = "date,place,sex,n\n2023-01-01,<script>,M,1\n"});
  ASSERT_EQ(page.status, 200) << node.last_error;
  EXPECT_FALSE(has(page, "<script>x"));
  EXPECT_FALSE(has(page, "<script>,"));
  EXPECT_FALSE(has(page, "../"));
  EXPECT_TRUE(has(page, "&lt;script&gt;"));
  EXPECT_EQ(upload(analyst, {.source = "../x"}).status, 400);
  EXPECT_EQ(upload(analyst, {.file_name = "", .bytes = ""}).status, 400);
}

TEST_F(FigureDesk, APlanIsProposedCheckedAndPublished) {
  ASSERT_EQ(apply(analyst, token_in(upload(analyst, {}))).status, 303);
  const auto proposed = publisher.get("/en/desk/figures/release");
  ASSERT_EQ(proposed.status, 200) << node.last_error;
  EXPECT_TRUE(has(proposed, "indicator = &quot;homicide_victims&quot;"));
  EXPECT_TRUE(has(proposed, "source = &quot;police&quot;"));
  const auto missing = preview(publisher, "id = \"x\"\n");
  EXPECT_EQ(missing.status, 400);
  EXPECT_TRUE(has(missing, "The plan has an error in line 1"));

  const auto safe = preview(publisher, plan("cases-1", kByYear));
  ASSERT_EQ(safe.status, 200) << node.last_error;
  EXPECT_TRUE(has(safe, "Safe: nothing that is hidden can be worked out."));
  EXPECT_TRUE(has(safe, "Publish this release"));
  const auto by_analyst = preview(analyst, plan("cases-1", kByYear));
  EXPECT_EQ(by_analyst.status, 200);
  EXPECT_FALSE(has(by_analyst, "Publish this release")) << "only a publisher publishes";
  EXPECT_EQ(publish(analyst, plan("cases-1", kByYear)).status, 403);
  EXPECT_EQ(publish(publisher, plan("cases-1", kByYear), false).status, 400);
  EXPECT_TRUE(must(node.observatory->releases()).empty());

  const auto done = publish(publisher, plan("cases-1", kByYear));
  ASSERT_EQ(done.status, 303) << node.last_error;
  EXPECT_EQ(done.headers.get("Location"), "/en/figures/releases/cases-1");
  const auto released = must(node.observatory->release("cases-1"));
  EXPECT_EQ(released.published_by, identity::shown_name(must(node.accounts->get("pia"))));
  EXPECT_EQ(released.decision.at("by").as_string(), "The director");
  EXPECT_EQ(publish(publisher, plan("cases-1", kByYear)).status, 409) << "it never changes";
  EXPECT_TRUE(has(publisher.get("/en/desk/figures"), "/en/figures/releases/cases-1"));
}

TEST_F(FigureDesk, AnUnsafePlanIsExplainedAndCannotBePublished) {
  const auto loaded = upload(
      analyst, {.bytes = "date,place,sex,n\n2023-01-05,CO-ANT,M,30\n2023-02-05,CO-CUN,F,3\n"});
  ASSERT_EQ(apply(analyst, token_in(loaded)).status, 303);
  ASSERT_EQ(publish(publisher, plan("cases-1", kByPlace)).status, 303);
  // The release before shows what this one would hide.
  const std::string again = plan("cases-2", std::string(kByPlace) + std::string(kProtected));
  const auto unsafe = preview(publisher, again);
  ASSERT_EQ(unsafe.status, 200) << node.last_error;
  EXPECT_TRUE(has(unsafe, "Unsafe: a reader could work out what is hidden."));
  EXPECT_TRUE(has(unsafe, "Cundinamarca, 2023")) << "the cell has names, not codes";
  EXPECT_TRUE(has(unsafe, "“cases-1” shows it already: it lies between 3 and 3."));
  EXPECT_TRUE(has(unsafe, "What you can do"));
  EXPECT_FALSE(has(unsafe, "Publish this release"));
  const auto refused = publish(publisher, again);
  EXPECT_EQ(refused.status, 409);
  EXPECT_TRUE(has(refused, "Nothing was published"));
  EXPECT_TRUE(has(refused, "Cundinamarca, 2023")) << "and says again why";
  EXPECT_EQ(must(node.observatory->releases()).size(), 1U);
}

// Equal figures of two sources tell what the one hides, even of other cases.
TEST_F(FigureDesk, OnlyInsidersReadWhichSourcesMayCountTheSame) {
  ASSERT_EQ(apply(analyst, token_in(upload(analyst, {.bytes = "date,place,sex,n\n2022,CO-AMA,F,12\n"
                                                              "2022,CO-AMA,M,1\n2022,CO-ANT,F,30\n"
                                                              "2022,CO-ANT,M,40\n"})))
                .status,
            303);
  std::string by_place(kMapping);
  for (const std::string_view gone : {"[dimensions.sex]\n", "column = \"sex\"\n"}) {
    by_place.erase(by_place.find(gone), gone.size());
  }
  by_place.replace(by_place.find("id = \"") + 6, 0, "hospital_");
  ASSERT_EQ(apply(analyst, token_in(upload(analyst, {.bytes = "date,place,n\n2022,CO-AMA,13\n",
                                                     .mapping = by_place,
                                                     .source = "hospital"})))
                .status,
            303);
  const std::string tables = fmt::format(
      "[[tables]]\nindicator = \"homicide_victims\"\nby = \"territory,period:year,sex\"\n"
      "source = \"police\"\n{0}{1}source = \"hospital\"\n{0}",
      kProtected, kByPlace);
  EXPECT_TRUE(has(preview(publisher, plan("doubt", tables)), "may count the same cases"));
  ASSERT_EQ(publish(publisher, plan("doubt", tables)).status, 303) << node.last_error;
  const std::string decided = plan("decided", "# Other cases: see below.\n" + tables +
                                                  "[[different_cases]]\n"
                                                  "sources = [\"police\", \"hospital\"]\n"
                                                  "reason = \"Patients from elsewhere.\"\n");
  EXPECT_TRUE(has(preview(publisher, decided), "Patients from elsewhere."));
  ASSERT_EQ(publish(publisher, decided).status, 303) << node.last_error;
  const auto stored = must(node.observatory->release("decided"));
  EXPECT_TRUE(stored.audit.contains("different_cases"));
  EXPECT_EQ(stored.plan, decided);

  Browser visitor{node};
  for (const std::string id : {"doubt", "decided"}) {
    for (const std::string& path :
         {"/en/figures/releases/" + id, "/en/figures/releases/" + id + ".toml",
          "/api/v1/releases/" + id}) {
      const auto answer = visitor.get(path);
      ASSERT_EQ(answer.status, 200) << path;
      EXPECT_TRUE(has(answer, "hospital")) << path;
      for (const auto words : {"same cases", "different cases", "different_cases", "equal figures",
                               "ther cases", "from elsewhere"}) {
        EXPECT_FALSE(has(answer, words)) << path << ": " << words;
      }
    }
    const auto policy = *parse_json(visitor.get("/api/v1/releases/" + id).text(), id);
    EXPECT_EQ(policy.at("policy").at("groups").as_array().size(), 1) << "weighed alike or apart";
  }
}

TEST_F(FigureDesk, APreviewShowsWhatReadersWouldSeeChange) {
  ASSERT_EQ(apply(analyst, token_in(upload(analyst, {}))).status, 303);
  const auto first = preview(publisher, plan("cases-1", kByYear));
  EXPECT_TRUE(has(first, "No table of this plan was published before"));
  ASSERT_EQ(publish(publisher, plan("cases-1", kByYear)).status, 303);
  ASSERT_EQ(apply(analyst, token_in(upload(analyst, {.bytes = "date,place,sex,n\n"
                                                              "2023-01-05,CO-ANT,M,31\n"})))
                .status,
            303);
  const auto second =
      preview(publisher, plan("cases-2", std::string(kByYear) + std::string(kByPlace)));
  ASSERT_EQ(second.status, 200) << node.last_error;
  EXPECT_TRUE(has(second, "One cell differs from the release “Cases”."));
  EXPECT_TRUE(has(second, "New facts: load 2 of police"));
  EXPECT_TRUE(has(second, "One table is new."));
}

// What nobody knows the department of is not the country, nor are a department, nor half a year.
TEST_F(FigureDesk, PagesOfACountryShowNeitherRestsNorParts) {
  ASSERT_EQ(apply(analyst, token_in(upload(
                               analyst, {.bytes = "date,place,sex,n\n2022-03-01,CO-ANT,M,302\n"
                                                  "2022-09-01,COL,M,43\n2023-02-01,CO-ANT,M,277\n"
                                                  "2023-09-01,COL,M,38\n"})))
                .status,
            303);
  const auto table = [](std::string_view by, std::string_view where) {
    return fmt::format(
        "[[tables]]\nindicator = \"homicide_victims\"\nby = \"{},period:year\"\n"
        "where = \"{}\"\n",
        by, where);
  };
  const std::string parts = table("territory:admin1", "territory=COL") +
                            table("territory:country", "territory=CO-ANT") +
                            table("territory:country", "territory=COL,period=2022-S2");
  ASSERT_EQ(publish(publisher, plan("parts", parts)).status, 303) << node.last_error;
  const auto series = [&] {
    const auto base = must(figure_base(*node.observatory, "COL", Language::en));
    const auto slice = must(find_series(*node.observatory, base, "homicide_victims", "COL"));
    std::string out;
    for (const auto& cell : slice ? slice->table.cells : std::vector<observatory::Cell>()) {
      out += fmt::format("{} {}; ", cell.codes[0], cell.count.value_or(-1));
    }
    return out;
  };
  EXPECT_EQ(series(), "");
  EXPECT_TRUE(has(publisher.get("/en/figures/explorer?release=parts&table=1"),
                  "Colombia, not further specified"));
  ASSERT_EQ(publish(publisher, plan("whole", table("territory:country", "territory=COL"))).status,
            303)
      << node.last_error;
  EXPECT_EQ(series(), "2022 345; 2023 315; ");
}

// What is released last is not what is newest.
TEST_F(FigureDesk, ASeriesOfOlderYearsTakesNoPageBack) {
  const auto mapping = [](std::string_view name) {
    std::string out(kMapping);
    return out.replace(out.find("\"cases\""), 7, fmt::format("\"{}\"", name));
  };
  const auto load = [&](const std::string& source, std::string_view rows) {
    const auto seen = upload(analyst, {.bytes = "date,place,sex,n\n" + std::string(rows),
                                       .mapping = mapping(source),
                                       .source = source});
    ASSERT_EQ(apply(analyst, token_in(seen)).status, 303) << source;
    const auto text =
        fmt::format("{}where = \"territory=COL\"\nsource = \"{}\"\n", kByYear, source);
    ASSERT_EQ(publish(publisher, plan(source, text)).status, 303) << node.last_error;
  };
  load("office",
       "2022-01-05,CO-ANT,M,30\n2022-12-05,CO-ANT,M,20\n2023-01-01,CO-ANT,M,9\n"
       "2023-12-31,CO-ANT,M,7\n2024-01-31,CO-ANT,M,8\n");
  load("archive", "1990-01-05,CO-ANT,M,30\n1991-12-05,CO-ANT,M,20\n");
  const auto base = must(figure_base(*node.observatory, "COL", Language::en));
  const auto slice = must(find_series(*node.observatory, base, "homicide_victims", "COL"));
  ASSERT_TRUE(slice);
  ASSERT_EQ(slice->table.cells.size(), 2U) << "of 2024 only January was sent";
  EXPECT_EQ(slice->table.cells.back().codes[0], "2023");
  ASSERT_EQ(slice->partly.size(), 1U);
  EXPECT_EQ(slice->partly[0].sent, "2024-01");
  ASSERT_EQ(slice->others.size(), 1U);
  EXPECT_EQ(slice->others[0].periods, (std::vector<std::string>{"1990", "1991"}));
  EXPECT_TRUE(has(publisher.get("/en/figures/countries/COL"), "1990–1991"));
  EXPECT_TRUE(has(publisher.get("/en/figures/countries/COL/bulletin"), "part of the period"));
}

TEST_F(FigureDesk, APeriodOfWhatIsBelowCanBeChosen) {
  ASSERT_EQ(apply(analyst,
                  token_in(upload(analyst, {.bytes = "date,place,sex,n\n2022-01-01,CO-ANT,M,302\n"
                                                     "2023-12-01,CO-ANT,M,43\n"
                                                     "2024-01-01,CO-ANT,M,27\n"})))
                .status,
            303);
  ASSERT_EQ(publish(publisher, plan("below",
                                    "[[tables]]\nindicator = \"homicide_victims\"\n"
                                    "by = \"territory:admin1,period:year\"\n"))
                .status,
            303)
      << node.last_error;
  const auto base = must(figure_base(*node.observatory, "COL", Language::en));
  const auto below = [&](std::string period) {
    const auto slice = must(find_below(*node.observatory, base, "homicide_victims", "COL",
                                       {.period = std::move(period)}));
    return slice ? slice->period + " of " + std::to_string(slice->choices.size()) : "";
  };
  EXPECT_EQ(below(""), "2023 of 3") << "the newest whole one";
  EXPECT_EQ(below("2022"), "2022 of 3");
  EXPECT_EQ(below("2024"), "2024 of 3") << "a part of a year is named, not hidden";
  EXPECT_EQ(below("1999"), "2023 of 3");
}

// Of ten criteria a person answers one; the sheet counts it and says who said so.
TEST_F(FigureDesk, RealFiguresComeBeforeSyntheticOnesAndEveryTableSaysWhatItHolds) {
  std::string real(kMapping);
  real.replace(real.find("\"cases\""), 7, "\"counted\"");
  real.erase(real.find("synthetic = true\n"), 17);
  ASSERT_EQ(apply(analyst, token_in(upload(analyst, {.mapping = real, .source = "counted"}))).status,
            303);
  ASSERT_EQ(apply(analyst, token_in(upload(analyst, {}))).status, 303);
  const auto of = [](std::string_view source) {
    return fmt::format("{}where = \"territory=COL\"\nsource = \"{}\"\n", kByYear, source);
  };
  EXPECT_TRUE(has(preview(publisher, plan("counted", of("counted"))), "· Colombia</span>"));
  ASSERT_EQ(publish(publisher, plan("counted", of("counted"))).status, 303) << node.last_error;
  ASSERT_EQ(publish(publisher, plan("made-up", of("police"))).status, 303) << node.last_error;
  EXPECT_TRUE(has(publisher.get("/en/figures/explorer?release=made-up"), "value=\"made-up\""));
  for (const std::string_view path : {"/en/figures/explorer", "/en/figures/explorer?d=period",
                                      "/en/figures/explorer?indicator=homicide_victims"}) {
    const auto page = publisher.get(std::string(path));
    EXPECT_TRUE(has(page, "name=\"release\" value=\"counted\"")) << path;
  }
  // What is not there is not answered with something else.
  for (const std::string_view query :
       {"indicator=nope", "indicator=homicide_victims&release=none",
        "indicator=homicide_victims&table=999", "table=999", "release=../../x",
        "release=counted&table=one", "indicator=homicide_victims&table=1x"}) {
    EXPECT_EQ(publisher.get("/en/figures/explorer?" + std::string(query)).status, 404) << query;
  }
  const auto alerts = analyst.get("/en/desk/figures/alerts");
  EXPECT_TRUE(has(alerts, "<select id=\"source\" name=\"source\">"));
}

TEST_F(FigureDesk, WhatOnlyPeopleKnowIsAnsweredOnAForm) {
  ASSERT_EQ(apply(analyst, token_in(upload(analyst, {}))).status, 303);
  const std::string path = "/en/desk/figures/submissions/1/protocol";
  EXPECT_TRUE(has(analyst.get("/en/desk/figures/submissions/1"), path));
  const auto form = analyst.get(path);
  ASSERT_EQ(form.status, 200) << node.last_error;
  EXPECT_TRUE(has(form, "value=\"common_definition\""));
  EXPECT_FALSE(has(form, "value=\"missing_fields\"")) << "what was measured is not asked";
  const auto answer = [&](std::string_view value, std::string_view date, std::string_view reason) {
    return analyst.post(path, {{"csrf", csrf(analyst)},
                               {"criterion", "common_definition"},
                               {"value", std::string(value)},
                               {"who", "Head of statistics"},
                               {"date", std::string(date)},
                               {"reason", std::string(reason)}});
  };
  EXPECT_EQ(answer("perhaps", "2020-01-31", "the manual of 2019 <b>").status, 400);
  EXPECT_TRUE(has(answer("yes", "2999-01-01", "the manual of 2019"), "cannot lie in the future"));
  EXPECT_TRUE(has(answer("yes", "2020-01-31", "so"), "how it is known"));
  ASSERT_EQ(answer("Partly", "2020-01-31", "the manual of 2019 <b>").status, 303);
  EXPECT_TRUE(
      has(analyst.get(path), "Head of statistics, 31 January 2020: the manual of 2019 &lt;b&gt;"));
  ASSERT_EQ(answer("yes", "2020-02-01", "the manual of 2020").status, 303);
  const auto again = analyst.get(path);
  EXPECT_TRUE(has(again, "the manual of 2020"));
  EXPECT_FALSE(has(again, "the manual of 2019")) << "the newest counts";
  EXPECT_EQ(publisher.get(path).status, 403);
}

TEST_F(FigureDesk, EveryFindingAndRejectedRowCanBeReached) {
  std::string rows = "date,place,sex,n\n2023-01-01,CO-ANT,M,1\n";
  for (int i = 0; i < 205; ++i) {
    rows += fmt::format("2023-01-01,NOWHERE-{:03},M,1\n", i);
  }
  ASSERT_EQ(apply(analyst, token_in(upload(analyst, {.bytes = rows}))).status, 303);
  std::size_t found = 0;
  for (int page = 1; page <= 3; ++page) {
    const auto shown = analyst.get(
        fmt::format("/en/desk/figures/submissions/1?findings={}&rejects={}", page, page));
    ASSERT_EQ(shown.status, 200) << node.last_error;
    for (int i = 0; i < 205; ++i) {
      const std::string place = fmt::format("NOWHERE-{:03}", i);
      const std::string_view text = shown.text();
      // Once among the findings and once among the rows.
      found += text.find(place) != text.rfind(place) ? 1U : 0U;
    }
  }
  EXPECT_EQ(found, 205U);
  EXPECT_EQ(analyst.get("/en/desk/figures/submissions/1?findings=x&rejects=99999999").status, 200);
}

TEST(SafeFileName, KeepsOrdinaryNames) {
  for (const std::string name : {"cases.csv", "Homicidios 2023 (final).xlsx", "población.csv.gz"}) {
    EXPECT_EQ(safe_file_name(name), name);
  }
  EXPECT_EQ(safe_file_name("C:\\data\\x.csv"), "x.csv");
  EXPECT_EQ(safe_file_name("../../etc/passwd"), "passwd");
  EXPECT_EQ(safe_file_name(".bashrc"), "bashrc");
  EXPECT_EQ(safe_file_name(".."), "file");
  EXPECT_EQ(safe_file_name(""), "file");
  EXPECT_EQ(safe_file_name(std::string(500, 'a') + ".csv").size(), 120U);
  EXPECT_TRUE(safe_file_name(std::string(500, 'a') + ".csv").ends_with(".csv"));
}

RC_GTEST_PROP(SafeFileName, StaysInItsFolder, (const std::string& sent)) {
  const std::string name = safe_file_name(sent);
  RC_ASSERT(!name.empty() && name.size() <= 120U);
  RC_ASSERT(name != "." && name != ".." && name.front() != '.');
  RC_ASSERT(name.find_first_of("/\\\n\r\t") == std::string::npos);
  RC_ASSERT(name.find('\0') == std::string::npos);
  RC_ASSERT((fs::path("/a") / name).parent_path() == fs::path("/a"));
}

TEST(UploadFolder, IsPrivateAndGoesWithItsHolder) {
  fs::path path;
  {
    const auto folder = must(UploadFolder::create());
    path = folder->path();
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_all);
    ASSERT_TRUE(folder->add("a.csv", "1").has_value());
    ASSERT_TRUE(folder->add("a.csv", "22").has_value());
    ASSERT_EQ(folder->files().size(), 2U);
    EXPECT_EQ(folder->files()[1].filename(), "a-2.csv");
    EXPECT_EQ(folder->bytes(), 3U);
    EXPECT_EQ(fs::status(folder->files()[0]).permissions(),
              fs::perms::owner_read | fs::perms::owner_write);
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(PendingFigures, AreBoundedAndOnePerAccount) {
  PendingFigures pending;
  std::vector<std::string> tokens;
  for (int i = 0; i < 6; ++i) {
    PendingFigures::Kept kept;
    kept.folder = must(UploadFolder::create());
    kept.account = fmt::format("account-{}", i);
    tokens.push_back(pending.keep(std::move(kept), i));
  }
  for (int i = 0; i < 6; ++i) {
    const bool held =
        pending.find(tokens[static_cast<std::size_t>(i)], fmt::format("account-{}", i), 10)
            .folder != nullptr;
    EXPECT_EQ(held, i >= 2) << i;
  }
  PendingFigures::Kept kept;
  kept.folder = must(UploadFolder::create());
  kept.account = "account-5";
  const std::string newer = pending.keep(std::move(kept), 11);
  EXPECT_EQ(pending.find(tokens[5], "account-5", 12).folder, nullptr);
  EXPECT_NE(pending.find(newer, "account-5", 12).folder, nullptr);
  pending.forget(newer, "account-4");
  EXPECT_NE(pending.find(newer, "account-5", 12).folder, nullptr) << "not another's to forget";
  pending.forget(newer, "account-5");
  EXPECT_EQ(pending.find(newer, "account-5", 12).folder, nullptr);
}

// The button of a review, pressed twice: a browser shows the answer to the second request.
TEST(ImportDesk, ASecondClickGetsWhatTheFirstOneGot) {
  ServedNode node;
  node.add("edith", {{"editor", ""}});
  Browser editor(node);
  ASSERT_EQ(editor.sign_in("edith").status, 303);
  const auto me = editor.get("/api/v1/me");
  const std::string csrf(must(parse_json(me.text(), "me")).at("csrf").as_string());
  const std::string page =
      "Organization of American States Summits of the Americas\nFollow-up and Implementation: "
      "Mandates\n\nSECURITY: Synthetic\nMANDATES\n\n  1. Promote synthetic lists of ports. (Plan "
      "of Action, II Summit of the Americas, Santiago, 1998).\n";
  const std::string body = fmt::format(
      "--b0undary\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n--b0undary\r\n"
      "Content-Disposition: form-data; name=\"files\"; filename=\"a.txt\"\r\n\r\n{}\r\n"
      "--b0undary--\r\n",
      csrf, page);
  const auto review =
      node.send(http::Method::post, "/en/desk/import",
                {{"Content-Type", "multipart/form-data; boundary=b0undary"},
                 {"Sec-Fetch-Site", "same-origin"},
                 {"Cookie", "atalaya_session=" + editor.cookies["atalaya_session"]}},
                body);
  ASSERT_EQ(review.status, 200) << node.last_error;
  const std::size_t at = review.text().find("name=\"token\" value=\"");
  ASSERT_NE(at, std::string_view::npos);
  const std::string token(review.text().substr(at + 20, 32));
  for (int click = 0; click < 3; ++click) {
    const auto answer = editor.post("/en/desk/import/apply", {{"csrf", csrf}, {"token", token}});
    EXPECT_EQ(answer.status, 303) << click;
    EXPECT_TRUE(answer.headers.get("Location").ends_with("/en/desk?done=imported")) << click;
  }
  EXPECT_EQ(editor.post("/en/desk/import/apply", {{"csrf", csrf}, {"token", "another"}}).status,
            404);
}

}  // namespace
}  // namespace atalaya::api::testing
