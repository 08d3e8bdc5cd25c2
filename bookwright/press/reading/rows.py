"""Parts of lines that belong together."""

from dataclasses import replace

from bookwright.press.reading.line import Line

_DROP_CAP = 1.7
_ROW = 0.35


def rows(lines: list[Line], rtl: bool) -> list[Line]:
    """Lines of a single column; parts on one baseline are one line."""
    return [row[0] if len(row) == 1 else joined_row(row, rtl, " ") for row in by_row(lines)]


def by_row(lines: list[Line]) -> list[list[Line]]:
    """Lines that come from the top, by the baseline they stand on."""
    found: list[list[Line]] = []
    for line in lines:
        if found and found[-1][0].base - line.base < _ROW * found[-1][0].size:
            found[-1].append(line)
        else:
            found.append([line])
    return found


def joined_row(row: list[Line], rtl: bool, between: str) -> Line:
    """The parts of a row as one line."""
    row = sorted(row, key=lambda line: -line.right if rtl else line.left)
    text = between.join(line.text.strip() for line in row)
    longest = max(row, key=lambda line: len(line.text))
    return replace(
        longest,
        text=text,
        left=min(line.left for line in row),
        right=max(line.right for line in row),
        row=between != " ",
    )


def without_drop_caps(lines: list[Line]) -> list[Line]:
    """A large initial that stands beside two or more lines, or close before the rest of its word, becomes the first
    letter of the upper one."""
    for cap in [line for line in lines if len(line.text.strip()) <= 2 and line.text.strip()[-1:].isupper()]:
        beside = [
            line
            for line in lines
            if line is not cap
            and cap.size > _DROP_CAP * line.size
            and -1 <= line.left - cap.right <= 2 * line.size
            and cap.base - 0.5 * line.size <= line.base <= cap.base + cap.size
        ]
        near = [line for line in beside if line.text[:1].islower() and line.left < cap.right + line.size]
        if len(beside) > 1 or near:
            beside[0].text = cap.text.strip() + beside[0].text.lstrip()
            beside[0].left = cap.left
            lines = [line for line in lines if line is not cap]
    return lines
