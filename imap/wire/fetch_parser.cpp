#include "imap/wire/fetch_parser.hpp"

#include "imap/wire/date_time.hpp"
#include "sync/base/ascii.hpp"

namespace mailmirror::imap::wire {
namespace {

bool names_whole_body(std::string_view item) {
  return ascii::equal_ignoring_case(item, "BODY[]") || ascii::equal_ignoring_case(item, "BODY[]<0>") ||
         ascii::equal_ignoring_case(item, "RFC822");
}

/// "* 12 FETCH (": the number in it; the parenthesis is taken. nullopt: another response.
std::optional<FetchHead> head_from(Scanner& in) {
  FetchHead head;
  in.take('*');
  in.skip_spaces();
  if (!ascii::is_digit(in.peek())) return std::nullopt;
  const auto number = in.number32();
  in.skip_spaces();
  const auto word = in.word();
  if (ascii::equal_ignoring_case(word, "UIDFETCH"))
    head.uid = Uid{number};
  else if (ascii::equal_ignoring_case(word, "FETCH"))
    head.sequence = number;
  else
    return std::nullopt;
  in.skip_spaces();
  in.expect('(');
  return head;
}

class FetchParser {
 public:
  FetchParser(Scanner& in, StreamedBody streamed) : in_(in), streamed_(streamed) {}

  ParsedFetch run() {
    in_.expect('(');
    // Domino sends parentheses of its own around items.
    std::size_t open = 1;
    while (open > 0) {
      in_.skip_spaces();
      if (in_.take('('))
        ++open;
      else if (in_.take(')'))
        --open;
      else
        item();
    }
    if (streamed_ == StreamedBody::yes && !parsed_.fetch.has_body) throw SyntaxError{"a body that isn't an item of its FETCH"};
    return std::move(parsed_);
  }

 private:
  template <class Read>
  auto wrapped(Read read) {
    in_.expect('(');
    in_.skip_spaces();
    auto value = read();
    in_.skip_spaces();
    in_.expect(')');
    return value;
  }

  void item() {
    const auto word = in_.bracketed_word();
    in_.reserve(word.size());
    const auto name = ascii::to_upper(word);
    if (name.empty()) throw SyntaxError{"an item expected in FETCH"};
    in_.skip_spaces();
    auto& fetch = parsed_.fetch;
    if (name == "UID")
      uid();
    else if (name == "FLAGS")
      fetch.flags = in_.flag_list().flags;
    else if (name == "MODSEQ")
      fetch.mod_seq = wrapped([this] { return in_.mod_seq(); });
    else if (name == "RFC822.SIZE")
      fetch.size = in_.number();
    else if (name == "INTERNALDATE")
      date();
    else if (name == "EMAILID")
      fetch.email_id = wrapped([this] { return in_.astring(); });
    else if (name == "X-GM-MSGID")
      fetch.gm_msgid = in_.number();
    else if (names_whole_body(name))
      body();
    else if (name.starts_with("BODY[") || name.starts_with("BINARY[") || name == "RFC822.HEADER" || name == "RFC822.TEXT")
      section(name);
    else
      in_.skip_value();
  }

  /// Some servers send UID 0: no message's.
  void uid() {
    const Uid uid{in_.number32()};
    if (uid != Uid{}) parsed_.fetch.uid = uid;
  }

  void date() {
    const auto text = in_.nstring();
    if (text) parsed_.fetch.internal_date = parse_date_time(*text);
  }

  /// NIL, or nothing at all (seen on Yandex): there is no body.
  void body() {
    if (in_.peek() == ')' || in_.at_end()) return;
    auto text = in_.nstring();
    if (!text) return;
    parsed_.fetch.has_body = true;
    if (streamed_ == StreamedBody::no) parsed_.inline_body = std::move(*text);
  }

  void section(const std::string& name) {
    const auto open = name.find('[');
    const auto inner = open == std::string::npos ? name : name.substr(open + 1, name.rfind(']') - open - 1);
    in_.reserve_item<Section>(2 * name.size());
    parsed_.fetch.sections.push_back({inner, in_.nstring().value_or("")});
  }

  Scanner& in_;
  StreamedBody streamed_;
  ParsedFetch parsed_;
};

}  // namespace

ParsedFetch parse_fetch(Scanner& in, StreamedBody streamed) {
  return FetchParser(in, streamed).run();
}

std::optional<FetchHead> announced_body(std::string_view text, const ScanRules& rules) {
  if (text.ends_with('~')) text.remove_suffix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  if (!names_whole_body(text.substr(text.find_last_of(" (") + 1))) return std::nullopt;
  Scanner in(text, rules);
  auto head = head_from(in);
  if (!head) return std::nullopt;
  while (true) {
    do in.skip_spaces();
    while (in.take('(') || in.take(')'));
    const auto name = in.bracketed_word();
    if (name.empty()) throw SyntaxError{"a body that isn't an item of its FETCH"};
    if (in.at_end()) return head;
    in.skip_spaces();
    if (ascii::equal_ignoring_case(name, "UID")) {
      const Uid uid{in.number32()};
      if (uid != Uid{}) head->uid = uid;
    } else {
      in.skip_value();
    }
  }
}

}  // namespace mailmirror::imap::wire
