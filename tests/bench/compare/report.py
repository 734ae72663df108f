"""Medians and ratios: a table to read, and JSON."""

import json
import os
import platform
import statistics
import subprocess

ORDER = ["mailmirror", "raw", "cp+sync", "mbsync", "offlineimap", "interimap"]


def summary(values):
    values = sorted(values)
    result = {"median": statistics.median(values), "runs": len(values), "least": values[0], "most": values[-1]}
    if len(values) >= 20:
        result["p99"] = values[min(len(values) - 1, round(0.99 * (len(values) - 1)))]
    return result


def summaries(figures):
    """case -> subject -> figure -> median, runs, least, most (and p99 from 20 values on)."""
    result = {}
    for case, subjects in figures.items():
        result[case] = {}
        for subject, rows in subjects.items():
            keys = dict.fromkeys(key for row in rows for key in row)
            result[case][subject] = {key: summary([row[key] for row in rows if key in row]) for key in keys}
    return result


def versions(bench):
    found = {}
    for program in bench.programs:
        asked = subprocess.run([program.executable, "--version"], capture_output=True, text=True)
        found[program.name] = (asked.stdout + asked.stderr).strip().splitlines()[:1]
    return {name: lines[0] if lines else "?" for name, lines in found.items()}


def to_json(bench, medians):
    return {"machine": {"cores": os.cpu_count(), "system": platform.platform(), "load": os.getloadavg()}, "programs": versions(bench),
            "runs": bench.runs, "quick": bench.quick, "notes": bench.notes, "cases": medians}


def _time_cell(subjects, subject):
    if subject not in subjects or "seconds" not in subjects[subject]:
        return "–"
    value = subjects[subject]["seconds"]
    ours = subjects.get("mailmirror", {}).get("seconds", {}).get("median")
    cell = f"{value['median']:.3f}" if value["median"] < 10 else f"{value['median']:.1f}"
    if "p99" in value:
        cell += f" / {value['p99']:.3f}"
    elif subject != "mailmirror" and ours:
        cell += f" ({value['median'] / ours:.2g})"
    return cell


def _rows(header, rows):
    table = [header] + rows
    widths = [max(len(row[column]) for row in table) for column in range(len(header))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in table]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def times_table(medians):
    timed = {case: subjects for case, subjects in medians.items() if any("seconds" in figures for figures in subjects.values())}
    subjects = [subject for subject in ORDER if any(subject in row for row in timed.values())]
    return _rows(["seconds, median (others: ratio to ours; / p99)"] + subjects,
                 [[case] + [_time_cell(row, subject) for subject in subjects] for case, row in timed.items()])


def other_table(medians):
    """Everything that isn't wall time."""
    rows = []
    for case, subjects in medians.items():
        for subject in ORDER:
            others = {key: value for key, value in subjects.get(subject, {}).items() if key != "seconds"}
            if others:
                rows.append([case, subject, ", ".join(f"{key.replace('_', ' ')} {value['median']:.4g}" for key, value in others.items())])
    return _rows(["case", "program", "medians of the other figures"], rows) if rows else ""


def write(bench, path):
    medians = summaries(bench.figures)
    print()
    print(times_table(medians))
    print()
    print(other_table(medians))
    for note in bench.notes:
        print(f"note: {note}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(to_json(bench, medians), indent=1) + "\n")
    print(f"\nAll figures: {path}")
