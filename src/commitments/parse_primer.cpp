#include <array>

#include <atalaya/base/text.hpp>

#include "parse_context.hpp"
#include "parse_dates.hpp"

// Guidance for parliamentarians: "?" marks a key question, "✓" a dimension of response or, under
// the heading of next steps, a step; good practices are named below a heading that announces
// them. Footnotes and page breaks cut its sentences: a paragraph that goes on in lower case belongs
// to the open one before the footnotes.

namespace atalaya::commitments::parsing {
namespace {

enum class Section { other, practices, steps };

bool contains_any(std::string_view folded, std::initializer_list<std::string_view> phrases) {
  for (const std::string_view phrase : phrases) {
    if (folded.find(phrase) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

bool announces_practices(std::string_view folded) {
  return contains_any(folded, {"good practice", "buena practica", "buenas practicas", "boa pratica",
                               "boas praticas", "bonne pratique", "bonnes pratiques"});
}

bool announces_steps(std::string_view folded) {
  return contains_any(folded, {"next steps", "proximos pasos", "siguientes pasos",
                               "proximos passos", "prochaines etapes"});
}

// "[Track4TIP - UNODC](#)" without its link; otherwise the text.
std::string_view link_text(std::string_view text) {
  const std::size_t close = text.find("](");
  if (text.starts_with('[') && close != std::string_view::npos && text.ends_with(')') &&
      text.find(')', close) + 1 == text.size()) {
    return text.substr(1, close - 1);
  }
  return text;
}

// The bold words at the start, without their asterisks.
std::string bold_title(std::string_view text) {
  if (!text.starts_with("**")) {
    return {};
  }
  const std::size_t end = text.find("**", 2);
  if (end == std::string_view::npos) {
    return {};
  }
  std::string_view title = trim(text.substr(2, end - 2));
  if (title.ends_with(':')) {
    title.remove_suffix(1);
  }
  return std::string(title);
}

struct Reader {
  Context& context;
  Section section = Section::other;
  bool open = false;  // the last item may go on

  ParsedItem& add(const Paragraph& p, ItemRole role) {
    const auto ordinal = static_cast<std::int32_t>(context.result.guidance.size()) + 1;
    ParsedItem item = make_item(p, ordinal, {});
    item.role = role;
    context.result.guidance.push_back(std::move(item));
    open = true;
    return context.result.guidance.back();
  }

  void heading(const Paragraph& p);
  void text(const Paragraph& p);
  void read();
};

void Reader::heading(const Paragraph& p) {
  const std::string folded = plain(p.text);
  if (announces_practices(folded)) {
    section = Section::practices;
    open = false;
  } else if (announces_steps(folded)) {
    section = Section::steps;
    open = false;
  } else if (section == Section::practices &&
             !contains_any(folded, {"question", "pregunta", "pergunta"})) {
    ParsedItem& item = add(p, ItemRole::good_practice);
    item.title = std::string(link_text(p.text));
    item.text.clear();
  } else if (section == Section::practices) {
    section = Section::other;
    open = false;
  } else {
    open = false;
  }
}

void Reader::text(const Paragraph& p) {
  if (!open) {
    return;
  }
  ParsedItem& item = context.result.guidance.back();
  const bool practice = item.role == ItemRole::good_practice && section == Section::practices;
  const bool goes_on = starts_lower(p.text) || !ends_clause(item.text);
  if (item.text.empty()) {
    item.text = p.text;
    item.line_end = p.line_end;
  } else if (practice || goes_on) {
    append_text(item, p);
  } else if (item.role != ItemRole::response_dimension) {
    // A dimension has further paragraphs; a question and a step are one.
    open = false;
  } else {
    append_text(item, p);
  }
}

void Reader::read() {
  for (const Paragraph& p : context.paragraphs) {
    if (p.rule || read_footnote(p)) {
      continue;
    }
    if (p.marker.kind == MarkerKind::question) {
      section = section == Section::practices ? Section::other : section;
      add(p, ItemRole::key_question);
    } else if (p.marker.kind == MarkerKind::check) {
      const bool step = section == Section::steps;
      ParsedItem& item = add(p, step ? ItemRole::next_step : ItemRole::response_dimension);
      item.title = bold_title(item.text);
    } else if (p.marked()) {
      open = false;
    } else if (is_heading(p) || (section == Section::practices && link_text(p.text) != p.text) ||
               (length_of(p.text) < 160 &&
                contains_any(plain(p.text), {"key questions", "preguntas clave", "perguntas-chave",
                                             "questions cles"}))) {
      heading(p);
    } else {
      text(p);
    }
  }
}

}  // namespace

void parse_primer(Context& context) {
  Reader reader{.context = context};
  reader.read();
  for (ParsedItem& item : context.result.guidance) {
    take_note_marks(item, {});
    item.effective.meeting = context.result.meeting;
    item.effective.document = context.result.document;
    item.effective.year = find_last_year(context.result.meeting);
  }
}

}  // namespace atalaya::commitments::parsing
