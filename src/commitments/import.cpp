// Import in two steps. plan() reads the files and compares them with the desk inside one snapshot;
// apply() writes everything in one transaction, after checking that no document was added since,
// so a crash at any write leaves either nothing or all of it.
#include <atalaya/commitments/import.hpp>

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/commitments/analysis.hpp>

#include "desk_state.hpp"
#include "import_review.hpp"
#include "twin.hpp"
#include "zstd_bytes.hpp"

namespace atalaya::commitments {
namespace {

// What is known of a commitment before this file: from the store, then from the files before it.
struct Known {
  std::string text;           // in `language`
  std::string language;
  bool listed = false;        // the catalogue or the store has a row for it
  std::set<std::pair<std::string, std::string>> pages;  // language, page key
};

struct Held {
  std::int64_t based_on = 0;
  std::map<std::string, Known, std::less<>> commitments;
  std::set<std::string, std::less<>> files;
};

std::string page_key(const ParsedDocument& document) {
  return fold(squeeze(fmt::format("{}|{}|{}|{}|{}", to_string(document.kind), document.meeting,
                                  document.document, document.theme,
                                  document.theme.empty() ? document.title : "")));
}

std::string language_of(const ParsedDocument& document) {
  return document.language ? std::string(to_string(*document.language)) : std::string();
}

std::string meeting_of(const ParsedItem& item) {
  if (!item.effective.meeting.empty()) {
    return item.effective.meeting;
  }
  const std::int32_t year =
      item.effective.year != 0 ? item.effective.year : item.citation.year;
  return year != 0 ? fmt::format("other-{}", year) : std::string("other");
}

Result<void> look_up(store::Transaction& tx, const std::vector<std::string>& ids, Held& held) {
  for (std::size_t at = 0; at < ids.size(); at += 500) {
    const std::vector<std::string> chunk(
        ids.begin() + static_cast<std::ptrdiff_t>(at),
        ids.begin() + static_cast<std::ptrdiff_t>(std::min(at + 500, ids.size())));
    detail::Where listed;
    listed.add("id IN (" + listed.list(chunk) + ")");
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT id FROM commitments" + listed.sql(), listed.parameters()));
    for (const auto& row : rows) {
      held.commitments[row.text(0)].listed = true;
    }
    detail::Where texts;
    texts.add("a.commitment IN (" + texts.list(chunk) + ")");
    const auto found = ATALAYA_TRY(
        tx.query("SELECT a.commitment, a.text, s.language, s.page_key FROM appearances a JOIN "
                 "source_documents s ON s.id = a.source" +
                     texts.sql() + " ORDER BY s.position",
                 texts.parameters()));
    for (const auto& row : found) {
      Known& known = held.commitments[row.text(0)];
      if (known.text.empty()) {
        known.text = row.text(1);
        known.language = row.text_or_empty(2);
      }
      known.pages.emplace(row.text_or_empty(2), row.text(3));
    }
  }
  return {};
}

// Runs job(0) … job(count - 1), which share nothing, on as many threads as there are processors,
// in about this order: reading and analysing texts is most of an import. The caller may go on with
// what is done already.
class WorkAhead {
 public:
  WorkAhead(std::size_t count, std::function<void(std::size_t)> job)
      : job_(std::move(job)), done_(count) {
    const std::size_t threads = std::min<std::size_t>(std::thread::hardware_concurrency(), count);
    for (std::size_t i = 1; i < threads; ++i) {
      helpers_.emplace_back([this] {
        while (run_one()) {
        }
      });
    }
  }

  /// Returns when job(i) is done; does jobs itself meanwhile.
  void wait_for(std::size_t i) {
    while (!done_[i].load()) {
      if (!run_one()) {
        done_[i].wait(false);
      }
    }
  }

  void wait_for_all() {
    for (std::size_t i = 0; i < done_.size(); ++i) {
      wait_for(i);
    }
  }

 private:
  bool run_one() {
    const std::size_t i = next_++;
    if (i >= done_.size()) {
      return false;
    }
    job_(i);
    done_[i] = true;
    done_[i].notify_all();
    return true;
  }

  std::function<void(std::size_t)> job_;
  std::vector<std::atomic<bool>> done_;
  std::atomic<std::size_t> next_ = 0;
  std::vector<std::jthread> helpers_;  // last, so that they end before what they use
};

// Eight characters (`id`) name a commitment; where another wording took them already, twelve.
std::string id_for(const ParsedItem& item, std::string id, const std::string& language,
                   const Held& held) {
  const std::string meeting = meeting_of(item);
  const auto it = held.commitments.find(id);
  if (it != held.commitments.end() && !it->second.text.empty() &&
      it->second.language == language &&
      commitment_id(meeting, it->second.text, 32) != commitment_id(meeting, item.text, 32)) {
    id = commitment_id(meeting, item.text, 12);
  }
  return id;
}

Result<EarlierVersion> earlier_version(store::Transaction& tx, const std::string& key,
                                       const std::string& language) {
  EarlierVersion out;
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT id FROM source_documents WHERE page_key = $1 AND COALESCE(language, '') = "
               "$2 ORDER BY position DESC LIMIT 1",
               {key, language}));
  if (rows.empty()) {
    return out;
  }
  out.id = rows.front().text(0);
  const auto items = ATALAYA_TRY(
      tx.query("SELECT commitment, text, level FROM appearances WHERE source = $1", {out.id}));
  for (const auto& row : items) {
    out.items.try_emplace(
        row.text(0), EarlierItem{row.text(1), static_cast<std::int32_t>(row.integer(2))});
  }
  return out;
}

// A year printed beside a treaty that is neither its adoption nor its entry into force, or two
// years for one treaty: kept as printed, and explained.
void explain_years(ParsedDocument& document, const Catalogue& catalogue) {
  for (const NamedTreaty& treaty : document.treaties) {
    const Instrument* known = catalogue.find_instrument(treaty.instrument);
    if (known == nullptr || treaty.year == 0 || treaty.year == known->adopted_year ||
        known->adopted_year == 0) {
      continue;
    }
    const bool in_force = treaty.year == known->in_force_year;
    document.warnings.push_back(
        {in_force ? "commitments.import.year_in_force" : "commitments.import.year_differs",
         treaty.line,
         in_force ? fmt::format("{} is printed with {}, the year it entered into force; it was "
                                "adopted in {}",
                                known->short_name.in(Language::en), treaty.year,
                                known->adopted_year)
                  : fmt::format("{} is printed with {}; the catalogue has {} as its adoption; "
                                "both are kept",
                                known->short_name.in(Language::en), treaty.year,
                                known->adopted_year)});
  }
}

// `ids` are the eight-character names of the items, followed by those of the twin's, if any.
void compare(FilePlan& plan, const EarlierVersion& earlier, const std::string& key, Held& held,
             const std::vector<std::string>& ids) {
  const std::size_t count = plan.document.items.size();
  const bool has_twin = ids.size() > count;
  const std::string language = language_of(plan.document);
  plan.follows = earlier.id;
  std::set<std::string, std::less<>> present;
  for (std::size_t i = 0; i < count; ++i) {
    const ParsedItem& item = plan.document.items[i];
    ItemPlan entry;
    entry.ordinal = item.ordinal;
    entry.commitment = has_twin ? ids[count + i] : id_for(item, ids[i], language, held);
    present.insert(entry.commitment);
    Known& known = held.commitments[entry.commitment];
    const bool elsewhere = std::ranges::any_of(known.pages, [&](const auto& page) {
      return page.first == language && page.second != key;
    });
    const auto before = earlier.items.find(entry.commitment);
    if (before != earlier.items.end()) {
      entry.change = before->second.text == item.text ? ItemPlan::Change::unchanged
                                                 : ItemPlan::Change::text_differs;
    } else {
      const bool held_already = std::ranges::any_of(known.pages, [&](const auto& page) {
        return page != std::pair(language, key);
      });
      entry.change = held_already ? ItemPlan::Change::joined : ItemPlan::Change::added;
    }
    plan.duplicates += elsewhere ? 1 : 0;
    plan.added += entry.change == ItemPlan::Change::added ? 1 : 0;
    plan.unchanged += entry.change == ItemPlan::Change::unchanged ? 1 : 0;
    if (known.text.empty()) {
      known.text = item.text;
      known.language = language;
    }
    known.pages.emplace(language, key);
    plan.items.push_back(std::move(entry));
  }
  for (const auto& [id, unused] : earlier.items) {
    if (!present.contains(id)) {
      plan.gone.push_back(id);
    }
  }
}

// The bytes are held: nothing will change, and the counts say so.
Result<void> compare_known(store::Transaction& tx, FilePlan& plan) {
  plan.known = true;
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT a.ordinal, a.commitment, (SELECT COUNT(*) FROM appearances b JOIN "
               "source_documents t ON t.id = b.source WHERE b.commitment = a.commitment AND "
               "t.position < s.position AND t.page_key <> s.page_key AND COALESCE(t.language, '') = "
               "COALESCE(s.language, '')) FROM appearances a JOIN "
               "source_documents s ON s.id = a.source WHERE a.source = $1 ORDER BY a.ordinal",
               {plan.id}));
  const auto twin = ATALAYA_TRY(tx.query_one(
      "SELECT follows, twin_of FROM source_documents WHERE id = $1", {plan.id}));
  plan.follows = twin.text_or_empty(0);
  plan.twin_of = twin.text_or_empty(1);
  for (const auto& row : rows) {
    plan.items.push_back({static_cast<std::int32_t>(row.integer(0)), row.text(1),
                          ItemPlan::Change::unchanged});
    plan.duplicates += row.integer(2) > 0 ? 1 : 0;
  }
  plan.unchanged = static_cast<std::int32_t>(rows.size());
  return {};
}

// A half sentence must not become an official text for ever.
Result<void> refuse_cut(const InputFile& file, const ParsedDocument& document) {
  const auto cut = std::ranges::find(document.warnings, "commitments.parse.may_be_cut",
                                     &Warning::reason);
  if (document.kind == DocumentKind::unknown || cut == document.warnings.end()) {
    return {};
  }
  return fail(Error{ErrorCode::invalid_argument,
                    "commitments.import.cut",
                    fmt::format("{}: line {}: the last item ends in the middle of a sentence; get "
                                "the whole file, or use --incomplete if it really ends there",
                                file.name, cut->line),
                    {{"file", file.name}, {"line", std::to_string(cut->line)}}});
}

struct ReadFile {
  FilePlan plan;
  std::vector<std::string> ids;  // the eight-character names of its items
};

Result<ReadFile> read_one(const InputFile& file, const Catalogue& catalogue, bool incomplete) {
  auto text = files::read_document(file.bytes, file.name);
  if (!text) {
    return fail(std::move(text).error());
  }
  auto parsed = parse(*text, catalogue);
  if (!parsed) {
    return fail(std::move(parsed).error().with("file", file.name));
  }
  if (!incomplete) {
    ATALAYA_TRY(refuse_cut(file, *parsed));
  }
  FilePlan plan;
  plan.file_name = file.name;
  plan.id = to_hex(sha256(file.bytes));
  plan.format = to_string(text->format);
  plan.document = *std::move(parsed);
  for (const auto& warning : text->warnings) {
    plan.document.warnings.push_back({"commitments.import.file", 0, warning});
  }
  explain_years(plan.document, catalogue);
  ReadFile out;
  for (const ParsedItem& item : plan.document.items) {
    out.ids.push_back(commitment_id(meeting_of(item), item.text));
  }
  out.plan = std::move(plan);
  return out;
}

// The files before `document` in this command that look like another language's version of it.
std::vector<TwinCandidate> earlier_files(std::span<const FilePlan> files,
                                         const ParsedDocument& document) {
  const auto same_place = [](const ParsedItem& a, const ParsedItem& b) {
    return a.level == b.level && a.effective.meeting == b.effective.meeting;
  };
  std::vector<TwinCandidate> out;
  for (const FilePlan& file : files) {
    const ParsedDocument& other = file.document;
    if (file.known || !other.language || other.kind != document.kind ||
        !std::ranges::equal(other.items, document.items, same_place)) {
      continue;
    }
    TwinCandidate candidate{file.id,         file.file_name, *other.language, other.kind,
                            shape_of(other), {}};
    for (std::size_t i = 0; i < file.items.size(); ++i) {
      candidate.items.emplace_back(file.items[i].commitment, file.document.items[i].text);
    }
    out.push_back(std::move(candidate));
  }
  return out;
}

Result<void> plan_one(store::Transaction& tx, std::span<const FilePlan> before, FilePlan& plan,
                      std::vector<std::string> ids, Held& held) {
  const auto same = ATALAYA_TRY(
      tx.query("SELECT 1 FROM source_documents WHERE id = $1", {plan.id}));
  if (!same.empty()) {
    return compare_known(tx, plan);
  }
  if (held.files.contains(plan.id)) {
    plan.known = true;  // the same file twice in one command
    plan.unchanged = static_cast<std::int32_t>(plan.document.items.size());
    return {};
  }
  held.files.insert(plan.id);
  const std::string key = page_key(plan.document);
  const EarlierVersion earlier =
      ATALAYA_TRY(earlier_version(tx, key, language_of(plan.document)));
  Twin twin;
  if (earlier.id.empty()) {
    twin = ATALAYA_TRY(find_twin(tx, plan.document, earlier_files(before, plan.document)));
    plan.twin_of = twin.source;
    if (!twin.source.empty()) {
      plan.document.warnings.push_back(
          {"commitments.import.joined_twin", 0,
           fmt::format("joined item by item with {}, the same page in another language "
                       "(likeness {:.2f} against {:.2f} when shifted)",
                       twin.file_name, twin.likeness, twin.likeness_shifted)});
    }
  }
  ids.insert(ids.end(), twin.commitments.begin(), twin.commitments.end());
  ATALAYA_TRY(look_up(tx, ids, held));
  compare(plan, earlier, key, held, ids);
  review_changes(plan, earlier);
  if (earlier.id.empty() && plan.twin_of.empty()) {
    return review_twin(tx, plan);
  }
  return {};
}

// ---- apply ----------------------------------------------------------------------------------

struct Batch {
  std::vector<store::Parameters> commitments, texts, appearances, paragraphs, links, clauses, dues;
  std::vector<ledger::Event> leaves;
  std::vector<std::string> changed;
};

void add_appearance(const std::string& source, const ParsedItem& item,
                    const std::string& commitment, Batch& batch) {
  batch.appearances.push_back({source,
                               std::int64_t{item.ordinal},
                               commitment,
                               std::int64_t{item.level},
                               std::int64_t{item.parent_ordinal},
                               std::string(to_string(item.role)),
                               item.label,
                               item.block,
                               std::int64_t{item.line},
                               std::int64_t{item.line_end},
                               item.text,
                               item.citation.raw,
                               item.citation.document,
                               item.citation.place,
                               std::int64_t{item.citation.year},
                               std::string(to_string(item.citation.status)),
                               item.effective.document,
                               item.effective.place,
                               item.effective.country,
                               std::int64_t{item.effective.year},
                               item.effective.meeting});
}

void add_links(const std::string& id, std::string_view kind, const std::vector<std::string>& found,
               Batch& batch) {
  std::int64_t position = 100;  // after the catalogue's
  for (const auto& target : found) {
    batch.links.push_back({id, std::string(kind), target, position++});
  }
}

void add_analysis(const std::string& id, const ParsedItem& item, const std::string& language,
                  const Analysis& analysis, Batch& batch) {
  const auto edtf = [&](std::int32_t due) {
    return due < 0 ? std::string() : analysis.dues[static_cast<std::size_t>(due)].edtf;
  };
  for (const Clause& clause : analysis.clauses) {
    json::array qualifiers;
    for (const Qualifier& qualifier : clause.qualifiers) {
      qualifiers.emplace_back(qualifier.span.of(item.text));
    }
    const std::string addressee = clause.addressee_id.empty()
                                      ? std::string(to_string(clause.addressee))
                                      : clause.addressee_id;
    batch.clauses.push_back({id,
                             std::int64_t{clause.ordinal},
                             std::int64_t{clause.span.begin},
                             std::int64_t{clause.span.end},
                             language,
                             clause.lemma,
                             std::string(clause.verb.of(item.text)),
                             addressee,
                             std::string(clause.addressee_span.of(item.text)),
                             std::string(clause.deliverable.of(item.text)),
                             edtf(clause.due),
                             std::string(to_string(clause.formulation)),
                             json::serialize(qualifiers)});
  }
  std::int64_t ordinal = 0;
  for (const Due& due : analysis.dues) {
    batch.dues.push_back({id, ++ordinal, due.edtf, std::string(to_string(due.kind)),
                          std::string(due.span.of(item.text)),
                          std::int64_t{due.kind == DueKind::soft ? 1 : 0}});
  }
}

void add_items(const FilePlan& plan, const Recogniser& recogniser, Batch& batch) {
  const std::string language = language_of(plan.document);
  std::string chapeau;
  for (std::size_t i = 0; i < plan.document.items.size(); ++i) {
    const ParsedItem& item = plan.document.items[i];
    const std::string& id = plan.items[i].commitment;
    const auto parent =
        item.parent_ordinal > 0
            ? plan.items[static_cast<std::size_t>(item.parent_ordinal - 1)].commitment
            : std::string();
    if (item.level == 1) {
      chapeau = item.role == ItemRole::chapeau ? item.text : chapeau;
      chapeau = item.role != ItemRole::chapeau && parent.empty() && i > 0 &&
                        plan.document.items[i - 1].effective.document != item.effective.document
                    ? std::string()
                    : chapeau;
    }
    AnalysisContext context;
    context.language = plan.document.language.value_or(Language::en);
    context.year = item.effective.year;
    context.chapeau = item.role == ItemRole::chapeau ? std::string_view() : chapeau;
    context.party =
        item.role == ItemRole::priority ? AddresseeKind::parliaments : AddresseeKind::states;
    context.recogniser = &recogniser;
    const Analysis analysis = analyse(item.text, context);
    const std::int32_t year =
        item.effective.year != 0 ? item.effective.year : item.citation.year;
    batch.commitments.push_back({id, meeting_of(item), item.effective.document, std::int64_t{year},
                                 std::int64_t{item.ordinal}, std::string(to_string(item.role)),
                                 parent.empty() ? store::Value{} : store::Value{parent},
                                 std::int64_t{analysis.actionable ? 1 : 0}});
    add_appearance(plan.id, item, id, batch);
    if (plan.items[i].change == ItemPlan::Change::unchanged) {
      continue;
    }
    batch.changed.push_back(id);
    batch.texts.push_back({id, language, plan.standing, item.text, plan.id});
    add_links(id, "instrument", distinct_ids(recogniser.instruments(item.text)), batch);
    add_links(id, "institution", distinct_ids(recogniser.institutions(item.text)), batch);
    // Clauses are read once, from the first language that was held; spans belong to that text.
    if (plan.twin_of.empty() && plan.items[i].change == ItemPlan::Change::added) {
      add_analysis(id, item, language, analysis, batch);
    }
    ledger::Event leaf = detail::event("commitments.text", id,
                                       {{"language", language},
                                        {"standing", plan.standing},
                                        {"source", plan.id},
                                        {"ordinal", item.ordinal},
                                        {"line", item.line},
                                        {"text_sha256", to_hex(sha256(item.text))}});
    batch.leaves.push_back(std::move(leaf));
  }
}

Result<void> write_document(store::Transaction& tx, const FilePlan& plan, const std::string& bytes,
                            const ImportOptions& options, const std::string& now) {
  const std::int64_t position = ATALAYA_TRY(detail::advance_counter(tx, "source_documents", 1));
  std::string lines;
  for (const auto& line : plan.document.lines) {
    lines += line;
    lines += '\n';
  }
  if (!lines.empty()) {
    lines.pop_back();
  }
  std::erase(lines, '\0');
  const ParsedDocument& document = plan.document;
  const auto optional = [](const std::string& text) {
    return text.empty() ? store::Value{} : store::Value{text};
  };
  ATALAYA_TRY(tx.execute(
      "INSERT INTO source_documents(id, position, file_name, format, kind, page_key, language, "
      "standing, title, theme, meeting, document, follows, twin_of, shape, bytes, size, lines, "
      "summary, imported_at, imported_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
      "$12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
      {plan.id, position, plan.file_name, plan.format, std::string(to_string(document.kind)),
       page_key(document), optional(language_of(document)), plan.standing, document.title,
       document.theme, document.meeting, document.document, optional(plan.follows),
       optional(plan.twin_of), shape_of(document), detail::pack(bytes), static_cast<std::int64_t>(bytes.size()), lines,
       json::serialize(Importer::summary(plan)), now, options.by}));
  return {};
}

Result<void> write_around(store::Transaction& tx, const FilePlan& plan) {
  std::vector<store::Parameters> paragraphs;
  for (const auto* group : {&plan.document.recitals, &plan.document.guidance}) {
    for (const ParsedItem& item : *group) {
      paragraphs.push_back({plan.id, std::string(to_string(item.role)), std::int64_t{item.ordinal},
                            item.label, item.block, std::int64_t{item.line},
                            std::int64_t{item.line_end}, item.text,
                            fmt::format("{}", fmt::join(item.notes, " "))});
    }
  }
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO paragraphs(source, role, ordinal, label, block, line, line_end, text, notes) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      paragraphs));
  std::vector<store::Parameters> rows;
  for (const auto& statement : plan.document.statements) {
    rows.push_back({plan.id, static_cast<std::int64_t>(rows.size() + 1), statement.actor,
                    std::string(to_string(statement.role)), std::int64_t{statement.ordinal},
                    statement.text, std::int64_t{statement.line}});
  }
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO statements_of_position(source, ordinal, actor, on_role, on_ordinal, text, line) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7)",
      rows));
  rows.clear();
  for (const auto& state : plan.document.states) {
    rows.push_back({plan.id, static_cast<std::int64_t>(rows.size() + 1), state.printed, state.code,
                    std::int64_t{state.line}});
  }
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO document_states(source, ordinal, printed, country, line) VALUES ($1, $2, $3, "
      "$4, $5)",
      rows));
  rows.clear();
  for (const auto& treaty : plan.document.treaties) {
    rows.push_back({plan.id, static_cast<std::int64_t>(rows.size() + 1), treaty.printed,
                    std::int64_t{treaty.year}, treaty.instrument, std::int64_t{treaty.line}});
  }
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO document_treaties(source, ordinal, printed, printed_year, instrument, line) "
      "VALUES ($1, $2, $3, $4, $5, $6)",
      rows));
  return {};
}

// What the newest version of a page no longer holds, and no other current page does, is kept and
// counted no more.
Result<void> write_gone(store::Transaction& tx, const FilePlan& file) {
  std::vector<store::Parameters> rows;
  for (const auto& id : file.gone) {
    rows.push_back({file.id, id});
  }
  ATALAYA_TRY(tx.execute_many(
      "UPDATE commitments SET gone_from = $1 WHERE id = $2 AND NOT EXISTS (SELECT 1 FROM "
      "appearances a JOIN source_documents s ON s.id = a.source WHERE a.commitment = $2 AND NOT "
      "EXISTS (SELECT 1 FROM source_documents n WHERE n.follows = s.id))",
      rows));
  return {};
}

Result<void> write_batch(store::Transaction& tx, const Batch& batch) {
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO commitments(id, meeting, document, year, sort, role, parent, theme, actionable, "
      "held) VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, 1) ON CONFLICT (id) DO UPDATE SET held = "
      "1, gone_from = '', parent = COALESCE(commitments.parent, $7), actionable = CASE WHEN commitments.held = 1 "
      "THEN commitments.actionable ELSE $8 END",
      batch.commitments));
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO commitment_texts(commitment, language, standing, text, source) VALUES ($1, $2, "
      "$3, $4, $5) ON CONFLICT (commitment, language) DO NOTHING",
      batch.texts));
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO appearances(source, ordinal, commitment, level, parent_ordinal, role, label, "
      "block, line, line_end, text, citation_raw, citation_document, citation_place, "
      "citation_year, citation_status, effective_document, effective_place, effective_country, "
      "effective_year, effective_meeting) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
      "$12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
      batch.appearances));
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO commitment_links(commitment, kind, target, position, set_by) VALUES ($1, $2, "
      "$3, $4, 'rule') ON CONFLICT (commitment, kind, target) DO NOTHING",
      batch.links));
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO clauses(commitment, ordinal, span_begin, span_end, language, verb, "
      "verb_printed, addressee, addressee_printed, deliverable, due, formulation, qualifiers, "
      "set_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'rule') ON "
      "CONFLICT (commitment, ordinal) DO NOTHING",
      batch.clauses));
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO dues(commitment, ordinal, edtf, kind, printed, soft, set_by) VALUES ($1, $2, "
      "$3, $4, $5, $6, 'rule') ON CONFLICT (commitment, ordinal) DO NOTHING",
      batch.dues));
  return {};
}

}  // namespace

Result<ImportPlan> Importer::plan(std::vector<InputFile> files, const ImportOptions& options) {
  ImportPlan plan;
  std::vector<std::optional<Result<ReadFile>>> results(files.size());
  WorkAhead(files.size(), [&](std::size_t i) {
    results[i] = read_one(files[i], desk_.catalogue(), options.incomplete);
  }).wait_for_all();
  std::vector<FilePlan> read;
  std::vector<std::vector<std::string>> ids;
  for (auto& result : results) {
    ReadFile file = ATALAYA_TRY(*std::move(result));
    read.push_back(std::move(file.plan));
    ids.push_back(std::move(file.ids));
    read.back().standing = options.translation ? "translation" : "official";
  }
  ATALAYA_TRY(
      desk_.state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
        plan.files = read;
        Held held;
        const auto row = ATALAYA_TRY(
            tx.query_one("SELECT value FROM counters WHERE name = 'source_documents'"));
        plan.based_on = row.integer(0);
        for (std::size_t i = 0; i < plan.files.size(); ++i) {
          ATALAYA_TRY(plan_one(tx, std::span(plan.files).first(i), plan.files[i], ids[i], held));
        }
        return {};
      }));
  for (InputFile& file : files) {
    plan.bytes.push_back(std::move(file.bytes));
  }
  return plan;
}

Result<void> Importer::apply(const ImportPlan& plan, const ImportOptions& options) {
  if (std::ranges::all_of(plan.files, &FilePlan::known)) {
    return {};
  }
  ATALAYA_TRY(check_accepted(plan, options));
  const DeskParts& parts = desk_.state_->parts;
  const Recogniser recogniser(desk_.catalogue());
  std::vector<Batch> batches(plan.files.size());
  WorkAhead analysis(plan.files.size(), [&](std::size_t i) {
    if (!plan.files[i].known) {
      add_items(plan.files[i], recogniser, batches[i]);
    }
  });
  const std::string now = to_string(parts.clock->now());
  ATALAYA_TRY(parts.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto row = ATALAYA_TRY(
        tx.query_one("SELECT value FROM counters WHERE name = 'source_documents'"));
    if (row.integer(0) != plan.based_on) {
      return fail(ErrorCode::conflict, "commitments.import.stale",
                  "another import finished after this plan was made; run the import again");
    }
    for (std::size_t i = 0; i < plan.files.size(); ++i) {
      const FilePlan& file = plan.files[i];
      if (file.known) {
        continue;
      }
      ATALAYA_TRY(write_document(tx, file, plan.bytes[i], options, now));
      analysis.wait_for(i);
      ATALAYA_TRY(write_batch(tx, batches[i]));
      ATALAYA_TRY(write_around(tx, file));
      ATALAYA_TRY(write_gone(tx, file));
      ATALAYA_TRY(detail::feed(tx, batches[i].changed));
      ATALAYA_TRY(detail::feed(tx, file.gone));
      std::vector<ledger::Event> leaves = batches[i].leaves;
      json::object payload = Importer::summary(file);
      payload["by"] = options.by;
      leaves.push_back(detail::event("commitments.import", file.id, payload));
      ATALAYA_TRY(parts.ledger->append(tx, leaves));
    }
    return {};
  }));
  ++desk_.state_->version;
  return {};
}

json::object Importer::summary(const FilePlan& plan) {
  const ParsedDocument& document = plan.document;
  const auto printed = document.count_citations(CitationStatus::own);
  const auto from_child = document.count_citations(CitationStatus::from_child);
  const auto from_sibling = document.count_citations(CitationStatus::from_sibling);
  const auto inferred = document.count_citations(CitationStatus::inferred);
  const auto items = static_cast<std::int64_t>(document.items.size());
  json::object out{{"file", plan.file_name},
                   {"sha256", plan.id},
                   {"kind", to_string(document.kind)},
                   {"format", plan.format},
                   {"language", language_of(document)},
                   {"title", document.title},
                   {"theme", document.theme},
                   {"adopted", document.adopted ? to_string(*document.adopted) : std::string()},
                   {"items", items},
                   {"level_1", document.count_level(1)},
                   {"level_2", document.count_level(2)},
                   {"citations_printed", printed},
                   {"citations_inferred", from_child + from_sibling + inferred},
                   {"citations_by_status",
                    json::object{{"own", printed},
                                 {"from_child", from_child},
                                 {"from_sibling", from_sibling},
                                 {"inferred", inferred}}},
                   {"duplicates", plan.duplicates},
                   {"new", plan.added},
                   {"unchanged", plan.unchanged},
                   {"known", plan.known},
                   {"follows", plan.follows},
                   {"joined_with", plan.twin_of},
                   {"gone", plan.gone.size()},
                   {"needs_acceptance", plan.needs_acceptance},
                   {"recitals", document.recitals.size()},
                   {"states", document.states.size()},
                   {"treaties", document.treaties.size()},
                   {"statements_of_position", document.statements.size()}};
  json::object blocks;
  for (const ParsedItem& item : document.items) {
    if (!item.block.empty()) {
      auto& count = blocks[item.block];
      count = (count.is_int64() ? count.as_int64() : 0) + 1;
    }
  }
  out["blocks"] = std::move(blocks);
  json::object guidance;
  for (const ParsedItem& item : document.guidance) {
    auto& count = guidance[to_string(item.role)];
    count = (count.is_int64() ? count.as_int64() : 0) + 1;
  }
  out["guidance"] = std::move(guidance);
  json::array warnings;
  for (const Warning& warning : document.warnings) {
    warnings.push_back(json::object{
        {"reason", warning.reason}, {"line", warning.line}, {"detail", warning.detail}});
  }
  out["warnings"] = std::move(warnings);
  return out;
}

}  // namespace atalaya::commitments
