// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdio>

#include "library.h"

namespace kith::cli {
namespace {

struct ExplainOptions {
  std::filesystem::path photo;
  FaceId face = 0;
};

Json explanation_json(const Explanation& explanation) {
  Json evidence = Json::array();
  for (const Evidence& item : explanation.evidence) {
    evidence.push_back({{"name", item.person},
                        {"probability", six_digits(item.probability)},
                        {"similarity", six_digits(item.similarity)},
                        {"reference", item.reference.string()},
                        {"forbidden_by", item.forbidden_by.empty() ? Json(nullptr) : Json(item.forbidden_by)},
                        {"given_by", item.given_by.empty() ? Json(nullptr) : Json(item.given_by)}});
  }
  Json object = face_json(explanation.face);
  object["min_similarity"] = six_digits(explanation.min_similarity);
  object["evidence"] = std::move(evidence);
  return object;
}

std::string similarity_text(float similarity) {
  char text[16];
  const long hundredths = std::lround(similarity * 100);  // so that nothing is -0.00
  std::snprintf(text, sizeof text, "%.2f", static_cast<double>(hundredths) / 100);
  return text;
}

std::string explanation_text(const Explanation& explanation) {
  const LibraryFace& face = explanation.face;
  std::string text = face_text(face) + "\n";
  switch (face.naming) {
    case Naming::confirmed: text += "  is " + printable(*face.person) + ": you said so\n"; break;
    case Naming::suggested:
      text += "  is taken for " + printable(*face.person) + ", " + percent(face.probability) + "\n";
      break;
    case Naming::ignored: text += "  is ignored: you said so\n"; break;
    case Naming::unknown: text += "  is unknown\n"; break;
  }
  text += "  a name takes a similarity of " + similarity_text(explanation.min_similarity) + "\n";
  constexpr std::size_t shown = 5;
  for (std::size_t i = 0; i < explanation.evidence.size() && i < shown; ++i) {
    const Evidence& item = explanation.evidence[i];
    text += "  " + similarity_text(item.similarity) + "  " + printable(item.person) + ", " +
            percent(item.probability) + ", most like " + printable(item.reference.string());
    if (!item.given_by.empty()) text += "; has this name: " + printable(item.given_by);
    if (!item.forbidden_by.empty()) text += "; ruled out: " + printable(item.forbidden_by);
    text += "\n";
  }
  return text;
}

Exit explain(const ExplainOptions& chosen, const Options& options) {
  Result<Library> library = open_library(options, Library::Mode::read);
  if (!library) return report_failure(library.error());
  const Result<ModelSpec> embedder = active_embedder(options);
  if (!embedder) return report_failure(embedder.error());
  const Result<std::vector<LibraryFace>> faces = library->faces_on(chosen.photo);
  if (!faces) return report_failure(faces.error());
  std::string text;
  for (const LibraryFace& face : *faces) {
    if (chosen.face != 0 && face.id != chosen.face) continue;
    const Result<Explanation> explanation = library->explain(face.id, *embedder);
    if (!explanation) return report_failure(explanation.error());
    text += options.json ? line_of(explanation_json(*explanation)) : explanation_text(*explanation);
  }
  if (text.empty() && chosen.face != 0) {
    return report_failure({ErrorCode::bad_argument,
                           chosen.photo.string() + ": has no face number " + std::to_string(chosen.face)});
  }
  if (text.empty() && !options.json) text = printable(chosen.photo.string()) + ": no faces\n";
  return print(text);
}

}  // namespace

void add_explain(CLI::App& app, Options& options, Action& action) {
  const auto chosen = std::make_shared<ExplainOptions>();
  CLI::App& command =
      *app.add_subcommand("explain", "Why the faces of a photo have the names they have, or none");
  add_library_option(command, options);
  command.add_option("photo", chosen->photo, "A photo of the library")->required()->type_name("PHOTO");
  command.add_option("face", chosen->face, "Only this face, by its number")->type_name("FACE");
  add_json_option(command, options);
  command.callback([chosen, &options, &action] {
    action = [chosen, &options](const std::stop_token&) { return explain(*chosen, options); };
  });
}

}  // namespace kith::cli
