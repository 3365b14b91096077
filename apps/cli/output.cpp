// SPDX-License-Identifier: Apache-2.0
#include "output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <spdlog/spdlog.h>

#include "core/atomic_write.h"
#include "core/json_text.h"
#include "text.h"

namespace kith::cli {
namespace {

constexpr auto first_sign = std::chrono::seconds(2);
constexpr auto redraw_every = std::chrono::milliseconds(100);
constexpr auto line_every = std::chrono::seconds(10);

std::string clock_time(double seconds) {
  const auto whole = std::lround(seconds);
  char text[32];
  if (whole >= 3600) {
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld:%02ld", whole / 60, whole % 60);
  }
  return text;
}

Json timings_json(const RunSummary& summary, int threads) {
  const StageTimes& times = summary.times;
  return {{"wall_s", summary.seconds}, {"threads", threads},           {"photos", summary.photos},
          {"decode_s", times.decode},  {"detect_s", times.detect},     {"align_s", times.align},
          {"embed_s", times.embed},    {"identify_s", times.identify}, {"write_s", times.write}};
}

}  // namespace

std::size_t terminal_width(int descriptor) {
  winsize size{};
  if (::isatty(descriptor) == 0 || ::ioctl(descriptor, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col > 0 ? size.ws_col : 80;
}

Progress::Progress(std::string activity, std::size_t total, bool quiet)
    : activity_(std::move(activity)),
      total_(total),
      quiet_(quiet),
      terminal_(terminal_width(STDERR_FILENO) > 0),
      start_(Clock::now()),
      last_(start_) {}

Progress::~Progress() { clear(); }

void Progress::advance() {
  ++done_;
  const Clock::time_point now = Clock::now();
  const Clock::duration since_last = now - last_;
  if (quiet_ || now - start_ < first_sign ||
      since_last < (terminal_ ? Clock::duration(redraw_every) : Clock::duration(line_every)))
    return;
  last_ = now;
  if (terminal_) {
    std::fprintf(stderr, "\r\033[K%s", line(terminal_width(STDERR_FILENO)).c_str());
    drawn_ = true;
  } else {
    std::fprintf(stderr, "%s\n", line(80).c_str());
  }
}

void Progress::clear() {
  if (drawn_) std::fprintf(stderr, "\r\033[K");
  drawn_ = false;
}

std::string Progress::line(std::size_t width) const {
  const double elapsed = std::chrono::duration<double>(Clock::now() - start_).count();
  const double rate = static_cast<double>(done_) / elapsed;
  const std::size_t total = std::max(total_, done_);
  char figures[96];
  std::snprintf(figures, sizeof figures, " %zu/%zu  %.1f/s  %s left", done_, total, rate,
                clock_time(static_cast<double>(total - done_) / rate).c_str());
  const std::size_t used = activity_.size() + std::strlen(figures) + 4;
  std::string bar;
  if (width > used + 10) {
    const std::size_t cells = std::min<std::size_t>(40, width - used);
    const std::size_t filled = cells * done_ / std::max<std::size_t>(total, 1);
    bar = " [" + std::string(filled, '#') + std::string(cells - filled, '.') + "]";
  }
  return shortened(activity_ + bar + figures, width > 1 ? width - 1 : 1);
}

void Output::write(const std::string& text) {
  if (error_number_ != 0) return;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) error_number_ = errno;
}

void Output::flush() {
  // A failed flush drops the text, and the next one succeeds: this is the time to notice.
  if (std::fflush(stdout) != 0 && error_number_ == 0) error_number_ = errno;
}

Status Output::status() const { return write_status("standard output", error_number_); }

Status Output::finish() {
  flush();
  return status();
}

Exit run_pipeline(const Pipeline& pipeline, const std::vector<std::filesystem::path>& inputs,
                  const Options& options, const std::function<void(const PhotoReport&, Output&)>& print,
                  const std::stop_token& stop) {
  Output output;
  Progress progress("Photos", options.quiet ? 0 : pipeline.count(inputs, stop), options.quiet);
  bool hopeless = false;  // for every photo alike
  const RunSummary summary = pipeline.run(
      inputs,
      [&](PhotoReport&& report) {
        progress.clear();
        if (report.error) {
          spdlog::error("{}", printable(report.error->message));
          hopeless =
              hopeless || report.error->code == ErrorCode::no_space || is_model_error(report.error->code);
        }
        print(report, output);
        // A reader at the other end of a pipe, or a person, sees each photo as soon as it is done.
        output.flush();
        progress.advance();
      },
      stop);
  progress.clear();
  if (Status finished = output.finish(); !finished) return report_failure(finished.error());
  if (Status written = write_timings(summary, options); !written) return report_failure(written.error());
  spdlog::info("{} in {}: {} photos failed", counted(summary.photos, "photo"), clock_time(summary.seconds),
               summary.failed);
  return hopeless ? could_not_run : exit_code(summary);
}

Status write_timings(const RunSummary& summary, const Options& options) {
  if (options.timings.empty()) return {};
  return write_atomically(options.timings,
                          json_text(timings_json(summary, options.thread_count()), 2) + "\n");
}

Exit print(const std::string& text) {
  Output output;
  output.write(text);
  if (Status finished = output.finish(); !finished) return report_failure(finished.error());
  return ok;
}

std::string table_line(const std::filesystem::path& file, const std::string& what) {
  const std::string photo = printable(file.string());
  const std::size_t width = terminal_width(STDOUT_FILENO);
  // On a terminal the columns line up and stay on one line; a pipe gets the names in full.
  const std::size_t column =
      width == 0 ? std::max<std::size_t>(40, character_count(photo)) : std::min<std::size_t>(60, width / 2);
  std::string name = shortened(photo, column);
  name.append(column - std::min(column, character_count(name)), ' ');
  return name + "  " + what + "\n";
}

}  // namespace kith::cli
