#include "tests/support/local_maildir.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <sstream>

namespace mailmirror::testing {
namespace {

bool is_message_folder(std::string_view name) {
  return name == "new" || name == "cur" || name == "tmp";
}

std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%' || i + 2 >= text.size()) {
      result += text[i];
      continue;
    }
    result += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
    i += 2;
  }
  return result;
}

std::string mailbox_name(const fs::path& relative, Layout layout) {
  if (layout == Layout::nested) {
    std::string name;
    for (const auto& level : relative) name += (name.empty() ? "" : "/") + unescaped(level.string());
    return name;
  }
  std::string directory = relative.string();
  if (directory == ".") return "INBOX";
  directory.erase(0, 1);
  std::replace(directory.begin(), directory.end(), '.', '/');
  return unescaped(directory);
}

std::map<char, std::string> keywords_of(const fs::path& folder) {
  std::map<char, std::string> keywords;
  if (!fs::exists(folder / "dovecot-keywords")) return keywords;
  std::istringstream lines(read_file(folder / "dovecot-keywords"));
  int number = 0;
  for (std::string keyword; lines >> number >> keyword;) keywords[static_cast<char>('a' + number)] = keyword;
  return keywords;
}

std::set<std::string> flags_of(const fs::path& file, const std::map<char, std::string>& keywords) {
  static const std::map<char, std::string> kSystem{{'S', "\\Seen"},  {'R', "\\Answered"}, {'F', "\\Flagged"},
                                                   {'D', "\\Draft"}, {'T', "\\Deleted"},  {'P', "$Forwarded"}};
  std::set<std::string> flags;
  for (const char letter : letters_of(file)) {
    const auto& table = letter >= 'a' && letter <= 'z' ? keywords : kSystem;
    const auto flag = table.find(letter);
    flags.insert(flag == table.end() ? std::string("letter ") + letter : flag->second);
  }
  return flags;
}

std::time_t modification_time(const fs::path& file) {
  struct ::stat status {};
  if (::stat(file.c_str(), &status) != 0) throw_errno("stat " + file.string());
  return status.st_mtime;
}

void set_modification_time(const fs::path& file, std::time_t when) {
  const timespec times[2] = {{when, 0}, {when, 0}};
  if (::utimensat(AT_FDCWD, file.c_str(), times, 0) != 0) throw_errno("utimensat " + file.string());
}

}  // namespace

std::string to_string(Layout layout) {
  return layout == Layout::nested ? "nested" : "maildir++";
}

fs::path LocalMaildir::folder(std::string_view mailbox) const {
  if (layout_ == Layout::nested) return root_ / mailbox;
  if (mailbox == "INBOX") return root_;
  std::string name(mailbox);
  std::replace(name.begin(), name.end(), '/', '.');
  return root_ / ("." + name);
}

std::map<std::string, fs::path> LocalMaildir::folders() const {
  std::map<std::string, fs::path> folders;
  if (fs::is_directory(root_ / "cur")) folders[mailbox_name(".", layout_)] = root_;
  for (auto entry = fs::recursive_directory_iterator(root_); entry != fs::recursive_directory_iterator(); ++entry) {
    if (!entry->is_directory()) continue;
    const fs::path& path = entry->path();
    if (is_message_folder(path.filename().string())) {
      entry.disable_recursion_pending();
    } else if (fs::is_directory(path / "cur")) {
      folders[mailbox_name(path.lexically_relative(root_), layout_)] = path;
    }
  }
  return folders;
}

std::vector<std::string> LocalMaildir::mailboxes() const {
  std::vector<std::string> names;
  for (const auto& [name, unused] : folders()) names.push_back(name);
  return names;
}

std::vector<fs::path> LocalMaildir::files(std::string_view mailbox) const {
  const auto known = folders();
  const auto found = known.find(std::string(mailbox));
  std::vector<fs::path> files;
  if (found == known.end()) return files;
  for (const char* name : {"new", "cur"}) {
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator(found->second / name, missing)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<LocalMessage> LocalMaildir::messages(std::string_view mailbox) const {
  const auto keywords = keywords_of(folder(mailbox));
  std::vector<LocalMessage> messages;
  for (const auto& file : files(mailbox))
    messages.push_back({file, flags_of(file, keywords), modification_time(file), read_file(file)});
  return messages;
}

std::vector<fs::path> LocalMaildir::strangers() const {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(root_)) {
    if (entry.is_directory()) continue;
    const auto parent = entry.path().parent_path().filename().string();
    const bool message = entry.is_regular_file() && is_message_folder(parent);
    if (!message && entry.path().filename() != "dovecot-keywords") found.push_back(entry.path());
  }
  return found;
}

void LocalMaildir::create(std::string_view mailbox) const {
  for (const char* name : {"new", "tmp", "cur"}) fs::create_directories(folder(mailbox) / name);
}

fs::path LocalMaildir::deliver(std::string_view mailbox, std::string_view bytes, std::string_view letters,
                               std::time_t mtime) const {
  static std::atomic<unsigned> count = 0;
  const auto name = "1700000000." + std::to_string(::getpid()) + "_" + std::to_string(++count) + ".elsewhere";
  const fs::path draft = folder(mailbox) / "tmp" / name;
  write_file(draft, bytes);
  set_modification_time(draft, mtime);
  const fs::path file =
      letters.empty() ? folder(mailbox) / "new" / name : folder(mailbox) / "cur" / (name + ":2," + std::string(letters));
  fs::rename(draft, file);
  return file;
}

std::string letters_of(const fs::path& file) {
  const std::string name = file.filename().string();
  const auto mark = name.rfind(":2,");
  return mark == name.npos ? "" : name.substr(mark + 3);
}

fs::path set_letters(const fs::path& file, std::string_view letters) {
  const std::string name = file.filename().string();
  const fs::path renamed =
      file.parent_path().parent_path() / "cur" / (name.substr(0, name.rfind(":2,")) + ":2," + std::string(letters));
  fs::rename(file, renamed);
  return renamed;
}

fs::path move_to(const fs::path& file, const fs::path& folder) {
  const std::string name = file.filename().string();
  const fs::path moved = folder / "cur" / (name.find(":2,") == name.npos ? name + ":2," : name);
  fs::rename(file, moved);
  return moved;
}

}  // namespace mailmirror::testing
