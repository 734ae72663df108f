// Two devices, live, and on each the usual programs (neomutt, mblaze, notmuch), with another client at the server: all become
// equal, nothing is lost and nothing doubled.
#include "tests/servers/world.hpp"
#include "tests/support/mail_programs.hpp"

#include <map>
#include <random>
#include <set>

namespace mailmirror::testing {
namespace {

constexpr int kSteps = 30;
constexpr std::size_t kMessages = 12;
/// Local deletions wait for ten seconds without another one, and a removed file for what may have become of it.
constexpr Milliseconds kAtLast{60'000};

std::string id_in(const std::string& bytes) {
  const auto at = bytes.find("Message-ID: ") + 12;
  return bytes.substr(at, bytes.find('\n', at) - at);
}

/// A device with its programs.
struct Desk {
  explicit Desk(std::uint16_t port) : device({.port = port}) {}

  Device device;
  LocalMaildir maildir = device.maildir();
  MailPrograms programs{maildir, device.folder() / "home"};
};

class Programs : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto missing = MailPrograms::missing(); !missing.empty()) GTEST_SKIP() << missing;
    for (std::size_t n = 0; n < kMessages; ++n) {
      messages.push_back(generator.file(Shape::plain));
      uids.push_back(probe.append("INBOX", with_crlf(messages.back())));
    }
    for (auto* desk : {&here, &there}) ASSERT_TRUE(passes(desk->device));
  }

  ::testing::AssertionResult settle() {
    for (const auto* desk : {&here, &there, &here, &there})
      if (const auto passed = passes(desk->device); !passed) return passed;
    for (const auto* desk : {&here, &there})
      if (const auto same = same_on_both_sides(probe, desk->device); !same) return same;
    return ::testing::AssertionSuccess();
  }

  /// The file of a message, in either folder; it may be gone in the next moment.
  static std::pair<fs::path, std::string> find(const Desk& desk, const std::string& bytes) {
    for (const char* mailbox : {"INBOX", "Archive"})
      for (const auto& file : desk.maildir.files(mailbox)) {
        std::error_code gone;
        if (fs::file_size(file, gone) == bytes.size() && !gone && read_file(file) == bytes) return {file, mailbox};
      }
    return {};
  }

  std::set<std::string> flags_of(const std::string& bytes) {
    for (const char* mailbox : {"INBOX", "Archive"})
      for (const auto& message : probe.fetch_all(mailbox))
        if (with_lf(message.bytes) == bytes) return message.flags;
    return {};
  }

  DovecotServer server;
  ImapProbe probe{server.port(), "u1"};
  MessageGenerator generator{20260202};
  Desk here{server.port()};
  Desk there{server.port()};
  std::vector<std::string> messages;
  std::vector<std::uint32_t> uids;
};

TEST_F(Programs, FlagsByEachOfThem_ReachTheOtherDevice) {
  here.programs.neomutt_flag("INBOX", id_in(messages[0]), '!');
  here.programs.mblaze_flag(find(here, messages[1]).first, "-S");
  there.programs.notmuch_tag(id_in(messages[2]), "+flagged -unread");
  there.programs.neomutt_flag("INBOX", id_in(messages[3]), 'r');
  ASSERT_TRUE(settle());
  EXPECT_EQ(flags_of(messages[0]), std::set<std::string>{"\\Flagged"});
  EXPECT_EQ(flags_of(messages[1]), std::set<std::string>{"\\Seen"});
  EXPECT_EQ(flags_of(messages[2]), (std::set<std::string>{"\\Flagged", "\\Seen"}));
  EXPECT_TRUE(flags_of(messages[3]).contains("\\Answered"));
}

TEST_F(Programs, MovedDeliveredAndDeletedByThem_NothingTravelsTwice) {
  here.programs.mblaze_refile(find(here, messages[0]).first, "Archive");
  there.programs.neomutt_delete("INBOX", id_in(messages[1]));
  const auto fresh = generator.file(Shape::plain);
  there.programs.mblaze_deliver("INBOX", fresh);
  ASSERT_TRUE(settle());
  EXPECT_TRUE(holds_exactly(probe, "Archive", {messages[0]}));
  std::vector<std::string> inbox(messages.begin() + 2, messages.end());
  inbox.push_back(fresh);
  EXPECT_TRUE(holds_exactly(probe, "INBOX", inbox));
}

/// Seeded steps of people, programs and another client, at the same time as two daemons work.
class Turmoil : public Programs, public ::testing::WithParamInterface<std::uint64_t> {
 protected:
  void step() {
    auto& desk = below(2) == 0 ? here : there;
    const auto& bytes = messages[below(messages.size())];
    try {
      switch (below(8)) {
        case 0: return desk.programs.notmuch_tag(id_in(bytes), below(2) == 0 ? "+flagged" : "-unread");
        case 1: return flag_by_neomutt(desk, bytes);
        case 2: return by_mblaze(desk, bytes);
        case 3: return refile(desk, bytes);
        case 4: return deliver(desk);
        case 5: return remove(desk, bytes);
        case 6: return append();
        default: return change_there(bytes);
      }
    } catch (const HarnessError& error) {
      // The daemon, or somebody else, was quicker with that file: a person would look again.
      passed_over.emplace_back(error.what());
    } catch (const fs::filesystem_error& error) {
      passed_over.emplace_back(error.what());
    }
  }

  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }

  void flag_by_neomutt(const Desk& desk, const std::string& bytes) {
    if (const auto [file, mailbox] = find(desk, bytes); !file.empty()) desk.programs.neomutt_flag(mailbox, id_in(bytes), '!');
  }
  void by_mblaze(const Desk& desk, const std::string& bytes) {
    if (const auto [file, mailbox] = find(desk, bytes); !file.empty()) desk.programs.mblaze_flag(file, below(2) == 0 ? "-S" : "-F");
  }
  void refile(const Desk& desk, const std::string& bytes) {
    if (const auto [file, mailbox] = find(desk, bytes); !file.empty())
      desk.programs.mblaze_refile(file, mailbox == "INBOX" ? "Archive" : "INBOX");
  }
  void deliver(const Desk& desk) {
    messages.push_back(generator.file(Shape::plain));
    desk.programs.mblaze_deliver("INBOX", messages.back());
  }
  /// Only a few: a mass deletion would be held.
  void remove(const Desk& desk, const std::string& bytes) {
    if (deleted.size() >= 4) return;
    const auto [file, mailbox] = find(desk, bytes);
    if (file.empty()) return;
    deleted.insert(bytes);
    desk.programs.neomutt_delete(mailbox, id_in(bytes));
  }
  void append() {
    messages.push_back(generator.file(Shape::plain));
    probe.append("INBOX", with_crlf(messages.back()));
  }
  void change_there(const std::string& bytes) {
    for (const auto& message : probe.fetch_all("INBOX")) {
      if (with_lf(message.bytes) != bytes) continue;
      if (below(2) == 0) return probe.add_flags("INBOX", message.uid, "\\Answered");
      return probe.move("INBOX", message.uid, "Archive");
    }
  }

  /// Each message once, in one of the two mailboxes; what somebody deleted may be gone.
  ::testing::AssertionResult nothing_lost_or_doubled() {
    std::map<std::string, int> held;
    for (const char* mailbox : {"INBOX", "Archive"})
      for (const auto& message : probe.fetch_all(mailbox)) ++held[with_lf(message.bytes)];
    for (const auto& bytes : messages) {
      const int times = held.contains(bytes) ? held.at(bytes) : 0;
      if (times > 1) return ::testing::AssertionFailure() << id_in(bytes) << " is there " << times << " times";
      if (times == 0 && !deleted.contains(bytes)) return ::testing::AssertionFailure() << id_in(bytes) << " is lost";
    }
    if (held.size() > messages.size()) return ::testing::AssertionFailure() << "there are messages that nobody made";
    return ::testing::AssertionSuccess();
  }

  std::set<std::string> deleted;
  std::vector<std::string> passed_over;

 private:
  std::mt19937_64 engine_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Seeds, Turmoil, ::testing::Range<std::uint64_t>(1, 7));

TEST_P(Turmoil, ByProgramsAndClients_EndsEqualWithNothingLostOrDoubled) {
  auto first = here.device.start_daemon();
  auto second = there.device.start_daemon();
  for (int n = 0; n < kSteps; ++n) {
    step();
    std::this_thread::sleep_for(Milliseconds(below(250)));
  }
  // Most steps came about, or this test would show nothing.
  EXPECT_LT(passed_over.size(), std::size_t{kSteps} / 2) << passed_over.front();
  EXPECT_TRUE(becomes_same(probe, here.device, kAtLast)) << first.errors();
  EXPECT_TRUE(becomes_same(probe, there.device, kAtLast)) << second.errors();
  EXPECT_EQ(first.stop(), 0);
  EXPECT_EQ(second.stop(), 0);
  EXPECT_TRUE(settle());
  EXPECT_TRUE(nothing_lost_or_doubled());
}

}  // namespace
}  // namespace mailmirror::testing
