"""`scrubber schema`: the JSON schema of what is read and written."""

import click

NAMES = ("claim", "flag", "rule")


@click.command()
@click.argument("name", type=click.Choice(NAMES), metavar="|".join(NAMES))
def schema(name: str) -> None:
    """Print the JSON schema of a claim, a flag or a rule file."""
    from scrubber.model.base import Frozen
    from scrubber.model.claim import Claim
    from scrubber.model.flag import Flag
    from scrubber.model.rule import Rule
    from scrubber.model.schema import schema_text

    models: dict[str, type[Frozen]] = {"claim": Claim, "flag": Flag, "rule": Rule}
    click.echo(schema_text(models[name]), nl=False)
