#include "tests/servers/busy_scenario.hpp"

#include <algorithm>

namespace mailmirror::testing {
namespace {

/// The messages of INBOX, by what happens to them.
enum Role : std::size_t {
  untouched,
  flagged_here,
  flagged_there,
  flagged_both,
  moved_here,
  moved_there,
  deleted_here,
  deleted_there,
  kRoles
};

::testing::AssertionResult wrong(const std::string& what) {
  return ::testing::AssertionFailure() << what;
}

}  // namespace

BusyScenario::BusyScenario(World& world, Extent extent) : world_(world), extent_(extent) {
  fill();
  if (extent_ == Extent::everything) fill_mailboxes();
  EXPECT_TRUE(passes(world_.device));
  change_here();
  change_there();
  if (extent_ == Extent::messages) return;
  change_mailboxes_here();
  change_mailboxes_there();
}

std::string BusyScenario::put(std::string_view mailbox) {
  const auto file = world_.generator.file(Shape::plain);
  uids_.push_back(world_.probe.append(mailbox, with_crlf(file)));
  return file;
}

void BusyScenario::fill() {
  for (std::size_t n = 0; n < kRoles; ++n) inbox_.push_back(put("INBOX"));
  expected_["Archive"] = {put("Archive"), inbox_[moved_here], inbox_[moved_there]};
  expected_["INBOX"] = {inbox_[untouched], inbox_[flagged_here], inbox_[flagged_there], inbox_[flagged_both]};
  in_attic_ = {inbox_[deleted_there]};
  flags_ = {{inbox_[untouched], {}},
            {inbox_[flagged_here], {"\\Seen"}},
            {inbox_[flagged_there], {"\\Flagged"}},
            {inbox_[flagged_both], {"\\Answered", "\\Seen"}}};
}

void BusyScenario::fill_mailboxes() {
  for (const char* mailbox : {"Renamed here", "Renamed there", "Deleted there"}) world_.probe.create(mailbox);
  expected_["Now here"] = {put("Renamed here")};
  expected_["Now there"] = {put("Renamed there")};
  in_attic_.push_back(put("Deleted there"));
}

fs::path BusyScenario::local(std::size_t number) const {
  for (const auto& message : world_.maildir.messages("INBOX"))
    if (message.bytes == inbox_[number]) return message.file;
  throw HarnessError("a message of the first pass has no file");
}

void BusyScenario::change_here() {
  set_letters(local(flagged_here), "S");
  set_letters(local(flagged_both), "S");
  move_to(local(moved_here), world_.maildir.folder("Archive"));
  fs::remove(local(deleted_here));
  deliver("INBOX");
}

void BusyScenario::change_there() {
  auto& probe = world_.probe;
  probe.add_flags("INBOX", uids_[flagged_there], "\\Flagged");
  probe.add_flags("INBOX", uids_[flagged_both], "\\Answered");
  probe.move("INBOX", uids_[moved_there], "Archive");
  probe.expunge("INBOX", uids_[deleted_there]);
  expected_["INBOX"].push_back(put("INBOX"));
}

void BusyScenario::change_mailboxes_here() {
  const auto& maildir = world_.maildir;
  fs::rename(maildir.folder("Renamed here"), maildir.folder("Now here"));
  maildir.create("Created here");
  deliver("Created here");
}

void BusyScenario::change_mailboxes_there() {
  world_.probe.rename("Renamed there", "Now there");
  world_.probe.remove("Deleted there");
  world_.probe.create("Created there");
  expected_["Created there"] = {put("Created there")};
}

void BusyScenario::deliver(std::string_view mailbox) {
  const auto file = world_.generator.file(Shape::plain);
  world_.maildir.deliver(mailbox, file, "S");
  expected_[std::string(mailbox)].push_back(file);
}

::testing::AssertionResult BusyScenario::came_out_right() {
  if (const auto same = same_on_both_sides(world_.probe, world_.device); !same) return same;
  std::set<std::string> names;
  for (const auto& [mailbox, files] : expected_) {
    if (const auto holds = holds_exactly(world_.probe, mailbox, files); !holds) return holds;
    names.insert(mailbox);
  }
  for (const auto& mailbox : world_.probe.mailboxes())
    if (!names.contains(mailbox) && world_.probe.status(mailbox).messages != 0) return wrong("there are messages in " + mailbox);
  for (const char* gone : {"Renamed here", "Renamed there", "Deleted there"})
    if (const auto all = world_.probe.mailboxes(); std::count(all.begin(), all.end(), gone) != 0)
      return wrong(std::string(gone) + " is there");
  if (const auto right = flags_are_right(); !right) return right;
  if (const auto right = attic_is_right(); !right) return right;
  return stays_still();
}

::testing::AssertionResult BusyScenario::flags_are_right() {
  for (const auto& message : world_.probe.fetch_all("INBOX")) {
    const auto wanted = flags_.find(with_lf(message.bytes));
    if (wanted != flags_.end() && wanted->second != message.flags)
      return wrong("UID " + std::to_string(message.uid) + " has other flags than those that both sides gave it");
  }
  return ::testing::AssertionSuccess();
}

::testing::AssertionResult BusyScenario::attic_is_right() const {
  std::multiset<std::string> rests;
  for (const auto& file : attic_files(world_.device)) rests.insert(read_file(file));
  for (const auto& bytes : in_attic_)
    if (!rests.contains(bytes))
      return wrong("a message that the server deleted isn't in the attic, which holds " + std::to_string(rests.size()));
  return ::testing::AssertionSuccess();
}

::testing::AssertionResult BusyScenario::stays_still() {
  const auto there = server_snapshot(world_.probe);
  const auto here = snapshot(world_.maildir.root());
  if (const auto passed = passes(world_.device); !passed) return passed;
  if (server_snapshot(world_.probe) != there) return wrong("another pass changed the server");
  if (snapshot(world_.maildir.root()) != here) return wrong("another pass touched the Maildir");
  return ::testing::AssertionSuccess();
}

}  // namespace mailmirror::testing
