"""A reminder letter is the campaign's own, with another text and one target."""

from conversations.model.campaigns.campaign import Campaign
from conversations.model.campaigns.recipients import recipients
from conversations.model.campaigns.target_index import target_code
from conversations.model.journey import Answers
from conversations.model.letters.letter import Signature, compose
from conversations.model.letters.reminder_letters import as_reminder
from tests.conversations.model.letters.test_letter import RIVER


def with_reminder(campaign: Campaign, subject: str = "") -> Campaign:
    changes = {"reminder": "{target}, please answer. {name}", "reminder_subject": subject}
    texts = {tag: each.model_copy(update=changes) for tag, each in campaign.texts.items()}
    return campaign.model_copy(update={"texts": texts})


def test_it_goes_to_one_target_from_wherever_the_supporter_lives() -> None:
    *_, last = RIVER.targets
    reminder = as_reminder(with_reminder(RIVER, "Again: {target}"), last.id)
    for country in ("PT", "BR", "HK"):
        found = recipients(reminder, Answers(country=country))
        assert [(each.id, each.address) for each in found] == [(last.id, last.address)]
    letter = compose(reminder, Signature("Maria", "PT", "maria@mail.example", "en", draw=3))
    name = last.name_in(letter.language)
    assert letter.body.startswith(f"{name}, please answer. Maria")
    assert letter.subject == f"Again: {name}"


def test_without_a_subject_it_has_that_of_the_letter() -> None:
    reminder = as_reminder(with_reminder(RIVER), RIVER.targets[0].id)
    assert reminder.texts["en"].subjects == RIVER.texts["en"].subjects[:1]


def test_a_campaign_without_the_target_or_a_reminder_stays_as_it_is() -> None:
    assert as_reminder(RIVER, RIVER.targets[0].id) is RIVER
    campaign = with_reminder(RIVER)
    assert as_reminder(campaign, "nobody") is campaign


def test_a_target_is_found_by_its_code() -> None:
    *_, last = RIVER.targets
    for digits in (8, 16):
        assert RIVER.index.find_code(target_code(last.id, digits)) == last
        assert RIVER.index.find_code("0" * digits) is None
