// atalaya observatory boundaries …
#include "commands_boundaries.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/files/read.hpp>
#include <atalaya/observatory/boundaries.hpp>

#include "command_parts.hpp"
#include "commands.hpp"
#include "node.hpp"

namespace atalaya::app {
namespace {

namespace obs = observatory;

struct BoundaryCli : NodeOptions {
  std::string country, level = "1", source, licence;
  std::filesystem::path file, map, out;
  bool dry_run = false;
};

std::string level_name(const std::string& level) {
  return level == "0" ? "country" : level == "2" ? "admin2" : "admin1";
}

void print_report(const obs::BoundarySet& set, const obs::BoundaryReport& report,
                  const obs::Territories& territories) {
  std::size_t guesses = 0;
  std::size_t left_out = 0;
  for (const auto& match : report.matches) {
    const bool is_land = match.code.empty() && set.level == "country";
    guesses += match.is_guess ? 1U : 0U;
    left_out += match.code.empty() && !is_land ? 1U : 0U;
    if (match.is_guess) {
      fmt::print("  look at: {} \"{}\" was taken as {} {} ({})\n", match.id, match.name, match.code,
                 territories.name(match.code, Language::es), match.how);
    } else if (match.code.empty() && !is_land) {
      fmt::print("  left out: {} \"{}\": {}\n", match.id, match.name, match.how);
    }
  }
  for (const auto& code : report.missing) {
    fmt::print("  no shape: {} {}\n", code, territories.name(code, Language::es));
  }
  fmt::print("{} areas in the file{}: {} shapes, {} of the matches to look at, {} left out, {} "
             "territories without a shape\n",
             report.matches.size(),
             report.layer.empty() ? "" : fmt::format(" (object \"{}\")", report.layer),
             set.shapes.size(), guesses, left_out, report.missing.size());
  fmt::print("{} points read, {} kept\n", report.points_read, report.points_kept);
}

json::object report_json(const obs::BoundarySet& set, const obs::BoundaryReport& report) {
  json::array matches;
  for (const auto& match : report.matches) {
    matches.push_back(json::object{{"id", match.id},
                                   {"name", match.name},
                                   {"code", match.code},
                                   {"how", match.how},
                                   {"guess", match.is_guess}});
  }
  json::array missing;
  for (const auto& code : report.missing) {
    missing.push_back(json::string(code));
  }
  return {{"country", set.country},
          {"level", set.level},
          {"object", report.layer},
          {"shapes", set.shapes.size()},
          {"matches", std::move(matches)},
          {"missing", std::move(missing)},
          {"points_read", report.points_read},
          {"points_kept", report.points_kept}};
}

// The form that the program ships: a shape a line, for diffs.
std::string shipped(const obs::BoundarySet& set) {
  json::object all = obs::boundaries_json(set);
  const json::array shapes = all.at("shapes").as_array();
  all.erase("shapes");
  std::string out = json::serialize(all);
  out.back() = ',';
  out += "\n\"shapes\":[";
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    out += (i == 0 ? "\n" : ",\n") + json::serialize(shapes[i]);
  }
  return out + "\n]}\n";
}

Result<void> boundaries(const BoundaryCli& options) {
  const std::string text = ATALAYA_TRY(files::read_file(options.file.string()));
  const std::string name = options.file.filename().string();
  const auto layers = ATALAYA_TRY(obs::parse_boundaries(text, name));
  obs::BoundaryOptions match;
  match.country = options.country;
  match.level = level_name(options.level);
  if (!options.map.empty()) {
    const std::string csv = ATALAYA_TRY(files::read_file(options.map.string()));
    match.map = ATALAYA_TRY(obs::parse_boundary_map(csv, options.map.filename().string()));
  }
  std::unique_ptr<OpenNode> node;
  auto territories = std::make_shared<const obs::Territories>(obs::Codelists::embedded(),
                                                              std::vector<obs::LocalTerritory>());
  if (options.out.empty()) {
    node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
    territories = ATALAYA_TRY(node->observatory->territories());
  }
  auto [set, report] = ATALAYA_TRY(obs::match_boundaries(layers, match, *territories));
  set.file = name;
  set.file_sha256 = to_hex(sha256(text));
  set.source = options.source.empty() ? name : options.source;
  set.licence = options.licence;
  if (!options.out.empty()) {
    print_report(set, report, *territories);
    return write_output(options.out, shipped(set));
  }
  if (!options.dry_run) {
    ATALAYA_TRY(node->observatory->store_boundaries(set, "command line"));
    ATALAYA_TRY(node->ledger->checkpoint());
  }
  if (options.output == Output::json) {
    json::object out = report_json(set, report);
    out["dry_run"] = options.dry_run;
    print_json(out);
    return {};
  }
  print_report(set, report, *territories);
  if (set.licence.empty()) {
    fmt::print("No licence was named; maps will say so. Name it with --licence.\n");
  }
  fmt::print("{}", options.dry_run ? "Dry run: nothing was changed.\n"
                                   : "Maps of the country show these shapes from now on.\n");
  return {};
}

}  // namespace

class BoundaryCommands::State {
 public:
  State(CLI::App& desk, const Choose& choose) {
    auto* command = desk.add_subcommand(
        "boundaries", "Shapes of a country's subdivisions for maps, from TopoJSON or GeoJSON");
    auto* node = command->add_option("--node", options_.node, "The node's folder");
    command
        ->add_option("--country", options_.country,
                     "ISO 3166-1 alpha-3; AMERICAS for the countries of the hemisphere")
        ->required();
    command->add_option("--level", options_.level, "1 (default) first-level subdivisions, 2 municipalities, 0 countries")
        ->check(CLI::IsMember({"0", "1", "2"}));
    command->add_option("--map", options_.map,
                        "CSV `id,code`: areas of the file that neither code nor name tell");
    command->add_option("--source", options_.source, "Who drew the shapes, as maps shall say it");
    command->add_option("--licence", options_.licence, "On what terms they may be shown");
    command->add_flag("--dry-run", options_.dry_run, "Show how areas are matched, change nothing");
    auto* out = command->add_option("--out", options_.out,
                                    "Write the simplified shapes to a file, into no node");
    node->excludes(out);
    add_format_option(*command, options_.output);
    command->add_option("FILE", options_.file, "The file, in degrees (WGS 84)")->required();
    command->callback([this, choose, node, out] {
      if (node->count() == 0 && out->count() == 0) {
        throw CLI::RequiredError("--node");
      }
      choose([this] { return boundaries(options_); });
    });
  }

 private:
  BoundaryCli options_;
};

BoundaryCommands::BoundaryCommands(CLI::App& desk, Choose choose)
    : state_(std::make_unique<State>(desk, choose)) {}
BoundaryCommands::~BoundaryCommands() = default;

}  // namespace atalaya::app
