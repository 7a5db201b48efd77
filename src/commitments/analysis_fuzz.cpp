// Analysis reads text that strangers wrote. Whatever the bytes, spans lie inside the text.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <atalaya/base/result.hpp>
#include <atalaya/commitments/analysis.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace atalaya;
  using namespace atalaya::commitments;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const Language language : kLanguages) {
    AnalysisContext context;
    context.language = language;
    context.year = size % 2 == 0 ? 2001 : 0;
    const GoverningText above{std::string(text.substr(0, size / 3)),
                              {{1, true, std::nullopt, "oas", std::string(text.substr(0, 4))}}};
    context.above = {&above, 1};
    const Analysis analysis = analyse(text, context);
    std::uint32_t at = 0;
    for (const Clause& clause : analysis.clauses) {
      ATALAYA_CHECK(clause.span.begin >= at && clause.span.end <= size);
      ATALAYA_CHECK(clause.deliverable.begin <= clause.deliverable.end);
      ATALAYA_CHECK(clause.deliverable.end <= size && clause.verb.end <= size);
      at = clause.span.end;
    }
    for (const Due& due : analysis.dues) {
      // A date of the text above has its words there, or a person set it without any.
      const bool is_above = due.span.begin == 0 && due.span.end == 0;
      ATALAYA_CHECK(is_above || (due.span.begin < due.span.end && due.span.end <= size));
    }
  }
  return 0;
}
