// Draws each field from a table of 65,536 entries that is filled in proportion to whole-number
// weights: no floating point, so that every machine and compiler writes the same bytes, and a draw
// is one look-up.
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <numeric>
#include <span>
#include <string_view>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>

#include <atalaya/base/time.hpp>
#include <atalaya/columns/synth.hpp>

namespace atalaya::columns {

namespace {

constexpr int kYearFirst = 2014;
constexpr int kYears = 10;

// Names of nowhere. One holds a comma and one a letter outside ASCII, as real names do.
constexpr std::array<std::string_view, 33> kSubdivisions = {"Albor",
                                                            "Brisa",
                                                            "Cumbre",
                                                            "Duna",
                                                            "Estela",
                                                            "Faro",
                                                            "Gruta",
                                                            "Hiedra",
                                                            "Islote",
                                                            "Jaral",
                                                            "Kiosco",
                                                            "Loma",
                                                            "\"Mar, El\"",
                                                            "Nieve",
                                                            "\xc3\x91"
                                                            "andal",
                                                            "Ola",
                                                            "Prado",
                                                            "Quebrada",
                                                            "Ribera",
                                                            "Sierra",
                                                            "Tajo",
                                                            "Umbral",
                                                            "Vega",
                                                            "Yunta",
                                                            "Zarza",
                                                            "Arrecife",
                                                            "Bruma",
                                                            "Cauce",
                                                            "Delta",
                                                            "Encina",
                                                            "Fronda",
                                                            "Galena",
                                                            "Higuera"};
constexpr std::array<std::string_view, 3> kSexes = {"M", "F", ""};
constexpr std::array<std::uint64_t, 3> kSexWeights = {820, 155, 25};
constexpr std::array<std::string_view, 8> kWeapons = {"fuego", "blanca", "golpe", "manos",
                                                      "",      "otra",   "lazo",  "veneno"};
// ICCS, version 1.0 (UNODC 2015); the first are the most frequent ones.
constexpr std::array<std::string_view, 30> kOffences = {
    "05022", "04011", "02011", "02012", "05012", "05021", "05042", "02051", "02081", "0101",
    "03012", "05011", "04013", "02022", "0102",  "03011", "02071", "0103",  "05025", "02091",
    "02021", "04012", "02041", "02111", "03022", "02101", "04014", "02042", "02031", "0104"};
constexpr std::array<std::string_view, 6> kContexts = {"",     "crimen", "familia",
                                                       "otro", "pareja", "g\xc3\xa9nero"};
// Victims by five-year band (0-4, 5-9, ..., 75-79, 80 and over, unknown), in thousandths.
constexpr std::array<std::uint64_t, 18> kAgeWeights = {6,  3,  5,  40, 95, 90, 75, 58, 44,
                                                       34, 26, 20, 15, 11, 8,  6,  7,  16};
constexpr std::uint32_t kAgeOldest = 94;
// Inhabitants by band, without the unknown, in thousandths.
constexpr std::array<std::uint64_t, 17> kInhabitants = {85, 86, 87, 88, 86, 82, 77, 71, 64,
                                                        57, 51, 45, 38, 31, 23, 15, 14};

/// SplitMix64 (Steele, Lea and Flood, 2014).
class SplitMix {
 public:
  explicit SplitMix(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

/// Members in proportion to their weights, each at least once.
class Draw {
 public:
  explicit Draw(std::span<const std::uint64_t> weights) : table_(kEntries) {
    const std::uint64_t total = std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
    std::uint64_t before = 0;
    for (std::size_t member = 0; member < weights.size(); ++member) {
      const std::uint64_t from = before * kEntries / total;
      before += weights[member];
      for (std::uint64_t i = from; i < before * kEntries / total; ++i) {
        table_[i] = static_cast<std::uint16_t>(member);
      }
    }
  }

  [[nodiscard]] std::uint16_t at(std::uint64_t bits) const noexcept {
    return table_[bits & (kEntries - 1)];
  }

 private:
  static constexpr std::uint64_t kEntries = 65'536;
  std::vector<std::uint16_t> table_;
};

std::vector<std::uint64_t> zipf(std::size_t members) {
  std::vector<std::uint64_t> weights(members);
  for (std::size_t i = 0; i < members; ++i) {
    weights[i] = 1'000'000 / (i + 1);
  }
  return weights;
}

struct Days {
  std::vector<std::string> texts;
  std::vector<std::uint64_t> weights;  // more in later years, and at week-ends
};

Days make_days() {
  using namespace std::chrono;
  Days days;
  const auto end = sys_days(year(kYearFirst + kYears) / January / 1);
  for (auto day = sys_days(year(kYearFirst) / January / 1); day < end;
       day += std::chrono::days(1)) {
    const year_month_day date(day);
    days.texts.push_back(to_string(CivilDate{.year = int{date.year()},
                                             .month = static_cast<int>(unsigned{date.month()}),
                                             .day = static_cast<int>(unsigned{date.day()})}));
    const bool weekend = weekday(day) == Saturday || weekday(day) == Sunday;
    const int later = int{date.year()} - kYearFirst;
    days.weights.push_back(static_cast<std::uint64_t>((90 + 4 * later) * (weekend ? 13 : 10)));
  }
  return days;
}

/// A file under a name of its own until it is complete.
class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  ~Output() {
    if (file_ != nullptr) {
      std::fclose(file_);
      ::unlink(part_.c_str());
    }
  }

  Result<void> open(const std::string& path) {
    path_ = path;
    part_ = path + ".part";
    file_ = std::fopen(part_.c_str(), "wbe");
    if (file_ == nullptr) {
      return failed();
    }
    return {};
  }

  Result<void> append(std::string_view bytes) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) {
      return failed();
    }
    return {};
  }

  Result<void> finish() {
    if (std::fflush(file_) != 0 || std::rename(part_.c_str(), path_.c_str()) != 0) {
      return failed();
    }
    std::fclose(file_);
    file_ = nullptr;
    return {};
  }

 private:
  [[nodiscard]] std::unexpected<Error> failed() const {
    const int reason = errno;
    const bool full = reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
    return fail(full ? ErrorCode::exhausted : ErrorCode::unavailable,
                full ? "columns.synth.disk_full" : "columns.synth.io",
                fmt::format("cannot write {}: {}", path_, std::strerror(reason)));
  }

  std::string path_;
  std::string part_;
  std::FILE* file_ = nullptr;
};

class Victims {
 public:
  explicit Victims(std::uint64_t seed)
      : random_(seed),
        days_(make_days()),
        day_(days_.weights),
        subdivision_(zipf(kSubdivisions.size())),
        sex_(kSexWeights),
        age_(kAgeWeights),
        weapon_(zipf(kWeapons.size())),
        offence_(zipf(kOffences.size())),
        context_(zipf(kContexts.size())) {
    for (std::size_t i = 0; i < kSubdivisions.size(); ++i) {
      places_.push_back(fmt::format(",XA-{:02},{},", i + 1, kSubdivisions[i]));
    }
    for (std::uint32_t age = 0; age <= kAgeOldest; ++age) {
      ages_.push_back(std::to_string(age));
    }
  }

  void append(std::string& out) {
    const std::uint64_t a = random_.next();
    const std::uint64_t b = random_.next();
    out += days_.texts[day_.at(a)];
    out += places_[subdivision_.at(a >> 16)];
    out += kSexes[sex_.at(a >> 32)];
    out += ',';
    const std::uint32_t band = age_.at(a >> 48);
    if (band + 1 < kAgeWeights.size()) {
      const std::uint32_t years = band == 16 ? kAgeOldest - 80 + 1 : 5;
      out += ages_[band * 5 + (b >> 48) % years];
    }
    out += ',';
    out += kWeapons[weapon_.at(b)];
    out += ',';
    out += kOffences[offence_.at(b >> 16)];
    out += ',';
    out += kContexts[context_.at(b >> 32)];
    out += ",1\n";
  }

 private:
  SplitMix random_;
  Days days_;
  Draw day_;
  Draw subdivision_;
  Draw sex_;
  Draw age_;
  Draw weapon_;
  Draw offence_;
  Draw context_;
  std::vector<std::string> places_;
  std::vector<std::string> ages_;
};

}  // namespace

Result<void> write_synthetic_victims(const std::string& path, std::uint64_t rows,
                                     std::uint64_t seed, const SynthProgress& progress) {
  if (rows == 0 || rows > kSynthRowsMax) {
    return fail(ErrorCode::invalid_argument, "columns.synth.rows",
                fmt::format("ask for 1 to {} rows", kSynthRowsMax));
  }
  Output output;
  ATALAYA_TRY(output.open(path));
  ATALAYA_TRY(output.append(
      "date,sintetia_code,sintetia_name,sex,age,weapon,offence,context,synthetic_victims\n"));
  Victims victims(seed);
  constexpr std::uint64_t kBatch = 16'384;
  std::string text;
  for (std::uint64_t done = 0; done < rows;) {
    text.clear();
    const std::uint64_t end = std::min(rows, done + kBatch);
    for (; done < end; ++done) {
      victims.append(text);
    }
    ATALAYA_TRY(output.append(text));
    if (progress && !progress(done)) {
      return fail(ErrorCode::conflict, "columns.synth.stopped", "stopped as asked");
    }
  }
  return output.finish();
}

Result<void> write_synthetic_population(const std::string& path, std::uint64_t seed) {
  Output output;
  ATALAYA_TRY(output.open(path));
  std::string text = "year,sintetia_code,sex,age_from,age_to,population\n";
  SplitMix random(seed);
  for (std::uint64_t subdivision = 0; subdivision < kSubdivisions.size(); ++subdivision) {
    for (std::uint64_t band = 0; band < kInhabitants.size(); ++band) {
      for (const std::string_view sex : {"F", "M"}) {
        // About half of 7 million in the largest subdivision, give or take 5 %, 1 % more a year.
        const std::uint64_t about = 3'500 * kInhabitants[band] / (subdivision + 1);
        const std::uint64_t first = about * (950 + random.next() % 101) / 1000;
        for (std::uint64_t year = 0; year < kYears; ++year) {
          const std::string to = band == 16 ? std::string() : std::to_string(band * 5 + 4);
          text += fmt::format("{},XA-{:02},{},{},{},{}\n", kYearFirst + year, subdivision + 1, sex,
                              band * 5, to, first * (100 + year) / 100);
        }
      }
    }
  }
  ATALAYA_TRY(output.append(text));
  return output.finish();
}

}  // namespace atalaya::columns
