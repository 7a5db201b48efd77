#include "mapping_draft_values.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <initializer_list>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

#include "mapping_readings.hpp"
#include "mapping_titles.hpp"
#include "mapping_values.hpp"

namespace atalaya::observatory {
namespace {

// How many of the values that are not empty.
template <class Is>
std::pair<std::size_t, std::size_t> count_values(const columns::RawColumn& column, Is is) {
  std::size_t good = 0;
  std::size_t all = 0;
  for (std::uint32_t code = 0; code < column.values.size(); ++code) {
    const auto text = trim(column.values.text(code));
    if (!text.empty()) {
      ++all;
      good += is(text) ? 1U : 0U;
    }
  }
  return {good, all};
}

// A table of more columns of numbers has one for each offence, and sums among them.
constexpr std::size_t kFewNumbers = 3;
constexpr std::size_t kManyRows = 20;

bool is_upper_code(std::string_view text) {
  return text.size() == 3 &&
         text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos;
}

// `blocks`: by row the block that columns before it make; set to the finer ones where it is so.
bool stands_once_a_block(const columns::RawColumn& column, std::vector<std::size_t>& blocks) {
  std::vector<bool> is_empty;
  for (std::uint32_t code = 0; code < column.values.size(); ++code) {
    is_empty.push_back(trim(column.values.text(code)).empty());
  }
  const std::size_t rows = blocks.size();
  std::set<std::pair<std::size_t, std::uint32_t>> seen;  // block and text
  std::vector<std::size_t> finer(rows);
  std::size_t empty = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::uint32_t code = columns::at(column.codes, row);
    const bool begins = row == 0 || blocks[row] != blocks[row - 1];
    if (is_empty[code] ? begins : !seen.emplace(blocks[row], code).second) {
      return false;
    }
    empty += is_empty[code] ? 1U : 0U;
    finer[row] = seen.size();
  }
  if (seen.size() < 2 || empty < seen.size()) {
    return false;
  }
  blocks = std::move(finer);
  return true;
}

bool is_count_of(const columns::RawColumn& c, const Looks& looks) {
  const auto& all = looks.table.columns;
  const auto numbers = static_cast<std::size_t>(std::ranges::count_if(all, [](const auto& other) {
    return other.values.size() > 1 && share_of(other, is_count_or_none) > 0.98;
  }));
  const bool one_of_many = numbers > kFewNumbers &&
                           (fold(squeeze(c.name)).starts_with("total") || counts_incidents(c.name));
  return share_of(c, is_amount) > 0.9 && !looks.has_months && !one_of_many &&
         !names_rows(c, looks.table.rows);
}

}  // namespace

const std::vector<Hint>& hints() {
  static const std::vector<Hint> all = {
      {"date", {"fecha", "date", "data do fato", "data_fato", "dt"}},
      {"year", {"anio", "year", "annee", "ano"}},
      {"month", {"month", "mes", "mois"}},
      {"iso", {"iso", "iso3"}},
      {"territory_code",
       {"dane", "codigo_mun", "cod_mun", "cve", "cvegeo", "clave_mun", "municipio_code", "ibge",
        "inegi", "geocod", "fmun_cod", "departamento_code", "ubigeo", "codigo", "cod", "id"}},
      {"admin2",
       {"municip", "distrito", "district", "corregimiento", "fmun", "city", "ciudad", "cidade",
        "comuna", "canton", "alcaldia"}},
      {"admin1", {"departament", "depto", "estado", "state", "region", "entidad", "uf"}},
      {"place",
       {"provinc", "parish", "parroquia", "paroisse", "concelho", "freguesia", "condado", "county",
        "commune", "arrondissement"}},
      {"country", {"country", "pais", "pays"}},
      {"sex", {"sexo", "genero", "sex", "gender", "sexe"}},
      {"age", {"edad", "idade", "age"}},
      {"citizenship", {"nacionalid", "nationalit", "nacionalidade", "citizenship"}},
      {"mechanism", {"arma", "armas", "weapon", "mechanism", "mecanismo", "medio", "arme"}},
      {"iccs",
       {"delito", "crime", "offence", "offense", "infraction", "natureza", "hecho punible"}},
      {"value",
       {"cantidad",   "victim",   "total",      "count",    "caso",       "casos",    "case",
        "cases",      "cas",      "numero",     "number",   "quantidade", "qtd",      "qtde",
        "nombre",     "value",    "valor",      "txtvalue", "homicid",    "muertes",  "deaths",
        "n",          "nb",       "no",         "num",      "delito",     "carpeta",  "crime",
        "offence",    "offense",  "infraction", "incident", "ocorrenc",   "registro", "denuncia",
        "frecuencia", "frequenc", "conteo",     "effectif", "faits",      "hechos"}},
      {"population", {"poblacion", "population", "populacao", "pop"}},
  };
  return all;
}

bool counts_incidents(std::string_view title) {
  const std::string name = fold(squeeze(title));
  return std::ranges::any_of(
      std::to_array<std::string_view>({"delito", "carpeta", "crime", "offence", "offense",
                                       "infraction", "incident", "ocorrenc", "denuncia"}),
      [&](std::string_view word) { return says(name, word); });
}

bool names_rows(const columns::RawColumn& column, std::size_t rows) {
  if (column.values.size() != rows || rows < 3) {
    return false;
  }
  if (rows >= kManyRows && share_of(column, [](std::string_view text) {
                             return is_digits(text) && text.size() >= 5;
                           }) > 0.9) {
    return true;
  }
  for (std::uint32_t code = 1; code < rows; ++code) {
    if (std::atoll(std::string(column.values.text(code)).c_str()) !=
        std::atoll(std::string(column.values.text(code - 1)).c_str()) + 1) {
      return false;
    }
  }
  return true;
}

bool names_cases(std::string_view title) {
  const std::string name = fold(squeeze(title));
  const auto any_of = [&](std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&](std::string_view word) { return says(name, word); });
  };
  return any_of({"folio", "expediente", "uuid"}) ||
         (any_of({"id", "identificador", "identifier", "identifiant"}) &&
          any_of({"caso", "casos", "case", "cases", "cas", "hecho", "evento", "event", "delito",
                  "crime", "victim", "registro", "denuncia", "incident", "ocorrenc", "persona",
                  "person", "fila", "row"}));
}

std::vector<std::string> merged_columns(const columns::RawTable& table,
                                        const std::set<std::size_t>& places) {
  std::vector<std::size_t> blocks(table.rows, 0);
  std::vector<std::string> out;
  for (const std::size_t place : places) {
    if (stands_once_a_block(table.columns[place], blocks)) {
      out.push_back(toml_text(table.columns[place].name));
    }
  }
  return out;
}

std::vector<Stem> stems_of(const columns::RawTable& table) {
  std::map<std::string, Stem> found;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const std::string text = stem_of(squeeze(table.columns[i].name));
    if (!text.empty() && share_of(table.columns[i], is_count_or_none) > 0.9 &&
        !is_rate_title(text)) {
      found[text].text = text;
      found[text].places.push_back(i);
    }
  }
  std::vector<Stem> out;
  for (auto& [text, stem] : found) {
    if (stem.places.size() > 1) {
      out.push_back(std::move(stem));
    }
  }
  std::ranges::sort(out, {}, [](const Stem& stem) { return stem.places.front(); });
  return out;
}

bool names_countries(const columns::RawTable& table) {
  return std::ranges::any_of(table.columns, [](const columns::RawColumn& column) {
    const std::string name = fold(squeeze(column.name));
    return says(name, "country") || says(name, "pais") || says(name, "iso");
  });
}

std::size_t most_decimals(const columns::RawTable& table, const std::vector<std::size_t>& columns) {
  std::size_t most = 0;
  for (const std::size_t i : columns) {
    most = std::max(most, fractions_of(table.columns[i]).digits);
  }
  return most;
}

std::map<std::size_t, std::string> codes_in_titles(const columns::RawTable& table,
                                                   const std::vector<std::size_t>& columns,
                                                   std::string_view country,
                                                   const Territories& territories) {
  std::map<std::size_t, std::string> out;
  for (const std::size_t i : columns) {
    const auto match = territories.match(table.columns[i].name, country, "admin1");
    if (!country.empty() && !match.code.empty() && !match.is_guess) {
      out[i] = match.code;
    }
  }
  return out.size() * 2 > columns.size() ? out : std::map<std::size_t, std::string>();
}

bool is_outer_place(const columns::RawColumn& column, std::string_view country,
                    const Territories& territories) {
  return says(fold(squeeze(column.name)), "provinc") ||
         (!country.empty() && share_of(column, [&](std::string_view text) {
                                return !territories.match(text, country, "admin1").code.empty();
                              }) >= 0.5);
}

bool fits_role(std::string_view role, const columns::RawColumn& c, const Looks& looks) {
  const double digits = share_of(c, is_digits);
  if (names_cases(c.name) || (is_rate_title(c.name) && share_of(c, is_amount) > 0.9)) {
    return false;
  }
  if (role == "admin1" || role == "admin2" || role == "place" || role == "country" ||
      role == "mechanism" || role == "citizenship") {
    return digits < 0.5 && !(role == "admin1" && looks.is_of_world);
  }
  if (role == "territory_code") {
    return digits > 0.9 && c.values.size() > 2;
  }
  if (role == "iccs" && share_of(c, is_count) > 0.9) {
    const auto* offences = looks.territories.lists().find("iccs");
    return share_of(c, [&](std::string_view text) { return offences->find(text) != nullptr; }) >
           0.5;
  }
  if (role == "value") {
    return is_count_of(c, looks);
  }
  if (role == "population") {
    return share_of(c, is_amount) > 0.9;
  }
  if (role == "iso") {
    return share_of(c, is_upper_code) > 0.9;
  }
  return role != "age" || digits < 0.95 ||
         share_of(c, [](std::string_view text) { return read_age(text).has_value(); }) > 0.9;
}

bool says(std::string_view header, std::string_view word) {
  if (word.find_first_of("_ ") != std::string_view::npos) {
    return header.contains(word);
  }
  std::size_t at = 0;
  while (at < header.size()) {
    const std::size_t end = std::min(header.find_first_of(" _-./()", at), header.size());
    const std::string_view token = header.substr(at, end - at);
    if (word.size() <= 5 ? token == word : token.starts_with(word)) {
      return true;
    }
    at = end + 1;
  }
  return false;
}

bool is_count(std::string_view text) {
  const std::size_t mark = text.find_last_of(".,");
  return is_amount(text) && (mark == std::string_view::npos || text.size() - mark <= 4);
}

bool is_grouped(std::string_view text, char mark) {
  const std::size_t first = text.find(mark);
  if (first == std::string_view::npos || first == 0 || first > 3) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool at_mark = i >= first && (i - first) % 4 == 0;
    if (at_mark ? text[i] != mark : (text[i] < '0' || text[i] > '9')) {
      return false;
    }
  }
  return (text.size() - first) % 4 == 0;
}

std::string special_code(std::string_view text) {
  const std::string key = fold(squeeze(text));
  for (const std::string_view word : {"total", "todos", "ambos", "ambos sexos", "both",
                                      "both sexes", "all", "geral", "total general", "all ages"}) {
    if (key == word) {
      return std::string(kTotal);
    }
  }
  const auto age = read_age(key);
  return age && age->code == kUnknown ? std::string(kUnknown) : std::string();
}

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    if (static_cast<unsigned char>(c) >= 0x20) {
      out += c;
    }
  }
  return out + '"';
}

double share_of(const columns::RawColumn& column, const std::function<bool(std::string_view)>& is) {
  const auto [good, all] = count_values(column, is);
  return all == 0 ? 0 : static_cast<double>(good) / static_cast<double>(all);
}

bool has_groups(const columns::RawColumn& column, char mark) {
  return fractions_of(column).mark != mark &&
         share_of(column, [&](std::string_view text) { return is_grouped(text, mark); }) > 0.02;
}

std::size_t width_of_codes(const columns::RawColumn& column) {
  std::size_t width = 0;
  for (std::uint32_t code = 0; code < column.values.size(); ++code) {
    const auto text = trim(column.values.text(code));
    width = is_digits(text) ? std::max(width, text.size()) : width;
  }
  return width;
}

std::string pattern_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view(".()+*?[]{}|^$\\").contains(c)) {
      out += '\\';
    }
    out += c;
  }
  return out;
}

bool is_letter_h(std::string_view text) {
  return text == "H" || text == "h";
}

bool is_count_or_none(std::string_view text) {
  static constexpr std::array<std::string_view, 9> kNone{"-",   "–",   "—",    "...", "…",
                                                         "n/d", "n/a", "n.d.", "nd"};
  return is_count(text) || std::ranges::find(kNone, fold(text)) != kNone.end();
}

std::string year_in(std::string_view file) {
  std::string year = "YYYY";
  for (std::size_t i = 0; i + 4 <= file.size(); ++i) {
    const std::string_view four = file.substr(i, 4);
    // The day on which a file was made, as in 2012_2017-06-14, is not its year.
    const bool is_day = i + 10 <= file.size() && file[i + 4] == '-' && file[i + 7] == '-';
    if (!is_year(four) || is_day) {
      continue;
    }
    if (year != "YYYY" && year != four) {
      return "YYYY";
    }
    year = four;
  }
  return year;
}

bool speaks_of_homicide(const columns::RawTable& table) {
  std::string words = fold(table.file + " " + table.sheet);
  for (const auto& name : table.header) {
    words += " " + fold(name);
  }
  constexpr std::array<std::string_view, 5> kWords{"homicid", "murder", "asesin", "assassin",
                                                   "meurtre"};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return words.contains(word); });
}

PeriodPattern period_pattern(const columns::RawColumn& column, bool excel) {
  PeriodPattern best;
  for (const std::string_view pattern :
       {"iso",      "%d/%m/%Y",       "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "excel",
        "%d %B %Y", "%d de %B de %Y", "%B %Y",    "%B de %Y", "%B-%Y",    "%B-%y",    "%B/%Y",
        "%B/%y",    "%Y %B",          "%Y-%B",    "%m/%Y",    "%m-%Y",    "%Y/%m",    "%Y%m"}) {
    if (pattern == "excel" && !excel) {
      continue;
    }
    const double share = share_of(
        column, [&](std::string_view text) { return !read_date(text, pattern, "").code.empty(); });
    if (share > best.share) {
      best = {std::string(pattern), share};
    }
  }
  return best;
}

std::vector<std::size_t> find_month_titles(const columns::RawTable& table, std::string& pattern) {
  std::vector<std::size_t> best;
  for (const std::string_view own :
       {"%Y %B", "%B %Y", "%B-%Y", "%B-%y", "%B %y", "%m/%Y", "%m-%Y", "iso"}) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const auto& column = table.columns[i];
      const auto period = parse_period(read_date(squeeze(column.name), own, "").code);
      if (period && period->kind != PeriodKind::year && share_of(column, is_count_or_none) > 0.9) {
        found.push_back(i);
      }
    }
    if (found.size() > std::max<std::size_t>(best.size(), 1)) {
      best = std::move(found);
      pattern = own;
    }
  }
  return best;
}

bool is_rate_title(std::string_view title) {
  const std::string name = fold(squeeze(title));
  static constexpr std::array<std::string_view, 7> kParts{
      "per 100", "por 100", "pour 100", "per cent", "por cien", "pour cent", "%"};
  static constexpr std::array<std::string_view, 13> kWords{
      "rate",    "rates",      "tasa",        "tasas",       "taxa",       "taxas",  "taux",
      "percent", "porcentaje", "porcentagem", "pourcentage", "percentage", "per100k"};
  if (std::ranges::any_of(kParts, [&](std::string_view part) { return name.contains(part); })) {
    return true;
  }
  std::size_t at = 0;
  while (at < name.size()) {
    const std::size_t end = std::min(name.find_first_of(" _-./(),:", at), name.size());
    if (std::ranges::find(kWords, std::string_view(name).substr(at, end - at)) != kWords.end()) {
      return true;
    }
    at = end + 1;
  }
  return false;
}

std::string_view role_of_values(const columns::RawColumn& column, std::string_view country,
                                const Territories& territories) {
  constexpr std::size_t kDistinctMax = 400;
  constexpr std::size_t kCountriesMin = 5;
  if (column.values.size() < 2 || column.values.size() > kDistinctMax) {
    return "";
  }
  const auto most = [&](auto is, std::size_t of_ten = 6) {
    const auto [good, all] = count_values(column, is);
    return good >= 2 && good * 10 >= all * of_ten;
  };
  if (most([&](std::string_view text) { return territories.knows(text); })) {
    return "territory_code";
  }
  const auto is_place = [&](std::string_view level, std::string_view within) {
    return [&territories, level, within](std::string_view text) {
      const auto match = territories.match(text, within, level);
      return !match.code.empty() && !match.is_guess;
    };
  };
  if (!country.empty() && most(is_place("admin1", country))) {
    return "admin1";
  }
  if (count_values(column, is_place("country", "")).first >= kCountriesMin) {
    return "country";
  }
  for (const std::string_view dimension : {"sex", "iccs", "mechanism"}) {
    const auto* list = territories.lists().find(dimension);
    if (most(
            [&](std::string_view text) {
              const auto matches = list->match_name(text);
              return text.size() > 1 && matches.sure() != nullptr && matches.sure()->score >= 0.85;
            },
            dimension == "iccs" ? 4 : 6)) {  // national words for the others
      return dimension;
    }
  }
  return "";
}

namespace {

// What stands after a sign in a note, up to the next sign: "(-) No cases. (...) Not available".
std::string meaning_of(std::string_view note, std::string_view sign) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kQuotes = {
      {{"(", ")"}, {"\"", "\""}, {"'", "'"}, {"«", "»"}, {"“", "”"}}};
  for (const auto& [open, close] : kQuotes) {
    const std::string quoted = fmt::format("{}{}{}", open, sign, close);
    const auto at = note.find(quoted);
    if (at != std::string_view::npos) {
      const std::string_view after = note.substr(at + quoted.size());
      return fold(after.substr(0, after.find(open)));
    }
  }
  const bool leads = note.starts_with(sign) && note.size() > sign.size() &&
                     std::string_view(" :=\t").contains(note[sign.size()]);
  return leads ? fold(note.substr(sign.size())) : std::string();
}

bool has_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return text.contains(word); });
}

}  // namespace

std::string_view said_of_sign(const columns::RawTable& table, std::string_view sign) {
  constexpr std::size_t kNote = 8;  // letters; a shorter text is a value
  for (const auto& column : table.columns) {
    for (std::uint32_t code = 0; code < column.values.size(); ++code) {
      const auto note = trim(column.values.text(code));
      const std::string meaning = note.size() < kNote ? std::string() : meaning_of(note, sign);
      if (has_any(meaning, {"disponi", "available", "sin dato", "sem dado", "informacion",
                            "informacao", "information", "sans donnee", "unknown", "desconoc",
                            "desconhec", "inconnu", "aplica", "applica", "reserv", "confiden"})) {
        return kNotGiven;
      }
      if (has_any(meaning, {"no se registr", "no hubo",   "no hay",       "no exist", "sin casos",
                            "ningun",        "cero",      "inexistente",  "zero",     "nao houve",
                            "nao ha ",       "nenhum",    "sem casos",    "nil",      "none",
                            "no case",       "no record", "not recorded", "aucun",    "neant",
                            "nulle"})) {
        return kZeroText;
      }
    }
  }
  return {};
}

std::set<std::string> texts_without_number(const columns::RawTable& table,
                                           const std::vector<std::size_t>& places) {
  std::set<std::string> out;
  for (const std::size_t i : places) {
    const auto& values = table.columns[i].values;
    for (std::uint32_t code = 0; code < values.size(); ++code) {
      const std::string text = squeeze(values.text(code));
      if (!text.empty() && text.find_first_of("0123456789") == std::string::npos) {
        out.insert(text);
      }
    }
  }
  return out;
}

Fractions fractions_of(const columns::RawColumn& column) {
  Fractions out;
  std::size_t most = 0;
  for (std::uint32_t code = 0; code < column.values.size(); ++code) {
    const auto text = trim(column.values.text(code));
    const std::size_t at = text.find_last_of(".,");
    if (at == std::string_view::npos || !is_amount(text)) {
      continue;
    }
    const std::size_t digits = text.size() - at - 1;
    if (digits == 0 || digits > 6 || !is_digits(text.substr(at + 1))) {
      continue;
    }
    most = std::max(most, digits);
    if (digits != 3) {  // three may be a group of thousands
      out.mark = text[at];
    }
  }
  out.digits = out.mark == '\0' ? 0 : most;
  return out;
}

PeopleWords people_words(const columns::RawColumn& column, const std::string& country,
                         const Territories& territories) {
  PeopleWords out;
  for (std::uint32_t code = 0; code < column.values.size(); ++code) {
    const std::string text = squeeze(column.values.text(code));
    const auto countries = nationalities_of(text, territories);
    const bool is_own = countries.contains(country);
    if (text.empty()) {
      continue;
    }
    if (const std::string special = special_code(text); !special.empty()) {
      (special == kTotal ? out.totals : out.unknown).push_back(text);
    } else if (countries.empty() || country.empty() || (is_own && countries.size() > 1)) {
      out.asked.push_back(text);
    } else {
      (is_own ? out.own : out.others).push_back(text);
    }
  }
  return out;
}

}  // namespace atalaya::observatory
