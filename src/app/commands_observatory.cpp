// atalaya observatory …
#include "commands_observatory.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <atalaya/base/csv.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/columns/read_table.hpp>
#include <atalaya/columns/synth.hpp>
#include <atalaya/figures/messages.hpp>
#include <atalaya/files/read.hpp>
#include <atalaya/observatory/desk.hpp>
#include <atalaya/observatory/mapping_draft.hpp>

#include "command_parts.hpp"
#include "commands.hpp"
#include "commands_boundaries.hpp"
#include "commands_observatory_weekly.hpp"
#include "node.hpp"

namespace atalaya::app {
namespace {

namespace obs = observatory;

struct LoadCli : NodeOptions {
  std::string source, country;
  std::filesystem::path mapping, rejects;
  std::vector<std::filesystem::path> files;
  bool dry_run = false, accept_changes = false, accept_copies = false;
};

struct DraftCli {
  std::filesystem::path file, out;
  std::string country, sheet, language;
};

struct TableCli {
  std::filesystem::path node, out;
  std::string indicator, by, where, source, population, release, as_of, format = "csv",
                                                                        language = "en", rate;
  std::filesystem::path shares;
  std::vector<std::string> columns;
  bool draft = false;
};

struct ReleasesCli : NodeOptions {
  std::string changes;
};

struct ReleaseCli : NodeOptions {
  std::filesystem::path plan;
  bool dry_run = false;
};

struct EraseCli : NodeOptions {
  std::int64_t submission = 0;
  std::string reason;
};

struct ListCli {
  std::string dimension, language = "en";
  Output output = Output::text;
};

struct SynthCli {
  std::uint64_t rows = 0, seed = 1;
  std::filesystem::path out, population;
};

// A number of units of 10^-decimals as people write it.
std::string amount(std::int64_t value, std::int32_t decimals) {
  if (decimals == 0) {
    return fmt::format("{}", value);
  }
  std::int64_t unit = 1;
  for (std::int32_t i = 0; i < decimals; ++i) {
    unit *= 10;
  }
  return fmt::format("{}.{:0{}}", value / unit, value % unit, decimals);
}

void print_load(const obs::LoadResult& result, bool dry_run) {
  const auto& r = result.report;
  fmt::print("{} rows in: {} accepted, {} accepted with a warning, {} rejected, {} left out\n",
             r.rows, r.accepted, r.accepted_with_warning, r.rejected, r.skipped);
  for (const auto& [reason, count] : r.skipped_by_reason) {
    fmt::print("  left out: {} ({} rows)\n", reason, count);
  }
  fmt::print("Total in the files {} = {} accepted + {} rejected + {} left out\n",
             amount(r.total, r.decimals), amount(r.total_accepted, r.decimals),
             amount(r.total_rejected, r.decimals), amount(r.total_skipped, r.decimals));
  for (const auto& sheet : r.sheets_not_read) {
    fmt::print("Not read, and in none of these numbers: {}, sheet \"{}\"{} ({} rows)\n", sheet.file,
               sheet.sheet, sheet.visible ? "" : " (hidden)", sheet.rows);
  }
  if (!r.sheets_not_read.empty()) {
    fmt::print(
        "  [file] sheet = \"…\" names another one, sheets = [\"…\", \"…\"] several, "
        "sheet = \"*\" all visible ones\n");
  }
  fmt::print("{} facts{}; {} empty values (no fact, not zero), {} masked{}\n", r.facts,
             r.facts == 0 ? "" : fmt::format(" from {} to before {}", r.period_from, r.period_to),
             r.empty_values, r.masked_values,
             r.zero_texts == 0
                 ? ""
                 : fmt::format(", {} texts that the mapping says are zero", r.zero_texts));
  std::size_t shown = 0;
  for (const auto& f : r.findings) {
    if (f.rows == 0) {
      continue;
    }
    if (++shown > 40) {
      continue;
    }
    fmt::print("  {}: {}{}{} on {} rows{}: {} [{}]\n",
               f.severity == obs::Severity::warning ? "look at" : "rejected", f.file,
               f.column.empty() ? "" : ", " + f.column,
               f.value.empty() ? "" : fmt::format(", \"{}\"", f.value), f.rows,
               f.first_line == 0 ? "" : fmt::format(", first line {}", f.first_line), f.detail,
               f.reason);
  }
  if (shown > 40) {
    fmt::print("  and {} findings more; --rejects FILE has all of them\n", shown - 40);
  }
  if (!result.territories.empty()) {
    fmt::print("{} territories are new to this node\n", result.territories.size());
  }
  for (const auto& lost : result.lost) {
    fmt::print(
        "No successor: of {} {} nothing is in these files; its count of {} in {} of the months "
        "that are replaced counts no more\n",
        lost.dimension == "iccs"     ? "offence"
        : lost.dimension == "period" ? "month"
                                     : "territory",
        lost.code, lost.count, lost.months);
  }
  if (!result.lost.empty() && dry_run) {
    fmt::print("  to load this all the same: --accept-changes\n");
  }
  if (dry_run && std::ranges::any_of(result.overlaps, &obs::Overlap::needs_word)) {
    fmt::print(
        "Figures that would count twice are refused (stands_twice, other_period above). If they "
        "are other\n  cases that only look alike: --accept-copies\n");
  }
  if (dry_run) {
    fmt::print("Dry run: nothing was changed.\n");
  } else if (result.unchanged) {
    fmt::print("Submission {} holds these very files by this mapping already: nothing changed.\n",
               result.submission);
  } else {
    fmt::print("Loaded as submission {}.\n", result.submission);
    if (result.follows) {
      fmt::print("It replaces the months that it shares with submission {}, which stays.\n",
                 *result.follows);
    }
  }
}

Result<void> write_rejects(const std::filesystem::path& file, const obs::LoadReport& report) {
  std::string out = "file,line,column,value,reason,detail,severity,rows\n";
  const auto add = [&](const std::string& in, std::uint64_t line, const obs::Finding& f,
                       std::string_view severity, std::uint64_t rows) {
    out += fmt::format("{},{},{},{},{},{},{},{}\n", csv_field(in), line, csv_field(f.column),
                       csv_field(f.value), f.reason, csv_field(f.detail), severity, rows);
  };
  for (const auto& reject : report.rejects) {
    add(report.files[reject.file], reject.line, report.findings[reject.finding], "rejected", 1);
  }
  // A guess is one line for all the rows that it was made for.
  for (const auto& f : report.findings) {
    if (f.severity == obs::Severity::warning && f.rows > 0) {
      add(f.file, f.first_line, f, "look_at", f.rows);
    }
  }
  return write_output(file, out);
}

Result<void> load(const LoadCli& options) {
  const std::string text = ATALAYA_TRY(files::read_file(options.mapping.string()));
  const auto mapping = ATALAYA_TRY(obs::parse_mapping(text, options.mapping.filename().string()));
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  obs::LoadOptions load_options;
  load_options.source = options.source;
  load_options.country = options.country;
  load_options.dry_run = options.dry_run;
  load_options.accept_changes = options.accept_changes;
  load_options.accept_copies = options.accept_copies;
  if (::isatty(STDERR_FILENO) == 1) {
    load_options.progress = [](std::string_view file, std::uint64_t done, std::uint64_t total) {
      fmt::print(stderr, "\r{}: {} %  ", file, total == 0 ? 100 : done * 100 / total);
      if (done >= total) {
        fmt::print(stderr, "\n");
      }
    };
  }
  const auto result = ATALAYA_TRY(node->observatory->load(mapping, options.files, load_options));
  if (!options.rejects.empty()) {
    ATALAYA_TRY(write_rejects(options.rejects, result.report));
  }
  if (!options.dry_run && !result.unchanged) {
    ATALAYA_TRY(node->ledger->checkpoint());
  }
  if (options.output == Output::json) {
    json::object out = result.report.to_json();
    out["submission"] = result.submission;
    out["unchanged"] = result.unchanged;
    out["follows"] = result.follows ? json::value(*result.follows) : json::value(nullptr);
    json::array lost;
    for (const auto& l : result.lost) {
      lost.push_back(json::object{
          {"dimension", l.dimension}, {"code", l.code}, {"count", l.count}, {"months", l.months}});
    }
    out["no_successor"] = std::move(lost);
    out["new_territories"] = result.territories.size();
    out["dry_run"] = options.dry_run;
    print_json(out);
  } else {
    print_load(result, options.dry_run);
  }
  return {};
}

Result<void> draft(const DraftCli& options) {
  const auto table = ATALAYA_TRY(obs::read_for_draft(options.file.string(), options.sheet));
  const obs::Territories territories(obs::Codelists::embedded(), {});
  const std::string language = options.language.empty() ? terminal_language() : options.language;
  return write_output(options.out,
                      obs::draft_mapping(table, options.country, territories,
                                         parse_language(language).value_or(Language::en)));
}

// "key|name=what is named in it", as tables note it.
std::string note_text(std::string_view note) {
  const std::size_t bar = std::min(note.find('|'), note.size());
  const std::size_t equals = note.find('=', bar);
  const auto& messages = figures::Messages::embedded();
  return equals == std::string_view::npos
             ? messages.text(Language::en, note)
             : messages.text(Language::en, note.substr(0, bar),
                             {{std::string(note.substr(bar + 1, equals - bar - 1)),
                               std::string(note.substr(equals + 1))}});
}

Result<void> table(const TableCli& options) {
  obs::TableQuery query;
  query.indicator = options.indicator;
  query.by = ATALAYA_TRY(obs::parse_by(options.by));
  query.where = ATALAYA_TRY(obs::parse_where(options.where));
  query.source = options.source;
  query.population = options.population;
  query.release = options.release;
  query.as_of = options.as_of;
  query.draft = options.draft;
  query.rate = ATALAYA_TRY(obs::parse_rate(options.rate));
  const auto wants = [&](std::string_view column) {
    return std::ranges::find(options.columns, column) != options.columns.end();
  };
  // Rating a source reads all its facts, so only where it is shown.
  query.quality = options.format == "json" || wants("quality");
  if (!options.shares.empty()) {
    const std::string text = ATALAYA_TRY(files::read_file(options.shares.string()));
    query.shares = ATALAYA_TRY(obs::parse_shares(text, *obs::Codelists::embedded()));
  }
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const auto made = ATALAYA_TRY(node->observatory->table(query));
  const auto territories = ATALAYA_TRY(node->observatory->territories());
  const Language language = parse_language(options.language).value_or(Language::en);
  if (made.cells.empty()) {
    fmt::print(stderr, "{}\n",
               query.draft
                   ? "No facts in this node answer this; see: atalaya observatory submissions"
                   : "Nothing that was released answers this; see: atalaya observatory releases");
  }
  if (made.synthetic) {
    fmt::print(stderr, "These figures are synthetic: nobody in them exists.\n");
  }
  if (options.format != "json") {
    for (const std::string& note : made.notes) {
      fmt::print(stderr, "{}\n", note_text(note));
    }
    if (!made.sources_left_out.empty()) {
      fmt::print(stderr, "Not used: {}; --source NAME asks one of them, --by source shows all.\n",
                 fmt::join(made.sources_left_out, ", "));
    }
  }
  return write_output(options.out, options.format == "json"
                                       ? pretty_json(obs::table_json(made, *territories, language))
                                       : obs::table_csv(made, *territories, language,
                                                        {.rate = true,
                                                         .several_years = wants("several_years"),
                                                         .sources = wants("sources"),
                                                         .quality = wants("quality")}));
}

void print_case_systems(const json::object& audit) {
  const auto print = [&](std::string_view key, const auto& line) {
    if (const auto* list = audit.if_contains(key); list != nullptr && list->is_array()) {
      for (const auto& entry : list->get_array()) {
        const auto& pair = entry.is_array() ? entry.get_array() : entry.at("sources").as_array();
        line(entry, std::string_view(pair.at(0).as_string()),
             std::string_view(pair.at(1).as_string()));
      }
    }
  };
  using View = std::string_view;
  print("same_cases", [](const json::value&, View first, View second) {
    fmt::print("  {} and {} count the same cases: what their tables tell together is weighed\n",
               first, second);
  });
  print("same_cases_in_doubt", [](const json::value& entry, View first, View second) {
    fmt::print(
        "  {0} and {1} may count the same cases (equal figures: {2} of {3}): what their tables "
        "tell together is weighed\n    If they do not, say so in the plan: [[different_cases]] "
        "sources = [\"{0}\", \"{1}\"], reason = \"…\"\n",
        first, second, entry.at("equal").to_number<std::int64_t>(),
        entry.at("compared").to_number<std::int64_t>());
  });
  print("different_cases", [](const json::value& entry, View first, View second) {
    fmt::print("  {} and {} count different cases, by decision: {}\n", first, second,
               View(entry.at("reason").as_string()));
  });
}

void print_audit(const json::object& audit, bool safe) {
  for (const auto& entry : audit.at("tables").as_array()) {
    const auto& t = entry.as_object();
    fmt::print("  table {}: {} ({}), {} cells shown, {} hidden by the rule, {} to protect them\n",
               t.at("table").to_number<std::int64_t>() + 1,
               std::string_view(t.at("name").as_string()),
               t.at("exempt").as_bool() ? "published as it is" : "protected",
               t.at("shown").to_number<std::int64_t>(), t.at("primary").to_number<std::int64_t>(),
               t.at("complement").to_number<std::int64_t>());
    if (const auto* rounded = t.if_contains("rounded"); rounded != nullptr) {
      fmt::print("    {} cells rounded\n", rounded->to_number<std::int64_t>());
    }
  }
  if (const auto* differences = audit.if_contains("differences");
      differences != nullptr && differences->is_array()) {
    for (const auto& entry : differences->get_array()) {
      const auto number = [&](std::string_view key) {
        return entry.at(key).to_number<std::int64_t>();
      };
      fmt::print(
          "  against release {}: {} cells compared, {} revised; {} cells and {} sums of several "
          "differ by so little that the difference is a small cell, {} were hidden then\n",
          std::string_view(entry.at("release").as_string()), number("compared"), number("revised"),
          number("small"), number("sums"), number("hidden_then"));
    }
  }
  print_case_systems(audit);
  if (const auto* rests = audit.if_contains("rests"); rests != nullptr && rests->is_number()) {
    fmt::print(
        "  {} small figures that are left where published ones are subtracted, protected too\n",
        rests->to_number<std::int64_t>());
  }
  if (audit.if_contains("rests_complete") != nullptr) {
    fmt::print("  not all of them could be weighed: there are too many tables\n");
  }
  for (const auto& leak : audit.at("leaks").as_array()) {
    fmt::print("  leak: {}\n", json::serialize(leak));
  }
  fmt::print("{}\n", safe ? "The audit found nothing that a reader could work out."
                          : "UNSAFE: a reader could work hidden cells out. Nothing can be "
                            "published with this plan.");
}

Result<void> release(const ReleaseCli& options) {
  const std::string plan = ATALAYA_TRY(files::read_file(options.plan.string()));
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  if (options.dry_run) {
    const auto preview = ATALAYA_TRY(node->observatory->preview_release(plan));
    if (options.output == Output::json) {
      print_json(json::object{{"safe", preview.safe}, {"audit", preview.audit}});
    } else {
      print_audit(preview.audit, preview.safe);
      fmt::print("Dry run: nothing was published.\n");
    }
    return {};
  }
  const auto published = ATALAYA_TRY(node->observatory->publish_release(plan, "command line"));
  ATALAYA_TRY(node->ledger->checkpoint());
  if (options.output == Output::json) {
    print_json(json::object{{"release", published.id},
                            {"name", published.name},
                            {"published_at", published.published_at},
                            {"tables", published.tables.size()},
                            {"audit", published.audit}});
  } else {
    print_audit(published.audit, true);
    fmt::print("Published release {} with {} tables.\n", published.id, published.tables.size());
  }
  return {};
}

void print_changes(const std::vector<obs::TableChange>& changes) {
  for (const auto& change : changes) {
    fmt::print("table {} against {} of release {}: {} cells differ\n", change.position,
               change.from_position, change.from_release, change.cells.size());
    for (const auto& reason : change.reasons) {
      std::string words;
      for (const auto& [key, value] : reason.params) {
        words += fmt::format(" {}={}", key, value);
      }
      fmt::print("  because: {}{}\n", reason.kind, words);
    }
    for (const auto& cell : change.cells) {
      const auto count = [](const std::optional<obs::Cell>& c) {
        return !c         ? std::string("-")
               : c->count ? fmt::format("{}", *c->count)
                          : std::string(to_string(c->status));
      };
      fmt::print("  {}: {} -> {}\n", fmt::join(cell.codes, " "), count(cell.from), count(cell.to));
    }
  }
  if (changes.empty()) {
    fmt::print("No earlier release holds one of its tables.\n");
  }
}

Result<void> list_releases(const ReleasesCli& options) {
  if (!options.changes.empty()) {
    auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
    const auto changes = ATALAYA_TRY(node->observatory->release_changes(options.changes));
    if (options.output == Output::json) {
      print_json(
          json::object{{"release", options.changes}, {"changes", obs::changes_json(changes)}});
    } else {
      print_changes(changes);
    }
    return {};
  }
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const auto all = ATALAYA_TRY(node->observatory->releases());
  json::array out;
  for (const auto& r : all) {
    if (options.output == Output::text) {
      fmt::print("{}  {}  {} tables  {}\n", r.id, r.published_at, r.tables.size(), r.name);
    }
    out.push_back(json::object{{"release", r.id},
                               {"name", r.name},
                               {"published_at", r.published_at},
                               {"tables", r.tables.size()},
                               {"synthetic", r.synthetic}});
  }
  if (options.output == Output::json) {
    print_json(out);
  }
  return {};
}

Result<void> list_submissions(const NodeOptions& options) {
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const auto all = ATALAYA_TRY(node->observatory->submissions());
  json::array out;
  for (const auto& s : all) {
    if (options.output == Output::text) {
      fmt::print("{}  {}  {}  {} to before {}  {} facts  {}{}\n", s.id, s.source, s.kind,
                 s.period_from, s.period_to, s.segment_rows, s.title,
                 s.segment.empty() ? "  (erased)"
                 : s.synthetic     ? "  (synthetic)"
                                   : "");
    }
    out.push_back(json::object{{"submission", s.id},
                               {"source", s.source},
                               {"kind", s.kind},
                               {"country", s.country},
                               {"title", s.title},
                               {"mapping", s.mapping},
                               {"mapping_version", s.mapping_version},
                               {"period_from", s.period_from},
                               {"period_to", s.period_to},
                               {"segment_rows", s.segment_rows},
                               {"erased", s.segment.empty()},
                               {"synthetic", s.synthetic},
                               {"loaded_at", s.loaded_at},
                               {"report", s.report}});
  }
  if (options.output == Output::json) {
    print_json(out);
  }
  return {};
}

struct MoveCli : NodeOptions {
  std::string to;
};

Result<void> move_facts(const MoveCli& options) {
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const auto to =
      options.to == "cluster" ? obs::FactStore::Place::cluster : obs::FactStore::Place::folder;
  const std::int64_t moved = ATALAYA_TRY(node->observatory->move_facts(to));
  if (options.output == Output::json) {
    print_json(json::object{{"to", options.to}, {"moved", moved}});
  } else {
    fmt::print("Moved the facts of {} to the {}.\n", counted(moved, "submission", "submissions"),
               options.to == "cluster" ? "cluster" : "node's folder");
  }
  return {};
}

Result<void> erase(const EraseCli& options) {
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  ATALAYA_TRY(node->observatory->erase(options.submission, options.reason, "command line"));
  ATALAYA_TRY(node->ledger->checkpoint());
  fmt::print("The facts of submission {} are destroyed; releases stand.\n", options.submission);
  return {};
}

Result<void> list_indicators(const ListCli& options) {
  const auto all = obs::Indicators::embedded();
  const Language language = parse_language(options.language).value_or(Language::en);
  json::array out;
  for (const auto& indicator : all->all()) {
    if (options.output == Output::text) {
      fmt::print("{:<44} {}\n", indicator.id, indicator.name.in(language));
    }
    out.push_back(json::object{{"indicator", indicator.id},
                               {"name", indicator.name.in(language)},
                               {"definition", indicator.definition.in(language)},
                               {"unit", indicator.unit},
                               {"scale", indicator.scale},
                               {"confirmed", indicator.is_confirmed},
                               {"source", indicator.source}});
  }
  if (options.output == Output::json) {
    print_json(out);
  }
  return {};
}

Result<void> list_codes(const ListCli& options) {
  const auto lists = obs::Codelists::embedded();
  const auto* list = lists->find(options.dimension);
  if (list == nullptr) {
    std::vector<std::string> names;
    for (const auto& l : lists->all()) {
      names.push_back(l.dimension());
    }
    return fail(Error{ErrorCode::not_found,
                      "observatory.query.dimension",
                      fmt::format("\"{}\" is no dimension; there are {}", options.dimension,
                                  fmt::join(names, ", ")),
                      {{"what", options.dimension}}});
  }
  const Language language = parse_language(options.language).value_or(Language::en);
  json::array out;
  for (const auto& code : list->codes()) {
    if (options.output == Output::text) {
      fmt::print("{:<12} {}\n", code.id, code.name.in(language));
    }
    out.push_back(
        json::object{{"code", code.id}, {"parent", code.parent}, {"name", code.name.in(language)}});
  }
  if (options.output == Output::json) {
    print_json(out);
  } else if (list->is_rule()) {
    fmt::print("{} follows a rule; see docs/guides/mapping.md\n", options.dimension);
  }
  return {};
}

Result<void> synth(const SynthCli& options) {
  ATALAYA_TRY(columns::write_synthetic_victims(options.out.string(), options.rows, options.seed));
  if (!options.population.empty()) {
    ATALAYA_TRY(columns::write_synthetic_population(options.population.string(), options.seed));
  }
  return {};
}

}  // namespace

class ObservatoryCommands::State {
 public:
  State(CLI::App& root, Choose choose) : choose_(std::move(choose)) {
    auto* desk = root.add_subcommand("observatory", "Figures: load files, make tables, publish");
    desk->require_subcommand(1);
    add_load(*desk);
    add_table(*desk);
    add_release(*desk);
    add_lists(*desk);
    boundaries_ = std::make_unique<BoundaryCommands>(*desk, choose_);
    auto* out =
        desk->add_subcommand("synth", "Write synthetic victims of a country that does not exist");
    out->add_option("--rows", synth_.rows, "How many")->required();
    out->add_option("--seed", synth_.seed, "Same seed, same file");
    out->add_option("--out", synth_.out, "The CSV file")->required();
    out->add_option("--population", synth_.population, "Also its inhabitants, as CSV");
    on_chosen(*out, choose_, synth_, synth);
    weekly_ = std::make_unique<WeeklyCommands>(*desk, choose_);
  }

 private:
  void add_load(CLI::App& desk) {
    auto* command = desk.add_subcommand("load", "Read files of a source by a mapping");
    add_node_options(*command, load_);
    command->add_option("--source", load_.source, "Who sends them, like co_national_police")
        ->required();
    command->add_option("--mapping", load_.mapping, "The mapping, TOML (docs/guides/mapping.md)")
        ->required();
    command->add_option("--country", load_.country,
                        "ISO 3166-1 alpha-3, where the mapping names none");
    command->add_flag("--dry-run", load_.dry_run, "Show what would happen and change nothing");
    command->add_flag("--accept-changes", load_.accept_changes,
                      "Load although offences or places of these months have no successor in it");
    command->add_flag("--accept-copies", load_.accept_copies,
                      "Load although figures stand in two of the files, or count already");
    command->add_option("--rejects", load_.rejects,
                        "Write every rejected row and every guess with line and reason");
    command->add_option("FILE", load_.files, "csv, xlsx, xls, also packed as gz or zst")
        ->required();
    on_chosen(*command, choose_, load_, load);

    auto* mapping = desk.add_subcommand("mapping", "Mappings: what a file means");
    mapping->require_subcommand(1);
    auto* first = mapping->add_subcommand("draft", "Propose a mapping for a file");
    first->add_option("--country", draft_.country, "ISO 3166-1 alpha-3 of the file's country");
    first->add_option("--sheet", draft_.sheet, "Of a workbook");
    first->add_option("--lang", draft_.language, "of comments: en, es, pt or fr")
        ->check(CLI::IsMember({"en", "es", "pt", "fr"}));
    first->add_option("--out", draft_.out, "A file instead of standard output");
    first->add_option("FILE", draft_.file, "The file")->required();
    on_chosen(*first, choose_, draft_, draft);
  }

  void add_table(CLI::App& desk) {
    auto* command = desk.add_subcommand("table", "Figures of an indicator, by dimensions");
    add_node_option(*command, table_.node);
    command->add_option("--indicator", table_.indicator, "As `observatory indicators` lists")
        ->required();
    command->add_option("--by", table_.by, "Like territory:admin1,period:year,sex");
    command->add_option("--where", table_.where, "Like territory=COL,period=2023,sex=F|M");
    command->add_option("--source", table_.source, "Where several sources count the same");
    command->add_option("--population", table_.population, "Source of the denominator");
    command->add_option("--rate", table_.rate,
                        "Beside the crude rate: standardised[:who2000|esp2013[:dobson|fay_feuer]], "
                        "indirect or smoothed");
    command->add_option("--columns", table_.columns, "Further columns of CSV")
        ->delimiter(',')
        ->check(CLI::IsMember({"several_years", "sources", "quality"}));
    command
        ->add_option("--shares", table_.shares,
                     "Documented shares, TOML or CSV (docs/methods/shares.md); with --draft")
        ->needs(command->add_flag("--draft", table_.draft,
                                  "From submissions, before any disclosure control"));
    auto* id = command->add_option("--release", table_.release, "A release (default: the newest)");
    auto* as_of = command->add_option(
        "--as_of", table_.as_of,
        "As it stood at the end of a day, 2026-01-31, or at 2026-01-31T12:00:00Z");
    as_of->check([](const std::string& text) {
      return parse_civil_date(text) || parse_utc_time(text)
                 ? std::string()
                 : "write a day, 2026-01-31, or a moment of UTC, 2026-01-31T12:00:00Z";
    });
    command->get_option("--draft")->excludes(id);
    id->excludes(as_of);
    command->add_option("--format", table_.format, "csv (default) or json")
        ->check(CLI::IsMember({"csv", "json"}));
    command->add_option("--lang", table_.language, "of names: en, es, pt or fr")
        ->check(CLI::IsMember({"en", "es", "pt", "fr"}));
    command->add_option("--out", table_.out, "A file instead of standard output");
    on_chosen(*command, choose_, table_, table);
  }

  void add_release(CLI::App& desk) {
    auto* command =
        desk.add_subcommand("release", "Publish tables after disclosure control and its audit");
    add_node_options(*command, release_);
    command->add_option("--plan", release_.plan, "The plan, TOML (docs/guides/release.md)")
        ->required();
    command->add_flag("--dry-run", release_.dry_run, "Audit and publish nothing");
    on_chosen(*command, choose_, release_, release);

    auto* destroy = desk.add_subcommand("erase", "Destroy a submission's facts by law");
    add_node_options(*destroy, erase_);
    destroy->add_option("--submission", erase_.submission, "Its number")->required();
    destroy->add_option("--reason", erase_.reason, "The law or decision")->required();
    on_chosen(*destroy, choose_, erase_, erase);
  }

  void add_lists(CLI::App& desk) {
    auto* move = desk.add_subcommand("move-facts", "Move facts to the cluster, or back");
    add_node_options(*move, move_);
    move->add_option("--to", move_.to, "cluster (that of facts in node.toml) or folder")
        ->required()
        ->check(CLI::IsMember({"cluster", "folder"}));
    on_chosen(*move, choose_, move_, move_facts);
    auto* releases = desk.add_subcommand("releases", "What was published");
    add_node_options(*releases, releases_);
    releases->add_option("--changes", releases_.changes,
                         "What this release says otherwise than earlier ones, and why");
    on_chosen(*releases, choose_, releases_, list_releases);
    auto* submissions = desk.add_subcommand("submissions", "What was loaded");
    add_node_options(*submissions, submissions_);
    on_chosen(*submissions, choose_, submissions_, list_submissions);
    auto* indicators = desk.add_subcommand("indicators", "The indicators of the catalogue");
    indicators->add_option("--lang", indicators_.language, "en, es, pt or fr");
    add_format_option(*indicators, indicators_.output);
    on_chosen(*indicators, choose_, indicators_, list_indicators);
    auto* codes = desk.add_subcommand("codes", "The codes of a dimension");
    codes->add_option("DIMENSION", codes_.dimension, "Like sex, mechanism, iccs")->required();
    codes->add_option("--lang", codes_.language, "en, es, pt or fr");
    add_format_option(*codes, codes_.output);
    on_chosen(*codes, choose_, codes_, list_codes);
  }

  Choose choose_;
  std::unique_ptr<BoundaryCommands> boundaries_;
  LoadCli load_;
  DraftCli draft_;
  TableCli table_;
  ReleaseCli release_;
  EraseCli erase_;
  MoveCli move_;
  ListCli indicators_, codes_;
  ReleasesCli releases_;
  NodeOptions submissions_;
  SynthCli synth_;
  std::unique_ptr<WeeklyCommands> weekly_;
};

ObservatoryCommands::ObservatoryCommands(CLI::App& root, Choose choose)
    : state_(std::make_unique<State>(root, std::move(choose))) {}

ObservatoryCommands::~ObservatoryCommands() = default;

}  // namespace atalaya::app
