#pragma once
// One chart's SVG, drawn as vectors on a Cairo surface. librsvg loads nothing from elsewhere: no
// base address is given to it.

#include <string_view>

#include <atalaya/base/result.hpp>

typedef struct _cairo cairo_t;          // NOLINT: as in cairo.h
typedef struct _RsvgHandle RsvgHandle;  // NOLINT: as in rsvg.h

namespace atalaya::figures {

class PaperDrawing {
 public:
  /// internal (figures.paper.chart) where the text is no SVG with a size.
  static Result<PaperDrawing> load(std::string_view svg);

  PaperDrawing(PaperDrawing&& other) noexcept;
  PaperDrawing(const PaperDrawing&) = delete;
  PaperDrawing& operator=(const PaperDrawing&) = delete;
  PaperDrawing& operator=(PaperDrawing&&) = delete;
  ~PaperDrawing();

  /// CSS pixels.
  [[nodiscard]] double width() const noexcept { return width_; }

  [[nodiscard]] double height() const noexcept { return height_; }

  /// Into the rectangle, whose proportions the caller keeps.
  [[nodiscard]] Result<void> draw(cairo_t* to, double x, double y, double width,
                                  double height) const;

 private:
  PaperDrawing(RsvgHandle* handle, double width, double height)
      : handle_(handle), width_(width), height_(height) {}

  RsvgHandle* handle_;
  double width_;
  double height_;
};

/// The program's own font, so that a drawing and a PDF look alike on every machine. Safe to call
/// again; any thread. False where the system lets no font be added.
bool use_own_fonts();

}  // namespace atalaya::figures
