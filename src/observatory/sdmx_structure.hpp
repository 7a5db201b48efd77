#pragma once
// What structure messages in XML and JSON share.

#include <string>
#include <string_view>

#include <atalaya/observatory/sdmx_structures.hpp>

namespace atalaya::observatory::sdmx {

[[nodiscard]] std::string_view package_of(ArtefactType type) noexcept;
[[nodiscard]] std::string_view class_of(ArtefactType type, bool is_30) noexcept;
[[nodiscard]] std::string urn(const Artefact& artefact, bool is_30);
[[nodiscard]] std::string stub_address(const Artefact& artefact, std::string_view self, bool is_30);
[[nodiscard]] Names name_of(const Catalogue& catalogue, const Artefact& artefact);
/// "CL_AREA" → "HCL_AREA".
[[nodiscard]] std::string hierarchy_id(std::string_view codelist);
/// The items that lie directly below `above` in the list's hierarchy; empty: at its top.
[[nodiscard]] std::vector<const Item*> items_below(const ItemList& list, std::string_view above);
/// From the codes that the flow's tables use, whatever their combinations.
[[nodiscard]] Availability declared_availability(const Flow& flow);
[[nodiscard]] std::string structures_json(const Catalogue& catalogue,
                                          const StructureMessage& message);
[[nodiscard]] std::string error_json(std::int32_t code, std::string_view text);

}  // namespace atalaya::observatory::sdmx
