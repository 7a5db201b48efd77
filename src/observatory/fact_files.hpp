#pragma once
// Facts as segment files of a folder.

#include <list>
#include <mutex>

#include <atalaya/observatory/fact_store.hpp>

namespace atalaya::observatory::detail {

/// SHA-256 of a file, hex, in constant memory.
[[nodiscard]] Result<std::string> file_sha256(const std::filesystem::path& file);

class SegmentFacts final : public FactStore {
 public:
  explicit SegmentFacts(std::filesystem::path folder) : folder_(std::move(folder)) {}

  Result<WrittenFacts> write(Facts facts, std::string_view prefix,
                             const json::object& metadata) override;
  Result<std::shared_ptr<const FactSet>> open(const std::string& name) override;
  Result<void> sum(const FactSums& query, const columns::CellSink& sink) override;
  Result<void> destroy(const std::string& name) override;
  Result<std::vector<std::string>> check(const std::map<std::string, std::string>& named) override;
  Result<std::filesystem::path> segment_file(const std::string& name,
                                             const std::filesystem::path& folder) override;
  Result<bool> move(const std::string& name, Place to) override;

  [[nodiscard]] std::filesystem::path path(const std::string& name) const { return folder_ / name; }

 private:
  class Set;

  std::filesystem::path folder_;
  std::mutex mutex_;
  std::list<std::pair<std::string, std::shared_ptr<Set>>> open_;  // newest first
};

/// Writes a set's columns as a segment file at `path`, row by row as they are.
[[nodiscard]] Result<void> write_copy(const FactSet& set, const std::filesystem::path& path);

}  // namespace atalaya::observatory::detail
