#pragma once
// What in a text may lead to a person. The words that the catalogue knows are read once; finding is
// const and for any thread. Private to the module.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/followup/participation.hpp>

namespace atalaya::followup {

/// The Latin letter that a Cyrillic or Greek one is drawn like; NUL where it is like none.
[[nodiscard]] char latin_twin(char32_t c) noexcept;

class PersonalData {
 public:
  using Words = std::set<std::string, std::less<>>;

  explicit PersonalData(const commitments::Catalogue& catalogue);

  [[nodiscard]] std::vector<Finding> find(std::string_view text) const;

 private:
  void know(const commitments::Translated& name);
  void know_place(const commitments::Translated& name);

  Words known_;   // words of institutions, instruments and meetings
  Words places_;  // countries and cities of meetings, whole
};

}  // namespace atalaya::followup
