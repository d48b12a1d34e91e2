// Fits EASE: scores of all items as a linear function of the items a user has met, in closed form.
import CKernels
import Foundation
import OsusumeData
import OsusumeModels

/// Fits `ease`: one relation to all ratings and one to those from the median up, half a score each.
///
/// One penalty serves both: on real data the best for each lie within a factor of two of each other.
///
/// Deterministic: the same bytes for any number of threads.
package final class EASE: Fit {
  package static let hasEpochs = false
  package static let holdsOut = HoldsOut.never

  package let task: FitTask
  package private(set) var parameters: any Scorer
  private var likelihood: LikelihoodCurve?

  package init(_ task: FitTask) {
    self.task = task
    parameters = FactorParameters(
      layout: task.problem.layout, users: task.users, items: task.items)
  }

  /// Users and items without ratings are related to nothing.
  package func result(_ parameters: any Scorer) -> FitResult {
    var learned = Learned()
    learned.likelihood = likelihood
    return FitResult(parameters: parameters, learned: learned)
  }

  /// The whole fit.
  package func runEpoch(_ number: Int) throws -> Double {
    let median = RatingSummary(rows: task.train, items: task.items).median
    let rated = SeenItems(rows: task.train, users: task.users, threads: task.threads)
    let liked = SeenItems(
      rows: task.train.filtered { $0 >= median }, users: task.users, threads: task.threads)
    let memory = Int(clamping: ProcessInfo.processInfo.physicalMemory / 4)
    let grams = try [rated, liked].map {
      try ItemGram(
        CompressedRows(offsets: $0.offsets, columns: $0.items), items: task.items,
        memory: memory, threads: task.threads)
    }
    let choice = PenaltyChoice(rated: grams[0], liked: grams[1], seed: task.seed)
    let penalty =
      task.settings.regularization > 0 ? task.settings.regularization : try choice.best()
    likelihood = try choice.likelihood(penalty)
    let relations = try grams.map {
      try $0.relation(regularization: penalty, most: task.settings.neighbours, scale: 0.5)
    }
    parameters = ItemRelations(
      relations: relations, rated: rated, isLiked: liked.marks(of: rated), likedFrom: median)
    return 0
  }
}

extension IndexedRatings {
  /// The ratings whose values satisfy a condition, without times and labels.
  fileprivate func filtered(_ isWanted: (Float) -> Bool) -> IndexedRatings {
    let kept = values.indices.filter { isWanted(values[$0]) }
    return IndexedRatings(
      users: kept.map { users[$0] }, items: kept.map { items[$0] },
      values: kept.map { values[$0] })
  }
}

extension SeenItems {
  /// For each entry of other lists of the same users, which hold all of these: 1 if it is here, else 0.
  fileprivate func marks(of all: SeenItems) -> [UInt8] {
    var marks = [UInt8](repeating: 0, count: all.items.count)
    for user in 0..<all.offsets.count - 1 {
      var place = Int(all.offsets[user])
      for item in self[user] {
        while all.items[place] < item { place += 1 }
        marks[place] = 1
      }
    }
    return marks
  }
}
