#include "imap/client/fetch.hpp"

#include "imap/client/extension/condstore.hpp"
#include "imap/client/extension/object_id.hpp"
#include "imap/client/search.hpp"
#include "imap/client/uid_commands.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace mailmirror::imap::client {
namespace {

std::string summary_items(const Capabilities& capabilities) {
  return "(UID FLAGS INTERNALDATE RFC822.SIZE" + identity_item(capabilities) + " BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])";
}
constexpr std::string_view kMessageIdSection = "HEADER.FIELDS";

CommandFor fetch_of(std::string items) {
  return [items = std::move(items)](const std::string& part) { return wire::Command("UID FETCH").raw(part).raw(items); };
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
    if (auto identity = identity_in(*fetch); !identity.empty()) found.summary.identity = std::move(identity);
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
  // Who limits the messages of a command is asked for those that are there, part by part.
  const bool by_parts = !uids && !changed_since && session.limits().messages < std::numeric_limits<std::uint32_t>::max();
  if (by_parts) {
    auto all = co_await search_all_uids(session);
    MAILMIRROR_CO_TRY(all);
    if (all->empty()) co_return std::vector<MessageFlags>{};
    uids = std::move(*all);
  }
  FlagsHandler handler(uids);
  auto make = fetch_of("(UID FLAGS)" + changed_since_modifier(changed_since));
  Judge judge = demand_ok;
  auto asked = uids.value_or(every_uid());
  const auto done = co_await run_on_uids(session, std::move(asked), std::move(make), &handler, std::move(judge));
  MAILMIRROR_CO_TRY(done);
  co_return handler.finish();
}

Task<Result<std::vector<MessageSummary>>> fetch_summaries(Session& session, UidSet uids) {
  SummaryHandler handler(uids);
  Judge judge = demand_ok_or_expunged;
  auto make = fetch_of(summary_items(session.capabilities()));
  const auto done = co_await run_on_uids(session, uids, std::move(make), &handler, std::move(judge));
  MAILMIRROR_CO_TRY(done);
  co_return handler.finish();
}

Task<Result<void>> fetch_bodies(Session& session, UidSet uids, BodySink& sink) {
  BodyHandler handler(sink);
  Judge judge = demand_ok_or_expunged;
  auto make = fetch_of("(UID BODY.PEEK[])");
  auto done = co_await run_on_uids(session, std::move(uids), std::move(make), &handler, std::move(judge));
  co_return done;
}

}  // namespace mailmirror::imap::client
