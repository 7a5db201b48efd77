// Goal: the lexer that migrations and error details go through takes any bytes: it ends, loses
// nothing and never reads outside its input.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "sql_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string sql(reinterpret_cast<const char*>(data), size);
  std::string joined;
  for (const atalaya::store::Token& token : atalaya::store::tokenise(sql)) {
    joined += token.text;
  }
  if (joined != sql) {
    std::abort();
  }
  for (const std::string_view statement : atalaya::store::split_statements(sql)) {
    static_cast<void>(atalaya::store::translate_to_postgres(statement));
    if (atalaya::store::statement_label(statement).size() > 100) {
      std::abort();
    }
  }
  static_cast<void>(atalaya::store::check_parameters(sql, 1));
  return 0;
}
