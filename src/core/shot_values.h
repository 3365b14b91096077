// SPDX-License-Identifier: Apache-2.0
// What cameras write of a photo, in the form that kith keeps.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <kith/photo.h>

namespace kith {

// "2019:07:31 18:05:11" to "2019-07-31T18:05:11". Some programs write the date with other marks, and a
// fraction or a zone behind it. Empty where it is no date, as of a camera whose clock was never set.
[[nodiscard]] std::string iso_date(std::string_view exif);

// Make and model without the make repeated, cut to what PhotoInfo promises.
[[nodiscard]] std::string camera_name(std::string_view make, std::string_view model);

// Of the lens, cut likewise.
[[nodiscard]] std::string lens_name(std::string_view model);

// Degrees, minutes, seconds and the letter of the hemisphere (N or S, E or W); nothing where out of range.
struct Angle {
  double degrees = 0;
  double minutes = 0;
  double seconds = 0;
  char hemisphere = 0;
};
[[nodiscard]] std::optional<GeoPoint> geo_point(const Angle& latitude, const Angle& longitude);

}  // namespace kith
