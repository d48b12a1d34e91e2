// What a fit is given: a model, its settings, and the ratings to learn from.
import OsusumeData
import OsusumeModels

/// What is to be fitted to what.
public struct FitTask: Sendable {
  /// The model.
  public let spec: ModelSpec
  /// Its settings; after training has diverged, with lower learning rates than the user's.
  public internal(set) var settings: Hyperparameters
  /// Seed of every random choice.
  public let seed: UInt64
  /// Threads to use; the result does not depend on it.
  public let threads: Int
  /// Number of users.
  public let users: Int
  /// Number of items.
  public let items: Int
  /// The ratings to learn from.
  public internal(set) var train: IndexedRatings
  /// The ratings that each epoch is evaluated on; nil: none.
  public internal(set) var validation: IndexedRatings?
  /// Training ratings that the fit never learns from and that nothing goes by: after each epoch their error is told;
  /// nil: none.
  public internal(set) var heldOut: IndexedRatings?
  /// The epoch after which a fit of a known number of epochs ends, at the rates of one that goes on; nil: the last.
  public internal(set) var lastEpoch: Int?
  /// All training ratings: those of `train`, and those that the loop has held out of it.
  public let ratings: IndexedRatings
  /// What a network reads of items.
  public let features: ItemFeatures?
  /// What is known besides ratings.
  public let side: SideInformation
  /// Where the parts of its epochs tell their time; nil: nobody wants to know.
  package var parts: EpochParts?
  /// The sizes of the model, and the mean and standard deviation of all training ratings.
  package let problem: Problem

  /// Makes a task of all training ratings, evaluated on `test`.
  package init(
    _ spec: ModelSpec, _ settings: Hyperparameters, seed: UInt64 = 42, threads: Int = allCores,
    train: IndexedRatings, test: IndexedRatings? = nil, users: Int, items: Int,
    features: ItemFeatures? = nil, side: SideInformation = .init()
  ) {
    self.spec = spec
    self.settings = settings
    self.seed = seed
    // Fits have scratch memory for each thread, also for those that do not start.
    self.threads = min(threads, AddressSpace.threads)
    self.users = users
    self.items = items
    self.train = train
    self.features = features
    self.side = side
    ratings = train
    validation = test
    problem = Problem(
      users: users, items: items, layout: spec.layout(settings), values: train.values)
  }

  /// The same task for some of the training ratings, evaluated on others.
  func learning(from train: IndexedRatings, validation: IndexedRatings?) -> FitTask {
    var task = self
    (task.train, task.validation) = (train, validation)
    return task
  }

  /// The same task at learning rates times `scale`.
  func withRates(times scale: Double) -> FitTask {
    var task = self
    task.settings.learningRate *= scale
    task.settings.biasLearningRate *= scale
    return task
  }
}

/// The sizes and the scale of what is to be fitted.
package struct Problem: Sendable {
  package let users: Int
  package let items: Int
  package let layout: FactorLayout
  /// Number of training ratings.
  package let ratings: Int
  /// Their mean.
  package var mean: Double
  /// Their standard deviation; 1 where they are all equal: nothing to scale by.
  package var deviation: Double

  /// The sizes and the scale of fitting vectors of `layout` to ratings `values` of `users` by `items`.
  package init(users: Int, items: Int, layout: FactorLayout, values: [Float]) {
    self.users = users
    self.items = items
    self.layout = layout
    ratings = values.count
    mean = values.mean
    let deviation = values.deviation(from: mean)
    self.deviation = deviation > 0 ? deviation : 1
  }
}

extension [Float] {
  /// The mean, summed in double precision; 0 when empty.
  var mean: Double {
    var sum = 0.0
    for value in self { sum += Double(value) }
    return sum / Double(Swift.max(1, count))
  }

  /// The standard deviation around a mean; 0 when empty.
  func deviation(from mean: Double) -> Double {
    var squares = 0.0
    for value in self { squares += (Double(value) - mean) * (Double(value) - mean) }
    return (squares / Double(Swift.max(1, count))).squareRoot()
  }
}
