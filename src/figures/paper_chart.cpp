#include "paper_chart.hpp"

#include <cstdint>
#include <string>
#include <utility>

#include <cairo.h>
#include <fontconfig/fontconfig.h>
#include <librsvg/rsvg.h>
#include <sys/mman.h>
#include <unistd.h>
#include <woff2/decode.h>

#include <fmt/format.h>

#include <atalaya/figures/assets.hpp>

namespace atalaya::figures {
namespace {

constexpr double kPixelsMax = 8'000;

// The variable font calls itself by the name of its lightest instance.
constexpr const char* kAlias =
    "<fontconfig><alias binding=\"same\"><family>Source Sans 3</family><accept>"
    "<family>Source Sans 3 ExtraLight</family></accept></alias></fontconfig>";

std::unexpected<Error> broken(std::string_view what) {
  return fail(ErrorCode::internal, "figures.paper.chart", what);
}

std::string message_of(GError* error) {
  std::string text = error == nullptr ? "no reason given" : error->message;
  g_clear_error(&error);
  return text;
}

// Fontconfig reads files only; a file in memory is one. Pango cannot read a compressed font.
bool add_font(std::string_view asset) {
  const Asset* font = find_asset(asset_url(asset));
  if (font == nullptr) {
    return false;
  }
  std::string open_type;
  woff2::WOFF2StringOut out(&open_type);
  if (!woff2::ConvertWOFF2ToTTF(reinterpret_cast<const std::uint8_t*>(font->bytes.data()),
                                font->bytes.size(), &out)) {
    return false;
  }
  open_type.resize(out.Size());
  const int file = ::memfd_create("font", MFD_CLOEXEC);
  if (file < 0) {
    return false;
  }
  std::string_view left = open_type;
  while (!left.empty()) {
    const ssize_t wrote = ::write(file, left.data(), left.size());
    if (wrote <= 0) {
      ::close(file);
      return false;
    }
    left.remove_prefix(static_cast<std::size_t>(wrote));
  }
  // It stays open as long as the program: the font is read through this name.
  const std::string name = fmt::format("/proc/self/fd/{}", file);
  return FcConfigAppFontAddFile(nullptr, reinterpret_cast<const FcChar8*>(name.c_str())) == FcTrue;
}

}  // namespace

bool use_own_fonts() {
  static const bool done = [] {
    const bool latin = add_font("source-sans-3-latin.woff2");
    const bool extended = add_font("source-sans-3-latin-ext.woff2");
    const bool named =
        FcConfigParseAndLoadFromMemory(FcConfigGetCurrent(),
                                       reinterpret_cast<const FcChar8*>(kAlias), FcTrue) == FcTrue;
    return latin && extended && named;
  }();
  return done;
}

Result<PaperDrawing> PaperDrawing::load(std::string_view svg) {
  use_own_fonts();
  GError* error = nullptr;
  RsvgHandle* handle =
      rsvg_handle_new_from_data(reinterpret_cast<const guint8*>(svg.data()), svg.size(), &error);
  if (handle == nullptr) {
    return broken(message_of(error));
  }
  PaperDrawing drawing(handle, 0, 0);
  const bool sized =
      rsvg_handle_get_intrinsic_size_in_pixels(handle, &drawing.width_, &drawing.height_) != FALSE;
  if (!sized || drawing.width_ < 1 || drawing.height_ < 1 || drawing.width_ > kPixelsMax ||
      drawing.height_ > kPixelsMax) {
    return broken("the drawing has no usable width and height");
  }
  return drawing;
}

PaperDrawing::PaperDrawing(PaperDrawing&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)),
      width_(other.width_),
      height_(other.height_) {}

PaperDrawing::~PaperDrawing() {
  if (handle_ != nullptr) {
    g_object_unref(handle_);
  }
}

Result<void> PaperDrawing::draw(cairo_t* to, double x, double y, double width,
                                double height) const {
  const RsvgRectangle place{.x = x, .y = y, .width = width, .height = height};
  GError* error = nullptr;
  if (rsvg_handle_render_document(handle_, to, &place, &error) == FALSE) {
    return broken(message_of(error));
  }
  return {};
}

}  // namespace atalaya::figures
