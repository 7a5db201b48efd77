#include "brief_parts.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/figures/locale.hpp>
#include <atalaya/followup/coding.hpp>
#include <atalaya/followup/reference.hpp>
#include <atalaya/identity/accounts.hpp>

namespace atalaya::followup::detail {

std::string PaperWriter::say(std::string_view key, figures::Messages::Params params) const {
  return figures::Messages::embedded().text(language_, key, params);
}

std::string PaperWriter::count(std::string_view key, std::int64_t n,
                               figures::Messages::Params params) const {
  return figures::Messages::embedded().count(language_, key, n, params);
}

std::string PaperWriter::number(std::int64_t value) const {
  return figures::number(language_, value);
}

std::string PaperWriter::theme_name(std::string_view id) const {
  const auto* theme = parts_.catalogue().find_theme(id);
  return theme == nullptr ? std::string(id) : theme->label.in(language_);
}

std::string PaperWriter::instrument_name(std::string_view id) const {
  const auto* instrument = parts_.catalogue().find_instrument(id);
  if (instrument == nullptr) {
    return std::string(id);
  }
  const std::string& brief = instrument->short_name.in(language_);
  return brief.empty() ? instrument->name.in(language_) : brief;
}

std::string PaperWriter::shown_date(std::string_view date) const {
  return date.empty() ? std::string("–") : figures::edtf(language_, date);
}

std::string PaperWriter::value_name(std::string_view scale_id, std::string_view value) const {
  const Scale* scale = parts_.reference->find_scale(scale_id);
  const ScaleValue* found = scale == nullptr ? nullptr : scale->find(value);
  return found == nullptr ? say(fmt::format("followup.{}", value)) : found->label.in(language_);
}

std::string PaperWriter::assessment_words(std::string_view scale, const Cell& cell) const {
  std::vector<std::string> out;
  const auto add_one = [&](std::string_view on, std::string_view value, std::string_view node,
                           bool dissent, std::string_view as_of) {
    std::string words = value_name(on, value) + (dissent ? " *" : "");
    if (!node.empty()) {
      words += fmt::format(" ({})", say("followup.node", {{"node", std::string(node)}}));
    }
    out.push_back(
        labelled(parts_.reference->find_scale(on)->label.in(language_), dated(words, as_of)));
  };
  if (cell.assessment != kNotAssessed) {
    add_one(scale, cell.assessment, cell.assessment_node, cell.dissent, cell.assessment_as_of);
  }
  for (const OtherAssessment& one : cell.other_scales) {
    add_one(one.scale, one.value, one.node, one.dissent, one.as_of);
  }
  return out.empty() ? value_name(scale, kNotAssessed) : apart(out);
}

std::string PaperWriter::dated(const std::string& words, std::string_view as_of) const {
  return as_of.empty()
             ? words
             : fmt::format("{}. {}", words,
                           say("followup.speaks_of", {{"date", figures::edtf(language_, as_of)}}));
}

std::string PaperWriter::apart(const std::vector<std::string>& words) const {
  return fmt::format("{}", fmt::join(words, say("label.apart")));
}

std::string PaperWriter::address(std::string_view path) const {
  if (origin_.empty()) {
    return {};
  }
  return fmt::format("{}/{}{}", origin_ == "/" ? "" : origin_, to_string(language_), path);
}

figures::PaperText PaperWriter::linked(std::string words, std::string_view path) const {
  return {{.text = std::move(words), .url = address(path)}};
}

figures::PaperText PaperWriter::located(std::string words, std::string_view path) const {
  if (origin_.empty()) {
    words += fmt::format(" (/{}{})", to_string(language_), path);
  }
  return linked(std::move(words), path);
}

figures::PaperText PaperWriter::sourced(std::string_view source, std::string_view language) const {
  const bool other = !language.empty() && language != to_string(language_);
  figures::PaperText out;
  std::string words;
  const auto flush = [&] {
    if (!words.empty()) {
      out.push_back(
          {.text = std::exchange(words, {}), .language = other ? std::string(language) : ""});
    }
  };
  for (std::string_view word : split(source, ' ')) {
    words += words.empty() && out.empty() ? "" : " ";
    if (!word.starts_with("http://") && !word.starts_with("https://")) {
      words += word;
      continue;
    }
    const bool more = word.ends_with(';') || word.ends_with(',');
    const std::string_view url = word.substr(0, word.size() - (more ? 1 : 0));
    const std::string_view rest = url.substr(url.find("//") + 2);
    flush();
    out.push_back({.text = std::string(rest.substr(0, rest.find('/'))), .url = std::string(url)});
    words += more ? word.substr(word.size() - 1) : "";
  }
  flush();
  if (other) {
    out.push_back({.text = fmt::format(" [{}]", language)});
  }
  return out;
}

figures::PaperText PaperWriter::spoken(std::string words, std::string_view language) const {
  if (words.empty() || language.empty() || language == to_string(language_)) {
    return plain(std::move(words));
  }
  return {{.text = std::move(words), .language = std::string(language)},
          {.text = fmt::format(" [{}]", language)}};
}

std::string PaperWriter::labelled(std::string_view label, std::string_view text) const {
  return say("label.text", {{"label", std::string(label)}, {"text", std::string(text)}});
}

figures::PaperText PaperWriter::labelled(std::string_view label, figures::PaperText text) const {
  figures::PaperText out = {{.text = labelled(label, std::string_view()), .strong = true}};
  out.insert(out.end(), std::make_move_iterator(text.begin()), std::make_move_iterator(text.end()));
  return out;
}

std::string PaperWriter::elsewhere(const Counts& counts) const {
  std::int64_t all = 0;
  std::vector<std::string> nodes;
  for (const auto& [node, n] : counts.by_node) {
    nodes.push_back(node);
    all += n;
  }
  return all == 0
             ? std::string()
             : " " + count("followup.elsewhere", all, {{"nodes", figures::list(language_, nodes)}});
}

void PaperWriter::heading(std::string_view key, std::string_view id) {
  add(figures::PaperHeading{.level = 2, .text = say(key), .id = std::string(id)});
}

void PaperWriter::paragraph(std::string words, figures::PaperStyle style) {
  add(figures::PaperParagraph{.style = style, .text = plain(std::move(words))});
}

void PaperWriter::paragraph(figures::PaperText text, figures::PaperStyle style) {
  add(figures::PaperParagraph{.style = style, .text = std::move(text)});
}

void PaperWriter::more(std::size_t left_out, std::string_view path) {
  if (left_out > 0) {
    paragraph(located(count("brief.more", static_cast<std::int64_t>(left_out)), path),
              figures::PaperStyle::mark);
  }
}

namespace {

// The assessments that a cell shows: one on each scale.
std::vector<const Coding*> shown_codings(const std::vector<Coding>& codings, std::string_view scale,
                                         const Cell& cell) {
  std::vector<const Coding*> out;
  const auto add = [&](std::string_view on, const std::string& value, const std::string& as_of,
                       const std::string& node) {
    const auto found = std::ranges::find_if(codings, [&](const Coding& one) {
      return one.stage == CodingStage::published && one.scale == on && one.value == value &&
             one.as_of == as_of && one.node == node;
    });
    if (found != codings.end()) {
      out.push_back(&*found);
    }
  };
  add(scale, cell.assessment, cell.assessment_as_of, cell.assessment_node);
  for (const OtherAssessment& one : cell.other_scales) {
    add(one.scale, one.value, one.as_of, one.node);
  }
  return out;
}

std::string person(const PaperWriter& to, const std::string& name) {
  return name.starts_with(identity::kUnnamedPrefix) ? to.say("who.unnamed") : name;
}

void add_assessment(PaperWriter& to, const AssessedCell& where, const Coding& coding) {
  const Scale* scale = to.parts().reference->find_scale(coding.scale);
  figures::PaperText text = where.name;
  const auto add = [&](const std::string& words) { text.push_back({.text = " " + words}); };
  text.push_back({.text = "."});
  add(to.labelled(scale == nullptr ? coding.scale : scale->label.in(to.language()),
                  to.value_name(coding.scale, coding.value)) +
      ".");
  add(coding.node.empty() ? to.say("followup.node.own", {{"node", to.paper().author}}) + "."
                          : to.say("followup.node", {{"node", coding.node}}) + ".");
  std::vector<std::string> coders;
  for (const Code& code : coding.codes) {
    coders.push_back(to.labelled(person(to, code.coder), to.value_name(coding.scale, code.value)));
  }
  if (!coders.empty()) {
    add(to.labelled(to.say("brief.assessment.coders"), to.apart(coders)) + ".");
  }
  if (coding.dissent) {
    add(to.say("followup.dissent") + ".");
  }
  add(to.say("followup.coded_by", {{"version", std::to_string(coding.criteria.version)},
                                   {"from", to.shown_date(coding.window_from)},
                                   {"to", to.shown_date(coding.window_to)},
                                   {"date", to.shown_date(coding.published_at.substr(0, 10))}}));
  text.push_back({.text = " "});
  for (figures::PaperRun& run :
       to.located(to.say("brief.assessment.where"),
                  fmt::format("/follow-up/cells/{}/{}", coding.commitment, coding.actor))) {
    text.push_back(std::move(run));
  }
  to.paragraph(std::move(text), figures::PaperStyle::small);
  if (coding.reply.empty()) {
    return;
  }
  std::string label = coding.replied_by.empty()
                          ? to.say("followup.reply")
                          : to.say("followup.reply.by", {{"name", person(to, coding.replied_by)}});
  if (!coding.replied_at.empty()) {
    label += fmt::format(" ({})", to.shown_date(coding.replied_at.substr(0, 10)));
  }
  to.paragraph(to.labelled(label, to.spoken(coding.reply, coding.reply_language)),
               figures::PaperStyle::quote);
}

}  // namespace

Result<void> add_assessments(PaperWriter& to, std::string_view scale,
                             const std::vector<AssessedCell>& cells) {
  for (const AssessedCell& where : cells) {
    if (!is_assessed(*where.cell)) {
      continue;
    }
    const auto codings =
        ATALAYA_TRY(CodingDesk(to.parts()).list(where.commitment, where.actor, {}));
    for (const Coding* coding : shown_codings(codings, scale, *where.cell)) {
      add_assessment(to, where, *coding);
    }
  }
  return {};
}

}  // namespace atalaya::followup::detail
