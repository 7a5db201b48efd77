#include <algorithm>
#include <array>
#include <map>

#include <fmt/core.h>

#include <atalaya/base/text.hpp>
#include <atalaya/commitments/lead_in.hpp>

#include "analysis_verbs.hpp"
#include "parse_context.hpp"
#include "parse_dates.hpp"

// The account of a document's lines. The readers say what they take; what none of them took is
// left, and told in one warning. So no shape of document has to be thought of for its words not to
// be lost unsaid.

namespace atalaya::commitments::parsing {
namespace {

constexpr std::size_t kFirstWordsLength = 60;

// With a known language its verbs alone count: "sale" is one in one of the others.
template <typename Test>
bool in_languages(std::optional<Language> language, const Test& test) {
  return language ? test(*language) : std::ranges::any_of(kLanguages, test);
}

std::string_view without_emphasis(std::string_view text) {
  const std::size_t begin = text.find_first_not_of("*#_ ");
  return begin == std::string_view::npos ? text : text.substr(begin);
}

// A paragraph as it was read, from its lines.
Paragraph paragraph_of(const Context& context, const Extent& extent) {
  Paragraph p;
  p.first = extent.first;
  p.last = extent.last;
  p.line = context.document.lines[extent.first].number;
  p.line_end = context.document.lines[extent.last].number;
  p.heading = extent.heading;
  for (std::size_t i = extent.first; i <= extent.last; ++i) {
    const std::string_view text = trim(context.document.lines[i].text);
    p.text += p.text.empty() || text.empty() ? "" : " ";
    p.text += text;
  }
  return p;
}

// The lines that lead to items, which are found again wherever they are needed.
void take_leads(Context& context) {
  const std::vector<LeadIn> leads = leads_of(context.result.lines, context.result.items);
  auto lead = leads.begin();
  const std::vector<files::Line>& lines = context.document.lines;
  for (std::size_t i = 0; i < lines.size() && lead != leads.end(); ++i) {
    while (lead != leads.end() && lead->line_end < lines[i].number) {
      ++lead;
    }
    // A page may have all of its text in one line.
    const std::string_view text = without_emphasis(trim(lines[i].text));
    const bool leads_on =
        lead != leads.end() && lines[i].number >= lead->line && !text.empty() &&
        lead->text.find(text.substr(0, text.find_first_of("*_¹²³["))) != std::string::npos;
    if (leads_on && context.result.uses[i] == LineUse::left) {
      context.result.uses[i] = LineUse::lead_in;
    }
  }
}

// Where the items and the guidance begin and end.
struct Span {
  std::size_t first = 0;
  std::size_t last = 0;
};

Span span_of_items(const std::vector<LineUse>& uses) {
  const auto is_item = [](LineUse use) { return use == LineUse::item || use == LineUse::guidance; };
  Span span{uses.size(), 0};
  for (std::size_t i = 0; i < uses.size(); ++i) {
    if (is_item(uses[i])) {
      span.first = std::min(span.first, i);
      span.last = i;
    }
  }
  return span;
}

// What of the page itself stands around the items: names above, closing lines below.
LineUse use_around(const Context& context, const Paragraph& p, const Span& items) {
  constexpr std::size_t kShortMax = 80;
  if (context.document.lines[p.first].link) {
    return LineUse::furniture;  // warn_of_links() counts them
  }
  if (reads_like_duty(p.text, context.result.language)) {
    return LineUse::left;
  }
  // A title may be long; it ends no sentence.
  if (p.last < items.first && p.text.find_last_of(".,;:") != p.text.size() - 1) {
    return LineUse::head;
  }
  const bool is_short = length_of(p.text) <= kShortMax;
  const std::string folded = plain(p.text);
  const bool names = is_heading(p) || (is_short && find_date(folded));
  if (p.last < items.first) {
    // Who speaks, where and when, but not with what is agreed behind it.
    const bool speaks = promises(p) && only_opens(p.text);
    return names || speaks || (is_short && p.text.ends_with(':')) ? LineUse::head : LineUse::left;
  }
  // Directly below a text that breaks off it is most likely the rest of that.
  const bool rest = p.first == items.last + 1 &&
                    !ends_clause(trim(context.document.lines[items.last].text));
  return p.first > items.last && is_short && names && !rest ? LineUse::furniture : LineUse::left;
}

void warn_of_left(Context& context) {
  constexpr std::size_t kQuotedMax = 6;
  const std::vector<LeftOut>& left = context.result.left;
  const bool promises = context.result.kind != DocumentKind::primer;
  const auto asking = promises ? std::ranges::count(left, true, &LeftOut::asks) : 0;
  std::vector<const LeftOut*> quoted;  // those that ask first
  for (const bool asks : {true, false}) {
    for (const LeftOut& one : left) {
      if (quoted.size() < kQuotedMax && (asking > 0 ? one.asks == asks : asks)) {
        quoted.push_back(&one);
      }
    }
  }
  std::string words;
  for (const LeftOut* one : quoted) {
    words +=
        fmt::format("{}{} “{}”", words.empty() ? "" : " · ", one->line, first_words(one->text));
  }
  words += quoted.size() < left.size() ? " · …" : "";
  context.warn_of(asking > 0 ? "duties_left" : "lines_left", quoted.front()->line, words);
  context.result.warnings.back().params = {
      {"count", std::to_string(context.result.count_lines(LineUse::left))},
      {"number", std::to_string(asking)}};
}

}  // namespace

void open_account(Context& context) {
  std::vector<LineUse>& uses = context.result.uses;
  uses.reserve(context.document.lines.size());
  for (const files::Line& line : context.document.lines) {
    uses.push_back(trim(line.text).empty() ? LineUse::blank : LineUse::left);
  }
  context.extents.reserve(context.paragraphs.size());
  for (const Paragraph& p : context.paragraphs) {
    context.extents.push_back({p.first, p.last, p.heading});
    if (p.rule) {
      context.take(p, LineUse::furniture);
    }
  }
}

void take_rows(Context& context, const WrittenOut& tables) {
  std::map<std::size_t, LineUse> uses;
  for (const std::size_t line : tables.headings) {
    uses[line] = LineUse::heading;
  }
  for (const std::size_t line : tables.rows) {
    uses[line] = LineUse::item;
  }
  if (uses.empty()) {
    return;
  }
  std::erase_if(context.paragraphs, [&](const Paragraph& p) {
    const auto found = uses.find(p.first);
    if (found != uses.end()) {
      context.take(p, found->second);
    }
    return found != uses.end();
  });
}

void tell_left(Context& context) {
  take_leads(context);
  const Span items = span_of_items(context.result.uses);
  for (const Extent& extent : context.extents) {
    if (context.result.uses[extent.first] != LineUse::left) {
      continue;
    }
    Paragraph p = paragraph_of(context, extent);
    context.take(p, use_around(context, p, items));
    if (context.result.uses[extent.first] == LineUse::left) {
      const bool asks = reads_like_duty(p.text, context.result.language);
      context.result.left.push_back({p.line, p.line_end, std::move(p.text), asks});
    }
  }
  if (!context.result.left.empty()) {
    warn_of_left(context);
  }
}

std::string_view behind_label(std::string_view text) {
  constexpr std::size_t kLabelBytesMax = 60;
  const std::size_t colon = text.substr(0, kLabelBytesMax).find(": ");
  return colon == std::string_view::npos ? text : trim(text.substr(colon + 2));
}

bool begins_with_verb(std::string_view text, std::optional<Language> language) {
  const std::string folded = plain(text.substr(0, std::min<std::size_t>(text.size(), 40)));
  std::vector<std::string_view> words = split(folded, ' ');
  const bool purpose = text.find(", we ") != std::string_view::npos;  // "To advance this, we …"
  if (words.size() > 1 && words.front() == "to" && !purpose) {
    words.erase(words.begin());  // "To hold an annual meeting …"
  }
  constexpr std::array<std::string_view, 4> kBehindNouns = {"of", "for", "in", "on"};
  const bool noun =
      words.size() > 1 && std::ranges::find(kBehindNouns, words[1]) != kBehindNouns.end();
  return !words.empty() && in_languages(language, [&](Language one) {
    const auto verb = find_verb(words.front(), one);
    return verb && !(verb->noun_like && noun);
  });
}

bool only_opens(std::string_view text) {
  constexpr std::array<std::string_view, 4> kFollowing = {"following", "siguiente", "seguinte",
                                                          "suivant"};
  const std::string folded = plain(text);
  return !text.ends_with('.') || !leads_to_operatives(folded) ||
         std::ranges::any_of(kFollowing, [&](std::string_view word) {
           return folded.find(word) != std::string::npos;
         });
}

bool reads_like_duty(std::string_view text, std::optional<Language> language) {
  constexpr std::ptrdiff_t kWordsMin = 3;
  constexpr std::array<std::string_view, 10> kDuties = {
      "shall",   "debera",    "deberan", "deberemos", "devera",
      "deverao", "deveremos", "devra",   "devront",   "devrons"};
  text = without_emphasis(text);
  if (const auto marker = find_marker(text)) {
    text.remove_prefix(marker->size);
  }
  if (tells_visitors(text) || std::ranges::count(text, ' ') + 1 < kWordsMin) {
    return false;
  }
  const std::string folded = plain(text);
  const bool says_so =
      std::ranges::any_of(kDuties, [&](std::string_view word) { return has_word(folded, word); });
  return says_so || begins_with_verb(text, language) ||
         begins_with_verb(behind_label(text), language);
}

bool tells_visitors(std::string_view text) {
  constexpr std::array<std::string_view, 41> kWords = {
      "read",    "watch",    "see",       "view",        "download",  "click",    "visit",
      "listen",  "share",    "subscribe", "print",       "leer",      "lea",      "ver",
      "vea",     "mire",     "mirar",     "descargar",   "descargue", "haga",     "visite",
      "escuche", "escuchar", "compartir", "imprimir",    "leia",      "ler",      "veja",
      "assista", "assistir", "baixe",     "baixar",      "clique",    "lire",     "lisez",
      "voir",    "regarder", "regardez",  "telecharger", "cliquez",   "consultez"};
  const std::string folded = plain(text.substr(0, std::min<std::size_t>(text.size(), 24)));
  return std::ranges::find(kWords, std::string_view(folded).substr(0, folded.find(' '))) !=
         kWords.end();
}

std::string first_words(std::string_view text) {
  if (length_of(text) <= kFirstWordsLength) {
    return std::string(text);
  }
  std::size_t end = std::min(text.size(), kFirstWordsLength);
  const std::size_t blank = text.rfind(' ', end);
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  return std::string(text.substr(0, blank == std::string_view::npos ? end : blank)) + " …";
}

}  // namespace atalaya::commitments::parsing
