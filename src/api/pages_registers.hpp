#pragma once
// Pages of the registers; each a pure function from what the desk said to HTML (see pages.hpp).

#include <optional>
#include <string>
#include <vector>

#include <atalaya/followup/registers.hpp>

#include "pages_parts.hpp"

namespace atalaya::api {

struct RegistersView {
  std::vector<std::int64_t> rows;  // of each kind, in the order of Registers::kinds()
};

struct RegisterView {
  const followup::RegisterKind* kind = nullptr;
  std::vector<followup::RegisterRecord> records;
  std::string country;    // the filter; may be empty
  bool may_edit = false;
};

struct RegisterRowView {
  const followup::RegisterKind* kind = nullptr;
  std::vector<followup::RegisterRecord> versions;  // newest first
  bool may_edit = false;
};

struct RegisterFormView {
  const followup::RegisterKind* kind = nullptr;
  followup::RegisterRecord record;  // id 0: a new row
  std::optional<followup::RegisterRecord> other;  // what somebody else wrote in the meantime
  std::string why_remove;                         // as typed
  std::optional<Error> error;
};

[[nodiscard]] std::string render_registers(const PageContext& context, const RegistersView& view);
[[nodiscard]] std::string render_register(const PageContext& context, const RegisterView& view);
[[nodiscard]] std::string render_register_row(const PageContext& context,
                                              const RegisterRowView& view);
[[nodiscard]] std::string render_register_form(const PageContext& context,
                                               const RegisterFormView& view);

}  // namespace atalaya::api
