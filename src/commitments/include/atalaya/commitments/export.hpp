#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <atalaya/commitments/desk.hpp>

namespace atalaya::commitments {

enum class ExportFormat { json, csv, jsonld, akn };

/// Takes the next part of an export; its failure ends the export.
using ExportSink = std::function<Result<void>(std::string_view)>;

/// Everything public that the desk holds, deterministic: the same store gives the same bytes.
/// docs/reference/export.md describes the fields.
class Exporter {
 public:
  explicit Exporter(const Desk& desk) : desk_(desk) {}

  [[nodiscard]] Result<std::string> write(ExportFormat format) const;
  /// In parts, so that an export larger than memory can be written; akn comes in one part.
  [[nodiscard]] Result<void> write(ExportFormat format, const ExportSink& sink) const;
  /// One commitment as it stands in the JSON export.
  [[nodiscard]] Result<json::value> commitment(std::string_view id) const;
  /// One source document in Akoma Ntoso 1.0.
  [[nodiscard]] Result<std::string> akoma_ntoso(std::string_view source) const;

 private:
  const Desk& desk_;
};

}  // namespace atalaya::commitments
