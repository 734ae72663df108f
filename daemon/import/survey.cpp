#include "daemon/import/survey.hpp"

#include "daemon/config/patterns.hpp"
#include "store/files/folder_paths.hpp"
#include "store/files/modified_utf7.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace mailmirror::daemon::migration {
namespace {

namespace fs = std::filesystem;

/// The words that mbsync puts in place of a large message's text; its header comes before them.
constexpr std::string_view kPlaceholder = "this message is over the MaxSize limit";
constexpr std::uintmax_t kLargestPlaceholder = 256 * 1024;
/// More of them wouldn't be read.
constexpr std::size_t kMostToldOf = 5;

store::Layout layout_of(config::Layout layout) {
  switch (layout) {
    case config::Layout::nested: return store::Layout::nested;
    case config::Layout::flat: return store::Layout::flat;
    case config::Layout::maildir_plus_plus: return store::Layout::maildir_plus_plus;
  }
  return store::Layout::nested;
}

template <class Look>
void for_each_message(const fs::path& folder, Look look) {
  for (const char* part : {"cur", "new"}) {
    std::error_code failure;
    for (auto entry = fs::directory_iterator(folder / part, failure); !failure && entry != fs::directory_iterator();
         entry.increment(failure))
      if (entry->path().filename().string().front() != '.') look(*entry);
  }
}

bool is_placeholder(const fs::directory_entry& file) {
  std::error_code failure;
  if (file.file_size(failure) > kLargestPlaceholder || failure) return false;
  std::ifstream in(file.path(), std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return text.find(kPlaceholder) != text.npos;
}

/// No character of it means anything but itself, as far as patterns can say it.
std::string literal_pattern(std::string name) {
  for (auto& c : name)
    if (c == '*' || c == '%') c = '?';
  return name;
}

class Surveyor {
 public:
  Surveyor(Draft& draft, store::Disk& disk, const Environment& environment, std::string file)
      : draft_(draft),
        disk_(disk),
        file_(std::move(file)),
        root_(environment.expand(draft.account.maildir.string()).value_or(draft.account.maildir.string())),
        paths_(layout_of(draft.account.layout),
               draft.account.folder_encoding == config::FolderEncoding::utf8 ? store::FolderEncoding::utf8
                                                                             : store::FolderEncoding::mutf7,
               draft.account.inbox) {}

  Survey run() {
    std::error_code failure;
    survey_.root_is_there = fs::is_directory(root_, failure);
    if (!survey_.root_is_there) {
      note(fmt::format("there is no directory {}: all mail will be downloaded", root_.string()));
      return std::move(survey_);
    }
    const auto folders = store::find_folders(disk_, root_, layout_of(draft_.account.layout));
    if (!folders) {
      obstacle(folders.error().message);
      return std::move(survey_);
    }
    check_root();
    for (const auto& folder : *folders)
      if (folder.has_cur) look_at(folder.path);
    if (draft_.only_what_is_here) take_only_what_is_here();
    return std::move(survey_);
  }

 private:
  void note(std::string message) { draft_.notes.push_back({file_, 0, std::move(message)}); }
  void obstacle(std::string message) { draft_.obstacles.push_back({file_, 0, std::move(message)}); }

  /// Messages right in the root would be looked for in vain.
  void check_root() {
    if (draft_.account.layout == config::Layout::maildir_plus_plus || !fs::is_directory(root_ / "cur")) return;
    obstacle(
        fmt::format("{0} holds messages itself (it has cur, new and tmp): where other mailboxes lie beside them, mailmirror keeps "
                    "the INBOX in a directory of its own. "
                    "Run mkdir {0}/INBOX; mv {0}/cur {0}/new {0}/tmp {0}/INBOX/, change the other program's and your mail reader's "
                    "settings, and import again",
                    root_.string()));
  }

  void look_at(const std::string& directory) {
    const auto folder = root_ / directory;
    const auto name = paths_.to_mailbox(directory, '/');
    if (!name) return unknown_name(directory);
    dotted_subfolders(folder);
    std::uint64_t messages = 0;
    for_each_message(folder, [&](const auto&) { ++messages; });
    const bool meant =
        draft_.only_what_is_here || config::select(draft_.account.mailboxes, name->utf8(), {}) == config::Selection::included;
    if (meant)
      survey_.adopted.push_back({name->utf8(), directory, messages});
    else
      survey_.left_alone.push_back(directory);
    if (meant && draft_.may_hold_placeholders) placeholders(folder);
  }

  void unknown_name(const std::string& directory) {
    if (++unknown_ > kMostToldOf) return;
    const auto decoded = store::from_modified_utf7(directory).value_or(directory);
    const auto ours = paths_.to_directory(MailboxName(decoded, '/'), '/');
    obstacle(
        fmt::format("the directory '{0}' in {1} isn't called as mailmirror would call it, so that its mail would be downloaded "
                    "again. If its mailbox is '{2}', "
                    "run {3}, and import again",
                    directory, root_.string(), decoded, move_command(root_ / directory, root_ / ours)));
  }

  /// mbsync's SubFolders Legacy: a/.b is the mailbox a/b.
  void dotted_subfolders(const fs::path& folder) {
    if (!draft_.dotted_subfolders || draft_.account.layout != config::Layout::nested) return;
    std::error_code failure;
    for (auto entry = fs::directory_iterator(folder, failure); !failure && entry != fs::directory_iterator();
         entry.increment(failure)) {
      const auto name = entry->path().filename().string();
      if (name.front() != '.' || name.size() < 2 || !fs::is_directory(entry->path() / "cur")) continue;
      if (++dotted_ > kMostToldOf) return;
      obstacle(
          fmt::format("{0} is a folder in mbsync's Legacy style, which mailmirror doesn't know. Run {1}, write SubFolders "
                      "Verbatim, and import again",
                      entry->path().string(), move_command(entry->path(), folder / name.substr(1))));
    }
  }

  void placeholders(const fs::path& folder) {
    for_each_message(folder, [&](const fs::directory_entry& file) {
      if (!is_placeholder(file) || ++placeholders_ > kMostToldOf) return;
      obstacle(
          fmt::format("{} only stands for a large message that mbsync left on the server (MaxSize): it would be uploaded as a "
                      "message of its own. Remove it, and "
                      "import again",
                      file.path().string()));
    });
  }

  void take_only_what_is_here() {
    draft_.account.mailboxes.clear();
    for (const auto& folder : survey_.adopted) draft_.account.mailboxes.push_back(literal_pattern(folder.mailbox));
    if (survey_.adopted.empty())
      obstacle(fmt::format("there is no mailbox in {} yet that could tell which ones are wanted", root_.string()));
  }

  Draft& draft_;
  store::Disk& disk_;
  std::string file_;
  fs::path root_;
  store::FolderPaths paths_;
  Survey survey_;
  std::size_t unknown_ = 0;
  std::size_t dotted_ = 0;
  std::size_t placeholders_ = 0;
};

}  // namespace

std::uint64_t Survey::messages() const {
  std::uint64_t sum = 0;
  for (const auto& folder : adopted) sum += folder.messages;
  return sum;
}

Survey survey_maildir(Draft& draft, store::Disk& disk, const Environment& environment, const std::string& file) {
  return Surveyor(draft, disk, environment, file).run();
}

}  // namespace mailmirror::daemon::migration
