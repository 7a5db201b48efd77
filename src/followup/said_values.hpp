#pragma once
// What somebody wrote where one value of a few is wanted. Private to the module.

#include <string>
#include <string_view>
#include <vector>

#include <atalaya/followup/reference.hpp>
#include <atalaya/followup/round_rules.hpp>

namespace atalaya::followup::detail {

struct Choice {
  std::string code;
  Translated words;
};

[[nodiscard]] std::vector<Choice> choices_of(const Scale& scale);
/// Empty where the answer is free.
[[nodiscard]] std::vector<Choice> choices_of(const Question& question, const Reference& reference);

/// The code that is meant by the code itself or by its words in one of the four languages, whatever
/// their case, accents, hyphens and blanks. What is neither, or could be two codes, comes back as
/// it is.
[[nodiscard]] std::string meant(std::string_view said, const std::vector<Choice>& choices);

/// "yes, partially, no"
[[nodiscard]] std::string codes_of(const std::vector<Choice>& choices);

/// invalid_argument (followup.value, params value, accepted).
[[nodiscard]] std::unexpected<Error> not_on_scale(const Scale* scale, std::string_view value);

}  // namespace atalaya::followup::detail
