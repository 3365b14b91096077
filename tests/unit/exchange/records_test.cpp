// SPDX-License-Identifier: Apache-2.0
#include "exchange/records.h"

#include <gtest/gtest.h>

#include <sstream>

namespace kith::exchange {
namespace {

const std::string content(64, 'a');

PhotoRecord photo_record() {
  PhotoRecord photo;
  photo.path = "/photos/a \"b\", c.jpg";
  photo.content = content;
  photo.info.width = 1000;
  photo.info.taken = "2019-07-31T18:05:11";
  photo.info.place = GeoPoint{48.8584, 2.2945};
  FaceRecord face;
  face.number = 7;
  face.box = {10.5F, 20, 30, 40};
  face.landmarks = Landmarks{{{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 10.25F}}};
  face.drawn = true;
  face.name = "Anna, \"Annie\"";
  face.decided = Decided::confirmed;
  face.rejected = {"Ben", "Carl"};
  face.vectors = {{"model", {0.5F, -0.25F}}};
  photo.faces.push_back(face);
  face.number = 8;
  face.name = "";
  face.decided = Decided::ignored;
  face.drawn = false;
  face.landmarks.reset();
  face.rejected.clear();
  photo.faces.push_back(face);
  return photo;
}

PersonRecord person_record() {
  PersonRecord person;
  person.name = "Anna, \"Annie\"";
  person.aliases = {"A", "É"};
  person.birth = "1990-05";
  person.cover = 7;
  person.min_similarity = 0.5F;
  return person;
}

Result<std::vector<ReadRecord>> read(const std::string& text) {
  std::istringstream input(text);
  return read_records(input);
}

std::string problem(const std::string& text) {
  const Result<std::vector<ReadRecord>> records = read(text);
  EXPECT_FALSE(records) << text;
  if (records) return "";
  EXPECT_EQ(records.error().code, ErrorCode::damaged);
  return records.error().message;
}

void expect_all(const Result<std::vector<ReadRecord>>& records) {
  ASSERT_TRUE(records) << records.error().message;
  ASSERT_EQ(records->size(), 3U);
  const auto& person = std::get<PersonRecord>((*records)[0].record);
  EXPECT_EQ(person.name, person_record().name);
  EXPECT_EQ(person.aliases, person_record().aliases);
  EXPECT_EQ(person.birth, "1990-05");
  EXPECT_EQ(person.cover, 7);
  EXPECT_EQ(person.min_similarity, 0.5F);
  const auto& photo = std::get<PhotoRecord>((*records)[1].record);
  EXPECT_EQ(photo.path, photo_record().path);
  EXPECT_EQ(photo.content, content);
  ASSERT_EQ(photo.faces.size(), 2U);
  const FaceRecord& face = photo.faces.front();
  EXPECT_EQ(face.number, 7);
  EXPECT_EQ(face.box.x, 10.5F);
  EXPECT_EQ(face.box.height, 40);
  ASSERT_TRUE(face.landmarks);
  EXPECT_EQ((*face.landmarks)[4].y, 10.25F);
  EXPECT_TRUE(face.drawn);
  EXPECT_EQ(face.name, person.name);
  EXPECT_EQ(face.decided, Decided::confirmed);
  EXPECT_EQ(face.rejected, (std::vector<std::string>{"Ben", "Carl"}));
  EXPECT_EQ(photo.faces.back().decided, Decided::ignored);
  EXPECT_FALSE(photo.faces.back().landmarks);
  const auto& link = std::get<LinkRecord>((*records)[2].record);
  EXPECT_EQ(link.one, 7);
  EXPECT_EQ(link.other, 8);
  EXPECT_TRUE(link.same);
}

TEST(Records, JsonLinesReadBackAsThemselves) {
  expect_all(read(json_heading() + to_json_line(person_record()) + to_json_line(photo_record()) +
                  to_json_line(LinkRecord{7, 8, true})));
}

TEST(Records, CsvReadsBackAsItself) {
  expect_all(read(csv_heading() + to_csv(person_record()) + to_csv(photo_record()) +
                  to_csv(LinkRecord{7, 8, true})));
}

TEST(Records, CsvMayBeSortedAndHaveOtherColumns) {
  const Result<std::vector<ReadRecord>> records = read(
      "h,decided,name,record,face,photo,x,y,w,note,sha256\n"
      ",,Ben,rejected,7,,,,,,\n"
      "40,confirmed,Anna,face,7,/a,1,2,30,\"hello\"," +
      content + "\n\n");
  ASSERT_TRUE(records) << records.error().message;
  ASSERT_EQ(records->size(), 1U);
  const auto& photo = std::get<PhotoRecord>(records->front().record);
  EXPECT_EQ(records->front().line, 3U);
  EXPECT_EQ(photo.faces.front().line, 3U);
  EXPECT_EQ(photo.faces.front().rejected, std::vector<std::string>{"Ben"});
}

TEST(Records, JsonThatIsWrongIsRefusedWithItsLine) {
  const std::string head = json_heading() + "\n";
  const std::string face = R"({"photo":"/a","sha256":")" + content + R"(","faces":[{"face":1,)";
  for (const std::string& line : {
           std::string("{"),
           std::string("[]"),
           std::string("7"),
           std::string("{}"),
           std::string(R"({"person":7})"),
           std::string(R"({"person":""})"),
           std::string(R"({"person":"a\nb"})"),
           std::string(R"({"person":"Anna","birth":"soon"})"),
           std::string(R"({"person":"Anna","aliases":"A"})"),
           std::string(R"({"person":"Anna","aliases":[7]})"),
           std::string(R"({"person":"Anna","min_similarity":2})"),
           std::string("{\"person\":\"\xC3\"}"),
           std::string(R"({"photo":""})"),
           std::string(R"({"photo":"/a","sha256":"beef"})"),
           std::string(R"({"photo":"/a","faces":{}})"),
           std::string(R"({"photo":"/a","faces":[7]})"),
           std::string(R"({"photo":"/a","faces":[{}]})"),
           face + R"("box":[1,2,3]}]})",
           face + R"("box":[1,2,0,4]}]})",
           face + R"("box":[1,2,"3",4]}]})",
           face + R"("box":[1,2,1e99,4]}]})",
           face + R"("box":[1,2,3,4],"decided":"maybe"}]})",
           face + R"("box":[1,2,3,4],"decided":"confirmed"}]})",
           face + R"("box":[1,2,3,4],"drawn":1}]})",
           face + R"("box":[1,2,3,4],"landmarks":[[1,2]]}]})",
           face + R"("box":[1,2,3,4]},{"face":1,"box":[1,2,3,4]}]})",
           std::string(R"({"link":[1]})"),
           std::string(R"({"link":[1,2.5]})"),
           std::string(R"({"link":[1,18446744073709551615]})"),
           "{\"person\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}",
       })
    EXPECT_EQ(problem(head + line).find("line 3: "), 0U) << line.substr(0, 100) << "\n"
                                                         << problem(head + line);
}

TEST(Records, AnotherFileIsNoExport) {
  EXPECT_EQ(problem("").find("line 1: "), 0U);
  EXPECT_EQ(problem("{\"a\":1}").find("line 1: "), 0U);
  EXPECT_EQ(problem("a,b\n1,2\n").find("line 1: "), 0U);
  EXPECT_NE(problem("{\"kith_export\":2}").find("update kith"), std::string::npos);
}

TEST(Records, CsvThatIsWrongIsRefusedWithItsLine) {
  for (const std::string& row : {
           std::string("face,/a,,7,1,2,3,x,,"),
           std::string("face,/a,,7,1,2,3,nan,,"),
           std::string("face,/a,,7,1,2,3,-4,,"),
           std::string("face,/a,,x,1,2,3,4,,"),
           std::string("face,,,7,1,2,3,4,,"),
           std::string("face,/a,12,7,1,2,3,4,,"),
           std::string("face,/a,,7,1,2,3,4,,maybe"),
           std::string("face,/a,,7,1,2,3,4,,confirmed"),
           std::string("face,/a"),
           std::string("thing,,,,,,,,,"),
           std::string("person,,,,,,,,,"),
           std::string("rejected,,,7,,,,,Anna,"),
           std::string("alias,,,,,,,,Anna,"),
           std::string("link,,,7,,,,,,same"),
       })
    EXPECT_EQ(problem("record,photo,sha256,face,x,y,w,h,name,decided\n" + row + "\n").find("line 2: "), 0U)
        << row << "\n"
        << problem("record,photo,sha256,face,x,y,w,h,name,decided\n" + row + "\n");
}

}  // namespace
}  // namespace kith::exchange
