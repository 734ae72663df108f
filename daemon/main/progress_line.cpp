#include "daemon/main/progress_line.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cstdio>

namespace mailmirror::daemon {
namespace {

constexpr Duration kBetweenDraws = std::chrono::milliseconds(150);

}  // namespace

ProgressLine::ProgressLine(const Clock& clock) : clock_(clock), on_terminal_(::isatty(STDERR_FILENO) == 1), began_(clock.steady_now()) {}

void ProgressLine::update(const std::string& account, const sync::PassEvent& progress) {
  if (!on_terminal_) return;
  accounts_.insert_or_assign(account, progress);
  const auto now = clock_.steady_now();
  if (now - last_ < kBetweenDraws) return;
  last_ = now;
  draw();
}

void ProgressLine::draw() {
  std::uint64_t done = 0, total = 0, bytes = 0;
  for (const auto& [name, progress] : accounts_) {
    done += progress.done;
    total += progress.total;
    bytes += progress.bytes;
  }
  const auto seconds = std::chrono::duration<double>(clock_.steady_now() - began_).count();
  const auto rate = seconds > 0 ? static_cast<double>(bytes) / seconds / 1e6 : 0.0;
  fmt::print(stderr, "\r\x1b[K{} of {} messages, {:.1f} MB, {:.1f} MB/s", done, total, static_cast<double>(bytes) / 1e6, rate);
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressLine::clear() {
  if (!drawn_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace mailmirror::daemon
