// SDMX-CSV 1.0 (DATAFLOW, dimensions, value, attributes) and 2.0 (STRUCTURE, STRUCTURE_ID, ACTION).
#include <fmt/format.h>

#include <atalaya/base/csv.hpp>

#include "sdmx_write.hpp"

namespace atalaya::observatory::sdmx {
namespace {

class CsvWriter final : public SeriesWriter {
 public:
  using SeriesWriter::SeriesWriter;

 private:
  [[nodiscard]] bool is_2() const { return message().form == DataForm::csv_2; }

  // In 2.0 names never stand alone: a reader must find the codes again.
  [[nodiscard]] bool is_name_only() const { return message().labels == Labels::name && !is_2(); }

  [[nodiscard]] const Catalogue& catalogue() const { return *message().catalogue; }

  // "REF_AREA: Territory", or the identifier alone.
  [[nodiscard]] std::string title(std::string_view concept_id) const {
    const Item* found = catalogue().concepts.find(concept_id);
    if (message().labels == Labels::id || found == nullptr) {
      return std::string(concept_id);
    }
    const std::string& name = found->name.in(message().language);
    return csv_field(is_name_only() ? name : fmt::format("{}: {}", concept_id, name));
  }

  [[nodiscard]] std::string coded(std::string_view codelist, const std::string& code) const {
    const ItemList* list = catalogue().codelist(codelist);
    const Item* item = list == nullptr ? nullptr : list->find(code);
    if (message().labels == Labels::id || item == nullptr) {
      return csv_field(code);
    }
    const std::string& name = item->name.in(message().language);
    return csv_field(is_name_only() ? name : fmt::format("{}: {}", code, name));
  }

  void begin(std::string& out) override {
    out += is_2() ? "STRUCTURE,STRUCTURE_ID,ACTION" : "DATAFLOW";
    if (is_2() && message().keys_column) {
      out += ",SERIES_KEY";
    }
    if (!message().sets.empty()) {
      for (const Dimension& dimension : message().sets.front().flow->dimensions) {
        out += "," + title(dimension.id);
      }
      out += "," + title(kTime);
      if (with_observations()) {
        out += "," + title("OBS_VALUE");
      }
      for (const Attribute& attribute : attributes()) {
        if (with_attributes()) {
          out += "," + title(attribute.id);
        }
      }
    }
    out += "\r\n";
  }

  void begin_set(std::string&, const DataSet&) override {}

  void series(std::string& out, const DataSet& set, std::size_t first, std::size_t last) override {
    const Flow& flow = *set.flow;
    const std::string start =
        is_2() ? fmt::format("dataflow,{}:{}({}),R", kAgency, flow.id,
                             version_text(flow.version, true))
               : fmt::format("{}:{}({})", kAgency, flow.id, version_text(flow.version, false));
    for (std::size_t i = first; i < last; ++i) {
      const Observation& o = set.observations[i];
      out += start;
      if (is_2() && message().keys_column) {
        out += ',';
        for (std::size_t d = 0; d < flow.dimensions.size(); ++d) {
          out += (d == 0 ? "" : ".") + set.code(o, d);
        }
      }
      for (std::size_t d = 0; d < flow.dimensions.size(); ++d) {
        out += "," + coded(flow.dimensions[d].codelist, set.code(o, d));
      }
      out += "," + (with_observations() ? o.time : std::string());
      if (with_observations()) {
        out += "," + (o.value ? number_text(*o.value) : std::string());
      }
      for (const Attribute& attribute : attributes()) {
        if (with_attributes()) {
          const auto text = attribute_value(catalogue(), set, o, attribute.id);
          out += "," + (text ? coded(attribute.codelist, *text) : std::string());
        }
      }
      out += "\r\n";
      if (!with_observations() && !is_flat()) {
        break;  // the series, not its observations
      }
    }
  }

  void end_set(std::string&, const DataSet&) override {}

  void end(std::string&) override {}
};

}  // namespace

std::unique_ptr<DataWriter> create_csv_writer(DataMessage message) {
  return std::make_unique<CsvWriter>(std::move(message));
}

}  // namespace atalaya::observatory::sdmx
