// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <system_error>

#include <kith/pipeline.h>

#include "pipeline/likeness.h"

namespace kith {
namespace {

using pipeline::person_of;

class Enroller {
 public:
  Enroller(std::filesystem::path folder, const EnrolmentSettings& settings)
      : folder_(std::move(folder)), settings_(settings) {}

  void take(const PhotoReport& report) {
    if (report.error) {
      if (report.photo == folder_) return;  // the caller checked it
      if (is_model_error(report.error->code)) model_error_ = report.error;
      note(EnrolmentNote::Kind::failed, person_of(report.photo, folder_), report.photo,
           report.error->message);
      return;
    }
    const std::string person = person_of(report.photo, folder_);
    const std::string photo = report.photo.string();
    if (report.faces.empty()) {
      note(EnrolmentNote::Kind::no_face, person, report.photo,
           photo + ": no face found; \"" + person + "\" is not learned from it");
      return;
    }
    const Face& face = *largest_face(report.faces);
    if (face.quality < settings_.min_quality) {
      note(EnrolmentNote::Kind::no_face, person, report.photo,
           photo + ": the face is too small, blurred or turned away to learn \"" + person +
               "\" from; give a better photo");
      return;
    }
    if (report.faces.size() > 1) {
      note(EnrolmentNote::Kind::several_faces, person, report.photo,
           photo + ": several faces; the largest is taken for \"" + person +
               "\"; crop the photo if that is wrong");
    }
    people_[person].push_back({photo, face.embedding, face.quality});
  }

  Result<Enrolment> finish() {
    if (model_error_) return tl::unexpected(*model_error_);
    for (auto& [name, references] : people_) {
      pipeline::leave_out_unlike(name, references, settings_, result_.notes);
      result_.gallery.push_back({name, std::move(references)});
    }
    pipeline::compare_people(result_.gallery, settings_, result_.notes);
    return std::move(result_);
  }

 private:
  void note(EnrolmentNote::Kind kind, const std::string& person, const std::filesystem::path& photo,
            std::string message) {
    result_.notes.push_back({kind, person, photo, std::move(message)});
  }

  std::filesystem::path folder_;
  EnrolmentSettings settings_;
  std::map<std::string, std::vector<Reference>> people_;  // sorted, so that results do not depend on timing
  std::optional<Error> model_error_;
  Enrolment result_;
};

}  // namespace

Result<Enrolment> enrol(const Pipeline& pipeline, const std::filesystem::path& people_folder,
                        const EnrolmentSettings& settings, std::stop_token stop) {
  const std::string name = people_folder.string();
  std::error_code error;
  if (!std::filesystem::is_directory(people_folder, error)) {
    return fail(
        ErrorCode::not_found,
        name + ": no such folder; it should hold Name.jpg files or a folder of photos for each person");
  }
  const std::filesystem::directory_iterator listed(people_folder, error);
  if (error) return fail(ErrorCode::unreadable, name + ": the folder cannot be read: " + error.message());

  Enroller enroller(people_folder, settings);
  const RunSummary summary =
      pipeline.embedding(Embed::largest)
          .run(
              {people_folder}, [&](PhotoReport&& report) { enroller.take(report); }, std::move(stop));
  if (summary.cancelled)
    return fail(ErrorCode::cancelled, "interrupted while learning the people in " + name);
  Result<Enrolment> result = enroller.finish();
  if (result && result->gallery.empty()) {
    std::string reasons;
    for (const EnrolmentNote& note : result->notes) reasons += "\n  " + note.message;
    return fail(ErrorCode::no_face, name +
                                        ": nobody could be learned from it; it should hold Name.jpg files or "
                                        "a folder of photos for each person" +
                                        reasons);
  }
  return result;
}

}  // namespace kith
