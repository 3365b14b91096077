// SPDX-License-Identifier: Apache-2.0
// Suggestions to confirm or reject in the terminal, a key each.
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <numeric>

#include "library.h"

namespace kith::cli {
namespace {

struct ReviewOptions {
  std::size_t at_most = 1000;
};

// A terminal that hands over each key at once, and is as it was afterwards.
class SingleKeys {
 public:
  SingleKeys() {
    terminal_ = ::isatty(STDIN_FILENO) != 0 && ::tcgetattr(STDIN_FILENO, &before_) == 0;
    set(true);
  }
  SingleKeys(const SingleKeys&) = delete;
  SingleKeys& operator=(const SingleKeys&) = delete;
  ~SingleKeys() { set(false); }

  // The next key; 'q' at the end of the input or on Ctrl-C.
  [[nodiscard]] char key(const std::stop_token& stop) {
    for (;;) {
      char letter = 0;
      const ssize_t count = ::read(STDIN_FILENO, &letter, 1);
      if (stop.stop_requested() || count == 0 || letter == 4) return 'q';
      if (count < 0 && errno != EINTR && errno != EAGAIN) return 'q';
      // From a pipe, keys may stand on lines of their own.
      if (count == 1 && (terminal_ || letter != '\n')) return letter;
    }
  }

  // A line, typed with the usual editing.
  [[nodiscard]] std::string line(const std::string& question) {
    set(false);
    std::fprintf(stderr, "%s", question.c_str());
    std::string text;
    char letter = 0;
    while (::read(STDIN_FILENO, &letter, 1) == 1 && letter != '\n') text += letter;
    set(true);
    return text;
  }

 private:
  void set(bool single) {
    if (!terminal_) return;
    termios mode = before_;
    if (single) {
      mode.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
      mode.c_cc[VMIN] = 0;   // come back now and then, to see whether Ctrl-C was pressed
      mode.c_cc[VTIME] = 2;  // tenths of a second
    }
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &mode);
  }

  termios before_{};
  bool terminal_ = false;
};

constexpr const char* keys_of_person =
    "y yes, all   n no, none   s one by one   i ignore   u undo   Space later   q quit";
constexpr const char* keys_of_cluster =
    "a name all   s one by one   i ignore all   u undo   Space later   q quit";
constexpr const char* keys_of_face = "y yes   n no   a another name   i ignore   Space later   q quit";

// Asks about one suggestion after the other. What was decided is kept at once.
class Review {
 public:
  Review(Library& library, const std::stop_token& stop) : library_(library), stop_(stop) {}

  Status operator()(const std::vector<Suggestion>& suggestions) {
    for (std::size_t i = 0; i < suggestions.size() && !quit_; ++i) {
      show("\n[" + std::to_string(i + 1) + "/" + std::to_string(suggestions.size()) + "] " +
           headline(suggestions[i]) + "\n");
      constexpr std::size_t shown = 6;
      for (std::size_t face = 0; face < std::min(shown, suggestions[i].faces.size()); ++face)
        show("    " + line_of_face(suggestions[i].faces[face]) + "\n");
      if (suggestions[i].faces.size() > shown)
        show("    and " + std::to_string(suggestions[i].faces.size() - shown) + " more\n");
      if (Status asked = ask(suggestions[i]); !asked) return asked;
    }
    return {};
  }

  [[nodiscard]] std::size_t decided() const {
    return std::accumulate(decided_.begin(), decided_.end(), std::size_t{0});
  }

 private:
  static std::vector<FaceId> ids(const std::vector<LibraryFace>& faces) {
    std::vector<FaceId> result;
    for (const LibraryFace& face : faces) result.push_back(face.id);
    return result;
  }

  static std::string headline(const Suggestion& suggestion) {
    if (suggestion.person)
      return "Is this " + printable(*suggestion.person) + "? " + counted(suggestion.faces.size(), "face");
    return "Who is this? " + counted(suggestion.faces.size(), "face") + " that belong together";
  }

  static std::string line_of_face(const LibraryFace& face) {
    std::string text = face_text(face);
    if (face.naming == Naming::suggested)
      text += ", " + std::to_string(std::min(99, static_cast<int>(face.probability * 100))) + " %";
    return text;
  }

  static void show(const std::string& text) { std::fprintf(stderr, "%s", text.c_str()); }

  Status ask(const Suggestion& suggestion) {
    for (;;) {
      show(std::string("  ") + (suggestion.person ? keys_of_person : keys_of_cluster) + " > ");
      const char key = keys_.key(stop_);
      show(std::string(1, key == ' ' ? '-' : key) + "\n");
      const std::vector<FaceId> faces = ids(suggestion.faces);
      switch (key) {
        case 'y':
          if (!suggestion.person) break;
          return decide(faces.size(), library_.confirm(faces, *suggestion.person));
        case 'n':
          if (!suggestion.person) break;
          return decide(faces.size(), library_.reject(faces, *suggestion.person));
        case 'a':
          if (suggestion.person) break;
          return name(faces);
        case 'i': return decide(faces.size(), library_.ignore(faces));
        case 's': return one_by_one(suggestion);
        case 'u':
          if (Status undone = undo(); !undone) return undone;
          continue;
        case ' ': return {};
        case 'q': quit_ = true; return {};
        default: break;
      }
    }
  }

  Status one_by_one(const Suggestion& suggestion) {
    for (const LibraryFace& face : suggestion.faces) {
      for (bool answered = false; !answered && !quit_;) {
        show("    " + line_of_face(face) + "\n      " + keys_of_face + " > ");
        const char key = keys_.key(stop_);
        show(std::string(1, key == ' ' ? '-' : key) + "\n");
        Status done;
        answered = true;
        if (key == 'y' && suggestion.person)
          done = decide(1, library_.confirm({&face.id, 1}, *suggestion.person));
        else if (key == 'n' && suggestion.person)
          done = decide(1, library_.reject({&face.id, 1}, *suggestion.person));
        else if (key == 'a')
          done = name({face.id});
        else if (key == 'i')
          done = decide(1, library_.ignore({&face.id, 1}));
        else if (key == 'q')
          quit_ = true;
        else
          answered = key == ' ';
        if (!done) return done;
      }
    }
    return {};
  }

  Status name(const std::vector<FaceId>& faces) {
    for (;;) {
      const std::string person = keys_.line("  name (empty: none) > ");
      if (person.empty()) return {};
      const Status confirmed = library_.confirm(faces, person);
      if (confirmed || confirmed.error().code != ErrorCode::bad_argument)
        return decide(faces.size(), confirmed);
      show("  " + printable(confirmed.error().message) + "\n");
    }
  }

  Status undo() {
    const Result<std::optional<HistoryEntry>> undone = library_.undo();
    if (!undone) return tl::unexpected(undone.error());
    if (*undone && !decided_.empty()) decided_.pop_back();
    show(*undone ? "  undone: " + printable((*undone)->summary) + "\n" : "  nothing to undo\n");
    return {};
  }

  Status decide(std::size_t faces, const Status& done) {
    if (done) decided_.push_back(faces);
    return done;
  }

  Library& library_;
  const std::stop_token& stop_;
  SingleKeys keys_;
  std::vector<std::size_t> decided_;  // faces of each decision
  bool quit_ = false;
};

Json suggestion_json(const Suggestion& suggestion) {
  Json faces = Json::array();
  for (const LibraryFace& face : suggestion.faces) faces.push_back(face_json(face));
  return {{"name", suggestion.person ? Json(*suggestion.person) : Json(nullptr)},
          {"faces", std::move(faces)}};
}

Exit review(const ReviewOptions& chosen, const Options& options, const std::stop_token& stop) {
  Result<Library> library = open_library(options, Library::Mode::write);
  if (!library) return report_failure(library.error());
  const Result<std::vector<Suggestion>> suggestions = library->suggestions(chosen.at_most);
  if (!suggestions) return report_failure(suggestions.error());
  if (options.json) {
    std::string lines;
    for (const Suggestion& suggestion : *suggestions) lines += line_of(suggestion_json(suggestion));
    return print(lines);
  }
  if (suggestions->empty()) return print("There is nothing to review.\n");
  Review review(*library, stop);
  if (Status done = review(*suggestions); !done) return report_failure(done.error());
  return finish_decision(*library, options, "Decided about " + counted(review.decided(), "face"));
}

}  // namespace

void add_review(CLI::App& app, Options& options, Action& action) {
  const auto chosen = std::make_shared<ReviewOptions>();
  CLI::App& command = *app.add_subcommand(
      "review", "Asks about the names that kith suggests, the surest first, with single keys");
  add_library_option(command, options);
  command.add_option("-n,--count", chosen->at_most, "At most so many questions")->capture_default_str();
  add_json_option(command, options);
  command.callback([chosen, &options, &action] {
    action = [chosen, &options](const std::stop_token& stop) { return review(*chosen, options, stop); };
  });
}

}  // namespace kith::cli
