// The states of a depositary's list: marks of notes stand behind their names, articles and formal
// titles before, behind or in brackets. Whatever is left unread and looks like a state is asked
// about, since a state that is missing from a list counts as one that did nothing.
#include <algorithm>

#include <atalaya/base/text.hpp>

#include "treaties_rows.hpp"

namespace atalaya::followup::detail {
namespace {

using commitments::Catalogue;
using commitments::Country;
using Words = std::vector<std::string>;

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

bool is_article(std::string_view word) {
  return is_one_of(word, {"the", "la", "las", "le", "les", "el", "los", "o", "as", "os", "l"});
}

// "Plurinational State of", "Commonwealth of the": what a name is called besides.
bool is_title(std::string_view word) {
  return is_article(word) || is_one_of(word, {"of",
                                              "de",
                                              "del",
                                              "do",
                                              "da",
                                              "state",
                                              "states",
                                              "republic",
                                              "estado",
                                              "republica",
                                              "republique",
                                              "etat",
                                              "commonwealth",
                                              "plurinational",
                                              "plurinacional",
                                              "bolivarian",
                                              "bolivariana",
                                              "bolivarienne",
                                              "federative",
                                              "federativa",
                                              "cooperative",
                                              "co",
                                              "operative",
                                              "cooperativa",
                                              "eastern",
                                              "oriental",
                                              "independent",
                                              "rep"});
}

// Letters alone, folded: "Côte d'Ivoire (1)" is cote, d, ivoire.
Words words_of(std::string_view text) {
  Words out(1);
  for (const char c : fold(text)) {
    if (c == '&') {
      out.emplace_back("and");
      out.emplace_back();
    } else if (c >= 'a' && c <= 'z') {
      out.back() += c;
    } else if (!out.back().empty()) {
      out.emplace_back();
    }
  }
  std::erase_if(out, [](const std::string& word) { return word.empty() || is_article(word); });
  for (std::string& word : out) {
    word = word == "st" ? "saint" : word == "ste" ? "sainte" : word;
  }
  return out;
}

std::vector<std::pair<Words, const Country*>> names_of_states(const Catalogue& catalogue) {
  std::vector<std::pair<Words, const Country*>> out;
  for (const Country& country : catalogue.countries()) {
    if (!country.is_state) {
      continue;
    }
    for (const Language language : kLanguages) {
      out.emplace_back(words_of(country.name.in(language)), &country);
    }
    for (const std::string& alias : country.aliases) {
      out.emplace_back(words_of(alias), &country);
    }
  }
  return out;
}

// Raised figures are digits of a note, too: fold() writes them as such.
bool ends_with_note(std::string_view text) {
  const char last = text.back();
  return (last >= '0' && last <= '9') ||
         is_one_of(text.substr(text.size() - 1), {",", ";", "*", " "});
}

// Without the marks of notes behind it: "*", "1", "[2]", "(a)", "a/", "1/", "†".
std::string without_marks(std::string_view printed) {
  std::string text = squeeze(printed);
  for (const std::string_view mark :
       {"\xE2\x80\xA0", "\xE2\x80\xA1", "\xC2\xB9", "\xC2\xB2", "\xC2\xB3", "\xE2\x81\xB0",
        "\xE2\x81\xB4", "\xE2\x81\xB5", "\xE2\x81\xB6", "\xE2\x81\xB7", "\xE2\x81\xB8",
        "\xE2\x81\xB9"}) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark)) {
      text.replace(at, mark.size(), "*");
    }
  }
  for (bool again = true; again && !text.empty();) {
    again = false;
    const char last = text.back();
    const std::size_t open = last == ')'   ? text.rfind('(')
                             : last == ']' ? text.rfind('[')
                                           : std::string::npos;
    if (ends_with_note(text)) {
      text.pop_back();
      again = true;
    } else if (open != std::string::npos && open > 0 && text.size() - open <= 4) {
      text.resize(open);  // one or two characters: a note, not a name
      again = true;
    } else if (last == '/' && text.size() > 2) {
      // "a/" behind a blank, "1/" behind anything
      const char mark = text[text.size() - 2];
      const bool letter = text[text.size() - 3] == ' ';
      if ((mark >= '0' && mark <= '9') || letter) {
        text.resize(text.size() - 2);
        again = true;
      }
    }
  }
  return text;
}

const Country* exact(const std::vector<std::pair<Words, const Country*>>& names,
                     const Words& words) {
  const auto it = std::ranges::find(names, words, [](const auto& one) { return one.first; });
  return it == names.end() ? nullptr : it->second;
}

std::size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t kept = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({kept, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::string joined(const Words& words) {
  std::string out;
  for (const std::string& word : words) {
    out += (out.empty() ? "" : " ") + word;
  }
  return out;
}

}  // namespace

const Country* state_named(const Catalogue& catalogue, std::string_view printed) {
  const std::string text = without_marks(printed);
  const auto names = names_of_states(catalogue);
  if (const Country* found = exact(names, words_of(text))) {
    return found;
  }
  // Brackets and commas part the name from its title, which says nothing of who it is. Of another
  // sort ("Netherlands (Aruba)") they name somebody else.
  const std::size_t cut = text.find_first_of("(,[");
  if (cut == std::string::npos) {
    return nullptr;
  }
  const Words title = words_of(std::string_view(text).substr(cut));
  return std::ranges::all_of(title, is_title)
             ? exact(names, words_of(std::string_view(text).substr(0, cut)))
             : nullptr;
}

const Country* state_resembled(const Catalogue& catalogue, std::string_view printed) {
  constexpr std::size_t kLong = 8;  // letters: two of them may differ, in a shorter name one
  constexpr std::size_t kShort = 4;
  const std::string name = joined(words_of(without_marks(printed)));
  const std::string padded = " " + name + " ";
  for (const auto& [words, country] : names_of_states(catalogue)) {
    const std::string known = joined(words);
    if (known.size() < kShort) {
      continue;
    }
    const bool part = name.size() > kShort && (" " + known + " ").contains(padded);
    const bool holds = part || padded.contains(" " + known + " ");
    if (holds || edits_between(name, known) <= (known.size() >= kLong ? 2U : 1U)) {
      return country;
    }
  }
  return nullptr;
}

}  // namespace atalaya::followup::detail
