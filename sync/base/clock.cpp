#include "sync/base/clock.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <ctime>

namespace mailmirror {

SystemTime RealClock::system_now() const { return std::chrono::system_clock::now(); }

SteadyTime RealClock::steady_now() const {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return SteadyTime(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

Task<void> RealClock::sleep_until(SteadyTime when) {
  // Asio's timers stand still during a suspend: long sleeps are cut into pieces, so that a deadline that passed meanwhile is
  // seen soon after waking up.
  constexpr Duration kPiece = std::chrono::seconds(20);
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (auto left = when - steady_now(); left > Duration::zero(); left = when - steady_now()) {
    timer.expires_after(std::min(left, kPiece));
    co_await timer.async_wait(asio::use_awaitable);
  }
}

}  // namespace mailmirror
