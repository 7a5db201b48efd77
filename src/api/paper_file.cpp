#include "paper_file.hpp"

#include <fmt/format.h>

namespace atalaya::api {
namespace {

constexpr std::string_view kDocx =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

}  // namespace

Result<http::Response> paper_file(const figures::Paper& paper, std::string_view format,
                                  std::string_view name) {
  std::string bytes;
  std::string_view type = "text/html; charset=utf-8";
  if (format == "pdf") {
    bytes = ATALAYA_TRY(figures::paper_pdf(paper));
    type = "application/pdf";
  } else if (format == "docx") {
    bytes = ATALAYA_TRY(figures::paper_docx(paper));
    type = kDocx;
  } else {
    bytes = figures::paper_html_file(paper);
  }
  auto response = http::respond(200, type, std::move(bytes));
  response.headers.set("Content-Disposition",
                       fmt::format("attachment; filename=\"{}.{}\"", name, format));
  return response;
}

Param paper_param() {
  return {.name = "paper",
          .type = ParamType::choice,
          .about = "Of the PDF",
          .values = {"a4", "letter"},
          .fallback = "a4"};
}

Param format_param() {
  return {.name = "format",
          .type = ParamType::choice,
          .about = "pdf, docx or html",
          .values = {"pdf", "docx", "html"},
          .fallback = "pdf"};
}

std::vector<Answer> paper_answers(std::string_view about) {
  return {{.status = 200, .about = about, .media_type = "application/pdf"},
          {.status = 200, .about = about, .media_type = kDocx},
          {.status = 200, .about = about, .media_type = "text/html"}};
}

}  // namespace atalaya::api
