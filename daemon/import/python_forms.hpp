// The few forms of Python in OfflineIMAP's configuration whose meaning is plain without running it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailmirror::daemon::migration {

/// "'text'", "\"text\"", "r'text'", also as bytes and with the common escapes; nothing before or behind it.
std::optional<std::string> python_text(std::string_view code);

/// "['a', 'b']", "('a', 'b')": texts alone.
std::optional<std::vector<std::string>> python_texts(std::string_view code);

/// The shell command whose first line of output the expression gives: subprocess.check_output, getoutput, run or os.popen of one
/// literal command (a text or a list of texts), with what takes the line's end off it..
std::optional<std::string> python_command(std::string_view code);

/// `NAME("…")` or `NAME()` where `module` (the text of pythonfile) defines NAME as nothing but such an expression, its one
/// parameter put in by `+`, `%`, `.format` or as an element of the list.
std::optional<std::string> python_call(std::string_view code, std::string_view module);

/// A `folderfilter`: "lambda f: f in ['a', 'b']" or "not in": our patterns for it.
std::optional<std::vector<std::string>> python_folder_filter(std::string_view code);

}  // namespace mailmirror::daemon::migration
