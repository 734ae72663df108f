#include "tests/support/mail_programs.hpp"

#include "tests/support/subprocess.hpp"

#include <sstream>

namespace mailmirror::testing {
namespace {

constexpr const char* kFolder = "/usr/bin/";

/// $HOME and what tells the programs of their settings.
std::map<std::string, std::string> environment(const fs::path& home) {
  return {{"HOME", home.string()},
          {"TERM", "xterm"},
          {"NOTMUCH_CONFIG", (home / "notmuch.conf").string()},
          {"MBLAZE", (home / "mblaze").string()}};
}

void run_program(const fs::path& home, std::vector<std::string> arguments, const fs::path& input = {}) {
  const auto what = arguments.front();
  arguments.front() = kFolder + what;
  Command command{.arguments = std::move(arguments), .environment = environment(home), .input = input};
  const auto result = run(std::move(command), Milliseconds(10'000));
  if (result.code == 0) return;
  std::ostringstream words;
  words << what << " failed: " << result;
  throw HarnessError(words.str());
}

std::string without_brackets(std::string_view message_id) {
  return std::string(message_id.substr(1, message_id.size() - 2));
}

}  // namespace

std::string MailPrograms::missing() {
  for (const char* program : {"neomutt", "mflag", "mrefile", "mdeliver", "notmuch", "script"})
    if (!fs::exists(kFolder + std::string(program)))
      return std::string(program) + " isn't installed; contrib/install-packages --tests does it";
  return "";
}

MailPrograms::MailPrograms(LocalMaildir maildir, fs::path home) : maildir_(std::move(maildir)), home_(std::move(home)) {
  fs::create_directories(home_ / "mblaze");
  fs::create_directories(home_ / "notmuch");
  // Whatever it would ask about takes the first of the keys for its answer.
  write_file(home_ / "neomuttrc", "set folder=" + maildir_.root().string() +
                                      "\nset editor=false\nset mbox_type=Maildir\nset delete=yes\nset quit=yes\nset move=no\nset "
                                      "wait_key=no\nset sleep_time=0\n");
  write_file(home_ / "notmuch.conf", "[database]\npath=" + (home_ / "notmuch").string() +
                                         "\nmail_root=" + maildir_.root().string() +
                                         "\n[user]\nname=Ada\nprimary_email=ada@example.org\n[new]\ntags=unread\n[maildir]\n"
                                         "synchronize_flags=true\n");
}

/// It wants a terminal, which `script` gives it.
void MailPrograms::neomutt(std::string_view mailbox, const std::string& keys) const {
  write_file(home_ / "keys", "push \"" + keys + "<sync-mailbox><quit>\"\n");
  const auto command = "neomutt -n -F " + (home_ / "neomuttrc").string() + " -f '" + maildir_.folder(mailbox).string() +
                       "' -e 'source " + (home_ / "keys").string() + "'";
  run_program(home_, {"script", "--quiet", "--return", "--command", command, "/dev/null"});
}

void MailPrograms::neomutt_flag(std::string_view mailbox, std::string_view message_id, char flag) const {
  neomutt(mailbox, "<tag-pattern>~i " + without_brackets(message_id) + "<enter><tag-prefix><set-flag>" + flag);
}

void MailPrograms::neomutt_delete(std::string_view mailbox, std::string_view message_id) const {
  neomutt(mailbox, "<delete-pattern>~i " + without_brackets(message_id) + "<enter>");
}

void MailPrograms::mblaze_flag(const fs::path& file, const std::string& option) const {
  run_program(home_, {"mflag", option, file.string()});
}

void MailPrograms::mblaze_refile(const fs::path& file, std::string_view mailbox) const {
  run_program(home_, {"mrefile", file.string(), maildir_.folder(mailbox).string()});
}

void MailPrograms::mblaze_deliver(std::string_view mailbox, std::string_view bytes) const {
  const auto message = home_ / "message";
  write_file(message, bytes);
  run_program(home_, {"mdeliver", maildir_.folder(mailbox).string()}, message);
}

void MailPrograms::notmuch_tag(std::string_view message_id, std::string_view tags) const {
  run_program(home_, {"notmuch", "new", "--quiet"});
  std::vector<std::string> arguments{"notmuch", "tag"};
  std::istringstream words{std::string(tags)};
  for (std::string word; words >> word;) arguments.push_back(word);
  arguments.insert(arguments.end(), {"--", "id:" + without_brackets(message_id)});
  run_program(home_, std::move(arguments));
}

}  // namespace mailmirror::testing
