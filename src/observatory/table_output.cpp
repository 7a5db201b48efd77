// Tables for programs and people.
#include <cmath>

#include <fmt/format.h>

#include <atalaya/base/csv.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/observatory/desk.hpp>

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

}  // namespace

std::string table_csv(const Table& table, const Territories& territories, Language language) {
  static_cast<void>(territories);
  static_cast<void>(language);
  std::string out;
  for (const auto& dimension : table.by) {
    out += dimension.name + ',';
  }
  out += "count,population,rate,rate_low,rate_high,status\n";
  for (const auto& cell : table.cells) {
    for (const auto& code : cell.codes) {
      out += csv_field(code) + ',';
    }
    out += fmt::format("{},{},{},{},{},{}\n", number(cell.count), number(cell.population),
                       number(cell.rate), number(cell.rate_low), number(cell.rate_high),
                       to_string(cell.status));
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
    rows.push_back(std::move(row));
  }
  json::array notes;
  for (const auto& note : table.notes) {
    notes.push_back(json::string(note));
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
          {"breaks", table.breaks},
          {"notes", std::move(notes)},
          {"rows", std::move(rows)}};
}

}  // namespace atalaya::observatory
