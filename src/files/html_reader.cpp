#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>

#include <atalaya/base/text.hpp>
#include <atalaya/files/limits.hpp>

#include "blocks.hpp"
#include "html_tables.hpp"
#include "readers.hpp"

// libxml2's tolerant parser calls back for tags and text; no tree is built, so memory follows the
// text and not the markup. Four things bound the work: the nesting, the number of complaints of
// the parser (an end tag that closes nothing makes it search its whole stack), the attributes of a
// tag (each is compared with all before it), and the lines.
//
// Old pages make lists in every way: ordered lists of one item each, bullets before typed letters,
// paragraphs inside items, line breaks instead of paragraphs. What is kept of that is the marker
// and the depth.

namespace atalaya::files {
namespace {

constexpr int kComplaintsMax = 100'000;

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// With their whole content: not text, or text for machines and menus.
bool is_dropped(std::string_view name) {
  return is_one_of(name, {"script", "style", "noscript", "template", "svg", "math", "iframe",
                          "object", "embed", "canvas", "audio", "video", "select", "textarea",
                          "button", "nav", "noframes", "applet", "datalist", "del"});
}

// A page's own footer is addresses and menus; that of an article or of the main part can hold the
// document's footnotes.
bool is_content(std::string_view name) {
  return is_one_of(name, {"article", "main"});
}

bool is_block(std::string_view name) {
  return is_one_of(
      name,
      {"p",        "div",    "section",    "article", "main",    "header",  "footer",     "aside",
       "h1",       "h2",     "h3",         "h4",      "h5",      "h6",      "li",         "ul",
       "ol",       "dl",     "dt",         "dd",      "table",   "tr",      "td",         "th",
       "tbody",    "thead",  "tfoot",      "caption", "pre",     "hr",      "blockquote", "figure",
       "body",     "html",   "figcaption", "address", "center",  "form",    "head",       "title",
       "fieldset", "legend", "dir",        "menu",    "details", "summary", "option"});
}

bool is_heading(std::string_view name) {
  return name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6';
}

bool is_void(std::string_view name) {
  return is_one_of(name, {"br", "hr", "img", "input", "meta", "link", "area", "base", "col",
                          "source", "track", "wbr", "param", "basefont", "frame", "isindex"});
}

struct Attributes {
  const xmlChar** pairs = nullptr;

  [[nodiscard]] std::string_view get(std::string_view name) const {
    for (const xmlChar** p = pairs; p != nullptr && p[0] != nullptr; p += 2) {
      if (name == reinterpret_cast<const char*>(p[0])) {
        return p[1] == nullptr ? name : reinterpret_cast<const char*>(p[1]);
      }
    }
    return {};
  }
};

std::optional<std::int32_t> number_of(std::string_view text) {
  text = trim(text);
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < -100'000 ||
      number > 100'000) {
    return std::nullopt;
  }
  return number;
}

bool is_hidden(const Attributes& attributes) {
  if (!attributes.get("hidden").empty()) {
    return true;
  }
  std::string style;
  for (const char c : attributes.get("style").substr(0, 4000)) {
    if (c != ' ' && c != '\t' && c != '\n') {
      style += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return style.find("display:none") != std::string::npos ||
         style.find("visibility:hidden") != std::string::npos;
}

// What is meant for the eye of who reads the page: one column is half the width of a letter.
constexpr double kPixelsPerColumn = 8;
constexpr double kColumnsMax = 100;

// Browsers move these 40 pixels to the right; old pages use them to indent.
constexpr double kIndentedColumns = 5;

bool is_indented(std::string_view name) {
  return is_one_of(name, {"blockquote", "dd", "figure"});
}

// The columns of a length ("36pt", "2em", "40px") at the start of `text`.
double columns_of_length(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, double>, 9> kUnits = {{{"px", 1},
                                                                         {"pt", 96.0 / 72},
                                                                         {"pc", 16},
                                                                         {"rem", 16},
                                                                         {"em", 16},
                                                                         {"ex", 8},
                                                                         {"in", 96},
                                                                         {"cm", 96 / 2.54},
                                                                         {"mm", 96 / 25.4}}};
  double number = 0;
  text = trim(text);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) {
    return 0;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  for (const auto& [unit, pixels] : kUnits) {
    if (text.starts_with(unit)) {
      return std::clamp(number * pixels / kPixelsPerColumn, -kColumnsMax, kColumnsMax);
    }
  }
  return 0;
}

// How far an element's style moves its text to the right.
struct StyleIndent {
  double block = 0;                  // of all that stands in it
  std::optional<double> first_line;  // of the first lines of the blocks in it
};

StyleIndent style_indent(const Attributes& attributes) {
  StyleIndent indent;
  if (attributes.get("style").empty()) {
    return indent;
  }
  const std::string style = fold(attributes.get("style").substr(0, 4000));
  for (const std::string_view declaration : split(style, ';')) {
    const std::size_t colon = declaration.find(':');
    if (colon == std::string_view::npos) {
      continue;
    }
    const std::string_view name = trim(declaration.substr(0, colon));
    const std::string_view value = trim(declaration.substr(colon + 1));
    if (is_one_of(name, {"margin-left", "padding-left", "margin-inline-start"})) {
      indent.block += columns_of_length(value);
    } else if (name == "text-indent") {
      indent.first_line = columns_of_length(value);
    } else if (name == "margin" || name == "padding") {
      // "top right bottom left"
      std::vector<std::string_view> sides = split(value, ' ');
      std::erase(sides, std::string_view());
      indent.block += sides.size() == 4 ? columns_of_length(sides[3]) : 0;
    }
  }
  return indent;
}

// The columns of the white space that a browser shows at the start of a text.
double leading_columns(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, double>, 19> kSpaces = {
      {{" ", 0},
       {"\u00A0", 1},
       {"\u2000", 2},  // half as wide as the letter's height, as U+2002
       {"\u2001", 4},
       {"\u2002", 2},  // en space
       {"\u2003", 4},  // em space
       {"\u2004", 1},  // a third, a quarter, a sixth of one
       {"\u2005", 1},
       {"\u2006", 1},
       {"\u2007", 1},  // as wide as a digit, as a point
       {"\u2008", 1},
       {"\u2009", 1},
       {"\u202F", 1},
       {"\u205F", 1},
       {"\u3000", 4},  // as wide as an ideograph
       {"\u200B", 0},  // no width, as the next ones
       {"\u200E", 0},
       {"\u200F", 0},
       {"\uFEFF", 0}}};
  double columns = 0;
  bool more = true;
  while (more) {
    more = false;
    for (const auto& [space, width] : kSpaces) {
      if (text.starts_with(space)) {
        // A blank counts behind another space; at the very start browsers leave it out.
        columns += space == " " ? (columns > 0 ? 1 : 0) : width;
        text.remove_prefix(space.size());
        more = true;
        break;
      }
    }
  }
  return std::min(columns, kColumnsMax);
}

// "Home", "About the process": an entry of a menu, not a paragraph that is all link.
bool is_menu_entry(std::string_view text) {
  constexpr std::size_t kEntryBytesMax = 60;
  return text.size() <= kEntryBytesMax &&
         std::string_view(".;:)").find(text.back()) == std::string_view::npos;
}

LabelStyle label_style(const Attributes& attributes) {
  const std::string_view type = attributes.get("type");
  const std::string style = fold(attributes.get("style").substr(0, 4000));
  if (type == "a" || style.find("lower-alpha") != std::string::npos ||
      style.find("lower-latin") != std::string::npos) {
    return LabelStyle::lower_letter;
  }
  if (type == "A" || style.find("upper-alpha") != std::string::npos ||
      style.find("upper-latin") != std::string::npos) {
    return LabelStyle::upper_letter;
  }
  if (type == "i" || style.find("lower-roman") != std::string::npos) {
    return LabelStyle::lower_roman;
  }
  if (type == "I" || style.find("upper-roman") != std::string::npos) {
    return LabelStyle::upper_roman;
  }
  return LabelStyle::decimal;
}

struct List {
  bool ordered = false;
  LabelStyle style = LabelStyle::decimal;
  std::int32_t next = 1;
  // The item that is open in it.
  std::string marker;
  bool marker_used = false;
};

class Renderer {
 public:
  Renderer(TextDocument& document, htmlParserCtxtPtr parser)
      : document_(&document), writer_(document), parser_(parser), tables_(document) {}

  void start(std::string_view name, const Attributes& attributes);
  void end(std::string_view name);
  void text(std::string_view bytes);

  void complain() { stop_if(++complaints_ > kComplaintsMax); }

  void finish() {
    flush();
    if (hides_text_) {
      document_->warnings.emplace_back("files.hidden_text");
    }
  }

  [[nodiscard]] bool stopped() const noexcept { return stopped_; }

  [[nodiscard]] const BlockWriter& writer() const noexcept { return writer_; }

 private:
  void stop_if(bool condition);
  void flush();
  void line_break();
  void open_list(bool ordered, const Attributes& attributes);
  void open_item(const Attributes& attributes);

  [[nodiscard]] std::int32_t line() const {
    return parser_->input == nullptr ? 0 : parser_->input->line;
  }

  void begin_block(std::string_view name);
  void close_indents();
  [[nodiscard]] std::int32_t indent_outside_lists() const;

  TextDocument* document_;
  BlockWriter writer_;
  htmlParserCtxtPtr parser_;
  int depth_ = 0;
  int complaints_ = 0;
  bool stopped_ = false;
  int dropped_at_ = 0;  // depth of the dropped element, 0 outside of one
  int title_at_ = 0;
  int head_at_ = 0;
  int content_at_ = 0;  // depth of the outermost article or main part
  int pre_ = 0;
  int quotes_ = 0;
  int superscript_ = 0;
  int link_ = 0;
  std::vector<List> lists_;
  std::int32_t list_ = 0;  // of the outermost open list, from 1
  std::vector<std::pair<int, StyleIndent>> indents_;  // by the depth of their element
  HtmlTables tables_;
  std::string buffer_;
  std::size_t link_bytes_ = 0;
  std::int32_t block_line_ = 0;
  bool block_heading_ = false;
  bool after_break_ = false;
  bool hidden_ = false;      // what is dropped is hidden by the page's style
  bool hides_text_ = false;  // and a sentence of it was
};

void Renderer::stop_if(bool condition) {
  if (condition && !stopped_) {
    stopped_ = true;
    xmlStopParser(parser_);
  }
}

// White space of the source collapses to one blank; a no-break space stays what it is.
void collapse_into(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      if (!out.empty() && out.back() != ' ') {
        out += ' ';
      }
    } else {
      out += c;
    }
  }
}

void Renderer::flush() {
  const std::string_view visible = trim(buffer_);
  const bool space_only = visible.empty() && !buffer_.empty() && buffer_ != " ";
  if (!visible.empty() || space_only) {
    Block block;
    block.text = buffer_;
    block.line = block_line_ > 0 ? block_line_ : line();
    block.heading = block_heading_;
    block.follows_break = after_break_;
    if (lists_.empty() && !visible.empty()) {
      block.indent = indent_outside_lists();
      block.text = std::string(visible);
    }
    if (!lists_.empty() && !visible.empty()) {
      List& list = lists_.back();
      const auto depth =
          static_cast<std::int32_t>(std::min<std::size_t>(lists_.size(), kListDepthMax));
      const bool menu = link_bytes_ >= visible.size() && link_bytes_ > 0 && !list.marker_used &&
                        is_menu_entry(visible);
      block.indent = 2 * depth + 2 * std::min(quotes_, kListDepthMax);
      block.list = list_;
      if (menu) {
        // An item that is nothing but a link belongs to a menu, not to a text.
        block.indent = 0;
        block.list = 0;
        block.link = true;
        list.marker_used = true;
        list.marker.clear();
      } else if (!list.marker.empty() && !list.marker_used) {
        // A label typed into the text is the document's own; the list's number is not printed by
        // pages that do so.
        block.marker = list.ordered && starts_with_label(visible) ? "•" : list.marker;
        list.marker_used = true;
      } else if (!list.marker.empty()) {
        // A second paragraph of the item stands below its text, not below its marker.
        const bool wide = list.marker == "•";
        block.indent += static_cast<std::int32_t>(wide ? 2 : list.marker.size() + 1);
      }
    }
    writer_.write(block);
    stop_if(writer_.overflowed());
  }
  buffer_.clear();
  link_bytes_ = 0;
  after_break_ = false;
}

// The columns of the block in the buffer.
std::int32_t Renderer::indent_outside_lists() const {
  double columns = leading_columns(buffer_);
  double first_line = 0;
  for (const auto& [depth, indent] : indents_) {
    columns += indent.block;
    first_line = indent.first_line.value_or(first_line);
  }
  columns += after_break_ ? 0 : first_line;
  return static_cast<std::int32_t>(std::lround(std::clamp(columns, 0.0, kColumnsMax)));
}

void Renderer::close_indents() {
  while (!indents_.empty() && indents_.back().first > depth_) {
    indents_.pop_back();
  }
}

void Renderer::begin_block(std::string_view name) {
  flush();
  block_line_ = line();
  block_heading_ = is_heading(name);
}

void Renderer::line_break() {
  const bool had_text = !trim(buffer_).empty();
  if (!had_text && after_break_) {
    // A second break in a row is a new paragraph.
    after_break_ = false;
    buffer_.clear();
    block_line_ = line();
    return;
  }
  flush();
  after_break_ = had_text;
  block_line_ = line();
}

void Renderer::open_list(bool ordered, const Attributes& attributes) {
  List list;
  list.ordered = ordered;
  list.style = label_style(attributes);
  list.next = number_of(attributes.get("start")).value_or(1);
  list_ += lists_.empty() ? 1 : 0;
  lists_.push_back(std::move(list));
}

void Renderer::open_item(const Attributes& attributes) {
  if (lists_.empty()) {
    lists_.emplace_back();  // an item outside of any list; its end closes this one
    ++list_;
  }
  List& list = lists_.back();
  if (const auto value = number_of(attributes.get("value")); value && list.ordered) {
    list.next = *value;
  }
  list.marker = list.ordered ? list_label(list.next++, list.style) + "." : "•";
  list.marker_used = false;
}

void Renderer::start(std::string_view name, const Attributes& attributes) {
  if (stopped_) {
    return;
  }
  if (is_void(name)) {
    if (dropped_at_ == 0 && name == "br") {
      line_break();
    } else if (dropped_at_ == 0 && name == "hr") {
      flush();
      writer_.write_rule(line());
    } else if (dropped_at_ == 0 && name == "wbr") {
      buffer_ += "";
    }
    return;
  }
  ++depth_;
  stop_if(depth_ > kNestingMax);
  if (dropped_at_ > 0) {
    return;
  }
  const bool page_footer = name == "footer" && content_at_ == 0;
  if (page_footer) {
    flush();
  }
  const bool dropped = page_footer || is_dropped(name);
  if (dropped || is_hidden(attributes)) {
    dropped_at_ = depth_;
    hidden_ = !dropped;
    return;
  }
  if (content_at_ == 0 && is_content(name)) {
    content_at_ = depth_;
  }
  if (name == "html" && document_->declared_language.empty()) {
    document_->declared_language = std::string(attributes.get("lang").substr(0, 35));
  }
  if (name == "head") {
    head_at_ = depth_;
  }
  if (name == "title" && title_at_ == 0 && document_->title.empty()) {
    title_at_ = depth_;
  }
  if (is_block(name)) {
    begin_block(name);
    tables_.start(name, number_of(attributes.get("colspan")).value_or(1),
                  number_of(attributes.get("rowspan")).value_or(1));
    StyleIndent indent = style_indent(attributes);
    indent.block += is_indented(name) ? kIndentedColumns : 0;
    if (indent.block != 0 || indent.first_line) {
      indents_.emplace_back(depth_, indent);
    }
  }
  if (name == "ul" || name == "ol" || name == "menu" || name == "dir") {
    open_list(name == "ol", attributes);
  } else if (name == "li") {
    open_item(attributes);
  } else if (name == "blockquote") {
    ++quotes_;
  } else if (name == "pre") {
    ++pre_;
  } else if (name == "sup") {
    ++superscript_;
  } else if (name == "a" && !attributes.get("href").empty()) {
    ++link_;
  }
}

void Renderer::end(std::string_view name) {
  if (stopped_ || is_void(name)) {
    return;
  }
  const int at = depth_;
  depth_ = std::max(0, depth_ - 1);
  if (dropped_at_ > 0) {
    if (at <= dropped_at_) {
      dropped_at_ = 0;
    }
    return;
  }
  if (at <= content_at_) {
    content_at_ = 0;
  }
  if (title_at_ > 0 && at <= title_at_) {
    document_->title = squeeze(buffer_);
    buffer_.clear();
    title_at_ = 0;
  }
  if (head_at_ > 0 && at <= head_at_) {
    buffer_.clear();
    head_at_ = 0;
  }
  if (is_block(name)) {
    flush();
    tables_.end(name);
    block_heading_ = false;
    block_line_ = 0;
    close_indents();
  }
  if ((name == "ul" || name == "ol" || name == "menu" || name == "dir") && !lists_.empty()) {
    lists_.pop_back();
  } else if (name == "li" && !lists_.empty()) {
    lists_.back().marker.clear();
  } else if (name == "blockquote") {
    quotes_ = std::max(0, quotes_ - 1);
  } else if (name == "pre") {
    pre_ = std::max(0, pre_ - 1);
  } else if (name == "sup") {
    superscript_ = std::max(0, superscript_ - 1);
  } else if (name == "a") {
    link_ = std::max(0, link_ - 1);
  }
}

void Renderer::text(std::string_view bytes) {
  if (dropped_at_ > 0 && hidden_ && !stopped_) {
    hides_text_ = hides_text_ || is_sentence(trim(bytes));
  }
  if (stopped_ || dropped_at_ > 0 || (head_at_ > 0 && title_at_ == 0)) {
    return;
  }
  if (pre_ > 0) {
    // Lines of preformatted text are lines, with the blanks that they start with.
    for (std::size_t begin = 0; begin <= bytes.size();) {
      const std::size_t end = std::min(bytes.find('\n', begin), bytes.size());
      buffer_ += bytes.substr(begin, end - begin);
      if (end < bytes.size()) {
        Block block;
        const std::size_t blanks = std::min(buffer_.find_first_not_of(' '), buffer_.size());
        block.indent = static_cast<std::int32_t>(std::min<std::size_t>(blanks, 200));
        block.text = buffer_;
        block.line = line();
        block.follows_break = true;
        if (trim(buffer_).empty()) {
          block.follows_break = false;
        }
        writer_.write(block);
        stop_if(writer_.overflowed());
        buffer_.clear();
      }
      begin = end + 1;
    }
    return;
  }
  const std::size_t before = buffer_.size();
  const bool digits =
      superscript_ > 0 && trim(bytes).find_first_not_of("0123456789,") == std::string_view::npos;
  if (digits) {
    buffer_ += superscript(trim(bytes));
  } else {
    collapse_into(buffer_, bytes);
  }
  if (link_ > 0 && buffer_.size() > before) {
    link_bytes_ += buffer_.size() - before;
  }
}

Renderer& renderer_of(void* context) {
  return *static_cast<Renderer*>(context);
}

std::string_view view_of(const xmlChar* text) {
  return reinterpret_cast<const char*>(text);
}

void on_start(void* context, const xmlChar* name, const xmlChar** attributes) {
  renderer_of(context).start(view_of(name), Attributes{attributes});
}

void on_end(void* context, const xmlChar* name) {
  renderer_of(context).end(view_of(name));
}

void on_text(void* context, const xmlChar* bytes, int size) {
  renderer_of(context).text(
      std::string_view(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)));
}

void on_complaint(void* context, xmlErrorPtr) {
  if (context != nullptr) {
    renderer_of(context).complain();
  }
}

// The page, handed to the parser in small pieces: between two of them is the only place from where
// one sees how many attributes the tag has that it is reading.
struct Input {
  std::string_view rest;
  htmlParserCtxtPtr parser = nullptr;
  std::int32_t crowded_line = 0;  // of a tag with too many attributes; 0: none was found
};

int give_piece(void* context, char* piece, int size) {
  Input& input = *static_cast<Input*>(context);
  if (input.parser->maxatts > 2 * kHtmlAttributesMax) {  // its room for names and values
    input.crowded_line = std::max(1, input.parser->input->line);
    input.rest = {};
  }
  const std::size_t bytes = std::min(input.rest.size(), static_cast<std::size_t>(size));
  std::copy_n(input.rest.data(), bytes, piece);
  input.rest.remove_prefix(bytes);
  return static_cast<int>(bytes);
}

// Lets `parser` read `input`; false where there is no memory for it.
bool connect(htmlParserCtxtPtr parser, Input& input) {
  input.parser = parser;
  xmlParserInputBufferPtr pieces =
      xmlParserInputBufferCreateIO(give_piece, nullptr, &input, XML_CHAR_ENCODING_NONE);
  xmlParserInputPtr stream =
      pieces == nullptr ? nullptr : xmlNewIOInputStream(parser, pieces, XML_CHAR_ENCODING_NONE);
  return stream != nullptr && inputPush(parser, stream) >= 0;
}

// A saved page that opens <html> or <body> and closes neither was cut.
bool is_cut(std::string_view html) {
  const std::string folded = [&] {
    std::string lower(html);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return lower;
  }();
  const bool opens =
      folded.find("<html") != std::string::npos || folded.find("<body") != std::string::npos;
  const bool closes =
      folded.find("</html") != std::string::npos || folded.find("</body") != std::string::npos;
  return opens && !closes;
}

// Programs write whole pages into one line. Where its lines do not tell the blocks apart, the lines
// of the rendered text are numbered instead.
void number_crowded_lines(TextDocument& document) {
  std::int32_t blocks = 0;
  std::int32_t lines = 0;
  std::int32_t last = 0;
  for (const Line& line : document.lines) {
    if (!line.text.empty()) {
      ++blocks;
      lines += line.number > last ? 1 : 0;
      last = std::max(last, line.number);
    }
  }
  constexpr std::int32_t kBlocksMin = 4;
  if (blocks < kBlocksMin || lines * 2 > blocks) {
    return;
  }
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    document.lines[i].number = static_cast<std::int32_t>(i) + 1;
  }
  document.warnings.emplace_back("files.lines_of_text");
}

}  // namespace

Result<TextDocument> read_html(std::string_view bytes, std::string_view name) {
  TextDocument document;
  document.format = Format::html;
  document.name = std::string(name);
  const std::string html = ATALAYA_TRY(decode_page(bytes, name, document));
  if (is_cut(html)) {
    const auto lines = std::count(html.begin(), html.end(), '\n') + 1;
    return fail(file_error("truncated", name,
                           fmt::format("the page ends at line {} before its end tag; save it "
                                       "again from the browser, complete",
                                       lines))
                    .with("line", fmt::format("{}", lines)));
  }
  htmlParserCtxtPtr parser = htmlNewParserCtxt();
  Input input{.rest = html};
  if (parser == nullptr || !connect(parser, input)) {
    htmlFreeParserCtxt(parser);
    return fail(file_error("malformed", name, "the html parser did not start"));
  }
  Renderer renderer(document, parser);
  htmlSAXHandler handler = {};
  handler.startElement = on_start;
  handler.endElement = on_end;
  handler.characters = on_text;
  handler.ignorableWhitespace = on_text;
  handler.initialized = XML_SAX2_MAGIC;
  handler.serror = on_complaint;
  std::swap(*parser->sax, handler);
  parser->userData = &renderer;
  htmlCtxtUseOptions(parser, HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC | HTML_PARSE_COMPACT);
  xmlSwitchEncoding(parser, XML_CHAR_ENCODING_UTF8);
  htmlParseDocument(parser);
  renderer.finish();
  const std::int32_t line = parser->input == nullptr ? 0 : parser->input->line;
  std::swap(*parser->sax, handler);
  htmlFreeParserCtxt(parser);
  if (renderer.writer().overflowed()) {
    return fail(renderer.writer().overflow_error());
  }
  if (input.crowded_line > 0) {
    return fail(file_error("attributes", name,
                           fmt::format("line {}: a tag with more than {} attributes",
                                       input.crowded_line, kHtmlAttributesMax))
                    .with("line", fmt::format("{}", input.crowded_line)));
  }
  if (renderer.stopped()) {
    return fail(file_error("malformed", name,
                           fmt::format("line {}: tags nested deeper than {} or too many tags that "
                                       "close nothing",
                                       line, kNestingMax))
                    .with("line", fmt::format("{}", line)));
  }
  number_crowded_lines(document);
  if (document.lines.empty()) {
    return fail(file_error("empty", name,
                           "the page shows no text without its scripts; open it in a browser and "
                           "save it as a complete page or as text"));
  }
  return document;
}

}  // namespace atalaya::files
