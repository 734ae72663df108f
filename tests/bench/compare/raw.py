"""The lower bound: an IMAP client that keeps nothing, has no wishes and checks nothing but the tagged OK."""

import re
import select
import socket
import ssl

from dovecot import PASSWORD
from measure import Failed

BLOCK = 256 * 1024


class RawClient:
    def __init__(self, host, port, certificate, user):
        context = ssl.create_default_context(cafile=certificate)
        plain = socket.create_connection((host, port), 30)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = context.wrap_socket(plain, server_hostname=host)
        self.socket.settimeout(600)
        self.unread, self.number = b"", 0
        self.block = bytearray(BLOCK)
        self._line()
        self.command(f"LOGIN {user} {PASSWORD}")

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _more(self):
        size = self.socket.recv_into(self.block)
        if size == 0:
            raise Failed("the server hung up on the raw client")
        return bytes(memoryview(self.block)[:size])

    def _line(self):
        while b"\r\n" not in self.unread:
            self.unread += self._more()
        line, self.unread = self.unread.split(b"\r\n", 1)
        return line

    def send(self, words):
        self.number += 1
        self.socket.sendall(f"r{self.number} ".encode() + (words if isinstance(words, bytes) else words.encode()) + b"\r\n")
        return f"r{self.number}".encode()

    def answer(self, tag, keep=True):
        """Everything up to the tagged OK; with keep=False only the end of it: bodies go by unread."""
        begin = b"\r\n" + tag + b" "
        seen = b"\r\n" + self.unread
        while (at := seen.find(begin)) < 0 or b"\r\n" not in seen[at + 2:]:
            # What arrives of a fetch holds no tag: only its end needs to be looked at.
            seen = seen[-200:] if not keep else seen
            seen += self._more()
        end = seen.index(b"\r\n", at + 2)
        self.unread = seen[end + 2:]
        if not seen[at + len(begin):].startswith(b"OK"):
            raise Failed(f"the raw client's command failed: {seen[at:end].decode(errors='replace')}")
        return seen[2:end]

    def command(self, words, keep=True):
        return self.answer(self.send(words), keep)

    def fetch_all(self, boxes):
        tags = []
        for box in boxes:
            tags.append(self.send(f"EXAMINE {box}"))
            tags.append(self.send("UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])"))
        for tag in tags:
            self.answer(tag, keep=False)

    def append(self, box, messages):
        """Pipelined with LITERAL+. CRLF line ends."""
        tags = [self.send(f"APPEND {box} (\\Seen) {{{len(text)}+}}\r\n".encode() + text) for text in messages]
        return [self.answer(tag) for tag in tags]

    def multi_append(self, box, messages):
        parts = b"".join(f" (\\Seen) {{{len(text)}+}}\r\n".encode() + text for text in messages)
        return self.command(f"APPEND {box}".encode() + parts)

    def state_of(self, box):
        """UIDVALIDITY, HIGHESTMODSEQ, UIDNEXT and the number of messages."""
        said = self.command(f"STATUS {box} (UIDVALIDITY HIGHESTMODSEQ UIDNEXT MESSAGES)")
        return tuple(int(re.search(rb"%s (\d+)" % key, said)[1]) for key in (b"UIDVALIDITY", b"HIGHESTMODSEQ", b"UIDNEXT", b"MESSAGES"))

    def uids(self, box, wanted="ALL"):
        self.command(f"SELECT {box}")
        said = self.command(f"UID SEARCH {wanted}")
        found = re.search(rb"\* SEARCH([ 0-9]*)", said)
        return [int(word) for word in found[1].split()] if found else []

    def look(self):
        """A pass without changes: one command."""
        self.command('LIST "" "*" RETURN (STATUS (UIDVALIDITY UIDNEXT MESSAGES HIGHESTMODSEQ))')

    def catch_up(self, box, state):
        """What changed since `state`, bodies of new messages included, in two turns."""
        validity, modseq, uid_next, _ = state
        tags = [self.send("ENABLE QRESYNC"), self.send(f"SELECT {box} (QRESYNC ({validity} {modseq}))"),
                self.send(f"UID FETCH {uid_next}:* (UID FLAGS INTERNALDATE BODY.PEEK[])")]
        for tag in tags:
            self.answer(tag, keep=False)

    def wait_for_exists(self, patience):
        """During IDLE: returns when EXISTS has arrived."""
        while True:
            while b"\r\n" in self.unread:
                if b"EXISTS" in self._line():
                    return True
            if not self.socket.pending() and not select.select([self.socket], [], [], patience)[0]:
                return False
            self.unread += self._more()

    def idle(self, box):
        self.command(f"SELECT {box}")
        self.send("IDLE")
        self._line()
