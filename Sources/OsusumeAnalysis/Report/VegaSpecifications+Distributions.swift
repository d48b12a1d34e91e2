// Charts of one set of figures: bars, densities, means with intervals, points on a map.

extension VegaSpecifications {
  /// Upright bars in the order of the rows: fields `group`, `value`, `label`, `tip`.
  static func bars(_ title: String, _ y: Axis, width: Int = 420, height: Int = 200) -> String {
    """
    {"width": \(width), "height": \(height), "padding": 5,
     "data": \(data),
     "scales": [\(y.scale("y", "height", fields: ["value"])),
       {"name": "x", "type": "band", "range": "width", "paddingInner": 0.12,
        "domain": {"data": "rows", "field": "group"}},
       \(colourScale)],
     "axes": [{"orient": "bottom", "scale": "x", "title": "\(title)", "ticks": false,
               "labelOverlap": true},
              \(y.axis("left", "y", ticks: 5))],
     "marks": [{"type": "rect", "from": {"data": "rows"}, "encode": {"enter": {
       "x": {"scale": "x", "field": "group"}, "width": {"scale": "x", "band": 1},
       "y": {"scale": "y", "field": "value"}, "y2": {"scale": "y", "value": 0},
       "fill": {"scale": "colour", "field": "label"}, "tooltip": {"field": "tip"}}}}]}
    """
  }

  /// Bars that lie, one below the other in the order of the rows: fields `group`, `value`, `label`, `tip`.
  ///
  /// - Parameter labels: Pixels that names of groups get at most.
  package static func lyingBars(_ x: Axis, width: Int = 420, labels: Int = 120) -> String {
    """
    {"width": \(width), "padding": 5,
     "signals": [{"name": "height", "update": "17 * length(data('rows'))"}],
     "data": \(data),
     "scales": [\(x.scale("x", "width", fields: ["value"])),
       {"name": "y", "type": "band", "range": "height", "paddingInner": 0.2,
        "domain": {"data": "rows", "field": "group"}},
       \(colourScale)],
     "axes": [\(x.axis("bottom", "x", ticks: 5)),
              {"orient": "left", "scale": "y", "ticks": false, "domain": false, "labelPadding": 6,
               "labelLimit": \(labels)}],
     "marks": [{"type": "rect", "from": {"data": "rows"}, "encode": {"enter": {
       "y": {"scale": "y", "field": "group"}, "height": {"scale": "y", "band": 1},
       "x": {"scale": "x", "value": 0}, "x2": {"scale": "x", "field": "value"},
       "fill": {"scale": "colour", "field": "label"}, "tooltip": {"field": "tip"}}}}]}
    """
  }

  /// Dots on lines, one below the other: fields `group`, `value`, `label`, `tip`.
  static func dots(_ x: Axis, width: Int = 420) -> String {
    """
    {"width": \(width), "padding": 5,
     "signals": [{"name": "height", "update": "17 * length(data('rows'))"}],
     "data": \(data),
     "scales": [\(x.scale("x", "width", fields: ["value"])),
       {"name": "y", "type": "band", "range": "height", "domain": {"data": "rows", "field": "group"}},
       \(colourScale)],
     "axes": [\(x.axis("bottom", "x", ticks: 5)),
              {"orient": "left", "scale": "y", "ticks": false, "domain": false, "labelPadding": 6,
               "grid": true, "bandPosition": 0.5, "labelLimit": 120}],
     "marks": [{"type": "symbol", "from": {"data": "rows"}, "encode": {"enter": {
       "x": {"scale": "x", "field": "value"}, "y": {"scale": "y", "field": "group", "band": 0.5},
       "size": {"value": 60}, "fill": {"scale": "colour", "field": "label"},
       "tooltip": {"field": "tip"}}}}]}
    """
  }

  /// A line for each `label` without its points: fields `x`, `y`.
  static func curves(
    _ x: Axis, _ y: Axis, legend: Bool = false, width: Int = 420, height: Int = 200
  ) -> String {
    """
    {"width": \(width), "height": \(height), "padding": 5,
     "data": \(data),
     "scales": [\(x.scale("x", "width", fields: ["x"])), \(y.scale("y", "height", fields: ["y"])),
       \(colourScale)],
     "axes": [\(x.axis("bottom", "x", ticks: 6)), \(y.axis("left", "y", ticks: 5))],
     \(legend ? strokeLegend : "")
     "marks": [{"type": "group",
       "from": {"facet": {"name": "series", "data": "rows", "groupby": "label"}},
       "marks": [{"type": "line", "from": {"data": "series"}, "encode": {"enter": {
         "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"},
         "stroke": {"scale": "colour", "field": "label"}, "strokeWidth": {"value": 2}}}}]}]}
    """
  }

  /// A legend of lines.
  static let strokeLegend =
    "\"legends\": [{\"stroke\": \"colour\", \"symbolType\": \"stroke\", \"symbolStrokeWidth\": 3}],"

  /// A line that charts of means have besides their own.
  enum Reference: String {
    /// None.
    case none = "[]"
    /// Where both axes have the same value.
    case diagonal = """
      [{"type": "rule", "encode": {"enter": {
        "x": {"signal": "scale('x', max(domain('x')[0], domain('y')[0]))"},
        "y": {"signal": "scale('y', max(domain('x')[0], domain('y')[0]))"},
        "x2": {"signal": "scale('x', min(domain('x')[1], domain('y')[1]))"},
        "y2": {"signal": "scale('y', min(domain('x')[1], domain('y')[1]))"},
        "stroke": {"value": "#888"}, "strokeDash": {"value": [5, 4]}}}}]
      """
    /// Where the upright axis is 0.
    case zero = """
      [{"type": "rule", "encode": {"enter": {
        "x": {"value": 0}, "x2": {"signal": "width"}, "y": {"scale": "y", "value": 0},
        "stroke": {"value": "#888"}, "strokeDash": {"value": [5, 4]}}}}]
      """
  }

  /// Means with upright intervals, joined by a line for each `label`: fields `x`, `y`, `low`, `high`, `tip`.
  static func means(
    _ x: Axis, _ y: Axis, beside reference: Reference = .none, legend: Bool = false,
    width: Int = 380, height: Int = 240
  ) -> String {
    """
    {"width": \(width), "height": \(height), "padding": 5,
     "data": \(data),
     "scales": [\(x.scale("x", "width", fields: ["x"], padding: 8)),
       \(y.scale("y", "height", fields: ["low", "high"])), \(colourScale)],
     "axes": [\(x.axis("bottom", "x", ticks: 6)), \(y.axis("left", "y", ticks: 6))],
     \(legend ? strokeLegend : "")
     "marks": [{"type": "group", "marks": \(reference.rawValue)},
      {"type": "group", "from": {"facet": {"name": "series", "data": "rows", "groupby": "label"}},
       "marks": [
         {"type": "line", "from": {"data": "series"}, "encode": {"enter": {
           "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"},
           "stroke": {"scale": "colour", "field": "label"}, "strokeWidth": {"value": 1.5}}}},
         {"type": "rule", "from": {"data": "series"}, "encode": {"enter": {
           "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "low"},
           "y2": {"scale": "y", "field": "high"}, "strokeWidth": {"value": 1.5},
           "stroke": {"scale": "colour", "field": "label"}}}},
         {"type": "symbol", "from": {"data": "series"}, "encode": {"enter": {
           "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"},
           "size": {"value": 30}, "fill": {"scale": "colour", "field": "label"},
           "tooltip": {"field": "tip"}}}}]}]}
    """
  }

  /// Shaded cells, lines over them, and dots: rows of the kind `cell` have the fields `x`, `x2`, `y`, `y2`, `value`
  /// from 0 to 1 and `tip`; those of the kind `line` `x`, `y`, `label`; those of the kind `dot` `x`, `y`, `tip`.
  static func density(_ x: Axis, _ y: Axis) -> String {
    func part(_ kind: String) -> String {
      "{\"name\": \"\(kind)s\", \"source\": \"rows\", \"transform\": "
        + "[{\"type\": \"filter\", \"expr\": \"datum.kind == '\(kind)'\"}]}"
    }
    return """
      {"width": 480, "height": 380, "padding": 5,
       "data": [{"name": "rows"}, {"name": "colours"},
         {"name": "shown", "source": "colours", "transform": \
      [{"type": "filter", "expr": "indata('rows', 'label', datum.name)"}]},
         \(part("cell")), \(part("line")), \(part("dot"))],
       "scales": [\(x.scale("x", "width", fields: ["x"])), \(y.scale("y", "height", fields: ["y"])),
         {"name": "shade", "type": "linear", "domain": [0, 1], "range": ["#eef3f8", "#1f4e79"]},
         \(colourScale)],
       "axes": [\(x.axis("bottom", "x", ticks: 10)), \(y.axis("left", "y", ticks: 10))],
       "legends": [{"stroke": "colour", "symbolType": "stroke", "symbolStrokeWidth": 3}],
       "marks": [
         {"type": "rect", "clip": true, "from": {"data": "cells"}, "encode": {"enter": {
           "x": {"scale": "x", "field": "x"}, "x2": {"scale": "x", "field": "x2"},
           "y": {"scale": "y", "field": "y"}, "y2": {"scale": "y", "field": "y2"},
           "fill": {"scale": "shade", "field": "value"}, "tooltip": {"field": "tip"}}}},
         {"type": "group", "from": {"facet": {"name": "series", "data": "lines", "groupby": "label"}},
          "clip": true, "encode": {"enter": {"width": {"signal": "width"}, "height": {"signal": "height"}}},
          "marks": [{"type": "line", "from": {"data": "series"}, "encode": {"enter": {
            "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"},
            "stroke": {"scale": "colour", "field": "label"}, "strokeWidth": {"value": 2}}}}]},
         {"type": "symbol", "from": {"data": "dots"}, "encode": {"enter": {
           "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"},
           "size": {"value": 44}, "fill": {"value": "#fff"}, "stroke": {"value": "#222"},
           "strokeWidth": {"value": 1.5}, "tooltip": {"field": "tip"}}}}]}
      """
  }

  /// Places without axes, a dot for each row: fields `x`, `y`, `size`, `label`, `tip`.
  static let places = """
    {"width": 720, "height": 560, "padding": 5,
     "data": \(data),
     "scales": [
       {"name": "x", "type": "linear", "range": "width", "zero": false,
        "domain": {"data": "rows", "field": "x"}},
       {"name": "y", "type": "linear", "range": "height", "zero": false,
        "domain": {"data": "rows", "field": "y"}},
       \(colourScale)],
     "legends": [{"fill": "colour", "symbolType": "circle"}],
     "marks": [{"type": "symbol", "from": {"data": "rows"}, "encode": {"enter": {
       "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"},
       "size": {"field": "size"}, "fill": {"scale": "colour", "field": "label"},
       "fillOpacity": {"value": 0.65}, "tooltip": {"field": "tip"}}}}]}
    """
}
