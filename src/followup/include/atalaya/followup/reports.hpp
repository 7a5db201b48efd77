#pragma once
// States' reports: what a national focal point says was done, one record for each commitment and
// actor, every version kept.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/parts.hpp>

namespace atalaya::followup {

/// What a report or an assessment rests on. `file` is the SHA-256 of a kept file, may be empty;
/// `no_copy` says why no copy of a cited page is kept.
struct SourceRef {
  std::string title, url, file;
  std::string no_copy = {};
};

/// JSON of a list of sources, as the store and the API have it. parse fails with invalid_argument
/// (followup.sources).
[[nodiscard]] json::array sources_json(const std::vector<SourceRef>& sources);
[[nodiscard]] Result<std::vector<SourceRef>> parse_sources(const json::value& value);
/// One a line, "title <https://…> [hash]" or "… [no copy: reason]": how forms and CSV hold them.
[[nodiscard]] std::string sources_text(const std::vector<SourceRef>& sources);
[[nodiscard]] Result<std::vector<SourceRef>> parse_sources_text(std::string_view text);
/// The same, unjudged: a report's sources are judged where they are new to it (Reports::submit).
[[nodiscard]] std::vector<SourceRef> read_sources_text(std::string_view text);
/// The address is of http or https or empty and carries no password, the file a SHA-256 or empty.
/// Fails with invalid_argument (followup.sources, followup.login).
[[nodiscard]] Result<void> check_source(const SourceRef& source);

inline constexpr std::size_t kKeptFileBytesMax = 5UL << 20U;
/// What is kept beside evidence: documents, tables and pictures, known by their bytes.
inline constexpr std::string_view kKeptFileKinds[] = {"pdf",  "png", "jpg", "csv",  "txt", "xlsx",
                                                      "docx", "odt", "ods", "html", "doc", "xls"};

/// Who writes: an account's name, and the actors that it may write for, "PAN" (the state, never its
/// parliament) or "PAN.parliament"; empty = none at all.
struct Writer {
  std::string name;
  std::vector<std::string> countries;
  bool everywhere = false;

  [[nodiscard]] bool may_write_for(std::string_view actor) const;
};

struct Viewer;  // coding.hpp

struct Report {
  std::string commitment, actor;
  std::int64_t version = 0;  // 1, 2, …; of a draft: the newest version that its writer saw, or 0
  std::int64_t newest = 0;   // the record's newest version, set by standing() and history()
  std::string as_of;         // ISO day that it speaks of
  std::string value;         // of the scale state_report
  std::string actions, law, programme, budget, text;
  std::string language = "en";
  std::vector<SourceRef> sources;
  std::string reported_at, reported_by;
  std::string why;  // of a draft: why it is written anew; stands in the history
};

enum class ReportChange { added, unchanged, changed };

struct ReportImportRow {
  std::uint64_t line = 0;
  ReportChange change = ReportChange::added;
  Report report;  // version: the newest of the record, 0 where nothing is held
  std::string before;  // value held
  Report held = {};    // what is held; of a row that is added nothing
};

/// The fields that differ, by the names of the file's columns: field, held, new.
[[nodiscard]] std::vector<std::array<std::string, 3>> differences(const Report& held,
                                                                  const Report& now);

struct ReportImportPlan {
  std::string file_name, sha256;
  std::vector<ReportImportRow> rows;
  [[nodiscard]] std::int64_t count(ReportChange change) const;
};

class Reports {
 public:
  explicit Reports(const Parts& parts) : parts_(parts) {}

  /// Newest version first; empty where the actor has not reported.
  [[nodiscard]] Result<std::vector<Report>> versions(std::string_view commitment,
                                                     std::string_view actor) const;
  /// What every cell of an actor ("" = of all) shows: of its versions the one that speaks of the latest
  /// day, of that day the last one written. By commitment's id and actor.
  [[nodiscard]] Result<std::vector<Report>> standing(std::string_view actor) const;

  /// Every version, oldest first, by commitment's id and actor; "" = of all.
  [[nodiscard]] Result<std::vector<Report>> history(std::string_view commitment,
                                                    std::string_view actor) const;

  /// Whether a report that speaks of today would be taken; fails as submit() does.
  [[nodiscard]] Result<void> check_asked(std::string_view commitment, std::string_view actor) const;

  /// Writes the next version: row, leaf, history in one transaction; answers its number. What is
  /// held of its day word for word is not written again: the newest number is answered.
  /// Fails with not_found (followup.commitment, .actor), permission_denied (followup.not_yours),
  /// invalid_argument (followup.value: not of the scale; .not_applicable; .before_adoption;
  /// .participation_unknown: nobody has recorded whether the actor took part; .date;
  /// .future; .text: a text is too long or not UTF-8; .sources; .file_unknown: a file is named that
  /// is not public and that the writer did not send) and conflict
  /// (followup.report.changed: `draft.version` is not the newest, param `by`: who wrote it).
  [[nodiscard]] Result<std::int64_t> submit(const Report& draft, const Writer& writer) const;

  /// standing() as commitment,actor,version,as_of,value,actions,law,programme,budget,text,language,
  /// sources; `version` is the newest one of the record, which a row sent back has to name.
  [[nodiscard]] Result<std::string> csv(std::string_view actor) const;
  /// The same of these; column `version` holds `newest`.
  [[nodiscard]] static std::string csv(const std::vector<Report>& reports);
  /// Checks every row by submit()'s rules and compares it with what is held of its day or, where
  /// nothing is, with what stands; changes nothing. The first wrong row fails
  /// the file, with params file and line besides; a column that is none of these and not `why`
  /// fails with followup.columns.unknown. A row that was exported before somebody else wrote the
  /// record fails with conflict (followup.report.changed), one that does not say from which version
  /// it was made with invalid_argument (followup.report.version_missing).
  [[nodiscard]] Result<ReportImportPlan> plan_csv(std::string_view bytes,
                                                  std::string_view file_name,
                                                  const Writer& writer) const;
  /// One transaction; nothing where nothing changed. Fails with conflict (followup.reports.changes)
  /// where records would change and `accept_changes` is false.
  [[nodiscard]] Result<void> apply(const ReportImportPlan& plan, const Writer& writer,
                                   bool accept_changes) const;

  /// Keeps a file (or a cited page as it stood) and answers its SHA-256; the same bytes are kept
  /// once, with everybody who sent them. At most kKeptFileBytesMax. Fails with invalid_argument
  /// (followup.file.size, .file.kind: none of kKeptFileKinds, param value).
  [[nodiscard]] Result<std::string> keep_file(std::string_view name, std::string_view media_type,
                                              std::string_view url, std::string_view bytes,
                                              std::string_view by) const;
  struct KeptFile {
    std::string name, media_type, url, added_at, bytes;
  };
  /// What a report or an entry of data rests on is for everybody, what a coding rests on for whom
  /// codes_seen() lets read it, and any file for the account that sent it. Fails with not_found
  /// (followup.file), whether the file is not held or not for this reader.
  [[nodiscard]] Result<KeptFile> file(std::string_view sha256, const Viewer& reader) const;

 private:
  Parts parts_;
};

}  // namespace atalaya::followup
