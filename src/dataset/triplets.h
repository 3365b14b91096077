// SPDX-License-Identifier: Apache-2.0
// Offline triplets: (anchor, positive, negative), where anchor and positive are two pictures of one person,
// and the negative is one of somebody else (Schroff, Kalenichenko, Philbin, "FaceNet: A unified embedding for
// face recognition and clustering", 2015, section 3.1). A triplet names pictures by their place in a list.
//
// Thread rule: free functions without state.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <kith/result.h>

namespace kith::dataset {

// Places in the list: anchor, positive, negative.
using Triplet = std::array<std::int64_t, 3>;

// The pictures of a folder of people: the photo files below each of its folders, by their names in bytes.
struct PictureList {
  std::vector<std::string> files;    // "Anna/1.jpg", below the folder
  std::vector<std::size_t> persons;  // whose each is, by number; the same number for one person's
  std::vector<std::string> names;    // of the persons
};

// Errors: not_found, unreadable, no_face (no picture in a person's folder), bad_argument (a file name with a
// line break, which a list can't hold).
[[nodiscard]] Result<PictureList> list_pictures(const std::filesystem::path& folder);

// A list as a file: a line a picture. Errors: bad_argument.
[[nodiscard]] std::string list_text(const PictureList& list);
[[nodiscard]] Result<PictureList> read_list(std::string_view text, const std::string& name);

// The list in a file. Errors: those of read_file and read_list.
[[nodiscard]] Result<PictureList> load_list(const std::filesystem::path& file);

// `count` different triplets. Anchors are drawn evenly among the pictures of people who have another,
// positives among the person's others, negatives among everybody else's pictures; where more than half of all
// that there are is asked for, evenly among these. The same list, count and seed give the same triplets on
// every machine. Errors: bad_argument (no two pictures of anybody, one person alone, or fewer different
// triplets than asked for).
[[nodiscard]] Result<std::vector<Triplet>> random_triplets(std::span<const std::size_t> persons,
                                                           std::size_t count, std::uint64_t seed);

// Errors: bad_argument, naming the first row that is wrong: an index outside the list, a picture twice, a
// positive of somebody else, a negative of the same person.
[[nodiscard]] Status check_triplets(std::span<const Triplet> triplets, std::span<const std::size_t> persons);

// A NumPy file, int64, N x 3; what it names is checked against the list. Errors: those of read_npy and
// check_triplets, unsupported_format (rows that are not of three).
[[nodiscard]] Result<std::vector<Triplet>> read_triplets(const std::filesystem::path& file,
                                                         std::span<const std::size_t> persons);

// The bytes of such a file.
[[nodiscard]] std::string triplets_npy(std::span<const Triplet> triplets);

}  // namespace kith::dataset
