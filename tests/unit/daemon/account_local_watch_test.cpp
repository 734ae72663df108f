#include "daemon/account/local_watch.hpp"
#include "store/watch/inotify_watcher.hpp"
#include "sync/base/task_scope.hpp"
#include "tests/unit/imap/world.hpp"
#include "tests/unit/store/temporary_directory.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <vector>

namespace mailmirror::daemon {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// The kernel's own news of a real directory, by a clock that jumps.
struct LocalWatchTest : ::testing::Test {
  void make_folder(const std::string& name) {
    for (const auto* part : {"new", "cur", "tmp"}) fs::create_directories(root() / name / part);
  }
  void deliver(const std::string& name, const std::string& file) {
    std::ofstream(root() / name / "tmp" / file) << "x";
    fs::rename(root() / name / "tmp" / file, root() / name / "cur" / file);
  }
  /// What was told of while everything came to rest.
  std::vector<std::string> news() {
    told.clear();
    auto events = [this](TaskGroup& group) -> Task<void> {
      group.spawn(hub.run());
      group.spawn(watch.run());
      co_await world.clock.sleep(std::chrono::seconds(30));
      group.cancel();
    };
    world.run(run_in_group(events));
    return told;
  }
  static MailboxName name(const std::string& text) { return MailboxName(text, '/'); }
  [[nodiscard]] fs::path root() const { return temporary.path(); }

  testing::TemporaryDirectory temporary;
  testing::World world;
  LogPtr log = null_log();
  std::vector<std::string> told;
  WatchHub hub{store::InotifyWatcher::open(world.io.get_executor()).value(), log};
  LocalWatch watch{hub,
                   world.clock,
                   *log,
                   world.io.get_executor(),
                   temporary.path(),
                   {[this](const MailboxName& mailbox, const sync::LocalHint&) { told.push_back(mailbox.utf8()); }, [this] { told.emplace_back("folders"); },
                    [this] { told.emplace_back("everything"); }}};
};

TEST_F(LocalWatchTest, FileThatArrives_IsToldOnce) {
  make_folder("Old");
  watch.watch({{name("Old"), "Old"}});
  deliver("Old", "a");
  EXPECT_THAT(news(), ElementsAre("Old"));
  EXPECT_THAT(news(), IsEmpty());
}

TEST_F(LocalWatchTest, DirectoryRenamed_IsHeardUnderItsNewNameOnly) {
  make_folder("Old");
  watch.watch({{name("Old"), "Old"}});
  fs::rename(root() / "Old", root() / "New");
  EXPECT_THAT(news(), Contains("folders"));
  watch.watch({{name("New"), "New"}});
  deliver("New", "b");
  EXPECT_THAT(news(), ElementsAre("New"));
}

TEST_F(LocalWatchTest, DirectoryAboveRenamed_FoldersBelowAreHeardUnderTheirNewNames) {
  make_folder("Top/Old");
  watch.watch({{name("Top/Old"), "Top/Old"}});
  fs::rename(root() / "Top", root() / "Other");
  EXPECT_THAT(news(), Contains("folders"));
  watch.watch({{name("Other/Old"), "Other/Old"}});
  deliver("Other/Old", "c");
  EXPECT_THAT(news(), ElementsAre("Other/Old"));
}

}  // namespace
}  // namespace mailmirror::daemon
