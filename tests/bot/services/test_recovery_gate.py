"""Work is taken over from a silent process, but not right after an outage of the database."""

from datetime import datetime, timedelta

from bot.services.recovery_gate import RecoveryGate
from tests.storage.people import NOW

GRACE = timedelta(seconds=30)


class Time:
    """A stopwatch and a clock, which can be set by itself."""

    def __init__(self) -> None:
        self.seconds, self.ahead = 1000.0, timedelta()

    def stopwatch(self) -> float:
        return self.seconds

    def clock(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds) + self.ahead

    def works_for(self, gate: RecoveryGate, seconds: int) -> None:
        """Let time pass while the database answers every five seconds."""
        for _ in range(seconds // 5):
            self.seconds += 5
            gate.contact()


def gate_at(time: Time, *, alone: bool = False) -> RecoveryGate:
    return RecoveryGate(time.clock, GRACE, alone=alone, stopwatch=time.stopwatch)


def test_a_new_process_waits_for_those_that_run() -> None:
    time = Time()
    gate = gate_at(time)
    gate.contact()
    time.works_for(gate, 25)
    assert not gate.is_open
    time.works_for(gate, 5)
    assert gate.is_open


def test_a_process_that_is_alone_does_not_wait_at_its_start() -> None:
    assert gate_at(Time(), alone=True).is_open


def test_after_an_outage_it_is_closed_for_a_while() -> None:
    time = Time()
    gate = gate_at(time, alone=True)
    gate.contact()
    time.seconds += 70
    assert not gate.is_open, "whoever held a lease could not renew it"
    gate.contact()
    time.works_for(gate, 25)
    assert not gate.is_open
    time.works_for(gate, 5)
    assert gate.is_open


def test_a_failed_write_counts_as_an_outage() -> None:
    """On a full disk, transactions that change nothing succeed."""
    time = Time()
    gate = gate_at(time, alone=True)
    time.works_for(gate, 60)
    gate.close()
    time.works_for(gate, 25)
    assert not gate.is_open
    time.works_for(gate, 5)
    assert gate.is_open


def test_when_the_clock_is_set_it_is_closed_for_a_while() -> None:
    for hours in (1, -1):
        time = Time()
        gate = gate_at(time, alone=True)
        gate.contact()
        time.ahead = timedelta(hours=hours)
        assert not gate.is_open
        time.works_for(gate, 30)
        assert not gate.is_open
        time.works_for(gate, 5)
        assert gate.is_open
