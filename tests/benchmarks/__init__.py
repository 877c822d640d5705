"""Speed and memory of every stage, as ratios measured in one run: `python -m tests.benchmarks`, from the repository's folder.

workbooks  the workbooks that are measured         stub     an ERP that answers at once, and records what it was asked
loadgen    the same calls made by a bare client    floors   what cannot be beaten: calamine, the bare client
stages     our own stages, each in its process     peers    other tools at the same work
measuring  processes, medians, growth              table    what is printed
"""
