// SPDX-License-Identifier: Apache-2.0
#include "search/query.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>

#include "search/places.h"

namespace kith::search {
namespace {

Node parsed(const std::string& query) {
  const Result<Node> node = parse(query);
  EXPECT_TRUE(node) << query << ": " << (node ? "" : node.error().message);
  return node.value_or(Node{});
}

std::string problem(const std::string& query) {
  const Result<Node> node = parse(query);
  EXPECT_FALSE(node) << query;
  if (node) return "";
  EXPECT_EQ(node.error().code, ErrorCode::bad_argument);
  return node.error().message;
}

// The whole tree as text with every parenthesis, to compare with.
std::string shape(const Node& node) {
  if (node.kind == Node::Kind::term) return print(node);
  if (node.kind == Node::Kind::none_of) return "!" + shape(node.parts.front());
  std::string text;
  for (const Node& part : node.parts)
    text += (text.empty() ? "" : node.kind == Node::Kind::all_of ? " & " : " | ") + shape(part);
  return "(" + text + ")";
}

template <typename T>
T term(const std::string& query) {
  const Node node = parsed(query);
  const T* found = std::get_if<T>(&node.term);
  EXPECT_TRUE(found != nullptr && node.kind == Node::Kind::term) << query;
  return found != nullptr ? *found : T{};
}

TEST(Query, TermsSideBySideAreJoinedByAnd) {
  EXPECT_EQ(shape(parsed("Anna Ben")), "(Anna & Ben)");
  EXPECT_EQ(parsed("Anna Ben"), parsed("Anna AND Ben"));
  EXPECT_EQ(shape(parsed("Anna NOT Ben")), "(Anna & !Ben)");
}

TEST(Query, AndBindsTighterThanOr) {
  EXPECT_EQ(shape(parsed("Anna Ben OR Carl AND NOT Dora")), "((Anna & Ben) | (Carl & !Dora))");
  EXPECT_EQ(shape(parsed("Anna (Ben OR Carl)")), "(Anna & (Ben | Carl))");
  EXPECT_EQ(shape(parsed("NOT(Anna OR Ben)Carl")), "(!(Anna | Ben) & Carl)");
  EXPECT_EQ(shape(parsed("((Anna))")), "Anna");
}

TEST(Query, QuotesHoldBlanksKeywordsColonsAndQuotes) {
  EXPECT_EQ(term<Name>("\"Anna Maria\"").text, "Anna Maria");
  EXPECT_EQ(term<Name>("\"AND\"").text, "AND");
  EXPECT_EQ(term<Name>("\"after:2019\"").text, "after:2019");
  EXPECT_EQ(term<Name>(R"x("the \"boss\" \\ (Bob)")x").text, R"x(the "boss" \ (Bob))x");
  EXPECT_EQ(term<Name>("Anna\" \"Maria").text, "Anna Maria");
  EXPECT_EQ(term<Name>("Émile").text, "Émile");
}

TEST(Query, KeywordsAreInCapitals) { EXPECT_EQ(shape(parsed("and or not")), "(and & or & not)"); }

TEST(Query, ReadsEveryFilter) {
  EXPECT_EQ(term<Taken>("after:2019"), (Taken{Taken::When::after, "2019"}));
  EXPECT_EQ(term<Taken>("before:2019-07"), (Taken{Taken::When::before, "2019-07"}));
  EXPECT_EQ(term<Taken>("on:2019-07-31"), (Taken{Taken::When::on, "2019-07-31"}));
  EXPECT_EQ(term<Camera>("camera:\"Canon EOS\"").text, "Canon EOS");
  EXPECT_EQ(term<Path>("path:2019/summer").text, "2019/summer");
  EXPECT_EQ(term<Unnamed>("unnamed:no").yes, false);
  EXPECT_EQ(term<Missing>("missing:yes").yes, true);
  EXPECT_EQ(term<Confirmed>("confirmed:yes").yes, true);
}

TEST(Query, CountsFaces) {
  EXPECT_EQ(term<Faces>("faces:3"), (Faces{3, 3}));
  EXPECT_EQ(term<Faces>("faces:=3"), (Faces{3, 3}));
  EXPECT_EQ(term<Faces>("faces:>3"), (Faces{4, Faces::any}));
  EXPECT_EQ(term<Faces>("faces:>=3"), (Faces{3, Faces::any}));
  EXPECT_EQ(term<Faces>("faces:<3"), (Faces{0, 2}));
  EXPECT_EQ(term<Faces>("faces:<=3"), (Faces{0, 3}));
  EXPECT_EQ(term<Faces>("faces:2-4"), (Faces{2, 4}));
  for (const char* wrong : {"faces:", "faces:x", "faces:>", "faces:=>3", "faces:3-", "faces:-3", "faces:4-2",
                            "faces:<0", "faces:99999999999", "faces:>2-4", "faces:3x"})
    EXPECT_NE(problem(wrong), "") << wrong;
}

TEST(Query, KnowsPlacesByNameAndByCoordinates) {
  const Near near = term<Near>("near:PARIS,20km");
  EXPECT_NEAR(near.latitude, 48.86, 0.05);
  EXPECT_NEAR(near.longitude, 2.35, 0.05);
  EXPECT_EQ(near.radius_km, 20);
  EXPECT_EQ(term<Near>("near:-33.9,151.2,0.5km"), (Near{-33.9, 151.2, 0.5}));
  EXPECT_EQ(term<Near>("near:\"new york\",5km"), term<Near>("near:40.71,-74.01,5km"));
}

TEST(Query, SaysWhatIsWrongWithAPlace) {
  EXPECT_NE(problem("near:Pariss,20km").find("do you mean Paris?"), std::string::npos);
  EXPECT_NE(problem("near:Paris").find("near:Paris,20km"), std::string::npos);
  EXPECT_NE(problem("near:Paris,20").find("20km"), std::string::npos);
  for (const char* wrong :
       {"near:91,0,1km", "near:0,181,1km", "near:nan,0,1km", "near:0,0,0km", "near:0,0,-1km",
        "near:0,0,infkm", "near:0,0,99999km", "near:,1km", "near:0,0,0,1km"})
    EXPECT_NE(problem(wrong), "") << wrong;
}

TEST(Query, AnErrorPointsAtThePlace) {
  EXPECT_NE(problem("Émile after:soon")
                .find("\n  Émile after:soon\n        "
                      "^^^^^^^^^^"),
            std::string::npos)
      << problem("Émile after:soon");
  EXPECT_NE(problem("Anna AND").find("\n  Anna AND\n          ^"), std::string::npos) << problem("Anna AND");
}

TEST(Query, WhatMakesNoSenseIsRefused) {
  for (const char* wrong :
       {"",          "  ",      "AND", "Anna OR", "OR Anna",       "Anna AND AND Ben", "NOT",
        "(",         ")",       "()",  "(Anna",   "Anna)",         "\"Anna",           "\"\"",
        "Anna \"\"", "foo:bar", ":",   "after:",  "after:2019-13", "unnamed:maybe",    "camera:\"\"",
        "\xC3",      "Anna NOT"})
    EXPECT_NE(problem(wrong), "") << wrong;
}

TEST(Query, ConfirmedIsAboutTheWholeQuery) {
  EXPECT_EQ(shape(parsed("Anna confirmed:yes")), "(Anna & confirmed:yes)");
  for (const char* wrong : {"Anna OR confirmed:yes", "NOT confirmed:yes", "(Anna confirmed:yes) OR Ben",
                            "confirmed:yes confirmed:no"})
    EXPECT_NE(problem(wrong), "") << wrong;
}

TEST(Query, LengthDepthAndNumberAreLimited) {
  EXPECT_NE(problem(std::string(longest_query + 1, 'a')), "");
  EXPECT_NE(problem(std::string(longest_query / 2, '(')), "");
  std::string deep;
  for (std::size_t i = 0; i < deepest_nesting; ++i) deep += i % 2 == 0 ? "NOT " : "(";
  std::string closing(deepest_nesting / 2, ')');
  EXPECT_TRUE(parse(deep + "Anna" + closing));
  EXPECT_NE(problem("NOT " + deep + "Anna" + closing), "");
  std::string many;
  for (std::size_t i = 0; i < most_terms; ++i) many += "a ";
  EXPECT_TRUE(parse(many));
  EXPECT_NE(problem(many + "a"), "");
}

TEST(Query, ALongOneIsShownInPart) {
  const std::string message = problem(std::string(1000, 'a') + " after:soon " + std::string(1000, 'b'));
  EXPECT_LT(message.size(), 500U);
  EXPECT_NE(message.find("^^^^^^^^^^"), std::string::npos);
}

// Trees of every kind, for the property below.
class RandomTrees {
 public:
  Node tree(int depth) {
    Node node;
    switch (depth == 0 ? 0 : pick(4)) {
      case 1: node.kind = Node::Kind::none_of; break;
      case 2: node.kind = Node::Kind::all_of; break;
      case 3: node.kind = Node::Kind::any_of; break;
      default: node.term = term(); return node;
    }
    const int parts = node.kind == Node::Kind::none_of ? 1 : 2 + pick(2);
    for (int i = 0; i < parts; ++i) node.parts.push_back(tree(depth - 1));
    return node;
  }

 private:
  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  std::string text() {
    constexpr const char* pieces[] = {"a",   "É",   " ", "\"", "\\",     ":",  "(", ")",
                                      "AND", "NOT", "-", ",",  "after:", "\n", "漢"};
    std::string result = pieces[pick(2)];
    for (int i = pick(6); i > 0; --i) result += pieces[pick(15)];
    if (pick(10) == 0) result = "OR";
    return result;
  }
  Term term() {
    constexpr const char* dates[] = {"2019", "2019-07", "2019-07-31"};
    switch (pick(8)) {
      case 0: return Taken{static_cast<Taken::When>(pick(3)), dates[pick(3)]};
      case 1: return Camera{text()};
      case 2: return Path{text()};
      case 3: {
        const int least = pick(5);
        return Faces{least, pick(3) == 0 ? Faces::any : least + pick(3)};
      }
      case 4: return Near{number(90), number(180), std::abs(number(10000)) + 0.001};
      case 5: return Unnamed{pick(2) == 0};
      case 6: return Missing{pick(2) == 0};
      default: return Name{text()};
    }
  }
  double number(double limit) { return std::uniform_real_distribution<double>(-limit, limit)(random_); }
  std::mt19937 random_{20260131};
};

TEST(Query, APrintedTreeReadsBackAsItself) {
  RandomTrees trees;
  int checked = 0;
  for (int i = 0; i < 3000; ++i) {
    const Node tree = trees.tree(i % 5);
    const std::string text = print(tree);
    if (text.size() > longest_query) continue;
    const Result<Node> again = parse(text);
    ASSERT_TRUE(again) << text << "\n" << again.error().message;
    ASSERT_EQ(*again, tree) << text;
    ++checked;
  }
  EXPECT_GT(checked, 2500);
}

TEST(Places, HaveNamesOfTheirOwnAndLieOnTheEarth) {
  for (const Place& place : places()) {
    EXPECT_LE(std::abs(place.latitude), 90) << place.name;
    EXPECT_LE(std::abs(place.longitude), 180) << place.name;
    for (const std::string_view name : {place.name, place.also}) {
      if (name.empty()) continue;
      ASSERT_TRUE(find_place(name)) << name;
      EXPECT_EQ(find_place(name)->name, place.name);
      EXPECT_EQ(name.find(','), std::string_view::npos) << name << ": a comma ends a place in near:";
    }
  }
}

}  // namespace
}  // namespace kith::search
