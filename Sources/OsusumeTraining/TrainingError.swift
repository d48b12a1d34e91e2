// What can go wrong in any fit.
import OsusumeData
import OsusumeModels

/// Why a model cannot be fitted.
public enum TrainingError: OsusumeError, Equatable {
  /// There is nothing to learn from.
  case noRatings
  /// The loss grew without bound or is not a number, also at the lowest learning rate that was tried; nil:
  /// the fit has none.
  case diverged(epoch: Int, learningRate: Double?)
  /// The model does not predict what the loss compares.
  case lossOfAnotherTarget(Loss, model: String)
  /// Rows have no labels to learn from.
  case noLabels
  /// A rating is none of the classes.
  case notAClass(Float, classes: Int)
  /// A rating is not a number, or its magnitude is beyond `RatingTable.largestRating`.
  case notARating(Float, row: Int)
  /// The penalty is too small for single precision.
  case notPositiveDefinite(regularization: Double)
  /// A matrix of items by items needs more memory than there is.
  case tooManyItems(items: Int, bytes: Int, available: Int)
  /// L2 penalties move all rows at every step, which only Adam does here.
  case penaltyNeedsAdam
  /// Rows do not say when ratings were given.
  case noTimestamps(model: String)
  /// The model learns from ratings, and rows hold counts or say no more than who met what.
  case needsRatings(model: String, Feedback)
  /// The state to resume from is of another fit.
  case otherState
  /// The fit is one step: there is no state between epochs.
  case nothingToResume(model: String)
  /// The ratings of a user or of an item do not determine its vector.
  case undetermined(Entity, ratings: Int, factors: Int, regularization: Double)
  /// The distribution of the vectors has no finite density.
  case degenerate
  /// The draws together are wider than a model may be.
  case tooWide(samples: Int, factors: Int)
  /// LAPACK found no decomposition.
  case noConvergence(routine: String, code: Int)

  /// One line for the user.
  public var description: String {
    switch self {
    case .noRatings: "no training ratings: nothing to fit a model to"
    case .diverged(let epoch, let rate?):
      "training diverged in epoch \(epoch), also at learning rate \(rate): lower `learning_rate`, or "
        + "raise `regularization`"
    case .diverged(let epoch, nil):
      "training diverged in epoch \(epoch): check the ratings (`osusume data validate`), or give fewer `factors`"
    case .lossOfAnotherTarget(let loss, let model):
      "`loss \(loss.rawValue)` does not fit what \(model) predicts: ratings take rmse, mse or mae, "
        + "interactions bce, classes cross-entropy; leave it out"
    case .noLabels:
      "the model learns what people like, and no row says whether its item was liked: label the rows by a "
        + "rating, `positive_above 5`, before they are split into train and test"
    case .notAClass(let rating, let classes):
      "the model predicts whole ratings from 1 to \(classes), and there is a rating of \(rating): train a "
        + "model without classes, or give a file on that scale"
    case .notARating(let rating, let row):
      "row \(row) has the rating \(rating), and ratings are numbers of at most "
        + "\(RatingTable.largestRating) either way: correct it, or divide all ratings by one number"
    case .notPositiveDefinite(let regularization):
      "the Gram matrix of items with `regularization` \(regularization) on its diagonal is not positive "
        + "definite in single precision: give a larger one"
    case .tooManyItems(let items, let bytes, let available):
      "relations between \(items) items need \(bytes >> 20) MB of memory, and \(available >> 20) MB can be had: leave "
        + "out items with few ratings by `min_item_ratings`, or give `model mf`, which needs none of it"
    case .penaltyNeedsAdam:
      "`regularization` of a minibatch model needs `optimizer adam or adamw`"
    case .noTimestamps(let model):
      "\(model) learns from when ratings were given, and these have no timestamps: name their column, "
        + "`columns user,item,rating,timestamp`, or train svdpp or mf"
    case .needsRatings(let model, let feedback):
      "\(model) learns from ratings, and these are \(feedback.noun): give `model` "
        + ModelSpec.catalog.filter(\.takesInteractions).map(\.name).joined(separator: ", ")
        + ", which take them, or name a column of ratings, `columns user,item,rating`"
    case .otherState:
      "the checkpoint's tables have other sizes than the model's: it is damaged; train anew"
    case .nothingToResume(let model):
      "\(model) is fitted in one step, with nothing to save or resume between epochs: leave out "
        + "`checkpoint` and `resume`"
    case .undetermined(let entity, let ratings, let factors, let regularization):
      "λ = \(regularization) leaves \(factors) factors undetermined by the \(ratings) ratings of one "
        + "\(entity.rawValue): give a larger `regularization`"
    case .degenerate:
      "the distribution of the vectors became singular: check the ratings (`osusume data validate`), or give "
        + "fewer `factors`"
    case .tooWide(let samples, let factors):
      "\(samples) draws of \(factors) factors are \(samples * factors) lanes and a model has at most "
        + "2046: give fewer `samples` or `factors`"
    case .noConvergence(let routine, let code):
      "the singular value decomposition did not converge (\(routine): \(code)): "
        + "check the ratings, or give fewer `factors`"
    }
  }
}
