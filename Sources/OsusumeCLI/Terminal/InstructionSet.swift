// The instruction set that kernels run on; a `CK_ISA` that they would pass over is refused.
import CKernels
import Foundation
import Osusume

enum InstructionSet {
  /// The name of the one in use.
  static var active: String { String(cString: ck_isa_name(ck_isa_active())) }
}

/// Why the instruction set that was asked for is not used.
enum InstructionSetError: OsusumeError {
  /// No set of this processor has that name.
  case unknown(String)

  /// Checks the environment.
  ///
  /// Errors: `InstructionSetError`.
  static func check() throws {
    guard ck_isa_wish_is_met() == 0 else { return }
    throw unknown(ProcessInfo.processInfo.environment["CK_ISA"] ?? "")
  }

  var description: String {
    switch self {
    case .unknown(let name):
      let best = ck_isa_best()
      let sets = [CK_ISA_SCALAR, CK_ISA_AVX2, CK_ISA_AVX512].filter { $0.rawValue <= best.rawValue }
        .map { String(cString: ck_isa_name($0)) }
      return
        "CK_ISA is '\(name)': this processor runs \(sets.formatted(.list(type: .or))); "
        + "choose one of them, or unset CK_ISA"
    }
  }
}
