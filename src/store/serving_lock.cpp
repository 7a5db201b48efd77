#include <atalaya/store/serving_lock.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

#include "postgres_connection.hpp"

namespace atalaya::store {
namespace {

// 'atam', beside the writers' lock of postgres.cpp; the second number is the schema's.
constexpr const char* kTryLock =
    "SELECT CASE WHEN pg_try_advisory_lock(1635017069, hashtext(current_schema())) THEN 1 ELSE 0 "
    "END::bigint";

std::unexpected<Error> served(std::string_view place, std::string_view by) {
  Error error{ErrorCode::conflict,
              "store.served",
              fmt::format("{} is served already{}{}; stop that server first", place,
                          by.empty() ? "" : ", by process ", by),
              {{"place", std::string(place)}}};
  if (!by.empty()) {
    error.params.emplace_back("by", by);
  }
  return fail(std::move(error));
}

class FileLock final : public ServingLock {
 public:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  ~FileLock() override { ::close(descriptor_); }

 private:
  int descriptor_;
};

class SessionLock final : public ServingLock {
 public:
  explicit SessionLock(std::unique_ptr<PostgresConnection> connection)
      : connection_(std::move(connection)) {}

 private:
  std::unique_ptr<PostgresConnection> connection_;
};

// The file stays when the lock goes: to remove it would let a third process lock another file of
// the same name.
Result<std::unique_ptr<ServingLock>> lock_file(const std::string& address) {
  std::error_code error;
  const std::string store = std::filesystem::weakly_canonical(address, error).string();
  const std::string path = (error ? address : store) + "-serving";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return fail(ErrorCode::unavailable, "store.open",
                fmt::format("{} cannot be made: {}", path, std::generic_category().message(errno)));
  }
  auto lock = std::make_unique<FileLock>(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const int why = errno;
    if (why != EWOULDBLOCK) {
      return fail(
          ErrorCode::unavailable, "store.open",
          fmt::format("{} cannot be locked: {}", path, std::generic_category().message(why)));
    }
    std::string by(20, '\0');
    const ssize_t size = ::pread(descriptor, by.data(), by.size(), 0);
    by.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    by = trim(by);
    const bool number = by.find_first_not_of("0123456789") == std::string::npos;
    return served(address, number ? by : std::string());
  }
  const std::string me = fmt::format("{}\n", ::getpid());
  // Only a message shows it.
  if (::ftruncate(descriptor, 0) == 0) {
    static_cast<void>(::pwrite(descriptor, me.data(), me.size(), 0) == 0);
  }
  return lock;
}

Result<std::unique_ptr<ServingLock>> lock_schema(const std::string& address) {
  auto connection = ATALAYA_TRY(PostgresConnection::open(address));
  const PostgresResult answer = ATALAYA_TRY(connection->run(kTryLock));
  const Row row = ATALAYA_TRY(postgres_row(answer.get(), 0));
  if (row.integer(0) != 1) {
    return served("the database of node.toml", {});  // its address holds a password
  }
  return std::make_unique<SessionLock>(std::move(connection));
}

}  // namespace

Result<std::unique_ptr<ServingLock>> lock_for_serving(const std::string& address) {
  if (address.starts_with("postgresql://") || address.starts_with("postgres://")) {
    return lock_schema(address);
  }
  return lock_file(address);
}

}  // namespace atalaya::store
