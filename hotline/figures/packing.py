"""The lines of a report as columns of whole numbers, and many such together as lines again.

A day of thirty departments is some ten thousand numbers: as bytes they are read in a moment.
"""

import sys
from array import array
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from itertools import accumulate
from typing import Any, overload

from hotline.figures import statistics
from hotline.figures.statistics import Spread

Key = Any  # of a row: an id, a word, or None where the ticket belongs to none
NUMBER = "i"  # four bytes, which hold 68 years of seconds
NOTHING: tuple[()] = ()


@dataclass
class Line:
    """One row of a report: how many, and how long each took (in seconds, the shortest first)."""

    counts: Counter[str] = field(default_factory=Counter)
    values: dict[str, Sequence[int]] = field(default_factory=dict)

    def spread(self, clock: str) -> Spread:
        return statistics.spread(self.values.get(clock, NOTHING))

    def rate(self, part: str, whole: str) -> float | None:
        """What share of `whole` is `part`, from 0 to 1; None where there is nothing to share."""
        return self.counts[part] / self.counts[whole] if self.counts[whole] else None


@dataclass(frozen=True)
class Packed:
    """Lines as columns: by line its key, a number for each count, how many values each clock has;
    then all values, one line after the other."""

    keys: Sequence[Key]
    counts: bytes
    lengths: bytes
    seconds: bytes


def pack(lines: Mapping[Key, Line], counts: Sequence[str], clocks: Sequence[str]) -> Packed:
    """`lines` as columns in the order of `counts` and `clocks`."""
    values = [line.values.get(clock, NOTHING) for line in lines.values() for clock in clocks]
    return Packed(
        [getattr(key, "value", key) for key in lines],
        _bytes(line.counts[name] for line in lines.values() for name in counts),
        _bytes(len(one) for one in values),
        _bytes(second for one in values for second in one),
    )


class Pool:
    """Lines from many places, added up by their key: counts summed, values put together."""

    def __init__(self, counts: Sequence[str], clocks: Sequence[str]) -> None:
        self._counts, self._clocks = counts, clocks
        self._rows: dict[Key, list[array[int]]] = defaultdict(list)
        self._values: dict[tuple[Key, str], array[int]] = defaultdict(lambda: array(NUMBER))
        self._more: dict[Key, Counter[str]] = defaultdict(Counter)

    def add(self, key: Key, counts: Mapping[str, int], values: Mapping[str, Iterable[int]]) -> None:
        """Add to one line."""
        self._more[key].update(counts)
        for clock, seconds in values.items():
            self._values[key, clock].extend(seconds)

    def add_packed(self, packed: Packed, key_of: Callable[[Key], Key] = lambda key: key) -> None:
        """Add what `pack` made of the same counts and clocks; `key_of` puts lines together."""
        width = len(self._counts)
        counts, lengths = _numbers(packed.counts), _numbers(packed.lengths)
        seconds, at = _numbers(packed.seconds), 0
        for n, raw in enumerate(packed.keys):
            key = key_of(raw)
            self._rows[key].append(counts[n * width : (n + 1) * width])
            first = n * len(self._clocks)
            for place, clock in enumerate(self._clocks, first):
                length = lengths[place]
                if length and seconds:
                    self._values[key, clock].extend(seconds[at : at + length])
                    at += length

    def lines(
        self, counts: Iterable[str] | None = None, clocks: Iterable[str] | None = None
    ) -> dict[Key, Line]:
        """All lines in which there is something, each with its values in order; of the numbers
        `counts` and `clocks` only, when they are named."""
        found: dict[Key, Line] = defaultdict(Line)
        for key, more in self._more.items():
            found[key].counts += more
        for key, rows in self._rows.items():
            sums = map(sum, zip(*rows, strict=True))
            found[key].counts += Counter(dict(zip(self._counts, sums, strict=True)))
        wanted = set(self._counts if counts is None else counts)
        for line in found.values():
            line.counts = Counter({name: n for name, n in line.counts.items() if name in wanted})
        measured = set(self._clocks if clocks is None else clocks)
        for (key, clock), values in self._values.items():
            if clock in measured:
                found[key].values[clock] = array(NUMBER, sorted(values))
        return {key: line for key, line in found.items() if line.counts or line.values}


def unpack(packed: Packed, counts: Sequence[str], clocks: Sequence[str]) -> dict[Key, Line]:
    """The lines of which `pack` made it, with the same `counts` and `clocks`."""
    pool = Pool(counts, clocks)
    pool.add_packed(packed)
    return pool.lines()


def single(packed: Packed) -> Iterable[tuple[Key, int]]:
    """Key and number of each of its lines, where each line has one."""
    return zip(packed.keys, _numbers(packed.counts), strict=True)


def only(packed: Packed, wanted: Callable[[Key], bool]) -> Packed:
    """The lines among them whose key is `wanted`."""
    lines = len(packed.keys)
    places = [n for n, key in enumerate(packed.keys) if wanted(key)]
    counts, lengths = _parts(packed.counts, lines), _parts(packed.lengths, lines)
    ends = [0, *accumulate(sum(one) for one in lengths)]
    seconds = _numbers(packed.seconds)
    return Packed(
        [packed.keys[n] for n in places],
        _bytes(number for n in places for number in counts[n]),
        _bytes(number for n in places for number in lengths[n]),
        _bytes(second for n in places for second in seconds[ends[n] : ends[n + 1]]),
    )


def totals(packed: Packed, counts: Sequence[str], names: Iterable[str]) -> dict[str, int]:
    """The numbers `names` of all lines of what `pack` made of `counts`, added up."""
    numbers, width = _numbers(packed.counts), len(counts)
    places = {name: place for place, name in enumerate(counts)}
    return {name: sum(numbers[places[name] :: width]) for name in names}


class Together(Sequence[int]):
    """Several rows of values, each in order, as if they were one: no place of it is stored."""

    def __init__(self, runs: Iterable[Sequence[int]]) -> None:
        self._runs = [run for run in runs if run]
        self._length = sum(map(len, self._runs))

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[int]:
        return merge(*self._runs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment] # a sequence, whose runs may change

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[int]: ...
    def __getitem__(self, place: int | slice) -> int | Sequence[int]:
        """The value at a place of the order: the least that has so many before or beside it."""
        if isinstance(place, slice):
            return [self[n] for n in range(*place.indices(self._length))]
        if not -self._length <= place < self._length:
            raise IndexError(place)
        place %= self._length
        low, high = min(run[0] for run in self._runs), max(run[-1] for run in self._runs)
        return low + bisect_right(range(low, high), place, key=self._up_to)

    def _up_to(self, value: int) -> int:
        return sum(bisect_right(run, value) for run in self._runs)


def _parts(stored: bytes, lines: int) -> "list[array[int]]":
    """What is stored of so many lines, line by line."""
    numbers = _numbers(stored)
    width = len(numbers) // lines if lines else 0
    return [numbers[n * width : (n + 1) * width] for n in range(lines)]


def _bytes(numbers: Iterable[int]) -> bytes:
    return _as_stored(array(NUMBER, numbers)).tobytes()


def _numbers(stored: bytes) -> "array[int]":
    found = array(NUMBER)
    found.frombytes(stored)
    return _as_stored(found)


def _as_stored(numbers: "array[int]") -> "array[int]":
    """Least byte first, on every machine."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
