#include "parse_notes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <atalaya/base/text.hpp>

#include "parse_citation.hpp"
#include "parse_context.hpp"

namespace atalaya::commitments::parsing {
namespace {

constexpr std::array<std::pair<std::string_view, char>, 10> kSuperscripts = {{{"⁰", '0'},
                                                                              {"¹", '1'},
                                                                              {"²", '2'},
                                                                              {"³", '3'},
                                                                              {"⁴", '4'},
                                                                              {"⁵", '5'},
                                                                              {"⁶", '6'},
                                                                              {"⁷", '7'},
                                                                              {"⁸", '8'},
                                                                              {"⁹", '9'}}};
constexpr std::array<std::string_view, 9> kTreatyWords = {"convention", "convencion", "convencao",
                                                          "protocol",   "protocolo",  "protocole",
                                                          "treaty",     "tratado",    "traite"};

constexpr std::size_t kTreatiesMax = 1000;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

struct SuperscriptAt {
  std::string digits;
  std::size_t size = 0;
};

SuperscriptAt superscript_at(std::string_view text) {
  SuperscriptAt found;
  bool more = true;
  while (more) {
    more = false;
    for (const auto& [glyph, digit] : kSuperscripts) {
      if (text.substr(found.size).starts_with(glyph)) {
        found.digits += digit;
        found.size += glyph.size();
        more = true;
        break;
      }
    }
  }
  return found;
}

// "[12]" at the start; "(12)" where `open` says so.
SuperscriptAt bracketed_at(std::string_view text, char open = '[') {
  SuperscriptAt found;
  if (!text.starts_with(open)) {
    return found;
  }
  std::size_t i = 1;
  while (i < text.size() && is_digit(text[i]) && i <= 3) {
    ++i;
  }
  if (i == 1 || i >= text.size() || text[i] != (open == '[' ? ']' : ')')) {
    return found;
  }
  found.digits = std::string(text.substr(1, i - 1));
  found.size = i + 1;
  return found;
}

// "(3)" at `at` where the sentence or the text ends behind it: "(3) the third" numbers a list, and
// "Article 4 (3)" names a paragraph.
SuperscriptAt parenthesised_at(std::string_view text, std::size_t at) {
  SuperscriptAt found = bracketed_at(text.substr(at), '(');
  const std::string_view before = trim(text.substr(0, at));
  const std::string_view rest = text.substr(at + found.size);
  const bool ends = rest.empty() || std::string_view(".;,:").find(rest.front()) != rest.npos;
  return ends && (before.empty() || !is_digit(before.back())) ? found : SuperscriptAt{};
}

// A superscript, "[3]" or "(3)" at `at`.
SuperscriptAt mark_at(std::string_view text, std::size_t at) {
  SuperscriptAt found = superscript_at(text.substr(at));
  if (found.size == 0) {
    found = text[at] == '(' ? parenthesised_at(text, at) : bracketed_at(text.substr(at));
  }
  return found;
}

// A digit behind an end mark that no number and no symbol ("Corr.1") ends with: "terrorism;1".
bool is_surely_mark(std::string_view before) {
  constexpr std::size_t kWordBytesMin = 6;
  if (before.size() <= kWordBytesMin) {
    return false;
  }
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
  };
  const std::string_view word = before.substr(0, before.size() - 1);
  return before.back() == '.' ? std::ranges::all_of(word.substr(word.size() - kWordBytesMin),
                                                    is_letter)
                              : is_letter(word.back()) || word.ends_with(')');
}

// The mark that ends `text` and the bytes that it takes.
SuperscriptAt mark_at_end(std::string_view text, const NoteMarks& defined) {
  // Superscripts and brackets: try each start in the last few bytes, the longest run first.
  const std::size_t from = text.size() > 12 ? text.size() - 12 : 0;
  for (std::size_t i = from; i < text.size(); ++i) {
    SuperscriptAt found = mark_at(text, i);
    const std::string_view before = trim(text.substr(0, i));
    if (found.size > 0 && i + found.size == text.size() &&
        (ends_clause(before) || before.ends_with(',') || defined.contains(found.digits))) {
      return found;
    }
  }
  const std::string_view plain_mark = plain_mark_at_end(text);
  const bool is_mark =
      defined.contains(plain_mark) ||
      (!plain_mark.empty() && is_surely_mark(text.substr(0, text.size() - plain_mark.size())));
  return is_mark ? SuperscriptAt{.digits = std::string(plain_mark), .size = plain_mark.size()}
                 : SuperscriptAt{};
}

std::string find_actor(std::string_view folded, const Catalogue& catalogue) {
  std::string actor;
  std::size_t longest = 0;
  const auto consider = [&](const Country& country, std::string_view name) {
    const std::string needle = plain(name);
    if (needle.size() > longest && needle.size() >= 4 && has_word(folded, needle)) {
      longest = needle.size();
      actor = country.id;
    }
  };
  for (const Country& country : catalogue.countries()) {
    for (const Language language : kLanguages) {
      consider(country, country.name.in(language));
    }
    for (const std::string& alias : country.aliases) {
      consider(country, alias);
    }
  }
  return actor;
}

std::string find_instrument(std::string_view printed, const Catalogue& catalogue) {
  const std::string folded = plain(printed);
  std::string best;
  std::size_t longest = 0;
  const auto consider = [&](const Instrument& instrument, std::string_view name) {
    const std::string needle = plain(name);
    if (needle.size() > longest && has_word(folded, needle)) {
      longest = needle.size();
      best = instrument.id;
    }
  };
  for (const Instrument& instrument : catalogue.instruments()) {
    for (const Language language : kLanguages) {
      consider(instrument, instrument.name.in(language));
    }
    for (const std::string& pattern : instrument.patterns) {
      consider(instrument, pattern);
    }
  }
  return best;
}

// "reserves", "reservation", "reserva", "réserve", "statement of position", "interpretative"; but
// not "preserve".
bool takes_position(std::string_view folded) {
  constexpr std::array<std::string_view, 9> kStems = {
      "reserv",      "statement of", "interpretative", "interpretativ", "does not support",
      "no acompana", "no respalda",  "dissoci",        "disocia"};
  return std::ranges::any_of(kStems, [&](std::string_view stem) {
    for (std::size_t at = folded.find(stem); at != std::string_view::npos;
         at = folded.find(stem, at + 1)) {
      if (at == 0 || folded[at - 1] < 'a' || folded[at - 1] > 'z') {
        return true;
      }
    }
    return false;
  });
}

// Folded: the verbs by which a State that is the subject takes a position.
bool has_verb_of_position(std::string_view folded) {
  constexpr auto kVerbs = std::to_array<std::string_view>(
      {// English
       "considers", "does not join", "unable to join", "cannot join", "not join",
       "not in a position", "does not accept", "does not endorse", "does not agree", "recalls its",
       "reiterates its", "maintains its", "place on record", "places on record", "places its",
       "records its", "objects", "abstains", "understands", "interprets", "disagrees",
       "expresses its",
       // Spanish
       "considera", "no se suma", "no se une", "no se adhiere", "no puede", "recuerda su",
       "reitera su", "mantiene su", "deja constancia", "dejar constancia", "deja sentad",
       "hace constar", "no acepta", "no apoya", "objeta", "se abstiene", "entiende", "interpreta",
       "no comparte", "se desvincula", "manifiesta su", "expresa su",
       // Portuguese
       "nao se soma", "nao adere", "nao pode", "recorda sua", "recorda a sua", "reitera a sua",
       "mantem sua", "mantem a sua", "deixa constancia", "deixa registrad", "registra sua",
       "faz constar", "nao aceita", "nao apoia", "se abstem", "entende", "nao compartilha",
       "manifesta sua", "expressa sua",
       // French
       "considere", "ne se joint pas", "ne s'associe pas", "ne peut", "rappelle sa", "reitere sa",
       "maintient sa", "consigne", "n'accepte pas", "n'appuie pas", "s'oppose", "s'abstient",
       "ne souscrit pas", "ne partage pas", "exprime sa"});
  return takes_position(folded) ||
         std::ranges::any_of(kVerbs, [&](std::string_view verb) { return has_word(folded, verb); });
}

// Bytes of the longest name of a country at the start of `folded`; 0 for none.
std::size_t country_at(std::string_view folded, const Catalogue& catalogue) {
  std::size_t longest = 0;
  const auto consider = [&](std::string_view name) {
    const std::string needle = plain(name);
    if (needle.size() > longest && folded.starts_with(needle) && find_word(folded, needle) == 0) {
      longest = needle.size();
    }
  };
  for (const Country& country : catalogue.countries()) {
    for (const Language language : kLanguages) {
      consider(country.name.in(language));
    }
    for (const std::string& alias : country.aliases) {
      consider(alias);
    }
  }
  return longest;
}

// The byte behind the State that a folded text begins with ("… the Government of the Republic of
// Honduras"); 0 where it begins with another word.
std::size_t behind_state(std::string_view folded, const Catalogue& catalogue) {
  constexpr auto kBefore = std::to_array<std::string_view>({"the",
                                                            "el",
                                                            "la",
                                                            "los",
                                                            "las",
                                                            "o",
                                                            "a",
                                                            "os",
                                                            "as",
                                                            "le",
                                                            "les",
                                                            "of",
                                                            "de",
                                                            "del",
                                                            "do",
                                                            "da",
                                                            "du",
                                                            "des",
                                                            "government",
                                                            "gobierno",
                                                            "governo",
                                                            "gouvernement",
                                                            "delegation",
                                                            "delegacion",
                                                            "delegacao",
                                                            "republic",
                                                            "republica",
                                                            "republique",
                                                            "state",
                                                            "estado",
                                                            "etat",
                                                            "bolivarian",
                                                            "bolivariana",
                                                            "bolivarienne",
                                                            "plurinational",
                                                            "plurinacional",
                                                            "commonwealth",
                                                            "cooperative",
                                                            "co-operative",
                                                            "federative",
                                                            "federativa",
                                                            "oriental"});
  constexpr std::size_t kWordsMax = 9;
  std::size_t at = std::min(folded.find_first_of("abcdefghijklmnopqrstuvwxyz"), folded.size());
  for (std::size_t words = 0; words < kWordsMax && at < folded.size(); ++words) {
    for (const std::string_view elided : {"l'", "d'", "l’", "d’"}) {
      at += folded.substr(at).starts_with(elided) ? elided.size() : 0;
    }
    if (const std::size_t name = country_at(folded.substr(at), catalogue); name > 0) {
      return at + name;
    }
    const std::size_t end = folded.find(' ', at);
    const bool more = end != std::string_view::npos &&
                      std::ranges::find(kBefore, folded.substr(at, end - at)) != kBefore.end();
    at = more ? end + 1 : folded.size();
  }
  return 0;
}

// "[United Nations Convention](#)" without its link.
std::string without_link(std::string_view text) {
  text = trim(text);
  if (text.starts_with('[')) {
    const std::size_t close = text.find("](");
    const std::size_t end = close == std::string_view::npos ? close : text.find(')', close);
    if (end != std::string_view::npos && end + 1 == text.size()) {
      return std::string(trim(text.substr(1, close - 1)));
    }
  }
  return std::string(text);
}

}  // namespace

std::optional<Footnote> read_footnote(const Paragraph& paragraph) {
  if (paragraph.marked()) {
    return std::nullopt;
  }
  std::string_view text = paragraph.text;
  SuperscriptAt mark = superscript_at(text);
  if (mark.size == 0) {
    mark = bracketed_at(text);
  }
  if (mark.size == 0) {
    return std::nullopt;
  }
  text.remove_prefix(mark.size);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
  }
  text = trim(text);
  if (text.empty()) {
    return std::nullopt;
  }
  return Footnote{
      .mark = std::move(mark.digits), .text = std::string(text), .line = paragraph.line};
}

std::string_view plain_mark_at_end(std::string_view text) {
  std::size_t i = text.size();
  while (i > 0 && is_digit(text[i - 1])) {
    --i;
  }
  while (i > 0 && text[i - 1] == '*' && (i == text.size() || text.back() == '*')) {
    --i;
  }
  const std::size_t size = text.size() - i;
  const bool after_end =
      i > 0 && std::string_view(".;,:").find(text[i - 1]) != std::string_view::npos;
  // "**The title of a part.**" is set in bold.
  const bool bold = text.substr(0, i).find('*') != std::string_view::npos;
  return size > 0 && size <= 2 && after_end && !bold ? text.substr(i) : std::string_view();
}

std::optional<Footnote> read_plain_footnote(const Paragraph& paragraph,
                                            std::string_view printed) {
  printed = trim(printed);
  std::size_t size = 0;
  while (size < printed.size() && size < 3 && printed[size] == printed.front() &&
         printed[size] == '*') {
    ++size;
  }
  while (size < printed.size() && size < 3 && is_digit(printed[size])) {
    ++size;
  }
  const std::string_view mark = printed.substr(0, size);
  const bool star = mark.starts_with('*');
  std::string_view text = paragraph.text;
  if (text.starts_with(mark)) {
    text = trim(text.substr(size));
  }
  if (size == 0 || size > 2 || size == printed.size() || printed[size] != ' ' || text.empty() ||
      !starts_upper(text) || (star && is_digit(mark.back())) ||
      (paragraph.marked() && (!star || !paragraph.marker.label.empty()))) {
    return std::nullopt;
  }
  return Footnote{
      .mark = std::string(mark), .text = std::string(text), .line = paragraph.line};
}

bool states_position(std::string_view text, const Catalogue& catalogue) {
  constexpr std::size_t kSentenceBytes = 500;
  const std::string folded = plain(text.substr(0, kSentenceBytes));
  const std::size_t behind = behind_state(folded, catalogue);
  return behind > 0 && has_verb_of_position(std::string_view(folded).substr(behind));
}

bool heads_notes(const Paragraph& paragraph) {
  constexpr auto kHeadings = std::to_array<std::string_view>({"footnotes",
                                                              "footnote",
                                                              "endnotes",
                                                              "notes",
                                                              "note",
                                                              "explanatory notes",
                                                              "reservations",
                                                              "notas",
                                                              "nota",
                                                              "notas al pie",
                                                              "nota al pie",
                                                              "notas al pie de pagina",
                                                              "notas a pie de pagina",
                                                              "nota al pie de pagina",
                                                              "notas finales",
                                                              "notas explicativas",
                                                              "reservas",
                                                              "notas de rodape",
                                                              "nota de rodape",
                                                              "notas de pe de pagina",
                                                              "notas finais",
                                                              "notes de bas de page",
                                                              "note de bas de page",
                                                              "notes en bas de page",
                                                              "notes de fin",
                                                              "notes explicatives",
                                                              "reserves"});
  if (paragraph.marked() || paragraph.rule) {
    return false;
  }
  const std::string folded = plain(paragraph.text);
  const std::size_t begin = folded.find_first_of("abcdefghijklmnopqrstuvwxyz");
  const std::size_t end = folded.find_last_of("abcdefghijklmnopqrstuvwxyz");
  return begin != std::string::npos &&
         std::ranges::find(kHeadings, folded.substr(begin, end - begin + 1)) != kHeadings.end();
}

std::int32_t paragraph_named(std::string_view text) {
  const std::string folded = plain(text);
  const std::vector<std::string_view> words = split(folded, ' ');
  const auto is_one_of = [](std::string_view word, std::initializer_list<std::string_view> all) {
    return std::ranges::any_of(all, [&](std::string_view one) { return word.starts_with(one); });
  };
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const bool counts = is_one_of(words[i], {"paragraph", "parrafo", "paragrafo"});
    const bool preamble = i > 0 && is_one_of(words[i - 1], {"preamb", "consid"});
    std::int32_t number = 0;
    const std::string_view digits = words[i + 1];
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (!counts || preamble || read.ec != std::errc() || number <= 0) {
      continue;
    }
    // "of this Declaration" is the text's own; "of the Charter" is of another one.
    const bool of = i + 2 < words.size() && read.ptr == digits.data() + digits.size() &&
                    is_one_of(words[i + 2], {"of", "de", "do", "da", "du"});
    const bool own =
        !of ||
        std::any_of(words.begin() + static_cast<std::ptrdiff_t>(i) + 2,
                    words.begin() + static_cast<std::ptrdiff_t>(std::min(i + 6, words.size())),
                    [&](std::string_view word) {
                      return is_one_of(word,
                                       {"this", "these", "present", "est", "dest", "cette", "ce"});
                    });
    return own ? number : 0;
  }
  return 0;
}

std::string label_shape(const Marker& marker) {
  std::string shape;
  for (const char c : marker.label) {
    const bool digit = is_digit(c);
    const char kind = digit ? 'N' : c;
    if (!digit || shape.empty() || shape.back() != 'N') {
      shape += kind;
    }
  }
  const bool letters = marker.kind == MarkerKind::letter || marker.kind == MarkerKind::roman;
  return letters ? shape.substr(shape.size() - 1) : shape;
}

bool NoteLines::goes_on(const Paragraph& p, bool typed, std::optional<Language> language) {
  if (typed || (open_ && !p.marked() && !p.rule && p.gap == 0)) {
    open_ = open_ || typed;
    ended_ = ends_clause(p.text);
    return false;
  }
  if (p.rule || (!p.marked() && p.gap == 0)) {
    return false;
  }
  const bool labelled = !p.marker.label.empty();
  const std::string shape = label_shape(p.marker);
  const auto at = counted_.find(shape);
  const bool counts_on = at != counted_.end() && at->second + 1 == p.marker.value;
  // Words that begin no sentence go on with the note; others only right below it, where they ask
  // for nothing and items are labelled so. A list of clauses may begin in small letters.
  const bool clause = p.marker.value == 1 && ended_ && starts_lower(p.text);
  const bool inside = starts_upper(p.text)
                          ? p.gap == 0 && at != counted_.end() && !reads_like_duty(p.text, language)
                          : !clause;
  if (open_ && labelled && inside && !counts_on) {
    ended_ = ends_clause(p.text);
    return true;
  }
  open_ = false;
  if (labelled) {
    counted_[shape] = p.marker.value;
  }
  return false;
}

bool speaks_for_state(const Footnote& footnote, const Catalogue& catalogue) {
  const std::string folded = plain(footnote.text);
  constexpr std::array<std::string_view, 6> kSpeakers = {"govern", "gobiern", "gouvern",
                                                         "delega", "posic",   "posit"};
  return states_position(footnote.text, catalogue) ||
         (takes_position(folded) && !find_actor(folded, catalogue).empty() &&
          std::ranges::any_of(kSpeakers, [&](std::string_view stem) {
            return folded.find(stem) != std::string::npos;
          }));
}

void add_called_marks(std::string_view text, NoteMarks& marks) {
  marks.emplace(plain_mark_at_end(text));
  for (std::size_t i = 0; i < text.size();) {
    SuperscriptAt mark = mark_at(text, i);
    i += std::max<std::size_t>(mark.size, 1);
    marks.insert(std::move(mark.digits));
  }
}

bool begins_with_state(std::string_view text, const Catalogue& catalogue) {
  constexpr std::array<std::string_view, 7> kSpeakers = {
      "government", "gobierno", "governo", "gouvernement", "delegation", "delegacion", "delegacao"};
  constexpr std::size_t kNameBytes = 120;
  const std::string folded = plain(text.substr(0, kNameBytes));
  std::size_t words = 0;
  std::string_view rest = folded;
  while (words < 2 && !rest.empty()) {  // an article may stand before it
    const std::string_view word = rest.substr(0, rest.find(' '));
    if (std::ranges::find(kSpeakers, word) != kSpeakers.end()) {
      return !find_actor(folded, catalogue).empty();
    }
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    ++words;
  }
  return false;
}

void take_note_marks(ParsedItem& item, const NoteMarks& defined) {
  std::vector<std::string> at_end;
  while (true) {
    SuperscriptAt mark = mark_at_end(item.text, defined);
    if (mark.size == 0 || mark.size == item.text.size()) {
      break;
    }
    item.text =
        std::string(trim(std::string_view(item.text).substr(0, item.text.size() - mark.size)));
    at_end.insert(at_end.begin(), std::move(mark.digits));
  }
  for (std::size_t i = 0; i < item.text.size();) {
    const SuperscriptAt mark = mark_at(item.text, i);
    if (mark.size > 0 && defined.contains(mark.digits)) {
      item.notes.push_back(mark.digits);
    }
    i += std::max<std::size_t>(mark.size, 1);
  }
  item.notes.insert(item.notes.end(), at_end.begin(), at_end.end());
}

std::optional<StatementOfPosition> read_statement(const Footnote& footnote,
                                                  const Catalogue& catalogue) {
  const std::string folded = plain(footnote.text);
  if (!takes_position(folded) && !begins_with_state(footnote.text, catalogue) &&
      !states_position(footnote.text, catalogue)) {
    return std::nullopt;
  }
  StatementOfPosition statement;
  statement.actor = find_actor(folded, catalogue);
  statement.text = footnote.text;
  statement.line = footnote.line;
  return statement;
}

// "Panama and Peru" is two, "Antigua and Barbuda" is one, "Peru and Saint Kitts and Nevis" is two:
// from the left, the longest run of words that is a known name; what no known name takes stays
// together.
std::vector<std::string_view> split_joined_names(std::string_view part,
                                                 const Catalogue& catalogue) {
  constexpr std::size_t kJointsMax = 64;
  constexpr std::size_t kJointsInAName = 3;
  struct Joint {
    std::size_t begin = 0, end = 0;  // of " and "
  };
  std::vector<Joint> joints;
  for (std::size_t i = 0; i < part.size() && joints.size() < kJointsMax; ++i) {
    for (const std::string_view joint : {" and ", " y ", " e ", " et "}) {
      if (part.substr(i).starts_with(joint)) {
        joints.push_back({i, i + joint.size()});
        i += joint.size() - 1;
        break;
      }
    }
  }
  joints.push_back({part.size(), part.size()});
  std::vector<std::string_view> names;
  std::size_t unknown = std::string_view::npos;  // where the words begin that no name has taken
  std::size_t begin = 0;
  for (std::size_t from = 0; from < joints.size();) {
    std::size_t taken = 0;
    std::size_t to = std::min(joints.size(), from + kJointsInAName + 1);
    for (; taken == 0 && to > from; --to) {
      const std::string_view name = trim(part.substr(begin, joints[to - 1].begin - begin));
      taken = catalogue.find_country_by_name(name) != nullptr ? to : 0;
    }
    if (taken > 0) {
      if (unknown != std::string_view::npos) {
        names.push_back(part.substr(unknown, joints[from - 1].begin - unknown));
        unknown = std::string_view::npos;
      }
      names.push_back(part.substr(begin, joints[taken - 1].begin - begin));
    } else {
      unknown = std::min(unknown, begin);
    }
    from = taken > 0 ? taken : from + 1;
    begin = joints[from - 1].end;
  }
  if (unknown != std::string_view::npos) {
    names.push_back(part.substr(unknown));
  }
  return names;
}

// "Parlamentarios de Antigua y Barbuda" is said of the whole list: the states begin behind the
// first such word from where nothing but names of states follows.
std::string_view without_lead(std::string_view part, const Catalogue& catalogue) {
  const auto known = [&](std::string_view name) {
    return catalogue.find_country_by_name(name) != nullptr;
  };
  constexpr std::size_t kLeadBytesMax = 160;
  if (part.size() > kLeadBytesMax ||
      std::ranges::all_of(split_joined_names(part, catalogue), known)) {
    return part;
  }
  constexpr std::array<std::string_view, 10> kOf = {
      " of the ", " of ", " de la ", " de ", " del ", " do ", " da ", " du ", " des ", " from "};
  for (std::size_t i = 0; i < part.size(); ++i) {
    for (const std::string_view of : kOf) {
      const std::string_view rest = trim(part.substr(std::min(part.size(), i + of.size())));
      if (part.substr(i).starts_with(of) && !rest.empty() &&
          std::ranges::all_of(split_joined_names(rest, catalogue), known)) {
        return rest;
      }
    }
  }
  return part;
}

std::vector<NamedState> read_states(std::string_view text, std::int32_t line,
                                    const Catalogue& catalogue) {
  std::vector<NamedState> states;
  std::size_t known = 0;
  constexpr std::size_t kLongList = 5;
  std::string_view whole = trim(text);
  if (std::ranges::count(whole, ',') + 2 >= static_cast<std::ptrdiff_t>(kLongList)) {
    const std::string_view names = without_lead(whole.substr(0, whole.find(',')), catalogue);
    whole.remove_prefix(static_cast<std::size_t>(names.data() - whole.data()));
  }
  while (!whole.empty() && (whole.back() == '.' || whole.back() == ';')) {
    whole = trim(whole.substr(0, whole.size() - 1));
  }
  const auto add = [&](std::string_view printed) {
    printed = trim(printed);
    if (printed.empty()) {
      return;
    }
    const Country* country = catalogue.find_country_by_name(printed);
    known += country != nullptr ? 1U : 0U;
    states.push_back({.printed = std::string(printed),
                      .code = country != nullptr ? country->id : "",
                      .line = line});
  };
  for (std::string_view part : split(whole, ',')) {
    part = trim(part);
    for (const std::string_view joint : {"and ", "y ", "e ", "et "}) {
      if (part.starts_with(joint)) {
        part.remove_prefix(joint.size());
      }
    }
    for (const std::string_view name : split_joined_names(part, catalogue)) {
      add(name);
    }
  }
  // A short list must be nothing but states; a long one may have names that are not known.
  const bool only_states = states.size() >= 2 && known == states.size();
  if (!only_states && (states.size() < kLongList || known * 10 < states.size() * 6)) {
    return {};
  }
  return states;
}

std::vector<NamedTreaty> read_treaties(std::string_view text, std::int32_t line,
                                       const Catalogue& catalogue) {
  std::vector<NamedTreaty> treaties;
  bool named = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i + 5 < text.size(); ++i) {
    std::int32_t year = 0;
    const char* first = text.data() + i + 1;
    if (text[i] != '(' || text[i + 5] != ')' ||
        std::from_chars(first, first + 4, year).ptr != first + 4 || year < 1900 || year > 2100) {
      continue;
    }
    std::string_view name = trim(text.substr(begin, i - begin));
    while (!name.empty() && (name.front() == ',' || name.front() == ';')) {
      name = trim(name.substr(1));
    }
    for (const std::string_view joint : {"and ", "y ", "e ", "et "}) {
      if (name.starts_with(joint)) {
        name.remove_prefix(joint.size());
      }
    }
    begin = i + 6;
    NamedTreaty treaty;
    treaty.printed = without_link(name);
    treaty.year = year;
    treaty.line = line;
    if (treaty.printed.empty()) {
      continue;
    }
    if (treaties.size() >= kTreatiesMax) {
      break;
    }
    treaty.instrument = find_instrument(treaty.printed, catalogue);
    const std::string folded = plain(treaty.printed);
    named = named || std::any_of(kTreatyWords.begin(), kTreatyWords.end(),
                                 [&](std::string_view word) { return has_word(folded, word); });
    treaties.push_back(std::move(treaty));
  }
  if (!named) {
    treaties.clear();
  }
  return treaties;
}

}  // namespace atalaya::commitments::parsing
