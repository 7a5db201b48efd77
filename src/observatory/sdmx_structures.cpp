// Which artefacts a request names, and what refers to what.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/observatory/sdmx_structures.hpp>

#include "sdmx_codes.hpp"
#include "sdmx_structure.hpp"
#include "sdmx_write.hpp"

namespace atalaya::observatory::sdmx {
namespace {

struct TypeName {
  std::string_view name;
  std::optional<ArtefactType> type;  // nothing: SDMX knows it, and no node has any
};

constexpr TypeName kTypes[] = {
    {"agencyscheme", ArtefactType::agency_scheme},
    {"dataproviderscheme", ArtefactType::data_provider_scheme},
    {"dataflow", ArtefactType::dataflow},
    {"categoryscheme", ArtefactType::category_scheme},
    {"categorisation", ArtefactType::categorisation},
    {"codelist", ArtefactType::codelist},
    {"conceptscheme", ArtefactType::concept_scheme},
    {"datastructure", ArtefactType::data_structure},
    {"contentconstraint", ArtefactType::constraint},
    {"actualconstraint", ArtefactType::constraint},
    {"dataconstraint", ArtefactType::constraint},
    {"provisionagreement", ArtefactType::provision_agreement},
    {"allowedconstraint", {}},
    {"attachmentconstraint", {}},
    {"availabilityconstraint", {}},
    {"customtypescheme", {}},
    {"dataconsumerscheme", {}},
    {"hierarchicalcodelist", ArtefactType::hierarchy},
    {"hierarchy", ArtefactType::hierarchy},
    {"hierarchyassociation", {}},
    {"metadataconstraint", {}},
    {"metadataflow", {}},
    {"metadataproviderscheme", {}},
    {"metadataprovisionagreement", {}},
    {"metadataset", {}},
    {"metadatastructure", {}},
    {"namepersonalisationscheme", {}},
    {"organisationscheme", {}},
    {"organisationunitscheme", {}},
    {"process", {}},
    {"reportingtaxonomy", {}},
    {"representationmap", {}},
    {"rulesetscheme", {}},
    {"structuremap", {}},
    {"structureset", {}},
    {"transformationscheme", {}},
    {"userdefinedoperatorscheme", {}},
    {"valuelist", {}},
    {"vtlmappingscheme", {}},
};

constexpr std::string_view kReferences[] = {
    "none", "parents", "parentsandsiblings", "ancestors", "children", "descendants", "all"};
constexpr std::string_view kDetails[] = {"full",
                                         "allstubs",
                                         "referencestubs",
                                         "allcompletestubs",
                                         "referencecompletestubs",
                                         "referencepartial",
                                         "raw"};

const TypeName* find_type(std::string_view name) {
  const auto at = std::ranges::find(kTypes, name, &TypeName::name);
  return at == std::ranges::end(kTypes) ? nullptr : at;
}

std::unexpected<Error> bad(std::string detail) {
  return fail(ErrorCode::invalid_argument, "observatory.sdmx.parameter", std::move(detail));
}

bool is_all(std::string_view text) {
  return text.empty() || text == "all" || text == "ALL" || text == "*";
}

// "A+B" of REST 1.x and "A,B" of 2.x.
bool names(std::string_view list, std::string_view id) {
  if (is_all(list)) {
    return true;
  }
  std::string plain(list);
  std::ranges::replace(plain, ',', '+');
  std::ranges::replace(plain, ' ', '+');
  return std::ranges::any_of(split(plain, '+'), [&](std::string_view one) { return one == id; });
}

bool is_version(std::string_view wanted, std::int32_t version) {
  if (is_all(wanted) || wanted == "latest" || wanted == "LATEST" || wanted == "~" ||
      wanted == "+") {
    return true;
  }
  std::string_view plain = wanted;
  while (!plain.empty() && (plain.back() == '+' || plain.back() == '~' || plain.back() == '*')) {
    plain.remove_suffix(1);
  }
  while (plain.ends_with('.')) {
    plain.remove_suffix(1);
  }
  constexpr std::string_view kDraft = "-draft";
  const bool draft = plain.ends_with(kDraft);
  plain.remove_suffix(draft ? kDraft.size() : 0);
  return plain == fmt::format("{}.0.0", version) ||
         (!draft && (plain == std::to_string(version) || plain == version_text(version, false)));
}

class Graph {
 public:
  explicit Graph(const Catalogue& catalogue) : catalogue_(catalogue) {
    add(ArtefactType::agency_scheme, 0, "AGENCIES", 1);
    add(ArtefactType::data_provider_scheme, 0, "DATA_PROVIDERS", 1);
    for (std::size_t i = 0; i < catalogue.flows.size(); ++i) {
      const Flow& flow = catalogue.flows[i];
      add(ArtefactType::dataflow, i, flow.id, flow.version);
      add(ArtefactType::data_structure, i, flow.dsd, flow.version);
      add(ArtefactType::categorisation, i, "CAT_" + flow.id, flow.version);
      add(ArtefactType::constraint, i, "CR_" + flow.id, flow.version);
      add(ArtefactType::provision_agreement, i, "PA_" + flow.id, flow.version);
    }
    add(ArtefactType::category_scheme, 0, catalogue.groups.id, 1);
    add(ArtefactType::concept_scheme, 0, catalogue.concepts.id, 1);
    for (std::size_t i = 0; i < catalogue.codelists.size(); ++i) {
      add(ArtefactType::codelist, i, catalogue.codelists[i].id, 1);
      if (catalogue.codelists[i].is_tree()) {
        add(ArtefactType::hierarchy, i, hierarchy_id(catalogue.codelists[i].id), 1);
      }
    }
    std::ranges::sort(all_);
  }

  [[nodiscard]] const std::vector<Artefact>& all() const { return all_; }

  [[nodiscard]] std::vector<Artefact> children(const Artefact& of) const {
    std::vector<Artefact> out;
    const auto pick = [&](ArtefactType type, std::size_t index) {
      for (const Artefact& artefact : all_) {
        if (artefact.type == type && artefact.index == index) {
          out.push_back(artefact);
        }
      }
    };
    switch (of.type) {
      case ArtefactType::dataflow:
        pick(ArtefactType::data_structure, of.index);
        break;
      case ArtefactType::data_structure:
        pick(ArtefactType::concept_scheme, 0);
        for (const std::size_t list : codelists_of(catalogue_.flows[of.index])) {
          pick(ArtefactType::codelist, list);
        }
        break;
      case ArtefactType::categorisation:
        pick(ArtefactType::category_scheme, 0);
        pick(ArtefactType::dataflow, of.index);
        break;
      case ArtefactType::constraint:
        pick(ArtefactType::dataflow, of.index);
        break;
      case ArtefactType::provision_agreement:
        pick(ArtefactType::dataflow, of.index);
        pick(ArtefactType::data_provider_scheme, 0);
        break;
      case ArtefactType::hierarchy:
        pick(ArtefactType::codelist, of.index);
        break;
      case ArtefactType::agency_scheme:
      case ArtefactType::data_provider_scheme:
      case ArtefactType::category_scheme:
      case ArtefactType::codelist:
      case ArtefactType::concept_scheme:
        break;
    }
    return out;
  }

  [[nodiscard]] std::vector<Artefact> parents(const Artefact& of) const {
    std::vector<Artefact> out;
    for (const Artefact& artefact : all_) {
      const auto below = children(artefact);
      if (std::ranges::find(below, of) != below.end()) {
        out.push_back(artefact);
      }
    }
    return out;
  }

 private:
  void add(ArtefactType type, std::size_t index, std::string id, std::int32_t version) {
    all_.push_back({type, index, std::move(id), version, false});
  }

  [[nodiscard]] std::vector<std::size_t> codelists_of(const Flow& flow) const {
    std::vector<std::size_t> out;
    const auto pick = [&](std::string_view id) {
      const auto at = std::ranges::find(catalogue_.codelists, id, &ItemList::id);
      if (at != catalogue_.codelists.end()) {
        out.push_back(static_cast<std::size_t>(at - catalogue_.codelists.begin()));
      }
    };
    for (const Dimension& dimension : flow.dimensions) {
      pick(dimension.codelist);
    }
    for (const Attribute& attribute : attributes()) {
      pick(attribute.codelist);
    }
    return out;
  }

  const Catalogue& catalogue_;
  std::vector<Artefact> all_;
};

using Set = std::set<Artefact>;

void descend(const Graph& graph, const Artefact& from, Set& out) {
  for (const Artefact& child : graph.children(from)) {
    if (out.insert(child).second) {
      descend(graph, child, out);
    }
  }
}

void ascend(const Graph& graph, const Artefact& from, Set& out) {
  for (const Artefact& parent : graph.parents(from)) {
    if (out.insert(parent).second) {
      ascend(graph, parent, out);
    }
  }
}

Set referenced(const Graph& graph, const Artefact& artefact, const std::string& how) {
  Set out;
  if (how == "none") {
    return out;
  }
  const bool is_everything = how == "all" || find_type(how) != nullptr;
  if (how == "children") {
    const auto children = graph.children(artefact);
    out.insert(children.begin(), children.end());
  }
  if (how == "descendants" || is_everything) {
    descend(graph, artefact, out);
  }
  if (how == "ancestors") {
    ascend(graph, artefact, out);
  }
  if (how == "parents" || how == "parentsandsiblings" || is_everything) {
    for (const Artefact& parent : graph.parents(artefact)) {
      out.insert(parent);
      if (how != "parents") {
        const auto siblings = graph.children(parent);
        out.insert(siblings.begin(), siblings.end());
      }
      if (is_everything) {
        descend(graph, parent, out);
      }
    }
  }
  if (const TypeName* type = find_type(how)) {
    std::erase_if(out, [&](const Artefact& a) { return a.type != type->type; });
  }
  return out;
}

}  // namespace

Result<std::vector<Artefact>> find_artefacts(const Catalogue& catalogue,
                                             const StructureQuery& query) {
  const bool is_any = query.type == "structure" || query.type == "*";
  const TypeName* type = find_type(query.type);
  if (type == nullptr && !is_any) {
    return bad(fmt::format("SDMX has no structures of the type \"{}\"", query.type));
  }
  if (std::ranges::find(kReferences, query.references) == std::ranges::end(kReferences) &&
      find_type(query.references) == nullptr) {
    return bad(
        fmt::format("references={} is not known; use none, parents, parentsandsiblings, "
                    "ancestors, children, descendants, all or a type",
                    query.references));
  }
  if (std::ranges::find(kDetails, query.detail) == std::ranges::end(kDetails)) {
    return bad(
        fmt::format("detail={} is not known; use full, allstubs, referencestubs, "
                    "allcompletestubs, referencecompletestubs, referencepartial or raw",
                    query.detail));
  }
  const Graph graph(catalogue);
  std::vector<Artefact> found;
  for (const Artefact& artefact : graph.all()) {
    if ((is_any || type->type == artefact.type) && names(query.agency, kAgency) &&
        names(query.id, artefact.id) && is_version(query.version, artefact.version)) {
      found.push_back(artefact);
    }
  }
  Set all;
  for (const Artefact& artefact : found) {
    all.merge(referenced(graph, artefact, query.references));
  }
  const bool stubs = query.detail.starts_with("all");
  const bool reference_stubs =
      query.detail == "referencestubs" || query.detail == "referencecompletestubs";
  std::vector<Artefact> out;
  for (const Artefact& artefact : found) {
    all.erase(artefact);
    out.push_back(artefact);
    out.back().is_stub = stubs;
  }
  for (Artefact artefact : all) {
    artefact.is_stub = stubs || reference_stubs;
    out.push_back(std::move(artefact));
  }
  return out;
}

Availability availability_of(const Flow& flow, const std::vector<DataSet>& sets,
                             const std::vector<std::string>& components) {
  Availability out;
  out.flow = &flow;
  std::vector<std::set<std::string>> used(flow.dimensions.size());
  std::set<std::string> times;
  const auto wanted = [&](std::string_view id) {
    return components.empty() || std::ranges::find(components, id) != components.end();
  };
  for (const DataSet& set : sets) {
    const std::vector<std::uint32_t>* before = nullptr;
    for (const Observation& o : set.observations) {
      ++out.observations;
      if (before == nullptr || *before != o.key) {
        ++out.series;
      }
      before = &o.key;
      for (std::size_t i = 0; i < used.size(); ++i) {
        used[i].insert(set.code(o, i));
      }
      if (wanted(kTime)) {
        const CivilDate last = day_before(o.end);
        times.insert(o.time);
        out.time = out.time ? std::pair{std::min(out.time->first, o.begin),
                                        std::max(out.time->second, last)}
                            : std::pair{o.begin, last};
      }
    }
  }
  out.times.assign(times.begin(), times.end());
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (wanted(flow.dimensions[i].id)) {
      out.values.emplace_back(flow.dimensions[i].id,
                              std::vector<std::string>(used[i].begin(), used[i].end()));
    }
  }
  return out;
}

}  // namespace atalaya::observatory::sdmx
