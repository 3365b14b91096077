# SPDX-License-Identifier: Apache-2.0
"""Vectors of people who do not exist, spread as those of a real data set are.

    synthetic_faces.py STEM OUT FACES [--people N] [--seed S]

STEM.npy and STEM.txt are the vectors and people of a real data set, as `kith eval cluster --save STEM` leaves
them; OUT.npy and OUT.txt are written. Each person is a centre drawn from a Gaussian with the real people's mean
and between-person covariance; each face is its person's centre and a deviation with the real within-person
covariance, stretched by a factor drawn from the real people (some change more than others) and one from their
faces (some photos are worse than others), put back to unit length. Tells both sets' similarities, so that one sees how alike they are.
"""

import argparse
import json

import numpy

CHUNK = 20_000


def read(stem):
    vectors = numpy.load(stem + ".npy", mmap_mode="r")
    with open(stem + ".txt", encoding="utf-8") as file:
        people = [line.rstrip("\n").split("\t")[0] for line in file]
    if len(people) != len(vectors):
        raise SystemExit(f"{stem}: {len(vectors)} vectors and {len(people)} labels")
    return vectors, numpy.unique(people, return_inverse=True)[1]


def means_of(vectors, people):
    sums = numpy.zeros((people.max() + 1, vectors.shape[1]))
    numpy.add.at(sums, people, vectors)
    counts = numpy.bincount(people)
    return sums / counts[:, None], counts


def root(covariance):
    """A matrix whose product with its transpose is this, negative eigenvalues left out."""
    values, vectors = numpy.linalg.eigh(covariance)
    return (vectors * numpy.sqrt(values.clip(min=0))).T


def spread(vectors, people):
    """{"mean", "between", "within", "people", "faces"}: the roots of the two covariances, and what deviations are
    stretched by."""
    vectors = numpy.asarray(vectors, dtype=numpy.float64)
    means, counts = means_of(vectors, people)
    several = counts[people] > 1
    deviations = (vectors - means[people])[several]
    # n faces deviate from their own mean by (n - 1) / n of the variance.
    within = deviations.T @ deviations / (counts[counts > 1] - 1).sum()
    between = numpy.cov(means.T) - within * (1 / counts).mean()
    squares = numpy.bincount(people[several], (deviations ** 2).sum(axis=1), len(counts))
    variances = squares / numpy.maximum(counts - 1, 1)
    many = counts[people[several]] >= 5
    owners = people[several][many]
    lengths = numpy.linalg.norm(deviations[many], axis=1)
    return {"mean": means.mean(axis=0), "between": root(between), "within": root(within),
            "people": numpy.sqrt(variances[counts > 1] / numpy.trace(within)),
            "faces": lengths / numpy.sqrt(variances[owners] * (1 - 1 / counts[owners]))}


def sizes(faces, people, random):
    """How many faces each person has: one, and a share of the rest by exponential weights, so that most have
    few and some have many."""
    weights = random.exponential(size=people)
    return 1 + random.multinomial(faces - people, weights / weights.sum())


def write(fitted, out, faces, people, seed):
    random = numpy.random.default_rng(seed)
    owners = numpy.repeat(numpy.arange(people), sizes(faces, people, random))
    random.shuffle(owners)
    dimension = len(fitted["mean"])
    within = fitted["within"].astype(numpy.float32)
    between = fitted["between"].astype(numpy.float32)
    centres = numpy.empty((people, dimension), numpy.float32)
    for begin in range(0, people, CHUNK):
        part = centres[begin:begin + CHUNK]
        part[:] = random.standard_normal(part.shape, numpy.float32) @ between + fitted["mean"]
    stretch = random.choice(fitted["people"], people).astype(numpy.float32)
    rows = numpy.lib.format.open_memmap(out + ".npy", mode="w+", dtype="<f4", shape=(faces, dimension))
    for begin in range(0, faces, CHUNK):
        part = owners[begin:begin + CHUNK]
        deviations = random.standard_normal((len(part), dimension), numpy.float32) @ within
        deviations *= (stretch[part] * random.choice(fitted["faces"], len(part)).astype(numpy.float32))[:, None]
        vectors = centres[part] + deviations
        rows[begin:begin + CHUNK] = vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)
    rows.flush()
    with open(out + ".txt", "w", encoding="utf-8") as file:
        file.write("\n".join(map(str, owners)) + "\n")
    return rows, owners


def similarities(vectors, people, seed=1, pairs=200_000):
    """Mean and standard deviation over random pairs of one person and of two people, each person's pairs alike."""
    random = numpy.random.default_rng(seed)
    order = numpy.argsort(people, kind="stable")
    begins = numpy.flatnonzero(numpy.r_[True, numpy.diff(people[order]) > 0])
    counts = numpy.diff(numpy.r_[begins, len(order)])
    several = numpy.flatnonzero(counts > 1)
    chosen = random.choice(several, pairs)
    first = random.integers(counts[chosen])
    second = (first + random.integers(1, counts[chosen])) % counts[chosen]
    found = {}
    for name, a, b in (("same", order[begins[chosen] + first], order[begins[chosen] + second]),
                       ("different", random.integers(len(order), size=pairs), random.integers(len(order), size=pairs))):
        if name == "different":
            a, b = a[people[a] != people[b]], b[people[a] != people[b]]
        # In parts: whole rows of two hundred thousand pairs are most of a gigabyte.
        values = numpy.concatenate([numpy.einsum("ij,ij->i", vectors[a[i:i + CHUNK]], vectors[b[i:i + CHUNK]])
                                    for i in range(0, len(a), CHUNK)])
        found[name] = {"mean": round(float(values.mean()), 3), "sd": round(float(values.std()), 3),
                       "p99.9": round(float(numpy.quantile(values, 0.999)), 3)}
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stem")
    parser.add_argument("out")
    parser.add_argument("faces", type=int)
    parser.add_argument("--people", type=int, help="a tenth of the faces")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    vectors, people = read(chosen.stem)
    fitted = spread(vectors, people)
    rows, owners = write(fitted, chosen.out, chosen.faces, chosen.people or chosen.faces // 10, chosen.seed)
    print(json.dumps({"real": similarities(vectors, people), "synthetic": similarities(rows, owners)}))


if __name__ == "__main__":
    main()
