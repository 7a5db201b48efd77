#pragma once
// Data messages: observations as SDMX-ML, SDMX-JSON or SDMX-CSV. A writer is for one thread.
// Source: SDMX-ML 2.1 and 3.0, SDMX-JSON 1.0 and 2.0, SDMX-CSV 1.0 and 2.0.

#include <memory>
#include <string>
#include <vector>

#include <atalaya/observatory/sdmx.hpp>

namespace atalaya::observatory::sdmx {

/// Messages are written piece by piece, so that only the observations are in memory. `json_draft`
/// is SDMX-JSON before 1.0 (2016), which several clients still read and no other.
enum class DataForm {
  generic_21,
  specific_21,
  json_draft,
  json_1,
  json_2,
  csv_1,
  csv_2,
  specific_30
};
enum class Labels { id, both, name };

struct DataMessage {
  std::shared_ptr<const Catalogue> catalogue;
  std::vector<DataSet> sets;
  DataForm form = DataForm::generic_21;
  Detail detail = Detail::full;
  std::string at_observation = std::string(kTime);  // or "AllDimensions", or a dimension
  Labels labels = Labels::id;
  bool time_series = false;  // SDMX 2.1's own root elements for time series
  bool keys_column = false;  // CSV 2.0
  Language language = Language::en;
  UtcTime now;
};

class DataWriter {
 public:
  virtual ~DataWriter() = default;
  /// Appends the next piece; false when nothing follows. Fails as DataParts::next() does.
  [[nodiscard]] virtual Result<bool> next(std::string& out) = 0;
};

[[nodiscard]] std::unique_ptr<DataWriter> create_writer(DataMessage message);

}  // namespace atalaya::observatory::sdmx
