// SPDX-License-Identifier: Apache-2.0
// From the catalogue's descriptions to running stages: the one place that knows every architecture.
#include <kith/pipeline.h>

#include <future>

#include "core/projection.h"
#include "detect/centerface.h"
#include "detect/mtcnn.h"
#include "embed/network_embedder.h"
#include "embed/projected_embedder.h"
#include "infer/engine.h"

namespace kith {
namespace {

infer::EngineSettings engine_settings(const ModelChoice& choice) {
  return {
      .threads = choice.threads,
      .precision = choice.full_precision ? infer::Precision::float32 : infer::Precision::automatic,
      .cache_folder = choice.cache_folder,
  };
}

Result<ModelSpec> chosen(const ModelCatalog& catalog, ModelKind kind, const std::string& name) {
  return name.empty() ? Result<ModelSpec>(catalog.active(kind)) : catalog.find(kind, name);
}

// A file whose hash verify_files() has just compared.
infer::WeightsFile verified(const ModelFile& file) { return {file.path, file.sha256}; }

Result<std::unique_ptr<Detector>> load_detector(const infer::Engine& engine, const ModelSpec& spec,
                                                const ModelChoice& choice) {
  if (Status checked = verify_files(spec); !checked) return tl::unexpected(checked.error());
  if (spec.architecture == "centerface") {
    detect::CenterFaceSettings settings;
    settings.min_score = choice.min_detection_score.value_or(settings.min_score);
    return detect::load_centerface(engine, verified(spec.files[0]), verified(spec.files[1]), settings);
  }
  if (spec.architecture == "mtcnn") {
    detect::MtcnnSettings settings;
    settings.onet_score = choice.min_detection_score.value_or(settings.onet_score);
    return detect::load_mtcnn(engine, verified(spec.files[0]), verified(spec.files[1]),
                              verified(spec.files[2]), settings);
  }
  return fail(ErrorCode::model_mismatch,
              spec.name + ": kith does not know how to run the architecture \"" + spec.architecture + "\"");
}

using EmbedderPtr = std::unique_ptr<Embedder>;

// The hashes of its files have been compared.
Result<EmbedderPtr> load_verified_embedder(const infer::Engine& engine, const ModelSpec& spec) {
  const std::vector<ModelFile>& network = spec.adaptation ? spec.adaptation->files : spec.files;
  Result<EmbedderPtr> embedder = embed::load_network_embedder(engine, verified(network[0]), spec.feeding);
  if (!embedder || !spec.adaptation) return embedder;
  Result<Projection> projection =
      read_projection(spec.files[0].path, static_cast<std::size_t>(spec.feeding.dimension));
  if (!projection) return tl::unexpected(projection.error());
  return embed::project(std::move(*embedder), std::move(*projection));
}

// An embedder whose network loads while the first photos are decoded and searched, or when it is needed.
class LoadingEmbedder final : public Embedder {
 public:
  // The file's hash has been compared.
  LoadingEmbedder(const std::shared_ptr<infer::Engine>& engine, const ModelSpec& spec, bool at_once)
      : templates_(embed::view_templates(spec.feeding)), dimension_(spec.feeding.dimension) {
    loading_ = std::async(at_once ? std::launch::async : std::launch::deferred,
                          [engine, spec] { return load_verified_embedder(*engine, spec); });
  }

  std::span<const AlignTemplate> crop_templates() const noexcept override { return templates_; }
  int dimension() const noexcept override { return dimension_; }

  Result<Embedding> look(const Image& crop, std::size_t view) const override {
    const Result<EmbedderPtr>& loaded = loading_.get();
    if (!loaded) return tl::unexpected(loaded.error());
    return (*loaded)->look(crop, view);
  }

 private:
  std::vector<AlignTemplate> templates_;
  int dimension_;
  std::shared_future<Result<EmbedderPtr>> loading_;
};

}  // namespace

Result<Models> load_models(const ModelCatalog& catalog, const ModelChoice& choice) {
  Result<ModelSpec> detector_spec = chosen(catalog, ModelKind::detector, choice.detector);
  if (!detector_spec) return tl::unexpected(detector_spec.error());
  Result<ModelSpec> embedder_spec = chosen(catalog, ModelKind::embedder, choice.embedder);
  if (!embedder_spec) return tl::unexpected(embedder_spec.error());

  // All networks load at the same time, and the embedder's may take longer than this function.
  const auto engine = std::make_shared<infer::Engine>(engine_settings(choice));
  std::future<Result<std::unique_ptr<Detector>>> loading =
      std::async(std::launch::async, [&] { return load_detector(*engine, *detector_spec, choice); });
  const Status embedder_verified = verify_files(*embedder_spec);
  std::unique_ptr<Embedder> embedder;
  if (embedder_verified) embedder = std::make_unique<LoadingEmbedder>(engine, *embedder_spec, choice.vectors);
  Result<std::unique_ptr<Detector>> detector = loading.get();
  if (!detector) return tl::unexpected(detector.error());
  if (!embedder_verified) return tl::unexpected(embedder_verified.error());
  return Models{std::move(*detector), std::move(embedder), std::move(*detector_spec),
                std::move(*embedder_spec)};
}

Result<EmbedderPtr> load_embedder(const ModelSpec& spec, const ModelChoice& choice) {
  if (Status checked = verify_files(spec); !checked) return tl::unexpected(checked.error());
  return load_verified_embedder(infer::Engine(engine_settings(choice)), spec);
}

}  // namespace kith
