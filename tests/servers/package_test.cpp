// The Debian package: built, installed into a root of its own, used, purged.
#include "tests/servers/world.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

#include <cstdlib>

namespace mailmirror::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kDpkg = "/usr/bin/dpkg";
constexpr Milliseconds kPacking{120'000};

class Package : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kDpkg)) GTEST_SKIP() << "there is no dpkg";
    if (::geteuid() != 0 && !fs::exists("/usr/bin/fakeroot")) GTEST_SKIP() << "without fakeroot only root can do this";
    fs::create_directories(root() / "var/lib/dpkg/info");
    fs::create_directories(root() / "var/lib/dpkg/updates");
    write_file(root() / "var/lib/dpkg/status", "");
  }

  [[nodiscard]] fs::path root() const { return folder.path() / "root"; }
  [[nodiscard]] std::string program(const char* name) const { return (root() / "usr/bin" / name).string(); }

  /// The package's file.
  fs::path pack() const {
    const auto packed = run({.arguments = {MAILMIRROR_CPACK, "--config", MAILMIRROR_BUILD "/CPackConfig.cmake", "-G", "DEB", "-B",
                                           (folder.path() / "packed").string()}},
                            kPacking);
    if (packed.code != 0) throw HarnessError(packed.out + packed.err);
    for (const auto& entry : fs::directory_iterator(folder.path() / "packed"))
      if (entry.path().extension() == ".deb") return entry.path();
    throw HarnessError("cpack made no package: " + packed.out);
  }

  /// Nothing outside of `root` is read or written; what the package depends on isn't installed in there.
  [[nodiscard]] RunResult dpkg(std::vector<std::string> arguments) const {
    std::vector<std::string> words{kDpkg,
                                   "--root=" + root().string(),
                                   "--force-not-root",
                                   "--force-depends",
                                   "--force-script-chrootless",
                                   "--log=" + (folder.path() / "dpkg.log").string()};
    if (::geteuid() != 0) words.insert(words.begin(), "/usr/bin/fakeroot");
    words.insert(words.end(), arguments.begin(), arguments.end());
    return run({.arguments = std::move(words), .environment = {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}}}, kPacking);
  }

  /// Files, dpkg's own aside.
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(root())) {
      const auto path = entry.path().lexically_relative(root()).string();
      if (!entry.is_directory() && !path.starts_with("var/lib/dpkg")) all.push_back(path);
    }
    return all;
  }

  TempFolder folder;
};

TEST_F(Package, BuiltInstalledUsedAndPurged_LeavesTheUsersFilesAlone) {
  const auto package = pack();
  const auto fields = run({.arguments = {"/usr/bin/dpkg-deb", "--field", package.string()}});
  EXPECT_THAT(fields.out, HasSubstr("Package: mailmirror\n"));
  EXPECT_THAT(fields.out, HasSubstr("Section: mail\n"));
  if (fs::exists("/usr/bin/dpkg-shlibdeps")) {
    EXPECT_THAT(fields.out, ::testing::AllOf(HasSubstr("liblmdb0"), HasSubstr("libssl3"))) << fields;
  }

  const auto installed = dpkg({"--install", package.string()});
  ASSERT_EQ(installed.code, 0) << installed;
  for (const char* file : {"usr/bin/mailmirrord", "usr/bin/mailmirror", "usr/share/man/man1/mailmirror.1",
                           "usr/share/man/man1/mailmirrord.1", "usr/share/man/man5/mailmirror-config.5",
                           "usr/share/man/man7/mailmirror-protocol.7", "usr/share/bash-completion/completions/mailmirror",
                           "usr/share/fish/vendor_completions.d/mailmirror.fish", "usr/share/doc/mailmirror/copyright"})
    EXPECT_TRUE(fs::exists(root() / file)) << file;

  const auto version = run({.arguments = {program("mailmirrord"), "--version"}});
  EXPECT_TRUE(says(version.out, "mailmirrord [0-9.]+\nTLS: +OpenSSL [^]*LMDB [^]*zlib ")) << version;
  // What it hands over goes to the one beside it.
  const auto taken =
      run({.arguments = {program("mailmirror"), "import", "mbsync", "/nowhere/rc"}, .environment = {{"PATH", "/nowhere"}}});
  EXPECT_EQ(taken.code, 2) << taken;
  EXPECT_THAT(taken.err, HasSubstr("/nowhere/rc can't be read"));

  World world;
  world.fill("INBOX", 3);
  ASSERT_EQ(::setenv("MAILMIRROR_DAEMON", program("mailmirrord").c_str(), 1), 0);
  EXPECT_TRUE(passes_and_same(world));
  ::unsetenv("MAILMIRROR_DAEMON");

  const auto purged = dpkg({"--purge", "mailmirror"});
  EXPECT_EQ(purged.code, 0) << purged;
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_THAT(world.maildir.files("INBOX"), SizeIs(3));
}

}  // namespace
}  // namespace mailmirror::testing
