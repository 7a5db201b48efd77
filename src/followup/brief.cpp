// The brief's sections, in the order in which somebody prepares a question: what was committed to,
// what is missing, what the figures say, what the state says and others found, what is due, what
// worked elsewhere, what to ask.
#include <atalaya/followup/brief.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include <atalaya/commitments/themes.hpp>
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

constexpr std::size_t kListed = 24;      // with a State’s report and nothing else, named one by one
constexpr std::string_view kNoAction = "no_action";  // of the scale state_report
constexpr std::size_t kRepeatedMax = 8;  // of those committed to again and again

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
    ATALAYA_TRY(add_priorities());
    ATALAYA_TRY(add_statements());
    if (has(BriefLayer::treaties)) {
      ATALAYA_TRY(detail::add_treaties(*this, request_.country, instruments(), gaps_));
    }
    if (has(BriefLayer::treaties) && !request_.theme.empty()) {
      const auto marks =
          has(BriefLayer::assessments) ? detail::Marks::shown : detail::Marks::left_out;
      ATALAYA_TRY(detail::add_articles(*this, request_.country, instruments(), marks));
      ATALAYA_TRY(detail::add_authorities(*this, request_.country, request_.theme, instruments()));
    }
    if (has(BriefLayer::figures)) {
      ATALAYA_TRY(detail::add_figures(*this, request_.country, request_.theme, gaps_));
    }
    if (has(BriefLayer::reports) || has(BriefLayer::assessments)) {
      ATALAYA_TRY(add_layers());
    }
    if (has(BriefLayer::deadlines)) {
      ATALAYA_TRY(add_deadlines());
    }
    if (has(BriefLayer::practices)) {
      ATALAYA_TRY(detail::add_practices(*this, request_.theme));
    }
    if (has(BriefLayer::questions)) {
      ATALAYA_TRY(detail::add_questions(*this, request_.country, request_.theme, ids(), gaps_));
    }
    add_method();
    return std::move(paper_);
  }

 private:
  [[nodiscard]] bool has(BriefLayer layer) const { return request_.layers.contains(layer); }

  // The columns of the matrix that every page shows: this country's and its parliament's, over the
  // commitments of the theme.
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
    gaps_.unreported = counts_.applicable - counts_.reported;
    query.actors = {request_.country + ".parliament"};
    parliament_ = ATALAYA_TRY(Cube(parts_).matrix(query));
    documents_ = ATALAYA_TRY(Cube(parts_).parts_of(request_.country, query.as_of));
    for (std::size_t i = 0; i < matrix_.commitments.size(); ++i) {
      const Applicability applies = matrix_.at(i, 0).applicability;
      if (applies == Applicability::applicable) {
        made_.push_back(&matrix_.commitments[i]);
      } else if (applies == Applicability::participation_unknown) {
        unknown_.push_back(&matrix_.commitments[i]);
      }
    }
    return {};
  }

  [[nodiscard]] std::vector<std::string> ids() const {
    std::vector<std::string> out;
    for (const Member& member : matrix_.commitments) {
      out.push_back(member.row.id);
    }
    return out;
  }

  [[nodiscard]] PaperText title_of(const Member& member) const {
    const auto& row = member.row;
    return linked(fmt::format("{} ({})", row.title.empty() ? row.text_start : row.title, row.year),
                  "/commitments/" + row.id);
  }

  void add_summary() {
    if (counts_.applicable > 0) {
      paper_.blocks.emplace_back(
          PaperParagraph{.style = PaperStyle::lead,
                         .text = plain(count("brief.committed", counts_.applicable,
                                             {{"year", std::to_string(first_year(matrix_))}}))});
      if (const auto unread = count_without_text(matrix_); unread > 0) {
        paragraph(count("brief.without_text", unread), PaperStyle::item);
      }
    } else {
      paragraph(say("brief.committed.none"), PaperStyle::lead);
    }
    add_unknown();
    const Counts parliament = count_matrix(parliament_, scale_);
    if (parliament.applicable > 0) {
      paragraph(count("brief.priorities.lead", parliament.applicable,
                      {{"year", std::to_string(first_year(parliament_))}}),
                PaperStyle::item);
    }
    if (has(BriefLayer::reports)) {
      paragraph(say("brief.reported",
                    {{"reported", number(counts_.reported)}, {"of", number(counts_.applicable)}}),
                PaperStyle::item);
    }
    if (has(BriefLayer::assessments)) {
      paragraph(say("brief.assessed",
                    {{"assessed", number(counts_.assessed)}, {"of", number(counts_.applicable)}}) +
                    elsewhere(counts_),
                PaperStyle::item);
    }
  }

  // What is not known to be the country's is counted apart everywhere, and named here.
  void add_unknown() {
    if (unknown_.empty()) {
      return;
    }
    std::vector<std::string> texts;
    for (const Member* member : unknown_) {
      const auto* document = parts_.catalogue().find_document(member->row.document);
      std::string text = fmt::format(
          "{} ({})", document == nullptr ? "–" : document->title.in(language_), member->row.year);
      if (std::ranges::find(texts, text) == texts.end()) {
        texts.push_back(std::move(text));
      }
    }
    paragraph(count("brief.participation_unknown", counts_.participation_unknown,
                    {{"texts", figures::list(language_, texts)}}),
              PaperStyle::mark);
  }

  struct Counted {
    std::int64_t made = 0, unknown = 0;
    std::int32_t first = 0, last = 0;  // of those made

    void add(const Member& member, bool is_made) {
      (is_made ? made : unknown) += 1;
      if (is_made) {
        first = first == 0 ? member.row.year : std::min(first, member.row.year);
        last = std::max(last, member.row.year);
      }
    }
  };

  // `of` names every key under which a commitment counts.
  template <class Key, class Of>
  std::map<Key, Counted> counted_by(const Of& of) const {
    std::map<Key, Counted> out;
    for (const auto* members : {&made_, &unknown_}) {
      for (const Member* member : *members) {
        for (const Key& key : of(*member)) {
          out[key].add(*member, members == &made_);
        }
      }
    }
    return out;
  }

  // The column of what is not known stands only where something is not.
  void close_row(std::vector<PaperText>& row, std::int64_t unknown) const {
    if (!unknown_.empty()) {
      row.push_back(plain(number(unknown)));
    }
  }

  void close_header(PaperTable& table) const {
    if (!unknown_.empty()) {
      table.header.push_back(say("brief.unknown"));
      table.numeric.push_back(true);
    }
  }

  Result<void> add_commitments() {
    heading("brief.commitments", "commitments");
    const auto themes = counted_by<std::string>([&](const Member& member) {
      if (!request_.theme.empty()) {
        return std::vector<std::string>{request_.theme};
      }
      auto held_by = commitments::with_broader(parts_.catalogue(), member.themes);
      return held_by.empty() ? std::vector<std::string>{""} : held_by;
    });
    if (themes.empty()) {
      paragraph(say("brief.commitments.none"), PaperStyle::mark);
      return {};
    }
    PaperTable table;
    table.header = {say("brief.theme"), say("brief.number"), say("brief.first"),
                    say("brief.latest")};
    table.numeric = {false, true, true, true};
    close_header(table);
    std::vector<std::pair<std::string, Counted>> rows(themes.begin(), themes.end());
    std::erase_if(rows, [&](const auto& row) {  // says what the last row says
      return themes.size() > 1 && commitments::is_subject(parts_.catalogue(), row.first) &&
             std::cmp_equal(row.second.made + row.second.unknown, made_.size() + unknown_.size());
    });
    std::ranges::stable_sort(rows, std::greater<>(),
                             [](const auto& row) { return row.second.made; });
    const auto year = [](std::int32_t value) {
      return plain(value == 0 ? "–" : std::to_string(value));
    };
    for (const auto& [theme, counted] : rows) {
      table.rows.push_back({theme.empty() ? plain(say("theme.none"))
                                          : linked(theme_name(theme), "/themes/" + theme),
                            plain(number(counted.made)), year(counted.first), year(counted.last)});
      close_row(table.rows.back(), counted.unknown);
    }
    if (rows.size() > 1) {
      table.rows.push_back({{{.text = say("brief.total"), .strong = true}},
                            {{.text = number(counts_.applicable), .strong = true}},
                            plain(""),
                            plain("")});
      close_row(table.rows.back(), counts_.participation_unknown);
    }
    paper_.blocks.emplace_back(std::move(table));
    if (rows.size() > 1) {
      paragraph(say("brief.theme.several"), PaperStyle::small);
    }
    add_years();
    return add_repeated();
  }

  void add_years() {
    const auto years =
        counted_by<std::int32_t>([](const Member& member) { return std::array{member.row.year}; });
    if (years.size() < 2) {
      return;
    }
    std::vector<detail::YearCount> bars;
    figures::PaperChart chart;
    chart.table.header = {say("brief.year"), say("brief.number")};
    chart.table.numeric = {false, true};
    close_header(chart.table);
    for (const auto& [year, counted] : years) {
      if (counted.made > 0) {
        bars.push_back({year, counted.made});
      }
      chart.table.rows.push_back({plain(std::to_string(year)), plain(number(counted.made))});
      close_row(chart.table.rows.back(), counted.unknown);
    }
    chart.table.caption = say("brief.chart.table");
    chart.title = say("brief.chart.years");
    chart.subtitle = unknown_.empty() ? std::string() : say("brief.chart.years.known");
    chart.source = say("brief.chart.years.source");
    chart.svg = detail::year_bars(language_, bars, chart.title);
    paper_.blocks.emplace_back(std::move(chart));
  }

  // A commitment and what it follows, by meetings in which this country took part. Another state's
  // promise is none of this one's; where nobody knows, the year is named and not counted.
  struct Repeated {
    const Member* member;
    std::set<std::pair<std::int32_t, std::string>> met;  // year, meeting
    std::set<std::int32_t> unknown;

    void add(const commitments::CommitmentRow& row, bool took_part, bool known) {
      if (took_part) {
        met.emplace(row.year, row.meeting);
      } else if (!known) {
        unknown.insert(row.year);
      }
    }
  };

  Result<Repeated> repeated_of(const Member& member, bool made) const {
    Repeated out{.member = &member, .met = {}, .unknown = {}};
    out.add(member.row, made, made);
    const auto view = ATALAYA_TRY(parts_.commitments->get(member.row.id, language_));
    for (const auto& antecedent : view.antecedents) {
      const auto part = documents_.find(antecedent.other.document);
      if (antecedent.later == member.row.id && part != documents_.end()) {
        const DocumentPart& known = part->second;
        out.add(antecedent.other, known.takes_part && !known.left,
                known.left || known.absent || known.listed);
      }
    }
    return out;
  }

  Result<void> add_repeated() {
    std::vector<Repeated> repeated;
    for (const auto* members : {&made_, &unknown_}) {
      for (const Member* member : *members) {
        auto one = ATALAYA_TRY(repeated_of(*member, members == &made_));
        if (one.met.size() > 1) {
          repeated.push_back(std::move(one));
        }
      }
    }
    if (repeated.empty()) {
      return {};
    }
    std::ranges::stable_sort(repeated, std::greater<>(),
                             [](const Repeated& one) { return one.met.size(); });
    paper_.blocks.emplace_back(PaperHeading{.level = 3, .text = say("brief.repeated")});
    paragraph(say("brief.repeated.note"), PaperStyle::small);
    const std::size_t all = repeated.size();
    repeated.resize(std::min(all, kRepeatedMax));
    for (const Repeated& one : repeated) {
      const auto& row = one.member->row;
      PaperText text =
          linked(row.title.empty() ? row.text_start : row.title, "/commitments/" + row.id);
      std::string words = labelled({}, count("brief.repeated.times", std::ssize(one.met),
                                             {{"since", std::to_string(one.met.begin()->first)},
                                              {"year", std::to_string(one.met.rbegin()->first)}}));
      if (!one.unknown.empty()) {
        std::vector<std::string> years;
        for (const std::int32_t year : one.unknown) {
          years.push_back(std::to_string(year));
        }
        words += " " + say("brief.repeated.unknown", {{"years", figures::list(language_, years)}});
      }
      text.push_back({.text = std::move(words)});
      paper_.blocks.emplace_back(
          PaperParagraph{.style = PaperStyle::item, .text = std::move(text)});
    }
    more(all - repeated.size(), "/follow-up/actors/" + request_.country);
    return {};
  }

  // Parliaments follow their own priorities, which bind no state.
  Result<void> add_priorities() {
    PaperTable table;
    table.header = {say("brief.priority")};
    if (has(BriefLayer::reports)) {
      table.header.push_back(say("brief.priorities.report"));
    }
    if (has(BriefLayer::assessments)) {
      table.header.push_back(say("brief.layer.assessment"));
    }
    std::vector<detail::AssessedCell> shown;
    for (std::size_t i = 0; i < parliament_.commitments.size(); ++i) {
      const Cell& cell = parliament_.at(i, 0);
      if (cell.applicability != Applicability::applicable) {
        continue;
      }
      std::vector<PaperText> row = {title_of(parliament_.commitments[i])};
      add_values(row, cell);
      table.rows.push_back(std::move(row));
      shown.push_back(assessed(parliament_, i));
    }
    if (!table.rows.empty()) {
      heading("brief.priorities", "priorities");
      paragraph(linked(say("brief.priorities.note"),
                       "/follow-up/actors/" + request_.country + ".parliament"),
                PaperStyle::small);
      paper_.blocks.emplace_back(std::move(table));
    }
    return explain(shown);
  }

  [[nodiscard]] detail::AssessedCell assessed(const Matrix& matrix, std::size_t i) const {
    const Member& member = matrix.commitments[i];
    return {title_of(member), member.row.id, matrix.actors.front(), &matrix.at(i, 0)};
  }

  // What the star beside an assessment says, who assessed, and the state's reply.
  Result<void> explain(const std::vector<detail::AssessedCell>& shown) {
    if (!has(BriefLayer::assessments)) {
      return {};
    }
    if (std::ranges::any_of(shown, [](const auto& one) { return has_dissent(*one.cell); })) {
      paragraph("* " + say("followup.dissent"), PaperStyle::small);
    }
    return detail::add_assessments(*this, matrix_.scale, shown);
  }

  void add_values(std::vector<PaperText>& row, const Cell& cell) const {
    if (has(BriefLayer::reports)) {
      row.push_back(plain(dated(value_name("state_report", cell.report), cell.report_as_of)));
    }
    if (has(BriefLayer::assessments)) {
      row.push_back(plain(assessment_words(matrix_.scale, cell)));
    }
  }

  // Positions of its own on political texts: no reservations to treaties.
  Result<void> add_statements() {
    const auto statements = ATALAYA_TRY(position_statements(parts_, request_.country));
    std::vector<const PositionStatement*> ours;
    for (const PositionStatement& one : statements) {
      const bool fits = request_.theme.empty() ||
                        std::ranges::any_of(matrix_.commitments, [&](const Member& member) {
                          return member.row.id == one.commitment;
                        });
      if (fits) {
        ours.push_back(&one);
      }
    }
    if (ours.empty()) {
      return {};
    }
    heading("brief.statements", "statements");
    paragraph(say("brief.statements.note"), PaperStyle::small);
    for (const PositionStatement* one : ours) {
      const auto* document = parts_.catalogue().find_document(one->document);
      const std::string title = document == nullptr ? one->source : document->title.in(language_);
      if (one->text.empty()) {
        paragraph(fmt::format("{}. {}", title, one->note));
        paragraph(one->cited, PaperStyle::small);
        continue;
      }
      paragraph(spoken(one->text, one->language), PaperStyle::quote);
      PaperText where =
          plain(say("statement.on." + one->role, {{"n", number(one->ordinal)}}) + ". ");
      for (figures::PaperRun& run : located(title, fmt::format("/sources/{}", one->source))) {
        where.push_back(std::move(run));
      }
      paragraph(std::move(where), PaperStyle::small);
    }
    return {};
  }

  bool of_theme(std::string_view instrument) const {
    if (request_.theme.empty() ||
        detail::is_of_theme(parts_.catalogue(), instrument, request_.theme)) {
      return true;
    }
    return std::ranges::any_of(matrix_.commitments, [&](const Member& member) {
      return std::ranges::find(member.treaties, instrument) != member.treaties.end();
    });
  }

  [[nodiscard]] std::vector<std::string> instruments() const {
    std::vector<std::string> out;
    for (const auto& instrument : parts_.catalogue().instruments()) {
      if (of_theme(instrument.id)) {
        out.push_back(instrument.id);
      }
    }
    return out;
  }

  Result<void> add_layers() {
    const bool reports = has(BriefLayer::reports);
    const bool assessments = has(BriefLayer::assessments);
    heading(reports && assessments ? "brief.layers"
            : reports              ? "brief.layers.reports"
                                   : "brief.layers.assessments",
            "layers");
    PaperTable table;
    table.header = {say("brief.commitment")};
    if (reports) {
      table.header.push_back(say("brief.layer.report"));
    }
    if (assessments) {
      table.header.push_back(say("brief.layer.assessment"));
    }
    table.header.push_back(say("brief.layer.data"));
    std::size_t quiet = 0;
    std::size_t named = 0;
    std::size_t cut = 0;
    std::size_t alone = 0;
    std::vector<detail::AssessedCell> shown;
    for (std::size_t i = 0; i < matrix_.commitments.size(); ++i) {
      const Cell& cell = matrix_.at(i, 0);
      // What others say of a commitment is never cut away, and that nothing was done neither: many
      // reports would push it out. A row stands because of what it shows.
      const bool others = (assessments && is_assessed(cell)) || cell.entries > 0 ||
                          cell.treaties > 0 || cell.measured ||
                          (reports && cell.report == kNoAction);
      const bool reported = reports && cell.report != kNotReported;
      if (cell.applicability != Applicability::applicable) {
        continue;
      }
      if (!others && (!reported || alone == kListed)) {
        (reported ? cut : cell.named > 0 ? named : quiet) += 1;
        continue;
      }
      alone += others ? 0 : 1;
      shown.push_back(assessed(matrix_, i));
      table.rows.push_back(layer_row(matrix_.commitments[i], cell));
    }
    if (!table.rows.empty()) {
      paper_.blocks.emplace_back(std::move(table));
    }
    ATALAYA_TRY(explain(shown));
    more(cut, "/follow-up/actors/" + request_.country);
    if (named > 0) {
      paragraph(count("brief.layers.named", static_cast<std::int64_t>(named)), PaperStyle::mark);
    }
    if (quiet > 0) {
      paragraph(count("brief.layers.rest", static_cast<std::int64_t>(quiet)), PaperStyle::mark);
    }
    return {};
  }

  std::vector<PaperText> layer_row(const Member& member, const Cell& cell) const {
    std::vector<PaperText> row = {title_of(member)};
    add_values(row, cell);
    std::vector<std::string> data;
    if (cell.treaties > 0) {
      data.push_back(say("brief.data.treaties",
                         {{"party", number(cell.treaties_party)}, {"of", number(cell.treaties)}}));
      if (cell.treaties_unknown > 0) {
        data.back() += fmt::format(" ({})", say("brief.data.treaties_unknown",
                                                {{"unknown", number(cell.treaties_unknown)}}));
      }
    }
    if (cell.entries > 0) {
      data.push_back(count("brief.data.entries", cell.entries));
    }
    if (cell.named > 0) {
      data.push_back(
          cell.named == cell.named_unknown
              ? count("followup.data.named_unknown", cell.named)
              : count("followup.data.named", cell.named, {{"party", number(cell.named_party)}}));
      if (cell.named_unknown > 0 && cell.named_unknown < cell.named) {
        data.back() += ", " + say("followup.data.unknown", {{"n", number(cell.named_unknown)}});
      }
    }
    if (cell.measured) {
      data.push_back(say("followup.data.measured"));
    }
    row.push_back(plain(data.empty() ? "–" : apart(data)));
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

      // A date of what the country may not have taken part in says so, and is asked of nobody.
      const bool unknown = std::ranges::any_of(
          unknown_, [&](const Member* member) { return member->row.id == date.commitment; });
      gaps_.lapsed += date.state == DeadlineState::lapsed && !unknown ? 1 : 0;
      PaperText title = linked(date.title, "/commitments/" + date.commitment);
      if (unknown) {
        title.push_back({.text = fmt::format(" ({})", say("brief.unknown"))});
      }
      table.rows.push_back(
          {std::move(title), due_words(date), plain(outcome_words(date)), outcome_source(date)});
    }
    if (table.rows.empty() && urgent == 0) {
      return {};
    }
    heading("brief.deadlines", "deadlines");
    const bool dated = !table.rows.empty();
    if (dated) {
      paper_.blocks.emplace_back(std::move(table));
    }
    if (urgent > 0) {
      paragraph(linked(count(dated ? "brief.deadlines.soft" : "brief.deadlines.only_soft",
                             static_cast<std::int64_t>(urgent)),
                       "/deadlines?state=undated&actor=" + request_.country),
                PaperStyle::small);
    }
    return add_owed();
  }

  // "Met, 3 May 2010"; the day of an announcement is not the day that was announced: "Postponed.
  // New date: 1 February 2026; announced 1 January 2026".
  [[nodiscard]] std::string outcome_words(const Deadline& date) const {
    std::string out = say(fmt::format("deadline.{}", to_string(date.state)));
    if (!date.outcome) {
      return out;
    }
    const DeadlineOutcome& outcome = *date.outcome;
    if (outcome.outcome == "done") {
      out += ", " + shown_date(outcome.date);
    } else {
      out += ". ";
      if (!outcome.new_due.empty()) {
        out +=
            say("deadlines.new_due", {{"date", shown_date(outcome.new_due)}}) + say("label.apart");
      }
      out += say("deadlines.said_on", {{"date", shown_date(outcome.date)}});
    }
    return date.said_by_state() ? fmt::format("{} ({})", out, say("deadlines.said_by_state")) : out;
  }

  // Words of a date are quoted from a text, in that text's language.
  [[nodiscard]] PaperText due_words(const Deadline& date) const {
    return date.edtf.empty() ? spoken(fmt::format("“{}”", date.printed), date.printed_language)
                             : plain(figures::edtf(language_, date.shown()));
  }

  // The catalogue names its sources in English.
  [[nodiscard]] PaperText outcome_source(const Deadline& date) const {
    return !date.outcome ? plain("–")
                         : sourced(date.outcome->source, date.outcome->record == 0 ? "en" : "");
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
        table.rows.push_back(
            {linked(fmt::format("{} {} ({})", duty->title.in(language_), one.period,
                                instrument_name(duty->instrument)),
                    "/deadlines/reports?country=" + request_.country),
             plain(shown_date(atalaya::to_string(one.due))),
             plain(say(fmt::format("owed.{}", to_string(one.state))) +
                   (one.said_by_state ? fmt::format(" ({})", say("deadlines.said_by_state"))
                                      : std::string()))});
      }
    }
    if (!table.rows.empty()) {
      paper_.blocks.emplace_back(PaperHeading{.level = 3, .text = say("deadlines.calendar")});
      paper_.blocks.emplace_back(std::move(table));
    }
    return {};
  }

  void add_method() {
    heading("brief.method", "method");
    std::string words;
    const std::pair<bool, std::string_view> sentences[] = {
        {has(BriefLayer::reports), "brief.method.reports"},
        {has(BriefLayer::assessments), "brief.method.assessments"},
        {has(BriefLayer::reports) && has(BriefLayer::assessments), "brief.method.apart"},
        {has(BriefLayer::reports), "brief.method.zero"},
        {true, "brief.method.text"}};
    for (const auto& [holds, key] : sentences) {
      words += holds ? (words.empty() ? "" : " ") + say(key) : std::string();
    }
    paragraph(std::move(words), PaperStyle::small);
    paragraph(say(request_.origin.empty() ? "brief.method.paths" : "brief.method.links"),
              PaperStyle::small);
    if (request_.origin.find("://") != std::string::npos) {
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
  Matrix matrix_, parliament_;
  std::map<std::string, DocumentPart, std::less<>> documents_;
  std::vector<const Member*> made_, unknown_;
  detail::Gaps gaps_;
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

Result<std::vector<PositionStatement>> position_statements(const Parts& parts,
                                                           std::string_view state) {
  std::vector<PositionStatement> out;
  const commitments::Desk& desk = *parts.commitments;
  const auto sources = ATALAYA_TRY(desk.sources());
  for (const auto& source : sources) {
    const auto* summary = source.summary.if_object();
    const auto* count =
        summary == nullptr ? nullptr : summary->if_contains("statements_of_position");
    if (count == nullptr || !count->is_int64() || count->get_int64() == 0) {
      continue;
    }
    const auto detail = ATALAYA_TRY(desk.get_source(source.id));
    for (const auto& statement : detail.statements) {
      if (statement.actor != state) {
        continue;
      }
      const bool operative = statement.role == commitments::ItemRole::operative;
      const auto item = std::ranges::find_if(detail.items, [&](const auto& one) {
        return operative && one.first.ordinal == statement.ordinal;
      });
      out.push_back({source.id, source.document, statement.text, source.language, statement.line,
                     source.line_count, operative ? "operative" : "recital", statement.ordinal,
                     item == detail.items.end() ? std::string() : item->second});
    }
  }
  const auto recorded = ATALAYA_TRY(Cube(parts).participations({}, state));
  for (const Participation& row : recorded) {
    const bool held = std::ranges::any_of(
        out, [&](const PositionStatement& one) { return one.document == row.document; });
    if (row.kind == "statement_of_position" && !held) {
      PositionStatement one;
      one.document = row.document;
      one.note = row.note;
      one.cited = row.source;
      out.push_back(std::move(one));
    }
  }
  return out;
}

std::int32_t count_without_text(const Matrix& matrix) {
  std::int32_t count = 0;
  for (std::size_t i = 0; i < matrix.cells.size(); ++i) {
    const bool counts = matrix.cells[i].applicability == Applicability::applicable;
    count += counts && !matrix.commitments[i / matrix.actors.size()].row.held ? 1 : 0;
  }
  return count;
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
