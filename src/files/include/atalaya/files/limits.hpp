#pragma once
// Every limit of reading outside files, in one place.

#include <cstddef>
#include <cstdint>

namespace atalaya::files {

inline constexpr std::size_t kFileBytesMax = std::size_t{64} << 20U;
/// Of all parts of a container together.
inline constexpr std::size_t kInflatedBytesMax = std::size_t{256} << 20U;
/// Inflated to packed bytes of one part. Deflate reaches 1,032; the XML of long documents 30.
inline constexpr std::size_t kInflateRatioMax = 200;
/// A part below this size may have any ratio.
inline constexpr std::size_t kInflateRatioFreeBytes = std::size_t{1} << 20U;
/// One tag with its attributes: all of it is held until it ends.
inline constexpr std::size_t kXmlTagBytesMax = std::size_t{2} << 20U;
/// Of a docx, so that what is held of it is some ten times as much: 8,000 printed pages.
inline constexpr std::size_t kDocxTextBytesMax = std::size_t{16} << 20U;
inline constexpr std::size_t kDocxParagraphsMax = 300'000;
inline constexpr std::size_t kDocxDefinitionsMax = 20'000;  // styles, lists and notes, each
inline constexpr std::size_t kLinesMax = 1'000'000;
inline constexpr std::size_t kZipEntriesMax = 10'000;
/// Elements open at once in html and XML. Deeper ones are no document.
inline constexpr int kNestingMax = 256;
/// Of one html tag. Each is compared with all before it; a quotation mark that is not closed makes
/// attributes of the words of a sentence.
inline constexpr int kHtmlAttributesMax = 352;
/// Levels of a list that still widen the indentation.
inline constexpr int kListDepthMax = 32;

// The child process that reads a pdf.
inline constexpr std::size_t kPdfChildMemoryBytesMax = std::size_t{1} << 30U;
inline constexpr int kPdfChildCpuSecondsMax = 20;
inline constexpr int kPdfChildWallSecondsMax = 45;
inline constexpr std::size_t kPdfChildOutputBytesMax = std::size_t{64} << 20U;
inline constexpr int kPdfPagesMax = 5'000;

}  // namespace atalaya::files
