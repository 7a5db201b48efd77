#include "released_rows.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/observatory/codelists_rules.hpp>

#include "desk_state.hpp"

namespace atalaya::observatory {
namespace {

using Codes = std::set<std::string>;
using Marks = std::vector<std::uint8_t>;  // 1 by code

const std::vector<std::string>* chosen(const TableQuery& query, std::string_view name) {
  const auto at = std::ranges::find(query.where, name, [](const auto& term) { return term.first; });
  return at == query.where.end() || at->second.empty() ? nullptr : &at->second;
}

Codes chosen_codes(const TableQuery& query, std::string_view name) {
  const auto* codes = chosen(query, name);
  return codes == nullptr ? Codes() : Codes(codes->begin(), codes->end());
}

bool is_by(const TableQuery& query, std::string_view name) {
  return std::ranges::find(query.by, name, &TableDimension::name) != query.by.end();
}

std::string text_in(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

// The codes that a row's code is of, without what it says of how much of them.
Codes plain_codes(std::string_view code) {
  Codes out;
  for (const auto one : added_codes(code)) {
    const auto outer = rest_of(one);
    out.emplace(outer.empty() ? one : outer);
  }
  return out;
}

// Do two periods have a day in common? What is no period may be any.
bool have_days_in_common(std::string_view a, std::string_view b) {
  const auto first = parse_period(a);
  const auto second = parse_period(b);
  return !first || !second || (first->begin < second->end && second->begin < first->end);
}

// Did a table choose something of what a row is of? No codes: of a dimension that is no column.
template <class Overlap>
bool speaks_of(const TableQuery& query, std::string_view name, const Codes& codes,
               const Overlap& overlap) {
  const auto* scope = chosen(query, name);
  return scope == nullptr || codes.empty() ||
         std::ranges::any_of(*scope, [&](const std::string& outer) {
           return std::ranges::any_of(
               codes, [&](const std::string& code) { return overlap(code, outer); });
         });
}

bool is_all(const Marks& marks) {
  return std::ranges::find(marks, 0) == marks.end();
}

bool is_none(const Marks& marks) {
  return std::ranges::find(marks, 1) == marks.end();
}

class Weighing {
 public:
  Weighing(const Territories& territories, const std::vector<Submission>& submissions,
           const std::vector<Published>& tables)
      : territories_(territories), tables_(tables), out_(tables.size()) {
    for (const auto& one : submissions) {
      submissions_.emplace(one.id, &one);
    }
    for (const auto& table : tables) {
      rows_.emplace_back(territories, table.query);
      countries_.push_back(countries_of(table));
    }
  }

  Result<std::vector<Standing>> run(const TableQuery* asked) {
    find_replaced();
    TableQuery whole;  // any row that is all of its codes
    whole.by = tables_.front().query.by;
    const auto alike = ATALAYA_TRY(alike_for(asked == nullptr ? whole : *asked));
    for (std::size_t i = 0; i < tables_.size(); ++i) {
      if (out_[i].is_replaced) {
        continue;
      }
      const bool is_of_parts = asked == nullptr && !alike[i].answers;
      TableQuery parts = whole;
      parts.where = tables_[i].query.where;
      const auto among = is_of_parts ? ATALAYA_TRY(alike_for(parts)) : alike;
      leave_out_unlike(i, among);
      for (std::size_t newer = 0; newer < i; ++newer) {
        if (out_[newer].is_replaced) {
          continue;
        }
        note_revised(i, newer);
        if (may_meet(i, newer)) {
          ATALAYA_TRY(leave_out_decided(i, newer, among));
          leave_out_revised(i, newer, among);
        }
      }
    }
    return std::move(out_);
  }

 private:
  // How a table stands in one answer.
  struct Answering {
    bool answers = false;
    Codes shut_out;  // countries of which another table's figures stand here
  };

  void find_replaced() {
    for (std::size_t i = 0; i < tables_.size(); ++i) {
      const auto& next = tables_[i];
      out_[i].is_replaced = std::any_of(
          tables_.begin(), tables_.begin() + static_cast<std::ptrdiff_t>(i),
          [&](const Published& seen) {
            return seen.sources == next.sources && seen.shares == next.shares &&
                   seen.release != next.release && choose_alike(seen.query, next.query, true);
          });
    }
  }

  [[nodiscard]] std::string country_of(const std::string& code) const {
    const std::string country = territories_.ancestor(code, "country");
    return country.empty() ? code : country;
  }

  // By code of the column of territories; a table without one is of the country "".
  [[nodiscard]] std::vector<std::string> countries_of(const Published& table) const {
    const auto place = place_of(table, "territory");
    if (!place) {
      return {""};
    }
    std::vector<std::string> out;
    for (const auto& code : table.codes[*place]) {
      out.push_back(country_of(code));
    }
    return out;
  }

  [[nodiscard]] static std::optional<std::size_t> place_of(const Published& table,
                                                           std::string_view name) {
    const auto at = std::ranges::find(table.query.by, name, &TableDimension::name);
    return at == table.query.by.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(at - table.query.by.begin()));
  }

  // One source a series (docs/adr/0009-one-source-a-series.md), divided by one population.
  [[nodiscard]] static bool is_same_series(const Published& a, const Published& b) {
    return a.population_source == b.population_source &&
           (is_by(a.query, "source") || std::ranges::includes(a.sources, b.sources) ||
            std::ranges::includes(b.sources, a.sources));
  }

  // The countries of which rows answer, in every column.
  Result<Codes> answering(RowsOf& asked, std::size_t i) const {
    const Published& table = tables_[i];
    Codes out(countries_[i].begin(), countries_[i].end());
    for (std::size_t c = 0; c < table.codes.size(); ++c) {
      const auto& name = table.query.by[c].name;
      Codes found;
      for (std::size_t code = 0; code < table.codes[c].size(); ++code) {
        if (ATALAYA_TRY(asked.called(name, table.codes[c][code])) == table.codes[c][code]) {
          found.insert(name == "territory" ? countries_[i][code] : std::string());
        }
      }
      if (name == "territory" || found.empty()) {
        out = std::move(found);
      }
      if (out.empty()) {
        break;
      }
    }
    return out;
  }

  Result<std::vector<Answering>> alike_for(const TableQuery& query) const {
    RowsOf asked(territories_, query);
    std::vector<Answering> out(tables_.size());
    std::map<std::string, std::vector<const Published*>> used;  // by country
    const Published* first = nullptr;
    for (std::size_t i = 0; i < tables_.size(); ++i) {
      if (out_[i].is_replaced) {
        continue;
      }
      const Published& table = tables_[i];
      for (const auto& country : ATALAYA_TRY(answering(asked, i))) {
        out[i].answers = true;
        first = first == nullptr ? &table : first;
        auto& others = used[country];
        const bool is_alike =
            first == &table ||
            (table.synthetic == first->synthetic && table.rounded_to == first->rounded_to &&
             table.shares == first->shares && !rests_on_table(query.rate));
        if (is_alike && std::ranges::all_of(others, [&](const Published* other) {
              return is_same_series(*other, table);
            })) {
          others.push_back(&table);
        } else {
          out[i].shut_out.insert(country);
        }
      }
    }
    return out;
  }

  [[nodiscard]] std::vector<Marks> all_marked(std::size_t i) const {
    std::vector<Marks> out;
    for (const auto& column : tables_[i].codes) {
      out.emplace_back(column.size(), 1);
    }
    return out;
  }

  // Of what is marked of one column, keeps what the rule says.
  template <class Is>
  void keep_marked(std::size_t i, std::string_view name, std::vector<Marks>& marks,
                   const Is& is) const {
    if (const auto place = place_of(tables_[i], name)) {
      const auto& codes = tables_[i].codes[*place];
      for (std::size_t code = 0; code < codes.size(); ++code) {
        if (marks[*place][code] != 0 && !is(code, codes[code])) {
          marks[*place][code] = 0;
        }
      }
    }
  }

  void leave_out(std::size_t i, std::vector<Marks> marks, bool is_decided) {
    if (std::ranges::none_of(marks, is_none)) {
      out_[i].left_out.push_back({std::move(marks), is_decided});
    }
  }

  void leave_out_unlike(std::size_t i, const std::vector<Answering>& among) {
    if (among[i].shut_out.empty()) {
      return;
    }
    auto marks = all_marked(i);
    keep_marked(i, "territory", marks, [&](std::size_t code, const std::string& /*text*/) {
      return among[i].shut_out.contains(countries_[i][code]);
    });
    leave_out(i, std::move(marks), false);
  }

  // Most tables that chose periods have none in common: nothing else need be looked at.
  [[nodiscard]] bool may_meet(std::size_t i, std::size_t newer) const {
    const auto place = place_of(tables_[i], "period");
    return !place || std::ranges::any_of(tables_[i].codes[*place], [&](const std::string& code) {
      return speaks_of(tables_[newer].query, "period", plain_codes(code), have_days_in_common);
    });
  }

  // Codes of countries that the newer table speaks of, in the same answer. Nothing: of none.
  [[nodiscard]] std::optional<std::vector<Marks>> of_same_countries(
      std::size_t i, std::size_t newer, const std::vector<Answering>& among) const {
    const Codes spoken(countries_[newer].begin(), countries_[newer].end());
    const auto is_same = [&](const std::string& country) {
      return spoken.contains(country) && !among[newer].shut_out.contains(country);
    };
    if (!is_same_series(tables_[newer], tables_[i]) ||
        std::ranges::none_of(countries_[i], is_same)) {
      return std::nullopt;
    }
    auto marks = all_marked(i);
    keep_marked(i, "territory", marks, [&](std::size_t code, const std::string& /*text*/) {
      return is_same(countries_[i][code]);
    });
    return marks;
  }

  Result<void> leave_out_decided(std::size_t i, std::size_t newer,
                                 const std::vector<Answering>& among) {
    auto marks = of_same_countries(i, newer, among);
    if (!marks) {
      return {};
    }
    const Published& table = tables_[i];
    for (std::size_t c = 0; c < table.codes.size(); ++c) {
      const auto& name = table.query.by[c].name;
      for (std::size_t code = 0; code < table.codes[c].size(); ++code) {
        if ((*marks)[c][code] != 0) {
          const auto& text = table.codes[c][code];
          (*marks)[c][code] = ATALAYA_TRY(rows_[newer].called(name, text)) == text ? 1 : 0;
        }
      }
      if (is_none((*marks)[c])) {
        return {};
      }
    }
    leave_out(i, *std::move(marks), true);
    return {};
  }

  // What the newer table rests on and this one does not, and the other way round.
  [[nodiscard]] std::vector<std::int64_t> revised_between(std::size_t i, std::size_t newer) const {
    std::vector<std::int64_t> out;
    std::ranges::set_symmetric_difference(tables_[i].submissions, tables_[newer].submissions,
                                          std::back_inserter(out));
    std::erase_if(out, [&](std::int64_t id) {
      const auto at = submissions_.find(id);
      return at != submissions_.end() && !(tables_[i].sources.contains(at->second->source) &&
                                           tables_[newer].sources.contains(at->second->source));
    });
    return out;
  }

  // Do rows that the newer table does not speak of rest on facts that were revised?
  void note_revised(std::size_t i, std::size_t newer) {
    const Published& table = tables_[i];
    const auto revised = revised_between(i, newer);
    if (table.release == tables_[newer].release || revised.empty()) {
      return;
    }
    const auto is_silent = [&](std::string_view name, const Codes& codes) {
      return !speaks_of(
          tables_[newer].query, name, codes, [&](const std::string& a, const std::string& b) {
            return name == "period" ? have_days_in_common(a, b)
                                    : territories_.is_within(a, b) || territories_.is_within(b, a);
          });
    };
    const auto rows_of = [&](std::string_view name) {
      const auto place = place_of(table, name);
      return place ? table.codes[*place]
                   : std::vector<std::string>{
                         fmt::format("{}", fmt::join(chosen_codes(table.query, name), "@"))};
    };
    const auto plain = [](const std::string& code) {
      return code.empty() ? Codes() : plain_codes(code);
    };
    const bool is_placed = std::ranges::any_of(rows_of("territory"), [&](const std::string& code) {
      return is_silent("territory", plain(code));
    });
    for (const auto& code : rows_of("period")) {
      const Codes periods = plain(code);
      if ((is_placed || is_silent("period", periods)) &&
          std::ranges::any_of(revised, [&](std::int64_t id) { return is_of(id, "", periods); })) {
        out_[i].revised_since.push_back(newer);
        return;
      }
    }
  }

  // `source` empty: any.
  [[nodiscard]] bool is_of(std::int64_t id, const std::string& source, const Codes& periods) const {
    const auto at = submissions_.find(id);
    if (at == submissions_.end()) {
      return true;
    }
    const Submission& s = *at->second;
    return (source.empty() || s.source == source) &&
           (periods.empty() || std::ranges::any_of(periods, [&](const std::string& code) {
              const auto period = parse_period(code);
              return !period || (to_string(period->begin) < s.period_to &&
                                 s.period_from < to_string(period->end));
            }));
  }

  // Was the newer table made after the source was revised? Then a case of a place and period that
  // it speaks of may have another row there, and would be counted in both.
  void leave_out_revised(std::size_t i, std::size_t newer, const std::vector<Answering>& among) {
    const Published& table = tables_[i];
    const TableQuery& speaking = tables_[newer].query;
    const auto revised = revised_between(i, newer);
    auto marks = table.release == tables_[newer].release || revised.empty()
                     ? std::nullopt
                     : of_same_countries(i, newer, among);
    if (!marks) {
      return;
    }
    keep_marked(i, "territory", *marks, [&](std::size_t /*code*/, const std::string& text) {
      return speaks_of(speaking, "territory", plain_codes(text),
                       [&](const std::string& a, const std::string& b) {
                         return territories_.is_within(a, b) || territories_.is_within(b, a);
                       });
    });
    const auto source = place_of(table, "source");
    const Codes sources =
        source ? Codes(table.codes[*source].begin(), table.codes[*source].end()) : Codes{""};
    for (const auto& one : sources) {
      auto of_source = *marks;
      keep_marked(i, "source", of_source,
                  [&](std::size_t /*code*/, const std::string& text) { return text == one; });
      const auto is_revised = [&](const Codes& periods) {
        return speaks_of(speaking, "period", periods, have_days_in_common) &&
               std::ranges::any_of(revised,
                                   [&](std::int64_t id) { return is_of(id, one, periods); });
      };
      keep_marked(i, "period", of_source, [&](std::size_t /*code*/, const std::string& text) {
        return is_revised(plain_codes(text));
      });
      if (place_of(table, "period") || is_revised(chosen_codes(table.query, "period"))) {
        leave_out(i, std::move(of_source), false);
      }
    }
  }

  const Territories& territories_;
  const std::vector<Published>& tables_;
  std::vector<Standing> out_;
  std::map<std::int64_t, const Submission*> submissions_;
  std::vector<RowsOf> rows_;
  std::vector<std::vector<std::string>> countries_;  // by table and code
};

}  // namespace

Result<Published> published_table(const Release& release, const Release::Entry& entry) {
  Published out;
  out.release = release.id;
  out.position = entry.position;
  out.synthetic = release.synthetic;
  out.query = ATALAYA_TRY(detail::query_from_json(entry.query));
  out.shares = shares_json(out.query.shares);
  out.population_source = text_in(entry.query, "population_source");
  const auto* rounded = entry.query.if_contains("rounded_to");
  if (rounded != nullptr && rounded->is_number()) {
    out.rounded_to = rounded->to_number<std::int64_t>();
  }
  const auto* sources = entry.query.if_contains("sources");
  if (!out.query.source.empty()) {
    out.sources = {out.query.source};
  } else if (sources != nullptr && sources->is_array()) {
    for (const auto& source : sources->get_array()) {
      out.sources.emplace(source.as_string());
    }
  }
  const auto* submissions = entry.query.if_contains("submissions");
  if (submissions != nullptr && submissions->is_array()) {
    for (const auto& id : submissions->get_array()) {
      out.submissions.insert(id.to_number<std::int64_t>());
    }
  }
  return out;
}

Result<void> read_codes(const Desk& desk, const Territories& territories, Published& table) {
  const auto set = ATALAYA_TRY(desk.release_columns(table.release, table.position));
  const auto stored = ATALAYA_TRY(stored_codes(*set, table.query));
  table.codes = named_codes(RowNames(territories, table.query, stored), stored);
  return {};
}

void put_in_order(std::vector<Published>& tables) {
  for (auto begin = tables.begin(); begin != tables.end();) {
    const auto end = std::find_if(begin, tables.end(), [&](const Published& table) {
      return table.release != begin->release;
    });
    std::stable_partition(begin, end,
                          [](const Published& table) { return table.query.shares.empty(); });
    begin = end;
  }
  std::ranges::stable_sort(tables, {}, &Published::synthetic);
}

bool choose_alike(const TableQuery& a, const TableQuery& b, bool columns_too) {
  std::set<std::string> names;
  for (const auto& [name, codes] : a.where) {
    names.insert(name);
  }
  for (const auto& [name, codes] : b.where) {
    names.insert(name);
  }
  return std::ranges::all_of(names, [&](const std::string& name) {
    return (!columns_too && is_by(a, name)) || chosen_codes(a, name) == chosen_codes(b, name);
  });
}

std::string breakdown_of(const Published& table) {
  std::set<std::string> parts;
  for (const auto& dimension : table.query.by) {
    parts.insert(fmt::format("{}:{}", dimension.name, dimension.level));
  }
  for (const auto& [name, codes] : table.query.where) {
    if (!is_by(table.query, name) && !codes.empty()) {
      parts.insert(fmt::format("{}={}", name, fmt::join(chosen_codes(table.query, name), "|")));
    }
  }
  return fmt::format("{};{}", fmt::join(parts, ","),
                     is_by(table.query, "source")
                         ? std::string()
                         : fmt::format("{}", fmt::join(table.sources, "@")));
}

bool rests_on_table(const RateChoice& rate) {
  return rate.kind == RateKind::indirect || rate.kind == RateKind::smoothed;
}

bool Standing::is_empty() const {
  return is_replaced || std::ranges::any_of(left_out, [](const LeftOut& rows) {
           return std::ranges::all_of(rows.marks, is_all);
         });
}

LeftOutRows::LeftOutRows(const Published& table, const Standing& standing) : standing_(standing) {
  if (!standing.left_out.empty()) {
    for (const auto& codes : table.codes) {
      auto& places = places_.emplace_back();
      for (std::size_t code = 0; code < codes.size(); ++code) {
        places.emplace(codes[code], code);
      }
    }
  }
}

const Standing::LeftOut* LeftOutRows::find(const Cell& cell) const {
  const auto at = std::ranges::find_if(standing_.left_out, [&](const auto& rows) {
    for (std::size_t column = 0; column < rows.marks.size(); ++column) {
      if (rows.marks[column][places_[column].at(cell.codes[column])] == 0) {
        return false;
      }
    }
    return true;
  });
  return at == standing_.left_out.end() ? nullptr : &*at;
}

Result<std::vector<Standing>> standings(const Territories& territories,
                                        const std::vector<Submission>& submissions,
                                        const std::vector<Published>& tables,
                                        const TableQuery* asked) {
  return Weighing(territories, submissions, tables).run(asked);
}

Result<std::vector<std::vector<std::string>>> stored_codes(const FactSet& set,
                                                           const TableQuery& query) {
  std::vector<std::vector<std::string>> out;
  for (const TableDimension& dimension : query.by) {
    const auto dictionary = ATALAYA_TRY(set.dictionary(dimension.name));
    auto& codes = out.emplace_back();
    for (std::uint32_t code = 0; code < dictionary->size(); ++code) {
      codes.emplace_back(dictionary->text(code));
    }
  }
  return out;
}

std::vector<std::vector<std::string>> named_codes(const RowNames& names,
                                                  std::vector<std::vector<std::string>> stored) {
  for (std::size_t place = 0; place < stored.size(); ++place) {
    for (auto& code : stored[place]) {
      code = names.name(place, code);
    }
  }
  return stored;
}

}  // namespace atalaya::observatory
