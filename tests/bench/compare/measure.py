"""Runs one program and tells what it cost."""

import dataclasses
import os
import subprocess
import threading
import time


class Failed(Exception):
    pass


@dataclasses.dataclass
class Cost:
    seconds: float
    cpu: float = 0.0
    peak_kib: int = 0


def status_kib(pid, key):
    """VmHWM, VmRSS, RssAnon of a living process; 0 when it is gone. (ru_maxrss would count what it was forked from, too.)"""
    try:
        with open(f"/proc/{pid}/status") as lines:
            for line in lines:
                if line.startswith(key + ":"):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class _PeakReader(threading.Thread):
    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.done = pid, 0, threading.Event()

    def run(self):
        pause = 0.002
        while not self.done.wait(pause):
            self.peak = max(self.peak, status_kib(self.pid, "VmHWM"))
            pause = min(pause * 1.3, 0.05)


def run(place, command, log, environment=None, accepted=(0,), timeout=7200):
    """Wall time, processor time (its children's included) and peak memory. Raises Failed with the log's end."""
    with open(log, "wb") as output:
        began = time.monotonic()
        process = place.start(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment)
        reader = _PeakReader(process.pid)
        reader.start()
        killer = threading.Timer(timeout, lambda: place.end(process))
        # An interrupted run ends without them.
        killer.daemon = True
        killer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            place.forget(process)
        finally:
            killer.cancel()
            reader.done.set()
    if process.returncode not in accepted:
        with open(log, errors="replace") as lines:
            end = "".join(lines.readlines()[-15:])
        raise Failed(f"{command[0]} ended with {process.returncode}:\n{end}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, reader.peak)


def wait_until(condition, patience, what, pause=0.01):
    deadline = time.monotonic() + patience
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise Failed(f"waited {patience} s in vain: {what}")
        time.sleep(pause)
    return found
