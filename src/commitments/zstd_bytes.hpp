#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <atalaya/base/result.hpp>
#include <atalaya/store/database.hpp>

namespace atalaya::commitments::detail {

/// Source documents are kept as they came, compressed.
[[nodiscard]] store::Blob pack(std::string_view bytes);
/// Fails with data_loss (commitments.source.damaged) unless exactly `size` bytes come out.
[[nodiscard]] Result<std::string> unpack(const store::Blob& packed, std::size_t size);

}  // namespace atalaya::commitments::detail
