#include <algorithm>
#include <array>
#include <optional>

#include <atalaya/base/text.hpp>
#include <atalaya/commitments/lead_in.hpp>

#include "analysis_date_mentions.hpp"
#include "analysis_words.hpp"
#include "parse_context.hpp"
#include "parse_tables.hpp"

namespace atalaya::commitments {
namespace {

constexpr std::size_t kLeadBytesMax = 1500;

// "**Commit to the following:** ¹" without what is set around the words.
std::string bare(std::string_view line, const parsing::NoteMarks& none) {
  ParsedItem item;
  item.text = squeeze(line);
  parsing::take_note_marks(item, none);
  const std::size_t begin = item.text.find_first_not_of("*#_ ");
  const std::size_t end = item.text.find_last_not_of("*_ ");
  return begin == std::string::npos ? std::string() : item.text.substr(begin, end - begin + 1);
}

// Whether `text`, which ends in a colon, leads to what is agreed: it says so, dates it, or breaks
// off before it ("… to:"). "Police Management:" and "Share:" name what follows, and recitals lead
// to grounds.
bool leads(const std::string& text) {
  static constexpr std::array<std::string_view, 12> kOpeners = {
      "to",  "a",       "following", "siguiente",  "seguinte",  "suit",
      "que", "suivant", "suivantes", "siguientes", "seguintes", "that"};
  parsing::Paragraph p;
  p.text = text;
  const bool agrees = parsing::leads_to_operatives(parsing::plain(text));
  const std::vector<Word> words = words_of(text);
  if (words.empty() || (parsing::starts_as_recital(p) && !agrees)) {
    return false;
  }
  return agrees || std::ranges::find(kOpeners, words.back().key) != kOpeners.end() ||
         std::ranges::any_of(words, [](const Word& word) { return year_of(word) != 0; });
}

// The lines above one item, from the end of the item before it.
class Gap {
 public:
  Gap(std::span<const std::string> lines, std::int32_t after, std::int32_t before)
      : lines_(lines), after_(after), before_(before) {}

  struct Found {
    std::optional<LeadIn> lead;
    bool sentence = false;  // something else was said; what led before leads no more
  };

  [[nodiscard]] Found find() const {
    for (std::int32_t n = before_ - 1; n > after_; --n) {
      const std::string text = bare(line(n), none_);
      if (!text.ends_with(':') && !parsing::ends_clause(text)) {
        continue;  // nothing, or a heading
      }
      LeadIn lead = whole(n, text);
      n = lead.line;
      if (!text.ends_with(':')) {
        const bool said = parsing::starts_upper(lead.text) && !text.ends_with(';');
        if (said) {
          return {std::nullopt, true};
        }
      } else if (lead.text.size() <= kLeadBytesMax && leads(lead.text)) {
        return {std::move(lead), false};
      }
    }
    return {};
  }

 private:
  [[nodiscard]] std::string_view line(std::int32_t n) const {
    const bool held = n >= 1 && static_cast<std::size_t>(n) <= lines_.size();
    return held ? std::string_view(lines_[static_cast<std::size_t>(n - 1)]) : std::string_view();
  }

  // The paragraph that ends in line `n`: with the lines above that a page's width broke.
  [[nodiscard]] LeadIn whole(std::int32_t n, const std::string& last) const {
    constexpr std::size_t kWrappedLengthMin = 60;
    LeadIn out{n, n, last, 0, 0};
    while (out.line - 1 > after_ && out.text.size() <= kLeadBytesMax) {
      const std::string above = bare(line(out.line - 1), none_);
      const bool digit = out.text.front() >= '0' && out.text.front() <= '9';
      const bool goes_on = parsing::starts_lower(out.text) || digit ||
                           parsing::length_of(above) >= kWrappedLengthMin;
      if (above.empty() || parsing::ends_clause(above) || !goes_on) {
        break;
      }
      out.text = above + " " + out.text;
      --out.line;
    }
    return out;
  }

  std::span<const std::string> lines_;
  std::int32_t after_, before_;  // lines of items
  parsing::NoteMarks none_{};
};

}  // namespace

std::vector<LeadIn> leads_of(std::span<const std::string> lines,
                             std::span<const ParsedItem> items) {
  std::vector<LeadIn> out;
  bool open = false;
  std::int32_t end = 0;  // the last line of the items so far
  for (std::size_t i = 0; i < items.size(); ++i) {
    const ParsedItem& item = items[i];
    if (item.level == 1) {
      Gap::Found found = Gap(lines, end, item.line).find();
      const bool other = i > 0 && items[i - 1].effective.document != item.effective.document;
      open = open && !found.sentence && !other;
      if (found.lead) {
        open = true;
        out.push_back(*std::move(found.lead));
        out.back().first = item.ordinal;
      }
    }
    if (open) {
      out.back().last = item.ordinal;
    }
    end = std::max(end, item.line_end);
  }
  std::ranges::move(rows_of(lines, items), std::back_inserter(out));
  std::ranges::stable_sort(out, {}, &LeadIn::first);
  return out;
}

namespace parsing {

void mark_clauses(Context& context) {
  constexpr std::size_t kClausesMin = 3;
  std::vector<Paragraph>& all = context.paragraphs;
  if (std::ranges::any_of(all, [&](const Paragraph& p) {
        return p.marked() || context.citations.find(p.text).has_value();
      })) {
    return;
  }
  const auto goes_on = [](std::string_view text) {
    const std::size_t semicolon = text.rfind(';');
    constexpr std::size_t kAndBytesMax = 4;  // "; and", "; y", "; et"
    return semicolon != std::string_view::npos && text.size() - semicolon - 1 <= kAndBytesMax;
  };
  std::size_t count = 0;
  std::int32_t line = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].text.ends_with(':') || all[i].rule) {
      continue;
    }
    std::size_t end = i + 1;
    while (end < all.size() && !all[end].rule && goes_on(all[end].text) &&
           !starts_as_recital(all[end])) {
      ++end;
    }
    end += end < all.size() && end > i + 1 && all[end].text.ends_with('.') ? 1U : 0U;
    for (std::size_t k = i + 1; end - i > kClausesMin && k < end; ++k) {
      all[k].marker.kind = MarkerKind::bullet;
      line = count++ == 0 ? all[k].line : line;
    }
    i = end - 1;
  }
  if (count > 0) {
    context.warn("items_by_semicolons", line);
    context.result.warnings.back().params = {{"count", std::to_string(count)}};
  }
}

}  // namespace parsing
}  // namespace atalaya::commitments
