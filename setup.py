"""Compiles ext/scrubber; everything else about the project is in pyproject.toml."""

import os
import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

sys.path.insert(0, str(Path(__file__).parent / "ext"))
from header import write_header

write_header()
# Checks of bounds, and arrays without spare room: what the sanitizers of ext/variant.py go by.
debug = os.environ.get("SCRUBBER_DEBUG") == "1"
compiled = os.environ.get("SCRUBBER_COMPILE") != "0"     # `make` installs first, then compiles in place, on every core
# Where unrolled loops pay: reading is a twentieth faster, squeezing a third; the rest is not, and twice as large.
FAST = dict.fromkeys(("_x12", "_envelope", "_loops", "_fields", "_services", "_notes", "_payments", "_references",
                      "_bills", "_teeth", "_roles", "_squeeze", "_walk", "_rightness"), "-O3")
added = [path for path in [os.environ.get("SCRUBBER_ADDED")] if path]

setup(
    ext_modules=[] if not compiled else cythonize(
        [Extension(f"scrubber.{source.stem}", [str(source)], extra_objects=added,
                   extra_compile_args=["-O1", "-g1", "-DSCRUBBER_TIGHT=1", "-w"] if debug
                   else [FAST.get(source.stem, "-O2"), "-w"])
         for source in sorted(Path("ext/scrubber").glob("*.pyx"))],
        include_path=["ext"],
        quiet=True,
        build_dir="build/cython-debug" if debug else "build/cython",
        compiler_directives={
            "language_level": "3",
            "boundscheck": debug,
            "wraparound": debug,
            "initializedcheck": debug,
            "cdivision": True,
            "embedsignature": False,
        },
    )
)
