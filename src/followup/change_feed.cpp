// What changed, as Atom: for one state, theme, treaty or commitment, or for all.
#include <fmt/format.h>

#include <atalaya/figures/html.hpp>
#include <atalaya/figures/messages.hpp>
#include <atalaya/followup/tables.hpp>

namespace atalaya::followup {
namespace {

using figures::Html;

std::string value_words(const ChangeView& change) {
  if (change.before.empty() || change.before == change.after) {
    return change.after;
  }
  return fmt::format("{} → {}", change.before, change.after.empty() ? "–" : change.after);
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

// Words for a kind; "register.practices" is said as "register", an unknown kind as it is.
std::string kind_words(Language language, const std::string& kind) {
  const auto& messages = figures::Messages::embedded();
  for (const std::string& name : {kind, kind.substr(0, kind.find('.'))}) {
    const std::string key = "followup.change." + name;
    if (messages.has(language, key)) {
      return messages.text(language, key, {});
    }
  }
  return kind;
}

// A link of Atom is an empty element, which "link" of HTML is not written as.
void write_link(Html& h, std::string_view rel, std::string_view href) {
  Html escaped;
  escaped.text(href);
  h.unsafe_raw(fmt::format("<link rel=\"{}\" href=\"{}\"/>", rel, escaped.take()));
}

}  // namespace

Result<std::string> change_feed(const Parts& parts, const ChangeFeedRequest& request) {
  const auto changes = ATALAYA_TRY(Cube(parts).changes(request.query));
  const auto members = ATALAYA_TRY(Cube(parts).members(request.language));
  std::map<std::string_view, std::string> titles;
  for (const Member& member : members) {
    titles[member.row.id] = member.row.title.empty() ? member.row.text_start : member.row.title;
  }
  const std::string_view language = to_string(request.language);
  const auto address = [&](std::string_view path) {
    return fmt::format("{}/{}{}", request.origin, language, path);
  };
  Html h;
  h.unsafe_raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
  h.open("feed", {{"xmlns", "http://www.w3.org/2005/Atom"}, {"xml:lang", language}});
  h.element("title", fmt::format("{}: {}", request.node_name, request.title));
  h.element("id", request.origin + request.self);
  h.element("updated",
            changes.empty() ? to_string(parts.today()) + "T00:00:00Z" : changes.front().at);
  h.open("author").element("name", request.node_name).close("author");
  write_link(h, "self", request.origin + request.self);
  write_link(h, "alternate", address(request.path));
  for (const ChangeView& change : changes) {
    std::string title = kind_words(request.language, change.kind);
    if (!change.actor.empty()) {
      const auto* country = parts.catalogue().find_country(country_of(change.actor));
      title += fmt::format(" · {}",
                           country == nullptr ? change.actor : country->name.in(request.language));
    }
    if (const auto found = titles.find(change.commitment); found != titles.end()) {
      title += " · " + found->second;
    } else if (!change.instrument.empty()) {
      title += " · " + change.instrument;
    }
    h.open("entry").element("title", title);
    h.element("id", fmt::format("{}/api/v1/ledger/inclusion?leaf={}#{}", request.origin,
                                change.leaf, change.position));
    h.element("updated", change.at);
    write_link(h, "alternate", address(path_of(change)));
    h.element("summary", change.why.empty()
                             ? value_words(change)
                             : fmt::format("{} ({})", value_words(change), change.why));
    h.close("entry");
  }
  h.close("feed");
  return h.take();
}

}  // namespace atalaya::followup
