// The name under which a person's work is shown. It stands beside "read by a rule" and "from the
// catalogue" on public pages and in exports, so it must not look like those, nor like another
// person's; and it is not the name to sign in with, which nobody outside is to learn.
#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/identity/accounts.hpp>
#include <atalaya/identity/shown_names.hpp>

#include "state.hpp"

namespace atalaya::identity {
namespace {

// What the program itself writes where a name may stand, in its four languages, folded.
constexpr std::string_view kReserved[] = {"rule",
                                          "rules",
                                          "regla",
                                          "reglas",
                                          "regra",
                                          "regras",
                                          "regle",
                                          "regles",
                                          "read by a rule",
                                          "leido por una regla",
                                          "lido por uma regra",
                                          "lu par une regle",
                                          "catalogue",
                                          "catalog",
                                          "catalogo",
                                          "from the catalogue",
                                          "del catalogo",
                                          "do catalogo",
                                          "du catalogue",
                                          "the catalogue",
                                          "el catalogo",
                                          "o catalogo",
                                          "le catalogue",
                                          "operator",
                                          "operador",
                                          "operadora",
                                          "operateur",
                                          "operatrice",
                                          "command line",
                                          "linea de ordenes",
                                          "linea de comandos",
                                          "linha de comando",
                                          "ligne de commande",
                                          "program",
                                          "programa",
                                          "programme",
                                          "system",
                                          "sistema",
                                          "systeme",
                                          "atalaya",
                                          "submitter",
                                          "remitente",
                                          "an editor",
                                          "alguien de la redaccion",
                                          "alguem da edicao",
                                          "un membre de la redaction",
                                          "nobody",
                                          "nadie",
                                          "ninguem",
                                          "personne",
                                          "node",
                                          "nodo",
                                          "no",
                                          "noeud"};

// Letters of other scripts, and signs, that look like one of ours; after folding, so small ones,
// each with what its capital looks like where that is the likeness.
constexpr std::pair<std::string_view, char> kLookAlikes[] = {
    {"а", 'a'}, {"в", 'b'}, {"е", 'e'}, {"к", 'k'}, {"м", 'm'}, {"н", 'h'}, {"о", 'o'},
    {"р", 'p'}, {"с", 'c'}, {"т", 't'}, {"у", 'y'}, {"х", 'x'}, {"і", 'l'}, {"ѕ", 's'},
    {"ј", 'j'}, {"ԁ", 'd'}, {"һ", 'h'}, {"ԛ", 'q'}, {"ԝ", 'w'}, {"ӏ", 'l'}, {"α", 'a'},
    {"β", 'b'}, {"ε", 'e'}, {"ζ", 'z'}, {"η", 'h'}, {"ι", 'l'}, {"κ", 'k'}, {"μ", 'm'},
    {"ν", 'v'}, {"ο", 'o'}, {"ρ", 'p'}, {"τ", 't'}, {"υ", 'u'}, {"χ", 'x'}, {"ı", 'l'},
    {"ł", 'l'}, {"ø", 'o'}, {"đ", 'd'}, {"0", 'o'}, {"1", 'l'}, {"|", 'l'}, {"i", 'l'}};

// Zero-width characters, joiners, bidi controls and the soft hyphen: U+200B to 200F, U+202A to
// 202E, U+2060 to 206F, U+00AD, U+061C, U+FEFF.
bool is_invisible(std::string_view character) {
  return (character >= "\u200B" && character <= "\u200F") ||
         (character >= "\u202A" && character <= "\u202E") ||
         (character >= "\u2060" && character <= "\u206F") || character == "\u00AD" ||
         character == "\u061C" || character == "\uFEFF";
}

// The characters of valid UTF-8, one by one.
template <class Visit>
void each_character(std::string_view text, Visit visit) {
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
      ++end;
    }
    visit(text.substr(at, end - at));
    at = end;
  }
}

// Equal for names that a reader cannot tell apart.
std::string likeness(std::string_view name) {
  std::string out;
  each_character(fold(name), [&](std::string_view character) {
    const auto* like =
        std::ranges::find(kLookAlikes, character, &std::pair<std::string_view, char>::first);
    if (like != std::end(kLookAlikes)) {
      out += like->second;
    } else if (character.size() > 1 || (character[0] >= 'a' && character[0] <= 'z') ||
               (character[0] >= '2' && character[0] <= '9')) {
      out += character;
    }
  });
  return out;
}

// Words that make no name of their own beside "rule": "by a rule", "set by rule", "una regla".
constexpr std::string_view kBesides[] = {"a",  "an",  "the", "by",  "set", "read", "from", "of",
                                         "una", "la", "las", "los", "el",  "por",  "fijado",
                                         "leido", "del", "de", "segun", "uma", "as", "o", "pela",
                                         "lido", "do", "da", "une", "les", "le", "par", "lu",
                                         "du", "des"};

bool is_one_of(std::span<const std::string_view> words, std::string_view like) {
  return std::ranges::any_of(words,
                             [&](std::string_view word) { return likeness(word) == like; });
}

// "RULE (rule)" and "set by rule" say no more than the reserved words in them.
bool is_made_of_reserved(std::string_view name) {
  bool reserved = false;
  const std::string folded = fold(name);
  for (const std::string_view word : split(folded, ' ')) {
    const std::string like = likeness(word);
    const bool is_name = is_one_of(kReserved, like);
    if (!like.empty() && !is_name && !is_one_of(kBesides, like)) {
      return false;
    }
    reserved = reserved || is_name;
  }
  return reserved;
}

bool is_reserved(std::string_view name) {
  return fold(name).starts_with(kUnnamedPrefix) || is_one_of(kReserved, likeness(name)) ||
         is_made_of_reserved(name);
}

std::unexpected<Error> refused(ErrorCode code, std::string_view reason, std::string detail,
                               std::string_view name) {
  return fail(Error{code,
                    fmt::format("identity.display_name{}", reason),
                    std::move(detail),
                    {{"name", std::string(name)}, {"most", std::to_string(kShownCharactersMax)}}});
}

}  // namespace

Result<void> detail::check_display_name(store::Transaction& tx, std::string_view name,
                                        std::string_view own_id) {
  if (name.empty()) {
    return {};
  }
  bool invisible = false;
  each_character(name, [&](std::string_view one) { invisible = invisible || is_invisible(one); });
  const std::string like = likeness(name);
  if (invisible) {
    return refused(ErrorCode::invalid_argument, "_invisible",
                   "--display-name: the name holds a character that cannot be seen; type it anew "
                   "instead of pasting it",
                   name);
  }
  if (like.empty()) {
    return refused(ErrorCode::invalid_argument, "", "a name holds letters", name);
  }
  if (is_reserved(name)) {
    return refused(ErrorCode::invalid_argument, "_reserved",
                   fmt::format("--display-name: \"{}\" is what pages call the program's own "
                               "readings, or looks like it; give the name of a person",
                               name),
                   name);
  }
  const auto rows = ATALAYA_TRY(tx.query("SELECT id, display_name, name FROM accounts"));
  for (const auto& row : rows) {
    if (row.text(0) == own_id) {
      continue;
    }
    if (likeness(row.text(2)) == like) {
      return refused(ErrorCode::conflict, "_taken",
                     fmt::format("--display-name: \"{}\" cannot be shown: add an initial or the "
                                 "organisation",
                                 name),
                     name);
    }
    if (likeness(row.text(1)) == like) {
      return refused(
          ErrorCode::conflict, "_taken",
          fmt::format("--display-name: another account is shown as \"{}\", which readers "
                      "could not tell from \"{}\"; add an initial or the organisation",
                      row.text(1), name),
          name);
    }
  }
  return {};
}

std::string shown_name(const Account& account) {
  // Accounts of older programs may be called like a rule, or were shown by their sign-in name.
  if (account.display_name.empty() || account.display_name == account.name ||
      is_reserved(account.display_name)) {
    return fmt::format("{}{}", kUnnamedPrefix, account.id.substr(0, 8));
  }
  return account.display_name;
}

Result<ShownNames> ShownNames::read(store::Transaction& tx) {
  const auto rows = ATALAYA_TRY(tx.query("SELECT id, name, display_name FROM accounts"));
  ShownNames out;
  for (const auto& row : rows) {
    Account account;
    account.id = row.text(0);
    account.name = row.text(1);
    account.display_name = row.text(2);
    out.by_name_[account.name] = shown_name(account);
  }
  return out;
}

std::string ShownNames::of(std::string_view name) const {
  const auto at = by_name_.find(name);
  return at == by_name_.end() ? std::string(name) : at->second;
}

}  // namespace atalaya::identity
