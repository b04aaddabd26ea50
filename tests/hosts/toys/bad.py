"""Hosts that do wrong, one for each word on the command line; they speak the protocol from its page alone."""

import json
import os
import signal
import sys
import time

READ = os.fdopen(int(os.environ["WORLD_HOST_IN"]), "rb", buffering=0)
WRITE = os.fdopen(int(os.environ["WORLD_HOST_OUT"]), "wb", buffering=0)
OPENED = {"type": "opened", "name": "bad", "version": "0", "platform": "python"}


def say(message: dict[str, object]) -> None:
    WRITE.write(json.dumps(message).encode() + b"\n")


def complain(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def hang(_: int) -> None:
    complain("about to hang")


def die(_: int) -> None:
    complain("the reason is here")
    sys.exit(3)


def killed(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def garbage(_: int) -> None:
    WRITE.write(b"Starting up...\n")


def no_type(ident: int) -> None:
    say({"id": ident})


def no_fields(_: int) -> None:
    say({"type": "gate", "gate": 1})


def failed(ident: int) -> None:
    error = {"name": "Error", "message": "cannot reach redis://user:secret@db:6379/0"}
    say({"type": "failed", "id": ident, "error": error})


def endless_line(_: int) -> None:
    while True:
        WRITE.write(b"x" * 1_000_000)


def flood(ident: int) -> None:
    for stream in (sys.stdout, sys.stderr):
        for number in range(100_000):
            print(f"line {number} {'x' * 40}", file=stream)
        stream.flush()
    for number in range(20_000):
        say({"type": "log", "level": "info", "origin": "world", "text": f"log {number}"})
    say({"id": ident, **OPENED})
    READ.readline()
    sys.exit(0)


def in_pieces(ident: int) -> None:
    data = json.dumps({"id": ident, **OPENED}).encode() + b"\n"
    for piece in (data[:7], data[7:20], data[20:]):
        WRITE.write(piece)
        time.sleep(0.02)


def deaf(ident: int) -> None:
    say({"id": ident, **OPENED})


def mistaken(ident: int) -> None:
    say({"id": ident, **OPENED})
    asked: int = json.loads(READ.readline())["id"]
    say({"type": "done", "id": asked + 100})


if __name__ == "__main__":
    globals()[sys.argv[1]](json.loads(READ.readline())["id"])
    time.sleep(60)
