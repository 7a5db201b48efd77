// atalaya ledger …
#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/files/read.hpp>
#include <atalaya/ledger/verify.hpp>

#include "commands.hpp"
#include "node.hpp"

namespace atalaya::app {
namespace {

json::value checkpoint_json(const ledger::Checkpoint& checkpoint) {
  return json::object{{"origin", checkpoint.origin},
                      {"size", checkpoint.size},
                      {"root", to_base64(checkpoint.root)},
                      {"note", checkpoint.note}};
}

json::object report_json(const ledger::VerifyReport& report) {
  json::array problems;
  for (const auto& problem : report.problems) {
    json::object row{{"reason", problem.reason}, {"detail", problem.detail}};
    if (problem.leaf_index) {
      row["leaf"] = *problem.leaf_index;
    }
    problems.push_back(std::move(row));
  }
  return {{"ok", report.ok()},
          {"size", report.size},
          {"root", to_base64(report.root)},
          {"payloads_checked", report.payloads_checked},
          {"payloads_erased", report.payloads_erased},
          {"checkpoints_checked", report.checkpoints_checked},
          {"known_checkpoints_checked", report.known_checked},
          {"leaves_unsigned", report.leaves_unsigned},
          {"checked", "log"},  // and no table beside it: that is doctor's
          {"problem_count", report.problem_count},
          {"problems", std::move(problems)}};
}

Result<ledger::VerifierKey> read_key(const std::string& key) {
  auto parsed = ledger::VerifierKey::parse(key);
  if (parsed) {
    return parsed;
  }
  auto text = files::read_file(key);
  if (!text) {
    return fail(std::move(parsed).error());
  }
  return ledger::VerifierKey::parse(trim(*text));
}

}  // namespace

Result<void> run_verify(const VerifyCliOptions& options) {
  ledger::VerifyOptions verify;
  for (const auto& file : options.checkpoints) {
    ledger::KnownCheckpoint known;
    known.label = file;
    known.note = ATALAYA_TRY(files::read_file(file));
    verify.known.push_back(std::move(known));
  }
  const bool terminal = ::isatty(STDERR_FILENO) == 1;
  if (terminal) {
    verify.progress = [](std::uint64_t done, std::uint64_t total) {
      fmt::print(stderr, "\rverifying {} of {} leaves", done, total);
    };
  }
  // The store is opened without the desk: a damaged log must not stop its own verification.
  const Config config = ATALAYA_TRY(read_node_config(options.node));
  auto database = ATALAYA_TRY(open_store(options.node, config));
  const auto key = ATALAYA_TRY(ledger::NodeKey::load((options.node / "keys" / "node.key").string()));
  // A file that is no checkpoint at all says nothing of this log: a slip of the hand, no damage.
  for (const auto& known : verify.known) {
    const auto opened = ledger::open_checkpoint(known.note, key.verifier());
    if (!opened && opened.error().reason == "ledger.checkpoint.malformed") {
      return fail(Error{ErrorCode::invalid_argument,
                        "app.verify.not_a_checkpoint",
                        fmt::format("{}: {}", known.label, opened.error().detail),
                        {{"file", known.label}}});
    }
  }
  const auto report = ATALAYA_TRY(ledger::verify_log(*database, key.verifier(), verify));
  if (terminal) {
    fmt::print(stderr, "\r\033[K");
  }
  if (options.output == Output::json) {
    print_json(report_json(report));
  } else {
    fmt::print("{}\n",
               say("cli.verify.counts",
                   {{"leaves", say_count("cli.leaves", static_cast<std::int64_t>(report.size))},
                    {"root", to_base64(report.root)},
                    {"payloads", std::to_string(report.payloads_checked)},
                    {"erased", std::to_string(report.payloads_erased)},
                    {"stored", std::to_string(report.checkpoints_checked)},
                    {"kept", std::to_string(report.known_checked)},
                    {"newer", std::to_string(report.leaves_unsigned)}}));
    for (const auto& problem : report.problems) {
      fmt::print("{} {}: {}\n", say("cli.problem"), problem.reason, problem.detail);
    }
    fmt::print("{}\n{}\n", say(report.ok() ? "cli.verify.good" : "cli.verify.bad"),
               say("cli.verify.log_only", {{"node", options.node.string()}}));
  }
  if (!report.ok()) {
    return fail(Error{ErrorCode::data_loss,
                      "ledger.verify.failed",
                      counted(static_cast<std::int64_t>(report.problem_count), "problem",
                              "problems") +
                          "; keep this folder as it is, and compare with a backup",
                      {{"problems", std::to_string(report.problem_count)}}});
  }
  return {};
}

Result<void> run_checkpoint(const CheckpointOptions& options) {
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  const auto checkpoint = ATALAYA_TRY(node->ledger->checkpoint());
  return write_output(options.out, options.output == Output::json
                                       ? pretty_json(checkpoint_json(checkpoint))
                                       : checkpoint.note);
}

Result<void> run_prove(const ProveOptions& options) {
  if (options.leaf.has_value() == options.from.has_value()) {
    return fail(ErrorCode::invalid_argument, "app.usage.prove",
                "give either --leaf N (that a leaf is in the log) or --from SIZE [--to SIZE] (that "
                "the log only grew)");
  }
  auto node = ATALAYA_TRY(open_node(options.node, WithIndex::no));
  auto proof = options.leaf ? node->ledger->prove_inclusion(
                                  *options.leaf, options.reveal ? ledger::Reveal::payload
                                                                : ledger::Reveal::leaf)
                            : node->ledger->prove_consistency(*options.from, options.to);
  if (!proof) {
    return fail(std::move(proof).error());
  }
  return write_output(options.out, *proof);
}

Result<void> run_check_proof(const CheckProofOptions& options) {
  const std::string text = ATALAYA_TRY(files::read_file(options.proof.string()));
  const auto key = ATALAYA_TRY(read_key(options.key));
  std::string checkpoint;
  if (!options.checkpoint.empty()) {
    checkpoint = ATALAYA_TRY(files::read_file(options.checkpoint.string()));
  }
  const auto checked = ATALAYA_TRY(ledger::check_proof(text, key, checkpoint));
  const bool inclusion = checked.kind == ledger::CheckedProof::Kind::inclusion;
  if (options.output == Output::json) {
    json::object out{{"ok", true},
                     {"kind", inclusion ? "inclusion" : "consistency"},
                     {"checkpoint", checkpoint_json(checked.checkpoint)}};
    if (inclusion) {
      const bool told = !checked.leaf.kind.empty();
      out["leaf"] = !told ? json::object{{"index", checked.index}}
                          : json::object{{"index", checked.index},
                                 {"kind", checked.leaf.kind},
                                 {"at", to_string(checked.leaf.at)},
                                 {"subject", checked.leaf.subject}};
      if (checked.payload) {
        out["payload"] = *checked.payload;
      }
    } else if (checked.old_checkpoint) {
      out["old_checkpoint"] = checkpoint_json(*checked.old_checkpoint);
    }
    print_json(out);
    return {};
  }
  if (inclusion && checked.leaf.kind.empty()) {
    fmt::print("A leaf, number {}, that only the node's auditors may read is in the log of {} leaves "
               "that {} signed.\n",
               checked.index, checked.checkpoint.size, key.name());
  } else if (inclusion) {
    fmt::print("Leaf {} ({}, {}, {}) is in the log of {} leaves that {} signed.\n", checked.index,
               checked.leaf.kind, checked.leaf.subject, to_string(checked.leaf.at),
               checked.checkpoint.size, key.name());
    if (checked.payload) {
      fmt::print("It says: {}\n", *checked.payload);
    }
  } else {
    fmt::print("The log of {} leaves contains the log of {} leaves unchanged; {} signed both.\n",
               checked.checkpoint.size, checked.old_checkpoint ? checked.old_checkpoint->size : 0,
               key.name());
  }
  return {};
}

Result<void> run_key(const NodeOptions& options) {
  ATALAYA_TRY(read_node_config(options.node));
  const auto key = ATALAYA_TRY(ledger::NodeKey::load((options.node / "keys" / "node.key").string()));
  if (options.output == Output::json) {
    print_json(json::object{{"name", key.verifier().name()}, {"key", key.verifier().to_string()}});
  } else {
    fmt::print("{}\n", key.verifier().to_string());
  }
  return {};
}

}  // namespace atalaya::app
