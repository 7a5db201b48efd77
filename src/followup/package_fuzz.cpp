// Packages come from outside: whatever bytes they are, they are refused, or are what was signed.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <atalaya/base/result.hpp>
#include <atalaya/followup/packages.hpp>
#include <atalaya/followup/participation.hpp>

#include "packages_rows.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace atalaya::followup;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // The corpus is signed by whatever key it names: the proofs are walked then, too.
  if (const auto key = package_key(text)) {
    if (const auto package = open_package(text, *key)) {
      ATALAYA_CHECK(package->key == key->to_string() && package->number >= 1);
    }
  }
  static_cast<void>(detail::coding_from_record(text).has_value());
  static_cast<void>(detail::report_from_record(text).has_value());
  if (const auto clean = clean_text(text, Lines::many)) {
    const auto again = clean_text(*clean, Lines::many);
    ATALAYA_CHECK(again && *again == *clean);
  }
  return 0;
}
