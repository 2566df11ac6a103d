"""QGIS of Debian, without a screen, reads the service as its users would."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.clients

PYTHON = "/usr/bin/python3"
SCRIPT = """
import json, sys
from qgis.core import QgsApplication, QgsFeatureRequest, QgsVectorLayer
application = QgsApplication([], False)
application.initQgis()
layer = QgsVectorLayer(f"url='{sys.argv[1]}' typename='grids' pageSize='4'", "grids", "OAPIF")
told = {"valid": layer.isValid(), "error": layer.error().message()}
if layer.isValid():
    features = list(layer.getFeatures())
    box = features[4].geometry().boundingBox()
    request = QgsFeatureRequest().setFilterRect(box.buffered(-1e-4))
    told |= {
        "fields": [field.name() for field in layer.fields()],
        "codes": sorted(feature["code"] for feature in features),
        "area": sum(feature.geometry().area() for feature in features),
        "box": [feature["code"] for feature in layer.getFeatures(request)],
        "middle": features[4]["code"],
    }
application.exitQgis()
print("TOLD" + json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(address, tmp_path_factory):
    """What QGIS says of the layer of grids."""
    if not Path(PYTHON).exists() or subprocess.run([PYTHON, "-c", "import qgis.core"], capture_output=True).returncode:
        pytest.skip("python3-qgis is not installed")
    home = tmp_path_factory.mktemp("qgis")
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    for name in ("PYTHONPATH", "VIRTUAL_ENV", "PROJ_DATA", "PROJ_LIB", "GDAL_DATA"):
        environment.pop(name, None)
    command = [PYTHON, "-c", SCRIPT, address]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=200, cwd=home)
    line = next((line for line in ran.stdout.splitlines() if line.startswith("TOLD")), "")
    assert line, ran.stdout + ran.stderr
    return json.loads(line[4:])


def test_the_layer_opens(told):
    """QGIS takes the address for an OGC API and knows the fields."""
    assert told["valid"], told["error"]
    assert {"code", "households", "in_band"} <= set(told["fields"])


def test_all_features_come_over_pages(told):
    """Nine grids over pages of four."""
    assert told["codes"] == [f"g{i}" for i in range(9)] and told["area"] > 0


def test_a_rectangle_finds_what_lies_there(told):
    """The filter of the map window reaches the server."""
    assert told["box"] == [told["middle"]]
