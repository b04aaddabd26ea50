"""The race map in a terminal and as Markdown. Pure functions of the maps."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.text import Text

from conformance.core.text import one_line
from conformance.report.markdown import escape
from conformance.report.racemap import (
    MAP_STATES,
    MAP_WORDS,
    MapState,
    PairView,
    PlaceView,
    WorldMap,
    changes,
    pair_view,
)

#: state -> (sign, sign where the terminal has only ASCII, style)
SIGNS: Final[dict[MapState, tuple[str, str, str]]] = {
    "unsafe": ("✗", "X", "bold red"),
    "inconclusive": ("?", "?", "magenta"),
    "not_judged": ("·", ".", "dim"),
    "unreachable": ("○", "o", "dim"),
    "shallow": ("◐", "~", "yellow"),
    "safe": ("✓", "+", "green"),
    "apart": (" ", " ", "dim"),
}

#: What a reader of a map has to look at.
_OPEN: Final[tuple[MapState, ...]] = ("unsafe", "inconclusive", "shallow")


def print_maps(maps: list[WorldMap], console: Console, verbose: bool = False) -> None:
    """Print each map, what is unsafe in it, and what differs between versions of one world.

    ``verbose``: every unsafe state with its command, not one of each cell.
    """
    ascii_only = not (console.encoding or "").lower().startswith("utf")
    for world in maps:
        _print(world, console, verbose, ascii_only)
    for change in changes(maps):
        console.print(Text(f"{change.world}: {change.title}: {change.before} -> {change.after}"))
    if not maps:
        console.print(Text("no map was raced in this record: pytest --world=NAME --world-map", "yellow"))


def _print(world: WorldMap, console: Console, verbose: bool, ascii_only: bool) -> None:
    console.print(Text(f"{world.name}: every pair of operations", "bold"))
    width = max(map(len, world.ops))
    numbers = {op: number for number, op in enumerate(world.ops, 1)}
    heads = "".join(f"{number:>3}" for number in numbers.values())
    console.print(Text(f"{' ' * (width + 3)}{heads}", "dim"), soft_wrap=True)
    for op, number in numbers.items():
        line = Text(f"{op:<{width}} {number:>2}")
        for other in world.ops[:number]:
            cell = world.cell(op, other)
            fine, plain, style = SIGNS[cell.state if cell is not None else "apart"]
            line.append(f"  {plain if ascii_only else fine}", style)
        console.print(line, soft_wrap=True)
    console.print(_legend(ascii_only))
    console.print(Text(_tally(world)))
    for cell in world.unsafe:
        console.print(Text("\n").append(cell.title, "bold").append(f"  {cell.says}", "red"))
        for place in cell.unsafe if verbose else cell.unsafe[:1]:
            _place(place, console)


def _place(place: PlaceView, console: Console) -> None:
    verdict = place.red[0].verdict
    console.print(Text(f"  from {place.place}: {one_line(verdict.reason)}"), soft_wrap=True)
    if verdict.evidence is not None and verdict.evidence.replay:
        told = f"  {verdict.replayed} times; again with: {verdict.evidence.replay}"
        console.print(Text(told), soft_wrap=True)


def _legend(ascii_only: bool) -> Text:
    line = Text()
    for state in reversed(MAP_STATES):
        fine, plain, style = SIGNS[state]
        line.append(f"{'  ' if line else ''}{(plain if ascii_only else fine).strip() or 'blank'} ", style)
        line.append(MAP_WORDS[state])
    return line


def _tally(world: WorldMap) -> str:
    words = [f"{world.count(state)} {MAP_WORDS[state]}" for state in MAP_STATES if world.count(state)]
    places = sum(len(cell.places) for cell in world.cells.values())
    unsafe = world.places("unsafe")
    return (
        f"{len(world.cells)} pairs: {', '.join(words)}; {places} states raced from, {unsafe} of them unsafe"
    )


def print_pair(maps: list[WorldMap], pair: str, console: Console) -> bool:
    """Print one pair on all worlds, state by state. False when no map has it."""
    view = pair_view(maps, pair)
    for world, cell in view.worlds if view is not None else ():
        style = SIGNS[cell.state][2]
        console.print(Text(f"{world.name}: ", "bold").append(cell.says, style))
        for place in cell.places:
            rules = f" [{', '.join(place.rules)}]" if place.rules else ""
            console.print(Text(f"  {place.place}: {MAP_WORDS[place.state]}{rules}"), soft_wrap=True)
            if place.red:
                _place(place, console)
    return view is not None


def pair_markdown(view: PairView, title: str = "Race map") -> str:
    """One pair on all worlds as Markdown: a table of states by worlds, the broken rules in each."""
    heads = " | ".join(escape(world.name) for world, _ in view.worlds)
    lines = [f"# {title}: `{_plain(view.title)}`", "", f"| from | {heads} |"]
    lines.append(f"|---|{'---|' * len(view.worlds)}")
    for name in view.places:
        places = [view.at(cell, name) for _, cell in view.worlds]
        lines.append(f"| `{_plain(name)}` | {' | '.join(map(_told, places))} |")
    whole = " | ".join(escape(cell.says) for _, cell in view.worlds)
    return "\n".join([*lines, f"| all | {whole} |"]) + "\n"


def _told(place: PlaceView | None) -> str:
    if place is None:
        return MAP_WORDS["not_judged"]
    rules = ", ".join(f"`{_plain(rule)}`" for rule in place.rules)
    return f"{SIGNS[place.state][0]} {MAP_WORDS[place.state]}{f': {rules}' if rules else ''}"


def maps_markdown(maps: list[WorldMap], title: str = "Race map") -> str:
    """The maps as Markdown: a table of operations by operations, then what is unsafe.

    Of several worlds first a line for each; one that is safe everywhere has that line only.
    """
    lines = [f"# {title}", ""]
    if len(maps) > 1:
        lines += _counts(maps)
    for world in maps:
        if len(maps) > 1 and not any(world.count(state) for state in _OPEN):
            continue
        lines += [f"## {escape(world.name)}", "", f"{_tally(world)}.", ""]
        heads = " | ".join(str(number) for number in range(1, len(world.ops) + 1))
        lines += [f"| | {heads} |", f"|---|{':-:|' * len(world.ops)}"]
        for number, op in enumerate(world.ops, 1):
            cells = [world.cell(op, other) for other in world.ops[:number]]
            signs = [SIGNS[cell.state][0].strip() if cell is not None else "" for cell in cells]
            signs += [""] * (len(world.ops) - number)
            lines.append(f"| {number} `{_plain(op)}` | {' | '.join(signs)} |")
        legend = ", ".join(
            f"{SIGNS[state][0].strip() or 'empty'} {MAP_WORDS[state]}" for state in reversed(MAP_STATES)
        )
        lines += ["", legend, ""]
        if world.unsafe:
            lines += ["| unsafe | states | rules | again with |", "|---|---|---|---|"]
        for cell in world.unsafe:
            evidence = cell.unsafe[0].red[0].verdict.evidence
            again = f"`{_plain(evidence.replay)}`" if evidence is not None and evidence.replay else ""
            rules = ", ".join(f"`{_plain(rule)}`" for rule in cell.rules)
            states = f"{len(cell.unsafe)} of {len(cell.places)}"
            lines.append(f"| `{_plain(cell.title)}` | {states} | {rules} | {again} |")
        lines.append("")
    for change in changes(maps):
        said = f"{escape(change.before)} → {escape(change.after)}"
        lines.append(f"- {escape(change.world)}: `{_plain(change.title)}`: {said}")
    return "\n".join(lines).rstrip() + "\n"


def _counts(maps: list[WorldMap]) -> list[str]:
    """A table with a line for each world."""
    states = [state for state in MAP_STATES if any(world.count(state) for world in maps)]
    heads = " | ".join(MAP_WORDS[state] for state in states)
    lines = [
        f"| world | {heads} | states raced from | of them unsafe |",
        f"|---|{'---:|' * (len(states) + 2)}",
    ]
    for world in maps:
        counts = [world.count(state) for state in states]
        places = sum(len(cell.places) for cell in world.cells.values())
        numbers = " | ".join(map(str, (*counts, places, world.places("unsafe"))))
        lines.append(f"| {escape(world.name)} | {numbers} |")
    return [*lines, ""]


def _plain(text: str) -> str:
    """A text from outside as it may stand between back quotes in a cell of a table."""
    return one_line(text).replace("|", "\u2502").replace("`", "'").replace("<", "&lt;")
