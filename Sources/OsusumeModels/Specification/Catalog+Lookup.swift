// Finds a model by name, and says what may have been meant where there is none.
import OsusumeData

/// A name that is not in the catalog.
public enum CatalogError: OsusumeError, Equatable {
  /// There is no model of this name; the closest one that there is.
  case unknownModel(String, closest: String)
  /// It is a file of a model that has been fitted, of this name.
  case isFitted(file: String, model: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .isFitted(let file, let model):
      "\(file) is a saved model of \(model), which is fitted already; give what is to be fitted: a model of the "
        + "catalog, such as '\(model)', or a specification, SPEC.json"
    case .unknownModel(let name, let closest):
      "no model is called '\(name)'; did you mean '\(closest)'? `osusume models` lists them all"
    }
  }
}

extension ModelSpec {
  /// The model of a catalog name, or the specification in a file whose name ends in `.json`.
  ///
  /// Throws `CatalogError` with the closest name where there is none, or saying that it is a saved model;
  /// `SpecificationError` for files.
  public static func lookup(_ name: String) throws -> ModelSpec {
    if name.hasSuffix(".json") { return try read(name) }
    if let spec = named(name) { return spec }
    if let model = try? Model.read(name).spec.name {
      throw CatalogError.isFitted(file: name, model: model)
    }
    let distances = catalog.map { (name: $0.name, edits: editDistance(name, $0.name)) }
    let closest = distances.min { $0.edits < $1.edits }?.name ?? mf.name
    throw CatalogError.unknownModel(name, closest: closest)
  }
}

/// Insertions, deletions and substitutions that turn one text into the other (Levenshtein 1966).
package func editDistance(_ left: String, _ right: String) -> Int {
  // A name worth a suggestion is short; the rest would cost its square.
  let left = Array(left.lowercased().prefix(64))
  let right = Array(right.lowercased().prefix(64))
  var row = Array(0...right.count)
  for (i, a) in left.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, b) in right.enumerated() {
      let substituted = diagonal + (a == b ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substituted, diagonal + 1, row[j] + 1)
    }
  }
  return row[right.count]
}
