#include "daemon/main/logging.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <cstdlib>
#include <memory>

namespace mailmirror::daemon {
namespace {

/// "<3>" and the like (sd-daemon(3)).
class JournalPriority final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const char* priority = "<7>";
    if (message.level == spdlog::level::info) priority = "<6>";
    if (message.level == spdlog::level::warn) priority = "<4>";
    if (message.level >= spdlog::level::err) priority = "<3>";
    out.append(priority, priority + 3);
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<JournalPriority>(); }
};

}  // namespace

LogPtr make_log(const std::string& level) {
  auto log = std::make_shared<Log>("mailmirrord", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  log->set_level(spdlog::level::from_str(level == "warn" ? "warning" : level));
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  if (std::getenv("JOURNAL_STREAM") != nullptr)
    formatter->add_flag<JournalPriority>('*').set_pattern("%*%n: %v");
  else
    formatter->set_pattern("%Y-%m-%d %H:%M:%S %-5l %n: %v");
  log->set_formatter(std::move(formatter));
  return log;
}

}  // namespace mailmirror::daemon
