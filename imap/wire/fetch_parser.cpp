#include "imap/wire/fetch_parser.hpp"

#include "imap/wire/date_time.hpp"
#include "sync/base/ascii.hpp"

namespace mailmirror::imap::wire {
namespace {

class FetchParser {
 public:
  FetchParser(Scanner& in, StreamedBody streamed) : in_(in), streamed_(streamed) {}

  ParsedFetch run() {
    in_.expect('(');
    for (in_.skip_spaces(); !in_.take(')'); in_.skip_spaces()) {
      const auto name = ascii::to_upper(in_.bracketed_word());
      if (name.empty()) throw SyntaxError{"an item expected in FETCH"};
      in_.skip_spaces();
      item(name);
    }
    return std::move(parsed_);
  }

 private:
  template <class Read>
  auto wrapped(Read read) {
    in_.expect('(');
    auto value = read();
    in_.expect(')');
    return value;
  }

  void item(const std::string& name) {
    auto& fetch = parsed_.fetch;
    if (name == "UID") uid();
    else if (name == "FLAGS") fetch.flags = in_.flag_list().flags;
    else if (name == "MODSEQ") fetch.mod_seq = wrapped([this] { return in_.mod_seq(); });
    else if (name == "RFC822.SIZE") fetch.size = in_.number();
    else if (name == "INTERNALDATE") date();
    else if (name == "EMAILID") fetch.email_id = wrapped([this] { return in_.astring(); });
    else if (name == "X-GM-MSGID") fetch.gm_msgid = in_.number();
    else if (names_whole_body(name)) body();
    else if (name.starts_with("BODY[") || name.starts_with("BINARY[") || name == "RFC822.HEADER" || name == "RFC822.TEXT") section(name);
    else in_.skip_value();
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
    parsed_.fetch.sections.push_back({inner, in_.nstring().value_or("")});
  }

  Scanner& in_;
  StreamedBody streamed_;
  ParsedFetch parsed_;
};

}  // namespace

ParsedFetch parse_fetch(Scanner& in, StreamedBody streamed) { return FetchParser(in, streamed).run(); }

bool names_whole_body(std::string_view item) {
  return ascii::equal_ignoring_case(item, "BODY[]") || ascii::equal_ignoring_case(item, "BODY[]<0>") || ascii::equal_ignoring_case(item, "RFC822");
}

}  // namespace mailmirror::imap::wire
