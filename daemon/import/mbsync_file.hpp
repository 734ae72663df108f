// The syntax of mbsync's configuration: sections, parted by empty lines, of keywords with arguments.
#pragma once

#include "daemon/import/draft.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::daemon::migration {

struct MbsyncLine {
  std::uint32_t number = 0;
  /// In lower case: keywords have none.
  std::string keyword;
  /// At least one.
  std::vector<std::string> arguments;
};

/// A section begins with a line of its own kind ("imapaccount work"); what stands before all sections has none.
struct MbsyncSection {
  std::string kind;  ///< in lower case; "": global
  std::string name;
  std::uint32_t line = 0;
  std::vector<MbsyncLine> lines;

  /// The last line with that keyword, which is the one that counts; nullptr: there is none.
  [[nodiscard]] const MbsyncLine* find(std::string_view keyword) const;
};

struct MbsyncFile {
  std::vector<MbsyncSection> sections;
  /// What is no configuration of mbsync's; then `sections` may lack something.
  std::vector<Note> mistakes;
};

/// Arguments are parted by blanks; quotes keep them together, a backslash takes the next character as it is. Anything goes in: text
/// too long or with too many sections is a mistake.
MbsyncFile parse_mbsync(std::string_view text, const std::string& file);

}  // namespace mailmirror::daemon::migration
