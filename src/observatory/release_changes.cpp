// What a release says otherwise than the one before, and why: told from what both rest on.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "table_parts.hpp"

namespace atalaya::observatory {
namespace {

const json::value* member(const json::object& object, std::string_view key) {
  return object.if_contains(key);
}

std::string text(const json::object& object, std::string_view key) {
  const auto* value = member(object, key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t number(const json::object& object, std::string_view key) {
  const auto* value = member(object, key);
  return value != nullptr && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

// Without what may differ between two releases of one table.
std::string identity_of(const Release::Entry& entry) {
  json::object out{{"indicator", entry.indicator}};
  for (const std::string_view key : {"by", "where", "rate"}) {
    const auto* value = member(entry.query, key);
    out[key] = value == nullptr ? json::value(key == "rate" ? "crude" : "") : *value;
  }
  return canonical_json(out);
}

// The submissions of facts under a table, by number.
std::map<std::int64_t, const json::object*> submissions_of(const Release& release,
                                                           const Release::Entry& entry,
                                                           std::string_view list) {
  std::set<std::int64_t> ids;
  if (const auto* values = member(entry.query, list); values != nullptr && values->is_array()) {
    for (const auto& id : values->get_array()) {
      ids.insert(id.is_number() ? id.to_number<std::int64_t>() : 0);
    }
  }
  std::map<std::int64_t, const json::object*> out;
  for (const auto& value : release.submissions) {
    const auto* object = value.if_object();
    if (object != nullptr && ids.contains(number(*object, "id"))) {
      out.emplace(number(*object, "id"), object);
    }
  }
  return out;
}

// Whether both tables rest on the same source. A plan names one only once there are several to
// choose from, so that a table of earlier days names none: then what it was made of says which.
bool is_same_source(const Release& before, const Release::Entry& old_entry, const Release& after,
                    const Release::Entry& entry, std::string_view key, std::string_view list) {
  const std::string then = text(old_entry.query, key);
  const std::string now = text(entry.query, key);
  if (then == now) {
    return true;
  }
  if (!then.empty() && !now.empty()) {
    return false;
  }
  std::set<std::string> sources;
  const auto made_of = then.empty() ? submissions_of(before, old_entry, list)
                                    : submissions_of(after, entry, list);
  for (const auto& [id, object] : made_of) {
    sources.insert(text(*object, "source"));
  }
  return sources == std::set{then.empty() ? now : then};
}

bool is_same_table(const Release& before, const Release::Entry& old_entry, const Release& after,
                   const Release::Entry& entry) {
  return identity_of(old_entry) == identity_of(entry) &&
         is_same_source(before, old_entry, after, entry, "source", "submissions") &&
         is_same_source(before, old_entry, after, entry, "population", "population_submissions");
}

void add_data_reasons(const Release& before, const Release::Entry& old_entry, const Release& after,
                      const Release::Entry& entry, std::vector<ChangeReason>& out) {
  const auto then = submissions_of(before, old_entry, "submissions");
  const auto now = submissions_of(after, entry, "submissions");
  for (const auto& [id, object] : now) {
    if (then.contains(id)) {
      continue;
    }
    out.push_back({"data",
                   {{"submission", std::to_string(id)},
                    {"source", text(*object, "source")},
                    {"date", text(*object, "loaded_at").substr(0, 10)}}});
    for (const auto& [old_id, old] : then) {
      if (text(*old, "mapping") == text(*object, "mapping") &&
          number(*old, "mapping_version") != number(*object, "mapping_version")) {
        out.push_back({"mapping",
                       {{"mapping", text(*object, "mapping")},
                        {"from", std::to_string(number(*old, "mapping_version"))},
                        {"to", std::to_string(number(*object, "mapping_version"))}}});
        break;
      }
    }
  }
  for (const auto& [id, object] : then) {
    if (!now.contains(id)) {
      out.push_back(
          {"gone", {{"submission", std::to_string(id)}, {"source", text(*object, "source")}}});
    }
  }
}

std::int64_t threshold_of(const Release& release) {
  std::int64_t out = 0;
  if (const auto* groups = member(release.policy, "groups");
      groups != nullptr && groups->is_array()) {
    for (const auto& group : groups->get_array()) {
      if (const auto* object = group.if_object(); object != nullptr) {
        out = std::max(out, number(*object, "threshold"));
      }
    }
  }
  return out;
}

// Whether the audit published the table as it is.
bool is_exempt(const Release& release, std::int32_t position) {
  if (const auto* tables = member(release.audit, "tables");
      tables != nullptr && tables->is_array()) {
    for (const auto& table : tables->get_array()) {
      const auto* object = table.if_object();
      const auto* exempt = object == nullptr ? nullptr : object->if_contains("exempt");
      if (exempt != nullptr && number(*object, "table") == position - 1 && exempt->is_bool()) {
        return exempt->get_bool();
      }
    }
  }
  return false;
}

void add_policy_reasons(const Release& before, const Release::Entry& old_entry,
                        const Release& after, const Release::Entry& entry,
                        std::vector<ChangeReason>& out) {
  const bool was_open = is_exempt(before, old_entry.position);
  const bool is_open = is_exempt(after, entry.position);
  if (was_open != is_open) {
    out.push_back({"protection", {{"to", is_open ? "open" : "protected"}}});
  } else if (!is_open && threshold_of(before) != threshold_of(after)) {
    out.push_back({"threshold",
                   {{"from", std::to_string(threshold_of(before))},
                    {"to", std::to_string(threshold_of(after))}}});
  }
  const auto rounded = [](const Release::Entry& e) { return number(e.query, "rounded_to"); };
  if (rounded(old_entry) != rounded(entry)) {
    out.push_back(
        {"rounding",
         {{"from", std::to_string(rounded(old_entry))}, {"to", std::to_string(rounded(entry))}}});
  }
}

std::vector<ChangeReason> reasons_of(const Release& before, const Release::Entry& old_entry,
                                     const Release& after, const Release::Entry& entry) {
  std::vector<ChangeReason> out;
  add_data_reasons(before, old_entry, after, entry, out);
  const std::string then = text(old_entry.query, "population_title");
  const std::string now = text(entry.query, "population_title");
  const auto ids = [](const Release& r, const Release::Entry& e) {
    std::vector<std::int64_t> list;
    for (const auto& [id, object] : submissions_of(r, e, "population_submissions")) {
      list.push_back(id);
    }
    return list;
  };
  if (then != now || ids(before, old_entry) != ids(after, entry)) {
    out.push_back({"population", {{"from", then}, {"to", now}}});
  }
  add_policy_reasons(before, old_entry, after, entry, out);
  const auto* old_shares = member(old_entry.query, "shares");
  const auto* shares = member(entry.query, "shares");
  const json::value none = json::array();
  if ((old_shares == nullptr ? none : *old_shares) != (shares == nullptr ? none : *shares)) {
    out.push_back({"shares", {}});
  }
  return out;
}

bool is_same(const Cell& a, const Cell& b) {
  return a.count == b.count && a.population == b.population && a.status == b.status;
}

std::vector<CellChange> cells_of(const Table& before, const Table& after) {
  std::map<std::vector<std::string>, CellChange> cells;
  for (const auto& cell : before.cells) {
    cells[cell.codes].from = cell;
  }
  for (const auto& cell : after.cells) {
    cells[cell.codes].to = cell;
  }
  std::vector<CellChange> out;
  for (auto& [codes, change] : cells) {
    if (!change.from || !change.to || !is_same(*change.from, *change.to)) {
      change.codes = codes;
      out.push_back(std::move(change));
    }
  }
  return out;
}

json::value cell_json(const std::optional<Cell>& cell) {
  if (!cell) {
    return nullptr;
  }
  const auto value = [](const std::optional<double>& number) {
    return number ? json::value(*number) : json::value(nullptr);
  };
  return json::object{{"count", value(cell->count)},
                      {"population", value(cell->population)},
                      {"rate", value(cell->rate)},
                      {"status", to_string(cell->status)}};
}

}  // namespace

json::array changes_json(const std::vector<TableChange>& changes) {
  json::array out;
  for (const auto& change : changes) {
    json::array reasons;
    for (const auto& reason : change.reasons) {
      json::object entry{{"kind", reason.kind}};
      for (const auto& [key, value] : reason.params) {
        entry[key] = value;
      }
      reasons.push_back(std::move(entry));
    }
    json::array cells;
    for (const auto& cell : change.cells) {
      json::array codes;
      for (const auto& code : cell.codes) {
        codes.push_back(json::string(code));
      }
      cells.push_back(json::object{
          {"codes", std::move(codes)}, {"from", cell_json(cell.from)}, {"to", cell_json(cell.to)}});
    }
    out.push_back(json::object{{"position", change.position},
                               {"from_release", change.from_release},
                               {"from_position", change.from_position},
                               {"reasons", std::move(reasons)},
                               {"cells", std::move(cells)}});
  }
  return out;
}

namespace detail {

Result<std::vector<TableChange>> changes_against(const Desk& desk,
                                                 const std::vector<Release>& older,
                                                 const Release& after,
                                                 const std::vector<Table>* tables) {
  std::vector<TableChange> out;
  for (std::size_t i = 0; i < after.tables.size(); ++i) {
    const auto& entry = after.tables[i];
    for (const auto& before : older) {
      const auto same = std::ranges::find_if(before.tables, [&](const Release::Entry& e) {
        return is_same_table(before, e, after, entry);
      });
      if (same == before.tables.end()) {
        continue;
      }
      const Table old_table = ATALAYA_TRY(desk.release_table(before.id, same->position));
      Table own;
      if (tables == nullptr) {
        own = ATALAYA_TRY(desk.release_table(after.id, entry.position));
      }
      out.push_back({before.id, same->position, entry.position,
                     reasons_of(before, *same, after, entry),
                     cells_of(old_table, tables == nullptr ? own : (*tables)[i])});
      break;
    }
  }
  return out;
}

}  // namespace detail

Result<std::vector<TableChange>> Desk::release_changes(std::string_view id) const {
  const Release after = ATALAYA_TRY(release(id));
  auto all = ATALAYA_TRY(releases());
  const auto at = std::ranges::find(all, after.id, &Release::id);
  all.erase(all.begin(), at == all.end() ? at : std::next(at));
  return detail::changes_against(*this, all, after, nullptr);
}

Result<std::optional<std::uint64_t>> Desk::release_leaf(std::string_view id) const {
  const Release found = ATALAYA_TRY(release(id));
  std::optional<std::uint64_t> out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto entries =
        ATALAYA_TRY(state_->parts.ledger->entries_of(tx, fmt::format("release/{}", found.id), 16));
    for (const auto& entry : entries) {
      if (entry.leaf.kind == "observatory.release" && !out) {
        out = entry.index;
      }
    }
    return {};
  }));
  return out;
}

}  // namespace atalaya::observatory
