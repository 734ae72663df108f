// Who made which message, and who deleted it: what must be there in the end.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mailmirror::simulation {

/// All messages with the same bytes (line ends aside).
struct Content {
  unsigned born = 0;              ///< made: delivered, appended, copied, edited into being
  unsigned deleted = 0;           ///< deletions by users, each of one copy
  unsigned moved_here = 0;        ///< by local programs
  unsigned moved_there = 0;       ///< by other clients
  unsigned copied_here = 0;       ///< of those born: by local programs
  unsigned copied_there = 0;      ///< by other clients
  unsigned revived = 0;           ///< came back to life, or may have, when the server was restored
  bool at_least_one = false;      ///< the server was restored, and somebody had it still
  bool forsaken = false;          ///< the server was restored, and nobody had it
  unsigned unborn = 0;            ///< copies that were never durable when the power went, nor told to anybody
};

class Ledger {
 public:
  /// `noun`: what its messages call themselves; two ledgers' are unlike each other.
  explicit Ledger(std::string noun = "message") : noun_(std::move(noun)) {}

  /// A new message's text, with LF, unlike any other.
  std::string compose(std::uint64_t chance);

  void born(std::string_view bytes) { ++at(bytes).born; }
  void deleted(std::string_view bytes) { ++at(bytes).deleted; }
  void copied_here(std::string_view bytes);
  void copied_there(std::string_view bytes);
  void moved_here(std::string_view bytes) { ++at(bytes).moved_here; }
  void moved_there(std::string_view bytes) { ++at(bytes).moved_there; }
  /// A copy was lost with the power; `elsewhere`: how many the server holds. Those that it was told of it must keep.
  void lost_with_power(std::string_view bytes, unsigned elsewhere);
  /// What the power left of a file: it may be there, and needn't.
  void torn(std::string_view bytes);
  /// A local program deleted, moved or edited such a message.
  [[nodiscard]] bool meddled_with(std::string_view bytes) const;
  [[nodiscard]] bool knows(std::string_view bytes) const;

  /// Whether the server moves in one step: a copy and a deletion may be parted by what others do to the message between them.
  enum class Moves : std::uint8_t { at_once, in_two_steps };
  /// A mailbox that was renamed on both sides at the same time is on the server under both names.
  void mailbox_renamed_here() { renamed_here_ = true; }
  void mailbox_renamed_there() { renamed_there_ = true; }
  void device_died() { device_died_ = true; }
  /// The server went back to a backup: `revived` messages of these bytes may have come back to life; those that nobody has any more
  /// (`kept` is false) are gone.
  enum class Kept : std::uint8_t { no, yes };
  void restored(std::string_view bytes, unsigned revived, Kept kept);
  void mailbox_renumbered() { renumbered_ = true; }
  using Counts = std::map<std::string, unsigned>;
  /// How many copies of each content the server holds, by normalized bytes: `all` of them, and those that aren't marked \Deleted by a
  /// client that couldn't expunge them (hard case 9). What is wrong, in words.
  [[nodiscard]] std::vector<std::string> complaints(const Counts& all, const Counts& wanted, Moves moves) const;

  /// With LF: one form for what lies in files and what the server holds.
  static std::string normalized(std::string_view bytes);
  /// "message 17", for complaints.
  static std::string label(std::string_view bytes);

 private:
  [[nodiscard]] unsigned most_of(const std::string& bytes, const Content& content, Moves moves) const;
  static unsigned least_of(const Content& content);
  Content& at(std::string_view bytes);

  std::string noun_;
  std::map<std::string, Content> contents_;
  unsigned made_ = 0;
  bool renamed_here_ = false;
  bool renamed_there_ = false;
  bool device_died_ = false;
  bool renumbered_ = false;
};

}  // namespace mailmirror::simulation
