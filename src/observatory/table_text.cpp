// How a rate beside the crude one is asked for.
#include <array>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/observatory/table.hpp>

namespace atalaya::observatory {

std::string_view to_string(RateKind kind) noexcept {
  switch (kind) {
    case RateKind::crude:
      return "crude";
    case RateKind::standardised:
      return "standardised";
    case RateKind::indirect:
      return "indirect";
    case RateKind::smoothed:
      return "smoothed";
  }
  return "crude";
}

Result<RateChoice> parse_rate(std::string_view text) {
  constexpr std::array<RateKind, 4> kKinds{RateKind::crude, RateKind::standardised,
                                           RateKind::indirect, RateKind::smoothed};
  const auto bad = [&] {
    return fail(Error{ErrorCode::invalid_argument,
                      "observatory.query.rate",
                      fmt::format("\"{}\": write crude, standardised, indirect or smoothed; after "
                                  "standardised a colon and who2000 or esp2013, and another and "
                                  "fay_feuer for that interval",
                                  text),
                      {{"what", std::string(text)}}});
  };
  RateChoice out;
  if (trim(text).empty()) {
    return out;
  }
  std::size_t number = 0;
  for (const auto part : split(text, ':')) {
    const std::string_view word = trim(part);
    bool known = false;
    if (number == 0) {
      for (const RateKind kind : kKinds) {
        if (word == to_string(kind)) {
          out.kind = kind;
          known = true;
        }
      }
    } else if (out.kind == RateKind::standardised && number == 1) {
      known = find_standard_population(word) != nullptr;
      out.standard = std::string(word);
    } else if (out.kind == RateKind::standardised && number == 2) {
      known = word == "dobson" || word == "fay_feuer";
      out.interval = word == "fay_feuer" ? IntervalMethod::fay_feuer : IntervalMethod::dobson;
    } else if (out.kind == RateKind::indirect && number == 1) {
      known = find_standard_population(word) != nullptr;  // for its age groups
      out.standard = std::string(word);
    }
    if (!known) {
      return bad();
    }
    ++number;
  }
  return out;
}

std::string rate_text(const RateChoice& choice) {
  switch (choice.kind) {
    case RateKind::crude:
      return "crude";
    case RateKind::standardised:
      return fmt::format("standardised:{}:{}", choice.standard, to_string(choice.interval));
    case RateKind::indirect:
      return fmt::format("indirect:{}", choice.standard);
    case RateKind::smoothed:
      return "smoothed";
  }
  return "crude";
}

}  // namespace atalaya::observatory
