// A disk that passes everything on to another one, but for what a test makes it do.
#pragma once

#include "store/files/disk.hpp"

#include <cerrno>
#include <functional>
#include <string>

namespace mailmirror::store {

/// Asked before each operation ("list", "rename", "link", "sync", "append", …) on an entry; an errno value makes it fail with that,
/// 0 lets it pass. It may do other things meanwhile, as another program would.
using Meddle = std::function<int(const std::string& operation, const std::filesystem::path& path)>;

class FaultyFile final : public File {
 public:
  FaultyFile(std::unique_ptr<File> file, const Meddle& meddle, std::filesystem::path path)
      : file_(std::move(file)), meddle_(meddle), path_(std::move(path)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> into) override {
    if (const int number = meddle_("read", path_)) return error_from_errno(number, "read");
    return file_->read_at(offset, into);
  }
  Result<void> append(std::span<const std::byte> bytes) override {
    if (const int number = meddle_("append", path_)) return error_from_errno(number, "append");
    return file_->append(bytes);
  }
  Result<void> sync() override {
    if (const int number = meddle_("sync", path_)) return error_from_errno(number, "sync");
    return file_->sync();
  }
  Result<void> set_mtime(std::chrono::sys_seconds time) override { return file_->set_mtime(time); }
  [[nodiscard]] Result<FileStamp> stamp() const override { return file_->stamp(); }

 private:
  std::unique_ptr<File> file_;
  const Meddle& meddle_;
  std::filesystem::path path_;
};

class FaultyDirectory final : public Directory {
 public:
  FaultyDirectory(std::unique_ptr<Directory> directory, const Meddle& meddle) : directory_(std::move(directory)), meddle_(meddle) {}

  [[nodiscard]] const std::filesystem::path& path() const override { return directory_->path(); }

  [[nodiscard]] Result<std::unique_ptr<Directory>> open_directory(std::string_view name) const override {
    if (const int number = ask("open", name)) return error_from_errno(number, "open");
    auto opened = directory_->open_directory(name);
    MAILMIRROR_TRY(opened);
    return std::unique_ptr<Directory>(std::make_unique<FaultyDirectory>(std::move(*opened), meddle_));
  }
  [[nodiscard]] Result<std::unique_ptr<File>> open_read(std::string_view name) const override {
    if (const int number = ask("open", name)) return error_from_errno(number, "open");
    return wrapped(directory_->open_read(name), name);
  }
  [[nodiscard]] Result<std::unique_ptr<File>> create_exclusive(std::string_view name) const override {
    if (const int number = ask("create", name)) return error_from_errno(number, "create");
    return wrapped(directory_->create_exclusive(name), name);
  }
  Result<void> make_directory(std::string_view name) const override {
    if (const int number = ask("make", name)) return error_from_errno(number, "make");
    return directory_->make_directory(name);
  }
  Result<void> list(const std::function<void(std::string_view name, EntryKind kind)>& visit) const override {
    if (const int number = meddle_("list", path())) return error_from_errno(number, "list " + path().string());
    return directory_->list([&](std::string_view name, EntryKind kind) {
      if (ask("see", name) == 0) visit(name, kind);
    });
  }
  [[nodiscard]] Result<FileStamp> stamp(std::string_view name) const override {
    if (const int number = ask("stamp", name)) return error_from_errno(number, "stamp");
    return directory_->stamp(name);
  }
  [[nodiscard]] Result<FileStamp> stamp() const override { return directory_->stamp(); }
  Result<void> rename_noreplace(std::string_view from, const Directory& to, std::string_view to_name) const override {
    if (const int number = ask("rename", from)) return failed("rename", number);
    return directory_->rename_noreplace(from, inner(to), to_name);
  }
  Result<void> rename_replace(std::string_view from, const Directory& to, std::string_view to_name) const override {
    if (const int number = ask("replace", from)) return failed("replace", number);
    return directory_->rename_replace(from, inner(to), to_name);
  }
  Result<void> link(std::string_view from, const Directory& to, std::string_view to_name) const override {
    if (const int number = ask("link", from)) return failed("link", number);
    return directory_->link(from, inner(to), to_name);
  }
  Result<void> unlink(std::string_view name) const override {
    if (const int number = ask("unlink", name)) return error_from_errno(number, "unlink");
    return directory_->unlink(name);
  }
  Result<void> remove_directory(std::string_view name) const override { return directory_->remove_directory(name); }
  Result<void> sync() const override {
    if (const int number = meddle_("sync", path())) return error_from_errno(number, "sync");
    return directory_->sync();
  }
  [[nodiscard]] Result<std::uint64_t> free_space() const override { return directory_->free_space(); }

 private:
  static const Directory& inner(const Directory& directory) { return *dynamic_cast<const FaultyDirectory&>(directory).directory_; }

  static Error failed(std::string_view what, int number) {
    return number == EXDEV ? fail(ErrorKind::unsupported, std::string(what)) : error_from_errno(number, what);
  }

  [[nodiscard]] int ask(const std::string& operation, std::string_view name) const { return meddle_(operation, path() / name); }

  [[nodiscard]] Result<std::unique_ptr<File>> wrapped(Result<std::unique_ptr<File>> file, std::string_view name) const {
    MAILMIRROR_TRY(file);
    return std::unique_ptr<File>(std::make_unique<FaultyFile>(std::move(*file), meddle_, path() / name));
  }

  std::unique_ptr<Directory> directory_;
  const Meddle& meddle_;
};

class FaultyDisk final : public Disk {
 public:
  explicit FaultyDisk(Disk& disk) : disk_(disk) {}

  Meddle meddle = [](const std::string&, const std::filesystem::path&) { return 0; };

  [[nodiscard]] Result<std::unique_ptr<Directory>> open_root(const std::filesystem::path& path) override {
    if (const int number = meddle("open", path)) return error_from_errno(number, "open");
    auto opened = disk_.open_root(path);
    MAILMIRROR_TRY(opened);
    return std::unique_ptr<Directory>(std::make_unique<FaultyDirectory>(std::move(*opened), meddle));
  }
  Result<void> make_root(const std::filesystem::path& path) override { return disk_.make_root(path); }

 private:
  Disk& disk_;
};

}  // namespace mailmirror::store
