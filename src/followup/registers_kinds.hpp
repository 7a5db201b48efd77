#pragma once
// What a row of a register may hold. Private.

#include <string_view>

#include <atalaya/followup/registers.hpp>

namespace atalaya::followup::detail {

/// "date", "country": names the message that says what is asked for.
[[nodiscard]] std::string_view rule_of(FieldType type) noexcept;

/// The first field that is wrong: invalid_argument (followup.register.field, .language); .future,
/// and of what became of a date .before_adoption, .no_such_date, .itself (params field, value,
/// commitment); followup.login, .text.direction. A field that says what `held` says was right when
/// it was written; `held` is null for a new row.
[[nodiscard]] Result<void> check_record(const Parts& parts, const RegisterKind& kind,
                                        const RegisterRecord& record, const RegisterRecord* held);

/// What only one row of a register may say: which report a receipt is of, what became of a date in
/// the end; by whose word. Empty where any number of rows may.
[[nodiscard]] std::string said_once(const RegisterRecord& record);

}  // namespace atalaya::followup::detail
