#include <atalaya/figures/page.hpp>

#include <array>

#include <atalaya/figures/assets.hpp>
#include <atalaya/figures/locale.hpp>
#include <atalaya/figures/messages.hpp>

namespace atalaya::figures {
namespace {

struct NavLink {
  std::string_view id, path, key;
};

// Six fit beside the search at 1000 px in every language, where the longest is one of ten letters.
constexpr auto kNavigation = std::to_array<NavLink>({
    {"commitments", "/commitments", "nav.commitments"},
    {"follow_up", "/follow-up", "nav.follow_up"},
    {"themes", "/themes", "nav.themes"},
    {"treaties", "/treaties", "nav.treaties"},
    {"countries", "/countries", "nav.countries"},
    {"figures", "/figures", "nav.figures"},
});

std::string say(const PageFrame& frame, std::string_view key) {
  return Messages::embedded().text(frame.language, key);
}

std::string as_of(const PageFrame& frame) {
  return Messages::embedded().text(frame.language, "shell.as_of",
                                   {{"date", edtf(frame.language, frame.as_of)}});
}

void write_alternates(Html& h, const PageFrame& frame) {
  h.empty("link",
          {{"rel", "canonical"}, {"href", frame.origin + localised(frame.language, frame.path)}});
  for (const Language language : kLanguages) {
    h.empty("link", {{"rel", "alternate"},
                     {"hreflang", to_string(language)},
                     {"href", frame.origin + localised(language, frame.path)}});
  }
}

void write_head(Html& h, const PageFrame& frame) {
  h.open("head");
  h.empty("meta", {{"charset", "utf-8"}});
  h.empty("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  h.element("title", frame.path == "/" ? "Atalaya: " + frame.title : frame.title + " · Atalaya");
  if (!frame.description.empty()) {
    h.empty("meta", {{"name", "description"}, {"content", frame.description}});
  }
  if (frame.indexed) {
    write_alternates(h, frame);
  } else {
    h.empty("meta", {{"name", "robots"}, {"content", "noindex, nofollow"}});
  }
  h.empty("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
  h.empty("link", {{"rel", "preload"},
                   {"as", "font"},
                   {"type", "font/woff2"},
                   {"href", asset_url("source-sans-3-latin.woff2")},
                   {"crossorigin", "anonymous"}});
  h.empty("link", {{"rel", "stylesheet"}, {"href", asset_url("atalaya.css")}});
  h.empty("link", {{"rel", "icon"}, {"type", "image/svg+xml"}, {"href", asset_url("favicon.svg")}});
  // The builder refuses script elements; this one is ours, and its address holds its hash.
  h.unsafe_raw("<script type=\"module\" src=\"");
  h.unsafe_raw(asset_url("atalaya.js"));
  h.unsafe_raw("\"></script>");
  h.close("head");
}

void write_languages(Html& h, const PageFrame& frame) {
  constexpr std::array<Language, 4> kOrder = {Language::es, Language::en, Language::pt,
                                              Language::fr};
  h.open("nav", {{"class", "languages"}, {"aria-label", say(frame, "shell.languages")}});
  for (const Language language : kOrder) {
    const auto code = to_string(language);
    h.element("a",
              {{"href", localised(language, frame.path)},
               {"lang", code},
               {"hreflang", code},
               attribute_if(language == frame.language, "aria-current", "true")},
              own_name(language));
  }
  h.close("nav");
}

void write_navigation(Html& h, const PageFrame& frame) {
  h.open("nav", {{"aria-label", say(frame, "shell.main_navigation")}});
  for (const auto& link : kNavigation) {
    h.element("a",
              {{"href", localised(frame.language, link.path)},
               attribute_if(frame.nav == link.id, "aria-current", "page")},
              say(frame, link.key));
  }
  h.close("nav");
}

void write_search(Html& h, const PageFrame& frame) {
  h.open("form", {{"class", "site-search"},
                  {"role", "search"},
                  {"action", localised(frame.language, "/search")}});
  h.element("label", {{"class", "visually-hidden"}, {"for", "q"}}, say(frame, "search.label"));
  h.empty("input", {{"type", "search"},
                    {"id", "q"},
                    {"name", "q"},
                    {"value", frame.search},
                    {"placeholder", say(frame, "search.placeholder")},
                    {"maxlength", "300"},
                    {"autocomplete", "off"}});
  h.element("kbd", {{"aria-hidden", "true"}}, "/");
  h.close("form");
}

// The way back to one's desk, on every page, for who is signed in.
void write_account(Html& h, const PageFrame& frame) {
  if (!frame.account.empty()) {
    h.element("a", {{"class", "account"}, {"href", localised(frame.language, "/desk")}},
              say(frame, "footer.desk") + " · " + frame.account);
  }
}

void write_header(Html& h, const PageFrame& frame) {
  h.open("header");
  h.open("div", {{"class", "utility"}}).open("div", {{"class", "wrap"}});
  if (!frame.node_name.empty()) {
    h.open("p", {{"class", "node"}});
    h.text(Messages::embedded().text(frame.language, "shell.node", {{"name", frame.node_name}}));
    if (!frame.as_of.empty()) {
      h.text(" · ").text(as_of(frame));
    }
    h.close("p");
  }
  write_account(h, frame);
  write_languages(h, frame);
  h.close("div").close("div");

  h.open("div", {{"class", "bar"}}).open("div", {{"class", "wrap"}});
  h.open("a", {{"class", "brand"}, {"href", localised(frame.language, "/")}});
  h.append(mark()).text("Atalaya").close("a");
  // Twice, and one of the two is never displayed: a row on wide screens, a menu on narrow ones
  // that opens without a script.
  h.open("details", {{"class", "menu"}});
  h.element("summary", say(frame, "shell.menu"));
  write_navigation(h, frame);
  write_account(h, frame);
  h.close("details");
  h.open("div", {{"class", "mainnav"}});
  write_navigation(h, frame);
  h.close("div");
  if (frame.search_in_header) {
    write_search(h, frame);
  }
  h.close("div").close("div");
  h.close("header");
}

// A page of the first level would only repeat its own heading.
void write_crumbs(Html& h, const PageFrame& frame) {
  if (frame.crumbs.size() < 2) {
    return;
  }
  h.open("nav", {{"class", "crumbs wrap"}, {"aria-label", say(frame, "shell.breadcrumbs")}})
      .open("ol");
  for (const auto& crumb : frame.crumbs) {
    h.open("li");
    if (crumb.path.empty()) {
      h.element("span", {{"aria-current", "page"}}, crumb.label);
    } else {
      h.element("a", {{"href", localised(frame.language, crumb.path)}}, crumb.label);
    }
    h.close("li");
  }
  h.close("ol").close("nav");
}

void write_footer_links(
    Html& h, const PageFrame& frame, std::string_view title_key,
    std::initializer_list<std::pair<std::string_view, std::string_view>> links) {
  h.open("div", {{"class", "stack-s"}});
  h.element("h2", say(frame, title_key)).open("ul");
  for (const auto& [path, key] : links) {
    h.open("li").element("a", {{"href", localised(frame.language, path)}}, say(frame, key)).close();
  }
  h.close("ul").close("div");
}

void write_footer(Html& h, const PageFrame& frame) {
  const auto& messages = Messages::embedded();
  h.open("footer", {{"class", "footer"}}).open("div", {{"class", "wrap"}});
  h.open("div", {{"class", "cols-3"}});
  h.open("div", {{"class", "stack-s"}});
  h.element("h2", "Atalaya");
  h.element("p", say(frame, "footer.about"));
  h.element("p", say(frame, "footer.licences"));
  h.close("div");
  write_footer_links(
      h, frame, "footer.check",
      {{"/methods", "footer.methods"},
       {"/figures/method", "footer.figure_methods"},
       {"/data", "footer.data"},
       {"/data#log", "footer.verify"}});
  if (frame.account.empty()) {
    write_footer_links(h, frame, "footer.more",
                       {{"/meetings", "nav.meetings"},
                        {"/documents", "nav.documents"},
                        {"/institutions", "nav.institutions"},
                        {"/sign-in", "footer.sign_in"}});
  } else {
    write_footer_links(h, frame, "footer.more",
                       {{"/meetings", "nav.meetings"},
                        {"/documents", "nav.documents"},
                        {"/institutions", "nav.institutions"},
                        {"/desk", "footer.desk"}});
  }
  h.close("div");
  std::string line = frame.node_name;
  if (!frame.as_of.empty()) {
    line += " · " + as_of(frame);
  }
  if (frame.log_size >= 0) {
    line += " · " + messages.text(frame.language, "footer.log",
                                  {{"size", number(frame.language, frame.log_size)},
                                   {"root", std::string_view(frame.log_root).substr(0, 16)}});
  }
  h.element("p", {{"class", "foot-line"}}, line);
  h.close("div").close("footer");
}

}  // namespace

std::string localised(Language language, std::string_view path) {
  return std::string("/").append(to_string(language)).append(path);
}

const Html& mark() {
  static const Html drawn = [] {
    Html h;
    h.open("svg", {{"viewBox", "0 0 26 32"},
                   {"width", "26"},
                   {"height", "32"},
                   {"fill", "none"},
                   {"stroke", "currentColor"},
                   {"stroke-width", "2.4"},
                   {"stroke-linecap", "round"},
                   {"stroke-linejoin", "round"},
                   {"aria-hidden", "true"}});
    h.empty("path", {{"d", "M2 8.5 13 2l11 6.5z"}, {"fill", "currentColor"}});
    h.empty("path", {{"d",
                      "M6 9v8h14V9M3.5 17h19M8 17 4.5 30M18 17l3.5 13M6.8 22.5h12.400"
                      "M10.5 9v3M15.5 9v3"}});
    h.close("svg");
    return h;
  }();
  return drawn;
}

std::string page(const PageFrame& frame, const Html& body) {
  Html h;
  h.reserve(body.size() + 12'000);
  h.unsafe_raw("<!doctype html>\n");
  h.open("html", {{"lang", to_string(frame.language)}});
  write_head(h, frame);
  h.open("body");
  h.element("a", {{"class", "skip"}, {"href", "#main"}}, say(frame, "shell.skip"));
  write_header(h, frame);
  write_crumbs(h, frame);
  h.open("main", {{"id", "main"}, {"tabindex", "-1"}});
  h.append(body);
  h.close("main");
  write_footer(h, frame);
  h.element("p", {{"id", "status"}, {"class", "visually-hidden"}, {"role", "status"}}, "");
  h.close("body").close("html");
  h.unsafe_raw("\n");
  return h.take();
}

}  // namespace atalaya::figures
