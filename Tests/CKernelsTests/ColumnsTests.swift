// Ids that lie anywhere in int64 and the codes they get, against the standard library.
import CKernels
import OsusumeData
import Testing

extension KernelTests {
  struct ColumnsTests {
    /// Ids of one byte, of many, and at both ends of int64.
    private static func ids(_ count: Int, span: Int) -> [Int64] {
      let multiples: [Int64] = [1, 1_000_003, 0x0123_4567_89ab_cdef]
      return (0..<count).map { row in
        let id = Int64(ck_random_below(7, UInt64(row), UInt64(span))) - Int64(span / 3)
        return row % 97 == 5 ? .min : row % 97 == 6 ? .max : id &* multiples[span % 3]
      }
    }

    @Test(arguments: [0, 1, 2, 5, 255, 256, 257, 5000], [1, 2, 300, 70_000])
    func sortsAndNumbers(count: Int, span: Int) {
      let ids = Self.ids(count, span: span)
      var sorted = ids
      var scratch = [Int64](repeating: 0, count: count)
      ck_columns_sort(&sorted, count, &scratch)
      #expect(sorted == ids.sorted(), "\(count) ids, span \(span)")

      let first = count / 4
      let expected = Set(ids[first...]).count
      for capacity in [2, 64, 16_384] {
        var table = [UInt32](repeating: 1, count: capacity)
        var codes = [Int32](repeating: -1, count: count)
        var distinct = [Int64](repeating: 0, count: capacity / 2)
        let found = ck_columns_number(
          ids, first, count, UInt64(capacity), &table, capacity, &codes, &distinct)
        guard expected <= capacity / 2 else {
          #expect(found == capacity)
          continue
        }
        #expect(found == expected && codes[..<first].allSatisfy { $0 == -1 })
        #expect(codes[first...].map { distinct[Int($0)] } == Array(ids[first...]))
      }
    }

    @Test func repeatsAreFoundUserByUser() {
      let rows = IndexedRatings(
        users: [0, 0, 1, 0, 0, 2, 2, 2], items: [0, 1, 0, 0, 1, 2, 2, 2],
        values: [8, 8, 8, 9, 8, -1, 4, 5])
      let order: [Int32] = [0, 1, 3, 4, 2, 5, 6, 7]
      for cut in 0...3 {
        var earlier = [Int32](repeating: 7, count: rows.count)
        var (repeats, conflicts) = (0, 0)
        for range in [0..<cut, cut..<3] {
          var seen = [UInt32](repeating: 0, count: 3)
          repeats += ck_csr.lend(offsets: [0, 4, 5, 8], columns: order) { byUser in
            rows.withKernel {
              ck_columns_repeats(
                byUser, $0, range.lowerBound, range.upperBound, -1, &seen, &earlier, &conflicts)
            }
          }
        }
        #expect(earlier == [-1, -1, -1, 0, 1, -1, 5, 6])
        #expect(repeats == 4 && conflicts == 2)
      }
    }

    @Test func renumbersItsRangeAlone() {
      var codes: [Int32] = [0, 1, 2, 1, 0]
      ck_columns_renumber(&codes, 1, 4, [7, 8, 9])
      #expect(codes == [0, 8, 9, 8, 0])
    }

    @Test(arguments: awkwardCounts.dropFirst()) func boundsAreTheLowestAndTheHighest(count: Int) {
      for span in [1, 2, 300, 70_000] {
        let ids = Self.ids(count, span: span)
        for range in [0..<count, count / 2..<count, 0..<(count + 1) / 2, count - 1..<count] {
          var (low, high): (Int64, Int64) = (7, 7)
          ck_columns_bounds(ids, range.lowerBound, range.upperBound, &low, &high)
          let note = "\(count) ids, span \(span), \(range)"
          #expect(low == ids[range].min() && high == ids[range].max(), "\(note)")
        }
      }
    }

    @Test func aLookTellsWhatRatingsSay() {
      func look(_ ratings: [Float]) -> [Int] {
        // What lies outside the range is not looked at.
        let padded = [.nan] + ratings + [.infinity]
        let found = ck_columns_look(padded, 1, padded.count - 1, 100)
        return [found.beyond, found.minus_one, found.negative, found.fraction].map { Int($0) }
          + [Int(found.zeros)]
      }
      let plain = [Float](repeating: 3, count: 40)
      #expect(look([]) == [0, 0, 0, 0, 0])
      #expect(look(plain + [100, -100]) == [0, 0, 1, 0, 0])
      for place in [0, 17, 40] {
        func with(_ rating: Float) -> [Int] {
          var ratings = plain
          ratings.insert(rating, at: place)
          return look(ratings)
        }
        #expect(with(100.5) == [1, 0, 0, 0, 0] && with(-.infinity) == [1, 0, 1, 0, 0])
        #expect(with(.nan) == [1, 0, 0, 0, 0])
        #expect(with(-1) == [0, 1, 0, 0, 0] && with(-2) == [0, 0, 1, 0, 0])
        #expect(with(0.5) == [0, 0, 0, 1, 0] && with(-0.5) == [0, 0, 1, 1, 0])
        #expect(with(0) == [0, 0, 0, 0, 1] && with(-0.0) == [0, 0, 0, 0, 1])
      }
    }

    @Test(arguments: [0, 1, 10, 255, 256, 257]) func kindsAreDistinctAndAscending(count: Int) {
      var random = Draws(key: ck_random_key(UInt64(count), 903))
      let drawn = (0..<count).map { Float($0 * 7 % 257) / 4 - 5 }
      let values = drawn + (0..<1000 * min(1, count)).map { _ in drawn[random.below(count)] }
      var kinds = [Float](repeating: -99, count: Int(CK_COLUMNS_KINDS))
      let codes = Guarded<UInt8>(repeating: 99, count: values.count)
      let found = ck_columns_kinds(values, values.count, &kinds, codes.base)
      #expect(codes.isIntact)
      guard count <= 256 else {
        #expect(found == 257)
        return
      }
      #expect(found == count && Array(kinds.prefix(found)) == drawn.sorted())
      #expect(codes.values.map { kinds[Int($0)] } == values)
    }

    @Test func kindsAreFiniteAndMinusZeroIsZero() {
      var kinds = [Float](repeating: -99, count: Int(CK_COLUMNS_KINDS))
      var codes = [UInt8](repeating: 99, count: 3)
      #expect(ck_columns_kinds([0, -0.0, 1], 3, &kinds, &codes) == 2 && codes == [0, 0, 1])
      #expect(kinds[0].sign == .plus)
      for wrong in [Float.nan, .infinity, -.infinity] {
        #expect(ck_columns_kinds([1, wrong, 2], 3, &kinds, &codes) == 257)
      }
    }

    /// Ids from a base on, as codes of those present: what mark, rank and encode make together.
    @Test(arguments: awkwardCounts) func codesAreRanksAmongThosePresent(count: Int) {
      for (base, span) in [(-40, 50), (1, 1), (1 << 40, 200), (-(1 << 62), 3)] {
        var random = Draws(key: ck_random_key(UInt64(count), 902))
        let ids = (0..<count).map { _ in Int64(base + random.below(span)) }
        let range = count / 4..<count
        let note = "\(count) ids from \(base), span \(span)"

        let present = Guarded<UInt8>(repeating: 0, count: span)
        ck_columns_mark(ids, range.lowerBound, count, Int64(base), present.base)
        let met = Set(ids[range])
        let marks = (0..<span).map { UInt8(met.contains(Int64(base + $0)) ? 1 : 0) }
        #expect(present.values == marks && present.isIntact, "\(note)")

        let rank = Guarded<Int32>(repeating: 99, count: span)
        #expect(ck_columns_rank(marks.map { 3 * $0 }, span, rank.base) == met.count, "\(note)")
        let sorted = met.sorted()
        let ranks = (0..<span).map {
          Int32(sorted.firstIndex(of: Int64(base + $0)) ?? -1)
        }
        #expect(rank.values == ranks && rank.isIntact, "\(note)")

        let codes = Guarded<Int32>(repeating: 99, count: count)
        ck_columns_encode(ids, range.lowerBound, count, Int64(base), ranks, codes.base)
        let expected = ids.indices.map { range ~= $0 ? ranks[Int(ids[$0]) - base] : 99 }
        #expect(codes.values == expected && codes.isIntact, "\(note)")
      }
    }

    @Test(arguments: awkwardCounts.dropFirst()) func locateFindsEachId(distinct: Int) {
      let sorted = Set(Self.ids(distinct, span: 70_000)).sorted()
      var random = Draws(key: ck_random_key(UInt64(distinct), 903))
      let places = (0..<sorted.count).map { Int32($0) } + random.codes(50, below: sorted.count)
      let ids = places.map { sorted[Int($0)] }
      let codes = Guarded<Int32>(repeating: 99, count: ids.count)
      ck_columns_locate(ids, 1, ids.count, sorted, sorted.count, codes.base)
      #expect(codes.values == [99] + places.dropFirst(), "\(sorted.count) distinct ids")
      #expect(codes.isIntact)
    }
  }
}
