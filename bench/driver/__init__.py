# SPDX-License-Identifier: BSD-2-Clause
"""The measuring harness: targets to mount, rounds to run, a table to print. Standard library only."""
