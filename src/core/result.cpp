// SPDX-License-Identifier: Apache-2.0
#include <kith/result.h>

namespace kith {

std::string_view error_code_name(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::not_found: return "not-found";
    case ErrorCode::unreadable: return "unreadable";
    case ErrorCode::empty_file: return "empty-file";
    case ErrorCode::unsupported_format: return "unsupported-format";
    case ErrorCode::truncated: return "truncated";
    case ErrorCode::damaged: return "damaged";
    case ErrorCode::too_large: return "too-large";
    case ErrorCode::too_small: return "too-small";
    case ErrorCode::no_face: return "no-face";
    case ErrorCode::no_space: return "no-space";
    case ErrorCode::changed_meanwhile: return "changed-meanwhile";
    case ErrorCode::write_failed: return "write-failed";
    case ErrorCode::model_missing: return "model-missing";
    case ErrorCode::model_damaged: return "model-damaged";
    case ErrorCode::model_mismatch: return "model-mismatch";
    case ErrorCode::library_missing: return "library-missing";
    case ErrorCode::library_busy: return "library-busy";
    case ErrorCode::library_damaged: return "library-damaged";
    case ErrorCode::library_newer: return "library-newer";
    case ErrorCode::bad_argument: return "bad-argument";
    case ErrorCode::cancelled: return "cancelled";
    case ErrorCode::diverged: return "diverged";
    case ErrorCode::out_of_memory: return "out-of-memory";
    case ErrorCode::internal: return "internal";
  }
  return "internal";
}

}  // namespace kith
