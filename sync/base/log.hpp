// The log sink. Loggers are passed down, never looked up: there is no global one.
#pragma once

#include <spdlog/logger.h>

#include <memory>

namespace mailmirror {

/// A named logger ("work", "work/2"); thread-safe. Secrets and message contents never go into it.
using Log = spdlog::logger;
using LogPtr = std::shared_ptr<Log>;

/// A logger that drops everything: for tests and tools.
LogPtr null_log();

/// `parent` with NAME added to its name, same sinks and level.
LogPtr sub_log(const Log& parent, const std::string& name);

}  // namespace mailmirror
