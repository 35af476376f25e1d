"""The command line: the only part that prints."""

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

import click

from scrubber.errors import RuleError, ScrubberError, why
from scrubber.version import VERSION

# Plugins of pydantic are looked for in the metadata of every package that is installed: that takes longer than a claim.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

COMMANDS = {
    "demo": ("scrub", "Scrub the bundled sample batch and write an HTML report."),
    "scrub": ("scrub", "Scrub claim files, or - for standard input."),
    "check": ("check", "Check one claim typed by hand."),
    "convert": ("convert", "Write claims of any format as NDJSON or Parquet, to keep as history."),
    "rules": ("catalogue", "List the rules by family."),
    "rule": ("catalogue", "Explain one rule: why, logic, source, denials, fix, examples."),
    "schema": ("schema", "Print the JSON schema of a claim, a flag or a rule file."),
    "test": ("proof", "Run the examples inside the rules."),
    "conformance": ("proof", "Run claims with known answers."),
    "tables": ("tables", "Import, list, show and verify reference tables."),
    "watch": ("watch", "Scrub what is dropped in a folder, once each."),
    "serve": ("serve", "Serve the REST API over HTTP."),
    "keys": ("serve", "Make, list and revoke keys of the REST API."),
    "store": ("store", "Verify, back up and rotate the keys of what a team's workbench keeps."),
    "users": ("access", "List who works here, and make a link for whoever is locked out."),
}


class Commands(click.Group):
    """The commands, each imported only when it is called; wrong use is one line on standard error and exit 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"scrubber.cli.{COMMANDS[cmd_name][0]}")
        if COMMANDS[cmd_name][0] not in ("scrub", "check"):      # those load more first
            gc.enable()
        command = getattr(module, cmd_name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str],
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            ctx.fail(f"no command {args[0]!r}; there are {', '.join(COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def main(self, args: Sequence[str] | None = None, *_: Any, **extra: Any) -> NoReturn:
        extra |= {"standalone_mode": False, "prog_name": "scrubber"}
        # None of ours is a plug-in of pydantic; looking for some through every installed package takes its time.
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
        if args is None:                 # a process of its own, in which all that is loaded stays: options.loaded
            gc.disable()
            from scrubber._crash import leave_no_core, tell_lost_files

            leave_no_core()
            tell_lost_files()
        try:
            code = super().main(args, **extra)
            sys.stdout.flush()
        except click.UsageError as error:
            path = error.ctx.command_path if error.ctx else "scrubber"
            _fail(path, f"{_sentence(error.format_message())} (see {path} --help)")
        except click.ClickException as error:
            _fail("scrubber", error.format_message())
        except RuleError as error:
            click.echo(_plain("\n".join(error.problems)), err=True)
            sys.exit(2)
        except ScrubberError as error:
            _fail("scrubber", str(error))
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        except OSError as error:
            if error.filename is None:               # of a stream: standard output, as far as is known
                with suppress(OSError):
                    sys.stdout.close()
                _fail("scrubber", f"standard output: cannot be written: {why(error)}")
            _fail("scrubber", f"{error.filename}: {error.strerror}")
        except click.Abort:
            sys.exit(130)
        sys.exit(code if isinstance(code, int) else 0)


def _fail(path: str, message: str) -> NoReturn:
    click.echo(_plain(f"{path}: {message}"), err=True)
    sys.exit(2)


def _plain(text: str) -> str:
    """Text without what could drive a terminal: names of files and of keys in them are not ours."""
    return "".join(each if each.isprintable() or each == "\n" else "\N{REPLACEMENT CHARACTER}" for each in text)


def _sentence(text: str) -> str:
    return " ".join(text.split()).removesuffix(".")


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"scrubber {VERSION}")
        ctx.exit()


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version.")
def main() -> None:
    """Scrub US medical claims before submission: declarative rules, dated public tables, explained flags.

    Exit codes: 0 nothing at or above --fail-on; 1 flags at or above it; 2 wrong use, unreadable input or broken
    rules.
    """
