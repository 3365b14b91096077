// SPDX-License-Identifier: Apache-2.0
// Telling which box of one list is which of another.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <kith/face.h>

namespace kith::library {

// How much two boxes are the same thing, above 0; 0: they are not.
using Likeness = std::function<float(std::size_t one, std::size_t other)>;

// For each of `count` things which of the `others` it is: the greatest likeness first, so that none stands
// for two.
[[nodiscard]] std::vector<std::optional<std::size_t>> paired(std::size_t count, std::size_t others,
                                                             const Likeness& likeness);

// The likeness of two boxes that kith made: their overlap, where it is large enough.
[[nodiscard]] float same_face(const Box& one, const Box& other);

// The likeness of a box that another program made and one of kith's. One draws the face, another the whole
// head: they overlap by less, but the centre of each lies in the other.
[[nodiscard]] float same_place(const Box& one, const Box& other);

}  // namespace kith::library
