"""Mail from a fixed seed: the same account on every machine."""

import dataclasses
import random
import string

SEED = 20260101


@dataclasses.dataclass(frozen=True)
class Account:
    name: str
    messages: int
    mailboxes: int
    mean_size: int

    def boxes(self):
        return ["INBOX"] + [f"Box{number:02d}" for number in range(1, self.mailboxes)]

    def disk(self):
        """What it takes, in blocks of 4 KiB."""
        return self.messages * (self.mean_size // 4096 + 1) * 4096


def text_pool(source, lines=6000):
    letters = string.ascii_letters + string.digits
    return "".join("".join(source.choices(letters, k=76)) + "\n" for _ in range(lines)).encode()


def message(source, pool, number, mean_size):
    """LF line ends. Sizes spread evenly from a fifth to nine fifths of the mean."""
    size = max(200, int(mean_size * source.uniform(0.2, 1.8)))
    begin = source.randrange(max(1, len(pool) - size))
    head = (f"From: Ada {number} <a{number}@example.org>\nTo: you@example.org\nSubject: Message {number}\n"
            f"Date: Thu, 01 Jan 2026 10:{number // 60 % 60:02d}:{number % 60:02d} +0000\nMessage-ID: <{number}.{source.getrandbits(48):x}@bench.example>\n\n")
    return head.encode() + pool[begin:begin + size] + b"\n"


def make_folder(folder):
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True, exist_ok=True)


def fill(account, folder_of, seed=SEED):
    """Writes the account as Maildirs: `folder_of(mailbox)` is where each one lies. Seven of ten messages are seen, one of ten is flagged."""
    source = random.Random(f"{seed} {account.name}")
    pool = text_pool(source, max(6000, account.mean_size // 30))
    boxes = account.boxes()
    folders = [folder_of(box) for box in boxes]
    for folder in folders:
        make_folder(folder)
    for number in range(1, account.messages + 1):
        text = message(source, pool, number, account.mean_size)
        flags = ("F" if source.random() < 0.1 else "") + ("S" if source.random() < 0.7 else "")
        name = f"{1_700_000_000 + number}.M{number}P1.bench,S={len(text)},W={len(text) + text.count(10)}:2,{flags}"
        with open(folders[number % len(folders)] / "cur" / name, "wb", buffering=0) as out:
            out.write(text)


def server_folder(top):
    """Where Dovecot's Maildir++ has a mailbox."""
    return lambda box: top if box == "INBOX" else top / f".{box}"


def fill_plain(account, top, into="cur"):
    """For uploads: one Maildir as a mail program leaves it, without sizes in the names."""
    source = random.Random(f"{SEED} upload {account.name}")
    pool = text_pool(source)
    for box in account.boxes():
        make_folder(top / box)
    for number in range(1, account.messages + 1):
        box = account.boxes()[number % account.mailboxes]
        name = f"{1_700_000_000 + number}.{number}_1.bench" + (":2,S" if into == "cur" else "")
        (top / box / into / name).write_bytes(message(source, pool, number, account.mean_size))
