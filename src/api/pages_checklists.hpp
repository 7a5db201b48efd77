#pragma once
// Pages of legislation checklists; pure functions from what the module said.

#include <optional>
#include <string>
#include <vector>

#include <atalaya/followup/checklists.hpp>
#include <atalaya/followup/reference.hpp>

#include "pages_rounds_parts.hpp"

namespace atalaya::api {

struct ChecklistsView {
  std::vector<followup::ChecklistMatrix> matrices;
  const followup::Reference* reference = nullptr;
  bool may_code = false;
  std::optional<Error> error;
  std::vector<followup::EntryImportRow> differences;  // of a file that waits to be accepted
  std::string done;                                   // message key
};

struct ChecklistView {
  followup::ChecklistMatrix matrix;
  const followup::Reference* reference = nullptr;
  std::string state;  // in words for this one; "" = the whole matrix
};

/// One article: the provisions of several states side by side.
struct ChecklistItemView {
  followup::ChecklistMatrix matrix;
  const followup::ChecklistItem* item = nullptr;
  std::vector<std::string> states;  // chosen
  const followup::Reference* reference = nullptr;
};

struct ChecklistCellView {
  followup::ChecklistMatrix matrix;
  const followup::ChecklistItem* item = nullptr;
  std::string state;
  std::vector<followup::Entry> versions;  // newest first
  const followup::Reference* reference = nullptr;
  bool may_code = false, may_reply = false;
  std::optional<followup::Entry> draft;  // what was sent and refused
  std::optional<Error> error;
};

[[nodiscard]] std::string render_checklists(const PageContext& context, const ChecklistsView& view);
[[nodiscard]] std::string render_checklist(const PageContext& context, const ChecklistView& view);
[[nodiscard]] std::string render_checklist_item(const PageContext& context,
                                                const ChecklistItemView& view);
[[nodiscard]] std::string render_checklist_cell(const PageContext& context,
                                                const ChecklistCellView& view);
/// The band of a state's page.
void write_country_checklists(Html& h, const PageContext& context, const ChecklistsView& view,
                              std::string_view state);

}  // namespace atalaya::api
