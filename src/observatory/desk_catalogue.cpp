// Figures that the program ships, loaded like any source's: a page of theirs leads to a submission.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

#include "codelists_row.hpp"
#include "desk_state.hpp"
#include "load_totals.hpp"

namespace atalaya::observatory {
namespace {

// Rows by columns, as Mapper makes them.
class FactsBuilder {
 public:
  explicit FactsBuilder(const std::vector<std::string>& dimensions) {
    for (const auto& name : dimensions) {
      FactColumn column;
      column.name = name;
      facts_.dimensions.push_back(std::move(column));
      ids_.emplace_back();
      codes_.emplace_back();
    }
  }

  void add(const std::vector<std::string>& codes, std::int64_t value) {
    for (std::size_t d = 0; d < codes.size(); ++d) {
      const auto [at, is_new] =
          ids_[d].emplace(codes[d], static_cast<std::uint32_t>(ids_[d].size()));
      if (is_new) {
        facts_.dimensions[d].texts.append(codes[d]);
      }
      codes_[d].push_back(at->second);
    }
    facts_.values.push_back(value);
  }

  Facts take() {
    for (std::size_t d = 0; d < codes_.size(); ++d) {
      facts_.dimensions[d].codes = std::move(codes_[d]);
    }
    return std::move(facts_);
  }

 private:
  Facts facts_;
  std::vector<std::map<std::string, std::uint32_t>> ids_;
  std::vector<std::vector<std::uint32_t>> codes_;
};

const json::array* list(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_array() ? &value->get_array() : nullptr;
}

std::string text(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string year_of(const json::array& years, std::size_t i) {
  return fmt::format("{}", years[i].to_number<std::int64_t>());
}

void add_series(FactsBuilder& facts, const json::array& years, const json::array* values,
                std::vector<std::string> codes) {
  for (std::size_t i = 0; values != nullptr && i < years.size() && i < values->size(); ++i) {
    if (!(*values)[i].is_null()) {
      codes[0] = year_of(years, i);
      facts.add(codes, (*values)[i].to_number<std::int64_t>());
    }
  }
}

Facts population_facts(const json::object& entry) {
  FactsBuilder facts({"period", "territory", "sex", "age", "status"});
  const auto& years = entry.at("years").as_array();
  const auto* ages = list(entry, "ages");
  for (const auto& value : entry.at("territories").as_array()) {
    const auto& territory = value.as_object();
    const std::string id = text(territory, "id");
    for (const std::string_view sex : {"M", "F"}) {
      const auto* bands = list(territory, sex);
      for (std::size_t year = 0; bands != nullptr && ages != nullptr && year < years.size(); ++year) {
        const auto& band = (*bands)[year].as_array();
        for (std::size_t age = 0; age < ages->size(); ++age) {
          facts.add({year_of(years, year), id, std::string(sex),
                     std::string((*ages)[age].as_string()), "A"},
                    band[age].to_number<std::int64_t>());
        }
      }
    }
    add_series(facts, years, list(territory, "T"),
               {"", id, std::string(kTotal), std::string(kTotal), "A"});
  }
  return facts.take();
}

// The source gives totals beside its parts: _T says so, and they are never added together.
Facts homicide_facts(const json::object& entry) {
  FactsBuilder facts({"period", "territory", "iccs", "sex", "mechanism", "unit", "status"});
  const auto& years = entry.at("years").as_array();
  const std::string iccs = text(entry, "iccs");
  const std::string unit = text(entry, "unit");
  const std::string total(kTotal);
  for (const auto& value : entry.at("territories").as_array()) {
    const auto& territory = value.as_object();
    const std::string id = text(territory, "id");
    add_series(facts, years, list(territory, "victims"), {"", id, iccs, total, total, unit, "A"});
    add_series(facts, years, list(territory, "victims_M"), {"", id, iccs, "M", total, unit, "A"});
    add_series(facts, years, list(territory, "victims_F"), {"", id, iccs, "F", total, unit, "A"});
    add_series(facts, years, list(territory, "victims_firearm"),
               {"", id, iccs, total, "firearm", unit, "A"});
  }
  return facts.take();
}

LoadReport report_of(const Facts& facts, const json::array& years, const std::string& file) {
  LoadReport report;
  report.files = {file};
  report.rows = report.accepted = report.facts = facts.values.size();
  for (const std::int64_t value : facts.values) {
    report.total += value;
  }
  report.total_accepted = report.total;
  for (const auto& year : years) {
    for (int month = 1; month <= 12; ++month) {
      report.months.push_back(fmt::format("{}-{:02}", year.to_number<std::int64_t>(), month));
    }
  }
  report.period_from = year_of(years, 0) + "-01-01";
  report.period_to = fmt::format("{}-01-01", years.back().to_number<std::int64_t>() + 1);
  return report;
}

Result<void> load_entry(const Desk::State& state, const std::string& file, std::string_view bytes,
                        const json::object& entry, bool population) {
  Mapping mapping;
  mapping.id = "catalogue_" + text(entry, "id");
  mapping.titles = entry.at("name").as_object();
  mapping.title = text(mapping.titles, "en");
  mapping.source_kind = "international";
  mapping.population = population;
  mapping.text = fmt::format("# Shipped with the program: catalogue/observatory/{}\n# {}\n# {}\n",
                             file, text(entry, "source"), text(entry, "licence"));
  mapping.sha256 = to_hex(sha256(mapping.text));
  detail::Prepared p;
  p.mapping = &mapping;
  p.source = text(entry, "id");
  p.by = "catalogue";
  p.files = {{"catalogue/observatory/" + file, to_hex(sha256(bytes)), bytes.size()}};
  p.content = to_hex(sha256(fmt::format("{}\n{}", p.source, json::serialize(entry))));
  bool held = false;
  ATALAYA_TRY(state.parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT 1 FROM observatory_submissions WHERE source = $1 AND content = $2",
                 {p.source, p.content}));
    held = !rows.empty();
    return {};
  }));
  if (held) {
    return {};
  }
  Facts facts = population ? population_facts(entry) : homicide_facts(entry);
  LoadResult result;
  result.report = report_of(facts, entry.at("years").as_array(), file);
  if (!population) {
    detail::mark_totals(Territories(state.parts.codelists, {}), {}, facts, result.report);
  }
  return detail::store_submission(state, p, std::move(facts), result);
}

}  // namespace

Result<void> Desk::load_catalogue() {
  const auto files = embedded_catalogue();
  for (const auto& [name, population] :
       {std::pair<std::string, bool>{"populations.json", true}, {"homicides.json", false}}) {
    const auto at = files.find("observatory/" + name);
    ATALAYA_CHECK(at != files.end());
    const auto parsed = ATALAYA_TRY(parse_json(at->second, name));
    for (const auto& entry : parsed.as_array()) {
      ATALAYA_TRY(load_entry(*state_, name, at->second, entry.as_object(), population));
    }
  }
  return {};
}

}  // namespace atalaya::observatory
