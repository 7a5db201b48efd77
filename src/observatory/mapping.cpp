// A file's rows into facts. Every distinct value is read once; rows are translated column by
// column, so that a row costs its look-ups.
#include <algorithm>
#include <limits>
#include <regex>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/observatory/mapping.hpp>

#include "mapping_checks.hpp"
#include "mapping_values.hpp"

namespace atalaya::observatory {
namespace {

using columns::RawTable;

// Codes in the narrowest form.
columns::Codes narrow(std::vector<std::uint32_t> codes, std::size_t distinct) {
  if (distinct <= 256) {
    return std::vector<std::uint8_t>(codes.begin(), codes.end());
  }
  if (distinct <= 65536) {
    return std::vector<std::uint16_t>(codes.begin(), codes.end());
  }
  return codes;
}

}  // namespace

class Mapper::State {
 public:
  State(const Mapping& mapping, const Territories& territories, std::string country,
        std::optional<CivilDate> today)
      : mapping_(mapping), territories_(territories), country_(std::move(country)), today_(today) {
    report_.decimals = mapping.decimals;
    for (const auto& d : mapping.dimensions) {
      dimension(d.name);
    }
    for (const auto& [name, code] : mapping.defaults) {
      dimension(name);
    }
    for (const auto& measure : mapping.measures) {
      for (const auto& [name, code] : measure.set) {
        dimension(name);
      }
    }
    dimension("status");
    if (std::ranges::find(dimensions_, "relationship", &OutDimension::name) != dimensions_.end()) {
      dimension("context");
    }
  }

  Result<void> add(const RawTable& table) {
    table_ = &table;
    file_ = static_cast<std::uint32_t>(report_.files.size());
    if (table.rows == 0) {
      return misfit("observatory.load.no_rows", "",
                    "no row of data was found below the header; is header = … right?");
    }
    auto plans = ATALAYA_TRY(measure_plans());
    report_.files.push_back(table.file);
    rows_.assign(table.rows, Verdict::accept);
    rejects_row_.clear();
    std::vector<std::size_t> amounts;
    for (const auto& plan : plans) {
      amounts.push_back(plan.column);
    }
    std::size_t above = 0;
    notes_from_ = notes_from(table, amounts, above);
    for (std::size_t row = above; row < table.rows; ++row) {
      skip(row, "after the data");
    }
    ATALAYA_TRY(leave_out());
    ATALAYA_TRY(join_cells(plans));
    codes_.clear();
    for (const auto& d : mapping_.dimensions) {
      ATALAYA_TRY(read_dimension(d));
    }
    read_numbers(plans);
    run_checks();
    count_rows(plans);
    count_outside();
    pass_on_warnings();
    for (std::size_t i = 0; i < plans.size(); ++i) {
      emit(plans[i], numbers_[i]);
      if (mapping_.population) {
        ATALAYA_TRY(refuse_second_population());
      }
    }
    return {};
  }

  Facts take() {
    Facts out;
    out.decimals = mapping_.decimals;
    for (auto& own : dimensions_) {
      FactColumn column;
      column.name = own.name;
      const std::size_t distinct = own.texts.size();
      column.texts = std::move(own.texts);
      column.codes = narrow(std::move(own.codes), distinct);
      out.dimensions.push_back(std::move(column));
    }
    out.values = std::move(values_);
    if (any_masked_) {
      out.values_high = std::move(highs_);
    }
    return out;
  }

  const LoadReport& report() const { return report_; }

  const std::vector<NewTerritory>& new_territories() {
    listed_.clear();
    for (const auto& [code, territory] : enrolled_) {
      listed_.push_back(territory);
    }
    return listed_;
  }

 private:
  // A code that the column's name and a cell of the row make together.
  struct Joined {
    std::size_t dimension = 0, column = 0;  // places in dimensions_ and in the table
    std::vector<std::uint32_t> ids;         // of the dimension, per code of the column
  };

  struct MeasurePlan {
    std::size_t column = kAbsent;                          // absent: every row is one
    std::vector<std::pair<std::size_t, std::string>> set;  // place in dimensions_, code
    std::vector<Joined> joined;
  };

  std::size_t dimension(const std::string& name) {
    const auto at = std::ranges::find(dimensions_, name, &OutDimension::name);
    if (at != dimensions_.end()) {
      return static_cast<std::size_t>(at - dimensions_.begin());
    }
    OutDimension own;
    own.name = name;
    dimensions_.push_back(std::move(own));
    return dimensions_.size() - 1;
  }

  [[nodiscard]] std::size_t place_of(const std::string& name) {
    const std::string wanted = fold(squeeze(name));
    for (std::size_t i = 0; i < table_->columns.size(); ++i) {
      if (fold(squeeze(table_->columns[i].name)) == wanted) {
        used_columns_.insert(table_->columns[i].name);
        return i;
      }
    }
    return kAbsent;
  }

  // A file's own finding, about no row of its data.
  void note_file(std::string_view column, std::string_view reason, std::string_view detail,
                 std::uint64_t line, std::uint64_t cells) {
    auto& found = report_.findings[finding(Severity::warning, column, "", reason, detail)];
    found.first_line = line;
    found.rows += cells;
  }

  // What the reader wondered about, and columns of one name of which the first was taken.
  void pass_on_warnings() {
    for (const auto& warning : table_->warnings) {
      if (warning.reason != "columns.table.formulas_without_value") {
        continue;
      }
      const auto number = [&](std::string_view key) -> std::uint64_t {
        const auto at = std::ranges::find(warning.params, key,
                                          [](const auto& p) { return std::string_view(p.first); });
        return at == warning.params.end() ? 1 : std::stoull(at->second);
      };
      note_file("", "formulas_without_value", warning.detail, number("line"), number("count"));
    }
    for (const auto& name : used_columns_) {
      const std::string second = name + "_2";
      if (!used_columns_.contains(second) &&
          std::ranges::find(table_->header, second) != table_->header.end()) {
        note_file(name, "column_twice",
                  fmt::format("the file has this column more than once: the first is read, the "
                              "second is called \"{}\" and is not",
                              second),
                  table_->header_line, 1);
      }
    }
    used_columns_.clear();
  }

  [[nodiscard]] std::unexpected<Error> misfit(std::string_view reason, std::string_view column,
                                              std::string_view what) const {
    return fail(Error{ErrorCode::invalid_argument,
                      std::string(reason),
                      fmt::format("{}: {}", table_->file, what),
                      {{"file", table_->file}, {"column", std::string(column)}}});
  }

  [[nodiscard]] std::unexpected<Error> column_missing(std::string_view column) const {
    // Only columns that the mapping names were coded; the header has all of them.
    std::vector<std::string> have = table_->header;
    for (const auto& c : table_->columns) {
      if (table_->header.empty()) {
        have.push_back(c.name);
      }
    }
    return misfit(
        "observatory.load.column_missing", column,
        fmt::format("there is no column \"{}\"; the file has: {}", column, fmt::join(have, ", ")));
  }

  std::uint32_t finding(Severity severity, std::string_view column, std::string_view value,
                        std::string_view reason, std::string_view detail) {
    const std::string shown(value.substr(0, 200));
    const std::string key = fmt::format("{}\n{}\n{}\n{}", file_, column, shown, reason);
    const auto [at, is_new] =
        finding_ids_.emplace(key, static_cast<std::uint32_t>(report_.findings.size()));
    if (is_new) {
      Finding out;
      out.severity = severity;
      out.file = table_->file;
      out.column = std::string(column);
      out.value = shown;
      out.reason = std::string(reason);
      out.detail = std::string(detail);
      report_.findings.push_back(std::move(out));
    }
    return at->second;
  }

  // The first finding that takes a row out decides; warnings only mark it.
  void judge(std::size_t row, Verdict verdict, std::uint32_t id) {
    if (rows_[row] == Verdict::reject || rows_[row] == Verdict::skip) {
      return;
    }
    auto& found = report_.findings[id];
    const std::uint64_t line = table_->line_of(row);
    found.first_line = found.rows == 0 ? line : std::min(found.first_line, line);
    ++found.rows;
    rows_[row] = std::max(rows_[row], verdict);
    if (verdict == Verdict::reject) {
      rejects_row_[row] = id;
    }
  }

  void skip(std::size_t row, const std::string& reason) {
    if (rows_[row] != Verdict::skip && rows_[row] != Verdict::reject) {
      rows_[row] = Verdict::skip;
      ++report_.skipped_by_reason[reason];
    }
  }

  Result<void> leave_out() {
    for (const auto& rule : mapping_.skip) {
      const std::size_t place = place_of(rule.column);
      if (place == kAbsent) {
        continue;  // files of other years may lack it; their rows are judged by what they say
      }
      const auto& column = table_->columns[place];
      std::vector<std::uint8_t> fits(column.values.size(), 0);
      const std::regex expression(rule.matches, std::regex::ECMAScript | std::regex::icase);
      for (std::uint32_t code = 0; code < column.values.size(); ++code) {
        const std::string text = squeeze(column.values.text(code));
        const std::string folded = fold(text);
        const bool equal = std::ranges::any_of(
            rule.equals, [&](const std::string& e) { return fold(squeeze(e)) == folded; });
        fits[code] =
            equal || (rule.empty && text.empty()) ||
            (!rule.matches.empty() && text.size() < 2000 && std::regex_search(text, expression));
      }
      for_each_code(column.codes, [&](std::size_t row, std::uint32_t code) {
        if (fits[code] != 0) {
          skip(row, rule.reason);
        }
      });
    }
    return {};
  }

  Result<std::vector<MeasurePlan>> measure_plans() {
    std::vector<MeasurePlan> out;
    if (mapping_.count_rows) {
      out.emplace_back();
      return out;
    }
    for (const auto& measure : mapping_.measures) {
      if (!measure.column.empty()) {
        MeasurePlan plan;
        plan.column = place_of(measure.column);
        if (plan.column == kAbsent) {
          return column_missing(measure.column);
        }
        for (const auto& [name, code] : measure.set) {
          plan.set.emplace_back(dimension(name), code);
        }
        out.push_back(std::move(plan));
        continue;
      }
      const std::regex expression(measure.columns, std::regex::ECMAScript | std::regex::icase);
      const std::size_t before = out.size();
      for (std::size_t i = 0; i < table_->columns.size(); ++i) {
        std::smatch caught;
        const std::string name = squeeze(table_->columns[i].name);
        if (!std::regex_match(name, caught, expression)) {
          continue;
        }
        MeasurePlan plan;
        plan.column = i;
        for (const auto& [dimension_name, code] : measure.set) {
          plan.set.emplace_back(dimension(dimension_name), caught.format(code));
        }
        out.push_back(std::move(plan));
      }
      if (out.size() == before) {
        return column_missing(measure.columns);
      }
    }
    return settle(std::move(out));
  }

  // Codes that came out of column names are read like values.
  Result<std::vector<MeasurePlan>> settle(std::vector<MeasurePlan> plans) {
    for (auto& plan : plans) {
      for (auto& [place, code] : plan.set) {
        const std::string& name = dimensions_[place].name;
        const auto* own = own_mapping(name);
        DimensionMapping plain;
        plain.name = name;
        if (own != nullptr) {
          plain = *own;
        }
        plain.columns = {{"column name"}};
        plain.rules.clear();
        if (code == kTotal || code == kUnknown || code == kNotApplicable || code.contains('{')) {
          continue;
        }
        const DimensionReader reader(plain, territories_, country_, enrolled_);
        const Reading reading = reader.read({code});
        if (reading.verdict == Verdict::reject || reading.verdict == Verdict::skip) {
          return misfit("observatory.load.column_name", table_->columns[plan.column].name,
                        fmt::format("the column \"{}\" gives {} = {}: {}",
                                    table_->columns[plan.column].name, name, code, reading.detail));
        }
        code = reading.code;
      }
    }
    return plans;
  }

  // "{Year} $1": the braces name a column, whose cell takes their place. Each value of the column
  // is read once for each measure; a row whose value gives no code is rejected.
  Result<void> join_cells(std::vector<MeasurePlan>& plans) {
    for (auto& plan : plans) {
      for (const auto& [place, text] : plan.set) {
        const std::size_t open = text.find('{');
        const std::size_t close = text.find('}');
        if (open == std::string::npos || close == std::string::npos || close < open) {
          continue;
        }
        const std::string name = text.substr(open + 1, close - open - 1);
        Joined joined;
        joined.dimension = place;
        joined.column = place_of(name);
        if (joined.column == kAbsent) {
          return column_missing(name);
        }
        read_joined(text.substr(0, open), text.substr(close + 1), joined);
        plan.joined.push_back(std::move(joined));
      }
      std::erase_if(plan.set, [](const auto& s) { return s.second.contains('{'); });
    }
    return {};
  }

  void read_joined(const std::string& before, const std::string& after, Joined& joined) {
    auto& own = dimensions_[joined.dimension];
    DimensionMapping plain;
    if (const auto* mapping = own_mapping(own.name)) {
      plain = *mapping;
    }
    plain.name = own.name;
    plain.columns = {{"column name"}};
    plain.rules.clear();
    const DimensionReader reader(plain, territories_, country_, enrolled_);
    const auto& column = table_->columns[joined.column];
    std::vector<std::uint32_t> findings(column.values.size(), kNone);
    for (std::uint32_t code = 0; code < column.values.size(); ++code) {
      const std::string value = squeeze(column.values.text(code));
      const std::string text = before + value + after;
      const Reading reading = reader.read({text});
      const bool is_taken = reading.verdict == Verdict::accept || reading.verdict == Verdict::warn;
      joined.ids.push_back(is_taken ? own.id(reading.code) : 0);
      if (!is_taken) {
        findings[code] = finding(Severity::rejection, column.name, value, reading.reason,
                                 fmt::format("\"{}\": {}", text, reading.detail));
      }
    }
    for_each_code(column.codes, [&](std::size_t row, std::uint32_t code) {
      if (findings[code] != kNone && rows_[row] != Verdict::skip && rows_[row] != Verdict::reject) {
        judge(row, Verdict::reject, findings[code]);
      }
    });
  }

  [[nodiscard]] const DimensionMapping* own_mapping(std::string_view name) const {
    const auto at = std::ranges::find(mapping_.dimensions, name, &DimensionMapping::name);
    return at == mapping_.dimensions.end() ? nullptr : &*at;
  }

  Result<void> read_dimension(const DimensionMapping& d) {
    const DimensionReader reader(d, territories_, country_, enrolled_);
    std::vector<std::size_t> places;
    std::string shown;
    for (const auto& alternatives : reader.columns()) {
      std::size_t place = kAbsent;
      for (const auto& name : alternatives) {
        place = place == kAbsent ? place_of(name) : place;
      }
      if (place == kAbsent && !d.optional) {
        return column_missing(alternatives.empty() ? d.name : alternatives[0]);
      }
      if (place != kAbsent && shown.empty()) {
        shown = table_->columns[place].name;
      }
      places.push_back(place);
    }
    const Tuples tuples = tuples_of(*table_, places);
    const std::size_t at = dimension(d.name);
    std::vector<std::uint32_t> ids(tuples.texts.size(), 0);
    std::vector<std::uint32_t> findings(tuples.texts.size(), kNone);
    std::vector<Verdict> verdicts(tuples.texts.size(), Verdict::accept);
    std::vector<std::string> reasons(tuples.texts.size());
    std::vector<Reading> readings;
    readings.reserve(tuples.texts.size());
    for (const auto& texts : tuples.texts) {
      readings.push_back(reader.read(texts));
    }
    if (d.name == "territory") {
      name_twins(tuples, readings);
      if (!mapping_.count_rows) {
        warn_of_twins(d, tuples, readings);  // a row that is one case is no figure of a place
      }
    }
    if (d.name == "period" && today_ && !mapping_.population) {
      warn_of_future(*today_, readings);  // populations may be projections
    }
    for (std::size_t t = 0; t < tuples.texts.size(); ++t) {
      const Reading& reading = readings[t];
      verdicts[t] = reading.verdict;
      if (reading.verdict == Verdict::accept || reading.verdict == Verdict::warn) {
        ids[t] = dimensions_[at].id(reading.code);
      }
      if (reading.verdict == Verdict::warn || reading.verdict == Verdict::reject) {
        findings[t] =
            finding(reading.verdict == Verdict::warn ? Severity::warning : Severity::rejection,
                    shown, reading.value, reading.reason, reading.detail);
      }
      reasons[t] = reading.verdict == Verdict::skip ? fmt::format("{}: {}", d.name, reading.value)
                                                    : std::string();
    }
    auto& codes = codes_[at];
    codes.resize(table_->rows);
    for (std::size_t row = 0; row < table_->rows; ++row) {
      const std::uint32_t t = tuples.rows[row];
      codes[row] = ids[t];
      if (verdicts[t] == Verdict::skip) {
        skip(row, reasons[t]);
      } else if (verdicts[t] != Verdict::accept) {
        judge(row, verdicts[t], findings[t]);
      }
    }
    return {};
  }

  // A second number of inhabitants would be added to the first, and every rate would fall.
  Result<void> refuse_second_population() {
    const auto twice = once_.find(dimensions_, values_.size());
    if (!twice) {
      return {};
    }
    const auto& [file, line] = origins_[twice->first];
    return misfit(
        "observatory.load.population_twice", twice->codes,
        fmt::format("line {} gives {} persons for {}, and line {} of {} gives {}: one of "
                    "them is right, not their sum. Leave the other out, or say what tells "
                    "them apart (a name, sex, an age)",
                    origins_[twice->second].second, values_[twice->second], twice->codes, line,
                    report_.files[file], values_[twice->first]));
  }

  void read_numbers(const std::vector<MeasurePlan>& plans) {
    numbers_.assign(plans.size(), {});
    for (std::size_t i = 0; i < plans.size(); ++i) {
      if (plans[i].column == kAbsent) {
        continue;
      }
      const auto& column = table_->columns[plans[i].column];
      std::vector<std::uint32_t> findings(column.values.size(), kNone);
      for (std::uint32_t code = 0; code < column.values.size(); ++code) {
        NumberReading number = read_number(column.values.text(code), mapping_);
        if (number.kind == NumberReading::Kind::empty && mapping_.empty_value != "skip") {
          number.kind = mapping_.empty_value == "zero" ? NumberReading::Kind::number
                                                       : NumberReading::Kind::bad;
          number.reason = "empty";
        }
        if (number.kind == NumberReading::Kind::bad) {
          findings[code] = finding(Severity::rejection, column.name, column.values.text(code),
                                   number.reason, number_hint(number.reason));
        }
        const bool is_zero = number.kind == NumberReading::Kind::number && number.low == 0;
        if (is_zero && mapping_.population && own_mapping("age") == nullptr) {
          findings[code] =
              finding(Severity::warning, column.name, column.values.text(code), "nobody",
                      "nobody lives there: no rate is made from it. If the number is "
                      "not known, the cell should be empty");
        }
        numbers_[i].push_back(std::move(number));
      }
      for_each_code(column.codes, [&](std::size_t row, std::uint32_t code) {
        if (findings[code] != kNone) {
          const bool is_bad = numbers_[i][code].kind == NumberReading::Kind::bad;
          judge(row, is_bad ? Verdict::reject : Verdict::warn, findings[code]);
        }
      });
    }
  }

  void run_checks() {
    for (const auto& check : mapping_.checks) {
      std::vector<std::size_t> parts;
      for (const auto& name : check.sum) {
        parts.push_back(place_of(name));
      }
      const std::size_t whole = place_of(check.equals);
      if (whole == kAbsent || std::ranges::find(parts, kAbsent) != parts.end()) {
        continue;  // another year's file without these columns has nothing to check
      }
      const std::uint32_t id = finding(
          Severity::warning, check.equals, "", "check_failed",
          fmt::format("{} is not the sum of {}", check.equals, fmt::join(check.sum, " + ")));
      for (std::size_t row = 0; row < table_->rows; ++row) {
        std::int64_t sum = 0;
        for (const std::size_t part : parts) {
          sum += cell(part, row);
        }
        if (sum != cell(whole, row)) {
          judge(row, Verdict::warn, id);
        }
      }
    }
  }

  std::int64_t cell(std::size_t place, std::size_t row) {
    const auto& column = table_->columns[place];
    const auto number = read_number(column.values.text(columns::at(column.codes, row)), mapping_);
    return number.kind == NumberReading::Kind::number ? number.low : 0;
  }

  void count_rows(const std::vector<MeasurePlan>& plans) {
    report_.rows += table_->rows;
    report_.blank_rows += table_->blank_rows;
    std::vector<std::int64_t> sums(table_->rows, 0);
    for (std::size_t i = 0; i < plans.size(); ++i) {
      if (plans[i].column == kAbsent) {
        std::ranges::fill(sums, 1);
        continue;
      }
      for_each_code(table_->columns[plans[i].column].codes,
                    [&](std::size_t row, std::uint32_t code) {
                      const auto& number = numbers_[i][code];
                      // A number below zero is rejected, but it is one.
                      const bool counts = number.kind == NumberReading::Kind::number ||
                                          number.kind == NumberReading::Kind::masked ||
                                          number.reason == "negative";
                      sums[row] += counts ? number.low : 0;
                    });
    }
    for (std::size_t row = 0; row < table_->rows; ++row) {
      report_.total += sums[row];
      switch (rows_[row]) {
        case Verdict::accept:
        case Verdict::warn:
          ++(rows_[row] == Verdict::accept ? report_.accepted : report_.accepted_with_warning);
          report_.total_accepted += sums[row];
          break;
        case Verdict::reject:
          ++report_.rejected;
          report_.total_rejected += sums[row];
          report_.rejects.push_back({file_, table_->line_of(row), rejects_row_.at(row)});
          break;
        case Verdict::skip:
          ++report_.skipped;
          report_.total_skipped += sums[row];
          break;
      }
    }
  }

  // Rows that never became rows: with too few or too many cells, and notes below the data.
  void count_outside() {
    const auto& table = *table_;
    const auto notes = static_cast<std::uint64_t>(std::ranges::count_if(
        table.ragged, [&](const auto& row) { return row.line >= notes_from_; }));
    const std::uint64_t after = table.footer_rows + notes;
    report_.rows += table.ragged_rows + table.footer_rows;
    report_.rejected += table.ragged_rows - notes;
    report_.skipped += after;
    if (after > 0) {
      report_.skipped_by_reason["after the data"] += after;
    }
    for (const auto& row : table.ragged) {
      if (row.line >= notes_from_) {
        continue;
      }
      const std::uint32_t id = finding(
          Severity::rejection, "", row.text, "ragged",
          fmt::format("the row has {} cells and the header {}; is a delimiter inside an unquoted "
                      "text?",
                      row.found, row.expected));
      auto& found = report_.findings[id];
      found.first_line = found.rows == 0 ? row.line : found.first_line;
      ++found.rows;
      report_.rejects.push_back({file_, row.line, id});
    }
  }

  void emit(const MeasurePlan& plan, const std::vector<NumberReading>& numbers) {
    std::vector<std::uint32_t> rows;
    std::vector<std::uint8_t> masked;
    const auto take = [&](std::size_t row, std::int64_t low, std::int64_t high, bool is_masked) {
      rows.push_back(static_cast<std::uint32_t>(row));
      values_.push_back(low);
      highs_.push_back(high);
      masked.push_back(is_masked ? 1 : 0);
      any_masked_ = any_masked_ || is_masked;
    };
    const auto accepted = [&](std::size_t row) {
      return rows_[row] == Verdict::accept || rows_[row] == Verdict::warn;
    };
    if (plan.column == kAbsent) {
      for (std::size_t row = 0; row < table_->rows; ++row) {
        if (accepted(row)) {
          take(row, 1, 1, false);
        }
      }
    } else {
      for_each_code(table_->columns[plan.column].codes, [&](std::size_t row, std::uint32_t code) {
        const auto& number = numbers[code];
        if (!accepted(row)) {
          return;
        }
        if (number.kind == NumberReading::Kind::empty) {
          ++report_.empty_values;
        } else {
          const bool is_masked = number.kind == NumberReading::Kind::masked;
          report_.masked_values += is_masked ? 1 : 0;
          take(row, number.low, number.high, is_masked);
        }
      });
    }
    report_.facts += rows.size();
    for (std::size_t at = 0; at < dimensions_.size(); ++at) {
      emit_dimension(plan, at, rows, masked);
    }
    complete_context(territories_.lists(), dimensions_, rows.size());
    if (mapping_.population) {
      for (const std::uint32_t row : rows) {
        origins_.emplace_back(file_, table_->line_of(row));
      }
    }
    note_periods(rows.size());
  }

  void emit_dimension(const MeasurePlan& plan, std::size_t at,
                      const std::vector<std::uint32_t>& rows,
                      const std::vector<std::uint8_t>& masked) {
    auto& own = dimensions_[at];
    own.codes.resize(values_.size() - rows.size(), 0);
    const auto set = std::ranges::find(plan.set, at, [](const auto& s) { return s.first; });
    const auto read = codes_.find(at);
    const auto joined = std::ranges::find(plan.joined, at, &Joined::dimension);
    if (joined != plan.joined.end()) {
      const auto& cells = table_->columns[joined->column].codes;
      for (const std::uint32_t row : rows) {
        own.codes.push_back(joined->ids[columns::at(cells, row)]);
      }
    } else if (set != plan.set.end()) {
      own.codes.insert(own.codes.end(), rows.size(), own.id(set->second));
    } else if (read != codes_.end()) {
      for (const std::uint32_t row : rows) {
        own.codes.push_back(read->second[row]);
      }
    } else {
      own.codes.insert(own.codes.end(), rows.size(), own.id(default_code(own.name)));
    }
    if (own.name == "status") {
      const std::size_t first = own.codes.size() - rows.size();
      for (std::size_t i = 0; i < rows.size(); ++i) {
        if (masked[i] != 0) {
          own.codes[first + i] = own.id("masked");
        }
      }
    }
  }

  [[nodiscard]] std::string default_code(const std::string& name) const {
    for (const auto& [dimension_name, code] : mapping_.defaults) {
      if (dimension_name == name) {
        return code;
      }
    }
    if (name == "status") {
      return mapping_.phase == "provisional" ? "provisional" : "A";
    }
    return std::string(kUnknown);
  }

  // The days that the accepted facts cover, from the codes that they use.
  void note_periods(std::size_t added) {
    auto& own = dimensions_[dimension("period")];
    std::vector<std::uint8_t> used(own.texts.size(), 0);
    for (std::size_t i = own.codes.size() - added; i < own.codes.size(); ++i) {
      used[own.codes[i]] = 1;
    }
    for (std::uint32_t code = 0; code < used.size(); ++code) {
      const auto period = used[code] != 0 ? parse_period(own.texts.text(code)) : std::nullopt;
      if (!period) {
        continue;
      }
      note_months(*period);
      const std::string begin = to_string(period->begin);
      const std::string end = to_string(period->end);
      report_.period_from =
          report_.period_from.empty() ? begin : std::min(report_.period_from, begin);
      report_.period_to = std::max(report_.period_to, end);
    }
  }

  void note_months(const Period& period) {
    for (Period month = period_of(period.begin, PeriodKind::month); month.begin < period.end;
         month = next_period(month)) {
      const std::string code = period_code(month);
      const auto at = std::ranges::lower_bound(report_.months, code);
      if (at == report_.months.end() || *at != code) {
        report_.months.insert(at, code);
      }
    }
  }

  const Mapping& mapping_;
  const Territories& territories_;
  std::string country_;
  LoadReport report_;
  std::vector<OutDimension> dimensions_;
  std::vector<std::int64_t> values_, highs_;
  bool any_masked_ = false;
  std::map<std::string, NewTerritory, std::less<>> enrolled_;
  std::vector<NewTerritory> listed_;
  std::unordered_map<std::string, std::uint32_t> finding_ids_;
  std::optional<CivilDate> today_;
  // Of populations: where each fact stands, and which was the first of its kind.
  std::vector<std::pair<std::uint32_t, std::uint64_t>> origins_;
  OncePerCell once_;

  // Of the file in hand.
  const RawTable* table_ = nullptr;
  std::uint32_t file_ = 0;
  std::vector<Verdict> rows_;
  std::set<std::string> used_columns_;
  std::uint64_t notes_from_ = 0;  // the line from which on nothing is data
  std::unordered_map<std::size_t, std::uint32_t> rejects_row_;
  std::map<std::size_t, std::vector<std::uint32_t>> codes_;  // by place in dimensions_
  std::vector<std::vector<NumberReading>> numbers_;          // by measure, by the column's code
};

Mapper::Mapper(const Mapping& mapping, const Territories& territories, std::string country,
               std::optional<CivilDate> today)
    : state_(std::make_unique<State>(mapping, territories, std::move(country), today)) {}

Mapper::~Mapper() = default;

Result<void> Mapper::add(const columns::RawTable& table) {
  return state_->add(table);
}

const LoadReport& Mapper::report() const noexcept {
  return state_->report();
}

const std::vector<NewTerritory>& Mapper::new_territories() const noexcept {
  return state_->new_territories();
}

Facts Mapper::take_facts() {
  return state_->take();
}

}  // namespace atalaya::observatory
