#include "tests/simulation/local_programs.hpp"

#include "store/files/maildir_name.hpp"

#include <fmt/format.h>

#include <array>

namespace mailmirror::simulation {
namespace {

constexpr std::array<const char*, 7> kNames{"Archive", "Work", "Work/Sub", "Entw\xc3\xbcrfe", "Lists", "Lists/a.b", "Archive/2024"};

bool part_of_a_folder(const std::string& name) {
  return name == "cur" || name == "new" || name == "tmp";
}

void collect(const InodePtr& at, const std::string& path, std::vector<std::pair<std::string, InodePtr>>& found) {
  const bool has_cur = at->entries.contains("cur") && at->entries.contains("new") && at->entries.contains("tmp");
  if (has_cur && !path.empty()) found.emplace_back(path, at);
  for (const auto& [name, inode] : at->entries)
    if (inode->is_directory() && !part_of_a_folder(name) && name.front() != '.') collect(inode, path.empty() ? name : path + '/' + name, found);
}

/// One letter more or less.
std::string toggled(std::string_view letters, std::string_view known, SeededRandom& random) {
  const char letter = random.chance(50) ? 'S' : known[random.below(known.size())];
  std::string changed(letters);
  if (const auto at = changed.find(letter); at != std::string::npos)
    changed.erase(at, 1);
  else
    changed += letter;
  return store::normalized_letters(changed);
}

}  // namespace

std::vector<std::pair<std::string, InodePtr>> folders_in(const FileTree& tree, const std::filesystem::path& maildir) {
  std::vector<std::pair<std::string, InodePtr>> found;
  if (const auto root = tree.find(maildir)) collect(root, "", found);
  return found;
}

std::vector<MessageFile> messages_in(const FileTree& tree, const std::filesystem::path& maildir) {
  std::vector<MessageFile> found;
  for (const auto& [mailbox, folder] : folders_in(tree, maildir))
    for (const auto* place : {"cur", "new"}) {
      const auto directory = folder->entries.at(place);
      for (const auto& [name, inode] : directory->entries)
        if (name.front() != '.' && !inode->is_directory())
          found.push_back({directory, folder, mailbox, name, inode, directory == folder->entries.at("new")});
    }
  return found;
}

std::optional<MessageFile> LocalPrograms::any_message(SeededRandom& random) const {
  const auto all = messages_in(tree_, maildir_);
  if (all.empty()) return std::nullopt;
  return all[random.below(all.size())];
}

std::optional<std::pair<std::string, InodePtr>> LocalPrograms::any_folder(SeededRandom& random) const {
  const auto all = folders_in(tree_, maildir_);
  if (all.empty()) return std::nullopt;
  return all[random.below(all.size())];
}

std::string LocalPrograms::fresh_name() {
  ++names_made_;
  return fmt::format("{}.P{}.mua", 1700000000 + names_made_, names_made_);
}

/// Through tmp/, as a careful program does; with or without fsync.
InodePtr LocalPrograms::write(const InodePtr& folder, const std::string& place, const std::string& name, const std::string& bytes,
                              SeededRandom& random) {
  const auto& tmp = folder->entries.at("tmp");
  const auto& goal = folder->entries.at(place);
  const auto file = tree_.create(tmp, name, store::EntryKind::file);
  tree_.append(*file, bytes);
  if (random.chance(70)) tree_.sync_file(*file);
  written_[file] = bytes;
  tree_.rename(tmp, name, goal, name);
  if (random.chance(50)) tree_.sync_directory(goal);
  return file;
}

std::string LocalPrograms::deliver(SeededRandom random) {
  const auto folder = any_folder(random);
  if (!folder) return {};
  const auto bytes = ledger_.compose(random.next());
  ledger_.born(bytes);
  const bool seen = random.chance(30);
  write(folder->second, seen ? "cur" : "new", fresh_name() + (seen ? ":2,S" : ""), bytes, random);
  return fmt::format("delivers {} to {}", Ledger::label(bytes), folder->first);
}

std::string LocalPrograms::flag(SeededRandom random) {
  const auto message = any_message(random);
  if (!message) return {};
  const auto parts = store::split_name(message->name);
  const auto name = store::compose_name(parts.unique, toggled(parts.letters, letters_, random));
  const auto& cur = message->folder->entries.at("cur");
  if (cur->entries.contains(name)) return {};
  tree_.rename(message->directory, message->name, cur, name);
  return fmt::format("flags {} in {}: {}", Ledger::label(message->inode->bytes), message->mailbox, name);
}

std::string LocalPrograms::move(SeededRandom random) {
  const auto message = any_message(random);
  const auto goal = any_folder(random);
  if (!message || goal->second == message->folder) return {};
  // mblaze keeps the name, mutt makes a new one.
  const auto parts = store::split_name(message->name);
  const auto name = random.chance(50) ? message->name : store::compose_name(fresh_name(), parts.letters);
  const auto& place = goal->second->entries.at(message->in_new ? "new" : "cur");
  if (place->entries.contains(name)) return {};
  tree_.rename(message->directory, message->name, place, name);
  ledger_.moved_here(message->inode->bytes);
  return fmt::format("moves {} from {} to {}", Ledger::label(message->inode->bytes), message->mailbox, goal->first);
}

std::string LocalPrograms::copy(SeededRandom random) {
  const auto message = any_message(random);
  const auto goal = any_folder(random);
  if (!message || goal->second == message->folder) return {};
  const auto name = random.chance(50) ? message->name : fresh_name() + ":2,S";
  if (goal->second->entries.at("cur")->entries.contains(name) || goal->second->entries.at("tmp")->entries.contains(name)) return {};
  ledger_.copied_here(message->inode->bytes);
  write(goal->second, "cur", name, message->inode->bytes, random);
  return fmt::format("copies {} from {} to {}", Ledger::label(message->inode->bytes), message->mailbox, goal->first);
}

std::string LocalPrograms::remove(SeededRandom random) {
  const auto message = any_message(random);
  if (!message) return {};
  ledger_.deleted(message->inode->bytes);
  tree_.unlink(message->directory, message->name);
  return fmt::format("deletes {} in {}", Ledger::label(message->inode->bytes), message->mailbox);
}

std::string LocalPrograms::edit(SeededRandom random) {
  const auto message = any_message(random);
  if (!message) return {};
  const auto before = message->inode->bytes;
  // A name for other bytes would be another message's: links are cut first, as editors that write anew do.
  if (message->inode->links > 1) return {};
  const auto after = ledger_.compose(random.next());
  ledger_.deleted(before);
  ledger_.born(after);
  // The editor's swap file makes that the directory changes, too.
  tree_.create(message->directory, ".swap", store::EntryKind::file);
  tree_.replace_bytes(*message->inode, after);
  tree_.unlink(message->directory, ".swap");
  written_[message->inode] = after;
  return fmt::format("edits {} in {}: now {}", Ledger::label(before), message->mailbox, Ledger::label(after));
}

std::string LocalPrograms::make_folder(SeededRandom random) {
  const std::string name = kNames[random.below(kNames.size())];
  const auto path = maildir_ / name;
  if (!tree_.find(maildir_) || tree_.find(path)) return {};
  for (const auto* part : {"cur", "new", "tmp"}) tree_.make_directories(path / part);
  if (random.chance(50)) tree_.sync_all();
  return fmt::format("makes the folder {}", name);
}

std::string LocalPrograms::rename_folder(SeededRandom random) {
  const auto folder = any_folder(random);
  const std::string name = kNames[random.below(kNames.size())];
  if (!folder || folder->first == "INBOX" || tree_.find(maildir_ / name) || name.starts_with(folder->first + '/')) return {};
  const auto source = std::filesystem::path(folder->first);
  const auto goal = std::filesystem::path(name);
  const auto parent = tree_.find(maildir_ / goal.parent_path());
  if (!parent) return {};
  tree_.rename(tree_.find(maildir_ / source.parent_path()), source.filename().string(), parent, goal.filename().string());
  ledger_.mailbox_renamed_here();
  return fmt::format("renames the folder {} to {}", folder->first, name);
}

}  // namespace mailmirror::simulation
