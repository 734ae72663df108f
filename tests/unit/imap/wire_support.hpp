// What the parser's tests share: feeding it in pieces, and events as lines that can be compared and read.
#pragma once

#include "imap/wire/parser.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::imap::wire {

/// One line that shows every field that is set ("fetch 3 uid=7 flags=\Seen body").
std::string describe(const Response& response);

struct Outcome {
  /// A streamed body is one line, however many pieces it came in: "body 3 uid=7 size=5 [hello]".
  std::vector<std::string> events;
  /// "" or the error's words; nothing follows an error.
  std::string error;
  /// Bytes that are left over, of a response that isn't complete.
  bool incomplete = false;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Feeds `input` in pieces that end at `cuts` (ascending), asking for events after each piece.
Outcome parse_cut_at(std::string_view input, const std::vector<std::size_t>& cuts, Limits limits = {});
Outcome parse_at_once(std::string_view input, Limits limits = {});
Outcome parse_by_octets(std::string_view input, Limits limits = {});

/// The one response in `input`, described; "error: …" where it is none.
std::string parsed(std::string_view input);

/// The response itself. Fails the test (and returns a default) where `input` isn't exactly one response of type T.
Response the_response(std::string_view input);
template <class T>
T the(std::string_view input) {
  const auto response = the_response(input);
  return std::holds_alternative<T>(response) ? std::get<T>(response) : T{};
}

}  // namespace mailmirror::imap::wire
