// The analysts' pages among those of pages_test.cpp, from views made by hand.
#include <atalaya/observatory/codelists.hpp>

#include "pages_examples.hpp"
#include "pages_figure_desk.hpp"

namespace atalaya::api::examples {
namespace {

namespace obs = observatory;

struct Words {
  bool hostile = false;

  std::string operator()(std::string_view text) const {
    return std::string(hostile ? kHostile : text);
  }
};

std::vector<obs::Finding> findings(const Words& words) {
  std::vector<obs::Finding> out;
  for (int i = 0; i < 120; ++i) {
    obs::Finding f;
    f.severity = i % 3 == 0 ? obs::Severity::rejection : obs::Severity::warning;
    f.file = words("cases.csv");
    f.column = words("sex");
    f.value = words("NO REPORTA");
    f.reason = words("unknown_code");
    f.detail = words("is no code of sex");
    f.first_line = 7;
    f.rows = static_cast<std::uint64_t>(i);
    out.push_back(std::move(f));
  }
  return out;
}

obs::LoadReport report(const Words& words) {
  obs::LoadReport out;
  out.files = {words("cases.csv")};
  out.rows = 1'000'000;
  out.accepted = 999'000;
  out.accepted_with_warning = 900;
  out.rejected = 60;
  out.skipped = 40;
  out.facts = 999'900;
  out.empty_values = 3;
  out.masked_values = 1;
  out.total = 1'200;
  out.total_accepted = 1'100;
  out.total_rejected = 60;
  out.total_skipped = 40;
  out.decimals = 1;
  out.skipped_by_reason[words("total row")] = 40;
  out.findings = findings(words);
  for (std::uint32_t i = 0; i < 60; ++i) {
    out.rejects.push_back({0, i + 2, i});
  }
  out.period_from = "2023-01-01";
  out.period_to = "2024-01-01";
  return out;
}

obs::Submission submission(const Words& words) {
  obs::Submission out;
  out.id = 2;
  out.source = words("police");
  out.kind = "facts";
  out.country = "COL";
  out.title = words("Cases, synthetic");
  out.mapping = words("cases");
  out.mapping_version = 1;
  out.synthetic = true;
  out.files = {json::object{
      {"name", words("cases.csv")}, {"bytes", 2'400'000}, {"sha256", std::string(64, 'a')}}};
  out.period_from = "2023-01-01";
  out.period_to = "2024-01-01";
  out.report = report(words).to_json();
  out.follows = 1;
  out.loaded_at = "2026-11-22T02:00:00Z";
  out.loaded_by = words("Ana");
  return out;
}

obs::Release release(const Words& words) {
  obs::Release out;
  out.id = "cases-1";
  out.name = words("Cases 2023");
  out.synthetic = true;
  out.published_at = "2026-11-22T02:00:00Z";
  out.published_by = words("Pia");
  return out;
}

FigureLoadView load_view(const Words& words) {
  FigureLoadView view;
  view.token = "0123456789abcdef";
  view.files = {{words("cases.csv"), 2'400'000}, {words("more.csv"), 900}};
  view.source = words("police");
  view.country = "COL";
  view.mapping = words("id = \"cases\"");
  return view;
}

FigureLoadView preview_view(const Words& words) {
  FigureLoadView view = load_view(words);
  view.preview.emplace();
  view.preview->report = report(words);
  for (int i = 0; i < 40; ++i) {
    view.preview->territories.push_back(
        {words("COL_05001"), "admin2", "CO-ANT", words("Medellín")});
  }
  view.error = Error{ErrorCode::invalid_argument,
                     "observatory.mapping.bad",
                     words("mapping, line 3: column: is missing"),
                     {{"line", "3"}, {"key", words("column")}}};
  return view;
}

FigureSubmissionView submission_view(const Words& words, Language language) {
  FigureSubmissionView view;
  view.submission = submission(words);
  view.findings = findings(words);
  view.rejects = {{words("cases.csv"), words("sex"), words("x"), "unknown_code", words("what"), 7}};
  view.mapping = words("id = \"cases\"\nversion = 1\n");
  view.followed_by = 3;
  view.quality.indicator = words("Homicide victims");
  view.quality.dimensions = {{words("Sex"), 100, 12, 0.12}, {words("Age"), 0, 0, std::nullopt}};
  view.quality.days = 1;
  view.quality.protocol = obs::assess_protocol(obs::embedded_protocol(), {{"missing_fields", 0.4}});
  view.done = language == Language::es ? "unchanged" : "loaded";
  return view;
}

json::object leak(const Words& words, std::string_view kind) {
  const json::object cell{
      {"period", "2023"}, {"territory", "CO-ANT"}, {"sex", "_T"}, {"x_own", words("part")}};
  json::array terms;
  for (int i = 0; i < 15; ++i) {
    terms.push_back(
        json::object{{"cell", cell}, {"value", 34 + i}, {"times", i % 2 == 0 ? 1 : -1}});
  }
  // What is left of all without the women is in no table; other cells are in the first one.
  json::object left = cell;
  left["sex"] = "_T − F";
  return {{"kind", kind},
          {"cell", kind == "narrow" ? left : cell},
          {kind == "narrow" ? "rest" : "table",
           kind == "narrow" ? json::value(true) : json::value(std::int64_t{0})},
          {"value", 3},
          {"low", 3},
          {"high", nullptr},
          {"lower_from", terms},
          {"upper_from", kind == "exact" ? terms : json::array{}},
          {"past", words("cases-1")}};
}

FigureReleaseView release_view(const Words& words, bool safe) {
  FigureReleaseView view;
  view.plan = words("id = \"cases-2\"");
  view.may_publish = true;
  view.preview.emplace();
  view.preview->safe = safe;
  const auto lists = obs::Codelists::embedded();
  view.territories =
      std::make_shared<const obs::Territories>(lists, std::vector<obs::LocalTerritory>{});
  obs::Table table;
  table.query.indicator = "homicide_victims";
  table.by = {{"territory", "admin1"}, {words("period"), "year"}};
  table.query.by = table.by;
  view.base.territories = view.territories;
  table.cells.resize(8);
  view.preview->tables.push_back(std::move(table));
  json::array leaks;
  if (!safe) {
    for (const std::string_view kind :
         {"exact", "narrow", "contributor", "published_earlier", "unproven"}) {
      leaks.push_back(leak(words, kind));
    }
  }
  view.preview->audit = {{"tables", json::array{json::object{{"table", 0},
                                                             {"name", words("homicide_victims")},
                                                             {"whole", true},
                                                             {"exempt", false},
                                                             {"shown", 5},
                                                             {"primary", 2},
                                                             {"complement", 1}}}},
                         {"leaks_in_all", safe ? 0 : 70},
                         {"leaks", std::move(leaks)}};
  return view;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> figure_desk_pages(Language language,
                                                                   bool hostile) {
  const Words words{hostile};
  PageContext at = context(language, "/desk/figures");
  at.account = words("Ana");
  at.csrf = words("token");
  obs::Submission erased = submission(words);
  erased.id = 1;
  erased.kind = "population";
  FigureLoadView drafted = load_view(words);
  drafted.drafted = true;
  FigureReleaseView proposed;
  proposed.plan = words("id = \"cases-2\"");
  proposed.proposed = true;
  FigureReleaseView of_another = release_view(words, true);
  of_another.may_publish = false;
  return {
      {"desk-figures", render_desk(at, {}, true)},
      {"figures-empty", render_figure_desk(at, {{}, {}, true})},
      {"figures", render_figure_desk(at, {{submission(words), erased}, {release(words)}, true})},
      {"figures-load", render_figure_load(at, {})},
      {"figures-draft", render_figure_load(at, drafted)},
      {"figures-preview", render_figure_load(at, preview_view(words))},
      {"figures-submission", render_figure_submission(at, submission_view(words, language))},
      {"figures-plan", render_figure_release(at, proposed)},
      {"figures-safe", render_figure_release(at, release_view(words, true))},
      {"figures-safe-other", render_figure_release(at, of_another)},
      {"figures-unsafe", render_figure_release(at, release_view(words, false))}};
}

}  // namespace atalaya::api::examples
