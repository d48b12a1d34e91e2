// The by-products of a fit in a model file.
import OsusumeData

extension Learned {
  /// Reads what the file has of them; `layout` is that of the scorer's packed vectors, if it has any.
  ///
  /// Errors: `ModelFileFault`.
  init(
    from reader: inout TensorReader, _ context: ScorerContext, kinds: [any Scorer.Type],
    layout: FactorLayout?
  ) throws {
    let (users, items) = (context.userCount, context.itemIDs.count)
    if reader.has("singular_values") { singularValues = try reader.vector("singular_values") }
    draws = try PosteriorDraws(from: &reader, users: users, items: items)
    implicitFactors = try layout.flatMap {
      try ImplicitFactors(from: &reader, users: users, items: items, layout: $0)
    }
    timeBiases = try TimeBiases(from: &reader, users: users, items: items, layout: layout)
    likelihood = try LikelihoodCurve(from: &reader)
    intervals = try RatingIntervals(from: &reader)
    guard context.spec.lists != nil else { return }
    guard let spec = context.spec.listsModel, let kind = kinds.first(where: { $0.reads(spec) })
    else {
      throw ModelFileFault.metadata("specification")
    }
    lists = try kind.init(from: &reader, context)
  }

  /// The tensors of all that there is.
  var tensors: [Tensor] {
    (singularValues.isEmpty ? [] : [Tensor("singular_values", singularValues)])
      + (draws?.tensors ?? []) + (implicitFactors?.tensors ?? []) + (timeBiases?.tensors ?? [])
      + (lists?.tensors ?? []) + (likelihood?.tensors ?? [])
      + (intervals?.tensors ?? [])
  }

  /// Checks all that there is; arguments as in `init`.
  ///
  /// Errors: `ModelFileFault`.
  func check(users: Int, items: Int, layout: FactorLayout?) throws {
    try checkRange(singularValues, "singular_values", 0...Float(NumberLimit.score))
    try draws?.check(users: users, layout: layout)
    try implicitFactors?.check()
    try timeBiases?.check(users: users, items: items)
    try likelihood?.check()
    try intervals?.check()
    guard let lists else { return }
    guard lists.userCount == users, lists.itemCount == items else {
      throw ModelFileFault.tensorShape(
        "lists", [lists.userCount, lists.itemCount], expected: [users, items])
    }
    try lists.check()
    guard lists.largestScore() <= type(of: lists).scoreLimit else { throw ModelFileFault.scores }
  }
}
