"""`actionbot disowned`: an address whose owner said “this wasn't me” by mistake."""

from functools import partial

from bot.clock import utc_now
from storage.mail.address_keys import AddressKeys
from storage.mail.proof import disowning
from tests.bot.organisation import Organisation, Outcome
from tests.databases import opened
from tests.vaults import vault_of

ADDRESS = "wilhelmina@mailbox.example"
NOT_DISOWNED = Outcome(0, "This address isn't disowned: the bot emails codes to it.\n", "")


async def disowns(organisation: Organisation, database_url: str) -> None:
    """Let the owner of the address say that it wasn't them."""
    vault = vault_of(organisation.folder / "actionbot.keys")
    address = AddressKeys.of(vault, ADDRESS)
    disown = partial(disowning.disown, vault=vault, address=address, mail=None, now=utc_now())
    async with opened(database_url) as database:
        await database.transact(disown)


async def test_an_address_is_looked_up_and_restored(
    organisation: Organisation, database_url: str
) -> None:
    organisation.sets(database={"url": database_url})
    await organisation.types("migrate")
    assert await organisation.types("disowned", ADDRESS) == NOT_DISOWNED
    now = utc_now()
    await disowns(organisation, database_url)
    until = now + disowning.DISOWNED_FOR
    said = (
        f"Disowned since {now:%Y-%m-%d}: the bot emails nothing to this address until"
        f" {until:%Y-%m-%d}. To undo that, add --undo.\n"
    )
    assert await organisation.types("disowned", ADDRESS) == Outcome(0, said, "")
    undone = "Undone. The bot emails codes to this address again.\n"
    assert await organisation.types("disowned", f"W{ADDRESS[1:]}", "--undo") == Outcome(
        0, undone, ""
    )
    assert await organisation.types("disowned", ADDRESS, "--undo") == NOT_DISOWNED


async def test_what_is_no_address(organisation: Organisation) -> None:
    outcome = await organisation.types("disowned", "wilhelmina")
    assert outcome.status == 2
    assert "This isn't an email address." in outcome.err
