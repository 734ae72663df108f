// Who made which message, and who deleted it: what must be there in the end.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::simulation {

/// All messages with the same bytes (line ends aside).
struct Content {
  unsigned born = 0;              ///< made: delivered, appended, copied, edited into being
  unsigned deleted = 0;           ///< deletions by users, each of one copy
  unsigned moved = 0;
  bool may_be_missing = false;    ///< its only copy was never durable when the power went
};

class Ledger {
 public:
  /// A new message's text, with LF, unlike any other.
  std::string compose(std::uint64_t chance);

  void born(std::string_view bytes) { ++at(bytes).born; }
  void deleted(std::string_view bytes) { ++at(bytes).deleted; }
  void moved(std::string_view bytes) { ++at(bytes).moved; }
  void may_be_missing(std::string_view bytes) { at(bytes).may_be_missing = true; }
  /// Whatever isn't among `held` (normalized) may be missing from now on.
  void excuse_all_but(const std::set<std::string>& held);
  [[nodiscard]] bool knows(std::string_view bytes) const;

  /// `found`: how many copies of each content the server holds, by normalized bytes. What is wrong, in words.
  [[nodiscard]] std::vector<std::string> complaints(const std::map<std::string, unsigned>& found, unsigned races_allowed) const;

  /// With LF: one form for what lies in files and what the server holds.
  static std::string normalized(std::string_view bytes);
  /// "message 17", for complaints.
  static std::string label(std::string_view bytes);

 private:
  Content& at(std::string_view bytes);

  std::map<std::string, Content> contents_;
  unsigned made_ = 0;
};

}  // namespace mailmirror::simulation
