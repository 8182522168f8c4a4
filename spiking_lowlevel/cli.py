"""`slv`: verbs that need no Lightning are answered here, the others are handed on to `training`."""

import argparse
import os
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from yaml import YAMLError

from spiking_lowlevel import __version__, config_file, listing, plugins
from spiking_lowlevel.errors import Stopped, UserError, did_you_mean
from spiking_lowlevel.failures import of_the_machine, readable
from spiking_lowlevel.registry import PACKAGE, shown

_HELP = """\
slv: train spiking neural networks to restore images

  slv restore PHOTO... -o OUT  rainy photographs in, clean ones out; see slv restore --help
  slv demo                     the same in the browser, with the spikes to look at
  slv fit --config FILE        train; every key of the config is also an option, see slv fit --help
  slv fit --resume RUN         go on where it was interrupted; RUN may be the word last
  slv test --run RUN           score a trained network on the test pictures of its run
  slv validate | predict       score on the validation pictures | write restored pictures
  slv report RUN               one page on a run: curves, pictures, spikes, energy
  slv export RUN -o FILE       a trained network as one file, for slv restore --weights FILE
  slv list [KIND]              what a config may name: neurons, networks, losses, data, tasks, ...
  slv show NAME                what it is, its arguments, its source, YAML to paste
  slv check NAME               whether it keeps the contract of its kind, line by line
  slv data check ROOT          what a data set on disc is and what is wrong with it
  slv bench --config FILE      time it, and compare with --vs; see slv bench --help
  slv energy --run RUN         what it really computes, priced; see slv energy --help
  slv sweep --config FILE -o OUT
                               PSNR against energy and seconds, over T and neurons
  slv reproduce RUN/run.json   train a run again and compare what comes of it
  slv import --from SYSTEM FILE -o OUT
                               a published checkpoint as a folder for slv test --run OUT;
                               SYSTEM is vlif, esdnet or spikerain
  slv --version

  --plugins FILE               also load a plugin file (or a folder of them); runs its code.
                               Those in ./plugins and in $SLV_PLUGINS are loaded anyway.
  --run RUN                    the configuration and the best checkpoint of a run folder;
                               the folder of an experiment stands for its newest run

SLV_DEBUG=1 shows the traceback of an error. Exit codes: 2 for a mistake, 1 where what was looked at
is wrong, 70 for a fault of slv itself.
"""
FAULT = 70
"""Exit code for an error that is not the user's: that of sysexits.h for software."""
_TRAINING = ("fit", "validate", "test", "predict")
_COMMANDS = {  # verb: where its words are understood, where it is done
    "restore": ("restoring.options", "restoring.command"),
    "demo": ("demo.options", "demo.command"),
    "report": ("report_page.options", "report_page.command"),
    "bench": ("bench.options", "bench.command"),
    "energy": ("studies.energy_options", "studies.energy_command"),
    "reproduce": ("reproduce.options", "reproduce.command"),
    "sweep": ("studies.sweep_options", "studies.sweep_command"),
}


def main(args: list[str] | None = None) -> None:
    """Run a command line, that of the process when `args` is left out; exit code 2 for mistakes."""
    argv = sys.argv[1:] if args is None else list(args)
    try:
        _run(argv, from_shell=args is None)
    except KeyboardInterrupt:
        _leave("stopped", 130)
    except Exception as error:
        message = _message(error)
        if message is None:
            _leave(_fault(error), FAULT)
        rank = os.environ.get("RANK", os.environ.get("LOCAL_RANK", "0"))
        if isinstance(error, Stopped) and rank != "0":
            sys.exit(error.code)  # the first process says it for all
        _leave(message, error.code if isinstance(error, Stopped) else 2)


def _run(argv: list[str], from_shell: bool) -> None:
    verb, *rest = argv or ["--help"]
    if verb in ("--help", "-h", "help"):
        print(_HELP, end="")
    elif verb in ("--version", "version"):
        print(f"spiking_lowlevel {__version__}")
    elif verb in _VERBS:
        words, extra = _split_plugins(rest)
        _VERBS[verb](words, plugins.files(extra))
    elif verb in _TRAINING:
        _train(verb, rest, from_shell)
    elif verb in _COMMANDS:
        _command(verb, rest)
    else:
        hint = did_you_mean(verb, (*_TRAINING, *_VERBS, *_COMMANDS))
        raise UserError(f"there is no verb {verb!r}. {hint or 'See: slv --help'}")


def _list(words: list[str], paths: list[Path]) -> None:
    kind = listing.kind_of(words[0]) if words else None
    print("\n".join(listing.table(kind, paths)).strip("\n"))


def _show(words: list[str], paths: list[Path]) -> None:
    print("\n".join(listing.page(listing.entry(_one(words, "show"), paths))))


def _check(words: list[str], paths: list[Path]) -> None:
    from spiking_lowlevel import testing

    found = listing.entry(_one(words, "check"), paths)
    failed = 0
    for title, fault in testing.check(found.kind, found.cls):
        print(f"{'✗' if fault else '✓'} {title}" + (f": {fault}" if fault else ""))
        failed += bool(fault)
    if failed:
        raise UserError(f"{found.name} breaks {failed} points of the {found.kind} contract")


def _import(words: list[str], paths: list[Path]) -> None:
    from spiking_lowlevel.published import SYSTEMS, importing

    parser = argparse.ArgumentParser("slv import", description=importing.__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--from", dest="system", required=True, choices=list(SYSTEMS))
    parser.add_argument("file", type=Path, metavar="FILE", help="the published checkpoint")
    parser.add_argument("-o", dest="out", type=Path, required=True, help="a new folder to write")
    given = parser.parse_args(words)
    print(importing.import_checkpoint(given.system, given.file, given.out))


def _export(words: list[str], paths: list[Path]) -> None:
    from spiking_lowlevel.restoring import exported

    plan = exported.parse(words)
    plugins.load(paths)
    print(exported.export(plan))


def _data(words: list[str], paths: list[Path]) -> None:
    if words[:1] != ["check"]:
        given = f"slv data {words[0]}: there is no such word. " if words else ""
        raise UserError(f"{given}slv data takes the word check: slv data check ROOT [--help]")
    from spiking_lowlevel import data_check
    from spiking_lowlevel.data.images import write_png
    from spiking_lowlevel.data.layouts import LAYOUTS

    parser = argparse.ArgumentParser("slv data check", description=data_check.__doc__)
    parser.add_argument("root", type=Path, metavar="ROOT", help="folder of the data set")
    layouts = ", ".join(LAYOUTS)
    parser.add_argument("--layout", default="auto", metavar="NAME", help=f"auto, {layouts}")
    parser.add_argument("--left", default="auto", choices=["auto", "rain", "clean"])
    parser.add_argument("-o", dest="sheet", type=Path, metavar="SHEET.png", help="contact sheet")
    given = parser.parse_args(words[1:])
    if given.layout not in ("auto", *LAYOUTS):
        hint = did_you_mean(given.layout, LAYOUTS) or f"Layouts: auto, {layouts}"
        raise UserError(f"--layout: there is no layout {given.layout!r}. {hint}")
    report = data_check.examine(given.root, given.layout, given.left, progress=True)
    lines, faults = data_check.lines(report)
    print("\n".join(lines))
    sheet = data_check.contact_sheet(report)
    if sheet is not None:
        place = given.sheet or Path(f"{given.root.resolve().name}-contact.png")
        write_png(place, sheet)
        print(f"contact sheet: {place}")
    if faults:
        sys.exit(1)


_VERBS: dict[str, Callable[[list[str], list[Path]], None]] = {
    "list": _list,
    "show": _show,
    "check": _check,
    "data": _data,
    "import": _import,
    "export": _export,
}


def _train(verb: str, rest: list[str], from_shell: bool) -> None:
    from spiking_lowlevel.training import command_line as training

    argv = [verb, *_expanded(rest)]
    if from_shell:  # child processes of a run on several devices repeat this command line
        sys.argv[1:] = argv
    training.run(argv)


def _command(verb: str, rest: list[str]) -> None:
    """Understand the words first, which imports next to nothing, then do what they ask for."""
    options, command = _COMMANDS[verb]
    plan = import_module(f"{PACKAGE}.{options}").parse(rest)
    import_module(f"{PACKAGE}.{command}").run(plan, _expanded)


def _expanded(rest: list[str]) -> list[str]:
    """The words with --run written out and without --plugins, the plugins loaded."""
    if any(word.partition("=")[0] in ("--run", "--resume") for word in rest):
        from spiking_lowlevel import runs  # imports Lightning

        rest = runs.expand(rest)
    words, extra = _split_plugins(rest)
    for word in words:
        _require_bounded(word)
    asked = [*extra, *plugins.in_configs(words)]
    plugins.load(plugins.files(asked))
    wanted = [shown(path) for path in asked]
    for failed in plugins.broken():
        if failed.origin in wanted:
            raise UserError(f"the plugin {failed}\n  It was asked for by name; mend the file.")
    return words


def _require_bounded(word: str) -> None:
    option, _, value = word.partition("=")
    with suppress(YAMLError):  # a word may be something else; what it ought to be the parser knows
        config_file.require_bounded(value or word, option[:40])


def _split_plugins(words: list[str]) -> tuple[list[str], list[Path]]:
    """The words without `--plugins FILE`, and those files."""
    rest, files, it = [], [], iter(words)
    for word in it:
        option, equals, value = word.partition("=")
        if option == "--plugins":
            files.append(Path(value if equals else next(it, "")))
        else:
            rest.append(word)
    return rest, files


def _one(words: list[str], verb: str) -> str:
    if len(words) != 1:
        raise UserError(f"slv {verb} takes one name, for instance: slv {verb} LIF")
    return words[0]


def _message(error: BaseException | None) -> str | None:
    """What to tell the user, or nothing where the error is ours."""
    chain = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    for link in reversed(chain):  # what was raised first says most
        if isinstance(link, UserError):
            # That of a loader process arrives with its traceback before the message.
            return str(link).rpartition("UserError: ")[2].strip()
        culprit = _plugin_frame(link)
        if culprit is not None:
            return f"{culprit}: {type(link).__name__}: {link}\n  The plugin raised this; mend it."
    told = (of_the_machine(link) for link in reversed(chain) if isinstance(link, Exception))
    return next(filter(None, told), None)


def _fault(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}, in {frame.name}"
    return (
        f"a fault of slv itself, or of a class that the configuration names: "
        f"{type(error).__name__}: {error}\n  ({place}) SLV_DEBUG=1 shows the traceback; "
        "please report it"
    )


def _plugin_frame(error: BaseException) -> str | None:
    """The last place of a plugin file in the traceback of an error."""
    folders = [Path(p) for p in plugins.__path__]
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if Path(frame.filename).parent in folders:
            return f"{shown(Path(frame.filename))}:{frame.lineno}, in {frame.name}"
    return None


def _leave(message: str, code: int = 2) -> NoReturn:
    if os.environ.get("SLV_DEBUG"):
        traceback.print_exc()
    print(f"slv: {readable(message)}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
