#pragma once
// Events of an XML part, by expat, under limits: no document type (so no entities), bounded
// nesting. Names come without their namespace prefix; the namespaces of OOXML do not collide in
// the names that the readers use, but for the compatibility markup, which says so in its name.

#include <functional>
#include <string>
#include <string_view>

#include <atalaya/base/result.hpp>

#include "zip_parts.hpp"

namespace atalaya::files {

/// The attributes of one element while its start event runs.
class XmlAttributes {
 public:
  explicit XmlAttributes(const char** pairs) : pairs_(pairs) {}

  /// By local name; empty where there is none.
  [[nodiscard]] std::string_view get(std::string_view local_name) const;

 private:
  const char** pairs_;
};

struct XmlHandler {
  virtual ~XmlHandler() = default;
  virtual void start(std::string_view local_name, const XmlAttributes& attributes) = 0;
  virtual void end(std::string_view local_name) = 0;
  virtual void text(std::string_view text) = 0;

  /// True ends the reading early, without an error.
  [[nodiscard]] virtual bool done() const { return false; }
};

/// Fails as ZipParts::stream does, and with files.malformed (params file, line, part) where the
/// part is not well-formed.
[[nodiscard]] Result<void> read_xml(ZipParts& parts, const std::string& part, std::string_view name,
                                    XmlHandler& handler);

}  // namespace atalaya::files
