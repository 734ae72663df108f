#include "tests/unit/imap/wire_support.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <cstring>

namespace mailmirror::imap::wire {
namespace {

/// Adds " name=value" for what is set.
class Line {
 public:
  explicit Line(std::string start) : text_(std::move(start)) {}

  Line& field(std::string_view name, const std::string& value) {
    text_ += fmt::format(" {}={}", name, value);
    return *this;
  }
  template <class T>
  Line& maybe(std::string_view name, const std::optional<T>& value) {
    return value ? field(name, shown(*value)) : *this;
  }
  [[nodiscard]] std::string text() const { return text_; }

 private:
  static std::string shown(const std::string& value) { return value; }
  static std::string shown(const MailboxName& value) { return value.utf8(); }
  static std::string shown(const FlagSet& value) { return '(' + value.to_string() + ')'; }
  static std::string shown(const UidSet& value) { return value.to_string(); }
  static std::string shown(char value) { return {value}; }
  static std::string shown(std::chrono::sys_seconds value) { return std::to_string(value.time_since_epoch().count()); }
  template <class Number>
  static std::string shown(Number value) {
    if constexpr (requires { value.value(); })
      return std::to_string(value.value());
    else
      return std::to_string(value);
  }

  std::string text_;
};

std::string_view word(Condition condition) {
  constexpr std::string_view kWords[] = {"OK", "NO", "BAD", "PREAUTH", "BYE"};
  return kWords[static_cast<std::size_t>(condition)];
}

std::string uids(const std::vector<Uid>& list) {
  std::string text;
  for (const auto uid : list) text += (text.empty() ? "" : ",") + std::to_string(uid.value());
  return text;
}

struct CodeValue {
  std::string operator()(std::monostate) const { return ""; }
  std::string operator()(const CapabilityNames& names) const { return fmt::format(" {}", fmt::join(names, " ")); }
  std::string operator()(const AppendUid& v) const { return fmt::format(" {} {}", v.uid_validity.value(), v.uids.to_string()); }
  std::string operator()(const CopyUid& v) const {
    return fmt::format(" {} {}->{}", v.uid_validity.value(), uids(v.from), uids(v.to));
  }
  std::string operator()(std::uint64_t number) const { return fmt::format(" {}", number); }
  std::string operator()(const PermanentFlags& v) const {
    return fmt::format(" ({}){}", v.flags.to_string(), v.any_keyword ? " any" : "");
  }
  std::string operator()(const MessageLimit& v) const {
    return Line(fmt::format(" {}", v.messages)).maybe("lowest", v.lowest_done).text();
  }
  std::string operator()(const InProgress& v) const {
    return Line(fmt::format(" {}", v.tag)).maybe("done", v.done).maybe("goal", v.goal).text();
  }
  std::string operator()(const std::string& text) const { return fmt::format(" '{}'", text); }
};

std::string status(Condition condition, const std::optional<ResponseCode>& code, const std::string& text) {
  const auto shown = code ? fmt::format(" [{}{}]", code->name, std::visit(CodeValue{}, code->value)) : "";
  return fmt::format("{}{} {}", word(condition), shown, text);
}

std::string entries(const std::vector<NamespaceEntry>& list) {
  std::string text;
  for (const auto& entry : list) text += fmt::format("<{}|{}>", entry.prefix, entry.delimiter.value_or('0'));
  return text;
}

struct Description {
  std::string operator()(const TaggedStatus& r) const {
    return fmt::format("tagged {} {}", r.tag, status(r.condition, r.code, r.text));
  }
  std::string operator()(const UntaggedStatus& r) const { return status(r.condition, r.code, r.text); }
  std::string operator()(const ContinuationRequest& r) const { return "continue " + r.text; }
  std::string operator()(const Capability& r) const { return fmt::format("capability {}", fmt::join(r.names, " ")); }
  std::string operator()(const Enabled& r) const { return fmt::format("enabled {}", fmt::join(r.names, " ")); }
  std::string operator()(const ListItem& r) const {
    Line line(fmt::format("{} ({})", r.subscribed_only ? "lsub" : "list", fmt::join(r.attributes, " ")));
    line.maybe("delimiter", r.delimiter).field("name", r.mailbox.utf8()).maybe("old", r.old_name);
    return line.text() + (r.form == NameForm::inexact ? " inexact" : "");
  }
  std::string operator()(const MailboxStatus& r) const {
    Line line("status " + r.mailbox.utf8());
    line.maybe("messages", r.messages).maybe("uidnext", r.uid_next).maybe("uidvalidity", r.uid_validity).maybe("unseen", r.unseen);
    return line.maybe("modseq", r.highest_modseq).maybe("size", r.size).maybe("id", r.mailbox_id).maybe("append_limit", r.append_limit).text();
  }
  std::string operator()(const Flags& r) const { return fmt::format("flags ({})", r.flags.to_string()); }
  std::string operator()(const Exists& r) const { return fmt::format("exists {}", r.messages); }
  std::string operator()(const Recent& r) const { return fmt::format("recent {}", r.messages); }
  std::string operator()(const Expunge& r) const { return fmt::format("expunge {}", r.sequence); }
  std::string operator()(const Vanished& r) const {
    return fmt::format("vanished{} {}", r.when == Vanished::When::earlier ? " earlier" : "", r.uids.to_string());
  }
  std::string operator()(const Search& r) const {
    return Line(fmt::format("search {}", fmt::join(r.numbers, " "))).maybe("modseq", r.mod_seq).text();
  }
  std::string operator()(const Esearch& r) const {
    Line line(fmt::format("esearch {}{}", r.tag, r.by_uid ? " uid" : ""));
    return line.maybe("all", r.all)
        .maybe("partial", r.partial)
        .maybe("min", r.min)
        .maybe("max", r.max)
        .maybe("count", r.count)
        .maybe("modseq", r.mod_seq)
        .text();
  }
  std::string operator()(const Fetch& r) const {
    Line line(fmt::format("fetch {}", r.sequence));
    line.maybe("uid", r.uid)
        .maybe("flags", r.flags)
        .maybe("modseq", r.mod_seq)
        .maybe("size", r.size)
        .maybe("date", r.internal_date);
    for (const auto& section : r.sections) line.field(section.name, '<' + section.bytes + '>');
    return line.maybe("email_id", r.email_id).maybe("gm_msgid", r.gm_msgid).text() + (r.has_body ? " body" : "");
  }
  std::string operator()(const Namespace& r) const {
    return fmt::format("namespace {} {} {}", entries(r.personal), entries(r.others), entries(r.shared));
  }
  std::string operator()(const Id& r) const {
    std::string text = "id";
    for (const auto& [key, value] : r.fields) text += fmt::format(" {}={}", key, value);
    return text;
  }
  std::string operator()(const Quota& r) const {
    std::string text = "quota '" + r.root + "'";
    for (const auto& resource : r.resources) text += fmt::format(" {}={}/{}", resource.name, resource.usage, resource.limit);
    return text;
  }
  std::string operator()(const QuotaRoots& r) const {
    return fmt::format("quotaroots {} <{}>", r.mailbox.utf8(), fmt::join(r.roots, "><"));
  }
  std::string operator()(const Unknown& r) const { return "unknown " + r.text; }
};

/// Gathers a body's pieces into one event, and checks that events come in the promised order.
class Recorder {
 public:
  void take(const Event& event) {
    if (const auto* const response = std::get_if<Response>(&event)) {
      EXPECT_FALSE(in_body_) << "a response in the middle of a body";
      outcome_.events.push_back(describe(*response));
    } else if (const auto* const begin = std::get_if<BodyBegin>(&event)) {
      EXPECT_FALSE(in_body_) << "a body within a body";
      in_body_ = true;
      size_ = begin->size;
      head_ = Line(fmt::format("body {}", begin->sequence)).maybe("uid", begin->uid).text();
      body_.clear();
    } else if (const auto* const data = std::get_if<BodyData>(&event)) {
      EXPECT_TRUE(in_body_ && !data->bytes.empty());
      body_.append(reinterpret_cast<const char*>(data->bytes.data()), data->bytes.size());
    } else {
      EXPECT_TRUE(in_body_);
      EXPECT_EQ(body_.size(), size_);
      in_body_ = false;
      outcome_.events.push_back(fmt::format("{} size={} [{}]", head_, size_, body_));
    }
  }
  [[nodiscard]] bool in_body() const { return in_body_; }
  Outcome& outcome() { return outcome_; }

 private:
  Outcome outcome_;
  bool in_body_ = false;
  std::uint64_t size_ = 0;
  std::string head_;
  std::string body_;
};

/// False where the parser gave up.
bool drain(ResponseParser& parser, Recorder& recorder) {
  while (true) {
    auto event = parser.next();
    if (!event) {
      recorder.outcome().error = event.error().message;
      EXPECT_EQ(event.error().kind, ErrorKind::protocol);
      EXPECT_FALSE(parser.next()) << "what follows an error can't be understood";
      return false;
    }
    if (!*event) return true;
    recorder.take(**event);
  }
}

}  // namespace

std::string describe(const Response& response) {
  return std::visit(Description{}, response);
}

Outcome parse_cut_at(std::string_view input, const std::vector<std::size_t>& cuts, Limits limits) {
  ResponseParser parser(limits);
  Recorder recorder;
  std::size_t at = 0;
  for (std::size_t n = 0; n <= cuts.size(); ++n) {
    const auto piece = input.substr(at, (n < cuts.size() ? cuts[n] : input.size()) - at);
    at += piece.size();
    if (!piece.empty()) std::memcpy(parser.prepare(piece.size()).data(), piece.data(), piece.size());
    parser.commit(piece.size());
    if (!drain(parser, recorder)) return recorder.outcome();
  }
  recorder.outcome().incomplete = recorder.in_body() || parser.buffered() > 0;
  return recorder.outcome();
}

Outcome parse_at_once(std::string_view input, Limits limits) {
  return parse_cut_at(input, {}, limits);
}

Outcome parse_by_octets(std::string_view input, Limits limits) {
  std::vector<std::size_t> cuts(input.size());
  for (std::size_t n = 0; n < cuts.size(); ++n) cuts[n] = n;
  return parse_cut_at(input, cuts, limits);
}

std::string parsed(std::string_view input) {
  const auto outcome = parse_at_once(input);
  if (!outcome.error.empty()) return "error: " + outcome.error;
  if (outcome.incomplete || outcome.events.size() != 1) return fmt::format("{} events", outcome.events.size());
  return outcome.events.front();
}

Response the_response(std::string_view input) {
  ResponseParser parser;
  std::memcpy(parser.prepare(input.size()).data(), input.data(), input.size());
  parser.commit(input.size());
  const auto event = parser.next();
  if (event && *event && std::holds_alternative<Response>(**event)) return std::get<Response>(**event);
  ADD_FAILURE() << "not one response: " << input;
  return Unknown{};
}

}  // namespace mailmirror::imap::wire
