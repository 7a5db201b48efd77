// The brief's sections, in the order in which somebody prepares a question: what was committed to,
// what is missing, what the figures say, what the state says and others found, what is due, what
// worked elsewhere, what to ask.
#include <atalaya/followup/brief.hpp>

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>
#include <atalaya/figures/messages.hpp>
#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/deadlines.hpp>
#include <atalaya/followup/reference.hpp>
#include <atalaya/followup/registers.hpp>
#include <atalaya/followup/treaties.hpp>

#include "brief_charts.hpp"
#include "brief_parts.hpp"

namespace atalaya::followup {
namespace {

using figures::Paper;
using figures::PaperHeading;
using figures::PaperParagraph;
using figures::PaperRun;
using figures::PaperStyle;
using figures::PaperTable;
using figures::PaperText;

constexpr std::size_t kListed = 24;      // commitments named one by one
constexpr std::size_t kRepeatedMax = 8;  // of those committed to again and again
constexpr std::size_t kPracticesMax = 8;

constexpr std::pair<BriefLayer, std::string_view> kNames[] = {
    {BriefLayer::reports, "reports"},     {BriefLayer::assessments, "assessments"},
    {BriefLayer::treaties, "treaties"},   {BriefLayer::figures, "figures"},
    {BriefLayer::deadlines, "deadlines"}, {BriefLayer::practices, "practices"},
    {BriefLayer::questions, "questions"}};

class Brief : private detail::PaperWriter {
 public:
  Brief(const Parts& parts, const BriefRequest& request)
      : PaperWriter(parts, request.language, request.origin),
        parts_(parts),
        request_(request),
        language_(request.language),
        paper_(paper()) {}

  Result<Paper> compose() {
    const auto* country = parts_.catalogue().find_country(request_.country);
    paper_.language = language_;
    paper_.title = country->name.in(language_);
    paper_.subtitle = request_.theme.empty()
                          ? say("brief.subtitle")
                          : say("brief.subtitle.theme", {{"theme", theme_name(request_.theme)}});
    paper_.author = request_.node_name;
    paper_.notice = say("brief.notice");
    paper_.page_of = say("brief.page");
    paper_.date = parts_.today();
    paper_.size = request_.size;
    ATALAYA_TRY(load());
    add_summary();
    ATALAYA_TRY(add_commitments());
    if (has(BriefLayer::treaties)) {
      ATALAYA_TRY(add_treaties());
    }
    if (has(BriefLayer::treaties) && !request_.theme.empty()) {
      ATALAYA_TRY(add_theme());
    }
    if (has(BriefLayer::figures)) {
      ATALAYA_TRY(detail::add_figures(*this, request_.country, request_.theme));
    }
    if (has(BriefLayer::reports) || has(BriefLayer::assessments)) {
      add_layers();
    }
    if (has(BriefLayer::deadlines)) {
      ATALAYA_TRY(add_deadlines());
    }
    if (has(BriefLayer::practices)) {
      ATALAYA_TRY(add_practices());
    }
    if (has(BriefLayer::questions)) {
      ATALAYA_TRY(add_questions());
    }
    add_method();
    return std::move(paper_);
  }

 private:
  [[nodiscard]] bool has(BriefLayer layer) const { return request_.layers.contains(layer); }

  // The row of the matrix that every page shows: this country, the commitments of the theme.
  Result<void> load() {
    MatrixQuery query;
    query.actors = {request_.country};
    query.theme = request_.theme;
    query.as_of = parts_.today();
    query.language = language_;
    query.limit = 100'000;
    matrix_ = ATALAYA_TRY(Cube(parts_).matrix(query));
    scale_ = parts_.reference->find_scale(query.scale);
    counts_ = count_matrix(matrix_, scale_);
    return {};
  }

  void add_summary() {
    std::int32_t first = 0;
    for (std::size_t i = 0; i < matrix_.commitments.size(); ++i) {
      if (matrix_.at(i, 0).applicability == Applicability::applicable) {
        const std::int32_t year = matrix_.commitments[i].row.year;
        first = first == 0 ? year : std::min(first, year);
      }
    }
    const auto n = [&](std::int64_t value) { return figures::number(language_, value); };
    if (counts_.applicable > 0) {
      paper_.blocks.emplace_back(
          PaperParagraph{.style = PaperStyle::lead,
                         .text = plain(count("brief.committed", counts_.applicable,
                                             {{"year", std::to_string(first)}}))});
    }
    if (counts_.participation_unknown > 0) {
      paragraph(count("brief.participation_unknown", counts_.participation_unknown),
                PaperStyle::mark);
    }
    if (has(BriefLayer::reports)) {
      paragraph(
          say("brief.reported", {{"reported", n(counts_.reported)}, {"of", n(counts_.applicable)}}),
          PaperStyle::item);
    }
    if (has(BriefLayer::assessments)) {
      paragraph(
          say("brief.assessed", {{"assessed", n(counts_.assessed)}, {"of", n(counts_.applicable)}}),
          PaperStyle::item);
    }
  }

  struct Repeated {
    const Member* member;
    std::size_t earlier;
    std::int32_t since;
  };

  Result<void> add_commitments() {
    heading("brief.commitments", "commitments");
    std::map<std::string, std::array<std::int32_t, 3>> themes;  // number, first year, last year
    std::vector<const Member*> mine;
    for (std::size_t i = 0; i < matrix_.commitments.size(); ++i) {
      const Applicability applies = matrix_.at(i, 0).applicability;
      if (applies == Applicability::applicable || applies == Applicability::participation_unknown) {
        const Member& member = matrix_.commitments[i];
        mine.push_back(&member);
        auto& theme = themes[member.row.theme];
        theme[0] += 1;
        theme[1] = theme[1] == 0 ? member.row.year : std::min(theme[1], member.row.year);
        theme[2] = std::max(theme[2], member.row.year);
      }
    }
    PaperTable table;
    table.header = {say("brief.theme"), say("brief.number"), say("brief.first"),
                    say("brief.latest")};
    table.numeric = {false, true, true, true};
    std::vector<std::pair<std::string, std::array<std::int32_t, 3>>> rows(themes.begin(),
                                                                          themes.end());
    std::ranges::stable_sort(rows, std::greater<>(), [](const auto& row) { return row.second[0]; });
    for (const auto& [theme, numbers] : rows) {
      table.rows.push_back({linked(theme_name(theme), "/themes/" + theme),
                            plain(figures::number(language_, numbers[0])),
                            plain(std::to_string(numbers[1])), plain(std::to_string(numbers[2]))});
    }
    if (table.rows.empty()) {
      paragraph(say("brief.commitments.none"), PaperStyle::mark);
      return {};
    }
    paper_.blocks.emplace_back(std::move(table));
    add_years(mine);
    return add_repeated(mine);
  }

  void add_years(const std::vector<const Member*>& mine) {
    std::map<std::int32_t, std::int64_t> years;
    for (const Member* member : mine) {
      years[member->row.year] += 1;
    }
    if (years.size() < 2) {
      return;
    }
    std::vector<detail::YearCount> counts;
    figures::PaperChart chart;
    chart.table.header = {say("brief.year"), say("brief.number")};
    chart.table.numeric = {false, true};
    for (const auto& [year, n] : years) {
      counts.push_back({year, n});
      chart.table.rows.push_back({plain(std::to_string(year)), plain(number(n))});
    }
    chart.table.caption = say("brief.chart.table");
    chart.title = say("brief.chart.years");
    chart.source = say("brief.chart.years.source");
    chart.svg = detail::year_bars(language_, counts, chart.title);
    paper_.blocks.emplace_back(std::move(chart));
  }

  Result<void> add_repeated(const std::vector<const Member*>& mine) {
    std::vector<Repeated> repeated;
    for (const Member* member : mine) {
      const auto view = ATALAYA_TRY(parts_.commitments->get(member->row.id, language_));
      Repeated one{.member = member, .earlier = 0, .since = member->row.year};
      for (const auto& antecedent : view.antecedents) {
        if (antecedent.later == member->row.id) {
          ++one.earlier;
          one.since = std::min(one.since, antecedent.other.year);
        }
      }
      if (one.earlier > 0) {
        repeated.push_back(one);
      }
    }
    if (repeated.empty()) {
      return {};
    }
    std::ranges::stable_sort(repeated, std::greater<>(), &Repeated::earlier);
    paper_.blocks.emplace_back(PaperHeading{.level = 3, .text = say("brief.repeated")});
    const std::size_t all = repeated.size();
    repeated.resize(std::min(all, kRepeatedMax));
    for (const Repeated& one : repeated) {
      PaperText text = linked(one.member->row.title, "/commitments/" + one.member->row.id);
      text.push_back(
          {.text = ": " + count("brief.repeated.times", static_cast<std::int64_t>(one.earlier) + 1,
                                {{"since", std::to_string(one.since)},
                                 {"year", std::to_string(one.member->row.year)}})});
      paper_.blocks.emplace_back(
          PaperParagraph{.style = PaperStyle::item, .text = std::move(text)});
    }
    more(all - repeated.size(), "/countries/" + request_.country);
    return {};
  }

  bool of_theme(std::string_view instrument) const {
    if (request_.theme.empty() || detail::is_of_theme(instrument, request_.theme)) {
      return true;
    }
    return std::ranges::any_of(matrix_.commitments, [&](const Member& member) {
      return std::ranges::find(member.treaties, instrument) != member.treaties.end();
    });
  }

  // Of a theme: what its treaties ask of laws, and which offices answer for it.
  Result<void> add_theme() {
    std::vector<std::string> instruments;
    for (const auto& instrument : parts_.catalogue().instruments()) {
      if (of_theme(instrument.id)) {
        instruments.push_back(instrument.id);
      }
    }
    ATALAYA_TRY(detail::add_articles(*this, request_.country, instruments));
    return detail::add_authorities(*this, request_.country, request_.theme, instruments);
  }

  // What is missing comes first: that is what the reader may change.
  static int urgency(TreatyStatus status) {
    switch (status) {
      case TreatyStatus::signed_only:
        return 0;
      case TreatyStatus::signature_withdrawn:
      case TreatyStatus::withdrawn:
        return 1;
      case TreatyStatus::no_action:
        return 2;
      case TreatyStatus::consented:
        return 3;
      case TreatyStatus::unknown:
        return 4;
      case TreatyStatus::party:
        return 5;
    }
    return 6;
  }

  Result<void> add_treaties() {
    const auto treaties =
        ATALAYA_TRY(Treaties(parts_).matrix(parts_.today(), request_.country, {}));
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < treaties.instruments.size(); ++i) {
      if (of_theme(treaties.instruments[i])) {
        order.push_back(i);
      }
    }
    if (order.empty()) {
      return {};
    }
    heading("brief.treaties", "treaties");
    std::ranges::stable_sort(order, {},
                             [&](std::size_t i) { return urgency(treaties.at(0, i).status); });
    PaperTable table;
    table.header = {say("brief.treaty"), say("brief.status"), say("brief.since"),
                    say("brief.read_on")};
    std::vector<std::string> unknown;
    for (const std::size_t i : order) {
      const TreatyState& state = treaties.at(0, i);
      const std::string name = instrument_name(treaties.instruments[i]);
      if (state.status == TreatyStatus::unknown) {
        unknown.push_back(name);
        continue;
      }
      table.rows.push_back(
          {linked(name, "/treaties/" + treaties.instruments[i]),
           plain(say(fmt::format("treaty.status.{}", to_string(state.status)))),
           plain(shown_date(state.since)),
           plain(shown_date(state.read_on) +
                 (state.stale ? " (" + say("treaty.stale") + ")" : std::string()))});
    }
    if (!table.rows.empty()) {
      paper_.blocks.emplace_back(std::move(table));
    }
    if (!unknown.empty()) {
      paragraph(count("brief.treaties.unknown", static_cast<std::int64_t>(unknown.size()),
                      {{"list", figures::list(language_, unknown)}}),
                PaperStyle::mark);
    }
    return {};
  }

  void add_layers() {
    heading("brief.layers", "layers");
    PaperTable table;
    table.header = {say("brief.commitment")};
    if (has(BriefLayer::reports)) {
      table.header.push_back(say("brief.layer.report"));
    }
    if (has(BriefLayer::assessments)) {
      table.header.push_back(say("brief.layer.assessment"));
    }
    table.header.push_back(say("brief.layer.data"));
    std::size_t quiet = 0;
    std::size_t cut = 0;
    for (std::size_t i = 0; i < matrix_.commitments.size(); ++i) {
      const Cell& cell = matrix_.at(i, 0);
      const bool anything = cell.report != kNotReported || cell.assessment != kNotAssessed ||
                            cell.entries > 0 || cell.treaties > 0 || cell.measured;
      if (cell.applicability != Applicability::applicable) {
        continue;
      }
      if (!anything || table.rows.size() >= kListed) {
        quiet += anything ? 0 : 1;
        cut += anything ? 1 : 0;
        continue;
      }
      table.rows.push_back(layer_row(matrix_.commitments[i], cell));
    }
    if (!table.rows.empty()) {
      paper_.blocks.emplace_back(std::move(table));
    }
    more(cut, "/follow-up/actors/" + request_.country);
    if (quiet > 0) {
      paragraph(count("brief.layers.rest", static_cast<std::int64_t>(quiet)), PaperStyle::mark);
    }
  }

  std::vector<PaperText> layer_row(const Member& member, const Cell& cell) const {
    std::vector<PaperText> row = {linked(fmt::format("{} ({})", member.row.title, member.row.year),
                                         "/commitments/" + member.row.id)};
    if (has(BriefLayer::reports)) {
      row.push_back(plain(value_name("state_report", cell.report)));
    }
    if (has(BriefLayer::assessments)) {
      row.push_back(plain(value_name(matrix_.scale, cell.assessment) + (cell.dissent ? " *" : "")));
    }
    std::string data;
    if (cell.treaties > 0) {
      data = say("brief.data.treaties",
                 {{"party", figures::number(language_, cell.treaties_party)},
                  {"of", figures::number(language_, cell.treaties)},
                  {"unknown", figures::number(language_, cell.treaties_unknown)}});
    }
    if (cell.entries > 0) {
      data += (data.empty() ? "" : "; ") + count("brief.data.entries", cell.entries);
    }
    row.push_back(plain(data.empty() ? "–" : data));
    return row;
  }

  Result<void> add_deadlines() {
    const auto dates = ATALAYA_TRY(Deadlines(parts_).list(
        {.as_of = parts_.today(), .language = language_, .actor = request_.country}));
    PaperTable table;
    table.header = {say("brief.commitment"), say("brief.due"), say("brief.outcome"),
                    say("treaty.source")};
    std::size_t urgent = 0;
    for (const Deadline& date : dates) {
      const bool ours = request_.theme.empty() ||
                        std::ranges::any_of(matrix_.commitments, [&](const Member& member) {
                          return member.row.id == date.commitment;
                        });
      if (!ours || date.soft) {
        urgent += ours ? 1 : 0;
        continue;
      }
      std::string outcome = say(fmt::format("deadline.{}", to_string(date.state)));
      if (date.outcome) {
        outcome += ", " + shown_date(date.outcome->date);
      }
      table.rows.push_back({linked(date.title, "/commitments/" + date.commitment),
                            plain(date.edtf.empty() ? fmt::format("“{}”", date.printed)
                                                    : figures::edtf(language_, date.shown())),
                            plain(std::move(outcome)),
                            plain(date.outcome ? date.outcome->source : "–")});
    }
    if (table.rows.empty() && urgent == 0) {
      return {};
    }
    heading("brief.deadlines", "deadlines");
    if (!table.rows.empty()) {
      paper_.blocks.emplace_back(std::move(table));
    }
    if (urgent > 0) {
      paragraph(linked(count("brief.deadlines.soft", static_cast<std::int64_t>(urgent)),
                       "/deadlines?state=undated&actor=" + request_.country),
                PaperStyle::small);
    }
    return add_owed();
  }

  // Periodic reports of this year and the year before of which no receipt is recorded.
  Result<void> add_owed() {
    CalendarQuery query;
    query.as_of = parts_.today();
    query.from = {query.as_of.year - 1, 1, 1};
    query.to = {query.as_of.year, 12, 31};
    query.country = request_.country;
    const Calendar calendar = ATALAYA_TRY(ReportCalendar(parts_).calendar(query));
    PaperTable table;
    table.header = {say("deadlines.report"), say("brief.due"), say("deadlines.received")};
    for (const OwedReport& one : calendar.owed) {
      const ReportDuty* duty = calendar.find(one.duty);
      if (of_theme(duty->instrument)) {
        table.rows.push_back({linked(fmt::format("{} {} ({})", duty->title.in(language_),
                                                 one.period, instrument_name(duty->instrument)),
                                     "/deadlines/reports?country=" + request_.country),
                              plain(shown_date(atalaya::to_string(one.due))),
                              plain(say(fmt::format("owed.{}", to_string(one.state))))});
      }
    }
    if (!table.rows.empty()) {
      paper_.blocks.emplace_back(PaperHeading{.level = 3, .text = say("deadlines.calendar")});
      paper_.blocks.emplace_back(std::move(table));
    }
    return {};
  }

  bool fits_theme(const std::vector<std::string>& themes) const {
    return request_.theme.empty() || std::ranges::find(themes, request_.theme) != themes.end();
  }

  Result<void> add_practices() {
    std::vector<PaperText> items;
    const auto rows = ATALAYA_TRY(Registers(parts_).list({.kind = "practices"}));
    const auto* kind = ATALAYA_TRY(Registers::find_kind("practices"));
    for (const RegisterRecord& row : rows) {
      if (!request_.theme.empty() && row.value("theme") != request_.theme) {
        continue;
      }
      const auto* strength = kind->find("strength")->find_choice(row.value("strength"));
      PaperText text =
          linked(std::string(row.value("title")), fmt::format("/registers/practices/{}", row.id));
      text.push_back({.text = fmt::format(". {}. {} {}", row.value("summary"),
                                          strength == nullptr ? "" : strength->label.in(language_),
                                          row.value("effect"))});
      items.push_back(std::move(text));
    }
    for (const auto& guidance : parts_.catalogue().guidance()) {
      if (guidance.kind == "good_practice" && fits_theme(guidance.themes)) {
        items.push_back({{.text = guidance.title.in(language_), .strong = true},
                         {.text = ". " + guidance.summary.in(language_)}});
      }
    }
    if (items.empty()) {
      return {};
    }
    heading("brief.practices", "practices");
    const std::size_t all = items.size();
    items.resize(std::min(all, kPracticesMax));
    for (PaperText& item : items) {
      paper_.blocks.emplace_back(
          PaperParagraph{.style = PaperStyle::item, .text = std::move(item)});
    }
    more(all - items.size(), "/registers/practices");
    return {};
  }

  Result<void> add_questions() {
    heading("brief.questions", "questions");
    const auto answers =
        ATALAYA_TRY(Registers(parts_).list({.kind = "answers", .country = request_.country}));
    const auto& all = parts_.catalogue().guidance();
    const bool of_theme = std::ranges::any_of(all, [&](const auto& guidance) {
      return guidance.kind == "key_question" && fits_theme(guidance.themes);
    });
    for (const auto& guidance : all) {
      if (guidance.kind != "key_question" || (of_theme && !fits_theme(guidance.themes))) {
        continue;
      }
      paper_.blocks.emplace_back(
          PaperParagraph{.style = PaperStyle::item,
                         .text = {{.text = guidance.title.in(language_), .strong = true},
                                  {.text = " " + guidance.summary.in(language_)}}});
      for (const RegisterRecord& answer : answers) {
        if (answer.value("question") == guidance.id) {
          paragraph(std::string(answer.value("answer")), PaperStyle::quote);
          if (!answer.value("missing").empty()) {
            paragraph(
                say("brief.questions.missing", {{"what", std::string(answer.value("missing"))}}),
                PaperStyle::mark);
          }
        }
      }
    }
    const auto hearings =
        ATALAYA_TRY(Registers(parts_).list({.kind = "hearings", .country = request_.country}));
    for (const RegisterRecord& hearing : hearings) {
      paragraph(fmt::format("{}: {} {}", shown_date(hearing.value("date")),
                            hearing.value("question"), hearing.value("undertaking")),
                PaperStyle::item);
    }
    return {};
  }

  void add_method() {
    heading("brief.method", "method");
    paragraph(say("brief.method.text"), PaperStyle::small);
    if (!request_.origin.empty()) {
      paper_.blocks.emplace_back(PaperParagraph{
          .style = PaperStyle::small,
          .text =
              linked(address("/countries/" + request_.country), "/countries/" + request_.country)});
    }
  }

  const Parts& parts_;
  const BriefRequest& request_;
  Language language_;
  Paper& paper_;
  Matrix matrix_;
  const Scale* scale_ = nullptr;
  Counts counts_;
};

}  // namespace

std::string_view to_string(BriefLayer layer) noexcept {
  const auto* found = std::ranges::find(kNames, layer, [](const auto& pair) { return pair.first; });
  return found->second;
}

std::optional<BriefLayer> parse_brief_layer(std::string_view name) noexcept {
  const auto* found = std::ranges::find(kNames, name, [](const auto& pair) { return pair.second; });
  return found == std::end(kNames) ? std::nullopt : std::optional(found->first);
}

Result<figures::Paper> compose_brief(const Parts& parts, const BriefRequest& request) {
  if (parts.catalogue().find_country(request.country) == nullptr) {
    return fail(Error{ErrorCode::not_found,
                      "followup.brief.country",
                      "no such country",
                      {{"id", request.country}}});
  }
  if (!request.theme.empty() && parts.catalogue().find_theme(request.theme) == nullptr) {
    return fail(Error{
        ErrorCode::not_found, "followup.brief.theme", "no such theme", {{"id", request.theme}}});
  }
  return Brief(parts, request).compose();
}

}  // namespace atalaya::followup
