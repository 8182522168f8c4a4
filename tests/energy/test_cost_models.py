"""What holds for every cost model that can be named."""

from dataclasses import FrozenInstanceError, fields
from typing import get_args

import pytest

from spiking_lowlevel import registry
from spiking_lowlevel.energy.base import CostModel, Fidelity, Price
from spiking_lowlevel.energy.counting.layer import Layer
from spiking_lowlevel.energy.sample import sample

registry.load("cost")
MODELS = [entry.cls() for entry in registry.entries("cost") if entry.origin == "built-in"]
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)


def test_all_that_are_due_are_there():
    assert {type(model).__name__ for model in MODELS} == {
        "BitOperations",
        "HorowitzFP16",
        "HorowitzFP32",
        "HorowitzINT32",
        "HorowitzINT8",
        "IntegerUnrolling",
        "Lemaire2022",
        "LiteratureProtocol",
        "QuotedTables",
        "SimpleMemory",
    }


@each_model
def test_every_constant_has_a_source_and_a_fidelity(model: CostModel):
    assert model.constants()
    for constant in model.constants().values():
        assert constant.source
        assert constant.unit
        assert constant.fidelity in get_args(Fidelity)


@each_model
def test_no_model_mixes_precisions(model: CostModel):
    constants = model.constants()
    assert len({c.precision for c in constants.values()} - {""}) <= 1
    arithmetic = model.arithmetic
    if arithmetic is not None:
        assert arithmetic.add.precision == arithmetic.multiply.precision
        assert {arithmetic.add, arithmetic.multiply} <= set(constants.values())


@each_model
def test_a_model_tells_what_is_free(model: CostModel):
    assert "free: " in model.scope


@each_model
def test_a_model_is_a_value(model: CostModel):
    assert model == type(model)()
    for field in fields(model):  # pyright: ignore[reportArgumentType]
        with pytest.raises(FrozenInstanceError):
            setattr(model, field.name, 1)


@each_model
def test_a_layer_that_did_nothing_is_free(model: CostModel):
    assert model.price(Layer("view", "reshape"), sample(3)) == Price()
