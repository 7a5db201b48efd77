#include "cube_cache.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/commitments/addressees.hpp>

#include "personal_data.hpp"

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
  values.scales.insert(row.text(2));
  const std::int32_t order = static_cast<std::int32_t>(row.integer(3));
  add(values, CubeCache::assessment_key(row.text(0), row.text(1), row.text(2)),
      {day_of_text(row.text(4)), order, values.id_of(row.text(5)), row.integer(6) != 0,
       day_of_text(row.text(7).substr(0, 10)), -1});
}

// Where this node's own coders assessed a cell on a scale, theirs is what stands in the matrix; the
// page of the cell shows all.
void add_peers_assessment(CubeCache::Values& values, const store::Row& row) {
  values.scales.insert(row.text(2));
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
    "c.imported_at FROM followup_node_records c JOIN followup_nodes p ON p.verifier_key = c.peer "
    "WHERE "
    "c.kind = "
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
    out.themes = asked->themes;
    for (const std::string& id : asked->instruments) {
      const auto* instrument = catalogue.find_instrument(id);
      if (instrument != nullptr && instrument->kind == "treaty") {
        out.treaties.push_back(id);
      }
    }
  }
  out.asks_to_join = !out.treaties.empty() && asks_to_join(catalogue, row);
  if (!row.theme.empty() && std::ranges::find(out.themes, row.theme) == out.themes.end()) {
    out.themes.insert(out.themes.begin(), row.theme);
  }
  out.row = std::move(row);
  return out;
}

// What the commitments desk's rows say of an earlier day; `until` is the end of it.
struct Earlier {
  std::map<std::string, commitments::Asked, std::less<>> asked;
  std::set<std::string, std::less<>> later, gone;
  std::map<std::string, std::pair<std::string, std::string>, std::less<>> titles;  // "" = none yet
};

Result<void> read_earlier_list(store::Transaction& tx, const std::string& until, Earlier& out) {
  const auto later = ATALAYA_TRY(
      tx.query("SELECT a.commitment FROM appearances a JOIN source_documents s ON s.id = a.source "
               "GROUP BY a.commitment HAVING MIN(s.imported_at) > $1",
               {until}));
  for (const auto& row : later) {
    out.later.insert(row.text(0));
  }
  const auto gone = ATALAYA_TRY(
      tx.query("SELECT c.id FROM commitments c JOIN source_documents s ON s.id = c.gone_from WHERE "
               "s.imported_at <= $1",
               {until}));
  for (const auto& row : gone) {
    out.gone.insert(row.text(0));
  }
  return {};
}

Result<void> read_earlier_titles(store::Transaction& tx, Language language,
                                 const std::string& until, Earlier& out) {
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT t.commitment, t.title, t.summary, t.set_at FROM titles t WHERE t.language = "
               "$1 AND EXISTS (SELECT 1 FROM titles n WHERE n.commitment = t.commitment AND "
               "n.language = t.language AND n.set_at > $2) ORDER BY t.commitment, t.version",
               {std::string(to_string(language)), until}));
  for (const auto& row : rows) {
    auto& title = out.titles[row.text(0)];
    if (row.text(3) <= until) {
      title = {row.text(1), row.text(2)};
    }
  }
  return {};
}

// The decisions that came later are undone. Whoever adds a link first found none there; whoever
// removes one first found it.
Result<void> read_earlier_treaties(store::Transaction& tx, const std::string& until, Earlier& out) {
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT d.commitment, d.target, d.decision, d.set_at FROM link_decisions d WHERE "
               "d.kind = 'instrument' AND EXISTS (SELECT 1 FROM link_decisions n WHERE "
               "n.commitment = d.commitment AND n.kind = d.kind AND n.target = d.target AND "
               "n.set_at > $1) ORDER BY d.commitment, d.target, d.version",
               {until}));
  std::map<std::pair<std::string, std::string>, bool> stood;
  for (const auto& row : rows) {
    const bool adds = row.text(2) == "add";
    const auto [link, first] = stood.try_emplace({row.text(0), row.text(1)}, !adds);
    if (row.text(3) <= until) {
      link->second = adds;
    }
  }
  for (const auto& [link, stands] : stood) {
    auto& instruments = out.asked[link.first].instruments;
    std::erase(instruments, link.second);
    if (stands) {
      instruments.push_back(link.second);
    }
  }
  return {};
}

void set_earlier_title(const commitments::Catalogue& catalogue, Language language,
                       const Earlier& earlier, commitments::CommitmentRow& row) {
  const auto title = earlier.titles.find(row.id);
  if (title == earlier.titles.end()) {
    return;
  }
  const auto* entry = catalogue.find_entry(row.id);
  if (!title->second.first.empty()) {
    std::tie(row.title, row.summary) = title->second;
    row.title_language = to_string(language);
  } else if (entry != nullptr) {
    row.title = entry->title.in(language);
    row.summary = entry->summary.in(language);
    row.title_language = entry->title.has(language) ? std::string(to_string(language)) : "en";
  } else {
    row.title.clear();
    row.summary.clear();
    row.title_language.clear();
  }
}

}  // namespace

Result<std::vector<Member>> CubeCache::members_known(const Parts& parts, Language language,
                                                     CivilDate day) {
  // Instants are "2026-11-22T02:15:00Z": no hour of that day comes after "T99".
  const std::string until = to_string(day) + "T99";
  commitments::Filter filter;
  filter.gone = true;
  auto page = ATALAYA_TRY(parts.commitments->list(filter, language, kAllRows, 0));
  Earlier earlier;
  ATALAYA_TRY(parts.database->read([&](store::Transaction& tx) -> Result<void> {
    earlier = {};
    earlier.asked = ATALAYA_TRY(commitments::asked_by_commitment(tx));
    ATALAYA_TRY(read_earlier_list(tx, until, earlier));
    ATALAYA_TRY(read_earlier_titles(tx, language, until, earlier));
    return read_earlier_treaties(tx, until, earlier);
  }));
  std::vector<Member> out;
  for (auto& row : page.rows) {
    const bool not_yet =
        earlier.later.contains(row.id) && parts.catalogue().find_entry(row.id) == nullptr;
    if (not_yet || earlier.gone.contains(row.id)) {
      continue;
    }
    set_earlier_title(parts.catalogue(), language, earlier, row);
    const auto asked = earlier.asked.find(row.id);
    out.push_back(member_of(parts.catalogue(), std::move(row),
                            asked == earlier.asked.end() ? nullptr : &asked->second));
  }
  return out;
}

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

bool CubeCache::take_from(const std::string& bucket, std::int64_t per_hour, UtcTime now) {
  constexpr std::int64_t kHourMs = 60LL * 60 * 1000;
  return buckets_.with([&](std::map<std::string, Bucket>& buckets) {
    const std::int64_t full = 1000 * per_hour;
    const auto [at, fresh] = buckets.try_emplace(bucket, Bucket{full, now.ms});
    Bucket& held = at->second;
    const std::int64_t passed = std::clamp<std::int64_t>(now.ms - held.at_ms, 0, kHourMs);
    held = {std::min(full, held.tokens_milli + passed * full / kHourMs), now.ms};
    if (held.tokens_milli < 1000) {
      return false;
    }
    held.tokens_milli -= 1000;
    return true;
  });
}

std::shared_ptr<const PersonalData> CubeCache::personal_data(
    const commitments::Catalogue& catalogue) {
  return personal_data_.with([&](std::shared_ptr<const PersonalData>& held) {
    if (held == nullptr) {
      held = std::make_shared<const PersonalData>(catalogue);
    }
    return held;
  });
}

}  // namespace atalaya::followup
