#include "linkage_compare.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <unordered_map>

#include <atalaya/base/text.hpp>

#include "linkage_strings.hpp"

namespace atalaya::observatory {
namespace {

using namespace std::string_view_literals;

constexpr double kSimilar = 0.85;
constexpr double kNearlySame = 0.92;

constexpr std::array kTextLevels{"differ"sv, "similar"sv, "nearly_same"sv, "same"sv};
constexpr std::array kNameLevels{"differ"sv, "similar"sv, "nearly_same"sv, "in_part"sv, "same"sv};
constexpr std::array kIdentifierLevels{"differ"sv, "one_slip"sv, "same"sv};
constexpr std::array kDateLevels{"differ"sv, "two_parts"sv, "one_slip"sv, "same"sv};
constexpr std::array kSexLevels{"differ"sv, "same"sv};
constexpr std::array kTerritoryLevels{"differ"sv, "same_subdivision"sv, "same"sv};
constexpr std::array kNumberLevels{"differ"sv, "within_three"sv, "within_one"sv, "same"sv};

}  // namespace

std::span<const std::string_view> level_names(FieldKind kind) noexcept {
  switch (kind) {
    case FieldKind::text:
      return kTextLevels;
    case FieldKind::given_name:
    case FieldKind::surname:
      return kNameLevels;
    case FieldKind::identifier:
      return kIdentifierLevels;
    case FieldKind::date:
      return kDateLevels;
    case FieldKind::sex:
      return kSexLevels;
    case FieldKind::territory:
      return kTerritoryLevels;
    case FieldKind::number:
      return kNumberLevels;
  }
  return kTextLevels;
}

namespace detail {
namespace {

// Winkler's likeness of the whole, with words joined so that a lost blank costs nothing.
std::int8_t likeness(std::string_view x, std::string_view y) noexcept {
  const double like = jaro_winkler(x, y);
  return like >= kNearlySame ? 2 : like >= kSimilar ? 1 : 0;
}

bool shares_word(const LinkValue& x, const LinkValue& y) noexcept {
  for (const std::string& word : x.words) {
    for (const std::string& other : y.words) {
      if (word == other && word.size() > 1) {
        return true;
      }
    }
  }
  return false;
}

bool is_initial(const LinkValue& x, const LinkValue& y) noexcept {
  return !x.words.empty() && !y.words.empty() && x.words[0].size() == 1 &&
         x.words[0][0] == y.words[0][0];
}

std::int8_t compare_given(const LinkValue& x, const LinkValue& y) noexcept {
  if (shares_word(x, y) || is_initial(x, y) || is_initial(y, x)) {
    return 3;
  }
  return likeness(x.text, y.text);
}

// "Pérez Gómez" and "Pérez", "Gómez Pérez" or "Pérez Gómes" are the same in part; two different
// second surnames beside the same first are only similar: brothers differ in neither, but
// strangers often share one.
std::int8_t compare_surname(const LinkValue& x, const LinkValue& y) noexcept {
  const auto& few = x.words.size() <= y.words.size() ? x.words : y.words;
  const auto& many = x.words.size() <= y.words.size() ? y.words : x.words;
  if (!few.empty() && std::ranges::all_of(few, [&](const std::string& word) {
        return word.size() > 1 && std::ranges::find(many, word) != many.end();
      })) {
    return 3;
  }
  const std::int8_t like = likeness(x.text, y.text);
  return like == 0 && shares_word(x, y) ? std::int8_t{1} : like;
}

std::int8_t compare_date(const LinkValue& x, const LinkValue& y) noexcept {
  if (one_slip(x.text, y.text)) {
    return 2;
  }
  if (x.text.size() != 8 || y.text.size() != 8) {
    // One of them knows no day or no month: what both know must be the same.
    const std::size_t known = std::min(x.text.size(), y.text.size());
    return known >= 4 && x.text.substr(0, known) == y.text.substr(0, known) ? 1 : 0;
  }
  const std::string_view p = x.text;
  const std::string_view q = y.text;
  const bool year = p.substr(0, 4) == q.substr(0, 4);
  if (year && p.substr(4, 2) == q.substr(6, 2) && p.substr(6, 2) == q.substr(4, 2)) {
    return 2;
  }
  const int same = (year ? 1 : 0) + (p.substr(4, 2) == q.substr(4, 2) ? 1 : 0) +
                   (p.substr(6, 2) == q.substr(6, 2) ? 1 : 0);
  return same == 2 ? 1 : 0;
}

// "col_05001" → "col_05"; "05001" → "05"; "co-ant" stays.
std::string_view subdivision(std::string_view code) noexcept {
  const auto under = code.find('_');
  const std::size_t start = under == std::string_view::npos ? 0 : under + 1;
  return code.size() > start + 2 && !code.contains('-') ? code.substr(0, start + 2) : code;
}

std::int8_t compare_number(double x, double y) noexcept {
  const double off = std::abs(x - y);
  return off == 0 ? 3 : off <= 1 ? 2 : off <= 3 ? 1 : 0;
}

std::string digits_of(std::string_view text) {
  std::string digits;
  std::ranges::copy_if(text, std::back_inserter(digits),
                       [](char c) { return c >= '0' && c <= '9'; });
  return digits;
}

LinkValue read_value(FieldKind kind, std::string text) {
  LinkValue value;
  switch (kind) {
    case FieldKind::given_name:
    case FieldKind::surname:
      value.words = name_words(text);
      for (const std::string& word : value.words) {
        value.text += word;
      }
      break;
    case FieldKind::date: {
      std::string digits = digits_of(text);
      value.is_date = digits.size() == 8 || digits.size() == 6 || digits.size() == 4;
      value.text = value.is_date ? std::move(digits) : std::move(text);
      break;
    }
    case FieldKind::number:
      if (std::from_chars(text.data(), text.data() + text.size(), value.number).ec != std::errc{}) {
        value.number = std::numeric_limits<double>::quiet_NaN();
      }
      value.text = std::move(text);
      break;
    case FieldKind::identifier:
      std::erase_if(text, [](char c) { return c == ' ' || c == '.' || c == '-' || c == '/'; });
      value.text = std::move(text);
      break;
    case FieldKind::text:
    case FieldKind::sex:
    case FieldKind::territory:
      value.text = std::move(text);
      break;
  }
  return value;
}

}  // namespace

std::size_t LinkField::levels() const noexcept {
  return level_names(spec.kind).size() + (spec.missing == MissingValue::own_level ? 1U : 0U);
}

std::int8_t LinkField::compare(std::uint32_t x, std::uint32_t y) const noexcept {
  const auto top = static_cast<std::int8_t>(level_names(spec.kind).size() - 1);
  if (x == kNoValue || y == kNoValue) {
    return spec.missing == MissingValue::own_level ? static_cast<std::int8_t>(top + 1)
                                                   : kMissingLevel;
  }
  if (x == y) {
    return top;
  }
  const LinkValue& p = values[x];
  const LinkValue& q = values[y];
  switch (spec.kind) {
    case FieldKind::text:
      return likeness(p.text, q.text);
    case FieldKind::given_name:
      return compare_given(p, q);
    case FieldKind::surname:
      return compare_surname(p, q);
    case FieldKind::identifier:
      return one_slip(p.text, q.text) ? 1 : 0;
    case FieldKind::date:
      return compare_date(p, q);
    case FieldKind::sex:
      return 0;
    case FieldKind::territory:
      return subdivision(p.text) == subdivision(q.text) ? 1 : 0;
    case FieldKind::number:
      return compare_number(p.number, q.number);
  }
  return 0;
}

double LinkField::rarity_bits(const FieldModel& model, std::uint32_t value) const noexcept {
  const std::size_t top = level_names(spec.kind).size() - 1;
  if (!spec.term_frequency || value == kNoValue || !(rows > 0)) {
    return 0;
  }
  // A value seen once in each file is not infinitely rare: half an occurrence is added.
  const double frequency = (values[value].rows + 0.5) / (rows + 1);
  return std::log2(std::max(model.u[top], 1e-6) / frequency);
}

std::string LinkField::key(std::uint32_t number, KeyPart part) const {
  if (number == kNoValue) {
    return {};
  }
  const LinkValue& value = values[number];
  const auto date_part = [&](std::size_t from, std::size_t length) {
    return value.is_date && value.text.size() >= from + length ? value.text.substr(from, length)
                                                               : std::string();
  };
  switch (part) {
    case KeyPart::whole:
      return value.text;
    case KeyPart::start_3:
      return value.text.substr(0, 3);
    case KeyPart::phonetic:
      return phonetic(value.words.empty() ? value.text : value.words.front());
    case KeyPart::first_name:
      return value.words.empty() ? value.text : value.words.front();
    case KeyPart::last_name:
      return value.words.empty() ? value.text : value.words.back();
    case KeyPart::year:
      return date_part(0, 4);
    case KeyPart::month:
      return date_part(4, 2);
    case KeyPart::day:
      return date_part(6, 2);
  }
  return {};
}

LinkField prepare_field(const FieldSpec& spec, const std::vector<std::string>& a,
                        const std::vector<std::string>* b) {
  LinkField field{.spec = spec, .values = {}, .a = {}, .b = {}};
  // Spelling as it stands first, so that folding (which is slow) is done once per distinct value.
  std::unordered_map<std::string_view, std::uint32_t> by_spelling;
  std::unordered_map<std::string, std::uint32_t> by_folded;
  const auto number_of = [&](std::string_view spelling) {
    const auto [at, is_new] = by_spelling.try_emplace(spelling, kNoValue);
    if (!is_new) {
      return at->second;
    }
    std::string text = squeeze(fold(spelling));
    if (text.empty() || (spec.kind == FieldKind::sex && text == "_u")) {
      return kNoValue;
    }
    LinkValue value = read_value(spec.kind, std::move(text));
    std::string identity = value.text;
    for (const std::string& word : value.words) {
      identity += '\x1f' + word;
    }
    const auto [found, added] =
        by_folded.try_emplace(std::move(identity), static_cast<std::uint32_t>(field.values.size()));
    if (added) {
      field.values.push_back(std::move(value));
    }
    at->second = found->second;
    return at->second;
  };
  const auto number_all = [&](const std::vector<std::string>& rows,
                              std::vector<std::uint32_t>& numbers) {
    numbers.reserve(rows.size());
    for (const std::string& row : rows) {
      numbers.push_back(number_of(row));
      if (numbers.back() != kNoValue) {
        field.values[numbers.back()].rows += 1;
        field.rows += 1;
      }
    }
  };
  number_all(a, field.a);
  if (b != nullptr) {
    number_all(*b, field.b);
  }
  return field;
}

}  // namespace detail
}  // namespace atalaya::observatory
