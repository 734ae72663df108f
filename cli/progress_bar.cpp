#include "cli/progress_bar.hpp"

#include "cli/render_event.hpp"

#include <boost/system/system_error.hpp>

namespace mailmirror::cli {
namespace {

constexpr std::size_t kUsualWidth = 80;
constexpr std::string_view kClearLine = "\r\x1b[K";

}  // namespace

ProgressBar::~ProgressBar() {
  try {
    clear();
  } catch (const boost::system::system_error&) {
    // The terminal is gone, and the bar with it.
    drawn_ = false;
  }
}

void ProgressBar::show(const daemon::control::Event& event) {
  if (!stream_.is_live() || event.type != "progress") return;
  const auto width = stream_.look().width.value_or(kUsualWidth);
  drawn_ = true;
  // The last column stays free: some terminals begin a new line after it.
  stream_.write(std::string(kClearLine) + render_progress(event, width - 1));
}

void ProgressBar::clear() {
  if (!drawn_) return;
  drawn_ = false;
  stream_.write(kClearLine);
}

}  // namespace mailmirror::cli
