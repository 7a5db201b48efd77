// Whatever people type, a search answers: no error, no crash, text that is well-formed, pieces that
// join to what was indexed. The first byte chooses the language and options, the rest is the query;
// the same bytes are also highlighted, tokenised and have their language guessed.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <atalaya/text/language.hpp>
#include <atalaya/text/search.hpp>
#include <atalaya/text/stem.hpp>

#include "test_index.hpp"

namespace atalaya::text {
namespace {

SearchDocument document(Language language, std::string id, std::string title, std::string body) {
  SearchDocument out;
  out.id = std::move(id);
  out.kind = "item";
  out.language = language;
  out.title = std::move(title);
  out.body = std::move(body);
  out.facets = {{"year", "1998"}, {"theme", "arms"}};
  return out;
}

const SearchIndex& shared_index() {
  static const TemporaryDirectory dir;
  static const std::unique_ptr<SearchIndex> index = [] {
    auto made = open_index(dir.path());
    const SearchChange changes[] = {
        document(Language::en, "summit-1998-k3", "Traffic in firearms", "The rule of law at sea."),
        document(Language::en, "mispa-2008-p4", "Trafficking in persons", "Care for victims."),
        document(Language::es, "es-1", "Tráfico de armas", "La policía y la extorsión."),
        document(Language::pt, "pt-1", "Convenções sobre armas", "Ações contra a lavagem."),
        document(Language::fr, "fr-1", "Réseaux criminels", "L'État suit l'argent."),
    };
    ATALAYA_CHECK(made->apply(changes, 1).has_value());
    return made;
  }();
  return *index;
}

void check_pieces(const std::vector<Piece>& pieces) {
  for (const Piece& piece : pieces) {
    ATALAYA_CHECK(!piece.text.empty());
    ATALAYA_CHECK(!find_invalid_utf8(piece.text));
  }
}

void run(std::string_view input) {
  const auto options = input.empty() ? 0U : static_cast<unsigned char>(input.front());
  const Language language = kLanguages[options % 4];
  input.remove_prefix(input.empty() ? 0 : 1);
  SearchQuery query;
  query.text = input;
  query.language = language;
  query.prefix_last = (options & 4U) != 0;
  if ((options & 8U) != 0) {
    query.facets = {"year", "theme", std::string(input.substr(0, 20))};
  }
  if ((options & 16U) != 0) {
    query.filters = {{"year", std::string(input.substr(0, 300))}, {"theme", "arms"}};
  }
  query.offset = (options & 32U) != 0 ? 1 : 0;
  const auto results = shared_index().search(query);
  ATALAYA_CHECK(results.has_value());
  ATALAYA_CHECK(results->hits.size() <= results->total);
  ATALAYA_CHECK(!find_invalid_utf8(results->corrected));
  for (const SearchHit& hit : results->hits) {
    check_pieces(hit.title);
    check_pieces(hit.snippet);
  }
  std::string joined;
  for (const Piece& piece : highlight(input, input, language)) {
    joined += piece.text;
  }
  ATALAYA_CHECK(joined == input);
  std::size_t last = 0;
  for (const Token& token : tokenize_stemmed(input, language)) {
    ATALAYA_CHECK(token.begin >= last && token.begin < token.end && token.end <= input.size());
    last = token.end;
  }
  (void)detect_language(input);
}

}  // namespace
}  // namespace atalaya::text

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  atalaya::text::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
