#include "xml_events.hpp"

#include <cstdint>
#include <memory>
#include <type_traits>

#include <expat.h>
#include <fmt/core.h>

#include <atalaya/files/limits.hpp>

#include "readers.hpp"

namespace atalaya::files {
namespace {

constexpr char kSeparator = '\x01';

std::string_view local(std::string_view name) {
  const std::size_t at = name.rfind(kSeparator);
  return at == std::string_view::npos ? name : name.substr(at + 1);
}

struct State {
  XML_Parser parser = nullptr;
  XmlHandler* handler = nullptr;
  int depth = 0;
  bool refused = false;
};

State& state_of(void* data) {
  return *static_cast<State*>(data);
}

void refuse(State& state) {
  state.refused = true;
  XML_StopParser(state.parser, XML_FALSE);
}

void on_start(void* data, const char* name, const char** attributes) {
  State& state = state_of(data);
  if (++state.depth > kNestingMax) {
    refuse(state);
    return;
  }
  state.handler->start(local(name), XmlAttributes(attributes));
}

void on_end(void* data, const char* name) {
  State& state = state_of(data);
  --state.depth;
  state.handler->end(local(name));
}

void on_text(void* data, const char* text, int size) {
  state_of(data).handler->text(std::string_view(text, static_cast<std::size_t>(size)));
}

void on_doctype(void* data, const char*, const char*, const char*, int) {
  refuse(state_of(data));
}

}  // namespace

std::string_view XmlAttributes::get(std::string_view local_name) const {
  for (const char** p = pairs_; p != nullptr && p[0] != nullptr; p += 2) {
    if (local(p[0]) == local_name) {
      return p[1];
    }
  }
  return {};
}

Result<void> read_xml(ZipParts& parts, const std::string& part, std::string_view name,
                      XmlHandler& handler) {
  struct Free {
    void operator()(XML_Parser parser) const noexcept { XML_ParserFree(parser); }
  };

  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, Free> parser(
      XML_ParserCreateNS(nullptr, kSeparator));
  State state{.parser = parser.get(), .handler = &handler, .depth = 0, .refused = false};
  XML_SetUserData(parser.get(), &state);
  XML_SetElementHandler(parser.get(), on_start, on_end);
  XML_SetCharacterDataHandler(parser.get(), on_text);
  XML_SetStartDoctypeDeclHandler(parser.get(), on_doctype);
  bool good = true;
  bool endless = false;
  std::uint64_t given = 0;
  const auto take = [&](std::string_view piece) {
    good =
        XML_Parse(parser.get(), piece.data(), static_cast<int>(piece.size()), 0) == XML_STATUS_OK;
    given += piece.size();
    const XML_Index read = XML_GetCurrentByteIndex(parser.get());
    endless = read >= 0 && given - static_cast<std::uint64_t>(read) > kXmlTagBytesMax;
    return good && !endless && !handler.done();
  };
  ATALAYA_TRY(parts.stream(part, take));
  if (endless) {
    return fail(file_error("bomb", name,
                           fmt::format("{}: a tag of more than {} MiB; no document has one", part,
                                       kXmlTagBytesMax >> 20U)));
  }
  if (good && !handler.done()) {
    good = XML_Parse(parser.get(), "", 0, 1) == XML_STATUS_OK;
  }
  if (good) {
    return {};
  }
  const auto line = XML_GetCurrentLineNumber(parser.get());
  const std::string why =
      state.refused ? fmt::format("a document type or nesting deeper than {}", kNestingMax)
                    : std::string(XML_ErrorString(XML_GetErrorCode(parser.get())));
  return fail(file_error("malformed", name, fmt::format("{}, line {}: {}", part, line, why))
                  .with("line", fmt::format("{}", line))
                  .with("part", part));
}

}  // namespace atalaya::files
