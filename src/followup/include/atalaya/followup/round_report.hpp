#pragma once
// The hemispheric report of an evaluation round as a document: the same counts as page, JSON and
// CSV, and each state's report as far as it is adopted and the state consented to publish it.

#include <string>
#include <string_view>

#include <atalaya/base/result.hpp>
#include <atalaya/commitments/catalogue.hpp>
#include <atalaya/figures/paper.hpp>
#include <atalaya/followup/parts.hpp>
#include <atalaya/followup/round_rules.hpp>

namespace atalaya::followup {

struct RoundReportRequest {
  std::string round;
  Language language = Language::en;
  figures::PaperSize size = figures::PaperSize::a4;
  std::string node_name;
  std::string origin;  // https://… under which readers reach the node; may be empty
};

/// What it holds is what a visitor without an account may see, whoever asks. Fails with not_found
/// (followup.round.unknown) and as the store does.
[[nodiscard]] Result<figures::Paper> compose_round_report(const Parts& parts,
                                                          const RoundReportRequest& request);

/// "Quantity (2024, synthetic, kg): total 12; states with a number: 2; …", with the states whose
/// rows lack one. `question` is the one that the total is of.
[[nodiscard]] std::string total_words(const Question& question, const TableTotal& total,
                                      const commitments::Catalogue& catalogue, Language language);

}  // namespace atalaya::followup
