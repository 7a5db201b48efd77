#include "commands_briefs.hpp"

#include <fmt/format.h>

#include <atalaya/figures/paper.hpp>
#include <atalaya/followup/brief.hpp>
#include <atalaya/followup/deadlines.hpp>
#include <atalaya/followup/desk.hpp>
#include <atalaya/followup/progress.hpp>
#include <atalaya/followup/registers.hpp>

#include "command_parts.hpp"
#include "node.hpp"

namespace atalaya::app {
namespace {

struct BriefCli {
  std::filesystem::path node, out;
  std::string country, theme, progress, language = "en", layers, paper = "a4";
};

struct DeadlinesCli : NodeOptions {
  std::string within = "90d", actor, language = "en";
};

std::unexpected<Error> bad_option(std::string_view option, std::string_view value,
                                  std::string_view wanted) {
  return fail(option_error(option, value, wanted));
}

Result<std::string> write_brief(const figures::Paper& paper, const std::filesystem::path& out) {
  const std::string kind = out.extension().string();
  if (kind == ".pdf") {
    return figures::paper_pdf(paper);
  }
  if (kind == ".docx") {
    return figures::paper_docx(paper);
  }
  if (kind == ".html") {
    return figures::paper_html_file(paper);
  }
  return bad_option("--out", out.string(), "FILE.html, FILE.pdf, FILE.docx");
}

Result<std::set<followup::BriefLayer>> layers_of(std::string_view text,
                                                 std::set<followup::BriefLayer> otherwise) {
  if (text.empty()) {
    return otherwise;
  }
  std::set<followup::BriefLayer> out;
  for (const std::string_view name : split(text, ',')) {
    const auto layer = followup::parse_brief_layer(trim(name));
    if (!layer) {
      return bad_option("--layers", name,
                        "reports, assessments, treaties, figures, deadlines, practices, "
                        "questions");
    }
    out.insert(*layer);
  }
  return out;
}

// Files leave the node: their links need a name by which readers reach it, as `serve` takes it.
std::string origin_of(const Config& config) {
  if (config.host_names.empty()) {
    return {};
  }
  const bool secure = !config.tls_certificate.empty() || !config.trusted_proxy.empty();
  return fmt::format("{}://{}", secure ? "https" : "http", config.host_names.front());
}

Result<figures::Paper> composed(const BriefCli& options, const OpenNode& node) {
  const Language language = parse_language(options.language).value_or(Language::en);
  const auto size = options.paper == "letter" ? figures::PaperSize::letter : figures::PaperSize::a4;
  if (options.country.empty() && options.progress.empty()) {
    return bad_option("--country", "", "the countries; or give --progress MEETING");
  }
  if (options.country.empty()) {
    followup::ProgressRequest request;
    request.meeting = options.progress;
    request.language = language;
    request.size = size;
    request.node_name = node.config.name;
    request.origin = origin_of(node.config);
    request.layers = ATALAYA_TRY(layers_of(options.layers, request.layers));
    return followup::compose_progress(node.followup->parts(), request);
  }
  followup::BriefRequest request;
  request.country = options.country;
  request.theme = options.theme;
  request.language = language;
  request.size = size;
  request.node_name = node.config.name;
  request.origin = origin_of(node.config);
  request.layers = ATALAYA_TRY(layers_of(options.layers, request.layers));
  return followup::compose_brief(node.followup->parts(), request);
}

Result<void> run_brief(const BriefCli& options) {
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const figures::Paper paper = ATALAYA_TRY(composed(options, *node));
  const std::string bytes = ATALAYA_TRY(write_brief(paper, options.out));
  return write_output(options.out, bytes);
}

// "90d", "12w": how many days.
Result<std::int64_t> days_within(std::string_view text) {
  std::int64_t days = 0;
  for (const char c : text.substr(0, text.empty() ? 0 : text.size() - 1)) {
    if (c < '0' || c > '9' || days > 10'000) {
      return bad_option("--within", text, "a number of days or weeks, like 90d or 12w");
    }
    days = days * 10 + (c - '0');
  }
  if (days == 0 || (text.back() != 'd' && text.back() != 'w')) {
    return bad_option("--within", text, "a number of days or weeks, like 90d or 12w");
  }
  return text.back() == 'w' ? 7 * days : days;
}

struct Reminder {
  std::string due, state, who, what, id;
  bool said_by_state = false;
};

void print_reminders(const DeadlinesCli& options, const std::vector<Reminder>& reminders) {
  if (options.output == Output::text) {
    for (const Reminder& one : reminders) {
      fmt::print("{:<10}  {:<12}  {:<5}  {}{}\n", one.due, one.state, one.who, one.what,
                 one.said_by_state ? " (said by the state itself)" : "");
    }
    fmt::print("{}\n", counted(static_cast<std::int64_t>(reminders.size()), "date", "dates"));
    return;
  }
  json::array rows;
  for (const Reminder& one : reminders) {
    rows.push_back(json::object{{"due", one.due},
                                {"state", one.state},
                                {"who", one.who},
                                {"what", one.what},
                                {"id", one.id},
                                {"said_by", one.said_by_state ? "state" : ""}});
  }
  print_json(rows);
}

// What falls due in these days; and what has passed in as many days before, with nothing recorded.
Result<void> run_deadlines(const DeadlinesCli& options) {
  using followup::OwedState;
  const std::int64_t days = ATALAYA_TRY(days_within(options.within));
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const auto& parts = node->followup->parts();
  const Language language = parse_language(options.language).value_or(Language::en);
  const CivilDate from = followup::plus_days(parts.today(), -days);
  const CivilDate to = followup::plus_days(parts.today(), days);
  const auto dates = ATALAYA_TRY(followup::Deadlines(parts).list(
      {.as_of = parts.today(), .language = language, .actor = options.actor}));
  std::vector<Reminder> reminders;
  for (const auto& date : dates) {
    const bool moved = date.outcome && date.outcome->outcome == "postponed";
    const auto last = moved ? followup::days_of(date.outcome->new_due).last : date.days.last;
    if (date.pending() && last && *last >= from && *last <= to) {
      reminders.push_back({to_string(*last), std::string(to_string(date.state)), options.actor,
                           date.title, date.id, date.said_by_state()});
    }
  }
  followup::CalendarQuery query;
  query.as_of = parts.today();
  query.from = from;
  query.to = to;
  query.country = options.actor;
  const bool institution = parts.catalogue().find_institution(options.actor) != nullptr;
  const auto calendar = ATALAYA_TRY(institution ? Result<followup::Calendar>(followup::Calendar())
                                                : followup::ReportCalendar(parts).calendar(query));
  for (const auto& one : calendar.owed) {
    if (one.state == OwedState::upcoming || one.state == OwedState::not_recorded) {
      reminders.push_back(
          {to_string(one.due), std::string(to_string(one.state)), one.country,
           fmt::format("{} {}", calendar.find(one.duty)->title.in(language), one.period),
           fmt::format("{}/{}", one.duty, one.period)});
    }
  }
  const auto hearings =
      ATALAYA_TRY(followup::Registers(parts).list({.kind = "hearings", .country = options.actor}));
  for (const auto& row : hearings) {
    const auto due = followup::days_of(row.value("due")).last;
    if (due && *due >= from && *due <= to) {
      reminders.push_back({to_string(*due), "undertaken", std::string(row.value("country")),
                           std::string(row.value("undertaking")),
                           fmt::format("hearings/{}", row.id), row.value("said_by") == "state"});
    }
  }
  std::ranges::stable_sort(reminders, {}, &Reminder::due);
  print_reminders(options, reminders);
  return {};
}

}  // namespace

class BriefCommands::State {
 public:
  State(CLI::App& root, Choose choose) : choose_(std::move(choose)) {
    add_brief(root);
    add_deadlines(root);
  }

 private:
  template <class Options>
  void run(CLI::App& command, Options& options, Result<void> (*function)(const Options&)) {
    on_chosen(command, choose_, options, function);
  }

  void add_brief(CLI::App& root) {
    auto* brief = root.add_subcommand(
        "brief", "What one country committed to, what came of it, what to ask: html, pdf or docx");
    add_node_option(*brief, brief_.node);
    auto* country = brief->add_option("--country", brief_.country, "ISO 3166-1 alpha-3, like PAN");
    auto* progress = brief->add_option(
        "--progress", brief_.progress,
        "Instead of a country: what states report on a meeting's commitments (summit-2022), or on "
        "those of a series (summit, mispa, pns)");
    country->excludes(progress);
    brief->add_option("--lang", brief_.language, "en (default), es, pt or fr")
        ->check(CLI::IsMember({"en", "es", "pt", "fr"}));
    brief->add_option("--theme", brief_.theme, "One theme of the catalogue, like firearms");
    brief->add_option("--layers", brief_.layers,
                      "Of reports, assessments, treaties, figures, deadlines, practices, "
                      "questions, with commas; all where this is left out");
    brief->add_option("--paper", brief_.paper, "a4 (default) or letter")
        ->check(CLI::IsMember({"a4", "letter"}));
    brief->add_option("--out", brief_.out, "FILE.html, FILE.pdf or FILE.docx")->required();
    run(*brief, brief_, run_brief);
  }

  void add_deadlines(CLI::App& root) {
    auto* deadlines = root.add_subcommand(
        "deadlines", "Dates and periodic reports that fall due, or passed with nothing recorded");
    add_node_options(*deadlines, deadlines_);
    deadlines->add_option("--within", deadlines_.within,
                          "Days or weeks before and after today, like 90d (default) or 12w");
    deadlines->add_option("--actor", deadlines_.actor, "Only of this state or institution");
    deadlines->add_option("--lang", deadlines_.language, "en (default), es, pt or fr")
        ->check(CLI::IsMember({"en", "es", "pt", "fr"}));
    run(*deadlines, deadlines_, run_deadlines);
  }

  Choose choose_;
  BriefCli brief_;
  DeadlinesCli deadlines_;
};

BriefCommands::BriefCommands(CLI::App& root, Choose choose)
    : state_(std::make_unique<State>(root, std::move(choose))) {}

BriefCommands::~BriefCommands() = default;

}  // namespace atalaya::app
