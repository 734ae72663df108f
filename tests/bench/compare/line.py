"""The counting and delaying line (proxy.py), as a process of its own."""

import json
import pathlib
import socket
import subprocess
import sys

from dovecot import host_name

PROXY = pathlib.Path(__file__).with_name("proxy.py")


class Line:
    """Delay in seconds for one way, rate in bytes a second for one way; 0 and 0: it only counts."""

    def __init__(self, place, port, delay=0.0, rate=0.0):
        self.place, self.host = place, host_name()
        command = [sys.executable, PROXY, socket.gethostbyname(self.host), str(port), str(delay), str(rate)]
        self.process = place.start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def close(self):
        """up, down (bytes), connections, turns, most_turns (those of the connection that has most)."""
        counted, _ = self.process.communicate(timeout=20)
        self.place.forget(self.process)
        return json.loads(counted)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.place.end(self.process)
