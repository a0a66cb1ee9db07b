"""Where the bytes of files are kept."""

from ticket_service.adapters.storage.folder import Folder, Nowhere
from ticket_service.ports import FileStorage
from ticket_service.settings import FOLDER, FileSettings


def storage_of(settings: FileSettings) -> FileStorage:
    """Make the storage that the settings name; connects to nothing."""
    if settings.storage == FOLDER:
        return Folder(settings.folder) if settings.folder is not None else Nowhere()
    # Only here: its libraries cost a process without it 40 MB.
    from ticket_service.adapters.storage.s3 import S3

    return S3(settings.s3)
