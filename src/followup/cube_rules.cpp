#include "cube_rules.hpp"

#include <algorithm>

#include "checks.hpp"
#include "cube_cache.hpp"

namespace atalaya::followup::detail {
namespace {

constexpr int kWholeList = 10;  // fewer are single notes about single states

bool by_then(std::string_view date, CivilDate as_of) {
  const auto day = last_day(date);
  return day && *day <= as_of;
}

}  // namespace

Participants::Participants(const std::vector<Participation>& rows, CivilDate as_of) {
  for (const Participation& row : rows) {
    // The catalogue's lists of participants are complete; a note about one of them is no list.
    if (row.id == 0 && (row.kind == "took_part" || row.kind == "adopted")) {
      listed_count_[row.document] += 1;
    }
    if (!by_then(row.date, as_of)) {
      continue;
    }
    Part& part = parts_[{row.document, row.actor}];
    part.absent |= row.kind == "absent";
    if (row.kind == "left") {
      part.left = true;
      part.takes_part = false;
    } else if (row.kind != "absent") {
      part.takes_part = true;
      part.left &= row.kind != "joined_later";
    }
  }
}

Part Participants::find(const std::string& document, const std::string& actor) const {
  const auto it = parts_.find({document, actor});
  Part part = it == parts_.end() ? Part{} : it->second;
  const auto count = listed_count_.find(document);
  part.listed = count != listed_count_.end() && count->second >= kWholeList;
  return part;
}

Applicability applicability_of(const Member& member, std::string_view actor, ActorKind kind,
                               const Part& part, CivilDate as_of) {
  const bool asked = kind == ActorKind::institution
                         ? std::ranges::find(member.organs, actor) != member.organs.end()
                     : kind == ActorKind::parliament ? member.parliamentary
                                                     : !member.parliamentary && member.asks_states;
  if (!asked) {
    return Applicability::not_applicable;
  }
  if (!by_then(member.adopted, as_of)) {
    return Applicability::before_adoption;
  }
  if (kind == ActorKind::institution || (part.takes_part && !part.left)) {
    return Applicability::applicable;
  }
  if (part.left || part.absent || part.listed) {
    return Applicability::not_applicable;
  }
  return Applicability::participation_unknown;
}

Result<CellRules> CellRules::load(const Parts& parts) {
  auto rows = ATALAYA_TRY(Cube(parts).participations({}, {}));
  return with(parts, std::move(rows));
}

Result<CellRules> CellRules::with(const Parts& parts, std::vector<Participation> rows) {
  CellRules out;
  out.catalogue_ = &parts.catalogue();
  out.members_ = ATALAYA_TRY(parts.cube->members(parts, Language::en));
  for (const Member& member : *out.members_) {
    out.by_id_[member.row.id] = &member;
  }
  out.rows_ = std::move(rows);
  return out;
}

Result<Applicability> CellRules::look(std::string_view commitment, std::string_view actor,
                                      CivilDate day) {
  const auto kind = actor_kind(actor, *catalogue_);
  if (!kind) {
    return missing("actor", actor);
  }
  const auto member = by_id_.find(commitment);
  if (member == by_id_.end()) {
    return missing("commitment", commitment);
  }
  const auto [on_day, fresh] = by_day_.try_emplace(day, rows_, day);
  const Part part = on_day->second.find(member->second->row.document, std::string(actor));
  const Applicability applies = applicability_of(*member->second, actor, *kind, part, day);
  if (applies == Applicability::not_applicable) {
    return invalid("not_applicable", commitment);
  }
  if (applies == Applicability::before_adoption) {
    return invalid("before_adoption", to_string(day));
  }
  return applies;
}

Result<void> CellRules::check(std::string_view commitment, std::string_view actor, CivilDate day) {
  ATALAYA_TRY(look(commitment, actor, day));
  return {};
}

Result<void> CellRules::check_counted(std::string_view commitment, std::string_view actor,
                                      CivilDate day) {
  const Applicability applies = ATALAYA_TRY(look(commitment, actor, day));
  if (applies == Applicability::participation_unknown) {
    return invalid("participation_unknown", by_id_.find(commitment)->second->row.document,
                   "nobody has recorded whether the actor took part in the document");
  }
  return {};
}

}  // namespace atalaya::followup::detail
