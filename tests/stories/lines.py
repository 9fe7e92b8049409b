"""Texts of the bot that several dialogue tests expect."""

NAME = "1/4 · What’s your name? Your letter will be signed with it."
COUNTRY = "2/4 · Which country do you live in? Tap one or type it."
ADDRESS = (
    "3/4 · What’s your email address? Whoever gets your letter sees the address and can reply to"
    " you."
)
PORTUGAL = f"Portugal.\n\n{ADDRESS}"
"""The same, asked after the country."""
CODE = (
    "4/4 · Type the code here. I’ve emailed it to maria@mail.example, so I know the address is"
    " yours.\n\nThe email comes from Open Letters Hong Kong, not from Telegram. Never type a"
    " Telegram login code here."
)
NO_ADDRESS = (
    "That doesn’t look like an email address yet. It should look like"
    f" name@mail.example.\n\n{ADDRESS}"
)
A_PERSON = "\n\nIf you’d like a person to help, write to people@open-letters-hk.example."
"""Added from the second answer in a row that leads nowhere."""
REVIEW = [["Send in my name"], ["Change…", "Cancel"]]
"""The buttons under the letter."""
LEAVES = "Your letter will be sent in 30 seconds."
UPDATES = "Would you like to hear what happens next in this campaign?"
REMEMBER = (
    "Shall I keep your details for next time? Your next letter will then take just a few taps."
    " If you don’t use them for a year, I’ll ask again."
)
HELD_BACK = "Your letter was cancelled. Nothing was sent."
CANCELLED = (
    "Cancelled. I won’t send this letter, and I haven’t kept your answers. /start begins again."
)
ANSWERED = "(That button no longer works.)"
EARLIER = "(You’ve answered that already. The open question is the last one here.)"
WELCOME = "Action · Stand up for people's rights in Hong Kong\nIn June 2019…"
RIVER = "Letter · Let the Amieiro flow\nFor three summers…"
TARGET = "chief-executive@government-hk.example"
WAYS_OUT = ["Back", "Cancel"]
AT_ADDRESS = [["Hide my email address"], ["Discreet…"], WAYS_OUT]
"""The buttons under the question for the address."""
AT_ADDRESS_LABELS = [label for row in AT_ADDRESS for label in row]
WELCOME_BUTTONS = [
    ["Write the letter"],
    ["Read more", "See the letter"],
    ["Is it safe for me?", "🌐 Language"],
]


def code_asked(address: str) -> str:
    """Return the question for the code that was mailed to `address`."""
    return CODE.replace("maria@mail.example", address)
