// The kinds of scorer that a model file may hold.

extension Model {
  /// A model file is read as the first of these that reads its specification.
  public static let scorerKinds: [any Scorer.Type] = [
    NeighbourParameters.self, ItemRelations.self, FactorParameters.self, NetworkParameters.self,
  ]
}
