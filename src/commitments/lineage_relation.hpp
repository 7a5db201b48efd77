#pragma once
// What a later text does with an earlier one, as a hint with its reason: a person decides.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/commitments/lineage.hpp>

#include "analysis_words.hpp"

namespace atalaya::commitments {

/// What of a text's wording bears on its relations.
struct Wording {
  std::uint8_t firmness = 1;  // 0 states, 1 promotes, urges or considers, 2 undertakes or charges
  bool hurried = false;       // "as soon as possible"
  bool dated = false;         // names a year
  bool calls = false;         // asks to hold, convene, develop or establish something
  bool done = false;          // speaks of something held, created, completed
  bool reports = false;       // speaks of progress or of a report on commitments
  bool singular = false;      // asks for one event
};

[[nodiscard]] Wording wording_of(std::string_view text, const std::vector<Word>& words,
                                 Language language);

struct RelationEnd {
  const Wording& wording;
  const std::vector<std::uint32_t>& instruments;  // sorted
  std::size_t length;                             // in words that count
};

struct Relation {
  RelationType type = RelationType::restates;
  std::string because;  // stable key
};

/// `likeness` in 0…1: cosine of the two texts' words.
[[nodiscard]] Relation relation_of(const RelationEnd& later, const RelationEnd& earlier,
                                   double likeness);

}  // namespace atalaya::commitments
