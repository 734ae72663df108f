#include "tests/planner/message_model.hpp"

#include "sync/plan/file_matcher.hpp"

#include <fmt/format.h>

namespace mailmirror::planner {
namespace {

using State = sync::BaseMessage::State;

State state_of(Before before) {
  switch (before) {
    case Before::nothing:
    case Before::present: return State::present;
    case Before::skipped: return State::skipped;
    case Before::tombstone: return State::tombstone;
    case Before::pending: return State::pending;
  }
  return State::present;
}

std::string id_of(Content content) {
  return fmt::format("<{}@model>", content);
}
std::chrono::sys_seconds date_of(Content content) {
  return std::chrono::sys_seconds(std::chrono::seconds(1000 + content));
}

}  // namespace

MessageModel::MessageModel(const MessageCase& c) : writable_(c.writable), expunges_(c.policy.expunge) {
  for (const auto& story : c.stories) begin(story);
  for (const auto& [uid, record] : records)
    if (record.state == State::present) ++size_at_start_;
  // What came since the base has the highest UIDs.
  checkpoint_ = next_uid_;
  for (const auto& story : c.stories) {
    if (story.there != There::came) continue;
    server[next_uid_] = {story.number, story.flags};
    next_uid_ = next(next_uid_);
  }
}

void MessageModel::begin(const Story& story) {
  sizes_[story.number] = story.large ? kLarge : kSmall;
  const auto unique = fmt::format("file{}", story.number);
  if (story.dead_download) dead_downloads_.insert(story.number);
  if (story.here == Here::came) files[unique] = {story.number, story.here_delta.apply(story.flags)};
  if (!story.in_base()) return;
  const auto uid = next_uid_;
  next_uid_ = next(next_uid_);
  records[uid] = {state_of(story.before), story.flags, story.had_file() ? unique : ""};
  if (story.there != There::expunged) server[uid] = {story.number, story.there_delta.apply(story.flags)};
  if (story.there == There::mentioned) mentioned_.insert(uid);
  if (story.had_file() && story.here != Here::gone) files[unique] = {story.number, story.here_delta.apply(story.flags)};
  if (story.word == Word::approved) decisions_.approved.insert(uid);
  if (story.word == Word::rejected) decisions_.rejected.insert(uid);
}

Observed MessageModel::observe() const {
  Observed seen;
  seen.remote.writable = writable_;
  seen.base_messages = size_at_start_;
  std::set<std::string> recorded;
  const auto touch = [&](Uid uid) { seen.base[uid] = {records.at(uid).state, records.at(uid).flags}; };
  for (const auto& [uid, message] : server) {
    const auto known = records.find(uid);
    const bool told = known == records.end() || known->second.state == State::pending || known->second.flags != message.flags ||
                      mentioned_.contains(uid);
    if (told) seen.remote.reported.push_back(describe_message(uid, message));
    if (told && known != records.end()) touch(uid);
  }
  for (const auto& [uid, record] : records) {
    if (!server.contains(uid)) seen.remote.expunged.insert(uid), touch(uid);
    if (record.state != State::present) continue;
    if (expunges_ && record.flags.contains(Flag::deleted)) touch(uid);
    recorded.insert(record.unique);
    const auto file = files.find(record.unique);
    if (file == files.end())
      seen.local.gone.insert(uid), touch(uid);
    else if (file->second.flags != record.flags)
      seen.local.flagged.push_back({uid, FlagDelta::between(record.flags, file->second.flags)}), touch(uid);
  }
  for (const auto& [unique, file] : files)
    if (!recorded.contains(unique)) seen.local.appeared.push_back(describe_file(unique, file));
  bind_twins(seen);
  return seen;
}

sync::RemoteMessage MessageModel::describe_message(Uid uid, const Copy& message) const {
  return {uid, message.flags, sizes_.at(message.content), date_of(message.content), id_of(message.content)};
}

sync::NewFile MessageModel::describe_file(const std::string& unique, const Copy& file) const {
  sync::NewFile described;
  described.unique = unique;
  described.flags = file.flags;
  described.wire_size = described.served_size = described.file_size = sizes_.at(file.content);
  described.modified = date_of(file.content);
  described.message_id = id_of(file.content);
  if (dead_downloads_.contains(file.content)) described.ours = Uid{checkpoint_.value() + 1000};
  return described;
}

void MessageModel::bind_twins(Observed& seen) const {
  std::vector<sync::RemoteMessage> strangers;
  for (const auto& message : seen.remote.reported)
    if (!records.contains(message.uid)) strangers.push_back(message);
  for (const auto& [file, message] : sync::match_files(seen.local.appeared, strangers, sync::Trust::strict))
    seen.local.appeared[file].claims = strangers[message].uid;
}

void MessageModel::demand(bool condition, const std::string& otherwise) {
  if (!condition && wrong_.empty()) wrong_ = otherwise;
}

std::string MessageModel::carry_out(const sync::Plan& plan) {
  checkpoint_ = next_uid_;
  mentioned_ = {};
  for (const auto& one : plan.adopt) adopt(one);
  for (const auto& one : plan.download) fetch(one.message.uid);
  plan.fetch_again.for_each([&](Uid uid) { records.erase(uid), fetch(uid); });
  for (const auto& action : plan.record_flags) record_change(action);
  for (const auto& action : plan.flag_locally) change_here(action);
  for (const auto& action : plan.flag_remotely) change_there(action);
  for (const auto& one : plan.upload) send(one.file);
  const auto drop_there = [&](Uid uid) {
    demand(server.erase(uid) == 1, fmt::format("UID {} is deleted on the server, which doesn't have it", uid.value()));
    demand(records.erase(uid) == 1, fmt::format("UID {} is deleted on the server without a record", uid.value()));
  };
  plan.trash.for_each([&](Uid uid) {
    if (server.contains(uid)) trash.push_back(server.at(uid).content);
    drop_there(uid);
  });
  plan.expunge.for_each(drop_there);
  plan.purge.for_each([&](Uid uid) {
    demand(server.erase(uid) == 1, fmt::format("UID {} is expunged, and the server doesn't have it", uid.value()));
    bury(uid);
  });
  plan.to_attic.for_each([&](Uid uid) { bury(uid); });
  for (const auto& file : plan.files_to_attic) {
    demand(files.contains(file.unique), file.unique + " goes to the attic, and isn't there");
    attic.push_back(files[file.unique].content);
    files.erase(file.unique);
  }
  plan.skip.for_each([&](Uid uid) { records[uid] = {State::skipped, {}, ""}; });
  (plan.forget | plan.upload_again).for_each([&](Uid uid) {
    demand(records.erase(uid) == 1, fmt::format("UID {} is forgotten without having been known", uid.value()));
  });
  return wrong_;
}

void MessageModel::adopt(const sync::Adopt& one) {
  demand(files.contains(one.file.unique), one.file.unique + " is adopted, and isn't there");
  demand(server.contains(one.message.uid), "a message is adopted that the server doesn't have");
  const auto both = one.message.flags & one.file.flags;
  demand(records.emplace(one.message.uid, ModelRecord{State::present, both, one.file.unique}).second,
         "a message with a record is adopted");
}

void MessageModel::fetch(Uid uid) {
  const auto found = server.find(uid);
  const auto record = records.find(uid);
  demand(found != server.end(), fmt::format("UID {} is fetched, and the server doesn't have it", uid.value()));
  demand(record == records.end() || record->second.state == State::pending,
         fmt::format("UID {} is fetched a second time", uid.value()));
  if (found == server.end()) return;
  const auto unique = fmt::format("fetched{}", uid.value());
  demand(files.emplace(unique, Copy{found->second.content, found->second.flags}).second, unique + " is there twice");
  records[uid] = {State::present, found->second.flags, unique};
}

void MessageModel::send(const sync::NewFile& file) {
  const auto found = files.find(file.unique);
  demand(found != files.end(), file.unique + " is uploaded, and isn't there");
  if (found == files.end()) return;
  server[next_uid_] = {found->second.content, found->second.flags};
  records[next_uid_] = {State::present, found->second.flags, file.unique};
  next_uid_ = next(next_uid_);
  checkpoint_ = next_uid_;
}

void MessageModel::bury(Uid uid) {
  const auto record = records.find(uid);
  demand(record != records.end() && files.contains(record->second.unique),
         fmt::format("UID {} goes to the attic without a file", uid.value()));
  if (record == records.end()) return;
  if (const auto file = files.find(record->second.unique); file != files.end()) {
    attic.push_back(file->second.content);
    files.erase(file);
  }
  records.erase(record);
}

void MessageModel::record_change(const sync::FlagAction& action) {
  const auto record = records.find(action.uid);
  demand(record != records.end(), fmt::format("UID {} gets flags without a record", action.uid.value()));
  if (record != records.end()) record->second.flags = action.delta.apply(record->second.flags);
}

void MessageModel::change_here(const sync::FlagAction& action) {
  record_change(action);
  const auto record = records.find(action.uid);
  const auto file = record == records.end() ? files.end() : files.find(record->second.unique);
  demand(file != files.end(), fmt::format("the file of UID {} gets flags, and isn't there", action.uid.value()));
  if (file != files.end()) file->second.flags = action.delta.apply(file->second.flags);
}

void MessageModel::change_there(const sync::FlagAction& action) {
  record_change(action);
  const auto message = server.find(action.uid);
  demand(message != server.end(), fmt::format("UID {} gets flags on the server, which doesn't have it", action.uid.value()));
  if (message != server.end()) message->second.flags = action.delta.apply(message->second.flags);
}

}  // namespace mailmirror::planner
