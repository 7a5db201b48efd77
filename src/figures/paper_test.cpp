// The paper's three forms are read back by readers that nobody here wrote: Poppler for the PDF,
// libzip for the docx.
#include <gtest/gtest.h>

#include <memory>

#include <poppler-document.h>
#include <poppler-page.h>
#include <zip.h>

#include <atalaya/figures/paper.hpp>

namespace atalaya::figures {
namespace {

constexpr std::string_view kSvg =
    R"(<svg xmlns="http://www.w3.org/2000/svg" width="300" height="120" viewBox="0 0 300 120">)"
    R"(<rect width="300" height="120" fill="#dfeeef"/><path d="M0 100L300 20" stroke="#0b5563"/></svg>)";

Paper sample(std::size_t rows) {
  Paper paper{.language = Language::es,
              .title = "Panamá: tráfico de armas",
              .subtitle = "Qué se comprometió, <desde> cuándo & qué falta",
              .author = "Observatorio «Sintético»",
              .notice = "No es texto oficial",
              .page_of = "Página {n} de {total}",
              .date = {.year = 2026, .month = 11, .day = 22}};
  paper.blocks.push_back(PaperHeading{.text = "Compromisos", .id = "c"});
  paper.blocks.push_back(
      PaperParagraph{.text = {{.text = "Véase "},
                              {.text = "la fuente", .url = "https://example.org/a?b='c'"},
                              {.text = " y ", .strong = true},
                              {.text = "nada", .url = "javascript:alert(1)"}}});
  paper.blocks.push_back(PaperParagraph{
      .text = {{.text = "From a page of its own", .language = "en"}, {.text = " [en]"}}});
  paper.blocks.push_back(PaperParagraph{.style = PaperStyle::item, .text = {{.text = "Uno"}}});
  paper.blocks.push_back(PaperParagraph{.style = PaperStyle::item, .text = {{.text = "Dos"}}});
  paper.blocks.push_back(PaperParagraph{.style = PaperStyle::mark, .text = {{.text = "Falta"}}});
  paper.blocks.push_back(PaperChart{.title = "Homicidios",
                                    .subtitle = "por 100 000 habitantes",
                                    .source = "Fuente: sintética",
                                    .svg = std::string(kSvg)});
  PaperTable table{.caption = "Tabla", .header = {"Tratado", "Estado", "Año"}};
  table.numeric = {false, false, true};
  for (std::size_t i = 0; i < rows; ++i) {
    table.rows.push_back({{{.text = "Convención número " + std::to_string(i)}},
                          {{.text = "ratificada después de una larga deliberación parlamentaria"}},
                          {{.text = std::to_string(1990 + i)}}});
  }
  paper.blocks.push_back(std::move(table));
  return paper;
}

std::string text_of(const std::string& pdf, int* pages) {
  const std::unique_ptr<poppler::document> document(
      poppler::document::load_from_raw_data(pdf.data(), static_cast<int>(pdf.size())));
  EXPECT_NE(document, nullptr);
  std::string all;
  *pages = document->pages();
  for (int i = 0; i < *pages; ++i) {
    const std::unique_ptr<poppler::page> page(document->create_page(i));
    const auto bytes = page->text().to_utf8();
    all.append(bytes.begin(), bytes.end());
  }
  return all;
}

TEST(Paper, PdfHoldsEveryWordAndNumbersItsPages) {
  const auto pdf = paper_pdf(sample(90));
  ASSERT_TRUE(pdf.has_value()) << pdf.error().detail;
  int pages = 0;
  const std::string text = text_of(*pdf, &pages);
  ASSERT_GE(pages, 2);
  for (const std::string_view wanted :
       {"Panamá: tráfico de armas", "Compromisos", "la fuente", "Uno", "Dos", "Falta",
        "Fuente: sintética", "Convención número 0", "Convención número 89", "No es texto oficial",
        "22 de noviembre de 2026", "own [en]"}) {
    EXPECT_NE(text.find(wanted), std::string::npos) << wanted;
  }
  EXPECT_NE(text.find("Página 1 de " + std::to_string(pages)), std::string::npos);
  EXPECT_NE(text.find("Página " + std::to_string(pages) + " de " + std::to_string(pages)),
            std::string::npos);
  // The header row stands again on every page that the table goes on to.
  std::size_t headers = 0;
  for (std::size_t at = text.find("Tratado"); at != std::string::npos;
       at = text.find("Tratado", at + 1)) {
    ++headers;
  }
  EXPECT_GE(headers, 2U);
  EXPECT_NE(pdf->find("https://example.org/a?b='c'"), std::string::npos);
  EXPECT_EQ(pdf->find("javascript"), std::string::npos);
}

// A heading goes to the next page with a table whose head and first row do not fit under it.
TEST(Paper, AHeadingStaysWithTheTableThatFollows) {
  Paper paper{.title = "T", .subtitle = "s", .date = {.year = 2026, .month = 11, .day = 22}};
  for (int i = 0; i < 40; ++i) {
    paper.blocks.push_back(PaperParagraph{.text = {{.text = "line " + std::to_string(i)}}});
    Paper now = paper;
    std::string tall;
    for (int word = 0; word < 140; ++word) {
      tall += "word ";
    }
    now.blocks.push_back(PaperHeading{.level = 3, .text = "Heading"});
    now.blocks.push_back(
        PaperTable{.header = {"Head", "Other"}, .rows = {{{{.text = "First"}}, {{.text = tall}}}}});
    const auto pdf = paper_pdf(now);
    ASSERT_TRUE(pdf.has_value());
    const std::unique_ptr<poppler::document> document(
        poppler::document::load_from_raw_data(pdf->data(), static_cast<int>(pdf->size())));
    for (int page = 0; page < document->pages(); ++page) {
      const std::unique_ptr<poppler::page> one(document->create_page(page));
      const auto utf8 = one->text().to_utf8();
      const std::string words(utf8.begin(), utf8.end());
      EXPECT_EQ(words.find("Heading") == std::string::npos,
                words.find("First") == std::string::npos)
          << i << ", page " << page;
    }
  }
}

TEST(Paper, SameWordsGiveSameBytes) {
  EXPECT_EQ(paper_pdf(sample(5)).value(), paper_pdf(sample(5)).value());
  EXPECT_EQ(paper_docx(sample(5)).value(), paper_docx(sample(5)).value());
}

TEST(Paper, AParagraphLongerThanAPageGoesOn) {
  Paper paper = sample(1);
  std::string words;
  for (int i = 0; i < 3000; ++i) {
    words += "palabra" + std::to_string(i) + " ";
  }
  paper.blocks.push_back(PaperParagraph{.text = {{.text = words}}});
  const auto pdf = paper_pdf(paper);
  ASSERT_TRUE(pdf.has_value());
  int pages = 0;
  const std::string text = text_of(*pdf, &pages);
  EXPECT_GE(pages, 3);
  EXPECT_NE(text.find("palabra0 "), std::string::npos);
  EXPECT_NE(text.find("palabra2999"), std::string::npos);
}

TEST(Paper, DocxHasItsPartsAndEscapesWhatItSays) {
  const auto docx = paper_docx(sample(3));
  ASSERT_TRUE(docx.has_value()) << docx.error().detail;
  zip_source_t* source = zip_source_buffer_create(docx->data(), docx->size(), 0, nullptr);
  zip_t* archive = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, nullptr);
  ASSERT_NE(archive, nullptr);
  const auto part = [&](const char* name) {
    zip_stat_t stat;
    std::string bytes;
    if (zip_stat(archive, name, 0, &stat) == 0) {
      bytes.resize(stat.size);
      zip_file_t* file = zip_fopen(archive, name, 0);
      zip_fread(file, bytes.data(), bytes.size());
      zip_fclose(file);
    }
    return bytes;
  };
  EXPECT_STREQ(zip_get_name(archive, 0, 0), "[Content_Types].xml");
  const std::string body = part("word/document.xml");
  EXPECT_NE(body.find("&lt;desde&gt; cuándo &amp; qué falta"), std::string::npos);
  EXPECT_NE(body.find("<w:tblHeader/>"), std::string::npos);
  EXPECT_NE(body.find("<w:lang w:val=\"en\"/></w:rPr><w:t xml:space=\"preserve\">From a page"),
            std::string::npos);
  const std::string foot = part("word/footer1.xml");
  EXPECT_NE(foot.find("22 de noviembre de 2026"), std::string::npos);
  EXPECT_EQ(foot.find("2026-11-22"), std::string::npos);
  EXPECT_EQ(part("word/media/chart1.svg"), kSvg);
  EXPECT_EQ(part("word/media/chart1.png").substr(1, 3), "PNG");
  EXPECT_EQ(part("word/_rels/document.xml.rels").find("javascript"), std::string::npos);
  zip_discard(archive);
}

TEST(Paper, HtmlFileLoadsNothingAndEscapes) {
  const std::string html = paper_html_file(sample(2));
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find("<link"), std::string::npos);
  EXPECT_EQ(html.find("javascript"), std::string::npos);
  EXPECT_NE(html.find("&lt;desde&gt;"), std::string::npos);
  EXPECT_NE(html.find("<span lang=\"en\">From a page of its own</span> [en]"), std::string::npos);
  EXPECT_NE(html.find("Observatorio «Sintético» · 22 de noviembre de 2026"), std::string::npos);
  EXPECT_NE(html.find("<ul><li>Uno</li><li>Dos</li></ul>"), std::string::npos);
}

TEST(Paper, AChartThatIsNoSvgIsRefused) {
  Paper paper = sample(1);
  paper.blocks.push_back(PaperChart{.title = "x", .svg = "no drawing"});
  EXPECT_EQ(paper_pdf(paper).error().reason, "figures.paper.chart");
  EXPECT_EQ(paper_docx(paper).error().reason, "figures.paper.chart");
}

}  // namespace
}  // namespace atalaya::figures
