# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Bad input gives one clear line that names cause and cure, and the right exit status."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from shell import Shell

USAGE = {
    # the words: what the line must say
    "": "which command?",
    "tarce x.py": "no command 'tarce'; did you mean 'trace'?",
    "frobnicate": "no command 'frobnicate'; 'pyrometer help' lists them",
    "shop.pyro": "'pyrometer report shop.pyro' shows a profile",
    "--verson": "no option '--verson' before the command",
    "help tracee": "did you mean 'trace'?",
    "report": "which profile?",
    "report shop.pyro shop.pyro": "one profile at a time",
    "report --falt shop.pyro": "no option '--falt'; did you mean '--flat'?",
    "report --frobnicate shop.pyro": "no option '--frobnicate'; --help lists them",
    "report -Z shop.pyro": "no option '-Z'",
    "report --flat=3 shop.pyro": "--flat takes no value",
    "report shop.pyro --sort": "--sort needs a value: --sort COLUMN",
    "report shop.pyro -s": "-s needs a value",
    "report shop.pyro --sort colour": "no column 'colour' to sort by",
    "report shop.pyro --report pie": "no report 'pie'; choose one of summary, flat",
    "report shop.pyro --format gif": "gif",
    "report shop.pyro --limit many": "--limit takes a whole number from 0 up, not 'many'",
    "report shop.pyro --limit -1": "--limit takes a whole number",
    "report shop.pyro --limit 99999999999": "--limit takes a whole number",
    "report shop.pyro --min-share 101": "--min-share takes a percentage",
    "report shop.pyro --min-share nan": "--min-share takes a percentage",
    "report shop.pyro --match (": "not an extended regular expression",
    "report shop.pyro --thread Nobody": "no thread 'Nobody'",
    "report shop.pyro --by process": "--by takes thread, task, coroutine, greenlet, context or tag",
    "report shop.pyro --callers --by task": "--by splits the reports summary, flat and tree, not",
    "report shop.pyro --task fetch": "no task 'fetch': this profile tells no tasks apart",
    "report concurrent.pyro --task main": "no task 'main' in this profile; --report tasks lists",
    "report concurrent.pyro --tag carol": "no tag 'carol' in this profile; --report tags lists",
    "report shop.pyro --sort waiting": "measured by trace --clock both",
    "report shop.pyro --min-duration 5 -f chrome": "--min-duration takes a time with its unit",
    "report shop.pyro --min-duration 5us": "--min-duration is for writing a timeline: with",
    "report shop.pyro --max-depth 3 -f json": "--max-depth is for writing a timeline: with",
    "report shop.pyro --max-depth 0": "--max-depth takes a whole number from 1 up",
    "report shop.pyro --callers=checkout": "matches 'checkout'",
    "report shop.pyro --color sometimes": "--color takes auto, always or never",
    "report shop.collapsed --compensate": "--compensate",
    "diff shop.pyro": "name two profiles",
    "diff shop.pyro shop.pyro shop.pyro": "name just two profiles",
    "diff shop.pyro shop.collapsed": "can't be compared",
    "completion": "which shell?",
    "completion fish": "which shell?",
    "trace": "what shall be traced?",
    "trace nowhere.py": "no script nowhere.py: No such file or directory",
    "trace folder": "folder is a directory without a __main__.py; name a script",
    "trace --sort colour ok.py": "no column 'colour' to sort by",
    "trace -q --match ( ok.py": "not an extended regular expression",
    "trace --callers=( ok.py": "not an extended regular expression",
    "trace --report pie ok.py": "no report 'pie'; choose one of summary, flat",
    "trace --thread= ok.py": "--thread takes a thread's name, id or number",
    "trace --callers fetch ok.py": "if it is a function, write --callers=fetch",
    "trace -o x.csv ok.py": "x.csv: no format has the extension .csv: choose one of .pyro, .pstats",
    "report shop.pyro --callers fetch": "if fetch is a function, write --callers=fetch",
    "report --callees fetch shop.pyro": "if fetch is a function, write --callees=fetch",
    "report shop.pyro -o x.csv": "x.csv: no format has the extension .csv",
    "trace -m": "-m needs a value",
    "trace -c": "-c needs a value",
    "trace --sort": "--sort needs a value",
    "trace --threads some ok.py": "--threads takes all or main, not 'some'",
    "trace --clock sun ok.py": "--clock takes wall, cpu or both, not 'sun'",
    "trace --tag user ok.py": "--tag takes MODULE:NAME, a contextvars.ContextVar of a module",
    "trace --context-limit 0 ok.py": "--context-limit takes a whole number from 1 up",
    "trace --timeline=0 ok.py": "--timeline takes a whole number from 1 up",
    "trace --no-tasks --by task ok.py": "a report by tasks can't be had with --no-tasks",
    "trace --by tag ok.py": "a report by tags needs a variable to take them from: --tag",
    "trace --sort waiting ok.py": "measured by trace --clock both",
    "trace --max-depth 3 ok.py": "--max-depth is for writing a timeline: with --format chrome",
    "trace --node-limit 0 ok.py": "--node-limit takes a whole number from 1 up",
    "trace --include= ok.py": "--include needs a module's name",
    "trace --format gif ok.py": "gif",
    "trace --pyhton x ok.py": "did you mean '--python'?",
    "trace --python ./nothing ok.py": "--python ./nothing: no such file",
    "trace --python ./ok.py ok.py": "not a program that can be run",
    "trace --python no-such-python ok.py": "no no-such-python on PATH",
    "trace -o folder ok.py": "folder is a directory; name a file",
}


@pytest.mark.parametrize("line", USAGE)
def test_a_wrong_command_line_gives_one_line_and_status_2(pyrometer: Shell, line: str) -> None:
    (pyrometer.folder / "folder").mkdir()
    pyrometer.write("ok.py", "raise SystemExit('this must not run')")
    result = pyrometer(*line.split(" ")) if line else pyrometer()
    assert result.err.startswith("pyrometer: ")
    assert USAGE[line] in result.err
    assert result.err.count("\n") == 1
    assert result.out == ""
    assert result.status == 2
    assert not (pyrometer.folder / "ok.pyro").exists()


FILES = {
    "nowhere.pyro": "nowhere.pyro",
    "empty.pyro": "empty.pyro",
    "garbage.pyro": "garbage.pyro",
    "half.pyro": "half.pyro",
    "folder": "folder",
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("command", ["report", "diff"])
def test_a_bad_profile_gives_one_line_with_its_name(
    pyrometer: Shell, name: str, command: str
) -> None:
    folder = pyrometer.folder
    (folder / "folder").mkdir()
    (folder / "empty.pyro").write_bytes(b"")
    (folder / "garbage.pyro").write_bytes(bytes(range(256)) * 4)
    (folder / "half.pyro").write_bytes((folder / "shop.pyro").read_bytes()[:20])
    words = [command, name] if command == "report" else [command, "shop.pyro", name]
    result = pyrometer(*words)
    assert result.err.startswith("pyrometer: ")
    assert name in result.err
    assert result.err.count("\n") == 1
    assert result.status in (1, 2)


def test_a_missing_profile_names_the_cure(pyrometer: Shell) -> None:
    result = pyrometer("report", "nowhere.pyro")
    assert result.err == (
        "pyrometer: no profile nowhere.pyro; 'pyrometer trace SCRIPT' writes SCRIPT.pyro\n"
    )


def test_json_is_said_to_be_for_writing_only(pyrometer: Shell) -> None:
    assert pyrometer("report", "shop.pyro", "-o", "shop.json").status == 0
    result = pyrometer("report", "shop.json")
    assert result.err == "pyrometer: shop.json: json can be written, not read\n"
    assert result.status == 1


def test_a_file_with_any_byte_wrong_never_crashes_the_report(pyrometer: Shell) -> None:
    good = (pyrometer.folder / "shop.pyro").read_bytes()
    for at in range(0, len(good), 7):
        bad = bytearray(good)
        bad[at] ^= 0x41
        (pyrometer.folder / "bad.pyro").write_bytes(bad)
        assert pyrometer("report", "bad.pyro").status in (0, 1, 2), at


def test_a_file_cut_anywhere_never_crashes_the_report(pyrometer: Shell) -> None:
    good = (pyrometer.folder / "shop.pyro").read_bytes()
    for size in range(0, len(good), 13):
        (pyrometer.folder / "cut.pyro").write_bytes(good[:size])
        assert pyrometer("report", "cut.pyro").status in (0, 1, 2), size


def test_a_pstats_file_that_is_none_is_refused(pyrometer: Shell) -> None:
    (pyrometer.folder / "x.pstats").write_bytes(b"cposix\nsystem\n(S'touch owned'\ntR.")
    assert pyrometer("report", "x.pstats").status in (1, 2)
    assert not (pyrometer.folder / "owned").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_not_ours_to_write(pyrometer: Shell) -> None:
    (pyrometer.folder / "locked").mkdir(mode=0o500)
    pyrometer.write("ok.py", "")
    result = pyrometer("trace", "-o", "locked/x.pyro", "ok.py")
    assert "can't write the profile to locked/x.pyro" in result.err
    assert result.status == 1


def test_a_folder_that_is_not_there(pyrometer: Shell) -> None:
    pyrometer.write("ok.py", "raise SystemExit('this must not run')")
    result = pyrometer("trace", "-o", "nowhere/x.pyro", "ok.py")
    assert "can't write the profile to nowhere/x.pyro (-o FILE chooses another place)" in result.err
    assert result.err.count("\n") == 1
    assert result.status == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_is_told(pyrometer: Shell) -> None:
    for words in (
        ["report", "shop.pyro", "-f", "json", "-o"],
        ["diff", "shop.pyro", "shop.pyro", "-o"],
    ):
        words = [word.replace("json", "collapsed") for word in words]
        result = pyrometer(*words, "/dev/full")
        assert "No space left on device" in result.err
        assert result.err.count("\n") == 1
        assert result.status == 1


def test_a_name_full_of_escape_codes_is_harmless_in_messages(pyrometer: Shell) -> None:
    result = pyrometer("report", "x\x1b[2J\n.pyro")
    assert "\x1b" not in result.err
    assert result.err.count("\n") == 1
    assert result.status == 1
