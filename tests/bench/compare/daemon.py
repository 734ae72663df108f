"""mailmirrord as a daemon, and the words one has with it over its control socket."""

import json
import socket
import subprocess
import time

from measure import Failed, cpu_seconds, status_kib, wait_until


class Daemon:
    def __init__(self, bench, mirror):
        self.bench, self.mirror = bench, mirror
        self.log = open(mirror / "daemon.log", "wb")
        self.began = time.monotonic()
        self.process = bench.place.start(bench.mailmirror.daemon_command(mirror), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                         env=bench.mailmirror.environment(mirror))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.bench.place.end(self.process, patience=30)
        self.log.close()

    def ask(self, method):
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(30)
            line.connect(str(self.mirror / "run/control.sock"))
            line.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method}).encode() + b"\n")
            with line.makefile() as answers:
                return json.loads(answers.readline())["result"]

    def states(self):
        if self.process.poll() is not None:
            raise Failed(f"mailmirrord ended with {self.process.returncode}: {(self.mirror / 'daemon.log').read_text()[-1000:]}")
        try:
            return [account["state"] if account["last_sync"] else "starting" for account in self.ask("status")["accounts"]]
        except OSError:
            return ["starting"]

    def wait_until_idle(self, patience=600):
        """Seconds from its start on."""
        wait_until(lambda: set(self.states()) == {"idle"}, patience, "mailmirrord to become idle", 0.005)
        return time.monotonic() - self.began

    def memory_kib(self):
        return status_kib(self.process.pid, "VmRSS")

    def peak_kib(self):
        return status_kib(self.process.pid, "VmHWM")

    def cpu(self):
        return cpu_seconds(self.process.pid)
