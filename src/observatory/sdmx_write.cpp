#include "sdmx_write.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include <atalaya/base/json.hpp>

namespace atalaya::observatory::sdmx {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr std::size_t kFlatRun = 500;

}  // namespace

std::string json_text(std::string_view text) {
  return json::serialize(json::string(text));
}

std::string date_time(UtcTime time) {
  return to_string(UtcTime{time.ms - (time.ms % 1000 + 1000) % 1000});
}

std::string message_id(UtcTime now) {
  return fmt::format("IREF{}", now.ms);
}

std::string version_text(std::int32_t version, bool is_semantic) {
  return fmt::format("{}.0{}", version, is_semantic ? ".0-draft" : "");
}

std::string version_of(std::string_view id, std::int32_t version, bool is_semantic) {
  const bool is_fixed = id == "AGENCIES" || id == "DATA_PROVIDERS";
  return is_semantic && is_fixed ? "1.0.0" : version_text(version, is_semantic);
}

SeriesWriter::SeriesWriter(DataMessage message) : message_(std::move(message)) {
  is_flat_ = message_.at_observation == "AllDimensions";
  if (!is_flat_ && message_.at_observation != kTime && !message_.sets.empty()) {
    turned_ = message_.sets.front().flow->place(message_.at_observation);
  }
  if (turned_) {
    for (DataSet& set : message_.sets) {
      sort(set);
    }
  }
}

// Series over another dimension: everything else, the time included, is the series.
void SeriesWriter::sort(DataSet& set) const {
  const std::size_t d = *turned_;
  std::ranges::stable_sort(set.observations, [d](const Observation& a, const Observation& b) {
    for (std::size_t i = 0; i < a.key.size(); ++i) {
      if (i != d && a.key[i] != b.key[i]) {
        return a.key[i] < b.key[i];
      }
    }
    return std::tie(a.begin, a.time, a.key[d]) < std::tie(b.begin, b.time, b.key[d]);
  });
}

bool SeriesWriter::same_series(const DataSet& set, std::size_t a, std::size_t b) const {
  const Observation& x = set.observations[a];
  const Observation& y = set.observations[b];
  if (!turned_) {
    return x.key == y.key;
  }
  for (std::size_t i = 0; i < x.key.size(); ++i) {
    if (i != *turned_ && x.key[i] != y.key[i]) {
      return false;
    }
  }
  return x.time == y.time;
}

// Replaces what was written by what follows of the set; false when nothing does.
Result<bool> SeriesWriter::read_on(DataSet& set) {
  if (!set.rest) {
    return false;
  }
  set.observations = ATALAYA_TRY(set.rest->next());
  at_ = 0;
  if (turned_) {
    sort(set);
  }
  return !set.observations.empty();
}

Result<bool> SeriesWriter::next(std::string& out) {
  while (out.size() < kPieceBytes) {
    switch (stage_) {
      case Stage::begin:
        begin(out);
        stage_ = message_.sets.empty() ? Stage::end : Stage::set;
        break;
      case Stage::set:
        begin_set(out, message_.sets[set_]);
        at_ = 0;
        stage_ = Stage::series;
        break;
      case Stage::series: {
        DataSet& set = message_.sets[set_];
        if (at_ == set.observations.size()) {
          const bool more = ATALAYA_TRY(read_on(set));
          if (more) {
            break;
          }
          end_set(out, set);
          stage_ = ++set_ == message_.sets.size() ? Stage::end : Stage::set;
          break;
        }
        std::size_t last = at_ + 1;
        while (last < set.observations.size() &&
               (is_flat_ ? last - at_ < kFlatRun : same_series(set, at_, last))) {
          ++last;
        }
        series(out, set, at_, last);
        at_ = last;
        break;
      }
      case Stage::end:
        end(out);
        stage_ = Stage::done;
        break;
      case Stage::done:
        return false;
    }
  }
  return true;
}

std::unique_ptr<DataWriter> create_writer(DataMessage message) {
  switch (message.form) {
    case DataForm::generic_21:
    case DataForm::specific_21:
    case DataForm::specific_30:
      return create_xml_writer(std::move(message));
    case DataForm::json_draft:
    case DataForm::json_1:
    case DataForm::json_2:
      return create_json_writer(std::move(message));
    case DataForm::csv_1:
    case DataForm::csv_2:
      break;
  }
  return create_csv_writer(std::move(message));
}

}  // namespace atalaya::observatory::sdmx
