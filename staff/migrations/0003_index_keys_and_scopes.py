from tortoise import migrations

from o2o.kernel.indexing import build_indexes


class Migration(migrations.Migration):
    """Keys latest first, and those of a hall; who works in a hall, and their sessions."""

    dependencies = [("staff", "0002_add_keys_and_pins")]

    initial = False
    atomic = False

    operations = [
        build_indexes(
            api_keys_latest="api_keys (created_at, id) WHERE revoked_at IS NULL",
            api_keys_scope="api_keys (scope) WHERE revoked_at IS NULL",
            grants_scope="grants (scope, role)",
            sessions_person="sessions (person_id)",
        ),
    ]
