// Documented shares as people write them: TOML or CSV. Nothing is guessed: shares that add up to
// more than one, codes that are none and unknown keys are refused with their line.
#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>
#include <toml++/toml.h>

#include <atalaya/base/text.hpp>

#include "table_parts.hpp"

namespace atalaya::observatory {
namespace {

constexpr std::size_t kBytesMax = std::size_t{1} << 20U;
constexpr double kRounding = 1e-9;

std::unexpected<Error> bad(std::int64_t line, std::string_view key, std::string_view what) {
  return fail(Error{
      ErrorCode::invalid_argument,
      "observatory.shares",
      fmt::format("shares, line {}: {}: {}", line, key, what),
      {{"line", std::to_string(line)}, {"key", std::string(key)}, {"what", std::string(what)}}});
}

std::int64_t line_of(const toml::node& node) {
  return static_cast<std::int64_t>(node.source().begin.line);
}

// What holds however it was written.
Result<void> check(const SplitShares& shares, const Codelists& lists, std::int64_t line) {
  const bool own = shares.dimension.starts_with("x_");
  if (!own && lists.find(shares.dimension) == nullptr) {
    return bad(line, "dimension", fmt::format("\"{}\" is no dimension", shares.dimension));
  }
  if (shares.dimension == "period" || shares.dimension == "territory" ||
      shares.dimension == "unit") {
    return bad(line, "dimension", "when, where and what was counted cannot be estimated by shares");
  }
  if (!lists.is_valid(shares.dimension, shares.from)) {
    return bad(line, "from", fmt::format("\"{}\" is no code of {}", shares.from, shares.dimension));
  }
  if (trim(shares.source).empty()) {
    return bad(line, "source", "say where the shares come from");
  }
  double sum = 0;
  for (const auto& [code, share] : shares.to) {
    if (!lists.is_valid(shares.dimension, code) || code == shares.from) {
      return bad(line, "to", fmt::format("\"{}\" is no other code of {}", code, shares.dimension));
    }
    if (!(share > 0) || !(share <= 1)) {
      return bad(line, "to", fmt::format("a share lies between 0 and 1, not {}", share));
    }
    sum += share;
  }
  if (shares.to.empty() || sum > 1 + kRounding) {
    return bad(line, "to",
               fmt::format("the shares of one code add up to {}; write at least one, "
                           "and no more than 1 in all",
                           sum));
  }
  for (const auto& [name, codes] : shares.where) {
    const bool known = name.starts_with("x_") || lists.find(name) != nullptr;
    const bool valid = std::ranges::all_of(
        codes, [&](const std::string& code) { return lists.is_valid(name, code); });
    if (!known || !valid || name == shares.dimension) {
      return bad(line, "where", fmt::format("{} is no choice of rows by other dimensions", name));
    }
  }
  return {};
}

Result<SplitShares> read_entry(const toml::table& table, const Codelists& lists) {
  SplitShares out;
  for (const auto& [name, node] : table) {
    const std::string_view key = name.str();
    const auto text = node.value<std::string>();
    if (key == "to" && node.is_table()) {
      for (const auto& [code, share] : *node.as_table()) {
        const auto value = share.value<double>();
        if (!value) {
          return bad(line_of(share), "to", "write code = share, like M = 0.93");
        }
        out.to.emplace_back(std::string(code.str()), *value);
      }
      continue;
    }
    if (!text || (key != "dimension" && key != "from" && key != "source" && key != "where")) {
      return bad(line_of(node), key,
                 "is not known; an entry has dimension, from, to = { code = share }, source and "
                 "where, all but `to` in quotes");
    }
    if (key == "where") {
      out.where = ATALAYA_TRY(parse_where(*text));
    } else {
      (key == "dimension" ? out.dimension : key == "from" ? out.from : out.source) = *text;
    }
  }
  ATALAYA_TRY(check(out, lists, line_of(table)));
  return out;
}

Result<std::vector<SplitShares>> read_toml(std::string_view text, const Codelists& lists) {
  std::vector<SplitShares> out;
  try {
    const toml::table root = toml::parse(text);
    for (const auto& [name, node] : root) {
      if (name.str() != "shares" || !node.is_array()) {
        return bad(line_of(node), name.str(), "is not known; write [[shares]]");
      }
      for (const auto& entry : *node.as_array()) {
        if (!entry.is_table()) {
          return bad(line_of(entry), "shares", "write [[shares]]");
        }
        out.push_back(ATALAYA_TRY(read_entry(*entry.as_table(), lists)));
      }
    }
  } catch (const toml::parse_error& error) {
    return bad(static_cast<std::int64_t>(error.source().begin.line), "TOML", error.description());
  }
  return out;
}

// A line of CSV without quotes inside fields, which codes and shares never need; a source may.
std::vector<std::string> fields_of(std::string_view line) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      out.back() += '"';
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      out.emplace_back();
    } else if (c != '\r') {
      out.back() += c;
    }
  }
  return out;
}

struct Row {
  SplitShares shares;  // without `to`
  std::string to;
  double share = 0;
};

Result<Row> read_row(const std::vector<std::string>& heads, const std::vector<std::string>& fields,
                     std::int64_t line) {
  Row row;
  if (fields.size() != heads.size()) {
    return bad(line, "CSV",
               fmt::format("has {} fields where the header has {}", fields.size(), heads.size()));
  }
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const std::string value(trim(fields[i]));
    if (heads[i] == "share") {
      const auto [end, error] =
          std::from_chars(value.data(), value.data() + value.size(), row.share);
      if (error != std::errc() || end != value.data() + value.size()) {
        return bad(line, "share", "write a number between 0 and 1 with a point, like 0.93");
      }
    } else if (heads[i] == "dimension" || heads[i] == "from" || heads[i] == "source") {
      (heads[i] == "dimension" ? row.shares.dimension
       : heads[i] == "from"    ? row.shares.from
                               : row.shares.source) = value;
    } else if (heads[i] == "to") {
      row.to = value;
    } else if (!value.empty()) {
      row.shares.where.emplace_back(heads[i], std::vector<std::string>{value});
    }
  }
  return row;
}

Result<std::vector<SplitShares>> read_csv(std::string_view text, const Codelists& lists) {
  std::vector<SplitShares> out;
  std::vector<std::int64_t> lines;
  std::vector<std::string> heads;
  std::int64_t number = 0;
  for (const auto raw : split(text, '\n')) {
    ++number;
    if (trim(raw).empty()) {
      continue;
    }
    auto fields = fields_of(raw);
    if (heads.empty()) {
      for (auto& field : fields) {
        heads.emplace_back(trim(field));
      }
      continue;
    }
    auto row = ATALAYA_TRY(read_row(heads, fields, number));
    const auto same = std::ranges::find_if(out, [&](const SplitShares& s) {
      return s.dimension == row.shares.dimension && s.from == row.shares.from &&
             s.where == row.shares.where && s.source == row.shares.source;
    });
    if (same == out.end()) {
      out.push_back(std::move(row.shares));
      out.back().to.emplace_back(row.to, row.share);
      lines.push_back(number);
    } else {
      same->to.emplace_back(row.to, row.share);
    }
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    ATALAYA_TRY(check(out[i], lists, lines[i]));
  }
  return out;
}

bool is_csv(std::string_view text) {
  const std::string_view first = text.substr(0, text.find('\n'));
  return first.find("dimension") != std::string_view::npos &&
         first.find(',') != std::string_view::npos && first.find('=') == std::string_view::npos;
}

}  // namespace

Result<std::vector<SplitShares>> parse_shares(std::string_view text, const Codelists& lists) {
  if (text.size() > kBytesMax || find_invalid_utf8(text)) {
    return bad(1, "file", "shares are UTF-8 text of at most 1 MiB");
  }
  text = text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
  auto out = is_csv(text) ? read_csv(text, lists) : read_toml(text, lists);
  if (out && out->empty()) {
    return bad(1, "shares",
               "holds no shares; write [[shares]], or a CSV with the columns "
               "dimension, from, to, share, source");
  }
  return out;
}

json::array shares_json(const std::vector<SplitShares>& shares) {
  json::array out;
  for (const auto& s : shares) {
    json::object to;
    for (const auto& [code, share] : s.to) {
      to[code] = share;
    }
    json::array where;
    for (const auto& [name, codes] : s.where) {
      json::array list;
      for (const auto& code : codes) {
        list.push_back(json::string(code));
      }
      where.push_back(json::object{{"dimension", name}, {"codes", std::move(list)}});
    }
    out.push_back(json::object{{"dimension", s.dimension},
                               {"from", s.from},
                               {"source", s.source},
                               {"where", std::move(where)},
                               {"to", std::move(to)}});
  }
  return out;
}

namespace detail {

Result<std::vector<SplitShares>> shares_from_json(const json::array& list) {
  try {
    std::vector<SplitShares> out;
    for (const auto& entry : list) {
      SplitShares shares;
      shares.dimension = json::value_to<std::string>(entry.at("dimension"));
      shares.from = json::value_to<std::string>(entry.at("from"));
      shares.source = json::value_to<std::string>(entry.at("source"));
      for (const auto& term : entry.at("where").as_array()) {
        shares.where.emplace_back(json::value_to<std::string>(term.at("dimension")),
                                  json::value_to<std::vector<std::string>>(term.at("codes")));
      }
      for (const auto& part : entry.at("to").as_object()) {
        shares.to.emplace_back(part.key(), part.value().to_number<double>());
      }
      out.push_back(std::move(shares));
    }
    return out;
  } catch (const std::exception& error) {
    return fail(ErrorCode::data_loss, "observatory.stored", error.what());
  }
}

}  // namespace detail
}  // namespace atalaya::observatory
