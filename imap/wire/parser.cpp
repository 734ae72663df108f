#include "imap/wire/parser.hpp"

#include "imap/wire/fetch_parser.hpp"
#include "imap/wire/response_parser.hpp"
#include "imap/wire/scanner.hpp"
#include "sync/base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <limits>
#include <string>
#include <utility>

namespace mailmirror::imap::wire {
namespace {

/// Room that is kept from one response to the next; what a larger one needed is given back.
constexpr std::size_t kKept = 256 * 1024;

/// Bytes between reading and taking. What was handed out stays where it is until the next `prepare`.
class ReadBuffer {
 public:
  /// `usual`: what it seldom has to hold more than.
  explicit ReadBuffer(std::size_t usual) : usual_(usual) {}

  std::span<std::byte> prepare(std::size_t size) {
    if (begin_ == end_) {
      begin_ = end_ = 0;
      if (room_ > kKept && size <= kKept) move_to(0);
    }
    if (room_ - end_ < size && begin_ > 0) {
      std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (room_ - end_ < size) move_to(std::max(end_ + size, std::min(2 * room_, usual_)));
    return {bytes_.get() + end_, room_ - end_};
  }
  void commit(std::size_t size) { end_ += size; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] std::string_view view() const { return {reinterpret_cast<const char*>(bytes_.get()) + begin_, size()}; }
  std::span<const std::byte> take(std::size_t size) {
    const std::span<const std::byte> piece(bytes_.get() + begin_, size);
    begin_ += size;
    return piece;
  }

 private:
  void move_to(std::size_t room) {
    auto bytes = std::make_unique_for_overwrite<std::byte[]>(room);
    std::copy_n(bytes_.get(), end_, bytes.get());
    bytes_ = std::move(bytes);
    room_ = room;
  }

  std::size_t usual_;
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t room_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// RFC 9051 §9 counts literals with 63 bits.
constexpr std::uint64_t kLargestBody = std::numeric_limits<std::int64_t>::max();

/// A line that ends with "{n}", "{n+}": n octets follow before the response goes on. An n that doesn't fit is an n above all
/// limits.
struct LiteralHead {
  std::uint64_t size;
  std::size_t brace;  ///< where "{" stands in the line
};

std::optional<LiteralHead> literal_at_end(std::string_view line) {
  if (!line.ends_with('}')) return std::nullopt;
  const auto brace = line.rfind('{');
  if (brace == std::string_view::npos) return std::nullopt;
  auto digits = line.substr(brace + 1, line.size() - brace - 2);
  if (digits.ends_with('+')) digits.remove_suffix(1);
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), ascii::is_digit)) return std::nullopt;
  std::uint64_t size = 0;
  for (const char c : digits) {
    if (size > kLargestBody / 10) return LiteralHead{std::numeric_limits<std::uint64_t>::max(), brace};
    size = size * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return LiteralHead{size, brace};
}

}  // namespace

class ResponseParser::Machine {
 public:
  explicit Machine(Limits limits) : buffer(limits.memory), limits_(limits) {}

  ReadBuffer buffer;
  NameEncoding names = NameEncoding::modified_utf7;

  Result<std::optional<Event>> next() {
    while (true) {
      if (state_ == State::failed) return broken("it was given up before");
      if (!ready_.empty()) {
        auto event = std::move(ready_.front());
        ready_.pop_front();
        return std::optional<Event>(std::move(event));
      }
      // Its last event went out, and with the call that asks for the next one it may go.
      std::string().swap(inline_body_);
      auto step = state_ == State::line ? take_line() : state_ == State::literal ? take_literal() : take_body();
      if (!step) {
        state_ = State::failed;
        return step.error();
      }
      if (*step == Step::starved) return std::optional<Event>();
    }
  }

 private:
  enum class State { line, literal, body, failed };
  enum class Step { made, starved };

  static Error broken(std::string words) {
    return fail(ErrorKind::protocol, "the server sent something that isn't IMAP: " + std::move(words));
  }

  static Error too_large(std::string_view what, std::size_t most) {
    return fail(ErrorKind::protocol, fmt::format("the server's answer is too large: a {} of more than {} octets", what, most));
  }

  Result<Step> take_line() {
    const auto view = buffer.view();
    const auto end = view.find('\n', searched_);
    // An unfinished line counts as much of it as is there: the pieces in which it comes make no difference.
    if (text_.size() + std::min(end, view.size()) > limits_.memory) return too_large("response", limits_.memory);
    if (end == std::string_view::npos) {
      searched_ = view.size();
      return Step::starved;
    }
    auto line = view.substr(0, end);
    while (line.ends_with('\r')) line.remove_suffix(1);
    // An empty line is nothing, except as the end of a response's last literal.
    const auto done = line.empty() && text_.empty() ? ok() : add_line(line);
    searched_ = 0;
    buffer.take(end + 1);
    if (!done) return done.error();
    return Step::made;
  }

  /// Grows like a string, but not beyond what it may hold.
  void add_text(std::string_view bytes) {
    const auto size = text_.size() + bytes.size();
    if (size > text_.capacity()) {
      std::string larger;
      larger.reserve(std::max(size, std::min(2 * text_.capacity(), limits_.memory)));
      larger += text_;
      text_ = std::move(larger);
    }
    text_ += bytes;
  }

  Result<void> add_line(std::string_view line) {
    const auto head = literal_at_end(line);
    // A tagged or status response has no literals: "{n}" at its end is text.
    if (!head || !may_hold_literals(line)) {
      if (text_.empty()) return finish_response(line);
      add_text(line);
      return finish_response(text_);
    }
    add_text(line.substr(0, head->brace));
    try {
      if (const auto fetch = announced_body(text_, rules())) return begin_body(*fetch, head->size);
    } catch (const SyntaxError& error) {
      return broken(error.words);
    }
    if (head->size > limits_.literal) return too_large("string", limits_.literal);
    if (text_.size() + head->size > limits_.memory) return too_large("response", limits_.memory);
    add_text(fmt::format("{{{}}}\r\n", head->size));
    left_ = head->size;
    state_ = State::literal;
    return ok();
  }

  [[nodiscard]] bool may_hold_literals(std::string_view line) const {
    const auto start = text_.empty() ? line : std::string_view(text_);
    if (!start.starts_with('*')) return false;
    Scanner in(start.substr(1));
    in.skip_spaces();
    const auto word = in.word();
    for (const auto* status : {"OK", "NO", "BAD", "BYE", "PREAUTH"})
      if (ascii::equal_ignoring_case(word, status)) return false;
    return true;
  }

  Result<void> begin_body(const FetchHead& fetch, std::uint64_t size) {
    if (streamed_ == StreamedBody::yes) return broken("a FETCH with two bodies");
    if (size > kLargestBody) return broken("a body of an impossible size");
    ready_.emplace_back(BodyBegin{fetch.sequence, fetch.uid, size});
    add_text("{0}\r\n");
    left_ = size;
    streamed_ = StreamedBody::yes;
    state_ = State::body;
    return ok();
  }

  Result<Step> take_literal() {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, buffer.size()));
    add_text(buffer.view().substr(0, size));
    buffer.take(size);
    left_ -= size;
    if (left_ > 0) return Step::starved;
    state_ = State::line;
    return Step::made;
  }

  Result<Step> take_body() {
    if (left_ > 0 && buffer.size() == 0) return Step::starved;
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, buffer.size()));
    if (size > 0) ready_.emplace_back(BodyData{buffer.take(size)});
    left_ -= size;
    if (left_ == 0) {
      ready_.emplace_back(BodyEnd{});
      state_ = State::line;
    }
    return Step::made;
  }

  [[nodiscard]] ScanRules rules() const {
    return {.depth = limits_.depth, .names = names, .memory = limits_.memory};
  }

  Result<void> finish_response(std::string_view text) {
    const auto streamed = std::exchange(streamed_, StreamedBody::no);
    auto rest = rules();
    rest.memory -= std::min(text.size(), rest.memory);
    try {
      auto parsed = parse_response(text, streamed, rest);
      forget_text();
      if (parsed.inline_body) announce_inline(std::get<Fetch>(parsed.response), std::move(*parsed.inline_body));
      ready_.emplace_back(std::move(parsed.response));
      return ok();
    } catch (const SyntaxError& error) {
      return broken(error.words);
    } catch (const TooLarge& error) {
      return fail(ErrorKind::protocol, fmt::format("the server's answer is too large: {}", error.words));
    }
  }

  void forget_text() {
    text_.clear();
    if (text_.capacity() > kKept) std::string().swap(text_);
  }

  void announce_inline(const Fetch& fetch, std::string body) {
    inline_body_ = std::move(body);
    ready_.emplace_back(BodyBegin{fetch.sequence, fetch.uid, inline_body_.size()});
    if (!inline_body_.empty()) ready_.emplace_back(BodyData{std::as_bytes(std::span(inline_body_))});
    ready_.emplace_back(BodyEnd{});
  }

  Limits limits_;
  State state_ = State::line;
  std::string text_;
  StreamedBody streamed_ = StreamedBody::no;
  std::uint64_t left_ = 0;
  std::size_t searched_ = 0;
  std::string inline_body_;
  std::deque<Event> ready_;
};

ResponseParser::ResponseParser(Limits limits) : machine_(std::make_unique<Machine>(limits)) {}
ResponseParser::~ResponseParser() = default;
ResponseParser::ResponseParser(ResponseParser&&) noexcept = default;
ResponseParser& ResponseParser::operator=(ResponseParser&&) noexcept = default;

std::span<std::byte> ResponseParser::prepare(std::size_t size) {
  return machine_->buffer.prepare(size);
}
void ResponseParser::commit(std::size_t size) {
  machine_->buffer.commit(size);
}
Result<std::optional<Event>> ResponseParser::next() {
  return machine_->next();
}
void ResponseParser::expect_names_in(NameEncoding encoding) {
  machine_->names = encoding;
}
std::size_t ResponseParser::buffered() const {
  return machine_->buffer.size();
}

}  // namespace mailmirror::imap::wire
