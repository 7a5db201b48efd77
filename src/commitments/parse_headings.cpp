#include <algorithm>

#include "parse_context.hpp"

// Some pages print the source once, above the items: "II Summit of the Americas, Santiago, 1998",
// "Plan of Action of Santiago". Such a heading speaks for what stands below it, up to the next one,
// unless one of these items is cited from another meeting: then it is a link, or the site's own
// name. An item's own citation says more than a heading, and a heading more than a neighbour. One
// that names a text and does not count still ends the reach of the one above it.

namespace atalaya::commitments::parsing {
namespace {

struct CitingHeading {
  const Paragraph* paragraph = nullptr;
  Effective effective;  // empty of one that only ends the reach of another
};

// Headings that name a meeting or text and stand above an item, other headings between them or not.
// Where one that names no text stands beside one that does ("Plan of Action" below "Santiago,
// 1998"), both speak.
std::vector<CitingHeading> find_headings(const Context& context) {
  std::vector<CitingHeading> found;
  std::size_t open = 0;  // those above which no item has stood yet begin here
  const Paragraph* above = nullptr;  // a heading directly above
  for (const Paragraph& p : context.paragraphs) {
    if (p.rule) {
      continue;
    }
    if (p.marked() || !is_heading(p) || context.citations.find(p.text)) {
      open = p.marked() ? found.size() : open;
      above = nullptr;
      continue;
    }
    auto cited = context.citations.in_heading(p.text);
    const bool both =
        above != nullptr && (cited || (found.size() > open && found.back().paragraph == above));
    if (both && (!cited || context.citations.resolve(*cited).document.empty())) {
      const auto joined = context.citations.in_heading(above->text + ", " + p.text);
      const bool more = joined && !context.citations.resolve(*joined).document.empty();
      cited = more ? joined : cited;
    }
    above = &p;
    if (!cited) {
      if (context.citations.speaks_of_text(p.text)) {
        found.push_back({&p, {}});
      }
      continue;
    }
    // Of several in a row the last one that names a text speaks, else the last.
    const Effective effective = context.citations.resolve(*cited);
    const bool vaguer = found.size() > open && effective.document.empty() &&
                        found.back().effective.meeting == effective.meeting;
    if (!vaguer) {
      found.push_back({&p, effective});
    }
  }
  found.resize(open);
  return found;
}

}  // namespace

bool cites_in_heading(const Context& context, const Paragraph& p) {
  return is_heading(p) && !context.citations.find(p.text) &&
         context.citations.in_heading(p.text).has_value();
}

std::vector<Reach> take_headings(Context& context) {
  std::vector<ParsedItem>& items = context.result.items;
  const std::vector<CitingHeading> headings = find_headings(context);
  std::vector<Reach> reaches;
  for (std::size_t k = 0; k < headings.size(); ++k) {
    const std::int32_t line = headings[k].paragraph->line;
    reaches.push_back({line, false});
    if (headings[k].effective.meeting.empty()) {
      continue;
    }
    const auto begin = std::ranges::lower_bound(items, line, {}, &ParsedItem::line);
    const auto end =
        k + 1 < headings.size()
            ? std::ranges::lower_bound(begin, items.end(), headings[k + 1].paragraph->line, {},
                                       &ParsedItem::line)
            : items.end();
    const Effective& effective = headings[k].effective;
    const bool contradicted = std::any_of(begin, end, [&](const ParsedItem& item) {
      return !item.effective.meeting.empty() && item.effective.meeting != effective.meeting;
    });
    if (contradicted) {
      reaches.back().closed = begin != items.begin();  // above all items: the site's own name
      continue;
    }
    std::int32_t count = 0;
    for (auto item = begin; item != end; ++item) {
      if (item->citation.status == CitationStatus::none) {
        item->citation.status = CitationStatus::inferred;
        item->effective = effective;
        ++count;
      } else if (item->effective.document.empty()) {
        item->effective.document = effective.document;
      }
    }
    std::erase_if(context.result.warnings, [&](const Warning& warning) {
      return warning.line == line && warning.reason == "commitments.parse.unmarked_paragraph";
    });
    if (count > 0) {
      context.warn_of("citation_heading", line, headings[k].paragraph->text);
      context.result.warnings.back().params = {{"count", std::to_string(count)},
                                               {"document", effective.document}};
    }
  }
  return reaches;
}

}  // namespace atalaya::commitments::parsing
