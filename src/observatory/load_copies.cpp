// Do two files hold the same figures? A packed copy, one with other line ends, delimiters or
// letters, a workbook beside its csv and a month beside its year have other bytes and the same
// facts: so the facts are compared, not the bytes.
//
// Each fact has a number made of its codes and value; the sum of these numbers stands for a file or
// a month whatever the order of rows. One pass by columns; sets of one load are compared row by row
// only where they can overlap at all, in passes of bounded memory.
#include "load_copies.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>

#include <fmt/format.h>

#include <atalaya/crypto/hash.hpp>

#include "mapping_tuples.hpp"

namespace atalaya::observatory::detail {
namespace {

constexpr std::size_t kRowsAtOnce = 4096;
constexpr std::size_t kPassRowsMax = std::size_t{8} << 20U;  // 16 bytes each
// Fewer facts than these can be alike by chance in files that the mapping does not tell apart.
constexpr std::uint64_t kTellingFacts = 5;

// The last step of SplitMix64 (Steele, Lea, Flood 2014): every bit of the sum moves every other.
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

std::uint64_t number_of(std::string_view dimension, std::string_view code) {
  crypto::Sha256 hash;
  hash.update(dimension).update("\n").update(code);
  const crypto::Hash sum = hash.finish();
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < sizeof out; ++i) {
    out = (out << 8U) | sum[i];
  }
  return out;
}

void add(ContentSum& to, std::uint64_t row) {
  ++to.facts;
  to.first += mixed(row);
  to.second += mixed(row ^ 0x9e3779b97f4a7c15ULL);
}

void add(ContentSum& to, const ContentSum& other) {
  to.facts += other.facts;
  to.first += other.first;
  to.second += other.second;
}

// Numbers of rows, made column by column.
class RowNumbers {
 public:
  explicit RowNumbers(const Facts& facts) : facts_(facts) {
    for (std::int32_t i = facts.decimals; i < 6; ++i) {
      scale_ *= 10;  // one amount is one number, however many decimals the mapping keeps
    }
    for (const auto& column : facts.dimensions) {
      auto& numbers = numbers_.emplace_back(column.texts.size(), 0);
      for (std::uint32_t code = 0; code < numbers.size(); ++code) {
        const auto text = column.texts.text(code);
        const bool says = text != kUnknown && column.name != "status";
        numbers[code] = says ? number_of(column.name, text) : 0;
      }
      period_ = column.name == "period" ? numbers_.size() - 1 : period_;
    }
  }

  [[nodiscard]] std::size_t period() const { return period_; }

  [[nodiscard]] bool is_zero(std::size_t row) const {
    return facts_.values[row] == 0 && (facts_.values_high.empty() || facts_.values_high[row] == 0);
  }

  // Fills `sums` for rows from `first` on, without the period's part; `periods` with that.
  void fill(std::size_t first, std::size_t count, std::uint64_t* sums,
            std::uint64_t* periods) const {
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t row = first + i;
      const auto low = static_cast<std::uint64_t>(facts_.values[row]) * scale_;
      const auto high = facts_.values_high.empty()
                            ? low
                            : static_cast<std::uint64_t>(facts_.values_high[row]) * scale_;
      sums[i] = mixed(low + 1) + 3 * mixed(high + 2);
      periods[i] = 0;
    }
    for (std::size_t d = 0; d < numbers_.size(); ++d) {
      std::uint64_t* const to = d == period_ ? periods : sums;
      const auto& numbers = numbers_[d];
      std::visit(
          [&](const auto& codes) {
            for (std::size_t i = 0; i < count; ++i) {
              to[i] += numbers[codes[first + i]];
            }
          },
          facts_.dimensions[d].codes);
    }
  }

  template <class Visit>  // row, its number, and that without the period
  void each(std::size_t begin, std::size_t end, Visit visit) const {
    std::array<std::uint64_t, kRowsAtOnce> sums{};
    std::array<std::uint64_t, kRowsAtOnce> periods{};
    for (std::size_t first = begin; first < end; first += kRowsAtOnce) {
      const std::size_t count = std::min(kRowsAtOnce, end - first);
      fill(first, count, sums.data(), periods.data());
      for (std::size_t i = 0; i < count; ++i) {
        if (!is_zero(first + i)) {
          visit(first + i, mixed(sums[i] + periods[i]), mixed(sums[i]));
        }
      }
    }
  }

 private:
  const Facts& facts_;
  std::uint64_t scale_ = 1;
  std::size_t period_ = kAbsent;
  std::vector<std::vector<std::uint64_t>> numbers_;  // by dimension, code
};

std::size_t begin_of(const std::vector<std::uint64_t>& ends, std::size_t file) {
  return file == 0 ? 0 : ends[file - 1];
}

// Which codes of each dimension a file uses.
using UsedCodes = std::vector<std::vector<bool>>;

std::vector<UsedCodes> used_codes(const Facts& facts, const std::vector<std::uint64_t>& ends) {
  std::vector<UsedCodes> out(ends.size());
  for (std::size_t file = 0; file < ends.size(); ++file) {
    for (const auto& column : facts.dimensions) {
      std::vector<bool> used(column.texts.size(), false);
      for (std::size_t row = begin_of(ends, file); row < ends[file]; ++row) {
        used[columns::at(column.codes, row)] = true;
      }
      out[file].push_back(std::move(used));
    }
  }
  return out;
}

bool can_overlap(const UsedCodes& a, const UsedCodes& b) {
  for (std::size_t d = 0; d < a.size(); ++d) {
    bool both = false;
    for (std::size_t code = 0; code < a[d].size() && !both; ++code) {
      both = a[d][code] && b[d][code];
    }
    if (!both) {
      return false;
    }
  }
  return true;
}

struct RowOfFile {
  std::uint64_t row = 0;
  std::uint32_t file = 0, month = 0;
};

// By files (the lower first), then month: how many facts stand in both.
using Shared =
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::map<std::uint32_t, std::uint64_t>>;

// Rows of one number, file by file: of three equal rows here and two there, two stand in both.
void count_alike(const std::vector<RowOfFile>& rows, Shared& shared) {
  std::vector<std::pair<std::uint32_t, std::uint64_t>> files;
  for (std::size_t i = 0; i < rows.size();) {
    const std::size_t first = i;
    files.clear();
    for (; i < rows.size() && rows[i].row == rows[first].row; ++i) {
      if (files.empty() || files.back().first != rows[i].file) {
        files.emplace_back(rows[i].file, 0);
      }
      ++files.back().second;
    }
    for (std::size_t a = 0; a < files.size(); ++a) {
      for (std::size_t b = a + 1; b < files.size(); ++b) {
        shared[{files[a].first, files[b].first}][rows[first].month] +=
            std::min(files[a].second, files[b].second);
      }
    }
  }
}

std::vector<std::string> months_of(const Facts& facts, std::size_t period) {
  std::vector<std::string> out;
  if (period != kAbsent) {
    const auto& texts = facts.dimensions[period].texts;
    for (std::uint32_t code = 0; code < texts.size(); ++code) {
      out.push_back(first_month(texts.text(code)));
    }
  }
  return out;
}

// Only rows of `files`, by parts of the numbers, so that memory does not grow with the load.
Shared shared_rows(const Facts& facts, const std::vector<std::uint64_t>& ends,
                   const std::vector<bool>& files) {
  Shared out;
  const RowNumbers numbers(facts);
  std::size_t rows = 0;
  for (std::size_t file = 0; file < ends.size(); ++file) {
    rows += files[file] ? ends[file] - begin_of(ends, file) : 0;
  }
  const std::size_t passes = rows / kPassRowsMax + 1;
  for (std::size_t pass = 0; pass < passes; ++pass) {
    std::vector<RowOfFile> part;
    for (std::uint32_t file = 0; file < ends.size(); ++file) {
      if (!files[file]) {
        continue;
      }
      numbers.each(begin_of(ends, file), ends[file],
                   [&](std::size_t row, std::uint64_t number, std::uint64_t) {
                     if (number % passes == pass) {
                       const std::uint32_t period =
                           numbers.period() == kAbsent
                               ? 0
                               : columns::at(facts.dimensions[numbers.period()].codes, row);
                       part.push_back({number, file, period});
                     }
                   });
    }
    std::ranges::sort(part, [](const RowOfFile& a, const RowOfFile& b) {
      return a.row != b.row ? a.row < b.row : a.file < b.file;
    });
    count_alike(part, out);
  }
  return out;
}

Overlap overlap_of(const FileContent& a, const FileContent& b, std::uint64_t facts) {
  const bool first_is_smaller = a.all.facts <= b.all.facts;
  Overlap out;
  out.file = first_is_smaller ? a.file : b.file;
  out.other = first_is_smaller ? b.file : a.file;
  out.facts = facts;
  const std::uint64_t less = std::min(a.all.facts, b.all.facts);
  out.kind = facts < less                 ? Overlap::Kind::partly
             : a.all.facts == b.all.facts ? Overlap::Kind::same
             : less >= kTellingFacts      ? Overlap::Kind::within
                                          : Overlap::Kind::partly;
  return out;
}

std::string sum_text(const ContentSum& sum) {
  return fmt::format("{}:{:016x}{:016x}", sum.facts, sum.first, sum.second);
}

ContentSum sum_from(std::string_view text) {
  ContentSum out;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.size() != colon + 33) {
    return out;
  }
  const auto read = [&](std::size_t from, std::size_t size, int base, std::uint64_t& to) {
    std::from_chars(text.data() + from, text.data() + from + size, to, base);
  };
  read(0, colon, 10, out.facts);
  read(colon + 1, 16, 16, out.first);
  read(colon + 17, 16, 16, out.second);
  return out;
}

}  // namespace

std::vector<FileContent> contents_of(const Facts& facts, const std::vector<std::string>& files,
                                     const std::vector<std::uint64_t>& ends) {
  std::vector<FileContent> out;
  const RowNumbers numbers(facts);
  const auto months = months_of(facts, numbers.period());
  std::vector<ContentSum> by_period(std::max<std::size_t>(months.size(), 1));
  for (std::size_t file = 0; file < ends.size(); ++file) {
    FileContent content;
    content.file = files[file];
    std::ranges::fill(by_period, ContentSum{});
    numbers.each(begin_of(ends, file), ends[file],
                 [&](std::size_t row, std::uint64_t number, std::uint64_t without) {
                   const std::uint32_t period =
                       months.empty() ? 0
                                      : columns::at(facts.dimensions[numbers.period()].codes, row);
                   add(by_period[period], number);
                   add(content.without_period, without);
                 });
    for (std::size_t period = 0; period < by_period.size(); ++period) {
      if (by_period[period].facts > 0) {
        add(content.all, by_period[period]);
        add(content.months[months.empty() ? "" : months[period]], by_period[period]);
      }
    }
    out.push_back(std::move(content));
  }
  return out;
}

json::array contents_json(const std::vector<FileContent>& contents) {
  json::array out;
  for (const auto& content : contents) {
    json::object months;
    for (const auto& [month, sum] : content.months) {
      months[month] = sum_text(sum);
    }
    out.push_back(json::object{{"file", content.file},
                               {"all", sum_text(content.all)},
                               {"without_period", sum_text(content.without_period)},
                               {"months", std::move(months)}});
  }
  return out;
}

std::vector<FileContent> contents_from(const json::object& report) {
  std::vector<FileContent> out;
  const auto* entries = report.if_contains("contents");
  if (entries == nullptr || !entries->is_array()) {
    return out;
  }
  for (const auto& value : entries->get_array()) {
    const auto& entry = value.as_object();
    FileContent content;
    content.file = std::string(entry.at("file").as_string());
    content.all = sum_from(entry.at("all").as_string());
    content.without_period = sum_from(entry.at("without_period").as_string());
    for (const auto& [month, sum] : entry.at("months").as_object()) {
      content.months[std::string(month)] = sum_from(sum.as_string());
    }
    out.push_back(std::move(content));
  }
  return out;
}

std::vector<Overlap> overlaps_within(const Facts& facts, const std::vector<FileContent>& contents,
                                     const std::vector<std::uint64_t>& ends) {
  std::vector<Overlap> out;
  if (contents.size() < 2) {
    return out;
  }
  const auto used = used_codes(facts, ends);
  std::vector<bool> files(contents.size(), false);
  bool any = false;
  for (std::size_t a = 0; a < used.size(); ++a) {
    for (std::size_t b = a + 1; b < used.size(); ++b) {
      if (can_overlap(used[a], used[b])) {
        files[a] = files[b] = any = true;
      }
    }
  }
  if (!any) {
    return out;
  }
  const RowNumbers numbers(facts);
  const auto months = months_of(facts, numbers.period());
  for (const auto& [pair, periods] : shared_rows(facts, ends, files)) {
    const auto& a = contents[pair.first];
    const auto& b = contents[pair.second];
    std::uint64_t all = 0;
    std::map<std::string, std::uint64_t> by_month;
    for (const auto& [period, count] : periods) {
      all += count;
      by_month[months.empty() ? "" : months[period]] += count;
    }
    // A few equal rows are chance where the mapping reads little; half of a month is not.
    const bool telling = std::ranges::any_of(by_month, [&](const auto& month) {
      const auto less = std::min(a.months.at(month.first).facts, b.months.at(month.first).facts);
      return month.second >= kTellingFacts && month.second * 2 >= less;
    });
    auto overlap = overlap_of(a, b, all);
    if (telling || overlap.kind != Overlap::Kind::partly) {
      out.push_back(std::move(overlap));
    }
  }
  return out;
}

std::vector<Overlap> overlaps_beside(const std::vector<FileContent>& contents,
                                     const std::vector<Current>& beside) {
  std::vector<Overlap> out;
  for (const auto& current : beside) {
    for (const auto& held : contents_from(current.submission.report)) {
      for (const auto& content : contents) {
        std::uint64_t facts = 0;
        for (const auto& [month, sum] : content.months) {
          const auto at = held.months.find(month);
          const bool alike = at != held.months.end() && at->second == sum;
          facts += alike && !current.replaced.contains(month) ? sum.facts : 0;
        }
        auto overlap = overlap_of(content, held, facts);
        const bool counts = std::ranges::any_of(
            held.months, [&](const auto& m) { return !current.replaced.contains(m.first); });
        if (facts == 0 && counts && content.all.facts >= kTellingFacts && content.all != held.all &&
            content.without_period == held.without_period) {
          overlap.kind = Overlap::Kind::other_period;
          overlap.facts = content.all.facts;
        } else if (facts == 0 || (overlap.kind == Overlap::Kind::partly && facts < kTellingFacts)) {
          continue;
        }
        overlap.file = content.file;
        overlap.other = held.file;
        overlap.submission = current.submission.id;
        out.push_back(std::move(overlap));
      }
    }
  }
  return out;
}

namespace {

std::string other_name(const Overlap& overlap) {
  return overlap.submission == 0
             ? overlap.other
             : fmt::format("{} of submission {}", overlap.other, overlap.submission);
}

// What a finding and a refusal are called.
std::string_view reason_of(const Overlap& overlap) {
  switch (overlap.kind) {
    case Overlap::Kind::other_period:
      return "other_period";
    case Overlap::Kind::total:
      return "total_beside_parts";
    case Overlap::Kind::measure:
      return "counted_beside";
    case Overlap::Kind::same:
    case Overlap::Kind::within:
    case Overlap::Kind::partly:
      break;
  }
  return "stands_twice";
}

std::string_view advice_on(Overlap::Kind kind) {
  switch (kind) {
    case Overlap::Kind::other_period:
      return "Correct the period in the mapping, or give the right file. If the source counts the "
             "same again, say --accept-copies";
    case Overlap::Kind::total:
      return "Leave the rows or columns of the totals out. If they are other cases, as those whose "
             "month or place nobody knows, say --accept-copies";
    case Overlap::Kind::measure:
      return "Load what is another table of the same cases under a source name of its own, like "
             "police_by_weapon, or with the mapping of that submission. If they are other cases, "
             "say --accept-copies";
    case Overlap::Kind::same:
    case Overlap::Kind::within:
    case Overlap::Kind::partly:
      break;
  }
  return "They would count twice: leave one out. If they are other cases that only look alike, as "
         "of two stations that the mapping does not tell apart, say --accept-copies";
}

std::string said(const Overlap& o) {
  switch (o.kind) {
    case Overlap::Kind::same:
      return fmt::format("{} and {} hold the same {} facts", o.file, other_name(o), o.facts);
    case Overlap::Kind::within:
      return fmt::format("all {} facts of the smaller of {} and {} stand in the other, too",
                         o.facts, o.file, other_name(o));
    case Overlap::Kind::partly:
      return fmt::format("{} facts stand in {} and in {}", o.facts, o.file, other_name(o));
    case Overlap::Kind::total:
      return fmt::format(
          "{} has figures of {} beside those of its parts, {} with the same codes: they look like "
          "their totals",
          o.file, o.other, o.facts);
    case Overlap::Kind::measure:
      return fmt::format(
          "submission {} (mapping {}) of this source counts the same unit and offence, or its parts, "
          "in the same months and places, {} figures of it: both would be added together",
          o.submission, o.other, o.facts);
    case Overlap::Kind::other_period:
      break;
  }
  return fmt::format("{} holds the same {} facts as {}, under another period", o.file, o.facts,
                     other_name(o));
}

}  // namespace

void note_overlaps(const std::vector<Overlap>& overlaps, LoadReport& report) {
  for (const auto& overlap : overlaps) {
    Finding finding;
    finding.file = overlap.file;
    finding.value = overlap.submission == 0
                        ? overlap.other
                        : fmt::format("{}: {}", overlap.submission, overlap.other);
    finding.reason = reason_of(overlap);
    finding.detail = said(overlap) + ": make sure that nothing is counted twice";
    finding.rows = overlap.facts;
    report.findings.push_back(std::move(finding));
  }
}

Result<void> check_overlaps(const std::vector<Overlap>& overlaps) {
  constexpr std::size_t kShown = 8;
  std::string list;
  std::size_t count = 0;
  for (const auto& overlap : overlaps) {
    if (!overlap.needs_word()) {
      continue;
    }
    if (++count <= kShown) {
      list += (count == 1 ? "" : "; ") + said(overlap);
    }
  }
  if (count > kShown) {
    list += fmt::format("; and {} more", count - kShown);
  }
  if (count == 0) {
    return {};
  }
  const auto at = std::ranges::find_if(overlaps, &Overlap::needs_word);
  const std::string_view word = reason_of(*at);
  const std::string reason =
      fmt::format("observatory.load.{}", word != "stands_twice" ? word
                                         : at->submission == 0  ? "same_figures"
                                                                : "held_figures");
  return fail(Error{ErrorCode::conflict,
                    reason,
                    fmt::format("{}. {}", list, advice_on(at->kind)),
                    {{"file", at->file},
                     {"other", at->other},
                     {"facts", std::to_string(at->facts)},
                     {"submission", std::to_string(at->submission)}}});
}

}  // namespace atalaya::observatory::detail
