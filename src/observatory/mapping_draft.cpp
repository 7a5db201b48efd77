// A first mapping for a file: what headers and values look like, every guess with a comment.
#include <algorithm>
#include <initializer_list>
#include <map>
#include <ranges>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/base/text.hpp>
#include <atalaya/figures/messages.hpp>
#include <atalaya/observatory/mapping_draft.hpp>

#include "mapping_draft_values.hpp"
#include "mapping_titles.hpp"
#include "mapping_values.hpp"

namespace atalaya::observatory {
namespace {

constexpr std::size_t kValuesShown = 60;
constexpr std::string_view kYearPattern = "([0-9]{4})[^0-9]{0,4}";  // also "2023p", "2022 (r)"
constexpr std::size_t kMissingMax = 4;  // more different texts are another kind of column

class Drafter {
 public:
  Drafter(const columns::RawTable& table, std::string_view country, const Territories& territories,
          Language language)
      : table_(table), country_(country), territories_(territories), language_(language) {}

  std::string write() {
    month_titles_ = find_month_titles(table_, title_pattern_);
    used_.insert(month_titles_.begin(), month_titles_.end());
    in_stems_.insert(month_titles_.begin(), month_titles_.end());
    if (month_titles_.empty()) {
      find_stems();
    }
    find_roles();
    find_wide();
    head();
    period();
    territory();
    listed("sex");
    listed("mechanism");
    age();
    citizenship();
    offence();
    value();
    rest();
    return out_;
  }

 private:
  [[nodiscard]] const columns::RawColumn* column(std::string_view role) const {
    const auto at = roles_.find(role);
    return at == roles_.end() ? nullptr : &table_.columns[at->second];
  }

  void take(std::string_view role, std::size_t place) {
    const auto [at, is_new] = roles_.emplace(role, place);
    if (!is_new) {
      used_.erase(at->second);
      at->second = place;
    }
    used_.insert(place);
  }

  [[nodiscard]] bool plausible(std::string_view role, const columns::RawColumn& c) const {
    const bool world = country_.empty() && has_country_;
    return fits_role(role, c, {table_, territories_, world, !month_titles_.empty()});
  }

  void find_stems() {
    for (auto& stem : stems_of(table_)) {
      used_.insert(stem.places.begin(), stem.places.end());
      in_stems_.insert(stem.places.begin(), stem.places.end());
      stems_.push_back(std::move(stem.text));
    }
  }

  void find_roles() {
    std::vector<std::size_t> places;
    has_country_ = names_countries(table_);
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      const auto& c = table_.columns[i];
      const std::string name = fold(squeeze(c.name));
      if (in_stems_.contains(i)) {
        continue;
      }
      for (const auto& hint : hints()) {
        const bool fits = std::ranges::any_of(
            hint.words, [&](std::string_view word) { return says(name, word); });
        if (!fits || !plausible(hint.role, c)) {
          continue;
        }
        if (hint.role == "place") {
          places.push_back(i);
          break;
        }
        const auto* held = column(hint.role);
        // Of two codes the one of the smaller areas has more values; of offence and kind of offence
        // the one that tells intentional homicide from others, but no text of each case.
        const bool by_values =
            hint.role == "territory_code" || (hint.role == "iccs" && c.values.size() <= 400);
        const bool finer = by_values && held != nullptr && c.values.size() > held->values.size();
        if (held == nullptr || finer) {
          take(hint.role, i);
          break;
        }
      }
    }
    settle(places);
    find_roles_by_values();
    if (column("value") != nullptr && column("population") != nullptr) {
      used_.erase(roles_.at("population"));
      roles_.erase("population");  // a file of counts that also gives the inhabitants
    }
  }

  // A parish is a first subdivision in one country and a third in another: the cells say which.
  void settle(const std::vector<std::size_t>& places) {
    for (const std::size_t i : places) {
      if (is_outer_place(table_.columns[i], country_, territories_) && !column("admin1")) {
        take("admin1", i);
      } else if (column("admin2") == nullptr) {
        take("admin2", i);
      }
    }
  }

  // Where no title names a place, an offence or a time, the cells may.
  void find_roles_by_values() {
    const auto has = [&](std::initializer_list<std::string_view> roles) {
      return std::ranges::any_of(roles, [&](auto role) { return roles_.contains(role); });
    };
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      const auto& c = table_.columns[i];
      if (used_.contains(i) || in_stems_.contains(i) || c.values.size() < 2) {
        continue;
      }
      const bool digits = share_of(c, is_digits) > 0.5;
      const std::string_view role =
          digits ? std::string_view() : role_of_values(c, country_, territories_);
      const bool is_place = role == "territory_code" || role == "admin1" || role == "country";
      if (is_place ? !has({"iso", "territory_code", "admin1", "admin2", "country"})
                   : !role.empty() && !has({role})) {
        has_country_ = has_country_ || role == "country";
        take(role, i);
      } else if (role.empty() && !has({"date", "year", "month"})) {
        const bool years = digits && share_of(c, is_year) > 0.98;
        if (years || (!digits && period_pattern(c, false).share > 0.95)) {
          take(years ? "year" : "date", i);
        }
      }
    }
  }

  // Columns of numbers: a year each, or an offence each.
  void find_wide() {
    for (std::size_t i = 0; i < table_.columns.size() && in_stems_.empty(); ++i) {
      const auto& c = table_.columns[i];
      if (is_year(without_mark(squeeze(c.name)))) {
        years_.push_back(i);
      } else if (!read_date("2000 " + squeeze(c.name), "%Y %B", "").code.empty() &&
                 share_of(c, is_count_or_none) > 0.98) {
        months_.push_back(i);
      } else if (!used_.contains(i) && c.values.size() > 1 &&
                 share_of(c, is_count_or_none) > 0.98 && !is_rate_title(c.name) &&
                 !names_cases(c.name)) {
        numbers_.push_back(i);
      }
    }
    if (years_.size() < 2) {
      years_.clear();
    }
    if (months_.size() < 2) {
      months_.clear();
    }
    if (!years_.empty() || !months_.empty() || numbers_.size() < 3 || column("value") != nullptr ||
        column("population") != nullptr) {
      numbers_.clear();
    }
    used_.insert(years_.begin(), years_.end());
    used_.insert(months_.begin(), months_.end());
    used_.insert(numbers_.begin(), numbers_.end());
  }

  [[nodiscard]] std::vector<std::size_t> amounts() const {
    if (!in_stems_.empty()) {
      return {in_stems_.begin(), in_stems_.end()};
    }
    for (const auto* wide : {&years_, &months_, &numbers_}) {
      if (!wide->empty()) {
        return *wide;
      }
    }
    for (const std::string_view role : {"value", "population"}) {
      if (const auto at = roles_.find(role); at != roles_.end()) {
        return {at->second};
      }
    }
    return {};
  }

  void missing() {
    const auto texts = texts_without_number(table_, amounts());
    if (texts.size() > kMissingMax) {
      return;
    }
    std::map<std::string_view, std::vector<std::string>> by_meaning;
    for (const auto& text : texts) {
      by_meaning[said_of_sign(table_, text)].push_back(toml_text(text));
    }
    const auto list = [&](std::string_view key, std::string_view meaning, const char* why) {
      if (const auto at = by_meaning.find(meaning); at != by_meaning.end()) {
        line(fmt::format("{} = [{}]{}", key, fmt::join(at->second, ", "), guess(why)));
      }
    };
    list("zero", kZeroText, "says_zero");
    // A key stands once: what no note speaks of is beside what one does.
    const bool unclear = by_meaning.contains("");
    auto& missing = by_meaning[kNotGiven];
    missing.insert(missing.end(), by_meaning[""].begin(), by_meaning[""].end());
    std::ranges::sort(missing);
    if (!missing.empty()) {
      list("missing", kNotGiven, unclear ? "missing" : "says_missing");
    }
  }

  void fill_down() {
    const auto places = std::views::values(roles_);
    const auto names = merged_columns(table_, {places.begin(), places.end()});
    if (!names.empty()) {
      line(fmt::format("fill_down = [{}]{}", fmt::join(names, ", "), guess("fill_down")));
    }
  }

  void marks() {
    fill_down();
    missing();
    for (const char mark : {',', '.'}) {
      const bool grouped = std::ranges::any_of(
          amounts(), [&](std::size_t i) { return has_groups(table_.columns[i], mark); });
      if (grouped) {
        line(fmt::format("decimal_mark = \"{}\"", mark == ',' ? '.' : ','));
        line(fmt::format("thousands_mark = \"{}\"{}", mark,
                         guess("grouped", {{"number", fmt::format("1{}234", mark)}})));
        return;
      }
    }
    for (const std::size_t i : amounts()) {
      if (fractions_of(table_.columns[i]).mark == ',') {
        line("decimal_mark = \",\"" + guess("values"));
        return;
      }
    }
    line("decimal_mark = \".\"" + guess("no_mark"));
  }

  // Without the key a fraction is refused.
  void decimals() {
    const std::size_t most = most_decimals(table_, amounts());
    if (most > 0) {
      line(fmt::format("decimals = {}{}", most, guess("values")));
    }
  }

  void line(std::string_view text) { out_ += std::string(text) + '\n'; }

  void column_line(std::string_view key, const columns::RawColumn& c) {
    line(fmt::format("{} = {}{}", key, toml_text(c.name), guess("name_and_values")));
  }

  void head() {
    std::string id;
    for (const char c : fold(table_.file.substr(0, table_.file.find('.')))) {
      id += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
    }
    line("# " + say("head"));
    line("# " + say("head_keys"));
    line(fmt::format("id = {}", toml_text(id.empty() ? "my_mapping" : id.substr(0, 60))));
    line("version = 1");
    line(fmt::format("title = {}", toml_text(table_.file)));
    line(fmt::format("kind = \"{}\"{}", column("population") != nullptr ? "population" : "facts",
                     guess("names")));
    if (!country_.empty()) {
      line(fmt::format("country = {}", toml_text(country_)));
    }
    const std::string_view source = column("population") != nullptr ? "population"
                                    : has_country_                  ? "international"
                                                                    : "police";
    line(fmt::format("source_kind = \"{}\"{}", source,
                     guess("one_of", {{"codes",
                                       "police, forensic, health, justice, prison, survey, "
                                       "migration, population, international"}})));
    if (column("population") == nullptr) {
      line("\n[defaults]");
      const bool events = column("value") != nullptr && counts_incidents(column("value")->name);
      line(fmt::format("unit = \"{}\"{}", events ? "incidents" : "victims", guess("unit")));
      if (has_unclear(table_.header) ||
          (column("iccs") == nullptr && !speaks_of_homicide(table_))) {
        line("# iccs = \"…\"" + note("which_offence_see"));
      } else if (column("iccs") == nullptr && stems_.empty()) {
        line("iccs = \"0101\"" + guess("homicide"));
      }
    }
    line("\n[file]");
    if (table_.header_top > 0) {
      line(fmt::format("header = [{}, {}]{}", table_.header_top, table_.header_line,
                       guess("two_titles")));
    } else if (table_.header_line > 0) {
      line(fmt::format("header = {}", table_.header_line));
      unclear();
    }
    sheets();
    if (table_.delimiter != 0) {
      line(fmt::format(
          "delimiter = {}",
          toml_text(table_.delimiter == '\t' ? "tab" : std::string(1, table_.delimiter))));
    }
    marks();
  }

  void unclear() {
    for (std::size_t i = 0; i < table_.header.size(); ++i) {
      if (is_unclear(table_.header, i)) {
        const auto first = table_.header_line > 1 ? table_.header_line - 1 : 1;
        const std::string rows = fmt::format("[{}, {}]", first, first + 1);
        line("# " + say("unclear", {{"name", toml_text(table_.header[i])}, {"rows", rows}}));
        return;
      }
    }
  }

  // Every sheet is named: those built alike are read, the others are for the reader to judge.
  void sheets() {
    if (table_.sheet.empty()) {
      return;
    }
    std::string alike = toml_text(table_.sheet);
    std::string others;
    std::size_t count = 1;
    for (const auto& other : table_.others) {
      if (other.rows == 0) {
        continue;
      }
      if (other.visible && other.header == table_.header) {
        alike += ", " + toml_text(other.name);
        ++count;
      } else {
        others += fmt::format(
            "{}{}", others.empty() ? "" : ", ",
            say(other.visible ? "sheet_rows" : "sheet_hidden",
                {{"sheet", toml_text(other.name)}, {"rows", std::to_string(other.rows)}}));
      }
    }
    line(count > 1 ? fmt::format("sheets = [{}]{}", alike, guess("same_titles"))
                   : fmt::format("sheet = {}", alike));
    if (!others.empty()) {
      line("# " + say("not_read", {{"sheets", others}}));
    }
  }

  // Without one the mapping is refused until somebody writes it.
  [[nodiscard]] std::string year_of_name() const { return year_in(table_.file); }

  [[nodiscard]] bool has_year() const { return year_of_name() != "YYYY"; }

  void period() {
    if (!years_.empty() || !stems_.empty()) {
      return;  // the names of the columns say it
    }
    line("\n[dimensions.period]");
    if (!month_titles_.empty()) {
      const auto first =
          read_date(squeeze(table_.columns[month_titles_.front()].name), title_pattern_, "");
      line(fmt::format("constant = \"{}\"{}", first.code.substr(0, 4), note("stands_for")));
      line(fmt::format("date = {}", toml_text(title_pattern_)));
      return;
    }
    if (!months_.empty()) {
      line(fmt::format(
          "constant = \"{}\"{}",
          has_year() || column("year") == nullptr ? year_of_name() : std::string("2000"),
          note(has_year() || column("year") != nullptr ? "stands_for" : "write_year")));
      line("date = \"%Y %B\"");
      return;
    }
    if (const auto* date = column("date")) {
      dates(*date, true);
      return;
    }
    const auto* year = column("year");
    const auto* month = column("month");
    if (month != nullptr && period_pattern(*month, false).share > 0.9) {
      dates(*month, false);  // "2023-01", "enero 2023"
      return;
    }
    if (year != nullptr && month != nullptr) {
      line(fmt::format("columns = [{}, {}]{}", toml_text(year->name), toml_text(month->name),
                       guess("names")));
      const bool words = share_of(*month, [](std::string_view text) {
                           return !text.empty() && (text[0] < '0' || text[0] > '9');
                         }) > 0.5;
      line(fmt::format("date = \"{}\"{}", words ? "%Y %B" : "%Y %m", guess("values")));
    } else if (year != nullptr) {
      column_line("column", *year);
    } else if (is_year(year_in(table_.sheet))) {
      line(fmt::format("columns = [\"@year\"{}]{}",
                       month == nullptr ? "" : ", " + toml_text(month->name),
                       guess("year_of_name")));
      const bool numbers = month != nullptr && share_of(*month, is_digits) > 0.5;
      line(fmt::format("date = \"%Y{}\"", month == nullptr ? "" : numbers ? " %m" : " %B"));
    } else if (month != nullptr) {
      months_of_one_year(*month);
    } else {
      line(fmt::format("constant = \"{}\"{}", year_of_name(),
                       has_year() ? guess("no_date") : note("write_year")));
    }
  }

  void dates(const columns::RawColumn& c, bool excel) {
    column_line("column", c);
    const auto best = period_pattern(c, excel);
    line(fmt::format("date = {}{}", toml_text(best.pattern),
                     guess("fits", {{"share", fmt::format("{:.0f}", best.share * 100)}})));
    line("# to = \"month\"" + note("to_month"));
  }

  // Months by name or number, of a year that only the file's name says.
  void months_of_one_year(const columns::RawColumn& c) {
    column_line("column", c);
    line("[dimensions.period.values]" + (has_year() ? guess("year_of_name") : note("write_year")));
    std::set<std::string> seen;
    for (std::uint32_t code = 0; code < c.values.size(); ++code) {
      const std::string text = squeeze(c.values.text(code));
      const bool word = !text.empty() && !is_digits(text);
      const auto month = read_date("2000 " + text, word ? "%Y %B" : "%Y %m", "");
      if (!month.code.empty() && seen.insert(text).second) {
        line(fmt::format("{} = \"{}{}\"", toml_text(text), year_of_name(), month.code.substr(4)));
      }
    }
  }

  void territory() {
    line("\n[dimensions.territory]");
    if (const auto* iso = column("iso")) {
      column_line("column", *iso);
      line("otherwise = \"skip\"" + guess("other_countries"));
      line("empty = \"skip\"" + guess("regions"));
      return;
    }
    if (const auto* code = column("territory_code");
        code != nullptr && (column("country") == nullptr || column("admin2") != nullptr)) {
      territory_code(*code);
      return;
    }
    for (const auto& [role, level] : {std::pair("admin2", "admin2"), std::pair("admin1", "admin1"),
                                      std::pair("country", "country")}) {
      if (const auto* name = column(role)) {
        column_line("column", *name);
        line("match = \"name\"");
        line(fmt::format("level = \"{}\"{}", level, guess("names")));
        const auto* outer = column("admin1");
        const bool is_known = share_of(*name, [&](std::string_view text) {
                                return !territories_.match(text, country_, level).code.empty();
                              }) >= 0.5;
        if (std::string_view(role) == "admin2" && !is_known) {
          line("# " +
               say("names_first", {{"column", toml_text(outer != nullptr ? outer->name : "…")}}));
        }
        if (std::string_view(role) == "admin2" && outer != nullptr) {
          column_line("within", *outer);
        } else if (std::string_view(role) == "admin2") {
          line("# within = \"CO-ANT\"" + note("within"));
        } else if (std::string_view(role) == "country") {
          line("otherwise = \"skip\"" + guess("other_countries"));
        }
        return;
      }
    }
    const bool in_titles = !places_in_titles().empty();
    line(fmt::format("constant = {}{}", toml_text(country_.empty() ? "XXX" : country_),
                     in_titles ? note("stands_for") : guess("no_place")));
  }

  [[nodiscard]] std::map<std::size_t, std::string> places_in_titles() const {
    return codes_in_titles(table_, numbers_, country_, territories_);
  }

  void territory_code(const columns::RawColumn& code) {
    column_line("column", code);
    if (share_of(code, [&](std::string_view text) { return territories_.knows(text); }) >= 0.5) {
      return;
    }
    const std::size_t width = width_of_codes(code);
    line(fmt::format("pad = {}{}", width, guess("pad")));
    const bool filled =
        share_of(code, [](std::string_view text) { return text.ends_with("000"); }) > 0.9;
    if (filled && width > 5) {
      line(fmt::format("first = {}{}", width - 3, guess("end_000")));
    }
    line(fmt::format("prefix = {}{}", toml_text((country_.empty() ? "XXX" : country_) + "_"),
                     country_.empty() ? guess("write_country") : ""));
    line("level = \"admin2\"" + guess("municipalities"));
    line("enroll = true" + guess("enroll"));
    if (const auto* name = column("admin2")) {
      column_line("name_column", *name);
    }
    if (const auto* parent = column("admin1")) {
      column_line("parent_column", *parent);
    } else {
      line("# within = \"CO-ANT\"" + note("within"));
    }
  }

  void values_of(const columns::RawColumn& c, const std::string& dimension) {
    line(fmt::format("[dimensions.{}.values]", dimension));
    const auto* list = territories_.lists().find(dimension);
    std::set<std::string> seen;
    for (std::uint32_t code = 0; code < c.values.size(); ++code) {
      const std::string text = squeeze(c.values.text(code));
      if (text.empty() || !seen.insert(text).second) {
        continue;
      }
      if (seen.size() > kValuesShown) {
        line("# … " + say("more_values", {{"n", std::to_string(c.values.size())}}));
        break;
      }
      if (const std::string special = special_code(text); !special.empty()) {
        line(fmt::format("{} = \"{}\"{}", toml_text(text), special, guess("word")));
        continue;
      }
      if (dimension == "sex" && fold(text) == "m" && share_of(c, is_letter_h) > 0) {
        line(fmt::format("{} = \"F\"{}", toml_text(text), guess("m_beside_h")));
        continue;
      }
      const NameMatches matches = list->match_name(text);
      const auto* sure = matches.sure();
      const bool likely = sure != nullptr && sure->score >= 0.85;
      line(fmt::format("{}{} = {}{}", likely ? "" : "# ", toml_text(text),
                       toml_text(likely ? sure->code->id : "_U"),
                       likely && sure->score < 0.99 ? guess_why(sure->reason)
                       : likely                     ? ""
                                                    : note("which_code")));
    }
  }

  void listed(const std::string& dimension) {
    if (const auto* c = column(dimension)) {
      line(fmt::format("\n[dimensions.{}]", dimension));
      column_line("column", *c);
      values_of(*c, dimension);
    }
  }

  void age() {
    const auto* c = column("age");
    if (c == nullptr) {
      return;
    }
    line("\n[dimensions.age]");
    column_line("column", *c);
    std::set<std::string> words;
    for (std::uint32_t code = 0; code < c->values.size(); ++code) {
      const std::string text = squeeze(c->values.text(code));
      if (!text.empty() && !read_age(text)) {
        words.insert(text);
      }
    }
    if (words.empty()) {
      return;
    }
    line("[dimensions.age.values]" + note("age_words"));
    std::size_t shown = 0;
    for (const auto& word : words) {
      if (++shown <= kValuesShown) {
        const std::string special = special_code(word);
        line(special.empty()
                 ? fmt::format("# {} = \"_U\"{}", toml_text(word), note("which_ages"))
                 : fmt::format("{} = \"{}\"{}", toml_text(word), special, guess("word")));
      }
    }
  }

  void citizenship() {
    const auto* c = column("citizenship");
    if (c == nullptr) {
      return;
    }
    line("\n[dimensions.citizenship]");
    column_line("column", *c);
    const PeopleWords words = people_words(*c, country_, territories_);
    const bool known = !words.own.empty() && words.asked.empty();
    line(known ? "otherwise = \"foreign\"" + guess("foreign")
               : "# otherwise = \"foreign\"" + note("otherwise_foreign"));
    line("[dimensions.citizenship.values]");
    const auto list = [&](const auto& texts, std::string_view form, const std::string& remark) {
      for (const auto& text : texts | std::views::take(kValuesShown)) {
        line(fmt::format(fmt::runtime(form), toml_text(text)) + remark);
      }
    };
    list(words.own, "{} = \"national\"", guess("own_country"));
    list(words.unknown, "{} = \"_U\"", guess("word"));
    list(words.totals, "{} = \"_T\"", guess("word"));
    list(words.others, "{} = \"foreign\"", guess("other_country"));
    list(words.asked, "# {} = \"national\"", note("national_or_foreign"));
  }

  void offence() {
    const auto* c = column("iccs");
    if (c == nullptr) {
      return;
    }
    line("\n[dimensions.iccs]");
    column_line("column", *c);
    line("# otherwise = \"skip\"" + note("other_offences"));
    values_of(*c, "iccs");
  }

  // The offence is what the group is called.
  void stem_columns() {
    for (const auto& stem : stems_) {
      const std::string name(trim(stem.substr(0, stem.size() - 1)));
      const auto matches = territories_.lists().find("iccs")->match_name(name);
      const auto* sure = matches.sure();
      const bool likely = sure != nullptr && sure->score >= 0.85;
      const bool is_total = fold(name).starts_with("total");
      const std::string_view off = is_total ? "# " : "";
      line("");
      line(fmt::format("{}[[measures]]{}", off, guess(is_total ? "sums" : "column_year")));
      line(fmt::format("{}columns = {}", off,
                       toml_text(pattern_text(stem) + std::string(kYearPattern))));
      if (column("iccs") != nullptr) {
        line(std::string(off) + "set = { period = \"$1\" }");
        continue;  // the row says which offence
      }
      line(fmt::format("{}set = {{ iccs = {}, period = \"$1\" }}{}", off,
                       toml_text(likely ? sure->code->id : "_U"),
                       likely ? guess_why(sure->reason) : note("which_offence")));
    }
  }

  void value() {
    if (!stems_.empty()) {
      stem_columns();
      return;
    }
    if (!years_.empty()) {
      line("\n[[measures]]" + guess("column_year"));
      line(fmt::format("columns = {}", toml_text(kYearPattern)));
      line("set = { period = \"$1\" }");
      return;
    }
    if (!months_.empty() || !month_titles_.empty()) {
      month_columns();
      return;
    }
    if (!numbers_.empty()) {
      number_columns();
      return;
    }
    line("\n[value]");
    const auto* c = column("population") != nullptr ? column("population") : column("value");
    if (c != nullptr) {
      column_line("column", *c);
      line("# " + say("or_rows"));
      decimals();
      other_numbers();
      return;
    }
    for (const auto& rate : table_.columns) {
      if (is_rate_title(rate.name) && share_of(rate, is_amount) > 0.9) {
        line("column = \"…\"" + note("only_rates", {{"column", toml_text(rate.name)}}));
        return;
      }
    }
    line("rows = true" + guess("row_one"));
    other_numbers();
  }

  // What might be the count instead.
  void other_numbers() {
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      const auto& c = table_.columns[i];
      if (!used_.contains(i) && c.values.size() > 1 && share_of(c, is_count_or_none) > 0.98 &&
          !is_rate_title(c.name) && !names_cases(c.name) && !names_rows(c, table_.rows)) {
        line("# " + say("or_column", {{"column", toml_text(c.name)}}));
      }
    }
  }

  void number_columns() {
    const auto places = places_in_titles();
    line("\n" + std::string(trim(guess(places.empty() ? "numbers_each" : "places_each"))));
    for (const std::size_t i : numbers_) {
      const auto place = places.find(i);
      if (!places.empty() && place == places.end()) {
        continue;  // a total, or what no subdivision is called
      }
      line("[[measures]]");
      line(fmt::format("column = {}", toml_text(table_.columns[i].name)));
      line(place != places.end()
               ? fmt::format("set = {{ territory = {} }}", toml_text(place->second))
               : "set = { iccs = \"_U\", unit = \"incidents\" }" + guess("what_counted"));
    }
  }

  void month_columns() {
    std::string names;
    for (const std::size_t i : month_titles_.empty() ? months_ : month_titles_) {
      names += (names.empty() ? "" : "|") + pattern_text(squeeze(table_.columns[i].name));
    }
    if (!month_titles_.empty()) {
      line("\n[[measures]]" + guess("column_month"));
      line(fmt::format("columns = {}", toml_text(fmt::format("({})", names))));
      line("set = { period = \"$1\" }");
      return;
    }
    const auto* year = column("year");
    line("\n[[measures]]" + guess("column_month"));
    line(fmt::format("columns = {}", toml_text(fmt::format("({})", names))));
    line(fmt::format("set = {{ period = {} }}",
                     toml_text(year == nullptr ? year_of_name() + " $1"
                                               : fmt::format("{{{}}} $1", year->name))));
  }

  void totals() {
    for (const std::string_view role : {"admin1", "admin2", "country", "date"}) {
      const auto* c = column(role);
      for (std::uint32_t code = 0; c != nullptr && code < c->values.size(); ++code) {
        const std::string text = squeeze(c->values.text(code));
        if (!text.empty() && special_code(text) == kTotal) {
          line("\n[[skip]]");
          column_line("column", *c);
          line(fmt::format("equals = [{}]{}", toml_text(text), guess("sum_of_rows")));
          line("reason = " + toml_text(say("total_row")));
        }
      }
    }
  }

  void rest() {
    totals();
    line("");
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      if (!used_.contains(i)) {
        line("# " + say("not_used", {{"column", table_.columns[i].name},
                                     {"n", std::to_string(table_.columns[i].values.size())}}));
      }
    }
    line(fmt::format("#\n# [[skip]]{}\n# column = \"…\"\n# equals = [\"TOTAL\"]\n# reason = {}",
                     note("no_data"), toml_text(say("total_row"))));
  }

  // Comments are in the language of whoever asked; keys and codes are the same in all.
  [[nodiscard]] std::string say(std::string_view key, figures::Messages::Params params = {}) const {
    return figures::Messages::embedded().text(language_, fmt::format("draft.{}", key), params);
  }

  [[nodiscard]] std::string note(std::string_view key,
                                 figures::Messages::Params params = {}) const {
    return "  # " + say(key, params);
  }

  [[nodiscard]] std::string guess(std::string_view key,
                                  figures::Messages::Params params = {}) const {
    return "  # " + say("guess", {{"what", say(key, params)}});
  }

  [[nodiscard]] std::string guess_why(std::string_view reason) const {
    std::string key = fmt::format("match_{}", reason);
    std::ranges::replace(key, ' ', '_');
    return "  # " + say("guess", {{"what", say(key)}});
  }

  const columns::RawTable& table_;
  std::string country_;
  const Territories& territories_;
  Language language_;
  std::map<std::string_view, std::size_t> roles_;
  std::set<std::size_t> used_;
  bool has_country_ = false;
  std::vector<std::string> stems_;  // "Homicides ", each with a column per year
  std::set<std::size_t> in_stems_;
  std::vector<std::size_t> years_, months_, numbers_;
  std::vector<std::size_t> month_titles_;  // with their year, as `title_pattern_` says
  std::string title_pattern_;
  std::string out_;
};

}  // namespace

std::string draft_mapping(const columns::RawTable& table, std::string_view country,
                          const Territories& territories, Language language) {
  return Drafter(table, country, territories, language).write();
}

}  // namespace atalaya::observatory
