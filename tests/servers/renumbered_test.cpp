// UIDs that lost their meaning: a mailbox that was numbered anew, and a server that was restored from an older snapshot. Nothing is deleted,
// nothing doubled, nothing transferred that is there already.
#include "tests/servers/world.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <gmock/gmock.h>

namespace mailmirror::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class Renumbered : public ::testing::TestWithParam<Setting> {
 protected:
  Renumbered() { world.device.account.port = proxy.port(); }

  /// The server forgets its numbers, as after a migration: other UIDVALIDITY, other UIDs.
  void renumber() {
    world.server.stop();
    for (const auto& entry : fs::directory_iterator(world.server.mail_folder("u1")))
      if (entry.path().filename().string().starts_with("dovecot")) fs::remove_all(entry.path());
    world.server.start();
    probe.emplace(world.server.port(), "u1");
  }

  /// Files by name, as far as a rename for a flag doesn't change it.
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& file : world.maildir.files("INBOX")) {
      const auto name = file.filename().string();
      names.push_back(name.substr(0, name.find(":2,")));
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  World world{GetParam()};
  TcpProxy proxy{world.server.port()};
  std::optional<ImapProbe> probe;
};
INSTANTIATE_TEST_SUITE_P(All, Renumbered, ::testing::ValuesIn(all_settings()), setting_name);

TEST_P(Renumbered, SameMessages_KeepTheirFilesAndNoBodyTravels) {
  world.fill("INBOX", 20);
  world.probe.expunge("INBOX", 3);
  ASSERT_TRUE(passes_and_same(world));
  const auto before = names();
  const auto validity = world.probe.status("INBOX").uid_validity;
  renumber();
  ASSERT_NE(probe->status("INBOX").uid_validity, validity);
  proxy.record();
  EXPECT_TRUE(passes(world.device));
  EXPECT_EQ(names(), before);
  EXPECT_FALSE(says(proxy.spoken(), "APPEND|BODY.PEEK\\[\\]|EXPUNGE \\d")) << proxy.spoken();
  EXPECT_TRUE(same_on_both_sides(*probe, world.device));
  EXPECT_TRUE(passes(world.device));
  EXPECT_THAT(attic_files(world.device), IsEmpty());
}

TEST_P(Renumbered, ChangesOfBothSidesMeanwhile_AreCarriedOver) {
  const auto uids = world.fill("INBOX", 8);
  ASSERT_TRUE(passes_and_same(world));
  set_letters(world.file_of("INBOX", uids[0]), "FS");
  world.maildir.deliver("INBOX", world.generator.file(Shape::multipart), "S");
  world.probe.add_flags("INBOX", uids[1], "\\Answered");
  world.fill("INBOX", 2);
  renumber();
  EXPECT_TRUE(passes(world.device));
  EXPECT_TRUE(same_on_both_sides(*probe, world.device));
  EXPECT_THAT(probe->fetch_all("INBOX"), SizeIs(11));
  const auto all = probe->fetch_all("INBOX");
  const auto with = [&](const std::set<std::string>& flags) {
    return std::count_if(all.begin(), all.end(), [&](const auto& m) { return m.flags == flags; });
  };
  EXPECT_EQ(with({"\\Flagged", "\\Seen"}), 1);
  EXPECT_EQ(with({"\\Answered"}), 1);
  EXPECT_THAT(attic_files(world.device), IsEmpty());
}

TEST_P(Renumbered, SameMessageIdAndSize_ToldApartByTheirBytes) {
  for (const auto* body : {"one", "two", "six"})
    world.probe.append("INBOX", std::string("Message-ID: <same@example.org>\r\nSubject: x\r\n\r\n") + body + "\r\n");
  for (const auto* body : {"red", "tan"}) world.probe.append("INBOX", std::string("Subject: no id\r\n\r\n") + body + "\r\n");
  ASSERT_TRUE(passes_and_same(world));
  const auto before = names();
  renumber();
  EXPECT_TRUE(passes(world.device));
  EXPECT_EQ(names(), before);
  EXPECT_TRUE(same_on_both_sides(*probe, world.device));
}

TEST_P(Renumbered, WhatTheServerLost_IsHeldHere) {
  const auto uids = world.fill("INBOX", 5);
  ASSERT_TRUE(passes_and_same(world));
  const auto lost = world.file_of("INBOX", uids[2]);
  world.probe.expunge("INBOX", uids[2]);
  renumber();
  const auto run = world.device.once();
  EXPECT_EQ(run.code, 1) << run.err;
  EXPECT_TRUE(says(run.err, "held")) << run.err;
  EXPECT_TRUE(fs::exists(lost));
  EXPECT_THAT(probe->fetch_all("INBOX"), SizeIs(4));
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(5));
  // It stays held, and neither side changes.
  EXPECT_EQ(world.device.once().code, 1);
  EXPECT_THAT(probe->fetch_all("INBOX"), SizeIs(4));
}

TEST_P(Renumbered, WhatTheServerLost_UploadedOrLaidIntoTheAtticAtTheUsersWord) {
  const auto uids = world.fill("INBOX", 5);
  ASSERT_TRUE(passes_and_same(world));
  world.probe.expunge("INBOX", uids[2]);
  renumber();
  auto daemon = world.device.start_daemon();
  const auto held = [&] { return says(world.device.control({"held"}).out, "INBOX"); };
  ASSERT_TRUE(eventually(Milliseconds(15'000), held)) << daemon.errors();
  EXPECT_EQ(world.device.control({"reject", "work/INBOX"}).code, 0);
  EXPECT_TRUE(eventually(Milliseconds(15'000), [&] { return probe->status("INBOX").messages == 5; })) << daemon.errors();
  EXPECT_TRUE(becomes_same(*probe, world.device));
  EXPECT_EQ(daemon.stop(), 0);

  probe->expunge("INBOX", probe->fetch_all("INBOX").front().uid);
  renumber();
  auto again = world.device.start_daemon();
  ASSERT_TRUE(eventually(Milliseconds(15'000), held)) << again.errors();
  EXPECT_EQ(world.device.control({"approve", "work"}).code, 0);
  EXPECT_TRUE(becomes_same(*probe, world.device)) << again.errors();
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(4));
  EXPECT_THAT(attic_files(world.device), SizeIs(1));
  // A word that was too quick is taken back.
  EXPECT_EQ(world.device.control({"undo"}).code, 0);
  EXPECT_TRUE(eventually(Milliseconds(15'000), [&] { return probe->status("INBOX").messages == 5; })) << again.errors();
  EXPECT_TRUE(becomes_same(*probe, world.device)) << again.errors();
}

class Restored : public Renumbered {
 protected:
  [[nodiscard]] fs::path mail() const { return world.server.mail_folder("u1"); }
  [[nodiscard]] fs::path snapshot() const { return mail().string() + ".snapshot"; }

  void back_up() {
    world.server.stop();
    fs::copy(mail(), snapshot(), fs::copy_options::recursive);
    world.server.start();
    probe.emplace(world.server.port(), "u1");
  }
  void restore() {
    world.server.stop();
    fs::remove_all(mail());
    fs::rename(snapshot(), mail());
    fs::permissions(mail(), fs::perms::all);
    for (const auto& entry : fs::recursive_directory_iterator(mail())) fs::permissions(entry.path(), fs::perms::all);
    world.server.start();
    probe.emplace(world.server.port(), "u1");
  }
  void append(int count) {
    for (int n = 0; n < count; ++n) probe->append("INBOX", world.generator.wire(Shape::plain), {}, 1'400'000'000 + ++appended * 1000);
  }

  int appended = 0;
};
INSTANTIATE_TEST_SUITE_P(All, Restored, ::testing::ValuesIn(all_settings()), setting_name);

TEST_P(Restored, OlderSnapshot_DeletesNothingAndDoublesNothing) {
  const auto uids = world.fill("INBOX", 6);
  ASSERT_TRUE(passes_and_same(world));
  back_up();
  for (int n = 0; n < 3; ++n) probe->append("INBOX", world.generator.wire(Shape::plain));
  probe->add_flags("INBOX", uids[0], "\\Flagged");
  probe->expunge("INBOX", uids[1]);
  ASSERT_TRUE(passes(world.device));
  ASSERT_THAT(world.maildir.files("INBOX"), SizeIs(8));
  restore();
  // Other messages get the UIDs of those that the snapshot lacks.
  probe->append("INBOX", world.generator.wire(Shape::multipart));
  const auto run = world.device.once();
  EXPECT_EQ(run.code, 1) << run.err;
  EXPECT_TRUE(says(run.err, "older")) << run.err;
  // Five were found again, one came back, one is new; three that the snapshot lacks are held.
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(10));
  EXPECT_THAT(probe->fetch_all("INBOX"), SizeIs(7));
  EXPECT_EQ(world.device.once().code, 1);
  EXPECT_THAT(probe->fetch_all("INBOX"), SizeIs(7));
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(10));
}

/// UIDVALIDITY is as before: by its name such a file is a message that died.
TEST_P(Restored, WhatTheSnapshotLacks_IsUploadedAtTheUsersWord) {
  world.fill("INBOX", 4);
  ASSERT_TRUE(passes_and_same(world));
  back_up();
  append(2);
  ASSERT_TRUE(passes(world.device));
  restore();
  auto daemon = world.device.start_daemon();
  ASSERT_TRUE(eventually(Milliseconds(15'000), [&] { return says(world.device.control({"held"}).out, "INBOX"); })) << daemon.errors();
  EXPECT_EQ(world.device.control({"reject", "work/INBOX"}).code, 0);
  EXPECT_TRUE(eventually(Milliseconds(15'000), [&] { return probe->status("INBOX").messages == 6; })) << daemon.errors();
  EXPECT_TRUE(becomes_same(*probe, world.device)) << daemon.errors();
  EXPECT_THAT(attic_files(world.device), IsEmpty());
}

/// UIDNEXT lies ahead of what was seen, and without CONDSTORE nothing else is counted: the UIDs are those of other messages.
TEST_P(Restored, OlderSnapshotThatNewMailHasOvertaken_IsNoticed) {
  world.fill("INBOX", 3);
  ASSERT_TRUE(passes_and_same(world));
  back_up();
  append(2);
  ASSERT_TRUE(passes(world.device));
  restore();
  append(5);
  const auto run = world.device.once();
  EXPECT_EQ(run.code, 1) << run.err;
  EXPECT_TRUE(says(run.err, "older")) << run.err;
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(10)) << "three found again, five new, two held";
  EXPECT_THAT(attic_files(world.device), IsEmpty());
}

}  // namespace
}  // namespace mailmirror::testing
