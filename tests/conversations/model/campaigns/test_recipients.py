"""To whom a supporter writes, from 650 and from 10,000 targets."""

from conversations.model.campaigns.campaign import Campaign
from conversations.model.campaigns.campaign_questions import OwnQuestion, QuestionKind
from conversations.model.campaigns.recipients import (
    candidates,
    chosen,
    places,
    possible,
    recipients,
    search,
)
from conversations.model.campaigns.target_index import TargetIndex
from conversations.model.campaigns.targets import Target
from conversations.model.journey import Answers
from tests.conversations.play import RIVER
from tests.cpu_time import at_most

POSTCODE = OwnQuestion(
    id="postcode",
    kind=QuestionKind.POSTCODE,
    label={"en": "Postcode"},
    text={"en": "What’s your postcode?"},
    purpose={"en": "It leads to your representative."},
    required=True,
)


def target(id_: str, *areas: str, countries: tuple[str, ...] = ()) -> Target:
    return Target(
        id=id_,
        name={"en": id_.title()},
        address=f"{id_}@parliament.example",
        country="PT",
        languages=("en",),
        areas=areas,
        for_countries=countries,
    )


def campaign(*targets: Target, write_to: int | str = "all", **areas: str) -> Campaign:
    changed = {
        "targets": targets,
        "write_to": write_to,
        "targets_by": "postcode",
        "questions": (POSTCODE,),
        "areas": areas,
    }
    return RIVER.model_copy(update=changed)


def lives_at(code: str, country: str = "PT", *chosen: str) -> Answers:
    return Answers(country=country, own=(("postcode", code),), chosen=chosen)


def ids(found: tuple[Target, ...]) -> list[str]:
    return [each.id for each in found]


def test_each_of_650_areas_has_its_own_representative() -> None:
    many = campaign(*(target(f"t{n}", f"A{n:03}") for n in range(650)), write_to="one")
    for number in (0, 7, 649):
        assert ids(recipients(many, lives_at(f"a{number:03} 1-XY"))) == [f"t{number}"]
    assert recipients(many, lives_at("B001")) == ()


def test_the_longest_beginning_comes_first_and_targets_of_all_last() -> None:
    some = campaign(target("all"), target("city", "SW"), target("quarter", "SW1", "N 1"))
    assert ids(recipients(some, lives_at("sw1a 1aa"))) == ["quarter", "city", "all"]
    assert ids(recipients(some, lives_at("n-19"))) == ["quarter", "all"]
    assert ids(recipients(some, lives_at("E1"))) == ["all"]
    one = some.model_copy(update={"write_to": "one"})
    assert ids(recipients(one, lives_at("SW1A 1AA"))) == ["quarter"]


def test_a_table_names_the_areas_of_postcodes() -> None:
    some = campaign(
        target("ana", "Lisboa"), target("rui", "Porto"), **{"12": "Lisboa", "4": "porto"}
    )
    assert ids(recipients(some, lives_at("1200-001"))) == ["ana"]
    assert ids(recipients(some, lives_at("4000"))) == ["rui"]
    assert recipients(some, lives_at("9000")) == ()


def test_a_country_decides_before_areas_do() -> None:
    some = campaign(target("home", "1"), target("abroad", "1", countries=("BR",)))
    assert ids(recipients(some, lives_at("1000", "BR"))) == ["abroad"]
    assert ids(recipients(some, lives_at("1000", "FR"))) == ["home"]


def test_a_supporter_chooses_where_there_are_more_than_may_be_written_to() -> None:
    some = campaign(*(target(each) for each in "abc"), write_to=2)
    assert recipients(some, lives_at("1")) == ()
    assert ids(recipients(some, lives_at("1", "PT", "c", "a", "gone"))) == ["a", "c"]
    few = some.model_copy(update={"write_to": 3})
    assert ids(recipients(few, lives_at("1"))) == ["a", "b", "c"]


def test_an_exempt_target_is_passed_over() -> None:
    some = campaign(*(target(each) for each in "abc"), write_to="one")
    exempt = frozenset("a")
    assert ids(recipients(some, lives_at("1"), exempt)) == ["b"]
    every = some.model_copy(update={"write_to": "all"})
    assert ids(recipients(every, lives_at("1"), exempt)) == ["b", "c"]
    two = some.model_copy(update={"write_to": 2})
    assert recipients(two, lives_at("1")) == ()
    assert ids(recipients(two, lives_at("1"), exempt)) == ["b", "c"], "no choice is left"
    chosen = two.model_copy(update={"write_to": 1})
    assert recipients(chosen, lives_at("1", "PT", "a"), exempt) == ()
    assert recipients(some, lives_at("1"), frozenset("abc")) == ()


def test_one_of_10_000_targets_is_found_without_reading_all() -> None:
    many = tuple(target(f"t{n}", f"{n:04}") for n in range(10_000))
    index = TargetIndex(many, {})
    with at_most(10_000_000):  # a scan takes a hundred times as many
        for number in range(1000):
            assert ids(index.find("PT", f"{number:04}-123")) == [f"t{number}"]


def test_the_index_is_built_once_and_again_for_a_copy_with_other_targets() -> None:
    some = campaign(target("a"))
    assert some.index is some.index
    other = some.model_copy(update={"targets": (target("b"),)})
    assert ids(candidates(other, lives_at("1"))) == ["b"]
    assert other.model_copy(update={"targets": some.targets}) == some


def test_the_index_is_built_while_a_campaign_is_loaded() -> None:
    assert vars(RIVER)["_index"].targets is RIVER.targets


def test_a_search_finds_places_in_the_list() -> None:
    some = campaign(
        target("anna", "12"), target("ann"), target("bela", "12"), target("hanna", "1", "12")
    )
    here = lives_at("1200")
    assert ids(candidates(some, here)) == ["anna", "bela", "hanna", "ann"]
    assert search(some, here, "anna", "en") == [0], "it is the whole name of one"
    assert search(some, here, "an", "pt") == [0, 2, 3]
    assert search(some, lives_at("9"), "a", "en") == [0]
    assert search(some, here, "zoe", "en") == []
    assert places(some, here, ("hanna", "ann", "gone")) == {2, 3}
    assert places(some, lives_at("9"), ("ann", "bela")) == {0}
    assert ids(chosen(some, lives_at("1200", "PT", "ann", "hanna", "gone"))) == ["hanna", "ann"]
    assert ids(chosen(some, lives_at("9", "PT", "bela", "ann"))) == ["ann"]
    assert possible(some, here, frozenset(("ann", "gone"))) == 3
    assert possible(some, lives_at("9"), frozenset(("bela",))) == 1
