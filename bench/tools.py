# SPDX-License-Identifier: Apache-2.0
"""The tools that are timed and how one run of one of them is started and measured."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
VENV = os.path.join(ROOT, ".venv-bench")
PYTHON = os.path.join(VENV, "bin", "python")
# Where bench/setup put PyTorch: its own environment with the registry's build, or Debian's package.
TORCH_PYTHON = os.path.join(VENV, "torch", "bin", "python")
TORCH_SITE = os.path.join(VENV, "torch-site")
# dlib built with OpenBLAS, if bench/setup was asked for it.
DLIB_SITE = os.path.join(VENV, "dlib-site")
OPENBLAS = os.path.join(VENV, "openblas")


def in_bench_python():
    """Goes on in the Python that bench/setup made, which has NumPy. Call it before NumPy is imported."""
    if os.path.realpath(sys.prefix) == os.path.realpath(VENV):
        return
    if not os.path.exists(PYTHON):
        note(f"needs {PYTHON}: run bench/setup")
        sys.exit(3)
    os.execv(PYTHON, [PYTHON, *sys.argv])


class Failed(Exception):
    """A tool did not run; the message says why."""


def competitors():
    """[{title, command, env, options, sets, has_names}]: add one here (bench/README.md)."""
    def script(name):
        return os.path.join(HERE, "competitors", name)

    if os.path.exists(TORCH_PYTHON):
        torch, torch_env = TORCH_PYTHON, {}
    else:
        torch, torch_env = "/usr/bin/python3", {"PYTHONPATH": TORCH_SITE, "LD_LIBRARY_PATH": OPENBLAS}
    dlib = [PYTHON, script("face_recognition_dlib.py")]
    facenet = [torch, script("facenet_pytorch_mtcnn.py")]
    both, large = ("lfw", "12mp"), ("12mp",)
    built = []
    if os.path.isdir(DLIB_SITE):
        dlib_env = {"PYTHONPATH": DLIB_SITE, "LD_LIBRARY_PATH": OPENBLAS}
        built = [_entry("face_recognition, dlib built with OpenBLAS", dlib, dlib_env, sets=both)]
    return [
        _entry("opencv + onnxruntime", [PYTHON, script("opencv_onnxruntime.py")], sets=both),
        _entry("face_recognition", dlib, sets=both),
        *built,
        _entry("face_recognition, photos shrunk to 1024", dlib, sets=large, options={"max_side": 1024}),
        _entry("facenet-pytorch", facenet, torch_env, sets=both, has_names=False),
        _entry("facenet-pytorch, photos shrunk to 1024", facenet, torch_env, sets=large,
               options={"max_side": 1024}, has_names=False),
    ]


def _entry(title, command, env=None, options=None, sets=(), has_names=True):
    return {"title": title, "command": command, "env": env or {}, "options": options or {}, "sets": sets,
            "has_names": has_names}


def first_cpus(count):
    """The first `count` processors that this process may use."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < count:
        raise Failed(f"{count} processors are asked for and {len(allowed)} may be used")
    return allowed[:count]


def measure(command, threads, env=None, text="", codes=(0,)):
    """Run a command on the first `threads` processors.

    Returns (standard output, {"wall_s", "cpu_s", "peak_mb"}); a process's peak includes no children
    of its own, the largest one counts. Other exit codes than `codes` raise Failed.
    """
    command = ["taskset", "-c", ",".join(map(str, first_cpus(threads))), *command]
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    environment.update(env or {})
    with tempfile.TemporaryFile() as errors:
        begin = time.monotonic()
        try:
            process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=errors)
        except OSError as error:
            raise Failed(f"{command[0]} can't be started: {error}") from error
        feeder = threading.Thread(target=_feed, args=(process.stdin, text.encode()))
        feeder.start()
        with process.stdout:
            output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        feeder.join()
        if process.returncode not in codes:
            errors.seek(0)
            tail = errors.read().decode(errors="replace").strip()[-2000:]
            raise Failed(f"{' '.join(command[3:6])} ... ended with {process.returncode}: {tail or 'no message'}")
    return output.decode(), {
        "wall_s": wall,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
    }


def _feed(pipe, data):
    try:
        pipe.write(data)
        pipe.close()
    except BrokenPipeError:
        pass  # its exit code tells


def run_competitor(tool, photo_set, threads, models):
    """One run: (measurements, {path: names}, the tool's own report)."""
    job = {"photos": photo_set["photos"], "people": photo_set["people"], "threads": threads, "models": models,
           "options": tool["options"]}
    if not os.path.exists(tool["command"][0]):
        raise Failed(f"{tool['command'][0]} is missing: run bench/setup first")
    output, used = measure(tool["command"], threads, tool["env"], json.dumps(job))
    try:
        report = json.loads(output)
    except ValueError as error:
        raise Failed(f"{tool['title']} printed no JSON result: {output[:200]!r}") from error
    used.update(photos=report["photos"], loop_s=report["loop_s"], failed=len(report["failed"]))
    return used, report["names"], report


def run_kith(binary, photo_set, threads, timed=True, options=()):
    """One run of `kith identify`: (measurements, {path: names}).

    "timings" is what its --timings wrote. Their wall_s is its time over the photos alone, the counterpart of a
    competitor's loop; what is left of the whole process is start-up, loading and enrolment. Untimed, the whole
    process is its time, and the milliseconds for writing that file are no part of it.
    """
    command = [binary, "identify", *photo_set["photos"], "--people", photo_set["people_dir"], "--json",
               "--quiet", "--threads", str(threads), *options]
    timings = {"wall_s": None}
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "timings.json")
        output, used = measure(command + (["--timings", file] if timed else []), threads, codes=(0, 1))
        if timed:
            timings = _read_timings(file)
    names, failed = {}, 0
    for line in output.splitlines():
        photo = json.loads(line)
        if "error" in photo:
            failed += 1
        else:
            names[photo["photo"]] = [face["name"] for face in photo["faces"]]
    used.update(photos=len(names) + failed, loop_s=timings["wall_s"], failed=failed, timings=timings)
    if used["photos"] != len(photo_set["photos"]):
        raise Failed(f"kith told of {used['photos']} photos out of {len(photo_set['photos'])}")
    return used, names


def detect(binary, photos, threads, options=()):
    """{path: boxes of the faces that `kith detect` finds}; photos and folders of photos may be given."""
    output, _ = measure([binary, "detect", *photos, "--json", "--quiet", "--threads", str(threads), *options], threads)
    found = [json.loads(line) for line in output.splitlines()]
    return {photo["photo"]: [face["box"] for face in photo["faces"]] for photo in found}


def _read_timings(file):
    try:
        with open(file, encoding="utf-8") as stream:
            return json.load(stream)
    except (OSError, ValueError) as error:
        raise Failed(f"kith wrote no timings: {error}") from error


def note(message):
    print(message, file=sys.stderr, flush=True)
