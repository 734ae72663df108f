#include "sync/execute/download.hpp"

#include "imap/client/fetch.hpp"
#include "store/files/delivery.hpp"
#include "store/files/outgoing.hpp"
#include "sync/base/event.hpp"
#include "sync/base/task_scope.hpp"
#include "sync/execute/byte_budget.hpp"
#include "sync/execute/file_names.hpp"

#include <boost/assert.hpp>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace mailmirror::sync {
namespace {

/// Up to this size a message is handed to the store's threads in one piece; larger ones are written as they come.
constexpr std::uint64_t kWholeMessage = 512 * 1024;
/// Bytes that may wait for the disk, for one connection.
constexpr std::uint64_t kBytesInFlight = 4 * 1024 * 1024;
/// A batch is made visible and recorded together; it is as large as what arrived during the one before, up to this.
constexpr std::size_t kLargestBatch = 500;
/// confirm_absent lists twice.
constexpr std::size_t kWorthAListing = 3;

using Buffer = std::vector<std::byte>;

/// A message whose bytes are durable in tmp/.
struct Arrived {
  RemoteMessage message;
  std::unique_ptr<store::IncomingMessage> file;
  store::Received received;
};

class Downloader final : public imap::client::BodySink {
 public:
  Downloader(MailboxWork work, asio::any_io_executor executor, std::vector<Download> wanted, AdoptableFiles adoptable,
             DownloadProgress progress)
      : work_(work),
        budget_(executor, kBytesInFlight),
        arrival_(executor),
        adoptable_(std::move(adoptable)),
        progress_(std::move(progress)) {
    for (auto& download : wanted) {
      missing_.insert(download.message.uid);
      wanted_.emplace(download.message.uid, std::move(download.message));
    }
  }

  Task<Result<DownloadReport>> run(imap::client::Session& session) {
    session_ = &session;
    Result<void> fetched = ok();
    auto body = [&](TaskGroup& group) -> Task<void> {
      group_ = &group;
      group.spawn(publish_all());
      fetched = co_await imap::client::fetch_bodies(session, missing_, *this);
      budget_.give_back(buffer_.size());
      co_await budget_.wait_until_empty();
      finished_ = true;
      arrival_.notify();
    };
    co_await run_in_group(body);
    if (store_failure_) co_return *store_failure_;
    MAILMIRROR_CO_TRY(fetched);
    auto pending = co_await record_unanswered();
    MAILMIRROR_CO_TRY(pending);
    co_return std::move(report_);
  }

  void begin(std::uint64_t size) override {
    budget_.give_back(buffer_.size());
    buffer_.clear();
    size_ = size;
    written_ = 0;
    buffer_.reserve(std::min(size, kWholeMessage));
    incoming_.reset();
  }

  void data(std::span<const std::byte> bytes) override {
    if (store_failure_) return;
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    budget_.take(bytes.size());
  }

  void end(const imap::wire::Fetch& fetch) override {
    const auto found = fetch.uid ? wanted_.find(*fetch.uid) : wanted_.end();
    const auto held = buffer_.size();
    const bool complete = held + written_ == size_;
    if (!complete || found == wanted_.end() || !missing_.contains(*fetch.uid)) {
      budget_.give_back(held);
      buffer_.clear();
      incoming_.reset();
      return;
    }
    missing_.erase({*fetch.uid});
    // An empty message holds something, too: the end waits until the budget is given back.
    budget_.take(1);
    group_->spawn(store_rest(found->second, std::exchange(buffer_, {}), std::move(incoming_), held + 1));
  }

  /// Awaited by the reader of the connection: here a large message goes to disk piece by piece, and here a fast server waits
  /// for a slow disk.
  Task<void> ready() override {
    if (size_ > kWholeMessage && buffer_.size() >= kWholeMessage / 2) co_await write_piece();
    co_await budget_.wait_for_room();
  }

 private:
  Task<void> write_piece() {
    auto job = [this]() -> Result<void> {
      if (!incoming_) incoming_ = begin_file();
      return incoming_->write(buffer_);
    };
    const auto done = co_await guarded(job);
    if (!done) store_failed(done.error());
    budget_.give_back(buffer_.size());
    written_ += buffer_.size();
    buffer_.clear();
  }

  /// Runs `job` on the store's threads; an ErrorException becomes its Error.
  template <class Job>
  auto guarded(Job& job) -> Task<std::invoke_result_t<Job&>> {
    using R = std::invoke_result_t<Job&>;
    auto caught = [&]() -> R {
      try {
        return job();
      } catch (const ErrorException& failure) {
        return failure.error();
      }
    };
    co_return co_await work_.account.pool.run(caught);
  }

  /// The disk refuses: nothing more is taken from the server. Closing the connection is the quickest way to stop the bodies that
  /// it is sending; the pool opens another one when it is needed.
  void store_failed(const Error& error) {
    if (!store_failure_) store_failure_ = error;
    session_->close();
  }

  std::unique_ptr<store::IncomingMessage> begin_file() {
    auto begun = store::IncomingMessage::begin(work_.folder, work_.account.random);
    return std::make_unique<store::IncomingMessage>(std::move(begun).value());
  }

  Task<void> store_rest(RemoteMessage message, Buffer bytes, std::unique_ptr<store::IncomingMessage> file, std::uint64_t held) {
    auto job = [&]() -> Result<store::Received> {
      if (!file) file = begin_file();
      file->write(bytes).value();
      auto received = file->finish(message.internal_date);
      file->sync().value();
      return received;
    };
    auto received = co_await guarded(job);
    if (received)
      arrived_.push_back({std::move(message), std::move(file), *received});
    else
      store_failed(received.error());
    budget_.give_back(held);
    arrival_.notify();
  }

  /// The one task that publishes: batches form by themselves while the one before becomes durable.
  Task<void> publish_all() {
    while (!finished_ || !arrived_.empty()) {
      if (arrived_.empty())
        co_await arrival_.wait();
      else
        co_await publish_batch();
    }
  }

  Task<void> publish_batch() {
    std::vector<Arrived> batch;
    while (!arrived_.empty() && batch.size() < kLargestBatch) {
      batch.push_back(std::move(arrived_.front()));
      arrived_.pop_front();
    }
    std::vector<PassEvent> events;
    auto job = [&]() -> Result<void> { return make_visible_and_record(batch, events); };
    const auto done = co_await guarded(job);
    if (!done) {
      store_failed(done.error());
      co_return;
    }
    std::uint64_t bytes = 0;
    for (const auto& one : batch) bytes += one.received.wire_size;
    for (const auto& event : events) work_.tell(event);
    report_.downloaded += events.size();
    progress_(batch.size(), bytes);
  }

  /// Blocking. rename → fsync of the directories → one commit.
  Result<void> make_visible_and_record(std::vector<Arrived>& batch, std::vector<PassEvent>& events) {
    std::vector<store::Record> records;
    const auto absent = proven_absent(batch);
    for (auto& one : batch) {
      if (const auto twin = adoptable_.find(one.received.wire_digest); twin != adoptable_.end()) {
        records.push_back(adopted_record(one, twin->second));
        report_.adopted.push_back(twin->second.unique);
        const auto is_it = [&](const auto& entry) { return entry.second.unique == report_.adopted.back(); };
        std::erase_if(adoptable_, is_it);
        continue;
      }
      const auto letters = letters_of(work_, one.message.flags).value();
      const auto unique = name_for(work_, one.message.uid, one.message.internal_date, one.received.file_size);
      const auto standing = absent.contains(unique) ? std::nullopt : published_before(unique, one.received);
      if (standing) {
        records.push_back(record_of(one, unique, one.message.flags & flags_of(*standing, work_.keywords, one.message.flags)));
        continue;
      }
      const auto file = store::publish(work_.folder, *one.file, unique, letters, work_.account.random).value();
      records.push_back(record_of(one, file.unique, one.message.flags));
      events.push_back(added(one, file));
    }
    work_.folder.sync().value();
    auto commit = [&](store::WriteTxn& txn) {
      for (const auto& record : records) txn.put(work_.state.id, record);
    };
    return work_.account.db.write(commit);
  }

  /// Each name alone would cost a listing of the directory: a large first mirror would list it as often as it has messages.
  std::set<std::string> proven_absent(const std::vector<Arrived>& batch) const {
    if (batch.size() < kWorthAListing) return {};
    std::vector<std::string> names;
    names.reserve(batch.size());
    for (const auto& one : batch) names.push_back(name_for(work_, one.message.uid, one.message.internal_date, one.received.file_size));
    const auto absent = work_.folder.confirm_absent(names).value();
    return {absent.begin(), absent.end()};
  }

  /// A download that died before its record was written left the file (hard case 10); a second one beside it would be a new message.
  std::optional<store::MaildirFile> published_before(const std::string& unique, const store::Received& received) const {
    const auto file = work_.folder.find(unique).value();
    if (!file) return std::nullopt;
    const auto form = store::inspect(work_.folder, *file);
    return form && form->file_digest == received.file_digest ? file : std::nullopt;
  }

  /// The file stays as it is, with what other programs did to it.
  static store::Record adopted_record(const Arrived& one, const NewFile& file) {
    auto record = record_of(one, file.unique, one.message.flags & file.flags);
    record.digest = file.file_digest;
    record.file_size = file.file_size;
    return record;
  }

  static store::Record record_of(const Arrived& one, std::string unique, FlagSet flags) {
    store::Record record;
    record.uid = one.message.uid;
    record.state = store::RecordState::present;
    record.flags = std::move(flags);
    record.unique = std::move(unique);
    record.digest = one.received.file_digest;
    record.served = one.received.wire_digest;
    record.file_size = one.received.file_size;
    record.server_size = one.message.size;
    record.internal_date = one.message.internal_date;
    record.message_id = one.message.message_id;
    record.identity = one.message.identity;
    record.line_ends = one.received.line_ends;
    return record;
  }

  [[nodiscard]] PassEvent added(const Arrived& one, const store::MaildirFile& file) const {
    auto event = work_.event(PassEvent::Kind::message_added);
    event.uid = one.message.uid;
    event.path = path_of(work_, file);
    event.flags = one.message.flags;
    event.bytes = one.received.wire_size;
    return event;
  }

  /// Listed but not given (semantics, hard case 17): remembered as pending, so that the checkpoint can go on.
  Task<Result<void>> record_unanswered() {
    report_.unanswered = missing_;
    if (missing_.empty()) co_return ok();
    auto job = [this] {
      auto commit = [this](store::WriteTxn& txn) {
        missing_.for_each([&](Uid uid) {
          store::Record record;
          record.uid = uid;
          record.state = store::RecordState::pending;
          txn.put(work_.state.id, record);
        });
      };
      return work_.account.db.write(commit);
    };
    auto done = co_await work_.account.pool.run(job);
    co_return done;
  }

  MailboxWork work_;
  imap::client::Session* session_ = nullptr;
  TaskGroup* group_ = nullptr;
  ByteBudget budget_;
  Event arrival_;
  std::map<Uid, RemoteMessage> wanted_;
  UidSet missing_;
  AdoptableFiles adoptable_;
  DownloadProgress progress_;
  DownloadReport report_;
  std::deque<Arrived> arrived_;
  bool finished_ = false;
  std::optional<Error> store_failure_;

  // The message that is arriving now.
  std::uint64_t size_ = 0;
  std::uint64_t written_ = 0;
  Buffer buffer_;
  std::unique_ptr<store::IncomingMessage> incoming_;
};

}  // namespace

Task<Result<DownloadReport>> download(MailboxWork work, imap::client::Session& session, std::vector<Download> wanted,
                                      AdoptableFiles adoptable, DownloadProgress progress) {
  if (wanted.empty()) co_return DownloadReport{};
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  Downloader downloader(work, executor, std::move(wanted), std::move(adoptable), std::move(progress));
  auto report = co_await downloader.run(session);
  co_return std::move(report);
}

}  // namespace mailmirror::sync
