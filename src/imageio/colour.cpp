// SPDX-License-Identifier: Apache-2.0
#include "imageio/colour.h"

#include <lcms2.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace kith::imageio {
namespace {

// A camera's profile has a few KB, a printer's some MB; beyond that it is not a profile.
constexpr std::size_t max_profile_bytes = std::size_t{8} << 20U;

struct CloseProfile {
  void operator()(void* profile) const { cmsCloseProfile(profile); }
};
struct DeleteTransform {
  void operator()(void* transform) const { cmsDeleteTransform(transform); }
};
struct DeleteContext {
  void operator()(cmsContext context) const { cmsDeleteContext(context); }
};
using Profile = std::unique_ptr<void, CloseProfile>;
using Transform = std::unique_ptr<void, DeleteTransform>;
// A context of our own, so that nothing that another user of lcms in this process set reaches us.
using Context = std::unique_ptr<std::remove_pointer_t<cmsContext>, DeleteContext>;

using GreyTable = std::array<std::array<std::uint8_t, 3>, 256>;

Transform make_transform(cmsContext context, const Profile& from, cmsUInt32Number pixel_format) {
  const Profile srgb(cmsCreate_sRGBProfileTHR(context));
  if (!srgb) return nullptr;
  return Transform(cmsCreateTransformTHR(context, from.get(), pixel_format, srgb.get(), TYPE_RGB_8,
                                         INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOCACHE));
}

// Within one step of 255 on a grid of colours: no one can tell the difference.
bool changes_nothing(const Transform& transform) {
  std::vector<std::uint8_t> colours;
  for (int i = 0; i < 5 * 5 * 5; ++i) {
    for (const int level : {i % 5, i / 5 % 5, i / 25}) {
      colours.push_back(static_cast<std::uint8_t>(std::min(255, level * 64)));
    }
  }
  std::vector<std::uint8_t> converted(colours.size());
  cmsDoTransform(transform.get(), colours.data(), converted.data(),
                 static_cast<cmsUInt32Number>(colours.size() / 3));
  return std::ranges::equal(colours, converted, [](int a, int b) { return std::abs(a - b) <= 1; });
}

GreyTable make_grey_table(const Transform& transform) {
  std::array<std::uint8_t, 256> levels{};
  for (std::size_t i = 0; i < levels.size(); ++i) levels[i] = static_cast<std::uint8_t>(i);
  GreyTable table{};
  cmsDoTransform(transform.get(), levels.data(), table.data(), static_cast<cmsUInt32Number>(levels.size()));
  return table;
}

}  // namespace

bool is_rgb_profile(std::span<const std::uint8_t> icc_profile) {
  constexpr std::string_view rgb = "RGB ";
  constexpr std::size_t space_at = 16;  // in the header, ICC.1 7.2
  return icc_profile.size() >= 128 && std::equal(rgb.begin(), rgb.end(), icc_profile.begin() + space_at);
}

struct ColourConversion::Impl {
  Context context;
  Transform transform;  // empty where grey_table is used
  GreyTable grey_table{};
};

ColourConversion::ColourConversion(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ColourConversion::ColourConversion(ColourConversion&&) noexcept = default;
ColourConversion& ColourConversion::operator=(ColourConversion&&) noexcept = default;
ColourConversion::~ColourConversion() = default;

std::optional<ColourConversion> ColourConversion::to_srgb(std::span<const std::uint8_t> icc_profile) {
  if (icc_profile.empty() || icc_profile.size() > max_profile_bytes) return std::nullopt;
  auto impl = std::make_unique<Impl>();
  impl->context.reset(cmsCreateContext(nullptr, nullptr));
  if (!impl->context) return std::nullopt;
  const Profile profile(cmsOpenProfileFromMemTHR(impl->context.get(), icc_profile.data(),
                                                 static_cast<cmsUInt32Number>(icc_profile.size())));
  if (!profile) return std::nullopt;

  switch (cmsGetColorSpace(profile.get())) {
    case cmsSigRgbData:
      impl->transform = make_transform(impl->context.get(), profile, TYPE_RGB_8);
      if (!impl->transform || changes_nothing(impl->transform)) return std::nullopt;
      break;
    case cmsSigGrayData: {
      const Transform transform = make_transform(impl->context.get(), profile, TYPE_GRAY_8);
      if (!transform) return std::nullopt;
      impl->grey_table = make_grey_table(transform);
      break;
    }
    default: return std::nullopt;
  }
  return ColourConversion(std::move(impl));
}

std::optional<ColourConversion> ColourConversion::to(ColourSpace space,
                                                     std::span<const std::uint8_t> icc_profile) {
  if (space == ColourSpace::source && is_rgb_profile(icc_profile)) return std::nullopt;
  return to_srgb(icc_profile);
}

void ColourConversion::apply(std::span<std::uint8_t> rgb) const {
  if (impl_->transform) {
    cmsDoTransform(impl_->transform.get(), rgb.data(), rgb.data(),
                   static_cast<cmsUInt32Number>(rgb.size() / 3));
    return;
  }
  for (std::size_t i = 0; i + 3 <= rgb.size(); i += 3) {
    std::ranges::copy(impl_->grey_table[rgb[i]], rgb.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

}  // namespace kith::imageio
