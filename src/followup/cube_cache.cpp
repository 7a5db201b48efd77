#include "cube_cache.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/commitments/addressees.hpp>

namespace atalaya::followup {
namespace {

constexpr std::int32_t kAllRows = std::numeric_limits<std::int32_t>::max();

// Checked when it was written: a whole day is read digit by digit, a million of them at a start.
std::int32_t day_of_text(std::string_view date) {
  if (date.size() == 10) {
    std::int32_t out = 0;
    for (const char c : date) {
      out = c == '-' ? out : 10 * out + (c - '0');
    }
    return out;
  }
  const auto day = last_day(date);
  return day ? CubeCache::day_of(*day) : 0;
}

void add(CubeCache::Values& values, const std::string& key, CubeCache::Dated dated) {
  auto& list = values.cells[key];
  const auto before = [](const CubeCache::Dated& a, const CubeCache::Dated& b) {
    return std::pair(a.day, a.order) < std::pair(b.day, b.order);
  };
  list.insert(std::ranges::upper_bound(list, dated, before), dated);
}

void add_report(CubeCache::Values& values, const store::Row& row) {
  const std::int32_t order = static_cast<std::int32_t>(row.integer(2));
  add(values, CubeCache::report_key(row.text(0), row.text(1)),
      {day_of_text(row.text(3)), order, values.id_of(row.text(4)), false,
       day_of_text(row.text(5).substr(0, 10)), -1});
}

void add_assessment(CubeCache::Values& values, const store::Row& row) {
  const std::int32_t order = static_cast<std::int32_t>(row.integer(3));
  add(values, CubeCache::assessment_key(row.text(0), row.text(1), row.text(2)),
      {day_of_text(row.text(4)), order, values.id_of(row.text(5)), row.integer(6) != 0,
       day_of_text(row.text(7).substr(0, 10)), -1});
}

// Where this node's own coders assessed a cell on a scale, theirs is what stands in the matrix; the
// page of the cell shows all.
void add_peers_assessment(CubeCache::Values& values, const store::Row& row) {
  const std::string key = CubeCache::assessment_key(row.text(0), row.text(1), row.text(2));
  const auto held = values.cells.find(key);
  if (held != values.cells.end() && held->second.front().node < 0) {
    return;
  }
  const std::int32_t order = static_cast<std::int32_t>(row.integer(3));
  add(values, key,
      {day_of_text(row.text(4)), order, values.id_of(row.text(5)), row.integer(6) != 0,
       day_of_text(row.text(8).substr(0, 10)), values.id_of(row.text(7))});
}

constexpr std::string_view kReports =
    "SELECT commitment, actor, version, as_of, value, reported_at FROM followup_reports";
constexpr std::string_view kAssessments =
    "SELECT c.commitment, c.actor, c.scale, c.id, c.as_of, c.value, CASE WHEN EXISTS (SELECT 1 "
    "FROM followup_codes k WHERE k.coding = c.id AND k.value <> c.value) THEN 1 ELSE 0 END, "
    "c.published_at FROM followup_codings c WHERE c.stage = 'published'";
constexpr std::string_view kPeersAssessments =
    "SELECT c.commitment, c.actor, c.scale, c.id, c.as_of, c.value, c.dissent, p.name, "
    "c.imported_at FROM followup_peer_records c JOIN followup_peers p ON p.key_name = c.peer WHERE c.kind = "
    "'assessment' AND c.superseded_at IS NULL";

Result<void> load_all(store::Transaction& tx, CubeCache::Values& values) {
  values.cells.clear();
  ATALAYA_TRY(tx.for_each(kReports, {}, [&](const store::Row& row) -> Result<void> {
    add_report(values, row);
    return {};
  }));
  ATALAYA_TRY(tx.for_each(kAssessments, {}, [&](const store::Row& row) -> Result<void> {
    add_assessment(values, row);
    return {};
  }));
  return tx.for_each(kPeersAssessments, {}, [&](const store::Row& row) -> Result<void> {
    add_peers_assessment(values, row);
    return {};
  });
}

Result<void> load_changed(store::Transaction& tx, const Reference& reference,
                          CubeCache::Values& values) {
  const auto cells = ATALAYA_TRY(
      tx.query("SELECT DISTINCT commitment, actor FROM followup_changes WHERE position > $1 AND "
               "commitment <> '' AND kind IN ('report', 'assessment')",
               {values.position}));
  for (const auto& cell : cells) {
    values.cells.erase(CubeCache::report_key(cell.text(0), cell.text(1)));
    for (const Scale& scale : reference.scales()) {
      values.cells.erase(CubeCache::assessment_key(cell.text(0), cell.text(1), scale.id));
    }
    const auto reports =
        ATALAYA_TRY(tx.query(fmt::format("{} WHERE commitment = $1 AND actor = $2", kReports),
                             {cell.text(0), cell.text(1)}));
    for (const auto& row : reports) {
      add_report(values, row);
    }
    const auto assessments =
        ATALAYA_TRY(tx.query(fmt::format("{} AND c.commitment = $1 AND c.actor = $2", kAssessments),
                             {cell.text(0), cell.text(1)}));
    for (const auto& row : assessments) {
      add_assessment(values, row);
    }
    const auto peers = ATALAYA_TRY(
        tx.query(fmt::format("{} AND c.commitment = $1 AND c.actor = $2", kPeersAssessments),
                 {cell.text(0), cell.text(1)}));
    for (const auto& row : peers) {
      add_peers_assessment(values, row);
    }
  }
  return {};
}

// Our own words in English say what a commitment asks; the official text may not be held.
bool asks_to_join(const commitments::Catalogue& catalogue, const commitments::CommitmentRow& row) {
  const auto* entry = catalogue.find_entry(row.id);
  const std::string words = fold(entry == nullptr ? row.title + " " + row.text_start
                                                  : entry->title.in(Language::en) + " " +
                                                        entry->summary.in(Language::en));
  constexpr std::string_view kStems[] = {"ratif",       "accede",   "accession",
                                         "become part", "adhesion", "adhier"};
  return std::ranges::any_of(kStems, [&](std::string_view stem) { return words.contains(stem); });
}

Member member_of(const commitments::Catalogue& catalogue, commitments::CommitmentRow row,
                 const commitments::Asked* asked) {
  Member out;
  const auto* meeting = catalogue.find_meeting(row.meeting);
  const auto* document = catalogue.find_document(row.document);
  out.adopted = meeting == nullptr ? fmt::format("{}-12-31", row.year) : meeting->ends;
  out.parliamentary = document != nullptr && document->nature == "parliamentary";
  if (asked != nullptr) {
    out.asks_states = asked->states;
    out.organs = asked->organs;
    for (const std::string& id : asked->instruments) {
      const auto* instrument = catalogue.find_instrument(id);
      if (instrument != nullptr && instrument->kind == "treaty") {
        out.treaties.push_back(id);
      }
    }
  }
  out.asks_to_join = !out.treaties.empty() && asks_to_join(catalogue, row);
  out.row = std::move(row);
  return out;
}

}  // namespace

std::int32_t CubeCache::Values::id_of(const std::string& text) {
  const auto [it, fresh] = ids.try_emplace(text, static_cast<std::int32_t>(texts.size()));
  if (fresh) {
    texts.push_back(text);
  }
  return it->second;
}

const CubeCache::Dated* CubeCache::Values::find(const std::string& key, std::int32_t day,
                                                std::int32_t known) const {
  const auto cell = cells.find(key);
  if (cell == cells.end()) {
    return nullptr;
  }
  auto after = std::ranges::upper_bound(cell->second, day, {}, &Dated::day);
  while (after != cell->second.begin()) {
    --after;
    if (after->known <= known) {
      return &*after;
    }
  }
  return nullptr;
}

std::string CubeCache::report_key(std::string_view commitment, std::string_view actor) {
  return fmt::format("{} {} ", commitment, actor);
}

std::string CubeCache::assessment_key(std::string_view commitment, std::string_view actor,
                                      std::string_view scale) {
  return fmt::format("{} {} {}", commitment, actor, scale);
}

std::int32_t CubeCache::day_of(CivilDate date) {
  return 10'000 * date.year + 100 * date.month + date.day;
}

Result<void> CubeCache::refresh(const Parts& parts, Values& values) {
  return parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto row =
        ATALAYA_TRY(tx.query_one("SELECT value FROM counters WHERE name = 'followup'"));
    const std::int64_t position = row.integer(0);
    if (position == values.position) {
      return {};
    }
    if (values.position < 0) {
      ATALAYA_TRY(load_all(tx, values));
    } else {
      ATALAYA_TRY(load_changed(tx, *parts.reference, values));
    }
    values.position = position;
    return {};
  });
}

Result<std::shared_ptr<const std::vector<Member>>> CubeCache::members(const Parts& parts,
                                                                      Language language) {
  const std::int64_t version = parts.commitments->version();
  const auto kept = members_.with([&](KeptMembers& members) {
    return members.version == version ? members.by_language[language] : nullptr;
  });
  if (kept != nullptr) {
    return kept;
  }
  auto page = ATALAYA_TRY(parts.commitments->list({}, language, kAllRows, 0));
  std::map<std::string, commitments::Asked, std::less<>> asked;
  ATALAYA_TRY(parts.database->read([&](store::Transaction& tx) -> Result<void> {
    asked = ATALAYA_TRY(commitments::asked_by_commitment(tx));
    return {};
  }));
  auto out = std::make_shared<std::vector<Member>>();
  out->reserve(page.rows.size());
  for (auto& row : page.rows) {
    const auto found = asked.find(row.id);
    out->push_back(member_of(parts.catalogue(), std::move(row),
                             found == asked.end() ? nullptr : &found->second));
  }
  members_.with([&](KeptMembers& members) {
    if (members.version != version) {
      members.by_language.clear();
      members.version = version;
    }
    members.by_language[language] = out;
  });
  return std::shared_ptr<const std::vector<Member>>(std::move(out));
}

}  // namespace atalaya::followup
