// What the wizard says of a cell that is not safe: which table prints it and what it is called.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "pages_examples.hpp"

namespace atalaya::api {
namespace {

TEST(FigureReleasePage, an_unsafe_cell_is_named_by_its_table_and_its_labels) {
  const auto pages = examples::figure_desk_pages(Language::en, false);
  const auto page =
      std::ranges::find(pages, "figures-unsafe", &std::pair<std::string, std::string>::first);
  ASSERT_NE(page, pages.end());
  EXPECT_NE(page->second.find("Table 1: "), std::string::npos);
  EXPECT_NE(page->second.find("Antioquia"), std::string::npos);
  EXPECT_NE(page->second.find("In no table"), std::string::npos);
  EXPECT_NE(page->second.find("all together − Female"), std::string::npos);
  EXPECT_EQ(page->second.find("_T − F"), std::string::npos);
}

}  // namespace
}  // namespace atalaya::api
