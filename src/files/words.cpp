// Names of people hide where readers of documents do not look: in comments, headers, properties.
#include <atalaya/files/words.hpp>

#include <algorithm>

#include "xml_events.hpp"
#include "zip_parts.hpp"

namespace atalaya::files {
namespace {

// OpenDocument 1.3, part 2: content, styles (headers and footers), meta. ECMA-376, part 2: core
// properties; part 1: the parts of a word-processing document beside its body.
constexpr const char* kParts[] = {"content.xml",       "styles.xml",        "meta.xml",
                                  "docProps/core.xml", "word/comments.xml", "word/footnotes.xml",
                                  "word/endnotes.xml", "word/header1.xml",  "word/header2.xml",
                                  "word/header3.xml",  "word/footer1.xml",  "word/footer2.xml",
                                  "word/footer3.xml"};

// What ends within a word or a sentence; every other end parts what stands before and behind it.
constexpr std::string_view kInline[] = {"a", "bookmark-ref", "ins", "r", "rPr", "span", "t"};
constexpr std::string_view kBlank[] = {"br", "line-break", "s", "tab"};
// Days, numbers and programs in properties: a reader of names would take them for something.
constexpr std::string_view kMute[] = {"generator",        "date",           "date-string",
                                      "creation-date",    "print-date",     "created",
                                      "modified",         "lastPrinted",    "revision",
                                      "editing-duration", "editing-cycles", "document-statistic"};

class Words : public XmlHandler {
 public:
  Words(std::string& out, std::size_t bytes_max) : out_(out), bytes_max_(bytes_max) {}

  void start(std::string_view name, const XmlAttributes&) override {
    cells_ += name == "table-cell" ? 1 : 0;
    mute_ = std::ranges::find(kMute, name) != std::end(kMute);
  }

  void end(std::string_view name) override {
    mute_ = false;
    if (std::ranges::find(kInline, name) != std::end(kInline)) {
      return;
    }
    const bool cell = name == "table-cell";
    if (std::ranges::find(kBlank, name) != std::end(kBlank) || (cells_ > 0 && !cell)) {
      part(' ');
    } else {
      part(cell ? ',' : '\n');
    }
    cells_ -= cell ? 1 : 0;
  }

  void text(std::string_view text) override { out_ += mute_ ? "" : text; }

  [[nodiscard]] bool done() const override { return out_.size() > bytes_max_; }

 private:
  void part(char with) {
    if (with != ' ' && out_.ends_with(' ')) {
      out_.pop_back();
    }
    if (!out_.empty() && out_.back() != with && out_.back() != '\n') {
      out_ += with;
    }
  }

  std::string& out_;
  std::size_t bytes_max_;
  int cells_ = 0;
  bool mute_ = false;
};

}  // namespace

Result<std::string> office_words(std::string_view bytes, std::string_view name,
                                 std::size_t bytes_max) {
  ZipParts parts = ATALAYA_TRY(ZipParts::open(bytes, name));
  std::string out;
  Words words(out, bytes_max);
  for (const char* part : kParts) {
    if (parts.has(part) && !words.done()) {
      ATALAYA_TRY(read_xml(parts, part, name, words));
      out += '\n';
    }
  }
  return out;
}

}  // namespace atalaya::files
