#include "store/state/account_lock.hpp"
#include "tests/unit/store/temporary_directory.hpp"

#include <gmock/gmock.h>

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <optional>

namespace mailmirror::store {
namespace {

using ::testing::HasSubstr;

struct AccountLockTest : ::testing::Test {
  testing::TemporaryDirectory temporary;
  std::filesystem::path state = temporary.path() / "state" / "work";
  std::filesystem::path root = temporary.path() / "Mail";
};

/// Another process that holds the account until `release`.
class Holder {
 public:
  explicit Holder(const std::filesystem::path& state) {
    EXPECT_EQ(pipe(ready_), 0);
    child_ = fork();
    if (child_ != 0) {
      char taken = 0;
      EXPECT_EQ(::read(ready_[0], &taken, 1), 1);
      EXPECT_EQ(taken, 'y');
      return;
    }
    const auto lock = AccountLock::take(state, "work");
    const char taken = lock ? 'y' : 'n';
    if (::write(ready_[1], &taken, 1) == 1) pause();
    _exit(0);
  }
  ~Holder() { release(); }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

  void release() {
    if (child_ <= 0) return;
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
    child_ = 0;
    close(ready_[0]);
    close(ready_[1]);
  }
  [[nodiscard]] pid_t pid() const { return child_; }

 private:
  int ready_[2]{};
  pid_t child_ = 0;
};

TEST_F(AccountLockTest, SecondProcess_IsToldWhoHoldsIt) {
  Holder holder(state);
  const auto second = AccountLock::take(state, "work");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::locked);
  EXPECT_THAT(second.error().message,
              HasSubstr("another mailmirrord (pid " + std::to_string(holder.pid()) + ") works on account work"));
}

TEST_F(AccountLockTest, HolderKilled_TheLockIsFree) {
  Holder holder(state);
  holder.release();
  EXPECT_TRUE(AccountLock::take(state, "work"));
}

TEST_F(AccountLockTest, SameProcess_CannotHoldItTwice) {
  std::optional<AccountLock> first(AccountLock::take(state, "work").value());
  EXPECT_EQ(AccountLock::take(state, "work").error().kind, ErrorKind::locked);
  AccountLock moved(std::move(*first));
  first.reset();
  EXPECT_EQ(AccountLock::take(state, "work").error().kind, ErrorKind::locked);
}

TEST_F(AccountLockTest, Taken_MakesAPrivateDirectory) {
  const auto lock = AccountLock::take(state, "work");
  ASSERT_TRUE(lock) << lock.error().message;
  EXPECT_EQ(std::filesystem::status(state).permissions(), std::filesystem::perms::owner_all);
  std::ifstream file(state / "lock");
  pid_t pid = 0;
  file >> pid;
  EXPECT_EQ(pid, getpid());
}

TEST_F(AccountLockTest, OneMaildirForTwoAccounts_IsRefused) {
  std::filesystem::create_directories(root);
  auto work = AccountLock::take(state, "work").value();
  auto home = AccountLock::take(temporary.path() / "state" / "home", "home").value();
  ASSERT_TRUE(work.take_root(root));
  const auto refused = home.take_root(root);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::locked);
  EXPECT_THAT(refused.error().message, HasSubstr(root.string()));
}

TEST_F(AccountLockTest, MaildirThatIsNotThere_IsMissing) {
  auto lock = AccountLock::take(state, "work").value();
  EXPECT_EQ(lock.take_root(root).error().kind, ErrorKind::missing);
}

}  // namespace
}  // namespace mailmirror::store
