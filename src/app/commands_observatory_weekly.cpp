// atalaya observatory link, linkages, alerts, bulletin, quality
#include "commands_observatory_weekly.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <atalaya/api/bulletin.hpp>
#include <atalaya/base/csv.hpp>
#include <atalaya/files/read.hpp>
#include <atalaya/observatory/linkage_desk.hpp>
#include <atalaya/observatory/quality_report.hpp>
#include <atalaya/observatory/surveillance.hpp>

#include "command_parts.hpp"
#include "commands.hpp"
#include "node.hpp"
#include "private_output.hpp"

namespace atalaya::app {
namespace {

namespace fs = std::filesystem;
namespace obs = observatory;

struct LinkCli : NodeOptions {
  fs::path plan, cases, agreement, decisions;
  std::vector<fs::path> files;
  bool values = false, publish = false, dry_run = false;
};

struct AlertsCli : NodeOptions {
  std::string indicator, by, where, source, period = "week", language = "en";
  std::size_t late = 0;
  double alpha = 0.005;
  fs::path out;
};

struct QualityCli : NodeOptions {
  std::string country, source, language = "en";
};

struct BulletinCli {
  fs::path node, out;
  std::string country, language = "en", period;
};

Language language_of(const std::string& text) {
  return parse_language(text).value_or(Language::en);
}

// A list of cases is personal data; the node's folder is backed up and served from.
Result<void> check_outside(const fs::path& file, const fs::path& node) {
  std::error_code error;
  const auto folder = fs::weakly_canonical(fs::absolute(file).parent_path(), error);
  const auto root = fs::weakly_canonical(fs::absolute(node), error);
  const auto [end, rest] = std::mismatch(root.begin(), root.end(), folder.begin(), folder.end());
  if (end == root.end()) {
    return fail(Error{ErrorCode::invalid_argument,
                      "observatory.linkage.inside",
                      fmt::format("{} lies in the node's folder, where no name may be stored; "
                                  "write the list of cases elsewhere",
                                  file.string()),
                      {{"file", file.filename().string()}}});
  }
  return {};
}

std::int64_t number_in(const json::object& object, std::string_view key) {
  return object.at(key).to_number<std::int64_t>();
}

void print_counts(const json::object& line) {
  for (const auto& [pattern, count] : line.at("found").as_object()) {
    fmt::print("    only in {}: {}\n", std::string_view(pattern),
               count.is_null() ? std::string("suppressed")
                               : std::to_string(count.to_number<std::int64_t>()));
  }
}

void print_unseen(const json::value& unseen) {
  const auto* estimate = unseen.if_object();
  if (estimate == nullptr) {
    fmt::print("Cases on no list: not estimated; that needs three lists or more.\n");
  } else if (const auto* refused = estimate->if_contains("refused"); refused != nullptr) {
    fmt::print("Cases on no list: no model fits, so nothing is estimated [{}].\n",
               std::string_view(refused->as_string()));
  } else {
    fmt::print(
        "Cases on no list, for analysts and never beside an official total: with them there "
        "are {:.0f} to {:.0f} cases over the models that fit about as well as the best, {:.0f} "
        "to {:.0f} over all {}.\n",
        estimate->at("total_low").as_double(), estimate->at("total_high").as_double(),
        estimate->at("total_low_all").as_double(), estimate->at("total_high_all").as_double(),
        estimate->at("models").as_array().size());
  }
}

void print_linkage(const obs::LinkageOutcome& outcome) {
  const auto& r = outcome.result;
  for (std::size_t i = 0; i < outcome.plan.lists.size(); ++i) {
    fmt::print("{}: {} records, {} pairs of them look like one case\n", outcome.plan.lists[i].id,
               outcome.records[i].size(),
               number_in(r.at("duplicates").as_object(), outcome.plan.lists[i].id));
  }
  fmt::print(
      "{} cases; {} pairs linked ({} by persons' decisions), {} for review, {} in conflict "
      "with a better pair\n",
      number_in(r, "cases"), number_in(r, "pairs_linked"), number_in(r, "pairs_decided_by_persons"),
      number_in(r, "pairs_for_review"), number_in(r, "pairs_in_conflict"));
  if (const auto* total = outcome.agreement.at("total").if_object(); total != nullptr) {
    fmt::print("  all groups, as they may be published:\n");
    print_counts(*total);
  }
  fmt::print("  {} counts are hidden so that nobody can be recognised{}\n",
             number_in(outcome.agreement, "hidden"),
             outcome.agreement.at("safe").as_bool() ? "" : "; the audit found a LEAK");
  print_unseen(r.at("unseen"));
}

Result<void> link(const LinkCli& options) {
  for (const auto* file : {&options.cases, &options.agreement}) {
    if (!file->empty()) {
      ATALAYA_TRY(check_outside(*file, options.node));
    }
  }
  const std::string text = ATALAYA_TRY(files::read_file(options.plan.string()));
  const auto plan = ATALAYA_TRY(obs::parse_linkage_plan(text));
  std::vector<obs::LinkageDecision> decisions;
  if (!options.decisions.empty()) {
    decisions = ATALAYA_TRY(obs::read_decisions(plan, options.decisions));
  }
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const auto outcome = ATALAYA_TRY(obs::link_files(plan, options.files, decisions));
  if (!options.cases.empty()) {
    ATALAYA_TRY(write_private(options.cases, obs::cases_csv(outcome, options.values)));
  }
  if (!options.agreement.empty()) {
    ATALAYA_TRY(write_output(options.agreement, obs::agreement_csv(outcome.agreement)));
  }
  std::int64_t id = 0;
  if (!options.dry_run) {
    const auto stored = ATALAYA_TRY(obs::store_linkage(
        *node->observatory, outcome, "command line",
        options.publish ? obs::PublishAgreement::yes : obs::PublishAgreement::no));
    id = stored.id;
    ATALAYA_TRY(node->ledger->checkpoint());
  }
  if (options.output == Output::json) {
    print_json(json::object{{"linkage", id},
                            {"published", options.publish && !options.dry_run},
                            {"result", outcome.result},
                            {"agreement", outcome.agreement}});
    return {};
  }
  print_linkage(outcome);
  if (!options.cases.empty()) {
    fmt::print("The list of cases is in {}, readable by you alone.\n", options.cases.string());
  }
  fmt::print("{}\n", options.dry_run   ? "Dry run: the node keeps nothing of it."
                     : options.publish ? fmt::format("Linkage {}: its agreement is published.", id)
                                       : fmt::format("Linkage {}: the node keeps its counts.", id));
  return {};
}

Result<void> list_linkages(const NodeOptions& options) {
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const auto all = ATALAYA_TRY(obs::linkages(*node->observatory));
  json::array out;
  for (const auto& l : all) {
    if (options.output == Output::text) {
      fmt::print("{}  {}  {}  {} cases, {} for review{}  {}\n", l.id, l.linkage, l.made_at,
                 number_in(l.result, "cases"), number_in(l.result, "pairs_for_review"),
                 l.published ? ", published" : "", l.title);
    }
    out.push_back(json::object{{"id", l.id},
                               {"linkage", l.linkage},
                               {"title", l.title},
                               {"country", l.country},
                               {"made_at", l.made_at},
                               {"made_by", l.made_by},
                               {"published", l.published},
                               {"synthetic", l.synthetic},
                               {"lists", l.lists},
                               {"result", l.result},
                               {"agreement", l.agreement}});
  }
  if (options.output == Output::json) {
    print_json(out);
  }
  return {};
}

void print_alerts(const obs::SurveillanceReport& report, const obs::Territories& territories,
                  Language language) {
  fmt::print("For analysts; not a figure. {}, {}: judged by what came before, from {} on.\n",
             report.indicator->name.in(language), report.period, report.first_period);
  if (report.days_since > 0) {
    fmt::print("The period ended {} days ago.\n", report.days_since);
  }
  std::size_t alarms = 0;
  for (const auto& s : report.series) {
    if (s.state == obs::SeriesState::alarm) {
      ++alarms;
      fmt::print(
          "  ALERT {} {}: {:.0f} where {:.1f} were to be expected and {:.1f} is the limit "
          "({})\n",
          s.code, report.query.by.name == "territory" ? territories.name(s.code, language) : "",
          s.observed, s.expected, s.threshold, s.method);
    }
  }
  std::map<std::string, std::size_t> unjudged;
  for (const auto& s : report.series) {
    if (s.state == obs::SeriesState::not_judged || s.state == obs::SeriesState::few_events) {
      ++unjudged[s.state == obs::SeriesState::few_events ? "too few events" : s.reason];
    }
  }
  fmt::print("{} of {} series stand out; chance alone would give about {:.1f}.\n", alarms,
             report.judged, report.alarms_by_chance);
  for (const auto& [reason, n] : unjudged) {
    fmt::print("  {} series not judged: {}\n", n, reason);
  }
  if (report.facts_too_coarse > 0) {
    fmt::print("  {} events left out: their dates are coarser than the period\n",
               report.facts_too_coarse);
  }
}

Result<void> alerts(const AlertsCli& options) {
  obs::SurveillanceQuery query;
  query.indicator = options.indicator;
  const auto by = ATALAYA_TRY(obs::parse_by(options.by));
  if (by.size() > 1) {
    return fail(ErrorCode::invalid_argument, "observatory.alerts.bad_options",
                "alerts are broken down by one dimension, like --by territory:admin1");
  }
  if (!by.empty()) {
    query.by = by.front();
  }
  query.where = ATALAYA_TRY(obs::parse_where(options.where));
  query.source = options.source;
  query.period = obs::parse_period_kind(options.period).value_or(obs::PeriodKind::week);
  query.recent_left_out = options.late;
  query.alpha = options.alpha;
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const auto report = ATALAYA_TRY(obs::find_alerts(*node->observatory, query));
  const auto territories = ATALAYA_TRY(node->observatory->territories());
  const Language language = language_of(options.language);
  const auto all = obs::surveillance_json(report, *territories, language);
  if (!options.out.empty()) {
    ATALAYA_TRY(write_private(options.out, pretty_json(all)));
  }
  if (options.output == Output::json) {
    print_json(all);
  } else {
    print_alerts(report, *territories, language);
  }
  return {};
}

std::string percent(const std::optional<double>& share) {
  return share ? fmt::format("{:.1f} %", *share * 100) : std::string("not measured");
}

void print_quality(const obs::QualityReport& r, Language language) {
  fmt::print("{} {} ({}): {} to before {}, rating {}\n", r.country.empty() ? "---" : r.country,
             r.source, r.source_kind, r.period_from, r.period_to, to_string(r.rating.letter));
  if (r.too_large) {
    fmt::print("  more facts than are counted at once: only the load was measured\n");
  }
  for (const auto& d : r.dimensions) {
    fmt::print("  unknown {}: {}\n", d.dimension, percent(d.unknown_share));
  }
  fmt::print("  days from the period's end to the load: {}\n",
             r.days ? std::to_string(*r.days) : std::string("not measured"));
  if (r.coverage) {
    fmt::print("  coverage: {} of {} subdivisions and years have a record ({:.1f} %)\n",
               r.coverage->present, r.coverage->expected, r.coverage->share * 100);
  }
  fmt::print("  duplicates: {}; undetermined intent: {}\n", percent(r.duplicate_share),
             percent(r.undetermined_share));
  fmt::print("  {} of {} subdivisions and years lie outside of what their neighbours explain\n",
             r.outliers.size(), r.cells_tested);
  for (std::size_t i = 0; i < std::min<std::size_t>(5, r.outliers.size()); ++i) {
    const auto& o = r.outliers[i];
    fmt::print("    {} {}: {:.0f} where {:.0f} to {:.0f} were to be expected\n", o.territory,
               o.period, o.count, o.result.low, o.result.high);
  }
  if (r.protocol) {
    fmt::print("  Bogota Protocol, {} of {} criteria measured:\n", r.protocol->measured,
               r.protocol->results.size());
    for (const auto& result : r.protocol->results) {
      fmt::print("    {}. {}: {}{}\n", result.criterion->number,
                 result.criterion->names.at(language), to_string(result.state),
                 result.criterion->confirmed ? "" : " (threshold not confirmed in its text)");
    }
  }
}

Result<void> quality(const QualityCli& options) {
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  obs::QualityQuery query;
  query.country = options.country;
  query.source = options.source;
  const auto reports = ATALAYA_TRY(obs::quality_reports(*node->observatory, query));
  const auto agreements = ATALAYA_TRY(obs::source_agreements(*node->observatory, query));
  const Language language = language_of(options.language);
  if (options.output == Output::json) {
    json::array sources, pairs;
    for (const auto& report : reports) {
      sources.push_back(obs::quality_json(report, language));
    }
    for (const auto& agreement : agreements) {
      pairs.push_back(obs::agreement_json(agreement));
    }
    print_json(json::object{{"sources", std::move(sources)}, {"agreements", std::move(pairs)}});
    return {};
  }
  for (const auto& report : reports) {
    print_quality(report, language);
  }
  for (const auto& a : agreements) {
    fmt::print("{} {} {}: {} {}, {} {}, difference {} ({:.1f} %){}\n", a.country, a.period,
               a.indicator, a.first_source, a.agreement.first, a.second_source, a.agreement.second,
               a.agreement.difference, a.agreement.difference_percent,
               a.agreement.both ? fmt::format(", {} in both", *a.agreement.both) : "");
  }
  if (reports.empty()) {
    fmt::print(
        "No facts of that country and source are held; see: atalaya observatory "
        "submissions\n");
  }
  return {};
}

Result<void> bulletin(const BulletinCli& options) {
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  api::BulletinRequest request;
  request.observatory = node->observatory.get();
  request.catalogue = &node->desk->catalogue();
  request.node_name = node->config.name;
  request.country = options.country;
  request.language = language_of(options.language);
  request.period = options.period;
  request.now = node->clock.now();
  const std::string html = ATALAYA_TRY(api::bulletin_document(request));
  return write_output(options.out, html);
}

}  // namespace

class WeeklyCommands::State {
 public:
  State(CLI::App& desk, ObservatoryCommands::Choose choose) : choose_(std::move(choose)) {
    add_link(desk);
    add_alerts(desk);
    add_quality(desk);
    add_bulletin(desk);
  }

 private:
  static void language(CLI::App& command, std::string& value) {
    command.add_option("--lang", value, "en, es, pt or fr")
        ->check(CLI::IsMember({"en", "es", "pt", "fr"}));
  }

  void add_link(CLI::App& desk) {
    auto* command = desk.add_subcommand("link", "Compare files of several sources case by case");
    add_node_options(*command, link_);
    command->add_option("--plan", link_.plan, "The plan, TOML (docs/guides/linkage.md)")
        ->required();
    command->add_option("--cases", link_.cases, "Write the list of cases there, for you alone");
    command->add_flag("--values", link_.values, "With the compared values in the list of cases");
    command->add_option("--decisions", link_.decisions,
                        "A list of cases whose column `decision` somebody filled");
    command->add_option("--agreement", link_.agreement, "Write the publishable counts there, CSV");
    auto* publish = command->add_flag("--publish", link_.publish, "Show the counts to anybody");
    command->add_flag("--dry-run", link_.dry_run, "Keep nothing in the node")->excludes(publish);
    command->add_option("FILE", link_.files, "One file a list, in the order of the plan")
        ->required();
    on_chosen(*command, choose_, link_, link);
    auto* list = desk.add_subcommand("linkages", "What was linked, in counts");
    add_node_options(*list, linkages_);
    on_chosen(*list, choose_, linkages_, list_linkages);
  }

  void add_alerts(CLI::App& desk) {
    auto* command =
        desk.add_subcommand("alerts", "Weeks with more cases than their history explains");
    add_node_options(*command, alerts_);
    command->add_option("--indicator", alerts_.indicator, "As `observatory indicators` lists")
        ->required();
    command->add_option("--by", alerts_.by, "One dimension, like territory:admin1");
    command->add_option("--where", alerts_.where, "Like territory=COL,mechanism=firearm");
    command->add_option("--source", alerts_.source, "Where several sources count the same");
    command->add_option("--period", alerts_.period, "day, week (default) or month")
        ->check(CLI::IsMember({"day", "week", "month"}));
    command->add_option("--late", alerts_.late, "Newest periods to leave out: reports still come");
    command->add_option("--alpha", alerts_.alpha, "Chance of a false alert, of each series");
    command->add_option("--out", alerts_.out, "Also as JSON to a file, for you alone");
    language(*command, alerts_.language);
    on_chosen(*command, choose_, alerts_, alerts);
  }

  void add_quality(CLI::App& desk) {
    auto* command = desk.add_subcommand("quality", "How good the data of each source are");
    add_node_options(*command, quality_);
    command->add_option("--country", quality_.country, "ISO 3166-1 alpha-3");
    command->add_option("--source", quality_.source, "One source");
    language(*command, quality_.language);
    on_chosen(*command, choose_, quality_, quality);
  }

  void add_bulletin(CLI::App& desk) {
    auto* command =
        desk.add_subcommand("bulletin", "A country's released figures as one file to print");
    add_node_option(*command, bulletin_.node);
    command->add_option("--country", bulletin_.country, "ISO 3166-1 alpha-3")->required();
    command->add_option("--period", bulletin_.period, "Up to this period, like 2024 or 2024-06");
    command->add_option("--out", bulletin_.out, "The HTML file")->required();
    language(*command, bulletin_.language);
    on_chosen(*command, choose_, bulletin_, bulletin);
  }

  ObservatoryCommands::Choose choose_;
  LinkCli link_;
  NodeOptions linkages_;
  AlertsCli alerts_;
  QualityCli quality_;
  BulletinCli bulletin_;
};

WeeklyCommands::WeeklyCommands(CLI::App& observatory, ObservatoryCommands::Choose choose)
    : state_(std::make_unique<State>(observatory, std::move(choose))) {}

WeeklyCommands::~WeeklyCommands() = default;

}  // namespace atalaya::app
