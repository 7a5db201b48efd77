// SDMX-JSON data messages: 1.0, 2.0 and the draft before 1.0, which differ in what wraps the data
// sets. The description of components comes last, because which codes occur is known only then.
#include <unordered_map>

#include <fmt/format.h>

#include "sdmx_write.hpp"

namespace atalaya::observatory::sdmx {
namespace {

// Values of one component in the order in which they turned up.
struct Values {
  std::unordered_map<std::string, std::size_t> ids;
  std::vector<std::string> texts;

  std::size_t id(const std::string& text) {
    const auto [at, is_new] = ids.emplace(text, texts.size());
    if (is_new) {
      texts.push_back(text);
    }
    return at->second;
  }
};

class JsonWriter final : public SeriesWriter {
 public:
  explicit JsonWriter(DataMessage message) : SeriesWriter(std::move(message)) {
    attribute_values_.resize(attributes().size());
    if (!this->message().sets.empty()) {
      dimension_values_.resize(this->message().sets.front().flow->dimensions.size());
    }
  }

 private:
  [[nodiscard]] bool is_draft() const { return message().form == DataForm::json_draft; }

  [[nodiscard]] bool is_2() const { return message().form == DataForm::json_2; }

  void begin(std::string& out) override {
    out += fmt::format(
        "{{\"{}\":{{\"id\":\"{}\",\"test\":false,\"prepared\":\"{}\",{}\"sender\":{{\"id\":\"{}\","
        "\"name\":{}}}}},{}\"dataSets\":[",
        is_draft() ? "header" : "meta", message_id(message().now), date_time(message().now),
        is_draft() ? ""
                   : fmt::format("\"contentLanguages\":[\"{}\"],", to_string(message().language)),
        kAgency, json_text(message().catalogue->organisation), is_draft() ? "" : "\"data\":{");
  }

  void begin_set(std::string& out, const DataSet& set) override {
    out += is_first_set_ ? "{" : ",{";
    is_first_set_ = false;
    if (is_2()) {
      out += "\"structure\":0,";
    }
    out += "\"action\":\"Replace\"";
    if (set.valid_from) {
      out += fmt::format(",\"validFrom\":\"{}\"", date_time(*set.valid_from));
    }
    if (set.valid_to) {
      out += fmt::format(",\"validTo\":\"{}\"", date_time(*set.valid_to));
    }
    out += is_flat() ? ",\"observations\":{" : ",\"series\":{";
    is_first_ = true;
  }

  void end_set(std::string& out, const DataSet&) override { out += "}}\n"; }

  std::size_t dimension_value(const DataSet& set, const Observation& o, std::size_t dimension) {
    return dimension_values_[dimension].id(set.code(o, dimension));
  }

  std::string series_key(const DataSet& set, const Observation& o) {
    std::string key;
    for (std::size_t i = 0; i < dimension_values_.size(); ++i) {
      if (turned() != i) {
        key += fmt::format("{}{}", key.empty() ? "" : ":", dimension_value(set, o, i));
      }
    }
    if (is_flat() || turned()) {
      key += fmt::format(":{}", times_.id(o.time));
    }
    return key;
  }

  void append_attributes(std::string& out, const DataSet& set, const Observation& o, bool of_series,
                         std::string_view before) {
    for (std::size_t i = 0; i < attributes().size(); ++i) {
      const Attribute& attribute = attributes()[i];
      if (!with_attributes() || at_series(attribute) != of_series) {
        continue;
      }
      out += before;
      before = ",";
      const auto text = attribute_value(*message().catalogue, set, o, attribute.id);
      if (!text) {
        out += "null";
      } else if (is_2() && attribute.type == "Double") {
        out += *text;
      } else {
        out += fmt::format("{}", attribute_values_[i].id(*text));
      }
    }
  }

  void observation(std::string& out, const DataSet& set, const Observation& o) {
    const std::string key = is_flat()  ? series_key(set, o)
                            : turned() ? fmt::format("{}", dimension_value(set, o, *turned()))
                                       : fmt::format("{}", times_.id(o.time));
    out += fmt::format("\"{}\":[", key);
    if (with_observations()) {
      out += o.value ? number_text(*o.value) : "null";
    }
    append_attributes(out, set, o, false, with_observations() ? "," : "");
    out += ']';
  }

  void series(std::string& out, const DataSet& set, std::size_t first, std::size_t last) override {
    if (!is_flat()) {
      out += is_first_ ? "" : ",\n";
      is_first_ = false;
      out += fmt::format("\"{}\":{{\"attributes\":[", series_key(set, set.observations[first]));
      append_attributes(out, set, set.observations[first], true, "");
      out += ']';
      if (with_observations()) {
        out += ",\"observations\":{";
      }
    }
    bool is_first_observation = true;
    for (std::size_t i = first; i < last && (with_observations() || is_flat()); ++i) {
      bool& is_start = is_flat() ? is_first_ : is_first_observation;
      out += is_start ? "" : ",";
      is_start = false;
      observation(out, set, set.observations[i]);
    }
    if (!is_flat()) {
      out += with_observations() ? "}}" : "}";
    }
  }

  [[nodiscard]] std::string named(const Names& names) const {
    return fmt::format("\"name\":{}", json_text(names.in(message().language)));
  }

  void component(std::string& out, std::string_view id, std::string_view more,
                 std::string_view codelist, const std::vector<std::string>& values) const {
    const Item* known = message().catalogue->concepts.find(id);
    out += fmt::format(
        "{{\"id\":{},{}{},\"values\":[", json_text(id),
        known == nullptr ? fmt::format("\"name\":{}", json_text(id)) : named(known->name), more);
    const ItemList* list = message().catalogue->codelist(codelist);
    bool is_first = true;
    for (const std::string& value : values) {
      out += is_first ? "{" : ",{";
      is_first = false;
      const Item* item = list == nullptr ? nullptr : list->find(value);
      if (item != nullptr || id == kTime) {
        out += fmt::format(
            "\"id\":{},{}}}", json_text(value),
            item == nullptr ? fmt::format("\"name\":{}", json_text(value)) : named(item->name));
      } else {
        out += fmt::format("\"{}\":{}}}", is_2() ? "value" : "name", json_text(value));
      }
    }
    out += "]}";
  }

  // The dimensions that stand at the observation, or those that stand at the series.
  void dimensions(std::string& out, bool at_observation) const {
    out += '[';
    bool is_first = true;
    const auto put = [&](std::size_t position, std::string_view id, std::string_view codelist,
                         const std::vector<std::string>& values, bool is_at_observation) {
      if (is_at_observation == at_observation) {
        out += is_first ? "" : ",";
        is_first = false;
        component(out, id, fmt::format(",\"keyPosition\":{}", position), codelist, values);
      }
    };
    std::size_t position = 0;
    if (!message().sets.empty()) {
      for (const Dimension& dimension : message().sets.front().flow->dimensions) {
        put(position, dimension.id, dimension.codelist, dimension_values_[position].texts,
            is_flat() || turned() == position);
        ++position;
      }
    }
    put(position, kTime, "", times_.texts, is_flat() || !turned());
    out += ']';
  }

  void attribute_list(std::string& out, bool of_series) const {
    out += '[';
    bool is_first = true;
    for (std::size_t i = 0; i < attributes().size(); ++i) {
      const Attribute& attribute = attributes()[i];
      if (with_attributes() && at_series(attribute) == of_series) {
        out += is_first ? "" : ",";
        is_first = false;
        component(out, attribute.id, "", attribute.codelist, attribute_values_[i].texts);
      }
    }
    out += ']';
  }

  void end(std::string& out) override {
    out += fmt::format("],\"{}\":{}{{", is_2() ? "structures" : "structure", is_2() ? "[" : "");
    if (!message().sets.empty()) {
      const Flow& flow = *message().sets.front().flow;
      out += fmt::format(
          "{},\"links\":[{{\"rel\":\"dataflow\",\"urn\":\"urn:sdmx:org.sdmx.infomodel."
          "datastructure.Dataflow={}:{}({})\"}}],",
          named(flow.indicator->name), kAgency, flow.id, version_text(flow.version, is_2()));
    }
    if (is_2()) {
      out += "\"dataSets\":[";
      for (std::size_t i = 0; i < message().sets.size(); ++i) {
        out += fmt::format("{}{}", i == 0 ? "" : ",", i);
      }
      out += "],";
    }
    out += "\"dimensions\":{\"dataSet\":[],\"series\":";
    dimensions(out, false);
    out += ",\"observation\":";
    dimensions(out, true);
    out += "},";
    if (is_2()) {
      out += "\"measures\":{\"observation\":[{\"id\":\"OBS_VALUE\",\"name\":\"OBS_VALUE\"}]},";
    }
    out += "\"attributes\":{\"dataSet\":[],\"series\":";
    attribute_list(out, true);
    out += ",\"observation\":";
    attribute_list(out, false);
    out += "}}";
    out += is_2() ? "]" : "";
    out += is_draft() ? "}\n" : "}}\n";
  }

  std::vector<Values> dimension_values_, attribute_values_;
  Values times_;
  bool is_first_ = true, is_first_set_ = true;
};

}  // namespace

std::unique_ptr<DataWriter> create_json_writer(DataMessage message) {
  return std::make_unique<JsonWriter>(std::move(message));
}

}  // namespace atalaya::observatory::sdmx
