#include "said_values.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/figures/messages.hpp>

namespace atalaya::followup::detail {
namespace {

// "In_Progress" and "in progress", "Sí" and "si".
std::string compared(std::string_view text) {
  std::string out = fold(text);
  std::ranges::replace_if(out, [](char c) { return c == '_' || c == '-'; }, ' ');
  return squeeze(out);
}

bool says(const Choice& choice, std::string_view wanted) {
  return compared(choice.code) == wanted || std::ranges::any_of(kLanguages, [&](Language language) {
           return choice.words.has(language) && compared(choice.words.in(language)) == wanted;
         });
}

}  // namespace

std::vector<Choice> choices_of(const Scale& scale) {
  std::vector<Choice> out;
  for (const ScaleValue& value : scale.values) {
    out.push_back({value.id, value.label});
  }
  return out;
}

std::vector<Choice> choices_of(const Question& question, const Reference& reference) {
  const Scale* scale =
      question.type == QuestionType::scale ? reference.find_scale(question.scale) : nullptr;
  if (scale != nullptr) {
    return choices_of(*scale);
  }
  std::vector<Choice> out;
  for (const std::string& code : answer_values(question, reference)) {
    Translated words;
    for (const Language language : kLanguages) {
      words.set(language, figures::Messages::embedded().text(
                              language, fmt::format("rounds.answer.{}", code)));
    }
    out.push_back({code, std::move(words)});
  }
  return out;
}

std::string meant(std::string_view said, const std::vector<Choice>& choices) {
  if (std::ranges::find(choices, said, &Choice::code) != choices.end()) {
    return std::string(said);
  }
  const std::string wanted = compared(said);
  std::set<std::string> found;
  for (const Choice& choice : choices) {
    if (says(choice, wanted)) {
      found.insert(choice.code);
    }
  }
  return found.size() == 1 ? *found.begin() : std::string(said);
}

std::string codes_of(const std::vector<Choice>& choices) {
  std::string out;
  for (const Choice& choice : choices) {
    out += (out.empty() ? "" : ", ") + choice.code;
  }
  return out;
}

std::unexpected<Error> not_on_scale(const Scale* scale, std::string_view value) {
  return fail(
      Error{ErrorCode::invalid_argument,
            "followup.value",
            "the value is not of the scale",
            {{"value", std::string(value.substr(0, 80))},
             {"accepted", scale == nullptr ? std::string() : codes_of(choices_of(*scale))}}});
}

}  // namespace atalaya::followup::detail
