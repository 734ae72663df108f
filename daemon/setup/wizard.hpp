// `mailmirrord --init ADDRESS`: finds an account's server, asks what it can't find, tries it, and writes the configuration.
#pragma once

#include "daemon/setup/answers.hpp"
#include "imap/client/options.hpp"
#include "sync/base/environment.hpp"

namespace mailmirror::daemon::setup {

/// Flow: discovery → questions → login for a trial → configuration → sign-in (OAuth2) → user service. A password is sent only to a
/// server that was shown with whoever named it, and confirmed (by --yes or --host beforehand). Nothing is written before all is
/// answered and the login worked. Cancellation leaves nothing. Returns the exit status: 0 the account is configured, 1 it isn't, 2
/// usage or an existing configuration that is broken.
Task<int> run_wizard(SetupOptions options, mailmirror::Environment machine, imap::client::Environment environment);

}  // namespace mailmirror::daemon::setup
