#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts bugs into copies of the farm's sources, one at a time; the simulated world must catch every one."""

import argparse
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
FARM = ROOT / "core/farm"
WORLDS = ["200", "6000", "1"]  # a world ends the search that finds it out; the rarest takes about a hundred

# (what is wrong, the file, its text, the text in its place)
MUTANTS = [
    ("a fence is given twice", "lease.c", "++board->record.fence", "board->record.fence"),
    ("told before it is durable", "outbox.c", "farm->open || number > farm->durable_change", "farm->open"),
    ("a further attempt after a cancel", "run.c", " && !run->job->record.cancel_wanted &&", " &&"),
    ("one attempt too many", "run.c", "attempt <= run->job->record.retries", "attempt <= run->job->record.retries + 1"),
    ("a repeated event counts twice", "agent_event.c", "event->n <= run->record.have", "event->n < run->record.have"),
    (
        "the first attempt decides the job",
        "job.c",
        "\t\tret_runs[run->record.index] = run;",
        "\t\tif (!ret_runs[run->record.index])\n\t\t\tret_runs[run->record.index] = run;",
    ),
    ("a lost agent's runs stay open", "run.c", "now >= grace_end_us(farm, run)", "false"),
    (
        "an assign that is no more is sent",
        "outbox.c",
        "run->record.fence != output->value || run->record.state != RUN_IS_ASSIGNED",
        "run->record.fence != output->value",
    ),
    (
        "event numbers begin again after a restart",
        "build.c",
        "farm->last_seq = records->last_seq;",
        "farm->last_seq = 0;",
    ),
    ("events under an old fence are taken", "agent_event.c", "run->record.fence == event->fence && ", ""),
    ("a leased board is free", "board.c", "state == BOARD_IDLE);", "state == BOARD_IDLE || state == BOARD_RUNNING);"),
    ("a step stays open when its run is taken away", "run.c", "\tclose_step(farm, run, text);\n", ""),
    ("waiting runs are not cancelled", "run.c", "run->record.state == RUN_IS_QUEUED || (", "false || ("),
    (
        "a board is not free after a run",
        "run.c",
        "\t\tif (board->agent_state == BOARD_RUNNING)",
        "\t\tboard->listed = false;\n\t\tif (board->agent_state == BOARD_RUNNING)",
    ),
    (
        "a lost assign is not sent again",
        "agent.c",
        "\t\tif (!run->assign_queued)\n\t\t\toutbox_assign(farm, run);\n",
        "",
    ),
    (
        "the board's fence is not stored with the lease",
        "board.c",
        "\tboard_keep(farm, board);\n\tevent_board(",
        "\tevent_board(",
    ),
    ("what waited is told after a refusal", "rewind.c", "\tlist_move_all(&farm->outbox, &owed);\n", ""),
    ("refused submits run all the same", "outbox.c", "job && job->record.state != JOB_FINISHED", "false && job"),
]


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def build(args: argparse.Namespace, source: pathlib.Path, program: pathlib.Path) -> None:
    """The changed file comes before the library, so its members take the place of the library's."""
    sim = sorted(str(path) for path in (ROOT / "tests/sim/farm").glob("*.c"))
    flags = ["-std=c17", "-O1", "-D_GNU_SOURCE", f"-I{ROOT}", "-w"]
    libs = ["-ljansson", "-lyaml", "-lsodium", "-lelf"]
    objects = program.parent / "sim"
    if not objects.exists():
        objects.mkdir()
        for path in sim:
            done = run([args.cc, *flags, "-c", path, "-o", str(objects / (pathlib.Path(path).stem + ".o"))])
            if done.returncode:
                sys.exit(done.stderr)
    # a changed file must not be linked twice: the archive's member of that name is left out
    archive = program.parent / "farm.a"
    archive.write_bytes(args.farm.read_bytes())
    run(["ar", "d", str(archive), source.name + ".o"])
    done = run(
        [
            args.cc,
            *flags,
            str(source),
            *[str(path) for path in sorted(objects.glob("*.o"))],
            "-o",
            str(program),
            str(archive),
            str(args.base),
            *libs,
            *args.link,
        ]
    )
    if done.returncode:
        sys.exit(f"{source.name}: {done.stderr}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--farm", type=pathlib.Path, required=True, help="libassay_farm.a")
    parser.add_argument("--base", type=pathlib.Path, required=True, help="libassay_base.a")
    parser.add_argument("--link", action="append", default=[], help="further flags for linking")
    args = parser.parse_args()
    missed = 0
    with tempfile.TemporaryDirectory() as temp:
        for what, name, before, after in MUTANTS:
            text = (FARM / name).read_text()
            if text.count(before) != 1:
                sys.exit(f"{what}: {name} has the text {text.count(before)} times")
            source = pathlib.Path(temp) / name
            source.write_text(text.replace(before, after))
            program = pathlib.Path(temp) / "sim_program"
            build(args, source, program)
            try:
                done = subprocess.run([str(program), *WORLDS], capture_output=True, text=True, check=False, timeout=120)
                caught = done.returncode != 0
                how = done.stderr.strip().splitlines()[-1:] or [""]
            except subprocess.TimeoutExpired:
                caught, how = True, ["never ends"]
            missed += not caught
            print(f"{'caught' if caught else 'MISSED':7} {what:48} {how[0].split('/')[-1][:100]}")
    print(f"{len(MUTANTS) - missed} of {len(MUTANTS)} caught")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
