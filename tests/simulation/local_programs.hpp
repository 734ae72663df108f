// What other programs do to a Maildir: MDAs deliver, MUAs flag, move, copy, delete and edit, users make and rename folders.
#pragma once

#include "tests/simulation/disk/file_tree.hpp"
#include "tests/simulation/ledger.hpp"

#include <filesystem>
#include <optional>
#include <map>
#include <string>
#include <vector>

namespace mailmirror::simulation {

/// A message file, found in a tree.
struct MessageFile {
  InodePtr directory;  ///< cur or new
  InodePtr folder;
  std::string mailbox;  ///< "Work/Sub"
  std::string name;
  InodePtr inode;
  bool in_new = false;
};

/// All visible messages below `maildir`, sorted by mailbox and name.
std::vector<MessageFile> messages_in(const FileTree& tree, const std::filesystem::path& maildir);
/// Folders that hold a `cur`.
std::vector<std::pair<std::string, InodePtr>> folders_in(const FileTree& tree, const std::filesystem::path& maildir);

class LocalPrograms {
 public:
  /// `letters`: those that its MUAs set.
  LocalPrograms(FileTree& tree, std::filesystem::path maildir, Ledger& ledger, std::string_view letters)
      : tree_(tree), maildir_(std::move(maildir)), ledger_(ledger), letters_(letters) {}

  // Each returns a line for the trace; "" where there was nothing to do it to.
  std::string deliver(SeededRandom random);
  std::string flag(SeededRandom random);
  std::string move(SeededRandom random);
  std::string copy(SeededRandom random);
  std::string remove(SeededRandom random);
  std::string edit(SeededRandom random);
  std::string make_folder(SeededRandom random);
  std::string rename_folder(SeededRandom random);

  /// Files that programs wrote, as they wrote them, since power was lost last.
  [[nodiscard]] const std::map<InodePtr, std::string>& written() const { return written_; }
  void forget_written() { written_.clear(); }

 private:
  std::optional<MessageFile> any_message(SeededRandom& random) const;
  std::optional<std::pair<std::string, InodePtr>> any_folder(SeededRandom& random) const;
  InodePtr write(const InodePtr& folder, const std::string& place, const std::string& name, const std::string& bytes, SeededRandom& random);
  std::string fresh_name();

  FileTree& tree_;
  std::filesystem::path maildir_;
  Ledger& ledger_;
  std::string_view letters_;
  std::map<InodePtr, std::string> written_;
  unsigned names_made_ = 0;
};

}  // namespace mailmirror::simulation
