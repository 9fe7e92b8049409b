"""The pure parts of the dialogue about a new campaign: its state, its files, its pages."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.core.context import Context
from conversations.core.facts import Deployment, Facts
from conversations.core.replies import Say
from conversations.editing.new import last_page, view
from conversations.editing.new.dialogue import join_pieces
from conversations.editing.new.files import files_of
from conversations.editing.new.questions import (
    QUESTIONS,
    next_year,
    open_question,
    propose_slug,
    questions_of,
)
from conversations.editing.new.state import NewCampaign, Page, dump, load
from conversations.folder.loading import load_files
from conversations.folder.new_campaign import Template
from conversations.folder.page_import.documents import read_document
from conversations.folder.page_import.page_parts import Part, Placed, Reason
from conversations.folder.page_import.paragraphs import Kind, Paragraph
from conversations.folder.page_import.recognition import propose
from conversations.model.roles import Role
from conversations.router import begin
from conversations.text.languages import staff_languages
from tests.conversations.folder.page_import import pages
from tests.conversations.play import HONG_KONG, NOW, RIVER

ANSWERS = {
    "kind": "organisation",
    "target": 'The "big" Board \\ of \x7f Directors',
    "address": "board@organisation.test",
    "country": "PT",
    "at_risk": "HK,CN",
    "subject": "# {target}: please [read] this",
    "letter": "I care.\n\n# Really: {name}",
    "organisation": "River = Rail # 'both'",
    "postal": "Street *1*\nPorto [PT]",
    "contact": "people@rail.test",
    "official_page": "https://rail.test/bot",
    "privacy_policy": "https://rail.test/privacy",
    "keep_until": "2031-11-30",
    "slug": "trains",
}


def page_of() -> tuple[Placed, ...]:
    return propose(read_document(pages.NUMBERED.name, pages.NUMBERED.read_bytes())).placed


# --- the state ----------------------------------------------------------------------------------

placed = st.builds(
    Placed,
    st.builds(
        Paragraph,
        st.text(min_size=1, max_size=30),
        st.sampled_from(Kind),
        st.integers(0, 6),
        st.booleans(),
    ),
    st.sampled_from(Part),
    st.sampled_from(Reason),
)
states = st.builds(
    NewCampaign,
    page=st.sampled_from(Page),
    text=st.text(max_size=50),
    placed=st.lists(placed, max_size=6).map(tuple),
    at=st.integers(0, 6),
    single_until=st.integers(0, 6),
    language=st.sampled_from(("", "en", "zh-Hant")),
    template=st.sampled_from(Template),
    answers=st.dictionaries(st.sampled_from([each.key for each in QUESTIONS]), st.text(max_size=9)),
    later=st.lists(st.sampled_from([each.key for each in QUESTIONS]), max_size=3).map(tuple),
    choices=st.just(("PT", "BR")),
    slug=st.sampled_from(("", "river")),
)


@given(states)
def test_a_state_survives_a_restart(state: NewCampaign) -> None:
    assert load(orjson.loads(orjson.dumps(dump(state)))) == state


@given(states)
def test_the_parts_of_a_page_cover_it_once(state: NewCampaign) -> None:
    covered = [number for run in state.runs() for number in range(run.start, run.end)]
    assert covered == list(range(len(state.placed)))
    at, seen = 0, 0
    while run := state.run_at(at):
        assert run.end > run.start == at
        at, seen = run.end, seen + 1
    assert at == len(state.placed)


# --- the files ----------------------------------------------------------------------------------


def test_the_answers_are_in_the_files_as_they_were_typed() -> None:
    state = NewCampaign(placed=page_of(), language="en", answers=ANSWERS)
    loaded = load_files(files_of(replace(state, answers={**ANSWERS, "target": "The Board"})))
    assert [each for each in loaded.mistakes if each.is_error] == []
    campaign = loaded.campaign
    assert campaign is not None
    assert (campaign.slug, campaign.test) == ("trains", False)
    assert campaign.organisation == "River = Rail # 'both'"
    assert (campaign.at_risk, campaign.likely_countries) == (("HK", "CN"), ("PT",))
    assert campaign.keep_until == date(2031, 11, 30)
    (target,) = campaign.targets
    assert (target.name, target.kind) == ({"en": "The Board"}, "organisation")
    assert (target.address, target.country) == ("board@organisation.test", "PT")
    texts = campaign.texts["en"]
    assert texts.subjects == ("(target): please [read] this",)
    assert "I care.\n\nReally: (name)\n\n{own_words}" in texts.letters[0]
    assert "Street *1* · Porto [PT]" in texts.notice.responsible
    assert "Say what that means" not in texts.notice.recipient


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(("target", "organisation", "subject", "letter", "postal", "demands")),
        st.text(min_size=1, max_size=40).filter(lambda text: any(map(str.isalnum, text))),
    )
)
def test_no_answer_breaks_the_files(answers: dict[str, str]) -> None:
    state = NewCampaign(placed=page_of(), language="en", answers={**ANSWERS, **answers})
    loaded = load_files(files_of(state))
    keys = {each.where.partition(" ")[2] for each in loaded.mistakes if each.is_error}
    assert keys <= {"organisation", "first target (minister): name", ""}


@pytest.mark.parametrize("template", Template)
@pytest.mark.parametrize("language", ["en", "de", "zh-Hant"])
def test_each_template_needs_no_answer(template: Template, language: str) -> None:
    state = NewCampaign(template=template, language=language)
    loaded = load_files(files_of(state))
    assert [each for each in loaded.mistakes if each.is_error] == []
    assert loaded.campaign is not None
    assert loaded.campaign.text(language).more is None
    assert loaded.campaign.text(language).label == {"en": "Action", "de": "Aktion"}.get(
        language, "行動"
    )


# --- questions ----------------------------------------------------------------------------------


def test_a_page_leaves_fourteen_questions() -> None:
    state = NewCampaign(Page.QUESTIONS, placed=page_of(), language="en")
    assert [each.key for each in questions_of(state)] == list(ANSWERS)
    for key, value in ANSWERS.items():
        asked = open_question(state)
        assert asked is not None and asked.key == key
        state = state.put_off(key) if asked.can_wait else state.answered(key, value)
    assert open_question(state) is None
    assert [each.key for each in questions_of(state) if each.key in state.later] == [
        *("address", "subject", "letter", "organisation", "postal", "contact"),
        *("official_page", "privacy_policy"),
    ]


@pytest.mark.parametrize(
    ("title", "language", "slug"),
    [
        ("Keep the night trains running", "en", "keep-the-night-trains-running"),
        ("Let the fishing boats of Port Ellery back in", "en", "let-fishing-boats-port-ellery"),
        ("Kein Gift im Trinkwasser von Steinfurt!", "de", "kein-gift-im-trinkwasser"),
        ("¡Que no cierren la escuela!", "es", "que-no-cierren-la-escuela"),
        ("L'école reste à Valdehierro", "fr", "lecole-reste-a-valdehierro"),
        ("保住青石灣的渡輪", "zh-Hant", "campaign"),
        ("Donaudampfschifffahrtsgesellschaft", "de", "donaudampfschifffahrtsgesellsch"[:30]),
        ("", "en", "campaign"),
    ],
)
def test_a_short_name_is_proposed(title: str, language: str, slug: str) -> None:
    assert propose_slug(title, language) == slug


@pytest.mark.parametrize(
    ("today", "day"),
    [
        (date(2026, 11, 30), date(2027, 11, 30)),
        (date(2027, 2, 3), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 12, 31)),
    ],
)
def test_the_end_of_the_month_in_a_year_is_proposed(today: date, day: date) -> None:
    assert next_year(today) == day


def test_pieces_of_a_text_are_joined_as_telegram_divided_them() -> None:
    assert join_pieces("", "One.", is_rest=False) == "One."
    assert join_pieces("One.", "Two.", is_rest=False) == "One.\nTwo."
    assert join_pieces("A paragraph that", "goes on.", is_rest=True) == "A paragraph that goes on."
    assert join_pieces("A paragraph.", "Another.", is_rest=True) == "A paragraph.\nAnother."
    assert join_pieces("這是一", "段文字", is_rest=True) == "這是一段文字"


# --- the pages ----------------------------------------------------------------------------------


def every_page(context: Context) -> Iterator[Say]:
    """Yield each page of the dialogue that doesn't need a loaded campaign."""
    state = NewCampaign(placed=page_of(), language="en", text="x")
    yield view.page(context, NewCampaign())
    yield view.page(context, replace(state, page=Page.MORE))
    yield view.page(context, replace(state, page=Page.PARTS))
    yield view.page(context, replace(state, page=Page.PARTS, language=""))
    for number in range(len(state.placed)):
        for until in (0, len(state.placed)):
            shown = replace(state, at=number, single_until=until)
            yield view.page(context, replace(shown, page=Page.PART))
            yield view.page(context, replace(shown, page=Page.MOVE))
    for asked in (replace(state, page=Page.QUESTIONS), NewCampaign(Page.QUESTIONS)):
        while question := open_question(asked):
            yield view.page(context, replace(asked, choices=("PT", "BR", "AO", "MZ")))
            asked = asked.answered(question.key, ANSWERS.get(question.key, "Some words"))
    loaded = load_files(files_of(replace(state, answers={})))
    yield last_page.ready(context, state, loaded)
    broken = load_files(files_of(replace(state, answers={"slug": "river"})))
    yield last_page.ready(context, state, broken)
    yield last_page.created(context, "river", "The river")


@pytest.mark.parametrize("language", staff_languages())
def test_each_page_fits_a_phone(language: str) -> None:
    campaigns = {HONG_KONG.slug: HONG_KONG, RIVER.slug: RIVER}
    deployment = Deployment(campaigns, "bot", "bot@send.example", "test@send.example")
    facts = Facts("Olga", role=Role.ADMIN)
    context = Context(deployment, begin(1, language), facts, NOW, 7, is_staff=True)
    for said in every_page(context):
        buttons = [button for row in said.keyboard for button in row]
        assert 1 <= len(buttons) <= 7
        assert len(said.text) < 4000
        for row in said.keyboard:
            most = {1: 40, 2: 20, 3: 13}[len(row)]
            for button in row:
                width = sum(2 if ord(char) > 0x2E80 else 1 for char in button.label)
                assert width <= most, button.label
