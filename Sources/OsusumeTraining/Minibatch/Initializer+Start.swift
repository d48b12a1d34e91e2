// The distribution of an initializer, once the sizes are known, and rows filled from it.
import CKernels
import OsusumeModels

/// The distribution that numbers start from.
enum Start {
  /// Normal of this standard deviation.
  case normal(Double)
  /// Normal cut at two standard deviations; this is the standard deviation after the cut.
  case truncated(Double)
  /// Uniform between the bound and its negative.
  case uniform(Double)

  /// Fills rows, each number a function of key, row and lane.
  func fill(
    _ base: UnsafeMutablePointer<Float>, rows: Range<Int>, lanes: Int, stride: Int, key: UInt64
  ) {
    let (first, end) = (rows.lowerBound, rows.upperBound)
    switch self {
    case .normal(let deviation):
      ck_init_normal(base, first, end, lanes, stride, Float(deviation), key)
    case .truncated(let deviation):
      ck_init_truncated(base, first, end, lanes, stride, Float(deviation), key)
    case .uniform(let bound):
      ck_init_uniform(base, first, end, lanes, stride, Float(bound), key)
    }
  }
}

extension Initializer {
  /// The distribution for a tensor into each of whose `fanOut` outputs `fanIn` numbers flow.
  func start(fanIn: Int, fanOut: Int) -> Start {
    let fanIn = Double(max(1, fanIn))
    let fanOut = Double(max(1, fanOut))
    return switch self {
    case .normal(let deviation): .normal(deviation)
    case .normalOverFactors: .normal(1 / fanOut.squareRoot())
    case .uniform(let bound): .uniform(bound)
    case .glorotUniform: .uniform((6 / (fanIn + fanOut)).squareRoot())
    case .lecunNormal: .truncated((1 / fanIn).squareRoot())
    case .heNormal: .truncated((2 / fanIn).squareRoot())
    case .uniformOverFanIn: .uniform((1 / fanIn).squareRoot())
    case .zero: .normal(0)
    }
  }

  /// How biases of dense layers start beside weights that start so: torch's alone are not zero.
  var ofLayerBiases: Initializer { self == .uniformOverFanIn ? .uniformOverFanIn : .zero }
}
