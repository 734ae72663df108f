#include "daemon/import/python_forms.hpp"

#include "daemon/import/draft.hpp"

#include <algorithm>
#include <array>

namespace mailmirror::daemon::migration {
namespace {

constexpr std::size_t kLongestCode = 4096;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Reads tokens from the front of some code. A parameter's name stands for its value.
class Cursor {
 public:
  Cursor(std::string_view code, std::string_view parameter, std::string_view argument)
      : code_(code), parameter_(parameter), argument_(argument) {}

  [[nodiscard]] bool at_end() {
    skip();
    return code_.empty();
  }

  bool take(std::string_view token) {
    skip();
    if (!code_.starts_with(token)) return false;
    if (is_word(token.back()) && code_.size() > token.size() && is_word(code_[token.size()])) return false;
    code_.remove_prefix(token.size());
    return true;
  }

  /// A literal, or the parameter.
  std::optional<std::string> text() {
    skip();
    if (!parameter_.empty() && take(parameter_)) return std::string(argument_);
    auto rest = code_;
    bool raw = false;
    while (!rest.empty() && (rest.front() == 'r' || rest.front() == 'b' || rest.front() == 'u')) {
      raw = raw || rest.front() == 'r';
      rest.remove_prefix(1);
    }
    if (rest.empty() || (rest.front() != '\'' && rest.front() != '"')) return std::nullopt;
    const char quote = rest.front();
    rest.remove_prefix(1);
    std::string value;
    for (; !rest.empty(); rest.remove_prefix(1)) {
      if (rest.front() == quote) {
        code_ = rest.substr(1);
        return value;
      }
      if (rest.front() == '\\' && !raw) {
        rest.remove_prefix(1);
        if (rest.empty() || !unescape(rest.front(), value)) return std::nullopt;
      } else {
        value += rest.front();
      }
    }
    return std::nullopt;
  }

  /// A text, or several joined by "+", "%" or ".format".
  std::optional<std::string> expression() {
    auto value = text();
    if (!value) return std::nullopt;
    while (true) {
      if (take("+")) {
        const auto more = text();
        if (!more) return std::nullopt;
        *value += *more;
      } else if (take("%")) {
        const bool tuple = take("(");
        const auto more = text();
        if (!more || (tuple && (static_cast<void>(take(",")), !take(")"))) || !replace_once(*value, "%s", *more))
          return std::nullopt;
      } else if (take(".format")) {
        if (!take("(")) return std::nullopt;
        const auto more = text();
        if (!more || !take(")") || !(replace_once(*value, "{}", *more) || replace_once(*value, "{0}", *more))) return std::nullopt;
      } else {
        return value;
      }
    }
  }

  std::optional<std::vector<std::string>> list() {
    if (!take("[") && !take("(")) return std::nullopt;
    std::vector<std::string> values;
    while (!take("]") && !take(")")) {
      auto value = text();
      if (!value) return std::nullopt;
      values.push_back(std::move(*value));
      if (!take(",") && !(code_.starts_with(']') || code_.starts_with(')'))) return std::nullopt;
      skip();
    }
    return values;
  }

 private:
  void skip() {
    while (!code_.empty() && (code_.front() == ' ' || code_.front() == '\t' || code_.front() == '\n' || code_.front() == '\r'))
      code_.remove_prefix(1);
  }

  static bool unescape(char c, std::string& into) {
    switch (c) {
      case 'n': into += '\n'; return true;
      case 't': into += '\t'; return true;
      case '\\':
      case '\'':
      case '"': into += c; return true;
      default: return false;
    }
  }

  static bool replace_once(std::string& text, std::string_view what, const std::string& by) {
    const auto at = text.find(what);
    if (at == text.npos || text.find(what, at + 1) != text.npos) return false;
    text.replace(at, what.size(), by);
    return true;
  }

  std::string_view code_;
  std::string_view parameter_;
  std::string_view argument_;
};

/// What takes the line's end off, or makes a text of bytes: the first line stays what it is.
bool take_ending(Cursor& in) {
  constexpr std::array<std::string_view, 17> kEndings{
      ".decode('utf-8')", ".decode(\"utf-8\")", ".decode('utf8')",  ".decode(\"utf8\")", ".decode()",       ".strip()",
      ".rstrip()",        ".rstrip('\\n')",     ".rstrip(\"\\n\")", ".strip('\\n')",     ".strip(\"\\n\")", ".splitlines()[0]",
      ".split('\\n')[0]", ".split(\"\\n\")[0]", ".read()",          ".stdout",           ".readline()"};
  return std::any_of(kEndings.begin(), kEndings.end(), [&](auto ending) { return in.take(ending); });
}

bool take_option(Cursor& in) {
  constexpr std::array<std::string_view, 9> kOptions{"shell=True",
                                                     "shell=False",
                                                     "text=True",
                                                     "universal_newlines=True",
                                                     "encoding='utf-8'",
                                                     "encoding=\"utf-8\"",
                                                     "stdout=subprocess.PIPE",
                                                     "capture_output=True",
                                                     "check=True"};
  return std::any_of(kOptions.begin(), kOptions.end(), [&](auto option) { return in.take(option); });
}

std::optional<std::string> joined(const std::vector<std::string>& words) {
  if (words.empty()) return std::nullopt;
  std::string command;
  for (const auto& word : words) command += (command.empty() ? "" : " ") + shell_word(word);
  return command;
}

std::optional<std::string> command_in(Cursor in) {
  constexpr std::array<std::string_view, 9> kFunctions{"subprocess.check_output",
                                                       "check_output",
                                                       "subprocess.getoutput",
                                                       "getoutput",
                                                       "commands.getoutput",
                                                       "subprocess.run",
                                                       "os.popen",
                                                       "popen",
                                                       "subprocess.Popen"};
  const bool wrapped = in.take("str(");
  if (std::none_of(kFunctions.begin(), kFunctions.end(), [&](auto function) { return in.take(function); }) || !in.take("("))
    return std::nullopt;
  auto before = in;
  std::optional<std::string> command;
  if (const auto words = in.list()) {
    command = joined(*words);
  } else {
    in = before;
    command = in.expression();
  }
  if (!command || command->find('\n') != command->npos) return std::nullopt;
  while (in.take(","))
    if (!take_option(in)) return std::nullopt;
  if (!in.take(")")) return std::nullopt;
  while (take_ending(in)) {
  }
  if (wrapped && !in.take(")")) return std::nullopt;
  while (take_ending(in)) {
  }
  return in.at_end() ? command : std::nullopt;
}

/// The body of `def NAME(PARAMETER):`, if it is one return, and the parameter.
struct Function {
  std::string parameter;
  std::string expression;
};
std::optional<Function> find_function(const std::string& name, std::string_view module) {
  std::string_view rest = module;
  const auto next_line = [&]() -> std::optional<std::string_view> {
    if (rest.empty()) return std::nullopt;
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return line;
  };
  while (const auto line = next_line()) {
    if (!line->starts_with("def " + name + "(")) continue;
    const auto close = line->find(')');
    if (close == line->npos || trimmed(line->substr(close + 1)) != ":") return std::nullopt;
    Function function{std::string(trimmed(line->substr(name.size() + 5, close - name.size() - 5))), ""};
    auto body = next_line();
    while (body && (trimmed(*body).empty() || trimmed(*body).front() == '#')) body = next_line();
    if (!body || !(body->starts_with(' ') || body->starts_with('\t')) || !trimmed(*body).starts_with("return "))
      return std::nullopt;
    function.expression = trimmed(trimmed(*body).substr(7));
    if (!std::all_of(function.parameter.begin(), function.parameter.end(), is_word)) return std::nullopt;
    return function;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> python_text(std::string_view code) {
  if (code.size() > kLongestCode) return std::nullopt;
  Cursor in(code, "", "");
  auto text = in.text();
  return in.at_end() ? text : std::nullopt;
}

std::optional<std::vector<std::string>> python_texts(std::string_view code) {
  if (code.size() > kLongestCode * 16) return std::nullopt;
  Cursor in(code, "", "");
  auto texts = in.list();
  return in.at_end() ? texts : std::nullopt;
}

std::optional<std::string> python_command(std::string_view code) {
  return code.size() > kLongestCode ? std::nullopt : command_in(Cursor(code, "", ""));
}

std::optional<std::string> python_call(std::string_view code, std::string_view module) {
  code = trimmed(code);
  if (code.size() > kLongestCode) return std::nullopt;
  const auto end = std::find_if_not(code.begin(), code.end(), is_word);
  const std::string name(code.begin(), end);
  Cursor in(code.substr(name.size()), "", "");
  if (name.empty() || !in.take("(")) return std::nullopt;
  const auto argument = in.text();
  if (!in.take(")") || !in.at_end()) return std::nullopt;
  const auto function = find_function(name, module);
  if (!function || function->parameter.empty() == argument.has_value()) return std::nullopt;
  return command_in(Cursor(function->expression, function->parameter, argument.value_or("")));
}

std::optional<std::vector<std::string>> python_folder_filter(std::string_view code) {
  if (code.size() > kLongestCode) return std::nullopt;
  Cursor in(code, "", "");
  const auto colon = code.find(':');
  if (!in.take("lambda") || colon == code.npos) return std::nullopt;
  const auto parameter = trimmed(trimmed(code.substr(0, colon)).substr(6));
  if (parameter.empty() || !std::all_of(parameter.begin(), parameter.end(), is_word)) return std::nullopt;
  Cursor body(code.substr(colon + 1), "", "");
  bool excluded = body.take("not");
  if (!body.take(parameter)) return std::nullopt;
  if (body.take("not")) excluded = !excluded;
  if (!body.take("in")) return std::nullopt;
  auto names = body.list();
  if (!names || names->empty() || !body.at_end()) return std::nullopt;
  for (auto& name : *names) {
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == '*' || c == '%'; }, '?');
    if (excluded) name.insert(0, 1, '!');
  }
  return names;
}

}  // namespace mailmirror::daemon::migration
