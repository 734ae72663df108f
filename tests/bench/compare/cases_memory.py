"""Memory: one very large message, a million small ones, and many accounts that wait."""

import time

from daemon import Daemon
from measure import status_kib
from places import give_away

import generator


def large_message(bench):
    """Peak memory of a pass that brings one message of 1 GiB, and of one that brings nothing."""
    size = 8 * 2**20 if bench.quick else 2**30
    top = bench.server.mail("large")
    generator.make_folder(top)
    line = b"0123456789abcdef" * 4 + b"\n"
    with open(top / "cur" / "1700000000.M1P1.bench:2,S", "wb") as out:
        out.write(b"From: Ada <ada@example.org>\nSubject: Large\nMessage-ID: <large@bench.example>\n\n")
        block = line * 16384
        for _ in range(size // len(block)):
            out.write(block)
    give_away(top)
    mirror = bench.new_mirror(bench.mailmirror)
    bench.mailmirror.write(mirror, "large", "localhost", bench.server.port)
    cost = bench.sync(bench.mailmirror, mirror)
    bench.expect_messages(bench.mailmirror, mirror, 1)
    rest = bench.sync(bench.mailmirror, mirror)
    bench.record("memory-message", "mailmirror", seconds=cost.seconds, cpu=cost.cpu, peak_mib=cost.peak_kib / 1024,
                 over_idle_mib=(cost.peak_kib - rest.peak_kib) / 1024)


def million(bench):
    """A daemon with the mirror of C: its memory without the mapped database and programs, the database's size."""
    mirror = bench.mirror(bench.mailmirror, "C")
    database = sum(file.stat().st_blocks * 512 for file in (mirror / "state").rglob("*") if file.is_file())
    with Daemon(bench, mirror) as daemon:
        daemon.wait_until_idle()
        bench.record("memory-million", "mailmirror", anonymous_mib=status_kib(daemon.process.pid, "RssAnon") / 1024,
                     peak_mib=daemon.peak_kib() / 1024, database_mib=database / 2**20)


def idle_accounts(bench):
    """What one more account costs a daemon at rest: the slope between two numbers of accounts; and its share of a core."""
    few, many = (1, 3) if bench.quick else (10, 100)
    memory, share = {}, 0.0
    for accounts in (few, many):
        mirror = bench.new_mirror(bench.mailmirror)
        bench.mailmirror.write(mirror, "unused", "localhost", bench.server.port)
        text = (mirror / "config.toml").read_text().split("[account.")[0]
        for number in range(accounts):
            user = f"idle-{number}"
            text += bench.mailmirror.account_text(user, user, "localhost", bench.server.port, mirror / user) + "\n"
        (mirror / "config.toml").write_text(text)
        with Daemon(bench, mirror) as daemon:
            daemon.wait_until_idle()
            time.sleep(1 if bench.quick else 5)
            began, used = time.monotonic(), daemon.cpu()
            time.sleep(1 if bench.quick else 20)
            share = 100 * (daemon.cpu() - used) / (time.monotonic() - began)
            memory[accounts] = daemon.memory_kib()
    bench.record("memory-idle", "mailmirror", kib_an_account=(memory[many] - memory[few]) / (many - few), accounts=many,
                 resident_mib=memory[many] / 1024, percent_of_a_core=share)
