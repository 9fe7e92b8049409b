"""Loads facts about a new campaign outside of the transaction: files, pages, and their mistakes.

What may take more than a few milliseconds runs in a thread.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from functools import partial
from pathlib import PurePath
from typing import Any, TypeVar

from bot.services.conversation.facts.fact_sources import Download
from conversations.core.events import SentFile
from conversations.core.fact_requests import Fact
from conversations.editing.changes.uploads import FilesInUpload
from conversations.editing.new.requests import (
    MAX_FILE_BYTES,
    CampaignInFile,
    LoadedFiles,
    NewErrors,
    PageInText,
    ReadPage,
)
from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.loading import LoadedCampaign, load_files
from conversations.folder.packed_files import unpack
from conversations.folder.page_import.cue_words import guess_language
from conversations.folder.page_import.documents import read_document, read_pasted
from conversations.folder.page_import.paragraphs import PageError, Paragraph
from conversations.folder.page_import.recognition import propose
from conversations.folder.uploaded_files import UploadError, read_archive, read_file
from conversations.model.mistakes import Mistake

T = TypeVar("T")

ARCHIVE = ".zip"

_TOO_LARGE = Mistake(
    f"This file is over {MAX_FILE_BYTES // 1_000_000} MB.",
    "Copy the page's text into a .txt file, or make the picture smaller.",
)
_GONE = Mistake("Telegram doesn't give me this file.", "Send it again.")


class NewCampaignLoader:
    """Loads what the dialogue about a new campaign asks for."""

    def __init__(self, download: Download, clock: Callable[[], datetime]) -> None:
        """`download` fetches what people send."""
        self._download = download
        self._clock = clock

    async def load(self, request: Fact[Any]) -> Any:
        """Return the answer to one of the requests of `REQUESTS`."""
        return await REQUESTS[type(request)](self, request)

    async def in_file(self, request: CampaignInFile) -> ReadPage | LoadedCampaign | Mistake:
        """Return the page in a file, or the campaign in an archive."""
        name = request.file.name
        if PurePath(name).suffix.lower() == ARCHIVE:
            return await self._fetched(request.file, partial(_read_campaign, today=self._today()))

        def read(content: bytes) -> ReadPage | Mistake:
            return read_page(partial(read_document, name, content))

        return await self._fetched(request.file, read)

    async def in_text(self, request: PageInText) -> ReadPage | Mistake:
        """Return the page in a text."""
        return await asyncio.to_thread(read_page, partial(read_pasted, request.text))

    async def files(self, request: FilesInUpload) -> CampaignFiles | Mistake:
        """Return the files of a campaign in a file that was sent."""
        return await self._fetched(request.file, partial(_read_upload, request.file.name))

    async def loaded(self, request: LoadedFiles) -> LoadedCampaign:
        """Return a campaign with its mistakes."""
        files = unpack(request.slug, request.packed)
        return await asyncio.to_thread(load_files, files, self._today())

    async def errors(self, request: NewErrors) -> tuple[Mistake, ...]:
        """Return the errors that an answer brings in."""
        return await asyncio.to_thread(find_new_errors, request, self._today())

    def _today(self) -> date:
        return self._clock().date()

    async def _fetched(self, file: SentFile, read: Callable[[bytes], T]) -> T | Mistake:
        """Fetch a file, and return what `read` makes of its content in a thread."""
        if file.size > MAX_FILE_BYTES:
            return _TOO_LARGE
        content = await self._download(file.id, MAX_FILE_BYTES)
        return _GONE if content is None else await asyncio.to_thread(read, content)


REQUESTS: dict[type[Fact[Any]], Callable[[NewCampaignLoader, Any], Awaitable[Any]]] = {
    CampaignInFile: NewCampaignLoader.in_file,
    FilesInUpload: NewCampaignLoader.files,
    LoadedFiles: NewCampaignLoader.loaded,
    NewErrors: NewCampaignLoader.errors,
    PageInText: NewCampaignLoader.in_text,
}
"""The loader for each request."""


def read_page(read: Callable[[], tuple[Paragraph, ...]]) -> ReadPage | Mistake:
    """Return the page that `read` reads, and where its parts are proposed to go."""
    try:
        paragraphs = read()
    except PageError as error:
        return error.mistake("")
    language = guess_language("\n".join(each.text for each in paragraphs))
    return ReadPage(propose(paragraphs).placed, language or "")


def _read_campaign(content: bytes, today: date) -> LoadedCampaign | Mistake:
    try:
        files = read_archive(content)
    except UploadError as error:
        return Mistake(error.problem, error.fix)
    return load_files(files, today)


def _read_upload(name: str, content: bytes) -> CampaignFiles | Mistake:
    try:
        if PurePath(name).suffix.lower() == ARCHIVE:
            return read_archive(content)
        return read_file(name, content)
    except UploadError as error:
        return Mistake(error.problem, error.fix)


def find_new_errors(request: NewErrors, today: date) -> tuple[Mistake, ...]:
    """Return the errors that are in the files only with the answer."""

    def errors(packed: bytes) -> list[Mistake]:
        loaded = load_files(unpack(request.slug, packed), today)
        return [each for each in loaded.mistakes if each.is_error]

    known = {(each.problem, each.fix) for each in errors(request.before)}
    found = errors(request.after)
    return tuple(each for each in found if (each.problem, each.fix) not in known)
