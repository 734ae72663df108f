#include "daemon/control/line_splitter.hpp"

namespace mailmirror::daemon::control {

void LineSplitter::append(std::string_view piece) {
  if (dropping_) {
    const auto end = piece.find('\n');
    if (end == std::string_view::npos) return;
    piece.remove_prefix(end + 1);
    dropping_ = false;
  }
  buffer_.append(piece);
}

std::optional<LineSplitter::Line> LineSplitter::next() {
  const auto end = buffer_.find('\n', searched_);
  if (end != std::string::npos) {
    const auto start = start_;
    start_ = searched_ = end + 1;
    if (end - start > longest_) return LineTooLong{};
    return buffer_.substr(start, end - start);
  }
  buffer_.erase(0, start_);
  start_ = 0;
  searched_ = buffer_.size();
  if (buffer_.size() <= longest_) return std::nullopt;
  buffer_.clear();
  searched_ = 0;
  dropping_ = true;
  return LineTooLong{};
}

}  // namespace mailmirror::daemon::control
