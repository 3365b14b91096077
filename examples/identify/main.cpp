// SPDX-License-Identifier: Apache-2.0
// Names the people on photos:  identify MODELS_FOLDER PEOPLE_FOLDER PHOTO...
#include <iostream>

#include <kith/kith.h>

int main(int argc, char** argv) try {
  if (argc < 4) throw std::invalid_argument("usage: identify MODELS_FOLDER PEOPLE_FOLDER PHOTO...");
  // value() throws what went wrong; a larger program asks has_value() first.
  const kith::ModelCatalog catalog = kith::ModelCatalog::open(argv[1], {}).value();
  const kith::Models models = kith::load_models(catalog, {}).value();
  const kith::Pipeline learning(*models.detector, models.embedder.get(), nullptr, {});
  const kith::Enrolment people = kith::enrol(learning, argv[2]).value();
  const auto identifier =
      kith::make_nearest_identifier(people.gallery, models.embedder_spec.calibration).value();
  const kith::Pipeline naming(*models.detector, models.embedder.get(), identifier.get(), {});
  const kith::RunSummary summary = naming.run({argv + 3, argv + argc}, [](const kith::PhotoReport& photo) {
    std::cout << photo.photo.string() << ":";
    for (const kith::Face& face : photo.faces) std::cout << " " << face.identity->name.value_or("unknown");
    std::cout << (photo.error ? " " + photo.error->message : "") << "\n";
  });
  return summary.failed > 0 ? 1 : 0;
} catch (const tl::bad_expected_access<kith::Error>& failure) {
  std::cerr << failure.error().message << "\n";
  return 3;
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 2;
}
