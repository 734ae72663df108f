// A file that holds a secret is nobody else's to read.
#pragma once

#include "daemon/config/table_reader.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <filesystem>
#include <string_view>

namespace mailmirror::daemon::config {

/// An error at `key`, whose value is `what` ("a password"), where others may read `file`.
inline void check_privacy(TableReader& in, std::string_view key, std::string_view what, const std::filesystem::path& file) {
  struct stat s {};
  if (::stat(file.c_str(), &s) == 0 && (s.st_mode & 077) != 0)
    in.error_at_key(key, fmt::format("this file holds {}, but others may read it: run 'chmod 600 {}'", what, file.string()));
}

}  // namespace mailmirror::daemon::config
