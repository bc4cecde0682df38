#!/bin/sh
# PYTHON=… sh tests/twice.sh ARGUMENT…: pytest with three tests at a time, for two cores: a third of their time tests
# wait. A file at a time, whose fixtures are made once; which file first: tests/reach.py.
# What failed beside others is run once more alone, and must pass then. Both times are printed.
set -u

"$PYTHON" -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder "$@"
code=$?
[ $code = 1 ] || exit $code  # 1: tests failed; else nothing that a second try could mend.
echo "Once more what failed, alone:"
"$PYTHON" -m pytest --last-failed --last-failed-no-failures none "$@"
