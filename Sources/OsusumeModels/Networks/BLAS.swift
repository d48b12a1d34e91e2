// Holds OpenBLAS to the thread that calls it and to kernels that suit the processor.
import CKernels
import COpenBLAS

/// What must hold before OpenBLAS or its LAPACK is called.
package enum BLAS {
  /// Prepares it, once.
  ///
  /// One thread: the threads are ours, and so results do not depend on their number. And kernels for this
  /// processor: one that came out after OpenBLAS did is taken for one of 2004, whose kernels are several times
  /// slower (version 0.3.21 on Intel's Emerald Rapids).
  package static let prepare: Void = {
    if let core = coreInstead() { openblas_use_kernels_of(core) }
    openblas_set_num_threads(1)
  }()

  /// The name of the processor whose kernels it runs.
  package static var core: String { String(cString: openblas_get_corename()) }

  /// What it is and whose kernels it runs: "OpenBLAS 0.3.21, kernels for SkylakeX".
  package static var version: String {
    prepare
    let words = String(cString: openblas_get_config()).split(separator: " ")
    return words.prefix(2).joined(separator: " ") + ", kernels for " + core
  }

  /// The processor whose kernels are to be run in place of those it has chosen; nil where they use what
  /// instructions there are.
  private static func coreInstead() -> String? {
    let known = ["Haswell", "Zen", "Excavator", "SkylakeX", "Cooperlake", "SapphireRapids"]
    guard !known.contains(core) else { return nil }
    return switch ck_isa_best() {
    case CK_ISA_AVX512: "SkylakeX"
    case CK_ISA_AVX2: "Haswell"
    default: nil
    }
  }
}
