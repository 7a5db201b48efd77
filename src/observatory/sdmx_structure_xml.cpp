// Structure messages in SDMX-ML 2.1 and 3.0. The two differ in how one artefact refers to another:
// 2.1 by a Ref element, 3.0 by a URN.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/observatory/sdmx_structures.hpp>

#include "sdmx_structure.hpp"
#include "sdmx_write.hpp"

namespace atalaya::observatory::sdmx {
namespace {

// Code lists grow with every release, and what is final may only refer to what is.
constexpr std::string_view kNotFinal = " isFinal=\"false\"";

class XmlStructures {
 public:
  XmlStructures(const Catalogue& catalogue, const StructureMessage& message)
      : catalogue_(catalogue), message_(message), is_30_(message.form == StructureForm::xml_30) {}

  std::string write() {
    const std::string_view schemas = is_30_ ? "v3_0" : "v2_1";
    out_ += fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<mes:Structure "
        "xmlns:mes=\"http://www.sdmx.org/resources/sdmxml/schemas/{0}/message\" "
        "xmlns:str=\"http://www.sdmx.org/resources/sdmxml/schemas/{0}/structure\" "
        "xmlns:com=\"http://www.sdmx.org/resources/sdmxml/schemas/{0}/common\">\n"
        "<mes:Header><mes:ID>{1}</mes:ID><mes:Test>false</mes:Test><mes:Prepared>{2}"
        "</mes:Prepared><mes:Sender id=\"{3}\"><com:Name xml:lang=\"en\">{4}</com:Name>"
        "</mes:Sender></mes:Header>\n<mes:Structures>\n",
        schemas, message_id(message_.now), date_time(message_.now), kAgency,
        xml(catalogue_.organisation));
    // The order of StructuresType in SDMXStructure.xsd, which is a sequence.
    if (!is_30_) {
      section("OrganisationSchemes",
              {ArtefactType::agency_scheme, ArtefactType::data_provider_scheme});
      section("Dataflows", {ArtefactType::dataflow});
      section("CategorySchemes", {ArtefactType::category_scheme});
      section("Categorisations", {ArtefactType::categorisation});
      section("Codelists", {ArtefactType::codelist});
      section("HierarchicalCodelists", {ArtefactType::hierarchy});
      section("Concepts", {ArtefactType::concept_scheme});
      section("DataStructures", {ArtefactType::data_structure});
      section("Constraints", {ArtefactType::constraint});
      section("ProvisionAgreements", {ArtefactType::provision_agreement});
    } else {
      section("AgencySchemes", {ArtefactType::agency_scheme});
      section("Categorisations", {ArtefactType::categorisation});
      section("CategorySchemes", {ArtefactType::category_scheme});
      section("Codelists", {ArtefactType::codelist});
      section("ConceptSchemes", {ArtefactType::concept_scheme});
      section("DataConstraints", {ArtefactType::constraint});
      section("Dataflows", {ArtefactType::dataflow});
      // Clients of 3.0 fail at providers and provision agreements that they did not ask for by type
      // (sdmx1 2.28), so they are no part of what else is referenced.
      const ArtefactType first =
          message_.artefacts.empty() ? ArtefactType::dataflow : message_.artefacts.front().type;
      const bool with_providers =
          first <= ArtefactType::data_provider_scheme || first == ArtefactType::provision_agreement;
      if (with_providers) {
        section("DataProviderSchemes", {ArtefactType::data_provider_scheme});
      }
      section("DataStructures", {ArtefactType::data_structure});
      section("Hierarchies", {ArtefactType::hierarchy});
      if (with_providers) {
        section("ProvisionAgreements", {ArtefactType::provision_agreement});
      }
    }
    out_ += "</mes:Structures>\n</mes:Structure>\n";
    return std::move(out_);
  }

 private:
  void section(std::string_view name, const std::vector<ArtefactType>& types) {
    std::string inside;
    std::swap(inside, out_);
    for (const Artefact& artefact : message_.artefacts) {
      if (std::ranges::find(types, artefact.type) != types.end()) {
        write(artefact);
      }
    }
    if (types.front() == ArtefactType::constraint && message_.availability) {
      const Flow& flow = *message_.availability->flow;
      Artefact own{ArtefactType::constraint, 0, "CR_" + flow.id, flow.version, false};
      open(own, "");
      constraint(*message_.availability);
      close(own);
    }
    std::swap(inside, out_);
    if (!inside.empty()) {
      out_ += fmt::format("<str:{0}>\n{1}</str:{0}>\n", name, inside);
    }
  }

  [[nodiscard]] std::string_view element(ArtefactType type) const {
    switch (type) {
      case ArtefactType::agency_scheme:
        return "AgencyScheme";
      case ArtefactType::data_provider_scheme:
        return "DataProviderScheme";
      case ArtefactType::dataflow:
        return "Dataflow";
      case ArtefactType::category_scheme:
        return "CategoryScheme";
      case ArtefactType::categorisation:
        return "Categorisation";
      case ArtefactType::codelist:
        return "Codelist";
      case ArtefactType::concept_scheme:
        return "ConceptScheme";
      case ArtefactType::data_structure:
        return "DataStructure";
      case ArtefactType::constraint:
        return is_30_ ? "DataConstraint" : "ContentConstraint";
      case ArtefactType::provision_agreement:
        return "ProvisionAgreement";
      case ArtefactType::hierarchy:
        return is_30_ ? "Hierarchy" : "HierarchicalCodelist";
    }
    return "Dataflow";
  }

  void names(const Names& names) {
    for (const Language language : kLanguages) {
      out_ += fmt::format("<com:Name xml:lang=\"{}\">{}</com:Name>", to_string(language),
                          xml(names.in(language)));
    }
  }

  void open(const Artefact& artefact, std::string_view more) {
    out_ += fmt::format("<str:{} id=\"{}\" agencyID=\"{}\" version=\"{}\"{} urn=\"{}\"",
                        element(artefact.type), artefact.id, kAgency,
                        version_of(artefact.id, artefact.version, is_30_), is_30_ ? "" : kNotFinal,
                        urn(artefact, is_30_));
    if (artefact.is_stub) {
      out_ += fmt::format(" isExternalReference=\"true\" structureURL=\"{}\"",
                          xml(stub_address(artefact, message_.self, is_30_)));
    } else if (artefact.type == ArtefactType::hierarchy && is_30_) {
      out_ += " hasFormalLevels=\"false\"";
    } else if (artefact.type == ArtefactType::constraint) {
      out_ += is_30_ ? " role=\"Actual\"" : " type=\"Actual\"";
    }
    out_ += fmt::format("{}>", more);
  }

  void close(const Artefact& artefact) {
    out_ += fmt::format("</str:{}>\n", element(artefact.type));
  }

  void write(const Artefact& artefact) {
    open(artefact, "");
    if (artefact.type == ArtefactType::constraint && !artefact.is_stub) {
      constraint(declared_availability(catalogue_.flows[artefact.index]));
      close(artefact);
      return;
    }
    names(name_of(catalogue_, artefact));
    if (!artefact.is_stub) {
      content(artefact);
    }
    close(artefact);
  }

  void content(const Artefact& artefact) {
    switch (artefact.type) {
      case ArtefactType::agency_scheme:
      case ArtefactType::data_provider_scheme:
        organisation(artefact);
        return;
      case ArtefactType::dataflow:
        refer("Structure", Artefact{ArtefactType::data_structure, artefact.index,
                                    catalogue_.flows[artefact.index].dsd, artefact.version, false});
        return;
      case ArtefactType::category_scheme:
        items("Category", catalogue_.groups);
        return;
      case ArtefactType::categorisation:
        categorisation(artefact);
        return;
      case ArtefactType::codelist:
        items("Code", catalogue_.codelists[artefact.index]);
        return;
      case ArtefactType::concept_scheme:
        items("Concept", catalogue_.concepts);
        return;
      case ArtefactType::data_structure:
        components(catalogue_.flows[artefact.index]);
        return;
      case ArtefactType::constraint:
        return;
      case ArtefactType::provision_agreement:
        refer(is_30_ ? "Dataflow" : "StructureUsage", flow_artefact(artefact.index));
        provider();
        return;
      case ArtefactType::hierarchy:
        hierarchy(catalogue_.codelists[artefact.index]);
        return;
    }
  }

  // In 2.1 a hierarchy lies in an artefact with the lists that it includes; in 3.0 it is one.
  void hierarchy(const ItemList& list) {
    if (is_30_) {
      codes_below(list, "");
      return;
    }
    out_ += fmt::format(
        "\n<str:IncludedCodelist alias=\"{0}\"><Ref id=\"{0}\" version=\"1.0\" "
        "agencyID=\"{1}\" package=\"codelist\" class=\"Codelist\"/>"
        "</str:IncludedCodelist>\n<str:Hierarchy id=\"{0}\" leveled=\"false\" "
        "urn=\"urn:sdmx:org.sdmx.infomodel.codelist.Hierarchy={1}:{2}(1.0).{0}\">",
        list.id, kAgency, hierarchy_id(list.id));
    names(list.name);
    codes_below(list, "");
    out_ += "</str:Hierarchy>\n";
  }

  void codes_below(const ItemList& list, std::string_view above) {
    for (const Item* item : items_below(list, above)) {
      out_ += fmt::format("\n<str:HierarchicalCode id=\"{}\">", item->id);
      refer_item("Code", list.id, item->id, "codelist", "Code");
      codes_below(list, item->id);
      out_ += "</str:HierarchicalCode>";
    }
  }

  [[nodiscard]] Artefact flow_artefact(std::size_t index) const {
    const Flow& flow = catalogue_.flows[index];
    return {ArtefactType::dataflow, index, flow.id, flow.version, false};
  }

  void refer(std::string_view name, const Artefact& to) {
    if (is_30_) {
      out_ += fmt::format("<str:{0}>{1}</str:{0}>", name, urn(to, true));
      return;
    }
    out_ += fmt::format(
        "<str:{0}><Ref id=\"{1}\" version=\"{2}\" agencyID=\"{3}\" package=\"{4}\" "
        "class=\"{5}\"/></str:{0}>",
        name, to.id, version_text(to.version, false), kAgency, package_of(to.type),
        class_of(to.type, false));
  }

  void refer_item(std::string_view name, std::string_view scheme, std::string_view item,
                  std::string_view package, std::string_view type) {
    if (is_30_) {
      out_ += fmt::format("<str:{0}>urn:sdmx:org.sdmx.infomodel.{1}.{2}={3}:{4}({6}).{5}</str:{0}>",
                          name, package, type, kAgency, scheme, item, version_of(scheme, 1, true));
      return;
    }
    out_ += fmt::format(
        "<str:{0}><Ref id=\"{1}\" maintainableParentID=\"{2}\" maintainableParentVersion=\"1.0\" "
        "agencyID=\"{3}\" package=\"{4}\" class=\"{5}\"/></str:{0}>",
        name, item, scheme, kAgency, package, type);
  }

  void organisation(const Artefact& artefact) {
    const std::string_view type =
        artefact.type == ArtefactType::agency_scheme ? "Agency" : "DataProvider";
    out_ += fmt::format("<str:{} id=\"{}\">", type, kAgency);
    names(text_of(catalogue_.organisation));
    out_ += fmt::format("</str:{}>", type);
  }

  void provider() { refer_item("DataProvider", "DATA_PROVIDERS", kAgency, "base", "DataProvider"); }

  void categorisation(const Artefact& artefact) {
    const Artefact flow = flow_artefact(artefact.index);
    refer("Source", flow);
    refer_item("Target", catalogue_.groups.id, catalogue_.group_of[artefact.index],
               "categoryscheme", "Category");
  }

  void items(std::string_view element_name, const ItemList& list) {
    out_ += '\n';
    for (const Item& item : list.items) {
      if (!message_.item.empty() && item.id != message_.item) {
        continue;
      }
      out_ += fmt::format("<str:{} id=\"{}\">", element_name, item.id);
      names(item.name);
      if (!item.parent.empty()) {
        out_ += is_30_ ? fmt::format("<str:Parent>{}</str:Parent>", item.parent)
                       : fmt::format("<str:Parent><Ref id=\"{}\"/></str:Parent>", item.parent);
      }
      out_ += fmt::format("</str:{}>\n", element_name);
    }
  }

  void identity(std::string_view component) {
    refer_item("ConceptIdentity", catalogue_.concepts.id, component, "conceptscheme", "Concept");
  }

  void coded(std::string_view codelist) {
    out_ += "<str:LocalRepresentation>";
    refer("Enumeration", Artefact{ArtefactType::codelist, 0, std::string(codelist), 1, false});
    out_ += "</str:LocalRepresentation>";
  }

  void uncoded(std::string_view type) {
    out_ += fmt::format(
        "<str:LocalRepresentation><str:TextFormat textType=\"{}\"/></str:LocalRepresentation>",
        type);
  }

  void components(const Flow& flow) {
    out_ += "\n<str:DataStructureComponents>\n<str:DimensionList id=\"DimensionDescriptor\">\n";
    std::size_t position = 0;
    for (const Dimension& dimension : flow.dimensions) {
      out_ += fmt::format("<str:Dimension id=\"{}\" position=\"{}\">", dimension.id, ++position);
      identity(dimension.id);
      coded(dimension.codelist);
      out_ += "</str:Dimension>\n";
    }
    // In 3.0 the time dimension always comes last and has no position.
    out_ += fmt::format("<str:TimeDimension id=\"{}\"{}>", kTime,
                        is_30_ ? std::string() : fmt::format(" position=\"{}\"", ++position));
    identity(kTime);
    uncoded("ObservationalTimePeriod");
    out_ +=
        "</str:TimeDimension>\n</str:DimensionList>\n<str:AttributeList "
        "id=\"AttributeDescriptor\">\n";
    for (const Attribute& attribute : attributes()) {
      write_attribute(flow, attribute);
    }
    out_ += fmt::format(
        "</str:AttributeList>\n<str:MeasureList id=\"MeasureDescriptor\"><str:{} "
        "id=\"OBS_VALUE\">",
        is_30_ ? "Measure" : "PrimaryMeasure");
    identity("OBS_VALUE");
    uncoded("Double");
    out_ += fmt::format("</str:{}></str:MeasureList>\n</str:DataStructureComponents>\n",
                        is_30_ ? "Measure" : "PrimaryMeasure");
  }

  void write_attribute(const Flow& flow, const Attribute& attribute) {
    const std::string_view usage =
        is_30_ ? (attribute.is_mandatory ? "usage=\"mandatory\"" : "usage=\"optional\"")
               : (attribute.is_mandatory ? "assignmentStatus=\"Mandatory\""
                                         : "assignmentStatus=\"Conditional\"");
    out_ += fmt::format("<str:Attribute id=\"{}\" {}>", attribute.id, usage);
    identity(attribute.id);
    attribute.codelist.empty() ? uncoded(attribute.type) : coded(attribute.codelist);
    out_ += "<str:AttributeRelationship>";
    if (!attribute.of_series) {
      out_ += is_30_ ? "<str:Observation/>"
                     : "<str:PrimaryMeasure><Ref id=\"OBS_VALUE\"/></str:PrimaryMeasure>";
    }
    for (const Dimension& dimension : flow.dimensions) {
      if (attribute.of_series) {
        out_ += is_30_
                    ? fmt::format("<str:Dimension>{}</str:Dimension>", dimension.id)
                    : fmt::format("<str:Dimension><Ref id=\"{}\"/></str:Dimension>", dimension.id);
      }
    }
    out_ += "</str:AttributeRelationship></str:Attribute>\n";
  }

  void constraint(const Availability& availability) {
    const Flow& flow = *availability.flow;
    if (availability.observations > 0) {
      out_ += fmt::format(
          "<com:Annotations><com:Annotation id=\"series_count\"><com:AnnotationTitle>{}"
          "</com:AnnotationTitle><com:AnnotationType>sdmx_metrics</com:AnnotationType>"
          "</com:Annotation><com:Annotation id=\"obs_count\"><com:AnnotationTitle>{}"
          "</com:AnnotationTitle><com:AnnotationType>sdmx_metrics</com:AnnotationType>"
          "</com:Annotation></com:Annotations>",
          availability.series, availability.observations);
    }
    names(flow.indicator->name);
    out_ += "<str:ConstraintAttachment>";
    refer("Dataflow", Artefact{ArtefactType::dataflow, 0, flow.id, flow.version, false});
    out_ += "</str:ConstraintAttachment>\n<str:CubeRegion include=\"true\">\n";
    const std::string_view prefix = is_30_ ? "str" : "com";
    for (const auto& [dimension, codes] : availability.values) {
      out_ += fmt::format("<{}:KeyValue id=\"{}\">", prefix, dimension);
      for (const std::string& code : codes) {
        out_ += fmt::format("<{0}:Value>{1}</{0}:Value>", prefix, xml(code));
      }
      out_ += fmt::format("</{}:KeyValue>\n", prefix);
    }
    // Readers of 3.0 know no ranges of time, so there the periods are listed.
    if (is_30_ && !availability.times.empty()) {
      out_ += fmt::format("<str:KeyValue id=\"{}\">", kTime);
      for (const std::string& time : availability.times) {
        out_ += fmt::format("<str:Value>{}</str:Value>", time);
      }
      out_ += "</str:KeyValue>\n";
    } else if (availability.time) {
      out_ += fmt::format(
          "<com:KeyValue id=\"{0}\"><com:TimeRange><com:StartPeriod isInclusive=\"true\">{1}"
          "T00:00:00</com:StartPeriod><com:EndPeriod isInclusive=\"true\">{2}T23:59:59"
          "</com:EndPeriod></com:TimeRange></com:KeyValue>\n",
          kTime, to_string(availability.time->first), to_string(availability.time->second));
    }
    out_ += "</str:CubeRegion>\n";
  }

  const Catalogue& catalogue_;
  const StructureMessage& message_;
  bool is_30_ = false;
  std::string out_;
};

std::string error_xml(std::int32_t code, std::string_view text) {
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<mes:Error "
      "xmlns:mes=\"http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message\" "
      "xmlns:com=\"http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common\">"
      "<mes:ErrorMessage code=\"{}\"><com:Text xml:lang=\"en\">{}</com:Text></mes:ErrorMessage>"
      "</mes:Error>\n",
      code, xml(text));
}

}  // namespace

std::string write_structures(const Catalogue& catalogue, const StructureMessage& message) {
  if (message.form == StructureForm::json_1 || message.form == StructureForm::json_2) {
    return structures_json(catalogue, message);
  }
  return XmlStructures(catalogue, message).write();
}

std::string write_error(StructureForm form, std::int32_t code, std::string_view text) {
  if (form == StructureForm::json_1 || form == StructureForm::json_2) {
    return error_json(code, text);
  }
  return error_xml(code, text);
}

}  // namespace atalaya::observatory::sdmx
