#include "daemon/control/documents.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <utility>

namespace mailmirror::daemon::control {
namespace {

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json time_or_null(const std::optional<Time>& time) { return time ? Json(to_iso(*time)) : Json(); }

Json to_json(const MailboxStatus& m) {
  return {{"name", m.name},     {"path", m.path},   {"messages", m.messages},           {"unseen", m.unseen},
          {"uidvalidity", m.uidvalidity}, {"pending_remote", m.pending_remote}, {"pending_local", m.pending_local}, {"held", m.held},
          {"error", or_null(m.error)}};
}

Json to_json(const InFlight& f) { return {{"done", f.done}, {"total", f.total}, {"bytes", f.bytes}}; }

Json to_json(const AccountStatus& a) {
  Json mailboxes = Json::array();
  for (const auto& mailbox : a.mailboxes) mailboxes.push_back(to_json(mailbox));
  return {{"name", a.name},
          {"state", a.state},
          {"error", or_null(a.error)},
          {"retry_at", time_or_null(a.retry_at)},
          {"push", a.push},
          {"last_sync", time_or_null(a.last_sync)},
          {"connections", a.connections},
          {"bytes_in", a.bytes_in},
          {"bytes_out", a.bytes_out},
          {"maildir", a.maildir},
          {"in_flight", a.in_flight ? to_json(*a.in_flight) : Json()},
          {"mailboxes", mailboxes}};
}

/// Reads members with the types they must have; Json's own exceptions end at status_from_json.
template <class T>
void read(const Json& from, const char* key, T& into) {
  if (const auto found = from.find(key); found != from.end() && !found->is_null()) into = found->get<T>();
}

template <class T>
void read(const Json& from, const char* key, std::optional<T>& into) {
  if (const auto found = from.find(key); found != from.end() && !found->is_null()) into = found->get<T>();
}

void read_time(const Json& from, const char* key, std::optional<Time>& into) {
  std::optional<std::string> text;
  read(from, key, text);
  if (text) into = from_iso(*text);
}

MailboxStatus mailbox_from_json(const Json& json) {
  MailboxStatus m;
  read(json, "name", m.name);
  read(json, "path", m.path);
  read(json, "messages", m.messages);
  read(json, "unseen", m.unseen);
  read(json, "uidvalidity", m.uidvalidity);
  read(json, "pending_remote", m.pending_remote);
  read(json, "pending_local", m.pending_local);
  read(json, "held", m.held);
  read(json, "error", m.error);
  return m;
}

AccountStatus account_from_json(const Json& json) {
  AccountStatus a;
  read(json, "name", a.name);
  read(json, "state", a.state);
  read(json, "error", a.error);
  read_time(json, "retry_at", a.retry_at);
  read(json, "push", a.push);
  read_time(json, "last_sync", a.last_sync);
  read(json, "connections", a.connections);
  read(json, "bytes_in", a.bytes_in);
  read(json, "bytes_out", a.bytes_out);
  read(json, "maildir", a.maildir);
  if (const auto flight = json.find("in_flight"); flight != json.end() && flight->is_object()) {
    a.in_flight.emplace();
    read(*flight, "done", a.in_flight->done);
    read(*flight, "total", a.in_flight->total);
    read(*flight, "bytes", a.in_flight->bytes);
  }
  for (const auto& mailbox : json.value("mailboxes", Json::array())) a.mailboxes.push_back(mailbox_from_json(mailbox));
  return a;
}

}  // namespace

std::string to_iso(Time time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

std::optional<Time> from_iso(const std::string& text) {
  std::tm parts{};
  if (strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts) == nullptr) return std::nullopt;
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

Json to_json(const StatusDocument& status) {
  Json accounts = Json::array();
  for (const auto& account : status.accounts) accounts.push_back(to_json(account));
  return {{"version", status.version}, {"uptime_s", status.uptime_s}, {"accounts", accounts}};
}

Result<StatusDocument> status_from_json(const Json& json) {
  try {
    StatusDocument status;
    read(json, "version", status.version);
    read(json, "uptime_s", status.uptime_s);
    for (const auto& account : json.at("accounts")) status.accounts.push_back(account_from_json(account));
    return status;
  } catch (const Json::exception& error) {
    return fail(ErrorKind::protocol, std::string("the daemon's status can't be read: ") + error.what());
  }
}

Json to_json(const Event& event) {
  Json json{{"type", event.type}, {"account", event.account}, {"time", to_iso(event.time)}};
  if (!event.mailbox.empty()) json["mailbox"] = event.mailbox;
  if (event.uid) json["uid"] = *event.uid;
  if (!event.path.empty()) json["path"] = event.path;
  if (!event.origin.empty()) json["origin"] = event.origin;
  if (event.flags) json["flags"] = *event.flags;
  if (event.progress) json.update(to_json(*event.progress));
  if (!event.message.empty()) json["message"] = event.message;
  if (event.ok) json["ok"] = *event.ok;
  return json;
}

Json to_json(const SyncOutcome& outcome) {
  return {{"ok", outcome.ok},           {"problems", outcome.problems}, {"downloaded", outcome.downloaded},     {"uploaded", outcome.uploaded},
          {"removed", outcome.removed}, {"held", outcome.held},         {"flags_changed", outcome.flags_changed}};
}

}  // namespace mailmirror::daemon::control
