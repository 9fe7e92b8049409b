"""`actionbot init`: its options. `init_dialogue` asks the questions."""

from typing import Annotated

import typer


def init(
    token: Annotated[
        str | None,
        typer.Option(envvar="ACTIONBOT_TELEGRAM__TOKEN", help="The bot's token, from @BotFather."),
    ] = None,
    smtp: Annotated[
        str | None,
        typer.Option(
            envvar="ACTIONBOT_SMTP__URL",
            help="Mail server: host:port, or smtps://user:password@host:465",
        ),
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(envvar="ACTIONBOT_MAIL__ADDRESS", help="Address that codes come from."),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            envvar="ACTIONBOT_DATABASE__URL", help="Database; by default sqlite:///actionbot.db"
        ),
    ] = None,
    approval: Annotated[
        str | None,
        typer.Option(help="Broadcasts to more people than this need approval; by default 50."),
    ] = None,
    campaign: Annotated[
        str | None, typer.Option(help="Short name of the first campaign; by default my-campaign.")
    ] = None,
    yes: Annotated[
        bool,
        typer.Option("--yes", help="Ask nothing, for scripts: keep answers that don't work yet."),
    ] = False,
) -> None:
    """Set up the bot: answer a few questions, test the answers, save the settings.

    An option or a variable of the environment answers its question. Other users of this machine can
    read options while the command runs, so give secrets as variables.

    If standard input isn't a terminal, the answers are read from it, one per line: token, mail
    server, user, password (if there is a user), address, database, name of the campaign, number of
    people that a broadcast may reach without approval. Leave out those that options answer.
    """
    from bot.cli.setup.init_dialogue import Dialogue, initialise

    given = {
        "--token": token,
        "--smtp": smtp,
        "--address": address,
        "--database": database,
        "--approval": approval,
        "--campaign": campaign,
    }
    answered = {option: answer for option, answer in given.items() if answer is not None}
    initialise(Dialogue(answered, yes=yes))
