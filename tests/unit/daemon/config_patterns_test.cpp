#include "daemon/config/patterns.hpp"

#include "daemon/control/nearest.hpp"

#include <gtest/gtest.h>

namespace mailmirror::daemon::config {
namespace {

using Patterns = std::vector<std::string>;

TEST(Pattern, Star_CrossesLevels) {
  EXPECT_TRUE(matches("*", "Archive/2024"));
  EXPECT_TRUE(matches("Lists/*", "Lists/a/b"));
  EXPECT_FALSE(matches("Lists/*", "Lists"));
  EXPECT_TRUE(matches("*/2024", "Archive/Old/2024"));
  EXPECT_FALSE(matches("*/2024", "2024"));
}

TEST(Pattern, Percent_StaysWithinALevel) {
  EXPECT_TRUE(matches("%", "Archive"));
  EXPECT_FALSE(matches("%", "Archive/2024"));
  EXPECT_TRUE(matches("Lists/%", "Lists/a"));
  EXPECT_FALSE(matches("Lists/%", "Lists/a/b"));
  EXPECT_TRUE(matches("%x%/y", "axbx/y"));
  EXPECT_TRUE(matches("*/%", "a/b/c"));
  EXPECT_FALSE(matches("*x%y", "ax/y"));
  EXPECT_TRUE(matches("*x%y", "ax/xby"));
  EXPECT_TRUE(matches("%", ""));
}

TEST(Pattern, QuestionMark_IsOneCharacterOfAnyLength) {
  EXPECT_TRUE(matches("202?", "2024"));
  EXPECT_FALSE(matches("202?", "202"));
  EXPECT_TRUE(matches("M?ll", "Müll"));
  EXPECT_FALSE(matches("M??ll", "Müll"));
}

TEST(Pattern, Inbox_InAnyCaseAsFirstLevelOnly) {
  EXPECT_TRUE(matches("inbox", "INBOX"));
  EXPECT_TRUE(matches("Inbox/*", "INBOX/Sub"));
  EXPECT_FALSE(matches("archive", "Archive"));
  EXPECT_FALSE(matches("Old/inbox", "Old/INBOX"));
}

TEST(Pattern, ManyStars_TakeNoExponentialTime) {
  std::string pattern;
  for (int n = 0; n < 50; ++n) pattern += "*a";
  EXPECT_FALSE(matches(pattern + "b", std::string(2000, 'a')));
}

TEST(Select, FirstMatch_Decides) {
  const Patterns patterns{"!Spam", "!\\Trash", "INBOX", "Lists/*", "!*"};
  EXPECT_EQ(select(patterns, "Spam", {}), Selection::excluded);
  EXPECT_EQ(select(patterns, "INBOX", {}), Selection::included);
  EXPECT_EQ(select(patterns, "Lists/a", {}), Selection::included);
  EXPECT_EQ(select(patterns, "Lists/a", {"\\trash"}), Selection::excluded);
  EXPECT_EQ(select(patterns, "Other", {}), Selection::excluded);
}

TEST(Select, NothingMatches_DependsOnWhetherAnythingIsIncluded) {
  EXPECT_EQ(select({"!Spam"}, "Other", {}), Selection::included);
  EXPECT_EQ(select({"INBOX"}, "Other", {}), Selection::excluded);
}

TEST(PolicyFor, EachSetting_ComesFromTheFirstOverrideThatHasIt) {
  Account account;
  account.guard_messages = 50;
  Override first, second, other;
  first.mailboxes = {"Lists/*"};
  first.mode = Mode::pull;
  second.mailboxes = {"*"};
  second.mode = Mode::archive;
  second.expunge = true;
  other.mailboxes = {"Else"};
  other.guard_messages = 1;
  account.overrides = {first, second, other};
  EXPECT_EQ(policy_for(account, "Lists/a", {}), (EffectivePolicy{Mode::pull, OnLocalDelete::expunge, false, true, 0, 50, 25}));
  EXPECT_EQ(policy_for(account, "INBOX", {}), (EffectivePolicy{Mode::archive, OnLocalDelete::expunge, false, true, 0, 50, 25}));
}

TEST(PolicyFor, SpecialUse_IsAPatternToo) {
  Account account;
  Override trash;
  trash.mailboxes = {"\\Trash"};
  trash.mode = Mode::pull;
  account.overrides = {trash};
  EXPECT_EQ(policy_for(account, "Papierkorb", {"\\Trash"}).mode, Mode::pull);
  EXPECT_EQ(policy_for(account, "Papierkorb", {}).mode, Mode::two_way);
}

TEST(Nearest, FarWords_AreNotMeant) {
  EXPECT_EQ(control::nearest("statsu", {"sync", "status"}), "status");
  EXPECT_EQ(control::nearest("mail_dir", {"maildir", "host"}), "maildir");
  EXPECT_EQ(control::nearest("xyzzy", {"sync", "status"}), std::nullopt);
  EXPECT_EQ(control::nearest("", {"sync"}), std::nullopt);
}

}  // namespace
}  // namespace mailmirror::daemon::config
