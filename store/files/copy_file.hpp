// A file's bytes written once more, for where a second name for the same bytes won't do.
#pragma once

#include "store/files/disk.hpp"
#include "sync/base/digest.hpp"

namespace mailmirror::store {

/// BLOCKS. Appends all of `source` to `target` and gives it the same mtime, in whole seconds. The bytes are on stable storage
/// afterwards. Returns their digest.
Result<Digest> copy_file(File& source, File& target);

}  // namespace mailmirror::store
