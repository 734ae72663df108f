#include "store/watch/inotify_watcher.hpp"

#include "tests/unit/store/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <fcntl.h>

#include <fstream>

namespace mailmirror::store {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct WatcherTest : ::testing::Test {
  WatcherTest() { fs::create_directory(directory); }

  WatchId watch(const fs::path& path, WatchFor what) { return watcher->watch(path, what).value(); }

  /// All events up to now: those that are read before the one of a marker file, made last.
  std::vector<WatchEvent> events() {
    const auto mark = temporary.path() / "mark";
    fs::create_directory(mark);
    const auto marker = watch(mark, WatchFor::folders);
    fs::create_directory(mark / "end");
    std::vector<WatchEvent> all;
    while (all.empty() || all.back().id != marker) {
      const auto batch = next();
      if (batch.empty()) break;
      all.insert(all.end(), batch.begin(), batch.end());
    }
    EXPECT_FALSE(all.empty());
    if (!all.empty()) all.pop_back();
    watcher->unwatch(marker);
    fs::remove_all(mark);
    return all;
  }

  /// What one `next()` gives; empty (and a failure) if nothing comes within seconds.
  std::vector<WatchEvent> next() {
    std::vector<WatchEvent> found;
    asio::co_spawn(io, watcher->next(), [&](std::exception_ptr failure, Result<std::vector<WatchEvent>> events) {
      EXPECT_FALSE(failure);
      found = std::move(events).value();
      io.stop();
    });
    io.restart();
    io.run_for(5s);
    EXPECT_FALSE(found.empty()) << "no event came";
    return found;
  }

  void write_file(const fs::path& path) { std::ofstream(path) << "text"; }

  testing::TemporaryDirectory temporary;
  fs::path directory = temporary.path() / "cur";
  asio::io_context io;
  std::unique_ptr<Watcher> watcher = InotifyWatcher::open(io.get_executor()).value();
};

TEST_F(WatcherTest, FileWrittenInPlace_IsCreatedThenWritten) {
  const auto id = watch(directory, WatchFor::messages);
  write_file(directory / "a");
  EXPECT_THAT(events(), ElementsAre(WatchEvent{id, WatchKind::created, "a"}, WatchEvent{id, WatchKind::written, "a"}));
}

TEST_F(WatcherTest, FileRenamedIn_IsMovedIn) {
  write_file(temporary.path() / "tmp-a");
  const auto id = watch(directory, WatchFor::messages);
  fs::rename(temporary.path() / "tmp-a", directory / "a");
  EXPECT_THAT(events(), ElementsAre(WatchEvent{id, WatchKind::moved_in, "a"}));
}

TEST_F(WatcherTest, FileHardLinkedIn_IsCreatedOnly) {
  write_file(temporary.path() / "tmp-a");
  const auto id = watch(directory, WatchFor::messages);
  fs::create_hard_link(temporary.path() / "tmp-a", directory / "a");
  EXPECT_THAT(events(), ElementsAre(WatchEvent{id, WatchKind::created, "a"}));
}

TEST_F(WatcherTest, FlagChangedByRename_IsGoneAndMovedIn) {
  write_file(directory / "a:2,");
  const auto id = watch(directory, WatchFor::messages);
  fs::rename(directory / "a:2,", directory / "a:2,S");
  EXPECT_THAT(events(), ElementsAre(WatchEvent{id, WatchKind::gone, "a:2,"}, WatchEvent{id, WatchKind::moved_in, "a:2,S"}));
}

TEST_F(WatcherTest, FileDeleted_IsGone) {
  write_file(directory / "a");
  const auto id = watch(directory, WatchFor::messages);
  fs::remove(directory / "a");
  EXPECT_THAT(events(), ElementsAre(WatchEvent{id, WatchKind::gone, "a"}));
}

TEST_F(WatcherTest, MessagesWatch_IgnoresDirectories_FoldersWatchIgnoresFiles) {
  const auto other = temporary.path() / "root";
  fs::create_directory(other);
  watch(directory, WatchFor::messages);
  const auto folders = watch(other, WatchFor::folders);
  fs::create_directory(directory / "odd");
  write_file(other / "dovecot-keywords");
  fs::create_directory(other / "Lists");
  fs::rename(other / "Lists", other / "Archive");
  fs::remove(other / "Archive");
  EXPECT_THAT(events(),
              ElementsAre(WatchEvent{folders, WatchKind::created, "Lists"}, WatchEvent{folders, WatchKind::gone, "Lists"},
                          WatchEvent{folders, WatchKind::moved_in, "Archive"}, WatchEvent{folders, WatchKind::gone, "Archive"}));
}

TEST_F(WatcherTest, FileMovedBetweenWatchedFolders_IsToldByBoth) {
  const auto other = temporary.path() / "other";
  fs::create_directory(other);
  write_file(directory / "a");
  const auto from = watch(directory, WatchFor::messages);
  const auto to = watch(other, WatchFor::messages);
  fs::rename(directory / "a", other / "a");
  EXPECT_THAT(events(), ElementsAre(WatchEvent{from, WatchKind::gone, "a"}, WatchEvent{to, WatchKind::moved_in, "a"}));
}

TEST_F(WatcherTest, DirectoryDeleted_IsSelfGoneOnce) {
  const auto id = watch(directory, WatchFor::messages);
  fs::remove(directory);
  EXPECT_THAT(events(), ElementsAre(WatchEvent{id, WatchKind::self_gone, ""}));
}

TEST_F(WatcherTest, DirectoryMovedAway_IsSelfGoneAndNoLongerWatched) {
  const auto id = watch(directory, WatchFor::messages);
  fs::rename(directory, temporary.path() / "elsewhere");
  EXPECT_THAT(events(), ElementsAre(WatchEvent{id, WatchKind::self_gone, ""}));
  write_file(temporary.path() / "elsewhere" / "a");
  EXPECT_THAT(events(), IsEmpty());
}

TEST_F(WatcherTest, DirectoryMadeAgain_CanBeWatchedUnderANewId) {
  const auto before = watch(directory, WatchFor::messages);
  fs::remove(directory);
  fs::create_directory(directory);
  const auto id = watch(directory, WatchFor::messages);
  EXPECT_NE(id, before);
  write_file(directory / "a");
  EXPECT_THAT(events(), Contains(WatchEvent{id, WatchKind::created, "a"}));
}

TEST_F(WatcherTest, Unwatched_TellsNothingMoreOfWhatHappenedBefore) {
  const auto id = watch(directory, WatchFor::messages);
  write_file(directory / "a");
  watcher->unwatch(id);
  watcher->unwatch(id);
  write_file(directory / "b");
  EXPECT_THAT(events(), IsEmpty());
}

TEST_F(WatcherTest, WatchedTwice_Exists) {
  watch(directory, WatchFor::messages);
  const auto again = watcher->watch(directory, WatchFor::folders);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::exists);
}

TEST_F(WatcherTest, MissingDirectory_IsMissingWithItsName) {
  const auto watched = watcher->watch(temporary.path() / "nowhere", WatchFor::messages);
  ASSERT_FALSE(watched);
  EXPECT_EQ(watched.error().kind, ErrorKind::missing);
  EXPECT_THAT(watched.error().message, HasSubstr("nowhere"));
}

TEST_F(WatcherTest, EventsNobodyFetches_AreToldAsOverflow) {
  const auto id = watch(directory, WatchFor::messages);
  std::ifstream limit_file("/proc/sys/fs/inotify/max_queued_events");
  int limit = 0;
  ASSERT_TRUE(limit_file >> limit);
  if (limit > 100'000) GTEST_SKIP() << "the kernel would keep too many events";
  // Equal events in a row are merged by the kernel: two names take turns.
  for (int n = 0; n <= limit; ++n) close(creat((directory / (n % 2 == 0 ? "a" : "b")).c_str(), 0600));
  bool overflow = false;
  for (int n = 0; !overflow && n < limit; ++n) {
    const auto batch = next();
    ASSERT_THAT(batch, ::testing::Not(IsEmpty()));
    overflow = batch.back() == WatchEvent{WatchId{}, WatchKind::overflow, ""};
  }
  EXPECT_TRUE(overflow);
  write_file(directory / "c");
  EXPECT_THAT(events(), Contains(WatchEvent{id, WatchKind::written, "c"}));
}

TEST_F(WatcherTest, WaiterCancelled_LosesNoEvent) {
  const auto id = watch(directory, WatchFor::messages);
  asio::cancellation_signal signal;
  std::exception_ptr failure;
  asio::co_spawn(io, watcher->next(),
                 asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr f, const auto&) { failure = f; }));
  io.poll();
  write_file(directory / "a");
  signal.emit(asio::cancellation_type::terminal);
  io.restart();
  io.run();
  ASSERT_TRUE(failure);
  EXPECT_THROW(std::rethrow_exception(failure), boost::system::system_error);
  EXPECT_THAT(events(), ElementsAre(WatchEvent{id, WatchKind::created, "a"}, WatchEvent{id, WatchKind::written, "a"}));
}

TEST_F(WatcherTest, WaiterThatSleeps_IsWokenByAnEvent) {
  const auto id = watch(directory, WatchFor::messages);
  asio::steady_timer later(io, 5ms);
  later.async_wait([&](const auto&) { write_file(directory / "a"); });
  const auto events = next();
  ASSERT_THAT(events, SizeIs(::testing::Ge(1U)));
  EXPECT_EQ(events.front(), (WatchEvent{id, WatchKind::created, "a"}));
}

TEST(WatcherLimits, NoMoreOpenFiles_NamesTheLimits) {
  asio::io_context io;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto watcher = InotifyWatcher::open(io.get_executor());
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_FALSE(watcher);
  EXPECT_EQ(watcher.error().kind, ErrorKind::io);
  EXPECT_THAT(watcher.error().message, HasSubstr("fs.inotify.max_user_instances"));
}

}  // namespace
}  // namespace mailmirror::store
