// SPDX-License-Identifier: Apache-2.0
// Bringing a face into the pose that embedders are trained on: the similarity transform (rotation,
// uniform scale, translation) that maps its five landmarks best onto a template.
//
// Thread rule: free functions without state.
#pragma once

#include <kith/face.h>
#include <kith/image_source.h>
#include <kith/result.h>

namespace kith {

// Where the landmarks belong in the aligned crop, and the crop's size in pixels. The default is the
// 112 x 112 template that ArcFace-style embedders share.
struct AlignTemplate {
  int width = 112;
  int height = 112;
  Landmarks landmarks{{{38.2946F, 51.6963F},
                       {73.5318F, 51.5014F},
                       {56.0252F, 71.7366F},
                       {41.5493F, 92.3655F},
                       {70.7299F, 92.2041F}}};
};

// The template with the face enlarged about the crop's centre; scale > 1 shows less around it.
[[nodiscard]] AlignTemplate zoomed(const AlignTemplate& target, float scale) noexcept;

// x' = a x - b y + tx,  y' = b x + a y + ty
struct Similarity {
  float a = 1;
  float b = 0;
  float tx = 0;
  float ty = 0;

  [[nodiscard]] Point operator()(Point p) const noexcept {
    return {a * p.x - b * p.y + tx, b * p.x + a * p.y + ty};
  }
};

// The least-squares similarity from `from` to `to` (Umeyama, "Least-squares estimation of
// transformation parameters between two point patterns", 1991; in the plane, without reflection, it
// is a complex linear regression). Landmarks that all coincide give a scale of 0.
[[nodiscard]] Similarity fit_similarity(const Landmarks& from, const Landmarks& to) noexcept;

// The aligned crop. Asks the source for pixels fine enough that the crop is not enlarged, and averages
// where they are finer than needed. Outside of the photo is black.
// Errors: those of decoding; bad_argument where the landmarks coincide or are not finite.
[[nodiscard]] Result<Image> align(ImageSource& source, const Landmarks& landmarks,
                                  const AlignTemplate& target = {});

// What a face's thumbnail shows: the square about the face's centre of 1.8 times its long side, which takes
// in the hair and the chin. May reach over the edge of the photo.
[[nodiscard]] Box thumbnail_box(const Box& face) noexcept;

// The face's box and landmarks in pixels of its thumbnail, which has `side` pixels; all else as it is.
[[nodiscard]] Face in_thumbnail(Face face, int side) noexcept;

// thumbnail_box(face) as a picture of side x side pixels; what lies outside of the photo is grey. Asks the
// source for pixels as fine as that, and enlarges only where the photo itself has no finer ones.
// Errors: those of decoding; bad_argument where the box is empty or not finite. Requires side >= 1.
[[nodiscard]] Result<Image> thumbnail(ImageSource& source, const Box& face, int side);

// What can be measured of a face's picture.
struct FaceMeasures {
  float eye_distance = 0;  // pixels of the full photo
  // Standard deviation of the Laplacian over the middle of the aligned crop, grey levels: low where blurred.
  float sharpness = 0;
  // 1 where the nose lies midway between the eyes, 0 where it lies beyond one of them (a profile).
  float frontality = 0;
};

// `crop` is the aligned crop of `face`; box and landmarks are in pixels of the full photo.
[[nodiscard]] FaceMeasures measure_face(const Face& face, const Image& crop) noexcept;

// How far a face can be trusted for recognition, 0..1: the product of four factors, each 1 where
// nothing is lost: enough pixels between the eyes, a sharp crop, a frontal pose (the nose between the
// eyes), a sure detection. Arguments as above.
[[nodiscard]] float face_quality(const Face& face, const Image& crop) noexcept;

}  // namespace kith
