#include <algorithm>

#include <atalaya/base/text.hpp>

#include "pdf_words.hpp"
#include "readers.hpp"

namespace atalaya::files {
namespace {

// Every pdf ends in "startxref <offset> %%EOF" (ISO 32000-1, 7.5.5). Without it poppler would
// repair what is there and hand out half a document as if it were the whole.
bool has_end(std::string_view bytes) {
  constexpr std::size_t kTailBytes = 64 * 1024;
  const std::string_view tail =
      bytes.substr(bytes.size() > kTailBytes ? bytes.size() - kTailBytes : 0);
  const std::size_t start = tail.rfind("startxref");
  return start != std::string_view::npos && tail.find("%%EOF", start) != std::string_view::npos;
}

}  // namespace

Result<TextDocument> read_pdf(std::string_view bytes, std::string_view name) {
  if (!has_end(bytes)) {
    return fail(
        file_error("truncated", name, "the end of the pdf is missing; copy or download it again"));
  }
  const PdfText text = ATALAYA_TRY(extract_pdf(bytes, name));
  TextDocument document;
  document.format = Format::pdf;
  document.name = std::string(name);
  document.title = text.title;
  lay_out_pdf(text, document);
  const bool any = std::any_of(document.lines.begin(), document.lines.end(),
                               [](const Line& line) { return !line.text.empty(); });
  if (!any) {
    return fail(file_error("empty", name,
                           "the pdf holds pictures of pages and no text; run it through text "
                           "recognition (for example ocrmypdf) and import the result"));
  }
  return document;
}

}  // namespace atalaya::files
