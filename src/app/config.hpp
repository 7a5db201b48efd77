#pragma once
// node.toml: what an operator may change by hand (docs/reference/node-toml.md).

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>

namespace atalaya::app {

struct Config {
  std::string name = "Atalaya node";
  std::string country;  // ISO 3166-1 alpha-3, empty for a regional node
  std::string role = "national";  // national | subnational | parliament | civil_society | regional
  std::string listen = "127.0.0.1:8420";
  std::string store;         // empty: atalaya.db in the folder; or postgresql://…
  std::string facts;  // empty: the folder facts/; or clickhouse://host:port[,host:port]/database
  std::string facts_credentials;  // file with user and password for it; empty: none
  std::string facts_ca;           // PEM file of authorities for clickhouses://; empty: the system's
  std::string language = "en";  // of pages, where a reader states none
  // Names by which readers may call the node, in lower case, each perhaps with a port (which counts
  // in addresses only); empty: any.
  std::vector<std::string> host_names;
  std::string metrics = "token";  // token | open: who may read /metrics
  std::string trusted_proxy;  // address of a reverse proxy in front of the node
  std::string tls_certificate, tls_private_key;  // PEM files; empty: plain HTTP

  /// Whether others than this machine may reach it, directly or by a proxy.
  [[nodiscard]] bool is_public() const {
    return !trusted_proxy.empty() ||
           !(listen.starts_with("127.") || listen.starts_with("[::1]"));
  }
};

/// Fails with invalid_argument (app.config.bad), naming line and key.
[[nodiscard]] Result<Config> read_config(const std::filesystem::path& file);
/// Every setting that is not as a new node has it, so that reading it again gives the same.
[[nodiscard]] std::string write_config(const Config& config);
/// A name of `host_names` without its port: "[::1]" keeps its brackets.
[[nodiscard]] std::string host_of(std::string_view host_name);
/// The official language of a country of the Americas, of those that pages have: English where it
/// has none of the others (Suriname) or several of them (Canada), and for no country.
[[nodiscard]] std::string language_of_country(std::string_view country);
/// Name 1…100 bytes of one line, known country and role, an address with a port, …
[[nodiscard]] Result<void> check_config(const Config& config);

struct Listen {
  std::string address;
  std::uint16_t port = 0;
};

/// invalid_argument "app.option", of an option of the command line. `allowed` is the values that it
/// may have, in no language: "en, es, pt, fr".
[[nodiscard]] Error option_error(std::string_view option, std::string_view value,
                                 std::string_view allowed);

/// "127.0.0.1:8420", "[::1]:8420", ":8420" (all IPv4 addresses). Fails with invalid_argument, naming
/// `key`: app.config.bad for a setting of node.toml, app.option for an option such as "--listen".
[[nodiscard]] Result<Listen> parse_listen(const std::string& text, std::string_view key);

}  // namespace atalaya::app
