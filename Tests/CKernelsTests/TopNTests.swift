// Top-N: equal to a stable full sort, over awkward shapes, on every instruction set.
import CKernels
import CReference
import OsusumeData
import Testing

/// Random tables and seen lists of one shape, and a search over them.
private struct TopNCase {
  let users: Int
  let items: Int
  let lanes: Int
  let mean: Float = 7.5
  let P: FloatMatrix
  let Q: FloatMatrix
  var offsets: [Int32] = [0]
  var seen: [Int32] = []

  /// Coarse values make ties: with `levels` 2 a lane is −1, −½, 0, ½ or 1.
  init(users: Int, items: Int, lanes: Int, levels: Double? = nil, seenShare: Double, seed: UInt64) {
    (self.users, self.items, self.lanes) = (users, items, lanes)
    P = FloatMatrix(rows: users, columns: lanes)
    Q = FloatMatrix(rows: items, columns: lanes)
    for (table, stream) in [(P, 100), (Q, 101)] as [(FloatMatrix, UInt64)] {
      let key = ck_random_key(seed, stream)
      for row in 0..<table.rows {
        for lane in 0..<lanes {
          let value = ck_random_normal(key, UInt64(row * lanes + lane))
          table[row][lane] = Float(levels.map { (value * $0).rounded() / $0 } ?? value)
        }
      }
    }
    let key = ck_random_key(seed, 102)
    for user in 0..<users {
      seen += (0..<Int32(items)).filter {
        ck_random_uniform(key, UInt64(user * items) + UInt64($0)) < seenShare
      }
      offsets.append(Int32(seen.count))
    }
  }

  /// Searches in calls of `chunk` users; guard zones stand around outputs.
  func search(_ n: Int, candidates: [Int32]? = nil, chunk: Int) -> (items: [Int32], scores: [Float])
  {
    let count = candidates?.count ?? items
    let prepared = FloatMatrix(
      rows: ck_topn_items_bytes(count, items, lanes) / 64 + 1, columns: 16)
    let handle = OpaquePointer(prepared.base)
    var factors = ck_factors(P: P.base, Q: Q.base, stride: Q.stride, lanes: lanes, mean: mean)
    ck_topn_prepare(&factors, users, items, candidates, count, handle)
    let zone = 16
    var outItems = [Int32](repeating: -77, count: users * n + 2 * zone)
    var outScores = [Float](repeating: -77, count: users * n + 2 * zone)
    let rows = (0..<Int32(users)).map { $0 }
    for low in stride(from: 0, to: users, by: chunk) {
      let size = min(chunk, users - low)
      let bytes = ck_topn_scratch_bytes(handle, size)
      let scratch = FloatMatrix(rows: bytes / 64 + 2, columns: 16)
      scratch.base[bytes / 4] = -77
      outItems.withUnsafeMutableBufferPointer { outItems in
        outScores.withUnsafeMutableBufferPointer { outScores in
          rows.withUnsafeBufferPointer { rows in
            guard let rows = rows.baseAddress, let outItems = outItems.baseAddress,
              let outScores = outScores.baseAddress
            else { return }
            ck_csr.lend(offsets: offsets, columns: seen) {
              ck_topn_search(
                handle, &factors, rows + low, size, $0, n, outItems + zone + low * n,
                outScores + zone + low * n, scratch.base)
            }
          }
        }
      }
      #expect(scratch.base[bytes / 4] == -77)
    }
    for zone in [0..<zone, (zone + users * n)..<(2 * zone + users * n)] {
      #expect(zone.allSatisfy { outItems[$0] == -77 && outScores[$0] == -77 })
    }
    let inside = zone..<(zone + users * n)
    return (Array(outItems[inside]), Array(outScores[inside]))
  }

  /// Scores in double and a bound on the rounding of the float ones.
  func reference(_ user: Int) -> (scores: [Double], bounds: [Double]) {
    var scores = [Double](repeating: 0, count: items)
    var magnitudes = scores
    ref_topn_scores(
      P[user].baseAddress, Q.base, items, Q.stride, lanes, mean, &scores, &magnitudes)
    let unit = 0x1p-24 * Double(lanes + 2)
    return (scores, magnitudes.map { $0 * unit })
  }

  /// Checks a search against the double reference and against a stable sort of the kernel's own scores
  /// (which a search for all items gives).
  func check(_ n: Int, seed: UInt64) {
    let shape: Comment = "users \(users), items \(items), lanes \(lanes), n \(n), seed \(seed)"
    let all = search(max(1, items), chunk: 5)
    let found = search(n, chunk: 7)
    let width = max(1, items)
    for user in 0..<users {
      let (truth, bounds) = reference(user)
      let left = Set(seen[Int(offsets[user])..<Int(offsets[user + 1])])
      let open = (0..<items).filter { !left.contains(Int32($0)) }
      var scores = [Float](repeating: .nan, count: items)
      for place in 0..<open.count {
        let item = Int(all.items[user * width + place])
        scores[item] = all.scores[user * width + place]
      }
      #expect(open.allSatisfy { abs(Double(scores[$0]) - truth[$0]) <= bounds[$0] }, shape)
      let sorted = open.sorted { (scores[$0], $1) > (scores[$1], $0) }
      let expected = sorted.prefix(n).map { Int32($0) }
      let padding = n - expected.count
      #expect(
        Array(found.items[user * n..<(user + 1) * n])
          == expected + [Int32](repeating: -1, count: padding), shape)
      #expect(
        Array(found.scores[user * n..<(user + 1) * n])
          == expected.map { scores[Int($0)] }
          + [Float](repeating: -.infinity, count: padding), shape)
    }
  }
}

extension KernelTests {
  struct TopNTests {
    static let instructionSets = [CK_ISA_SCALAR, CK_ISA_AVX2, CK_ISA_AVX512]
      .filter { $0.rawValue <= ck_isa_best().rawValue }

    @Test(arguments: instructionSets) func equalsAStableFullSort(isa: ck_isa) {
      onISA(isa) {
        var seed: UInt64 = 0
        for users in [0, 1, 6, 7, 15] {
          for items in [0, 1, 15, 16, 17, 33, 64, 65, 127, 200] {
            seed += 1
            let lanes = [1, 2, 3, 15, 16, 17, 52, 66][Int(seed) % 8]
            let levels: Double? = seed % 3 == 0 ? 1 : nil
            let example = TopNCase(
              users: users, items: items, lanes: lanes, levels: levels,
              seenShare: [0, 0.3, 1][Int(seed / 3) % 3], seed: seed)
            for n in [0, 1, 10, items + 3] { example.check(n, seed: seed) }
          }
        }
      }
    }
  }
}
