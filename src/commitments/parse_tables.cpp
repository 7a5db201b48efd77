#include "parse_tables.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include <fmt/core.h>

#include <atalaya/base/text.hpp>

#include "parse_citation.hpp"
#include "parse_dates.hpp"
#include "parse_lines.hpp"

namespace atalaya::commitments {
namespace {

using files::Cell;
using files::Line;
using files::TextDocument;

constexpr std::string_view kRowBegins = "| ";
constexpr std::string_view kRowEnds = " ||";

// Words at the start of a heading, folded; "n.º" is "n.o".
constexpr std::array<std::string_view, 10> kNumbers = {"n.o", "no",     "n°",   "nº",   "#",
                                                       "num", "number", "item", "code", "id"};
constexpr std::array<std::string_view, 16> kCommitments = {
    "commitment", "compromis", "engagement", "activit", "activid", "ativid", "measure", "medida",
    "mesure",     "action",    "accion",     "acao",    "acoes",   "mandat", "task",    "tarea"};
constexpr std::array<std::string_view, 15> kWho = {
    "responsib", "responsab", "responsav", "entity", "entidad",  "entite",    "institu", "agency",
    "in charge", "a cargo",   "executor",  "lead",   "encargad", "organismo", "who"};
constexpr std::array<std::string_view, 20> kWhen = {
    "deadline", "term",     "date",     "due",       "time",  "year",   "when",
    "plazo",    "fecha",    "vencim",   "cronogram", "ano",   "prazo",  "data",
    "delai",    "echeance", "calendri", "annee",     "until", "periodo"};

template <typename Words>
bool begins_with(std::string_view folded, const Words& words) {
  return std::ranges::any_of(words,
                             [&](std::string_view word) { return folded.starts_with(word); });
}

std::string text_of(const TextDocument& document, const Cell& cell) {
  std::string out;
  for (std::size_t i = cell.first; i < cell.end && i < document.lines.size(); ++i) {
    const std::string_view text = trim(document.lines[i].text);
    out += out.empty() || text.empty() ? "" : " ";
    out += text;
  }
  return squeeze(out);
}

// A table by its rows, with the cells that span rows in each of them.
struct Table {
  std::map<std::int32_t, std::map<std::int32_t, const Cell*>> rows;  // those that begin there
  std::size_t first = 0;  // lines of the document, [first, end)
  std::size_t end = 0;
  bool layout = false;  // another table stands in a cell

  // The cell that covers the place; nullptr where there is none.
  [[nodiscard]] const Cell* at(std::int32_t row, std::int32_t column) const {
    constexpr std::int32_t kSpanMax = 60;
    for (std::int32_t above = row; above > row - kSpanMax && above > 0; --above) {
      const auto cells = rows.find(above);
      if (cells == rows.end()) {
        continue;
      }
      const auto next = cells->second.upper_bound(column);
      const Cell* const cell = next == cells->second.begin() ? nullptr : std::prev(next)->second;
      if (cell != nullptr && column < cell->column + cell->columns && row < above + cell->rows) {
        return cell;
      }
    }
    return nullptr;
  }
};

std::vector<Table> tables_of(const TextDocument& document) {
  std::map<std::int32_t, Table> by_number;
  for (const Cell& cell : document.cells) {
    Table& table = by_number[cell.table];
    if (table.rows.empty()) {
      table.first = cell.first;
    }
    table.rows[cell.row][cell.column] = &cell;
    table.first = std::min(table.first, cell.first);
    table.end = std::max(table.end, cell.end);
    table.layout = table.layout || cell.nests;
  }
  std::vector<Table> out;
  for (auto& [number, table] : by_number) {
    if (!table.layout && table.first < table.end) {
      out.push_back(std::move(table));
    }
  }
  std::ranges::sort(out, {}, &Table::first);
  return out;
}

struct Plan {
  std::int32_t header = 0;  // its row
  std::map<std::int32_t, std::string> headings;
  std::map<std::int32_t, Column> kinds;
  std::int32_t commitment = 0;  // its column
  std::int32_t number = 0;      // its column, 0 for none
};

// The headings of a plan stand in one of the first rows: a column of commitments, and one of
// numbers, of those responsible or of deadlines. `seen` is whether the table looks like a plan.
std::optional<Plan> plan_of(const TextDocument& document, const Table& table, bool& seen) {
  constexpr std::int32_t kRowsMax = 3;
  constexpr std::size_t kHeadingMax = 60;
  std::int32_t tried = 0;
  for (const auto& [row, cells] : table.rows) {
    if (++tried > kRowsMax) {
      break;
    }
    Plan plan{.header = row, .headings = {}, .kinds = {}};
    bool short_ones = true;
    std::set<Column> kinds;
    for (const auto& [column, cell] : cells) {
      std::string text = text_of(document, *cell);
      short_ones = short_ones && parsing::length_of(text) <= kHeadingMax;
      const Column kind = column_of(text);
      if (kind == Column::commitment && plan.commitment == 0) {
        plan.commitment = column;
      } else if (kind == Column::number && plan.number == 0) {
        plan.number = column;
      }
      kinds.insert(kind);
      plan.kinds[column] = kind;
      plan.headings[column] = std::move(text);
    }
    const bool beside = kinds.contains(Column::who) || kinds.contains(Column::when);
    seen = seen || (short_ones && cells.size() >= 3 && kinds.contains(Column::who) &&
                    kinds.contains(Column::when));
    if (short_ones && plan.commitment > 0 && (beside || plan.number > 0) &&
        table.rows.upper_bound(row) != table.rows.end()) {
      return plan;
    }
  }
  return std::nullopt;
}

// Writes the rows of a plan out.
class Writer {
 public:
  Writer(const TextDocument& from, const Table& table, const Plan& plan, WrittenOut& out)
      : from_(from), table_(table), plan_(plan), out_(out) {
    labelled_ = labels_all();
  }

  std::size_t write() {
    for (const auto& [row, cells] : table_.rows) {
      if (row <= plan_.header || repeats_header(cells)) {
        row == plan_.header || row > plan_.header ? write_header(cells) : write_as_is(cells);
      } else {
        write_row(row, cells);
      }
    }
    close_item();
    return items_;
  }

 private:
  using Cells = std::map<std::int32_t, const Cell*>;

  [[nodiscard]] std::string text(const Cell& cell) const { return text_of(from_, cell); }

  void push(std::string text, std::int32_t number) {
    out_.document.lines.push_back({.text = {}, .number = number});
    out_.document.lines.push_back({.text = std::move(text), .number = number});
  }

  [[nodiscard]] std::int32_t line_of(const Cell& cell) const {
    for (std::size_t i = cell.first; i < cell.end; ++i) {
      if (!trim(from_.lines[i].text).empty()) {
        return from_.lines[i].number;
      }
    }
    return cell.first < from_.lines.size() ? from_.lines[cell.first].number : 1;
  }

  [[nodiscard]] bool repeats_header(const Cells& cells) const {
    return cells.size() > 1 && std::ranges::all_of(cells, [&](const auto& one) {
             const auto heading = plan_.headings.find(one.first);
             return heading != plan_.headings.end() && heading->second == text(*one.second);
           });
  }

  void write_header(const Cells& cells) {
    close_item();
    std::string line;
    for (const auto& [column, cell] : cells) {
      line += (line.empty() ? "" : " | ") + text(*cell);
    }
    if (!line.empty()) {
      push(line, line_of(*cells.begin()->second));
      out_.headings.push_back(out_.document.lines.size() - 1);
    }
  }

  void write_as_is(const Cells& cells) {
    for (const auto& [column, cell] : cells) {
      out_.document.lines.insert(out_.document.lines.end(),
                                 from_.lines.begin() + static_cast<std::ptrdiff_t>(cell->first),
                                 from_.lines.begin() + static_cast<std::ptrdiff_t>(cell->end));
    }
  }

  void write_row(std::int32_t row, const Cells& cells) {
    std::vector<const Cell*> filled;
    for (const auto& [column, cell] : cells) {
      if (!text(*cell).empty()) {
        filled.push_back(cell);
      }
    }
    const Cell* const said = table_.at(row, plan_.commitment);
    const bool own = said != nullptr && said->row == row && !text(*said).empty();
    if (filled.size() == 1 && filled.front()->columns > 1) {
      close_item();  // "Axis 1: Prevention" above the rows of its section
      write_as_is(cells);
      return;
    }
    if (!own && items_ == 0) {
      write_as_is(cells);
      return;
    }
    const bool goes_on = own && continues(row, *said);
    if (own && !goes_on) {
      close_item();
      open_item(row, *said);
    } else if (goes_on) {
      out_.document.lines.back().text += " " + text(*said);
    }
    last_ = own ? text(*said) : last_;
    // Cells that span rows hold for each item in these; a row without a commitment adds its own.
    for (const auto& [column, heading] : plan_.headings) {
      const Cell* const cell = table_.at(row, column);
      if (cell == nullptr || cell == said || (column == plan_.number && own) ||
          (cell->row != row && !(own && !goes_on)) || column != cell->column) {
        continue;
      }
      add_cell(heading, *cell);
    }
    for (const Cell* cell : filled) {
      if (!plan_.headings.contains(cell->column)) {
        add_cell("·", *cell);
      }
    }
  }

  // A row without a number goes on with the commitment above where that ends no clause.
  [[nodiscard]] bool continues(std::int32_t row, const Cell& said) const {
    const Cell* const number = plan_.number > 0 ? table_.at(row, plan_.number) : nullptr;
    const bool numberless =
        plan_.number > 0 && number != nullptr && number->row == row && text(*number).empty();
    return numberless && items_ > 0 &&
           (parsing::starts_lower(text(said)) || !parsing::ends_clause(last_));
  }

  // The number as the label of an item; empty where it reads like none ("C-12").
  [[nodiscard]] static std::string label_of(const std::string& number) {
    for (const std::string& label : {number, number + "."}) {
      if (!number.empty() && parsing::find_marker(label + " X")) {
        return label;
      }
    }
    return {};
  }

  // Whether all numbers are labels of one item each: else all items are alike without.
  [[nodiscard]] bool labels_all() const {
    return plan_.number > 0 && std::ranges::all_of(table_.rows, [&](const auto& one) {
             const Cell* const said = table_.at(one.first, plan_.commitment);
             const Cell* const cell = table_.at(one.first, plan_.number);
             const bool item = one.first > plan_.header && said != nullptr && said != cell &&
                               said->row == one.first && !repeats_header(one.second);
             if (!item || cell == nullptr || text(*cell).empty()) {
               return true;
             }
             return cell->row == one.first && !label_of(text(*cell)).empty();
           });
  }

  void open_item(std::int32_t row, const Cell& said) {
    const Cell* const cell = plan_.number > 0 ? table_.at(row, plan_.number) : nullptr;
    const std::string number = cell != nullptr ? text(*cell) : std::string();
    std::string marker = labelled_ ? label_of(number) : std::string();
    const bool beside = marker.empty() && !number.empty();
    if (marker.empty() && (plan_.number > 0 || !parsing::find_marker(text(said)))) {
      marker = "•";
    }
    write_text(said, marker);
    ++items_;
    if (beside) {
      add_cell(plan_.headings.at(plan_.number), *cell);
    }
  }

  // Lines without a mark are one text; what has one is an item below.
  void write_text(const Cell& said, const std::string& marker) {
    bool first = true;
    for (std::size_t i = said.first; i < said.end; ++i) {
      const std::string_view words = trim(from_.lines[i].text);
      if (words.empty()) {
        continue;
      }
      if (first) {
        push(marker + (marker.empty() ? "" : " ") + std::string(words), from_.lines[i].number);
      } else if (parsing::find_marker(words)) {
        push("  " + std::string(words), from_.lines[i].number);
      } else {
        out_.document.lines.back().text += " " + std::string(words);
      }
      first = false;
    }
    line_ = line_of(said);
  }

  void add_cell(const std::string& heading, const Cell& cell) {
    if (const std::string words = text(cell); !words.empty()) {
      beside_ += fmt::format("{}{}: {}", beside_.empty() ? "" : " | ", heading, words);
    }
  }

  void close_item() {
    if (!beside_.empty()) {
      push(fmt::format("{}{}{}", kRowBegins, std::exchange(beside_, {}), kRowEnds), line_);
      out_.rows.push_back(out_.document.lines.size() - 1);
    }
  }

  const TextDocument& from_;
  const Table& table_;
  const Plan& plan_;
  WrittenOut& out_;
  bool labelled_ = false;
  std::size_t items_ = 0;
  std::string last_;    // the text of the item above
  std::string beside_;  // its other cells
  std::int32_t line_ = 1;
};

void warn(WrittenOut& out, std::string_view reason, std::int32_t line,
          const std::map<std::int32_t, std::string>& headings, std::size_t count) {
  std::string words;
  for (const auto& [column, heading] : headings) {
    words += (words.empty() ? "" : " · ") + heading;
  }
  out.warnings.push_back({.reason = "commitments.parse." + std::string(reason),
                          .line = line,
                          .detail = std::move(words),
                          .printed = true,
                          .params = {{"count", std::to_string(count)}}});
}

// "| Responsable: Brasil | Plazo: 2026 ||": heading and words of each cell.
std::vector<std::pair<std::string_view, std::string_view>> cells_in(std::string_view row) {
  std::vector<std::pair<std::string_view, std::string_view>> out;
  row.remove_prefix(kRowBegins.size());
  row = row.substr(0, row.find(kRowEnds));
  while (!row.empty()) {
    const std::size_t bar = row.find(" | ");
    const std::string_view cell = row.substr(0, bar);
    const std::size_t colon = cell.find(": ");
    if (colon != std::string_view::npos) {
      out.emplace_back(cell.substr(0, colon), cell.substr(colon + 2));
    }
    row = bar == std::string_view::npos ? std::string_view() : row.substr(bar + 3);
  }
  return out;
}

// The date in a cell of deadlines; a bare one is the last day.
std::optional<Due> date_in(std::string_view cell, const AnalysisContext& context) {
  const std::map<Language, std::vector<std::string_view>> kBy = {
      {Language::en, {"", "report by ", "report by the "}},
      {Language::es, {"", "informar antes de fines de ", "informar a más tardar el "}},
      {Language::pt, {"", "informar até ", "informar até o "}},
      {Language::fr, {"", "informer d’ici à ", "informer au plus tard le "}}};
  AnalysisContext alone = context;
  alone.above = {};
  for (const std::string_view by : kBy.at(context.language)) {
    const std::string sentence = std::string(by) + std::string(cell) + ".";
    for (Due& due : find_dues(sentence, alone)) {
      if (!due.edtf.empty()) {
        due.span = {};
        return due;
      }
    }
  }
  return std::nullopt;
}

void take_date(Analysis& analysis, const Due& due) {
  const bool dated =
      std::ranges::any_of(analysis.dues, [](const Due& own) { return own.kind != DueKind::soft; });
  const bool any = std::ranges::any_of(analysis.clauses, [](const Clause& clause) {
    return clause.formulation != Formulation::declaratory;
  });
  if (dated || !any) {
    return;
  }
  for (Clause& clause : analysis.clauses) {
    if (clause.formulation != Formulation::declaratory) {
      clause.due = static_cast<std::int32_t>(analysis.dues.size());
    }
  }
  analysis.dues.push_back(due);
}

void take_responsible(Analysis& analysis, std::string_view cell, const AnalysisContext& context) {
  constexpr std::array<std::string_view, 10> kStates = {
      "states", "member states",  "estados",       "estados parte", "estados miembros",
      "etats",  "estados partes", "etats membres", "all states",    "todos los estados"};
  const std::string folded = fold(trim(cell));
  const bool states = std::ranges::find(kStates, folded) != kStates.end();
  const auto bodies = context.recogniser == nullptr ? std::vector<Mention>()
                                                    : context.recogniser->institutions(cell);
  for (Clause& clause : analysis.clauses) {
    if (clause.addressee_span.begin != clause.addressee_span.end) {
      continue;
    }
    clause.addressee_above = std::string(cell);
    clause.addressee = states           ? AddresseeKind::states
                       : bodies.empty() ? AddresseeKind::unnamed_body
                                        : AddresseeKind::organ;
    clause.addressee_id = states || bodies.empty() ? std::string() : bodies.front().id;
  }
}

}  // namespace

Column column_of(std::string_view heading) {
  std::string folded = fold(squeeze(heading));
  const std::size_t begin = folded.find_first_not_of("* ");
  folded = begin == std::string::npos ? std::string() : folded.substr(begin);
  const std::string first = folded.substr(0, folded.find_first_of(" *"));
  const bool number = std::ranges::find(kNumbers, first) != kNumbers.end() ||
                      first.starts_with("num") || first == "no." || first == "n." ||
                      first == "nro" || first == "nro.";
  if (number) {
    return Column::number;
  }
  return begins_with(folded, kCommitments) ? Column::commitment
         : begins_with(folded, kWho)       ? Column::who
         : begins_with(folded, kWhen)      ? Column::when
                                           : Column::other;
}

WrittenOut write_out_tables(const TextDocument& document) {
  WrittenOut out;
  std::size_t at = 0;
  TextDocument& written = out.document;
  written = document;
  if (document.cells.empty()) {
    return out;
  }
  written.lines.clear();
  const auto copy_until = [&](std::size_t end) {
    for (; at < end; ++at) {
      written.lines.push_back(document.lines[at]);
    }
  };
  for (const Table& table : tables_of(document)) {
    bool seen = false;
    const auto plan = plan_of(document, table, seen);
    if (table.first < at) {
      continue;
    }
    const std::int32_t line = document.lines[table.first].number;
    if (!plan) {
      if (seen) {
        std::map<std::int32_t, std::string> headings;
        for (const auto& [column, cell] : table.rows.begin()->second) {
          headings[column] = text_of(document, *cell);
        }
        warn(out, "table_unread", line, headings, table.rows.size() - 1);
      }
      continue;
    }
    copy_until(table.first);
    const std::size_t items = Writer(document, table, *plan, out).write();
    warn(out, "table_read", line, plan->headings, items);
    written.lines.push_back({.text = {}, .number = line});
    at = table.end;
  }
  copy_until(document.lines.size());
  return out;
}

std::vector<LeadIn> rows_of(std::span<const std::string> lines, std::span<const ParsedItem> items) {
  std::vector<LeadIn> out;
  std::size_t from = 0;  // behind the row of the item above, where that stands in the same line
  std::int32_t line_before = 0;
  for (std::size_t i = 0; i < items.size();) {
    std::size_t next = i + 1;  // of the first level
    while (next < items.size() && items[next].level > 1) {
      ++next;
    }
    const ParsedItem& item = items[i];
    const bool held = item.line >= 1 && static_cast<std::size_t>(item.line) <= lines.size();
    const std::string_view line =
        held ? std::string_view(lines[static_cast<std::size_t>(item.line - 1)])
             : std::string_view();
    from = item.line == line_before ? from : 0;
    line_before = item.line;
    const std::size_t close = line.find(kRowEnds, from);
    const std::size_t text = close == std::string_view::npos ? close : line.find(item.text, from);
    const std::size_t behind = text == std::string_view::npos ? from : text + item.text.size();
    const std::size_t row = line.find(kRowBegins, behind);
    // An item without other cells has none of the next one's.
    const bool of_next = next < items.size() && items[next].line == item.line &&
                         line.find(items[next].text, behind) < row;
    if (row < close && !of_next) {
      const std::size_t end = close + kRowEnds.size();
      out.push_back({item.line, item.line, std::string(line.substr(row, end - row)), item.ordinal,
                     items[next - 1].ordinal});
      from = end;
    }
    i = next;
  }
  return out;
}

Analysis analyse_below(std::string_view text, AnalysisContext context) {
  if (context.above.empty() || !context.above.front().text.starts_with(kRowBegins) ||
      !context.above.front().text.ends_with(kRowEnds)) {
    return analyse(text, context);
  }
  const std::string& row = context.above.front().text;
  context.above = context.above.subspan(1);
  Analysis analysis = analyse(text, context);
  for (const auto& [heading, words] : cells_in(row)) {
    const Column kind = column_of(heading);
    if (kind == Column::who) {
      take_responsible(analysis, words, context);
    } else if (kind == Column::when) {
      if (auto due = date_in(words, context)) {
        due->above = fmt::format("{}: {}", heading, words);
        take_date(analysis, *due);
      }
    }
  }
  return analysis;
}

}  // namespace atalaya::commitments
