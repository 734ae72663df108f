// What the tests of store/files share: a Maildir in a temporary directory, bytes, fixed chance.
#pragma once

#include "store/files/maildir.hpp"
#include "store/files/real_disk.hpp"
#include "sync/base/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::store {

namespace fs = std::filesystem;

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

inline std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("no file " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_text(const fs::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  if (!file.flush()) throw std::runtime_error("can't write " + path.string());
}

/// The names in a directory, sorted.
inline std::vector<std::string> names_in(const fs::path& path) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(path)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

/// The same numbers in every run.
class FixedRandom final : public Random {
 public:
  void fill(std::span<std::byte> bytes) override {
    for (auto& byte : bytes) byte = static_cast<std::byte>(engine_());
  }

 private:
  std::mt19937 engine_{1};
};

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    auto name = (fs::temp_directory_path() / "mailmirror-files-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// A root with one folder INBOX.
class MaildirTest : public testing::Test {
 protected:
  MaildirFolder folder_of(const std::string& directory) { return MaildirFolder::create(disk, root(), directory).value(); }
  [[nodiscard]] const fs::path& root() const { return temporary.path(); }
  [[nodiscard]] fs::path inbox(std::string_view name = "") const { return root() / "INBOX" / name; }

  TemporaryDirectory temporary;
  RealDisk disk;
  FixedRandom random;
  MaildirFolder folder = folder_of("INBOX");
};

inline MaildirFile in_cur(std::string unique, std::string letters = "") {
  return {std::move(unique), std::move(letters), Place::cur, true};
}
inline MaildirFile in_new(std::string unique) {
  return {std::move(unique), "", Place::new_, false};
}

}  // namespace mailmirror::store
