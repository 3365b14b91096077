// SPDX-License-Identifier: Apache-2.0
// Groups of hand-made and of random vectors: who is put together, who is kept apart, and which ids stay.
#include <kith/cluster.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <kith/face.h>

namespace kith {
namespace {

using Ids = std::vector<std::int64_t>;

// Columns that own their memory.
struct Table {
  std::size_t dimension = 16;
  std::vector<float> vectors;
  Ids ids;
  Ids photos;
  Ids previous;

  void add(std::int64_t id, Embedding vector, std::int64_t photo = 0, std::int64_t cluster = 0) {
    normalise(vector);
    vectors.insert(vectors.end(), vector.begin(), vector.end());
    ids.push_back(id);
    photos.push_back(photo == 0 ? 1'000'000 + id : photo);
    previous.push_back(cluster);
  }

  // A face near the axis `person`: `deviation` along another axis.
  void add_near(std::int64_t id, std::size_t person, std::size_t towards, float deviation,
                std::int64_t photo = 0, std::int64_t cluster = 0) {
    Embedding vector(dimension, 0.0F);
    vector[person] = 1;
    vector[towards] += deviation;
    add(id, std::move(vector), photo, cluster);
  }

  [[nodiscard]] ClusterFaces faces() const {
    return {.vectors = vectors, .dimension = dimension, .ids = ids, .photos = photos, .previous = previous};
  }
};

Ids labels_of(const Table& table, const ClusterLinks& links = {}, const ClusterSettings& settings = {}) {
  const Result<Clustering> found = cluster(table.faces(), links, settings);
  EXPECT_TRUE(found) << found.error().message;
  return found ? found->labels : Ids();
}

void expect_refused(const Table& table, const ClusterLinks& links, const std::string& part) {
  const Result<Clustering> found = cluster(table.faces(), links);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::bad_argument);
  EXPECT_NE(found.error().message.find(part), std::string::npos) << found.error().message;
}

// People as random directions, their faces around them.
Table random_people(std::size_t faces, std::size_t people, std::size_t dimension, unsigned seed,
                    float noise) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  const auto direction = [&] {
    Embedding vector(dimension);
    std::ranges::generate(vector, [&] { return normal(random); });
    normalise(vector);
    return vector;
  };
  std::vector<Embedding> centres;
  for (std::size_t i = 0; i < people; ++i) centres.push_back(direction());
  Table table;
  table.dimension = dimension;
  for (std::size_t i = 0; i < faces; ++i) {
    Embedding vector = direction();
    const Embedding& centre = centres[random() % people];
    for (std::size_t k = 0; k < dimension; ++k) vector[k] = centre[k] + noise * vector[k];
    table.add(static_cast<std::int64_t>(i) * 3 + 5, std::move(vector),
              static_cast<std::int64_t>(random() % faces) + 1);
  }
  return table;
}

// Two people with two faces each, and one seen once.
Table five_faces() {
  Table table;
  table.add_near(10, 0, 8, 0.3F);
  table.add_near(11, 1, 9, 0.3F);
  table.add_near(12, 0, 10, 0.3F);
  table.add_near(13, 2, 11, 0.3F);
  table.add_near(14, 1, 12, 0.3F);
  return table;
}

// ---- similarity alone

TEST(Cluster, PutsAlikeFacesTogetherUnderTheSmallestId) {
  const Result<Clustering> found = cluster(five_faces().faces());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->labels, (Ids{10, 11, 10, 13, 11}));
  ASSERT_EQ(found->clusters.size(), 3U);
  EXPECT_EQ(found->clusters[0].id, 10);
  EXPECT_EQ(found->clusters[0].faces, 2U);
  EXPECT_FALSE(found->clusters[0].stranger());
  EXPECT_EQ(found->clusters[2].id, 13);
  EXPECT_TRUE(found->clusters[2].stranger());
}

TEST(Cluster, OfNothingIsNothing) {
  const Result<Clustering> found = cluster({});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found->labels.empty());
  EXPECT_TRUE(found->clusters.empty());
}

TEST(Cluster, OfOneFaceIsAStranger) {
  Table table;
  table.add_near(7, 0, 1, 0);
  const Result<Clustering> found = cluster(table.faces());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->labels, Ids{7});
  EXPECT_TRUE(found->clusters.front().stranger());
}

TEST(Cluster, OfTheSameVectorAThousandTimesIsOne) {
  Table table;
  for (std::int64_t id = 1; id <= 1000; ++id) table.add_near(id, 3, 4, 0.5F);
  EXPECT_EQ(labels_of(table), Ids(1000, 1));
}

// A chain, each link alike and the ends not: single linkage and connected components make it one.
TEST(Cluster, DoesNotFollowAChain) {
  Table table;
  for (int i = 0; i < 12; ++i) {
    const float angle = static_cast<float>(i) * 0.5F;  // cos 0.5 = 0.88
    Embedding vector(table.dimension, 0.0F);
    vector[0] = std::cos(angle);
    vector[1] = std::sin(angle);
    table.add(i + 1, std::move(vector));
  }
  const Ids labels = labels_of(table);
  EXPECT_GT(std::set<std::int64_t>(labels.begin(), labels.end()).size(), 2U);
  EXPECT_NE(labels[0], labels[6]);  // opposite
}

TEST(Cluster, AsksMoreOfTwoSingleFacesThanOfMany) {
  // 0.46 between any of one side and any of the other.
  const auto sides = [](int faces) {
    Table table;
    for (int i = 0; i < faces; ++i) {
      table.add_near(1 + i, 0, 5, 0);
      Embedding other(table.dimension, 0.0F);
      other[0] = 0.46F;
      other[1] = std::sqrt(1 - 0.46F * 0.46F);
      table.add(101 + i, std::move(other));
    }
    // Ids have to ascend.
    Table sorted;
    for (const bool second : {false, true}) {
      for (std::size_t i = second ? 1 : 0; i < table.ids.size(); i += 2) {
        const auto begin = table.vectors.begin() + static_cast<std::ptrdiff_t>(i * table.dimension);
        sorted.add(table.ids[i], Embedding(begin, begin + static_cast<std::ptrdiff_t>(table.dimension)));
      }
    }
    return sorted;
  };
  const ClusterSettings settings{.min_similarity = 0.43F, .few_faces_margin = 0.07F};
  EXPECT_EQ(labels_of(sides(1), {}, settings), (Ids{1, 101}));
  EXPECT_EQ(labels_of(sides(2), {}, settings), (Ids{1, 1, 101, 101}));  // 0.43 + 0.07 / 2 = 0.465
  EXPECT_EQ(labels_of(sides(3), {}, settings), Ids(6, 1));              // 0.43 + 0.07 / 3 = 0.453
}

// What the definition says, done without any cleverness: all means of all pairs, again and again.
Ids by_definition(const Table& table, const ClusterSettings& settings) {
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < table.ids.size(); ++i) groups.push_back({i});
  const auto row = [&](std::size_t i) {
    return std::span(table.vectors).subspan(i * table.dimension, table.dimension);
  };
  while (true) {
    double best = -1;
    std::pair<std::size_t, std::size_t> pair;
    for (std::size_t a = 0; a < groups.size(); ++a) {
      for (std::size_t b = a + 1; b < groups.size(); ++b) {
        double sum = 0;
        for (const std::size_t i : groups[a]) {
          for (const std::size_t j : groups[b]) sum += dot(row(i), row(j));
        }
        const auto pairs = static_cast<double>(groups[a].size() * groups[b].size());
        const double required = settings.min_similarity + settings.few_faces_margin / std::sqrt(pairs);
        if (sum / pairs >= required && sum / pairs > best) {
          best = sum / pairs;
          pair = {a, b};
        }
      }
    }
    if (best < 0) break;
    groups[pair.first].insert(groups[pair.first].end(), groups[pair.second].begin(),
                              groups[pair.second].end());
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(pair.second));
  }
  Ids labels(table.ids.size());
  for (const std::vector<std::size_t>& group : groups) {
    for (const std::size_t i : group) labels[i] = table.ids[std::ranges::min(group)];
  }
  return labels;
}

TEST(Cluster, DoesWhatTheDefinitionSays) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const Table table = random_people(60, 12, 12, seed, 0.9F);
    Table alone = table;  // no shared photos
    alone.photos.clear();
    EXPECT_EQ(labels_of(alone), by_definition(alone, {})) << "seed " << seed;
  }
}

TEST(Cluster, TakesVectorsOfAnyDimension) {
  for (const std::size_t dimension : {2U, 3U, 17U, 100U, 129U}) {
    Table table;
    table.dimension = dimension;
    for (std::int64_t i = 0; i < 101; ++i) table.add_near(i + 1, static_cast<std::size_t>(i % 2), 1, 0.01F);
    const Ids labels = labels_of(table);
    for (std::size_t i = 0; i < labels.size(); ++i) EXPECT_EQ(labels[i], i % 2 == 0 ? 1 : 2);
  }
}

// ---- the owner's word

TEST(Cluster, PutsMustLinkedFacesTogetherHoweverUnlike) {
  EXPECT_EQ(labels_of(five_faces(), {.must = {{13, 14}}}), (Ids{10, 11, 10, 11, 11}));
  EXPECT_EQ(labels_of(five_faces(), {.must = {{10, 13}, {13, 14}}}), (Ids{10, 10, 10, 10, 10}));
}

TEST(Cluster, LetsFacesJoinEitherSideOfAMustLink) {
  // A child on four photos, the adult on four, and the owner's word for one photo of each.
  Table table;
  for (std::int64_t id = 1; id <= 8; ++id)
    table.add_near(id, id <= 4 ? 0 : 1, 2 + static_cast<std::size_t>(id), 0.3F);
  const ClusterLinks links{.must = {{1, 5}}};
  EXPECT_EQ(labels_of(table, links), Ids(8, 1));
  // And still so when more photos come.
  table.previous.assign(8, 1);
  table.add_near(9, 0, 12, 0.3F);
  table.add_near(10, 1, 12, 0.3F);
  EXPECT_EQ(labels_of(table, links), Ids(10, 1));
}

TEST(Cluster, KeepsWhatIsOnOnePhotoApartThroughMustLinks) {
  // 1 and 2 are alike, and so are 3 and 4; the link makes 1 and 3 one, and 2 and 3 are on one photo.
  Table table;
  table.add_near(1, 0, 5, 0.3F);
  table.add_near(2, 0, 6, 0.3F, 77);
  table.add_near(3, 1, 7, 0.3F, 77);
  table.add_near(4, 1, 8, 0.3F);
  EXPECT_EQ(labels_of(table, {.must = {{1, 3}}}), (Ids{1, 2, 1, 1}));
}

TEST(Cluster, KeepsCannotLinkedFacesApartHoweverAlike) {
  EXPECT_EQ(labels_of(five_faces(), {.cannot = {{10, 12}}}), (Ids{10, 11, 12, 13, 11}));
}

TEST(Cluster, KeepsWholeClustersOfCannotLinkedFacesApart) {
  Table table;
  for (std::int64_t id = 1; id <= 20; ++id) table.add_near(id, 0, 1 + static_cast<std::size_t>(id % 5), 0.2F);
  const Ids labels = labels_of(table, {.cannot = {{1, 2}, {2, 3}, {1, 3}}});
  EXPECT_EQ((std::set<std::int64_t>{labels[0], labels[1], labels[2]}.size()), 3U);
  EXPECT_EQ((std::set<std::int64_t>(labels.begin(), labels.end()).size()), 3U);
}

TEST(Cluster, KeepsFacesOfOnePhotoApart) {
  Table table = five_faces();
  table.photos[0] = table.photos[2] = 77;
  EXPECT_EQ(labels_of(table), (Ids{10, 11, 12, 13, 11}));
}

TEST(Cluster, LetsMustLinksBeatTheRuleAboutPhotos) {
  Table table = five_faces();
  table.photos[0] = table.photos[2] = 77;
  EXPECT_EQ(labels_of(table, {.must = {{10, 12}}}), (Ids{10, 11, 10, 13, 11}));
  // A third face of that photo, as alike, is not let in with them.
  table.add_near(15, 0, 8, 0.25F, 77);
  EXPECT_EQ(labels_of(table, {.must = {{10, 12}}}), (Ids{10, 11, 10, 13, 11, 15}));
}

TEST(Cluster, RefusesLinksThatContradictEachOther) {
  expect_refused(five_faces(), {.must = {{10, 13}, {13, 14}}, .cannot = {{14, 10}}}, "faces 14 and 10");
  expect_refused(five_faces(), {.cannot = {{12, 12}}}, "faces 12 and 12");
}

TEST(Cluster, RefusesLinksToFacesThatAreNotThere) {
  expect_refused(five_faces(), {.must = {{10, 99}}}, "face 99");
  expect_refused(five_faces(), {.cannot = {{9, 10}}}, "face 9");
}

// ---- what cannot be grouped

TEST(Cluster, RefusesVectorsThatAreNotOfUnitLength) {
  const float bad[] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 3.0F};
  for (const float value : bad) {
    Table table = five_faces();
    table.vectors[2 * table.dimension] = value;
    expect_refused(table, {}, "face 12");
  }
  Table table = five_faces();
  std::fill_n(table.vectors.begin(), table.dimension, 0.0F);
  expect_refused(table, {}, "face 10");
}

TEST(Cluster, RefusesColumnsThatDoNotMatch) {
  Table table = five_faces();
  table.photos.pop_back();
  expect_refused(table, {}, "4 photos");
  table = five_faces();
  table.previous.push_back(0);
  expect_refused(table, {}, "6 previous");
  table = five_faces();
  table.vectors.pop_back();
  expect_refused(table, {}, "79 numbers");
  table = five_faces();
  table.dimension = 0;
  table.vectors.clear();
  expect_refused(table, {}, "dimension");
}

TEST(Cluster, RefusesIdsThatDoNotAscend) {
  Table table = five_faces();
  table.ids[3] = 12;
  expect_refused(table, {}, "face 12");
  table = five_faces();
  table.ids[0] = 0;
  expect_refused(table, {}, "positive");
}

TEST(Cluster, RefusesSettingsOutOfRange) {
  for (const ClusterSettings& settings :
       {ClusterSettings{.min_similarity = 0}, ClusterSettings{.min_similarity = NAN},
        ClusterSettings{.few_faces_margin = -1}, ClusterSettings{.neighbours = 0},
        ClusterSettings{.probes = 0}, ClusterSettings{.threads = -1}}) {
    const Result<Clustering> found = cluster(five_faces().faces(), {}, settings);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, ErrorCode::bad_argument);
  }
}

TEST(Cluster, EndsWhenAskedToStop) {
  std::stop_source source;
  source.request_stop();
  const Table table = five_faces();
  const Result<Clustering> found = cluster(table.faces(), {}, {}, source.get_token());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::cancelled);
}

// ---- the same again

TEST(Cluster, IsTheSameWithAnyNumberOfThreads) {
  const Table table = random_people(3000, 300, 32, 5, 0.8F);
  for (const std::size_t exact : {std::size_t{100'000}, std::size_t{100}}) {
    ClusterSettings settings{.neighbours = 8, .exact_faces = exact, .probes = 12, .threads = 1};
    const Ids once = labels_of(table, {}, settings);
    EXPECT_GT(std::set<std::int64_t>(once.begin(), once.end()).size(), 100U);
    for (const int threads : {2, 3, 0}) {
      settings.threads = threads;
      EXPECT_EQ(labels_of(table, {}, settings), once) << threads << " threads, exact up to " << exact;
    }
  }
}

TEST(Cluster, FindsByPartsWhatItFindsAmongAll) {
  const Table table = random_people(4000, 400, 64, 6, 0.6F);
  EXPECT_EQ(labels_of(table, {}, {.exact_faces = 100, .probes = 40}), labels_of(table));
}

TEST(Cluster, FindsAPersonWithFarMorePhotosThanEdges) {
  Table table = random_people(1500, 1, 64, 7, 0.6F);
  table.photos.clear();
  EXPECT_EQ(labels_of(table, {}, {.neighbours = 5}), Ids(1500, 5));
}

// ---- with earlier clusters

TEST(ClusterAgain, LetsNewFacesJoinAndKeepsIds) {
  Table table = five_faces();
  table.previous = {500, 600, 500, 13, 600};
  table.add_near(20, 0, 13, 0.3F);  // joins 500
  table.add_near(21, 2, 13, 0.3F);  // joins the stranger
  table.add_near(22, 3, 13, 0.3F);  // alone
  table.add_near(23, 4, 13, 0.3F);  // these two are new and alike
  table.add_near(24, 4, 14, 0.3F);
  EXPECT_EQ(labels_of(table), (Ids{500, 600, 500, 13, 600, 500, 13, 22, 23, 23}));
}

TEST(ClusterAgain, LeavesOldFacesWhereTheyAre) {
  // Alike, but the earlier run, or the owner, put them apart; and unlike, but together.
  Table table = five_faces();
  table.previous = {1, 2, 3, 3, 4};
  EXPECT_EQ(labels_of(table), (Ids{1, 2, 3, 3, 4}));
  EXPECT_EQ(labels_of(table, {}, {.rebuild = true}), (Ids{1, 2, 1, 3, 2}));
}

TEST(ClusterAgain, MergesOldClustersThatNewFacesBringTogether) {
  Table table = five_faces();
  table.previous = {500, 600, 501, 13, 600};  // 10 and 12 apart, as alike as they are
  table.add_near(20, 0, 13, 0.1F);
  EXPECT_EQ(labels_of(table), (Ids{500, 600, 500, 13, 600, 500}));
}

TEST(ClusterAgain, DoesNotMergeOldClustersThroughOneFaceBetweenThem) {
  Table table;
  for (std::int64_t id = 1; id <= 6; ++id) table.add_near(id, id <= 3 ? 0 : 1, 5, 0.1F, 0, id <= 3 ? 1 : 4);
  Embedding between(table.dimension, 0.0F);
  between[0] = 1;
  between[1] = 0.9F;
  table.add(7, std::move(between));
  EXPECT_EQ(labels_of(table), (Ids{1, 1, 1, 4, 4, 4, 1}));
}

TEST(ClusterAgain, MergesOldClustersByMustLinks) {
  Table table = five_faces();
  table.previous = {10, 11, 10, 13, 11};
  EXPECT_EQ(labels_of(table, {.must = {{12, 14}}}), (Ids{10, 10, 10, 13, 10}));
}

TEST(ClusterAgain, DissolvesAClusterThatANewCannotLinkContradicts) {
  Table table;
  for (std::int64_t id = 1; id <= 4; ++id) table.add_near(id, 0, static_cast<std::size_t>(id), 0.2F, 0, 1);
  const Ids labels = labels_of(table, {.cannot = {{1, 2}}});
  EXPECT_NE(labels[0], labels[1]);
  EXPECT_EQ((std::set<std::int64_t>(labels.begin(), labels.end()).size()), 2U);
  EXPECT_TRUE(std::ranges::count(labels, 1) >= 1);
}

TEST(ClusterAgain, DissolvesAClusterWithTwoFacesOfOnePhoto) {
  Table table = five_faces();
  table.previous = {10, 11, 10, 13, 11};
  table.photos[0] = table.photos[2] = 77;
  EXPECT_EQ(labels_of(table), (Ids{10, 11, 12, 13, 11}));
  EXPECT_EQ(labels_of(table, {.must = {{10, 12}}}), (Ids{10, 11, 10, 13, 11}));
}

TEST(ClusterAgain, GivesTheIdToTheLargerPart) {
  Table table;
  for (std::int64_t id = 1; id <= 5; ++id) table.add_near(id, id <= 2 ? 0 : 1, 5, 0.1F, 0, 1);
  // 1 and 2 are the smaller part: the id goes to the others, and theirs is the smallest that is free.
  EXPECT_EQ(labels_of(table, {}, {.rebuild = true}), (Ids{2, 2, 1, 1, 1}));
}

TEST(ClusterAgain, InventsAnIdWhereAllAreBorne) {
  Table table;
  for (std::int64_t id = 1; id <= 4; ++id) table.add_near(id, id == 1 ? 0 : 1, 5, 0.1F, 0, 1);
  EXPECT_EQ(labels_of(table, {}, {.rebuild = true}), (Ids{-1, 1, 1, 1}));
}

TEST(ClusterAgain, WithoutNewFacesChangesNothing) {
  Table table = random_people(800, 100, 32, 8, 0.7F);
  table.previous = labels_of(table);
  EXPECT_EQ(labels_of(table), table.previous);
  EXPECT_EQ(labels_of(table, {}, {.rebuild = true}), table.previous);
}

TEST(ClusterAgain, AddsNewFacesLikeOneRunOverAll) {
  // Far enough apart for the order to make no difference.
  Table table = random_people(1200, 60, 64, 9, 0.4F);
  table.photos.clear();
  const Ids together = labels_of(table);
  table.previous = together;
  std::fill(table.previous.begin() + 900, table.previous.end(), 0);
  EXPECT_EQ(labels_of(table), together);
  EXPECT_EQ(labels_of(table, {}, {.exact_faces = 50, .probes = 40}), together);
}

// ---- whatever the links

TEST(ClusterProperty, HonoursRandomLinks) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    Table table = random_people(120, 15, 16, seed, 0.8F);
    std::mt19937 random(seed);
    ClusterLinks links;
    const auto some_id = [&] { return table.ids[random() % table.ids.size()]; };
    for (int i = 0; i < 10; ++i) links.must.emplace_back(some_id(), some_id());
    for (int i = 0; i < 10; ++i) links.cannot.emplace_back(some_id(), some_id());
    for (std::int64_t& cluster : table.previous) cluster = static_cast<std::int64_t>(random() % 8);

    // Sets of must-linked faces, by repetition until nothing changes.
    std::map<std::int64_t, std::int64_t> set;
    for (const std::int64_t id : table.ids) set[id] = id;
    for (bool changed = true; changed;) {
      changed = false;
      for (const auto& [a, b] : links.must) {
        const std::int64_t least = std::min(set[a], set[b]);
        changed = changed || set[a] != least || set[b] != least;
        set[a] = set[b] = least;
      }
    }
    const bool contradictory = std::ranges::any_of(
        links.cannot, [&](const auto& link) { return set[link.first] == set[link.second]; });

    const Result<Clustering> found = cluster(table.faces(), links);
    ASSERT_EQ(found.has_value(), !contradictory) << "seed " << seed;
    if (!found) continue;
    std::map<std::int64_t, std::int64_t> label;
    for (std::size_t i = 0; i < table.ids.size(); ++i) label[table.ids[i]] = found->labels[i];
    for (const auto& [a, b] : links.must) EXPECT_EQ(label[a], label[b]) << "seed " << seed;
    for (const auto& [a, b] : links.cannot) EXPECT_NE(label[a], label[b]) << "seed " << seed;
    for (std::size_t i = 0; i < table.ids.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (table.photos[i] == table.photos[j] && set[table.ids[i]] != set[table.ids[j]]) {
          EXPECT_NE(found->labels[i], found->labels[j]) << "seed " << seed;
        }
      }
    }
    std::size_t faces = 0;
    for (const Cluster& one : found->clusters) {
      EXPECT_EQ(std::ranges::count(found->labels, one.id), static_cast<std::ptrdiff_t>(one.faces));
      faces += one.faces;
    }
    EXPECT_EQ(faces, table.ids.size());
    EXPECT_TRUE(std::ranges::is_sorted(found->clusters, std::less{}, &Cluster::id));
  }
}

}  // namespace
}  // namespace kith
