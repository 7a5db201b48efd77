#include "config.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

#include <fmt/format.h>
#include <toml++/toml.h>

#include <atalaya/base/text.hpp>
#include <atalaya/commitments/catalogue.hpp>
#include <atalaya/figures/html.hpp>
#include <atalaya/observatory/fact_store.hpp>

namespace atalaya::app {
namespace {

constexpr std::string_view kRoles[] = {"national", "subnational", "parliament", "civil_society",
                                       "regional"};

// By their constitutions or in official use, beside languages that pages do not have (Guaraní,
// Quechua, Haitian Creole). Source: CIA World Factbook, "Languages". All others: English.
constexpr std::string_view kSpanish[] = {"ARG", "BOL", "CHL", "COL", "CRI", "CUB",
                                         "DOM", "ECU", "GTM", "HND", "MEX", "NIC",
                                         "PAN", "PER", "PRY", "SLV", "URY", "VEN"};

std::unexpected<Error> bad(std::string_view key, std::string_view what, std::int64_t line = 0) {
  return fail(Error{ErrorCode::invalid_argument,
                    "app.config.bad",
                    line > 0 ? fmt::format("node.toml, line {}: {}: {}", line, key, what)
                             : fmt::format("{}: {}", key, what),
                    {{"key", std::string(key)},
                     {"line", std::to_string(line)},
                     {"what", std::string(what)}}});
}

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    out += c;
  }
  return out + '"';
}

// What moves a terminal's cursor, C1 among them, or turns the reading round.
bool has_controls(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 = byte == 0xC2 && i + 1 < text.size() && text[i + 1] < '\xA0';
    if (byte < 0x20 || byte == 0x7F || c1) {
      return true;
    }
  }
  return figures::without_turns(text) != text;
}

// A name that no request can ever bring would shut everybody out.
bool is_host_name(std::string_view name) {
  const std::string host = host_of(name);
  const std::string_view port = name.substr(host.size());
  const bool plain =
      host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_") == std::string::npos;
  const bool address = host.size() > 2 && host.starts_with('[') && host.ends_with(']') &&
                       host.find_first_not_of("0123456789abcdef:.", 1) == host.size() - 1;
  return !host.empty() && host.size() <= 253 && (plain || address) &&
         (port.empty() || (port.size() > 1 && port.size() <= 6 &&
                           port.find_first_not_of("0123456789", 1) == std::string_view::npos));
}

Result<void> read_keys(const toml::table& table, Config& config) {
  const std::pair<std::string_view, std::string*> texts[] = {
      {"name", &config.name},
      {"country", &config.country},
      {"role", &config.role},
      {"listen", &config.listen},
      {"store", &config.store},
      {"facts", &config.facts},
      {"facts_credentials", &config.facts_credentials},
      {"facts_ca", &config.facts_ca},
      {"language", &config.language},
      {"metrics", &config.metrics},
      {"trusted_proxy", &config.trusted_proxy},
      {"tls_certificate", &config.tls_certificate},
      {"tls_private_key", &config.tls_private_key}};
  for (const auto& [key, node] : table) {
    const auto line = static_cast<std::int64_t>(node.source().begin.line);
    const auto known = std::ranges::find(texts, key.str(), [](const auto& t) { return t.first; });
    if (known != std::end(texts)) {
      const auto value = node.value<std::string>();
      if (!node.is_string() || !value) {
        return bad(key.str(), "must be a text in quotes", line);
      }
      *known->second = *value;
    } else if (key.str() == "host_names") {
      const auto* list = node.as_array();
      if (list == nullptr) {
        return bad(key.str(), "must be a list of texts", line);
      }
      for (const auto& element : *list) {
        const auto value = element.value<std::string>();
        if (!value) {
          return bad(key.str(), "must be a list of texts", line);
        }
        std::string& name = config.host_names.emplace_back(*value);
        std::ranges::transform(name, name.begin(), [](char c) {
          return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
      }
    } else {
      return bad(key.str(), "is not a setting of this version; see docs/reference/node-toml.md",
                 line);
    }
  }
  return {};
}

}  // namespace

std::string host_of(std::string_view host_name) {
  const std::size_t colon = host_name.rfind(':');
  const std::size_t bracket = host_name.rfind(']');
  const bool port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  return std::string(host_name.substr(0, port ? colon : host_name.size()));
}

Result<Config> read_config(const std::filesystem::path& file) {
  try {
    const toml::table table = toml::parse_file(file.string());
    Config config;
    config.name.clear();
    ATALAYA_TRY(read_keys(table, config));
    ATALAYA_TRY(check_config(config));
    return config;
  } catch (const toml::parse_error& error) {
    return bad("syntax", error.description(),
               static_cast<std::int64_t>(error.source().begin.line));
  } catch (const std::exception& error) {
    return bad("file", error.what());
  }
}

std::string language_of_country(std::string_view country) {
  return std::ranges::find(kSpanish, country) != std::end(kSpanish) ? "es"
         : country == "BRA"                                         ? "pt"
         : country == "HTI"                                         ? "fr"
                                                                    : "en";
}

Result<void> check_config(const Config& config) {
  const bool one_line = !has_controls(config.name);
  if (trim(config.name).empty() || config.name.size() > 100 || !one_line ||
      find_invalid_utf8(config.name)) {
    return bad("name", "must be one line of 1 to 100 bytes");
  }
  if (config.metrics != "token" && config.metrics != "open") {
    return bad("metrics", "must be token or open");
  }
  if (std::ranges::find(kRoles, config.role) == std::end(kRoles)) {
    return bad("role", "must be national, subnational, parliament, civil_society or regional");
  }
  if (!config.country.empty() &&
      commitments::Catalogue::embedded()->find_country(config.country) == nullptr) {
    return bad("country", "must be a three-letter code of the Americas, like PAN (ISO 3166-1)");
  }
  if (config.country.empty() && config.role != "regional" && config.role != "civil_society") {
    return bad("country", "is needed for this role: give --country, like PAN");
  }
  if (!parse_language(config.language)) {
    return bad("language", "must be en, es, pt or fr");
  }
  if (!config.store.empty() && !config.store.starts_with("postgresql://")) {
    return bad("store", "must be empty or an address like postgresql://user@host/name");
  }
  if (!config.facts.empty()) {
    const auto address = observatory::parse_cluster_address(config.facts);
    if (!address) {
      return bad("facts", address.error().detail);
    }
  }
  if (config.tls_certificate.empty() != config.tls_private_key.empty()) {
    return bad("tls_certificate", "and tls_private_key are given together or not at all");
  }
  std::array<unsigned char, 16> address{};
  const std::string& proxy = config.trusted_proxy;
  if (!proxy.empty() && ::inet_pton(AF_INET, proxy.c_str(), address.data()) != 1 &&
      ::inet_pton(AF_INET6, proxy.c_str(), address.data()) != 1) {
    return bad("trusted_proxy", "must be an address, like 127.0.0.1, not a name");
  }
  for (const std::string& name : config.host_names) {
    if (!is_host_name(name)) {
      return bad(
          "host_names",
          fmt::format("\"{}\" must be a name like node.example, without http:// and path", name));
    }
  }
  ATALAYA_TRY(parse_listen(config.listen, "listen"));
  return {};
}

std::string write_config(const Config& config) {
  std::string out = fmt::format(
      "# An Atalaya node. Every setting: docs/reference/node-toml.md; check with `atalaya "
      "doctor`.\n"
      "name = {}\n"
      "country = {}\n"
      "role = {}\n"
      "listen = {}\n"
      "language = {}\n"
      "# Empty: the file atalaya.db in this folder. Or an address: postgresql://user@host/name\n"
      "store = {}\n",
      toml_text(config.name), toml_text(config.country), toml_text(config.role),
      toml_text(config.listen), toml_text(config.language), toml_text(config.store));
  const Config usual;
  const std::tuple<std::string_view, const std::string&, const std::string&> texts[] = {
      {"facts", config.facts, usual.facts},
      {"facts_credentials", config.facts_credentials, usual.facts_credentials},
      {"facts_ca", config.facts_ca, usual.facts_ca},
      {"metrics", config.metrics, usual.metrics},
      {"trusted_proxy", config.trusted_proxy, usual.trusted_proxy},
      {"tls_certificate", config.tls_certificate, usual.tls_certificate},
      {"tls_private_key", config.tls_private_key, usual.tls_private_key}};
  for (const auto& [key, value, as_new] : texts) {
    if (value != as_new) {
      out += fmt::format("{} = {}\n", key, toml_text(value));
    }
  }
  std::string names;
  for (const std::string& name : config.host_names) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", toml_text(name));
  }
  return names.empty() ? out : out + fmt::format("host_names = [{}]\n", names);
}

Error option_error(std::string_view option, std::string_view value, std::string_view allowed) {
  return Error{ErrorCode::invalid_argument,
               "app.option",
               fmt::format("{}: \"{}\" is none of {}", option, value, allowed),
               {{"option", std::string(option)},
                {"value", std::string(value)},
                {"allowed", std::string(allowed)}}};
}

Result<Listen> parse_listen(const std::string& text, std::string_view key) {
  const auto colon = text.rfind(':');
  Listen out;
  if (colon != std::string::npos) {
    out.address = text.substr(0, colon);
    const char* first = text.data() + colon + 1;
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(first, last, out.port);
    if (error == std::errc{} && end == last && first != last) {
      if (out.address.starts_with('[') && out.address.ends_with(']')) {
        out.address = out.address.substr(1, out.address.size() - 2);
      }
      if (out.address.empty()) {
        out.address = "0.0.0.0";
      }
      return out;
    }
  }
  if (key.starts_with("--")) {
    return fail(option_error(key, text, "ADDRESS:PORT (127.0.0.1:8420)"));
  }
  return bad(key, fmt::format("\"{}\" must be ADDRESS:PORT, like 127.0.0.1:8420", text));
}

}  // namespace atalaya::app
