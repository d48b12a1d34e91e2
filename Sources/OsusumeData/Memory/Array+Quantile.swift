// Quantiles of numbers.

extension Array where Element: BinaryFloatingPoint {
  /// The quantile of ascending numbers, at least one, linear between two of them.
  package func quantile(_ fraction: Double) -> Element {
    let place = fraction * Double(count - 1)
    let low = Int(place)
    let high = Swift.min(low + 1, count - 1)
    return self[low] + (self[high] - self[low]) * Element(place - Double(low))
  }
}
