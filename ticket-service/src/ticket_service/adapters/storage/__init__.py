"""The file storages: a folder, or an S3 bucket."""

from ticket_service.adapters.storage.folder import Folder, NoStorage
from ticket_service.ports import FileStorage
from ticket_service.settings import FOLDER, FileSettings


def storage_of(settings: FileSettings) -> FileStorage:
    """Return the storage that the settings name, without connecting to it."""
    if settings.storage == FOLDER:
        return Folder(settings.folder) if settings.folder is not None else NoStorage()
    # Imported here, because its libraries take 40 MB of memory.
    from ticket_service.adapters.storage.s3 import S3

    return S3(settings.s3)
