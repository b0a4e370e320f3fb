"""Run by QGIS's own Python: subscribes to a plan, draws its tiles, says what it found as JSON.

``python3 subscribe_in_qgis.py ADDRESS TOKEN``: the address of a plan under ``/api/v1/plans``.
"""

import json
import sys
import tempfile
from urllib.parse import quote

try:
    from qgis import core
    from qgis.PyQt.QtCore import QSize
except ImportError:  # the tests only start this file
    pass

SIDE_PX = 400


def keep_token(token):
    """Id of a configuration "API Header" that sends the token, as a planner makes it in the dialogue."""
    manager = core.QgsApplication.authManager()
    manager.setMasterPassword("of this run only", True)
    config = core.QgsAuthMethodConfig("APIHeader")
    config.setName("Pianqu")
    config.setConfigMap({"Authorization": f"Bearer {token}"})
    manager.storeAuthenticationConfig(config)
    return config.id()


def open_features(address, kept, layer):
    """A layer by OGC API – Features, page by page."""
    uri = f"url='{address}' typename='{layer}' pagingEnabled='true' authcfg={kept}"
    return core.QgsVectorLayer(uri, layer, "OAPIF")


def open_tiles(address, kept, layer):
    """The same layer as vector tiles."""
    template = quote(f"{address}/collections/{layer}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}", safe=":/{}")
    return core.QgsVectorTileLayer(f"type=xyz&url={template}&zmin=8&zmax=18&authcfg={kept}", layer)


def count_colours(layer, lon_lat):
    """How many colours a picture of a layer has."""
    web = core.QgsCoordinateReferenceSystem("EPSG:3857")
    to_web = core.QgsCoordinateTransform(lon_lat.crs(), web, core.QgsProject.instance())
    settings = core.QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(web)
    settings.setExtent(to_web.transformBoundingBox(lon_lat.extent()))
    settings.setOutputSize(QSize(SIDE_PX, SIDE_PX))
    job = core.QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    return len({picture.pixel(x, y) for x in range(SIDE_PX) for y in range(SIDE_PX)})


def main(address, token):
    """Count what is subscribed to; print it."""
    kept = keep_token(token)
    layers = {name: open_features(address, kept, name) for name in ("areas", "units")}
    found = {name: sum(1 for _ in layer.getFeatures()) for name, layer in layers.items()}
    tiles = open_tiles(address, kept, "units")
    found["tiles"] = {"is_valid": tiles.isValid(), "colours": count_colours(tiles, layers["units"])}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    application = core.QgsApplication([], False, tempfile.mkdtemp())
    application.initQgis()
    main(*sys.argv[1:])
    application.exitQgis()
