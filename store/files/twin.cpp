#include "store/files/twin.hpp"

#include "store/files/copy_file.hpp"

#include <string>
#include <vector>

namespace mailmirror::store {
namespace {

constexpr std::size_t kBlock = 64 * 1024;

Result<Digest> digest_of(File& file) {
  std::vector<std::byte> block(kBlock);
  Sha256 sum;
  for (std::uint64_t offset = 0;;) {
    const auto got = file.read_at(offset, block);
    MAILMIRROR_TRY(got);
    if (*got == 0) return sum.finish();
    sum.update(std::span(block).first(*got));
    offset += *got;
  }
}

std::chrono::sys_seconds date_of(const FileStamp& stamp) {
  return std::chrono::sys_seconds(std::chrono::floor<std::chrono::seconds>(std::chrono::nanoseconds(stamp.mtime_ns)));
}

/// A name in tmp/ that is gone again unless the message was shown.
class Draft {
 public:
  Draft(const Directory& tmp, Random& random) : tmp_(tmp), name_("mm-" + random.hex(24)) {}
  /// What can't be removed is found by `clean_tmp`.
  ~Draft() {
    if (!shown_) static_cast<void>(tmp_.unlink(name_));
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  /// The bytes are read by the second name: whatever becomes of the first one.
  Result<Digest> link(const TwinSource& source) {
    const auto linked = source.folder.at(source.file.place).link(source.file.name(), tmp_, name_);
    MAILMIRROR_TRY(linked);
    const auto opened = tmp_.open_read(name_);
    MAILMIRROR_TRY(opened);
    const auto durable = (*opened)->sync();
    MAILMIRROR_TRY(durable);
    return digest_of(**opened);
  }

  Result<Digest> copy(const TwinSource& source, std::chrono::sys_seconds internal_date) {
    const auto from = source.folder.open_read(source.file);
    MAILMIRROR_TRY(from);
    const auto to = tmp_.create_exclusive(name_);
    MAILMIRROR_TRY(to);
    const auto copied = copy_file(**from, **to);
    MAILMIRROR_TRY(copied);
    const auto dated = (*to)->set_mtime(internal_date);
    MAILMIRROR_TRY(dated);
    const auto durable = (*to)->sync();
    MAILMIRROR_TRY(durable);
    return *copied;
  }

  Result<void> show(const MaildirFolder& target, const MaildirFile& file) {
    const auto renamed = tmp_.rename_noreplace(name_, target.at(file.place), file.name());
    shown_ = renamed.has_value();
    return renamed;
  }

 private:
  const Directory& tmp_;
  std::string name_;
  bool shown_ = false;
};

}  // namespace

Result<MaildirFile> publish_twin(const TwinSource& source, MaildirFolder& target, std::string_view unique, std::string_view letters,
                                 std::chrono::sys_seconds internal_date, Random& random) {
  const auto stamp = source.folder.stamp(source.file);
  MAILMIRROR_TRY(stamp);
  Draft draft(target.tmp(), random);
  auto digest = date_of(*stamp) == internal_date ? draft.link(source) : draft.copy(source, internal_date);
  if (!digest && digest.error().kind == ErrorKind::unsupported) digest = draft.copy(source, internal_date);
  MAILMIRROR_TRY(digest);
  if (*digest != source.digest) return fail(ErrorKind::conflict, source.file.unique + " holds other bytes than it did");
  const bool fresh = letters.empty();
  MaildirFile file{std::string(unique), normalized_letters(letters), fresh ? Place::new_ : Place::cur, !fresh};
  const auto shown = draft.show(target, file);
  MAILMIRROR_TRY(shown);
  return file;
}

}  // namespace mailmirror::store
