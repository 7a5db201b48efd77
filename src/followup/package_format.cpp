// The file of a package: one canonical JSON object and a newline, so that one value has one
// spelling and every bit is either checked or refused. What is trusted is the key that the caller
// brings; the manifest is a leaf of the other node's log like every record, so that one signature,
// that of the checkpoint, covers all of it.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/followup/packages.hpp>
#include <atalaya/ledger/proof.hpp>

#include "package_format.hpp"

namespace atalaya::followup {
namespace {

constexpr std::string_view kFormat = "atalaya/followup-package@v1";

std::unexpected<Error> malformed(std::string_view what) {
  return fail(Error{ErrorCode::invalid_argument,
                    "followup.package.malformed",
                    fmt::format("this is not a package, or it was damaged: {}", what),
                    {{"what", std::string(what)}}});
}

std::unexpected<Error> bad_proof(std::string_view record, std::string_view detail) {
  return fail(Error{ErrorCode::invalid_argument,
                    "followup.package.proof",
                    fmt::format("the proof of {} does not hold: {}", record, detail),
                    {{"record", std::string(record)}}});
}

std::optional<std::string> text_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value == nullptr || !value->is_string() ? std::nullopt
                                                 : std::optional(std::string(value->get_string()));
}

std::optional<std::vector<std::string>> texts_in(const json::object& object,
                                                 std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_array()) {
    return std::nullopt;
  }
  std::vector<std::string> out;
  for (const json::value& one : value->get_array()) {
    if (!one.is_string()) {
      return std::nullopt;
    }
    out.emplace_back(one.get_string());
  }
  return out;
}

Result<detail::PackageFile> read_file(std::string_view bytes) {
  if (bytes.size() > kPackageBytesMax) {
    return fail(Error{ErrorCode::invalid_argument,
                      "followup.package.too_big",
                      "a package has at most 128 MiB",
                      {{"bytes", std::to_string(bytes.size())}}});
  }
  if (!bytes.ends_with('\n') || find_invalid_utf8(bytes)) {
    return malformed("it does not end in a newline or is not UTF-8: was it cut?");
  }
  const auto value = parse_json(bytes.substr(0, bytes.size() - 1), "package");
  if (!value || !value->is_object()) {
    return malformed(value ? "it is no JSON object" : value.error().detail);
  }
  const json::object& object = value->get_object();
  if (text_in(object, "format") != kFormat) {
    return malformed(fmt::format("its format is not {}", kFormat));
  }
  auto node = text_in(object, "node");
  auto key = text_in(object, "key");
  auto manifest = text_in(object, "manifest");
  auto records = texts_in(object, "records");
  auto consistency = texts_in(object, "consistency");
  if (!node || !key || !manifest || !records || !consistency ||
      records->size() > kPackageRecordsMax || consistency->size() > 100) {
    return malformed("node, key, manifest, records or consistency is missing or too long");
  }
  detail::PackageFile out{*std::move(node), *std::move(key), *std::move(manifest),
                          *std::move(records), *std::move(consistency)};
  // One spelling only: nothing can be hidden in a field that nobody checks.
  if (detail::write_package(out) != bytes) {
    return malformed("it is not in canonical form, or holds more than a package");
  }
  return out;
}

Result<ledger::CheckedProof> proved(std::string_view text, const ledger::VerifierKey& key,
                                    std::string_view record) {
  auto checked = ledger::check_proof(text, key);
  if (!checked) {
    return bad_proof(
        record, checked.error().detail.empty() ? checked.error().reason : checked.error().detail);
  }
  if (checked->kind != ledger::CheckedProof::Kind::inclusion || !checked->payload) {
    return bad_proof(record, "it does not reveal what the log committed to");
  }
  return checked;
}

struct Listed {
  std::string id;
  RecordKind kind = RecordKind::assessment;
  std::uint64_t leaf = 0;
};

std::optional<RecordKind> parse_kind(std::string_view name) {
  const auto it = std::ranges::find(kRecordKinds, name, [](RecordKind k) { return to_string(k); });
  return it == std::end(kRecordKinds) ? std::nullopt : std::optional(*it);
}

Result<std::vector<Listed>> read_list(const json::object& manifest, Package& out) {
  const auto what = texts_in(manifest, "what");
  const auto* records = manifest.if_contains("records");
  if (!what || records == nullptr || !records->is_array()) {
    return malformed("its manifest lists no records");
  }
  for (const std::string& name : *what) {
    const auto kind = parse_kind(name);
    if (!kind || !out.what.insert(*kind).second) {
      return malformed("its manifest names a kind of record that this program does not know");
    }
  }
  std::vector<Listed> listed;
  std::set<std::string> seen;
  for (const json::value& one : records->get_array()) {
    const auto* object = one.if_object();
    const auto id = object == nullptr ? std::nullopt : text_in(*object, "id");
    const auto kind = id ? parse_kind(text_in(*object, "kind").value_or("")) : std::nullopt;
    const auto* leaf = kind ? object->if_contains("leaf") : nullptr;
    if (leaf == nullptr || !leaf->is_int64() || leaf->get_int64() < 0 ||
        !out.what.contains(*kind) || !seen.insert(*id).second || id->size() > 100) {
      return malformed("a record of its manifest is damaged or listed twice");
    }
    listed.push_back({*id, *kind, static_cast<std::uint64_t>(leaf->get_int64())});
  }
  return listed;
}

Result<std::vector<Listed>> read_manifest(const detail::PackageFile& file,
                                          const ledger::VerifierKey& key, Package& out) {
  const auto proof = ATALAYA_TRY(proved(file.manifest, key, "the manifest"));
  out.manifest = *proof.payload;
  out.checkpoint = proof.checkpoint.note;
  const auto value = parse_json(out.manifest, "manifest");
  if (proof.leaf.kind != "followup.package" || !value || !value->is_object()) {
    return malformed("its manifest is another record of the log");
  }
  const json::object& manifest = value->get_object();
  const auto* number = manifest.if_contains("number");
  const auto* version = manifest.if_contains("v");
  if (version == nullptr || *version != 1 || number == nullptr || !number->is_int64() ||
      number->get_int64() < 1) {
    return malformed("its manifest is of another version of this program");
  }
  out.number = number->get_int64();
  if (text_in(manifest, "node") != file.node || text_in(manifest, "key") != file.key ||
      file.key != key.to_string() || proof.leaf.subject != fmt::format("package/{}", out.number)) {
    return malformed("it names another node, key or number than its manifest");
  }
  return read_list(manifest, out);
}

Result<PackageRecord> read_record(const std::string& text, const Listed& listed,
                                  const ledger::VerifierKey& key, const Package& package) {
  const auto proof = ATALAYA_TRY(proved(text, key, listed.id));
  const bool assessment = listed.kind == RecordKind::assessment;
  if (proof.index != listed.leaf || proof.leaf.subject != listed.id ||
      proof.leaf.kind != (assessment ? "followup.assessment" : "followup.alternative_report")) {
    return bad_proof(listed.id, "it proves another record of the log");
  }
  if (proof.checkpoint.note != package.checkpoint) {
    return bad_proof(listed.id, "it rests on another checkpoint than the manifest");
  }
  return PackageRecord{listed.id, listed.kind, listed.leaf, *proof.payload};
}

}  // namespace

std::string detail::write_package(const PackageFile& file) {
  json::array records;
  for (const std::string& record : file.records) {
    records.emplace_back(record);
  }
  json::array consistency;
  for (const std::string& proof : file.consistency) {
    consistency.emplace_back(proof);
  }
  return canonical_json(json::object{{"format", kFormat},
                                     {"node", file.node},
                                     {"key", file.key},
                                     {"manifest", file.manifest},
                                     {"records", std::move(records)},
                                     {"consistency", std::move(consistency)}}) +
         "\n";
}

std::string_view to_string(RecordKind kind) noexcept {
  return kind == RecordKind::assessment ? "assessment" : "alternative_report";
}

Result<ledger::VerifierKey> package_key(std::string_view bytes) {
  const auto file = ATALAYA_TRY(read_file(bytes));
  auto key = ledger::VerifierKey::parse(file.key);
  if (!key) {
    return malformed("the key that it names is none");
  }
  return key;
}

Result<Package> open_package(std::string_view bytes, const ledger::VerifierKey& key) {
  const auto file = ATALAYA_TRY(read_file(bytes));
  Package out;
  out.node = file.node;
  out.key = file.key;
  const auto listed = ATALAYA_TRY(read_manifest(file, key, out));
  if (listed.size() != file.records.size()) {
    return malformed(fmt::format("its manifest lists {} records, it holds {}", listed.size(),
                                 file.records.size()));
  }
  for (std::size_t i = 0; i < listed.size(); ++i) {
    PackageRecord record = ATALAYA_TRY(read_record(file.records[i], listed[i], key, out));
    out.records.push_back(std::move(record));
  }
  for (const std::string& text : file.consistency) {
    auto checked = ledger::check_proof(text, key, out.checkpoint);
    if (!checked || checked->kind != ledger::CheckedProof::Kind::consistency ||
        checked->checkpoint.note != out.checkpoint ||
        !out.continues.insert(checked->old_checkpoint->size).second) {
      return bad_proof("the log's continuity",
                       checked ? "it is about another log" : checked.error().detail);
    }
  }
  return out;
}

}  // namespace atalaya::followup
