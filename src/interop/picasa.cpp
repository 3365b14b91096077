// SPDX-License-Identifier: Apache-2.0
#include "interop/picasa.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <pugixml.hpp>
#include <system_error>
#include <vector>

#include "core/file_errors.h"
#include "core/fold.h"
#include "core/utf8.h"
#include "interop/checks.h"
#include "interop/ini.h"

namespace kith::interop {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t max_bytes = std::uint64_t{64} << 20U;
constexpr std::string_view source = "picasa";

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return result;
}

std::optional<std::uint64_t> hexadecimal(std::string_view digits) {
  constexpr std::size_t longest = 16;
  std::uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, value, longest);
  if (digits.empty() || digits.size() > longest || error != std::errc() || stopped != end)
    return std::nullopt;
  return value;
}

// As it stands in PicasaContacts; nothing where it is no contact's. 0 is a face that nobody named, and all
// ones one that Picasa was told not to ask about again.
std::optional<std::string> contact_id(std::string_view digits) {
  const auto number = hexadecimal(digits);
  if (!number || *number == 0 || *number == UINT64_MAX) return std::nullopt;
  std::array<char, 16> text{};
  char* const end = std::to_chars(text.begin(), text.end(), *number, 16).ptr;
  return std::string(text.data(), end);
}

// Left, top, right and bottom, 16 bits each, as shares of the picture. Picasa leaves zeros at the front out.
std::optional<Area> rect64(std::string_view text) {
  constexpr std::string_view before = "rect64(";
  if (!text.starts_with(before) || !text.ends_with(')')) return std::nullopt;
  const auto number = hexadecimal(text.substr(before.size(), text.size() - before.size() - 1));
  if (!number) return std::nullopt;
  const auto share = [&](unsigned place) {
    return static_cast<double>(*number >> (16 * place) & 0xffffU) / 0xffff;
  };
  const Area area{share(3), share(2), share(1) - share(3), share(0) - share(2)};
  if (area.width <= 0 || area.height <= 0) return std::nullopt;
  return area;
}

// Picasa develops camera RAW upright and speaks of that picture; of others it speaks as they are stored.
bool is_camera_raw(std::string_view file_name) {
  constexpr auto extensions = std::to_array<std::string_view>(
      {".3fr", ".arw", ".cr2", ".crw", ".cs1", ".dcr", ".dng", ".eip", ".erf",
       ".iiq", ".k25", ".kdc", ".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf",
       ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f"});
  return std::ranges::find(extensions, lower(fs::path(file_name).extension().string())) != extensions.end();
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(at);
    parts.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string name_of(std::string_view digits, const PicasaContacts& first, const PicasaContacts& second) {
  const auto id = contact_id(digits);
  if (!id) return {};
  for (const PicasaContacts* contacts : {&first, &second}) {
    if (const auto found = contacts->find(*id); found != contacts->end()) return found->second;
  }
  return {};
}

// "rect64(3f845bcb59418507),8e62398ebda8c1a5;rect64(...),..."
std::vector<ToldRegion> regions_in(std::string_view faces, std::string_view photo, const PicasaContacts& own,
                                   const PicasaContacts& contacts) {
  const bool upright = is_camera_raw(photo);
  std::vector<ToldRegion> regions;
  for (const std::string_view face : split(faces, ';')) {
    const std::vector<std::string_view> parts = split(face, ',');
    const auto area = rect64(parts[0]);
    if (!area || parts.size() < 2) continue;
    NameClaim claim;
    claim.name = name_of(parts[1], own, contacts);
    claim.source = source;
    regions.push_back({std::move(claim), [area = *area, upright](const PhotoFrame& now) {
                         return upright ? area : upright_from_stored(area, now.orientation);
                       }});
  }
  return regions;
}

bool is_section(std::string_view section, std::string_view name) { return lower(section) == name; }

PicasaContacts contacts_in(const std::vector<IniEntry>& entries) {
  PicasaContacts contacts;
  for (const IniEntry& entry : entries) {
    if (!is_section(entry.section, "contacts2")) continue;
    const auto id = contact_id(entry.key);
    const std::string name = claimed_name(split(entry.value, ';')[0]);
    if (id && !name.empty()) contacts.insert_or_assign(*id, name);
  }
  return contacts;
}

// The files in a folder by names that differ in nothing that Windows or macOS would not tell apart.
std::map<std::string, std::string> files_by_folded_name(const fs::path& folder) {
  std::map<std::string, std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    files.emplace(folded(name), name);
  }
  return files;
}

// The file that a section speaks of. Where the folder has none of that name, one that differs in case.
std::string file_of(const std::string& section, const fs::path& folder,
                    const std::map<std::string, std::string>& files) {
  std::error_code error;
  if (fs::exists(fs::symlink_status(folder / section, error))) return section;
  const auto found = files.find(folded(section));
  return found != files.end() ? found->second : section;
}

Error no_file_in_folder(const fs::path& ini, const std::string& section) {
  return cannot_read(ErrorCode::damaged, display_name(ini),
                     "it speaks of '" + one_line(section, 100) + "', which is no file in its folder",
                     "nothing is imported for it")
      .value();
}

}  // namespace

Result<PicasaContacts> parse_picasa_contacts(std::string_view xml, const std::string& name) {
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(xml.data(), xml.size());
  if (!parsed)
    return cannot_read(ErrorCode::damaged, name,
                       std::string(parsed.description()) + " (at byte " + std::to_string(parsed.offset) + ")",
                       "take the contacts.xml of a backup, or import without it");
  PicasaContacts contacts;
  for (const pugi::xml_node contact : document.child("contacts").children("contact")) {
    const auto id = contact_id(contact.attribute("id").value());
    std::string person = claimed_name(contact.attribute("name").value());
    if (person.empty()) person = claimed_name(contact.attribute("display").value());
    if (id && !person.empty()) contacts.insert_or_assign(*id, person);
  }
  return contacts;
}

Result<PicasaContacts> read_picasa_contacts(const fs::path& contacts_xml) {
  const Result<std::string> xml = read_text(contacts_xml, max_bytes);
  if (!xml) return tl::unexpected(xml.error());
  return parse_picasa_contacts(*xml, display_name(contacts_xml));
}

bool is_picasa_ini(std::string_view file_name) {
  const std::string name = lower(file_name);
  return name == ".picasa.ini" || name == "picasa.ini";
}

Result<PicasaContacts> read_picasa_ini_contacts(const fs::path& ini) {
  const Result<std::string> text = read_text(ini, max_bytes);
  if (!text) return tl::unexpected(text.error());
  return contacts_in(read_ini(*text));
}

Claims parse_picasa_ini(std::string_view text, const fs::path& ini, const PicasaContacts& contacts,
                        const FrameOf& frame_of) {
  std::error_code error;
  const fs::path folder = fs::absolute(ini, error).lexically_normal().parent_path();
  const std::vector<IniEntry> entries = read_ini(text);
  const PicasaContacts own = contacts_in(entries);
  const auto files = files_by_folded_name(folder);

  ClaimsByPhoto claims;
  std::map<std::string, std::string> faces;  // the last of each photo: a crash may leave a section twice
  for (const IniEntry& entry : entries) {
    if (lower(entry.key) != "faces") continue;
    if (is_file_name(entry.section))
      faces.insert_or_assign(file_of(entry.section, folder, files), entry.value);
    else
      claims.add_problem(no_file_in_folder(ini, entry.section));
  }
  for (const auto& [file, told] : faces)
    claims.add(folder / file, regions_in(told, file, own, contacts), frame_of);
  return std::move(claims).take();
}

Result<Claims> read_picasa_ini(const fs::path& ini, const PicasaContacts& contacts, const FrameOf& frame_of) {
  const Result<std::string> text = read_text(ini, max_bytes);
  if (!text) return tl::unexpected(text.error());
  return parse_picasa_ini(*text, ini, contacts, frame_of);
}

}  // namespace kith::interop
