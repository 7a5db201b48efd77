#pragma once
// Whether a cell exists: what is recorded of an actor and a document, and whom a commitment asks.
// Private to the module.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/followup/cube.hpp>

namespace atalaya::followup::detail {

using Part = DocumentPart;  // on one day

class Participants {
 public:
  Participants(const std::vector<Participation>& rows, CivilDate as_of);

  [[nodiscard]] Part find(const std::string& document, const std::string& actor) const;

 private:
  std::map<std::pair<std::string, std::string>, Part> parts_;
  std::map<std::string, int> listed_count_;
};

[[nodiscard]] Applicability applicability_of(const Member& member, std::string_view actor,
                                             ActorKind kind, const Part& part, CivilDate as_of);

/// The same question for many cells, as a file asks it: what it rests on is read once.
class CellRules {
 public:
  [[nodiscard]] static Result<CellRules> load(const Parts& parts);
  /// By these records of who took part in what.
  [[nodiscard]] static Result<CellRules> with(const Parts& parts, std::vector<Participation> rows);

  /// Fails with not_found (followup.commitment, .actor), invalid_argument
  /// (followup.not_applicable, .before_adoption).
  [[nodiscard]] Result<void> check(std::string_view commitment, std::string_view actor,
                                   CivilDate day);
  /// For what fills a layer of the cell: fails besides with invalid_argument
  /// (followup.participation_unknown), since such a cell is in no denominator and shows no value.
  [[nodiscard]] Result<void> check_counted(std::string_view commitment, std::string_view actor,
                                           CivilDate day);

 private:
  [[nodiscard]] Result<Applicability> look(std::string_view commitment, std::string_view actor,
                                           CivilDate day);

  const commitments::Catalogue* catalogue_ = nullptr;
  std::shared_ptr<const std::vector<Member>> members_;
  std::map<std::string_view, const Member*> by_id_;
  std::vector<Participation> rows_;
  std::map<CivilDate, Participants> by_day_;
};

}  // namespace atalaya::followup::detail
