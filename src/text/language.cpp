#include <atalaya/text/language.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include <atalaya/text/stem.hpp>

#include "stop_words.hpp"
#include "utf8.hpp"

// Function words make up two fifths of a text, and few of them belong to two of the four languages;
// so each counts for the languages that have it, the less the more languages share it. Endings and
// letters that only one or two languages write help in titles, where function words are few. A
// language must lead clearly, because "Tráfico de armas" is as good Portuguese as it is Spanish.

namespace atalaya::text {
namespace {

constexpr std::size_t kReadBytesMax = 20'000;
constexpr double kScoreMin = 1.9;
constexpr double kLeadMin = 1.2;        // in points
constexpr double kLeadRatioMin = 1.25;  // and in proportion
// Text in none of the four languages has few words that any of them explains.
constexpr double kScorePerWordMin = 0.12;

using Scores = std::array<double, 4>;

struct Clue {
  std::string_view ending;
  Scores points;  // en, es, pt, fr
};

// Written with accents where the accent is what tells the languages apart.
constexpr auto kEndings = std::to_array<Clue>({
    {"ción", {0, 1.5, 0, 0}},   {"ciones", {0, 1.5, 0, 0}},  {"siones", {0, 1.2, 0, 0}},
    {"sión", {0, 1.2, 0, 0}},   {"miento", {0, 1, 0, 0}},    {"mientos", {0, 1, 0, 0}},
    {"dad", {0, 0.8, 0, 0}},    {"dades", {0, 0.4, 0.4, 0}}, {"ía", {0, 0.5, 0, 0}},
    {"ías", {0, 0.5, 0, 0}},    {"ando", {0, 0.2, 0.2, 0}},  {"encia", {0, 0.8, 0, 0}},
    {"ção", {0, 0, 1.5, 0}},    {"ções", {0, 0, 1.5, 0}},    {"ão", {0, 0, 0.8, 0}},
    {"ões", {0, 0, 1, 0}},      {"dade", {0, 0, 0.8, 0}},    {"mento", {0, 0, 0.8, 0}},
    {"mentos", {0, 0, 0.8, 0}}, {"agem", {0, 0, 0.6, 0}},    {"ência", {0, 0, 1.2, 0}},
    {"ências", {0, 0, 1.2, 0}}, {"tion", {0.5, 0, 0, 0.5}},  {"tions", {0.5, 0, 0, 0.5}},
    {"ing", {0.9, 0, 0, 0}},    {"ty", {0.5, 0, 0, 0}},      {"ies", {0.4, 0, 0, 0.1}},
    {"ed", {0.4, 0, 0, 0}},     {"ful", {0.5, 0, 0, 0}},     {"ness", {0.8, 0, 0, 0}},
    {"ght", {0.8, 0, 0, 0}},    {"th", {0.5, 0, 0, 0}},      {"sh", {0.5, 0, 0, 0}},
    {"ck", {0.5, 0, 0, 0}},     {"wn", {0.5, 0, 0, 0}},      {"ité", {0, 0, 0, 1}},
    {"ités", {0, 0, 0, 1}},     {"eux", {0, 0, 0, 0.9}},     {"aux", {0, 0, 0, 0.9}},
    {"ique", {0, 0, 0, 0.8}},   {"iques", {0, 0, 0, 0.8}},   {"eur", {0, 0, 0, 0.6}},
    {"eurs", {0, 0, 0, 0.6}},   {"ées", {0, 0, 0, 0.7}},     {"ée", {0, 0, 0, 0.7}},
    {"és", {0, 0, 0, 0.5}},     {"ement", {0.1, 0, 0, 0.4}}, {"nt", {0.05, 0, 0, 0.15}},
    {"oire", {0, 0, 0, 0.8}},   {"ière", {0, 0, 0, 0.8}},    {"ières", {0, 0, 0, 0.8}},
    {"elles", {0, 0, 0, 0.5}},  {"iaire", {0, 0, 0, 1}},     {"iaires", {0, 0, 0, 1}},
    {"aire", {0, 0, 0, 0.5}},   {"aires", {0, 0.1, 0, 0.4}},
});

double points_of_letter(std::int32_t c, Language language) {
  struct Letter {
    std::int32_t letter;
    Scores points;
  };

  static constexpr auto kLetters = std::to_array<Letter>({
      {U'ñ', {0, 1, 0, 0}},         {U'Ñ', {0, 1, 0, 0}},     {U'¿', {0, 1, 0, 0}},
      {U'¡', {0, 1, 0, 0}},         {U'ã', {0, 0, 1, 0}},     {U'õ', {0, 0, 1, 0}},
      {U'Ã', {0, 0, 1, 0}},         {U'Õ', {0, 0, 1, 0}},     {U'ç', {0, 0, 0.6, 0.3}},
      {U'œ', {0, 0, 0, 1}},         {U'è', {0, 0, 0, 0.8}},   {U'ù', {0, 0, 0, 0.6}},
      {U'û', {0, 0, 0, 0.8}},       {U'î', {0, 0, 0, 0.8}},   {U'ë', {0, 0, 0, 0.5}},
      {U'ï', {0, 0, 0, 0.4}},       {U'â', {0, 0, 0.4, 0.2}}, {U'ê', {0, 0, 0.4, 0.4}},
      {U'ô', {0, 0, 0.3, 0.4}},     {U'à', {0, 0, 0.3, 0.6}}, {U'í', {0, 0.3, 0.2, 0}},
      {U'ó', {0, 0.3, 0.2, 0}},     {U'ú', {0, 0.3, 0.2, 0}}, {U'á', {0, 0.2, 0.3, 0}},
      {U'ü', {0, 0.1, 0.05, 0.05}}, {U'É', {0, 0, 0, 0.3}},
  });
  const auto it = std::ranges::find(kLetters, c, &Letter::letter);
  return it == kLetters.end() ? 0 : it->points[static_cast<std::size_t>(language)];
}

void add_word(std::string_view raw, const Token& token, Scores& scores) {
  std::array<bool, 4> has{};
  double languages = 0;
  for (const Language language : kLanguages) {
    has[static_cast<std::size_t>(language)] = is_folded_stop_word(token.word, language);
    languages += has[static_cast<std::size_t>(language)] ? 1 : 0;
  }
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (has[i]) {
      // Shared by two: tells little; by three or four: nothing.
      scores[i] += languages == 1 ? 1 : languages == 2 ? 0.4 : 0.1;
    }
  }
  // The longest ending counts, so that "-dades" is not "-es" as well.
  const Clue* best = nullptr;
  for (const Clue& clue : kEndings) {
    if (raw.size() >= clue.ending.size() + 2 && raw.ends_with(clue.ending) &&
        (best == nullptr || clue.ending.size() > best->ending.size())) {
      best = &clue;
    }
  }
  for (std::size_t i = 0; best != nullptr && languages == 0 && i < scores.size(); ++i) {
    scores[i] += best->points[i];
  }
}

}  // namespace

std::optional<Language> detect_language(std::string_view text) {
  text = text.substr(0, utf8_floor(text, kReadBytesMax));
  Scores scores{};
  const auto tokens = tokenize_stemmed(text, Language::en);
  for (const Token& token : tokens) {
    add_word(text.substr(token.begin, token.end - token.begin), token, scores);
  }
  for (std::size_t i = 0; i < text.size();) {
    const std::int32_t c = decode_utf8(text, i);
    if (c >= 0x80) {
      for (const Language language : kLanguages) {
        scores[static_cast<std::size_t>(language)] += points_of_letter(c, language);
      }
    }
  }
  std::array<std::size_t, 4> order{0, 1, 2, 3};
  std::ranges::sort(order, std::greater<>{}, [&](std::size_t i) { return scores[i]; });
  const double best = scores[order[0]];
  const double second = scores[order[1]];
  if (best < kScoreMin || best < second + kLeadMin || best < second * kLeadRatioMin ||
      best < kScorePerWordMin * static_cast<double>(tokens.size())) {
    return std::nullopt;
  }
  return kLanguages[order[0]];
}

}  // namespace atalaya::text
