#include "parse_citation.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/core.h>

#include <atalaya/base/text.hpp>

#include "parse_dates.hpp"
#include "parse_lines.hpp"

// A citation is "(<document> <place or Summit>, <year>)" at the end of a paragraph. People typed
// them by hand over twenty years: the opening parenthesis is lost once, the final period four
// times, blanks stand inside and none before. The year decides the meeting, because no two
// meetings of one series fell into one year; names decide only between the texts of that meeting.

namespace atalaya::commitments::parsing {
namespace {

// Words that only name an adopted text or a meeting, folded, in four languages.
constexpr std::array<std::string_view, 33> kTextWords = {
    "plan of action", "action plan", "plan de accion", "plano de acao", "plan d'action",
    "declaration",    "declaracion", "declaracao",     "agenda",        "commitment",
    "compromiso",     "compromisso", "engagement",     "initiatives",   "iniciativas",
    "mandates",       "mandatos",    "mandats",        "summit",        "cumbre",
    "cupula",         "sommet",      "communique",     "comunicado",    "resolution",
    "resolucion",     "resolucao",   "program",        "programme",     "programa",
    "lineamientos",   "consensus",   "consenso"};
// Names of instruments: a parenthesis with one of them explains the sentence and cites nothing.
constexpr std::array<std::string_view, 10> kInstrumentWords = {
    "convention", "convencion", "convencao", "protocol", "protocolo",
    "protocole",  "treaty",     "tratado",   "traite",   "tratados"};
// Of these, the texts that are none of the forms that the catalogue has.
constexpr std::array<std::string_view, 12> kOtherTexts = {
    "communique", "comunicado", "resolution", "resolucion", "resolucao",    "program",
    "programme",  "programa",   "agenda",     "consensus",  "lineamientos", "consenso"};
constexpr std::array<std::string_view, 4> kSummitWords = {"summit", "cumbre", "cupula", "sommet"};
constexpr std::size_t kCitationBytesMax = 300;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

template <std::size_t N>
bool has_any(std::string_view folded, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return has_word(folded, word); });
}

// The year at the end of `text` (end marks and blanks allowed after it), 0 if there is none.
struct YearAt {
  std::int32_t year = 0;
  std::size_t begin = 0;
};

YearAt year_at_end(std::string_view text) {
  text = trim(text);
  while (!text.empty() && (text.back() == '.' || text.back() == ',')) {
    text = trim(text.substr(0, text.size() - 1));
  }
  if (text.size() < 4) {
    return {};
  }
  const std::size_t begin = text.size() - 4;
  std::int32_t year = 0;
  for (const char c : text.substr(begin)) {
    if (!is_digit(c)) {
      return {};
    }
    year = year * 10 + (c - '0');
  }
  if (year < 1900 || year > 2100 || (begin > 0 && is_digit(text[begin - 1]))) {
    return {};
  }
  return {.year = year, .begin = begin};
}

std::optional<std::size_t> find_opening(std::string_view text, std::size_t closing) {
  const bool square = text[closing] == ']';
  int depth = 0;
  for (std::size_t i = closing + 1; i-- > 0;) {
    if (text[i] == (square ? ']' : ')')) {
      ++depth;
    } else if (text[i] == (square ? '[' : '(') && --depth == 0) {
      return i;
    }
    if (closing - i > kCitationBytesMax) {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

std::string_view trim_marks(std::string_view text) {
  text = trim(text);
  while (!text.empty() && std::string_view(",.;: ([").find(text.front()) != std::string_view::npos) {
    text = trim(text.substr(1));
  }
  while (!text.empty() && std::string_view(",.;: )]").find(text.back()) != std::string_view::npos) {
    text = trim(text.substr(0, text.size() - 1));
  }
  return text;
}

// The bytes of `text` that fold to `folded_prefix`, 0 where they do not.
std::size_t prefix_bytes(std::string_view text, std::string_view folded_prefix) {
  for (std::size_t i = 1; i <= text.size(); ++i) {
    if (i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) {
      continue;
    }
    const std::string folded = plain(text.substr(0, i));
    if (folded.size() > folded_prefix.size() + 4) {
      return 0;
    }
    if (folded == folded_prefix) {
      return i;
    }
  }
  return 0;
}

// "de Santiago" of "Plan de Acción de Santiago".
std::string_view without_preposition(std::string_view place) {
  for (const std::string_view word :
       {"of the ", "of ", "de la ", "de ", "del ", "da ", "do ", "d'"}) {
    if (place.starts_with(word)) {
      return place.substr(word.size());
    }
  }
  return place;
}

// Where the name of a text ends that the catalogue does not know: at the first comma, or, where a
// chapter of initiatives is cited ("Education, Initiatives VII Summit …"), after that word.
std::size_t unknown_name_end(std::string_view names) {
  const std::size_t comma = std::min(names.find(','), names.size());
  if (comma == names.size()) {
    return comma;
  }
  const std::string_view rest = names.substr(comma + 1);
  const std::string_view after = trim(rest);
  const std::size_t word = std::min(after.find_first_of(" ,"), after.size());
  const std::string folded = plain(after.substr(0, word));
  if (folded == "initiatives" || folded == "iniciativas") {
    return static_cast<std::size_t>(after.data() - names.data()) + word;
  }
  return comma;
}

std::string_view form_of(std::string_view folded) {
  if (has_any(folded,
              std::array<std::string_view, 5>{"plan of action", "action plan", "plan de accion",
                                              "plano de acao", "plan d'action"})) {
    return "plan_of_action";
  }
  if (has_any(folded,
              std::array<std::string_view, 3>{"declaration", "declaracion", "declaracao"})) {
    return "declaration";
  }
  if (has_any(folded, std::array<std::string_view, 4>{"commitment", "compromiso", "compromisso",
                                                      "engagement"})) {
    return "commitment";
  }
  if (has_any(folded, std::array<std::string_view, 5>{"initiatives", "iniciativas", "mandates",
                                                      "mandatos", "mandats"})) {
    return "mandates";
  }
  return {};
}

// "Plan of Action, 2001" of "Plan of Action, 2001, para. 7".
std::string_view without_locator(std::string_view text) {
  constexpr std::size_t kBytesMax = 60;
  constexpr std::array<std::string_view, 14> kStems = {"para",  "parr",  "point", "punto", "ponto",
                                                       "secti", "secci", "seca",  "chap",  "capi",
                                                       "page",  "pagi",  "annex", "anexo"};
  constexpr std::array<std::string_view, 12> kWords = {"par", "p",   "pp",   "no",  "nos",  "num",
                                                       "n",   "art", "arts", "sec", "item", "cap"};
  for (std::size_t i = text.size(); i >= 4 && text.size() - i <= kBytesMax; --i) {
    const bool ends_number = is_digit(text[i - 1]) && (i == text.size() || !is_digit(text[i]));
    if (!ends_number || year_at_end(text.substr(0, i)).year == 0) {
      continue;
    }
    const std::string behind = plain(trim_marks(text.substr(i)));
    const std::string_view word = std::string_view(behind).substr(
        0, std::min(behind.find_first_not_of("abcdefghijklmnopqrstuvwxyz"), behind.size()));
    const bool counts =
        behind.starts_with("§") || std::ranges::find(kWords, word) != kWords.end() ||
        std::ranges::any_of(kStems, [&](std::string_view stem) { return word.starts_with(stem); });
    return counts ? text.substr(0, i) : text;
  }
  return text;
}

struct Dash {
  std::size_t begin = std::string_view::npos;
  std::size_t end = 0;
};

// The last dash that stands between two parts of a sentence.
Dash last_dash(std::string_view text) {
  Dash last;
  for (const std::string_view dash : {"– ", "— ", " - "}) {
    const std::size_t at = text.rfind(dash);
    if (at != std::string_view::npos && (last.begin == std::string_view::npos || at > last.begin)) {
      last = {.begin = at, .end = at + dash.size()};
    }
  }
  return last;
}

bool has_year(std::string_view text) {
  for (std::size_t i = 4; i <= text.size(); ++i) {
    if ((i == text.size() || !is_digit(text[i])) && year_at_end(text.substr(0, i)).year != 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string plain(std::string_view text) {
  std::string folded = squeeze(fold(text));
  std::string out;
  out.reserve(folded.size());
  for (std::size_t i = 0; i < folded.size();) {
    if (static_cast<unsigned char>(folded[i]) < 0x80) {
      out += folded[i++];
      continue;
    }
    const std::string_view rest = std::string_view(folded).substr(i);
    if (rest.starts_with("’") || rest.starts_with("‘")) {
      out += '\'';
      i += 3;
    } else if (rest.starts_with("“") || rest.starts_with("”")) {
      out += '"';
      i += 3;
    } else if (rest.starts_with("\u00AD")) {
      i += 2;  // where a word may be hyphenated: no letter
    } else if (rest.starts_with("\u200B")) {
      i += 3;
    } else {
      out += folded[i++];
    }
  }
  return out;
}

std::string_view find_printed(std::string_view text, std::string_view folded_phrase) {
  if (folded_phrase.empty() || !has_word(plain(text), folded_phrase)) {
    return {};
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool starts_word =
        i == 0 || std::string_view(" ,.(\"'").find(text[i - 1]) != std::string_view::npos;
    if (!starts_word) {
      continue;
    }
    if (const std::size_t n = prefix_bytes(text.substr(i), folded_phrase)) {
      return text.substr(i, n);
    }
  }
  return {};
}

CitationReader::CitationReader(const Catalogue& catalogue) : catalogue_(&catalogue) {
  for (const Document& document : catalogue.documents()) {
    for (const std::string& name : document.cited_as) {
      names_.push_back({.folded = plain(name), .document = &document});
    }
  }
  for (const Meeting& meeting : catalogue.meetings()) {
    for (const std::string& alias : meeting.aliases) {
      const std::string folded = plain(alias);
      const bool numbered = has_any(folded, kSummitWords) || folded.starts_with("mispa ") ||
                            folded.starts_with("mispa-");
      aliases_.push_back({.folded = folded, .meeting = &meeting, .numbered = numbered});
    }
  }
}

bool CitationReader::reads_like_citation(std::string_view inner) const {
  const std::string folded = plain(inner);
  if (std::any_of(names_.begin(), names_.end(),
                  [&](const Name& name) { return folded.starts_with(name.folded); })) {
    return true;
  }
  if (has_any(folded, kInstrumentWords)) {
    return false;
  }
  if (has_any(folded, kTextWords)) {
    return true;
  }
  // An unknown text: a name of some words, a place, a year, and no other number (a date).
  const auto digits = std::count_if(folded.begin(), folded.end(), is_digit);
  const auto words = std::count(folded.begin(), folded.end(), ' ') + 1;
  return digits == 4 && words >= 4 && folded.find(',') != std::string::npos;
}

// Where a citation starts whose opening parenthesis was lost: the last name of an adopted text,
// written with a capital. A name further left counts only when it covers the one found before
// ("Inter-American Action Plan on Democratic Governance" covers "Action Plan").
std::optional<std::size_t> CitationReader::find_lost_start(std::string_view text) const {
  std::size_t from = text.size() > kCitationBytesMax ? text.size() - kCitationBytesMax : 0;
  while (from > 0 && from < text.size() && text[from - 1] != ' ') {
    ++from;  // a whole word, and so a whole character
  }
  const std::string folded = plain(text.substr(from));
  std::size_t begin = std::string::npos;
  std::size_t end = 0;
  const auto consider = [&](std::string_view name) {
    const std::size_t at = folded.rfind(name);
    if (at == std::string::npos || find_word(folded.substr(at > 0 ? at - 1 : 0), name) > 1) {
      return;
    }
    const bool later = begin == std::string::npos || (at > begin && at + name.size() > end);
    const bool covers = begin != std::string::npos && at <= begin && at + name.size() >= end;
    if (later || covers) {
      begin = at;
      end = at + name.size();
    }
  };
  for (const std::string_view word : kTextWords) {
    consider(word);
  }
  for (const Name& name : names_) {
    consider(name.folded);
  }
  if (begin == std::string::npos) {
    return std::nullopt;
  }
  const std::string_view tail = std::string_view(folded).substr(begin);
  for (std::size_t i = from; i < text.size(); ++i) {
    if ((i == from || text[i - 1] == ' ') && starts_upper(text.substr(i)) &&
        plain(text.substr(i)) == tail) {
      return i;
    }
  }
  return std::nullopt;
}

// Splits at the catalogue's name of the text, or else at commas: the first part is the text, the
// last one that names no Summit is the place.
void CitationReader::split_names(std::string_view names, Citation& citation) const {
  const std::string folded = plain(names);
  std::string_view longest;
  for (const Name& name : names_) {
    if (name.folded.size() > longest.size() && folded.starts_with(name.folded) &&
        find_word(folded, name.folded) == 0) {
      longest = name.folded;
    }
  }
  const std::size_t named = longest.empty() ? 0 : prefix_bytes(names, longest);
  const std::size_t end = named > 0 ? named : unknown_name_end(names);
  citation.document = std::string(trim_marks(names.substr(0, end)));
  for (const std::string_view part : split(names.substr(end), ',')) {
    if (!trim_marks(part).empty() && !has_any(plain(part), kSummitWords)) {
      citation.place = std::string(without_preposition(trim_marks(part)));
    }
  }
  if (!citation.place.empty()) {
    return;
  }
  // A place inside the name of the text: "Declaration of Port of Spain".
  const std::string document = plain(citation.document);
  for (const Alias& alias : aliases_) {
    if (alias.meeting->year == citation.year && alias.meeting->series == "summit" &&
        alias.folded.size() > citation.place.size() && has_word(document, alias.folded) &&
        !has_any(alias.folded, kSummitWords)) {
      citation.place = std::string(find_printed(citation.document, alias.folded));
    }
  }
}

// Whether the words name an adopted text or a Summit, by a name of the catalogue or what such a
// text is called; an unknown name alone does not.
bool CitationReader::names_text(std::string_view inner) const {
  const std::string folded = plain(inner);
  return std::ranges::any_of(names_,
                             [&](const Name& name) { return folded.starts_with(name.folded); }) ||
         (!has_any(folded, kInstrumentWords) &&
          (!form_of(folded).empty() || has_any(folded, kSummitWords)));
}

std::string_view CitationReader::find_unread(std::string_view text) const {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != ')' && text[i] != ']') {
      continue;
    }
    const auto opening = find_opening(text, i);
    const std::string_view group =
        opening ? text.substr(*opening, i + 1 - *opening) : std::string_view();
    if (has_year(group) && names_text(trim_marks(group))) {
      return group;
    }
  }
  const Dash dash = last_dash(text);
  const std::string_view part =
      dash.begin == text.npos ? std::string_view() : trim(text.substr(dash.end));
  return part.size() <= kCitationBytesMax && has_year(part) && names_text(part)
             ? part
             : std::string_view();
}

std::optional<FoundCitation> CitationReader::find(std::string_view text) const {
  constexpr std::size_t kTailBytesMax = 60;
  text = trim(text);
  if (auto found = find_at_end(text); found || !text.ends_with(':')) {
    return found;
  }
  if (auto found = find_at_end(text.substr(0, text.size() - 1))) {
    found->tail = text.substr(text.size() - 1);
    return found->body.empty() ? std::nullopt : std::move(found);
  }
  const std::size_t closing = text.find_last_of(")]");
  if (closing == std::string_view::npos || text.size() - closing > kTailBytesMax) {
    return std::nullopt;
  }
  auto found = find_at_end(text.substr(0, closing + 1));
  if (!found || found->body.empty()) {
    return std::nullopt;
  }
  found->tail = text.substr(closing + 1);
  return found;
}

std::optional<FoundCitation> CitationReader::find_at_end(std::string_view text) const {
  std::string_view head = text;
  while (!head.empty() && std::string_view(".;,").find(head.back()) != std::string_view::npos) {
    head = trim(head.substr(0, head.size() - 1));
  }
  FoundCitation found;
  std::size_t start = 0;
  std::string_view cited = head;  // as far as its year
  const bool square = head.ends_with(']');
  if (head.ends_with(')') || square) {
    const std::string_view inside = without_locator(head.substr(0, head.size() - 1));
    if (year_at_end(inside).year == 0) {
      return std::nullopt;
    }
    cited = inside;
    if (const auto opening = find_opening(head, head.size() - 1)) {
      start = *opening;
    } else if (const auto lost = square ? std::nullopt : find_lost_start(inside)) {
      start = *lost;
      found.lost_parenthesis = true;
    } else {
      return std::nullopt;
    }
  } else {
    if (year_at_end(head).year == 0) {
      return std::nullopt;
    }
    const std::size_t from = head.size() > kCitationBytesMax ? head.size() - kCitationBytesMax : 0;
    const std::size_t opening = head.substr(from).rfind('(');
    if (opening == std::string_view::npos ||
        head.find(')', from + opening) != std::string_view::npos) {
      return find_behind_dash(text, head);
    }
    start = from + opening;
    found.lost_parenthesis = true;
  }
  const std::string_view inner = trim_marks(cited.substr(std::min(start, cited.size())));
  const YearAt year = year_at_end(inner);
  if (inner.size() > kCitationBytesMax || year.year == 0 || !reads_like_citation(inner) ||
      trim_marks(inner.substr(0, year.begin)).empty()) {
    return std::nullopt;
  }
  found.citation.raw = squeeze(head.substr(start));
  found.citation.year = year.year;
  found.citation.status = CitationStatus::own;
  split_names(trim_marks(inner.substr(0, year.begin)), found.citation);
  found.body = trim(text.substr(0, start));
  return found;
}

// "Publish the statistics. – Plan of Action, Santiago, 1998": behind a clause, where a menu would
// have an entry.
std::optional<FoundCitation> CitationReader::find_behind_dash(std::string_view text,
                                                              std::string_view head) const {
  constexpr std::ptrdiff_t kBlanksOfClause = 7;
  const Dash dash = last_dash(head);
  if (dash.begin == std::string_view::npos) {
    return std::nullopt;
  }
  FoundCitation found{.citation = {}, .body = trim(text.substr(0, dash.begin)), .tail = {}};
  const std::string_view inner = trim_marks(head.substr(dash.end));
  const YearAt year = year_at_end(inner);
  const bool clause =
      ends_clause(found.body) || std::ranges::count(found.body, ' ') >= kBlanksOfClause;
  if (!clause || inner.size() > kCitationBytesMax || year.year == 0 || !starts_upper(inner) ||
      !names_text(inner)) {
    return std::nullopt;
  }
  found.citation.raw = squeeze(inner);
  found.citation.year = year.year;
  found.citation.status = CitationStatus::own;
  split_names(trim_marks(inner.substr(0, year.begin)), found.citation);
  return found;
}

// Of the names by which the catalogue calls meetings of that year (0: of any) the longest. A number
// ("MISPA II", "VII Summit of the Americas") says more than a place.
const CitationReader::Alias* CitationReader::longest_alias(std::string_view folded,
                                                           std::int32_t year) const {
  const Alias* best = nullptr;
  for (const Alias& alias : aliases_) {
    const bool better =
        best == nullptr || alias.numbered > best->numbered ||
        (alias.numbered == best->numbered && alias.folded.size() > best->folded.size());
    if ((year == 0 || alias.meeting->year == year) && better && has_word(folded, alias.folded)) {
      best = &alias;
    }
  }
  return best;
}

const Meeting* CitationReader::find_meeting(const Citation& citation,
                                            std::string_view folded) const {
  const Alias* named = longest_alias(folded, citation.year);
  if (named != nullptr && (named->numbered || named->meeting->series == "summit")) {
    return named->meeting;
  }
  // A place where a Summit was, in a year when another one was elsewhere, is more likely a slip
  // than the place of a meeting of ministers.
  const bool slip = named != nullptr && std::ranges::any_of(aliases_, [&](const Alias& alias) {
                      return alias.meeting->series == "summit" && alias.folded == named->folded;
                    });
  if (named != nullptr && !slip) {
    return named->meeting;
  }
  for (const Meeting& meeting : catalogue_->meetings()) {
    if (meeting.year == citation.year && meeting.series == "summit") {
      return &meeting;
    }
  }
  return named != nullptr ? named->meeting : nullptr;
}

std::optional<Citation> CitationReader::in_heading(std::string_view text) const {
  const std::string folded = plain(text);
  std::int32_t year = 0;
  for (std::size_t i = 0; i + 4 <= folded.size(); ++i) {
    const bool alone = (i == 0 || !is_digit(folded[i - 1])) &&
                       (i + 4 == folded.size() || !is_digit(folded[i + 4]));
    const std::int32_t here =
        alone ? year_at_end(std::string_view(folded).substr(0, i + 4)).year : 0;
    if (here != 0 && year != 0 && here != year) {
      return std::nullopt;  // a span of years, or several meetings
    }
    year = here != 0 ? here : year;
  }
  const bool text_named = !form_of(folded).empty();
  const Alias* named = longest_alias(folded, year);
  const Meeting* meeting = nullptr;
  if (named != nullptr && (named->numbered || (year != 0 && text_named) ||
                           (year != 0 && is_place_and_date(folded, *named)))) {
    meeting = named->meeting;
  } else if (year != 0 && (text_named || has_any(folded, kSummitWords))) {
    const auto at = std::ranges::find_if(catalogue_->meetings(), [&](const Meeting& candidate) {
      return candidate.year == year && candidate.series == "summit";
    });
    meeting = at != catalogue_->meetings().end() ? &*at : nullptr;
  } else if (year == 0 && text_named && named != nullptr && named->meeting->series == "summit") {
    meeting = named->meeting;
  }
  if (meeting == nullptr || is_about_text(folded)) {
    return std::nullopt;
  }
  Citation citation;
  citation.raw = squeeze(text);
  citation.year = meeting->year;
  citation.status = CitationStatus::inferred;
  return citation;
}

bool CitationReader::speaks_of_text(std::string_view text) const {
  const std::string folded = plain(text);
  bool year = false;
  for (std::size_t i = 4; i <= folded.size() && !year; ++i) {
    year = (i == folded.size() || !is_digit(folded[i])) &&
           year_at_end(std::string_view(folded).substr(0, i)).year != 0;
  }
  return has_any(folded, kTextWords) && (year || longest_alias(folded, 0) != nullptr);
}

// "Follow-up to the Declaration of Santiago": words and a preposition before the first name of a
// text or meeting. "From the Declaration …" and "Port of Spain Declaration" are the text's.
bool CitationReader::is_about_text(std::string_view folded) const {
  std::size_t first = folded.size();
  const auto look_for = [&](std::string_view name) {
    if (has_word(folded, name)) {
      first = std::min(first, folded.find(name));
    }
  };
  std::ranges::for_each(kTextWords, look_for);
  for (const Alias& alias : aliases_) {
    if (alias.numbered) {
      look_for(alias.folded);
    }
  }
  constexpr std::array<std::string_view, 12> kArticles = {"the", "la", "el", "las", "los", "le",
                                                          "les", "l",  "o",  "os",  "as",  "d"};
  constexpr std::array<std::string_view, 20> kPrepositions = {
      "to",  "of",  "on", "for", "a",  "al", "de",   "del", "do",    "da",
      "dos", "das", "du", "des", "ao", "au", "para", "sur", "sobre", "aux"};
  std::string_view before = trim(folded.substr(0, first));
  const auto take_last = [&] {
    const std::size_t at = before.find_last_of(" '");
    const std::string_view word = at == before.npos ? before : before.substr(at + 1);
    before = at == before.npos ? std::string_view() : before.substr(0, at);
    return word;
  };
  std::string_view word;
  do {
    if (before.ends_with('\'')) {
      before.remove_suffix(1);
    }
    word = take_last();
  } while (!before.empty() && std::ranges::find(kArticles, word) != kArticles.end());
  return !trim(before).empty() && std::ranges::find(kPrepositions, word) != kPrepositions.end();
}

// "Santiago, Chile, 18-19 April 1998": nothing but the place, its country and days.
bool CitationReader::is_place_and_date(std::string_view folded, const Alias& place) const {
  const Country* country = catalogue_->find_country(place.meeting->country);
  const auto names_place = [&](std::string_view word) {
    const bool alias = std::ranges::any_of(aliases_, [&](const Alias& other) {
      return other.meeting == place.meeting && has_word(other.folded, word);
    });
    return alias || (country != nullptr && std::ranges::any_of(kLanguages, [&](Language language) {
                       return has_word(plain(country->name.in(language)), word);
                     }));
  };
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= folded.size(); ++i) {
    if (i < folded.size() &&
        std::string_view(" ,.;:-/()[]|").find(folded[i]) == std::string_view::npos) {
      continue;
    }
    const std::string_view word = folded.substr(begin, i - begin);
    begin = i + 1;
    constexpr std::size_t kSmallWord = 3;  // "de", "and", "to"
    if (word.size() > kSmallWord && !is_digit(word.front()) && month_number(word) == 0 &&
        !names_place(word)) {
      return false;
    }
  }
  return true;
}

const Document* CitationReader::find_document(const Meeting& meeting,
                                              std::string_view folded) const {
  const Name* named = nullptr;
  for (const Name& name : names_) {
    if (name.document->meeting == meeting.id && has_word(folded, name.folded) &&
        (named == nullptr || name.folded.size() > named->folded.size())) {
      named = &name;
    }
  }
  if (named != nullptr) {
    return named->document;
  }
  // Who names the meeting alone means its only text.
  const auto of_meeting = [&](const Document& document) { return document.meeting == meeting.id; };
  const Alias* place = longest_alias(folded, meeting.year);
  if (place != nullptr && std::ranges::count_if(catalogue_->documents(), of_meeting) == 1 &&
      is_place_and_date(folded, *place)) {
    return &*std::ranges::find_if(catalogue_->documents(), of_meeting);
  }
  // What names neither a text nor a form is a chapter, where the meeting has mandates by chapters.
  const std::string_view printed = form_of(folded);
  if (printed.empty() && has_any(folded, kOtherTexts)) {
    return nullptr;
  }
  const std::string_view form = printed.empty() ? "mandates" : printed;
  const auto has_bare_name = [&](const Document& document) {
    return std::ranges::any_of(names_, [&](const Name& name) {
      return name.document == &document &&
             std::ranges::find(kTextWords, name.folded) != kTextWords.end();
    });
  };
  const Document* only = nullptr;
  std::size_t count = 0;
  for (const Document& document : catalogue_->documents()) {
    if (document.meeting == meeting.id && document.form == form) {
      if (has_bare_name(document)) {
        return &document;
      }
      only = &document;
      ++count;
    }
  }
  // "Action Plan on X" of a meeting with named plans is another plan, not the only one we know; so
  // is a chapter of mandates.
  return count == 1 && (form == "declaration" || form == "commitment") ? only : nullptr;
}

Effective CitationReader::resolve(const Citation& citation) const {
  Effective effective;
  effective.year = citation.year;
  const std::string folded = plain(citation.raw);
  const Meeting* meeting = find_meeting(citation, folded);
  if (meeting == nullptr) {
    if (citation.year > 0) {
      effective.meeting = fmt::format("summit-{}", citation.year);
    }
    return effective;
  }
  effective.meeting = meeting->id;
  effective.place = meeting->city.in(Language::en);
  effective.country = meeting->country;
  if (const Document* document = find_document(*meeting, folded)) {
    effective.document = document->id;
  }
  return effective;
}

bool CitationReader::place_contradicts(const Citation& citation) const {
  const std::string place = plain(citation.place);
  const Meeting* const meeting = find_meeting(citation, plain(citation.raw));
  if (place.empty() || meeting == nullptr) {
    return false;
  }
  bool elsewhere = false;
  for (const Alias& alias : aliases_) {
    if (alias.meeting == meeting && has_word(place, alias.folded)) {
      return false;
    }
    elsewhere = elsewhere || (alias.meeting->series == meeting->series && place == alias.folded);
  }
  return elsewhere;
}

bool CitationReader::cites_several(const FoundCitation& found) const {
  if (find(found.body)) {
    return true;
  }
  const std::string_view raw = found.citation.raw;
  std::size_t begin = 0;
  std::size_t years = 0;
  for (std::size_t i = 0; i <= raw.size(); ++i) {
    if (i < raw.size() && std::string_view(";,)").find(raw[i]) == std::string_view::npos) {
      continue;
    }
    const std::string_view part = raw.substr(begin, i - begin);
    years += year_at_end(part).year != 0 ? 1U : 0U;
    begin = i + 1;
  }
  return years > 1;
}

}  // namespace atalaya::commitments::parsing
