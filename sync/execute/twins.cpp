#include "sync/execute/twins.hpp"

#include "store/files/outgoing.hpp"
#include "store/files/twin.hpp"
#include "sync/execute/file_names.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace mailmirror::sync {
namespace {

/// So many are recorded in one commit.
constexpr std::size_t kBatch = 500;

class Linker {
 public:
  explicit Linker(MailboxWork work) : work_(work) {}

  /// Blocking.
  Result<void> run(const Download* first, const Download* last) {
    for (const auto* one = first; one != last; ++one) {
      const auto linked = link(one->message);
      if (!linked) report_.left.push_back(*one);
      if (!linked && linked.error().kind == ErrorKind::disk_full) return linked.error();
    }
    if (records_.empty()) return ok();
    const auto durable = work_.folder.sync();
    MAILMIRROR_TRY(durable);
    auto commit = [this](store::WriteTxn& txn) {
      for (const auto& record : records_) txn.put(work_.state.id, record);
    };
    const auto done = work_.account.db.write(commit);
    MAILMIRROR_TRY(done);
    report_.linked += records_.size();
    records_.clear();
    return ok();
  }

  std::vector<PassEvent> take_events() { return std::exchange(events_, {}); }
  TwinReport take_report() { return std::move(report_); }

 private:
  Result<void> link(const RemoteMessage& message) {
    const auto twin = twin_of(message);
    if (!twin) return fail(ErrorKind::missing, "no other mailbox has it");
    auto* folder = folder_of(twin->first);
    if (folder == nullptr) return fail(ErrorKind::missing, "its folder can't be read");
    const auto file = folder->find(twin->second.unique);
    MAILMIRROR_TRY(file);
    if (!*file) return fail(ErrorKind::missing, "its file is gone");
    const auto letters = letters_of(work_, message.flags);
    MAILMIRROR_TRY(letters);
    const auto unique = name_for(work_, message.uid, message.internal_date, twin->second.file_size);
    const auto shown = store::publish_twin({*folder, **file, twin->second.digest}, work_.folder, unique, *letters, message.internal_date,
                                           work_.account.random);
    MAILMIRROR_TRY(shown);
    records_.push_back(record_of(message, twin->second, shown->unique));
    events_.push_back(added(message, *shown));
    return ok();
  }

  /// An identity says that the bytes are the same (RFC 8474 §4.1); where the size differs, the server is not to be trusted in it.
  [[nodiscard]] std::optional<std::pair<store::MailboxState, store::Record>> twin_of(const RemoteMessage& message) const {
    if (message.identity.empty()) return std::nullopt;
    const auto read = work_.account.db.read();
    for (auto& [mailbox, record] : read.records_of(message.identity)) {
      const bool itself = mailbox == work_.state.id && record.uid == message.uid;
      const bool usable = record.state == store::RecordState::present && record.digest.known() && record.server_size == message.size;
      auto state = usable && !itself ? read.mailbox(mailbox) : std::nullopt;
      if (state) return std::pair(std::move(*state), std::move(record));
    }
    return std::nullopt;
  }

  /// nullptr: it can't be opened, which its own pass tells.
  store::MaildirFolder* folder_of(const store::MailboxState& state) {
    if (state.id == work_.state.id) return &work_.folder;
    const auto known = folders_.find(state.id);
    if (known != folders_.end()) return known->second.get();
    auto opened = store::MaildirFolder::open(work_.account.disk, work_.account.root, state.directory);
    auto folder = opened ? std::make_unique<store::MaildirFolder>(std::move(*opened)) : nullptr;
    return folders_.emplace(state.id, std::move(folder)).first->second.get();
  }

  static store::Record record_of(const RemoteMessage& message, const store::Record& twin, std::string unique) {
    store::Record record = twin;
    record.uid = message.uid;
    record.flags = message.flags;
    record.unique = std::move(unique);
    record.internal_date = message.internal_date;
    record.message_id = message.message_id;
    return record;
  }

  [[nodiscard]] PassEvent added(const RemoteMessage& message, const store::MaildirFile& file) const {
    auto event = work_.event(PassEvent::Kind::message_added);
    event.uid = message.uid;
    event.path = path_of(work_, file);
    event.flags = message.flags;
    event.bytes = message.size;
    return event;
  }

  MailboxWork work_;
  std::map<store::MailboxId, std::unique_ptr<store::MaildirFolder>> folders_;
  std::vector<store::Record> records_;
  std::vector<PassEvent> events_;
  TwinReport report_;
};

bool has_identity(const Download& one) {
  return !one.message.identity.empty();
}

}  // namespace

Task<Result<TwinReport>> link_twins(MailboxWork work, std::vector<Download> wanted) {
  if (std::none_of(wanted.begin(), wanted.end(), has_identity)) {
    TwinReport nothing;
    nothing.left = std::move(wanted);
    co_return std::move(nothing);
  }
  Linker linker(work);
  for (std::size_t first = 0; first < wanted.size(); first += kBatch) {
    const auto* begin = wanted.data() + first;
    const auto* end = begin + std::min(kBatch, wanted.size() - first);
    auto job = [&] { return linker.run(begin, end); };
    const auto done = co_await work.account.pool.run(job);
    for (const auto& event : linker.take_events()) work.tell(event);
    MAILMIRROR_CO_TRY(done);
  }
  co_return linker.take_report();
}

}  // namespace mailmirror::sync
