#include "tests/unit/store/state_support.hpp"

#include <gmock/gmock.h>
#include <lmdb.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <random>

namespace mailmirror::store {
namespace {

using ::testing::HasSubstr;

/// Each transaction writes a batch of records that belong together.
constexpr std::uint32_t kBatch = 20;

/// Writes batches until it is killed; tells through `told` each one that is durable.
[[noreturn]] void write_without_end(const std::filesystem::path& directory, int told) {
  auto db = StateDb::open(directory);
  if (!db) _exit(1);
  for (std::uint32_t batch = 0;; ++batch) {
    const auto done = (*db)->write([&](WriteTxn& txn) {
      for (std::uint32_t n = 0; n < kBatch; ++n) txn.put(MailboxId{1}, some_record(1 + batch * kBatch + n));
    });
    if (!done || ::write(told, &batch, sizeof batch) != static_cast<ssize_t>(sizeof batch)) _exit(1);
  }
}

/// The number of batches that a child process made durable before it was killed.
std::uint32_t batches_until_killed(const std::filesystem::path& directory, useconds_t life) {
  int pipe_ends[2];
  EXPECT_EQ(pipe(pipe_ends), 0);
  const auto child = fork();
  if (child == 0) write_without_end(directory, pipe_ends[1]);
  close(pipe_ends[1]);
  std::uint32_t batch = 0;
  std::uint32_t told = 0;
  EXPECT_EQ(::read(pipe_ends[0], &batch, sizeof batch), static_cast<ssize_t>(sizeof batch));
  usleep(life);
  kill(child, SIGKILL);
  for (++told; ::read(pipe_ends[0], &batch, sizeof batch) == static_cast<ssize_t>(sizeof batch);) ++told;
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  return told;
}

TEST(StateCrash, KilledWhileWriting_LeavesWholeTransactionsOnly) {
  for (const useconds_t life : {0U, 500U, 3'000U, 11'000U}) {
    const testing::TemporaryDirectory temporary;
    const auto told = batches_until_killed(temporary.path(), life);
    const auto db = StateDb::open(temporary.path()).value();
    const auto uids = db->read().uids(MailboxId{1});
    EXPECT_EQ(uids.size() % kBatch, 0U);
    EXPECT_EQ(uids.ranges().size(), 1U);
    EXPECT_GE(uids.size() / kBatch, told) << "a batch that was told durable is missing";
    EXPECT_LE(uids.size() / kBatch, told + 1);
    EXPECT_EQ(db->read().count(MailboxId{1}), uids.size());
    EXPECT_TRUE(db->write([](WriteTxn& txn) { txn.put(MailboxId{1}, some_record(1)); }));
  }
}

TEST(StateFull, MapFull_IsDiskFullAndTheFormerStateStaysWhole) {
  const testing::TemporaryDirectory temporary;
  const auto db = StateDb::open(temporary.path(), {.map_size = 256 * 1024}).value();
  const MailboxId inbox{1};
  ASSERT_TRUE(db->write([&](WriteTxn& txn) { txn.put(inbox, some_record(1)); }));
  const auto full = db->write([&](WriteTxn& txn) {
    for (std::uint32_t uid = 2; uid < 10'000; ++uid) txn.put(inbox, some_record(uid));
  });
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().kind, ErrorKind::disk_full);
  EXPECT_THAT(full.error().message, HasSubstr("largest size"));
  EXPECT_EQ(db->read().uids(inbox).to_string(), "1");
  EXPECT_TRUE(db->write([&](WriteTxn& txn) { txn.put(inbox, some_record(2)); }));
  EXPECT_EQ(db->read().count(inbox), 2U);
}

/// A file-size limit fails in the middle of a commit, as a full disk does (with another errno).
TEST(StateFull, DiskFailsInTheMiddleOfACommit_TheFormerStateStaysWhole) {
  const testing::TemporaryDirectory temporary;
  const auto db = StateDb::open(temporary.path()).value();
  const MailboxId inbox{1};
  ASSERT_TRUE(db->write([&](WriteTxn& txn) { txn.put(inbox, some_record(1)); }));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto size = std::filesystem::file_size(temporary.path() / "state.mdb");
  const rlimit small{size + 16 * 1024, before.rlim_max};
  const auto old_handler = signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto failed = db->write([&](WriteTxn& txn) {
    for (std::uint32_t uid = 2; uid < 2'000; ++uid) txn.put(inbox, some_record(uid));
  });
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  signal(SIGXFSZ, old_handler);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::io);
  EXPECT_THAT(failed.error().message, HasSubstr("state.mdb"));
  EXPECT_EQ(db->read().uids(inbox).to_string(), "1");
  EXPECT_TRUE(db->write([&](WriteTxn& txn) { txn.put(inbox, some_record(2)); }));
  EXPECT_EQ(db->read().count(inbox), 2U);
}

class StateDamage : public StateTest {
 protected:
  /// Puts raw bytes into a named database, as another version or a fault would.
  void put_raw(const char* table, std::string key, std::string value) {
    db.reset();
    MDB_env* env = nullptr;
    ASSERT_EQ(mdb_env_create(&env), 0);
    mdb_env_set_maxdbs(env, 8);
    ASSERT_EQ(mdb_env_open(env, file().c_str(), MDB_NOSUBDIR, 0600), 0);
    MDB_txn* txn = nullptr;
    MDB_dbi handle = 0;
    ASSERT_EQ(mdb_txn_begin(env, nullptr, 0, &txn), 0);
    ASSERT_EQ(mdb_dbi_open(txn, table, 0, &handle), 0);
    MDB_val k{key.size(), key.data()};
    MDB_val v{value.size(), value.data()};
    ASSERT_EQ(mdb_put(txn, handle, &k, &v, 0), 0);
    ASSERT_EQ(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
  }
  [[nodiscard]] Error opening_fails() const {
    const auto opened = StateDb::open(directory());
    if (opened) return {ErrorKind::unsupported, "it opens"};
    return opened.error();
  }
  void fill(std::uint32_t records) {
    write([&](WriteTxn& txn) {
      for (std::uint32_t uid = 1; uid <= records; ++uid) txn.put(inbox, some_record(uid));
    });
  }
};

TEST_F(StateDamage, NewerFormat_IsRefusedInWords) {
  put_raw("meta", "version", std::string("\0\0\0\0\0\0\0\x02", 8));
  const auto error = opening_fails();
  EXPECT_EQ(error.kind, ErrorKind::configuration);
  EXPECT_THAT(error.message, HasSubstr("made by a newer mailmirror (format 2, this one knows 1)"));
  EXPECT_THAT(error.message, HasSubstr(file().string()));
}

TEST_F(StateDamage, ValueThatMakesNoSense_IsToldNotMisread) {
  put_raw("records", std::string("\0\0\0\x01\0\0\0\x05", 8), "\xff\xff");
  db = StateDb::open(directory()).value();
  for (const auto& look : std::vector<std::function<void()>>{[&] { static_cast<void>(db->read().record(inbox, Uid{5})); },
                                                             [&] { db->read().for_each_record(inbox, [](const Record&) {}); }}) {
    try {
      look();
      ADD_FAILURE() << "nothing was told";
    } catch (const ErrorException& failure) {
      EXPECT_EQ(failure.error().kind, ErrorKind::damaged);
      EXPECT_THAT(failure.error().message, HasSubstr("state database damaged"));
    }
  }
  const auto replaced = db->write([&](WriteTxn& txn) { txn.put(inbox, some_record(5)); });
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().kind, ErrorKind::damaged);
}

TEST_F(StateDamage, ForeignFile_IsDamaged) {
  db.reset();
  std::ofstream(file(), std::ios::trunc) << std::string(40'000, 'x');
  const auto error = opening_fails();
  EXPECT_EQ(error.kind, ErrorKind::damaged);
  EXPECT_THAT(error.message, HasSubstr("state database damaged"));
}

TEST_F(StateDamage, SetAside_IsKeptAndAFreshOneOpens) {
  db.reset();
  std::ofstream(file(), std::ios::trunc) << "rubbish";
  ASSERT_EQ(opening_fails().kind, ErrorKind::damaged);
  const auto kept = StateDb::set_aside(directory());
  ASSERT_TRUE(kept);
  std::ifstream in(*kept);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "rubbish");
  db = StateDb::open(directory()).value();
  EXPECT_TRUE(db->read().mailboxes().empty());
  db.reset();
  // A second one doesn't take the first one's place.
  EXPECT_NE(StateDb::set_aside(directory()).value(), *kept);
}

TEST_F(StateDamage, FileCutOffAnywhere_IsAnErrorOrReadsOn_NeverACrash) {
  fill(3'000);
  db.reset();
  const auto size = std::filesystem::file_size(file());
  std::ifstream in(file(), std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  int told = 0;
  for (std::uintmax_t length = 1'000; length < size; length += size / 23) {
    std::ofstream(file(), std::ios::binary | std::ios::trunc) << whole.substr(0, length);
    try {
      auto cut = StateDb::open(directory());
      if (!cut) throw ErrorException(cut.error());
      std::uint64_t count = 0;
      (*cut)->read().for_each_record(inbox, [&](const Record&) { ++count; });
      (*cut)->read().for_each_change([&](const HistoryEntry&) {
        ++count;
        return ReadTxn::Visit::more;
      });
      EXPECT_EQ(count, 6'000U) << "a part was taken for the whole";
    } catch (const ErrorException& failure) {
      ++told;
      EXPECT_EQ(failure.error().kind, ErrorKind::damaged) << failure.error().message;
    }
  }
  EXPECT_GT(told, 15);
}

TEST_F(StateDamage, DirectoryThatIsAFile_IsAnErrorWithItsName) {
  const auto taken = temporary.path() / "taken";
  std::ofstream(taken) << "x";
  const auto opened = StateDb::open(taken);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr(taken.string()));
}

}  // namespace
}  // namespace mailmirror::store
