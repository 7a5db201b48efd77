// A chart's SVG as PNG.
#include <algorithm>
#include <cmath>
#include <memory>

#include <cairo.h>
#include <librsvg/rsvg.h>

#include <atalaya/figures/sheet.hpp>

#include "paper_chart.hpp"

namespace atalaya::figures {
namespace {

constexpr double kPixelsMax = 8000;  // of a side: 256 MB at the most

struct Free {
  void operator()(RsvgHandle* handle) const { g_object_unref(handle); }

  void operator()(GError* error) const { g_error_free(error); }

  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }

  void operator()(cairo_t* cairo) const { cairo_destroy(cairo); }
};

template <class T>
using Owned = std::unique_ptr<T, Free>;

std::unexpected<Error> failed(std::string_view why) {
  return fail(ErrorCode::internal, "figures.png", why);
}

cairo_status_t append(void* closure, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

}  // namespace

Result<std::string> png_of(std::string_view svg, double scale) {
  use_own_fonts();
  use_own_fonts();
  GError* raw = nullptr;
  const Owned<RsvgHandle> handle(rsvg_handle_new_from_data(
      reinterpret_cast<const guint8*>(svg.data()), svg.size(), &raw));
  const Owned<GError> error(raw);
  if (!handle) {
    return failed(error ? error->message : "no drawing");
  }
  double width = 0;
  double height = 0;
  if (rsvg_handle_get_intrinsic_size_in_pixels(handle.get(), &width, &height) == FALSE ||
      !(width > 0) || !(height > 0)) {
    return failed("a drawing without a size");
  }
  const double factor = std::min({scale, kPixelsMax / width, kPixelsMax / height});
  const Owned<cairo_surface_t> surface(cairo_image_surface_create(
      CAIRO_FORMAT_RGB24, static_cast<int>(std::ceil(width * factor)),
      static_cast<int>(std::ceil(height * factor))));
  const Owned<cairo_t> cairo(cairo_create(surface.get()));
  cairo_set_source_rgb(cairo.get(), 1, 1, 1);
  cairo_paint(cairo.get());
  const RsvgRectangle place{0, 0, width * factor, height * factor};
  GError* drawn = nullptr;
  const bool is_drawn =
      rsvg_handle_render_document(handle.get(), cairo.get(), &place, &drawn) == TRUE;
  const Owned<GError> why(drawn);
  if (!is_drawn) {
    return failed(why ? why->message : "it could not be drawn");
  }
  std::string png;
  const cairo_status_t written = cairo_surface_write_to_png_stream(surface.get(), &append, &png);
  return written == CAIRO_STATUS_SUCCESS ? Result<std::string>(std::move(png))
                                         : failed(cairo_status_to_string(written));
}

}  // namespace atalaya::figures
