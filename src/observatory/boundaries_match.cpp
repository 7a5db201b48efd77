// Which territory each area of a file is: by a list given by hand, by code, by name; never silently.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/columns/read_table.hpp>
#include <atalaya/observatory/boundaries.hpp>

namespace atalaya::observatory {
namespace {

constexpr std::string_view kHemisphere = "AMERICAS";

bool is_name_key(std::string_view key) {
  const std::string folded = fold(key);
  return folded.find("nam") != std::string::npos || folded.find("nom") != std::string::npos ||
         folded.starts_with("nm") || folded.find("label") != std::string::npos;
}

bool is_code_key(std::string_view key) {
  const std::string folded = fold(key);
  for (const char* part : {"cod", "iso", "cve", "geoid", "ubigeo", "dane", "ibge", "fips", "ccdgo",
                           "divipola", "postal", "adm", "shapeid", "cd_"}) {
    if (folded.find(part) != std::string::npos) {
      return !is_name_key(key);
    }
  }
  return folded == "id" || folded == "ent";
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.size() <= 12 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<std::string> codes_of(const BoundaryFeature& feature) {
  std::vector<std::string> out;
  if (!feature.id.empty()) {
    out.push_back(feature.id);
  }
  for (const auto& [key, text] : feature.properties) {
    if (is_code_key(key)) {
      out.push_back(text);
    }
  }
  return out;
}

using Keys = std::set<std::string, std::less<>>;

// Columns in `parents` name what the area lies in, and not the area.
std::vector<std::string> names_of(const BoundaryFeature& feature, const Keys& parents) {
  std::vector<std::string> out;
  for (const bool by_key : {true, false}) {
    for (const auto& [key, text] : feature.properties) {
      if (is_name_key(key) == by_key && !is_digits(text) && !parents.contains(key)) {
        out.push_back(text);
      }
    }
    if (!out.empty()) {
      break;  // other texts only where nothing looks like a name
    }
  }
  return out;
}

class Matcher {
 public:
  Matcher(const BoundaryOptions& options, const Territories& territories)
      : options_(options), territories_(territories), list_(territories.lists().find("territory")) {
    if (options.country != kHemisphere) {
      // A country's first subdivision says what its two letters are: CO-ANT.
      for (const auto& child : territories.children(options.country)) {
        if (const auto dash = child.find('-'); dash != std::string::npos) {
          alpha2_ = child.substr(0, dash);
          break;
        }
      }
    }
  }

  void prepare(const BoundaryLayer& layer) {
    width_ = 0;
    for (const auto& feature : layer.features) {
      if (is_digits(feature.id)) {
        width_ = std::max(width_, feature.id.size());
      }
    }
    find_parents(layer);
  }

  [[nodiscard]] BoundaryMatch match(const BoundaryFeature& feature) const {
    BoundaryMatch out;
    out.id = feature.id;
    const auto names = names_of(feature, parents_);
    out.name = names.empty() ? "" : names.front();
    if (feature.rings.empty()) {
      out.how = "it has no area";
      return out;
    }
    if (by_hand(out)) {
      return out;
    }
    const auto coded = by_code(feature);
    const TerritoryMatch named = by_name(names, parent_of(feature));
    if (!coded.empty() && !named.code.empty() && coded != named.code && !named.is_guess) {
      if (is_digits(out.id)) {  // another office's numbers
        out.code = named.code;
        out.how = fmt::format("name {}; the id would be {}", named.reason, coded);
        out.is_guess = true;
      } else {
        out.how = fmt::format("its id says {} and its name {}; say which with --map", coded,
                              named.code);
      }
    } else if (!coded.empty()) {
      out.code = coded;
      out.how = "code";
    } else if (!named.code.empty()) {
      out.code = named.code;
      out.how = "name " + named.reason;
      out.is_guess = named.is_guess;
    } else {
      out.how = names.empty() ? "it has neither a known code nor a name"
                              : "no territory of that code or name: " + named.reason;
    }
    return out;
  }

 private:
  [[nodiscard]] bool fits(std::string_view code) const {
    if (options_.level == "admin2") {
      return (territories_.level(code) == "admin2" ||
              territories_.lists().is_valid("territory", code)) &&
             territories_.level(code) != "country" && territories_.level(code) != "admin1" &&
             territories_.lists().country_of(code) == options_.country;
    }
    return territories_.level(code) == options_.level &&
           (options_.level == "country" ||
            territories_.lists().country_of(code) == options_.country);
  }

  bool by_hand(BoundaryMatch& out) const {
    for (const auto& text : {out.id, out.name}) {
      if (const auto at = options_.map.find(text); !text.empty() && at != options_.map.end()) {
        out.code = at->second;
        out.how = "map";
        if (!out.code.empty() && !fits(out.code)) {
          out.how = fmt::format("the map gives {}, which is no {} of {}", out.code, options_.level,
                                options_.country);
          out.code.clear();
        }
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] std::string by_code(const BoundaryFeature& feature) const {
    for (const auto& text : codes_of(feature)) {
      if (fits(text)) {
        return text;
      }
      if (options_.level == "admin1" && text.find('.') == std::string::npos) {
        if (const std::string iso = alpha2_ + "-" + text; fits(iso)) {
          return iso;
        }
      }
      if (!is_digits(text)) {
        continue;
      }
      if (options_.level == "admin1") {
        const std::string padded = text.size() == 1 ? "0" + text : text;
        const auto matches = list_->match_name(padded, {options_.country, 2});
        if (const auto* sure = matches.sure(); sure != nullptr && fits(sure->code->id)) {
          return sure->code->id;
        }
      } else if (options_.level == "admin2") {
        // Numbers lose their leading zeros in JSON.
        const std::string code =
            fmt::format("{}_{:0>{}}", options_.country, text, std::max(width_, text.size()));
        if (fits(code)) {
          return code;
        }
      }
    }
    return {};
  }

  // Which columns of a layer of municipalities say in which first-level subdivision each lies:
  // those of whose texts nine in ten are the sure names of some, beside another that names the area.
  void find_parents(const BoundaryLayer& layer) {
    parents_.clear();
    if (options_.level != "admin2") {
      return;
    }
    std::map<std::string, Keys> texts;
    for (const auto& feature : layer.features) {
      for (const auto& [key, text] : feature.properties) {
        if (!text.empty() && !is_digits(text)) {
          texts[key].insert(text);
        }
      }
    }
    for (const auto& [key, values] : texts) {
      const auto known = std::ranges::count_if(
          values, [this](const std::string& text) { return !subdivision_of(text).empty(); });
      // What is the same on every row ("Colombia", "Municipio") names none of them.
      const bool is_constant = values.size() == 1 && layer.features.size() > 1;
      if (is_constant || 10 * static_cast<std::size_t>(known) >= 9 * values.size()) {
        parents_.insert(key);
      }
    }
    if (parents_.size() == texts.size()) {
      parents_.clear();
    }
  }

  [[nodiscard]] std::string subdivision_of(std::string_view text) const {
    const auto match = territories_.match(text, options_.country, "admin1");
    return match.reason.starts_with("spelling") ? std::string() : match.code;
  }

  // The subdivision that the area's own row names; empty where it names none, or two.
  [[nodiscard]] std::string parent_of(const BoundaryFeature& feature) const {
    std::string out;
    for (const auto& [key, text] : feature.properties) {
      const auto code = parents_.contains(key) ? subdivision_of(text) : std::string();
      if (!code.empty() && !out.empty() && code != out) {
        return {};
      }
      out = code.empty() ? out : code;
    }
    return out;
  }

  [[nodiscard]] TerritoryMatch by_name(const std::vector<std::string>& names,
                                       const std::string& parent) const {
    TerritoryMatch guess;
    for (const auto& name : names) {
      auto match = territories_.match(name,
                                      options_.level == "country" ? std::string_view()
                                      : parent.empty()            ? options_.country
                                                                  : parent,
                                      options_.level);
      // A name alone is not taken across the subdivision that its row names.
      if (!parent.empty() && !match.code.empty() && !territories_.is_within(match.code, parent)) {
        match = {"", "no such name in " + parent, false};
      }
      // Names of all the world's countries are near to many: only sure ones.
      if (match.is_guess && options_.level == "country") {
        continue;
      }
      if (!match.code.empty() && !match.is_guess) {
        return match;
      }
      if (guess.code.empty() && (!match.code.empty() || guess.reason.empty())) {
        guess = std::move(match);
      }
    }
    return guess;
  }

  const BoundaryOptions& options_;
  const Territories& territories_;
  const Codelist* list_;
  std::string alpha2_;
  Keys parents_;
  std::size_t width_ = 0;
};

// Land of the hemisphere that is no state of it: drawn without a name. Overseas parts belong to
// states elsewhere, so it is each ring's own place that counts.
bool in_hemisphere(const GeoRing& ring) {
  double x = 0;
  double y = 0;
  for (const auto& p : ring) {
    x += p.longitude;
    y += p.latitude;
  }
  const auto n = static_cast<double>(ring.size());
  return x / n > -170 && x / n < -20 && y / n > -57 && !(x / n > -30 && y / n < 60);
}

void keep_one_side(std::vector<BoundaryShape>& shapes) {
  bool east = false;
  bool west = false;
  for (const auto& shape : shapes) {
    for (const auto& ring : shape.rings) {
      for (const auto& p : ring) {
        east = east || p.longitude > 90;
        west = west || p.longitude < -90;
      }
    }
  }
  if (!east || !west) {
    return;
  }
  for (auto& shape : shapes) {
    for (auto& ring : shape.rings) {
      for (auto& p : ring) {
        p.longitude -= p.longitude > 90 ? 360 : 0;
      }
    }
  }
}

std::size_t points_in(const std::vector<BoundaryShape>& shapes) {
  std::size_t n = 0;
  for (const auto& shape : shapes) {
    for (const auto& ring : shape.rings) {
      n += ring.size();
    }
  }
  return n;
}

double tolerance_degrees(const std::vector<BoundaryShape>& shapes, double share) {
  double west = 1e9;
  double east = -1e9;
  double south = 1e9;
  double north = -1e9;
  for (const auto& shape : shapes) {
    for (const auto& ring : shape.rings) {
      for (const auto& p : ring) {
        west = std::min(west, p.longitude);
        east = std::max(east, p.longitude);
        south = std::min(south, p.latitude);
        north = std::max(north, p.latitude);
      }
    }
  }
  const double squeeze = std::cos((south + north) / 2 * std::numbers::pi / 180);
  return west > east ? 0 : std::hypot((east - west) * squeeze, north - south) * share;
}

std::vector<std::string> wanted_codes(const BoundaryOptions& options,
                                      const Territories& territories) {
  std::vector<std::string> out;
  const auto walk = [&](const auto& self, const std::string& code) -> void {
    if (territories.level(code) == options.level) {
      out.push_back(code);
      return;
    }
    for (const auto& child : territories.children(code)) {
      self(self, child);
    }
  };
  walk(walk, options.country == kHemisphere ? "" : options.country);
  std::ranges::sort(out);
  return out;
}

// "México" is a state and a city: whichever of the two no other area has taken, and reported.
void take_what_is_left(std::vector<BoundaryMatch>& matches, std::set<std::string>& codes,
                       const BoundaryOptions& options, const Territories& territories) {
  if (options.level != "admin1") {
    return;
  }
  for (auto& match : matches) {
    if (!match.code.empty() || !match.how.ends_with("more than one such name")) {
      continue;
    }
    std::set<std::string> left;
    const auto named = territories.lists().find("territory")->match_name(
        match.name, {options.country, 2});
    for (const auto& candidate : named.candidates) {
      if (candidate.score >= 0.9 && !codes.contains(candidate.code->id)) {
        left.insert(candidate.code->id);
      }
    }
    if (left.size() == 1) {
      match.code = *left.begin();
      match.how = "the only one of that name that is left";
      match.is_guess = true;
      codes.insert(match.code);
    }
  }
}

// An area known by nothing but its name is no part of another whose code the file gives: two places
// of one name are more likely. It is left out and reported.
void part_namesakes(std::vector<BoundaryMatch>& matches, const BoundaryOptions& options) {
  std::map<std::string, std::string> coded;  // code, the file's id
  for (const auto& match : matches) {
    if (!match.code.empty() && match.how == "code") {
      coded.emplace(match.code, match.id);
    }
  }
  for (auto& match : matches) {
    const auto at = coded.find(match.code);
    if (options.level == "country" || at == coded.end() || !match.how.starts_with("name ")) {
      continue;
    }
    match.how = fmt::format("its name is that of {}, which the file's area {} is by its code; say "
                            "which this one is with --map",
                            match.code, at->second);
    match.code.clear();
    match.is_guess = false;
  }
}

struct Tried {
  const BoundaryLayer* layer = nullptr;
  std::vector<BoundaryMatch> matches;
  std::set<std::string> codes;
};

Result<Tried> best_layer(const std::vector<BoundaryLayer>& layers, const BoundaryOptions& options,
                         const Territories& territories) {
  Matcher matcher(options, territories);
  Tried best;
  for (const auto& layer : layers) {
    Tried tried{&layer, {}, {}};
    matcher.prepare(layer);
    for (const auto& feature : layer.features) {
      tried.matches.push_back(matcher.match(feature));
    }
    part_namesakes(tried.matches, options);
    for (const auto& match : tried.matches) {
      if (!match.code.empty()) {
        tried.codes.insert(match.code);
      }
    }
    take_what_is_left(tried.matches, tried.codes, options, territories);
    const bool fewer = best.layer != nullptr && tried.codes.size() == best.codes.size() &&
                       layer.features.size() < best.layer->features.size();
    if (best.layer == nullptr || tried.codes.size() > best.codes.size() || fewer) {
      best = std::move(tried);
    }
  }
  if (best.codes.empty()) {
    std::string examples;
    for (const auto& match : best.matches) {
      if (examples.size() < 300) {
        examples += fmt::format("{}{} \"{}\"", examples.empty() ? "" : ", ", match.id, match.name);
      }
    }
    return fail(Error{ErrorCode::not_found,
                      "observatory.boundaries.none",
                      fmt::format("no area of the file is a territory of {} at level {}; the file "
                                  "has {}. Look at --country and --level, or give --map",
                                  options.country, options.level,
                                  examples.empty() ? "no areas" : examples),
                      {{"country", options.country}}});
  }
  return best;
}

}  // namespace

Result<BoundaryMap> parse_boundary_map(std::string_view csv, std::string_view file) {
  BoundaryMap out;
  std::size_t line = 0;
  for (std::string_view text : split(csv, '\n')) {
    ++line;
    text = trim(text);
    if (text.empty() || (line == 1 && fold(text).starts_with("id"))) {
      continue;
    }
    const auto comma = text.rfind(',');
    if (comma == std::string_view::npos) {
      return fail(Error{ErrorCode::invalid_argument,
                        "observatory.boundaries.map",
                        fmt::format("{}, line {}: \"{}\" is not `id or name,code`", file, line,
                                    text.substr(0, 60)),
                        {{"file", std::string(file)}, {"line", std::to_string(line)}}});
    }
    std::string_view from = trim(text.substr(0, comma));
    if (from.size() >= 2 && from.front() == '"' && from.back() == '"') {
      from = from.substr(1, from.size() - 2);
    }
    out[std::string(from)] = std::string(trim(text.substr(comma + 1)));
  }
  return out;
}

Result<std::pair<BoundarySet, BoundaryReport>> match_boundaries(
    const std::vector<BoundaryLayer>& layers, const BoundaryOptions& options,
    const Territories& territories) {
  auto best = ATALAYA_TRY(best_layer(layers, options, territories));
  BoundarySet set;
  set.country = options.country;
  set.level = options.level;
  std::map<std::string, BoundaryShape> shapes;
  for (std::size_t i = 0; i < best.matches.size(); ++i) {
    const auto& feature = best.layer->features[i];
    auto& match = best.matches[i];
    const bool is_land = match.code.empty() && options.country == kHemisphere;
    if (match.code.empty() && !is_land) {
      continue;
    }
    const auto [at, is_new] = shapes.try_emplace(match.code);
    if (!is_new && !is_land) {
      match.how += "; joined to another area of the same code";
      match.is_guess = true;
    }
    auto& shape = at->second;
    if (is_new && !is_land) {
      shape.code = match.code;
      const bool listed = territories.knows(match.code);
      shape.name = listed ? territories.name(match.code, Language::es) : match.name;
    }
    for (const auto& ring : feature.rings) {
      if (options.country != kHemisphere || in_hemisphere(ring) || match.code == "USA") {
        shape.rings.push_back(ring);
      }
    }
  }
  for (auto& [code, shape] : shapes) {
    set.shapes.push_back(std::move(shape));
  }
  BoundaryReport report;
  report.layer = best.layer->name;
  report.matches = std::move(best.matches);
  for (const auto& code : wanted_codes(options, territories)) {
    if (!best.codes.contains(code)) {
      report.missing.push_back(code);
    }
  }
  report.points_read = points_in(set.shapes);
  keep_one_side(set.shapes);
  simplify_shapes(set.shapes, tolerance_degrees(set.shapes, options.tolerance));
  report.points_kept = points_in(set.shapes);
  return std::pair{std::move(set), std::move(report)};
}

}  // namespace atalaya::observatory
