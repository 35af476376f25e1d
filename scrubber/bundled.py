"""Where the bundled rules, starter tables and demo batch are: beside the package, or in the checkout it runs from."""

from pathlib import Path


def bundled(*parts: str) -> Path:
    """Path of something in the bundled `rulesets` folder."""
    package = Path(__file__).resolve().parent
    installed = package / "rulesets"
    return (installed if installed.is_dir() else package.parent / "rulesets").joinpath(*parts)
