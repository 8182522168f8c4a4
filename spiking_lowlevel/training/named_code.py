"""What a configuration may have built or called: classes of this field, and nothing else.

The parser builds whatever a `class_path` names where the type of a key leaves it open, as that of a
factory does, functions such as `os.system` among them. A configuration is not to be a script.
"""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from jsonargparse import Namespace

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.plugins import GROUP
from spiking_lowlevel.registry import PACKAGE

_PACKAGES = (PACKAGE, "torch", "lightning", "pytorch_lightning", "torchmetrics", "jsonargparse")
_VALUES = ("datetime.timedelta",)


def require_known(config: Namespace) -> None:
    """Refuse a configuration that names something else than a class of the field; nothing is built.

    A class counts by what it derives from, so those of plugins and other packages do.

    Raises:
        UserError: naming the key and what it names.
    """
    for key, value in _leaves(config.as_dict(), ""):
        if key.endswith(".class_path") and isinstance(value, str):
            where, named = key.removesuffix(".class_path"), value
            known = value in _VALUES or _is_known(_object(value))
        elif callable(value):
            where, named = key, f"{getattr(value, '__module__', '?')}.{_name(value)}"
            known = _is_known(value)
        else:
            continue
        if not known:
            raise UserError(
                f"{where.replace('.init_args', '')}: {named} is no class of {PACKAGE}, a plugin, "
                "torch or lightning, nor derived from one; nothing else is built or called"
            )


def _leaves(value: object, key: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, Namespace):
        value = value.as_dict()
    if isinstance(value, dict):
        for name, inside in value.items():
            yield from _leaves(inside, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list | tuple):
        for inside in value:
            yield from _leaves(inside, key)
    else:
        yield key, value


def _object(path: str) -> object:
    module, _, name = path.rpartition(".")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError):
        return None  # a class inside of a class; the parser knows none


@cache
def _packages() -> frozenset[str]:
    """The packages whose classes are of the field; asking what is installed takes a while."""
    plugins = (point.module.partition(".")[0] for point in entry_points(group=GROUP))
    return frozenset((*_PACKAGES, *plugins))


def _is_known(named: object) -> bool:
    # An object is one that the package makes a default of, such as a callback or frozen settings.
    kind = named if isinstance(named, type) else type(named)
    bases = kind.__mro__ if isinstance(named, type) else (kind,)
    return any(base.__module__.partition(".")[0] in _packages() for base in bases)


def _name(value: object) -> str:
    return getattr(value, "__qualname__", type(value).__qualname__)
