#include "shard.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <chrono>
#include <fstream>
#include <iterator>
#include <limits>
#include <system_error>
#include <thread>
#include <unordered_set>

#include <fmt/format.h>

#include <atalaya/text/stem.hpp>

#include "document.hpp"

// Durability. Xapian writes changed blocks beside the old ones and then one small file that names
// the new roots, so that a process killed at any moment leaves the last commit. The position is
// part of the commit. What Xapian does not notice when it opens is a table cut short (a full disk,
// a copy that was broken off): after each commit the sizes of the tables go to a file `sizes`, and
// a table that is smaller than it was means damage. Tables never shrink but when emptied, and then
// `sizes` is removed first. Damage that a reader meets later sets a flag, and the next apply()
// empties the index; everything in it can be made again from the store.

//
// The spelling dictionary. A word's frequency there only decides between equally near words, yet to
// write it for each document took half of the time of indexing. So the dictionary holds every word
// from its first document on, but learns of a higher frequency only when that has grown fourfold;
// and a word leaves it when no document has a word of its stem any more. Words are there without
// accents; how texts write them is kept as Xapian's synonyms of those.

namespace atalaya::text {
namespace {

namespace fs = std::filesystem;

constexpr int kReadTriesMax = 8;
constexpr std::size_t kIdleReadersMax = 16;
constexpr std::size_t kRememberedWordsMax = 200'000;
constexpr char kFacetSeparator = '\x1f';

constexpr const char* kPositionKey = "position";
constexpr const char* kFormatKey = "format";
constexpr const char* kFacetCountKey = "facets";
constexpr const char* kLanguageKey = "language";  // absent in indexes of older versions

std::string facet_key(std::size_t code) {
  return fmt::format("facet/{}", code);
}

std::int64_t to_integer(std::string_view text) noexcept {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Reads the facet codes that were given since the reader last looked.
void load_facets(const Xapian::Database& database, std::vector<Facet>& facets) {
  const auto count = static_cast<std::size_t>(to_integer(database.get_metadata(kFacetCountKey)));
  while (facets.size() < count) {
    const std::string entry = database.get_metadata(facet_key(facets.size()));
    const auto at = entry.find(kFacetSeparator);
    if (at == std::string::npos) {
      throw Xapian::DatabaseCorruptError("the code of a facet is missing");
    }
    facets.emplace_back(entry.substr(0, at), entry.substr(at + 1));
  }
}

void refresh(Reader& reader) {
  reader.database.reopen();
  if (std::string uuid = reader.database.get_uuid(); uuid != reader.uuid) {
    reader.uuid = std::move(uuid);
    reader.facets.clear();
  }
  load_facets(reader.database, reader.facets);
}

}  // namespace

struct Shard::Writer {
  Xapian::WritableDatabase database;
  std::unordered_map<std::string, std::uint32_t> facet_codes;
  std::uint32_t facets_committed = 0;
  std::unordered_map<std::string, std::uint32_t> words;  // documents with a word, since opened
  std::unordered_set<std::string> accented;              // words written, since opened
};

void Shard::WriterDeleter::operator()(Writer* writer) const noexcept {
  delete writer;
}

Shard::Shard(fs::path dir, Language language) : dir_(std::move(dir)), language_(language) {}

// Empty when the database can be opened and looks whole.
std::string Shard::find_damage() const {
  try {
    std::error_code error;
    if (!fs::is_directory(dir_, error)) {
      return "there is none";
    }
    std::ifstream sizes(dir_ / "sizes");
    std::string name;
    std::uintmax_t size = 0;
    while (sizes >> name >> size) {
      const auto now = fs::file_size(dir_ / name, error);
      if (error || now < size) {
        return fmt::format("{} is shorter than it was", name);
      }
    }
    Reader reader{Xapian::Database((dir_).string()), {}, {}};
    if (reader.database.get_metadata(kFormatKey) != kIndexFormat) {
      return "it has another format";
    }
    const std::string language = reader.database.get_metadata(kLanguageKey);
    if (!language.empty() && language != to_string(language_)) {
      return "it is the index of another language";  // a folder that was copied over this one
    }
    refresh(reader);
    if (const auto last = reader.database.get_lastdocid();
        last != 0 && reader.database.get_doccount() != 0) {
      reader.database.postlist_begin("");
    }
    return {};
  } catch (const Xapian::Error& error) {
    return error.get_msg();
  }
}

Result<void> Shard::open() {
  if (!find_damage().empty()) {
    return create_empty();
  }
  return {};
}

// Made under the writer's lock, so that it never takes an index from a process that writes.
Result<void> Shard::create_empty() {
  writer_.reset();
  idle_readers_.with([](auto& readers) { readers.clear(); });
  std::error_code error;
  fs::create_directories(dir_.parent_path(), error);
  for (int attempt = 0;; ++attempt) {
    try {
      fs::remove(dir_ / "sizes", error);
      Xapian::WritableDatabase database(dir_.string(), Xapian::DB_CREATE_OR_OVERWRITE);
      database.set_metadata(kFormatKey, std::string(kIndexFormat));
      database.set_metadata(kPositionKey, "0");
      database.set_metadata(kLanguageKey, std::string(to_string(language_)));
      database.commit();
      damaged_ = false;
      return {};
    } catch (const Xapian::DatabaseLockError& locked) {
      return fail(ErrorCode::unavailable, "text.index.locked",
                  fmt::format("{} must be made anew, but another process writes it: {}",
                              dir_.string(), locked.get_msg()));
    } catch (const Xapian::Error& failed) {
      if (attempt == 1) {
        return fail(
            ErrorCode::unavailable, "text.index.open",
            fmt::format("{} cannot be made: {} {}; check rights and free space", dir_.string(),
                        failed.get_msg(),
                        failed.get_error_string() != nullptr ? failed.get_error_string() : ""));
      }
      // Something that is no database of ours is in the way.
      fs::remove_all(dir_, error);
    }
  }
}

Result<void> Shard::reset() {
  return create_empty();
}

Result<void> Shard::open_writer() {
  if (writer_ != nullptr) {
    return {};
  }
  try {
    std::unique_ptr<Writer, WriterDeleter> writer(
        new Writer{Xapian::WritableDatabase(dir_.string(), Xapian::DB_OPEN), {}, 0, {}, {}});
    std::vector<Facet> facets;
    load_facets(writer->database, facets);
    for (const auto& [name, value] : facets) {
      writer->facet_codes.emplace(name + kFacetSeparator + value, writer->facets_committed);
      ++writer->facets_committed;
    }
    writer_ = std::move(writer);
    return {};
  } catch (const Xapian::DatabaseLockError& error) {
    return fail(ErrorCode::unavailable, "text.index.locked",
                fmt::format("another process writes {}: {}", dir_.string(), error.get_msg()));
  } catch (const Xapian::Error& error) {
    damaged_ = true;
    return fail(ErrorCode::data_loss, "text.index.damaged",
                fmt::format("{}: {}", dir_.string(), error.get_msg()));
  }
}

std::uint32_t Shard::facet_code(std::string_view name, std::string_view value) {
  std::string key;
  key.reserve(name.size() + value.size() + 1);
  key.append(name).append(1, kFacetSeparator).append(value);
  const auto next = static_cast<std::uint32_t>(writer_->facet_codes.size());
  return writer_->facet_codes.emplace(std::move(key), next).first->second;
}

Xapian::docid Shard::find_document(const std::string& id) const {
  const std::string term = unique_term(id);
  const auto posting = writer_->database.postlist_begin(term);
  return posting == writer_->database.postlist_end(term) ? 0 : *posting;
}

void Shard::learn_words(std::span<const std::string> words) {
  if (writer_->words.size() > kRememberedWordsMax) {
    writer_->words.clear();
  }
  for (const std::string& word : words) {
    const std::uint32_t count = ++writer_->words[word];
    // At 1, 4, 16, 64 … documents.
    if (std::has_single_bit(count) && std::countr_zero(count) % 2 == 0) {
      writer_->database.add_spelling(word, count - count / 4);
    }
  }
}

void Shard::learn_accents(std::span<const std::string> accented) {
  if (writer_->accented.size() > kRememberedWordsMax) {
    writer_->accented.clear();
  }
  for (const std::string& word : accented) {
    if (writer_->accented.insert(word).second) {
      writer_->database.add_synonym(fold(word), word);
    }
  }
}

void Shard::forget_words(std::span<const std::string> words) {
  for (const std::string& word : words) {
    const auto tokens = tokenize_stemmed(word, language_);
    if (tokens.size() == 1 && !writer_->database.term_exists(tokens.front().stem)) {
      writer_->database.remove_spelling(word, std::numeric_limits<Xapian::termcount>::max());
      writer_->words.erase(word);
      for (auto it = writer_->database.synonyms_begin(word);
           it != writer_->database.synonyms_end(word); ++it) {
        writer_->accented.erase(*it);
      }
      writer_->database.clear_synonyms(word);
    }
  }
}

void Shard::remove_one(const std::string& id) {
  const Xapian::docid existing = find_document(id);
  if (existing == 0) {
    return;
  }
  const auto stored = decode_stored(writer_->database.get_document(existing));
  writer_->database.delete_document(existing);
  forget_words(spelling_words(stored, language_));
}

void Shard::apply_one(const SearchDocument& document) {
  auto& database = writer_->database;
  const IndexedDocument made = index_document(
      document,
      [&](std::string_view name, std::string_view value) { return facet_code(name, value); });
  learn_words(made.words);
  learn_accents(made.accented);
  const Xapian::docid existing = find_document(document.id);
  if (existing == 0) {
    database.add_document(made.document);
    return;
  }
  const auto before = decode_stored(database.get_document(existing));
  database.replace_document(existing, made.document);
  std::vector<std::string> gone;
  std::ranges::set_difference(spelling_words(before, language_), made.words,
                              std::back_inserter(gone));
  forget_words(gone);
}

Result<void> Shard::apply(std::span<const SearchChange> changes, std::int64_t position) {
  if (damaged_) {
    ATALAYA_TRY(create_empty());
    return fail(ErrorCode::data_loss, "text.index.damaged",
                fmt::format("{} was damaged and has been emptied", dir_.string()));
  }
  ATALAYA_TRY(open_writer());
  if (changes.empty() && position == this->position()) {
    return {};  // who asks so wants to know whether this process may write
  }
  try {
    auto& database = writer_->database;
    database.begin_transaction(true);
    for (const SearchChange& change : changes) {
      if (const auto* document = std::get_if<SearchDocument>(&change)) {
        if (document->language == language_) {
          apply_one(*document);
        }
      } else if (const auto& removal = std::get<SearchRemoval>(change);
                 !removal.language || *removal.language == language_) {
        remove_one(removal.id);
      }
    }
    for (const auto& [key, code] : writer_->facet_codes) {
      if (code >= writer_->facets_committed) {
        database.set_metadata(facet_key(code), key);
      }
    }
    database.set_metadata(kFacetCountKey, std::to_string(writer_->facet_codes.size()));
    database.set_metadata(kPositionKey, std::to_string(position));
    database.commit_transaction();
    writer_->facets_committed = static_cast<std::uint32_t>(writer_->facet_codes.size());
    write_sizes();
    return {};
  } catch (const Xapian::DatabaseCorruptError& error) {
    const std::string detail = error.get_msg();
    ATALAYA_TRY(create_empty());
    return fail(ErrorCode::data_loss, "text.index.damaged",
                fmt::format("{} was damaged and has been emptied: {}", dir_.string(), detail));
  } catch (const Xapian::Error& error) {
    // The transaction is dropped with the writer; the next apply() opens the last commit.
    const std::string detail = error.get_description();
    writer_.reset();
    return fail(ErrorCode::unavailable, "text.index.write",
                fmt::format("{}: {}; check free space", dir_.string(), detail));
  } catch (const std::exception& error) {
    writer_.reset();
    return fail(ErrorCode::internal, "text.index.write",
                fmt::format("{}: {}", dir_.string(), error.what()));
  }
}

void Shard::write_sizes() const {
  const fs::path fresh = dir_ / "sizes.new";
  std::error_code error;
  {
    std::ofstream out(fresh, std::ios::trunc);
    for (fs::directory_iterator entry(dir_, error), end; !error && entry != end;
         entry.increment(error)) {
      if (entry->path().extension() == ".glass") {
        out << entry->path().filename().string() << ' ' << entry->file_size(error) << '\n';
      }
    }
    if (error || !out.flush()) {
      return;
    }
  }
  fs::rename(fresh, dir_ / "sizes", error);
}

std::unique_ptr<Reader> Shard::take_reader() const {
  auto reader = idle_readers_.with([](auto& readers) -> std::unique_ptr<Reader> {
    if (readers.empty()) {
      return nullptr;
    }
    auto last = std::move(readers.back());
    readers.pop_back();
    return last;
  });
  if (reader == nullptr) {
    reader.reset(new Reader{Xapian::Database(dir_.string()), {}, {}});
  }
  return reader;
}

Result<void> Shard::read(const std::function<void(Reader&)>& use) const {
  std::string detail;
  bool corrupt = false;
  for (int attempt = 0; attempt < kReadTriesMax; ++attempt) {
    try {
      auto reader = take_reader();
      refresh(*reader);
      use(*reader);
      idle_readers_.with([&](auto& readers) {
        if (readers.size() < kIdleReadersMax) {
          readers.push_back(std::move(reader));
        }
      });
      return {};
    } catch (const Xapian::DatabaseModifiedError& error) {
      // The writer committed twice meanwhile; on a busy machine it may do so again and again.
      corrupt = false;
      detail = error.get_msg();
      std::this_thread::sleep_for(std::chrono::milliseconds(1 << attempt));
    } catch (const Xapian::DatabaseError& error) {
      // May be damage, or an index that is just being emptied: a fresh reader tells.
      corrupt = true;
      detail = error.get_msg();
      std::this_thread::sleep_for(std::chrono::milliseconds(2 << attempt));
    } catch (const Xapian::Error& error) {
      return fail(ErrorCode::internal, "text.index.query", error.get_description());
    }
  }
  if (corrupt) {
    damaged_ = true;
    return fail(ErrorCode::data_loss, "text.index.damaged",
                fmt::format("{}: {}", dir_.string(), detail));
  }
  return fail(ErrorCode::unavailable, "text.index.busy",
              fmt::format("{} was rewritten while being read: {}", dir_.string(), detail));
}

std::int64_t Shard::position() const {
  std::int64_t position = 0;
  const auto done = read(
      [&](Reader& reader) { position = to_integer(reader.database.get_metadata(kPositionKey)); });
  return done ? position : 0;
}

std::size_t Shard::size() const {
  std::size_t count = 0;
  const auto done = read([&](Reader& reader) { count = reader.database.get_doccount(); });
  return done ? count : 0;
}

Result<void> Shard::verify() const {
  try {
    const std::size_t errors = Xapian::Database::check(dir_.string(), 0, nullptr);
    if (errors == 0) {
      return {};
    }
    damaged_ = true;
    return fail(ErrorCode::data_loss, "text.index.damaged",
                fmt::format("{}: {} errors", dir_.string(), errors));
  } catch (const Xapian::DatabaseModifiedError& error) {
    return fail(
        ErrorCode::unavailable, "text.index.busy",
        fmt::format("{} was rewritten while being read: {}", dir_.string(), error.get_msg()));
  } catch (const Xapian::Error& error) {
    damaged_ = true;
    return fail(ErrorCode::data_loss, "text.index.damaged",
                fmt::format("{}: {}", dir_.string(), error.get_msg()));
  }
}

}  // namespace atalaya::text
