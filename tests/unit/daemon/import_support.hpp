// A home directory for another program's configuration and Maildirs.
#pragma once

#include "daemon/import/draft.hpp"
#include "sync/base/environment.hpp"
#include "tests/unit/daemon/control_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace mailmirror::daemon::migration::testing {

class ImportTest : public ::testing::Test {
 protected:
  ImportTest() { environment_.variables = {{"HOME", home().string()}}; }

  [[nodiscard]] std::filesystem::path home() const { return folder_.path(); }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((home() / name).parent_path());
    std::ofstream(home() / name) << text;
    ::chmod((home() / name).c_str(), 0600);
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream in(home() / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void make_folder(const std::string& name, int messages = 0) const {
    for (const char* part : {"cur", "new", "tmp"}) std::filesystem::create_directories(home() / name / part);
    for (int n = 0; n < messages; ++n)
      write(name + "/cur/" + std::to_string(n) + ".host:2,S", "Subject: " + std::to_string(n) + "\n\n");
  }
  /// "LINE: message" of each.
  static std::vector<std::string> lines_of(const std::vector<Note>& notes) {
    std::vector<std::string> lines;
    for (const auto& note : notes) lines.push_back(std::to_string(note.line) + ": " + note.message);
    return lines;
  }

  server::testing::TemporaryDirectory folder_;
  Environment environment_;
};

}  // namespace mailmirror::daemon::migration::testing
