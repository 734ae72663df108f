#include "sync/observe/local.hpp"

#include "store/files/outgoing.hpp"
#include "sync/execute/edited.hpp"
#include "sync/execute/file_names.hpp"

#include <algorithm>
#include <unordered_map>

namespace mailmirror::sync {
namespace {

using std::chrono::nanoseconds;

/// Directory times may lag the clock and be coarse: what is younger than this proves nothing.
constexpr Duration kSafelyOld = std::chrono::seconds(2);

/// As Maildir has it since 1995.
constexpr auto kLeftover = std::chrono::hours(36);

bool older_than(std::int64_t time_ns, SystemTime now, Duration age) {
  const SystemTime time{std::chrono::duration_cast<SystemTime::duration>(nanoseconds(time_ns))};
  return time + age <= now;
}

bool safely_old(const store::DirectoryStamp& stamp, SystemTime now) {
  return older_than(static_cast<std::int64_t>(stamp.mtime_ns), now, kSafelyOld) &&
         older_than(static_cast<std::int64_t>(stamp.ctime_ns), now, kSafelyOld);
}

class LocalObserver {
 public:
  LocalObserver(const MailboxWork& work, const LocalHint& hint, const std::set<std::string>& in_flight)
      : work_(work), hint_(hint), in_flight_(in_flight), now_(work.account.clock.system_now()), edited_(work, hint.written) {}

  Result<LocalObservation> run() {
    clear_leftovers();
    auto scan = work_.folder.scan();
    MAILMIRROR_TRY(scan);
    if (safely_old(scan->before.cur, now_) && safely_old(scan->before.new_, now_)) seen_.stamps = scan->before;
    load_records();
    for (const auto& file : scan->duplicates) {
      const auto done = settle_twin(file, scan->files);
      MAILMIRROR_TRY(done);
    }
    for (const auto& file : scan->files) {
      const auto done = look_at(file);
      MAILMIRROR_TRY(done);
    }
    const auto done = prove_absences();
    MAILMIRROR_TRY(done);
    if (seen_.unfinished > 0) seen_.stamps.reset();
    const auto durable = make_durable();
    MAILMIRROR_TRY(durable);
    std::sort(seen_.changes.flagged.begin(), seen_.changes.flagged.end(), [](const auto& a, const auto& b) { return a.uid < b.uid; });
    return std::move(seen_);
  }

 private:
  struct Known {
    Uid uid;
    FlagSet flags;
    KnownBytes bytes;
    bool seen = false;
  };

  /// Of deliveries that were cut. Not vital.
  void clear_leftovers() const {
    const auto cleared = work_.folder.clean_tmp(std::chrono::floor<std::chrono::seconds>(now_) - kLeftover);
    if (!cleared) work_.account.log.warn("{}: tmp/ can't be cleared of old leftovers: {}", work_.state.name.utf8(), cleared.error().message);
  }

  void load_records() {
    const auto read = work_.account.db.read();
    read.for_each_record(work_.state.id, [this](const store::Record& record) {
      if (record.state == store::RecordState::present) known_.emplace(record.unique, Known{record.uid, record.flags, KnownBytes(record)});
    });
  }

  Result<void> look_at(const store::MaildirFile& file) {
    const auto known = known_.find(file.unique);
    if (known == known_.end()) return in_flight_.contains(file.unique) ? ok() : appeared(file);
    if (twins_.contains(file.unique)) return ok();
    known->second.seen = true;
    const auto verdict = edited_.look_at(file, known->second.bytes);
    MAILMIRROR_TRY(verdict);
    if (*verdict != EditedFiles::Verdict::same) {
      // Its old name is missed, and its new one found, by the look that follows.
      ++seen_.unfinished;
      return ok();
    }
    const auto& base = known->second.flags;
    auto delta = FlagDelta::between(base, flags_of(file, work_.keywords, base));
    if (!delta.empty()) seen_.changes.flagged.push_back({known->second.uid, std::move(delta)});
    return ok();
  }

  /// Another file under a name that is taken (semantics, hard case 11): the one with the record's bytes keeps the record.
  Result<void> settle_twin(const store::MaildirFile& twin, const std::vector<store::MaildirFile>& files) {
    ++seen_.unfinished;
    if (const auto known = known_.find(twin.unique); known != known_.end()) {
      // Under which name the record's file stands the next look tells; until then it is neither gone nor flagged.
      known->second.seen = true;
      twins_.insert(twin.unique);
      const auto first = std::find_if(files.begin(), files.end(), [&](const auto& file) { return file.unique == twin.unique; });
      const auto verdict = edited_.look_at(*first, known->second.bytes);
      MAILMIRROR_TRY(verdict);
      // Then the twin may be the one: the next look tells.
      if (*verdict != EditedFiles::Verdict::same) return ok();
    }
    const auto stamp = work_.folder.stamp(twin);
    if (!stamp && stamp.error().kind == ErrorKind::missing) return ok();
    MAILMIRROR_TRY(stamp);
    const auto done = edited_.set_apart(twin, stamp->size);
    if (!done && done.error().kind != ErrorKind::missing) return done.error();
    return ok();
  }

  Result<void> appeared(const store::MaildirFile& file) {
    const auto form = store::inspect(work_.folder, file);
    if (!form && (form.error().kind == ErrorKind::missing || form.error().kind == ErrorKind::conflict)) {
      // Renamed, removed or written to since the scan: it will be seen as what it is then.
      ++seen_.unfinished;
      return ok();
    }
    MAILMIRROR_TRY(form);
    const bool whole = hint_.arrived_whole.contains(file.unique) || at_rest(form->before);
    if (!whole) {
      ++seen_.unfinished;
      return ok();
    }
    NewFile fresh;
    fresh.unique = file.unique;
    fresh.flags = flags_of(file, work_.keywords, {});
    fresh.wire_size = form->wire_size;
    fresh.wire_digest = form->wire_digest;
    fresh.modified = form->mtime;
    fresh.message_id = form->message_id;
    fresh.ours = claimed_uid(work_, file.unique);
    fresh.served_size = form->without_tuid ? form->without_tuid->wire_size : form->wire_size;
    fresh.file_size = form->before.size;
    fresh.file_digest = form->file_digest;
    fresh.served_digest = form->without_tuid ? form->without_tuid->wire_digest : form->wire_digest;
    seen_.changes.appeared.push_back(std::move(fresh));
    return ok();
  }

  /// A time in the future tells nothing of when it was written; when it was last changed does.
  [[nodiscard]] bool at_rest(const store::FileStamp& stamp) const {
    const bool in_the_future = !older_than(stamp.mtime_ns, now_, Duration::zero());
    return older_than(in_the_future ? stamp.ctime_ns : stamp.mtime_ns, now_, kSafelyOld);
  }

  Result<void> prove_absences() {
    std::vector<std::string> missing;
    for (const auto& [unique, known] : known_)
      if (!known.seen) missing.push_back(unique);
    if (missing.empty()) return ok();
    if (hint_.removals == Removals::later) {
      seen_.stamps.reset();
      return ok();
    }
    const auto absent = work_.folder.confirm_absent(missing);
    MAILMIRROR_TRY(absent);
    for (const auto& unique : *absent) seen_.changes.gone.insert(known_.at(unique).uid);
    if (absent->size() != missing.size()) ++seen_.unfinished;
    return ok();
  }

  /// What was seen is told to the server and recorded: a power cut mustn't undo it afterwards (semantics, hard case 2).
  [[nodiscard]] Result<void> make_durable() const {
    const auto& seen = seen_.changes;
    if (seen.appeared.empty() && seen.flagged.empty() && seen.gone.empty()) return ok();
    return work_.folder.sync();
  }

  const MailboxWork& work_;
  const LocalHint& hint_;
  const std::set<std::string>& in_flight_;
  SystemTime now_;
  EditedFiles edited_;
  std::unordered_map<std::string, Known> known_;
  std::set<std::string> twins_;
  LocalObservation seen_;
};

}  // namespace

Result<bool> unchanged_since_checkpoint(const store::MaildirFolder& folder, const store::MailboxState& state) {
  if (!state.scanned) return false;
  const auto now = folder.stamps();
  MAILMIRROR_TRY(now);
  return *now == *state.scanned;
}

Result<LocalObservation> observe_local(const MailboxWork& work, const LocalHint& hint, const std::set<std::string>& in_flight) {
  return LocalObserver(work, hint, in_flight).run();
}

}  // namespace mailmirror::sync
