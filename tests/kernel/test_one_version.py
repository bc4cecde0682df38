"""What a process says is of the version that it began with, also when its files are exchanged under it."""

import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns

from o2o.kernel.pages import PACKAGES, ROOT

TOP = (*{name.partition("/")[0] for name in PACKAGES}, "halls", "locales", "static")
PROGRAM = """
import o2o.app
from pathlib import Path
from jinja2 import TemplateNotFound
from o2o.kernel import pages
from o2o.kernel.i18n import LANGUAGES, translator

files = [file for kind in ("html", "txt", "po", "lua") for file in Path().rglob(f"*.{kind}")]
for file in files:
    file.unlink()
for language in LANGUAGES:
    templates = pages.environment(language)
    for file in files:
        if "templates" in file.parts:
            templates.get_template("/".join(file.parts[file.parts.index("templates") + 1:]))
assert translator("zh-CN")("Try again") == "再试一次"
print(len(files))
"""


def test_files_exchanged_under_a_process_change_nothing_of_what_it_says(tmp_path: Path) -> None:
    for name in TOP:
        copytree(ROOT / name, tmp_path / name, ignore=ignore_patterns("data"))

    ran = subprocess.run([sys.executable, "-c", PROGRAM], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 100
