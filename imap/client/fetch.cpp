#include "imap/client/fetch.hpp"

#include "imap/client/pipeline.hpp"

#include <algorithm>
#include <utility>

namespace mailmirror::imap::client {
namespace {

constexpr std::string_view kSummaryItems = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])";
constexpr std::string_view kMessageIdSection = "HEADER.FIELDS";

std::vector<wire::Command> fetch_commands(const UidSet& uids, std::string_view items) {
  std::vector<wire::Command> commands;
  for (const auto& part : wire::chunk(uids)) commands.emplace_back("UID FETCH").uids(part).raw(items);
  return commands;
}

template <class T>
bool by_uid(const T& a, const T& b) {
  return a.uid < b.uid;
}

/// Ascending; of several entries for one UID the last stays, since it is the newest.
void settle(std::vector<MessageFlags>& all) {
  std::stable_sort(all.begin(), all.end(), by_uid<MessageFlags>);
  const auto same = [](const auto& newer, const auto& older) { return newer.uid == older.uid; };
  const auto kept = std::unique(all.rbegin(), all.rend(), same);
  all.erase(all.begin(), kept.base());
}

class FlagsHandler final : public ResponseHandler {
 public:
  explicit FlagsHandler(const std::optional<UidSet>& wanted) : wanted_(wanted) {}

  bool take(const wire::Response& response) override {
    const auto* const fetch = std::get_if<wire::Fetch>(&response);
    if (fetch == nullptr || !fetch->uid || !fetch->flags) return false;
    if (wanted_ && !wanted_->contains(*fetch->uid)) return false;
    found_.push_back({*fetch->uid, *fetch->flags, fetch->mod_seq});
    return true;
  }

  std::vector<MessageFlags> finish() {
    settle(found_);
    return std::move(found_);
  }

 private:
  const std::optional<UidSet>& wanted_;
  std::vector<MessageFlags> found_;
};

/// The value of the one header field that was asked for, unfolded (RFC 5322 §2.2.3).
std::string field_value(std::string_view header) {
  const auto colon = header.find(':');
  if (colon == std::string_view::npos) return {};
  std::string value;
  for (auto at = colon + 1; at < header.size(); ++at) {
    const char c = header[at];
    if (c == '\r') continue;
    if (c != '\n') {
      value += c;
      continue;
    }
    const bool folded = at + 1 < header.size() && (header[at + 1] == ' ' || header[at + 1] == '\t');
    if (!folded) break;
  }
  const auto first = value.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  return value.substr(first, value.find_last_not_of(" \t") - first + 1);
}

/// A message's summary may come in several FETCH responses.
struct PartialSummary {
  MessageSummary summary;
  bool has_size = false;
  bool has_date = false;
  Uid uid;
};

class SummaryHandler final : public ResponseHandler {
 public:
  explicit SummaryHandler(const UidSet& wanted) : wanted_(wanted) {}

  bool take(const wire::Response& response) override {
    const auto* const fetch = std::get_if<wire::Fetch>(&response);
    if (fetch == nullptr || !fetch->uid || !wanted_.contains(*fetch->uid)) return false;
    auto& found = entry(*fetch->uid);
    if (fetch->flags) found.summary.flags = *fetch->flags;
    if (fetch->mod_seq) found.summary.mod_seq = fetch->mod_seq;
    if (fetch->size) found.summary.size = *fetch->size;
    if (fetch->internal_date) found.summary.internal_date = *fetch->internal_date;
    found.has_size = found.has_size || fetch->size.has_value();
    found.has_date = found.has_date || fetch->internal_date.has_value();
    for (const auto& section : fetch->sections)
      if (section.name.starts_with(kMessageIdSection)) found.summary.message_id = field_value(section.bytes);
    return true;
  }

  std::vector<MessageSummary> finish() {
    std::sort(found_.begin(), found_.end(), by_uid<PartialSummary>);
    std::vector<MessageSummary> complete;
    complete.reserve(found_.size());
    for (auto& one : found_)
      if (one.has_size && one.has_date) complete.push_back(std::move(one.summary));
    return complete;
  }

 private:
  /// Nearly always a new one at the end; what comes twice came just before, or is looked up.
  PartialSummary& entry(Uid uid) {
    if (seen_.contains(uid)) {
      const auto found = std::find_if(found_.rbegin(), found_.rend(), [&](const auto& one) { return one.uid == uid; });
      return *found;
    }
    seen_.insert(uid);
    auto& fresh = found_.emplace_back();
    fresh.uid = uid;
    fresh.summary.uid = uid;
    return fresh;
  }

  const UidSet& wanted_;
  UidSet seen_;
  std::vector<PartialSummary> found_;
};

class BodyHandler final : public ResponseHandler {
 public:
  explicit BodyHandler(BodySink& sink) : sink_(sink) {}
  bool take(const wire::Response&) override { return false; }
  BodySink* bodies() override { return &sink_; }

 private:
  BodySink& sink_;
};

}  // namespace

Task<Result<std::vector<MessageFlags>>> fetch_flags(Session& session, std::optional<UidSet> uids,
                                                    std::optional<ModSeq> changed_since) {
  auto items = std::string("(UID FLAGS)");
  if (changed_since) items += " (CHANGEDSINCE " + std::to_string(changed_since->value()) + ')';
  std::vector<wire::Command> commands;
  if (uids)
    commands = fetch_commands(*uids, items);
  else
    commands.emplace_back("UID FETCH").raw("1:*").raw(items);
  FlagsHandler handler(uids);
  Judge judge = demand_ok;
  const auto done = co_await run_pipelined(session, std::move(commands), &handler, std::move(judge));
  MAILMIRROR_CO_TRY(done);
  co_return handler.finish();
}

Task<Result<std::vector<MessageSummary>>> fetch_summaries(Session& session, UidSet uids) {
  SummaryHandler handler(uids);
  Judge judge = demand_ok_or_expunged;
  const auto done = co_await run_pipelined(session, fetch_commands(uids, kSummaryItems), &handler, std::move(judge));
  MAILMIRROR_CO_TRY(done);
  co_return handler.finish();
}

Task<Result<void>> fetch_bodies(Session& session, UidSet uids, BodySink& sink) {
  BodyHandler handler(sink);
  Judge judge = demand_ok_or_expunged;
  auto done = co_await run_pipelined(session, fetch_commands(uids, "(UID BODY.PEEK[])"), &handler, std::move(judge));
  co_return done;
}

}  // namespace mailmirror::imap::client
