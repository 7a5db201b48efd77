// Dates that bind.
//
// A printed date binds when it lies after the document, or in its year without a word that says it
// is over ("held in"). Dates in names ("the 1988 Convention") and of past events are left alone.
// What kind a binding date is follows from the words around it in the same segment.

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include <atalaya/base/time.hpp>

#include "analysis_date_mentions.hpp"
#include "analysis_date_phrases.hpp"
#include "analysis_parts.hpp"
#include "analysis_verbs.hpp"

namespace atalaya::commitments {

namespace {

/// The words that lead to another body hosting its own meeting; the text only notes it.
bool notes_only(const std::vector<Word>& words, std::size_t first, std::size_t last) {
  for (std::size_t i = first; i < last; ++i) {
    if (scheduled_words().match(words, i) > 0) {
      return true;
    }
  }
  return false;
}

class Finder {
 public:
  Finder(std::string_view text, const std::vector<Word>& words,
         const std::vector<Segment>& segments, const AnalysisContext& context)
      : text_(text), words_(words), segments_(segments), context_(context) {}

  std::vector<Due> run() {
    for (const Segment& segment : segments_) {
      const std::size_t before = dues_.size();
      find_dates(segment);
      find_decade(segment);
      if (dues_.size() == before) {
        find_undated_event(segment);
      }
      find_next_summit(segment);
      find_next_event(segment);
      find_recurring(segment);
      find_relative(segment);
      find_period(segment);
      find_next_year(segment);
      find_conditional(segment);
      find_soft(segment);
    }
    std::ranges::sort(dues_, {}, &Due::span);
    return std::move(dues_);
  }

 private:
  void add(DueKind kind, std::string edtf, std::string latest, std::size_t first, std::size_t last,
           std::string event = {}) {
    Due due;
    due.kind = kind;
    due.edtf = std::move(edtf);
    due.latest = std::move(latest);
    due.event = std::move(event);
    due.span = {words_[first].begin, words_[last - 1].end};
    dues_.push_back(std::move(due));
  }

  /// Longest phrase of `list` that ends right before word `at`, within the segment.
  std::size_t ends_before(const PhraseList& list, const Segment& segment, std::size_t at) const {
    constexpr std::size_t kWordsMax = 6;  // of a phrase
    for (std::size_t back = kWordsMax; back >= 1; --back) {
      if (at >= segment.first + back && list.match(words_, at - back) == back) {
        return back;
      }
    }
    return 0;
  }

  /// The same where an article may stand between the phrase and the word; its words, too.
  std::size_t led_by(const PhraseList& list, const Segment& segment, std::size_t at) const {
    const std::size_t plain = ends_before(list, segment, at);
    const std::size_t article = ends_before(articles(), segment, at);
    const std::size_t behind = article == 0 ? 0 : ends_before(list, segment, at - article);
    return plain > 0 || behind == 0 ? plain : behind + article;
  }

  void find_dates(const Segment& segment) {
    std::size_t i = segment.first;
    while (i < segment.last) {
      if (const std::size_t last = find_span_of_years(segment, i); last > 0) {
        i = last;
        continue;
      }
      std::optional<DateMention> date = numbered_mention(text_, words_, i, context_.language);
      if (!date) {
        date = month_and_year(segment, i);
      }
      if (!date) {
        date = month_mention(words_, i, context_.year);
      }
      if (!date && year_of(words_[i]) != 0) {
        date = bare_year(segment, i);
      }
      if (!date) {
        ++i;
        continue;
      }
      judge(segment, *date);
      i = std::max(i + 1, date->last);
    }
  }

  /// "between 2030 and 2035", "2030-2035", "in the first half of 2030": the word after it, 0 where
  /// none begins at `at` or it is over.
  std::size_t find_span_of_years(const Segment& segment, std::size_t at) {
    constexpr std::size_t kDashBytes = 3;
    static const PhraseList kBetween = {"between", "entre"};
    static const PhraseList kAnd = {"and", "y", "e", "et"};
    const auto year_at = [&](std::size_t i) { return i < segment.last ? year_of(words_[i]) : 0; };
    if (kBetween.match(words_, at) > 0 && at + 3 < segment.last && year_at(at + 1) != 0 &&
        kAnd.match(words_, at + 2) > 0 && year_at(at + 3) > year_at(at + 1)) {
      const std::int32_t end = year_at(at + 3);
      const bool over = context_.year == 0 || end <= context_.year;
      if (!over) {
        add(DueKind::deadline, fmt::format("{}/{}", year_at(at + 1), end),
            fmt::format("{}-12-31", end), at, at + 4);
      }
      return over ? 0 : at + 4;
    }
    if (year_at(at) != 0 && year_at(at + 1) > year_at(at) && context_.year != 0 &&
        year_at(at + 1) > context_.year && words_[at + 1].begin - words_[at].end <= kDashBytes &&
        ends_before(period_words(), segment, at) > 0) {
      add(DueKind::deadline, fmt::format("{}/{}", year_at(at), year_at(at + 1)),
          fmt::format("{}-12-31", year_at(at + 1)), at, at + 2);
      return at + 2;
    }
    if (const std::size_t last = find_years_in_a_row(segment, at); last > 0) {
      return last;
    }
    return find_part_of_year(segment, at);
  }

  /// "in 2030 and 2031".
  std::size_t find_years_in_a_row(const Segment& segment, std::size_t at) {
    static const PhraseList kAnd = {"and", "or", "y", "o", "e", "ou", "et"};
    if (year_of(words_[at]) == 0 || ends_before(in_words(), segment, at) == 0) {
      return 0;
    }
    std::size_t end = at;
    for (bool more = true; more;) {
      std::size_t next = end + 1;
      next += next < segment.last && kAnd.match(words_, next) > 0 ? 1U : 0U;
      more = next < segment.last && year_of(words_[next]) == year_of(words_[end]) + 1;
      end = more ? next : end;
    }
    const std::int32_t year = year_of(words_[end]);
    if (end == at || context_.year == 0 || year <= context_.year) {
      return 0;
    }
    add(DueKind::deadline, fmt::format("{}/{}", year_of(words_[at]), year),
        fmt::format("{}-12-31", year), at, end + 1);
    return end + 1;
  }

  std::size_t find_part_of_year(const Segment& segment, std::size_t at) {
    constexpr std::size_t kReach = 4;  // words between which and the year
    bool followed = false;
    for (std::size_t k = at + 1; k < segment.last && k <= at + kReach; ++k) {
      followed = followed || year_of(words_[k]) != 0;
    }
    if (!followed) {
      return 0;
    }
    for (const PartOfYear& part : parts_of_year()) {
      const std::size_t count = part.names.match(words_, at);
      const std::int32_t year =
          count > 0 && at + count < segment.last ? year_of(words_[at + count]) : 0;
      if (year == 0 || context_.year == 0 || year < context_.year || only_begins(segment, at)) {
        continue;
      }
      const std::size_t until = led_by(until_words(), segment, at);
      DateMention last;
      last.year = year;
      last.month = part.month + part.months - 1;
      const std::string end = edtf_of(last);
      add(DueKind::deadline,
          until > 0 ? "../" + end : fmt::format("{}-{:02}/{}", year, part.month, end),
          latest_of(last), at, at + count + 1);
      return at + count + 1;
    }
    return 0;
  }

  /// "10/2030".
  std::optional<DateMention> month_and_year(const Segment& segment, std::size_t at) const {
    const std::int32_t month = count_of(words_[at]);
    if (month == 0 || month > 12 || at + 1 >= segment.last || year_of(words_[at + 1]) == 0 ||
        words_[at + 1].begin != words_[at].end + 1 || text_[words_[at].end] != '/' ||
        (words_[at].begin > 0 && text_[words_[at].begin - 1] == '/')) {
      return std::nullopt;
    }
    DateMention date;
    date.year = year_of(words_[at + 1]);
    date.month = month;
    date.first = at;
    date.last = at + 2;
    return date;
  }

  /// A year alone counts only after a preposition of time, never as part of a name. What calls it a
  /// year is part of it: "no later than the year 2005", "antes del año 2015", "para el 2005".
  std::optional<DateMention> bare_year(const Segment& segment, std::size_t at) const {
    static const PhraseList kYear = {"year", "ano", "ano de", "an", "annee"};
    const auto led = [&](std::size_t first) {
      return ends_before(in_words(), segment, first) > 0 ||
             ends_before(until_words(), segment, first) > 0 ||
             ends_before(before_words(), segment, first) > 0;
    };
    const bool next_names =
        at + 1 < segment.last && words_[at + 1].capital && !comma_before(text_, words_, at + 1);
    const std::size_t named = at - ends_before(kYear, segment, at);
    // "By the 2005 agreement" is no year to English: its article stands before a name.
    const bool article_names = named == at && context_.language == Language::en;
    const std::size_t first = named - (article_names ? 0 : ends_before(articles(), segment, named));
    const std::array<std::size_t, 3> begins = {first, named, at};
    const auto* const begin = std::ranges::find_if(begins, led);
    if (begin == begins.end() || next_names) {
      return std::nullopt;
    }
    DateMention date;
    date.year = year_of(words_[at]);
    date.first = *begin;
    date.last = at + 1;
    return date;
  }

  bool is_over(const Segment& segment, const DateMention& date) const {
    constexpr std::size_t kReach = 12;
    for (std::size_t i = date.first; i > segment.first && date.first - i < kReach;) {
      --i;
      // "to be held" contains "held": the longer phrase decides.
      for (std::size_t back = 0; back <= 2 && i >= segment.first + back; ++back) {
        if (scheduled_words().match(words_, i - back) > back) {
          return false;
        }
      }
      if (over_words().match(words_, i) > 0) {
        return true;
      }
    }
    return false;
  }

  /// "not before the 1st of May 2030": nobody is late, whatever day it is.
  bool only_begins(const Segment& segment, std::size_t at) const {
    return led_by(not_before_words(), segment, at) > 0;
  }

  /// "Within six months of 1 January 2027", "three months before 1 June 2027": what is due is due
  /// at the other end of the term. Whether the date is counted from or to; of working days, which
  /// no calendar here knows, no end follows.
  bool judge_term(const Segment& segment, const DateMention& date) {
    static const std::set<std::string_view> kWorking = {"working", "business",  "habiles",
                                                        "uteis",   "ouvrables", "ouvres"};
    const std::size_t behind = led_by(counted_from_words(), segment, date.first);
    const std::size_t ahead = behind > 0 ? 0 : led_by(before_words(), segment, date.first);
    std::size_t unit = date.first - behind - ahead;
    if (behind + ahead == 0 || unit < segment.first + 2 || date.year == 0) {
      return false;
    }
    --unit;
    const bool after_unit = kWorking.contains(words_[unit].key);
    unit -= after_unit ? 1U : 0U;
    const bool before_unit = unit > segment.first && kWorking.contains(words_[unit - 1].key);
    const std::size_t at = unit - (before_unit && unit >= segment.first + 2 ? 2U : 1U);
    const std::string_view name = unit > segment.first ? unit_of(words_[unit].key) : "";
    if (name.empty() || at < segment.first || count_of(words_[at]) == 0) {
      return false;
    }
    if (after_unit || before_unit) {
      return true;
    }
    const std::int32_t count = count_of(words_[at]);
    const DateMention end = moved(date, ahead > 0 ? -count : count, name.front());
    const bool over = end.year <= context_.year && is_over(segment, date);
    if (end.year >= context_.year && !over) {
      const bool by = ends_before(term_words(), segment, at) > 0;
      add(DueKind::deadline, (by ? "../" : "") + edtf_of(end), latest_of(end), at, date.last);
    }
    return true;
  }

  void judge(const Segment& segment, DateMention date) {
    const bool range = date.day_end != 0 && !date.order_unknown;  // "from 3 to 5 May"
    if (judge_term(segment, date) || (!range && only_begins(segment, date.first))) {
      return;
    }
    const bool scheduled = notes_only(words_, segment.first, segment.last);
    if (date.year == 0) {
      if (!scheduled || context_.year == 0) {
        return;  // a day of an unknown year binds nobody
      }
      date.year = context_.year;
    }
    const std::size_t before = ends_before(before_words(), segment, date.first);
    const std::size_t until = ends_before(until_words(), segment, date.first);
    if (context_.year == 0 ? !(scheduled || before > 0 || until > 0) : date.year < context_.year) {
      return;
    }
    if (date.year <= context_.year + (context_.year == 0 ? 9999 : 0) && is_over(segment, date)) {
      return;
    }
    if (before > 0 || until > 0) {
      const DateMention bound = before > until ? unit_before(date) : date;  // "on or before" is by
      if (bound.year < context_.year) {
        return;  // "agreements reached before 1998", in a text of that year
      }
      add(DueKind::deadline, "../" + edtf_of(bound), latest_of(bound),
          date.first - std::max(before, until), date.last);
      return;
    }
    const bool others = scheduled || hosts_the_world(segment, date.first) ||
                        is_event_of_others(text_, words_, segment, date.first, context_);
    const bool event =
        others && (!offered(segment, date.first) ||
                   others_will_do(text_, words_, segment, date.first, context_) ||
                   hosts_the_world(segment, date.first));
    add(event ? DueKind::scheduled_event : DueKind::deadline, edtf_of(date), latest_of(date),
        date.first, date.last);
  }

  /// "the offer … to host", "hold …": the parties' own meeting, fixed by the date.
  bool offered(const Segment& segment, std::size_t at) const {
    for (std::size_t i = segment.first; i < at; ++i) {
      if (holding_words().match(words_, i) > 0) {
        return true;
      }
    }
    return false;
  }

  /// "the offer of Brazil to host the World Cup in 2014": not the parties' own meeting.
  bool hosts_the_world(const Segment& segment, std::size_t at) const {
    static const std::set<std::string, std::less<>> kOthers = {
        "world", "mundial", "mondial", "mondiale", "olympic", "olimpicos", "olympiques", "games",
        "juegos", "jogos", "jeux", "un", "onu", "g20", "apec"};
    static const PhraseList kUnited = {"united nations", "naciones unidas", "nacoes unidas",
                                       "nations unies"};
    std::size_t hold = segment.first;
    while (hold < at && holding_words().match(words_, hold) == 0) {
      ++hold;
    }
    for (std::size_t i = hold; i < at; ++i) {
      const bool named = words_[i].capital && kOthers.contains(words_[i].key);
      if (named || kUnited.match(words_, i) > 0) {
        return true;
      }
    }
    return false;
  }

  void find_decade(const Segment& segment) {
    static const PhraseList kThis = {
        "end of the decade",  "end of this decade",   "fin de la decada",  "final de la decada",
        "fines de la decada", "finales de la decada", "termine la decada", "fim da decada",
        "final da decada",    "fin de la decennie"};
    for (std::size_t i = segment.first; i < segment.last && context_.year != 0; ++i) {
      if (const std::size_t count = kThis.match(words_, i); count > 0) {
        add(DueKind::deadline, fmt::format("../{}X", context_.year / 10),
            fmt::format("{}9-12-31", context_.year / 10), i, i + count);
        return;
      }
    }
    static const PhraseList kNext = {"next decade", "proxima decada", "decada proxima",
                                     "prochaine decennie"};
    for (std::size_t i = segment.first; i < segment.last; ++i) {
      const std::size_t count = kNext.match(words_, i);
      if (count == 0 || context_.year == 0) {
        continue;
      }
      const std::int32_t decade = context_.year / 10 + 1;
      std::size_t first = i;
      for (std::size_t back = 1; back <= 9 && i >= segment.first + back; ++back) {
        if (until_words().match(words_, i - back) > 1) {
          first = i - back;
        }
      }
      add(DueKind::deadline, next_decade(segment, i, decade, first < i), "", first, i + count);
    }
  }

  /// "At the beginning of the next decade": its first third, the years 0 to 3, roughly, as no text
  /// says where a beginning ends and nobody is late who may be within it.
  [[nodiscard]] std::string next_decade(const Segment& segment, std::size_t at, std::int32_t decade,
                                        bool until) const {
    static const std::set<std::string_view> kBeginning = {
        "beginning", "start",  "outset",  "principio", "principios", "comienzo",
        "comienzos", "inicio", "inicios", "comeco",    "debut"};
    constexpr std::size_t kReach = 4;  // words: "beginning of the next decade"
    bool beginning = false;
    for (std::size_t k = at; k > segment.first && at - k < kReach; --k) {
      beginning = beginning || kBeginning.contains(words_[k - 1].key);
    }
    return beginning ? fmt::format("{}/{}3~", until ? ".." : fmt::format("{}0", decade), decade)
                     : fmt::format("{}{}X", until ? "../" : "", decade);
  }

  /// "to take place in Chile": an event without a date.
  void find_undated_event(const Segment& segment) {
    static const PhraseList kTo = {"to be held in",      "to take place in", "to be held at",
                                   "a celebrarse en",    "a realizarse en",  "a realizar se em",
                                   "a ser realizada em", "devant se tenir a"};
    for (std::size_t i = segment.first; i < segment.last; ++i) {
      const std::size_t count = kTo.match(words_, i);
      if (count > 0 && i + count < segment.last && words_[i + count].capital) {
        add(DueKind::scheduled_event, "", "", i, i + count + 1);
        return;
      }
    }
  }

  bool reports(std::size_t first, std::size_t last) const {
    for (std::size_t i = first; i < last; ++i) {
      const auto verb = find_verb(words_[i].key, context_.language);
      if (verb &&
          (verb->lemma == "report" || verb->lemma == "submit" || verb->lemma == "present")) {
        return true;
      }
      if (words_[i].key == "informe" || words_[i].key == "relatorio" ||
          words_[i].key == "rapport" || words_[i].key == "presente" ||
          words_[i].key == "apresente") {
        return true;
      }
    }
    return false;
  }

  void find_next_summit(const Segment& segment) {
    static const PhraseList kNext = {"next summit",     "next summit of the americas",
                                     "proxima cumbre",  "proxima cumbre de las americas",
                                     "proxima cupula",  "proxima cupula das americas",
                                     "prochain sommet", "prochain sommet des ameriques"};
    for (std::size_t i = segment.first; i < segment.last; ++i) {
      const std::size_t count = kNext.match(words_, i);
      if (count == 0 || only_begins(segment, i)) {
        continue;
      }
      if (reports(segment.first, segment.last)) {
        add(DueKind::reporting_duty, "", "", i, i + count, "next_summit");
      } else if (by_the(segment, i) || at_the(segment, i)) {
        add(DueKind::relative, "", "", i, i + count, "next_summit");
      }
      return;
    }
  }

  /// "by the next Summit", "antes de la próxima Cumbre".
  [[nodiscard]] bool by_the(const Segment& segment, std::size_t at) const {
    return led_by(until_words(), segment, at) > 0 || led_by(before_words(), segment, at) > 0;
  }

  /// "at the next General Assembly", "before the next meeting of ministers".
  void find_next_event(const Segment& segment) {
    static const std::set<std::string_view> kNext = {"next", "proxima", "proximo", "prochaine",
                                                     "prochain"};
    constexpr std::size_t kReach = 4;  // words: "next regular session of the General Assembly"
    for (std::size_t i = segment.first; i + 1 < segment.last; ++i) {
      const bool led = kNext.contains(words_[i].key) && !only_begins(segment, i) &&
                       (at_the(segment, i) || by_the(segment, i));
      for (std::size_t k = i + 1; led && k < segment.last && k <= i + kReach; ++k) {
        // "the next Meeting", "the next meeting of Ministers", not "the next meeting" of anybody
        const bool whose = k + 2 < segment.last && words_[k + 2].capital;
        if ((words_[k].capital || whose) && is_event(words_[k].key)) {
          add(reports(segment.first, i) ? DueKind::reporting_duty : DueKind::relative, "", "", i,
              k + 1, std::string(text_.substr(words_[i].begin, words_[k].end - words_[i].begin)));
          return;
        }
      }
    }
  }

  /// Words for what bodies hold; summits are find_next_summit()'s.
  static bool is_event(std::string_view key) {
    static const std::set<std::string_view> kEvents = {
        "conference", "meeting", "session",    "assembly", "conferencia",
        "reunion",    "sesion",  "mispa",      "asamblea", "reuniao",
        "assembleia", "sessao",  "conference", "assemblee"};
    return kEvents.contains(key);
  }

  /// "at the", "en la": something is to be done there.
  bool at_the(const Segment& segment, std::size_t i) const {
    static const PhraseList kAt = {"at the", "at our", "en la", "en el",   "na",
                                   "no",     "au",     "a la",  "lors du", "lors de la"};
    return ends_before(kAt, segment, i) > 0;
  }

  void find_recurring(const Segment& segment) {
    static const PhraseList kHalfYearly = {"twice a year",      "twice yearly",
                                           "dos veces al ano",  "dos veces por ano",
                                           "duas vezes por ano", "duas vezes ao ano",
                                           "deux fois par an"};
    static const PhraseList kYearly = {
        "annually",       "yearly",          "every year",     "each year",       "once a year",
        "anualmente",     "once per year",   "una vez al ano", "una vez por ano", "uma vez por ano",
        "uma vez ao ano", "une fois par an", "une fois l an",  "cada ano",        "todos os anos",
        "todos los anos", "chaque annee",    "tous les ans",   "annuellement"};
    static const PhraseList kOften = {"periodically",       "on a regular basis",  "periodicamente",
                                      "de forma periodica", "de manera periodica", "periodiquement",
                                      "regulierement"};
    static const PhraseList kEvery = {"every", "cada", "a cada", "tous les", "toutes les"};
    static const PhraseList kFuture = {"a future meeting",   "future meetings", "future meeting",
                                       "una futura reunion", "futura reunion",  "futuras reuniones",
                                       "uma futura reuniao", "futura reuniao",  "futuras reunioes",
                                       "une future reunion", "future reunion"};
    for (std::size_t i = segment.first; i < segment.last; ++i) {
      if (const std::size_t count = kHalfYearly.match(words_, i); count > 0) {
        add(DueKind::recurring, "R/P6M", "", i, i + count);
        return;
      }
      if (const std::size_t count = kYearly.match(words_, i); count > 0) {
        add(DueKind::recurring, "R/P1Y", "", i, i + count);
        return;
      }
      if (find_repeated_thing(segment, i)) {
        return;
      }
      const std::size_t every = kEvery.match(words_, i);
      if (every > 0 && i + every + 1 < segment.last && count_of(words_[i + every]) > 0) {
        const std::string_view unit = words_[i + every + 1].key;
        if (is_years(unit) || is_months(unit)) {
          add(DueKind::recurring,
              fmt::format("R/P{}{}", count_of(words_[i + every]), is_years(unit) ? 'Y' : 'M'), "",
              i, i + every + 2);
          return;
        }
      }
      const std::size_t future = kFuture.match(words_, i);
      const std::size_t often = kOften.match(words_, i);
      if (often > 0 || (future > 0 && offered(segment, i))) {
        add(DueKind::recurring, "", "", i, i + std::max(often, future));
        return;
      }
    }
  }

  /// "annual reports", "un informe anual", "on a quarterly basis", at word `i`: what is to come
  /// again and again. One of a name or known already ("the annual report of the Commission") is
  /// not.
  bool find_repeated_thing(const Segment& segment, std::size_t i) {
    if (const std::string_view often = interval_of_adverb(words_[i].key); !often.empty()) {
      add(DueKind::recurring, fmt::format("R/{}", often), "", i, i + 1);
      return true;
    }
    const std::string_view interval = interval_of(words_[i].key);
    if (interval.empty() || (words_[i].capital && i > segment.first)) {
      return false;
    }
    constexpr std::size_t kReach = 2;  // words: "annual national reports"
    const bool english = context_.language == Language::en;
    for (std::size_t k = 1; k <= kReach; ++k) {
      if (english ? i + k >= segment.last : i < segment.first + k) {
        return false;
      }
      const std::size_t thing = english ? i + k : i - k;
      const std::size_t first = std::min(i, thing);
      const bool named = thing > segment.first && words_[thing].capital;
      if (!is_repeated(words_[thing].key) || named) {
        continue;
      }
      const bool many = words_[thing].key.ends_with('s') && words_[thing].key != "basis";
      if (!many && first > segment.first && is_definite(words_[first - 1].key)) {
        return false;
      }
      add(DueKind::recurring, fmt::format("R/{}", interval), "", first, std::max(i, thing) + 1);
      return true;
    }
    return false;
  }

  static bool is_repeated(std::string_view key) {
    static const std::set<std::string_view> kThings = {
        "report",       "reports",       "meeting",    "meetings",    "review",       "reviews",
        "evaluation",   "evaluations",   "assessment", "assessments", "session",      "sessions",
        "update",       "updates",       "survey",     "surveys",     "basis",        "informe",
        "informes",     "reunion",       "reuniones",  "evaluacion",  "evaluaciones", "revision",
        "revisiones",   "sesion",        "sesiones",   "forma",       "manera",       "base",
        "periodicidad", "encuesta",      "encuestas",  "relatorio",   "relatorios",   "reuniao",
        "reunioes",     "avaliacao",     "avaliacoes", "revisao",     "revisoes",     "sessao",
        "sessoes",      "periodicidade", "pesquisa",   "pesquisas",   "rapport",      "rapports",
        "reunions",     "examen",        "examens",    "examenes",    "seance",       "seances",
        "evaluation",   "enquete",       "enquetes"};
    return kThings.contains(key);
  }

  [[nodiscard]] bool is_definite(std::string_view key) const {
    static const std::map<Language, std::set<std::string_view>> kDefinite = {
        {Language::en, {"the", "this", "that"}},
        {Language::es, {"el", "la", "del"}},
        {Language::pt, {"o", "a", "do", "da", "no", "na", "ao"}},
        {Language::fr, {"le", "la", "l", "du", "au"}}};
    return kDefinite.at(context_.language).contains(key);
  }

  /// "before the Special Conference on Security".
  void find_relative(const Segment& segment) {
    static const PhraseList kBefore = {"before the",   "prior to the", "in advance of the",
                                       "ahead of the", "antes de la",  "antes del",
                                       "antes da",     "antes do",     "previo a la",
                                       "avant la",     "avant le",     "con anterioridad a la"};
    static const std::set<std::string, std::less<>> kEvents = {
        "conference", "summit",     "meeting", "session",  "assembly", "conferencia",
        "cumbre",     "reunion",    "sesion",  "asamblea", "cupula",   "reuniao",
        "sessao",     "assembleia", "sommet",  "assemblee"};
    for (std::size_t i = segment.first; i < segment.last; ++i) {
      const std::size_t count = kBefore.match(words_, i);
      if (count == 0 || i + count >= segment.last || !words_[i + count].capital) {
        continue;
      }
      const std::size_t first = i + count;
      if (only_begins(segment, first)) {
        continue;
      }
      std::size_t last = first;
      bool event = false;
      for (std::size_t k = first; k < segment.last && k < first + 10; ++k) {
        const bool joins = words_[k].key.size() <= 3;
        if ((!words_[k].capital && !joins) || (k > first && comma_before(text_, words_, k))) {
          break;
        }
        event = event || kEvents.contains(words_[k].key);
        last = words_[k].capital ? k + 1 : last;
      }
      if (event && !has_date(first, last) && !dated_after(words_[last - 1].end)) {
        const Span name{words_[first].begin, words_[last - 1].end};
        add(DueKind::relative, "", "", i, last, std::string(name.of(text_)));
        return;
      }
    }
  }

  /// Whether a date of its own follows the event's name: then that date is what binds.
  bool dated_after(std::uint32_t name_end) const {
    constexpr std::uint32_t kReach = 80;  // bytes
    return std::ranges::any_of(dues_, [&](const Due& due) {
      return !due.edtf.empty() && due.span.begin >= name_end && due.span.begin < name_end + kReach;
    });
  }

  bool has_date(std::size_t first, std::size_t last) const {
    return std::any_of(words_.begin() + static_cast<std::ptrdiff_t>(first),
                       words_.begin() + static_cast<std::ptrdiff_t>(last),
                       [](const Word& word) { return year_of(word) != 0; });
  }

  static bool is_years(std::string_view key) { return unit_of(key) == "Y"; }

  static bool is_months(std::string_view key) { return unit_of(key) == "M"; }

  /// Of ISO 8601; empty for other words. A week is seven days.
  static std::string_view unit_of(std::string_view key) {
    static const std::map<std::string_view, std::string_view> kUnits = {
        {"year", "Y"},    {"years", "Y"},   {"ano", "Y"},     {"anos", "Y"},  {"ans", "Y"},
        {"annees", "Y"},  {"month", "M"},   {"months", "M"},  {"mes", "M"},   {"meses", "M"},
        {"mois", "M"},    {"day", "D"},     {"days", "D"},    {"dia", "D"},   {"dias", "D"},
        {"jour", "D"},    {"jours", "D"},   {"week", "W"},    {"weeks", "W"}, {"semana", "W"},
        {"semanas", "W"}, {"semaine", "W"}, {"semaines", "W"}};
    const auto found = kUnits.find(key);
    return found == kUnits.end() ? std::string_view() : found->second;
  }

  /// "within 30 days", "over the next five years", "a five-year plan".
  void find_period(const Segment& segment) {
    static const PhraseList kOver = {
        "over the next",   "for the next",         "in the next",  "during the next",
        "for a period of", "over a period of",     "proximos",     "periodo de",
        "nos proximos",    "durante los proximos", "prochaines",   "prochains",
        "periode de",      "les prochaines",       "au cours des", "pendant les",
        "durant les",      "over the coming",      "in the coming"};
    static const PhraseList kOf = {"programa de", "plan de",      "estrategia de",
                                   "plano de",    "programme de", "programa por"};
    static const std::set<std::string, std::less<>> kThing = {
        "program", "plan", "strategy", "period", "agenda", "cycle", "project", "roadmap"};
    static const std::set<std::string_view> kNext = {"prochains", "prochaines", "proximos", "next",
                                                     "coming"};
    for (std::size_t i = segment.first; i + 1 < segment.last; ++i) {
      const std::int32_t count = count_of(words_[i]);
      if (count == 0 || is_dated(words_[i].begin)) {
        continue;
      }
      const bool next = i + 2 < segment.last && kNext.contains(words_[i + 1].key);
      const std::size_t last = i + (next ? 3 : 2);
      const std::string_view unit = unit_of(words_[last - 1].key);
      const bool thing = unit == "Y" && last < segment.last && kThing.contains(words_[last].key);
      const bool time = last < segment.last && words_[last].key == "time";  // "years’ time"
      const bool term = time || ends_before(term_words(), segment, i) > 0;
      const bool years = unit == "Y" && ends_before(kOf, segment, i) > 0;
      if (!unit.empty() && (thing || term || years || ends_before(kOver, segment, i) > 0)) {
        add(DueKind::period,
            unit == "W" ? fmt::format("P{}D", count * 7) : fmt::format("P{}{}", count, unit), "", i,
            last + (thing ? 1 : 0));
        return;
      }
    }
  }

  /// "next year", "en el próximo año": the calendar year after the document's, the latest that it
  /// may mean. "This year" is a date only where something is to be done by its end.
  void find_next_year(const Segment& segment) {
    for (std::size_t i = segment.first; i < segment.last && context_.year != 0; ++i) {
      const std::size_t next = next_year_words().match(words_, i);
      const std::size_t count = std::max(next, this_year_words().match(words_, i));
      const bool possessive = count > 0 && i + count < segment.last && words_[i + count].key == "s";
      if (count == 0 || possessive || is_dated(words_[i].begin) || only_begins(segment, i)) {
        continue;
      }
      const std::size_t until = led_by(until_words(), segment, i);
      const std::size_t before = until > 0 ? 0 : led_by(before_words(), segment, i);
      const std::int32_t year = context_.year + (next > 0 ? 1 : 0) - (before > 0 ? 1 : 0);
      if (next > 0 ? year >= context_.year : until > 0) {
        add(DueKind::deadline, fmt::format("{}{}", until + before > 0 ? "../" : "", year),
            fmt::format("{}-12-31", year), i - until - before, i + count);
        return;
      }
    }
  }

  /// Whether the word at byte `begin` belongs to a date that is found.
  bool is_dated(std::uint32_t begin) const {
    return std::ranges::any_of(
        dues_, [&](const Due& due) { return due.span.begin <= begin && begin < due.span.end; });
  }

  void find_conditional(const Segment& segment) {
    static const PhraseList kOnce = {"once",         "una vez que",     "uma vez que",
                                     "une fois que", "tan pronto como", "tao logo",
                                     "des que"};
    static const std::set<std::string, std::less<>> kHappens = {
        "open",     "opened",    "adopted",     "approved", "enters",  "entered",  "force",
        "ratified", "completed", "established", "abierto",  "abierta", "aprobado", "aprobada",
        "entre",    "vigor",     "adoptado",    "adoptada", "aberto",  "aprovado", "adotado",
        "ouvert",   "adopte",    "approuve",    "vigueur"};
    for (std::size_t i = segment.first; i < segment.last; ++i) {
      const std::size_t count = kOnce.match(words_, i);
      if (count == 0 || match_soft(words_, i) > 0) {
        continue;
      }
      std::size_t last = i + count;
      bool happens = false;
      while (last < segment.last && last < i + 12 && !comma_before(text_, words_, last)) {
        happens = happens || kHappens.contains(words_[last].key);
        ++last;
      }
      if (happens) {
        add(DueKind::conditional, "", "", i, last);
        return;
      }
    }
  }

  /// One soft date a text: "as soon as possible" said twice is still one urgency.
  void find_soft(const Segment& segment) {
    for (std::size_t i = segment.first; i < segment.last; ++i) {
      const std::size_t count = match_soft(words_, i);
      if (count == 0) {
        continue;
      }
      const std::size_t reach = i >= segment.first + 8 ? i - 8 : segment.first;
      if (reports(reach, i)) {
        add(DueKind::reporting_duty, "", "", i, i + count);
        return;
      }
      const bool already =
          std::ranges::any_of(dues_, [](const Due& due) { return due.kind == DueKind::soft; });
      if (!already) {
        add(DueKind::soft, "", "", i, i + count);
      }
      return;
    }
  }

  std::string_view text_;
  const std::vector<Word>& words_;
  const std::vector<Segment>& segments_;
  const AnalysisContext& context_;
  std::vector<Due> dues_;
};

}  // namespace

std::vector<Due> dues_of(std::string_view text, const std::vector<Word>& words,
                         const std::vector<Segment>& segments, const AnalysisContext& context) {
  return Finder(text, words, segments, context).run();
}

std::vector<Due> find_dues(std::string_view text, const AnalysisContext& context) {
  const std::vector<Word> words = words_of(text);
  return dues_of(text, words, segments_of(text, words), context);
}

}  // namespace atalaya::commitments
