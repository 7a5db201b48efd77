#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include <atalaya/base/text.hpp>
#include <atalaya/columns/csv.hpp>

#include "csv_scan.hpp"
#include "dialect_rows.hpp"

// How a delimiter is guessed: the right one cuts most rows into the same number of fields, and into
// more than one. A wrong one that happens to be in the texts cuts them unevenly. Banner and notes
// are few rows among many, so they do not outvote the data.

namespace atalaya::columns {
namespace {

constexpr std::size_t kSampleRows = 400;
constexpr std::array<char, 5> kDelimiters = {',', ';', '\t', '|', ':'};

struct Candidate {
  char delimiter = ',';
  std::size_t fields = 1;
  double agreement = 0;  // share of rows that have `fields` fields
  double score = 0;
};

Candidate judge(const std::vector<SampleRow>& rows, char delimiter) {
  std::map<std::size_t, std::size_t> counts;
  std::size_t used = 0;
  for (const SampleRow& row : rows) {
    if (!row.blank()) {
      ++counts[row.fields.size()];
      ++used;
    }
  }
  Candidate best{.delimiter = delimiter, .fields = 1, .agreement = 0, .score = 0};
  for (const auto& [fields, n] : counts) {
    const double agreement = static_cast<double>(n) / static_cast<double>(used);
    const double score =
        fields < 2 ? 0 : agreement * agreement * std::log2(static_cast<double>(fields) + 1);
    if (score > best.score) {
      best = {.delimiter = delimiter, .fields = fields, .agreement = agreement, .score = score};
    }
  }
  // Times and codes such as "10:30" are full of colons.
  if (delimiter == ':') {
    best.score *= 0.5;
  }
  return best;
}

std::size_t filled(const std::vector<std::string>& row) {
  return static_cast<std::size_t>(std::count_if(
      row.begin(), row.end(), [](const std::string& cell) { return !trim(cell).empty(); }));
}

bool is_year(std::string_view text) {
  text = trim(text);
  int year = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), year);
  return error == std::errc() && end == text.data() + text.size() && year >= 1900 && year <= 2100;
}

// Columns named by years stand side by side: "2010 2011 2012".
bool year_title(const std::vector<std::string>& row, std::size_t i) {
  const auto year_at = [&](std::size_t k) { return k < row.size() && is_year(row[k]); };
  return year_at(i) && (year_at(i + 1) || (i > 0 && year_at(i - 1)));
}

// Positive: titles; negative: data. Each column compares its first cell with those below.
// `again`: rows that repeat the whole candidate are titles of further blocks, and do not speak.
int title_votes(const std::vector<std::vector<std::string>>& rows, std::size_t candidate,
                bool again) {
  int votes = 0;
  bool above_numbers = false;
  const std::vector<std::string>& titles = rows[candidate];
  for (std::size_t c = 0; c < titles.size(); ++c) {
    if (trim(titles[c]).empty()) {
      continue;
    }
    std::size_t values = 0;
    std::size_t numbers = 0;
    std::size_t equal = 0;
    for (std::size_t r = candidate + 1; r < std::min(rows.size(), candidate + 100); ++r) {
      if (c < rows[r].size() && !trim(rows[r][c]).empty() && !(again && rows[r] == titles)) {
        ++values;
        numbers += is_number_like(rows[r][c]) ? 1U : 0U;
        equal += rows[r][c] == titles[c] ? 1U : 0U;
      }
    }
    const bool numeric = values > 0 && numbers * 5 >= values * 4;
    if (numeric) {
      const bool title = !is_number_like(titles[c]) || year_title(titles, c);
      votes += title ? 4 : -4;
      above_numbers = above_numbers || title;
    } else if (equal > 0) {
      votes -= 2;
    } else if (values > 0) {
      votes += is_number_like(titles[c]) && !year_title(titles, c) ? -1 : 1;
    }
  }
  // Cases that are alike repeat, too: only a word above numbers makes a row a repeated header.
  return again && !above_numbers ? -1 : votes;
}

// The usual number of filled cells of the rows that have several.
std::size_t usual_width(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    const std::size_t n = filled(row);
    if (n >= 2) {
      widths.push_back(n);
    }
  }
  if (widths.empty()) {
    return 1;
  }
  const auto middle = widths.begin() + static_cast<std::ptrdiff_t>(widths.size() / 2);
  std::nth_element(widths.begin(), middle, widths.end());
  return *middle;
}

struct HeaderGuess {
  int row = -1;           // -1: none
  std::size_t first = 0;  // the first row of the table, header or data
  double confidence = 0;
};

HeaderGuess guess_header(const std::vector<std::vector<std::string>>& rows) {
  const std::size_t width = usual_width(rows);
  const std::size_t enough = std::max<std::size_t>(width == 1 ? 1 : 2, (width * 3 + 4) / 5);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (filled(rows[i]) < enough) {
      continue;
    }
    int votes = title_votes(rows, i, false);
    if (votes <= 0) {
      votes = std::max(votes, title_votes(rows, i, true));
    }
    const bool alone = i + 1 == rows.size();
    const bool header = votes > 0 || (votes == 0 && !alone) ||
                        (alone && std::none_of(rows[i].begin(), rows[i].end(), is_number_like));
    const double sure =
        alone ? 0.6 : std::min(1.0, 0.5 + 0.1 * static_cast<double>(std::abs(votes)));
    return {.row = header ? static_cast<int>(i) : -1, .first = i, .confidence = sure};
  }
  return {};
}

char guess_decimal_mark(const std::vector<SampleRow>& rows) {
  int points = 0;
  int commas = 0;
  for (const SampleRow& row : rows) {
    for (const std::string& field : row.fields) {
      const std::string_view text = trim(field);
      const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || c == '.' || c == ',' || c == '-';
      });
      const std::size_t point = text.rfind('.');
      const std::size_t comma = text.rfind(',');
      if (!plain || point == comma) {
        continue;
      }
      const bool both = point != std::string_view::npos && comma != std::string_view::npos;
      const bool by_comma = point == std::string_view::npos || (both && comma > point);
      const std::size_t mark = by_comma ? comma : point;
      // "1.234" alone may be a thousand: three digits behind a single mark say nothing.
      const bool clear = both || text.size() - mark != 4;
      const bool once = text.find(text[mark]) == mark;
      if (clear && once) {
        (by_comma ? commas : points) += 1;
      }
    }
  }
  if (points == 0 && commas == 0) {
    return 0;
  }
  return commas > points ? ',' : '.';
}

// Rows of notes behind the data: few cells, at the very end.
std::uint64_t count_footer(std::string_view tail, const Dialect& dialect) {
  const std::size_t first = tail.find('\n');
  if (first == std::string_view::npos || dialect.columns < 3) {
    return 0;
  }
  const std::vector<SampleRow> rows =
      parse_rows(tail.substr(first + 1), dialect.delimiter, dialect.quote, 100'000, true);
  std::uint64_t notes = 0;
  for (std::size_t i = rows.size(); i > 0; --i) {
    if (rows[i - 1].blank()) {
      continue;
    }
    if (filled(rows[i - 1].fields) * 3 > dialect.columns) {
      break;
    }
    ++notes;
  }
  return notes == rows.size() ? 0 : notes;
}

Encoding guess_encoding(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    return Encoding::utf_16;
  }
  // Of UTF-16 every other byte is NUL in most letters; a file with holes has NULs in both places.
  const std::string_view sample = bytes.substr(0, 4096);
  std::array<std::size_t, 2> nuls = {0, 0};
  for (std::size_t i = 0; i < sample.size(); ++i) {
    nuls[i % 2] += sample[i] == '\0' ? 1U : 0U;
  }
  const auto [few, many] = std::minmax(nuls[0], nuls[1]);
  if (many * 3 > sample.size() && few * 8 < many && sample.size() > 3) {
    return Encoding::utf_16;
  }
  const HighBytes seen = count_high_bytes(bytes.data(), bytes.size());
  // A sample may end inside a character: up to three bytes that are none.
  const bool cut = seen.other <= 3 && seen.first_other + 3 >= bytes.size();
  return seen.other > seen.utf8 && !cut ? Encoding::windows_1252 : Encoding::utf_8;
}

std::string utf16_sample(std::string_view bytes) {
  std::string text;
  const bool big = bytes.starts_with("\xFE\xFF") || (bytes.size() > 1 && bytes[0] == '\0');
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const char high = big ? bytes[i] : bytes[i + 1];
    const char low = big ? bytes[i + 1] : bytes[i];
    if (!(i == 0 && (high == '\xFE' || low == '\xFE'))) {
      text += high == '\0' && static_cast<unsigned char>(low) < 0x80 ? low : '?';
    }
  }
  return text;
}

}  // namespace

std::string_view to_string(Encoding encoding) noexcept {
  switch (encoding) {
    case Encoding::automatic:
      return "automatic";
    case Encoding::utf_8:
      return "utf_8";
    case Encoding::windows_1252:
      return "windows_1252";
    case Encoding::utf_16:
      return "utf_16";
  }
  return "";
}

int find_header_row(const std::vector<std::vector<std::string>>& rows) {
  return guess_header(rows).row;
}

Dialect sniff(std::string_view head, std::string_view tail) {
  Dialect dialect;
  dialect.encoding = guess_encoding(head);
  std::string decoded;
  if (dialect.encoding == Encoding::utf_16) {
    decoded = utf16_sample(head);
    head = decoded;
    tail = {};
  }
  if (head.starts_with("\xEF\xBB\xBF")) {
    head.remove_prefix(3);
  }
  Candidate best;
  std::vector<SampleRow> rows;
  for (const char delimiter : kDelimiters) {
    std::vector<SampleRow> tried = parse_rows(head, delimiter, '"', kSampleRows, false);
    if (tried.size() < 2) {
      tried = parse_rows(head, delimiter, '"', kSampleRows, true);
    }
    const Candidate candidate = judge(tried, delimiter);
    if (candidate.score > best.score || rows.empty()) {
      best = candidate;
      rows = std::move(tried);
    }
  }
  dialect.delimiter = best.delimiter;
  dialect.columns = static_cast<std::uint32_t>(best.fields);
  std::vector<std::vector<std::string>> cells;
  cells.reserve(rows.size());
  for (const SampleRow& row : rows) {
    cells.push_back(row.fields);
  }
  const HeaderGuess header = guess_header(cells);
  dialect.header_line = header.row < 0 ? 0 : rows[static_cast<std::size_t>(header.row)].line;
  dialect.banner_lines = rows.empty() ? 0 : rows[header.first].line - 1;
  dialect.decimal_mark = guess_decimal_mark(rows);
  dialect.footer_rows = count_footer(tail, dialect);
  const bool single = best.fields < 2;
  dialect.confidence = rows.empty() ? 0
                       : single     ? 0.5 * header.confidence
                                    : best.agreement * header.confidence;
  return dialect;
}

}  // namespace atalaya::columns
