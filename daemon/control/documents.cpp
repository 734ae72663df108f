#include "daemon/control/documents.hpp"

#include "daemon/control/json_fields.hpp"

#include <utility>

namespace mailmirror::daemon::control {
namespace {

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json time_or_null(const std::optional<Time>& time) {
  return time ? Json(to_iso(*time)) : Json();
}

Json to_json(const MailboxStatus& m) {
  return {{"name", m.name},
          {"path", m.path},
          {"messages", m.messages},
          {"unseen", m.unseen},
          {"uidvalidity", m.uidvalidity},
          {"pending_remote", m.pending_remote},
          {"pending_local", m.pending_local},
          {"held", m.held},
          {"error", or_null(m.error)}};
}

Json to_json(const InFlight& f) {
  return {{"done", f.done}, {"total", f.total}, {"bytes", f.bytes}};
}

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

void read_time(const JsonFields& from, const char* key, std::optional<Time>& into) {
  std::optional<std::string> text;
  from.read(key, text);
  if (!text) return;
  into = from_iso(*text);
  if (!into) JsonFields::wrong(key, "a time such as 2026-01-31T12:00:00Z");
}

InFlight in_flight_from_json(const Json& json) {
  const JsonFields from(json);
  InFlight f;
  from.read("done", f.done);
  from.read("total", f.total);
  from.read("bytes", f.bytes);
  return f;
}

MailboxStatus mailbox_from_json(const Json& json) {
  const JsonFields from(json);
  MailboxStatus m;
  from.read("name", m.name);
  from.read("path", m.path);
  from.read("messages", m.messages);
  from.read("unseen", m.unseen);
  from.read("uidvalidity", m.uidvalidity);
  from.read("pending_remote", m.pending_remote);
  from.read("pending_local", m.pending_local);
  from.read("held", m.held);
  from.read("error", m.error);
  return m;
}

AccountStatus account_from_json(const Json& json) {
  const JsonFields from(json);
  AccountStatus a;
  from.read("name", a.name);
  from.read("state", a.state);
  from.read("error", a.error);
  read_time(from, "retry_at", a.retry_at);
  from.read("push", a.push);
  read_time(from, "last_sync", a.last_sync);
  from.read("connections", a.connections);
  from.read("bytes_in", a.bytes_in);
  from.read("bytes_out", a.bytes_out);
  from.read("maildir", a.maildir);
  if (const auto* flight = from.find("in_flight")) a.in_flight = in_flight_from_json(*flight);
  for (const auto& mailbox : from.array("mailboxes")) a.mailboxes.push_back(mailbox_from_json(mailbox));
  return a;
}

}  // namespace

Json to_json(const StatusDocument& status) {
  Json accounts = Json::array();
  for (const auto& account : status.accounts) accounts.push_back(to_json(account));
  return {{"version", status.version}, {"uptime_s", status.uptime_s}, {"accounts", accounts}};
}

Result<StatusDocument> status_from_json(const Json& json) {
  return read_document("the daemon's status can't be read", [&] {
    const JsonFields from(json);
    StatusDocument status;
    from.read("version", status.version);
    from.read("uptime_s", status.uptime_s);
    if (from.find("accounts") == nullptr) JsonFields::wrong("accounts", "there");
    for (const auto& account : from.array("accounts")) status.accounts.push_back(account_from_json(account));
    return status;
  });
}

const std::vector<std::string>& event_types() {
  static const std::vector<std::string> kTypes{
      "connected",     "disconnected",  "sync-started",    "progress",        "message-added",   "message-removed",
      "flags-changed", "message-moved", "mailbox-created", "mailbox-removed", "mailbox-renamed", "sync-finished",
      "held",          "error"};
  return kTypes;
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

Result<Event> event_from_json(const Json& json) {
  return read_document("an event of the daemon can't be read", [&] {
    const JsonFields from(json);
    Event event;
    from.read("type", event.type);
    if (event.type.empty()) JsonFields::wrong("type", "an event's name");
    from.read("account", event.account);
    std::optional<Time> time;
    read_time(from, "time", time);
    if (time) event.time = *time;
    from.read("mailbox", event.mailbox);
    from.read("uid", event.uid);
    from.read("path", event.path);
    from.read("origin", event.origin);
    from.read("flags", event.flags);
    if (from.find("total") != nullptr) event.progress = in_flight_from_json(json);
    from.read("message", event.message);
    from.read("ok", event.ok);
    return event;
  });
}

Json to_json(const SyncOutcome& outcome) {
  return {{"ok", outcome.ok},
          {"problems", outcome.problems},
          {"downloaded", outcome.downloaded},
          {"uploaded", outcome.uploaded},
          {"removed", outcome.removed},
          {"held", outcome.held},
          {"flags_changed", outcome.flags_changed}};
}

Result<SyncOutcome> outcome_from_json(const Json& json) {
  return read_document("the daemon's answer to 'sync' can't be read", [&] {
    const JsonFields from(json);
    SyncOutcome outcome;
    from.read("ok", outcome.ok);
    from.read("problems", outcome.problems);
    from.read("downloaded", outcome.downloaded);
    from.read("uploaded", outcome.uploaded);
    from.read("removed", outcome.removed);
    from.read("held", outcome.held);
    from.read("flags_changed", outcome.flags_changed);
    return outcome;
  });
}

}  // namespace mailmirror::daemon::control
