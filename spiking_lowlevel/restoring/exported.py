"""`slv export`: a trained network as one safetensors file that says what it is.

The file holds the weights, and in its metadata the network and its tiles in the words of a
configuration. Nothing in it can run code. `slv restore --weights FILE`, `load(FILE)` and
`--model.weights FILE` take it.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

from spiking_lowlevel.errors import UserError


@dataclass(frozen=True)
class ExportPlan:
    """What to export, and where to.

    Args:
        run: a run folder, or a checkpoint in one.
        out: the file to write.
        tile: side of the tiles it is to restore with; that of its training when left out.
        force: overwrite a file.
    """

    run: Path
    out: Path
    tile: int | None = None
    force: bool = False


def parse(words: list[str]) -> ExportPlan:
    """The plan of a command line."""
    parser = argparse.ArgumentParser("slv export", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("run", type=Path, metavar="RUN", help="run folder, or a .ckpt in one")
    parser.add_argument("-o", dest="out", type=Path, required=True, metavar="FILE.safetensors")
    parser.add_argument("--tile", type=int, metavar="N", help="restore in tiles of N pixels")
    parser.add_argument("--force", action="store_true", help="overwrite FILE")
    return ExportPlan(**vars(parser.parse_args(words)))


def export(plan: ExportPlan) -> str:
    """Write the file; returns what to tell the user.

    Raises:
        UserError: there is no such run, or the file is there already.
    """
    from spiking_lowlevel.networks.weights import save_weights
    from spiking_lowlevel.restoring.recipe import Recipe
    from spiking_lowlevel.restoring.zoo import found
    from spiking_lowlevel.runs import CONFIG, find_run

    if plan.out.suffix != ".safetensors":
        raise UserError(f"-o {plan.out}: give a name that ends in .safetensors")
    if plan.out.exists() and not plan.force:
        raise UserError(f"-o {plan.out} is there already; give another name, or --force")
    is_file = plan.run.suffix == ".ckpt"
    place = plan.run.parent.parent if is_file else find_run(plan.run)
    network, _ = found(plan.run if is_file else place)
    recipe = Recipe.of_config(place / CONFIG)
    if plan.tile is not None:
        recipe = recipe.with_tile(plan.tile)
        recipe.build()  # refuses a side that its strategy does not take
    save_weights(network, plan.out, recipe.metadata())
    count = sum(p.numel() for p in network.parameters())
    size = plan.out.stat().st_size / 1e6
    return (
        f"{type(network).__name__}, {count:,} parameters, {size:.2f} MB: {plan.out}\n"
        f"restore with: slv restore PHOTO.jpg -o clean.jpg --weights {plan.out}"
    )
