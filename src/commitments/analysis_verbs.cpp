#include "analysis_verbs.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <unordered_map>

#include "analysis_verb_list.hpp"

namespace atalaya::commitments {

namespace {

using verb_list::Row;

constexpr std::array<std::string_view, 3> kDoubled = {"commit", "submit", "underpin"};

using Forms = std::unordered_map<std::string, Verb>;

Verb verb_of(const Row& row, VerbForm form, bool noun_like = false) {
  return {row.en.substr(0, row.en.find('|')), row.type, noun_like, form};
}

void add(Forms& forms, std::string key, const Row& row, VerbForm form) {
  forms.try_emplace(std::move(key), verb_of(row, form));
}

void add_english(Forms& forms, const std::string& base, const Row& row) {
  const auto put = [&](std::string key, VerbForm form) {
    forms.try_emplace(std::move(key), verb_of(row, form, row.kind == Row::noun));
  };
  const bool silent_e = base.ends_with('e') && !base.ends_with("ee");
  const bool y = base.ends_with('y') && !base.ends_with("ay") && !base.ends_with("ey");
  std::string stem = silent_e ? base.substr(0, base.size() - 1) : base;
  if (std::ranges::find(kDoubled, base) != kDoubled.end()) {
    stem += base.back();
  }
  put(base, VerbForm::base);
  put(stem + "ing", VerbForm::gerund);
  const std::string past = y ? base.substr(0, base.size() - 1) + "i" : stem;
  put(past + "ed", VerbForm::participle);
  const bool hiss = base.ends_with("ss") || base.ends_with("sh") || base.ends_with("ch");
  put(y ? base.substr(0, base.size() - 1) + "ies" : base + (hiss ? "es" : "s"), VerbForm::third);
}

/// Spanish and Portuguese: -ar, -er, -ir.
void add_iberian(Forms& forms, const std::string& infinitive, const Row& row, Language language) {
  add(forms, infinitive, row, VerbForm::base);
  if (infinitive.size() < 3) {
    return;
  }
  const std::string stem = infinitive.substr(0, infinitive.size() - 2);
  const char vowel = infinitive[infinitive.size() - 2];
  add(forms, stem + vowel + "mos", row, VerbForm::first);
  add(forms, stem + vowel + "mo", row, VerbForm::first);  // "comprometemo-nos"
  add(forms, stem + (vowel == 'a' ? "ando" : "iendo"), row, VerbForm::gerund);
  add(forms, stem + vowel + "ndo", row, VerbForm::gerund);
  if (stem.size() > 2) {
    const std::string end = language == Language::es ? "n" : "m";
    add(forms, stem + (vowel == 'a' ? "a" : "e") + end, row, VerbForm::third);
  }
}

void add_french(Forms& forms, const std::string& infinitive, const Row& row) {
  add(forms, infinitive, row, VerbForm::base);
  const auto put = [&](const std::string& stem, std::string_view soft = {}) {
    add(forms, stem + std::string(soft) + "ons", row, VerbForm::first);
    add(forms, stem + std::string(soft) + "ant", row, VerbForm::gerund);
    add(forms, (stem.ends_with('y') ? stem.substr(0, stem.size() - 1) + "i" : stem) + "ent", row,
        VerbForm::third);
  };
  const auto without = [&](std::size_t letters) {
    return infinitive.substr(0, infinitive.size() - letters);
  };
  const auto any = [&](std::initializer_list<std::string_view> endings) {
    return std::ranges::any_of(endings, [&](auto ending) { return infinitive.ends_with(ending); });
  };
  if (any({"ger"})) {
    put(without(2), "e");
  } else if (any({"naitre"})) {
    put(without(4) + "iss");
  } else if (any({"oir"})) {
    put(without(3));
  } else if (any({"uire", "dire"})) {
    put(without(2) + "s");
  } else if (any({"prendre"})) {
    put(without(3));
  } else if (infinitive.ends_with("ir") &&
             !any({"enir", "cueillir", "offrir", "ouvrir", "courir", "querir"})) {
    put(without(2) + "iss");
  } else {
    put(without(2));
  }
}

template <class Add>
void add_each(std::string_view words, Add add_one) {
  for (const std::string_view one : split(words, '|')) {
    if (one.size() > 2) {
      add_one(std::string(one));
    }
  }
}

Forms forms_of(Language language) {
  Forms forms;
  for (const Row& row : verb_list::kRows) {
    switch (language) {
      case Language::en:
        if (row.kind == Row::verb || row.kind == Row::noun) {
          add_each(row.en, [&](const std::string& one) { add_english(forms, one, row); });
        }
        break;
      case Language::es:
        add_each(row.es, [&](const std::string& one) { add_iberian(forms, one, row, language); });
        break;
      case Language::pt:
        add_each(row.pt, [&](const std::string& one) { add_iberian(forms, one, row, language); });
        break;
      case Language::fr:
        add_each(row.fr, [&](const std::string& one) { add_french(forms, one, row); });
        break;
    }
  }
  for (const verb_list::Irregular& one : verb_list::kIrregular) {
    const auto base = forms.find(std::string(one.infinitive));
    if (one.language == language && base != forms.end()) {
      Verb verb = base->second;
      verb.form = one.form;
      forms.insert_or_assign(std::string(one.word), verb);
    }
  }
  return forms;
}

// "abstenerse", "protegerlos": the infinitive without the pronoun that Spanish writes with it.
std::string_view without_pronoun(std::string_view key) {
  for (const std::string_view pronoun : {"se", "lo", "la", "le", "los", "las", "les", "nos"}) {
    const std::string_view stem = key.substr(0, key.size() - std::min(key.size(), pronoun.size()));
    const bool infinitive = stem.ends_with("ar") || stem.ends_with("er") || stem.ends_with("ir");
    if (key.ends_with(pronoun) && infinitive) {
      return stem;
    }
  }
  return key;
}

}  // namespace

std::optional<Verb> find_verb(std::string_view key, Language language) {
  static const std::array<Forms, 4> kForms = {forms_of(Language::en), forms_of(Language::es),
                                              forms_of(Language::pt), forms_of(Language::fr)};
  const Forms& forms = kForms[static_cast<std::size_t>(language)];
  auto at = forms.find(std::string(key));
  if (at == forms.end() && language == Language::es) {
    at = forms.find(std::string(without_pronoun(key)));
  }
  return at == forms.end() ? std::nullopt : std::optional(at->second);
}

std::optional<Verb> find_front_verb(std::string_view key) {
  static const Forms kForms = [] {
    Forms forms;
    for (const Row& row : verb_list::kRows) {
      const bool noun = row.kind == Row::front_noun;
      if (noun || row.kind == Row::front) {
        add_each(row.en, [&](const std::string& one) {
          forms.try_emplace(one, verb_of(row, VerbForm::base, noun));
        });
      }
    }
    return forms;
  }();
  const auto at = kForms.find(std::string(key));
  return at == kForms.end() ? std::nullopt : std::optional(at->second);
}

std::optional<Verb> find_participle(std::string_view key) {
  const auto base = [](std::string_view word) {
    const auto known = find_verb(word, Language::en);
    return known ? (known->form == VerbForm::base ? known : std::nullopt) : find_front_verb(word);
  };
  const auto* const irregular = std::ranges::find(
      verb_list::kParticiples, key, &std::pair<std::string_view, std::string_view>::first);
  if (irregular != std::end(verb_list::kParticiples)) {
    return base(irregular->second);
  }
  constexpr std::size_t kLeast = 5;
  if (key.size() < kLeast || !key.ends_with("ed")) {
    return std::nullopt;
  }
  const std::string stem(key.substr(0, key.size() - 2));
  std::optional<Verb> found = base(stem);
  found = found ? found : base(stem + "e");
  found = found || !stem.ends_with('i') ? found : base(stem.substr(0, stem.size() - 1) + "y");
  const bool doubled = stem.back() == stem[stem.size() - 2];
  return found || !doubled ? found : base(stem.substr(0, stem.size() - 1));
}

namespace {

/// Whether the words of `phrase` stand at `at`; how many they are, else 0.
std::size_t stands_at(std::string_view phrase, const std::vector<Word>& words, std::size_t at,
                      std::size_t last) {
  std::size_t count = 0;
  for (const std::string_view one : split(phrase, ' ')) {
    if (at + count >= last || words[at + count].key != one) {
      return 0;
    }
    ++count;
  }
  return count;
}

}  // namespace

std::optional<FoundIdiom> find_idiom(std::string_view lemma, const std::vector<Word>& words,
                                     std::size_t at, std::size_t last) {
  for (const verb_list::Idiom& idiom : verb_list::kIdioms) {
    const std::size_t count = idiom.verb == lemma ? stands_at(idiom.words, words, at, last) : 0;
    if (count > 0) {
      return FoundIdiom{idiom.lemma, idiom.type, count};
    }
  }
  return std::nullopt;
}

namespace {

/// The infinitive's ending replaced, wherever it stands: all forms that the singular may have. Most
/// verbs have one of them; the others are no words.
std::vector<std::string> iberian_subjunctives(const std::string& infinitive, Language language) {
  struct Change {
    std::string_view from, to;
  };

  static constexpr Change kSpanish[] = {
      {"car", "que"}, {"gar", "gue"},  {"zar", "ce"},  {"ger", "ja"},    {"gir", "ja"},
      {"cer", "zca"}, {"cir", "zca"},  {"cer", "za"},  {"ner", "nga"},   {"nir", "nga"},
      {"uir", "uya"}, {"acer", "aga"}, {"guir", "ga"}, {"decir", "diga"}};
  static constexpr Change kPortuguese[] = {{"car", "que"},    {"gar", "gue"},    {"ger", "ja"},
                                           {"gir", "ja"},     {"ter", "tenha"},  {"vir", "venha"},
                                           {"fazer", "faca"}, {"pedir", "peca"}, {"guir", "ga"}};
  const std::string stem = infinitive.substr(0, infinitive.size() - 2);
  const bool ar = infinitive.ends_with("ar");
  std::vector<std::string> stems = {stem + (ar ? "e" : "a")};
  for (const Change& one : language == Language::es ? std::span<const Change>(kSpanish)
                                                    : std::span<const Change>(kPortuguese)) {
    if (infinitive.ends_with(one.from)) {
      stems.push_back(infinitive.substr(0, infinitive.size() - one.from.size()) +
                      std::string(one.to));
    }
  }
  // "reforzar" has "refuerce", "pedir" has "pida", "recomendar" has "recomiende".
  const std::size_t vowel = stem.find_last_of("eo");
  std::vector<std::string> all = stems;
  for (const std::string& one : stems) {
    if (vowel != std::string::npos && vowel + 1 < one.size() && one[vowel] == stem[vowel]) {
      for (const std::string_view other : stem[vowel] == 'o'
                                              ? std::array<std::string_view, 2>{"ue", "u"}
                                              : std::array<std::string_view, 2>{"ie", "i"}) {
        all.push_back(std::string(one).replace(vowel, 1, other));
      }
    }
  }
  return all;
}

std::vector<std::string> french_subjunctives(const std::string& infinitive) {
  struct Change {
    std::string_view from, to;
  };

  static constexpr Change kChanges[] = {
      {"ir", "isse"},     {"ir", "e"},       {"enir", "ienne"},
      {"evoir", "oive"},  {"oir", "oie"},    {"prendre", "prenne"},
      {"faire", "fasse"}, {"uire", "uise"},  {"aitre", "aisse"},
      {"oitre", "oisse"}, {"indre", "igne"}, {"soudre", "solve"},
      {"ouvoir", "euve"}, {"yer", "ie"},     {"eler", "elle"},
      {"eter", "ette"},   {"er", "e"},       {"re", "e"}};
  std::vector<std::string> all;
  for (const Change& one : kChanges) {
    if (infinitive.ends_with(one.from)) {
      all.push_back(infinitive.substr(0, infinitive.size() - one.from.size()) +
                    std::string(one.to));
    }
  }
  return all;
}

Forms subjunctives_of(Language language) {
  constexpr std::size_t kLeast = 4;  // letters: "dé" is "de"
  Forms forms;
  const std::string plural = language == Language::es ? "n" : language == Language::pt ? "m" : "nt";
  for (const Row& row : verb_list::kRows) {
    const std::string_view words = language == Language::es   ? row.es
                                   : language == Language::pt ? row.pt
                                                              : row.fr;
    add_each(words, [&](const std::string& infinitive) {
      for (const std::string& one : language == Language::fr
                                        ? french_subjunctives(infinitive)
                                        : iberian_subjunctives(infinitive, language)) {
        if (one.size() >= kLeast) {
          add(forms, one, row, VerbForm::base);
          add(forms, one + plural, row, VerbForm::base);
        }
      }
    });
  }
  return forms;
}

Forms asking_singulars_of(Language language) {
  Forms forms;
  for (const Row& row : verb_list::kRows) {
    const bool asks = row.type == VerbType::urge || row.type == VerbType::delegate;
    add_each(asks ? (language == Language::es ? row.es : row.pt) : "",
             [&](const std::string& infinitive) {
               const std::string stem = infinitive.substr(0, infinitive.size() - 2);
               add(forms, stem + (infinitive.ends_with("ar") ? "a" : "e"), row, VerbForm::third);
               // "alienta", "pide", "sugiere"
               const std::size_t vowel = stem.rfind('e');
               if (vowel != std::string::npos) {
                 for (const std::string_view other : {"ie", "i"}) {
                   const std::string changed = std::string(stem).replace(vowel, 1, other);
                   add(forms, changed + (infinitive.ends_with("ar") ? "a" : "e"), row,
                       VerbForm::third);
                 }
               }
               if (infinitive.ends_with("uir")) {
                 add(forms, stem + "ye", row, VerbForm::third);
                 add(forms, stem + "i", row, VerbForm::third);
               }
             });
  }
  return forms;
}

std::optional<Verb> look_up(const Forms& forms, std::string_view key) {
  const auto at = forms.find(std::string(key));
  return at == forms.end() ? std::nullopt : std::optional(at->second);
}

}  // namespace

std::optional<Verb> find_subjunctive(std::string_view key, Language language) {
  static const std::array<Forms, 4> kForms = {Forms(), subjunctives_of(Language::es),
                                              subjunctives_of(Language::pt),
                                              subjunctives_of(Language::fr)};
  return look_up(kForms[static_cast<std::size_t>(language)], key);
}

std::optional<Verb> find_asking_singular(std::string_view key, Language language) {
  static const Forms kSpanish = asking_singulars_of(Language::es);
  static const Forms kPortuguese = asking_singulars_of(Language::pt);
  return language == Language::es   ? look_up(kSpanish, key)
         : language == Language::pt ? look_up(kPortuguese, key)
                                    : std::nullopt;
}

bool looks_infinitive(std::string_view key, Language language) noexcept {
  if (language == Language::es) {
    key = without_pronoun(key);
  }
  const bool french = language == Language::fr;
  const bool ends =
      key.ends_with("er") || key.ends_with("ir") || key.ends_with(french ? "re" : "ar");
  if (language == Language::en || key.size() < 5 || !ends ||
      std::ranges::find(verb_list::kNoInfinitives, key) != std::end(verb_list::kNoInfinitives)) {
    return false;
  }
  const auto& verbs = verb_list::kVerbsOfNounEndings;
  const bool noun = french && std::ranges::any_of(verb_list::kNounEndings, [&](auto ending) {
                      return key.ends_with(ending);
                    });
  return !noun || std::ranges::find(verbs, key) != std::end(verbs);
}

namespace {

/// "pondr" is the stem of "poner", "construir" that of "construire".
std::string infinitive_of_stem(std::string stem, Language language) {
  constexpr std::size_t kWhole = 3;  // letters: a stem so short is compared as a whole
  if (stem.empty() || find_verb(stem, language)) {
    return stem;
  }
  for (const verb_list::FutureStem& one : verb_list::kFutureStems) {
    const bool fits = one.ends.size() <= kWhole ? stem == one.ends : stem.ends_with(one.ends);
    if (one.language == language && fits) {
      return stem.substr(0, stem.size() - one.ends.size()) + std::string(one.infinitive);
    }
  }
  const bool silent_e = language == Language::fr && find_verb(stem + "e", language);
  return silent_e ? stem + "e" : stem;
}

}  // namespace

std::string infinitive_of_future(std::string_view text, const Word& word, Language language) {
  constexpr std::size_t kLeast = 5;  // letters of a future tense that is no other word
  static constexpr std::array<std::string_view, 14> kOthers = {
      "queremos", "requeremos", "esperemos", "consideremos", "corremos", "recorremos", "verao",
      "barao",    "camera",     "opera",     "front",        "affront",  "extra",      "environs"};
  // "abster-se-ão": the pronoun inside is none of its ending; so written, it is no other word.
  std::string printed(text.substr(word.begin, word.end - word.begin));
  const std::size_t pronoun = language == Language::pt ? printed.find('-') : std::string::npos;
  const bool encloses = pronoun != std::string::npos && printed.rfind('-') != pronoun;
  if (encloses) {
    printed.erase(pronoun, printed.rfind('-') - pronoun + 1);
  }
  if (language == Language::en || (word.key.size() < kLeast && !encloses) || word.upper ||
      std::ranges::find(kOthers, word.key) != kOthers.end()) {
    return {};
  }
  // The accents tell "considerarán" from "consideran", which is no future.
  const auto stem = [&](std::string_view ending, std::string_view folded) {
    return printed.ends_with(ending) ? word.key.substr(0, word.key.size() - folded.size() + 1)
                                     : std::string();
  };
  std::string found;
  if (language == Language::fr) {
    found =
        printed.ends_with("érons") || printed.ends_with("éra") ? std::string() : stem("ra", "ra");
    found = found.empty() ? stem("ront", "ront") : found;
    for (const std::string_view ending : {"erons", "irons", "drons", "rrons", "vrons", "ttrons"}) {
      found = found.empty() && !printed.ends_with("érons") && word.key.ends_with(ending)
                  ? stem("rons", "rons")
                  : found;
    }
    return infinitive_of_stem(std::move(found), language);
  }
  found = stem("remos", "remos");
  found = found.empty() ? stem("rá", "ra") : found;
  found = found.empty() && language == Language::es ? stem("rán", "ran") : found;
  found = found.empty() && language == Language::pt ? stem("rão", "rao") : found;
  found = infinitive_of_stem(std::move(found), language);
  if (language == Language::pt) {
    const bool infinitive = found.ends_with("ar") || found.ends_with("er") ||
                            found.ends_with("ir") || found.ends_with("or") || found == "pôr";
    return infinitive ? found : std::string();  // "padrão" is none
  }
  return found;
}

}  // namespace atalaya::commitments
