#include "sync/base/log.hpp"

#include <spdlog/sinks/null_sink.h>

namespace mailmirror {

LogPtr null_log() {
  return std::make_shared<Log>("", std::make_shared<spdlog::sinks::null_sink_mt>());
}

LogPtr sub_log(const Log& parent, const std::string& name) {
  auto log = std::make_shared<Log>(parent.name().empty() ? name : parent.name() + "/" + name, parent.sinks().begin(), parent.sinks().end());
  log->set_level(parent.level());
  return log;
}

}  // namespace mailmirror
