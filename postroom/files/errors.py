"""What can go wrong with a stored file, by type."""


class FileError(Exception):
    """A file can't be stored or read."""


class FileMissing(FileError):
    """Nothing is kept under this hash."""


class FileDamaged(FileError):
    """What is kept under this hash is not what was stored; it must not be used."""


class FileTooLarge(FileError):
    """More bytes than the caller allows."""


class FileTypeRefused(FileError):
    """A media type that isn't `type/subtype` in plain letters."""
