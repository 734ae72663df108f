"""mailmirror and its peers: their configurations, and what can be done with each one's mirror."""

import os
import shutil

from dovecot import PASSWORD


class Program:
    """`mirror` is a folder of the program's own: its Maildirs lie below `root`, its state beside them."""

    name = ""
    package = ""
    executable = ""
    to_maildir = True

    def __init__(self, certificate):
        self.certificate = certificate

    def found(self):
        return shutil.which(self.executable)

    def root(self, mirror):
        return mirror / "mail"

    def write(self, mirror, user, host, port):
        """The configuration for this server; it may be written again for another port."""
        raise NotImplementedError

    def command(self, mirror):
        raise NotImplementedError

    def environment(self, mirror):
        return {**os.environ, "HOME": str(mirror), "XDG_RUNTIME_DIR": str(mirror), "XDG_CONFIG_HOME": str(mirror),
                "XDG_STATE_HOME": str(mirror), "XDG_DATA_HOME": str(mirror)}


class Mailmirror(Program):
    name = "mailmirror"

    def __init__(self, certificate, executable):
        super().__init__(certificate)
        self.executable = str(executable)

    def account_text(self, name, user, host, port, root):
        return (f'[account.{name}]\nhost = "{host}"\nport = {port}\nuser = "{user}"\npassword_file = "{root.parent}/secret"\n'
                f'ca_file = "{self.certificate}"\nmaildir = "{root}"\nguard_messages = 1000000\n')

    def write(self, mirror, user, host, port):
        mirror.mkdir(exist_ok=True)
        (mirror / "secret").write_text(PASSWORD + "\n")
        (mirror / "secret").chmod(0o600)
        (mirror / "config.toml").write_text(
            f'[daemon]\nstate_dir = "{mirror}/state"\nsocket = "{mirror}/run/control.sock"\nlog_level = "warn"\n\n' +
            self.account_text("bench", user, host, port, self.root(mirror)))

    def command(self, mirror):
        return [self.executable, "--config", mirror / "config.toml", "--once"]

    def daemon_command(self, mirror):
        return [self.executable, "--config", mirror / "config.toml"]


class Mbsync(Program):
    name = "mbsync"
    package = "isync"
    executable = "mbsync"

    def write(self, mirror, user, host, port):
        self.root(mirror).mkdir(parents=True, exist_ok=True)
        (mirror / "mbsyncrc").write_text(
            f'IMAPAccount bench\nHost {host}\nPort {port}\nUser {user}\nPass {PASSWORD}\nSSLType IMAPS\nCertificateFile {self.certificate}\n\n'
            f'IMAPStore far\nAccount bench\n\nMaildirStore near\nPath {self.root(mirror)}/\nInbox {self.root(mirror)}/INBOX\nSubFolders Verbatim\n\n'
            'Channel bench\nFar :far:\nNear :near:\nPatterns *\nCreate Both\nExpunge Both\nSyncState *\n')

    def command(self, mirror):
        return [self.found(), "-q", "-c", mirror / "mbsyncrc", "-a"]


class OfflineImap(Program):
    name = "offlineimap"
    package = "offlineimap3"
    executable = "offlineimap"

    def write(self, mirror, user, host, port):
        mirror.mkdir(exist_ok=True)
        (mirror / "offlineimaprc").write_text(
            f"[general]\naccounts = bench\nmetadata = {mirror}/metadata\nui = quiet\n\n[Account bench]\nlocalrepository = near\nremoterepository = far\n\n"
            f"[Repository near]\ntype = Maildir\nlocalfolders = {self.root(mirror)}\n\n[Repository far]\ntype = IMAP\nremotehost = {host}\n"
            f"remoteport = {port}\nremoteuser = {user}\nremotepass = {PASSWORD}\nssl = yes\nsslcacertfile = {self.certificate}\nmaxconnections = 4\n")

    def command(self, mirror):
        return [self.found(), "-o", "-c", mirror / "offlineimaprc"]


class InterImap(Program):
    """From server to server: it knows no Maildir. Its near side is a user of the second Dovecot, named after the mirror."""

    name = "interimap"
    package = "interimap"
    executable = "interimap"
    to_maildir = False

    def __init__(self, certificate, near_server):
        super().__init__(certificate)
        self.near_server = near_server

    def root(self, mirror):
        return self.near_server.mail(self.near_user(mirror))

    def near_user(self, mirror):
        return mirror.name

    def write(self, mirror, user, host, port):
        mirror.mkdir(exist_ok=True)
        side = "[{}]\ntype = imaps\nhost = {}\nport = {}\nusername = {}\npassword = {}\nSSL_CAfile = {}\n\n"
        (mirror / "interimap.conf").write_text(
            f"database = {mirror}/state.db\n" 'list-mailbox = "*"\n\n' +
            side.format("local", "localhost", self.near_server.port, self.near_user(mirror), PASSWORD, self.certificate) +
            side.format("remote", host, port, user, PASSWORD, self.certificate))
        (mirror / "interimap.conf").chmod(0o600)

    def command(self, mirror):
        return [self.found(), f"--config={mirror}/interimap.conf", "--quiet"]
