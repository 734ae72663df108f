// What a pass tells while it works: for `watch`, hooks, progress bars and logs.
#pragma once

#include "sync/base/flags.hpp"
#include "sync/base/mailbox_name.hpp"
#include "sync/base/uid.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace mailmirror::sync {

enum class Origin : std::uint8_t { remote, local };

struct PassEvent {
  enum class Kind : std::uint8_t {
    progress,         ///< done, total, bytes: of the whole pass
    message_added,    ///< origin says where it came from; on the other side it is now
    message_removed,
    message_moved,    ///< into `mailbox`; origin says where it was moved
    flags_changed,    ///< flags: as they are now on both sides
    mailbox_created,
    mailbox_removed,
    mailbox_renamed,  ///< to `mailbox`; text: the name before
    held,             ///< text says what waits for the user
    error,            ///< text; concerns one mailbox or message, the pass goes on
  };

  Kind kind;
  MailboxName mailbox;
  Origin origin = Origin::remote;
  std::optional<Uid> uid;
  std::string path;  ///< absolute, where a file is concerned
  FlagSet flags;
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  std::uint64_t bytes = 0;
  std::string text;
};

/// Called on the network thread; returns quickly and doesn't throw.
class PassObserver {
 public:
  virtual ~PassObserver() = default;
  virtual void on_event(const PassEvent& event) = 0;
};

}  // namespace mailmirror::sync
