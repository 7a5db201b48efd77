// Files of a source into the node: read, mapped, written as a set, named by one transaction.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/base/text.hpp>
#include <atalaya/columns/read_table.hpp>
#include <atalaya/crypto/hash.hpp>
#include <atalaya/files/tables.hpp>

#include "desk_coverage.hpp"
#include "load_copies.hpp"
#include "load_lost.hpp"
#include "load_periods.hpp"
#include "load_totals.hpp"
#include "mapping_checks.hpp"
#include "mapping_draft_values.hpp"
#include "mapping_titles.hpp"

namespace atalaya::observatory {
namespace {

// More would make a page and a backup of every slip in a file; the report has the number of all.
constexpr std::size_t kRejectsKept = 10'000;

using detail::InputFile;
using detail::Prepared;

Result<void> check_source(const std::string& source) {
  const bool plain =
      !source.empty() && source.size() <= 64 && std::ranges::all_of(source, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
      });
  if (!plain) {
    return fail(Error{ErrorCode::invalid_argument,
                      "observatory.load.source",
                      fmt::format("\"{}\" is no name of a source; use a-z, 0-9 and _, like "
                                  "co_national_police",
                                  source),
                      {{"source", source}}});
  }
  return {};
}

void want(std::vector<std::string>& names, const std::string& name) {
  if (!name.empty() && std::ranges::find(names, name) == names.end()) {
    names.push_back(name);
  }
}

// Every column that the mapping speaks of, under all its names.
std::vector<std::string> named_columns(const Mapping& mapping) {
  std::vector<std::string> out;
  for (const auto& measure : mapping.measures) {
    for (const auto& [dimension, code] : measure.set) {
      const std::size_t open = code.find('{');
      const std::size_t close = code.find('}');
      if (open < close && close != std::string::npos) {
        want(out, code.substr(open + 1, close - open - 1));
      }
    }
  }
  for (const auto& d : mapping.dimensions) {
    for (const auto& alternatives : d.columns) {
      for (const auto& name : alternatives) {
        want(out, name);
      }
    }
    want(out, d.within);
    want(out, d.name_column);
    want(out, d.parent_column);
    for (const auto& rule : d.rules) {
      for (const auto& condition : rule.when) {
        want(out, condition.first);
      }
    }
  }
  for (const auto& rule : mapping.skip) {
    want(out, rule.column);
  }
  for (const auto& check : mapping.checks) {
    for (const auto& name : check.sum) {
      want(out, name);
    }
    want(out, check.equals);
  }
  for (const auto& measure : mapping.measures) {
    want(out, measure.column);
  }
  return out;
}

Result<columns::ReadOptions> read_options(const Mapping& mapping) {
  columns::ReadOptions out;
  if (!mapping.sheets.empty() && mapping.sheets[0] != "*") {
    out.sheet = mapping.sheets[0];
  }
  if (mapping.header == "none") {
    out.header = columns::Header::none;
  } else if (mapping.header != "auto") {
    out.header = columns::Header::at_line;
    out.header_line = std::stoull(mapping.header);
    out.header_top = mapping.header_top.empty() ? 0 : std::stoull(mapping.header_top);
  }
  if (!mapping.delimiter.empty()) {
    out.delimiter = mapping.delimiter == "tab" ? '\t' : mapping.delimiter[0];
  }
  const std::pair<std::string_view, columns::Encoding> encodings[] = {
      {"", columns::Encoding::automatic},
      {"utf-8", columns::Encoding::utf_8},
      {"windows-1252", columns::Encoding::windows_1252},
      {"iso-8859-1", columns::Encoding::windows_1252},
      {"latin-1", columns::Encoding::windows_1252},
      {"utf-16", columns::Encoding::utf_16}};
  const auto* const at =
      std::ranges::find(encodings, mapping.encoding, [](const auto& e) { return e.first; });
  if (at == std::end(encodings)) {
    return fail(Error{ErrorCode::invalid_argument,
                      "observatory.mapping.bad",
                      "[file] encoding: write utf-8, windows-1252, iso-8859-1 or utf-16",
                      {{"file", mapping.id}, {"line", "1"}, {"key", "encoding"}, {"what", ""}}});
  }
  out.encoding = at->second;
  return out;
}

// Only what the mapping uses is coded: a first look at the header says which names the file has.
Result<columns::RawTable> read_file(const Mapping& mapping, const std::filesystem::path& path,
                                    const LoadOptions& load, const std::string& sheet,
                                    bool count_sheets) {
  auto options = ATALAYA_TRY(read_options(mapping));
  options.sheet = sheet;
  const bool by_expression = std::ranges::any_of(
      mapping.measures, [](const MeasureMapping& m) { return !m.columns.empty(); });
  if (!by_expression && mapping.column_names.empty()) {
    auto look = options;
    look.rows_max = 1;
    const auto first = ATALAYA_TRY(columns::read_table(path.string(), look));
    const auto named = named_columns(mapping);
    for (const auto& have : first.header) {
      const std::string key = fold(squeeze(have));
      if (std::ranges::any_of(named,
                              [&](const std::string& n) { return fold(squeeze(n)) == key; })) {
        options.columns.push_back(have);
      }
    }
  }
  if (load.progress) {
    const std::string name = path.filename().string();
    options.progress = [&load, name](std::uint64_t done, std::uint64_t total) {
      load.progress(name, done, total);
    };
  }
  options.count_sheets = count_sheets;
  auto table = ATALAYA_TRY(columns::read_table(path.string(), options));
  if (!mapping.column_names.empty()) {
    if (mapping.column_names.size() != table.columns.size()) {
      return fail(Error{ErrorCode::invalid_argument,
                        "observatory.load.column_missing",
                        fmt::format("{}: the mapping names {} columns and the file has {}",
                                    table.file, mapping.column_names.size(), table.columns.size()),
                        {{"file", table.file}, {"column", ""}}});
    }
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      table.columns[i].name = mapping.column_names[i];
    }
  }
  return table;
}

// A year that only the name of the sheet, or else of the file, says: a column of its own.
Result<void> add_year(const Mapping& mapping, columns::RawTable& table, const std::string& file) {
  const auto named = named_columns(mapping);
  if (std::ranges::find(named, kYearOfName) == named.end()) {
    return {};
  }
  std::string year = year_in(table.sheet);
  year = is_year(year) ? year : year_in(file);
  if (!is_year(year)) {
    return fail(Error{ErrorCode::invalid_argument,
                      "observatory.load.column_missing",
                      fmt::format("{}: neither the name of the sheet nor that of the file says one "
                                  "year, which the mapping wants for {}",
                                  table.file, kYearOfName),
                      {{"file", table.file}, {"column", std::string(kYearOfName)}}});
  }
  columns::RawColumn column;
  column.name = kYearOfName;
  column.values.append(year);
  column.codes = std::vector<std::uint8_t>(table.rows, 0);
  table.columns.push_back(std::move(column));
  return {};
}

// One empty name stands for the sheet that the reader chooses, and for a file without sheets.
Result<std::vector<std::string>> sheets_of(const Mapping& mapping,
                                           const std::filesystem::path& path) {
  if (mapping.sheets.empty()) {
    return std::vector<std::string>{""};
  }
  if (mapping.sheets[0] != "*") {
    return mapping.sheets;
  }
  auto options = ATALAYA_TRY(read_options(mapping));
  options.rows_max = 1;
  options.count_sheets = true;
  const auto first = ATALAYA_TRY(columns::read_table(path.string(), options));
  std::vector<std::string> out{first.sheet};
  for (const auto& other : first.others) {
    if (other.visible && other.rows > 0) {
      out.push_back(other.name);
    }
  }
  return out;
}

// Every sheet that the mapping speaks of; the others are named with their rows.
Result<void> map_file(const Mapping& mapping, const std::filesystem::path& path,
                      const LoadOptions& options, Mapper& mapper,
                      std::vector<SheetNotRead>& not_read) {
  const auto sheets = ATALAYA_TRY(sheets_of(mapping, path));
  const std::string file = path.filename().string();
  for (const auto& sheet : sheets) {
    const bool is_first = &sheet == &sheets.front();
    auto table = ATALAYA_TRY(read_file(mapping, path, options, sheet, is_first));
    for (const auto& other : table.others) {
      const bool is_read = std::ranges::any_of(
          sheets, [&](const std::string& s) { return trim(s) == trim(other.name); });
      if (other.rows > 0 && !is_read) {
        not_read.push_back({file, other.name, other.rows, other.visible});
      }
    }
    ATALAYA_TRY(add_year(mapping, table, file));
    const bool has_sheets = !table.sheet.empty();
    if (has_sheets && sheets.size() > 1) {
      table.file = fmt::format("{}, {}", file, table.sheet);
    }
    ATALAYA_TRY(mapper.add(table));
    if (!has_sheets) {
      break;  // a csv beside workbooks has only itself
    }
  }
  return {};
}

// Counted twice, the second copy would pass for twice as many cases.
Result<void> check_copies(const std::vector<InputFile>& files) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (std::size_t j = i + 1; j < files.size(); ++j) {
      if (files[i].sha256 == files[j].sha256) {
        return fail(Error{ErrorCode::invalid_argument,
                          "observatory.load.same_file",
                          fmt::format("{} and {} are the same file, byte by byte; its rows would "
                                      "count twice. Give it once",
                                      files[i].name, files[j].name),
                          {{"file", files[i].name}, {"other", files[j].name}}});
      }
    }
  }
  return {};
}

// What is no table at all is said before a large file is read to its end for its hash.
Result<void> look_first(const Mapping& mapping, const std::filesystem::path& path) {
  constexpr std::uintmax_t kLargeBytes = std::uintmax_t{64} << 20U;
  std::error_code error;
  ATALAYA_TRY(files::open_file_source(path.string()));  // says what is a folder, or not there
  if (const auto bytes = std::filesystem::file_size(path, error); !error && bytes > kLargeBytes) {
    auto options = ATALAYA_TRY(read_options(mapping));
    options.rows_max = 1;
    ATALAYA_TRY(columns::read_table(path.string(), options));
  }
  return {};
}

json::array files_json(const std::vector<InputFile>& files) {
  json::array out;
  for (const auto& file : files) {
    out.push_back(json::object{{"name", file.name},
                               {"bytes", static_cast<std::int64_t>(file.bytes)},
                               {"sha256", file.sha256}});
  }
  return out;
}

std::string content_of(const Mapping& mapping, const std::vector<InputFile>& files) {
  crypto::Sha256 hash;
  hash.update(mapping.sha256);
  for (const auto& file : files) {
    hash.update("\n").update(file.sha256);
  }
  const crypto::Hash sum = hash.finish();
  return to_hex(sum);
}

json::array text_array(const std::vector<std::string>& texts) {
  json::array out;
  for (const auto& text : texts) {
    out.push_back(json::string(text));
  }
  return out;
}

Result<void> insert_mapping(store::Transaction& tx, const Mapping& mapping, const std::string& by,
                            const std::string& now) {
  const auto known =
      ATALAYA_TRY(tx.query("SELECT sha256 FROM observatory_mappings WHERE id = $1 AND version = $2",
                           {mapping.id, std::int64_t{mapping.version}}));
  if (known.empty()) {
    ATALAYA_TRY(tx.execute(
        "INSERT INTO observatory_mappings (id, version, sha256, text, added_at, "
        "added_by) VALUES ($1, $2, $3, $4, $5, $6)",
        {mapping.id, std::int64_t{mapping.version}, mapping.sha256, mapping.text, now, by}));
    return {};
  }
  if (known[0].text(0) != mapping.sha256) {
    return fail(Error{ErrorCode::conflict,
                      "observatory.mapping.version",
                      fmt::format("version {} of mapping {} was used before with another text; "
                                  "raise version to {}",
                                  mapping.version, mapping.id, mapping.version + 1),
                      {{"mapping", mapping.id}, {"version", std::to_string(mapping.version)}}});
  }
  return {};
}

Result<void> insert_findings(store::Transaction& tx, std::int64_t id, const LoadReport& report) {
  std::vector<store::Parameters> rows;
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    const auto& f = report.findings[i];
    rows.push_back({id, static_cast<std::int64_t>(i),
                    std::string(f.severity == Severity::warning ? "warning" : "rejection"), f.file,
                    f.column, f.value, f.reason, f.detail, static_cast<std::int64_t>(f.first_line),
                    static_cast<std::int64_t>(f.rows)});
  }
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO observatory_findings (submission, position, severity, file, column_name, value, "
      "reason, detail, first_line, rows) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
      rows));
  rows.clear();
  for (std::size_t i = 0; i < std::min(report.rejects.size(), kRejectsKept); ++i) {
    const auto& r = report.rejects[i];
    rows.push_back({id, static_cast<std::int64_t>(i), report.files[r.file],
                    static_cast<std::int64_t>(r.line), static_cast<std::int64_t>(r.finding)});
  }
  ATALAYA_TRY(
      tx.execute_many("INSERT INTO observatory_rejects (submission, position, file, line, "
                      "finding) VALUES ($1, $2, $3, $4, $5)",
                      rows));
  return {};
}

Result<void> insert_territories(store::Transaction& tx, std::int64_t id,
                                const std::vector<NewTerritory>& territories) {
  std::vector<store::Parameters> rows;
  for (const auto& t : territories) {
    rows.push_back({t.code, t.level, t.parent, t.name, id});
  }
  ATALAYA_TRY(
      tx.execute_many("INSERT INTO observatory_territories (code, level, parent, name, "
                      "submission) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (code) DO "
                      "NOTHING",
                      rows));
  return {};
}

Result<void> insert_submission(store::Transaction& tx, const Prepared& p, const LoadResult& result,
                               const std::string& now) {
  const auto& m = *p.mapping;
  json::array breaks;
  for (const auto& [period, note] : m.breaks) {
    json::object entry{{"period", period}, {"note", note.text}};
    if (!note.by_language.empty()) {
      entry["notes"] = note.by_language;
    }
    breaks.push_back(std::move(entry));
  }
  json::object report = result.report.to_json();
  report.erase("findings");                 // they have rows of their own
  report["zeros"] = p.zeros;                // counts, not cases alone: desk_population.cpp
  report["covers"] = text_array(m.covers);  // also says that `months` are those covered
  for (const auto& entry : p.time) {
    report[entry.key()] = entry.value();
  }
  if (!p.contents.empty()) {
    report["contents"] = detail::contents_json(p.contents);
  }
  const store::Value follows =
      result.follows ? store::Value(*result.follows) : store::Value(std::monostate{});
  ATALAYA_TRY(tx.execute(
      "INSERT INTO observatory_submissions (id, source, source_kind, kind, country, title, "
      "mapping, "
      "mapping_version, phase, synthetic, content, files, breaks, months, period_from, period_to, "
      "report, segment, segment_sha256, segment_rows, follows, loaded_at, loaded_by) VALUES ($1, "
      "$2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, "
      "$22, $23)",
      {result.submission,
       p.source,
       m.source_kind,
       std::string(m.population ? "population" : "facts"),
       p.country,
       stored_words(m.title, m.titles),
       m.id,
       std::int64_t{m.version},
       m.phase,
       std::int64_t{m.synthetic ? 1 : 0},
       p.content,
       json::serialize(files_json(p.files)),
       json::serialize(breaks),
       json::serialize(text_array(result.report.months)),
       result.report.period_from,
       result.report.period_to,
       json::serialize(report),
       p.segment.file,
       p.segment.sha256,
       p.segment.rows,
       follows,
       now,
       p.by}));
  return {};
}

ledger::Event leaf_of(const Prepared& p, const LoadResult& result) {
  return {"observatory.submission", fmt::format("submission/{}", result.submission),
          canonical_json(json::object{
              {"source", p.source},
              {"mapping", p.mapping->id},
              {"mapping_version", p.mapping->version},
              {"mapping_sha256", p.mapping->sha256},
              {"files", files_json(p.files)},
              {"segment_sha256", p.segment.sha256},
              {"rows", result.report.rows},
              {"accepted", result.report.accepted + result.report.accepted_with_warning},
              {"rejected", result.report.rejected},
              {"skipped", result.report.skipped},
              {"total_accepted", result.report.total_accepted}})};
}

// What counts now of the series that the load belongs to.
Result<std::vector<detail::Current>> held_of(const Desk::State& state, const Prepared& p) {
  std::vector<Submission> all;
  ATALAYA_TRY(state.parts.database->read([&](store::Transaction& tx) -> Result<void> {
    all = ATALAYA_TRY(detail::read_submissions(tx));
    return {};
  }));
  auto held = detail::current(std::move(all), p.mapping->population ? "population" : "facts", "");
  std::erase_if(held, [&](const detail::Current& c) {
    return c.submission.source != p.source || c.submission.mapping != p.mapping->id ||
           c.submission.country != p.country;
  });
  return held;
}

// What the files hold twice, among each other and beside what goes on counting of their source.
Result<std::vector<Overlap>> overlaps_of(const Desk::State& state, const Territories& territories,
                                         const Prepared& p, const Facts& facts,
                                         const Mapper& mapper) {
  auto out = detail::overlaps_within(facts, p.contents, mapper.fact_ends());
  std::vector<Submission> all;
  ATALAYA_TRY(state.parts.database->read([&](store::Transaction& tx) -> Result<void> {
    all = ATALAYA_TRY(detail::read_submissions(tx));
    return {};
  }));
  auto beside = detail::current(std::move(all), "facts", "");
  std::erase_if(beside, [&](const detail::Current& c) { return c.submission.source != p.source; });
  const auto& months = mapper.report().months;
  for (auto& current : beside) {
    if (current.submission.mapping == p.mapping->id && current.submission.country == p.country) {
      current.replaced.insert(months.begin(), months.end());
    }
  }
  const auto add = [&out](std::vector<Overlap> more) {
    out.insert(out.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
  };
  add(detail::totals_beside_parts(territories, mapper.new_territories(), facts, *p.mapping,
                                  mapper.report().files, mapper.fact_ends()));
  add(detail::overlaps_beside(p.contents, beside));
  // Series of others than this one, where no figures of the same content were found already.
  std::erase_if(beside, [&](const detail::Current& c) {
    const bool own = c.submission.mapping == p.mapping->id && c.submission.country == p.country;
    return own || c.submission.source_kind == detail::kInternational ||
           std::ranges::any_of(out, [&](const Overlap& o) {
             return o.submission == c.submission.id && o.needs_word();
           });
  });
  add(ATALAYA_TRY(detail::counted_beside(state, territories, mapper.new_territories(), facts,
                                         mapper.report().files, beside)));
  return out;
}

// People whom another series of the source gives already would be added up.
Result<void> check_population(const Desk::State& state, const Territories& territories,
                              const Prepared& p, const Facts& facts,
                              const std::vector<NewTerritory>& joining) {
  std::vector<Submission> all;
  ATALAYA_TRY(state.parts.database->read([&](store::Transaction& tx) -> Result<void> {
    all = ATALAYA_TRY(detail::read_submissions(tx));
    return {};
  }));
  auto beside = detail::current(std::move(all), "population", "");
  std::erase_if(beside, [&](const detail::Current& c) {
    const bool own = c.submission.mapping == p.mapping->id && c.submission.country == p.country;
    return own || c.submission.source != p.source;
  });
  return detail::check_population(state, territories, joining, facts, beside);
}

// Says where a source will not give the country's figures because it seems to be of a part of it.
Result<void> note_part(const Desk::State& state, const Territories& territories, const Prepared& p,
                       const Facts& facts, LoadReport& report) {
  std::vector<Submission> all;
  ATALAYA_TRY(state.parts.database->read([&](store::Transaction& tx) -> Result<void> {
    all = ATALAYA_TRY(detail::read_submissions(tx));
    return {};
  }));
  auto held = detail::current(std::move(all), "facts", "");
  std::erase_if(held, [&](const detail::Current& c) {
    return c.submission.source != p.source || c.submission.country != p.country;
  });
  std::set<std::string> codes;
  const auto at = std::ranges::find(facts.dimensions, "territory", &FactColumn::name);
  if (at == facts.dimensions.end()) {
    return {};
  }
  for (std::uint32_t code = 0; code < at->texts.size(); ++code) {
    codes.emplace(at->texts.text(code));
  }
  const auto parts = ATALAYA_TRY(detail::parts_covered(state, territories, held, std::move(codes)));
  if (parts.empty()) {
    return {};
  }
  Finding finding;
  finding.file = report.files.empty() ? "" : report.files.front();
  finding.reason = "covers_part";
  finding.detail = fmt::format(
      "the source has facts in a part of the country only ({}): it will not give the country's "
      "figures. If it covers more, write it at the top of the mapping, like covers = \"{}\"",
      fmt::join(parts, ", "), p.country.empty() ? "BRA" : p.country);
  finding.rows = 1;
  report.findings.push_back(std::move(finding));
  return {};
}

// Who sends what of which country; nothing of the files is interpreted yet.
Result<Prepared> prepare(const Desk::State& state, const Mapping& mapping,
                         const std::vector<std::filesystem::path>& files,
                         const LoadOptions& options) {
  ATALAYA_TRY(check_source(options.source));
  Prepared p;
  p.mapping = &mapping;
  p.source = options.source;
  p.by = options.by;
  // Of two the wrong one would give its places the codes of namesakes elsewhere.
  if (!options.country.empty() && !mapping.country.empty() && options.country != mapping.country) {
    return fail(
        Error{ErrorCode::invalid_argument,
              "observatory.load.two_countries",
              fmt::format("the mapping says country = \"{}\" and the load {}: leave one out, "
                          "or correct it",
                          mapping.country, options.country),
              {{"mapping", mapping.country}, {"country", options.country}}});
  }
  p.country = !options.country.empty()   ? options.country
              : !mapping.country.empty() ? mapping.country
                                         : state.parts.country;
  if (!p.country.empty() && state.parts.codelists->country_of(p.country) != p.country) {
    return fail(
        Error{ErrorCode::invalid_argument,
              "observatory.load.country",
              fmt::format("\"{}\" is no country of the catalogue; write ISO 3166-1 alpha-3, "
                          "like COL",
                          p.country),
              {{"country", p.country}}});
  }
  for (const auto& path : files) {
    InputFile file;
    file.name = path.filename().string();
    ATALAYA_TRY(look_first(mapping, path));
    file.sha256 = ATALAYA_TRY(detail::file_sha256(path));
    std::error_code error;
    file.bytes = std::filesystem::file_size(path, error);
    p.files.push_back(std::move(file));
  }
  ATALAYA_TRY(check_copies(p.files));
  p.content = content_of(mapping, p.files);
  return p;
}

// The submission that holds these very files by this very mapping, and that none follows.
Result<std::optional<std::int64_t>> find_unchanged(const Desk::State& state, const Prepared& p) {
  std::optional<std::int64_t> out;
  ATALAYA_TRY(state.parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto last = ATALAYA_TRY(
        tx.query("SELECT id, content FROM observatory_submissions WHERE source = $1 AND mapping = "
                 "$2 AND content = $3 AND segment <> '' AND NOT EXISTS (SELECT 1 FROM "
                 "observatory_submissions AS later WHERE later.follows = "
                 "observatory_submissions.id) ORDER BY id DESC LIMIT 1",
                 {p.source, p.mapping->id, p.content}));
    if (!last.empty()) {
      out = last[0].integer(0);
    }
    return {};
  }));
  return out;
}

// Whether the submission holds what the files say by now: an earlier version of the program may
// have read them otherwise.
Result<bool> holds_the_same(const Desk::State& state, const Territories& territories,
                            const LoadResult& result,
                            const std::vector<detail::FileContent>& contents, Facts& facts) {
  std::vector<Submission> all;
  ATALAYA_TRY(state.parts.database->read([&](store::Transaction& tx) -> Result<void> {
    all = ATALAYA_TRY(detail::read_submissions(tx));
    return {};
  }));
  const auto held = std::ranges::find(all, result.submission, &Submission::id);
  const auto before =
      held == all.end() ? std::vector<detail::FileContent>() : detail::contents_from(held->report);
  if (before.empty()) {
    return true;  // too old to tell
  }
  const auto sum = [](const detail::FileContent& content) { return content.all; };
  if (!std::ranges::equal(before, contents, {}, sum, sum)) {
    return false;
  }
  const auto set = ATALAYA_TRY(state.segment(held->segment));
  LoadReport unused;
  const std::size_t dimensions = facts.dimensions.size();
  detail::mark_totals(territories, result.territories, facts, unused);
  const bool has_totals = facts.dimensions.size() > dimensions;
  facts.dimensions.resize(dimensions);
  const bool misses =
      !detail::missed_rows(territories, result.territories, result.report.months, facts).empty();
  bool missed = false;
  if (set->has("status")) {
    const auto statuses = ATALAYA_TRY(set->dictionary("status"));
    for (std::uint32_t code = 0; code < statuses->size(); ++code) {
      missed = missed || statuses->text(code) == detail::kMissingStatus;
    }
  }
  return set->has(detail::kTotalsColumn) == has_totals && missed == misses;
}

}  // namespace

namespace detail {

// Whether any fact is zero; what is not given is none.
bool has_zeros(const Facts& facts) {
  const auto status = std::ranges::find(facts.dimensions, "status", &FactColumn::name);
  for (std::size_t row = 0; row < facts.values.size(); ++row) {
    if (facts.values[row] == 0 &&
        (status == facts.dimensions.end() ||
         status->texts.text(columns::at(status->codes, row)) != kMissingStatus)) {
      return true;
    }
  }
  return false;
}

// The facts first, then the transaction that names them.
Result<void> store_submission(const Desk::State& state, Prepared& p, Facts facts,
                              LoadResult& result) {
  const Mapping& mapping = *p.mapping;
  p.zeros = has_zeros(facts);
  note_time(facts, result.report.months, p.time);
  p.segment = ATALAYA_TRY(state.parts.facts->write(
      std::move(facts), p.source,
      json::object{{"source", p.source}, {"mapping", mapping.id}, {"version", mapping.version}}));
  const std::string now = to_string(state.parts.clock->now());
  auto named = state.parts.database->write([&](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(insert_mapping(tx, mapping, p.by, now));
    const auto top =
        ATALAYA_TRY(tx.query_one("SELECT COALESCE(MAX(id), 0) FROM observatory_submissions"));
    result.submission = top.integer(0) + 1;
    // The newest of the series that speaks of one of these months is what this one follows.
    const auto earlier = ATALAYA_TRY(
        tx.query("SELECT id, period_from, period_to FROM observatory_submissions WHERE source = $1 "
                 "AND mapping = $2 AND country = $3 ORDER BY id DESC",
                 {p.source, mapping.id, p.country}));
    result.follows.reset();
    for (const auto& row : earlier) {
      if (row.text(1) < result.report.period_to && result.report.period_from < row.text(2)) {
        result.follows = row.integer(0);
        break;
      }
    }
    ATALAYA_TRY(insert_submission(tx, p, result, now));
    ATALAYA_TRY(insert_findings(tx, result.submission, result.report));
    ATALAYA_TRY(insert_territories(tx, result.submission, result.territories));
    const ledger::Event leaf = leaf_of(p, result);
    ATALAYA_TRY(state.parts.ledger->append(tx, {&leaf, 1}));
    return {};
  });
  if (!named) {
    if (named.error().code != ErrorCode::deadline_exceeded) {
      // Where this fails too, the set has no name, counts for nothing, and check() removes it.
      static_cast<void>(state.parts.facts->destroy(p.segment.file));
    }
    return fail(std::move(named).error());
  }
  return {};
}

}  // namespace detail

Result<LoadResult> Desk::load(const Mapping& mapping,
                              const std::vector<std::filesystem::path>& files,
                              const LoadOptions& options) {
  Prepared p = ATALAYA_TRY(prepare(*state_, mapping, files, options));
  LoadResult result;
  const auto known = ATALAYA_TRY(territories());
  const auto unchanged = ATALAYA_TRY(find_unchanged(*state_, p));
  result.unchanged = unchanged.has_value();
  result.submission = unchanged.value_or(0);
  Mapper mapper(mapping, *known, p.country, utc_date(state_->parts.clock->now()));
  std::vector<SheetNotRead> not_read;
  for (const auto& path : files) {
    ATALAYA_TRY(map_file(mapping, path, options, mapper, not_read));
  }
  result.report = mapper.report();
  result.report.sheets_not_read = std::move(not_read);
  result.territories = mapper.new_territories();
  Facts facts = mapper.take_facts();
  ATALAYA_TRY(detail::check_covers(*known, result.territories, mapping, facts));
  if (!mapping.population) {
    p.contents = detail::contents_of(facts, result.report.files, mapper.fact_ends());
  }
  if (result.unchanged && !mapping.population) {
    result.unchanged = ATALAYA_TRY(holds_the_same(*state_, *known, result, p.contents, facts));
    result.submission = result.unchanged ? result.submission : 0;
  }
  if (!result.unchanged && !mapping.population) {
    result.overlaps = ATALAYA_TRY(overlaps_of(*state_, *known, p, facts, mapper));
    detail::note_overlaps(result.overlaps, result.report);
    detail::note_larger_offences(*known, result.territories, facts, mapping, mapper.fact_ends(),
                                 result.report);
  }
  if (!result.unchanged && mapping.population) {
    ATALAYA_TRY(check_population(*state_, *known, p, facts, result.territories));
  }
  if (!mapping.population && mapping.covers.empty() &&
      mapping.source_kind != detail::kInternational) {
    ATALAYA_TRY(note_part(*state_, *known, p, facts, result.report));
  }
  if (!result.unchanged) {
    const auto held = ATALAYA_TRY(held_of(*state_, p));
    result.lost =
        ATALAYA_TRY(detail::lost_facts(*state_, *known, held, facts, result.report.months));
    detail::note_less_covered(held, result.report);
  }
  if (!mapping.population) {
    const auto missed =
        detail::missed_rows(*known, result.territories, result.report.months, facts);
    detail::append_not_given(missed, facts);
    detail::mark_totals(*known, result.territories, facts, result.report, missed.size());
  }
  if (result.unchanged || options.dry_run) {
    return result;
  }
  if (result.report.facts == 0) {
    return fail(
        Error{ErrorCode::invalid_argument,
              "observatory.load.no_facts",
              fmt::format("none of {} rows became a fact ({} rejected, {} left out); nothing "
                          "was loaded. See why with --dry-run --rejects FILE",
                          result.report.rows, result.report.rejected, result.report.skipped),
              {{"rows", std::to_string(result.report.rows)},
               {"rejected", std::to_string(result.report.rejected)},
               {"skipped", std::to_string(result.report.skipped)}}});
  }
  if (!options.accept_copies) {
    ATALAYA_TRY(detail::check_overlaps(result.overlaps));
  }
  if (!result.lost.empty() && !options.accept_changes) {
    return detail::refuse_lost(result.lost, mapping);
  }
  ATALAYA_TRY(detail::store_submission(*state_, p, std::move(facts), result));
  return result;
}

}  // namespace atalaya::observatory
