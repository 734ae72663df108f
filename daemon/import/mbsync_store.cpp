#include "daemon/import/mbsync_store.hpp"

#include "sync/base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailmirror::daemon::migration {
namespace {

std::string value_of(const MbsyncSection& section, const char* keyword, const char* otherwise) {
  const auto* line = section.find(keyword);
  return line == nullptr ? otherwise : line->arguments.front();
}

std::filesystem::path without_final_slash(const std::filesystem::path& path) {
  const auto normal = path.lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

}  // namespace

MaildirStore::MaildirStore(const MbsyncSection& store, const Environment& environment)
    : store_(store),
      environment_(environment),
      path_text_(value_of(store, "path", "")),
      path_(path_text_.empty() ? std::filesystem::path() : expanded(path_text_)),
      inbox_text_(value_of(store, "inbox", "~/Maildir")),
      style_(ascii::to_lower(value_of(store, "subfolders", ""))),
      flatten_(value_of(store, "flatten", "")) {
  inbox_ = without_final_slash(expanded(inbox_text_));
}

/// mbsync knows the tilde alone.
std::filesystem::path MaildirStore::expanded(const std::string& path) const {
  if (path == "~" || path.starts_with("~/")) return environment_.home() / path.substr(std::min<std::size_t>(2, path.size()));
  return path;
}

std::string MaildirStore::root(const std::string& prefix, Note& obstacle, const std::string& file) const {
  const auto refuse = [&](const char* keyword, std::string message) {
    const auto* line = store_.find(keyword);
    obstacle = {file, line == nullptr ? store_.line : line->number, std::move(message)};
    return std::string();
  };
  if (!flatten_.empty() && flatten_ != ".")
    return refuse(
        "flatten",
        fmt::format(
            "mailmirror flattens with '.' alone: rename the directories from A{0}B to A.B, write Flatten . here, and import again",
            flatten_));
  if (const auto* delimiter = store_.find("infodelimiter"); delimiter != nullptr && delimiter->arguments.front() != ":")
    return refuse("infodelimiter",
                  "mailmirror's files have ':' before their flags, as Maildir says: rename them, write InfoDelimiter : here, and "
                  "import again");
  if (style_ == "maildir++" && flatten_.empty()) {
    if (!prefix.empty())
      return refuse("subfolders", fmt::format("with Maildir++ there is no folder '{}' that could be an account's root", prefix));
    return inbox_text_;
  }
  if (path_.empty()) {
    if (!ascii::equal_ignoring_case(inbox_.filename().string(), "INBOX"))
      return refuse("inbox", fmt::format("this store holds an INBOX alone, in {0}: mailmirror keeps it in a directory INBOX "
                                         "beneath the account's root. Move it to {0}/INBOX "
                                         "(so that cur, new and tmp are in there), say so here, and import again",
                                         inbox_.string()));
    return inbox_.parent_path().string();
  }
  if (path_.is_relative()) return refuse("path", "this path depends on where mbsync is started: write it in full");
  if (path_text_.find('$') != std::string::npos)
    return refuse("path", "mailmirror would take '$' for a variable: rename the directory");
  const auto whole = path_text_ + prefix;
  if (!whole.ends_with('/'))
    return refuse("path",
                  fmt::format("'{}' is the beginning of the mailboxes' names, not a directory: it has to end in '/'", whole));
  return whole.substr(0, whole.size() - 1);
}

config::Layout MaildirStore::layout() const {
  if (!flatten_.empty()) return config::Layout::flat;
  return style_ == "maildir++" ? config::Layout::maildir_plus_plus : config::Layout::nested;
}

std::optional<std::string> MaildirStore::inbox(const std::string& prefix) const {
  if (layout() == config::Layout::maildir_plus_plus) return "INBOX";
  // With a prefix even the INBOX is an ordinary mailbox beneath it.
  if (!prefix.empty()) return "INBOX";
  const auto name = inbox_.filename().string();
  const bool inside = path_.empty() || inbox_.parent_path() == without_final_slash(path_);
  return inside && ascii::equal_ignoring_case(name, "INBOX") ? std::optional(name) : std::nullopt;
}

std::filesystem::path MaildirStore::directory_of(const std::string& box) const {
  auto name = box;
  if (layout() == config::Layout::flat) {
    std::replace(name.begin(), name.end(), '/', '.');
    return box == "INBOX" ? inbox_ : std::filesystem::path(path_.string() + name);
  }
  const bool in_inbox = box == "INBOX" || box.starts_with("INBOX/");
  if (layout() == config::Layout::nested) return in_inbox ? inbox_.string() + box.substr(5) : path_.string() + box;
  if (box == "INBOX") return inbox_;
  std::replace(name.begin(), name.end(), '/', '.');
  return inbox_ / ("." + (in_inbox ? name.substr(5) : name));
}

}  // namespace mailmirror::daemon::migration
