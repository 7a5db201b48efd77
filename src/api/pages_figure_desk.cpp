// Analysts' pages: what was loaded, a load and its preview, one submission.
#include "pages_figure_desk.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include <fmt/format.h>

#include <atalaya/base/time.hpp>
#include <atalaya/figures/locale.hpp>

#include "pages_figure_parts.hpp"

namespace atalaya::api {
namespace {

namespace obs = observatory;

constexpr std::int64_t kRejectsInPreview = 20;  // the findings above say what they have in common

std::string amount(const PageContext& context, std::int64_t value, std::int32_t decimals) {
  if (decimals == 0) {
    return figures::number(context.language, value);
  }
  double unit = 1;
  for (std::int32_t i = 0; i < decimals; ++i) {
    unit *= 10;
  }
  return figures::decimal(context.language, static_cast<double>(value) / unit, decimals);
}

std::string bytes_text(const PageContext& context, std::uint64_t bytes) {
  const bool mega = bytes >= 1'000'000;
  return figures::decimal(context.language, static_cast<double>(bytes) / (mega ? 1e6 : 1e3),
                          mega ? 1 : 0) +
         (mega ? " MB" : " kB");
}

std::string submission_path(std::int64_t id) {
  return fmt::format("/desk/figures/submissions/{}", id);
}

std::int64_t number_in(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

std::string text_in(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::uint64_t size_in(const json::object& object, std::string_view key) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, number_in(object, key)));
}

// The counts of a stored report; findings and rejects have rows of their own.
obs::LoadReport report_of(const obs::Submission& submission) {
  const auto& stored = submission.report;
  obs::LoadReport out;
  out.rows = size_in(stored, "rows");
  out.accepted = size_in(stored, "accepted");
  out.accepted_with_warning = size_in(stored, "accepted_with_warning");
  out.rejected = size_in(stored, "rejected");
  out.skipped = size_in(stored, "skipped");
  out.facts = size_in(stored, "facts");
  out.empty_values = size_in(stored, "empty_values");
  out.zero_texts = size_in(stored, "zero_texts");
  out.masked_values = size_in(stored, "masked_values");
  out.total = number_in(stored, "total");
  out.total_accepted = number_in(stored, "total_accepted");
  out.total_rejected = number_in(stored, "total_rejected");
  out.total_skipped = number_in(stored, "total_skipped");
  if (const auto* sheets = stored.if_contains("sheets_not_read");
      sheets != nullptr && sheets->is_array()) {
    for (const auto& entry : sheets->get_array()) {
      const auto& sheet = entry.as_object();
      const auto* visible = sheet.if_contains("visible");
      out.sheets_not_read.push_back({text_in(sheet, "file"), text_in(sheet, "sheet"),
                                     size_in(sheet, "rows"),
                                     visible == nullptr || visible->as_bool()});
    }
  }
  out.decimals = static_cast<std::int32_t>(number_in(stored, "decimals"));
  out.period_from = submission.period_from;
  out.period_to = submission.period_to;
  if (const auto* reasons = stored.if_contains("skipped_by_reason");
      reasons != nullptr && reasons->is_object()) {
    for (const auto& [reason, count] : reasons->as_object()) {
      out.skipped_by_reason[std::string(reason)] =
          static_cast<std::uint64_t>(count.to_number<std::int64_t>());
    }
  }
  return out;
}

void write_count(Html& h, const PageContext& context, std::string_view label, std::uint64_t n) {
  h.open("div").element("dt", label).open("dd");
  h.element("b", figures::number(context.language, static_cast<std::int64_t>(n)));
  h.close("dd").close("div");
}

// Every row and every number of the files, with what became of it.
void write_account(Html& h, const PageContext& context, const obs::LoadReport& r) {
  const Say say(context);
  h.open("dl", {{"class", "keys six"}});
  write_count(h, context, say("figdesk.rows.in"), r.rows);
  write_count(h, context, say("figdesk.rows.accepted"), r.accepted);
  write_count(h, context, say("figdesk.rows.warned"), r.accepted_with_warning);
  write_count(h, context, say("figdesk.rows.rejected"), r.rejected);
  write_count(h, context, say("figdesk.rows.left_out"), r.skipped);
  write_count(h, context, say("figdesk.facts"), r.facts);
  h.close("dl");
  const bool rows_add_up = r.rows == r.accepted + r.accepted_with_warning + r.rejected + r.skipped;
  const bool total_adds_up = r.total == r.total_accepted + r.total_rejected + r.total_skipped;
  const auto n = [&](std::int64_t value) { return amount(context, value, r.decimals); };
  write_verdict(h, rows_add_up && total_adds_up,
                say(rows_add_up && total_adds_up ? "figdesk.adds_up" : "figdesk.adds_not_up"),
                say("figdesk.total", {{"total", n(r.total)},
                                      {"accepted", n(r.total_accepted)},
                                      {"rejected", n(r.total_rejected)},
                                      {"left_out", n(r.total_skipped)}}));
  h.open("ul", {{"class", "plain small"}});
  h.element("li", say("figdesk.period_of",
                      {{"period", period_text(context, r.period_from, r.period_to)}}));
  for (const auto& [reason, count] : r.skipped_by_reason) {
    h.element("li", say.count("figdesk.left_out_because", static_cast<std::int64_t>(count),
                              {{"reason", reason}}));
  }
  if (r.empty_values > 0) {
    h.element("li", say.count("figdesk.empty_values", static_cast<std::int64_t>(r.empty_values)));
  }
  if (r.zero_texts > 0) {
    h.element("li", say.count("figdesk.zero_texts", static_cast<std::int64_t>(r.zero_texts)));
  }
  if (r.masked_values > 0) {
    h.element("li", say.count("figdesk.masked_values", static_cast<std::int64_t>(r.masked_values)));
  }
  h.close("ul");
  if (!r.sheets_not_read.empty()) {
    h.open("div", {{"class", "note warn"}}).element("p", say("figdesk.sheets_not_read"));
    h.open("ul", {{"class", "plain small"}});
    for (const auto& sheet : r.sheets_not_read) {
      h.open("li").text(sheet.file).text(", ").element("b", sheet.sheet);
      h.text(sheet.visible ? "" : " (" + say("figdesk.sheet_hidden") + ")");
      h.text(fmt::format(", {}: ", say("figdesk.rows.in")));
      h.text(figures::number(context.language, static_cast<std::int64_t>(sheet.rows))).close("li");
    }
    h.close("ul").close("div");
  }
}

// What a load waits for a word about: a list of `count`, and the tick that says that somebody
// looked.
void write_asked(Html& h, const PageContext& context, std::string_view title, std::size_t count,
                 const std::function<void(std::size_t)>& write_item, std::string_view tick) {
  constexpr std::size_t kShown = 30;
  const Say say(context);
  if (count == 0) {
    return;
  }
  h.open("div", {{"class", "note warn"}}).element("p", say(title));
  h.open("ul", {{"class", "plain small"}});
  for (std::size_t i = 0; i < std::min(count, kShown); ++i) {
    h.open("li");
    write_item(i);
    h.close("li");
  }
  h.close("ul");
  if (count > kShown) {
    h.element("p", {{"class", "small"}},
              say.count("figdesk.more", static_cast<std::int64_t>(count - kShown)));
  }
  h.open("label", {{"class", "check"}});
  h.empty("input", {{"type", "checkbox"}, {"name", tick}, {"value", "yes"}, {"required"}});
  h.text(" " + say(fmt::format("{}.accept", title))).close("label").close("div");
}

// What would count no more.
void write_lost(Html& h, const PageContext& context, const obs::LoadResult& preview) {
  const auto write = [&](std::size_t i) {
    h.element("code", preview.lost[i].code).text(": ");
    h.text(figures::number(context.language, preview.lost[i].count));
  };
  write_asked(h, context, "figdesk.lost", preview.lost.size(), write, "accept");
}

// What would count twice.
void write_overlaps(Html& h, const PageContext& context, const obs::LoadResult& preview) {
  constexpr std::array<std::string_view, 6> kKinds{"same",         "within", "partly",
                                                   "other_period", "total",  "measure"};
  const Say say(context);
  std::vector<obs::Overlap> all = preview.overlaps;
  std::erase_if(all, [](const obs::Overlap& o) { return !o.needs_word(); });
  const auto write = [&](std::size_t i) {
    const auto& o = all[i];
    const std::string held =
        say("figdesk.twice.of", {{"file", o.other}, {"n", std::to_string(o.submission)}});
    h.text(say(fmt::format("figdesk.twice.{}", kKinds[static_cast<std::size_t>(o.kind)]),
               {{"file", o.file},
                {"other", o.submission == 0 ? o.other : held},
                {"n", figures::number(context.language, static_cast<std::int64_t>(o.facts))}}));
  };
  write_asked(h, context, "figdesk.twice", all.size(), write, "copies");
}

// What is wrong in the reader's language. Where the reading's own words, which are English, name
// what the first cannot (what was guessed, which list or check), they follow.
void write_why(Html& h, const PageContext& context, std::string_view reason,
               std::string_view detail) {
  if (context.language == Language::en) {
    h.element("span", detail);
    return;
  }
  const std::string why = Say(context).value("figdesk.why", reason);
  constexpr std::array<std::string_view, 12> kWithDetail{
      "guessed",        "unknown_code", "unknown_territory", "check_failed",
      "empty_months",   "covers_part",  "less_covered",      "total_beside_parts",
      "counted_beside", "no_total",     "wider_total",       "open_end"};
  h.open("div");
  if (why != reason) {
    h.text(why);
  }
  if (why == reason || contains(kWithDetail, reason)) {
    h.empty("br").element("span", {{"class", "small"}, {"lang", "en"}}, detail);
  }
  h.close("div");
}

void write_finding(Html& h, const PageContext& context, const obs::Finding& f,
                   const std::vector<std::string>& heads) {
  const Say say(context);
  const bool rejected = f.severity == obs::Severity::rejection;
  h.open("tr").open("th", {{"scope", "row"}});
  h.element("span", {{"class", rejected ? "tag warn" : "tag"}},
            say(rejected ? "figdesk.finding.rejected" : "figdesk.finding.look"));
  h.close("th").open("td", {{"data-l", heads[1]}});
  h.text(f.file).text(f.column.empty() ? "" : ", " + f.column).close("td");
  h.open("td", {{"data-l", heads[2]}});
  h.element("code", f.value.empty() ? "–" : f.value).close("td");
  h.element("td", {{"data-l", heads[3]}, {"class", "num"}},
            figures::number(context.language, static_cast<std::int64_t>(f.rows)));
  h.element("td", {{"data-l", heads[4]}, {"class", "num"}},
            f.first_line == 0 ? "–" : std::to_string(f.first_line));
  h.open("td", {{"data-l", heads[5]}});
  write_why(h, context, f.reason, f.detail);
  h.close("td").close("tr");
}

// Rejections first, then by how many rows they touch.
// `path_of` gives the address of a page of them; without one, as in a preview, the first page.
void write_findings(Html& h, const PageContext& context, std::vector<obs::Finding> findings,
                    std::int32_t page = 1,
                    const std::function<std::string(std::int32_t)>& path_of = {}) {
  const Say say(context);
  std::erase_if(findings, [](const obs::Finding& f) { return f.rows == 0; });
  std::ranges::stable_sort(findings, [](const obs::Finding& a, const obs::Finding& b) {
    return a.severity != b.severity ? a.severity == obs::Severity::rejection : a.rows > b.rows;
  });
  h.element("h3", {{"id", "findings"}}, say("figdesk.findings"));
  if (findings.empty()) {
    h.element("p", say("figdesk.findings.none"));
    return;
  }
  h.element("p", {{"class", "sub"}}, say("figdesk.findings.sub"));
  const std::vector<std::string> heads = {
      say("figdesk.finding"),      say("figdesk.finding.where"), say("figdesk.finding.value"),
      say("figdesk.finding.rows"), say("figdesk.finding.line"),  say("figdesk.finding.what")};
  h.open("table", {{"class", "stacks"}});
  write_heads(h, heads, {3, 4});
  h.open("tbody");
  const std::size_t pages = (findings.size() + kFindingsShown - 1) / kFindingsShown;
  const std::size_t shown = std::min(static_cast<std::size_t>(page), pages);
  const std::size_t first = (shown - 1) * kFindingsShown;
  for (std::size_t i = first; i < std::min(findings.size(), first + kFindingsShown); ++i) {
    write_finding(h, context, findings[i], heads);
  }
  h.close("tbody").close("table");
  if (path_of && pages > 1) {
    write_pager(h, context, static_cast<std::int64_t>(pages), static_cast<std::int32_t>(shown),
                path_of);
  } else if (findings.size() > kFindingsShown) {
    h.element("p", {{"class", "note"}},
              say.count("figdesk.findings.more",
                        static_cast<std::int64_t>(findings.size() - kFindingsShown)));
  }
}

void write_rejects(Html& h, const PageContext& context,
                   const std::vector<obs::Desk::Reject>& rejects, std::uint64_t all,
                   std::int32_t page = 1,
                   const std::function<std::string(std::int32_t)>& path_of = {}) {
  const Say say(context);
  h.element("h3", {{"id", "rejects"}}, say("figdesk.rejects"));
  if (rejects.empty()) {
    h.element("p", say("figdesk.rejects.none"));
    return;
  }
  const std::vector<std::string> heads = {say("import.line"), say("figdesk.finding.where"),
                                          say("figdesk.finding.value"),
                                          say("figdesk.finding.what")};
  h.open("table", {{"class", "stacks"}});
  write_heads(h, heads, {});
  h.open("tbody");
  for (const auto& reject : rejects) {
    h.open("tr").element("th", {{"scope", "row"}}, std::to_string(reject.line));
    h.open("td", {{"data-l", heads[1]}});
    h.text(reject.file).text(reject.column.empty() ? "" : ", " + reject.column).close("td");
    h.open("td", {{"data-l", heads[2]}});
    h.element("code", reject.value.empty() ? "–" : reject.value).close("td");
    // In short: the points above say it at length, once for all rows alike.
    const std::string why = say.value("figdesk.why", reject.reason);
    h.element("td", {{"data-l", heads[3]}}, why == reject.reason ? reject.detail : why);
    h.close("tr");
  }
  h.close("tbody").close("table");
  const auto pages = (static_cast<std::int64_t>(all) + kRejectsShown - 1) / kRejectsShown;
  if (path_of && pages > 1) {
    write_pager(h, context, pages, page, path_of);
  } else if (all > rejects.size()) {
    h.element("p", {{"class", "note"}},
              say.count("figdesk.rejects.more", static_cast<std::int64_t>(all - rejects.size())));
  }
}

std::vector<obs::Desk::Reject> first_rejects(const obs::LoadReport& report) {
  std::vector<obs::Desk::Reject> out;
  for (const auto& row : report.rejects) {
    if (static_cast<std::int64_t>(out.size()) == kRejectsInPreview) {
      break;
    }
    const auto& f = report.findings[row.finding];
    out.push_back({report.files[row.file], f.column, f.value, f.reason, f.detail, row.line});
  }
  return out;
}

void write_marks(Html& h, const PageContext& context, const obs::Submission& s) {
  const Say say(context);
  if (s.synthetic) {
    h.text(" ").element("span", {{"class", "tag draft"}}, say("figdesk.synthetic"));
  }
  if (s.segment.empty()) {
    h.text(" ").element("span", {{"class", "tag warn"}}, say("figdesk.erased"));
  }
}

std::string kind_text(const PageContext& context, const obs::Submission& s) {
  const Say say(context);
  return say(s.kind == "population" ? "figdesk.kind.population" : "figdesk.kind.facts");
}

void write_submission_row(Html& h, const PageContext& context, const obs::Submission& s) {
  const Say say(context);
  const auto report = report_of(s);
  const auto n = [&](std::uint64_t value) {
    return figures::number(context.language, static_cast<std::int64_t>(value));
  };
  h.open("li").open("h3");
  h.element("a", {{"href", link(context, submission_path(s.id))}},
            fmt::format("{}. {}", s.id, s.title));
  write_marks(h, context, s);
  h.close("h3").open("p", {{"class", "meta"}});
  h.element("code", s.source).text(" · ").text(kind_text(context, s));
  h.text(s.country.empty() ? "" : " · " + country_name(context, s.country));
  h.text(" · ").text(period_text(context, s.period_from, s.period_to)).close("p");
  h.open("p").text(say("figdesk.row.account", {{"rows", n(report.rows)},
                                               {"accepted", n(report.accepted)},
                                               {"warned", n(report.accepted_with_warning)},
                                               {"rejected", n(report.rejected)},
                                               {"left_out", n(report.skipped)}}));
  h.text(" ").text(say("figdesk.row.total",
                       {{"total", amount(context, report.total_accepted, report.decimals)}}));
  if (s.follows) {
    h.text(" ").element("a", {{"href", link(context, submission_path(*s.follows))}},
                        say("figdesk.follows", {{"n", std::to_string(*s.follows)}}));
  }
  h.close("p");
  h.element("p", {{"class", "xs muted"}}, who_and_when(context, s.loaded_by, s.loaded_at));
  h.close("li");
}

void write_next_steps(Html& h, const PageContext& context, const FigureDeskView& view) {
  const Say say(context);
  h.open("p", {{"class", "row"}});
  if (view.may_load) {
    h.element("a", {{"class", "button primary"}, {"href", link(context, "/desk/figures/load")}},
              say("figdesk.load"));
  }
  const std::pair<std::string_view, std::string_view> ways[] = {{"release", "figdesk.release"},
                                                                {"alerts", "alerts.title"},
                                                                {"linkages", "linkage.title"},
                                                                {"quality", "quality.title"}};
  for (const auto& [way, words] : ways) {
    if (view.may_load || way != "alerts") {
      h.element(
          "a", {{"class", "button"}, {"href", link(context, fmt::format("/desk/figures/{}", way))}},
          say(words));
    }
  }
  h.close("p");
}

void write_releases(Html& h, const PageContext& context, const FigureDeskView& view) {
  const Say say(context);
  h.element("h2", say("figdesk.releases"));
  if (view.releases.empty()) {
    h.element("p", say("figdesk.releases.none"));
    return;
  }
  h.open("ul", {{"class", "rows tight"}});
  for (const auto& release : view.releases) {
    h.open("li").open("h3");
    h.element("a", {{"href", link(context, "/figures/releases/" + release.id)}}, release.name);
    if (release.synthetic) {
      h.text(" ").element("span", {{"class", "tag draft"}}, say("figdesk.synthetic"));
    }
    h.close("h3").open("p", {{"class", "meta"}}).element("code", release.id).text(" · ");
    h.text(say.count("figdesk.tables", static_cast<std::int64_t>(release.tables.size())));
    h.text(" · ").text(who_and_when(context, release.published_by, release.published_at));
    h.close("p").close("li");
  }
  h.close("ul");
}

struct Field {
  std::string name, label, hint, value;
  std::string_view pattern = {};
  bool required = false;
};

void write_field(Html& h, const Field& field) {
  const std::string hint = field.name + "-hint";
  h.open("div", {{"class", "field"}}).element("label", {{"for", field.name}}, field.label);
  h.element("span", {{"class", "hint"}, {"id", hint}}, field.hint);
  h.empty("input", {{"id", field.name},
                    {"name", field.name},
                    {"value", field.value},
                    {"autocomplete", "off"},
                    {"autocapitalize", "none"},
                    {"spellcheck", "false"},
                    attribute_if(!field.pattern.empty(), "pattern", field.pattern),
                    attribute_if(field.required, "required"),
                    {"aria-describedby", hint}});
  h.close("div");
}

void write_files_field(Html& h, const PageContext& context, const FigureLoadView& view) {
  const Say say(context);
  if (!view.token.empty()) {
    h.empty("input", {{"type", "hidden"}, {"name", "token"}, {"value", view.token}});
    h.element("p", {{"class", "small"}}, say("figdesk.kept"));
    h.open("ul", {{"class", "plain small"}});
    for (const auto& [name, bytes] : view.files) {
      h.open("li").element("code", name).text(", ").text(bytes_text(context, bytes)).close("li");
    }
    h.close("ul");
  }
  h.open("div", {{"class", "field"}})
      .element("label", {{"for", "files"}},
               say(view.token.empty() ? "figdesk.files" : "figdesk.files.other"));
  h.element("span", {{"class", "hint"}, {"id", "files-hint"}}, say("figdesk.files.hint"));
  h.empty("input", {{"type", "file"},
                    {"id", "files"},
                    {"name", "files"},
                    {"multiple"},
                    attribute_if(view.token.empty(), "required"),
                    {"aria-describedby", "files-hint"}});
  h.close("div");
}

void write_mapping_fields(Html& h, const PageContext& context, const FigureLoadView& view) {
  const Say say(context);
  h.open("div", {{"class", "field"}})
      .element("label", {{"for", "mapping"}}, say("figdesk.mapping"));
  h.element("span", {{"class", "hint"}, {"id", "mapping-hint"}},
            say(view.drafted ? "figdesk.mapping.drafted" : "figdesk.mapping.hint"));
  h.element("textarea",
            {{"id", "mapping"},
             {"name", "mapping"},
             {"rows", view.mapping.empty() ? "4" : "24"},
             {"spellcheck", "false"},
             {"class", "code"},
             {"aria-describedby", "mapping-hint"}},
            view.mapping);
  h.close("div");
  h.open("div", {{"class", "field"}})
      .element("label", {{"for", "mapping-file"}}, say("figdesk.mapping.file"));
  h.element("span", {{"class", "hint"}, {"id", "mapping-file-hint"}},
            say("figdesk.mapping.file.hint"));
  h.empty("input", {{"type", "file"},
                    {"id", "mapping-file"},
                    {"name", "mapping_file"},
                    {"accept", ".toml,.txt"},
                    {"aria-describedby", "mapping-file-hint"}});
  h.close("div");
}

void write_load_form(Html& h, const PageContext& context, const FigureLoadView& view) {
  const Say say(context);
  h.open("form", {{"class", "wide stack"},
                  {"method", "post"},
                  {"enctype", "multipart/form-data"},
                  {"action", link(context, "/desk/figures/load")}});
  write_csrf(h, context);
  write_files_field(h, context, view);
  write_field(h, {.name = "source",
                  .label = say("figdesk.source"),
                  .hint = say("figdesk.source.hint"),
                  .value = view.source,
                  .pattern = "[a-z0-9_]+",
                  .required = true});
  write_field(h, {.name = "country",
                  .label = say("figdesk.country"),
                  .hint = say("figdesk.country.hint"),
                  .value = view.country,
                  .pattern = "[A-Z][A-Z][A-Z]"});
  write_mapping_fields(h, context, view);
  // One filled button a page: while a preview is shown, that is the one that loads.
  h.open("p", {{"class", "row"}});
  h.element("button", {attribute_if(!view.preview, "class", "primary")},
            say(view.preview ? "figdesk.look_again" : "figdesk.look"));
  h.element("a", {{"class", "button"}, {"href", link(context, "/desk/figures")}},
            say("form.cancel"));
  h.close("p").close("form");
}

void write_territories(Html& h, const PageContext& context, const obs::LoadResult& preview) {
  constexpr std::size_t kShown = 30;
  const Say say(context);
  const auto& all = preview.territories;
  if (all.empty()) {
    return;
  }
  h.open("details", {{"class", "disclose"}});
  h.element("summary", say.count("figdesk.new_territories", static_cast<std::int64_t>(all.size())));
  h.open("ul", {{"class", "plain small"}});
  for (std::size_t i = 0; i < std::min(all.size(), kShown); ++i) {
    h.open("li").element("code", all[i].code).text(" ").text(all[i].name).close("li");
  }
  h.close("ul");
  if (all.size() > kShown) {
    h.element("p", {{"class", "small"}},
              say.count("figdesk.more", static_cast<std::int64_t>(all.size() - kShown)));
  }
  h.close("details");
}

void write_preview(Html& h, const PageContext& context, const FigureLoadView& view) {
  const Say say(context);
  const auto& report = view.preview->report;
  h.element("h2", say("figdesk.preview"));
  h.element("p", {{"class", "sub"}}, say("figdesk.preview.sub"));
  if (view.preview->unchanged) {
    h.element("p", {{"class", "note"}},
              say("figdesk.unchanged", {{"n", std::to_string(view.preview->submission)}}));
  }
  write_account(h, context, report);
  if (report.facts == 0) {
    h.element("p", {{"class", "note warn"}}, say("figdesk.no_facts"));
  } else if (!view.preview->unchanged) {
    h.open("form", {{"class", "stack-s"},
                    {"method", "post"},
                    {"action", link(context, "/desk/figures/load/apply")}});
    write_csrf(h, context);
    h.empty("input", {{"type", "hidden"}, {"name", "token"}, {"value", view.token}});
    write_overlaps(h, context, *view.preview);
    write_lost(h, context, *view.preview);
    h.element("p", {{"class", "small"}}, say("figdesk.apply.sub"));
    h.element("button", {{"class", "primary"}},
              say.count("figdesk.apply", static_cast<std::int64_t>(report.facts)));
    h.close("form");
  }
  write_territories(h, context, *view.preview);
  write_findings(h, context, report.findings);
  write_rejects(h, context, first_rejects(report), report.rejected);
}

void write_files(Html& h, const PageContext& context, const obs::Submission& s) {
  const Say say(context);
  h.element("h3", say("figdesk.files_of"));
  h.open("ul", {{"class", "plain small"}});
  for (const auto& entry : s.files) {
    if (!entry.is_object()) {
      continue;
    }
    const auto& file = entry.as_object();
    h.open("li").element("b", text_in(file, "name")).text(", ");
    h.text(bytes_text(context, size_in(file, "bytes"))).text(", SHA-256 ");
    h.element("code", {{"class", "break"}}, text_in(file, "sha256")).close("li");
  }
  h.close("ul");
}

void write_unknowns(Html& h, const PageContext& context, const SubmissionQuality& quality) {
  const Say say(context);
  const std::vector<std::string> heads = {
      say("figdesk.quality.dimension"), say("figdesk.quality.asked"),
      say("figdesk.quality.unknown"), say("figdesk.quality.share")};
  h.element("p", {{"class", "sub"}},
            say("figdesk.quality.sub", {{"indicator", quality.indicator}}));
  h.open("table", {{"class", "stacks"}});
  write_heads(h, heads, {1, 2, 3});
  h.open("tbody");
  for (const auto& d : quality.dimensions) {
    h.open("tr").element("th", {{"scope", "row"}}, d.dimension);
    h.element("td", {{"data-l", heads[1]}, {"class", "num"}},
              figures::number(context.language, d.asked));
    h.element("td", {{"data-l", heads[2]}, {"class", "num"}},
              figures::number(context.language, d.unknown));
    h.element("td", {{"data-l", heads[3]}, {"class", "num"}},
              d.unknown_share
                  ? figures::decimal(context.language, *d.unknown_share * 100, 1) + "\u00A0%"
                  : "–");
    h.close("tr");
  }
  h.close("tbody").close("table");
}

void write_protocol(Html& h, const PageContext& context, const obs::ProtocolSheet& sheet) {
  const Say say(context);
  h.element("h3", say("figdesk.protocol"));
  h.element("p", {{"class", "sub"}},
            say("figdesk.protocol.sub", {{"measured", std::to_string(sheet.measured)},
                                         {"all", std::to_string(sheet.results.size())}}));
  h.open("ul", {{"class", "rows tight"}});
  for (const auto& result : sheet.results) {
    const auto& names = result.criterion->names;
    const auto name = names.find(context.language);
    h.open("li").open("p");
    h.text(fmt::format("{}. {} ", result.criterion->number,
                       name == names.end() ? result.criterion->id : name->second));
    const bool warn = result.state == obs::CriterionState::not_met;
    h.element("span", {{"class", warn ? "tag warn" : "tag"}},
              say(fmt::format("figdesk.protocol.{}", to_string(result.state))));
    if (!result.criterion->confirmed) {
      h.text(" ").element("span", {{"class", "tag draft"}}, say("figdesk.protocol.unconfirmed"));
    }
    h.close("p").close("li");
  }
  h.close("ul");
}

void write_quality(Html& h, const PageContext& context, const SubmissionQuality& quality) {
  const Say say(context);
  h.element("h2", say("figdesk.quality"));
  h.open("dl", {{"class", "facts two"}});
  if (quality.days) {
    write_fact(h, say("figdesk.quality.timeliness"),
               say.count("figdesk.quality.days", *quality.days));
  }
  write_fact(h, say("figdesk.quality.rating"),
             quality.rating.letter == obs::RatingLetter::not_rated
                 ? say("figdesk.quality.not_rated")
                 : std::string(to_string(quality.rating.letter)));
  h.close("dl");
  if (quality.too_large) {
    h.element("p", {{"class", "note"}}, say("figdesk.quality.too_large"));
  } else if (quality.dimensions.empty()) {
    h.element("p", say("figdesk.quality.none"));
  } else {
    write_unknowns(h, context, quality);
  }
  if (quality.protocol) {
    write_protocol(h, context, *quality.protocol);
  }
}

void write_submission_facts(Html& h, const PageContext& context, const FigureSubmissionView& view) {
  const Say say(context);
  const auto& s = view.submission;
  h.open("dl", {{"class", "facts two"}});
  write_fact(h, say("figdesk.source"), s.source);
  write_fact(h, say("figdesk.kind"), kind_text(context, s));
  write_fact(h, say("figdesk.country"), s.country.empty() ? "" : country_name(context, s.country));
  write_fact(h, say("figdesk.loaded"), who_and_when(context, s.loaded_by, s.loaded_at));
  write_fact(h, say("figdesk.mapping_used"), fmt::format("{} {}", s.mapping, s.mapping_version));
  h.close("dl");
  if (s.follows) {
    h.open("p").text(say("figdesk.follows.long")).text(" ");
    h.element("a", {{"href", link(context, submission_path(*s.follows))}},
              say("figdesk.submission", {{"n", std::to_string(*s.follows)}}));
    h.close("p");
  }
  if (view.followed_by) {
    h.open("p", {{"class", "note"}}).text(say("figdesk.followed_by")).text(" ");
    h.element("a", {{"href", link(context, submission_path(*view.followed_by))}},
              say("figdesk.submission", {{"n", std::to_string(*view.followed_by)}}));
    h.close("p");
  }
}

}  // namespace

std::string render_figure_desk(const PageContext& context, const FigureDeskView& view) {
  const Say say(context);
  Html h;
  write_head(h, {context.account, say("figdesk.title"), say("figdesk.lead")});
  open_band(h);
  write_next_steps(h, context, view);
  h.element("h2", say("figdesk.submissions"));
  if (view.submissions.empty()) {
    h.element("p", say("figdesk.empty"));
    h.open("ol", {{"class", "numbered"}});
    for (const std::string_view step : {"figdesk.empty.1", "figdesk.empty.2", "figdesk.empty.3"}) {
      h.element("li", say(step));
    }
    h.close("ol");
  } else {
    h.open("ul", {{"class", "rows tight"}});
    for (const auto& submission : view.submissions) {
      write_submission_row(h, context, submission);
    }
    h.close("ul");
  }
  close_band(h);
  open_band(h);
  write_releases(h, context, view);
  close_band(h);
  return shell(context, figure_shell(context, say("figdesk.title"), {}), h);
}

std::string render_figure_load(const PageContext& context, const FigureLoadView& view) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("figdesk.load"), say("figdesk.load.lead")});
  open_band(h);
  write_figure_error(h, context, view.error);
  if (view.drafted) {
    h.element("p", {{"class", "note"}, {"role", "status"}}, say("figdesk.drafted"));
  }
  if (view.preview) {
    write_preview(h, context, view);
    close_band(h);
    open_band(h);
    h.element("h2", say("figdesk.change"));
  }
  write_load_form(h, context, view);
  close_band(h);
  return shell(context, figure_shell(context, say("figdesk.load"), say("figdesk.title")), h);
}

std::string render_figure_submission(const PageContext& context, const FigureSubmissionView& view) {
  const Say say(context);
  const auto& s = view.submission;
  const std::string name = say("figdesk.submission", {{"n", std::to_string(s.id)}});
  const auto report = report_of(s);
  Html h;
  write_head(h, {name, s.title, ""});
  open_band(h);
  if (!view.done.empty()) {
    h.element("p", {{"class", "note action"}, {"role", "status"}},
              say(view.done == "loaded" ? "figdesk.done.loaded" : "figdesk.done.unchanged"));
  }
  if (s.synthetic) {
    h.element("p", {{"class", "note warn"}}, say("figdesk.synthetic.long"));
  }
  if (s.segment.empty()) {
    h.element("p", {{"class", "note warn"}}, say("figdesk.erased.long"));
  }
  write_submission_facts(h, context, view);
  h.element("h2", say("figdesk.account"));
  write_account(h, context, report);
  const auto page_of = [&](std::int32_t findings, std::int32_t rejects) {
    return fmt::format("{}?findings={}&rejects={}", submission_path(s.id), findings, rejects);
  };
  write_findings(h, context, view.findings, view.findings_page,
                 [&](std::int32_t page) { return page_of(page, view.rejects_page) + "#findings"; });
  write_rejects(h, context, view.rejects, report.rejected, view.rejects_page,
                [&](std::int32_t page) { return page_of(view.findings_page, page) + "#rejects"; });
  close_band(h);
  open_band(h);
  write_quality(h, context, view.quality);
  if (view.quality.protocol) {
    h.open("p").element("a", {{"href", link(context, protocol_path(s.id))}}, say("protocol.link"));
    h.close("p");
  }
  close_band(h);
  open_band(h);
  h.element("h2", say("figdesk.origin"));
  write_files(h, context, s);
  if (!view.mapping.empty()) {
    h.element("h3", say("figdesk.mapping_text",
                        {{"id", s.mapping}, {"version", std::to_string(s.mapping_version)}}));
    h.open("div",
           {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", s.mapping}});
    h.open("pre").element("code", view.mapping).close("pre").close("div");
  }
  h.open("p").element("a", {{"href", link(context, "/desk/figures/release")}},
                      say("figdesk.next.release"));
  h.close("p");
  close_band(h);
  return shell(context, figure_shell(context, name, say("figdesk.title")), h);
}

}  // namespace atalaya::api
