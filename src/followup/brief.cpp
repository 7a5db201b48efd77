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
#include <atalaya/figures/sheet.hpp>
#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/data_sources.hpp>
#include <atalaya/followup/reference.hpp>
#include <atalaya/followup/registers.hpp>
#include <atalaya/followup/treaties.hpp>

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
constexpr std::size_t kQuestionsMax = 12;

constexpr std::pair<BriefLayer, std::string_view> kNames[] = {
    {BriefLayer::reports, "reports"},     {BriefLayer::assessments, "assessments"},
    {BriefLayer::treaties, "treaties"},   {BriefLayer::figures, "figures"},
    {BriefLayer::deadlines, "deadlines"}, {BriefLayer::practices, "practices"},
    {BriefLayer::questions, "questions"}};

// The figures that a reader looks for first; a theme's own come before them.
constexpr std::string_view kHeadlines[] = {"homicide_rate", "homicide_share_firearm",
                                           "femicide_rate", "prison_occupancy",
                                           "missing_persons_rate"};
constexpr std::pair<std::string_view, std::string_view> kThemeFigures[] = {
    {"firearms", "homicide_share_firearm"},
    {"firearms", "arms_seized"},
    {"firearms", "arms_trace_requested_share"},
    {"firearms", "arms_destroyed"},
    {"trafficking", "trafficking_victims_rate"},
    {"trafficking", "trafficking_share_women_girls"},
    {"trafficking", "trafficking_convictions"},
    {"gender_violence", "femicide_rate"},
    {"gender_violence", "partner_violence_prevalence"},
    {"prisons", "prison_occupancy"},
    {"prisons", "unsentenced_share"},
    {"prisons", "prison_deaths_rate"},
    {"drugs", "drug_use_prevalence"},
    {"drugs", "overdose_deaths"},
    {"drugs", "drug_seizures_cocaine"},
    {"corruption", "corruption_offences"},
    {"money_laundering", "money_laundering_convictions"},
    {"police", "police_officers_rate"},
    {"police", "killed_by_law_enforcement"},
    {"youth", "homicide_rate_young_men"},
    {"youth", "child_homicide_rate"},
    {"defenders_press", "journalists_killed"},
    {"defenders_press", "defenders_killed"},
    {"borders", "irregular_crossings"},
    {"cybercrime", "cybercrime_rate"}};

class Brief {
 public:
  Brief(const Parts& parts, const BriefRequest& request)
      : parts_(parts), request_(request), language_(request.language) {}

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
    if (has(BriefLayer::figures)) {
      ATALAYA_TRY(add_figures());
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
  std::string say(std::string_view key, figures::Messages::Params params = {}) const {
    return figures::Messages::embedded().text(language_, key, params);
  }

  std::string count(std::string_view key, std::int64_t n,
                    figures::Messages::Params params = {}) const {
    return figures::Messages::embedded().count(language_, key, n, params);
  }

  [[nodiscard]] bool has(BriefLayer layer) const { return request_.layers.contains(layer); }

  std::string theme_name(std::string_view id) const {
    const auto* theme = parts_.catalogue().find_theme(id);
    return theme == nullptr ? std::string(id) : theme->label.in(language_);
  }

  std::string shown_date(std::string_view date) const {
    return date.empty() ? std::string("–") : figures::edtf(language_, date);
  }

  std::string address(std::string_view path) const {
    return request_.origin.empty()
               ? std::string()
               : fmt::format("{}/{}{}", request_.origin, to_string(language_), path);
  }

  PaperText linked(std::string words, std::string_view path) const {
    return {{.text = std::move(words), .url = address(path)}};
  }

  static PaperText plain(std::string words) { return {{.text = std::move(words)}}; }

  void heading(std::string_view key, std::string_view id) {
    paper_.blocks.emplace_back(PaperHeading{.level = 2, .text = say(key), .id = std::string(id)});
  }

  void paragraph(std::string words, PaperStyle style = PaperStyle::normal) {
    paper_.blocks.emplace_back(PaperParagraph{.style = style, .text = plain(std::move(words))});
  }

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
    return add_repeated(mine);
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
    repeated.resize(std::min(repeated.size(), kRepeatedMax));
    for (const Repeated& one : repeated) {
      PaperText text = linked(one.member->row.title, "/commitments/" + one.member->row.id);
      text.push_back(
          {.text = ": " + count("brief.repeated.times", static_cast<std::int64_t>(one.earlier) + 1,
                                {{"since", std::to_string(one.since)},
                                 {"year", std::to_string(one.member->row.year)}})});
      paper_.blocks.emplace_back(
          PaperParagraph{.style = PaperStyle::item, .text = std::move(text)});
    }
    return {};
  }

  bool of_theme(std::string_view instrument) const {
    if (request_.theme.empty()) {
      return true;
    }
    return std::ranges::any_of(matrix_.commitments, [&](const Member& member) {
      return std::ranges::find(member.treaties, instrument) != member.treaties.end();
    });
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
      const auto* instrument = parts_.catalogue().find_instrument(treaties.instruments[i]);
      const std::string& brief_name = instrument->short_name.in(language_);
      const std::string& name = brief_name.empty() ? instrument->name.in(language_) : brief_name;
      if (state.status == TreatyStatus::unknown) {
        unknown.push_back(name);
        continue;
      }
      table.rows.push_back(
          {linked(name, "/treaties/" + instrument->id),
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

  std::vector<std::string> wanted_figures() const {
    std::vector<std::string> out;
    const auto add = [&](std::string_view id) {
      if (std::ranges::find(out, id) == out.end() && parts_.indicators->knows(id)) {
        out.emplace_back(id);
      }
    };
    for (const auto& [theme, indicator] : kThemeFigures) {
      if (theme == request_.theme) {
        add(indicator);
      }
    }
    if (out.empty()) {
      for (const std::string_view id : kHeadlines) {
        add(id);
      }
    }
    return out;
  }

  std::string value_words(const IndicatorFigure& figure) const {
    std::string out = figure.value ? figures::decimal(language_, *figure.value, 1) : "–";
    if (figure.low && figure.high) {
      out += fmt::format(" ({}–{})", figures::decimal(language_, *figure.low, 1),
                         figures::decimal(language_, *figure.high, 1));
    }
    return out;
  }

  // The middle of the states that have a figure, which is what "the region" can mean without
  // weighing states against each other; how many they are stands beside it.
  static std::optional<double> median(std::vector<double> values) {
    if (values.empty()) {
      return std::nullopt;
    }
    std::ranges::sort(values);
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  }

  Result<void> add_figures() {
    heading("brief.figures", "figures");
    if (parts_.indicators == nullptr) {
      paragraph(say("brief.figures.none"), PaperStyle::mark);
      return {};
    }
    PaperTable table;
    table.header = {say("brief.figure"), say("brief.value"), say("brief.year"), say("brief.region"),
                    say("brief.release")};
    table.numeric = {false, true, true, true, false};
    std::vector<std::string> missing;
    for (const std::string& id : wanted_figures()) {
      const auto figure =
          ATALAYA_TRY(parts_.indicators->figure(id, request_.country, "", language_));
      if (figure.release.empty()) {
        missing.push_back(figure.title);
        continue;
      }
      const auto others = ATALAYA_TRY(parts_.indicators->across(id, "", language_));
      std::vector<double> values;
      for (const auto& [country, other] : others) {
        const auto* known = parts_.catalogue().find_country(country);
        if (known != nullptr && known->is_state && other.value) {
          values.push_back(*other.value);
        }
      }
      const auto middle = median(values);
      table.rows.push_back(
          {linked(figure.title + (figure.synthetic ? " (synthetic)" : ""), "/figures/" + id),
           plain(value_words(figure)), plain(figure.period),
           plain(middle ? fmt::format("{} (n = {})", figures::decimal(language_, *middle, 1),
                                      values.size())
                        : std::string("–")),
           linked(figure.release, "/figures/releases/" + figure.release)});
    }
    if (!table.rows.empty()) {
      paper_.blocks.emplace_back(std::move(table));
      paragraph(say("brief.figures.note"), PaperStyle::small);
    }
    if (!missing.empty()) {
      paragraph(say("brief.figures.missing", {{"list", figures::list(language_, missing)}}),
                PaperStyle::mark);
    }
    return {};
  }

  std::string value_name(std::string_view scale_id, std::string_view value) const {
    const Scale* scale = parts_.reference->find_scale(scale_id);
    const ScaleValue* found = scale == nullptr ? nullptr : scale->find(value);
    return found == nullptr ? say(fmt::format("followup.{}", value)) : found->label.in(language_);
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
    for (std::size_t i = 0; i < matrix_.commitments.size(); ++i) {
      const Cell& cell = matrix_.at(i, 0);
      const bool anything = cell.report != kNotReported || cell.assessment != kNotAssessed ||
                            cell.entries > 0 || cell.treaties > 0 || cell.measured;
      if (cell.applicability != Applicability::applicable || !anything ||
          table.rows.size() >= kListed) {
        quiet += cell.applicability == Applicability::applicable ? 1 : 0;
        continue;
      }
      table.rows.push_back(layer_row(matrix_.commitments[i], cell));
    }
    if (!table.rows.empty()) {
      paper_.blocks.emplace_back(std::move(table));
    }
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
    PaperTable table;
    table.header = {say("brief.commitment"), say("brief.due"), say("brief.outcome")};
    const Registers registers(parts_);
    for (std::size_t i = 0; i < matrix_.commitments.size(); ++i) {
      const Applicability applies = matrix_.at(i, 0).applicability;
      if (applies != Applicability::applicable && applies != Applicability::participation_unknown) {
        continue;
      }
      const Member& member = matrix_.commitments[i];
      const auto view = ATALAYA_TRY(parts_.commitments->get(member.row.id, language_));
      const auto outcomes =
          ATALAYA_TRY(registers.list({.kind = "deadline_outcomes", .commitment = member.row.id}));
      for (const auto& due : view.dues) {
        if (due.soft || due.edtf.empty()) {
          continue;
        }
        table.rows.push_back({linked(member.row.title, "/commitments/" + member.row.id),
                              plain(figures::edtf(language_, due.edtf)),
                              plain(outcome_words(due, outcomes))});
      }
    }
    if (!table.rows.empty()) {
      heading("brief.deadlines", "deadlines");
      paper_.blocks.emplace_back(std::move(table));
    }
    return {};
  }

  std::string outcome_words(const commitments::DueView& due,
                            const std::vector<RegisterRecord>& outcomes) const {
    const RegisterRecord* last = nullptr;
    for (const RegisterRecord& outcome : outcomes) {
      const std::string_view actor = outcome.value("actor");
      const bool ours = actor.empty() || country_of(actor) == request_.country;
      if (ours && (last == nullptr || outcome.value("date") >= last->value("date"))) {
        last = &outcome;
      }
    }
    const auto named = last_day(due.edtf);
    const std::string latest =
        !due.latest.empty() || !named ? due.latest : atalaya::to_string(*named);
    if (last == nullptr) {
      const bool past = !latest.empty() && latest < atalaya::to_string(parts_.today());
      return say(past ? "brief.outcome.not_recorded" : "brief.outcome.open");
    }
    const std::string on = shown_date(last->value("date"));
    const std::string_view outcome = last->value("outcome");
    if (outcome == "postponed") {
      return say("brief.outcome.postponed", {{"date", shown_date(last->value("new_due"))}});
    }
    if (outcome == "superseded") {
      return say("brief.outcome.superseded", {{"date", on}});
    }
    const auto done = last_day(last->value("date"));
    const bool late = done && !latest.empty() && atalaya::to_string(*done) > latest;
    return say(late ? "brief.outcome.late" : "brief.outcome.met", {{"date", on}});
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
    items.resize(std::min(items.size(), kPracticesMax));
    for (PaperText& item : items) {
      paper_.blocks.emplace_back(
          PaperParagraph{.style = PaperStyle::item, .text = std::move(item)});
    }
    return {};
  }

  Result<void> add_questions() {
    heading("brief.questions", "questions");
    const auto answers =
        ATALAYA_TRY(Registers(parts_).list({.kind = "answers", .country = request_.country}));
    std::size_t asked = 0;
    for (const auto& guidance : parts_.catalogue().guidance()) {
      if (guidance.kind != "key_question" || asked == kQuestionsMax) {
        continue;
      }
      ++asked;
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
  Paper paper_;
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
