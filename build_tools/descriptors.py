"""The descriptor of a package: read strictly from JSON or YAML, and what it declares as records.

A key that stands twice, a number that is none, aliases that grow without end: what two readers could read in two ways
is refused. Whatever version of the standard a descriptor follows, its resources come out alike.
"""

import codecs
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

import yaml

from build_tools.cells import (
    DATED,
    FORMATS,
    MOST_DEPTH,
    ORDERED,
    DuplicateKeyError,
    Field,
    UnreadableError,
    read_bound,
    read_json,
    to_json,
)
from build_tools.faults import Fault, fault
from build_tools.folders import TooLargeError, path_problem, read_bytes

DESCRIPTOR = "datapackage.json"
NAMES = (DESCRIPTOR, "datapackage.yaml", "datapackage.yml")
MOST_BYTES = 10_000_000  # of a descriptor: data may stand in it
MOST_YAML = 300_000  # its reader takes about ten seconds for a million
MOST_NODES = 500_000  # values of a YAML document, those that an alias repeats counted again
MOST_RESOURCES = 2_000
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
OBJECT = "một đối tượng / an object"
HASHES = ("md5", "sha1", "sha256", "sha512")


@dataclass(frozen=True)
class Dialect:
    """How the rows of a file are written."""

    delimiter: str = ","
    quote: str | None = '"'
    doubled: bool = True  # a quote within a cell is written twice
    escape: str | None = None
    skips_space: bool = False  # space after a delimiter is no part of a cell
    header_rows: tuple[int, ...] = (1,)  # none: the file has no header
    header_join: str = " "
    comment_rows: tuple[int, ...] = ()
    comment: str = ""  # a row that begins with it is passed by
    any_case: bool = False  # names of columns may differ in case
    null: str | None = None  # nullSequence: a cell that says that there is no value
    is_declared: bool = False


@dataclass(frozen=True)
class Key:
    """Columns whose values must stand in a table of the same package, as declared."""

    fields: tuple[str, ...]
    resource: str  # empty: the table itself
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Resource:
    """A resource as the descriptor declares it."""

    index: int
    name: str
    slug: str  # its name as an address
    declared: Mapping[str, Any]
    paths: tuple[str, ...]  # of its parts; none for data that stand in the descriptor
    data: Any
    is_table: bool
    format: str  # csv or json for a table
    packed: bool
    encoding: str
    dialect: Dialect
    fields: tuple[Field, ...] | None  # None for a table without a schema: its header names the columns
    fields_match: str
    primary_key: tuple[str, ...]
    unique_keys: tuple[tuple[str, ...], ...]
    foreign_keys: tuple[Key, ...]
    missing: tuple[str, ...]

    @property
    def where(self) -> str:
        """Where it stands in the descriptor."""
        return f"resources[{self.index}]"

    def stated(self, name: str) -> Any:
        """Return what the resource says of its bytes, hash or rows; None if it says nothing."""
        stats = self.declared.get("stats")
        return self.declared.get(name, stats.get(name) if isinstance(stats, Mapping) else None)


@dataclass(frozen=True)
class Accepted:
    """Errors of the data that a package is published with, and why: an entry of `accepted` in its descriptor."""

    where: str
    code: str
    resource: str
    reason: str
    field: str = ""  # empty: any column
    rows: tuple[int, ...] = ()  # none: any row
    reason_en: str = ""

    def covers(self, item: Fault, resource: str) -> bool:
        """Return whether a fault of a resource is among those accepted."""
        return (
            (item.code, resource) == (self.code, self.resource)
            and (not self.field or self.field in (item.column, *item.column.split(", ")))
            and (not self.rows or item.row in self.rows)
        )


# ---- reading -------------------------------------------------------------------------------------------------------


def find_descriptor(folder: Path) -> str:
    """Return the name of the descriptor in a folder, as JSON rather than YAML; that of the JSON when there is none."""
    return next((name for name in NAMES if (folder / name).is_file()), DESCRIPTOR)


def read_document(package: str, folder: Path, file: str) -> tuple[Any, list[Fault]]:
    """Return what a JSON or YAML file of a package holds, None with the faults that keep it from being read."""
    try:
        content = read_bytes(folder, file, MOST_BYTES)
    except TooLargeError as error:
        return None, [fault(package, file, "file-too-large", bytes=error.bytes, most=MOST_BYTES)]
    if content is None:
        return None, [fault(package, file, "no-descriptor" if file in NAMES else "file-missing", resource=file)]
    text, faults = decode(package, file, content)
    if text is None:
        return None, faults
    is_yaml = file.endswith((".yaml", ".yml"))
    found, faults = (_read_yaml if is_yaml else _read_json)(package, file, text)
    return (None, faults) if faults else (found, list(_odd_texts(package, file, found)))


def decode(package: str, file: str, content: bytes, encoding: str = "utf-8") -> tuple[str | None, list[Fault]]:
    """Return the text of a file, or what keeps it from being plain text in its encoding."""
    if encoding == "utf-8" and content.startswith(b"\xef\xbb\xbf"):
        return None, [fault(package, file, "byte-order-mark", row=1)]
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        byte = f"0x{content[error.start]:02x}" if error.start < len(content) else "?"
        code = "not-utf8" if encoding == "utf-8" else "not-in-encoding"
        details = {} if encoding == "utf-8" else {"encoding": encoding}
        return None, [fault(package, file, code, row=row, byte=byte, position=error.start + 1, details=details)]
    if encoding == "utf-8" and 4 * content.count(b"\0") > len(content):  # letters of two bytes, as of UTF-16
        at = content.index(b"\0")
        row = content[:at].count(b"\n") + 1
        return None, [fault(package, file, "not-utf8", row=row, byte="0x00", position=at + 1)]
    faults: list[Fault] = []
    for match in _NEVER.finditer(text) if encoding != "utf-8" or _may_hold_odd(content) else ():
        row = text.count("\n", 0, match.start()) + 1
        faults.append(fault(package, file, "control-character", row=row, character=f"U+{ord(match[0]):04X}"))
        if len(faults) > _ENOUGH:
            break
    return (None if faults else text), faults


def _may_hold_odd(content: bytes) -> bool:
    """Return whether any of the characters that no text may have can be among these bytes of UTF-8.

    Hardly any text has one: to look for how they begin is a hundred times as fast as to look at every character.
    """
    odd = content.translate(None, _ORDINARY)
    return bool(odd.translate(None, _HIGH)) or any(begin in odd for begin in _BEGINNINGS)


_ORDINARY = bytes((*range(0x20, 0x7F), *b"\t\n\r"))
_HIGH = bytes(range(0x80, 0x100))
_BEGINNINGS = (b"\xc2", b"\xe2\x80\xad", b"\xe2\x80\xae", b"\xef", *(bytes((sign,)) for sign in range(0xF0, 0xF5)))
_ENOUGH = 1000  # control characters of a file that are named: it is no text
# Control characters but for tab and the ends of lines; a byte order mark that is not the first; non-characters; the
# two signs that turn the direction of what follows whatever it is.
_NEVER = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufdd0-\ufdef\ufffe\uffff\u202d\u202e"
    + "".join(chr(plane << 16 | low) for plane in range(1, 17) for low in (0xFFFE, 0xFFFF))
    + "]"
)


def _read_json(package: str, file: str, text: str) -> tuple[Any, list[Fault]]:
    try:
        return read_json(text), []
    except DuplicateKeyError as error:
        row = text[: max(text.rfind(json.dumps(error.key)), text.rfind(f'"{error.key}"'), 0)].count("\n") + 1
        return None, [fault(package, file, "descriptor-duplicate-key", row=row, key=error.key)]
    except json.JSONDecodeError as error:
        return None, [
            fault(package, file, "descriptor-json", row=error.lineno, problem=error.msg, position=error.colno)
        ]
    except ValueError as error:  # nested too deeply, or a whole number of thousands of digits
        return None, [fault(package, file, "descriptor-json", row=1, problem=str(error)[:80], position=1)]


class _Loader(yaml.SafeLoader):
    """YAML as JSON has it: no dates, no yes and no, numbers exact, no key twice, no tags but those of JSON's values."""

    yaml_implicit_resolvers: Any = {}  # noqa: RUF012  (PyYAML's own way)
    yaml_constructors: ClassVar[Any] = {
        None: yaml.SafeLoader.construct_undefined,
        "tag:yaml.org,2002:str": yaml.SafeLoader.construct_yaml_str,
        "tag:yaml.org,2002:seq": yaml.SafeLoader.construct_yaml_seq,
        "tag:yaml.org,2002:map": yaml.SafeLoader.construct_yaml_map,
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping whose keys are texts that stand once."""
        if not isinstance(node, yaml.MappingNode):
            raise yaml.constructor.ConstructorError(None, None, "a mapping that is none", node.start_mark)
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key is no text", key.start_mark)
            if key.value in seen:
                raise _TwiceError(key.value, key.start_mark.line + 1)
            seen.add(key.value)
            if key.tag != "tag:yaml.org,2002:merge":
                key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep)


class _TwiceError(ValueError):
    def __init__(self, key: str, line: int):
        super().__init__(key)
        self.key, self.line = key, line


_SCALARS: tuple[tuple[str, str, Sequence[str], Callable[[str], Any]], ...] = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF", lambda text: text.lower() == "true"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""], lambda _: None),
    ("int", r"-?(?:0|[1-9][0-9]{0,999})", "-0123456789", int),
    ("float", r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?", "-0123456789", Decimal),
)


def _scalar(shape: re.Pattern[str], read: Callable[[str], Any]) -> Callable[[yaml.SafeLoader, yaml.ScalarNode], Any]:
    def construct(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Any:
        text = str(loader.construct_scalar(node))
        if not shape.fullmatch(text):  # by its tag alone
            raise yaml.constructor.ConstructorError(
                None, None, f"{text[:40]} is not what its tag says", node.start_mark
            )
        return read(text)

    return construct


for _tag, _pattern, _first, _read in _SCALARS:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), list(_first))
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _scalar(re.compile(_pattern), _read))
_Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile(r"^<<$"), ["<"])


def _read_yaml(package: str, file: str, text: str) -> tuple[Any, list[Fault]]:
    if len(text) > MOST_YAML:
        return None, [fault(package, file, "file-too-large", bytes=len(text), most=MOST_YAML)]
    row, problem = 1, ""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is not None:
            _size(node, {})
        return (None if node is None else loader.construct_document(node)), []
    except _TwiceError as error:
        return None, [fault(package, file, "descriptor-duplicate-key", row=error.line, key=error.key)]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        row, problem = (mark.line + 1 if mark else 1), str(error.problem or error.context)
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # a sign beyond all characters overflows
        problem = str(error).splitlines()[0]
    except RecursionError:
        problem = "nested too deeply"
    finally:
        loader.dispose()
    return None, [fault(package, file, "descriptor-yaml", row=row, problem=problem[:120])]


def _size(node: Any, sizes: dict[int, int], depth: int = 0) -> int:
    """Return how many values a YAML node comes to, aliases written out; ValueError beyond a bound or in a circle."""
    if depth > MOST_DEPTH:
        raise ValueError("nested too deeply")
    known = sizes.get(id(node))
    if known is not None:
        if known < 0:
            raise ValueError("an alias within what it names")
        return known
    sizes[id(node)] = -1
    size = 1
    if isinstance(node, yaml.SequenceNode):
        size += sum(_size(item, sizes, depth + 1) for item in node.value)
    elif isinstance(node, yaml.MappingNode):
        size += sum(_size(part, sizes, depth + 1) for pair in node.value for part in pair)
    if size > MOST_NODES:
        raise ValueError(f"more than {MOST_NODES} values when aliases are written out")
    sizes[id(node)] = size
    return size


def _odd_texts(package: str, file: str, value: Any, where: str = "") -> Iterator[Fault]:
    """Yield the texts of a document that hold what no text may: half characters, control characters, key in no NFC."""
    if isinstance(value, str):
        if value.isprintable():  # what is looked for is not, nor are the ends of lines
            return
        found = _NEVER.search(value) or re.search("[\ud800-\udfff]", value)
        if found:
            yield fault(package, file, "control-character", column=where, character=f"U+{ord(found[0]):04X}")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            inner = f"{where}.{key}" if where else str(key)
            if not unicodedata.is_normalized("NFC", str(key)):
                yield fault(package, file, "not-nfc", column=inner, cell=str(key))
            yield from _odd_texts(package, file, str(key), inner)
            yield from _odd_texts(package, file, item, inner)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _odd_texts(package, file, item, f"{where}[{index}]")


# ---- what a descriptor declares ------------------------------------------------------------------------------------


def value_fault(package: str, file: str, where: str, found: object, expected: str) -> Fault:
    """Return that a value of the descriptor is not what was expected there."""
    shown = "không có / absent" if found is None else json.dumps(found, ensure_ascii=False, default=str)[:80]
    return fault(package, file, "descriptor-value", column=where, found=shown, expected=expected)


def slug_of(name: str) -> str:
    """Return a name as an address: lower case, without accents, words joined by hyphens; may be empty."""
    folded = unicodedata.normalize("NFKD", name.lower().replace("đ", "d")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9_]+", "-", folded).strip("-_")[:100]


@dataclass
class _Plan:
    """Gathers the faults of a descriptor while its resources are read."""

    package: str
    folder: Path
    file: str
    faults: list[Fault] = field(default_factory=list)

    def wrong(self, where: str, found: object, expected: str) -> None:
        self.faults.append(value_fault(self.package, self.file, where, found, expected))

    def part(self, where: str, value: object) -> Mapping[str, Any]:
        """Return an object of the descriptor, read from a file of the package when its path stands there."""
        if value is None:
            return {}
        if isinstance(value, str):
            problem = path_problem(value)
            if not problem and not value.endswith((".json", ".yaml", ".yml")):
                problem = "không phải tệp .json / is no .json file"
            if problem:
                self.faults.append(
                    fault(self.package, self.file, "path-unsafe", column=where, cell=value, problem=problem)
                )
                return {}
            found, faults = read_document(self.package, self.folder, value)
            self.faults += faults
            if faults:
                return {}
            value = found
        if not isinstance(value, Mapping):
            self.wrong(where, value, OBJECT)
            return {}
        return value


def read_resources(
    package: str, folder: Path, file: str, descriptor: Mapping[str, Any]
) -> tuple[tuple[Resource, ...], list[Fault]]:
    """Return the resources that a descriptor declares, and all that is wrong with its values; no data is read."""
    plan = _Plan(package, folder, file)
    declared = descriptor.get("resources")
    if not isinstance(declared, list) or not declared:
        plan.wrong("resources", declared, "danh sách ít nhất một bảng / a list of at least one table")
        return (), plan.faults
    if len(declared) > MOST_RESOURCES:
        plan.wrong("resources", len(declared), f"tới {MOST_RESOURCES} bảng / up to {MOST_RESOURCES} tables")
        return (), plan.faults
    resources: list[Resource] = []
    slugs: dict[str, str] = {}
    for index, item in enumerate(declared):
        if not isinstance(item, Mapping):
            plan.wrong(f"resources[{index}]", item, OBJECT)
            continue
        resource = _resource(plan, index, item, descriptor)
        if resource.slug in slugs:
            where = f"{resource.where}.name"
            plan.faults.append(fault(package, file, "resource-twice", column=where, cell=resource.name))
        elif resource.name:
            slugs[resource.slug] = resource.name
        resources.append(resource)
    return tuple(resources), plan.faults


def _resource(plan: _Plan, index: int, declared: Mapping[str, Any], descriptor: Mapping[str, Any]) -> Resource:
    where = f"resources[{index}]"
    name = declared.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > 200:
        plan.wrong(f"{where}.name", name, "một tên / a name")
        name = ""
    # A name of other scripts has no letters for an address.
    slug = slug_of(name) or f"bang-{index + 1}"
    paths = _paths(plan, f"{where}.path", declared)
    kind = _format(declared, paths)
    packed = bool(paths) and all(path.endswith(".gz") for path in paths)
    compression = declared.get("compression", "gz" if packed else "no")
    if compression not in ("no", "gz", ""):
        plan.wrong(f"{where}.compression", compression, "gz")
    packed = packed or compression == "gz"
    is_table = _is_table(declared, descriptor, kind)
    if is_table and (paths or kind == "inline") and kind not in ("csv", "tsv", "json", "inline"):
        plan.faults.append(fault(plan.package, plan.file, "format-unsupported", column=f"{where}.format", cell=kind))
        is_table = False
    schema = plan.part(f"{where}.schema", declared.get("schema")) if is_table else {}
    dialect = _dialect(plan, f"{where}.dialect", declared, kind) if is_table else Dialect()
    missing = _missing(
        plan,
        [
            (f"{where}.schema", schema),
            (where, declared),
            ("", descriptor),
        ],
    )
    if dialect.null is not None:
        missing = (*missing, dialect.null)
    at = f"{where}.schema"
    fields = _fields(plan, at, schema, missing)
    return Resource(
        index=index,
        name=name,
        slug=slug,
        declared=declared,
        paths=paths,
        data=declared.get("data"),
        is_table=is_table,
        format="csv" if kind == "tsv" else kind,
        packed=packed,
        encoding=_encoding(plan, f"{where}.encoding", declared) if is_table else "utf-8",
        dialect=dialect,
        fields=fields,
        fields_match=_fields_match(plan, at, schema),
        primary_key=_names(plan, f"{at}.primaryKey", schema.get("primaryKey"), fields),
        unique_keys=_unique_keys(plan, at, schema, fields),
        foreign_keys=tuple(_foreign_keys(plan, f"{at}.foreignKeys", schema.get("foreignKeys"), fields)),
        missing=missing,
    )


def _paths(plan: _Plan, where: str, declared: Mapping[str, Any]) -> tuple[str, ...]:
    path = declared.get("path")
    expected = "đường dẫn tương đối tới một tệp / a relative path of a file"
    if path is None and declared.get("data") is not None:
        return ()
    if path is not None and declared.get("data") is not None:
        plan.wrong(where, path, "path hoặc data, một trong hai / path or data, one of them")
    paths = path if isinstance(path, list) else [path]
    if not paths:
        plan.wrong(where, path, expected)
    good: list[str] = []
    for one in paths:
        if not isinstance(one, str) or not one:
            plan.wrong(where, one, expected)
            continue
        problem = path_problem(one)
        pure = PurePosixPath(one).as_posix() if not problem else one
        if not problem and pure in NAMES:
            problem = "là chính tệp mô tả / is the descriptor itself"
        if not problem and pure in good:
            problem = "có hai lần / stands twice"
        if problem:
            plan.faults.append(fault(plan.package, plan.file, "path-unsafe", column=where, cell=one, problem=problem))
        else:
            good.append(pure)
    return tuple(good)


_ARCHIVES = ("7z", "bz2", "rar", "tar", "tgz", "xz", "zip", "zst")


def _format(declared: Mapping[str, Any], paths: Sequence[str]) -> str:
    """Return what a resource's data are written in: inline, csv, tsv, json, or the ending of its file."""
    if not paths and declared.get("data") is not None:
        return "inline"
    name = str(declared.get("format") or "").lower().lstrip(".")
    path = paths[0].lower().removesuffix(".gz") if paths else ""
    ending = path.rpartition(".")[2] if "." in path else ""
    media = str(declared.get("mediatype") or "").partition(";")[0]
    kind = {"text/csv": "csv", "text/tab-separated-values": "tsv"}.get(media, name or ending)
    if ending in ("tsv", "tab"):
        return "tsv"
    if ending in _ARCHIVES:  # whatever is said to be in it
        return ending
    return "csv" if kind == "txt" and ("schema" in declared or "dialect" in declared) else kind


def _is_table(declared: Mapping[str, Any], descriptor: Mapping[str, Any], kind: str) -> bool:
    tabular = "tabular-data-resource" in str(declared.get("profile", ""))
    tabular |= "tabular-data-package" in str(descriptor.get("profile", ""))
    if tabular or declared.get("type") == "table" or declared.get("schema") is not None:
        return True
    if kind == "inline":
        data = declared.get("data")
        return isinstance(data, list) and bool(data) and all(isinstance(row, list | Mapping) for row in data)
    return kind in ("csv", "tsv")


def _encoding(plan: _Plan, where: str, declared: Mapping[str, Any]) -> str:
    """Return the encoding as Python names it; UTF-8 when none is declared."""
    name = declared.get("encoding", "utf-8")
    try:
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_.:+\- ]{1,40}", name):
            raise LookupError(name)
        found = codecs.lookup(name).name
        if not isinstance(b"a".decode(found), str) or found.replace("-", "_") in _NO_TEXT:
            raise LookupError(name)
    except (LookupError, UnicodeError):
        if isinstance(name, str):
            return _unless_utf16(plan, where, name)
        plan.wrong(where, name, "utf-8, utf-16, iso-8859-1, windows-1258, …")
        return "utf-8"
    return "utf-8" if found == "ascii" else found


def _unless_utf16(plan: _Plan, where: str, name: str) -> str:
    """Return a wide encoding, which a single byte does not try out, else that the encoding is none."""
    wide = name.lower().replace("_", "-")
    if wide in ("utf-16", "utf-16le", "utf-16be", "utf-16-le", "utf-16-be", "utf-32", "ucs-2"):
        return {"ucs-2": "utf-16"}.get(wide, wide)
    plan.wrong(where, name, "utf-8, utf-16, iso-8859-1, windows-1258, …")
    return "utf-8"


# Codecs of Python that read other things than text, or read any byte as something.
_NO_TEXT = ("unicode_escape", "raw_unicode_escape", "idna", "punycode", "utf_7", "undefined", "mbcs", "oem", "charmap")

# ---- dialects ------------------------------------------------------------------------------------------------------


def _dialect(plan: _Plan, where: str, declared: Mapping[str, Any], kind: str) -> Dialect:
    """Return how a file's rows are written, by either version's names; of what cannot be read there is a fault."""
    found = dict(plan.part(where, declared.get("dialect")))
    if isinstance(found.get("csv"), Mapping):  # as frictionless writes it
        found |= found["csv"]
    dialect = Dialect(delimiter="\t" if kind == "tsv" else ",", is_declared="delimiter" in found)

    def character(name: str, otherwise: str | None) -> str | None:
        value = found.get(name, otherwise)
        if value == "\\t" and name == "delimiter":
            value = "\t"
        if value is None or value is False or (value == "" and name != "delimiter"):
            return None
        if not isinstance(value, str) or len(value) != 1 or value in "\r\n\0" or value.isalnum():
            plan.wrong(f"{where}.{name}", value, "một ký tự / one character")
            return otherwise
        return value

    def flag(name: str, otherwise: bool) -> bool:
        value = found.get(name, otherwise)
        if not isinstance(value, bool):
            plan.wrong(f"{where}.{name}", value, "true, false")
            return otherwise
        return value

    def numbers(name: str) -> tuple[int, ...] | None:
        value = found.get(name)
        if value is None:
            return None
        whole = isinstance(value, list) and all(type(row) is int and 0 < row < 1000 for row in value)
        if not whole:
            plan.wrong(f"{where}.{name}", value, "danh sách số dòng / a list of row numbers")
            return None
        return tuple(value)

    terminator = found.get("lineTerminator", "\n")
    if terminator not in ("\n", "\r\n", "\r", "\\n", "\\r\\n"):
        plan.wrong(f"{where}.lineTerminator", terminator, "\\n, \\r\\n")
    rows = numbers("headerRows")
    if not flag("header", True):
        rows = ()
    elif rows is None:
        rows = (1,)
    delimiter = character("delimiter", dialect.delimiter) or dialect.delimiter
    quote = character("quoteChar", '"')
    escape = character("escapeChar", None)
    if len({delimiter, quote, escape} - {None}) < sum(sign is not None for sign in (delimiter, quote, escape)):
        same = [delimiter, quote, escape]
        if quote != escape:
            plan.wrong(where, same, "các dấu khác nhau / different characters")
        escape = None
    comment = found.get("commentChar") or ""
    if not isinstance(comment, str) or len(comment) > 10:
        plan.wrong(f"{where}.commentChar", comment, "một ký tự / one character")
        comment = ""
    null = found.get("nullSequence")
    for name in ("sheetName", "sheetNumber", "table", "property"):
        if found.get(name) not in (None, 1):
            plan.wrong(f"{where}.{name}", found[name], "bảng CSV / a CSV table")
    return replace(
        dialect,
        delimiter=delimiter,
        quote=quote,
        # An escape stands for doubling, unless both are declared.
        doubled=flag("doubleQuote", escape is None),
        escape=escape,
        skips_space=flag("skipInitialSpace", False),
        header_rows=rows,
        header_join=str(found.get("headerJoin", " ")),
        comment_rows=numbers("commentRows") or (),
        comment=comment,
        any_case=not flag("caseSensitiveHeader", True) if "caseSensitiveHeader" in found else False,
        null=null if isinstance(null, str) else None,
    )


# ---- schemas -------------------------------------------------------------------------------------------------------


def _missing(plan: _Plan, levels: Sequence[tuple[str, Mapping[str, Any]]]) -> tuple[str, ...]:
    """Return the cells that say that there is no value, by the innermost that declares them."""
    for where, found in levels:
        value = found.get("missingValues")
        if value is None:
            continue
        at = ".".join(filter(None, (where, "missingValues")))
        texts = [item.get("value") if isinstance(item, Mapping) else item for item in value] if _is_list(value) else [0]
        if not all(isinstance(text, str) for text in texts):
            plan.wrong(at, value, "danh sách chữ / a list of texts")
            return ("",)
        return tuple(map(str, texts))
    return ("",)


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _fields(plan: _Plan, where: str, schema: Mapping[str, Any], missing: tuple[str, ...]) -> tuple[Field, ...] | None:
    declared = schema.get("fields")
    if declared is None and not schema:
        return None
    expected = "danh sách cột, mỗi cột có name / a list of fields, each with a name"
    if not isinstance(declared, list) or not declared:
        plan.wrong(f"{where}.fields", declared, expected)
        return None
    fields: list[Field] = []
    for index, item in enumerate(declared):
        if not isinstance(item, Mapping) or not isinstance(item.get("name"), str) or not item["name"]:
            plan.wrong(f"{where}.fields[{index}]", item, expected)
            continue
        fields.append(_field(plan, f"{where}.fields[{index}]", item, missing))
    twice = [name for name, count in Counter(one.name for one in fields).items() if count > 1]
    if twice:
        plan.wrong(f"{where}.fields", twice[0], "mỗi cột một lần / once each")
    return tuple(fields)


_LONGEST_FORMAT = 100


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _field(plan: _Plan, where: str, declared: Mapping[str, Any], missing: tuple[str, ...]) -> Field:
    kind = declared.get("type", "any")
    if not isinstance(kind, str) or kind not in FORMATS:
        plan.wrong(f"{where}.type", kind, ", ".join(FORMATS))
        kind = "any"
    form = declared.get("format") or "default"
    if not isinstance(form, str) or not (
        form in FORMATS[kind] or (kind in DATED and "%" in form and len(form) < _LONGEST_FORMAT)
    ):
        if kind in ("string", "any", "boolean", "number", "integer") and isinstance(form, str):
            form = "default"  # The standard lets a reader pass by a format that it does not know.
        else:
            plan.wrong(f"{where}.format", form, ", ".join(FORMATS[kind]))
            form = "default"
    constraints = declared.get("constraints")
    if constraints is not None and not isinstance(constraints, Mapping):
        plan.wrong(f"{where}.constraints", constraints, OBJECT)
    constraints = constraints if isinstance(constraints, Mapping) else {}
    found = Field(
        name=declared["name"],
        type=kind,
        title=_text(declared.get("title")),
        title_en=_text(declared.get("title_en")),
        description=_text(declared.get("description")),
        description_en=_text(declared.get("description_en")),
        format=form,
        missing=_missing(plan, [(where, declared), ("", {"missingValues": list(missing)})]),
        decimal_char=_sign(plan, f"{where}.decimalChar", declared.get("decimalChar"), "."),
        says_decimal="decimalChar" in declared or "groupChar" in declared,
        group_char=_sign(plan, f"{where}.groupChar", declared.get("groupChar"), ""),
        bare_number=_flag(plan, f"{where}.bareNumber", declared.get("bareNumber"), True),
        true_values=_words(plan, f"{where}.trueValues", declared.get("trueValues"), Field.true_values),
        false_values=_words(plan, f"{where}.falseValues", declared.get("falseValues"), Field.false_values),
        delimiter=_sign(plan, f"{where}.delimiter", declared.get("delimiter"), ","),
        item_type=_item_type(plan, where, declared),
        unit=_text(declared.get("unit")),
    )
    if kind == "integer" and found.group_char == "." and "decimalChar" not in declared:
        found = replace(found, decimal_char=",")  # No decimals stand in a column of whole numbers.
    if both := set(found.true_values) & set(found.false_values):
        plan.wrong(f"{where}.falseValues", min(both), "khác trueValues / other than trueValues")
    if found.decimal_char == found.group_char:
        plan.wrong(f"{where}.groupChar", found.group_char, "khác decimalChar / other than decimalChar")
    return _constrained(plan, f"{where}.constraints", found, constraints, declared)


def _sign(plan: _Plan, where: str, value: object, otherwise: str) -> str:
    if value is None or value == "":
        return otherwise
    if not isinstance(value, str) or len(value) > 1 or value.isalnum():
        plan.wrong(where, value, "một ký tự / one character")
        return otherwise
    return value


def _flag(plan: _Plan, where: str, value: object, otherwise: bool) -> bool:
    if value is None:
        return otherwise
    if not isinstance(value, bool):
        plan.wrong(where, value, "true, false")
        return otherwise
    return value


def _words(plan: _Plan, where: str, value: object, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    if value is None:
        return otherwise
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        plan.wrong(where, value, "danh sách chữ / a list of texts")
        return otherwise
    return tuple(value)


_ITEMS = ("string", "integer", "number", "boolean", "date", "time", "datetime")


def _item_type(plan: _Plan, where: str, declared: Mapping[str, Any]) -> str:
    kind = declared.get("itemType") or "string"
    if kind not in _ITEMS:
        plan.wrong(f"{where}.itemType", kind, ", ".join(_ITEMS))
        return "string"
    return str(kind)


_CONSTRAINTS = (
    *("required", "unique", "minLength", "maxLength", "minimum", "maximum"),
    *("exclusiveMinimum", "exclusiveMaximum", "pattern", "enum"),
)


def _constrained(
    plan: _Plan, where: str, found: Field, constraints: Mapping[str, Any], declared: Mapping[str, Any]
) -> Field:
    for name in constraints:
        if name == "jsonSchema":
            plan.wrong(f"{where}.{name}", constraints[name], ", ".join(_CONSTRAINTS))
    bounds: dict[str, str] = {}
    for name in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        if constraints.get(name) is None:
            continue
        text = as_text(constraints[name])
        bounds[name] = text
        try:
            if found.type not in ORDERED:
                raise UnreadableError("cell-type", expected=", ".join(ORDERED))
            read_bound(found, text)
        except UnreadableError as error:
            plan.wrong(f"{where}.{name}", constraints[name], error.details.get("expected", found.type))
            bounds[name] = ""
    lengths: dict[str, int | None] = {}
    for name in ("minLength", "maxLength"):
        value = constraints.get(name)
        if value is not None and (type(value) is not int or value < 0):
            plan.wrong(f"{where}.{name}", value, "số nguyên / a whole number")
            value = None
        lengths[name] = value
    flags = {name: _flag(plan, f"{where}.{name}", constraints.get(name), False) for name in ("required", "unique")}
    pattern = constraints.get("pattern", "")
    if not isinstance(pattern, str):
        plan.wrong(f"{where}.pattern", pattern, "biểu thức chính quy / a regular expression")
        pattern = ""
    enum = constraints.get("enum")
    if enum is not None and (not isinstance(enum, list) or not enum):
        plan.wrong(f"{where}.enum", enum, "danh sách giá trị / a list of values")
        enum = None
    categories = declared.get("categories")
    if enum is None and isinstance(categories, list) and categories:
        enum = [item.get("value") if isinstance(item, Mapping) else item for item in categories]
    return replace(
        found,
        required=flags["required"],
        unique=flags["unique"],
        enum=tuple(map(as_text, enum or ())),
        pattern=pattern,
        minimum=bounds.get("minimum", ""),
        maximum=bounds.get("maximum", ""),
        above=bounds.get("exclusiveMinimum", ""),
        below=bounds.get("exclusiveMaximum", ""),
        shortest=lengths["minLength"],
        longest=lengths["maxLength"],
    )


def as_text(value: object) -> str:
    """Return a value of JSON as the text of a cell: true, 2.5, a text as it is, an object as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    return to_json(value)


def _fields_match(plan: _Plan, where: str, schema: Mapping[str, Any]) -> str:
    """Return how the columns of a file meet those declared; the published profile has a list for the word."""
    value = schema.get("fieldsMatch", "exact")
    word = value[0] if isinstance(value, list) and len(value) == 1 else value
    if word not in ("exact", "equal", "subset", "superset", "partial"):
        plan.wrong(f"{where}.fieldsMatch", value, "exact, equal, subset, superset, partial")
        return "exact"
    return str(word)


def _names(plan: _Plan, where: str, value: object, fields: Sequence[Field] | None) -> tuple[str, ...]:
    """Return the names of columns, one or a list; a fault for one that is no column."""
    if value is None or value == "" or value == []:
        return ()
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        plan.wrong(where, value, "tên cột / names of columns")
        return ()
    known = {one.name for one in fields or ()}
    for name in names:
        if name not in known:
            plan.wrong(where, name, "một cột / a column")
            return ()
    if len(set(names)) != len(names):
        plan.wrong(where, value, "mỗi cột một lần / once each")
        return ()
    return tuple(names)


def _unique_keys(
    plan: _Plan, where: str, schema: Mapping[str, Any], fields: Sequence[Field] | None
) -> tuple[tuple[str, ...], ...]:
    keys = schema.get("uniqueKeys")
    if keys is None:
        return ()
    if not isinstance(keys, list):
        plan.wrong(f"{where}.uniqueKeys", keys, "danh sách tên cột / lists of columns")
        return ()
    found = [_names(plan, f"{where}.uniqueKeys[{index}]", key, fields) for index, key in enumerate(keys)]
    return tuple(filter(None, found))


def _foreign_keys(plan: _Plan, where: str, keys: object, fields: Sequence[Field] | None) -> Iterator[Key]:
    if keys is None:
        return
    if not isinstance(keys, list):
        plan.wrong(where, keys, "danh sách khóa ngoài / a list of foreign keys")
        return
    for index, key in enumerate(keys):
        at = f"{where}[{index}]"
        reference = key.get("reference") if isinstance(key, Mapping) else None
        if not isinstance(reference, Mapping):
            plan.wrong(at, key, "fields, reference")
            continue
        if reference.get("package"):
            column = f"{at}.reference.package"
            plan.faults.append(
                fault(plan.package, plan.file, "foreign-key-outside", column=column, cell=str(reference["package"]))
            )
            continue
        resource = reference.get("resource") or ""
        targets = reference.get("fields")
        targets = [targets] if isinstance(targets, str) else targets
        if not isinstance(resource, str) or not isinstance(targets, list) or not all(map(_text, targets)):
            plan.wrong(f"{at}.reference", reference, "resource, fields")
            continue
        names = _names(plan, f"{at}.fields", key.get("fields"), fields)
        if len(names) != len(targets):
            if names:
                plan.wrong(f"{at}.reference.fields", targets, f"{len(names)} cột / columns")
            elif not key.get("fields"):
                plan.wrong(f"{at}.fields", key.get("fields"), "tên cột / names of columns")
            continue
        yield Key(names, resource, tuple(targets))


# ---- words about a package -----------------------------------------------------------------------------------------

_WORDS = {"title": 500, "description": 20_000, "homepage": 2_000, "version": 100, "created": 100}  # longest
_RECORDS = ("licenses", "sources", "contributors")


def metadata_faults(package: str, file: str, descriptor: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield the words about a package and its resources that are too long, or not of the standard's types.

    The latter are not shown.
    """
    resources = descriptor.get("resources")
    resources = resources if isinstance(resources, list) else []
    inner = [(f"resources[{n}].", one) for n, one in enumerate(resources) if isinstance(one, Mapping)]
    for where, part in [("", descriptor), *inner]:
        for key, longest in _WORDS.items():
            for name in (key, f"{key}_en"):
                value = part.get(name)
                if not isinstance(value, str | None):
                    yield _odd(package, file, f"{where}{name}", value, "chữ / a text")
                elif value and len(value) > longest:
                    expected = f"tới {longest} ký tự / up to {longest} characters"
                    yield value_fault(package, file, f"{where}{name}", value, expected)
        for key in _RECORDS:
            value = part.get(key)
            if value is not None and not (isinstance(value, list) and all(isinstance(one, Mapping) for one in value)):
                yield _odd(package, file, f"{where}{key}", value, "danh sách đối tượng / a list of objects")
    words = descriptor.get("keywords")
    if words is not None and not (isinstance(words, list) and all(isinstance(word, str) for word in words)):
        yield _odd(package, file, "keywords", words, "danh sách chữ / a list of texts")


def _odd(package: str, file: str, where: str, found: object, expected: str) -> Fault:
    shown = json.dumps(found, ensure_ascii=False, default=str)[:80]
    return fault(package, file, "metadata-odd", column=where, found=shown, expected=expected)


# ---- errors that are accepted --------------------------------------------------------------------------------------


_MOST_ACCEPTED = 500


def read_accepted(
    package: str, file: str, descriptor: Mapping[str, Any], acceptable: Sequence[str]
) -> tuple[tuple[Accepted, ...], list[Fault]]:
    """Return the errors that a descriptor accepts, each with its reason, and what is wrong with that list."""
    plan = _Plan(package, Path(), file)
    entries = descriptor.get("accepted")
    found: list[Accepted] = []
    if entries is None:
        return (), []
    if not isinstance(entries, list) or len(entries) > _MOST_ACCEPTED:
        plan.wrong("accepted", entries, f"danh sách tới {_MOST_ACCEPTED} mục / a list of up to {_MOST_ACCEPTED}")
        return (), plan.faults
    resources = descriptor.get("resources")
    names = [r.get("name") for r in (resources if isinstance(resources, list) else ()) if isinstance(r, Mapping)]
    for index, entry in enumerate(entries):
        where = f"accepted[{index}]"
        if not isinstance(entry, Mapping):
            plan.wrong(where, entry, "code, resource, reason")
            continue
        rows = entry.get("rows", [])
        before = len(plan.faults)
        if entry.get("code") not in acceptable:
            plan.wrong(f"{where}.code", entry.get("code"), ", ".join(acceptable))
        if entry.get("resource") not in names:
            plan.wrong(f"{where}.resource", entry.get("resource"), ", ".join(map(str, names)))
        if not _text(entry.get("reason")).strip():
            plan.wrong(f"{where}.reason", entry.get("reason"), "lý do / a reason")
        if not isinstance(rows, list) or not all(type(row) is int for row in rows):
            plan.wrong(f"{where}.rows", rows, "danh sách số dòng / a list of line numbers")
        if len(plan.faults) == before:
            found.append(
                Accepted(
                    where,
                    entry["code"],
                    entry["resource"],
                    entry["reason"],
                    _text(entry.get("field")),
                    tuple(rows),
                    _text(entry.get("reason_en")),
                )
            )
    return tuple(found), plan.faults
