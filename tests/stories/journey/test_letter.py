"""A complete journey, from the first message to the letter in the target's mailbox."""

from tests.chat import Chat
from tests.domains import GMAIL, GMIAL
from tests.stage import Stage
from tests.stories.lines import REMEMBER

BODY = """\
To the Chief Executive, Government of Hong Kong

I am writing in my own name, because the people of Hong Kong who have been protesting since 9 June 2019 deserve to be heard.

They fear a law under which anyone among them could be handed over to a justice system that promises no fair trial. When they said so, largely in peace, the police met them with tear gas, pepper spray and, in some instances, bean bags and rubber bullets. A bill that is only suspended leaves that fear in place.

I ask the government of Hong Kong to:

1. withdraw the amendments to the extradition law immediately;
2. guarantee the right to freedom of peaceful assembly;
3. allow a prompt, effective, independent and impartial investigation into the police’s use of force against protesters.

Please let the people of Hong Kong speak and gather without fear.

Respectfully,

Maria Silva
Portugal
"""  # noqa: E501 - the body exactly as it is sent


async def test_a_complete_journey(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong__poster")
    maria.hears("Action · Stand up for people's rights in Hong Kong\nIn June 2019…")
    assert maria.last["photo"]
    assert maria.buttons == [
        ["Write the letter"],
        ["Read more", "See the letter"],
        ["Is it safe for me?", "🌐 Language"],
    ]

    await maria.presses("Write the letter", "Continue")
    maria.hears("1/4 · What’s your name? Your letter will be signed with it.")
    assert maria.all_buttons == ["Use “Maria Silva”", "Back", "Cancel"]

    await maria.presses("Use “Maria Silva”")
    maria.hears(
        "✎ Your name: Maria Silva", "2/4 · Which country do you live in? Tap one or type it."
    )
    assert maria.buttons == [
        ["🇵🇹 Portugal", "🇧🇷 Brazil"],
        ["🇨🇭 Switzerland", "🇬🇧 United Kingdom"],
        ["🇹🇼 Taiwan"],
        ["Back", "Cancel"],
    ]

    await maria.says("portgual")
    maria.hears("Portugal?")
    await maria.presses("Yes")
    maria.hears(
        "Portugal.\n\n3/4 · What’s your email address? Whoever gets your letter sees the address"
        " and can reply to you.",
    )

    await maria.says(f"maria@{GMIAL}")
    maria.hears(f"Did you mean maria@{GMAIL}?")
    await maria.presses("No, keep mine")
    maria.hears(
        f"✎ Your email address: maria@{GMIAL}",
        f"4/4 · Type the code here. I’ve emailed it to maria@{GMIAL}, so I know the address is"
        " yours.\n\nThe email comes from Open Letters Hong Kong, not from Telegram. Never type a"
        " Telegram login code here.",
    )
    await maria.types_the_code()
    (shown,) = maria.heard()
    assert BODY.strip() in shown
    assert shown.startswith(
        f"This is your letter. Your details: Maria Silva, Portugal · maria@{GMIAL}\nTo: Chief"
        " Executive, Government of Hong Kong\nSubject: Withdraw the extradition bill and protect"
        " peaceful protest\nI ask the government of Hong Kong to:\n1. withdraw the amendments"
    )
    assert maria.buttons == [
        ["Send in my name"],
        ["Change…", "Cancel"],
    ]

    await maria.presses("Send in my name")
    maria.hears(
        "Your letter will be sent in 30 seconds.",
        "Would you like to hear what happens next in this campaign?",
        REMEMBER,
    )
    assert stage.mails_to("chief-executive@government-hk.example") == []

    await stage.later(seconds=31)
    left = f"{stage.clock():%H:%M}"
    heard = maria.heard()
    assert heard[-1].startswith(f"✎ ✓ Your letter was sent at {left} UTC. If I hear")
    assert "Share with friends" in maria.all_buttons

    (letter,) = stage.mails_to("chief-executive@government-hk.example")
    assert letter.text == BODY
    message = letter.message
    assert message["From"].addresses[0].display_name == "Maria Silva"
    assert message["From"].addresses[0].addr_spec == letter.sender
    assert letter.sender.endswith("@send.example")
    assert str(message["Reply-To"]) == f"Maria Silva <maria@{GMIAL}>"
    assert str(message["To"]) == (
        '"Chief Executive, Government of Hong Kong" <chief-executive@government-hk.example>'
    )
