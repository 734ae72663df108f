"""A TCP line that counts, and that can be long and narrow: `python3 proxy.py ADDRESS PORT [DELAY_S RATE_BYTES_PER_S]`.

Prints the port that it listens at; at the end of its standard input it prints what it counted, as JSON. It sees TLS records: a turn is
one change of direction, the client's words after the server's; the two turns of a TLS 1.3 handshake (hello; finished, then the greeting)
are among them. All connections share one line's rate, a direction each.
"""

import asyncio
import json
import os
import sys
import time

ROUTER_BUFFER_S = 0.05


class Line:
    def __init__(self, delay, rate):
        self.delay, self.rate = delay, rate
        self.free = {"up": 0.0, "down": 0.0}
        self.count = {"up": 0, "down": 0, "connections": 0, "turns": 0, "most_turns": 0}

    async def departure(self, way, size):
        """When `size` bytes have left this end: later ones queue behind them."""
        if not self.rate:
            return time.monotonic()
        now = time.monotonic()
        if self.free[way] - now > ROUTER_BUFFER_S:
            await asyncio.sleep(self.free[way] - now - ROUTER_BUFFER_S)
        self.free[way] = max(time.monotonic(), self.free[way]) + size / self.rate
        return self.free[way]


class Conversation:
    def __init__(self, line):
        self.line, self.last, self.turns = line, "down", 0
        line.count["connections"] += 1

    def note(self, way, size):
        self.line.count[way] += size
        if way == "up" and self.last == "down":
            self.turns += 1
            self.line.count["turns"] += 1
            self.line.count["most_turns"] = max(self.line.count["most_turns"], self.turns)
        self.last = way


async def carry(queue, writer, line):
    while (item := await queue.get()) is not None:
        due, data = item
        wait = due + line.delay - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        writer.write(data)
        await writer.drain()
    writer.write_eof()


async def pump(reader, writer, line, conversation, way):
    queue = asyncio.Queue()
    carrier = asyncio.ensure_future(carry(queue, writer, line))
    try:
        while data := await reader.read(16 * 1024):
            conversation.note(way, len(data))
            queue.put_nowait((await line.departure(way, len(data)), data))
            if not line.rate and not line.delay:
                await asyncio.sleep(0)
    except ConnectionError:
        pass
    queue.put_nowait(None)
    try:
        await carrier
    except (ConnectionError, OSError):
        pass


async def serve(line, address, port):
    async def meet(reader, writer):
        conversation = Conversation(line)
        if line.delay:
            await asyncio.sleep(2 * line.delay)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, far_writer, line, conversation, "up"), pump(far_reader, writer, line, conversation, "down"))
        for end in (writer, far_writer):
            end.close()

    return await asyncio.start_server(meet, address, 0)


async def main():
    address, port = sys.argv[1], int(sys.argv[2])
    delay, rate = (float(word) for word in sys.argv[3:5]) if len(sys.argv) > 4 else (0.0, 0.0)
    line = Line(delay, rate)
    server = await serve(line, address, port)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    print(json.dumps(line.count), flush=True)
    # Without an orderly end of the connections that are still open: they are nobody's any more.
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())
