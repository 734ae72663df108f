#include "tests/support/imap_probe.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>

namespace mailmirror::testing {
namespace {

int connect_to(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) throw_errno("socket");
  const timeval limit{60, 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(descriptor);
    throw_errno("connect to port " + std::to_string(port));
  }
  return descriptor;
}

std::string name_argument(std::string_view mailbox) {
  return imap_quoted(to_modified_utf7(mailbox));
}

std::string flag_list(const std::set<std::string>& flags) {
  std::string text;
  for (const auto& flag : flags) text += (text.empty() ? "" : " ") + flag;
  return "(" + text + ")";
}

bool names(const ImapValue& data, std::string_view item) {
  for (const auto& one : data.items)
    if (one.is(item)) return true;
  return false;
}

ProbeMessage to_message(const ImapValue& data) {
  ProbeMessage message;
  message.uid = static_cast<std::uint32_t>(data.after("UID").number());
  for (const auto& flag : data.after("FLAGS").items)
    if (!flag.is("\\Recent")) message.flags.insert(flag.text);
  message.internal_date = from_imap_date(data.after("INTERNALDATE").text);
  message.bytes = data.after("BODY[]").text;
  return message;
}

std::vector<std::string> names_of(const std::vector<ImapValue>& responses, std::string_view kind) {
  std::vector<std::string> names;
  for (const auto& response : responses) {
    if (response.items.size() < 5 || !response.items[1].is(kind)) continue;
    const auto& attributes = response.items[2].items;
    const bool selectable = std::none_of(attributes.begin(), attributes.end(), [](const ImapValue& attribute) {
      return attribute.is("\\Noselect") || attribute.is("\\NonExistent");
    });
    if (selectable) names.push_back(from_modified_utf7(response.items[4].text));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

ImapProbe::ImapProbe(std::uint16_t port, std::string_view user, std::string_view password) : socket_(connect_to(port)) {
  try {
    read_response();
    command("LOGIN " + imap_quoted(user) + " " + imap_quoted(password));
  } catch (...) {
    ::close(socket_);
    throw;
  }
}

ImapProbe::~ImapProbe() {
  ::close(socket_);
}

std::vector<std::string> ImapProbe::mailboxes() {
  return names_of(command("LIST \"\" \"*\""), "LIST");
}
std::vector<std::string> ImapProbe::subscribed() {
  return names_of(command("LSUB \"\" \"*\""), "LSUB");
}
void ImapProbe::create(std::string_view mailbox) {
  command("CREATE " + name_argument(mailbox));
}
void ImapProbe::remove(std::string_view mailbox) {
  command("DELETE " + name_argument(mailbox));
}
void ImapProbe::rename(std::string_view from, std::string_view to) {
  command("RENAME " + name_argument(from) + " " + name_argument(to));
}

std::uint32_t ImapProbe::append(std::string_view mailbox, std::string_view bytes, const std::set<std::string>& flags,
                                std::time_t internal_date) {
  const std::string tag = "p" + std::to_string(++last_tag_);
  send(tag + " APPEND " + name_argument(mailbox) + " " + flag_list(flags) + " \"" + to_imap_date(internal_date) + "\" {" +
       std::to_string(bytes.size()) + "}\r\n");
  await_continuation(tag);
  send(bytes);
  send("\r\n");
  finish(tag, "APPEND");
  // "[APPENDUID validity uid]" comes as three atoms.
  if (tagged_.items.size() < 5 || !tagged_.items[2].is("[APPENDUID")) throw HarnessError("the server tells no UID after APPEND");
  return static_cast<std::uint32_t>(std::stoul(tagged_.items[4].text));
}

void ImapProbe::await_continuation(const std::string& tag) {
  for (;;) {
    const ImapValue response = read_response();
    if (response.items.at(0).is("+")) return;
    if (response.items[0].is(tag)) throw HarnessError("the server refused APPEND");
  }
}

void ImapProbe::select(std::string_view mailbox) {
  command("SELECT " + name_argument(mailbox));
}

std::vector<ProbeMessage> ImapProbe::fetch_all(std::string_view mailbox) {
  command("EXAMINE " + name_argument(mailbox));
  std::vector<ProbeMessage> messages;
  for (const auto& response : command("UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])"))
    // Others' flag changes come in between, without a UID: they are no answer to this command.
    if (response.items.size() > 3 && response.items[2].is("FETCH") && names(response.items[3], "UID") && names(response.items[3], "INTERNALDATE"))
      messages.push_back(to_message(response.items[3]));
  command("UNSELECT");
  return messages;
}

ProbeStatus ImapProbe::status(std::string_view mailbox) {
  for (const auto& response :
       command("STATUS " + name_argument(mailbox) + " (MESSAGES UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ)")) {
    if (response.items.size() < 4 || !response.items[1].is("STATUS")) continue;
    const auto& data = response.items[3];
    return {data.after("MESSAGES").number(), data.after("UNSEEN").number(), data.after("UIDNEXT").number(),
            data.after("UIDVALIDITY").number(), data.after("HIGHESTMODSEQ").number()};
  }
  throw HarnessError("no STATUS of " + std::string(mailbox));
}

void ImapProbe::add_flags(std::string_view mailbox, std::uint32_t uid, std::string_view flags) {
  select(mailbox);
  command("UID STORE " + std::to_string(uid) + " +FLAGS (" + std::string(flags) + ")");
  command("UNSELECT");
}

void ImapProbe::remove_flags(std::string_view mailbox, std::uint32_t uid, std::string_view flags) {
  select(mailbox);
  command("UID STORE " + std::to_string(uid) + " -FLAGS (" + std::string(flags) + ")");
  command("UNSELECT");
}

void ImapProbe::expunge(std::string_view mailbox, std::uint32_t uid) {
  select(mailbox);
  command("UID STORE " + std::to_string(uid) + " +FLAGS (\\Deleted)");
  command("UID EXPUNGE " + std::to_string(uid));
  command("UNSELECT");
}

void ImapProbe::move(std::string_view from, std::uint32_t uid, std::string_view to) {
  select(from);
  command("UID MOVE " + std::to_string(uid) + " " + name_argument(to));
  command("UNSELECT");
}

std::vector<ImapValue> ImapProbe::command(std::string_view text) {
  const std::string tag = "p" + std::to_string(++last_tag_);
  send(tag + " " + std::string(text) + "\r\n");
  return finish(tag, text);
}

std::vector<ImapValue> ImapProbe::finish(const std::string& tag, std::string_view what) {
  std::vector<ImapValue> responses;
  for (;;) {
    ImapValue response = read_response();
    if (response.items.size() < 2 || !response.items[0].is(tag)) {
      responses.push_back(std::move(response));
      continue;
    }
    tagged_ = std::move(response);
    if (tagged_.items[1].is("OK")) return responses;
    std::string answer;
    for (const auto& word : tagged_.items) answer += " " + word.text;
    throw HarnessError("the server refused " + std::string(what.substr(0, 80)) + ":" + answer);
  }
}

void ImapProbe::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw_errno("send to the server");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

char ImapProbe::next_byte() {
  if (at_ == buffer_.size()) {
    buffer_.resize(1U << 16);
    const auto got = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
    if (got <= 0) buffer_.clear();
    if (got == 0) throw HarnessError("the server closed the connection");
    if (got < 0) throw_errno("receive from the server");
    buffer_.resize(static_cast<std::size_t>(got));
    at_ = 0;
  }
  return buffer_[at_++];
}

std::string ImapProbe::read_bytes(std::size_t count) {
  std::string bytes;
  bytes.reserve(count);
  while (bytes.size() < count) {
    bytes += next_byte();
    const auto more = std::min(count - bytes.size(), buffer_.size() - at_);
    bytes.append(buffer_, at_, more);
    at_ += more;
  }
  return bytes;
}

ImapValue ImapProbe::read_response() {
  ImapValueReader reader;
  for (;;) {
    std::string line;
    for (char c = next_byte(); c != '\n'; c = next_byte()) line += c;
    if (line.ends_with('\r')) line.pop_back();
    const auto literal = reader.line(line);
    if (literal < 0) return reader.take();
    reader.literal(read_bytes(static_cast<std::size_t>(literal)));
  }
}

}  // namespace mailmirror::testing
