#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include <atalaya/base/text.hpp>
#include <atalaya/files/limits.hpp>

#include "blocks.hpp"
#include "docx_numbering.hpp"
#include "readers.hpp"
#include "xml_events.hpp"

// A docx says how a list counts in one part, how styles join lists in another, and only then, in
// the document, which paragraph stands in which list: the parts are read in that order, each
// streamed once. Footnotes follow the text as "[n]. …" lines, and their references become
// superscript numbers, which is the shape of the plain-text pages.

namespace atalaya::files {
namespace {

std::int32_t to_number(std::string_view text, std::int32_t otherwise) {
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool good = error == std::errc{} && end == text.data() + text.size() &&
                    number >= -100'000 && number <= 100'000;
  return good ? number : otherwise;
}

bool is_on(std::string_view value) {
  return value != "0" && value != "false" && value != "off";
}

// Ids and names longer than these are no word processor's.
std::string short_name(std::string_view name) {
  constexpr std::size_t kNameBytesMax = 255;
  return std::string(name.substr(0, kNameBytesMax));
}

std::optional<std::size_t> to_level(std::string_view text) {
  const std::int32_t level = to_number(text, -1);
  if (level < 0 || level >= static_cast<std::int32_t>(kDocxLevels)) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(level);
}

class RelationsReader final : public XmlHandler {
 public:
  std::string document;

  void start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "Relationship" && attributes.get("Type").ends_with("/officeDocument")) {
      std::string_view target = attributes.get("Target");
      if (target.starts_with('/')) {
        target.remove_prefix(1);
      }
      document = short_name(target);
    }
  }

  void end(std::string_view) override {}

  void text(std::string_view) override {}
};

class PropertiesReader final : public XmlHandler {
 public:
  std::string title;

  void start(std::string_view name, const XmlAttributes&) override { inside_ = name == "title"; }

  void end(std::string_view) override { inside_ = false; }

  void text(std::string_view text) override {
    if (inside_) {
      title += text.substr(0, kTitleBytesMax - std::min(kTitleBytesMax, title.size()));
    }
  }

 private:
  static constexpr std::size_t kTitleBytesMax = 2'000;
  bool inside_ = false;
};

class NumberingReader final : public XmlHandler {
 public:
  Numbering numbering;

  [[nodiscard]] bool overflowed() const {
    return std::max({numbering.abstracts.size(), numbering.abstract_of.size(),
                     numbering.start_overrides.size()}) > kDocxDefinitionsMax;
  }

  [[nodiscard]] bool done() const override { return overflowed(); }

  void start(std::string_view name, const XmlAttributes& attributes) override {
    const std::string_view value = attributes.get("val");
    if (name == "abstractNum") {
      abstract_ = short_name(attributes.get("abstractNumId"));
      numbering.abstracts.try_emplace(abstract_);
    } else if (name == "num") {
      num_ = short_name(attributes.get("numId"));
      abstract_.clear();
    } else if (name == "abstractNumId") {
      numbering.abstract_of[num_] = short_name(value);
    } else if (name == "lvlOverride") {
      override_ = to_level(attributes.get("ilvl"));
    } else if (name == "startOverride" && override_) {
      numbering.start_overrides[num_][*override_] = to_number(value, 1);
    } else if (name == "lvl") {
      level_ = abstract_.empty() ? std::nullopt : to_level(attributes.get("ilvl"));
    } else if (level_) {
      NumberLevel& level = numbering.abstracts[abstract_][*level_];
      if (name == "start") {
        level.start = to_number(value, 1);
      } else if (name == "numFmt") {
        level.format = short_name(value);
      } else if (name == "lvlText") {
        level.text = std::string(value.substr(0, 60));
      }
    }
  }

  void end(std::string_view name) override {
    if (name == "lvl") {
      level_.reset();
    } else if (name == "lvlOverride") {
      override_.reset();
    } else if (name == "abstractNum") {
      abstract_.clear();
    }
  }

  void text(std::string_view) override {}

 private:
  std::string abstract_;
  std::string num_;
  std::optional<std::size_t> level_;
  std::optional<std::size_t> override_;
};

class StylesReader final : public XmlHandler {
 public:
  std::map<std::string, ParagraphStyle> styles;
  std::string language;
  std::string default_style;

  [[nodiscard]] bool overflowed() const { return styles.size() > kDocxDefinitionsMax; }

  [[nodiscard]] bool done() const override { return overflowed(); }

  void start(std::string_view name, const XmlAttributes& attributes) override {
    const std::string_view value = attributes.get("val");
    if (name == "style") {
      id_ = short_name(attributes.get("styleId"));
      if (attributes.get("type") == "paragraph" && attributes.get("default") == "1") {
        default_style = id_;
      }
    } else if (name == "lang" && language.empty() && id_.empty()) {
      language = std::string(value.substr(0, 35));
    } else if (!id_.empty()) {
      ParagraphStyle& style = styles[id_];
      if (name == "name") {
        style.name = fold(short_name(value));
        style.heading =
            style.name.starts_with("heading") || style.name == "title" || style.name == "subtitle";
      } else if (name == "basedOn") {
        style.based_on = short_name(value);
      } else if (name == "numId") {
        style.num_id = short_name(value);
      } else if (name == "ilvl") {
        style.level = to_level(value);
      } else if (name == "vanish") {
        style.hidden = is_on(value);
      }
    }
  }

  void end(std::string_view name) override {
    if (name == "style") {
      id_.clear();
    }
  }

  void text(std::string_view) override {}

 private:
  std::string id_;
};

// What the paragraphs refer to.
struct Parts {
  Numbering numbering;
  std::map<std::string, ParagraphStyle> styles;
  std::string default_style;
};

constexpr std::size_t kHiddenBytesKept = 2'000;  // of a paragraph: enough to tell a sentence

struct RawParagraph {
  std::string text;
  std::string style;
  std::string num_id;
  std::optional<std::size_t> level;
  std::int32_t left = 0;  // twentieths of a point
  std::string footnote;   // id of the note that it is part of
  std::string hidden;     // its words that Word does not show
  bool joins_next = false;  // its end was deleted: the next paragraph goes on with it
  std::optional<std::size_t> cell;  // of a table
};

// Paragraphs of document.xml or footnotes.xml, in order.
class ParagraphReader final : public XmlHandler {
 public:
  explicit ParagraphReader(const Parts& parts) : parts_(&parts) {}

  std::vector<RawParagraph> paragraphs;
  std::vector<std::string> references;  // ids of notes in the order of the text; "e2" of endnotes
  bool overflowed = false;
  bool hides_sentences = false;
  std::vector<Cell> cells;  // their lines are not known yet

  void start(std::string_view name, const XmlAttributes& attributes) override;
  void end(std::string_view name) override;
  void text(std::string_view text) override;

  [[nodiscard]] bool done() const override { return overflowed; }

 private:
  struct OpenTable {
    std::int32_t number = 0;
    std::int32_t row = 0;
    std::int32_t column = 0;
    std::optional<std::size_t> cell{};             // that is open
    bool merges = false;                           // the open cell says so
    std::map<std::int32_t, std::size_t> merged{};  // by column, the cell that goes on below
  };

  void start_table(std::string_view name, std::string_view value);
  void end_table(std::string_view name);
  void reference(std::string_view id);
  [[nodiscard]] bool is_hidden() const;
  void append_symbol(std::string_view code);

  void append(std::string_view text) {
    if (!open_.empty()) {
      open_.back().text += text;
      bytes_ += text.size();
      overflowed = overflowed || bytes_ > kDocxTextBytesMax;
    }
  }

  const Parts* parts_;
  std::vector<RawParagraph> open_;  // text boxes nest paragraphs
  std::vector<OpenTable> tables_;
  std::int32_t tables_met_ = 0;
  std::size_t bytes_ = 0;           // of text
  std::string footnote_;
  bool in_text_ = false;
  bool superscript_ = false;
  std::optional<bool> hidden_;  // said of the run itself
  std::string run_style_;
  bool in_run_properties_ = false;
  bool in_paragraph_properties_ = false;
  int skipped_ = 0;  // depth inside a dropped element
};

// A character of Symbol or Wingdings ("F0B7"), most often a bullet; others have no code there.
void ParagraphReader::append_symbol(std::string_view code) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(code.data(), code.data() + code.size(), value, 16);
  if (error == std::errc{} && end == code.data() + code.size() && value >= 0xF020 &&
      value <= 0xF0FF) {
    append(std::string{static_cast<char>(0xEFU), static_cast<char>(0x80U | ((value >> 6U) & 0x3FU)),
                        static_cast<char>(0x80U | (value & 0x3FU))});
  }
}

void ParagraphReader::reference(std::string_view id) {
  references.push_back(short_name(id));
  append(superscript(fmt::format("{}", references.size())));
  overflowed = overflowed || references.size() > kDocxDefinitionsMax;
}

void ParagraphReader::start_table(std::string_view name, std::string_view value) {
  OpenTable* const table = tables_.empty() ? nullptr : &tables_.back();
  if (name == "tbl") {
    if (table != nullptr && table->cell) {
      cells[*table->cell].nests = true;
    }
    tables_.push_back({.number = ++tables_met_});
  } else if (table == nullptr) {
    return;
  } else if (name == "tr") {
    ++table->row;
    table->column = 0;
  } else if (name == "tc") {
    ++table->column;
    table->merges = false;
    table->cell.reset();
    if (cells.size() < kCellsMax) {
      table->cell = cells.size();
      cells.push_back({.table = table->number, .row = table->row, .column = table->column});
    }
  } else if (table->cell && name == "gridSpan") {
    cells[*table->cell].columns = std::clamp(to_number(value, 1), 1, kSpanMax);
  } else if (table->cell && name == "vMerge") {
    table->merges = true;
    const auto above = table->merged.find(table->column);
    if (value == "restart") {
      table->merged[table->column] = *table->cell;
    } else if (above != table->merged.end()) {
      ++cells[above->second].rows;
    }
  }
}

void ParagraphReader::end_table(std::string_view name) {
  if (tables_.empty()) {
    return;
  }
  OpenTable& table = tables_.back();
  if (name == "tbl") {
    tables_.pop_back();
  } else if (name == "tc" && table.cell) {
    const Cell& cell = cells[*table.cell];
    if (!table.merges) {
      table.merged.erase(table.column);
    }
    table.column = std::min(table.column + cell.columns - 1, kColumnsOfTableMax);
    table.cell.reset();
  }
}

void ParagraphReader::start(std::string_view name, const XmlAttributes& attributes) {
  if (skipped_ == 0 && in_paragraph_properties_ && name == "del" && !open_.empty()) {
    open_.back().joins_next = true;
    return;
  }
  // Deleted and moved text, the fallback beside a text box, how a paragraph was set before a change,
  // and field codes are not the text.
  if (skipped_ > 0 || name == "del" || name == "moveFrom" || name == "Fallback" ||
      name == "pPrChange" || name == "rPrChange" || name == "instrText") {
    ++skipped_;
    return;
  }
  const std::string_view value = attributes.get("val");
  start_table(name, value);
  if (name == "p") {
    open_.emplace_back();
    open_.back().footnote = footnote_;
    open_.back().cell = tables_.empty() ? std::nullopt : tables_.back().cell;
  } else if (name == "pPr") {
    in_paragraph_properties_ = true;
  } else if (name == "footnote" || name == "endnote") {
    const std::string_view type = attributes.get("type");
    const std::string_view prefix = name == "endnote" ? "e" : "";
    footnote_ = type.empty() || type == "normal"
                    ? std::string(prefix) + short_name(attributes.get("id"))
                    : "-";
  } else if (name == "r") {
    superscript_ = false;
    hidden_.reset();
    run_style_.clear();
  } else if (name == "rPr") {
    in_run_properties_ = true;
  } else if (name == "t") {
    in_text_ = true;
  } else if (name == "vertAlign") {
    superscript_ = value == "superscript";
  } else if (name == "vanish" && in_run_properties_) {
    hidden_ = is_on(value);
  } else if (name == "rStyle") {
    run_style_ = short_name(value);
  } else if (name == "tab" && !in_run_properties_ && !open_.empty() && !open_.back().text.empty()) {
    append(" ");
  } else if (name == "br" || name == "cr") {
    append("\n");
  } else if (name == "noBreakHyphen") {
    append("-");
  } else if (name == "sym") {
    append_symbol(attributes.get("char"));
  } else if (name == "footnoteReference") {
    reference(attributes.get("id"));
  } else if (name == "endnoteReference") {
    reference("e" + short_name(attributes.get("id")));
  } else if (!open_.empty()) {
    RawParagraph& p = open_.back();
    if (name == "pStyle") {
      p.style = short_name(value);
    } else if (name == "numId") {
      p.num_id = short_name(value);
    } else if (name == "ilvl") {
      p.level = to_level(value);
    } else if (name == "ind") {
      const std::string_view left = attributes.get("left");
      p.left = to_number(left.empty() ? attributes.get("start") : left, 0);
    }
  }
}

void ParagraphReader::end(std::string_view name) {
  if (skipped_ > 0) {
    --skipped_;
    return;
  }
  end_table(name);
  if (name == "p" && !open_.empty()) {
    RawParagraph done = std::move(open_.back());
    open_.pop_back();
    if (!paragraphs.empty() && paragraphs.back().joins_next &&
        paragraphs.back().footnote == done.footnote) {
      done.text.insert(0, paragraphs.back().text);
      paragraphs.pop_back();
    }
    hides_sentences = hides_sentences || is_sentence(trim(done.hidden));
    paragraphs.push_back(std::move(done));
    overflowed = overflowed || paragraphs.size() > kDocxParagraphsMax;
  } else if (name == "t") {
    in_text_ = false;
  } else if (name == "rPr") {
    in_run_properties_ = false;
  } else if (name == "pPr") {
    in_paragraph_properties_ = false;
  } else if (name == "footnote" || name == "endnote") {
    footnote_.clear();
  }
}

// The run says it, else its style, else that of its paragraph.
bool ParagraphReader::is_hidden() const {
  if (hidden_ || open_.empty()) {
    return hidden_.value_or(false);
  }
  const std::string& style = open_.back().style;
  return is_hidden_style(parts_->styles, run_style_) ||
         is_hidden_style(parts_->styles, style.empty() ? parts_->default_style : style);
}

void ParagraphReader::text(std::string_view text) {
  if (!in_text_ || skipped_ > 0) {
    return;
  }
  if (is_hidden()) {
    if (!open_.empty() && open_.back().hidden.size() < kHiddenBytesKept) {
      open_.back().hidden += text;
    }
    return;
  }
  append(superscript_ ? superscript(text) : std::string(text));
}

// Whether each paragraph is one line of a text that was broken at a width, as typists and programs
// that turn pdf into docx leave it: many of them, none long, and a good share close to the longest.
bool is_line_by_line(const std::vector<RawParagraph>& paragraphs) {
  constexpr std::size_t kLinesMin = 12;
  constexpr std::size_t kWidthMin = 40;
  constexpr std::size_t kWidthMax = 140;
  std::vector<std::size_t> lengths;
  std::size_t broken = 0;  // end inside a sentence
  for (const RawParagraph& p : paragraphs) {
    const std::string_view text = trim(p.text);
    if (!text.empty() && text.find('\n') == std::string_view::npos) {
      lengths.push_back(static_cast<std::size_t>(std::count_if(
          text.begin(), text.end(),
          [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; })));
      broken += std::string_view(".;:!?)").find(text.back()) == std::string_view::npos ? 1U : 0U;
    }
  }
  if (lengths.size() < kLinesMin || broken * 2 < lengths.size()) {
    return false;
  }
  std::sort(lengths.begin(), lengths.end());
  const std::size_t longest = lengths[lengths.size() * 98 / 100];
  const auto close = static_cast<std::size_t>(std::count_if(
      lengths.begin(), lengths.end(), [&](std::size_t n) { return n * 10 >= longest * 8; }));
  return longest >= kWidthMin && longest <= kWidthMax && lengths.back() <= longest + 30 &&
         close * 3 >= lengths.size();
}

// Blanks typed before a text in place of an indentation.
std::int32_t typed_indent(std::string_view text) {
  constexpr std::size_t kTypedIndentMax = 40;
  const std::size_t blanks = std::min(text.find_first_not_of(' '), text.size());
  return static_cast<std::int32_t>(std::min(blanks, kTypedIndentMax));
}

// Columns of a paragraph that starts with a typed label or bullet, by which it has its level.
std::int32_t label_indent(const RawParagraph& p) {
  constexpr std::int32_t kTwentiethsPerColumn = 180;
  constexpr std::int32_t kColumnsMax = 60;
  const std::string_view text = trim(p.text);
  const auto first = static_cast<unsigned char>(text.empty() ? 'a' : text.front());
  const bool bullet = first == 0xEF || first == 0xE2 || first == 0xC2 || first == '-' || first == '*';
  return bullet || starts_with_label(text)
             ? std::clamp(p.left / kTwentiethsPerColumn, std::int32_t{0}, kColumnsMax)
             : 0;
}

// "1" and "1:" of a list that counts so are written "1.": the shape of the plain-text pages.
std::string closed_label(std::string marker) {
  const std::size_t end = marker.find_last_not_of(" :-");
  const bool counts = end != std::string::npos && ((marker[end] >= '0' && marker[end] <= '9') ||
                                                   (marker[end] >= 'a' && marker[end] <= 'z') ||
                                                   (marker[end] >= 'A' && marker[end] <= 'Z'));
  return counts && marker.find('.') == std::string::npos ? marker.substr(0, end + 1) + "." : marker;
}

void write_paragraphs(const std::vector<RawParagraph>& paragraphs, const Parts& parts,
                      std::vector<Cell>& cells, BlockWriter& writer) {
  const bool line_by_line = is_line_by_line(paragraphs);
  Counters counters(parts.numbering);
  std::int32_t body_indent = 0;  // below the text of the last list item
  for (const RawParagraph& p : paragraphs) {
    const std::string& style = p.style.empty() ? parts.default_style : p.style;
    const ListPlace place = place_of(parts.styles, style, p.num_id, p.level);
    Block block;
    block.heading = is_heading_style(parts.styles, style);
    const bool empty = trim(p.text).empty();
    const bool listed = !place.num_id.empty() && place.num_id != "0" && !empty;
    if (listed) {
      block.marker = closed_label(counters.next(place));
      block.indent = 2 * std::min(place.depth, std::int32_t{kListDepthMax});
      body_indent = block.indent +
                    static_cast<std::int32_t>(block.marker == "•" ? 2 : block.marker.size() + 1);
      if (block.marker.empty()) {
        body_indent = block.indent;
      }
    } else if (p.left > 0 && body_indent > 0) {
      block.indent = body_indent;
    } else if (!empty) {
      body_indent = 0;
    }
    const std::int32_t indent = block.indent;
    const std::size_t begin = writer.size();
    bool first = true;
    for (const std::string_view piece : split(p.text, '\n')) {
      if (!first && trim(piece).empty()) {
        continue;
      }
      block.text = squeeze(piece);
      if (trim(piece).find("\xC2\xA0") != std::string_view::npos) {
        block.text = std::string(trim(piece));  // no-break blanks are part of the text
      }
      block.follows_break = !first || (line_by_line && !empty);
      if (listed && !first) {
        block.indent = body_indent;
      } else if (!listed) {
        block.indent = std::max({indent, typed_indent(piece), first ? label_indent(p) : 0});
      }
      writer.write(block);
      block.marker.clear();
      first = false;
    }
    if (p.cell) {
      Cell& cell = cells[*p.cell];
      cell.first = cell.end == 0 ? begin : cell.first;
      cell.end = writer.size();
    }
  }
}

void write_footnotes(const std::vector<RawParagraph>& notes,
                     const std::vector<std::string>& references, BlockWriter& writer) {
  std::map<std::string, std::string> texts;
  for (const RawParagraph& note : notes) {
    std::string& text = texts[note.footnote];
    text += text.empty() ? "" : " ";
    text += squeeze(note.text);
  }
  for (std::size_t i = 0; i < references.size(); ++i) {
    const auto at = texts.find(references[i]);
    if (at == texts.end() || trim(at->second).empty()) {
      continue;
    }
    Block block;
    block.text = fmt::format("[{}]. {}", i + 1, at->second);
    writer.write(block);
    texts.erase(at);  // a note that is referred to twice is printed once
  }
}

// Part names beside the main one: "word/document.xml" → "word/styles.xml".
std::string beside(const std::string& document, std::string_view other) {
  const std::size_t slash = document.rfind('/');
  return (slash == std::string::npos ? std::string() : document.substr(0, slash + 1)) +
         std::string(other);
}

}  // namespace

namespace {

std::unexpected<Error> too_much(std::string_view name) {
  return fail(file_error(
      "bomb", name,
      fmt::format("more than {} MiB of text, {} paragraphs or {} styles, lists or notes; no "
                  "document has so many",
                  kDocxTextBytesMax >> 20U, kDocxParagraphsMax, kDocxDefinitionsMax)));
}

// What the paragraphs refer to: lists, styles, and the document's own title.
Result<Parts> read_parts(ZipParts& zip, const std::string& main, std::string_view name,
                         TextDocument& document) {
  Parts parts;
  if (const std::string part = beside(main, "numbering.xml"); zip.has(part)) {
    NumberingReader reader;
    ATALAYA_TRY(read_xml(zip, part, name, reader));
    if (reader.overflowed()) {
      return too_much(name);
    }
    parts.numbering = std::move(reader.numbering);
  }
  if (const std::string part = beside(main, "styles.xml"); zip.has(part)) {
    StylesReader reader;
    ATALAYA_TRY(read_xml(zip, part, name, reader));
    if (reader.overflowed()) {
      return too_much(name);
    }
    parts.styles = std::move(reader.styles);
    parts.default_style = std::move(reader.default_style);
    document.declared_language = std::move(reader.language);
  }
  if (zip.has("docProps/core.xml")) {
    PropertiesReader reader;
    ATALAYA_TRY(read_xml(zip, "docProps/core.xml", name, reader));
    document.title = squeeze(reader.title);
  }
  return parts;
}

}  // namespace

Result<TextDocument> read_docx(std::string_view bytes, std::string_view name) {
  TextDocument document;
  document.format = Format::docx;
  document.name = std::string(name);
  ZipParts zip = ATALAYA_TRY(ZipParts::open(bytes, name));
  if (!zip.has("[Content_Types].xml")) {
    return fail(file_error("binary", name,
                           "a zip archive, not a docx document; unpack it and import the files "
                           "inside"));
  }
  RelationsReader relations;
  if (zip.has("_rels/.rels")) {
    ATALAYA_TRY(read_xml(zip, "_rels/.rels", name, relations));
  }
  const std::string main = relations.document.empty() ? "word/document.xml" : relations.document;
  if (main.starts_with("xl/") || main.starts_with("ppt/")) {
    return fail(file_error("binary", name, "a workbook or a presentation, not a docx document"));
  }
  const Parts parts = ATALAYA_TRY(read_parts(zip, main, name, document));
  ParagraphReader body(parts);
  ATALAYA_TRY(read_xml(zip, main, name, body));
  if (body.overflowed) {
    return too_much(name);
  }
  BlockWriter writer(document);
  write_paragraphs(body.paragraphs, parts, body.cells, writer);
  document.cells = std::move(body.cells);
  std::vector<RawParagraph> notes;
  for (const std::string_view part : {"footnotes.xml", "endnotes.xml"}) {
    const std::string path = beside(main, part);
    if (body.references.empty() || !zip.has(path)) {
      continue;
    }
    ParagraphReader reader(parts);
    ATALAYA_TRY(read_xml(zip, path, name, reader));
    if (reader.overflowed) {
      return too_much(name);
    }
    body.hides_sentences = body.hides_sentences || reader.hides_sentences;
    notes.insert(notes.end(), std::make_move_iterator(reader.paragraphs.begin()),
                 std::make_move_iterator(reader.paragraphs.end()));
  }
  write_footnotes(notes, body.references, writer);
  if (body.hides_sentences) {
    document.warnings.emplace_back("files.hidden_text");
  }
  if (writer.overflowed()) {
    return fail(writer.overflow_error());
  }
  const bool any = std::any_of(document.lines.begin(), document.lines.end(),
                               [](const Line& line) { return !line.text.empty(); });
  if (!any) {
    return fail(file_error("empty", name, "the document holds no text"));
  }
  return document;
}

}  // namespace atalaya::files
