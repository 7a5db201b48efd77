// What is held against what the log says was imported or set. The log is replayed once into what
// each row should be; then every recorded table is walked once. Rows of documents that an older
// version imported have no leaf "commitments.rows" and are left alone, but for their texts. In a
// node the rows are recorded by the store's wrapper, and compared by ledger::check_rows(): there
// this compares texts, files and wordings with what was said of them.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include <atalaya/ledger/rows.hpp>

#include "desk_state.hpp"
#include "row_digest.hpp"
#include "zstd_bytes.hpp"

namespace atalaya::commitments {
namespace {

constexpr std::size_t kProblemsMax = 100;
constexpr std::uint64_t kLeavesAtOnce = 1000;

// What an editor's leaf "commitments.clause" says of a clause; older ones do not say the whole row.
struct ClauseSaid {
  std::string verb, addressee, deliverable, due, formulation, qualifiers, by;
};

// A text that stands with `actual` although a leaf gave it to `subject`.
struct Elsewhere {
  std::string subject, actual;
  std::uint64_t leaf = 0;
};

struct Owner {
  std::map<std::string, detail::Digest> rows;  // by key
  bool whole = true;  // false when a leaf about it was erased: then only what is known is compared
};

class LogCheckRun {
 public:
  LogCheckRun(store::Transaction& tx, const ledger::Ledger& log, bool with_rows)
      : tx_(tx), log_(log), with_rows_(with_rows) {}

  Result<LogCheck> run() {
    ATALAYA_TRY(read_names());
    ATALAYA_TRY(check_shown_texts());
    ATALAYA_TRY(replay());
    check_elsewhere();
    ATALAYA_TRY(check_files());
    if (with_rows_) {
      for (const auto& table : detail::recorded_tables()) {
        ATALAYA_TRY(check_table(table));
      }
      ATALAYA_TRY(check_persons_clauses());
    }
    check_wordings();
    return std::move(out_);
  }

 private:
  void note(std::string problem) {
    if (out_.problems.size() < kProblemsMax) {
      out_.problems.push_back(std::move(problem));
    }
  }

  Result<void> read_names() {
    const auto files = ATALAYA_TRY(tx_.query("SELECT id, file_name FROM source_documents"));
    for (const auto& row : files) {
      files_[row.text(0)] = row.text(1);
    }
    const auto same = ATALAYA_TRY(tx_.query("SELECT later, commitment FROM wordings"));
    for (const auto& row : same) {
      same_as_[row.text(0)] = row.text(1);
    }
    return {};
  }

  std::string file_of(const std::string& id) const {
    const auto it = files_.find(id);
    return it == files_.end() ? id.substr(0, 12) : it->second;
  }

  const std::string& current(const std::string& id) const {
    const auto it = same_as_.find(id);
    return it == same_as_.end() ? id : it->second;
  }

  Result<void> replay() {
    for (std::uint64_t first = 0;; first += kLeavesAtOnce) {
      const auto entries = ATALAYA_TRY(log_.entries_from(tx_, first, kLeavesAtOnce));
      for (const auto& entry : entries) {
        const std::string& kind = entry.leaf.kind;
        if (kind == "commitments.import") {
          imported_.insert(entry.leaf.subject);
        } else if (kind == "commitments.text" || kind == "commitments.same" ||
                   kind == "commitments.same.withdrawn" ||
                   (with_rows_ && (kind == "commitments.rows" || kind == "commitments.clause"))) {
          ATALAYA_TRY(read_leaf(entry));
        }
      }
      if (entries.size() < kLeavesAtOnce) {
        return {};
      }
    }
  }

  Result<void> read_leaf(const ledger::Entry& entry) {
    const auto payload = ATALAYA_TRY(log_.find_payload(tx_, entry.index));
    const auto said = payload ? parse_json(payload->bytes, "leaf") : Result<json::value>();
    const auto* object = said ? said->if_object() : nullptr;
    if (!payload || object == nullptr) {
      // Erased, or not readable: the log's own verification speaks of that.
      forget(entry.leaf.subject);
      return {};
    }
    if (entry.leaf.kind == "commitments.text") {
      return check_text(entry, *object);
    }
    if (entry.leaf.kind == "commitments.rows") {
      read_rows(*object);
    } else if (entry.leaf.kind == "commitments.clause") {
      read_clause(entry.leaf.subject, *object);
    } else if (entry.leaf.kind == "commitments.same.withdrawn") {
      said_same_.erase(text_in(*object, "later"));
      withdrawn_.emplace(text_in(*object, "later"), text_in(*object, "commitment"));
    } else {
      said_same_.insert_or_assign(text_in(*object, "later"), text_in(*object, "commitment"));
    }
    return {};
  }

  static std::string text_in(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    const auto* text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::string() : std::string(*text);
  }

  void forget(const std::string& subject) {
    forgotten_.insert(subject);
    for (auto& [table, owners] : expected_) {
      const auto it = owners.find(subject);
      if (it != owners.end()) {
        it->second.whole = false;
        it->second.rows.clear();
      }
    }
    clauses_said_.erase(subject);
  }

  // Source, ordinal and hash of one item's text.
  Result<void> check_text(const ledger::Entry& entry, const json::object& said) {
    if (!said.contains("text_sha256")) {
      return {};
    }
    const auto rows = ATALAYA_TRY(tx_.query(
        "SELECT text, commitment FROM appearances WHERE source = $1 AND ordinal = $2",
        {text_in(said, "source"), said.at("ordinal").to_number<std::int64_t>()}));
    if (rows.empty() || to_hex(sha256(rows.front().text(0))) != text_in(said, "text_sha256")) {
      note_text(entry.leaf.subject, entry.index);
    } else if (rows.front().text(1) != current(entry.leaf.subject)) {
      elsewhere_.push_back({entry.leaf.subject, rows.front().text(1), entry.index});
    }
    return {};
  }

  void note_text(const std::string& subject, std::uint64_t leaf) {
    note(fmt::format("the text of {} is not the one that leaf {} of the log records", subject,
                     leaf));
  }

  // A text stands with another commitment only where somebody took back that they are the same.
  void check_elsewhere() {
    for (const Elsewhere& text : elsewhere_) {
      if (!withdrawn_.contains({text.actual, text.subject}) &&
          !withdrawn_.contains({text.subject, text.actual})) {
        note_text(text.subject, text.leaf);
      }
    }
  }

  void read_rows(const json::object& said) {
    const std::string name = text_in(said, "table");
    const auto tables = detail::recorded_tables();
    const auto table = std::ranges::find(tables, name, &detail::RecordedTable::name);
    const auto* version = said.if_contains("v");
    const auto* rows = said.if_contains("rows");
    if (table == tables.end() || version == nullptr || *version != 1 || rows == nullptr ||
        !rows->is_object()) {
      return;  // of a newer version of this program
    }
    for (const auto& [id, keys] : rows->as_object()) {
      Owner& owner = expected_[table->name][std::string(id)];
      if (table->whole) {
        owner = {};
        clauses_said_.erase(table->name == "clauses" ? std::string(id) : std::string());
      }
      if (!keys.is_object()) {
        continue;
      }
      for (const auto& [key, digest] : keys.as_object()) {
        set_row(owner, std::string(key), digest);
      }
    }
  }

  static void set_row(Owner& owner, const std::string& key, const json::value& digest) {
    const auto* text = digest.if_string();
    const auto bytes = text == nullptr ? std::nullopt : from_hex(std::string_view(*text));
    detail::Digest row{};
    if (bytes && bytes->size() == row.size()) {
      std::ranges::copy(*bytes, row.begin());
      owner.rows[key] = row;
    }
  }

  void read_clause(const std::string& commitment, const json::object& said) {
    const auto* ordinal = said.if_contains("ordinal");
    if (ordinal == nullptr || !ordinal->is_number()) {
      return;
    }
    const auto number = ordinal->to_number<std::int64_t>();
    const auto* qualifiers = said.if_contains("qualifiers");
    clauses_said_[commitment][number] = {
        text_in(said, "verb"),
        text_in(said, "addressee"),
        text_in(said, "deliverable"),
        text_in(said, "due"),
        text_in(said, "formulation"),
        qualifiers == nullptr ? std::string("[]") : canonical_json(*qualifiers),
        text_in(said, "by")};
    const auto owner = expected_["clauses"].find(commitment);
    const auto* digest = said.if_contains("row");
    if (owner == expected_["clauses"].end()) {
      return;
    }
    if (digest != nullptr) {
      set_row(owner->second, std::to_string(number), *digest);
    } else {
      owner->second.rows.erase(std::to_string(number));
      owner->second.whole = false;
    }
  }

  Result<void> check_shown_texts() {
    const auto changed = ATALAYA_TRY(
        tx_.query("SELECT t.commitment FROM commitment_texts t LEFT JOIN appearances a ON a.source "
                  "= t.source AND a.commitment = t.commitment AND a.text = t.text WHERE a.source IS "
                  "NULL ORDER BY t.commitment LIMIT 100"));
    for (const auto& row : changed) {
      note(fmt::format("the text shown for {} stands in no document", row.text(0)));
    }
    const auto missing = ATALAYA_TRY(
        tx_.query("SELECT DISTINCT a.commitment FROM appearances a LEFT JOIN commitment_texts t ON "
                  "t.commitment = a.commitment WHERE t.commitment IS NULL ORDER BY a.commitment "
                  "LIMIT 100"));
    for (const auto& row : missing) {
      note(fmt::format("the text of {} was removed", row.text(0)));
    }
    return {};
  }

  Result<void> check_files() {
    return tx_.for_each(
        "SELECT id, file_name, bytes, size FROM source_documents ORDER BY position", {},
        [&](const store::Row& row) -> Result<void> {
          const auto bytes =
              detail::unpack(row.blob(2), static_cast<std::size_t>(row.integer(3)));
          if (!bytes || to_hex(sha256(*bytes)) != row.text(0)) {
            note(fmt::format("the stored file {} was changed", row.text(1)));
          }
          if (!imported_.contains(row.text(0))) {
            note(fmt::format("the document {} is held, but the log records no import of it",
                             row.text(1)));
          }
          ++out_.documents;
          const auto& covered = expected_["appearances"];
          out_.documents_texts_only += covered.contains(row.text(0)) ? 0 : 1;
          return {};
        });
  }

  std::string name_of(const detail::RecordedTable& table, const std::string& owner,
                      const std::string& key) const {
    return table.whole ? fmt::format("{} {} of {}", table.noun, key, owner)
                       : fmt::format("{} {} of {}", table.noun, key, file_of(owner));
  }

  Result<void> check_table(const detail::RecordedTable& table) {
    auto& owners = expected_[table.name];
    ATALAYA_TRY(tx_.for_each(
        fmt::format("SELECT {} FROM {}", table.columns, table.name), {},
        [&](const store::Row& row) -> Result<void> {
          const auto values = detail::values_of(row);
          const std::string& owner = row.text(table.owner);
          const auto known = owners.find(owner);
          if (known == owners.end()) {
            return {};
          }
          const std::string key = detail::key_of(table, values);
          const auto said = known->second.rows.find(key);
          const bool unsure = !known->second.whole ||
                              (table.name == "appearances" && forgotten_.contains(row.text(2)));
          if (said == known->second.rows.end()) {
            if (!unsure) {
              note(fmt::format("the {} was added behind the log's back",
                               name_of(table, owner, key)));
            }
            return {};
          }
          if (said->second != detail::digest_of(values) && !unsure) {
            note(fmt::format("the {} is not the one that the log records",
                             name_of(table, owner, key)));
          }
          known->second.rows.erase(said);
          return {};
        }));
    for (const auto& [owner, rest] : owners) {
      for (const auto& [key, digest] : rest.rows) {
        if (rest.whole) {
          note(fmt::format("the {} was removed", name_of(table, owner, key)));
        }
      }
    }
    return {};
  }

  // Of clauses whose whole row the log does not record, what a person said of them.
  Result<void> check_persons_clauses() {
    for (const auto& [commitment, clauses] : clauses_said_) {
      for (const auto& [ordinal, said] : clauses) {
        const auto rows = ATALAYA_TRY(tx_.query(
            "SELECT verb, addressee, deliverable, due, formulation, qualifiers, set_by FROM clauses "
            "WHERE commitment = $1 AND ordinal = $2",
            {commitment, ordinal}));
        const auto same = [&](const store::Row& row) {
          const auto qualifiers = parse_json(row.text(5), "qualifiers");
          return row.text(0) == said.verb && row.text(1) == said.addressee &&
                 row.text(2) == said.deliverable && row.text(3) == said.due &&
                 row.text(4) == said.formulation && row.text(6) == said.by && qualifiers &&
                 canonical_json(*qualifiers) == said.qualifiers;
        };
        if (rows.empty() || !same(rows.front())) {
          note(fmt::format("the clause {} of {} is not the one that {} set", ordinal, commitment,
                           said.by));
        }
      }
    }
    return {};
  }

  void check_wordings() {
    for (const auto& [later, commitment] : same_as_) {
      if (!said_same_.contains(later) && !forgotten_.contains(commitment)) {
        note(fmt::format("nobody said in the log that {} is {} in new words", later, commitment));
      }
    }
    for (const auto& [later, commitment] : said_same_) {
      if (!same_as_.contains(later)) {
        note(fmt::format("the log says that {} is {} in new words, the store does not", later,
                         commitment));
      }
    }
  }

  store::Transaction& tx_;
  const ledger::Ledger& log_;
  const bool with_rows_;  // not where ledger::check_rows() compares them all
  LogCheck out_;
  std::map<std::string, std::string, std::less<>> files_, same_as_;
  std::map<std::string, std::string> said_same_;
  std::set<std::pair<std::string, std::string>> withdrawn_;  // later, commitment
  std::vector<Elsewhere> elsewhere_;
  std::set<std::string, std::less<>> imported_, forgotten_;
  std::map<std::string_view, std::map<std::string, Owner>> expected_;
  std::map<std::string, std::map<std::int64_t, ClauseSaid>> clauses_said_;
};

}  // namespace

Result<LogCheck> Desk::check_against_log() const {
  LogCheck out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(LogCheckRun(tx, *state_->parts.ledger,
                                  !ledger::records_rows(*state_->parts.database))
                          .run());
    return {};
  }));
  return out;
}

}  // namespace atalaya::commitments
