#include "imap/wire/response_parser.hpp"

#include "imap/wire/fetch_parser.hpp"
#include "imap/wire/modified_utf7.hpp"
#include "imap/wire/response_code.hpp"
#include "imap/wire/scanner.hpp"
#include "sync/base/ascii.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace mailmirror::imap::wire {
namespace {

using ascii::equal_ignoring_case;
using ascii::to_upper;

struct WireName {
  MailboxName mailbox;
  NameForm form;
};

/// Names that aren't in the encoding that was agreed on (or simply wrong) are taken as they are.
WireName name_from(Scanner& in, const std::string& raw, char delimiter) {
  // U+FFFD takes three octets, and may stand for each one; and there is a copy.
  in.reserve(6 * raw.size());
  if (in.names() == NameEncoding::utf8) {
    auto valid = with_valid_utf8(raw);
    const auto form = valid == raw ? NameForm::exact : NameForm::inexact;
    return {MailboxName(std::move(valid), delimiter), form};
  }
  const auto decoded = decode_modified_utf7(raw);
  if (decoded) return {MailboxName(*decoded, delimiter), NameForm::exact};
  return {MailboxName(with_valid_utf8(raw), delimiter), NameForm::inexact};
}

MailboxName mailbox_from(Scanner& in, char delimiter = '\0') {
  return name_from(in, in.astring(), delimiter).mailbox;
}

std::optional<Condition> condition_from(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, Condition>, 5> kWords{{{"OK", Condition::ok},
                                                                          {"NO", Condition::no},
                                                                          {"BAD", Condition::bad},
                                                                          {"PREAUTH", Condition::preauth},
                                                                          {"BYE", Condition::bye}}};
  for (const auto& [name, condition] : kWords)
    if (equal_ignoring_case(name, word)) return condition;
  return std::nullopt;
}

CapabilityNames names_from(Scanner& in) {
  CapabilityNames names;
  for (in.skip_spaces(); !in.at_end(); in.skip_spaces()) {
    const auto name = in.until_any(" ");
    in.reserve_item<std::string>(name.size());
    names.push_back(to_upper(name));
  }
  return names;
}

UidSet uid_set_from(Scanner& in) {
  auto set = in.uid_set();
  if (!set) throw SyntaxError{"a UID set expected"};
  return std::move(*set);
}

std::optional<char> delimiter_from(Scanner& in) {
  // Domino doesn't escape its backslash.
  constexpr std::string_view kBareBackslash = "\"\\\" ";
  if (in.rest().starts_with(kBareBackslash)) {
    in.until_any(" ");
    return '\\';
  }
  const auto text = in.nstring();
  if (!text || text->empty()) return std::nullopt;
  return text->front();
}

/// RFC 5258 §6; of these only OLDNAME matters.
void list_extensions_from(Scanner& in, ListItem& item) {
  for (in.skip_spaces(); !in.at_end() && !in.take(')'); in.skip_spaces()) {
    const auto option = in.astring();
    in.skip_spaces();
    if (equal_ignoring_case(option, "OLDNAME") && in.take('(')) {
      item.old_name = mailbox_from(in, item.delimiter.value_or('\0'));
      in.expect(')');
    } else {
      in.skip_value();
    }
  }
}

ListItem list_from(Scanner& in) {
  ListItem item;
  in.expect('(');
  for (in.skip_spaces(); !in.take(')'); in.skip_spaces()) {
    const auto attribute = in.word();
    if (attribute.empty()) throw SyntaxError{"an attribute expected in LIST"};
    in.reserve_item<std::string>(attribute.size());
    item.attributes.push_back(ascii::to_lower(attribute));
  }
  in.skip_spaces();
  item.delimiter = delimiter_from(in);
  in.skip_spaces();
  // Domino puts parentheses around the name.
  const bool wrapped = in.take('(');
  const char delimiter = item.delimiter.value_or('\0');
  auto name = name_from(in, in.astring(), delimiter);
  item.mailbox = std::move(name.mailbox);
  item.form = name.form;
  if (wrapped) in.take(')');
  in.skip_spaces();
  // "foo bar" without quotes: half a name would look like another mailbox.
  if (!in.at_end() && in.peek() != '(') throw SyntaxError{"a quoted mailbox name expected in LIST"};
  if (in.take('(')) list_extensions_from(in, item);
  return item;
}

std::optional<std::uint64_t> number_or_nil(Scanner& in) {
  if (ascii::is_digit(in.peek())) return in.number();
  in.skip_value();
  return std::nullopt;
}

void status_item_from(Scanner& in, MailboxStatus& status) {
  const auto name = to_upper(in.word());
  in.skip_spaces();
  if (name == "MESSAGES")
    status.messages = in.number32();
  else if (name == "UIDNEXT")
    status.uid_next = Uid{in.number32()};
  else if (name == "UIDVALIDITY")
    status.uid_validity = UidValidity{in.number32()};
  else if (name == "UNSEEN")
    status.unseen = in.number32();
  else if (name == "HIGHESTMODSEQ")
    status.highest_modseq = in.mod_seq();
  else if (name == "SIZE")
    status.size = in.number();
  else if (name == "APPENDLIMIT")
    status.append_limit = number_or_nil(in);
  else if (name == "MAILBOXID" && in.take('(')) {
    status.mailbox_id = in.astring();
    in.expect(')');
  } else {
    in.skip_value();
  }
}

MailboxStatus status_from(Scanner& in) {
  MailboxStatus status;
  status.mailbox = mailbox_from(in);
  in.skip_spaces();
  in.expect('(');
  for (in.skip_spaces(); !in.take(')'); in.skip_spaces()) status_item_from(in, status);
  return status;
}

Vanished vanished_from(Scanner& in) {
  Vanished vanished;
  if (in.take('(')) {
    if (!equal_ignoring_case(in.word(), "EARLIER")) throw SyntaxError{"EARLIER expected in VANISHED"};
    in.expect(')');
    in.skip_spaces();
    vanished.when = Vanished::When::earlier;
  }
  if (!in.at_end()) vanished.uids = uid_set_from(in);
  return vanished;
}

Search search_from(Scanner& in) {
  Search search;
  const auto words = static_cast<std::size_t>(std::ranges::count(in.rest(), ' ')) + 1;
  in.reserve(words * sizeof(std::uint32_t));
  search.numbers.reserve(words);
  for (in.skip_spaces(); !in.at_end(); in.skip_spaces()) {
    if (in.take('(')) {
      if (!equal_ignoring_case(in.word(), "MODSEQ")) throw SyntaxError{"MODSEQ expected in SEARCH"};
      in.skip_spaces();
      search.mod_seq = in.mod_seq();
      in.expect(')');
    } else {
      search.numbers.push_back(in.number32());
    }
  }
  return search;
}

/// "(1:500 7,9)": the range that was asked for, and what is in it (RFC 9394 §3.1).
UidSet page_from(Scanner& in) {
  in.expect('(');
  in.word();
  in.skip_spaces();
  auto uids = ascii::is_digit(in.peek()) ? uid_set_from(in) : UidSet{};
  in.until_any(")");
  in.expect(')');
  return uids;
}

Esearch esearch_from(Scanner& in) {
  Esearch result;
  if (in.take('(')) {
    in.word();
    in.skip_spaces();
    result.tag = in.astring();
    in.expect(')');
  }
  for (in.skip_spaces(); !in.at_end(); in.skip_spaces()) {
    const auto name = to_upper(in.word());
    in.skip_spaces();
    if (name == "UID")
      result.by_uid = true;
    else if (name == "ALL")
      result.all = uid_set_from(in);
    else if (name == "PARTIAL")
      result.partial = page_from(in);
    else if (name == "MIN")
      result.min = in.number32();
    else if (name == "MAX")
      result.max = in.number32();
    else if (name == "COUNT")
      result.count = in.number32();
    else if (name == "MODSEQ")
      result.mod_seq = in.mod_seq();
    else
      in.skip_value();
  }
  return result;
}

std::vector<NamespaceEntry> namespaces_from(Scanner& in) {
  std::vector<NamespaceEntry> entries;
  in.skip_spaces();
  if (!in.take('(')) {
    in.nstring();
    return entries;
  }
  for (in.skip_spaces(); !in.take(')'); in.skip_spaces()) {
    in.expect('(');
    in.reserve_item<NamespaceEntry>();
    NamespaceEntry entry;
    const auto prefix = in.astring();
    in.skip_spaces();
    entry.delimiter = delimiter_from(in);
    entry.prefix = name_from(in, prefix, entry.delimiter.value_or('\0')).mailbox.utf8();
    for (in.skip_spaces(); !in.take(')'); in.skip_spaces()) in.skip_value();
    entries.push_back(std::move(entry));
  }
  return entries;
}

Id id_from(Scanner& in) {
  Id id;
  if (!in.take('(')) return id;
  for (in.skip_spaces(); !in.take(')'); in.skip_spaces()) {
    in.reserve_item<decltype(id.fields)::value_type>();
    auto key = in.astring();
    in.skip_spaces();
    id.fields.emplace_back(std::move(key), in.nstring().value_or(""));
  }
  return id;
}

Quota quota_from(Scanner& in) {
  Quota quota;
  quota.root = in.astring();
  in.skip_spaces();
  in.expect('(');
  for (in.skip_spaces(); !in.take(')'); in.skip_spaces()) {
    in.reserve_item<QuotaResource>();
    QuotaResource resource;
    resource.name = to_upper(in.word());
    in.skip_spaces();
    resource.usage = in.number();
    in.skip_spaces();
    resource.limit = in.number();
    quota.resources.push_back(std::move(resource));
  }
  return quota;
}

QuotaRoots quota_roots_from(Scanner& in) {
  QuotaRoots roots;
  roots.mailbox = mailbox_from(in);
  for (in.skip_spaces(); !in.at_end(); in.skip_spaces()) {
    in.reserve_item<std::string>();
    roots.roots.push_back(in.astring());
  }
  return roots;
}

Namespace namespace_from(Scanner& in) {
  Namespace spaces;
  spaces.personal = namespaces_from(in);
  spaces.others = namespaces_from(in);
  spaces.shared = namespaces_from(in);
  return spaces;
}

template <std::size_t n>
bool is_one_of(std::string_view word, const std::array<std::string_view, n>& names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return equal_ignoring_case(name, word); });
}

constexpr std::array<std::string_view, 4> kNumbered{"EXISTS", "EXPUNGE", "FETCH", "UIDFETCH"};
constexpr std::array<std::string_view, 6> kImportant{"LIST", "XLIST", "STATUS", "VANISHED", "SEARCH", "ESEARCH"};

/// Data that a decision rests on is never taken for unknown: "* 5 VANISHED 1:3" dropped would be an expunge missed for good.
void refuse_if_misplaced(std::string_view word, const auto& names) {
  if (is_one_of(word, names)) throw SyntaxError{"another form of " + to_upper(word) + " expected"};
}

/// "* 12 EXISTS" and the like.
std::optional<ParsedResponse> numbered_from(Scanner& in, StreamedBody streamed) {
  const auto number = in.number32();
  in.skip_spaces();
  const auto word = in.word();
  if (equal_ignoring_case(word, "EXISTS")) return ParsedResponse{Exists{number}, {}};
  if (equal_ignoring_case(word, "RECENT")) return ParsedResponse{Recent{number}, {}};
  if (equal_ignoring_case(word, "EXPUNGE")) return ParsedResponse{Expunge{number}, {}};
  const bool uid_fetch = equal_ignoring_case(word, "UIDFETCH");
  if (!uid_fetch && !equal_ignoring_case(word, "FETCH")) {
    refuse_if_misplaced(word, kImportant);
    return std::nullopt;
  }
  in.skip_spaces();
  auto parsed = parse_fetch(in, streamed);
  if (uid_fetch)
    parsed.fetch.uid = Uid{number};
  else
    parsed.fetch.sequence = number;
  return ParsedResponse{std::move(parsed.fetch), std::move(parsed.inline_body)};
}

std::optional<Response> important_from(std::string_view word, Scanner& in) {
  if (equal_ignoring_case(word, "LIST") || equal_ignoring_case(word, "XLIST")) return list_from(in);
  if (equal_ignoring_case(word, "LSUB")) {
    auto item = list_from(in);
    item.subscribed_only = true;
    return item;
  }
  if (equal_ignoring_case(word, "STATUS")) return status_from(in);
  if (equal_ignoring_case(word, "VANISHED")) return vanished_from(in);
  if (equal_ignoring_case(word, "SEARCH")) return search_from(in);
  if (equal_ignoring_case(word, "ESEARCH")) return esearch_from(in);
  return std::nullopt;
}

std::optional<Response> harmless_from(std::string_view word, Scanner& in) {
  if (equal_ignoring_case(word, "CAPABILITY")) return Capability{names_from(in)};
  if (equal_ignoring_case(word, "ENABLED")) return Enabled{names_from(in)};
  if (equal_ignoring_case(word, "FLAGS")) return Flags{in.flag_list().flags};
  if (equal_ignoring_case(word, "ID")) return id_from(in);
  if (equal_ignoring_case(word, "QUOTA")) return quota_from(in);
  if (equal_ignoring_case(word, "QUOTAROOT")) return quota_roots_from(in);
  if (equal_ignoring_case(word, "NAMESPACE")) return namespace_from(in);
  return std::nullopt;
}

ParsedResponse unknown(Scanner& in, std::string_view text) {
  return {Unknown{in.copied(text)}, {}};
}

ParsedResponse untagged_from(Scanner& in, StreamedBody streamed) {
  in.skip_spaces();
  const auto all = in.rest();
  if (ascii::is_digit(in.peek())) {
    auto numbered = numbered_from(in, streamed);
    return numbered ? std::move(*numbered) : unknown(in, all);
  }
  const auto word = in.word();
  in.skip_spaces();
  if (const auto condition = condition_from(word)) {
    auto [code, text] = parse_status_text(in);
    return {UntaggedStatus{*condition, std::move(code), std::move(text)}, {}};
  }
  refuse_if_misplaced(word, kNumbered);
  if (auto response = important_from(word, in)) return {std::move(*response), {}};
  try {
    if (auto response = harmless_from(word, in)) return {std::move(*response), {}};
  } catch (const SyntaxError&) {
    // Nothing depends on it.
  }
  return unknown(in, all);
}

}  // namespace

ParsedResponse parse_response(std::string_view text, StreamedBody streamed, const ScanRules& rules) {
  Scanner in(text, rules);
  if (in.take('+')) {
    in.take(' ');
    return {ContinuationRequest{in.copied(in.take_rest())}, {}};
  }
  if (in.take('*')) return untagged_from(in, streamed);
  TaggedStatus status;
  status.tag = in.copied(in.until_any(" "));
  in.skip_spaces();
  const auto condition = condition_from(in.until_any(" "));
  if (status.tag.empty() || !condition) throw SyntaxError{"a line that is no response"};
  in.skip_spaces();
  status.condition = *condition;
  std::tie(status.code, status.text) = parse_status_text(in);
  return {std::move(status), {}};
}

}  // namespace mailmirror::imap::wire
