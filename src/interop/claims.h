// SPDX-License-Identifier: Apache-2.0
// What other programs keep beside photos, as claims: who is where on which photo. What any of it means for a
// library is not this stage's business. docs/interop.md says how each program stores it, and how we know.
//
// All of it is text from elsewhere and not to be trusted: names that come out are names (core/person_name.h),
// boxes lie on the photo, and no photo lies outside of the folder that the program told of.
//
// Thread rule: plain values and functions of them.
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include <kith/metadata.h>
#include <kith/result.h>

namespace kith::interop {

struct PhotoClaims {
  std::filesystem::path photo;  // absolute, without "." and ".."; whether it is there has not been asked
  std::vector<NameClaim> claims;
};

struct Claims {
  std::vector<PhotoClaims> photos;  // each once, in the order of their paths; those without claims left out
  // What had to be passed over, each naming its file: a damaged sidecar, a photo outside of its folder. A
  // region whose photo's frame can't be had stands among the claims without a box, and here is why.
  std::vector<Error> problems;
};

// The photo as it is now: programs store places as shares of it, or in pixels of it as it once was. Called
// once for each photo that has regions, by the calling thread.
using FrameOf = std::function<Result<PhotoFrame>(const std::filesystem::path& photo)>;

}  // namespace kith::interop
