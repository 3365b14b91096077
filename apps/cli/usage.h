// SPDX-License-Identifier: Apache-2.0
// How --help reads, and what is said of wrong usage.
#pragma once

#include <cstddef>
#include <string>

#include <CLI/CLI.hpp>

namespace kith::cli {

// Lines no wider than `width` columns; an option with what it takes on the left, what it does and its default
// on the right.
class HelpFormatter final : public CLI::Formatter {
 public:
  explicit HelpFormatter(std::size_t width);

  std::string make_description(const CLI::App* app) const override;
  std::string make_footer(const CLI::App* app) const override;
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
  std::string make_option_usage(const CLI::Option* option) const override;
  std::string make_subcommand(const CLI::App* command) const override;

 private:
  [[nodiscard]] std::string two_columns(const std::string& name, const std::string& what) const;

  std::size_t width_;
  std::size_t column_;  // where the right side begins
};

// Columns for HelpFormatter: the terminal's that is standard output, else what reads well.
[[nodiscard]] std::size_t help_width();

// "kith: error: ..." and where to read on; the whole help where there was no argument at all.
[[nodiscard]] std::string usage_failure(const CLI::App* app, const CLI::Error& error);

}  // namespace kith::cli
