// mbsync's configuration, as people write it.
#include "daemon/import/mbsync.hpp"
#include "daemon/import/mbsync_channel.hpp"
#include "daemon/import/mbsync_file.hpp"
#include "tests/unit/daemon/import_support.hpp"

namespace mailmirror::daemon::migration {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Texts = std::vector<std::string>;

class Mbsync : public testing::ImportTest {
 protected:
  [[nodiscard]] Import read_text(const std::string& text) const { return import_mbsync(text, "rc", environment_); }

  /// One account; `connection`, `store` and `channel` are further lines of those sections.
  [[nodiscard]] Draft draft_of(const std::string& connection,
                               const std::string& store = "Path ~/Mail/\nInbox ~/Mail/INBOX\nSubFolders Verbatim\n",
                               const std::string& channel = "Patterns *\nExpunge Both\nCreate Both\n") const {
    const auto taken = read_text("IMAPAccount work\nHost imap.example.org\nUser me\nPassCmd \"pass show work\"\n" + connection +
                                 "\nIMAPStore far\nAccount work\n\nMaildirStore near\n" + store +
                                 "\nChannel c\nFar :far:\nNear :near:\n" + channel);
    EXPECT_THAT(lines_of(taken.notes), IsEmpty());
    EXPECT_THAT(taken.drafts, SizeIs(1));
    return taken.drafts.empty() ? Draft{} : taken.drafts.front();
  }
};

TEST(MbsyncFile, SectionsEndAtEmptyLines_CommentsDont) {
  const auto file = parse_mbsync("Create Both\n\nChannel a\n# a comment\nFar :x:\n  \t\nSyncState *\n", "rc");
  ASSERT_THAT(file.sections, SizeIs(2));
  EXPECT_NE(file.sections[0].find("create"), nullptr);
  EXPECT_NE(file.sections[0].find("syncstate"), nullptr);
  EXPECT_EQ(file.sections[1].name, "a");
  EXPECT_NE(file.sections[1].find("far"), nullptr);
}

TEST(MbsyncFile, QuotesAndBackslashes_AreTakenAsMbsyncDoes) {
  const auto file =
      parse_mbsync("PassCmd \"gpg -d \\\"my file\\\" | sed 's/\\\\\\\\./x/'\"\nPatterns a\\ b \"c d\"e # no more\n", "rc");
  EXPECT_THAT(file.mistakes, IsEmpty());
  EXPECT_THAT(file.sections[0].lines[0].arguments, ElementsAre("gpg -d \"my file\" | sed 's/\\\\./x/'"));
  EXPECT_THAT(file.sections[0].lines[1].arguments, ElementsAre("a b", "c de"));
}

TEST(MbsyncFile, Mistakes_AreToldWithTheirLines) {
  const auto file = parse_mbsync("Create Both\nPass \"open\nHost\nUser x\\\n", "rc");
  ASSERT_THAT(file.mistakes, SizeIs(3));
  EXPECT_EQ(file.mistakes[0].to_string(), "rc:2: a quote isn't closed");
  EXPECT_EQ(file.mistakes[1].to_string(), "rc:3: 'Host' lacks its argument");
  EXPECT_EQ(file.mistakes[2].line, 4U);
}

TEST(MbsyncFile, HostileText_IsBounded) {
  std::string lines, sections;
  for (int n = 0; n < 200'000; ++n) lines += "a b\n";
  for (int n = 0; n < 100'000; ++n) sections += "Channel c\n";
  EXPECT_THAT(parse_mbsync(lines, "rc").mistakes, SizeIs(1));
  EXPECT_THAT(parse_mbsync(sections, "rc").mistakes, SizeIs(1));
  EXPECT_THAT(parse_mbsync(std::string(1'000'000, '"'), "rc").mistakes, SizeIs(1));
  EXPECT_THAT(parse_mbsync("x " + std::string(1'000'000, '\\') + "\n", "rc").sections, SizeIs(1));
  std::string arguments = "Patterns";
  for (int n = 0; n < 100'000; ++n) arguments += " a";
  EXPECT_THAT(parse_mbsync(arguments, "rc").mistakes, SizeIs(1));
  parse_mbsync(std::string("\0\xff\r\n\0 \"\0\" \\\0\n", 14), "rc");
}

TEST_F(Mbsync, UsualAccount_IsTakenOverWhole) {
  const auto draft = draft_of("SSLType IMAPS\nSSLVersions TLSv1.2\nAuthMechs PLAIN\nPipelineDepth 10\nDisableExtension MOVE\n");
  EXPECT_THAT(lines_of(draft.obstacles), IsEmpty());
  EXPECT_THAT(lines_of(draft.notes), IsEmpty());
  EXPECT_EQ(draft.account.name, "work");
  EXPECT_EQ(draft.account.host, "imap.example.org");
  EXPECT_EQ(draft.account.port, 993);
  EXPECT_EQ(draft.account.tls, config::Tls::implicit);
  EXPECT_EQ(draft.account.auth, config::Auth::plain);
  EXPECT_EQ(draft.account.secret, (config::SecretSource{config::SecretSource::Kind::password_command, "pass show work"}));
  EXPECT_EQ(draft.account.maildir, "~/Mail");
  EXPECT_EQ(draft.account.layout, config::Layout::nested);
  EXPECT_EQ(draft.account.folder_encoding, config::FolderEncoding::mutf7);
  EXPECT_EQ(draft.account.mailboxes, Texts{"*"});
  EXPECT_EQ(draft.account.on_local_delete, config::OnLocalDelete::expunge);
  EXPECT_TRUE(draft.account.expunge);
  EXPECT_EQ(draft.account.disable_extensions, Texts{"MOVE"});
}

TEST_F(Mbsync, NothingSaidOfTls_MeansStarttls) {
  const auto draft = draft_of("");
  EXPECT_EQ(draft.account.tls, config::Tls::starttls);
  EXPECT_EQ(draft.account.port, 143);
}

TEST_F(Mbsync, PlaintextOverTheNetwork_IsRefused) {
  EXPECT_THAT(lines_of(draft_of("SSLType None\n").obstacles),
              ElementsAre(HasSubstr("5: this sends the password over the network in the clear")));
  EXPECT_THAT(lines_of(draft_of("Host 127.0.0.1\nPort 1143\nTLSType None\n").obstacles), IsEmpty());
}

TEST_F(Mbsync, TokenCommand_ForXoauth2) {
  const auto draft = draft_of("AuthMechs XOAUTH2\nSSLType IMAPS\n");
  EXPECT_EQ(draft.account.auth, config::Auth::xoauth2);
  EXPECT_EQ(draft.account.secret.kind, config::SecretSource::Kind::token_command);
}

TEST_F(Mbsync, WhatNeedsAProgram_IsAnObstacleWithARemedy) {
  EXPECT_THAT(lines_of(draft_of("Tunnel \"ssh -q host imapd\"\n").obstacles), ElementsAre(HasSubstr("ssh -N -L")));
  const auto taken = read_text(
      "IMAPAccount a\nHost h\nUserCmd \"echo me\"\nSSLType IMAPS\n\nIMAPStore far\nAccount a\n\nMaildirStore near\nPath "
      "~/M/\nInbox ~/M/INBOX\n\nChannel "
      "c\nFar :far:\nNear :near:\nPatterns *\nExpunge Both\n");
  EXPECT_THAT(lines_of(taken.drafts.at(0).obstacles), ElementsAre(HasSubstr("3: mailmirror takes the name itself")));
  EXPECT_THAT(taken.drafts.at(0).secret_hint, HasSubstr("asks for this password"));
}

TEST_F(Mbsync, InboxSpelledOtherwise_KeepsItsDirectory) {
  EXPECT_EQ(draft_of("", "Path ~/Mail/work/\nInbox ~/Mail/work/Inbox\nSubFolders Verbatim\n").account.inbox, "Inbox");
}

TEST_F(Mbsync, InboxElsewhere_IsLeftOutUnlessAskedFor) {
  const std::string store = "Path ~/Mail/work/\nInbox ~/Maildir\nSubFolders Verbatim\n";
  const auto without = draft_of("", store);
  EXPECT_THAT(lines_of(without.obstacles), IsEmpty());
  EXPECT_THAT(without.account.mailboxes, ElementsAre("!INBOX", "*"));
  const auto with = draft_of("", store, "Patterns INBOX *\nExpunge Both\nCreate Both\n");
  EXPECT_THAT(lines_of(with.obstacles), ElementsAre(HasSubstr("this INBOX lies outside of ~/Mail/work")));
}

TEST_F(Mbsync, SubFolders_BecomeLayouts) {
  const auto flat = draft_of("", "Path ~/Mail/\nInbox ~/Mail/INBOX\nFlatten .\n");
  EXPECT_EQ(flat.account.layout, config::Layout::flat);
  EXPECT_THAT(lines_of(flat.obstacles), IsEmpty());
  EXPECT_THAT(lines_of(draft_of("", "Path ~/Mail/\nInbox ~/Mail/INBOX\nFlatten -\n").obstacles),
              ElementsAre(HasSubstr("rename the directories from A-B to A.B")));
  const auto maildir = draft_of("", "Inbox ~/Maildir/\nSubFolders Maildir++\n");
  EXPECT_EQ(maildir.account.layout, config::Layout::maildir_plus_plus);
  EXPECT_EQ(maildir.account.maildir, "~/Maildir");
  EXPECT_THAT(lines_of(maildir.obstacles), IsEmpty());
  EXPECT_TRUE(draft_of("", "Path ~/Mail/\nInbox ~/Mail/INBOX\nSubFolders Legacy\n").dotted_subfolders);
  EXPECT_THAT(lines_of(draft_of("", "Path ~/Mail/work-\nInbox ~/Mail/INBOX\n").obstacles),
              ElementsAre(HasSubstr("it has to end in '/'")));
}

TEST_F(Mbsync, Patterns_TurnRoundSinceTheirLastMatchDecides) {
  EXPECT_THAT(our_patterns({"*", "![Gmail]*", "[Gmail]/Entw&APw-rfe"}), ElementsAre("[Gmail]/Entw\xc3\xbcrfe", "![Gmail]*", "*"));
}

TEST_F(Mbsync, SeveralChannelsOfOneStore_AreOneAccount) {
  const auto taken = read_text(
      "IMAPStore far\nHost h\nUser u\nPass p\nSSLType IMAPS\n\nMaildirStore near\nPath ~/M/\nInbox ~/M/INBOX\nSubFolders "
      "Verbatim\n\n"
      "Channel inbox\nFar :far:\nNear :near:\nExpunge Both\n\nChannel lists\nMaster :far:\nSlave :near:\nPatterns Lists/*\nSync "
      "Pull\n\n"
      "Channel sent\nFar :far:Sent\nNear :near:Sent\nExpunge Both\n\nGroup g\nChannel inbox\nChannels lists sent\n");
  ASSERT_THAT(taken.drafts, SizeIs(1));
  const auto& account = taken.drafts.front().account;
  EXPECT_THAT(lines_of(taken.drafts.front().obstacles), IsEmpty());
  EXPECT_THAT(account.mailboxes, ::testing::UnorderedElementsAre("INBOX", "Lists/*", "Sent"));
  ASSERT_FALSE(account.overrides.empty());
}

TEST_F(Mbsync, SeveralAccountsInOneStoreByPrefix_AreAccountsOfTheirOwn) {
  const auto taken = read_text(
      "IMAPStore a\nHost h\nUser u\nPass p\nSSLType IMAPS\n\nIMAPStore b\nHost h2\nUser u\nPass p\nSSLType IMAPS\n\nMaildirStore "
      "near\nPath "
      "~/M/\nSubFolders Verbatim\n\nChannel a\nFar :a:\nNear :near:a/\nPatterns *\nExpunge Both\n\nChannel b\nFar :b:\nNear "
      ":near:b/\nPatterns "
      "*\nExpunge Both\n\nChannel bs\nFar :b:Sent\nNear :near:b/Sent\nExpunge Both\n");
  ASSERT_THAT(taken.drafts, SizeIs(2));
  EXPECT_EQ(taken.drafts[0].account.maildir, "~/M/a");
  EXPECT_EQ(taken.drafts[1].account.maildir, "~/M/b");
  EXPECT_THAT(lines_of(taken.drafts[1].obstacles), IsEmpty());
}

TEST_F(Mbsync, MailboxUnderAnotherName_IsAnObstacleWithItsCommand) {
  const auto draft =
      draft_of("", "Path /m/\nInbox /m/INBOX\n", "\nChannel sent\nFar \":far:[Gmail]/Sent Mail\"\nNear :near:sent\nExpunge Both\n");
  ASSERT_THAT(draft.obstacles, SizeIs(1));
  EXPECT_THAT(draft.obstacles[0].message, HasSubstr("mkdir -p '/m/[Gmail]' && mv /m/sent '/m/[Gmail]/Sent Mail'"));
}

TEST_F(Mbsync, DirectionsOfSync_BecomeModes) {
  const auto with = [&](const std::string& sync) {
    return draft_of("", "Path ~/M/\nInbox ~/M/INBOX\n", "Patterns *\nCreate Both\nExpunge Both\nSync " + sync + "\n");
  };
  EXPECT_EQ(with("All").account.mode, config::Mode::two_way);
  EXPECT_EQ(with("Pull").account.mode, config::Mode::pull);
  EXPECT_EQ(with("PullNew PullFlags").account.mode, config::Mode::archive);
  EXPECT_EQ(with("New Flags").account.on_local_delete, config::OnLocalDelete::keep);
  EXPECT_EQ(with("PullNew Push").account.attic_retention, std::nullopt);
  EXPECT_THAT(lines_of(with("Push").obstacles), ElementsAre(HasSubstr("always brings new messages")));
  EXPECT_THAT(lines_of(with("None").obstacles), Not(IsEmpty()));
  EXPECT_THAT(lines_of(with("Sideways").obstacles), Not(IsEmpty()));
}

TEST_F(Mbsync, WithoutExpunge_DeletionsHereStayHere) {
  const auto draft = draft_of("", "Path ~/M/\nInbox ~/M/INBOX\n", "Patterns *\nCreate Both\n");
  EXPECT_EQ(draft.account.on_local_delete, config::OnLocalDelete::keep);
  EXPECT_FALSE(draft.account.expunge);
  EXPECT_THAT(lines_of(draft.notes), ElementsAre(HasSubstr("mbsync doesn't expunge on the server")));
}

TEST_F(Mbsync, GlobalSettings_HoldWhereTheChannelSaysNothing) {
  const auto taken = read_text(
      "Create Both\nExpunge Both\nSync Pull\n\nIMAPStore far\nHost h\nUser u\nPass p\nSSLType IMAPS\n\nMaildirStore near\nPath "
      "~/M/\nInbox "
      "~/M/INBOX\n\nChannel c\nFar :far:\nNear :near:\nPatterns *\n");
  EXPECT_EQ(taken.drafts.at(0).account.mode, config::Mode::pull);
}

TEST_F(Mbsync, WhatMeansNothingToUs_IsTold) {
  const auto draft = draft_of("Frobnicate yes\n", "Path ~/M/\nInbox ~/M/INBOX\nMaxSize 200k\n",
                              "Patterns *\nCreate Both\nExpunge Both\nMaxMessages 100\nRemove Both\n");
  EXPECT_THAT(lines_of(draft.notes),
              ::testing::UnorderedElementsAre(HasSubstr("older messages"), HasSubstr("delete_mailboxes"),
                                              HasSubstr("max_message_size"), HasSubstr("5: 'frobnicate' isn't known")));
  EXPECT_TRUE(draft.may_hold_placeholders);
}

TEST_F(Mbsync, NoPairToMirror_IsTold) {
  EXPECT_THAT(lines_of(read_text("").notes), ElementsAre(HasSubstr("no channel")));
  EXPECT_THAT(lines_of(read_text("Channel c\nFar :a:\nNear :b:\n").notes), ElementsAre(HasSubstr("there is no store 'a'")));
  EXPECT_THAT(lines_of(read_text("IMAPStore a\nHost h\n\nIMAPStore b\nHost h\n\nChannel c\nFar :a:\nNear :b:\n").notes),
              ElementsAre(HasSubstr("into a Maildir")));
  EXPECT_THAT(lines_of(read_text("Channel c\nFar a\n").notes), ::testing::Contains(HasSubstr("isn't ':STORE:MAILBOX'")));
}

}  // namespace
}  // namespace mailmirror::daemon::migration
