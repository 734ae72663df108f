#include "sync/account/moved_files.hpp"

#include "store/files/outgoing.hpp"
#include "sync/execute/file_names.hpp"
#include "sync/observe/local.hpp"

#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

namespace mailmirror::sync {
namespace {

/// A record whose file its folder doesn't show.
struct Missing {
  std::size_t mailbox = 0;
  store::Record record;
};

struct Fresh {
  std::size_t mailbox = 0;
  store::MaildirFile file;
};

class Finder {
 public:
  Finder(Account& account, const AccountParts& parts, std::deque<Candidate>& queue)
      : account_(account), parts_(parts), queue_(queue), read_(account.db().read()) {
    for (auto& state : read_.mailboxes()) {
      for (const auto& intent : read_.intents(state.id)) under_way_.insert(intent.unique);
      by_tag_.emplace(tag_of(state.name.utf8()), std::move(state));
    }
  }

  std::vector<MovedFile> run() {
    for (std::size_t n = 0; n < queue_.size(); ++n) gather_missing(n);
    if (!missing_.empty() || any_fresh_) queue_changed_folders();
    // Only now: what had left its folder before has arrived where it went.
    for (std::size_t n = 0; n < queue_.size(); ++n) gather_fresh(n);
    std::vector<const Fresh*> unknown;
    for (const auto& fresh : fresh_)
      if (!settle(fresh)) unknown.push_back(&fresh);
    if (!unknown.empty()) gather_late_missing();
    for (const auto* fresh : unknown) settle(*fresh);
    return std::move(found_);
  }

 private:
  /// Nothing: it is as it was at its checkpoint, or its own pass tells what is wrong with it.
  std::optional<store::FolderScan> scan_if_changed(const store::MailboxState& state) {
    const auto folder = account_.open_folder(state.directory);
    if (!folder) return std::nullopt;
    const auto unchanged = unchanged_since_checkpoint(*folder, state);
    if (!unchanged || *unchanged) return std::nullopt;
    auto scan = folder->scan();
    return scan ? std::optional(std::move(*scan)) : std::nullopt;
  }

  /// What went since the first look may be what came meanwhile. It counts as an origin only: where else it may have gone to nobody
  /// looked.
  void gather_late_missing() {
    missing_.clear();
    for (std::size_t n = 0; n < queue_.size(); ++n)
      for (auto& record : read_.records(queue_[n].state.id, missing_in(n))) missing_.push_back({n, std::move(record)});
  }

  void gather_missing(std::size_t n) {
    auto uids = missing_in(n);
    for (auto& record : read_.records(queue_[n].state.id, uids)) missing_.push_back({n, std::move(record)});
    queue_[n].sought.missing = std::move(uids);
  }

  UidSet missing_in(std::size_t n) {
    const auto& state = queue_[n].state;
    const auto scan = scan_if_changed(state);
    if (!scan) return {};
    std::unordered_map<std::string_view, Uid> missing;
    std::deque<std::string> uniques;
    read_.for_each_record(state.id, [&](const store::Record& record) {
      if (record.state == store::RecordState::present) missing.emplace(uniques.emplace_back(record.unique), record.uid);
    });
    for (const auto& file : scan->files)
      if (missing.erase(file.unique) == 0) any_fresh_ = true;
    UidSet uids;
    // What is being moved isn't gone before that is settled.
    for (const auto& [unique, uid] : missing)
      if (!under_way_.contains(unique)) uids.insert(uid);
    return uids;
  }

  void queue_changed_folders() {
    std::set<store::MailboxId> queued;
    for (const auto& candidate : queue_) queued.insert(candidate.state.id);
    for (const auto& [tag, state] : by_tag_) {
      if (queued.contains(state.id)) continue;
      const auto policy = account_.policy_of(state);
      if (!policy || !scan_if_changed(state)) continue;
      queue_.push_back({state, *policy, RemoteHint::unchanged, {}, {}});
      gather_missing(queue_.size() - 1);
    }
  }

  void gather_fresh(std::size_t n) {
    const auto& state = queue_[n].state;
    const auto scan = scan_if_changed(state);
    if (!scan) return;
    std::set<std::string, std::less<>> known;
    read_.for_each_record(state.id, [&](const store::Record& record) {
      if (record.state == store::RecordState::present) known.insert(record.unique);
    });
    std::set<std::string> in_flight;
    for (const auto& intent : read_.intents(state.id)) in_flight.insert(intent.unique);
    for (const auto& file : scan->files) {
      if (known.contains(file.unique)) continue;
      // On its way to another folder it went on to this one: once it is known which message it is there, that one is moved.
      if (under_way_.contains(file.unique) && !in_flight.contains(file.unique)) continue;
      queue_[n].sought.files.insert(file.unique);
      if (!in_flight.contains(file.unique)) fresh_.push_back({n, file});
    }
  }

  /// False: it comes from nowhere that is known.
  bool settle(const Fresh& fresh) {
    auto origin = origin_by_name(fresh.file);
    if (origin && !has_bytes_of(origin->second, fresh)) return true;
    if (!origin) origin = origin_by_digest(fresh);
    const bool recorded = origin.has_value();
    if (!origin) origin = unrecorded_origin(fresh);
    if (!origin) return settle_copy(fresh);
    const bool first = taken_.emplace(origin->first.id.value(), origin->second.uid).second;
    const auto known = recorded ? MovedFile::Known::by_record : MovedFile::Known::by_name;
    if (first) found_.push_back({std::move(origin->first), std::move(origin->second), fresh.mailbox, fresh.file, known});
    return true;
  }

  bool settle_copy(const Fresh& fresh) {
    auto original = original_by_name(fresh);
    if (!original || !has_bytes_of(original->second, fresh)) return false;
    found_.push_back({std::move(original->first), std::move(original->second), fresh.mailbox, fresh.file, MovedFile::Known::by_record,
                      MovedFile::Way::copied});
    return true;
  }

  using Origin = std::pair<store::MailboxState, store::Record>;

  /// The name says which message it was made for; believed if the record says the same and the file is no longer in its place (hard
  /// case 10).
  std::optional<Origin> origin_by_name(const store::MaildirFile& file) {
    const auto identity = store::parse_identity(file.unique);
    if (!identity || identity->account_tag != parts_.account_tag) return std::nullopt;
    const auto state = by_tag_.find(identity->mailbox_tag);
    if (state == by_tag_.end() || state->second.uid_validity != identity->uid_validity) return std::nullopt;
    auto record = read_.record(state->second.id, identity->uid);
    if (!record || record->state != store::RecordState::present || record->unique != file.unique) return std::nullopt;
    const auto folder = account_.open_folder(state->second.directory);
    if (!folder) return std::nullopt;
    const auto still_there = folder->find(file.unique);
    if (!still_there || *still_there) return std::nullopt;
    return Origin(state->second, std::move(*record));
  }

  /// The same, but the file that the name was made for is in its place.
  std::optional<Origin> original_by_name(const Fresh& fresh) {
    const auto identity = store::parse_identity(fresh.file.unique);
    if (!identity || identity->account_tag != parts_.account_tag) return std::nullopt;
    const auto state = by_tag_.find(identity->mailbox_tag);
    const bool elsewhere = state != by_tag_.end() && state->second.id != queue_[fresh.mailbox].state.id;
    if (!elsewhere || state->second.uid_validity != identity->uid_validity) return std::nullopt;
    auto record = read_.record(state->second.id, identity->uid);
    if (!record || record->state != store::RecordState::present || record->unique != fresh.file.unique) return std::nullopt;
    const auto folder = account_.open_folder(state->second.directory);
    if (!folder) return std::nullopt;
    const auto still_there = folder->find(fresh.file.unique);
    if (!still_there || !*still_there) return std::nullopt;
    return Origin(state->second, std::move(*record));
  }

  /// A download that died before its record was written, and was moved by the user since: its name tells whose it was (hard case 10).
  std::optional<Origin> unrecorded_origin(const Fresh& fresh) {
    const auto identity = store::parse_identity(fresh.file.unique);
    if (!identity || identity->account_tag != parts_.account_tag) return std::nullopt;
    const auto state = by_tag_.find(identity->mailbox_tag);
    const bool elsewhere = state != by_tag_.end() && state->second.id != queue_[fresh.mailbox].state.id;
    if (!elsewhere || state->second.uid_validity != identity->uid_validity) return std::nullopt;
    if (read_.record(state->second.id, identity->uid)) return std::nullopt;
    const auto origin = account_.open_folder(state->second.directory);
    if (!origin) return std::nullopt;
    const auto still_there = origin->find(fresh.file.unique);
    const auto folder = account_.open_folder(queue_[fresh.mailbox].state.directory);
    if (!still_there || *still_there || !folder) return std::nullopt;
    const auto form = store::inspect(*folder, fresh.file);
    if (!form) return std::nullopt;
    store::Record record;
    record.uid = identity->uid;
    record.unique = fresh.file.unique;
    record.digest = form->file_digest;
    record.served = form->wire_digest;
    record.file_size = form->before.size;
    record.server_size = form->wire_size;
    record.internal_date = form->mtime;
    record.message_id = form->message_id;
    record.line_ends = form->line_ends;
    return Origin(state->second, std::move(record));
  }

  /// A record that wasn't described yet is now.
  bool has_bytes_of(store::Record& record, const Fresh& fresh) {
    const auto folder = account_.open_folder(queue_[fresh.mailbox].state.directory);
    if (!folder) return false;
    const auto stamp = folder->stamp(fresh.file);
    if (!stamp || (record.digest.known() && stamp->size != record.file_size)) return false;
    const auto form = store::inspect(*folder, fresh.file);
    if (!form) return false;
    describe(record, *form);
    return form->file_digest == record.digest;
  }

  /// Programs that give files names of their own: among what is missing in the folders at hand, the one record of these bytes.
  std::optional<Origin> origin_by_digest(const Fresh& fresh) {
    const auto folder = account_.open_folder(queue_[fresh.mailbox].state.directory);
    if (!folder) return std::nullopt;
    const auto stamp = folder->stamp(fresh.file);
    if (!stamp) return std::nullopt;
    std::optional<store::Outgoing> form;
    std::optional<Origin> origin;
    for (const auto& missing : missing_) {
      auto record = missing.record;
      if (record.digest.known() && record.file_size != stamp->size) continue;
      if (!form) {
        auto read = store::inspect(*folder, fresh.file);
        if (!read) return std::nullopt;
        form = std::move(*read);
      }
      describe(record, *form);
      if (record.digest != form->file_digest) continue;
      if (origin) return std::nullopt;
      origin.emplace(queue_[missing.mailbox].state, std::move(record));
    }
    return origin;
  }

  /// An upload that was settled after its file had moved on is known by what the server holds alone.
  static void describe(store::Record& record, const store::Outgoing& form) {
    if (record.digest.known() || !record.served.known() || record.served != form.wire_digest) return;
    record.digest = form.file_digest;
    record.file_size = form.before.size;
    record.line_ends = form.line_ends;
  }

  Account& account_;
  const AccountParts& parts_;
  std::deque<Candidate>& queue_;
  store::ReadTxn read_;
  std::map<std::string, store::MailboxState> by_tag_;
  std::set<std::string, std::less<>> under_way_;  ///< files of open intents, wherever
  std::vector<Missing> missing_;
  bool any_fresh_ = false;
  std::vector<Fresh> fresh_;
  std::set<std::pair<std::uint32_t, Uid>> taken_;
  std::vector<MovedFile> found_;
};

}  // namespace

Result<std::vector<MovedFile>> find_moved_files(Account& account, const AccountParts& parts, std::deque<Candidate>& queue) {
  return Finder(account, parts, queue).run();
}

}  // namespace mailmirror::sync
