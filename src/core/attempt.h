// SPDX-License-Identifier: Apache-2.0
// One piece of work among many that run at once: what it throws must not take the others with it.
#pragma once

#include <exception>
#include <new>
#include <string>

#include <kith/result.h>

namespace kith {

// The Result or Status of `work()`; what it throws as one, too. `what` is the photo that is worked on.
// Errors: those of the work; too_large where memory ran out; internal.
template <typename Work>
auto without_exceptions(const std::string& what, Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::too_large,
                what + ": not enough memory for this photo; lower --max-megapixels or --threads");
  } catch (const std::exception& error) {
    return fail(ErrorCode::internal, what + ": " + error.what() + "; please report this");
  }
}

}  // namespace kith
