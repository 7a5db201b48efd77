#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/figures/messages.hpp>

#include "commands.hpp"

namespace atalaya::app {
namespace {

std::unexpected<Error> cannot_write(const std::filesystem::path& out) {
  return fail(Error{ErrorCode::unavailable,
                    "app.output.write",
                    fmt::format("{} could not be written; is the folder there, is the disk full?",
                                out.string()),
                    {{"file", out.string()}}});
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n <= 0) {
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

Result<void> write_output(const std::filesystem::path& out,
                          const std::function<Result<void>(const OutputSink&)>& produce) {
  const auto sink_to = [](int fd, const std::filesystem::path& name) -> OutputSink {
    return [fd, name](std::string_view part) -> Result<void> {
      if (!write_all(fd, part)) {
        return cannot_write(name);
      }
      return {};
    };
  };
  if (out.empty() || out == "-") {
    std::fflush(stdout);
    return produce(sink_to(STDOUT_FILENO, "standard output"));
  }
  // A device or a pipe is written into; to rename over it would put a file in its place.
  std::error_code no_file;
  const auto there = std::filesystem::status(out, no_file);
  if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there)) {
    const int device = ::open(out.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (device < 0) {
      return cannot_write(out);
    }
    const Result<void> produced = produce(sink_to(device, out));
    return ::close(device) != 0 && produced ? Result<void>(cannot_write(out)) : produced;
  }
  const std::string temporary = out.string() + ".partial";
  // Nobody else's link of that name is followed.
  const int fd =
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0) {
    return cannot_write(out);
  }
  const Result<void> produced = produce(sink_to(fd, out));
  const bool written = produced && ::fsync(fd) == 0;
  if (::close(fd) != 0 || !written || std::rename(temporary.c_str(), out.c_str()) != 0) {
    std::remove(temporary.c_str());
    return produced ? Result<void>(cannot_write(out)) : produced;
  }
  return {};
}

Result<void> write_output(const std::filesystem::path& out, const std::string& text) {
  return write_output(out, [&](const OutputSink& sink) { return sink(text); });
}

namespace {

Language language_of_terminal() {
  return parse_language(terminal_language()).value_or(Language::en);
}

}  // namespace

std::string without_controls(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const std::string_view next = text.substr(at + 1, 2);
    const bool c1 = byte == 0xC2 && !next.empty() && static_cast<unsigned char>(next[0]) < 0xA0;
    const bool turns = byte == 0xE2 && next.size() == 2 &&
                       ((next[0] == '\x80' && next[1] >= '\xAA' && next[1] <= '\xAE') ||
                        (next[0] == '\x81' && next[1] >= '\xA6' && next[1] <= '\xA9'));
    if (byte >= 0x20 && byte != 0x7F && !c1 && !turns) {
      out += text[at];
      continue;
    }
    const std::size_t bytes = turns ? 3 : c1 ? 2 : 1;
    for (const char c : text.substr(at, bytes)) {
      out += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
    }
    at += bytes - 1;
  }
  return out;
}

std::string say(std::string_view key,
                const std::vector<std::pair<std::string, std::string>>& params) {
  auto shown = params;
  for (auto& [name, value] : shown) {
    value = without_controls(value);
  }
  return figures::Messages::embedded().text_with(language_of_terminal(), key, shown);
}

std::string say_count(std::string_view key, std::int64_t n) {
  return figures::Messages::embedded().count(language_of_terminal(), key, n);
}

std::string counted(std::int64_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

void print_json(const json::value& value) {
  const std::string text = pretty_json(value);
  std::fwrite(text.data(), 1, text.size(), stdout);
}

std::string terminal_language() {
  for (const char* name : {"ATALAYA_LANG", "LC_ALL", "LC_MESSAGES", "LANG"}) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): read before any thread is started
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') {
      const auto language = parse_language(std::string_view(value).substr(0, 2));
      return std::string(to_string(language.value_or(Language::en)));
    }
  }
  return "en";
}

}  // namespace atalaya::app
