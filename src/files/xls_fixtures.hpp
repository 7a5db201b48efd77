#pragma once
// Workbooks of Excel 97 made in memory for the tests: a compound file around a stream of records.

#include <cstdint>
#include <string>
#include <string_view>

namespace atalaya::files::fixtures {

inline void put16(std::string& out, std::uint32_t value) {
  out += static_cast<char>(value & 0xFFU);
  out += static_cast<char>(value >> 8U & 0xFFU);
}

inline void put32(std::string& out, std::uint32_t value) {
  put16(out, value & 0xFFFFU);
  put16(out, value >> 16U);
}

inline std::string record(std::uint16_t type, std::string_view data) {
  std::string out;
  put16(out, type);
  put16(out, static_cast<std::uint32_t>(data.size()));
  return out.append(data);
}

/// One stream called Workbook, in sectors of 512 bytes ([MS-CFB]).
inline std::string make_compound(std::string stream) {
  if (stream.size() < 4096) {
    stream.resize(4096, '\0');  // smaller ones would live in the mini stream
  }
  const std::size_t size = stream.size();
  stream.resize((size + 511) / 512 * 512, '\0');
  const auto data = static_cast<std::uint32_t>(stream.size() / 512);
  // Sectors: directory, FAT sectors, then the stream.
  std::uint32_t fats = 1;
  while (fats * 128 < data + 1 + fats) {
    ++fats;
  }
  std::string out("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8);
  out.append(16, '\0');
  put16(out, 0x3E);
  put16(out, 3);
  put16(out, 0xFFFE);
  put16(out, 9);
  put16(out, 6);
  out.append(10, '\0');
  put32(out, fats);
  put32(out, 0);
  put32(out, 0);
  put32(out, 4096);
  put32(out, 0xFFFFFFFE);
  put32(out, 0);
  put32(out, 0xFFFFFFFE);
  put32(out, 0);
  for (std::uint32_t i = 0; i < 109; ++i) {
    put32(out, i < fats ? 1 + i : 0xFFFFFFFF);
  }
  const auto entry = [&](std::string_view name, char type, std::uint32_t start,
                         std::uint32_t bytes) {
    std::string text;
    for (const char c : name) {
      text += c;
      text += '\0';
    }
    text.resize(64, '\0');
    put16(text, static_cast<std::uint32_t>(name.size() * 2 + 2));
    text += type;
    text.resize(116, '\0');
    put32(text, start);
    put32(text, bytes);
    text.resize(128, '\0');
    out += text;
  };
  entry("Root Entry", 5, 0xFFFFFFFE, 0);
  entry("Workbook", 2, 1 + fats, static_cast<std::uint32_t>(size));
  out.append(256, '\0');
  std::string fat;
  put32(fat, 0xFFFFFFFE);
  for (std::uint32_t i = 0; i < fats; ++i) {
    put32(fat, 0xFFFFFFFD);
  }
  for (std::uint32_t i = 1; i <= data; ++i) {
    put32(fat, i == data ? 0xFFFFFFFE : fats + i + 1);
  }
  fat.resize(std::size_t{fats} * 512, '\xFF');
  return out + fat + stream;
}

/// Globals with one sheet "data" whose records these are; XF 1 is a date, XF 2 `00000`.
inline std::string make_xls_stream(std::string_view shared, std::string_view cells) {
  std::string bof;
  put16(bof, 0x0600);
  put16(bof, 0x0005);
  bof.append(12, '\0');
  std::string format;
  put16(format, 164);
  put16(format, 5);
  format += '\0';
  format += "00000";
  const auto style = [](std::uint16_t id) {
    std::string xf(2, '\0');
    put16(xf, id);
    xf.append(16, '\0');
    return record(0x00E0, xf);
  };
  std::string globals =
      record(0x0809, bof) + record(0x041E, format) + style(0) + style(14) + style(164);
  const std::string end = record(0x000A, "");
  std::string sheet;
  const std::size_t size = globals.size() + 4 + 12 + shared.size() + end.size();
  put32(sheet, static_cast<std::uint32_t>(size));
  sheet += '\0';
  sheet += '\0';
  sheet += '\4';
  sheet += '\0';
  sheet += "data";
  globals += record(0x0085, sheet);
  return globals.append(shared) + end + record(0x0809, bof).append(cells) + end;
}

}  // namespace atalaya::files::fixtures
