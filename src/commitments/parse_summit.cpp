#include <algorithm>
#include <array>

#include <atalaya/base/text.hpp>

#include "parse_context.hpp"

// A page of the Summits' follow-up system: noise, a theme in capitals, then mandates with their
// citations. All level-1 numbers read "1.", so levels come from the indentation alone. Rules stand
// between some Summits and not between others, so they mean nothing here.

namespace atalaya::commitments::parsing {
namespace {

// What stands in the head beside the theme, in four languages: who publishes the page, its title,
// and links to other pages.
bool is_head_noise(std::string_view folded) {
  constexpr std::array<std::string_view, 10> kNoise = {
      "organiza", "organisation", "click here", "haga clic", "clique aqui",
      "cliquez",  "summits of",   "cumbres de", "cupulas d", "sommets d"};
  return folded.find_first_of("abcdefghijklmnopqrstuvwxyz") == std::string_view::npos ||
         std::ranges::any_of(
             kNoise, [&](std::string_view noise) { return folded.find(noise) != folded.npos; });
}

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

bool is_mandates_line(std::string_view folded) {
  return folded == "mandates" || folded == "mandatos" || folded == "mandats";
}

// A theme that is not in capitals ("Gender Equality") stands above or below the line "MANDATES".
std::string find_theme_beside_mandates(const Context& context, std::size_t end) {
  for (std::size_t i = 0; i < end; ++i) {
    if (!is_mandates_line(plain(context.paragraphs[i].text))) {
      continue;
    }
    for (const std::size_t beside : {i - 1, i + 1}) {
      if (beside < end && is_heading(context.paragraphs[beside]) &&
          !names_mandates(plain(context.paragraphs[beside].text)) &&
          !is_head_noise(plain(context.paragraphs[beside].text))) {
        return squeeze(context.paragraphs[beside].text);
      }
    }
  }
  return {};
}

bool names_chapter(const Context& context, const Paragraph& p) {
  const bool symbol = p.text.find_first_of("/0123456789") != std::string::npos;  // "OEA/Ser.E"
  return is_heading(p) && is_theme(p.text) && !symbol && !cites_in_heading(context, p);
}

// "EDUCATION", "HEALTH" … each above items: chapters of one document, of which none is its theme.
bool has_chapters(const Context& context, std::size_t end) {
  const auto& all = context.paragraphs;
  const auto first =
      std::find_if(all.begin() + static_cast<std::ptrdiff_t>(std::min(end, all.size())), all.end(),
                   [&](const Paragraph& p) { return names_chapter(context, p); });
  return std::any_of(first, all.end(), [](const Paragraph& p) { return p.marked(); });
}

void read_head(Context& context, std::size_t end) {
  for (std::size_t i = 0; i < end; ++i) {
    const Paragraph& p = context.paragraphs[i];
    const std::string folded = plain(p.text);
    if (context.result.title.empty() && names_mandates(folded) && folded.find(' ') != folded.npos) {
      context.result.title = squeeze(p.text);
      context.take(p, LineUse::head);
    } else if (is_theme(p.text)) {
      context.take(p, LineUse::head);
      context.result.theme = squeeze(p.text);
    }
  }
  if (context.result.theme.empty() || has_chapters(context, end)) {
    context.result.theme = find_theme_beside_mandates(context, end);
  }
  if (context.result.title.empty()) {
    context.result.title = context.document.title;
  }
}

// Plain text has nothing else to tell its end by; html, docx and pdf say so themselves.
void warn_if_closing_lost(Context& context) {
  const auto last = std::find_if(context.paragraphs.rbegin(), context.paragraphs.rend(),
                                 [](const Paragraph& p) { return !p.rule; });
  const bool cut = std::ranges::any_of(context.result.warnings, [](const Warning& warning) {
    return warning.reason == "commitments.parse.may_be_cut";
  });
  if (!cut && context.document.format == files::Format::txt && !context.result.items.empty() &&
      !context.result.title.empty() &&
      last->line_end == context.result.items.back().line_end) {
    context.warn("closing_lost", last->line_end, "nothing stands below the last item");
  }
}

// "… including: • stocks; • clinics; and publish them.": a sentence that goes on behind the list in
// it. Answers the item that it belongs to, 0 for none. In html every item of a list has its mark;
// in other formats what begins small may be an item that lost it, unless it stands in a column of
// its own.
std::int32_t goes_on_in(const Context& context, const Outline& outline, const Paragraph& p) {
  const std::int32_t outer = outline.outer_at(p.indent);
  const bool alone = outer > 0 && starts_lower(p.text) && p.indent != outline.indent();
  if (outer == 0 || (p.list == 0 && !alone)) {
    return 0;
  }
  const auto citation = context.citations.find(p.text);
  const std::string& text = context.result.items[static_cast<std::size_t>(outer - 1)].text;
  const bool ended = (citation && citation->body.empty()) || context.citations.find(text);
  return ended ? 0 : outer;
}

struct Notes {
  std::vector<Footnote> footnotes;
  NoteMarks defined;
};

// "¹ Canada reserves …", "1. Venezuela reserves its position …": a note that a text above calls, or
// that a State's government begins. A reservation must never become a commitment.
Notes take_notes(Context& context) {
  Notes notes;
  NoteMarks called;
  NoteLines lines;
  const auto take = [&](const Paragraph& p) {
    const bool open = !p.rule && read_footnote(p) && !context.citations.find(p.text);
    if (lines.goes_on(p, open, context.result.language) && !notes.footnotes.empty()) {
      context.take(p, LineUse::note);
      notes.footnotes.back().text += " " + p.marker.label + " " + p.text;
      return true;
    }
    const bool numbered = p.marker.kind == MarkerKind::number;
    std::optional<Footnote> note = p.rule ? std::nullopt : read_footnote(p);
    const bool typed = note.has_value();
    if (!note && (numbered || (p.marked() && p.marker.label.empty()))) {
      note = Footnote{.mark = numbered ? std::to_string(p.marker.value) : std::string(),
                      .text = p.text,
                      .line = p.line};
    }
    const auto citation = context.citations.find(p.text);
    const bool is_called = note && called.contains(note->mark) && !note->mark.empty();
    const bool speaks = note && speaks_for_state(*note, context.catalogue);
    const bool begins = speaks && (begins_with_state(note->text, context.catalogue) ||
                                   states_position(note->text, context.catalogue));
    if (citation || !note || !(typed ? is_called || speaks : begins || (is_called && speaks))) {
      add_called_marks(citation ? citation->body : std::string_view(p.text), called);
      return false;
    }
    notes.defined.insert(note->mark);
    context.take(p, LineUse::note);
    notes.footnotes.push_back(*std::move(note));
    return true;
  };
  std::erase_if(context.paragraphs, take);
  return notes;
}

// What an unmarked paragraph between the items is.
enum class Unmarked { item, continuation, noise };

Unmarked judge(const Context& context, const Outline& outline, const Paragraph& p) {
  if (cites_in_heading(context, p)) {
    return Unmarked::noise;
  }
  const auto citation = context.citations.find(p.text);
  const bool alone = citation && citation->body.empty();  // the end of the item above, if of any
  const bool cited = citation && !alone;
  if (outline.empty()) {
    return cited ? Unmarked::item : Unmarked::noise;
  }
  const std::string& before = context.result.items.back().text;
  const bool before_cited = context.citations.find(before).has_value();
  if (alone) {
    return before_cited ? Unmarked::noise : Unmarked::continuation;
  }
  // Bullets that a pdf draws are no text. Its reader joins the lines of a paragraph, so what stands
  // deeper than the text above, or beside an item whose mark is lost too, is an item.
  const bool of_pdf =
      context.document.format == files::Format::pdf && (cited || ends_clause(p.text));
  if (of_pdf && (before_cited || ends_clause(before)) &&
      (p.indent > outline.indent() ||
       (p.indent == outline.indent() && (p.indent > 0 || p.text.ends_with(':'))))) {
    return Unmarked::item;
  }
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

// What is known once all items are.
void finish(Context& context, const Notes& notes, std::size_t head_end) {
  read_head(context, head_end);
  take_citations(context);
  take_own_text(context);
  warn_of_doubtful_items(context);
  mark_chapeaus(context.result.items);
  if (!notes.footnotes.empty()) {
    hang_statements(context, notes.footnotes, notes.defined);
  }
  warn_if_levels_guessed(context);
  warn_of_order(context);
  warn_if_cut(context);
  warn_if_closing_lost(context);
}

}  // namespace

void warn_if_cut(Context& context) {
  if (context.result.items.empty()) {
    return;
  }
  constexpr std::string_view kAnd[] = {"and", "or", "y", "o", "e", "et", "ou"};
  const auto& items = context.result.items;
  for (std::size_t i = 0; i + 1 < items.size(); ++i) {
    // "…, and" joins the next item.
    const std::string_view text = items[i].text;
    const std::string_view end = text.substr(text.rfind(' ') + 1);
    const bool joins = std::ranges::find(kAnd, end) != std::end(kAnd);
    const bool whole = joins || items[i + 1].level > items[i].level;
    if (!whole && ends_with_joint(text)) {
      context.warn("may_be_cut", items[i].line_end, "a paragraph ends in the middle of a sentence");
      return;
    }
  }
  const ParsedItem& last = items.back();
  if (last.citation.status != CitationStatus::own && !ends_clause(last.text)) {
    context.warn("may_be_cut", last.line_end, "a paragraph ends in the middle of a sentence");
  }
}

void parse_summit(Context& context) {
  const Notes notes = take_notes(context);
  const std::vector<bool> sections =
      find_lettered_headings(context.paragraphs, context.result.language.value_or(Language::en));
  Outline outline;
  const Paragraph* chapter = nullptr;  // that the items stand in
  std::size_t head_end = context.paragraphs.size();
  for (std::size_t i = 0; i < context.paragraphs.size(); ++i) {
    const Paragraph& p = context.paragraphs[i];
    if (p.rule) {
      continue;
    }
    if (sections[i] && !context.citations.find(p.text)) {
      context.warn_of("heading_numbered", p.line, p.text);
      context.take(p, LineUse::heading);
      outline.clear();
      continue;
    }
    const std::int32_t ordinal = next_ordinal(context);
    if (p.marked()) {
      const Outline::Place place = outline.put(p, ordinal);
      context.result.items.push_back(make_item(context, p, ordinal, place));
    } else if (const std::int32_t outer = goes_on_in(context, outline, p); outer > 0) {
      append_text(context, context.result.items[static_cast<std::size_t>(outer - 1)], p);
      outline.close_below(outer);
    } else {
      switch (judge(context, outline, p)) {
        case Unmarked::item: {
          const Outline::Place place = outline.put_unmarked(p, ordinal);
          context.result.items.push_back(make_item(context, p, ordinal, place));
          context.warn_of("marker_lost", p.line, p.text.substr(0, p.text.find(' ')));
          context.result.warnings.back().params = {{"level", std::to_string(place.level)}};
          break;
        }
        case Unmarked::continuation:
          append_text(context, context.result.items.back(), p);
          break;
        case Unmarked::noise:
          chapter = names_chapter(context, p) ? &p : chapter;
          break;
      }
    }
    if (next_ordinal(context) > ordinal && chapter != nullptr) {
      context.take(*chapter, LineUse::heading);
      context.result.items.back().block_title = squeeze(chapter->text);
    }
    if (!context.result.items.empty()) {
      head_end = std::min(head_end, i);
    }
  }
  finish(context, notes, head_end);
}

}  // namespace atalaya::commitments::parsing
