// The planner's answer for one mailbox: the actions that make both sides equal. Plain values; the executor carries them out.
#pragma once

#include "sync/plan/changes.hpp"

#include <cstddef>
#include <vector>

namespace mailmirror::sync {

/// Fetch this message and make it visible with these flags.
struct Download {
  RemoteMessage message;
};

/// The file is this message already (its name says so and the server agrees): record it with the flags that both have, transfer
/// nothing. Carried out before all else.
struct Adopt {
  RemoteMessage message;
  NewFile file;
};

struct Upload {
  NewFile file;
};

/// A flag change to be made. Once it is, the record's flags take just this delta: the base holds only what both sides have.
struct FlagAction {
  Uid uid;
  FlagDelta delta;
};

/// Each list is ascending by UID (uploads: in the order given). Invariant: no UID stands in two lists that contradict each other.
struct Plan {
  std::vector<Adopt> adopt;
  std::vector<Download> download;
  std::vector<Upload> upload;
  std::vector<FlagAction> flag_locally;
  std::vector<FlagAction> flag_remotely;
  std::vector<FlagAction> record_flags;  ///< both sides came to it by themselves
  UidSet expunge;                        ///< delete on the server (OnLocalDelete::expunge)
  UidSet trash;                          ///< move to \Trash on the server
  UidSet purge;                          ///< \Deleted on both sides (`Policy::expunge`): expunged there, the file goes to the attic
  UidSet to_attic;                       ///< deleted on the server: the local file goes to the attic
  std::vector<NewFile> files_to_attic;   ///< added here where nothing may be added (Mode::pull)
  UidSet forget;                         ///< gone on both sides, or no longer ours: only the record goes
  UidSet fetch_again;                    ///< gone here where nothing may go: fetched anew
  UidSet upload_again;                   ///< gone there, and the user wants it back: its record goes, its file is new
  UidSet skip;                           ///< stays on the server; remembered, so that it isn't looked at again
  UidSet held_remote;                    ///< gone here; not deleted on the server before the user says so
  UidSet held_local;                     ///< gone on the server; not removed here before the user says so

  [[nodiscard]] bool empty() const;
  /// True where carrying it out sends a changing command to the server.
  [[nodiscard]] bool writes_remotely() const;
  [[nodiscard]] std::uint64_t held() const { return held_remote.size() + held_local.size(); }
};

}  // namespace mailmirror::sync
