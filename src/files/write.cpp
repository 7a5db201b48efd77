#include <atalaya/files/write.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <xlsxwriter.h>
#include <zip.h>

#include <atalaya/base/text.hpp>

namespace atalaya::files {
namespace {

constexpr std::size_t kNameMax = 31;      // of a sheet, in the format
constexpr std::size_t kTextMax = 32'767;  // of a cell

std::unexpected<Error> failed(std::string_view what) {
  return fail(ErrorCode::internal, "files.write", what);
}

// A file without a name, in memory: the library writes to names only, and this one is nobody's.
class MemoryFile {
 public:
  MemoryFile() : fd_(::memfd_create("workbook", MFD_CLOEXEC)) {}
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  ~MemoryFile() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }

  [[nodiscard]] bool is_open() const { return fd_ >= 0; }

  [[nodiscard]] std::string path() const { return fmt::format("/proc/self/fd/{}", fd_); }

  [[nodiscard]] Result<std::string> bytes() const {
    const off_t size = ::lseek(fd_, 0, SEEK_END);
    if (size < 0) {
      return failed("the workbook could not be read back");
    }
    std::string out(static_cast<std::size_t>(size), '\0');
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t n =
          ::pread(fd_, out.data() + done, out.size() - done, static_cast<off_t>(done));
      if (n <= 0) {
        return failed("the workbook could not be read back");
      }
      done += static_cast<std::size_t>(n);
    }
    return out;
  }

 private:
  int fd_;
};

// Whole letters only.
std::string cut(std::string_view text, std::size_t bytes) {
  std::size_t end = std::min(bytes, text.size());
  while (end > 0 && end < text.size() && (text[end] & '\xC0') == '\x80') {
    --end;
  }
  return std::string(text.substr(0, end));
}

std::string sheet_name(std::string_view wanted, std::set<std::string>& taken) {
  std::string name = cut(wanted, kNameMax);
  for (char& c : name) {
    c = std::string_view("[]:*?/\\'").contains(c) || static_cast<unsigned char>(c) < 0x20 ? '-' : c;
  }
  name = name.empty() ? "sheet" : name;
  std::string unique = name;
  for (int n = 2; !taken.insert(fold(unique)).second; ++n) {
    const std::string suffix = fmt::format(" {}", n);
    unique = cut(name, kNameMax - suffix.size()) + suffix;
  }
  return unique;
}

void fill(lxw_workbook* book, lxw_worksheet* sheet, const WriteSheet& content) {
  lxw_format* bold = workbook_add_format(book);
  format_set_bold(bold);
  for (std::size_t c = 0; c < content.header.size(); ++c) {
    worksheet_write_string(sheet, 0, static_cast<lxw_col_t>(c), content.header[c].c_str(), bold);
  }
  lxw_row_t row = 0;
  for (const auto& cells : content.rows) {
    ++row;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const auto column = static_cast<lxw_col_t>(c);
      if (const auto* number = std::get_if<double>(&cells[c])) {
        worksheet_write_number(sheet, row, column, *number, nullptr);
      } else if (const auto& text = std::get<std::string>(cells[c]); !text.empty()) {
        worksheet_write_string(sheet, row, column, cut(text, kTextMax).c_str(), nullptr);
      }
    }
  }
  worksheet_freeze_panes(sheet, 1, 0);
  if (!content.header.empty()) {
    worksheet_set_column(sheet, 0, static_cast<lxw_col_t>(content.header.size() - 1), 18, nullptr);
  }
}

}  // namespace

Result<std::string> write_workbook(const std::vector<WriteSheet>& sheets) {
  for (const auto& sheet : sheets) {
    if (sheet.rows.size() > kSheetRowsMax) {
      return fail(Error{ErrorCode::exhausted,
                        "files.write.rows",
                        fmt::format("{} rows, and a sheet holds {}; take the CSV instead",
                                    sheet.rows.size(), kSheetRowsMax),
                        {{"rows", std::to_string(sheet.rows.size())}}});
    }
  }
  const MemoryFile file;
  if (!file.is_open()) {
    return failed("no memory for a workbook");
  }
  const std::string path = file.path();
  lxw_workbook* book = workbook_new(path.c_str());
  if (book == nullptr) {
    return failed("no memory for a workbook");
  }
  std::set<std::string> taken;
  for (const auto& sheet : sheets) {
    const std::string name = sheet_name(sheet.name, taken);
    lxw_worksheet* added = workbook_add_worksheet(book, name.c_str());
    if (added != nullptr) {
      fill(book, added, sheet);
    }
  }
  if (const lxw_error error = workbook_close(book); error != LXW_NO_ERROR) {
    return failed(lxw_strerror(error));
  }
  return file.bytes();
}

Result<std::string> write_zip(const std::vector<std::pair<std::string, std::string>>& entries) {
  zip_source_t* memory = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  if (memory == nullptr) {
    return failed("no memory for an archive");
  }
  zip_t* archive = zip_open_from_source(memory, ZIP_TRUNCATE, nullptr);
  if (archive == nullptr) {
    zip_source_free(memory);
    return failed("no memory for an archive");
  }
  zip_source_keep(memory);
  bool good = true;
  for (const auto& [name, bytes] : entries) {
    zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
    if (source == nullptr || zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8) < 0) {
      zip_source_free(source);
      good = false;
    }
  }
  if (!good || zip_close(archive) != 0) {
    zip_discard(archive);
    zip_source_free(memory);
    return failed("the archive could not be written");
  }
  std::string out;
  if (zip_source_open(memory) == 0) {
    zip_source_seek(memory, 0, SEEK_END);
    out.resize(static_cast<std::size_t>(std::max<zip_int64_t>(0, zip_source_tell(memory))));
    zip_source_seek(memory, 0, SEEK_SET);
    const auto read = zip_source_read(memory, out.data(), out.size());
    good = read == static_cast<zip_int64_t>(out.size());
    zip_source_close(memory);
  }
  zip_source_free(memory);
  return good && !out.empty() ? Result<std::string>(std::move(out))
                              : failed("the archive could not be read back");
}

}  // namespace atalaya::files
