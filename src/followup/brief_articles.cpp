// What the treaties of a theme ask of laws, and what was found in the country's.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/followup/checklists.hpp>

#include "brief_parts.hpp"

namespace atalaya::followup::detail {

using figures::PaperHeading;
using figures::PaperTable;

Result<void> add_articles(PaperWriter& to, const std::string& country,
                          const std::vector<std::string>& instruments) {
  bool begun = false;
  for (const Checklist& checklist : Checklists::all()) {
    if (std::ranges::find(instruments, checklist.instrument) == instruments.end()) {
      continue;
    }
    const auto matrix = ATALAYA_TRY(Checklists(to.parts()).matrix(checklist.id));
    if (!begun) {
      to.heading("brief.articles", "articles");
      begun = true;
    }
    to.add(PaperHeading{.level = 3, .text = checklist.label.in(to.language())});
    PaperTable table;
    table.header = {to.say("brief.article"), to.say("brief.article.asks"),
                    to.say("brief.article.law")};
    for (const ChecklistItem& item : checklist.items) {
      const std::string_view mark = matrix.mark(item.id, country);
      table.rows.push_back(
          {PaperWriter::plain(fmt::format("{} · {}", article_name(item, to.language()),
                                          item.label.in(to.language()))),
           PaperWriter::plain(item.about.in(to.language())),
           to.linked(mark == kNotCoded ? to.say("brief.article.not_coded")
                                       : to.value_name(kChecklistScale, mark),
                     fmt::format("/checklists/{}/{}", checklist.id, item.id))});
    }
    to.add(std::move(table));
  }
  return {};
}

}  // namespace atalaya::followup::detail
