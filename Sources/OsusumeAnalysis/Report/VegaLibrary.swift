// Vega from Debian's libjs-vega, as one script to be written into a page.
import Foundation

/// The JavaScript of Vega: parser, runtime and view, to be run in a page without a network.
///
/// The package holds Vega's modules one by one and no bundle, each a script that takes its exports and a
/// `require`: a loader of a few lines around them makes the bundle.
public struct VegaLibrary: Sendable {
  /// What installs the modules.
  public static let package = "libjs-vega"
  /// A script that defines `vega.parse` and `vega.View`.
  public let script: String

  /// Modules by file name, each after those it requires; of the transforms, those that charts of points,
  /// lines and bars take.
  private static let modules = [
    "util", "time", "format", "loader", "dataflow", "canvas", "scale", "scenegraph", "statistics",
    "transforms", "view-transforms", "encode", "expression", "selection", "functions", "runtime",
    "view", "event-selector", "parser",
  ]

  /// Reads the modules from a folder; nil where one is missing.
  public init?(folder: String) {
    var script = """
      const vegaModules = {};
      function vegaModule(name, body) {
        const module = {exports: {}};
        body(module.exports, module, wanted => vegaModules[wanted]);
        vegaModules[name] = module.exports;
      }

      """
    for file in Self.modules {
      guard
        let data = FileManager.default.contents(atPath: "\(folder)/vega-\(file).min.js"),
        let text = String(data: data, encoding: .utf8)
      else { return nil }
      // Required by a name in the plural.
      let name = file == "selection" ? "selections" : file
      let lines = text.split(separator: "\n").filter { !$0.hasPrefix("//# sourceMappingURL") }
      script += "vegaModule(\"vega-\(name)\", function(exports, module, require) {\n"
      script += lines.joined(separator: "\n").replacingOccurrences(
        of: "</script", with: "<\\/script")
      script += "\n});\n"
    }
    script += """
      for (const name of ["transforms", "view-transforms", "encode"])
        Object.assign(vegaModules["vega-dataflow"].transforms, vegaModules["vega-" + name]);
      const vega = {parse: vegaModules["vega-parser"].parse, View: vegaModules["vega-view"].View};
      """
    self.script = script
  }

  /// Where Debian puts the modules; the environment variable OSUSUME_VEGA names another folder.
  public static let folder =
    ProcessInfo.processInfo.environment["OSUSUME_VEGA"] ?? "/usr/share/javascript/vega"

  /// The modules of that folder; nil where one is missing.
  public static let installed: VegaLibrary? = VegaLibrary(folder: folder)

  /// The files that a folder lacks.
  public static func missing(in folder: String) -> [String] {
    modules.map { "vega-\($0).min.js" }
      .filter { !FileManager.default.isReadableFile(atPath: "\(folder)/\($0)") }
  }
}
