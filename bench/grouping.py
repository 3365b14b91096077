# SPDX-License-Identifier: Apache-2.0
"""The figures of a grouping, for bench/cluster: the same definitions as `kith eval cluster`, written apart from it,
so that kith is not its own judge."""

from collections import Counter


def scores(clusters, people):
    """{"clusters", "pairwise": (precision, recall, F), "bcubed": (precision, recall, F)}"""
    if len(clusters) != len(people):
        raise ValueError(f"{len(clusters)} clusters for {len(people)} faces")
    in_cluster, of_person, of_both = Counter(clusters), Counter(people), Counter(zip(clusters, people))

    def pairs(counts):
        return sum(count * (count - 1) // 2 for count in counts.values())

    together = pairs(of_both)
    faces = max(len(people), 1)
    return {
        "clusters": len(in_cluster),
        "pairwise": triple(share(together, pairs(in_cluster)), share(together, pairs(of_person))),
        "bcubed": triple(sum(n * n / in_cluster[cluster] for (cluster, _), n in of_both.items()) / faces,
                         sum(n * n / of_person[person] for (_, person), n in of_both.items()) / faces),
    }


def share(part, whole):
    return part / whole if whole else 1.0


def triple(precision, recall):
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def worth(found):
    """What settings are chosen by: the mean of both F."""
    return (found["pairwise"][2] + found["bcubed"][2]) / 2
