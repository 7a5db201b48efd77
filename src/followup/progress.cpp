// Per state and per commitment, in the catalogue's order: no state is ranked, and what nobody
// reported is said as such.
#include <atalaya/followup/progress.hpp>

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>
#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/reference.hpp>

#include "brief_parts.hpp"

namespace atalaya::followup {
namespace {

using figures::Paper;
using figures::PaperHeading;
using figures::PaperStyle;
using figures::PaperTable;
using figures::PaperText;

class Progress : private detail::PaperWriter {
 public:
  Progress(const Parts& parts, const ProgressRequest& request)
      : PaperWriter(parts, request.language, request.origin),
        parts_(parts),
        request_(request),
        language_(request.language) {}

  Result<Paper> compose() {
    const auto* meeting = parts_.catalogue().find_meeting(request_.meeting);
    ATALAYA_TRY(load(meeting));
    Paper& out = paper();
    out.language = language_;
    out.title = say("progress.title");
    out.subtitle =
        meeting != nullptr
            ? say(key("subtitle"), {{"meeting", meeting->name.in(language_)}})
            : say(key("subtitle.series"), {{"series", say("series." + request_.meeting)}});
    out.author = request_.node_name;
    out.notice = say("brief.notice");
    out.page_of = say("brief.page");
    out.date = parts_.today();
    out.size = request_.size;
    add_summary();
    add_states();
    ATALAYA_TRY(add_commitments());
    heading("brief.method", "method");
    paragraph(say(key("method")), PaperStyle::small);
    return std::move(out);
  }

 private:
  [[nodiscard]] bool has(BriefLayer layer) const { return request_.layers.contains(layer); }

  Result<void> load(const commitments::Meeting* meeting) {
    MatrixQuery query;
    query.as_of = parts_.today();
    query.language = language_;
    query.limit = 100'000;
    if (meeting == nullptr) {
      query.series = request_.meeting;
    } else {
      const auto members = ATALAYA_TRY(Cube(parts_).members(language_));
      for (const Member& member : members) {
        if (member.row.meeting == meeting->id && member.row.actionable) {
          query.commitments.push_back(member.row.id);
        }
      }
      // A query without ids would mean all commitments.
      if (query.commitments.empty()) {
        return {};
      }
    }
    const auto members = ATALAYA_TRY(Cube(parts_).members(language_));
    parliaments_ = std::ranges::any_of(members, [&](const Member& member) {
      const auto* of = parts_.catalogue().find_meeting(member.row.meeting);
      return member.parliamentary && of != nullptr && (of == meeting || of->series == query.series);
    });
    // Priorities of parliaments are answered by parliaments alone, as in the matrix.
    if (parliaments_) {
      for (const auto& country : parts_.catalogue().countries()) {
        query.actors.push_back(country.id + ".parliament");
      }
    }
    matrix_ = ATALAYA_TRY(Cube(parts_).matrix(query));
    scale_ = parts_.reference->find_scale(query.scale);
    return {};
  }

  [[nodiscard]] std::vector<const Cell*> column(std::size_t actor) const {
    std::vector<const Cell*> out;
    for (std::size_t row = 0; row < matrix_.commitments.size(); ++row) {
      out.push_back(&matrix_.at(row, actor));
    }
    return out;
  }

  // Of parliaments some sentences read otherwise.
  [[nodiscard]] std::string key(std::string_view name) const {
    return fmt::format("progress.{}{}", name, parliaments_ ? ".parliaments" : "");
  }

  std::string state_name(const std::string& id) const {
    return parts_.catalogue().find_country(country_of(id))->name.in(language_);
  }

  void add_summary() {
    const Counts counts = count_matrix(matrix_, scale_);
    if (matrix_.commitments.empty()) {
      paragraph(say("progress.none"), PaperStyle::mark);
      return;
    }
    add(figures::PaperParagraph{.style = PaperStyle::lead,
                                .text = plain(count(key("lead"), std::ssize(matrix_.commitments),
                                                    {{"states", number(asked_actors())}}))});
    if (has(BriefLayer::reports)) {
      paragraph(say(key("reported"),
                    {{"reported", number(counts.reported)}, {"of", number(counts.applicable)}}),
                PaperStyle::item);
    }
    if (has(BriefLayer::assessments)) {
      paragraph(say("progress.assessed",
                    {{"assessed", number(counts.assessed)}, {"of", number(counts.applicable)}}) +
                    elsewhere(counts),
                PaperStyle::item);
    }
    if (counts.participation_unknown > 0) {
      paragraph(count(key("unknown"), counts.participation_unknown), PaperStyle::mark);
    }
    std::int64_t none = 0;
    for (std::size_t row = 0; row < matrix_.commitments.size(); ++row) {
      none += asks_any(row) ? 0 : 1;
    }
    if (none > 0) {
      paragraph(count("progress.asks_none", none), PaperStyle::mark);
    }
    std::vector<std::string> absent;
    for (std::size_t i = 0; i < matrix_.actors.size(); ++i) {
      if (!is_asked(i)) {
        absent.push_back(state_name(matrix_.actors[i]));
      }
    }
    if (!absent.empty()) {
      paragraph(say("progress.absent", {{"list", figures::list(language_, absent)}}),
                PaperStyle::mark);
    }
  }

  // Whether one of these states, or of these parliaments, answers for it or may.
  [[nodiscard]] bool asks_any(std::size_t row) const {
    for (std::size_t i = 0; i < matrix_.actors.size(); ++i) {
      const Applicability applies = matrix_.at(row, i).applicability;
      if (applies == Applicability::applicable || applies == Applicability::participation_unknown) {
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] bool is_asked(std::size_t actor) const {
    const Counts counts = count_cells(column(actor), scale_);
    return counts.applicable + counts.participation_unknown > 0;
  }

  // "Asks institutions, no state: CICAD and OAS."
  [[nodiscard]] std::string nobody_asked(const Member& member) const {
    std::vector<std::string> names;
    for (const std::string& organ : member.organs) {
      const auto* institution = parts_.catalogue().find_institution(organ);
      names.push_back(institution == nullptr ? organ : institution->name.in(language_));
    }
    return names.empty() ? say("progress.asks_nobody")
                         : say("progress.asks_organs", {{"list", figures::list(language_, names)}});
  }

  // Those that a commitment asks, or may: of a parliament that took no part nothing is expected.
  [[nodiscard]] std::int64_t asked_actors() const {
    std::int64_t out = 0;
    for (std::size_t i = 0; i < matrix_.actors.size(); ++i) {
      out += is_asked(i) ? 1 : 0;
    }
    return out;
  }

  // One row a state, in the order of its name in the catalogue.
  void add_states() {
    PaperTable table;
    table.header = {say("registers.country"), say(key("asked"))};
    table.numeric = {false, true};
    const auto head = [&](bool wanted, std::string_view key) {
      if (wanted) {
        table.header.push_back(say(key));
        table.numeric.push_back(true);
      }
    };
    head(has(BriefLayer::reports),
         parliaments_ ? "brief.priorities.report" : "brief.layer.reports");
    head(has(BriefLayer::assessments), "brief.layer.assessments");
    const bool unknown = count_matrix(matrix_, scale_).participation_unknown > 0;
    head(unknown, "progress.unknown.head");
    for (std::size_t i = 0; i < matrix_.actors.size(); ++i) {
      const Counts counts = count_cells(column(i), scale_);
      if (counts.applicable + counts.participation_unknown == 0) {
        continue;
      }
      std::vector<PaperText> row = {
          linked(state_name(matrix_.actors[i]), "/follow-up/actors/" + matrix_.actors[i]),
          plain(number(counts.applicable))};
      if (has(BriefLayer::reports)) {
        row.push_back(plain(number(counts.reported)));
      }
      if (has(BriefLayer::assessments)) {
        row.push_back(plain(number(counts.assessed)));
      }
      if (unknown) {
        row.push_back(plain(number(counts.participation_unknown)));
      }
      table.rows.push_back(std::move(row));
    }
    if (!table.rows.empty()) {
      heading(parliaments_ ? "progress.states.parliaments" : "progress.states", "states");
      add(std::move(table));
    }
  }

  // States by scale and value.
  using ByValue =
      std::map<std::string, std::map<std::string, std::vector<std::string>>, std::less<>>;

  void add_value(ByValue& to, std::string_view scale, const std::string& value,
                 const std::string& actor, const std::string& node) const {
    const std::string name = state_name(actor);
    to[std::string(scale)][value].push_back(node.empty() ? name
                                                         : fmt::format("{} ({})", name, node));
  }

  // "State's report – Planned: Chile and Peru. " in the order of the scale: whose word it is stands
  // with each value.
  std::string lines_of(const ByValue& states) const {
    std::string out;
    for (const Scale& scale : parts_.reference->scales()) {
      const auto on = states.find(scale.id);
      if (on == states.end()) {
        continue;
      }
      for (const ScaleValue& value : scale.values) {
        if (const auto found = on->second.find(value.id); found != on->second.end()) {
          const std::string label =
              fmt::format("{} – {}", scale.label.in(language_), value.label.in(language_));
          out += fmt::format("{}. ", labelled(label, figures::list(language_, found->second)));
        }
      }
    }
    return out;
  }

  // "State's report – Planned: Chile and Peru. Not reported: 31 of 34 states."
  std::string value_lines(std::size_t row, bool reports) const {
    std::int32_t asked = 0;
    std::int32_t silent = 0;
    std::int32_t unknown = 0;
    ByValue states;
    for (std::size_t i = 0; i < matrix_.actors.size(); ++i) {
      const Cell& cell = matrix_.at(row, i);
      unknown += cell.applicability == Applicability::participation_unknown ? 1 : 0;
      if (cell.applicability != Applicability::applicable) {
        continue;
      }
      ++asked;
      silent += (reports ? cell.report == kNotReported : !is_assessed(cell)) ? 1 : 0;
      if (reports && cell.report != kNotReported) {
        add_value(states, "state_report", cell.report, matrix_.actors[i], {});
      }
      if (!reports && cell.assessment != kNotAssessed) {
        add_value(states, matrix_.scale, cell.assessment, matrix_.actors[i], cell.assessment_node);
      }
      for (const OtherAssessment& one : cell.other_scales) {
        if (!reports) {
          add_value(states, one.scale, one.value, matrix_.actors[i], one.node);
        }
      }
    }
    std::string out = lines_of(states);
    if (asked > 0) {
      out += say(key(reports ? "silent" : "not_assessed"),
                 {{"n", number(silent)}, {"of", number(asked)}});
    }
    if (unknown > 0 && (reports || !has(BriefLayer::reports))) {
      out += (out.empty() ? "" : " ") + count(key("unknown.states"), unknown);
    }
    return out;
  }

  // Of a commitment to join treaties: who is party to all of them, and of whom nobody knows.
  std::string treaty_line(std::size_t row) const {
    std::int32_t asked = 0;
    std::int32_t all = 0;
    std::int32_t unknown = 0;
    for (std::size_t i = 0; i < matrix_.actors.size(); ++i) {
      const Cell& cell = matrix_.at(row, i);
      if (cell.applicability == Applicability::applicable && cell.treaties > 0) {
        ++asked;
        all += cell.treaties_party == cell.treaties ? 1 : 0;
        unknown += cell.treaties_unknown > 0 ? 1 : 0;
      }
    }
    return asked == 0
               ? std::string()
               : say("progress.treaties",
                     {{"party", number(all)}, {"of", number(asked)}, {"unknown", number(unknown)}});
  }

  // A document's commitments together, documents and commitments in the order of the list.
  [[nodiscard]] std::vector<std::size_t> by_document() const {
    std::map<std::string_view, std::size_t> first;
    std::vector<std::size_t> rows;
    for (std::size_t row = 0; row < matrix_.commitments.size(); ++row) {
      first.try_emplace(matrix_.commitments[row].row.document, row);
      rows.push_back(row);
    }
    std::ranges::stable_sort(
        rows, {}, [&](std::size_t row) { return first.at(matrix_.commitments[row].row.document); });
    return rows;
  }

  Result<void> add_commitments() {
    std::string document;
    for (const std::size_t row : by_document()) {
      const Member& member = matrix_.commitments[row];
      if (member.row.document != document) {
        document = member.row.document;
        const auto* known = parts_.catalogue().find_document(document);
        add(PaperHeading{
            .level = 2,
            .text = fmt::format("{} ({})", known == nullptr ? document : known->title.in(language_),
                                member.row.year),
            .id = document});
      }
      paragraph(linked(member.row.title.empty() ? member.row.text_start : member.row.title,
                       "/follow-up/commitments/" + member.row.id),
                PaperStyle::item);
      std::string words;
      const auto append = [&](const std::string& more) {
        words += words.empty() || more.empty() ? more : " " + more;
      };
      if (has(BriefLayer::reports)) {
        append(value_lines(row, true));
      }
      if (has(BriefLayer::assessments)) {
        append(value_lines(row, false));
      }
      if (has(BriefLayer::treaties)) {
        append(treaty_line(row));
      }
      if (!asks_any(row)) {
        words = nobody_asked(member);
      }
      if (!words.empty()) {
        paragraph(std::move(words), PaperStyle::small);
      }
      if (has(BriefLayer::assessments)) {
        ATALAYA_TRY(add_assessed(row));
      }
    }
    return {};
  }

  Result<void> add_assessed(std::size_t row) {
    std::vector<detail::AssessedCell> cells;
    for (std::size_t i = 0; i < matrix_.actors.size(); ++i) {
      const Cell& cell = matrix_.at(row, i);
      if (cell.applicability == Applicability::applicable) {
        cells.push_back({plain(state_name(matrix_.actors[i])), matrix_.commitments[row].row.id,
                         matrix_.actors[i], &cell});
      }
    }
    return detail::add_assessments(*this, matrix_.scale, cells);
  }

  const Parts& parts_;
  const ProgressRequest& request_;
  Language language_;
  Matrix matrix_;
  const Scale* scale_ = nullptr;
  bool parliaments_ = false;  // the meeting is one of parliaments
};

}  // namespace

Result<Paper> compose_progress(const Parts& parts, const ProgressRequest& request) {
  const auto& meetings = parts.catalogue().meetings();
  const bool known = std::ranges::any_of(meetings, [&](const auto& meeting) {
    return meeting.series != "primer" &&
           (meeting.id == request.meeting || meeting.series == request.meeting);
  });
  if (!known) {
    return fail(Error{ErrorCode::not_found,
                      "followup.progress.meeting",
                      "no such meeting or series of meetings",
                      {{"id", request.meeting.substr(0, 60)}}});
  }
  return Progress(parts, request).compose();
}

}  // namespace atalaya::followup
