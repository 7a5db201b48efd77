// Structure messages in SDMX-JSON 1.0 and 2.0, and what they share with XML.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/json.hpp>

#include "sdmx_structure.hpp"
#include "sdmx_write.hpp"

namespace atalaya::observatory::sdmx {
namespace {

json::value text(std::string_view value) {
  return json::string(value);
}

class JsonStructures {
 public:
  JsonStructures(const Catalogue& catalogue, const StructureMessage& message)
      : catalogue_(catalogue), message_(message), is_2_(message.form == StructureForm::json_2) {}

  std::string write() {
    json::object data;
    for (const Artefact& artefact : message_.artefacts) {
      auto& list = data[key_of(artefact.type)];
      if (!list.is_array()) {
        list = json::array();
      }
      list.as_array().push_back(write(artefact));
    }
    if (message_.availability) {
      const Flow& flow = *message_.availability->flow;
      const Artefact own{ArtefactType::constraint, 0, "CR_" + flow.id, flow.version, false};
      json::object out = head(own, flow.indicator->name);
      constraint(out, *message_.availability);
      data[key_of(ArtefactType::constraint)] = json::array{std::move(out)};
    }
    json::object root;
    root["meta"] = json::object{
        {"schema", is_2_ ? "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/"
                           "structure-message/tools/schemas/2.0.0/sdmx-json-structure-schema.json"
                         : "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/"
                           "structure-message/tools/schemas/1.0/sdmx-json-structure-schema.json"},
        {"id", message_id(message_.now)},
        {"test", false},
        {"prepared", date_time(message_.now)},
        {"contentLanguages", json::array{"en", "es", "pt", "fr"}},
        {"sender", json::object{{"id", text(kAgency)}, {"name", text(catalogue_.organisation)}}}};
    root["data"] = std::move(data);
    return json::serialize(root);
  }

 private:
  [[nodiscard]] std::string_view key_of(ArtefactType type) const {
    switch (type) {
      case ArtefactType::agency_scheme:
        return "agencySchemes";
      case ArtefactType::data_provider_scheme:
        return "dataProviderSchemes";
      case ArtefactType::dataflow:
        return "dataflows";
      case ArtefactType::category_scheme:
        return "categorySchemes";
      case ArtefactType::categorisation:
        return "categorisations";
      case ArtefactType::codelist:
        return "codelists";
      case ArtefactType::concept_scheme:
        return "conceptSchemes";
      case ArtefactType::data_structure:
        return "dataStructures";
      case ArtefactType::constraint:
        return is_2_ ? "dataConstraints" : "contentConstraints";
      case ArtefactType::provision_agreement:
        return "provisionAgreements";
      case ArtefactType::hierarchy:
        return is_2_ ? "hierarchies" : "hierarchicalCodelists";
    }
    return "dataflows";
  }

  void put_names(json::object& out, const Names& names) const {
    out["name"] = text(names.in(message_.language));
    json::object all;
    for (const Language language : kLanguages) {
      all[to_string(language)] = text(names.in(language));
    }
    out["names"] = std::move(all);
  }

  [[nodiscard]] json::object head(const Artefact& artefact, const Names& names) const {
    json::object out{{"id", text(artefact.id)},
                     {"version", text(version_of(artefact.id, artefact.version, is_2_))},
                     {"agencyID", text(kAgency)}};
    if (!is_2_) {
      out["isFinal"] = false;  // code lists grow with every release
    }
    if (artefact.is_stub) {
      out["isExternalReference"] = true;
    }
    put_names(out, names);
    json::array links;
    links.push_back(json::object{{"rel", artefact.is_stub ? "external" : "self"},
                                 {"href", text(stub_address(artefact, message_.self, is_2_))},
                                 {"urn", text(urn(artefact, is_2_))}});
    out["links"] = std::move(links);
    return out;
  }

  [[nodiscard]] json::array items(const ItemList& list) const {
    json::array out;
    for (const Item& item : list.items) {
      if (!message_.item.empty() && message_.item != item.id) {
        continue;
      }
      json::object one{{"id", text(item.id)}};
      put_names(one, item.name);
      if (!item.parent.empty()) {
        one["parent"] = text(item.parent);
      }
      out.push_back(std::move(one));
    }
    return out;
  }

  [[nodiscard]] std::string flow_urn(std::size_t index) const {
    const Flow& flow = catalogue_.flows[index];
    return urn({ArtefactType::dataflow, index, flow.id, flow.version, false}, is_2_);
  }

  [[nodiscard]] std::string item_urn(std::string_view package, std::string_view type,
                                     std::string_view scheme, std::string_view item) const {
    return fmt::format("urn:sdmx:org.sdmx.infomodel.{}.{}={}:{}({}).{}", package, type, kAgency,
                       scheme, version_of(scheme, 1, is_2_), item);
  }

  [[nodiscard]] json::object write(const Artefact& artefact) const {
    json::object out = head(artefact, name_of(catalogue_, artefact));
    if (artefact.is_stub) {
      return out;
    }
    switch (artefact.type) {
      case ArtefactType::agency_scheme:
      case ArtefactType::data_provider_scheme: {
        json::object one{{"id", text(kAgency)}};
        put_names(one, text_of(catalogue_.organisation));
        out[artefact.type == ArtefactType::agency_scheme ? "agencies" : "dataProviders"] =
            json::array{std::move(one)};
        break;
      }
      case ArtefactType::dataflow: {
        const Flow& flow = catalogue_.flows[artefact.index];
        out["structure"] =
            text(urn({ArtefactType::data_structure, 0, flow.dsd, flow.version, false}, is_2_));
        break;
      }
      case ArtefactType::category_scheme:
        out["categories"] = items(catalogue_.groups);
        break;
      case ArtefactType::categorisation:
        out["source"] = text(flow_urn(artefact.index));
        out["target"] = text(item_urn("categoryscheme", "Category", catalogue_.groups.id,
                                      catalogue_.group_of[artefact.index]));
        break;
      case ArtefactType::codelist:
        out["codes"] = items(catalogue_.codelists[artefact.index]);
        break;
      case ArtefactType::concept_scheme:
        out["concepts"] = items(catalogue_.concepts);
        break;
      case ArtefactType::data_structure:
        out["dataStructureComponents"] = components(catalogue_.flows[artefact.index]);
        break;
      case ArtefactType::constraint:
        constraint(out, declared_availability(catalogue_.flows[artefact.index]));
        break;
      case ArtefactType::provision_agreement:
        out[is_2_ ? "dataflow" : "structureUsage"] = text(flow_urn(artefact.index));
        out["dataProvider"] = text(item_urn("base", "DataProvider", "DATA_PROVIDERS", kAgency));
        break;
      case ArtefactType::hierarchy:
        hierarchy(out, catalogue_.codelists[artefact.index]);
        break;
    }
    return out;
  }

  [[nodiscard]] json::array codes_below(const ItemList& list, std::string_view above) const {
    json::array out;
    for (const Item* item : items_below(list, above)) {
      json::object one{{"id", text(item->id)},
                       {"code", text(item_urn("codelist", "Code", list.id, item->id))}};
      json::array below = codes_below(list, item->id);
      if (!below.empty()) {
        one["hierarchicalCodes"] = std::move(below);
      }
      out.push_back(std::move(one));
    }
    return out;
  }

  // In 1.0 a list of hierarchies about included lists; in 2.0 the hierarchy is the artefact itself.
  void hierarchy(json::object& out, const ItemList& list) const {
    if (is_2_) {
      out["hasFormalLevels"] = false;
      out["hierarchicalCodes"] = codes_below(list, "");
      return;
    }
    json::object one{{"id", text(list.id)}, {"leveled", false}};
    put_names(one, list.name);
    one["hierarchicalCodes"] = codes_below(list, "");
    out["includedCodelists"] =
        json::array{text(urn({ArtefactType::codelist, 0, list.id, 1, false}, false))};
    out["hierarchies"] = json::array{std::move(one)};
  }

  [[nodiscard]] json::object component(std::string_view id, std::string_view codelist,
                                       std::string_view type) const {
    json::object out{{"id", text(id)},
                     {"conceptIdentity",
                      text(item_urn("conceptscheme", "Concept", catalogue_.concepts.id, id))}};
    if (codelist.empty()) {
      const json::object format{{"textType", text(type)}};
      out["localRepresentation"] =
          is_2_ ? json::object{{"format", format}} : json::object{{"textFormat", format}};
    } else {
      out["localRepresentation"] = json::object{
          {"enumeration",
           text(urn({ArtefactType::codelist, 0, std::string(codelist), 1, false}, is_2_))}};
    }
    return out;
  }

  [[nodiscard]] json::object components(const Flow& flow) const {
    json::array dimensions;
    json::array of_series;
    std::int64_t position = 0;
    for (const Dimension& dimension : flow.dimensions) {
      json::object one = component(dimension.id, dimension.codelist, "");
      one["position"] = position++;
      one["type"] = "Dimension";
      dimensions.push_back(std::move(one));
      of_series.push_back(text(dimension.id));
    }
    json::object time = component(kTime, "", "ObservationalTimePeriod");
    time["position"] = position;
    time["type"] = "TimeDimension";
    json::array list;
    for (const Attribute& attribute : attributes()) {
      json::object one = component(attribute.id, attribute.codelist, attribute.type);
      if (is_2_) {
        one["usage"] = attribute.is_mandatory ? "mandatory" : "optional";
      } else {
        one["assignmentStatus"] = attribute.is_mandatory ? "Mandatory" : "Conditional";
      }
      if (attribute.of_series) {
        one["attributeRelationship"] = json::object{{"dimensions", of_series}};
      } else if (is_2_) {
        one["attributeRelationship"] = json::object{{"observation", json::object()}};
      } else {
        one["attributeRelationship"] = json::object{{"primaryMeasure", "OBS_VALUE"}};
      }
      list.push_back(std::move(one));
    }
    json::object measures{{"id", "MeasureDescriptor"}};
    json::object value = component("OBS_VALUE", "", "Double");
    if (is_2_) {
      measures["measures"] = json::array{std::move(value)};
    } else {
      measures["primaryMeasure"] = std::move(value);
    }
    return json::object{
        {"attributeList",
         json::object{{"id", "AttributeDescriptor"}, {"attributes", std::move(list)}}},
        {"dimensionList", json::object{{"id", "DimensionDescriptor"},
                                       {"dimensions", std::move(dimensions)},
                                       {"timeDimensions", json::array{std::move(time)}}}},
        {"measureList", std::move(measures)}};
  }

  void constraint(json::object& out, const Availability& availability) const {
    const Flow& flow = *availability.flow;
    out[is_2_ ? "role" : "type"] = "Actual";
    out["constraintAttachment"] = json::object{
        {"dataflows",
         json::array{text(urn({ArtefactType::dataflow, 0, flow.id, flow.version, false}, is_2_))}}};
    json::array keys;
    for (const auto& [dimension, codes] : availability.values) {
      json::array values;
      for (const std::string& code : codes) {
        values.push_back(is_2_ ? json::value(json::object{{"value", text(code)}}) : text(code));
      }
      keys.push_back(json::object{{"id", text(dimension)}, {"values", std::move(values)}});
    }
    if (availability.time) {
      const auto period = [](CivilDate day, std::string_view hour) {
        return json::object{{"period", text(to_string(day) + std::string(hour))},
                            {"isInclusive", true}};
      };
      keys.push_back(json::object{
          {"id", text(kTime)},
          {"timeRange",
           json::object{{"startPeriod", period(availability.time->first, "T00:00:00")},
                        {"endPeriod", period(availability.time->second, "T23:59:59")}}}});
    }
    out["cubeRegions"] = json::array{
        json::object{{is_2_ ? "include" : "isIncluded", true}, {"keyValues", std::move(keys)}}};
    if (availability.observations > 0) {
      json::array notes;
      for (const auto& [id, count] : {std::pair{"series_count", availability.series},
                                      std::pair{"obs_count", availability.observations}}) {
        notes.push_back(
            json::object{{"id", id}, {"title", std::to_string(count)}, {"type", "sdmx_metrics"}});
      }
      out["annotations"] = std::move(notes);
    }
  }

  const Catalogue& catalogue_;
  const StructureMessage& message_;
  bool is_2_ = false;
};

std::string_view rest_name(ArtefactType type, bool is_30) {
  switch (type) {
    case ArtefactType::agency_scheme:
      return "agencyscheme";
    case ArtefactType::data_provider_scheme:
      return "dataproviderscheme";
    case ArtefactType::dataflow:
      return "dataflow";
    case ArtefactType::category_scheme:
      return "categoryscheme";
    case ArtefactType::categorisation:
      return "categorisation";
    case ArtefactType::codelist:
      return "codelist";
    case ArtefactType::concept_scheme:
      return "conceptscheme";
    case ArtefactType::data_structure:
      return "datastructure";
    case ArtefactType::constraint:
      return is_30 ? "dataconstraint" : "contentconstraint";
    case ArtefactType::provision_agreement:
      return "provisionagreement";
    case ArtefactType::hierarchy:
      return is_30 ? "hierarchy" : "hierarchicalcodelist";
  }
  return "dataflow";
}

}  // namespace

std::string_view package_of(ArtefactType type) noexcept {
  switch (type) {
    case ArtefactType::agency_scheme:
    case ArtefactType::data_provider_scheme:
      return "base";
    case ArtefactType::dataflow:
    case ArtefactType::data_structure:
      return "datastructure";
    case ArtefactType::category_scheme:
    case ArtefactType::categorisation:
      return "categoryscheme";
    case ArtefactType::codelist:
    case ArtefactType::hierarchy:
      return "codelist";
    case ArtefactType::concept_scheme:
      return "conceptscheme";
    case ArtefactType::constraint:
    case ArtefactType::provision_agreement:
      return "registry";
  }
  return "base";
}

std::string_view class_of(ArtefactType type, bool is_30) noexcept {
  switch (type) {
    case ArtefactType::agency_scheme:
      return "AgencyScheme";
    case ArtefactType::data_provider_scheme:
      return "DataProviderScheme";
    case ArtefactType::dataflow:
      return "Dataflow";
    case ArtefactType::data_structure:
      return "DataStructure";
    case ArtefactType::category_scheme:
      return "CategoryScheme";
    case ArtefactType::categorisation:
      return "Categorisation";
    case ArtefactType::codelist:
      return "Codelist";
    case ArtefactType::concept_scheme:
      return "ConceptScheme";
    case ArtefactType::constraint:
      return is_30 ? "DataConstraint" : "ContentConstraint";
    case ArtefactType::provision_agreement:
      return "ProvisionAgreement";
    case ArtefactType::hierarchy:
      return is_30 ? "Hierarchy" : "HierarchicalCodelist";
  }
  return "Dataflow";
}

std::string urn(const Artefact& artefact, bool is_30) {
  return fmt::format("urn:sdmx:org.sdmx.infomodel.{}.{}={}:{}({})", package_of(artefact.type),
                     class_of(artefact.type, is_30), kAgency, artefact.id,
                     version_of(artefact.id, artefact.version, is_30));
}

std::string stub_address(const Artefact& artefact, std::string_view self, bool is_30) {
  return fmt::format("{}/{}{}/{}/{}/{}", self, is_30 ? "structure/" : "",
                     rest_name(artefact.type, is_30), kAgency, artefact.id,
                     version_of(artefact.id, artefact.version, is_30));
}

Names name_of(const Catalogue& catalogue, const Artefact& artefact) {
  switch (artefact.type) {
    case ArtefactType::agency_scheme:
      return text_of("Agencies", "Agencias", "Agências", "Agences");
    case ArtefactType::data_provider_scheme:
      return text_of("Data providers", "Proveedores de datos", "Provedores de dados",
                     "Fournisseurs de données");
    case ArtefactType::category_scheme:
      return catalogue.groups.name;
    case ArtefactType::concept_scheme:
      return catalogue.concepts.name;
    case ArtefactType::codelist:
    case ArtefactType::hierarchy:
      return catalogue.codelists[artefact.index].name;
    case ArtefactType::dataflow:
    case ArtefactType::data_structure:
    case ArtefactType::categorisation:
    case ArtefactType::constraint:
    case ArtefactType::provision_agreement:
      break;
  }
  return catalogue.flows[artefact.index].indicator->name;
}

std::string hierarchy_id(std::string_view codelist) {
  return fmt::format("H{}", codelist);
}

std::vector<const Item*> items_below(const ItemList& list, std::string_view above) {
  std::vector<const Item*> out;
  for (const Item& item : list.items) {
    if ((item.parent.empty() ? item.above : item.parent) == above) {
      out.push_back(&item);
    }
  }
  return out;
}

Availability declared_availability(const Flow& flow) {
  Availability out;
  out.flow = &flow;
  for (std::size_t i = 0; i < flow.dimensions.size(); ++i) {
    out.values.emplace_back(flow.dimensions[i].id, flow.used[i]);
  }
  out.time = flow.time;
  out.times = flow.times;
  return out;
}

std::string structures_json(const Catalogue& catalogue, const StructureMessage& message) {
  return JsonStructures(catalogue, message).write();
}

std::string error_json(std::int32_t code, std::string_view text_of_error) {
  json::array errors;
  errors.push_back(json::object{{"code", code}, {"title", text(text_of_error)}});
  return json::serialize(json::object{{"errors", std::move(errors)}});
}

}  // namespace atalaya::observatory::sdmx
