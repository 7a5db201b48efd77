#pragma once
// The codes that facts are made of, with names in four languages, parents, and what each is called
// in SDMX; finding a code by a name as files write it; and rolling codes up to a level.
// Data in catalogue/observatory/{dimensions,iccs,territories}.json and catalogue/countries.json,
// embedded; every row names its source. Immutable after load; any thread.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/observatory/codelists_rules.hpp>

namespace atalaya::observatory {

/// Values that every dimension has. _T stands in tables only, never in facts.
inline constexpr std::string_view kUnknown = "_U";
inline constexpr std::string_view kNotApplicable = "_Z";
inline constexpr std::string_view kTotal = "_T";

/// A text in the four languages; complete after load.
struct Names {
  std::array<std::string, 4> texts;  // in the order of kLanguages

  [[nodiscard]] const std::string& in(Language language) const noexcept {
    return texts[static_cast<std::size_t>(language)];
  }
};

struct Code {
  std::string id;
  std::string parent;      // empty at the top
  std::int32_t level = 1;  // index into Codelist::levels() plus one
  Names name;
  std::string sdmx;      // id in SDMX: `ICCS0101`, else the id itself
  std::string national;  // first-level subdivisions: the code national data use ("05"), or empty
  std::string country;   // territories: ISO 3166-1 alpha-3 of the country it lies in
  /// ISO lists two divisions of the same land (the Dominican Republic's regions and provinces). A
  /// grouping is valid in facts and rolls up to its country, but children() leaves it out.
  bool is_grouping = false;
  std::string group;                 // the grouping it belongs to, where there is one
  std::vector<Language> unofficial;  // languages whose name is our own translation
  std::vector<std::string> aliases;
  std::string source;
};

/// One code that a written name may stand for.
struct NameMatch {
  const Code* code = nullptr;
  double score = 0;    // 1 exact … 0.7 two letters differ
  std::string reason;  // exact | folded | alias | national code | spelling distance 1 | … 2
};

/// Best first; empty when nothing is near. Never silently ambiguous: sure() is null unless exactly
/// one code has the best score.
struct NameMatches {
  std::vector<NameMatch> candidates;
  [[nodiscard]] const NameMatch* sure() const noexcept;
};

struct NameQuery {
  std::string country;     // alpha-3: only territories within it; empty for all
  std::int32_t level = 0;  // only codes of this level; 0 for all
};

/// One dimension. Dimensions by rule (period, age) have no codes here, and open ones (ethnicity,
/// place …) accept codes of the right form beyond those listed.
class Codelist {
 public:
  [[nodiscard]] const std::string& dimension() const noexcept { return dimension_; }

  [[nodiscard]] const Names& name() const noexcept { return name_; }

  [[nodiscard]] const std::string& source() const noexcept { return source_; }

  [[nodiscard]] bool is_rule() const noexcept { return is_rule_; }

  [[nodiscard]] bool is_open() const noexcept { return is_open_; }

  /// Names of the levels, coarse to fine: {"country","admin1","admin2"}, {"1","2","3","4"}, …
  [[nodiscard]] const std::vector<std::string>& levels() const noexcept { return levels_; }

  [[nodiscard]] std::span<const Code> codes() const noexcept { return codes_; }

  [[nodiscard]] const Code* find(std::string_view id) const;
  /// In the order of the list; of the top where `id` is empty. Groupings are left out.
  [[nodiscard]] std::vector<const Code*> children(std::string_view id) const;
  /// From the top down, `id` itself last; empty where there is no such code.
  [[nodiscard]] std::vector<const Code*> ancestors(std::string_view id) const;
  /// The ancestor (or the code itself) of that level; null where the code is coarser.
  [[nodiscard]] const Code* ancestor(std::string_view id, std::int32_t level) const;
  /// Reads a name (or a code) as a file writes it. Blind to case, accents, punctuation, words such
  /// as "Departamento de" and bracketed additions ("Bogotá D.C. (CT)").
  [[nodiscard]] NameMatches match_name(std::string_view text, const NameQuery& query = {}) const;

 private:
  friend class CodelistsReader;
  std::string dimension_, source_;
  Names name_;
  bool is_rule_ = false, is_open_ = false;
  std::vector<std::string> levels_;
  std::vector<Code> codes_;
  std::unordered_map<std::string, std::size_t> by_id_;
  std::unordered_map<std::string, std::vector<std::size_t>> children_;

  struct Written {
    std::string key;  // folded, without what match_name() is blind to
    std::size_t code = 0;
    bool is_alias = false;
  };

  std::vector<Written> written_;
};

/// All dimensions.
class Codelists {
 public:
  /// The embedded data. Aborts if it is inconsistent (a test guards it).
  [[nodiscard]] static std::shared_ptr<const Codelists> embedded();
  /// Reads catalogue files from memory: {"observatory/iccs.json": bytes, "countries.json": …}.
  /// Unknown keys are refused. Fails with invalid_argument (observatory.codelists.bad), naming file
  /// and row.
  [[nodiscard]] static Result<Codelists> load(
      const std::map<std::string, std::string, std::less<>>& files);

  [[nodiscard]] std::span<const Codelist> all() const noexcept { return lists_; }

  /// Null for a dimension that is none of ours (a source's own `x_…`).
  [[nodiscard]] const Codelist* find(std::string_view dimension) const noexcept;
  /// Whether a fact may carry the code: listed, or by the rule of period, age and of lower
  /// territories (`COL_05001`), or of the right form in an open or `x_…` dimension. _U and _Z are
  /// valid everywhere but in period, territory and unit; _T nowhere.
  [[nodiscard]] bool is_valid(std::string_view dimension, std::string_view code) const;
  /// The code's name for people; for rule codes made from words ("15-19 years"); the code itself
  /// where nothing is known. Never empty.
  [[nodiscard]] std::string label(std::string_view dimension, std::string_view code,
                                  Language language) const;
  /// Whether a cell says in words that the value is not known ("NO REPORTA", "ignorado", "n/d"):
  /// it becomes _U. An empty cell is not: what it means is the mapping's decision.
  [[nodiscard]] bool reads_as_unknown(std::string_view text) const;
  /// The same for "no aplica", "not applicable": it becomes _Z.
  [[nodiscard]] bool reads_as_not_applicable(std::string_view text) const;
  /// The one level up, by list or by rule ("COL_05001" → "CO-ANT" → "COL"); empty at the top.
  [[nodiscard]] std::string parent(std::string_view dimension, std::string_view code) const;
  /// Whether `code` is `ancestor` or lies below it (periods and ages by their bounds).
  [[nodiscard]] bool is_within(std::string_view dimension, std::string_view code,
                               std::string_view ancestor) const;
  /// The country (alpha-3) of a territory of any level; empty where the code is not valid.
  [[nodiscard]] std::string country_of(std::string_view territory) const;

 private:
  friend class CodelistsReader;
  std::vector<Codelist> lists_;
  Codelist special_;                                                 // _U, _Z, _T
  std::map<std::string, std::string, std::less<>> alpha3_;           // "CO" → "COL"
  std::map<std::string, std::string, std::less<>> admin1_national_;  // "COL/05" → "CO-ANT"
};

/// Code → ancestor at a level, for the look-up tables of cubes. Levels: of period the names of
/// PeriodKind, of age those of AgeLevel, of territory country | admin1 | admin2, of iccs 1 … 4, of
/// the others 1, 2 … by depth.
class Hierarchy {
 public:
  /// Fails with invalid_argument (observatory.level.unknown), naming the levels there are.
  [[nodiscard]] static Result<Hierarchy> create(std::shared_ptr<const Codelists> lists,
                                                std::string_view dimension, std::string_view level);
  [[nodiscard]] static std::vector<std::string> levels(const Codelists& lists,
                                                       std::string_view dimension);

  struct Place {
    std::string code;      // the ancestor; or the code itself where it is not exact
    bool is_exact = true;  // false: coarser than the level, or across two of its codes
  };

  /// Nothing is ever lost: a code that cannot be placed at the level keeps itself as a row of its
  /// own (`COL` at admin1, `Y_GE65` at 5y), and _U and _Z stay what they are.
  [[nodiscard]] Place place(std::string_view code) const;

 private:
  std::shared_ptr<const Codelists> lists_;
  std::string dimension_;
  std::variant<std::int32_t, PeriodKind, AgeLevel> level_;
};

}  // namespace atalaya::observatory
