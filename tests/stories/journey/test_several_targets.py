"""One Send writes to several targets: each gets a letter of its own, and one message shows them."""

from storage.schema.tables import actions, counters, tallies
from storage.stats import recount
from tests import returned
from tests.stage import Stage
from tests.stories.records import read_table
from tests.stories.staff.test_alerts import appoint

FIVE = ("Ana", "Bela", "Caio", "Dora", "Eva")


def opens_five(stage: Stage, **keys: str) -> None:
    """Open a campaign that writes to five targets; `keys` go into its file."""
    stage.opens("river")
    file = stage.campaigns / "river" / "campaign.toml"
    head = file.read_text(encoding="utf-8").partition("# Everyone writes")[0]
    lines = "".join(f"{key} = {value}\n" for key, value in {"write_to": '"all"', **keys}.items())
    defaults = '[target_defaults]\ncountry = "PT"\nlanguages = ["en"]\n'
    file.write_text(f"{head}{lines}\n{defaults}", encoding="utf-8")
    rows = "".join(f"{name.lower()},{name} Silva,{address(name)}\n" for name in FIVE)
    table = stage.campaigns / "river" / "targets.csv"
    table.write_text(f"id,name,address\n{rows}", encoding="utf-8")


def address(name: str) -> str:
    return f"{name.lower()}@parliament.example"


async def bounces(stage: Stage, name: str) -> None:
    (letter,) = stage.mails_to(address(name))
    await stage.receive_mail(returned.postfix(letter.sender, address(name)), letter.sender)


async def figures(stage: Stage) -> dict[tuple[str, str], int]:
    """Return the figures of people and letters, which also agree with the records."""
    async with stage.bot() as app:
        _, wrong = await app.core.database.read(lambda c: recount.recount(c, app.core.vault))
    assert wrong == []
    return {
        (row["figure"], row["value"]): row["count"]
        for row in await read_table(stage, tallies)
        if row["day"] and row["count"] and row["value"] in ("sent", "accepted", "bounced")
    }


async def test_five_letters_of_which_one_bounces(stage: Stage) -> None:
    opens_five(stage, goal_counts='"people"', copies="true")
    olga, ahmed = stage.person("Olga", "Admin"), stage.person("Ahmed")
    appoint(stage, olga)
    maria = stage.person("Maria", "Silva")
    await maria.comes_to_the_review("river")
    (review,) = maria.heard()
    assert "To: Ana Silva, Bela Silva, Caio Silva and 2 more" in review
    assert "Recipients: 5. Each gets a letter of their own, with their name in it." in review
    assert "\n".join(f"{name} Silva" for name in FIVE) in review
    await maria.presses("Send in my name")
    assert (
        "Your letters (5) will be sent in a moment. You can undo this until then." in maria.heard()
    )
    await stage.later(seconds=11)
    letters = {name: stage.mails_to(address(name)) for name in FIVE}
    assert [len(mails) for mails in letters.values()] == [1] * 5
    assert len({mails[0].sender for mails in letters.values()}) == 5
    assert len({mails[0].message["Message-ID"] for mails in letters.values()}) == 5
    for name, (mail,) in letters.items():
        assert f"{name} Silva" in mail.message.get_content()
    assert maria.heard()[-1].startswith("✎ ✓ All your letters (5) were sent.")
    await maria.presses("Email me a copy")
    await stage.send_mail()
    copy = stage.mails_to("maria@mail.example")[-1]
    assert copy.text.partition("\n\n---")[0] == (
        "Hello,\n\nHere’s the copy that you asked for: your letter for “Let the Amieiro flow” to"
        " Ana Silva. Each recipient gets a letter of their own. Already sent to: Ana Silva, Bela"
        " Silva, Caio Silva, Dora Silva, and Eva Silva. There’s nothing you need to do."
        "\n\nAmigos do Amieiro"
    )
    assert copy.text.endswith(letters["Ana"][0].text)
    await bounces(stage, "Ana")
    shown = maria.heard()[-1]
    assert shown.startswith("✎ Letters sent: 4 of 5.\n• came back, not counted: Ana")
    assert await figures(stage) == {
        ("step", "sent"): 1,
        ("step", "accepted"): 1,
        ("further", "sent"): 4,
        ("further", "accepted"): 3,
        ("fate", "bounced"): 1,
    }
    (counter,) = await read_table(stage, counters)
    assert counter["accepted"] == 4
    await olga.says("/stats river all")
    told = "\n".join(olga.heard())
    assert "In total: 4. 1 of 3,000 people have written." in told
    await ahmed.starts("river")
    assert any("1 of 3,000 people have written" in line for line in ahmed.heard())


async def test_forget_while_three_of_five_letters_wait(stage: Stage) -> None:
    """Three targets take a letter an hour, and others have written to them before."""
    opens_five(stage)
    table = stage.campaigns / "river" / "targets.csv"
    rows = table.read_text(encoding="utf-8").splitlines()
    paced = [f"{row},{'1' if row[0] in 'cde' else ''}" for row in rows[1:]]
    table.write_text("\n".join([f"{rows[0]},letters_per_hour", *paced]), encoding="utf-8")
    ahmed = stage.person("Ahmed", "Khan")
    await ahmed.comes_to_the_review("river", "ahmed@mail.example")
    await ahmed.presses("Send in my name")
    maria = stage.person("Maria", "Silva")
    await maria.comes_to_the_review("river")
    await maria.presses("Send in my name")
    await stage.later(seconds=11)
    assert maria.heard()[-1].startswith("✎ Letters sent: 2 of 5.")
    await maria.says("/forget")
    await maria.presses("Delete everything")
    heard = maria.heard()
    assert any("2 of 5 had already been sent" in line for line in heard), heard
    await stage.later(hours=4)
    assert [len(stage.mails_to(address(name))) for name in FIVE] == [2, 2, 1, 1, 1]
    assert len(await read_table(stage, actions)) == 5, "those of Ahmed"
    assert await figures(stage) == {
        ("step", "sent"): 2,
        ("step", "accepted"): 2,
        ("further", "sent"): 5,
        ("further", "accepted"): 5,
    }


async def test_undo_of_letters_of_which_some_have_left(stage: Stage) -> None:
    opens_five(stage)
    maria = stage.person("Maria", "Silva")
    await maria.comes_to_the_review("river")
    await maria.presses("Send in my name", "Undo")
    assert "✎ Your letter was cancelled. Nothing was sent." in maria.heard()
    assert await read_table(stage, actions) == []
    assert await figures(stage) == {}


async def test_maria_chooses_two_of_six(stage: Stage) -> None:
    opens_five(stage, write_to="2")
    table = stage.campaigns / "river" / "targets.csv"
    with table.open("a", encoding="utf-8") as file:
        file.write("fay,Fay Silva,fay@parliament.example\n")
    maria = stage.person("Maria", "Silva")
    await maria.comes_to_the_review("river")
    assert maria.heard()[-1].startswith("Who do you want to write to? Choose up to 2: tap names,")
    names = [[f"{name} Silva"] for name in FIVE[:4]]
    assert maria.buttons == [*names, ["2/2 …"], ["Back", "Cancel"]]
    await maria.presses("Ana Silva", "2/2 …", "Eva Silva")
    below = [["1/2 …"], ["Write to them"], ["Back"]]
    assert maria.buttons == [["✓ Eva Silva"], ["Fay Silva"], *below]
    await maria.says("dora")
    maria.hears("You can choose up to 2. Tap a chosen one to remove it first.…")
    await maria.presses("2/2 …", "✓ Eva Silva")
    await maria.says("dora")
    assert maria.heard()[-1].endswith("Chosen: Ana Silva and Dora Silva")
    await maria.presses("Write to them")
    assert "To: Ana Silva and Dora Silva" in maria.heard()[-1]
    await maria.presses("Send in my name")
    await stage.later(seconds=11)
    sent = [name for name in FIVE if stage.mails_to(address(name))]
    assert sent == ["Ana", "Dora"]
