"""Word documents for tests, as archives of XML."""

import zipfile
from io import BytesIO

MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
DOCUMENT, STYLES, LISTS = "word/document.xml", "word/styles.xml", "word/numbering.xml"


def xml(root: str, content: str, namespace: str = MAIN) -> str:
    compatibility = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    spaces = f'xmlns:w="{namespace}" xmlns:mc="{compatibility}"'
    return f'<?xml version="1.0" encoding="UTF-8"?><w:{root} {spaces}>{content}</w:{root}>'


def body(content: str, namespace: str = MAIN) -> str:
    return xml("document", f"<w:body>{content}</w:body>", namespace)


def paragraph(text: str, properties: str = "", run: str = "") -> str:
    return (
        f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{run}</w:rPr>"
        f'<w:t xml:space="preserve">{text}</w:t></w:r></w:p>'
    )


def archive(parts: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", method) as written:
        for name, content in parts.items():
            written.writestr(name, content)
    return file.getvalue()


def document(content: str, **parts: str) -> bytes:
    """Return a document with this body; `styles` and `lists` are XML."""
    others = {"styles": STYLES, "lists": LISTS}
    return archive(
        {
            "[Content_Types].xml": "<Types/>",
            DOCUMENT: body(content),
            **{others[name]: text for name, text in parts.items()},
        }
    )
