#include "linkage_strings.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace atalaya::observatory::detail {
namespace {

constexpr std::size_t kLettersMax = 64;  // one bit each; longer values are cut for Jaro

constexpr std::array<std::string_view, 20> kParticles{"de",  "la",  "las", "los", "lo", "del", "y",
                                                      "e",   "i",   "da",  "das", "do", "dos", "di",
                                                      "van", "von", "der", "den", "du", "des"};

bool is_vowel(char c) noexcept {
  return std::string_view("aeiou").contains(c);
}

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (static_cast<unsigned char>(c) >= 128);
}

}  // namespace

double jaro_winkler(std::string_view a, std::string_view b) noexcept {
  a = a.substr(0, kLettersMax);
  b = b.substr(0, kLettersMax);
  if (a == b) {
    return 1;
  }
  if (a.empty() || b.empty()) {
    return 0;
  }
  const std::size_t longest = std::max(a.size(), b.size());
  const std::size_t window = longest / 2 > 0 ? longest / 2 - 1 : 0;
  std::uint64_t taken_a = 0;
  std::uint64_t taken_b = 0;
  std::size_t common = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::size_t from = i > window ? i - window : 0;
    const std::size_t to = std::min(i + window + 1, b.size());
    for (std::size_t j = from; j < to; ++j) {
      const std::uint64_t bit = std::uint64_t{1} << j;
      if (b[j] == a[i] && (taken_b & bit) == 0) {
        taken_b |= bit;
        taken_a |= std::uint64_t{1} << i;
        ++common;
        break;
      }
    }
  }
  if (common == 0) {
    return 0;
  }
  std::size_t out_of_order = 0;
  while (taken_a != 0) {
    const auto i = static_cast<std::size_t>(std::countr_zero(taken_a));
    const auto j = static_cast<std::size_t>(std::countr_zero(taken_b));
    out_of_order += a[i] != b[j] ? 1U : 0U;
    taken_a &= taken_a - 1;
    taken_b &= taken_b - 1;
  }
  const auto c = static_cast<double>(common);
  const double jaro = (c / static_cast<double>(a.size()) + c / static_cast<double>(b.size()) +
                       (c - static_cast<double>(out_of_order / 2)) / c) /
                      3;
  std::size_t prefix = 0;
  while (prefix < std::min({a.size(), b.size(), std::size_t{4}}) && a[prefix] == b[prefix]) {
    ++prefix;
  }
  return jaro + 0.1 * static_cast<double>(prefix) * (1 - jaro);
}

bool one_slip(std::string_view a, std::string_view b) noexcept {
  if (a.size() > b.size()) {
    std::swap(a, b);
  }
  if (b.size() - a.size() > 1) {
    return false;
  }
  std::size_t at = 0;
  while (at < a.size() && a[at] == b[at]) {
    ++at;
  }
  if (a.size() < b.size()) {
    return a.substr(at) == b.substr(at + 1);
  }
  if (at == a.size() || a.substr(at + 1) == b.substr(at + 1)) {
    return true;
  }
  return at + 1 < a.size() && a[at] == b[at + 1] && a[at + 1] == b[at] &&
         a.substr(at + 2) == b.substr(at + 2);
}

std::vector<std::string> name_words(std::string_view folded) {
  std::vector<std::string> all;
  std::string word;
  const auto flush = [&] {
    if (!word.empty()) {
      all.push_back(std::move(word));
      word.clear();
    }
  };
  for (const char c : folded) {
    if (c == '\'') {
      continue;  // D'Angelo and DAngelo are one word
    }
    if (is_letter(c)) {
      word.push_back(c);
    } else {
      flush();
    }
  }
  flush();
  std::vector<std::string> words;
  std::ranges::copy_if(all, std::back_inserter(words), [](const std::string& w) {
    return std::ranges::find(kParticles, w) == kParticles.end();
  });
  return words.empty() ? all : words;
}

std::string phonetic(std::string_view folded) {
  std::string sound;
  for (std::size_t i = 0; i < folded.size(); ++i) {
    const char next = i + 1 < folded.size() ? folded[i + 1] : '\0';
    const bool soft = next == 'e' || next == 'i' || next == 'y';
    char c = folded[i];
    if (!is_letter(c) || c == 'h') {
      continue;
    }
    switch (c) {
      case 'v':
      case 'w':
        c = 'b';
        break;
      case 'z':
      case 'x':
        c = 's';
        break;
      case 'c':
        c = soft ? 's' : 'k';
        break;
      case 'q':
        c = 'k';
        break;
      case 'g':
        c = soft ? 'j' : 'g';
        break;
      case 'l':
        c = next == 'l' ? 'y' : 'l';
        i += next == 'l' ? 1U : 0U;
        break;
      case 'p':
        c = next == 'h' ? 'f' : 'p';
        break;
      case 'y':
        c = next == '\0' ? 'i' : 'y';
        break;
      default:
        break;
    }
    if ((is_vowel(c) && !sound.empty()) || (!sound.empty() && sound.back() == c)) {
      continue;
    }
    sound.push_back(c);
  }
  return sound;
}

}  // namespace atalaya::observatory::detail
