# SPDX-License-Identifier: Apache-2.0
"""Groups stored vectors by a method that one would use instead of kith's.

    group_faces.py METHOD VECTORS.npy OUT.txt [--setting NAME=VALUE]...

Writes the number of each row's cluster, a line a row, and prints {"seconds", "versions"}: the grouping alone,
without start-up and reading. Faces that a method calls noise are clusters of one. All vectors are of unit
length, so that a Euclidean distance d and a similarity s say the same: d^2 = 2 - 2 s.
"""

import argparse
import json
import time


def singles_for_noise(labels):
    import numpy

    labels = numpy.array(labels)
    noise = labels < 0
    labels[noise] = labels.max(initial=-1) + 1 + numpy.arange(noise.sum())
    return labels


def dbscan(vectors, similarity=0.5, min_samples=2):
    from sklearn.cluster import DBSCAN

    return singles_for_noise(DBSCAN(eps=(2 - 2 * similarity) ** 0.5, min_samples=int(min_samples),
                                    algorithm="brute", n_jobs=-1).fit(vectors).labels_)


def hdbscan(vectors, similarity=1.0, min_cluster_size=2, min_samples=1, leaf=0):
    from sklearn.cluster import HDBSCAN

    # Clusters nearer to each other than this are not taken apart; 0 where the similarity is 1.
    epsilon = max(0.0, 2 - 2 * similarity) ** 0.5
    return singles_for_noise(HDBSCAN(min_cluster_size=int(min_cluster_size), min_samples=int(min_samples),
                                     cluster_selection_epsilon=epsilon, algorithm="brute", n_jobs=-1, copy=True,
                                     cluster_selection_method="leaf" if leaf else "eom").fit(vectors).labels_)


def chinese_whispers(vectors, similarity=0.5):
    import dlib

    return dlib.chinese_whispers_clustering([dlib.vector(row.tolist()) for row in vectors], (2 - 2 * similarity) ** 0.5)


METHODS = {"dbscan": dbscan, "hdbscan": hdbscan, "chinese_whispers": chinese_whispers}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("method", choices=METHODS)
    parser.add_argument("vectors")
    parser.add_argument("out")
    parser.add_argument("--setting", action="append", default=[])
    chosen = parser.parse_args()
    settings = {name: float(value) for name, _, value in (each.partition("=") for each in chosen.setting)}

    import numpy

    vectors = numpy.load(chosen.vectors)
    begin = time.monotonic()
    labels = METHODS[chosen.method](vectors, **settings)
    seconds = time.monotonic() - begin
    with open(chosen.out, "w", encoding="utf-8") as file:
        file.write("".join(f"{label}\n" for label in labels))
    from importlib.metadata import version

    package = "dlib-bin" if chosen.method == "chinese_whispers" else "scikit-learn"
    print(json.dumps({"seconds": seconds, "versions": {package: version(package)}}))


if __name__ == "__main__":
    main()
