#include "import_themes.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include <atalaya/commitments/themes.hpp>

#include "desk_state.hpp"
#include "wordings.hpp"

namespace atalaya::commitments {
namespace {

// Those that have a theme, or had one that a person took away.
Result<std::set<std::string>> settled(store::Transaction& tx, const FilePlan& plan) {
  constexpr std::size_t kAtOnce = 400;
  std::set<std::string> out;
  for (std::size_t begin = 0; begin < plan.items.size(); begin += kAtOnce) {
    std::vector<std::string> ids;
    for (std::size_t i = begin; i < std::min(begin + kAtOnce, plan.items.size()); ++i) {
      ids.push_back(plan.items[i].commitment);
    }
    detail::Where where;
    const std::string list = where.list(ids);
    const auto rows = ATALAYA_TRY(tx.query(
        fmt::format("SELECT commitment FROM commitment_links WHERE kind = 'theme' AND commitment "
                    "IN ({0}) UNION SELECT commitment FROM link_decisions WHERE kind = 'theme' "
                    "AND commitment IN ({0})",
                    list),
        where.parameters()));
    for (const auto& row : rows) {
      out.insert(row.text(0));
    }
  }
  return out;
}

}  // namespace

std::vector<std::string> themes_of(const Catalogue& catalogue, const ParsedDocument& document,
                                   const ParsedItem& item) {
  const bool chapters = document.kind == DocumentKind::summit_mandates && document.theme.empty();
  std::vector<std::string> named =
      chapters ? themes_named(catalogue, item.block_title) : std::vector<std::string>();
  return !named.empty()
             ? named
             : themes_named(catalogue, document.theme.empty() ? document.title : document.theme);
}

Result<void> plan_themes(store::Transaction& tx, const Catalogue& catalogue,
                         std::span<const FilePlan> before, FilePlan& plan) {
  const ParsedDocument& document = plan.document;
  std::set<std::string> known = ATALAYA_TRY(settled(tx, plan));
  for (const FilePlan& file : before) {
    for (const ItemPlan& item : file.items) {
      if (item.themed) {
        known.insert(item.commitment);
      }
    }
  }
  for (std::size_t i = 0; i < plan.items.size(); ++i) {
    ItemPlan& item = plan.items[i];
    const std::vector<std::string> themes = themes_of(catalogue, document, document.items[i]);
    const bool open = known.insert(item.commitment).second;
    item.themed = open && !themes.empty();
    plan.unthemed += open && themes.empty() ? 1 : 0;
    std::ranges::copy_if(themes, std::back_inserter(plan.themes), [&](const std::string& theme) {
      return std::ranges::find(plan.themes, theme) == plan.themes.end();
    });
  }
  if (plan.unthemed > 0) {
    plan.document.warnings.push_back(
        {"commitments.import.theme_none",
         0,
         fmt::format("items of this file without a theme, as its title names none: {}; an editor "
                     "sets one for all of them after the import",
                     plan.unthemed),
         false,
         {{"count", std::to_string(plan.unthemed)}}});
  }
  return {};
}

Result<void> hold_title_themes(store::Transaction& tx, const Catalogue& catalogue,
                               const std::string& commitment) {
  const auto decided = ATALAYA_TRY(
      tx.query("SELECT 1 FROM link_decisions WHERE commitment = $1 AND kind = 'theme' LIMIT 1",
               {commitment}));
  if (!decided.empty()) {
    return {};  // a person looked at what rules had found
  }
  ATALAYA_TRY(
      tx.execute("DELETE FROM commitment_links WHERE commitment = $1 AND kind = 'theme' AND "
                 "set_by = 'rule'",
                 {commitment}));
  const auto others = ATALAYA_TRY(
      tx.query("SELECT 1 FROM commitment_links WHERE commitment = $1 AND kind = 'theme' LIMIT 1",
               {commitment}));
  const auto pages = ATALAYA_TRY(
      tx.query("SELECT s.theme, s.title FROM source_documents s WHERE s.id IN (SELECT source FROM "
               "appearances WHERE commitment = $1) ORDER BY s.position",
               {commitment}));
  std::vector<std::string> named;
  for (std::size_t i = 0; i < pages.size() && named.empty() && others.empty(); ++i) {
    const std::string theme = pages[i].text(0);
    named = themes_named(catalogue, theme.empty() ? pages[i].text(1) : theme);
  }
  std::vector<store::Parameters> rows;
  std::int64_t position = 100;
  for (const std::string& theme : named) {
    rows.push_back({commitment, std::string("theme"), theme, position++, std::string("rule")});
  }
  ATALAYA_TRY(tx.execute_many(detail::kInsertLink, rows));
  return {};
}

}  // namespace atalaya::commitments
