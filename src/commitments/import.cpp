// Import in two steps. plan() reads the files and compares them with the desk inside one snapshot;
// apply() writes everything in one transaction, after checking that no document was added since,
// so a crash at any write leaves either nothing or all of it.
#include <atalaya/commitments/import.hpp>

#include <algorithm>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/commitments/analysis.hpp>

#include "desk_state.hpp"
#include "governing.hpp"
#include "import_batch.hpp"
#include "import_compare.hpp"
#include "import_read.hpp"
#include "import_reread.hpp"
#include "import_review.hpp"
#include "import_themes.hpp"
#include "twin.hpp"
#include "work_ahead.hpp"

namespace atalaya::commitments {
namespace {

// What the files of one command are compared with.
struct Twins {
  TwinIndex index;
  std::size_t added = 0;  // of the files before

  explicit Twins(store::Transaction& tx) : index(tx) {}

  Result<void> add(std::span<const FilePlan> before) {
    for (; added < before.size(); ++added) {
      const FilePlan& file = before[added];
      const ParsedDocument& document = file.document;
      if (file.is_held() || !document.language || file.items.empty()) {
        continue;
      }
      TwinPage page{file.id,          file.file_name, *document.language, document.kind,
                    document.theme,   document.title, document.meeting,   shape_of(document)};
      for (std::size_t i = 0; i < file.items.size(); ++i) {
        const ParsedItem& item = document.items[i];
        page.items.push_back(
            {file.items[i].commitment, item.text, item.level, item.effective.meeting});
      }
      ATALAYA_TRY(index.add(std::move(page), file.follows));
    }
    return {};
  }
};

void tell_joined(FilePlan& plan, const Twin& twin) {
  plan.document.warnings.push_back(
      {"commitments.import.joined_twin", 0,
       fmt::format("joined item by item with {}, the same page in another language "
                   "(likeness {:.2f} against {:.2f} of other items)",
                   twin.file_name, twin.likeness, twin.likeness_of_others),
       false,
       {{"file", twin.file_name},
        {"likeness", fmt::format("{:.2f}", twin.likeness)},
        {"shifted", fmt::format("{:.2f}", twin.likeness_of_others)}}});
}

// The items of a page that no version is held of, and the commitments in other languages that they
// are.
Result<FollowedItems> join_new(Twins& twins, FilePlan& plan, const std::vector<std::string>& ids,
                               const std::vector<std::string>& apart) {
  FollowedItems joined{std::vector<std::string>(ids.size())};
  const KnownItems known = ATALAYA_TRY(twins.index.by_words(plan.document, ids));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (known[i] != ids[i] && std::ranges::find(apart, ids[i]) == apart.end()) {
      joined.commitments[i] = known[i];
    }
  }
  if (std::ranges::none_of(known, &std::string::empty)) {
    return joined;
  }
  const Twin twin = ATALAYA_TRY(twins.index.find(plan.document, known));
  const bool any = std::ranges::any_of(
      twin.commitments, [](const std::string& id) { return !id.empty(); });
  join_first(plan, twin, ids, apart, joined);
  if (any) {
    plan.twin_of = twin.source;
    tell_joined(plan, twin);
  }
  return joined;
}

// A newer version keeps what the version before it was joined with.
Result<FollowedItems> join_newer(store::Transaction& tx, Twins& twins, FilePlan& plan,
                                 const std::vector<std::string>& ids,
                                 const std::vector<std::string>& apart,
                                 const EarlierVersion& earlier) {
  Twin twin = ATALAYA_TRY(twins.index.find_by_place(plan.document));
  FollowedItems joined =
      ATALAYA_TRY(follow_items(tx, plan.document, ids, apart, earlier, twin));
  if (!earlier.twin_of.empty()) {
    plan.twin_of = twin.source.empty() ? earlier.twin_of : twin.source;
  }
  KnownItems known = ATALAYA_TRY(twins.index.by_words(plan.document, ids));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    std::string& found = joined.commitments[i];
    const bool said = std::ranges::find(apart, ids[i]) != apart.end();
    if (found.empty() && !known[i].empty() && known[i] != ids[i] && !said &&
        !earlier.items.contains(ids[i])) {
      found = known[i];
    }
    if (!found.empty() || said || earlier.items.contains(ids[i]) ||
        std::ranges::find(joined.doubtful, i, &DoubtfulPlace::item) != joined.doubtful.end()) {
      known[i] = ids[i];
    }
  }
  const auto odd = ATALAYA_TRY(twins.index.suggest(plan.document, known));
  for (const OddItem& item : odd) {
    joined.doubtful.push_back({item.item, item.commitment, item.text, true});
  }
  if (!twin.source.empty()) {
    tell_joined(plan, twin);
  }
  return joined;
}

// The ids that pages in other languages give the items.
Result<FollowedItems> join_twin(store::Transaction& tx, std::span<const FilePlan> before,
                                Twins& twins, FilePlan& plan, const std::vector<std::string>& ids,
                                const std::vector<std::string>& apart,
                                const EarlierVersion& earlier) {
  FollowedItems joined{std::vector<std::string>(ids.size())};
  const bool all_held = std::ranges::all_of(
      ids, [&](const std::string& id) { return earlier.items.contains(id); });
  if (!earlier.id.empty() && all_held) {
    plan.twin_of = earlier.twin_of;
    return joined;
  }
  ATALAYA_TRY(twins.add(before));
  if (earlier.id.empty()) {
    joined = ATALAYA_TRY(join_new(twins, plan, ids, apart));
  } else {
    joined = ATALAYA_TRY(join_newer(tx, twins, plan, ids, apart, earlier));
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (plan.document.language && !joined.commitments[i].empty()) {
      twins.index.name(*plan.document.language, ids[i], joined.commitments[i]);
    }
  }
  return joined;
}

Result<void> plan_one(store::Transaction& tx, std::span<const FilePlan> before, Twins& twins,
                      FilePlan& plan, const std::vector<std::string>& ids, Held& held,
                      const Catalogue& catalogue, const ImportOptions& options) {
  if (!held.files.insert(plan.id).second) {
    plan.known = true;  // the same file twice in one command
    plan.unchanged = static_cast<std::int32_t>(plan.document.items.size());
    return {};
  }
  const auto same = ATALAYA_TRY(
      tx.query("SELECT 1 FROM source_documents WHERE id = $1", {plan.id}));
  if (!same.empty()) {
    return compare_known(tx, plan, options);
  }
  const std::string key = page_key(plan.document);
  const EarlierVersion earlier = ATALAYA_TRY(earlier_version(tx, plan, ids, catalogue));
  const FollowedItems followed =
      ATALAYA_TRY(join_twin(tx, before, twins, plan, ids, options.apart, earlier));
  const std::vector<std::string>& joined = followed.commitments;
  std::vector<std::string> wanted = ids;
  std::ranges::copy_if(joined, std::back_inserter(wanted),
                       [](const std::string& id) { return !id.empty(); });
  for (const SameWords& said : options.same) {
    wanted.push_back(said.earlier);
  }
  ATALAYA_TRY(look_up_wordings(tx, wanted, held));
  ATALAYA_TRY(look_up(tx, wanted, held));
  compare(plan, earlier, key, held, ids, joined, options);
  if (earlier.id.empty()) {
    take_catalogue_places(plan, catalogue.entries(), ids, held);
  }
  ATALAYA_TRY(compare_standing(tx, plan));
  find_rewordings(plan, earlier, ids, followed.doubtful, options.apart);
  const HeldElsewhere elsewhere = ATALAYA_TRY(held_elsewhere(tx, before, plan));
  const bool others = std::ranges::any_of(
      elsewhere, [](const auto& one) { return one.second.other_language; });
  const bool kept = keep_as_one(plan, elsewhere, held, options);
  plan.gone_elsewhere = static_cast<std::int32_t>(std::ranges::count_if(
      plan.gone, [&](const std::string& id) { return elsewhere.contains(id); }));
  if (!earlier.id.empty()) {
    review_changes(plan, earlier, others || kept);
  } else {
    review_first_join(plan);
  }
  ATALAYA_TRY(plan_themes(tx, catalogue, before, plan));
  plan.needs_acceptance =
      plan.needs_acceptance || std::ranges::any_of(plan.document.warnings, is_doubt);
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
  ATALAYA_TRY(desk_.state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    plan.files = read;
    Held held;
    Twins twins(tx);
    const auto row =
        ATALAYA_TRY(tx.query_one("SELECT value FROM counters WHERE name = 'source_documents'"));
    plan.based_on = row.integer(0);
    for (std::size_t i = 0; i < plan.files.size(); ++i) {
      ATALAYA_TRY(plan_one(tx, std::span(plan.files).first(i), twins, plan.files[i], ids[i], held,
                           desk_.catalogue(), options));
    }
    return check_same(tx, plan, options);
  }));
  for (InputFile& file : files) {
    plan.bytes.push_back(std::move(file.bytes));
  }
  return plan;
}

namespace {

// Items of the file may stand below commitments of whose clauses persons set something before.
Result<void> follow_persons(store::Transaction& tx, const DeskParts& parts,
                            const Recogniser& recogniser, const std::string& source) {
  const auto set = ATALAYA_TRY(
      tx.query("SELECT DISTINCT k.commitment FROM clauses k JOIN appearances a ON a.commitment = "
               "k.commitment WHERE a.source = $1 AND k.set_by <> 'rule' ORDER BY k.commitment",
               {source}));
  for (const auto& row : set) {
    detail::RowRecord record(*parts.database);
    const auto changed = ATALAYA_TRY(detail::follow_above(tx, recogniser, row.text(0), {}, record));
    ATALAYA_TRY(parts.ledger->append(tx, record.leaves(source)));
    ATALAYA_TRY(detail::feed(tx, changed));
  }
  return {};
}

}  // namespace

Result<void> Importer::apply(const ImportPlan& plan, const ImportOptions& options) {
  if (std::ranges::all_of(plan.files, &FilePlan::known)) {
    return {};
  }
  ATALAYA_TRY(check_accepted(plan, options));
  const DeskParts& parts = desk_.state_->parts;
  std::vector<Batch> batches(plan.files.size(), Batch(*parts.database));
  const Recogniser recogniser(desk_.catalogue());
  WorkAhead rows(plan.files.size(), [&](std::size_t i) {
    if (!plan.files[i].is_held()) {
      add_items(plan.files[i], plan.bytes[i], desk_.catalogue(), recogniser, batches[i]);
    }
  });
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
      if (file.reread) {
        ATALAYA_TRY(write_reread(tx, parts, file, options));
        continue;
      }
      rows.wait_for(i);
      ATALAYA_TRY(write_file(tx, parts, file, plan.bytes[i].size(), options, batches[i]));
      ATALAYA_TRY(follow_persons(tx, parts, recogniser, file.id));
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
                   {"level_3", items - document.count_level(1) - document.count_level(2)},
                   {"citations_printed", printed},
                   {"citations_inferred", from_child + from_sibling + inferred},
                   {"citations_by_status", json::object{{"own", printed},
                                                        {"from_child", from_child},
                                                        {"from_sibling", from_sibling},
                                                        {"inferred", inferred}}},
                   {"duplicates", plan.duplicates},
                   {"new", plan.added},
                   {"unchanged", plan.unchanged},
                   {"known", plan.known},
                   {"again", plan.again},
                   {"read_again", plan.reread},
                   {"follows", plan.follows},
                   {"joined_with", plan.twin_of},
                   {"gone", plan.gone.size()},
                   {"gone_elsewhere", plan.gone_elsewhere},
                   {"needs_acceptance", plan.needs_acceptance},
                   {"themes", json::value_from(plan.themes)},
                   {"themed", std::ranges::count(plan.items, true, &ItemPlan::themed)},
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
    json::object params;
    for (const auto& [name, value] : warning.params) {
      params[name] = value;
    }
    warnings.push_back(json::object{{"reason", warning.reason},
                                    {"line", warning.line},
                                    {"detail", warning.detail},
                                    {"params", std::move(params)}});
  }
  out["warnings"] = std::move(warnings);
  return out;
}

}  // namespace atalaya::commitments
