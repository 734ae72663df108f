"""What all cases share: servers, accounts, programs, mirrors, and the figures that are collected."""

import collections
import contextlib
import pathlib
import time

from dovecot import Dovecot, make_certificate
from generator import Account, fill, server_folder
from line import Line
from measure import Failed, run
from places import give_away
from programs import InterImap, Mailmirror, Mbsync, OfflineImap
from raw import RawClient

# The mtime of a directory is trusted only 2 s after its last change.
SETTLING_S = 2.5


class Bench:
    def __init__(self, place, program_folder, runs, quick, full, wanted_programs):
        self.place, self.runs, self.quick, self.full = place, runs, quick, full
        self.program_folder = pathlib.Path(program_folder)
        # case -> subject -> list of {figure: number}
        self.figures = collections.defaultdict(lambda: collections.defaultdict(list))
        self.notes = []
        certificate, key = make_certificate(place.folder)
        self.server = Dovecot(place, "server", certificate, key)
        self.near_server = Dovecot(place, "near-server", certificate, key)
        self.certificate = certificate
        self.mailmirror = Mailmirror(certificate, self.program_folder / "daemon/mailmirrord")
        peers = [Mbsync(certificate), OfflineImap(certificate), InterImap(certificate, self.near_server)]
        self.programs = [self.mailmirror]
        for peer in peers:
            if wanted_programs and peer.name not in wanted_programs:
                continue
            if peer.found():
                self.programs.append(peer)
            else:
                self.notes.append(f"{peer.name} isn't installed (Debian: {peer.package}): left out")
        self.filled, self.kept, self.serial = set(), {}, 0
        self.accounts = self.quick_accounts() if quick else self.real_accounts()

    @staticmethod
    def real_accounts():
        return {"A": Account("a", 10_000, 10, 19_000), "B": Account("b", 100_000, 20, 3_000), "C": Account("c", 1_000_000, 20, 600),
                "slow": Account("slow", 2_000, 4, 19_000), "upload": Account("upload", 10_000, 4, 8_000)}

    @staticmethod
    def quick_accounts():
        return {"A": Account("a", 120, 4, 19_000), "B": Account("b", 240, 6, 3_000), "C": Account("c", 300, 4, 600),
                "slow": Account("slow", 10, 2, 19_000), "upload": Account("upload", 60, 2, 8_000)}

    # The programs' order turns with each run: none is always first after the raw client.
    def in_turn(self, number, programs):
        turn = number % len(programs)
        return programs[turn:] + programs[:turn]

    def record(self, case, subject, **figures):
        self.figures[case][subject].append(figures)
        words = ", ".join(f"{key} {value:.3f}" if isinstance(value, float) else f"{key} {value}" for key, value in figures.items())
        print(f"  {case}: {subject}: {words}", flush=True)

    def record_cost(self, case, program, cost, **more):
        self.record(case, program.name, seconds=cost.seconds, cpu=cost.cpu, peak_mib=cost.peak_kib / 1024, **more)

    def account(self, letter):
        """The account, filled at its first use; the server has made its indexes then."""
        account = self.accounts[letter]
        if account.name not in self.filled:
            print(f"  making {account.messages} messages in {account.mailboxes} mailboxes", flush=True)
            top = self.server.mail(account.name)
            fill(account, server_folder(top))
            give_away(top)
            with self.raw(account.name) as raw:
                for box in account.boxes():
                    raw.command(f"SELECT {box}")
                    raw.command("UID FETCH 1:* (FLAGS RFC822.SIZE)", keep=False)
                raw.look()
            self.filled.add(account.name)
        return account

    def raw(self, user, server=None):
        return RawClient("localhost", (server or self.server).port, self.certificate, user)

    def new_mirror(self, program):
        """A fresh folder: what lies on a freshly cleared directory is several times slower to write."""
        self.serial += 1
        mirror = self.place.folder / f"{program.name}-{self.serial}"
        mirror.mkdir()
        return mirror

    def sync(self, program, mirror):
        # mbsync says 1 for mere warnings, too: whether it did its work is asked of its mirror.
        return run(self.place, program.command(mirror), mirror / "log", program.environment(mirror))

    def mirror(self, program, letter):
        """A mirror of the account that is complete and has come to rest; made once."""
        key = (program.name, letter)
        if key not in self.kept:
            print(f"  first mirror of {letter} by {program.name}", flush=True)
            mirror = self.new_mirror(program)
            program.write(mirror, self.account(letter).name, "localhost", self.server.port)
            self.sync(program, mirror)
            self.keep(program, letter, mirror)
        return self.kept[key]

    def keep(self, program, letter, mirror):
        self.settle(program, mirror)
        self.kept[(program.name, letter)] = mirror

    def settle(self, program, mirror):
        """Two passes that aren't counted; the second one finds directories that are old enough to be trusted."""
        for _ in range(2):
            self.rest(program)
            self.sync(program, mirror)

    def rest(self, program):
        """Till files that were just written are old enough to be believed complete, too."""
        if program is self.mailmirror and not self.quick:
            time.sleep(SETTLING_S)

    def count(self, program, mirror):
        root = program.root(mirror)
        return sum(1 for file in root.rglob("*") if file.parent.name in ("cur", "new") and file.is_file())

    def expect_messages(self, program, mirror, wanted):
        if (found := self.count(program, mirror)) != wanted:
            raise Failed(f"{program.name} stored {found} of {wanted} messages")

    @contextlib.contextmanager
    def over_line(self, program, mirror, user, delay=0.0, rate=0.0, by_name=False):
        """The mirror's next passes go over a line that counts. Afterwards it is as before. `by_name`: the server is called by this machine's name, not localhost."""
        with Line(self.place, self.server.port, delay, rate) as line:
            program.write(mirror, user, line.host if by_name else "localhost", line.port)
            yield line
        program.write(mirror, user, "localhost", self.server.port)

    def patient(self, letter, programs=None):
        """Without those for whom an account takes very long, unless everything was asked for."""
        programs = programs or self.programs
        if self.full or self.quick or letter not in ("B", "C"):
            return programs
        slow = {"B": ("offlineimap",), "C": ("offlineimap", "interimap", "mbsync")}[letter]
        return [program for program in programs if program.name not in slow]

