// SPDX-License-Identifier: Apache-2.0
// Picasa 3: faces stand in a folder's .picasa.ini (Picasa.ini in older versions), people's names in
// contacts.xml, and in versions from 3.9 on in the ini itself, too.
//
// Thread rule: functions of their arguments.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include <kith/result.h>

#include "interop/claims.h"

namespace kith::interop {

// Names by contact id: 1 to 16 hexadecimal digits, lower case, without leading zeros.
using PicasaContacts = std::map<std::string, std::string, std::less<>>;

// Picasa keeps it in Google/Picasa2/contacts/contacts.xml below the user's application data. Errors:
// not_found, unreadable, too_large (64 MiB), damaged.
[[nodiscard]] Result<PicasaContacts> read_picasa_contacts(const std::filesystem::path& contacts_xml);

// The same of text in memory; `name` stands in messages where the path would.
[[nodiscard]] Result<PicasaContacts> parse_picasa_contacts(std::string_view xml, const std::string& name);

// Whether this is the name of a folder's ini: ".picasa.ini" or "Picasa.ini", in any case.
[[nodiscard]] bool is_picasa_ini(std::string_view file_name);

// The names that an ini itself knows. Older versions wrote them only into the ini of the folder in which a
// person was named first, so that those of all inis are to be taken together where there is no contacts.xml.
// Errors: as below.
[[nodiscard]] Result<PicasaContacts> read_picasa_ini_contacts(const std::filesystem::path& ini);

// The faces of the photos in the ini's folder. A name that both know is that of the ini. Errors: not_found,
// unreadable, too_large (64 MiB). No ini is so damaged that its sound lines could not be read.
[[nodiscard]] Result<Claims> read_picasa_ini(const std::filesystem::path& ini, const PicasaContacts& contacts,
                                             const FrameOf& frame_of);

// The same of text in memory that would lie at `ini`.
[[nodiscard]] Claims parse_picasa_ini(std::string_view text, const std::filesystem::path& ini,
                                      const PicasaContacts& contacts, const FrameOf& frame_of);

}  // namespace kith::interop
