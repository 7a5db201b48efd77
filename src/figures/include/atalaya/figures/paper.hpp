#pragma once
// A document for paper: a brief, a report, a bulletin. It is written once, as blocks, and comes out
// as a page, as PDF (A4 or Letter, tagged, with outline and links) and as docx (real headings, real
// tables, vector charts), with the same words in the same order. All strings are UTF-8.
// Pure but for the PDF's fonts, which are the program's own; any thread.

#include <string>
#include <variant>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/base/time.hpp>
#include <atalaya/figures/html.hpp>

namespace atalaya::figures {

struct PaperRun {
  std::string text = {};
  bool strong = false;
  std::string url = {};  // absolute for paper that leaves the node; unsafe ones are dropped
  std::string language = {};  // of the words, where it is another one than the paper's: "en"
};

using PaperText = std::vector<PaperRun>;

struct PaperHeading {
  int level = 2;  // 2 or 3; the title is 1
  std::string text = {};
  std::string id = {};  // of the page's anchor; may be empty
};

/// `mark` stands apart with a bar at its side: what is missing, what needs attention.
enum class PaperStyle { normal, lead, small, item, quote, mark };

struct PaperParagraph {
  PaperStyle style = PaperStyle::normal;
  PaperText text = {};
};

struct PaperTable {
  std::string caption = {};
  std::vector<std::string> header = {};
  std::vector<std::vector<PaperText>> rows = {};  // each as long as the header
  std::vector<bool> numeric = {};                 // columns set flush right; may be short
};

struct PaperChart {
  std::string title = {}, subtitle = {}, source = {};
  std::string svg = {};  // a whole SVG document with its colours in it, width and height in px
  PaperTable table = {};
};

/// The next block begins a page.
struct PaperBreak {};

using PaperBlock = std::variant<PaperHeading, PaperParagraph, PaperTable, PaperChart, PaperBreak>;

enum class PaperSize { a4, letter };

struct Paper {
  Language language = Language::en;
  std::string title = {}, subtitle = {};
  std::string author = {};   // the node's name
  std::string notice = {};   // at the foot of every page: "not official text", "synthetic"
  std::string page_of = {};  // "Page {n} of {total}"
  CivilDate date = {};
  PaperSize size = PaperSize::a4;
  std::vector<PaperBlock> blocks = {};
};

/// The blocks as elements of a page, under a heading of level 1.
[[nodiscard]] Html paper_html(const Paper& paper);
/// A file of its own that loads nothing from elsewhere.
[[nodiscard]] std::string paper_html_file(const Paper& paper);
/// internal (figures.paper.pdf) where a chart is no SVG or the fonts cannot be set up.
[[nodiscard]] Result<std::string> paper_pdf(const Paper& paper);
/// Office Open XML (ISO/IEC 29500, transitional). internal (figures.paper.docx) likewise.
[[nodiscard]] Result<std::string> paper_docx(const Paper& paper);

}  // namespace atalaya::figures
