#include "store/files/folder_paths.hpp"

#include "store/files/folder_tree.hpp"
#include "store/files/level_escapes.hpp"
#include "store/files/modified_utf7.hpp"
#include "store/files/utf8.hpp"
#include "sync/base/digest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace mailmirror::store {
namespace {

constexpr std::size_t kLongestName = 255;
/// No escape begins so: what ends in a hash can't be taken for a whole name.
constexpr std::string_view kHashMark = "%~";
constexpr std::size_t kHashDigits = 16;
constexpr std::size_t kLongestPrefix = kLongestName - kHashMark.size() - kHashDigits;

std::string hash_of(std::string_view text) {
  return sha256(std::as_bytes(std::span(text.data(), text.size()))).to_hex().substr(0, kHashDigits);
}

/// Cut at a character's or escape's end, then the mark and the hash of `whole`.
std::string hashed(std::string_view name, std::string_view whole) {
  auto end = std::min(name.size(), kLongestPrefix);
  const auto is_inside_character = [&](std::size_t at) {
    return at < name.size() && (static_cast<unsigned char>(name[at]) & 0xc0U) == 0x80;
  };
  while (end > 0 && is_inside_character(end)) --end;
  const auto escape = name.substr(0, end).rfind('%');
  if (escape != name.npos && end - escape < 3 && end < name.size()) end = escape;
  return std::string(name.substr(0, end)).append(kHashMark).append(hash_of(whole));
}

std::string fitting(const std::string& name, std::string_view whole) {
  return name.size() <= kLongestName ? name : hashed(name, whole);
}

/// In one directory's name.
std::string joined_by_dots(const std::vector<std::string>& levels, Layout layout) {
  return (layout == Layout::maildir_plus_plus ? "." : "") + fmt::format("{}", fmt::join(levels, "."));
}

/// The directory's levels, in escaped form; nullopt: the layout gives it no meaning.
std::optional<std::vector<std::string_view>> levels_of(std::string_view directory, Layout layout) {
  const char separator = layout == Layout::nested ? '/' : '.';
  if (layout != Layout::nested && directory.find('/') != directory.npos) return std::nullopt;
  if (layout == Layout::maildir_plus_plus) {
    if (directory.size() < 2 || directory.front() != '.') return std::nullopt;
    directory.remove_prefix(1);
  }
  std::vector<std::string_view> levels;
  while (true) {
    const auto end = directory.find(separator);
    levels.push_back(directory.substr(0, end));
    if (end == directory.npos) return levels;
    directory.remove_prefix(end + 1);
  }
}

}  // namespace

std::vector<std::string> FolderPaths::escaped_levels(const MailboxName& name, char delimiter) const {
  auto levels = name.levels(delimiter);
  for (auto& level : levels) {
    level = escape_level(level, layout_);
    if (encoding_ == FolderEncoding::mutf7) level = to_modified_utf7(level);
  }
  return levels;
}

std::string FolderPaths::to_directory(const MailboxName& name, char delimiter) const {
  if (name.is_inbox()) return layout_ == Layout::maildir_plus_plus ? "" : inbox_;
  auto levels = escaped_levels(name, delimiter);
  if (layout_ != Layout::nested) return fitting(joined_by_dots(levels, layout_), name.utf8());
  if (levels.size() > 1 && levels.front() == "INBOX") levels.front() = inbox_;
  for (auto& level : levels) level = fitting(level, level);
  return fmt::format("{}", fmt::join(levels, "/"));
}

std::optional<MailboxName> FolderPaths::to_mailbox(std::string_view directory, char delimiter) const {
  if (directory == (layout_ == Layout::maildir_plus_plus ? "" : inbox_)) return MailboxName("INBOX");
  const bool below_inbox = layout_ == Layout::nested && directory.starts_with(inbox_ + "/");
  const auto name = below_inbox ? decoded("INBOX" + std::string(directory.substr(inbox_.size())), delimiter) : decoded(directory, delimiter);
  if (!name || to_directory(*name, delimiter) != directory) return std::nullopt;
  return name;
}

std::optional<MailboxName> FolderPaths::decoded(std::string_view directory, char delimiter) const {
  const auto levels = levels_of(directory, layout_);
  if (!levels) return std::nullopt;
  std::string utf8;
  for (std::size_t n = 0; n < levels->size(); ++n) {
    const auto escaped =
        encoding_ == FolderEncoding::mutf7 ? from_modified_utf7((*levels)[n]) : std::optional<std::string>((*levels)[n]);
    const auto level = escaped ? unescape_level(*escaped) : std::nullopt;
    if (!level) return std::nullopt;
    if (n > 0) utf8 += delimiter;
    utf8 += *level;
  }
  return MailboxName(utf8, delimiter);
}

bool FolderPaths::is_reversible(const MailboxName& name, char delimiter) const {
  const auto back = to_mailbox(to_directory(name, delimiter), delimiter);
  return back && *back == name;
}

std::string FolderPaths::hashed_directory(const MailboxName& name, char delimiter) const {
  auto levels = escaped_levels(name, delimiter);
  if (layout_ != Layout::nested) return hashed(joined_by_dots(levels, layout_), name.utf8());
  for (auto& level : levels) level = fitting(level, level);
  levels.back() = hashed(levels.back(), name.utf8());
  return fmt::format("{}", fmt::join(levels, "/"));
}

}  // namespace mailmirror::store
