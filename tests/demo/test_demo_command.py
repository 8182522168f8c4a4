"""The command line of slv demo, and what stops it before a page is served."""

import socket

import pytest

from spiking_lowlevel.demo import command
from spiking_lowlevel.demo.command import free_port, run
from spiking_lowlevel.demo.options import DemoPlan, parse
from spiking_lowlevel.errors import UserError


def same(words: list[str]) -> list[str]:
    return words


def test_the_page_is_of_this_machine_alone_unless_asked_for():
    assert parse([]) == DemoPlan(host="127.0.0.1", port=None, browser=True)


def test_options_are_understood_and_plugins_left_to_others():
    plan = parse(["--weights=a", "--weights", "b", "--port", "80", "--no-browser", "--device=auto"])
    assert plan == DemoPlan((), ("a", "b"), "127.0.0.1", 80, False, "auto")
    assert parse(["--plugins", "x.py"]).words == ("--plugins", "x.py")


@pytest.mark.parametrize("port", ["0", "65536", "x", "-1"])
def test_ports_are_ports(port: str):
    with pytest.raises(UserError, match=r"expected a port|expected one argument"):
        parse(["--port", port])


def test_words_that_no_one_understands_are_refused():
    with pytest.raises(UserError, match="--share is not understood"):
        run(parse(["--share"]), same)


def test_without_gradio_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install 'spiking-lowlevel\[demo\]'"):
        run(DemoPlan(), same)


def test_a_taken_port_is_passed_over_but_not_when_asked_for(monkeypatch: pytest.MonkeyPatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"127.0.0.1, port {port}: .*--port"):
            free_port("127.0.0.1", port)
        monkeypatch.setattr(command, "PORT", port)
        assert free_port("127.0.0.1", None) > port
