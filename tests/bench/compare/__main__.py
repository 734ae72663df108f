"""mailmirror and its peers side by side on a private server: see tests/bench/README.md. Started by contrib/bench."""

import argparse
import dataclasses
import pathlib
import signal
import sys
import traceback

import cases_live
import cases_memory
import cases_mirror
import cases_pass
import report
from bench import Bench
from places import NotEnoughRoom, Workspace, check_room

GIB = 2**30


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    group: str
    words: str
    action: object
    room: float
    default: bool = True


CASES = [
    Case("first-mirror-a", "first-mirror", "first mirror of A: 10,000 messages, 190 MB, 10 mailboxes", lambda b: cases_mirror.first_mirror(b, "A"), 4 * GIB),
    Case("first-mirror-b", "first-mirror", "first mirror of B: 100,000 small messages, 20 mailboxes", lambda b: cases_mirror.first_mirror(b, "B"), 10 * GIB),
    Case("first-mirror-slow", "first-mirror", "first mirror of 2,000 messages over 50 ms and 20 Mbit/s", cases_mirror.slow_line, GIB),
    Case("upload", "upload", "upload of 10,000 local messages", cases_mirror.upload, 3 * GIB),
    Case("pass-a", "pass", "pass over A without changes", lambda b: cases_pass.no_change(b, "A"), 2 * GIB),
    Case("pass-b", "pass", "pass over B without changes", lambda b: cases_pass.no_change(b, "B"), 4 * GIB),
    Case("pass-c", "pass", "pass over C without changes: 1 million messages (with --full, or by this name)", lambda b: cases_pass.no_change(b, "C"), 25 * GIB, False),
    Case("pass-slow", "pass", "pass over 2,000 messages without changes, over 50 ms", cases_pass.no_change_slow, 2 * GIB),
    Case("changed-there", "changes", "10 new, 100 flags, 10 deletions on the server, on B", cases_pass.changed_there, 4 * GIB),
    Case("changed-here", "changes", "10 new, 100 flags, 10 deletions in the mirror, on B", cases_pass.changed_here, 4 * GIB),
    Case("push", "push", "delivery on the server to the local file, by the daemon", cases_live.push, 0),
    Case("local-to-server", "push", "local file to the server, by the daemon", cases_live.local_to_server, 0),
    Case("start-b", "start", "start of the daemon to idle, on B", lambda b: cases_live.start(b, "B"), 4 * GIB),
    Case("start-c", "start", "start of the daemon to idle, on C (with --full, or by this name)", lambda b: cases_live.start(b, "C"), 25 * GIB, False),
    Case("memory-message", "memory", "peak memory with a message of 1 GiB", cases_memory.large_message, 3 * GIB),
    Case("memory-idle", "memory", "memory and processor time of accounts that wait", cases_memory.idle_accounts, 0),
    Case("memory-million", "memory", "memory with 1 million messages (with --full, or by this name)", cases_memory.million, 25 * GIB, False),
]


def chosen(names, full):
    if not names:
        return [case for case in CASES if case.default or full]
    unknown = [name for name in names if not any(name in (case.name, case.group) for case in CASES)]
    if unknown:
        sys.exit(f"bench: there is no case {', '.join(unknown)}; --list tells them")
    # A group's name leaves out what must be asked for by its own.
    return [case for case in CASES if case.name in names or (case.group in names and (case.default or full))]


def options():
    parser = argparse.ArgumentParser(prog="contrib/bench", description=__doc__)
    parser.add_argument("cases", nargs="*", help="cases or groups of them; default: all that take minutes")
    parser.add_argument("--list", action="store_true", help="tell the cases, and end")
    parser.add_argument("--runs", type=int, help="of each case, interleaved (3)")
    parser.add_argument("--quick", action="store_true", help="tiny accounts, one run: shows that everything works, its figures mean nothing")
    parser.add_argument("--full", action="store_true", help="also what takes an hour: 1 million messages, OfflineIMAP on B")
    parser.add_argument("--peers", help="only these, such as mbsync,interimap; none: mailmirror alone")
    parser.add_argument("--keep", action="store_true", help="leave the temporary folder")
    parser.add_argument("--build", required=True, type=pathlib.Path, help="the build folder of mailmirror")
    parser.add_argument("--json", type=pathlib.Path, help="where the figures go (BUILD/results.json)")
    given = parser.parse_args()
    given.runs = given.runs or (1 if given.quick else 3)
    return given


def stop_as_by_keyboard(*_):
    raise KeyboardInterrupt


def run_cases(bench, cases):
    failed = []
    for case in cases:
        print(f"{case.name}: {case.words}", flush=True)
        before = sum(len(rows) for subjects in bench.figures.values() for rows in subjects.values())
        try:
            case.action(bench)
        except Exception as error:  # one case that fails, for whatever reason, leaves the others their figures
            failed.append(case.name)
            traceback.print_exc()
            bench.notes.append(f"{case.name} failed: {error}")
            continue
        if sum(len(rows) for subjects in bench.figures.values() for rows in subjects.values()) == before:
            failed.append(case.name)
            bench.notes.append(f"{case.name} gave no figure")
    return failed


def main():
    given = options()
    if given.list:
        for case in CASES:
            print(f"{case.name:18} {case.group:13} {case.words}")
        return 0
    cases = [case for case in CASES] if given.quick and not given.cases else chosen(given.cases, given.full)
    signal.signal(signal.SIGTERM, stop_as_by_keyboard)
    signal.signal(signal.SIGHUP, stop_as_by_keyboard)
    try:
        check_room(GIB if given.quick else max(max(case.room for case in cases), sum(case.room for case in cases) / 2))
        with Workspace(given.keep) as place:
            peers = given.peers.split(",") if given.peers else None
            bench = Bench(place, given.build.resolve(), given.runs, given.quick, given.full, peers)
            failed = run_cases(bench, cases)
            report.write(bench, given.json or given.build / "results.json")
    except NotEnoughRoom as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted; everything is cleaned up", file=sys.stderr)
        return 130
    if failed:
        print(f"bench: failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
