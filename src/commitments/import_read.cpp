#include "import_read.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "import_batch.hpp"

namespace atalaya::commitments {
namespace {

// A year printed beside a treaty that is neither its adoption nor its entry into force, or two
// years for one treaty: kept as printed, and explained.
void explain_years(ParsedDocument& document, const Catalogue& catalogue) {
  for (const NamedTreaty& treaty : document.treaties) {
    const Instrument* known = catalogue.find_instrument(treaty.instrument);
    if (known == nullptr || treaty.year == 0 || treaty.year == known->adopted_year ||
        known->adopted_year == 0) {
      continue;
    }
    const bool in_force = treaty.year == known->in_force_year;
    document.warnings.push_back(
        {in_force ? "commitments.import.year_in_force" : "commitments.import.year_differs",
         treaty.line,
         in_force
             ? fmt::format("{} is printed with {}, the year it entered into force; it was "
                           "adopted in {}",
                           known->short_name.in(Language::en), treaty.year, known->adopted_year)
             : fmt::format("{} is printed with {}; the catalogue has {} as its adoption; "
                           "both are kept",
                           known->short_name.in(Language::en), treaty.year, known->adopted_year),
         false,
         {{"instrument", known->id},
          {"printed", std::to_string(treaty.year)},
          {"adopted", std::to_string(known->adopted_year)}}});
  }
}

// A character that moves a terminal's cursor, or one that is none and no XML may hold.
bool has_control(std::string_view text) {
  text = trim(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::string_view character = text.substr(i, 3);
    const bool c0 = (byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7F;
    const bool c1 = byte == 0xC2 && character.size() > 1 && character[1] < '\xA0';
    if (c0 || c1 || character == "\uFFFE" || character == "\uFFFF") {
      return true;
    }
  }
  return false;
}

// Words that a reader is shown in another order than they have, or with something unseen among them:
// bytes are kept as they are, so somebody has to know.
void tell_unseen(ParsedDocument& document) {
  constexpr std::string_view kTurning[] = {"\u202A", "\u202B", "\u202C", "\u202D", "\u202E",
                                           "\u2066", "\u2067", "\u2068", "\u2069"};
  constexpr std::string_view kUnseen[] = {"\u200B", "\u2060", "\uFEFF", "\u061C",
                                          "\u200E", "\u200F", "\u3164"};
  const auto has = [](const std::string& text, const auto& marks) {
    return std::ranges::any_of(marks, [&](std::string_view mark) { return text.contains(mark); });
  };
  std::vector<Warning> found;
  // Headings, citations and reservations too: a line is shown whatever was read in it.
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    if (has(document.lines[i], kTurning)) {
      found.push_back({"commitments.import.reordered",
                       static_cast<std::int32_t>(i + 1),
                       "this text has characters that show words in another order than it has them",
                       false,
                       {}});
    }
    if (has_control(document.lines[i])) {
      found.push_back({"commitments.import.control",
                       static_cast<std::int32_t>(i + 1),
                       "this line has control characters, which no text has",
                       false,
                       {}});
    }
  }
  for (const auto* group : {&document.items, &document.recitals, &document.guidance}) {
    for (const ParsedItem& item : *group) {
      if (has(item.text, kUnseen)) {
        found.push_back({"commitments.import.unseen", item.line,
                         "this text has characters that cannot be seen", false,
                         {}});
      }
    }
  }
  std::ranges::move(found, std::back_inserter(document.warnings));
}

// A half sentence must not become an official text for ever.
Result<void> refuse_cut(const InputFile& file, const ParsedDocument& document) {
  const auto cut =
      std::ranges::find(document.warnings, "commitments.parse.may_be_cut", &Warning::reason);
  if (document.kind == DocumentKind::unknown || cut == document.warnings.end()) {
    return {};
  }
  return fail(
      Error{ErrorCode::invalid_argument,
            "commitments.import.cut",
            fmt::format("{}: line {}: an item ends in the middle of a sentence; get the whole "
                        "file, or use --incomplete if it really ends there",
                        file.name, cut->line),
            {{"file", file.name}, {"line", std::to_string(cut->line)}}});
}

// The end of a list whose numbers could not be read hangs on the last item that was: nobody could
// work with it, and no part of the node is made for it.
Result<void> refuse_long(const InputFile& file, const ParsedDocument& document) {
  for (const auto* group : {&document.items, &document.recitals, &document.guidance}) {
    const auto item = std::ranges::find_if(
        *group, [](const ParsedItem& one) { return one.text.size() > kItemBytesMax; });
    if (item == group->end()) {
      continue;
    }
    const std::size_t size = (item->text.size() + 1023) / 1024;
    return fail(
        Error{ErrorCode::invalid_argument,
              "commitments.import.long_item",
              fmt::format("{}: lines {} to {} read as one item of {} KiB; an item may have "
                          "{} KiB; number the items in the file, each on a line of its "
                          "own, and import it again",
                          file.name, item->line, item->line_end, size, kItemBytesMax / 1024),
              {{"file", file.name},
               {"line", std::to_string(item->line)},
               {"end", std::to_string(item->line_end)},
               {"size", std::to_string(size)},
               {"limit", std::to_string(kItemBytesMax / 1024)}}});
  }
  return {};
}

}  // namespace

Result<ReadFile> read_one(const InputFile& file, const Catalogue& catalogue, bool incomplete) {
  auto text = files::read_document(file.bytes, file.name);
  if (!text) {
    return fail(std::move(text).error());
  }
  auto parsed = parse(*text, catalogue);
  if (!parsed) {
    return fail(std::move(parsed).error().with("file", file.name));
  }
  ATALAYA_TRY(refuse_long(file, *parsed));
  if (!incomplete) {
    ATALAYA_TRY(refuse_cut(file, *parsed));
  }
  FilePlan plan;
  plan.file_name = file.name;
  plan.id = to_hex(sha256(file.bytes));
  plan.format = to_string(text->format);
  plan.document = *std::move(parsed);
  tell_unseen(plan.document);
  explain_years(plan.document, catalogue);
  ReadFile out;
  for (const ParsedItem& item : plan.document.items) {
    out.ids.push_back(commitment_id(meeting_of(item), item.text));
  }
  out.plan = std::move(plan);
  return out;
}

}  // namespace atalaya::commitments
