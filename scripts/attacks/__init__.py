"""Attacks on physfit: what must not be lost, corrupted or executed, tried at random.

An attack is a module with `attack(log, seed, count)` and two counts, `QUICK` for some
minutes of all and `FULL` for a release. It makes `count` cases from the seed alone,
runs each in a process of its own (`running`), judges how it ended (`judging`), and
tells the log (`counting`), which keeps what did not hold with the files that reproduce
it.
"""
