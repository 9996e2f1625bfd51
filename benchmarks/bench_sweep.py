"""Time sweeps: workers of this machine beside one loop.

The peer is the same work done one after the other in this process, in the same run; workers are
warm, as they are after the first seconds of a sweep. A ratio of 2 with two workers would be
perfect. The last rows are what a scheduler costs: a task that does nothing, and the bytes sent.
"""

import pickle
import time
from concurrent.futures import wait
from itertools import islice
from pathlib import Path

from benchmarks.timing import pick, row, seconds
from lupuscart.sweep.grid import Grid
from lupuscart.sweep.targets import find_targets
from lupuscart.sweep.tasks import Task, run_tasks, software
from lupuscart.sweep.workers import connect

ROOT = Path(__file__).parents[1]
CALLS = Grid(
    {
        "n1": tuple(range(10, 50)),
        "n2": tuple(range(10, 50)),
        "p1": (0.8,),
        "p2": (0.4,),
        "test": ("boschloo",),
    }
)
PAGES = Grid({"confidence_level": (0.9, 0.95), "method": ("wilson", "blaker")})
NOTHING = Grid({"rate": (0.05,), "true_rate": tuple(i / 2000 for i in range(1000))})


def work(client, target, tasks, batch):
    """Do all tasks, so many at a time, and wait for the last."""
    pool = client.get_executor(pure=False)
    rest = iter(tasks)
    batches = iter(lambda: list(islice(rest, batch)), [])
    futures = [pool.submit(run_tasks, target.code(each[0]), each, software()) for each in batches]
    wait(futures)
    failed = [done.error for future in futures for done in future.result() if done.error]
    if failed:
        raise RuntimeError(failed[0])
    return [future.result() for future in futures]


def target_of(name, grid):
    """Return the only target, and its tasks."""
    [target] = find_targets([name], grid, root=ROOT)
    return target, list(target.tasks())[: pick(None, 8)]


def throughput(what, name, grid, batch):
    """Rows of one kind of work with one worker and with two."""
    target, tasks = target_of(name, grid)
    code = target.code(tasks[0])
    run_tasks(code, tasks[:1], software())
    serial = seconds(lambda: [run_tasks(code, [task], software()) for task in tasks])
    rows = []
    for workers in (1, 2):
        with connect(jobs=workers) as client:
            # Twice as many as there are workers: each has begun, and has its imports.
            work(client, target, tasks[: 2 * workers], 1)
            fresh = [Task(f"{task.key} again", task.settings) for task in tasks]
            ours = seconds(lambda c=client, fresh=fresh: work(c, target, fresh, batch))
        label = f"{len(tasks)} {what}, {workers} worker{'s' * (workers > 1)}"
        rows.append(row(label, ours, "one after the other", serial))
    return rows


def overhead():
    """What one task costs beside its work: seconds, and the sender's processor."""
    target, tasks = target_of("planning.no_event_plan", NOTHING)
    with connect(jobs=2) as client:
        work(client, target, tasks[:4], 1)
        busy = time.process_time()
        took = seconds(lambda: work(client, target, tasks[4:], 1))
        busy = time.process_time() - busy
    name = "a task that does nothing"
    return [
        row(name, took / len(tasks[4:])),
        row(f"{name}, processor of this process", busy / len(tasks[4:])),
    ]


def weights():
    """Bytes of one task of notebook 02, and of its outcome."""
    target, [task, *_] = target_of("02", PAGES)
    sent = pickle.dumps((target.code(task), [task], software()))
    back = pickle.dumps(run_tasks(target.code(task), [task], software()))
    return len(sent), len(back)


def rows():
    """Return the rows of all benchmarks of this module."""
    # Each design of its own size, so that no region is kept from an earlier call.
    return [
        *throughput("calls of power_two_arm", "planning.power_two_arm", CALLS, 20),
        *throughput("runs of 02_response", "02", PAGES, 1),
        *overhead(),
    ]
