"""Scores of validation passes as scikit-learn computes them, for EvaluationAccumulatorTest.

  python3 scores.py            writes ../resources/golden/scores.json; needs scikit-learn
  python3 scores.py --check    computes again and compares with the file, by the same formulas where scikit-learn is missing
"""
import json
import pathlib
import sys
import warnings

import numpy as np

try:
    from sklearn.metrics import balanced_accuracy_score, f1_score
except ImportError:
    balanced_accuracy_score = f1_score = None

GOLDEN = pathlib.Path(__file__).parent.parent / "resources/golden/scores.json"


def cases():
    draw = np.random.default_rng(7)
    yield 3, [0, 0, 1, 2], [0, 1, 1, 1]
    yield 4, [0, 0, 1, 1], [0, 0, 1, 1]  # classes that neither is nor is predicted do not count
    yield 4, [0, 0, 1, 1], [3, 0, 3, 1]  # one that is only predicted has an F1 of 0 and no recall
    yield 3, [0, 1, 2], [1, 2, 0]
    for classes, count in (5, 40), (51, 300), (2, 51):
        labels = np.minimum(draw.geometric(3 / (classes + 2), count) - 1, classes - 1)
        predicted = np.where(draw.random(count) < 0.6, labels, draw.integers(0, classes, count))
        yield classes, labels.tolist(), predicted.tolist()


def scores(classes, labels, predicted):
    labels, predicted = np.array(labels), np.array(predicted)
    hits = np.array([np.sum((labels == c) & (predicted == c)) for c in range(classes)])
    support = np.array([np.sum(labels == c) for c in range(classes)])
    both = support + np.array([np.sum(predicted == c) for c in range(classes)])
    f1 = np.divide(2 * hits, both, out=np.zeros(classes), where=both > 0)
    result = {"macroF1": f1[both > 0].mean(), "balancedAccuracy": (hits[support > 0] / support[support > 0]).mean(),
              "f1": f1.tolist()}
    if f1_score is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reference = {"macroF1": f1_score(labels, predicted, average="macro", zero_division=0),
                         "balancedAccuracy": balanced_accuracy_score(labels, predicted),
                         "f1": f1_score(labels, predicted, labels=range(classes), average=None, zero_division=0).tolist()}
        assert np.allclose(result["f1"], reference["f1"], rtol=1e-12) and all(
            abs(result[k] - reference[k]) < 1e-12 for k in ("macroF1", "balancedAccuracy")), (result, reference)
        result = reference
    return {k: v if isinstance(v, list) else float(v) for k, v in result.items()}


def main():
    made = [{"classes": c, "labels": l, "predicted": p, **scores(c, l, p)} for c, l, p in cases()]
    if "--check" not in sys.argv:
        assert f1_score is not None, "writing needs scikit-learn"
        GOLDEN.write_text(json.dumps(made) + "\n")
        return
    for old, new in zip(json.loads(GOLDEN.read_text()), made, strict=True):
        assert all(old[k] == new[k] for k in ("classes", "labels", "predicted")), "the golden file has other cases"
        assert np.allclose([old["macroF1"], old["balancedAccuracy"], *old["f1"]],
                           [new["macroF1"], new["balancedAccuracy"], *new["f1"]], rtol=1e-12)
    print(f"scores.json: {len(made)} cases are the same" + ("" if f1_score else " by formula, scikit-learn is missing"))


if __name__ == "__main__":
    main()
