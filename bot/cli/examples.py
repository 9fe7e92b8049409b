"""Examples for `--help`: how each command is typed."""

from collections.abc import Callable

import typer

EXAMPLES: dict[str, tuple[str, ...]] = {
    "demo": ("actionbot demo", "actionbot demo --campaigns campaigns --empty --port 8081"),
    "init": (
        "actionbot init",
        "actionbot init --address actions@send.example.org --campaign save-the-river --yes",
    ),
    "check": ("actionbot check", "actionbot check --campaigns campaigns --json"),
    "doctor": ("actionbot doctor", "actionbot doctor --send you@example.org"),
    "run": ("actionbot run", "actionbot run --no-workers"),
    "work": ("actionbot work", "ACTIONBOT_WEB__STATUS_PORT=8082 actionbot work"),
    "bounce": ("actionbot bounce < email.eml", "actionbot bounce code-7h2k@send.example.org"),
    "migrate": ("actionbot migrate",),
    "purge": ("actionbot purge --dry-run", "actionbot purge"),
    "backup": ("actionbot backup /backups/actionbot-$(date +%F).db",),
    "restore": ("actionbot restore /backups/actionbot-2026-06-01.db",),
    "export": ("actionbot export --csv > figures.csv", "actionbot export --identities"),
    "recount": ("actionbot recount",),
    "panic": ("actionbot panic", "actionbot panic --end"),
    "audit": ("actionbot audit", "actionbot audit --accept"),
    "approve": ("actionbot approve", "actionbot approve 3f9a1c"),
    "notice": ("actionbot notice en.txt pt.txt",),
    "retire": ("actionbot retire --days 14", "actionbot retire --cancel"),
    "disowned": (
        "actionbot disowned maria@mail.example",
        "actionbot disowned maria@mail.example --undo",
    ),
    "privacy": ("actionbot privacy > privacy.md",),
    "playground": (
        "actionbot playground",
        "actionbot playground --port 0 --token 123456:any-secret --no-rate-limit",
    ),
    "keys": ("actionbot keys", "actionbot keys dkim"),
    "keys dkim": ("actionbot keys dkim",),
    "campaign": ("actionbot campaign new save-the-river", "actionbot campaign live save-the-river"),
    "campaign new": (
        "actionbot campaign new save-the-river",
        "actionbot campaign new save-the-river --from page.docx --language pt",
    ),
    "campaign stamp": ("actionbot campaign stamp save-the-river",),
    "campaign publish": ("actionbot campaign publish save-the-river",),
    "campaign pull": (
        "actionbot campaign pull save-the-river",
        "actionbot campaign pull save-the-river --newest",
    ),
    "campaign live": ("actionbot campaign live save-the-river",),
    "languages": ("actionbot languages", "actionbot languages export pt texts.po"),
    "languages export": (
        "actionbot languages export pt texts.po",
        "actionbot languages export pt --staff",
    ),
    "languages reviewed": (
        "actionbot languages reviewed pt --by Ana --safety",
        "actionbot languages reviewed pt --by Ana --key button.send",
    ),
    "team": ("actionbot team", "actionbot team remove 123456789"),
    "team remove": ("actionbot team remove 123456789",),
    "archive": ("actionbot archive new-key --out archive.key", "actionbot archive export letters"),
    "archive new-key": ("actionbot archive new-key --out archive.key",),
    "archive export": ("actionbot archive export letters",),
    "archive open": ("actionbot archive open letters --key archive.key > letters.csv",),
}
"""How each command is typed; a group's examples are those of its most useful commands."""


def add_examples(app: typer.Typer, group: str = "") -> None:
    """Append the examples to the help of all commands of `app`."""
    for command in app.registered_commands:
        name = command.name or _name(command.callback)
        command.epilog = _epilog(f"{group} {name}".strip())
    for registered in app.registered_groups:
        registered.epilog = _epilog(str(registered.name))
        if registered.typer_instance is not None:
            add_examples(registered.typer_instance, str(registered.name))


def _name(callback: Callable[..., object] | None) -> str:
    return str(getattr(callback, "__name__", ""))


def _epilog(command: str) -> str:
    lines = "\n".join(f"- `{example}`" for example in EXAMPLES[command])
    return f"Examples:\n\n{lines}"
