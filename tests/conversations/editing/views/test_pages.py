"""Every page of the editor fits: seven buttons, 64 bytes in each, texts within a message."""

from collections import deque

from conversations.core.buttons.campaigns import EditAction, EditButton
from conversations.core.buttons.packing import pack_persistent, unpack_persistent
from conversations.core.events import TextSent
from conversations.core.paging import MAX_BUTTONS
from conversations.core.replies import EditMessage, PersistentButton, Say
from conversations.editing.changes.block_codes import code_of, option_code
from conversations.editing.parts import find_part, part_of_heading
from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.edits.section_editing import read_sections
from conversations.model.campaigns.settings import ALL, OF_DEFAULTS, OF_QUESTIONS, OF_TARGETS
from conversations.model.campaigns.text_headings import HEADINGS
from conversations.text.html import length
from tests.conversations.editing.bench import (
    LONGEST_SLUG,
    TABLE,
    Bench,
    buttons_of,
    sample,
    texts_of,
    with_question,
)

_STAY = (EditAction.CHOOSE, EditAction.REMOVE, EditAction.CURRENT, EditAction.DROP)


def test_every_page_has_few_buttons_and_short_messages() -> None:
    bench = Bench()
    content = dict(sample().content)
    content |= {"de.md": b"# Label\n", "targets.csv": TABLE, "campaign.toml": with_question()}
    for name, denial in (("en.md", "nothing else"), ("zh-Hant.md", "只會問你的姓名")):
        content[name] = content[name].replace(denial.encode(), b"...")
    bench.files = CampaignFiles(LONGEST_SLUG, content)
    first = EditButton(EditAction.HOME, LONGEST_SLUG)
    seen, waiting = {first}, deque([first])
    while waiting:
        button = waiting.popleft()
        turn = bench.press(PersistentButton("", button))
        found = buttons_of(turn)
        assert len(found) <= MAX_BUTTONS, button
        for reply in turn.replies:
            if isinstance(reply, Say | EditMessage):
                assert 0 < length(reply.text) <= 4096, button
        for each in found:
            assert isinstance(each, PersistentButton)
            assert each.label, button
            assert unpack_persistent(pack_persistent(each.data)) == each.data
            new = each.data
            if isinstance(new, EditButton) and new.action not in _STAY and new not in seen:
                seen.add(new)
                waiting.append(new)
    assert len(seen) > 250
    assert {each.action for each in seen} >= {
        EditAction.ASK_REMOVE,
        *(EditAction.PART, EditAction.SECTION, EditAction.WALK, EditAction.PUBLISH),
        *(EditAction.ADD_LANGUAGE, EditAction.PUBLISH_YES, EditAction.ASK_DROP),
    }
    reached = {each.part for each in seen if each.action is EditAction.PART}
    chief, mayor = (code_of("targets", each) for each in ("chief-executive", "mayor"))
    question = code_of("questions", "the-question-with-a-long-id")
    targets = {*(f"{chief}.{code}" for code in OF_TARGETS), f"{mayor}.name"}
    defaults = {f"d.{code}" for code in OF_DEFAULTS}
    questions = {f"{question}.{code}" for code in (*OF_QUESTIONS, "o+")}
    questions |= {option_code("the-question-with-a-long-id", each) for each in "ab"}
    others = {"s1", "s+", "l1", "l+", "t+", "q+", "picture"}
    assert reached == {*HEADINGS, *ALL, *targets, *defaults, *questions, *others}


def test_each_heading_has_a_part() -> None:
    files = sample()
    for heading in read_sections(files.text("en.md")[0]):
        part = part_of_heading(files, heading, "en")
        assert find_part(files, part.code, "en") == part


def test_a_long_text_is_sent_in_several_messages() -> None:
    bench = Bench()
    story = EditButton(EditAction.PART, LONGEST_SLUG, "en", "more")
    bench.press(PersistentButton("", story))
    turn = bench.answer(TextSent("a" * 4000))
    assert texts_of(turn)[-1].endswith(
        "That message was full. If the text goes on, send me the rest now."
    )
    bench.answer(TextSent("and the rest"))
    assert bench.journey.awaits is None
    assert read_sections(bench.files.text("en.md")[0])["More"] == "a" * 4000 + "\nand the rest"
    shown = texts_of(bench.press(PersistentButton("", story)))
    assert [len(each) for each in shown[1:-1]] == [513]


def test_old_and_forged_buttons_do_nothing() -> None:
    bench = Bench()
    for part in (
        "t0.address",
        f"{code_of('targets', 'nobody')}.address",
        f"{code_of('targets', 'chief-executive')}.owner",
        code_of("targets", "nobody"),
        code_of("questions", "nothing"),
        option_code("nothing", "a"),
        f"{code_of('questions', 'nothing')}.o+",
        "targets.csv",
        "targets.csv~",
        "campaign.toml~",
        "d.owner",
        "s9",
        "l0",
        "nothing",
        "t",
        "t²",
        "",
    ):
        for action in (EditAction.PART, EditAction.CHOOSE, EditAction.REMOVE, EditAction.SECTION):
            button = EditButton(action, LONGEST_SLUG, "en", part, 7)
            turn = bench.press(PersistentButton("", button))
            assert (turn.effects, texts_of(turn)) == ((), [])
    for action in EditAction:
        turn = bench.press(PersistentButton("", EditButton(action, LONGEST_SLUG, "xx", "zz", -3)))
        assert turn.effects == ()
