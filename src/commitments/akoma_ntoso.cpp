#include "akoma_ntoso.hpp"

#include <map>
#include <set>

#include <fmt/format.h>

#include <atalaya/base/xml.hpp>

namespace atalaya::commitments {
namespace {

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

struct Uris {
  std::string work, expression, manifestation;
  std::string date, date_of;  // an ISO day, and what happened on it
};

// Who wrote a document, as an institution of the catalogue where it is known. The Summits' mandates
// are pages of the OAS, which keeps them by theme; ministers and parliamentarians speak for
// themselves.
std::string author_of(const Catalogue& catalogue, const SourceView& source) {
  const Meeting* meeting = catalogue.find_meeting(source.meeting);
  const std::string series = meeting != nullptr ? meeting->series : std::string();
  if (series == "pns" || series == "primer" || source.kind == "parliamentary_priorities" ||
      source.kind == "primer") {
    return "parlamericas";
  }
  if (series == "mispa" || source.kind == "ministers_commitment") {
    return "mispa";
  }
  if (source.kind == "collection") {
    return "atalaya";
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

// The work's date: its meeting's, else the one that it prints, else that of the youngest text that
// it gives. All are the same on every node. The schema wants a day of every work; one that has
// none says the day of its import, as such, and keeps it out of its address.
Uris uris_of(const Catalogue& catalogue, const SourceDetail& detail, std::string_view apart) {
  const SourceView& source = detail.source;
  Uris out;
  out.date_of = "adoption";
  const Meeting* meeting = catalogue.find_meeting(source.meeting);
  out.date = meeting != nullptr ? meeting->ends : adopted_of(source);
  if (out.date.empty()) {
    out.date = youngest_of(catalogue, detail);
    out.date_of = "youngest_text";
  }
  std::string dated = out.date;
  if (out.date.empty()) {
    out.date = source.imported_at.substr(0, 10);
    out.date_of = "import";
    dated = source.kind == "collection" ? out.date : "undated";
  }
  out.work = fmt::format("/akn/{}/{}/{}/{}", jurisdiction_of(author_of(catalogue, source)),
                         is_statement(source) ? "statement" : "doc", dated, akn_name(source));
  if (!apart.empty()) {
    out.work += fmt::format("-{}", apart);
  }
  out.expression = fmt::format("{}/{}@{}", out.work, language3(source.language),
                               out.date_of == "import" ? std::string() : out.date);
  out.manifestation = out.expression + ".xml";
  return out;
}

std::string frbr(std::string_view level, const std::string& uri, std::string_view suffix,
                 const std::string& date, std::string_view date_of,
                 const std::string& author_and_rest) {
  return fmt::format(
      "<FRBR{0}><FRBRthis value=\"{1}{2}\"/><FRBRuri value=\"{1}\"/>"
      "<FRBRdate date=\"{3}\" name=\"{4}\"/>{5}</FRBR{0}>",
      level, xml(uri), suffix, xml(date), date_of, author_and_rest);
}

std::string organisation(std::string_view id, std::string_view name) {
  return fmt::format(
      "<TLCOrganization eId=\"{0}\" href=\"/akn/ontology/organization/{0}\" showAs=\"{1}\"/>", id,
      xml(name));
}

// The file is this program's work; what stands in it is not.
std::string meta(const Catalogue& catalogue, const Uris& uris, const SourceView& source) {
  const std::string author = author_of(catalogue, source);
  const Institution* known = catalogue.find_institution(author);
  std::string others;
  if (author != "atalaya") {
    others = organisation(author, known != nullptr ? known->name.in(Language::en)
                                                   : std::string("Author not recorded"));
  }
  const std::string by = fmt::format("<FRBRauthor href=\"#{}\"/>", author);
  const std::string country = fmt::format("<FRBRcountry value=\"{}\"/>", jurisdiction_of(author));
  const std::string language =
      std::string(source.standing == "translation" ? "<FRBRauthoritative value=\"false\"/>" : "") +
      fmt::format("<FRBRlanguage language=\"{}\"/>", language3(source.language));
  return fmt::format(
      "<meta><identification source=\"#atalaya\">{}{}{}</identification>"
      "<references source=\"#atalaya\">{}{}</references></meta>",
      frbr("Work", uris.work, "/!main", uris.date, uris.date_of, by + country),
      frbr("Expression", uris.expression, "/!main", uris.date, uris.date_of, by + language),
      frbr("Manifestation", uris.manifestation, "", source.imported_at.substr(0, 10), "import",
           "<FRBRauthor href=\"#atalaya\"/>"),
      others, organisation("atalaya", "Atalaya"));
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

std::string body(const SourceDetail& source) {
  std::string out;
  const std::string heading =
      source.source.theme.empty() ? source.source.title : source.source.theme;
  out += fmt::format("<preface eId=\"preface\"><p eId=\"preface__p_1\"><docTitle>{}</docTitle></p>"
                     "</preface>",
                     xml(heading));
  std::string recitals;
  for (const auto& item : source.paragraphs) {
    if (item.role == ItemRole::recital) {
      recitals += fmt::format(
          "<recital eId=\"recs__rec_{0}\"><p eId=\"recs__rec_{0}__p_1\">{1}</p></recital>",
          item.ordinal, xml(item.text));
    }
  }
  if (!recitals.empty()) {
    out += fmt::format(
        "<preamble eId=\"preamble\"><recitals eId=\"recs\">{}</recitals></preamble>", recitals);
  }
  out += "<mainBody eId=\"body\">";
  Numbers numbers;
  for (std::size_t i = 0; i < source.items.size(); ++i) {
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
                     meta(catalogue, uris_of(catalogue, source.detail, source.apart), view),
                     body(source.detail));
}

// The schema wants every eId once in a collection, so those of a component carry its own before
// them, and references follow. A commitment that stands in an earlier component too is told apart
// by "@cmp_n" after its id. Texts cannot be hit: their quotation marks are escaped.
std::string in_component(std::string_view element, std::string_view component,
                         std::set<std::string>& guids) {
  constexpr std::string_view kGuid = " GUID=\"";
  std::string out;
  out.reserve(element.size() + element.size() / 8);
  while (!element.empty()) {
    std::size_t at = std::string_view::npos;
    std::size_t size = 0;
    for (const std::string_view start : {std::string_view(" eId=\""), std::string_view(" href=\"#"),
                                         std::string_view(" source=\"#"), kGuid}) {
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
    const bool guid = element.substr(at, size) == kGuid;
    element.remove_prefix(at + size);
    if (guid) {
      const std::string_view id = element.substr(0, element.find('"'));
      out += id;
      out += guids.emplace(id).second ? std::string() : "@" + std::string(component);
      element.remove_prefix(id.size());
      continue;
    }
    out += component;
    out += "__";
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
  return slug(source.theme.empty() ? source.title : source.theme);
}

std::string akn_work(const Catalogue& catalogue, const SourceDetail& source) {
  return uris_of(catalogue, source, "").work;
}

std::string akn_document(const Catalogue& catalogue, const AknSource& source) {
  return wrap(document_element(catalogue, source));
}

std::string akn_collection(const Catalogue& catalogue, const std::vector<AknSource>& sources) {
  std::string components;
  std::set<std::string> guids;
  std::string date = "1994-12-11";
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const std::string id = fmt::format("cmp_{}", i + 1);
    components += fmt::format("<component eId=\"{}\">{}</component>", id,
                              in_component(document_element(catalogue, sources[i]), id, guids));
    date = std::max(date, sources[i].detail.source.imported_at.substr(0, 10));
  }
  SourceDetail all;
  all.source.kind = "collection";
  all.source.title = "commitments";
  all.source.imported_at = date;
  const Uris uris = uris_of(catalogue, all, "");
  return wrap(
      fmt::format("<documentCollection name=\"commitments\">{}<collectionBody "
                  "eId=\"cbody\">{}</collectionBody></documentCollection>",
                  meta(catalogue, uris, all.source), components));
}

}  // namespace atalaya::commitments
