// An account's history for the control socket: what passes did, and undoing what they removed.
#pragma once

#include "daemon/control/history_documents.hpp"
#include "sync/history/passes.hpp"
#include "sync/history/undo.hpp"

#include <memory>
#include <string>
#include <vector>

namespace mailmirror::daemon {

/// Error where the state database can't be read.
Task<Result<std::vector<control::PassEntry>>> log_of(std::shared_ptr<sync::Account> account, sync::PassQuery query);

/// Error missing where the history knows of no such removal.
Task<Result<control::UndoOutcome>> undo_in(std::shared_ptr<sync::Account> account, sync::UndoRequest request);

}  // namespace mailmirror::daemon
