// What changed in one Maildir folder since the base.
#pragma once

#include "store/files/maildir.hpp"
#include "sync/base/result.hpp"
#include "sync/execute/mailbox_work.hpp"
#include "sync/plan/changes.hpp"

#include <optional>
#include <set>
#include <string>

namespace mailmirror::sync {

struct LocalObservation {
  LocalChanges changes;
  /// May be trusted as a checkpoint once the changes have been carried out; nullopt: too fresh to be (hard case 19), look again.
  std::optional<store::FolderStamps> stamps;
  /// Files that may still be being written (hard case 14): left out; look again in a moment.
  std::uint64_t unfinished = 0;
};

/// True where the folder's directories are as they were when the checkpoint was taken: no scan is needed. Blocking.
Result<bool> unchanged_since_checkpoint(const store::MaildirFolder& folder, const store::MailboxState& state);

/// Files that are gone: told now, or left out since more may be about to go (semantics, hard case 4).
enum class Removals : std::uint8_t { now, later };

/// What is known of the folder beyond its directories' times.
struct LocalHint {
  Removals removals = Removals::now;
  std::set<std::string> arrived_whole;  ///< unique names that appeared by a rename or link (the watcher says so)
  std::set<std::string> written;        ///< unique names of files that a writer closed: known ones may have been edited
};

/// Scans the folder and compares it with the records. Blocking. Files that aren't known to have arrived whole count as finished when
/// they weren't modified for 2 s. `in_flight`: files of open intents, which are neither new nor known.
Result<LocalObservation> observe_local(const MailboxWork& work, const LocalHint& hint, const std::set<std::string>& in_flight);

}  // namespace mailmirror::sync
