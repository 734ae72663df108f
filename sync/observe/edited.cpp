#include "sync/observe/edited.hpp"

#include "store/files/maildir_name.hpp"
#include "store/files/outgoing.hpp"

#include <algorithm>

namespace mailmirror::sync {
namespace {

using std::chrono::nanoseconds;

/// Times may lag the clock and be coarse.
constexpr nanoseconds kCoarse = std::chrono::seconds(2);
/// How far back an edit is looked for where no checkpoint says when the folder was looked at last.
constexpr nanoseconds kWithoutCheckpoint = std::chrono::hours(24);
constexpr std::size_t kRandomDigits = 20;

std::int64_t in_ns(SystemTime time) {
  return std::chrono::duration_cast<nanoseconds>(time.time_since_epoch()).count();
}

bool is_passing(const Error& error) {
  return error.kind == ErrorKind::missing || error.kind == ErrorKind::conflict;
}

}  // namespace

EditedFiles::EditedFiles(const MailboxWork& work, const std::set<std::string>& written, SystemTime now)
    : work_(work), written_(written), now_(now), looked_at_ns_(in_ns(now) - kWithoutCheckpoint.count()) {
  if (const auto& checkpoint = work.state.scanned)
    looked_at_ns_ = static_cast<std::int64_t>(std::max(checkpoint->cur.mtime_ns, checkpoint->new_.mtime_ns)) - kCoarse.count();
}

/// A date in the past proves nothing only where it is the message's own: that is what we set.
bool EditedFiles::suspicious(const store::MaildirFile& file, const store::FileStamp& stamp, const KnownBytes& known) const {
  const bool dated_as_served = std::chrono::floor<std::chrono::seconds>(nanoseconds(stamp.mtime_ns)) == known.internal_date.time_since_epoch();
  return stamp.size != known.size || (stamp.mtime_ns >= looked_at_ns_ && !dated_as_served) || written_.contains(file.unique);
}

Result<EditedFiles::Verdict> EditedFiles::look_at(const store::MaildirFile& file, const KnownBytes& known) const {
  const auto stamp = work_.folder.stamp(file);
  if (!stamp && is_passing(stamp.error())) return Verdict::unsettled;
  MAILMIRROR_TRY(stamp);
  if (!suspicious(file, *stamp, known)) return Verdict::same;
  const auto form = store::inspect(work_.folder, file);
  if (!form && is_passing(form.error())) return Verdict::unsettled;
  MAILMIRROR_TRY(form);
  if (form->file_digest == known.digest) return Verdict::same;
  const bool still_written = form->before.mtime_ns > in_ns(now_) - kCoarse.count() && form->before.mtime_ns <= in_ns(now_);
  if (still_written) return Verdict::unsettled;
  const auto apart = set_apart(file, form->before.size);
  if (!apart && is_passing(apart.error())) return Verdict::unsettled;
  MAILMIRROR_TRY(apart);
  return Verdict::set_apart;
}

Result<void> EditedFiles::set_apart(const store::MaildirFile& file, std::uint64_t size) const {
  const auto random = work_.account.random.hex(kRandomDigits);
  const auto name = store::make_unique(random, std::chrono::floor<std::chrono::seconds>(now_), size, work_.account.host_name);
  const auto renamed = work_.folder.change_unique(file, name);
  MAILMIRROR_TRY(renamed);
  work_.account.log.info("{}: {} was edited: it is a message of its own now, {}", work_.state.name.utf8(), file.unique, name);
  return work_.folder.sync();
}

}  // namespace mailmirror::sync
