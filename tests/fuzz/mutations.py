"""What can go wrong with a configuration: strategies that spoil its tree, or its text."""

import copy
from collections.abc import Iterator
from typing import Any

import yaml
from hypothesis import strategies as st

Tree = Any
Place = tuple[Any, ...]

CLASSES = [
    *("VLIFNet", "ESDNet", "SpikeRain", "LIF", "NILIF", "VLIF", "Rectifier", "Charbonnier"),
    *("WeightedSum", "SSIMLoss", "Rain", "Photographs", "PairedFolders", "Deraining", "RGB"),
    *("SpikeRates", "SampleImages", "RunFolder", "WarmupCosine", "PublishedTiles", "Luma"),
    *("os.system", "os.abort", "builtins.eval", "builtins.exit", "builtins.dict", "sys.exit"),
    *("torch.nn.Linear", "torch.nn.Identity", "torch.optim.SGD", "torch.optim.Adam"),
    *("torch.optim.Optimizer", "torch.optim.lr_scheduler.StepLR", "pathlib.Path"),
    *("lightning.pytorch.loggers.TensorBoardLogger", "lightning.pytorch.loggers.CSVLogger"),
    *("lightning.pytorch.callbacks.EarlyStopping", "lightning.pytorch.callbacks.Timer"),
    *("spiking_lowlevel", "spiking_lowlevel.neurons", "spiking_lowlevel.networks.base.Network"),
    *("spiking_lowlevel.tasks.base.RestorationTask", "no.such.Module", "torch.no_such", "."),
    *("..", "VLIFNet.", ".VLIFNet", "VLIF Net", "antigravity.x", "Unknown"),
]
NUMBERS = [
    *(True, False, None, -1, 0, 1, 2, 3, 7, 0.0, -0.5, 0.5, 1.5, 1e-30, 1e30, float("nan")),
    *(float("inf"), float("-inf"), 10**4, 10**6, 10**9, 10**12, 2**31, 2**63, 10**30, -(10**30)),
]
TEXTS = [
    *(
        "",
        " ",
        "a" * 1000,
        "/" * 1000,
        "\x00",
        "\x1b[31m",
        "\n",
        "\t",
        "ü",
        "日本語",
        "\u202e",
        "🐍",
    ),
    *("1e400", "-1", "0x10", "1_000", "~", "null", "true", "auto", "none", "[", "{", "]", "{}"),
    *("../../up", "/dev/null", "/dev/zero", ".", "..", "~", "$HOME", "%s%n", "{0}", "-", "--help"),
    *(
        "config.yaml",
        "nan",
        ".inf",
        "1:30",
        "2020-01-01",
        "=",
        "<<",
        "*a",
        "&a",
        "!!int x",
        "\ud800",
    ),
]
values = st.one_of(
    st.sampled_from(NUMBERS),
    st.sampled_from(TEXTS),
    st.sampled_from(CLASSES),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.lists(st.sampled_from([*NUMBERS, *TEXTS[:12], *CLASSES]), max_size=3),
    st.dictionaries(st.sampled_from(["class_path", "init_args", "a", ""]), st.just(1), max_size=2),
    st.builds(lambda c: {"class_path": c}, st.sampled_from(CLASSES)),
    st.builds(
        lambda c, a: {"class_path": c, "init_args": a},
        st.sampled_from(CLASSES),
        st.sampled_from([[], [1], {}, {"channels": 3}, {"a": {"b": []}}, None, "x", 3]),
    ),
)


def places(tree: Tree, here: Place = ()) -> Iterator[Place]:
    """Every place of a tree but its root."""
    if isinstance(tree, dict | list):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield (*here, key)
            yield from places(value, (*here, key))


def at(tree: Tree, place: Place) -> Tree:
    """What is at a place."""
    for key in place:
        tree = tree[key]
    return tree


@st.composite
def spoilt_trees(draw: st.DrawFn, tree: Tree) -> Tree:
    """A configuration in which one to three things are wrong."""
    tree = copy.deepcopy(tree)
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        found = list(places(tree))
        if not found:
            break
        place = draw(st.sampled_from(found))
        holder, key = at(tree, place[:-1]), place[-1]
        how = draw(st.sampled_from([*("value",) * 6, "delete", "rename", "move", "copy", "add"]))
        if how == "value":
            holder[key] = draw(values)
        elif how == "delete":
            del holder[key]
        elif how == "rename" and isinstance(holder, dict):
            holder[draw(_misspelt(str(key)))] = holder.pop(key)
        elif how == "add" and isinstance(holder, dict):
            holder[draw(st.one_of(st.text(max_size=8), st.sampled_from(["a", 1, None, ""])))] = (
                draw(values)
            )
        else:
            taken = copy.deepcopy(holder[key])
            if how == "move":
                del holder[key]
            other = draw(st.sampled_from([(), *places(tree)]))
            target = at(tree, other)
            if isinstance(target, dict):
                target[key] = taken
            elif isinstance(target, list):
                target.append(taken)
            elif other:
                at(tree, other[:-1])[other[-1]] = taken
    return tree


@st.composite
def _misspelt(draw: st.DrawFn, word: str) -> str:
    where = draw(st.integers(0, max(0, len(word) - 1)))
    return draw(
        st.sampled_from(
            [word[:where] + word[where + 1 :], word[:where] + "x" + word[where:], word.upper()]
        )
    )


def written(tree: Tree) -> bytes:
    """A tree as YAML."""
    return yaml.safe_dump(tree, sort_keys=False, allow_unicode=False).encode(
        "utf-8", "surrogatepass"
    )


@st.composite
def spoilt_texts(draw: st.DrawFn, text: bytes) -> bytes:
    """A configuration whose bytes are not what they were."""
    data = bytearray(text)
    for _ in range(draw(st.sampled_from([1, 1, 2, 5]))):
        where = draw(st.integers(0, max(0, len(data) - 1)))
        how = draw(st.sampled_from(["flip", "cut", "insert", "insert", "double", "drop"]))
        if how == "flip" and data:
            data[where] ^= 1 << draw(st.integers(0, 7))
        elif how == "cut":
            del data[where:]
        elif how == "insert":
            data[where:where] = draw(st.sampled_from(PIECES))
        elif how == "double":
            data[where:where] = data[where : where + 100]
        else:
            del data[where : where + draw(st.integers(1, 20))]
    return bytes(data)


PIECES = [
    *(
        b"\t",
        b"\xff",
        b"\xc3",
        b"\x00",
        b"\xef\xbb\xbf",
        b"\xfe\xff",
        b"\r",
        b"\n",
        b"  ",
        b":",
        b"- ",
    ),
    *(
        b"\n---\n",
        b"\n...\n",
        b"\n? ",
        b"&a ",
        b"*a ",
        b"&a [*a]",
        b"&a {b: *a}",
        b"<<: ",
        b"!",
        b"!!int ",
    ),
    *(b"!!python/object/apply:os.system ['touch canary']", b"!!binary x", b"!!set ", b"%YAML 1.1"),
    *(
        b"[" * 1000,
        b"{" * 1000,
        b"#",
        b"'",
        b'"',
        b"|\n",
        b">\n",
        b"@",
        b"`",
        b"\x1b[2J",
        b"\xe2\x80\xa8",
    ),
    *(
        b"!!timestamp x",
        b"!!float x",
        b"2020-01-01",
        b"2020-99-99",
        b"1:2:3",
        b"0o8",
        b"=",
        b"? [a]\n: b",
    ),
]

OPTIONS = [
    *("--trainer.max_steps", "--trainer", "--model", "--model.network", "--model.network.width"),
    *("--model.network.neuron", "--data", "--data.root", "--data.crop", "--data.batch_size"),
    *("--config", "--plugins", "--run", "--resume", "--ckpt_path", "--seed_everything"),
    *("--trainer.callbacks", "--trainer.callbacks+", "--trainer.logger", "--trainer.logger.root"),
    *("--compile", "--precision", "--overlap", "--no.such", "--", "-", "-c", "--ünï", "--a" * 400),
    *("--model.loss", "--model.optimizer.lr", "--model.init_args.network", "--print_config"),
    *("--data.no_such.deeper", "--trainer.max_steps.deeper", "--model.help", "--", "---x"),
]
words = st.lists(
    st.one_of(
        st.builds("{}={}".format, st.sampled_from(OPTIONS), st.sampled_from([*TEXTS, *CLASSES])),
        st.builds("{}={}".format, st.sampled_from(OPTIONS), st.text(max_size=20)),
        st.builds("{}={}".format, st.sampled_from(OPTIONS), st.sampled_from(NUMBERS)),
        st.sampled_from(OPTIONS),
        st.sampled_from([text for text in TEXTS if "\x00" not in text and text != "\ud800"]),
        st.sampled_from(
            ["{" * 3000, "[" * 3000, "x" * 100_000, "--x=&a [*a]", "--model=&a {b: *a}"]
        ),
    ),
    min_size=1,
    max_size=3,
)
"""Words that follow those of a whole command line."""
