"""`slv restore` from its command line to its table."""

import io
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from spiking_lowlevel.decoding import LARGEST_FILE, open_file
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.files import printable, written_whole
from spiking_lowlevel.memory import keep_freed
from spiking_lowlevel.restoring import inputs, png_file
from spiking_lowlevel.restoring.inputs import PIPE, Photograph
from spiking_lowlevel.restoring.options import RestorePlan
from spiking_lowlevel.restoring.photograph import Way, restored
from spiking_lowlevel.restoring.picture import FORMATS
from spiking_lowlevel.restoring.restorer import Restorer
from spiking_lowlevel.restoring.rows import Rows
from spiking_lowlevel.restoring.streaming import Progress
from spiking_lowlevel.restoring.summary import Row, table
from spiking_lowlevel.restoring.tiling import tiling_for
from spiking_lowlevel.restoring.zoo import DEFAULT, load

Expand = Callable[[list[str]], list[str]]
"""Words of a command line with --plugins taken out, the plugins loaded."""


def run(plan: RestorePlan, expand: Expand) -> None:
    """Restore, write, and print the table; leave with exit code 1 if a photograph failed.

    Raises:
        UserError: something was asked for that cannot be done.
    """
    photographs = _photographs(plan)  # before anything is loaded
    expand([word for file in plan.plugins for word in ("--plugins", file)])
    rows: list[Row] = []
    keep_freed()
    stopped = False
    try:
        for row in _rows(plan, photographs):
            rows.append(row)
            if row.fault:  # at once: the table may be hours away
                print(f"slv: {row.name}: {row.fault}", file=sys.stderr)  # noqa: T201
    except KeyboardInterrupt:
        stopped = True
    stream = sys.stderr if str(plan.out) == PIPE else sys.stdout
    if rows:
        print("\n".join(table(rows)), file=stream)
    if stopped:
        sys.exit(130)
    if any(row.fault for row in rows):
        sys.exit(1)


def way_of(plan: RestorePlan, restorer: Restorer) -> Way:
    """How a network is to restore by a command line."""
    tiling = tiling_for(restorer, plan.tile, plan.overlap)
    return Way(restorer, tiling, plan.ensemble, plan.save_spikes)


def _photographs(plan: RestorePlan) -> list[Photograph]:
    if plan.inputs == (PIPE,):
        photograph = Photograph(Path(PIPE), plan.out)
        return [photograph if str(plan.out) == PIPE else inputs.checked(photograph, (), plan.force)]
    if str(plan.out) == PIPE:
        found = inputs.find(plan.inputs, Path("-.folder"), plan.suffix, (), force=True)
        if len(found) > 1:
            raise UserError(f"slv restore: -o - takes one photograph; given {len(found)}")
        return [Photograph(found[0].source, plan.out)]
    return inputs.find(plan.inputs, plan.out, plan.suffix, plan.extras, plan.force)


def _rows(plan: RestorePlan, photographs: Sequence[Photograph]) -> Iterator[Row]:
    """Restore one photograph after the other, and tell what became of each."""
    way = None
    for i, photograph in enumerate(photographs):
        if photograph.fault:
            yield Row(printable(photograph.source), fault=photograph.fault)
            continue
        if way is None:  # not where every photograph is refused
            restorer = load(plan.weights or DEFAULT, plan.device, plan.precision)
            way = way_of(plan, restorer)
        count = f"{i + 1}/{len(photographs)} " if len(photographs) > 1 else ""
        with _bar(count + printable(photograph.source.name)) as progress:
            row = _row(plan, photograph, way, progress)
        yield row


def _row(plan: RestorePlan, photograph: Photograph, way: Way, progress: Progress) -> Row:
    """Restore a photograph; a failure is its own alone."""
    name = printable(photograph.source)
    try:
        return _restore(plan, photograph, way, progress)
    except UserError as error:
        return Row(name, fault=str(error))
    except OSError as error:
        known = (None, str(photograph.source))
        where = "" if error.filename in known else f"{printable(photograph.target)}: "
        return Row(name, fault=f"{where}{error.strerror or error}")
    except MemoryError:
        return Row(name, fault="memory ran out")


def _restore(plan: RestorePlan, photograph: Photograph, way: Way, progress: Progress) -> Row:
    """Restore a photograph and write all that is asked for."""
    began = time.perf_counter()
    form = _format(plan, photograph)
    with _opened(photograph.source) as file, restored(file, way, form, progress) as made:
        notes = list(made.notes)
        content, known = made.before.format, FORMATS.get(photograph.source.suffix.lower())
        if known not in (None, content):
            notes.append(f"is {content} by its content")
        with _target(photograph.target) as out:
            made.write(out, form, plan.quality)
        for word in plan.extras:
            image, note = made.extra(word)
            place = photograph.beside(word)
            with written_whole(place) as beside, beside.open("wb") as out:
                png_file.write(out, Rows.of(image))
            notes += [f"with {printable(place.name)}", *([note] if note else [])]
    seconds = time.perf_counter() - began
    piped = str(photograph.target) == PIPE
    target = "standard output" if piped else printable(photograph.target)
    return Row(printable(photograph.source), target, "", made.size, seconds, tuple(notes))


def _format(plan: RestorePlan, photograph: Photograph) -> str:
    """The format to write, where it is not that of the content of the input."""
    if plan.suffix:
        return FORMATS[plan.suffix]
    known, wanted = (
        FORMATS.get(path.suffix.lower(), "") for path in (photograph.source, photograph.target)
    )
    return wanted if wanted != known else ""


def _opened(source: Path) -> IO[bytes]:
    if str(source) != PIPE:
        return open_file(source)
    data = sys.stdin.buffer.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise UserError(f"holds over {LARGEST_FILE / 1e9:.1f} GB, more than is taken")
    return io.BytesIO(data)


@contextmanager
def _target(target: Path) -> Iterator[IO[bytes]]:
    """A file to write a picture to, whole or not at all."""
    if str(target) == PIPE:
        with tempfile.TemporaryFile() as out:  # a pipe cannot go back, as some formats have to
            yield out
            out.seek(0)
            shutil.copyfileobj(out, sys.stdout.buffer)
            sys.stdout.buffer.flush()
    else:
        with written_whole(target) as beside, beside.open("wb") as out:
            yield out


@contextmanager
def _bar(name: str) -> Iterator[Progress]:
    """A bar on standard error that counts tiles; nothing where that is no terminal."""
    from tqdm import tqdm

    with tqdm(desc=name, unit="tile", disable=None, leave=False, delay=1) as bar:

        def progress(done: int, tiles: int) -> None:
            bar.total = tiles
            bar.update(done - bar.n)

        yield progress
