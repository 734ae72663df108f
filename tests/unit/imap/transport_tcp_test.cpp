#include "imap/transport/tcp.hpp"

#include "tests/unit/imap/transport_support.hpp"

#include <gmock/gmock.h>
#include <boost/asio/ip/tcp.hpp>

namespace mailmirror::imap::transport {
namespace {

using asio::ip::tcp;
using mailmirror::testing::bytes_of;
using mailmirror::testing::read_text;
using ::testing::HasSubstr;

/// Real sockets need the real clock.
struct Net {
  asio::io_context io;
  RealClock clock;
  BlockingPool pool{1};

  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    asio::co_spawn(io, std::move(task), [&](const std::exception_ptr& failure, T value) {
      if (failure) std::rethrow_exception(failure);
      result.emplace(std::move(value));
    });
    io.restart();
    io.run();
    return std::move(*result);
  }
};

TEST(TcpConnector, ListeningPort_CarriesBytesBothWays) {
  Net net;
  tcp::acceptor acceptor(net.io, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
  tcp::socket peer(net.io);
  acceptor.async_accept(peer, [&](boost::system::error_code error) {
    ASSERT_FALSE(error);
    asio::write(peer, asio::buffer("* OK\r\n", 6));
  });
  TcpConnector connector(net.pool, net.clock);
  auto transport = net.run(connector.connect("127.0.0.1", acceptor.local_endpoint().port())).value();
  EXPECT_EQ(net.run(read_text(*transport)).value(), "* OK\r\n");
  ASSERT_TRUE(net.run(transport->write_all(bytes_of("a LOGOUT\r\n"))));
  EXPECT_EQ(transport->bytes_in(), 6U);
  EXPECT_EQ(transport->bytes_out(), 10U);
  peer.shutdown(tcp::socket::shutdown_send);
  EXPECT_EQ(net.run(read_text(*transport)).value(), "");
}

TEST(TcpConnector, NobodyListens_NamesHostAndPort) {
  Net net;
  tcp::acceptor acceptor(net.io, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
  const auto port = acceptor.local_endpoint().port();
  acceptor.close();
  TcpConnector connector(net.pool, net.clock);
  const auto error = net.run(connector.connect("127.0.0.1", port)).error();
  EXPECT_EQ(error.kind, ErrorKind::network);
  EXPECT_THAT(error.message, HasSubstr("127.0.0.1:" + std::to_string(port) + ": connection refused"));
}

TEST(TcpConnector, NameWithoutAddress_SaysSo) {
  Net net;
  TcpConnector connector(net.pool, net.clock);
  const auto error = net.run(connector.connect("no-such-host.invalid", 993)).error();
  EXPECT_EQ(error.kind, ErrorKind::network);
  EXPECT_THAT(error.message, HasSubstr("no-such-host.invalid:993"));
}

TEST(TcpConnector, OwnClose_IsAnErrorAndNoCancellation) {
  Net net;
  tcp::acceptor acceptor(net.io, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
  TcpConnector connector(net.pool, net.clock);
  auto transport = net.run(connector.connect("127.0.0.1", acceptor.local_endpoint().port())).value();
  asio::post(net.io, [&] { transport->close(); });
  EXPECT_EQ(net.run(read_text(*transport)).error().kind, ErrorKind::network);
}

}  // namespace
}  // namespace mailmirror::imap::transport
