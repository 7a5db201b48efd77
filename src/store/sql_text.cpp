#include "sql_text.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <set>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

namespace atalaya::store {

namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

constexpr bool is_word(char c) {
  return is_word_start(c) || is_digit(c);
}

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') {
      c = static_cast<char>(c - 'a' + 'A');
    }
  }
  return result;
}

/// The end of a quotation that starts at `at`; a doubled quote stands for one inside it.
std::size_t quotation_end(std::string_view sql, std::size_t at) {
  const char quote = sql[at];
  for (std::size_t i = at + 1; i < sql.size(); ++i) {
    if (sql[i] != quote) {
      continue;
    }
    if (i + 1 < sql.size() && sql[i + 1] == quote) {
      ++i;
      continue;
    }
    return i + 1;
  }
  return sql.size();
}

std::size_t space_end(std::string_view sql, std::size_t at) {
  if (sql.substr(at).starts_with("--")) {
    const std::size_t line = sql.find('\n', at);
    return line == std::string_view::npos ? sql.size() : line + 1;
  }
  if (sql.substr(at).starts_with("/*")) {
    const std::size_t close = sql.find("*/", at + 2);
    return close == std::string_view::npos ? sql.size() : close + 2;
  }
  while (at < sql.size() && is_blank(sql[at])) {
    ++at;
  }
  return at;
}

/// `$1` or PostgreSQL's `$tag$ … $tag$`.
Token dollar_token(std::string_view sql, std::size_t at) {
  std::size_t end = at + 1;
  if (end < sql.size() && is_digit(sql[end])) {
    while (end < sql.size() && is_digit(sql[end])) {
      ++end;
    }
    return {TokenKind::parameter, sql.substr(at, end - at)};
  }
  while (end < sql.size() && is_word(sql[end])) {
    ++end;
  }
  if (end == sql.size() || sql[end] != '$') {
    return {TokenKind::other, sql.substr(at, 1)};
  }
  const std::string_view tag = sql.substr(at, end + 1 - at);
  const std::size_t close = sql.find(tag, end + 1);
  const std::size_t stop = close == std::string_view::npos ? sql.size() : close + tag.size();
  return {TokenKind::string, sql.substr(at, stop - at)};
}

Token next_token(std::string_view sql, std::size_t at) {
  const char c = sql[at];
  const auto until = [&](TokenKind kind, std::size_t end) {
    return Token{kind, sql.substr(at, end - at)};
  };
  if (const std::size_t end = space_end(sql, at); end > at) {
    return until(TokenKind::space, end);
  }
  if (c == '\'') {
    return until(TokenKind::string, quotation_end(sql, at));
  }
  if (c == '"') {
    return until(TokenKind::quoted, quotation_end(sql, at));
  }
  if ((c == 'x' || c == 'X') && at + 1 < sql.size() && sql[at + 1] == '\'') {
    return until(TokenKind::blob, quotation_end(sql, at + 1));
  }
  if (c == '$') {
    return dollar_token(sql, at);
  }
  std::size_t end = at + 1;
  if (is_word_start(c)) {
    while (end < sql.size() && is_word(sql[end])) {
      ++end;
    }
    return until(TokenKind::word, end);
  }
  if (is_digit(c)) {
    while (end < sql.size() && (is_word(sql[end]) || sql[end] == '.')) {
      ++end;
    }
    return until(TokenKind::number, end);
  }
  return until(TokenKind::other, end);
}

bool is_type_word(std::string_view word) {
  return word == "INTEGER" || word == "INT" || word == "REAL" || word == "BLOB" || word == "TEXT";
}

std::string_view postgres_type(std::string_view word) {
  if (word == "INTEGER" || word == "INT") {
    return "BIGINT";
  }
  if (word == "REAL") {
    return "DOUBLE PRECISION";
  }
  return word == "BLOB" ? "BYTEA" : "TEXT";
}

/// A statement being rewritten: the significant tokens with their upper-case words, and the text
/// that each token will become.
class Rewriter {
 public:
  explicit Rewriter(std::string_view statement) : label_(statement_label(statement)) {
    for (const Token& token : tokenise(statement)) {
      if (token.kind != TokenKind::space) {
        significant_.push_back(output_.size());
        tokens_.push_back(token);
        words_.push_back(token.kind == TokenKind::word || token.kind == TokenKind::other
                             ? upper(token.text)
                             : std::string());
      }
      output_.emplace_back(token.text);
    }
  }

  Result<std::string> run() {
    if (word(0) == "PRAGMA" || (word(0) == "CREATE" && is_engine_specific())) {
      return refuse("has no counterpart in PostgreSQL");
    }
    ATALAYA_TRY(rewrite_everywhere());
    if (const std::optional<std::size_t> open = created_table_body(); open.has_value()) {
      ATALAYA_TRY(rewrite_table(*open));
    } else if (word(0) == "ALTER" && word(1) == "TABLE") {
      rewrite_added_column();
    }
    std::string result;
    for (const std::string& piece : output_) {
      result += piece;
    }
    return std::string(trim(result));
  }

 private:
  [[nodiscard]] std::string_view word(std::size_t index) const {
    return index < words_.size() ? std::string_view(words_[index]) : std::string_view();
  }

  void replace(std::size_t index, std::string_view text) { output_[significant_[index]] = text; }

  [[nodiscard]] std::unexpected<Error> refuse(std::string_view why) const {
    return fail(ErrorCode::internal, "store.migration",
                fmt::format("\"{}\" {}: give the migration a .postgres.sql", label_, why));
  }

  [[nodiscard]] bool is_engine_specific() const {
    for (std::size_t i = 1; i < 4; ++i) {
      if (word(i) == "TRIGGER" || word(i) == "VIRTUAL") {
        return true;
      }
      if (word(i) == "TABLE" || word(i) == "INDEX" || word(i) == "VIEW") {
        return false;
      }
    }
    return false;
  }

  Result<void> rewrite_everywhere() {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (tokens_[i].kind == TokenKind::blob) {
        const std::string_view hex = tokens_[i].text.substr(2, tokens_[i].text.size() - 3);
        replace(i, fmt::format("'\\x{}'::bytea", hex));
      } else if (word(i) == "AS" && is_type_word(word(i + 1)) && word(i + 2) == ")") {
        replace(i + 1, postgres_type(word(i + 1)));
      } else if (word(i) == "COLLATE") {
        if (word(i + 1) != "BINARY") {
          return refuse("names a collation that PostgreSQL does not have");
        }
        replace(i, "");
        replace(i + 1, "");
      }
    }
    return {};
  }

  /// The index of the parenthesis that opens the columns of CREATE TABLE.
  [[nodiscard]] std::optional<std::size_t> created_table_body() const {
    if (word(0) != "CREATE") {
      return std::nullopt;
    }
    const std::size_t table = word(1) == "TABLE" ? 1 : 2;
    if (word(table) != "TABLE") {
      return std::nullopt;
    }
    for (std::size_t i = table + 1; i < tokens_.size() && word(i) != "AS"; ++i) {
      if (word(i) == "(") {
        return i;
      }
    }
    return std::nullopt;
  }

  Result<void> rewrite_table(std::size_t open) {
    std::size_t close = open;
    std::vector<std::size_t> items{open + 1};
    int depth = 0;
    for (std::size_t i = open; i < tokens_.size(); ++i) {
      if (word(i) == "(") {
        ++depth;
      } else if (word(i) == ")" && --depth == 0) {
        close = i;
        break;
      } else if (word(i) == "," && depth == 1) {
        items.push_back(i + 1);
      }
    }
    bool strict = false;
    bool rowid = true;
    for (std::size_t i = close + 1; i < tokens_.size(); ++i) {
      strict = strict || word(i) == "STRICT";
      rowid = rowid && word(i) != "WITHOUT";
      replace(i, "");
    }
    if (!strict) {
      return fail(ErrorCode::internal, "store.migration",
                  fmt::format("\"{}\" makes a table that is not STRICT", label_));
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::size_t end = i + 1 < items.size() ? items[i + 1] - 1 : close;
      ATALAYA_TRY(rewrite_item(items[i], end, rowid));
    }
    return {};
  }

  /// One column (or table constraint) in [begin, end).
  Result<void> rewrite_item(std::size_t begin, std::size_t end, bool rowid) {
    static constexpr std::array<std::string_view, 5> kConstraints{"CONSTRAINT", "PRIMARY", "UNIQUE",
                                                                  "CHECK", "FOREIGN"};
    for (const std::string_view constraint : kConstraints) {
      if (word(begin) == constraint) {
        return {};
      }
    }
    if (begin + 1 >= end || !is_type_word(word(begin + 1))) {
      return refuse("has a column without one of the types INTEGER, REAL, TEXT, BLOB");
    }
    rewrite_column_type(begin + 1);
    int depth = 0;
    for (std::size_t i = begin + 2; i < end; ++i) {
      depth += word(i) == "(" ? 1 : 0;
      depth -= word(i) == ")" ? 1 : 0;
      if (depth == 0 && word(i) == "AUTOINCREMENT") {
        replace(i, "");
      }
      if (depth == 0 && rowid && word(i) == "PRIMARY" && word(begin + 1) == "INTEGER") {
        replace(begin + 1, "BIGINT GENERATED BY DEFAULT AS IDENTITY");
      }
    }
    return {};
  }

  void rewrite_column_type(std::size_t index) {
    // SQLite compares text by its bytes; so must PostgreSQL, or ORDER BY would differ.
    replace(index, word(index) == "TEXT" ? "TEXT COLLATE \"C\"" : postgres_type(word(index)));
  }

  /// ALTER TABLE t ADD [COLUMN] name TYPE …
  void rewrite_added_column() {
    if (word(3) != "ADD") {
      return;
    }
    const std::size_t type = word(4) == "COLUMN" ? 6 : 5;
    if (is_type_word(word(type))) {
      rewrite_column_type(type);
    }
  }

  std::string label_;
  std::vector<Token> tokens_;             // without space
  std::vector<std::string> words_;        // upper case; empty for strings, names in quotes, numbers
  std::vector<std::size_t> significant_;  // tokens_[i] is output_[significant_[i]]
  std::vector<std::string> output_;
};

}  // namespace

std::vector<Token> tokenise(std::string_view sql) {
  std::vector<Token> tokens;
  for (std::size_t at = 0; at < sql.size();) {
    tokens.push_back(next_token(sql, at));
    at += tokens.back().text.size();
  }
  return tokens;
}

std::vector<std::string_view> split_statements(std::string_view sql) {
  std::vector<std::string_view> statements;
  std::size_t begin = 0;
  std::size_t at = 0;
  std::size_t words = 0;
  int depth = 0;  // BEGIN and CASE … END, counted only inside a trigger
  bool trigger = false;
  const auto finish = [&](std::size_t end) {
    if (const std::string_view text = trim(sql.substr(begin, end - begin)); words > 0) {
      statements.push_back(text);
    }
    words = 0;
    depth = 0;
    trigger = false;
  };
  for (const Token& token : tokenise(sql)) {
    if (token.kind == TokenKind::space) {
      at += token.text.size();
      begin = words == 0 ? at : begin;
      continue;
    }
    if (token.text == ";" && depth <= 0) {
      finish(at);
      at += 1;
      begin = at;
      continue;
    }
    if (token.kind == TokenKind::word) {
      const std::string word = upper(token.text);
      trigger = trigger || (words > 0 && words < 3 && word == "TRIGGER" &&
                            first_keyword(sql.substr(begin)) == "CREATE");
      depth += trigger && (word == "BEGIN" || word == "CASE") ? 1 : 0;
      depth -= trigger && word == "END" ? 1 : 0;
    }
    ++words;
    at += token.text.size();
  }
  finish(sql.size());
  return statements;
}

std::string first_keyword(std::string_view sql) {
  for (std::size_t at = 0; at < sql.size();) {
    const Token token = next_token(sql, at);
    if (token.kind != TokenKind::space) {
      return token.kind == TokenKind::word ? upper(token.text) : std::string();
    }
    at += token.text.size();
  }
  return {};
}

bool contains_keyword(std::string_view sql, std::string_view word) {
  for (const Token& token : tokenise(sql)) {
    if (token.kind == TokenKind::word && upper(token.text) == word) {
      return true;
    }
  }
  return false;
}

Result<void> check_parameters(std::string_view sql, std::size_t given) {
  std::set<std::string_view> used;
  for (const Token& token : tokenise(sql)) {
    if (token.kind == TokenKind::parameter) {
      used.insert(token.text);
    }
  }
  for (std::size_t n = 1; n <= used.size(); ++n) {
    if (!used.contains(fmt::format("${}", n))) {
      return fail(ErrorCode::internal, "store.sql",
                  fmt::format("parameters must be $1 to ${} without gaps: {}", used.size(),
                              statement_label(sql)));
    }
  }
  if (used.size() != given) {
    return fail(
        ErrorCode::internal, "store.sql",
        fmt::format("{} parameters given, {} used: {}", given, used.size(), statement_label(sql)));
  }
  return {};
}

std::string statement_label(std::string_view sql) {
  static constexpr std::size_t kLabelBytes = 80;
  std::string label;
  for (const Token& token : tokenise(sql)) {
    std::string_view text = token.text;
    if (token.kind == TokenKind::space) {
      text = label.empty() || label.ends_with(' ') ? "" : " ";
    } else if (token.kind == TokenKind::string || token.kind == TokenKind::blob) {
      text = "'…'";
    }
    if (label.size() + text.size() > kLabelBytes) {
      return label + "…";
    }
    label += text;
  }
  return label;
}

Result<std::string> translate_to_postgres(std::string_view statement) {
  return Rewriter(statement).run();
}

}  // namespace atalaya::store
