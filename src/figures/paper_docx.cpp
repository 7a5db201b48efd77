// A paper as docx: the few parts that ISO/IEC 29500 asks for, with styles that a reader can
// change, headings that a screen reader can jump to, and charts as SVG with a PNG for readers that
// know none (the extension that Word writes, MS-ODRAWXML 2.3.6).
#include <atalaya/figures/paper.hpp>

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <zip.h>

#include <atalaya/figures/locale.hpp>
#include <atalaya/figures/sheet.hpp>

#include "paper_chart.hpp"

namespace atalaya::figures {
namespace {

constexpr std::string_view kXml = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
constexpr double kEmuPerPixel = 9525;
constexpr double kTextWidthPixels = 624;  // 165 mm

constexpr std::string_view kStyles =
    R"(<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Source Sans 3" w:hAnsi="Source Sans 3" w:cs="Arial"/><w:color w:val="14212A"/><w:sz w:val="21"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="100" w:line="264" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style><w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn w:val="Normal"/><w:pPr><w:keepNext/><w:spacing w:after="60"/></w:pPr><w:rPr><w:b/><w:sz w:val="40"/></w:rPr></w:style><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:pPr><w:keepNext/><w:spacing w:before="320" w:after="80"/><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:sz w:val="28"/></w:rPr></w:style><w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="heading 2"/><w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:pPr><w:keepNext/><w:spacing w:before="200" w:after="60"/><w:outlineLvl w:val="1"/></w:pPr><w:rPr><w:b/><w:sz w:val="24"/></w:rPr></w:style><w:style w:type="paragraph" w:styleId="Lead"><w:name w:val="Lead"/><w:basedOn w:val="Normal"/><w:rPr><w:color w:val="43525B"/><w:sz w:val="24"/></w:rPr></w:style><w:style w:type="paragraph" w:styleId="Small"><w:name w:val="Small"/><w:basedOn w:val="Normal"/><w:rPr><w:color w:val="43525B"/><w:sz w:val="18"/></w:rPr></w:style><w:style w:type="paragraph" w:styleId="Mark"><w:name w:val="Mark"/><w:basedOn w:val="Normal"/><w:pPr><w:pBdr><w:left w:val="single" w:sz="24" w:space="8" w:color="9C3F06"/></w:pBdr><w:shd w:val="clear" w:color="auto" w:fill="FBE9DA"/></w:pPr></w:style><w:style w:type="paragraph" w:styleId="Quote"><w:name w:val="Quote"/><w:basedOn w:val="Normal"/><w:pPr><w:pBdr><w:left w:val="single" w:sz="18" w:space="8" w:color="B5D4D5"/></w:pBdr></w:pPr></w:style><w:style w:type="paragraph" w:styleId="ListBullet"><w:name w:val="List Bullet"/><w:basedOn w:val="Normal"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr><w:contextualSpacing/></w:pPr></w:style><w:style w:type="paragraph" w:styleId="Caption"><w:name w:val="caption"/><w:basedOn w:val="Normal"/><w:pPr><w:keepNext/></w:pPr><w:rPr><w:b/></w:rPr></w:style><w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/><w:rPr><w:color w:val="0B5563"/><w:u w:val="single"/></w:rPr></w:style></w:styles>)";

constexpr std::string_view kNumbering =
    R"(<w:numbering xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="360" w:hanging="260"/></w:pPr></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>)";

struct Part {
  std::string name;
  std::string bytes;
};

class Writer {
 public:
  explicit Writer(const Paper& paper) : paper_(paper) {}

  Result<std::vector<Part>> write() {
    paragraph("Title", {{.text = paper_.title}});
    paragraph("Lead", {{.text = paper_.subtitle}});
    for (const PaperBlock& block : paper_.blocks) {
      ATALAYA_TRY(std::visit([this](const auto& one) { return add(one); }, block));
    }
    section();
    parts_.push_back({"word/document.xml",
                      fmt::format("{}<w:document xmlns:w=\"http://schemas.openxmlformats.org/"
                                  "wordprocessingml/2006/main\" xmlns:r=\"http://schemas."
                                  "openxmlformats.org/officeDocument/2006/relationships\" "
                                  "xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/"
                                  "wordprocessingDrawing\" xmlns:a=\"http://schemas.openxmlformats."
                                  "org/drawingml/2006/main\" xmlns:pic=\"http://schemas."
                                  "openxmlformats.org/drawingml/2006/picture\"><w:body>{}</w:body>"
                                  "</w:document>",
                                  kXml, body_)});
    fixed_parts();
    return std::move(parts_);
  }

 private:
  using Done = Result<void>;

  std::string relation(std::string_view type, std::string_view target, bool external) {
    const std::string id = fmt::format("r{}", ++relation_count_);
    relations_ += fmt::format(
        "<Relationship Id=\"{}\" Type=\"http://schemas.openxmlformats.org/"
        "officeDocument/2006/relationships/{}\" Target=\"{}\"{}/>",
        id, type, escape(target), external ? " TargetMode=\"External\"" : "");
    return id;
  }

  std::string runs(const PaperText& text, bool strong = false) {
    std::string out;
    for (const PaperRun& run : text) {
      const bool link = !run.url.empty() && safe_url(run.url) != "#";
      const std::string one = fmt::format(
          "<w:r><w:rPr>{}{}{}</w:rPr><w:t xml:space=\"preserve\">{}</w:t></w:r>",
          link ? "<w:rStyle w:val=\"Hyperlink\"/>" : "", run.strong || strong ? "<w:b/>" : "",
          run.language.empty() ? std::string()
                               : fmt::format("<w:lang w:val=\"{}\"/>", escape(run.language)),
          escape(without_turns(run.text)));
      out += link ? fmt::format("<w:hyperlink r:id=\"{}\">{}</w:hyperlink>",
                                relation("hyperlink", run.url, true), one)
                  : one;
    }
    return out;
  }

  void paragraph(std::string_view style, const PaperText& text) {
    body_ += fmt::format("<w:p><w:pPr><w:pStyle w:val=\"{}\"/></w:pPr>{}</w:p>", style, runs(text));
  }

  Done add(const PaperHeading& heading) {
    paragraph(heading.level <= 2 ? "Heading1" : "Heading2", {{.text = heading.text}});
    return {};
  }

  Done add(const PaperParagraph& one) {
    std::string_view style = "Normal";
    switch (one.style) {
      case PaperStyle::normal:
        break;
      case PaperStyle::lead:
        style = "Lead";
        break;
      case PaperStyle::small:
        style = "Small";
        break;
      case PaperStyle::item:
        style = "ListBullet";
        break;
      case PaperStyle::quote:
        style = "Quote";
        break;
      case PaperStyle::mark:
        style = "Mark";
        break;
    }
    paragraph(style, one.text);
    return {};
  }

  void cell(const PaperText& text, bool header, bool number) {
    body_ += fmt::format(
        "<w:tc><w:tcPr/><w:p><w:pPr><w:spacing w:after=\"40\"/>{}</w:pPr>{}</w:p>"
        "</w:tc>",
        number ? "<w:jc w:val=\"right\"/>" : "", runs(text, header));
  }

  Done add(const PaperTable& table) {
    if (!table.caption.empty()) {
      paragraph("Caption", {{.text = table.caption}});
    }
    const auto number = [&](std::size_t i) { return i < table.numeric.size() && table.numeric[i]; };
    body_ +=
        "<w:tbl><w:tblPr><w:tblW w:w=\"5000\" w:type=\"pct\"/><w:tblBorders><w:bottom "
        "w:val=\"single\" w:sz=\"4\" w:color=\"DAD7CC\"/><w:insideH w:val=\"single\" "
        "w:sz=\"4\" w:color=\"DAD7CC\"/></w:tblBorders></w:tblPr><w:tblGrid>";
    for (std::size_t i = 0; i < table.header.size(); ++i) {
      body_ += "<w:gridCol/>";
    }
    body_ += "</w:tblGrid><w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>";
    for (std::size_t i = 0; i < table.header.size(); ++i) {
      cell({{.text = table.header[i]}}, true, number(i));
    }
    body_ += "</w:tr>";
    for (const std::vector<PaperText>& row : table.rows) {
      body_ += "<w:tr><w:trPr><w:cantSplit/></w:trPr>";
      for (std::size_t i = 0; i < row.size(); ++i) {
        cell(row[i], false, number(i));
      }
      body_ += "</w:tr>";
    }
    body_ += "</w:tbl>";
    paragraph("Small", {});
    return {};
  }

  Done add(const PaperChart& chart) {
    paragraph("Caption", {{.text = chart.title}});
    paragraph("Small", {{.text = chart.subtitle}});
    const PaperDrawing drawing = ATALAYA_TRY(PaperDrawing::load(chart.svg));
    const std::string png = ATALAYA_TRY(png_of(chart.svg, 2.0));
    ++pictures_;
    const std::string svg_name = fmt::format("media/chart{}.svg", pictures_);
    const std::string png_name = fmt::format("media/chart{}.png", pictures_);
    parts_.push_back({"word/" + svg_name, chart.svg});
    parts_.push_back({"word/" + png_name, png});
    const double scale = std::min(1.0, kTextWidthPixels / drawing.width());
    const auto wide = static_cast<long long>(drawing.width() * scale * kEmuPerPixel);
    const auto high = static_cast<long long>(drawing.height() * scale * kEmuPerPixel);
    body_ += fmt::format(
        "<w:p><w:r><w:drawing><wp:inline><wp:extent cx=\"{0}\" cy=\"{1}\"/><wp:docPr id=\"{2}\" "
        "name=\"chart {2}\" descr=\"{3}\"/><a:graphic><a:graphicData uri=\"http://schemas."
        "openxmlformats.org/drawingml/2006/picture\"><pic:pic><pic:nvPicPr><pic:cNvPr id=\"{2}\" "
        "name=\"chart {2}\" descr=\"{3}\"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip "
        "r:embed=\"{4}\"><a:extLst><a:ext uri=\"{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}\">"
        "<asvg:svgBlip xmlns:asvg=\"http://schemas.microsoft.com/office/drawing/2016/SVG/main\" "
        "r:embed=\"{5}\"/></a:ext></a:extLst></a:blip><a:stretch><a:fillRect/></a:stretch>"
        "</pic:blipFill><pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{0}\" cy=\"{1}\"/>"
        "</a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>"
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>",
        wide, high, pictures_, escape(chart.title + ". " + chart.subtitle),
        relation("image", png_name, false), relation("image", svg_name, false));
    paragraph("Small", {{.text = chart.source}});
    if (!chart.table.header.empty()) {
      return add(chart.table);
    }
    return {};
  }

  Done add(const PaperBreak&) {
    body_ += "<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p>";
    return {};
  }

  void section() {
    const std::string footer = relation("footer", "/word/footer1.xml", false);
    const bool a4 = paper_.size == PaperSize::a4;
    body_ += fmt::format(
        "<w:sectPr><w:footerReference w:type=\"default\" r:id=\"{}\"/><w:pgSz "
        "w:w=\"{}\" w:h=\"{}\"/><w:pgMar w:top=\"1134\" w:right=\"1134\" "
        "w:bottom=\"1134\" w:left=\"1134\" w:header=\"567\" w:footer=\"567\" "
        "w:gutter=\"0\"/></w:sectPr>",
        footer, a4 ? 11906 : 12240, a4 ? 16838 : 15840);
  }

  void fixed_parts() {
    const std::string_view language = to_string(paper_.language);
    parts_.push_back(
        {"word/footer1.xml",
         fmt::format("{}<w:ftr xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/"
                     "main\"><w:p><w:pPr><w:pStyle w:val=\"Small\"/></w:pPr><w:r><w:t "
                     "xml:space=\"preserve\">{} · {} · {} </w:t></w:r><w:r><w:fldChar "
                     "w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>"
                     "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p></w:ftr>",
                     kXml, escape(paper_.author), date(paper_.language, paper_.date),
                     escape(paper_.notice))});
    parts_.push_back({"word/styles.xml", std::string(kXml) + std::string(kStyles)});
    parts_.push_back({"word/numbering.xml", std::string(kXml) + std::string(kNumbering)});
    relation("styles", "/word/styles.xml", false);
    relation("numbering", "/word/numbering.xml", false);
    parts_.push_back({"word/_rels/document.xml.rels",
                      fmt::format("{}<Relationships xmlns=\"http://schemas.openxmlformats.org/"
                                  "package/2006/relationships\">{}</Relationships>",
                                  kXml, relations_)});
    parts_.push_back(
        {"docProps/core.xml",
         fmt::format(
             "{}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/"
             "2006/metadata/core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
             "xmlns:dcterms=\"http://purl.org/dc/terms/\" xmlns:xsi=\"http://www.w3.org/"
             "2001/XMLSchema-instance\"><dc:title>{}</dc:title><dc:creator>{}</dc:creator>"
             "<dc:language>{}</dc:language><dcterms:created xsi:type=\"dcterms:W3CDTF\">{}"
             "</dcterms:created></cp:coreProperties>",
             kXml, escape(paper_.title), escape(paper_.author), language, to_string(paper_.date))});
    parts_.push_back(
        {"_rels/.rels",
         fmt::format("{}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/"
                     "relationships\"><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats."
                     "org/officeDocument/2006/relationships/officeDocument\" Target=\"word/"
                     "document.xml\"/><Relationship Id=\"r2\" Type=\"http://schemas.openxmlformats."
                     "org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/"
                     "core.xml\"/></Relationships>",
                     kXml)});
    constexpr std::string_view kWord =
        "application/vnd.openxmlformats-officedocument.wordprocessingml.";
    parts_.push_back(
        {"[Content_Types].xml",
         fmt::format(
             "{0}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-"
             "types\"><Default Extension=\"rels\" ContentType=\"application/vnd."
             "openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" "
             "ContentType=\"application/xml\"/><Default Extension=\"png\" "
             "ContentType=\"image/png\"/><Default Extension=\"svg\" "
             "ContentType=\"image/svg+xml\"/><Override PartName=\"/word/document.xml\" "
             "ContentType=\"{1}document.main+xml\"/><Override PartName=\"/word/styles.xml\" "
             "ContentType=\"{1}styles+xml\"/><Override PartName=\"/word/numbering.xml\" "
             "ContentType=\"{1}numbering+xml\"/><Override PartName=\"/word/footer1.xml\" "
             "ContentType=\"{1}footer+xml\"/><Override PartName=\"/docProps/core.xml\" "
             "ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>"
             "</Types>",
             kXml, kWord)});
  }

  const Paper& paper_;
  std::string body_;
  std::string relations_;
  int relation_count_ = 0;
  int pictures_ = 0;
  std::vector<Part> parts_;
};

std::unexpected<Error> broken(std::string_view what) {
  return fail(ErrorCode::internal, "figures.paper.docx", what);
}

}  // namespace

Result<std::string> paper_docx(const Paper& paper) {
  std::vector<Part> parts = ATALAYA_TRY(Writer(paper).write());
  // The content types come first: that is how readers tell the kind of file.
  std::rotate(parts.begin(), parts.end() - 1, parts.end());
  zip_source_t* memory = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  if (memory == nullptr) {
    return broken("no memory");
  }
  zip_source_keep(memory);  // the archive takes one reference, reading it back needs another
  const std::unique_ptr<zip_source_t, decltype(&zip_source_free)> keeper(memory, &zip_source_free);
  zip_t* archive = zip_open_from_source(memory, ZIP_TRUNCATE, nullptr);
  if (archive == nullptr) {
    zip_source_free(memory);
    return broken("the archive cannot be opened");
  }
  for (const Part& part : parts) {
    zip_source_t* source = zip_source_buffer(archive, part.bytes.data(), part.bytes.size(), 0);
    const zip_int64_t index =
        source == nullptr ? -1 : zip_file_add(archive, part.name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(source);
      zip_discard(archive);
      return broken("a part cannot be written: " + part.name);
    }
    // The same document gives the same bytes.
    zip_file_set_mtime(archive, static_cast<zip_uint64_t>(index), 315'619'200, 0);
  }
  if (zip_close(archive) != 0) {
    zip_discard(archive);
    return broken("the archive cannot be closed");
  }
  zip_stat_t stat;
  zip_stat_init(&stat);
  if (zip_source_stat(memory, &stat) != 0 || zip_source_open(memory) != 0) {
    return broken("the archive cannot be read back");
  }
  std::string bytes(stat.size, '\0');
  const zip_int64_t got = zip_source_read(memory, bytes.data(), bytes.size());
  zip_source_close(memory);
  if (got != static_cast<zip_int64_t>(bytes.size())) {
    return broken("the archive cannot be read back");
  }
  return bytes;
}

}  // namespace atalaya::figures
