"""What Python's zipfile raises for an archive that is damaged, or made to do harm."""

import zipfile
import zlib

BROKEN_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,  # damaged content
    EOFError,  # content that ends early
    NotImplementedError,  # a compression or a version that zipfile doesn't know
    OSError,  # damaged content in other compressions; sizes that seek can't reach
    RuntimeError,  # a password; a decompressor that is not installed
    ValueError,  # sizes and places below zero; names that can't be decoded
    LookupError,  # a field that is cut off
)
