#pragma once
// Choosing a form of SDMX message by Accept and `format=`.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/observatory/sdmx_message.hpp>
#include <atalaya/observatory/sdmx_structures.hpp>

namespace atalaya::api {

enum class SdmxVersion { v1, v2 };

struct DataOffer {
  std::string_view type, version;  // "application/vnd.sdmx.data+json", "1.0.0"; version may be ""
  observatory::sdmx::DataForm form = observatory::sdmx::DataForm::generic_21;
  bool time_series = false;
};

struct StructureOffer {
  std::string_view type, version;
  observatory::sdmx::StructureForm form = observatory::sdmx::StructureForm::xml_21;
};

/// The offer that the client likes best, or nothing (406). `format`, where not empty, wins over
/// `accept`: a media type or one of the short names of docs/reference/sdmx.md.
[[nodiscard]] std::optional<DataOffer> choose_data(SdmxVersion version, std::string_view accept,
                                                   std::string_view format);
[[nodiscard]] std::optional<StructureOffer> choose_structure(SdmxVersion version,
                                                             std::string_view accept,
                                                             std::string_view format);
/// Whether the client would rather read JSON, for errors.
[[nodiscard]] bool likes_json(std::string_view accept, std::string_view format);
/// A parameter of a media type: parameter("…;labels=both", "labels") is "both".
[[nodiscard]] std::string_view media_parameter(std::string_view accept, std::string_view name);
/// "application/vnd.sdmx.data+json; version=1.0.0"
[[nodiscard]] std::string content_type(std::string_view type, std::string_view version);

}  // namespace atalaya::api
