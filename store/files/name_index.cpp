#include "store/files/name_index.hpp"

#include <algorithm>
#include <limits>

namespace mailmirror::store {

void NameIndex::add(std::string_view name, Place place) {
  const auto parts = split_name(name);
  const bool could_be_a_message =
      !parts.unique.empty() && name.front() != '.' && name.size() <= std::numeric_limits<std::uint16_t>::max();
  if (!could_be_a_message) return;
  entries_.push_back(
      {names_.size(), static_cast<std::uint16_t>(name.size()), static_cast<std::uint16_t>(parts.unique.size()), place});
  names_.append(name);
}

void NameIndex::sort() {
  // Of one unique part's names those in cur/ come first: a file goes from new/ to cur/, never back.
  std::sort(entries_.begin(), entries_.end(), [this](const Entry& a, const Entry& b) {
    const auto order = unique_of(a).compare(unique_of(b));
    if (order != 0) return order < 0;
    if (a.place != b.place) return a.place == Place::cur;
    return std::string_view(names_).substr(a.offset, a.length) < std::string_view(names_).substr(b.offset, b.length);
  });
}

MaildirFile NameIndex::file(std::size_t at) const {
  const auto& entry = entries_[at];
  const auto parts = split_name(std::string_view(names_).substr(entry.offset, entry.length));
  return {std::string(parts.unique), std::string(parts.letters), entry.place, parts.has_info};
}

std::string_view NameIndex::unique(std::size_t at) const {
  return unique_of(entries_[at]);
}

std::size_t NameIndex::lower_bound(std::string_view unique) const {
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), unique,
                                      [this](const Entry& entry, std::string_view wanted) { return unique_of(entry) < wanted; });
  return static_cast<std::size_t>(found - entries_.begin());
}

bool NameIndex::contains(std::string_view unique) const {
  const auto at = lower_bound(unique);
  return at < size() && unique_of(entries_[at]) == unique;
}

}  // namespace mailmirror::store
