#include <atalaya/followup/icalendar.hpp>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>
#include <atalaya/figures/messages.hpp>
#include <atalaya/followup/deadlines.hpp>
#include <atalaya/followup/registers.hpp>

namespace atalaya::followup {
namespace {

constexpr std::size_t kLineOctets = 75;  // RFC 5545, 3.1

// Content lines end with CRLF and are folded between characters, never within one.
void add_line(std::string& out, std::string_view line) {
  std::size_t room = kLineOctets;
  while (line.size() > room) {
    std::size_t cut = room;
    while ((static_cast<unsigned char>(line[cut]) & 0xC0U) == 0x80U) {
      --cut;
    }
    out.append(line.substr(0, cut)).append("\r\n ");
    line.remove_prefix(cut);
    room = kLineOctets - 1;
  }
  out.append(line).append("\r\n");
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == ';' || c == ',') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) >= 0x20) {
      out += c;
    }
  }
  return out;
}

std::string packed(CivilDate day) {
  return fmt::format("{:04}{:02}{:02}", day.year, day.month, day.day);
}

struct Event {
  std::string id, summary, description, path;
  CivilDate day;
};

void add_event(std::string& out, const FeedRequest& request, const Event& event) {
  add_line(out, "BEGIN:VEVENT");
  add_line(out, fmt::format("UID:{}@{}", event.id, "atalaya"));
  add_line(out, fmt::format("DTSTAMP:{}T000000Z", packed(request.as_of)));
  add_line(out, fmt::format("DTSTART;VALUE=DATE:{}", packed(event.day)));
  add_line(out, "SUMMARY:" + escaped(event.summary));
  add_line(out, "DESCRIPTION:" + escaped(event.description));
  if (!request.origin.empty()) {
    add_line(out,
             fmt::format("URL:{}/{}{}", request.origin, to_string(request.language), event.path));
  }
  add_line(out, "TRANSP:TRANSPARENT");
  add_line(out, "END:VEVENT");
}

std::string say(Language language, const std::string& key) {
  return figures::Messages::embedded().text(language, key, {});
}

}  // namespace

Result<std::string> deadline_feed(const Parts& parts, const FeedRequest& request) {
  const Language language = request.language;
  const auto dates = ATALAYA_TRY(Deadlines(parts).list(
      {.as_of = request.as_of, .language = language, .actor = request.actor}));
  std::string out;
  add_line(out, "BEGIN:VCALENDAR");
  add_line(out, "VERSION:2.0");
  add_line(out, "PRODID:-//Atalaya//Deadlines//EN");
  add_line(out, "CALSCALE:GREGORIAN");
  add_line(out, "X-WR-CALNAME:" + escaped(fmt::format("{}: {}", request.node_name,
                                                      say(language, "deadlines.title"))));
  for (const Deadline& date : dates) {
    const std::string said =
        date.printed.empty() && !date.set_by.empty()
            ? figures::Messages::embedded().text(
                  language, "due.by_person",
                  {{"date", figures::edtf(language, date.shown())}, {"name", date.set_by}})
            : fmt::format("“{}”", date.printed);
    const auto moved = date.outcome && date.outcome->outcome == "postponed"
                           ? days_of(date.outcome->new_due).last
                           : date.days.last;
    if (!date.pending() || !moved) {
      continue;
    }
    add_event(
        out, request,
        {date.id, date.title,
         fmt::format(
             "{} · {}{}", said, say(language, fmt::format("deadline.{}", to_string(date.state))),
             date.said_by_state() ? fmt::format(" ({})", say(language, "deadlines.said_by_state"))
                                  : std::string()),
         date.commitment.empty() ? "/documents/" + date.document
                                 : "/commitments/" + date.commitment,
         *moved});
  }
  const auto* country = parts.catalogue().find_country(request.actor);
  if (country != nullptr) {
    CalendarQuery query;
    query.as_of = request.as_of;
    query.from = {request.as_of.year - 1, request.as_of.month, 1};
    query.to = {request.as_of.year + 2, 12, 31};
    query.country = request.actor;
    const auto calendar = ATALAYA_TRY(ReportCalendar(parts).calendar(query));
    for (const OwedReport& one : calendar.owed) {
      const ReportDuty* duty = calendar.find(one.duty);
      if (!one.received.empty()) {
        continue;
      }
      add_event(out, request,
                {fmt::format("{}/{}/{}", one.duty, one.country, one.period),
                 fmt::format("{} {}", duty->title.in(language), one.period),
                 fmt::format("{} · {}", duty->recipient.in(language), duty->basis),
                 "/deadlines/reports?country=" + one.country, one.due});
    }
  }
  // What somebody undertook in a hearing; the register does not say whether it was done.
  const auto hearings =
      ATALAYA_TRY(Registers(parts).list({.kind = "hearings", .country = request.actor}));
  for (const RegisterRecord& row : hearings) {
    const auto due = days_of(row.value("due")).last;
    if (due && *due >= plus_days(request.as_of, -366)) {
      add_event(out, request,
                {fmt::format("hearing/{}", row.id), std::string(row.value("undertaking")),
                 fmt::format("{} · {}", row.value("country"), row.value("question")),
                 fmt::format("/registers/hearings/{}", row.id), *due});
    }
  }
  add_line(out, "END:VCALENDAR");
  return out;
}

}  // namespace atalaya::followup
