// What strangers write: cleaned of characters that deceive the eye, and searched for what leads to
// a person. Names are found in two ways: two capitals in a row that are no place, office or law of
// the catalogues, so that a name needs to be on no list; and given names beside surnames or behind
// words like "victim" whatever their letters (catalogue/followup/names.json), so that small letters
// or capitals alone hide none of these; and surnames in capitals before a comma and a given name.
// People look at what is found.
#include <algorithm>
#include <array>
#include <set>

#include <atalaya/base/embedded.hpp>
#include <atalaya/base/json.hpp>
#include <atalaya/followup/participation.hpp>

#include "checks.hpp"
#include "personal_data.hpp"

ATALAYA_EMBEDDED(followup_catalogue);
ATALAYA_EMBEDDED(followup_places);

namespace atalaya::followup {
namespace {

constexpr std::size_t kFindingsMax = 40;
constexpr std::size_t kMarksMax = 3;  // accents over one letter

struct Point {
  char32_t code = 0;
  std::size_t begin = 0, end = 0;  // bytes
};

// `text` is UTF-8: it was checked.
std::vector<Point> points_of(std::string_view text) {
  std::vector<Point> out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    char32_t code = length == 1 ? byte : byte & (0x7FU >> length);
    for (std::size_t k = 1; k < length; ++k) {
      code = (code << 6U) | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    }
    out.push_back({code, i, i + length});
    i += length;
  }
  return out;
}

// Characters that cannot be seen, or that change the direction of others.
bool deceives(char32_t c) {
  constexpr std::pair<char32_t, char32_t> kRanges[] = {
      {0x00, 0x08},     {0x0B, 0x1F},     {0x7F, 0x9F},       {0xAD, 0xAD},       {0x34F, 0x34F},
      {0x61C, 0x61C},   {0x115F, 0x1160}, {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},
      {0x202A, 0x202E}, {0x2060, 0x206F}, {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},
      {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB}, {0xE0000, 0xE0FFF}, {0x1D173, 0x1D17A}, {0xE000, 0xF8FF}};
  return std::ranges::any_of(
      kRanges, [c](const auto& range) { return c >= range.first && c <= range.second; });
}

bool is_mark(char32_t c) {
  return (c >= 0x300 && c <= 0x36F) || (c >= 0x483 && c <= 0x489) || (c >= 0x1AB0 && c <= 0x1AFF) ||
         (c >= 0x1DC0 && c <= 0x1DFF) || (c >= 0x20D0 && c <= 0x20FF) ||
         (c >= 0xFE20 && c <= 0xFE2F);
}

bool is_upper(char32_t c) {
  return (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7) ||
         (c >= 0x100 && c <= 0x17F && c % 2 == 0);
}

bool is_lower(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 0xDF && c <= 0xFF && c != 0xF7) ||
         (c >= 0x100 && c <= 0x17F && c % 2 == 1);
}

bool is_digit(char32_t c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char32_t c) {
  return is_upper(c) || is_lower(c);
}

using Words = PersonalData::Words;

json::value embedded_json(std::span<const EmbeddedFile> files, std::string_view name) {
  const auto file = std::ranges::find(files, name, &EmbeddedFile::path);
  ATALAYA_CHECK(file != files.end());
  auto value = parse_json(file->bytes, name);
  ATALAYA_CHECK(value.has_value());
  return *std::move(value);
}

// Words by which names and what is none are told apart, all folded.
struct NameLists {
  Words given, given_or_word, surnames, cues, not_persons, places;  // places: whole names
};

const NameLists& name_lists() {
  static const NameLists lists = [] {
    NameLists out;
    const json::value names =
        embedded_json(atalaya::embedded::followup_catalogue_all(), "names.json");
    const auto read = [&](std::string_view key, Words& words) {
      for (const std::string_view word : split(names.at(key).as_string(), ' ')) {
        words.emplace(word);
      }
    };
    read("given", out.given);
    read("given_or_word", out.given_or_word);
    read("surnames", out.surnames);
    read("cues", out.cues);
    read("not_persons", out.not_persons);
    const json::value places =
        embedded_json(atalaya::embedded::followup_places_all(), "territories.json");
    for (const auto& place : places.as_array()) {
      const json::value& name = place.at("name");
      if (name.is_string()) {
        out.places.insert(squeeze(fold(name.get_string())));
        continue;
      }
      for (const auto& in_language : name.as_object()) {
        out.places.insert(squeeze(fold(in_language.value().as_string())));
      }
    }
    return out;
  }();
  return lists;
}

class Search {
 public:
  Search(std::string_view text, const Words& known, const Words& places)
      : text_(text), points_(points_of(text)), known_(known), places_(places) {
    for (Point& point : points_) {
      const char twin = latin_twin(point.code);
      point.code = twin == '\0' ? point.code : static_cast<unsigned char>(twin);
    }
  }

  std::vector<Finding> run() {
    emails();
    numbers();
    names();
    turned_names();
    return std::move(out_);
  }

 private:
  void found(std::string_view kind, std::size_t first, std::size_t last) {
    const std::size_t begin = points_[first].begin;
    Finding one{std::string(kind), std::string(text_.substr(begin, points_[last].end - begin))};
    if (out_.size() < kFindingsMax && std::ranges::find(out_, one) == out_.end()) {
      out_.push_back(std::move(one));
    }
  }

  [[nodiscard]] char32_t at(std::size_t i) const {
    return i < points_.size() ? points_[i].code : U'\0';
  }

  static bool in_address(char32_t c) {
    return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-' || c == '+' || c == '%';
  }

  void emails() {
    for (std::size_t i = 1; i + 1 < points_.size(); ++i) {
      if (at(i) != '@') {
        continue;
      }
      std::size_t first = i;
      std::size_t last = i;
      while (first > 0 && in_address(at(first - 1))) {
        --first;
      }
      while (in_address(at(last + 1))) {
        ++last;
      }
      while (at(last) == '.' || at(last) == '-') {
        --last;  // the end of the sentence
      }
      if (first < i && last > i) {
        found("email", first, last);
      }
    }
  }

  // Points `first` to before `end`, with the letters that readers take them for.
  [[nodiscard]] std::string folded(std::size_t first, std::size_t end) const {
    std::string seen;
    for (std::size_t i = first; i < end; ++i) {
      const Point& point = points_[i];
      seen += point.code < 0x80 ? std::string(1, static_cast<char>(point.code))
                                : std::string(text_.substr(point.begin, point.end - point.begin));
    }
    return fold(seen);
  }

  // The word before a run of digits, folded: "dni", "cedula".
  [[nodiscard]] std::string word_before(std::size_t i) const {
    std::size_t end = i;
    while (end > 0 && !is_letter(at(end - 1)) && at(end - 1) != '\n' && i - end < 6) {
      --end;
    }
    std::size_t begin = end;
    while (begin > 0 && (is_letter(at(begin - 1)) || at(begin - 1) == '.')) {
      --begin;
    }
    return begin == end ? std::string()
                        : folded(begin, end);
  }

  static bool names_telephone(std::string_view word) {
    return word.starts_with("tel") || word.starts_with("cel") || word == "phone" ||
           word == "whatsapp";
  }

  static bool names_document(std::string_view word) {
    constexpr std::array kWords{
        "dni",       "cpf",       "rg",         "curp",      "rut",       "ruc",        "nit",
        "nss",       "ssn",       "cedula",     "c.c",       "cc",        "ci",         "c.i",
        "passport",  "pasaporte", "passaporte", "passeport", "identidad", "identidade", "identite",
        "id",        "dui",       "cui",        "nie",       "tel",       "telefono",   "telefone",
        "telephone", "phone",     "celular",    "whatsapp",  "cel"};
    while (word.ends_with('.')) {
      word.remove_suffix(1);
    }
    return std::ranges::find(kWords, word) != kWords.end();
  }

  // Days, spans of years, money and numbers of resolutions are no telephone.
  [[nodiscard]] bool harmless(std::size_t first, std::string_view run, std::size_t digits) const {
    if (first > 0 && (at(first - 1) == '$' || at(first - 1) == U'€')) {
      return true;
    }
    const bool date = digits == 8 && run.size() == 10 &&
                      (run[4] == '-' || run[2] == '/' || run[2] == '.' || run[2] == '-');
    const bool years =
        digits == 8 && run.size() == 9 && (run.starts_with("19") || run.starts_with("20"));
    return date || years;
  }

  void numbers() {
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const bool starts = is_digit(at(i)) || (at(i) == '+' && is_digit(at(i + 1)));
      if (!starts || (i > 0 && (is_digit(at(i - 1)) || is_letter(at(i - 1))))) {
        continue;
      }
      std::size_t last = i;
      std::size_t digits = is_digit(at(i)) ? 1U : 0U;
      for (std::size_t k = i + 1; k < points_.size() && k <= last + 2; ++k) {
        if (is_digit(at(k))) {
          last = k;
          ++digits;
        } else if (at(k) != ' ' && at(k) != '-' && at(k) != '.' && at(k) != '(' && at(k) != ')' &&
                   at(k) != '/') {
          break;
        }
      }
      const std::string_view run =
          text_.substr(points_[i].begin, points_[last].end - points_[i].begin);
      const std::string word = word_before(i);
      if (digits >= 5 && names_document(word)) {
        found(names_telephone(word) ? "phone" : "number", i, last);
      } else if (digits >= 7 && digits <= 15 && !harmless(i, run, digits)) {
        found(run.starts_with('+') ? "phone" : digits >= 11 ? "number" : "phone", i, last);
      }
      i = last;
    }
    codes();
  }

  // Letters and digits in one: CURP and its kin, at least 10 long with 5 digits.
  void codes() {
    for (std::size_t i = 0; i < points_.size(); ++i) {
      std::size_t last = i;
      std::size_t digits = 0;
      std::size_t letters = 0;
      while (is_digit(at(last)) || is_upper(at(last))) {
        digits += is_digit(at(last)) ? 1U : 0U;
        letters += is_digit(at(last)) ? 0U : 1U;
        ++last;
      }
      if (last - i >= 10 && digits >= 5 && letters >= 2) {
        found("number", i, last - 1);
      }
      i = std::max(i, last);
    }
  }

  struct Word {
    std::size_t first = 0, last = 0;
    bool capital = false;
    std::string folded;
    bool shouted = false;  // two letters or more, all of them capitals
  };

  [[nodiscard]] std::optional<Word> word_at(std::size_t i) const {
    std::size_t last = i;
    while (is_letter(at(last)) || ((at(last) == '\'' || at(last) == U'’' || at(last) == '-') &&
                                   last > i && is_letter(at(last + 1)))) {
      ++last;
    }
    if (last == i) {
      return std::nullopt;
    }
    Word word{i, last - 1, is_upper(at(i)) && last - i >= 2 && is_lower(at(i + 1)), {}};
    word.capital |= is_upper(at(i)) && last - i == 1 && at(last) == '.';  // an initial
    word.shouted = last - i >= 2;
    for (std::size_t k = i; k < last; ++k) {
      word.shouted &= !is_lower(at(k));
    }
    word.folded = folded(i, last);
    return word;
  }

  static bool joins(std::string_view word) {
    constexpr std::array kJoins{"de", "del", "da",  "do",  "dos", "das", "la",  "las", "los",
                                "y",  "e",   "von", "van", "san", "du",  "des", "le"};
    return std::ranges::find(kJoins, word) != kJoins.end();
  }

  static bool of_office(const Word& word) { return name_lists().not_persons.contains(word.folded); }

  static bool is_given(const Word& word) { return name_lists().given.contains(word.folded); }

  static bool is_surname(const Word& word) {
    const std::string_view text = word.folded;
    return name_lists().surnames.contains(text) || (text.size() > 4 && text.ends_with("ez"));
  }

  static bool is_initial(const Word& word) { return word.capital && word.first == word.last; }

  // Of a name, if its neighbours are.
  static bool may_name(const Word& word) {
    return is_given(word) || is_surname(word) || is_initial(word) ||
           name_lists().given_or_word.contains(word.folded);
  }

  static bool opens_sentence(std::string_view word) {
    constexpr std::array kOpeners{
        "el",   "la",    "los",    "las",   "un",    "una",    "en",   "de",   "del",
        "por",  "para",  "con",    "segun", "desde", "the",    "a",    "an",   "in",
        "on",   "of",    "from",   "by",    "for",   "with",   "this", "that", "these",
        "as",   "at",    "since",  "when",  "after", "before", "no",   "o",    "os",
        "as",   "um",    "uma",    "na",    "nos",   "nas",    "le",   "les",  "une",
        "dans", "selon", "depuis", "it",    "we",    "our",    "see",  "ver",  "voir",
        "mr",   "mrs",   "ms",     "sr",    "sra",   "dr",     "dra"};
    return std::ranges::find(kOpeners, word) != kOpeners.end();
  }

  using Run = std::span<const Word>;

  [[nodiscard]] bool is_place(std::string_view phrase) const {
    return places_.contains(phrase) || name_lists().places.contains(phrase);
  }

  // How many of the first words are the longest place that begins here.
  [[nodiscard]] std::size_t place_at(Run run) const {
    std::string phrase;
    std::size_t longest = 0;
    for (std::size_t i = 0; i < std::min<std::size_t>(run.size(), 8); ++i) {
      phrase += (i == 0 ? "" : " ") + run[i].folded;
      longest = is_place(phrase) ? i + 1 : longest;
    }
    return longest;
  }

  // One place, or several with words like "and" between them. "Santiago Córdoba" is two places and
  // could be a man: only what begins with no given name is so taken.
  [[nodiscard]] bool only_places(Run run) const {
    std::size_t i = 0;
    while (i < run.size()) {
      const std::size_t words = place_at(run.subspan(i));
      if (words == 0 && !joins(run[i].folded) && !opens_sentence(run[i].folded)) {
        return false;
      }
      i += std::max<std::size_t>(words, 1);
    }
    return true;
  }

  // Two capitals, no place, and not only words of institutions or instruments ("Cruz" is one of
  // these and in people's names: a whole name must be known).
  void take_capitals(Run run, bool beside_office) {
    while (!run.empty() && !run.back().capital) {
      run = run.first(run.size() - 1);
    }
    while (!run.empty() && (opens_sentence(run.front().folded) || !run.front().capital)) {
      run = run.subspan(1);
    }
    const auto given = std::ranges::find_if(run, is_given);
    const bool named = given != run.end();
    // "Ayer María Pérez": what stands before a given name and is no name is left out.
    if (named && std::none_of(run.begin(), given, may_name)) {
      run = run.subspan(static_cast<std::size_t>(given - run.begin()));
    }
    if (std::ranges::count_if(run, &Word::capital) < 2 || (beside_office && !named) ||
        place_at(run) == run.size()) {
      return;
    }
    const bool known = std::ranges::all_of(
        run, [&](const Word& word) { return !word.capital || known_.contains(word.folded); });
    if (named ? !known || may_name(run.back()) : !known && !only_places(run)) {
      take(run);
    }
  }

  void take(Run run) {
    found("name", run.front().first, run.back().last);
    taken_.emplace_back(run.front().first, run.back().last);
  }

  void take_run(Run run) {
    const auto office = [](const Word& word) { return word.capital && of_office(word); };
    const bool beside = std::ranges::any_of(run, office);
    while (!run.empty()) {
      const auto end = std::ranges::find_if(run, office);
      const auto size = static_cast<std::size_t>(end - run.begin());
      take_capitals(run.first(size), beside);
      run = run.subspan(std::min(size + 1, run.size()));
    }
  }

  // The words of a name that begins here, whatever their letters; 0 = none.
  [[nodiscard]] std::size_t listed_name(Run words, bool cued) const {
    std::size_t end = 0;
    std::size_t names = 0;
    bool given = false;
    bool surname = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (may_name(words[i])) {
        end = i + 1;
        ++names;
        given |= is_given(words[i]);
        // "Esperanza de los santos" needs more than two words that are words, too.
        surname |=
            is_surname(words[i]) && (cued || !name_lists().given_or_word.contains(words[i].folded));
      } else if (i == 0 || !joins(words[i].folded)) {
        break;
      }
    }
    const bool may_begin = end > 0 && !is_surname(words.front());
    const bool whole = names >= 2 && (given || (surname && may_begin));
    const bool place = !cued && place_at(words.first(end)) == end;
    return end > 0 && !place && (whole || (cued && (given || surname))) ? end : 0;
  }

  void take_listed(Run phrase) {
    for (std::size_t i = 0; i < phrase.size();) {
      const bool cued = i > 0 && name_lists().cues.contains(phrase[i - 1].folded);
      const bool taken = std::ranges::any_of(taken_, [&](const auto& range) {
        return phrase[i].first >= range.first && phrase[i].first <= range.second;
      });
      const std::size_t words = taken ? 0 : listed_name(phrase.subspan(i), cued);
      if (words > 0) {
        take(phrase.subspan(i, words));
      }
      i += std::max<std::size_t>(words, 1);
    }
  }

  // A phrase is a row of words with nothing but blanks between them.
  void take_phrase(std::vector<Word>& phrase) {
    const Run words(phrase);
    for (std::size_t i = 0; i < words.size();) {
      std::size_t end = i;
      while (end < words.size() && (words[end].capital || (end > i && joins(words[end].folded)))) {
        ++end;
      }
      take_run(words.subspan(i, end - i));
      i = std::max(end, i + 1);
    }
    take_listed(words);
    phrase.clear();
  }

  void names() {
    std::vector<Word> phrase;
    for (std::size_t i = 0; i < points_.size();) {
      if (auto word = word_at(i)) {
        i = word->last + 1;
        phrase.push_back(*std::move(word));
        continue;
      }
      // The full stop of an initial leads on, too.
      const bool on =
          at(i) == ' ' || (at(i) == '.' && !phrase.empty() && is_initial(phrase.back()));
      if (!on) {
        take_phrase(phrase);
      }
      ++i;
    }
    take_phrase(phrase);
  }

  // What stands between two words is blanks and, if `comma`, one comma before them.
  [[nodiscard]] bool joined(const Word& a, const Word& b, bool comma) const {
    std::size_t i = a.last + 1;
    if (comma && at(i++) != ',') {
      return false;
    }
    while (i < b.first && (at(i) == ' ' || at(i) == 0xA0)) {
      ++i;
    }
    return i == b.first && (comma || i > a.last + 1);
  }

  // "GARCÍA LÓPEZ" in "GARCÍA LÓPEZ, Pedro": how many of the words that end here are surnames.
  [[nodiscard]] std::size_t surnames_before(Run words) const {
    constexpr std::size_t kSurnamesMax = 4;
    std::size_t taken = 0;
    for (std::size_t i = words.size(); i-- > 0 && words.size() - i <= kSurnamesMax + 2;) {
      const Word& word = words[i];
      const bool next = i + 1 == words.size() || joined(word, words[i + 1], false);
      const bool joins_names = joins(word.folded) && taken > 0;
      if (!next || (!word.shouted && !joins_names) || of_office(word) ||
          (opens_sentence(word.folded) && !joins_names)) {
        break;
      }
      taken = word.shouted && !joins(word.folded) ? words.size() - i : taken;
    }
    const bool one =
        taken == 0 && !words.empty() && words.back().capital && is_surname(words.back());
    return one ? 1 : taken;
  }

  // Courts and police write the surname first, in capitals, and the given name behind a comma. One
  // of the two is on a list, or the surname is a long word that no catalogue knows.
  [[nodiscard]] bool turned(Run surnames, const Word& given) const {
    const bool may_be =
        (given.capital || given.shouted) && !of_office(given) && !opens_sentence(given.folded);
    const bool listed = may_name(given) && !is_initial(given) && !is_place(given.folded);
    const bool surname = std::ranges::any_of(surnames, is_surname);
    // "HERRERA, Rosa" is a person though Herrera is a province; "PANAMÁ, Colombia" is none.
    if (!may_be || (place_at(surnames) == surnames.size() && !(surname && listed))) {
      return false;
    }
    if (!surnames.back().shouted || given.shouted) {
      return is_given(given) || (listed && surname);
    }
    constexpr std::size_t kLongFrom = 6;  // letters: shorter ones are acronyms more often
    const bool strange = surnames.size() == 1 && surnames.back().folded.size() >= kLongFrom &&
                         !known_.contains(surnames.back().folded) &&
                         !known_.contains(given.folded) && !is_place(given.folded);
    return listed || surname || strange;
  }

  void turned_names() {
    std::vector<Word> words;
    for (std::size_t i = 0; i < points_.size();) {
      if (auto word = word_at(i)) {
        i = word->last + 1;
        words.push_back(*std::move(word));
      } else {
        ++i;
      }
    }
    const Run all(words);
    for (std::size_t i = 1; i < words.size(); ++i) {
      if (!joined(words[i - 1], words[i], true)) {
        continue;
      }
      const std::size_t surnames = surnames_before(all.first(i));
      const Run before = all.subspan(i - surnames, surnames);
      const bool taken = !before.empty() && std::ranges::any_of(taken_, [&](const auto& range) {
        return before.back().first >= range.first && before.back().first <= range.second;
      });
      if (before.empty() || taken || !turned(before, words[i])) {
        continue;
      }
      std::size_t last = i;
      while (last + 1 < words.size() && last - i < 2 && may_name(words[last + 1]) &&
             joined(words[last], words[last + 1], false)) {
        ++last;
      }
      take(all.subspan(i - surnames, surnames + last - i + 1));
    }
  }

  std::string_view text_;
  std::vector<Point> points_;
  const Words& known_;
  const Words& places_;
  std::vector<std::pair<std::size_t, std::size_t>> taken_;  // of the names found
  std::vector<Finding> out_;
};

}  // namespace

PersonalData::PersonalData(const commitments::Catalogue& catalogue) {
  for (const auto& country : catalogue.countries()) {
    know_place(country.name);
  }
  for (const auto& institution : catalogue.institutions()) {
    know(institution.name);
  }
  for (const auto& instrument : catalogue.instruments()) {
    know(instrument.name);
    know(instrument.short_name);
  }
  for (const auto& meeting : catalogue.meetings()) {
    know(meeting.name);
    know_place(meeting.city);
  }
}

void PersonalData::know(const commitments::Translated& name) {
  for (const Language language : kLanguages) {
    const std::string folded = fold(name.in(language));
    for (const std::string_view word : split(folded, ' ')) {
      known_.emplace(trim(word));
    }
  }
}

void PersonalData::know_place(const commitments::Translated& name) {
  for (const Language language : kLanguages) {
    places_.insert(squeeze(fold(name.in(language))));
  }
}

std::vector<Finding> PersonalData::find(std::string_view text) const {
  return find_invalid_utf8(text) ? std::vector<Finding>() : Search(text, known_, places_).run();
}

char latin_twin(char32_t c) noexcept {
  constexpr std::pair<std::u32string_view, std::string_view> kTwins[] = {
      {U"АВСЕНІЈКМОРЅТХУавсеһіјкморѕтхуѵԛԝ", "ABCEHIJKMOPSTXYabcehijkmopstxyvqw"},
      {U"ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαεικνορτυχ", "ABEZHIKMNOPTYXaeikvoptux"}};
  for (const auto& [letters, latin] : kTwins) {
    const std::size_t at = letters.find(c);
    if (at != letters.npos) {
      return latin[at];
    }
  }
  return '\0';
}

std::vector<Finding> find_personal_data(std::string_view text,
                                        const commitments::Catalogue& catalogue) {
  return PersonalData(catalogue).find(text);
}

Result<std::string> clean_text(std::string_view text, Lines lines) {
  ATALAYA_TRY(detail::check_size(text, 100'000));
  std::string out;
  std::size_t marks = 0;
  const auto points = points_of(text);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const char32_t c = points[i].code;
    const bool line = c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029 || c == 0x85;
    if (line && lines == Lines::many) {
      const bool pair = c == '\r' && i + 1 < points.size() && points[i + 1].code == '\n';
      out += pair ? "" : "\n";
    } else if (line || c == '\t') {
      out += ' ';
    } else if (!deceives(c)) {
      marks = is_mark(c) ? marks + 1 : 0;
      if (marks <= kMarksMax) {
        out += text.substr(points[i].begin, points[i].end - points[i].begin);
      }
    }
  }
  return lines == Lines::one ? squeeze(out) : std::string(trim(out));
}

}  // namespace atalaya::followup
