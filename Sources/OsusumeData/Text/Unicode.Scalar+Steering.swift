// Characters that steer what shows them, which ids and titles from files may hold.

extension Unicode.Scalar {
  /// Whether a terminal or a page would obey the character rather than show it: control characters (ESC, BEL, the
  /// C1 range), line and paragraph separators, and those that turn the direction of writing (UAX 9).
  package var isSteering: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: properties.isBidiControl
    }
  }
}
