# SPDX-License-Identifier: Apache-2.0
"""What a draw says about all mutants: the exact (Clopper-Pearson) interval of a share."""
import math


def at_least(k, n, p):
    """Probability of k successes or more in n trials of chance p."""
    return sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))


def _solve(f, wanted):
    """Where the rising function f of [0, 1] reaches `wanted`."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if f(middle) < wanted else (low, middle)
    return low


def exact(k, n, confidence=0.95):
    """(low, high): the shares for which k of n is not surprising at either end."""
    tail = (1 - confidence) / 2
    low = _solve(lambda p: at_least(k, n, p), tail) if k > 0 else 0.0
    high = _solve(lambda p: at_least(k + 1, n, p), 1 - tail) if k < n else 1.0
    return low, high
