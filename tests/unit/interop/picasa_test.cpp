// SPDX-License-Identifier: Apache-2.0
#include "interop/picasa.h"

#include <gtest/gtest.h>

#include <string>

#include "interop/files.h"
#include "support/temporary_folder.h"

namespace kith::test {
namespace {

using interop::Claims;
using interop::PicasaContacts;
using interop::read_picasa_contacts;
using interop::read_picasa_ini;

const PicasaContacts anna_and_ben{{"a1", "Anna"}, {"b2", "Ben"}};
// A tenth from the left, two from the top, three from the right, four from the bottom: 0x1999 is a tenth.
constexpr const char* mark = "rect64(19993333b3329999)";

class PicasaIni : public ::testing::Test {
 protected:
  Claims read(const std::string& text, const interop::FrameOf& frame_of = frame(1000, 500)) {
    write_text(folder_ / ".picasa.ini", text);
    const Result<Claims> claims = read_picasa_ini(folder_ / ".picasa.ini", anna_and_ben, frame_of);
    EXPECT_TRUE(claims) << claims.error().message;
    return claims.value_or(Claims());
  }

  TemporaryFolder folder_;
};

// ---- contacts.xml

TEST(PicasaContacts, AreReadById) {
  const TemporaryFolder folder;
  write_text(folder / "contacts.xml", R"(<?xml version="1.0" encoding="utf-8" ?>
<contacts>
 <contact id="7ee0fdd21564ad63" name="Ren&#xe9;e &amp; Jürgen" modified_time="2011-01-09T13:07:46+01:00"/>
 <contact id="00000000000000A1" name="Anna"><subject user="x" id="1"/></contact>
 <contact id="b2" name="" display="Ben"/>
 <contact id="c3" name="  "/>
 <contact id="xyz" name="No id"/>
 <contact id="ffffffffffffffff" name="Nobody"/>
 <contact id="0" name="Nobody"/>
 <contact name="No id"/>
</contacts>)");
  const auto contacts = read_picasa_contacts(folder / "contacts.xml");
  ASSERT_TRUE(contacts) << contacts.error().message;
  EXPECT_EQ(*contacts,
            (PicasaContacts{{"7ee0fdd21564ad63", "Renée & Jürgen"}, {"a1", "Anna"}, {"b2", "Ben"}}));
}

TEST(PicasaContacts, DamagedXmlIsAnErrorThatNamesTheFile) {
  const TemporaryFolder folder;
  for (const char* xml : {"<contacts><contact id=\"a1\" name=\"Anna\">", "no xml", "<", "<a b=>", ""}) {
    write_text(folder / "contacts.xml", xml);
    const auto contacts = read_picasa_contacts(folder / "contacts.xml");
    ASSERT_FALSE(contacts) << xml;
    EXPECT_EQ(contacts.error().code, ErrorCode::damaged);
    EXPECT_NE(contacts.error().message.find("contacts.xml"), std::string::npos);
  }
  EXPECT_EQ(read_picasa_contacts(folder / "none.xml").error().code, ErrorCode::not_found);
}

TEST(PicasaContacts, EntitiesOfTheFilesOwnAreNotFollowed) {
  const TemporaryFolder folder;
  write_text(folder / "secret", "secret");
  write_text(folder / "contacts.xml", "<!DOCTYPE contacts [<!ENTITY a SYSTEM \"" +
                                          (folder / "secret").string() +
                                          "\"><!ENTITY b \"&a;&a;\">]><contacts>"
                                          "<contact id=\"a1\" name=\"x&a;&b;\"/></contacts>");
  const auto contacts = read_picasa_contacts(folder / "contacts.xml");
  ASSERT_TRUE(contacts) << contacts.error().message;
  EXPECT_EQ(contacts->at("a1"), "x&a;&b;");
}

TEST(PicasaContacts, NestedTooDeepToRecurseAreRead) {
  std::string xml = "<contacts><contact id=\"a1\" name=\"Anna\"/>";
  for (int i = 0; i < 1'000'000; ++i) xml += "<a>";
  EXPECT_FALSE(interop::parse_picasa_contacts(xml, "x"));
  for (int i = 0; i < 1'000'000; ++i) xml += "</a>";
  const auto contacts = interop::parse_picasa_contacts(xml + "</contacts>", "x");
  ASSERT_TRUE(contacts);
  EXPECT_EQ(contacts->size(), 1U);
}

// ---- .picasa.ini

TEST(PicasaIniName, IsOneOfTwoInAnyCase) {
  for (const char* name : {".picasa.ini", "Picasa.ini", "picasa.ini", ".PICASA.INI"})
    EXPECT_TRUE(interop::is_picasa_ini(name)) << name;
  for (const char* name : {"picasa.ini.bak", ".picasa", "desktop.ini", ""})
    EXPECT_FALSE(interop::is_picasa_ini(name)) << name;
}

TEST_F(PicasaIni, FacesHaveNamesAndPlaces) {
  const Claims claims = read(std::string("[Picasa]\r\nname=Summer\r\n[a.jpg]\r\nstar=yes\r\nfaces=") + mark +
                             ",a1;" + mark + ",00000000000000b2;\r\nbackuphash=1\r\n[b.jpg]\r\nstar=yes\r\n");
  EXPECT_EQ(told(claims), "a.jpg: Anna 100,100 600x200; Ben 100,100 600x200");
  EXPECT_EQ(claims.photos[0].photo, folder_ / "a.jpg");
  EXPECT_EQ(claims.photos[0].claims[0].source, "picasa");
  EXPECT_TRUE(claims.problems.empty());
}

TEST_F(PicasaIni, ZerosLeftOutAtTheFrontArePutBack) {
  EXPECT_EQ(told(read("[a.jpg]\nfaces=rect64(80008000),a1\n")), "a.jpg: Anna 0,0 500x250");
  EXPECT_EQ(told(read("[a.jpg]\nfaces=rect64(3333b3329999),a1\n")), "a.jpg: Anna 0,100 700x200");
  EXPECT_EQ(told(read("[a.jpg]\nfaces=rect64(ffffffff),a1\n")), "a.jpg: Anna 0,0 1000x500");
}

TEST_F(PicasaIni, PlacesAreOfTheStoredPictureInAllOrientations) {
  const char* const upright[] = {"100,100 600x200", "300,100 600x200", "300,200 600x200", "100,200 600x200",
                                 "200,50 400x300",  "400,50 400x300",  "400,150 400x300", "200,150 400x300"};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Claims claims = read(std::string("[a.jpg]\nrotate=rotate(1)\nfaces=") + mark + ",a1\n",
                               frame(1000, 500, orientation));
    EXPECT_EQ(told(claims), std::string("a.jpg: Anna ") + upright[orientation - 1]) << orientation;
  }
}

TEST_F(PicasaIni, PlacesOfCameraRawAreOfTheUprightPicture) {
  EXPECT_EQ(told(read(std::string("[a.NEF]\nfaces=") + mark + ",a1\n", frame(1000, 500, 6))),
            "a.NEF: Anna 100,100 600x200");
}

TEST_F(PicasaIni, FacesWithoutAContactHaveNoName) {
  EXPECT_EQ(told(read(std::string("[a.jpg]\nfaces=") + mark + ",ffffffffffffffff;" + mark + ",0;" + mark +
                      ",c3\n")),
            "a.jpg: ? 100,100 600x200; ? 100,100 600x200; ? 100,100 600x200");
}

TEST_F(PicasaIni, ItsOwnContactsGoBeforeTheOthers) {
  EXPECT_EQ(told(read(std::string("[Contacts]\na1=user_lh,1234\n[Contacts2]\n00A1=Ann M.;ann@example.com;\n"
                                  "b2=;;\n[a.jpg]\nfaces=") +
                      mark + ",a1;" + mark + ",b2\n")),
            "a.jpg: Ann M. 100,100 600x200; Ben 100,100 600x200");
  const auto contacts = interop::read_picasa_ini_contacts(folder_ / ".picasa.ini");
  ASSERT_TRUE(contacts);
  EXPECT_EQ(*contacts, (PicasaContacts{{"a1", "Ann M."}}));
}

TEST_F(PicasaIni, IsReadInTheEncodingsOfItsTime) {
  const std::string faces = std::string("faces=") + mark + ",a1\n";
  EXPECT_EQ(told(read("\xef\xbb\xbf[Contacts2]\na1=Jürgen;;\n[ä.jpg]\n" + faces)),
            "ä.jpg: Jürgen 100,100 600x200");
  EXPECT_EQ(told(read("[Contacts2]\na1=J\xfcrgen \x8ai\x9e \x80;;\n[\xe4.jpg]\n" + faces)),
            "ä.jpg: Jürgen Šiž € 100,100 600x200");
  std::string wide("\xff\xfe", 2);
  for (const char c : "[Contacts2]\na1=J\xfcr;;\n[a.jpg]\n" + faces) wide += {c, '\0'};
  EXPECT_EQ(told(read(wide)), "a.jpg: Jür 100,100 600x200");
}

TEST_F(PicasaIni, SectionsFindTheirFileInAnotherCaseOrComposition) {
  write_text(folder_ / "IMG_1.JPG", "x");
  write_text(folder_ / "e\u0301t\u00e9.jpg", "x");
  write_text(folder_ / "b.jpg", "x");
  write_text(folder_ / "B.jpg", "x");
  const std::string faces = std::string("faces=") + mark + ",a1\n";
  EXPECT_EQ(
      told(read("[img_1.jpg]\n" + faces + "[Été.jpg]\n" + faces + "[B.jpg]\n" + faces)),
      "B.jpg: Anna 100,100 600x200 | IMG_1.JPG: Anna 100,100 600x200 | e\u0301t\u00e9.jpg: Anna 100,100 "
      "600x200");
}

TEST_F(PicasaIni, OfASectionThatStandsTwiceTheLastFacesCount) {
  EXPECT_EQ(told(read(std::string("[a.jpg]\nfaces=") + mark + ",a1\n[a.jpg]\nFaces = " + mark + " , b2 \n")),
            "a.jpg: Ben 100,100 600x200");
}

TEST_F(PicasaIni, NoPhotoLiesOutsideOfTheFolder) {
  std::string text;
  const char* const sections[] = {"../x.jpg", "/etc/passwd", "..",       ".",
                                  "",         "a/b.jpg",     "a\\b.jpg", "..\\x.jpg"};
  for (const char* section : sections) text += std::string("[") + section + "]\nfaces=" + mark + ",a1\n";
  const Claims claims = read(text + std::string("[a\0b.jpg]\nfaces=", 17) + mark + ",a1\n");
  EXPECT_EQ(told(claims), "");
  EXPECT_EQ(claims.problems.size(), 9U);
  EXPECT_NE(claims.problems[0].message.find("'../x.jpg'"), std::string::npos) << claims.problems[0].message;
}

TEST_F(PicasaIni, FacesThatAreNoneArePassedOver) {
  for (const char* faces :
       {"rect64(),a1", "rect64(g),a1", "rect64(11111111111111111),a1", "rect64(-1),a1", "rect64(0x1),a1",
        "rect64(1", "rect64", ",", ";;;", "a1", "", "rect64(19993333b3329999)",
        "rect64(b332333319999999),a1",  // its right edge lies left of its left one
        "rect64(19993333199 9999),a1"})
    EXPECT_EQ(told(read(std::string("[a.jpg]\nfaces=") + faces + "\n")), "") << faces;
  EXPECT_EQ(told(read("[a.jpg]\nfaces=rect64(00010001000100020),a1\nno line\n=\n[\n]\n[]\nx")), "");
}

TEST_F(PicasaIni, NamesAreOneLineOfUtf8) {
  EXPECT_EQ(told(read(std::string("[Contacts2]\na1= A\tB\x01 ;;\nb2=") + std::string(201, 'x') +
                      ";;\n[a.jpg]\nfaces=" + mark + ",a1;" + mark + ",b2\n")),
            "a.jpg: A B 100,100 600x200; Ben 100,100 600x200");
}

TEST_F(PicasaIni, WithoutAFrameTheNamesStandAndAProblemSaysWhy) {
  const Claims claims = read(std::string("[a.jpg]\nfaces=") + mark + ",a1\n", [](const auto&) {
    return fail(ErrorCode::not_found, "there is no such photo");
  });
  EXPECT_EQ(told(claims), "a.jpg: Anna");
  ASSERT_EQ(claims.problems.size(), 1U);
  EXPECT_EQ(claims.problems[0].code, ErrorCode::not_found);
}

TEST_F(PicasaIni, ThatIsNotThereIsAnError) {
  EXPECT_EQ(read_picasa_ini(folder_ / "none.ini", {}, frame(10, 10)).error().code, ErrorCode::not_found);
  EXPECT_EQ(read_picasa_ini(folder_.path(), {}, frame(10, 10)).error().code, ErrorCode::unreadable);
  EXPECT_EQ(told(read("")), "");
}

}  // namespace
}  // namespace kith::test
