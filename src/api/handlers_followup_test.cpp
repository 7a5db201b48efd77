// Goal: the follow-up as focal point, coder, expert and reader meet it: forms, pages, JSON and CSV
// say the same, and nobody sees or writes what is not theirs. Method: a whole node with its own
// routes; everything reported here is synthetic.
#include <map>
#include <span>

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <atalaya/base/json.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>
#include <atalaya/figures/assets.hpp>
#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/participation.hpp>
#include <atalaya/followup/registers.hpp>

#include "pages_examples.hpp"
#include "pages_followup_cells.hpp"
#include "serving_fixture.hpp"

namespace atalaya::api {
namespace {

using testing::Browser;
using testing::must;
using testing::ServedNode;

std::string text(const http::Response& response) {
  return std::string(response.text());
}

std::string csrf_of(const std::string& html) {
  constexpr std::string_view kMark = "name=\"csrf\" value=\"";
  const std::size_t at = html.find(kMark);
  ATALAYA_CHECK(at != std::string::npos);
  const std::size_t begin = at + kMark.size();
  return html.substr(begin, html.find('"', begin) - begin);
}

class FollowupPagesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    node_.add("fatima", {{"focal_point", "PAN"}});
    node_.add("felix", {{"focal_point", "COL"}});
    node_.add("carl", {{"coder", ""}});
    node_.add("dora", {{"coder", ""}});
    node_.add("xena", {{"expert", ""}});
    node_.add("olga", {{"expert", ""}, {"reader", "PAN"}});
    node_.add("pilar", {{"focal_point", "PAN.parliament"}});
    for (const auto& member : must(followup::Cube(node_.followup->parts()).members(Language::en))) {
      if (member.row.document == "summit-1998-plan" && member.row.actionable) {
        id_ = member.row.id;
        break;
      }
    }
    cell_ = fmt::format("/en/follow-up/cells/{}/PAN", id_);
  }

  http::Response post(Browser& browser, const std::string& form_page, const std::string& target,
                      std::vector<std::pair<std::string, std::string>> fields) {
    const auto page = browser.get(form_page);
    EXPECT_EQ(page.status, 200) << form_page << node_.last_error;
    fields.emplace_back("csrf", csrf_of(text(page)));
    return browser.post(target, fields);
  }

  Browser signed_in(std::string_view name) {
    Browser browser(node_);
    EXPECT_EQ(browser.sign_in(name).status, 303);
    return browser;
  }

  json::object answer(const std::string& target) {
    Browser reader(node_);
    const auto response = reader.get(target);
    EXPECT_EQ(response.status, 200) << target << " " << text(response).substr(0, 300);
    return must(parse_json(text(response), target)).as_object();
  }

  ServedNode node_;
  std::string id_, cell_;
};

TEST_F(FollowupPagesTest, every_public_page_is_there_in_four_languages) {
  Browser reader(node_);
  for (const std::string_view language : {"en", "es", "pt", "fr"}) {
    for (const std::string& path :
         {std::string("/follow-up"), std::string("/follow-up?scale=g20&as_of=2010-01-01"),
          std::string("/treaties/matrix?as_of=2009-05-01"), "/follow-up/commitments/" + id_,
          std::string("/follow-up/actors/PAN"), "/follow-up/cells/" + id_ + "/PAN",
          std::string("/countries/PAN"), std::string("/treaties/cifta"), std::string("/deadlines"),
          std::string("/deadlines?actor=cicad"), std::string("/deadlines/reports?country=PAN"),
          std::string("/progress/summit"), std::string("/briefs/PAN?theme=firearms"),
          std::string("/follow-up?who=parliaments"), std::string("/follow-up?who=institutions"),
          "/follow-up/cells/" + id_ + "/PAN?known_on=2020-01-01"}) {
      const auto page = reader.get(fmt::format("/{}{}", language, path));
      EXPECT_EQ(page.status, 200) << language << path << " " << node_.last_error;
      EXPECT_EQ(text(page).find("followup."), std::string::npos) << language << path;
      EXPECT_EQ(text(page).find("treaty.status"), std::string::npos) << language << path;
      for (const char* key : {"deadlines.", "deadline.", "owed.", "progress.", "brief."}) {
        EXPECT_EQ(text(page).find(fmt::format(">{}", key)), std::string::npos)
            << language << path << key;
      }
    }
  }
  EXPECT_EQ(reader.get("/en/follow-up/cells/summit-1998-zzzzzzzz/PAN").status, 404);
  EXPECT_EQ(reader.get(fmt::format("/en/follow-up/cells/{}/XXX", id_)).status, 404);
  EXPECT_LT(text(reader.get("/en/follow-up")).size(), 400'000U);
}

TEST_F(FollowupPagesTest, a_focal_point_keeps_the_rows_of_its_own_state_alone) {
  Browser fatima = signed_in("fatima");
  const std::string form = "/en/registers/authorities/new";
  const auto fields = [](std::string_view country) {
    return std::vector<std::pair<std::string, std::string>>{{"version", "0"},
                                                            {"language", "en"},
                                                            {"f.name", "synthetic office"},
                                                            {"f.country", std::string(country)},
                                                            {"f.role", "contact_point"},
                                                            {"f.source", "synthetic"},
                                                            {"f.read_on", "2026-11-01"}};
  };
  EXPECT_EQ(post(fatima, form, form, fields("COL")).status, 403);
  EXPECT_EQ(post(fatima, form, form, fields("PAN")).status, 303) << node_.last_error;
  const auto rows =
      must(followup::Registers(node_.followup->parts()).list({.kind = "authorities"}));
  ASSERT_EQ(rows.size(), 1U);
  const std::string row = fmt::format("/en/registers/authorities/{}", rows.front().id);
  Browser felix = signed_in("felix");
  EXPECT_EQ(felix.get(row + "/edit").status, 403);
  EXPECT_EQ(text(felix.get(row)).find(row + "/edit"), std::string::npos);
  EXPECT_EQ(fatima.get(row + "/edit").status, 200);
  // Giving the row to another state would be writing for that state.
  auto stolen = fields("COL");
  stolen[0].second = "1";
  stolen.emplace_back("why", "synthetic");
  EXPECT_EQ(post(fatima, row + "/edit", row + "/edit", stolen).status, 403);
}

TEST_F(FollowupPagesTest, what_a_focal_point_says_of_its_state_is_shown_as_its_word) {
  Browser fatima = signed_in("fatima");
  const std::string form = "/en/registers/reports_received/new";
  EXPECT_EQ(post(fatima, form, form,
                 {{"version", "0"},
                  {"language", "en"},
                  {"f.title", "synthetic receipt"},
                  {"f.country", "PAN"},
                  {"f.instrument", "untoc"},
                  {"f.period", "2025"},
                  {"f.received", "2026-01-05"},
                  {"f.access", "public"},
                  {"f.said_by", ""},
                  {"f.source", "synthetic"}})
                .status,
            303)
      << node_.last_error;
  const auto rows =
      must(followup::Registers(node_.followup->parts()).list({.kind = "reports_received"}));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows.front().value("said_by"), "state");
  const std::string row = fmt::format("/en/registers/reports_received/{}", rows.front().id);
  EXPECT_NE(text(Browser(node_).get(row)).find("The state itself"), std::string::npos);
  EXPECT_NE(text(Browser(node_).get("/en/registers/reports_received")).find("by the state itself"),
            std::string::npos);
  // Whoever else changes it writes in the own name, unless the state's is chosen anew.
  const std::string chosen = "value=\"state\" selected";
  EXPECT_NE(text(signed_in("fatima").get(row + "/edit")).find(chosen), std::string::npos);
  node_.add("edna", {{"editor", ""}});
  EXPECT_EQ(text(signed_in("edna").get(row + "/edit")).find(chosen), std::string::npos);
  // A parliament's account has no such row, so no form that would be refused.
  node_.add("paula", {{"focal_point", "PAN.parliament"}});
  EXPECT_EQ(signed_in("paula").get(form).status, 403);
  EXPECT_EQ(signed_in("paula").get("/en/registers/hearings/new").status, 200);
}

// Files that are too large cost nobody the words beside them.
TEST_F(FollowupPagesTest, a_form_with_too_large_files_comes_back_as_it_was_written) {
  for (const Route& route : all_routes()) {
    // Where files may come beside what is typed, or not.
    if (route.consumes.size() > 1 &&
        std::ranges::count(route.consumes, "multipart/form-data") > 0) {
      EXPECT_GT(route.body_bytes_max, 2 * followup::kSubmissionFileBytesMax) << route.name;
    }
  }
  const std::string target = cell_ + "/participate";
  const std::string page = text(Browser(node_).get(target));
  const std::string_view mark = "name=\"form\" value=\"";
  const std::size_t at = page.find(mark) + mark.size();
  ASSERT_LT(mark.size(), at);
  node_.clock->set(UtcTime{node_.clock->now().ms + 10'000});
  std::string body;
  for (const auto& [disposition, words] : std::vector<std::pair<std::string, std::string>>{
           {"name=\"form\"", page.substr(at, page.find('"', at) - at)},
           {"name=\"kind\"", "alternative_report"},
           {"name=\"as_of\"", "2026-01-31"},
           {"name=\"attribution\"", "named"},
           {"name=\"name\"", "Synthetic forum"},
           {"name=\"title\"", "Synthetic report"},
           {"name=\"text\"", "Synthetic: the office was opened, but nobody works there since."},
           {"name=\"files\"; filename=\"scan.txt\"", std::string(6UL << 20U, 'x')}}) {
    body += fmt::format("--b0undary\r\nContent-Disposition: form-data; {}\r\n\r\n{}\r\n",
                        disposition, words);
  }
  const auto back = node_.send(http::Method::post, target,
                               {{"Content-Type", "multipart/form-data; boundary=b0undary"},
                                {"Sec-Fetch-Site", "same-origin"}},
                               body + "--b0undary--\r\n");
  EXPECT_EQ(back.status, 400);
  for (const char* words : {"scan.txt (6144 KiB) does not fit", "but nobody works there since."}) {
    EXPECT_NE(text(back).find(words), std::string::npos) << words;
  }
}

// Nobody decides about what others say of the state for which the account speaks.
TEST_F(FollowupPagesTest, who_speaks_for_a_state_does_not_moderate_reports_about_it) {
  node_.add("erin", {{"editor", ""}, {"focal_point", "PAN"}});
  node_.add("edna", {{"editor", ""}});
  followup::SubmissionDraft draft;
  draft.kind = "alternative_report";
  draft.commitment = id_;
  draft.actor = "PAN";
  draft.as_of = "2026-01-31";
  draft.title = "Synthetic report";
  draft.text = "Synthetic: the office was opened, but nobody works there since.";
  draft.name = "foro";
  draft.form = "synthetic form";
  const followup::Submissions submissions(node_.followup->parts());
  const auto sent = must(submissions.submit(draft));
  const std::string page = fmt::format("/en/desk/participation/{}", sent.id);
  const std::vector<std::pair<std::string, std::string>> refusal = {
      {"step", "refuse"}, {"seen", "received"}, {"reason", "off_topic"}, {"text", "synthetic"}};
  Browser erin = signed_in("erin");
  EXPECT_EQ(text(erin.get(page)).find(page + "/decide"), std::string::npos);
  EXPECT_EQ(post(erin, "/en/registers/authorities/new", page + "/decide", refusal).status, 403);
  EXPECT_EQ(
      post(erin, "/en/registers/authorities/new", page + "/erase", {{"reason", "court"}}).status,
      403);
  Browser edna = signed_in("edna");
  EXPECT_TRUE(
      text(edna.get(page)).contains("name=\"reason\" required><option value=\"\">–</option>"))
      << "no reason is chosen for whoever decides";
  EXPECT_EQ(post(edna, page, page + "/decide", refusal).status, 303) << node_.last_error;
  const std::string shown = text(erin.get(page));
  EXPECT_TRUE(shown.contains(identity::shown_name(must(node_.accounts->get("edna")))));
  EXPECT_FALSE(shown.contains("edna")) << "nobody learns the name that somebody signs in with";
  const auto early = post(edna, page, page + "/erase", {{"reason", ""}});
  EXPECT_EQ(early.status, 409);
  EXPECT_NE(text(early).find("may appeal"), std::string::npos);
  // What was erased at once is not brought back by an appeal, and the form says how to send it
  // anew.
  EXPECT_EQ(post(edna, page, page + "/erase", {{"reason", "court"}}).status, 303)
      << node_.last_error;
  Browser visitor(node_);
  const std::string receipt = "/en/participation/receipt";
  EXPECT_NE(
      text(post(visitor, receipt, receipt, {{"code", sent.code}})).find(cell_ + "/participate"),
      std::string::npos);
  // It cannot be taken back: whoever withdraws says that it is meant, also without the page's form.
  draft.form = "another synthetic form";
  draft.title = "Another synthetic report";
  const auto other = must(submissions.submit(draft));
  const auto withdraw = [&](std::vector<std::pair<std::string, std::string>> form) {
    form.emplace_back("code", other.code);
    return text(post(visitor, receipt, "/en/participation/withdraw", form))
        .contains("Nothing was withdrawn");
  };
  EXPECT_TRUE(withdraw({}));
  EXPECT_FALSE(withdraw({{"sure", "yes"}}));
  EXPECT_EQ(must(submissions.find_by_code(other.code)).stage, followup::SubmissionStage::withdrawn);
}

// What would be refused is not asked for: whoever took no part reports nothing and is reported on
// by nobody; the commitment's record can still be corrected.
TEST_F(FollowupPagesTest, the_form_of_participation_offers_only_what_is_taken) {
  Browser visitor(node_);
  EXPECT_NE(text(visitor.get(cell_ + "/participate")).find("value=\"alternative_report\""),
            std::string::npos);
  const std::string absent = fmt::format("/en/follow-up/cells/{}/CUB", id_);
  const std::string record = fmt::format("/en/follow-up/commitments/{}/participate", id_);
  const std::string closed = text(visitor.get(absent + "/participate"));
  EXPECT_EQ(closed.find("name=\"kind\""), std::string::npos);
  EXPECT_NE(closed.find(record), std::string::npos);
  const std::string cell = text(visitor.get(absent));
  EXPECT_EQ(cell.find(absent + "/participate"), std::string::npos);
  EXPECT_NE(cell.find(record), std::string::npos);
  const std::string about = text(visitor.get(record));
  EXPECT_NE(about.find("<option value=\"PAN\""), std::string::npos);
  EXPECT_EQ(about.find("<option value=\"CUB\""), std::string::npos);
}

TEST_F(FollowupPagesTest, an_expert_records_what_a_cell_rests_on) {
  Browser xena = signed_in("xena");
  const std::string data = cell_ + "/data";
  const auto wrong =
      post(xena, data, data, {{"part", "participation"}, {"kind", "left"}, {"date", "someday"}});
  EXPECT_EQ(wrong.status, 400);
  EXPECT_NE(text(wrong).find("someday"), std::string::npos) << "what was typed stays";
  const auto done = post(xena, data, data,
                         {{"part", "entry"},
                          {"kind", "law"},
                          {"title", "synthetic law"},
                          {"date", "2001-01-01"},
                          {"source", "synthetic"},
                          {"read_on", "2026-11-01"}});
  EXPECT_EQ(done.status, 303) << node_.last_error;
  EXPECT_NE(text(Browser(node_).get(cell_)).find("synthetic law"), std::string::npos);
  // A state's focal point says in what its state took part, and nothing else.
  Browser fatima = signed_in("fatima");
  EXPECT_EQ(text(fatima.get(data)).find("name=\"indicator\""), std::string::npos);
  EXPECT_EQ(post(fatima, data, data, {{"part", "entry"}, {"kind", "law"}}).status, 403);
  EXPECT_EQ(post(fatima, data, data, {{"part", "participation"}, {"kind", "adopted"}}).status, 400);
  EXPECT_EQ(signed_in("felix").get(data).status, 403);
  EXPECT_EQ(signed_in("felix").get(cell_ + "/report").status, 403);
  // Nor does it, or its parliament's account, take it out of what is counted; editors do, and take
  // that back.
  const std::vector<std::pair<std::string, std::string>> left = {{"part", "participation"},
                                                                 {"kind", "left"},
                                                                 {"date", "2020-01-01"},
                                                                 {"source", "synthetic"},
                                                                 {"read_on", "2026-11-01"}};
  EXPECT_EQ(text(fatima.get(data)).find("value=\"left\""), std::string::npos);
  EXPECT_EQ(post(fatima, data, data, left).status, 409);
  EXPECT_EQ(signed_in("pilar").get(data).status, 403);
  Browser olga = signed_in("olga");
  EXPECT_EQ(post(olga, data, data, left).status, 409) << "an expert from there";
  // Nor is what stands beside the state's own word written or taken back by somebody from there.
  const std::string listed = text(xena.get(data));
  const std::size_t first = listed.find("name=\"entry\" value=\"");
  ASSERT_NE(first, std::string::npos);
  const std::string law = listed.substr(first + 20, listed.find('"', first + 20) - first - 20);
  EXPECT_EQ(text(olga.get(data)).find("name=\"entry\""), std::string::npos);
  for (const char* part : {"link", "withdraw", "entry", "withdraw_entry"}) {
    EXPECT_EQ(post(olga, data, data,
                   {{"part", part}, {"entry", law}, {"reason", "synthetic, long enough a reason"}})
                  .status,
              403)
        << part;
  }
  const std::string elsewhere = fmt::format("/en/follow-up/cells/{}/COL/data", id_);
  EXPECT_EQ(post(olga, elsewhere, elsewhere, {{"part", "link"}}).status, 403) << "it is on all";
  EXPECT_EQ(post(olga, elsewhere, elsewhere, {{"part", "entry"}}).status, 400);
  const std::vector<std::pair<std::string, std::string>> wrong_law = {
      {"part", "withdraw_entry"}, {"entry", law}, {"reason", "the law is of another state"}};
  EXPECT_EQ(post(xena, elsewhere, elsewhere, wrong_law).status, 400) << "no entry of this cell";
  EXPECT_EQ(post(xena, data, data, wrong_law).status, 303) << node_.last_error;
  EXPECT_EQ(text(xena.get(data)).find("name=\"entry\""), std::string::npos);
  const std::string gone = text(Browser(node_).get(cell_));
  EXPECT_NE(gone.find("the law is of another state"), std::string::npos) << "in the history";
  EXPECT_EQ(post(xena, data, data, left).status, 303) << node_.last_error;
  const std::string recorded = text(xena.get(data));
  const std::size_t at = recorded.find("name=\"row\" value=\"");
  ASSERT_NE(at, std::string::npos);
  const std::string row = recorded.substr(at + 18, recorded.find('"', at + 18) - at - 18);
  const std::vector<std::pair<std::string, std::string>> back = {
      {"part", "retract"}, {"row", row}, {"reason", "the source speaks of another text"}};
  EXPECT_EQ(post(fatima, data, data, back).status, 403);
  EXPECT_EQ(post(xena, data, data, {{"part", "retract"}, {"row", row}, {"reason", "x"}}).status, 400);
  EXPECT_EQ(post(xena, data, data, back).status, 303) << node_.last_error;
  EXPECT_EQ(text(xena.get(data)).find("name=\"row\""), std::string::npos);
}

// A hearing is the parliament's file about its government.
TEST_F(FollowupPagesTest, a_government_keeps_no_hearing) {
  const std::string form = "/en/registers/hearings/new";
  const std::vector<std::pair<std::string, std::string>> fields = {{"version", "0"},
                                                                   {"language", "en"},
                                                                   {"f.country", "PAN"}};
  Browser fatima = signed_in("fatima");
  // Forms that would be refused do not open; sent without one they are refused all the same.
  const std::string authorities = "/en/registers/authorities/new";
  EXPECT_EQ(fatima.get(form).status, 403);
  EXPECT_EQ(post(fatima, authorities, form, fields).status, 403);
  Browser pilar = signed_in("pilar");
  EXPECT_EQ(post(pilar, form, form, fields).status, 400) << "hers, though not complete";
  auto whole = fields;
  for (const auto& [name, value] :
       {std::pair("f.question", "Synthetic question?"), std::pair("f.date", "2026-05-01"),
        std::pair("f.commitment", id_.c_str()), std::pair("f.source", "Synthetic minutes")}) {
    whole.emplace_back(name, value);
  }
  EXPECT_EQ(post(pilar, form, form, whole).status, 303) << node_.last_error;
  const std::string list = text(pilar.get("/en/registers/hearings"));
  EXPECT_NE(list.find(form), std::string::npos);
  const auto title = node_.desk->catalogue().find_entry(id_)->title.in(Language::en);
  EXPECT_TRUE(list.contains(fmt::format("/en/commitments/{}\">{}", id_, title.substr(0, 12))))
      << "a commitment goes by its title";
  EXPECT_EQ(text(fatima.get("/en/registers/hearings")).find(form), std::string::npos);
  EXPECT_EQ(pilar.get(authorities).status, 403);
  EXPECT_EQ(post(pilar, form, authorities, fields).status, 403);
}

// A file that changes what is held shows each field, and comes back without being chosen again.
TEST_F(FollowupPagesTest, an_import_shows_what_it_would_change) {
  Browser fatima = signed_in("fatima");
  ASSERT_EQ(post(fatima, cell_ + "/report", cell_ + "/report",
                 {{"version", "0"},
                  {"value", "in_progress"},
                  {"as_of", "2026-10-31"},
                  {"language", "es"},
                  {"actions", "the old action"}})
                .status,
            303)
      << node_.last_error;
  EXPECT_NE(text(Browser(node_).get(cell_)).find("<p lang=\"es\">the old action"),
            std::string::npos);
  EXPECT_NE(text(fatima.get(cell_ + "/report")).find("value=\"es\" selected"), std::string::npos)
      << "what is written on is still in that language";
  std::string csv = text(fatima.get("/api/v1/follow-up/reports?format=csv&actor=PAN"));
  csv.replace(csv.find("the old action"), 14, "a newer action");
  const std::string tasks = "/en/desk/follow-up";
  const std::string content =
      to_base64(std::span(reinterpret_cast<const std::uint8_t*>(csv.data()), csv.size()));
  const auto send = [&](std::string_view accept) {
    std::string body;
    for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
             {"csrf", csrf_of(text(fatima.get(tasks)))},
             {"name", "reports.csv"},
             {"content", content},
             {"accept", std::string(accept)}}) {
      body += fmt::format(
          "--b0undary\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n", name, value);
    }
    return node_.send(http::Method::post, tasks + "/reports",
                      {{"Content-Type", "multipart/form-data; boundary=b0undary"},
                       {"Sec-Fetch-Site", "same-origin"},
                       {"Cookie", "atalaya_session=" + fatima.cookies["atalaya_session"]}},
                      body + "--b0undary--\r\n");
  };
  const auto shown = send("");
  EXPECT_EQ(shown.status, 409);
  for (const std::string& words : {std::string("the old action"), std::string("a newer action"),
                                   std::string(">Actions<"), content}) {
    EXPECT_NE(text(shown).find(words), std::string::npos) << words.substr(0, 40);
  }
  EXPECT_EQ(send("yes").status, 303) << node_.last_error;
  EXPECT_NE(text(Browser(node_).get(cell_)).find("a newer action"), std::string::npos);
}

TEST_F(FollowupPagesTest, a_focal_point_reports_and_everybody_counts_the_same) {
  Browser fatima = signed_in("fatima");
  const auto before = answer("/api/v1/follow-up/cells?actor=PAN").at("counts").as_object();
  EXPECT_TRUE(text(fatima.get("/fr" + cell_.substr(3) + "/report"))
                  .contains("<option value=\"fr\" selected>Français"))
      << "one writes in the language of the page";
  const auto sent = post(fatima, cell_ + "/report", cell_ + "/report",
                         {{"version", "0"},
                          {"value", "in_progress"},
                          {"as_of", "2026-10-31"},
                          {"actions", "synthetic action"},
                          {"sources", "Law 5 <https://example.org/law>"}});
  ASSERT_EQ(sent.status, 303) << node_.last_error;
  const auto page = Browser(node_).get(cell_);
  EXPECT_NE(text(page).find("synthetic action"), std::string::npos);
  EXPECT_NE(text(page).find("In progress"), std::string::npos);
  EXPECT_NE(text(page).find("Not assessed"), std::string::npos);
  // The same form sent again: somebody wrote in the meantime, and what was typed is kept.
  const auto late = post(fatima, cell_ + "/report", cell_ + "/report",
                         {{"version", "0"}, {"value", "done"}, {"as_of", "2026-10-31"}});
  EXPECT_EQ(late.status, 409);
  EXPECT_NE(text(late).find(identity::shown_name(must(node_.accounts->get("fatima")))),
            std::string::npos)
      << "who the other one was";
  EXPECT_NE(text(late).find("synthetic action"), std::string::npos) << "the other one, to compare";
  EXPECT_NE(text(late).find("name=\"version\" value=\"1\""), std::string::npos);
  const auto odd = post(fatima, cell_ + "/report", cell_ + "/report",
                        {{"version", "1"}, {"value", "excellent"}, {"as_of", "2026-10-31"}});
  EXPECT_EQ(odd.status, 400);
  Browser felix = signed_in("felix");
  const auto foreign = post(felix, "/en/desk/follow-up", cell_ + "/report",
                            {{"version", "1"}, {"value", "done"}, {"as_of", "2026-10-31"}});
  EXPECT_EQ(foreign.status, 403);
  // One number, wherever it is counted: JSON, CSV, tasks.
  const auto counts = answer("/api/v1/follow-up/cells?actor=PAN").at("counts").as_object();
  EXPECT_EQ(counts.at("reported").as_int64(), before.at("reported").as_int64() + 1);
  EXPECT_EQ(counts.at("applicable"), before.at("applicable"));
  const auto tasks = fatima.get("/en/desk/follow-up");
  EXPECT_NE(text(tasks).find(fmt::format("report: {} of {}.", counts.at("reported").as_int64(),
                                         counts.at("applicable").as_int64())),
            std::string::npos);
  const auto csv = text(Browser(node_).get("/api/v1/follow-up/cells?actor=PAN&format=csv"));
  std::size_t reported = 0;
  for (std::size_t at = csv.find(",applicable,"); at != std::string::npos;
       at = csv.find(",applicable,", at + 1)) {
    reported += csv.compare(at + 12, 12, "not_reported") == 0 ? 0U : 1U;
  }
  EXPECT_EQ(reported, static_cast<std::size_t>(counts.at("reported").as_int64()));
  EXPECT_EQ(answer("/api/v1/follow-up/reports?actor=PAN").at("reports").as_array().size(), 1U);
  const auto changes = answer("/api/v1/follow-up/changes?actor=PAN&commitment=" + id_);
  EXPECT_EQ(changes.at("changes").as_array().size(), 1U);
  // Written anew with the same value: the earlier words and the reason stay to be read.
  ASSERT_EQ(post(fatima, cell_ + "/report", cell_ + "/report",
                 {{"version", "1"},
                  {"value", "in_progress"},
                  {"as_of", "2026-10-31"},
                  {"actions", "another action"},
                  {"why", "synthetic correction"}})
                .status,
            303)
      << node_.last_error;
  const std::string now = text(Browser(node_).get(cell_));
  for (const char* words : {"synthetic action", "another action", "synthetic correction",
                            "1 earlier version", "same value, other words"}) {
    EXPECT_NE(now.find(words), std::string::npos) << words;
  }
  const std::string path = "/api/v1/follow-up/reports?actor=PAN&commitment=" + id_;
  EXPECT_EQ(answer(path).at("reports").as_array().size(), 1U);
  const auto every = answer(path + "&versions=all").at("reports").as_array();
  ASSERT_EQ(every.size(), 2U);
  EXPECT_EQ(every[0].at("actions"), "synthetic action");
  // A file holds the rows of the answer, whatever was asked for.
  const std::string all = text(Browser(node_).get(path + "&versions=all&format=csv"));
  EXPECT_EQ(std::ranges::count(all, '\n'), 3);
  EXPECT_NE(all.find(",PAN,1,"), std::string::npos) << "each with its own version";
  for (const char* other : {"&actor=COL", "&commitment=none-there"}) {
    const std::string none =
        text(Browser(node_).get(std::string("/api/v1/follow-up/reports?format=csv") + other));
    EXPECT_EQ(std::ranges::count(none, '\n'), 1) << other;
  }
}

TEST_F(FollowupPagesTest, a_report_keeps_its_files_and_the_pages_that_it_cites) {
  Browser fatima = signed_in("fatima");
  const std::string target = cell_ + "/report";
  const auto send = [&](std::string_view value, std::string_view url,
                        std::string_view name = "\"; filename=\"gazette.html\"",
                        std::string_view content = "<p>synthetic page as it stood</p>") {
    std::string body;
    const auto part = [&](std::string_view disposition, std::string_view words) {
      body += fmt::format("--b0undary\r\nContent-Disposition: form-data; {}\r\n\r\n{}\r\n",
                          disposition, words);
    };
    part("name=\"csrf\"", csrf_of(text(fatima.get(target))));
    part("name=\"version\"", "0");
    part("name=\"value\"", value);
    part("name=\"as_of\"", "2026-10-31");
    part("name=\"sources\"", "Gazette <https://example.org/gazette>");
    part("name=\"file_title_1\"", "Synthetic gazette");
    part("name=\"file_url_1\"", url);
    part(fmt::format("name=\"file_1{}", name), content);
    part("name=\"file_2\"; filename=\"\"", "");
    body += "--b0undary--\r\n";
    return node_.send(http::Method::post, target,
                      {{"Content-Type", "multipart/form-data; boundary=b0undary"},
                       {"Sec-Fetch-Site", "same-origin"},
                       {"Cookie", "atalaya_session=" + fatima.cookies["atalaya_session"]}},
                      std::move(body));
  };
  EXPECT_EQ(send("in_progress", "javascript:alert(1)").status, 400);
  // An empty file, and words about one that was not chosen, are said; the words stay in the form.
  for (const std::string& content : {std::string("\"; filename=\"gazette.html\""), std::string("\"")}) {
    const auto odd = send("in_progress", "https://example.org/gazette", content, "");
    EXPECT_EQ(odd.status, 400) << content;
    EXPECT_NE(text(odd).find("nothing was saved"), std::string::npos) << content;
    EXPECT_NE(text(odd).find("value=\"Synthetic gazette\""), std::string::npos) << content;
  }
  EXPECT_TRUE(answer("/api/v1/follow-up/reports?actor=PAN").at("reports").as_array().empty());
  const std::string hash = to_hex(sha256("<p>synthetic page as it stood</p>"));
  // What is wrong elsewhere costs no file: the form that comes back names it among its sources.
  const auto again = send("excellent", "https://example.org/gazette");
  EXPECT_EQ(again.status, 400);
  EXPECT_NE(text(again).find(hash), std::string::npos);
  // Nothing that everybody may read rests on it yet: whoever knows its hash gets nothing.
  const std::string address = "/api/v1/follow-up/files/" + hash;
  EXPECT_EQ(Browser(node_).get(address).status, 404);
  EXPECT_EQ(signed_in("xena").get(address).status, 404);
  EXPECT_EQ(fatima.get(address).status, 200);
  ASSERT_EQ(send("in_progress", "https://example.org/gazette").status, 303) << node_.last_error;
  const std::string page = text(Browser(node_).get(cell_));
  EXPECT_NE(page.find("/api/v1/follow-up/files/" + hash), std::string::npos);
  EXPECT_NE(page.find("https://example.org/gazette"), std::string::npos);
  const auto kept = Browser(node_).get("/api/v1/follow-up/files/" + hash);
  EXPECT_EQ(text(kept), "<p>synthetic page as it stood</p>");
  // The saved copy belongs to the page that was cited, which stands there once.
  const auto reported = answer("/api/v1/follow-up/reports?actor=PAN").at("reports").as_array()[0];
  const auto& cited = reported.at("sources").as_array();
  ASSERT_EQ(cited.size(), 1U);
  EXPECT_EQ(cited[0].at("title"), "Gazette");
  EXPECT_EQ(std::string_view(cited[0].at("file").as_string()), hash);
  EXPECT_EQ(kept.headers.get("Content-Type"), "application/octet-stream");
}

TEST_F(FollowupPagesTest, coders_are_blind_and_nothing_shows_before_publication) {
  Browser xena = signed_in("xena");
  const std::string form = fmt::format("/en/desk/codings/new?commitment={}&actor=PAN", id_);
  // Who wrote a cell's address by hand is told why there is nothing to code, and gets no form.
  const auto nothing =
      xena.get(fmt::format("/es/desk/codings/new?commitment={}&actor=PAN.parliament", id_));
  EXPECT_EQ(nothing.status, 400);
  EXPECT_NE(text(nothing).find("error-summary"), std::string::npos);
  EXPECT_EQ(text(nothing).find("name=\"coder_a\""), std::string::npos);
  EXPECT_EQ(xena.get(fmt::format("/es/desk/codings/new?commitment={}&actor=XXX", id_)).status, 404);
  // Who has no display name is told apart, and is not called by the name to sign in with.
  const std::string offers = text(xena.get(form));
  const auto carls = must(node_.accounts->get("carl"));
  EXPECT_TRUE(
      offers.contains(fmt::format("account {} without a display name", carls.id.substr(0, 8))));
  EXPECT_FALSE(offers.contains("carl"));
  const auto opened = post(xena, form, "/en/desk/codings/new",
                           {{"commitment", id_},
                            {"actor", "PAN"},
                            {"scale", "implementation"},
                            {"as_of", "2026-10-31"},
                            {"window_from", "2020-01-01"},
                            {"window_to", "2026-10-31"},
                            {"coder_a", "carl"},
                            {"coder_b", "dora"},
                            {"criteria", "synthetic rule"}});
  ASSERT_EQ(opened.status, 303) << text(opened).substr(0, 2000) << node_.last_error;
  const std::string coding(opened.headers.get("Location"));
  Browser carl = signed_in("carl");
  Browser dora = signed_in("dora");
  EXPECT_NE(text(carl.get("/en/desk/follow-up")).find(coding), std::string::npos);
  const auto code = [&](Browser& browser, const std::string& value, const std::string& reasons) {
    return post(browser, coding, coding + "/code",
                {{"value", value},
                 {"reasons", reasons},
                 {"interest", "none"},
                 {"sources", "https://example.org/law"},
                 {"no_copy", "the address is made up for this test"}})
        .status;
  };
  EXPECT_EQ(code(carl, "limited", "reasons of the first one"), 303);
  EXPECT_EQ(text(dora.get(coding)).find("reasons of the first one"), std::string::npos);
  EXPECT_EQ(text(xena.get(coding)).find("reasons of the first one"), std::string::npos);
  EXPECT_EQ(signed_in("fatima").get(coding).status, 404);
  const std::string token = csrf_of(text(dora.get(coding)));
  EXPECT_EQ(code(dora, "limited", "reasons of the second one"), 303);
  // Sent again from another window: refused, and what was typed stands beside what was kept.
  const auto again = dora.post(coding + "/code", {{"csrf", token},
                                                  {"value", "complete"},
                                                  {"reasons", "words of the other window"},
                                                  {"interest", "none"},
                                                  {"sources", "https://example.org/law"}});
  EXPECT_EQ(again.status, 409);
  EXPECT_NE(text(again).find("words of the other window"), std::string::npos);
  EXPECT_NE(text(again).find("reasons of the second one"), std::string::npos);
  EXPECT_NE(text(dora.get(coding)).find("reasons of the first one"), std::string::npos);
  EXPECT_EQ(text(Browser(node_).get(cell_)).find("reasons of the first one"), std::string::npos);
  EXPECT_TRUE(answer("/api/v1/follow-up/assessments").at("assessments").as_array().empty());
  const auto early = post(xena, coding, coding + "/publish", {});
  EXPECT_EQ(early.status, 409);
  // An expert who comes from the state neither publishes nor suppresses what is said of it, nor has
  // it assessed.
  Browser olga = signed_in("olga");
  const std::string held = text(olga.get(coding));
  const std::string mark = csrf_of(text(olga.get(cell_ + "/data")));
  for (const char* act : {"/publish", "/withdraw"}) {
    EXPECT_EQ(held.find(coding + act), std::string::npos) << act;
    EXPECT_EQ(olga.post(coding + act, {{"csrf", mark},
                                       {"reason", "synthetic, long enough a reason"}})
                  .status,
              403)
        << act;
  }
  EXPECT_EQ(olga.get(form).status, 403);
  EXPECT_EQ(olga.post("/en/desk/codings/new",
                      {{"csrf", mark}, {"commitment", id_}, {"actor", "PAN"}})
                .status,
            403);
  Browser fatima = signed_in("fatima");
  EXPECT_EQ(post(fatima, coding, coding + "/reply",
                 {{"text", "the state's own words"}, {"language", "pt"}})
                .status,
            303);
  EXPECT_EQ(post(xena, coding, coding + "/publish", {}).status, 303);
  const auto shown = text(Browser(node_).get(cell_));
  EXPECT_NE(shown.find("reasons of the first one"), std::string::npos);
  EXPECT_NE(shown.find("<p lang=\"pt\">the state&#39;s own words"), std::string::npos);
  EXPECT_NE(shown.find("The state’s reply, by "), std::string::npos);
  EXPECT_NE(shown.find("No copy kept: the address is made up"), std::string::npos);
  const auto assessed = answer("/api/v1/follow-up/assessments").at("assessments").as_array()[0];
  EXPECT_EQ(assessed.at("codes").as_array()[0].at("sources").as_array()[0].at("url"),
            "https://example.org/law");
  EXPECT_EQ(assessed.at("reply_language"), "pt");
  EXPECT_NE(assessed.at("replied_by"), "");
  EXPECT_TRUE(std::string_view(assessed.at("replied_at").as_string()).starts_with("20"));
  // What is printed of it says who assessed by which rule, where to read it, and the reply.
  for (const char* paper :
       {"/en/briefs/PAN?layer=assessments", "/en/progress/summit-1998?layer=assessments"}) {
    const std::string printed = text(Browser(node_).get(paper));
    for (const std::string& words :
         {std::string("the state&#39;s own words"), std::string("The state’s reply, by "),
          std::string("Coders: "), std::string("By criteria version 1"),
          "/follow-up/cells/" + id_ + "/PAN"}) {
      EXPECT_NE(printed.find(words), std::string::npos) << paper << " " << words;
    }
  }
  EXPECT_EQ(answer("/api/v1/follow-up/cells?actor=PAN&commitment=" + id_)
                .at("cells")
                .as_array()[0]
                .at("assessment"),
            "limited");
  // Readers see who signs, never by which name people sign in; nor do those who choose coders.
  for (const std::string& target :
       {cell_, coding, form, std::string("/api/v1/follow-up/assessments"),
        std::string("/api/v1/follow-up/changes"), std::string("/api/v1/follow-up/feed"),
        std::string("/en/desk/follow-up"), std::string("/en/briefs/PAN")}) {
    const std::string read = text(xena.get(target));
    for (const char* account : {"fatima", "carl", "dora"}) {
      EXPECT_EQ(read.find(account), std::string::npos) << target << " " << account;
    }
  }
  const auto packed = text(Browser(node_).get("/api/v1/follow-up/download"));
  for (const char* table : {"assessments.csv", "assessment-codes.csv", "participations.csv",
                            "data-entries.csv", "indicator-links.csv"}) {
    EXPECT_NE(packed.find(table), std::string::npos) << table;
  }
}

// Who was named a coder by mistake is no reason for a cell to stay closed; nobody is offered who
// could not open the page.
TEST_F(FollowupPagesTest, a_coding_that_nobody_can_finish_is_withdrawn) {
  const auto write = [](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(tx.execute("UPDATE account_roles SET territory = 'PAN' WHERE role = 'coder' AND "
                           "account = (SELECT id FROM accounts WHERE name = 'dora')"));
    return {};
  };
  node_.add("eve", {{"coder", ""}});
  Browser xena = signed_in("xena");
  const std::string form = fmt::format("/en/desk/codings/new?commitment={}&actor=PAN", id_);
  const auto open = [&](const char* second) {
    return post(xena, form, "/en/desk/codings/new",
                {{"commitment", id_},
                 {"actor", "PAN"},
                 {"scale", "implementation"},
                 {"as_of", "2026-06-30"},
                 {"window_from", "2020-01-01"},
                 {"window_to", "2026-06-30"},
                 {"coder_a", "carl"},
                 {"coder_b", second},
                 {"criteria", "synthetic rule"}});
  };
  const auto opened = open("dora");
  ASSERT_EQ(opened.status, 303) << node_.last_error;
  const std::string coding(opened.headers.get("Location"));
  must(node_.database->write(write));
  EXPECT_EQ(signed_in("dora").get(coding).status, 403);
  EXPECT_EQ(open("eve").status, 409);
  EXPECT_EQ(post(xena, coding, coding + "/withdraw", {{"reason", " "}}).status, 400);
  const auto brief = post(xena, coding, coding + "/withdraw", {{"reason", "wordleft"}});
  EXPECT_EQ(brief.status, 400);
  EXPECT_NE(text(brief).find("wordleft"), std::string::npos) << "what was typed stays";
  EXPECT_EQ(post(xena, coding, coding + "/withdraw", {{"reason", "wordleft the service in June"}})
                .status,
            303);
  EXPECT_NE(text(xena.get(coding)).find("wordleft"), std::string::npos);
  EXPECT_NE(text(Browser(node_).get(cell_)).find("wordleft"), std::string::npos);
  const auto offers = [&](const char* name) {
    const std::string id = must(node_.accounts->get(name)).id;
    return text(xena.get(form)).contains(fmt::format("value=\"{}\"", id));
  };
  EXPECT_FALSE(offers("dora"));
  EXPECT_TRUE(offers("eve"));
  EXPECT_EQ(open("dora").status, 400);
  EXPECT_EQ(open("eve").status, 303) << node_.last_error;
}

// A report from before participations were asked for stays to be read, in words, and counts nowhere.
// An actor that does not answer is asked for nothing.
TEST_F(FollowupPagesTest, cells_ask_those_who_answer_for_them) {
  const std::string left_out = fmt::format("/en/follow-up/cells/{}/CUB", id_);
  const std::string empty = text(Browser(node_).get(left_out));
  EXPECT_TRUE(empty.contains("Does not apply"));
  EXPECT_FALSE(empty.contains("Not reported"));
  EXPECT_FALSE(empty.contains("Not assessed"));
  node_.add("carla", {{"focal_point", "CUB"}});
  EXPECT_EQ(signed_in("carla").get(left_out + "/report").status, 400) << "as sending it";
  // An institution speaks for itself and takes part in no text.
  const std::string organ =
      text(Browser(node_).get(fmt::format("/en/follow-up/cells/{}/cicad", id_)));
  EXPECT_TRUE(organ.contains("Institution’s report"));
  EXPECT_FALSE(organ.contains("Nobody has recorded whether this state"));
  EXPECT_EQ(answer("/api/v1/follow-up/cells?who=parliaments").at("counts").at("cells"),
            answer("/api/v1/follow-up/cells?who=parliaments").at("cells").as_array().size());
}

// The history of a row says from what to what.
TEST_F(FollowupPagesTest, a_changed_row_shows_what_changed) {
  followup::RegisterRecord row;
  row.kind = "authorities";
  row.language = "en";
  row.by = "Ana";
  row.values = {{"name", "Old synthetic office"}, {"country", "PAN"},     {"role", "contact_point"},
                {"source", "synthetic"},          {"read_on", "2026-11-01"}};
  const followup::Registers registers(node_.followup->parts());
  row = must(registers.save(row));
  row.values["name"] = "New synthetic office";
  row.why = "synthetic reason";
  row = must(registers.save(row));
  const std::string page =
      text(Browser(node_).get(fmt::format("/en/registers/authorities/{}", row.id)));
  const auto at = page.find("Old synthetic office");
  ASSERT_NE(at, std::string::npos);
  EXPECT_TRUE(page.substr(at, 120).contains("→"));
  EXPECT_TRUE(page.substr(at, 200).contains("New synthetic office"));
}

// What stands on another scale than the one shown is counted, and named with its scale.
TEST(FollowupMatrixPageTest, says_what_stands_on_another_scale) {
  const PageContext context = examples::context(Language::en, "/follow-up/actors/PAN");
  const auto reference = followup::Reference::embedded(*context.catalogue);
  MatrixView view;
  view.reference = reference.get();
  view.query.scale = "implementation";
  view.matrix.as_of = "2026-11-22";
  view.matrix.actors = {"PAN"};
  view.matrix.commitments.resize(1);
  view.matrix.cells.resize(1);
  view.matrix.cells[0].other_scales = {{"results", "worsened", "2026-06-30", "", false}};
  view.counts = followup::count_matrix(view.matrix, nullptr);
  for (const std::string& page :
       {render_actor_followup(context, view), render_matrix(context, view)}) {
    EXPECT_TRUE(page.contains("Results: Worsened"));
    EXPECT_TRUE(page.contains("of these, on the scale “Implementation”"));
  }
}

TEST(FollowupMatrixPageTest, says_what_was_reported_where_participation_is_unknown) {
  const PageContext context = examples::context(Language::en, "/follow-up/actors/PAN");
  const auto reference = followup::Reference::embedded(*context.catalogue);
  MatrixView view;
  view.reference = reference.get();
  view.query.scale = "implementation";
  view.matrix.as_of = "2026-11-22";
  view.matrix.actors = {"PAN"};
  view.matrix.commitments.resize(2);
  view.matrix.cells.resize(2);
  for (auto& cell : view.matrix.cells) {
    cell.applicability = followup::Applicability::participation_unknown;
    cell.report = followup::kNotReported;
  }
  view.matrix.cells[1].report = "in_progress";
  const std::string words = render_actor_followup(context, view);
  EXPECT_NE(words.find("Nobody has recorded whether this state took part"), std::string::npos);
  EXPECT_NE(words.find("Recorded all the same, and not counted: "), std::string::npos);
  const std::string matrix = render_matrix(context, view);
  EXPECT_NE(matrix.find("reported, but participation unknown: not counted"), std::string::npos);
}

// The page of a country opens with the brief's own sentence.
TEST_F(FollowupPagesTest, a_country_counts_as_its_brief_and_the_cube_do) {
  Browser reader(node_);
  for (const std::string country : {"PAN", "ECU", "CUB"}) {
    const auto counts = answer("/api/v1/follow-up/cells?actor=" + country).at("counts").as_object();
    const std::string sentence =
        fmt::format("{} commitments that ask the state to act",
                    counts.at("applicable").to_number<std::int64_t>());
    const std::string unread = fmt::format("{} of them stand here without their text",
                                           counts.at("applicable").to_number<std::int64_t>());
    const std::string brief = text(reader.get("/en/briefs/" + country));
    for (const std::string& words : {sentence, unread}) {
      EXPECT_TRUE(text(reader.get("/en/countries/" + country)).contains(words)) << words;
      EXPECT_TRUE(brief.contains(words)) << words;
    }
    // Theme by theme, too: the page's bars, the list that each leads to, the brief's table.
    const std::string page = text(reader.get("/en/countries/" + country));
    const auto number_after = [](const std::string& html, std::string_view mark) {
      const std::size_t cell = html.find("<td", html.find(mark));
      return std::atoi(
          html.substr(html.find_first_of("0123456789", html.find('>', cell)), 9).c_str());
    };
    const std::string list = fmt::format("/en/follow-up/actors/{}?theme=", country);
    int bars = 0;
    for (std::size_t at = page.find(list); at != std::string::npos; at = page.find(list, at + 1)) {
      const std::size_t end = at + list.size();
      const std::string theme = page.substr(end, page.find('"', end) - end);
      const int n = number_after(page, list + theme + "\"");
      EXPECT_EQ(n, number_after(brief, "/en/themes/" + theme + "\"")) << country << theme;
      const std::string cells = text(reader.get(list + theme));
      EXPECT_TRUE(cells.contains(fmt::format("<dd><b>{}</b></dd>", n))) << country << theme;
      ++bars;
    }
    EXPECT_GT(bars, 0) << country;
  }
  EXPECT_NE(text(reader.get("/en/registers/practices")).find("Becoming a Man"), std::string::npos);
}

TEST_F(FollowupPagesTest, treaty_pages_and_answers_agree) {
  const auto status = answer("/api/v1/treaty-status?party=PAN&instrument=cifta&as_of=2010-01-01");
  const auto& row = status.at("statuses").as_array()[0].as_object();
  EXPECT_EQ(row.at("status"), "party");
  EXPECT_EQ(row.at("since"), "1999-09");
  EXPECT_EQ(answer("/api/v1/treaty-status?party=CUB&instrument=cifta")
                .at("statuses")
                .as_array()[0]
                .at("status"),
            "unknown");
  Browser reader(node_);
  EXPECT_NE(text(reader.get("/en/treaties/cifta")).find("September 1999"), std::string::npos);
  EXPECT_NE(text(reader.get("/en/treaties/cifta")).find("read more than a year ago"),
            std::string::npos);
  const auto csv = text(reader.get("/api/v1/treaty-events?instrument=cifta&format=csv"));
  EXPECT_NE(csv.find("PAN,cifta,ratification,1999-09,"), std::string::npos);
  EXPECT_EQ(reader.get("/api/v1/treaty-events?party=XYZ").status, 404);
  // A theme that is none gives no brief of everything.
  EXPECT_EQ(reader.get("/en/briefs/PAN?theme=nope").status, 404);
  EXPECT_EQ(reader.get("/en/briefs/PAN?theme=").status, 200);
}

// Whatever a route of the follow-up takes as a day, a number or one of a list: what is none of these
// is refused with its name and what is expected, and never answered as if it had not been asked.
TEST_F(FollowupPagesTest, what_an_address_asks_for_is_a_value_that_there_is) {
  Browser reader(node_);
  const std::map<std::string_view, std::string> samples = {
      {"lang", "en"},           {"id", id_},          {"actor", "PAN"},
      {"country", "PAN"},       {"meeting", "summit"}, {"register", "practices"},
      {"checklist", "cifta"}, {"round", "none"},    {"item", "none"}};
  std::size_t asked = 0, days = 0;
  for (auto part : {followup_routes(), followup_page_routes(), followup_cell_routes(),
                    followup_json_routes(), followup_feed_routes(), register_routes(),
                    brief_routes(), deadline_routes(), checklist_routes(), round_routes(),
                    round_json_routes(), participation_routes(), participation_json_routes()}) {
    for (const Route& route : part) {
      if (route.method != http::Method::get || !route.roles.anyone()) {
        continue;
      }
      std::string path(route.path);
      for (const auto& [name, value] : samples) {
        const std::string mark = fmt::format("{{{}}}", name);
        if (const auto at = path.find(mark); at != std::string::npos) {
          path.replace(at, mark.size(), value);
        }
      }
      for (const Param& param : route.params) {
        const bool closed = param.type == ParamType::date || param.type == ParamType::choice ||
                            param.type == ParamType::integer;
        if (!closed || route.path.contains(fmt::format("{{{}}}", param.name)) ||
            path.contains('{')) {
          continue;
        }
        const auto refused = reader.get(fmt::format("{}?{}=abc", path, param.name));
        EXPECT_EQ(refused.status, 400) << path << " " << param.name;
        EXPECT_NE(text(refused).find(std::string(param.name)), std::string::npos) << path;
        ++asked;
        if (param.name == "as_of" && route.name != "list_deadlines_json") {
          const auto ahead = reader.get(path + "?as_of=2999-01-01");
          EXPECT_EQ(ahead.status, 400) << path << ": what will hold is not known";
          ++days;
        }
        if (route.kind == Kind::page) {
          // A field of its form that is left empty asks for nothing.
          EXPECT_EQ(reader.get(fmt::format("{}?{}=", path, param.name)).status, 200) << path;
        }
      }
    }
  }
  EXPECT_GT(asked, 30U);
  EXPECT_GT(days, 6U);
  const std::string page = text(reader.get("/es/treaties/matrix?as_of=abc"));
  EXPECT_NE(page.find("YYYY-MM-DD"), std::string::npos);
  for (const char* none : {"/en/follow-up?theme=nope", "/en/deadlines?actor=XXX",
                           "/en/deadlines/reports?country=XXX", "/en/deadlines/reports?duty=nope",
                           "/en/registers/practices?country=XXX", "/en/checklists/cifta?state=XXX"}) {
    EXPECT_EQ(reader.get(none).status, 404) << none;
  }
}

}  // namespace
}  // namespace atalaya::api
