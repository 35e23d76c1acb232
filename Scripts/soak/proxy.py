"""A bad link on this machine: a proxy that carries bytes between a device and the server, with faults."""

import contextlib
import dataclasses
import queue
import random
import socket
import struct
import threading
import time

PACKET_BYTES = 1460


@dataclasses.dataclass
class Link:
    """How a connection fares. Positions count the bytes of both directions of one connection."""

    cut_at: int | None = None
    cuts_with_reset: bool = False
    stall_at: int | None = None
    stall_seconds: float = 0
    repeat_at: int | None = None
    flip_at: int | None = None
    delay_seconds: float = 0  # Each way.
    bytes_per_second: float | None = None  # Each way.
    loss: float = 0  # The share of packets that come late, as if sent again.
    seed: int = 0


class Proxy:
    def __init__(self, port):
        self.upstream = port
        self.lock = threading.Lock()
        self.begin(Link())
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                Carried(self, near, self.link)

    def begin(self, link):
        """The next connections fare so; counts begin again."""
        self.link, self.carried, self.connections = link, 0, 0
        # What the server said; what of it was whole answers, for the device spoke again; and how many these were.
        self.down = self.answered = self.answers = 0

    def count(self, length, is_down):
        """Counts bytes before they are sent, so that what is said upon them comes later."""
        with self.lock:
            self.carried += length
            self.down += length if is_down else 0

    def asked(self):
        """The device speaks: it has had the whole of the last answer."""
        with self.lock:
            self.answers += self.down > self.answered
            self.answered = self.down

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Wakes the thread that waits in accept.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Carried:
    """One connection: for each direction a thread that takes bytes in, and one that hands them on when they are due."""

    def __init__(self, proxy, near, link):
        self.proxy, self.link, self.near = proxy, link, near
        self.count, self.lock = 0, threading.Lock()
        self.chance = random.Random(link.seed)
        proxy.connections += 1
        try:
            self.far = socket.create_connection(("127.0.0.1", proxy.upstream))
        except OSError:
            near.close()
            return
        for end in (near, self.far):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for source, target in ((near, self.far), (self.far, near)):
            pieces = queue.Queue(maxsize=256)
            threading.Thread(target=self.take, args=(source, pieces), daemon=True).start()
            threading.Thread(target=self.hand_on, args=(pieces, target), daemon=True).start()

    def take(self, source, pieces):
        """Bytes as they come, each with the time at which it is due at the other end."""
        due = 0
        with contextlib.suppress(OSError):
            while piece := source.recv(PACKET_BYTES):
                link = self.link
                due = max(due, time.monotonic())
                if source is self.near:
                    self.proxy.asked()
                if link.bytes_per_second:
                    due += len(piece) / link.bytes_per_second
                if self.chance.random() < link.loss:
                    # What comes behind a lost packet waits until it was sent again.
                    due += 0.2 + 2 * link.delay_seconds
                pieces.put((due + link.delay_seconds, piece))
        pieces.put((0, b""))

    def hand_on(self, pieces, target):
        try:
            while True:
                due, piece = pieces.get()
                if not piece:
                    target.shutdown(socket.SHUT_WR)
                    return
                time.sleep(max(0, due - time.monotonic()))
                if not self.pass_on(piece, target):
                    return
        except OSError:
            self.end()
        finally:
            # Whoever still puts must not wait for ever.
            threading.Thread(target=self.drain, args=(pieces,), daemon=True).start()

    def drain(self, pieces):
        with contextlib.suppress(queue.Empty):
            while pieces.get(timeout=60)[1]:
                pass

    def pass_on(self, piece, target):
        """Sends a piece, with what befalls it; False once the connection is cut."""
        link = self.link
        with self.lock:
            start, end = self.count, self.count + len(piece)
            self.count = end

        def strikes(position):
            return position is not None and start <= position < end

        if strikes(link.stall_at):
            time.sleep(link.stall_seconds)
        if strikes(link.flip_at):
            place = link.flip_at - start
            piece = piece[:place] + bytes([piece[place] ^ 1]) + piece[place + 1:]
        if strikes(link.repeat_at):
            piece += piece
        if link.cut_at is not None and end > link.cut_at:
            piece = piece[:max(0, link.cut_at - start)]
            self.proxy.count(len(piece), target is self.near)
            target.sendall(piece)
            self.end()
            return False
        self.proxy.count(len(piece), target is self.near)
        target.sendall(piece)
        return True

    def end(self):
        for end in (self.near, self.far):
            with contextlib.suppress(OSError):
                if self.link.cuts_with_reset:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)
            end.close()
