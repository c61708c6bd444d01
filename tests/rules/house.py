"""The house rules as functions from source text to the places that break them, one line each.

A check that cannot fail checks nothing: ``test_house.py`` shows each of them a snippet it refuses.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("child_index", "matching", "api", "fixtures")
MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 60

_NOT_OURS = {"node_modules", "static", "var", "__pycache__", "build", "dist"}
_CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "localtime"),
    ("time", "gmtime"),
}
_CONNECTING = {"connect", "transaction", "create_engine"}
_LOG_METHODS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
# In two halves, so that this file does not name what it forbids to name.
_FORBIDDEN = re.compile(
    "|".join(
        [
            "/wo" + "rk/",
            "/ro" + "ot/",
            "/ho" + r"me/\w",
            "/Us" + r"ers/\w",
            "fa" + r"rm-\w",
            r"\.lib" + "rary",
            "py" + r"pi\.org",
            "pythonho" + "sted",
            "npm" + r"js\.(?:org|com)",
            "fi" + "le:///",
        ]
    )
)


def python_files(*folders: str) -> tuple[Path, ...]:
    """Every Python file below the folders, relative to the project."""
    return tuple(
        path.relative_to(ROOT)
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if not _NOT_OURS & set(path.parts)
    )


def all_files() -> tuple[Path, ...]:
    """Every file that could be committed, relative to the project."""
    return tuple(
        path.relative_to(ROOT)
        for path in sorted(_walk(ROOT))
        if path.suffix not in {".pyc", ".sqlite", ".gz"}
    )


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir():
            hidden = path.name.startswith(".") and path.name != ".ci"
            if not hidden and path.name not in _NOT_OURS and path.suffix != ".egg-info":
                yield from _walk(path)
        elif path.name != ".gitignore":
            yield path


def module_too_long(source: str) -> list[str]:
    """Modules over 400 lines."""
    lines = len(source.splitlines())
    return [f"module of {lines} lines"] if lines > MAX_MODULE_LINES else []


def too_long(source: str) -> list[str]:
    """Modules over 400 lines, functions over 60."""
    found = module_too_long(source)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MAX_FUNCTION_LINES:
                found.append(f"{node.lineno}: {node.name} has {length} lines")
    return found


def clock_reads(source: str) -> list[str]:
    """Calls that read the clock: whatever is below the doors is told the time."""
    return [
        f"{node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and _last_two(node.func) in _CLOCKS
    ]


def _last_two(node: ast.expr) -> tuple[str, str] | None:
    if not isinstance(node, ast.Attribute):
        return None
    owner = node.value
    if isinstance(owner, ast.Attribute):
        return owner.attr, node.attr
    return (owner.id, node.attr) if isinstance(owner, ast.Name) else None


def engine_uses(source: str) -> list[str]:
    """Ways to a connection that pass the gate by."""
    return [
        f"{node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Attribute) and _reaches_an_engine(node))
        or (isinstance(node, ast.ImportFrom) and _imports_a_connection(node))
    ]


def _reaches_an_engine(node: ast.Attribute) -> bool:
    return node.attr in {"engine", "_engine"} | _CONNECTING and (
        node.attr not in {"connect", "transaction"} or _last_two(node) == ("engine", node.attr)
    )


def _imports_a_connection(node: ast.ImportFrom) -> bool:
    names = {alias.name for alias in node.names}
    return node.module == "child_index.store.engine" and bool(names & _CONNECTING)


def environment_reads(source: str) -> list[str]:
    """Reads of the environment: settings are read once, by ``child_index.config``."""
    return [
        f"{node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and _last_two(node) in {("os", "environ"), ("os", "getenv"), ("os", "environb")}
    ]


def missing_docstrings(source: str) -> list[str]:
    """Public things without a docstring whose first line is one sentence."""
    tree = ast.parse(source)
    found = [] if _is_sentence(ast.get_docstring(tree)) else ["1: module"]
    for name, node in _public(tree.body):
        if not _is_sentence(ast.get_docstring(node)):
            found.append(f"{node.lineno}: {name}")
    return found


def _public(
    body: list[ast.stmt],
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]]:
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_"):
            continue
        yield node.name, node
        if isinstance(node, ast.ClassDef):
            yield from _public(node.body)


def _is_sentence(docstring: str | None) -> bool:
    first_line = (docstring or "").strip().split("\n\n")[0].strip()
    return first_line.endswith((".", "?", ":", "!", ")"))


def text_in_logs(source: str) -> list[str]:
    """Log calls whose message is put together: values go in as named scalars, or not at all."""
    return [
        f"{node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and _is_log_call(node.func) and _is_composed(node)
    ]


def _is_log_call(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and function.attr in _LOG_METHODS
        and isinstance(function.value, ast.Name)
        and "log" in function.value.id.lower()
    )


def _is_composed(call: ast.Call) -> bool:
    if not call.args:
        return False
    message = call.args[0]
    if isinstance(message, ast.Call):
        return isinstance(message.func, ast.Attribute) and message.func.attr in {"format", "join"}
    return isinstance(message, ast.JoinedStr | ast.BinOp)


def foreign_names(text: str) -> list[str]:
    """Paths of somebody's machine, and hosts of package registries."""
    return [
        f"{number}: {match.group()}"
        for number, line in enumerate(text.splitlines(), start=1)
        for match in _FORBIDDEN.finditer(line)
    ]


def lock_faults(text: str) -> list[str]:
    """What a lock may not carry: addresses, options, loose versions, a package without a hash."""
    found = [
        f"{number}: {line.strip()}"
        for number, line in enumerate(text.splitlines(), start=1)
        if "://" in line or re.match(r"\s*(-[a-zA-Z]|--(?!hash=))", line) or " @ " in line
    ]
    for entry in re.split(r"\n(?=\S)", text):
        requirement = entry.split("\n")[0]
        if requirement.startswith("#") or not requirement.strip():
            continue
        if not re.match(r"[a-z0-9-]+(\[[a-z,-]+\])?==[^ ]+", requirement):
            found.append(f"no exact version: {requirement}")
        if "--hash=sha256:" not in entry:
            found.append(f"no hash: {requirement}")
    return found


def locked(text: str) -> dict[str, set[str]]:
    """The versions a lock names for each package; several when markers choose."""
    versions: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9-]+)(?:\[[^]]*\])?==([^ \\]+)", text, re.MULTILINE):
        versions.setdefault(name, set()).add(version)
    return versions
