// Messages of every odd shape, from a seed.
#pragma once

#include "tests/support/harness.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::testing {

enum class Shape : std::uint8_t {
  plain,             ///< a few short lines
  eight_bit,         ///< raw 8-bit bytes in header and body
  no_final_newline,  ///< the last line has no end
  lone_dots,         ///< lines of just dots
  odd_headers,       ///< folded, repeated, empty and malformed ones; no Message-ID
  empty_body,        ///< header, the empty line, no more
  header_only,       ///< not even the empty line
  long_lines,        ///< one of 64 KiB
  multipart,         ///< nested parts with base64
  large,             ///< a few MiB
};
inline constexpr Shape kAllShapes[] = {Shape::plain,       Shape::eight_bit,  Shape::no_final_newline, Shape::lone_dots,
                                       Shape::odd_headers, Shape::empty_body, Shape::header_only,      Shape::long_lines,
                                       Shape::multipart,   Shape::large};

/// The same seed gives the same messages on every machine. Every message is unlike all others of any seed.
class MessageGenerator {
 public:
  explicit MessageGenerator(std::uint64_t seed) : engine_(seed), seed_(seed) {}

  /// LF line ends, as a file has them.
  std::string file(Shape shape);
  /// CRLF line ends, as the wire has them.
  std::string wire(Shape shape);
  /// A plain message of about that many bytes, with LF.
  std::string file_of_size(std::size_t bytes);
  /// Uniform in [0, bound).
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }

 private:
  std::string headers(std::string_view subject);
  std::string words(std::size_t bytes);

  std::mt19937_64 engine_;
  std::uint64_t seed_;
  std::uint64_t count_ = 0;
};

/// The real messages of tests/data/messages, with the line ends they have; empty where there are none.
std::vector<std::string> real_messages(std::size_t at_most);

}  // namespace mailmirror::testing
