"""The daemon at work: how soon a change is on the other side, and how soon it is ready after its start."""

import os
import time

from daemon import Daemon
from measure import Failed, wait_until


def _live_mirror(bench, user):
    with bench.raw(user) as raw:
        raw.command("NOOP")
    mirror = bench.new_mirror(bench.mailmirror)
    bench.mailmirror.write(mirror, user, "localhost", bench.server.port)
    return mirror


def _names(folder):
    try:
        return set(os.listdir(folder / "new")) | set(os.listdir(folder / "cur"))
    except FileNotFoundError:
        return set()


def _text(number):
    return f"From: Ada <ada@example.org>\r\nSubject: Live {number}\r\nMessage-ID: <live{number}@bench.example>\r\n\r\nNow.\r\n".encode()


def push(bench):
    """Delivery on the server to a visible, durable file; against the moment a raw IDLE client is told. Dovecot keeps its notices back for half a second."""
    mirror = _live_mirror(bench, "push")
    inbox = bench.mailmirror.root(mirror) / "INBOX"
    with Daemon(bench, mirror) as daemon, bench.raw("push") as listener, bench.raw("push") as sender:
        daemon.wait_until_idle()
        # Idle is said when the first pass has ended; the subscription to news is a turn later.
        time.sleep(1)
        listener.idle("INBOX")
        for number in range(3 if bench.quick else 20 * bench.runs):
            before = _names(inbox)
            sender.append("INBOX", [_text(number)])
            delivered = time.monotonic()
            told = filed = None
            while told is None or filed is None:
                if filed is None and _names(inbox) != before:
                    filed = time.monotonic() - delivered
                if told is None and listener.wait_for_exists(0.001):
                    told = time.monotonic() - delivered
                if time.monotonic() - delivered > 60:
                    raise Failed("a message didn't arrive within a minute")
            bench.record("push", "raw", seconds=told)
            bench.record("push", "mailmirror", seconds=filed, later_than_raw_ms=1000 * (filed - told))
            time.sleep(0.05 + number * 7 % 11 / 20)


def local_to_server(bench):
    """A file written into the Maildir to its being in the mailbox there. The quiet time (200 ms) is part of it."""
    mirror = _live_mirror(bench, "local")
    inbox = bench.mailmirror.root(mirror) / "INBOX"
    with Daemon(bench, mirror) as daemon, bench.raw("local") as looker:
        daemon.wait_until_idle()
        time.sleep(1)
        wait_until(lambda: (inbox / "cur").is_dir(), 10, "the INBOX's directory")
        for number in range(3 if bench.quick else 20 * bench.runs):
            before = looker.state_of("INBOX")[2]
            path = inbox / "tmp" / f"{1_790_000_000 + number}.live"
            path.write_bytes(_text(number).replace(b"\r\n", b"\n"))
            written = time.monotonic()
            path.rename(inbox / "new" / path.name)
            wait_until(lambda: looker.state_of("INBOX")[2] > before, 60, "the message on the server", 0.002)
            bench.record("local-to-server", "mailmirror", seconds=time.monotonic() - written)
            time.sleep(0.4 + number * 7 % 11 / 20)


def start(bench, letter):
    """From the daemon's start to its word that the account is idle; nothing has changed."""
    case = f"start {letter}"
    mirror = bench.mirror(bench.mailmirror, letter)
    for _ in range(bench.runs):
        with Daemon(bench, mirror) as daemon:
            seconds = daemon.wait_until_idle()
            bench.record(case, "mailmirror", seconds=seconds, cpu=daemon.cpu(), peak_mib=daemon.peak_kib() / 1024)
