#include "sync/execute/edited.hpp"

#include "store/files/maildir_name.hpp"
#include "store/files/outgoing.hpp"

#include <algorithm>
#include <utility>

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

bool is_missing(const Error& error) {
  return error.kind == ErrorKind::missing;
}

}  // namespace

EditedFiles::EditedFiles(const MailboxWork& work, std::set<std::string> written)
    : work_(work),
      written_(std::move(written)),
      now_(work.account.clock.system_now()),
      looked_at_ns_(in_ns(now_) - kWithoutCheckpoint.count()) {
  if (const auto& checkpoint = work.state.scanned)
    looked_at_ns_ = static_cast<std::int64_t>(std::max(checkpoint->cur.mtime_ns, checkpoint->new_.mtime_ns)) - kCoarse.count();
}

/// Files that we wrote have the message's date, to the nanosecond: any other one that is young was set by a writer.
bool EditedFiles::suspicious(const store::MaildirFile& file, const store::FileStamp& stamp, const KnownBytes& known) const {
  const bool dated_as_served = nanoseconds(stamp.mtime_ns) == known.internal_date.time_since_epoch();
  return stamp.size != known.size || (stamp.mtime_ns >= looked_at_ns_ && !dated_as_served) || written_.contains(file.unique);
}

Result<EditedFiles::Verdict> EditedFiles::look_at(const store::MaildirFile& file, const KnownBytes& known) const {
  const auto stamp = work_.folder.stamp(file);
  if (!stamp && is_missing(stamp.error())) return Verdict::gone;
  MAILMIRROR_TRY(stamp);
  if (!suspicious(file, *stamp, known)) return Verdict::same;
  const auto form = store::inspect(work_.folder, file);
  if (!form && is_missing(form.error())) return Verdict::gone;
  const bool written_meanwhile = !form && form.error().kind == ErrorKind::conflict;
  if (!form && !written_meanwhile) return form.error();
  if (form && form->file_digest == known.digest) return Verdict::same;
  const auto apart = set_apart(file, stamp->size);
  if (!apart && is_missing(apart.error())) return Verdict::gone;
  MAILMIRROR_TRY(apart);
  return Verdict::set_apart;
}

Result<std::string> EditedFiles::set_apart(const store::MaildirFile& file, std::uint64_t size) const {
  const auto random = work_.account.random.hex(kRandomDigits);
  const auto name = store::make_unique(random, std::chrono::floor<std::chrono::seconds>(now_), size, work_.account.host_name);
  const auto renamed = work_.folder.change_unique(file, name);
  MAILMIRROR_TRY(renamed);
  work_.account.log.info("{}: {} is a message of its own now, {}", work_.state.name.utf8(), file.unique, name);
  const auto durable = work_.folder.sync();
  MAILMIRROR_TRY(durable);
  return name;
}

}  // namespace mailmirror::sync
