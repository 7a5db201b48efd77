// SDMX REST 1.5 (SDMX 2.1) under /sdmx/v1 and 2.2 (SDMX 3.x) under /sdmx/v2: what is in the
// address becomes a query, what comes back a message. Only releases are seen.
#include <algorithm>
#include <charconv>
#include <mutex>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/http/negotiate.hpp>
#include <atalaya/observatory/sdmx_message.hpp>
#include <atalaya/observatory/sdmx_structures.hpp>

#include "routes.hpp"
#include "sdmx_negotiate.hpp"

namespace atalaya::api {
namespace {

namespace sdmx = observatory::sdmx;
using SharedCatalogue = std::shared_ptr<const sdmx::Catalogue>;

// What is longer goes out in pieces, without being held in memory.
constexpr std::size_t kBufferBytesMax = 8UL * 1024 * 1024;

// The catalogue of the newest releases, read once for each state of them.
struct KeptCatalogue {
  std::mutex mutex;
  const observatory::Desk* desk = nullptr;
  std::string releases;
  SharedCatalogue catalogue;
};

Result<SharedCatalogue> catalogue_of(const Node& node) {
  static KeptCatalogue kept;
  const auto releases = ATALAYA_TRY(node.observatory->releases());
  std::string state = node.name;
  for (const observatory::Release& release : releases) {
    state += fmt::format("\n{} {}", release.id, release.published_at);
  }
  const std::scoped_lock lock(kept.mutex);
  if (kept.desk != node.observatory || kept.releases != state || !kept.catalogue) {
    auto built = ATALAYA_TRY(sdmx::build_catalogue(*node.observatory, node.name));
    kept.catalogue = std::make_shared<const sdmx::Catalogue>(std::move(built));
    kept.desk = node.observatory;
    kept.releases = std::move(state);
  }
  return kept.catalogue;
}

// One request, with what every part of the answer needs.
struct Asked {
  const Call& call;
  Node& node;
  SdmxVersion version;
  std::vector<std::string> path;
  SharedCatalogue catalogue = {};

  [[nodiscard]] std::string query(std::string_view name) const {
    return std::string(call.request.query_value(name).value_or(""));
  }

  [[nodiscard]] std::string_view accept() const { return call.request.headers.get("Accept"); }

  [[nodiscard]] std::string at(std::size_t index, std::string_view fallback) const {
    return index < path.size() && !path[index].empty() ? path[index] : std::string(fallback);
  }
};

std::unexpected<Error> bad(std::string detail) {
  return fail(ErrorCode::invalid_argument, "observatory.sdmx.parameter", std::move(detail));
}

std::unexpected<Error> nothing(std::string detail) {
  return fail(ErrorCode::not_found, "observatory.sdmx.none", std::move(detail));
}

http::Response error_response(const Asked& asked, int status, std::int32_t code,
                              std::string_view text) {
  const bool json = likes_json(asked.accept(), asked.query("format"));
  return http::respond(
      status, json ? "application/json" : "application/xml",
      sdmx::write_error(json ? sdmx::StructureForm::json_1 : sdmx::StructureForm::xml_21, code,
                        text));
}

// The codes of SDMX REST, section "Error handling".
http::Response error_response(const Asked& asked, const Error& error) {
  switch (error.code) {
    case ErrorCode::not_found:
      return error_response(asked, 404, 100, error.detail);
    case ErrorCode::unauthenticated:
    case ErrorCode::permission_denied:
      return error_response(asked, 403, 110, "This is not open to you");
    case ErrorCode::invalid_argument:
      return error_response(asked, 400, error.reason == "observatory.sdmx.key" ? 150 : 140,
                            error.detail);
    case ErrorCode::exhausted:
      return error_response(asked, 413, 130, error.detail);
    case ErrorCode::unimplemented:
      return error_response(asked, 501, 501, error.detail);
    case ErrorCode::conflict:
    case ErrorCode::internal:
    case ErrorCode::data_loss:
    case ErrorCode::unavailable:
    case ErrorCode::deadline_exceeded:
      break;
  }
  return error_response(asked, 500, 500, "The node could not answer; its operator sees why");
}

http::Response not_acceptable(const Asked& asked) {
  return error_response(asked, 406, 406,
                        "None of the forms in Accept or format= is served; the reference page of "
                        "SDMX lists those that are");
}

// ---- reading parameters ----

Result<std::uint64_t> parse_number(std::string_view name, std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > 1'000'000'000) {
    return bad(fmt::format("{} is a number from 0 to 1000000000", name));
  }
  return number;
}

// "2026-11-22", "2026-11-22T06:38:47", with "Z" or "+01:00" (whose '+' may have become a blank).
Result<UtcTime> parse_moment(std::string_view name, std::string_view text, bool end_of_day) {
  std::int64_t shift_minutes = 0;
  std::string plain(text.substr(0, 40));
  if (plain.size() > 19) {
    const char sign = plain[plain.size() - 6];
    if ((sign == '+' || sign == '-' || sign == ' ') && plain[plain.size() - 3] == ':') {
      const auto hours = ATALAYA_TRY(parse_number(name, text.substr(plain.size() - 5, 2)));
      const auto minutes = ATALAYA_TRY(parse_number(name, text.substr(plain.size() - 2, 2)));
      shift_minutes = static_cast<std::int64_t>(hours * 60 + minutes) * (sign == '-' ? -1 : 1);
      plain.resize(plain.size() - 6);
    }
  }
  if (plain.size() == 10) {
    plain += end_of_day ? "T23:59:59.999" : "T00:00:00";
  }
  if (!plain.ends_with('Z')) {
    plain += 'Z';
  }
  const auto time = parse_utc_time(plain);
  if (!time) {
    return bad(fmt::format("{} is a moment such as 2026-11-22 or 2026-11-22T06:38:47Z", name));
  }
  return UtcTime{time->ms - shift_minutes * 60'000};
}

Result<void> read_common(const Asked& asked, sdmx::DataQuery& query) {
  for (const auto& [name, value] : asked.call.request.query) {
    if (name == "updatedAfter") {
      query.updated_after = ATALAYA_TRY(parse_moment(name, value, false));
    } else if (name == "asOf") {
      query.as_of = ATALAYA_TRY(parse_moment(name, value, true));
    } else if (name == "firstNObservations" || name == "lastNObservations") {
      const auto number = ATALAYA_TRY(parse_number(name, value));
      (name.starts_with('f') ? query.first : query.last) = static_cast<std::uint32_t>(number);
    } else if (name == "includeHistory") {
      if (value != "true" && value != "false") {
        return bad("includeHistory is true or false");
      }
      query.include_history = value == "true";
    } else if (name == "startPeriod") {
      const auto bounds = ATALAYA_TRY(sdmx::parse_time(value));
      query.from = bounds.first;
    } else if (name == "endPeriod") {
      const auto bounds = ATALAYA_TRY(sdmx::parse_time(value));
      query.until = bounds.second;
    } else if (name == "offset") {
      query.offset = ATALAYA_TRY(parse_number(name, value));
    } else if (name == "limit") {
      query.limit = ATALAYA_TRY(parse_number(name, value));
    }
  }
  return {};
}

// c[REF_AREA]=COL,ECU of REST 2.x.
Result<void> read_components(const Asked& asked, const sdmx::Flow& flow, sdmx::DataQuery& query) {
  for (const auto& [name, value] : asked.call.request.query) {
    if (!name.starts_with("c[") || !name.ends_with(']')) {
      continue;
    }
    const std::string dimension = name.substr(2, name.size() - 3);
    if (!flow.place(dimension) && dimension != sdmx::kTime) {
      return bad(fmt::format("{} has no dimension {}; filters on attributes are not served",
                             flow.id, dimension.substr(0, 60)));
    }
    query.where.emplace_back(dimension, ATALAYA_TRY(sdmx::parse_conditions(value)));
  }
  return {};
}

struct Wanted {
  sdmx::Detail detail = sdmx::Detail::full;
  std::string at_observation = std::string(sdmx::kTime);
};

Result<Wanted> read_wanted(const Asked& asked, const sdmx::Flow& flow) {
  Wanted out;
  const std::string detail = asked.query("detail");
  if (detail == "dataonly") {
    out.detail = sdmx::Detail::dataonly;
  } else if (detail == "serieskeysonly") {
    out.detail = sdmx::Detail::serieskeysonly;
  } else if (detail == "nodata") {
    out.detail = sdmx::Detail::nodata;
  } else if (!detail.empty() && detail != "full") {
    return bad("detail is full, dataonly, serieskeysonly or nodata");
  }
  if (asked.version == SdmxVersion::v2) {
    const bool attributes = asked.query("attributes") != "none";
    const bool measures = asked.query("measures") != "none";
    out.detail = attributes ? (measures ? sdmx::Detail::full : sdmx::Detail::nodata)
                            : (measures ? sdmx::Detail::dataonly : sdmx::Detail::serieskeysonly);
  }
  const std::string dimension = asked.query("dimensionAtObservation");
  if (!dimension.empty()) {
    if (dimension != sdmx::kTime && dimension != "AllDimensions" && !flow.place(dimension)) {
      return bad(
          fmt::format("dimensionAtObservation is TIME_PERIOD, AllDimensions or a dimension "
                      "of {}",
                      flow.id));
    }
    out.at_observation = dimension;
  }
  return out;
}

bool is_all(std::string_view text) {
  return text.empty() || text == "all" || text == "ALL" || text == "*";
}

// Whether a version in an address means this one.
bool is_version(std::string_view wanted, const sdmx::Flow& flow) {
  const std::string plain = fmt::format("{}", flow.version);
  return is_all(wanted) || wanted == "latest" || wanted == "LATEST" || wanted == "+" ||
         wanted == "~" || wanted == plain || wanted.starts_with(plain + ".0") ||
         wanted == plain + "+" || wanted == plain + ".+";
}

Result<const sdmx::Flow*> find_flow(const Asked& asked, std::string_view agency,
                                    std::string_view id, std::string_view version) {
  const sdmx::Flow* found = nullptr;
  std::string_view plain = id;
  for (const std::string_view prefix : {"DSD_", "PA_DF_", "PA_"}) {
    if (plain.starts_with(prefix)) {
      plain.remove_prefix(prefix.size());
      break;
    }
  }
  for (const sdmx::Flow& flow : asked.catalogue->flows) {
    const bool same = flow.id == id || flow.dsd == id || flow.id == fmt::format("DF_{}", plain);
    if ((same || is_all(id)) && (is_all(agency) || agency == sdmx::kAgency) &&
        is_version(version, flow)) {
      if (found != nullptr) {
        return fail(ErrorCode::unimplemented, "observatory.sdmx.one_flow",
                    "Ask for the data of one dataflow at a time");
      }
      found = &flow;
    }
  }
  if (found == nullptr) {
    return nothing(
        fmt::format("No dataflow {}:{}({}) is published here; /dataflow lists those "
                    "that are",
                    agency.substr(0, 60), id.substr(0, 120), version.substr(0, 20)));
  }
  return found;
}

// "DF", "ATALAYA,DF" or "ATALAYA,DF,1.0".
Result<const sdmx::Flow*> find_flow_1(const Asked& asked, std::string_view reference) {
  const auto parts = split(reference, ',');
  if (parts.size() > 3) {
    return bad("A dataflow is ID, AGENCY,ID or AGENCY,ID,VERSION");
  }
  if (parts.size() == 1) {
    return find_flow(asked, "all", parts[0], "latest");
  }
  return find_flow(asked, parts[0], parts[1], parts.size() == 3 ? parts[2] : "latest");
}

// ---- answers ----

// A message over the buffer's size is written while it is sent; its tag then stands for what it is
// made of.
Result<http::Response> stream_or_text(const Asked& asked, sdmx::DataMessage message,
                                      const std::string& type) {
  std::shared_ptr<sdmx::DataWriter> writer = sdmx::create_writer(std::move(message));
  std::string all;
  std::string piece;
  bool more = true;
  while (more && all.size() < kBufferBytesMax) {
    piece.clear();
    more = ATALAYA_TRY(writer->next(piece));
    all += piece;
  }
  if (!more) {
    return http::respond(200, type, std::move(all));
  }
  http::Response response = http::respond(200, type, "");
  std::string tag = type + "\n" + asked.call.request.target;
  for (const sdmx::Publication& release : asked.catalogue->releases) {
    tag += "\n" + release.id;
  }
  response.headers.set("ETag", http::etag_of(tag + std::string(to_string(asked.call.language))));
  response.body =
      http::Stream{[writer, first = std::move(all)](std::string& out) mutable -> Result<bool> {
        if (!first.empty()) {
          out = std::exchange(first, {});
          return true;
        }
        return writer->next(out);
      }};
  return response;
}

sdmx::Labels labels_of(const Asked& asked) {
  std::string_view labels = media_parameter(asked.accept(), "labels");
  const std::string asked_for = asked.query("labels");
  labels = asked_for.empty() ? labels : std::string_view(asked_for);
  return labels == "both"   ? sdmx::Labels::both
         : labels == "name" ? sdmx::Labels::name
                            : sdmx::Labels::id;
}

Result<http::Response> data(const Asked& asked, const sdmx::Flow& flow, sdmx::DataQuery query) {
  const auto offer = choose_data(asked.version, asked.accept(), asked.query("format"));
  if (!offer) {
    return not_acceptable(asked);
  }
  ATALAYA_TRY(read_common(asked, query));
  const Wanted wanted = ATALAYA_TRY(read_wanted(asked, flow));
  sdmx::ReadingParts parts;
  parts.series_over = wanted.at_observation;
  if (offer->form == sdmx::DataForm::json_1 || offer->form == sdmx::DataForm::json_draft) {
    parts.cells_max = sdmx::kCellsMax;
  }
  auto sets =
      ATALAYA_TRY(sdmx::select_data(*asked.node.observatory, *asked.catalogue, flow, query, parts));
  if (sets.empty()) {
    if (asked.version == SdmxVersion::v2) {
      http::Response response;
      response.status = 204;
      return response;
    }
    return nothing("Nothing published matches this key and these periods");
  }
  sdmx::DataMessage message;
  message.catalogue = asked.catalogue;
  message.sets = std::move(sets);
  message.form = offer->form;
  message.detail = wanted.detail;
  message.at_observation = wanted.at_observation;
  message.time_series = offer->time_series && wanted.at_observation == sdmx::kTime;
  message.labels = labels_of(asked);
  const std::string_view keys = media_parameter(asked.accept(), "keys");
  message.keys_column = keys == "series" || keys == "both";
  message.language = asked.call.language;
  // The time of the newest release, not of the request: the same figures are the same bytes.
  message.now = asked.catalogue->changed;
  return stream_or_text(asked, std::move(message), content_type(offer->type, offer->version));
}

Result<http::Response> structures(const Asked& asked, const sdmx::StructureQuery& query) {
  const auto offer = choose_structure(asked.version, asked.accept(), asked.query("format"));
  if (!offer) {
    return not_acceptable(asked);
  }
  sdmx::StructureMessage message;
  message.artefacts = ATALAYA_TRY(sdmx::find_artefacts(*asked.catalogue, query));
  if (message.artefacts.empty()) {
    return nothing(fmt::format("No {} {}:{}({}) is published here", query.type.substr(0, 60),
                               query.agency.substr(0, 60), query.id.substr(0, 120),
                               query.version.substr(0, 20)));
  }
  message.item = is_all(query.item) ? std::string() : query.item;
  message.form = offer->form;
  message.language = asked.call.language;
  message.now = asked.catalogue->changed;
  message.self =
      fmt::format("{}/sdmx/{}", asked.node.origin, asked.version == SdmxVersion::v1 ? "v1" : "v2");
  return http::respond(200, content_type(offer->type, offer->version),
                       sdmx::write_structures(*asked.catalogue, message));
}

// With mode=available a dimension offers what could still be chosen: its own choice is set aside.
Result<sdmx::Availability> available(const Asked& asked, const sdmx::Flow& flow,
                                     const sdmx::DataQuery& query,
                                     const std::vector<std::string>& components) {
  const auto& desk = *asked.node.observatory;
  auto out = ATALAYA_TRY(sdmx::find_availability(desk, *asked.catalogue, flow, query, components));
  const std::string mode = asked.query("mode");
  if (!mode.empty() && mode != "exact" && mode != "available") {
    return bad("mode is exact or available");
  }
  if (mode != "available") {
    return out;
  }
  for (auto& [dimension, codes] : out.values) {
    const std::size_t place = flow.place(dimension).value_or(0);
    sdmx::DataQuery without = query;
    bool changes =
        std::erase_if(without.where, [&](const auto& w) { return w.first == dimension; }) > 0;
    for (sdmx::Key& key : without.keys) {
      changes = changes || !key[place].empty();
      key[place].clear();
    }
    if (changes) {
      const auto wider =
          ATALAYA_TRY(sdmx::find_availability(desk, *asked.catalogue, flow, without, {dimension}));
      codes = wider.values.front().second;
    }
  }
  return out;
}

Result<http::Response> availability(const Asked& asked, const sdmx::Flow& flow,
                                    sdmx::DataQuery query, const std::string& component) {
  const auto offer = choose_structure(asked.version, asked.accept(), asked.query("format"));
  if (!offer) {
    return not_acceptable(asked);
  }
  ATALAYA_TRY(read_common(asked, query));
  query.offset = 0;
  query.limit.reset();
  std::vector<std::string> components;
  if (!is_all(component)) {
    std::string plain = component;
    std::ranges::replace(plain, ',', '+');
    for (const std::string_view one : split(plain, '+')) {
      if (!flow.place(one) && one != sdmx::kTime) {
        return bad(fmt::format("{} has no dimension {}", flow.id, one.substr(0, 60)));
      }
      components.emplace_back(one);
    }
  }
  sdmx::StructureMessage message;
  message.availability = ATALAYA_TRY(available(asked, flow, query, components));
  if (message.availability->observations == 0 && asked.query("mode") != "available") {
    if (asked.version == SdmxVersion::v2) {
      http::Response response;
      response.status = 204;
      return response;
    }
    return nothing("Nothing published matches this key and these periods");
  }
  const std::string references = asked.query("references");
  if (!references.empty() && references != "none") {
    sdmx::StructureQuery related;
    related.id = flow.id;
    related.references = "descendants";
    message.artefacts = ATALAYA_TRY(sdmx::find_artefacts(*asked.catalogue, related));
    if (references != "all") {
      related.references = references;
      auto chosen = ATALAYA_TRY(sdmx::find_artefacts(*asked.catalogue, related));
      if (references != "dataflow") {
        std::erase_if(chosen, [](const sdmx::Artefact& artefact) {
          return artefact.type == sdmx::ArtefactType::dataflow;
        });
      }
      message.artefacts = std::move(chosen);
    }
  }
  message.form = offer->form;
  message.language = asked.call.language;
  message.now = asked.catalogue->changed;
  return http::respond(200, content_type(offer->type, offer->version),
                       sdmx::write_structures(*asked.catalogue, message));
}

// ---- the two generations of addresses ----

Result<http::Response> not_served(std::string_view resource) {
  return fail(ErrorCode::unimplemented, "observatory.sdmx.resource",
              fmt::format("{} queries are not served", resource.substr(0, 40)));
}

// /data/FLOW/KEY/PROVIDER · /availableconstraint/FLOW/KEY/PROVIDER/COMPONENT ·
// /TYPE/AGENCY/ID/VERSION/ITEM
Result<http::Response> answer_1(const Asked& asked) {
  const std::string resource = asked.at(0, "");
  if (resource == "schema" || resource == "metadata") {
    return not_served(resource);
  }
  if (resource != "data" && resource != "availableconstraint") {
    sdmx::StructureQuery query{resource.empty() ? "dataflow" : resource,
                               asked.at(1, "all"),
                               asked.at(2, "all"),
                               asked.at(3, "latest"),
                               asked.at(4, "all"),
                               "none",
                               "full"};
    query.references = asked.query("references").empty() ? "none" : asked.query("references");
    query.detail = asked.query("detail").empty() ? "full" : asked.query("detail");
    return structures(asked, query);
  }
  const sdmx::Flow* flow = ATALAYA_TRY(find_flow_1(asked, asked.at(1, "all")));
  const auto providers = split(asked.at(3, "all"), ',');
  if (!is_all(providers.back()) && providers.back() != sdmx::kAgency) {
    return nothing(fmt::format("The only provider here is {}", sdmx::kAgency));
  }
  sdmx::DataQuery query;
  query.keys = ATALAYA_TRY(
      sdmx::parse_key(asked.at(2, "all"), flow->dimensions.size(), sdmx::KeySyntax::v1));
  return resource == "data" ? data(asked, *flow, std::move(query))
                            : availability(asked, *flow, std::move(query), asked.at(4, "all"));
}

// /structure/TYPE/AGENCY/ID/VERSION/ITEM · /data/CONTEXT/AGENCY/ID/VERSION/KEY ·
// /availability/CONTEXT/AGENCY/ID/VERSION/KEY/COMPONENT
Result<http::Response> answer_2(const Asked& asked) {
  const std::string resource = asked.at(0, "structure");
  if (resource == "structure") {
    sdmx::StructureQuery query{asked.at(1, "*"),
                               asked.at(2, "*"),
                               asked.at(3, "*"),
                               asked.at(4, "~"),
                               asked.at(5, "*"),
                               "none",
                               "full"};
    query.references = asked.query("references").empty() ? "none" : asked.query("references");
    query.detail = asked.query("detail").empty() ? "full" : asked.query("detail");
    return structures(asked, query);
  }
  if (resource != "data" && resource != "availability") {
    return not_served(resource);
  }
  const std::string context = asked.at(1, "*");
  if (context != "*" && context != "dataflow" && context != "datastructure" &&
      context != "provisionagreement") {
    return bad("The context is dataflow, datastructure, provisionagreement or *");
  }
  const sdmx::Flow* flow =
      ATALAYA_TRY(find_flow(asked, asked.at(2, "*"), asked.at(3, "*"), asked.at(4, "~")));
  sdmx::DataQuery query;
  query.keys =
      ATALAYA_TRY(sdmx::parse_key(asked.at(5, "*"), flow->dimensions.size(), sdmx::KeySyntax::v2));
  ATALAYA_TRY(read_components(asked, *flow, query));
  return resource == "data" ? data(asked, *flow, std::move(query))
                            : availability(asked, *flow, std::move(query), asked.at(6, "*"));
}

Result<http::Response> answer(const Call& call, Node& node, SdmxVersion version) {
  Asked asked{call, node, version, {}};
  std::string_view path = call.text("path");
  while (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  for (const std::string_view part : split(path, '/')) {
    asked.path.emplace_back(part);
  }
  const auto respond = [&]() -> Result<http::Response> {
    asked.catalogue = ATALAYA_TRY(catalogue_of(node));
    return version == SdmxVersion::v1 ? answer_1(asked) : answer_2(asked);
  };
  auto answered = respond();
  // What goes wrong inside is for the operator's log; the dispatcher writes it there.
  if (!answered && (answered.error().code == ErrorCode::internal ||
                    answered.error().code == ErrorCode::data_loss)) {
    return answered;
  }
  http::Response response =
      answered ? *std::move(answered) : error_response(asked, answered.error());
  response.headers.add_token("Vary", "Accept");
  response.headers.add_token("Vary", "Accept-Language");
  if (response.status >= 400) {
    response.headers.set("Cache-Control", "no-store");
  }
  return response;
}

Result<http::Response> get_sdmx_v1(const Call& call, Node& node) {
  return answer(call, node, SdmxVersion::v1);
}

Result<http::Response> get_sdmx_v2(const Call& call, Node& node) {
  return answer(call, node, SdmxVersion::v2);
}

Route route(std::string_view path, std::string_view name, std::string_view summary,
            Handler handler) {
  Route out;
  out.method = http::Method::get;
  out.path = path;
  out.name = name;
  out.summary = summary;
  out.kind = Kind::file;
  out.cross_origin = true;
  out.params = {{.name = "path",
                 .type = ParamType::rest,
                 .about = "What SDMX REST puts after the entry point",
                 .max = static_cast<std::int64_t>(sdmx::kKeyBytesMax) + 1'000}};
  out.answers = {{.status = 200, .about = "An SDMX message", .media_type = "application/xml"}};
  out.handler = handler;
  return out;
}

}  // namespace

std::vector<Route> sdmx_routes() {
  return {route("/sdmx/v1/{path...}", "get_sdmx_v1",
                "Released figures and their structures by SDMX REST 1.5 (SDMX 2.1)", &get_sdmx_v1),
          route("/sdmx/v2/{path...}", "get_sdmx_v2",
                "Released figures and their structures by SDMX REST 2.2 (SDMX 3.x)", &get_sdmx_v2)};
}

}  // namespace atalaya::api
