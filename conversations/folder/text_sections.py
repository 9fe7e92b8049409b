"""Write other texts below some headings of a file of texts."""

from collections.abc import Mapping

from conversations.folder.markdown_sections import parse_text_file


def with_sections(content: str, texts: Mapping[str, str]) -> str:
    """Return a file of texts with other texts below some headings of the first level."""
    lines = content.splitlines()
    written = parse_text_file("", content)
    starts = {each.line: each.heading for each in (*written.sections, *written.notice)}
    new: list[str] = []
    is_replaced = False
    for number, line in enumerate(lines, 1):
        if number in starts:
            is_replaced = starts[number] in texts and line.startswith("# ")
            new.append(line)
            if is_replaced:
                new += ["", *texts[starts[number]].split("\n"), ""]
        elif not is_replaced:
            new.append(line)
    return "\n".join(new).rstrip("\n") + "\n"
