// The disk as the program under test sees it: the tree of files, with the faults that a schedule puts in its way.
#pragma once

#include "tests/simulation/disk/file_tree.hpp"
#include "tests/simulation/planted_bug.hpp"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mailmirror::simulation {

class SimulatedDisk final : public store::Disk {
 public:
  SimulatedDisk(FileTree& tree, std::filesystem::path attic) : tree_(tree), attic_(std::move(attic)) {}

  [[nodiscard]] Result<std::unique_ptr<store::Directory>> open_root(const std::filesystem::path& path) override;
  Result<void> make_root(const std::filesystem::path& path) override;

  [[nodiscard]] FileTree& tree() { return tree_; }

  /// From now on every operation fails, and has no effect.
  void die() { dead_ = true; }
  void revive();
  /// Asked once before each operation; may do what other programs do meanwhile.
  std::function<void()> before_each;

  /// Told each operation, for traces.
  std::function<void(std::string_view what, const std::filesystem::path& path)> on_operation;

  std::uint32_t failing_operations = 0;  ///< so many fail with EIO
  bool full = false;                     ///< no byte, file or directory can be added
  PlantedBug bug = PlantedBug::none;

  /// What a message's file lost its last name for, other than through the attic: a broken promise.
  [[nodiscard]] const std::vector<std::string>& destroyed() const { return destroyed_; }

 private:
  friend class SimulatedDirectory;
  friend class SimulatedFile;

  enum class Effect : std::uint8_t { reads, adds, changes };
  /// Error: the operation fails here.
  std::optional<Error> enter(std::string_view what, const std::filesystem::path& path, Effect effect);

  FileTree& tree_;
  std::filesystem::path attic_;
  bool dead_ = false;
  std::vector<std::string> destroyed_;
};

}  // namespace mailmirror::simulation
