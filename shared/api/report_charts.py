"""Draw a report's charts as SVG text that stands inside a page: no script, nothing from elsewhere.

Colours are the page's own variables, so that one drawing reads by day and by night.
"""

import sys
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

import pygal
from pygal.style import Style

# It looks for map plugins of its own in a way that Python gave up, at every later import.
sys.meta_path[:] = [f for f in sys.meta_path if type(f).__name__ != "PluginImportFixer"]
_SVG = "{http://www.w3.org/2000/svg}"
_COLOURS = ("var(--used)", "var(--reserved)", "var(--idle)")


def bars(title: str, about: str, labels: Sequence[str], series: Mapping[str, Sequence[int]]) -> str:
    """Standing bars, one a label, made of one piece per series."""
    many = len(series) > 1
    chart = pygal.StackedBar(height=240, x_labels=labels, show_legend=many, **_frame())
    for name, values in series.items():
        chart.add(name, values)
    return _embedded(chart, title, about)


def _frame() -> dict[str, object]:
    style = Style(
        background="transparent",
        plot_background="transparent",
        foreground="var(--ink)",
        foreground_strong="var(--ink)",
        foreground_subtle="var(--line)",
        opacity="1",
        opacity_hover="1",
        transition="none",
        guide_stroke_color="var(--line)",
        major_guide_stroke_color="var(--line)",
        font_family="system-ui, sans-serif",
        label_font_size=14,
        major_label_font_size=14,
        legend_font_size=14,
        value_font_size=13,
        colors=_COLOURS,
    )
    return {
        "style": style,
        # Hardly wider than a phone, which would shrink the letters with it.
        "width": 440,
        "js": (),
        "legend_at_bottom": True,
        "legend_at_bottom_columns": 3,
        "disable_xml_declaration": True,
        "truncate_legend": -1,
        "min_scale": 2,
        "max_scale": 6,
        "integer": True,
        "order_min": 0,
        "print_values": False,
        "formatter": lambda value: f"{value:,.0f}",
    }


def _embedded(chart: object, title: str, about: str) -> str:
    """Take the library's script out, and say to who cannot see it what is drawn."""
    root = ET.fromstring(chart.render())  # type: ignore[attr-defined] # noqa: S314 (our own text)
    for parent in root.iter():
        for child in [c for c in parent if c.tag == f"{_SVG}script"]:
            parent.remove(child)
    for child in [c for c in root if c.tag == f"{_SVG}title"]:
        root.remove(child)
    name = root.attrib["id"]
    root.attrib |= {"role": "img", "aria-labelledby": f"{name}-title {name}-about"}
    for position, (tag, text) in enumerate((("title", title), ("desc", about))):
        told = ET.Element(f"{_SVG}{tag}", {"id": f"{name}-{'about' if position else 'title'}"})
        told.text = text
        root.insert(position, told)
    ET.register_namespace("", _SVG[1:-1])
    return ET.tostring(root, encoding="unicode")
