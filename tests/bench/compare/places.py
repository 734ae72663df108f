"""The temporary folder of a run, and everything that must be gone when it ends."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

TOP = pathlib.Path("/var/tmp")


class NotEnoughRoom(Exception):
    pass


def check_room(needed):
    """Before anything is started: `needed` bytes, and a tenth of the disk must stay free."""
    usage = shutil.disk_usage(TOP)
    if usage.free < needed + usage.total // 10:
        raise NotEnoughRoom(
            f"{TOP} has {usage.free / 1e9:.1f} GB free; these cases need {needed / 1e9:.1f} GB, and a tenth of the disk stays free")


class Workspace:
    """`with Workspace() as place:` ends in reverse order what was registered by `at_end`, then removes the folder, on errors and Ctrl-C too."""

    def __init__(self, keep=False):
        self.keep = keep
        self.processes = set()

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mm-bench-", dir=TOP))
        self.folder.chmod(0o755)
        self.endings = contextlib.ExitStack()
        return self

    def __exit__(self, *_):
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        for process in list(self.processes):
            self.end(process)
        self.endings.close()
        if self.keep:
            print(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def at_end(self, action, *arguments):
        self.endings.callback(action, *arguments)

    def start(self, command, **options):
        """A process of its own session: a Ctrl-C on the terminal reaches it only through us."""
        process = subprocess.Popen(command, start_new_session=True, **options)
        self.processes.add(process)
        return process

    def forget(self, process):
        self.processes.discard(process)

    def end(self, process, patience=10):
        """SIGTERM to its group, SIGKILL when it stays."""
        self.forget(process)
        if process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(patience)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def user_and_group():
    """Dovecot wants no root: there it runs as nobody."""
    import grp
    import pwd
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    return user, grp.getgrgid(user.pw_gid)


def give_away(folder):
    """To the account that Dovecot runs as."""
    if os.geteuid() != 0:
        return
    user, _ = user_and_group()
    for top, _, names in os.walk(folder):
        os.chown(top, user.pw_uid, user.pw_gid)
        for name in names:
            os.chown(os.path.join(top, name), user.pw_uid, user.pw_gid)
