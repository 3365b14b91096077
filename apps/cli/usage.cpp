// SPDX-License-Identifier: Apache-2.0
#include "usage.h"

#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "output.h"
#include "text.h"

namespace kith::cli {
namespace {

// Words in lines of at most `width` characters, the further ones indented; a longer word has a line of its
// own.
std::string wrapped(const std::string& text, std::size_t width, std::size_t indent) {
  std::string result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!result.empty()) result += "\n" + std::string(indent, ' ');
    std::size_t used = 0;
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      const std::size_t length = character_count(word);
      if (used > 0 && used + 1 + length > width) {
        result += "\n" + std::string(indent, ' ');
        used = 0;
      }
      result += (used > 0 ? " " : "") + word;
      used += length + (used > 0 ? 1 : 0);
    }
  }
  return result;
}

// CLI11 appends what its checks allow: "INT:INT in [1 - 64]", "TEXT:{a,b}". The range is told by whoever
// breaks it, the words are worth showing.
std::string placeholder(const CLI::Option& option) {
  std::string type = option.get_type_name();
  const std::size_t colon = type.find(':');
  if (colon == std::string::npos) return type;
  if (type.compare(colon, 2, ":{") != 0) return type.substr(0, colon);
  std::string words = type.substr(colon + 2, type.find('}') - colon - 2);
  std::ranges::replace(words, ',', '|');
  return words;
}

std::string remarks(const CLI::Option& option) {
  std::string text;
  const auto add = [&](const std::string& remark) { text += (text.empty() ? "" : ", ") + remark; };
  if (option.get_required() && !option.get_positional()) add("required");
  if (!option.get_default_str().empty()) add("default: " + option.get_default_str());
  if (!option.get_envname().empty()) add("also by " + option.get_envname());
  for (const CLI::Option* other : option.get_needs()) add("with " + other->get_name());
  for (const CLI::Option* other : option.get_excludes()) add("not with " + other->get_name());
  return text.empty() ? "" : " (" + text + ")";
}

// The command that was being read, and those it belongs to: kith, models, add.
std::vector<const CLI::App*> commands_read(const CLI::App* app) {
  std::vector<const CLI::App*> commands{app};
  while (!commands.back()->get_subcommands().empty())
    commands.push_back(commands.back()->get_subcommands().front());
  return commands;
}

// CLI11 says of what is missing the name that it has in the code; the help has another.
std::string as_the_help_has_it(const std::string& what, const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional() && what.starts_with(option->get_name(true) + " is required"))
      return placeholder(*option) + " is required";
  }
  return what;
}

}  // namespace

HelpFormatter::HelpFormatter(std::size_t width)
    : width_(std::max<std::size_t>(width, 30)), column_(std::min<std::size_t>(28, width_ / 3)) {}

std::string HelpFormatter::make_description(const CLI::App* app) const {
  return wrapped(app->get_description(), width_, 0) + "\n";
}

std::string HelpFormatter::make_footer(const CLI::App* app) const {
  const std::string footer = app->get_footer();
  return footer.empty() ? footer : wrapped(footer, width_, 0) + "\n";
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool is_positional) const {
  std::string name = placeholder(*option);
  if (!is_positional) {
    name = option->get_name(false, true);
    if (const std::string value = placeholder(*option); !value.empty() && option->get_type_size() != 0)
      name += " " + value;
  }
  return two_columns(name, option->get_description() + remarks(*option));
}

std::string HelpFormatter::make_option_usage(const CLI::Option* option) const {
  const std::string name = placeholder(*option) + (option->get_expected_max() > 1 ? "..." : "");
  return option->get_required() ? name : "[" + name + "]";
}

std::string HelpFormatter::make_subcommand(const CLI::App* command) const {
  return two_columns(command->get_name(), command->get_description());
}

std::string HelpFormatter::two_columns(const std::string& name, const std::string& what) const {
  std::string line = "  " + name;
  const std::size_t used = character_count(line);
  line += used + 2 <= column_ ? std::string(column_ - used, ' ') : "\n" + std::string(column_, ' ');
  return line + wrapped(what, width_ - column_, column_) + "\n";
}

std::size_t help_width() {
  constexpr std::size_t readable = 100;
  const std::size_t terminal = terminal_width(STDOUT_FILENO);
  return terminal == 0 ? readable : std::min(terminal, readable);
}

std::string usage_failure(const CLI::App* app, const CLI::Error& error) {
  const bool no_command = app->get_subcommands().empty();
  const std::vector<std::string> unread = app->remaining();
  if (no_command && unread.empty()) return app->help();
  const std::vector<const CLI::App*> commands = commands_read(app);
  std::string what = as_the_help_has_it(error.what(), *commands.back());
  if (no_command)
    what = (unread.front().starts_with('-') ? "there is no option \"" : "there is no command \"") +
           unread.front() + "\"";
  std::string line;
  for (const CLI::App* command : commands) line += (line.empty() ? "" : " ") + command->get_name();
  return "kith: error: " + printable_lines(what) + "\nSee `" + line + " --help`.\n";
}

}  // namespace kith::cli
