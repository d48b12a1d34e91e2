// Suites that choose an instruction set: the choice is the calling thread's, so they may run side by side.
import CKernels
import Testing

@Suite struct KernelTests {}

/// Runs `body` on one instruction set and restores the one in use.
func onISA(_ isa: ck_isa, _ body: () -> Void) {
  let before = ck_isa_active()
  defer { _ = ck_isa_use(before) }
  _ = ck_isa_use(isa)
  body()
}

/// Runs `body` on every instruction set this processor has.
func forEachISA(_ body: (_ name: String) -> Void) {
  for isa in [CK_ISA_SCALAR, CK_ISA_AVX2, CK_ISA_AVX512]
  where isa.rawValue <= ck_isa_best().rawValue {
    onISA(isa) { body(String(cString: ck_isa_name(isa))) }
  }
}
