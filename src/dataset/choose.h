// SPDX-License-Identifier: Apache-2.0
// Which of the faces that may be one person's become pictures.
//
// Thread rule: free functions; the faces and notes are changed.
#pragma once

#include <string>
#include <vector>

#include <kith/dataset.h>

#include "dataset/again.h"
#include "dataset/folder.h"
#include "dataset/look.h"

namespace kith::dataset {

// One person's faces: new ones, and pictures of earlier runs.
struct PersonFaces {
  std::string person;
  std::vector<Seen*> faces;
  std::vector<Present> present;
};

// On photos of one person only one face is theirs: drops the others.
void drop_other_faces(PersonFaces& person, const DatasetSettings& settings);

// Drops near-duplicates, likely mislabels and what is too much, in this order, and gives those that stay the
// name of a file. What is there already stays; that it looks like a mislabel is noted. Returns the person as
// a reference for comparing people: the mean of the vectors; without a reference where nothing is left.
[[nodiscard]] Person choose(PersonFaces& person, Folder& folder, const DatasetSettings& settings,
                            std::vector<EnrolmentNote>& notes);

}  // namespace kith::dataset
