#pragma once
// The public pages of the observatory: each a pure function from what a desk said to HTML, as
// pages.hpp has them. Only released figures ever come here.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/figures/data_charts.hpp>

#include "figure_tables.hpp"
#include "pages_parts.hpp"

namespace atalaya::api {

struct FigureIndexView {
  FigureBase base;
  std::string search;                         // words that names and definitions must hold
  bool only_held = false;                     // leaves out indicators without a released figure
  std::map<std::string, FigureSlice> series;  // by indicator, of the node's own country
};

[[nodiscard]] std::string render_figures(const PageContext& context, const FigureIndexView& view);

struct FigureView {
  FigureBase base;
  const observatory::Indicator* indicator = nullptr;
  std::string territory;          // whose series is shown
  bool other_than_asked = false;  // nothing is held for the node's own country: another is shown
  std::optional<FigureSlice> series, across;
};

[[nodiscard]] std::string render_figure(const PageContext& context, const FigureView& view);

[[nodiscard]] std::string render_releases(const PageContext& context, const FigureBase& base);

struct ReleaseView {
  FigureBase base;
  observatory::Release release;
  std::vector<TableRevision> revisions;
  std::optional<std::uint64_t> leaf;  // of the node's log
};

[[nodiscard]] std::string render_release(const PageContext& context, const ReleaseView& view);

/// One table of the explorer: which, and which of its rows.
struct ExplorerView {
  FigureBase base;
  std::string indicator;
  std::optional<FigureSlice> slice;                         // the whole table that was chosen
  std::vector<std::pair<std::string, std::string>> chosen;  // dimension -> code; sorted
  observatory::Table table;                                 // what is left of it
  std::vector<std::string> wanted;  // dimensions asked for; the table may hold more of them
  bool none_holds = false;          // no released table has all that was asked for
  std::shared_ptr<const observatory::BoundarySet> shapes;  // of the subdivisions shown; may be null
};

[[nodiscard]] std::string render_explorer(const PageContext& context, const ExplorerView& view);

struct FigureCountryView {
  FigureBase base;
  std::string country;
  std::vector<FigureSlice> series;  // one an indicator, in the catalogue's order
  std::vector<std::string> further;  // indicators with a series that is not among these
  std::optional<FigureSlice> by_sex, by_age_and_sex, below;
  std::shared_ptr<const observatory::BoundarySet> shapes;  // of what is below; may be null
  // Municipalities: the subdivisions whose shapes are held, the one chosen (or the country), the
  // indicators held for municipalities, which of them is drawn, with which rates, and the map.
  std::vector<std::string> subdivisions;
  std::string subdivision;
  std::vector<std::string> within_indicators;
  std::string within_indicator;
  bool within_crude = false;
  std::optional<FigureSlice> within;
  std::shared_ptr<const observatory::BoundarySet> within_shapes;
};

[[nodiscard]] std::string render_figure_country(const PageContext& context,
                                                const FigureCountryView& view);

[[nodiscard]] std::string render_figure_method(const PageContext& context);

/// Every code of one dimension, or the dimensions where `list` is null.
[[nodiscard]] std::string render_figure_codes(const PageContext& context, const FigureBase& base,
                                              const observatory::Codelist* list);

// What these pages share.

/// The number that a page shows of a cell: the rate where there is a denominator, else the count.
[[nodiscard]] std::optional<double> shown(const observatory::Indicator& indicator,
                                          const observatory::Cell& cell);
/// The same in words: with its decimals, or "suppressed", "no data".
[[nodiscard]] std::string shown_text(const PageContext& context,
                                     const observatory::Indicator& indicator,
                                     const observatory::Cell& cell);
/// That the figure is a lower bound, because the source hid or left out a part; else empty.
[[nodiscard]] std::string bound_text(const PageContext& context, const observatory::Cell& cell);
/// "enero–marzo de 2025" of Cell::sent.
[[nodiscard]] std::string sent_text(const PageContext& context, std::string_view sent);
/// "1990–2002, 2005" of years; other periods stand as they are.
[[nodiscard]] std::string years_text(const std::vector<std::string>& years);
/// The name of a period in a table's cells: where only a part of it was sent, of that part.
[[nodiscard]] std::string period_name(const PageContext& context, const FigureBase& base,
                                      const std::vector<observatory::Cell>& cells,
                                      std::string_view code);
/// What fits on a tile where that does not: the rate of several years as "19.0*"; else empty.
[[nodiscard]] std::string tile_text(const PageContext& context,
                                    const observatory::Indicator& indicator,
                                    const observatory::Cell& cell);
[[nodiscard]] std::string interval_text(const PageContext& context,
                                        const observatory::Indicator& indicator,
                                        const observatory::Cell& cell);
/// "for every 100,000 inhabitants", "in per cent", "victims"
[[nodiscard]] std::string unit_text(const PageContext& context, const FigureBase& base,
                                    const observatory::Indicator& indicator);
[[nodiscard]] figures::Datum datum(const PageContext& context,
                                   const observatory::Indicator& indicator,
                                   const observatory::Cell& cell, std::string label);
[[nodiscard]] std::string code_name(const PageContext& context, const FigureBase& base,
                                    std::string_view dimension, std::string_view code);
[[nodiscard]] std::string dimension_name(const PageContext& context, const FigureBase& base,
                                         const observatory::TableDimension& dimension);
/// "by territory, period and sex"
[[nodiscard]] std::string by_name(const PageContext& context, const FigureBase& base,
                                  const observatory::TableQuery& query);
/// Sources, release and denominator of a figure, as it stands under every one.
[[nodiscard]] std::string source_text(const PageContext& context, const FigureSlice& slice);
/// "B (co_police, 2003–2024)": the data-quality rating of each source; empty where none was kept.
[[nodiscard]] std::string ratings_text(const PageContext& context,
                                       const observatory::Table& table);
/// What the rate beside the crude one is; empty for the crude one.
[[nodiscard]] std::string rate_name(const PageContext& context,
                                    const observatory::RateChoice& rate);
/// The notes of messages and the warning of synthetic figures; nothing where there is none. Of
/// places that a note names, those that `territory` (where it was fixed) or the table's rows show.
void write_notes(Html& h, const PageContext& context, const FigureBase& base,
                 const observatory::Table& table, std::string_view territory = {});
/// What belongs to a series and is no point of it: periods of which a part was sent, and years that
/// another source has, with a link.
void write_beside(Html& h, const PageContext& context, const FigureSlice& slice);
/// The finding with "(synthetic)" where it is.
[[nodiscard]] std::string titled(const PageContext& context, std::string title, bool synthetic);
void write_synthetic(Html& h, const PageContext& context, bool synthetic);
[[nodiscard]] figures::FigureFrame figure_frame(const PageContext& context, std::string id,
                                                std::string finding, std::string subtitle,
                                                const FigureSlice& slice);
/// The first `limit` cells; says how many it leaves out and where they are.
void write_cells(Html& h, const PageContext& context, const FigureBase& base,
                 const observatory::Table& table, std::size_t limit, std::string_view csv);
/// What one table says otherwise than an older one, why, and the first cells with both numbers.
void write_revision(Html& h, const PageContext& context, const FigureBase& base,
                    const TableRevision& revision);
/// Which sources a release's audit took for the same cases ("same_cases"), perhaps
/// ("same_cases_in_doubt") or not, and why ("different_cases"); a paragraph of this class for each
/// pair. The public may read the first alone (release_public.hpp).
void write_same_cases(Html& h, const PageContext& context, const json::object& audit,
                      std::string_view kind, std::string_view css_class);
/// The series of a slice whose table is by period alone.
[[nodiscard]] figures::SeriesSpec series_spec(const PageContext& context, const FigureBase& base,
                                              const FigureSlice& slice);
/// "In 2017: 24.9 (24.4 to 25.4)": the newest number of a series, or that there is none.
[[nodiscard]] std::string newest_text(const PageContext& context, const FigureSlice& slice);
/// Addresses, without language.
[[nodiscard]] std::string explorer_path(const HeldTable& held);
[[nodiscard]] std::string csv_path(const HeldTable& held);
/// The same table in another form: "xlsx", "zip".
[[nodiscard]] std::string file_path(const HeldTable& held, std::string_view suffix);
[[nodiscard]] std::string figure_path(std::string_view indicator, std::string_view territory = {});
/// "14 November 2025" of an instant as the store writes it.
[[nodiscard]] std::string day_of(const PageContext& context, std::string_view instant);

}  // namespace atalaya::api
