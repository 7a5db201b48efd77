#!/usr/bin/env python3
"""Reads a segment from what docs/formats/segment.md says, and prints it as JSON.

An independent reader: it shares no code with the program. Unpacks with the `zstandard` package
where there is one, else with the command `zstd`.
"""
import json
import struct
import subprocess
import sys
import zlib

try:
    import zstandard
except ImportError:
    zstandard = None


def unpack(frame):
    if zstandard is not None:
        return zstandard.ZstdDecompressor().decompressobj().decompress(frame)
    return subprocess.run(["zstd", "-d", "-q", "-c"], input=frame, stdout=subprocess.PIPE,
                          check=True).stdout


def need(condition, what):
    if not condition:
        raise SystemExit("damaged: " + what)


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    need(data[:8] == b"ATALSEG1", "magic")
    trailer = data[-32:]
    need(trailer[24:] == b"ATALSEGE", "end magic")
    at, size, description_crc, file_crc, trailer_crc = struct.unpack("<QIIII", trailer[:24])
    need(zlib.crc32(trailer[:20]) == trailer_crc, "trailer")
    need(zlib.crc32(data[:-32]) == file_crc, "file")
    need(at + size == len(data) - 32, "parts")
    need(zlib.crc32(data[at:at + size]) == description_crc, "description")
    description = json.loads(data[at:at + size].decode("utf-8"))
    need(description["version"] == 1, "version")
    rows = description["rows"]

    columns = {}
    place = 8
    for column in description["columns"]:
        need(column["at"] == place, "place of " + column["name"])
        blocks = []
        for stored, crc in column["blocks"]:
            need(zlib.crc32(data[place:place + stored]) == crc, "block of " + column["name"])
            blocks.append(unpack(data[place:place + stored]))
            place += stored
        texts = []
        if column["kind"] == "codes":
            raw = blocks.pop(0)
            need(len(raw) == column["dictionary_bytes"], "dictionary of " + column["name"])
            lengths = struct.unpack_from("<%dI" % column["dictionary"], raw)
            start = 4 * len(lengths)
            for length in lengths:
                texts.append(raw[start:start + length].decode("utf-8"))
                start += length
        letter = {1: "B", 2: "H", 4: "I", 8: "Q"}[column["width"]]
        items = []
        for block in blocks:
            items += struct.unpack("<%d%s" % (len(block) // column["width"], letter), block)
        need(len(items) == rows, "rows of " + column["name"])
        if column["kind"] == "codes":
            columns[column["name"]] = [texts[item] for item in items]
        else:
            wrapped = ((item + column["base"]) % 2**64 for item in items)
            columns[column["name"]] = [v - 2**64 if v >= 2**63 else v for v in wrapped]
    need(place == at, "end of columns")
    return {"rows": rows, "decimals": description["decimals"],
            "metadata": description["metadata"], "columns": columns}


if __name__ == "__main__":
    json.dump(read(sys.argv[1]), sys.stdout, ensure_ascii=False, sort_keys=True,
              separators=(",", ":"))
