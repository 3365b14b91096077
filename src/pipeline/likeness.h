// SPDX-License-Identifier: Apache-2.0
// What a folder of people says of who is on its photos, and whether the faces bear it out.
//
// Thread rule: free functions without state.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <kith/pipeline.h>

namespace kith::pipeline {

// `Anna.jpg` and everything below `Anna/` are Anna's.
[[nodiscard]] std::string person_of(const std::filesystem::path& photo,
                                    const std::filesystem::path& people_folder);

// A face unlike the person's others is likely somebody else's, and would give that person's name to
// strangers. It is left out, with a note, where the others agree with each other; where nobody agrees with
// anybody, nobody can tell which is wrong, and a note says that alone.
void leave_out_unlike(const std::string& name, std::vector<Reference>& references,
                      const EnrolmentSettings& settings, std::vector<EnrolmentNote>& notes);

// Notes the people of whom a face is nearly the same as another person's.
void compare_people(const Gallery& gallery, const EnrolmentSettings& settings,
                    std::vector<EnrolmentNote>& notes);

}  // namespace kith::pipeline
