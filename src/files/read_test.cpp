// Goal: every format comes out in one shape, and every bad file named in the header of read.hpp
// ends in its reason with its file and place. Documents are made in memory, so that each test
// shows what it reads.
#include <atalaya/files/read.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <atalaya/files/limits.hpp>
#include <atalaya/files/words.hpp>

#include "files_fixtures.hpp"
#include "pdf_words.hpp"

namespace atalaya::files {
namespace {

using fixtures::make_docx;
using fixtures::make_pdf;
using fixtures::make_zip;

std::vector<std::string> texts(const TextDocument& document) {
  std::vector<std::string> out;
  for (const Line& line : document.lines) {
    out.push_back(line.text);
  }
  return out;
}

std::vector<std::string> full_lines(const Result<TextDocument>& document) {
  std::vector<std::string> out;
  if (!document) {
    return {document.error().reason + " " + document.error().detail};
  }
  for (const Line& line : document->lines) {
    if (!line.text.empty()) {
      out.push_back(line.text);
    }
  }
  return out;
}

std::string param(const Error& error, std::string_view name) {
  for (const auto& [key, value] : error.params) {
    if (key == name) {
      return value;
    }
  }
  return "(none)";
}

void expect_refused(std::string_view bytes, std::string_view name, std::string_view reason,
                    ErrorCode code = ErrorCode::invalid_argument) {
  const auto read = read_document(bytes, name);
  ASSERT_FALSE(read.has_value()) << reason;
  EXPECT_EQ(read.error().reason, reason) << read.error().detail;
  EXPECT_EQ(read.error().code, code);
  EXPECT_EQ(param(read.error(), "file"), std::filesystem::path(name).filename().string());
}

using Strings = std::vector<std::string>;

// --- Plain text ---------------------------------------------------------------------------------

TEST(ReadText, KeepsLinesAndNumbers) {
  const auto read = read_document("one\n\n  1. two\n", "/tmp/x.txt");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->format, Format::txt);
  EXPECT_EQ(read->name, "x.txt");
  EXPECT_EQ(texts(*read), (Strings{"one", "", "  1. two"}));
  EXPECT_EQ(read->lines[2].number, 3);
}

TEST(ReadText, TakesEveryLineEnd) {
  for (const std::string_view bytes : {"a\nb\nc", "a\r\nb\r\nc\r\n", "a\rb\rc"}) {
    const auto read = read_document(bytes, "x");
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(texts(*read), (Strings{"a", "b", "c"}));
  }
}

TEST(ReadText, DecodesUtf16WithAMark) {
  const std::string little(
      "\xFF\xFE"
      "P\0e\0r\0\xFA\0\n\0",
      12);
  EXPECT_EQ(full_lines(read_document(little, "x")), (Strings{"Perú"}));
  const std::string big("\xFE\xFF\0P\0e\0r\0\xFA\xD8\x3D\xDE\x00", 14);
  EXPECT_EQ(full_lines(read_document(big, "x")), (Strings{"Perú\xF0\x9F\x98\x80"}));
  expect_refused(std::string_view("\xFF\xFE"
                                  "P\0\0\xD8",
                                  6),
                 "x", "files.malformed");
  expect_refused(std::string_view("\xFF\xFE"
                                  "P\0e",
                                  5),
                 "x", "files.truncated");
}

TEST(ReadText, DropsAByteOrderMark) {
  EXPECT_EQ(full_lines(read_document("\xEF\xBB\xBF"
                                     "1. a",
                                     "x")),
            (Strings{"1. a"}));
}

TEST(ReadBad, Empty) {
  expect_refused("", "a.txt", "files.empty");
  expect_refused(" \r\n\xC2\xA0\n\t", "a.txt", "files.empty");
  expect_refused(std::string_view("\xFF\xFE \0", 4), "a.txt", "files.empty");
}

TEST(ReadBad, Binary) {
  expect_refused(std::string_view("abc\0def", 7), "dir/a.bin", "files.binary");
  expect_refused("\x89PNG\r\n\x1A\n\x01\x02\x03\x04", "a.png", "files.binary");
  expect_refused("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 old word", "a.doc", "files.binary");
  expect_refused(make_zip({{"a.txt", "hello"}}), "a.zip", "files.binary");
  expect_refused("{\\rtf1\\ansi 1. Adopt a plan.\\par}", "a.rtf", "files.binary");
  expect_refused(make_zip({{"mimetype", "application/vnd.oasis.opendocument.text"}}), "a.odt",
                 "files.binary");
  expect_refused("no,text\n1,Adopt a plan\n", "a.CSV", "files.table");
}

// What readers of the body leave out, and never more than was asked for.
TEST(OfficeWords, OfCommentsPropertiesAndCells) {
  const std::string docx =
      make_zip({{"word/document.xml", "<d><p><r><t>body</t></r></p></d>"},
                {"word/comments.xml", "<c><p><r><t>a syn</t></r><r><t>thetic</t></r></p></c>"},
                {"docProps/core.xml", "<c><creator>Ana</creator><created>2024</created></c>"}});
  const auto words = office_words(docx, "a.docx", 1000);
  ASSERT_TRUE(words) << words.error().detail;
  EXPECT_EQ(*words, "Ana\n\na synthetic\n\n");
  const std::string ods =
      make_zip({{"content.xml",
                 "<d><table-row><table-cell><p>A<s/>b</p><p>c</p></table-cell><table-cell>"
                 "<p>d</p></table-cell></table-row><p>e</p></d>"}});
  EXPECT_EQ(*office_words(ods, "a.ods", 1000), "A b c,d,\ne\n\n");
  const std::string longer =
      make_zip({{"content.xml", "<p>" + std::string(200'000, 'x') + "</p>"}});
  EXPECT_LT(office_words(longer, "a.odt", 1000)->size(), 100'000U);
  EXPECT_FALSE(office_words("PK no zip", "a.odt", 1000));
}

TEST(ReadText, WordsInAngleBracketsAreNoPage) {
  const auto format = [](std::string_view bytes) {
    const auto read = read_document(bytes, "a.txt");
    return read ? std::string(to_string(read->format)) : read.error().reason;
  };
  EXPECT_EQ(format("<script>a</script> Meeting\n\n1. Adopt </text> laws."), "txt");
  EXPECT_EQ(format("<title of the plan>\n1. Adopt laws."), "txt");
  EXPECT_EQ(format("<title>Plan</title>\n<ol><li>Adopt laws.</ol>"), "html");
  EXPECT_EQ(format("<custom><body>Adopt laws.</body>"), "html");
}

TEST(ReadBad, NotUtf8SaysLineAndColumn) {
  const auto read = read_document("first\nM\xC3\xA9xico y Per\xFA\n", "a.txt");
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().reason, "files.not_utf8");
  EXPECT_EQ(param(read.error(), "line"), "2");
  EXPECT_EQ(param(read.error(), "column"), "13");
  EXPECT_EQ(param(read.error(), "file"), "a.txt");
}

TEST(ReadBad, CutInsideACharacter) {
  const std::string whole = "uno\nPer\xC3\xBA";
  const auto read = read_document(std::string_view(whole).substr(0, whole.size() - 1), "a.txt");
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().reason, "files.truncated");
  EXPECT_EQ(param(read.error(), "line"), "2");
}

TEST(ReadBad, TooLarge) {
  expect_refused(std::string(kFileBytesMax + 1, 'a'), "big.txt", "files.too_large",
                 ErrorCode::invalid_argument);
  expect_refused(std::string(kLinesMax + 2, '\n') + "a", "lines.txt", "files.too_large",
                 ErrorCode::invalid_argument);
}

// --- Html ---------------------------------------------------------------------------------------

constexpr std::string_view kPage = R"(<!DOCTYPE html>
<html lang="es"><head><title>Mandatos &amp; más</title>
<script>document.write("<li>nada</li>")</script><style>p { color: red }</style></head>
<body>
<!-- <p>comment</p> -->
<h1>SEGURIDAD</h1>
<p style="display: NONE">oculto</p><div hidden><ol><li>oculto</li></ol></div>
<ol><li>Uno:<ul><li>g. medio</li>
<li>h. <b>final</b></li><p>sin marca</p></ul></li></ol>
<hr>
<ol type="a" start="3"><li>tres</li><li value="7">siete<p>y sigue</p></li></ol>
<p>nota<sup>12</sup> al&nbsp;pie<br>otra línea</p>
<noscript>sin guiones</noscript>
</body></html>)";

TEST(ReadHtml, ComesInTheShapeOfTheTextPages) {
  const auto read = read_document(kPage, "p.html");
  EXPECT_EQ(full_lines(read),
            (Strings{"SEGURIDAD", "  1. Uno:", "    • g. medio", "    • h. final", "    sin marca",
                     "_______________________________________________", "  c. tres", "  g. siete",
                     "     y sigue", "nota¹² al\xC2\xA0pie", "otra línea"}));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->format, Format::html);
  EXPECT_EQ(read->title, "Mandatos & más");
  EXPECT_EQ(read->declared_language, "es");
  EXPECT_TRUE(read->lines.front().heading);
  EXPECT_EQ(read->lines.front().number, 6);
}

// What indents a paragraph on the screen sets its level: no-break and wide spaces and styles.
TEST(ReadHtml, ParagraphsKeepTheirIndentation) {
  const auto read = read_document(
      "<html><body><p>&nbsp;&nbsp;1. One:</p><p>&nbsp; &nbsp;&nbsp;&bull; a</p>"
      "<p>&emsp;b</p><p>&ensp;&#9;c</p><p style='margin-left: 40px'>d<br>&nbsp;e</p>"
      "<div style='PADDING-LEFT:2em'><p style='margin-left:36pt;text-indent:-18.0pt'>f<br>g</p>h</div>"
      "<div style='margin:0 1em 0 .25in; text-indent:16px'><p>i</p><p>j</p></div>"
      "<p style='margin-left:-99em'>k</p></body></html>",
      "p.html");
  EXPECT_EQ(full_lines(read),
            (Strings{"  1. One:", "    • a", "    b", "   c", "     d", "      e", "       f",
                     "          g", "    h", "     i", "     j", "k"}));
}

TEST(ReadHtml, LinkedItemsKeepTheirMarkers) {
  EXPECT_EQ(full_lines(read_document(
                "<html><body><ul><li><a href='x'>Protect the witnesses of crimes. (Charter, "
                "2018)</a></li><li>Third.</li></ul></body></html>",
                "p.html")),
            (Strings{"  • Protect the witnesses of crimes. (Charter, 2018)", "  • Third."}));
}

TEST(ReadHtml, DeletedWordsAreGone) {
  EXPECT_EQ(full_lines(read_document(
                "<html><body><p>Protect <del>informers</del><ins>witnesses</ins>.</p></body></html>",
                "p.html")),
            (Strings{"Protect witnesses."}));
}

// A page in one line: its lines say nothing, so those of its text are counted.
TEST(ReadHtml, CrowdedLinesAreNumberedByTheirText) {
  const auto read = read_document(
      "<html><body><h1>T</h1><ol><li>a</li><li>b</li></ol><ul><li>c</li></ul></body></html>", "p");
  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(texts(*read), (Strings{"T", "", "  1. a", "", "  2. b", "", "  • c"}));
  EXPECT_EQ(read->lines[4].number, 5);
  EXPECT_EQ(read->warnings, (Strings{"files.lines_of_text"}));
  EXPECT_EQ(read->lines[0].list, 0);
  EXPECT_EQ(read->lines[4].list, 1);
  EXPECT_EQ(read->lines[6].list, 2);
}

TEST(ReadHtml, AMenuOfLinksIsNoList) {
  EXPECT_EQ(full_lines(read_document(
                "<html><body><ul><li><a href='x'>Home</a></li></ul><nav><ol><li>Nav</li></ol></nav>"
                "<ol><li>See <a href='y'>this</a></li></ol></body></html>",
                "p.html")),
            (Strings{"Home", "  1. See this"}));
}

TEST(ReadHtml, EmptyParagraphsWidenTheGap) {
  const auto read = read_document("<html><p>a</p><p>b</p><p>&nbsp;</p><p>c</p></html>", "p");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(texts(*read), (Strings{"a", "", "b", "", "", "c"}));
}

TEST(ReadHtml, DecodesADeclaredCharset) {
  const std::string page =
      "<html><head><meta charset=\"windows-1252\"></head><body><p>Per\xFA "
      "\x93x\x94</p></body></html>";
  EXPECT_EQ(full_lines(read_document(page, "p.html")), (Strings{"Perú “x”"}));
  const std::string old =
      "<html><head><meta http-equiv='Content-Type' content='text/html; charset=ISO-8859-1'></head>"
      "<body><p>M\xE9xico</p></body></html>";
  EXPECT_EQ(full_lines(read_document(old, "p.html")), (Strings{"México"}));
}

TEST(ReadHtml, TextThatIsUtf8InSpiteOfItsDeclarationIsRead) {
  const auto read = read_document(
      "<html><head><meta charset=latin1></head><body><p>Perú</p></body></html>", "p.html");
  EXPECT_EQ(full_lines(read), (Strings{"Perú"}));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->warnings, (Strings{"files.charset_differs"}));
  // What a form sends and how a script is written says nothing of the page.
  const auto right = read_document(
      "<html><head><script charset=latin1 src=x></script><meta charset=utf-8></head><body><form "
      "accept-charset=windows-1252><p>Perú</p></form></body></html>",
      "p.html");
  EXPECT_EQ(full_lines(right), (Strings{"Perú"}));
  EXPECT_TRUE(right->warnings.empty());
}

TEST(ReadBad, HtmlOfAnUndeclaredCharset) {
  const auto read = read_document("<html><body>\n<p>Per\xFA</p></body></html>", "p.html");
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().reason, "files.not_utf8");
  EXPECT_EQ(param(read.error(), "line"), "2");
  EXPECT_EQ(param(read.error(), "column"), "7");
}

TEST(ReadBad, HtmlCutInTheMiddle) {
  const std::string_view cut = kPage.substr(0, kPage.find("siete"));
  const auto read = read_document(cut, "p.html");
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().reason, "files.truncated");
  EXPECT_EQ(param(read.error(), "line"), "11");
}

TEST(ReadBad, HtmlNestedTooDeeply) {
  std::string page = "<html><body>";
  for (int i = 0; i < 100'000; ++i) {
    page += "<div>";
  }
  expect_refused(page + "x</body></html>", "deep.html", "files.malformed");
}

TEST(ReadBad, HtmlTagOfManyAttributes) {
  std::string page = "<html><body>\n<p";
  for (int i = 0; i < 100'000; ++i) {
    page += fmt::format(" a{}=1", i);  // none after the limit is looked at
  }
  const auto read = read_document(page + ">Text</p></body></html>", "attributes.html");
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().reason, "files.attributes");
  EXPECT_EQ(param(read.error(), "line"), "2");
}

TEST(ReadBad, HtmlWithNothingButScripts) {
  expect_refused("<html><body><script>render()</script></body></html>", "app.html", "files.empty");
}

// --- Docx ---------------------------------------------------------------------------------------

std::string paragraph(std::string_view text, std::string_view properties = {}) {
  return fmt::format("<w:p><w:pPr>{}</w:pPr><w:r><w:t>{}</w:t></w:r></w:p>", properties, text);
}

std::string numbered(int list, int level, std::string_view text) {
  return paragraph(text, fmt::format("<w:numPr><w:ilvl w:val=\"{}\"/><w:numId w:val=\"{}\"/>"
                                     "</w:numPr>",
                                     level, list));
}

std::string numbering() {
  const auto level = [](int ilvl, int start, std::string_view format, std::string_view text) {
    return fmt::format(
        "<w:lvl w:ilvl=\"{}\"><w:start w:val=\"{}\"/><w:numFmt w:val=\"{}\"/>"
        "<w:lvlText w:val=\"{}\"/></w:lvl>",
        ilvl, start, format, text);
  };
  return fmt::format(
      "<w:numbering {}><w:abstractNum w:abstractNumId=\"4\">{}{}{}</w:abstractNum>"
      "<w:abstractNum w:abstractNumId=\"5\">{}</w:abstractNum>"
      "<w:num w:numId=\"1\"><w:abstractNumId w:val=\"4\"/></w:num>"
      "<w:num w:numId=\"2\"><w:abstractNumId w:val=\"4\"/><w:lvlOverride w:ilvl=\"0\">"
      "<w:startOverride w:val=\"9\"/></w:lvlOverride></w:num>"
      "<w:num w:numId=\"3\"><w:abstractNumId w:val=\"5\"/></w:num></w:numbering>",
      fixtures::kWordNamespace, level(0, 1, "decimal", "%1)"), level(1, 3, "lowerLetter", "(%2)"),
      level(2, 1, "upperRoman", "%1.%3"), level(0, 1, "bullet", "\uF0B7"));
}

TEST(ReadDocx, CountsAsWordDoes) {
  const std::string body = numbered(1, 0, "one") + numbered(1, 1, "c") + numbered(1, 1, "d") +
                           numbered(1, 2, "roman") + numbered(1, 0, "two") +
                           numbered(1, 1, "c again") + numbered(2, 0, "nine") +
                           numbered(3, 0, "bullet") + paragraph("plain");
  EXPECT_EQ(full_lines(read_document(make_docx(body, {{"word/numbering.xml", numbering()}}), "d")),
            (Strings{"  1) one", "    (c) c", "    (d) d", "      1.I roman", "  2) two",
                     "    (c) c again", "  9) nine", "  • bullet", "plain"}));
}

TEST(ReadDocx, ListsThatOnlyAStyleMakes) {
  const std::string styles = fmt::format(
      "<w:styles {}><w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val=\"pt-BR\"/></w:rPr>"
      "</w:rPrDefault></w:docDefaults>"
      "<w:style w:type=\"paragraph\" w:styleId=\"A\"><w:name w:val=\"List Number\"/><w:pPr>"
      "<w:numPr><w:numId w:val=\"1\"/></w:numPr></w:pPr></w:style>"
      "<w:style w:type=\"paragraph\" w:styleId=\"B\"><w:name w:val=\"List Bullet 2\"/><w:pPr>"
      "<w:numPr><w:numId w:val=\"3\"/></w:numPr></w:pPr></w:style>"
      "<w:style w:type=\"paragraph\" w:styleId=\"T\"><w:name w:val=\"heading 1\"/></w:style>"
      "</w:styles>",
      fixtures::kWordNamespace);
  const std::string body = paragraph("Título", "<w:pStyle w:val=\"T\"/>") +
                           paragraph("um", "<w:pStyle w:val=\"A\"/>") +
                           paragraph("sub", "<w:pStyle w:val=\"B\"/>");
  const auto read = read_document(
      make_docx(body, {{"word/numbering.xml", numbering()}, {"word/styles.xml", styles}}), "d");
  EXPECT_EQ(full_lines(read), (Strings{"Título", "  1) um", "    • sub"}));
  ASSERT_TRUE(read.has_value());
  EXPECT_TRUE(read->lines.front().heading);
  EXPECT_EQ(read->declared_language, "pt-BR");
}

TEST(ReadDocx, NotesMarksAndDeletions) {
  const std::string body =
      "<w:p><w:r><w:t>kept</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
      "<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>"
      "<w:r><w:footnoteReference w:id=\"7\"/></w:r>"
      "<w:r><w:rPr><w:vertAlign w:val=\"superscript\"/></w:rPr><w:t>2</w:t></w:r></w:p>";
  const std::string notes = fmt::format(
      "<w:footnotes {}><w:footnote w:type=\"separator\" w:id=\"0\"><w:p><w:r><w:t>-</w:t></w:r>"
      "</w:p></w:footnote><w:footnote w:id=\"7\"><w:p><w:r><w:t>The note.</w:t></w:r></w:p>"
      "</w:footnote></w:footnotes>",
      fixtures::kWordNamespace);
  EXPECT_EQ(full_lines(read_document(make_docx(body, {{"word/footnotes.xml", notes}}), "d.docx")),
            (Strings{"kept¹²", "[1]. The note."}));
}

// A paragraph that Word hides, by its own type or by a style, is left out and told; hidden words
// are no paragraph, and what a run shows again stays.
TEST(ReadDocx, HiddenParagraphsAreTold) {
  const std::string sentence = "Close the synthetic archives of the whole region at once.";
  const std::string styles = fmt::format(
      "<w:styles {}><w:style w:type=\"paragraph\" w:styleId=\"H\"><w:rPr><w:vanish/></w:rPr>"
      "</w:style><w:style w:type=\"paragraph\" w:styleId=\"H2\"><w:basedOn w:val=\"H\"/></w:style>"
      "<w:style w:type=\"character\" w:styleId=\"C\"><w:rPr><w:vanish/></w:rPr></w:style>"
      "</w:styles>",
      fixtures::kWordNamespace);
  const auto read = [&](const std::string& hidden) {
    return read_document(make_docx("<w:p><w:r><w:t>Shown.</w:t></w:r></w:p>" + hidden,
                                   {{"word/styles.xml", styles}}),
                         "d.docx");
  };
  const auto run = [&](std::string_view properties, std::string_view text) {
    return fmt::format("<w:r><w:rPr>{}</w:rPr><w:t>{}</w:t></w:r>", properties, text);
  };
  const std::string style = "<w:p><w:pPr><w:pStyle w:val=\"H2\"/></w:pPr>";
  for (const std::string& hidden :
       {"<w:p>" + run("<w:vanish/>", sentence) + "</w:p>", style + run("", sentence) + "</w:p>",
        "<w:p>" + run("<w:rStyle w:val=\"C\"/>", sentence) + "</w:p>",
        "<w:p>" + run("<w:vanish/>", sentence.substr(0, 20)) +
            run("<w:vanish/>", sentence.substr(20)) + "</w:p>"}) {
    const auto document = read(hidden);
    EXPECT_EQ(full_lines(document), (Strings{"Shown."})) << hidden;
    EXPECT_EQ(document->warnings, (Strings{"files.hidden_text"})) << hidden;
  }
  const auto shown = read(style + run("<w:vanish w:val=\"0\"/>", sentence) + "</w:p>" + "<w:p>" +
                          run("<w:vanish/>", "draft") + "</w:p>");
  EXPECT_EQ(full_lines(shown), (Strings{"Shown.", sentence}));
  EXPECT_TRUE(shown->warnings.empty());
}

// Endnotes, a list set otherwise before a change, a paragraph whose end was deleted, bullets that are
// symbols, and labels that end in no mark.
TEST(ReadDocx, EndnotesSymbolsAndTrackedParagraphs) {
  const std::string typed =
      "<w:p><w:pPr><w:ind w:left=\"720\"/></w:pPr><w:r><w:sym w:font=\"Wingdings\" "
      "w:char=\"F0A7\"/></w:r><w:r><w:tab/><w:t>typed</w:t></w:r></w:p>";
  const std::string body =
      typed + numbered(4, 0, "one") +
      "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>tw</w:t></w:r></w:p>" +
      paragraph("o", "<w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"4\"/></w:numPr><w:pPrChange>"
                     "<w:pPr><w:numPr><w:numId w:val=\"9\"/></w:numPr></w:pPr></w:pPrChange>") +
      "<w:p><w:r><w:t>end</w:t><w:endnoteReference w:id=\"2\"/></w:r></w:p>";
  const std::string lists = fmt::format(
      "<w:numbering {}><w:abstractNum w:abstractNumId=\"6\"><w:lvl w:ilvl=\"0\"><w:start "
      "w:val=\"1\"/><w:numFmt w:val=\"decimal\"/><w:lvlText w:val=\"%1 -\"/></w:lvl>"
      "</w:abstractNum><w:num w:numId=\"4\"><w:abstractNumId w:val=\"6\"/></w:num></w:numbering>",
      fixtures::kWordNamespace);
  const std::string notes =
      fmt::format("<w:endnotes {}><w:endnote w:id=\"2\"><w:p><w:r><w:t>A note.</w:t></w:r></w:p>"
                  "</w:endnote></w:endnotes>",
                  fixtures::kWordNamespace);
  EXPECT_EQ(full_lines(read_document(
                make_docx(body, {{"word/numbering.xml", lists}, {"word/endnotes.xml", notes}}), "d")),
            (Strings{"    \uF0A7 typed", "  1. one", "  2. two", "end¹", "[1]. A note."}));
}

TEST(ReadBad, DocxBomb) {
  const std::string body = "<w:p><w:r><w:t>" + std::string(40U << 20U, 'a') + "</w:t></w:r></w:p>";
  const std::string docx = make_docx(body);
  ASSERT_LT(docx.size(), 100'000U);
  expect_refused(docx, "bomb.docx", "files.bomb");
}

// None of these packs better than a document does, and each would be held many times over.
TEST(ReadBad, DocxThatIsTooMuchToHold) {
  std::string words;
  for (std::uint32_t n = 1; words.size() <= kDocxTextBytesMax / 4; ++n) {
    words += fmt::format("{:x} ", n * 2'654'435'761U);
  }
  const std::string quarter = paragraph(words);
  const std::string whole = quarter + quarter + quarter + quarter;
  expect_refused(make_docx(whole), "text.docx", "files.bomb");

  std::string lists = fmt::format("<w:numbering {}>", fixtures::kWordNamespace);
  std::string styles = fmt::format("<w:styles {}>", fixtures::kWordNamespace);
  for (std::size_t n = 0; n <= kDocxDefinitionsMax; ++n) {
    lists += fmt::format("<w:abstractNum w:abstractNumId=\"{}\"/>", n);
    styles += fmt::format("<w:style w:styleId=\"s{0}\"><w:name w:val=\"n{0}\"/></w:style>", n);
  }
  expect_refused(make_docx(paragraph("a"), {{"word/numbering.xml", lists + "</w:numbering>"}}),
                 "lists.docx", "files.bomb");
  expect_refused(make_docx(paragraph("a"), {{"word/styles.xml", styles + "</w:styles>"}}),
                 "styles.docx", "files.bomb");
  expect_refused(make_docx("<w:p w:x=\"" + words + "\"/>"), "tag.docx", "files.bomb");
}

TEST(ReadBad, DocxCutInTheMiddle) {
  const std::string docx = make_docx(paragraph("text"));
  expect_refused(std::string_view(docx).substr(0, docx.size() / 2), "cut.docx", "files.truncated");
}

TEST(ReadBad, DocxThatIsNotXml) {
  const std::string docx = make_docx("<w:p><w:r><w:t>a</w:r></w:p>");
  const auto read = read_document(docx, "bad.docx");
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().reason, "files.malformed");
  EXPECT_EQ(param(read.error(), "part"), "word/document.xml");
  EXPECT_EQ(param(read.error(), "line"), "1");
}

TEST(ReadBad, DocxWithEntities) {
  std::map<std::string, std::string> parts = {{"[Content_Types].xml", "<Types/>"}};
  parts["word/document.xml"] =
      "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><x>&b;</x>";
  expect_refused(make_zip(parts), "laughs.docx", "files.malformed");
}

TEST(ReadBad, DocxWithoutText) {
  expect_refused(make_docx("<w:p/>"), "empty.docx", "files.empty");
}

TEST(ReadBad, AWorkbookIsNoDocument) {
  const std::string relations =
      "<Relationships><Relationship Type=\"x/officeDocument\" Target=\"xl/workbook.xml\"/>"
      "</Relationships>";
  expect_refused(make_zip({{"[Content_Types].xml", "<Types/>"},
                           {"_rels/.rels", relations},
                           {"xl/workbook.xml", "<w/>"}}),
                 "a.xlsx", "files.table");
}

TEST(ReadBad, OfficeFileLockedByAPassword) {
  std::string locked = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
  locked += std::string(600, '\0');
  for (const char c : std::string_view("EncryptedPackage")) {
    locked += c;
    locked += '\0';
  }
  expect_refused(locked, "locked.docx", "files.encrypted");
}

// --- Pdf ----------------------------------------------------------------------------------------

TEST(ReadPdf, JoinsWrappedLinesAndKeepsItemsApart) {
  const std::string full = "words that fill the whole line up to the right margin of the page here";
  const auto read = read_document(make_pdf({{{72, 72, 16, "A title"},
                                             {72, 110, 11, full},
                                             {72, 124, 11, "and end."},
                                             {72, 152, 11, "1. First"},
                                             {90, 180, 11, "a) " + full},
                                             {103, 194, 11, "which goes on"},
                                             {72, 222, 11, "2. Second"},
                                             {300, 760, 11, "1"}}}),
                                  "a.pdf");
  EXPECT_EQ(full_lines(read), (Strings{"A title", full + " and end.", "  1. First",
                                       "    a) " + full + " which goes on", "  2. Second"}));
  ASSERT_TRUE(read.has_value());
  EXPECT_TRUE(read->lines.front().heading);
  EXPECT_EQ(read->format, Format::pdf);
}

TEST(ReadPdf, AParagraphCrossesAPageAndItsFootnote) {
  const std::string full = "words that fill the whole line up to the right margin of the page here";
  const auto read = read_document(
      make_pdf({{{72, 60, 11, full},
                 {72, 74, 11, full},
                 {72, 700, 8, "1 A note at the foot."},
                 {300, 760, 11, "1"}},
                {{72, 60, 11, "ends here."}, {72, 88, 11, "Next."}, {300, 760, 11, "2"}}}),
      "a.pdf");
  EXPECT_EQ(full_lines(read),
            (Strings{full + " " + full + " ends here.", "Next.", "¹ A note at the foot."}));
}

// Two columns below a title, with an item that goes on in the second, and a menu beside a list.
TEST(ReadPdf, ReadsColumnsOneAfterTheOther) {
  const std::string full = "words that fill the column to its edge";
  std::vector<fixtures::PdfLine> page = {{50, 40, 16, "A title that stands above both of the columns"}};
  std::string expected[3] = {"  1.", "  2.", "  3."};
  for (int i = 0; i < 12; ++i) {
    const std::string start = i % 4 == 0 ? fmt::format("{}. ", i / 4 + 1) : "";
    page.push_back({50 + (i % 4 == 0 ? 0 : 12), 80 + 14 * i, 10, start + full});
    expected[i / 4] += " " + full;
  }
  for (int i = 0; i < 10; ++i) {
    page.push_back({i == 1 ? 260 : 272, 80 + 14 * i, 10, (i == 1 ? "4. " : "") + full});
  }
  page.back().text += ".";
  page.push_back({50, 300, 10, "The end."});
  expected[2] += " " + full;
  std::string last = "  4.";
  for (int i = 1; i < 10; ++i) {
    last += " " + full + (i < 9 ? "" : ".");
  }
  const auto read = read_document(make_pdf({page}), "a.pdf");
  EXPECT_EQ(full_lines(read),
            (Strings{"A title that stands above both of the columns", expected[0], expected[1],
                     expected[2], last, "The end."}));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->warnings, Strings{});

  const std::vector<std::string> menu = {"Home", "About the process", "of the Summits", "SISCA",
                                         "Contact us"};
  std::vector<fixtures::PdfLine> beside;
  for (int i = 0; i < 5; ++i) {
    beside.push_back({30, 93 + 14 * i, 10, menu[static_cast<std::size_t>(i)]});
    beside.push_back({170, 72 + 28 * i, 10, fmt::format("{}. {}", i + 1, full)});
  }
  EXPECT_EQ(full_lines(read_document(make_pdf({beside}), "a.pdf")),
            (Strings{"Home", "About the process of the Summits SISCA Contact us", "  1. " + full, "  2. " + full, "  3. " + full, "  4. " + full,
                     "  5. " + full}));
}

// The longest lines of a column leave the narrowest gutter, and are of the column all the same.
TEST(ReadPdf, TheLongestLinesOfAColumnBelongToIt) {
  const Strings left = {"36. Promote the synthetic programmes all",
                        "of the region for the prevention",
                        "of violence in its towns and",
                        "for attention to the victims",
                        "and their families, with all",
                        "reports of it;"};
  const Strings right = {
      "37. Establish the synthetic programmes", "of the region for the prevention",
      "of violence in its towns and",           "for attention to the victims",
      "and their families, with all",           "reports of it."};
  std::vector<fixtures::PdfLine> page;
  Strings expected(2);
  for (std::size_t i = 0; i < left.size(); ++i) {
    const int top = 80 + 14 * static_cast<int>(i);
    page.push_back({i == 0 ? 50 : 66, top, 10, left[i]});
    page.push_back({i == 0 ? 252 : 268, top, 10, right[i]});
    expected[0] += (i == 0 ? "  " : " ") + left[i];
    expected[1] += (i == 0 ? "  " : " ") + right[i];
  }
  EXPECT_EQ(full_lines(read_document(make_pdf({page}), "a.pdf")), expected);
}

// What stands last on every page by chance is no footer; what stands there at one height is.
TEST(ReadPdf, TheSameWordsAtTheEndsOfPagesAreNoFooter) {
  std::vector<std::vector<fixtures::PdfLine>> pages;
  Strings expected;
  for (int i = 0; i < 4; ++i) {
    const int top = 80 + 28 * i;
    pages.push_back(
        {{50, 40, 10, "Synthetic head"},
         {72, top, 10, fmt::format("{}. Words that fill the line up to its margin and", i + 1)},
         {84, top + 14, 10, "with reports on what was done;"}});
    expected.push_back(
        fmt::format("  {}. Words that fill the line up to its margin and with reports on "
                    "what was done;",
                    i + 1));
  }
  EXPECT_EQ(full_lines(read_document(make_pdf(pages), "a.pdf")), expected);
}

// Bullets that are drawn are no text: what is indented keeps its levels, and an item that ends with
// its citation goes on in no other.
TEST(ReadPdf, DrawnBulletsLeaveLevels) {
  const std::string full = "Words that fill the whole line up to the right margin of the page, then";
  std::vector<fixtures::PdfLine> page = {{50, 40, 10, "A title of the page"}};
  Strings expected = {"A title of the page"};
  int y = 60;
  for (const int x : {60, 60, 90, 90, 60, 60}) {
    page.push_back({x, y += 14, 10, full});
    page.push_back({x, y += 14, 10, full.substr(0, 55) + " (Plan, 2001)."});
    expected.push_back((x > 60 ? "    " : "  ") + full + " " + page.back().text);
  }
  const auto read = read_document(make_pdf({{{50, 40, 10, "Synthetic"}}, page}), "a.pdf");
  expected.insert(expected.begin(), "Synthetic");
  EXPECT_EQ(full_lines(read), expected);
  EXPECT_EQ(read->warnings, Strings{"files.drawn_bullets"});
  EXPECT_EQ(read->warning_pages.at("files.drawn_bullets"), 2);
}

// Two columns that stand too near to be parted are mixed: somebody is told where.
TEST(ReadPdf, ColumnsWithAThinGutterAreTold) {
  std::vector<fixtures::PdfLine> page;
  for (int i = 0; i < 14; ++i) {
    page.push_back({50, 80 + 14 * i, 10, i % 2 == 0 ? "mmmmm mm mmm mmmm" : "mm mmmmmm mmmm mm"});
    page.push_back({179, 80 + 14 * i, 10, i % 3 == 0 ? "nn nnnnn nnnn nn" : "nnnnnn nn nnn nnn"});
  }
  const auto read = read_document(make_pdf({page}), "a.pdf");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->warnings, Strings{"files.side_by_side"});
}

// Rows whose cells begin at one height stay rows, and a person is asked to compare; a column of
// numbers is no column.
TEST(ReadPdf, TablesStayRows) {
  std::vector<fixtures::PdfLine> rows;
  std::vector<fixtures::PdfLine> numbered_rows;
  std::string expected;
  for (int i = 0; i < 6; ++i) {
    const std::string name = i % 2 == 0 ? "Peru" : "Trinidad and Tobago";
    rows.push_back({50, 80 + 20 * i, 10, name});
    rows.push_back({250, 80 + 20 * i, 10, "signed the convention"});
    expected += (i > 0 ? " " : "") + name + " signed the convention";
    numbered_rows.push_back({50, 80 + 20 * i, 10, fmt::format("{}.", i + 1)});
    numbered_rows.push_back({90, 80 + 20 * i, 10, "Sign the convention."});
  }
  const auto read = read_document(make_pdf({rows}), "a.pdf");
  EXPECT_EQ(full_lines(read), (Strings{expected}));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->warnings, (Strings{"files.side_by_side"}));
  const auto plain = read_document(make_pdf({numbered_rows}), "a.pdf");
  ASSERT_EQ(full_lines(plain).size(), 6U);
  EXPECT_EQ(full_lines(plain)[5], "  6. Sign the convention.");
  EXPECT_TRUE(plain->warnings.empty());
}

TEST(ReadBad, PdfCutInTheMiddle) {
  const std::string pdf = make_pdf({{{72, 72, 11, "text"}}});
  expect_refused(std::string_view(pdf).substr(0, pdf.size() / 2), "cut.pdf", "files.truncated");
}

TEST(ReadBad, PdfThatIsDamaged) {
  expect_refused("%PDF-1.4\ngarbage\nstartxref\n99999\n%%EOF\n", "bad.pdf", "files.malformed");
}

TEST(ReadBad, PdfOfPicturesHasNoText) {
  expect_refused(make_pdf({{}}), "scan.pdf", "files.empty");
}

TEST(ReadBad, PdfLockedByAPassword) {
  const std::string path = std::string(ATALAYA_SOURCE_DIR) + "/tests/corpora/files/locked.pdf";
  const auto bytes = read_file(path);
  ASSERT_TRUE(bytes.has_value()) << path;
  expect_refused(*bytes, path, "files.encrypted");
}

// A page that draws itself without end would keep poppler busy for hours.
TEST(ReadBad, PdfThatNeverEndsIsStopped) {
  std::string stream;
  for (int i = 0; i < 40; ++i) {
    stream += "/X Do ";
  }
  std::string pdf = "%PDF-1.4\n";
  std::vector<std::size_t> offsets;
  const auto object = [&](const std::string& body) {
    offsets.push_back(pdf.size());
    pdf += fmt::format("{} 0 obj\n{}\nendobj\n", offsets.size(), body);
  };
  constexpr int kForms = 12;
  object("<< /Type /Catalog /Pages 2 0 R >>");
  object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
  object(
      fmt::format("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
                  "/Resources << /XObject << /X 5 0 R >> >> >>"));
  object(fmt::format("<< /Length {} >>\nstream\n{}\nendstream", stream.size(), stream));
  for (int i = 0; i < kForms; ++i) {
    object(
        fmt::format("<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << "
                    "/X {} 0 R >> >> /Length {} >>\nstream\n{}\nendstream",
                    i + 1 < kForms ? 6 + i : 99, stream.size(), stream));
  }
  const std::size_t xref = pdf.size();
  pdf += fmt::format("xref\n0 {}\n0000000000 65535 f \n", offsets.size() + 1);
  for (const std::size_t offset : offsets) {
    pdf += fmt::format("{:010} 00000 n \n", offset);
  }
  pdf += fmt::format("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n",
                     offsets.size() + 1, xref);
  const auto read = extract_pdf(pdf, "endless.pdf", {.cpu_seconds = 1, .wall_seconds = 4});
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().reason, "files.bomb");
  EXPECT_EQ(param(read.error(), "file"), "endless.pdf");
}

// --- Files --------------------------------------------------------------------------------------

TEST(ReadFile, WholeMissingAndTooLarge) {
  const std::filesystem::path folder =
      std::filesystem::path(::testing::TempDir()) / "atalaya_files";
  std::filesystem::create_directories(folder);
  const std::string path = (folder / "a.txt").string();
  std::ofstream(path, std::ios::binary) << "hello";
  const auto read = read_file(path);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, "hello");
  EXPECT_EQ(read_file((folder / "none.txt").string()).error().reason, "files.not_found");
  EXPECT_EQ(read_file(folder.string()).error().reason, "files.unreadable");
  // 200 MB without writing them: the size alone decides.
  std::filesystem::resize_file(path, 200'000'000);
  const auto large = read_file(path);
  ASSERT_FALSE(large.has_value());
  EXPECT_EQ(large.error().reason, "files.too_large");
  EXPECT_EQ(large.error().code, ErrorCode::invalid_argument);
  std::filesystem::remove_all(folder);
}

// --- Properties ---------------------------------------------------------------------------------

TEST(ReadHtml, APagesFooterIsNoTextButThatOfAnArticleIs) {
  const auto lines = full_lines(read_document(
      "<html><body><div><article><ol><li>Adopt a plan.</li></ol><footer><p>1 A footnote.</p>"
      "</footer></article><footer><ul><li>Phone +1 000</li></ul></footer></div>"
      "<p>Adopted.</p><footer>Mail us</footer></body></html>",
      "p.html"));
  EXPECT_EQ(lines, (Strings{"  1. Adopt a plan.", "1 A footnote.", "Adopted."}));
}

// Whatever stands in html as items and paragraphs comes out, in order, whatever its text.
RC_GTEST_PROP(ReadHtmlProperty, NoItemIsLost, ()) {
  const auto words = *rc::gen::container<std::vector<std::string>>(
      rc::gen::nonEmpty(rc::gen::string<std::string>()));
  std::string page = "<html><body><ol>";
  Strings expected;
  for (const std::string& word : words) {
    std::string text;
    for (const char c : word) {
      const auto letter = static_cast<unsigned char>(c);
      text += static_cast<char>('a' + letter % 26);
    }
    page += "<li>" + text + "</li>";
    expected.push_back(fmt::format("  {}. {}", expected.size() + 1, text));
  }
  page += "</ol><p>end</p></body></html>";
  expected.emplace_back("end");
  RC_ASSERT(full_lines(read_document(page, "p.html")) == expected);
}

}  // namespace
}  // namespace atalaya::files
