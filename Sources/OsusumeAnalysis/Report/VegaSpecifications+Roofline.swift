// The chart of a machine's limits and of what kernels make of them.

extension VegaSpecifications {
  /// Roofs, and kernels under them: rows of the kind `roof` have the fields `x`, `y`, `label`; those of the kind
  /// `kernel` besides those `tip`, `figure`, a text beside the point, and its place, `dx`, `dy` and `align`.
  package static func roofline(_ x: Axis, _ y: Axis, width: Int, height: Int) -> String {
    """
    {"width": \(width), "height": \(height), "padding": 5,
     "data": [\(data.dropFirst().dropLast()),
       {"name": "roofs", "source": "rows", "transform": [{"type": "filter", "expr": "datum.kind == 'roof'"}]},
       {"name": "kernels", "source": "rows", "transform": [{"type": "filter", "expr": "datum.kind == 'kernel'"}]}],
     "scales": [\(x.scale("x", "width", fields: ["x"])), \(y.scale("y", "height", fields: ["y"])),
       \(colourScale)],
     "axes": [\(x.axis("bottom", "x", ticks: 8)), \(y.axis("left", "y", ticks: 8))],
     "legends": [{"stroke": "colour", "symbolType": "stroke", "symbolStrokeWidth": 3}],
     "marks": [
       {"type": "group", "from": {"facet": {"name": "series", "data": "roofs", "groupby": "label"}},
        "marks": [{"type": "line", "from": {"data": "series"}, "encode": {"enter": {
          "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"},
          "stroke": {"scale": "colour", "field": "label"}, "strokeWidth": {"value": 2}}}}]},
       {"type": "symbol", "from": {"data": "kernels"}, "encode": {"enter": {
         "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"}, "size": {"value": 60},
         "fill": {"scale": "colour", "field": "label"}, "stroke": {"value": "#fff"},
         "tooltip": {"field": "tip"}}}},
       {"type": "text", "from": {"data": "kernels"}, "interactive": false, "encode": {"enter": {
         "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"},
         "dx": {"field": "dx"}, "dy": {"field": "dy"}, "align": {"field": "align"},
         "baseline": {"value": "middle"}, "fontSize": {"value": 11}, "fill": {"value": "#333"},
         "text": {"field": "figure"}}}}]}
    """
  }
}
