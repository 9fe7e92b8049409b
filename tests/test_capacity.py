"""The simulation of a day: what waits, what fails first, and where its values come from."""

import pytest

from tests.benchmarks.capacity import NotMeasured, measured, options, stages, summary
from tests.benchmarks.load_model import Demand, Stage, cores, scarcest_first, simulate

RESULTS = {
    "benchmarks": {
        "journeys": {"contenders": [{"more": {"ms CPU": 20.0, "messages": 9.0}}]},
        "outbox-mailbox": {"contenders": [{"median": 500.0}]},
    }
}


def test_what_comes_too_fast_waits_and_the_next_stage_is_spared() -> None:
    demand = Demand(letters=7200, hours=1)  # two a second
    slow, wide = Stage("slow", "mails", 2, 2), Stage("wide", "mails", 1, 1.5)
    first, second = simulate(demand, [slow, wide])
    assert (first.needed, first.used, first.most_waiting) == (4, 2, 3600)
    assert first.longest_wait == 3600, "3600 letters at one a second"
    assert (second.used, second.most_waiting, second.longest_wait) == (2 / 1.5, 0, 0)
    assert [each.stage.name for each in scarcest_first([second, first])] == ["slow", "wide"]


def test_a_stage_without_a_known_limit_holds_nothing_up() -> None:
    unknown, known = Stage("unknown", "mails", 1, None), Stage("known", "mails", 1, 3)
    first, second = simulate(Demand(7200, 1), [unknown, known])
    assert (first.used, first.longest_wait) == (None, 0)
    assert scarcest_first([first, second]) == [second]


def test_cores_leave_room_for_what_comes_unevenly() -> None:
    assert cores(Demand(360_000, 1), milliseconds=20, share=0.7) == 3
    assert cores(Demand(360_000, 1), milliseconds=20, share=1) == 2


def test_values_are_measured_unless_they_are_given() -> None:
    given = options().parse_args(["--mail-rate", "100"])
    costs = measured(RESULTS, given)
    assert (costs.milliseconds, costs.messages, costs.mails_a_second) == (20, 9, 100)
    with pytest.raises(NotMeasured, match="make bench BENCH=journeys"):
        measured({}, given)


def test_five_million_letters_fail_first_at_telegram() -> None:
    given = options().parse_args(["--cores", "8", "--bytes", "10000", "--workers", "2"])
    costs, demand = measured(RESULTS, given), Demand(given.letters, given.hours)
    outcomes = simulate(demand, stages(costs, given))
    assert summary(demand, costs, outcomes, given) == [
        "Fails first: Telegram: messages, at 3.3 letters a second.",
        "Cores for the bot: 2",
        "Workers for mail: 1",
        "Disk for the database: 50.0 GB",
    ]


def test_the_price_of_paid_messages() -> None:
    given = options().parse_args(["--telegram-rate", "1000"])
    costs, demand = measured(RESULTS, given), Demand(given.letters, given.hours)
    lines = summary(demand, costs, simulate(demand, stages(costs, given)), given)
    # 45,000,000 messages, of which 2,592,000 are free.
    assert lines[-1] == "If all messages above the free ones are paid: 4,240,800 Stars"
    assert lines[0] == "Nothing fails whose limit is known."
