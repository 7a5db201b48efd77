// Two layouts: our own (one act a row) and the lists of participants of the United Nations Treaty
// Collection (one party a row, the act's kind as a letter behind its date). docs/reference/
// treaty-events.md describes both. A file is right as a whole or is refused with its first wrong
// line, so that nothing is ever half taken over.
#include "treaties_rows.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include <atalaya/base/csv.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/followup/reference.hpp>

#include "checks.hpp"
#include "table_rows.hpp"

namespace atalaya::followup::detail {
namespace {

constexpr std::size_t kTextBytesMax = 1000;

class Checker {
 public:
  Checker(const Parts& parts, std::string_view file) : parts_(parts), file_(file) {}

  [[nodiscard]] std::unexpected<Error> wrong(std::uint64_t line, std::string_view rule,
                                             std::string_view value = {},
                                             std::string_view more = {}) const {
    return fail(Error{ErrorCode::invalid_argument,
                      fmt::format("followup.treaties.{}", rule),
                      fmt::format("{}, line {}: {}", file_, line, rule),
                      {{"file", file_},
                       {"line", std::to_string(line)},
                       {"value", std::string(value.substr(0, 80))},
                       {"date", std::string(more)}}});
  }

  // What can be said of one act alone: who, what, when, by whom read and when.
  [[nodiscard]] Result<void> check(const ReadRow& row) const {
    const TreatyEvent& event = row.event;
    const auto* country = parts_.catalogue().find_country(event.party);
    if (country == nullptr || !country->is_state) {
      return wrong(row.line, "party", event.party);
    }
    const auto* instrument = parts_.catalogue().find_instrument(event.instrument);
    if (instrument == nullptr || instrument->kind != "treaty") {
      return wrong(row.line, "instrument", event.instrument);
    }
    const auto day = last_day(event.date);
    if (!day) {
      return wrong(row.line, "date", event.date);
    }
    const std::string opened = parts_.reference->opened(event.instrument);
    if (const auto first = parse_civil_date(opened); first && *day < *first) {
      return wrong(row.line, "before_opened", event.date, opened);
    }
    const auto begins = first_day(event.date);
    if (begins && *begins > parts_.today()) {
      return wrong(row.line, "future", event.date);
    }
    const auto read = parse_civil_date(event.read_on);
    if (!read || *read > parts_.today()) {
      return wrong(row.line, "read_on", event.read_on);
    }
    if (begins && *begins > *read) {
      return wrong(row.line, "future", event.date, event.read_on);
    }
    if (!event.effective.empty() && !parse_civil_date(event.effective)) {
      return wrong(row.line, "date", event.effective);
    }
    const auto effect = parse_civil_date(event.effective);
    if (effect && begins && *effect < *begins && event.act != TreatyAct::succession) {
      return wrong(row.line, "effective_before", event.effective, event.date);
    }
    // Nobody is bound by a treaty before it binds anybody.
    const bool binds = is_consent(event.act) || event.act == TreatyAct::entry_into_force;
    const std::string& from = event.effective.empty() && event.act == TreatyAct::entry_into_force
                                  ? event.date
                                  : event.effective;
    const auto own = last_day(from);
    const auto treaty = parse_civil_date(instrument->in_force);
    if (binds && own && treaty && *own < *treaty) {
      return wrong(row.line, "effective_early", from, instrument->in_force);
    }
    for (const std::string* text : {&event.source, &event.note}) {
      if (const auto open = check_no_login(*text); !open) {
        return wrong(row.line, "login", open.error().params.front().second);
      }
    }
    if (event.source.empty() || event.source.size() > kTextBytesMax ||
        event.note.size() > kTextBytesMax || event.depositary.size() > kTextBytesMax) {
      return wrong(row.line, "source");
    }
    return {};
  }

  [[nodiscard]] const Parts& parts() const { return parts_; }

  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  const Parts& parts_;
  std::string file_;
};

std::string depositary_of(const Parts& parts, std::string_view instrument) {
  const auto* row = parts.catalogue().find_instrument(instrument);
  return row == nullptr ? std::string() : row->depositary;
}

// ---- our own layout

// In the four languages, as people and workbooks write it; an empty cell takes nothing back.
std::optional<bool> parse_yes_no(std::string_view text) {
  constexpr std::string_view kYes[] = {"yes", "y", "si", "s", "sim", "oui", "o", "true",
                                       "verdadero", "verdadeiro", "vrai", "1", "x"};
  constexpr std::string_view kNo[] = {"", "no", "n", "nao", "non", "false", "falso", "faux", "0"};
  const std::string folded = fold(trim(text));
  if (std::ranges::find(kYes, folded) != std::end(kYes)) {
    return true;
  }
  return std::ranges::find(kNo, folded) != std::end(kNo) ? std::optional(false) : std::nullopt;
}

// What is held was right when it was written: a node takes its own file back after its rules became
// stricter.
bool says_held(const TreatyEvent& event, const std::vector<TreatyEvent>& held) {
  return std::ranges::any_of(held, [&](const TreatyEvent& one) {
    return one.party == event.party && one.instrument == event.instrument && one.act == event.act &&
           one.date == event.date && one.effective == event.effective &&
           one.depositary == event.depositary && trim(one.source) == event.source &&
           one.read_on == event.read_on && trim(one.note) == event.note;
  });
}

Result<ReadFile> read_own(const Checker& checker, const TableRows& table,
                          const std::vector<TreatyEvent>& held) {
  constexpr std::array<std::string_view, 6> kNeeded = {"party", "instrument", "kind",
                                                       "date",  "source",     "read_on"};
  std::array<int, 6> at{};
  for (std::size_t i = 0; i < kNeeded.size(); ++i) {
    at[i] = table.column(kNeeded[i]);
    if (at[i] < 0) {
      return checker.wrong(1, "columns", kNeeded[i]);
    }
  }
  ATALAYA_TRY(check_columns(table, checker.file(),
                            {"party", "instrument", "kind", "date", "effective", "depositary",
                             "source", "read_on", "note", "retract"}));
  ReadFile out;
  out.layout = "atalaya";
  for (std::size_t i = 0; i < table.size(); ++i) {
    ReadRow row;
    row.line = table.line(i);
    TreatyEvent& event = row.event;
    event.party = table.text(i, at[0]);
    event.instrument = table.text(i, at[1]);
    const std::string kind = table.text(i, at[2]);
    const auto act = parse_treaty_act(kind);
    if (!act) {
      return checker.wrong(row.line, "kind", kind);
    }
    event.act = *act;
    event.date = table.text(i, at[3]);
    event.source = table.text(i, at[4]);
    event.read_on = table.text(i, at[5]);
    event.effective = table.text(i, table.column("effective"));
    event.depositary = table.text(i, table.column("depositary"));
    event.note = table.text(i, table.column("note"));
    if (event.depositary.empty()) {
      event.depositary = depositary_of(checker.parts(), event.instrument);
    }
    const std::string retract = table.text(i, table.column("retract"));
    const auto said = parse_yes_no(retract);
    if (!said) {
      return checker.wrong(row.line, "retract", retract);
    }
    row.retract = *said;
    row.is_held = !row.retract && says_held(event, held);
    if (!row.is_held) {
      ATALAYA_TRY(checker.check(row));
    }
    out.rows.push_back(std::move(row));
  }
  return out;
}

// ---- lists of participants

// "8 Feb 2008 a", "12 Dec 2000", "24 Sep 2003 AA"
struct ListedAct {
  std::string date;
  std::string letters;
};

std::optional<ListedAct> parse_listed(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                        "jul", "aug", "sep", "oct", "nov", "dec"};
  const std::string squeezed = squeeze(text);
  const auto words = split(squeezed, ' ');
  if (words.size() < 3 || words.size() > 4) {
    return std::nullopt;
  }
  const auto number = [](std::string_view word) {
    std::int32_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    return error == std::errc{} && end == word.data() + word.size() ? value : 0;
  };
  const auto month = std::ranges::find(kMonths, fold(words[1].substr(0, 3)));
  if (month == kMonths.end()) {
    return std::nullopt;
  }
  const auto date = CivilDate::create(
      number(words[2]), static_cast<std::int32_t>(month - kMonths.begin()) + 1, number(words[0]));
  if (!date) {
    return std::nullopt;
  }
  return ListedAct{to_string(*date), words.size() == 4 ? std::string(words[3]) : std::string()};
}

std::optional<TreatyAct> act_of_letters(std::string_view letters) {
  constexpr std::pair<std::string_view, TreatyAct> kLetters[] = {
      {"", TreatyAct::ratification}, {"a", TreatyAct::accession},  {"A", TreatyAct::acceptance},
      {"AA", TreatyAct::approval},   {"d", TreatyAct::succession}, {"c", TreatyAct::acceptance},
      {"s", TreatyAct::acceptance}};
  for (const auto& [name, act] : kLetters) {
    if (name == letters) {
      return act;
    }
  }
  return std::nullopt;
}

struct ListColumns {
  int participant = -1, signature = -1, consent = -1;
};

Result<void> read_listed_row(const Checker& checker, const TableRows& table, std::size_t i,
                             const ListColumns& columns, ReadFile& out) {
  const std::string name = squeeze(table.text(i, columns.participant));
  const auto& catalogue = checker.parts().catalogue();
  const auto* country = state_named(catalogue, name);
  if (country == nullptr) {
    out.outside.push_back(name);
    if (const auto* like = state_resembled(catalogue, name)) {
      out.resembling.push_back({table.line(i), name, like->id});
    }
    return {};
  }
  for (const int column : {columns.signature, columns.consent}) {
    const std::string text = table.text(i, column);
    if (text.empty()) {
      continue;
    }
    const auto listed = parse_listed(text);
    if (!listed) {
      return checker.wrong(table.line(i), "date", text);
    }
    ReadRow row;
    row.line = table.line(i);
    row.event.party = country->id;
    row.event.instrument = out.instrument;
    row.event.date = listed->date;
    row.event.depositary = depositary_of(checker.parts(), out.instrument);
    row.event.source = out.source;
    row.event.read_on = out.snapshot;
    if (column == columns.consent) {
      const auto act = act_of_letters(listed->letters);
      if (!act) {
        return checker.wrong(row.line, "kind", listed->letters);
      }
      row.event.act = *act;
    } else if (listed->letters == "d") {
      row.event.note = "succession to the signature";
    }
    ATALAYA_TRY(checker.check(row));
    out.rows.push_back(std::move(row));
  }
  return {};
}

Result<ReadFile> read_list(const Checker& checker, const TableRows& table,
                           const TreatyImportOptions& options) {
  ReadFile out;
  out.layout = "untc";
  out.instrument = options.instrument;
  out.snapshot = options.snapshot;
  const auto* instrument = checker.parts().catalogue().find_instrument(options.instrument);
  if (instrument == nullptr || instrument->kind != "treaty") {
    return checker.wrong(1, "list_instrument", options.instrument);
  }
  const auto snapshot = parse_civil_date(options.snapshot);
  if (!snapshot || *snapshot > checker.parts().today()) {
    return checker.wrong(1, "snapshot", options.snapshot);
  }
  out.source = !options.source.empty()
                   ? options.source
                   : fmt::format("{}; list of participants", instrument->source);
  ListColumns columns;
  columns.participant = table.column("participant");
  columns.signature = table.column_with("signature");
  columns.consent = table.column_with("ratification");
  if (columns.signature < 0 || columns.consent < 0) {
    return checker.wrong(1, "columns", columns.signature < 0 ? "Signature" : "Ratification");
  }
  for (std::size_t i = 0; i < table.size(); ++i) {
    ATALAYA_TRY(read_listed_row(checker, table, i, columns, out));
  }
  std::ranges::sort(out.outside);
  const auto twice = std::ranges::unique(out.outside);
  out.outside.erase(twice.begin(), twice.end());
  return out;
}

// ---- rules over several acts of one party

using Key = std::pair<std::string, std::string>;  // party, instrument

bool is_single(TreatyAct act) {
  return act == TreatyAct::signature || act == TreatyAct::entry_into_force || is_consent(act);
}

bool same_slot(TreatyAct a, TreatyAct b) {
  return a == b || (is_consent(a) && is_consent(b));
}

// Whether the party left between the two dates, so that it may join anew.
bool left_between(const std::vector<const TreatyEvent*>& acts, const TreatyEvent& a,
                  const TreatyEvent& b) {
  const auto& [low, high] = std::minmax(a.date, b.date);
  return std::ranges::any_of(acts, [&](const TreatyEvent* act) {
    return act->act == TreatyAct::withdrawal && act->date >= low && act->date <= high;
  });
}

bool earlier_act(const std::vector<const TreatyEvent*>& acts, const TreatyEvent& event,
                 bool signature_counts) {
  return std::ranges::any_of(acts, [&](const TreatyEvent* act) {
    const bool kind =
        is_consent(act->act) || (signature_counts && act->act == TreatyAct::signature);
    const auto day = last_day(act->date);
    const auto own = last_day(event.date);
    return kind && day && own && *day <= *own;
  });
}

// The withdrawal after which this act of a party that did not join again makes no sense. One that is
// the act itself, known better or worse, is none.
const TreatyEvent* left_before(const std::vector<const TreatyEvent*>& acts,
                               const TreatyEvent& event) {
  const auto own = last_day(event.date);
  const TreatyEvent* found = nullptr;
  for (const TreatyEvent* act : acts) {
    const bool again = event.act == TreatyAct::withdrawal;
    const bool itself = act->date.starts_with(event.date) || event.date.starts_with(act->date);
    // Until a withdrawal has effect its state is a party, and may object as one.
    const auto left = last_day(act->effective.empty() || again ? act->date : act->effective);
    if (act->act == TreatyAct::withdrawal && !(again && itself) && left && own && *left < *own) {
      found = found == nullptr || found->date < act->date ? act : found;
    }
  }
  const bool joined = found != nullptr && std::ranges::any_of(acts, [&](const TreatyEvent* act) {
    return (is_consent(act->act) || act->act == TreatyAct::signature) &&
           act->date >= found->date && act->date <= event.date;
  });
  return joined ? nullptr : found;
}

Result<void> check_together(const Checker& checker, const ReadFile& file,
                            const std::vector<TreatyEvent>& held) {
  std::map<Key, std::vector<const TreatyEvent*>> acts;
  const auto taken_back = [&](const TreatyEvent& event) {
    return std::ranges::any_of(file.rows, [&](const ReadRow& row) {
      return row.retract && row.event.act == event.act && row.event.date == event.date &&
             row.event.party == event.party && row.event.instrument == event.instrument;
    });
  };
  for (const TreatyEvent& event : held) {
    if (event.act != TreatyAct::withdrawal || !taken_back(event)) {
      acts[{event.party, event.instrument}].push_back(&event);
    }
  }
  for (const ReadRow& row : file.rows) {
    if (!row.retract) {
      acts[{row.event.party, row.event.instrument}].push_back(&row.event);
    }
  }
  std::map<Key, std::vector<const ReadRow*>> seen;
  for (const ReadRow& row : file.rows) {
    const TreatyEvent& event = row.event;
    const Key key{event.party, event.instrument};
    auto& earlier_rows = seen[key];
    for (const ReadRow* other : earlier_rows) {
      const bool same = other->event.act == event.act && other->event.date == event.date;
      const bool second = is_single(event.act) && same_slot(other->event.act, event.act) &&
                          !row.retract && !other->retract && !(row.is_held && other->is_held) &&
                          !left_between(acts[key], other->event, event);
      if (same || second) {
        return checker.wrong(row.line, "twice", to_string(event.act), std::to_string(other->line));
      }
    }
    earlier_rows.push_back(&row);
    if (row.retract || row.is_held) {
      continue;
    }
    if (event.act == TreatyAct::withdrawal && !earlier_act(acts[key], event, true)) {
      return checker.wrong(row.line, "leaves_nothing", event.party, event.date);
    }
    if (event.act == TreatyAct::entry_into_force && !earlier_act(acts[key], event, false)) {
      return checker.wrong(row.line, "no_consent", event.party, event.date);
    }
    const bool of_a_party = event.act == TreatyAct::withdrawal ||
                            event.act == TreatyAct::objection ||
                            event.act == TreatyAct::reservation;
    const TreatyEvent* left = of_a_party ? left_before(acts[key], event) : nullptr;
    if (left != nullptr) {
      return checker.wrong(row.line, "after_leaving", event.party, left->date);
    }
  }
  return {};
}

}  // namespace

Result<ReadFile> read_treaty_file(const Parts& parts, std::string_view bytes,
                                  std::string_view file_name, const TreatyImportOptions& options,
                                  const std::vector<TreatyEvent>& held) {
  const Checker checker(parts, file_name);
  const TableRows table = ATALAYA_TRY(TableRows::read(bytes, file_name));
  ReadFile file;
  if (table.column("participant") >= 0) {
    file = ATALAYA_TRY(read_list(checker, table, options));
  } else {
    file = ATALAYA_TRY(read_own(checker, table, held));
  }
  ATALAYA_TRY(check_together(checker, file, held));
  return file;
}

}  // namespace atalaya::followup::detail

namespace atalaya::followup {

std::string treaty_csv(const std::vector<TreatyEvent>& events) {
  std::string out = "party,instrument,kind,date,effective,depositary,source,read_on,note\r\n";
  for (const TreatyEvent& event : events) {
    const std::string_view kind = to_string(event.act);
    std::string line;
    for (const std::string_view field :
         {std::string_view(event.party), std::string_view(event.instrument), kind,
          std::string_view(event.date), std::string_view(event.effective),
          std::string_view(event.depositary), std::string_view(event.source),
          std::string_view(event.read_on), std::string_view(event.note)}) {
      line += (line.empty() ? "" : ",") + csv_field(field);
    }
    out += line + "\r\n";
  }
  return out;
}

}  // namespace atalaya::followup
