"""Tables of many kinds in one, each column of one type."""

import pandas as pd

from lupuscart.sweep.collect import tidy_table
from lupuscart.sweep.tasks import Table


def table(name, *lines):
    return Table(name, len(lines) - 1, "".join(f"{line}\n" for line in lines))


def test_rows_come_in_the_order_of_the_grid_whatever_they_are_made_in():
    made = [(i, {"n": i}, [table("b", "x", str(i), "9"), table("a", "y", "0.5")]) for i in range(3)]
    whole, _ = tidy_table(made)
    pd.testing.assert_frame_equal(whole, tidy_table(reversed(made))[0][whole.columns.tolist()])
    places = whole[["combination", "table", "row"]].to_numpy().tolist()
    assert places[:3] == [[0, "a", 0], [0, "b", 0], [0, "b", 1]]
    assert places == sorted(places)


def test_types_hold_for_the_whole_column():
    made = [
        (0, {}, [table("t", "whole,real,mixed,flag,text,id", "1,1,1,True,None,007")]),
        (1, {}, [table("t", "whole,real,mixed,flag,text,id", ",0.1,x,,NA,12")]),
    ]
    whole, _ = tidy_table(made)
    types = whole.dtypes.astype(str)
    assert types[["whole", "real", "flag"]].tolist() == ["Int64", "Float64", "boolean"]
    assert whole["text"].tolist() == ["None", "NA"]
    assert whole["id"].tolist() == ["007", "12"]
    assert whole["mixed"].tolist() == ["1", "x"]
    assert whole["whole"].isna().tolist() == [False, True]


def test_a_column_of_numbers_here_and_words_there_is_text():
    whole, _ = tidy_table(
        [(0, {}, [table("a", "value", "0.5")]), (1, {}, [table("b", "value,z", "many,1")])]
    )
    assert whole["value"].tolist() == ["0.5", "many"]
    assert whole["z"].dtype == "Int64"


def test_numbers_keep_every_bit():
    numbers = [0.1 + 0.2, 1 / 3, 5e-324, 1.7976931348623157e308, -2.5e-7]
    whole, _ = tidy_table([(0, {}, [table("t", "x", *map(repr, numbers))])])
    assert whole["x"].tolist() == numbers


def test_parameters_that_clash_and_parameters_that_some_lack():
    made = [
        (0, {"study": "a", "priors": [[1, 2], [3, 4]]}, [table("t", "study,row", "b,5")]),
        (1, {"level": 0.9}, [table("t", "study,row", "c,6")]),
    ]
    whole, columns = tidy_table(made)
    assert columns["study"] == "parameter_study"
    assert whole["parameter_study"].tolist()[0] == "a"
    assert whole["parameter_study"].isna().tolist() == [False, True]
    assert whole["priors"].tolist()[0] == "[[1,2],[3,4]]"
    assert whole["table_row"].tolist() == [5, 6]


def test_quoted_line_ends_and_empty_tables():
    made = [(0, {}, [table("none", "x"), Table("t", 2, 'note,x\n"two\nlines",1\nb,2\n')])]
    whole, _ = tidy_table(made)
    assert whole["note"].tolist() == ["two\nlines", "b"]
    assert tidy_table([])[0].columns.tolist() == ["combination", "table", "row"]
