// Tables for programs and people.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <atalaya/base/csv.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/observatory/desk.hpp>

#include "table_parts.hpp"

namespace atalaya::observatory {
namespace {

// The shortest text that reads back as the same number: no digit is lost and none is invented.
std::string number(const std::optional<double>& value) {
  if (!value) {
    return "";
  }
  if (std::abs(*value) < 1e15 && std::floor(*value) == *value) {
    return fmt::format("{}", static_cast<std::int64_t>(*value));
  }
  return fmt::format("{}", *value);
}

json::value json_number(const std::optional<double>& value) {
  if (!value) {
    return nullptr;
  }
  if (std::abs(*value) < 9e15 && std::floor(*value) == *value) {
    return static_cast<std::int64_t>(*value);
  }
  return *value;
}

std::string label(const Table& table, std::size_t place, const std::string& code,
                  const Territories& territories, Language language) {
  const auto& name = table.by[place].name;
  return name == "territory" ? territories.name(code, language)
         : name == "source"  ? code
                             : territories.lists().label(name, code, language);
}

json::array ids(const std::vector<std::int64_t>& values) {
  json::array out;
  for (const auto value : values) {
    out.push_back(value);
  }
  return out;
}

// Whether the source hid parts of some count, so that it lies between two bounds.
bool has_bounds(const Table& table) {
  return std::ranges::any_of(table.cells,
                             [](const Cell& cell) { return cell.count_high.has_value(); });
}

// Whether of some period only a part was sent.
bool has_parts(const Table& table) {
  return std::ranges::any_of(table.cells, [](const Cell& cell) { return !cell.sent.empty(); });
}

std::string csv_head(const Table& table, const CsvColumns& columns) {
  std::string out;
  for (const auto& dimension : table.by) {
    out += dimension.name + ',';
  }
  out += "count,population,rate,rate_low,rate_high,status";
  out += has_bounds(table) ? ",count_high" : "";
  if (columns.rate && table.query.rate.kind != RateKind::crude) {
    const auto kind = to_string(table.query.rate.kind);
    out += fmt::format(",{0}_rate,{0}_rate_low,{0}_rate_high,{0}_rate_status", kind);
  }
  out += columns.several_years
             ? ",several_years,several_years_rate,several_years_rate_low,several_years_rate_high"
             : "";
  out += columns.sources ? ",other_source_count,interval_dropped" : "";
  out += columns.quality ? ",quality_rating" : "";
  out += has_parts(table) ? ",months_sent" : "";  // last: readers count columns
  return out + '\n';
}

void write_further(std::string& out, const Table& table, const Cell& cell,
                   const CsvColumns& columns, bool bounds, bool parts) {
  if (bounds) {
    // Where nobody says how many more there are, there is no highest.
    const bool is_exact = !cell.count_high && cell.status != CellStatus::incomplete;
    out += ',' + number(is_exact ? cell.count : cell.count_high);
  }
  if (columns.rate && table.query.rate.kind != RateKind::crude) {
    const AdjustedRate none{.status = RateStatus::withheld};
    const auto& a = cell.adjusted ? *cell.adjusted : none;
    out += fmt::format(",{},{},{},{}", number(a.rate), number(a.low), number(a.high),
                       to_string(a.status));
  }
  if (columns.several_years) {
    out += cell.several_years
               ? fmt::format(",{},{},{},{}", cell.several_years->years,
                             number(cell.several_years->rate), number(cell.several_years->low),
                             number(cell.several_years->high))
               : ",,,,";
  }
  if (columns.sources) {
    out += fmt::format(",{},{}", number(cell.other_count), cell.interval_dropped ? "yes" : "no");
  }
  if (columns.quality) {
    out += fmt::format(",{}", to_string(cell.rating));
  }
  if (parts) {
    out += ',' + csv_field(cell.sent);
  }
}

void add_further(json::object& row, const Table& table, const Cell& cell) {
  if (table.query.rate.kind != RateKind::crude && cell.adjusted) {
    row[to_string(table.query.rate.kind)] =
        json::object{{"rate", json_number(cell.adjusted->rate)},
                     {"rate_low", json_number(cell.adjusted->low)},
                     {"rate_high", json_number(cell.adjusted->high)},
                     {"status", to_string(cell.adjusted->status)}};
  }
  if (cell.small_population) {
    row["small_population"] = true;
  }
  if (cell.several_years) {
    row["several_years"] = json::object{{"years", cell.several_years->years},
                                        {"count", json_number(cell.several_years->events)},
                                        {"rate", cell.several_years->rate},
                                        {"rate_low", cell.several_years->low},
                                        {"rate_high", cell.several_years->high}};
  }
  if (cell.other_count) {
    row["other_source_count"] = json_number(cell.other_count);
  }
  if (cell.interval_dropped) {
    row["interval_dropped"] = true;
  }
  if (!table.quality.empty()) {
    row["quality_rating"] = to_string(cell.rating);
  }
}

}  // namespace

namespace detail {

json::array elsewhere_json(const std::vector<ElsewhereYears>& list) {
  json::array out;
  for (const auto& one : list) {
    json::array years;
    for (const auto& year : one.years) {
      years.push_back(json::string(year));
    }
    out.push_back(json::object{
        {"source", one.source}, {"territory", one.territory}, {"years", std::move(years)}});
  }
  return out;
}

std::vector<ElsewhereYears> elsewhere_from_json(const json::array& list) {
  std::vector<ElsewhereYears> out;
  for (const auto& entry : list) {
    ElsewhereYears one;
    one.source = entry.at("source").as_string();
    one.territory = entry.at("territory").as_string();
    for (const auto& year : entry.at("years").as_array()) {
      one.years.emplace_back(year.as_string());
    }
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace detail

std::string table_csv(const Table& table, const Territories& territories, Language language,
                      const CsvColumns& columns) {
  static_cast<void>(territories);
  static_cast<void>(language);
  std::string out = csv_head(table, columns);
  const bool bounds = has_bounds(table);
  const bool parts = has_parts(table);
  for (const auto& cell : table.cells) {
    for (const auto& code : cell.codes) {
      out += csv_field(code) + ',';
    }
    out += fmt::format("{},{},{},{},{},{}", number(cell.count), number(cell.population),
                       number(cell.rate), number(cell.rate_low), number(cell.rate_high),
                       to_string(cell.status));
    write_further(out, table, cell, columns, bounds, parts);
    out += '\n';
  }
  return out;
}

json::object table_json(const Table& table, const Territories& territories, Language language) {
  json::array by;
  for (const auto& dimension : table.by) {
    by.push_back(json::object{{"dimension", dimension.name}, {"level", dimension.level}});
  }
  json::array rows;
  for (const auto& cell : table.cells) {
    json::object row;
    json::object names;
    for (std::size_t place = 0; place < table.by.size(); ++place) {
      row[table.by[place].name] = cell.codes[place];
      names[table.by[place].name] = label(table, place, cell.codes[place], territories, language);
    }
    row["names"] = std::move(names);
    row["count"] = json_number(cell.count);
    if (cell.count_high) {
      row["count_high"] = json_number(cell.count_high);
    }
    row["population"] = json_number(cell.population);
    row["rate"] = json_number(cell.rate);
    row["rate_low"] = json_number(cell.rate_low);
    row["rate_high"] = json_number(cell.rate_high);
    row["status"] = to_string(cell.status);
    if (!cell.sent.empty()) {
      row["months_sent"] = cell.sent;
    }
    add_further(row, table, cell);
    rows.push_back(std::move(row));
  }
  json::array notes;
  for (const auto& note : table.notes) {
    notes.push_back(json::string(note));
  }
  json::array left_out;
  for (const auto& source : table.sources_left_out) {
    left_out.push_back(json::string(source));
  }
  return {{"indicator", table.indicator->id},
          {"name", table.indicator->name.in(language)},
          {"unit", table.indicator->unit},
          {"scale", table.indicator->scale},
          {"by", std::move(by)},
          {"release", table.release},
          {"released_at", table.released_at},
          {"draft", table.release.empty()},
          {"synthetic", table.synthetic},
          {"submissions", ids(table.submissions)},
          {"population_source", table.population_source},
          {"population_submissions", ids(table.populations)},
          {"rate_kind", rate_text(table.query.rate)},
          {"confidence", kConfidence},
          {"interval_shows", "chance_variation_only"},
          {"rounded_to", table.rounded_to},
          {"shares", shares_json(table.query.shares)},
          {"quality", detail::quality_json(table.quality)},
          {"breaks", table.breaks},
          {"notes", std::move(notes)},
          {"sources_left_out", std::move(left_out)},
          {"elsewhere", detail::elsewhere_json(table.elsewhere)},
          {"rows", std::move(rows)}};
}

}  // namespace atalaya::observatory
