"""Files of jobs of many rows: parts, the file of maps, and the record of the job.

`job_record` says what a job is, `parts` keeps finished blocks, `map_file` is made from
them or edited; `map_reader` checks and reads it. What is fitted, and how, is known
above (`many_fits`).
"""
