// Goal: what of a round is not public leaves this program by no address. Method: a review is walked
// through its stages by the forms of its pages; at every stage everybody asks every address that
// could show it, and a word that only one part holds is looked for. Everything here is synthetic.
#include <gtest/gtest.h>

#include <fmt/format.h>
#include <zip.h>

#include <atalaya/figures/assets.hpp>
#include <atalaya/followup/checklists.hpp>
#include <atalaya/followup/rounds.hpp>

#include "serving_fixture.hpp"

namespace atalaya::api {
namespace {

using testing::Browser;
using testing::must;
using testing::ServedNode;

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string text(const http::Response& response) {
  return std::string(response.text());
}

/// The answer as somebody reads it: what travels packed (a download, a docx) is unpacked, because
/// a word that is deflated would be found nowhere.
std::string readable(const http::Response& response) {
  const std::string bytes = text(response);
  if (!bytes.starts_with("PK")) {
    return bytes;
  }
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, nullptr);
  zip_t* archive = zip_open_from_source(source, ZIP_RDONLY, nullptr);
  std::string out;
  for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); ++i) {
    zip_stat_t stat;
    zip_stat_init(&stat);
    zip_file_t* file = zip_fopen_index(archive, static_cast<zip_uint64_t>(i), 0);
    if (file == nullptr || zip_stat_index(archive, static_cast<zip_uint64_t>(i), 0, &stat) != 0) {
      ADD_FAILURE() << "an entry cannot be read";
      break;
    }
    std::string entry(stat.size, '\0');
    EXPECT_EQ(zip_fread(file, entry.data(), entry.size()), static_cast<zip_int64_t>(entry.size()));
    zip_fclose(file);
    out += entry;
  }
  zip_discard(archive);
  return out;
}

class RoundPagesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    node_.add("fatima", {{"focal_point", "PAN"}});
    node_.add("oscar", {{"focal_point", "COL"}});
    node_.add("xena", {{"expert", ""}, {"reader", "COL"}});
    node_.add("yago", {{"expert", ""}, {"reader", "CHL"}});
    node_.add("paula", {{"expert", ""}, {"reader", "PAN"}});
    node_.add("sara", {{"publisher", ""}});
    node_.add("carl", {{"coder", ""},
                       {"reader", "COL"},
                       {"focal_point", "COL.parliament"},
                       {"focal_point", "cicad"}});
    must(node_.accounts->add({"ngo", "", "Synthetic network", {}},
                             Secret(std::string(testing::kPassword)), "operator"));
    for (const char* name :
         {"fatima", "oscar", "xena", "yago", "paula", "sara", "carl", "ngo", ""}) {
      auto [it, fresh] = people_.emplace(name, Browser(node_));
      if (*name != '\0') {
        EXPECT_EQ(it->second.sign_in(name).status, 303);
      }
    }
  }

  /// The answer to a form; `page` is where it stands.
  http::Response post(const std::string& who, const std::string& page, const std::string& target,
                      Fields fields) {
    const std::string html = text(people_.at(who).get(page));
    const std::size_t at = html.find("name=\"csrf\" value=\"");
    if (at == std::string::npos) {
      ADD_FAILURE() << who << " has no form on " << page << " " << node_.last_error;
      return {};
    }
    const std::size_t begin = at + 19;
    fields.emplace_back("csrf", html.substr(begin, html.find('"', begin) - begin));
    return people_.at(who).post(target, fields);
  }

  void send(const std::string& who, const std::string& what, const Fields& fields) {
    EXPECT_EQ(post(who, kReview, kReview + what, fields).status, 303)
        << who << what << node_.last_error;
  }

  void step(const std::string& who, const std::string& step, int seen, const std::string& date,
            const std::string& scope = {}) {
    send(who, "/steps",
         {{"step", step}, {"date", date}, {"seen", std::to_string(seen)}, {"scope", scope}});
  }

  using Words = std::vector<std::string>;

  /// Who finds each word at any address, as letters of names. All words in one walk: packages and
  /// reports among the addresses are made anew for everybody who asks.
  Words finders(const Words& words) {
    Words out(words.size());
    // The largest answer is the same for everybody (asserted below): it is made once a walk.
    const std::string download = readable(people_.at("").get(kDownload));
    for (auto& [name, browser] : people_) {
      std::string all = download;
      for (const std::string& target : targets_) {
        const auto response = browser.get(target);
        EXPECT_LT(response.status, 500) << target << node_.last_error;
        all += readable(response);
      }
      // Whoever reads is shown who signs, never the name that somebody signs in with.
      for (const char* account : {"fatima", "oscar", "xena", "yago", "paula"}) {
        EXPECT_EQ(all.find(account), std::string::npos) << name << " finds " << account;
      }
      for (std::size_t i = 0; i < words.size(); ++i) {
        const bool found = all.find(words[i]) != std::string::npos;
        out[i] += !found ? "" : name.empty() ? "*" : name.substr(0, 1);
      }
    }
    return out;
  }

  /// A round that follows arms-1 asks of its recommendations as such, and nobody opens a round by
  /// mistake.
  void expect_follow_up() {
    const auto open = [&](const std::string& id, const std::string& title,
                          const std::string& follows, const std::string& countries,
                          const std::string& adds) {
      return post("sara", "/en/desk/rounds/new", "/en/desk/rounds/new",
                  {{"id", id},
                   {"questionnaire", "arms-transparency"},
                   {"title", title},
                   {"follows", follows},
                   {"date", "2026-02-10"},
                   {"countries", countries},
                   {"adds", adds}});
    };
    EXPECT_EQ(open("arms-1", "Another", "", "PER", "yes").status, 409);
    const auto asked = open("arms-1", "Synthetic", "", "PER", "");
    EXPECT_EQ(asked.status, 409);
    EXPECT_NE(text(asked).find("adds states to it (1): Peru."), std::string::npos);
    EXPECT_NE(text(asked).find("name=\"adds\""), std::string::npos);
    EXPECT_EQ(open("arms-1", "Synthetic", "", "PER", "yes").status, 303);
    EXPECT_EQ(open("arms-2", "What came of it", "arms-1", "PAN", "").status, 303);
    const std::string review = "/en/rounds/arms-2/PAN";
    const std::string form = text(people_.at("fatima").get(review));
    EXPECT_NE(
        form.find("Recommendation 1 of “Synthetic”: <span lang=\"en\">wordrecommendation</span>"),
        std::string::npos);
    EXPECT_NE(form.find("-hint\">What came of it? Choose one.<"), std::string::npos);
    const auto wrong = post("fatima", review, review + "/answers", {{"a.0.rec-1", "perhaps"}});
    EXPECT_EQ(wrong.status, 400);
    EXPECT_NE(text(wrong).find("in_progress (In progress)"), std::string::npos);
    EXPECT_EQ(text(wrong).find("“rec-1”"), std::string::npos);
    const std::string follow_up = text(people_.at("").get("/fr/rounds/arms-2"));
    EXPECT_NE(follow_up.find("href=\"/fr/rounds/arms-1\" lang=\"en\">Synthetic</a>"),
              std::string::npos);
    EXPECT_NE(follow_up.find("recommandations de «\u00a0Synthetic\u00a0»</h3>"), std::string::npos);
    EXPECT_NE(text(people_.at("").get("/en/rounds/arms-1"))
                  .find("href=\"/en/rounds/arms-2\" lang=\"en\">What came of it</a>"),
              std::string::npos);
  }

  const std::string kReview = "/en/rounds/arms-1/PAN";
  const std::string kDownload = "/api/v1/follow-up/download";
  std::vector<std::string> targets_ = {"/en/rounds",
                                       "/en/rounds/arms-1",
                                       kReview,
                                       kReview + "/answers",
                                       "/en/countries/PAN",
                                       "/en/follow-up/actors/PAN",
                                       "/en/desk/follow-up",
                                       "/api/v1/ledger/checkpoint",
                                       "/api/v1/rounds",
                                       "/api/v1/rounds/arms-1",
                                       "/api/v1/rounds/arms-1?format=csv",
                                       "/api/v1/rounds/arms-1/reviews/PAN",
                                       "/api/v1/rounds/arms-1/report?format=html",
                                       "/api/v1/rounds/arms-1/report?format=docx",
                                       kReview + "/input",
                                       "/api/v1/follow-up/changes",
                                       "/api/v1/follow-up/feed",
                                       "/api/v1/follow-up/cells?actor=PAN"};
  ServedNode node_;
  std::map<std::string, Browser> people_;
};

TEST_F(RoundPagesTest, no_address_shows_more_than_the_stage_allows) {
  ASSERT_EQ(post("sara", "/en/desk/rounds/new", "/en/desk/rounds/new",
                 {{"id", "arms-1"},
                  {"questionnaire", "arms-transparency"},
                  {"title", "Synthetic"},
                  {"date", "2026-01-10"},
                  {"countries", "PAN COL"}})
                .status,
            303)
      << node_.last_error;
  // What is still to be answered is named in the page's words, not by the names of questions.
  const auto early = post("fatima", kReview, kReview + "/steps",
                          {{"step", "submitted"}, {"date", "2026-01-11"}, {"seen", "1"}});
  EXPECT_EQ(early.status, 409);
  EXPECT_NE(
      text(early).find("categories into their inventories? · May readers see these reports?<"),
      std::string::npos);
  send("fatima", "/answers",
       {{"a.0.annual-report", "no"},
        {"a.0.annual-report-why", "wordanswer"},
        {"a.0.acquired", "no"},
        {"a.0.nil-report", "yes"},
        {"a.0.public", "partially"}});
  EXPECT_EQ(finders({"wordanswer"}), Words{"f"});
  // A file goes in by the module, as the form's handler sends it, and out by its address.
  const followup::Rounds rounds(node_.followup->parts());
  const auto round = must(rounds.get("arms-1"));
  const followup::RoundViewer state{"fatima", {"PAN"}, {"PAN"}, false, false};
  followup::Entry file;
  file.kind = "answer_file";
  file.values = {{"file_name", "a <b>.pdf"}, {"question", "public"}};
  must(rounds.add_file(round, "PAN", file, "%PDF-1.4 wordfile", state));
  const auto id = must(rounds.review(round, "PAN", state)).files.at(0).id;
  targets_.push_back(fmt::format("{}/files/{}", kReview, id));
  EXPECT_EQ(finders({"wordfile"}), Words{"f"});
  EXPECT_EQ(people_.at("sara").get(targets_.back()).status, 404);
  for (const char* name : {"fatima", "sara", "xena"}) {
    EXPECT_EQ(readable(people_.at(name).get(kDownload)), readable(people_.at("").get(kDownload)));
  }
  send("sara", "/steps",
       {{"step", "civil_society_opened"},
        {"date", "2026-01-20"},
        {"seen", "1"},
        {"until", "2026-12-31"}});
  const auto sent =
      post("ngo", kReview + "/input", kReview + "/input", {{"text", "wordinput"}, {"url", ""}});
  EXPECT_EQ(sent.status, 200) << node_.last_error;
  EXPECT_EQ(finders({"wordinput"}), Words{"fns"});
  EXPECT_EQ(people_.at("").get(kReview + "/input").status, 200) << "an open window is public";
  EXPECT_EQ(people_.at("ngo").get(kReview).status, 404);
  // An expert of the state itself, or none at all, reviews nothing, whatever a request asks.
  for (const char* name : {"paula", "nobody", "sara"}) {
    EXPECT_EQ(post("sara", kReview, kReview + "/entries",
                   {{"kind", "reviewer"}, {"name", name}, {"version", "0"}})
                  .status,
              400)
        << name;
  }
  send("sara", "/entries", {{"kind", "reviewer"}, {"name", "xena"}, {"version", "0"}});
  // The same form sent again by somebody who did not see the answers: what was typed is kept.
  const auto late = post("fatima", kReview, kReview + "/answers", {{"a.0.public", "yes"}});
  EXPECT_EQ(late.status, 409);
  const std::string shown = identity::shown_name(must(node_.accounts->get("fatima")));
  EXPECT_NE(text(late).find(shown + " wrote version 1"), std::string::npos)
      << "never by the name that she signs in with";
  EXPECT_NE(text(late).find("What stands now: version 1"), std::string::npos) << "beside one's own";
  EXPECT_NE(text(late).find("name=\"a.1.public\""), std::string::npos) << "and can be answered";
  step("fatima", "submitted", 2, "2026-02-01");
  EXPECT_EQ(finders({"wordanswer", "wordfile", "wordinput"}), (Words{"fsx", "fsx", "fnsx"}));
  send("xena", "/entries",
       {{"kind", "conclusion"}, {"name", "public"}, {"version", "0"}, {"text", "wordconclusion"}});
  send("xena", "/entries",
       {{"kind", "recommendation"}, {"version", "0"}, {"text", "wordrecommendation"}});
  EXPECT_EQ(finders({"wordconclusion"}), Words{"sx"});
  step("xena", "drafted", 3, "2026-02-02");
  EXPECT_EQ(people_.at("").get(kReview + "/input").status, 404) << "the window closed";
  send("fatima", "/entries",
       {{"kind", "comment"},
        {"name", "c.public"},
        {"version", "0"},
        {"reply_to", "1"},
        {"text", "wordcomment"}});
  EXPECT_EQ(finders({"wordcomment"}), Words{"fsx"});
  step("fatima", "commented", 4, "2026-02-03");
  EXPECT_EQ(finders({"wordconclusion"}), Words{"fsxy"});
  EXPECT_EQ(people_.at("paula").get(kReview).status, 404);
  EXPECT_EQ(people_.at("").get(kReview).status, 404);
  // What the plenary changes does not stand above a comment on what it took the place of.
  send("xena", "/entries",
       {{"kind", "conclusion"}, {"name", "public"}, {"version", "1"}, {"text", "wordrevised"}});
  const std::string plenary = text(people_.at("fatima").get(kReview));
  EXPECT_NE(plenary.find("The state answered this earlier wording"), std::string::npos);
  EXPECT_LT(plenary.find(">wordrevised<"), plenary.find(">wordconclusion<"));
  EXPECT_NE(plenary.find(">wordconclusion</p></blockquote><blockquote"), std::string::npos)
      << "apart from the state's own words";
  EXPECT_LT(plenary.find(">wordconclusion<"), plenary.find(">wordcomment<"));
  EXPECT_NE(plenary.find("name=\"reply_to\" value=\"2\""), std::string::npos)
      << "and may be answered anew";
  step("sara", "adopted", 5, "2026-02-04");
  EXPECT_EQ(finders({"wordrecommendation"}), Words{"fopsxy"});
  step("fatima", "consented", 6, "2026-02-05", "report");
  step("sara", "published", 7, "2026-02-06");
  // The state kept its answers and their files.
  EXPECT_EQ(finders({"wordrecommendation", "wordcomment", "wordinput", "wordanswer", "wordfile"}),
            (Words{"*cfnopsxy", "*cfnopsxy", "*cfnopsxy", "fopsxy", "fopsxy"}));
  // What the plenary struck stays with those who took part; readers learn that it was changed.
  EXPECT_EQ(finders({"wordconclusion"}), Words{"fsxy"});
  EXPECT_NE(text(people_.at("").get("/api/v1/rounds/arms-1/reviews/PAN"))
                .find("\"draft_changed\":\"yes\",\"language\":\"en\",\"reply_to\":\"1\",\"text\""),
            std::string::npos);
  expect_follow_up();
  const auto pdf = people_.at("").get("/api/v1/rounds/arms-1/report?lang=fr");
  EXPECT_EQ(text(pdf).substr(0, 5), "%PDF-");
  const std::string report = text(people_.at("").get(targets_[12]));
  EXPECT_NE(report.find("wordcomment"), std::string::npos);
  EXPECT_EQ(report.find("xena"), std::string::npos);
  for (const char* packed :
       {"/api/v1/rounds/arms-1/report?format=docx", "/api/v1/follow-up/download"}) {
    const auto answer = people_.at("").get(packed);
    const bool docx = std::string_view(packed).ends_with("docx");
    const std::string_view word = docx ? "wordcomment" : "round,country,question,version,value";
    // The download holds some parts as they are, where packing would gain nothing.
    EXPECT_TRUE(!docx || text(answer).find(word) == std::string::npos) << packed;
    EXPECT_NE(readable(answer).find(word), std::string::npos) << packed;
  }
  const std::string page = text(people_.at("").get(kReview));
  EXPECT_EQ(page.find("xena"), std::string::npos) << "an expert's account is named to all";
  EXPECT_NE(page.find("Colombia"), std::string::npos) << "which state reviewed is not";
  const auto review = people_.at("").get("/api/v1/rounds/arms-1/reviews/PAN");
  EXPECT_EQ(review.status, 200) << "a published review is everybody's";
  EXPECT_NE(text(review).find("wordrecommendation"), std::string::npos);
  EXPECT_EQ(text(review).find("xena"), std::string::npos);
}

TEST_F(RoundPagesTest, pages_are_there_in_four_languages_and_marks_are_compared) {
  const std::string cell = "/en/checklists/cifta/art-6/PAN";
  const Fields mark = {{"version", "0"},         {"value", "X"},         {"law", "Synthetic Act"},
                       {"article", "7"},         {"quote", "wordquote"}, {"language", "en"},
                       {"read_on", "2026-10-01"}};
  EXPECT_EQ(post("carl", cell, cell, mark).status, 303) << node_.last_error;
  const auto late = post("carl", cell, cell, mark);
  EXPECT_EQ(late.status, 303) << "the same words again change nothing";
  Fields other = mark;
  other[2].second = "Another Act";
  const auto overtaken = post("carl", cell, cell, other);
  EXPECT_EQ(overtaken.status, 409);
  for (const char* words : {"What stands now: version 1", "Synthetic Act", "Another Act",
                            "name=\"version\" value=\"1\""}) {
    EXPECT_NE(text(overtaken).find(words), std::string::npos) << words;
  }
  EXPECT_EQ(post("fatima", cell, cell + "/reply",
                 {{"version", "0"}, {"mark", "1"}, {"language", "pt"}, {"text", "wordreply"}})
                .status,
            303);
  // Words that were written while an older mark stood are given back, beside the mark of now.
  other[0].second = "1";
  EXPECT_EQ(post("carl", cell, cell, other).status, 303);
  const auto unseen =
      post("fatima", cell, cell + "/reply",
           {{"version", "1"}, {"mark", "1"}, {"language", "pt"}, {"text", "wordlate"}});
  EXPECT_EQ(unseen.status, 409);
  for (const char* words : {"The mark was changed while you wrote", "Another Act",
                            ">wordlate</textarea>", "name=\"mark\" value=\"2\""}) {
    EXPECT_NE(text(unseen).find(words), std::string::npos) << words;
  }
  for (const std::string_view language : {"en", "es", "pt", "fr"}) {
    for (const std::string_view path :
         {"/rounds", "/questionnaires/mesicic", "/checklists", "/checklists/cifta",
          "/checklists/cifta?state=PAN", "/checklists/cifta/art-6?state=PAN&state=COL",
          "/checklists/cifta/art-6/PAN", "/countries/PAN"}) {
      const auto page = people_.at("").get(fmt::format("/{}{}", language, path));
      EXPECT_EQ(page.status, 200) << language << path << " " << node_.last_error;
      for (const char* key : {"rounds.", "checklists.", "registers."}) {
        EXPECT_EQ(text(page).find(fmt::format(">{}", key)), std::string::npos) << language << path;
      }
      if (path.contains("art-6")) {
        EXPECT_NE(text(page).find("wordquote"), std::string::npos) << path;
        EXPECT_NE(text(page).find("<p lang=\"pt\">wordreply"), std::string::npos) << path;
      }
    }
  }
  const std::string json = text(people_.at("").get("/api/v1/checklists/cifta"));
  EXPECT_NE(json.find("\"X\":1,\"not_coded\":34"), std::string::npos);
  EXPECT_NE(
      text(people_.at("").get("/api/v1/checklists/cifta?format=csv")).find("cifta,art-6,PAN,2,X"),
      std::string::npos);
  // Every table of the download ends its lines alike.
  const std::string bulk = readable(people_.at("").get("/api/v1/follow-up/download"));
  const std::string tables = bulk.substr(bulk.find("\n}\n") + 3);
  EXPECT_NE(tables.find("wordreply,pt,1\r\n"), std::string::npos);
  EXPECT_EQ(std::ranges::count(tables, '\n'), std::ranges::count(tables, '\r'));
  // Nor are they lost where no mark is left to reply to.
  const followup::Checklists checklists(node_.followup->parts());
  const followup::ChecklistCoder carl{"carl", {}};
  // A file without coders is its sender's, by the name that readers are shown.
  const std::string anew =
      "checklist,item,country,version,value,note\ncifta,art-6,PAN,2,NA,synthetic\n";
  const auto plan = must(checklists.plan(anew, "anew.csv", carl));
  EXPECT_EQ(plan.rows.at(0).entry.value("coder"),
            identity::shown_name(must(node_.accounts->get("carl"))));
  must(checklists.apply(plan, carl, true));
  EXPECT_EQ(must(checklists.matrix("cifta")).value("art-6", "PAN")->value("coder"),
            plan.rows.at(0).entry.value("coder"));
  const std::string out = "checklist,item,country,version,value\ncifta,art-6,PAN,3,\n";
  must(checklists.apply(must(checklists.plan(out, "out.csv", carl)), carl, true));
  const auto gone =
      post("fatima", "/en/registers/practices/new", cell + "/reply",
           {{"version", "1"}, {"mark", "2"}, {"language", "pt"}, {"text", "wordlate"}});
  EXPECT_EQ(gone.status, 400) << node_.last_error;
  EXPECT_NE(text(gone).find(">wordlate</textarea>"), std::string::npos);
}

}  // namespace
}  // namespace atalaya::api
