"""Large transfers: first mirrors, and the upload of a Maildir that is full already."""

import shutil
import subprocess
import time

import generator


def first_mirror(bench, letter):
    case = f"first-mirror {letter}"
    account = bench.account(letter)
    programs = bench.patient(letter)
    leftovers = []
    for number in range(bench.runs):
        _raw_fetch(bench, case, account)
        _copy(bench, case, account, leftovers)
        for program in bench.in_turn(number, programs):
            mirror = bench.new_mirror(program)
            program.write(mirror, account.name, "localhost", bench.server.port)
            subprocess.run(["sync"], check=True)
            cost = bench.sync(program, mirror)
            bench.expect_messages(program, mirror, account.messages)
            bench.record_cost(case, program, cost)
            if number + 1 == bench.runs and letter in ("A", "B"):
                bench.keep(program, letter, mirror)
            else:
                leftovers.append(mirror)
    for folder in leftovers:
        shutil.rmtree(folder)


def _raw_fetch(bench, case, account):
    began = time.monotonic()
    with bench.raw(account.name) as raw:
        raw.fetch_all(account.boxes())
    bench.record(case, "raw", seconds=time.monotonic() - began)


def _copy(bench, case, account, leftovers):
    target = bench.place.folder / f"copy-{len(leftovers)}"
    leftovers.append(target)
    subprocess.run(["sync"], check=True)
    began = time.monotonic()
    subprocess.run(["cp", "-r", bench.server.mail(account.name), target], check=True)
    subprocess.run(["sync", "--file-system", target], check=True)
    bench.record(case, "cp+sync", seconds=time.monotonic() - began)


DELAY_S = 0.025
RATE = 20_000_000 / 8


def slow_line(bench):
    """First mirror over 50 ms and 20 Mbit/s; what went over the line tells what share of its rate was used."""
    case = "first-mirror-slow"
    account = bench.account("slow")
    for number in range(bench.runs):
        for program in bench.in_turn(number, bench.programs):
            mirror = bench.new_mirror(program)
            with bench.over_line(program, mirror, account.name, DELAY_S, RATE, by_name=True) as line:
                cost = bench.sync(program, mirror)
                counted = line.close()
            bench.expect_messages(program, mirror, account.messages)
            share = 100 * counted["down"] / RATE / cost.seconds
            bench.record_cost(case, program, cost, kib=counted["down"] / 1024, share_of_rate=share)


def upload(bench):
    """A Maildir of 10,000 messages goes to an empty account. The raw client appends one batch (MULTIAPPEND) a mailbox."""
    case = "upload"
    account = bench.accounts["upload"]
    source = bench.place.folder / "upload"
    generator.fill_plain(account, source)
    for number in range(bench.runs):
        _raw_upload(bench, case, account, source, number)
        for program in bench.in_turn(number, [p for p in bench.programs if p.to_maildir]):
            user, mirror = f"up-{program.name}-{number}", bench.new_mirror(program)
            program.write(mirror, user, "localhost", bench.server.port)
            # Everybody knows the empty INBOX before; only the upload is measured.
            bench.sync(program, mirror)
            shutil.copytree(source, program.root(mirror), dirs_exist_ok=True)
            bench.rest(program)
            cost = bench.sync(program, mirror)
            with bench.raw(user) as raw:
                there = sum(raw.state_of(box)[3] for box in account.boxes())
            if there != account.messages:
                raise RuntimeError(f"{program.name} uploaded {there} of {account.messages} messages")
            bench.record_cost(case, program, cost)


def _raw_upload(bench, case, account, source, number):
    began = time.monotonic()
    with bench.raw(f"up-raw-{number}") as raw:
        for box in account.boxes():
            if box != "INBOX":
                raw.command(f"CREATE {box}")
            files = sorted((source / box / "cur").iterdir())
            for at in range(0, len(files), 200):
                raw.multi_append(box, [file.read_bytes().replace(b"\n", b"\r\n") for file in files[at:at + 200]])
    bench.record(case, "raw", seconds=time.monotonic() - began)


