#include "sync/execute/upload.hpp"

#include "imap/client/append.hpp"
#include "imap/client/extension/multi_append.hpp"
#include "imap/client/extension/quota.hpp"
#include "imap/client/flag_store.hpp"
#include "store/files/outgoing.hpp"
#include "sync/base/task_scope.hpp"
#include "sync/execute/file_names.hpp"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>

namespace mailmirror::sync {
namespace {

/// Files whose intents are recorded in one commit, and which are on their way at the same time.
constexpr std::size_t kBatchFiles = 64;
constexpr std::uint64_t kBatchBytes = 8 * 1024 * 1024;

constexpr std::string_view kNewline = "\r\n";

/// Reads a file piece by piece on the store's threads, and adds `tail` at its end.
class FileSource final : public imap::client::LiteralSource {
 public:
  FileSource(BlockingPool& pool, store::WireReader reader, std::string_view tail)
      : pool_(pool), reader_(std::move(reader)), tail_(tail) {}

  Task<Result<std::span<const std::byte>>> next() override {
    auto job = [this] { return reader_.next(); };
    auto piece = co_await pool_.run(job);
    if (piece && piece->empty()) co_return std::as_bytes(std::span(std::exchange(tail_, {})));
    co_return piece;
  }

 private:
  BlockingPool& pool_;
  store::WireReader reader_;
  std::string_view tail_;
};

/// One file on its way.
struct Sending {
  NewFile file;
  store::MaildirFile found;
  store::Outgoing form;
  store::Intent intent;
  std::uint64_t sent_size = 0;
  std::unique_ptr<FileSource> source;
  std::optional<Uid> uid;
  std::optional<Error> failure;
  bool sent = false;
};

class Uploader {
 public:
  Uploader(MailboxWork work, imap::client::Session& session, std::vector<Upload> files, Uid uid_next)
      : work_(work), session_(session), files_(std::move(files)), uid_next_(uid_next) {}

  Task<Result<UploadReport>> run() {
    const auto weighed = co_await leave_out_what_has_no_room();
    MAILMIRROR_CO_TRY(weighed);
    while (next_ < files_.size()) {
      auto batch = take_batch();
      auto prepared = co_await prepare(batch);
      MAILMIRROR_CO_TRY(prepared);
      co_await send(batch);
      auto recorded = co_await record(batch);
      MAILMIRROR_CO_TRY(recorded);
      for (const auto& one : batch)
        if (one.failure && ends_the_connection(one.failure->kind)) co_return *one.failure;
    }
    co_return std::move(report_);
  }

 private:
  /// Better than to send megabytes and be refused. What fits goes, in order.
  Task<Result<void>> leave_out_what_has_no_room() {
    if (!session_.capabilities().has(imap::client::Extension::quota)) co_return ok();
    const auto quota = co_await imap::client::storage_quota(session_, work_.state.name);
    MAILMIRROR_CO_TRY(quota);
    if (!*quota) co_return ok();
    auto room = (*quota)->free();
    std::erase_if(files_, [&](const Upload& upload) {
      if (upload.file.wire_size <= room) {
        room -= upload.file.wire_size;
        return false;
      }
      report_.refused.push_back(fmt::format("{}: not uploaded, since the server has no room for its {} bytes: {} of the account's {} are "
                                            "used. It is tried again once there is room",
                                            upload.file.unique, upload.file.wire_size, (*quota)->used, (*quota)->limit));
      return true;
    });
    co_return ok();
  }

  std::vector<Sending> take_batch() {
    std::vector<Sending> batch;
    std::uint64_t bytes = 0;
    while (next_ < files_.size() && batch.size() < kBatchFiles && bytes < kBatchBytes) {
      bytes += files_[next_].file.wire_size;
      Sending one;
      one.file = std::move(files_[next_++].file);
      batch.push_back(std::move(one));
    }
    return batch;
  }

  /// The observation becomes durable before the server hears of it (hard case 2), and the intent before the APPEND.
  Task<Result<void>> prepare(std::vector<Sending>& batch) {
    auto job = [&]() -> Result<void> {
      std::erase_if(batch, [this](Sending& one) { return !look_again(one); });
      std::vector<store::MaildirFile> files;
      for (const auto& one : batch) files.push_back(one.found);
      if (auto synced = work_.folder.sync_files(files); !synced) return synced.error();
      if (auto synced = work_.folder.sync(); !synced) return synced.error();
      auto commit = [&](store::WriteTxn& txn) {
        for (auto& one : batch) one.intent.id = txn.put(one.intent);
      };
      return work_.account.db.write(commit);
    };
    auto done = co_await work_.account.pool.run(job);
    co_return done;
  }

  /// Blocking. False: the file went away or changes right now; the next pass sees what became of it.
  bool look_again(Sending& one) {
    auto found = work_.folder.find(one.file.unique);
    if (!found || !*found) return false;
    auto form = store::inspect(work_.folder, **found);
    if (!form || form->wire_digest != one.file.wire_digest) return false;
    one.found = **found;
    one.form = *form;
    one.intent.mailbox = work_.state.id;
    one.intent.uid_validity = work_.state.uid_validity;
    one.intent.uid_next_then = uid_next_;
    one.intent.unique = one.file.unique;
    one.intent.wire_digest = one.form.wire_digest;
    one.intent.wire_size = one.form.wire_size;
    one.intent.flags = one.file.flags;
    one.intent.internal_date = one.file.modified;
    one.intent.message_id = one.form.message_id;
    one.intent.created = std::chrono::floor<std::chrono::seconds>(work_.account.clock.system_now());
    return true;
  }

  Task<void> send(std::vector<Sending>& batch) {
    auto open = [&] {
      for (auto& one : batch) open_source(one);
    };
    co_await work_.account.pool.run(open);
    if (session_.capabilities().has(imap::client::Extension::multiappend)) co_await send_together(batch);
    auto body = [&](TaskGroup& group) -> Task<void> {
      for (auto& one : batch)
        if (!one.sent && !one.failure) group.spawn(send_alone(one));
      co_return;
    };
    co_await run_in_group(body);
    co_await repair_flagged(batch);
  }

  /// Blocking.
  void open_source(Sending& one) {
    auto reader = store::WireReader::open(work_.folder, one.found, one.form);
    if (!reader) {
      one.failure = reader.error();
      return;
    }
    const bool lacks_newline = session_.has(imap::client::Quirk::append_wants_newline) && !one.form.ends_with_newline;
    const auto tail = lacks_newline ? kNewline : std::string_view();
    one.sent_size = one.form.wire_size + tail.size();
    one.source = std::make_unique<FileSource>(work_.account.pool, std::move(*reader), tail);
  }

  static imap::client::AppendMessage message_of(const Sending& one) {
    return {one.file.flags, one.file.modified, one.sent_size, one.source.get()};
  }

  /// All or none (RFC 3502): after a refusal each goes by itself, so that one that the server doesn't want keeps back no other.
  Task<void> send_together(std::vector<Sending>& batch) {
    std::vector<Sending*> together;
    std::vector<imap::client::AppendMessage> messages;
    for (auto& one : batch) {
      if (one.failure) continue;
      together.push_back(&one);
      messages.push_back(message_of(one));
    }
    if (messages.size() < 2) co_return;
    const auto appended = co_await imap::client::multi_append(session_, work_.state.name, std::move(messages));
    if (!appended) {
      auto again = [&] {
        for (auto* one : together) {
          if (ends_the_connection(appended.error().kind))
            one->failure = appended.error();
          else
            open_source(*one);
        }
      };
      co_await work_.account.pool.run(again);
      co_return;
    }
    const bool told = appended->uid_validity && *appended->uid_validity == work_.state.uid_validity;
    for (std::size_t n = 0; n < together.size(); ++n) {
      together[n]->sent = true;
      if (told) together[n]->uid = appended->uids[n];
    }
  }

  Task<void> send_alone(Sending& one) {
    auto message = message_of(one);
    const auto appended = co_await imap::client::append(session_, work_.state.name, std::move(message));
    if (!appended) {
      one.failure = appended.error();
      co_return;
    }
    one.sent = true;
    const bool same_mailbox = appended->uid_validity && *appended->uid_validity == work_.state.uid_validity;
    if (appended->uid && same_mailbox) one.uid = appended->uid;
  }

  /// Not vital: where it fails, the flag is a difference that the next pass sees.
  Task<void> repair_flagged(const std::vector<Sending>& batch) {
    if (!session_.has(imap::client::Quirk::append_forgets_flagged)) co_return;
    UidSet flagged;
    for (const auto& one : batch)
      if (one.uid && one.file.flags.contains(Flag::flagged)) flagged.insert(*one.uid);
    if (flagged.empty()) co_return;
    FlagSet flags;
    flags.insert(Flag::flagged);
    const auto stored = co_await imap::client::store_flags(session_, flagged, imap::client::FlagChange::add, std::move(flags));
    if (!stored) work_.account.log.warn("{}: \\Flagged couldn't be set on what was uploaded: {}", work_.state.name.utf8(), stored.error().message);
  }

  /// False: the server said clearly that it holds nothing of the message (see imap/client/append.hpp).
  static bool ends_the_connection(ErrorKind kind) {
    return kind != ErrorKind::refused && kind != ErrorKind::rejected && kind != ErrorKind::missing && kind != ErrorKind::throttled;
  }

  Task<Result<void>> record(std::vector<Sending>& batch) {
    auto job = [&] {
      auto commit = [&](store::WriteTxn& txn) {
        for (const auto& one : batch) settle(txn, one);
      };
      return work_.account.db.write(commit);
    };
    auto done = co_await work_.account.pool.run(job);
    if (done)
      for (const auto& one : batch) tell(one);
    co_return done;
  }

  /// A known UID: the record replaces the intent. A clear refusal: nothing is there. Anything else stays open.
  void settle(store::WriteTxn& txn, const Sending& one) {
    if (one.uid) {
      txn.attribute_to(store::ChangeOrigin::local);
      txn.put(work_.state.id, record_of(one));
      txn.erase_intent(one.intent.id);
    } else if (one.failure && !ends_the_connection(one.failure->kind)) {
      txn.erase_intent(one.intent.id);
    } else if (one.sent) {
      auto confirmed = one.intent;
      confirmed.state = store::IntentState::confirmed;
      txn.put(confirmed);
    }
  }

  static store::Record record_of(const Sending& one) {
    store::Record record;
    record.uid = *one.uid;
    record.state = store::RecordState::present;
    record.flags = one.file.flags;
    record.unique = one.file.unique;
    record.digest = one.form.file_digest;
    record.served = one.form.wire_digest;
    record.file_size = one.form.before.size;
    record.server_size = one.sent_size;
    record.internal_date = one.file.modified;
    record.message_id = one.form.message_id;
    record.line_ends = one.form.line_ends;
    return record;
  }

  void tell(const Sending& one) {
    if (one.sent) {
      ++report_.uploaded;
      report_.bytes += one.form.wire_size;
      report_.unsettled = report_.unsettled || !one.uid;
      auto event = work_.event(PassEvent::Kind::message_added);
      event.origin = Origin::local;
      event.uid = one.uid;
      event.path = path_of(work_, one.found);
      event.flags = one.file.flags;
      event.bytes = one.form.wire_size;
      work_.tell(event);
    } else if (one.failure && !ends_the_connection(one.failure->kind)) {
      report_.refused.push_back(fmt::format("{}: {}", path_of(work_, one.found), one.failure->message));
    }
  }

  MailboxWork work_;
  imap::client::Session& session_;
  std::vector<Upload> files_;
  Uid uid_next_;
  std::size_t next_ = 0;
  UploadReport report_;
};

}  // namespace

Task<Result<UploadReport>> upload(MailboxWork work, imap::client::Session& session, std::vector<Upload> files, Uid uid_next) {
  if (files.empty()) co_return UploadReport{};
  Uploader uploader(work, session, std::move(files), uid_next);
  auto report = co_await uploader.run();
  co_return std::move(report);
}

}  // namespace mailmirror::sync
