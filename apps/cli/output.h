// SPDX-License-Identifier: Apache-2.0
// Standard output and standard error of a run over photos: results on the one, progress and failures
// on the other.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include <kith/kith.h>

#include "command.h"

namespace kith::cli {

// A bar with rate and time left on a terminal; a line every ten seconds otherwise. Nothing for a run
// that is over within two seconds, nothing with --quiet.
class Progress {
 public:
  Progress(std::string activity, std::size_t total, bool quiet);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void advance();
  // Takes the bar off the line, before something else is written to the terminal.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] std::string line(std::size_t width) const;

  std::string activity_;
  std::size_t total_;
  bool quiet_;
  bool terminal_;
  bool drawn_ = false;
  std::size_t done_ = 0;
  Clock::time_point start_;
  Clock::time_point last_;
};

// Columns of the terminal that is standard error, or 0 where it is none.
[[nodiscard]] std::size_t terminal_width(int descriptor);

// Writes text to standard output and notices when that fails. A full disk or a closed pipe must not
// pass for success.
class Output {
 public:
  void write(const std::string& text);
  // Hands what was written on, so that the reader sees it now.
  void flush();
  // Whether all went well so far. Errors: no_space, write_failed.
  [[nodiscard]] Status status() const;
  // Ends the output. Errors: as of status().
  [[nodiscard]] Status finish();

 private:
  int error_number_ = 0;
};

// Runs the pipeline over the inputs with progress, hands each report on to `print`, names each failure
// on standard error, and writes --timings.
[[nodiscard]] Exit run_pipeline(const Pipeline& pipeline, const std::vector<std::filesystem::path>& inputs,
                                const Options& options,
                                const std::function<void(const PhotoReport&, Output&)>& print,
                                const std::stop_token& stop);

// Writes what --timings asks for; does nothing without it. Errors: no_space, write_failed.
[[nodiscard]] Status write_timings(const RunSummary& summary, const Options& options);

// Prints text to standard output; the code to leave with.
[[nodiscard]] Exit print(const std::string& text);

// A line for people: the photo, then `what`.
[[nodiscard]] std::string table_line(const std::filesystem::path& photo, const std::string& what);

}  // namespace kith::cli
