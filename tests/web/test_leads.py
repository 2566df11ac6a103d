from __future__ import annotations

from gridgeo.web.app import operations
from gridgeo.web.leads import leads
from gridgeo.web.openapi import describe


def test_answers_lead_to_operations_there_are(client):
    """Each link names an operation of the same document, and only parameters which that takes."""
    document = client.get("/api").json
    found = {operation["operationId"]: operation for path in document["paths"].values() for operation in path.values()}
    taken = {id: {f"{p['in']}.{p['name']}" for p in one.get("parameters", ())} for id, one in found.items()}
    links = [
        link
        for one in found.values()
        for answer in one["responses"].values()
        for link in answer.get("links", {}).values()
    ]
    assert len(links) > 100
    assert all(set(link["parameters"]) <= taken[link["operationId"]] for link in links)
    assert all("requestBody" in found[link["operationId"]] for link in links if "requestBody" in link)


def test_a_draft_a_job_and_a_place_lead_on():
    """What was just made leads to its change and its end, with its tag where that is asked for."""
    document = describe(operations(), title="", version="")
    paths = document["paths"]
    draft = paths["/plans"]["post"]["responses"]["201"]["links"]
    assert draft["post_edit"]["parameters"]["header.If-Match"] == "$response.header.ETag"
    assert draft["post_publish"]["requestBody"] == {"version": "$response.body#/version"}
    job = paths["/processes/draw/execution"]["post"]["responses"]["201"]["links"]
    assert set(job) == {"get_job", "get_results", "delete_dismiss"}
    place = paths["/collections/places/items"]["post"]["responses"]["201"]["links"]
    assert {"get_item_places", "delete_delete_places"} <= set(place)


def test_nothing_leads_nowhere():
    """Of operations that are not there nothing is told."""
    assert leads(["get_plan"]) == {} and leads([]) == {}


def test_paths_name_things_that_are_there(client):
    """Parameters of a path come with an example that is answered."""
    paths = client.get("/api").json["paths"]
    code = paths["/collections/places/items/{code}"]["get"]["parameters"][0]["schema"]["example"]
    plan = paths["/plans/{plan}"]["get"]["parameters"][0]["schema"]["example"]
    assert client.get(f"/collections/places/items/{code}").status_code == 200
    assert client.get(f"/plans/{plan}").status_code == 200
