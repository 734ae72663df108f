// Ctrl-C and SIGTERM: the first asks everything to end cleanly, the second ends the process at once.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdlib>

namespace mailmirror::daemon {

/// Lives as long as the network thread runs; emits `stop` at the first signal.
class StopSignals {
 public:
  StopSignals(boost::asio::io_context& network, boost::asio::cancellation_signal& stop) : signals_(network, SIGINT, SIGTERM), stop_(stop) {
    wait();
  }

  /// The signal that was caught; 0: none.
  [[nodiscard]] int caught() const { return caught_; }

 private:
  void wait() {
    signals_.async_wait([this](const boost::system::error_code& failure, int number) {
      if (failure) return;
      if (caught_ != 0) std::_Exit(128 + number);
      caught_ = number;
      wait();
      stop_.emit(boost::asio::cancellation_type::terminal);
    });
  }

  boost::asio::signal_set signals_;
  boost::asio::cancellation_signal& stop_;
  int caught_ = 0;
};

}  // namespace mailmirror::daemon
