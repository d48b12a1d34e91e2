// Checks that the numbers of options are in their ranges, each in the same words.
import ArgumentParser

/// Fails where a number was given and is out of range.
func check<Number: BinaryInteger>(
  _ option: String, _ value: Number?, in range: ClosedRange<Number>
) throws {
  guard let value, !range.contains(value) else { return }
  throw ValidationError(
    "\(option) \(value): give a number from \(range.lowerBound) to \(range.upperBound)")
}

/// Fails where a number was given and is below the least.
func check<Number: BinaryInteger>(
  _ option: String, _ value: Number?, in range: PartialRangeFrom<Number>
) throws {
  guard let value, !range.contains(value) else { return }
  throw ValidationError("\(option) \(value): give a number from \(range.lowerBound)")
}

/// Fails where a rating was given and is no finite number.
func checkRating(_ option: String, _ value: Float?) throws {
  guard let value, !value.isFinite else { return }
  throw ValidationError("\(option) \(value): give a rating")
}
