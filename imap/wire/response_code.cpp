#include "imap/wire/response_code.hpp"

#include "sync/base/ascii.hpp"

#include <algorithm>
#include <array>

namespace mailmirror::imap::wire {
namespace {

constexpr std::size_t kMostUids = 1'000'000;

UidSet uid_set_or_empty(Scanner& in) {
  in.skip_spaces();
  return in.uid_set().value_or(UidSet{});
}

/// COPYUID pairs its two sets in order, so "3,1" isn't "1,3".
std::vector<Uid> uid_list(Scanner& in) {
  in.skip_spaces();
  std::vector<Uid> uids;
  auto text = in.until_any(" ]");
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto range = UidSet::parse(text.substr(0, comma));
    if (!range || uids.size() + range->size() > kMostUids) return {};
    in.reserve(static_cast<std::size_t>(range->size()) * 2 * sizeof(Uid));
    range->for_each([&](Uid uid) { uids.push_back(uid); });
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return uids;
}

CapabilityNames capability_names(Scanner& in) {
  CapabilityNames names;
  for (in.skip_spaces(); !in.at_end() && in.peek() != ']'; in.skip_spaces()) {
    const auto name = in.until_any(" ]");
    in.reserve_item<std::string>(name.size());
    names.push_back(ascii::to_upper(name));
  }
  return names;
}

/// "1000 23221", the UID being optional (RFC 9738 §3).
MessageLimit message_limit(Scanner& in) {
  MessageLimit limit;
  limit.messages = in.number32();
  in.skip_spaces();
  if (in.peek() != ']') {
    const Uid uid{in.number32()};
    if (uid != Uid{}) limit.lowest_done = uid;
  }
  return limit;
}

std::optional<std::uint32_t> number_or_nil(Scanner& in) {
  in.skip_spaces();
  if (ascii::is_digit(in.peek())) return in.number32();
  in.until_any(" )]");
  return std::nullopt;
}

/// "(\"tag\" 454 1000)", each part possibly NIL, all of it optional (RFC 9585 §4).
InProgress in_progress(Scanner& in) {
  InProgress progress;
  if (!in.take('(')) return progress;
  progress.tag = in.nstring().value_or("");
  progress.done = number_or_nil(in);
  progress.goal = number_or_nil(in);
  in.expect(')');
  return progress;
}

bool holds_number(std::string_view name) {
  constexpr std::array<std::string_view, 5> kNames{"UIDNEXT", "UIDVALIDITY", "UNSEEN", "HIGHESTMODSEQ", "APPENDLIMIT"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

void parse_value(Scanner& in, ResponseCode& code) {
  in.skip_spaces();
  if (code.name == "CAPABILITY") {
    code.value = capability_names(in);
  } else if (code.name == "PERMANENTFLAGS") {
    const auto list = in.flag_list();
    code.value = PermanentFlags{list.flags, list.any_keyword};
  } else if (code.name == "APPENDUID") {
    const UidValidity validity{in.number32()};
    code.value = AppendUid{validity, uid_set_or_empty(in)};
  } else if (code.name == "COPYUID") {
    const UidValidity validity{in.number32()};
    auto from = uid_list(in);
    code.value = CopyUid{validity, std::move(from), uid_list(in)};
  } else if (code.name == "MESSAGELIMIT") {
    code.value = message_limit(in);
  } else if (code.name == "INPROGRESS") {
    code.value = in_progress(in);
  } else if (holds_number(code.name)) {
    code.value = in.number();
  } else if (in.peek() != ']') {
    code.value = std::string(in.until_any("]"));
  }
}

}  // namespace

std::pair<std::optional<ResponseCode>, std::string> parse_status_text(Scanner& in) {
  // Its words go to the code or to the text.
  in.reserve(in.rest().size());
  if (in.peek() != '[') return {std::nullopt, std::string(in.take_rest())};
  const auto all = in.rest();
  try {
    in.expect('[');
    ResponseCode code;
    code.name = ascii::to_upper(in.until_any(" ]"));
    parse_value(in, code);
    in.until_any("]");
    in.expect(']');
    in.skip_spaces();
    return {std::move(code), std::string(in.take_rest())};
  } catch (const SyntaxError&) {
    in.take_rest();
    return {std::nullopt, std::string(all)};
  }
}

}  // namespace mailmirror::imap::wire
