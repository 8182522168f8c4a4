"""`slv demo` from its command line to a page that is served until it is interrupted."""

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from spiking_lowlevel.demo.options import PORT, DemoPlan, is_open
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.restoring.restorer import Restorer

Expand = Callable[[list[str]], list[str]]
"""Words of a command line with --run written out and --plugins taken out, the plugins loaded."""
_TRIED = 50
_QUIET = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "GRADIO_SSR_MODE": "False",
}
"""What keeps Gradio from asking anything of other machines."""


def run(plan: DemoPlan, expand: Expand) -> None:
    """Serve the page until Ctrl+C.

    Raises:
        UserError: Gradio or a network is missing, or the port is taken.
    """
    rest = expand(list(plan.words))
    if rest:
        raise UserError(f"slv demo: {' '.join(rest)} is not understood\n  See: slv demo --help")
    _need_gradio()
    port = free_port(plan.host, plan.port)
    with served(_restorers(plan), plan.host, port, plan.browser) as address:
        if is_open(plan.host):
            print(f"{plan.host}: whoever reaches this machine can use the page")  # noqa: T201
        if plan.port is None and port != PORT:
            print(f"port {PORT} is taken, so it is {port}")  # noqa: T201
        print(f"the page is at {address}  (end with Ctrl+C)", flush=True)  # noqa: T201
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that uploads are deleted
        try:
            Event().wait()
        except KeyboardInterrupt:
            if sys.stdout.isatty():  # off the line on which the terminal wrote ^C
                print()  # noqa: T201


@contextmanager
def served(
    restorers: Mapping[str, Restorer], host: str, port: int, browser: bool = False
) -> Iterator[str]:
    """Serve the page in a thread of its own; gives its address, and deletes all uploads at the end.

    Args:
        restorers: the networks on offer, the first of them picked.
        host: address to listen on.
        port: a free one.
        browser: whether to open a browser.
    """
    with TemporaryDirectory(prefix="slv-demo-") as folder:
        # Read by Gradio as it is imported, and whenever it writes a file.
        os.environ.update(_QUIET, GRADIO_TEMP_DIR=str(Path(folder) / "uploads"))
        from spiking_lowlevel.demo.page import CSS, build, theme
        from spiking_lowlevel.demo.photographs import write_examples

        page = build(restorers, write_examples(Path(folder)))
        try:
            _, address, _ = page.queue(default_concurrency_limit=1).launch(
                server_name=host, server_port=port, inbrowser=browser, prevent_thread_lock=True,
                quiet=True, share=False, footer_links=[], theme=theme(), css_paths=CSS,
                allowed_paths=[], enable_monitoring=False, ssr_mode=False, max_file_size="200mb",
            )  # fmt: skip
            yield address
        finally:
            page.close(verbose=False)


def free_port(host: str, asked: int | None) -> int:
    """The port that was asked for, or else the first free one from `PORT`.

    Raises:
        UserError: it is taken, or this machine has no such address.
    """
    tried = [asked] if asked is not None else range(PORT, PORT + _TRIED)
    problem = ""
    for port in tried:
        try:
            family, kind, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            with socket.socket(family, kind) as test:
                test.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                test.bind(place)
            return port
        except OSError as error:
            problem = error.strerror or str(error)
    which = f"port {asked}" if asked is not None else f"ports {PORT} to {PORT + _TRIED - 1}"
    raise UserError(
        f"slv demo: cannot listen on {host}, {which}: {problem}. Give another --port, or leave it "
        "out for the first free one; --host 127.0.0.1 is this machine alone"
    )


def _restorers(plan: DemoPlan) -> dict[str, Restorer]:
    from spiking_lowlevel.restoring.zoo import load, names

    offered = list(dict.fromkeys([*plan.weights, *names()]))
    if not offered:
        raise UserError("slv demo: no network comes with this package; give --weights FILE or RUN")
    return {name: load(name, plan.device) for name in offered}


def _need_gradio() -> None:
    if find_spec("gradio") is None:
        raise UserError(
            "slv demo needs Gradio, which is not installed; "
            "install it with: pip install 'spiking-lowlevel[demo]'"
        )
