#include <atalaya/followup/data_sources.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/figures/locale.hpp>
#include <atalaya/identity/shown_names.hpp>

#include "checks.hpp"
#include "record.hpp"

namespace atalaya::followup {
namespace {

using detail::invalid;
using detail::missing;

IndicatorLink link_from(const store::Row& row) {
  return {row.integer(0), row.text(1), row.text(2), row.text(3),
          row.text(4),    row.text(5), row.text(6), row.text(7)};
}

constexpr std::string_view kLinkColumns =
    "id, commitment, indicator, kind, reason, name, added_at, added_by";

// What was taken back may show as it was known on a day; its file does not open any more.
constexpr std::string_view kEntryColumns =
    "id, commitment, actor, kind, date, title, url, CASE WHEN superseded_at IS NULL THEN file END, "
    "source, read_on, note, added_at, added_by";

DataEntry entry_from(const store::Row& row) {
  return {row.integer(0), row.text(1),  row.text(2),          row.text(3), row.text(4),
          row.text(5),    row.text(6),  row.text_or_empty(7), row.text(8), row.text(9),
          row.text(10),   row.text(11), row.text(12)};
}

Result<std::vector<DataEntry>> entries_of(store::Transaction& tx, std::string_view commitment,
                                          std::string_view actor, CivilDate as_of,
                                          const std::string& until) {
  const auto rows = ATALAYA_TRY(tx.query(
      fmt::format("SELECT {} FROM followup_data_entries WHERE commitment = $1 AND actor = $2 AND "
                  "(superseded_at IS NULL OR superseded_at > $4) AND date <= $3 AND added_at <= $4 "
                  "ORDER BY date DESC, id",
                  kEntryColumns),
      {std::string(commitment), std::string(actor), to_string(as_of), until}));
  const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
  std::vector<DataEntry> out;
  for (const auto& row : rows) {
    out.push_back(entry_from(row));
    out.back().added_by = names.of(out.back().added_by);
  }
  return out;
}

}  // namespace

int decimals_of(const IndicatorFigure& figure) {
  const auto whole = [](const std::optional<double>& value) {
    return !value || *value == std::floor(*value);
  };
  return whole(figure.value) && whole(figure.low) && whole(figure.high) ? 0 : 1;
}

std::string figure_words(Language language, const IndicatorFigure& figure) {
  const auto text = [&](const std::optional<double>& value) {
    return value ? figures::decimal(language, *value, decimals_of(figure)) : std::string("–");
  };
  return figure.low && figure.high
             ? fmt::format("{} ({}–{})", text(figure.value), text(figure.low), text(figure.high))
             : text(figure.value);
}

Result<std::int64_t> DataSources::link_indicator(const IndicatorLink& link,
                                                 std::string_view by) const {
  ATALAYA_TRY(Cube(parts_).member(link.commitment, Language::en));
  if (parts_.indicators == nullptr || !parts_.indicators->knows(link.indicator)) {
    return missing("indicator", link.indicator);
  }
  ATALAYA_TRY(detail::check_text(link.reason, 2000));
  ATALAYA_TRY(detail::check_text(link.name, 300));
  if ((link.kind != "measures_implementation" && link.kind != "context") ||
      trim(link.reason).empty() || trim(link.name).empty()) {
    return invalid("link", link.kind, "kind, reason or name is missing");
  }
  std::int64_t id = 0;
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto same = ATALAYA_TRY(
        tx.query("SELECT 1 FROM followup_indicator_links WHERE commitment = $1 AND indicator = $2 "
                 "AND superseded_at IS NULL",
                 {link.commitment, link.indicator}));
    if (!same.empty()) {
      return fail(ErrorCode::conflict, "followup.link.exists",
                  "this indicator is linked to this commitment already");
    }
    id = ATALAYA_TRY(detail::next_ids(tx, 1));
    ATALAYA_TRY(tx.execute(
        fmt::format("INSERT INTO followup_indicator_links({}) VALUES ($1, $2, $3, $4, $5, $6, $7, "
                    "$8)",
                    kLinkColumns),
        {id, link.commitment, link.indicator, link.kind, link.reason, link.name,
         to_string(parts_.clock->now()), std::string(by)}));
    detail::Change change;
    change.kind = "indicator_link";
    change.commitment = link.commitment;
    change.after = fmt::format("{} {}", link.indicator, link.kind);
    change.why = link.reason;
    change.by = by;
    return detail::record(parts_, tx,
                          {"followup.indicator_link",
                           fmt::format("link/{}", id),
                           {{"commitment", link.commitment},
                            {"indicator", link.indicator},
                            {"kind", link.kind},
                            {"reason", link.reason},
                            {"name", link.name},
                            {"by", by}}},
                          {change});
  }));
  ATALAYA_TRY(detail::noticed(parts_));
  return id;
}

Result<void> DataSources::withdraw_link(std::int64_t id, std::string_view reason,
                                        std::string_view by) const {
  reason = trim(reason);
  ATALAYA_TRY(detail::check_text(reason, 2000));
  ATALAYA_TRY(detail::check_reason(reason));
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(
        tx.query("UPDATE followup_indicator_links SET superseded_at = $2, superseded_by = $3 WHERE "
                 "id = $1 AND superseded_at IS NULL RETURNING commitment, indicator, kind",
                 {id, to_string(parts_.clock->now()), std::string(by)}));
    if (rows.empty()) {
      return missing("link", std::to_string(id));
    }
    detail::Change change;
    change.kind = "indicator_link";
    change.commitment = rows.front().text(0);
    change.before = fmt::format("{} {}", rows.front().text(1), rows.front().text(2));
    change.why = reason;
    change.by = by;
    return detail::record(parts_, tx,
                          {"followup.indicator_link.withdrawn",
                           fmt::format("link/{}", id),
                           {{"reason", reason}, {"by", by}}},
                          {change});
  }));
  return detail::noticed(parts_);
}

Result<std::vector<IndicatorLink>> DataSources::links(std::string_view commitment) const {
  std::vector<IndicatorLink> out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(
        tx.query(fmt::format("SELECT {} FROM followup_indicator_links WHERE {} "
                             "superseded_at IS NULL ORDER BY commitment, kind DESC, id",
                             kLinkColumns, commitment.empty() ? "" : "commitment = $1 AND"),
                 commitment.empty() ? store::Parameters()
                                    : store::Parameters{std::string(commitment)}));
    const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
    for (const auto& row : rows) {
      out.push_back(link_from(row));
      out.back().added_by = names.of(out.back().added_by);
    }
    return {};
  }));
  return out;
}

Result<std::vector<DataEntry>> DataSources::entries() const {
  std::vector<DataEntry> out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(
        tx.query(fmt::format("SELECT {} FROM followup_data_entries WHERE superseded_at IS NULL "
                             "ORDER BY commitment, actor, date, id",
                             kEntryColumns)));
    const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
    for (const auto& row : rows) {
      out.push_back(entry_from(row));
      out.back().added_by = names.of(out.back().added_by);
    }
    return {};
  }));
  return out;
}

Result<std::int64_t> DataSources::add_entry(const DataEntry& asked, std::string_view by) const {
  DataEntry entry = asked;
  entry.url = detail::without_blanks(trim(asked.url));
  ATALAYA_TRY(Cube(parts_).member(entry.commitment, Language::en));
  if (!actor_kind(entry.actor, parts_.catalogue())) {
    return missing("actor", entry.actor);
  }
  const bool kind = entry.kind == "law" || entry.kind == "document" || entry.kind == "figure";
  const bool url = entry.url.empty() || detail::opens(entry.url);
  if (!kind || !url || !parse_civil_date(entry.date) || !parse_civil_date(entry.read_on) ||
      trim(entry.title).empty() || trim(entry.source).empty()) {
    return invalid("entry", entry.kind, "kind, date, title, source or address is missing or wrong");
  }
  ATALAYA_TRY(detail::check_day(parts_, entry.read_on));
  ATALAYA_TRY(detail::check_read(entry.date, entry.read_on));
  for (const auto* text : {&entry.title, &entry.url, &entry.source, &entry.note}) {
    ATALAYA_TRY(detail::check_text(*text, 2000));
    ATALAYA_TRY(detail::check_no_login(*text));
  }
  std::int64_t id = 0;
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    id = ATALAYA_TRY(detail::next_ids(tx, 1));
    const store::Value file = entry.file.empty() ? store::Value() : store::Value(entry.file);
    ATALAYA_TRY(tx.execute(
        "INSERT INTO followup_data_entries(id, commitment, actor, kind, date, title, url, file, "
        "source, read_on, note, added_at, added_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
        "$10, $11, $12, $13)",
        {id, entry.commitment, entry.actor, entry.kind, entry.date, entry.title, entry.url, file,
         entry.source, entry.read_on, entry.note, to_string(parts_.clock->now()),
         std::string(by)}));
    detail::Change change;
    change.kind = "data_entry";
    change.commitment = entry.commitment;
    change.actor = entry.actor;
    change.after = fmt::format("{} {}", entry.kind, entry.title);
    change.why = entry.source;
    change.by = by;
    return detail::record(parts_, tx,
                          {"followup.data_entry",
                           fmt::format("entry/{}", id),
                           {{"commitment", entry.commitment},
                            {"actor", entry.actor},
                            {"kind", entry.kind},
                            {"date", entry.date},
                            {"title", entry.title},
                            {"url", entry.url},
                            {"source", entry.source},
                            {"by", by}}},
                          {change});
  }));
  ATALAYA_TRY(detail::noticed(parts_));
  return id;
}

Result<void> DataSources::withdraw_entry(std::int64_t id, std::string_view reason,
                                         std::string_view by) const {
  reason = trim(reason);
  ATALAYA_TRY(detail::check_text(reason, 2000));
  ATALAYA_TRY(detail::check_reason(reason));
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(
        tx.query("UPDATE followup_data_entries SET superseded_at = $2, superseded_by = $3 WHERE id "
                 "= $1 AND superseded_at IS NULL RETURNING commitment, actor, kind, title",
                 {id, to_string(parts_.clock->now()), std::string(by)}));
    if (rows.empty()) {
      return missing("entry.none", std::to_string(id));
    }
    detail::Change change;
    change.kind = "data_entry";
    change.commitment = rows.front().text(0);
    change.actor = rows.front().text(1);
    change.before = fmt::format("{} {}", rows.front().text(2), rows.front().text(3));
    change.why = reason;
    change.by = by;
    return detail::record(parts_, tx,
                          {"followup.data_entry.withdrawn",
                           fmt::format("entry/{}", id),
                           {{"reason", reason}, {"by", by}}},
                          {change});
  }));
  return detail::noticed(parts_);
}

Result<CellData> DataSources::cell(std::string_view commitment, std::string_view actor,
                                   CivilDate as_of, Language language,
                                   std::optional<CivilDate> known_on) const {
  // As in cube.cpp: no hour of a day comes after "T99".
  const std::string until = known_on ? to_string(*known_on) + "T99" : std::string("9999");
  const Member member = ATALAYA_TRY(Cube(parts_).member(commitment, language));
  CellData out;
  const auto all = ATALAYA_TRY(links(commitment));
  const std::string_view country = country_of(actor);
  for (const IndicatorLink& link : all) {
    if (link.added_at > until) {
      continue;
    }
    if (parts_.indicators != nullptr && !country.empty()) {
      auto figure = ATALAYA_TRY(parts_.indicators->figure(
          link.indicator, country, as_of == parts_.today() ? std::string() : to_string(as_of),
          language));
      const bool baseline = is_baseline(figure.period, member.adopted);
      out.figures.push_back({link, std::move(figure), baseline});
    }
  }
  if (actor_kind(actor, parts_.catalogue()) == ActorKind::state) {
    const auto treaties = ATALAYA_TRY(Treaties(parts_).matrix(as_of, actor, {}, known_on));
    for (const std::string& treaty : member.treaties) {
      const auto at = std::ranges::find(treaties.instruments, treaty);
      if (at != treaties.instruments.end()) {
        const auto i = static_cast<std::size_t>(at - treaties.instruments.begin());
        out.treaties.push_back({treaty, treaties.at(0, i), member.asks_to_join});
      }
    }
  }
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    out.entries = ATALAYA_TRY(entries_of(tx, commitment, actor, as_of, until));
    return {};
  }));
  return out;
}

}  // namespace atalaya::followup
