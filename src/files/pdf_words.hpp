#pragma once
// The words of a pdf with their places, from the child process that reads it, and the paragraphs
// that they make.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/files/limits.hpp>
#include <atalaya/files/read.hpp>

namespace atalaya::files {

struct PdfWord {
  std::int32_t page = 0;                            // from 0
  double left = 0, top = 0, right = 0, bottom = 0;  // points, downwards from the top left corner
  double size = 0;                                  // of the font, points; 0 where unknown
  bool space_after = false;
  std::string text;
};

struct PdfText {
  std::string title;
  std::vector<PdfWord> words;
};

struct PdfLimits {
  int cpu_seconds = kPdfChildCpuSecondsMax;
  int wall_seconds = kPdfChildWallSecondsMax;
};

/// Reads the pdf in a child process: no descriptors but the pipe, no new ones (so no files and no
/// sockets), memory and time limits of limits.hpp. Fails with files.encrypted, files.malformed
/// (damaged, or the child crashed) and files.bomb (it asked for more time, memory or output).
[[nodiscard]] Result<PdfText> extract_pdf(std::string_view bytes, std::string_view name,
                                          PdfLimits limits = {});

/// Words to lines, lines to paragraphs, paragraphs to blocks. Pure.
void lay_out_pdf(const PdfText& text, TextDocument& document);

}  // namespace atalaya::files
