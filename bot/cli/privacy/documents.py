"""`actionbot privacy`: a record of processing and a draft of an impact assessment (GDPR)."""

from dataclasses import asdict

import typer

from bot.cli.printing import AsJson, out
from bot.cli.processes import run_command
from bot.settings import model


def privacy(as_json: AsJson = False) -> None:
    """Print a record of processing and a draft impact assessment, from settings and campaigns.

    Markdown (GDPR, articles 30 and 35). What only your organisation knows is left blank, in
    [brackets]. It is a draft, not legal advice. No secret and nobody's data is in it.
    """
    from bot.cli.privacy import impact_assessment, processing_record
    from bot.cli.setup.campaign_versions import load_campaigns

    settings = model.load()
    campaigns = tuple(run_command(load_campaigns(settings)).values())
    record = processing_record.sections(settings, campaigns)
    parts = [*record, *impact_assessment.sections(settings, campaigns)]
    if as_json:
        out.print_json(data=[asdict(each) for each in parts])
    else:
        typer.echo("\n".join(each.markdown() for each in parts).rstrip())
