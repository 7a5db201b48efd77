#include <atalaya/commitments/parse.hpp>

#include <algorithm>
#include <array>
#include <ranges>
#include <tuple>

#include <fmt/core.h>

#include "analysis_date_mentions.hpp"
#include "parse_context.hpp"
#include "parse_dates.hpp"
#include "parse_tables.hpp"

// Recognises what a document is before it takes it apart. Structure decides first (mandates that
// end in citations; question and check marks), then who speaks in its head.

namespace atalaya::commitments {
namespace {

using parsing::Context;
using parsing::Paragraph;
using parsing::plain;

constexpr std::size_t kHeadParagraphs = 12;
constexpr std::size_t kHeadBytesMax = 6000;
constexpr std::size_t kDateLineBytesMax = 100;  // a place and a date
constexpr std::size_t kLanguageBytesMax = 200'000;

// The most frequent words of each language that are not among those of the three others.
constexpr std::array<std::pair<Language, std::string_view>, 4> kStopWords = {
    {{Language::en, " the of and to in for with by on that as their are from which be will "},
     {Language::es, " el los las y en del con por una al su sus para lo como entre esta es "},
     {Language::pt, " o os as e em do da dos das com por uma ao aos sua seus para no na nao sao "},
     {Language::fr,
      " le les des et du en pour dans par une au aux sur leur leurs est ce qui que "}}};

std::optional<Language> detect_language(const std::vector<Paragraph>& paragraphs,
                                        std::string_view declared) {
  std::array<std::size_t, 4> hits{};
  std::size_t bytes = 0;
  for (const Paragraph& p : paragraphs) {
    if (bytes > kLanguageBytesMax) {
      break;
    }
    bytes += p.text.size();
    const std::string folded = plain(std::string_view(p.text).substr(0, kLanguageBytesMax));
    for (const std::string_view word : split(folded, ' ')) {
      if (word.empty() || word.size() > 6) {
        continue;
      }
      const std::string spaced = " " + std::string(word) + " ";
      for (std::size_t i = 0; i < kStopWords.size(); ++i) {
        hits[i] += kStopWords[i].second.find(spaced) != std::string_view::npos ? 1U : 0U;
      }
    }
  }
  const auto best = std::max_element(hits.begin(), hits.end());
  if (*best >= 3) {
    return kStopWords[static_cast<std::size_t>(best - hits.begin())].first;
  }
  return parse_language(declared.substr(0, 2));
}

// Folded text of the first paragraphs, where a document says what it is.
enum class Items : std::uint8_t { taken, passed_over };

std::string head_of(const Context& context, Items items = Items::taken) {
  std::string head = plain(context.document.title) + '\n';
  std::size_t count = 0;
  for (const Paragraph& p : context.paragraphs) {
    if (count++ >= kHeadParagraphs || head.size() > kHeadBytesMax) {
      break;
    }
    if (p.marked() && items == Items::passed_over) {
      continue;
    }
    head += plain(std::string_view(p.text).substr(0, kHeadBytesMax));
    head += '\n';
  }
  return head;
}

bool contains_any(std::string_view text, std::initializer_list<std::string_view> phrases) {
  return std::any_of(phrases.begin(), phrases.end(), [&](std::string_view phrase) {
    return text.find(phrase) != std::string_view::npos;
  });
}

// Words for who speaks; a title or an opening sentence weighs more than a mention.
int weigh(std::string_view head, std::initializer_list<std::string_view> words) {
  int weight = 0;
  for (const std::string_view word : words) {
    for (std::size_t at = head.find(word); at != std::string_view::npos;
         at = head.find(word, at + 1)) {
      ++weight;
    }
  }
  return weight;
}

DocumentKind detect_kind(const Context& context) {
  std::size_t marked = 0;
  std::size_t cited = 0;
  std::size_t heads = 0;  // that cite for what stands below them
  for (const Paragraph& p : context.paragraphs) {
    marked += p.marked() ? 1U : 0U;
    cited += context.citations.find(p.text) ? 1U : 0U;
    heads += parsing::cites_in_heading(context, p) ? 1U : 0U;
  }
  const std::string head = head_of(context);
  const bool of_summits = contains_any(
      head, {"summits of the americas", "summit of the americas", "cumbres de las americas",
             "cumbre de las americas", "cupulas das americas", "cupula das americas",
             "sommets des ameriques", "sommet des ameriques"});
  const bool mandates = contains_any(head, {"mandate", "mandato", "mandats"});
  if (cited >= 3 && cited * 3 >= marked) {
    return DocumentKind::summit_mandates;
  }
  if (cited + heads >= 1 && of_summits && mandates) {
    return DocumentKind::summit_mandates;
  }
  if (parsing::is_guidance(context)) {
    return DocumentKind::primer;
  }
  const auto speak = [](std::string_view text) {
    return std::pair(weigh(text, {"ministers", "ministros", "ministras", "ministres", "mispa"}),
                     weigh(text, {"parliament", "parlament", "parlement"}));
  };
  auto [ministers, parliament] = speak(head_of(context, Items::passed_over));
  if (ministers == parliament) {
    std::tie(ministers, parliament) = speak(head);
  }
  if (ministers == 0 && parliament == 0) {
    return DocumentKind::unknown;
  }
  return ministers > parliament ? DocumentKind::ministers_commitment
                                : DocumentKind::parliamentary_priorities;
}

// Without the asterisks of bold and italic type.
std::string without_emphasis(std::string_view text) {
  while (!text.empty() && (text.front() == '*' || text.front() == '#')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && text.back() == '*') {
    text.remove_suffix(1);
  }
  return squeeze(text);
}

bool is_in_capitals(std::string_view text) {
  bool any = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    any = any || (text[i] >= 'A' && text[i] <= 'Z');
    if (parsing::starts_lower(text.substr(i))) {
      return false;
    }
  }
  return any;
}

// Whether a line goes on with the title that the line directly above broke off: in capitals as
// that one, in lower case, or behind a word that no title ends with.
bool continues_title(const Paragraph& above, const Paragraph& line) {
  if (line.gap > 0 || line.rule || line.marked()) {
    return false;
  }
  return parsing::starts_lower(line.text) || parsing::ends_with_joint(above.text) ||
         (is_in_capitals(above.text) && is_in_capitals(line.text));
}

// What is printed at the edge of each page, whose first one stays among the paragraphs, and symbols
// of documents ("OEA/Ser.E", "CA-IX/INF.3/22") are no title where another line stands below.
std::vector<bool> find_no_titles(const Context& context) {
  const auto shape = [](std::string text) {
    std::ranges::replace_if(text, [](char c) { return c >= '0' && c <= '9'; }, '0');
    return text;
  };
  const auto is_symbol = [](std::string_view text) {
    constexpr std::size_t kWordMin = 4;  // letters in a row that make a word of a title
    std::size_t letters = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      letters = parsing::starts_lower(text.substr(i)) ? letters + 1 : 0;
      if (letters == kWordMin) {
        return false;
      }
    }
    return text.find('/') != std::string_view::npos && text.find(' ') == std::string_view::npos;
  };
  constexpr std::size_t kFirstOfPage = 6;  // a title that is also its page's edge stands here twice
  const auto& all = context.paragraphs;
  const bool pages = context.document.format == files::Format::pdf;
  std::vector<bool> none(all.size(), false);
  for (std::size_t i = 0; i < all.size() && i < kHeadParagraphs; ++i) {
    bool near = false;
    bool edge = false;
    bool items = false;
    for (std::size_t k = i + 1; k < all.size(); ++k) {
      items = items || all[k].marked();
      const bool same = !all[k].marked() && shape(all[k].text) == shape(all[i].text);
      near = near || (same && k < kFirstOfPage && !items);
      edge = edge || (same && (pages || all[k].running));
    }
    // "CARICOM" at the head of a page stands for who prints it.
    const bool acronym = pages && i == 0 && all[i].text.find(' ') == std::string::npos &&
                         is_in_capitals(all[i].text);
    none[i] = is_symbol(all[i].text) || acronym || (edge && !near);
  }
  const auto head = std::min(all.size(), kHeadParagraphs);
  const bool others =
      std::ranges::any_of(std::views::iota(std::size_t{0}, head), [&](std::size_t i) {
        return !none[i] && !all[i].marked() && !all[i].rule && parsing::is_heading(all[i]);
      });
  return others ? none : std::vector<bool>(all.size(), false);
}

// The first paragraph; where it opens bold type, all lines until that closes.
void read_title(Context& context) {
  const std::vector<bool> none = find_no_titles(context);
  const auto take = [&](const Paragraph& p) {
    context.take(p, LineUse::head);
    return without_emphasis(p.text);
  };
  // Other formats than plain text say which line is a heading.
  for (std::size_t i = 0; i < context.paragraphs.size() && i < kHeadParagraphs; ++i) {
    if (context.paragraphs[i].heading && !context.paragraphs[i].marked() && !none[i]) {
      context.result.title = take(context.paragraphs[i]);
      while (++i < context.paragraphs.size() && context.paragraphs[i].heading &&
             continues_title(context.paragraphs[i - 1], context.paragraphs[i])) {
        context.result.title += ' ' + take(context.paragraphs[i]);
      }
      return;
    }
  }
  if (context.document.format == files::Format::html && !context.document.title.empty()) {
    context.result.title = context.document.title;
    return;
  }
  std::string title;
  const Paragraph* above = nullptr;  // of a title that a line end breaks
  int open = 0;
  for (std::size_t i = 0; i < context.paragraphs.size() && i < kHeadParagraphs; ++i) {
    const Paragraph& p = context.paragraphs[i];
    if (p.rule || p.marked() || (none[i] && title.empty())) {
      continue;
    }
    if (!title.empty() && open == 0 && !continues_title(*above, p)) {
      break;
    }
    above = &p;
    for (std::size_t at = p.text.find("**"); at != std::string::npos;
         at = p.text.find("**", at + 2)) {
      open = 1 - open;
    }
    title += title.empty() ? "" : " ";
    title += take(p);
  }
  constexpr std::size_t kTitleBytesMax = 500;
  context.result.title = title.size() <= kTitleBytesMax ? title : context.document.title;
}

// Whether a line of the head says that its date is of something else than the text's adoption.
bool dates_something_else(std::string_view folded) {
  return contains_any(folded, {"accordance",
                               "resolution",
                               "pursuant",
                               "entry into force",
                               "enters into force",
                               "entered into force",
                               "accessed",
                               "retrieved",
                               "version",
                               "updated",
                               "published",
                               "conformidad",
                               "de acuerdo con",
                               "resolucion",
                               "entrada en vigor",
                               "entro en vigor",
                               "consultad",
                               "actualiza",
                               "publicad",
                               "conformidade",
                               "de acordo com",
                               "resolucao",
                               "entrada em vigor",
                               "atualiza",
                               "conformement",
                               "entree en vigueur",
                               "consulte le",
                               "mise a jour",
                               "publie"});
}

bool says_adoption(std::string_view folded) {
  return contains_any(folded, {"adopt",    "adot",     "approved", "aprob",     "aprov",  "approuv",
                               "gathered", "reunid",   "reuni",    "assembled", "signed", "firmad",
                               "assinad",  "signe ",   "done at",  "dad",       "fait a", "held in",
                               "held on",  "celebrad", "realizad", "tenue"});
}

// A day printed in numbers. Which of them is the month may be nowhere said: then the year alone is
// taken, and the day is left to whoever imports.
std::optional<CivilDate> read_numbered_date(Context& context, const Paragraph& p,
                                            std::string_view folded, bool day_first) {
  const auto found =
      parsing::find_numbered_date(folded, day_first, parsing::Deadlines::passed_over);
  if (!found) {
    return std::nullopt;
  }
  if (!found->date) {
    context.year_read = context.year_read == 0 ? found->year : context.year_read;
    context.warn_of("date_ambiguous", p.line, p.text);
  } else if (found->order_taken) {
    context.warn_of("date_day_first", p.line, p.text);
    context.result.warnings.back().params = {{"date", to_string(*found->date)}};
  }
  return found->date;
}

// "By 31 November": whoever imports should see that the text has no such date.
void warn_of_days(Context& context) {
  for (const ParsedItem& item : context.result.items) {
    if (const auto day = impossible_day(item.text); !day.empty()) {
      context.warn_of("date_impossible", item.line, item.text);
      context.result.warnings.back().params = {{"date", std::string(day)}};
    }
  }
}

// The day of adoption stands above the first recital or item: dates in those are of other texts,
// or deadlines. A short line or one that speaks of adoption decides; those about something else are
// passed over.
void read_date(Context& context) {
  const auto language = context.result.language;
  const bool day_first = language && *language != Language::en;
  std::size_t bytes = 0;
  for (const Paragraph& p : context.paragraphs) {
    if (p.marked() || parsing::starts_as_recital(p)) {
      return;
    }
    const std::string folded = plain(std::string_view(p.text).substr(0, kHeadBytesMax));
    auto date = parsing::find_date(folded, parsing::Deadlines::passed_over);
    if (!date && !context.result.adopted && !dates_something_else(folded)) {
      date = read_numbered_date(context, p, folded, day_first);
    }
    if (date && !dates_something_else(folded)) {
      context.result.adopted = context.result.adopted ? context.result.adopted : date;
      if (folded.size() <= kDateLineBytesMax || says_adoption(folded)) {
        context.result.adopted = date;
        if (parsing::only_opens(p.text)) {
          context.take(p, LineUse::head);
        }
        return;
      }
    }
    bytes += p.text.size();
    if (bytes > kHeadBytesMax) {
      return;
    }
  }
}

std::string_view series_of(DocumentKind kind) {
  switch (kind) {
    case DocumentKind::ministers_commitment:
      return "mispa";
    case DocumentKind::parliamentary_priorities:
      return "pns";
    case DocumentKind::primer:
      return "primer";
    case DocumentKind::summit_mandates:
    case DocumentKind::unknown:
      return {};
  }
  return {};
}

// A primer says when it was published in its last words, or in a short line at its head; 0 where it
// does not.
std::int32_t year_published(const Context& context) {
  const std::vector<Paragraph>& all = context.paragraphs;
  std::int32_t year = all.empty() ? 0 : parsing::find_last_year(all.back().text);
  for (std::size_t i = 0; year == 0 && i < all.size() && i < kHeadParagraphs; ++i) {
    const bool line = !all[i].marked() && all[i].text.size() <= kDateLineBytesMax;
    year = line ? parsing::find_last_year(all[i].text) : 0;
  }
  return year;
}

// "Brasília" of a line "Brasília, 12 de março de 2024" or "12 de março de 2024, Brasília".
std::string_view place_beside_day(std::string_view line) {
  const std::string_view before = line.substr(0, line.find_first_of("0123456789"));
  if (const std::size_t end = before.find_last_of(",|("); end != std::string_view::npos) {
    return trim(before.substr(0, end));
  }
  const std::size_t digit = line.find_last_of("0123456789");
  std::string_view behind =
      digit == std::string_view::npos ? std::string_view() : trim(line.substr(digit + 1));
  if (behind.empty() || std::string_view(",|(").find(behind.front()) == behind.npos ||
      behind.find(':') != behind.npos) {
    return {};
  }
  behind = trim(behind.substr(1));
  while (behind.ends_with('.') || behind.ends_with(')')) {
    behind.remove_suffix(1);
  }
  return behind;
}

// The place beside the day at the head of a text of no known meeting; empty where no line says it.
std::string place_printed(const Context& context) {
  constexpr std::size_t kPlaceBytesMax = 60;
  std::size_t count = 0;
  for (const Paragraph& p : context.paragraphs) {
    if (p.marked() || count++ == kHeadParagraphs) {
      break;
    }
    const std::string line = without_emphasis(p.text);
    const std::string_view place = place_beside_day(line);
    const std::string folded = plain(line);
    if (line.size() <= kDateLineBytesMax && !place.empty() && place.size() <= kPlaceBytesMax &&
        parsing::starts_upper(place) &&
        parsing::find_date(folded, parsing::Deadlines::passed_over) && !says_adoption(folded) &&
        !dates_something_else(folded)) {
      return std::string(place);
    }
  }
  return {};
}

// Folded: the titles and what the speakers say of themselves, above the first recital or item.
std::string opening_of(const Context& context) {
  std::string opening = plain(context.document.title) + '\n' + plain(context.result.title) + '\n';
  std::size_t count = 0;
  for (const Paragraph& p : context.paragraphs) {
    if (p.marked() || count++ >= kHeadParagraphs || opening.size() > kHeadBytesMax ||
        parsing::starts_as_recital(p)) {
      break;
    }
    opening += plain(std::string_view(p.text).substr(0, kHeadBytesMax)) + '\n';
  }
  return opening;
}

// The year of "Lima, November 2015": a short line of the opening that prints a month and no day.
std::int32_t year_of_month(std::string_view opening) {
  for (const std::string_view line : split(opening, '\n')) {
    const bool month = std::ranges::any_of(split(line, ' '), [](std::string_view word) {
      return parsing::month_number(word.substr(0, word.find_first_of(",."))) != 0;
    });
    if (month && line.size() <= kDateLineBytesMax && !dates_something_else(line)) {
      return parsing::find_last_year(line);
    }
  }
  return 0;
}

// A guide is of the collection of its year.
const Meeting* find_collection(Context& context) {
  context.result.adopted.reset();
  const std::int32_t year = year_published(context);
  const auto found =
      std::ranges::find_if(context.catalogue.meetings(), [&](const Meeting& meeting) {
        return meeting.series == series_of(DocumentKind::primer) && meeting.year == year;
      });
  if (found != context.catalogue.meetings().end()) {
    return &*found;
  }
  context.result.meeting = year > 0 ? fmt::format("primer-{}", year) : "";
  return nullptr;
}

const Meeting* find_meeting(Context& context) {
  ParsedDocument& result = context.result;
  const std::string_view series = series_of(result.kind);
  const std::string opening = opening_of(context);
  std::int32_t year = result.adopted ? result.adopted->year : context.year_read;
  year = year > 0 ? year : year_of_month(opening);
  const parsing::OwnMeeting own = parsing::find_own_meeting(context, opening, series, year);
  if (own.guessed) {
    context.warn("meeting_guessed", 1, own.meeting->name.in(Language::en));
    result.warnings.back().params = {{"id", own.meeting->id}};
  }
  const bool counted = own.in_series || result.kind == DocumentKind::parliamentary_priorities;
  if (own.meeting == nullptr && year > 0 && counted) {
    const std::string id = fmt::format("{}-{}", series, year);
    // Another meeting of that year than the one that the catalogue knows has no name here.
    result.meeting = context.catalogue.find_meeting(id) == nullptr ? id : "";
  }
  return own.meeting;
}

// Of a text of no series of meetings: by its title, or by the Summit that it names.
void read_own_text(Context& context) {
  ParsedDocument& result = context.result;
  result.place = place_printed(context);
  const std::string opening = opening_of(context);
  const std::int32_t year = result.adopted ? result.adopted->year : context.year_read;
  const parsing::OwnText own = parsing::find_own_text(context, opening, year);
  if (own.meeting == nullptr) {
    if (parsing::heads_of_state_speak(opening)) {
      context.warn_of("meeting_unknown", 1, result.title);
    }
    return;
  }
  result.meeting = own.meeting->id;
  result.place = own.meeting->city.in(Language::en);
  if (own.document == nullptr) {
    return;
  }
  result.document = own.document->id;
  result.title.clear();
  for (std::size_t i = own.first; i <= own.last; ++i) {
    const Paragraph& p = context.paragraphs[i];
    result.title += (result.title.empty() ? "" : " ") + without_emphasis(p.text);
    context.take(p, LineUse::head);
  }
}

// Which meeting and text of the catalogue the whole document is.
void read_meeting(Context& context) {
  ParsedDocument& result = context.result;
  if (series_of(result.kind).empty()) {
    read_own_text(context);
    return;
  }
  const bool guide = result.kind == DocumentKind::primer;
  const Meeting* const found = guide ? find_collection(context) : find_meeting(context);
  if (found == nullptr) {
    result.place = place_printed(context);
    context.warn_of("meeting_unknown", 1, result.title);
    return;
  }
  result.meeting = found->id;
  result.place = found->city.in(Language::en);
  const auto is_of = [&](const Document& document) { return document.meeting == found->id; };
  const auto& documents = context.catalogue.documents();
  const bool guessed = std::ranges::any_of(result.warnings, [](const Warning& warning) {
    return warning.reason == "commitments.parse.meeting_guessed";
  });
  if (!guessed && std::ranges::count_if(documents, is_of) == 1) {
    result.document = std::ranges::find_if(documents, is_of)->id;
  }
}

// Ids, years and deadlines rest on the day of adoption: whoever imports a text of no known meeting
// is told which day was read.
void say_date(Context& context) {
  const ParsedDocument& result = context.result;
  if (context.catalogue.find_meeting(result.meeting) != nullptr) {
    return;
  }
  if (result.adopted || context.year_read == 0) {  // else it was said that it may be either day
    context.warn(result.adopted ? "date_read" : "date_unknown", 0);
  }
  if (result.adopted) {
    context.result.warnings.back().params = {{"date", to_string(*result.adopted)}};
  }
}

std::vector<std::string> source_lines(const files::TextDocument& document) {
  std::int32_t last = 0;
  for (const files::Line& line : document.lines) {
    last = std::max(last, line.number);
  }
  std::vector<std::string> lines(static_cast<std::size_t>(last));
  for (const files::Line& line : document.lines) {
    if (line.number < 1) {
      continue;
    }
    std::string& target = lines[static_cast<std::size_t>(line.number - 1)];
    if (!target.empty() && !line.text.empty()) {
      target += ' ';
    }
    target += line.text;
  }
  return lines;
}

}  // namespace

std::string_view to_string(DocumentKind kind) noexcept {
  switch (kind) {
    case DocumentKind::summit_mandates:
      return "summit_mandates";
    case DocumentKind::ministers_commitment:
      return "ministers_commitment";
    case DocumentKind::parliamentary_priorities:
      return "parliamentary_priorities";
    case DocumentKind::primer:
      return "primer";
    case DocumentKind::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view to_string(ItemRole role) noexcept {
  switch (role) {
    case ItemRole::operative:
      return "operative";
    case ItemRole::chapeau:
      return "chapeau";
    case ItemRole::recital:
      return "recital";
    case ItemRole::priority:
      return "priority";
    case ItemRole::key_question:
      return "key_question";
    case ItemRole::response_dimension:
      return "response_dimension";
    case ItemRole::next_step:
      return "next_step";
    case ItemRole::good_practice:
      return "good_practice";
  }
  return "operative";
}

std::string_view to_string(CitationStatus status) noexcept {
  switch (status) {
    case CitationStatus::own:
      return "own";
    case CitationStatus::from_child:
      return "from_child";
    case CitationStatus::from_sibling:
      return "from_sibling";
    case CitationStatus::inferred:
      return "inferred";
    case CitationStatus::none:
      return "none";
  }
  return "none";
}

std::string_view to_string(LineUse use) noexcept {
  constexpr std::array<std::string_view, 10> kNames = {"blank",   "left",     "head",    "heading",
                                                       "lead_in", "item",     "recital", "guidance",
                                                       "note",    "furniture"};
  return kNames[static_cast<std::size_t>(use)];
}

std::int32_t ParsedDocument::count_lines(LineUse use) const {
  return static_cast<std::int32_t>(std::ranges::count(uses, use));
}

std::int32_t ParsedDocument::count_level(std::int32_t level) const {
  return static_cast<std::int32_t>(std::count_if(
      items.begin(), items.end(), [&](const ParsedItem& item) { return item.level == level; }));
}

std::int32_t ParsedDocument::count_citations(CitationStatus status) const {
  return static_cast<std::int32_t>(
      std::count_if(items.begin(), items.end(),
                    [&](const ParsedItem& item) { return item.citation.status == status; }));
}

Result<ParsedDocument> parse(const files::TextDocument& read, const Catalogue& catalogue) {
  const WrittenOut written = read.cells.empty() ? WrittenOut() : write_out_tables(read);
  const files::TextDocument& document = read.cells.empty() ? read : written.document;
  Context context{.document = document,
                  .catalogue = catalogue,
                  .citations = parsing::CitationReader(catalogue),
                  .paragraphs = parsing::read_paragraphs(document),
                  .result = {}};
  ParsedDocument& result = context.result;
  result.lines = source_lines(document);
  parsing::open_account(context);
  parsing::take_rows(context, written);
  result.warnings = written.warnings;
  for (const std::string& reason : document.warnings) {
    result.warnings.push_back({.reason = reason, .line = 0, .detail = {}});
    if (const auto page = document.warning_pages.find(reason);
        page != document.warning_pages.end()) {
      result.warnings.back().params = {{"page", std::to_string(page->second)}};
    }
  }
  parsing::leave_out_lists(context);
  parsing::mark_clauses(context);
  result.language = detect_language(context.paragraphs, document.declared_language);
  result.kind = detect_kind(context);
  if (result.kind == DocumentKind::summit_mandates) {
    parsing::parse_summit(context);
  } else {
    read_title(context);
    read_date(context);
    read_meeting(context);
    if (result.kind == DocumentKind::primer) {
      parsing::parse_primer(context);
    } else {
      if (result.kind == DocumentKind::unknown) {
        context.warn("kind_unknown", 1, "read as a list of numbered or marked paragraphs");
      }
      say_date(context);
      parsing::parse_numbered(context);
    }
  }
  parsing::tell_left(context);
  parsing::warn_of_links(context);
  parsing::warn_of_lost_bullets(context);
  warn_of_days(context);
  if (!result.language) {
    context.warn("language_unknown", 1);
  }
  if (result.items.empty() && result.guidance.empty()) {
    return fail(Error{.code = ErrorCode::invalid_argument,
                      .reason = "commitments.parse.no_items",
                      .detail = document.name + ": no numbered, bulleted or cited paragraph",
                      .params = {{"file", document.name}}});
  }
  return std::move(context.result);
}

}  // namespace atalaya::commitments
