// Fits item neighbourhoods: damped biases, then for each item the items rated like it.
import CKernels
import OsusumeData
import OsusumeModels

/// μ + b_u + b_i and what a user's ratings of similar items say of the residual (Koren 2010, section 2.2).
///
/// Similarity is the cosine of the residuals of the biases over common users, shrunk by how many there are.
/// Memory is bounded by `neighbours` an item. Deterministic: the same bytes for any number of threads.
package final class ItemKNN: Fit {
  package static let hasEpochs = false
  package static let holdsOut = HoldsOut.never

  package let task: FitTask
  package private(set) var parameters: any Scorer

  package init(_ task: FitTask) {
    self.task = task
    parameters = FactorParameters(
      layout: task.problem.layout, users: task.users, items: task.items)
  }

  /// Users and items without ratings have no bias and no neighbours.
  package func result(_ parameters: any Scorer) -> FitResult { FitResult(parameters: parameters) }

  /// Half of the greatest similarity: chosen on anime-2016 and ml-latest-small.
  private static let damping: Float = 0.3

  /// The whole fit: biases, their residuals, and the neighbours of each item.
  package func runEpoch(_ number: Int) -> Double {
    let (users, items) = (task.users, task.items)
    let biases = fitBaseline(
      .bias, train: task.train, users: users, items: items, hyperparameters: task.settings,
      threads: task.threads)
    let ratings = residuals(biases)
    let owners = (0..<Int32(users)).flatMap { user in
      [Int32](
        repeating: user,
        count: Int(ratings.offsets[Int(user) + 1] - ratings.offsets[Int(user)]))
    }
    let byItem = GroupedRatings(
      keys: ratings.items, columns: owners, values: ratings.values, mean: 0, count: items,
      rowCost: 16, threads: task.threads)
    parameters = NeighbourParameters(
      biases: biases,
      reverseNeighbours: neighbours(of: byItem, ratings, items: items)
        .transposed(columns: items, threads: task.threads),
      ratings: ratings, damping: Self.damping)
    return 0
  }

  /// The residuals of each user's ratings, by ascending item; of repeated pairs the last counts.
  private func residuals(_ biases: FactorParameters) -> NeighbourParameters.Lists {
    let (rows, users, threads) = (task.train, task.users, task.threads)
    let seen = SeenItems(rows: rows, users: users, threads: threads)
    let layout = biases.layout
    var values = [Float](repeating: 0, count: seen.items.count)
    let byUser = GroupedRatings(
      keys: rows.users, columns: rows.items, values: rows.values, mean: biases.mean, count: users,
      rowCost: 4, threads: threads)
    values.withUnsafeMutableBufferPointer { values in
      nonisolated(unsafe) let values = values
      forEachChunk(byUser.ranges.count, threads: threads) { part in
        for user in byUser.ranges[part] {
          let own = seen[user]
          let bias = biases.users[user][layout.userBiasLane]
          for place in Int(byUser.rows.offsets[user])..<Int(byUser.rows.offsets[user + 1]) {
            let item = byUser.rows.columns[place]
            let itemBias = biases.items[Int(item)][layout.itemBiasLane]
            values[own.firstPlace(from: item)] = byUser.values[place] - (bias + itemBias)
          }
        }
      }
    }
    return .init(offsets: seen.offsets, items: seen.items, values: values)
  }

  /// The neighbours of each item, by falling similarity.
  private func neighbours(
    of byItem: GroupedRatings, _ ratings: NeighbourParameters.Lists, items: Int
  ) -> NeighbourParameters.Lists {
    let most = min(task.settings.neighbours, max(0, items - 1))
    let parts = mapChunks(byItem.ranges.count, threads: task.threads) { part in
      let sums = FloatMatrix(rows: (items + 3) / 4, columns: 16)
      var met = [Int32](repeating: 0, count: items)
      var found = [Int32](repeating: 0, count: max(1, most))
      var similarities = [Float](repeating: 0, count: max(1, most))
      var lists = NeighbourParameters.Lists(offsets: [], items: [], values: [])
      let range = byItem.ranges[part]
      byItem.withKernel { byItem in
        ratings.withKernel { byUser in
          for item in range {
            let count = ck_knn_neighbours(
              byItem, byUser, item, Float(task.settings.shrinkage), most, sums.base, &met, &found,
              &similarities)
            lists.offsets.append(Int32(count))
            lists.items += found.prefix(count)
            lists.values += similarities.prefix(count)
          }
        }
      }
      return lists
    }
    var all = NeighbourParameters.Lists(offsets: [0], items: [], values: [])
    for part in parts {
      for count in part.offsets { all.offsets.append(all.offsets[all.offsets.count - 1] + count) }
      all.items += part.items
      all.values += part.values
    }
    return all
  }
}
