#include "sdmx_negotiate.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

namespace atalaya::api {
namespace {

using observatory::sdmx::DataForm;
using observatory::sdmx::StructureForm;

constexpr DataOffer kData1[] = {
    {"application/vnd.sdmx.genericdata+xml", "2.1", DataForm::generic_21},
    {"application/vnd.sdmx.structurespecificdata+xml", "2.1", DataForm::specific_21},
    {"application/vnd.sdmx.generictimeseriesdata+xml", "2.1", DataForm::generic_21, true},
    {"application/vnd.sdmx.structurespecifictimeseriesdata+xml", "2.1", DataForm::specific_21,
     true},
    {"application/vnd.sdmx.data+json", "1.0.0", DataForm::json_1},
    {"application/vnd.sdmx.data+csv", "1.0.0", DataForm::csv_1},
    {"application/vnd.sdmx.data+json", "1.0.0-wd", DataForm::json_draft},
    {"application/vnd.sdmx.draft-sdmx-json+json", "1.0.0", DataForm::json_draft},
    {"application/vnd.sdmx.data+json", "2.0.0", DataForm::json_2},
    {"application/vnd.sdmx.data+csv", "2.0.0", DataForm::csv_2},
    {"application/vnd.sdmx.data+xml", "3.0.0", DataForm::specific_30},
    {"application/xml", "", DataForm::generic_21},
    {"text/xml", "", DataForm::generic_21},
    {"application/json", "", DataForm::json_1},
    {"text/json", "", DataForm::json_draft},
    {"text/csv", "", DataForm::csv_1},
};
// XML comes first in both: who asks for anything at all is a library that reads XML best.
constexpr DataOffer kData2[] = {
    {"application/vnd.sdmx.data+xml", "3.0.0", DataForm::specific_30},
    {"application/vnd.sdmx.data+json", "2.0.0", DataForm::json_2},
    {"application/vnd.sdmx.data+csv", "2.0.0", DataForm::csv_2},
    {"application/vnd.sdmx.data+json", "1.0.0", DataForm::json_1},
    {"application/vnd.sdmx.data+csv", "1.0.0", DataForm::csv_1},
    {"application/vnd.sdmx.genericdata+xml", "2.1", DataForm::generic_21},
    {"application/vnd.sdmx.structurespecificdata+xml", "2.1", DataForm::specific_21},
    {"application/xml", "", DataForm::specific_30},
    {"application/json", "", DataForm::json_2},
    {"text/csv", "", DataForm::csv_2},
};
constexpr StructureOffer kStructure1[] = {
    {"application/vnd.sdmx.structure+xml", "2.1", StructureForm::xml_21},
    {"application/vnd.sdmx.structure+json", "1.0.0", StructureForm::json_1},
    {"application/vnd.sdmx.structure+json", "2.0.0", StructureForm::json_2},
    {"application/vnd.sdmx.structure+xml", "3.0.0", StructureForm::xml_30},
    {"application/xml", "", StructureForm::xml_21},
    {"text/xml", "", StructureForm::xml_21},
    {"application/json", "", StructureForm::json_1},
};
constexpr StructureOffer kStructure2[] = {
    {"application/vnd.sdmx.structure+xml", "3.0.0", StructureForm::xml_30},
    {"application/vnd.sdmx.structure+json", "2.0.0", StructureForm::json_2},
    {"application/vnd.sdmx.structure+json", "1.0.0", StructureForm::json_1},
    {"application/vnd.sdmx.structure+xml", "2.1", StructureForm::xml_21},
    {"application/xml", "", StructureForm::xml_30},
    {"text/xml", "", StructureForm::xml_30},
    {"application/json", "", StructureForm::json_2},
};

struct ShortName {
  std::string_view name, type;
};

// What users of other services write after format=.
constexpr ShortName kShortNames[] = {
    {"csv", "application/vnd.sdmx.data+csv"},
    {"csvdata", "application/vnd.sdmx.data+csv"},
    {"sdmx-csv", "application/vnd.sdmx.data+csv"},
    {"csvfile", "application/vnd.sdmx.data+csv"},
    {"csvfilewithlabels", "application/vnd.sdmx.data+csv"},
    {"json", "application/json"},
    {"jsondata", "application/vnd.sdmx.data+json"},
    {"sdmx-json", "application/json"},
    {"xml", "application/xml"},
    {"genericdata", "application/vnd.sdmx.genericdata+xml"},
    {"structurespecificdata", "application/vnd.sdmx.structurespecificdata+xml"},
    {"sdmx-2.1", "application/xml"},
    {"sdmx_2.1_structured", "application/vnd.sdmx.structurespecificdata+xml"},
    {"sdmx_2.1_generic", "application/vnd.sdmx.genericdata+xml"},
    {"structure", "application/vnd.sdmx.structure+xml"},
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

struct Wish {
  std::string type, version;
  double weight = 1;
};

std::vector<Wish> wishes_of(std::string_view accept) {
  std::vector<Wish> out;
  for (const std::string_view member : split(accept, ',')) {
    Wish wish;
    bool is_type = true;
    for (const std::string_view raw : split(member, ';')) {
      const std::string part = lower(trim(raw));
      if (is_type) {
        wish.type = part;
        is_type = false;
      } else if (part.starts_with("version=")) {
        wish.version = part.substr(8);
      } else if (part.starts_with("q=")) {
        const auto [end, error] =
            std::from_chars(part.data() + 2, part.data() + part.size(), wish.weight);
        wish.weight = error == std::errc() ? std::clamp(wish.weight, 0.0, 1.0) : 0;
      }
    }
    if (!wish.type.empty() && out.size() < 50) {
      out.push_back(std::move(wish));
    }
  }
  // Stable: of two with one weight the first is taken.
  std::ranges::stable_sort(out, std::ranges::greater(), &Wish::weight);
  return out;
}

bool is_met(const Wish& wish, std::string_view type, std::string_view version) {
  if (wish.type == "*/*" || wish.type == "*") {
    return true;
  }
  if (wish.type.ends_with("/*")) {
    return type.starts_with(std::string_view(wish.type).substr(0, wish.type.size() - 1));
  }
  return wish.type == type && (wish.version.empty() || version.empty() || wish.version == version ||
                               version.starts_with(wish.version + "."));
}

template <class Offer>
std::optional<Offer> choose(std::span<const Offer> offers, std::string_view accept) {
  if (trim(accept).empty()) {
    return offers.front();
  }
  const auto wishes = wishes_of(accept);
  for (const Wish& wish : wishes) {
    for (const Offer& offer : offers) {
      const bool refused = std::ranges::any_of(wishes, [&](const Wish& w) {
        return w.weight <= 0 && is_met(w, offer.type, offer.version);
      });
      if (wish.weight > 0 && is_met(wish, offer.type, offer.version) && !refused) {
        return offer;
      }
    }
  }
  return std::nullopt;
}

std::string accepted(std::string_view accept, std::string_view format) {
  if (format.empty()) {
    return std::string(accept);
  }
  const std::string small = lower(format);
  const auto at = std::ranges::find(kShortNames, small, &ShortName::name);
  // A '+' that was not escaped in the address came as a blank.
  std::string type = at == std::ranges::end(kShortNames) ? small : std::string(at->type);
  std::ranges::replace(type, ' ', '+');
  return type;
}

}  // namespace

std::optional<DataOffer> choose_data(SdmxVersion version, std::string_view accept,
                                     std::string_view format) {
  return choose(version == SdmxVersion::v1 ? std::span<const DataOffer>(kData1)
                                           : std::span<const DataOffer>(kData2),
                accepted(accept, format));
}

std::optional<StructureOffer> choose_structure(SdmxVersion version, std::string_view accept,
                                               std::string_view format) {
  return choose(version == SdmxVersion::v1 ? std::span<const StructureOffer>(kStructure1)
                                           : std::span<const StructureOffer>(kStructure2),
                accepted(accept, format));
}

bool likes_json(std::string_view accept, std::string_view format) {
  const std::string wanted = accepted(accept, format);
  if (trim(wanted).empty()) {
    return false;
  }
  const auto wishes = wishes_of(wanted);
  return !wishes.empty() && wishes.front().type.contains("json");
}

std::string_view media_parameter(std::string_view accept, std::string_view name) {
  for (const std::string_view member : split(accept, ',')) {
    for (const std::string_view raw : split(member, ';')) {
      const std::string_view part = trim(raw);
      if (part.size() > name.size() && part.starts_with(name) && part[name.size()] == '=') {
        return part.substr(name.size() + 1);
      }
    }
  }
  return {};
}

std::string content_type(std::string_view type, std::string_view version) {
  return version.empty() ? std::string(type) : fmt::format("{}; version={}", type, version);
}

}  // namespace atalaya::api
