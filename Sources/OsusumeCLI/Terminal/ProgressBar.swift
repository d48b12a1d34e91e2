// How far epochs have come: a bar on a terminal, elsewhere what `Activity` says.
import Foundation

/// Shows how far an epoch loop has come.
struct ProgressBar {
  private let isShown: Bool
  private let total: Int
  private let unit: String
  private let start = ContinuousClock.now

  /// A bar of `total` epochs, or other units, on stderr when that is a terminal and nobody asked for quiet.
  init(total: Int, of unit: String = "epochs", quiet: Bool) {
    self.total = total
    self.unit = unit
    isShown = !quiet && isatty(STDERR_FILENO) != 0
  }

  /// Redraws the bar after an epoch, or says what there is to say instead.
  func update(epoch: Int, label: String, rate: Double? = nil, detail: String) {
    guard isShown else {
      let figures = detail.isEmpty ? "" : ", \(detail)"
      return Activity.now("\(label), \(epoch) of \(total) \(unit) done\(figures)")
    }
    let fraction = min(1, Double(epoch) / Double(max(1, total)))
    let filled = Int(fraction * 24)
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 24 - filled)
    let elapsed = start.duration(to: .now) / .seconds(1)
    let remaining = epoch > 0 ? elapsed / Double(epoch) * Double(total - epoch) : 0
    let text = String(
      format: "\r%@ %@ %d/%d  %@%@  %.0f s left ", label, bar, epoch, total,
      rate.map { String(format: "%.1f M ratings/s  ", $0 / 1e6) } ?? "", detail, max(0, remaining))
    FileHandle.standardError.write(Data((text + "\u{1B}[K").utf8))
  }

  /// Clears the line.
  func finish() {
    guard isShown else { return }
    FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
  }
}
