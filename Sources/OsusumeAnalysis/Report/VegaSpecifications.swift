// The kinds of charts in our reports, as Vega specifications; rows come from the data set `rows`.

/// Specifications by kind of chart.
///
/// Texts of axes are ours, never data: they go into JSON as they are.
package enum VegaSpecifications {
  /// An axis: what it measures, how it is spaced, and whether it begins at zero.
  package struct Axis {
    var title: String
    var isLogarithmic = false
    var startsAtZero = false
    var domain: ClosedRange<Double>?
    /// Whether it counts: no tick lies between whole numbers.
    var isWhole = false
    /// How numbers are written, as d3-format has it; nil: as Vega sees fit.
    var format: String?

    /// Makes an axis from its parts.
    package init(
      title: String, isLogarithmic: Bool = false, startsAtZero: Bool = false,
      domain: ClosedRange<Double>? = nil, isWhole: Bool = false, format: String? = nil
    ) {
      (self.title, self.isLogarithmic, self.startsAtZero) = (title, isLogarithmic, startsAtZero)
      (self.domain, self.isWhole, self.format) = (domain, isWhole, format)
    }

    /// The axis at an edge of the chart, over the scale of a name.
    func axis(_ orient: String, _ scale: String, ticks: Int) -> String {
      let format = format.map { ", \"format\": \"\($0)\"" } ?? ""
      return "{\"orient\": \"\(orient)\", \"scale\": \"\(scale)\", \"title\": \"\(title)\", "
        + "\"tickCount\": \(ticks), \"grid\": true\(format)}"
    }

    /// The scale over a field of the rows.
    ///
    /// - Parameter padding: Pixels at either end that hold nothing.
    func scale(_ name: String, _ range: String, fields: [String], padding: Int = 0) -> String {
      let fields = fields.map { "{\"data\": \"rows\", \"field\": \"\($0)\"}" }
        .joined(separator: ", ")
      let domain =
        domain.map { "[\($0.lowerBound), \($0.upperBound)]" } ?? "{\"fields\": [\(fields)]}"
      return """
        {"name": "\(name)", "type": "\(isLogarithmic ? "log" : "linear")", "range": "\(range)", \
        "nice": \(self.domain == nil && !isLogarithmic), \
        "zero": \(startsAtZero), "padding": \(padding), "domain": \(domain)}
        """
    }
  }

  /// The rows, the colours, and those of them that a label here has, for the legend.
  static let data = """
    [{"name": "rows"}, {"name": "colours"}, {"name": "shown", "source": "colours", "transform": \
    [{"type": "filter", "expr": "indata('rows', 'label', datum.name)"}]}]
    """

  static let colourScale = """
    {"name": "colour", "type": "ordinal", "domain": {"data": "shown", "field": "name"}, \
    "range": {"data": "shown", "field": "colour"}}
    """

  /// The figure of a row that has one: to the right of it, or to the left of one at the right edge.
  private static func figure(y: String) -> String {
    """
    {"type": "text", "from": {"data": "rows"}, "interactive": false, "encode": {"enter": {
      "x": {"scale": "x", "field": "high"}, "y": \(y), "baseline": {"value": "middle"},
      "dx": {"signal": "datum.edge ? -9 : 7"}, "align": {"signal": "datum.edge ? 'right' : 'left'"},
      "fontSize": {"value": 11}, "fill": {"value": "#333"}, "text": {"signal": "datum.figure || ''"}}}}
    """
  }

  /// A point, or an arrow where a row lies beyond the right edge: `edge` is 1.
  private static let shape = "{\"signal\": \"datum.edge ? 'triangle-right' : 'circle'\"}"

  /// Points with intervals, a line for each `label`: fields `value`, `low`, `high`, `tip`, and where they are
  /// wanted `figure`, a text beside it, and `edge`.
  static func intervals(_ x: Axis) -> String {
    """
    {"width": 400, "padding": 5,
     "signals": [{"name": "height", "update": "30 * length(data('rows'))"}],
     "data": \(data),
     "scales": [\(x.scale("x", "width", fields: ["low", "high"])),
       {"name": "y", "type": "band", "range": "height", "domain": {"data": "rows", "field": "label"}},
       \(colourScale)],
     "axes": [{"orient": "bottom", "scale": "x", "title": "\(x.title)", "grid": true, "tickCount": 6},
              {"orient": "left", "scale": "y", "ticks": false, "domain": false, "labelPadding": 8}],
     "marks": [
       {"type": "rule", "from": {"data": "rows"}, "encode": {"enter": {
         "x": {"scale": "x", "field": "low"}, "x2": {"scale": "x", "field": "high"},
         "y": {"scale": "y", "field": "label", "band": 0.5}, "strokeWidth": {"value": 2},
         "stroke": {"scale": "colour", "field": "label"}}}},
       {"type": "symbol", "from": {"data": "rows"}, "encode": {"enter": {
         "x": {"scale": "x", "field": "value"}, "y": {"scale": "y", "field": "label", "band": 0.5},
         "size": {"value": 70}, "fill": {"scale": "colour", "field": "label"}, "shape": \(shape),
         "tooltip": {"field": "tip"}}}},
       \(figure(y: "{\"scale\": \"y\", \"field\": \"label\", \"band\": 0.5}"))]}
    """
  }

  /// Points with intervals in groups, one below the other: as `intervals`, with `group` and `offset`, the
  /// place within the group from 0 to 1.
  static func groupedIntervals(_ x: Axis, width: Int = 560) -> String {
    let y = """
      {"scale": "y", "field": "group", "offset": {"signal": "datum.offset * bandwidth('y')"}}
      """
    return """
      {"width": \(width), "padding": 5,
       "signals": [{"name": "height", "update": "14 * length(data('rows')) + 60"}],
       "data": \(data),
       "scales": [\(x.scale("x", "width", fields: ["low", "high"])),
         {"name": "y", "type": "band", "range": "height", "paddingInner": 0.25,
          "domain": {"data": "rows", "field": "group"}},
         \(colourScale)],
       "axes": [{"orient": "bottom", "scale": "x", "title": "\(x.title)", "grid": true, "tickCount": 8},
                {"orient": "left", "scale": "y", "ticks": false, "domain": false, "labelPadding": 8}],
       "legends": [{"fill": "colour", "symbolType": "circle"}],
       "marks": [
         {"type": "rule", "from": {"data": "rows"}, "encode": {"enter": {
           "x": {"scale": "x", "field": "low"}, "x2": {"scale": "x", "field": "high"},
           "y": \(y),
           "strokeWidth": {"value": 2}, "stroke": {"scale": "colour", "field": "label"}}}},
         {"type": "symbol", "from": {"data": "rows"}, "encode": {"enter": {
           "x": {"scale": "x", "field": "value"}, "y": \(y),
           "size": {"value": 55}, "fill": {"scale": "colour", "field": "label"}, "shape": \(shape),
           "tooltip": {"field": "tip"}}}},
         \(figure(y: y))]}
      """
  }

  /// A line with points for each `label`: fields `x`, `y`, `tip`, and where they are wanted `figure`, a text
  /// above the point, and `edge`, 1 where the point lies beyond the upper edge: the text is then below.
  package static func lines(
    _ x: Axis, _ y: Axis, legend: Bool = true, width: Int = 640, height: Int = 300
  ) -> String {
    """
    {"width": \(width), "height": \(height), "padding": 5,
     "data": \(data),
     "scales": [\(x.scale("x", "width", fields: ["x"])), \(y.scale("y", "height", fields: ["y"])),
       \(colourScale)],
     "axes": [{"orient": "bottom", "scale": "x", "title": "\(x.title)", "tickCount": 8, "grid": true\
    \(x.isWhole ? ", \"tickMinStep\": 1, \"format\": \"d\"" : "")},
              {"orient": "left", "scale": "y", "title": "\(y.title)", "tickCount": 6, "grid": true}],
     \(legend ? strokeLegend : "")
     "marks": [{"type": "group",
       "from": {"facet": {"name": "series", "data": "rows", "groupby": "label"}},
       "marks": [
         {"type": "line", "from": {"data": "series"}, "encode": {"enter": {
           "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"},
           "stroke": {"scale": "colour", "field": "label"}, "strokeWidth": {"value": 2}}}},
         {"type": "symbol", "from": {"data": "series"}, "encode": {"enter": {
           "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"},
           "size": {"signal": "datum.edge ? 60 : 26"},
           "shape": {"signal": "datum.edge ? 'triangle-up' : 'circle'"},
           "fill": {"scale": "colour", "field": "label"}, "tooltip": {"field": "tip"}}}},
         {"type": "text", "from": {"data": "series"}, "interactive": false, "encode": {"enter": {
           "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"},
           "dx": {"value": 6}, "dy": {"signal": "datum.edge ? 14 + 13 * (datum.line || 0) : -8"},
           "fontSize": {"value": 11}, "fill": {"value": "#333"},
           "text": {"signal": "datum.figure || ''"}}}}]}]}
    """
  }

  /// A point for each row: fields `x`, `y`, `label`, `tip`.
  package static func points(_ x: Axis, _ y: Axis) -> String {
    """
    {"width": 400, "height": 240, "padding": 5,
     "data": \(data),
     "scales": [\(x.scale("x", "width", fields: ["x"])), \(y.scale("y", "height", fields: ["y"])),
       \(colourScale)],
     "axes": [{"orient": "bottom", "scale": "x", "title": "\(x.title)", "tickCount": 6, "grid": true},
              {"orient": "left", "scale": "y", "title": "\(y.title)", "tickCount": 5, "grid": true}],
     "marks": [{"type": "symbol", "from": {"data": "rows"}, "encode": {"enter": {
       "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"}, "size": {"value": 18},
       "fill": {"scale": "colour", "field": "label"}, "fillOpacity": {"value": 0.5},
       "tooltip": {"field": "tip"}}}}]}
    """
  }

  /// A square for each pair: fields `label`, `second`, `value` from 0 to 1, `tip`.
  static let squares = """
    {"padding": 5,
     "signals": [{"name": "cell", "value": 52},
       {"name": "width", "update": "cell * length(domain('x'))"},
       {"name": "height", "update": "cell * 0.7 * length(domain('y'))"}],
     "data": \(data),
     "scales": [
       {"name": "x", "type": "band", "range": {"step": {"signal": "cell"}},
        "domain": {"data": "shown", "field": "name"}},
       {"name": "y", "type": "band", "range": {"step": {"signal": "cell * 0.7"}},
        "domain": {"data": "shown", "field": "name"}},
       {"name": "shade", "type": "linear", "domain": [0, 1], "range": ["#e3edf6", "#2f5d8c"]}],
     "axes": [{"orient": "bottom", "scale": "x", "ticks": false, "domain": false, "labelAngle": -35,
               "labelAlign": "right", "labelBaseline": "middle"},
              {"orient": "left", "scale": "y", "ticks": false, "domain": false, "labelPadding": 6}],
     "marks": [
       {"type": "rect", "from": {"data": "rows"}, "encode": {"enter": {
         "x": {"scale": "x", "field": "label"}, "width": {"scale": "x", "band": 1, "offset": -2},
         "y": {"scale": "y", "field": "second"}, "height": {"scale": "y", "band": 1, "offset": -2},
         "fill": {"scale": "shade", "field": "value"}, "tooltip": {"field": "tip"}}}},
       {"type": "text", "from": {"data": "rows"}, "interactive": false, "encode": {"enter": {
         "x": {"scale": "x", "field": "label", "band": 0.5},
         "y": {"scale": "y", "field": "second", "band": 0.5},
         "align": {"value": "center"}, "baseline": {"value": "middle"},
         "text": {"signal": "format(datum.value, '.2f')"},
         "fill": {"signal": "datum.value > 0.55 ? 'white' : '#333'"}}}}]}
    """
}
