// The stylesheet against the design: contrast of its tokens by WCAG 2.2's own formula, in both
// themes; hashes in its font addresses; nothing that the Content-Security-Policy would refuse.

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <regex>
#include <string>

#include <atalaya/base/embedded.hpp>
#include <atalaya/figures/assets.hpp>

namespace atalaya::figures {
namespace {

std::string stylesheet() {
  return std::string(find_asset(asset_url("atalaya.css"))->bytes);
}

using Tokens = std::map<std::string, std::string>;

Tokens tokens_of(const std::string& css, std::size_t from) {
  const auto begin = css.find(":root {", from);
  const auto end = css.find('}', begin);
  const std::string block = css.substr(begin, end - begin);
  Tokens tokens;
  const std::regex pattern("--([a-z0-9-]+):\\s*(#[0-9A-Fa-f]{6})");
  for (std::sregex_iterator it(block.begin(), block.end(), pattern), last; it != last; ++it) {
    tokens[(*it)[1]] = (*it)[2];
  }
  return tokens;
}

double channel(const std::string& color, std::size_t at) {
  const double value = std::stoi(color.substr(at, 2), nullptr, 16) / 255.0;
  return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double luminance(const std::string& color) {
  return 0.2126 * channel(color, 1) + 0.7152 * channel(color, 3) + 0.0722 * channel(color, 5);
}

double contrast(const std::string& a, const std::string& b) {
  const double high = std::max(luminance(a), luminance(b));
  const double low = std::min(luminance(a), luminance(b));
  return (high + 0.05) / (low + 0.05);
}

TEST(Style, text_has_contrast_in_both_themes) {
  const std::string css = stylesheet();
  Tokens light = tokens_of(css, 0);
  Tokens dark = light;
  for (const auto& [name, color] : tokens_of(css, css.find("prefers-color-scheme: dark"))) {
    dark[name] = color;
  }
  EXPECT_NE(light.at("paper"), dark.at("paper"));
  for (const auto* theme : {&light, &dark}) {
    for (const auto& [text, ground] :
         std::multimap<std::string, std::string>{{"ink", "paper"},
                                                 {"ink", "surface"},
                                                 {"ink", "sunk"},
                                                 {"ink", "action-tint"},
                                                 {"ink-2", "paper"},
                                                 {"ink-2", "surface"},
                                                 {"ink-2", "sunk"},
                                                 {"ink-2", "action-tint"},
                                                 {"ink-3", "paper"},
                                                 {"ink-3", "surface"},
                                                 {"ink-3", "sunk"},
                                                 {"action", "paper"},
                                                 {"action", "surface"},
                                                 {"action", "sunk"},
                                                 {"action", "action-tint"},
                                                 {"action-hover", "paper"},
                                                 {"on-action", "action"},
                                                 {"on-action", "action-hover"},
                                                 {"warn", "paper"},
                                                 {"warn", "warn-tint"},
                                                 {"report", "paper"},
                                                 {"ink", "s1"},
                                                 {"ink", "s2"},
                                                 {"ink", "s3"},
                                                 {"on-dark-step", "s4"},
                                                 {"on-dark-step", "s5"},
                                                 {"ink", "halo"}}) {
      EXPECT_GE(contrast(theme->at(text), theme->at(ground)), 4.5) << text << " on " << ground;
    }
    // Borders of fields and marks are what WCAG 1.4.11 calls graphical objects.
    EXPECT_GE(contrast(theme->at("line-2"), theme->at("paper")), 3.0);
    EXPECT_GE(contrast(theme->at("line-2"), theme->at("surface")), 3.0);
  }
}

TEST(Style, names_the_fonts_by_the_hash_of_their_bytes) {
  const std::string css = stylesheet();
  for (const std::string_view font :
       {"source-sans-3-latin.woff2", "source-sans-3-latin-ext.woff2"}) {
    const auto url = asset_url(font);
    EXPECT_NE(css.find(url.substr(url.rfind('/') + 1)), std::string::npos) << url;
  }
}

TEST(Style, loads_nothing_from_elsewhere) {
  const std::string css = stylesheet();
  EXPECT_EQ(css.find("http"), std::string::npos);
  EXPECT_EQ(css.find("@import"), std::string::npos);
  EXPECT_EQ(css.find("data:"), std::string::npos);
}

TEST(Style, weighs_little) {
  const auto* css = find_asset(asset_url("atalaya.css"));
  const auto* font = find_asset(asset_url("source-sans-3-latin.woff2"));
  EXPECT_LT(css->brotli.size(), 12'000U);
  EXPECT_GT(css->brotli.size(), 1'000U);
  EXPECT_TRUE(font->brotli.empty());
  EXPECT_LT(css->gzip.size() + font->bytes.size(), 60'000U);
}

TEST(Assets, are_found_by_their_whole_address_only) {
  const std::string url(asset_url("atalaya.js"));
  ASSERT_NE(find_asset(url), nullptr);
  EXPECT_EQ(find_asset(url)->content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(find_asset("/assets/atalaya.js"), nullptr);
  EXPECT_EQ(find_asset("/assets/atalaya.00000000.js"), nullptr);
  EXPECT_EQ(find_asset(url + "x"), nullptr);
  EXPECT_EQ(find_asset(""), nullptr);
}

}  // namespace
}  // namespace atalaya::figures
