// SPDX-License-Identifier: Apache-2.0
// An embedder that is one network: the default MobileFaceNet, or any model that the owner adds.
#pragma once

#include <filesystem>
#include <memory>

#include <kith/embed.h>

#include "infer/engine.h"

namespace kith::embed {

enum class ChannelOrder { rgb, bgr };

// How a network wants its picture: planes of (value - mean) * scale in this channel order.
struct Feeding {
  ChannelOrder order = ChannelOrder::bgr;
  float mean = 127;
  float scale = 1.0F / 128;
  // Embed the crop and its mirror image and take the normalised mean: costs a second inference, and
  // lifts LFW's TAR at low FAR.
  bool with_mirror = true;
  int dimension = 512;
  AlignTemplate crop;
};

// Errors: those of infer::Engine::load.
[[nodiscard]] Result<std::unique_ptr<Embedder>> load_network_embedder(const infer::Engine& engine,
                                                                      const std::filesystem::path& model_file,
                                                                      const Feeding& feeding);

}  // namespace kith::embed
