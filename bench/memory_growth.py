# SPDX-License-Identifier: Apache-2.0
"""Peak memory of `kith identify` over ever more photos."""

import os

import report
import sets
import tools

BAR_MB = 600
COUNTS = (200, 1000, 2000)
QUICK_COUNTS = (20, 60)


def photos_of(samples, work, wider, sizes):
    """(What they are, the photos)."""
    if wider:
        return "crowds, 4,000 pixels long", sets.crowds(wider, work, tools.PYTHON)
    if sizes:
        return f"up to {sets.SIZES} sizes, none larger than 1,000 x 1,000", sets.sizes(samples, work, tools.PYTHON)
    return "12 megapixels", sets.large(samples, work, tools.PYTHON)["photos"]


def section(binary, deps, work, quick=False, threads=None, wider=None, sizes=False):
    """The Markdown of the section; of crowds where WIDER's folder is given. Raises sets.Missing or tools.Failed."""
    samples = os.path.join(deps, "samples")
    title, photos = photos_of(samples, work, wider, sizes)
    people = sets.small(samples, work)["people_dir"]
    threads = threads or len(os.sched_getaffinity(0))
    folder = os.path.join(work, "many")
    rows, peaks = [], []
    for count in QUICK_COUNTS if quick else COUNTS:
        sets.many(photos, count, folder)
        output, used = tools.measure(
            [binary, "identify", folder, "--people", people, "--json", "--quiet",
             "--threads", str(threads)], threads)
        if len(output.splitlines()) != count:
            raise tools.Failed(f"kith told of {len(output.splitlines())} photos out of {count}")
        peaks.append(used["peak_mb"])
        rows.append([count, report.number(used["peak_mb"]), report.number(used["wall_s"])])
        tools.note(f"memory: {count} photos, peak {used['peak_mb']:.0f} MB")
    flat = "flat" if report.is_flat(peaks) else "GROWING"
    return "\n".join([
        f"### Memory: photos of {title}, {threads} threads",
        "",
        report.table(["photos", "peak resident MB", "seconds"], rows),
        "",
        f"- peak: {report.verdict(max(peaks), BAR_MB, False, ' MB')}; {flat} (the last within a tenth of the first)",
    ])
