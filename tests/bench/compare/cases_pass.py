"""Passes over an account of which little or nothing has changed."""

import random
import time

import generator
from cases_mirror import DELAY_S, RATE


def no_change(bench, letter):
    """Nothing has changed: time, and once for each program what crosses the wire."""
    case = f"pass {letter}"
    account = bench.account(letter)
    programs = bench.patient(letter)
    mirrors = {program.name: bench.mirror(program, letter) for program in programs}
    for number in range(max(bench.runs, 5) if not bench.quick else 1):
        began = time.monotonic()
        with bench.raw(account.name) as raw:
            raw.look()
        bench.record(case, "raw", seconds=time.monotonic() - began)
        for program in bench.in_turn(number, programs):
            bench.record_cost(case, program, bench.sync(program, mirrors[program.name]))
    for program in programs:
        mirror = mirrors[program.name]
        with bench.over_line(program, mirror, account.name) as line:
            bench.sync(program, mirror)
            counted = line.close()
        bench.record(f"{case}: wire", program.name, kib=(counted["up"] + counted["down"]) / 1024, turns=counted["most_turns"],
                     connections=counted["connections"])


def no_change_slow(bench):
    """The same over 50 ms; the mirrors are made over a line without delay, from a server of the same name."""
    case = "pass-slow"
    account = bench.account("slow")
    for program in bench.programs:
        mirror = bench.new_mirror(program)
        with bench.over_line(program, mirror, account.name, by_name=True):
            bench.sync(program, mirror)
            bench.settle(program, mirror)
        with bench.over_line(program, mirror, account.name, DELAY_S, RATE, by_name=True):
            for _ in range(bench.runs):
                bench.record_cost(case, program, bench.sync(program, mirror))


class Changes:
    """Changes of one account on its server (`client` is a raw client that is logged in there)."""

    def __init__(self, bench, source):
        self.source = source
        self.pool = generator.text_pool(source)
        self.number = 0
        self.new, self.flagged, self.deleted = (3, 4, 2) if bench.quick else (10, 100, 10)

    def new_messages(self):
        self.number += self.new
        return [generator.message(self.source, self.pool, 9_000_000 + self.number + n, 3000) for n in range(self.new)]

    def add(self, client, box):
        client.append(box, [text.replace(b"\n", b"\r\n") for text in self.new_messages()])

    def flag(self, client, box):
        chosen = self.source.sample(client.uids(box, "UNFLAGGED"), self.flagged)
        client.command(f"UID STORE {','.join(map(str, chosen))} +FLAGS.SILENT (\\Flagged)")

    def delete(self, client, box):
        chosen = ",".join(map(str, self.source.sample(client.uids(box), self.deleted)))
        client.command(f"UID STORE {chosen} +FLAGS.SILENT (\\Deleted)")
        client.command(f"UID EXPUNGE {chosen}")

    def add_files(self, folder):
        for text in self.new_messages():
            self.number += 1
            path = folder / "tmp" / f"{1_790_000_000 + self.number}.bench"
            path.write_bytes(text)
            path.rename(folder / "cur" / (path.name + ":2,S"))

    def flag_files(self, folder):
        plain = sorted(file for file in (folder / "cur").iterdir() if ":2," in file.name and "F" not in file.name.split(":2,")[1])
        for file in self.source.sample(plain, self.flagged):
            stem, flags = file.name.split(":2,")
            file.rename(file.with_name(f"{stem}:2,{''.join(sorted(flags + 'F'))}"))

    def delete_files(self, folder):
        for file in self.source.sample(sorted((folder / "cur").iterdir()), self.deleted):
            file.unlink()


def changed_there(bench):
    """10 new messages, 100 flags, 10 deletions on the server of account B: one change, then every program's pass."""
    account = bench.account("B")
    programs = bench.patient("B")
    mirrors = {program.name: bench.mirror(program, "B") for program in programs}
    changes = Changes(bench, random.Random("there"))
    kinds = [("new-there", changes.add, "INBOX"), ("flags-there", changes.flag, "Box01"), ("deleted-there", changes.delete, "Box02")]
    for number in range(bench.runs):
        for case, change, box in kinds:
            with bench.raw(account.name) as client:
                before = client.state_of(box)
                change(client, box)
            began = time.monotonic()
            with bench.raw(account.name) as raw:
                raw.look()
                raw.catch_up(box, before)
            bench.record(case, "raw", seconds=time.monotonic() - began)
            for program in bench.in_turn(number, programs):
                bench.record_cost(case, program, bench.sync(program, mirrors[program.name]))


def changed_here(bench):
    """The same in each mirror; before its turn each program catches up with the others' changes, uncounted."""
    account = bench.account("B")
    programs = bench.patient("B")
    mirrors = {program.name: bench.mirror(program, "B") for program in programs}
    changes = Changes(bench, random.Random("here"))
    kinds = [("new-here", changes.add, changes.add_files, "INBOX"), ("flags-here", changes.flag, changes.flag_files, "Box03"),
             ("deleted-here", changes.delete, changes.delete_files, "Box04")]
    for _ in range(bench.runs):
        for case, there, here, box in kinds:
            began = time.monotonic()
            with bench.raw(account.name) as raw:
                raw.look()
                there(raw, box)
            bench.record(case, "raw", seconds=time.monotonic() - began)
            for program in programs:
                mirror = mirrors[program.name]
                bench.sync(program, mirror)
                if program.to_maildir:
                    here(program.root(mirror) / box)
                else:
                    with bench.raw(program.near_user(mirror), bench.near_server) as client:
                        there(client, box)
                bench.rest(program)
                bench.record_cost(case, program, bench.sync(program, mirror))
