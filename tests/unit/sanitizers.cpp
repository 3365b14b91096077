// SPDX-License-Identifier: Apache-2.0
// What the sanitizers may overlook: leaks of the HEVC encoder, which only the tests use.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the sanitizer's name.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libx265\nleak:libfontconfig\n"; }
