// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <system_error>

#include <kith/pipeline.h>

namespace kith {
namespace {

// `Anna.jpg` and everything below `Anna/` are Anna's.
std::string person_of(const std::filesystem::path& photo, const std::filesystem::path& people_folder) {
  const std::filesystem::path relative = photo.lexically_relative(people_folder);
  const bool in_root = std::distance(relative.begin(), relative.end()) == 1;
  return in_root ? relative.stem().string() : relative.begin()->string();
}

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
           photo + ": " + std::to_string(report.faces.size()) + " faces; the largest is taken for \"" +
               person + "\"; crop the photo if that is wrong");
    }
    people_[person].push_back({photo, face.embedding, face.quality});
  }

  Result<Enrolment> finish() {
    if (model_error_) return tl::unexpected(*model_error_);
    for (auto& [name, references] : people_) {
      leave_out_unlike(name, references);
      result_.gallery.push_back({name, std::move(references)});
    }
    compare_people();
    return std::move(result_);
  }

 private:
  void note(EnrolmentNote::Kind kind, const std::string& person, const std::filesystem::path& photo,
            std::string message) {
    result_.notes.push_back({kind, person, photo, std::move(message)});
  }

  // To the other reference that it resembles most: a child's photos among an adult's resemble each other.
  static float closest_similarity(const std::vector<Reference>& references, std::size_t to) {
    float closest = -1;
    for (std::size_t i = 0; i < references.size(); ++i) {
      if (i != to) closest = std::max(closest, dot(references[i].embedding, references[to].embedding));
    }
    return closest;
  }

  // How similar the others are to each other, on average.
  static float agreement(const std::vector<Reference>& references, std::size_t without) {
    std::vector<Reference> others = references;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(without));
    float sum = 0;
    for (std::size_t i = 0; i < others.size(); ++i) sum += closest_similarity(others, i);
    return sum / static_cast<float>(others.size());
  }

  // A face unlike the person's others is likely somebody else's, and would give that person's name to
  // strangers. It is left out where the others agree with each other; where nobody agrees with
  // anybody, nobody can tell which is wrong.
  void leave_out_unlike(const std::string& name, std::vector<Reference>& references) {
    while (references.size() >= 2) {
      std::size_t worst = 0;
      float least = 2;
      for (std::size_t i = 0; i < references.size(); ++i) {
        const float similarity = closest_similarity(references, i);
        if (similarity < least) {
          least = similarity;
          worst = i;
        }
      }
      if (least >= settings_.unlike_similarity) return;
      const std::string& photo = references[worst].source;
      if (references.size() == 2) {
        note(EnrolmentNote::Kind::unlike_others, name, photo,
             photo + ": unlike the other photo of \"" + name + "\" (" + references[1 - worst].source +
                 "); one of them may be somebody else");
        return;
      }
      if (agreement(references, worst) < settings_.unlike_similarity) {
        note(EnrolmentNote::Kind::unlike_others, name, photo,
             photo + ": the photos of \"" + name +
                 "\" are all unlike each other; some of them may be of somebody else");
        return;
      }
      note(EnrolmentNote::Kind::unlike_others, name, photo,
           photo + ": unlike the other photos of \"" + name + "\", so likely somebody else; it is left out");
      references.erase(references.begin() + static_cast<std::ptrdiff_t>(worst));
    }
  }

  void compare_people() {
    for (std::size_t a = 0; a < result_.gallery.size(); ++a) {
      for (std::size_t b = a + 1; b < result_.gallery.size(); ++b)
        compare(result_.gallery[a], result_.gallery[b]);
    }
  }

  void compare(const Person& one, const Person& other) {
    for (const Reference& a : one.references) {
      for (const Reference& b : other.references) {
        if (dot(a.embedding, b.embedding) < settings_.same_similarity) continue;
        note(EnrolmentNote::Kind::looks_like, other.name, b.source,
             b.source + ": the face of \"" + other.name + "\" looks like \"" + one.name + "\" in " +
                 a.source + "; are they one person?");
        return;
      }
    }
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
