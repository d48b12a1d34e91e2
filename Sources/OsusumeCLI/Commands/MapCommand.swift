// `osusume map`: items, users or genres of a saved model in two dimensions.
import ArgumentParser
import Osusume

struct MapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "map",
    abstract: "Items, users or genres in two dimensions: PCA, t-SNE, UMAP.",
    discussion: """
      Places come from the vectors of a saved model, or from the relations between items that it keeps. t-SNE \
      makes a map for each perplexity, the number of neighbours that count: small ones show small groups. The \
      ending of the output says what is written: .csv (item, title, x, y, method, perplexity), .json, or .html, \
      a page to look at with titles under the pointer and a search.

      Examples:
        osusume map --model model.safetensors -o map.html
        osusume map --model model.safetensors --method pca,tsne,umap -o map.html
        osusume map --model model.safetensors --perplexity 30 -o map.csv
      """)

  @Option(
    help: ArgumentHelp("A saved model.", valueName: "file"),
    completion: .file(extensions: ["safetensors"]))
  var model: String

  @Option(
    help: ArgumentHelp("pca, tsne or umap, or several set apart by commas.", valueName: "name"))
  var method = MethodList(methods: [.tsne])

  @Option(
    help: ArgumentHelp(
      "Perplexities of t-SNE, a map each (default: those of 5, 30, 50, 100 that there are points for).",
      valueName: "5,30,50,100"))
  var perplexity: PerplexityList?

  @Option(help: "What is placed: items, users or genres.")
  var of = MapSubject.Kind.items

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where to write: a .csv, .json or .html file.", valueName: "file"),
    completion: .file(extensions: ["csv", "json", "html"]))
  var output: String

  @Option(
    help: ArgumentHelp(
      "Item metadata (title, genre, type, episodes) in place of what the model holds.",
      valueName: "file"))
  var items: String?

  @OptionGroup(title: "Filters") var filter: ItemFilterOptions
  @OptionGroup var options: GlobalOptions

  /// What kind of file is written.
  private enum Format: String, CaseIterable { case csv, json, html }

  private var format: Format? {
    Format(rawValue: output.split(separator: ".").last.map { $0.lowercased() } ?? "")
  }

  func validate() throws {
    guard format != nil else {
      throw ValidationError(
        "--output \(output): give a name that ends in .csv, .json or .html: the ending says what is written"
      )
    }
    guard perplexity == nil || method.methods.contains(.tsne) else {
      throw ValidationError("--perplexity is for t-SNE: give --method tsne as well")
    }
    guard of == .items || !filter.isGiven else {
      throw ValidationError("filters are for items: give --of items")
    }
  }

  func run() throws {
    let start = ContinuousClock.now
    try OutputCheck.canCreate(output, besides: [model, items])
    let file = try ModelFile(model)
    var saved = try file.model(path: model)
    if let items { saved.catalog = try ItemCatalog.read(items).catalog }
    let version = String(file.checksum.prefix(12))
    let subject = try MapSubject(
      saved, of: of, among: try saved.items(passing: filter.filter()),
      unrated: filter.minRatings == 0,
      seed: options.seed, threads: options.threads)
    var wanted = MapOptions()
    wanted.methods = method.methods
    wanted.perplexities = perplexity?.values
    wanted.seed = options.seed
    wanted.threads = options.threads
    let map = try ModelMap(subject, wanted)
    try write(map, saved.spec.name, version)
    try options.show(
      MapReport(
        map, model: saved.spec.name, version: version, options: options, output: output,
        seconds: start.duration(to: .now) / .seconds(1)))
  }

  private func write(_ map: ModelMap, _ name: String, _ version: String) throws {
    switch format {
    case .csv: try WholeFile.write(to: output) { try map.writeCSV(to: $0) }
    case .json:
      try WholeFile.write(to: output) {
        try map.writeJSON(model: name, version: version, seed: options.seed, to: $0)
      }
    default:
      try MapPage(map, model: name, version: version).write(to: output)
      if VegaLibrary.installed == nil && !options.quiet {
        Output.note(
          "osusume: Vega is not installed, so \(output) holds a table alone; for maps, "
            + "apt-get install \(VegaLibrary.package)")
      }
    }
  }
}

/// Methods set apart by commas, each once.
struct MethodList: ExpressibleByArgument {
  let methods: [MapMethod]

  init(methods: [MapMethod]) { self.methods = methods }

  init?(argument: String) {
    let found = argument.split(separator: ",").map { MapMethod(rawValue: String($0)) }
    methods = found.compactMap { $0 }
    guard !methods.isEmpty, methods.count == found.count, Set(methods).count == methods.count else {
      return nil
    }
  }

  var defaultValueDescription: String { methods.map(\.rawValue).joined(separator: ",") }

  static var allValueStrings: [String] { MapMethod.allCases.map(\.rawValue) }
}

/// Perplexities set apart by commas, each once.
struct PerplexityList: ExpressibleByArgument {
  let values: [Double]

  init?(argument: String) {
    let found = argument.split(separator: ",").map { Double($0) }
    values = found.compactMap { $0 }.filter { $0 >= 1 && $0 <= 10_000 }
    guard !values.isEmpty, values.count == found.count, Set(values).count == values.count else {
      return nil
    }
  }
}

extension MapSubject.Kind: ExpressibleByArgument {}
