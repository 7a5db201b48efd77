#include <memory>
#include <new>
#include <string>

#include <fmt/core.h>

#include <atalaya/columns/read_table.hpp>

#include "csv_reader.hpp"
#include "dialect_rows.hpp"
#include "workbook_table.hpp"

namespace atalaya::columns {
namespace {

constexpr std::size_t kSniffBytes = std::size_t{256} << 10U;

Error refusal(files::TableFormat format, std::string_view name) {
  switch (format) {
    case files::TableFormat::parquet:
      return table_error(
          "files.parquet", name, 0,
          fmt::format("Parquet is not read here; convert it, for example with DuckDB: duckdb -c "
                      "\"COPY (SELECT * FROM '{}') TO 'data.csv' (HEADER)\", and load data.csv",
                      name));
    case files::TableFormat::html:
      return table_error("files.html_table", name, 0,
                         "this is a web page or XML, whatever its name ends with; open it in a "
                         "spreadsheet program, save it as xlsx or csv, and load that");
    case files::TableFormat::pdf:
      return table_error("files.not_a_table", name, 0,
                         "this is a pdf; ask for the table behind it as csv or xlsx");
    case files::TableFormat::text:
    case files::TableFormat::gzip:
    case files::TableFormat::zstd:
    case files::TableFormat::zip:
    case files::TableFormat::compound:
      break;
  }
  return table_error("files.not_a_table", name, 0, "neither csv, xlsx nor xls");
}

Result<std::string> read_some(files::ByteSource& source, std::size_t size) {
  std::string head(size, '\0');
  std::size_t used = 0;
  while (used < size) {
    const std::size_t got = ATALAYA_TRY(source.read(head.data() + used, size - used));
    if (got == 0) {
      break;
    }
    used += got;
  }
  head.resize(used);
  return head;
}

Result<RawTable> read_opened(const OpenSource& open, std::string_view name,
                             const ReadOptions& options) {
  std::unique_ptr<files::ByteSource> source = ATALAYA_TRY(open());
  const std::string head = ATALAYA_TRY(read_some(*source, 512));
  const files::TableFormat format = files::detect_table_format(head);
  if (format == files::TableFormat::text) {
    RawTable table = ATALAYA_TRY(read_csv(open, name, options));
    table.file = std::string(name);
    return table;
  }
  if (format != files::TableFormat::zip && format != files::TableFormat::compound) {
    return fail(refusal(format, name));
  }
  source = ATALAYA_TRY(open());
  const std::string bytes =
      ATALAYA_TRY(files::read_all(*source, name, options.limits.workbook_bytes_max));
  const std::unique_ptr<files::Workbook> workbook =
      ATALAYA_TRY(files::open_workbook(bytes, name, options.limits));
  RawTable table = ATALAYA_TRY(read_workbook(*workbook, name, options));
  if (options.progress) {
    options.progress(source->bytes_total(), source->bytes_total());
  }
  return table;
}

Result<RawTable> read_guarded(const OpenSource& open, std::string_view name,
                              const ReadOptions& options) {
  try {
    return read_opened(open, name, options);
  } catch (const std::bad_alloc&) {
    return fail(
        Error{.code = ErrorCode::exhausted,
              .reason = "columns.table.no_memory",
              .detail = fmt::format("{}: not enough memory; load fewer columns, or the file "
                                    "in parts",
                                    name),
              .params = {{"file", std::string(name)}}});
  }
}

std::string base_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

OpenSource open_path(const std::string& path, const ReadOptions& options) {
  return [path, limits = options.limits]() -> Result<std::unique_ptr<files::ByteSource>> {
    std::unique_ptr<files::ByteSource> source = ATALAYA_TRY(files::open_file_source(path));
    return files::unpack(std::move(source), base_name(path), limits);
  };
}

}  // namespace

Result<RawTable> read_table(const std::string& path, const ReadOptions& options) {
  return read_guarded(open_path(path, options), base_name(path), options);
}

Result<RawTable> read_table(std::string_view bytes, std::string_view name,
                            const ReadOptions& options) {
  const OpenSource open = [&]() -> Result<std::unique_ptr<files::ByteSource>> {
    return files::unpack(files::open_memory_source(bytes), name, options.limits);
  };
  return read_guarded(open, name, options);
}

Result<Dialect> sniff_file(const std::string& path, const ReadOptions& options) {
  const OpenSource open = open_path(path, options);
  std::unique_ptr<files::ByteSource> source = ATALAYA_TRY(open());
  const std::string head = ATALAYA_TRY(read_some(*source, kSniffBytes));
  if (files::detect_table_format(head) == files::TableFormat::text) {
    // The last bytes of what may be packed: read on, keep two pieces.
    std::string tail = head;
    std::string last;
    while (true) {
      std::string piece = ATALAYA_TRY(read_some(*source, kSniffBytes));
      const bool end = piece.size() < kSniffBytes;
      last = std::move(tail);
      tail = std::move(piece);
      if (end) {
        break;
      }
    }
    last += tail;
    return sniff(head, last);
  }
  ReadOptions preview = options;
  preview.rows_max = 1'000;
  const RawTable table = ATALAYA_TRY(read_table(path, preview));
  Dialect dialect;
  dialect.delimiter = 0;
  dialect.header_line = table.header_line;
  dialect.banner_lines = table.header_line == 0 ? 0 : table.header_line - 1;
  dialect.columns = static_cast<std::uint32_t>(table.header.size());
  dialect.confidence = table.header_line == 0 ? 0.5 : 0.8;
  return dialect;
}

}  // namespace atalaya::columns
