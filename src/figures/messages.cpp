#include <atalaya/figures/messages.hpp>

#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include <atalaya/base/embedded.hpp>
#include <atalaya/base/json.hpp>
#include <atalaya/base/time.hpp>
#include <atalaya/figures/locale.hpp>

ATALAYA_EMBEDDED(locales);

namespace atalaya::figures {
namespace {

std::size_t index_of(Language language) {
  return static_cast<std::size_t>(language);
}

// Calls on_text for what lies between placeholders and on_name for each {name}; a brace without a
// partner is text.
void walk(std::string_view pattern, const std::function<void(std::string_view)>& on_text,
          const std::function<void(std::string_view)>& on_name) {
  while (!pattern.empty()) {
    const auto begin = pattern.find('{');
    const auto end = begin == std::string_view::npos ? begin : pattern.find('}', begin);
    if (end == std::string_view::npos) {
      on_text(pattern);
      return;
    }
    on_text(pattern.substr(0, begin));
    on_name(pattern.substr(begin + 1, end - begin - 1));
    pattern.remove_prefix(end + 1);
  }
}

template <class Params>
std::string fill(std::string_view pattern, const Params& params) {
  std::string out;
  out.reserve(pattern.size() + 32);
  walk(
      pattern, [&](std::string_view text) { out.append(text); },
      [&](std::string_view name) {
        for (const auto& [key, value] : params) {
          if (key == name) {
            out.append(value);
            return;
          }
        }
        out.append("{").append(name).append("}");
      });
  return out;
}

std::string_view suffix(PluralForm form) {
  switch (form) {
    case PluralForm::one:
      return ".one";
    case PluralForm::many:
      return ".many";
    case PluralForm::other:
      break;
  }
  return ".other";
}

}  // namespace

PluralForm plural_form(Language language, std::int64_t n) noexcept {
  const std::int64_t magnitude = n < 0 ? -n : n;
  const bool zero_is_one = language == Language::pt || language == Language::fr;
  if (magnitude == 1 || (magnitude == 0 && zero_is_one)) {
    return PluralForm::one;
  }
  if (language != Language::en && magnitude != 0 && magnitude % 1'000'000 == 0) {
    return PluralForm::many;
  }
  return PluralForm::other;
}

const Messages& Messages::embedded() {
  static const Messages messages = [] {
    std::array<std::string_view, 4> catalogues;
    for (const Language language : kLanguages) {
      const auto* file = embedded::locales(std::string(to_string(language)) + ".json");
      ATALAYA_CHECK(file != nullptr);
      catalogues[index_of(language)] = file->bytes;
    }
    auto loaded = load(catalogues);
    ATALAYA_CHECK(loaded.has_value());
    return std::move(*loaded);
  }();
  return messages;
}

Result<Messages> Messages::load(const std::array<std::string_view, 4>& catalogues) {
  Messages messages;
  for (const Language language : kLanguages) {
    const std::string name = std::string(to_string(language)) + ".json";
    const auto value = ATALAYA_TRY(parse_json(catalogues[index_of(language)], name));
    const auto* object = value.if_object();
    if (object == nullptr) {
      return fail(ErrorCode::invalid_argument, "figures.messages.bad", name + ": no object");
    }
    for (const auto& [key, text] : *object) {
      const auto* string = text.if_string();
      if (string == nullptr) {
        return fail(ErrorCode::invalid_argument, "figures.messages.bad",
                    name + ": " + std::string(key) + " is no text");
      }
      messages.texts_[index_of(language)].emplace(std::string(key),
                                                  std::string(string->begin(), string->end()));
    }
  }
  return messages;
}

const std::string* Messages::find(Language language, std::string_view key) const noexcept {
  for (const Language candidate : {language, Language::en}) {
    const auto& texts = texts_[index_of(candidate)];
    if (const auto it = texts.find(key); it != texts.end()) {
      return &it->second;
    }
  }
  return nullptr;
}

std::string Messages::text(Language language, std::string_view key, Params params) const {
  const auto* pattern = find(language, key);
  return pattern == nullptr ? std::string(key) : fill(*pattern, params);
}

std::string Messages::count(Language language, std::string_view key, std::int64_t n,
                            Params params) const {
  // A form that has no text of its own (English "many") is the general one.
  const auto* pattern = find(language, std::string(key).append(suffix(plural_form(language, n))));
  if (pattern == nullptr) {
    pattern = find(language, std::string(key).append(".other"));
  }
  if (pattern == nullptr) {
    return std::string(key);
  }
  std::vector<std::pair<std::string_view, std::string_view>> all(params);
  const std::string written = number(language, n);
  all.emplace_back("n", written);
  return fill(*pattern, all);
}

Html Messages::rich(Language language, std::string_view key, Fragments fragments) const {
  Html out;
  const auto* pattern = find(language, key);
  if (pattern == nullptr) {
    out.text(key);
    return out;
  }
  walk(
      *pattern, [&](std::string_view text) { out.text(text); },
      [&](std::string_view name) {
        for (const auto& [fragment_name, fragment] : fragments) {
          if (fragment_name == name) {
            out.append(*fragment);
            return;
          }
        }
        out.text("{").text(name).text("}");
      });
  return out;
}

namespace {

std::string fill_or_dash(std::string_view pattern,
                         const std::vector<std::pair<std::string, std::string>>& params) {
  std::string out;
  walk(
      pattern, [&](std::string_view text) { out.append(text); },
      [&](std::string_view name) {
        const auto it = std::ranges::find(params, name, &std::pair<std::string, std::string>::first);
        out.append(it == params.end() ? "–" : it->second);
      });
  return out;
}

}  // namespace

std::string Messages::text_with(
    Language language, std::string_view key,
    const std::vector<std::pair<std::string, std::string>>& params) const {
  const auto* pattern = find(language, key);
  return pattern == nullptr ? std::string(key) : fill_or_dash(*pattern, params);
}

std::string Messages::error(Language language, const Error& error) const {
  // ledger.key.mode, then ledger.key, then ledger: a family of reasons may share one text.
  std::string key = "error." + error.reason;
  const auto* pattern = find(language, key);
  while (pattern == nullptr && key.find('.') != std::string::npos) {
    key.erase(key.rfind('.'));
    pattern = key == "error" ? nullptr : find(language, key);
  }
  if (pattern == nullptr) {
    pattern = find(language, std::string("error.code.").append(to_string(error.code)));
  }
  if (pattern == nullptr) {
    return error.reason;
  }
  // "Wait 1 second": a message that counts has a second form for one.
  const bool one = std::ranges::any_of(error.params, [](const auto& param) {
    return param.second == "1";
  });
  if (const auto* single = one ? find(language, key + ".one") : nullptr; single != nullptr) {
    pattern = single;
  }
  const auto carries = [&](std::string_view name) {
    return std::ranges::any_of(error.params, [&](const auto& p) { return p.first == name; });
  };
  // Days stand in sentences as people write them; a rule is said in words. What was typed ("value")
  // stays as it was typed.
  auto shown = error.params;
  for (auto& [name, value] : shown) {
    if (name == "date" && parse_civil_date(value)) {
      value = edtf(language, value);
    }
    if (name == "rule") {
      const std::string choices = value == "choice" && carries("choices") ? ".known" : "";
      const auto* rule = find(language, fmt::format("error.rule.{}{}", value, choices));
      value = rule == nullptr ? value : fill_or_dash(*rule, error.params);
    }
  }
  // A parameter that the error does not carry leaves a dash, never a placeholder.
  std::string text = fill_or_dash(*pattern, shown);
  // A rule that also holds for forms does not speak of files: where a row of one broke it, say which.
  const auto* at = find(language, "error.at");
  if (at != nullptr && carries("file") && carries("line") && !pattern->contains("{line}") &&
      !pattern->contains("{file}")) {
    auto params = error.params;
    params.emplace_back("message", std::move(text));
    return fill_or_dash(*at, params);
  }
  return text;
}

bool Messages::has(Language language, std::string_view key) const noexcept {
  return texts_[index_of(language)].contains(key);
}

std::vector<std::string_view> Messages::keys(Language language) const {
  std::vector<std::string_view> all;
  for (const auto& [key, text] : texts_[index_of(language)]) {
    all.emplace_back(key);
  }
  return all;
}

}  // namespace atalaya::figures
