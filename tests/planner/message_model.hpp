// Both sides and the base of one mailbox, as small as a model can be: it tells the planner what changed, and carries a plan out.
#pragma once

#include "sync/plan/planner.hpp"
#include "tests/planner/message_case.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mailmirror::planner {

/// A message's bytes, by the number of its story.
using Content = std::uint32_t;

/// On the server, or a file.
struct Copy {
  Content content = 0;
  FlagSet flags;
};

struct ModelRecord {
  sync::BaseMessage::State state = sync::BaseMessage::State::present;
  FlagSet flags;
  std::string unique;
};

/// What the planner is asked.
struct Observed {
  sync::Base base;
  sync::RemoteChanges remote;
  sync::LocalChanges local;
  std::uint64_t base_messages = 0;
};

class MessageModel {
 public:
  explicit MessageModel(const MessageCase& c);

  [[nodiscard]] Observed observe() const;
  [[nodiscard]] const sync::GuardDecisions& decisions() const { return decisions_; }
  [[nodiscard]] Uid checkpoint() const { return checkpoint_; }

  /// In the executor's order. "" or what can't be carried out: the plan contradicts itself or what is there.
  std::string carry_out(const sync::Plan& plan);

  std::map<Uid, Copy> server;
  std::map<std::string, Copy> files;
  std::map<Uid, ModelRecord> records;
  std::vector<Content> attic;
  std::vector<Content> trash;

 private:
  void begin(const Story& story);
  [[nodiscard]] sync::NewFile describe_file(const std::string& unique, const Copy& file) const;
  [[nodiscard]] sync::RemoteMessage describe_message(Uid uid, const Copy& message) const;
  void bind_twins(Observed& seen) const;

  void adopt(const sync::Adopt& one);
  void fetch(Uid uid);
  void send(const sync::NewFile& file);
  void bury(Uid uid);
  void change_here(const sync::FlagAction& action);
  void change_there(const sync::FlagAction& action);
  void record_change(const sync::FlagAction& action);
  void demand(bool condition, const std::string& otherwise);

  sync::Writable writable_;
  bool expunges_ = false;
  sync::GuardDecisions decisions_;
  UidSet mentioned_;
  std::map<Content, std::uint64_t> sizes_;
  std::set<Content> dead_downloads_;
  /// The guard's percentage is of the mailbox as it was before anything was carried out.
  std::uint64_t size_at_start_ = 0;
  Uid next_uid_{1};
  Uid checkpoint_{1};
  std::string wrong_;
};

}  // namespace mailmirror::planner
