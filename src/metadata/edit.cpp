// SPDX-License-Identifier: Apache-2.0
// Edits of one file, worked out from what stands in it now.
#include "metadata/part.h"

#include <algorithm>
#include <utility>

#include "core/atomic_write.h"
#include "core/file_errors.h"
#include "core/fold.h"
#include "core/metadata_edit.h"
#include "core/utf8.h"
#include "metadata/names.h"
#include "metadata/record.h"
#include "metadata/targets.h"
#include "metadata/texts.h"
#include "metadata/xmp_packet.h"

namespace kith::metadata {

namespace fs = std::filesystem;

namespace {

using Impl = MetadataEditAccess::Impl;

constexpr Property extended_note{"xmpNote", ns::note, "HasExtendedXMP"};

// Why a photo itself can't take it, though its format could: a clause, "its ...".
using InPhoto = Result<Impl>;

std::vector<FilePiece> pieces_of(std::uint64_t file_bytes, std::vector<Splice> splices) {
  std::vector<FilePiece> pieces;
  std::string bytes;
  std::uint64_t at = 0;
  for (Splice& splice : splices) {
    // A piece is bytes of its own and then bytes of the file: this one's own come before what follows it.
    pieces.push_back({std::exchange(bytes, std::move(splice.bytes)), at, splice.from - at});
    at = splice.from + splice.count;
  }
  pieces.push_back({std::move(bytes), at, file_bytes - at});
  return pieces;
}

// Fills in how the target comes to hold the packet (empty: none) and the tags. The error is a clause.
Status finish(Impl& edit, const OpenTarget& opened, const PhotoChange& change) {
  if (!opened.target.sidecar) {
    auto splices = changed_photo(*opened.source, *opened.container, change);
    if (!splices) return tl::unexpected(splices.error());
    edit.pieces = pieces_of(opened.source->size(), std::move(*splices));
    edit.action = Impl::Action::replace;
    return {};
  }
  const std::string packet = change.xmp.value_or(opened.packet);
  edit.pieces = {{packet}};
  if (packet.empty()) {
    edit.action = opened.state ? Impl::Action::remove : Impl::Action::nothing;
  } else {
    edit.action = opened.state ? Impl::Action::replace : Impl::Action::create;
  }
  return {};
}

Impl edit_of(const OpenTarget& opened, const MetadataSettings& settings) {
  return {
      .file = opened.target.file, .state = opened.state, .keep_modified_time = settings.keep_modified_time};
}

// Names that stand in the part of the XMP which lies outside the packet can't be changed there, and must not
// be said twice.
Status check_extension(const OpenTarget& opened, const XmpPacket& packet) {
  if (!opened.container || opened.container->extended_xmp.empty() || packet.simple(extended_note).empty())
    return {};
  const auto extension = XmpPacket::parse(opened.container->extended_xmp, "");
  if (extension && !holds_names(*extension) && !holds_texts(*extension)) return {};
  return fail(ErrorCode::too_large, "its XMP is larger than a segment, and names stand in the further ones");
}

// A failure to work out an edit: of the file itself, or only of writing into the photo.
struct Failure {
  Error error;
  bool photo_only = false;  // the error's message is a clause
};
template <typename T>
using Attempt = tl::expected<T, Failure>;

tl::unexpected<Failure> fatal(Error error) { return tl::unexpected(Failure{std::move(error)}); }
tl::unexpected<Failure> photo_only(Error error) { return tl::unexpected(Failure{std::move(error), true}); }

struct NamesRequest {
  WantedNames wanted;
  Record record;
  PhotoFrame frame;
  MetadataSettings settings;
};

Attempt<Impl> try_names(const Target& target, const NamesRequest& request) {
  const auto opened = open_target(target);
  if (!opened) return fatal(opened.error());
  const std::string name = display_name(target.file);
  auto packet = XmpPacket::parse(opened->packet, name);
  if (!packet) return fatal(packet.error());
  NamesPlan plan = plan_names(*packet, request.wanted, request.record, request.frame, request.settings);

  Impl edit = edit_of(*opened, request.settings);
  edit.changes = std::move(plan.changes);
  Record record = plan.record();
  const bool nothing_there = opened->packet.empty() && !opened->state.has_value();
  const bool new_packet = target.sidecar ? nothing_there : opened->packet.empty();
  record.made = new_packet ? !plan.changes_nothing() : request.record.made;
  edit.record = record_json(record);
  if (plan.changes_nothing()) return edit;

  if (Status extension = check_extension(*opened, *packet); !extension) return photo_only(extension.error());
  apply_names(*packet, plan, request.frame);
  std::string text = packet->text();
  // What was written is read again before anybody else sees it.
  const auto again = XmpPacket::parse(text, name);
  if (!again ||
      !plan_names(*again, request.wanted, record, request.frame, request.settings).changes_nothing()) {
    return fatal({ErrorCode::internal,
                  "cannot write '" + name +
                      "': its XMP is of a form in which names do not come "
                      "out as they were put; nothing was written; report it, with the photo's XMP"});
  }
  if (record.made && again->empty()) {
    text.clear();
    edit.record.clear();
  }
  if (Status done = finish(edit, *opened, {.xmp = text}); !done) return photo_only(done.error());
  return edit;
}

Attempt<Impl> try_texts(const Target& target, const WantedTexts& wanted, const MetadataSettings& settings) {
  const auto opened = open_target(target);
  if (!opened) return fatal(opened.error());
  auto packet = XmpPacket::parse(opened->packet, display_name(target.file));
  if (!packet) return fatal(packet.error());
  Impl edit = edit_of(*opened, settings);
  PhotoChange change;
  if (change_texts(*packet, wanted, edit.changes)) change.xmp = packet->empty() ? "" : packet->text();
  if (opened->container)
    change.exif = exif_changes(*opened->source, *opened->container, wanted, edit.changes);
  if (!change.xmp && change.exif.empty()) return edit;
  if (Status extension = check_extension(*opened, *packet); !extension) return photo_only(extension.error());
  if (Status done = finish(edit, *opened, change); !done) return photo_only(done.error());
  return edit;
}

// What kith wrote into the photo leaves it when a sidecar takes over: no later edit would look there.
Attempt<Impl> move_names(const Target& photo, const Target& sidecar, NamesRequest request) {
  Attempt<Impl> left = try_names(photo, {{}, std::move(request.record), request.frame, request.settings});
  if (!left && !left.error().photo_only) return left;
  request.record = {};
  Attempt<Impl> beside = try_names(sidecar, request);
  if (!beside || !left || left->action == Impl::Action::nothing) return beside;
  for (MetadataChange change : left->changes) {
    change.field = "photo's " + change.field;
    beside->changes.push_back(std::move(change));
  }
  beside->earlier = std::make_unique<Impl>(std::move(*left));
  return beside;
}

// Tries the target, and a sidecar where the photo itself has no room for it. `move` is given both targets.
template <typename Try, typename Move>
Result<MetadataEdit> edit_with(const fs::path& photo, const MetadataSettings& settings, Try attempt,
                               Move move) {
  const auto target = choose_target(photo, settings);
  if (!target) return tl::unexpected(target.error());
  Attempt<Impl> edit = attempt(*target);
  if (edit) return MetadataEditAccess::make(std::move(*edit));
  const Error& error = edit.error().error;
  if (!edit.error().photo_only) return tl::unexpected(error);
  if (settings.sidecar != SidecarUse::automatic) {
    return cannot_write(error.code, display_name(photo), error.message, "let kith write a sidecar");
  }
  const fs::path sidecar = sidecar_of(photo, settings);
  Attempt<Impl> beside = move(*target, Target{sidecar, true, target->format});
  if (!beside) return tl::unexpected(beside.error().error);
  beside->changes.insert(beside->changes.begin(), {MetadataChange::Kind::kept, "photo", error.message,
                                                   "in " + sidecar.filename().string() + " instead"});
  return MetadataEditAccess::make(std::move(*beside));
}

}  // namespace

Result<fs::path> metadata_target(const fs::path& photo, const MetadataSettings& settings) {
  return choose_target(photo, settings).map([](const Target& target) { return target.file; });
}

Result<MetadataEdit> edit_names(const fs::path& photo, const PhotoFrame& frame,
                                std::span<const NamedFace> faces, std::span<const std::string> people,
                                std::string_view record, const MetadataSettings& settings) {
  auto wanted = wanted_names(faces, people, frame);
  if (!wanted) return tl::unexpected(wanted.error());
  auto known = parse_record(record);
  if (!known) return tl::unexpected(known.error());
  const NamesRequest request{std::move(*wanted), std::move(*known), frame, settings};
  return edit_with(
      photo, settings, [&](const Target& target) { return try_names(target, request); },
      [&](const Target& target, const Target& sidecar) { return move_names(target, sidecar, request); });
}

Result<MetadataEdit> edit_texts(const fs::path& photo, const std::optional<std::string>& description,
                                const std::optional<std::string>& comment, const MetadataSettings& settings) {
  for (const auto& text : {description, comment}) {
    if (text && !is_utf8(*text)) {
      return fail(ErrorCode::bad_argument,
                  "the text '" + one_line(*text, 200) + "' is no UTF-8; give it in UTF-8");
    }
  }
  const WantedTexts wanted{description, comment};
  const auto attempt = [&](const Target& target) { return try_texts(target, wanted, settings); };
  return edit_with(photo, settings, attempt,
                   [&](const Target& /*photo*/, const Target& sidecar) { return attempt(sidecar); });
}

}  // namespace kith::metadata
