// CRLF on the wire, LF in files: both ways, piece by piece. Pure, no I/O.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace mailmirror::store {

/// Wire form to file form, as long as every CR and LF of it stand together.
class ToFileForm {
 public:
  /// Appends the file form of `wire` to `out` and returns how many bytes were taken. Fewer than all: what follows them shows that
  /// the bytes so far end in a bare CR (then `holds_cr()`), or begins with a bare LF or CR; the message can't be converted.
  std::size_t convert(std::span<const std::byte> wire, std::vector<std::byte>& out);

  /// A CR was taken whose LF didn't come so far. At the message's end: a bare one.
  [[nodiscard]] bool holds_cr() const { return holds_cr_; }

 private:
  bool holds_cr_ = false;
};

/// File form to wire form: an LF with no CR before it becomes CRLF, all else stays.
class ToWireForm {
 public:
  void convert(std::span<const std::byte> file, std::vector<std::byte>& out);

 private:
  bool after_cr_ = false;
};

}  // namespace mailmirror::store
