"""Take a supporter to a question of the journey."""

from tests.chat import Chat


async def comes_to_the_name(chat: Chat) -> None:
    await chat.starts("hong-kong")
    await chat.presses("Write the letter", "Continue")


async def comes_to_the_country(chat: Chat) -> None:
    await comes_to_the_name(chat)
    await chat.says("Maria Silva")


async def comes_to_the_address(chat: Chat) -> None:
    await comes_to_the_country(chat)
    await chat.says("Portugal")


async def comes_to_the_code(
    chat: Chat,
    address: str = "maria@mail.example",
    campaign: str = "hong-kong",
    write: str = "Write the letter",
) -> None:
    await chat.starts(campaign)
    await chat.presses(write)
    if campaign == "hong-kong":
        await chat.presses("繼續" if write == "寫信" else "Continue")
    await chat.says("Maria Silva", "Portugal", address)
