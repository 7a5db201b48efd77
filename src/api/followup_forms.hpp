#pragma once
// What the forms of focal points, coders and those who run codings share.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/api/node.hpp>
#include <atalaya/followup/reports.hpp>
#include <atalaya/identity/accounts.hpp>

#include "followup_access.hpp"
#include "form.hpp"

namespace atalaya::api {

inline constexpr std::size_t kFollowupFormBytesMax = 200UL * 1024;
/// Of a form with its three files.
inline constexpr std::size_t kFollowupFilesBytesMax =
    3 * followup::kKeptFileBytesMax + (6UL << 20U);
/// Who has tasks in the follow-up.
inline constexpr RoleSet kFollowupWorkers = {Role::focal_point, Role::coder, Role::expert,
                                             Role::publisher};

/// Whether whoever sent the form can put it right there.
[[nodiscard]] bool is_users(const Error& error);
/// 409 for what somebody else changed meanwhile, else 400.
[[nodiscard]] int form_status(const Error& error);
/// −1 for what is no whole number.
[[nodiscard]] std::int64_t form_number(std::string_view text);

/// The language of a form's texts as it was chosen; the page's where the form has no such field.
[[nodiscard]] std::string form_language(const Form& form, const Call& call);

/// Nobody runs the assessment of the state that the account comes from: neither opens nor decides,
/// publishes nor withdraws it.
[[nodiscard]] bool of_own_state(const FollowupCaller& caller, std::string_view actor);
/// Fails with permission_denied (followup.own_state).
[[nodiscard]] Result<void> check_not_own(const FollowupCaller& caller, const std::string& actor);

/// The files of a form (file_1 with file_title_1 and file_url_1, …) join its sources, each with its
/// hash; one whose address stands there without a copy becomes that source's. They are kept even where the form has something to put right: its sources name them then.
/// Fails with invalid_argument (followup.file.empty, .too_large, .not_chosen) before any is kept.
[[nodiscard]] Result<void> keep_files(const Node& node, const Form& form, std::string_view by,
                                      std::vector<followup::SourceRef>& sources);
/// What was said of files that have to be chosen anew stays in the form.
[[nodiscard]] std::map<std::string, std::string> said_of_files(const Form& form);

/// An account as a form offers it: its id, with which nobody signs in, and what people are called,
/// with organisation and states; of one without a display name the form says so. Never the name
/// with which somebody signs in.
using Offered = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] Offered::value_type offered(const identity::Account& account, Language language);
/// The name of that account among those offered, found by its id or, for who knows it, by its name;
/// "" for none.
[[nodiscard]] std::string account_meant(const Offered& offers,
                                        const std::vector<identity::Account>& accounts,
                                        std::string_view text);

}  // namespace atalaya::api
