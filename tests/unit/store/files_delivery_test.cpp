#include "store/files/delivery.hpp"
#include "store/files/outgoing.hpp"
#include "tests/unit/store/files_faulty_disk.hpp"
#include "tests/unit/store/files_support.hpp"

#include <gmock/gmock.h>

#include <thread>

namespace mailmirror::store {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const sys_seconds kDate{seconds(1234567890)};

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t n = 0; n < times; ++n) result += text;
  return result;
}

/// What the file must hold, told in the plainest way.
std::string expected_file(const std::string& wire, LineEnds line_ends) {
  if (line_ends == LineEnds::as_served) return wire;
  std::string file;
  for (const char c : wire)
    if (c != '\r') file += c;
  return file;
}

LineEnds expected_line_ends(const std::string& wire) {
  for (std::size_t n = 0; n < wire.size(); ++n) {
    const bool bare_lf = wire[n] == '\n' && (n == 0 || wire[n - 1] != '\r');
    const bool bare_cr = wire[n] == '\r' && (n + 1 == wire.size() || wire[n + 1] != '\n');
    if (bare_lf || bare_cr) return LineEnds::as_served;
  }
  return LineEnds::converted;
}

std::string with_crlf(const std::string& text) {
  std::string wire;
  for (std::size_t n = 0; n < text.size(); ++n) {
    if (text[n] == '\n' && (n == 0 || text[n - 1] != '\r')) wire += '\r';
    wire += text[n];
  }
  return wire;
}

class DeliveryTest : public MaildirTest {
 protected:
  struct Delivered {
    Received received;
    MaildirFile file;
  };

  /// Gives the bytes in pieces of this size.
  Delivered deliver(const std::string& wire, const std::string& unique, std::size_t piece = 1 << 20,
                    std::string_view letters = "S") {
    auto message = IncomingMessage::begin(folder, random).value();
    for (auto rest = bytes_of(wire); !rest.empty(); rest = rest.subspan(std::min(piece, rest.size())))
      message.write(rest.first(std::min(piece, rest.size()))).value();
    const auto received = message.finish(kDate).value();
    return {received, publish(folder, message, unique, letters, random).value()};
  }

  [[nodiscard]] fs::path path_of(const MaildirFile& file) const {
    return inbox(file.place == Place::cur ? "cur" : "new") / file.name();
  }

  [[nodiscard]] std::string wire_of(const MaildirFile& file, const Outgoing& form) const {
    auto reader = WireReader::open(folder, file, form).value();
    std::string wire;
    while (true) {
      const auto piece = reader.next().value();
      if (piece.empty()) return wire;
      wire.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    }
  }

  void expect_round_trip(const std::string& wire, const std::string& unique, std::size_t piece) {
    const auto [received, file] = deliver(wire, unique, piece);
    const auto line_ends = expected_line_ends(wire);
    const auto stored = read_text(path_of(file));
    EXPECT_EQ(received.line_ends, line_ends);
    EXPECT_EQ(stored, expected_file(wire, line_ends));
    EXPECT_EQ(received.file_size, stored.size());
    EXPECT_EQ(received.wire_size, wire.size());
    EXPECT_EQ(received.file_digest, sha256(bytes_of(stored)));
    EXPECT_EQ(received.wire_digest, sha256(bytes_of(wire)));
    const auto form = inspect(folder, file, line_ends).value();
    EXPECT_EQ(form.wire_size, wire.size());
    EXPECT_EQ(form.wire_digest, received.wire_digest);
    EXPECT_EQ(form.file_digest, received.file_digest);
    EXPECT_EQ(form.mtime, kDate);
    EXPECT_EQ(wire_of(file, form), wire);
    EXPECT_THAT(names_in(inbox("tmp")), IsEmpty());
  }
};

TEST_F(DeliveryTest, MessagesOfEveryKind_ComeBackAsTheyWereServed) {
  const std::string header = "Subject: x\r\n\r\n";
  const std::vector<std::string> messages = {"",
                                             "\r\n",
                                             header,
                                             header + "body\r\n",
                                             header + "no final newline",
                                             header + "8 bit \xff\xfe\x80\r\n",
                                             header + std::string("NUL \0 inside\r\n", 13),
                                             "\n",
                                             "\r",
                                             header + "bare\nlf\r\n",
                                             header + "bare\rcr\r\n",
                                             header + "cr at the end\r",
                                             header + "lf at the end\n",
                                             header + "\r\r\n",
                                             header + "\n\r\n",
                                             header + "\r\n\r\n\r\n",
                                             "all\nlf\nonly\n"};
  int n = 0;
  for (const auto& wire : messages)
    for (const std::size_t piece : {1U, 2U, 3U, 1000U}) {
      SCOPED_TRACE(testing::Message() << "message " << n / 4 << " in pieces of " << piece);
      expect_round_trip(wire, "m" + std::to_string(n++), piece);
    }
}

TEST_F(DeliveryTest, ABareLineEndLateInABigMessage_StoresItAsServed) {
  const std::string line = "0123456789012345678901234567890123456789012345678901234567890123456789012345\r\n";
  const auto one_mib = repeated(line, 1024 * 1024 / line.size());
  const auto ten_mib = repeated(one_mib, 10);
  expect_round_trip(ten_mib, "fine", 100'000);
  expect_round_trip(ten_mib + "bare\n" + one_mib, "lf", 100'000);
  expect_round_trip(one_mib + "bare\r", "cr", 100'000);
  expect_round_trip("bare\n" + one_mib, "early", 100'000);
}

TEST_F(DeliveryTest, RealMessages_ComeBackAsTheyWereServed) {
  const fs::path data(MAILMIRROR_TEST_DATA "/messages");
  int n = 0;
  for (const auto& project : fs::directory_iterator(data)) {
    if (!project.is_directory() || project.path().filename() == "LICENSES") continue;
    for (const auto& entry : fs::directory_iterator(project)) {
      SCOPED_TRACE(entry.path().string());
      const auto text = read_text(entry.path());
      expect_round_trip(text, "raw" + std::to_string(n), 4096);
      expect_round_trip(with_crlf(text), "wire" + std::to_string(n++), 7777);
    }
  }
  EXPECT_GE(n, 700);
}

TEST_F(DeliveryTest, MessagesWithoutLetters_GoToNew) {
  EXPECT_EQ(deliver("x\r\n", "a", 100, "").file, in_new("a"));
  EXPECT_EQ(deliver("x\r\n", "b", 100, "SF").file, in_cur("b", "FS"));
  EXPECT_THAT(names_in(inbox("new")), ElementsAre("a"));
  EXPECT_THAT(names_in(inbox("cur")), ElementsAre("b:2,FS"));
}

TEST_F(DeliveryTest, ATakenName_GetsADiscriminator) {
  const auto first = deliver("one\r\n", "1.V1U1M01234567A01234567.h", 100, "S").file;
  const auto second = deliver("two\r\n", "1.V1U1M01234567A01234567.h", 100, "S").file;
  EXPECT_NE(second.unique, first.unique);
  EXPECT_EQ(parse_identity(second.unique), parse_identity(first.unique));
  EXPECT_EQ(read_text(path_of(first)), "one\n");
  EXPECT_EQ(read_text(path_of(second)), "two\n");
}

TEST_F(DeliveryTest, AMessageGivenUp_LeavesNothingBehind) {
  {
    auto message = IncomingMessage::begin(folder, random).value();
    message.write(bytes_of("half a mess")).value();
    EXPECT_THAT(names_in(inbox("tmp")), SizeIs(1));
    auto moved = std::move(message);
    EXPECT_THAT(names_in(inbox("tmp")), SizeIs(1));
  }
  EXPECT_THAT(names_in(inbox("tmp")), IsEmpty());
}

TEST_F(DeliveryTest, ManyMessagesAtATime_DontMixUp) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([this, t] {
      SecureRandom chance;
      for (int n = 0; n < 20; ++n) {
        const auto unique = std::to_string(t) + "-" + std::to_string(n);
        auto message = IncomingMessage::begin(folder, chance).value();
        message.write(bytes_of(unique + "\r\n")).value();
        message.finish(kDate).value();
        publish(folder, message, unique, "", chance).value();
      }
    });
  for (auto& thread : threads) thread.join();
  const auto scan = folder.scan().value();
  ASSERT_THAT(scan.files, SizeIs(80));
  for (const auto& file : scan.files) EXPECT_EQ(read_text(path_of(file)), file.unique + "\n");
}

TEST_F(DeliveryTest, SyncAfterFinish_MakesThePublishedBytesDurable) {
  FaultyDisk faulty(disk);
  auto meddled = MaildirFolder::open(faulty, root(), "INBOX").value();
  std::vector<std::string> order;
  faulty.meddle = [&](const std::string& operation, const fs::path& path) {
    if (operation == "append" || operation == "rename" || operation == "sync")
      order.push_back(operation + " " + path.parent_path().filename().string());
    return 0;
  };
  auto message = IncomingMessage::begin(meddled, random).value();
  message.write(bytes_of("x\r\n")).value();
  message.finish(kDate).value();
  message.sync().value();
  publish(meddled, message, "a", "S", random).value();
  EXPECT_THAT(order, ElementsAre("append tmp", "sync tmp", "rename tmp"));
}

TEST_F(DeliveryTest, MessagesThatWaitToBePublished_HoldNoDescriptors) {
  const auto open_files = [] { return names_in("/proc/self/fd").size(); };
  const auto before = open_files();
  std::vector<IncomingMessage> waiting;
  for (int n = 0; n < 3; ++n) {
    waiting.push_back(IncomingMessage::begin(folder, random).value());
    waiting.back().finish(kDate).value();
    waiting.back().sync().value();
  }
  EXPECT_EQ(open_files(), before);
}

TEST_F(DeliveryTest, AFullDisk_IsToldAndLeavesNothing) {
  FaultyDisk faulty(disk);
  auto full = MaildirFolder::open(faulty, root(), "INBOX").value();
  faulty.meddle = [](const std::string& operation, const fs::path&) { return operation == "append" ? ENOSPC : 0; };
  {
    auto message = IncomingMessage::begin(full, random).value();
    auto written = message.write(bytes_of(repeated("x", 300'000)));
    EXPECT_EQ(written.error().kind, ErrorKind::disk_full);
  }
  {
    auto message = IncomingMessage::begin(full, random).value();
    message.write(bytes_of("short")).value();
    EXPECT_EQ(message.finish(kDate).error().kind, ErrorKind::disk_full);
  }
  EXPECT_THAT(names_in(inbox("tmp")), IsEmpty());
}

class OutgoingTest : public DeliveryTest {
 protected:
  MaildirFile put(const std::string& text) {
    write_text(inbox("cur/m:2,S"), text);
    return in_cur("m", "S");
  }
};

TEST_F(OutgoingTest, LocalFiles_GetCrlf) {
  const auto file = put("a\nb\r\nc\rd\n\ne");
  const auto form = inspect(folder, file).value();
  EXPECT_EQ(wire_of(file, form), "a\r\nb\r\nc\rd\r\n\r\ne");
  EXPECT_EQ(form.wire_size, 14u);
  EXPECT_EQ(form.file_digest, sha256(bytes_of("a\nb\r\nc\rd\n\ne")));
  EXPECT_EQ(form.before.size, 11u);
}

TEST_F(OutgoingTest, AFileOfLineEndsOnly_IsGivenWhole) {
  const auto file = put(repeated("\n", 200'000));
  const auto form = inspect(folder, file).value();
  EXPECT_EQ(form.wire_size, 400'000u);
  EXPECT_EQ(wire_of(file, form), repeated("\r\n", 200'000));
}

TEST_F(OutgoingTest, AMessageId_IsFoundInTheHeader) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"Message-ID: <a@b>\n\n", "<a@b>"},
      {"From: x\r\nmessage-id:<a@b>\r\n\r\n", "<a@b>"},
      {"Message-Id:\n <a@b>\n\n", "<a@b>"},
      {"MESSAGE-ID : \t<a@b> (comment)\n\n", "<a@b>"},
      {"Message-ID: plain\n\n", "plain"},
      {"X-Message-ID: <x@y>\nSubject: Message-ID: <z@z>\n\nMessage-ID: <body@b>\n", ""},
      {"Message-ID: <first@b>\nMessage-ID: <second@b>\n\n", "<first@b>"},
      {"\nMessage-ID: <a@b>\n", ""},
      {"", ""},
      {"Message-ID: <no end", "<no end"},
      {"From nobody\nMessage-ID: <a@b>", "<a@b>"},
  };
  for (const auto& [text, id] : cases) EXPECT_EQ(inspect(folder, put(text)).value().message_id, id) << text;
}

TEST_F(OutgoingTest, AFileChangedSinceItWasInspected_IsAConflict) {
  const auto file = put("one\n");
  const auto form = inspect(folder, file).value();
  put("one and more\n");
  EXPECT_EQ(WireReader::open(folder, file, form).error().kind, ErrorKind::conflict);
}

TEST_F(OutgoingTest, OtherBytesUnderTheSameSizeAndDate_NeverLeaveWhole) {
  const auto file = put("one\n");
  const auto form = inspect(folder, file).value();
  auto reader = WireReader::open(folder, file, form).value();
  const auto date = fs::last_write_time(inbox("cur/m:2,S"));
  put("two\n");
  fs::last_write_time(inbox("cur/m:2,S"), date);
  EXPECT_EQ(reader.next().error().kind, ErrorKind::conflict);
}

TEST_F(OutgoingTest, AFileThatGrowsOrShrinksOnTheWay_LacksItsEnd) {
  const auto text = repeated("0123456789\n", 30'000);
  for (const auto& later : {text + "more\n", text.substr(0, 150'000)}) {
    const auto file = put(text);
    const auto form = inspect(folder, file).value();
    auto reader = WireReader::open(folder, file, form).value();
    auto given = reader.next().value().size();
    put(later);
    auto piece = reader.next();
    for (; piece; piece = reader.next()) given += piece.value().size();
    EXPECT_EQ(piece.error().kind, ErrorKind::conflict);
    EXPECT_LT(given, form.wire_size);
  }
}

TEST_F(OutgoingTest, AFlagsRenameOnTheWay_IsNoChange) {
  const auto file = put(repeated("0123456789\n", 30'000));
  const auto form = inspect(folder, file).value();
  auto reader = WireReader::open(folder, file, form).value();
  reader.next().value();
  fs::rename(inbox("cur/m:2,S"), inbox("cur/m:2,FS"));
  auto given = std::size_t{0};
  for (auto piece = reader.next().value(); !piece.empty(); piece = reader.next().value()) given += piece.size();
  EXPECT_GT(given, 0u);
  EXPECT_EQ(wire_of(file, form).size(), form.wire_size);
}

TEST_F(OutgoingTest, AFileThatGrowsWhileInspected_IsAConflict) {
  const auto file = put("one\n");
  FaultyDisk faulty(disk);
  auto meddled = MaildirFolder::open(faulty, root(), "INBOX").value();
  faulty.meddle = [&](const std::string& operation, const fs::path&) {
    if (operation == "read") put("one and more\n");
    return 0;
  };
  EXPECT_EQ(inspect(meddled, file).error().kind, ErrorKind::conflict);
}

TEST_F(OutgoingTest, AReadError_IsAnError) {
  const auto file = put("one\n");
  FaultyDisk faulty(disk);
  auto meddled = MaildirFolder::open(faulty, root(), "INBOX").value();
  faulty.meddle = [](const std::string& operation, const fs::path&) { return operation == "read" ? EIO : 0; };
  EXPECT_EQ(inspect(meddled, file).error().kind, ErrorKind::io);
  EXPECT_EQ(inspect(meddled, in_cur("gone")).error().kind, ErrorKind::missing);
}

}  // namespace
}  // namespace mailmirror::store
