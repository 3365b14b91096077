// SPDX-License-Identifier: Apache-2.0
// What kith has written into photos' metadata, as the library remembers it, and changing it.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <kith/library.h>

#include "store/metadata.h"

namespace kith::library {

// What a file is to say. As JSON it stands beside the record, and tells whether there is anything to be done
// without opening the file.
struct Wanted {
  std::vector<NamedFace> faces;
  MetadataSettings settings;  // less keep_modified_time, which changes nothing in the file
};
[[nodiscard]] std::string wanted_text(const Wanted& wanted);
// Nothing where the text is none of ours.
[[nodiscard]] std::optional<Wanted> parse_wanted(const std::string& text);

// Whether kith wrote this name, by the record.
[[nodiscard]] bool is_written(const std::string& record, const std::string& name);

// A file as the table has it ('', '*.xmp', '~.xmp'), and back. Its names move with the photo.
[[nodiscard]] std::string kept_file(const std::filesystem::path& photo, const std::filesystem::path& file);
[[nodiscard]] std::filesystem::path full_file(const std::filesystem::path& photo, const std::string& kept);

// A photo whose metadata is to be changed.
struct WriteJob {
  store::KnownFile photo;
  std::vector<NamedFace> faces;
  MetadataSettings settings;
  std::vector<store::WrittenRow> rows;  // the files that what does not stand in the target is taken out of
};

// Whether the names of a job are the library's still. Asked within a transaction.
using StillWanted = std::function<bool(const WriteJob&)>;

// Does the jobs, several at a time, and keeps the library up to date with them: no crash loses the record of
// what was written, or leaves a photo looking as if somebody else had changed it. A job is not begun
// (changed_meanwhile) where its rows are others by then, or `still_wanted` says no. `told` gets each job's
// report in the order of the jobs. Errors: no_space, which ends it.
[[nodiscard]] Status rewrite(store::Database& database, std::vector<WriteJob>&& jobs, int threads,
                             bool dry_run, const StillWanted& still_wanted,
                             const std::function<void(WriteReport&&)>& told, const std::stop_token& stop);

// Takes what kith wrote of a person of these names (folded) out of the files. Counts into the receipt.
[[nodiscard]] Status erase_from_files(store::Database& database, const std::vector<std::string>& names,
                                      Receipt& receipt);
// Makes the library forget that it wrote these names; how many files bear them still.
std::size_t erase_from_records(store::Database& database, const std::vector<std::string>& names);

}  // namespace kith::library
