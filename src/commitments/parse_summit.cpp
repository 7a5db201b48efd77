#include <algorithm>

#include <atalaya/base/text.hpp>

#include "parse_context.hpp"

// A page of the Summits' follow-up system: noise, a theme in capitals, then mandates with their
// citations. All level-1 numbers read "1.", so levels come from the indentation alone. Rules stand
// between some Summits and not between others, so they mean nothing here.

namespace atalaya::commitments::parsing {
namespace {

constexpr std::size_t kNoiseLengthMax = 80;

std::int32_t next_ordinal(const Context& context) {
  return static_cast<std::int32_t>(context.result.items.size()) + 1;
}

// The first word is in capitals and is a word: "SECURITY: Public Policies".
bool is_theme(std::string_view text) {
  const std::string_view word = text.substr(0, text.find_first_of(" :,"));
  if (length_of(word) < 3 || length_of(text) > 120) {
    return false;
  }
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] >= 'a' && word[i] <= 'z') {
      return false;
    }
    // Latin small letters with accents (C3 9F to C3 BF).
    if (static_cast<unsigned char>(word[i]) == 0xC3 && i + 1 < word.size() &&
        static_cast<unsigned char>(word[i + 1]) >= 0x9F) {
      return false;
    }
  }
  const std::string folded = plain(word);
  return folded.find_first_of("abcdefghijklmnopqrstuvwxyz") != std::string::npos &&
         folded != "mandates" && folded != "mandatos" && folded != "mandats" && folded != "oas" &&
         folded != "oea";
}

bool names_mandates(std::string_view folded) {
  return has_word(folded, "mandates") || has_word(folded, "mandatos") ||
         has_word(folded, "mandats");
}

void read_head(Context& context, std::size_t end) {
  for (std::size_t i = 0; i < end; ++i) {
    const Paragraph& p = context.paragraphs[i];
    const std::string folded = plain(p.text);
    if (context.result.title.empty() && names_mandates(folded) && folded.find(' ') != folded.npos) {
      context.result.title = squeeze(p.text);
    } else if (is_theme(p.text)) {
      context.result.theme = squeeze(p.text);
    }
  }
  if (context.result.title.empty()) {
    context.result.title = context.document.title;
  }
}

// What an unmarked paragraph between the items is.
enum class Unmarked { item, continuation, noise };

Unmarked judge(const Context& context, const Outline& outline, const Paragraph& p) {
  const bool cited = context.citations.find(p.text).has_value();
  if (outline.empty()) {
    return cited ? Unmarked::item : Unmarked::noise;
  }
  const std::string& before = context.result.items.back().text;
  const bool before_cited = context.citations.find(before).has_value();
  if (p.indent > outline.indent() && p.indent >= outline.body() && !before_cited) {
    return Unmarked::continuation;
  }
  const bool beside_sub_item = outline.level() > 1 && p.indent == outline.indent();
  if (cited || beside_sub_item || (p.indent > outline.indent() && !is_heading(p))) {
    return Unmarked::item;
  }
  if (!before_cited && starts_lower(p.text) && !ends_clause(before)) {
    return Unmarked::continuation;
  }
  return Unmarked::noise;
}

}  // namespace

void parse_summit(Context& context) {
  Outline outline;
  std::size_t head_end = context.paragraphs.size();
  for (std::size_t i = 0; i < context.paragraphs.size(); ++i) {
    const Paragraph& p = context.paragraphs[i];
    if (p.rule) {
      continue;
    }
    const std::int32_t ordinal = next_ordinal(context);
    if (p.marked()) {
      const Outline::Place place = outline.put(p, ordinal);
      context.result.items.push_back(make_item(p, ordinal, place));
    } else {
      switch (judge(context, outline, p)) {
        case Unmarked::item: {
          const Outline::Place place = outline.put_unmarked(p, ordinal);
          context.result.items.push_back(make_item(p, ordinal, place));
          context.warn_of("marker_lost", p.line, p.text.substr(0, p.text.find(' ')));
          break;
        }
        case Unmarked::continuation:
          append_text(context.result.items.back(), p);
          break;
        case Unmarked::noise:
          if (!outline.empty() && length_of(p.text) > kNoiseLengthMax) {
            context.warn("unmarked_paragraph", p.line, "not taken as a mandate");
          }
          break;
      }
    }
    if (!context.result.items.empty()) {
      head_end = std::min(head_end, i);
    }
  }
  read_head(context, head_end);
  take_citations(context);
  mark_chapeaus(context.result.items);
  warn_if_levels_guessed(context);
  warn_if_cut(context);
}

}  // namespace atalaya::commitments::parsing
