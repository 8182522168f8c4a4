"""Messages are bounded, and what the machine refuses is told as that."""

import pytest
import torch

from spiking_lowlevel.failures import of_the_machine, readable


def test_a_long_message_keeps_its_ends_and_no_control_character():
    said = readable("begin\x1b[2J\x00 " + "y" * 5000 + " word" * 1000 + " end")
    assert said.startswith("begin\\x1b[2J\\x00 " + "y" * 100 + "[... 5,000 characters]yyy")
    assert said.endswith(" word end")
    assert len(said) <= 2000


def test_a_message_of_use_is_left_alone():
    message = "trainer.max_steps: expected int, given 'many'.\n  See: slv list é 日本"
    assert readable(message) == message


def test_memory_that_pytorch_cannot_have():
    with pytest.raises(RuntimeError) as refused:
        torch.empty(2**60, dtype=torch.uint8)
    told = of_the_machine(refused.value)
    assert told is not None
    assert told.startswith("memory ran out (asked for 1152921504606846976 bytes): lower data.batch")


def test_what_the_system_refuses_and_what_is_none_of_it():
    assert of_the_machine(OSError(36, "File name too long", "aaa")) == "aaa: File name too long"
    assert of_the_machine(MemoryError()) is not None
    assert of_the_machine(RuntimeError("shapes differ")) is None
