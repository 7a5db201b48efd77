#pragma once
// Charts of figures, as charts.hpp draws them: values with intervals, and marks where there is no
// number. Suppressed is a hatch and a word, missing a gap and a word, zero is zero. Pure; any
// thread.

#include <optional>
#include <string>
#include <vector>

#include <atalaya/figures/charts.hpp>

namespace atalaya::figures {

enum class DatumMark { normal, provisional, unstable, suppressed, missing };

/// One value as it is drawn and as it is written. Without `value` it is suppressed or missing, and
/// `value_text` is the word for that.
struct Datum {
  std::string label = {}, url = {};  // url may be empty
  double x = 0;  // of a series: the year, with a fraction where periods are shorter
  std::optional<double> value = {}, low = {}, high = {};
  std::string value_text = {}, interval_text = {};
  std::string note = {};  // "unstable: 7 events"; may be empty
  DatumMark mark = DatumMark::normal;
  bool chosen = false;  // of a dot strip: the highlighted row
};

/// A measured value with `decimals` (0 to 6) behind the point; one below 1 with as many as two
/// digits that say something need: 0.13, 0.07, 0.008. At most six.
[[nodiscard]] std::string measure(Language language, double value, int decimals);
/// The digits behind the point of a scale's ticks, so that no two read alike.
[[nodiscard]] int tick_digits(double step, int decimals);

struct SeriesBreak {
  double x = 0;
  std::string period, note;
};

struct SeriesSpec {
  Language language = Language::en;
  std::string name;           // accessible name of the drawing
  std::vector<Datum> points;  // ascending in x; a period between without a datum is a gap
  std::vector<SeriesBreak> breaks;
  double step = 1;   // distance of two neighbours in x
  int decimals = 0;  // of the scale's numbers
  std::string label_header, value_header, interval_header, note_header;
  std::string interval_label;  // of the ribbon in the key: "95 % interval, chance variation only"
  std::string break_label;     // "Break in method or population"
  std::string unstable_label, suppressed_label, missing_label;
};

/// A line from zero with its interval as a ribbon; marked breaks are listed under it.
[[nodiscard]] Chart series(const SeriesSpec& spec);

struct DotsSpec {
  Language language = Language::en;
  std::vector<Datum> rows;  // in the order shown
  std::string label_header, value_header, interval_header, note_header;
  int decimals = 0;
};

/// A row a thing: name, dot with whisker from zero, value, interval. It is its own table.
[[nodiscard]] Html dot_strip(const DotsSpec& spec);

struct PyramidBand {
  std::string label;
  std::optional<double> left, right;
  std::string left_text, right_text;  // as written; a word where there is no number
};

struct PyramidSpec {
  Language language = Language::en;
  std::vector<PyramidBand> bands;  // oldest first
  std::string label_header, left_header, right_header;
};

/// Age bands with the one sex to the left and the other to the right; it is its own table.
[[nodiscard]] Html pyramid(const PyramidSpec& spec);

/// Upper bounds of five steps of nearly equal size (quintiles), for scales of tiles; fewer where
/// values repeat. Empty without values.
[[nodiscard]] std::vector<double> quintile_bounds(std::vector<double> values);

}  // namespace atalaya::figures
