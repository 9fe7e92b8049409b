"""What the bot says in many stories."""

NAME = "Your name? It stands under the letter. · 1 of 3"
COUNTRY = "Which country do you live in? Tap one or type it. · 2 of 3"
ADDRESS = (
    "Your email address? It is shown to whom you write, so that an answer can come to it. · 3 of 3"
)
CODE = (
    "I’ve mailed a code to maria@mail.example. Type it here: it makes sure that nobody writes in"
    " your name.\n\nIt comes from Open Letters Hong Kong, not from Telegram. Never type a"
    " Telegram login code here."
)
LEAVES = "Your letter leaves in 30 seconds."
UPDATES = "Shall I tell you what happens next in this campaign?"
REMEMBER = "Shall I keep your details for next time? Then your next letter takes two taps."
HELD_BACK = "Your letter was held back. Nothing was sent."
CANCELLED = "Cancelled: nothing was sent, and what you typed is gone. /start begins anew."
ANSWERED = "(That was answered already.)"
WELCOME = "Action · Stand up for people's rights in Hong Kong\n\nIn June 2019…"
RIVER = "Letter · Let the Amieiro flow\n\nFor three summers…"
TARGET = "chief-executive@government-hk.example"
WAYS_OUT = ["Back", "Cancel"]
WELCOME_BUTTONS = [
    ["Write the letter"],
    ["Read more", "See the letter"],
    ["Is it safe for me?", "🌐 Language"],
]
