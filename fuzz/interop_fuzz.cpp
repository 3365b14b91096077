// SPDX-License-Identifier: Apache-2.0
// What other programs keep beside photos: any bytes must give claims or an error with a message. The first
// byte says what they are: 'c' contacts.xml, 't' a Takeout sidecar, anything else an ini.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/person_name.h"
#include "interop/picasa.h"
#include "interop/takeout.h"

namespace {

using kith::interop::PicasaContacts;

void must_be_name(const std::string& name) {
  if (!kith::is_person_name(name)) __builtin_trap();
}

void read_contacts(std::string_view xml) {
  const auto contacts = kith::interop::parse_picasa_contacts(xml, "contacts.xml");
  if (!contacts && contacts.error().message.empty()) __builtin_trap();
  for (const auto& [id, name] : contacts.value_or(PicasaContacts())) must_be_name(name);
}

void read_sidecar(std::string_view json) {
  const auto people = kith::interop::parse_takeout(json, "a.jpg.json");
  if (!people && people.error().message.empty()) __builtin_trap();
  if (!people || !*people) return;
  for (const std::string& name : **people) must_be_name(name);
}

void must_lie_on(const kith::Box& box, const kith::PhotoFrame& frame) {
  constexpr float rounding = 0.01F;
  const bool inside = box.x >= 0 && box.y >= 0 && box.width >= 1 && box.height >= 1 &&
                      box.x + box.width <= static_cast<float>(frame.width) + rounding &&
                      box.y + box.height <= static_cast<float>(frame.height) + rounding;
  if (!inside) __builtin_trap();
}

// A folder that is not there: the fuzzer need not read one for each input.
void read_ini(std::string_view text) {
  const kith::PhotoFrame frame{600, 400, 1 + static_cast<int>(text.size() % 8)};
  const auto claims =
      kith::interop::parse_picasa_ini(text, "/none/.picasa.ini", {{"a1", "Anna"}}, [&](const auto& photo) {
        if (photo.parent_path() != "/none") __builtin_trap();
        return kith::Result<kith::PhotoFrame>(frame);
      });
  for (const auto& photo : claims.photos) {
    for (const kith::NameClaim& claim : photo.claims) {
      if (!claim.name.empty()) must_be_name(claim.name);
      if (claim.box) must_lie_on(*claim.box, frame);
    }
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'c': read_contacts(text); break;
    case 't': read_sidecar(text); break;
    default: read_ini(text); break;
  }
  return 0;
}
