"""Reads a node's SDMX with the library `sdmx1` and prints what it understood as JSON.

    python sdmx_client.py v1|v2 http://127.0.0.1:PORT/sdmx FLOW

The two generations run in processes of their own: the library's readers of XML 2.1 and 3.0 disturb
each other in one.
"""
import io
import json
import sys

sys.path.pop(0)  # this folder, where a script has the library's name

import requests
import sdmx
from sdmx.reader.csv import Reader as CsvReader
from sdmx.reader.json import Reader as JsonReader


def rows(message):
    """Every observation as [key, value, attributes], sorted."""
    out = []
    for data in message.data:
        for one in data.obs:
            key = {k: str(v.value) for k, v in one.key.values.items()}
            notes = {k: str(getattr(v.value, "id", v.value)) for k, v in one.attrib.items()}
            value = None if one.value in (None, "", "NaN") else float(one.value)
            out.append([key, None if value != value else value,
                        {k: v for k, v in notes.items() if v not in ("", "None")}])
    return sorted(out, key=lambda row: sorted(row[0].items()))


def get(address, accept, **parameters):
    answer = requests.get(address, params=parameters, headers={"Accept": accept}, timeout=60)
    assert answer.status_code == 200, (answer.status_code, answer.text[:500])
    kind = answer.headers["Content-Type"].replace(" ", "")
    assert kind.startswith(accept.replace(" ", "")), (accept, kind)
    return io.BytesIO(answer.content)


def structures(message, flow):
    definition = next(iter(message.structure.values()))
    codes = {k: sorted(v.items) for k, v in message.codelist.items() if k.startswith("CL_")}
    return {"flow": flow, "dimensions": [c.id for c in definition.dimensions.components],
            "codes": codes, "attributes": [c.id for c in definition.attributes.components]}


def tree_of(codes):
    """Hierarchical codes as {code: what is below it}."""
    return {one.code.id: tree_of(one.child) for one in codes}


def first_generation(base, flow):
    sdmx.add_source({"id": "ATALAYA", "url": base + "/v1", "name": "A node"}, override=True)
    client = sdmx.Client("ATALAYA")
    out = {"flows": sorted(client.dataflow().dataflow)}
    message = client.dataflow(flow)  # asks for references=all
    out["structure"] = structures(message, flow)
    definition = next(iter(message.structure.values()))
    forms = {"client": rows(client.data(flow, dsd=definition))}
    out["preview"] = len(client.preview_data(flow))
    address = f"{base}/v1/data/ATALAYA,{flow},latest/ALL/ALL/"
    for kind in ("genericdata", "structurespecificdata", "generictimeseriesdata",
                 "structurespecifictimeseriesdata"):
        accept = f"application/vnd.sdmx.{kind}+xml;version=2.1"
        forms[kind] = rows(sdmx.read_sdmx(get(address, accept), structure=definition))
    for turned in ("AllDimensions", "REF_AREA"):
        for kind in ("genericdata", "structurespecificdata"):
            accept = f"application/vnd.sdmx.{kind}+xml;version=2.1"
            forms[f"{kind} {turned}"] = rows(sdmx.read_sdmx(
                get(address, accept, dimensionAtObservation=turned), structure=definition))
    accept = "application/vnd.sdmx.data+json;version=1.0.0-wd"
    forms["json flat"] = rows(JsonReader().convert(
        get(address, accept, dimensionAtObservation="AllDimensions")))
    # The library drops attributes of series in JSON; the other forms show them.
    forms["json"] = rows(JsonReader().convert(get(address, accept)))
    out["forms"] = forms
    constraint = sdmx.read_sdmx(get(f"{base}/v1/availableconstraint/{flow}/",
                                    "application/vnd.sdmx.structure+xml;version=2.1")).constraint
    region = next(iter(constraint.values())).data_content_region[0]
    found = sdmx.read_sdmx(get(f"{base}/v1/hierarchicalcodelist/ATALAYA/HCL_AREA",
                               "application/vnd.sdmx.structure+xml;version=2.1",
                               references="children"))
    out["tree"] = tree_of(found.hierarchical_codelist["HCL_AREA"].hierarchy[0].codes.values())
    out["available"] = {getattr(k, "id", k): sorted(str(v.value) for v in chosen.values)
                        for k, chosen in region.member.items()
                        if getattr(k, "id", k) != "TIME_PERIOD"}
    return out


def second_generation(base, flow):
    import sdmx.reader.xml.v30  # noqa: F401
    sdmx.add_source({"id": "ATALAYA", "url": base + "/v2", "name": "A node",
                     "versions": ["3.0.0"]}, override=True)
    client = sdmx.Client("ATALAYA")
    message = client.dataflow(flow, agency_id="ATALAYA", force=True,
                              params={"references": "all"})
    definition = next(iter(message.structure.values()))
    address = f"{base}/v2/data/dataflow/ATALAYA/{flow}/+/*"
    accept = "application/vnd.sdmx.data+xml;version=3.0.0"
    forms = {"xml": rows(sdmx.read_sdmx(get(address, accept), structure=definition))}
    accept = "application/vnd.sdmx.data+csv;version=2.0.0"
    forms["csv"] = rows(CsvReader().convert(get(address, accept),
                                            structure=message.dataflow[flow]))
    found = sdmx.read_sdmx(get(f"{base}/v2/structure/hierarchy/ATALAYA/HCL_AREA/+",
                               "application/vnd.sdmx.structure+xml;version=3.0.0",
                               references="children"))
    tree = tree_of(found.hierarchy["HCL_AREA"].codes.values())
    return {"structure": structures(message, flow), "forms": forms, "tree": tree}


if __name__ == "__main__":
    generation, base_address, wanted = sys.argv[1:]
    found = (first_generation if generation == "v1" else second_generation)(base_address, wanted)
    json.dump(found, sys.stdout)
