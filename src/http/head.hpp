#pragma once
// The checks between a parsed header and a Request, and the header of an answer. No I/O.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <atalaya/http/server.hpp>

namespace atalaya::http {

struct Refusal {
  int status = 400;
  std::string reason;
};

/// `request` holds method_name, target and headers as they came; the rest is filled in. `version`
/// is 10 or 11. A refused request's connection must be closed: its body was not read.
[[nodiscard]] std::optional<Refusal> check_head(const Options& options, int version,
                                                Request& request);

/// How the length of an answer's body is told to the client.
enum class Framing { length, chunked, until_close, none };

struct HeadOptions {
  Framing framing = Framing::none;
  std::uint64_t length = 0;
  bool keep_alive = true;
  std::string_view date;  // IMF-fixdate
};

/// Status line and fields, blank line included.
[[nodiscard]] std::string head_text(const Response& response, std::string_view request_id,
                                    const HeadOptions& options);
/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
[[nodiscard]] std::string http_date(UtcTime time);
[[nodiscard]] std::string random_request_id();

}  // namespace atalaya::http
