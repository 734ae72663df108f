// Message flags: the system flags that Maildir names too, as bits, and keywords as a small sorted set.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror {

/// The flags with a letter in Maildir names. $Forwarded is a keyword on the wire (RFC 5788) and the letter P in a name.
enum class Flag : std::uint8_t {
  draft = 1,      ///< D, \Draft
  flagged = 2,    ///< F, \Flagged
  forwarded = 4,  ///< P, $Forwarded
  answered = 8,   ///< R, \Answered
  seen = 16,      ///< S, \Seen
  deleted = 32,   ///< T, \Deleted
};

/// A value; cheap while there are no keywords. \Recent isn't a flag that anyone can set: it has no place here.
/// Invariant: keywords are unique without regard to case (RFC 3501 §2.3.2: they are atoms) and sorted that way.
class FlagSet {
 public:
  FlagSet() = default;
  FlagSet(std::initializer_list<Flag> flags);

  [[nodiscard]] bool contains(Flag flag) const { return (bits_ & static_cast<std::uint8_t>(flag)) != 0; }
  [[nodiscard]] bool contains_keyword(std::string_view keyword) const;
  void insert(Flag flag) { bits_ = static_cast<std::uint8_t>(bits_ | static_cast<std::uint8_t>(flag)); }
  void erase(Flag flag) { bits_ = static_cast<std::uint8_t>(bits_ & ~static_cast<std::uint8_t>(flag)); }
  /// Takes a flag in its wire form ("\Seen", "$Forwarded", "project-x"). Left out: \Recent and unknown "\…" flags, which a client
  /// can't set. `insert_keyword` knows $Forwarded as the flag that it is, and "" as no keyword.
  void insert_wire(std::string_view name);
  void insert_keyword(std::string_view keyword);

  [[nodiscard]] bool empty() const { return bits_ == 0 && keywords_.empty(); }
  [[nodiscard]] std::uint8_t bits() const { return bits_; }
  [[nodiscard]] static FlagSet from_bits(std::uint8_t bits);
  [[nodiscard]] const std::vector<std::string>& keywords() const { return keywords_; }

  /// Wire forms, system flags first; the order is stable.
  [[nodiscard]] std::vector<std::string> wire_names() const;
  /// For logs: "\Seen \Flagged project-x".
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const FlagSet& a, const FlagSet& b);
  friend FlagSet operator-(const FlagSet& a, const FlagSet& b);
  friend FlagSet operator|(const FlagSet& a, const FlagSet& b);
  friend FlagSet operator&(const FlagSet& a, const FlagSet& b);

 private:
  std::uint8_t bits_ = 0;
  std::vector<std::string> keywords_;
};

/// What to add and what to take away; both sides' changes merge flag by flag (semantics, "The three trees").
struct FlagDelta {
  FlagSet added;
  FlagSet removed;

  [[nodiscard]] bool empty() const { return added.empty() && removed.empty(); }
  [[nodiscard]] FlagSet apply(const FlagSet& flags) const { return (flags | added) - removed; }

  static FlagDelta between(const FlagSet& from, const FlagSet& to) { return {to - from, from - to}; }
  friend bool operator==(const FlagDelta&, const FlagDelta&) = default;
};

}  // namespace mailmirror
