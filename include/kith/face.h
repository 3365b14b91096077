// SPDX-License-Identifier: Apache-2.0
// The plain types that travel from stage to stage: where a face is, and its vector.
//
// Coordinates are pixels of the upright photo at its native size (EXIF orientation applied), origin
// at the top-left corner of the top-left pixel, x to the right, y down. A stage that looks at a
// shrunken picture scales its results back before it hands them on.
//
// Thread rule: plain values.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kith {

struct Point {
  float x = 0;
  float y = 0;
};

// Top-left corner and size, in pixels. May reach over the edge of the photo where a face is cut.
struct Box {
  float x = 0;
  float y = 0;
  float width = 0;
  float height = 0;

  [[nodiscard]] float area() const noexcept { return width * height; }
  [[nodiscard]] Point centre() const noexcept { return {x + width / 2, y + height / 2}; }
  [[nodiscard]] float long_side() const noexcept { return width > height ? width : height; }
};

// Intersection over union, 0..1; 0 where either box is empty.
[[nodiscard]] float overlap(const Box& a, const Box& b) noexcept;

// Scales a box about the photo's origin, for going from one decode scale to another.
[[nodiscard]] Box scaled(const Box& box, float factor) noexcept;

// The eye on the image's left (the subject's right), the other eye, the nose tip, the mouth corner
// on the image's left, the other corner: the order of the alignment template.
using Landmarks = std::array<Point, 5>;

[[nodiscard]] Landmarks scaled(const Landmarks& landmarks, float factor) noexcept;

// A point in the embedder's space, unit length (within 1e-4), `dimension` floats of the model; empty
// while the face has not been embedded.
using Embedding = std::vector<float>;

// Inner product of two vectors of the same length: the cosine, where both are unit vectors.
[[nodiscard]] float dot(std::span<const float> a, std::span<const float> b) noexcept;

// Divides by the Euclidean length. A zero vector stays zero.
void normalise(std::span<float> vector) noexcept;

// Somebody whom a face resembles.
struct Candidate {
  std::string name;
  float probability = 0;  // calibrated, 0..1: that the face is this person's
  float similarity = 0;   // -1..1
};

// Who a face is. Unknown is an answer: `name` is empty, `probability` is that of the face being nobody
// who is enrolled, and `runner_up` is the person it came closest to.
struct Identity {
  std::optional<std::string> name;
  float probability = 0;               // calibrated, 0..1, of the answer given
  float similarity = 0;                // to the named person, or to the closest one where unknown
  float score = 0;                     // the similarity as it was judged: see IdentifySettings::crowding
  std::string reference;               // the photo of the reference face that is closest of that person's
  std::optional<Candidate> runner_up;  // the best of the other people; absent where nobody else is enrolled
};

struct Face {
  Box box;
  float score = 0;        // detector's confidence, 0..1
  Landmarks landmarks{};  // same pixels as `box`
  float quality = 0;      // 0..1, how far the face can be trusted for recognition (align.h)
  Embedding embedding;
  std::optional<Identity> identity;  // absent while nobody has asked who it is
  std::optional<float> year;  // when the photo was taken: 2019.5 is the middle of 2019; absent: unknown
  // Names that may not be given to it: ruled out by the owner, born later, taken by another face.
  std::vector<std::string> not_these;
};

// The one of the largest box, the first of several; null where there is none. It is whom a photo of one
// person shows.
[[nodiscard]] const Face* largest_face(std::span<const Face> faces) noexcept;

}  // namespace kith
