// A file's rows into facts. Every distinct value is read once; rows are translated column by
// column, so that a row costs its look-ups.
#include <algorithm>
#include <limits>
#include <regex>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

#include "mapper_state.hpp"

namespace atalaya::observatory {

Mapper::State::State(const Mapping& mapping, const Territories& territories, std::string country,
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

Result<void> Mapper::State::add(const columns::RawTable& table) {
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
  if (!mapping_.fill_down.empty()) {
    ATALAYA_TRY(fill_down());
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
    emit(plans[i], numbers_[i], is_alternative(plans[i], plans));
    if (mapping_.population) {
      ATALAYA_TRY(refuse_second_population());
    }
  }
  cover_file();
  fact_ends_.push_back(values_.size());
  return {};
}

// Of cells that were merged only the first row of a block has the text. A new text further out
// ends the blocks within: what they said was of another one.
Result<void> Mapper::State::fill_down() {
  std::vector<std::size_t> places;
  for (const auto& name : mapping_.fill_down) {
    places.push_back(place_of(name));
    if (places.back() == kAbsent) {
      return column_missing(name);
    }
  }
  filled_ = *table_;
  table_ = &filled_;
  std::vector<std::vector<bool>> is_empty;
  for (const std::size_t place : places) {
    const auto& values = filled_.columns[place].values;
    is_empty.emplace_back();
    for (std::uint32_t code = 0; code < values.size(); ++code) {
      is_empty.back().push_back(squeeze(values.text(code)).empty());
    }
  }
  std::vector<std::optional<std::uint32_t>> above(places.size());
  for (std::size_t row = 0; row < filled_.rows; ++row) {
    for (std::size_t i = 0; i < places.size(); ++i) {
      auto& codes = filled_.columns[places[i]].codes;
      const std::uint32_t code = columns::at(codes, row);
      if (!is_empty[i][code]) {
        above[i] = code;
        std::fill(above.begin() + static_cast<std::ptrdiff_t>(i) + 1, above.end(), std::nullopt);
      } else if (above[i]) {
        std::visit(
            [&](auto& all) {
              all[row] = static_cast<std::ranges::range_value_t<decltype(all)>>(*above[i]);
            },
            codes);
      }
    }
  }
  return {};
}

std::size_t Mapper::State::dimension(const std::string& name) {
  const auto at = std::ranges::find(dimensions_, name, &OutDimension::name);
  if (at != dimensions_.end()) {
    return static_cast<std::size_t>(at - dimensions_.begin());
  }
  OutDimension own;
  own.name = name;
  dimensions_.push_back(std::move(own));
  return dimensions_.size() - 1;
}

std::size_t Mapper::State::place_of(const std::string& name) {
  const std::string wanted = fold(squeeze(name));
  for (std::size_t i = 0; i < table_->columns.size(); ++i) {
    if (fold(squeeze(table_->columns[i].name)) == wanted) {
      used_columns_.insert(table_->columns[i].name);
      return i;
    }
  }
  return kAbsent;
}

std::uint32_t Mapper::State::finding(Severity severity, std::string_view column,
                                     std::string_view value, std::string_view reason,
                                     std::string_view detail) {
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
void Mapper::State::judge(std::size_t row, Verdict verdict, std::uint32_t id) {
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

void Mapper::State::skip(std::size_t row, const std::string& reason) {
  if (rows_[row] != Verdict::skip && rows_[row] != Verdict::reject) {
    rows_[row] = Verdict::skip;
    ++report_.skipped_by_reason[reason];
  }
}

namespace {

// Rows of which every cell is the title of its column.
std::vector<std::size_t> header_again(const columns::RawTable& table) {
  std::vector<std::size_t> titles(table.rows, 0);  // how many cells of the row are
  std::size_t columns = 0;
  for (const auto& column : table.columns) {
    if (column.name == kYearOfName) {
      continue;
    }
    const std::string name = fold(squeeze(column.name));
    std::vector<std::uint8_t> is_title(column.values.size(), 0);
    bool any = false;
    for (std::uint32_t code = 0; code < column.values.size(); ++code) {
      is_title[code] = fold(squeeze(column.values.text(code))) == name ? 1 : 0;
      any = any || is_title[code] != 0;
    }
    if (!any) {
      return {};
    }
    ++columns;
    for_each_code(column.codes,
                  [&](std::size_t row, std::uint32_t code) { titles[row] += is_title[code]; });
  }
  std::vector<std::size_t> out;
  for (std::size_t row = 0; row < table.rows && columns > 1; ++row) {
    if (titles[row] == columns) {
      out.push_back(row);
    }
  }
  return out;
}

}  // namespace

Result<void> Mapper::State::leave_out() {
  for (const std::size_t row : header_again(*table_)) {
    skip(row, "header again");
  }
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

Result<std::vector<Mapper::State::MeasurePlan>> Mapper::State::measure_plans() {
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
      used_columns_.insert(table_->columns[i].name);
      widest_.push_back(table_->columns[i].name);
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
Result<std::vector<Mapper::State::MeasurePlan>> Mapper::State::settle(
    std::vector<MeasurePlan> plans) {
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
Result<void> Mapper::State::join_cells(std::vector<MeasurePlan>& plans) {
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

void Mapper::State::read_joined(const std::string& before, const std::string& after,
                                Joined& joined) {
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

const DimensionMapping* Mapper::State::own_mapping(std::string_view name) const {
  const auto at = std::ranges::find(mapping_.dimensions, name, &DimensionMapping::name);
  return at == mapping_.dimensions.end() ? nullptr : &*at;
}

Result<void> Mapper::State::read_dimension(const DimensionMapping& d) {
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
  if (d.name == "sex") {
    refuse_unsaid_m(d, tuples, readings);
  }
  if (d.name == "period" && today_ && !mapping_.population) {
    warn_of_future(*today_, readings);  // populations may be projections
  }
  if (d.name == "period" && mapping_.population) {
    refuse_finer_than_year(readings);
  }
  for (std::size_t t = 0; t < tuples.texts.size(); ++t) {
    const Reading& reading = readings[t];
    verdicts[t] = reading.verdict;
    if (reading.verdict == Verdict::accept || reading.verdict == Verdict::warn) {
      ids[t] = dimensions_[at].id(reading.code);
    }
    if (reading.verdict == Verdict::warn || reading.verdict == Verdict::reject) {
      findings[t] =
          finding(reading.verdict == Verdict::warn ? Severity::warning : Severity::rejection, shown,
                  reading.value, reading.reason, reading.detail);
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

void Mapper::State::read_numbers(const std::vector<MeasurePlan>& plans) {
  numbers_.assign(plans.size(), {});
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (plans[i].column == kAbsent) {
      continue;
    }
    const auto& column = table_->columns[plans[i].column];
    std::vector<std::uint32_t> findings(column.values.size(), kNone);
    for (std::uint32_t code = 0; code < column.values.size(); ++code) {
      NumberReading number = read_number(column.values.text(code), mapping_);
      // What the mapping says to be missing is; of an empty cell it says what that means.
      if (number.kind == NumberReading::Kind::empty && number.reason != kNotGiven) {
        const auto& empty = mapping_.empty_value;
        number.kind = empty == "zero"     ? NumberReading::Kind::number
                      : empty == "reject" ? NumberReading::Kind::bad
                                          : NumberReading::Kind::empty;
        number.reason = empty == "missing" ? kNotGiven : "empty";
      }
      if (number.kind == NumberReading::Kind::bad) {
        findings[code] = finding(Severity::rejection, column.name, column.values.text(code),
                                 number.reason, number_hint(number.reason));
      }
      const bool is_zero = number.kind == NumberReading::Kind::number && number.low == 0;
      if (is_zero && mapping_.population && own_mapping("age") == nullptr) {
        findings[code] = finding(Severity::warning, column.name, column.values.text(code), "nobody",
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

const std::vector<std::uint64_t>& Mapper::fact_ends() const noexcept {
  return state_->fact_ends();
}

Facts Mapper::take_facts() {
  return state_->take();
}

}  // namespace atalaya::observatory
