#include "cli/interrupt.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

namespace mailmirror::cli {
namespace {

sigset_t interruptions() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

}  // namespace

Interrupt::Interrupt() : descriptor_(-1) {
  const auto signals = interruptions();
  descriptor_ = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (descriptor_ >= 0) ::sigprocmask(SIG_BLOCK, &signals, nullptr);
}

Interrupt::~Interrupt() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace mailmirror::cli
