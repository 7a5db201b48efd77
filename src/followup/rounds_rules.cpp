#include <algorithm>
#include <cstdlib>
#include <set>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/followup/reference.hpp>
#include <atalaya/followup/reports.hpp>
#include <atalaya/followup/round_rules.hpp>
#include <atalaya/followup/treaties.hpp>

#include "checks.hpp"
#include "rounds_entries.hpp"
#include "said_values.hpp"

namespace atalaya::followup {
namespace {

// "8.200" is eight thousand two hundred to most sheets of the region and eight point two to others.
bool is_plain_number(std::string_view value) {
  constexpr std::size_t kGroup = 3;
  const std::string_view digits = value.substr(value.starts_with('-') ? 1 : 0);
  const std::size_t point = digits.find('.');
  const bool grouped = point != std::string_view::npos && point >= 1 && point <= kGroup &&
                       digits.size() == point + 1 + kGroup && !digits.starts_with('0');
  return detail::is_number(value) && !grouped;
}

constexpr std::size_t kQuestionsMax = 60;

constexpr std::pair<std::string_view, QuestionType> kTypes[] = {
    {"yes_no", QuestionType::yes_no}, {"partial", QuestionType::partial},
    {"text", QuestionType::text},     {"number", QuestionType::number},
    {"date", QuestionType::date},     {"scale", QuestionType::scale},
    {"links", QuestionType::links},   {"table", QuestionType::table}};

std::unexpected<Error> bad(std::string_view row, std::string_view rule) {
  return fail(Error{ErrorCode::invalid_argument,
                    "followup.questionnaire",
                    fmt::format("{}: {}", row, rule),
                    {{"row", std::string(row.substr(0, 80))}, {"rule", std::string(rule)}}});
}

bool is_id(std::string_view id) {
  return !id.empty() && id.size() <= 40 && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

Result<std::vector<QuestionRoute>> routes_from(const json::object& row, const Questionnaire& before,
                                               const Reference& reference) {
  std::vector<QuestionRoute> out;
  const auto* when = row.if_contains("when");
  if (when == nullptr) {
    return out;
  }
  const std::string id = detail::text_of(row, "id");
  if (!when->is_array()) {
    return bad(id, "when");
  }
  for (const json::value& value : when->get_array()) {
    const auto* object = value.if_object();
    const auto* values = object == nullptr ? nullptr : object->if_contains("is");
    if (values == nullptr || !values->is_array()) {
      return bad(id, "when");
    }
    QuestionRoute route;
    route.question = detail::text_of(*object, "question");
    // Only questions before this one: so a route can never go in circles.
    const Question* asked_before = before.find(route.question);
    if (asked_before == nullptr) {
      return bad(id, "when");
    }
    const auto possible = answer_values(*asked_before, reference);
    for (const json::value& one : values->get_array()) {
      route.values.emplace_back(one.is_string() ? std::string(one.get_string()) : std::string());
      if (std::ranges::find(possible, route.values.back()) == possible.end()) {
        return bad(id, "when");
      }
    }
    out.push_back(std::move(route));
  }
  return out;
}

// Of a table: what each row says. Every other question has none.
Result<std::vector<QuestionColumn>> columns_from(const json::object& row, const Question& of) {
  std::vector<QuestionColumn> out;
  const auto* columns = row.if_contains("columns");
  const auto* list = columns == nullptr ? nullptr : columns->if_array();
  if ((of.type == QuestionType::table) != (list != nullptr)) {
    return bad(of.id, "columns");
  }
  if (list == nullptr) {
    return out;
  }
  for (const json::value& value : *list) {
    const auto* object = value.if_object();
    if (object == nullptr) {
      return bad(of.id, "columns");
    }
    QuestionColumn column;
    column.id = detail::text_of(*object, "id");
    column.label = detail::words_of(*object, "label");
    const std::string type = detail::text_of(*object, "type");
    column.type = type == "number" ? QuestionType::number
                  : type == "date" ? QuestionType::date
                                   : QuestionType::text;
    if (const auto* by = object->if_contains("sum_by"); by != nullptr && by->is_array()) {
      for (const json::value& one : by->get_array()) {
        column.sum_by.push_back(one.is_string() ? std::string(one.get_string()) : std::string());
      }
    }
    const bool twice = std::ranges::find(out, column.id, &QuestionColumn::id) != out.end();
    const bool known = type == "text" || column.type != QuestionType::text;
    if (!is_id(column.id) || twice || !known || column.label.in(Language::en).empty()) {
      return bad(of.id, "columns");
    }
    out.push_back(std::move(column));
  }
  for (const QuestionColumn& column : out) {
    const bool known = std::ranges::all_of(column.sum_by, [&](const std::string& by) {
      const auto found = std::ranges::find(out, by, &QuestionColumn::id);
      return found != out.end() && found->type != QuestionType::number;
    });
    if (!known || (!column.sum_by.empty() && column.type != QuestionType::number)) {
      return bad(of.id, "columns");
    }
  }
  return out.empty() || out.size() > kTableColumnsMax
             ? Result<std::vector<QuestionColumn>>(bad(of.id, "columns"))
             : out;
}

Result<Question> question_from(const json::value& value, const Questionnaire& before,
                               const Reference& reference) {
  const auto* row = value.if_object();
  if (row == nullptr) {
    return bad(before.id, "questions");
  }
  Question out;
  out.id = detail::text_of(*row, "id");
  out.article = detail::text_of(*row, "article");
  out.text = detail::words_of(*row, "text");
  out.scale = detail::text_of(*row, "scale");
  const auto* required = row->if_contains("required");
  out.required = required != nullptr && required->is_bool() && required->get_bool();
  const std::string name = detail::text_of(*row, "type");
  const auto* type = std::ranges::find(kTypes, name, [](const auto& pair) { return pair.first; });
  if (!is_id(out.id) || before.find(out.id) != nullptr) {
    return bad(out.id, "id");
  }
  if (type == std::end(kTypes)) {
    return bad(out.id, "type");
  }
  out.type = type->second;
  if ((out.type == QuestionType::scale) != (reference.find_scale(out.scale) != nullptr)) {
    return bad(out.id, "scale");
  }
  if (out.text.in(Language::en).empty()) {
    return bad(out.id, "text");
  }
  out.when = ATALAYA_TRY(routes_from(*row, before, reference));
  out.columns = ATALAYA_TRY(columns_from(*row, out));
  return out;
}

std::unexpected<Error> wrong_cell(const Question& question, std::size_t line,
                                  std::string_view column, std::string_view rule) {
  return fail(Error{ErrorCode::invalid_argument,
                    "followup.round.table",
                    "a table's row does not fit its columns",
                    {{"question", question.id},
                     {"line", std::to_string(line)},
                     {"column", std::string(column)},
                     {"rule", std::string(rule)}}});
}

// The one of tab, semicolon and comma that parts columns: people paste from spreadsheets (tabs),
// and where the comma is the decimal point programs write semicolons.
char separator_of(std::string_view text) {
  bool quoted_now = false;
  bool semicolon = false;
  for (const char c : text) {
    quoted_now = quoted_now != (c == '"');
    if (!quoted_now && c == '\t') {
      return c;
    }
    semicolon = semicolon || (!quoted_now && c == ';');
  }
  return semicolon ? ';' : ',';
}

// RFC 4180 with any separator; a quote inside an unquoted cell is a character like others.
TableCells cells_of(std::string_view text) {
  const char separator = separator_of(text);
  TableCells out(1, {std::string()});
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string& cell = out.back().back();
    const char c = text[i];
    if (inside && c == '"') {
      const bool doubled = i + 1 < text.size() && text[i + 1] == '"';
      inside = doubled;
      cell += doubled ? "\"" : "";
      i += doubled ? 1 : 0;
    } else if (inside) {
      cell += c == '\n' ? ' ' : c;
    } else if (c == '"' && trim(cell).empty()) {
      cell.clear();
      inside = true;
    } else if (c == separator) {
      out.back().emplace_back();
    } else if (c == '\n') {
      out.push_back({std::string()});
    } else if (c != '\r') {
      cell += c;
    }
  }
  for (auto& row : out) {
    for (std::string& cell : row) {
      cell = std::string(trim(cell));
    }
  }
  return out;
}

bool repeats_names(const Question& question, const std::vector<std::string>& row) {
  return std::ranges::any_of(kLanguages, [&](Language language) {
    return std::ranges::equal(row, question.columns, {}, {}, [&](const QuestionColumn& column) {
      return column.label.in(language);
    });
  });
}

}  // namespace

Result<TableCells> table_cells(const Question& question, std::string_view value) {
  TableCells out;
  std::size_t line = 0;
  for (std::vector<std::string>& row : cells_of(value)) {
    ++line;
    const auto is_blank = [](const std::string& cell) { return cell.empty(); };
    if (std::ranges::all_of(row, is_blank) || (line == 1 && repeats_names(question, row))) {
      continue;
    }
    while (row.size() > question.columns.size() && row.back().empty()) {
      row.pop_back();
    }
    if (row.size() != question.columns.size()) {
      return wrong_cell(question, line, std::to_string(question.columns.size()), "columns");
    }
    for (std::size_t i = 0; i < row.size(); ++i) {
      const QuestionColumn& column = question.columns[i];
      const bool wrong = (column.type == QuestionType::number && !is_plain_number(row[i])) ||
                         (column.type == QuestionType::date && !last_day(row[i]));
      if (!row[i].empty() && wrong) {
        return wrong_cell(question, line, column.id, to_string(column.type));
      }
    }
    out.push_back(std::move(row));
  }
  if (out.empty() || out.size() > kTableRowsMax) {
    return wrong_cell(question, line, std::to_string(kTableRowsMax), "rows");
  }
  return out;
}

namespace {

struct Gathered {
  std::vector<std::string> within;
  std::map<std::string, double> sums;  // by state
  std::set<std::string> without;
};

// Half a hundred states at most: the sums of a state are few, and doubles hold them.
TableTotal total_of(const std::string& column, const Gathered& gathered) {
  TableTotal out;
  out.column = column;
  out.within = gathered.within;
  out.states = static_cast<std::int32_t>(gathered.sums.size());
  out.without.assign(gathered.without.begin(), gathered.without.end());
  std::vector<double> sums;
  for (const auto& [state, sum] : gathered.sums) {
    sums.push_back(sum);
    out.sum += sum;
  }
  std::ranges::sort(sums);
  if (!sums.empty()) {
    const std::size_t half = sums.size() / 2;
    out.median = sums.size() % 2 == 1 ? sums[half] : (sums[half - 1] + sums[half]) / 2;
  }
  return out;
}

}  // namespace

std::vector<TableTotal> table_totals(const Question& question,
                                     const std::map<std::string, TableCells>& by_state) {
  std::vector<TableTotal> out;
  for (std::size_t c = 0; c < question.columns.size(); ++c) {
    const QuestionColumn& column = question.columns[c];
    if (column.sum_by.empty()) {
      continue;
    }
    std::map<std::vector<std::string>, Gathered> groups;
    for (const auto& [state, rows] : by_state) {
      for (const auto& row : rows) {
        std::vector<std::string> within;
        std::vector<std::string> key;
        for (const std::string& by : column.sum_by) {
          const auto at = std::ranges::find(question.columns, by, &QuestionColumn::id);
          within.push_back(row[static_cast<std::size_t>(at - question.columns.begin())]);
          key.push_back(fold(trim(within.back())));
        }
        Gathered& group = groups[key];
        group.within = group.within.empty() ? std::move(within) : group.within;
        if (row[c].empty()) {
          group.without.insert(state);
        } else {
          group.sums[state] += std::strtod(row[c].c_str(), nullptr);
        }
      }
    }
    for (const auto& [key, group] : groups) {
      out.push_back(total_of(column.id, group));
    }
  }
  return out;
}

std::string table_text(const TableCells& cells) {
  std::string out;
  for (const auto& row : cells) {
    out += out.empty() ? "" : "\n";
    bool first = true;
    for (const std::string& cell : row) {
      out += first ? "" : ",";
      first = false;
      // Not csv_field(): this stays inside a field, where nothing runs as a formula.
      const bool plain = cell.find_first_of("\",;\t\n") == std::string::npos;
      std::string doubled;
      for (const char c : cell) {
        doubled += c == '"' ? "\"\"" : std::string(1, c);
      }
      out += plain ? cell : fmt::format("\"{}\"", doubled);
    }
  }
  return out;
}

std::string_view to_string(QuestionType type) noexcept {
  const auto* found = std::ranges::find(kTypes, type, [](const auto& pair) { return pair.second; });
  return found->first;
}

const Question* Questionnaire::find(std::string_view question) const noexcept {
  const auto it = std::ranges::find(questions, question, &Question::id);
  return it == questions.end() ? nullptr : &*it;
}

Result<Questionnaire> parse_questionnaire(const json::value& value, const Reference& reference) {
  const auto* row = value.if_object();
  if (row == nullptr) {
    return bad("", "object");
  }
  Questionnaire out;
  out.id = detail::text_of(*row, "id");
  if (!is_id(out.id)) {
    return bad(out.id, "id");
  }
  const auto* version = row->if_contains("version");
  if (version == nullptr || !version->is_int64() || version->get_int64() < 1 ||
      version->get_int64() > 10'000) {
    return bad(out.id, "version");
  }
  out.version = static_cast<std::int32_t>(version->get_int64());
  out.mechanism = detail::text_of(*row, "mechanism");
  out.instrument = detail::text_of(*row, "instrument");
  out.label = detail::words_of(*row, "label");
  out.about = detail::words_of(*row, "about");
  out.rating = detail::text_of(*row, "rating");
  out.progress = detail::text_of(*row, "progress");
  out.source = detail::text_of(*row, "source");
  out.read_on = detail::text_of(*row, "read_on");
  if (out.label.in(Language::en).empty() || out.source.empty() || !parse_civil_date(out.read_on)) {
    return bad(out.id, "source");
  }
  if ((!out.rating.empty() && reference.find_scale(out.rating) == nullptr) ||
      reference.find_scale(out.progress) == nullptr) {
    return bad(out.id, "scale");
  }
  const auto* questions = row->if_contains("questions");
  if (questions == nullptr || !questions->is_array() || questions->get_array().empty() ||
      questions->get_array().size() > kQuestionsMax) {
    return bad(out.id, "questions");
  }
  for (const json::value& entry : questions->get_array()) {
    Question question = ATALAYA_TRY(question_from(entry, out, reference));
    out.questions.push_back(std::move(question));
  }
  return out;
}

std::vector<std::string> answer_values(const Question& question, const Reference& reference) {
  if (question.type == QuestionType::yes_no) {
    return {"yes", "no"};
  }
  if (question.type == QuestionType::partial) {
    return {"yes", "partially", "no"};
  }
  std::vector<std::string> out;
  const Scale* scale =
      question.type == QuestionType::scale ? reference.find_scale(question.scale) : nullptr;
  if (scale != nullptr) {
    for (const ScaleValue& value : scale->values) {
      out.push_back(value.id);
    }
  }
  return out;
}

Result<void> check_answer(const Question& question, std::string_view value,
                          const Reference& reference) {
  const auto wrong = [&] {
    return detail::wrong_field(question.id, value, to_string(question.type));
  };
  switch (question.type) {
    case QuestionType::yes_no:
    case QuestionType::partial:
    case QuestionType::scale: {
      const auto choices = detail::choices_of(question, reference);
      return std::ranges::find(choices, value, &detail::Choice::code) != choices.end()
                 ? Result<void>()
                 : fail(Error{ErrorCode::invalid_argument,
                              "followup.round.value",
                              "the value is none of the answers",
                              {{"question", question.id},
                               {"value", std::string(value.substr(0, 80))},
                               {"accepted", detail::codes_of(choices)}}});
    }
    case QuestionType::text:
      return {};
    case QuestionType::number:
      return is_plain_number(value) ? Result<void>() : wrong();
    case QuestionType::date:
      return last_day(value) ? Result<void>() : wrong();
    case QuestionType::links: {
      const auto sources = parse_sources_text(value);
      return sources && !sources->empty() ? Result<void>() : wrong();
    }
    case QuestionType::table:
      ATALAYA_TRY(table_cells(question, value));
      return {};
  }
  return {};
}

std::vector<const Question*> asked(const std::vector<Question>& questions,
                                   const std::map<std::string, std::string, std::less<>>& answers) {
  std::vector<const Question*> out;
  const auto holds = [&](const QuestionRoute& route) {
    const bool before =
        std::ranges::any_of(out, [&](const Question* one) { return one->id == route.question; });
    const auto answer = answers.find(route.question);
    return before && answer != answers.end() &&
           std::ranges::find(route.values, answer->second) != route.values.end();
  };
  for (const Question& question : questions) {
    if (std::ranges::all_of(question.when, holds)) {
      out.push_back(&question);
    }
  }
  return out;
}

}  // namespace atalaya::followup
