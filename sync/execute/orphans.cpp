#include "sync/execute/orphans.hpp"

#include "store/files/maildir_name.hpp"
#include "sync/execute/deletions.hpp"
#include "sync/execute/edited.hpp"

#include <utility>
#include <vector>

namespace mailmirror::sync {
namespace {

class Orphans {
 public:
  Orphans(MailboxWork work, OrphanWord word) : work_(work), word_(word) {}

  Task<Result<OrphanReport>> run() {
    auto look = [this] { return look_at_all(); };
    const auto looked = co_await work_.account.pool.run(look);
    MAILMIRROR_CO_TRY(looked);
    auto taken = co_await move_files_to_attic(work_, std::exchange(to_attic_, {}));
    MAILMIRROR_CO_TRY(taken);
    report_.to_attic = *taken;
    auto forget = [this] { return forget_settled(); };
    const auto forgotten = co_await work_.account.pool.run(forget);
    MAILMIRROR_CO_TRY(forgotten);
    co_return std::move(report_);
  }

 private:
  /// Blocking.
  Result<void> look_at_all() {
    const auto read = work_.account.db.read();
    auto orphans = read.orphans(work_.state.id);
    if (orphans.empty()) return ok();
    const EditedFiles edited(work_, {});
    std::set<Digest> recorded;
    if (word_ == OrphanWord::rejected)
      read.for_each_record(work_.state.id, [&](const store::Record& record) { recorded.insert({record.digest, record.served}); });
    for (auto& orphan : orphans) {
      const auto file = work_.folder.find(orphan.record.unique);
      MAILMIRROR_TRY(file);
      const bool same_as_another = recorded.contains(orphan.record.digest) || recorded.contains(orphan.record.served);
      auto verdict = *file ? edited.look_at(**file, KnownBytes(orphan.record)) : EditedFiles::Verdict::gone;
      MAILMIRROR_TRY(verdict);
      // Edited, it is no longer the message that the server lost: a new one, with a name of its own (hard case 14).
      if (*verdict != EditedFiles::Verdict::same) {
        settled_.push_back(std::move(orphan));
        continue;
      }
      const auto decided = decide(std::move(orphan), **file, edited, same_as_another);
      MAILMIRROR_TRY(decided);
    }
    return ok();
  }

  /// What is uploaded anew gets a name without an identity: the one that it has is that of a dead message (hard case 10).
  Result<void> decide(store::Orphan orphan, const store::MaildirFile& file, const EditedFiles& edited, bool same_as_another) {
    const auto& unique = orphan.record.unique;
    if (word_ == OrphanWord::none) {
      report_.waiting.insert(unique);
      return ok();
    }
    if (word_ == OrphanWord::approved || same_as_another) {
      NewFile buried;
      buried.unique = unique;
      to_attic_.push_back(std::move(buried));
    } else if (store::parse_identity(unique)) {
      const auto name = edited.set_apart(file, orphan.record.file_size);
      if (!name && name.error().kind != ErrorKind::missing) return name.error();
      if (name) report_.released.insert(*name);
    } else {
      report_.released.insert(unique);
    }
    settled_.push_back(std::move(orphan));
    return ok();
  }

  Result<void> forget_settled() {
    if (settled_.empty()) return ok();
    const auto places = work_.account.attic.places_in(work_.state.directory, 1);
    MAILMIRROR_TRY(places);
    auto commit = [&](store::WriteTxn& txn) {
      // Not a deletion that the guard should count.
      txn.attribute_to(store::ChangeOrigin::both);
      for (const auto& orphan : settled_) {
        const auto place = places->find(orphan.record.unique);
        txn.erase(work_.state.id, orphan, place == places->end() ? std::string() : place->second);
      }
    };
    return work_.account.db.write(commit);
  }

  MailboxWork work_;
  OrphanWord word_;
  std::vector<NewFile> to_attic_;
  std::vector<store::Orphan> settled_;
  OrphanReport report_;
};

}  // namespace

Task<Result<OrphanReport>> settle_orphans(MailboxWork work, OrphanWord word) {
  Orphans orphans(work, word);
  auto report = co_await orphans.run();
  co_return std::move(report);
}

}  // namespace mailmirror::sync
