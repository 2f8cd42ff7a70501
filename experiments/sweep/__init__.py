"""Many runs anywhere: a design of scenarios and seeds, run on cores, Slurm or Dask without loss.

design   what is to be run, from DESIGN.toml, checked whole before anything runs
sampling points of a design: grid, list, Latin hypercube, Sobol, Saltelli, Morris
store    results as immutable Parquet parts; what is there is what is done
claim    who works in a folder now, without locks
chunk    what a worker does: a list of runs, flushed as they finish
local    cores of this machine          cluster  Slurm and any other Dask cluster
drive    the client: what is missing, handed out until nothing is
reading  results as tables
"""
