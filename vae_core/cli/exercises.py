"""What a lecturer asks for: to have the exercises checked that students handed in."""

import argparse
from pathlib import Path

from vae_core.cli.console import counted, notify

MARKS = {True: "holds", False: "not yet", None: "missing"}


def check(options: argparse.Namespace) -> int:
    """Checks what students handed in for a sheet of exercises; exit code 1 where a run is not what it says."""
    from vae_core.analysis import exercise_sheets
    from vae_core.jobs import marking

    known = exercise_sheets.bundled()
    sheet = known[options.sheet] if options.sheet in known else exercise_sheets.read(Path(options.sheet))
    with marking.temporary() as folder:
        marked = marking.Marking(sheet, Path(folder), options.data, options.retrain)
        students = []
        for number, path in enumerate(options.handed):
            notify(f"{number + 1} of {len(options.handed)}: {marking.printable(path)}")
            students.append(marked.student(Path(path), number))
        print(f"{sheet.title}, {counted(len(sheet.tasks), 'task')}")
        shared = marking.copies(students)
        for student in students:
            print_student(student, marked.marks(student), shared)
    broken = [student.name for student in students if student.broken]
    print(f"\n{counted(len(students), 'student')}" + (f"; not what it says: {', '.join(broken)}" if broken else ""))
    return int(bool(broken))


def print_student(student, marks: list, shared: dict[tuple[str, str], str]) -> None:
    """A student's table: a line for each task, and one for each run."""
    from vae_core.jobs.marking import printable

    print(f"\n{student.name}  {sum(bool(mark.holds) for mark in marks)} of {len(marks)}")
    for number, mark in enumerate(marks, 1):
        print(f"  {number:2}  {MARKS[mark.holds]:8}{printable(mark.said, 400)}")
    for run in student.runs:
        if run.broken:
            print(f"  {run.file}  BROKEN: {run.broken}")
            continue
        remarks = [*run.remarks, shared.get((student.name, run.file), "")]
        print(f"  {run.file}  run {run.entry.key}, seals whole; " + "; ".join(filter(None, remarks)))
