#include "tests/support/compare_sides.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

namespace mailmirror::testing {
namespace {

constexpr std::size_t kLinesShown = 20;

std::string flags_text(const std::set<std::string>& flags) {
  std::string text;
  for (const auto& flag : flags) text += (text.empty() ? "" : " ") + flag;
  return "(" + text + ")";
}

/// Names a message in a difference: its size and its subject, or its first line.
std::string label(std::string_view bytes) {
  const auto subject = bytes.find("Subject:");
  const auto start = subject == bytes.npos || subject > 4096 ? 0 : subject;
  const auto line = bytes.substr(start, bytes.find_first_of("\r\n", start) - start);
  return std::to_string(bytes.size()) + " bytes, \"" + std::string(line.substr(0, 60)) + "\"";
}

bool same_bytes(const ProbeMessage& remote, const LocalMessage& local) {
  return has_bare_line_end(remote.bytes) ? remote.bytes == local.bytes : with_lf(remote.bytes) == with_lf(local.bytes);
}

/// 0: all is equal; more: what differs, worst last; nullopt: another message.
std::optional<int> distance(const ProbeMessage& remote, const LocalMessage& local) {
  if (!same_bytes(remote, local)) return std::nullopt;
  return (remote.flags == local.flags ? 0 : 1) + (remote.internal_date == local.mtime ? 0 : 2);
}

std::string difference(const ProbeMessage& remote, const LocalMessage& local) {
  std::string text = "UID " + std::to_string(remote.uid) + " and " + local.file.filename().string() + ":";
  if (remote.flags != local.flags) text += " flags " + flags_text(remote.flags) + " there, " + flags_text(local.flags) + " here;";
  if (remote.internal_date != local.mtime)
    text += " INTERNALDATE " + std::to_string(remote.internal_date) + " there, mtime " + std::to_string(local.mtime) + " here;";
  return text;
}

using Pairing = std::multimap<std::size_t, const LocalMessage*>;

/// What both sides' forms of one message have in common: found by it, then compared in full.
std::size_t fingerprint(std::string_view bytes) {
  return std::hash<std::string>{}(with_lf(bytes));
}

/// Takes the local message that is nearest to `remote` out of `unpaired`.
const LocalMessage* take_nearest(Pairing& unpaired, const ProbeMessage& remote, int at_most) {
  const auto [first, last] = unpaired.equal_range(fingerprint(remote.bytes));
  auto best = last;
  int best_distance = at_most + 1;
  for (auto candidate = first; candidate != last; ++candidate) {
    const auto how_far = distance(remote, *candidate->second);
    if (how_far && *how_far < best_distance) std::tie(best, best_distance) = std::tuple(candidate, *how_far);
  }
  if (best == last) return nullptr;
  const LocalMessage* found = best->second;
  unpaired.erase(best);
  return found;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (std::size_t i = 0; i < lines.size() && i < kLinesShown; ++i) text += lines[i] + "\n";
  if (lines.size() > kLinesShown) text += "… and " + std::to_string(lines.size() - kLinesShown) + " more\n";
  return text;
}

}  // namespace

std::string with_lf(std::string_view bytes) {
  std::string result;
  result.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i)
    if (bytes[i] != '\r' || i + 1 == bytes.size() || bytes[i + 1] != '\n') result += bytes[i];
  return result;
}

std::string with_crlf(std::string_view bytes) {
  std::string result;
  result.reserve(bytes.size() + bytes.size() / 32);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r')) result += '\r';
    result += bytes[i];
  }
  return result;
}

bool has_bare_line_end(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r')) return true;
    if (bytes[i] == '\r' && (i + 1 == bytes.size() || bytes[i + 1] != '\n')) return true;
  }
  return false;
}

std::vector<std::string> compare_messages(const std::vector<ProbeMessage>& remote, const std::vector<LocalMessage>& local) {
  Pairing unpaired;
  for (const auto& message : local) unpaired.emplace(fingerprint(message.bytes), &message);
  std::vector<const ProbeMessage*> without_equal;
  for (const auto& message : remote)
    if (take_nearest(unpaired, message, 0) == nullptr) without_equal.push_back(&message);

  std::vector<std::string> lines;
  for (const auto* message : without_equal) {
    const LocalMessage* near = take_nearest(unpaired, *message, 3);
    lines.push_back(near != nullptr ? difference(*message, *near)
                                    : "only on the server: UID " + std::to_string(message->uid) + ", " + label(message->bytes));
  }
  for (const auto& [unused, message] : unpaired)
    lines.push_back("only here: " + message->file.string() + ", " + label(message->bytes));
  return lines;
}

std::string compare_sides(ImapProbe& server, const LocalMaildir& maildir) {
  std::vector<std::string> lines;
  const auto there = server.mailboxes();
  const auto here = maildir.mailboxes();
  for (const auto& name : there)
    if (!std::binary_search(here.begin(), here.end(), name)) lines.push_back("mailbox only on the server: " + name);
  for (const auto& name : here)
    if (!std::binary_search(there.begin(), there.end(), name)) lines.push_back("mailbox only here: " + name);
  for (const auto& file : maildir.strangers()) lines.push_back("doesn't belong into a Maildir: " + file.string());
  for (const auto& name : there)
    for (const auto& line : compare_messages(server.fetch_all(name), maildir.messages(name))) lines.push_back(name + ": " + line);
  return joined(lines);
}

}  // namespace mailmirror::testing
