// What comes into a review besides words of those who take part: files, and input that
// organisations send themselves.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>

#include "checks.hpp"
#include "kept_kinds.hpp"
#include "participation_rows.hpp"
#include "rounds_store.hpp"

namespace atalaya::followup {
namespace {

using detail::WholeReview;
using detail::wrong_field;

constexpr std::size_t kVoucherSizeMin = 20;

std::unexpected<Error> too_many(ErrorCode code, std::string_view reason, std::size_t most) {
  return fail(Error{code, std::string(reason), "no more", {{"n", std::to_string(most)}}});
}

Result<void> keep_bytes(const Parts& parts, store::Transaction& tx, const std::string& hash,
                        std::string_view bytes) {
  const auto held =
      ATALAYA_TRY(tx.query("SELECT 1 FROM followup_round_files WHERE sha256 = $1", {hash}));
  if (!held.empty()) {
    return {};
  }
  ATALAYA_TRY(tx.execute(
      "INSERT INTO followup_round_files(sha256, size, bytes, added_at) VALUES ($1, $2, $3, $4)",
      {hash, static_cast<std::int64_t>(bytes.size()), store::Blob(bytes.begin(), bytes.end()),
       to_string(parts.clock->now())}));
  return {};
}

// One number for both kinds: a file is the second one of a review, whatever it stands beside.
std::string next_name(const std::vector<Entry>& entries) {
  std::int64_t highest = 0;
  for (const Entry& one : entries) {
    highest = std::max(highest, std::int64_t{std::atoi(one.name.c_str())});
  }
  return std::to_string(highest + 1);
}

Result<Entry> input_entry(const Parts& parts, store::Transaction& tx, const RoundInput& input,
                          const RoundViewer& viewer) {
  Entry out;
  out.kind = "civil_society";
  out.values = {{"text", input.text},
                {"url", input.url},
                {"language", input.language},
                {"date", to_string(parts.today())},
                {"confirmed", input.confirmed ? "yes" : ""}};
  if (is_organisation(viewer)) {
    out.by = viewer.name;
    out.values["organisation"] = viewer.organisation;
    out.values["attribution"] = "organisation";
  } else {
    const auto vouched = ATALAYA_TRY(detail::use_voucher(parts, tx, input.voucher));
    out.by = vouched.first;
    out.values["pseudonym"] = vouched.first;
    out.values["organisation"] = vouched.second;
    out.values["attribution"] = "vouched";
  }
  return out;
}

Result<void> check_input(const Parts& parts, Entry& entry, bool confirmed) {
  detail::tidy(entry);
  ATALAYA_TRY(detail::check_fields(entry, {"text", "url", "language", "date", "confirmed",
                                           "organisation", "attribution", "pseudonym"}));
  const std::string_view url = entry.value("url");
  if (!url.empty() && !detail::opens(url)) {
    return wrong_field("url", url, "url");
  }
  if (entry.value("text").empty()) {
    return wrong_field("text", "", "required");
  }
  return detail::check_names(parts, entry.value("text"), confirmed);
}

}  // namespace

bool is_organisation(const RoundViewer& viewer) {
  return !viewer.name.empty() && !viewer.organisation.empty() && viewer.states.empty() &&
         !viewer.expert && !viewer.secretariat;
}

Result<void> Rounds::add_file(const Round& round, std::string_view country, const Entry& file,
                              std::string_view bytes, const RoundViewer& viewer) const {
  if (!file.kind.ends_with("_file")) {
    return wrong_field("kind", file.kind, "choice");
  }
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto whole = ATALAYA_TRY(detail::read_review(tx, round, country));
    Entry entry = file;
    detail::tidy(entry);
    entry.area = "review";
    entry.container = round.id;
    entry.country = whole.country;
    entry.version = 0;
    entry.name.clear();
    entry.by = viewer.name;
    if (entry.value("title").empty()) {
      entry.values["title"] = entry.value("file_name");
    }
    ATALAYA_TRY(detail::check_round_entry(parts_, round, whole, entry, viewer));
    if (bytes.empty() || bytes.size() > kRoundFileBytesMax) {
      return detail::invalid("file.size", std::to_string(bytes.size()), "1 byte to 5 MiB");
    }
    const std::string kind = detail::kept_kind(entry.value("file_name"), bytes);
    if (kind.empty()) {
      return detail::invalid("file.kind", entry.value("file_name"));
    }
    entry.values["file_name"] = detail::kept_name(entry.value("file_name"), kind);
    const auto versions =
        ATALAYA_TRY(detail::read_versions(tx, {"review", round.id, whole.country, entry.kind}));
    if (whole.files.size() >= kRoundFilesMax) {
      return too_many(ErrorCode::conflict, "followup.round.files", kRoundFilesMax);
    }
    const std::string hash = to_hex(sha256(bytes));
    const bool again = std::ranges::any_of(whole.files, [&](const Entry& one) {
      return one.kind == entry.kind && one.value("sha256") == hash &&
             one.value("question") == entry.value("question");
    });
    if (again) {
      return {};  // a form sent twice
    }
    ATALAYA_TRY(keep_bytes(parts_, tx, hash, bytes));
    entry.name = next_name(versions);
    entry.values["sha256"] = hash;
    entry.values["size"] = std::to_string(bytes.size());
    ATALAYA_TRY(detail::write_entry(parts_, tx, entry));
    return {};
  }));
  return detail::noticed(parts_);
}

Result<std::pair<Entry, std::string>> Rounds::file(const Round& round, std::string_view country,
                                                   std::int64_t id,
                                                   const RoundViewer& viewer) const {
  std::pair<Entry, std::string> out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto whole = ATALAYA_TRY(detail::read_review(tx, round, country));
    const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
    const Review review = detail::reveal(whole, round, viewer, names);
    const auto found = std::ranges::find(review.files, id, &Entry::id);
    if (found == review.files.end()) {
      return detail::unknown_round(fmt::format("{}/{}/files/{}", round.id, country, id));
    }
    const auto rows =
        ATALAYA_TRY(tx.query("SELECT bytes FROM followup_round_files WHERE sha256 = $1",
                             {std::string(found->value("sha256"))}));
    if (rows.empty()) {
      return detail::unknown_round(fmt::format("{}/{}/files/{}", round.id, country, id));
    }
    const store::Blob& bytes = rows.front().blob(0);
    out = {*found, std::string(bytes.begin(), bytes.end())};
    return {};
  }));
  return out;
}

Result<std::vector<InputWindow>> Rounds::windows(const Round& round) const {
  std::vector<InputWindow> out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto reviews = ATALAYA_TRY(detail::read_reviews(tx, round));
    for (const WholeReview& whole : reviews) {
      auto window = input_window(whole.steps, parts_.today());
      if (window) {
        out.push_back(*std::move(window));
      }
    }
    return {};
  }));
  return out;
}

Result<void> Rounds::send_input(const Round& round, std::string_view country,
                                const RoundInput& input, const RoundViewer& viewer) const {
  if (viewer.name.empty() && input.voucher.size() < kVoucherSizeMin) {
    return detail::invalid("submission.voucher");  // nobody's guess takes the writer's turn
  }
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto whole = ATALAYA_TRY(detail::read_review(tx, round, country));
    if (!input_window(whole.steps, parts_.today())) {
      return detail::unknown_round(fmt::format("{}/{}/input", round.id, country));
    }
    if (!viewer.name.empty() && !is_organisation(viewer)) {
      return fail(Error{ErrorCode::permission_denied,
                        "followup.round.not_yours",
                        "who takes part in rounds sends no input as an organisation",
                        {{"step", "civil_society"}}});
    }
    auto entry = ATALAYA_TRY(input_entry(parts_, tx, input, viewer));
    ATALAYA_TRY(check_input(parts_, entry, input.confirmed));
    std::size_t sent = 0;
    for (const Entry& one : whole.civil_society) {
      // A form sent twice is said once.
      const bool same = one.by == entry.by && one.value("text") == entry.value("text");
      if (same && entry.value("attribution") == "organisation") {
        return {};
      }
      const bool own = !one.value("attribution").empty() &&
                       one.value("organisation") == entry.value("organisation");
      sent += own ? 1U : 0U;
    }
    if (sent >= kInputsMax) {
      return too_many(ErrorCode::exhausted, "followup.round.inputs", kInputsMax);
    }
    const auto versions =
        ATALAYA_TRY(detail::read_versions(tx, {"review", round.id, whole.country, entry.kind}));
    entry.area = "review";
    entry.container = round.id;
    entry.country = whole.country;
    entry.name = next_name(versions);
    ATALAYA_TRY(detail::write_entry(parts_, tx, entry));
    return {};
  }));
  return detail::noticed(parts_);
}

Result<std::vector<Entry>> Rounds::own_inputs(const Round& round, std::string_view country,
                                              const RoundViewer& viewer) const {
  std::vector<Entry> out;
  if (!is_organisation(viewer)) {
    return out;
  }
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto whole = ATALAYA_TRY(detail::read_review(tx, round, country));
    for (const Entry& one : whole.civil_society) {
      if (one.by == viewer.name && one.value("attribution") == "organisation") {
        out.push_back(one);
      }
    }
    return {};
  }));
  return out;
}

Result<void> Rounds::withdraw_input(const Round& round, std::string_view country,
                                    std::string_view name, const RoundViewer& viewer) const {
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto whole = ATALAYA_TRY(detail::read_review(tx, round, country));
    const auto held = std::ranges::find_if(whole.civil_society, [&](const Entry& one) {
      return one.name == name && one.by == viewer.name &&
             one.value("attribution") == "organisation";
    });
    if (!is_organisation(viewer) || held == whole.civil_society.end() ||
        !input_window(whole.steps, parts_.today())) {
      return detail::unknown_round(fmt::format("{}/{}/input", round.id, country));
    }
    Entry entry = *held;
    entry.values.clear();
    entry.removed = true;
    entry.by = viewer.name;
    ATALAYA_TRY(detail::write_entry(parts_, tx, entry));
    return {};
  }));
  return detail::noticed(parts_);
}

}  // namespace atalaya::followup
