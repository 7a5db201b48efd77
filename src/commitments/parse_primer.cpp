#include <algorithm>
#include <array>
#include <utility>

#include <atalaya/base/text.hpp>

#include "parse_context.hpp"
#include "parse_dates.hpp"

// Guidance for parliamentarians and others: "?" marks a key question, "✓" a dimension of response
// or, under the heading of next steps, a step; good practices are named below a heading that
// announces them. Where nothing is ticked, plain lists are what their heading says. Footnotes and
// page breaks cut its sentences: a paragraph that goes on in lower case belongs to the open one
// before the footnotes.

namespace atalaya::commitments::parsing {
namespace {

enum class Section { other, practices, steps, dimensions };

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
  return contains_any(
      folded, {"next steps", "proximos pasos", "siguientes pasos", "pasos a seguir",
               "proximos passos", "passos seguintes", "prochaines etapes", "etapes suivantes"});
}

// As announces_steps(), in words that do not make a text a guide.
bool announces_actions(std::string_view folded) {
  return announces_steps(folded) ||
         contains_any(
             folded, {"what to do", "can do", "actions to take", "recommended actions", "que hacer",
                      "pueden hacer", "acciones recomendadas", "acciones sugeridas", "o que fazer",
                      "podem fazer", "acoes recomendadas", "que faire", "peuvent faire",
                      "actions recommandees", "mesures a prendre"});
}

bool announces_dimensions(std::string_view folded) {
  return contains_any(
      folded, {"response dimensions", "dimensions of response", "dimensions of the response",
               "dimensiones de respuesta", "dimensiones de la respuesta", "dimensoes de resposta",
               "dimensoes da resposta", "dimensions de reponse", "dimensions de la reponse"});
}

bool announces_questions(std::string_view folded) {
  return contains_any(folded, {"key questions", "preguntas clave", "perguntas-chave",
                               "perguntas chave", "questions cles"});
}

// Questions, or with a colon or a question mark behind it any other section.
bool announces(std::string_view folded, bool marked) {
  return announces_questions(folded) ||
         (marked && (announces_actions(folded) || announces_practices(folded) ||
                     announces_dimensions(folded)));
}

// A short line that may stand above a list.
bool may_announce(const Paragraph& p) {
  constexpr std::size_t kLengthMax = 160;
  return !p.marked() && !p.rule && length_of(p.text) < kLengthMax;
}

// "A Primer for …", "Guía para …": in the title, which stands above everything else.
bool is_titled_guide(const Context& context) {
  // "primer" alone is Spanish for "first", "Manuel" a name.
  constexpr std::array<std::string_view, 20> kGuides = {"primer for",
                                                        "primer on",
                                                        "a primer",
                                                        "guide",
                                                        "guidebook",
                                                        "guidance",
                                                        "handbook",
                                                        "manual",
                                                        "toolkit",
                                                        "tool kit",
                                                        "guia",
                                                        "guias",
                                                        "cartilla",
                                                        "cartilha",
                                                        "manuel pour",
                                                        "manuel sur",
                                                        "manuel a",
                                                        "boite a outils",
                                                        "caja de herramientas",
                                                        "caixa de ferramentas"};
  constexpr std::size_t kTitleLengthMax = 300;
  constexpr int kTitleLines = 3;
  const auto names = [&](std::string_view text) {
    const std::string folded = plain(text);
    return std::ranges::any_of(kGuides,
                               [&](std::string_view guide) { return has_word(folded, guide); });
  };
  int lines = 0;
  for (const Paragraph& p : context.paragraphs) {
    if (p.rule) {
      continue;
    }
    if (p.marked() || p.text.ends_with('.') || length_of(p.text) > kTitleLengthMax ||
        lines++ == kTitleLines) {
      break;
    }
    if (names(p.text)) {
      return true;
    }
  }
  return names(context.document.title);
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
  bool open = false;    // the last item may go on
  bool ticked = false;  // its lists are marked with "?" and "✓"
  bool ended = false;   // the good practices, by a heading that is not known
  const Paragraph* title = nullptr;  // of the good practice that follows

  ParsedItem& add(const Paragraph& p, ItemRole role) {
    title = nullptr;
    ended = false;
    const auto ordinal = static_cast<std::int32_t>(context.result.guidance.size()) + 1;
    ParsedItem item = make_item(context, p, ordinal, {}, LineUse::guidance);
    item.role = role;
    context.result.guidance.push_back(std::move(item));
    open = true;
    return context.result.guidance.back();
  }

  void leave() {
    title = nullptr;
    open = false;
  }

  void heading(const Paragraph& p);
  void text(const Paragraph& p);
  void listed(const Paragraph& p);
  void read();
};

void Reader::heading(const Paragraph& p) {
  const std::string folded = plain(p.text);
  leave();  // a title without a text below it names no practice
  bool known = true;
  if (announces_practices(folded)) {
    section = Section::practices;
  } else if (announces_dimensions(folded)) {
    section = Section::dimensions;
  } else if (announces_actions(folded)) {
    section = Section::steps;
  } else if (announces_questions(folded)) {
    section = ticked ? section : Section::other;
  } else if (section == Section::practices &&
             contains_any(folded, {"question", "pregunta", "pergunta"})) {
    section = Section::other;
  } else if (section == Section::practices && link_text(p.text) != p.text) {
    title = &p;
    known = false;
  } else {
    ended = ended || section == Section::practices;
    section = ticked && !ended ? section : Section::other;
    known = false;
  }
  if (known) {
    context.take(p, LineUse::heading);
  }
}

// Of a list without ticks.
void Reader::listed(const Paragraph& p) {
  if (is_question(p.text)) {
    add(p, ItemRole::key_question);
  } else if (ticked || link_text(p.text) != p.text || section == Section::other) {
    leave();
  } else {
    add(p, section == Section::steps        ? ItemRole::next_step
           : section == Section::dimensions ? ItemRole::response_dimension
                                            : ItemRole::good_practice);
  }
}

void Reader::text(const Paragraph& p) {
  if (!open && section == Section::practices) {
    const Paragraph* named = std::exchange(title, nullptr);
    ParsedItem& item = add(p, ItemRole::good_practice);
    if (named != nullptr) {
      context.take(*named, LineUse::guidance);
      item.title = std::string(link_text(named->text));
      item.line = named->line;
    }
    return;
  }
  if (!open) {
    leave();
    return;
  }
  ParsedItem& item = context.result.guidance.back();
  const bool practice = item.role == ItemRole::good_practice && section == Section::practices;
  const bool goes_on = starts_lower(p.text) || !ends_clause(item.text);
  // A dimension has further paragraphs; a question and a step are one.
  if (practice || goes_on || item.role == ItemRole::response_dimension) {
    append_text(context, item, p, LineUse::guidance);
  } else {
    leave();
  }
}

void Reader::read() {
  for (const Paragraph& p : context.paragraphs) {
    if (p.rule) {
      continue;
    }
    if (read_footnote(p)) {
      context.take(p, LineUse::note);
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
      listed(p);
    } else if (is_heading(p) || (section == Section::practices && link_text(p.text) != p.text) ||
               (may_announce(p) &&
                announces(plain(p.text), p.text.ends_with(':') || p.text.ends_with('?')))) {
      heading(p);
    } else {
      text(p);
    }
  }
}

}  // namespace

bool promises(const Paragraph& p) {
  constexpr std::array<std::string_view, 5> kFirst = {"we", "nosotros", "nosotras", "nos", "nous"};
  constexpr std::array<std::string_view, 7> kArticles = {"the", "los", "las", "os",
                                                         "as",  "les", "el"};
  if (p.marked() || p.rule) {
    return false;
  }
  const std::string folded = plain(p.text);
  const std::string_view first = std::string_view(folded).substr(0, folded.find_first_of(" ,"));
  if (std::ranges::find(kFirst, first) != kFirst.end()) {
    return folded.substr(first.size()).starts_with(',') || leads_to_operatives(folded) ||
           contains_any(folded, {"gathered", "reunid", "reunis", "assembled"});
  }
  return std::ranges::find(kArticles, first) != kArticles.end() &&
         (p.text.ends_with(':') || p.text.ends_with(',')) &&
         (leads_to_operatives(folded) ||
          contains_any(folded, {"gathered", "reunid", "reunis", "assembled"}));
}

bool is_question(std::string_view text) {
  return trim(text).ends_with('?');
}

bool is_guidance(const Context& context) {
  std::size_t ticked = 0;  // marked with "?" or "✓"
  std::size_t questions = 0;
  std::size_t others = 0;
  bool promised = false;
  bool steps = false;
  bool practices = false;
  bool asked = false;
  for (const Paragraph& p : context.paragraphs) {
    const bool question = p.marker.kind == MarkerKind::question || is_question(p.text);
    if (p.marked()) {
      (question ? questions : others) += 1;
      ticked += p.marker.kind == MarkerKind::question || p.marker.kind == MarkerKind::check ? 1 : 0;
    }
    if (may_announce(p) && (is_heading(p) || p.text.ends_with(':'))) {
      const std::string folded = plain(p.text);
      steps = steps || announces_steps(folded);
      practices = practices || announces_practices(folded);
      asked = asked || announces_questions(folded);
    }
    promised = promised || promises(p);
  }
  asked = asked || questions >= 2;
  if (asked && (questions > others || steps || practices)) {
    return true;
  }
  return !promised && (is_titled_guide(context) || ticked >= 3 || (steps && practices));
}

void parse_primer(Context& context) {
  Reader reader{.context = context};
  reader.ticked = std::ranges::any_of(
      context.paragraphs, [](const Paragraph& p) { return p.marker.kind == MarkerKind::check; });
  reader.read();
  if (context.result.guidance.empty()) {  // no heading tells what its list is
    for (const Paragraph& p : context.paragraphs) {
      if (p.marked()) {
        reader.add(p, ItemRole::response_dimension);
      }
    }
  }
  for (ParsedItem& item : context.result.guidance) {
    take_note_marks(item, {});
    item.effective.meeting = context.result.meeting;
    item.effective.document = context.result.document;
    item.effective.year = find_last_year(context.result.meeting);
  }
}

}  // namespace atalaya::commitments::parsing
