"""Why a backup or a restore does not go on; the message says what to do."""


class BackupError(RuntimeError):
    pass
