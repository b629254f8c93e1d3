# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Random concurrent programs, made as trees of calls, so that what they do is known beforehand.

A node of the tree is one call: of a function, a generator, a coroutine that is awaited, or one that
becomes a task, or a function that a thread begins with. Each calls its children in turn; a node may
set a tag around that. Siblings that are threads or tasks run at the same time.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Callable

from hypothesis import strategies as st

TAG: ContextVar[Any] = ContextVar("TAG")
TAGS = ["red", "green", 7, (1, 2)]
FUNCTIONS = 3

Key = tuple[str, str, str]  # context, tag, function


@dataclass
class Node:
    """One call, and what it calls."""

    kind: str  # call, generator, thread, loop; below a loop also await and task
    number: int
    tag: Any = None
    children: list[Node] = field(default_factory=list)
    name: str = ""  # of the context that begins with it


def current_tag() -> Any:
    """Return the tag as a callback gives it."""
    return TAG.get(None)


def with_tag(node: Node, body: Callable[[Node], None]) -> None:
    if node.tag is None:
        body(node)
        return
    token = TAG.set(node.tag)
    try:
        body(node)
    finally:
        TAG.reset(token)


def begin(node: Node) -> threading.Thread | None:
    """Do what a synchronous child stands for; return its thread if it is one."""
    if node.kind == "thread":
        thread = threading.Thread(target=FUNCTION[node.number], args=(node,), name=node.name)
        thread.start()
        return thread
    if node.kind == "generator":
        for _ in GENERATOR[node.number](node):
            pass
    elif node.kind == "loop":
        run_loop(node)
    else:
        FUNCTION[node.number](node)
    return None


def call_children(node: Node) -> None:
    threads = [begin(child) for child in node.children]
    for thread in threads:
        if thread is not None:
            thread.join()


def run_loop(node: Node) -> None:
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(loop.create_task(COROUTINE[node.number](node), name=node.name))
    finally:
        loop.close()


async def await_children(node: Node) -> None:
    loop = asyncio.get_running_loop()
    tasks = []
    for child in node.children:
        if child.kind == "task":
            tasks.append(loop.create_task(COROUTINE[child.number](child), name=child.name))
        elif child.kind == "await":
            await COROUTINE[child.number](child)
        else:
            begin_joined(child)
        await asyncio.sleep(0)
    for task in tasks:
        await task


def begin_joined(node: Node) -> None:
    thread = begin(node)
    if thread is not None:
        thread.join()


def f0(node: Node) -> None:
    with_tag(node, call_children)


def f1(node: Node) -> None:
    with_tag(node, call_children)


def f2(node: Node) -> None:
    with_tag(node, call_children)


def g0(node: Node) -> Iterator[int]:
    for child in node.children:
        yield 0
        begin_joined(child)


def g1(node: Node) -> Iterator[int]:
    for child in node.children:
        begin_joined(child)
        yield 1


def g2(node: Node) -> Iterator[int]:
    yield from g0(node)


async def c0(node: Node) -> None:
    await tagged(node)


async def c1(node: Node) -> None:
    await asyncio.sleep(0)
    await tagged(node)


async def c2(node: Node) -> None:
    await tagged(node)
    await asyncio.sleep(0)


async def tagged(node: Node) -> None:
    token = TAG.set(node.tag) if node.tag is not None else None
    try:
        await await_children(node)
    finally:
        if token is not None:
            TAG.reset(token)


FUNCTION = [f0, f1, f2]
GENERATOR = [g0, g1, g2]
COROUTINE = [c0, c1, c2]
COUNTED = {f.__name__ for f in (*FUNCTION, *GENERATOR, *COROUTINE)}


def shown(tag: Any) -> str:
    """Return a tag as a profile has it."""
    return "" if tag is None else str(tag)


def expected(node: Node, context: str = "MainThread", tag: Any = None) -> Counter[Key]:
    """Return the calls that running the tree makes: the reference."""
    names = {"generator": "g", "await": "c", "task": "c", "loop": "c"}
    if node.kind == "thread":
        context, tag = node.name, None  # a thread begins without values
    elif node.kind in ("task", "loop"):
        context = node.name  # a task with those of its maker
    counts = Counter({(context, shown(tag), f"{names.get(node.kind, 'f')}{node.number}"): 1})
    if node.kind == "generator" and node.number == 2:
        counts[context, shown(tag), "g0"] += 1
    if node.kind != "generator" and node.tag is not None:
        tag = node.tag
    for child in node.children:
        counts += expected(child, context, tag)
    return counts


def name_contexts(node: Node, number: Iterator[int]) -> None:
    if node.kind in ("thread", "task", "loop"):
        node.name = f"{node.kind} number {next(number)}"
    for child in node.children:
        name_contexts(child, number)


def named(node: Node) -> Node:
    """Give each thread and task a name of its own."""
    name_contexts(node, iter(range(10_000)))
    return node


def _nodes(kinds: list[str], children: Any) -> Any:
    return st.builds(
        Node,
        kind=st.sampled_from(kinds),
        number=st.integers(0, FUNCTIONS - 1),
        tag=st.one_of(st.none(), st.sampled_from(TAGS)),
        children=st.lists(children, max_size=4) if children is not None else st.builds(list),
    )


def programs() -> st.SearchStrategy[Node]:
    """Make whole programs; the outermost node is a call."""
    plain = st.recursive(
        _nodes(["call"], None),
        lambda below: _nodes(["call", "generator", "thread"], below),
        max_leaves=8,
    )
    asynchronous = st.recursive(
        plain,
        lambda below: st.one_of(plain, _nodes(["await", "task"], below)),
        max_leaves=12,
    )
    loops = _nodes(["loop"], asynchronous)
    return st.builds(
        Node,
        kind=st.just("call"),
        number=st.integers(0, FUNCTIONS - 1),
        tag=st.one_of(st.none(), st.sampled_from(TAGS)),
        children=st.lists(st.one_of(plain, loops, loops), min_size=1, max_size=5),
    ).map(named)
