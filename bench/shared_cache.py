# SPDX-License-Identifier: Apache-2.0
"""What bench/interference.py measured, as a table."""

# Case, and what it is in the report's words.
CASES = (("alone", "VMs and hypervisor coloured, without the hog"), ("none", "nothing coloured"), ("vm", "the VMs coloured"),
         ("vm_hv", "VMs and hypervisor coloured"), ("miscoloured", "as before, one page of the hog's in a colour of the victim's"))
METRICS = ("victim_misses", "cross_evictions")


def rows(figures):
    """Of measured figures the boards, and by case what the victim missed and what it lost to others on each."""
    boards = sorted({tuple(key.split(".")[:2]) for key in figures if ".interference_" in key})
    found = [("interference_%s: %s" % case, *(figures["%s.%s.interference_%s.%s" % (*b, case[0], m)] for b in boards for m in METRICS))
             for case in CASES]
    return [board for _, board in boards], found if boards else []
