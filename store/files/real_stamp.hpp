// statx, as a FileStamp.
#pragma once

#include "store/files/disk.hpp"

namespace mailmirror::store {

/// Of `name` in the open directory, or of the descriptor itself where `name` is "". `path` is for the message only.
Result<FileStamp> real_stamp(int descriptor, const char* name, const std::filesystem::path& path);

}  // namespace mailmirror::store
