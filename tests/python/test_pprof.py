# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""pprof's files: as protobuf reads them, and as Go's own tool shows them."""

from __future__ import annotations

import collections
import gzip
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from exchange import TIMEOUT_S, fib, figures, total, traced
from pprof_schema import profile_class

import pyrometer


@pytest.fixture
def profile() -> pyrometer.Profile:
    return traced()


def parse(data: bytes) -> Any:
    pytest.importorskip("google.protobuf", reason="protobuf is not installed")
    message = profile_class()()
    message.ParseFromString(gzip.decompress(data))
    known = message.ByteSize()
    message.DiscardUnknownFields()
    assert message.ByteSize() == known
    return message


def test_protobuf_reads_types_samples_and_labels(profile: pyrometer.Profile) -> None:
    message = parse(profile.export("pprof"))
    text = message.string_table
    assert text[0] == ""
    types = [(text[t.type], text[t.unit]) for t in message.sample_type]
    assert ("wall", "nanoseconds") in types
    assert ("calls", "count") in types
    assert text[message.default_sample_type] == "wall"
    assert (text[message.period_type.type], message.period) == ("calls", 1)
    for index, (name, _) in enumerate(types):
        assert sum(sample.value[index] for sample in message.sample) == total(profile, name)
    threads = {
        text[label.str]
        for sample in message.sample
        for label in sample.label
        if text[label.key] == "thread"
    }
    assert threads >= {"MainThread", "worker; of\nbaskets"}
    assert message.time_nanos == profile.meta["start_ns"]


def test_protobuf_reads_stacks_with_the_running_function_first(profile: pyrometer.Profile) -> None:
    message = parse(profile.export("pprof"))
    text = message.string_table
    functions = {f.id: f for f in message.function}
    assert 0 not in functions
    names = {}
    for location in message.location:
        (line,) = location.line
        names[location.id] = text[functions[line.function_id].name]
    assert len(names) == len(message.location)
    calls = [text[t.type] for t in message.sample_type].index("calls")
    of_leaf: dict[str, int] = collections.Counter()
    for sample in message.sample:
        assert len(sample.value) == len(message.sample_type)
        of_leaf[names[sample.location_id[0]]] += sample.value[calls]
    assert of_leaf["exchange.fib"] == 465
    (found,) = (f for f in message.function if text[f.system_name] == "fib")
    assert text[found.filename] == fib.__code__.co_filename
    assert found.start_line == fib.__code__.co_firstlineno


def top(path: Path, *options: str) -> str:
    go = shutil.which("go")
    if go is None:
        pytest.skip("go is not installed; `go tool pprof` comes with it")
    done = subprocess.run(
        [go, "tool", "pprof", "-top", "-nodecount=1000", "-nodefraction=0", *options, str(path)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if "no such tool" in done.stderr:
        pytest.skip("this go has no pprof")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_gos_tool_shows_the_same_figures(profile: pyrometer.Profile, here: Path) -> None:
    profile.save(here / "out.pb.gz")
    text = top(here / "out.pb.gz", "-unit=ns")
    assert "Type: wall" in text
    line = re.search(r"^ *(\d+)ns .* (\d+)ns +\S+ +\S+\.fib$", text, re.MULTILINE)
    assert line is not None
    expected = figures(profile, "fib")
    assert [int(line[1]), int(line[2])] == [expected["wall"], expected["wall_inclusive"]]
    text = top(here / "out.pb.gz", "-sample_index=calls")
    assert re.search(r"^ *465 .*\.fib$", text, re.MULTILINE)


def test_files_of_other_programs_are_read(profile: pyrometer.Profile, here: Path) -> None:
    """Made by protobuf and compressed by zlib: other bytes than ours for the same content."""
    message = parse(profile.export("pprof"))
    for compress, name in ((True, "packed"), (False, "plain")):
        data = message.SerializeToString()
        (here / name).write_bytes(gzip.compress(data) if compress else data)
        back = pyrometer.load(here / name)
        assert total(back, "wall") == total(profile, "wall")
        for metric in ("calls", "calls_primitive", "wall_inclusive"):
            assert figures(back, "fib")[metric] == figures(profile, "fib")[metric]
