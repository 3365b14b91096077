# SPDX-License-Identifier: Apache-2.0
"""What machine the figures come from, as Markdown list items."""

import os
import platform
import subprocess

FLAGS = ("avx2", "avx512f", "avx512_bf16", "avx512_vnni", "avx_vnni", "amx_bf16", "amx_int8", "asimd", "bf16")


def describe(binary, versions, load):
    """binary: kith's, or None; versions: {package: version} of the competitors; load: before the run."""
    cpu = _cpuinfo()
    model = cpu.get("model name") or cpu.get("CPU part") or platform.machine()
    flags = [flag for flag in FLAGS if flag in (cpu.get("flags") or cpu.get("Features") or "").split()]
    lines = [
        f"CPU: {model}, {len(os.sched_getaffinity(0))} processors for this run, {platform.machine()}; "
        f"{', '.join(flags) or 'none of the extensions that matter here'}",
        f"memory: {_memory_gb()} GB; kernel {platform.release().split('-')[0]}; {_distribution()}; "
        f"Python {platform.python_version()}",
        "load average before the run: " + " ".join(f"{average:.1f}" for average in load),
    ]
    if binary:
        lines.append("kith: " + _first_line([binary, "--version"]))
    if versions:
        lines.append("; ".join(f"{name} {version}" for name, version in sorted(versions.items())))
    return "\n".join(f"- {line}" for line in lines)


def _cpuinfo():
    found = {}
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            key, _, value = line.partition(":")
            found.setdefault(key.strip(), value.strip())
    return found


def _memory_gb():
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9)


def _distribution():
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.system()


def _first_line(command):
    try:
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        return f"version unknown ({error})"
    return output.splitlines()[0] if output else "version unknown"
