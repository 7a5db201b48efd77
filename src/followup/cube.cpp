// Which cells exist and what they hold. Whether an actor is asked is decided once per document and
// actor; values come from the cache; treaty statuses are derived for the same day.
#include <atalaya/followup/cube.hpp>

#include <algorithm>
#include <limits>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/base/text.hpp>
#include <atalaya/commitments/themes.hpp>
#include <atalaya/identity/shown_names.hpp>

#include "checks.hpp"
#include "cube_cache.hpp"
#include "cube_rules.hpp"
#include "packages_rows.hpp"
#include "record.hpp"

namespace atalaya::followup {
namespace {

constexpr std::string_view kParliament = ".parliament";

std::unexpected<Error> not_found(std::string_view reason, std::string_view id) {
  return fail(Error{ErrorCode::not_found,
                    fmt::format("followup.{}", reason),
                    "the follow-up knows nothing of this name",
                    {{"id", std::string(id.substr(0, 80))}}});
}

// Data and sources of all cells, small beside the values.
struct Data {
  std::map<std::pair<std::string, std::string>, std::int32_t> entries;
  using Periods = std::map<std::string, std::string, std::less<>>;  // of a figure, by country
  std::map<std::string, Periods, std::less<>> published;            // by indicator
  std::map<std::string, std::vector<const Periods*>, std::less<>> measuring;  // by commitment
  std::set<std::pair<std::string, std::string>> positions;                    // commitment, actor
  TreatyMatrix treaties;
  std::map<std::string, std::size_t, std::less<>> state_at, treaty_at;
};

// Of the indicators linked as measuring a commitment, the newest published figure of each country:
// where no figure is, nothing is measured.
Result<void> read_measured(const Parts& parts, CivilDate as_of,
                           const std::vector<std::pair<std::string, std::string>>& links,
                           Data& data) {
  if (parts.indicators == nullptr) {
    return {};
  }
  const std::string day = as_of == parts.today() ? std::string() : to_string(as_of);
  for (const auto& [commitment, indicator] : links) {
    const auto [known, fresh] = data.published.try_emplace(indicator);
    if (fresh) {
      const auto figures = ATALAYA_TRY(parts.indicators->across(indicator, day, Language::en));
      for (const auto& [country, figure] : figures) {
        if (figure.value) {
          known->second.emplace(country, figure.period);
        }
      }
    }
    data.measuring[commitment].push_back(&known->second);
  }
  return {};
}

Result<Data> read_data(const Parts& parts, CivilDate as_of,
                       const std::optional<CivilDate>& known_on) {
  Data out;
  // Instants are "2026-11-22T02:15:00Z": no hour of that day comes after "T99".
  const std::string until = known_on ? to_string(*known_on) + "T99" : std::string("9999");
  std::vector<std::pair<std::string, std::string>> measuring;  // commitment, indicator
  ATALAYA_TRY(parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto entries = ATALAYA_TRY(tx.query(
        "SELECT commitment, actor, COUNT(*) FROM followup_data_entries WHERE (superseded_at "
        "IS NULL OR superseded_at > $2) AND date <= $1 AND added_at <= $2 GROUP BY "
        "commitment, actor",
        {to_string(as_of), until}));
    for (const auto& row : entries) {
      out.entries[{row.text(0), row.text(1)}] = static_cast<std::int32_t>(row.integer(2));
    }
    const auto links = ATALAYA_TRY(
        tx.query("SELECT DISTINCT commitment, indicator FROM followup_indicator_links WHERE "
                 "(superseded_at IS NULL OR superseded_at > $1) AND added_at <= $1 AND kind = "
                 "'measures_implementation'",
                 {until}));
    for (const auto& row : links) {
      measuring.emplace_back(row.text(0), row.text(1));
    }
    const auto positions = ATALAYA_TRY(
        tx.query("SELECT a.commitment, p.actor FROM statements_of_position p JOIN appearances a ON "
                 "a.source = p.source AND a.ordinal = p.on_ordinal WHERE p.on_role = 'operative'"));
    for (const auto& row : positions) {
      out.positions.emplace(row.text(0), row.text(1));
    }
    return {};
  }));
  ATALAYA_TRY(read_measured(parts, as_of, measuring, out));
  out.treaties = ATALAYA_TRY(Treaties(parts).matrix(as_of, {}, {}, known_on));
  for (std::size_t i = 0; i < out.treaties.states.size(); ++i) {
    out.state_at[out.treaties.states[i]] = i;
  }
  for (std::size_t i = 0; i < out.treaties.instruments.size(); ++i) {
    out.treaty_at[out.treaties.instruments[i]] = i;
  }
  return out;
}

void add_data(const Member& member, const std::string& actor, const Data& data, Cell& cell) {
  const auto entries = data.entries.find({member.row.id, actor});
  cell.entries = entries == data.entries.end() ? 0 : entries->second;
  if (const auto measuring = data.measuring.find(member.row.id);
      measuring != data.measuring.end()) {
    cell.measured = std::ranges::any_of(measuring->second, [&](const Data::Periods* periods) {
      const auto figure = periods->find(country_of(actor));
      return figure != periods->end() && !is_baseline(figure->second, member.adopted);
    });
  }
  const auto state = data.state_at.find(actor);
  if (state == data.state_at.end()) {
    return;
  }
  for (const std::string& treaty : member.treaties) {
    const TreatyState& status = data.treaties.at(state->second, data.treaty_at.at(treaty));
    if (!member.asks_to_join) {
      ++cell.named;
      cell.named_party += status.status == TreatyStatus::party ? 1 : 0;
      cell.named_unknown += status.status == TreatyStatus::unknown ? 1 : 0;
      continue;
    }
    ++cell.treaties;
    cell.treaties_party += status.status == TreatyStatus::party ? 1 : 0;
    cell.treaties_unknown += status.status == TreatyStatus::unknown ? 1 : 0;
  }
}

std::string day_text(std::int32_t day) {
  return fmt::format("{:04}-{:02}-{:02}", day / 10'000, day / 100 % 100, day % 100);
}

void add_values(const CubeCache::Values& values, const Member& member, const std::string& actor,
                const MatrixQuery& query, Cell& cell) {
  const std::int32_t day = CubeCache::day_of(query.as_of);
  const std::int32_t known = query.known_on ? CubeCache::day_of(*query.known_on)
                                            : std::numeric_limits<std::int32_t>::max();
  if (const auto* report = values.find(CubeCache::report_key(member.row.id, actor), day, known)) {
    cell.report = values.texts[static_cast<std::size_t>(report->value)];
    cell.report_as_of = day_text(report->day);
  }
  for (const std::string& scale : values.scales) {
    const auto* found =
        values.find(CubeCache::assessment_key(member.row.id, actor, scale), day, known);
    if (found == nullptr) {
      continue;
    }
    OtherAssessment one{
        scale, values.texts[static_cast<std::size_t>(found->value)], day_text(found->day),
        found->node < 0 ? std::string() : values.texts[static_cast<std::size_t>(found->node)],
        found->dissent};
    if (scale == query.scale) {
      cell.assessment = std::move(one.value);
      cell.assessment_as_of = std::move(one.as_of);
      cell.assessment_node = std::move(one.node);
      cell.dissent = one.dissent;
    } else {
      cell.other_scales.push_back(std::move(one));
    }
  }
}

// The node whose coders alone assessed a cell; "" where this one's did.
std::string_view node_of(const Cell& cell) {
  const bool here = cell.assessment != kNotAssessed && cell.assessment_node.empty();
  const bool here_too = std::ranges::any_of(
      cell.other_scales, [](const OtherAssessment& one) { return one.node.empty(); });
  if (here || here_too || !is_assessed(cell)) {
    return {};
  }
  return cell.assessment_node.empty() ? cell.other_scales.front().node : cell.assessment_node;
}

Result<std::shared_ptr<const std::vector<Member>>> list_of(
    const Parts& parts, Language language, const std::optional<CivilDate>& known_on) {
  if (!known_on || *known_on >= parts.today()) {
    return parts.cube->members(parts, language);
  }
  auto known = ATALAYA_TRY(CubeCache::members_known(parts, language, *known_on));
  return std::make_shared<const std::vector<Member>>(std::move(known));
}

bool wanted(const Member& member, const MatrixQuery& query,
            const commitments::Catalogue& catalogue) {
  if (!query.commitments.empty()) {
    return std::ranges::find(query.commitments, member.row.id) != query.commitments.end();
  }
  const auto* meeting = catalogue.find_meeting(member.row.meeting);
  const std::string_view series = meeting == nullptr ? std::string_view() : meeting->series;
  return member.row.actionable &&
         commitments::stands_under(catalogue, query.theme, member.themes) &&
         (query.series.empty() || query.series == series) &&
         (query.series_not.empty() || query.series_not != series);
}

// That a node whose trust ended once said something stays; what it said does not.
void hide_values(ChangeView& change) {
  for (std::string* value : {&change.before, &change.after}) {
    if (change.kind == "assessment" && *value != kNotAssessed) {
      *value = "of_removed_node";
    }
  }
}

// What a query of the history is about, as a condition and its parameters.
std::pair<std::string, store::Parameters> about(const ChangeQuery& query,
                                                const commitments::Catalogue& catalogue) {
  std::string sql = " WHERE position > $1";
  store::Parameters parameters = {query.after};
  if (!query.commitment.empty()) {
    // Who took part is recorded of a document, for all of its commitments at once: the subject of
    // such a line's leaf names the document ('0' follows '/').
    parameters.emplace_back(query.commitment);
    sql +=
        " AND (commitment = $2 OR (kind = 'participation' AND leaf IN (SELECT l.leaf_index FROM "
        "commitments c JOIN ledger_leaves l ON l.subject >= 'participation/' || c.document || '/' "
        "AND l.subject < 'participation/' || c.document || '0' WHERE c.id = $2)))";
  }
  const std::pair<std::string_view, const std::string*> filters[] = {
      {"actor", &query.actor}, {"instrument", &query.instrument}};
  for (const auto& [column, value] : filters) {
    if (!value->empty()) {
      parameters.emplace_back(*value);
      sql += fmt::format(" AND ({} = ${}", column, parameters.size());
      // An indicator is linked to a commitment and stands in the cells of all actors.
      const bool of_cell = value == &query.actor && !query.commitment.empty();
      sql += of_cell ? " OR (actor = '' AND kind = 'indicator_link'))" : ")";
    }
  }
  if (!query.theme.empty()) {
    std::vector<std::string> names;
    for (std::string& theme : commitments::with_narrower(catalogue, {query.theme})) {
      parameters.emplace_back(std::move(theme));
      names.push_back(fmt::format("${}", parameters.size()));
    }
    sql += fmt::format(
        " AND commitment IN (SELECT commitment FROM commitment_links WHERE kind = 'theme' AND "
        "target IN ({0}) UNION SELECT id FROM commitments WHERE theme IN ({0}))",
        fmt::join(names, ","));
  }
  return {std::move(sql), std::move(parameters)};
}

// The first day of "2009-05-01", "2009-05" or "2009".
Result<void> check_participation(const Parts& parts, const Participation& row) {
  constexpr std::string_view kKinds[] = {
      "took_part", "adopted", "joined_later", "statement_of_position", "left", "absent"};
  const auto* document = parts.catalogue().find_document(row.document);
  if (document == nullptr) {
    return not_found("document", row.document);
  }
  if (!actor_kind(row.actor, parts.catalogue())) {
    return not_found("actor", row.actor);
  }
  const auto last = last_day(row.date);
  const auto first = detail::first_day(row.date);
  const auto read = parse_civil_date(row.read_on);
  if (std::ranges::find(kKinds, row.kind) == std::end(kKinds) || !last || !first ||
      trim(row.source).empty() || row.source.size() > 1000 || row.note.size() > 1000 || !read) {
    return fail(Error{ErrorCode::invalid_argument,
                      "followup.participation",
                      "kind, date, source or the day of reading is missing or wrong",
                      {{"value", row.kind.substr(0, 40)}}});
  }
  for (const CivilDate day : {*first, *read}) {
    if (day > parts.today()) {
      return detail::invalid("future", to_string(day));
    }
  }
  ATALAYA_TRY(detail::check_read(row.date, row.read_on));
  // Nobody adopts, joins or leaves a text before there is one.
  const auto* meeting = parts.catalogue().find_meeting(document->meeting);
  const auto begins = parse_civil_date(meeting == nullptr ? std::string() : meeting->begins);
  if (begins && *last < *begins) {
    return fail(Error{ErrorCode::invalid_argument,
                      "followup.participation.early",
                      "the day lies before the meeting that adopted the text",
                      {{"date", row.date}, {"adopted", meeting->begins}}});
  }
  ATALAYA_TRY(detail::check_no_login(row.source));
  ATALAYA_TRY(detail::check_no_login(row.note));
  return {};
}

// An actor's own word says in what it takes part where nobody has said so. That it left, stayed away
// or was, against a list, there after all is for the editors: it decides what is counted.
Result<void> check_own_word(const Parts& parts, const std::vector<Participation>& rows,
                            const Participation& row) {
  const detail::Participants held(rows, parts.today());
  const detail::Part part = held.find(row.document, row.actor);
  const bool dated_later = std::ranges::any_of(rows, [&](const Participation& one) {
    return one.document == row.document && one.actor == row.actor;
  });
  const bool unknown = !dated_later && !part.listed;
  const bool adds = row.kind == "statement_of_position" && part.takes_part && !part.left;
  const bool outs = row.kind == "left" || row.kind == "absent";
  if (outs || (!unknown && !adds)) {
    return fail(Error{ErrorCode::conflict,
                      "followup.participation.editors",
                      "what is recorded is changed by the editors of the node, with a source",
                      {{"actor", row.actor}}});
  }
  return {};
}

// Who took part and who did not cannot be the same, whatever came later.
Result<void> check_one_story(const std::vector<Participation>& rows, const Participation& row) {
  const auto there = [](const Participation& one) {
    return one.kind == "took_part" || one.kind == "adopted" || one.kind == "statement_of_position";
  };
  for (const Participation& held : rows) {
    if ((there(row) && held.kind == "absent") || (row.kind == "absent" && there(held))) {
      return fail(Error{ErrorCode::conflict,
                        "followup.participation.contradicts",
                        "what is recorded says the opposite",
                        {{"date", held.date}, {"value", held.source}}});
    }
  }
  return {};
}

}  // namespace

std::optional<ActorKind> actor_kind(std::string_view actor,
                                    const commitments::Catalogue& catalogue) {
  const bool parliament = actor.ends_with(kParliament);
  const auto* country = catalogue.find_country(country_of(actor));
  if (parliament) {
    return country == nullptr ? std::nullopt : std::optional(ActorKind::parliament);
  }
  if (country != nullptr) {
    return country->is_state ? std::optional(ActorKind::state) : std::nullopt;
  }
  return catalogue.find_institution(actor) == nullptr ? std::nullopt
                                                      : std::optional(ActorKind::institution);
}

std::string_view country_of(std::string_view actor) {
  if (actor.ends_with(kParliament)) {
    actor.remove_suffix(kParliament.size());
  }
  const bool code =
      actor.size() == 3 && std::ranges::all_of(actor, [](char c) { return c >= 'A' && c <= 'Z'; });
  return code ? actor : std::string_view();
}

std::string_view to_string(Applicability value) noexcept {
  switch (value) {
    case Applicability::applicable:
      return "applicable";
    case Applicability::not_applicable:
      return "not_applicable";
    case Applicability::before_adoption:
      return "before_adoption";
    case Applicability::participation_unknown:
      return "participation_unknown";
  }
  return "not_applicable";
}

std::string_view shown_report(const Cell& cell) noexcept {
  const bool own = cell.applicability == Applicability::applicable || cell.report != kNotReported;
  return own ? std::string_view(cell.report) : to_string(cell.applicability);
}

std::string_view shown_assessment(const Cell& cell) noexcept {
  const bool own =
      cell.applicability == Applicability::applicable || cell.assessment != kNotAssessed;
  return own ? std::string_view(cell.assessment) : to_string(cell.applicability);
}

bool is_assessed(const Cell& cell) noexcept {
  return cell.assessment != kNotAssessed || !cell.other_scales.empty();
}

bool has_dissent(const Cell& cell) noexcept {
  return cell.dissent || std::ranges::any_of(cell.other_scales, &OtherAssessment::dissent);
}

bool is_baseline(std::string_view period, std::string_view adopted) noexcept {
  // Of the same year or month, it is none only where that began with the adoption.
  constexpr std::string_view kFirstDay = "0000-01-01";
  if (period.empty()) {
    return false;
  }
  const std::size_t known = std::min({period.size(), adopted.size(), kFirstDay.size()});
  return period != adopted.substr(0, known) ? period < adopted
                                            : adopted.substr(known) > kFirstDay.substr(known);
}

std::optional<std::int32_t> derive_g20(const Scale& scale, std::string_view value) {
  const ScaleValue* found = scale.find(value);
  return found == nullptr ? std::nullopt : found->g20;
}

Counts count_cells(const std::vector<const Cell*>& cells, const Scale* scale) {
  Counts out;
  for (const Cell* cell : cells) {
    ++out.cells;
    out.applicable += cell->applicability == Applicability::applicable ? 1 : 0;
    out.not_applicable += cell->applicability == Applicability::not_applicable ? 1 : 0;
    out.before_adoption += cell->applicability == Applicability::before_adoption ? 1 : 0;
    out.participation_unknown +=
        cell->applicability == Applicability::participation_unknown ? 1 : 0;
    if (cell->applicability != Applicability::applicable) {
      continue;
    }
    out.reported += cell->report != kNotReported ? 1 : 0;
    out.assessed += is_assessed(*cell) ? 1 : 0;
    out.assessed_on_scale += cell->assessment != kNotAssessed ? 1 : 0;
    out.dissent += has_dissent(*cell) ? 1 : 0;
    const bool data =
        cell->treaties > cell->treaties_unknown || cell->entries > 0 || cell->measured;
    out.with_data += data ? 1 : 0;
    if (const auto node = node_of(*cell); !node.empty()) {
      out.by_node[std::string(node)] += 1;
    }
    out.by_report[cell->report] += 1;
    out.by_assessment[cell->assessment] += 1;
    const auto g20 = scale == nullptr ? std::nullopt : derive_g20(*scale, cell->assessment);
    out.by_g20[g20 ? std::to_string(*g20) : std::string("none")] += 1;
  }
  return out;
}

Counts count_matrix(const Matrix& matrix, const Scale* scale) {
  std::vector<const Cell*> cells;
  cells.reserve(matrix.cells.size());
  for (const Cell& cell : matrix.cells) {
    cells.push_back(&cell);
  }
  return count_cells(cells, scale);
}

std::int32_t first_year(const Matrix& matrix) {
  std::int32_t first = 0;
  for (std::size_t i = 0; i < matrix.cells.size(); ++i) {
    if (matrix.cells[i].applicability == Applicability::applicable) {
      const std::int32_t year = matrix.commitments[i / matrix.actors.size()].row.year;
      first = first == 0 ? year : std::min(first, year);
    }
  }
  return first;
}

Result<std::vector<Member>> Cube::members(Language language) const {
  const auto all = ATALAYA_TRY(parts_.cube->members(parts_, language));
  return *all;
}

Result<Member> Cube::member(std::string_view commitment, Language language,
                            std::optional<CivilDate> known_on) const {
  const auto all = ATALAYA_TRY(list_of(parts_, language, known_on));
  const auto it = std::ranges::find(
      *all, commitment, [](const Member& member) -> const std::string& { return member.row.id; });
  if (it == all->end()) {
    return not_found("commitment", commitment);
  }
  return *it;
}

Result<Matrix> Cube::matrix(const MatrixQuery& query) const {
  if (parts_.reference->find_scale(query.scale) == nullptr) {
    return fail(Error{ErrorCode::invalid_argument,
                      "followup.scale",
                      "no scale of the catalogue has this name",
                      {{"value", query.scale.substr(0, 40)}}});
  }
  if (!query.theme.empty() && parts_.catalogue().find_theme(query.theme) == nullptr) {
    return not_found("theme", query.theme);
  }
  Matrix out;
  out.as_of = to_string(query.as_of);
  out.scale = query.scale;
  out.actors = query.actors;
  if (out.actors.empty()) {
    for (const auto& country : parts_.catalogue().countries()) {
      if (country.is_state) {
        out.actors.push_back(country.id);
      }
    }
  }
  std::vector<ActorKind> kinds;
  for (const std::string& actor : out.actors) {
    const auto kind = actor_kind(actor, parts_.catalogue());
    if (!kind) {
      return not_found("actor", actor);
    }
    kinds.push_back(*kind);
  }
  const auto rows = ATALAYA_TRY(participations({}, {}, query.known_on));
  const detail::Participants participants(rows, query.as_of);
  const auto all = ATALAYA_TRY(list_of(parts_, query.language, query.known_on));
  std::vector<const Member*> members;  // as asked for
  for (const Member& member : *all) {
    if (wanted(member, query, parts_.catalogue())) {
      members.push_back(&member);
    }
  }
  // A page of question marks says little: what nobody recorded participants of comes last.
  std::set<std::string_view> recorded;
  for (const Participation& row : rows) {
    if (row.kind == "took_part" || row.kind == "adopted") {
      recorded.insert(row.document);
    }
  }
  std::ranges::stable_partition(
      members, [&](const Member* member) { return recorded.contains(member->row.document); });
  out.total = std::ssize(members);
  const std::int64_t end =
      std::min<std::int64_t>(out.total, std::int64_t{query.offset} + query.limit);
  for (std::int64_t i = query.offset; i < end; ++i) {
    out.commitments.push_back(*members[static_cast<std::size_t>(i)]);
  }
  const Data data = ATALAYA_TRY(read_data(parts_, query.as_of, query.known_on));
  out.cells.resize(out.commitments.size() * out.actors.size());
  ATALAYA_TRY(parts_.cube->with(parts_, [&](const CubeCache::Values& values) {
    std::size_t at = 0;
    for (const Member& member : out.commitments) {
      for (std::size_t i = 0; i < out.actors.size(); ++i) {
        Cell& cell = out.cells[at++];
        const detail::Part part = participants.find(member.row.document, out.actors[i]);
        cell.applicability =
            detail::applicability_of(member, out.actors[i], kinds[i], part, query.as_of);
        cell.statement_of_position = data.positions.contains({member.row.id, out.actors[i]});
        if (cell.applicability == Applicability::before_adoption) {
          continue;
        }
        // What was reported or published stays to be read, whoever is recorded to have left since.
        add_values(values, member, out.actors[i], query, cell);
        if (cell.applicability != Applicability::not_applicable) {
          add_data(member, out.actors[i], data, cell);
        }
      }
    }
  }));
  return out;
}

Result<MatrixQuery> Cube::over_all(ActorKind kind, MatrixQuery query) const {
  constexpr std::string_view kPriorities = "pns";  // series
  if (kind == ActorKind::parliament) {
    query.series = kPriorities;
    for (const auto& country : parts_.catalogue().countries()) {
      query.actors.push_back(fmt::format("{}{}", country.id, kParliament));
    }
    return query;
  }
  if (query.series.empty()) {
    query.series_not = kPriorities;
  }
  if (kind == ActorKind::institution) {
    const auto all = ATALAYA_TRY(members(query.language));
    std::set<std::string_view> organs;
    for (const Member& member : all) {
      organs.insert(member.organs.begin(), member.organs.end());
    }
    for (const auto& institution : parts_.catalogue().institutions()) {
      if (organs.contains(institution.id)) {
        query.actors.push_back(institution.id);
      }
    }
    query.limit = query.actors.empty() ? 0 : query.limit;  // no actors would mean every state
  }
  return query;
}

Result<Cell> Cube::cell(std::string_view commitment, std::string_view actor, CivilDate as_of,
                        std::string_view scale, std::optional<CivilDate> known_on) const {
  MatrixQuery query;
  query.commitments = {std::string(commitment)};
  query.actors = {std::string(actor)};
  query.as_of = as_of;
  query.scale = scale;
  query.known_on = known_on;
  const Matrix matrix = ATALAYA_TRY(this->matrix(query));
  if (matrix.cells.empty()) {
    return not_found("commitment", commitment);
  }
  return matrix.cells.front();
}

Result<std::vector<Participation>> Cube::participations(std::string_view document,
                                                        std::string_view actor,
                                                        std::optional<CivilDate> known_on) const {
  std::vector<Participation> out;
  const auto fits = [&](const Participation& row) {
    return (document.empty() || row.document == document) && (actor.empty() || row.actor == actor);
  };
  for (const Participation& row : parts_.reference->participations()) {
    if (fits(row)) {
      out.push_back(row);
    }
  }
  // As in read_data(): no hour of a day comes after "T99".
  const std::string until = known_on ? to_string(*known_on) + "T99" : std::string("9999");
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT id, document, actor, kind, date, source, read_on, note, added_at, "
                 "added_by FROM followup_participations WHERE (superseded_at IS NULL OR "
                 "superseded_at > $1) AND added_at <= $1 ORDER BY id",
                 {until}));
    const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
    for (const auto& row : rows) {
      Participation one{row.integer(0), row.text(1), row.text(2), row.text(3), row.text(4),
                        row.text(5),    row.text(6), row.text(7), row.text(8), row.text(9)};
      if (fits(one)) {
        one.added_by = names.of(one.added_by);
        out.push_back(std::move(one));
      }
    }
    return {};
  }));
  return out;
}

Result<std::map<std::string, DocumentPart, std::less<>>> Cube::parts_of(std::string_view state,
                                                                        CivilDate as_of) const {
  const auto rows = ATALAYA_TRY(participations({}, {}));
  const detail::Participants participants(rows, as_of);
  std::map<std::string, DocumentPart, std::less<>> out;
  for (const auto& document : parts_.catalogue().documents()) {
    const DocumentPart own = participants.find(document.id, std::string(state));
    const DocumentPart parliament =
        participants.find(document.id, fmt::format("{}{}", state, kParliament));
    out[document.id] = {.takes_part = own.takes_part || parliament.takes_part,
                        .left = own.left || parliament.left,
                        .absent = own.absent || parliament.absent,
                        .listed = own.listed};
  }
  return out;
}

Result<std::int64_t> Cube::add_participation(const Participation& row, std::string_view by,
                                             ForItself itself) const {
  ATALAYA_TRY(check_participation(parts_, row));
  if (itself == ForItself::yes) {
    const auto rows = ATALAYA_TRY(participations({}, {}));
    ATALAYA_TRY(check_own_word(parts_, rows, row));
  }
  const auto held = ATALAYA_TRY(participations(row.document, row.actor));
  ATALAYA_TRY(check_one_story(held, row));
  std::int64_t id = 0;
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    id = ATALAYA_TRY(detail::next_ids(tx, 1));
    ATALAYA_TRY(tx.execute(
        "INSERT INTO followup_participations(id, document, actor, kind, date, source, read_on, "
        "note, added_at, added_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        {id, row.document, row.actor, row.kind, row.date, row.source, row.read_on, row.note,
         to_string(parts_.clock->now()), std::string(by)}));
    const detail::Leaf leaf{"followup.participation",
                            fmt::format("participation/{}/{}", row.document, row.actor),
                            {{"kind", row.kind},
                             {"date", row.date},
                             {"source", row.source},
                             {"note", row.note},
                             {"by", by}}};
    detail::Change change;
    change.kind = "participation";
    change.actor = row.actor;
    change.after = fmt::format("{} {}", row.kind, row.date);
    change.why = row.source;
    change.by = by;
    return detail::record(parts_, tx, leaf, {change});
  }));
  ATALAYA_TRY(detail::noticed(parts_));
  return id;
}

Result<void> Cube::retract_participation(std::int64_t id, std::string_view reason,
                                         std::string_view by) const {
  reason = trim(reason);
  ATALAYA_TRY(detail::check_text(reason, 2000));
  ATALAYA_TRY(detail::check_reason(reason));
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto gone = ATALAYA_TRY(
        tx.query("UPDATE followup_participations SET superseded_at = $2, superseded_by = $3 WHERE "
                 "id = $1 AND superseded_at IS NULL RETURNING document, actor, kind, date",
                 {id, to_string(parts_.clock->now()), std::string(by)}));
    if (gone.empty()) {
      return not_found("participation", std::to_string(id));
    }
    const auto& row = gone.front();
    detail::Change change;
    change.kind = "participation";
    change.actor = row.text(1);
    change.before = fmt::format("{} {}", row.text(2), row.text(3));
    change.why = reason;
    change.by = by;
    return detail::record(parts_, tx,
                          {"followup.participation.retracted",
                           fmt::format("participation/{}/{}", row.text(0), row.text(1)),
                           {{"id", id},
                            {"kind", row.text(2)},
                            {"date", row.text(3)},
                            {"reason", reason},
                            {"by", by}}},
                          {change});
  }));
  return detail::noticed(parts_);
}

Result<std::vector<ChangeView>> Cube::changes(const ChangeQuery& query) const {
  auto [where, parameters] = about(query, parts_.catalogue());
  parameters.emplace_back(query.limit);
  std::string order = fmt::format(" ORDER BY position DESC LIMIT ${}", parameters.size());
  if (query.from_oldest) {
    parameters.emplace_back(*query.from_oldest);
    order = fmt::format(" ORDER BY position LIMIT ${} OFFSET ${}", parameters.size() - 1,
                        parameters.size());
  }
  const std::string sql =
      "SELECT position, leaf, at, by_name, kind, commitment, actor, instrument, before_value, "
      "after_value, why, (SELECT CASE l.kind WHEN 'followup.peer' THEN l.subject || '/' ELSE "
      "l.subject END FROM ledger_leaves l WHERE l.leaf_index = followup_changes.leaf AND l.kind IN "
      "('followup.peer', 'followup.package.import')) FROM followup_changes" +
      where + order;
  std::vector<ChangeView> out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    out.clear();
    const auto rows = ATALAYA_TRY(tx.query(sql, parameters));
    const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
    const auto keys = ATALAYA_TRY(detail::PeerKeys::read(tx));
    for (const auto& row : rows) {
      out.push_back({row.integer(0), row.integer(1), row.text(2), names.of(row.text(3)), row.text(4),
                     row.text(5), row.text(6), row.text(7), row.text(8), row.text(9),
                     row.text(10), 0});
      ChangeView& change = out.back();
      if (change.kind == "alternative_report" || change.kind == "correction") {
        // Of what others submitted the row names its number, which is no reason.
        change.submission = std::atoll(change.why.c_str());
        change.why.clear();
      }
      if (const std::string from = row.text_or_empty(11);
          !from.empty() && !keys.trusts(from.substr(0, from.rfind('/')), change.leaf)) {
        hide_values(change);
      }
    }
    return {};
  }));
  if (query.from_oldest) {
    std::ranges::reverse(out);
  }
  return out;
}

Result<std::int64_t> Cube::count_changes(const ChangeQuery& query) const {
  const auto [where, parameters] = about(query, parts_.catalogue());
  std::int64_t out = 0;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto row =
        ATALAYA_TRY(tx.query_one("SELECT COUNT(*) FROM followup_changes" + where, parameters));
    out = row.integer(0);
    return {};
  }));
  return out;
}

}  // namespace atalaya::followup
