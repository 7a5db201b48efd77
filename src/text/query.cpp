#include "query.hpp"

#include <algorithm>

#include <unicode/uchar.h>

#include <atalaya/text/search.hpp>

#include "utf8.hpp"

namespace atalaya::text {
namespace {

std::string clean(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t start = i;
    const UChar32 c = decode_utf8(text, i);
    if (i > kQueryBytesMax) {
      break;
    }
    if (c < 0 || u_iscntrl(c) != 0 || u_isUWhiteSpace(c) != 0) {
      out += ' ';
    } else {
      out += text.substr(start, i - start);
    }
  }
  return out;
}

// Length in bytes of a quotation mark at `i`, 0 when there is none.
std::size_t quote_length(std::string_view text, std::size_t i) noexcept {
  const auto rest = text.substr(i);
  for (const std::string_view mark : {"\"", "“", "”", "„", "«", "»", "‟"}) {
    if (rest.starts_with(mark)) {
      return mark.size();
    }
  }
  return 0;
}

std::size_t find_quote(std::string_view text, std::size_t from) noexcept {
  for (std::size_t i = from; i < text.size(); ++i) {
    if (quote_length(text, i) != 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

class Parser {
 public:
  Parser(std::string_view text, Language language) : language_(language) {
    out_.text = clean(text);
  }

  ParsedQuery run() {
    const std::string_view text = out_.text;
    std::size_t i = 0;
    while (i < text.size()) {
      if (text[i] == ' ') {
        ++i;
        continue;
      }
      const bool negated = text[i] == '-' && i + 1 < text.size() && text[i + 1] != ' ';
      const std::size_t start = negated ? i + 1 : i;
      const std::size_t quote = start < text.size() ? quote_length(text, start) : 0;
      const std::size_t close =
          quote != 0 ? find_quote(text, start + quote) : std::string_view::npos;
      if (close != std::string_view::npos) {
        add(start + quote, close, true, negated);
        i = close + quote_length(text, close);
        out_.ends_in_word = false;
        continue;
      }
      std::size_t end = start + std::max<std::size_t>(quote, 1);
      while (end < text.size() && text[end] != ' ' && quote_length(text, end) == 0) {
        ++end;
      }
      add(start, end, false, negated);
      i = end;
    }
    out_.ends_in_word = out_.ends_in_word && !text.empty() && !out_.clauses.empty() &&
                        out_.clauses.back().tokens.back().end == text.size();
    return std::move(out_);
  }

 private:
  void add(std::size_t begin, std::size_t end, bool phrase, bool negated) {
    const auto part = std::string_view(out_.text).substr(begin, end - begin);
    QueryClause clause;
    clause.negated = negated;
    clause.tokens = tokenize_stemmed(part, language_);
    if (clause.tokens.size() > kQueryTermsMax - terms_) {
      clause.tokens.resize(kQueryTermsMax - terms_);
    }
    if (clause.tokens.empty()) {
      return;
    }
    terms_ += clause.tokens.size();
    // "-cross-border" leaves out the compound, not every text that says "border".
    clause.phrase = (phrase || negated) && clause.tokens.size() > 1;
    if (!phrase) {
      clause.id = fold(part.substr(clause.tokens.front().begin,
                                   clause.tokens.back().end - clause.tokens.front().begin));
    }
    for (Token& token : clause.tokens) {
      token.begin += begin;
      token.end += begin;
    }
    out_.ends_in_word = !phrase && !negated;
    out_.clauses.push_back(std::move(clause));
  }

  Language language_;
  ParsedQuery out_;
  std::size_t terms_ = 0;
};

}  // namespace

ParsedQuery parse_query(std::string_view text, Language language) {
  return Parser(text, language).run();
}

}  // namespace atalaya::text
