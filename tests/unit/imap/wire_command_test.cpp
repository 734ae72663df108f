// Commands: their bytes, where they wait for the server, and what logs show.
#include "imap/wire/command.hpp"

#include "imap/wire/scanner.hpp"
#include "imap/wire/uid_chunks.hpp"

#include <gmock/gmock.h>

#include <random>
#include <string>

namespace mailmirror::imap::wire {

void PrintTo(const Piece& piece, std::ostream* out) {
  *out << '[' << piece.text << "] then " << static_cast<int>(piece.then);
}

namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

using Then = Piece::Then;

auto piece(std::string text, Then then) {
  return AllOf(Field(&Piece::text, text), Field(&Piece::then, then));
}

std::vector<Piece> pieces(const Command& command, LiteralMode mode = LiteralMode::synchronizing) {
  auto result = command.encode("A1", mode);
  if (result) return std::move(*result);
  ADD_FAILURE() << result.error().message;
  return {};
}

TEST(Command, WithoutArguments_IsTagAndName) {
  EXPECT_THAT(pieces(Command("NOOP")), ElementsAre(piece("A1 NOOP\r\n", Then::nothing)));
}

TEST(Command, Arguments_AreSetApartBySpaces) {
  Command command("UID FETCH");
  command.uids(UidSet{Uid{1}, Uid{2}, Uid{9}}).raw("(UID FLAGS)");
  EXPECT_THAT(pieces(command), ElementsAre(piece("A1 UID FETCH 1:2,9 (UID FLAGS)\r\n", Then::nothing)));
}

TEST(Command, Strings_AreQuoted) {
  Command command("X");
  command.astring("a b").astring("say \"hi\\\"").astring("");
  EXPECT_THAT(pieces(command), ElementsAre(piece("A1 X \"a b\" \"say \\\"hi\\\\\\\"\" \"\"\r\n", Then::nothing)));
}

TEST(Command, StringThatCantBeQuoted_IsALiteral) {
  Command command("X");
  command.astring("a\r\nb").astring("\xc3\xbc").raw("END");
  EXPECT_THAT(pieces(command), ElementsAre(piece("A1 X {4}\r\n", Then::wait), piece("a\r\nb {2}\r\n", Then::wait),
                                           piece("\xc3\xbc END\r\n", Then::nothing)));
  EXPECT_THAT(pieces(command, LiteralMode::plus),
              ElementsAre(piece("A1 X {4+}\r\na\r\nb {2+}\r\n\xc3\xbc END\r\n", Then::nothing)));
}

TEST(Command, LiteralMinus_WaitsAbove4096Octets) {
  for (const auto& [size, waits] : {std::pair{4096, false}, {4097, true}}) {
    Command command("X");
    command.astring(std::string(static_cast<std::size_t>(size), 'x'));
    EXPECT_EQ(pieces(command, LiteralMode::minus).size(), waits ? 2U : 1U) << size;
  }
}

TEST(Command, Nul_IsRefused) {
  Command in_string("LOGIN");
  in_string.secret(std::string_view("a\0b", 3));
  Command in_mailbox("SELECT");
  in_mailbox.mailbox(MailboxName(std::string_view("a\0b", 3)), NameEncoding::utf8);
  for (const auto* command : {&in_string, &in_mailbox}) {
    const auto result = command->encode("A1", LiteralMode::plus);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::unsupported);
    EXPECT_THAT(result.error().message, HasSubstr(command->name()));
  }
}

TEST(Command, Mailbox_IsEncodedAsTheServerWantsIt) {
  Command old_form("SELECT");
  old_form.mailbox(MailboxName("Entw\u00fcrfe & \"x\""));
  EXPECT_THAT(pieces(old_form), ElementsAre(piece("A1 SELECT \"Entw&APw-rfe &- \\\"x\\\"\"\r\n", Then::nothing)));
  Command new_form("SELECT");
  new_form.mailbox(MailboxName("Entw\u00fcrfe & x"), NameEncoding::utf8);
  EXPECT_THAT(pieces(new_form), ElementsAre(piece("A1 SELECT \"Entw\u00fcrfe & x\"\r\n", Then::nothing)));
}

TEST(Command, MailboxThatIsNoUtf8_IsRefused) {
  for (const auto encoding : {NameEncoding::utf8, NameEncoding::modified_utf7}) {
    Command command("SELECT");
    command.mailbox(MailboxName("M\xfcll"), encoding);
    EXPECT_FALSE(command.encode("A1", LiteralMode::plus));
  }
}

TEST(Command, Flags_AreAList) {
  FlagSet flags{Flag::seen, Flag::forwarded};
  flags.insert_keyword("[css3-page]");
  Command command("STORE");
  command.flags(flags).flags({});
  EXPECT_THAT(pieces(command), ElementsAre(piece("A1 STORE (\\Seen $Forwarded [css3-page]) ()\r\n", Then::nothing)));
}

TEST(Command, KeywordThatIsNoAtom_IsRefused) {
  for (const auto* keyword : {"a b", "x) BODY[", "\"", "a\r\nA2 LOGOUT", "{3}", "*", "%", "m\xc3\xbcll"}) {
    FlagSet flags;
    flags.insert_keyword(keyword);
    Command command("UID STORE");
    command.flags(flags);
    EXPECT_FALSE(command.encode("A1", LiteralMode::plus)) << keyword;
  }
}

TEST(Command, StreamedLiteral_LeavesItsPlace) {
  Command command("APPEND");
  command.mailbox(MailboxName("INBOX"))
      .flags({Flag::seen})
      .date_time(std::chrono::sys_seconds(std::chrono::seconds(0)))
      .streamed_literal(5000);
  const std::string start = "A1 APPEND \"INBOX\" (\\Seen) \"01-Jan-1970 00:00:00 +0000\" ";
  EXPECT_THAT(pieces(command, LiteralMode::plus),
              ElementsAre(piece(start + "{5000+}\r\n", Then::literal), piece("\r\n", Then::nothing)));
  for (const auto mode : {LiteralMode::synchronizing, LiteralMode::minus})
    EXPECT_THAT(pieces(command, mode), ElementsAre(piece(start + "{5000}\r\n", Then::wait_literal), piece("\r\n", Then::nothing)));
}

TEST(Command, ForLog_ShowsNeitherSecretsNorLiterals) {
  Command command("LOGIN");
  command.astring("ann").secret("pa\"ss").secret_raw("AGFubg==").secret("p\xc3\xa4ss").astring("two\nlines").streamed_literal(7);
  EXPECT_EQ(command.for_log(), "LOGIN \"ann\" *** *** *** *** ***");
}

/// Whatever a string holds, it is one argument, and stays what it was.
TEST(Command, AnyString_ParsesBack) {
  std::mt19937 random(3);
  for (int n = 0; n < 2000; ++n) {
    std::string text;
    for (auto left = random() % 20; left > 0; --left) text += static_cast<char>(1 + random() % 255);
    Command command("X");
    command.astring(text).raw("END");
    std::string line;
    for (const auto& one : pieces(command)) line += one.text;
    Scanner in(line);
    EXPECT_EQ(in.word(), "A1");
    in.skip_spaces();
    EXPECT_EQ(in.word(), "X");
    in.skip_spaces();
    EXPECT_EQ(in.astring(), text);
    EXPECT_EQ(in.take_rest(), " END\r\n");
  }
}

constexpr std::uint64_t kAnyNumber = 0xffff'ffff;

std::vector<UidSet> chunked(const UidSet& uids, std::size_t max_bytes, std::uint64_t max_messages) {
  std::vector<UidSet> parts;
  for (UidChunks chunks(uids, max_bytes, max_messages); !chunks.at_end();) parts.push_back(chunks.next());
  return parts;
}

TEST(Chunk, Sets_KeepTheirUidsWithinTheBound) {
  UidSet all;
  for (std::uint32_t n = 0; n < 3000; ++n) all.insert(UidRange{Uid{n * 1'400'000 + 1}, Uid{n * 1'400'000 + 1 + n % 3}});
  for (const std::size_t bound : {22U, 100U, 7500U}) {
    UidSet sum;
    std::size_t total = 0;
    for (const auto& part : chunked(all, bound, kAnyNumber)) {
      EXPECT_FALSE(part.empty());
      EXPECT_LE(part.to_string().size(), bound);
      total += part.size();
      for (const auto& range : part.ranges()) sum.insert(range);
    }
    EXPECT_EQ(sum, all);
    EXPECT_EQ(total, all.size());
  }
}

TEST(Chunk, MoreMessagesThanACommandMayName_AreCutInTheMiddleOfRanges) {
  UidSet all;
  all.insert(UidRange{Uid{1}, Uid{7}});
  all.insert(UidRange{Uid{20}, Uid{21}});
  std::vector<std::string> parts;
  for (const auto& part : chunked(all, 7500, 3)) parts.push_back(part.to_string());
  EXPECT_THAT(parts, ElementsAre("1:3", "4:6", "7,20:21"));
}

/// A hostile server's mailbox: four billion messages, of which it takes two a command.
TEST(Chunk, BillionsOfSets_AreMadeOneByOne) {
  UidSet all;
  all.insert(UidRange{Uid{2}, Uid{0xffff'ffff}});
  UidChunks chunks(all, 7500, 2);
  EXPECT_EQ(chunks.next().to_string(), "2:3");
  EXPECT_EQ(chunks.next().to_string(), "4:5");
  EXPECT_FALSE(chunks.at_end());
  EXPECT_EQ(UidChunks(all, 7500, 0xffff'ffff'ffff'ffff).next(), all);
}

TEST(Chunk, SmallSets_StayWhole) {
  EXPECT_TRUE(chunked(UidSet{}, 7500, kAnyNumber).empty());
  EXPECT_THAT(chunked(UidSet{Uid{1}, Uid{5}}, 7500, kAnyNumber), ElementsAre(UidSet{Uid{1}, Uid{5}}));
}

}  // namespace
}  // namespace mailmirror::imap::wire
