// What became of the rows of a file: every row and every number is counted, the accepted ones
// become facts.
#include <algorithm>

#include <fmt/format.h>

#include "mapper_state.hpp"
#include "mapping_values.hpp"

namespace atalaya::observatory {
Facts Mapper::State::take() {
  Facts out;
  out.decimals = mapping_.decimals;
  out.not_given.resize(not_given_ * dimensions_.size());
  for (std::size_t at = 0; at < dimensions_.size(); ++at) {
    auto& own = dimensions_[at];
    own.not_given.resize(not_given_, 0);
    for (std::size_t i = 0; i < not_given_; ++i) {
      out.not_given[(i * dimensions_.size()) + at] = own.not_given[i];
    }
  }
  for (auto& own : dimensions_) {
    FactColumn column;
    column.name = own.name;
    const std::size_t distinct = own.texts.size();
    column.texts = std::move(own.texts);
    column.codes = narrow_codes(std::move(own.codes), distinct);
    out.dimensions.push_back(std::move(column));
  }
  out.values = std::move(values_);
  if (any_masked_) {
    out.values_high = std::move(highs_);
  }
  return out;
}

const std::vector<NewTerritory>& Mapper::State::new_territories() {
  listed_.clear();
  for (const auto& [code, territory] : enrolled_) {
    listed_.push_back(territory);
  }
  return listed_;
}

// A file's own finding, about no row of its data.
void Mapper::State::note_file(std::string_view column, std::string_view reason,
                              std::string_view detail, std::uint64_t line, std::uint64_t cells) {
  auto& found = report_.findings[finding(Severity::warning, column, "", reason, detail)];
  found.first_line = line;
  found.rows += cells;
}

// What the reader wondered about, and columns of one name of which the first was taken.
void Mapper::State::pass_on_warnings() {
  for (const auto& warning : table_->warnings) {
    const bool formulas = warning.reason == "columns.table.formulas_without_value";
    if (!formulas && warning.reason != "columns.csv.open_end") {
      continue;
    }
    const auto number = [&](std::string_view key) -> std::uint64_t {
      const auto at = std::ranges::find(warning.params, key,
                                        [](const auto& p) { return std::string_view(p.first); });
      return at == warning.params.end() ? 1 : std::stoull(at->second);
    };
    note_file("", formulas ? "formulas_without_value" : "open_end", warning.detail, number("line"),
              number("count"));
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
  // "Setiembre" among months of which the pattern knows "Septiembre" alone.
  std::size_t first = table_->header.size();
  std::size_t last = 0;
  for (std::size_t i = 0; i < table_->header.size(); ++i) {
    if (std::ranges::find(widest_, table_->header[i]) != widest_.end()) {
      first = std::min(first, i);
      last = i;
    }
  }
  for (std::size_t i = first; i < last; ++i) {
    const std::string& name = table_->header[i];
    // "Enero_2" is said above.
    if (!name.empty() && !used_columns_.contains(name) &&
        !used_columns_.contains(name.substr(0, name.rfind('_')))) {
      note_file(name, "column_between",
                "stands among the columns that the mapping's pattern reads, and is not read",
                table_->header_line, 1);
    }
  }
  widest_.clear();
  used_columns_.clear();
}

std::unexpected<Error> Mapper::State::misfit(std::string_view reason, std::string_view column,
                                             std::string_view what) const {
  return fail(Error{ErrorCode::invalid_argument,
                    std::string(reason),
                    fmt::format("{}: {}", table_->file, what),
                    {{"file", table_->file}, {"column", std::string(column)}}});
}

std::unexpected<Error> Mapper::State::column_missing(std::string_view column) const {
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

// A second number of inhabitants would be added to the first, and every rate would fall.
Result<void> Mapper::State::refuse_second_population() {
  const auto twice = once_.find(dimensions_, values_.size());
  if (!twice) {
    return {};
  }
  const auto& [file, line] = origins_[twice->first];
  return misfit("observatory.load.population_twice", twice->codes,
                fmt::format("line {} gives {} persons for {}, and line {} of {} gives {}: one of "
                            "them is right, not their sum. Leave the other out, or say what tells "
                            "them apart (a name, sex, an age)",
                            origins_[twice->second].second, values_[twice->second], twice->codes,
                            line, report_.files[file], values_[twice->first]));
}

void Mapper::State::run_checks() {
  for (const auto& check : mapping_.checks) {
    std::vector<std::size_t> parts;
    for (const auto& name : check.sum) {
      parts.push_back(place_of(name));
    }
    const std::size_t whole = place_of(check.equals);
    if (whole == kAbsent || std::ranges::find(parts, kAbsent) != parts.end()) {
      continue;  // another year's file without these columns has nothing to check
    }
    const std::uint32_t id =
        finding(Severity::warning, check.equals, "", "check_failed",
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

std::int64_t Mapper::State::cell(std::size_t place, std::size_t row) {
  const auto& column = table_->columns[place];
  const auto number = read_number(column.values.text(columns::at(column.codes, row)), mapping_);
  return number.kind == NumberReading::Kind::number ? number.low : 0;
}

void Mapper::State::count_rows(const std::vector<MeasurePlan>& plans) {
  report_.rows += table_->rows;
  report_.blank_rows += table_->blank_rows;
  std::vector<std::int64_t> sums(table_->rows, 0);
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (plans[i].column == kAbsent) {
      std::ranges::fill(sums, 1);
      continue;
    }
    for_each_code(table_->columns[plans[i].column].codes, [&](std::size_t row, std::uint32_t code) {
      const auto& number = numbers_[i][code];
      // A number below zero is rejected, but it is one.
      const bool counts = number.kind == NumberReading::Kind::number ||
                          number.kind == NumberReading::Kind::masked || number.reason == "negative";
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
void Mapper::State::count_outside() {
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

// Whether another column gives the same in another unit, as pieces beside kilograms: then a row has
// one of the two by right.
bool Mapper::State::is_alternative(const MeasurePlan& plan,
                                   const std::vector<MeasurePlan>& plans) const {
  const auto unit = std::ranges::find(dimensions_, "unit", &OutDimension::name);
  const auto place = static_cast<std::size_t>(unit - dimensions_.begin());
  const auto without_unit = [&](MeasurePlan::Set set) {
    std::erase_if(set, [&](const auto& one) { return one.first == place; });
    return set;
  };
  return std::ranges::any_of(plans, [&](const MeasurePlan& other) {
    return other.set != plan.set && without_unit(other.set) == without_unit(plan.set);
  });
}

void Mapper::State::emit(const MeasurePlan& plan, const std::vector<NumberReading>& numbers,
                         bool is_alternative) {
  std::vector<std::uint32_t> rows;
  std::vector<std::uint32_t> not_given;
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
        if (number.reason == kNotGiven) {
          not_given.push_back(static_cast<std::uint32_t>(row));
        }
      } else {
        const bool is_masked = number.kind == NumberReading::Kind::masked;
        report_.zero_texts += number.reason == kZeroText ? 1U : 0U;
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
  if (!mapping_.population && !is_alternative) {
    emit_not_given(plan, not_given);
  }
}

void Mapper::State::emit_not_given(const MeasurePlan& plan,
                                   const std::vector<std::uint32_t>& rows) {
  for (std::size_t at = 0; at < dimensions_.size() && !rows.empty(); ++at) {
    auto& own = dimensions_[at];
    own.not_given.resize(not_given_, 0);
    if (own.name == "status") {
      own.not_given.insert(own.not_given.end(), rows.size(), own.id("missing"));
    } else {
      append_codes(plan, at, rows, own.not_given);
    }
  }
  not_given_ += rows.size();
  // What is derived of facts is derived of these: else their totals are not theirs.
  const auto swap = [&] {
    for (auto& own : dimensions_) {
      std::swap(own.codes, own.not_given);
    }
  };
  if (!rows.empty()) {
    swap();
    complete_context(territories_.lists(), dimensions_, rows.size());
    swap();
  }
}

void Mapper::State::emit_dimension(const MeasurePlan& plan, std::size_t at,
                                   const std::vector<std::uint32_t>& rows,
                                   const std::vector<std::uint8_t>& masked) {
  auto& own = dimensions_[at];
  own.codes.resize(values_.size() - rows.size(), 0);
  append_codes(plan, at, rows, own.codes);
  if (own.name == "status") {
    const std::size_t first = own.codes.size() - rows.size();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (masked[i] != 0) {
        own.codes[first + i] = own.id("masked");
      }
    }
  }
}

// The code of the dimension in each of these rows.
void Mapper::State::append_codes(const MeasurePlan& plan, std::size_t at,
                                 const std::vector<std::uint32_t>& rows,
                                 std::vector<std::uint32_t>& out) {
  auto& own = dimensions_[at];
  const auto set = std::ranges::find(plan.set, at, [](const auto& s) { return s.first; });
  const auto read = codes_.find(at);
  const auto joined = std::ranges::find(plan.joined, at, &Joined::dimension);
  if (joined != plan.joined.end()) {
    const auto& cells = table_->columns[joined->column].codes;
    for (const std::uint32_t row : rows) {
      out.push_back(joined->ids[columns::at(cells, row)]);
    }
  } else if (set != plan.set.end()) {
    out.insert(out.end(), rows.size(), own.id(set->second));
  } else if (read != codes_.end()) {
    for (const std::uint32_t row : rows) {
      out.push_back(read->second[row]);
    }
  } else {
    out.insert(out.end(), rows.size(), own.id(default_code(own.name)));
  }
}

std::string Mapper::State::default_code(const std::string& name) const {
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
void Mapper::State::note_periods(std::size_t added) {
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

void Mapper::State::note_months(const Period& period) {
  for (const Period& month : months_of(period)) {
    months_.insert(period_code(month));
    if (period.kind != PeriodKind::year) {
      finer_months_.insert(period_code(month));
    }
  }
}

// The months of which the file says how many cases there were, none included.
std::set<std::string> Mapper::State::covered_months() const {
  std::set<std::string> out = months_;
  const auto take = [&](const Period& first, const Period& last) {
    for (Period month = period_of(first.begin, PeriodKind::month);
         month.begin < last.end && (!today_ || month.begin <= *today_);
         month = next_period(month)) {
      out.insert(period_code(month));
    }
  };
  const auto& said = mapping_.covers_period;
  if (months_.empty() || (!said.empty() && said[0] == "facts")) {
    return out;
  }
  if (said.empty()) {
    // A row that was refused, or a number left empty, may be what a month without facts had.
    if (!finer_months_.empty() && report_.rejected == 0 && report_.empty_values == 0) {
      take(*parse_period(*finer_months_.begin()), *parse_period(*finer_months_.rbegin()));
    }
  } else if (said[0] == "year") {
    take(*parse_period(months_.begin()->substr(0, 4)),
         *parse_period(months_.rbegin()->substr(0, 4)));
  } else {
    for (const auto& text : said) {
      const std::size_t slash = text.find('/');
      take(*parse_period(text.substr(0, slash)),
           *parse_period(slash == std::string::npos ? text : text.substr(slash + 1)));
    }
  }
  return out;
}

// Months without a fact between the first and the last are named: whether nothing happened or
// nothing was sent, only the source knows.
void Mapper::State::cover_file() {
  const auto covered = covered_months();
  std::vector<std::string> all(report_.months);
  all.insert(all.end(), covered.begin(), covered.end());
  std::ranges::sort(all);
  all.erase(std::ranges::unique(all).begin(), all.end());
  report_.months = std::move(all);
  std::map<bool, std::vector<std::string>> empty;  // by whether they are covered
  if (!months_.empty() && !mapping_.population && mapping_.covers_period.empty()) {
    const auto last = parse_period(*months_.rbegin());
    for (auto month = *parse_period(*months_.begin()); month.begin < last->begin;
         month = next_period(month)) {
      const std::string code = period_code(month);
      if (!months_.contains(code)) {
        empty[covered.contains(code)].push_back(code);
      }
    }
  }
  constexpr std::size_t kNamed = 6;
  for (auto& [is_covered, list] : empty) {
    const std::size_t n = list.size();
    list.resize(std::min(n, kNamed));
    note_file(
        "", "empty_months",
        fmt::format("no fact of {} months between the first and the last: {}{}. They count as "
                    "{}; if that is wrong, write {} in the mapping",
                    n, fmt::join(list, ", "), n > kNamed ? " …" : "",
                    is_covered ? "months without a case" : "not sent",
                    is_covered ? "covers_period = \"facts\""
                               : "covers_period = \"year\" or the periods covered"),
        0, n);
  }
  months_.clear();
  finer_months_.clear();
}

}  // namespace atalaya::observatory
