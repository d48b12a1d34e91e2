// How far epochs have come: a bar on a terminal, elsewhere what `Activity` says.
import Foundation

/// Shows how far an epoch loop has come.
struct ProgressBar {
  private let isShown: Bool
  private let total: Int
  private let start = ContinuousClock.now

  /// A bar of `total` epochs, on stderr when that is a terminal and nobody asked for quiet.
  init(total: Int, quiet: Bool) {
    self.total = total
    isShown = !quiet && isatty(STDERR_FILENO) != 0
  }

  /// Redraws the bar after an epoch, or says what there is to say instead.
  func update(epoch: Int, label: String, rate: Double, detail: String) {
    guard isShown else {
      let figures = detail.isEmpty ? "" : ", \(detail)"
      return Activity.now("\(label), \(epoch) of \(total) epochs done\(figures)")
    }
    let fraction = min(1, Double(epoch) / Double(max(1, total)))
    let filled = Int(fraction * 24)
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 24 - filled)
    let elapsed = start.duration(to: .now) / .seconds(1)
    let remaining = epoch > 0 ? elapsed / Double(epoch) * Double(total - epoch) : 0
    let text = String(
      format: "\r%@ %@ %d/%d  %.1f M ratings/s  %@  %.0f s left ", label, bar, epoch, total,
      rate / 1e6, detail, max(0, remaining))
    FileHandle.standardError.write(Data((text + "\u{1B}[K").utf8))
  }

  /// Clears the line.
  func finish() {
    guard isShown else { return }
    FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
  }
}
