// Goal: the helpers that everything stands on do exactly what their headers say. Method: vectors
// from the RFCs named in the headers, and properties with random input.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atalaya/base/csv.hpp>
#include <atalaya/base/json.hpp>
#include <atalaya/base/secret.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/base/time.hpp>

namespace atalaya {
namespace {

TEST(Csv, QuotesByRfc4180AndDefusesFormulas) {
  EXPECT_EQ(csv_field("plain"), "plain");
  EXPECT_EQ(csv_field("a,\"b\""), "\"a,\"\"b\"\"\"");
  EXPECT_EQ(csv_field(""), "");
  for (const std::string_view start : {"=", "+", "-", "@", "\t", "\r"}) {
    const std::string text = std::string(start) + "HYPERLINK(1)";
    EXPECT_EQ(csv_field(text), "\"'" + text + "\"");
  }
}

TEST(Text, Base64MeetsRfc4648Section10) {
  const std::pair<std::string_view, std::string_view> vectors[] = {
      {"", ""},         {"f", "Zg=="},         {"fo", "Zm8="},         {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : vectors) {
    EXPECT_EQ(to_base64(as_bytes(plain)), coded);
    EXPECT_EQ(as_text(from_base64(coded).value()), plain);
  }
  EXPECT_FALSE(from_base64("Zh==").has_value());  // a second spelling of "f"
  EXPECT_FALSE(from_base64("Zg=").has_value());
}

TEST(Text, Sha256MeetsFips180) {
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Text, FoldIsBlindToCaseAndAccents) {
  EXPECT_EQ(fold("Convenção de BELÉM do Pará"), "convencao de belem do para");
  EXPECT_EQ(fold("Québec"), fold("QUEBEC"));
}

// A Cyrillic letter sends the whole text to ICU; without it Latin is folded from a table.
RC_GTEST_PROP(Text, FoldsLatinAsIcuFoldsAnyText, ()) {
  const auto codes = *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::oneOf(
      rc::gen::inRange<std::uint32_t>(1, 0x300), rc::gen::inRange<std::uint32_t>(0x2000, 0x2080)));
  std::string text;
  for (const std::uint32_t c : codes) {
    if (c < 0x80) {
      text += static_cast<char>(c);
    } else if (c < 0x800) {
      text += static_cast<char>(0xC0U | (c >> 6U));
      text += static_cast<char>(0x80U | (c & 0x3FU));
    } else {
      text += static_cast<char>(0xE0U | (c >> 12U));
      text += static_cast<char>(0x80U | ((c >> 6U) & 0x3FU));
      text += static_cast<char>(0x80U | (c & 0x3FU));
    }
  }
  RC_ASSERT(fold(text + "Ж") == fold(text) + "ж");
  const std::string cut = text + "\xC3";
  RC_ASSERT(fold(cut) == fold(text) + "\xEF\xBF\xBD");
}

TEST(Text, TrimTakesNoBreakSpaces) {
  EXPECT_EQ(trim("\xC2\xA0 \t a b \xC2\xA0\n"), "a b");
  EXPECT_EQ(squeeze(" a \xC2\xA0 b\n"), "a b");
}

TEST(Text, InvalidUtf8IsFoundWhereItStands) {
  EXPECT_FALSE(find_invalid_utf8("año \xF0\x9F\x99\x82").has_value());
  EXPECT_EQ(find_invalid_utf8("ab\xC0\xAF").value(), 2U);       // overlong
  EXPECT_EQ(find_invalid_utf8("\xED\xA0\x80").value(), 0U);     // surrogate
  EXPECT_EQ(find_invalid_utf8("abc\xE2\x82").value(), 3U);      // cut in the middle
  EXPECT_EQ(find_invalid_utf8("\xF4\x90\x80\x80").value(), 0U);  // above U+10FFFF
}

TEST(Text, AcceptLanguageTakesTheHighestWeight) {
  EXPECT_EQ(accept_language("de,fr;q=0.4,pt-BR;q=0.9"), Language::pt);
  EXPECT_EQ(accept_language("de-DE,zh"), std::nullopt);
  EXPECT_EQ(accept_language("es-419,es;q=0.9,en;q=0.8"), Language::es);
}

RC_GTEST_PROP(Text, HexAndBase64RoundTrip, (const std::vector<std::uint8_t>& bytes)) {
  RC_ASSERT(from_hex(to_hex(bytes)).value() == bytes);
  RC_ASSERT(from_base64(to_base64(bytes)).value() == bytes);
}

TEST(Time, KnownInstants) {
  EXPECT_EQ(to_string(UtcTime{0}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(to_string(UtcTime{951'782'400'000}), "2000-02-29T00:00:00Z");
  EXPECT_EQ(to_string(UtcTime{-1}), "1969-12-31T23:59:59.999Z");
  EXPECT_FALSE(parse_civil_date("2001-02-29").has_value());
  EXPECT_FALSE(parse_utc_time("2001-02-28T24:00:00Z").has_value());
}

RC_GTEST_PROP(Time, RoundTrips, ()) {
  const auto ms = *rc::gen::inRange<std::int64_t>(-62'135'596'800'000, 253'402'300'799'999);
  RC_ASSERT(parse_utc_time(to_string(UtcTime{ms})).value() == UtcTime{ms});
}

TEST(Json, SaysWhereItIsBad) {
  const auto bad = parse_json("{\n  \"a\": [1, 2,, 3]\n}", "file.json");
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().reason, "base.json.bad");
  EXPECT_EQ(bad.error().params[1].second, "2");
  EXPECT_FALSE(parse_json("{} x", "f").has_value());
  EXPECT_FALSE(parse_json("{\"a\":", "f").has_value());
}

TEST(Json, CanonicalHasOneSpelling) {
  EXPECT_EQ(canonical_json(parse_json(R"({"b": 1, "a": [true, "ñ", {"z": null, "y": 2}]})", "t")
                               .value()),
            R"({"a":[true,"ñ",{"y":2,"z":null}],"b":1})");
}

TEST(Secret, MovingWipesTheSource) {
  Secret a(std::string("short"));
  const Secret b(std::move(a));
  EXPECT_EQ(b.unsafe_reveal(), "short");
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
}

}  // namespace
}  // namespace atalaya
