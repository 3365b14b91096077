// SPDX-License-Identifier: Apache-2.0
// Suggestions to confirm or reject in the terminal, a key each.
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <iostream>
#include <numeric>
#include <unordered_set>

#include "library.h"
#include "output.h"

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

  // The next key; 'q' at the end of the input, on Ctrl-D and on Ctrl-C.
  [[nodiscard]] char key(const std::stop_token& stop) {
    while (const std::optional<char> letter = next(stop)) {
      constexpr char end_of_input = 4;  // Ctrl-D, where the terminal makes no end of it
      if (*letter == end_of_input) break;
      // From a pipe, keys may stand on lines of their own.
      if (terminal_ || *letter != '\n') return *letter;
    }
    return 'q';
  }

  // A line, typed with the usual editing; empty on Ctrl-C.
  [[nodiscard]] std::string line(const std::string& question, const std::stop_token& stop) {
    set(false);
    std::fprintf(stderr, "%s", question.c_str());
    std::string text;
    std::optional<char> letter;
    while ((letter = next(stop)) && *letter != '\n') text += *letter;
    set(true);
    return stop.stop_requested() ? std::string() : text;
  }

 private:
  // Nothing at the end of the input, and once a stop is asked for.
  static std::optional<char> next(const std::stop_token& stop) {
    constexpr int look_for_stop_ms = 100;
    while (!stop.stop_requested()) {
      ::pollfd input{STDIN_FILENO, POLLIN, 0};
      const int ready = ::poll(&input, 1, look_for_stop_ms);
      if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
      if (ready < 0) return std::nullopt;
      char letter = 0;
      const ssize_t count = ::read(STDIN_FILENO, &letter, 1);
      if (count == 1) return letter;
      if (count == 0 || (errno != EINTR && errno != EAGAIN)) return std::nullopt;
    }
    return std::nullopt;
  }

  void set(bool single) {
    if (!terminal_) return;
    termios mode = before_;
    if (single) {
      mode.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
      mode.c_cc[VMIN] = 1;
      mode.c_cc[VTIME] = 0;
    }
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &mode);
  }

  termios before_{};
  bool terminal_ = false;
};

using Keys = std::vector<const char*>;
const Keys keys_of_person{"y yes, all", "n no, none",  "s one by one", "i ignore all",
                          "u undo",     "Space later", "q quit"};
const Keys keys_of_cluster{"a name all", "s one by one", "i ignore all", "u undo", "Space later", "q quit"};
const Keys keys_of_face{"y yes", "n no", "a another name", "i ignore", "u undo", "Space later", "q quit"};
const Keys keys_of_unnamed_face{"a name", "i ignore", "u undo", "Space later", "q quit"};

// Asks about one suggestion after the other. What was decided is kept at once.
class Review {
 public:
  Review(Library& library, const std::stop_token& stop) : library_(library), stop_(stop) {}

  Status operator()(const std::vector<Suggestion>& suggestions) {
    while (question_ < suggestions.size() && !quit_) {
      const Suggestion open = still_open(suggestions[question_]);
      next_ = question_ + 1;
      if (!open.faces.empty()) {
        show("\n[" + std::to_string(next_) + "/" + std::to_string(suggestions.size()) + "] " +
             headline(open) + "\n");
        show_faces(open);
        if (Status asked = ask(open); !asked) return asked;
      }
      question_ = next_;
    }
    return {};
  }

  [[nodiscard]] std::size_t decided() const {
    return std::accumulate(
        decided_.begin(), decided_.end(), std::size_t{0},
        [](std::size_t sum, const Decided& decision) { return sum + decision.faces.size(); });
  }

 private:
  struct Decided {
    std::size_t question;
    std::vector<FaceId> faces;
  };

  static std::vector<FaceId> ids(const std::vector<LibraryFace>& faces) {
    std::vector<FaceId> result;
    for (const LibraryFace& face : faces) result.push_back(face.id);
    return result;
  }

  // Without the faces that were decided about one by one.
  [[nodiscard]] Suggestion still_open(Suggestion suggestion) const {
    std::unordered_set<FaceId> closed;
    for (const Decided& decision : decided_) closed.insert(decision.faces.begin(), decision.faces.end());
    std::erase_if(suggestion.faces, [&](const LibraryFace& face) { return closed.contains(face.id); });
    return suggestion;
  }

  static std::string headline(const Suggestion& suggestion) {
    if (suggestion.person)
      return "Is this " + printable(*suggestion.person) + "? " + counted(suggestion.faces.size(), "face");
    return "Who is this? " + counted(suggestion.faces.size(), "face") + " that belong together";
  }

  static std::string line_of_face(const LibraryFace& face) {
    std::string text = face_text(face);
    if (face.naming == Naming::suggested) text += ", " + percent(face.probability);
    return text;
  }

  static void show_faces(const Suggestion& suggestion) {
    constexpr std::size_t shown = 6;
    for (std::size_t face = 0; face < std::min(shown, suggestion.faces.size()); ++face)
      show("    " + line_of_face(suggestion.faces[face]) + "\n");
    if (suggestion.faces.size() > shown)
      show("    and " + std::to_string(suggestion.faces.size() - shown) + " more\n");
  }

  static void show(const std::string& text) { std::fprintf(stderr, "%s", text.c_str()); }

  // Shows what can be answered, in lines no wider than the terminal, and waits for a key.
  [[nodiscard]] char answer(const Keys& keys, const std::string& indent) {
    const std::size_t width = terminal_width(STDERR_FILENO);
    std::string line = indent;
    for (const char* key : keys) {
      const std::string more = (line == indent ? "" : "   ") + std::string(key);
      constexpr std::size_t prompt = 4;  // " > " and the key
      if (width > 0 && line != indent && line.size() + more.size() + prompt > width) {
        show(line + "\n");
        line = indent + key;
      } else {
        line += more;
      }
    }
    show(line + " > ");
    const char key = keys_.key(stop_);
    show((key == ' ' ? "-" : printable(std::string(1, key))) + "\n");
    return key;
  }

  Status ask(const Suggestion& suggestion) {
    const std::vector<FaceId> faces = ids(suggestion.faces);
    for (;;) {
      const char key = answer(suggestion.person ? keys_of_person : keys_of_cluster, "  ");
      switch (key) {
        case 'y':
          if (!suggestion.person) break;
          return decide(faces, library_.confirm(faces, *suggestion.person));
        case 'n':
          if (!suggestion.person) break;
          return decide(faces, library_.reject(faces, *suggestion.person));
        case 'a':
          if (suggestion.person) break;
          return name(faces);
        case 'i': return decide(faces, library_.ignore(faces));
        case 's': return one_by_one(suggestion);
        case 'u':
          if (Status undone = undo(); !undone) return undone;
          if (next_ <= question_) return {};
          break;
        case ' ': return {};
        case 'q': quit_ = true; return {};
        default: break;
      }
    }
  }

  // Until the question is through, or an undo leads back.
  Status one_by_one(const Suggestion& suggestion) {
    for (const LibraryFace& face : suggestion.faces) {
      show("    " + line_of_face(face) + "\n");
      if (Status done = ask_about(face, suggestion.person); !done) return done;
      if (quit_ || next_ <= question_) break;
    }
    return {};
  }

  Status ask_about(const LibraryFace& face, const std::optional<std::string>& person) {
    const std::vector<FaceId> faces{face.id};
    for (;;) {
      const char key = answer(person ? keys_of_face : keys_of_unnamed_face, "      ");
      switch (key) {
        case 'y':
          if (!person) break;
          return decide(faces, library_.confirm(faces, *person));
        case 'n':
          if (!person) break;
          return decide(faces, library_.reject(faces, *person));
        case 'a': return name(faces);
        case 'i': return decide(faces, library_.ignore(faces));
        case 'u':
          if (Status undone = undo(); !undone) return undone;
          if (next_ <= question_) return {};
          break;
        case ' ': return {};
        case 'q': quit_ = true; return {};
        default: break;
      }
    }
  }

  Status name(const std::vector<FaceId>& faces) {
    for (;;) {
      const std::string person = keys_.line("  name (empty: none) > ", stop_);
      if (person.empty()) return {};
      const Status confirmed = library_.confirm(faces, person);
      if (confirmed || confirmed.error().code != ErrorCode::bad_argument) return decide(faces, confirmed);
      show("  " + printable(confirmed.error().message) + "\n");
    }
  }

  // Goes back to the question, where it was one of this review's.
  Status undo() {
    const Result<std::optional<HistoryEntry>> undone = library_.undo();
    if (!undone) return tl::unexpected(undone.error());
    show(*undone ? "  undone: " + printable((*undone)->summary) + "\n" : "  nothing to undo\n");
    if (*undone && !decided_.empty()) {
      next_ = decided_.back().question;
      decided_.pop_back();
    }
    return {};
  }

  Status decide(const std::vector<FaceId>& faces, const Status& done) {
    if (done) decided_.push_back({question_, faces});
    return done;
  }

  Library& library_;
  const std::stop_token& stop_;
  SingleKeys keys_;
  std::vector<Decided> decided_;  // the newest last
  std::size_t question_ = 0;
  std::size_t next_ = 0;
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
