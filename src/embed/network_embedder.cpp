// SPDX-License-Identifier: Apache-2.0
#include "embed/network_embedder.h"

#include <utility>

#include "core/planes.h"

namespace kith::embed {
namespace {

class NetworkEmbedder final : public Embedder {
 public:
  NetworkEmbedder(infer::Model model, EmbedderFeeding feeding)
      : model_(std::move(model)), feeding_(std::move(feeding)), templates_(view_templates(feeding_)) {}

  // A batch would gain nothing: measured on one thread, two views take as long together as one by one.
  Result<Embedding> look(const Image& crop, std::size_t view) const override {
    if (view >= feeding_.views.size() || crop.width() != feeding_.crop.width ||
        crop.height() != feeding_.crop.height) {
      return fail(ErrorCode::bad_argument, "the embedder takes crops of " +
                                               std::to_string(feeding_.crop.width) + " x " +
                                               std::to_string(feeding_.crop.height) + " pixels");
    }
    Result<infer::Session> session = model_.acquire({1, 3, crop.height(), crop.width()});
    if (!session) return tl::unexpected(session.error());
    write_planes(crop.bytes(), crop.width(), feeding_, feeding_.views[view].mirrored, session->input());
    if (Status ran = session->run(); !ran) return tl::unexpected(ran.error());
    const infer::TensorView vector = session->output(0);
    return Embedding(vector.values.begin(), vector.values.end());
  }

  std::span<const AlignTemplate> crop_templates() const noexcept override { return templates_; }
  int dimension() const noexcept override { return feeding_.dimension; }

 private:
  infer::Model model_;
  EmbedderFeeding feeding_;
  std::vector<AlignTemplate> templates_;
};

}  // namespace

std::vector<AlignTemplate> view_templates(const EmbedderFeeding& feeding) {
  std::vector<AlignTemplate> templates;
  for (const EmbedderView& view : feeding.views) templates.push_back(zoomed(feeding.crop, view.scale));
  return templates;
}

Result<std::unique_ptr<Embedder>> load_network_embedder(const infer::Engine& engine,
                                                        const infer::WeightsFile& model_file,
                                                        const EmbedderFeeding& feeding) {
  const infer::ModelContract contract{.input = {1, 3, feeding.crop.height, feeding.crop.width},
                                      .outputs = {{1, feeding.dimension}}};
  Result<infer::Model> model = engine.load(model_file, contract);
  if (!model) return tl::unexpected(model.error());
  return std::make_unique<NetworkEmbedder>(std::move(*model), feeding);
}

}  // namespace kith::embed
