// Reading the program's own statements: which recorded table one changes, and how to learn which
// rows. Statements are constants of the program in one plain dialect (docs/developer-notes.md,
// "SQL"), so whatever is not understood is refused rather than guessed.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "rows.hpp"

namespace atalaya::ledger {
namespace {

struct Token {
  enum class Kind { word, text, parameter, number, sign };

  Kind kind = Kind::sign;
  std::string_view text;
  int depth = 0;  // of parentheses around it
};

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The end of the quoted text that begins at `at`; a doubled quote does not end it.
std::size_t end_of_quoted(std::string_view sql, std::size_t at) {
  const char quote = sql[at];
  for (++at; at < sql.size(); ++at) {
    if (sql[at] == quote) {
      if (at + 1 >= sql.size() || sql[at + 1] != quote) {
        return at + 1;
      }
      ++at;
    }
  }
  return sql.size();
}

std::vector<Token> tokens_of(std::string_view sql) {
  std::vector<Token> out;
  int depth = 0;
  for (std::size_t at = 0; at < sql.size();) {
    const char c = sql[at];
    std::size_t end = at + 1;
    Token::Kind kind = Token::Kind::sign;
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      ++at;
      continue;
    }
    if (sql.substr(at, 2) == "--") {
      at = std::min(sql.find('\n', at), sql.size());
      continue;
    }
    if (c == '\'') {
      kind = Token::Kind::text;
      end = end_of_quoted(sql, at);
    } else if (c == '"') {
      kind = Token::Kind::word;
      end = end_of_quoted(sql, at);
    } else if (c == '$' || is_word(c)) {
      kind = c == '$' ? Token::Kind::parameter
                      : (is_digit(c) ? Token::Kind::number : Token::Kind::word);
      while (end < sql.size() && is_word(sql[end])) {
        ++end;
      }
    }
    depth -= c == ')' ? 1 : 0;
    out.push_back({kind, sql.substr(at, end - at), depth});
    depth += c == '(' ? 1 : 0;
    at = end;
  }
  return out;
}

bool is_keyword(const Token& token, std::string_view upper) {
  return token.kind == Token::Kind::word &&
         std::ranges::equal(token.text, upper, [](char a, char b) {
           return std::toupper(static_cast<unsigned char>(a)) == b;
         });
}

std::unexpected<Error> refused(std::string_view sql, std::string_view why) {
  return fail(ErrorCode::internal, "ledger.rows.statement",
              fmt::format("{}: the rows that it changes could not be recorded in the log; see "
                          "docs/developer-notes.md, \"Rows and the log\": {}",
                          why, sql.substr(0, 120)));
}

std::string name_of(const Token& token) {
  const bool quoted = token.text.starts_with('"') && token.text.size() >= 2;
  return std::string(quoted ? token.text.substr(1, token.text.size() - 2) : token.text);
}

std::optional<std::variant<std::size_t, store::Value>> value_of(const Token& token) {
  std::int64_t number = 0;
  const auto read = [&](std::string_view digits) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return error == std::errc() && end == digits.data() + digits.size();
  };
  if (token.kind == Token::Kind::parameter && read(token.text.substr(1)) && number >= 1) {
    return static_cast<std::size_t>(number - 1);
  }
  if (token.kind == Token::Kind::number && read(token.text)) {
    return store::Value(number);
  }
  if (token.kind == Token::Kind::text && token.text.find('\'', 1) + 1 == token.text.size()) {
    return store::Value(std::string(token.text.substr(1, token.text.size() - 2)));
  }
  if (is_keyword(token, "NULL")) {
    return store::Value();
  }
  return std::nullopt;
}

class Reader {
 public:
  Reader(std::string_view sql, const RecordedTables& tables)
      : sql_(sql), tables_(tables), tokens_(tokens_of(sql)) {}

  Result<RowStatement> read() {
    if (tokens_.size() < 3) {
      return out_;
    }
    const bool inserts = is_keyword(tokens_[0], "INSERT") || is_keyword(tokens_[0], "REPLACE");
    const bool updates = is_keyword(tokens_[0], "UPDATE");
    const bool deletes = is_keyword(tokens_[0], "DELETE");
    if (!inserts && !updates && !deletes) {
      return read_other();
    }
    const Token& second = tokens_[1];
    if (is_keyword(second, "OR") || is_keyword(tokens_[0], "REPLACE")) {
      return refused(sql_, "INSERT OR … and REPLACE hide what they remove");
    }
    const auto table = tables_.find(name_of(updates ? second : tokens_[2]));
    if (table == tables_.end() || table->first == kCheckpointsTable) {
      return out_;
    }
    out_.table = &table->second;
    if (updates) {
      ATALAYA_TRY(read_set());
    } else if (inserts) {
      read_values();
    }
    if (out_.table != nullptr) {
      out_.does = deletes ? RowStatement::Does::remove : RowStatement::Does::write;
      out_.added = deletes ? out_.table->key.size() : out_.table->columns.size();
      write_sql(deletes ? out_.table->select_key : out_.table->select);
    }
    return out_;
  }

 private:
  /// SELECT and the like pass; what changes rows inside of a WITH does not.
  Result<RowStatement> read_other() {
    if (is_keyword(tokens_[0], "WITH") &&
        std::ranges::any_of(tokens_, [](const Token& token) {
          return is_keyword(token, "INSERT") || is_keyword(token, "UPDATE") ||
                 is_keyword(token, "DELETE");
        })) {
      return refused(sql_, "a WITH that changes rows");
    }
    return out_;
  }

  void write_sql(std::string_view columns) {
    const bool answers = std::ranges::any_of(tokens_, [](const Token& token) {
      return token.depth == 0 && is_keyword(token, "RETURNING");
    });
    out_.sql = fmt::format("{}{}{}", sql_, answers ? ", " : " RETURNING ", columns);
  }

  /// UPDATE t SET a = …, b = … : a key must stay, and columns that are not compared do not count.
  Result<void> read_set() {
    if (!is_keyword(tokens_[2], "SET")) {
      return refused(sql_, "UPDATE with something between the table and SET");
    }
    bool compared = false;
    for (std::size_t i = 2; i + 2 < tokens_.size() && !is_clause(tokens_[i]); ++i) {
      const bool starts = i == 2 || (tokens_[i].depth == 0 && tokens_[i].text == ",");
      if (!starts) {
        continue;
      }
      if (tokens_[i + 2].text != "=") {
        return refused(sql_, "SET of several columns at once");
      }
      const auto& columns = out_.table->columns;
      const auto column = std::ranges::find(columns, name_of(tokens_[i + 1]));
      compared = compared || column != columns.end();
      const auto place = static_cast<std::size_t>(column - columns.begin());
      if (std::ranges::find(out_.table->key, place) != out_.table->key.end()) {
        return refused(sql_, "an UPDATE of a primary key: delete the row and insert another");
      }
    }
    out_.table = compared ? out_.table : nullptr;
    return {};
  }

  static bool is_clause(const Token& token) {
    return token.depth == 0 && (is_keyword(token, "WHERE") || is_keyword(token, "FROM") ||
                                is_keyword(token, "RETURNING"));
  }

  /// ") ON CONFLICT (…) DO NOTHING" from the parenthesis at `at` to the end.
  [[nodiscard]] bool skips_conflicts(std::size_t at) const {
    const std::size_t end = tokens_.size();
    if (end < at + 6 || !is_keyword(tokens_[at + 1], "ON") ||
        !is_keyword(tokens_[at + 2], "CONFLICT") || tokens_[at + 3].text != "(" ||
        tokens_[end - 3].text != ")" || !is_keyword(tokens_[end - 2], "DO") ||
        !is_keyword(tokens_[end - 1], "NOTHING")) {
      return false;
    }
    const auto columns = std::span(tokens_).subspan(at + 4, end - at - 7);
    return std::ranges::all_of(columns, [](const Token& token) { return token.depth == 1; });
  }

  /// INSERT INTO t(a, b) VALUES ($1, 'x'), with ON CONFLICT (a) DO NOTHING or no more: what is
  /// written, if it is, is known beforehand.
  void read_values() {
    std::size_t at = 3;
    std::vector<std::string> columns;
    std::vector<std::variant<std::size_t, store::Value>> values;
    if (at >= tokens_.size() || tokens_[at].text != "(") {
      return;
    }
    for (++at; at < tokens_.size() && tokens_[at].text != ")"; ++at) {
      if (tokens_[at].text != ",") {
        columns.push_back(name_of(tokens_[at]));
      }
    }
    if (at + 2 >= tokens_.size() || !is_keyword(tokens_[at + 1], "VALUES")) {
      return;
    }
    bool expects = true;
    for (at += 3; at < tokens_.size() && tokens_[at].text != ")"; ++at, expects = !expects) {
      auto value = expects ? value_of(tokens_[at]) : std::nullopt;
      if (expects != value.has_value() || (!expects && tokens_[at].text != ",")) {
        return;
      }
      if (expects) {
        values.push_back(*std::move(value));
      }
    }
    out_.may_skip = at + 1 != tokens_.size();
    if ((out_.may_skip && !skips_conflicts(at)) || values.size() != columns.size()) {
      return;
    }
    for (const auto& name : out_.table->columns) {
      const auto column = std::ranges::find(columns, name);
      if (column == columns.end()) {
        out_.given.clear();
        return;
      }
      out_.given.push_back(values[static_cast<std::size_t>(column - columns.begin())]);
    }
  }

  std::string_view sql_;
  const RecordedTables& tables_;
  std::vector<Token> tokens_;
  RowStatement out_;
};

}  // namespace

Result<RowStatement> read_statement(std::string_view sql, const RecordedTables& tables) {
  return Reader(sql, tables).read();
}

MigrationRows read_migration(std::string_view sql) {
  MigrationRows out;
  const auto tokens = tokens_of(sql);
  const auto begins = [&](std::size_t i) {
    return i == 0 || (tokens[i - 1].text == ";" && tokens[i - 1].depth == 0);
  };
  for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
    if (!begins(i)) {
      continue;
    }
    if (is_keyword(tokens[i], "CREATE") && is_keyword(tokens[i + 1], "TABLE")) {
      out.made.push_back(name_of(tokens[i + 2]));
    } else if (is_keyword(tokens[i], "UPDATE")) {
      out.written.push_back(name_of(tokens[i + 1]));
    } else if (is_keyword(tokens[i], "INSERT") || is_keyword(tokens[i], "DELETE")) {
      out.written.push_back(name_of(tokens[i + 2]));
    }
  }
  return out;
}

}  // namespace atalaya::ledger
