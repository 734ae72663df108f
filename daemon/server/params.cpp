#include "daemon/server/params.hpp"

#include "daemon/control/documents.hpp"
#include "daemon/control/json_fields.hpp"
#include "daemon/control/nearest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace mailmirror::daemon::server {
namespace {

Target target_from(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos) return {text, ""};
  return {text.substr(0, slash), text.substr(slash + 1)};
}

Result<void> check_events(const std::vector<std::string>& events) {
  const auto& known = control::event_types();
  for (const auto& event : events) {
    if (std::find(known.begin(), known.end(), event) != known.end()) continue;
    const auto near = control::nearest(event, known);
    return fail(ErrorKind::rejected, fmt::format("there is no event '{}': {}there is {}", event.substr(0, 100),
                                                 near ? fmt::format("did you mean '{}'? ", *near) : "", fmt::join(known, ", ")));
  }
  return ok();
}

Params read(const control::Json& json) {
  const control::JsonFields from(json);
  Params params;
  from.read("account", params.account);
  std::vector<std::string> targets;
  from.read("targets", targets);
  for (const auto& target : targets) params.targets.push_back(target_from(target));
  from.read("mailbox", params.mailbox);
  if (params.account) {
    auto target = target_from(*params.account);
    if (!params.mailbox.empty()) target.mailbox = params.mailbox;
    params.targets.push_back(std::move(target));
  }
  from.read("events", params.events);
  from.read("pass", params.pass);
  std::optional<std::string> since;
  from.read("since", since);
  if (since) params.since = control::from_iso(*since);
  if (since && !params.since) control::JsonFields::wrong("since", "a time such as 2026-01-31T12:00:00Z");
  from.read("dry_run", params.dry_run);
  from.read("removals", params.removals);
  from.read("limit", params.limit);
  bool wait = false;
  from.read("wait", wait);
  params.wait = wait ? Params::Wait::yes : Params::Wait::no;
  return params;
}

}  // namespace

Result<Params> params_from(const control::Json& json) {
  auto params = control::read_document("wrong parameters", [&] { return read(json); });
  MAILMIRROR_TRY(params);
  const auto checked = check_events(params->events);
  MAILMIRROR_TRY(checked);
  return params;
}

}  // namespace mailmirror::daemon::server
