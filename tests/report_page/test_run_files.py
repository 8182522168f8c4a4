"""A run folder whose files are not what a run wrote is refused in a sentence."""

from pathlib import Path

import pytest

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.report_page import run_files

WHOLE = {
    "config.yaml": "trainer: {max_steps: 1}\n",
    "versions.json": '{"torch": "2.13"}\n',
    "metrics.csv": "epoch,step,train/loss\n0,3,0.5\n",
    "spikes.csv": "epoch,neuron,levels,rate\n0,a,,0.25\n",
    "per_image.csv": "name,protocol,psnr_rainy,psnr_restored,ssim_rainy,ssim_restored\n"
    "1,RGB,20,30,0.5,0.75\n",
}
SPOILT = {
    "a column with another name": ("spikes.csv", "dpoch,neuron,rate\n0,a,0.25\n", "without epoch"),
    "a rate that is no number": ("spikes.csv", "epoch,neuron,rate\n0,a,x\n", "convert string"),
    "a step that is none": ("metrics.csv", "epoch,step,train/loss\n0,3.5,0.5\n", "invalid literal"),
    "too many cells": ("per_image.csv", "name,protocol\n1,RGB,20,30\n", "more or fewer cells"),
    "too few cells": ("metrics.csv", "epoch,step,train/loss\n0,3\n", "more or fewer cells"),
    "a zero byte": ("metrics.csv", "epoch,step\n0,\0\n", "cannot be read"),
    "versions in a list": ("versions.json", "[]", "versions.json holds no versions"),
    "a configuration in itself": ("config.yaml", "model: &a [*a]", "part of what it stands for"),
    "no configuration": ("config.yaml", "\ttrainer: 3", "no valid YAML"),
}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (folder / name).write_text(content)


def test_what_is_whole_is_read(tmp_path: Path):
    write(tmp_path, WHOLE)
    found = run_files.read(tmp_path)
    assert (found.steps, found.versions) == (4, {"torch": "2.13"})
    assert found.spikes == ({"epoch": "0", "neuron": "a", "levels": "", "rate": "0.25"},)
    assert found.scored[1][0].psnr == (20, 30)


@pytest.mark.parametrize("what", SPOILT)
def test_what_is_spoilt_is_named(tmp_path: Path, what: str):
    name, content, message = SPOILT[what]
    write(tmp_path, WHOLE | {name: content})
    with pytest.raises(UserError, match=message) as refused:
        run_files.read(tmp_path)
    assert str(tmp_path) in str(refused.value)
