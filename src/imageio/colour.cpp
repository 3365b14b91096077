// SPDX-License-Identifier: Apache-2.0
#include "imageio/colour.h"

#include <lcms2.h>

#include <algorithm>
#include <array>
#include <cmath>
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
template <typename Convert>
bool changes_nothing(Convert convert) {
  std::vector<std::uint8_t> colours;
  for (int i = 0; i < 5 * 5 * 5; ++i) {
    for (const int level : {i % 5, i / 5 % 5, i / 25}) {
      colours.push_back(static_cast<std::uint8_t>(std::min(255, level * 64)));
    }
  }
  std::vector<std::uint8_t> converted = colours;
  convert(std::span<std::uint8_t>(converted));
  return std::ranges::equal(colours, converted, [](int a, int b) { return std::abs(a - b) <= 1; });
}

void convert_with_lcms(const Transform& transform, std::span<std::uint8_t> rgb) {
  cmsDoTransform(transform.get(), rgb.data(), rgb.data(), static_cast<cmsUInt32Number>(rgb.size() / 3));
}

// A profile of three curves and a matrix, which is what cameras and phones embed, applied without lcms2:
// table, matrix, table. Takes a third of lcms2's time for a pixel, and next to none to prepare, where
// lcms2 takes 2 ms, which is a sixth of decoding a phone's photo at a quarter of its size.
class MatrixConversion {
  using Matrix = std::array<std::array<float, 3>, 3>;
  // Near black sRGB climbs 12.92 times as fast as light: so many steps keep it within half a level.
  static constexpr std::size_t steps = 8192;
  static constexpr float last_step = steps - 1;

 public:
  // Nothing where the profile is of another kind.
  [[nodiscard]] static std::optional<MatrixConversion> make(cmsHPROFILE from, cmsHPROFILE srgb) {
    const std::optional<Matrix> source = colorants(from);
    const std::optional<Matrix> target = colorants(srgb);
    const std::optional<Matrix> back = target ? inverse(*target) : std::nullopt;
    if (cmsIsTag(from, cmsSigAToB0Tag) || cmsIsTag(from, cmsSigAToB1Tag) || !source || !back)
      return std::nullopt;
    MatrixConversion result;
    result.matrix_ = product(*back, *source);
    constexpr std::array curves{cmsSigRedTRCTag, cmsSigGreenTRCTag, cmsSigBlueTRCTag};
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const auto* curve = static_cast<const cmsToneCurve*>(cmsReadTag(from, curves[channel]));
      if (curve == nullptr) return std::nullopt;
      for (std::size_t level = 0; level < 256; ++level) {
        const float linear = cmsEvalToneCurveFloat(curve, static_cast<float>(level) / 255);
        if (!std::isfinite(linear)) return std::nullopt;
        result.linear_[channel][level] = std::clamp(linear, 0.0F, 1.0F);
      }
    }
    return result;
  }

  void apply(std::span<std::uint8_t> rgb) const {
    static const std::array<std::uint8_t, steps> encoded = encoded_table();
    for (std::size_t i = 0; i + 3 <= rgb.size(); i += 3) {
      const float red = linear_[0][rgb[i]];
      const float green = linear_[1][rgb[i + 1]];
      const float blue = linear_[2][rgb[i + 2]];
      for (std::size_t channel = 0; channel < 3; ++channel) {
        const auto& row = matrix_[channel];
        const float value = row[0] * red + row[1] * green + row[2] * blue;
        // lround would be a call a sample.
        const float step = std::clamp(value, 0.0F, 1.0F) * last_step + 0.5F;
        rgb[i + channel] = encoded[static_cast<std::size_t>(step)];
      }
    }
  }

 private:
  // Linear RGB to XYZ under D50; the columns are the primaries.
  static std::optional<Matrix> colorants(cmsHPROFILE profile) {
    constexpr std::array tags{cmsSigRedColorantTag, cmsSigGreenColorantTag, cmsSigBlueColorantTag};
    Matrix matrix{};
    for (std::size_t i = 0; i < 3; ++i) {
      const auto* primary = static_cast<const cmsCIEXYZ*>(cmsReadTag(profile, tags[i]));
      if (primary == nullptr) return std::nullopt;
      matrix[0][i] = static_cast<float>(primary->X);
      matrix[1][i] = static_cast<float>(primary->Y);
      matrix[2][i] = static_cast<float>(primary->Z);
    }
    return matrix;
  }

  static std::optional<Matrix> inverse(const Matrix& m) {
    const auto minor = [&](std::size_t row, std::size_t column) {
      const std::size_t r1 = (row + 1) % 3;
      const std::size_t r2 = (row + 2) % 3;
      const std::size_t c1 = (column + 1) % 3;
      const std::size_t c2 = (column + 2) % 3;
      return m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1];
    };
    const float determinant = m[0][0] * minor(0, 0) + m[0][1] * minor(0, 1) + m[0][2] * minor(0, 2);
    if (!(std::abs(determinant) > 1e-6F)) return std::nullopt;
    Matrix result{};
    for (std::size_t row = 0; row < 3; ++row) {
      for (std::size_t column = 0; column < 3; ++column)
        result[column][row] = minor(row, column) / determinant;
    }
    return result;
  }

  static Matrix product(const Matrix& a, const Matrix& b) {
    Matrix result{};
    for (std::size_t row = 0; row < 3; ++row) {
      for (std::size_t column = 0; column < 3; ++column) {
        for (std::size_t i = 0; i < 3; ++i) result[row][column] += a[row][i] * b[i][column];
      }
    }
    return result;
  }

  // From light to sRGB's levels.
  static std::array<std::uint8_t, steps> encoded_table() {
    std::array<std::uint8_t, steps> table{};
    for (std::size_t i = 0; i < steps; ++i) {
      const float linear = static_cast<float>(i) / last_step;
      const float value =
          linear <= 0.0031308F ? linear * 12.92F : 1.055F * std::pow(linear, 1 / 2.4F) - 0.055F;
      table[i] = static_cast<std::uint8_t>(std::lround(value * 255));
    }
    return table;
  }

  Matrix matrix_{};
  std::array<std::array<float, 256>, 3> linear_{};
};

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
  std::optional<MatrixConversion> matrix;
  Transform transform;  // where the profile has neither a matrix nor one channel
  GreyTable grey_table{};

  void convert(std::span<std::uint8_t> rgb) const;
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
    case cmsSigRgbData: {
      const Profile srgb(cmsCreate_sRGBProfileTHR(impl->context.get()));
      impl->matrix = srgb ? MatrixConversion::make(profile.get(), srgb.get()) : std::nullopt;
      if (!impl->matrix) impl->transform = make_transform(impl->context.get(), profile, TYPE_RGB_8);
      if (!impl->matrix && !impl->transform) return std::nullopt;
      if (changes_nothing([&](std::span<std::uint8_t> rgb) { impl->convert(rgb); })) return std::nullopt;
      break;
    }
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

void ColourConversion::Impl::convert(std::span<std::uint8_t> rgb) const {
  if (matrix) {
    matrix->apply(rgb);
    return;
  }
  if (transform) {
    convert_with_lcms(transform, rgb);
    return;
  }
  for (std::size_t i = 0; i + 3 <= rgb.size(); i += 3) {
    std::ranges::copy(grey_table[rgb[i]], rgb.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void ColourConversion::apply(std::span<std::uint8_t> rgb) const { impl_->convert(rgb); }

}  // namespace kith::imageio
