// Whole Maildir folders that get another name, or go. All of it BLOCKS.
#pragma once

#include "store/files/disk.hpp"

#include <filesystem>
#include <string>

namespace mailmirror::store {

/// Renames a folder with all that lies in it; both are relative to the Maildir's root. Missing levels above the new name are made. The
/// new name is durable afterwards. Errors: exists (the name is taken: nothing is overwritten), missing, permission, io.
Result<void> rename_folder(Disk& disk, const std::filesystem::path& root, const std::string& from, const std::string& to);

/// Removes a folder's cur/, new/ and tmp/, its dovecot-keywords, and its directory, if nothing else is in it. Folders beneath it stay.
/// Error exists where a message is left: nothing of it goes.
Result<void> remove_empty_folder(Disk& disk, const std::filesystem::path& root, const std::string& directory);

/// A folder that another program made or renamed: every name on the way to it, and those in it, are on stable storage afterwards.
Result<void> make_folder_durable(Disk& disk, const std::filesystem::path& root, const std::string& directory);

/// True: the directory isn't there, nor will it be after a power cut: the level above that is there is made durable.
Result<bool> confirm_folder_absent(Disk& disk, const std::filesystem::path& root, const std::string& directory);

}  // namespace mailmirror::store
