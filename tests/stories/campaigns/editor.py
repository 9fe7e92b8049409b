"""Take a member of the team through the editor of a campaign."""

from tests.chat import Chat

CONSENT = (
    "{transfer} {sender} {answers} Your letter shows your political opinion. By pressing **Send in"
    " my name** you explicitly consent. You can withdraw this under /mydata."
    " [Privacy policy]({privacy_policy})"
)
TITLE = "Stand up for people's rights in Hong Kong"

UNCHANGED = (
    f"✎ Edit “{TITLE}”\n\nNothing has been changed. What would you like to edit?\n\n"
    "You can also send me files: a text such as pt.md, or the whole campaign as .zip."
)


def last_buttons(chat: Chat) -> list[str]:
    """Return the labels of the newest keyboard."""
    return [label for row in chat.buttons for label in row]


def data_of(chat: Chat, label: str) -> tuple[int, str]:
    """Return the message and the callback data of the newest button with a label."""
    return next(
        (number, button["callback_data"])
        for number, message in sorted(chat.person.messages.items(), reverse=True)
        for row in message.get("reply_markup", {}).get("inline_keyboard", ())
        for button in row
        if button["text"] == label
    )


async def opens_the_editor(admin: Chat) -> None:
    await admin.says("/campaigns")
    await admin.presses("Edit")


async def changes_the_title(admin: Chat, title: str, *, first: bool = True) -> None:
    """Let somebody type another title of the sample, in English."""
    if first:
        await opens_the_editor(admin)
    else:
        await admin.presses("Edit more")
    await admin.presses("Texts", "English", "The first message", "Title")
    await admin.says(title)


async def changes_the_goal(admin: Chat, goal: str) -> None:
    await opens_the_editor(admin)
    await admin.presses("Facts", "Goal and links", "Goal")
    await admin.says(goal)
