"""Processes for the tests to kill: run as `python killed.py WHAT URL`; each says on standard output how far it is."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

from unit.ledger.making import confirm, created, enqueue, hand_in

from importer.ledger import Ledger, open_ledger


def say(text: object) -> None:
    print(text, flush=True)


def told() -> str:
    return sys.stdin.readline()


def claim_and_wait(ledger: Ledger) -> None:
    """Three claims, the first recorded; then nothing more."""
    confirm(ledger)
    hand_in(ledger, "b", range(5))
    enqueue(ledger, "b")
    with ledger.sending_lock():
        claims = ledger.claim("b", 3)
        ledger.record(claims[0], created("I01-1")).result()
        say("claimed")
        told()


def hand_in_together(ledger: Ledger) -> None:
    """The same documents as another process at the same moment."""
    confirm(ledger)
    say(ledger.is_new)
    members = hand_in(ledger, f"batch of {os.getpid()}", range(400))
    enqueue(ledger, f"batch of {os.getpid()}")
    say(",".join(str(member.record.id) for member in members))


def send_together(ledger: Ledger) -> None:
    """Claim and record one by one what any process handed in; say which."""
    done = []
    with ledger.sending_lock():
        while claims := ledger.claim("b", 3):
            for claim in claims:
                ledger.record(claim, created(f"I01-{claim.document_id}")).result()
                done.append(claim.document_id)
    say(",".join(map(str, done)))


def hold_the_lock(ledger: Ledger) -> None:
    """Inside the sending lock until told to go."""
    with ledger.sending_lock():
        say("inside")
        told()


WHAT: dict[str, Callable[[Ledger], None]] = {
    "claim_and_wait": claim_and_wait,
    "hand_in_together": hand_in_together,
    "send_together": send_together,
    "hold_the_lock": hold_the_lock,
}

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    say("ready")
    told()
    with open_ledger(sys.argv[2]) as found:
        WHAT[sys.argv[1]](found)
