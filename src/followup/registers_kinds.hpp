#pragma once
// What a row of a register may hold. Private.

#include <string_view>

#include <atalaya/followup/registers.hpp>

namespace atalaya::followup::detail {

/// "date", "country": names the message that says what is asked for.
[[nodiscard]] std::string_view rule_of(FieldType type) noexcept;

/// The first field that is wrong: invalid_argument (followup.register.field, .language); .future,
/// and of what became of a date .before_adoption, .no_such_date, .itself (params field, value,
/// commitment).
[[nodiscard]] Result<void> check_record(const Parts& parts, const RegisterKind& kind,
                                        const RegisterRecord& record);

}  // namespace atalaya::followup::detail
