#include "store/files/copy_file.hpp"

#include <vector>

namespace mailmirror::store {
namespace {

constexpr std::size_t kBlock = 64 * 1024;

}  // namespace

Result<Digest> copy_file(File& source, File& target) {
  const auto stamp = source.stamp();
  MAILMIRROR_TRY(stamp);
  std::vector<std::byte> block(kBlock);
  Sha256 sum;
  for (std::uint64_t offset = 0;;) {
    const auto got = source.read_at(offset, block);
    MAILMIRROR_TRY(got);
    if (*got == 0) break;
    const auto bytes = std::span(block).first(*got);
    sum.update(bytes);
    const auto written = target.append(bytes);
    MAILMIRROR_TRY(written);
    offset += *got;
  }
  const std::chrono::nanoseconds mtime(stamp->mtime_ns);
  const auto dated = target.set_mtime(std::chrono::sys_seconds(std::chrono::floor<std::chrono::seconds>(mtime)));
  MAILMIRROR_TRY(dated);
  const auto durable = target.sync();
  MAILMIRROR_TRY(durable);
  return sum.finish();
}

}  // namespace mailmirror::store
