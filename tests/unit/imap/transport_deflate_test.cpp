#include "imap/transport/deflate.hpp"

#include "imap/transport/memory.hpp"
#include "tests/unit/imap/transport_support.hpp"

#include <gtest/gtest.h>

namespace mailmirror::imap::transport {
namespace {

using mailmirror::testing::bytes_of;
using mailmirror::testing::read_all;
using mailmirror::testing::read_text;
using mailmirror::testing::World;

std::string long_text() {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "* " + std::to_string(i) + " FETCH (FLAGS (\\Seen))\r\n";
  return text;
}

TEST(Deflate, WhatOneEndWrites_TheOtherReads) {
  World world;
  auto [a, b] = memory_pair(world.io.get_executor());
  auto left = wrap_deflate(std::move(a), {});
  auto right = wrap_deflate(std::move(b), {});
  ASSERT_TRUE(world.run(left->write_all(bytes_of("a1 NOOP\r\n"))));
  EXPECT_EQ(world.run(read_text(*right)).value(), "a1 NOOP\r\n");
  ASSERT_TRUE(world.run(right->write_all(bytes_of("a1 OK\r\n"))));
  EXPECT_EQ(world.run(read_text(*left)).value(), "a1 OK\r\n");
}

TEST(Deflate, LongStreamInSingleBytes_ArrivesWholeAndSmaller) {
  World world;
  MemorySettings settings;
  settings.largest_read = 1;
  settings.capacity = 10'000'000;
  auto [a, b] = memory_pair(world.io.get_executor(), settings);
  auto left = wrap_deflate(std::move(a), {});
  auto right = wrap_deflate(std::move(b), {});
  const auto text = long_text();
  ASSERT_TRUE(world.run(left->write_all(bytes_of(text))));
  EXPECT_LT(left->bytes_out(), text.size() / 4);
  left->close();
  EXPECT_EQ(world.run(read_all(*right)), text);
}

TEST(Deflate, BytesReadBeforeTheSwitch_ComeFirst) {
  World world;
  auto [a, b] = memory_pair(world.io.get_executor());
  auto left = wrap_deflate(std::move(a), {});
  ASSERT_TRUE(world.run(left->write_all(bytes_of("* 1 EXISTS\r\n"))));
  const auto compressed = world.run(read_text(*b)).value();
  const auto early = bytes_of(compressed);
  auto right = wrap_deflate(std::move(b), std::vector<std::byte>(early.begin(), early.end()));
  ASSERT_TRUE(world.run(left->write_all(bytes_of("* 2 EXISTS\r\n"))));
  EXPECT_EQ(world.run(read_text(*right)).value(), "* 1 EXISTS\r\n");
  EXPECT_EQ(world.run(read_text(*right)).value(), "* 2 EXISTS\r\n");
}

TEST(Deflate, DamagedStream_IsAProtocolError) {
  World world;
  auto [a, b] = memory_pair(world.io.get_executor());
  auto right = wrap_deflate(std::move(b), {});
  ASSERT_TRUE(world.run(a->write_all(bytes_of("\xff\xff\xff\xff plain text"))));
  EXPECT_EQ(world.run(read_text(*right)).error().kind, ErrorKind::protocol);
}

}  // namespace
}  // namespace mailmirror::imap::transport
