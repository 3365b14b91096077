// SPDX-License-Identifier: Apache-2.0
// From a query's tree to the photos that meet it.
#include "search/query.h"

#include <algorithm>
#include <map>
#include <set>

#include <kith/library.h>

#include "core/fold.h"
#include "library/impl.h"
#include "store/search.h"

namespace kith {
namespace {

using search::Node;
using store::NamesBy;
using store::PhotoCondition;

template <typename T>
const T* term_of(const Node& node) {
  return node.kind == Node::Kind::term ? std::get_if<T>(&node.term) : nullptr;
}

bool speaks_of_missing(const Node& node) {
  return term_of<search::Missing>(node) != nullptr || std::ranges::any_of(node.parts, speaks_of_missing);
}

// `confirmed:` is the query itself or stands beside all the rest.
NamesBy names_by(const Node& root) {
  const auto* chosen = term_of<search::Confirmed>(root);
  for (const Node& part : root.parts) {
    if (chosen == nullptr) chosen = term_of<search::Confirmed>(part);
  }
  if (chosen == nullptr) return NamesBy::anybody;
  return chosen->yes ? NamesBy::owner : NamesBy::machine;
}

// Finds people by what they are called, whatever the case.
class Names {
 public:
  explicit Names(store::Database& database) {
    for (const store::KnownName& known : store::known_names(database)) {
      exact_[known.name].insert(known.person);
      folded_[folded(known.name)].insert(known.person);
      all_.push_back(known.name);
    }
  }

  // Nobody where the name is unknown; several where it is several people's and only the case tells them
  // apart.
  [[nodiscard]] std::vector<PersonId> find(const std::string& name) const {
    if (const auto found = exact_.find(name); found != exact_.end())
      return {found->second.begin(), found->second.end()};
    const auto found = folded_.find(folded(name));
    if (found == folded_.end()) return {};
    return {found->second.begin(), found->second.end()};
  }

  // What to say of a name that is unknown.
  [[nodiscard]] std::string unknown(const std::string& name) const {
    std::string text = "there is no person named \"" + name + "\"";
    if (all_.empty()) return text + "; nobody has a name yet, see `kith people add --help`";
    if (const std::string lower = folded(name); lower == "and" || lower == "or" || lower == "not")
      return text + "; AND, OR and NOT are written in capitals";
    std::string list;
    for (const std::string& similar : similar_names(name, all_, 5))
      list += (list.empty() ? "\"" : ", \"") + similar + "\"";
    return text + (list.empty() ? "; `kith people list` shows all names" : "; do you mean " + list + "?");
  }

 private:
  std::map<std::string, std::set<PersonId>> exact_;
  std::map<std::string, std::set<PersonId>> folded_;
  std::vector<std::string> all_;
};

class Conditions {
 public:
  Conditions(store::Database& database, const std::string& query, NamesBy names)
      : known_(database), query_(query), names_(names) {}

  Result<PhotoCondition> of(const Node& node) const {
    if (node.kind == Node::Kind::term)
      return std::visit([&](const auto& term) { return this->of(term, node); }, node.term);
    std::vector<PhotoCondition> parts;
    for (const Node& part : node.parts) {
      Result<PhotoCondition> condition = of(part);
      if (!condition) return condition;
      parts.push_back(std::move(*condition));
    }
    switch (node.kind) {
      case Node::Kind::none_of: return parts.front().negated();
      case Node::Kind::any_of: return PhotoCondition::any_of(parts);
      default: return PhotoCondition::all_of(parts);
    }
  }

 private:
  using Made = Result<PhotoCondition>;

  static PhotoCondition unless(bool yes, const PhotoCondition& condition) {
    return yes ? condition : condition.negated();
  }

  Made of(const search::Name& name, const Node& node) const {
    const std::vector<PersonId> people = known_.find(name.text);
    if (people.empty())
      return tl::unexpected(search::error_at(query_, node.at, node.size, known_.unknown(name.text)));
    return PhotoCondition::shows(people, names_);
  }
  Made of(const search::Taken& taken, const Node&) const {
    switch (taken.when) {
      case search::Taken::When::before: return PhotoCondition::taken_before(taken.date);
      case search::Taken::When::after: return PhotoCondition::taken_after(taken.date);
      case search::Taken::When::on: break;
    }
    return PhotoCondition::taken_on(taken.date);
  }
  Made of(const search::Camera& camera, const Node&) const {
    return PhotoCondition::camera_contains(folded(camera.text));
  }
  Made of(const search::Path& path, const Node&) const {
    return PhotoCondition::path_contains(folded(path.text));
  }
  Made of(const search::Faces& faces, const Node&) const {
    return PhotoCondition::has_faces(faces.least, faces.most);
  }
  Made of(const search::Near& near, const Node&) const {
    return PhotoCondition::taken_near(near.latitude, near.longitude, near.radius_km);
  }
  Made of(const search::Unnamed& unnamed, const Node&) const {
    return unless(unnamed.yes, PhotoCondition::has_unnamed());
  }
  Made of(const search::Missing& missing, const Node&) const {
    return unless(missing.yes, PhotoCondition::is_missing());
  }
  Made of(const search::Confirmed&, const Node&) const { return PhotoCondition::shows_anybody(names_); }

  Names known_;
  const std::string& query_;
  NamesBy names_;
};

}  // namespace

Result<std::vector<FoundPhoto>> Library::search(const std::string& query) {
  const Result<Node> root = search::parse(query);
  if (!root) return tl::unexpected(root.error());
  return store::guarded(*impl_->database, [&]() -> Result<std::vector<FoundPhoto>> {
    const NamesBy names = names_by(*root);
    Result<PhotoCondition> condition = Conditions(*impl_->database, query, names).of(*root);
    if (!condition) return tl::unexpected(condition.error());
    if (!speaks_of_missing(*root)) {
      const PhotoCondition both[] = {*condition, PhotoCondition::is_missing().negated()};
      condition = PhotoCondition::all_of(both);
    }
    return store::find_photos(*impl_->database, *condition, names);
  });
}

}  // namespace kith
