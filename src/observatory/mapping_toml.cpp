// The mapping's TOML: every key is known or refused with its line, so that a slip of the pen is
// never a silent default.
#include <algorithm>
#include <cmath>
#include <functional>
#include <regex>
#include <set>

#include <fmt/format.h>
#include <toml++/toml.h>

#include <atalaya/base/text.hpp>
#include <atalaya/observatory/mapping.hpp>

#include "toml_words.hpp"

namespace atalaya::observatory {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

const Codelists& lists() {
  static const auto held = Codelists::embedded();
  return *held;
}

bool is_dimension(std::string_view name) {
  return lists().find(name) != nullptr ||
         (name.starts_with("x_") && name.size() > 2 && !detail::has_unseen(name));
}

std::vector<std::string> dimension_names() {
  std::vector<std::string> out;
  for (const auto& list : lists().all()) {
    out.push_back(list.dimension());
  }
  return out;
}

// Instead of a code: the row is rejected, or left out and counted.
bool is_verdict(std::string_view code) {
  return code == "reject" || code == "skip";
}

// _T is a total that the source itself gives beside its parts.
bool is_code(std::string_view dimension, std::string_view code) {
  return lists().is_valid(dimension, code) ||
         (code == kTotal && dimension != "period" && dimension != "unit");
}

class Reader {
 public:
  Reader(std::string_view name, Mapping& mapping) : name_(name), mapping_(mapping) {}

  Result<void> read(const toml::table& root) {
    for (const auto& [key, node] : root) {
      ATALAYA_TRY(top(key.str(), node));
    }
    return finish();
  }

 private:
  using Node = toml::node;
  using Handler = std::function<Result<void>(std::string_view, const Node&)>;

  [[nodiscard]] std::unexpected<Error> bad(const Node& node, std::string_view key,
                                           std::string_view what) const {
    const auto line = static_cast<std::int64_t>(node.source().begin.line);
    return fail(Error{ErrorCode::invalid_argument,
                      "observatory.mapping.bad",
                      fmt::format("{}, line {}: {}: {}", name_, line, key, what),
                      {{"file", std::string(name_)},
                       {"line", std::to_string(line)},
                       {"key", std::string(key)},
                       {"what", std::string(what)}}});
  }

  Result<std::string> text(std::string_view key, const Node& node) const {
    if (const auto value = node.value<std::string>(); node.is_string() && value) {
      // Other texts are those of the file.
      const bool shown = key == "notes" || key == "reason" || key == "values_title";
      return shown && detail::has_unseen(*value) ? bad(node, key, detail::kUnseen)
                                                 : Result<std::string>(*value);
    }
    return bad(node, key, "write a text in quotes");
  }

  Result<bool> boolean(std::string_view key, const Node& node) const {
    if (const auto value = node.value<bool>(); node.is_boolean() && value) {
      return *value;
    }
    return bad(node, key, "write true or false");
  }

  Result<std::int32_t> small_number(std::string_view key, const Node& node, std::int64_t low,
                                    std::int64_t high) const {
    const auto value = node.value<std::int64_t>();
    if (!node.is_integer() || !value || *value < low || *value > high) {
      return bad(node, key, fmt::format("write a whole number from {} to {}", low, high));
    }
    return static_cast<std::int32_t>(*value);
  }

  // A text, or a list of texts.
  Result<std::vector<std::string>> texts(std::string_view key, const Node& node) const {
    std::vector<std::string> out;
    if (const auto* list = node.as_array()) {
      for (const auto& element : *list) {
        const auto value = element.value<std::string>();
        if (!element.is_string() || !value) {
          return bad(element, key, "write texts in quotes");
        }
        out.push_back(*value);
      }
      return out;
    }
    out.push_back(ATALAYA_TRY(text(key, node)));
    return out;
  }

  Result<Words> words(std::string_view key, const Node& node) const {
    auto out = detail::words_of(node);
    if (!out) {
      return bad(node, key, detail::kWriteWords);
    }
    if (detail::has_unseen(*out)) {
      return bad(node, key, detail::kUnseen);
    }
    return *std::move(out);
  }

  // { "MASCULINO" = "M", … }
  Result<Pairs> pairs(std::string_view key, const Node& node) const {
    const auto* table = node.as_table();
    if (table == nullptr) {
      return bad(node, key, "write a table: { \"text of the file\" = \"code\" }");
    }
    Pairs out;
    for (const auto& [name, value] : *table) {
      std::string code = ATALAYA_TRY(text(name.str(), value));
      out.emplace_back(std::string(name.str()), std::move(code));
    }
    return out;
  }

  Result<void> each(std::string_view key, const Node& node, const Handler& handler) const {
    const auto* table = node.as_table();
    if (table == nullptr) {
      return bad(node, key, "write a table");
    }
    for (const auto& [name, value] : *table) {
      ATALAYA_TRY(handler(name.str(), value));
    }
    return {};
  }

  Result<void> each_of_list(std::string_view key, const Node& node,
                            const std::function<Result<void>(const Node&)>& handler) const {
    const auto* list = node.as_array();
    if (list == nullptr) {
      return bad(node, key, fmt::format("write a list of tables: [[{}]]", key));
    }
    for (const auto& element : *list) {
      ATALAYA_TRY(handler(element));
    }
    return {};
  }

  // A key that is one of several texts; answers whether it was one of them.
  Result<bool> set_text(
      std::string_view key, const Node& node,
      std::initializer_list<std::pair<std::string_view, std::string*>> known) const {
    for (const auto& [name, target] : known) {
      if (name == key) {
        *target = ATALAYA_TRY(text(key, node));
        return true;
      }
    }
    return false;
  }

  Result<void> one_of(std::string_view key, const Node& node, std::string_view value,
                      std::initializer_list<std::string_view> allowed) const {
    if (std::ranges::find(allowed, value) == allowed.end()) {
      return bad(node, key, fmt::format("write one of {}", fmt::join(allowed, ", ")));
    }
    return {};
  }

  Result<void> expression(std::string_view key, const Node& node, const std::string& value) const {
    try {
      const std::regex probe(value, std::regex::ECMAScript);
      static_cast<void>(probe);
    } catch (const std::regex_error&) {
      return bad(node, key, "is no regular expression; write one like \"^[0-9]{4}$\"");
    }
    return {};
  }

  Result<void> top(std::string_view key, const Node& node) {
    auto& m = mapping_;
    if (ATALAYA_TRY(set_text(key, node,
                             {{"id", &m.id},
                              {"country", &m.country},
                              {"source_kind", &m.source_kind},
                              {"phase", &m.phase},
                              {"notes", &m.notes}}))) {
      if (key == "phase") {
        return one_of(key, node, m.phase, {"provisional", "consolidated"});
      }
      return {};
    }
    if (key == "title") {
      auto title = ATALAYA_TRY(words(key, node));
      m.title = std::move(title.text);
      m.titles = std::move(title.by_language);
      return {};
    }
    if (key == "version") {
      m.version = ATALAYA_TRY(small_number(key, node, 1, 1'000'000));
      return {};
    }
    if (key == "synthetic") {
      m.synthetic = ATALAYA_TRY(boolean(key, node));
      return {};
    }
    if (key == "kind") {
      const std::string kind = ATALAYA_TRY(text(key, node));
      ATALAYA_TRY(one_of(key, node, kind, {"facts", "population"}));
      m.population = kind == "population";
      return {};
    }
    if (key == "defaults") {
      m.defaults = ATALAYA_TRY(pairs(key, node));
      return {};
    }
    if (key == "breaks") {
      return each(key, node, [this](auto period, const Node& note) -> Result<void> {
        auto said = ATALAYA_TRY(words(period, note));
        mapping_.breaks.emplace_back(std::string(period), std::move(said));
        return {};
      });
    }
    if (key == "covers" || key == "covers_period") {
      return coverage(key, node);
    }
    if (key == "file") {
      return each(key, node, [this](auto k, const Node& n) { return file_key(k, n); });
    }
    if (key == "value") {
      return each(key, node, [this](auto k, const Node& n) { return value_key(k, n); });
    }
    if (key == "dimensions") {
      return each(key, node, [this](auto k, const Node& n) { return dimension(k, n); });
    }
    if (key == "skip") {
      return each_of_list(key, node, [this](const Node& n) { return skip(n); });
    }
    if (key == "measures") {
      return each_of_list(key, node, [this](const Node& n) { return measure(n); });
    }
    if (key == "checks") {
      return each_of_list(key, node, [this](const Node& n) { return check(n); });
    }
    return bad(node, key,
               "is not known here; top-level keys are id, version, title, kind, country, "
               "source_kind, phase, synthetic, notes, breaks, covers, covers_period, defaults, "
               "file, value, dimensions, skip, measures, checks");
  }

  // Which territories and which time a file speaks of, also where it has no case of them.
  Result<void> coverage(std::string_view key, const Node& node) {
    auto said = ATALAYA_TRY(texts(key, node));
    if (key == "covers") {
      for (const auto& code : said) {
        if (code.starts_with('_') || !lists().is_valid("territory", code)) {
          return bad(node, key,
                     "write codes of territories, like \"BRA\" or [\"BR-RJ\", \"BR-SP\"]");
        }
      }
      mapping_.covers = std::move(said);
      return {};
    }
    for (const auto& text : said) {
      const std::size_t slash = text.find('/');
      const auto first = parse_period(text.substr(0, slash));
      const auto last = slash == std::string::npos ? first : parse_period(text.substr(slash + 1));
      const bool is_word = said.size() == 1 && (text == "facts" || text == "year");
      if (!is_word && (!first || !last || last->end <= first->begin)) {
        return bad(node, key,
                   "write \"facts\", \"year\", or periods like \"2022\", \"2021/2023\" or "
                   "[\"2021-03/2021-12\", \"2023\"]");
      }
    }
    mapping_.covers_period = std::move(said);
    return {};
  }

  Result<void> mark(std::string_view key, const Node& node, char& target) const {
    const std::string value = ATALAYA_TRY(text(key, node));
    if (value.size() > 1) {
      return bad(node, key, "write one character, like \",\"");
    }
    target = value.empty() ? '\0' : value[0];
    return {};
  }

  // `header = [3, 4]`: titles that stand above one another.
  Result<void> two_headers(std::string_view key, const toml::array& lines) {
    if (lines.size() == 2) {
      const auto top = ATALAYA_TRY(small_number(key, *lines.get(0), 1, 100'000));
      const auto last = ATALAYA_TRY(small_number(key, *lines.get(1), 1, 100'000));
      if (top < last && last - top < 5) {
        mapping_.header_top = std::to_string(top);
        mapping_.header = std::to_string(last);
        return {};
      }
    }
    return bad(lines, key, "write the first and the last line of the titles, like [3, 4]");
  }

  Result<void> file_key(std::string_view key, const Node& node) {
    auto& m = mapping_;
    if (ATALAYA_TRY(
            set_text(key, node, {{"encoding", &m.encoding}, {"delimiter", &m.delimiter}}))) {
      return {};
    }
    if (key == "sheet" || key == "sheets") {
      m.sheets = ATALAYA_TRY(texts(key, node));
      std::erase(m.sheets, "");
      const std::set<std::string> once(m.sheets.begin(), m.sheets.end());
      if (once.size() != m.sheets.size() || (once.size() > 1 && once.contains("*"))) {
        return bad(node, key, "write each sheet once, or \"*\" alone for all of them");
      }
      return {};
    }
    if (key == "header") {
      if (const auto* lines = node.as_array(); lines != nullptr) {
        return two_headers(key, *lines);
      }
      if (node.is_integer()) {
        m.header = std::to_string(ATALAYA_TRY(small_number(key, node, 1, 100'000)));
        return {};
      }
      m.header = ATALAYA_TRY(text(key, node));
      return one_of(key, node, m.header, {"auto"});
    }
    if (key == "columns") {
      m.column_names = ATALAYA_TRY(texts(key, node));
      m.header = "none";
      return {};
    }
    if (key == "missing") {
      m.missing = ATALAYA_TRY(texts(key, node));
      return no_text_is_both(node, key);
    }
    if (key == "zero") {
      m.zero = ATALAYA_TRY(texts(key, node));
      return no_text_is_both(node, key);
    }
    if (key == "fill_down") {
      m.fill_down = ATALAYA_TRY(texts(key, node));
      return {};
    }
    if (key == "decimal_mark") {
      return mark(key, node, m.decimal_mark);
    }
    if (key == "thousands_mark") {
      return mark(key, node, m.thousands_mark);
    }
    return bad(
        node, key,
        "is not known under [file]; keys are sheet, sheets, header, columns, encoding, delimiter, "
        "fill_down, decimal_mark, thousands_mark, missing, zero");
  }

  Result<void> no_text_is_both(const Node& node, std::string_view key) const {
    for (const auto& text : mapping_.zero) {
      if (std::ranges::find(mapping_.missing, text) != mapping_.missing.end()) {
        return bad(
            node, key,
            fmt::format("\"{}\" is under missing and under zero: it cannot mean a number that "
                        "is not given and none at all",
                        text));
      }
    }
    return {};
  }

  Result<void> value_key(std::string_view key, const Node& node) {
    auto& m = mapping_;
    if (key == "column" && node.is_array()) {
      return bad(node, key,
                 "names one column of numbers; for several write [[measures]] for each, with column "
                 "and, under set, what tells it from the others");
    }
    if (key == "column") {
      MeasureMapping measure;
      measure.column = ATALAYA_TRY(text(key, node));
      m.measures.insert(m.measures.begin(), std::move(measure));
      return {};
    }
    if (key == "rows") {
      m.count_rows = ATALAYA_TRY(boolean(key, node));
      return {};
    }
    if (key == "decimals") {
      m.decimals = ATALAYA_TRY(small_number(key, node, 0, 6));
      return {};
    }
    if (key == "multiply") {
      const auto value = node.value<double>();
      if (!value || !(*value > 0) || !std::isfinite(*value)) {
        return bad(node, key, "write a number above zero, like 1000");
      }
      m.multiply = *value;
      return {};
    }
    if (key == "empty") {
      m.empty_value = ATALAYA_TRY(text(key, node));
      return one_of(key, node, m.empty_value, {"skip", "missing", "reject", "zero"});
    }
    return bad(node, key,
               "is not known under [value]; keys are column, rows, decimals, multiply, empty");
  }

  Result<void> skip(const Node& node) {
    SkipRule rule;
    ATALAYA_TRY(each("skip", node, [&](std::string_view key, const Node& n) -> Result<void> {
      if (key == "equals") {
        rule.equals = ATALAYA_TRY(texts(key, n));
        return {};
      }
      if (key == "empty") {
        rule.empty = ATALAYA_TRY(boolean(key, n));
        return {};
      }
      if (ATALAYA_TRY(set_text(
              key, n,
              {{"column", &rule.column}, {"matches", &rule.matches}, {"reason", &rule.reason}}))) {
        return key == "matches" ? expression(key, n, rule.matches) : Result<void>{};
      }
      return bad(n, key,
                 "is not known under [[skip]]; keys are column, equals, matches, empty, reason");
    }));
    if (rule.column.empty() || rule.reason.empty() ||
        (rule.equals.empty() && rule.matches.empty() && !rule.empty)) {
      return bad(node, "skip", "needs column, reason, and one of equals, matches or empty = true");
    }
    mapping_.skip.push_back(std::move(rule));
    return {};
  }

  Result<void> measure(const Node& node) {
    MeasureMapping measure;
    ATALAYA_TRY(each("measures", node, [&](std::string_view key, const Node& n) -> Result<void> {
      if (key == "set") {
        measure.set = ATALAYA_TRY(pairs(key, n));
        return {};
      }
      if (ATALAYA_TRY(
              set_text(key, n, {{"column", &measure.column}, {"columns", &measure.columns}}))) {
        return key == "columns" ? expression(key, n, measure.columns) : Result<void>{};
      }
      return bad(n, key, "is not known under [[measures]]; keys are column, columns, set");
    }));
    if (measure.column.empty() == measure.columns.empty()) {
      return bad(node, "measures", "needs either column or columns");
    }
    mapping_.measures.push_back(std::move(measure));
    return {};
  }

  Result<void> check(const Node& node) {
    CheckRule rule;
    ATALAYA_TRY(each("checks", node, [&](std::string_view key, const Node& n) -> Result<void> {
      if (key == "sum") {
        rule.sum = ATALAYA_TRY(texts(key, n));
        return {};
      }
      if (ATALAYA_TRY(set_text(key, n, {{"equals", &rule.equals}}))) {
        return {};
      }
      return bad(n, key, "is not known under [[checks]]; keys are sum, equals");
    }));
    if (rule.sum.empty() || rule.equals.empty()) {
      return bad(node, "checks", "needs sum = [columns] and equals = \"column\"");
    }
    mapping_.checks.push_back(std::move(rule));
    return {};
  }

  Result<void> rule(DimensionMapping& dimension, const Node& node) {
    CodeRule rule;
    ATALAYA_TRY(each("rules", node, [&](std::string_view key, const Node& n) -> Result<void> {
      if (key == "code") {
        rule.code = ATALAYA_TRY(text(key, n));
        return {};
      }
      if (key == "when") {
        return each(key, n, [&](std::string_view column, const Node& values) -> Result<void> {
          auto list = ATALAYA_TRY(texts(column, values));
          for (auto& value : list) {
            value = fold(squeeze(value));
          }
          rule.when.emplace_back(std::string(column), std::move(list));
          return {};
        });
      }
      return bad(n, key, "is not known under rules; keys are when, code");
    }));
    if (rule.code.empty() || rule.when.empty()) {
      return bad(node, "rules", "needs when = { column = [values] } and code");
    }
    dimension.rules.push_back(std::move(rule));
    return {};
  }

  // `column = "A"`, `column = ["A", "A in older files"]`, `columns = ["YEAR", "MONTH"]`.
  Result<bool> dimension_columns(DimensionMapping& d, std::string_view key, const Node& node) {
    if (key == "column") {
      d.columns = {ATALAYA_TRY(texts(key, node))};
      return true;
    }
    if (key != "columns") {
      return false;
    }
    const auto* list = node.as_array();
    if (list == nullptr || list->empty()) {
      return bad(node, key, "write a list of columns, like [\"year\", \"month\"]");
    }
    d.columns.clear();
    for (const auto& element : *list) {
      d.columns.push_back(ATALAYA_TRY(texts(key, element)));
    }
    return true;
  }

  Result<bool> dimension_flag(DimensionMapping& d, std::string_view key, const Node& node) {
    const std::pair<std::string_view, std::int32_t*> numbers[] = {
        {"pad", &d.pad}, {"first", &d.first}, {"parent_first", &d.parent_first}};
    for (const auto& [name, target] : numbers) {
      if (name == key) {
        *target = ATALAYA_TRY(small_number(key, node, 1, 40));
        return true;
      }
    }
    if (key == "optional" || key == "enroll") {
      (key == "enroll" ? d.enroll : d.optional) = ATALAYA_TRY(boolean(key, node));
      return true;
    }
    if (key == "strip") {
      d.strip = ATALAYA_TRY(texts(key, node));
      return true;
    }
    if (key == "values") {
      d.values = ATALAYA_TRY(pairs(key, node));
      return true;
    }
    if (key == "rules") {
      ATALAYA_TRY(each_of_list(key, node, [&](const Node& n) { return rule(d, n); }));
      return true;
    }
    return false;
  }

  Result<void> dimension(std::string_view name, const Node& node) {
    if (!is_dimension(name)) {
      return bad(node, name,
                 fmt::format("is no dimension; dimensions are {} and your own as x_name",
                             fmt::join(dimension_names(), ", ")));
    }
    DimensionMapping d;
    d.name = std::string(name);
    ATALAYA_TRY(each(name, node, [&](std::string_view key, const Node& n) -> Result<void> {
      if (ATALAYA_TRY(dimension_columns(d, key, n)) || ATALAYA_TRY(dimension_flag(d, key, n))) {
        return {};
      }
      if (ATALAYA_TRY(set_text(key, n,
                               {{"constant", &d.constant},
                                {"date", &d.date},
                                {"to", &d.to},
                                {"level", &d.level},
                                {"match", &d.match},
                                {"within", &d.within},
                                {"name_column", &d.name_column},
                                {"parent_column", &d.parent_column},
                                {"prefix", &d.prefix},
                                {"values_title", &d.values_title},
                                {"empty", &d.empty},
                                {"otherwise", &d.otherwise}}))) {
        return {};
      }
      return bad(n, key,
                 "is not known for a dimension; keys are column, columns, constant, optional, "
                 "values, rules, otherwise, empty, strip, pad, first, prefix, date, to, level, "
                 "match, within, name_column, parent_column, parent_first, enroll");
    }));
    return accept(std::move(d), node);
  }

  Result<void> accept(DimensionMapping d, const Node& node) {
    if (d.columns.empty() && d.constant.empty() && d.rules.empty()) {
      return bad(node, d.name, "needs column, columns, rules or constant");
    }
    if (!d.match.empty()) {
      ATALAYA_TRY(one_of("match", node, d.match, {"code", "name"}));
    }
    if (!d.to.empty()) {
      ATALAYA_TRY(
          one_of("to", node, d.to, {"year", "semester", "quarter", "month", "week", "day"}));
    }
    // Without a time or a place a fact says nothing.
    if ((d.name == "period" || d.name == "territory" || d.name == "unit") && d.empty == kUnknown) {
      d.empty = "reject";
    }
    if (d.name == "status" && d.empty == kUnknown) {
      d.empty = "A";
    }
    ATALAYA_TRY(code(node, d.name, d.constant, "constant"));
    ATALAYA_TRY(code(node, d.name, is_verdict(d.empty) ? "" : d.empty, "empty"));
    ATALAYA_TRY(code(node, d.name, is_verdict(d.otherwise) ? "" : d.otherwise, "otherwise"));
    for (const auto& [text, value] : d.values) {
      if (!is_verdict(value)) {
        ATALAYA_TRY(code(node, d.name, value, text));
      }
    }
    for (const auto& r : d.rules) {
      if (!is_verdict(r.code)) {
        ATALAYA_TRY(code(node, d.name, r.code, "rules"));
      }
    }
    mapping_.dimensions.push_back(std::move(d));
    return {};
  }

  // Codes written into the mapping are checked at once, so that a load never fails on its last row.
  Result<void> code(const Node& node, const std::string& dimension, const std::string& value,
                    std::string_view key) const {
    if (value.empty() || value.contains('$') || dimension == "territory" ||
        is_code(dimension, value)) {
      return {};
    }
    return bad(node, fmt::format("{}.{}", dimension, key),
               fmt::format("{} is no code of {}; see: atalaya observatory codes {}", value,
                           dimension, dimension));
  }

  [[nodiscard]] std::unexpected<Error> lacks(std::string_view key, std::string_view what) const {
    return fail(Error{ErrorCode::invalid_argument,
                      "observatory.mapping.bad",
                      fmt::format("{}: {}: {}", name_, key, what),
                      {{"file", std::string(name_)},
                       {"line", "1"},
                       {"key", std::string(key)},
                       {"what", std::string(what)}}});
  }

  [[nodiscard]] bool gives(std::string_view dimension) const {
    return std::ranges::any_of(mapping_.dimensions,
                               [&](const auto& d) { return d.name == dimension; }) ||
           std::ranges::any_of(mapping_.defaults,
                               [&](const auto& d) { return d.first == dimension; }) ||
           (!mapping_.measures.empty() &&
            std::ranges::all_of(mapping_.measures, [&](const MeasureMapping& m) {
              return std::ranges::any_of(m.set,
                                         [&](const auto& s) { return s.first == dimension; });
            }));
  }

  Result<void> finish() const {
    const auto& m = mapping_;
    const auto plain = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    if (m.id.empty() || m.id.size() > 64 || !std::ranges::all_of(m.id, plain)) {
      return lacks("id", "write a short name of a-z, 0-9 and _, like \"co_police_homicides\"");
    }
    if (m.count_rows == !m.measures.empty()) {
      return lacks("value",
                   "write either [value] rows = true (every row is one), or the column of the "
                   "count ([value] column = \"…\" or [[measures]])");
    }
    for (const std::string_view needed : {"period", "territory"}) {
      if (!gives(needed)) {
        return lacks("dimensions", fmt::format("nothing says the {} of a row; add "
                                               "[dimensions.{}]",
                                               needed, needed));
      }
    }
    const auto is_own = [&](const std::string& code) {
      return lists().country_of(code) == m.country;
    };
    if (!m.covers.empty() && !m.country.empty() && std::ranges::none_of(m.covers, is_own)) {
      return lacks("covers", fmt::format("none of it lies in country = \"{}\"; correct one of the "
                                         "two",
                                         m.country));
    }
    if (!m.population && !gives("unit")) {
      return lacks("defaults", "say what is counted, like defaults = { unit = \"victims\" }");
    }
    const auto known = [&](const Pairs& list) -> Result<void> {
      for (const auto& [dimension, value] : list) {
        if (!is_dimension(dimension)) {
          return lacks(dimension, "is no dimension");
        }
        if (std::ranges::count(value, '{') > 1) {
          return lacks(dimension,
                       "braces name one column of the file; where two make the code, write "
                       "columns = [\"Year\", \"Week\"] under the dimension");
        }
        if (!value.contains('$') && !value.contains('{') && dimension != "territory" &&
            !is_code(dimension, value)) {
          return lacks(dimension, fmt::format("{} is no code of {}; see: atalaya observatory codes "
                                              "{}",
                                              value, dimension, dimension));
        }
      }
      return {};
    };
    ATALAYA_TRY(known(m.defaults));
    for (const auto& measure : m.measures) {
      ATALAYA_TRY(known(measure.set));
    }
    return {};
  }

  std::string_view name_;
  Mapping& mapping_;
};

}  // namespace

Result<Mapping> parse_mapping(std::string_view text, std::string_view name) {
  const auto refuse = [&](std::int64_t line, std::string_view what) {
    return fail(Error{ErrorCode::invalid_argument,
                      "observatory.mapping.bad",
                      fmt::format("{}, line {}: {}", name, line, what),
                      {{"file", std::string(name)},
                       {"line", std::to_string(line)},
                       {"key", "TOML"},
                       {"what", std::string(what)}}});
  };
  if (text.size() > (std::size_t{4} << 20U)) {
    return refuse(1, "a mapping has at most 4 MiB");
  }
  if (const auto offset = find_invalid_utf8(text)) {
    const auto line = 1 + std::ranges::count(text.substr(0, *offset), '\n');
    return refuse(line, "save the mapping as UTF-8");
  }
  Mapping mapping;
  try {
    const toml::table root = toml::parse(text);
    ATALAYA_TRY(Reader(name, mapping).read(root));
  } catch (const toml::parse_error& error) {
    return refuse(static_cast<std::int64_t>(error.source().begin.line), error.description());
  }
  mapping.text = std::string(text);
  mapping.sha256 = to_hex(sha256(text));
  return mapping;
}

}  // namespace atalaya::observatory
