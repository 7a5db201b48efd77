#pragma once
// Checks that several parts make of what people write. Private to the module.

#include <string>
#include <string_view>
#include <vector>

#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/parts.hpp>

namespace atalaya::followup {
struct SourceRef;
}  // namespace atalaya::followup

namespace atalaya::followup::detail {

class TableRows;

inline constexpr std::size_t kFieldCharactersMax = 20'000;

[[nodiscard]] std::unexpected<Error> invalid(std::string_view reason, std::string_view value = {},
                                             std::string_view detail = {});
[[nodiscard]] std::unexpected<Error> missing(std::string_view reason, std::string_view id);

/// UTF-8 of at most `characters_max` characters, as forms count them, without NUL. Fails with
/// invalid_argument (followup.text, followup.text.long: param value, the limit).
[[nodiscard]] Result<void> check_size(std::string_view text, std::size_t characters_max);
/// The same without marks that turn the direction of reading. Fails besides with
/// followup.text.direction.
[[nodiscard]] Result<void> check_text(std::string_view text,
                                      std::size_t characters_max = kFieldCharactersMax);

/// Whether it begins as an address of http or https does, in whichever case.
[[nodiscard]] bool names_web(std::string_view url);
/// Whether a browser would open it: http or https, a host, no blank, quotation mark or bracket.
[[nodiscard]] bool opens(std::string_view url);
/// Each blank behind the host as %20, as a browser sends it.
[[nodiscard]] std::string without_blanks(std::string_view url);

/// A reason that stands in public for what was taken back is a sentence, not a word: this many
/// characters at least, without the blanks around it.
inline constexpr std::size_t kReasonCharactersMin = 20;
/// Fails with invalid_argument (followup.reason_short, param n) where it is shorter.
[[nodiscard]] Result<void> check_reason(std::string_view text);

/// No address in `text` carries the name or password of an account, as "https://me:word@host" does:
/// what is recorded here is read by everybody. Fails with invalid_argument (followup.login; params
/// value: the host alone).
[[nodiscard]] Result<void> check_no_login(std::string_view text);

/// A column that would be passed over is one whose name was mistyped. Fails with invalid_argument
/// (followup.columns.unknown; params file, line, value, known).
[[nodiscard]] Result<void> check_columns(const TableRows& table, std::string_view file_name,
                                         const std::vector<std::string_view>& known);

/// Who writes may name a kept file that is public already or that he sent himself: whoever named
/// another's would open it to everybody, and learn that it is held. Fails with invalid_argument
/// (followup.file_unknown) alike where no such file is held.
[[nodiscard]] Result<void> check_named_files(const Parts& parts, store::Transaction& tx,
                                             const std::vector<SourceRef>& sources,
                                             std::string_view by);

/// A number as forms and files write it: digits, at most one point between them, a minus before.
[[nodiscard]] bool is_number(std::string_view value);

/// An ISO day not later than today. Fails with invalid_argument (followup.date, .future).
[[nodiscard]] Result<CivilDate> check_day(const Parts& parts, std::string_view text);

/// The first day that "2003", "2003-05" or "2003-05-17" may mean; see last_day(). Fails with
/// invalid_argument.
[[nodiscard]] Result<CivilDate> first_day(std::string_view date);

/// Nothing was read before it was there. `date` is EDTF level 0, `read_on` an ISO day; what is
/// neither is not compared. Fails with invalid_argument (followup.read_before: params date, read).
[[nodiscard]] Result<void> check_read(std::string_view date, std::string_view read_on);

}  // namespace atalaya::followup::detail
