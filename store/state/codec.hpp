// The stored form of values: little, explicit, checked when read (LEB128 numbers, length-prefixed strings).
#pragma once

#include "store/state/history.hpp"
#include "store/state/records.hpp"

#include <string>
#include <string_view>

namespace mailmirror::store {

/// Thrown on a value that can't be what we wrote; the database turns it into an Error ("state database damaged").
struct DamagedValue {};

/// All of them throw ErrorException(protocol) on texts that are too long to keep.
std::string encode(const MailboxState& state);
/// Without the UID: it stands in the key.
std::string encode(const Record& record);
std::string encode(const Intent& intent);
/// Without the number: it stands in the key.
std::string encode(const HistoryEntry& entry);
std::string encode(const HeldDeletions& held);
std::string encode(const Binding& binding);
std::string encode(const DailyTraffic& traffic);

MailboxState decode_mailbox(std::string_view bytes);
Record decode_record(Uid uid, std::string_view bytes);
Intent decode_intent(std::string_view bytes);
HistoryEntry decode_history(std::string_view bytes);
HeldDeletions decode_held(std::string_view bytes);
Binding decode_binding(std::string_view bytes);
DailyTraffic decode_daily_traffic(std::string_view bytes);

}  // namespace mailmirror::store
