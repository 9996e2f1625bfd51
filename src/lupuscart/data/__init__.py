"""Reads and checks the tables; the only package that opens the files of a data folder.

A text of a table is Python's own string, whether or not pyarrow is installed: pyarrow's strings
take longer in tables of our size, and a table must not depend on what else is there.
"""

import pandas as pd

pd.set_option("mode.string_storage", "python")
