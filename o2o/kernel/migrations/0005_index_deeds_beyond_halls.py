from tortoise import migrations

from o2o.kernel.indexing import build_indexes


class Migration(migrations.Migration):
    """Headquarters read what is no hall's, latest first: a small part of the audit (staff/history.py).

    Whom and what they look for is in the index, so that nothing else is read.
    """

    dependencies = [("kernel", "0004_create_archive")]

    initial = False
    atomic = False

    operations = [
        build_indexes(audit_beyond_halls="audit (at, id, actor, name) WHERE SUBSTR(tag, 1, 5) <> 'hall:'"),
    ]
