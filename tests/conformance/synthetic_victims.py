#!/usr/bin/env python3
"""Writes synthetic victims of Sintetia a second time, independently of the program.

synthetic_victims.py ROWS SEED: to standard output, the bytes of `atalaya observatory synth`.
SplitMix64; every field is drawn by 16 bits from a table of 65,536 entries filled in proportion to
whole-number weights.
"""
import datetime
import sys

MASK = 2**64 - 1
NAMES = ("Albor Brisa Cumbre Duna Estela Faro Gruta Hiedra Islote Jaral Kiosco Loma MAR Nieve "
         "Ñandal Ola Prado Quebrada Ribera Sierra Tajo Umbral Vega Yunta Zarza Arrecife Bruma "
         "Cauce Delta Encina Fronda Galena Higuera").replace("MAR", '"Mar,_El"').split()
NAMES = [name.replace("_", " ") for name in NAMES]
WEAPONS = ["fuego", "blanca", "golpe", "manos", "", "otra", "lazo", "veneno"]
OFFENCES = ("05022 04011 02011 02012 05012 05021 05042 02051 02081 0101 03012 05011 04013 02022 "
            "0102 03011 02071 0103 05025 02091 02021 04012 02041 02111 03022 02101 04014 02042 "
            "02031 0104").split()
CONTEXTS = ["", "crimen", "familia", "otro", "pareja", "género"]
AGES = [6, 3, 5, 40, 95, 90, 75, 58, 44, 34, 26, 20, 15, 11, 8, 6, 7, 16]


def table(weights):
    total, before, entries = sum(weights), 0, []
    for member, weight in enumerate(weights):
        start, before = before * 65536 // total, before + weight
        entries += [member] * (before * 65536 // total - start)
    return entries


def zipf(members):
    return [1_000_000 // (i + 1) for i in range(members)]


def main():
    rows, state = int(sys.argv[1]), int(sys.argv[2])

    def draw():
        nonlocal state
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    first = datetime.date(2014, 1, 1)
    days = [first + datetime.timedelta(n)
            for n in range((datetime.date(2024, 1, 1) - first).days)]
    day = table([(90 + 4 * (d.year - 2014)) * (13 if d.weekday() >= 5 else 10) for d in days])
    place, sex, age = table(zipf(33)), table([820, 155, 25]), table(AGES)
    weapon, offence, context = table(zipf(8)), table(zipf(30)), table(zipf(6))
    out = ["date,sintetia_code,sintetia_name,sex,age,weapon,offence,context,synthetic_victims\n"]
    for _ in range(rows):
        a, b = draw(), draw()
        where, band = place[a >> 16 & 65535], age[a >> 48]
        years = "" if band == 17 else str(band * 5 + (b >> 48) % (15 if band == 16 else 5))
        out.append(",".join([
            days[day[a & 65535]].isoformat(), "XA-%02d" % (where + 1), NAMES[where],
            ["M", "F", ""][sex[a >> 32 & 65535]], years, WEAPONS[weapon[b & 65535]],
            OFFENCES[offence[b >> 16 & 65535]], CONTEXTS[context[b >> 32 & 65535]], "1"]) + "\n")
    sys.stdout.buffer.write("".join(out).encode("utf-8"))


main()
