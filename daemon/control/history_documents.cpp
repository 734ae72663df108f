#include "daemon/control/history_documents.hpp"

#include "daemon/control/json_fields.hpp"

namespace mailmirror::daemon::control {
namespace {

Json to_json(const PassEntry& p) {
  return {{"account", p.account},
          {"pass", p.pass},
          {"time", to_iso(p.time)},
          {"added", p.added},
          {"removed", p.removed},
          {"resting", p.resting},
          {"restored", p.restored},
          {"moved", p.moved},
          {"flags_changed", p.flags_changed},
          {"mailboxes_changed", p.mailboxes_changed},
          {"mailboxes", p.mailboxes}};
}

PassEntry pass_from_json(const Json& json) {
  const JsonFields from(json);
  PassEntry p;
  from.read("account", p.account);
  from.read("pass", p.pass);
  std::string time;
  from.read("time", time);
  if (const auto read = from_iso(time)) p.time = *read;
  from.read("added", p.added);
  from.read("removed", p.removed);
  from.read("resting", p.resting);
  from.read("restored", p.restored);
  from.read("moved", p.moved);
  from.read("flags_changed", p.flags_changed);
  from.read("mailboxes_changed", p.mailboxes_changed);
  from.read("mailboxes", p.mailboxes);
  return p;
}

Json to_json(const UndoneMessage& m) {
  return {{"pass", m.pass}, {"mailbox", m.mailbox}, {"uid", m.uid}, {"outcome", m.outcome}, {"path", m.path}, {"detail", m.detail}};
}

UndoneMessage message_from_json(const Json& json) {
  const JsonFields from(json);
  UndoneMessage m;
  from.read("pass", m.pass);
  from.read("mailbox", m.mailbox);
  from.read("uid", m.uid);
  from.read("outcome", m.outcome);
  from.read("path", m.path);
  from.read("detail", m.detail);
  return m;
}

}  // namespace

Json to_json(const std::vector<PassEntry>& passes) {
  Json list = Json::array();
  for (const auto& pass : passes) list.push_back(to_json(pass));
  return {{"passes", list}};
}

Result<std::vector<PassEntry>> passes_from_json(const Json& json) {
  return read_document("the daemon's log", [&] {
    const JsonFields from(json);
    std::vector<PassEntry> passes;
    for (const auto& pass : from.array("passes")) passes.push_back(pass_from_json(pass));
    return passes;
  });
}

Json to_json(const UndoOutcome& o) {
  Json messages = Json::array();
  for (const auto& message : o.messages) messages.push_back(to_json(message));
  return {{"ok", true},         {"account", o.account},  {"dry_run", o.dry_run}, {"restored", o.restored}, {"restored_before", o.restored_before},
          {"lost", o.lost}, {"messages", messages}};
}

Result<UndoOutcome> undo_from_json(const Json& json) {
  return read_document("the daemon's answer", [&] {
    const JsonFields from(json);
    UndoOutcome o;
    from.read("account", o.account);
    from.read("dry_run", o.dry_run);
    from.read("restored", o.restored);
    from.read("restored_before", o.restored_before);
    from.read("lost", o.lost);
    for (const auto& message : from.array("messages")) o.messages.push_back(message_from_json(message));
    return o;
  });
}

}  // namespace mailmirror::daemon::control
