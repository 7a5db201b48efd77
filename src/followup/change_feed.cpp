// What changed, as Atom: for one state, theme, treaty or commitment, or for all.
#include <fmt/format.h>

#include <atalaya/figures/html.hpp>
#include <atalaya/followup/change_words.hpp>
#include <atalaya/followup/tables.hpp>

namespace atalaya::followup {
namespace {

using figures::Html;

std::string value_words(const ChangeWords& words) {
  if (words.before.empty() || words.before == words.after) {
    return words.after;
  }
  return fmt::format("{} → {}", words.before, words.after.empty() ? "–" : words.after);
}

std::string path_of(const ChangeView& change) {
  if (!change.commitment.empty() && !change.actor.empty()) {
    return fmt::format("/follow-up/cells/{}/{}", change.commitment, change.actor);
  }
  if (!change.commitment.empty()) {
    return "/commitments/" + change.commitment;
  }
  if (!change.instrument.empty()) {
    return "/treaties/" + change.instrument;
  }
  return "/follow-up";
}

// A link of Atom is an empty element, which "link" of HTML is not written as.
void write_link(Html& h, std::string_view rel, std::string_view href) {
  Html escaped;
  escaped.text(href);
  h.unsafe_raw(fmt::format("<link rel=\"{}\" href=\"{}\"/>", rel, escaped.take()));
}

// Titles by commitment as they were when something changed: an entry never reads differently later.
class Titles {
 public:
  static Result<Titles> read(const Parts& parts, Language language) {
    Titles out;
    const auto members = ATALAYA_TRY(Cube(parts).members(language));
    for (const Member& member : members) {
      const auto* entry = parts.catalogue().find_entry(member.row.id);
      out.first_[member.row.id] =
          entry == nullptr ? member.row.text_start : entry->title.in(language);
    }
    ATALAYA_TRY(parts.database->read([&](store::Transaction& tx) -> Result<void> {
      out.later_.clear();
      const auto rows = ATALAYA_TRY(
          tx.query("SELECT commitment, set_at, title FROM titles WHERE language = $1 ORDER BY "
                   "commitment, version",
                   {std::string(to_string(language))}));
      for (const auto& row : rows) {
        out.later_[row.text(0)].emplace_back(row.text(1), row.text(2));
      }
      return {};
    }));
    return out;
  }

  [[nodiscard]] std::string at(const std::string& commitment, std::string_view when) const {
    const auto first = first_.find(commitment);
    std::string out = first == first_.end() ? std::string() : first->second;
    if (const auto later = later_.find(commitment); later != later_.end()) {
      for (const auto& [set_at, title] : later->second) {
        out = set_at <= when ? title : out;
      }
    }
    return out;
  }

 private:
  std::map<std::string, std::string, std::less<>> first_;
  std::map<std::string, std::vector<std::pair<std::string, std::string>>, std::less<>> later_;
};

// RFC 5005, section 4: full archives hold the oldest entries and never change; whoever comes back
// after a long time follows prev-archive until it meets an entry that it knows.
void write_archives(Html& h, const ChangeFeedRequest& request, std::int64_t full, bool more) {
  const auto link_to = [&](std::string_view rel, std::int64_t archive) {
    write_link(h, rel, fmt::format("{}{}&archive={}", request.origin, request.self, archive));
  };
  if (request.archive == 0) {
    if (more) {
      link_to("prev-archive", full);
    }
    return;
  }
  h.unsafe_raw("<fh:archive/>");
  write_link(h, "current", request.origin + request.self);
  if (request.archive > 1) {
    link_to("prev-archive", request.archive - 1);
  }
  if (request.archive < full) {
    link_to("next-archive", request.archive + 1);
  }
}

// An id is an absolute address (RFC 4287, section 4.2.6.1), also where nobody named the node's own.
std::string id_of(const ChangeFeedRequest& request, std::string_view path) {
  return (request.origin.empty() ? "urn:atalaya:" + figures::url_encode(request.node_name)
                                 : request.origin) +
         std::string(path);
}

void write_entry(Html& h, const Parts& parts, const ChangeFeedRequest& request,
                 const Titles& titles, const ChangeView& change) {
  const ChangeWords words = words_of(parts, request.language, change);
  std::string title = words.kind;
  if (!change.actor.empty()) {
    title += " · " + actor_words(parts.catalogue(), request.language, change.actor);
  }
  const std::string commitment = titles.at(change.commitment, change.at);
  if (!commitment.empty()) {
    title += " · " + commitment;
  } else if (!change.instrument.empty()) {
    const auto* instrument = parts.catalogue().find_instrument(change.instrument);
    title += " · " + (instrument == nullptr ? change.instrument
                                            : instrument->short_name.in(request.language));
  }
  h.open("entry").element("title", title);
  h.element("id", id_of(request, fmt::format("/api/v1/ledger/inclusion?leaf={}#{}", change.leaf,
                                             change.position)));
  h.element("updated", change.at);
  write_link(h, "alternate",
             fmt::format("{}/{}{}", request.origin, to_string(request.language), path_of(change)));
  const std::string values = value_words(words);
  h.element("summary", words.why.empty() ? values : fmt::format("{} ({})", values, words.why));
  h.close("entry");
}

}  // namespace

Result<std::string> change_feed(const Parts& parts, const ChangeFeedRequest& request) {
  const Cube cube(parts);
  const std::int64_t all = ATALAYA_TRY(cube.count_changes(request.query));
  const std::int64_t full = all / request.query.limit;
  if (request.archive < 0 || request.archive > full) {
    return fail(
        Error{ErrorCode::not_found,
              "followup.feed.archive",
              "no such archive is full yet",
              {{"archive", std::to_string(request.archive)}, {"archives", std::to_string(full)}}});
  }
  ChangeQuery query = request.query;
  if (request.archive > 0) {
    query.from_oldest = (request.archive - 1) * query.limit;
  }
  const auto changes = ATALAYA_TRY(cube.changes(query));
  const auto titles = ATALAYA_TRY(Titles::read(parts, request.language));
  const std::string_view language = to_string(request.language);
  Html h;
  h.unsafe_raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
  h.open("feed", {{"xmlns", "http://www.w3.org/2005/Atom"},
                  {"xmlns:fh", "http://purl.org/syndication/history/1.0"},
                  {"xml:lang", language}});
  h.element("title", fmt::format("{}: {}", request.node_name, request.title));
  h.element("id", id_of(request, request.self));
  h.element("updated",
            changes.empty() ? to_string(parts.today()) + "T00:00:00Z" : changes.front().at);
  h.open("author").element("name", request.node_name).close("author");
  write_link(h, "self",
             request.archive == 0
                 ? request.origin + request.self
                 : fmt::format("{}{}&archive={}", request.origin, request.self, request.archive));
  write_link(h, "alternate", fmt::format("{}/{}{}", request.origin, language, request.path));
  write_archives(h, request, full, all > request.query.limit);
  for (const ChangeView& change : changes) {
    write_entry(h, parts, request, titles, change);
  }
  h.close("feed");
  return h.take();
}

}  // namespace atalaya::followup
