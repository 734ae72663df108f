#include "tests/simulation/compare.hpp"

#include "store/files/maildir_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mailmirror::simulation {
namespace {

std::string told(const std::string& bytes, FlagSet flags, Allowance allowance) {
  if (allowance.forwarded_flag_is_local) flags.erase(Flag::forwarded);
  return fmt::format("{} [{}]", Ledger::label(bytes), store::letters_of_flags(flags)) + '\0' + Ledger::normalized(bytes);
}

/// What `from` has beyond `other`, both sorted.
std::string surplus(const std::vector<std::string>& from, const std::vector<std::string>& other) {
  std::vector<std::string> more;
  std::set_difference(from.begin(), from.end(), other.begin(), other.end(), std::back_inserter(more));
  std::string text;
  for (const auto& one : more) text += (text.empty() ? "" : ", ") + one.substr(0, one.find('\0'));
  return text.empty() ? "nothing more" : text;
}

/// Both sorted. What only the server has may be allowed to stay.
bool same(const std::vector<std::string>& server, const std::vector<std::string>& device, Allowance allowance) {
  if (!allowance.deleted_may_stay) return server == device;
  std::vector<std::string> more;
  std::set_difference(server.begin(), server.end(), device.begin(), device.end(), std::back_inserter(more));
  const auto marked = [](const std::string& one) { return one.substr(0, one.find('\0')).find("T]") != std::string::npos; };
  return std::all_of(more.begin(), more.end(), marked) && std::includes(server.begin(), server.end(), device.begin(), device.end());
}

}  // namespace

Holdings holdings_of(const MailStore& store, Allowance allowance) {
  Holdings all;
  for (const auto& name : store.names()) {
    auto& messages = all[name];
    for (const auto& [uid, message] : store.mailbox(name)->messages) messages.push_back(told(message.bytes, message.flags, allowance));
    std::sort(messages.begin(), messages.end());
  }
  return all;
}

Holdings holdings_of(const FileTree& tree, const std::filesystem::path& maildir, Allowance allowance) {
  Holdings all;
  for (const auto& [name, folder] : folders_in(tree, maildir)) all[name];
  for (const auto& file : messages_in(tree, maildir))
    all[file.mailbox].push_back(told(file.inode->bytes, store::flags_of_letters(store::split_name(file.name).letters), allowance));
  for (auto& [name, messages] : all) std::sort(messages.begin(), messages.end());
  return all;
}

std::vector<std::string> differences(const Holdings& server, const Holdings& device, const std::string& name, Allowance allowance) {
  std::vector<std::string> found;
  for (const auto& [mailbox, messages] : server) {
    const auto here = device.find(mailbox);
    if (here == device.end())
      found.push_back(fmt::format("{} has no folder {}", name, mailbox));
    else if (!same(messages, here->second, allowance))
      found.push_back(fmt::format("{} differs in {}: the server has {}; the device has {}", name, mailbox, surplus(messages, here->second),
                                  surplus(here->second, messages)));
  }
  for (const auto& [mailbox, messages] : device)
    if (!server.contains(mailbox)) found.push_back(fmt::format("{} has a folder {} that the server hasn't", name, mailbox));
  return found;
}

std::vector<std::string> missing_contents(const MailStore& store, const FileTree& tree, const std::filesystem::path& maildir,
                                          const Ledger& users, const std::string& name) {
  std::map<std::string, std::multiset<std::string>> here;
  for (const auto& file : messages_in(tree, maildir)) here[file.mailbox].insert(Ledger::normalized(file.inode->bytes));
  std::vector<std::string> found;
  for (const auto& mailbox : store.names())
    for (const auto& [uid, message] : store.mailbox(mailbox)->messages) {
      auto& messages = here[mailbox];
      const auto place = messages.find(Ledger::normalized(message.bytes));
      if (place == messages.end() && users.meddled_with(message.bytes)) continue;
      if (place == messages.end())
        found.push_back(fmt::format("{} lacks {} in {}", name, Ledger::label(message.bytes), mailbox));
      else
        messages.erase(place);
    }
  return found;
}

}  // namespace mailmirror::simulation
