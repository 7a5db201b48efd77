#include <atalaya/observatory/codelists.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "codelists_match.hpp"
#include "codelists_row.hpp"

namespace atalaya::observatory {

constexpr std::string_view kReason = "observatory.codelists.bad";

/// Fills Codelists from the catalogue's files; the only writer of their private members.
class CodelistsReader {
 public:
  static Result<Codelists> read(const CatalogueFiles& files) {
    CodelistsReader reader;
    ATALAYA_TRY(reader.read_dimensions(files));
    ATALAYA_TRY(reader.read_iccs(files));
    ATALAYA_TRY(reader.read_countries(files));
    ATALAYA_TRY(reader.read_territories(files));
    for (auto& list : reader.lists_.lists_) {
      ATALAYA_TRY(reader.index(list));
    }
    ATALAYA_TRY(reader.index(reader.lists_.special_));
    return std::move(reader.lists_);
  }

 private:
  static std::unexpected<Error> bad(std::string_view what) {
    return fail(ErrorCode::invalid_argument, kReason, what);
  }

  Codelist* dimension(std::string_view id) {
    const auto it = std::ranges::find(lists_.lists_, id, &Codelist::dimension_);
    return it == lists_.lists_.end() ? nullptr : &*it;
  }

  /// What every code has, whatever file it stands in.
  static Code read_code(NamedRow& row) {
    Code code;
    code.id = row.text("id");
    code.parent = row.text("parent", false);
    code.name = row.names("name");
    code.aliases = row.list("aliases");
    code.sdmx = row.text("sdmx", false);
    if (code.sdmx.empty()) {
      code.sdmx = code.id;
    }
    return code;
  }

  Result<void> read_dimensions(const CatalogueFiles& files) {
    const auto rows = ATALAYA_TRY(read_rows(files, "observatory/dimensions.json", kReason));
    std::size_t number = 0;
    for (const auto& value : rows) {
      NamedRow row("observatory/dimensions.json", ++number, value);
      Codelist list;
      list.dimension_ = row.text("id");
      list.name_ = row.names("name");
      list.source_ = row.text("source");
      list.levels_ = row.list("levels");
      const std::string kind = row.text("kind");
      list.is_rule_ = kind == "rule";
      list.is_open_ = kind == "open";
      if (kind != "rule" && kind != "open" && kind != "list" && kind != "file") {
        row.complain("\"kind\" is none of list, open, rule, file");
      }
      const auto* codes = row.value("codes");
      row.finish();
      if (codes == nullptr || !codes->is_array()) {
        row.complain("\"codes\" is not a list");
      }
      if (!row.ok()) {
        return bad(row.problem());
      }
      ATALAYA_TRY(read_codes(list, codes->get_array()));
      if (list.dimension_ == "special") {
        lists_.special_ = std::move(list);
      } else {
        lists_.lists_.push_back(std::move(list));
      }
    }
    return {};
  }

  static Result<void> read_codes(Codelist& list, const json::array& rows) {
    std::size_t number = 0;
    for (const auto& value : rows) {
      NamedRow row("observatory/dimensions.json, " + list.dimension_, ++number, value);
      Code code = read_code(row);
      code.source = list.source_;
      row.finish();
      if (!row.ok()) {
        return bad(row.problem());
      }
      list.codes_.push_back(std::move(code));
    }
    return {};
  }

  Result<void> read_iccs(const CatalogueFiles& files) {
    const auto rows = ATALAYA_TRY(read_rows(files, "observatory/iccs.json", kReason));
    Codelist* list = dimension("iccs");
    std::size_t number = 0;
    for (const auto& value : rows) {
      NamedRow row("observatory/iccs.json", ++number, value);
      Code code = read_code(row);
      code.level = static_cast<std::int32_t>(row.number("level", 0));
      code.source = row.text("source");
      for (const auto& language : row.list("unofficial")) {
        const auto known = parse_language(language);
        if (!known) {
          row.complain("\"unofficial\" names an unknown language");
          break;
        }
        code.unofficial.push_back(*known);
      }
      row.finish();
      if (!row.ok() || list == nullptr) {
        return bad(list == nullptr ? "iccs.json without a dimension \"iccs\"" : row.problem());
      }
      list->codes_.push_back(std::move(code));
    }
    return {};
  }

  Result<void> read_countries(const CatalogueFiles& files) {
    const auto rows = ATALAYA_TRY(read_rows(files, "countries.json", kReason));
    Codelist* list = dimension("territory");
    std::size_t number = 0;
    for (const auto& value : rows) {
      NamedRow row("countries.json", ++number, value);
      Code code = read_code(row);
      code.country = code.id;
      code.source = row.text("source");
      const std::string iso2 = row.text("iso2");
      code.aliases.push_back(iso2);
      if (!row.ok() || list == nullptr) {
        return bad(list == nullptr ? "countries.json without a dimension \"territory\""
                                   : row.problem());
      }
      lists_.alpha3_.emplace(iso2, code.id);
      list->codes_.push_back(std::move(code));
    }
    add_sintetia(list);
    return {};
  }

  // The country of made-up microdata (observatory synth). Its code is one that ISO 3166-1 leaves to
  // users, so it can never meet a state's; it is no country of the catalogue.
  static void add_sintetia(Codelist* list) {
    if (list == nullptr) {
      return;
    }
    Code code;
    code.id = "XAA";
    code.country = code.id;
    code.name.texts = {"Sintetia", "Sintetia", "Sintetia", "Sintetia"};
    code.sdmx = code.id;
    code.source = "synthetic; ISO 3166-1 keeps XAA to XZZ for users";
    list->codes_.push_back(std::move(code));
  }

  Result<void> read_territories(const CatalogueFiles& files) {
    const auto rows = ATALAYA_TRY(read_rows(files, "observatory/territories.json", kReason));
    Codelist* list = dimension("territory");
    std::size_t number = 0;
    for (const auto& value : rows) {
      NamedRow row("observatory/territories.json", ++number, value);
      Code code = read_code(row);
      code.level = 2;
      code.country = row.text("country");
      code.parent = code.country;
      code.group = row.text("group", false);
      code.national = row.text("national", false);
      code.is_grouping = row.flag("is_grouping", false);
      code.source = row.text("source");
      row.finish();
      const auto known = lists_.alpha3_.find(code.id.substr(0, 2));
      if (known == lists_.alpha3_.end() || known->second != code.country) {
        row.complain("\"country\" is not the country of the code");
      }
      if (!row.ok() || list == nullptr) {
        return bad(list == nullptr ? "territories.json without a dimension \"territory\""
                                   : row.problem());
      }
      if (!code.national.empty() &&
          !lists_.admin1_national_.emplace(code.country + "/" + code.national, code.id).second) {
        return bad(fmt::format("{}: national code {} twice", code.id, code.national));
      }
      list->codes_.push_back(std::move(code));
    }
    return {};
  }

  static Result<void> index(Codelist& list) {
    for (std::size_t i = 0; i < list.codes_.size(); ++i) {
      if (!list.by_id_.emplace(list.codes_[i].id, i).second) {
        return bad(fmt::format("{}: code {} twice", list.dimension_, list.codes_[i].id));
      }
    }
    for (std::size_t i = 0; i < list.codes_.size(); ++i) {
      ATALAYA_TRY(place(list, i));
      write_names(list, i);
    }
    return {};
  }

  /// Checks the parent and finds the level: its depth, which a file may state too.
  static Result<void> place(Codelist& list, std::size_t at) {
    Code& code = list.codes_[at];
    std::int32_t depth = 1;
    const Code* step = &code;
    while (!step->parent.empty()) {
      const auto parent = list.by_id_.find(step->parent);
      if (parent == list.by_id_.end()) {
        return bad(fmt::format("{}: {} has the parent {}, which is no code", list.dimension_,
                               code.id, step->parent));
      }
      step = &list.codes_[parent->second];
      if (++depth > 8) {
        return bad(fmt::format("{}: {} is its own ancestor", list.dimension_, code.id));
      }
    }
    if (list.dimension_ == "iccs" && code.level != depth) {
      return bad(
          fmt::format("iccs: {} says level {} and stands at {}", code.id, code.level, depth));
    }
    code.level = depth;
    if (static_cast<std::size_t>(depth) > list.levels_.size()) {
      return bad(fmt::format("{}: {} is deeper than the levels", list.dimension_, code.id));
    }
    if (!code.is_grouping) {
      list.children_[code.parent].push_back(at);
    }
    return {};
  }

  static void write_names(Codelist& list, std::size_t at) {
    const Code& code = list.codes_[at];
    const bool territory = list.dimension_ == "territory";
    std::vector<std::string> seen;
    const auto write = [&](std::string_view text, bool is_alias) {
      std::string key = match_key(text, territory);
      if (!key.empty() && std::ranges::find(seen, key) == seen.end()) {
        seen.push_back(key);
        list.written_.push_back({std::move(key), at, is_alias});
      }
    };
    for (const auto& name : code.name.texts) {
      write(name, false);
    }
    for (const auto& alias : code.aliases) {
      write(alias, true);
    }
  }

  Codelists lists_;
};

Result<Codelists> Codelists::load(const std::map<std::string, std::string, std::less<>>& files) {
  return CodelistsReader::read(files);
}

std::shared_ptr<const Codelists> Codelists::embedded() {
  static const auto lists = [] {
    auto loaded = load(embedded_catalogue());
    ATALAYA_CHECK(loaded.has_value());
    return std::make_shared<const Codelists>(std::move(*loaded));
  }();
  return lists;
}

const Codelist* Codelists::find(std::string_view dimension) const noexcept {
  const auto it = std::ranges::find(lists_, dimension, &Codelist::dimension);
  return it == lists_.end() ? nullptr : &*it;
}

const Code* Codelist::find(std::string_view id) const {
  const auto it = by_id_.find(std::string(id));
  return it == by_id_.end() ? nullptr : &codes_[it->second];
}

std::vector<const Code*> Codelist::children(std::string_view id) const {
  std::vector<const Code*> result;
  if (const auto it = children_.find(std::string(id)); it != children_.end()) {
    result.reserve(it->second.size());
    for (const std::size_t at : it->second) {
      result.push_back(&codes_[at]);
    }
  }
  return result;
}

std::vector<const Code*> Codelist::ancestors(std::string_view id) const {
  std::vector<const Code*> result;
  for (const Code* code = find(id); code != nullptr; code = find(code->parent)) {
    result.push_back(code);
  }
  std::ranges::reverse(result);
  return result;
}

const Code* Codelist::ancestor(std::string_view id, std::int32_t level) const {
  const Code* code = find(id);
  while (code != nullptr && code->level > level) {
    code = find(code->parent);
  }
  return code != nullptr && code->level == level ? code : nullptr;
}

}  // namespace atalaya::observatory
