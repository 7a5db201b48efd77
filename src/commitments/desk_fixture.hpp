#pragma once
// A desk over a store of its own, on either engine, and synthetic pages in the shape of real ones.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <atalaya/commitments/import.hpp>
#include <atalaya/store/test_store.hpp>

namespace atalaya::commitments {

inline constexpr std::string_view kSantiago = "(Plan of Action Santiago, 1998)";
inline constexpr std::string_view kSantiagoSpanish = "(Plan de Acción Santiago, 1998)";

inline std::string page(const std::vector<std::string>& items, std::string_view theme,
                 std::string_view citation = kSantiago) {
  const bool spanish = citation == kSantiagoSpanish;
  std::string out = spanish ? "Organización de los Estados Americanos Cumbres de las Américas\n"
                              "Seguimiento e Implementación: Mandatos\n\n"
                            : "Organization of American States Summits of the Americas\n"
                              "Follow-up and Implementation: Mandates\n\n";
  out += fmt::format("{}\n{}\n\n", theme, spanish ? "MANDATOS" : "MANDATES");
  for (const auto& item : items) {
    out += fmt::format("  1. {} {}.\n\n", item, citation);
  }
  return out;
}

inline const std::vector<std::string> kItems{
    "Promote the synthetic exchange of lists among the 35 bodies by December 2031.",
    "Strengthen synthetic reviews of registries, as appropriate.",
    "Recognize that synthetic cooperation matters to democracy in 1998.",
    "Request the OAS to prepare a synthetic report on terrorism and corruption."};
inline const std::vector<std::string> kItemsSpanish{
    "Promover el intercambio sintético de listas entre los 35 cuerpos antes de diciembre de 2031.",
    "Fortalecer las revisiones sintéticas de los registros, según corresponda.",
    "Reconocer que la cooperación sintética importa a la democracia en 1998.",
    "Solicitar a la OEA un reporte sintético sobre terrorismo y corrupción."};

class DeskTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (GetParam() == store::Engine::postgresql && !store::TestStore::has_postgres()) {
      GTEST_SKIP() << "ATALAYA_TEST_POSTGRES is not set; ctest runs this as commitments_postgres";
    }
    store_ = std::make_unique<store::TestStore>(GetParam());
    desk_ = open(store_->database());
  }

  /// What an editor sends who saw the clause like this.
  static ClauseEdit edit_of(const ClauseView& clause, std::string by = "ana") {
    ClauseEdit out;
    out.ordinal = clause.ordinal;
    out.version = clause.version;
    out.verb = clause.verb;
    out.addressee = clause.addressee;
    out.deliverable = clause.deliverable;
    out.due = clause.due;
    out.formulation = clause.formulation;
    out.qualifiers = clause.qualifiers;
    out.reason = "synthetic";
    out.set_by = std::move(by);
    return out;
  }

  // Whatever a test did through the desk, the counts kept with each commitment are those of its
  // rows, and its main theme is one that it names. A test that changed the store behind the desk's back is left alone.
  void TearDown() override {
    if (store_ == nullptr || tampered_) {
      return;
    }
    const auto read = store_->database().read([&](store::Transaction& tx) -> Result<void> {
      const auto wrong = ATALAYA_TRY(tx.query(
          "SELECT c.id FROM commitments c WHERE c.asking <> (SELECT COUNT(*) FROM clauses k WHERE "
          "k.commitment = c.id AND k.formulation <> 'declaratory') OR c.declaring <> (SELECT "
          "COUNT(*) FROM clauses k WHERE k.commitment = c.id AND k.formulation = 'declaratory') OR "
          "c.dated <> (SELECT COUNT(*) FROM commitments x WHERE x.id = c.id AND (EXISTS (SELECT 1 "
          "FROM dues d WHERE d.commitment = c.id AND d.soft = 0 AND d.withdrawn_by = ''))) OR "
          "c.citation_inferred <> (SELECT COUNT(DISTINCT a.commitment) FROM "
          "appearances a WHERE a.commitment = c.id AND a.citation_status = 'inferred') OR "
          "c.citation_unprinted <> (SELECT COUNT(DISTINCT a.commitment) FROM appearances a WHERE "
          "a.commitment = c.id AND a.citation_status NOT IN ('own', 'none') AND NOT EXISTS (SELECT "
          "1 FROM appearances o WHERE o.commitment = c.id AND o.citation_status = 'own')) OR "
          "(CASE WHEN c.theme = '' THEN 0 ELSE 1 END) <> (SELECT COUNT(DISTINCT l.commitment) FROM "
          "commitment_links l WHERE l.commitment = c.id AND l.kind = 'theme') OR (c.theme <> '' "
          "AND NOT EXISTS (SELECT 1 FROM commitment_links l WHERE l.commitment = c.id AND l.kind = "
          "'theme' AND l.target = c.theme))"));
      for (const auto& row : wrong) {
        ADD_FAILURE() << "the counts kept of " << row.text(0) << " are not those of its rows";
      }
      return {};
    });
    EXPECT_TRUE(read.has_value()) << read.error().detail;
  }

  // A desk over `database`, with the log that belongs to it.
  std::unique_ptr<Desk> open(store::Database& database, text::SearchIndex* index = nullptr) {
    auto seed = crypto::SigningKey::from_seed(Secret(std::string(32, 's')));
    auto key = ledger::NodeKey::create("synthetic", *std::move(seed));
    auto ledger = ledger::Ledger::open(database, *std::move(key), clock_);
    EXPECT_TRUE(ledger.has_value());
    ledgers_.push_back(*std::move(ledger));
    DeskParts parts;
    parts.database = &database;
    parts.ledger = ledgers_.back().get();
    parts.catalogue = Catalogue::embedded();
    parts.index = index;
    parts.clock = &clock_;
    auto desk = Desk::open(parts);
    EXPECT_TRUE(desk.has_value()) << desk.error().detail;
    return *std::move(desk);
  }

  static Result<ImportPlan> import(Desk& desk, std::vector<InputFile> files,
                                   const ImportOptions& options = {}) {
    Importer importer(desk);
    auto plan = importer.plan(std::move(files), options);
    if (!plan) {
      return plan;
    }
    const auto applied = importer.apply(*plan, options);
    if (!applied) {
      return fail(applied.error());
    }
    return plan;
  }

  void run_sql(std::string_view sql) {
    tampered_ = true;
    const auto done = store_->database().write([&](store::Transaction& tx) -> Result<void> {
      ATALAYA_TRY(tx.execute(sql));
      return {};
    });
    ASSERT_TRUE(done.has_value()) << sql << ": " << done.error().detail;
  }

  // Everything that an import may change, as one text.
  std::string state() {
    std::string out;
    const auto read = store_->database().read([&](store::Transaction& tx) -> Result<void> {
      for (const char* table :
           {"source_documents", "commitments", "commitment_texts", "appearances", "clauses", "dues",
            "commitment_links", "change_feed", "paragraphs", "ledger_leaves"}) {
        const auto row = ATALAYA_TRY(tx.query_one(fmt::format("SELECT COUNT(*) FROM {}", table)));
        out += fmt::format("{} {};", table, row.integer(0));
      }
      const auto held = ATALAYA_TRY(tx.query_one("SELECT SUM(held) FROM commitments"));
      out += std::to_string(held.integer(0));
      return {};
    });
    EXPECT_TRUE(read.has_value()) << read.error().detail;
    return out;
  }

  FixedClock clock_{UtcTime{1'795'312'800'000}};
  bool tampered_ = false;
  std::unique_ptr<store::TestStore> store_;
  std::vector<std::unique_ptr<ledger::Ledger>> ledgers_;
  std::unique_ptr<Desk> desk_;
};

}  // namespace atalaya::commitments
