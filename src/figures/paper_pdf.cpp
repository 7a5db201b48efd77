// A paper as PDF: Pango sets the lines, Cairo writes the pages. Blocks are first measured and put
// on pages as things to draw, because every foot names the number of pages; then they are drawn,
// each inside its structure tag, so that a screen reader meets headings, paragraphs and tables.
#include <atalaya/figures/paper.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <numeric>
#include <utility>

#include <cairo-pdf.h>
#include <fmt/format.h>
#include <pango/pangocairo.h>

#include <atalaya/figures/locale.hpp>

#include "paper_chart.hpp"

namespace atalaya::figures {
namespace {

constexpr double kMillimetre = 72 / 25.4;
constexpr double kMargin = 18 * kMillimetre;
constexpr double kFoot = 12 * kMillimetre;
constexpr double kCellGap = 6;  // between columns, points
constexpr double kRowGap = 3;   // above and under the text of a cell
// As use_own_fonts() knows it; set as a family, because a description would read a weight in it.
constexpr const char* kFamily = "Source Sans 3 ExtraLight,DejaVu Sans";

struct Colour {
  double red = 0, green = 0, blue = 0;
};

constexpr Colour kInk{0.078, 0.129, 0.165};
constexpr Colour kInk2{0.263, 0.322, 0.357};
constexpr Colour kLine{0.855, 0.843, 0.8};
constexpr Colour kAction{0.043, 0.333, 0.388};
constexpr Colour kWarn{0.612, 0.247, 0.024};

struct Free {
  void operator()(PangoLayout* layout) const { g_object_unref(layout); }

  void operator()(PangoFontDescription* font) const { pango_font_description_free(font); }

  void operator()(cairo_t* cairo) const { cairo_destroy(cairo); }

  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};

template <class T>
using Owned = std::unique_ptr<T, Free>;
using Layout = std::shared_ptr<PangoLayout>;

struct Type {
  double points = 10.5;
  bool strong = false;
  Colour colour = kInk;
  bool right = false;
};

std::unexpected<Error> broken(std::string_view what) {
  return fail(ErrorCode::internal, "figures.paper.pdf", what);
}

void ink(cairo_t* to, const Colour& colour) {
  cairo_set_source_rgb(to, colour.red, colour.green, colour.blue);
}

// An attribute of Cairo's tags: quotes and backslashes would end it.
std::string tag_value(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'' || c == '\\') {
      out += '\\';
    }
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

struct Link {
  int begin = 0, end = 0;  // bytes of the layout's text
  std::string url;
};

struct Text {
  Layout layout;
  std::vector<Link> links;
  double width = 0, height = 0;
};

/// What stands on a page: draws itself with its upper left corner at x, y.
struct Item {
  double x = 0, y = 0;
  int table = 0;  // rows of one table on one page stand in one structure element; 0: no row
  std::function<void(cairo_t*, double x, double y)> draw;
};

using Page = std::vector<Item>;

class Composer {
 public:
  Composer(const Paper& paper, cairo_t* measure)
      : paper_(paper),
        measure_(measure),
        wide_(paper.size == PaperSize::a4 ? 210 * kMillimetre : 612),
        high_(paper.size == PaperSize::a4 ? 297 * kMillimetre : 792) {}

  Result<std::vector<Page>> compose() {
    pages_.emplace_back();
    put(set({{.text = paper_.title}}, {.points = 21, .strong = true}, inner()), "H1", 2);
    put(set({{.text = paper_.subtitle}}, {.points = 12, .colour = kInk2}, inner()), "P", 6);
    for (std::size_t i = 0; i < paper_.blocks.size(); ++i) {
      const bool last = i + 1 == paper_.blocks.size();
      follows_ = last ? 0 : begin_of(paper_.blocks[i + 1]);
      ATALAYA_TRY(std::visit([this](const auto& one) { return add(one); }, paper_.blocks[i]));
    }
    return std::move(pages_);
  }

  // How much of a block a heading before it must have on its own page.
  [[nodiscard]] double begin_of(const PaperBlock& block) const {
    constexpr double kLines = 60;
    const auto* table = std::get_if<PaperTable>(&block);
    if (table == nullptr || table->rows.empty()) {
      return kLines;
    }
    const std::vector<double> widths = column_widths(*table);
    const double first = make_row(table->rows.front(), *table, widths, false).height;
    return std::max(kLines, header_of(*table, widths).height + first + 30);
  }

  [[nodiscard]] double wide() const { return wide_; }

  [[nodiscard]] double high() const { return high_; }

  struct Mark {
    std::string text;
    std::size_t page;  // from 0
    int level;
  };

  [[nodiscard]] const std::vector<Mark>& marks() const { return marks_; }

  Text set(const PaperText& runs, const Type& type, double width) const {
    Text text;
    text.layout = Layout(pango_cairo_create_layout(measure_), Free());
    PangoLayout* layout = text.layout.get();
    const Owned<PangoFontDescription> font(pango_font_description_new());
    pango_font_description_set_family_static(font.get(), kFamily);
    pango_font_description_set_size(font.get(), static_cast<gint>(type.points * PANGO_SCALE));
    if (type.strong) {
      pango_font_description_set_weight(font.get(), PANGO_WEIGHT_SEMIBOLD);
    }
    pango_layout_set_font_description(layout, font.get());
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_width(layout, width > 0 ? static_cast<int>(width * PANGO_SCALE) : -1);
    pango_layout_set_alignment(layout, type.right ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
    pango_layout_set_line_spacing(layout, 1.18F);
    std::string all;
    PangoAttrList* attributes = pango_attr_list_new();
    const auto colour = [](double part) { return static_cast<guint16>(part * 65535); };
    for (const PaperRun& run : runs) {
      const auto begin = static_cast<guint>(all.size());
      all += without_turns(run.text);
      const auto end = static_cast<guint>(all.size());
      const auto insert = [&](PangoAttribute* attribute) {
        attribute->start_index = begin;
        attribute->end_index = end;
        pango_attr_list_insert(attributes, attribute);
      };
      if (run.strong) {
        insert(pango_attr_weight_new(PANGO_WEIGHT_SEMIBOLD));
      }
      if (!run.url.empty() && safe_url(run.url) != "#" && run.url.find("://") != run.url.npos) {
        insert(pango_attr_foreground_new(colour(kAction.red), colour(kAction.green),
                                         colour(kAction.blue)));
        text.links.push_back(
            {.begin = static_cast<int>(begin), .end = static_cast<int>(end), .url = run.url});
      }
    }
    pango_layout_set_text(layout, all.data(), static_cast<int>(all.size()));
    pango_layout_set_attributes(layout, attributes);
    pango_attr_list_unref(attributes);
    PangoRectangle size;
    pango_layout_get_extents(layout, nullptr, &size);
    text.width = static_cast<double>(size.width) / PANGO_SCALE;
    text.height = static_cast<double>(size.height) / PANGO_SCALE;
    return text;
  }

  static void show(cairo_t* to, const Text& text, const Type& type, double x, double y) {
    ink(to, type.colour);
    cairo_move_to(to, x, y);
    pango_cairo_update_layout(to, text.layout.get());
    pango_cairo_show_layout(to, text.layout.get());
    for (const Link& link : text.links) {
      PangoRectangle begin;
      PangoRectangle end;
      pango_layout_index_to_pos(text.layout.get(), link.begin, &begin);
      pango_layout_index_to_pos(text.layout.get(), std::max(link.begin, link.end - 1), &end);
      const bool one_line = begin.y == end.y;
      const double left = one_line ? x + static_cast<double>(begin.x) / PANGO_SCALE : x;
      const double width =
          one_line ? static_cast<double>(end.x + end.width - begin.x) / PANGO_SCALE : text.width;
      const std::string attributes =
          fmt::format("uri='{}' rect=[{:.2f} {:.2f} {:.2f} {:.2f}]", tag_value(link.url), left,
                      y + static_cast<double>(begin.y) / PANGO_SCALE, std::max(width, 1.0),
                      static_cast<double>(end.y + end.height - begin.y) / PANGO_SCALE);
      cairo_tag_begin(to, CAIRO_TAG_LINK, attributes.c_str());
      cairo_tag_end(to, CAIRO_TAG_LINK);
    }
  }

 private:
  [[nodiscard]] double inner() const { return wide_ - 2 * kMargin; }

  [[nodiscard]] double bottom() const { return high_ - kMargin - kFoot; }

  void new_page() {
    pages_.emplace_back();
    y_ = kMargin;
  }

  void need(double height) {
    if (y_ + height > bottom() && !pages_.back().empty()) {
      new_page();
    }
  }

  void place(double x, double height, std::function<void(cairo_t*, double, double)> draw) {
    pages_.back().push_back({.x = x, .y = y_, .table = table_, .draw = std::move(draw)});
    y_ += height;
  }

  // Text that is longer than a page goes over pages line by line; everything else stays together.
  void put(const Text& text, const char* tag, double after, const Type& type = {},
           double indent = 0) {
    need(std::min(text.height, 90.0));
    if (y_ + text.height <= bottom()) {
      place(kMargin + indent, text.height + after,
            [text, tag, type](cairo_t* to, double x, double y) {
              cairo_tag_begin(to, tag, nullptr);
              show(to, text, type, x, y);
              cairo_tag_end(to, tag);
            });
      return;
    }
    put_lines(text, tag, type, indent);
    y_ += after;
  }

  void put_lines(const Text& text, const char* tag, const Type& type, double indent) {
    const int lines = pango_layout_get_line_count(text.layout.get());
    double from = 0;
    PangoLayoutIter* at = pango_layout_get_iter(text.layout.get());
    for (int i = 0; i < lines; ++i) {
      int top = 0;
      int low = 0;
      pango_layout_iter_get_line_yrange(at, &top, &low);
      const double height = static_cast<double>(low - top) / PANGO_SCALE;
      need(height);
      const double base =
          static_cast<double>(pango_layout_iter_get_baseline(at) - top) / PANGO_SCALE;
      place(kMargin + indent, height, [text, tag, type, i, base](cairo_t* to, double x, double y) {
        cairo_tag_begin(to, tag, nullptr);
        ink(to, type.colour);
        cairo_move_to(to, x, y + base);
        pango_cairo_show_layout_line(to, pango_layout_get_line_readonly(text.layout.get(), i));
        cairo_tag_end(to, tag);
      });
      from += height;
      pango_layout_iter_next_line(at);
    }
    pango_layout_iter_free(at);
  }

  Result<void> add(const PaperHeading& heading) {
    const bool upper = heading.level <= 2;
    const Type type{.points = upper ? 15.0 : 12.0, .strong = true};
    const Text text = set({{.text = heading.text}}, type, inner());
    y_ += pages_.back().empty() ? 0 : upper ? 14 : 8;
    need(text.height + follows_);  // never alone at the foot of a page
    marks_.push_back({heading.text, pages_.size() - 1, upper ? 1 : 2});
    put(text, upper ? "H2" : "H3", 4, type);
    return {};
  }

  Result<void> add(const PaperParagraph& one) {
    Type type;
    double indent = 0;
    switch (one.style) {
      case PaperStyle::normal:
        break;
      case PaperStyle::lead:
        type = {.points = 12, .colour = kInk2};
        break;
      case PaperStyle::small:
        type = {.points = 8.5, .colour = kInk2};
        break;
      case PaperStyle::item:
      case PaperStyle::quote:
      case PaperStyle::mark:
        indent = 12;
        break;
    }
    const Text text = set(one.text, type, inner() - indent);
    need(std::min(text.height, 90.0));
    if (one.style == PaperStyle::item) {
      const Text dot = set({{.text = "•"}}, type, 0);
      place(kMargin + 2, 0,
            [dot, type](cairo_t* to, double x, double y) { show(to, dot, type, x, y); });
    } else if (one.style == PaperStyle::mark || one.style == PaperStyle::quote) {
      const Colour colour = one.style == PaperStyle::mark ? kWarn : kLine;
      const double height = std::min(text.height, bottom() - y_);
      place(kMargin, 0, [colour, height](cairo_t* to, double x, double y) {
        ink(to, colour);
        cairo_rectangle(to, x, y, 3, height);
        cairo_fill(to);
      });
    }
    put(text, "P", one.style == PaperStyle::item ? 2.5 : 5, type, indent);
    return {};
  }

  // Natural widths where they fit; otherwise what is left is shared by need, but no column gets
  // less than its longest word.
  [[nodiscard]] std::vector<double> column_widths(const PaperTable& table) const {
    const std::size_t n = table.header.size();
    std::vector<double> natural(n, 0);
    std::vector<double> least(n, 0);
    const auto see = [&](std::size_t i, const PaperText& cell, bool strong) {
      const Type type{.points = 9, .strong = strong};
      natural[i] = std::max(natural[i], set(cell, type, 0).width);
      std::string all;
      for (const PaperRun& run : cell) {
        all += without_turns(run.text);
      }
      for (const std::string_view word : split(all, ' ')) {
        if (word.size() > 3) {
          least[i] = std::max(least[i], set({{.text = std::string(word)}}, type, 0).width);
        }
      }
    };
    for (std::size_t i = 0; i < n; ++i) {
      see(i, {{.text = table.header[i]}}, true);
    }
    constexpr std::size_t kLooked = 60;  // rows that decide the widths
    for (std::size_t r = 0; r < std::min(table.rows.size(), kLooked); ++r) {
      for (std::size_t i = 0; i < std::min(n, table.rows[r].size()); ++i) {
        see(i, table.rows[r][i], false);
      }
    }
    const double room = inner() - kCellGap * static_cast<double>(n > 0 ? n - 1 : 0);
    const double sum = std::accumulate(natural.begin(), natural.end(), 0.0);
    if (sum <= room) {
      if (n > 0) {
        // Numbers stand at the right edge of the page; words stay together.
        natural[0] += std::ranges::count(table.numeric, true) > 0 ? room - sum : 0;
      }
      return natural;
    }
    const double floor = std::accumulate(least.begin(), least.end(), 0.0);
    std::vector<double> widths(n, 0);
    for (std::size_t i = 0; i < n; ++i) {
      const double share = sum > floor ? (natural[i] - least[i]) / (sum - floor) : 1.0 / sum;
      widths[i] = floor < room ? least[i] + share * (room - floor) : room / static_cast<double>(n);
    }
    return widths;
  }

  struct Row {
    std::vector<Text> cells;
    double height = 0;
    bool header = false;
  };

  void put_row(const Row& row, const std::vector<double>& widths) {
    place(kMargin, row.height, [row, widths, this](cairo_t* to, double x, double y) {
      const Type type{.points = 9, .strong = row.header};
      cairo_tag_begin(to, "TR", nullptr);
      double at = x;
      for (std::size_t i = 0; i < row.cells.size(); ++i) {
        const char* tag = row.header || i == 0 ? "TH" : "TD";
        cairo_tag_begin(to, tag, nullptr);
        show(to, row.cells[i], type, at, y + kRowGap);
        cairo_tag_end(to, tag);
        at += widths[i] + kCellGap;
      }
      cairo_tag_end(to, "TR");
      ink(to, kLine);
      cairo_set_line_width(to, row.header ? 1.0 : 0.5);
      cairo_move_to(to, x, y + row.height);
      cairo_line_to(to, x + inner(), y + row.height);
      cairo_stroke(to);
    });
  }

  Row make_row(const std::vector<PaperText>& cells, const PaperTable& table,
               const std::vector<double>& widths, bool header) const {
    Row row;
    row.header = header;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const Type type{
          .points = 9, .strong = header, .right = i < table.numeric.size() && table.numeric[i]};
      row.cells.push_back(set(i < cells.size() ? cells[i] : PaperText{}, type, widths[i]));
      row.height = std::max(row.height, row.cells.back().height + 2 * kRowGap);
    }
    return row;
  }

  Row header_of(const PaperTable& table, const std::vector<double>& widths) const {
    std::vector<PaperText> titles;
    for (const std::string& title : table.header) {
      titles.push_back({{.text = title}});
    }
    return make_row(titles, table, widths, true);
  }

  Result<void> add(const PaperTable& table) {
    const std::vector<double> widths = column_widths(table);
    const Row header = header_of(table, widths);
    // Caption, header and first row stay on one page.
    const double first =
        table.rows.empty() ? 0 : make_row(table.rows.front(), table, widths, false).height;
    const double head = header.height + std::max(first, 30.0);
    if (!table.caption.empty()) {
      const Type type{.points = 10, .strong = true};
      const Text caption = set({{.text = table.caption}}, type, inner());
      need(caption.height + head + 10);
      put(caption, "Caption", 2, type);
    }
    need(head);
    table_ = ++tables_;
    put_row(header, widths);
    for (const std::vector<PaperText>& cells : table.rows) {
      const Row row = make_row(cells, table, widths, false);
      if (y_ + row.height > bottom() && !pages_.back().empty()) {
        new_page();
        put_row(header, widths);
      }
      put_row(row, widths);
    }
    table_ = 0;
    y_ += 8;
    return {};
  }

  Result<void> add(const PaperChart& chart) {
    const auto drawing = std::make_shared<PaperDrawing>(ATALAYA_TRY(PaperDrawing::load(chart.svg)));
    const Type title{.points = 10.5, .strong = true};
    const Type small{.points = 8.5, .colour = kInk2};
    const double scale =
        std::min({0.75, inner() / drawing->width(), (bottom() - kMargin - 80) / drawing->height()});
    const double width = drawing->width() * scale;
    const double height = drawing->height() * scale;
    need(height + 48);
    put(set({{.text = chart.title}}, title, inner()), "P", 0, title);
    put(set({{.text = chart.subtitle}}, small, inner()), "P", 2, small);
    place(kMargin, height + 2, [drawing, width, height](cairo_t* to, double x, double y) {
      cairo_tag_begin(to, "Figure", nullptr);
      // A chart that cannot be drawn leaves its place empty; its table follows.
      (void)drawing->draw(to, x, y, width, height).has_value();
      cairo_tag_end(to, "Figure");
    });
    put(set({{.text = chart.source}}, small, inner()), "P", 6, small);
    if (!chart.table.header.empty()) {
      return add(chart.table);
    }
    return {};
  }

  Result<void> add(const PaperBreak&) {
    if (!pages_.back().empty()) {
      new_page();
    }
    return {};
  }

  const Paper& paper_;
  cairo_t* measure_;
  double wide_;
  double high_;
  double y_ = kMargin;
  double follows_ = 0;
  int table_ = 0;
  int tables_ = 0;
  std::vector<Page> pages_;
  std::vector<Mark> marks_;
};

std::string page_words(const Paper& paper, std::size_t n, std::size_t total) {
  std::string words = paper.page_of.empty() ? "{n} / {total}" : paper.page_of;
  const auto fill = [&](std::string_view name, std::size_t value) {
    if (const auto at = words.find(name); at != std::string::npos) {
      words.replace(at, name.size(), std::to_string(value));
    }
  };
  fill("{n}", n);
  fill("{total}", total);
  return words;
}

void draw_pages(const Paper& paper, const Composer& composer, const std::vector<Page>& pages,
                cairo_t* to) {
  const Type small{.points = 8, .colour = kInk2};
  for (std::size_t i = 0; i < pages.size(); ++i) {
    int table = 0;
    for (const Item& item : pages[i]) {
      if (item.table != table) {
        if (table != 0) {
          cairo_tag_end(to, "Table");
        }
        if (item.table != 0) {
          cairo_tag_begin(to, "Table", nullptr);
        }
        table = item.table;
      }
      item.draw(to, item.x, item.y);
    }
    if (table != 0) {
      cairo_tag_end(to, "Table");
    }
    const double foot = composer.high() - kMargin - kFoot / 2;
    const double width = composer.wide() - 2 * kMargin;
    std::string left = paper.author + " · " + date(paper.language, paper.date);
    left += paper.notice.empty() ? "" : " · " + paper.notice;
    Composer::show(to, composer.set({{.text = left}}, small, width - 80), small, kMargin, foot);
    const Type right{.points = 8, .colour = kInk2, .right = true};
    Composer::show(to, composer.set({{.text = page_words(paper, i + 1, pages.size())}}, right, 76),
                   right, kMargin + width - 76, foot);
    cairo_show_page(to);
  }
}

void describe(const Paper& paper, const Composer& composer, cairo_surface_t* surface) {
  const auto set = [&](cairo_pdf_metadata_t what, const std::string& value) {
    cairo_pdf_surface_set_metadata(surface, what, value.c_str());
  };
  set(CAIRO_PDF_METADATA_TITLE, paper.title);
  set(CAIRO_PDF_METADATA_AUTHOR, paper.author);
  set(CAIRO_PDF_METADATA_SUBJECT, paper.subtitle);
  set(CAIRO_PDF_METADATA_CREATOR, "Atalaya");
  // The same document gives the same bytes.
  set(CAIRO_PDF_METADATA_CREATE_DATE, to_string(paper.date) + "T00:00:00Z");
  int parent = CAIRO_PDF_OUTLINE_ROOT;
  for (const Composer::Mark& mark : composer.marks()) {
    const std::string to = fmt::format("page={}", mark.page + 1);
    const int id = cairo_pdf_surface_add_outline(
        surface, mark.level == 1 ? CAIRO_PDF_OUTLINE_ROOT : parent, mark.text.c_str(), to.c_str(),
        static_cast<cairo_pdf_outline_flags_t>(0));
    parent = mark.level == 1 ? id : parent;
  }
}

}  // namespace

Result<std::string> paper_pdf(const Paper& paper) {
  use_own_fonts();
  std::string bytes;
  const Owned<cairo_surface_t> surface(cairo_pdf_surface_create_for_stream(
      [](void* to, const unsigned char* data, unsigned int size) {
        static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(data), size);
        return CAIRO_STATUS_SUCCESS;
      },
      &bytes, 595, 842));
  const Owned<cairo_t> to(cairo_create(surface.get()));
  Composer composer(paper, to.get());
  cairo_pdf_surface_set_size(surface.get(), composer.wide(), composer.high());
  const std::vector<Page> pages = ATALAYA_TRY(composer.compose());
  cairo_tag_begin(to.get(), "Document", nullptr);
  draw_pages(paper, composer, pages, to.get());
  cairo_tag_end(to.get(), "Document");
  describe(paper, composer, surface.get());
  cairo_surface_finish(surface.get());
  if (const cairo_status_t status = cairo_surface_status(surface.get());
      status != CAIRO_STATUS_SUCCESS) {
    return broken(cairo_status_to_string(status));
  }
  return bytes;
}

}  // namespace atalaya::figures
