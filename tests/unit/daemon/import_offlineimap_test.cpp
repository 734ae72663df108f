// OfflineIMAP's configuration, as people write it, and the little of Python that is understood in it.
#include "daemon/import/ini_file.hpp"
#include "daemon/import/offlineimap.hpp"
#include "daemon/import/python_forms.hpp"
#include "tests/unit/daemon/import_support.hpp"

namespace mailmirror::daemon::migration {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::SizeIs;
using Kind = config::SecretSource::Kind;

class OfflineImap : public testing::ImportTest {
 protected:
  [[nodiscard]] Draft draft_of(const std::string& remote, const std::string& local = "sep = /\n", const std::string& account = "",
                               const std::string& general = "") const {
    const auto taken = import_offlineimap("[general]\naccounts = Work\n" + general +
                                              "\n[Account Work]\nlocalrepository = L\nremoterepository = R\n" + account +
                                              "\n[Repository L]\ntype = Maildir\nlocalfolders = ~/Mail\n" + local +
                                              "\n[Repository R]\ntype = IMAP\nremotehost = imap.example.org\n"
                                              "remoteuser = me\n" +
                                              remote,
                                          "rc", environment_);
    EXPECT_THAT(lines_of(taken.notes), IsEmpty());
    EXPECT_THAT(taken.drafts, SizeIs(1));
    return taken.drafts.empty() ? Draft{} : taken.drafts.front();
  }
};

std::string value_of(const std::string& text, const std::string& section, const std::string& key) {
  IniFile file;
  parse_ini(text, "rc", file);
  const auto* found = file.find(section);
  return found == nullptr ? "(no section)" : found->get(key).value_or("(none)");
}

TEST(IniFile, KeysAreReadAsConfigParserDoes) {
  const std::string text =
      "# c\n[DEFAULT]\nbase = /home\n[a]\nKey: one\n; c\nlong = first\n  second\n\n  # c\n  third\nin = %(base)s/%(KEY)s "
      "100%%\nempty =\n";
  EXPECT_EQ(value_of(text, "a", "key"), "one");
  EXPECT_EQ(value_of(text, "a", "long"), "first\nsecond\nthird");
  EXPECT_EQ(value_of(text, "a", "in"), "/home/one 100%");
  EXPECT_EQ(value_of(text, "a", "empty"), "");
  EXPECT_EQ(value_of(text, "a", "base"), "/home");
}

TEST(IniFile, BadInterpolation_IsNoValue) {
  EXPECT_EQ(value_of("[a]\nx = %(x)s\n", "a", "x"), "(none)");
  EXPECT_EQ(value_of("[a]\nx = %(y)s\n", "a", "x"), "(none)");
  EXPECT_EQ(value_of("[a]\nx = 5% \n", "a", "x"), "(none)");
}

TEST(IniFile, HostileText_IsBounded) {
  std::string doubling = "[a]\nk0 = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", lines, sections;
  for (int n = 1; n < 10; ++n) {
    doubling += "k" + std::to_string(n) + " =";
    for (int m = 0; m < 40; ++m) doubling += " %(k" + std::to_string(n - 1) + ")s";
    doubling += "\n";
  }
  EXPECT_EQ(value_of(doubling, "a", "k9"), "(none)");
  for (int n = 0; n < 100'000; ++n) lines += "a = b\n";
  for (int n = 0; n < 10'000; ++n) sections += "[s" + std::to_string(n) + "]\n";
  IniFile many, more, odd;
  parse_ini("[a]\n" + lines, "rc", many);
  parse_ini(sections, "rc", more);
  EXPECT_THAT(many.mistakes, SizeIs(1));
  EXPECT_THAT(more.mistakes, SizeIs(1));
  constexpr std::string_view kOdd("[\n]\n=\n[a]\n = x\n\xff\0 : \n", 21);
  parse_ini(std::string(kOdd), "rc", odd);
}

TEST(PythonForms, Texts) {
  EXPECT_THAT(python_text(" 'a\\'b' "), Optional(std::string("a'b")));
  EXPECT_THAT(python_text("r\"a\\b\""), Optional(std::string("a\\b")));
  EXPECT_EQ(python_text("'a' + x"), std::nullopt);
  EXPECT_EQ(python_text("'open"), std::nullopt);
  EXPECT_THAT(python_texts("['INBOX',\n 'Sent', ]"), Optional(ElementsAre("INBOX", "Sent")));
  EXPECT_EQ(python_texts("['a', f()]"), std::nullopt);
}

TEST(PythonForms, Commands_OnlyWhereNothingElseHappens) {
  EXPECT_THAT(python_command("subprocess.check_output('pass show mail', shell=True).splitlines()[0]"),
              Optional(std::string("pass show mail")));
  EXPECT_THAT(python_command("check_output([\"pass\", \"show\", \"my mail\"]).decode('utf-8').strip()"),
              Optional(std::string("pass show 'my mail'")));
  EXPECT_THAT(python_command("os.popen('pass x').read().rstrip('\\n')"), Optional(std::string("pass x")));
  EXPECT_THAT(python_command("str(check_output('pass x', shell=True), )"), ::testing::Eq(std::nullopt));
  EXPECT_EQ(python_command("os.system('rm -rf /')"), std::nullopt);
  EXPECT_EQ(python_command("check_output('pass ' + name, shell=True)"), std::nullopt);
  EXPECT_EQ(python_command("check_output('pass x')[::-1]"), std::nullopt);
  EXPECT_EQ(python_command("check_output('a\\nb', shell=True)"), std::nullopt);
  EXPECT_EQ(python_command("check_output('x', cwd='/tmp')"), std::nullopt);
}

TEST(PythonForms, OwnFunctions_OnlyIfTheyAreOneSuchCall) {
  const std::string module =
      "from subprocess import check_output\n\ndef get_pass(account):\n    return check_output(\"pass mail/\" + account, "
      "shell=True).splitlines()[0]\n\n"
      "def listed(a):\n  return check_output(['pass', a]).strip()\n\ndef formatted(a):\n\treturn check_output(\"pass "
      "{}/imap\".format(a), shell=True)\n\n"
      "def two(a):\n  print(a)\n  return check_output('x')\n\ndef fixed():\n  # why\n  return os.popen('secret').read()\n";
  EXPECT_THAT(python_call("get_pass(\"work\")", module), Optional(std::string("pass mail/work")));
  EXPECT_THAT(python_call("listed('my work')", module), Optional(std::string("pass 'my work'")));
  EXPECT_THAT(python_call("formatted('work')", module), Optional(std::string("pass work/imap")));
  EXPECT_THAT(python_call("fixed()", module), Optional(std::string("secret")));
  EXPECT_EQ(python_call("two('x')", module), std::nullopt);
  EXPECT_EQ(python_call("unknown('x')", module), std::nullopt);
  EXPECT_EQ(python_call("fixed('x')", module), std::nullopt);
  EXPECT_EQ(python_call("get_pass(x)", module), std::nullopt);
}

TEST(PythonForms, FolderFilters) {
  EXPECT_THAT(python_folder_filter("lambda f: f in ['INBOX', 'Sent']"), Optional(ElementsAre("INBOX", "Sent")));
  EXPECT_THAT(python_folder_filter("lambda foldername: foldername not in ['Trash']"), Optional(ElementsAre("!Trash")));
  EXPECT_THAT(python_folder_filter("lambda f: not f in ('Trash', 'a%b')"), Optional(ElementsAre("!Trash", "!a?b")));
  EXPECT_EQ(python_folder_filter("lambda f: not re.search('(^Trash$|Del)', f)"), std::nullopt);
  EXPECT_EQ(python_folder_filter("lambda f: f in names"), std::nullopt);
}

TEST_F(OfflineImap, UsualAccount_IsTakenOverWhole) {
  const auto draft = draft_of(
      "ssl = yes\nsslcacertfile = /etc/ssl/certs/ca-certificates.crt\nremotepassfile = ~/.pw\nmaxconnections = 3\nidlefolders = "
      "['INBOX', 'Work']\n");
  EXPECT_THAT(lines_of(draft.obstacles), IsEmpty());
  EXPECT_THAT(lines_of(draft.notes), IsEmpty());
  EXPECT_EQ(draft.account.name, "Work");
  EXPECT_EQ(draft.account.port, 993);
  EXPECT_EQ(draft.account.secret, (config::SecretSource{Kind::password_file, "~/.pw"}));
  EXPECT_EQ(draft.account.maildir, "~/Mail");
  EXPECT_EQ(draft.account.layout, config::Layout::nested);
  EXPECT_EQ(draft.account.folder_encoding, config::FolderEncoding::mutf7);
  EXPECT_EQ(draft.account.connections, 3U);
  EXPECT_THAT(draft.account.idle, ElementsAre("INBOX", "Work"));
}

TEST_F(OfflineImap, DefaultSeparator_IsTheFlatLayout) {
  EXPECT_EQ(draft_of("remotepass = x\n", "").account.layout, config::Layout::flat);
  EXPECT_THAT(lines_of(draft_of("remotepass = x\n", "sep = -\n").obstacles), ElementsAre(HasSubstr("write sep = .")));
}

TEST_F(OfflineImap, FolderNamesInUtf8_WhereTheAccountSaysSo) {
  EXPECT_EQ(draft_of("remotepass = x\n", "", "utf8foldernames = yes\n").account.folder_encoding, config::FolderEncoding::utf8);
}

TEST_F(OfflineImap, Passwords_FromWhereTheyCome) {
  EXPECT_EQ(draft_of("remotepass = my%%pw\n").account.secret, (config::SecretSource{Kind::password, "my%pw"}));
  EXPECT_EQ(draft_of("remotepasseval = check_output(['pass', 'x'])\n").account.secret,
            (config::SecretSource{Kind::password_command, "pass x"}));
  write("helper.py", "def get_pass(a):\n  return check_output('pass ' + a, shell=True).strip()\n");
  EXPECT_EQ(draft_of("remotepasseval = get_pass(\"work\")\n", "", "", "pythonfile = ~/helper.py\n").account.secret,
            (config::SecretSource{Kind::password_command, "pass work"}));
  const auto code = draft_of("remotepasseval = keyring.get_password('x', 'y')\n");
  EXPECT_EQ(code.account.secret.kind, Kind::none);
  EXPECT_THAT(code.secret_hint, HasSubstr("code, which mailmirror doesn't run"));
  EXPECT_THAT(draft_of("").secret_hint, HasSubstr("no password"));
}

TEST_F(OfflineImap, Oauth2_ByACommandOrNotAtAll) {
  const auto draft = draft_of("auth_mechanisms = XOAUTH2\noauth2_access_token_eval = check_output(['oama', 'access', 'me'])\n");
  EXPECT_THAT(lines_of(draft.obstacles), IsEmpty());
  EXPECT_EQ(draft.account.secret, (config::SecretSource{Kind::token_command, "oama access me"}));
  EXPECT_EQ(draft.account.auth, config::Auth::xoauth2);
  EXPECT_THAT(lines_of(draft_of("oauth2_client_id = a\noauth2_refresh_token = b\n").obstacles),
              ElementsAre(HasSubstr("mailmirror init me")));
}

TEST_F(OfflineImap, TlsAndFingerprints) {
  EXPECT_EQ(draft_of("ssl = no\nremotepass = x\n").account.tls, config::Tls::starttls);
  EXPECT_THAT(lines_of(draft_of("ssl = no\nstarttls = no\nremotepass = x\n").obstacles), ElementsAre(HasSubstr("in the clear")));
  const std::string sha256(64, 'a');
  EXPECT_EQ(draft_of("remotepass = x\ncert_fingerprint = " + std::string(40, 'b') + ", " + sha256 + "\n").account.fingerprint,
            "sha256:" + sha256);
  EXPECT_THAT(draft_of("remotepassfile = x\ncert_fingerprint = " + std::string(40, 'b') + "\n").notes, SizeIs(1));
}

TEST_F(OfflineImap, Code_IsNeverGuessed) {
  EXPECT_THAT(lines_of(draft_of("remotepass = x\nnametrans = lambda f: f.lower()\n").obstacles),
              ElementsAre(HasSubstr("doesn't run code")));
  EXPECT_THAT(lines_of(draft_of("remotepass = x\n", "nametrans = lambda f: f\n").obstacles), SizeIs(1));
  EXPECT_THAT(lines_of(draft_of("remotepass = x\nremotehosteval = host()\n").obstacles), ElementsAre(HasSubstr("this is code")));
  EXPECT_TRUE(draft_of("remotepass = x\nfolderfilter = lambda f: f.startswith('x')\n").only_what_is_here);
  EXPECT_THAT(draft_of("remotepass = x\nfolderfilter = lambda f: f not in ['Trash']\n").account.mailboxes, ElementsAre("!Trash"));
}

TEST_F(OfflineImap, FilesThatAreNoLongerTheServers_CantBeAdopted) {
  EXPECT_THAT(lines_of(draft_of("remotepass = x\n", "", "synclabels = yes\n").obstacles), SizeIs(1));
  EXPECT_THAT(lines_of(draft_of("remotepass = x\n", "", "filterheaders = X-A\n").obstacles), SizeIs(1));
}

TEST_F(OfflineImap, PoliciesAndDifferences) {
  EXPECT_EQ(draft_of("remotepass = x\nreadonly = True\n").account.mode, config::Mode::pull);
  EXPECT_EQ(draft_of("remotepass = x\nexpunge = no\n").account.on_local_delete, config::OnLocalDelete::keep);
  EXPECT_THAT(lines_of(draft_of("remotepassfile = x\n", "", "maxage = 365\npostsynchook = notmuch new\n").notes),
              ElementsAre(HasSubstr("older messages"), HasSubstr("'notmuch new' as on_new_mail")));
  EXPECT_EQ(draft_of("remotepass = x\n", "", "maxsize = 2000000\n").account.max_message_size, 2'000'000U);
}

TEST_F(OfflineImap, Gmail_HasItsHostAndTrash) {
  const auto taken = import_offlineimap(
      "[general]\naccounts = G, Missing\n[Account G]\nlocalrepository = L\nremoterepository = R\n[Repository L]\ntype = "
      "Maildir\nlocalfolders = "
      "~/g\nsep = /\n[Repository R]\ntype = Gmail\nremoteuser = a@gmail.com\nremotepass = x\ntrashfolder = [Gmail]/Bin\n",
      "rc", environment_);
  ASSERT_THAT(taken.drafts, SizeIs(1));
  EXPECT_EQ(taken.drafts[0].account.host, "imap.gmail.com");
  EXPECT_EQ(taken.drafts[0].account.on_local_delete, config::OnLocalDelete::trash);
  EXPECT_EQ(taken.drafts[0].account.trash_mailbox, "[Gmail]/Bin");
  EXPECT_THAT(lines_of(taken.notes), ElementsAre("2: there is no [Account Missing]"));
}

}  // namespace
}  // namespace mailmirror::daemon::migration
