// Public pages of the cube: matrix, one commitment, one actor, one cell.
#include <algorithm>

#include <fmt/format.h>

#include "followup_access.hpp"
#include "followup_forms.hpp"
#include "kept_page.hpp"
#include "pages_followup_cells.hpp"
#include "route_parts.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

using followup::CodingDesk;
using followup::Cube;
using followup::DataSources;
using followup::Reports;

constexpr std::int32_t kCommitmentsMax = 20'000;  // no list of the follow-up is cut in silence

Result<http::Response> page(const Call& call, Node& node, const RenderPage& render) {
  return kept_page(call, node, followup_version(node), render);
}

// A day before today as of whose knowledge a page is asked for.
std::optional<CivilDate> known_on(const Call& call, const Node& node) {
  const auto day = call.date("known_on");
  return day && *day < utc_date(node.clock->now()) ? day : std::nullopt;
}

Result<MatrixView> matrix_view(const Node& node, followup::MatrixQuery query) {
  MatrixView view;
  const auto& parts = node.followup->parts();
  view.reference = parts.reference.get();
  view.matrix = ATALAYA_TRY(Cube(parts).matrix(query));
  view.counts = followup::count_matrix(view.matrix, parts.reference->find_scale(query.scale));
  view.query = std::move(query);
  return view;
}

Result<MatrixView> asked_view(const Call& call, const Node& node, followup::MatrixQuery query) {
  const bool g20 = call.text("scale") == "g20";  // another view of the scale of implementation
  query.scale = g20 ? "implementation" : call.text("scale");
  query.as_of = ATALAYA_TRY(asked_day(call, node));
  query.known_on = known_on(call, node);
  query.language = call.language;
  MatrixView view = ATALAYA_TRY(matrix_view(node, std::move(query)));
  view.g20 = g20;
  return view;
}


// Counted is the whole list, shown one page of it.
void show_page(MatrixView& view) {
  followup::Matrix& matrix = view.matrix;
  const std::size_t all = matrix.commitments.size();
  const auto rows = static_cast<std::size_t>(kMatrixRows);
  const std::size_t from = std::min(all, static_cast<std::size_t>(view.page - 1) * rows);
  const std::size_t to = std::min(all, from + rows);
  const auto cell = [&](std::size_t row) {
    return matrix.cells.begin() + static_cast<std::ptrdiff_t>(row * matrix.actors.size());
  };
  matrix.cells = std::vector<followup::Cell>(cell(from), cell(to));
  const auto member = [&](std::size_t row) {
    return matrix.commitments.begin() + static_cast<std::ptrdiff_t>(row);
  };
  matrix.commitments = std::vector<followup::Member>(member(from), member(to));
}

Result<http::Response> get_matrix(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    followup::MatrixQuery query;
    query.theme = call.text("theme");
    query.series = call.text("series");
    const std::int32_t number = std::clamp(page_from(call.request.query), 1, 10'000);
    query.limit = kCommitmentsMax;
    query = ATALAYA_TRY(Cube(node.followup->parts()).over_all(asked_kind(call), std::move(query)));
    MatrixView view = ATALAYA_TRY(asked_view(call, node, std::move(query)));
    view.who = call.text("who");
    view.page = number;
    show_page(view);
    return render_matrix(context, view);
  });
}

Result<http::Response> get_commitment(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    const Cube cube(node.followup->parts());
    const auto member =
        ATALAYA_TRY(cube.member(call.text("id"), call.language, known_on(call, node)));
    followup::MatrixQuery query;
    query.commitments = {member.row.id};
    for (const auto& country : node.desk->catalogue().countries()) {
      if (member.parliamentary) {
        query.actors.push_back(country.id + ".parliament");
      } else if (country.is_state) {
        query.actors.push_back(country.id);
      }
    }
    query.actors.insert(query.actors.end(), member.organs.begin(), member.organs.end());
    MatrixView view = ATALAYA_TRY(asked_view(call, node, std::move(query)));
    view.alternatives =
        ATALAYA_TRY(followup::Submissions(node.followup->parts()).published(member.row.id, {}));
    return render_commitment_followup(context, view);
  });
}

Result<http::Response> get_actor(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    followup::MatrixQuery query;
    query.actors = {std::string(call.text("actor"))};
    query.theme = call.text("theme");
    query.limit = kCommitmentsMax;
    const MatrixView view = ATALAYA_TRY(asked_view(call, node, std::move(query)));
    return render_actor_followup(context, view);
  });
}

// Whether the node wrote it after the day as of whose knowledge the page was asked for.
bool later(const CellView& view, std::string_view at) {
  return !view.known_on.empty() && at.substr(0, 10) > view.known_on;
}

Result<CellView> cell_view(const Call& call, Node& node) {
  const auto& parts = node.followup->parts();
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  CellView view;
  view.reference = parts.reference.get();
  view.actor = call.text("actor");
  const Cube cube(parts);
  const std::optional<CivilDate> known = known_on(call, node);
  view.known_on = known ? to_string(*known) : std::string();
  view.member = ATALAYA_TRY(cube.member(call.text("id"), call.language, known));
  const CivilDate day = ATALAYA_TRY(asked_day(call, node));
  view.as_of = to_string(day);
  view.cell = ATALAYA_TRY(cube.cell(view.member.row.id, view.actor, day, "implementation", known));
  view.reports = ATALAYA_TRY(Reports(parts).versions(view.member.row.id, view.actor));
  std::erase_if(view.reports, [&](const followup::Report& report) {
    return report.as_of > view.as_of || later(view, report.reported_at);
  });
  std::ranges::stable_sort(view.reports, std::ranges::greater(), &followup::Report::as_of);
  const CodingDesk coding(parts);
  view.codings = ATALAYA_TRY(coding.list(view.member.row.id, view.actor, caller.viewer));
  std::erase_if(view.codings, [&](const followup::Coding& one) {
    const bool unpublished = !view.known_on.empty() && one.published_at.empty();
    return one.as_of > view.as_of || unpublished || later(view, one.published_at);
  });
  for (const auto& one : view.codings) {
    view.agreement[one.scale] = ATALAYA_TRY(coding.agreement(one.scale));
  }
  view.data = ATALAYA_TRY(
      DataSources(parts).cell(view.member.row.id, view.actor, day, call.language, known));
  view.alternatives =
      ATALAYA_TRY(followup::Submissions(parts).published(view.member.row.id, view.actor));
  std::erase_if(view.alternatives, [&](const followup::AlternativeReport& one) {
    return one.as_of > view.as_of || later(view, one.published_on);
  });
  view.participations = ATALAYA_TRY(cube.participations(view.member.row.document, view.actor));
  const auto position = [](const followup::Participation& row) {
    return row.kind == "statement_of_position";
  };
  // On another paragraph of the text, it says nothing here but that the state took part.
  if (!std::ranges::all_of(view.participations, position)) {
    std::erase_if(view.participations, position);
  }
  followup::ChangeQuery changes;
  changes.commitment = view.member.row.id;
  changes.actor = view.actor;
  auto lines = ATALAYA_TRY(cube.changes(changes));
  for (auto& line : lines) {
    if (!later(view, line.at)) {
      auto words = followup::words_of(parts, call.language, line);
      view.changes.emplace_back(std::move(line), std::move(words));
    }
  }
  const bool counted = view.cell.applicability == followup::Applicability::applicable;
  const bool exists =
      counted || view.cell.applicability == followup::Applicability::participation_unknown;
  const bool mine = caller.writer.may_write_for(view.actor);
  view.may_report = counted && mine;
  view.may_say_part = !counted && exists && mine;
  view.may_open = counted && caller.viewer.runs_coding && !of_own_state(caller, view.actor);
  view.may_record =
      !call.caller.account.empty() && call.caller.roles.meets({Role::editor, Role::expert});
  return view;
}

Result<http::Response> get_cell(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    const CellView view = ATALAYA_TRY(cell_view(call, node));
    return render_cell(context, view);
  });
}

}  // namespace

Result<std::shared_ptr<const MatrixView>> country_followup(const Call& call, const Node& node,
                                                           std::string_view country) {
  followup::MatrixQuery query;
  query.actors = {std::string(country)};
  query.limit = kCommitmentsMax;
  query.as_of = utc_date(node.clock->now());
  query.language = call.language;
  auto view = ATALAYA_TRY(matrix_view(node, std::move(query)));
  return std::shared_ptr<const MatrixView>(std::make_shared<MatrixView>(std::move(view)));
}

std::vector<Route> followup_cell_routes() {
  const Param as_of{.name = "as_of", .type = ParamType::date, .about = "At the end of this day"};
  const Param known_on{.name = "known_on",
                       .type = ParamType::date,
                       .about = "As this node knew it at the end of that day"};
  const Param scale{.name = "scale",
                    .type = ParamType::choice,
                    .about = "Scale of assessments",
                    .values = {"implementation", "results", "fatf", "unscr1540", "cbd", "g20"},
                    .fallback = "implementation"};
  const Param theme{
      .name = "theme", .type = ParamType::id, .about = "A theme, with its narrower ones"};
  const auto on_a_day = [&](std::string_view path, std::string_view name, Handler handler) {
    return with_query(page_route(path, name, handler), {as_of, known_on});
  };
  return {with_query(on_a_day("/{lang}/follow-up", "get_followup_matrix", &get_matrix),
                     {scale,
                      theme,
                      {.name = "series",
                       .type = ParamType::choice,
                       .about = "A series of meetings",
                       .values = {"summit", "mispa", "pns"}},
                      who_param()}),
          with_query(on_a_day("/{lang}/follow-up/commitments/{id}", "get_followup_commitment",
                              &get_commitment),
                     {scale}),
          with_query(on_a_day("/{lang}/follow-up/actors/{actor}", "get_followup_actor", &get_actor),
                     {scale, theme}),
          on_a_day("/{lang}/follow-up/cells/{id}/{actor}", "get_followup_cell", &get_cell)};
}

}  // namespace atalaya::api
