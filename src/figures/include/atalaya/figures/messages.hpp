#pragma once
// What the program says to people, in four languages: ui/locales/{en,es,pt,fr}.json, embedded.
// Flat keys; `{name}` is a placeholder; a text that depends on a number has the forms key.one,
// key.many, key.other of CLDR's plural rules. Immutable after load; any thread.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/figures/html.hpp>

namespace atalaya::figures {

enum class PluralForm { one, many, other };

/// Source: Unicode CLDR 44, cardinal rules of en, es, pt, fr. `many` is what whole millions take
/// in the three Romance languages ("1 000 000 de habitants").
[[nodiscard]] PluralForm plural_form(Language language, std::int64_t n) noexcept;

class Messages {
 public:
  using Params = std::initializer_list<std::pair<std::string_view, std::string_view>>;
  using Fragments = std::initializer_list<std::pair<std::string_view, const Html*>>;

  /// The program's own. Aborts if they cannot be read (a test guards it).
  [[nodiscard]] static const Messages& embedded();

  /// From the bytes of the four catalogues, in the order of kLanguages. Fails with
  /// invalid_argument (figures.messages.bad) where one is no object of texts.
  [[nodiscard]] static Result<Messages> load(const std::array<std::string_view, 4>& catalogues);

  /// The text with its placeholders filled; a placeholder without a parameter stays as it is. A key
  /// that the language lacks falls back to English, then to the key itself: the tests allow
  /// neither to happen.
  [[nodiscard]] std::string text(Language language, std::string_view key, Params params = {}) const;

  /// text() with parameters that are known only at run time; one that is missing leaves a dash.
  [[nodiscard]] std::string text_with(
      Language language, std::string_view key,
      const std::vector<std::pair<std::string, std::string>>& params) const;

  /// The plural form of `key` for `n`; `{n}` is filled with n as the language writes numbers.
  [[nodiscard]] std::string count(Language language, std::string_view key, std::int64_t n,
                                  Params params = {}) const;

  /// The same as text(), for a page: escaped, but for the placeholders that `fragments` fill.
  [[nodiscard]] Html rich(Language language, std::string_view key, Fragments fragments) const;

  /// What went wrong, for the person who asked: the message error.<reason> with the error's
  /// parameters, or that of its family (error.ledger.key for ledger.key.mode), or the general one
  /// of its code. Never its detail.
  [[nodiscard]] std::string error(Language language, const Error& error) const;

  [[nodiscard]] bool has(Language language, std::string_view key) const noexcept;
  [[nodiscard]] std::vector<std::string_view> keys(Language language) const;

 private:
  [[nodiscard]] const std::string* find(Language language, std::string_view key) const noexcept;

  std::array<std::map<std::string, std::string, std::less<>>, 4> texts_;
};

}  // namespace atalaya::figures
