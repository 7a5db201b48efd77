// Which dataflows the releases make, and the codes that they use.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/base/text.hpp>
#include <atalaya/observatory/fact_store.hpp>

#include "desk_state.hpp"
#include "released_rows.hpp"
#include "sdmx_codes.hpp"

namespace atalaya::observatory::sdmx {
namespace {

std::string upper_id(std::string_view indicator) {
  std::string out(indicator);
  for (char& c : out) {
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

// Ours in the order of the catalogue, then the sources, then what sources added.
std::vector<Dimension> dimensions_of(const Codelists& lists, const std::set<std::string>& names) {
  std::vector<Dimension> out = {{"FREQ", "", "CL_FREQ"}, {"REF_AREA", "territory", "CL_AREA"}};
  std::set<std::string> left = names;
  const auto add = [&](const std::string& name) {
    out.push_back({dimension_id(name), name, codelist_id(name)});
  };
  for (const Codelist& list : lists.all()) {
    if (left.erase(list.dimension()) > 0) {
      add(list.dimension());
    }
  }
  for (const std::string& name : left) {
    add(name);
  }
  out.push_back({"UNIT_MEASURE", "", "CL_UNIT_MEASURE"});
  return out;
}

struct Growing {
  Flow flow;
  std::set<std::string> breakdowns;
};

class Builder {
 public:
  Builder(const Desk& desk, const Territories& territories, Catalogue& out)
      : desk_(desk), territories_(territories), out_(out) {}

  Result<void> build() {
    const auto releases = ATALAYA_TRY(desk_.releases());
    for (const Release& release : releases) {
      const auto at = ATALAYA_TRY(parse_utc_time(release.published_at));
      out_.releases.push_back({release.id, release.name, at, release.synthetic});
      out_.changed = std::max(out_.changed, at);
    }
    for (std::size_t i = releases.size(); i-- > 0;) {
      ATALAYA_TRY(add_release(releases[i], i));
    }
    for (auto& [id, growing] : flows_) {
      if (growing.breakdowns.contains("source")) {
        name_sources(growing.flow);
      }
      growing.flow.dimensions = dimensions_of(desk_.codelists(), growing.breakdowns);
      std::ranges::stable_sort(growing.flow.tables, {}, &TableRef::release);
      out_.flows.push_back(std::move(growing.flow));
    }
    for (Flow& flow : out_.flows) {
      ATALAYA_TRY(collect_all(flow));
    }
    write_codelists();
    write_concepts();
    write_groups();
    return {};
  }

 private:
  Result<void> add_release(const Release& release, std::size_t index) {
    std::set<std::string> grown;
    for (const Release::Entry& entry : release.tables) {
      const Indicator* indicator = desk_.indicators().find(entry.indicator);
      if (indicator == nullptr) {
        continue;
      }
      const auto query = ATALAYA_TRY(detail::query_from_json(entry.query));
      const auto [at, is_new] = flows_.try_emplace(indicator->id);
      Growing& growing = at->second;
      if (is_new) {
        const std::string name = upper_id(indicator->id);
        growing.flow.id = "DF_" + name;
        growing.flow.dsd = "DSD_" + name;
        growing.flow.indicator = indicator;
        grown.insert(indicator->id);
      }
      for (const std::string& name : breakdowns_of(query)) {
        if (growing.breakdowns.insert(name).second && grown.insert(indicator->id).second) {
          ++growing.flow.version;
        }
      }
      const auto published = ATALAYA_TRY(published_table(release, entry));
      growing.flow.tables.push_back({index, entry.position, breakdown_of(published), entry.cells});
      queries_.emplace(std::pair{index, entry.position}, query);
      const auto named = ATALAYA_TRY(detail::query_with_sources(entry.query));
      named_.emplace(std::pair{index, entry.position}, named);
      // Where the program chose other sources than for an earlier table, they are told apart, too:
      // two sources are never one series.
      const std::string& first =
          named_.at({growing.flow.tables.front().release, growing.flow.tables.front().position})
              .source;
      if (named.source != first && growing.breakdowns.insert("source").second &&
          grown.insert(indicator->id).second) {
        ++growing.flow.version;
      }
    }
    return {};
  }

  // Once a plan names its source, the earlier ones say theirs: SOURCE = _T would read as all
  // sources together.
  void name_sources(const Flow& flow) {
    for (const TableRef& table : flow.tables) {
      const std::pair at{table.release, table.position};
      queries_.at(at) = named_.at(at);
    }
  }

  Result<void> collect_all(Flow& flow) {
    std::vector<std::set<std::string>> used(flow.dimensions.size());
    times_.clear();
    for (const TableRef& table : flow.tables) {
      ATALAYA_TRY(collect(flow, table, used));
    }
    flow.times.assign(times_.begin(), times_.end());
    used.back().insert(count_unit(*flow.indicator));
    if (const auto rate = rate_unit(*flow.indicator)) {
      used.back().insert(*rate);
    }
    for (auto& codes : used) {
      flow.used.emplace_back(codes.begin(), codes.end());
    }
    return {};
  }

  // Codes are kept under their SDMX names with the one of ours that has the people's name. Only the
  // dictionaries are read: a segment's dictionary holds no code that no cell uses.
  Result<void> collect(Flow& flow, const TableRef& ref, std::vector<std::set<std::string>>& used) {
    const auto columns =
        ATALAYA_TRY(desk_.release_columns(out_.releases[ref.release].id, ref.position));
    if (columns->rows() == 0) {
      return {};
    }
    const auto& query = queries_.at({ref.release, ref.position});
    Cell cell;
    const auto stored = ATALAYA_TRY(stored_codes(*columns, query));
    const auto named = named_codes(RowNames(territories_, query, stored), stored);
    for (const auto& codes : named) {
      cell.codes.push_back(codes.front());
    }
    const CellReader reader(territories_, flow, query, query.by);
    note_codes(flow, reader, cell, used);
    for (std::size_t d = 0; d < query.by.size(); ++d) {
      Cell other = cell;
      for (std::size_t code = 1; code < named[d].size(); ++code) {
        other.codes[d] = named[d][code];
        note_codes(flow, reader, other, used);
      }
    }
    return {};
  }

  void note_codes(Flow& flow, const CellReader& reader, const Cell& cell,
                  std::vector<std::set<std::string>>& used) {
    std::vector<std::string> codes;
    const auto time = reader.read(cell, codes);
    if (time) {
      const CivilDate last = day_before(time->end);
      flow.time = flow.time ? std::pair{std::min(flow.time->first, time->begin),
                                        std::max(flow.time->second, last)}
                            : std::pair{time->begin, last};
      used.front().insert(time->frequency);
      times_.insert(time->time);
    }
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const Dimension& dimension = flow.dimensions[i];
      if (!dimension.ours.empty() && used[i].insert(codes[i]).second) {
        add_code(dimension.ours, codes[i], reader.ours(cell, i));
      }
    }
  }

  void add_code(const std::string& dimension, const std::string& code, const std::string& ours) {
    auto& list = used_[dimension];
    if (!list.emplace(code, ours).second || ours.contains('@')) {
      return;
    }
    const std::string parent = dimension == "territory" ? territories_.parent(ours)
                                                        : desk_.codelists().parent(dimension, ours);
    if (!parent.empty() && parent != ours) {
      add_code(dimension, code_id(territories_, dimension, parent), parent);
    }
  }

  [[nodiscard]] std::string label(const std::string& dimension, std::string_view ours,
                                  Language language) const {
    if (is_composed(ours)) {
      return composed_name(ours, language,
                           [&](std::string_view one) { return label(dimension, one, language); });
    }
    return dimension == "territory" && territories_.knows(ours)
               ? territories_.name(ours, language)
               : desk_.codelists().label(dimension, ours, language);
  }

  [[nodiscard]] Names dimension_name(const std::string& dimension) const {
    if (const Codelist* list = desk_.codelists().find(dimension)) {
      return list->name();
    }
    return dimension == "source" ? text_of("Source", "Fuente", "Fonte", "Source")
                                 : text_of(dimension);
  }

  // Ages have no tree of their own; a group lies below the smallest other one that holds all of it.
  static void place_ages(ItemList& list) {
    for (Item& item : list.items) {
      const auto own = parse_age_code(item.id);
      std::optional<AgeRange> smallest;
      for (const Item& other : list.items) {
        const auto range = parse_age_code(other.id);
        if (own && range && *range != *own && holds(*range, *own) &&
            (!smallest || holds(*smallest, *range))) {
          smallest = range;
          item.above = other.id;
        }
      }
    }
  }

  void write_codelists() {
    out_.codelists = fixed_codelists();
    for (const auto& [dimension, codes] : used_) {
      ItemList list{codelist_id(dimension), dimension_name(dimension), {}};
      for (const auto& [id, ours] : codes) {
        Item item{id, {}, {}};
        for (const Language language : kLanguages) {
          item.name.texts[static_cast<std::size_t>(language)] = label(dimension, ours, language);
        }
        const std::string parent = ours.contains('@') ? std::string()
                                   : dimension == "territory"
                                       ? territories_.parent(ours)
                                       : desk_.codelists().parent(dimension, ours);
        const std::string above =
            parent.empty() ? parent : code_id(territories_, dimension, parent);
        item.parent = above != id && codes.contains(above) ? above : std::string();
        list.items.push_back(std::move(item));
      }
      if (dimension == "age") {
        place_ages(list);
      }
      out_.codelists.push_back(std::move(list));
    }
    std::map<std::string, Names> units;
    for (const Flow& flow : out_.flows) {
      units.emplace(count_unit(*flow.indicator),
                    unit_name(desk_.codelists(), *flow.indicator, false));
      if (const auto rate = rate_unit(*flow.indicator)) {
        units.emplace(*rate, unit_name(desk_.codelists(), *flow.indicator, true));
      }
    }
    ItemList list{
        "CL_UNIT_MEASURE",
        text_of("Unit of measure", "Unidad de medida", "Unidade de medida", "Unité de mesure"),
        {}};
    for (auto& [id, name] : units) {
      list.items.push_back({id, {}, std::move(name)});
    }
    out_.codelists.push_back(std::move(list));
    std::ranges::sort(out_.codelists, {}, &ItemList::id);
  }

  void write_concepts() {
    out_.concepts = {"CS_ATALAYA", text_of("Concepts", "Conceptos", "Conceitos", "Concepts"),
                     fixed_concepts()};
    for (const auto& [dimension, codes] : used_) {
      out_.concepts.items.push_back({dimension_id(dimension), {}, dimension_name(dimension)});
    }
    std::ranges::sort(out_.concepts.items, {}, &Item::id);
  }

  void write_groups() {
    out_.groups = {
        "CAS_INDICATORS", text_of("Indicators", "Indicadores", "Indicadores", "Indicateurs"), {}};
    for (const Flow& flow : out_.flows) {
      out_.group_of.push_back(upper_id(flow.indicator->group));
    }
    for (const IndicatorGroup& group : desk_.indicators().groups()) {
      if (std::ranges::find(out_.group_of, upper_id(group.id)) != out_.group_of.end()) {
        out_.groups.items.push_back({upper_id(group.id), {}, group.name});
      }
    }
  }

  const Desk& desk_;
  const Territories& territories_;
  Catalogue& out_;
  std::map<std::string, Growing> flows_;
  std::map<std::pair<std::size_t, std::int32_t>, TableQuery> queries_;  // by release and position
  std::map<std::pair<std::size_t, std::int32_t>, TableQuery> named_;    // with their sources
  std::set<std::string> times_;                                         // of the flow being read
  std::map<std::string, std::map<std::string, std::string>> used_;      // dimension, SDMX id → ours
};

}  // namespace

const Item* ItemList::find(std::string_view item) const noexcept {
  const auto at = std::ranges::find(items, item, &Item::id);
  return at == items.end() ? nullptr : &*at;
}

bool ItemList::is_tree() const noexcept {
  return std::ranges::any_of(
      items, [](const Item& item) { return !item.parent.empty() || !item.above.empty(); });
}

std::optional<std::size_t> Flow::place(std::string_view dimension) const noexcept {
  const auto at = std::ranges::find(dimensions, dimension, &Dimension::id);
  return at == dimensions.end() ? std::nullopt
                                : std::optional(static_cast<std::size_t>(at - dimensions.begin()));
}

const Flow* Catalogue::find(std::string_view flow) const noexcept {
  const auto at = std::ranges::find(flows, flow, &Flow::id);
  return at == flows.end() ? nullptr : &*at;
}

const ItemList* Catalogue::codelist(std::string_view id) const noexcept {
  const auto at = std::ranges::find(codelists, id, &ItemList::id);
  return at == codelists.end() ? nullptr : &*at;
}

Result<Catalogue> build_catalogue(const Desk& desk, std::string_view organisation) {
  Catalogue out;
  out.organisation = organisation;
  const auto territories = ATALAYA_TRY(desk.territories());
  Builder builder(desk, *territories, out);
  ATALAYA_TRY(builder.build());
  return out;
}

}  // namespace atalaya::observatory::sdmx
