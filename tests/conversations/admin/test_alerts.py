"""What admins are told, whatever it is, in every language."""

from dataclasses import replace
from datetime import timedelta

import pytest

from conversations.admin.alerts import alert, by_mail, full
from conversations.core.alerts import (
    NEED_RESPONSE,
    URGENT,
    AlertFacts,
    AlertHolder,
    AlertKind,
    UpdatesTrouble,
)
from conversations.core.facts import Deployment
from conversations.text.html import plain
from conversations.text.languages import offered
from tests.storage.people import NOW

DEPLOYMENT = Deployment({}, "river_bot", "actions@send.example", "actions@send.example")


@pytest.mark.parametrize("language", offered())
@pytest.mark.parametrize("kind", AlertKind)
def test_every_alert_has_words(kind: AlertKind, language: str) -> None:
    facts = AlertFacts(kind, "river", NOW, letters=3, detail="<what>", id="0" * 16)
    shown = alert(DEPLOYMENT, language, facts)
    labels = [button.label for row in shown.keyboard for button in row]
    taken = alert(DEPLOYMENT, language, replace(facts, holder=AlertHolder("Olga", NOW, mine=False)))
    others = [button.label for row in taken.keyboard for button in row]
    assert len(labels) - len(others) == (kind in NEED_RESPONSE)
    assert ("Olga" in taken.text) == (kind in NEED_RESPONSE)
    over = alert(DEPLOYMENT, language, replace(facts, ended=NOW + timedelta(hours=1)))
    assert over.text != shown.text
    assert over.keyboard == ()
    if kind in URGENT:
        subject, text = by_mail(DEPLOYMENT, language, kind, shown.text)
        assert "river_bot" in subject
        assert text.startswith(plain(shown.text))
        assert "<b>" not in text


@pytest.mark.parametrize("language", offered())
def test_each_trouble_with_updates_has_its_own_words(language: str) -> None:
    facts = [AlertFacts(AlertKind.UPDATES, "", NOW, detail=each) for each in UpdatesTrouble]
    texts = {alert(DEPLOYMENT, language, each).text for each in facts}
    assert len(texts) == len(UpdatesTrouble)


@pytest.mark.parametrize("language", offered())
def test_a_full_database_has_words(language: str) -> None:
    assert full(DEPLOYMENT, language, over=False) != full(DEPLOYMENT, language, over=True)


def test_what_the_bot_catches_up_with_is_told_as_such() -> None:
    facts = AlertFacts(AlertKind.LATE, "", NOW, detail="catching up")
    assert plain(alert(DEPLOYMENT, "en", facts).text).startswith("I was offline and am catching up")


def test_a_campaigns_mistakes_are_counted() -> None:
    facts = AlertFacts(AlertKind.FILES, "river", NOW, letters=1, detail="river/pt.md:3: <b>")
    one = plain(alert(DEPLOYMENT, "en", facts).text)
    assert one.endswith(
        "There’s a mistake in its files; “actionbot check” shows it too.\n\nriver/pt.md:3: <b>"
    )
    two = plain(alert(DEPLOYMENT, "en", replace(facts, letters=2)).text)
    assert two.endswith("“actionbot check” shows them all.\n\nThe first: river/pt.md:3: <b>")
