// What passes come to, in the control protocol's values and in words.
#pragma once

#include "daemon/account/account_view.hpp"
#include "daemon/control/documents.hpp"
#include "sync/account/pass_events.hpp"
#include "sync/account/pass_report.hpp"

#include <string>
#include <vector>

namespace mailmirror::daemon {

std::string to_word(AccountState state);
std::string to_word(Push push);

control::Event to_control(const sync::PassEvent& event, const std::string& account, SystemTime now);

/// "3 downloaded, 1 uploaded, …"; "nothing to do".
std::string summary_of(const sync::PassReport& report);

/// A line for each thing that isn't equal on both sides now: "work/INBOX: …".
std::vector<std::string> problems_of(const std::string& account, const sync::PassReport& report);

/// Adds one account's report to what `sync` came to.
void add_to(control::SyncOutcome& outcome, const std::string& account, const sync::PassReport& report);

}  // namespace mailmirror::daemon
