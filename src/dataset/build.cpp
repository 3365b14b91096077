// SPDX-License-Identifier: Apache-2.0
// The steps of a data set's making, in order: look, find out whose each face is, choose, write.
#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <system_error>
#include <utility>

#include <kith/dataset.h>

#include "core/file_bytes.h"
#include "core/person_name.h"
#include "core/sha256.h"
#include "core/utf8.h"
#include "dataset/again.h"
#include "dataset/choose.h"
#include "dataset/folder.h"
#include "dataset/groups.h"
#include "dataset/look.h"
#include "pipeline/likeness.h"

namespace kith::dataset {
namespace {

namespace fs = std::filesystem;

bool is_inside(const fs::path& path, const fs::path& folder) {
  std::error_code ignored;
  const fs::path inner = fs::weakly_canonical(fs::absolute(path, ignored), ignored);
  const fs::path outer = fs::weakly_canonical(fs::absolute(folder, ignored), ignored);
  return std::ranges::mismatch(outer, inner).in1 == outer.end();
}

Status check_places(const fs::path& folder, const DatasetInput& input) {
  std::vector<fs::path> inputs = input.photos;
  if (!input.people.empty()) inputs.push_back(input.people);
  for (const fs::path& one : inputs) {
    if (!is_inside(folder, one) && !is_inside(one, folder)) continue;
    return fail(ErrorCode::bad_argument, folder.string() + ": lies in " + one.string() +
                                             ", or that in it; give a folder apart from the photos");
  }
  return {};
}

Status check_settings(const DatasetInput& input, const DatasetSettings& settings) {
  if (settings.size < 16 || settings.size > 4096)
    return fail(ErrorCode::bad_argument, "a picture's side has 16 to 4096 pixels");
  if (!(settings.margin >= 0 && settings.margin <= 4))
    return fail(ErrorCode::bad_argument, "a margin is 0 to 4 times the crop");
  if (settings.picture == DatasetPicture::whole && !input.videos.empty()) {
    return fail(ErrorCode::bad_argument,
                "a video's frames are no photo files to be copied whole; crop them, aligned or box");
  }
  if (input.naming == DatasetNaming::one_person && !is_person_name(input.person))
    return fail(ErrorCode::bad_argument, "a person's name has 1 to 200 bytes of UTF-8 in one line");
  return {};
}

// One run.
class Builder {
 public:
  Builder(const DatasetInput& input, const Models& models, const PipelineSettings& pipeline,
          const DatasetSettings& settings, const DatasetCallbacks& callbacks, std::stop_token stop)
      : input_(input),
        models_(models),
        pipeline_(pipeline),
        settings_(settings),
        callbacks_(callbacks),
        stop_(std::move(stop)) {
    // Every vector from all views of the face, so that they compare.
    settings_.identify.second_look_margin = 2;
  }

  Result<DatasetSummary> operator()(const fs::path& folder) {
    if (Status learned = learn_people(); !learned) return tl::unexpected(learned.error());
    if (Status opened = open(folder); !opened) return tl::unexpected(opened.error());
    if (Status looked = look(); !looked) return tl::unexpected(looked.error());
    find_earlier_pictures();
    if (Status named = name_clusters(); !named) return tl::unexpected(named.error());
    drop_unknown();
    choose();
    const Status written = write();
    note_dropped();
    const Status saved = folder_->save();
    if (!written) return tl::unexpected(written.error());
    if (!saved) return tl::unexpected(saved.error());
    return std::move(summary_);
  }

 private:
  Status learn_people() {
    if (input_.naming != DatasetNaming::identify) return {};
    const Pipeline learning(*models_.detector, models_.embedder.get(), nullptr, photo_settings());
    Result<Enrolment> enrolment = enrol(learning, input_.people, settings_.likeness, stop_);
    if (!enrolment) return tl::unexpected(std::move(enrolment.error()));
    summary_.notes = std::move(enrolment->notes);
    gallery_ = std::move(enrolment->gallery);
    Result<std::unique_ptr<Identifier>> identifier =
        make_nearest_identifier(gallery_, models_.embedder_spec.calibration, settings_.identify);
    if (!identifier) return tl::unexpected(std::move(identifier.error()));
    identifier_ = std::move(*identifier);
    return {};
  }

  PipelineSettings photo_settings() const {
    PipelineSettings settings;
    settings.threads = pipeline_.threads;
    settings.decode = pipeline_.decode;
    return settings;
  }

  Status open(const fs::path& path) {
    Manifest kind;
    kind.picture = dataset_picture_name(settings_.picture);
    kind.size = settings_.size;
    kind.margin = settings_.margin;
    std::vector<std::string> people;
    for (const Person& person : gallery_) people.push_back(person.name);
    kind.settings = settings_text(settings_, input_.naming, models_.detector_spec.name,
                                  models_.embedder_spec.name, people);
    Result<Folder> folder = Folder::open(path, kind);
    if (!folder) return tl::unexpected(std::move(folder.error()));
    folder_ = std::move(*folder);
    return {};
  }

  // Whose photos those of a path are.
  std::string person_of(const fs::path& source) const {
    switch (input_.naming) {
      case DatasetNaming::folders: return valid_utf8(pipeline::person_of(source, input_.people));
      case DatasetNaming::one_person: return input_.person;
      default: return {};
    }
  }

  Status look() {
    Looker looker(
        models_, identifier_.get(), pipeline_, settings_,
        [this](const fs::path& source) { return person_of(source); },
        [this](const Source& source) { return !settings_.again && folder_->knows(source); },
        callbacks_.looked ? callbacks_.looked : [] {});
    if (input_.naming == DatasetNaming::folders) {
      looker.photos({input_.people}, stop_);
    } else if (!input_.photos.empty()) {
      looker.photos(input_.photos, stop_);
    }
    for (const DatasetVideo& video : input_.videos) {
      if (stop_.stop_requested()) break;
      if (Status looked = looker.video(video, stop_); !looked) return looked;
    }
    seen_ = std::move(looker.found);
    sources_ = std::move(looker.sources);
    looker.counts.notes = std::move(summary_.notes);
    summary_ = std::move(looker.counts);
    // A model that can't run fails on every photo alike.
    const auto broken = std::ranges::find_if(
        seen_, [](const Seen& one) { return one.error && is_model_error(one.error->code); });
    if (broken != seen_.end()) return tl::unexpected(*broken->error);
    return {};
  }

  void find_earlier_pictures() {
    for (Seen& seen : seen_) {
      if (!seen.is_candidate() || seen.live) continue;
      const std::string whose = input_.naming == DatasetNaming::folders ? seen.person : std::string();
      const auto picture = folder_->picture_of(seen.sha256, seen.frame, seen.face->box, whose);
      if (!picture) continue;
      seen.person = folder_->pictures()[*picture].person;
      if (folder_->is_present(*picture)) {
        seen.earlier = true;
        seen.file = folder_->pictures()[*picture].file;
      } else {
        seen.drop = Drop{DropReason::removed, 0, 0, {}};
      }
    }
  }

  // The pictures that are there, of one person or of everybody (empty).
  std::vector<std::size_t> present_pictures(const std::string& person) const {
    std::vector<std::size_t> result;
    for (std::size_t i = 0; i < folder_->pictures().size(); ++i) {
      const bool wanted = person.empty() || folder_->pictures()[i].person == person;
      if (wanted && folder_->is_present(i)) result.push_back(i);
    }
    return result;
  }

  // Groups whom nobody knows, together with the groups of earlier runs.
  Status name_clusters() {
    if (input_.naming != DatasetNaming::cluster) return {};
    const std::vector<Present> present =
        look_again(*folder_, present_pictures({}), *models_.embedder, pipeline_);
    std::vector<GroupMember> members;
    for (const Present& one : present) {
      const Picture& picture = folder_->pictures()[one.picture];
      const std::string frame = picture.frame ? std::to_string(picture.frame->number) : "";
      members.push_back({&one.vector, picture.source_sha256 + picture.source + frame, picture.person});
    }
    std::vector<Seen*> faces;
    for (Seen& seen : seen_) {
      if (!seen.is_candidate()) continue;
      faces.push_back(&seen);
      members.push_back({&seen.face->embedding, std::to_string(seen.look), {}});
    }
    if (faces.empty()) return {};
    std::vector<std::string> taken;
    for (const Picture& picture : folder_->pictures()) taken.push_back(picture.person);
    ClusterSettings how = settings_.cluster;
    how.threads = pipeline_.threads;
    const Result<std::vector<GroupName>> names = group_names(members, taken, how, settings_.min_cluster);
    if (!names) return tl::unexpected(names.error());
    for (std::size_t i = 0; i < faces.size(); ++i) {
      const GroupName& name = (*names)[present.size() + i];
      faces[i]->person = name.person;
      if (name.person.empty()) {
        faces[i]->drop = Drop{DropReason::seen_once,
                              static_cast<float>(name.faces),
                              static_cast<float>(settings_.min_cluster),
                              {}};
      }
    }
    return {};
  }

  void drop_unknown() {
    for (Seen& seen : seen_) {
      if (seen.is_candidate() && seen.person.empty()) seen.drop = Drop{DropReason::unknown, 0, 0, {}};
    }
  }

  void choose() {
    std::map<std::string, std::vector<Seen*>> by_person;
    for (Seen& seen : seen_) {
      if (seen.is_candidate()) by_person[seen.person].push_back(&seen);
    }
    const bool one_a_photo =
        input_.naming == DatasetNaming::folders || input_.naming == DatasetNaming::one_person;
    Gallery people;
    for (auto& [name, faces] : by_person) {
      PersonFaces person{name, std::move(faces),
                         look_again(*folder_, present_pictures(name), *models_.embedder, pipeline_)};
      if (one_a_photo) drop_other_faces(person, settings_);
      people.push_back(dataset::choose(person, *folder_, settings_, summary_.notes));
    }
    compare(std::move(people));
  }

  // Do two people look like one? Those who got nothing new are stood for by their best picture.
  void compare(Gallery people) {
    if (people.empty()) return;
    std::set<std::string> done;
    for (const Person& person : people) done.insert(person.name);
    std::map<std::string, std::size_t> best;
    for (const std::size_t i : present_pictures({})) {
      const Picture& picture = folder_->pictures()[i];
      if (done.contains(picture.person)) continue;
      const auto [at, first] = best.try_emplace(picture.person, i);
      if (!first && picture.face.quality > folder_->pictures()[at->second].face.quality) at->second = i;
    }
    std::vector<std::size_t> pictures;
    for (const auto& [person, picture] : best) pictures.push_back(picture);
    for (Present& one : look_again(*folder_, pictures, *models_.embedder, pipeline_)) {
      const Picture& picture = folder_->pictures()[one.picture];
      people.push_back({picture.person, {{picture.file, std::move(one.vector), 1, {}}}, {}});
    }
    std::ranges::sort(people, {}, &Person::name);
    pipeline::compare_people(people, settings_.likeness, summary_.notes);
  }

  // Only a full disk ends it: what else can't be written is that picture's failure.
  Status write() {
    const std::vector<std::size_t> present = present_pictures({});
    summary_.present = present.size();
    std::set<std::string> people;
    for (const std::size_t i : present) people.insert(folder_->pictures()[i].person);
    for (Seen& seen : seen_) {
      const bool is_new = seen.is_candidate();
      if (is_new) {
        Status put = put_picture(seen);
        if (!put && put.error().code == ErrorCode::no_space) return put;
        if (put) {
          people.insert(seen.person);
          ++summary_.added;
        } else {
          ++summary_.failed;
          seen.error = std::move(put.error());
        }
        seen.jpeg = {};
      }
      if (seen.drop) ++summary_.dropped;
      report(seen, is_new && !seen.error);
    }
    summary_.people = people.size();
    return {};
  }

  Status put_picture(const Seen& seen) {
    Picture picture;
    picture.file = seen.file;
    picture.person = seen.person;
    picture.source = seen.source.string();
    if (!seen.live) picture.source_sha256 = seen.sha256;
    picture.frame = seen.frame;
    picture.face = *seen.face;
    picture.measures = seen.measures;
    picture.landmarks = seen.landmarks;
    if (!seen.jpeg.empty()) return folder_->put(std::move(picture), seen.jpeg);
    const Result<std::vector<std::uint8_t>> photo = read_file(seen.source, pipeline_.decode.max_file_bytes);
    if (!photo) return tl::unexpected(photo.error());
    if (sha256_of(*photo) != seen.sha256) {
      return fail(ErrorCode::changed_meanwhile,
                  seen.source.string() + ": was changed since it was looked at; run again");
    }
    return folder_->put(std::move(picture), *photo);
  }

  void report(const Seen& seen, bool added) const {
    if (!callbacks_.event) return;
    DatasetEvent event;
    event.source = seen.source;
    event.frame = seen.frame;
    event.face = seen.face;
    if (event.face) event.face->embedding = {};
    event.measures = seen.measures;
    event.person = seen.person;
    event.added = added;
    event.drop = seen.drop;
    event.error = seen.error;
    if (!event.error && !event.drop) event.file = seen.file;
    callbacks_.event(event);
  }

  void note_dropped() {
    std::vector<Dropped> dropped;
    for (const Seen& seen : seen_) {
      if (!seen.drop || seen.error) continue;
      Dropped one;
      one.source = seen.source.string();
      if (!seen.live) one.source_sha256 = seen.sha256;
      one.frame = seen.frame;
      if (seen.face) one.box = seen.face->box;
      one.person = seen.person;
      one.drop = *seen.drop;
      dropped.push_back(std::move(one));
    }
    folder_->note(sources_, std::move(dropped));
  }

  const DatasetInput& input_;
  const Models& models_;
  const PipelineSettings& pipeline_;
  DatasetSettings settings_;
  const DatasetCallbacks& callbacks_;
  std::stop_token stop_;
  Gallery gallery_;
  std::unique_ptr<Identifier> identifier_;
  std::optional<Folder> folder_;
  std::vector<Seen> seen_;
  std::vector<Source> sources_;
  DatasetSummary summary_;
};

}  // namespace
}  // namespace kith::dataset

namespace kith {

Result<DatasetSummary> build_dataset(const std::filesystem::path& folder, const DatasetInput& input,
                                     const Models& models, const PipelineSettings& pipeline,
                                     const DatasetSettings& settings, const DatasetCallbacks& callbacks,
                                     std::stop_token stop) {
  if (Status places = dataset::check_places(folder, input); !places) return tl::unexpected(places.error());
  if (Status sound = dataset::check_settings(input, settings); !sound) return tl::unexpected(sound.error());
  return dataset::Builder(input, models, pipeline, settings, callbacks, std::move(stop))(folder);
}

}  // namespace kith
