// SPDX-License-Identifier: Apache-2.0
// A process that writes names is killed at random moments: every file is then the old one or the new one, and
// there is no other.
#include <kith/metadata.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <random>

#include <gtest/gtest.h>

#include "core/atomic_write.h"
#include "core/new_file.h"
#include "imageio/pictures.h"

namespace kith {
namespace {

namespace fs = std::filesystem;

constexpr PhotoFrame frame{.width = 160, .height = 120};

fs::path photo_in(const fs::path& folder, int number) {
  return folder / ("p" + std::to_string(number) + ".jpg");
}

// Names the photos, the odd ones in sidecars, until it is killed or done. No test macros: it ends by _exit.
void name_all(const fs::path& folder, int count) {
  const std::array anna{NamedFace{"Anna", {16, 12, 32, 30}}};
  for (int i = 0; i < count; ++i) {
    const MetadataSettings settings{.sidecar = i % 2 == 0 ? SidecarUse::never : SidecarUse::always};
    auto edit = edit_names(photo_in(folder, i), frame, anna, {}, "", settings);
    if (!edit || !edit->commit()) ::_exit(1);
  }
}

TEST(MetadataCrash, AKillLeavesTheOldFileOrTheNewOneAndNoOther) {
  constexpr int count = 30;
  const char* wanted = std::getenv("KITH_CRASH_RUNS");
  const int runs = wanted == nullptr ? 40 : std::atoi(wanted);
  const test::TemporaryFolder folder;
  const test::Bytes old = test::encode(test::noise(640, 480), ".jpg");
  const fs::path done = folder / "done";
  fs::create_directory(done);
  for (int i = 0; i < count; ++i) test::write_bytes(photo_in(done, i), old);
  name_all(done, count);
  const test::Bytes with_names = test::read_bytes(photo_in(done, 0));
  const test::Bytes sidecar = test::read_bytes(done / "p1.jpg.xmp");
  ASSERT_NE(with_names, old);

  std::mt19937 random(static_cast<unsigned>(::getpid()));
  int cut = 0;
  for (int run = 0; run < runs; ++run) {
    const fs::path work = folder / ("run" + std::to_string(run));
    fs::create_directory(work);
    for (int i = 0; i < count; ++i) test::write_bytes(photo_in(work, i), old);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      name_all(work, count);
      ::_exit(0);
    }
    ::usleep(std::uniform_int_distribution(0U, 40'000U)(random));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    cut += WIFSIGNALED(status) ? 1 : 0;
    // Seldom, between the last two system calls, a whole file is left under its temporary name.
    remove_leftovers(work, std::chrono::seconds(0));
    for (const fs::directory_entry& entry : fs::directory_iterator(work)) {
      const test::Bytes bytes = test::read_bytes(entry.path());
      if (entry.path().extension() == ".xmp") {
        EXPECT_EQ(bytes, sidecar) << entry.path();
      } else {
        EXPECT_EQ(entry.path().extension(), ".jpg") << entry.path();
        EXPECT_TRUE(bytes == old || bytes == with_names) << entry.path();
      }
    }
    fs::remove_all(work);
  }
  EXPECT_GT(cut, 0);
}

}  // namespace
}  // namespace kith
