// Whether a host is this machine: no line to listen on, none to save.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <string>

namespace mailmirror::daemon::config {

/// "localhost", 127.0.0.0/8 and ::1. Other names count as elsewhere, wherever they lead.
inline bool is_loopback(const std::string& host) {
  boost::system::error_code no_address;
  const auto address = boost::asio::ip::make_address(host, no_address);
  return host == "localhost" || (!no_address && address.is_loopback());
}

}  // namespace mailmirror::daemon::config
