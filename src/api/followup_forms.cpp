#include "followup_forms.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/figures/messages.hpp>

#include "rounds_access.hpp"

namespace atalaya::api {
namespace {

std::unexpected<Error> wrong_file(std::string_view rule, std::string_view number,
                                  std::string_view name) {
  return fail(Error{ErrorCode::invalid_argument,
                    fmt::format("followup.file.{}", rule),
                    "",
                    {{"n", std::string(number)},
                     {"name", std::string(name.substr(0, 80))},
                     {"mb", std::to_string(followup::kKeptFileBytesMax >> 20U)}}});
}

// Every file of the form is one that can be kept, and no title or address waits for a file that did
// not come: all of it is looked at before anything is kept.
Result<void> check_files(const Form& form) {
  for (const FormFile& file : form.files) {
    if (!file.field.starts_with("file_")) {
      continue;
    }
    const std::string_view number = std::string_view(file.field).substr(5);
    if (file.bytes.empty()) {
      return wrong_file("empty", number, file.name);
    }
    if (file.bytes.size() > followup::kKeptFileBytesMax) {
      return wrong_file("too_large", number, file.name);
    }
  }
  for (const auto& [name, value] : form.fields) {
    const bool about = name.starts_with("file_title_") || name.starts_with("file_url_");
    if (!about || trim(value).empty()) {
      continue;
    }
    const std::string number = name.substr(name.rfind('_') + 1);
    if (std::ranges::find(form.files, "file_" + number, &FormFile::field) == form.files.end()) {
      return wrong_file("not_chosen", number, trim(value));
    }
  }
  return {};
}

}  // namespace

bool is_users(const Error& error) {
  return error.code == ErrorCode::invalid_argument || error.code == ErrorCode::conflict;
}

int form_status(const Error& error) {
  return error.code == ErrorCode::conflict ? 409 : 400;
}

std::int64_t form_number(std::string_view text) {
  std::int64_t value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : -1;
}

std::string form_language(const Form& form, const Call& call) {
  const std::string_view chosen = form.get("language");
  return std::string(chosen.empty() ? to_string(call.language) : chosen);
}

bool of_own_state(const FollowupCaller& caller, std::string_view actor) {
  const std::string_view state = followup::country_of(actor);
  return !state.empty() && std::ranges::find(caller.viewer.own, state) != caller.viewer.own.end();
}

Result<void> check_not_own(const FollowupCaller& caller, const std::string& actor) {
  if (of_own_state(caller, actor)) {
    return fail(Error{ErrorCode::permission_denied,
                      "followup.own_state",
                      "the account comes from the state assessed",
                      {{"actor", actor}}});
  }
  return {};
}

Result<void> keep_files(const Node& node, const Form& form, std::string_view by,
                        std::vector<followup::SourceRef>& sources) {
  const followup::Reports reports(node.followup->parts());
  ATALAYA_TRY(check_files(form));
  for (const FormFile& file : form.files) {
    if (!file.field.starts_with("file_")) {
      continue;
    }
    const std::string number = file.field.substr(5);
    followup::SourceRef source;
    source.title = trim(form.get("file_title_" + number));
    source.url = trim(form.get("file_url_" + number));
    if (source.title.empty()) {
      source.title = file.name;
    }
    ATALAYA_TRY(followup::check_source(source));
    source.file = ATALAYA_TRY(
        reports.keep_file(file.name, "application/octet-stream", source.url, file.bytes, by));
    // The copy of a page that is named without one already belongs to it.
    const auto page = std::ranges::find_if(sources, [&](const followup::SourceRef& one) {
      return !source.url.empty() && one.url == source.url && one.file.empty();
    });
    if (page == sources.end()) {
      sources.push_back(std::move(source));
    } else {
      page->file = source.file;
      page->no_copy.clear();
    }
  }
  return {};
}

std::map<std::string, std::string> said_of_files(const Form& form) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : form.fields) {
    if (name.starts_with("file_")) {
      out[name] = value;
    }
  }
  return out;
}

Offered::value_type offered(const identity::Account& account, Language language) {
  std::string label = identity::shown_name(account);
  if (label.starts_with(identity::kUnnamedPrefix)) {
    label =
        figures::Messages::embedded().text(language, "followup.offered.unnamed",
                                           {{"id", label.substr(identity::kUnnamedPrefix.size())}});
  }
  if (!account.organisation.empty()) {
    label += ", " + account.organisation;
  }
  for (const std::string& state : states_of(account)) {
    label += ", " + state;
  }
  return {account.id, std::move(label)};
}

std::string account_meant(const Offered& offers, const std::vector<identity::Account>& accounts,
                          std::string_view text) {
  const auto account = std::ranges::find_if(
      accounts, [&](const identity::Account& one) { return one.id == text || one.name == text; });
  const bool offered =
      account != accounts.end() &&
      std::ranges::find(offers, account->id, &Offered::value_type::first) != offers.end();
  return offered ? account->name : std::string();
}

}  // namespace atalaya::api
