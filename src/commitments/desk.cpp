// The desk's lists and counts. Every count is taken over the table `commitments`, which holds each
// commitment once whatever number of pages print it; pages, API and exports all ask here.
#include <atalaya/commitments/desk.hpp>

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/commitments/themes.hpp>

#include "desk_state.hpp"
#include "source_links.hpp"
#include "wordings.hpp"

namespace atalaya::commitments {
namespace detail {

std::string Where::parameter(store::Value value) {
  parameters_.push_back(std::move(value));
  return fmt::format("${}", parameters_.size());
}

std::string Where::list(const std::vector<std::string>& values) {
  std::vector<std::string> names;
  names.reserve(values.size());
  for (const auto& value : values) {
    names.push_back(parameter(value));
  }
  return fmt::format("{}", fmt::join(names, ","));
}

CommitmentRow row_from(const store::Row& row, std::size_t first) {
  CommitmentRow out;
  out.id = row.text(first);
  out.meeting = row.text(first + 1);
  out.document = row.text(first + 2);
  out.year = static_cast<std::int32_t>(row.integer(first + 3));
  out.role = row.text(first + 4);
  out.theme = row.text(first + 5);
  out.actionable = row.integer(first + 6) != 0;
  out.held = row.integer(first + 7) != 0;
  return out;
}

namespace {

template <class Enum, std::size_t n>
Enum read_enum(std::string_view text, const Enum (&all)[n], Enum fallback) {
  for (const Enum value : all) {
    if (to_string(value) == text) {
      return value;
    }
  }
  return fallback;
}

constexpr ItemRole kRoles[] = {ItemRole::operative,    ItemRole::chapeau,
                               ItemRole::recital,      ItemRole::priority,
                               ItemRole::key_question, ItemRole::response_dimension,
                               ItemRole::next_step,    ItemRole::good_practice};
constexpr CitationStatus kStatuses[] = {CitationStatus::own, CitationStatus::from_child,
                                        CitationStatus::from_sibling, CitationStatus::inferred,
                                        CitationStatus::none};

std::int32_t small(std::int64_t value) { return static_cast<std::int32_t>(value); }

}  // namespace

ParsedItem item_from(const store::Row& row, std::size_t first) {
  ParsedItem item;
  item.ordinal = small(row.integer(first));
  item.level = small(row.integer(first + 1));
  item.parent_ordinal = small(row.integer(first + 2));
  item.role = read_enum(row.text(first + 3), kRoles, ItemRole::operative);
  item.label = row.text(first + 4);
  item.block = row.text(first + 5);
  item.line = small(row.integer(first + 6));
  item.line_end = small(row.integer(first + 7));
  item.text = row.text(first + 8);
  item.citation.raw = row.text(first + 9);
  item.citation.document = row.text(first + 10);
  item.citation.place = row.text(first + 11);
  item.citation.year = small(row.integer(first + 12));
  item.citation.status = read_enum(row.text(first + 13), kStatuses, CitationStatus::none);
  item.effective.document = row.text(first + 14);
  item.effective.place = row.text(first + 15);
  item.effective.country = row.text(first + 16);
  item.effective.year = small(row.integer(first + 17));
  item.effective.meeting = row.text(first + 18);
  return item;
}

ledger::Event event(std::string_view kind, std::string_view subject, const json::object& payload) {
  return {std::string(kind), std::string(subject), canonical_json(payload)};
}

std::string series_of(const Catalogue& catalogue, std::string_view meeting) {
  if (const Meeting* known = catalogue.find_meeting(meeting)) {
    return known->series;
  }
  // One that it does not know begins with its series, where it has one ("pns-2031").
  const std::string_view begin = meeting.substr(0, meeting.find('-'));
  const bool is_series = std::ranges::any_of(
      catalogue.meetings(), [&](const Meeting& other) { return other.series == begin; });
  return is_series ? std::string(begin) : "other";
}

Result<std::int64_t> advance_counter(store::Transaction& tx, std::string_view name,
                                     std::int64_t by) {
  const auto row = ATALAYA_TRY(
      tx.query_one("UPDATE counters SET value = value + $1 WHERE name = $2 RETURNING value",
                   {by, std::string(name)}));
  return row.integer(0);
}

Result<void> feed(store::Transaction& tx, const std::vector<std::string>& ids,
                  std::string_view kind) {
  if (ids.empty()) {
    return {};
  }
  const auto count = static_cast<std::int64_t>(ids.size());
  std::int64_t position = ATALAYA_TRY(advance_counter(tx, "change_feed", count));
  position -= count;
  std::vector<store::Parameters> rows;
  rows.reserve(ids.size());
  for (const auto& id : ids) {
    rows.push_back({++position, std::string(kind), id});
  }
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO change_feed(position, kind, subject) VALUES ($1, $2, $3)", rows));
  return {};
}

namespace {

using RowsById = std::map<std::string, std::vector<CommitmentRow*>, std::less<>>;

// Where no appearance prints the citation, the row says how it was found.
Result<void> mark_citations(store::Transaction& tx, const std::vector<std::string>& ids,
                            RowsById& rows) {
  Where where;
  where.add("a.commitment IN (" + where.list(ids) + ")");
  where.add("a.citation_status IN ('from_child', 'from_sibling', 'inferred')");
  where.add("NOT EXISTS (SELECT 1 FROM appearances o WHERE o.commitment = a.commitment AND "
            "o.citation_status = 'own')");
  const auto found = ATALAYA_TRY(
      tx.query("SELECT a.commitment, a.citation_status FROM appearances a" + where.sql() +
                   " ORDER BY a.commitment, a.citation_status",
               where.parameters()));
  for (const auto& row : found) {
    for (CommitmentRow* target : rows[row.text(0)]) {
      target->citation_status = row.text(1);
    }
  }
  return {};
}

// What the catalogue does not list is told apart by the file that it stands in, the first that is
// held.
Result<void> name_files(store::Transaction& tx, const std::vector<std::string>& ids,
                        RowsById& rows) {
  std::vector<std::string> unlisted;
  std::ranges::copy_if(ids, std::back_inserter(unlisted),
                       [&](const std::string& id) { return rows[id].front()->document.empty(); });
  if (unlisted.empty()) {
    return {};
  }
  Where where;
  where.add("a.commitment IN (" + where.list(unlisted) + ")");
  const auto found = ATALAYA_TRY(
      tx.query("SELECT a.commitment, a.citation_document, s.title, s.file_name FROM appearances a "
               "JOIN source_documents s ON s.id = a.source" +
                   where.sql() + " ORDER BY s.position DESC, a.ordinal DESC",
               where.parameters()));
  for (const auto& row : found) {
    for (CommitmentRow* target : rows[row.text(0)]) {
      const auto& title = row.text(2);
      target->printed_in = !row.text(1).empty() ? row.text(1) : title.empty() ? row.text(3) : title;
    }
  }
  return {};
}

}  // namespace

Result<void> decorate(store::Transaction& tx, const Catalogue& catalogue, Language language,
                      std::vector<CommitmentRow*> rows) {
  RowsById by_id;
  for (CommitmentRow* row : rows) {
    by_id[row->id].push_back(row);
    if (const Entry* entry = catalogue.find_entry(row->id)) {
      row->title = entry->title.in(language);
      row->summary = entry->summary.in(language);
      row->title_language =
          entry->title.has(language) ? std::string(to_string(language)) : std::string("en");
    }
  }
  std::vector<std::string> ids;
  ids.reserve(by_id.size());
  for (const auto& [id, unused] : by_id) {
    ids.push_back(id);
  }
  const std::string wanted(to_string(language));
  for (std::size_t at = 0; at < ids.size(); at += 400) {
    const std::vector<std::string> chunk(
        ids.begin() + static_cast<std::ptrdiff_t>(at),
        ids.begin() + static_cast<std::ptrdiff_t>(std::min(at + 400, ids.size())));
    Where titles;
    titles.add("commitment IN (" + titles.list(chunk) + ")");
    titles.add("language = " + titles.parameter(wanted));
    const auto newest = ATALAYA_TRY(tx.query(
        "SELECT commitment, title, summary FROM titles" + titles.sql() + " ORDER BY version",
        titles.parameters()));
    for (const auto& row : newest) {
      for (CommitmentRow* target : by_id[row.text(0)]) {
        target->title = row.text(1);
        target->summary = row.text(2);
        target->title_language = wanted;
      }
    }
    ATALAYA_TRY(mark_citations(tx, chunk, by_id));
    ATALAYA_TRY(name_files(tx, chunk, by_id));
    Where texts;
    texts.add("commitment IN (" + texts.list(chunk) + ")");
    const auto starts =
        ATALAYA_TRY(tx.query("SELECT commitment, language, substr(text, 1, 220), standing FROM "
                             "commitment_texts" +
                                 texts.sql() + " ORDER BY standing, language",
                             texts.parameters()));
    for (const auto& row : starts) {
      for (CommitmentRow* target : by_id[row.text(0)]) {
        if (target->text_start.empty() || row.text(1) == wanted) {
          target->text_start = row.text(2);
          target->text_standing = row.text(3);
        }
      }
    }
  }
  return {};
}

Result<std::vector<CommitmentRow>> rows_of(store::Transaction& tx, const Catalogue& catalogue,
                                           Language language,
                                           const std::vector<std::string>& ids) {
  std::vector<CommitmentRow> rows;
  std::map<std::string, CommitmentRow, std::less<>> found;
  for (std::size_t at = 0; at < ids.size(); at += 400) {
    const std::vector<std::string> chunk(
        ids.begin() + static_cast<std::ptrdiff_t>(at),
        ids.begin() + static_cast<std::ptrdiff_t>(std::min(at + 400, ids.size())));
    Where where;
    where.add("c.id IN (" + where.list(chunk) + ")");
    const auto answer = ATALAYA_TRY(
        tx.query(fmt::format("SELECT {} FROM commitments c{}", kRowColumns, where.sql()),
                 where.parameters()));
    for (const auto& row : answer) {
      found.emplace(row.text(0), row_from(row, 0));
    }
  }
  for (const auto& id : ids) {
    if (const auto it = found.find(id); it != found.end()) {
      rows.push_back(it->second);
    }
  }
  std::vector<CommitmentRow*> pointers;
  for (auto& row : rows) {
    pointers.push_back(&row);
  }
  ATALAYA_TRY(decorate(tx, catalogue, language, std::move(pointers)));
  return rows;
}

}  // namespace detail

namespace {

using detail::Where;

void add_links(Where& where, std::string_view kind, const std::vector<std::string>& values) {
  if (!values.empty()) {
    where.add(fmt::format("EXISTS (SELECT 1 FROM commitment_links l WHERE l.commitment = c.id AND "
                          "l.kind = '{}' AND l.target IN ({}))",
                          kind, where.list(values)));
  }
}

void add_themes(Where& where, const Catalogue& catalogue, const std::vector<std::string>& themes) {
  add_links(where, "theme", with_narrower(catalogue, themes));
}

void add_column(Where& where, std::string_view column, const std::vector<std::string>& values) {
  if (!values.empty()) {
    where.add(fmt::format("c.{} IN ({})", column, where.list(values)));
  }
}

// Of the parliaments, of a meeting that nothing names or dates (meeting_of() of import_batch.hpp):
// "other", "other-2025".
constexpr std::string_view kUnknownPriority =
    "c.meeting >= 'other' AND c.meeting < 'other.' AND c.role = 'priority'";

// `except` names the field whose own filter is left out, so that its other values can be counted.
Where where_of(const Filter& filter, const Catalogue& catalogue, std::string_view except = {}) {
  Where where;
  if (!filter.gone) {
    where.add("c.gone_from = ''");
  } else {
    // Other words of a commitment hold nothing of their own.
    where.add("NOT EXISTS (SELECT 1 FROM wordings w WHERE w.later = c.id)");
  }
  const auto wanted = [&](std::string_view field) { return field != except; };
  if (wanted("theme")) {
    add_themes(where, catalogue, filter.themes);
  }
  if (wanted("instrument")) {
    add_links(where, "instrument", filter.instruments);
  }
  if (wanted("institution")) {
    add_links(where, "institution", filter.institutions);
  }
  if (wanted("meeting")) {
    add_column(where, "meeting", filter.meetings);
  }
  if (wanted("document")) {
    add_column(where, "document", filter.documents);
  }
  if (wanted("role")) {
    add_column(where, "role", filter.roles);
  }
  if (!filter.series.empty()) {
    // Ids of meetings begin with their series, also of those that the catalogue does not know; a
    // point follows the hyphen among bytes.
    std::vector<std::string> ranges;
    for (const std::string& series : filter.series) {
      ranges.push_back(fmt::format("(c.meeting >= {} AND c.meeting < {})",
                                   where.parameter(series + "-"), where.parameter(series + ".")));
    }
    if (std::ranges::find(filter.series, "pns") != filter.series.end()) {
      ranges.push_back(fmt::format("({})", kUnknownPriority));
    }
    where.add(fmt::format("({})", fmt::join(ranges, " OR ")));
  }
  if (wanted("year") && !filter.years.empty()) {
    std::vector<std::string> names;
    for (const std::int32_t year : filter.years) {
      names.push_back(where.parameter(std::int64_t{year}));
    }
    where.add(fmt::format("c.year IN ({})", fmt::join(names, ",")));
  }
  if (!filter.formulations.empty()) {
    where.add("EXISTS (SELECT 1 FROM clauses k WHERE k.commitment = c.id AND k.formulation IN (" +
              where.list(filter.formulations) + "))");
  }
  if (filter.actionable) {
    where.add("c.actionable = " + where.parameter(std::int64_t{*filter.actionable ? 1 : 0}));
  }
  if (filter.held) {
    where.add("c.held = " + where.parameter(std::int64_t{*filter.held ? 1 : 0}));
  }
  if (filter.dated) {
    where.add("c.dated = " + where.parameter(std::int64_t{*filter.dated ? 1 : 0}));
  }
  return where;
}

// Every number of the overview but the documents', from one index (migration 0012).
constexpr std::string_view kNumbers =
    "SELECT year, theme, document, meeting, COUNT(*), SUM(actionable), SUM(held), SUM(asking), "
    "SUM(declaring), SUM(dated), SUM(citation_inferred), SUM(citation_unprinted) FROM commitments "
    "WHERE gone_from = '' GROUP BY year, theme, document, meeting";

// By main theme, from the numbers; only where that is another's does a further theme decide.
Result<std::int32_t> count_on_subject(store::Transaction& tx, const Catalogue& catalogue,
                                      const std::vector<store::Row>& numbers) {
  std::vector<std::string> subject;
  if (!catalogue.themes().empty()) {
    subject = with_narrower(catalogue, {catalogue.themes().front().id});
  }
  std::int64_t count = 0;
  std::set<std::string> others;
  for (const auto& row : numbers) {
    const std::string theme = row.text(1);
    if (std::ranges::find(subject, theme) != subject.end()) {
      count += row.integer(4);
    } else if (!theme.empty()) {
      others.insert(theme);
    }
  }
  if (!others.empty() && !subject.empty()) {
    Where where;
    where.add("c.gone_from = ''");
    add_column(where, "theme", {others.begin(), others.end()});
    add_links(where, "theme", subject);
    const auto row = ATALAYA_TRY(
        tx.query_one("SELECT COUNT(*) FROM commitments c" + where.sql(), where.parameters()));
    count += row.integer(0);
  }
  return static_cast<std::int32_t>(count);
}

Result<Overview> count_overview(store::Transaction& tx, const Catalogue& catalogue) {
  Overview out;
  std::map<std::pair<std::string, std::int32_t>, CountCell> cells;
  std::map<std::int32_t, YearClauses> years;
  const auto groups = ATALAYA_TRY(tx.query(kNumbers));
  std::set<std::string> meetings;
  std::set<std::string> documents;
  for (const auto& row : groups) {
    const auto number = [&](std::size_t column) {
      return static_cast<std::int32_t>(row.integer(column));
    };
    const std::int32_t count = number(4);
    const std::int32_t actionable = number(5);
    out.commitments += count;
    out.actionable += actionable;
    out.held += number(6);
    out.clauses += number(7) + number(8);
    out.dated += number(9);
    out.inferred_citations += number(10);
    out.citations_not_printed += number(11);
    meetings.insert(row.text(3));
    documents.insert(row.text(2));
    const std::string series = detail::series_of(catalogue, row.text(3));
    out.ministers += series == "mispa" ? count : 0;
    out.parliaments += series == "pns" ? count : 0;
    if (series != "summit") {
      continue;
    }
    out.summit += count;
    const std::int32_t year = number(0);
    if (number(7) + number(8) > 0) {
      YearClauses& sum = years[year];
      sum.year = year;
      sum.asking += number(7);
      sum.declaring += number(8);
    }
    CountCell& cell = cells[{row.text(1), year}];
    cell.year = year;
    cell.theme = row.text(1);
    const Document* document = catalogue.find_document(row.text(2));
    const bool declaration = document != nullptr && document->form == "declaration";
    (declaration ? cell.declarations : cell.acts) += count;
    cell.actionable += actionable;
  }
  out.on_subject = ATALAYA_TRY(count_on_subject(tx, catalogue, groups));
  if (std::ranges::any_of(meetings,
                          [](const auto& meeting) { return meeting.starts_with("other"); })) {
    const auto unknown = ATALAYA_TRY(tx.query_one(fmt::format(
        "SELECT COUNT(*) FROM commitments c WHERE c.gone_from = '' AND {}", kUnknownPriority)));
    out.parliaments += static_cast<std::int32_t>(unknown.integer(0));
  }
  for (auto& [key, cell] : cells) {
    out.cells.push_back(std::move(cell));
  }
  out.meetings = static_cast<std::int32_t>(meetings.size());
  out.documents = static_cast<std::int32_t>(documents.size());
  for (const auto& [year, sum] : years) {
    out.clause_years.push_back(sum);
  }
  const auto sources = ATALAYA_TRY(
      tx.query_one("SELECT COUNT(*), COUNT(CASE WHEN standing = 'translation' THEN 1 END) FROM "
                   "source_documents"));
  out.sources = static_cast<std::int32_t>(sources.integer(0));
  if (sources.integer(1) > 0) {
    const auto translated = ATALAYA_TRY(tx.query_one(
        "SELECT COUNT(*) FROM commitments c WHERE c.gone_from = '' AND c.held = 1 AND NOT EXISTS "
        "(SELECT 1 FROM commitment_texts t WHERE t.commitment = c.id AND t.standing = "
        "'official')"));
    out.translated = static_cast<std::int32_t>(translated.integer(0));
  }
  return out;
}

}  // namespace

Desk::Desk(std::unique_ptr<State> state) : state_(std::move(state)) {}

Desk::~Desk() = default;

Result<std::unique_ptr<Desk>> Desk::open(const DeskParts& parts) {
  ATALAYA_CHECK(parts.database != nullptr && parts.ledger != nullptr && parts.catalogue != nullptr &&
                parts.clock != nullptr);
  auto state = std::make_unique<State>();
  state->parts = parts;
  ATALAYA_TRY(state->sync_catalogue());
  ATALAYA_TRY(detail::sync_source_links(parts));
  ATALAYA_TRY(detail::settle_older_dates(parts));
  return std::unique_ptr<Desk>(new Desk(std::move(state)));
}

const Catalogue& Desk::catalogue() const noexcept { return *state_->parts.catalogue; }

std::int64_t Desk::version() const noexcept { return state_->version.load(); }

Result<Overview> Desk::overview() const {
  const std::int64_t version = state_->version.load();
  auto cached = state_->overview.with([&](const CachedOverview& value) {
    return value.version == version ? std::optional(value.overview) : std::nullopt;
  });
  if (cached) {
    return *std::move(cached);
  }
  Overview overview;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    overview = ATALAYA_TRY(count_overview(tx, catalogue()));
    return {};
  }));
  state_->overview.with([&](CachedOverview& value) { value = {version, overview}; });
  return overview;
}

Result<Page> Desk::list(const Filter& filter, Language language, std::int32_t limit,
                        std::int32_t offset) const {
  Page page;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    page = {};
    Where where = where_of(filter, catalogue());
    const auto total = ATALAYA_TRY(
        tx.query_one("SELECT COUNT(*) FROM commitments c" + where.sql(), where.parameters()));
    page.total = total.integer(0);
    const std::string tail =
        fmt::format(" ORDER BY c.year DESC, c.meeting, c.sort, c.id LIMIT {} OFFSET {}",
                    where.parameter(std::int64_t{limit}), where.parameter(std::int64_t{offset}));
    const auto rows = ATALAYA_TRY(tx.query(
        fmt::format("SELECT {} FROM commitments c{}{}", detail::kRowColumns, where.sql(), tail),
        where.parameters()));
    std::vector<CommitmentRow*> pointers;
    page.rows.reserve(rows.size());
    for (const auto& row : rows) {
      page.rows.push_back(detail::row_from(row, 0));
      pointers.push_back(&page.rows.back());
    }
    return detail::decorate(tx, catalogue(), language, std::move(pointers));
  }));
  return page;
}

Result<std::vector<MeetingPlace>> Desk::places_of_meeting(std::string_view meeting) const {
  std::vector<MeetingPlace> out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(tx.query(
        "SELECT s.id, s.title, s.theme, s.file_name, a.citation_document, CASE WHEN "
        "a.citation_place = '' THEN a.effective_place ELSE a.citation_place END AS printed, "
        "MIN(a.line) AS first, COUNT(DISTINCT a.commitment) FROM commitments c JOIN appearances a "
        "ON a.commitment = c.id JOIN source_documents s ON s.id = a.source WHERE c.meeting = $1 "
        "AND c.document = '' AND c.gone_from = '' AND NOT EXISTS (SELECT 1 FROM source_documents n "
        "WHERE n.follows = s.id) "
        "GROUP BY s.id, s.position, s.title, s.theme, s.file_name, a.citation_document, "
        "printed ORDER BY s.position, first, a.citation_document, printed LIMIT 200",
        {std::string(meeting)}));
    out.clear();
    for (const auto& row : rows) {
      out.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5),
                     static_cast<std::int32_t>(row.integer(6)),
                     static_cast<std::int32_t>(row.integer(7))});
    }
    return {};
  }));
  return out;
}

namespace {

// A theme's count holds what only a narrower one names, once however many of them it names. The
// store adds up one bit for each theme that a commitment names, so that it is looked at once for
// all themes; the few different sums are told apart here. catalogue_test.cpp keeps to the limit.
constexpr std::size_t kThemesMax = 62;

Result<std::vector<CountedTarget>> count_themes(store::Transaction& tx, const Filter& filter,
                                                const Catalogue& catalogue) {
  const std::vector<Theme>& themes = catalogue.themes();
  ATALAYA_CHECK(themes.size() <= kThemesMax);
  Where where = where_of(filter, catalogue, "theme");
  // Without a filter the links alone say it, but for the few of what is gone.
  const bool all = where.sql() == where_of({}, catalogue).sql();
  std::vector<std::string> bits;
  for (std::size_t i = 0; i < themes.size(); ++i) {
    bits.push_back(fmt::format("(CAST({} AS TEXT), CAST({} AS BIGINT))",
                               where.parameter(themes[i].id),
                               where.parameter(std::int64_t{1} << i)));
  }
  const auto rows = ATALAYA_TRY(tx.query(
      fmt::format(
          "WITH bits(theme, bit) AS (VALUES {}) SELECT s.named, COUNT(*) FROM (SELECT "
          "CAST(SUM(b.bit) AS BIGINT) AS named FROM {} GROUP BY k.commitment) s GROUP BY s.named",
          fmt::join(bits, ", "),
          all ? "commitment_links k JOIN bits b ON b.theme = k.target WHERE k.kind = 'theme' AND "
                "k.commitment NOT IN (SELECT id FROM commitments WHERE gone_from > '')"
              : "commitments c JOIN commitment_links k ON k.commitment = c.id AND k.kind = 'theme' "
                "JOIN bits b ON b.theme = k.target" +
                    where.sql()),
      where.parameters()));
  std::vector<CountedTarget> out;
  for (const Theme& theme : themes) {
    std::int64_t holds = 0;
    for (const std::string& narrow : with_narrower(catalogue, {theme.id})) {
      holds |= std::int64_t{1} << std::ranges::distance(
                   themes.begin(), std::ranges::find(themes, narrow, &Theme::id));
    }
    CountedTarget count{theme.id, 0};
    for (const auto& row : rows) {
      count.commitments +=
          (row.integer(0) & holds) != 0 ? static_cast<std::int32_t>(row.integer(1)) : 0;
    }
    if (count.commitments > 0) {
      out.push_back(std::move(count));
    }
  }
  std::ranges::sort(out, {}, [](const CountedTarget& count) {
    return std::pair(-count.commitments, std::string_view(count.id));
  });
  return out;
}

}  // namespace

Result<std::vector<CountedTarget>> Desk::counts(std::string_view field,
                                                const Filter& filter) const {
  const bool linked = field == "theme" || field == "instrument" || field == "institution";
  const bool column =
      field == "meeting" || field == "document" || field == "year" || field == "role";
  if (!linked && !column) {
    return fail(ErrorCode::invalid_argument, "commitments.count_field",
                fmt::format("there is no field '{}' to count by", field));
  }
  std::vector<CountedTarget> out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    out.clear();
    if (field == "theme") {
      out = ATALAYA_TRY(count_themes(tx, filter, catalogue()));
      return {};
    }
    Where where = where_of(filter, catalogue(), field);
    std::string sql;
    if (linked) {
      where.add(fmt::format("k.kind = {}", where.parameter(std::string(field))));
      sql = fmt::format(
          "SELECT k.target, COUNT(*) FROM commitments c JOIN commitment_links k ON k.commitment = "
          "c.id{} GROUP BY k.target ORDER BY COUNT(*) DESC, k.target",
          where.sql());
    } else {
      sql = fmt::format(
          "SELECT c.{0}, COUNT(*) FROM commitments c{1} GROUP BY c.{0} ORDER BY c.{0}", field,
          where.sql());
    }
    const auto rows = ATALAYA_TRY(tx.query(sql, where.parameters()));
    for (const auto& row : rows) {
      out.push_back({field == "year" ? std::to_string(row.integer(0)) : row.text(0),
                     static_cast<std::int32_t>(row.integer(1))});
    }
    return {};
  }));
  return out;
}

}  // namespace atalaya::commitments
