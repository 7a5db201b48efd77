// atalaya commitments …
#include <cstdio>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/commitments/export.hpp>
#include <atalaya/commitments/import.hpp>
#include <atalaya/commitments/reread.hpp>
#include <atalaya/commitments/word_diff.hpp>
#include <atalaya/figures/messages.hpp>
#include <atalaya/files/read.hpp>
#include <atalaya/followup/deadlines.hpp>
#include <atalaya/text/stem.hpp>

#include "commands.hpp"
#include "node.hpp"

namespace atalaya::app {
namespace {

using commitments::Importer;
using commitments::ImportPlan;
using commitments::ItemPlan;
using commitments::LineUse;

std::int64_t number(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr ? value->to_number<std::int64_t>() : 0;
}

// "[-removed-] {+added+}", as `git diff --word-diff` marks words.
std::string marked_words(std::string_view before, std::string_view after) {
  std::string out;
  for (const auto& part : commitments::word_diff(before, after)) {
    const std::string_view words = trim(part.text);
    out += out.empty() ? "" : " ";
    switch (part.kind) {
      case commitments::DiffPart::Kind::same:
        out += words;
        break;
      case commitments::DiffPart::Kind::removed:
        out += fmt::format("[-{}-]", words);
        break;
      case commitments::DiffPart::Kind::added:
        out += fmt::format("{{+{}+}}", words);
        break;
    }
  }
  return squeeze(out);
}

void print_rewordings(const commitments::FilePlan& file) {
  using Kind = commitments::Rewording::Kind;
  bool suggested = false;
  for (const auto& item : file.rewordings) {
    const std::int32_t line =
        file.document.items[static_cast<std::size_t>(item.ordinal - 1)].line;
    suggested = suggested || (item.kind == Kind::suggested && !item.across);
    const std::string_view key = item.kind == Kind::mended   ? "cli.plan.mended"
                                 : item.kind == Kind::joined ? "cli.plan.joined"
                                 : item.kind == Kind::said   ? "cli.plan.said"
                                 : item.across               ? "cli.plan.across"
                                                             : "cli.plan.suggested";
    fmt::print("  {}\n", say(key, {{"line", std::to_string(line)},
                                   {"id", item.earlier},
                                   {"new", item.commitment}}));
    // Of words in two languages there is nothing to mark.
    fmt::print("    {}\n", item.across ? without_controls(squeeze(item.before)) + "\n    " +
                                             without_controls(squeeze(item.after))
                                       : without_controls(marked_words(item.before, item.after)));
  }
  if (suggested) {
    fmt::print("  {}\n", say("cli.plan.marks", {{"gone", "[-…-]"}, {"new", "{+…+}"}}));
  }
}

Result<std::vector<commitments::SameWords>> same_words(const std::vector<std::string>& said) {
  std::vector<commitments::SameWords> out;
  for (const auto& pair : said) {
    const std::size_t at = pair.find('=');
    if (at == std::string::npos || at == 0 || at + 1 == pair.size()) {
      return fail(ErrorCode::invalid_argument, "app.import.same",
                  fmt::format("--same takes OLD=NEW, two ids as the plan shows them, not '{}'",
                              pair));
    }
    out.push_back({pair.substr(0, at), pair.substr(at + 1)});
  }
  return out;
}

void print_file(const commitments::FilePlan& file, const commitments::Catalogue& catalogue) {
  const json::object sum = Importer::summary(file);
  const auto text = [&](std::string_view name) { return std::to_string(number(sum, name)); };
  const auto many = [&](std::string_view key, std::string_view name) {
    return say_count(key, number(sum, name));
  };
  fmt::print("{}\n  {} ({}, {}){}\n", without_controls(file.file_name),
             say("kind." + json::value_to<std::string>(sum.at("kind"))), file.format,
             file.document.language
                 ? say(fmt::format("language.{}", to_string(*file.document.language)))
                 : say("cli.plan.language_unknown"),
             file.known ? ": " + say("cli.plan.known") : std::string());
  if (!file.document.title.empty() || !file.document.theme.empty()) {
    fmt::print("  {}\n",
               without_controls(squeeze(file.document.theme.empty() ? file.document.title
                                                                    : file.document.theme)));
  }
  const std::string below = std::to_string(number(sum, "level_2") + number(sum, "level_3"));
  fmt::print("  {}\n", say("cli.plan.items", {{"commitments", many("cli.commitments", "items")},
                                              {"level_1", text("level_1")},
                                              {"level_2", below},
                                              {"new", text("new")},
                                              {"unchanged", text("unchanged")},
                                              {"duplicates", text("duplicates")}}));
  if (number(sum, "citations_printed") + number(sum, "citations_inferred") > 0) {
    const json::object& by = sum.at("citations_by_status").as_object();
    const auto found = [&](std::string_view how) { return std::to_string(number(by, how)); };
    fmt::print("  {}{}\n",
               say("cli.plan.citations", {{"citations", many("cli.citations", "citations_printed")},
                                          {"n", text("citations_inferred")}}),
               number(sum, "citations_inferred") == 0
                   ? std::string()
                   : " " + say("cli.plan.citations_how", {{"child", found("from_child")},
                                                          {"sibling", found("from_sibling")},
                                                          {"inferred", found("inferred")}}));
  }
  if (number(sum, "recitals") > 0) {
    fmt::print("  {}, {}\n", many("cli.recitals", "recitals"),
               many("cli.statements", "statements_of_position"));
  }
  if (number(sum, "states") + number(sum, "treaties") > 0) {
    fmt::print("  {}\n", say("cli.plan.named", {{"states", many("cli.states", "states")},
                                                {"treaties", many("cli.treaties", "treaties")}}));
  }
  for (const auto& [role, count] : sum.at("guidance").as_object()) {
    fmt::print("  {}: {}\n", say(fmt::format("role.{}", std::string_view(role))),
               count.to_number<std::int64_t>());
  }
  if (const auto themed = std::ranges::count(file.items, true, &ItemPlan::themed); themed > 0) {
    std::vector<std::string> names;
    for (const auto& id : file.themes) {
      names.push_back(catalogue.find_theme(id)->label.in(
          parse_language(terminal_language()).value_or(Language::en)));
    }
    fmt::print("  {}\n",
               say("import.themed", {{"n", std::to_string(themed)},
                                     {"themes", fmt::format("{}", fmt::join(names, ", "))}}));
  }
  if (!file.follows.empty() && !file.known) {
    fmt::print("  {}\n", say("cli.plan.follows",
                             {{"commitments",
                               say_count("cli.commitments",
                                         std::ssize(file.gone) - file.gone_elsewhere)}}));
    if (file.gone_elsewhere > 0) {
      fmt::print("  {}\n", say("cli.plan.elsewhere",
                               {{"commitments", say_count("cli.commitments",
                                                          file.gone_elsewhere)}}));
    }
  }
  print_rewordings(file);
  if (file.needs_acceptance) {
    fmt::print("  {}\n", say("cli.plan.stop"));
  }
  const auto& messages = figures::Messages::embedded();
  const Language language = parse_language(terminal_language()).value_or(Language::en);
  for (const auto& warning : file.document.warnings) {
    auto params = warning.params;
    for (auto& [name, value] : params) {
      const auto* document = name == "document" ? catalogue.find_document(value) : nullptr;
      const auto* treaty = name == "instrument" ? catalogue.find_instrument(value) : nullptr;
      value = document != nullptr ? document->title.in(language)
              : treaty != nullptr ? treaty->short_name.in(language)
                                  : without_controls(value);
    }
    fmt::print("  {}{}{}\n",
               warning.line > 0 ? messages.text(language, "import.at_line",
                                                {{"line", std::to_string(warning.line)}}) +
                                      " "
                                : std::string(),
               messages.text_with(language, "warning." + warning.reason, params),
               warning.printed && !warning.detail.empty() ? ": " + without_controls(warning.detail)
                                                          : std::string());
  }
}

// The items as they were read, for whoever compares them with the document without a browser.
json::array outline_of(const commitments::FilePlan& file) {
  constexpr std::size_t kWordsBytes = 90;
  json::array out;
  for (const auto& item : file.document.items) {
    std::string words = item.text;
    if (words.size() > kWordsBytes) {
      words.resize(std::min(words.rfind(' ', kWordsBytes), words.size()));
      words += " …";
    }
    out.push_back(json::object{{"ordinal", item.ordinal},
                               {"level", item.level},
                               {"label", item.label},
                               {"line", item.line},
                               {"words", std::move(words)},
                               {"citation", item.citation.raw},
                               {"citation_status", to_string(item.citation.status)}});
  }
  return out;
}

// What became of the lines of the document, and all that are in nothing that is held.
void add_account(const commitments::FilePlan& file, json::object& out) {
  constexpr std::size_t kTold = 2000;
  constexpr std::size_t kTextBytes = 400;
  json::object lines;
  for (int use = static_cast<int>(LineUse::left); use <= static_cast<int>(LineUse::furniture);
       ++use) {
    const auto one = static_cast<LineUse>(use);
    lines[to_string(one)] = file.document.count_lines(one);
  }
  json::array left;
  for (const auto& one : file.document.left) {
    if (left.size() == kTold) {
      break;
    }
    std::string text = one.text;
    if (text.size() > kTextBytes) {
      text.resize(std::min(text.rfind(' ', kTextBytes), kTextBytes));
      text.resize(find_invalid_utf8(text).value_or(text.size()));
      text += " …";
    }
    left.push_back(json::object{{"line", one.line},
                                {"line_end", one.line_end},
                                {"like_a_commitment", one.asks},
                                {"text", std::move(text)}});
  }
  out["lines"] = std::move(lines);
  out["left_out"] = std::move(left);
}

// Whatever the editors wrote is told from the document's words.
std::string shown_title(const commitments::CommitmentRow& row) {
  return without_controls(
      row.title.empty() ? row.text_start : fmt::format("{} [{}]", row.title, row.title_standing()));
}

}  // namespace

namespace {

// After a write: it is signed at once (a log that did not grow keeps its checkpoint), and search
// reads it.
Result<void> sign_and_follow(OpenNode& node) {
  ATALAYA_TRY(node.ledger->checkpoint());
  if (node.index == nullptr) {
    return {};
  }
  // A running server follows the change feed by itself and holds the index's lock; that is fine.
  // Nor does any other trouble of the index undo what is held.
  const auto followed = catch_up(node);
  if (!followed && followed.error().code != ErrorCode::unavailable) {
    const auto language = parse_language(terminal_language()).value_or(Language::en);
    fmt::print(stderr, "atalaya: {}\n         {} [{}]\n",
               figures::Messages::embedded().text(language, "cli.import.index_later"),
               followed.error().detail, followed.error().reason);
  }
  return {};
}

}  // namespace

Result<void> run_import(const ImportOptionsCli& options) {
  // Every file is read before the node is touched.
  std::vector<commitments::InputFile> files;
  for (const auto& name : options.files) {
    auto bytes = files::read_file(name);
    if (!bytes) {
      return fail(std::move(bytes).error());
    }
    files.push_back({std::filesystem::path(name).filename().string(), *std::move(bytes)});
  }
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::if_free));
  Importer importer(*node->desk);
  commitments::ImportOptions import_options;
  import_options.translation = options.translation;
  import_options.incomplete = options.incomplete;
  import_options.accept_changes = options.accept_changes;
  import_options.read_again = options.read_again;
  import_options.same = ATALAYA_TRY(same_words(options.same));
  import_options.apart = options.apart;
  if (!options.reason.empty()) {
    import_options.same_reason = options.reason;
  }
  const ImportPlan plan = ATALAYA_TRY(importer.plan(std::move(files), import_options));
  if (options.output == Output::json) {
    json::array out;
    for (const auto& file : plan.files) {
      json::object one = Importer::summary(file);
      for (auto& pair : Importer::rewordings(file)) {
        one.insert(pair);
      }
      one["outline"] = outline_of(file);
      add_account(file, one);
      one["dry_run"] = options.dry_run;
      out.push_back(std::move(one));
    }
    // Where it stops, the plan says why.
    Result<void> applied;
    if (!options.dry_run) {
      applied = importer.apply(plan, import_options);
    }
    for (auto& one : out) {
      one.as_object()["applied"] = !options.dry_run && applied.has_value();
    }
    print_json(out);
    ATALAYA_TRY(std::move(applied));
  } else {
    for (const auto& file : plan.files) {
      print_file(file, node->desk->catalogue());
    }
    if (options.dry_run) {
      fmt::print("{}\n", say("cli.plan.dry_run"));
      return {};
    }
    ATALAYA_TRY(importer.apply(plan, import_options));
  }
  if (!options.dry_run) {
    ATALAYA_TRY(sign_and_follow(*node));
  }
  if (options.output == Output::text) {
    const auto overview = ATALAYA_TRY(node->desk->overview());
    fmt::print("{}\n", say("cli.plan.now",
                           {{"commitments", say_count("cli.commitments", overview.commitments)},
                            {"held", std::to_string(overview.held)}}));
  }
  return {};
}

namespace {

using commitments::ReadClause;
using commitments::RereadCommitment;
using commitments::RereadCounts;

json::value json_of(const std::optional<ReadClause>& clause) {
  if (!clause) {
    return nullptr;
  }
  return json::object{{"words", clause->words},
                      {"verb", clause->verb},
                      {"addressee", clause->addressee},
                      {"deliverable", clause->deliverable},
                      {"due", clause->due},
                      {"formulation", clause->formulation},
                      {"set_by", clause->set_by}};
}

json::object json_of(const RereadCounts& counts) {
  return {{"asking", counts.asking},
          {"declaring", counts.declaring},
          {"actionable", counts.actionable},
          {"dates", counts.dates}};
}

json::array json_of(const std::vector<std::string>& dates) {
  json::array out;
  for (const auto& date : dates) {
    out.emplace_back(date);
  }
  return out;
}

std::string_view to_string(RereadCommitment::Kept kept) {
  return kept == RereadCommitment::Kept::no       ? "no"
         : kept == RereadCommitment::Kept::clause ? "clause"
                                                  : "date";
}

json::object json_of(const commitments::RereadReport& report, bool dry_run) {
  json::array changed;
  for (const auto& one : report.changed) {
    json::array clauses;
    for (const auto& clause : one.clauses) {
      clauses.push_back(json::object{{"ordinal", clause.ordinal},
                                     {"before", json_of(clause.before)},
                                     {"after", json_of(clause.after)}});
    }
    changed.push_back(json::object{{"commitment", one.id},
                                   {"file", one.file},
                                   {"line", one.line},
                                   {"kept", to_string(one.kept)},
                                   {"clauses", std::move(clauses)},
                                   {"dates_before", json_of(one.dates_before)},
                                   {"dates_after", json_of(one.dates_after)},
                                   {"links_before", json_of(one.links_before)},
                                   {"links_after", json_of(one.links_after)}});
  }
  return {{"dry_run", dry_run},
          {"held", report.held},
          {"earlier", report.earlier},
          {"before", json_of(report.before)},
          {"after", json_of(report.after)},
          {"changed", std::move(changed)}};
}

// "2. deplore, declaratory, states: Deplore the synthetic …"
std::string line_of(std::int32_t ordinal, const ReadClause& clause) {
  std::string out = fmt::format("{}. {}, {}, {}", ordinal, clause.verb.empty() ? "–" : clause.verb,
                                say("formulation." + clause.formulation), clause.addressee);
  out += clause.due.empty() ? "" : ", " + clause.due;
  out += clause.set_by == "rule" ? "" : fmt::format(" ({})", clause.set_by);
  return out + ": " + squeeze(clause.words);
}

void print_reread(const RereadCommitment& one) {
  fmt::print("{}  {}:{}\n", one.id, one.file, one.line);
  for (const auto& clause : one.clauses) {
    if (clause.before) {
      fmt::print("  - {}\n", line_of(clause.ordinal, *clause.before));
    }
    if (clause.after) {
      fmt::print("  + {}\n", line_of(clause.ordinal, *clause.after));
    }
  }
  if (one.dates_before != one.dates_after) {
    fmt::print("  {}\n", say("cli.reread.dates",
                             {{"before", fmt::format("{}", fmt::join(one.dates_before, ", "))},
                              {"after", fmt::format("{}", fmt::join(one.dates_after, ", "))}}));
  }
  for (const auto& link : one.links_before) {
    fmt::print("  - {}\n", link);
  }
  for (const auto& link : one.links_after) {
    fmt::print("  + {}\n", link);
  }
  if (one.kept != RereadCommitment::Kept::no) {
    fmt::print("  {}\n", say(fmt::format("cli.reread.kept_{}", to_string(one.kept))));
  }
}

}  // namespace

Result<void> run_reread(const RereadCliOptions& options) {
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::if_free));
  commitments::RereadOptions reread;
  reread.dry_run = options.dry_run;
  const followup::Deadlines deadlines(node->followup->parts());
  reread.recorded = [&](const std::string& id) { return deadlines.recorded(id); };
  const auto report = ATALAYA_TRY(node->desk->reread(reread));
  if (!options.dry_run && report.earlier > 0) {
    ATALAYA_TRY(sign_and_follow(*node));
  }
  if (options.output == Output::json) {
    print_json(json_of(report, options.dry_run));
    return {};
  }
  std::ranges::for_each(report.changed, print_reread);
  fmt::print("{}\n", say("cli.reread.texts", {{"earlier", std::to_string(report.earlier)},
                                              {"held", std::to_string(report.held)}}));
  if (report.earlier > 0) {
    const auto arrow = [](std::int64_t from, std::int64_t to) {
      return fmt::format("{} → {}", from, to);
    };
    const auto& [before, after] = std::tie(report.before, report.after);
    fmt::print("{}\n",
               say("cli.reread.counts", {{"asking", arrow(before.asking, after.asking)},
                                         {"declaring", arrow(before.declaring, after.declaring)},
                                         {"actionable", arrow(before.actionable, after.actionable)},
                                         {"dates", arrow(before.dates, after.dates)}}));
  }
  if (options.dry_run) {
    fmt::print("{}\n", say("cli.plan.dry_run"));
  }
  return {};
}

namespace {

Result<std::string> source_called(const commitments::Desk& desk, const std::string& called) {
  const auto sources = ATALAYA_TRY(desk.sources());
  std::string found;
  for (const auto& source : sources) {
    if (source.id != called && source.file_name != called) {
      continue;
    }
    if (!found.empty()) {
      return fail(Error{ErrorCode::invalid_argument,
                        "app.theme.several",
                        "several held documents have this file name; name one by its id",
                        {{"file", called.substr(0, 80)}}});
    }
    found = source.id;
  }
  if (found.empty()) {
    return fail(Error{ErrorCode::not_found,
                      "app.theme.nothing",
                      "no commitment and no held document is called so",
                      {{"id", called.substr(0, 80)}}});
  }
  return found;
}

}  // namespace

Result<void> run_theme(const ThemeOptions& options) {
  if (options.add.empty() == options.remove.empty()) {
    return fail(ErrorCode::invalid_argument, "app.theme.which",
                "say --add THEME or --remove THEME");
  }
  const bool add = !options.add.empty();
  const commitments::LinkDecision decision{"theme",
                                           add ? options.add : options.remove,
                                           add ? "add" : "remove",
                                           options.reason,
                                           "command line",
                                           {}};
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::if_free));
  if (node->desk->catalogue().find_theme(decision.target) == nullptr) {
    std::vector<std::string> ids;
    for (const auto& theme : node->desk->catalogue().themes()) {
      ids.push_back(theme.id);
    }
    return fail(Error{ErrorCode::invalid_argument,
                      "app.theme.unknown",
                      "the catalogue has no such theme",
                      {{"theme", decision.target.substr(0, 60)},
                       {"themes", fmt::format("{}", fmt::join(ids, ", "))}}});
  }
  commitments::LinkedPage changed{1, 0};
  const auto one = node->desk->get(options.id, Language::en);
  if (one) {
    ATALAYA_TRY(node->desk->set_link(options.id, decision));
  } else if (one.error().code != ErrorCode::not_found) {
    return fail(one.error());
  } else {
    const std::string source = ATALAYA_TRY(source_called(*node->desk, options.id));
    changed = ATALAYA_TRY(node->desk->set_link_of_source(source, decision));
  }
  ATALAYA_TRY(sign_and_follow(*node));
  if (options.output == Output::json) {
    print_json(json::object{{"theme", decision.target},
                            {"decision", decision.decision},
                            {"changed", changed.changed},
                            {"unchanged", changed.unchanged}});
    return {};
  }
  fmt::print("{}\n", say("themes.changed", {{"changed", std::to_string(changed.changed)},
                                            {"unchanged", std::to_string(changed.unchanged)}}));
  return {};
}

Result<void> run_export(const ExportOptions& options) {
  using commitments::ExportFormat;
  const std::pair<std::string_view, ExportFormat> formats[] = {{"json", ExportFormat::json},
                                                               {"csv", ExportFormat::csv},
                                                               {"jsonld", ExportFormat::jsonld},
                                                               {"akn", ExportFormat::akn}};
  for (const auto& [name, format] : formats) {
    if (name == options.format) {
      auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
      const commitments::Exporter exporter(*node->desk);
      return write_output(options.out, [&, wanted = format](const OutputSink& sink) {
        return exporter.write(wanted, sink);
      });
    }
  }
  return fail(ErrorCode::invalid_argument, "app.export.format",
              "the format must be json, csv, jsonld or akn");
}

namespace {

std::string marked_snippet(const std::vector<std::pair<std::string, bool>>& snippet) {
  std::string out;
  for (const auto& [text, marked] : snippet) {
    out += marked ? "[" + text + "]" : text;
  }
  return out;
}

std::string shown_snippet(const std::vector<std::pair<std::string, bool>>& snippet) {
  return without_controls(squeeze(marked_snippet(snippet)));
}

// What --lang says, else the terminal's.
std::string language_asked(const std::string& said) {
  return said.empty() ? terminal_language() : said;
}

// " [official text, in Spanish]": behind the words that it is about.
std::string whose(std::string_view standing, std::string_view language) {
  if (standing.empty()) {
    return {};
  }
  const std::string key = "text.whose." + std::string(standing);
  return fmt::format(
      " [{}]", language.empty()
                   ? say(key)
                   : say(key + ".in", {{"language", say("language." + std::string(language))}}));
}

// Texts spell a treaty out that readers know by its initials: what names it stands on its page.
void print_pages_called(std::string_view query, Language language) {
  const auto catalogue = commitments::Catalogue::embedded();
  const std::string wanted = fold(trim(query));
  const auto print = [&](const commitments::Translated& called, const std::string& id,
                         std::string_view folder) {
    const bool any = std::ranges::any_of(
        kLanguages, [&](Language one) { return fold(called.in(one)) == wanted; });
    if (any || id == wanted) {
      fmt::print("{}\n", say("cli.search.called", {{"name", called.in(language)},
                                                   {"lang", std::string(to_string(language))},
                                                   {"path", fmt::format("/{}/{}", folder, id)}}));
    }
  };
  for (const auto& instrument : catalogue->instruments()) {
    print(instrument.short_name, instrument.id, "treaties");
  }
  for (const auto& institution : catalogue->institutions()) {
    print(institution.acronym, institution.id, "institutions");
  }
}

void print_answer(const commitments::SearchAnswer& answer, std::string_view query,
                  Language language) {
  if (!answer.did_you_mean.empty()) {
    fmt::print("{}\n", say("cli.search.instead", {{"words", answer.did_you_mean}}));
  }
  fmt::print("{}{}\n", say_count("cli.commitments", answer.total),
             answer.any_word ? " " + say("cli.search.any_word") : std::string());
  print_pages_called(query, language);
  for (const auto& hit : answer.hits) {
    fmt::print("\n{}  {}  {}\n  {}\n", hit.row.id, hit.row.year, shown_title(hit.row),
               shown_snippet(hit.snippet) + whose(hit.snippet_standing, hit.snippet_language));
  }
  if (answer.texts_total == 0) {
    return;
  }
  fmt::print("\n{}\n", say_count("search.texts", answer.texts_total));
  const auto catalogue = commitments::Catalogue::embedded();
  for (const auto& text : answer.texts) {
    const auto* state = catalogue->find_country(text.actor);
    const std::string name =
        state != nullptr ? say("statement.title", {{"state", state->name.in(language)}})
                         : say("topic.named.paragraph", {{"role", say("role." + text.role)},
                                                         {"n", std::to_string(text.ordinal)},
                                                         {"line", std::to_string(text.line)}});
    fmt::print("\n{}  {}\n  {}\n", name, without_controls(squeeze(text.source_title)),
               shown_snippet(text.snippet) + whose(text.standing, text.language));
  }
}

}  // namespace

Result<void> run_search(const SearchOptions& options) {
  const auto language = parse_language(language_asked(options.language));
  if (!language) {
    return fail(ErrorCode::invalid_argument, "app.language", "--lang must be en, es, pt or fr");
  }
  if (text::tokenize_stemmed(options.query, *language).empty()) {
    return fail(ErrorCode::invalid_argument, "app.usage.empty_query",
                "the query is empty; write words, \"a phrase\" or an id");
  }
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::yes));
  const auto followed = catch_up(*node);
  if (!followed && followed.error().code != ErrorCode::unavailable) {
    return fail(followed.error());
  }
  commitments::SearchQuery query;
  query.text = options.query;
  query.language = *language;
  query.limit = options.limit;
  const auto answer = ATALAYA_TRY(node->desk->search(query));
  if (options.output == Output::json) {
    json::array hits;
    for (const auto& hit : answer.hits) {
      hits.push_back(json::object{{"id", hit.row.id},
                                  {"title", hit.row.title},
                                  {"title_standing", hit.row.title_standing()},
                                  {"citation_status", hit.row.citation_status},
                                  {"year", hit.row.year},
                                  {"meeting", hit.row.meeting},
                                  {"theme", hit.row.theme},
                                  {"score", hit.score},
                                  {"snippet", marked_snippet(hit.snippet)},
                                  {"snippet_language", hit.snippet_language},
                                  {"snippet_standing", hit.snippet_standing}});
    }
    json::array texts;
    for (const auto& text : answer.texts) {
      texts.push_back(json::object{{"source", text.source},
                                   {"source_title", text.source_title},
                                   {"language", text.language},
                                   {"standing", text.standing},
                                   {"role", text.role},
                                   {"ordinal", text.ordinal},
                                   {"line", text.line},
                                   {"actor", text.actor},
                                   {"score", text.score},
                                   {"snippet", marked_snippet(text.snippet)}});
    }
    json::object facets;
    for (const auto& [name, counts] : answer.facets) {
      json::object values;
      for (const auto& [value, count] : counts) {
        values[value] = count;
      }
      facets[name] = std::move(values);
    }
    print_json(json::object{{"query", options.query},
                            {"language", to_string(*language)},
                            {"total", answer.total},
                            {"corrected", answer.did_you_mean},
                            {"any_word", answer.any_word},
                            {"index_behind", answer.index_behind},
                            {"hits", std::move(hits)},
                            {"texts_total", answer.texts_total},
                            {"texts", std::move(texts)},
                            {"facets", std::move(facets)}});
    return {};
  }
  print_answer(answer, options.query, *language);
  return {};
}

Result<void> run_lineage(const LineageOptions& options) {
  const auto language = parse_language(language_asked(options.language));
  if (!language) {
    return fail(ErrorCode::invalid_argument, "app.language", "--lang must be en, es, pt or fr");
  }
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::if_free));
  const auto candidates =
      ATALAYA_TRY(node->desk->candidates(options.id, *language, options.limit));
  if (options.output == Output::json) {
    json::array out;
    for (const auto& candidate : candidates) {
      json::array reasons;
      for (const auto& [kind, detail] : candidate.reasons) {
        reasons.push_back(json::object{{"kind", kind}, {"detail", detail}});
      }
      out.push_back(json::object{{"id", candidate.row.id},
                                 {"title", candidate.row.title},
                                 {"title_standing", candidate.row.title_standing()},
                                 {"year", candidate.row.year},
                                 {"score", candidate.score},
                                 {"suggested_type", candidate.suggested_type},
                                 {"reasons", std::move(reasons)}});
    }
    print_json(json::object{{"id", options.id}, {"candidates", std::move(out)}});
    return {};
  }
  for (const auto& candidate : candidates) {
    fmt::print("{:.3f}  {}  {}  {}\n", candidate.score, candidate.row.id, candidate.row.year,
               shown_title(candidate.row));
    for (const auto& [kind, detail] : candidate.reasons) {
      fmt::print("       {}: {}\n", kind, without_controls(detail));
    }
  }
  return {};
}

}  // namespace atalaya::app
