# SPDX-License-Identifier: Apache-2.0
"""The interface of a competitor: a JSON job on standard input, a JSON result on standard output.

A competitor is a file with two functions and a call of serve():

    load(job)          -> state      import the libraries, load the models, enrol job["people"]
    identify(state, p) -> [name|None, ...]   one entry a face found in the photo at path p
    versions(state)    -> {package: version}

    job    = {"photos": [path], "people": {name: [path]}, "threads": n, "models": dir, "options": {}}
    result = {"photos": n, "faces": n, "names": {path: [name|None]}, "failed": {path: message},
              "load_s": seconds before the first photo, "loop_s": seconds over the photos,
              "versions": {}, "how": how the threads are used}

With pool=True, a job of n > 1 threads is given to n processes that share one list of photos, each
with its own models: the way to keep several cores busy where a library computes on one. The clock
of the photos starts only once every process has loaded and enrolled.
"""

import json
import multiprocessing
import os
import sys
import threading
import time
import traceback

START = time.monotonic()

# Loading and enrolling takes seconds; a worker that hangs must not hang the benchmark.
LOAD_LIMIT_S = 300

# What one process of a pool keeps between photos.
_worker = {}


def set_threads(count):
    """Tell every library that reads its thread count from the environment; call before importing them."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(count)


def _start_worker(load, identify, job, barrier):
    # A worker that raises here would be replaced for ever; a broken barrier ends the run instead.
    try:
        set_threads(1)
        _worker["state"] = load(dict(job, threads=1))
        _worker["identify"] = identify
        barrier.wait()
    except threading.BrokenBarrierError:
        pass
    except Exception:
        traceback.print_exc()
        barrier.abort()


def _do(path):
    return path, _guarded(_worker["identify"], _worker["state"], path)


def _guarded(identify, state, path):
    """The photo's names, or a message: one bad photo doesn't stop a run."""
    try:
        return list(identify(state, path))
    except Exception as error:  # whatever a library throws
        return f"{type(error).__name__}: {error}"


def _run(job, load, identify, pool):
    threads = job["threads"]
    if pool and threads > 1:
        context = multiprocessing.get_context("fork")  # nothing heavy is imported yet in this process
        barrier = context.Barrier(threads + 1)
        with context.Pool(threads, _start_worker, (load, identify, job, barrier)) as workers:
            try:
                barrier.wait(LOAD_LIMIT_S)
            except threading.BrokenBarrierError:
                sys.exit("a worker could not load its models and enrol: see above")
            begin = time.monotonic()
            results = list(workers.imap_unordered(_do, job["photos"]))
            end = time.monotonic()
        return begin, end, results, f"{threads} processes"
    set_threads(threads)
    state = load(job)
    begin = time.monotonic()
    results = [(path, _guarded(identify, state, path)) for path in job["photos"]]
    return begin, time.monotonic(), results, f"1 process, {threads} thread{'s' if threads > 1 else ''}"


def serve(load, identify, versions, pool):
    job = json.load(sys.stdin)
    begin, end, results, how = _run(job, load, identify, pool)
    names = {path: found for path, found in results if isinstance(found, list)}
    json.dump(
        {
            "photos": len(results),
            "faces": sum(len(found) for found in names.values()),
            "names": names,
            "failed": {path: found for path, found in results if not isinstance(found, list)},
            "load_s": begin - START,
            "loop_s": end - begin,
            "versions": versions(),
            "how": how,
        },
        sys.stdout,
    )
