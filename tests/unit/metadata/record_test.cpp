// SPDX-License-Identifier: Apache-2.0
#include "metadata/record.h"

#include <gtest/gtest.h>

namespace kith::metadata {
namespace {

TEST(MetadataRecord, IsReadAsItWasWritten) {
  Record record;
  record.made = true;
  record.regions = {{"Anna \"O'\" Neill, [{[{[{[{", {0.1, 0.2, 1.0 / 3, 0.4}},
                    {"\u00c9lo\u00efse \U0001F642", {0, 0, 1, 1}, true}};
  record.microsoft = {{"Anna", {0.1, 0.2, 0.3, 0.4}}};
  record.people = {"Anna"};
  record.keywords = {"Anna"};
  record.hierarchical = {"People|Anna"};
  record.tags = {"People/Anna"};
  const auto read = parse_record(record_json(record));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(record_json(*read), record_json(record));
  EXPECT_EQ(read->regions[0].name, record.regions[0].name);
  EXPECT_DOUBLE_EQ(read->regions[0].area.width, 1.0 / 3);
  EXPECT_TRUE(read->regions[1].name_only);
  EXPECT_TRUE(read->made);
}

TEST(MetadataRecord, OfNothingIsEmpty) {
  EXPECT_EQ(record_json({}), "");
  const auto read = parse_record("");
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->empty());
}

TEST(MetadataRecord, ThatKithDidNotWriteIsRefused) {
  std::string deep =
      R"({"version":1,"people":)" + std::string(200'000, '[') + std::string(200'000, ']') + "}";
  for (const std::string& hostile :
       {std::string("x"), std::string("null"), std::string("[]"), std::string("{}"),
        std::string(R"({"version":2})"), std::string(R"({"version":"1"})"),
        std::string(R"({"version":1,"people":"Anna"})"), std::string(R"({"version":1,"people":[1]})"),
        std::string(R"({"version":1,"regions":[{}]})"),
        std::string(R"({"version":1,"regions":[{"name":"A","area":[1,2,3]}]})"),
        std::string(R"({"version":1,"regions":[{"name":"A","area":[1,2,3,"4"]}]})"),
        std::string(R"({"version":1,"regions":[{"name":"A","area":[1,2,3,1e999]}]})"),
        std::string(R"({"version":1,"regions":[{"name":null,"area":[1,2,3,4]}]})"),
        std::string("{\"version\":1"), std::string("{\"version\":1,\"people\":[\"\xff\"]}"),
        std::move(deep)}) {
    const auto read = parse_record(hostile);
    ASSERT_FALSE(read) << hostile.substr(0, 80);
    EXPECT_EQ(read.error().code, ErrorCode::bad_argument);
  }
}

}  // namespace
}  // namespace kith::metadata
