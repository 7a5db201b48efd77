#include "import_review.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "twin.hpp"

// A near twin is found as a twin is (see twin.cpp): item by item it is more like the page held than
// like the same page shifted. Items may be missing on either side, so each is compared with the few
// around its place and the best counts; the shifted comparison gets the same choice.

namespace atalaya::commitments {
namespace {

constexpr std::size_t kItemsMin = 6;
constexpr std::size_t kWindow = 4;
constexpr double kLikenessMin = 0.18;
constexpr double kShiftedRatioMin = 1.25;

double windowed_likeness(const std::vector<std::string>& held, const std::vector<ParsedItem>& items,
                         std::size_t shift) {
  double sum = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::size_t place = i * held.size() / items.size() + shift + held.size();
    double best = 0;
    for (std::size_t at = place - kWindow; at <= place + kWindow; ++at) {
      best = std::max(best, cognate_likeness(held[at % held.size()], items[i].text));
    }
    sum += best;
  }
  return sum / static_cast<double>(items.size());
}

}  // namespace

void review_changes(FilePlan& plan, const EarlierVersion& earlier) {
  // A version that was read badly keeps most items and spoils some. A page that keeps few of them
  // is another page of the same site, and loses nothing.
  constexpr std::size_t kChangesMax = 2;
  constexpr std::size_t kChangesPerCent = 10;
  std::size_t reworded = 0;
  std::size_t moved = 0;
  for (std::size_t i = 0; i < plan.items.size(); ++i) {
    const auto before = earlier.items.find(plan.items[i].commitment);
    if (before == earlier.items.end()) {
      continue;
    }
    const bool other_level = before->second.level != plan.document.items[i].level;
    moved += other_level ? 1U : 0U;
    reworded += !other_level && before->second.text != plan.document.items[i].text ? 1U : 0U;
  }
  const std::size_t changes = plan.gone.size() + reworded + moved;
  const std::size_t held = earlier.items.size();
  if (changes <= kChangesMax || changes * 100 <= held * kChangesPerCent || changes * 2 > held) {
    return;
  }
  plan.needs_acceptance = true;
  plan.document.warnings.push_back(
      {"commitments.import.many_changes", 0,
       fmt::format("of {} items held, {} would be gone, {} read otherwise and {} stand at another "
                   "level; {} are new",
                   earlier.items.size(), plan.gone.size(), reworded, moved, plan.added)});
}

Result<void> check_accepted(const ImportPlan& plan, const ImportOptions& options) {
  if (options.accept_changes) {
    return {};
  }
  const auto file = std::ranges::find(plan.files, true, &FilePlan::needs_acceptance);
  if (file == plan.files.end()) {
    return {};
  }
  const auto& warnings = file->document.warnings;
  const auto why = std::ranges::find_if(warnings, [](const Warning& warning) {
    return warning.reason == "commitments.import.many_changes";
  });
  return fail(Error{ErrorCode::conflict,
                    "commitments.import.changes",
                    fmt::format("{}: {}; compare it with the document (--dry-run shows the plan), "
                                "then repeat with --accept-changes if it is right, or import a "
                                "version that keeps the lists",
                                file->file_name, why == warnings.end() ? "" : why->detail),
                    {{"file", file->file_name}}});
}

Result<void> review_twin(store::Transaction& tx, FilePlan& plan) {
  const ParsedDocument& document = plan.document;
  if (!document.language || document.items.size() < kItemsMin) {
    return {};
  }
  const auto pages = ATALAYA_TRY(
      tx.query("SELECT id, file_name FROM source_documents WHERE kind = $1 AND language <> $2 AND "
               "meeting = $3 ORDER BY position DESC LIMIT 20",
               {std::string(to_string(document.kind)), std::string(to_string(*document.language)),
                document.meeting}));
  for (const auto& page : pages) {
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT text FROM appearances WHERE source = $1 ORDER BY ordinal",
                 {page.text(0)}));
    // Lists of very different length are extracts at most.
    if (rows.size() < kItemsMin || rows.size() * 10 > document.items.size() * 12 ||
        document.items.size() * 10 > rows.size() * 12) {
      continue;
    }
    std::vector<std::string> held;
    held.reserve(rows.size());
    for (const auto& row : rows) {
      held.push_back(row.text(0));
    }
    const double likeness = windowed_likeness(held, document.items, 0);
    const double shifted = windowed_likeness(held, document.items, held.size() / 2);
    if (likeness < kLikenessMin || likeness < kShiftedRatioMin * shifted) {
      continue;
    }
    // All of it would be new, and nothing that is held changes: saying so is enough.
    plan.document.warnings.push_back(
        {"commitments.import.near_twin", 0,
         fmt::format("{} has {} items, this file {} (likeness {:.2f} against {:.2f} when shifted)",
                     page.text(1), held.size(), document.items.size(), likeness, shifted)});
    return {};
  }
  return {};
}

}  // namespace atalaya::commitments
