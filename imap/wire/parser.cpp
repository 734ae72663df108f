#include "imap/wire/parser.hpp"

#include "imap/wire/fetch_parser.hpp"
#include "imap/wire/response_parser.hpp"
#include "imap/wire/scanner.hpp"
#include "sync/base/ascii.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace mailmirror::imap::wire {
namespace {

/// Bytes between reading and taking. What was handed out stays where it is until the next `prepare`.
class ReadBuffer {
 public:
  std::span<std::byte> prepare(std::size_t size) {
    if (begin_ == end_) begin_ = end_ = 0;
    if (bytes_.size() - end_ < size && begin_ > 0) {
      std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (bytes_.size() - end_ < size) bytes_.resize(end_ + size);
    return std::span(bytes_).subspan(end_);
  }
  void commit(std::size_t size) { end_ += size; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] std::string_view view() const { return {reinterpret_cast<const char*>(bytes_.data()) + begin_, size()}; }
  std::span<const std::byte> take(std::size_t size) {
    const std::span<const std::byte> piece(bytes_.data() + begin_, size);
    begin_ += size;
    return piece;
  }

 private:
  std::vector<std::byte> bytes_;
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
  explicit Machine(Limits limits) : limits_(limits) {}

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

  Result<Step> take_line() {
    const auto view = buffer.view();
    const auto end = view.find('\n', searched_);
    if (end == std::string_view::npos) {
      searched_ = view.size();
      if (view.size() > limits_.line) return broken("a line without an end");
      return Step::starved;
    }
    if (end > limits_.line) return broken("a line that is too long");
    auto line = view.substr(0, end);
    while (line.ends_with('\r')) line.remove_suffix(1);
    // An empty line is nothing, except as the end of a response's last literal.
    const auto done = line.empty() && text_.empty() ? ok() : add_line(line);
    searched_ = 0;
    buffer.take(end + 1);
    if (!done) return done.error();
    return Step::made;
  }

  Result<void> add_line(std::string_view line) {
    if (text_.size() + line.size() > limits_.response) return broken("a response that is too long");
    const auto head = literal_at_end(line);
    // A tagged or status response has no literals: "{n}" at its end is text.
    if (!head || !may_hold_literals(line)) {
      text_ += line;
      return finish_response();
    }
    text_ += line.substr(0, head->brace);
    try {
      if (const auto fetch = announced_body(text_, limits_.depth)) return begin_body(*fetch, head->size);
    } catch (const SyntaxError& error) {
      return broken(error.words);
    }
    if (head->size > limits_.literal || text_.size() + head->size > limits_.response) return broken("a literal that is too long");
    text_ += '{' + std::to_string(head->size) + "}\r\n";
    left_ = head->size;
    state_ = State::literal;
    return ok();
  }

  [[nodiscard]] bool may_hold_literals(std::string_view line) const {
    const auto start = text_.empty() ? line : std::string_view(text_);
    if (!start.starts_with('*')) return false;
    Scanner in(start.substr(1), limits_.depth);
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
    text_ += "{0}\r\n";
    left_ = size;
    streamed_ = StreamedBody::yes;
    state_ = State::body;
    return ok();
  }

  Result<Step> take_literal() {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, buffer.size()));
    text_ += buffer.view().substr(0, size);
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

  Result<void> finish_response() {
    const auto text = std::exchange(text_, {});
    const auto streamed = std::exchange(streamed_, StreamedBody::no);
    try {
      auto parsed = parse_response(text, streamed, limits_.depth, names);
      if (parsed.inline_body) announce_inline(std::get<Fetch>(parsed.response), std::move(*parsed.inline_body));
      ready_.emplace_back(std::move(parsed.response));
      return ok();
    } catch (const SyntaxError& error) {
      return broken(error.words);
    }
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
