#include "daemon/control/held_documents.hpp"

#include "daemon/control/json_fields.hpp"

namespace mailmirror::daemon::control {
namespace {

Json to_json(const HeldEntry& e) {
  return {{"side", e.side}, {"uid", e.uid}, {"message_id", e.message_id}, {"date", to_iso(e.date)}};
}

Json to_json(const HeldMailbox& m) {
  Json entries = Json::array();
  for (const auto& entry : m.entries) entries.push_back(to_json(entry));
  return {{"account", m.account},
          {"mailbox", m.mailbox},
          {"held", m.held},
          {"messages", m.messages},
          {"since", m.since ? Json(to_iso(*m.since)) : Json()},
          {"reason", m.reason},
          {"on_server", m.on_server},
          {"here", m.here},
          {"orphans", m.orphans},
          {"entries", entries}};
}

HeldEntry entry_from_json(const Json& json) {
  const JsonFields from(json);
  HeldEntry e;
  from.read("side", e.side);
  from.read("uid", e.uid);
  from.read("message_id", e.message_id);
  std::string date;
  from.read("date", date);
  if (const auto read = from_iso(date)) e.date = *read;
  return e;
}

HeldMailbox mailbox_from_json(const Json& json) {
  const JsonFields from(json);
  HeldMailbox m;
  from.read("account", m.account);
  from.read("mailbox", m.mailbox);
  from.read("held", m.held);
  from.read("messages", m.messages);
  std::string since;
  from.read("since", since);
  m.since = from_iso(since);
  from.read("reason", m.reason);
  from.read("on_server", m.on_server);
  from.read("here", m.here);
  from.read("orphans", m.orphans);
  for (const auto& entry : from.array("entries")) m.entries.push_back(entry_from_json(entry));
  return m;
}

}  // namespace

Json to_json(const std::vector<HeldMailbox>& held) {
  Json list = Json::array();
  for (const auto& mailbox : held) list.push_back(to_json(mailbox));
  return {{"held", list}};
}

Result<std::vector<HeldMailbox>> held_from_json(const Json& json) {
  return read_document("the daemon's list of what is held", [&] {
    const JsonFields from(json);
    std::vector<HeldMailbox> held;
    for (const auto& mailbox : from.array("held")) held.push_back(mailbox_from_json(mailbox));
    return held;
  });
}

}  // namespace mailmirror::daemon::control
