// One commitment, one source document: everything that a page about it shows.
#include <algorithm>

#include <fmt/format.h>

#include "desk_state.hpp"
#include "zstd_bytes.hpp"

namespace atalaya::commitments {
namespace {

std::int32_t small(std::int64_t value) { return static_cast<std::int32_t>(value); }

constexpr std::string_view kSourceColumns =
    "s.id, s.file_name, s.format, s.kind, s.language, s.standing, s.title, s.theme, s.meeting, "
    "s.document, s.imported_at, s.imported_by, s.follows, s.twin_of, s.size, s.summary";

// A document never changes, so that what is counted in it is counted once.
Result<void> count_in_source(store::Transaction& tx, Guarded<SourceCounts>& known,
                             SourceView& out) {
  const auto held = known.with([&](const SourceCounts& counts) {
    const auto it = counts.find(out.id);
    return it == counts.end() ? std::nullopt : std::optional(it->second);
  });
  SourceCount count = held.value_or(SourceCount{});
  if (!held) {
    const auto row = ATALAYA_TRY(
        tx.query_one("SELECT s.lines, (SELECT COUNT(*) FROM appearances a WHERE a.source = s.id), "
                     "(SELECT COUNT(*) FROM appearances a WHERE a.source = s.id AND a.level = 1) "
                     "FROM source_documents s WHERE s.id = $1",
                     {out.id}));
    count = {small(std::ranges::count(row.text(0), '\n') + 1), small(row.integer(1)),
             small(row.integer(2))};
    known.with([&](SourceCounts& counts) { counts.emplace(out.id, count); });
  }
  out.line_count = count.lines;
  out.items = count.items;
  out.level_1 = count.level_1;
  return {};
}

SourceView source_from(const store::Row& row) {
  SourceView out;
  out.id = row.text(0);
  out.file_name = row.text(1);
  out.format = row.text(2);
  out.kind = row.text(3);
  out.language = row.text_or_empty(4);
  out.standing = row.text(5);
  out.title = row.text(6);
  out.theme = row.text(7);
  out.meeting = row.text(8);
  out.document = row.text(9);
  out.imported_at = row.text(10);
  out.imported_by = row.text(11);
  out.follows = row.text_or_empty(12);
  out.twin_of = row.text_or_empty(13);
  out.size = row.integer(14);
  out.summary = parse_json(row.text(15), "source summary").value_or(json::value{});
  return out;
}

ClauseView clause_from(const store::Row& row) {
  ClauseView out;
  out.ordinal = small(row.integer(0));
  out.begin = small(row.integer(1));
  out.end = small(row.integer(2));
  out.language = row.text(3);
  out.verb = row.text(4);
  out.verb_printed = row.text(5);
  out.addressee = row.text(6);
  out.addressee_printed = row.text(7);
  out.deliverable = row.text(8);
  out.due = row.text(9);
  out.formulation = row.text(10);
  if (const auto parsed = parse_json(row.text(11), "qualifiers"); parsed && parsed->is_array()) {
    for (const auto& qualifier : parsed->as_array()) {
      if (const auto* text = qualifier.if_string()) {
        out.qualifiers.emplace_back(*text);
      }
    }
  }
  out.set_by = row.text(12);
  out.depends_on = small(row.integer(13));
  out.verb_from_chapeau = row.integer(14) != 0;
  out.due_latest = row.text(15);
  out.due_event = row.text(16);
  return out;
}

using Lines = std::vector<std::pair<std::int32_t, std::string>>;

// The item's own lines, and the nearest lines with text before and after it.
void cut_lines(const std::string& text, AppearanceView& view) {
  const auto lines = split(text, '\n');
  view.line_count = small(static_cast<std::int64_t>(lines.size()));
  const auto add = [&](Lines& to, std::int32_t number) {
    to.emplace_back(number, lines[static_cast<std::size_t>(number - 1)]);
  };
  const auto has_text = [&](std::int32_t number) {
    return !trim(lines[static_cast<std::size_t>(number - 1)]).empty();
  };
  const std::int32_t first = std::clamp(view.item.line, 1, view.line_count);
  const std::int32_t last = std::clamp(view.item.line_end, first, view.line_count);
  for (std::int32_t n = first; n <= last; ++n) {
    add(view.own_lines, n);
  }
  for (std::int32_t n = first - 1; n >= 1 && view.before.size() < 2; --n) {
    if (has_text(n)) {
      add(view.before, n);
    }
  }
  std::ranges::reverse(view.before);
  for (std::int32_t n = last + 1; n <= view.line_count && view.after.size() < 2; ++n) {
    if (has_text(n)) {
      add(view.after, n);
    }
  }
}

Result<void> read_appearances(store::Transaction& tx, const std::string& id, CommitmentView& out) {
  const auto rows = ATALAYA_TRY(tx.query(
      fmt::format("SELECT {}, s.id, s.file_name, s.title, s.theme, s.language, s.lines, "
                  "s.imported_at, (SELECT COUNT(*) FROM source_documents n WHERE n.follows = s.id) "
                  "FROM appearances a JOIN source_documents s ON s.id = a.source WHERE a.commitment = "
                  "$1 ORDER BY s.position, a.ordinal",
                  detail::kItemColumns),
      {id}));
  constexpr std::size_t n = detail::kItemColumnCount;
  for (const auto& row : rows) {
    AppearanceView view;
    view.item = detail::item_from(row, 0);
    view.source = row.text(n);
    view.source_file = row.text(n + 1);
    view.source_title = row.text(n + 2);
    view.source_theme = row.text(n + 3);
    view.language = row.text_or_empty(n + 4);
    cut_lines(row.text(n + 5), view);
    view.imported_at = row.text(n + 6);
    view.newest = row.integer(n + 7) == 0;
    out.appearances.push_back(std::move(view));
  }
  return {};
}

Result<void> read_own(store::Transaction& tx, const std::string& id, CommitmentView& out) {
  const auto texts = ATALAYA_TRY(
      tx.query("SELECT language, standing, text, source FROM commitment_texts WHERE commitment = "
               "$1 ORDER BY standing, language",
               {id}));
  for (const auto& row : texts) {
    out.texts.push_back({row.text(0), row.text(1), row.text(2), row.text(3)});
  }
  const auto links = ATALAYA_TRY(
      tx.query("SELECT kind, target, set_by FROM commitment_links WHERE commitment = $1 ORDER BY "
               "kind, position, target",
               {id}));
  for (const auto& row : links) {
    auto& list = row.text(0) == "theme"        ? out.themes
                 : row.text(0) == "instrument" ? out.instruments
                                               : out.institutions;
    list.push_back(row.text(1));
    out.link_set_by[row.text(0) + ":" + row.text(1)] = row.text(2);
  }
  const auto clauses = ATALAYA_TRY(
      tx.query("SELECT ordinal, span_begin, span_end, language, verb, verb_printed, addressee, "
               "addressee_printed, deliverable, due, formulation, qualifiers, set_by, depends_on, "
               "verb_from_chapeau, due_latest, due_event FROM clauses "
               "WHERE commitment = $1 ORDER BY ordinal",
               {id}));
  for (const auto& row : clauses) {
    out.clauses.push_back(clause_from(row));
  }
  const auto dues = ATALAYA_TRY(
      tx.query("SELECT edtf, kind, printed, soft, set_by, latest, event FROM dues WHERE commitment = $1 ORDER BY "
               "ordinal",
               {id}));
  for (const auto& row : dues) {
    out.dues.push_back(
        {row.text(0), row.text(1), row.text(2), row.integer(3) != 0, row.text(4), row.text(5),
         row.text(6)});
  }
  const auto statements = ATALAYA_TRY(
      tx.query("SELECT p.actor, p.on_ordinal, p.text, p.line FROM statements_of_position p JOIN "
               "appearances a ON a.source = p.source AND a.ordinal = p.on_ordinal WHERE p.on_role "
               "= 'operative' AND a.commitment = $1",
               {id}));
  for (const auto& row : statements) {
    out.statements.push_back({row.text(0), ItemRole::operative, small(row.integer(1)), row.text(2),
                              small(row.integer(3))});
  }
  return {};
}

std::vector<std::pair<std::string, std::string>> reasons_from(const std::string& stored) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto parsed =
      stored.empty() ? Result<json::value>(json::array()) : parse_json(stored, "reasons");
  if (!parsed || !parsed->is_array()) {
    return out;
  }
  for (const auto& reason : parsed->as_array()) {
    const auto* object = reason.if_object();
    if (object != nullptr && object->contains("kind") && object->contains("detail")) {
      out.emplace_back(json::value_to<std::string>(object->at("kind")),
                       json::value_to<std::string>(object->at("detail")));
    }
  }
  return out;
}

Result<void> read_wordings(store::Transaction& tx, const std::string& id, CommitmentView& out) {
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT later, reason, said_by, said_at, commitment FROM wordings WHERE commitment = "
               "$1 OR later = $1 ORDER BY said_at, later",
               {id}));
  for (const auto& row : rows) {
    if (row.text(0) == id) {
      out.same_as = row.text(4);
    } else {
      out.wordings.push_back({row.text(0), row.text(1), row.text(2), row.text(3)});
    }
  }
  return {};
}

Result<void> read_antecedents(store::Transaction& tx, const Catalogue& catalogue, Language language,
                              const std::string& id, CommitmentView& out) {
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT id, later, earlier, type, reason, confirmed_by, confirmed_at, "
               "suggested_because FROM antecedents WHERE (later = $1 OR earlier = $1) AND withdrawn_at IS NULL ORDER BY id",
               {id}));
  std::vector<std::string> others;
  for (const auto& row : rows) {
    AntecedentView view;
    view.id = row.integer(0);
    view.later = row.text(1);
    view.earlier = row.text(2);
    view.type = row.text(3);
    view.reason = row.text(4);
    view.confirmed_by = row.text(5);
    view.confirmed_at = row.text(6);
    view.suggested_because = reasons_from(row.text(7));
    others.push_back(view.later == id ? view.earlier : view.later);
    out.antecedents.push_back(std::move(view));
  }
  auto found = ATALAYA_TRY(detail::rows_of(tx, catalogue, language, others));
  for (auto& antecedent : out.antecedents) {
    const std::string& wanted = antecedent.later == id ? antecedent.earlier : antecedent.later;
    const auto it = std::ranges::find(found, wanted, &CommitmentRow::id);
    ATALAYA_CHECK(it != found.end());
    antecedent.other = *it;
  }
  std::ranges::stable_sort(out.antecedents, {}, [](const AntecedentView& a) { return a.other.year; });
  return {};
}

Result<void> read_family(store::Transaction& tx, const Catalogue& catalogue, Language language,
                         const std::string& parent, CommitmentView& out) {
  if (!parent.empty()) {
    auto rows = ATALAYA_TRY(detail::rows_of(tx, catalogue, language, {parent}));
    if (!rows.empty()) {
      out.parent = std::move(rows.front());
    }
  }
  // A parent is known from a document that prints both, and documents are the shorter way.
  const auto children = ATALAYA_TRY(
      tx.query("SELECT id FROM commitments WHERE parent = $1 AND id IN (SELECT k.commitment FROM "
               "appearances a JOIN appearances k ON k.source = a.source AND k.parent_ordinal = "
               "a.ordinal WHERE a.commitment = $1) ORDER BY sort, id",
               {out.row.id}));
  std::vector<std::string> ids;
  for (const auto& row : children) {
    ids.push_back(row.text(0));
  }
  out.children = ATALAYA_TRY(detail::rows_of(tx, catalogue, language, ids));
  return {};
}

Result<void> read_neighbours(store::Transaction& tx, std::int64_t sort, CommitmentView& out) {
  const auto next = ATALAYA_TRY(
      tx.query("SELECT id FROM commitments WHERE document = $1 AND (sort, id) > ($2, $3) ORDER BY "
               "sort, id LIMIT 1",
               {out.row.document, sort, out.row.id}));
  const auto previous = ATALAYA_TRY(
      tx.query("SELECT id FROM commitments WHERE document = $1 AND (sort, id) < ($2, $3) ORDER BY "
               "sort DESC, id DESC LIMIT 1",
               {out.row.document, sort, out.row.id}));
  out.next_id = next.empty() ? "" : next.front().text(0);
  out.previous_id = previous.empty() ? "" : previous.front().text(0);
  return {};
}

Result<CommitmentView> read_commitment(store::Transaction& tx, const Catalogue& catalogue,
                                       const std::string& id, Language language) {
  const auto rows = ATALAYA_TRY(tx.query(
      fmt::format("SELECT {}, c.parent, c.sort, c.gone_from FROM commitments c WHERE c.id = $1",
                  detail::kRowColumns),
      {id}));
  if (rows.empty()) {
    return fail(Error{ErrorCode::not_found,
                      "commitments.not_found",
                      "no commitment has this id",
                      {{"id", id.substr(0, 60)}}});
  }
  CommitmentView out;
  out.row = detail::row_from(rows.front(), 0);
  out.gone_from = rows.front().text(10);
  ATALAYA_TRY(detail::decorate(tx, catalogue, language, {&out.row}));
  ATALAYA_TRY(read_own(tx, id, out));
  ATALAYA_TRY(read_appearances(tx, id, out));
  ATALAYA_TRY(read_wordings(tx, id, out));
  ATALAYA_TRY(read_antecedents(tx, catalogue, language, id, out));
  ATALAYA_TRY(read_family(tx, catalogue, language, rows.front().text_or_empty(8), out));
  ATALAYA_TRY(read_neighbours(tx, rows.front().integer(9), out));
  const auto editor = ATALAYA_TRY(
      tx.query("SELECT set_by FROM titles WHERE commitment = $1 AND language = $2 ORDER BY version "
               "DESC LIMIT 1",
               {id, std::string(to_string(language))}));
  out.title_set_by = editor.empty() ? "catalogue" : editor.front().text(0);
  return out;
}

Result<void> read_paragraphs(store::Transaction& tx, const std::string& id, SourceDetail& out) {
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT role, ordinal, label, block, line, line_end, text, notes FROM paragraphs "
               "WHERE source = $1 ORDER BY line, ordinal",
               {id}));
  for (const auto& row : rows) {
    ParsedItem item;
    for (const ItemRole role :
         {ItemRole::recital, ItemRole::key_question, ItemRole::response_dimension,
          ItemRole::next_step, ItemRole::good_practice}) {
      if (to_string(role) == row.text(0)) {
        item.role = role;
      }
    }
    item.ordinal = small(row.integer(1));
    item.label = row.text(2);
    item.block = row.text(3);
    item.line = small(row.integer(4));
    item.line_end = small(row.integer(5));
    item.text = row.text(6);
    for (const auto note : split(row.text(7), ' ')) {
      if (!note.empty()) {
        item.notes.emplace_back(note);
      }
    }
    out.paragraphs.push_back(std::move(item));
  }
  return {};
}

Result<void> read_named(store::Transaction& tx, const std::string& id, SourceDetail& out) {
  const auto statements = ATALAYA_TRY(
      tx.query("SELECT actor, on_role, on_ordinal, text, line FROM statements_of_position WHERE "
               "source = $1 ORDER BY ordinal",
               {id}));
  for (const auto& row : statements) {
    out.statements.push_back(
        {row.text(0), row.text(1) == "recital" ? ItemRole::recital : ItemRole::operative,
         small(row.integer(2)), row.text(3), small(row.integer(4))});
  }
  const auto states = ATALAYA_TRY(
      tx.query("SELECT printed, country, line FROM document_states WHERE source = $1 ORDER BY "
               "ordinal",
               {id}));
  for (const auto& row : states) {
    out.states.push_back({row.text(0), row.text(1), small(row.integer(2))});
  }
  const auto treaties = ATALAYA_TRY(
      tx.query("SELECT printed, printed_year, instrument, line FROM document_treaties WHERE source "
               "= $1 ORDER BY ordinal",
               {id}));
  for (const auto& row : treaties) {
    out.treaties.push_back(
        {row.text(0), small(row.integer(1)), row.text(2), small(row.integer(3))});
  }
  return {};
}

std::unexpected<Error> no_source(std::string_view id) {
  return fail(Error{ErrorCode::not_found,
                    "commitments.source.not_found",
                    "no source document has this id",
                    {{"id", std::string(id.substr(0, 70))}}});
}

}  // namespace

Result<CommitmentView> Desk::get(std::string_view id, Language language) const {
  CommitmentView view;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    view = ATALAYA_TRY(read_commitment(tx, catalogue(), std::string(id), language));
    return {};
  }));
  return view;
}

Result<std::vector<SourceView>> Desk::sources() const {
  std::vector<SourceView> out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    out.clear();
    const auto rows = ATALAYA_TRY(tx.query(fmt::format(
        "SELECT {} FROM source_documents s ORDER BY s.position", kSourceColumns)));
    for (const auto& row : rows) {
      out.push_back(source_from(row));
      ATALAYA_TRY(count_in_source(tx, state_->source_counts, out.back()));
    }
    return {};
  }));
  return out;
}

Result<SourceDetail> Desk::get_source(std::string_view id) const {
  SourceDetail out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    out = {};
    const std::string key(id);
    const auto rows = ATALAYA_TRY(tx.query(
        fmt::format("SELECT {}, s.lines FROM source_documents s WHERE s.id = $1", kSourceColumns),
        {key}));
    if (rows.empty()) {
      return no_source(id);
    }
    out.source = source_from(rows.front());
    ATALAYA_TRY(count_in_source(tx, state_->source_counts, out.source));
    for (const auto line : split(rows.front().text(16), '\n')) {
      out.lines.emplace_back(line);
    }
    const auto items = ATALAYA_TRY(tx.query(
        fmt::format("SELECT {}, a.commitment FROM appearances a WHERE a.source = $1 ORDER BY "
                    "a.ordinal",
                    detail::kItemColumns),
        {key}));
    for (const auto& row : items) {
      out.items.emplace_back(detail::item_from(row, 0), row.text(detail::kItemColumnCount));
    }
    ATALAYA_TRY(read_paragraphs(tx, key, out));
    return read_named(tx, key, out);
  }));
  return out;
}

Result<std::string> Desk::source_bytes(std::string_view id) const {
  std::string out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(tx.query(
        "SELECT bytes, size FROM source_documents WHERE id = $1", {std::string(id)}));
    if (rows.empty()) {
      return no_source(id);
    }
    out = ATALAYA_TRY(detail::unpack(rows.front().blob(0),
                                     static_cast<std::size_t>(rows.front().integer(1))));
    return {};
  }));
  return out;
}

}  // namespace atalaya::commitments
