"""A private Dovecot with TLS, below the run's folder, on a port of its own; as root it runs as nobody."""

import os
import shutil
import signal
import socket
import subprocess
import time

from measure import Failed, wait_until
from places import give_away, user_and_group

PASSWORD = "pw"

CONFIG = """protocols = imap
listen = 127.0.0.1
base_dir = {top}/run
state_dir = {top}/state
log_path = {top}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
default_vsz_limit = 0
default_process_limit = 100
first_valid_uid = 1
ssl = required
ssl_cert = <{cert}
ssl_key = <{key}
mail_location = maildir:{top}/mail/%u
mail_home = {top}/home/%u
mailbox_list_index = yes
mail_max_userip_connections = 0
auth_failure_delay = 0
mail_plugins = zlib
protocol imap {{
  mail_plugins = $mail_plugins imap_zlib
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={top}/home/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  chroot =
  service_count = 0
  process_limit = 2
  client_limit = 10000
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service imap {{
  process_limit = 5000
  service_count = 200
  process_min_avail = 1
}}
service imap-urlauth-login {{
  chroot =
}}
service anvil {{
  chroot =
  client_limit = 20000
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
  client_limit = 20000
}}
service auth {{
  client_limit = 20000
}}
"""


def host_name():
    """A name of this machine that isn't "localhost": over a line that is simulated nothing should take the loopback's liberties."""
    name = socket.gethostname()
    try:
        with socket.socket() as probe:
            probe.bind((name, 0))
        return name
    except OSError:
        return "localhost"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_certificate(folder):
    """Self-signed, for localhost and this machine's name."""
    certificate, key = folder / "server.crt", folder / "server.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "7",
                    "-subj", "/CN=localhost", "-addext", f"subjectAltName=DNS:localhost,DNS:{host_name()},IP:127.0.0.1",
                    "-keyout", key, "-out", certificate], check=True, stderr=subprocess.DEVNULL)
    return certificate, key


class Dovecot:
    def __init__(self, place, name, certificate, key):
        self.place, self.top = place, place.folder / name
        self.certificate = certificate
        self.port = free_port()
        for folder in ("run", "state", "home", "mail"):
            (self.top / folder).mkdir(parents=True)
        shutil.copy(certificate, self.top / "server.crt")
        shutil.copy(key, self.top / "server.key")
        user, group = user_and_group()
        (self.top / "dovecot.conf").write_text(CONFIG.format(
            top=self.top, user=user.pw_name, group=group.gr_name, cert=self.top / "server.crt", key=self.top / "server.key",
            password=PASSWORD, port=self.port))
        give_away(self.top)
        self._start()

    def _start(self):
        drop = []
        if os.geteuid() == 0:
            user, group = user_and_group()
            drop = ["setpriv", f"--reuid={user.pw_name}", f"--regid={group.gr_name}", "--clear-groups", "--"]
        program = shutil.which("dovecot", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
        if program is None:
            raise Failed("there is no dovecot (Debian: dovecot-imapd)")
        self.place.at_end(self.stop)
        # To a file: the server inherits it, and the end of a pipe would never come.
        with open(self.top / "start.log", "wb") as log:
            started = subprocess.run([*drop, program, "-c", self.top / "dovecot.conf"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if started.returncode != 0:
            raise Failed(f"Dovecot doesn't start: {(self.top / 'start.log').read_text()}")
        wait_until(self._answers, 20, f"Dovecot at port {self.port}; its log: {self.top / 'log'}")

    def _answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def mail(self, user):
        return self.top / "mail" / user

    def stop(self):
        try:
            pid = int((self.top / "run/master.pid").read_text())
        except (OSError, ValueError):
            return
        try:
            os.kill(pid, signal.SIGTERM)
            for _ in range(100):
                os.kill(pid, 0)
                time.sleep(0.05)
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
