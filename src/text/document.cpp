#include "document.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <unicode/uchar.h>

#include <atalaya/text/clip.hpp>
#include <atalaya/text/stem.hpp>

#include "stop_words.hpp"
#include "utf8.hpp"
#include "words.hpp"

namespace atalaya::text {
namespace {

constexpr std::size_t kIdBytesMax = 200;
constexpr std::size_t kFacetNameBytesMax = 40;
constexpr std::size_t kFacetValueBytesMax = 200;
constexpr std::size_t kFacetsMax = 200;
constexpr std::size_t kExtraBytesMax = 1 << 16;
constexpr std::size_t kSpellingCharactersMin = 3;
constexpr std::size_t kSpellingBytesMax = 40;

constexpr Xapian::termcount kTitleWeight = 5;
constexpr Xapian::termcount kSummaryWeight = 2;
constexpr Xapian::termcount kBodyWeight = 1;
// No phrase reaches from one field into the next.
constexpr Xapian::termpos kFieldGap = 100;

[[nodiscard]] std::unexpected<Error> refuse(const SearchDocument& document, std::string_view what) {
  return fail(ErrorCode::invalid_argument, "text.index.document",
              fmt::format("document \"{}\" ({}): {}", document.id.substr(0, 80),
                          to_string(document.language), what));
}

bool is_facet_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && name.size() <= kFacetNameBytesMax && std::ranges::all_of(name, fits);
}

bool is_facet_value(std::string_view value) {
  return !value.empty() && value.size() <= kFacetValueBytesMax && !value.contains('\0') &&
         !find_invalid_utf8(value);
}

bool is_facet(std::string_view name, std::string_view value) {
  return is_facet_name(name) && name != "kind" && is_facet_value(value);
}

// Words that a typing mistake may be corrected to: letters only, neither short nor endless.
bool is_spelling_word(const Token& token) {
  if (token.stop || token.word.size() > kSpellingBytesMax) {
    return false;
  }
  std::size_t characters = 0;
  for (const char c : token.word) {
    if (c >= '0' && c <= '9') {
      return false;
    }
    characters += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  }
  return characters >= kSpellingCharactersMin;
}

void collect_words(std::span<const Token> tokens, std::vector<std::string>& words) {
  for (const Token& token : tokens) {
    if (is_spelling_word(token)) {
      words.push_back(token.word);
    }
  }
}

void keep_each_once(std::vector<std::string>& words) {
  std::ranges::sort(words);
  const auto rest = std::ranges::unique(words);
  words.erase(rest.begin(), rest.end());
}

// A word that starts with a capital or holds a digit: what texts in two languages share.
bool is_name(std::string_view text, const WordSpan& word) {
  std::size_t at = word.begin;
  const std::string_view whole = text.substr(word.begin, word.end - word.begin);
  return u_isUUppercase(decode_utf8(text, at)) != 0 ||
         std::ranges::any_of(whole, [](char c) { return c >= '0' && c <= '9'; });
}

void add_token(const Token& token, Xapian::termpos position, Xapian::termcount weight,
               IndexedDocument& out) {
  // Function words only keep their place, so that "rule of law" is a phrase of two in three.
  if (token.stop) {
    return;
  }
  out.document.add_posting(token.stem, position, weight);
  if (!token.alternative.empty()) {
    out.document.add_posting(token.alternative, position, weight);
  }
}

void add_field(std::string_view text, Xapian::termcount weight, Language language,
               Xapian::termpos& position, IndexedDocument& out) {
  const auto tokens = tokenize_stemmed(text, language);
  for (const Token& token : tokens) {
    add_token(token, ++position, weight, out);
  }
  collect_words(tokens, out.words);
  for (const Token& token : tokens) {
    if (!token.accented.empty() && is_spelling_word(token)) {
      out.accented.push_back(token.accented);
    }
  }
  position += kFieldGap;
}

// Names and numbers of a text in another language, and the function words beside them ("Port of
// Spain"), all in their places. Its other words stand in the index of that language alone.
void add_foreign_names(std::string_view text, Language language, Language foreign,
                       Xapian::termpos position, IndexedDocument& out) {
  const auto words = find_words(text);
  std::vector<bool> names(words.size());
  for (std::size_t i = 0; i < words.size(); ++i) {
    names[i] = is_name(text, words[i]);
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = text.substr(words[i].begin, words[i].end - words[i].begin);
    const bool beside_name = (i > 0 && names[i - 1]) || (i + 1 < words.size() && names[i + 1]);
    if (names[i] || (beside_name && is_stop_word(word, foreign))) {
      for (const Token& token : tokenize_stemmed(word, language)) {
        add_token(token, position + static_cast<Xapian::termpos>(i) + 1, kBodyWeight, out);
      }
    }
  }
}

bool has_foreign_body(const SearchDocument& document) noexcept {
  return document.body_language && *document.body_language != document.language;
}

// The rest of the document's term that starts with `prefix`.
std::string only_term_with(const Xapian::Document& document, std::string_view prefix) {
  auto term = document.termlist_begin();
  term.skip_to(std::string(prefix));
  if (term == document.termlist_end() || !(*term).starts_with(prefix)) {
    throw Xapian::DatabaseCorruptError("a document has no " + std::string(prefix));
  }
  return (*term).substr(prefix.size());
}

}  // namespace

std::string unique_term(std::string_view id) {
  return "Q" + std::string(id);
}

std::string exact_id_term(std::string_view id) {
  std::string term = "I" + fold(id);
  term.resize(utf8_floor(term, kIdBytesMax));
  return term;
}

std::string facet_term(std::string_view name, std::string_view value) {
  return fmt::format("F{}={}", name, value);
}

void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(0x80U | (value & 0x7FU));
    value >>= 7U;
  }
  out += static_cast<char>(value);
}

std::uint64_t take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if (byte < 0x80) {
      return value;
    }
  }
  throw Xapian::DatabaseCorruptError("a stored number is cut");
}

std::string encode_stored(const SearchDocument& document) {
  const bool foreign = has_foreign_body(document);
  std::string out;
  // Nothing to show but a body that is kept elsewhere: id and kind stand in the terms already, and
  // short data spares the time of compressing it.
  if (foreign && document.title.empty() && document.summary.empty() && document.extra.empty()) {
    return out;
  }
  static const std::string kElsewhere;
  for (const std::string* field : {&document.id, &document.kind, &document.title, &document.summary,
                                   foreign ? &kElsewhere : &document.body, &document.extra}) {
    append_varint(out, field->size());
    out += *field;
  }
  append_varint(out, foreign ? 1 : 0);
  return out;
}

StoredDocument decode_stored(const Xapian::Document& document) {
  StoredDocument stored;
  const std::string data = document.get_data();
  if (data.empty()) {
    stored.id = only_term_with(document, "Q");
    stored.kind = only_term_with(document, "Fkind=");
    stored.body_elsewhere = true;
    return stored;
  }
  std::string_view bytes = data;
  for (std::string* field :
       {&stored.id, &stored.kind, &stored.title, &stored.summary, &stored.body, &stored.extra}) {
    const std::uint64_t size = take_varint(bytes);
    if (size > bytes.size()) {
      throw Xapian::DatabaseCorruptError("a stored document is cut");
    }
    field->assign(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  stored.body_elsewhere = take_varint(bytes) != 0;
  return stored;
}

Result<void> validate(const SearchDocument& document) {
  if (document.id.empty() || document.id.size() > kIdBytesMax || document.id.contains('\0')) {
    return refuse(document, "its id must have 1 to 200 bytes and no NUL");
  }
  if (!is_facet_value(document.kind)) {
    return refuse(document, "its kind must have 1 to 200 bytes of UTF-8");
  }
  if (document.title.size() + document.summary.size() + document.body.size() > kIndexedBytesMax) {
    return refuse(document, "title, summary and body together must have at most 1 MiB");
  }
  if (document.extra.size() > kExtraBytesMax) {
    return refuse(document, "extra must have at most 64 KiB");
  }
  for (const std::string* field : {&document.title, &document.summary, &document.body}) {
    if (const auto at = find_invalid_utf8(*field)) {
      return refuse(document, fmt::format("its text is not UTF-8 at byte {} of \"{}\"", *at,
                                          field == &document.title     ? "title"
                                          : field == &document.summary ? "summary"
                                                                       : "body"));
    }
  }
  if (document.facets.size() > kFacetsMax) {
    return refuse(document, "it must have at most 200 facet values");
  }
  for (const auto& [name, value] : document.facets) {
    if (!is_facet(name, value)) {
      return refuse(document, fmt::format("facet \"{}\": a name is 1 to 40 of a-z, 0-9, _ (not "
                                          "\"kind\"), a value 1 to 200 bytes of UTF-8",
                                          name.substr(0, 80)));
    }
  }
  if (!(document.boost >= 1 && document.boost <= 100)) {
    return refuse(document, "its boost must lie between 1 and 100");
  }
  return {};
}

void clip(SearchDocument& document) {
  std::size_t room = kIndexedBytesMax;
  for (std::string* field : {&document.title, &document.summary, &document.body}) {
    if (const auto at = find_invalid_utf8(*field)) {
      field->resize(*at);
    }
    field->resize(utf8_floor(*field, room));
    room -= field->size();
  }
  if (document.extra.size() > kExtraBytesMax) {
    document.extra.clear();
  }
  std::erase_if(document.facets,
                [](const Facet& facet) { return !is_facet(facet.first, facet.second); });
  if (document.facets.size() > kFacetsMax) {
    document.facets.erase(document.facets.begin() + kFacetsMax, document.facets.end());
  }
}

IndexedDocument index_document(const SearchDocument& document, const FacetCoder& code_of) {
  IndexedDocument out;
  Xapian::termpos position = 0;
  const Language language = document.language;
  add_field(document.title, kTitleWeight, language, position, out);
  add_field(document.summary, kSummaryWeight, language, position, out);
  if (has_foreign_body(document)) {
    add_foreign_names(document.body, language, *document.body_language, position, out);
  } else {
    add_field(document.body, kBodyWeight, language, position, out);
    if (!document.body.empty()) {
      out.document.add_boolean_term(kOwnBodyTerm);
    }
  }
  keep_each_once(out.words);
  keep_each_once(out.accented);

  out.document.add_boolean_term(unique_term(document.id));
  // Counts once, unlike a boolean term, so that an exact id has weight in the ranking.
  out.document.add_term(exact_id_term(document.id));
  std::vector<std::uint32_t> codes{code_of("kind", document.kind)};
  out.document.add_boolean_term(facet_term("kind", document.kind));
  for (const auto& [name, value] : document.facets) {
    codes.push_back(code_of(name, value));
    out.document.add_boolean_term(facet_term(name, value));
  }
  std::ranges::sort(codes);
  const auto rest = std::ranges::unique(codes);
  codes.erase(rest.begin(), rest.end());
  std::string packed;
  for (const std::uint32_t code : codes) {
    append_varint(packed, code);
  }
  out.document.add_value(kFacetSlot, packed);
  if (document.boost > 1) {
    out.document.add_value(kBoostSlot, Xapian::sortable_serialise(std::log(document.boost)));
  }
  out.document.set_data(encode_stored(document));
  return out;
}

std::vector<std::string> spelling_words(const StoredDocument& stored, Language language) {
  std::vector<std::string> words;
  for (const std::string* field : {&stored.title, &stored.summary, &stored.body}) {
    collect_words(tokenize_stemmed(*field, language), words);
  }
  keep_each_once(words);
  return words;
}

}  // namespace atalaya::text
