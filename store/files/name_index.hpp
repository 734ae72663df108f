// The names of a folder's files, sorted and packed: about 100 bytes a message, most of it the name itself.
#pragma once

#include "store/files/maildir.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::store {

/// Filled by `add`, then `sort`ed once, then looked into. No I/O.
class NameIndex {
 public:
  /// A name as a listing shows it; what can't be a message's is passed over (dot files, an empty unique part).
  void add(std::string_view name, Place place);
  void sort();

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] MaildirFile file(std::size_t at) const;
  [[nodiscard]] std::string_view unique(std::size_t at) const;
  /// The first entry with this unique part, or whatever follows its place; `size()` at the end.
  [[nodiscard]] std::size_t lower_bound(std::string_view unique) const;
  [[nodiscard]] bool contains(std::string_view unique) const;

 private:
  struct Entry {
    std::uint64_t offset;
    std::uint16_t length;
    std::uint16_t unique_length;
    Place place;
  };

  [[nodiscard]] std::string_view unique_of(const Entry& entry) const {
    return std::string_view(names_).substr(entry.offset, entry.unique_length);
  }

  std::string names_;
  std::vector<Entry> entries_;
};

}  // namespace mailmirror::store
