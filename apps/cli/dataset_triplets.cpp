// SPDX-License-Identifier: Apache-2.0
#include "core/atomic_write.h"
#include "dataset.h"
#include "dataset/triplets.h"
#include "output.h"
#include "text.h"

namespace kith::cli {
namespace {

namespace fs = std::filesystem;
using dataset::PictureList;
using dataset::Triplet;

struct TripletOptions {
  fs::path folder;
  fs::path file;
  fs::path list;
  std::size_t count = 1000;
  std::uint64_t seed = 1;
  bool check = false;
};

Exit print_counts(const std::vector<Triplet>& triplets, const PictureList& list, const std::string& what,
                  const Options& options) {
  if (options.json) {
    return print(line_of(
        {{"triplets", triplets.size()}, {"pictures", list.files.size()}, {"people", list.names.size()}}));
  }
  return print(counted(triplets.size(), "triplet") + " of " + counted(list.files.size(), "picture") + " of " +
               counted_people(list.names.size()) + what + "\n");
}

Exit make(const TripletOptions& chosen, const Options& options) {
  const Result<PictureList> list = dataset::list_pictures(chosen.folder);
  if (!list) return report_failure(list.error());
  const Result<std::vector<Triplet>> triplets =
      dataset::random_triplets(list->persons, chosen.count, chosen.seed);
  if (!triplets) return report_failure(triplets.error());
  // The list first: numbers without it mean nothing.
  if (Status written = write_atomically(chosen.list, list_text(*list)); !written)
    return report_failure(written.error());
  if (Status written = write_atomically(chosen.file, dataset::triplets_npy(*triplets)); !written)
    return report_failure(written.error());
  return print_counts(*triplets, *list, "; the pictures are listed in " + printable(chosen.list.string()),
                      options);
}

// The list that a triplet file was made from. Errors: those of reading it; not_found (a picture).
Result<PictureList> read_list(const TripletOptions& chosen) {
  Result<PictureList> list = dataset::load_list(chosen.list);
  if (!list) return list;
  for (const std::string& file : list->files) {
    std::error_code ignored;
    if (fs::exists(chosen.folder / file, ignored)) continue;
    return fail(ErrorCode::not_found, (chosen.folder / file).string() + ": is listed in " +
                                          chosen.list.string() +
                                          " and not there; give the folder it was made from");
  }
  return list;
}

Exit check(const TripletOptions& chosen, const Options& options) {
  const Result<PictureList> list = read_list(chosen);
  if (!list) return report_failure(list.error());
  const Result<std::vector<Triplet>> triplets = dataset::read_triplets(chosen.file, list->persons);
  if (!triplets) return report_failure(triplets.error());
  return print_counts(*triplets, *list, ": anchors and positives are one person's, negatives another's",
                      options);
}

}  // namespace

void add_dataset_triplets(CLI::App& dataset, Options& options, Action& action) {
  const auto chosen = std::make_shared<TripletOptions>();
  CLI::App& command = *dataset.add_subcommand(
      "triplets",
      "Draws triplets of pictures (anchor, positive, negative) for training, or checks a file of them");
  command.add_option("folder", chosen->folder, "A folder with a folder of pictures for each person")
      ->required()
      ->type_name("DATA");
  command
      .add_option("file", chosen->file, "The triplets: NumPy, int64, N x 3, places in the list of pictures")
      ->required()
      ->type_name("FILE.npy");
  command
      .add_option("--list", chosen->list,
                  "The list of pictures, a line each, place 0 first (default: FILE with the extension .txt)")
      ->type_name("FILE");
  command.add_option("--count", chosen->count, "How many triplets to draw, no two alike")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}))
      ->capture_default_str()
      ->type_name("N");
  command.add_option("--seed", chosen->seed, "Another number, other triplets; the same, the same")
      ->capture_default_str()
      ->type_name("N");
  command.add_flag("--check", chosen->check, "Read FILE and its list, whoever made them, and check them");
  add_json_option(command, options);
  command.callback([chosen, &options, &action] {
    if (chosen->list.empty()) chosen->list = fs::path(chosen->file).replace_extension(".txt");
    if (chosen->list == chosen->file)
      throw CLI::ValidationError("--list", "the list and the triplets can't be one file");
    action = [chosen, &options](const std::stop_token&) {
      return chosen->check ? check(*chosen, options) : make(*chosen, options);
    };
  });
}

}  // namespace kith::cli
