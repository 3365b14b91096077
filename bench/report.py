# SPDX-License-Identifier: Apache-2.0
"""The arithmetic and the tables of the benchmark. Pure: no clock, no files but replace_between's text."""

import statistics

BEGIN = "<!-- bench:begin -->"
END = "<!-- bench:end -->"


def summary(runs):
    """The middle of several runs of one tool on one set.

    Each run: {"photos", "wall_s", "loop_s" or None, "cpu_s", "peak_mb", "faces", "named", "right",
    "wrong", "failed"}. Times are medians; the counts must not differ between runs, and where they
    do, "unsteady" is true and the last run's are given. Without loop_s the whole process is the
    loop: the tool gets no credit for its start-up.
    """
    if not runs:
        raise ValueError("no runs to summarise")
    photos = runs[-1]["photos"]
    if any(run["photos"] != photos for run in runs):
        raise ValueError("runs over different numbers of photos")
    wall = statistics.median(run["wall_s"] for run in runs)
    loop = statistics.median(run["wall_s"] if run["loop_s"] is None else run["loop_s"] for run in runs)
    counts = [tuple(run[key] for key in ("faces", "named", "right", "wrong", "failed")) for run in runs]
    return {
        "photos": photos,
        "runs": len(runs),
        "wall_s": wall,
        "rate_whole": photos / wall,
        "rate_net": photos / loop,
        "cpu_ms": 1000 * statistics.median(run["cpu_s"] for run in runs) / photos,
        "peak_mb": max(run["peak_mb"] for run in runs),
        "faces": counts[-1][0],
        "named": counts[-1][1],
        "right": counts[-1][2],
        "wrong": counts[-1][3],
        "failed": counts[-1][4],
        "unsteady": len(set(counts)) > 1,
    }


def ratio_alone(kith, other):
    """How many times as fast kith is over the photos alone, either's start-up, model loading and enrolment left out.

    Like for like: this is the ratio that the bars judge.
    """
    return kith["rate_net"] / other["rate_net"]


def ratio_whole(kith, other):
    """The same over the whole processes: what somebody with as many photos waits. Like for like too."""
    return kith["rate_whole"] / other["rate_whole"]


def ratio_handicapped(kith, other):
    """kith's whole process against the other's photos alone: unfair to kith, told because it is the hardest."""
    return kith["rate_whole"] / other["rate_net"]


def overhead(timings):
    """The pipeline's cost over its own decode and inference, as a fraction: 0.15 is 15 %.

    timings is what `kith identify --timings FILE` wrote: wall_s is the pipeline's own time, the
    stages' seconds are summed over threads.
    """
    work = timings["decode_s"] + timings["detect_s"] + timings["embed_s"]
    if work <= 0:
        raise ValueError("the timings hold no decode or inference time")
    return timings["wall_s"] * timings["threads"] / work - 1


def is_flat(peaks_mb, allowed=0.1):
    """Whether the last peak is within a tenth of the first: memory does not grow with the photos."""
    return peaks_mb[-1] <= peaks_mb[0] * (1 + allowed)


def table(header, rows):
    """A Markdown table; every column but the first is right-aligned."""
    widths = [max(len(str(row[i])) for row in [header] + rows) for i in range(len(header))]

    def line(cells):
        padded = [str(c).ljust(w) if i == 0 else str(c).rjust(w) for i, (c, w) in enumerate(zip(cells, widths))]
        return "| " + " | ".join(padded) + " |"

    rule = ["-" * w if i == 0 else "-" * (w - 1) + ":" for i, w in enumerate(widths)]
    return "\n".join([line(header), "| " + " | ".join(rule) + " |"] + [line(row) for row in rows])


def number(value):
    """Three significant digits, without an exponent."""
    if value is None:
        return "-"
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3g}"


def speed_table(results):
    """One row a tool: results is [(title, summary, has_names)], kith's entry titled "kith" if it ran."""
    kith = next((entry for title, entry, _ in results if title == "kith"), None)
    header = ["tool", "photos/s, whole process", "photos/s, photos alone",
              "kith is faster by, photos alone (the bar)", "... whole process", "... kith whole, other's photos alone",
              "CPU ms a photo, whole process", "peak MB", "faces", "names", "right", "wrong", "failed", "runs"]
    rows = []
    for title, entry, has_names in results:
        faster = ["-" if kith is None or entry is kith else f"{number(ratio(kith, entry))}x"
                  for ratio in (ratio_alone, ratio_whole, ratio_handicapped)]
        names = [entry["named"], entry["right"], entry["wrong"]] if has_names else ["-"] * 3
        rows.append([title, number(entry["rate_whole"]), number(entry["rate_net"]), *faster,
                     number(entry["cpu_ms"]), number(entry["peak_mb"]),
                     f"{entry['faces']}{' (unsteady)' if entry['unsteady'] else ''}", *names,
                     entry["failed"], entry["runs"]])
    return table(header, rows)


def verdict(value, bar, at_least, unit=""):
    """"12.3x, bar 10x: met" """
    met = value >= bar if at_least else value <= bar
    return f"{number(value)}{unit}, bar {number(bar)}{unit}: {'met' if met else 'MISSED'}"


def replace_between(text, body):
    """The text with what stands between the two markers replaced; markers are appended where absent."""
    block = f"{BEGIN}\n{body.strip()}\n{END}"
    if BEGIN in text and END in text and text.index(BEGIN) < text.index(END):
        return text[: text.index(BEGIN)] + block + text[text.index(END) + len(END):]
    if BEGIN in text or END in text:
        raise ValueError("one of the two bench markers is missing or they are in the wrong order")
    return text.rstrip("\n") + ("\n\n" if text else "") + block + "\n"
