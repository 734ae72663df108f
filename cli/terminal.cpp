#include "cli/terminal.hpp"

#include <boost/system/system_error.hpp>

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

namespace mailmirror::cli {

Stream::Stream(int descriptor, const Environment& environment) : descriptor_(descriptor) {
  if (::isatty(descriptor) == 0) return;
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) look_.width = size.ws_col;
  live_ = environment.get("TERM").value_or("dumb") != "dumb";
  if (live_ && !environment.get("NO_COLOR")) look_.colours = Look::Colours::on;
}

void Stream::write(std::string_view text) const {
  while (!text.empty()) {
    const auto put = ::write(descriptor_, text.data(), text.size());
    if (put > 0) {
      text.remove_prefix(static_cast<std::size_t>(put));
    } else if (errno == EAGAIN) {
      pollfd ready{descriptor_, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      throw boost::system::system_error(errno, boost::system::system_category(), "can't write the output");
    }
  }
}

}  // namespace mailmirror::cli
