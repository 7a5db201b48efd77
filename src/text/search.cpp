#include <atalaya/text/search.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

#include "document.hpp"
#include "run.hpp"
#include "shard.hpp"

namespace atalaya::text {
namespace {

constexpr std::size_t kParallelChangesMin = 256;

using Shards = std::array<std::unique_ptr<Shard>, 4>;

class OtherLanguages final : public Elsewhere {
 public:
  OtherLanguages(const Shards& shards, Language own) : shards_(shards), own_(own) {}

  [[nodiscard]] bool knows(std::string_view word) const override {
    bool known = false;
    each([&](const Reader& reader, Language language) {
      known = known || knows_word(reader, word, language);
    });
    return known;
  }

  [[nodiscard]] std::vector<std::string> find(const SearchQuery& query) const override {
    std::vector<std::vector<std::string>> lists;
    each([&](Reader& reader, Language language) {
      lists.push_back(find_own(reader, query, language));
    });
    std::size_t longest = 0;
    for (const auto& list : lists) {
      longest = std::max(longest, list.size());
    }
    std::vector<std::string> ids;  // the best of each language, then the second of each …
    for (std::size_t i = 0; i < longest; ++i) {
      for (const auto& list : lists) {
        if (i < list.size() && std::ranges::find(ids, list[i]) == ids.end()) {
          ids.push_back(list[i]);
        }
      }
    }
    return ids;
  }

  [[nodiscard]] std::string body_of(const std::string& id) const override {
    // The first by its code, which is the one that is applied as the foreign body.
    std::string body;
    for (const Language language : {Language::en, Language::es, Language::fr, Language::pt}) {
      if (body.empty() && language != own_) {
        (void)shards_[static_cast<std::size_t>(language)]->read(
            [&](const Reader& reader) { body = own_body(reader, id); });
      }
    }
    return body;
  }

 private:
  void each(const std::function<void(Reader&, Language)>& use) const {
    for (const Language language : kLanguages) {
      if (language != own_) {
        // A damaged index is healed by the next apply(), and its own searches say so.
        (void)shards_[static_cast<std::size_t>(language)]->read(
            [&](Reader& reader) { use(reader, language); });
      }
    }
  }

  const Shards& shards_;
  Language own_;
};

class XapianIndex final : public SearchIndex {
 public:
  explicit XapianIndex(const std::filesystem::path& dir) {
    for (const Language language : kLanguages) {
      shards_[static_cast<std::size_t>(language)] =
          std::make_unique<Shard>(dir / to_string(language), language);
    }
  }

  [[nodiscard]] Result<void> open_all() {
    for (const auto& shard : shards_) {
      ATALAYA_TRY(shard->open());
    }
    return {};
  }

  Result<void> apply(std::span<const SearchChange> changes, std::int64_t position) override {
    if (position < 0) {
      return fail(ErrorCode::invalid_argument, "text.index.document", "a position below zero");
    }
    for (const SearchChange& change : changes) {
      if (const auto* document = std::get_if<SearchDocument>(&change)) {
        ATALAYA_TRY(validate(*document));
      }
    }
    const std::scoped_lock lock(writing_);
    std::array<Result<void>, 4> results;
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
      for (std::size_t i = next++; i < shards_.size(); i = next++) {
        results[i] = shards_[i]->apply(changes, position);
      }
    };
    {
      // The languages are independent; a large batch is worth a thread per processor.
      std::vector<std::jthread> helpers;
      const std::size_t threads =
          changes.size() < kParallelChangesMin
              ? 1
              : std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, shards_.size());
      for (std::size_t i = 1; i < threads; ++i) {
        helpers.emplace_back(work);
      }
      work();
    }
    for (const Result<void>& result : results) {
      ATALAYA_TRY(result);
    }
    return {};
  }

  [[nodiscard]] std::int64_t position() const override {
    std::int64_t lowest = shards_.front()->position();
    for (const auto& shard : shards_) {
      lowest = std::min(lowest, shard->position());
    }
    return lowest;
  }

  [[nodiscard]] std::size_t size(Language language) const override {
    return shard(language).size();
  }

  Result<void> reset() override {
    const std::scoped_lock lock(writing_);
    for (const auto& shard : shards_) {
      ATALAYA_TRY(shard->reset());
    }
    return {};
  }

  [[nodiscard]] Result<SearchResults> search(const SearchQuery& query) const override {
    SearchResults results;
    const OtherLanguages elsewhere(shards_, query.language);
    ATALAYA_TRY(shard(query.language).read([&](Reader& reader) {
      results = run_search(reader, query, elsewhere);
    }));
    return results;
  }

  [[nodiscard]] Result<void> verify() const override {
    for (const auto& shard : shards_) {
      ATALAYA_TRY(shard->verify());
    }
    return {};
  }

 private:
  [[nodiscard]] const Shard& shard(Language language) const {
    return *shards_[static_cast<std::size_t>(language)];
  }

  Shards shards_;
  std::mutex writing_;
};

}  // namespace

Result<std::unique_ptr<SearchIndex>> SearchIndex::open(const std::filesystem::path& dir) {
  auto index = std::make_unique<XapianIndex>(dir);
  ATALAYA_TRY(index->open_all());
  return index;
}

}  // namespace atalaya::text
