#pragma once
// Pages on which a node's people record what a cell rests on, and take over treaty acts; pure
// functions (see pages.hpp).

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/data_sources.hpp>
#include <atalaya/followup/treaties.hpp>

#include "pages_followup_cells.hpp"

namespace atalaya::api {

struct CellDataFormView {
  followup::Member member;
  std::string actor;
  std::vector<followup::IndicatorLink> links;  // of the commitment
  std::vector<followup::DataEntry> entries;    // of the cell
  std::vector<followup::Participation> participations;
  bool participation_only = false;          // of a focal point
  bool may_link = false;   // an indicator says something of every state, also of the reader's
  bool may_enter = false;  // laws, documents and figures of this actor
  bool own_word = false;  // of the actor itself: fills in what nobody knows, changes nothing
  std::string part;                         // which form was sent: link | entry | participation
  std::map<std::string, std::string> sent;  // its fields, shown again
  std::optional<Error> error;
};

[[nodiscard]] std::string render_cell_data_form(const PageContext& context,
                                                const CellDataFormView& view);

struct TreatyImportView {
  bool binary = false;  // a workbook: its bytes go through the page and back as base64
  std::optional<followup::TreatyImportPlan> plan;  // nothing sent yet: none
  std::string file_name, content, instrument, snapshot, source, reason;
  std::optional<Error> error;
  bool done = false;
};

[[nodiscard]] std::string render_treaty_import(const PageContext& context,
                                               const TreatyImportView& view);

}  // namespace atalaya::api
