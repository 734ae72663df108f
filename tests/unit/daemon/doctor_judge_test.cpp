// The doctor's judgement on what can't be planted in a test's machine, and how it is told.
#include "daemon/doctor/account_checks.hpp"
#include "daemon/doctor/machine_checks.hpp"
#include "daemon/doctor/report.hpp"
#include "daemon/doctor/server_checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace mailmirror::daemon::doctor {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Judge, Watches_FailBeyondTheLimitAndWarnNearIt) {
  EXPECT_EQ(judge_watches(10, 8192).state, State::ok);
  EXPECT_EQ(judge_watches(5000, 8192).state, State::warn);
  const auto over = judge_watches(20'000, 8192);
  EXPECT_EQ(over.state, State::fail);
  EXPECT_THAT(over.remedy, HasSubstr("sysctl fs.inotify.max_user_watches=80000"));
}

TEST(Judge, Room_FailsWithoutItAndWarnsWhenLittleIsLeft) {
  EXPECT_FALSE(judge_room({100ULL << 30, 1'000'000, true}, "work", "the mail"));
  EXPECT_EQ(judge_room({500ULL << 20, 1'000'000, true}, "work", "the mail")->state, State::warn);
  EXPECT_EQ(judge_room({1 << 20, 1'000'000, true}, "work", "the mail")->state, State::fail);
  EXPECT_EQ(judge_room({100ULL << 30, 0, true}, "work", "the mail")->state, State::fail);
  EXPECT_THAT(judge_room({100ULL << 30, 500, true}, "work", "the mail")->message, HasSubstr("500 inodes left"));
  EXPECT_FALSE(judge_room({100ULL << 30, 0, false}, "work", "the mail")) << "btrfs counts no inodes";
}

TEST(Judge, NetworkFileSystems_AreKnownByTheirNumbers) {
  EXPECT_EQ(remote_file_system(0x6969), "NFS");
  EXPECT_EQ(remote_file_system(0xfe534d42), "SMB");
  EXPECT_FALSE(remote_file_system(0xef53)) << "ext4";
}

TEST(Judge, Failures_AreFoundUnderTheirCheck) {
  config::Account account;
  account.name = "work";
  account.host = "imap.example.org";
  account.secret = {config::SecretSource::Kind::oauth2, ""};
  const auto check_of = [&](ErrorKind kind) { return judge_failure(account, fail(kind, "x")).check; };
  EXPECT_EQ(check_of(ErrorKind::certificate), "TLS");
  EXPECT_EQ(check_of(ErrorKind::tls), "TLS");
  EXPECT_EQ(check_of(ErrorKind::network), "connection");
  EXPECT_EQ(check_of(ErrorKind::protocol), "server");
  const auto login = judge_failure(account, fail(ErrorKind::authentication, "refused"));
  EXPECT_EQ(login.check, "login");
  EXPECT_EQ(login.remedy, "mailmirror login work");
}

TEST(Judge, Capabilities_TellWhatTheirLackCosts) {
  const auto judge = [](std::vector<std::string> names) {
    return judge_capabilities("work", imap::client::Capabilities(names, {}));
  };
  const auto gmail = judge({"IMAP4rev1", "UIDPLUS", "IDLE", "CONDSTORE", "MOVE", "SPECIAL-USE", "LIST-STATUS", "COMPRESS=DEFLATE"});
  EXPECT_EQ(gmail.state, State::ok);
  EXPECT_THAT(gmail.message, HasSubstr("QRESYNC (each pass compares"));
  EXPECT_THAT(gmail.message, Not(HasSubstr("CONDSTORE (")));
  EXPECT_EQ(judge({"IMAP4rev1", "UIDPLUS"}).state, State::warn);
  EXPECT_THAT(judge({"IMAP4rev1", "IDLE"}).message, HasSubstr("no UIDPLUS"));
}

TEST(Report, Words_AreEightyColumnsWideAtMost) {
  const Findings findings{{"", "clock", State::ok, "it is kept right"},
                          {"work", "file system", State::warn, std::string("words ") + std::string(300, 'x').replace(100, 1, " "),
                           "do something about it"},
                          {"work", "login", State::fail, "refused\x1b[2J", "mailmirror login work"}};
  EXPECT_EQ(render({findings[0]}, Colour::no),
            "this machine\n  clock          ok    it is kept right\n\nEverything is in order.\n");
  const auto text = render(findings, Colour::no);
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, HasSubstr("\naccount work\n"));
  EXPECT_THAT(text, HasSubstr("  login          fail  refused?[2J\n                       -> mailmirror login work\n"));
  EXPECT_THAT(text, HasSubstr("1 fault, 1 warning.\n"));
  EXPECT_THAT(render(findings, Colour::yes), HasSubstr("\x1b[31mfail \x1b[0m"));
}

TEST(Report, Json_HasEachFindingAndTheVerdict) {
  const Findings findings{{"work", "login", State::fail, "refused", "mailmirror login work"},
                          {"", "clock", State::warn, "unknown"}};
  const auto document = nlohmann::json::parse(render_json(findings));
  EXPECT_EQ(document.at("ok"), false);
  EXPECT_EQ(document.at("findings").at(0).at("state"), "fail");
  EXPECT_TRUE(document.at("findings").at(1).at("account").is_null());
  EXPECT_TRUE(is_well({findings[1]}));
}

}  // namespace
}  // namespace mailmirror::daemon::doctor
