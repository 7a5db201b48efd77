#pragma once
// The index of one language: one Xapian database, its writer and its pool of readers.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include <xapian.h>

#include <atalaya/base/guarded.hpp>
#include <atalaya/text/search.hpp>

namespace atalaya::text {

/// What one search works with; used by one thread at a time.
struct Reader {
  Xapian::Database database;
  std::string uuid;           // changes when the index is emptied
  std::vector<Facet> facets;  // by code
};

class Shard {
 public:
  Shard(std::filesystem::path dir, Language language);
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;
  ~Shard() = default;

  /// Opens the database for reading once; where it is absent, damaged, cut or of another format,
  /// makes an empty one.
  [[nodiscard]] Result<void> open();

  /// Applies the changes that are for this language, and the position, in one commit. Writers
  /// must not call this at the same time.
  [[nodiscard]] Result<void> apply(std::span<const SearchChange> changes, std::int64_t position);

  [[nodiscard]] Result<void> reset();

  /// Runs `use` on an up-to-date reader. `use` may run several times: when the database was
  /// rewritten under it, it starts again.
  [[nodiscard]] Result<void> read(const std::function<void(Reader&)>& use) const;

  [[nodiscard]] std::int64_t position() const;
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] Result<void> verify() const;

 private:
  struct Writer;

  struct WriterDeleter {
    void operator()(Writer* writer) const noexcept;
  };

  void apply_one(const SearchDocument& document);
  void remove_one(const std::string& id);
  void learn_words(std::span<const std::string> words);
  void learn_accents(std::span<const std::string> accented);
  void forget_words(std::span<const std::string> words);
  [[nodiscard]] Xapian::docid find_document(const std::string& id) const;
  [[nodiscard]] std::uint32_t facet_code(std::string_view name, std::string_view value);
  [[nodiscard]] Result<void> open_writer();
  [[nodiscard]] Result<void> create_empty();
  [[nodiscard]] std::string find_damage() const;
  void write_sizes() const;
  [[nodiscard]] std::unique_ptr<Reader> take_reader() const;

  std::filesystem::path dir_;
  Language language_;
  std::unique_ptr<Writer, WriterDeleter> writer_;  // open from the first apply() on
  mutable Guarded<std::vector<std::unique_ptr<Reader>>> idle_readers_;
  mutable std::atomic<bool> damaged_ = false;  // set by readers, healed by the next apply()
};

}  // namespace atalaya::text
