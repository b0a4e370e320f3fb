"""Run by QGIS's own Python: opens exported files, says what it found as JSON, renders one picture.

``python3 open_in_qgis.py PICTURE.png FILE…``; ``… --move FILE UNIT AREA LEADER`` moves a unit in a GeoPackage.
"""

import json
import sys

try:
    from qgis.core import QgsApplication, QgsMapRendererParallelJob, QgsMapSettings, QgsProviderRegistry, QgsVectorLayer
    from qgis.PyQt.QtCore import QSize
    from qgis.PyQt.QtGui import QColor
except ImportError:  # the tests only start this file
    pass


def open_layers(path):
    """Every layer of a file, as QGIS offers them to whoever opens it."""
    found = QgsProviderRegistry.instance().querySublayers(path)
    return [QgsVectorLayer(one.uri(), one.name(), "ogr") for one in found if one.providerKey() == "ogr"]


def describe(layer):
    """What QGIS shows of a layer."""
    fields = [field.name() for field in layer.fields()]
    rows = [
        [None if str(value) in ("", "NULL", "None") else str(value) for value in one.attributes()]
        for one in layer.getFeatures()
    ]
    return {
        "name": layer.name(),
        "is_valid": layer.isValid(),
        "crs": layer.crs().authid(),
        "fields": fields,
        "aliases": [layer.attributeAlias(number) for number in range(len(fields))],
        "rows": rows,
        "renderer": layer.renderer().type() if layer.renderer() else None,
        "has_labels": layer.labelsEnabled(),
        "extent": None if layer.extent().isNull() else layer.extent().toString(1),
    }


def render(layers, path):
    """The layers on one picture, the first on top."""
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(layers[-1].crs())
    settings.setBackgroundColor(QColor("white"))
    settings.setOutputSize(QSize(1400, 900))
    extent = layers[-1].extent()
    extent.scale(1.05)
    settings.setExtent(extent)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(path)


def move(path, unit, area, leader):
    """A planner's edit: a unit into another area, with another leader."""
    units = next(layer for layer in open_layers(path) if "role" in layer.fields().names())
    units.startEditing()
    for one in units.getFeatures(f"unit_id = '{unit}'"):
        for name, value in (("area_id", area), ("leader_unit_id", leader or None)):
            units.changeAttributeValue(one.id(), units.fields().indexOf(name), value)
    return units.commitChanges()


def main():
    """See the module."""
    application = QgsApplication([], False)
    application.initQgis()
    if sys.argv[1] == "--move":
        sys.stdout.write(json.dumps({"moved": move(*sys.argv[2:6])}))
        return
    found = {path: open_layers(path) for path in sys.argv[2:]}
    sys.stdout.write(json.dumps({path: [describe(layer) for layer in layers] for path, layers in found.items()}))
    drawn = next(layers for path, layers in found.items() if path.endswith(".gpkg"))
    order = {"leading": 0, "牵头关系": 0, "areas": 1, "片区": 1}
    render(sorted((one for one in drawn if one.isSpatial()), key=lambda one: order.get(one.name(), 2)), sys.argv[1])


if __name__ == "__main__":
    main()
