// What a hostile server can make the parser spend: memory as the heap counts it, and time that grows with its octets only.
#include "imap/wire/parser.hpp"

#include <gmock/gmock.h>

#include <time.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <string_view>

namespace {

/// Octets that `new` has given out and `delete` hasn't taken back, and the most that there ever were.
std::atomic<std::size_t> in_use{0};
std::atomic<std::size_t> most_in_use{0};

/// In front of each block: how large it is.
constexpr std::size_t kHead = alignof(std::max_align_t);

void* counted(std::size_t size) noexcept {
  auto* const block = static_cast<std::byte*>(std::malloc(size + kHead));
  if (block == nullptr) return nullptr;
  std::memcpy(block, &size, sizeof size);
  const auto now = in_use += size;
  for (auto most = most_in_use.load(); now > most && !most_in_use.compare_exchange_weak(most, now);) {
  }
  return block + kHead;
}

void* counted_or_thrown(std::size_t size) {
  auto* const block = counted(size);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

void give_back(void* pointer) noexcept {
  if (pointer == nullptr) return;
  auto* const block = static_cast<std::byte*>(pointer) - kHead;
  std::size_t size = 0;
  std::memcpy(&size, block, sizeof size);
  in_use -= size;
  std::free(block);
}

}  // namespace

// All forms, since a sanitizer brings its own of those that are missing here.
void* operator new(std::size_t size) { return counted_or_thrown(size); }
void* operator new[](std::size_t size) { return counted_or_thrown(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void operator delete(void* pointer) noexcept { give_back(pointer); }
void operator delete[](void* pointer) noexcept { give_back(pointer); }
void operator delete(void* pointer, std::size_t) noexcept { give_back(pointer); }
void operator delete[](void* pointer, std::size_t) noexcept { give_back(pointer); }
void operator delete(void* pointer, const std::nothrow_t&) noexcept { give_back(pointer); }
void operator delete[](void* pointer, const std::nothrow_t&) noexcept { give_back(pointer); }

namespace mailmirror::imap::wire {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kMemory = 256 * 1024;
constexpr std::size_t kRead = 16 * 1024;

struct Cost {
  std::size_t octets = 0;
  std::string error;
};

/// `head`, then `item` over and over (about `size` octets of it), then `tail`; in pieces, as from a network.
class Flood {
 public:
  Flood(std::string_view head, std::string_view item, std::string_view tail) : head_(head), item_(item), tail_(tail) {}

  Cost cost(std::size_t size, std::size_t memory = kMemory) const {
    std::string text(head_);
    while (text.size() < size) text += item_;
    text += tail_;
    Cost cost;
    const auto before = in_use.load();
    most_in_use = before;
    ResponseParser parser(Limits{.memory = memory});
    for (std::size_t at = 0; at < text.size() && cost.error.empty(); at += kRead) feed(parser, text.substr(at, kRead), cost);
    cost.octets = most_in_use - before;
    return cost;
  }

 private:
  static void feed(ResponseParser& parser, const std::string& piece, Cost& cost) {
    std::memcpy(parser.prepare(kRead).data(), piece.data(), piece.size());
    parser.commit(piece.size());
    while (true) {
      const auto event = parser.next();
      if (!event) cost.error = event.error().message;
      if (!event || !*event) return;
    }
  }

  std::string head_;
  std::string item_;
  std::string tail_;
};

/// Responses whose smallest items cost the most.
const std::vector<Flood>& floods() {
  static const std::vector<Flood> all{
      {"* OK ", "x", "\r\n"},
      {"* X ", "x ", "\r\n"},
      {"m1 OK [X ", "x", "] done\r\n"},
      {"* CAPABILITY ", "A ", "\r\n"},
      {"* OK [CAPABILITY ", "A ", "] x\r\n"},
      {"* FLAGS (", "a ", ")\r\n"},
      {"* OK [PERMANENTFLAGS (", "a ", ")] x\r\n"},
      {"* LIST (", "a ", ") NIL a\r\n"},
      {"* LIST () NIL \"", "\xff", "\"\r\n"},
      {"* SEARCH ", "1 ", "\r\n"},
      {"* SEARCH", " ", "\r\n"},
      {"* VANISHED 4294967295", ",1", "\r\n"},
      {"* ESEARCH UID ALL 4294967295", ",1", "\r\n"},
      {"m1 OK [COPYUID 1 1", ",1:400000", " 2] x\r\n"},
      {"m1 OK [APPENDUID 1 9", ",1", "] x\r\n"},
      {"* ID (", "\"\" NIL ", ")\r\n"},
      {"* NAMESPACE (", "(\"\" NIL)", ") NIL NIL\r\n"},
      {"* QUOTA \"\" (", "a 1 1 ", ")\r\n"},
      {"* QUOTAROOT a ", "\"\" ", "\r\n"},
      {"* 1 FETCH (", "BODY[1] NIL ", ")\r\n"},
      {"* 1 FETCH (", "BODY[1] {1}\r\nx ", ")\r\n"},
      {"* 1 FETCH (BODY[] \"", "x", "\")\r\n"},
      {"* 1 FETCH (BODY[", "x", "] NIL)\r\n"},
      {"* 1 FETCH (FLAGS (", "a ", "))\r\n"},
      {"* 1 FETCH (X ", "(\"\" NIL) ", ")\r\n"},
      {"* 1 FETCH (X \"", "\\\\", "\")\r\n"},
  };
  return all;
}

TEST(WireBounds, OneLongResponse_StaysWithinTheMemoryOrIsRefused) {
  for (std::size_t n = 0; n < floods().size(); ++n) {
    SCOPED_TRACE("flood " + std::to_string(n));
    for (const auto size : {kMemory / 8, kMemory / 3, kMemory - 100, 4 * kMemory}) {
      const auto cost = floods()[n].cost(size);
      EXPECT_LT(cost.octets, 2 * kMemory + 4 * kRead) << size;
      if (size > kMemory) {
        EXPECT_THAT(cost.error, HasSubstr("too large")) << size;
      }
    }
  }
}

TEST(WireBounds, EndlessAnswersOfAnySize_LeaveNothingBehind) {
  ResponseParser parser(Limits{.memory = 8 * kMemory});
  const auto before = in_use.load();
  for (int n = 0; n < 8; ++n) {
    std::string text = "* SEARCH";
    while (text.size() < 4 * kMemory) text += " 1234567";
    text += "\r\n";
    std::memcpy(parser.prepare(text.size()).data(), text.data(), text.size());
    parser.commit(text.size());
    const auto response = parser.next();
    ASSERT_TRUE(response && *response);
    const auto starved = parser.next();
    ASSERT_TRUE(starved && !*starved);
  }
  parser.prepare(kRead);
  EXPECT_LT(in_use - before, 4 * kRead);
}

TEST(WireBounds, MillionUids_FitTheDefaultMemory) {
  std::string text = "* SEARCH";
  for (int uid = 1'000'001; uid <= 2'000'000; ++uid) text += ' ' + std::to_string(uid);
  const auto cost = Flood(text, "", "\r\n").cost(0, Limits{}.memory);
  EXPECT_EQ(cost.error, "");
}

TEST(WireBounds, TenMillionUids_AreRefusedWithWords) {
  const auto cost = Flood("* SEARCH", " 1234567", "\r\n").cost(80'000'000, Limits{}.memory);
  EXPECT_THAT(cost.error, HasSubstr("too large: a response of more than 16777216 octets"));
  EXPECT_LT(cost.octets, 2 * Limits{}.memory + 4 * kRead);
}

std::string flags(std::size_t count) {
  std::string text = "* FLAGS (";
  for (auto n = count; n > 0; --n) text += " k" + std::to_string(n);
  return text + ")\r\n";
}

TEST(WireBounds, FlagsWithoutEnd_AreRefusedWithWords) {
  EXPECT_EQ(Flood(flags(10'000), "", "").cost(0, Limits{}.memory).error, "");
  EXPECT_THAT(Flood(flags(10'001), "", "").cost(0, Limits{}.memory).error, HasSubstr("more than 10000 flags"));
}

/// Of this thread: other programs' load doesn't count.
std::chrono::nanoseconds processor_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

/// Four times the octets take four times the time, not sixteen; ten leaves room for chance.
TEST(WireBounds, FourTimesTheOctets_TakeAboutFourTimesTheTime) {
  const auto time_of = [](const Flood& flood, std::size_t size) {
    auto best = std::chrono::nanoseconds::max();
    for (int n = 0; n < 3; ++n) {
      const auto start = processor_time();
      (void)flood.cost(size, 64 * kMemory);
      best = std::min(best, processor_time() - start);
    }
    return best;
  };
  for (std::size_t n = 0; n < floods().size(); ++n) {
    const auto few = time_of(floods()[n], kMemory / 8);
    const auto many = time_of(floods()[n], kMemory / 2);
    EXPECT_LT(many, 10 * few + std::chrono::milliseconds(20)) << "flood " << n;
  }
}

}  // namespace
}  // namespace mailmirror::imap::wire
