"""The commands: parse, call, print."""

import csv
import io
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from build_tools import __version__
from build_tools.archives import unpacked
from build_tools.audit import as_json as audit_json
from build_tools.audit.across import as_json as across_json
from build_tools.audit.finding import VERDICTS
from build_tools.audit.promises import as_json as promises_json
from build_tools.checks import Checked, check
from build_tools.diff import Section, as_markdown, compare, read_states, sections
from build_tools.diff import as_json as diff_json
from build_tools.errors import BuildError
from build_tools.faults import (
    Fault,
    as_annotations,
    as_json,
    codes,
    explained_at,
    explanation,
    limited,
    message,
    place,
    remedy,
    stops,
    visible,
)
from build_tools.fresh import inputs, remember, warnings_if_fresh
from build_tools.packages import SLUG, suggestion
from build_tools.reports import coverage_json
from build_tools.settings import Settings, find_project, read_settings, with_folders
from build_tools.suggest import Suggestion, suggest
from build_tools.verify import Verified, as_record
from build_tools.verify import verify as verify_place
from build_tools.words import Words, read_words

if TYPE_CHECKING:
    from build_tools.build import Built
    from build_tools.sheet.intake import Imported

FINE, FINDINGS, WRONG_USE = 0, 1, 2
MOST_SHOWN = 20  # changed cells of a sheet that are listed; --json has all

app = typer.Typer(
    help="Các con số của báo cáo công: chép, kiểm, đối chiếu, công bố. / The figures of public reports, checked and "
    "published. Mã thoát / exit codes: 0 ổn / fine, 1 có lỗi chặn công bố / findings that stop a publication, "
    "2 dùng sai / wrong use.",
    add_completion=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

claims_app = typer.Typer(
    help="Các phép tính mà báo cáo nêu. / The arithmetic that reports state.", no_args_is_help=True
)
app.add_typer(claims_app, name="claims")

sheet_app = typer.Typer(
    help="Một gói thành một sổ tính (XLSX), và ngược lại. / A package as one workbook (XLSX), and back.",
    no_args_is_help=True,
)
app.add_typer(sheet_app, name="sheet")

PackagesArgument = Annotated[
    list[Path] | None,
    typer.Argument(help="Thư mục gói, datapackage.json hoặc zip của gói; mặc định mọi gói. / Packages; default: all."),
]
PackagesFoldersArgument = Annotated[
    list[Path] | None, typer.Argument(help="Thư mục gói; mặc định mọi gói. / Folders of packages; default: all.")
]
ReportsOption = Annotated[
    Path | None,
    typer.Option("--reports", help="Thư mục văn bản của các báo cáo. / Folder of the reports' texts."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="In JSON cho máy đọc. / Print JSON for machines.")]
LanguageOption = Annotated[
    str, typer.Option("--lang", envvar="MINHBACH_LANG", help="Ngôn ngữ thông báo: vi, en. / Language of messages.")
]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; a fault of the build ends it with place, cause and remedy."""
    try:
        app(args=list(arguments) if arguments is not None else None)
    except BuildError as error:
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        console.print(f"[bold]{_plain(error.place)}[/]: {_plain(error.what)}")
        console.print(f"  → {_plain(error.remedy)}")
        sys.exit(FINDINGS)


def _plain(text: str) -> str:
    return text.replace("[", "\\[")


def _settings(reports: Path | None = None, packages: Path | None = None, out: Path | None = None) -> Settings:
    try:
        return with_folders(read_settings(find_project(Path.cwd())), packages, out, reports)
    except BuildError as error:
        if error.place in (str(reports), str(Path.cwd())):
            raise typer.BadParameter(f"{error.what}. {error.remedy}") from error
        raise


def _settings_if_any(reports: Path | None) -> Settings | None:
    """Return the settings of the project around, None outside of one: anybody may verify, anywhere."""
    try:
        find_project(Path.cwd())
    except BuildError:
        if reports is not None and not reports.is_dir():
            raise typer.BadParameter(f"không có {reports} / there is no {reports}") from None
        return None
    return _settings(reports)


def _language(name: str) -> str:
    if name not in ("vi", "en"):
        raise typer.BadParameter("vi, en", param_hint="--lang")
    return name


def _folders(settings: Settings | None, folders: list[Path] | None) -> dict[str, str]:
    """Return where each package stands, as seen from here where it stands below."""
    named = [folder if folder.is_dir() else folder.parent for folder in folders or ()]
    entries = named or [entry for entry in (settings.packages.iterdir() if settings else ()) if entry.is_dir()]
    return {entry.resolve().name: _from_here(entry.resolve()) for entry in entries}


def _from_here(path: Path) -> str:
    here = Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def _check(settings: Settings | None, folders: list[Path] | None, reports: Path | None = None) -> Checked:
    for folder in folders or ():
        if not folder.exists():
            raise typer.BadParameter(f"không có {folder} / there is no {folder}")
    with unpacked(tuple(folders or ())) as opened:
        if settings is None:
            return check(Path(), reports, opened)
        return check(settings.packages, settings.reports, opened)


@app.command()
def validate(
    packages: PackagesArgument = None,
    reports: ReportsOption = None,
    as_machine: JsonOption = False,
    annotations: Annotated[
        str,
        typer.Option("--annotations", help="In ghi chú cạnh dòng: github, gitlab. / Print notes beside the lines."),
    ] = "",
    lang: LanguageOption = "vi",
) -> None:
    """Kiểm các gói dữ liệu: tệp, dòng, cột, sai ở đâu, sửa thế nào. / Check packages and name every fault."""
    language = _language(lang)
    if annotations not in ("", "github", "gitlab"):
        raise typer.BadParameter("github, gitlab", param_hint="--annotations")
    # A package that is named is judged anywhere, also outside of a project.
    settings = _settings_if_any(reports) if packages else _settings(reports)
    checked = _check(settings, packages, reports)
    shown, rest = limited(checked.faults)
    if as_machine:
        more = [{"package": key[0], "file": key[1], "code": key[2], "count": n} for key, n in rest.items()]
        _print_json({"findings": as_json(shown, language), "more": more})
    elif annotations:
        typer.echo(as_annotations(shown, language, annotations, _folders(settings, packages)))
    else:
        _print_faults(checked.faults, language)
        names = ", ".join(package.name for package in checked.packages)
        words = read_words(language)
        if not stops(checked.faults):
            Console(highlight=False, soft_wrap=True).print(
                words.fill("cli.valid", n=len(checked.packages), names=names)
            )
    raise typer.Exit(FINDINGS if stops(checked.faults) else FINE)


@app.command()
def audit(
    packages: PackagesArgument = None,
    reports: ReportsOption = None,
    as_machine: JsonOption = False,
    lang: LanguageOption = "vi",
) -> None:
    """Đối chiếu các phép tính mà báo cáo nêu. / Check the arithmetic that reports state.

    Mã thoát là 0 dù báo cáo không khớp; là 1 chỉ khi dữ liệu của chúng tôi có lỗi. / Exit 1 only for faults of ours.
    """
    language = _language(lang)
    checked = _check(_settings(reports), packages)
    if as_machine:
        findings = [finding for report in checked.reports for finding in report.findings]
        _print_json(
            {
                "claims": audit_json([*findings, *checked.between.findings]),
                "across": across_json(checked.across),
                "promises": promises_json(checked.promises),
            }
        )
    else:
        _print_audit(checked, language)
    if stops(checked.faults):
        _print_faults(checked.faults, language, error=True)
    raise typer.Exit(FINDINGS if stops(checked.faults) else FINE)


@app.command()
def coverage(
    packages: PackagesArgument = None,
    reports: ReportsOption = None,
    as_machine: JsonOption = False,
    lang: LanguageOption = "vi",
) -> None:
    """Tài khoản của văn bản: mỗi chữ số thuộc đúng một cụm. / The account of every digit of the texts."""
    language = _language(lang)
    settings = _settings(reports)
    checked = _check(settings, packages)
    if as_machine:
        _print_json({"reports": [coverage_json(report.coverage) for report in checked.reports]})
    else:
        _print_coverage(checked, language)
    if stops(checked.faults):
        _print_faults(checked.faults, language, error=True)
    raise typer.Exit(FINDINGS if stops(checked.faults) else FINE)


@app.command()
def build(
    packages: Annotated[
        Path | None,
        typer.Option("--packages", help="Thư mục các gói. / Folder of packages.", exists=True, file_okay=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Thư mục dựng; trang ở <out>/site. / Where to build; the site is <out>/site."),
    ] = None,
    reports: ReportsOption = None,
    timings: Annotated[
        bool, typer.Option("--timings", help="In thời gian từng bước. / Print the time of each stage.")
    ] = False,
    no_social_images: Annotated[
        bool,
        typer.Option("--no-social-images", help="Bỏ ảnh chia sẻ của các trang. / Leave out the pictures for sharing."),
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", min=1, help="Số tiến trình; kết quả như nhau. / How many processes; the result is the same."
        ),
    ] = None,
    backend: Annotated[
        str,
        typer.Option("--backend", help="Nơi vẽ và ghi tệp: processes, dask. / What draws and writes the files."),
    ] = "processes",
    scheduler: Annotated[
        str,
        typer.Option("--scheduler", help="Địa chỉ Dask: tcp://HOST:PORT. / Address of the Dask scheduler."),
    ] = "",
    no_cache: Annotated[
        bool,
        typer.Option(
            "--no-cache", help="Làm lại tất cả; kết quả như nhau. / Make everything anew; the result is the same."
        ),
    ] = False,
    shard: Annotated[
        list[str] | None,
        typer.Option(
            "--shard",
            help="Trang riêng của một nơi (mã ở places.csv, all: mọi nơi), rồi trang chung của mọi nơi. / A site of "
            "its own for a place (its id in places.csv, all: every place), then the site of all places.",
        ),
    ] = None,
    lang: LanguageOption = "vi",
) -> None:
    """Kiểm, đối chiếu rồi dựng trang. Có lỗi thì không đổi gì trên trang cũ. / Check, audit and build the site."""
    language = _language(lang)
    settings = _settings(reports, packages, out)
    settings = replace(settings, social_images=not no_social_images, cached=not no_cache)
    settings = replace(settings, workers=workers or settings.workers)
    if backend not in ("processes", "dask"):
        raise typer.BadParameter("processes, dask", param_hint="--backend")
    if (backend == "dask") != bool(scheduler):
        raise typer.BadParameter(
            "--backend dask và --scheduler tcp://HOST:PORT đi đôi / go together", param_hint="--scheduler"
        )
    settings = replace(settings, scheduler=scheduler)
    if shard:
        _build_shards(settings, shard, language, timings)
    else:
        _build(settings, language, timings)


def _build(settings: Settings, language: str, timings: bool) -> None:
    """Build a site, unless it stands as it would be made again, and say so."""
    words = read_words(language)
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    made_from = inputs(settings)
    warnings = warnings_if_fresh(settings, made_from) if settings.cached else None
    if warnings is not None:
        _print_fresh(settings, words, warnings)
        return
    from build_tools.build import build_site  # The libraries that draw take a second to import.

    with errors.status(words.text("cli.working")) if errors.is_terminal else _Quiet() as status:
        built = build_site(settings, lambda step: status.update(_step_name(words, step)))
    if built.site is None:
        _print_faults(built.checked.faults, language, error=True)
        errors.print(words.fill("cli.not_built", n=sum(fault.level == "error" for fault in built.checked.faults)))
        raise typer.Exit(FINDINGS)
    _print_faults(built.checked.faults, language, error=True)
    _print_built(built, settings, words)
    if settings.cached:
        remember(settings, made_from, len(built.checked.faults))
    if timings:
        _print_timings(built.seconds, words)


def _build_shards(settings: Settings, asked: Sequence[str], language: str, timings: bool) -> None:
    """Build the sites of places, each as if it were alone, then the site of all places, unless one has faults."""
    from build_tools.shards import build_national, national_inputs, shard_settings, sharded

    words = read_words(language)
    console = Console(highlight=False, soft_wrap=True)
    found = sharded(settings.packages, asked)
    if found.left_out:
        names = ", ".join(found.left_out[:MOST_SHOWN]) + (" …" if len(found.left_out) > MOST_SHOWN else "")
        console.print(_plain(words.fill("national.left_out", n=len(found.left_out), names=names)))
    faulty = []
    for one in found.shards:
        console.print(
            f"[bold]{_plain(words.fill('national.building', place=one.name(language), n=len(one.packages)))}[/]"
        )
        try:
            _build(shard_settings(settings, one), language, timings)
        except typer.Exit:
            faulty.append(one.place)
    if faulty:
        Console(stderr=True, soft_wrap=True).print(words.fill("national.not_built", names=", ".join(faulty)))
        raise typer.Exit(FINDINGS)
    made_from = national_inputs(settings)
    if settings.cached and warnings_if_fresh(settings, made_from) is not None:
        _print_fresh(settings, words, 0)
        return
    built = build_national(settings)
    counts = {"places": len(built.national.places), "reports": len(built.national.reports), "pages": built.pages}
    console.print(words.fill("national.built", **counts))
    console.print(words.fill("cli.open", site=settings.out / "site" / "index.html"))
    if settings.cached:
        remember(settings, made_from, 0)
    if timings:
        _print_timings(built.seconds, words)


def _print_timings(seconds: Mapping[str, float], words: Words) -> None:
    for name, taken in seconds.items():
        Console(highlight=False).print(f"  {_step_name(words, name):<28} {taken:8.2f} s")


def _step_name(words: Words, step: str) -> str:
    """Return a step in words; what follows the first word is the language it is of."""
    name, _, language = step.partition(" ")
    return " ".join(
        filter(None, (words.text(f"step.{name}"), language if name in ("write", "mkdocs", "search") else ""))
    )


@app.command()
def verify(
    place: Annotated[
        str,
        typer.Argument(
            help="Thư mục hoặc địa chỉ http(s) của trang, một gói hay tệp zip; mặc định trang vừa dựng. / "
            "Folder or address of a site, a package or a zip; default: the site built last."
        ),
    ] = "",
    reports: ReportsOption = None,
    as_machine: JsonOption = False,
    lang: LanguageOption = "vi",
) -> None:
    """Kiểm trang đã công bố: từng tệp, từng tệp zip, vị trí, phép tính. / Check what was published, file by file.

    Chỉ lên mạng khi nơi cần kiểm là một địa chỉ. / Goes to the network only where the place is an address.
    """
    language = _language(lang)
    settings = _settings_if_any(reports)
    if not place and settings is None:
        raise typer.BadParameter("cần một thư mục hay địa chỉ / a folder or an address is needed")
    place = place or str(settings.out / "site" if settings is not None else "")
    if "://" in place:
        if not place.startswith(("http://", "https://")):
            raise typer.BadParameter(f"{place}: chỉ http, https / http and https only")
    elif not Path(place).exists():
        raise typer.BadParameter(f"không có {place} / there is no {place}")
    words = read_words(language)
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    with errors.status(words.text("cli.working")) if errors.is_terminal else _Quiet():
        verified = verify_place(place, settings.reports if settings is not None else reports)
    if as_machine:
        _print_json(as_record(verified, language))
    else:
        _print_faults(verified.faults, language)
        _print_verified(verified, words)
    raise typer.Exit(FINDINGS if stops(verified.faults) else FINE)


@app.command()
def publish(
    target: Annotated[
        str,
        typer.Argument(
            help="Thư mục; git+ĐỊA_CHỈ#NHÁNH; rsync://MÁY/MODULE/…, NGƯỜI@MÁY:…; s3://KHO/TIỀN_TỐ. / A folder; "
            "git+ADDRESS#BRANCH; rsync://HOST/MODULE/…, USER@HOST:…; s3://BUCKET/PREFIX."
        ),
    ],
    site: Annotated[
        Path | None,
        typer.Option("--site", help="Trang cần công bố; mặc định trang vừa dựng. / The site; default: built last."),
    ] = None,
    branch: Annotated[
        str,
        typer.Option("--branch", help="Nhánh của kho git TARGET (tên remote cũng được). / Branch of that repository."),
    ] = "",
    shard: Annotated[
        str,
        typer.Option(
            "--shard",
            help="Trang của nơi này, vào thư mục cùng tên dưới TARGET. / The site of this place, into the folder of "
            "that name below TARGET.",
        ),
    ] = "",
    endpoint: Annotated[
        str, typer.Option("--endpoint", help="Địa chỉ máy chủ S3, nếu không phải Amazon. / Address of the S3 server.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Chỉ liệt kê những gì sẽ đổi. / Only list what would change.")
    ] = False,
    as_machine: JsonOption = False,
    lang: LanguageOption = "vi",
) -> None:
    """Đưa trang đã dựng tới nơi công bố; chỉ gửi những gì đã đổi. / Send the built site to where it is published.

    Trang mà `verify` thấy hư thì không gửi. / A site that `verify` calls damaged is not sent.
    """
    from build_tools.destinations import UnknownTargetError, as_sent_record, below, send, shown_changes

    language = _language(lang)
    settings = _settings_if_any(None)
    if shard and not SLUG.fullmatch(shard):
        raise typer.BadParameter(f"{shard}: không phải mã một nơi / is no id of a place", param_hint="--shard")
    out = settings.out if settings is not None else None
    folder = site or (out / (f"shards/{shard}/site" if shard else "site") if out is not None else None)
    if folder is None or not folder.is_dir():
        raise typer.BadParameter(f"không có {folder or '--site'} / there is no {folder or '--site'}")
    words = read_words(language)
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    with errors.status(words.text("cli.working")) if errors.is_terminal else _Quiet():
        verified = verify_place(str(folder), settings.reports if settings is not None else None)
        if stops(verified.faults):
            _print_faults(verified.faults, language, error=True)
            errors.print(words.fill("publish.damaged", site=folder))
            raise typer.Exit(FINDINGS)
        try:
            target = below(f"git+{target}" if branch else target, shard) if shard else target
            sent = send(target, folder, branch=branch, endpoint=endpoint, dry_run=dry_run)
        except UnknownTargetError as error:
            raise typer.BadParameter(f"{error}", param_hint="TARGET") from error
    if as_machine:
        _print_json(as_sent_record(sent))
    else:
        typer.echo("\n".join(shown_changes(sent, words)))


@app.command()
def serve(
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Cổng ở 127.0.0.1; 0: cổng trống. / Port.")
    ] = 8000,
    packages: Annotated[
        Path | None,
        typer.Option("--packages", help="Thư mục các gói. / Folder of packages.", exists=True, file_okay=False),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Thư mục dựng. / Where the site is built.")] = None,
    reports: ReportsOption = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Mở trình duyệt. / Open the browser.")] = False,
    lang: LanguageOption = "vi",
) -> None:
    """Xem trước trên máy này: lưu tệp là trang đổi theo. / A preview on this machine that follows what you save.

    Lỗi hiện ngay trên trang và trong cửa sổ dòng lệnh. / What is wrong is said on the page and in the terminal.
    """
    from tempfile import TemporaryDirectory

    from build_tools.build import build_site
    from build_tools.doctor import is_current
    from build_tools.preview import Preview, State
    from build_tools.serve import serving

    language = _language(lang)
    words = read_words(language)
    console = Console(highlight=False, soft_wrap=True)
    settings = _settings(reports, packages, out)
    if not is_current(settings):
        console.print(words.text("serve.building"))
        with suppress(BuildError):  # What stops it is said again as soon as pages are served.
            build_site(replace(settings, social_images=False))

    def said(state: State, written: frozenset[Path], seconds: float) -> None:
        if state.number > 1 or not state.is_good:
            troubles = state.troubles(language)
            for trouble in troubles:
                cell = f" [reverse]{_plain(trouble.cell)}[/]" if trouble.cell else ""
                console.print(f"[bold]{_plain(trouble.place)}[/]: {_plain(trouble.said)}{cell}")
                console.print(f"  → {_plain(trouble.remedy)}")
            key = "serve.renewed" if state.is_good else "serve.stopped"
            names = ", ".join(sorted({path.name for path in written if not path.is_dir()}))
            console.print(words.fill(key, names=names, seconds=f"{seconds:.1f}", n=len(troubles)))

    def read() -> Settings:
        return replace(_settings(reports, packages, out), social_images=False)

    with (
        suppress(KeyboardInterrupt),
        TemporaryDirectory(prefix="minhbach-") as folder,
        serving(Preview(read, Path(folder)), settings.out / "site", port, said) as server,
    ):
        console.print(words.fill("serve.ready", address=server.address))
        if open_browser:
            typer.launch(server.address)
        server.wait()


@app.command()
def doctor(
    reports: ReportsOption = None,
    as_machine: JsonOption = False,
    lang: LanguageOption = "vi",
) -> None:
    """Xem máy và dự án có đủ những gì cần không. / Look whether machine and project have what is needed.

    Mã thoát là 1 chỉ khi có thứ hỏng. / Exit 1 only where something is broken.
    """
    from build_tools.doctor import BROKEN, as_looks, examine

    language = _language(lang)
    words = read_words(language)
    looks = examine(_settings(reports), words)
    if as_machine:
        _print_json({"looks": as_looks(looks)})
    else:
        console = Console(highlight=False, soft_wrap=True)
        for look in looks:
            console.print(f"{words.text(f'doctor.{look.state}'):<7} [bold]{_plain(look.name)}[/]: {_plain(look.said)}")
            if look.remedy:
                console.print(f"        → {_plain(look.remedy)}")
    raise typer.Exit(FINDINGS if any(look.state == BROKEN for look in looks) else FINE)


@app.command()
def explain(
    code: Annotated[
        str, typer.Argument(help="Mã lỗi, trong ngoặc vuông sau mỗi thông báo; all là mọi mã. / A fault's code; all.")
    ],
) -> None:
    """Giải thích một mã lỗi. / Explain a code of a fault."""
    if code != "all" and code not in codes():
        near = suggestion(code, codes())
        raise typer.BadParameter(
            f"không có mã {code}{near['suggestion_vi']} / there is no code {code}{near['suggestion_en']}"
        )
    for name in codes() if code == "all" else (code,):
        typer.echo(explanation(name) + "\n")


@app.command()
def diff(
    old: Annotated[
        str, typer.Argument(help="Bản cũ: thư mục, zip, hoặc phiên bản git (HEAD~1). / Folder, zip or git revision.")
    ],
    new: Annotated[str, typer.Argument(help="Bản mới, cùng các dạng ấy. / The new version, in the same forms.")],
    as_machine: JsonOption = False,
    as_text: Annotated[bool, typer.Option("--markdown", help="In Markdown. / Print Markdown.")] = False,
    lang: LanguageOption = "vi",
) -> None:
    """So hai bản của các gói: con số, kết luận, tài khoản của văn bản. / What two versions of packages differ in.

    Mã thoát là 0 dù hai bản khác nhau. / Exit 0 whether they differ or not.
    """
    words = read_words(_language(lang))
    if as_machine and as_text:
        raise typer.BadParameter("--json, --markdown: một trong hai / one of the two")
    try:
        states = read_states(old, new, _settings().packages)
    except BuildError as error:
        raise typer.BadParameter(f"{error}", param_hint="OLD NEW") from error
    found = compare(*states)
    if as_machine:
        _print_json(diff_json(found))
    elif as_text:
        typer.echo(as_markdown(found, words), nl=False)
    elif found.is_empty:
        typer.echo(words.text("diff.none"))
    else:
        _print_sections(sections(found, words))


@app.command()
def draft(
    report: Annotated[Path, typer.Argument(help="Báo cáo: .txt, .docx hoặc .pdf có lớp chữ. / The report.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Thư mục đặt gói; mặc định datapackages. / Folder of the package.")
    ] = None,
    name: Annotated[str, typer.Option("--name", help="Tên gói; mặc định theo tên tệp. / The package's name.")] = "",
    place: Annotated[str, typer.Option("--place", help="Nơi: mã trong places.csv. / An id of a place.")] = "",
    reports: ReportsOption = None,
    as_machine: JsonOption = False,
    lang: LanguageOption = "vi",
) -> None:
    """Soạn bản nháp gói của một báo cáo: mọi số, chỗ đoán ghi rõ. / Draft a report's package, guesses marked."""
    from build_tools.draft import drafted_json, drafted_text, make_draft

    language = _language(lang)
    settings = _settings(reports)
    folder, texts = out or settings.packages, settings.reports or settings.project / "reports"
    beside = folder if (folder / "vocabulary").is_dir() else settings.packages
    drafted = make_draft(report, folder, texts, name, place, beside / "vocabulary")
    if as_machine:
        _print_json(drafted_json(drafted))
    else:
        typer.echo("\n".join(drafted_text(drafted, language)))


def _folder_of(package: Path, settings: Settings) -> Path:
    """Return the folder of a package that was named by its path or by its name."""
    for folder in (package, settings.packages / package):
        if folder.is_dir():
            return folder
    raise typer.BadParameter(f"không có gói {package} / there is no package {package}")


@sheet_app.command("export")
def sheet_export(
    package: Annotated[Path, typer.Argument(help="Thư mục hoặc tên của gói. / Folder or name of the package.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Tệp sẽ viết; mặc định TÊN-GÓI.xlsx ở đây. / File; default: NAME.xlsx.")
    ] = None,
    reports: ReportsOption = None,
    as_machine: JsonOption = False,
    lang: LanguageOption = "vi",
) -> None:
    """Viết gói thành sổ tính: mỗi bảng một trang, đoạn văn cạnh mỗi dòng. / Write a package as a workbook.

    Không ghi đè một tệp đã có. / A file that is there is not written over.
    """
    from build_tools.sheet.export import make_workbook

    words = read_words(_language(lang))
    settings = _settings(reports)
    folder = _folder_of(package, settings)
    made = make_workbook(folder, settings.packages, settings.reports, out or Path(f"{folder.resolve().name}.xlsx"))
    if as_machine:
        _print_json(asdict(made))
        return
    rows = ", ".join(f"{name} {n}" for name, n in made.rows.items() if n)
    typer.echo(words.fill("sheet.exported", workbook=made.workbook, rows=rows))
    if made.text:
        key = "sheet.with_passages" if made.has_passages else "sheet.without_passages"
        typer.echo(words.fill(key, text=made.text))
    typer.echo(words.fill("sheet.next", workbook=made.workbook))


@sheet_app.command("import")
def sheet_import(
    workbook: Annotated[Path, typer.Argument(help="Sổ tính. / The workbook.", exists=True, dir_okay=False)],
    package: Annotated[
        Path | None,
        typer.Argument(help="Gói; mặc định gói mà sổ tính nêu tên. / Package; default: the one it names."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Chỉ kiểm và kể, không ghi gì. / Check and tell only, write nothing.")
    ] = False,
    reports: ReportsOption = None,
    as_machine: JsonOption = False,
    lang: LanguageOption = "vi",
) -> None:
    """Nhập sổ tính vào gói, hoặc nói ô nào sai và không ghi gì. / Import a workbook, or name every cell at fault.

    Ô mà bản nháp còn để ngỏ không cản việc nhập; chúng cản công bố. / Cells that a draft leaves open do not stop an
    import; they stop a publication.
    """
    from build_tools.sheet.intake import as_json, take_in

    language = _language(lang)
    settings = _settings(reports)
    folder = _folder_of(package, settings) if package is not None else None
    taken = take_in(workbook, settings.packages, settings.reports, folder, write=not dry_run)
    if as_machine:
        _print_json(as_json(taken, language))
    else:
        _print_taken_in(taken, language, dry_run)
    raise typer.Exit(FINDINGS if taken.is_refused else FINE)


@app.command("format")
def format_(
    packages: PackagesFoldersArgument = None,
    check_only: Annotated[
        bool, typer.Option("--check", help="Chỉ nói tệp nào chưa đúng dạng. / Only say which are not in form.")
    ] = False,
    as_machine: JsonOption = False,
    lang: LanguageOption = "vi",
) -> None:
    """Đưa các bảng về một dạng, không đổi ô nào. / Bring tables into one form; no cell changes.

    UTF-8, LF, ngoặc kép chỉ khi cần, ledger.csv theo thứ tự văn bản. / UTF-8, LF, quotes only where needed, the ledger
    in the order of the text. --check: 1 khi có tệp chưa đúng dạng. / --check: exit 1 where a file is not in form.
    """
    from build_tools.canonical import tidy_package

    words = read_words(_language(lang))
    for folder in packages or ():
        if not folder.is_dir():
            raise typer.BadParameter(f"không có thư mục {folder} / there is no folder {folder}")
    here = [folder.resolve() for folder in packages or sorted(_settings().packages.iterdir()) if folder.is_dir()]
    found = [(one, _from_here(one.path)) for folder in here for one in tidy_package(folder, write=not check_only)]
    changed = [path for one, path in found if one.state == "changed"]
    if as_machine:
        _print_json({"files": [{"file": path, "state": one.state} for one, path in found]})
    else:
        for one, path in found:
            if one.state != "unchanged":
                key = "unread" if one.state == "unread" else "unformatted" if check_only else "formatted"
                typer.echo(words.fill(f"format.{key}", file=path))
        if not changed:
            typer.echo(words.fill("format.fine", n=len(found)))
    raise typer.Exit(FINDINGS if check_only and changed else FINE)


@app.command()
def new(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Thư mục của dự án, chưa có hoặc trống. / Its folder, not there or empty."),
    ],
    name: Annotated[
        str, typer.Option("--name", help="Tên trang; mặc định theo thư mục. / The site's name; default: the folder's.")
    ] = "",
    wheel: Annotated[
        Path | None,
        typer.Option("--wheel", help="Tệp .whl của minhbach, chép vào dự án. / minhbach's wheel, copied into it."),
    ] = None,
    as_machine: JsonOption = False,
    lang: LanguageOption = "vi",
) -> None:
    """Tạo một dự án mới, dựng được ngay. / Make a project of your own that builds at once.

    --lang là ngôn ngữ ở gốc trang, và của thông báo. / --lang is the language at the site's root, and of the messages.
    """
    from build_tools.new import make_project

    words = read_words(_language(lang))
    try:
        made = make_project(folder, name or folder.resolve().name, lang, datetime.now(UTC).date(), wheel)
    except BuildError as error:
        raise typer.BadParameter(f"{error}") from error
    if as_machine:
        _print_json({"folder": str(made.folder), "files": made.files, "wheel": made.wheel or None})
        return
    typer.echo(words.fill("new.made", folder=made.folder, n=len(made.files)))
    if not made.wheel:
        typer.echo(words.fill("new.no_wheel", file=f"minhbach-{__version__}-py3-none-any.whl"))
    typer.echo(words.fill("new.next", folder=made.folder))


@claims_app.command("suggest")
def claims_suggest(
    packages: PackagesArgument = None,
    as_machine: JsonOption = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Cả gợi ý yếu và đã từ chối. / Also weak and declined ones.")
    ] = False,
    lang: LanguageOption = "vi",
) -> None:
    """Gợi ý phép tính giữa các con số đứng gần nhau. / Suggest relations among figures that stand near each other.

    Mỗi gợi ý kèm dòng cho claims.csv và cho declined.csv. Mã thoát là 0: gợi ý không phải lỗi. / Each comes with a row
    for claims.csv and one for declined.csv. Exit 0: suggestions are no faults.
    """
    language = _language(lang)
    checked = _check(_settings(), packages)
    found = {report.name: suggest(report.data, checked.vocabulary) for report in checked.reports}
    shown = {name: [one for one in some if everything or one.is_offered] for name, some in found.items()}
    if as_machine:
        _print_json(
            {
                "suggestions": [_suggestion_record(one) for some in shown.values() for one in some if not one.reason],
                "declined": [asdict(row) for report in checked.reports for row in report.data.declined],
            }
        )
    else:
        for name, some in shown.items():
            _print_suggestions(name, some, read_words(language))
    known = {package.name for package in checked.packages if package.kind == "across"} | found.keys()
    unread = [fault for fault in checked.faults if fault.package not in known]
    if stops(unread):
        _print_faults(unread, language, error=True)
    raise typer.Exit(FINDINGS if stops(unread) else FINE)


class _Quiet:
    """Stands for the progress line where there is no terminal to draw it on."""

    def __enter__(self) -> "_Quiet":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def update(self, _: str) -> None:
        """Show nothing."""


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"minhbach {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="In số bản. / Version.")
    ] = False,
) -> None:
    del version


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def _print_faults(faults: Sequence[Fault], language: str, error: bool = False) -> None:
    console = Console(stderr=error, highlight=False, soft_wrap=True)
    shown, more = limited(faults)
    words = read_words(language)
    for item in shown:
        level = words.text(f"level.{item.level}")
        console.print(f"[bold]{_plain(place(item, language))}[/]: {level}: {_plain(message(item, language))}")
        console.print(f"  → {_plain(remedy(item, language))} \\[{item.code}] {explained_at(item.code)}")
    for (package, file, code), n in more.items():
        console.print(words.fill("cli.more", n=n, code=code, file=f"{package}/{file}"))


def _print_audit(checked: Checked, language: str) -> None:
    from rich.table import Table

    words = read_words(language)
    console = Console(highlight=False)
    for report in checked.reports:
        table = Table(title=report.name, title_justify="left", box=None, pad_edge=False)
        for column in ("claim", "verdict", "working"):
            table.add_column(words.text(f"cli.column_{column}"), overflow="fold")
        for finding in report.findings:
            verdict = words.text(f"verdict.{finding.verdict}")
            table.add_row(_plain(finding.claim_id), verdict, _plain(words.working(finding)))
        console.print(table)
        counts = {verdict: sum(f.verdict == verdict for f in report.findings) for verdict in VERDICTS}
        console.print(", ".join(f"{words.text(f'verdict.{verdict}')}: {n}" for verdict, n in counts.items() if n))
        console.print()
    if checked.across or checked.between.findings:
        table = Table(title=words.text("across.title"), title_justify="left", box=None, pad_edge=False)
        for column in ("claim", "verdict", "working"):
            table.add_column(words.text(f"cli.column_{column}"), overflow="fold")
        for finding in checked.between.findings:
            verdict = words.text(f"verdict.{finding.verdict}")
            table.add_row(_plain(finding.claim_id), verdict, _plain(words.working(finding)))
        for group in checked.across:
            stated = "; ".join(f"{figure.package} {figure.value}" for figure in group.figures)
            table.add_row(_plain(group.id), ", ".join(group.classes), _plain(stated))
        console.print(table)
        console.print()
    waiting = sum(promise.is_open for promise in checked.promises)
    console.print(words.fill("promises.lede", n=len(checked.promises), open=waiting))


def _suggestion_record(one: Suggestion) -> dict[str, object]:
    return {
        "package": one.package,
        "rule": one.rule,
        "result": one.result,
        "formula": one.formula,
        "verdict": one.verdict,
        "evidence": one.evidence,
        "grounds": list(one.grounds),
        "lines": list(one.lines),
        "claim": _row(one.claim_row()),
        "items": [_row(row) for row in one.item_rows()],
    }


def _row(cells: Sequence[str]) -> str:
    """Return cells as a line of CSV, as our tables are written."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


def _print_suggestions(package: str, suggestions: Sequence[Suggestion], words: Words) -> None:
    key = "suggest.title" if suggestions else "suggest.none"
    typer.echo(words.fill(key, package=package, n=len(suggestions)))
    today = datetime.now(UTC).date().isoformat()
    for one in suggestions:
        grounds = ", ".join(words.text(f"suggest.{ground}") for ground in one.grounds)
        working = words.working(one.finding)
        typer.echo(f"  {one.rule}: " + (f"{one.result}: {working}" if one.result else working))
        typer.echo(
            "    "
            + words.fill(
                "suggest.verdict",
                verdict=words.text(f"verdict.{one.verdict}"),
                evidence=words.text(f"suggest.{one.evidence}"),
                grounds=grounds or words.text("suggest.no_grounds"),
                lines=", ".join(str(line) for line in one.lines),
            )
        )
        if one.reason:
            typer.echo("    " + words.fill("suggest.declined", date=one.date, reason=one.reason))
            continue
        typer.echo(f"    claims.csv       {_row(one.claim_row())}")
        for row in one.item_rows():
            typer.echo(f"    claim_items.csv  {_row(row)}")
        typer.echo(f"    declined.csv     {_row(one.declined_row(today))}")


def _print_taken_in(taken: "Imported", language: str, dry_run: bool) -> None:
    words = read_words(language)
    console = Console(stderr=taken.is_refused, highlight=False, soft_wrap=True)
    for item in taken.faults:
        if item.fault.level == "notice":
            continue
        level = words.text(f"level.{item.fault.level}")
        console.print(f"[bold]{_plain(item.place)}[/]: {level}: {_plain(message(item.fault, language))}")
        console.print(f"  → {_plain(remedy(item.fault, language))} \\[{item.fault.code}]")
    if taken.is_refused:
        n = sum(item.fault.level == "error" for item in taken.faults)
        console.print(words.fill("sheet.refused", n=n, package=taken.package))
        return
    for change in taken.changes:
        if not change.is_empty:
            counts = {"changed": len(change.changed), "added": change.added, "removed": change.removed}
            console.print(words.fill("sheet.change", sheet=change.sheet, **counts))
            for cell in change.changed[:MOST_SHOWN]:
                console.print(f"  {cell.sheet}!{cell.cell} {cell.column}: ", end="")
                console.print(f"{_plain(visible(cell.old, 60) or '∅')} → {_plain(visible(cell.new, 60) or '∅')}")
    key = "unchanged" if taken.is_empty else "would_write" if dry_run else "written"
    console.print(words.fill(f"sheet.{key}", package=taken.package, folder=taken.folder))
    if taken.open:
        first = ", ".join(item.place for item in taken.open[:3])
        console.print(words.fill("sheet.open", n=len(taken.open), first=first))


def _print_sections(parts: Sequence[Section]) -> None:
    from rich.table import Table

    console = Console(highlight=False)
    for part in parts:
        table = Table(title=_plain(part.title), title_justify="left", box=None, pad_edge=False)
        for column in part.columns:
            table.add_column(column, overflow="fold")
        for row in part.rows:
            table.add_row(*(_plain(visible(cell, 200)) for cell in row))
        console.print(table)
        console.print()


def _print_coverage(checked: Checked, language: str) -> None:
    words = read_words(language)
    console = Console(highlight=False, soft_wrap=True)
    for report in checked.reports:
        account = coverage_json(report.coverage)
        kinds = ", ".join(f"{words.fill(f'kind.{kind}', n=n)} {n}" for kind, n in account["by_kind"].items())
        console.print(f"[bold]{report.name}[/]")
        console.print("  " + words.fill("cli.account", spans=account["spans"], figures=account["figures"], kinds=kinds))
        open_, failed, values = (len(account[key]) for key in ("open", "locators_failed", "values_failed"))
        if report.coverage.text_at_hand:
            console.print("  " + words.fill("cli.account_text", open=open_, failed=failed, values=values))
        else:
            console.print("  " + words.fill("cli.account_no_text", file=report.data.facts.text.file, values=values))


def _print_verified(verified: Verified, words: Words) -> None:
    console = Console(highlight=False, soft_wrap=True)
    key = "cli.not_verified" if stops(verified.faults) else "cli.verified"
    n = sum(fault.level == "error" for fault in verified.faults)
    counts = {"place": verified.place, "files": verified.files, "zips": verified.zips, "n": n}
    console.print(_plain(words.fill(key, **counts)))
    if verified.claims is not None:
        console.print(words.fill("cli.verified_claims", claims=verified.claims))
        key = "cli.verified_no_texts" if verified.spans is None else "cli.verified_texts"
        console.print(words.fill(key, spans=verified.spans or 0))


def _print_fresh(settings: Settings, words: Words, warnings: int) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(words.text("cli.unchanged"))
    if warnings:
        console.print(words.fill("cli.unchanged_warnings", n=warnings))
    console.print(words.fill("cli.open", site=settings.out / "site" / "index.html"))


def _print_built(built: "Built", settings: Settings, words: Words) -> None:
    console = Console(highlight=False, soft_wrap=True)
    checked = built.checked
    findings = [finding for report in checked.reports for finding in report.findings]
    console.print(
        words.fill(
            "cli.built",
            pages=built.pages,
            files=built.files,
            packages=len(checked.packages),
            reports=len(checked.reports),
            figures=sum(len(report.data.figures) for report in checked.reports),
            findings=len(findings),
            fails=sum(finding.verdict == "fails" for finding in findings),
            seconds=f"{sum(built.seconds.values()):.1f}",
        )
    )
    without = [report.name for report in checked.reports if not report.coverage.text_at_hand]
    if without:
        console.print(words.fill("cli.no_texts", names=", ".join(without)))
    if not settings.site_url:
        console.print(words.fill("cli.no_site_url", url=settings.absolute_url))
    console.print(words.fill("cli.open", site=settings.out / "site" / "index.html"))
