// Charts of a search for settings: an error against one setting, and all settings side by side.

extension VegaSpecifications {
  /// A point for each trial: fields `x`, `y`, `label`, `size`, `tip`; the winner lies on top.
  static func trials(_ x: Axis, _ y: Axis) -> String {
    """
    {"width": 255, "height": 170, "padding": 5,
     "data": [{"name": "rows"}, {"name": "colours"}],
     "scales": [\(x.scale("x", "width", fields: ["x"])), \(y.scale("y", "height", fields: ["y"])),
       {"name": "colour", "type": "ordinal", "domain": {"data": "colours", "field": "name"},
        "range": {"data": "colours", "field": "colour"}}],
     "axes": [{"orient": "bottom", "scale": "x", "title": "\(x.title)", "tickCount": 5, "grid": true,
               "labelOverlap": true},
              {"orient": "left", "scale": "y", "title": "\(y.title)", "tickCount": 5, "grid": true}],
     "marks": [{"type": "symbol", "from": {"data": "rows"}, "encode": {"enter": {
       "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"},
       "size": {"field": "size"}, "fill": {"scale": "colour", "field": "label"},
       "fillOpacity": {"value": 0.75}, "tooltip": {"field": "tip"}}}}]}
    """
  }

  /// A line for each trial through all its settings, from the first axis to the last: fields `trial`, `axis`, `place`
  /// from 0 to 1, `text`, `label`, `width`, `tip`.
  ///
  /// Values at the ends of the axes stand in the data set itself, as rows whose `label` is `end`.
  static func parallelLines(axes: Int) -> String {
    """
    {"width": \(max(300, min(1000, 150 * (axes - 1)))), "height": 300, "padding": 5,
     "data": [{"name": "rows"}, {"name": "colours"},
       {"name": "ends", "source": "rows", "transform": [
         {"type": "filter", "expr": "datum.label == 'end'"}]},
       {"name": "lines", "source": "rows", "transform": [
         {"type": "filter", "expr": "datum.label != 'end'"}]}],
     "scales": [
       {"name": "x", "type": "point", "range": "width", "padding": 0.4,
        "domain": {"data": "rows", "field": "axis"}},
       {"name": "y", "type": "linear", "range": "height", "domain": [0, 1]},
       {"name": "colour", "type": "ordinal", "domain": {"data": "colours", "field": "name"},
        "range": {"data": "colours", "field": "colour"}}],
     "axes": [{"orient": "bottom", "scale": "x", "domain": false, "ticks": false, "labelPadding": 22,
               "labelFontSize": 12, "labelLimit": 150,
               "labelAngle": {"signal": "width < \(110 * axes) ? -35 : 0"},
               "labelAlign": {"signal": "width < \(110 * axes) ? 'right' : 'center'"}}],
     "legends": [{"fill": "colour", "symbolType": "stroke", "orient": "top", "direction": "horizontal",
                  "encode": {"symbols": {"update": {"stroke": {"scale": "colour", "field": "value"},
                    "strokeWidth": {"value": 3}}}}}],
     "marks": [
       {"type": "rule", "from": {"data": "ends"}, "encode": {"enter": {
         "x": {"scale": "x", "field": "axis"}, "y": {"value": 0}, "y2": {"signal": "height"},
         "stroke": {"value": "#999"}}}},
       {"type": "group", "from": {"facet": {"name": "line", "data": "lines", "groupby": "trial"}},
        "marks": [{"type": "line", "from": {"data": "line"}, "encode": {"enter": {
          "x": {"scale": "x", "field": "axis"}, "y": {"scale": "y", "field": "place"},
          "defined": {"signal": "datum.place != null"},
          "stroke": {"scale": "colour", "field": "label"}, "strokeWidth": {"field": "width"},
          "strokeOpacity": {"value": 0.7}, "tooltip": {"field": "tip"}}}}]},
       {"type": "text", "from": {"data": "ends"}, "interactive": false, "encode": {"enter": {
         "x": {"scale": "x", "field": "axis"}, "align": {"value": "center"},
         "y": {"signal": "datum.place == 0 ? height + 14 : -6"},
         "fontSize": {"value": 11}, "fill": {"value": "#333"}, "text": {"field": "text"}}}}]}
    """
  }
}
