// The public pages of figures among those of pages_test.cpp, from views made by hand.
#include "figure_charts.hpp"
#include "pages_examples.hpp"
#include "pages_figures.hpp"

namespace atalaya::api::examples {
namespace {

namespace obs = observatory;

struct Words {
  bool hostile = false;

  std::string operator()(std::string_view text) const {
    return std::string(hostile ? kHostile : text);
  }
};

obs::Cell cell(std::vector<std::string> codes, double count, obs::CellStatus status = {}) {
  obs::Cell out;
  out.codes = std::move(codes);
  out.status = status;
  if (status != obs::CellStatus::suppressed) {
    out.count = count;
    out.population = 1'000'000;
    out.rate = count / 10;
    out.rate_low = count / 12;
    out.rate_high = count / 8;
  }
  return out;
}

HeldTable held(const Words& words) {
  HeldTable out;
  out.release = "2025-1";
  out.release_name = words("Homicides, synthetic");
  out.published_at = "2025-11-14T10:00:00.000Z";
  out.synthetic = true;
  out.position = 1;
  out.query.indicator = "homicide_rate";
  out.query.by = {{"territory", "admin1"}, {"period", "year"}, {words("x_zone"), ""}};
  out.query.where = {{"territory", {words("COL")}}};
  out.cells = 4;
  out.suppressed = 1;
  out.sources = {words("Police, synthetic")};
  return out;
}

FigureBase base(const Words& words) {
  static const auto kIndicators = obs::Indicators::embedded();
  FigureBase out;
  out.indicators = kIndicators.get();
  out.territories = std::make_shared<const obs::Territories>(
      obs::Codelists::embedded(),
      std::vector<obs::LocalTerritory>{{"COL_05001", "admin2", "CO-ANT", words("Medellín")}});
  out.country = "COL";
  obs::Release release;
  release.id = "2025-1";
  release.name = words("Homicides, synthetic");
  release.plan = words("[release]");
  release.published_at = "2025-11-14T10:00:00.000Z";
  release.published_by = words("ana");
  release.decision = {{"by", words("Ana")}, {"reason", words("first")}};
  release.synthetic = true;
  out.releases = {release};
  out.held = {held(words)};
  return out;
}

FigureSlice slice(const Words& words, const FigureBase& base, std::vector<std::string> by,
                  std::vector<obs::Cell> cells) {
  FigureSlice out;
  out.held = base.held.front();
  out.territory = "COL";
  out.period = "2023";
  out.choices = {"2022", "2023", words("2024")};
  out.table.indicator = base.indicators->find("homicide_rate");
  for (auto& name : by) {
    out.table.by.push_back({std::move(name), ""});
  }
  out.table.cells = std::move(cells);
  out.table.population_title = words("Projections, synthetic");
  out.table.synthetic = true;
  out.table.breaks.push_back(json::object{
      {"source", words("police")}, {"period", "2022"}, {"note", words("other counting")}});
  return out;
}

FigureSlice series(const Words& words, const FigureBase& base) {
  return slice(words, base, {"period"},
               {cell({"2020"}, 90), cell({"2022"}, 4, obs::CellStatus::unstable),
                cell({"2023"}, 0, obs::CellStatus::suppressed), cell({words("2024")}, 70)});
}

FigureSlice below(const Words& words, const FigureBase& base) {
  return slice(words, base, {"territory"},
               {cell({"CO-ANT"}, 400), cell({"CO-BOL"}, 0, obs::CellStatus::suppressed),
                cell({words("CO-DC")}, 12)});
}

obs::BoundarySet shapes(const Words& words) {
  obs::BoundarySet out;
  out.country = "COL";
  out.level = "admin1";
  out.source = words("A survey, synthetic");
  out.licence = words("public domain");
  const obs::GeoRing west = {{-75, 5}, {-74, 5}, {-74, 6}, {-75, 6}};
  const obs::GeoRing east = {{-74, 5}, {-73, 5}, {-73, 6}, {-74, 6}};
  out.shapes = {{"CO-ANT", words("Antioquia"), {west}}, {words("CO-XXX"), words("None"), {east}}};
  return out;
}

FigureCountryView country_view(const Words& words) {
  FigureCountryView out;
  out.base = base(words);
  out.country = "COL";
  out.series = {series(words, out.base)};
  out.by_sex = slice(words, out.base, {"period", "sex"},
                     {cell({"2023", "F"}, 30), cell({"2023", words("M")}, 300)});
  out.by_age_and_sex =
      slice(words, out.base, {"period", "age", "sex"},
            {cell({"2023", "Y15T19", "F"}, 30), cell({"2023", "Y15T19", "M"}, 90),
             cell({"2023", words("Y20T24"), "M"}, 0, obs::CellStatus::suppressed)});
  out.below = below(words, out.base);
  out.shapes = std::make_shared<const obs::BoundarySet>(shapes(words));
  return out;
}

FigureView figure_view(const Words& words) {
  FigureView out;
  out.base = base(words);
  out.indicator = out.base.indicators->find("homicide_rate");
  out.territory = "COL";
  out.other_than_asked = true;
  out.series = series(words, out.base);
  out.across = slice(words, out.base, {"territory"},
                     {cell({"COL"}, 250), cell({"PAN"}, 90), cell({words("BLZ")}, 9)});
  return out;
}

ExplorerView explorer_view(const Words& words) {
  ExplorerView out;
  out.base = base(words);
  out.indicator = "homicide_rate";
  out.slice = below(words, out.base);
  out.table = out.slice->table;
  out.wanted = {words("sex")};
  out.none_holds = true;
  out.chosen = {{"period", words("2023")}};
  out.shapes = std::make_shared<const obs::BoundarySet>(shapes(words));
  return out;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> figure_pages(Language language, bool hostile) {
  const Words words{hostile};
  std::vector<std::pair<std::string, std::string>> out;
  const auto at = [&](std::string path) { return context(language, std::move(path)); };
  FigureIndexView index;
  index.base = base(words);
  index.search = words("homicide");
  index.series.emplace("homicide_rate", series(words, index.base));
  out.emplace_back("figures", render_figures(at("/figures"), index));
  out.emplace_back("figure", render_figure(at("/figures/homicide_rate"), figure_view(words)));
  out.emplace_back("figure-country",
                   render_figure_country(at("/figures/countries/COL"), country_view(words)));
  out.emplace_back("explorer", render_explorer(at("/figures/explorer"), explorer_view(words)));
  out.emplace_back("releases", render_releases(at("/figures/releases"), base(words)));
  ReleaseView release;
  release.base = base(words);
  release.release = release.base.releases.front();
  out.emplace_back("release", render_release(at("/figures/releases/2025-1"), release));
  out.emplace_back("figure-method", render_figure_method(at("/figures/method")));
  const FigureBase all = base(words);
  out.emplace_back("figure-codes", render_figure_codes(at("/figures/codes"), all, nullptr));
  out.emplace_back("figure-codes-sex",
                   render_figure_codes(at("/figures/codes/sex"), all,
                                       all.territories->lists().find("sex")));
  return out;
}

}  // namespace atalaya::api::examples
