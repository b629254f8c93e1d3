# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Callbacks of a trace that do what they should not: counts stay exact, and nothing crashes."""

from __future__ import annotations

import _thread
import contextvars
import gc
import json
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any, Callable

import pytest
from contexts import contexts
from tracing import branch, calls, leaf, lost

from pyrometer import UsageError, _probe

OPTIONS = ["tag", "context", "context_name"]
KEPT_ALIVE = 400  # calls within one thread


class Raising:
    """Nothing of it can be asked without an exception."""

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        raise RuntimeError("no text")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("not comparable")


class Recursing:
    def __repr__(self) -> str:
        return repr(self)


class Text(str):
    """A str whose comparing and text are not what they seem."""

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("not comparable")

    def __hash__(self) -> int:
        raise RuntimeError("no hash")

    def __str__(self) -> str:
        raise RuntimeError("no text")


ODD: list[Any] = [
    None,
    "text",
    "",
    "long " * 1000,
    "\ud800",
    "nul\0in it",
    "n\u00e4m\u00e9" * 40,
    2**62,
    2**63,
    -(2**200),
    1.5,
    float("nan"),
    b"bytes",
    [1, {}],
    object(),
    Raising(),
    Recursing(),
    Text("odd"),
    type,
    threading.Lock(),
]


@pytest.fixture
def unraisable(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Collect what is reported as unraisable."""
    seen: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda args: seen.append(args.exc_value))
    return seen


def run(**options: Any) -> _probe.Tracer:
    """Trace a thousand calls in this thread and some in two others."""
    tracer = _probe.Tracer(calibrate=False, **options)
    with tracer:
        branch(1000)
        threads = [threading.Thread(target=branch, args=(n,)) for n in (10, 20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return tracer


def assert_exact(tracer: _probe.Tracer) -> None:
    profile = tracer.profile()
    counts = calls(profile)
    assert (counts["leaf"], counts["branch"]) == (1030, 3)
    json.loads(profile.export("json").decode("utf-8"))
    for name in ("summary", "tree", "threads"):
        assert profile.report(name)
    records = tracer.records()
    functions, pairs = tracer.context_totals()
    total: Counter[str] = Counter()
    for _, _, number, n, *_ in functions:
        record = records[number]
        assert record is not None
        total[record[1]] += n
    assert (total["leaf"], total["branch"]) == (1030, 3)
    assert pairs and tracer.contexts()


@pytest.mark.parametrize("builtins", [False, True])
@pytest.mark.parametrize("option", OPTIONS)
def test_a_callback_that_raises_is_told_once_and_given_up(
    option: str, builtins: bool, unraisable: list[Any]
) -> None:
    asked = []

    def callback() -> Any:
        asked.append(1)
        raise KeyError("mine")

    tracer = run(builtins=builtins, **{option: callback})
    assert [str(error) for error in unraisable] == ["'mine'"]
    assert len(asked) == 1
    assert tracer.profile().meta["lost_callbacks"] == 1
    assert_exact(tracer)
    tracer.clear()
    assert tracer.profile().meta["lost_callbacks"] == 0


@pytest.mark.parametrize("wrong", [KeyboardInterrupt, SystemExit, GeneratorExit, RecursionError])
def test_whatever_is_raised_stays_out_of_the_program(
    wrong: type[BaseException], unraisable: list[Any]
) -> None:
    def callback() -> int:
        raise wrong

    assert_exact(run(context=callback))
    assert [type(error) for error in unraisable] == [wrong]


@pytest.mark.parametrize("value", ODD, ids=lambda value: type(value).__name__)
def test_any_value_is_a_tag(value: Any, unraisable: list[Any]) -> None:
    variable: contextvars.ContextVar[Any] = contextvars.ContextVar("variable")
    variable.set(value)
    for tag in (variable, lambda: value):
        tracer = run(tag=tag)
        assert_exact(tracer)
        assert lost(tracer.profile()) == {}
        tagged = [row for row in tracer.context_totals()[0] if row[1] is value]
        assert sum(row[3] for row in tagged) > 1000
    assert unraisable == []


@pytest.mark.parametrize("option", OPTIONS[1:])
@pytest.mark.parametrize("value", ODD, ids=lambda value: type(value).__name__)
def test_only_ids_and_names_are_taken(option: str, value: Any, unraisable: list[Any]) -> None:
    fits = (
        type(value) is int and -(2**63) <= value < 2**63
        if option == "context"
        else value is None or isinstance(value, str)
    )
    tracer = run(**{option: lambda: value})
    assert_exact(tracer)
    assert [type(error) for error in unraisable] == ([] if fits else [TypeError])
    assert tracer.profile().meta["lost_callbacks"] == (not fits)


def test_the_variable_need_not_be_set() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("unset")
    tracer = run(tag=variable)
    assert_exact(tracer)
    assert {context.tag for context in contexts(tracer.profile())} == {""}
    with_default: contextvars.ContextVar[str] = contextvars.ContextVar("set", default="usual")
    tracer = run(tag=with_default)
    assert "usual" in {context.tag for context in contexts(tracer.profile())}


def test_tags_whose_texts_are_alike_are_told_apart() -> None:
    values = ["1.5", 1.5, "True", True, 1, "1", b"x", "b'x'", (1,), [1]]
    current = iter(values)
    now: list[Any] = [None]
    tracer = _probe.Tracer(tag=lambda: now[0], builtins=False, calibrate=False)
    with tracer:
        for value in current:
            now[0] = value
            leaf()
            now[0] = None
    assert tag_counts(tracer) == [(value, 1) for value in values]


def tag_counts(tracer: _probe.Tracer) -> list[tuple[Any, int]]:
    records = tracer.records()
    return [
        (tag, n)
        for _, tag, number, n, *_ in tracer.context_totals()[0]
        if (records[number] or ("", ""))[1] == "leaf"
    ]


def test_tags_beyond_the_limit_are_counted_together_and_never_mistaken() -> None:
    reference: Counter[str] = Counter()
    now = [""]
    # Every asking makes a str of its own, at an address that others had before.
    tracer = _probe.Tracer(
        tag=lambda: now[0] + "!", context_limit=2, builtins=False, calibrate=False
    )
    with tracer:
        for i in range(3000):
            now[0] = "ab"[i % 2] if i < 2 or i % 7 == 0 else f"other {i % 50}"
            leaf()
            known = now[0] in "ab"
            reference[now[0] + "!" if known else "(other tags)"] += 1
    assert Counter(dict(tag_counts(tracer))) == reference
    profile = tracer.profile()
    assert profile.meta["lost_contexts"] > 0
    by_tag: Counter[str] = Counter()
    for context in contexts(profile):
        by_tag[context.tag] += context.calls["leaf"]
    assert +by_tag == reference


def test_contexts_beyond_the_limit_share_one() -> None:
    number = [0]

    def context() -> int:
        number[0] += 1
        return number[0]

    tracer = run(context=context, context_limit=5, builtins=False)
    assert calls(tracer.profile())["leaf"] == 1030
    kinds = Counter(kind for kind, *_ in tracer.contexts())
    assert kinds["context"] == 6  # and the one that stands for the others
    assert tracer.profile().meta["lost_contexts"] > 1000


MEDDLING: list[Callable[[_probe.Tracer], Any]] = [
    lambda tracer: tracer.stop(),
    lambda tracer: tracer.clear(),
    lambda tracer: tracer.start(),
    lambda tracer: _probe.Tracer(calibrate=False).start(),
    lambda tracer: tracer.__init__(calibrate=False),  # type: ignore[misc]
    lambda tracer: tracer.profile().export("json"),
    _probe.Tracer.contexts,
    _probe.Tracer.context_totals,
    lambda tracer: tracer.set_tag(None),
    lambda tracer: tracer.set_context(None),
    lambda tracer: tracer.set_context_name(None),
    lambda tracer: gc.collect(),
    lambda tracer: branch(3),
]
LOOKING = (_probe.Tracer.contexts, _probe.Tracer.context_totals)


@pytest.mark.parametrize("meddling", range(len(MEDDLING)))
@pytest.mark.parametrize("option", OPTIONS)
def test_a_callback_may_try_anything_with_the_trace(option: str, meddling: int) -> None:
    refused = []

    def callback() -> Any:
        try:
            MEDDLING[meddling](tracer)
        except RuntimeError as error:
            refused.append(error)
        except ValueError as error:
            refused.append(error)
        return None if option == "context_name" else 3

    tracer = _probe.Tracer(calibrate=False, builtins=False, **{option: callback})
    with tracer:
        branch(50)
    counts = calls(tracer.profile())
    assert (counts["leaf"], counts["branch"]) == (50, 1)
    if MEDDLING[meddling] not in LOOKING:  # which may not be done while it starts
        assert bool(refused) == (meddling < 5)


@pytest.mark.parametrize("option", OPTIONS)
def test_a_callback_may_drop_the_trace(option: str) -> None:
    def callback() -> Any:
        holder.clear()
        return None if option == "context_name" else 3

    holder = [_probe.Tracer(calibrate=False, builtins=False, **{option: callback})]
    holder[0].start()
    branch(50)
    assert not holder
    kept: Any = sys.getprofile()  # before 3.12, where calls of builtins are looked at
    if kept is not None:
        kept.stop()
    assert_exact(run())


def test_the_text_of_a_tag_may_drop_the_trace() -> None:
    class Dropping:
        def __repr__(self) -> str:
            holder.clear()
            return "dropping"

    variable: contextvars.ContextVar[Any] = contextvars.ContextVar("variable")
    variable.set(Dropping())
    holder = [_probe.Tracer(calibrate=False, builtins=False, tag=variable)]
    holder[0].start()
    branch(50)
    assert not holder
    assert_exact(run())


class Rendezvous:
    """A callback that lets others run in the middle of its first call in another thread."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self.inside = threading.Event()
        self.go_on = threading.Event()
        self.main = threading.get_ident()

    def __call__(self) -> Any:
        if threading.get_ident() != self.main and not self.inside.is_set():
            self.inside.set()
            assert self.go_on.wait(60)
        return self.value


def stop(tracer: _probe.Tracer) -> None:
    tracer.stop()


def stop_and_start(tracer: _probe.Tracer) -> None:
    tracer.stop()
    tracer.start()


def clear(tracer: _probe.Tracer) -> None:
    for _ in range(3):
        tracer.clear()


def clear_stopped(tracer: _probe.Tracer) -> None:
    tracer.stop()
    tracer.clear()


def drop_callbacks(tracer: _probe.Tracer) -> None:
    tracer.set_tag(None)
    tracer.set_context(None)
    tracer.set_context_name(None)


def look(tracer: _probe.Tracer) -> None:
    tracer.contexts(), tracer.context_totals(), tracer.profile().export("json")


MEANWHILE = [stop, stop_and_start, clear, clear_stopped, drop_callbacks, look]


@pytest.mark.parametrize("met", [False, True])
@pytest.mark.parametrize("meanwhile", MEANWHILE, ids=lambda f: f.__name__)
@pytest.mark.parametrize("option", OPTIONS)
def test_others_may_change_the_trace_while_a_callback_sleeps(
    option: str, meanwhile: Callable[[_probe.Tracer], None], met: bool
) -> None:
    callback = Rendezvous("seven" if option == "context_name" else 7)
    resumed, done, ended = threading.Event(), threading.Event(), threading.Event()
    tracer = _probe.Tracer(calibrate=False, builtins=False, clock="both", timeline=1000)

    def body() -> None:
        if met:
            leaf()
        resumed.set()
        branch(KEPT_ALIVE)
        done.set()
        ended.wait(60)

    setter = getattr(tracer, f"set_{option}")
    with tracer:
        if not met:
            setter(callback)
        _thread.start_new_thread(body, ())  # which may not even begin: nobody waits for it
        if met:
            resumed.wait(60)
            setter(callback)
        if callback.inside.wait(60 if not met else 0.2):
            meanwhile(tracer)
        callback.go_on.set()
        branch(10)
        assert done.wait(60)
    ended.set()
    profile = tracer.profile()
    json.loads(profile.export("json"))
    tracer.contexts(), tracer.context_totals()
    if meanwhile in (drop_callbacks, look):
        assert calls(profile)["leaf"] == 10 + KEPT_ALIVE + met
    assert_exact(run())


def test_finalizers_may_not_change_what_is_looked_at() -> None:
    refused = []
    busy = [True]

    def meddle(phase: str, info: Any) -> None:
        if busy[0]:
            return
        busy[0] = True
        for change in (tracer.clear, tracer.__init__):  # type: ignore[misc]
            try:
                change()
            except (RuntimeError, ValueError) as error:
                refused.append(error)
        thread = threading.Thread(target=branch, args=(3,))
        thread.start()
        thread.join()
        busy[0] = False

    threshold = gc.get_threshold()
    tracer = _probe.Tracer(calibrate=False)
    gc.callbacks.append(meddle)
    gc.set_threshold(1, 1, 1)
    try:
        with tracer:
            for _ in range(40):
                thread = threading.Thread(target=branch, args=(20,))
                thread.start()
                thread.join()
                busy[0] = False
                tracer.contexts(), tracer.context_totals(), tracer.records()
                tracer.profile(), tracer.edges(), tracer.totals()
                busy[0] = True
    finally:
        gc.set_threshold(*threshold)
        gc.callbacks.remove(meddle)
    assert tracer.contexts() and tracer.context_totals() and tracer.profile().functions


def test_callbacks_may_be_changed_while_calls_go_on() -> None:
    tracer = _probe.Tracer(calibrate=False, builtins=False)
    stopping = threading.Event()
    counts = [0, 0]

    def body(place: int) -> None:
        while not stopping.is_set():
            branch(10)
            counts[place] += 10

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with tracer:
            threads = [threading.Thread(target=body, args=(i,)) for i in range(2)]
            for thread in threads:
                thread.start()
            for i in range(300):
                tracer.set_tag([None, lambda: "x", contextvars.ContextVar("v", default=i)][i % 3])
                tracer.set_context([None, threading.get_ident, lambda: 1][i % 3])
                tracer.set_context_name([None, lambda: "y", lambda: None][i % 3])
            stopping.set()
            for thread in threads:
                thread.join()
    finally:
        sys.setswitchinterval(usual)
    assert calls(tracer.profile())["leaf"] == sum(counts)


def test_without_its_callback_a_thread_is_itself_again() -> None:
    tracer = _probe.Tracer(calibrate=False, builtins=False, context=lambda: 5)
    with tracer:
        branch(10)
        tracer.set_context(None)
        branch(20)
    by_kind = {c.kind: c.calls["leaf"] for c in contexts(tracer.profile()) if c.calls["leaf"]}
    assert by_kind == {"context": 10, "thread": 20}


def test_a_name_may_come_with_an_exception_in_flight() -> None:
    asked = [0]
    patience = [0]

    def name() -> Any:
        asked[0] += 1
        return None if asked[0] < patience[0] else "named"

    def fail() -> None:
        raise ValueError("mine")

    def generate() -> Iterator[int]:
        yield 1

    for often in range(1, 12):
        asked[0], patience[0] = 0, often
        with _probe.Tracer(calibrate=False, context=lambda: 5, context_name=name) as tracer:
            for _ in range(5):
                with pytest.raises(ValueError, match="mine"):
                    fail()
                with pytest.raises(ValueError, match="invalid literal"):
                    int("x")
                generator = generate()
                next(generator)
                with pytest.raises(KeyError):
                    generator.throw(KeyError("thrown"))
        counts = calls(tracer.profile())
        assert [n for name, n in counts.items() if name.endswith("fail")] == [5]


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"clock": "cycles"}, UsageError, "clock"),
        ({"clock": None}, TypeError, "str"),
        ({"threads": "some"}, UsageError, "threads"),
        ({"tag": 3}, TypeError, "tag"),
        ({"context": "x"}, TypeError, "context"),
        ({"context": contextvars.ContextVar("c")}, TypeError, "context"),
        ({"context_name": 1.5}, TypeError, "context_name"),
        ({"context_limit": -1}, UsageError, "context_limit"),
        ({"context_limit": 10**9}, UsageError, "context_limit"),
        ({"context_limit": 2**70}, OverflowError, "int"),
        ({"context_limit": "x"}, TypeError, "int"),
        ({"timeline": -1}, UsageError, "timeline"),
        ({"timeline": 2**40}, UsageError, "timeline"),
        ({"timeline": 0.5}, TypeError, "int"),
        ({"timer": int, "clock": "cpu"}, UsageError, "timer"),
        ({"timer": int, "timeline": 10}, UsageError, "timer"),
    ],
)
def test_wrong_options_are_refused_in_words(options: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        _probe.Tracer(**options)


@pytest.mark.parametrize("name", ["set_tag", "set_context", "set_context_name"])
def test_only_what_can_be_called_becomes_a_callback(name: str) -> None:
    tracer = _probe.Tracer(calibrate=False)
    with pytest.raises(TypeError, match="callable"):
        getattr(tracer, name)(3)
    with tracer, pytest.raises(TypeError, match="callable"):
        getattr(tracer, name)([])


def test_the_clock_of_a_trace_that_runs_stays_what_it_is() -> None:
    with _probe.Tracer(calibrate=False, clock="both") as tracer:
        with pytest.raises(UsageError, match="running"):
            tracer.__init__(clock="wall")  # type: ignore[misc]
        branch(5)
    assert [m["name"] for m in json.loads(tracer.profile().export("json"))["metrics"]][2:] == [
        "wall",
        "cpu",
    ]
