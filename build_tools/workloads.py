"""Packages made for measuring: as many as asked for, the same bytes every time, with Vietnamese text.

Nothing random is in them: what varies follows from a package's number. `tables` gives plain data packages, `reports`
report packages with their vocabulary and their texts, every number of which is accounted for.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from build_tools.schemas import resource

ROWS = 200  # of each table of a plain package
GROUPS = 30  # of indicators in a report; each is stated by five figures
CLAIMS = 25
YEARS, OFFICES = 10, 20

_SYLLABLES = ("An", "Bình", "Cẩm", "Đông", "Gio", "Hương", "Khánh", "Lộc", "Mỹ", "Nghĩa", "Phú", "Quảng", "Sơn", "Thủy")
_TAILS = ("Giang", "Hải", "Hòa", "Lâm", "Minh", "Nam", "Ninh", "Thành", "Thạnh", "Trạch", "Vang", "Xuân", "Yên")
_SECTORS = ("Nông nghiệp", "Công nghiệp", "Xây dựng", "Thương mại", "Du lịch", "Vận tải", "Giáo dục", "Y tế")


def tables(folder: Path, n: int) -> None:
    """Write `n` plain packages of two tables of 200 rows below `folder`."""
    for number in range(n):
        _write(folder / f"bang-{number:05d}", _table_package(number))


def long_table(folder: Path, rows: int) -> None:
    """Write a plain package of one table of six columns: a key, few and many different texts, numbers and days."""
    places = [_name(number) for number in range(40)]
    fields = (
        ("ma", "string", "Mã"),
        ("huyen", "string", "Huyện"),
        ("nam", "year", "Năm"),
        ("dan_so", "integer", "Dân số"),
        ("ty_le", "number", "Tỷ lệ"),
        ("ngay", "date", "Ngày"),
    )
    cells = (
        (
            f"m{number}",
            places[number % 40],
            2004 + number % 20,
            number * 37 % 90001,
            f"{number * 7919 % 10000 / 100:.2f}",
            f"{2010 + number % 14}-{1 + number % 12:02d}-{1 + number % 28:02d}",
        )
        for number in range(rows)
    )
    table = _table("dan-so", "Dân số", ["ma"], *fields)
    descriptor = {"name": folder.name, "title": "Bảng dài", "resources": [table]}
    _write(folder, {"datapackage.json": _json(descriptor), "dan-so.csv": _csv([name for name, *_ in fields], cells)})


def reports(folder: Path, texts: Path, n: int) -> None:
    """Write `n` report packages and the vocabulary that they share below `folder`, their texts into `texts`.

    A report states 150 figures; 300 spans account for its numbers, and 25 claims for its arithmetic. Ten years of one
    office of one province come first, then other offices, then other provinces.
    """
    texts.mkdir(parents=True, exist_ok=True)
    _write(folder / "vocabulary", _vocabulary(n))
    for number in range(n):
        report = _Report(number)
        report.tell()
        _write(folder / report.name, report.files())
        (texts / f"{report.name}.txt").write_text(report.text, encoding="utf-8")


def _write(folder: Path, files: Mapping[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _spread(*parts: int) -> int:
    """Return a number of four digits or fewer that looks like no other's and is the same every time."""
    seed = 0
    for part in parts:
        seed = (seed * 7919 + part * 104729 + 12289) % 1000003
    return seed % 9000


def _name(number: int) -> str:
    """Return the name of a place: of two syllables, or of three and more for later numbers; no digit stands in it."""
    name = f"{_SYLLABLES[number % len(_SYLLABLES)]} {_TAILS[number // len(_SYLLABLES) % len(_TAILS)]}"
    turn = number // (len(_SYLLABLES) * len(_TAILS))
    return f"{name} {_name(turn - 1)}" if turn else name


# --- Plain packages --------------------------------------------------------------------------------------------------


def _table_package(number: int) -> dict[str, str]:
    place = _name(number)
    districts = [f"Huyện {_name(number + 17 * d)}" for d in range(10)]
    years = [
        (district, year, 20000 + 37 * _spread(number, d, year), f"{_spread(year, d, number) % 1500 / 100:.2f}")
        for d, district in enumerate(districts)
        for year in range(2004, 2024)
    ]
    sectors = [
        (f"{sector} {district}", sector, district, 100 + _spread(number, s, d), f"{_spread(d, s, number):04d}")
        for s, sector in enumerate(_SECTORS)
        for d, district in enumerate(f"Xã {_name(number + 5 * d)}" for d in range(ROWS // len(_SECTORS)))
    ]
    descriptor = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"bang-{number:05d}",
        "title": f"Dân số và lao động {place}",
        "description": f"Số liệu hằng năm của các huyện và số lao động theo ngành của {place}.",
        "version": "1.0.0",
        "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}],
        "sources": [{"title": f"Cục Thống kê {place}"}],
        "resources": [
            _table(
                "dan-so",
                "Dân số theo huyện và năm",
                ["huyen", "nam"],
                ("huyen", "string", "Huyện"),
                ("nam", "year", "Năm"),
                ("dan_so", "integer", "Dân số"),
                ("ty_le", "number", "Tỷ lệ tăng"),
            ),
            _table(
                "lao-dong",
                "Lao động theo ngành và xã",
                ["ma"],
                ("ma", "string", "Mã"),
                ("nganh", "string", "Ngành"),
                ("xa", "string", "Xã"),
                ("lao_dong", "integer", "Lao động"),
                ("ma_so", "string", "Mã số"),
            ),
        ],
    }
    return {
        "datapackage.json": _json(descriptor),
        "dan-so.csv": _csv(("huyen", "nam", "dan_so", "ty_le"), years),
        "lao-dong.csv": _csv(("ma", "nganh", "xa", "lao_dong", "ma_so"), sectors),
    }


def _table(name: str, title: str, key: Sequence[str], *fields: tuple[str, str, str]) -> dict[str, object]:
    return {
        "name": name,
        "type": "table",
        "path": f"{name}.csv",
        "title": title,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "fields": [{"name": name, "type": kind, "title": title} for name, kind, title in fields],
            "primaryKey": list(key),
        },
    }


# --- Report packages -------------------------------------------------------------------------------------------------


def _standard(table: str, rows: Sequence[tuple[object, ...]]) -> str:
    """Return the rows of a standard table, the columns at their ends left empty, as CSV."""
    header = [column["name"] for column in resource(table)["schema"]["fields"]]
    return _csv(header, [(*row, *("",) * (len(header) - len(row))) for row in rows])


def _indicator(office: int, group: int) -> str:
    return f"chi-tieu-{office + 1:02d}-{group + 1:02d}"


def _province(number: int) -> str:
    return f"tinh-{number + 1:02d}"


@dataclass
class _Report:
    """One report as it is told: its text, and the rows that hold it."""

    number: int
    lines: list[str] = field(default_factory=list)
    figures: list[tuple[object, ...]] = field(default_factory=list)
    spans: list[tuple[object, ...]] = field(default_factory=list)
    claims: list[tuple[object, ...]] = field(default_factory=list)
    section: str = ""

    @property
    def year(self) -> int:
        return 2014 + self.number % YEARS

    @property
    def office(self) -> int:
        return self.number // YEARS % OFFICES

    @property
    def province(self) -> int:
        return self.number // (YEARS * OFFICES)

    @property
    def name(self) -> str:
        return f"{_province(self.province)}-so-{self.office + 1:02d}-{self.year}"

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"

    def tell(self) -> None:
        """Fill the text and the rows: a line of ten numbers, five of them figures, for each indicator."""
        for group in range(GROUPS):
            self._tell_group(group)

    def _tell_group(self, group: int) -> None:
        target = 1000 + _spread(self.number, group)
        women, men = 300 + _spread(group, self.number) % 700, 400 + _spread(group, self.number, 3) % 900
        total = women + men
        share = (Decimal(total) / target * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
        self.section = str(group + 1)
        told: list[str | tuple[str, str, str]] = [
            (f"{group + 1}", "list_number", ""),
            ". Năm ",
            (f"{self.year}", "year", ""),
            f", {_group_name(self.office, group).lower()} đạt ",
            (_thousands(total), "figure", "actual"),
            " người, trong đó ",
            (_thousands(women), "figure", "women"),
            " nữ và ",
            (_thousands(men), "figure", "men"),
            " nam; bằng ",
            (str(share).replace(".", ","), "figure", "attainment"),
            "% kế hoạch (",
            (_thousands(target), "figure", "target"),
            " người) theo Công văn số ",
            (f"{_spread(group, self.number) % 900 + 1}/SLĐ", "document_number", ""),
            " ngày ",
            (f"{group % 28 + 1:02d}/{group % 12 + 1:02d}/{self.year}", "date", ""),
            ", tiếp nối năm ",
            (f"{self.year - 1}", "year", ""),
            ".",
        ]
        line = ""
        for piece in told:
            if isinstance(piece, str):
                line += piece
                continue
            written, kind, role = piece
            figure = f"g{group + 1:02d}_{role}" if role else ""
            how, reading = ("hand", "plain") if role else ("rule", "")
            self.spans.append(
                (
                    len(self.lines) + 1,
                    len(line) + 1,
                    len(written),
                    written,
                    kind,
                    figure,
                    reading,
                    "",
                    self.section,
                    how,
                )
            )
            line += written
        self.lines += [line, ""]
        self._figures(group, {"actual": total, "women": women, "men": men, "attainment": share, "target": target})
        formulas = (
            ("attained", "attainment", "attainment", "{0}_actual / {0}_target * 100"),
            ("sum", "sum", "actual", "{0}_women + {0}_men"),
        )
        stem = f"g{group + 1:02d}"
        for name, rule, result, formula in formulas[: CLAIMS - len(self.claims)]:
            self.claims.append((f"{stem}_{name}", rule, f"{stem}_{result}", formula.format(stem), "stated"))

    def _figures(self, group: int, values: Mapping[str, object]) -> None:
        for role, value in values.items():
            self.figures.append(
                (
                    f"g{group + 1:02d}_{role}",
                    _indicator(self.office, group),
                    _province(self.province),
                    "toan-tinh",
                    {"women": "nu", "men": "nam"}.get(role, ""),
                    "phan-tram" if role == "attainment" else "nguoi",
                    f"{self.year}-01-01",
                    f"{self.year}-12-31",
                    "printed",
                    "",
                    "target" if role == "target" else "actual",
                    "attainment" if role == "attainment" else "level",
                    "total",
                    "",
                    "",
                    "final",
                    value,
                    "",
                    "exact",
                )
            )

    def files(self) -> dict[str, str]:
        """Return the files of the package, by name."""
        office, place = self.office + 1, _name(self.province)
        short = f"{place} {self.year}, sở {office}"
        descriptor = {
            "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
            "name": self.name,
            "title": f"Các con số của báo cáo {short}",
            "title_en": f"Figures of the report {short}",
            "description": "Báo cáo làm ra để đo.",
            "description_en": "A report made for measuring.",
            "version": "1.0.0",
            "created": f"{self.year + 1}-02-01T00:00:00Z",
            "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}],
            "contributors": [{"title": "minhbach", "roles": ["transcriber"]}],
            "report": {
                "issuer": f"Sở {office} {place}",
                "issuer_en": f"Department {office} of {place}",
                "place": _province(self.province),
                "date": f"{self.year + 1}-01-05",
                "title": f"Báo cáo năm {self.year} của sở {office} {place}",
                "title_en": f"Report {self.year} of department {office} of {place}",
                "short_title": short,
                "short_title_en": short,
                "period_start": f"{self.year}-01-01",
                "period_end": f"{self.year}-12-31",
                "text": {
                    "file": f"{self.name}.txt",
                    "sha256": hashlib.sha256(self.text.encode()).hexdigest(),
                    "lines": len(self.lines) + 1,  # the empty one after the last
                },
                "headlines": ["g01_actual", "g02_actual", "g03_actual", "g04_actual"],
            },
            "resources": [resource(name) for name in ("figures", "ledger", "claims")],
        }
        return {
            "datapackage.json": _json(descriptor),
            "figures.csv": _standard("figures", self.figures),
            "ledger.csv": _standard("ledger", self.spans),
            "claims.csv": _standard("claims", self.claims),
        }


def _thousands(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _group_name(office: int, group: int) -> str:
    return f"Lao động {_SECTORS[group % len(_SECTORS)].lower()} {_name(office * GROUPS + group)}"


def _vocabulary(n: int) -> dict[str, str]:
    reports = [_Report(number) for number in range(n)]
    offices = sorted({report.office for report in reports})
    provinces = sorted({report.province for report in reports})
    rows: dict[str, list[tuple[object, ...]]] = {
        "bodies": [("toan-tinh", "Toàn tỉnh", "The whole province")],
        "breakdowns": [("nu", "giới", "Nữ", "Women"), ("nam", "giới", "Nam", "Men")],
        "indicators": [
            (_indicator(office, group), _group_name(office, group), f"Workers {office + 1}-{group + 1}")
            + (f"linh-vuc-{office + 1:02d}", "nguoi", "higher", "Số người trong năm.", "People in the year.")
            for office in offices
            for group in range(GROUPS)
        ],
        "inputs": [("ke_hoach", "kế hoạch", "plan")],
        "places": [
            ("viet-nam", "country", "Việt Nam", "Viet Nam", "Việt Nam", "Viet Nam"),
            *(
                (_province(one), "province", f"Tỉnh {_name(one)}", f"{_name(one)} province", _name(one), _name(one))
                + ("viet-nam", f"{one + 1:02d}")
                for one in provinces
            ),
        ],
        "topics": [
            (f"linh-vuc-{one + 1:02d}", f"Lĩnh vực {one + 1}", f"Field {one + 1}", "briefcase-outline", one + 1)
            + ("Lao động của một sở.", "The workers of a department.")
            for one in offices
        ],
        "units": [
            ("nguoi", "người", "people", "người", "people", "count", 1, "nguoi", "person"),
            ("phan-tram", "%", "%", "phần trăm", "percent", "percent", 1, "phan-tram"),
        ],
    }
    descriptor = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "vocabulary",
        "title": "Từ vựng của phép đo",
        "title_en": "Words of the measurement",
        "description": "Từ vựng của các báo cáo làm ra để đo.",
        "description_en": "The words of reports made for measuring.",
        "created": "2024-02-01T00:00:00Z",
        "contributors": [{"title": "minhbach", "roles": ["transcriber"]}],
        "version": "1.0.0",
        "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}],
        "resources": [resource(name) for name in rows],
    }
    files = {f"{name}.csv": _standard(name, some) for name, some in rows.items()}
    return {"datapackage.json": _json(descriptor), **files}
