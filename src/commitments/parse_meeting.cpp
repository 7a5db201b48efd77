#include <algorithm>
#include <array>
#include <optional>

#include <atalaya/base/text.hpp>

#include "parse_context.hpp"

// Which meeting of the catalogue a text is of. Cities and years are shared by many meetings, so a
// text is of one where its own opening names the series and gives the number or the year, and
// nothing in it says otherwise. What rests on less is a guess, and is said to be one.

namespace atalaya::commitments::parsing {
namespace {

// Of the number of a meeting: a special one stands outside the count.
constexpr std::int32_t kUncounted = -1;

// Groups of States that meet beside the hemisphere's, in four languages.
constexpr std::array<std::string_view, 52> kOtherGroups = {"caricom",
                                                           "caribbean community",
                                                           "comunidad del caribe",
                                                           "comunidade do caribe",
                                                           "communaute des caraibes",
                                                           "communaute caribeenne",
                                                           "oecs",
                                                           "oeco",
                                                           "eastern caribbean",
                                                           "caribe oriental",
                                                           "caraibes orientales",
                                                           "regional security system",
                                                           "andean",
                                                           "andina",
                                                           "andino",
                                                           "andine",
                                                           "mercosur",
                                                           "mercosul",
                                                           "southern common market",
                                                           "mercado comun del sur",
                                                           "sica",
                                                           "central america",
                                                           "central american",
                                                           "centroamerica",
                                                           "centroamericana",
                                                           "centroamericano",
                                                           "america central",
                                                           "amerique centrale",
                                                           "unasur",
                                                           "unasul",
                                                           "prosur",
                                                           "prosul",
                                                           "celac",
                                                           "alba-tcp",
                                                           "pacific alliance",
                                                           "alianza del pacifico",
                                                           "alianca do pacifico",
                                                           "alliance du pacifique",
                                                           "south america",
                                                           "south american",
                                                           "suramericana",
                                                           "sudamericana",
                                                           "america do sul",
                                                           "amerique du sud",
                                                           "latin american",
                                                           "latinoamericana",
                                                           "ibero-american",
                                                           "iberoamericana",
                                                           "mesoamerica",
                                                           "european union",
                                                           "union europea",
                                                           "union europeenne"};

// Byte of the first of these words, npos where there is none.
template <typename Words>
std::size_t first_of(std::string_view folded, const Words& words) {
  std::size_t first = std::string_view::npos;
  for (const std::string_view word : words) {
    first = std::min(first, find_word(folded, word));
  }
  return first;
}

// "Ministers Responsible for Public Security in the Americas", "MISPA II": byte of the words that
// say whose ministers they are. Ministers of a region, or of something else, are of no series.
std::size_t find_ministers(std::string_view folded) {
  constexpr std::size_t kReach = 30;  // bytes between the words
  constexpr std::array<std::string_view, 4> kMinisters = {"ministers", "ministros", "ministras",
                                                          "ministres"};
  constexpr std::array<std::string_view, 6> kHemisphere = {"americas",
                                                           "ameriques",
                                                           "organization of american states",
                                                           "organizacion de los estados americanos",
                                                           "organizacao dos estados americanos",
                                                           "organisation des etats americains"};
  std::size_t found = find_word(folded, "mispa");
  for (const std::string_view security :
       {"public security", "seguridad publica", "seguranca publica", "securite publique"}) {
    for (std::size_t at = folded.find(security); at != std::string_view::npos;
         at = folded.find(security, at + 1)) {
      const std::size_t from = at - std::min(at, kReach);
      const std::size_t end = at + security.size();
      const std::size_t whose = first_of(folded.substr(end, kReach + 40), kHemisphere);
      if (whose != std::string_view::npos &&
          first_of(folded.substr(from, at - from), kMinisters) != std::string_view::npos) {
        found = std::min(found, end + whose);
      }
    }
  }
  return found;
}

std::vector<std::string_view> letters_and_digits(std::string_view folded) {
  std::vector<std::string_view> words;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= folded.size(); ++i) {
    const bool inside = i < folded.size() && ((folded[i] >= 'a' && folded[i] <= 'z') ||
                                              (folded[i] >= '0' && folded[i] <= '9'));
    if (!inside) {
      if (i > begin) {
        words.push_back(folded.substr(begin, i - begin));
      }
      begin = i + 1;
    }
  }
  return words;
}

// Of digits.
std::int32_t to_number(std::string_view digits) {
  std::int32_t value = 0;
  for (const char c : digits) {
    value = value * 10 + (c - '0');
  }
  return value;
}

// 3 of "iii", "3rd", "third", "tercera", "terceira", "troisieme"; 0 of other words.
std::int32_t number_of(std::string_view word) {
  constexpr std::array<std::string_view, 12> kRoman = {"i",   "ii",   "iii", "iv", "v",  "vi",
                                                       "vii", "viii", "ix",  "x",  "xi", "xii"};
  constexpr std::array<std::array<std::string_view, 4>, 12> kStems = {{
      {"first", "primer", "primeir", "premier"},
      {"second", "segund", "deuxiem", "second"},
      {"third", "tercer", "terceir", "troisiem"},
      {"fourth", "cuart", "quarta", "quatriem"},
      {"fifth", "quint", "quint", "cinquiem"},
      {"sixth", "sext", "sext", "sixiem"},
      {"seventh", "septim", "setim", "septiem"},
      {"eighth", "octav", "oitav", "huitiem"},
      {"ninth", "noven", "nona", "neuviem"},
      {"tenth", "decim", "decim", "dixiem"},
      {"eleventh", "undecim", "onz", "onziem"},
      {"twelfth", "duodecim", "doz", "douziem"},
  }};
  if (const auto roman = std::ranges::find(kRoman, word); roman != kRoman.end()) {
    return static_cast<std::int32_t>(roman - kRoman.begin()) + 1;
  }
  // "3rd", "3a"; a bare number may be a day.
  const std::size_t digits = std::min(word.find_first_not_of("0123456789"), word.size());
  if (digits > 0) {
    const bool ordinal = digits <= 2 && digits < word.size() && word.size() <= digits + 3;
    return ordinal ? to_number(word.substr(0, digits)) : 0;
  }
  for (std::size_t i = 0; i < kStems.size(); ++i) {
    if (std::ranges::any_of(kStems[i],
                            [&](std::string_view stem) { return word.starts_with(stem); })) {
      return static_cast<std::int32_t>(i) + 1;
    }
  }
  return 0;
}

// The number that a text gives its meeting: "MISPA III", "Third Meeting", "Décima Primera Reunión";
// kUncounted of a special one.
std::optional<std::int32_t> number_said(std::string_view folded) {
  constexpr std::array<std::string_view, 10> kMeetings = {
      "meeting",  "reunion",   "reuniao", "gathering",  "encuentro",
      "encontro", "rencontre", "mispa",   "conference", "conferencia"};
  constexpr std::array<std::string_view, 5> kSpecial = {"special", "especial", "extraordinar",
                                                        "speciale", "extraordinaire"};
  std::string undotted(folded);
  std::erase(undotted, '.');  // "3.ª"
  const std::vector<std::string_view> words = letters_and_digits(undotted);
  const auto is_special = [&](std::size_t i) {
    return i < words.size() &&
           std::ranges::any_of(
               kSpecial, [&](std::string_view stem) { return words[i].starts_with(stem); });
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (std::ranges::find(kMeetings, words[i]) == kMeetings.end()) {
      continue;
    }
    if (is_special(i + 1) || (i > 0 && is_special(i - 1))) {
      return kUncounted;
    }
    std::int32_t number = i > 0 ? number_of(words[i - 1]) : 0;
    if (number == 0 && words[i] == "mispa" && i + 1 < words.size()) {
      number = number_of(words[i + 1]);
    } else if (number == 0 && i > 1) {
      number = number_of(words[i - 2]);  // "Third Ministerial Meeting"
    } else if (i > 1 && number < 10 && words[i - 2].starts_with("decim")) {
      number += 10;
    }
    if (number > 0) {
      return number;
    }
  }
  return std::nullopt;
}

bool names_city(std::string_view folded, const Meeting& meeting) {
  return std::ranges::any_of(kLanguages, [&](Language language) {
    const std::string city = plain(meeting.city.in(language));
    return !city.empty() && has_word(folded, city);
  });
}

bool speaks_of_security(std::string_view folded) {
  constexpr std::array<std::string_view, 4> kSecurity = {"security", "seguridad", "seguranca",
                                                         "securite"};
  return first_of(folded, kSecurity) != std::string_view::npos;
}

// Byte at which the opening names the series; npos where it does not. ParlAmericas has networks on
// other matters too, and words the name of this one in many ways.
std::size_t find_series(std::string_view opening, std::string_view series,
                        const Catalogue& catalogue) {
  if (series == "mispa") {
    return find_ministers(opening);
  }
  std::size_t found =
      speaks_of_security(opening) ? find_word(opening, "parlamericas") : std::string_view::npos;
  for (const Meeting& meeting : catalogue.meetings()) {
    for (const std::string& alias : meeting.aliases) {
      const std::string folded = plain(alias);
      if (meeting.series == series && !names_city(folded, meeting)) {
        found = std::min(found, find_word(opening, folded));
      }
    }
  }
  return found;
}

// Letters and digits alone: titles are set in capitals, quotes and dashes of many kinds.
std::string letters_of(std::string_view text) {
  const std::string folded = plain(text);
  std::string out;
  for (const std::string_view word : letters_and_digits(folded)) {
    out += word;
  }
  return out;
}

// "IX Summit of the Americas" as the meeting is called, not its place.
bool names_summit(std::string_view folded) {
  constexpr std::array<std::string_view, 4> kSummits = {"summit", "cumbre", "cupula", "sommet"};
  return std::ranges::any_of(
      kSummits, [&](std::string_view word) { return folded.find(word) != folded.npos; });
}

// The Summit that is named first in the opening, by its number; none where no Heads of State speak.
const Meeting* find_summit_named(std::string_view opening, const Catalogue& catalogue) {
  const Meeting* found = nullptr;
  std::size_t first = std::string_view::npos;
  for (const Meeting& meeting : catalogue.meetings()) {
    for (const std::string& alias : meeting.aliases) {
      const std::string folded = plain(alias);
      const std::size_t at = meeting.series == "summit" && names_summit(folded)
                                 ? find_word(opening, folded)
                                 : std::string_view::npos;
      if (at < first) {
        first = at;
        found = &meeting;
      }
    }
  }
  return found;
}

}  // namespace

bool heads_of_state_speak(std::string_view opening) {
  constexpr std::array<std::string_view, 8> kHeads = {"heads of state",
                                                      "jefes de estado",
                                                      "jefas de estado",
                                                      "jefas y los jefes de estado",
                                                      "chefes de estado",
                                                      "chefs d'etat",
                                                      "chefes e as chefes de estado",
                                                      "cheffes d'etat"};
  return first_of(opening, kHeads) != std::string_view::npos;
}

OwnText find_own_text(const Context& context, std::string_view opening, std::int32_t year) {
  constexpr std::size_t kHeadParagraphs = 12;
  constexpr std::size_t kLinesMax = 3;  // of a title
  const auto fits = [&](const Meeting& meeting) { return year == 0 || meeting.year == year; };
  OwnText own;
  const auto& all = context.paragraphs;
  for (std::size_t i = 0; i < std::min(all.size(), kHeadParagraphs) && !all[i].marked(); ++i) {
    std::string joined;
    for (std::size_t k = i; k < std::min(all.size(), i + kLinesMax) && !all[k].marked(); ++k) {
      joined += (joined.empty() ? "" : " ") + all[k].text;
      const std::string letters = letters_of(joined);
      for (const Document& document : context.catalogue.documents()) {
        const Meeting* meeting = context.catalogue.find_meeting(document.meeting);
        const bool called = std::ranges::any_of(kLanguages, [&](Language language) {
          return letters_of(document.title.in(language)) == letters;
        });
        if (called && meeting != nullptr && fits(*meeting)) {
          return {.meeting = meeting, .document = &document, .first = i, .last = k};
        }
      }
    }
  }
  const Meeting* summit = find_summit_named(opening, context.catalogue);
  if (summit != nullptr && heads_of_state_speak(opening) && fits(*summit)) {
    own.meeting = summit;
  }
  return own;
}

void take_own_text(Context& context) {
  const OwnText own = find_own_text(context, {}, 0);
  for (ParsedItem& item : context.result.items) {
    const bool open = item.citation.status == CitationStatus::none ||
                      (item.citation.status == CitationStatus::inferred && own.meeting != nullptr &&
                       item.effective.meeting == own.meeting->id);
    if (own.document != nullptr && open) {
      item.citation.status = CitationStatus::inferred;
      item.effective.meeting = own.meeting->id;
      item.effective.document = own.document->id;
      item.effective.place = own.meeting->city.in(Language::en);
      item.effective.country = own.meeting->country;
      item.effective.year = own.meeting->year;
    }
  }
}

OwnMeeting find_own_meeting(const Context& context, std::string_view opening,
                            std::string_view series, std::int32_t year) {
  const std::size_t named = find_series(opening, series, context.catalogue);
  const std::size_t others = first_of(opening, kOtherGroups);
  OwnMeeting own{.in_series = named < others};
  const bool may_be =
      own.in_series || (others == std::string_view::npos && speaks_of_security(opening));
  const std::optional<std::int32_t> number = number_said(opening);
  const std::string day = context.result.adopted ? to_string(*context.result.adopted) : "";
  for (const Meeting& meeting : context.catalogue.meetings()) {
    const bool counted = number && *number == number_of(plain(meeting.ordinal));
    if (meeting.series != series || !may_be || (number && !counted) ||
        (year > 0 && meeting.year != year)) {
      continue;
    }
    const bool on_day = !day.empty() && meeting.begins <= day && day <= meeting.ends;
    const bool in_city = names_city(opening, meeting);
    const bool sure = own.in_series && (counted || on_day);
    const bool likely = own.in_series ? year > 0 && (in_city || day.empty()) : on_day && in_city;
    if (sure || likely) {
      own.meeting = &meeting;
      own.guessed = !sure;
      return own;
    }
  }
  return own;
}

}  // namespace atalaya::commitments::parsing
