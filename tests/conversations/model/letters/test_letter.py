from dataclasses import replace
from datetime import date

import pytest

from conversations.model.campaigns.campaign import (
    Campaign,
    Edits,
    Notice,
    Texts,
)
from conversations.model.campaigns.placeholders import fill, fill_html, placeholder_names
from conversations.model.campaigns.targets import Target
from conversations.model.letters.letter import (
    Letter,
    Signature,
    compose,
    editable,
    translation,
)
from conversations.text.html import Html


def texts(language: str) -> Texts:
    said = Html(language)
    notice = Notice(
        responsible=said, contact=said, recipient=said, kept=said, rights=said, minimum_age=said
    )
    return Texts(
        label="Action",
        title="Save the river",
        story=said,
        ask=said,
        subjects=(f"{language}: the river", f"{language}: our water"),
        letters=(
            "Dear {target},\n\n{own_words}\n\n{demands}\n\n{name}, {country}",
            "{target}!\n\n{demands}\n\n{own_words}\n\n{name}",
        ),
        demands=f"{language}: let it flow.",
        notice=notice,
        consent=said,
        thanks=said,
        share="Save it",
        at_risk=said,
        safety=said,
    )


RIVER = Campaign(
    slug="river",
    organisation="River Friends",
    contact="people@river.example",
    official_page="https://river.example",
    privacy_policy="https://river.example/privacy",
    languages=("en", "pt"),
    targets=(
        Target(
            id="ministry",
            name={"en": "Minister", "pt": "Senhor Ministro"},
            address="minister@gov.example",
            country="PT",
            languages=("pt",),
        ),
        Target(
            id="embassy",
            name={"en": "Ambassador"},
            address="embassy@gov.example",
            country="GB",
            languages=("en", "pt"),
            for_countries=("GB",),
        ),
    ),
    keep_until=date(2030, 9, 30),
    texts={"en": texts("en"), "pt": texts("pt")},
    version="1",
)
MARIA = Signature("Maria", "PT", "maria@mail.example", "en", draw=0)


def test_the_letter_is_in_a_language_that_the_target_reads() -> None:
    assert compose(RIVER, MARIA) == Letter(
        subject="pt: the river",
        body="Dear Senhor Ministro,\n\npt: let it flow.\n\nMaria, Portugal",
        language="pt",
        target_id="ministry",
        target_name="Senhor Ministro",
        target_address="minister@gov.example",
        sender_name="Maria",
        sender_address="maria@mail.example",
        sender_country="PT",
        reply_name="Maria",
        reply_address="maria@mail.example",
        identity="relay",
        organisation="River Friends",
    )
    answered = RIVER.model_copy(update={"reply_to": "organisation"})
    letter = compose(answered, MARIA)
    assert (letter.reply_name, letter.reply_address) == (RIVER.organisation, RIVER.contact)
    silent = compose(RIVER.model_copy(update={"reply_to": "none"}), MARIA)
    assert (silent.reply_name, silent.reply_address) == ("", "")
    own = compose(RIVER.model_copy(update={"identity": "own"}), MARIA)
    assert own.identity == "own"
    assert len({compose(RIVER, MARIA).digest, letter.digest, silent.digest, own.digest}) == 4


def test_a_translation_is_shown_only_if_the_letter_is_in_another_language() -> None:
    shown = translation(RIVER, MARIA)
    assert shown is not None
    assert shown.body == "Dear Minister,\n\nen: let it flow.\n\nMaria, Portugal"
    assert translation(RIVER, replace(MARIA, country="GB")) is None


def test_the_target_follows_the_country() -> None:
    letter = compose(RIVER, replace(MARIA, country="GB"))
    assert (letter.target_id, letter.language) == ("embassy", "en")


def test_the_draw_is_stable_and_reaches_every_variant() -> None:
    drawn = [compose(RIVER, replace(MARIA, draw=draw)).subject for draw in (0, 1, 2, 3)]
    assert drawn == ["pt: the river", "pt: our water"] * 2


def test_own_words_are_above_the_demands_and_are_never_a_template() -> None:
    body = compose(RIVER, replace(MARIA, own_words="I swim here. {demands} {0}")).body
    assert body == (
        "Dear Senhor Ministro,\n\nI swim here. {demands} {0}\n\npt: let it flow.\n\nMaria, Portugal"
    )


@pytest.mark.parametrize(("locked", "ending"), [(True, "\n\npt: let it flow."), (False, "")])
def test_a_rewritten_letter_keeps_locked_demands(locked: bool, ending: str) -> None:
    campaign = RIVER.model_copy(update={"edits": Edits.FREE, "lock_demands": locked})
    by = replace(MARIA, rewritten="Let our river live.")
    assert compose(campaign, by).body == "Let our river live." + ending
    assert translation(campaign, by) is None
    assert ("let it flow" in editable(campaign, by)) is not locked


def test_the_digest_changes_with_every_word() -> None:
    letter = compose(RIVER, MARIA)
    assert letter.digest == compose(RIVER, MARIA).digest
    assert letter.digest != replace(letter, body=letter.body + ".").digest
    assert len(letter.digest) == 64


def test_placeholders_are_filled_once_and_escaped_in_html() -> None:
    assert placeholder_names("{name} of {country}") == ("name", "country")
    assert fill("{name}", {"name": "{country}"}) == "{country}"
    assert fill_html(Html("<b>{name}</b>"), {"name": "<i>"}) == "<b>&lt;i&gt;</b>"
    with pytest.raises(KeyError):
        fill("{nobody}", {})


def test_international_domains_become_a_labels() -> None:
    ministry, embassy = RIVER.targets
    abroad = ministry.model_copy(update={"address": "minister@münchen.example"})
    campaign = RIVER.model_copy(
        update={
            "targets": (abroad, embassy),
            "contact": "people@bücher.example",
            "reply_to": "organisation",
        }
    )
    letter = compose(campaign, Signature("Maria Silva", "PT", "maria@mail.example", "pt", 0))
    assert letter.target_address == "minister@xn--mnchen-3ya.example"
    assert letter.reply_address == "people@xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("language", "name", "signed"),
    [
        ("ar", "José Jr.", "\u2068José Jr.\u2069, البرتغال"),
        ("ar", "محمد علي", "محمد علي, البرتغال"),
        ("pt", "محمد علي", "\u2068محمد علي\u2069, Portugal"),
        ("pt", "José Jr.", "José Jr., Portugal"),
    ],
)
def test_a_name_in_the_other_direction_is_isolated(language: str, name: str, signed: str) -> None:
    """Only in the letter's text: the headers of its mail have the name as it is."""
    target = RIVER.targets[0].model_copy(update={"languages": (language,)})
    campaign = RIVER.model_copy(
        update={
            "languages": (language,),
            "texts": {language: texts(language)},
            "targets": (target,),
            "edits": Edits.FREE,
        }
    )
    by = Signature(name=name, country="PT", address="j@mail.example", language=language, draw=0)
    letter = compose(campaign, by)
    assert letter.body.splitlines()[-1] == signed
    assert (letter.sender_name, letter.target_name) == (name, target.name_in(language))
    assert "\u2068" not in editable(campaign, by), "a supporter may edit it"
