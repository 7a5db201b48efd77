// Every page, in every language, with tame and with hostile texts: one h1, headings without gaps,
// unique ids, every reference to an id answered, landmarks, no inline style or script, and no text
// of a stranger that became markup. ATALAYA_PREVIEW=DIR writes the pages there for
// tests/browser/check.mjs.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <atalaya/figures/assets.hpp>
#include <atalaya/figures/messages.hpp>

#include "pages_examples.hpp"
#include "pages_source.hpp"

namespace atalaya::api {
namespace {

struct Tag {
  std::string name;
  std::map<std::string, std::string> attributes;
};

// The start tags of what the builder writes: attributes are quoted and hold no '>' or '"'.
std::vector<Tag> tags_of(const std::string& html) {
  std::vector<Tag> tags;
  for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    if (html[at + 1] == '/' || html[at + 1] == '!') {
      continue;
    }
    const std::size_t end = html.find('>', at);
    std::string inside = html.substr(at + 1, end - at - 1);
    Tag tag;
    std::size_t i = inside.find_first_of(" /");
    tag.name = inside.substr(0, i);
    while (i != std::string::npos && i < inside.size()) {
      i = inside.find_first_not_of(" /", i);
      if (i == std::string::npos) {
        break;
      }
      const std::size_t name_end = std::min(inside.find_first_of("= ", i), inside.size());
      const std::string name = inside.substr(i, name_end - i);
      std::string value;
      i = name_end;
      if (name_end < inside.size() && inside[name_end] == '=') {
        const std::size_t close = inside.find('"', name_end + 2);
        value = inside.substr(name_end + 2, close - name_end - 2);
        i = close + 1;
      }
      EXPECT_FALSE(tag.attributes.contains(name)) << tag.name << " " << name << " twice";
      tag.attributes[name] = value;
    }
    tags.push_back(std::move(tag));
  }
  return tags;
}

void check_ids(const std::vector<Tag>& tags) {
  std::set<std::string> ids;
  for (const auto& tag : tags) {
    if (const auto id = tag.attributes.find("id"); id != tag.attributes.end()) {
      EXPECT_TRUE(ids.insert(id->second).second) << "id twice: " << id->second;
      EXPECT_FALSE(id->second.empty());
    }
  }
  for (const auto& tag : tags) {
    for (const std::string name : {"for", "aria-labelledby", "aria-describedby", "data-copy"}) {
      if (const auto it = tag.attributes.find(name); it != tag.attributes.end()) {
        EXPECT_TRUE(ids.contains(it->second)) << tag.name << " " << name << "=" << it->second;
      }
    }
  }
}

void check_headings(const std::vector<Tag>& tags) {
  int last = 0;
  int firsts = 0;
  for (const auto& tag : tags) {
    if (tag.name.size() == 2 && tag.name[0] == 'h' && tag.name[1] >= '1' && tag.name[1] <= '6') {
      const int level = tag.name[1] - '0';
      firsts += level == 1 ? 1 : 0;
      EXPECT_LE(level, last + 1) << "a heading of level " << level << " after " << last;
      last = level;
    }
  }
  EXPECT_EQ(firsts, 1);
}

void check_policy(const std::vector<Tag>& tags) {
  std::map<std::string, int> count;
  for (const auto& tag : tags) {
    // Drawings name their shapes with titles of their own.
    if (tag.name != "title" || !count.contains("body")) {
      ++count[tag.name];
    }
    for (const auto& [name, value] : tag.attributes) {
      EXPECT_FALSE(name.starts_with("on") || name == "style") << tag.name << " " << name;
      if (name == "href" || name == "src" || name == "action") {
        EXPECT_FALSE(value.starts_with("javascript")) << value;
      }
    }
    if (tag.name == "link" || tag.name == "img" || tag.name == "script") {
      const auto href =
          tag.attributes.contains("href") ? tag.attributes.at("href") : tag.attributes.at("src");
      EXPECT_TRUE(href.starts_with("/assets/") || href.starts_with("https://node.example/"))
          << href;
    }
  }
  EXPECT_EQ(count["script"], 1);
  EXPECT_EQ(count["img"], 0);
  EXPECT_EQ(count["style"], 0);
  for (const std::string landmark : {"html", "head", "body", "header", "main", "title"}) {
    EXPECT_EQ(count[landmark], 1) << landmark;
  }
  EXPECT_GE(count["footer"], 1);
}

class Pages : public testing::TestWithParam<Language> {};

TEST_P(Pages, are_sound_documents) {
  for (const auto& [name, html] : examples::every_page(GetParam(), false)) {
    SCOPED_TRACE(name);
    const auto tags = tags_of(html);
    check_ids(tags);
    check_headings(tags);
    check_policy(tags);
    EXPECT_EQ(html.find("{"), std::string::npos) << html.substr(html.find("{") - 60, 120);
    EXPECT_LT(html.size(), 160'000U);  // a map of the states is drawn within the page
  }
}

TEST_P(Pages, show_hostile_texts_as_texts) {
  for (const auto& [name, html] : examples::every_page(GetParam(), true)) {
    SCOPED_TRACE(name);
    const auto tags = tags_of(html);
    check_ids(tags);
    check_policy(tags);
    EXPECT_EQ(html.find("<script>"), std::string::npos);
    EXPECT_EQ(html.find("secret detail"), std::string::npos);
  }
}

// A key that stands on a page as it is was not in the catalogue.
TEST_P(Pages, say_everything_in_words) {
  const auto keys = figures::Messages::embedded().keys(Language::en);
  for (const auto& [name, html] : examples::every_page(GetParam(), false)) {
    for (const auto key : keys) {
      EXPECT_EQ(html.find(">" + std::string(key) + "<"), std::string::npos) << name << " " << key;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Languages, Pages, testing::ValuesIn(kLanguages),
                         [](const auto& param) { return std::string(to_string(param.param)); });

TEST(ErrorPage, says_what_its_status_says_where_the_reason_is_not_known) {
  const auto html = render_error(examples::context(Language::en, "/nowhere"),
                                 {404, "api.nothing.known", "Nothing is here.", "0123456789abc"});
  EXPECT_NE(html.find("Nothing is here."), std::string::npos);
  EXPECT_NE(html.find("0123456789abc"), std::string::npos);
}

TEST(ErrorPage, says_what_to_do_about_each_refusal) {
  const auto context = examples::context(Language::en, "/");
  const auto page = [&](ErrorView view) { return render_error(context, view); };
  EXPECT_NE(page({413, "http.body.too_big", "x", "", 32 << 20}).find("at most 32 MB"),
            std::string::npos);
  EXPECT_NE(page({405, "api.method", "x", ""}).find("Nothing was changed"), std::string::npos);
  EXPECT_NE(page({400, "http.target.encoding", "x", ""}).find("a lone % sign"), std::string::npos);
  const auto form = page({403, "api.csrf", "Load it again.", ""});
  EXPECT_NE(form.find("The form was not carried out"), std::string::npos);
  EXPECT_NE(form.find("Load it again."), std::string::npos);
  EXPECT_NE(form.find("/en/sign-in"), std::string::npos);
}

// A file of more lines than a window: each window shows its own lines once, and any line of it
// leads there; a reading over the edge stands on both sides.
// Every warning that there is, on the page that shows them: whole in each language, without the
// English detail that is kept for programs, and with the words of a document where it is about them.
TEST(ImportPage, says_warnings_in_the_readers_language) {
  const auto& messages = figures::Messages::embedded();
  std::vector<commitments::Warning> warnings;
  for (const std::string_view key : messages.keys(Language::en)) {
    if (key.starts_with("warning.")) {
      commitments::Warning warning{std::string(key.substr(8)), 3, "the English detail", false, {}};
      for (const char* name :
           {"file", "likeness", "shifted", "held", "gone", "reworded", "moved", "added", "items",
            "printed", "adopted", "last", "level", "count", "number", "label", "date", "id", "text",
            "odd", "missing", "alone", "here", "there", "more", "page"}) {
        warning.params.emplace_back(name, "7");
      }
      warning.params.emplace_back("document", "summit-1998-plan");
      warning.params.emplace_back("instrument", "untoc");
      warnings.push_back(std::move(warning));
    }
  }
  ASSERT_GT(warnings.size(), 15U);
  for (const Language language : kLanguages) {
    ImportView view;
    view.token = "token";
    view.files.emplace_back().warnings = warnings;
    view.files.front().warnings.push_back(
        {"commitments.parse.meeting_unknown", 9, "Palabras impresas", true, {}});
    const std::string page = render_import(examples::context(language, "/desk"), view);
    EXPECT_EQ(page.find("the English detail"), std::string::npos);
    EXPECT_NE(page.find("Palabras impresas"), std::string::npos);
    EXPECT_EQ(page.find("warning."), std::string::npos);
    for (const auto& warning : warnings) {
      const std::string key = "warning." + warning.reason;
      EXPECT_TRUE(messages.has(language, key)) << key;
      const std::string said = messages.text_with(language, key, warning.params);
      EXPECT_EQ(said.find("–"), std::string::npos) << key << " has a placeholder nobody fills";
      if (language != Language::en) {
        EXPECT_NE(said, messages.text_with(Language::en, key, warning.params)) << key;
      }
    }
  }
}

TEST(ImportPage, offers_nothing_to_import_where_nothing_would_change) {
  ImportView view;
  view.token = "token";
  view.files.emplace_back().known = true;
  const auto shows_form = [&] {
    return render_import(examples::context(Language::es, "/desk"), view).find("apply-import") !=
           std::string::npos;
  };
  EXPECT_FALSE(shows_form());
  view.files.emplace_back();
  EXPECT_TRUE(shows_form());
}

// Whoever only mends a verb says nothing of the date: the day and the event beside it stay.
TEST(CommitmentPage, calls_no_summary_the_words_of_a_document) {
  const auto context = examples::context(Language::en, "/commitments/x");
  commitments::CommitmentView view;
  view.row.id = "summit-1998-abc";
  view.row.title = "Synthetic title";
  EXPECT_EQ(render_commitment(context, view).find("word for word"), std::string::npos);
  view.texts.resize(1);
  view.texts[0].language = "es";
  view.texts[0].standing = "official";
  view.texts[0].text = "Promover puentes sintéticos.";
  EXPECT_NE(render_commitment(context, view).find("word for word"), std::string::npos);
  EXPECT_NE(render_commitment(context, view).find("Official text, in Spanish"), std::string::npos);
  view.texts[0].standing = "translation";
  const std::string page = render_commitment(context, view);
  EXPECT_EQ(page.find("word for word"), std::string::npos);
  EXPECT_NE(page.find("Translation, in Spanish: not official text"), std::string::npos);
}

TEST(CommitmentPage, shows_the_day_of_a_clause_whose_words_alone_a_person_set) {
  commitments::CommitmentView view;
  commitments::ClauseView clause;
  clause.ordinal = 1;
  clause.formulation = "firm";
  clause.addressee = "states";
  clause.due = "../2031-12";
  clause.due_latest = "2031-12-31";
  clause.due_event = "Synthetic Conference";
  for (const char* set_by : {"rule", "Ana Editora"}) {
    clause.set_by = set_by;
    view.clauses = {clause};
    const std::string page =
        render_commitment(examples::context(Language::en, "/commitments/x"), view);
    EXPECT_NE(page.find("31 December 2031"), std::string::npos) << set_by;
    EXPECT_NE(page.find("Synthetic Conference"), std::string::npos) << set_by;
  }
}

// Of a meeting that the catalogue does not know, what the documents print of it.
TEST(MeetingPage, names_a_meeting_that_nobody_knows_by_place_and_year) {
  const auto context = examples::context(Language::en, "/meetings/x");
  const auto page = [&](std::string id, std::vector<std::string> places) {
    TopicView view;
    view.id = std::move(id);
    for (std::string& place : places) {
      view.places.push_back({"a", "Synthetic text", "", "a.txt", "", std::move(place), 3, 2});
    }
    return render_meeting(context, view);
  };
  EXPECT_NE(page("other-2024", {"Synthetic City"}).find("Synthetic City, 2024"), std::string::npos);
  EXPECT_EQ(page("other-2024", {"Synthetic City", "Port"}).find("Port, 2024"), std::string::npos);
  const std::string ministers = page("mispa-2031", {});
  EXPECT_NE(ministers.find("Ministers responsible for public security"), std::string::npos);
  EXPECT_EQ(ministers.find(">mispa-2031<"), std::string::npos);
  EXPECT_NE(render_meetings(context, {{"mispa-2031", 5}}).find("/meetings/mispa-2031"),
            std::string::npos);
}

TEST(CountryPage, leads_to_briefs_of_states_alone) {
  for (const auto& [id, briefed] : {std::pair("PAN", true), std::pair("CUW", false)}) {
    CountryView view;
    view.id = id;
    const std::string page = render_country(examples::context(Language::es, "/countries/x"), view);
    EXPECT_EQ(page.contains(std::string("/briefs/") + id), briefed) << id;
  }
}

TEST(CommitmentPage, cites_what_is_known_and_no_empty_part) {
  commitments::CommitmentView view;
  view.row.id = "mispa-2009-abc";
  view.row.meeting = "mispa-2009";
  view.row.text_start = "Promote synthetic bridges";
  const std::string page =
      render_commitment(examples::context(Language::en, "/commitments/x"), view);
  EXPECT_NE(page.find("Promote synthetic bridges…”, "), std::string::npos);
  EXPECT_EQ(page.find(", , "), std::string::npos);
}

// Of a text in two languages a page quotes and cites the one that its reader reads.
TEST(CommitmentPage, quotes_and_cites_the_text_in_its_own_language) {
  const std::string english = "Do not open synthetic ports by 31 December 2031.";
  const std::string spanish =
      "No abrir puertos sintéticos a más tardar el 31 de diciembre de 2031.";
  commitments::CommitmentView view;
  view.row.id = "mispa-2009-abc";
  view.row.year = 2009;
  view.row.text_start = spanish;
  view.texts = {{"en", "official", english, "a"}, {"es", "official", spanish, "b"}};
  commitments::ClauseView clause;
  clause.ordinal = 1;
  clause.end = static_cast<std::int32_t>(english.size());
  clause.language = "en";
  clause.verb = "not open";
  clause.verb_printed = "Do not open";
  clause.deliverable = "synthetic ports by 31 December 2031";
  clause.set_by = "rule";
  clause.due = "../2031-12-31";
  view.clauses = {clause};
  view.dues = {
      {"../2031-12-31", "deadline", "by 31 December 2031", false, "rule", "2031-12-31", ""}};
  view.appearances.resize(2);
  view.appearances[0].language = "en";
  view.appearances[0].source_title = "Synthetic page";
  view.appearances[1].language = "es";
  view.appearances[1].source_title = "Página sintética";
  const std::string page =
      render_commitment(examples::context(Language::es, "/commitments/x"), view);
  const auto table = page.substr(page.find("clause-table"));
  EXPECT_NE(table.find("1 No abrir"), std::string::npos);
  EXPECT_NE(table.find("«a más tardar el 31 de diciembre de 2031»"), std::string::npos);
  EXPECT_EQ(table.find("ports"), std::string::npos);
  const auto citation = page.substr(page.find("id=\"citation\""));
  EXPECT_NE(citation.find("diciembre de 2031.»"), std::string::npos);
  EXPECT_NE(citation.find("«Página sintética»"), std::string::npos);
  // What a person set stays, in the words that he or she gave.
  view.clauses[0].set_by = "Ana Editora";
  const std::string set =
      render_commitment(examples::context(Language::es, "/commitments/x"), view);
  EXPECT_NE(set.find("by 31 December 2031"), std::string::npos);
}

TEST(CommitmentPage, sets_french_blanks_before_marks_that_no_message_has) {
  commitments::CommitmentView view;
  commitments::ClauseView clause;
  clause.ordinal = 1;
  clause.formulation = "qualified";
  clause.addressee = "states";
  clause.qualifiers = {"synthetic qualifier"};
  clause.due = "../2031-12";
  clause.due_latest = "2031-12-31";
  clause.due_event = "Synthetic Conference";
  view.clauses = {clause};
  commitments::DueView due;
  due.edtf = "2031";
  due.kind = "deadline";
  due.printed = "synthetic day";
  due.set_by = "rule";
  view.dues = {due};
  const std::string page =
      render_commitment(examples::context(Language::fr, "/commitments/x"), view);
  EXPECT_NE(page.find("\u00A0: «\u00A0synthetic qualifier"), std::string::npos);
  EXPECT_NE(page.find("\u00A0: «\u00A0synthetic day"), std::string::npos);
  view.clauses[0].set_above_by = view.dues[0].set_above_by = "Ana Editora";
  const std::string above =
      render_commitment(examples::context(Language::fr, "/commitments/x"), view);
  EXPECT_EQ(above.find("lu par une règle"), std::string::npos);
  EXPECT_NE(above.find("du paragraphe ci-dessus, fixé par"), std::string::npos);
  EXPECT_NE(page.find("\u00A0; "), std::string::npos);
}

TEST(SourcePage, shows_a_long_file_by_windows) {
  commitments::SourceDetail detail;
  detail.source.id = "x";
  detail.source.file_name = "long.txt";
  for (int n = 1; n <= 1'000; ++n) {
    detail.lines.push_back("line " + std::to_string(n));
  }
  commitments::ParsedItem item;
  item.line = 399;
  item.line_end = 402;
  detail.items.emplace_back(item, "summit-1998-abc");
  const auto context = examples::context(Language::en, "/sources/x");
  for (const std::int32_t from : {1, 250, 400, 401, 700, 800, 801, 1'000, 5'000}) {
    const auto html = render_source(context, detail, from);
    const std::int32_t first = (std::min(from, 1'000) - 1) / 400 * 400 + 1;
    for (std::int32_t n = 1; n <= 1'000; ++n) {
      const bool shown = n >= first && n < first + 400;
      EXPECT_EQ(html.find("id=\"L" + std::to_string(n) + "\"") != std::string::npos, shown)
          << from << " " << n;
    }
    EXPECT_EQ(html.find("summit-1998-abc") != std::string::npos, first < 801) << from;
  }
}

TEST(SourcePage, says_that_a_newer_version_is_held) {
  const auto context = examples::context(Language::en, "/documents");
  const std::string older = figures::Messages::embedded().text(Language::en, "source.older");
  DocumentsView view;
  view.sources.resize(2);
  view.sources[0].id = "old";
  view.sources[1].id = "new";
  EXPECT_EQ(render_documents(context, view).find(older), std::string::npos);
  view.sources[1].follows = "old";
  const auto html = render_documents(context, view);
  const auto at = html.find(older);
  EXPECT_GT(at, html.find("/sources/old"));
  EXPECT_LT(at, html.find("/sources/new"));
  commitments::SourceDetail detail;
  detail.source.id = "old";
  EXPECT_NE(render_source(context, detail, 1, "new").find("/sources/new"), std::string::npos);
  EXPECT_EQ(render_source(context, detail).find("/sources/new"), std::string::npos);
}

TEST(PagesPreview, writes_the_pages_where_asked) {
  const char* folder = std::getenv("ATALAYA_PREVIEW");
  if (folder == nullptr) {
    GTEST_SKIP() << "set ATALAYA_PREVIEW=DIR to look at the pages";
  }
  const std::filesystem::path root(folder);
  for (const Language language : kLanguages) {
    const auto place = root / std::string(to_string(language));
    std::filesystem::create_directories(place);
    for (const auto& [name, html] : examples::every_page(language, false)) {
      std::ofstream(place / (name + ".html"), std::ios::binary) << html;
    }
  }
  std::filesystem::create_directories(root / "assets");
  for (const std::string_view name :
       {"atalaya.css", "atalaya.js", "favicon.svg", "source-sans-3-latin.woff2",
        "source-sans-3-latin-ext.woff2"}) {
    const auto* asset = figures::find_asset(figures::asset_url(name));
    std::ofstream(root / std::string(asset->url.substr(1)), std::ios::binary) << asset->bytes;
  }
}

TEST(Filters, are_read_and_written_the_same) {
  const Query query = {{"theme", "drugs"},         {"theme", "firearms"}, {"year", "1998"},
                       {"meeting", "summit-1998"}, {"role", "chapeau"},   {"instrument", "cifta"},
                       {"actionable", "no"},       {"dated", "yes"},      {"page", "3"}};
  const auto filter = filter_from(query);
  EXPECT_EQ(query_of(filter, page_from(query)),
            "?theme=drugs&theme=firearms&year=1998&meeting=summit-1998&role=chapeau&"
            "instrument=cifta&actionable=no&dated=yes&page=3");
  EXPECT_EQ(query_of({}), "");
}

TEST(Filters, leave_out_what_is_no_such_thing) {
  const auto filter = filter_from({{"theme", ""},
                                   {"theme", "<b>"},
                                   {"theme", std::string(65, 'a')},
                                   {"year", "x"},
                                   {"year", "0"},
                                   {"year", "99999"},
                                   {"held", "maybe"},
                                   {"color", "red"},
                                   {"theme", "drugs"},
                                   {"theme", "drugs"}});
  EXPECT_EQ(query_of(filter), "?theme=drugs");
  EXPECT_EQ(page_from({{"page", "-4"}}), 1);
  EXPECT_EQ(page_from({{"page", "x"}}), 1);
  EXPECT_EQ(page_from({}), 1);
}

}  // namespace
}  // namespace atalaya::api
