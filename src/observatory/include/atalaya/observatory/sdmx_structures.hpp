#pragma once
// Structural metadata of the releases: which artefacts a request names, and messages with them.
// Pure; any thread. Source: SDMX REST 1.5.0 section 4.3 and 2.2.0 section "structures".

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/observatory/sdmx.hpp>

namespace atalaya::observatory::sdmx {

enum class ArtefactType {
  agency_scheme,
  data_provider_scheme,
  dataflow,
  category_scheme,
  categorisation,
  codelist,
  concept_scheme,
  data_structure,
  constraint,
  provision_agreement,
  hierarchy,  // of a code list: HierarchicalCodelist of SDMX 2.1, Hierarchy of 3.x
};

/// One artefact of a catalogue. `index` is its flow's or code list's.
struct Artefact {
  ArtefactType type = ArtefactType::dataflow;
  std::size_t index = 0;
  std::string id;
  std::int32_t version = 1;
  bool is_stub = false;
  auto operator<=>(const Artefact&) const = default;
};

struct StructureQuery {
  std::string type = "dataflow";  // as in the address; "structure" or "*" for all
  std::string agency = "all", id = "all", version = "latest";
  std::string item;                 // one item of a scheme
  std::string references = "none";  // none parents parentsandsiblings ancestors children
                                    // descendants all, or a type
  std::string detail = "full";      // full allstubs referencestubs allcompletestubs
                                    // referencecompletestubs referencepartial raw
};

/// Fails with invalid_argument (observatory.sdmx.parameter) for a type, reference or detail that
/// SDMX does not know. Empty where nothing matches, as for types that this node never has.
[[nodiscard]] Result<std::vector<Artefact>> find_artefacts(const Catalogue& catalogue,
                                                           const StructureQuery& query);

enum class StructureForm { xml_21, xml_30, json_1, json_2 };

/// What a key may still be: per dimension its codes, and what TIME_PERIOD spans.
struct Availability {
  const Flow* flow = nullptr;
  std::vector<std::pair<std::string, std::vector<std::string>>> values;
  std::optional<std::pair<CivilDate, CivilDate>> time;  // first day, last day
  std::vector<std::string> times;                       // values of TIME_PERIOD
  std::uint64_t observations = 0, series = 0;
};

/// Of these data sets; `components` restricts the dimensions named (empty: all).
[[nodiscard]] Availability availability_of(const Flow& flow, const std::vector<DataSet>& sets,
                                           const std::vector<std::string>& components);

/// Tables of more cells than this are never read cell by cell for it: their dictionaries say what
/// there is, and with a key or period the columns of codes are gone through once.
inline constexpr std::uint64_t kCellsListed = 200'000;

/// Of what `query` means. Beyond kCellsListed, `observations` and `series` are added up over the
/// tables, so that what two tables both hold counts twice. Fails as select_data() does, but never
/// because there is too much. `listed` is kCellsListed but in tests.
[[nodiscard]] Result<Availability> find_availability(const Desk& desk, const Catalogue& catalogue,
                                                     const Flow& flow, const DataQuery& query,
                                                     const std::vector<std::string>& components,
                                                     std::uint64_t listed = kCellsListed);

struct StructureMessage {
  std::vector<Artefact> artefacts;
  std::optional<Availability> availability;  // as an actual content constraint
  std::string item;                          // only this item of the first artefact
  StructureForm form = StructureForm::xml_21;
  Language language = Language::en;
  UtcTime now;
  std::string self;  // address of structures, for stubs: "https://node.example/sdmx/v1"
};

[[nodiscard]] std::string write_structures(const Catalogue& catalogue,
                                           const StructureMessage& message);

/// An error message of SDMX: 100 no results, 110 unauthorized, 130 response too large, 140 syntax,
/// 150 semantic, 413 …, 500 internal, 501 not implemented.
[[nodiscard]] std::string write_error(StructureForm form, std::int32_t code, std::string_view text);

}  // namespace atalaya::observatory::sdmx
