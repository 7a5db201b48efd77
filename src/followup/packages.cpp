// Packages written and taken in.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/followup/packages.hpp>

#include "checks.hpp"
#include "package_format.hpp"
#include "packages_rows.hpp"

namespace atalaya::followup {
namespace {

using detail::invalid;

constexpr std::string_view kSetting = "followup.packages";
constexpr std::size_t kOlderMax = 16;  // checkpoints that a package shows to be continued
constexpr std::uint64_t kLeavesOfCoding = 100;

// What the node remembers of the packages that it wrote.
struct Written {
  std::int64_t number = 0, leaf = -1;
  std::string body;                 // of the manifest, without its number
  std::vector<std::int64_t> sizes;  // of checkpoints that packages rested on, oldest first
};

Result<Written> read_written(store::Transaction& tx) {
  Written out;
  const auto rows =
      ATALAYA_TRY(tx.query("SELECT value FROM settings WHERE key = $1", {std::string(kSetting)}));
  if (rows.empty()) {
    return out;
  }
  const json::value value = ATALAYA_TRY(parse_json(rows.front().text(0), "followup.packages"));
  const json::object& object = value.as_object();
  out.number = object.at("number").as_int64();
  out.leaf = object.at("leaf").as_int64();
  out.body = object.at("body").as_string();
  for (const json::value& size : object.at("sizes").as_array()) {
    out.sizes.push_back(size.as_int64());
  }
  return out;
}

Result<void> keep_written(store::Transaction& tx, const Written& written) {
  json::array sizes(written.sizes.begin(), written.sizes.end());
  ATALAYA_TRY(tx.execute(
      "INSERT INTO settings(key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = "
      "excluded.value",
      {std::string(kSetting), canonical_json(json::object{{"number", written.number},
                                                          {"leaf", written.leaf},
                                                          {"body", written.body},
                                                          {"sizes", std::move(sizes)}})}));
  return {};
}

// The leaf that holds the whole public record; older versions of this program wrote less into it.
Result<std::int64_t> assessment_leaf(const Parts& parts, store::Transaction& tx,
                                     const Coding& coding) {
  const std::string subject = fmt::format("coding/{}", coding.id);
  const std::string body = canonical_json(detail::assessment_record(coding));
  const auto entries = ATALAYA_TRY(parts.ledger->entries_of(tx, subject, kLeavesOfCoding));
  for (auto it = entries.rbegin(); it != entries.rend(); ++it) {
    if (it->leaf.kind != "followup.assessment") {
      continue;
    }
    const auto payload = ATALAYA_TRY(parts.ledger->find_payload(tx, it->index));
    if (payload && payload->bytes == body) {
      return static_cast<std::int64_t>(it->index);
    }
  }
  return detail::record_at(parts, tx,
                           {"followup.assessment", subject, detail::assessment_record(coding)}, {});
}

struct Own {
  std::string id;
  RecordKind kind = RecordKind::assessment;
  std::int64_t leaf = 0;
};

Result<std::vector<Own>> own_records(const Parts& parts, store::Transaction& tx,
                                     const std::set<RecordKind>& what,
                                     const std::vector<Coding>& codings) {
  std::vector<Own> out;
  if (what.contains(RecordKind::assessment)) {
    for (const Coding& coding : codings) {
      const std::int64_t leaf = ATALAYA_TRY(assessment_leaf(parts, tx, coding));
      out.push_back({fmt::format("coding/{}", coding.id), RecordKind::assessment, leaf});
    }
  }
  if (what.contains(RecordKind::alternative_report)) {
    const auto rows =
        ATALAYA_TRY(tx.query("SELECT id, published_leaf FROM followup_submissions WHERE stage = "
                             "'published' ORDER BY id",
                             {}));
    for (const auto& row : rows) {
      out.push_back({fmt::format("submission/{}", row.integer(0)), RecordKind::alternative_report,
                     row.integer(1)});
    }
  }
  if (out.size() > kPackageRecordsMax) {
    return invalid("package.too_many", std::to_string(out.size()));
  }
  return out;
}

json::object manifest_of(const Parts& parts, std::string_view node,
                         const std::set<RecordKind>& what, const std::vector<Own>& records) {
  json::array kinds;
  for (const RecordKind kind : what) {
    kinds.emplace_back(to_string(kind));
  }
  json::array list;
  for (const Own& one : records) {
    list.push_back(json::object{{"id", one.id}, {"kind", to_string(one.kind)}, {"leaf", one.leaf}});
  }
  return {{"v", 1},
          {"node", node},
          {"key", parts.ledger->verifier().to_string()},
          {"what", std::move(kinds)},
          {"records", std::move(list)}};
}

// Published codings of this node; the list answers peers' too.
Result<std::vector<Coding>> own_codings(const Parts& parts) {
  auto all = ATALAYA_TRY(CodingDesk(parts).list({}, {}, {}));
  std::erase_if(all, [](const Coding& coding) { return !coding.node.empty(); });
  std::ranges::sort(all, {}, &Coding::id);
  return all;
}

Result<std::string> assemble(const Parts& parts, std::string_view node, const Written& written,
                             const std::vector<Own>& records, std::uint64_t size) {
  detail::PackageFile file;
  file.node = node;
  file.key = parts.ledger->verifier().to_string();
  file.manifest = ATALAYA_TRY(parts.ledger->prove_inclusion(
      static_cast<std::uint64_t>(written.leaf), ledger::Reveal::payload));
  for (const Own& one : records) {
    std::string proof = ATALAYA_TRY(parts.ledger->prove_inclusion(
        static_cast<std::uint64_t>(one.leaf), ledger::Reveal::payload));
    file.records.push_back(std::move(proof));
  }
  for (const std::int64_t older : written.sizes) {
    if (static_cast<std::uint64_t>(older) < size) {
      std::string proof =
          ATALAYA_TRY(parts.ledger->prove_consistency(static_cast<std::uint64_t>(older), size));
      file.consistency.push_back(std::move(proof));
    }
  }
  return detail::write_package(file);
}

}  // namespace

Result<std::string> Packages::write(std::string_view node_name,
                                    const std::set<RecordKind>& what) const {
  const auto codings = ATALAYA_TRY(own_codings(parts_));
  Written written;
  std::vector<Own> records;
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    records = ATALAYA_TRY(own_records(parts_, tx, what, codings));
    json::object manifest = manifest_of(parts_, node_name, what, records);
    const std::string body = canonical_json(manifest);
    written = ATALAYA_TRY(read_written(tx));
    if (written.body == body) {
      return {};
    }
    written.body = body;
    manifest["number"] = ++written.number;
    written.leaf = ATALAYA_TRY(detail::record_at(
        parts_, tx, {"followup.package", fmt::format("package/{}", written.number), manifest}, {}));
    return keep_written(tx, written);
  }));
  // A server that runs beside may sign a newer checkpoint in between: then it is put together anew.
  for (int attempt = 0;; ++attempt) {
    const auto checkpoint = ATALAYA_TRY(parts_.ledger->checkpoint());
    std::string bytes = ATALAYA_TRY(assemble(parts_, node_name, written, records, checkpoint.size));
    const auto opened = open_package(bytes, parts_.ledger->verifier());
    if (!opened && attempt < 3) {
      continue;
    }
    if (!opened) {
      return fail(opened.error());
    }
    const auto size = static_cast<std::int64_t>(checkpoint.size);
    if (std::ranges::find(written.sizes, size) == written.sizes.end()) {
      written.sizes.push_back(size);
      if (written.sizes.size() > kOlderMax) {
        written.sizes.erase(written.sizes.begin());
      }
      ATALAYA_TRY(parts_.database->write(
          [&](store::Transaction& tx) -> Result<void> { return keep_written(tx, written); }));
    }
    return bytes;
  }
}

}  // namespace atalaya::followup
