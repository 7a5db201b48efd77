// One commitment, one source document: everything that a page about it shows.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "desk_state.hpp"
#include "governing.hpp"
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

ClauseView clause_from(const store::Row& row, std::size_t first) {
  ClauseView out;
  out.ordinal = small(row.integer(first));
  out.begin = small(row.integer(first + 1));
  out.end = small(row.integer(first + 2));
  out.language = row.text(first + 3);
  out.verb = row.text(first + 4);
  out.verb_printed = row.text(first + 5);
  out.addressee = row.text(first + 6);
  out.addressee_printed = row.text(first + 7);
  out.deliverable = row.text(first + 8);
  out.due = row.text(first + 9);
  out.formulation = row.text(first + 10);
  if (const auto parsed = parse_json(row.text(first + 11), "qualifiers"); parsed && parsed->is_array()) {
    for (const auto& qualifier : parsed->as_array()) {
      if (const auto* text = qualifier.if_string()) {
        out.qualifiers.emplace_back(*text);
      }
    }
  }
  out.set_by = row.text(first + 12);
  out.depends_on = small(row.integer(first + 13));
  out.verb_from_chapeau = row.integer(first + 14) != 0;
  out.due_latest = row.text(first + 15);
  out.due_event = row.text(first + 16);
  return out;
}

using NumberedLines = std::vector<std::pair<std::int32_t, std::string>>;

// The item's own lines, and the nearest lines with text before and after it; in front of them the
// lead-in that governs it, if it stands further up.
void cut_lines(const std::string& text, const std::vector<LeadIn>& leads, AppearanceView& view) {
  const auto lines = split(text, '\n');
  view.line_count = small(static_cast<std::int64_t>(lines.size()));
  const auto add = [&](NumberedLines& to, std::int32_t number) {
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
  for (const LeadIn& lead : leads) {
    const bool governs = lead.first <= view.item.ordinal && view.item.ordinal <= lead.last;
    const std::int32_t nearest = view.before.empty() ? first : view.before.back().first;
    for (std::int32_t n = std::min(lead.line_end, nearest - 1); governs && n >= lead.line; --n) {
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

// What a person set in a text above and a clause that rules read takes from there: it stands in no
// words of the clause's own.
void say_set_above(const std::string& who, std::string_view field, const std::string& value,
                   CommitmentView& out) {
  bool dated = false;
  for (DueView& due : out.dues) {
    if (field == "due" && due.set_by == "rule" && due.printed.empty() && due.edtf == value) {
      due.set_above_by = due.set_above_by.empty() ? who : due.set_above_by;
      dated = true;
    }
  }
  for (ClauseView& clause : out.clauses) {
    // Where the date above was withdrawn, that there is none is what a person said.
    const bool undated = value.empty() && clause.due.empty() && clause.formulation != "declaratory";
    const bool takes =
        (field == "due" && (dated || undated) && clause.due == value) ||
        (field == "verb" && clause.verb_from_chapeau && clause.verb == value) ||
        (field == "addressee" && clause.addressee_printed.empty() && clause.addressee == value);
    if (takes && clause.set_by == "rule" && clause.set_above_by.empty()) {
      clause.set_above_by = who;
    }
  }
}

// Reads what is kept of many commitments at once: one query for each table, whatever their number.
// The commitments are those of `views`, by id.
class ManyReader {
 public:
  ManyReader(store::Transaction& tx, detail::Views& views, detail::KnownSources& sources)
      : tx_(tx), views_(views), sources_(sources) {
    for (const auto& [id, view] : views) {
      ids_.push_back(id);
    }
  }

  Result<void> read(detail::Lines lines) {
    ATALAYA_TRY(read_rows());
    ATALAYA_TRY(read_texts());
    ATALAYA_TRY(read_links());
    ATALAYA_TRY(read_clauses());
    ATALAYA_TRY(read_dues());
    ATALAYA_TRY(read_set_above());
    ATALAYA_TRY(read_statements());
    ATALAYA_TRY(read_appearances(lines));
    ATALAYA_TRY(read_wordings());
    return read_antecedents();
  }

 private:
  // `sql` holds {} where "IN ($1, …)" of the ids belongs; the first column is the commitment's id.
  template <class Visit>
  Result<void> each(std::string_view sql, Visit visit) {
    detail::Where where;
    const std::string in = "IN (" + where.list(ids_) + ")";
    const auto rows = ATALAYA_TRY(
        tx_.query(fmt::format(fmt::runtime(sql), in), where.parameters()));
    for (const auto& row : rows) {
      if (const auto it = views_.find(row.text(0)); it != views_.end()) {
        visit(row, it->second);
      }
    }
    return {};
  }

  Result<void> read_rows() {
    return each(
        "SELECT c.id, c.meeting, c.document, c.year, c.role, c.theme, c.actionable, c.held, "
        "c.gone_from, p.id FROM commitments c LEFT JOIN commitments p ON p.id = c.parent WHERE "
        "c.id {}",
        [](const store::Row& row, CommitmentView& out) {
          out.row = detail::row_from(row, 0);
          out.gone_from = row.text(8);
          if (!row.is_null(9)) {
            out.parent.emplace().id = row.text(9);
          }
        });
  }

  Result<void> read_texts() {
    return each(
        "SELECT commitment, language, standing, text, source FROM commitment_texts WHERE commitment "
        "{} ORDER BY standing, language",
        [](const store::Row& row, CommitmentView& out) {
          out.texts.push_back({row.text(1), row.text(2), row.text(3), row.text(4)});
        });
  }

  Result<void> read_links() {
    return each(
        "SELECT commitment, kind, target, set_by FROM commitment_links WHERE commitment {} ORDER BY "
        "kind, position, target",
        [](const store::Row& row, CommitmentView& out) {
          auto& list = row.text(1) == "theme"        ? out.themes
                       : row.text(1) == "instrument" ? out.instruments
                                                     : out.institutions;
          list.push_back(row.text(2));
          out.link_set_by[row.text(1) + ":" + row.text(2)] = row.text(3);
        });
  }

  Result<void> read_clauses() {
    return each(
        "SELECT commitment, ordinal, span_begin, span_end, language, verb, verb_printed, addressee, "
        "addressee_printed, deliverable, due, formulation, qualifiers, set_by, depends_on, "
        "verb_from_chapeau, due_latest, due_event, (SELECT COALESCE(MAX(v.version), 0) FROM "
        "clause_versions v WHERE v.commitment = clauses.commitment AND v.ordinal = clauses.ordinal) "
        "FROM clauses WHERE commitment {} ORDER BY ordinal",
        [](const store::Row& row, CommitmentView& out) {
          out.clauses.push_back(clause_from(row, 1));
          out.clauses.back().version = row.integer(18);
        });
  }

  Result<void> read_dues() {
    return each(
        "SELECT commitment, edtf, kind, printed, soft, set_by, latest, event FROM dues WHERE "
        "withdrawn_by = '' AND commitment {} ORDER BY ordinal",
        [](const store::Row& row, CommitmentView& out) {
          out.dues.push_back({row.text(1), row.text(2), row.text(3), row.integer(4) != 0,
                              row.text(5), row.text(6), row.text(7)});
        });
  }

  // Needs the clauses and dates. The nearest text above comes first.
  Result<void> read_set_above() {
    return each(
        "WITH RECURSIVE above(commitment, ancestor, depth) AS (SELECT c.id, c.parent, 1 FROM "
        "commitments c WHERE c.parent IS NOT NULL AND c.id {} UNION ALL SELECT a.commitment, "
        "p.parent, a.depth + 1 FROM above a JOIN commitments p ON p.id = a.ancestor WHERE p.parent "
        "IS NOT NULL AND a.depth < 20) "
        "SELECT a.commitment, k.set_by, k.verb, k.addressee, k.due, v.verb, v.addressee, v.due "
        "FROM above a JOIN clauses k ON k.commitment = a.ancestor JOIN clause_versions v ON "
        "v.commitment = k.commitment AND v.ordinal = k.ordinal AND v.version = 0 WHERE k.set_by <> "
        "'rule' ORDER BY a.commitment, a.depth, k.ordinal",
        [](const store::Row& row, CommitmentView& out) {
          constexpr std::string_view kFields[] = {"verb", "addressee", "due"};
          for (std::size_t i = 0; i < std::size(kFields); ++i) {
            if (row.text(2 + i) != row.text(5 + i)) {
              say_set_above(row.text(1), kFields[i], row.text(2 + i), out);
            }
          }
        });
  }

  Result<void> read_statements() {
    return each(
        "SELECT a.commitment, p.actor, p.on_ordinal, p.text, p.line FROM statements_of_position p "
        "JOIN appearances a ON a.source = p.source AND a.ordinal = p.on_ordinal WHERE p.on_role = "
        "'operative' AND a.commitment {}",
        [](const store::Row& row, CommitmentView& out) {
          out.statements.push_back({row.text(1), ItemRole::operative, small(row.integer(2)),
                                    row.text(3), small(row.integer(4))});
        });
  }

  // A document's row is as long as the document, and what stands behind its bytes costs reading
  // them: each document is read once, and its lines only for who shows them.
  Result<void> read_appearances(detail::Lines lines) {
    std::set<std::string> unknown;
    ATALAYA_TRY(each(fmt::format("SELECT a.commitment, {}, a.source FROM appearances a WHERE "
                                 "a.commitment {{}}",
                                 detail::kItemColumns),
                     [&](const store::Row& row, CommitmentView& out) {
                       AppearanceView view;
                       view.item = detail::item_from(row, 1);
                       view.source = row.text(detail::kItemColumnCount + 1);
                       if (!sources_.contains(view.source)) {
                         unknown.insert(view.source);
                       }
                       out.appearances.push_back(std::move(view));
                     }));
    ATALAYA_TRY(read_sources({unknown.begin(), unknown.end()}));
    for (auto& [id, view] : views_) {
      for (auto& appearance : view.appearances) {
        const detail::KnownSource& source = sources_[appearance.source];
        appearance.source_file = source.file_name;
        appearance.source_title = source.title;
        appearance.source_theme = source.theme;
        appearance.language = source.language;
        appearance.imported_at = source.imported_at;
        appearance.newest = source.newest;
        if (lines == detail::Lines::wanted) {
          const auto row = ATALAYA_TRY(tx_.query_one(
              "SELECT lines FROM source_documents WHERE id = $1", {appearance.source}));
          const auto held = ATALAYA_TRY(detail::read_governed(tx_, appearance.source));
          cut_lines(row.text(0), held.leads, appearance);
        }
      }
      std::ranges::sort(view.appearances, {}, [&](const AppearanceView& appearance) {
        return std::pair(sources_[appearance.source].position, appearance.item.ordinal);
      });
    }
    return {};
  }

  Result<void> read_sources(const std::vector<std::string>& ids) {
    for (std::size_t at = 0; at < ids.size(); at += 400) {
      const std::vector<std::string> chunk(
          ids.begin() + static_cast<std::ptrdiff_t>(at),
          ids.begin() + static_cast<std::ptrdiff_t>(std::min(at + 400, ids.size())));
      detail::Where where;
      where.add("s.id IN (" + where.list(chunk) + ")");
      const auto rows = ATALAYA_TRY(
          tx_.query("SELECT s.id, s.file_name, s.title, s.theme, s.language, s.imported_at, "
                    "s.position, (SELECT COUNT(*) FROM source_documents n WHERE n.follows = s.id) "
                    "FROM source_documents s" + where.sql(),
                    where.parameters()));
      for (const auto& row : rows) {
        sources_[row.text(0)] = {row.text(1), row.text(2),    row.text(3),        row.text_or_empty(4),
                                 row.text(5), row.integer(6), row.integer(7) == 0};
      }
    }
    return {};
  }

  Result<void> read_wordings() {
    ATALAYA_TRY(each("SELECT later, commitment FROM wordings WHERE later {}",
                     [](const store::Row& row, CommitmentView& out) {
                       out.same_as = row.text(1);
                     }));
    return each(
        "SELECT commitment, later, reason, said_by, said_at FROM wordings WHERE commitment {} ORDER "
        "BY said_at, later",
        [](const store::Row& row, CommitmentView& out) {
          out.wordings.push_back({row.text(1), row.text(2), row.text(3), row.text(4)});
        });
  }

  // Of the other end id and year alone.
  Result<void> read_antecedents() {
    for (const auto& [own, other] : {std::pair("later", "earlier"), std::pair("earlier", "later")}) {
      ATALAYA_TRY(each(
          fmt::format("SELECT x.{}, x.id, x.later, x.earlier, x.type, x.reason, x.confirmed_by, "
                      "x.confirmed_at, x.suggested_because, x.{}, o.year FROM antecedents x JOIN "
                      "commitments o ON o.id = x.{} WHERE x.withdrawn_at IS NULL AND x.{} {{}}",
                      own, other, other, own),
          [](const store::Row& row, CommitmentView& out) {
            AntecedentView view;
            view.id = row.integer(1);
            view.later = row.text(2);
            view.earlier = row.text(3);
            view.type = row.text(4);
            view.reason = row.text(5);
            view.confirmed_by = row.text(6);
            view.confirmed_at = row.text(7);
            view.suggested_because = reasons_from(row.text(8));
            view.other.id = row.text(9);
            view.other.year = small(row.integer(10));
            out.antecedents.push_back(std::move(view));
          }));
    }
    for (auto& [id, view] : views_) {
      std::ranges::sort(view.antecedents, {}, [](const AntecedentView& link) {
        return std::pair(link.other.year, link.id);
      });
    }
    return {};
  }

  store::Transaction& tx_;
  detail::Views& views_;
  detail::KnownSources& sources_;
  std::vector<std::string> ids_;
};

// What a page shows of the other commitments.
Result<void> name_antecedents(store::Transaction& tx, const Catalogue& catalogue, Language language,
                              CommitmentView& out) {
  std::vector<std::string> others;
  for (const auto& antecedent : out.antecedents) {
    others.push_back(antecedent.other.id);
  }
  const auto found = ATALAYA_TRY(detail::rows_of(tx, catalogue, language, others));
  for (auto& antecedent : out.antecedents) {
    const auto it = std::ranges::find(found, antecedent.other.id, &CommitmentRow::id);
    ATALAYA_CHECK(it != found.end());
    antecedent.other = *it;
  }
  return {};
}

Result<void> read_family(store::Transaction& tx, const Catalogue& catalogue, Language language,
                         CommitmentView& out) {
  if (out.parent) {
    auto rows = ATALAYA_TRY(detail::rows_of(tx, catalogue, language, {out.parent->id}));
    out.parent = std::move(rows.front());
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
  const auto rows = ATALAYA_TRY(tx.query("SELECT sort FROM commitments WHERE id = $1", {id}));
  if (rows.empty()) {
    return fail(Error{ErrorCode::not_found,
                      "commitments.not_found",
                      "no commitment has this id",
                      {{"id", id.substr(0, 60)}}});
  }
  detail::Views views;
  detail::KnownSources sources;
  CommitmentView& out = views[id];
  ATALAYA_TRY(ManyReader(tx, views, sources).read(detail::Lines::wanted));
  ATALAYA_TRY(detail::decorate(tx, catalogue, language, {&out.row}));
  ATALAYA_TRY(name_antecedents(tx, catalogue, language, out));
  ATALAYA_TRY(read_family(tx, catalogue, language, out));
  ATALAYA_TRY(read_neighbours(tx, rows.front().integer(0), out));
  const auto editor = ATALAYA_TRY(
      tx.query("SELECT set_by FROM titles WHERE commitment = $1 AND language = $2 ORDER BY version "
               "DESC LIMIT 1",
               {id, std::string(to_string(language))}));
  out.title_set_by = editor.empty() ? "catalogue" : editor.front().text(0);
  return std::move(out);
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

SourceLink link_from(const store::Row& row) {
  return {row.text(0), small(row.integer(1)), row.text(2), row.text(3), small(row.integer(4)),
          small(row.integer(5))};
}

Result<void> read_links(store::Transaction& tx, const std::string& id, SourceDetail& out) {
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT role, ordinal, kind, target, line, printed_year FROM source_links WHERE source = $1 ORDER "
               "BY role, ordinal, kind, line, target",
               {id}));
  for (const auto& row : rows) {
    out.links.push_back(link_from(row));
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

Result<void> detail::read_many(store::Transaction& tx, Views& views, KnownSources& sources) {
  return ManyReader(tx, views, sources).read(Lines::not_wanted);
}

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
    ATALAYA_TRY(read_links(tx, key, out));
    return read_named(tx, key, out);
  }));
  return out;
}

std::vector<std::string> SourceDetail::linked(std::string_view kind, std::string_view role,
                                              std::int32_t ordinal) const {
  std::vector<std::string> out;
  for (const SourceLink& link : links) {
    if (link.kind == kind && link.role == role && link.ordinal == ordinal) {
      out.push_back(link.target);
    }
  }
  return out;
}

Result<std::vector<NamedPlace>> Desk::named_in(std::string_view kind,
                                               std::string_view target) const {
  std::vector<NamedPlace> out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    out.clear();
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT l.role, l.ordinal, l.kind, l.target, l.line, l.printed_year, s.id, s.title, "
                 "s.theme, s.file_name FROM source_links l JOIN source_documents s ON s.id = l.source WHERE "
                 "l.kind = $1 AND l.target = $2 AND NOT EXISTS (SELECT 1 FROM source_documents n "
                 "WHERE n.follows = s.id) ORDER BY s.position, l.role, l.line, l.ordinal",
                 {std::string(kind), std::string(target)}));
    for (const auto& row : rows) {
      out.push_back({row.text(6), row.text(7), row.text(8), row.text(9), link_from(row)});
    }
    return {};
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
