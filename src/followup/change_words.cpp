#include <atalaya/followup/change_words.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/figures/locale.hpp>
#include <atalaya/figures/messages.hpp>
#include <atalaya/followup/checklists.hpp>
#include <atalaya/followup/registers.hpp>

namespace atalaya::followup {
namespace {

// "signature 2003-12-10" is kept as its first word and the rest.
std::pair<std::string, std::string> parted(std::string_view value) {
  const std::size_t blank = std::min(value.find(' '), value.size());
  return {std::string(value.substr(0, blank)), std::string(trim(value.substr(blank)))};
}

class Wording {
 public:
  Wording(const Parts& parts, Language language) : parts_(parts), language_(language) {}

  // The message of that name; what no message says, as it is.
  [[nodiscard]] std::string say(std::string_view group, const std::string& id) const {
    const std::string key = fmt::format("{}.{}", group, id);
    const auto& messages = figures::Messages::embedded();
    return messages.has(language_, key) ? messages.text(language_, key, {}) : id;
  }

  [[nodiscard]] std::string label_text(const std::string& label, const std::string& text) const {
    return figures::Messages::embedded().text(language_, "label.text",
                                              {{"label", label}, {"text", text}});
  }

  [[nodiscard]] std::string on_scale(std::string_view scale, const std::string& value) const {
    const Scale* known = parts_.reference->find_scale(scale);
    const ScaleValue* named = known == nullptr ? nullptr : known->find(value);
    return named == nullptr ? say("followup", value) : named->label.in(language_);
  }

  // What heads a row of a register may be a choice of a list.
  [[nodiscard]] std::string of_register(const std::string& id, const std::string& value) const {
    const auto kind = Registers::find_kind(id);
    const RegisterField* field = kind ? (*kind)->find((*kind)->heading) : nullptr;
    const FieldChoice* choice = field == nullptr ? nullptr : field->find_choice(value);
    return choice == nullptr ? value : choice->label.in(language_);
  }

  [[nodiscard]] std::string value(const ChangeView& change, const std::string& kept) const {
    const auto [kind, rest] = parted(change.kind);
    const auto [name, more] = parted(kept);
    if (kept.empty()) {
      return std::string();
    }
    if (kind == "report") {
      return on_scale("state_report", kept);
    }
    if (kind == "assessment") {
      return on_scale(parted(change.why).first, kept);
    }
    if (kind == "coding_withdrawn") {
      return say("followup.values_of_two", kept);
    }
    if (kind == "checklist") {
      return kept == kNotCoded ? say("checklists", kept)
             : kept == "reply" ? say("checklists", kept)
                               : on_scale(kChecklistScale, kept);
    }
    if (kind == "alternative_report" || kind == "correction") {
      return say("participation.stage", kept);
    }
    if (kind == "round") {
      return say("rounds.stage", kept);
    }
    if (kind == "indicator_link") {
      const bool known = parts_.indicators != nullptr && parts_.indicators->knows(name);
      return label_text(say("followup.link", more),
                        known ? parts_.indicators->title(name, language_) : name);
    }
    if (kind == "data_entry") {
      return label_text(say("followup.entry", name), more);
    }
    if (kind == "participation") {
      return dated(say("participation", name), more);
    }
    if (kind.starts_with("treaty_event")) {
      return dated(say("treaty.act", name), more);
    }
    if (kind.starts_with("register.")) {
      return of_register(kind.substr(kind.find('.') + 1), kept);
    }
    return kept;
  }

  [[nodiscard]] std::string dated(const std::string& words, const std::string& date) const {
    return date.empty() ? words : fmt::format("{}, {}", words, figures::edtf(language_, date));
  }

  [[nodiscard]] std::string why(const ChangeView& change) const {
    std::string rest = change.why;
    std::string out;
    const bool coded = change.kind == "assessment" || change.kind == "coding_withdrawn";
    if (coded) {
      const auto [scale, more] = parted(rest);
      const Scale* known = parts_.reference->find_scale(scale);
      if (known != nullptr) {
        out = known->label.in(language_);
        rest = more;
      }
    }
    if (coded || change.kind == "report") {
      const auto [day, more] = parted(rest);
      if (parse_civil_date(day)) {
        out += (out.empty() ? "" : ". ") +
               figures::Messages::embedded().text(language_, "followup.speaks_of",
                                                  {{"date", figures::edtf(language_, day)}});
        rest = more;
      }
    }
    if (change.kind == "checklist") {  // kept under the English name of the checklist
      for (const Checklist& one : Checklists::all()) {
        if (rest.starts_with(one.label.in(Language::en) + ", ")) {
          rest.replace(0, one.label.in(Language::en).size(), one.label.in(language_));
          break;
        }
      }
    }
    return out + (out.empty() || rest.empty() ? "" : ". ") + rest;
  }

 private:
  const Parts& parts_;
  Language language_;
};

}  // namespace

ChangeWords words_of(const Parts& parts, Language language, const ChangeView& change) {
  const Wording writer(parts, language);
  ChangeWords out;
  const std::size_t dot = change.kind.find('.');
  out.kind = writer.say("followup.change", change.kind.substr(0, dot));
  if (dot != std::string::npos) {
    if (const auto kind = Registers::find_kind(change.kind.substr(dot + 1))) {
      out.kind = (*kind)->label.in(language);
    }
  }
  out.before = writer.value(change, change.before);
  out.after = writer.value(change, change.after);
  out.why = writer.why(change);
  return out;
}

std::string actor_words(const commitments::Catalogue& catalogue, Language language,
                        std::string_view actor) {
  const auto* country = catalogue.find_country(country_of(actor));
  if (country == nullptr) {
    const auto* institution = catalogue.find_institution(actor);
    return institution == nullptr ? std::string(actor) : institution->name.in(language);
  }
  return country->id == actor
             ? country->name.in(language)
             : figures::Messages::embedded().text(language, "followup.parliament",
                                                  {{"country", country->name.in(language)}});
}

}  // namespace atalaya::followup
