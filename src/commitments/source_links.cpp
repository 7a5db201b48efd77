// Links of texts that are no commitments. They follow from the text, the catalogue's names and the
// rules alone: nobody edits them, the log holds the texts, and so they may be made again at any time.
#include "source_links.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>

#include "desk_state.hpp"

namespace atalaya::commitments::detail {
namespace {

constexpr std::string_view kKey = "commitments.source_links";
constexpr std::string_view kRules = "1";  // raise when the rules find other names in the same text

template <class Named>
void hash_names(const std::vector<Named>& all, std::string& out) {
  for (const Named& one : all) {
    out += one.id + "\x1f";
    for (const auto& pattern : one.patterns) {
      out += pattern + "\x1f";
    }
    out += '\x1e';
  }
}

std::string digest_of_names(const Catalogue& catalogue) {
  std::string all(kRules);
  hash_names(catalogue.instruments(), all);
  hash_names(catalogue.institutions(), all);
  return to_hex(sha256(all));
}

// "… Organized Crime](#), 2003": a year behind a name, with nothing but marks between.
std::int32_t year_behind(std::string_view text, std::size_t at) {
  constexpr std::size_t kMarksMax = 8;
  std::string_view rest = text.substr(at);
  const std::size_t digits = rest.find_first_not_of(" ,()[]#*");
  if (digits == std::string_view::npos || digits == 0 || digits > kMarksMax) {
    return 0;
  }
  rest.remove_prefix(digits);
  const std::size_t length = std::min(rest.find_first_not_of("0123456789"), rest.size());
  if (length != 4) {
    return 0;
  }
  std::int32_t year = 0;
  std::from_chars(rest.data(), rest.data() + length, year);
  return year >= 1800 && year < 2100 ? year : 0;
}

void add_kind(const std::string& source, const HeldText& held, std::string_view kind,
              const std::vector<Mention>& mentions, std::vector<store::Parameters>& rows) {
  std::map<std::string_view, std::size_t> seen;  // target, its row
  std::int32_t line = held.line;
  std::size_t counted = 0;  // line feeds before this byte are in `line`; mentions come in order
  for (const Mention& mention : mentions) {
    if (held.whole && mention.span.begin > counted) {
      const auto between = held.text.substr(counted, mention.span.begin - counted);
      line += static_cast<std::int32_t>(std::ranges::count(between, '\n'));
      counted = mention.span.begin;
    }
    const std::int64_t year = year_behind(held.text, mention.span.end);
    const auto [row, first] = seen.try_emplace(mention.id, rows.size());
    if (first) {
      rows.push_back({source, std::string(held.role), std::int64_t{held.ordinal},
                      std::string(kind), mention.id, std::int64_t{line}, year});
    } else if (year != 0 && rows[row->second].back() == store::Value{std::int64_t{0}}) {
      rows[row->second].back() = year;
    }
  }
}

Result<void> make_anew(store::Transaction& tx, const Catalogue& catalogue) {
  const Recogniser recogniser(catalogue);
  ATALAYA_TRY(tx.execute("DELETE FROM source_links"));
  const auto sources = ATALAYA_TRY(tx.query("SELECT id FROM source_documents ORDER BY position"));
  for (const auto& source : sources) {
    const std::string& id = source.text(0);
    std::vector<store::Parameters> rows;
    const auto whole =
        ATALAYA_TRY(tx.query_one("SELECT lines FROM source_documents WHERE id = $1", {id}));
    add_source_links(id, {"", 0, 1, true, whole.text(0)}, recogniser, rows);
    const auto paragraphs = ATALAYA_TRY(
        tx.query("SELECT role, ordinal, line, text FROM paragraphs WHERE source = $1", {id}));
    for (const auto& row : paragraphs) {
      add_source_links(id,
                       {row.text(0), static_cast<std::int32_t>(row.integer(1)),
                        static_cast<std::int32_t>(row.integer(2)), false, row.text(3)},
                       recogniser, rows);
    }
    ATALAYA_TRY(insert_source_links(tx, rows));
    ATALAYA_TRY(feed(tx, {id}, "source"));
  }
  return {};
}

}  // namespace

void add_source_links(const std::string& source, const HeldText& held,
                      const Recogniser& recogniser, std::vector<store::Parameters>& rows) {
  add_kind(source, held, "instrument", recogniser.instruments(held.text), rows);
  add_kind(source, held, "institution", recogniser.institutions(held.text), rows);
}

Result<void> insert_source_links(store::Transaction& tx,
                                 std::span<const store::Parameters> rows) {
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO source_links(source, role, ordinal, kind, target, line, printed_year) VALUES "
      "($1, $2, $3, $4, $5, $6, $7)",
      rows));
  return {};
}

Result<void> sync_source_links(const DeskParts& parts) {
  const std::string digest = digest_of_names(*parts.catalogue);
  bool current = false;
  ATALAYA_TRY(parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT value FROM settings WHERE key = $1", {std::string(kKey)}));
    current = !rows.empty() && rows.front().text(0) == digest;
    return {};
  }));
  if (current) {
    return {};
  }
  return parts.database->write([&](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(make_anew(tx, *parts.catalogue));
    ATALAYA_TRY(tx.execute("INSERT INTO settings(key, value) VALUES ($1, $2) ON CONFLICT (key) DO "
                           "UPDATE SET value = $2",
                           {std::string(kKey), digest}));
    return {};
  });
}

}  // namespace atalaya::commitments::detail
