# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Each exported file opens in the program it is for, and shows the figures of the profile."""

from __future__ import annotations

import collections
import io
import json
import marshal
import pstats
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from exchange import FORMATS, TIMEOUT_S, fib, figures, total, traced

import pyrometer

NAME = "exchange.fib"


@pytest.fixture
def profile() -> pyrometer.Profile:
    return traced()


@pytest.mark.parametrize("format", FORMATS)
def test_saving_and_exporting_give_the_same_bytes(
    profile: pyrometer.Profile, here: Path, format: str
) -> None:
    profile.save(here / "out", format)
    assert (here / "out").read_bytes() == profile.export(format)


@pytest.mark.parametrize("format", FORMATS)
def test_the_command_converts_a_file(
    command: str, profile: pyrometer.Profile, here: Path, format: str
) -> None:
    profile.save(here / "in.pyro")
    subprocess.run(
        [command, "report", "in.pyro", "--format", format, "-o", "out"],
        check=True,
        timeout=TIMEOUT_S,
    )
    assert (here / "out").read_bytes() == pyrometer.load("in.pyro").export(format)


def test_an_extension_of_no_format_is_refused(profile: pyrometer.Profile, here: Path) -> None:
    with pytest.raises((ValueError, pyrometer.Error), match=r"no format has the extension \.csv"):
        profile.save(here / "out.csv")
    assert not (here / "out.csv").exists()
    profile.save(here / "out.csv", "collapsed")
    profile.save(here / "out.prof")
    assert pstats.Stats(str(here / "out.prof")).total_calls > 0  # type: ignore[attr-defined]


# pstats


@pytest.fixture
def stats(profile: pyrometer.Profile, here: Path) -> dict[Any, Any]:
    """Return what Python's marshal reads from the exported file."""
    profile.save(here / "out.pstats")
    with open(here / "out.pstats", "rb") as file:
        return marshal.load(file)


def of_name(stats: dict[Any, Any], name: str) -> Any:
    """Return the entry of a function of the traced program."""
    file = fib.__code__.co_filename
    (found,) = (value for key, value in stats.items() if key[0] == file and key[2] == name)
    return found


def test_pstats_has_calls_times_and_callers(
    profile: pyrometer.Profile, stats: dict[Any, Any]
) -> None:
    primitive, calls, own, cumulative, callers = of_name(stats, "fib")
    expected = figures(profile, "fib")
    assert (primitive, calls) == (1, 465)
    assert own == pytest.approx(expected["wall"] * 1e-9)
    assert cumulative == pytest.approx(expected["wall_inclusive"] * 1e-9)
    by_name = {key[2]: value for key, value in callers.items()}
    assert by_name["work"][:2] == (1, 1)
    assert by_name["fib"][0] == 464
    assert by_name["work"][2] + by_name["fib"][2] == pytest.approx(own)
    assert of_name(stats, "is_even")[:2] == (1, 11)
    assert of_name(stats, "is_odd")[:2] == (1, 10)
    assert ("~", 0, "<method 'append' of 'list' objects>") in stats
    assert ("~", 0, "<built-in method builtins.sorted>") in stats
    assert sum(value[2] for value in stats.values()) == pytest.approx(total(profile, "wall") * 1e-9)


@pytest.mark.parametrize("key", [*pstats.SortKey, "cumtime", "module", "nfl", "line"])
def test_pstats_prints_everything_in_every_order(
    profile: pyrometer.Profile, here: Path, key: str
) -> None:
    profile.save(here / "out.pstats")
    out = io.StringIO()
    stats = pstats.Stats("out.pstats", stream=out).sort_stats(key)
    stats.print_stats().print_callers().print_callees()
    stats.strip_dirs().reverse_order().print_stats("fib", 0.5)
    text = out.getvalue()
    assert "465/1" in text
    assert "(is_even)" in text
    calls = re.search(r"(\d+) function calls \((\d+) primitive calls\)", text)
    assert calls is not None
    assert int(calls[1]) == total(profile, "calls")


def test_pstats_adds_our_file_to_one_of_cprofile(profile: pyrometer.Profile, here: Path) -> None:
    import cProfile

    profile.save(here / "ours.pstats")
    other = cProfile.Profile()
    other.runcall(fib, 5)
    other.dump_stats("theirs.pstats")
    stats = pstats.Stats("ours.pstats").add("theirs.pstats")
    assert of_name(stats.stats, "fib")[1] == 465 + 15


# callgrind


def annotate(path: Path, *options: str) -> str:
    program = shutil.which("callgrind_annotate")
    if program is None:
        pytest.skip("callgrind_annotate is not installed; it comes with valgrind")
    done = subprocess.run(
        [program, "--threshold=100", "--auto=no", *options, str(path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=TIMEOUT_S,
    )
    assert "Line " not in done.stderr, done.stderr  # how it says that it can't read one
    return done.stdout


def numbers_of(text: str, name: str) -> list[int]:
    """Return the figures of the line that ends with a function's name."""
    (line,) = (line for line in text.splitlines() if line.split(" [")[0].endswith(":" + name))
    return [int(word.replace(",", "")) for word in re.findall(r"([\d,]+) \(", line)]


def test_callgrind_annotate_shows_the_same_figures(profile: pyrometer.Profile, here: Path) -> None:
    profile.save(here / "out.callgrind")
    text = annotate(here / "out.callgrind")
    totals = re.search(r"([\d,]+) \(100.0%\).* PROGRAM TOTALS", text)
    assert totals is not None
    assert int(totals[1].replace(",", "")) == total(profile, "wall")
    assert re.search(r"Events recorded: +Wall_ns Calls", text)
    expected = figures(profile, "fib")
    assert numbers_of(text, NAME)[:2] == [expected["wall"], 465]
    inclusive = annotate(here / "out.callgrind", "--inclusive=yes")
    expected = figures(profile, "in_thread")
    assert numbers_of(inclusive, "exchange.in_thread")[0] == expected["wall_inclusive"]
    tree = annotate(here / "out.callgrind", "--tree=both")
    assert re.search(rf"< .*{re.escape(NAME)} \(464x\)", tree)


# svg


def svg_boxes(text: str) -> dict[str, tuple[float, float]]:
    """Return where each box begins and how wide it is, as shares, by its title."""
    space = "{http://www.w3.org/2000/svg}"
    boxes = ElementTree.fromstring(text).find(f"{space}g[@id='boxes']")
    assert boxes is not None
    return {
        str(box.findtext(f"{space}title")): (
            float(box.attrib["data-s"]),
            float(box.attrib["data-w"]),
        )
        for box in boxes
    }


def test_svg_boxes_are_as_wide_as_what_they_stand_for(profile: pyrometer.Profile) -> None:
    boxes = svg_boxes(profile.export("svg").decode())
    wall = next(
        i
        for i, m in enumerate(json.loads(profile.export("json"))["metrics"])
        if m["name"] == "wall"
    )
    data = json.loads(profile.export("json"))
    assert min(start for start, _ in boxes.values()) == 0
    roots = [node for node in data["nodes"] if node["parent"] is None]
    widths: collections.Counter[str] = collections.Counter()
    for node in roots:
        function = data["functions"][node["function"]]
        widths[function["qualname"]] += node["inclusive"][wall] / data["total"][wall]
    for name, width in widths.items():
        assert any(
            title.split(" (")[0].split("\n")[0].endswith(name)
            and found == pytest.approx(width, abs=1e-6)
            for title, (_, found) in boxes.items()
        )


def test_svg_takes_hostile_names(hostile: pyrometer.Profile) -> None:
    text = hostile.export("svg").decode()
    assert svg_boxes(text)
    assert text.count("<script>") == 1


# collapsed


def test_collapsed_lines_add_up(profile: pyrometer.Profile) -> None:
    lines = profile.export("collapsed").decode().splitlines()
    stacks = {}
    for line in lines:
        stack, count = line.rsplit(" ", 1)
        assert stack not in stacks
        stacks[stack] = int(count)
    assert sum(stacks.values()) == total(profile, "wall")
    assert {stack.split(";")[0] for stack in stacks} >= {"MainThread", "worker: of baskets"}
    deepest = max(stacks, key=lambda stack: stack.count(".fib"))
    assert deepest.split(";")[-1] == NAME


# speedscope


def test_speedscope_frames_and_weights_fit(profile: pyrometer.Profile) -> None:
    document = json.loads(profile.export("speedscope"))
    frames = document["shared"]["frames"]
    names = {p["name"] for p in document["profiles"]}
    assert names >= {"MainThread", "worker; of\nbaskets"}
    weight = 0
    for thread in document["profiles"]:
        assert thread["type"] == "sampled"
        assert thread["unit"] == "nanoseconds"
        assert len(thread["samples"]) == len(thread["weights"])
        assert thread["endValue"] - thread["startValue"] == sum(thread["weights"])
        assert all(0 <= index < len(frames) for stack in thread["samples"] for index in stack)
        weight += sum(thread["weights"])
    assert weight == total(profile, "wall")
    (fib_frame,) = (frame for frame in frames if frame["name"].endswith(".fib"))
    assert fib_frame["file"] == fib.__code__.co_filename
    assert fib_frame["line"] == fib.__code__.co_firstlineno


@pytest.fixture(scope="session")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install speedscope's schema and a JSON schema validator; return their folder."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("npm is not installed; speedscope's schema comes from its package")
    folder = tmp_path_factory.mktemp("speedscope")
    (folder / "package.json").write_text('{"private": true}')
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "speedscope@1", "ajv@8"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip(f"npm could not install speedscope and ajv: {done.stderr.strip()[-200:]}")
    return folder


VALIDATE = """
const Ajv = require("ajv"), fs = require("fs");
const [schema, document] = process.argv.slice(-2).map(f => JSON.parse(fs.readFileSync(f, "utf8")));
const validate = new Ajv({strict: false, allErrors: true}).compile(schema);
if (!validate(document)) { console.log(JSON.stringify(validate.errors)); process.exit(1); }
"""


def test_speedscope_files_satisfy_its_schema(profile: pyrometer.Profile, validator: Path) -> None:
    (schema,) = validator.glob("node_modules/speedscope/dist/**/file-format-schema.json")
    (validator / "validate.js").write_text(VALIDATE)
    good, bad = validator / "good.json", validator / "bad.json"
    profile.save(good, "speedscope")
    broken = json.loads(good.read_bytes())
    broken["profiles"][0]["unit"] = "fortnights"
    bad.write_text(json.dumps(broken))
    for file, status in ((good, 0), (bad, 1)):
        done = subprocess.run(
            ["node", "validate.js", str(schema), str(file)],
            cwd=validator,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr


# chrome


def test_chrome_slices_nest_and_add_up(profile: pyrometer.Profile) -> None:
    document = json.loads(profile.export("chrome"))
    assert "aggregate" in document["otherData"]["layout"]
    threads = {
        (e["pid"], e["tid"]): e["args"]["name"]
        for e in document["traceEvents"]
        if e["ph"] == "M" and e["name"] == "thread_name"
    }
    assert any(name.startswith("worker; of\nbaskets (tid ") for name in threads.values())
    slices = collections.defaultdict(list)
    for event in document["traceEvents"]:
        if event["ph"] == "X":
            start, end = round(event["ts"] * 1000), round((event["ts"] + event["dur"]) * 1000)
            slices[event["pid"], event["tid"]].append((start, -end))
    assert set(slices) == set(threads)
    outermost = 0
    for items in slices.values():
        open_ends: list[int] = []
        for start, negative_end in sorted(items):
            while open_ends and open_ends[-1] <= start:
                open_ends.pop()
            assert not open_ends or -negative_end <= open_ends[-1]
            outermost += 0 if open_ends else -negative_end - start
            open_ends.append(-negative_end)
    assert outermost == total(profile, "wall")


# json


def test_json_has_the_tree_and_its_totals(profile: pyrometer.Profile) -> None:
    document = json.loads(profile.export("json"))
    names = [metric["name"] for metric in document["metrics"]]
    wall, calls = names.index("wall"), names.index("calls")
    assert document["meta"] == profile.meta
    assert document["total"][wall] == total(profile, "wall")
    inclusive = [list(node["self"]) for node in document["nodes"]]
    for index in reversed(range(len(inclusive))):
        parent = document["nodes"][index]["parent"]
        assert inclusive[index] == document["nodes"][index]["inclusive"]
        if parent is not None:
            assert parent < index
            inclusive[parent] = [a + b for a, b in zip(inclusive[parent], inclusive[index])]
    (found,) = (f for f in document["functions"] if f["qualname"] == "fib")
    expected = figures(profile, "fib")
    assert found["self"][calls] == 465
    assert found["primitive"][calls] == 1
    assert found["inclusive"][wall] == expected["wall_inclusive"]
    assert "worker; of\nbaskets" in [thread["name"] for thread in document["threads"]]


# hostile names

HOSTILE = [
    "x;y",
    "two\nlines",
    "\ud800 alone",
    "</script>",
    "(7) x",
    "%s%n",
    " ",
    "ü" * 500_000,
]


@pytest.fixture(scope="module")
def hostile() -> pyrometer.Profile:
    """Trace functions whose names are whatever a code object may hold."""
    functions = []
    for name in HOSTILE:

        def template() -> None:
            pass

        code = {"co_name": name, "co_filename": name}
        if hasattr(template.__code__, "co_qualname"):
            code["co_qualname"] = name
        template.__code__ = template.__code__.replace(**code)
        template.__qualname__ = template.__name__ = name
        functions.append(template)
    with pyrometer.trace() as trace:
        for function in functions:
            function()
    return trace.profile


def test_hostile_names_reach_pstats(hostile: pyrometer.Profile) -> None:
    names = {key[2] for key in marshal.loads(hostile.export("pstats"))}
    for name in HOSTILE:
        assert name in names


@pytest.mark.parametrize("format", ["json", "chrome", "speedscope"])
def test_hostile_names_reach_json(hostile: pyrometer.Profile, format: str) -> None:
    content = hostile.export(format)
    assert b"</script>" not in content
    found = json.dumps(json.loads(content))
    for name in HOSTILE:
        assert json.dumps(name)[1:-1] in found


def test_hostile_names_keep_lines_apart(hostile: pyrometer.Profile, here: Path) -> None:
    lines = hostile.export("collapsed").decode().splitlines()
    assert all(re.fullmatch(r".+ \d+", line) for line in lines)
    hostile.save(here / "out.callgrind")
    assert "x;y" in annotate(here / "out.callgrind")


@pytest.mark.parametrize("format", ["pstats", "callgrind", "speedscope", "pprof", "collapsed"])
def test_hostile_names_can_be_read_back(
    hostile: pyrometer.Profile, here: Path, format: str
) -> None:
    hostile.save(here / "out", format)
    assert len(pyrometer.load(here / "out", format).functions) > 1
