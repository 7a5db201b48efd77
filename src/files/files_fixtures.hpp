#pragma once
// Small documents made in memory for the tests: docx containers and pdf files.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <zip.h>

namespace atalaya::files::fixtures {

/// A zip archive of these parts, deflated.
inline std::string make_zip(const std::map<std::string, std::string>& parts) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_source_keep(target);
  zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
  for (const auto& [name, bytes] : parts) {
    zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
    zip_file_add(archive, name.c_str(), source, ZIP_FL_OVERWRITE);
  }
  zip_close(archive);
  zip_source_open(target);
  zip_source_seek(target, 0, SEEK_END);
  std::string out(static_cast<std::size_t>(zip_source_tell(target)), '\0');
  zip_source_seek(target, 0, SEEK_SET);
  zip_source_read(target, out.data(), out.size());
  zip_source_close(target);
  zip_source_free(target);
  zip_error_fini(&error);
  return out;
}

inline constexpr std::string_view kWordNamespace =
    "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";

/// A docx with this content of w:body and these further parts.
inline std::string make_docx(std::string_view body, std::map<std::string, std::string> parts = {}) {
  parts["[Content_Types].xml"] =
      "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>";
  parts["_rels/.rels"] =
      "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
      "<Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/"
      "relationships/officeDocument\" Target=\"word/document.xml\"/></Relationships>";
  parts["word/document.xml"] =
      fmt::format("<?xml version=\"1.0\"?><w:document {}><w:body>{}</w:body></w:document>",
                  kWordNamespace, body);
  return make_zip(parts);
}

/// A pdf with one page for each list of lines; each line is {x, y from the top, size, text}.
struct PdfLine {
  int x = 72;
  int y = 72;
  int size = 11;
  std::string text;
};

inline std::string make_pdf(const std::vector<std::vector<PdfLine>>& pages) {
  std::string out = "%PDF-1.4\n";
  std::vector<std::size_t> offsets;
  const auto object = [&](std::string_view body) {
    offsets.push_back(out.size());
    out += fmt::format("{} 0 obj\n{}\nendobj\n", offsets.size(), body);
  };
  std::string kids;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    kids += fmt::format("{} 0 R ", 4 + 2 * i);
  }
  object("<< /Type /Catalog /Pages 2 0 R >>");
  object(fmt::format("<< /Type /Pages /Kids [ {}] /Count {} >>", kids, pages.size()));
  object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>");
  for (std::size_t i = 0; i < pages.size(); ++i) {
    std::string stream = "BT\n";
    for (const PdfLine& line : pages[i]) {
      std::string text;
      for (const char c : line.text) {
        text += c == '(' || c == ')' || c == '\\' ? "\\" : "";
        text += c;
      }
      stream += fmt::format("/F1 {} Tf 1 0 0 1 {} {} Tm ({}) Tj\n", line.size, line.x, 792 - line.y,
                            text);
    }
    stream += "ET";
    object(
        fmt::format("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {} 0 R "
                    "/Resources << /Font << /F1 3 0 R >> >> >>",
                    5 + 2 * i));
    object(fmt::format("<< /Length {} >>\nstream\n{}\nendstream", stream.size(), stream));
  }
  const std::size_t xref = out.size();
  out += fmt::format("xref\n0 {}\n0000000000 65535 f \n", offsets.size() + 1);
  for (const std::size_t offset : offsets) {
    out += fmt::format("{:010} 00000 n \n", offset);
  }
  out += fmt::format("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n",
                     offsets.size() + 1, xref);
  return out;
}

}  // namespace atalaya::files::fixtures
