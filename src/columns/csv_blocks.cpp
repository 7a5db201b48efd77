#include "csv_blocks.hpp"

#include <algorithm>
#include <cstring>

#include "csv_scan.hpp"

namespace atalaya::columns {
namespace {

// Offset behind the last line end in data[from, to), or `from` where there is none. A CR at the
// very end is passed over: an LF may follow.
std::size_t behind_last_line_end(const char* data, std::size_t from, std::size_t to) {
  if (const void* lf = ::memrchr(data + from, '\n', to - from)) {
    return static_cast<std::size_t>(static_cast<const char*>(lf) - data) + 1;
  }
  std::size_t end = to;
  while (end > from) {
    const void* cr = ::memrchr(data + from, '\r', end - from);
    if (cr == nullptr) {
      return from;
    }
    const auto at = static_cast<std::size_t>(static_cast<const char*>(cr) - data);
    if (at + 1 < to) {
      return at + 1;
    }
    end = at;
  }
  return from;
}

std::size_t find(const char* data, std::size_t from, std::size_t to, char byte) {
  const void* at = from < to ? std::memchr(data + from, byte, to - from) : nullptr;
  return at == nullptr ? to : static_cast<std::size_t>(static_cast<const char*>(at) - data);
}

}  // namespace

Result<bool> BlockReader::next(Block& block) {
  if (done_ && carried_.empty()) {
    return false;
  }
  std::size_t target = kBlockBytes;
  std::size_t size = carried_.size();
  block.bytes.resize(std::max({target, size, block.bytes.size()}) + kBlockPadding + 1);
  std::copy(carried_.begin(), carried_.end(), block.bytes.begin());
  block.overlong = false;
  std::size_t end = 0;
  while (true) {
    while (size < target && !done_) {
      const std::size_t got = ATALAYA_TRY(source_.read(block.bytes.data() + size, target - size));
      size += got;
      done_ = got == 0;
    }
    end = done_ && size <= target ? size : last_row_end(block.bytes.data(), size);
    if (end > 0 || size == 0) {
      break;
    }
    if (size >= kRowBytesMax) {
      block.overlong = true;
      end = size;
      break;
    }
    target = std::min(std::max(target, size) * 2, kRowBytesMax);
    block.bytes.resize(target + kBlockPadding + 1);
  }
  carried_.assign(block.bytes.begin() + static_cast<std::ptrdiff_t>(end),
                  block.bytes.begin() + static_cast<std::ptrdiff_t>(size));
  if (end == 0) {
    return false;
  }
  const char last = block.bytes[end - 1];
  block.unterminated = last != '\n' && last != '\r';
  if (block.unterminated) {
    block.bytes[end++] = '\n';
  }
  block.size = end;
  block.number = number_++;
  std::fill_n(block.bytes.begin() + static_cast<std::ptrdiff_t>(end), kBlockPadding, '\0');
  return true;
}

std::size_t BlockReader::last_row_end(const char* data, std::size_t size) const {
  const std::size_t first_quote = quote_ == '\0' ? size : find(data, 0, size, quote_);
  if (first_quote == size) {
    return behind_last_line_end(data, 0, size);
  }
  if (splitting_ == Splitting::exact) {
    return last_row_end_exact(data, size);
  }
  std::size_t quotes = count_bytes(data + first_quote, size - first_quote, quote_);
  std::size_t to = size;
  while (true) {
    const std::size_t end = behind_last_line_end(data, 0, to);
    if (end == 0) {
      return 0;
    }
    quotes -= count_bytes(data + end, to - end, quote_);
    if (quotes % 2 == 0) {
      return end;
    }
    to = end - 1;
  }
}

std::size_t BlockReader::last_row_end_exact(const char* data, std::size_t size) const {
  std::size_t safe = 0;  // the last row end known
  std::size_t at = 0;    // outside quotes
  while (true) {
    const std::size_t quote = find(data, at, size, quote_);
    const std::size_t line = behind_last_line_end(data, at, quote);
    // With nothing before it, `at` itself is no row end, unless it is where a row ended.
    safe = line > at ? line : safe;
    if (quote == size) {
      return safe;
    }
    // A quoted field that begins a row has that row's line end right before it, and a lone CR
    // there was passed over above.
    const char before = quote == 0 ? '\n' : data[quote - 1];
    const bool opens = before == delimiter_ || ((before == '\n' || before == '\r') && quote >= at);
    if (!opens) {
      at = quote + 1;
      continue;
    }
    if (quote > 0 && before == '\r') {
      safe = quote;
    }
    std::size_t close = find(data, quote + 1, size, quote_);
    while (close + 1 < size && data[close + 1] == quote_) {
      close = find(data, close + 2, size, quote_);
    }
    if (close + 1 >= size) {
      return safe;
    }
    at = close + 1;
  }
}

}  // namespace atalaya::columns
