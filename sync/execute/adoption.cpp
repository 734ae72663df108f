#include "sync/execute/adoption.hpp"

#include "store/files/outgoing.hpp"

namespace mailmirror::sync {
namespace {

store::Record record_of(const Adopt& one, const store::Outgoing& form) {
  store::Record record;
  record.uid = one.message.uid;
  record.state = store::RecordState::present;
  record.flags = one.message.flags & one.file.flags;
  record.unique = one.file.unique;
  record.digest = form.file_digest;
  // Stored octet by octet, since its wire form couldn't be converted and back.
  const bool as_served = one.message.size == one.file.file_size && one.message.size != one.file.served_size;
  record.served = as_served ? form.file_digest : form.without_tuid ? form.without_tuid->wire_digest : form.wire_digest;
  record.file_size = form.before.size;
  record.server_size = one.message.size;
  record.internal_date = one.message.internal_date;
  record.message_id = one.message.message_id;
  record.identity = one.message.identity;
  record.line_ends = as_served ? store::LineEnds::as_served : form.line_ends;
  return record;
}

}  // namespace

Result<void> adopt(const MailboxWork& work, const std::vector<Adopt>& adoptions) {
  if (adoptions.empty()) return ok();
  std::vector<store::Record> records;
  std::vector<store::MaildirFile> files;
  for (const auto& one : adoptions) {
    const auto file = work.folder.find(one.file.unique);
    MAILMIRROR_TRY(file);
    if (!*file) continue;
    const auto form = store::inspect(work.folder, **file);
    MAILMIRROR_TRY(form);
    files.push_back(**file);
    records.push_back(record_of(one, *form));
  }
  const auto durable = work.folder.sync_files(files);
  MAILMIRROR_TRY(durable);
  const auto named = work.folder.sync();
  MAILMIRROR_TRY(named);
  auto commit = [&](store::WriteTxn& txn) {
    txn.attribute_to(store::ChangeOrigin::both);
    for (const auto& record : records) txn.put(work.state.id, record);
  };
  return work.account.db.write(commit);
}

}  // namespace mailmirror::sync
