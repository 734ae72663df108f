#include "imap/client/uid_commands.hpp"

#include "imap/client/extension/message_limit.hpp"
#include "imap/wire/uid_chunks.hpp"
#include "sync/base/ascii.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <utility>

namespace mailmirror::imap::client {
namespace {

constexpr std::size_t kInFlight = 8;
constexpr Uid kHighestUid{0xffff'ffff};
/// A server that still says "too long" here means something else.
constexpr std::size_t kShortestCommand = 128;

/// What a command has besides its UIDs: tag, name, items, flags.
std::size_t room_for_uids(const CommandLimits& limits) {
  constexpr std::size_t kRest = 500;
  return limits.octets > 2 * kRest ? limits.octets - kRest : limits.octets / 2;
}

/// Servers have no code for it (RFC 9051's LIMIT aside), only words.
bool says_too_long(const wire::TaggedStatus& status) {
  if (status.condition == wire::Condition::ok) return false;
  if (status.code && status.code->name == "LIMIT") return true;
  constexpr std::array<std::string_view, 6> kWords{"too long",  "too many messages", "too many uids",
                                                   "too large", "argument list",     "line length"};
  const auto text = ascii::to_lower(status.text);
  return std::any_of(kWords.begin(), kWords.end(), [&](auto words) { return text.find(words) != std::string::npos; });
}

/// Two halves: of the ranges where there are several, else of the one range.
std::pair<UidSet, UidSet> halves(const UidSet& set) {
  std::pair<UidSet, UidSet> two;
  const auto& ranges = set.ranges();
  if (ranges.size() > 1) {
    for (std::size_t n = 0; n < ranges.size(); ++n) (n < ranges.size() / 2 ? two.first : two.second).insert(ranges[n]);
    return two;
  }
  const auto first = ranges.front().first.value();
  const auto last = ranges.front().last.value();
  const auto middle = first + (last - first) / 2;
  two.first.insert(UidRange{Uid{first}, Uid{middle}});
  two.second.insert(UidRange{Uid{middle + 1}, Uid{last}});
  return two;
}

class UidRun {
 public:
  UidRun(Session& session, CommandFor make, ResponseHandler* handler, Judge judge)
      : session_(session), make_(std::move(make)), handler_(handler), judge_(std::move(judge)) {}

  Task<Result<void>> run(UidSet uids) {
    begin_with(std::move(uids));
    while (true) {
      const bool more = outcome_ && (!waiting_.empty() || !chunks_.at_end());
      if (more && in_flight_.size() < kInFlight) {
        auto started = co_await start_next();
        MAILMIRROR_CO_TRY(started);
        continue;
      }
      if (in_flight_.empty()) co_return outcome_;
      const auto status = co_await in_flight_.front().command.answer();
      MAILMIRROR_CO_TRY(status);
      take(*status, in_flight_.front());
      in_flight_.pop_front();
    }
  }

 private:
  struct Asked {
    RunningCommand command;
    UidSet part;
  };

  void begin_with(UidSet uids) {
    const auto& limits = session_.limits();
    // Everything is one range and stays it: who limits messages tells by MESSAGELIMIT where to go on.
    if (uids == every_uid())
      waiting_.push_back(std::move(uids));
    else
      chunks_ = wire::UidChunks(std::move(uids), room_for_uids(limits), limits.messages);
  }

  /// What an answer left over goes first.
  UidSet next_part() {
    if (waiting_.empty()) return chunks_.next();
    auto part = std::move(waiting_.front());
    waiting_.pop_front();
    return part;
  }

  [[nodiscard]] std::string text_of(const UidSet& part) const {
    if (part == every_uid() && !session_.has(Quirk::open_range_misses_top)) return "1:*";
    return part.to_string();
  }

  Task<Result<void>> start_next() {
    auto part = next_part();
    auto command = make_(text_of(part));
    auto started = co_await session_.start(std::move(command), handler_);
    MAILMIRROR_CO_TRY(started);
    in_flight_.push_back({std::move(*started), std::move(part)});
    co_return ok();
  }

  void take(const wire::TaggedStatus& status, const Asked& asked) {
    if (auto rest = left_over(status, asked.part)) {
      if (!rest->empty()) waiting_.push_front(std::move(*rest));
      return;
    }
    if (says_too_long(status) && asked.part.size() > 1 && session_.limits().octets > kShortestCommand) return halve(asked.part);
    const auto judged = judge_(status, asked.command.name());
    if (!judged && outcome_) outcome_ = judged;
  }

  void halve(const UidSet& part) {
    const auto length = part.to_string().size();
    session_.shorten_commands(std::max(kShortestCommand, std::min(session_.limits().octets, length) / 2));
    auto [first, second] = halves(part);
    waiting_.push_front(std::move(second));
    waiting_.push_front(std::move(first));
  }

  Session& session_;
  CommandFor make_;
  ResponseHandler* handler_;
  Judge judge_;
  wire::UidChunks chunks_{{}, 0, 0};
  std::deque<UidSet> waiting_;
  std::deque<Asked> in_flight_;
  Result<void> outcome_ = ok();
};

}  // namespace

UidSet every_uid() {
  UidSet all;
  all.insert(UidRange{Uid{1}, kHighestUid});
  return all;
}

Task<Result<void>> run_on_uids(Session& session, UidSet uids, CommandFor make, ResponseHandler* handler, Judge judge) {
  UidRun run(session, std::move(make), handler, std::move(judge));
  auto done = co_await run.run(std::move(uids));
  co_return done;
}

}  // namespace mailmirror::imap::client
