// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>

#include <spdlog/spdlog.h>

#include "library.h"
#include "output.h"

namespace kith::cli {
namespace {

struct PeopleOptions {
  std::string name;
  std::string other;
  std::string birth;
  std::vector<std::string> photos;
  std::vector<FaceId> faces;
  std::vector<ClusterId> clusters;
  std::filesystem::path folder;
  bool keep_name = false;
  bool metadata = false;
  bool apply = false;
  bool apart = false;
};

Json person_json(const PersonSummary& person) {
  return {{"id", person.id},
          {"name", person.name},
          {"faces", person.confirmed + person.suggested},
          {"confirmed", person.confirmed},
          {"suggested", person.suggested},
          {"aliases", person.aliases},
          {"birth", person.birth.empty() ? Json(nullptr) : Json(person.birth)}};
}

std::string people_table(const std::vector<PersonSummary>& people) {
  if (people.empty()) return "Nobody has a name yet. `kith people add --help` tells how to give one.\n";
  std::size_t width = 0;
  for (const PersonSummary& person : people) width = std::max(width, character_count(printable(person.name)));
  std::string table;
  for (const PersonSummary& person : people) {
    std::string name = printable(person.name);
    name.append(width - character_count(name), ' ');
    table += name + "  " + std::to_string(person.confirmed) + " confirmed, " +
             std::to_string(person.suggested) + " suggested";
    if (!person.birth.empty()) table += ", born " + person.birth;
    if (!person.aliases.empty()) table += ", also";
    for (const std::string& alias : person.aliases) table += " \"" + printable(alias) + "\"";
    table += "\n";
  }
  return table;
}

Exit list(const Options& options) {
  Result<Library> library = open_library(options, Library::Mode::read);
  if (!library) return report_failure(library.error());
  const Result<std::vector<PersonSummary>> people = library->people();
  if (!people) return report_failure(people.error());
  if (!options.json) return print(people_table(*people));
  std::string lines;
  for (const PersonSummary& person : *people) lines += line_of(person_json(person));
  return print(lines);
}

const LibraryFace& largest(const std::vector<LibraryFace>& faces) {
  return *std::ranges::max_element(faces, {}, [](const LibraryFace& face) { return face.box.area(); });
}

// The largest face of each photo, as for reference photos of identify.
Status collect_photo_faces(Library& library, const std::vector<std::filesystem::path>& photos,
                           std::vector<FaceId>& faces) {
  for (const std::filesystem::path& photo : photos) {
    const Result<std::vector<LibraryFace>> found = library.faces_on(photo);
    if (!found) return tl::unexpected(found.error());
    if (found->empty())
      return fail(ErrorCode::no_face, photo.string() + ": no face was found on it; give a photo with a face");
    if (found->size() > 1) {
      spdlog::warn("{}: {} faces; the largest is taken; name a single one with --face",
                   printable(photo.string()), found->size());
    }
    faces.push_back(largest(*found).id);
  }
  return {};
}

// Photos that the library does not hold yet are taken into it.
Status take_in(Library& library, const std::vector<std::filesystem::path>& photos, const Options& options,
               const std::stop_token& stop) {
  const bool all_known =
      std::ranges::all_of(photos, [&](const auto& photo) { return library.faces_on(photo).has_value(); });
  if (all_known) return {};
  const Result<Models>& models = load_models(options);
  if (!models) return tl::unexpected(models.error());
  std::optional<Error> failure;
  const Result<ScanSummary> summary = library.scan(
      photos, *models,
      {.pipeline = {.threads = options.thread_count(), .decode = options.decode_settings()}, .identify = {}},
      [&](const ScanProgress& step) {
        if (step.report != nullptr && step.report->error) failure = step.report->error;
      },
      stop);
  if (!summary) return tl::unexpected(summary.error());
  if (failure) return tl::unexpected(*failure);
  return {};
}

Exit add(const PeopleOptions& chosen, const Options& options, const std::stop_token& stop) {
  Result<Library> library = open_library(options, Library::Mode::create);
  if (!library) return report_failure(library.error());
  std::vector<FaceId> faces = chosen.faces;
  const std::vector<std::filesystem::path> photos = expand_inputs(chosen.photos);
  if (Status taken = take_in(*library, photos, options, stop); !taken) return report_failure(taken.error());
  if (Status collected = collect_photo_faces(*library, photos, faces); !collected)
    return report_failure(collected.error());
  for (const ClusterId cluster : chosen.clusters) {
    const Result<std::vector<LibraryFace>> members = library->faces_of_cluster(cluster);
    if (!members) return report_failure(members.error());
    for (const LibraryFace& member : *members) faces.push_back(member.id);
  }
  if (faces.empty()) return report_failure({ErrorCode::bad_argument, "give photos, --face or --cluster"});
  if (Status confirmed = library->confirm(faces, chosen.name); !confirmed)
    return report_failure(confirmed.error());
  return finish_decision(
      *library, options,
      "\"" + printable(chosen.name) + "\": " + counted(faces.size(), "face") + " confirmed");
}

// The people of a folder as `kith identify --people` takes it, with the same checks: who is unlike the
// person's other photos is left out, and every photo that teaches nothing is named.
Exit learn(const PeopleOptions& chosen, const Options& options, const std::stop_token& stop) {
  Result<Library> library = open_library(options, Library::Mode::create);
  if (!library) return report_failure(library.error());
  const Result<Models>& models = load_models(options);
  if (!models) return report_failure(models.error());
  const PipelineSettings settings{.threads = options.thread_count(), .decode = options.decode_settings()};
  const Pipeline learning(*models->detector, models->embedder.get(), nullptr, settings);
  const Result<Enrolment> enrolment = enrol(learning, chosen.folder, {}, stop);
  if (!enrolment) return report_failure(enrolment.error());
  for (const EnrolmentNote& note : enrolment->notes) spdlog::warn("{}", printable(note.message));
  const Result<ScanSummary> scanned =
      library->scan({chosen.folder}, *models, {.pipeline = settings, .identify = {}}, {}, stop);
  if (!scanned) return report_failure(scanned.error());
  if (scanned->cancelled) return interrupted;
  for (const Person& person : enrolment->gallery) {
    std::vector<FaceId> faces;
    for (const Reference& reference : person.references) {
      const Result<std::vector<LibraryFace>> found = library->faces_on(reference.source);
      if (!found) return report_failure(found.error());
      if (!found->empty()) faces.push_back(largest(*found).id);
    }
    if (faces.empty()) continue;
    if (Status confirmed = library->confirm(faces, person.name); !confirmed)
      return report_failure(confirmed.error());
  }
  return finish_decision(
      *library, options,
      counted_people(enrolment->gallery.size()) + " learned from " + printable(chosen.folder.string()));
}

// The number of the newest entry of the history.
Result<std::int64_t> newest_entry(Library& library) {
  const Result<std::vector<HistoryEntry>> newest = library.history(1);
  if (!newest) return tl::unexpected(newest.error());
  return newest->empty() ? 0 : newest->front().id;
}

// Does what the owner decided, and tells it as the history does.
Exit decide(const Options& options, const std::function<Status(Library&)>& change) {
  Result<Library> library = open_library(options, Library::Mode::write);
  if (!library) return report_failure(library.error());
  const Result<std::int64_t> before = newest_entry(*library);
  if (!before) return report_failure(before.error());
  if (Status changed = change(*library); !changed) return report_failure(changed.error());
  const Result<std::int64_t> after = newest_entry(*library);
  if (!after) return report_failure(after.error());
  const Result<std::vector<HistoryEntry>> entries =
      library->history(static_cast<std::size_t>(*after - *before));
  if (!entries) return report_failure(entries.error());
  std::string text;
  for (const HistoryEntry& entry : *entries)
    text = printable(entry.summary) + (text.empty() ? "" : "\n") + text;
  return finish_decision(*library, options, text.empty() ? "That is so already: nothing was changed" : text);
}

// The first face and each of the others are one person; or two.
Status link_all(Library& library, const PeopleOptions& chosen) {
  if (chosen.faces.size() < 2) return fail(ErrorCode::bad_argument, "give two faces or more with --face");
  for (std::size_t i = 1; i < chosen.faces.size(); ++i) {
    if (Status linked = library.link(chosen.faces.front(), chosen.faces[i], !chosen.apart); !linked)
      return linked;
  }
  return {};
}

Exit split(const PeopleOptions& chosen, const Options& options) {
  Result<Library> library = open_library(options, Library::Mode::write);
  if (!library) return report_failure(library.error());
  const Result<std::size_t> moved = library->split(chosen.name, chosen.other, chosen.faces);
  if (!moved) return report_failure(moved.error());
  return finish_decision(*library, options,
                         counted(*moved, "face") + " split off as \"" + printable(chosen.other) + "\"");
}

// The models that were adapted to this library's people, and so to each of them.
Result<std::vector<ModelSpec>> learned_here(Library& library, const ModelCatalog& catalog) {
  const Result<std::string> id = library.id();
  if (!id) return tl::unexpected(id.error());
  std::vector<ModelSpec> models;
  for (const ModelSpec& model : catalog.models()) {
    if (model.adaptation && model.adaptation->learned_from == *id) models.push_back(model);
  }
  return models;
}

// Before the library forgets, so that a kill in between leaves a name that can be forgotten once more.
Status remove_all(ModelCatalog& catalog, const std::vector<ModelSpec>& models) {
  for (const ModelSpec& model : models) {
    if (Status removed = catalog.remove(model.name, /*even_in_use=*/true); !removed) return removed;
  }
  return {};
}

Exit forget(const PeopleOptions& chosen, const Options& options) {
  Result<Library> library = open_library(options, Library::Mode::write);
  if (!library) return report_failure(library.error());
  if (const Result<PersonSummary> known = library->person(chosen.name); !known)
    return report_failure(known.error());
  Result<ModelCatalog> catalog = open_catalog(options);
  if (!catalog) return report_failure(catalog.error());
  const Result<std::vector<ModelSpec>> models = learned_here(*library, *catalog);
  if (!models) return report_failure(models.error());
  if (Status removed = remove_all(*catalog, *models); !removed) return report_failure(removed.error());
  const Result<Receipt> receipt = library->forget_person(chosen.name, chosen.keep_name, chosen.metadata);
  if (!receipt) return report_failure(receipt.error());
  for (const Error& failure : receipt->failures) spdlog::error("{}", printable(failure.message));
  const Exit done = receipt->failures.empty() ? ok : some_failed;
  std::vector<std::string> model_names;
  for (const ModelSpec& model : *models) model_names.push_back(model.name);
  if (options.json) {
    const Exit printed = print(line_of({{"faces", receipt->faces},
                                        {"vectors", receipt->vectors},
                                        {"crops", receipt->crops},
                                        {"guesses", receipt->guesses},
                                        {"decisions", receipt->decisions},
                                        {"journal_entries", receipt->journal_entries},
                                        {"claims", receipt->claims},
                                        {"files", receipt->files},
                                        {"files_left", receipt->files_left},
                                        {"models", model_names}}));
    return printed == ok ? done : printed;
  }
  std::string text =
      "Erased of \"" + printable(chosen.name) + "\": " + counted(receipt->faces, "face") + ", " +
      counted(receipt->vectors, "vector") + ", " + counted(receipt->crops, "crop") + ", " +
      std::to_string(receipt->guesses) + (receipt->guesses == 1 ? " guess, " : " guesses, ") +
      counted(receipt->decisions, "decision") + ", " + std::to_string(receipt->journal_entries) +
      (receipt->journal_entries == 1 ? " journal entry" : " journal entries") +
      ". The places of the faces are kept, so that no scan brings them back; this can't be "
      "undone.\n";
  for (const std::string& model : model_names)
    text += "Removed the model \"" + model +
            "\", which was adapted to this person too; `kith train adapt` makes one without them.\n";
  if (receipt->files > 0) text += "Taken out of the metadata of " + counted(receipt->files, "file") + ".\n";
  if (receipt->files_left > 0)
    text += counted(receipt->files_left, "file") + " still " + (receipt->files_left == 1 ? "bears" : "bear") +
            " the name that kith wrote there" +
            (chosen.metadata ? ".\n" : "; --metadata would have taken it out.\n");
  const Exit printed = print(text);
  return printed == ok ? done : printed;
}

Exit tune(const PeopleOptions& chosen, const Options& options) {
  Result<Library> library = open_library(options, chosen.apply ? Library::Mode::write : Library::Mode::read);
  if (!library) return report_failure(library.error());
  const Result<ModelSpec> embedder = active_embedder(options);
  if (!embedder) return report_failure(embedder.error());
  const Result<std::vector<TunedThreshold>> tuned = library->tune(*embedder, chosen.apply);
  if (!tuned) return report_failure(tuned.error());
  std::string text;
  for (const TunedThreshold& person : *tuned) {
    if (options.json) {
      text += line_of({{"name", person.person},
                       {"before", six_digits(person.before)},
                       {"after", six_digits(person.after)},
                       {"refused", person.refused},
                       {"mistaken", person.mistaken},
                       {"names_lost", person.names_lost},
                       {"confirmed", person.confirmed},
                       {"confirmed_lost", person.confirmed_lost}});
      continue;
    }
    char thresholds[48];
    std::snprintf(thresholds, sizeof thresholds, "%.2f -> %.2f", static_cast<double>(person.before),
                  static_cast<double>(person.after));
    text += printable(person.person) + ": a name takes a similarity of " + thresholds + "; " +
            counted(person.refused, "face") + " that you refused and " + std::to_string(person.mistaken) +
            " of other people came closer before; " + counted(person.names_lost, "suggested name") +
            " would go, and " + std::to_string(person.confirmed_lost) + " of " +
            counted(person.confirmed, "confirmed face") + " could not be recognised by the others any more\n";
  }
  if (options.json) return print(text);
  if (tuned->empty())
    return print(
        "There is nothing to tune: no face that you refused or confirmed as somebody else comes too close to "
        "anybody.\n");
  if (!chosen.apply) return print(text + "Nothing was changed; --apply makes it so.\n");
  text.pop_back();
  return finish_decision(*library, options, text);
}

}  // namespace

void add_people(CLI::App& app, Options& options, Action& action) {
  const auto chosen = std::make_shared<PeopleOptions>();
  CLI::App& people = *app.add_subcommand("people", "The people of the photo library");
  people.require_subcommand(1);
  const auto subcommand = [&](const std::string& name, const std::string& help, Action run) -> CLI::App& {
    CLI::App& command = *people.add_subcommand(name, help);
    add_library_option(command, options);
    command.callback([&action, run = std::move(run)] { action = run; });
    return command;
  };
  const auto with_name = [chosen](CLI::App& command) -> CLI::App& {
    command.add_option("name", chosen->name, "The person's name, or another name of theirs")
        ->required()
        ->type_name("NAME");
    return command;
  };
  const auto with_faces = [chosen](CLI::App& command, const std::string& help) -> CLI::Option& {
    return *command.add_option("--face", chosen->faces, help)->type_name("NUMBER");
  };

  add_json_option(subcommand("list", "Who has a name, and how many faces",
                             [&options](const std::stop_token&) { return list(options); }),
                  options);

  CLI::App& adding = with_name(
      subcommand("add", "Names the faces on photos, single faces, or a cluster",
                 [chosen, &options](const std::stop_token& stop) { return add(*chosen, options, stop); }));
  adding.add_option("photos", chosen->photos, "Photos of this person; the largest face of each is taken")
      ->type_name("PHOTO");
  with_faces(adding, "Single faces by their numbers, as `kith cluster` and `kith explain` give them");
  adding.add_option("--cluster", chosen->clusters, "All faces of a cluster")->type_name("NUMBER");
  add_photo_options(adding, options);

  CLI::App& teaching =
      subcommand("learn", "Names the people of a folder with Name.jpg files, Name/ folders, or both",
                 [chosen, &options](const std::stop_token& stop) { return learn(*chosen, options, stop); });
  teaching.add_option("folder", chosen->folder, "The folder, as for `kith identify --people`")
      ->required()
      ->type_name("DIR");
  add_photo_options(teaching, options);

  CLI::App& renaming = with_name(subcommand(
      "rename", "Gives a person another name; the old one stays an alias",
      [chosen, &options](const std::stop_token&) {
        return decide(options, [&](Library& library) { return library.rename(chosen->name, chosen->other); });
      }));
  renaming.add_option("new", chosen->other, "The new name")->required()->type_name("NEW");

  CLI::App& merging =
      with_name(subcommand("merge", "Two names are one person", [chosen, &options](const std::stop_token&) {
        return decide(options, [&](Library& library) { return library.merge(chosen->name, chosen->other); });
      }));
  merging.add_option("other", chosen->other, "The person who becomes NAME")->required()->type_name("OTHER");

  CLI::App& splitting = with_name(
      subcommand("split", "One person's faces are two people's: the faces that resemble the examples move",
                 [chosen, &options](const std::stop_token&) { return split(*chosen, options); }));
  splitting.add_option("new", chosen->other, "The name of the person split off")
      ->required()
      ->type_name("NEW");
  with_faces(splitting, "Faces of the person split off, by their numbers").required();

  CLI::App& birth = with_name(subcommand("birth", "When a person was born: no older photo shows them",
                                         [chosen, &options](const std::stop_token&) {
                                           return decide(options, [&](Library& library) {
                                             return library.set_birth(chosen->name, chosen->birth);
                                           });
                                         }));
  birth.add_option("date", chosen->birth, "1990, 1990-05 or 1990-05-17; empty: unknown")
      ->required()
      ->type_name("DATE");

  CLI::App& rejecting = with_name(subcommand(
      "reject", "These faces are not this person; they will never be suggested again",
      [chosen, &options](const std::stop_token&) {
        return decide(options, [&](Library& library) { return library.reject(chosen->faces, chosen->name); });
      }));
  with_faces(rejecting, "Faces by their numbers").required();

  CLI::App& ignoring =
      subcommand("ignore", "These faces are nobody who matters", [chosen, &options](const std::stop_token&) {
        return decide(options, [&](Library& library) { return library.ignore(chosen->faces); });
      });
  with_faces(ignoring, "Faces by their numbers").required();

  CLI::App& linking = subcommand(
      "link", "These faces are one person, whoever it is", [chosen, &options](const std::stop_token&) {
        return decide(options, [&](Library& library) { return link_all(library, *chosen); });
      });
  with_faces(linking, "Faces by their numbers, two or more").required();
  linking.add_flag("--apart", chosen->apart, "They are not: the first is another person than the others");

  CLI::App& tuning =
      subcommand("tune",
                 "Thresholds of their own for people whom faces came too close to that you refused or "
                 "confirmed as somebody else",
                 [chosen, &options](const std::stop_token&) { return tune(*chosen, options); });
  tuning.add_flag("--apply", chosen->apply, "Use them from now on (default: only show what would change)");
  add_json_option(tuning, options);

  CLI::App& forgetting =
      with_name(subcommand("forget", "Erases what is known of a person from the library, for good",
                           [chosen, &options](const std::stop_token&) { return forget(*chosen, options); }));
  forgetting.add_flag("--keep-name", chosen->keep_name, "Keep the name, without any face");
  forgetting.add_flag("--metadata", chosen->metadata,
                      "First take what kith wrote of the person out of the photos' metadata");
  add_json_option(forgetting, options);
}

}  // namespace kith::cli
