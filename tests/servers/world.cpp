#include "tests/servers/world.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <regex>
#include <sstream>

namespace mailmirror::testing {
namespace {

::testing::AssertionResult equal_or(const std::string& difference) {
  if (difference.empty()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "the sides differ:\n" << difference;
}

struct ::stat status_of(const fs::path& path) {
  struct ::stat status {};
  if (::lstat(path.c_str(), &status) != 0) throw_errno("stat " + path.string());
  return status;
}

/// While a pass works, a file may be renamed between two looks at its folder.
std::string difference_now(ImapProbe& probe, const Device& device) {
  try {
    return compare_sides(probe, device.maildir());
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace

std::ostream& operator<<(std::ostream& stream, const Setting& setting) {
  return stream << setting.profile << (setting.layout == Layout::nested ? "" : "_maildirpp")
                << (setting.format == MailFormat::maildir ? "" : "_sdbox");
}

std::vector<Setting> all_settings() {
  std::vector<Setting> settings;
  for (const auto profile : kAllProfiles) settings.push_back({profile, Layout::nested});
  settings.push_back({Profile::everything, Layout::maildir_plus_plus});
  return settings;
}

std::string setting_name(const ::testing::TestParamInfo<Setting>& test) {
  std::ostringstream name;
  name << test.param;
  return name.str();
}

std::vector<std::uint32_t> World::fill(std::string_view mailbox, int count) {
  std::vector<std::uint32_t> uids;
  for (int i = 0; i < count; ++i) uids.push_back(probe.append(mailbox, generator.wire(Shape::plain), {}, ImapProbe::kSomeDay + i));
  return uids;
}

fs::path World::file_of(std::string_view mailbox, std::uint32_t uid) {
  for (const auto& message : probe.fetch_all(mailbox)) {
    if (message.uid != uid) continue;
    for (const auto& local : maildir.messages(mailbox))
      if (local.bytes == with_lf(message.bytes)) return local.file;
  }
  return {};
}

::testing::AssertionResult passes(const Device& device, Milliseconds limit) {
  const RunResult result = device.once(limit);
  if (result.code == 0) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "the pass failed: " << result;
}

::testing::AssertionResult fails_saying(const Device& device, const std::string& pattern) {
  const RunResult result = device.once();
  if (result.code == 1 && says(result.err, pattern)) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "expected exit 1 and words like `" << pattern << "`, but: " << result;
}

::testing::AssertionResult same_on_both_sides(ImapProbe& probe, const Device& device) {
  return equal_or(compare_sides(probe, device.maildir()));
}

::testing::AssertionResult becomes_same(ImapProbe& probe, const Device& device, Milliseconds limit) {
  std::string difference;
  eventually(
      limit, [&] { return (difference = difference_now(probe, device)).empty(); }, Milliseconds(100));
  return equal_or(difference);
}

::testing::AssertionResult passes_and_same(World& world) {
  const auto passed = passes(world.device);
  return passed ? same_on_both_sides(world.probe, world.device) : passed;
}

::testing::AssertionResult holds_exactly(ImapProbe& probe, std::string_view mailbox, std::vector<std::string> files) {
  std::vector<std::string> held;
  for (const auto& message : probe.fetch_all(mailbox)) held.push_back(with_lf(message.bytes));
  std::sort(held.begin(), held.end());
  std::sort(files.begin(), files.end());
  if (held == files) return ::testing::AssertionSuccess();
  const auto distinct = static_cast<std::size_t>(std::unique(held.begin(), held.end()) - held.begin());
  return ::testing::AssertionFailure() << mailbox << " should hold " << files.size() << " messages; it holds " << held.size()
                                       << ", of which " << distinct << " differ from each other";
}

bool says(const std::string& text, const std::string& pattern) {
  return std::regex_search(text, std::regex(pattern, std::regex::icase | std::regex::ECMAScript));
}

std::vector<std::string> snapshot(const fs::path& root) {
  std::vector<std::string> lines;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const auto status = status_of(entry.path());
    std::ostringstream line;
    line << entry.path().string() << " inode " << status.st_ino << " size " << status.st_size << " mtime " << status.st_mtim.tv_sec
         << "." << status.st_mtim.tv_nsec << " ctime " << status.st_ctim.tv_sec << "." << status.st_ctim.tv_nsec;
    lines.push_back(line.str());
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<std::string> server_snapshot(ImapProbe& probe) {
  std::vector<std::string> lines;
  for (const auto& mailbox : probe.mailboxes()) {
    const auto status = probe.status(mailbox);
    std::ostringstream line;
    line << mailbox << ": " << status.messages << " messages, " << status.unseen << " unseen, UIDNEXT " << status.uid_next
         << ", UIDVALIDITY " << status.uid_validity << ", HIGHESTMODSEQ " << status.highest_modseq;
    lines.push_back(line.str());
  }
  return lines;
}

std::vector<fs::path> attic_files(const Device& device) {
  std::vector<fs::path> files;
  const fs::path attic = device.state_folder() / device.account.name / "attic";
  if (!fs::exists(attic)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(attic))
    if (entry.is_regular_file()) files.push_back(entry.path());
  return files;
}

ino_t inode_of(const fs::path& path) {
  return status_of(path).st_ino;
}

}  // namespace mailmirror::testing
