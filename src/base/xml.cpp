#include <atalaya/base/xml.hpp>

#include <atalaya/base/text.hpp>

namespace atalaya {
namespace {

constexpr std::string_view kReplacement = "\uFFFD";

// What stands for the character that begins with `text[at]`, and its bytes; empty where it stays.
struct Reference {
  std::string_view with;
  std::size_t bytes = 1;
};

Reference reference_at(std::string_view text, std::size_t at) {
  switch (text[at]) {
    case '&':
      return {"&amp;"};
    case '<':
      return {"&lt;"};
    case '>':
      return {"&gt;"};
    case '"':
      return {"&quot;"};
    case '\'':
      return {"&#39;"};
    case '\t':
    case '\n':
    case '\r':
      return {};
    case '\xEF': {
      const std::string_view character = text.substr(at, 3);
      return character == "\uFFFE" || character == "\uFFFF" ? Reference{kReplacement, 3}
                                                            : Reference{};
    }
    default:
      return static_cast<unsigned char>(text[at]) < 0x20 ? Reference{kReplacement} : Reference{};
  }
}

// Runs of plain bytes are copied whole: on a page, nearly every run is the whole text.
void append_characters(std::string& out, std::string_view text) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const Reference reference = reference_at(text, i);
    if (!reference.with.empty()) {
      out.append(text, begin, i - begin);
      out.append(reference.with);
      i += reference.bytes - 1;
      begin = i + 1;
    }
  }
  out.append(text, begin, std::string_view::npos);
}

}  // namespace

void append_xml(std::string& out, std::string_view text) {
  while (const auto bad = find_invalid_utf8(text)) {
    append_characters(out, text.substr(0, *bad));
    out.append(kReplacement);
    text.remove_prefix(*bad + 1);
  }
  append_characters(out, text);
}

std::string xml(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  append_xml(out, text);
  return out;
}

}  // namespace atalaya
