"""Run experiments by a part of their names: python -m tests.model [--traces] [--limit SECONDS] [part…]."""

import argparse

from tests.model.experiments import EXPERIMENTS
from tests.model.search import Search


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.model", description=__doc__)
    parser.add_argument("part", nargs="*", help="run the experiments whose name contains one of these")
    parser.add_argument("--limit", type=float, default=110, help="seconds an experiment")
    parser.add_argument("--traces", action="store_true", help="print the shortest trace of each violation")
    args = parser.parse_args()
    for name, (rules, scenario) in EXPERIMENTS.items():
        if args.part and not any(part in name for part in args.part):
            continue
        search = Search(rules, scenario, args.limit, live=len(scenario.operations) == 1).run()
        figures = f"{search.states} states, {search.seconds:.0f} s, {search.hall.cut} cut"
        print(f"{name} | {figures} | {search.verdict}", flush=True)
        for _, steps in search.found.values() if args.traces else ():
            print(*(f"    {n}. {step}" for n, step in enumerate(steps, 1)), sep="\n", flush=True)


if __name__ == "__main__":
    main()
