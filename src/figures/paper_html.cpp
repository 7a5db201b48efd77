// A paper as HTML: for a page, and as a file of its own.
#include <atalaya/figures/paper.hpp>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>

namespace atalaya::figures {
namespace {

// The colours are those of ui/styles/atalaya.css in its light theme; a file leaves the node, so it
// holds what it needs.
constexpr std::string_view kStyle = R"(<style>
body{margin:2rem auto;max-width:46rem;padding:0 1rem;overflow-wrap:break-word;
color:#14212a;background:#fff;
font:1rem/1.5 "Source Sans 3",Arial,"Liberation Sans",sans-serif}
h1{font-size:1.9rem;line-height:1.15;margin:0 0 .25rem}
h2{font-size:1.35rem;margin:2rem 0 .5rem;border-top:1px solid #dad7cc;padding-top:.75rem}
h3{font-size:1.1rem;margin:1.25rem 0 .25rem}
a{color:#0b5563}p{margin:.5rem 0}ul{margin:.5rem 0;padding-left:1.25rem}
.paper-lead{font-size:1.15rem;color:#43525b}.paper-small{font-size:.875rem;color:#43525b}
.paper-mark{border-left:4px solid #9c3f06;background:#fbe9da;padding:.4rem .75rem}
blockquote{margin:.5rem 0;border-left:3px solid #b5d4d5;padding-left:.75rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0;font-size:.9375rem}
caption{text-align:left;font-weight:600;padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #dad7cc}
.num{text-align:right;font-variant-numeric:tabular-nums}
figure{margin:1rem 0}figcaption{font-weight:600}figure img,figure svg{max-width:100%;height:auto}
.paper-wide{overflow-x:auto}
@media screen and (max-width:34rem){thead{display:none}
tbody,tr,th[scope=row],td{display:block;border:0;padding:0;text-align:left}
tr{border-bottom:1px solid #dad7cc;padding:.5rem 0}tr:first-child{border-top:1px solid #dad7cc}
td:not(:empty)::before{content:attr(data-l);display:block;font-size:.8125rem;color:#43525b}}
@media print{@page{margin:18mm}body{margin:0;max-width:none;font-size:10.5pt}
h2,h3{break-after:avoid}tr,figure{break-inside:avoid}thead{display:table-header-group}
.paper-break{break-before:page}}
</style>
)";

void write_text(Html& h, const PaperText& text) {
  for (const PaperRun& run : text) {
    if (!run.url.empty()) {
      h.open("a", {{"href", safe_url(run.url)}});
    }
    const Attribute language = attribute_if(!run.language.empty(), "lang", run.language);
    if (run.strong) {
      h.element("strong", {language}, run.text);
    } else if (!run.language.empty()) {
      h.element("span", {language}, run.text);
    } else {
      h.text(run.text);
    }
    if (!run.url.empty()) {
      h.close("a");
    }
  }
}

bool numeric(const PaperTable& table, std::size_t column) {
  return column < table.numeric.size() && table.numeric[column];
}

void write_table(Html& h, const PaperTable& table) {
  // A landmark needs a name of its own; without one the table is reached by keyboard all the same.
  h.open("div", {{"class", "paper-wide table-wrap"},
                 {"tabindex", "0"},
                 attribute_if(!table.caption.empty(), "role", "region"),
                 attribute_if(!table.caption.empty(), "aria-label", table.caption)});
  h.open("table", {{"class", "stacks"}});
  if (!table.caption.empty()) {
    h.element("caption", table.caption);
  }
  h.open("thead").open("tr");
  for (std::size_t i = 0; i < table.header.size(); ++i) {
    h.element("th", {{"scope", "col"}, attribute_if(numeric(table, i), "class", "num")},
              table.header[i]);
  }
  h.close("tr").close("thead").open("tbody");
  for (const std::vector<PaperText>& row : table.rows) {
    h.open("tr");
    for (std::size_t i = 0; i < row.size(); ++i) {
      const Attribute number = attribute_if(numeric(table, i), "class", "num");
      if (i == 0) {
        h.open("th", {{"scope", "row"}, number});
        write_text(h, row[i]);
        h.close("th");
        continue;
      }
      // On narrow screens each cell stands under its column's title.
      h.open("td", {{"data-l", i < table.header.size() ? table.header[i] : ""}, number});
      h.open("span");
      write_text(h, row[i]);
      h.close("span").close("td");
    }
    h.close("tr");
  }
  h.close("tbody").close("table").close("div");
}

class Writer {
 public:
  Html write(const Paper& paper) {
    for (const PaperBlock& block : paper.blocks) {
      const auto* paragraph = std::get_if<PaperParagraph>(&block);
      const bool item = paragraph != nullptr && paragraph->style == PaperStyle::item;
      if (item != in_list_) {
        if (item) {
          h_.open("ul");
        } else {
          h_.close("ul");
        }
        in_list_ = item;
      }
      std::visit([this](const auto& one) { add(one); }, block);
    }
    if (in_list_) {
      h_.close("ul");
    }
    return std::move(h_);
  }

 private:
  void add(const PaperHeading& heading) {
    const Attributes attributes = {attribute_if(!heading.id.empty(), "id", heading.id)};
    if (heading.level <= 2) {
      h_.element("h2", attributes, heading.text);
    } else {
      h_.element("h3", attributes, heading.text);
    }
  }

  void add(const PaperParagraph& paragraph) {
    switch (paragraph.style) {
      case PaperStyle::item:
        h_.open("li");
        break;
      case PaperStyle::quote:
        h_.open("blockquote").open("p");
        break;
      case PaperStyle::lead:
        h_.open("p", {{"class", "paper-lead"}});
        break;
      case PaperStyle::small:
        h_.open("p", {{"class", "paper-small"}});
        break;
      case PaperStyle::mark:
        h_.open("p", {{"class", "paper-mark"}});
        break;
      case PaperStyle::normal:
        h_.open("p");
        break;
    }
    write_text(h_, paragraph.text);
    h_.close();
    if (paragraph.style == PaperStyle::quote) {
      h_.close("blockquote");
    }
  }

  void add(const PaperTable& table) { write_table(h_, table); }

  void add(const PaperChart& chart) {
    h_.open("figure");
    h_.open("figcaption").text(chart.title);
    h_.element("div", {{"class", "paper-small"}}, chart.subtitle);
    h_.close("figcaption");
    // Drawn by the program itself, never a file from outside.
    h_.open(
        "div",
        {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", chart.title}});
    h_.unsafe_raw(chart.svg);
    h_.close("div");
    h_.element("p", {{"class", "paper-small"}}, chart.source);
    if (!chart.table.caption.empty()) {
      PaperTable table = chart.table;
      table.caption.clear();
      h_.open("details").element("summary", chart.table.caption);
      write_table(h_, table);
      h_.close("details");
    } else if (!chart.table.header.empty()) {
      write_table(h_, chart.table);
    }
    h_.close("figure");
  }

  void add(const PaperBreak&) { h_.element("div", {{"class", "paper-break"}}, ""); }

  Html h_;
  bool in_list_ = false;
};

}  // namespace

Html paper_html(const Paper& paper) {
  Html h;
  h.element("h1", paper.title);
  h.element("p", {{"class", "paper-lead"}}, paper.subtitle);
  h.append(Writer().write(paper));
  if (!paper.notice.empty()) {
    h.element("p", {{"class", "paper-small"}}, paper.notice);
  }
  return h;
}

std::string paper_html_file(const Paper& paper) {
  Html h;
  h.unsafe_raw("<!doctype html>\n");
  h.open("html", {{"lang", to_string(paper.language)}});
  h.open("head").empty("meta", {{"charset", "utf-8"}});
  h.empty("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  h.empty("meta", {{"name", "author"}, {"content", paper.author}});
  h.element("title", paper.title);
  h.unsafe_raw(kStyle);
  h.close("head").open("body").open("main");
  h.append(paper_html(paper));
  h.element("p", {{"class", "paper-small"}},
            fmt::format("{} · {}", paper.author, date(paper.language, paper.date)));
  h.close("main").close("body").close("html");
  return h.take();
}

}  // namespace atalaya::figures
