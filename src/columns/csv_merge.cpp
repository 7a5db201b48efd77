#include "csv_merge.hpp"

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

#include <atalaya/files/tables.hpp>

namespace atalaya::columns {
namespace {

struct Entry {
  std::uint64_t place = 0;
  std::uint32_t parser = 0;
  std::uint32_t code = 0;
};

using CodeMaps = std::vector<std::vector<std::uint32_t>>;  // for each parser: its code to ours

std::string_view padded(std::string_view text, std::string& room) {
  room.assign(text);
  room.append(16, '\0');
  return {room.data(), text.size()};
}

// Texts that appear first at or behind `limit` belong to rows that are not taken.
CodeMaps merge_dictionaries(const MergeInput& input, std::size_t slot, std::uint64_t limit,
                            Dictionary& values) {
  std::vector<Entry> entries;
  CodeMaps maps(input.parsers.size());
  for (std::size_t p = 0; p < input.parsers.size(); ++p) {
    const ColumnCoder& coder = input.parsers[p]->coder(slot);
    maps[p].resize(coder.texts().size());
    for (std::uint32_t code = 0; code < coder.texts().size(); ++code) {
      if (coder.place(code) < limit) {
        entries.push_back(
            {.place = coder.place(code), .parser = static_cast<std::uint32_t>(p), .code = code});
      }
    }
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.place < b.place; });
  ColumnCoder merged;
  std::string room;
  for (const Entry& entry : entries) {
    const Dictionary& texts = input.parsers[entry.parser]->coder(slot).texts();
    const std::string_view text = padded(texts.text(entry.code), room);
    maps[entry.parser][entry.code] = merged.code(text.data(), text.size(), entry.place);
  }
  for (std::uint32_t code = 0; code < merged.texts().size(); ++code) {
    const std::string_view text = merged.texts().text(code);
    values.append(input.windows_1252 ? std::string_view(room = files::windows_1252_to_utf8(text))
                                     : text);
  }
  return maps;
}

template <class T>
Codes translate(MergeInput& input, std::size_t slot, const CodeMaps& maps) {
  std::vector<std::vector<T>> narrow_maps;
  for (const std::vector<std::uint32_t>& map : maps) {
    std::vector<T>& narrow_map = narrow_maps.emplace_back(map.size());
    std::transform(map.begin(), map.end(), narrow_map.begin(),
                   [](std::uint32_t code) { return static_cast<T>(code); });
  }
  std::vector<T> out(input.rows);
  std::size_t row = 0;
  for (BlockRows& block : input.blocks) {
    const std::size_t n = std::min(block.rows, input.rows - row);
    // Where each vector begins is held in locals: a store of bytes might change it otherwise.
    std::visit(
        [&](const auto& codes) {
          const auto* const from = codes.data();
          const T* const ours = narrow_maps[block.parser].data();
          T* const to = out.data() + row;
          for (std::size_t i = 0; i < n; ++i) {
            to[i] = ours[from[i]];
          }
        },
        block.codes[slot]);
    block.codes[slot] = Codes();
    row += n;
  }
  return Codes(std::move(out));
}

void merge_column(MergeInput& input, std::size_t slot, std::uint64_t limit, RawColumn& column) {
  const CodeMaps maps = merge_dictionaries(input, slot, limit, column.values);
  const std::size_t distinct = column.values.size();
  if (distinct <= 0x100) {
    column.codes = translate<std::uint8_t>(input, slot, maps);
  } else if (distinct <= 0x10000) {
    column.codes = translate<std::uint16_t>(input, slot, maps);
  } else {
    column.codes = translate<std::uint32_t>(input, slot, maps);
  }
}

// The place of the first row that is not taken.
std::uint64_t place_limit(const MergeInput& input) {
  std::size_t before = 0;
  for (const BlockRows& block : input.blocks) {
    if (before + block.rows > input.rows) {
      return block.number << 32U | (input.rows - before);
    }
    before += block.rows;
  }
  return input.blocks.empty() ? 0 : (input.blocks.back().number + 1) << 32U;
}

}  // namespace

void merge_columns(MergeInput& input, RawTable& table) {
  const std::uint64_t limit = place_limit(input);
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t slot = next++; slot < table.columns.size(); slot = next++) {
      merge_column(input, slot, limit, table.columns[slot]);
    }
  };
  std::vector<std::jthread> helpers;
  const std::size_t threads =
      input.rows < 100'000 ? 1 : std::min<std::size_t>(input.threads, table.columns.size());
  for (std::size_t i = 1; i < threads; ++i) {
    helpers.emplace_back(work);
  }
  work();
}

}  // namespace atalaya::columns
