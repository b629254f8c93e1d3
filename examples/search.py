# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""Search the standard library's own sources: an inverted index, ranked by BM25.

    python examples/search.py                      # a few questions of its own
    python examples/search.py parse command line   # yours
    python examples/search.py --files 300 --top 3 binary heap

Every function and class of the library becomes a document: its name, its docstring and the
names it uses. Words are split at capitals and underscores and stripped of common endings, so
that "parse_args", "parser" and "parsing" meet. No network, nothing written to disk, and the same
answers each time.

One thing in here costs far more than it should. Trace it, and see:

    pyrometer trace examples/search.py
"""

from __future__ import annotations

import argparse
import ast
import math
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

K1 = 1.4  # how fast a word that is repeated stops adding weight
B = 0.7  # how much long documents are held back
QUESTIONS = (
    "parse command line arguments",
    "binary search in a sorted list",
    "encode a url query string",
    "walk a directory tree",
    "compile a regular expression",
    "send mail over smtp with a password",
)
STOP_WORDS = frozenset(
    ["a", "an", "and", "by", "for", "from", "in", "into", "is", "it", "of", "on", "the", "to"]
)
WORD = re.compile(r"[A-Za-z]+")
HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
ENDINGS = ("ations", "ation", "ings", "ing", "ers", "er", "ies", "ied", "es", "ed", "ly", "s", "e")
NAMES = re.compile(r"\b[A-Za-z_][A-Za-z_0-9]{2,}\b")


class Document(NamedTuple):
    """A function or class: where it is, and the text that it is found by."""

    place: str
    name: str
    title: str
    text: str


class Hit(NamedTuple):
    """A document that was found, and how well it fits."""

    score: float
    document: Document


def stem(word: str) -> str:
    """Strip a common ending, and the doubled letter before it."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
                word = word[:-1]
            break
    return word


def tokenize(text: str) -> Iterator[str]:
    """Split into lower-case stems: "HTTPServer.parse_args" gives http, serv, pars, arg."""
    for match in WORD.finditer(text):
        for hump in HUMP.findall(match.group()):
            word = hump.lower()
            if len(word) > 1 and word not in STOP_WORDS:
                yield stem(word)


def library_files(limit: int) -> list[str]:
    """Return the library's modules, packages' own included, tests left out."""
    root = os.path.dirname(os.__file__)
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(
            name
            for name in folders
            if name not in ("test", "tests", "idlelib", "lib2to3", "site-packages")
            and not name.startswith(("_", "config-", "dist-"))
        )
        found += [os.path.join(folder, name) for name in sorted(files) if name.endswith(".py")]
    # Spread over the whole library, so that a small limit still knows a bit of everything.
    step = max(1, len(found) // limit)
    return found[::step][:limit]


def read_source(path: str) -> str:
    """Read a module; one in a strange encoding is read as well as can be."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def documents_of(path: str) -> Iterator[Document]:
    """Yield the functions and classes that a module defines at its top and in its classes."""
    source = read_source(path)
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return  # some files of the library are broken on purpose
    lines = source.splitlines()
    root = os.path.dirname(os.__file__)
    module = os.path.relpath(path, root)[:-3].replace(os.sep, ".")
    stack = [("", node) for node in reversed(tree.body)]
    while stack:
        prefix, node = stack.pop()
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        name = prefix + node.name
        comment = ast.get_docstring(node) or ""
        if isinstance(node, ast.ClassDef):
            stack.extend((name + ".", child) for child in reversed(node.body))
            body = ""
        else:
            last = getattr(node, "end_lineno", None) or node.lineno
            body = " ".join(NAMES.findall("\n".join(lines[node.lineno : last])))
        title = comment.splitlines()[0] if comment else ""
        # The name says most: it counts three times.
        yield Document(
            f"{module}:{node.lineno}",
            name,
            title,
            f"{module} {name} {name} {name} {comment} {body}",
        )


class Index:
    """Which words occur in which documents, and how often."""

    def __init__(self) -> None:
        self.documents: list[Document] = []
        self.lengths: list[int] = []
        self.postings: dict[str, list[tuple[int, int]]] = defaultdict(list)

    def add(self, document: Document) -> None:
        """Add one document."""
        number = len(self.documents)
        counts = Counter(tokenize(document.text))
        for word, count in counts.items():
            self.postings[word].append((number, count))
        self.documents.append(document)
        self.lengths.append(sum(counts.values()))

    def average_length(self) -> float:
        """Return how many words a document has on average."""
        return sum(self.lengths) / len(self.lengths)

    def rarity(self, word: str) -> float:
        """Return how much a word tells: the rarer, the more."""
        found = len(self.postings[word])
        return math.log(1 + (len(self.documents) - found + 0.5) / (found + 0.5))

    def weight(self, number: int, count: int) -> float:
        """Return what `count` occurrences are worth in document `number`."""
        length = self.lengths[number] / self.average_length()
        return count * (K1 + 1) / (count + K1 * (1 - B + B * length))

    def search(self, question: str, top: int) -> list[Hit]:
        """Return the `top` documents that fit the question best."""
        scores: dict[int, float] = defaultdict(float)
        for word in tokenize(question):
            if word in self.postings:
                rarity = self.rarity(word)
                for number, count in self.postings[word]:
                    scores[number] += rarity * self.weight(number, count)
        best = sorted(scores, key=lambda number: (-scores[number], number))
        return [Hit(scores[number], self.documents[number]) for number in best[:top]]


def build(limit: int) -> Index:
    """Index `limit` files of the library."""
    index = Index()
    for path in library_files(limit):
        for document in documents_of(path):
            index.add(document)
    return index


def show(question: str, hits: list[Hit]) -> None:
    """Print what was found."""
    print(f"\n{question}")
    for hit in hits:
        name = f"{hit.document.name}  ({hit.document.place})"
        print(f"  {hit.score:5.1f}  {name:54.54}  {hit.document.title:.60}".rstrip())
    if not hits:
        print("  nothing")


def main() -> int:
    """Read the command line, build the index, answer the questions."""
    parser = argparse.ArgumentParser(description="Search the standard library's sources.")
    parser.add_argument("words", nargs="*", help="what to look for")
    parser.add_argument("--files", type=int, default=90, help="how many modules to index")
    parser.add_argument("--top", type=int, default=3, help="how many answers to show")
    options = parser.parse_args()
    if options.files < 1 or options.top < 1:
        parser.error("--files and --top take numbers from 1 up")
    index = build(options.files)
    print(f"{len(index.documents)} functions and classes, {len(index.postings)} words")
    for question in [" ".join(options.words)] if options.words else QUESTIONS:
        show(question, index.search(question, options.top))
    return 0


if __name__ == "__main__":
    sys.exit(main())
