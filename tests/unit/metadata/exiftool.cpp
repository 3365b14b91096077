// SPDX-License-Identifier: Apache-2.0
#include "metadata/exiftool.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "support/temporary_folder.h"

namespace kith::test {

std::string exiftool(const std::vector<std::string>& arguments) {
  const TemporaryFolder folder;
  std::ofstream list(folder / "arguments");
  for (const std::string& argument : arguments) list << argument << '\n';
  list.close();
  const std::string command = "exiftool -@ '" + (folder / "arguments").string() + "' 2>&1";
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("no exiftool");
  std::string output;
  std::array<char, 65536> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe))
    output.append(buffer.data(), count);
  if (::pclose(pipe) != 0) throw std::runtime_error("exiftool: " + output);
  return output;
}

std::map<std::string, nlohmann::json> all_tags(const std::vector<std::filesystem::path>& files, bool binary) {
  std::vector<std::string> arguments{"-a", "-G1", "-j", "-struct", "-q", "-n"};
  if (binary) arguments.emplace_back("-b");
  for (const std::filesystem::path& file : files) arguments.push_back(file.string());
  std::map<std::string, nlohmann::json> tags;
  for (const nlohmann::json& each : nlohmann::json::parse(exiftool(arguments))) {
    tags[each.at("SourceFile").get<std::string>()] = each;
  }
  return tags;
}

}  // namespace kith::test
