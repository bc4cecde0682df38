"""Files of stock: whatever people or spreadsheets write, each line is right or says what is wrong."""

import csv
from io import StringIO

import pytest

from o2o.kernel.errors import InvalidError, TooLargeError
from orders.stock.csv_reading import MOST_BYTES, MOST_LINES, Line, decoded, lines_of
from orders.stock.csv_writing import csv_file


def only(text: str, **more: str) -> Line:
    (line,) = lines_of(text, "heping", **more)
    return line


def faults(text: str) -> list[str]:
    return [fault.column for fault in only(text).faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_chinese_is_read_in_every_encoding_that_spreadsheets_write(encoding: str) -> None:
    text = decoded("商品编码,数量,原因\ncase-x200,12,到货\n".encode(encoding))

    assert only(text) == Line(2, "heping", "case-x200", 12, None, "到货")


def test_columns_stand_in_any_order_and_unknown_ones_are_passed_over() -> None:
    line = only("Name,Reason,ON_HAND,Place,SKU\nA case,shelf count,7,nankai,case-x200\n")

    assert line == Line(2, "nankai", "case-x200", None, 7, "shelf count")


@pytest.mark.parametrize(
    "text", ["sku;quantity\nab;3", "sku\tquantity\r\nab\t3\r\n", "sku,quantity\rab,3", '"sku","quantity"\n"ab","3"']
)
def test_semicolons_tabs_and_all_ends_of_lines_will_do(text: str) -> None:
    assert only(text).quantity == 3


@pytest.mark.parametrize("number", ["3", " 3 ", "３", "3.0", "003"])
def test_a_number_is_read_as_spreadsheets_write_it(number: str) -> None:
    assert only(f"sku,quantity\nab,{number}").quantity == 3


@pytest.mark.parametrize(
    "number", ["-3", "0", "3.5", "many", "1e9", "9999999999999999999", "=3", "0x3", "1000001", '"1,000"']
)
def test_what_is_no_number_of_pieces_is_at_fault(number: str) -> None:
    assert faults(f"sku,quantity\nab,{number}") == ["quantity"]


def test_each_fault_of_a_line_is_told_and_the_line_is_kept() -> None:
    line = only("place,sku,on_hand,reason\nHé Píng!,no such thing,x,\n")

    assert [fault.column for fault in line.faults] == ["place", "sku", "on_hand"]
    assert line.number == 2


def test_a_count_needs_a_reason_which_may_be_one_for_all() -> None:
    assert faults("sku,on_hand\nab,3") == ["reason"]
    assert only("sku,on_hand\nab,3", reason="year's end") == Line(2, "heping", "ab", None, 3, "year's end")


def test_what_came_and_what_was_counted_can_t_both_be_said() -> None:
    assert faults("sku,quantity,on_hand\nab,3,3") == ["quantity"]
    assert faults("sku,quantity,on_hand\nab,,") == ["quantity"]


def test_the_same_product_twice_is_told_with_the_first_one_s_line() -> None:
    first, _other, twin = lines_of("sku,quantity\nab,3\ncd,1\nab,4\n", "heping")

    assert not first.faults
    assert [(fault.column, fault.details) for fault in twin.faults] == [("sku", {"line": 2})]


def test_a_line_is_numbered_as_the_spreadsheet_does_and_empty_ones_are_no_lines() -> None:
    assert [line.number for line in lines_of('sku,quantity,note\n\n"ab",1,"two\nlines"\ncd,2,\n', "heping")] == [4, 5]


@pytest.mark.parametrize(
    "text",
    ["", "\n\n", "case-x200,12\n", "sku,sku,quantity\na,b,1", "sku\nab", 'sku,quantity\n"ab,3\n' + "x" * 200_000],
)
def test_a_file_without_the_columns_or_with_an_open_quotation_is_refused_whole(text: str) -> None:
    with pytest.raises(InvalidError):
        lines_of(text, "heping")


@pytest.mark.parametrize("content", [b"PK\x03\x04\x00\x00\x00", b"\x00" * 10, b"\xff\xff\xff\xff", b"\xff\xfe\x00"])
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidError):
        decoded(content)


def test_too_many_lines_or_bytes_are_refused() -> None:
    with pytest.raises(TooLargeError):
        decoded(b"x" * (MOST_BYTES + 1))
    with pytest.raises(TooLargeError):
        lines_of("sku,quantity\n" + "ab,1\n" * (MOST_LINES + 1), "heping")


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_nothing_in_a_file_is_taken_for_a_formula(text: str) -> None:
    written = csv_file(["sku", "reason"], [["ab", text]]).decode("utf-8-sig")

    assert list(csv.reader(StringIO(written, newline=""))) == [["sku", "reason"], ["ab", f"'{text}"]]


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "it's", "'tis", "到货, “新”"])
def test_what_was_written_is_read_as_it_was(text: str) -> None:
    assert only(decoded(csv_file(["sku", "quantity", "reason"], [["ab", 1, text]]))).reason == text


def test_a_file_begins_with_the_mark_that_excel_looks_for_and_keeps_numbers() -> None:
    written = csv_file(["sku", "quantity"], [["商品", -5]])

    assert written.startswith(b"\xef\xbb\xbf")
    assert "商品,-5" in written.decode()
