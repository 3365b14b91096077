// SPDX-License-Identifier: Apache-2.0
#include "core/person_name.h"

#include <gtest/gtest.h>

#include <string>

namespace kith {
namespace {

TEST(PersonName, IsALineOfText) {
  for (const char* name : {"A", "Anna Maria", "Émile \"Mimi\" Zola", "漢"})
    EXPECT_TRUE(is_person_name(name)) << name;
  EXPECT_TRUE(is_person_name(std::string(200, 'a')));
  for (const char* name : {"", " Anna", "Anna ", "An\nna", "An\x7Fna", "\xC3"})
    EXPECT_FALSE(is_person_name(name));
  EXPECT_FALSE(is_person_name(std::string(201, 'a')));
  EXPECT_FALSE(is_person_name(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace kith
