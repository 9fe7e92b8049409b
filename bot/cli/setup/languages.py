"""`actionbot languages …`: how complete and how well checked each language is."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.printing import AsJson, out
from bot.errors import CommandError
from bot.settings import model
from conversations.text import catalogues, languages, reviews
from conversations.text.catalogues import LOCALES, SUPPORTERS

languages_app = typer.Typer(help="List languages, export texts for translators, record reviews.")

_WORDING = Path("wording")

MAX_NAME = 60
"""Letters in the name of a native speaker."""

Tag = Annotated[str, typer.Argument(help="A language, like pt, pt-BR or zh-Hant.")]
Staff = Annotated[bool, typer.Option("--staff", help="The texts of campaigners and admins.")]


@languages_app.callback(invoke_without_command=True)
def list_languages(context: typer.Context, as_json: AsJson = False) -> None:
    """List all languages: how complete and how well checked they are, and who can choose them."""
    from bot.cli.setup import language_table

    if context.invoked_subcommand is not None:
        return
    _use_own()
    rows = language_table.rows(model.campaigns_folder())
    if as_json:
        out.print_json(data=[row.as_json() for row in rows])
    else:
        out.print(language_table.table(rows))
        for line in language_table.notes(rows):
            typer.echo(line)


@languages_app.command("export")
def export_texts(
    tag: Tag,
    file: Annotated[
        Path | None, typer.Argument(help="The file to create; by default in your own wording.")
    ] = None,
    staff: Staff = False,
) -> None:
    """Write all texts of a language to a file, with the English beside each.

    In your own wording, a text takes the place of the bot's: keep only those that you change.
    """
    from conversations.folder.own_wording import is_language_tag
    from conversations.folder.translations import export

    if not is_language_tag(tag):
        raise CommandError("This isn't a language.", fix="Write it like pt or zh-Hant.", where=tag)
    _use_own()
    part = _part(staff=staff)
    path = file or catalogues.path(_own_folder(), tag, part)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as created:
        created.write(export(tag, part))
    typer.echo(f"Created {path}. Change it, then run: actionbot check")


@languages_app.command("reviewed")
def record_review(
    tag: Tag,
    by: Annotated[str, typer.Option(help="Name or pseudonym of the native speaker.")],
    key: Annotated[
        list[str] | None, typer.Option(help="Only this text; can be given several times.")
    ] = None,
    safety: Annotated[
        bool, typer.Option("--safety", help="Only the texts that can endanger people.")
    ] = False,
    folder: Annotated[
        Path | None, typer.Option(help="The folder with the catalogues, if not your own wording.")
    ] = None,
) -> None:
    """Record in a file of texts that a native speaker has checked them.

    A text that changes later, or whose English changes, no longer counts as checked.
    """
    name = " ".join(by.split())
    if not 0 < len(name) <= MAX_NAME:
        raise CommandError("This isn't a name.", fix=f"Use up to {MAX_NAME} letters.", where="--by")
    file = catalogues.path(folder or _own_folder(), tag, SUPPORTERS)
    if not file.exists():
        fix = f"Create it: actionbot languages export {tag}"
        raise CommandError("There is no such file.", fix=fix, where=str(file))
    _require_correct(file.parent.parent)
    chosen = _chosen_keys(file, key, safety=safety)
    original = catalogues.path(LOCALES, languages.DEFAULT, SUPPORTERS)
    file.write_text(reviews.record(file, original, name, chosen), "utf-8", newline="\n")
    held = reviews.reviewed_keys(file, original)
    missing = len(catalogues.keys(original) - held)
    typer.echo(
        f"Recorded in {file}: {name} has checked {len(chosen)} text{'s' * (len(chosen) != 1)}."
    )
    typer.echo(f"Not checked yet: {missing}" if missing else "All texts are checked.")


def _chosen_keys(file: Path, only: list[str] | None, *, safety: bool) -> frozenset[str]:
    """Return the keys of the texts that were checked. Raises CommandError for an unknown one."""
    known = catalogues.keys(file)
    if unknown := sorted(set(only or ()) - known):
        raise CommandError("There is no such text in it.", where=f"{file}: {unknown[0]}")
    if safety:
        return known & languages.index().safety
    return frozenset(only) if only else known


def _require_correct(folder: Path) -> None:
    """Raise CommandError if a file of texts has mistakes."""
    from conversations.folder.own_wording import find_mistakes

    mistakes = tuple(each for each in find_mistakes(folder) if each.is_error)
    if mistakes:
        raise CommandError(mistakes)


def _use_own() -> None:
    """Use the organisation's own texts, if there are any. Raises CommandError."""
    if (folder := _own_folder()).is_dir():
        _require_correct(folder)
        languages.use_own(folder)


def _own_folder() -> Path:
    """Return the folder of the organisation's own texts, which may not exist yet."""
    settings = model.campaign_settings()
    if settings is None:
        return _WORDING
    return settings.wording or settings.folder.parent / _WORDING


def _part(*, staff: bool) -> str:
    return catalogues.STAFF if staff else SUPPORTERS
