#include "cluster_set.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>

#include "cluster_rows.hpp"

namespace atalaya::observatory::detail::cluster {
namespace {

constexpr std::uint64_t kScanRows = 1'000'000;
constexpr std::size_t kIdDigits = 16;
constexpr std::string_view kSuffix = ".seg";

columns::Codes narrow(const std::vector<std::uint32_t>& codes, std::size_t distinct) {
  if (distinct <= 0x100) {
    std::vector<std::uint8_t> out;
    out.reserve(codes.size());
    for (const std::uint32_t code : codes) {
      out.push_back(static_cast<std::uint8_t>(code));
    }
    return out;
  }
  if (distinct <= 0x10000) {
    std::vector<std::uint16_t> out;
    out.reserve(codes.size());
    for (const std::uint32_t code : codes) {
      out.push_back(static_cast<std::uint16_t>(code));
    }
    return out;
  }
  return codes;
}

}  // namespace

std::optional<std::uint64_t> set_id(std::string_view name) noexcept {
  if (!name.ends_with(kSuffix) || name.size() < kSuffix.size() + kIdDigits + 1) {
    return std::nullopt;
  }
  name.remove_suffix(kSuffix.size());
  const auto digits = name.substr(name.size() - kIdDigits);
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + kIdDigits, id, 16);
  const bool whole = error == std::errc{} && end == digits.data() + kIdDigits;
  return whole && name[name.size() - kIdDigits - 1] == '-' ? std::optional(id) : std::nullopt;
}

Result<std::string> word_rows(const FactSet& set, std::uint64_t id, std::uint64_t& words) {
  RowWriter out;
  words = 0;
  std::uint8_t slot = 0;
  const auto add = [&](std::uint32_t code, std::string_view text) {
    out.number(id);
    out.number(slot);
    out.number(code);
    out.text(text);
    ++words;
  };
  for (const auto& column : set.columns()) {
    if (column.kind != columns::SegmentColumn::Kind::codes) {
      continue;
    }
    ++slot;
    add(0, column.name);
    const auto dictionary = ATALAYA_TRY(set.dictionary(column.name));
    for (std::uint32_t code = 0; code < dictionary->size(); ++code) {
      add(code + 1, dictionary->text(code));
    }
  }
  return out.take();
}

std::string hash_of_words(std::string_view rows) {
  crypto::Sha256 hash;
  hash.update(rows);
  const crypto::Hash sum = hash.finish();
  return to_hex(sum);
}

std::unexpected<Error> ClusterSet::damaged(std::string_view what) const {
  return fail(Error{ErrorCode::data_loss,
                    "observatory.facts.damaged",
                    fmt::format("facts {} in the cluster are not what was written ({}); run: "
                                "atalaya doctor",
                                name_, what),
                    {{"what", name_}}});
}

Result<std::shared_ptr<const ClusterSet>> ClusterSet::open(std::shared_ptr<const Client> client,
                                                           const Queries& queries,
                                                           const std::string& name) {
  std::shared_ptr<ClusterSet> set(new ClusterSet(std::move(client), queries));
  set->name_ = name;
  const auto id = set_id(name);
  const auto none = [&] {
    return fail(Error{ErrorCode::not_found,
                      "observatory.facts.no_set",
                      fmt::format("facts {} are neither in the node's folder nor in the cluster; "
                                  "restore them from a backup",
                                  name),
                      {{"what", name}}});
  };
  if (!id) {
    return none();
  }
  set->id_ = *id;
  const auto answer = set->client_->ask_any(queries.set(*id));
  if (!answer) {
    return answer.error().reason == "observatory.facts.no_tables"
               ? Result<std::shared_ptr<const ClusterSet>>(none())
               : fail(Error(answer.error()));
  }
  if (answer->empty()) {
    return none();
  }
  RowReader reader(*answer);
  set->rows_ = reader.number<std::uint64_t>();
  set->decimals_ = reader.number<std::uint8_t>();
  const bool has_high = reader.number<std::uint8_t>() != 0;
  const std::size_t slots = reader.number<std::uint8_t>();
  set->checksum_ = reader.number<std::uint64_t>();
  const auto words = reader.number<std::uint64_t>();
  const std::string words_sha256(reader.text());
  set->sha256_ = reader.text();
  set->metadata_ = reader.text();
  if (!reader.good() || reader.more() || set->decimals_ > columns::kSegmentDecimalsMax ||
      slots > kSlots) {
    return set->damaged("its description");
  }
  const auto texts = ATALAYA_TRY(set->client_->ask_any(queries.words(*id)));
  ATALAYA_TRY(set->read_words(texts, words));
  if (set->slots() != slots) {
    return set->damaged("its columns");
  }
  std::uint64_t counted = 0;
  const auto rows = ATALAYA_TRY(word_rows(*set, *id, counted));
  if (hash_of_words(rows) != words_sha256) {
    return set->damaged("its dictionaries");
  }
  for (const char* number : {"value", "value_high"}) {
    if (has_high || std::string_view(number) == "value") {
      set->columns_.push_back({number, columns::SegmentColumn::Kind::values, 0});
    }
  }
  return set;
}

Result<void> ClusterSet::read_words(std::string_view answer, std::uint64_t words) {
  RowReader reader(answer);
  std::shared_ptr<columns::Dictionary> dictionary;
  for (std::uint64_t n = 0; n < words; ++n) {
    const std::size_t slot = reader.number<std::uint8_t>();
    const auto code = reader.number<std::uint32_t>();
    const auto text = reader.text();
    if (!reader.good()) {
      return damaged("its dictionaries");
    }
    if (code == 0 && slot == dictionaries_.size() + 1) {
      dictionary = std::make_shared<columns::Dictionary>();
      dictionaries_.push_back(dictionary);
      columns_.push_back({std::string(text), columns::SegmentColumn::Kind::codes, 0});
    } else if (slot == dictionaries_.size() && dictionary != nullptr &&
               code == dictionary->size() + 1) {
      dictionary->append(text);
      columns_.back().distinct = dictionary->size();
    } else {
      return damaged("its dictionaries");
    }
  }
  return reader.more() ? Result<void>(damaged("its dictionaries")) : Result<void>();
}

std::optional<std::size_t> ClusterSet::slot(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < dictionaries_.size(); ++i) {
    if (columns_[i].name == name) {
      return i + 1;
    }
  }
  return std::nullopt;
}

Result<std::shared_ptr<const columns::Dictionary>> ClusterSet::dictionary(
    const std::string& name) const {
  const auto at = slot(name);
  if (!at) {
    return fail(ErrorCode::not_found, "columns.segment.no_column", name);
  }
  return dictionaries_[*at - 1];
}

Result<std::shared_ptr<const columns::RawColumn>> ClusterSet::column(
    const std::string& name) const {
  const auto at = slot(name);
  if (!at) {
    return fail(ErrorCode::not_found, "columns.segment.no_column", name);
  }
  const auto& dictionary = *dictionaries_[*at - 1];
  std::vector<std::uint32_t> codes;
  for (std::uint64_t from = 0; from < rows_; from += kScanRows) {
    const auto answer = ATALAYA_TRY(
        client_->ask_any(queries_.codes(id_, *at, from, std::min(rows_, from + kScanRows))));
    RowReader reader(answer);
    while (reader.more()) {
      const auto row = reader.number<std::uint32_t>();
      const auto code = reader.number<std::uint32_t>();
      if (row != codes.size() || code == 0 || code > dictionary.size()) {
        return damaged("column " + name);
      }
      codes.push_back(code - 1);
    }
  }
  if (codes.size() != rows_) {
    return damaged("rows are missing");
  }
  auto out = std::make_shared<columns::RawColumn>();
  out->name = name;
  out->values = dictionary;
  out->codes = narrow(codes, dictionary.size());
  return out;
}

Result<std::shared_ptr<const std::vector<std::int64_t>>> ClusterSet::values(
    const std::string& name) const {
  if (slot(name) || !has(name)) {
    return fail(ErrorCode::not_found, "columns.segment.no_column", name);
  }
  const auto which = name == "value" ? Queries::Number::value : Queries::Number::value_high;
  auto out = std::make_shared<std::vector<std::int64_t>>();
  for (std::uint64_t from = 0; from < rows_; from += kScanRows) {
    const auto answer = ATALAYA_TRY(
        client_->ask_any(queries_.values(id_, which, from, std::min(rows_, from + kScanRows))));
    RowReader reader(answer);
    while (reader.more()) {
      const auto row = reader.number<std::uint32_t>();
      if (row != out->size()) {
        return damaged("column " + name);
      }
      out->push_back(reader.number<std::int64_t>());
    }
  }
  if (out->size() != rows_) {
    return damaged("rows are missing");
  }
  return out;
}

}  // namespace atalaya::observatory::detail::cluster
