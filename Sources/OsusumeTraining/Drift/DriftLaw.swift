// The law by which biases drift: memories and variances under which ratings are likeliest.
import CKernels
import Foundation
import OsusumeData

/// A sum of Ornstein–Uhlenbeck processes, each with a memory and a variance, and noise (`ck_drift.h`).
package struct DriftLaw: Sendable, Equatable {
  /// Seconds after which the correlation of each process has fallen to 1/e.
  package var memories: [Double]
  /// Variance of each process.
  package var variances: [Double]
  /// Variance of the noise.
  package var noise: Double

  /// Makes a law of its parts; without processes, biases are constant.
  package init(memories: [Double], variances: [Double], noise: Double) {
    precondition(memories.count == variances.count)
    precondition(memories.count <= Int(CK_DRIFT_PARTS))
    (self.memories, self.variances, self.noise) = (memories, variances, noise)
  }

  /// The law as kernels read it.
  package var kernel: ck_drift_law {
    var law = ck_drift_law()
    law.parts = memories.count
    law.noise = noise
    withUnsafeMutableBytes(of: &law.rate) { rates in
      let rates = rates.bindMemory(to: Double.self)
      for (part, memory) in memories.enumerated() { rates[part] = 1 / memory }
    }
    withUnsafeMutableBytes(of: &law.variance) { kept in
      let kept = kept.bindMemory(to: Double.self)
      for (part, variance) in variances.enumerated() { kept[part] = variance }
    }
    return law
  }

  /// The law of these memories, as a start, and variances under which values are likeliest.
  ///
  /// A search along one setting after the other, each by its logarithm, with steps that shrink when none
  /// helps: one or two hundred evaluations of the likelihood. Variances are searched for in units of the
  /// noise, whose own variance then follows in closed form. A process with a memory shorter than all gaps
  /// between values cannot be told from noise by the likelihood: variances cost a little, so that it counts
  /// as noise.
  package init(
    startingAt memories: [Double], noneBelow shortest: Double = 1,
    fittedTo series: DriftSeries, _ values: [Float], threads: Int
  ) {
    let parts = memories.count
    let sample = series.sample(of: Self.sampleSize)
    var best = (law: Self(memories, memories.map { _ in 0 }), cost: Double.infinity)
    var place = memories.map(log) + memories.map { _ in log(0.25 / Double(parts)) }
    var steps = place.map { _ in 1.0 }

    /// Moves to a place if it is allowed and better than the best so far.
    func moves(to trial: [Double]) -> Bool {
      guard trial.prefix(parts).allSatisfy({ (log(shortest)...Self.longest).contains($0) }),
        trial.dropFirst(parts).allSatisfy({ (Self.least ... -Self.least).contains($0) })
      else { return false }
      let ratios = Self(trial.prefix(parts).map(exp), trial.dropFirst(parts).map(exp))
      let (law, cost) = series.scaled(ratios, values, sample, threads: threads)
      let total = law.variances.reduce(law.noise, +)
      let charged = cost + Self.price * (1 - law.noise / total)
      guard charged < best.cost else { return false }
      (place, best) = (trial, (law, charged))
      return true
    }

    _ = moves(to: place)
    for _ in 0..<Self.rounds where steps.contains(where: { $0 > Self.finest }) {
      for setting in place.indices where steps[setting] > Self.finest {
        let moved = [1.0, -1].contains { sign in
          var trial = place
          trial[setting] += sign * steps[setting]
          return moves(to: trial)
        }
        if !moved { steps[setting] /= 2 }
      }
    }
    self = best.law.withoutConstants
  }

  /// The law without processes of hardly any variance; it may have none then.
  private var withoutConstants: DriftLaw {
    let drifting = memories.indices.filter { variances[$0] > Self.leastVariance * noise }
    return DriftLaw(
      memories: drifting.map { memories[$0] }, variances: drifting.map { variances[$0] },
      noise: noise)
  }

  /// A law whose noise has the variance 1.
  private init(_ memories: [Double], _ ratios: [Double]) {
    self.init(memories: memories, variances: ratios, noise: 1)
  }

  /// The law times a number.
  func times(_ scale: Double) -> DriftLaw {
    DriftLaw(memories: memories, variances: variances.map { scale * $0 }, noise: scale * noise)
  }

  /// Values that an evaluation reads: a hundred evaluations take a second or two.
  private static let sampleSize = 200_000
  private static let rounds = 60
  /// Fraction of the noise's variance below which a process says nothing: a thirtieth as a deviation.
  private static let leastVariance = 1e-3
  /// Steps of logarithms at which the search ends.
  private static let finest = 0.1
  /// Logarithm of the least variance over that of the noise.
  private static let least = log(1e-6)
  /// A thousand years, by its logarithm.
  private static let longest = log(3e10)
  /// The log-likelihood for each value that drift must gain over constant biases.
  private static let price = 1e-3
}
