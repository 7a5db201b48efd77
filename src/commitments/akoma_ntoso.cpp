#include "akoma_ntoso.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include <atalaya/base/xml.hpp>
#include <atalaya/commitments/lead_in.hpp>

namespace atalaya::commitments {
namespace {

constexpr std::string_view kSelf = "atalaya";  // who made the file
constexpr std::string_view kCollection = "collection";
constexpr std::string_view kNamespace = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0";

// Letters and digits joined by hyphens, as the naming convention asks of name parts.
std::string slug(std::string_view text) {
  std::string out;
  for (const char c : fold(text)) {
    const bool keep = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (keep) {
      out += c;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  while (!out.empty() && out.back() == '-') {
    out.pop_back();
  }
  return out.empty() ? "untitled" : out.substr(0, 80);
}

const std::string& heading_of(const SourceView& source) {
  return source.theme.empty() ? source.title : source.theme;
}

std::string_view language3(std::string_view code) {
  constexpr std::pair<std::string_view, std::string_view> codes[] = {
      {"en", "eng"}, {"es", "spa"}, {"pt", "por"}, {"fr", "fra"}};
  for (const auto& [two, three] : codes) {
    if (two == code) {
      return three;
    }
  }
  return "und";
}

// Who wrote a document, as an institution of the catalogue where it is known. The Summits' mandates
// are pages of the OAS, which keeps them by theme; ministers and parliamentarians speak for
// themselves. Of ministers of a region nobody knows for whom.
std::string author_of(const Catalogue& catalogue, const SourceDetail& detail) {
  const SourceView& source = detail.source;
  const Meeting* meeting = catalogue.find_meeting(source.meeting);
  const std::string series = meeting != nullptr ? meeting->series : std::string();
  if (series == "pns" || series == "primer") {
    return "parlamericas";
  }
  if (source.kind == "parliamentary_priorities" || source.kind == "primer") {
    const bool named = std::ranges::any_of(detail.lines, [](const std::string& line) {
      return fold(line).contains("parlamericas");
    });
    return named ? "parlamericas" : "unknown";
  }
  if (series == "mispa" || source.meeting.starts_with("mispa-")) {
    return "mispa";
  }
  return series == "summit" || source.kind == "summit_mandates" ? "oas" : "unknown";
}

// In whose records a document stands, which is where its address begins. The ministers meet within
// the OAS, and so do most whose author nobody knows.
std::string_view jurisdiction_of(std::string_view author) {
  return author == "parlamericas" ? author : "oas";
}

bool is_statement(const SourceView& source) {
  return source.kind == "ministers_commitment" || source.kind == "parliamentary_priorities";
}

std::string adopted_of(const SourceView& source) {
  const auto* summary = source.summary.if_object();
  const auto* adopted = summary != nullptr ? summary->if_contains("adopted") : nullptr;
  return adopted != nullptr && adopted->is_string() ? std::string(adopted->as_string())
                                                    : std::string();
}

// The end of the youngest meeting whose texts a page gives; empty where none is known.
std::string youngest_of(const Catalogue& catalogue, const SourceDetail& detail) {
  std::string day;
  for (const auto& [item, id] : detail.items) {
    const Meeting* meeting = catalogue.find_meeting(item.effective.meeting);
    day = meeting != nullptr ? std::max(day, meeting->ends) : day;
  }
  return day;
}

struct Day {
  std::string date, of;  // an ISO day, and what happened on it
};

// A document's day: its meeting's, else the one that it prints, else that of the youngest text that
// it gives. All are the same on every node. The schema wants a day of every work; one that has
// none says the day of its import, as such, and keeps it out of its address.
Day day_of(const Catalogue& catalogue, const SourceDetail& detail) {
  const Meeting* meeting = catalogue.find_meeting(detail.source.meeting);
  const std::string adopted = meeting != nullptr ? meeting->ends : adopted_of(detail.source);
  if (!adopted.empty()) {
    return {adopted, "adoption"};
  }
  const std::string youngest = youngest_of(catalogue, detail);
  return youngest.empty() ? Day{detail.source.imported_at.substr(0, 10), "import"}
                          : Day{youngest, "youngest_text"};
}

std::string frbr(std::string_view level, const std::string& uri, std::string_view suffix,
                 const Day& day, const std::string& author_and_rest) {
  return fmt::format(
      "<FRBR{0}><FRBRthis value=\"{1}{2}\"/><FRBRuri value=\"{1}\"/>"
      "<FRBRdate date=\"{3}\" name=\"{4}\"/>{5}</FRBR{0}>",
      level, xml(uri), suffix, xml(day.date), day.of, author_and_rest);
}

std::string organisation(std::string_view id, std::string_view name) {
  return fmt::format(
      "<TLCOrganization eId=\"{0}\" href=\"/akn/ontology/organization/{0}\" showAs=\"{1}\"/>", id,
      xml(name));
}

std::string expression_of(const AknWork& work, const Day& day, const SourceView& source) {
  const bool dated = day.of != "import" || source.kind == kCollection;
  return fmt::format("{}/{}@{}", work.uri, language3(source.language), dated ? day.date : "");
}

// The file is this program's work; what stands in it is not. `day` is the expression's.
std::string meta(const Catalogue& catalogue, const AknWork& work, const Day& day,
                 const SourceView& source) {
  const std::string expression = expression_of(work, day, source);
  const Institution* known = catalogue.find_institution(work.author);
  std::string others;
  if (work.author != kSelf) {
    others = organisation(work.author, known != nullptr ? known->name.in(Language::en)
                                                        : std::string("Author not recorded"));
  }
  const std::string by = fmt::format("<FRBRauthor href=\"#{}\"/>", work.author);
  const std::string country =
      fmt::format("<FRBRcountry value=\"{}\"/>", jurisdiction_of(work.author));
  const std::string language =
      std::string(source.standing == "translation" ? "<FRBRauthoritative value=\"false\"/>" : "") +
      fmt::format("<FRBRlanguage language=\"{}\"/>", language3(source.language));
  return fmt::format(
      "<meta><identification source=\"#atalaya\">{}{}{}</identification>"
      "<references source=\"#atalaya\">{}{}</references></meta>",
      frbr("Work", work.uri, "/!main", {work.date, work.date_of}, by + country),
      frbr("Expression", expression, "/!main", day, by + language),
      frbr("Manifestation", expression + ".xml", "", {source.imported_at.substr(0, 10), "import"},
           "<FRBRauthor href=\"#atalaya\"/>"),
      others, organisation(kSelf, "Atalaya"));
}

// The last part of an eId: the printed number where there is one and it is free, else the ordinal.
class Numbers {
 public:
  std::string next(const std::string& parent, const ParsedItem& item) {
    std::string wanted = item.label == "1." ? std::string() : slug(item.label);
    if (wanted == "untitled" || wanted.empty()) {
      wanted = std::to_string(item.ordinal);
    }
    std::string id = parent + wanted;
    if (!used_.insert(id).second) {
      id = fmt::format("{}n{}", parent, item.ordinal);
      used_.insert(id);
    }
    return id;
  }

 private:
  std::set<std::string> used_;
};

// The schema leaves attributes of other namespaces to us. A citation that is not printed is said
// where the item begins.
std::string citation(const ParsedItem& item) {
  switch (item.citation.status) {
    case CitationStatus::from_child:
    case CitationStatus::from_sibling:
    case CitationStatus::inferred:
      return fmt::format(" atalaya:citation=\"{}\"", to_string(item.citation.status));
    case CitationStatus::own:
    case CitationStatus::none:
      break;
  }
  return {};
}

std::string num(const ParsedItem& item) {
  return item.label.empty() || item.label == "•"
             ? std::string()
             : fmt::format("<num>{}</num>", xml(item.label));
}

void write_item(std::string& out, const std::vector<std::pair<ParsedItem, std::string>>& items,
                std::size_t index, const std::string& id, Numbers& numbers) {
  const ParsedItem& item = items[index].first;
  const bool top = item.level == 1;
  std::vector<std::size_t> children;
  for (std::size_t k = index + 1; k < items.size() && items[k].first.level > item.level; ++k) {
    if (items[k].first.parent_ordinal == item.ordinal) {
      children.push_back(k);
    }
  }
  const std::string_view tag = top ? "paragraph" : "point";
  out += fmt::format("<{} eId=\"{}\" GUID=\"{}\"{}>{}", tag, xml(id), xml(items[index].second),
                     citation(item), num(item));
  if (children.empty()) {
    out += fmt::format("<content eId=\"{0}__content\"><p eId=\"{0}__content__p_1\">{1}</p>",
                       xml(id), xml(item.text));
    out += "</content>";
  } else {
    out += fmt::format("<intro eId=\"{0}__intro\"><p eId=\"{0}__intro__p_1\">{1}</p></intro>",
                       xml(id), xml(item.text));
    for (const std::size_t child : children) {
      write_item(out, items, child, numbers.next(id + "__point_", items[child].first), numbers);
    }
  }
  out += fmt::format("</{}>", tag);
}

std::vector<LeadIn> leads_of(const SourceDetail& source) {
  std::vector<ParsedItem> items;
  for (const auto& [item, commitment] : source.items) {
    items.push_back(item);
  }
  return commitments::leads_of(source.lines, items);
}

std::string body(const SourceDetail& source) {
  std::string out;
  out += fmt::format(
      "<preface eId=\"preface\"><p eId=\"preface__p_1\"><docTitle>{}</docTitle></p>"
      "</preface>",
      xml(heading_of(source.source)));
  std::string recitals;
  for (const auto& item : source.paragraphs) {
    if (item.role == ItemRole::recital) {
      recitals += fmt::format(
          "<recital eId=\"recs__rec_{0}\"><p eId=\"recs__rec_{0}__p_1\">{1}</p></recital>",
          item.ordinal, xml(item.text));
    }
  }
  const std::vector<LeadIn> leads = leads_of(source);
  std::string preamble =
      recitals.empty() ? recitals : "<recitals eId=\"recs\">" + recitals + "</recitals>";
  if (!leads.empty() && leads.front().first == 1) {
    preamble += fmt::format(
        "<formula eId=\"formula_1\" name=\"leadIn\"><p eId=\"formula_1__p_1\">{}</p></formula>",
        xml(leads.front().text));
  }
  if (!preamble.empty()) {
    out += "<preamble eId=\"preamble\">" + preamble + "</preamble>";
  }
  out += "<mainBody eId=\"body\">";
  Numbers numbers;
  for (std::size_t i = 0; i < source.items.size(); ++i) {
    for (std::size_t k = 0; k < leads.size(); ++k) {
      if (i + k > 0 && leads[k].first == source.items[i].first.ordinal) {
        out += fmt::format(
            "<hcontainer name=\"leadIn\" eId=\"hcontainer_{0}\"><content "
            "eId=\"hcontainer_{0}__content\"><p "
            "eId=\"hcontainer_{0}__content__p_1\">{1}</p></content></hcontainer>",
            k + 1, xml(leads[k].text));
      }
    }
    if (source.items[i].first.level == 1) {
      write_item(out, source.items, i, numbers.next("para_", source.items[i].first), numbers);
    }
  }
  if (source.items.empty()) {
    for (const auto& item : source.paragraphs) {
      if (item.role == ItemRole::recital) {
        continue;
      }
      out += fmt::format(
          "<hcontainer name=\"{0}\" eId=\"{0}_{1}\"><content eId=\"{0}_{1}__content\"><p "
          "eId=\"{0}_{1}__content__p_1\">{2}</p></content></hcontainer>",
          to_string(item.role), item.ordinal, xml(item.text));
    }
  }
  out += "</mainBody>";
  return out;
}

std::string document_element(const Catalogue& catalogue, const AknSource& source) {
  const SourceView& view = source.detail.source;
  const std::string_view tag = is_statement(view) ? "statement" : "doc";
  return fmt::format("<{0} name=\"{1}\">{2}{3}</{0}>", tag, xml(view.kind),
                     meta(catalogue, source.work, day_of(catalogue, source.detail), view),
                     body(source.detail));
}

// Every eId once in a file: those of a component carry its own before them, and references follow.
// Texts cannot be hit: their quotation marks are escaped.
std::string in_component(std::string_view element, std::string_view component) {
  std::string out;
  out.reserve(element.size() + element.size() / 8);
  while (!element.empty()) {
    std::size_t at = std::string_view::npos;
    std::size_t size = 0;
    for (const std::string_view start : {std::string_view(" eId=\""), std::string_view(" href=\"#"),
                                         std::string_view(" source=\"#")}) {
      const std::size_t found = element.find(start);
      if (found < at) {
        at = found;
        size = start.size();
      }
    }
    if (at == std::string_view::npos) {
      out += element;
      break;
    }
    out += element.substr(0, at + size);
    out += component;
    out += "__";
    element.remove_prefix(at + size);
  }
  return out;
}

std::string wrap(const std::string& inner) {
  return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<akomaNtoso xmlns=\"{}\" "
                     "xmlns:atalaya=\"urn:atalaya:terms\">{}</akomaNtoso>\n",
                     kNamespace, inner);
}

}  // namespace

std::string akn_name(const SourceView& source) {
  return slug(heading_of(source));
}

AknWork akn_work(const Catalogue& catalogue, const SourceDetail& first) {
  AknWork out;
  const Day day = day_of(catalogue, first);
  out.date = day.date;
  out.date_of = day.of;
  out.author = author_of(catalogue, first);
  out.uri = fmt::format("/akn/{}/{}/{}/{}", jurisdiction_of(out.author),
                        is_statement(first.source) ? "statement" : "doc",
                        day.of == "import" ? "undated" : day.date, akn_name(first.source));
  return out;
}

std::string akn_document(const Catalogue& catalogue, const AknSource& source) {
  return wrap(document_element(catalogue, source));
}

std::string akn_collection(const Catalogue& catalogue, const std::vector<AknSource>& sources) {
  std::string places;
  std::string components;
  std::string date = "1994-12-11";
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const std::string id = fmt::format("cmp_{}", i + 1);
    const SourceDetail& detail = sources[i].detail;
    places += fmt::format(
        "<component eId=\"cbody__{0}\"><documentRef eId=\"cbody__{0}__ref\" href=\"{1}\" "
        "showAs=\"{2}\"/></component>",
        id, xml(expression_of(sources[i].work, day_of(catalogue, detail), detail.source)),
        xml(heading_of(detail.source)));
    components += fmt::format("<component eId=\"{}\">{}</component>", id,
                              in_component(document_element(catalogue, sources[i]), id));
    date = std::max(date, sources[i].detail.source.imported_at.substr(0, 10));
  }
  SourceView all;
  all.kind = kCollection;
  all.imported_at = date;
  const Day day{date, "import"};
  const AknWork work{fmt::format("/akn/oas/doc/{}/commitments", date), date, day.of,
                     std::string(kSelf)};
  return wrap(fmt::format(
      "<documentCollection name=\"commitments\">{}<collectionBody eId=\"cbody\">{}"
      "</collectionBody></documentCollection><components eId=\"cmpnts\">{}</components>",
      meta(catalogue, work, day, all), places, components));
}

}  // namespace atalaya::commitments
