// The machine's directories and files: a descriptor each.
#pragma once

#include "store/files/disk.hpp"

#include <unistd.h>

#include <utility>

namespace mailmirror::store {

/// Owns a file descriptor; -1: none.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;

  [[nodiscard]] int get() const { return number_; }
  /// The caller closes it.
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

class RealFile final : public File {
 public:
  RealFile(Descriptor descriptor, std::filesystem::path path) : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> into) override;
  Result<void> append(std::span<const std::byte> bytes) override;
  Result<void> sync() override;
  Result<void> set_mtime(std::chrono::sys_seconds time) override;
  [[nodiscard]] Result<FileStamp> stamp() const override;

 private:
  Descriptor descriptor_;
  std::filesystem::path path_;
};

class RealDirectory final : public Directory {
 public:
  RealDirectory(Descriptor descriptor, std::filesystem::path path) : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  [[nodiscard]] const std::filesystem::path& path() const override { return path_; }
  [[nodiscard]] Result<std::unique_ptr<Directory>> open_directory(std::string_view name) const override;
  [[nodiscard]] Result<std::unique_ptr<File>> open_read(std::string_view name) const override;
  [[nodiscard]] Result<std::unique_ptr<File>> create_exclusive(std::string_view name) const override;
  Result<void> make_directory(std::string_view name) const override;
  Result<void> list(const std::function<void(std::string_view name, EntryKind kind)>& visit) const override;
  [[nodiscard]] Result<FileStamp> stamp(std::string_view name) const override;
  [[nodiscard]] Result<FileStamp> stamp() const override;
  Result<void> rename_noreplace(std::string_view from, const Directory& to, std::string_view to_name) const override;
  Result<void> rename_replace(std::string_view from, const Directory& to, std::string_view to_name) const override;
  Result<void> link(std::string_view from, const Directory& to, std::string_view to_name) const override;
  Result<void> unlink(std::string_view name) const override;
  Result<void> remove_directory(std::string_view name) const override;
  Result<void> sync() const override;
  [[nodiscard]] Result<std::uint64_t> free_space() const override;

 private:
  enum class Unlink { file, directory };

  [[nodiscard]] Error error(std::string_view what, std::string_view name) const;
  [[nodiscard]] Result<Descriptor> open_at(std::string_view name, int flags) const;
  Result<void> unlink_at(std::string_view name, Unlink what) const;
  /// Where the file system has no RENAME_NOREPLACE.
  Result<void> rename_by_link(std::string_view from, const RealDirectory& to, std::string_view to_name) const;
  Result<void> settle_taken_name(std::string_view from, const RealDirectory& to, std::string_view to_name) const;

  Descriptor descriptor_;
  std::filesystem::path path_;
};

}  // namespace mailmirror::store
