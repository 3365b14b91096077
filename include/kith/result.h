// SPDX-License-Identifier: Apache-2.0
// How every call of kith reports failure: a Result holds either the value or an Error.
//
// kith never prints, never exits and never throws across its public interface for a user's error
// (a bad file, a missing model). A broken precondition is a bug and is asserted in debug builds.
//
// Thread rule: plain values; share them like any other value.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace kith {

// What went wrong, coarse enough to act on. `error_code_name` gives the string used in JSON.
enum class ErrorCode {
  not_found,           // the file or folder is not there (or vanished since it was listed)
  unreadable,          // permission or I/O error while reading
  empty_file,          // zero bytes
  unsupported_format,  // not a photo format that kith reads
  truncated,           // the file ends before the picture does
  damaged,             // the bytes are not a valid picture or document
  too_large,           // more pixels or bytes than the configured limit (decompression bomb)
  too_small,           // fewer pixels than a face needs
  no_face,             // a face was needed and none was found
  no_space,            // the disk is full
  changed_meanwhile,   // another program changed the file since it was read; nothing was written
  write_failed,        // the output could not be written for another reason
  model_missing,       // a model file is not there: set-up has not run
  model_damaged,       // a model file does not match its recorded hash, or cannot be parsed
  model_mismatch,      // a model's inputs or outputs are not what its description promises
  library_missing,     // there is no photo library
  library_busy,        // another process holds it
  library_damaged,     // its file is not sound, or not a library
  library_newer,       // a newer kith wrote it
  bad_argument,        // the caller asked for something that makes no sense
  cancelled,           // the caller asked to stop
  diverged,            // a training's loss is not finite any more
  out_of_memory,       // less is asked for at once next time
  internal,            // an engine failed in a way that kith did not expect: report it
};

// The code as it stands in JSON output, for example "not-found". Never fails.
[[nodiscard]] std::string_view error_code_name(ErrorCode code) noexcept;

// Whether the fault is a model's: no photo will do any better.
[[nodiscard]] constexpr bool is_model_error(ErrorCode code) noexcept {
  return code == ErrorCode::model_missing || code == ErrorCode::model_damaged ||
         code == ErrorCode::model_mismatch;
}

// An error says what happened, to which file, and what to do: all three are in `message`.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
};

template <typename T>
using Result = tl::expected<T, Error>;

// The outcome of a call that has no value to give.
using Status = Result<void>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace kith
