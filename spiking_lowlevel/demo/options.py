"""The command line of `slv demo`."""

import argparse
from dataclasses import dataclass
from ipaddress import ip_address

from spiking_lowlevel.studies.parser import StudyParser

PORT = 7860
_ABOUT = """\
A page in the browser: drop a photograph, pick a network, slide between before and after, and see
where the network spiked and what that would cost in energy. Everything is computed here; the page
asks for nothing outside this machine, and no photograph is kept once the command has ended.

  slv demo                        the networks that come with the package
  slv demo --weights RUN          also a trained network of your own, picked first
  slv demo --host 0.0.0.0         open to the network: whoever reaches this machine can use it
  slv demo --no-browser --port 8000

  --plugins FILE                  also load a plugin file; runs its code

End it with Ctrl+C. It needs Gradio: pip install 'spiking-lowlevel[demo]'
"""


@dataclass(frozen=True)
class DemoPlan:
    """What `slv demo` is asked for.

    Args:
        words: what is not of this command, such as --plugins.
        weights: networks to offer beside those of the package, the first of them picked.
        host: address to listen on.
        port: to listen on; None for the first free one from `PORT`.
        browser: whether to open a browser.
        device: where to compute.
    """

    words: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    port: int | None = None
    browser: bool = True
    device: str = "auto"


def parse(words: list[str]) -> DemoPlan:
    """What a command line asks for.

    Raises:
        UserError: an option is wrong.
    """
    given, rest = _parser().parse_known_args(words)
    return DemoPlan(
        tuple(rest), tuple(given.weights), given.host, given.port, given.browser, given.device
    )


def is_open(host: str) -> bool:
    """Whether other machines can reach an address.

    >>> is_open("127.0.0.1"), is_open("localhost"), is_open("0.0.0.0")
    (False, False, True)
    """
    if host == "localhost":
        return False
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return True


def _parser() -> argparse.ArgumentParser:
    made = StudyParser("slv demo", _ABOUT, "slv demo [options]")
    made.add_argument(
        "--weights", action="append", default=[], metavar="NAME|FILE|RUN",
        help="offer this network too and pick it first: a shipped name, a .safetensors file of "
        "slv export, or a run folder; can be given several times",
    )  # fmt: skip
    made.add_argument(
        "--device", default="auto", metavar="NAME", help="auto (default), cpu, cuda, cuda:1 or mps"
    )
    made.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS",
        help="address to listen on (127.0.0.1: this machine alone)",
    )  # fmt: skip
    made.add_argument(
        "--port", type=_port, metavar="N", help=f"port to listen on (the first free from {PORT})"
    )
    opening = made.add_mutually_exclusive_group()
    opening.add_argument(
        "--open", dest="browser", action="store_true", default=True,
        help="open a browser at the page (default)",
    )  # fmt: skip
    opening.add_argument(
        "--no-browser", dest="browser", action="store_false", help="only print the address"
    )
    return made


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"expected a port from 1 to 65535, given {text!r}")
    return int(text)
