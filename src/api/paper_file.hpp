#pragma once
// A document for paper as an answer: PDF, docx or an HTML file.

#include <string_view>
#include <vector>

#include <atalaya/api/router.hpp>
#include <atalaya/figures/paper.hpp>

namespace atalaya::api {

/// `format` is pdf, docx or html; the file is called `name` with that ending. Fails as the writers.
[[nodiscard]] Result<http::Response> paper_file(const figures::Paper& paper,
                                                std::string_view format, std::string_view name);
/// What a caller may say of the file: its format and the paper of a PDF.
[[nodiscard]] Param paper_param();
[[nodiscard]] Param format_param();
/// What the route of such an answer says of it.
[[nodiscard]] std::vector<Answer> paper_answers(std::string_view about);

}  // namespace atalaya::api
