// What a bench ran on.
import CKernels
import Foundation

/// The machine, as printed above every table.
public struct Machine: Sendable, Codable {
  /// Logical processors.
  public var cores: Int
  /// Instruction set the kernels run.
  public var isa: String

  /// This machine.
  public static var current: Machine {
    .init(
      cores: ProcessInfo.processInfo.activeProcessorCount,
      isa: String(cString: ck_isa_name(ck_isa_active())))
  }
}
