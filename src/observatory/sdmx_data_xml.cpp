// Data messages in SDMX-ML: generic and structure-specific of 2.1, structure-specific of 3.0.
#include <fmt/format.h>

#include "sdmx_write.hpp"

namespace atalaya::observatory::sdmx {
namespace {

void add_attribute(std::string& out, std::string_view name, std::string_view value) {
  out += ' ';
  out += name;
  out += "=\"";
  append_xml(out, value);
  out += '"';
}

class XmlWriter : public SeriesWriter {
 public:
  using SeriesWriter::SeriesWriter;

 protected:
  [[nodiscard]] bool is_30() const { return message().form == DataForm::specific_30; }

  [[nodiscard]] bool is_generic() const { return message().form == DataForm::generic_21; }

  [[nodiscard]] std::string_view schemas() const { return is_30() ? "v3_0" : "v2_1"; }

  [[nodiscard]] std::string root() const {
    const bool series = message().time_series;
    return fmt::format("{}{}Data", is_generic() ? "Generic" : "StructureSpecific",
                       series ? "TimeSeries" : "");
  }

  // The header names the structure even where no data follow.
  void begin(std::string& out) override {
    out += fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<mes:{0} "
        "xmlns:mes=\"http://www.sdmx.org/resources/sdmxml/schemas/{1}/message\" "
        "xmlns:com=\"http://www.sdmx.org/resources/sdmxml/schemas/{1}/common\" "
        "xmlns:{2}=\"http://www.sdmx.org/resources/sdmxml/schemas/{1}/data/{3}\" "
        "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"",
        root(), schemas(), is_generic() ? "gen" : "ss",
        is_generic() ? "generic" : "structurespecific");
    if (!is_generic() && !message().sets.empty()) {
      out += fmt::format(" xmlns:ns1=\"{}\"", space());
    }
    out += fmt::format(
        ">\n<mes:Header><mes:ID>{}</mes:ID><mes:Test>false</mes:Test><mes:Prepared>{}"
        "</mes:Prepared><mes:Sender id=\"{}\"><com:Name xml:lang=\"en\">{}</com:Name>"
        "</mes:Sender>",
        message_id(message().now), date_time(message().now), kAgency,
        xml(message().catalogue->organisation));
    if (!message().sets.empty()) {
      const Flow& flow = *message().sets.front().flow;
      out += fmt::format("<mes:Structure structureID=\"{}\"{} dimensionAtObservation=\"{}\">",
                         flow.dsd, is_generic() ? "" : fmt::format(" namespace=\"{}\"", space()),
                         dimension_at_observation());
      if (is_30()) {
        out += fmt::format(
            "<com:Structure>urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure={}:{}({})"
            "</com:Structure>",
            kAgency, flow.dsd, version_text(flow.version, true));
      } else {
        out += fmt::format(
            "<com:Structure><Ref agencyID=\"{}\" id=\"{}\" version=\"{}\" "
            "class=\"DataStructure\"/></com:Structure>",
            kAgency, flow.dsd, version_text(flow.version, false));
      }
      out += "</mes:Structure>";
    }
    out += "</mes:Header>\n";
  }

  void begin_set(std::string& out, const DataSet& set) override {
    const std::string prefix = is_generic() ? "" : "ss:";
    out += "<mes:DataSet";
    if (!is_generic()) {
      out += " ss:dataScope=\"DataStructure\" xsi:type=\"ns1:DataSetType\"";
    }
    out += fmt::format(" {0}structureRef=\"{1}\" {0}action=\"Replace\"", prefix, set.flow->dsd);
    if (set.valid_from) {
      out += fmt::format(" {}validFromDate=\"{}\"", prefix, date_time(*set.valid_from));
    }
    if (set.valid_to) {
      out += fmt::format(" {}validToDate=\"{}\"", prefix, date_time(*set.valid_to));
    }
    out += ">\n";
  }

  void end_set(std::string& out, const DataSet&) override { out += "</mes:DataSet>\n"; }

  void end(std::string& out) override { out += fmt::format("</mes:{}>\n", root()); }

 private:
  [[nodiscard]] std::string space() const {
    const Flow& flow = *message().sets.front().flow;
    return fmt::format(
        "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure={}:{}({}):ObsLevelDim:{}", kAgency,
        flow.dsd, version_text(flow.version, is_30()), dimension_at_observation());
  }
};

class GenericWriter final : public XmlWriter {
 public:
  using XmlWriter::XmlWriter;

 private:
  static void value(std::string& out, std::string_view id, std::string_view text) {
    out += "<gen:Value";
    add_attribute(out, "id", id);
    add_attribute(out, "value", text);
    out += "/>";
  }

  void key(std::string& out, const DataSet& set, const Observation& o) const {
    for (std::size_t i = 0; i < set.flow->dimensions.size(); ++i) {
      if (turned() != i) {
        value(out, set.flow->dimensions[i].id, set.code(o, i));
      }
    }
    if (is_flat() || turned()) {
      value(out, kTime, o.time);
    }
  }

  void attribute_values(std::string& out, const DataSet& set, const Observation& o,
                        bool of_series) const {
    std::string values;
    for (const Attribute& attribute : attributes()) {
      if (with_attributes() && at_series(attribute) == of_series) {
        if (const auto text = attribute_value(*message().catalogue, set, o, attribute.id)) {
          value(values, attribute.id, *text);
        }
      }
    }
    if (!values.empty()) {
      out += "<gen:Attributes>" + values + "</gen:Attributes>";
    }
  }

  void observation(std::string& out, const DataSet& set, const Observation& o) const {
    out += "<gen:Obs>";
    if (is_flat()) {
      out += "<gen:ObsKey>";
      key(out, set, o);
      out += "</gen:ObsKey>";
    } else {
      out += "<gen:ObsDimension";
      if (!message().time_series) {
        add_attribute(out, "id", message().at_observation);
      }
      add_attribute(out, "value", turned() ? set.code(o, *turned()) : o.time);
      out += "/>";
    }
    // A missing value is NaN: clients of 2.1 lose observations that have no value element.
    if (with_observations()) {
      out += "<gen:ObsValue";
      add_attribute(out, "value", o.value ? number_text(*o.value) : "NaN");
      out += "/>";
    }
    attribute_values(out, set, o, false);
    out += "</gen:Obs>\n";
  }

  void series(std::string& out, const DataSet& set, std::size_t first, std::size_t last) override {
    if (!is_flat()) {
      out += "<gen:Series><gen:SeriesKey>";
      key(out, set, set.observations[first]);
      out += "</gen:SeriesKey>";
      attribute_values(out, set, set.observations[first], true);
      out += '\n';
    }
    for (std::size_t i = first; i < last && (with_observations() || is_flat()); ++i) {
      observation(out, set, set.observations[i]);
    }
    if (!is_flat()) {
      out += "</gen:Series>\n";
    }
  }
};

class SpecificWriter final : public XmlWriter {
 public:
  using XmlWriter::XmlWriter;

 private:
  void key(std::string& out, const DataSet& set, const Observation& o) const {
    for (std::size_t i = 0; i < set.flow->dimensions.size(); ++i) {
      if (turned() != i) {
        add_attribute(out, set.flow->dimensions[i].id, set.code(o, i));
      }
    }
    if (is_flat() || turned()) {
      add_attribute(out, kTime, o.time);
    }
  }

  void attribute_values(std::string& out, const DataSet& set, const Observation& o,
                        bool of_series) const {
    for (const Attribute& attribute : attributes()) {
      if (with_attributes() && at_series(attribute) == of_series) {
        if (const auto text = attribute_value(*message().catalogue, set, o, attribute.id)) {
          add_attribute(out, attribute.id, *text);
        }
      }
    }
  }

  void series(std::string& out, const DataSet& set, std::size_t first, std::size_t last) override {
    if (!is_flat()) {
      out += "<Series";
      key(out, set, set.observations[first]);
      attribute_values(out, set, set.observations[first], true);
      out += ">\n";
    }
    for (std::size_t i = first; i < last && (with_observations() || is_flat()); ++i) {
      const Observation& o = set.observations[i];
      out += "<Obs";
      if (is_flat()) {
        key(out, set, o);
      } else {
        add_attribute(out, message().at_observation, turned() ? set.code(o, *turned()) : o.time);
      }
      if (with_observations()) {
        add_attribute(out, "OBS_VALUE", o.value ? number_text(*o.value) : "NaN");
      }
      attribute_values(out, set, o, false);
      out += "/>\n";
    }
    if (!is_flat()) {
      out += "</Series>\n";
    }
  }
};

}  // namespace

std::unique_ptr<DataWriter> create_xml_writer(DataMessage message) {
  if (message.form == DataForm::generic_21) {
    return std::make_unique<GenericWriter>(std::move(message));
  }
  return std::make_unique<SpecificWriter>(std::move(message));
}

}  // namespace atalaya::observatory::sdmx
