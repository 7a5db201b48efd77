// Signing in: the password, the second factor's code, and how guessing either is slowed down.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>

#include "state.hpp"

namespace atalaya::identity {
namespace {

constexpr std::size_t kTicketsMax = 10'000;
constexpr std::ptrdiff_t kTicketsOfOneMax = 5;
constexpr int kTicketTriesMax = 5;
constexpr std::size_t kDevicesMax = 4;
constexpr std::size_t kDeviceBytesMax = 1'000;

struct Credentials {
  std::string id, password;
  std::optional<Secret> totp_key;
  std::int64_t totp_step = 0;
  bool disabled = false;
};

Result<std::optional<Credentials>> read_credentials(store::Transaction& tx, std::string_view column,
                                                    const std::string& value) {
  ATALAYA_CHECK(column == "id" || column == "name");
  const auto rows = ATALAYA_TRY(tx.query(
      fmt::format("SELECT id, password, totp_key, totp_step, disabled FROM accounts WHERE {} = $1",
                  column),
      {value}));
  if (rows.empty()) {
    return std::optional<Credentials>();
  }
  const auto& row = rows.front();
  Credentials out;
  out.id = row.text(0);
  out.password = row.text(1);
  if (!row.is_null(2)) {
    out.totp_key.emplace(std::string(row.blob(2).begin(), row.blob(2).end()));
  }
  out.totp_step = row.integer(3);
  out.disabled = row.integer(4) != 0;
  return std::optional<Credentials>(std::move(out));
}

Result<std::optional<Credentials>> find_credentials(const store::Database& database,
                                                    std::string_view column,
                                                    const std::string& value) {
  std::optional<Credentials> out;
  ATALAYA_TRY(database.read([&](store::Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(read_credentials(tx, column, value));
    return {};
  }));
  return out;
}

std::unexpected<Error> refused() {
  return fail(ErrorCode::unauthenticated, "identity.sign_in", "the name or the password is wrong");
}

std::unexpected<Error> wrong_code() {
  return fail(ErrorCode::unauthenticated, "identity.code",
              "the code is wrong or too old; sign in again if it keeps failing");
}

std::unexpected<Error> throttled(std::int64_t seconds) {
  return fail(Error{ErrorCode::exhausted,
                    "identity.throttled",
                    "too many wrong guesses",
                    {{"seconds", std::to_string(seconds)}}});
}

// A browser that signed in before carries "<account id>.<random>.<mac>" for each of up to four
// accounts, joined by '~'. The random part makes each browser its own guesser; the mac's key is the
// stored password string, so that a new password makes strangers of all browsers.
std::string device_mac(const Credentials& credentials, std::string_view random) {
  const std::string text = fmt::format("device\n{}\n{}", credentials.id, random);
  return to_hex(crypto::hmac_sha256(as_bytes(credentials.password), as_bytes(text)));
}

// The random part, where the cookie is good for this account; else "".
std::string known_device(const Credentials& credentials, std::string_view cookie) {
  for (const std::string_view device : split(cookie.substr(0, kDeviceBytesMax), '~')) {
    const auto parts = split(device, '.');
    if (parts.size() == 3 && parts[0] == credentials.id && !parts[1].empty() &&
        crypto::equal_constant_time(std::string_view(device_mac(credentials, parts[1])),
                                    parts[2])) {
      return std::string(parts[1]);
    }
  }
  return {};
}

std::string add_device(const Credentials& credentials, std::string_view cookie) {
  const std::string known = known_device(credentials, cookie);
  const std::string random = known.empty() ? detail::random_token().substr(0, 16) : known;
  std::string out =
      fmt::format("{}.{}.{}", credentials.id, random, device_mac(credentials, random));
  std::size_t count = 1;
  for (const std::string_view device : split(cookie.substr(0, kDeviceBytesMax), '~')) {
    // Ours or not, only what looks like ours goes back into a header.
    const bool clean = device.find_first_not_of("0123456789abcdef.") == std::string_view::npos;
    if (clean && device.size() == out.substr(0, out.find('~')).size() && count < kDevicesMax &&
        !device.starts_with(credentials.id)) {
      out.append("~").append(device);
      ++count;
    }
  }
  return out;
}

// One of the few checks of strangers' passwords that may run at once: each takes 64 MiB.
class CheckSlot {
 public:
  CheckSlot(std::atomic<int>& running, int most) : running_(running), taken_(++running <= most) {}

  CheckSlot(const CheckSlot&) = delete;
  CheckSlot& operator=(const CheckSlot&) = delete;

  ~CheckSlot() { --running_; }

  [[nodiscard]] bool taken() const { return taken_; }

 private:
  std::atomic<int>& running_;
  bool taken_;
};

std::string digest(const Credentials& credentials) {
  return detail::token_id(credentials.password);
}

Result<void> insert_session(store::Transaction& tx, const std::string& token,
                            const std::string& account, std::int64_t now, bool second_factor) {
  ATALAYA_TRY(detail::remove_ended_sessions(tx, now));
  ATALAYA_TRY(tx.execute(
      "INSERT INTO sessions(id, account, created_ms, seen_ms, second_factor) VALUES ($1, $2, $3, "
      "$3, $4)",
      {detail::token_id(token), account, now, std::int64_t{second_factor ? 1 : 0}}));
  return {};
}

// Keeps up with a raised cost. That it fails is no reason to turn somebody away.
void rehash(store::Database& database, Credentials& credentials, const Secret& password,
            crypto::PasswordCost cost) {
  if (!crypto::password_needs_rehash(credentials.password, cost)) {
    return;
  }
  const auto hash = crypto::hash_password(password, cost);
  if (!hash) {
    return;
  }
  const auto stored = database.write([&](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(tx.query_one(
        "UPDATE accounts SET password = $1 WHERE id = $2 AND password = $3 RETURNING id",
        {*hash, credentials.id, credentials.password}));
    return {};
  });
  if (stored) {
    credentials.password = *hash;
  }
}

}  // namespace

Result<std::string> Accounts::State::get_dummy_hash() {
  return dummy_hash.with([&](std::string& hash) -> Result<std::string> {
    if (hash.empty()) {
      hash = ATALAYA_TRY(crypto::hash_password(Secret(detail::random_token()), options.cost));
    }
    return hash;
  });
}

std::string Accounts::State::make_ticket(Ticket ticket) {
  const std::string text = detail::random_token();
  tickets.with([&](std::map<std::string, Ticket>& all) {
    std::erase_if(
        all, [&](const auto& entry) { return ticket.made_ms - entry.second.made_ms > kTicketMs; });
    const auto same = [&](const auto& entry) {
      return entry.second.account == ticket.account && entry.second.origin == ticket.origin;
    };
    const auto older = [](const auto& a, const auto& b) {
      return a.second.made_ms < b.second.made_ms;
    };
    // Room is made at the cost of who takes too much of it.
    if (std::ranges::count_if(all, same) >= kTicketsOfOneMax) {
      std::erase_if(all, same);
    } else if (all.size() >= kTicketsMax) {
      all.erase(std::ranges::min_element(all, older));
    }
    all[detail::token_id(text)] = std::move(ticket);
  });
  return text;
}

Result<std::string> Accounts::known_browser(std::string_view device_cookie) const {
  std::size_t count = 0;
  for (const std::string_view device : split(device_cookie.substr(0, kDeviceBytesMax), '~')) {
    const auto parts = split(device, '.');
    if (parts.size() != 3 || ++count > kDevicesMax) {
      break;
    }
    const auto credentials =
        ATALAYA_TRY(find_credentials(state_->database, "id", std::string(parts[0])));
    if (std::string known = credentials ? known_device(*credentials, device) : std::string();
        !known.empty()) {
      return known;
    }
  }
  return std::string();
}

Result<SignInStep> Accounts::sign_in(std::string_view name, const Secret& password,
                                     const SignInFrom& from) {
  const std::string login = detail::login_name(name);
  const std::int64_t now = state_->clock.now().ms;
  const std::string dummy = ATALAYA_TRY(state_->get_dummy_hash());
  std::optional<Credentials> credentials;
  if (detail::is_login_name(login)) {
    credentials = ATALAYA_TRY(find_credentials(state_->database, "name", login));
  }
  const std::string device = credentials ? known_device(*credentials, from.device) : std::string();
  const Guesser guesser{login, from.peer, device};
  const auto charge = state_->passwords.begin(guesser, now);
  if (!charge) {
    return throttled(charge.error());
  }
  Result<bool> right = false;
  if (device.empty()) {
    const CheckSlot slot(state_->stranger_checks, state_->options.stranger_checks_max);
    right = slot.taken()
                ? crypto::verify_password(credentials ? credentials->password : dummy, password)
                : Result<bool>(throttled(1));
  } else {
    right = crypto::verify_password(credentials->password, password);
  }
  if (!right) {
    state_->passwords.take_back(*charge);
    return fail(std::move(right).error());
  }
  if (!*right || !credentials || credentials->disabled) {
    return refused();
  }
  state_->passwords.take_back(*charge);
  rehash(state_->database, *credentials, password, state_->options.cost);
  SignInStep step;
  if (credentials->totp_key) {
    const std::string origin = device.empty() ? detail::network_of(from.peer) : "device " + device;
    step.ticket =
        state_->make_ticket({credentials->id, login, digest(*credentials), origin, now, 0});
    return step;
  }
  state_->passwords.forget(guesser);
  const std::string token = detail::random_token();
  ATALAYA_TRY(state_->database.write([&](store::Transaction& tx) -> Result<void> {
    // Who changed the password, disabled the account or asked for a second factor while this
    // password was being checked must not find a session of the old kind afterwards.
    const auto still = ATALAYA_TRY(read_credentials(tx, "id", credentials->id));
    if (!still || still->disabled || still->totp_key || still->password != credentials->password) {
      return refused();
    }
    ATALAYA_TRY(insert_session(tx, token, credentials->id, now, false));
    return state_->log(tx, "identity.signed_in", credentials->id, "self");
  }));
  step.done.emplace(
      SignedIn{Secret(token), add_device(*credentials, from.device), credentials->id});
  return step;
}

namespace {

enum class CodeUse { refused, used };

// The step is written in the transaction that makes the session: a code works once, also when two
// requests bring it at the same time.
Result<CodeUse> use_code(store::Transaction& tx, const Credentials& credentials,
                         std::string_view code, std::int64_t now) {
  const auto step = crypto::find_totp_step(*credentials.totp_key, code, UtcTime{now});
  if (!step || *step <= credentials.totp_step) {
    return CodeUse::refused;
  }
  const auto used =
      ATALAYA_TRY(tx.execute("UPDATE accounts SET totp_step = $1 WHERE id = $2 AND totp_step < $1",
                             {*step, credentials.id}));
  return used == 1 ? CodeUse::used : CodeUse::refused;
}

// People type "123 456", as their app shows it.
std::string without_blanks(std::string_view code) {
  std::string out(code.substr(0, 40));
  std::erase(out, ' ');
  return out;
}

}  // namespace

Result<SignedIn> Accounts::second_step(std::string_view ticket, std::string_view code,
                                       const SignInFrom& from) {
  const std::string key = detail::token_id(ticket);
  const std::int64_t now = state_->clock.now().ms;
  using Tickets = std::map<std::string, Ticket>;
  const auto held = state_->tickets.with([&](const Tickets& tickets) {
    const auto it = tickets.find(key);
    return it == tickets.end() || now - it->second.made_ms > kTicketMs
               ? std::optional<Ticket>()
               : std::optional<Ticket>(it->second);
  });
  if (!held) {
    return wrong_code();
  }
  const auto seen = ATALAYA_TRY(find_credentials(state_->database, "id", held->account));
  const std::string device = seen ? known_device(*seen, from.device) : std::string();
  const Guesser guesser{held->account, from.peer, device};
  const auto charge = state_->codes.begin(guesser, now);
  if (!charge) {
    return throttled(charge.error());
  }
  const bool alive = state_->tickets.with([&](Tickets& tickets) {
    const auto it = tickets.find(key);
    if (it != tickets.end() && ++it->second.tries >= kTicketTriesMax) {
      tickets.erase(it);
      return true;  // the last try
    }
    return it != tickets.end();
  });
  if (!alive) {
    return wrong_code();
  }
  const std::string token = detail::random_token();
  std::string devices;
  const auto done = state_->database.write([&](store::Transaction& tx) -> Result<void> {
    const auto credentials = ATALAYA_TRY(read_credentials(tx, "id", held->account));
    if (!credentials || credentials->disabled || !credentials->totp_key ||
        digest(*credentials) != held->password_hash) {
      return wrong_code();
    }
    const auto use = ATALAYA_TRY(use_code(tx, *credentials, without_blanks(code), now));
    if (use == CodeUse::refused) {
      return wrong_code();
    }
    ATALAYA_TRY(insert_session(tx, token, held->account, now, true));
    devices = add_device(*credentials, from.device);
    return state_->log(tx, "identity.signed_in", held->account, "self", "second factor");
  });
  if (!done) {
    if (done.error().reason != "identity.code") {
      state_->codes.take_back(*charge);
    }
    return fail(done.error());
  }
  state_->codes.take_back(*charge);
  state_->codes.forget(guesser);
  state_->passwords.forget({held->login, from.peer, device});
  state_->tickets.with([&](Tickets& tickets) { tickets.erase(key); });
  return SignedIn{Secret(token), devices, held->account};
}

}  // namespace atalaya::identity
