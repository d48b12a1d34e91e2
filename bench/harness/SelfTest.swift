// Whether the kernels compute on this machine what plain code computes: every one, on every instruction set it has.
import CKernels
import COpenBLAS
import Foundation
import Osusume

/// Kernels checked against slow references on a small set.
public enum SelfTest {
  /// What came of one kernel.
  public struct Check: Sendable, Codable, Equatable {
    /// What was checked: a kernel, or a function of a library.
    public var name: String
    /// The instruction set it ran; nil: the one its library chose.
    public var isa: String?
    /// Whether its answer was right.
    public var right: Bool

    /// Makes a check from its parts.
    public init(name: String, isa: String? = nil, right: Bool) {
      (self.name, self.isa, self.right) = (name, isa, right)
    }
  }

  /// The size of the set, of the full one's.
  private static let scale = 0.01

  /// The instruction sets of this processor, weakest first.
  private static var sets: [ck_isa] {
    [CK_ISA_SCALAR, CK_ISA_AVX2, CK_ISA_AVX512].filter { $0.rawValue <= ck_isa_best().rawValue }
  }

  /// Runs every kernel on every instruction set of this processor, on one thread, and libraries on what they have
  /// chosen.
  ///
  /// - Parameter folder: Where the set is made, and removed again; it must not exist.
  /// - Throws: `OutputError`, `RatingsFileError`.
  public static func run(folder: String, seed: UInt64 = 42) throws -> [Check] {
    let data = try BenchData(
      scale: scale, seed: seed, folder: folder, threads: [], repeats: 1,
      caches: Machine.current.caches)
    let active = ck_isa_active()
    defer { ck_isa_use(active) }
    let bench = Bench(scale: scale, seed: seed, threads: 1, repeats: 1)
    var checks: [Check] = []
    for isa in sets {
      // Of this thread alone, which is why everything here runs on it.
      ck_isa_use(isa)
      checks += Self.checks(
        of: Bench.kernelNames.flatMap { bench.kernelBenches($0, data) },
        isa: String(cString: ck_isa_name(isa)))
    }
    return checks + [
      Check(name: "OpenBLAS: product of matrices", right: productIsRight()),
      Check(name: "LAPACK: solution of a system", right: solutionIsRight()),
      Check(name: "libcrypto: SHA-256", right: digestIsRight()),
    ]
  }

  /// Runs kernels once each and compares what they leave with their references.
  public static func checks(of kernels: [KernelBench], isa: String) -> [Check] {
    kernels.map { kernel in
      kernel.run(1)
      return Check(name: kernel.name, isa: isa, right: kernel.isRight(1))
    }
  }

  // MARK: Libraries

  /// Numbers in (−1, 1), the same for the same place.
  private static func numbers(_ count: Int, stream: UInt64) -> [Float] {
    let table = FloatMatrix(rows: 1, columns: count)
    ck_init_uniform(table.base, 0, 1, count, table.stride, 1, ck_random_key(42, stream))
    return Array(table[0].prefix(count))
  }

  /// A product of 33 × 65 and 65 × 17 beside the same in double: sizes that fill no vector.
  private static func productIsRight() -> Bool {
    let (m, n, k) = (33, 17, 65)
    let (a, b) = (numbers(m * k, stream: 301), numbers(k * n, stream: 302))
    var c = [Float](repeating: 0, count: m * n)
    openblas_set_num_threads(1)
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a, Int32(k), b,
      Int32(n), 0, &c, Int32(n))
    return (0..<m * n).allSatisfy { place in
      let (row, column) = (place / n, place % n)
      let terms = (0..<k).map { Double(a[row * k + $0]) * Double(b[$0 * n + column]) }
      return isClose(
        c[place], terms.reduce(0, +), terms: k, magnitude: terms.reduce(0) { $0 + abs($1) })
    }
  }

  /// A·x beside b for the solution x of a positive definite system of 40 equations.
  private static func solutionIsRight() -> Bool {
    let size = 40
    let wide = numbers(size * 2 * size, stream: 303)
    var a = [Float](repeating: 0, count: size * size)
    for row in 0..<size {
      for column in 0..<size {
        a[row * size + column] =
          (0..<2 * size).reduce(0) {
            $0 + wide[row * 2 * size + $1] * wide[column * 2 * size + $1]
          } + (row == column ? 1 : 0)
      }
    }
    let b = numbers(size, stream: 304)
    var (factor, x) = (a, b)
    guard
      LAPACKE_sposv(LAPACK_ROW_MAJOR, 76, Int32(size), 1, &factor, Int32(size), &x, 1) == 0
    else { return false }
    return (0..<size).allSatisfy { row in
      let terms = (0..<size).map { Double(a[row * size + $0]) * Double(x[$0]) }
      return isClose(
        b[row], terms.reduce(0, +), terms: 8 * size, magnitude: terms.reduce(0) { $0 + abs($1) })
    }
  }

  /// The digest of "abc" (FIPS 180-2, appendix B.1).
  private static func digestIsRight() -> Bool {
    let digest = SHA256()
    digest.update("abc")
    return digest.hexadecimal()
      == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
  }
}
