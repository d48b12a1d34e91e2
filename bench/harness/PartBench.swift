// The parts of a model's epochs: where their time goes, and how near each part is to a limit.
import Osusume

/// A part of an epoch.
public struct PartResult: Sendable, Codable {
  /// What it does.
  public let name: String
  /// Seconds an epoch, on all threads side by side.
  public let seconds: Double
  /// Of the epoch.
  public let share: Double
  /// 10⁹ bytes a second by the kernels' contracts, and of which limit and how much; nil where they say nothing.
  public let gigabytes: Double?, bandwidth: Bandwidth?, bandwidthShare: Double?
  /// 10⁹ float operations a second likewise, and of the multipliers.
  public let gigaflops: Double?, flopsShare: Double?

  private enum CodingKeys: String, CodingKey {
    case name, seconds, share, bandwidth, gigaflops
    case gigabytes = "gb_per_second"
    case bandwidthShare = "bandwidth_share"
    case flopsShare = "flops_share"
  }

  /// A part that took `seconds` of `all`.
  init(
    _ name: String, seconds: Double, of all: Double, work: EpochWork = .init(),
    bandwidth: Bandwidth? = nil, _ limits: Limits? = nil
  ) {
    self.name = name
    self.seconds = seconds
    share = seconds / all
    let speed = work.bytes > 0 ? work.bytes / seconds / 1e9 : nil
    gigabytes = speed
    self.bandwidth = speed == nil ? nil : bandwidth
    bandwidthShare = speed.flatMap { speed in
      bandwidth.flatMap { kind in limits.map { speed / $0[kind] } }
    }
    gigaflops = work.flops > 0 ? work.flops / seconds / 1e9 : nil
    flopsShare = gigaflops.flatMap { speed in limits.map { speed / $0.gigaflops } }
  }
}

extension EpochParts {
  /// The parts of `epochs` epochs that took `seconds` in all, and last what is left of them.
  func results(
    epochs: Int, seconds: Double, limits: Limits, bandwidth: (EpochPart) -> Bandwidth
  ) -> [PartResult] {
    let totals = totals
    guard !totals.isEmpty, epochs > 0, seconds > 0 else { return [] }
    let (each, count) = (seconds / Double(epochs), Double(epochs))
    let parts = totals.map { part, seconds, work in
      PartResult(
        part.rawValue, seconds: seconds / count, of: each,
        work: EpochWork(bytes: work.bytes / count, flops: work.flops / count),
        bandwidth: bandwidth(part), limits)
    }
    let rest = each - parts.reduce(0) { $0 + $1.seconds }
    return parts + [PartResult("waiting, and the rest", seconds: max(0, rest), of: each)]
  }
}

extension EpochPart {
  /// What its bytes are compared with, as those of its kernels are: tables of `bytes` in all are gone through again and
  /// again.
  func bandwidth(_ data: BenchData, tables bytes: Int) -> Bandwidth {
    switch self {
    case .walk: .l2Read
    case .settle, .userUpdate, .publish, .deal, .cut, .inverse: data.bandwidth(of: bytes)
    default: .l3Read
    }
  }
}
