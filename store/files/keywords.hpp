// A folder's dovecot-keywords: which keyword each of the letters a–z in its file names stands for. Lines "0 $Junk" (0 is a).
#pragma once

#include "store/files/maildir.hpp"
#include "sync/base/random.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::store {

/// A copy of the file in memory. One thread at a time.
class KeywordTable {
 public:
  static constexpr std::size_t kLetters = 26;

  KeywordTable() = default;

  /// BLOCKS. A folder without the file has an empty table. Errors: permission, io (also where it is longer than 64 KiB).
  static Result<KeywordTable> read(const MaildirFolder& folder);

  /// Tolerant: lines that say nothing are passed over (and kept when the file is written again); of two entries for a letter the
  /// first counts.
  static KeywordTable parse(std::string_view text);
  [[nodiscard]] std::string to_text() const;

  /// Without regard to case, as keywords are.
  [[nodiscard]] std::optional<char> letter_of(std::string_view keyword) const;
  /// "" where the letter has no entry.
  [[nodiscard]] const std::string& name_of(char letter) const;
  /// Of those letters that have an entry; all others are passed over.
  [[nodiscard]] std::vector<std::string> names_of(std::string_view letters) const;
  /// Those of a–z that have no entry: they mean "unchanged" and stay in the name (semantics, hard case 16).
  [[nodiscard]] std::string unnamed(std::string_view letters) const;

  /// The keyword's letter; one that has none gets the first free one, durably, never one that is or was given to another. The file
  /// is read again first, since other programs write it too. nullopt: no letter is left, or the keyword can't stand in the file
  /// (white space, control characters). BLOCKS. Errors: permission, disk_full, io.
  Result<std::optional<char>> add(const MaildirFolder& folder, std::string_view keyword, Random& random);

 private:
  std::array<std::string, kLetters> names_;
  std::vector<std::string> other_lines_;
};

}  // namespace mailmirror::store
