"""Admins pause the letters to one target of a campaign, or let it get no new ones."""

from tests.chat import Chat
from tests.stage import Stage
from tests.stories.journey.test_several_targets import FIVE, address, figures, opens_five
from tests.stories.staff.test_team import first_admin

TITLE = "Let the Amieiro flow"
EXEMPT_BELOW = [["Pause letters"], ["End exemption"], ["Back"]]


async def opens_targets(admin: Chat) -> None:
    await admin.says("/campaigns")
    await admin.presses("More…", "Targets")


def sent(stage: Stage) -> list[int]:
    return [len(stage.mails_to(address(name))) for name in FIVE]


async def test_the_letters_to_one_of_five_targets_are_paused(stage: Stage) -> None:
    opens_five(stage)
    olga, maria, ahmed = await first_admin(stage), stage.person("Maria"), stage.person("Ahmed")
    await maria.comes_to_the_review("river")
    await maria.presses("Send in my name")
    await opens_targets(olga)
    olga.hears(f"✎ Targets of “{TITLE}”\nIn all: 5 · ⏸ paused: 0 · ⊘ exempt: 0")
    assert olga.buttons == [*([f"{name} Silva"] for name in FIVE), ["Search…", "Back"]]
    await olga.presses("Bela Silva")
    olga.hears(
        "✎ Bela Silva\nbela@parliament.example\n\n"
        "Letters waiting: 1. In the last 7 days, accepted: 0, bounced: 0."
    )
    await olga.presses("Pause letters")
    olga.hears("✎ The letters to Bela Silva are paused. New ones wait, too.")
    await ahmed.comes_to_the_review("river", "ahmed@mail.example")
    await ahmed.presses("Send in my name")
    await stage.later(minutes=1)
    assert sent(stage) == [2, 0, 2, 2, 2]
    assert maria.heard()[-1] == (
        "✎ Letters sent: 4 of 5.\n• waiting to be sent: Bela Silva\n"
        "Sending is paused, so letters are waiting. Nothing is lost, and I’ll tell you here when"
        " they’re sent."
    )
    await olga.says("/status")
    assert "Mail: 2 waiting" in olga.heard()[-1]
    await opens_targets(olga)
    assert olga.buttons[1] == ["⏸ Bela Silva"]
    await olga.presses("⏸ Bela Silva", "Resume letters", "Back")
    assert olga.buttons == [["Pause letters"], ["Exempt…"], ["Back"]]
    await stage.later(seconds=11)
    assert sent(stage) == [2, 2, 2, 2, 2]
    assert maria.heard()[-1].startswith("✎ ✓ All your letters (5) were sent.")


async def test_an_exempt_target_gets_no_letters(stage: Stage) -> None:
    opens_five(stage)
    olga, maria, ahmed = await first_admin(stage), stage.person("Maria"), stage.person("Ahmed")
    await maria.comes_to_the_review("river")
    await maria.presses("Send in my name")
    await ahmed.comes_to_the_review("river", "ahmed@mail.example")
    await opens_targets(olga)
    await olga.presses("Search…")
    await olga.says("bela")
    await olga.presses("Exempt…")
    olga.hears(
        "✎ Exempt Bela Silva? Supporters will no longer write to this target. 1 letter is waiting:"
        " send it, or withdraw it and tell the supporter?"
    )
    await olga.presses("Exempt, withdraw waiting")
    olga.hears("✎ Bela Silva gets no new letters.")
    await ahmed.presses("Send in my name")
    heard = ahmed.heard()
    assert any("has changed since you read it" in line for line in heard), heard
    await ahmed.presses("Send in my name")
    await stage.later(seconds=11)
    assert sent(stage) == [2, 0, 2, 2, 2]
    assert maria.heard()[-1].startswith("✎ Letters sent: 4 of 5.\n• cancelled: Bela Silva")
    assert ahmed.heard()[-1].startswith("✎ ✓ All your letters (4) were sent.")
    assert (await figures(stage))["step", "sent"] == 2
    await olga.presses("Back")
    olga.hears(
        "✎ Bela Silva\nbela@parliament.example\n\nLetters waiting: 0. In the last 7 days,"
        " accepted: 0, bounced: 0.\n\nExempt: it gets no new letters."
    )
    assert olga.buttons == EXEMPT_BELOW
    await olga.presses("End exemption")
    olga.hears("✎ Supporters can write to Bela Silva again.")
    rui = stage.person("Rui")
    await rui.comes_to_the_review("river", "rui@mail.example")
    assert "Recipients: 5." in rui.heard()[-1]
    await olga.says("/audit")
    (log,) = olga.heard()
    assert "exempted bela in river and withdrew waiting letters" in log
    assert "ended the exemption of bela in river" in log


async def test_a_supporter_whose_only_target_is_exempt(stage: Stage) -> None:
    opens_five(stage)
    table = stage.campaigns / "river" / "targets.csv"
    head, *rows = table.read_text(encoding="utf-8").splitlines()
    countries = ("PT", "BR", "ES", "ES", "")
    lines = [f"{row},{code}" for row, code in zip(rows, countries, strict=True)]
    table.write_text("\n".join([f"{head},for_countries", *lines]), encoding="utf-8")
    olga, maria = await first_admin(stage), stage.person("Maria")
    await maria.comes_to_the_review("river")
    await opens_targets(olga)
    await olga.presses("Ana Silva", "Exempt…")
    olga.hears(
        "✎ Exempt Ana Silva? Supporters will no longer write to this target. No letter is waiting."
    )
    await olga.presses("Yes, do it")
    await maria.presses("Send in my name")
    maria.hears(
        "For your answers, this campaign sends no letters at the moment. So there is"
        " nobody to write to now. Thank you for being ready to. You can go back to check your"
        " answers, or cancel."
    )
    await stage.later(seconds=11)
    assert sent(stage) == [0] * 5
    for name in ("Bela", "Caio", "Dora"):
        await opens_targets(olga)
        await olga.presses(f"{name} Silva", "Exempt…", "Yes, do it")
    await opens_targets(olga)
    await olga.presses("Eva Silva")
    await olga.presses("Exempt…")
    olga.hears("(No other target gets letters. Close the campaign instead.)")
