#pragma once
// How a SearchDocument becomes terms, values and stored data of one Xapian document.
// Private to the module: Xapian never shows in a public header.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <xapian.h>

#include <atalaya/text/search.hpp>

namespace atalaya::text {

// Raised whenever terms, values or stored data change: an older index is emptied when opened.
inline constexpr std::string_view kIndexFormat = "6";

inline constexpr Xapian::valueno kFacetSlot = 0;
inline constexpr Xapian::valueno kBoostSlot = 1;

// Words are lower case without prefix, so that no word meets a term with one of these.
[[nodiscard]] std::string unique_term(std::string_view id);    // Q: the id's bytes
[[nodiscard]] std::string exact_id_term(std::string_view id);  // I: the id as people type it
[[nodiscard]] std::string facet_term(std::string_view name, std::string_view value);  // F

// B: the document has a body in the language of the index.
inline constexpr const char* kOwnBodyTerm = "B";

/// What a hit is shown from.
struct StoredDocument {
  std::string id;
  std::string kind;
  std::string title;
  std::string summary;
  std::string body;
  std::string extra;
  bool body_elsewhere = false;  // the body is in another language, and kept by its index alone
};

[[nodiscard]] std::string encode_stored(const SearchDocument& document);
/// Throws Xapian::DatabaseCorruptError when the document's data is not what encode_stored() wrote.
[[nodiscard]] StoredDocument decode_stored(const Xapian::Document& document);

/// Numbers written seven bits at a time, low bits first.
void append_varint(std::string& out, std::uint64_t value);
/// Moves `bytes` behind the number. Throws Xapian::DatabaseCorruptError at a cut.
[[nodiscard]] std::uint64_t take_varint(std::string_view& bytes);

/// invalid_argument (text.index.document), saying which field of which document.
[[nodiscard]] Result<void> validate(const SearchDocument& document);

/// Gives the code of a facet's value, making a new one when it was not met before.
using FacetCoder = std::function<std::uint32_t(std::string_view name, std::string_view value)>;

struct IndexedDocument {
  Xapian::Document document;
  std::vector<std::string> words;     // for the spelling dictionary; each once
  std::vector<std::string> accented;  // those of them that have accents, with these; each once
};

[[nodiscard]] IndexedDocument index_document(const SearchDocument& document,
                                             const FacetCoder& code_of);

/// The words that index_document() gave for the text that is stored.
[[nodiscard]] std::vector<std::string> spelling_words(const StoredDocument& stored,
                                                      Language language);

}  // namespace atalaya::text
