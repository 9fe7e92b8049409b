"""An admin makes a campaign in the chat: from a page, a template or an archive."""

import zipfile
from io import BytesIO

import pytest

from conversations.folder.new_campaign import new_campaign
from tests.chat import Chat
from tests.conversations.folder.page_import import pages
from tests.conversations.folder.page_import.word import document, paragraph
from tests.stage import Stage
from tests.stories.campaigners import appoint
from tests.stories.staff.test_team import first_admin

PAGE = pages.NUMBERED.read_text("utf-8")
PROPOSAL = (
    "This is what I make of your page (English). Is every part in its place?\n\n"
    "Label: Action\n"
    "Title: Keep the night trains running\n"
    "Story: Every night, eleven trains cross the Alder valley. For people without a car they are "
    "the only way h… (+1)\n"
    "Read more: More than 2,000 people work shifts in the hospitals and bakeries of the valley.\n"
    "Call to action: Write to the Minister for Transport today: one email takes two minutes.\n"
    "Demands: We call on the minister to: (+3)\n\n"
    "Never taken from a page: 1 passage about privacy or about who sends the letter: “By taking "
    "action you agree that River and Rail sends an ema…” The campaign’s own notice and agreement "
    "take its place. They say what is true here."
)


async def begins(stage: Stage) -> Chat:
    """Return the chat of an admin who was asked for a page."""
    stage.opens("river")
    olga = await first_admin(stage)
    await olga.says("/campaigns")
    await olga.presses("New campaign…")
    return olga


def files_of(stage: Stage) -> dict[str, bytes]:
    """Return the files of the campaign that exists."""
    paths = (stage.campaigns / "river").iterdir()
    return {path.name: path.read_bytes() for path in paths if path.name[0] != "."}


async def test_a_pasted_page_becomes_a_campaign_in_test_mode(stage: Stage) -> None:
    olga = await begins(stage)
    olga.hears("A new campaign. Is there a page about it already? Paste its text here…")
    assert olga.buttons == [
        ["To a government"],
        ["To a company"],
        ["To a representative"],
        ["Cancel"],
    ]
    await olga.says(PAGE)
    olga.hears(PROPOSAL)
    assert olga.buttons == [["All right, go on"], ["Check each part"], ["Cancel"]]
    await olga.presses("All right, go on")
    olga.hears("✎ 1/14 · Who does the letter go to?")
    await olga.presses("A government or office")
    olga.hears("✎ 2/14 · What should the letter call them? …")
    await olga.says("Minister for Transport")
    olga.hears("3/14 · Which email address gets the letters? …")
    await olga.says("minister at transport")
    olga.hears(
        "That doesn’t look like an email address. It should look like office@ministry.example."
    )
    await olga.says("minister@transport.example", "portgal")
    assert olga.buttons[0] == ["Portugal"]
    await olga.presses("Portugal", "Nobody, nowhere", "Use the title", "Use the story")
    olga.hears("✎ 8/14 · Which organisation runs the campaign?")
    await olga.says("Night Train Friends", "Rua do Vale 1\nPorto", "people@trains.example")
    await olga.says("trains.example/bot", "https://trains.example/privacy")
    day = olga.buttons[0][0]
    await olga.presses(day)
    olga.hears("✎ 14/14 · Which short name should its link have? …")
    await olga.presses("keep-the-night-trains-running")
    (ready,) = olga.heard()
    assert ready.startswith(
        "✎ “Keep the night trains running” is ready to be tried.\n"
        "Language: English. To: Minister for Transport (minister@transport.example).\n"
        "In test mode letters go to actions@send.example instead, and don’t count."
    )
    assert "still to be written" not in ready
    await olga.presses("Create in test mode")
    olga.hears("✎ ✓ “Keep the night trains running” is in test mode. …")
    await olga.presses("Try it yourself")
    assert "Keep the night trains running" in olga.last["text"]
    assert "TEST MODE" in olga.last["text"]
    await olga.says("/audit")
    assert "created keep-the-night-trains-running" in olga.heard()[-1]


def zipped(files: dict[str, bytes]) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, each in files.items():
            archive.writestr(name, each)
    return content.getvalue()


@pytest.mark.slow
async def test_a_long_page_comes_in_several_messages(stage: Stage) -> None:
    olga = await begins(stage)
    head, body = PAGE.split("\n\n", 1)
    long = "Many people of the valley say that they need the trains. " * 70
    first, rest = f"{head}\n\n{long}", f"and they are right.\n\n{body}"
    await olga.says(first)
    olga.hears(f"I have {len(first):,} characters so far. If there’s more, just send it.")
    assert olga.buttons == [["That was all of it"], ["Cancel"]]
    await olga.says(rest)
    (shown,) = olga.heard()
    assert shown.startswith("This is what I make of your page (English).")
    assert "Left out: 1 paragraph for which there’s no room." in shown
    assert "Demands: We call on the minister to: (+3)" in shown


async def test_parts_are_moved_and_left_out(stage: Stage) -> None:
    olga = await begins(stage)
    await olga.says(PAGE)
    await olga.presses("Check each part")
    olga.hears("✎ Label? Its words say so. · 1/11\nAction")
    assert olga.buttons == [["Right", "Move to…"], ["Leave it out"], ["Show all parts"]]
    await olga.presses("Right", "Right")
    olga.hears("✎ Story? A guess from its place. · 4/11\nEvery night, eleven trains…")
    assert olga.buttons[1] == ["Leave it out", "One by one"]
    await olga.presses("One by one", "Right", "Move to…")
    assert olga.buttons == [
        ["Label", "Title"],
        ["Read more", "Call to action"],
        ["Demands"],
        ["Back"],
    ]
    await olga.presses("Read more")
    olga.hears("✎ Read more? A guess from its place. · 5/11\nMore than 2,000 people…")
    await olga.presses("Leave it out", "Right", "Right")
    olga.hears("✎ Left out? It’s about privacy, or about who sends the letter. I never take…")
    assert olga.buttons == [["Next"], ["Show all parts"]]
    await olga.presses("Next")
    (shown,) = olga.heard()
    assert "Read more: In March the railway announced" in shown
    assert "Left out: 1 paragraph that you left out." in shown
    assert olga.buttons == [["All right, go on"], ["Check each part"], ["Cancel"]]


async def test_another_title_takes_the_place_of_the_first(stage: Stage) -> None:
    olga = await begins(stage)
    await olga.says(PAGE)
    await olga.presses("Check each part", "Right", "Right", "Right", "Move to…", "Title")
    await olga.presses("Show all parts")
    (shown,) = olga.heard()[-1:]
    assert "\nTitle: More than 2,000 people work shifts in the hospitals" in shown
    assert "\nRead more: Keep the night trains running\n" in shown


async def test_a_word_document_or_a_markdown_file(stage: Stage) -> None:
    olga = await begins(stage)
    await olga.sends_document("page.pdf", b"%PDF-1.7")
    olga.hears(
        "Only these files can be read: .txt, .md, .docx. "
        "Save it as one of these, or copy its text into a .txt file."
    )
    page = document(paragraph("Save the herons", run="<w:b/>") + paragraph("They nest here."))
    await olga.sends_document("page.docx", page)
    (shown,) = olga.heard()
    assert "Title: Save the herons\nStory: They nest here." in shown
    assert "Not found: Call to action, Demands. I’ll ask you." in shown
    await olga.sends_document("page.md", pages.PROSE.read_bytes())
    assert "Title: Stop the quarry above Lower Fenwick" in olga.heard()[0]


@pytest.mark.slow
async def test_what_was_begun_is_kept(stage: Stage) -> None:
    olga = await begins(stage)
    await olga.says(PAGE)
    await olga.presses("All right, go on", "A company")
    await olga.says("Rail Company")
    await olga.says("cancel")
    olga.hears("I’ve kept what you have so far. You can continue at any time.")
    await olga.says("/campaigns")
    await olga.presses("New campaign…")
    olga.hears("✎ You have already begun a campaign. Continue with it?")
    await olga.presses("Continue")
    olga.hears("✎ 3/14 · Which email address gets the letters? …")
    await olga.presses("Back")
    olga.hears("✎ 2/14 · What should the letter call them? …")
    await olga.presses("Cancel", "Delete what I began", "New campaign…")
    olga.hears("A new campaign. …")


@pytest.mark.slow
async def test_a_template_asks_for_every_text(stage: Stage) -> None:
    olga = await begins(stage)
    await olga.presses("To a company", "English")
    olga.hears("✎ 2/18 · What is it about? …")
    await olga.says("Clean our river", "The factory poisons it.", "Email the factory now.")
    await olga.says("stop it\nclean it up", "Chief Executive", "office@factory.example")
    await olga.says("Portugal")
    await olga.says("Hong Kong, Chinna")
    olga.hears("I’m not sure which country “Chinna” is. Please type its full name.")
    await olga.says("Hong Kong, China")
    for _ in range(7):
        await olga.presses("Later")
    await olga.presses(olga.buttons[0][0], "clean-our-river")
    (ready,) = olga.heard()
    assert "Before it goes live, these are still to be written:" in ready
    assert ready.split("still to be written:\n")[1].split("\n\n")[0].split("\n") == [
        *("• Organisation", "• Contact address", "• Official page", "• Privacy policy"),
        *("• Subject 1", "• Letter 1", "• Who is responsible"),
    ]
    await olga.presses("Create in test mode", "Open the campaign")
    assert "Clean our river" in olga.heard()[-1]
    async with stage.bot() as app:
        made = app.base.campaigns.in_service["clean-our-river"]
    assert (made.at_risk, made.targets[0].kind) == (("HK", "CN"), "company")
    assert made.texts["en"].demands == "stop it\n\nclean it up"


async def test_a_whole_campaign_as_an_archive(stage: Stage) -> None:
    olga = await begins(stage)
    await olga.sends_document("bomb.zip", zipped({"../../etc/en.md": b"x"}))
    olga.hears(
        "A file in the archive has a name that isn't allowed: “../../etc/en.md”. "
        "Use letters, digits, dots and hyphens only."
    )
    owls = dict(new_campaign("owls").content)
    await olga.sends_document("owls.zip", zipped(owls | {"en.md": b"# Label\n"}))
    olga.hears("19 mistakes keep this from being created.…")
    await olga.sends_document("owls.zip", zipped(owls))
    (ready,) = olga.heard()
    assert ready.startswith("“What this is about, in a few words” is ready to be tried.")
    await olga.presses("Create in test mode", "Open the campaign")
    assert "test" in olga.heard()[-1]


async def test_files_are_sent_instead_of_edits(stage: Stage) -> None:
    stage.opens("river")
    olga = await first_admin(stage)
    await olga.says("/campaigns")
    await olga.presses("Edit")
    assert olga.heard()[-1].endswith(
        "You can also send me files: a text such as pt.md, or the whole campaign as .zip."
    )
    files = files_of(stage)
    text = files["en.md"].decode().replace("# Label\n\nLetter", "# Label\n\nUrgent")
    await olga.sends_document("en.md", text.encode())
    (shown,) = olga.heard()
    assert shown.startswith("✓ Saved: en.md. Supporters see it once it is published.")
    assert "\n\nChanged, but not published yet: Label (English)" in shown
    await olga.sends_document("notes.pdf", b"%PDF")
    olga.hears("This isn't a file of a campaign. Send campaign.toml, targets.csv, texts …")
    await olga.sends_document("owls.zip", zipped(dict(new_campaign("owls").content)))
    olga.hears("That’s the campaign “owls”. Open it under /campaigns, then send it again.")
    goal = files["campaign.toml"].replace(b"goal = 3000", b"goal = 30000")
    await olga.sends_document("river.zip", zipped({**files, "campaign.toml": goal}))
    assert "\n\nChanged, but not published yet: Goal" in olga.heard()[-1]
    await olga.presses("Publish…", "Yes, publish")
    async with stage.bot() as app:
        served = app.base.campaigns.in_service["river"]
        assert (served.goal, served.texts["en"].label) == (30000, "Letter")


@pytest.mark.slow
async def test_an_archive_of_a_campaign_that_exists_changes_it(stage: Stage) -> None:
    olga = await begins(stage)
    files = files_of(stage)
    goal = files["campaign.toml"].replace(b"goal = 3000", b"goal = 30000")
    await olga.sends_document("river.zip", zipped({**files, "campaign.toml": goal}))
    (shown,) = olga.heard()
    assert "Edit “Let the Amieiro flow”\n\nChanged, but not published yet: Goal" in shown


async def test_a_campaigner_makes_a_campaign(stage: Stage) -> None:
    stage.opens("river")
    olga = stage.person("Olga")
    appoint(stage, olga)
    await olga.says("/campaigns")
    assert olga.buttons == [["Edit"], ["Show all screens"], ["New campaign…"]]
    await olga.presses("New campaign…")
    await olga.sends_document("owls.zip", zipped(dict(new_campaign("owls").content)))
    await olga.presses("Create in test mode")
    assert olga.buttons == [["Show all screens"], ["Open the campaign"]]


async def test_the_first_campaign_of_a_bot_is_made_in_the_chat(stage: Stage) -> None:
    olga, maria = await first_admin(stage), stage.person("Maria")
    await maria.starts()
    maria.hears("No campaign is open right now. Thank you for stopping by.")
    await olga.says("/campaigns")
    assert olga.buttons == [["New campaign…"]]
    await olga.presses("New campaign…")
    await olga.sends_document("owls.zip", zipped(dict(new_campaign("owls").content)))
    await olga.presses("Create in test mode")
    await maria.starts("owls")
    assert "TEST MODE" in maria.heard()[-1]
