// SPDX-License-Identifier: Apache-2.0
// From the catalogue's descriptions to running stages: the one place that knows every architecture.
#include <kith/pipeline.h>

#include <future>

#include "detect/centerface.h"
#include "detect/mtcnn.h"
#include "embed/network_embedder.h"
#include "infer/engine.h"

namespace kith {
namespace {

infer::Engine make_engine(const ModelChoice& choice) {
  return infer::Engine({
      .threads = choice.threads,
      .precision = choice.full_precision ? infer::Precision::float32 : infer::Precision::automatic,
      .cache_folder = choice.cache_folder,
  });
}

Result<ModelSpec> chosen(const ModelCatalog& catalog, ModelKind kind, const std::string& name) {
  return name.empty() ? Result<ModelSpec>(catalog.active(kind)) : catalog.find(kind, name);
}

Result<std::unique_ptr<Detector>> load_detector(const infer::Engine& engine, const ModelSpec& spec,
                                                const ModelChoice& choice) {
  if (Status verified = verify_files(spec); !verified) return tl::unexpected(verified.error());
  if (spec.architecture == "centerface") {
    detect::CenterFaceSettings settings;
    settings.min_score = choice.min_detection_score.value_or(settings.min_score);
    return detect::load_centerface(engine, spec.files[0].path, spec.files[1].path, settings);
  }
  if (spec.architecture == "mtcnn") {
    detect::MtcnnSettings settings;
    settings.onet_score = choice.min_detection_score.value_or(settings.onet_score);
    return detect::load_mtcnn(engine, spec.files[0].path, spec.files[1].path, spec.files[2].path, settings);
  }
  return fail(ErrorCode::model_mismatch,
              spec.name + ": kith does not know how to run the architecture \"" + spec.architecture + "\"");
}

Result<std::unique_ptr<Embedder>> load_embedder(const infer::Engine& engine, const ModelSpec& spec) {
  if (Status verified = verify_files(spec); !verified) return tl::unexpected(verified.error());
  return embed::load_network_embedder(engine, spec.files[0].path, spec.feeding);
}

}  // namespace

Result<Models> load_models(const ModelCatalog& catalog, const ModelChoice& choice) {
  Result<ModelSpec> detector_spec = chosen(catalog, ModelKind::detector, choice.detector);
  if (!detector_spec) return tl::unexpected(detector_spec.error());
  Result<ModelSpec> embedder_spec = chosen(catalog, ModelKind::embedder, choice.embedder);
  if (!embedder_spec) return tl::unexpected(embedder_spec.error());

  // Side by side: loading is most of the time that a single photo takes.
  const infer::Engine engine = make_engine(choice);
  std::future<Result<std::unique_ptr<Embedder>>> loading =
      std::async(std::launch::async, [&] { return load_embedder(engine, *embedder_spec); });
  Result<std::unique_ptr<Detector>> detector = load_detector(engine, *detector_spec, choice);
  Result<std::unique_ptr<Embedder>> embedder = loading.get();
  if (!detector) return tl::unexpected(detector.error());
  if (!embedder) return tl::unexpected(embedder.error());
  return Models{std::move(*detector), std::move(*embedder), std::move(*detector_spec),
                std::move(*embedder_spec)};
}

Result<std::unique_ptr<Embedder>> load_embedder(const ModelSpec& spec, const ModelChoice& choice) {
  return load_embedder(make_engine(choice), spec);
}

}  // namespace kith
