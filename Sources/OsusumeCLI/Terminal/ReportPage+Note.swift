// Pages written by commands, with a note where charts had to be left out.
import Osusume

extension ReportPage {
  /// Writes the page, and says on stderr what to install where it has no charts.
  ///
  /// Errors: `OutputError`.
  func write(to path: String, _ options: some CommandOptions) throws {
    try write(to: path)
    guard VegaLibrary.installed == nil, !options.quiet else { return }
    Output.note(
      "osusume: Vega is not installed, so \(path) holds tables alone; for charts, "
        + "apt-get install \(VegaLibrary.package)")
  }
}
