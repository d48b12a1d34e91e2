// The kernels whose instructions are counted: those of the bench, on a set so small that valgrind is done with it soon.
import Osusume

/// Kernels on one thread and fixed data, the same on every machine of an instruction set.
public struct CountedKernels {
  /// Those of the bench that are ours; what LAPACK takes is not ours to count.
  public let all: [KernelBench]

  /// A five-hundredth of the full anime set.
  private static let scale = 0.002

  /// Makes the data, and the kernels' tables from them.
  ///
  /// - Parameter folder: Where data are made, and removed again; it must not exist.
  /// - Throws: `OutputError`, `RatingsFileError`.
  public init(folder: String, seed: UInt64 = 42) throws {
    let data = try BenchData(
      scale: Self.scale, seed: seed, folder: folder, threads: [], repeats: 1, caches: .init())
    let bench = Bench(scale: Self.scale, seed: seed, threads: 1, repeats: 1)
    all = Bench.kernelNames.flatMap { bench.kernelBenches($0, data) }
      .filter { !$0.name.hasPrefix("als.sposv") }
  }
}
