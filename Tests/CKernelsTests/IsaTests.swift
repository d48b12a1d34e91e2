// The choice of instruction set, and what waits in a loop.
import CKernels
import Foundation
import Testing

@Suite struct IsaTests {
  @Test func aStrongerSetThanTheProcessorsIsLowered() {
    let before = ck_isa_active()
    defer { _ = ck_isa_use(before) }
    #expect(ck_isa_use(CK_ISA_AVX512).rawValue <= ck_isa_best().rawValue)
    #expect(ck_isa_use(CK_ISA_SCALAR) == CK_ISA_SCALAR)
    #expect(ck_isa_active() == CK_ISA_SCALAR)
  }

  /// Of the environment's CK_ISA: the command line's tests set it to others.
  @Test func theWishOfTheEnvironmentIsMet() {
    let wish = getenv("CK_ISA").map { String(cString: $0) }
    let names = [CK_ISA_SCALAR, CK_ISA_AVX2, CK_ISA_AVX512]
      .filter { $0.rawValue <= ck_isa_best().rawValue }.map { String(cString: ck_isa_name($0)) }
    #expect((ck_isa_wish_is_met() != 0) == (wish.map { names.contains($0) } ?? true))
  }

  #if arch(x86_64)
    /// The processor stands still for some 10 to 150 cycles; a loop around nothing takes one a round.
    @Test func aPauseTakesItsTime() {
      let clock = ContinuousClock()
      let rounds = 100_000
      let fastest = (0..<10).map { _ in
        clock.measure { for _ in 0..<rounds { ck_pause() } }
      }.min()
      #expect(fastest ?? .zero > .nanoseconds(rounds), "\(rounds) pauses")
      #expect(fastest ?? .zero < .microseconds(10 * rounds), "\(rounds) pauses")
    }
  #endif

  @Test func permuteIsAPermutation() {
    for count in [1, 2, 3, 16, 17, 1000, 4097] as [UInt64] {
      let key = ck_random_key(7, 1)
      let images = Set((0..<count).map { ck_random_permute(key, $0, count) })
      #expect(images.count == Int(count) && images.allSatisfy { $0 < count })
    }
  }
}
