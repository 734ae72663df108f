// A configuration written to a directory of its own, and read.
#pragma once

#include "daemon/config/load.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace mailmirror::daemon::config::testing {

/// The least that makes a good account; its host, user, password_command and maildir are lines 2 to 5 of the file.
inline const std::string kAccount =
    "[account.work]\n"
    "host = \"imap.example.org\"\n"
    "user = \"me\"\n"
    "password_command = \"pass show work\"\n"
    "maildir = \"/home/me/Mail/mine\"\n";

class ConfigTest : public ::testing::Test {
 protected:
  ConfigTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mailmirror-config-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    environment_.variables = {{"HOME", "/home/me"}, {"XDG_RUNTIME_DIR", "/run/user/7"}};
  }
  ~ConfigTest() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::filesystem::path file() const { return directory_ / "config.toml"; }

  void write(const std::filesystem::path& name, const std::string& text) const {
    std::filesystem::create_directories((directory_ / name).parent_path());
    std::ofstream(directory_ / name) << text;
    ::chmod((directory_ / name).c_str(), 0600);
  }

  Loaded load_text(const std::string& text) const {
    write("config.toml", text);
    return load(file(), environment_);
  }

  /// "LINE:COLUMN: message", or "NAME:LINE:COLUMN: message" for files of accounts.d.
  std::vector<std::string> errors_of(const Loaded& loaded) const {
    std::vector<std::string> errors;
    for (const auto& error : loaded.errors) {
      auto text = error.to_string();
      for (const auto& prefix : {file().string() + ":", directory_.string() + "/"})
        if (text.starts_with(prefix)) text.erase(0, prefix.size());
      errors.push_back(text);
    }
    return errors;
  }

  std::vector<std::string> errors_in(const std::string& text) const { return errors_of(load_text(text)); }

  /// The account of `kAccount` with further lines, which must be good.
  Account account_with(const std::string& lines) const {
    const auto loaded = load_text(kAccount + lines);
    EXPECT_EQ(errors_of(loaded), std::vector<std::string>{});
    return loaded.config.accounts.empty() ? Account{} : loaded.config.accounts.front();
  }

  std::filesystem::path directory_;
  Environment environment_;
};

}  // namespace mailmirror::daemon::config::testing
