// Files that submitters attach: their kind is what their first bytes show, they are kept apart from
// the files that are public by their hash, and each waits for people's decision.
#include <atalaya/followup/participation_check.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <atalaya/crypto/hash.hpp>
#include <atalaya/files/read.hpp>
#include <atalaya/files/tables.hpp>
#include <atalaya/files/words.hpp>

#include "checks.hpp"
#include "cube_cache.hpp"
#include "kept_kinds.hpp"
#include "participation_rows.hpp"
#include "personal_data.hpp"

namespace atalaya::followup {
namespace {

using detail::invalid;

/// Of all attached files whose submission nobody decided about: a flood fills this and no disk.
constexpr std::int64_t kWaitingBytesMax = 256LL << 20;

// What strangers may attach: no saved pages and none of the old formats. "" where it is none.
std::string kind_of(std::string_view name, std::string_view bytes) {
  constexpr std::string_view kTaken[] = {"pdf",  "png",  "jpg", "csv", "txt",
                                         "xlsx", "docx", "odt", "ods"};
  const std::string kind = detail::kept_kind(name, bytes);
  const bool words = kind == "csv" || kind == "txt";
  const bool taken = std::ranges::find(kTaken, kind) != std::end(kTaken);
  return taken && !(words && find_invalid_utf8(bytes)) ? kind : std::string();
}

constexpr std::size_t kSearchedBytesMax = 1UL << 20U;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

// "Pérez","María" in two columns is a name, too; numbers in two columns are two numbers.
void join_columns(std::string& words) {
  std::ranges::replace(words, '"', ' ');
  for (std::size_t i = 1; i + 1 < words.size(); ++i) {
    const bool parts = words[i] == ',' || words[i] == ';' || words[i] == '\t';
    if (parts && is_letter(words[i - 1]) && is_letter(words[i + 1])) {
      words[i] = ' ';
    }
  }
}

Result<std::string> words_of_workbook(std::string_view bytes, std::string_view name) {
  files::TableLimits limits;
  limits.sheet_bytes_max = 64UL << 20U;
  limits.shared_text_bytes_max = 16UL << 20U;
  const auto book = ATALAYA_TRY(files::open_workbook(bytes, name, limits));
  std::string out;
  for (std::size_t i = 0; i < book->sheets().size(); ++i) {
    out += book->sheets()[i].name + "\n";
    ATALAYA_TRY(book->read_sheet(i, [&](std::uint64_t, std::span<const std::string_view> cells) {
      for (const std::string_view cell : cells) {
        out += cell;
        out += ',';
      }
      out += '\n';
      return out.size() <= kSearchedBytesMax;
    }));
  }
  return out;
}

// Fails where there is no reader for it or the reader does not get through.
Result<std::string> words_of(std::string_view extension, std::string_view bytes,
                             std::string_view name) {
  if (extension == "csv" || extension == "txt") {
    return std::string(bytes.substr(0, kSearchedBytesMax + 4));
  }
  if (extension == "odt" || extension == "ods") {
    return files::office_words(bytes, name, kSearchedBytesMax);
  }
  if (extension == "xlsx") {
    return ATALAYA_TRY(words_of_workbook(bytes, name)) +
           ATALAYA_TRY(files::office_words(bytes, name, kSearchedBytesMax));
  }
  if (extension != "pdf" && extension != "docx") {
    return invalid("submission.file_kind", name);
  }
  const auto document = ATALAYA_TRY(files::read_document(bytes, name));
  std::string out = document.title + "\n";
  for (const files::Line& line : document.lines) {
    out += line.text + "\n";
    if (out.size() > kSearchedBytesMax) {
      break;
    }
  }
  if (extension == "docx") {
    out += ATALAYA_TRY(files::office_words(bytes, name, kSearchedBytesMax));
  }
  return out;
}

// Never in the middle of a letter.
void cut(std::string& words) {
  std::size_t end = kSearchedBytesMax;
  while (end > 0 && (static_cast<unsigned char>(words[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  words.resize(end);
}

}  // namespace

namespace detail {

Result<std::vector<AttachedFile>> check_files(const std::vector<SubmittedFile>& files) {
  std::vector<AttachedFile> out;
  std::size_t bytes = 0;
  for (const SubmittedFile& file : files) {
    AttachedFile one;
    one.name = ATALAYA_TRY(clean_text(file.name.substr(0, 400), Lines::one));
    one.extension = kind_of(file.name, file.bytes);
    one.ordinal = std::ssize(out) + 1;
    one.size = std::ssize(file.bytes);
    one.sha256 = to_hex(sha256(file.bytes));
    bytes += file.bytes.size();
    if (file.bytes.empty() || bytes > kSubmissionFileBytesMax ||
        out.size() >= kSubmissionFilesMax) {
      return invalid("submission.files",
                     fmt::format("{} ({} KiB)", one.name, (one.size + 1023) / 1024));
    }
    if (one.extension.empty()) {
      return invalid("submission.file_kind", one.name);
    }
    out.push_back(std::move(one));
  }
  return out;
}

json::array files_json(const std::vector<AttachedFile>& files) {
  json::array out;
  for (const AttachedFile& file : files) {
    out.push_back(json::object{{"name", file.name},
                               {"extension", file.extension},
                               {"size", file.size},
                               {"sha256", file.sha256}});
  }
  return out;
}

Result<void> write_files(store::Transaction& tx, std::int64_t submission,
                         const std::vector<SubmittedFile>& given,
                         const std::vector<AttachedFile>& files) {
  if (files.empty()) {
    return {};
  }
  const auto waiting = ATALAYA_TRY(
      tx.query_one("SELECT COALESCE(SUM(f.size), 0) FROM followup_submission_files f JOIN "
                   "followup_submissions s ON s.id = f.submission WHERE s.stage IN ('vouching', "
                   "'received', 'held')"));
  std::int64_t bytes = waiting.integer(0);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const AttachedFile& file = files[i];
    bytes += file.size;
    if (bytes > kWaitingBytesMax) {
      return fail(Error{ErrorCode::exhausted,
                        "followup.submission.rate",
                        "too many attached files wait for a decision",
                        {{"minutes", "1440"}}});
    }
    const std::string& content = given[i].bytes;
    ATALAYA_TRY(tx.execute(
        "INSERT INTO followup_submission_files(submission, ordinal, name, extension, size, sha256, "
        "bytes, published) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
        {submission, file.ordinal, file.name, file.extension, file.size, file.sha256,
         store::Blob(content.begin(), content.end())}));
  }
  return {};
}

Result<std::vector<AttachedFile>> read_files(store::Transaction& tx, std::int64_t submission) {
  const auto rows =
      ATALAYA_TRY(tx.query("SELECT ordinal, name, extension, size, sha256, published FROM "
                           "followup_submission_files WHERE submission = $1 ORDER BY ordinal",
                           {submission}));
  std::vector<AttachedFile> out;
  for (const auto& row : rows) {
    out.push_back({row.integer(0), row.text(1), row.text(2), row.text(4), row.integer(3),
                   row.integer(5) != 0});
  }
  return out;
}

Result<std::vector<SourceRef>> publish_files(store::Transaction& tx, const Submission& held,
                                             const std::vector<std::int64_t>& chosen) {
  std::vector<SourceRef> out;
  const bool again = !held.published.title.empty();
  ATALAYA_TRY(tx.execute(
      "UPDATE followup_submission_files SET published = 0 WHERE submission = $1 AND published = 1",
      {held.id}));
  for (const std::int64_t ordinal : chosen) {
    const auto file = std::ranges::find(held.files, ordinal, &AttachedFile::ordinal);
    if (file == held.files.end() || (again && !file->published)) {
      return missing("file", std::to_string(ordinal));
    }
    // The name may be a person's: readers get a number instead.
    out.push_back({fmt::format("{}.{}", file->ordinal, file->extension), "", file->sha256});
    ATALAYA_TRY(tx.execute(
        "UPDATE followup_submission_files SET published = 1 WHERE submission = $1 AND ordinal = $2",
        {held.id, ordinal}));
  }
  return out;
}

Result<void> erase_files(store::Transaction& tx, const Submission& held) {
  if (held.stage != SubmissionStage::published) {
    ATALAYA_TRY(
        tx.execute("DELETE FROM followup_submission_files WHERE submission = $1", {held.id}));
    return {};
  }
  ATALAYA_TRY(tx.execute(
      "DELETE FROM followup_submission_files WHERE submission = $1 AND published = 0", {held.id}));
  ATALAYA_TRY(tx.execute("UPDATE followup_submission_files SET name = '' WHERE submission = $1",
                         {held.id}));
  return {};
}

}  // namespace detail

Result<Submissions::File> Submissions::attached(std::int64_t id, std::int64_t ordinal) const {
  File out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT extension, bytes FROM followup_submission_files WHERE submission = $1 AND "
                 "ordinal = $2",
                 {id, ordinal}));
    if (rows.empty()) {
      return detail::missing("file", std::to_string(ordinal));
    }
    const store::Blob& bytes = rows.front().blob(1);
    out = {fmt::format("{}-{}.{}", id, ordinal, rows.front().text(0)),
           std::string(bytes.begin(), bytes.end())};
    return {};
  }));
  return out;
}

Result<std::vector<SearchedFile>> search_files(const Parts& parts, const Submission& submission) {
  std::vector<SearchedFile> out;
  const auto finder = parts.cube->personal_data(parts.catalogue());
  for (const AttachedFile& file : submission.files) {
    const auto held = ATALAYA_TRY(Submissions(parts).attached(submission.id, file.ordinal));
    SearchedFile one;
    one.ordinal = file.ordinal;
    auto words = words_of(file.extension, held.bytes, held.name);
    // A pdf of scanned pages has no words: nothing in it was read.
    one.read = words && !trim(*words).empty();
    if (one.read) {
      one.whole = words->size() <= kSearchedBytesMax;
      if (!one.whole) {
        cut(*words);
      }
      join_columns(*words);
      one.findings = finder->find(*words);
    }
    out.push_back(std::move(one));
  }
  return out;
}

Result<Submissions::File> Submissions::published_file(std::string_view hash) const {
  File out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT f.submission, f.ordinal, f.extension, f.bytes FROM "
                 "followup_submission_files f JOIN followup_submissions s ON s.id = f.submission "
                 "WHERE f.sha256 = $1 AND f.published = 1 AND s.stage = 'published'",
                 {std::string(hash)}));
    if (rows.empty()) {
      return detail::missing("file", hash);
    }
    const store::Blob& bytes = rows.front().blob(3);
    out = {fmt::format("{}-{}.{}", rows.front().integer(0), rows.front().integer(1),
                       rows.front().text(2)),
           std::string(bytes.begin(), bytes.end())};
    return {};
  }));
  return out;
}

}  // namespace atalaya::followup
