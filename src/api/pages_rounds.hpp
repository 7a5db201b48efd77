#pragma once
// Pages of evaluation rounds; pure functions from what the module let their viewer see.

#include <optional>
#include <string>
#include <vector>

#include <atalaya/followup/reference.hpp>
#include <atalaya/followup/rounds.hpp>

#include "pages_parts.hpp"

namespace atalaya::api {

struct RoundsView {
  struct Row {
    followup::Round round;
    std::int64_t published = 0;
  };

  std::vector<Row> rounds;
  std::vector<followup::Questionnaire> forms;
  bool may_open = false;
};

struct QuestionnaireView {
  followup::Questionnaire form;
  const followup::Reference* reference = nullptr;
};

struct RoundView {
  followup::Round round;
  followup::HemisphericReport report;
  std::vector<followup::Review> reviews;  // that the viewer may know of
  const followup::Reference* reference = nullptr;
  std::vector<followup::InputWindow> windows;
  std::vector<followup::Round> follow_ups;  // rounds that follow this one
  bool may_open = false;
};

struct ReviewView {
  followup::Round round;
  followup::Review review;
  const followup::Reference* reference = nullptr;
  std::vector<std::string> may_step;  // steps that the viewer may take now
  /// Accounts that can be assigned, for who may: id, and what people are called.
  std::vector<std::pair<std::string, std::string>> experts;
  std::optional<Error> error;
  std::vector<followup::Entry> drafts;                // what was sent and refused
  std::vector<followup::EntryImportRow> differences;  // of a file that waits to be accepted
  std::string done;                                   // message key
};

/// The form by which an organisation sends input on one state's review.
struct InputView {
  followup::Round round;
  std::string country, organisation;  // organisation: of the account; empty for nobody
  std::optional<followup::InputWindow> window;
  std::vector<followup::Entry> own;  // what this account sent
  followup::RoundInput draft;
  bool takes_part = false;  // the account has a part in rounds and sends nothing here
  std::optional<Error> error;
  std::string done;  // message key
};

struct NewRoundView {
  followup::NewRound draft;
  std::vector<followup::Questionnaire> forms;
  std::vector<followup::Round> rounds;
  std::optional<Error> error;
};

[[nodiscard]] std::string render_rounds(const PageContext& context, const RoundsView& view);
[[nodiscard]] std::string render_questionnaire(const PageContext& context,
                                               const QuestionnaireView& view);
[[nodiscard]] std::string render_round(const PageContext& context, const RoundView& view);
[[nodiscard]] std::string render_review(const PageContext& context, const ReviewView& view);
[[nodiscard]] std::string render_input(const PageContext& context, const InputView& view);
[[nodiscard]] std::string render_new_round(const PageContext& context, const NewRoundView& view);

/// How many questions one form asks: browsers' forms have at most 100 fields here.
inline constexpr std::size_t kQuestionsPerForm = 20;

}  // namespace atalaya::api
