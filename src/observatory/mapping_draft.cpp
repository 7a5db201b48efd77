// A first mapping for a file: what headers and values look like, every guess with a comment.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/observatory/mapping.hpp>

#include "mapping_values.hpp"

namespace atalaya::observatory {
namespace {

constexpr std::size_t kValuesShown = 60;

struct Hint {
  std::string_view role;
  std::vector<std::string_view> words;  // folded; a header that holds one is a candidate
};

// Words of headers in four languages, most telling first.
const std::vector<Hint>& hints() {
  static const std::vector<Hint> all = {
      {"date", {"fecha", "date", "data do fato", "data_fato", "dt_"}},
      {"year", {"anio", "year", "annee", "ano"}},
      {"month", {"month", "mes", "mois"}},
      {"territory_code",
       {"dane", "codigo_mun", "cod_mun", "municipio_code", "ibge", "inegi", "iso", "geocod",
        "fmun_cod", "departamento_code", "cod_"}},
      {"admin2", {"municip", "fmun", "city", "ciudad", "cidade", "comuna", "canton", "alcaldia"}},
      {"admin1", {"departament", "provinc", "estado", "state", "region", "entidad", "uf"}},
      {"country", {"country", "pais", "pays"}},
      {"sex", {"sexo", "genero", "sex", "gender", "sexe"}},
      {"age", {"edad", "idade", "age"}},
      {"mechanism", {"arma", "weapon", "mechanism", "mecanismo", "medio", "arme"}},
      {"iccs", {"delito", "crime", "offence", "offense", "infraction", "natureza", "hecho punible"}},
      {"value", {"cantidad", "victim", "total", "count", "casos", "numero", "quantidade", "nombre"}},
      {"population", {"poblacion", "population", "populacao", "pop"}},
  };
  return all;
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
  std::size_t good = 0;
  std::size_t all = 0;
  for (std::uint32_t code = 0; code < column.values.size(); ++code) {
    const auto text = trim(column.values.text(code));
    if (!text.empty()) {
      ++all;
      good += is(text) ? 1U : 0U;
    }
  }
  return all == 0 ? 0 : static_cast<double>(good) / static_cast<double>(all);
}

class Drafter {
 public:
  Drafter(const columns::RawTable& table, std::string_view country, const Territories& territories)
      : table_(table), country_(country), territories_(territories) {}

  std::string write() {
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      for (const auto& hint : hints()) {
        const std::string name = fold(squeeze(table_.columns[i].name));
        const bool fits = std::ranges::any_of(
            hint.words, [&](std::string_view word) { return name.contains(word); });
        if (fits && !roles_.contains(hint.role)) {
          roles_.emplace(hint.role, i);
          used_.insert(i);
          break;
        }
      }
    }
    head();
    period();
    territory();
    listed("sex");
    listed("mechanism");
    age();
    offence();
    value();
    rest();
    return out_;
  }

 private:
  [[nodiscard]] const columns::RawColumn* column(std::string_view role) const {
    const auto at = roles_.find(role);
    return at == roles_.end() ? nullptr : &table_.columns[at->second];
  }

  void line(std::string_view text) { out_ += std::string(text) + '\n'; }

  void head() {
    std::string id;
    for (const char c : fold(table_.file.substr(0, table_.file.find('.')))) {
      id += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
    }
    line("# A proposal made from the file. Look at every line that says GUESS, then try it with");
    line("# atalaya observatory load --dry-run. All keys: docs/guides/mapping.md");
    line(fmt::format("id = {}", toml_text(id.empty() ? "my_mapping" : id.substr(0, 60))));
    line("version = 1");
    line(fmt::format("title = {}", toml_text(table_.file)));
    line(fmt::format("kind = \"{}\"", column("population") != nullptr ? "population" : "facts"));
    if (!country_.empty()) {
      line(fmt::format("country = {}", toml_text(country_)));
    }
    line("source_kind = \"police\"  # GUESS: police, forensic, health, justice, prison, survey, "
         "migration, population, international");
    if (column("population") == nullptr) {
      line("\n[defaults]");
      line("unit = \"victims\"  # GUESS: what one counts; see: atalaya observatory codes unit");
      if (column("iccs") == nullptr) {
        line("iccs = \"0101\"  # GUESS: intentional homicide; see: atalaya observatory codes iccs");
      }
    }
    line("\n[file]");
    if (table_.header_line > 0) {
      line(fmt::format("header = {}", table_.header_line));
    }
    if (!table_.sheet.empty()) {
      line(fmt::format("sheet = {}", toml_text(table_.sheet)));
    }
    if (table_.delimiter != 0) {
      line(fmt::format("delimiter = {}",
                       toml_text(table_.delimiter == '\t' ? "tab"
                                                          : std::string(1, table_.delimiter))));
    }
    line("decimal_mark = \".\"  # GUESS");
  }

  void period() {
    line("\n[dimensions.period]");
    if (const auto* date = column("date")) {
      line(fmt::format("column = {}", toml_text(date->name)));
      std::string best = "iso";
      double share = 0;
      for (const std::string_view pattern :
           {"iso", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d/%m/%y", "excel", "%d %B %Y"}) {
        const double good = share_of(*date, [&](std::string_view text) {
          return !read_date(text, pattern, "").code.empty();
        });
        if (good > share) {
          share = good;
          best = std::string(pattern);
        }
      }
      line(fmt::format("date = {}  # GUESS: fits {:.0f} % of the values", toml_text(best),
                       share * 100));
      line("# to = \"month\"  # keeps less than the day");
      return;
    }
    const auto* year = column("year");
    const auto* month = column("month");
    if (year != nullptr && month != nullptr) {
      line(fmt::format("columns = [{}, {}]", toml_text(year->name), toml_text(month->name)));
      const bool words = share_of(*month, [](std::string_view text) {
                           return !text.empty() && (text[0] < '0' || text[0] > '9');
                         }) > 0.5;
      line(fmt::format("date = \"{}\"", words ? "%Y %B" : "%Y %m"));
    } else if (year != nullptr) {
      line(fmt::format("column = {}", toml_text(year->name)));
    } else {
      line("constant = \"2024\"  # GUESS: no column looks like a date");
    }
  }

  void territory() {
    line("\n[dimensions.territory]");
    if (const auto* code = column("territory_code")) {
      line(fmt::format("column = {}", toml_text(code->name)));
      const double known = share_of(*code, [&](std::string_view text) {
        return territories_.knows(text);
      });
      if (known < 0.5) {
        std::size_t width = 0;
        for (std::uint32_t c = 0; c < code->values.size(); ++c) {
          width = std::max(width, trim(code->values.text(c)).size());
        }
        line(fmt::format("pad = {}  # zeros on the left that a spreadsheet may have eaten", width));
        line(fmt::format("prefix = {}",
                         toml_text((country_.empty() ? "XXX" : country_) + "_")));
        line("level = \"admin2\"  # GUESS");
        line("enroll = true  # GUESS: codes that the node does not know join it");
        if (const auto* name = column("admin2")) {
          line(fmt::format("name_column = {}", toml_text(name->name)));
        }
        if (const auto* parent = column("admin1")) {
          line(fmt::format("parent_column = {}", toml_text(parent->name)));
        }
      }
      return;
    }
    for (const auto& [role, level] : {std::pair("admin2", "admin2"), std::pair("admin1", "admin1"),
                                      std::pair("country", "country")}) {
      if (const auto* name = column(role)) {
        line(fmt::format("column = {}", toml_text(name->name)));
        line("match = \"name\"");
        line(fmt::format("level = \"{}\"", level));
        const auto* outer = column("admin1");
        if (std::string_view(role) == "admin2" && outer != nullptr) {
          line(fmt::format("within = {}", toml_text(outer->name)));
        }
        return;
      }
    }
    line(fmt::format("constant = {}  # GUESS: no column looks like a place",
                     toml_text(country_.empty() ? "XXX" : country_)));
  }

  void values_of(const columns::RawColumn& c, const std::string& dimension) {
    line(fmt::format("[dimensions.{}.values]", dimension));
    const auto* list = territories_.lists().find(dimension);
    std::set<std::string> seen;
    for (std::uint32_t code = 0; code < c.values.size(); ++code) {
      const std::string text = squeeze(c.values.text(code));
      if (text.empty() || !seen.insert(text).second) {
        continue;
      }
      if (seen.size() > kValuesShown) {
        line(fmt::format("# … {} values in all; those missing here are rejected until they are "
                         "written",
                         c.values.size()));
        break;
      }
      const NameMatches matches = list->match_name(text);
      const auto* sure = matches.sure();
      const bool likely = sure != nullptr && sure->score >= 0.85;
      line(fmt::format("{}{} = {}{}", likely ? "" : "# ", toml_text(text),
                       toml_text(likely ? sure->code->id : "_U"),
                       likely && sure->score < 0.99
                           ? fmt::format("  # GUESS: {}", sure->reason)
                           : likely ? "" : "  # which code?"));
    }
  }

  void listed(const std::string& dimension) {
    if (const auto* c = column(dimension)) {
      line(fmt::format("\n[dimensions.{}]", dimension));
      line(fmt::format("column = {}", toml_text(c->name)));
      values_of(*c, dimension);
    }
  }

  void age() {
    const auto* c = column("age");
    if (c == nullptr) {
      return;
    }
    line("\n[dimensions.age]");
    line(fmt::format("column = {}", toml_text(c->name)));
    std::set<std::string> words;
    for (std::uint32_t code = 0; code < c->values.size(); ++code) {
      const std::string text = squeeze(c->values.text(code));
      if (!text.empty() && !read_age(text)) {
        words.insert(text);
      }
    }
    if (words.empty()) {
      return;
    }
    line("[dimensions.age.values]  # words for groups mean other ages in other laws");
    std::size_t shown = 0;
    for (const auto& word : words) {
      if (++shown <= kValuesShown) {
        line(fmt::format("# {} = \"_U\"  # which ages? like Y_GE18 or Y14T17", toml_text(word)));
      }
    }
  }

  void offence() {
    const auto* c = column("iccs");
    if (c == nullptr) {
      return;
    }
    line("\n[dimensions.iccs]");
    line(fmt::format("column = {}", toml_text(c->name)));
    line("# otherwise = \"skip\"  # leaves out offences that are not written below");
    values_of(*c, "iccs");
  }

  void value() {
    line("\n[value]");
    const auto* c = column("population") != nullptr ? column("population") : column("value");
    const bool numbers = c != nullptr && share_of(*c, [](std::string_view text) {
                                           return text.find_first_not_of("0123456789., <") ==
                                                  std::string_view::npos;
                                         }) > 0.9;
    if (numbers) {
      line(fmt::format("column = {}", toml_text(c->name)));
    } else {
      line("rows = true  # GUESS: every row is one");
    }
  }

  void rest() {
    line("");
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      if (!used_.contains(i)) {
        line(fmt::format("# not used: {} ({} different values)", table_.columns[i].name,
                         table_.columns[i].values.size()));
      }
    }
    line("#\n# [[skip]]  # rows that are no data\n# column = \"…\"\n# equals = [\"TOTAL\"]\n# reason = "
         "\"total row\"");
  }

  const columns::RawTable& table_;
  std::string country_;
  const Territories& territories_;
  std::map<std::string_view, std::size_t> roles_;
  std::set<std::size_t> used_;
  std::string out_;
};

}  // namespace

std::string draft_mapping(const columns::RawTable& table, std::string_view country,
                          const Territories& territories) {
  return Drafter(table, country, territories).write();
}

}  // namespace atalaya::observatory
