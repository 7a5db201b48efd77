#include "search_places.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <atalaya/text/stem.hpp>

namespace atalaya::api {
namespace {

/// Fewer letters begin too many names.
constexpr std::size_t kPrefixBytesMin = 3;
/// A query of more words names no thing.
constexpr std::size_t kWordsMax = 12;

constexpr std::size_t kKinds = 6;
constexpr std::array<std::string_view, kKinds> kKindOrder = {
    "country", "meeting", "indicator", "instrument", "institution", "theme"};

template <class Translated>
std::array<std::string, 4> all_of(const Translated& names) {
  std::array<std::string, 4> out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = names.in(kLanguages[i]);
  }
  return out;
}

std::array<std::string, 4> joined(std::array<std::string, 4> one, std::string_view other) {
  for (auto& text : one) {
    text.append(" ").append(other);
  }
  return one;
}

bool has(const std::vector<std::string>& sorted, const std::string& word) {
  return std::ranges::binary_search(sorted, word);
}

}  // namespace

// The query, cut into words once in each language; `used` words belong to a country's name.
struct Places::Asked {
  std::array<std::vector<text::Token>, 4> tokens;
  std::array<std::vector<bool>, 4> used;

  // What is a function word to the reader is none of the name's words in any language.
  Asked(std::string_view query, Language language) {
    const auto read = text::tokenize_stemmed(query, language);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      tokens[i] = text::tokenize_stemmed(query, kLanguages[i]);
      used[i].assign(tokens[i].size(), false);
      for (std::size_t n = 0; n < std::min(read.size(), tokens[i].size()); ++n) {
        tokens[i][n].stop = tokens[i][n].stop || read[n].stop;
      }
    }
  }

  [[nodiscard]] bool too_long() const { return tokens[0].size() > kWordsMax; }

  [[nodiscard]] bool nothing_left() const {
    return std::ranges::all_of(used[0], [](bool is_used) { return is_used; });
  }
};

Places::Places(const commitments::Catalogue& catalogue, const observatory::Indicators& indicators) {
  for (const auto& country : catalogue.countries()) {
    std::string more = country.id;
    for (const auto& alias : country.aliases) {
      more.append(" ").append(alias);
    }
    add({"country", country.id, "/countries/" + country.id, all_of(country.name), {}},
        joined({}, more));
  }
  for (const auto& meeting : catalogue.meetings()) {
    std::string more = std::to_string(meeting.year);
    for (const auto& alias : meeting.aliases) {
      more.append(" ").append(alias);
    }
    add({"meeting", meeting.id, "/meetings/" + meeting.id, all_of(meeting.name), {}},
        joined(all_of(meeting.city), more));
  }
  for (const auto& indicator : indicators.all()) {
    std::string more;
    for (const auto& code : indicator.series) {
      more.append(" ").append(code);
    }
    add({"indicator", indicator.id, "/figures/" + indicator.id, all_of(indicator.name), {}},
        joined({}, more));
  }
  for (const auto& instrument : catalogue.instruments()) {
    add({"instrument", instrument.id, "/treaties/" + instrument.id, all_of(instrument.name), {}},
        joined(all_of(instrument.short_name), instrument.id));
  }
  for (const auto& institution : catalogue.institutions()) {
    add({"institution",
         institution.id,
         "/institutions/" + institution.id,
         all_of(institution.name),
         {}},
        joined(all_of(institution.acronym), institution.id));
  }
  for (const auto& theme : catalogue.themes()) {
    if (!theme.broader.empty()) {
      add({"theme", theme.id, "/themes/" + theme.id, all_of(theme.label), {}}, {});
    }
  }
}

void Places::add(Thing thing, std::array<std::string, 4> more) {
  for (std::size_t i = 0; i < thing.words.size(); ++i) {
    Words& words = thing.words[i];
    const auto take = [&](std::string_view text, bool is_name) {
      for (auto& token : text::tokenize_stemmed(text, kLanguages[i])) {
        if (token.stop) {
          continue;
        }
        words.needed += is_name ? 1 : 0;
        words.words.push_back(std::move(token.word));
        if (!token.alternative.empty()) {
          words.stems.push_back(std::move(token.alternative));
        }
        words.stems.push_back(std::move(token.stem));
      }
    };
    take(thing.names[i], true);
    take(more[i], false);
    std::ranges::sort(words.stems);
  }
  things_.push_back(std::move(thing));
}

bool Places::has_all(const Thing& thing, const Asked& asked) {
  for (std::size_t i = 0; i < thing.words.size(); ++i) {
    const Words& words = thing.words[i];
    std::size_t found = 0;
    bool all = true;
    for (std::size_t n = 0; all && n < asked.tokens[i].size(); ++n) {
      const text::Token& token = asked.tokens[i][n];
      if (asked.used[i][n] || token.stop) {
        continue;
      }
      const bool last = n + 1 == asked.tokens[i].size() && token.word.size() >= kPrefixBytesMin;
      all = has(words.stems, token.stem) || has(words.stems, token.alternative) ||
            (last && std::ranges::any_of(words.words, [&](const std::string& word) {
               return word.starts_with(token.word);
             }));
      ++found;
    }
    if (all && found > 0) {
      return true;
    }
  }
  return false;
}

// True when the whole name stands in the query, whose words are then used in every language.
bool Places::take_name(const Thing& thing, Asked& asked) {
  for (std::size_t i = 0; i < thing.words.size(); ++i) {
    const Words& words = thing.words[i];
    std::vector<std::size_t> mine;
    for (std::size_t n = 0; n < asked.tokens[i].size(); ++n) {
      const text::Token& token = asked.tokens[i][n];
      // By the word itself: "granadas" is not Granada.
      if (!token.stop && !asked.used[i][n] &&
          std::ranges::find(
              words.words.begin(), words.words.begin() + static_cast<std::ptrdiff_t>(words.needed),
              token.word) != words.words.begin() + static_cast<std::ptrdiff_t>(words.needed)) {
        mine.push_back(n);
      }
    }
    if (words.needed > 0 && mine.size() >= words.needed) {
      for (auto& used : asked.used) {
        for (const std::size_t n : mine) {
          used[n] = true;
        }
      }
      return true;
    }
  }
  return false;
}

std::vector<Place> Places::find(std::string_view query, Language language) const {
  Asked asked(query, language);
  if (asked.too_long() || asked.tokens[0].empty()) {
    return {};
  }
  const auto in = static_cast<std::size_t>(language);
  std::map<std::string_view, std::vector<const Thing*>> found;
  for (const Thing& thing : things_) {
    if (has_all(thing, asked)) {
      found[thing.kind].push_back(&thing);
    }
  }
  const Thing* country = nullptr;
  if (found.empty()) {
    for (const Thing& thing : things_) {
      if (thing.kind == "country" && take_name(thing, asked)) {
        found["country"].push_back(&thing);
        country = country == nullptr ? &thing : country;
      }
    }
    for (const Thing& thing : things_) {
      if (country != nullptr && !asked.nothing_left() && thing.kind == "indicator" &&
          has_all(thing, asked)) {
        found["indicator"].push_back(&thing);
      }
    }
  }
  std::vector<Place> out;
  for (const std::string_view kind : kKindOrder) {
    auto& things = found[kind];
    std::ranges::stable_sort(things, {},
                             [&](const Thing* thing) { return thing->words[in].needed; });
    things.resize(std::min(things.size(), kMostOfKind));
    for (const Thing* thing : things) {
      const bool narrowed = country != nullptr && kind == "indicator";
      out.push_back({thing->kind,
                     narrowed ? thing->names[in] + ", " + country->names[in] : thing->names[in],
                     narrowed ? thing->path + "?territory=" + country->id : thing->path});
    }
  }
  return out;
}

}  // namespace atalaya::api
