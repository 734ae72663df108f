#include "imap/transport/memory.hpp"

#include "tests/unit/imap/transport_support.hpp"

#include <gtest/gtest.h>

namespace mailmirror::imap::transport {
namespace {

using mailmirror::testing::bytes_of;
using mailmirror::testing::read_all;
using mailmirror::testing::read_text;
using mailmirror::testing::World;

TEST(MemoryTransport, BytesWritten_ArriveAtTheOtherEnd) {
  World world;
  auto [a, b] = memory_pair(world.io.get_executor());
  ASSERT_TRUE(world.run(a->write_all(bytes_of("hello"))));
  EXPECT_EQ(world.run(read_text(*b)).value(), "hello");
  EXPECT_EQ(a->bytes_out(), 5U);
  EXPECT_EQ(b->bytes_in(), 5U);
}

TEST(MemoryTransport, CloseOfOneEnd_IsAnOrderlyEndAfterTheLastByte) {
  World world;
  auto [a, b] = memory_pair(world.io.get_executor());
  ASSERT_TRUE(world.run(a->write_all(bytes_of("bye"))));
  a->close();
  EXPECT_EQ(world.run(read_text(*b)).value(), "bye");
  EXPECT_EQ(world.run(read_text(*b)).value(), "");
  EXPECT_EQ(world.run(b->write_all(bytes_of("x"))).error().kind, ErrorKind::network);
}

TEST(MemoryTransport, FullPipe_MakesTheWriterWaitForTheReader) {
  World world;
  MemorySettings settings;
  settings.capacity = 3;
  const auto pair = memory_pair(world.io.get_executor(), settings);
  const auto& a = pair.first;
  const auto& b = pair.second;
  std::string seen;
  auto both = [&]() -> Task<void> {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    TaskGroup group(executor);
    auto write = [&]() -> Task<void> {
      const auto text = bytes_of("0123456789");
      const auto done = co_await a->write_all(text);
      EXPECT_TRUE(done);
      a->close();
    };
    group.spawn(write());
    seen = co_await read_all(*b);
    co_await group.join();
  };
  world.run(both());
  EXPECT_EQ(seen, "0123456789");
}

TEST(MemoryTransport, CutAfterFourBytes_GivesJustThemAndThenAnError) {
  World world;
  MemorySettings settings;
  settings.cut_after = 4;
  auto [a, b] = memory_pair(world.io.get_executor(), settings);
  EXPECT_FALSE(world.run(a->write_all(bytes_of("abcdef"))));
  EXPECT_EQ(world.run(read_text(*b)).value(), "abcd");
  EXPECT_EQ(world.run(read_text(*b)).error().kind, ErrorKind::network);
}

TEST(MemoryTransport, OwnClose_WakesTheReader) {
  World world;
  const auto pair = memory_pair(world.io.get_executor());
  const auto& b = pair.second;
  auto reading = [&]() -> Task<Result<std::string>> {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    asio::post(executor, [&] { b->close(); });
    auto text = co_await read_text(*b);
    co_return text;
  };
  EXPECT_EQ(world.run(reading()).error().kind, ErrorKind::network);
}

}  // namespace
}  // namespace mailmirror::imap::transport
