#!/usr/bin/env python3
"""The Ta-Feng replay, one order after another: the figures Holdfast must also give.

Written from the text of the issue alone, with the standard library alone, so that it
shares no code and no data structure with the engine or with cli/tafeng.

    python3 tafeng.py FILE --days N      FILE: the .csv, a .zip of it, or the wheel

Prints one JSON line.
"""

import argparse
import csv
import io
import json
import sys
import zipfile
from collections import defaultdict
from datetime import datetime

AREAS = {"115": "W115", "221": "W115", "105": "W110", "106": "W110", "110": "W110"}
COLUMNS = ("TRANSACTION_DT", "CUSTOMER_ID", "PIN_CODE", "PRODUCT_ID", "AMOUNT")


def open_csv(path):
    """The CSV as bytes, out of however many zips it is wrapped in."""
    with open(path, "rb") as f:
        data = f.read()
    while data[:2] == b"PK":
        archive = zipfile.ZipFile(io.BytesIO(data))
        names = [n for n in archive.namelist() if not n.startswith("__MACOSX/")]
        inner = [n for n in names if n.endswith("ta_feng.csv.zip")]
        inner = inner or [n for n in names if n.endswith(".csv")]
        data = archive.read(inner[0])
    return data


def read_lines(data):
    """(date, customer, warehouse, product, amount) of every line, in file order."""
    rows = csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline=""))
    header = [name.strip() for name in next(rows)]
    at = [header.index(name) for name in COLUMNS]
    dates = {}
    lines = []
    for row in rows:
        if not row:
            continue
        day, customer, area, product, amount = (row[i].strip() for i in at)
        if day not in dates:
            dates[day] = datetime.strptime(day, "%m/%d/%Y").date()
        lines.append((dates[day], customer, AREAS.get(area, "W114"), product, int(amount)))
    return lines


def window(lines, days):
    """Lines of the first `days` dates, in date order, file order within a date."""
    chosen = set(sorted({line[0] for line in lines})[:days])
    inside = [line for line in lines if line[0] in chosen]
    inside.sort(key=lambda line: line[0])  # stable
    return len(chosen), inside


def replay(data, days):
    """The figures of the window, as a dictionary ready to print."""
    days, lines = window(read_lines(data), days)

    demand = defaultdict(int)
    orders = {}  # insertion order is the order of first lines
    for date, customer, warehouse, product, amount in lines:
        demand[product, warehouse] += amount
        order = orders.setdefault((date, customer, warehouse), {})
        order[product] = order.get(product, 0) + amount

    stock = {place: wanted * 9 // 10 for place, wanted in demand.items()}
    stock = {place: units for place, units in stock.items() if units > 0}
    opening = sum(stock.values())

    per_warehouse = {w: {"accepted": 0, "refused": 0} for w in ("W110", "W114", "W115")}
    shipped = 0
    for (_, _, warehouse), wants in orders.items():
        fits = all(stock.get((p, warehouse), 0) >= n for p, n in wants.items())
        per_warehouse[warehouse]["accepted" if fits else "refused"] += 1
        if not fits:
            continue
        for product, n in wants.items():  # reserved, picked, packed, shipped: gone
            stock[product, warehouse] -= n
            shipped += n

    return {
        "days": days,
        "lines": len(lines),
        "baskets": len(orders),
        "skuWarehouses": len(demand),
        "openingUnits": opening,
        "accepted": sum(w["accepted"] for w in per_warehouse.values()),
        "refused": sum(w["refused"] for w in per_warehouse.values()),
        "shippedUnits": shipped,
        "leftUnits": sum(stock.values()),
        "perWarehouse": per_warehouse,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--days", type=int, required=True)
    args = parser.parse_args()
    if args.days < 1:
        parser.error("--days must be 1 or more")
    json.dump(replay(open_csv(args.file), args.days), sys.stdout)
    print()


if __name__ == "__main__":
    main()
