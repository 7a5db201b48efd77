// Any bytes as a key, a component filter and a time: what is read has the promised shape, and
// what is refused says why.
#include <atalaya/observatory/sdmx.hpp>

#include <cstdint>
#include <string_view>

namespace {

namespace sdmx = atalaya::observatory::sdmx;

void check_key(std::string_view text, std::size_t dimensions, sdmx::KeySyntax syntax) {
  const auto keys = sdmx::parse_key(text, dimensions, syntax);
  if (!keys) {
    ATALAYA_CHECK(keys.error().reason == "observatory.sdmx.key" && !keys.error().detail.empty());
    return;
  }
  std::size_t values = 0;
  for (const sdmx::Key& key : *keys) {
    ATALAYA_CHECK(key.size() == dimensions);
    for (const auto& part : key) {
      values += part.size();
      for (const std::string& value : part) {
        ATALAYA_CHECK(!value.empty() && value.find_first_of("<>&\"'./ ") == std::string::npos);
      }
    }
  }
  ATALAYA_CHECK(values <= sdmx::kKeyValuesMax && text.size() <= sdmx::kKeyBytesMax);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::size_t dimensions : {std::size_t{1}, std::size_t{4}, std::size_t{9}}) {
    check_key(text, dimensions, sdmx::KeySyntax::v1);
    check_key(text, dimensions, sdmx::KeySyntax::v2);
  }
  if (const auto conditions = sdmx::parse_conditions(text)) {
    for (const auto& any : *conditions) {
      ATALAYA_CHECK(!any.empty());
    }
  }
  if (const auto time = sdmx::parse_time(text)) {
    ATALAYA_CHECK(time->first < time->second);
  }
  return 0;
}
