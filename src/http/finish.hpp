#pragma once
// The last steps that every answer goes through, whoever made it.

#include <atalaya/http/message.hpp>

namespace atalaya::http {

/// Adds the security headers that the handler did not set; gives a buffered 200 to GET an entity
/// tag; turns it into 304 where the client has it; compresses it. Runs on a worker.
void finish(const Request& request, Response& response);

}  // namespace atalaya::http
