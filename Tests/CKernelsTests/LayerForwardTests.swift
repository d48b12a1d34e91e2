// Layers on their way forward, on every instruction set: gathers, products, dropout, sums of members.
import CKernels
import CReference
import Testing

/// Lists of a table's rows, some of them empty.
struct MemberLists {
  let offsets: [Int32]
  let members: [Int32]

  init(lists: Int, table: Int, seed: UInt64) {
    var random = Draws(key: ck_random_key(seed, 916))
    let lengths = (0..<lists).map { $0 % 4 == 1 ? 0 : random.below(20) }
    offsets = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1)) }
    members = random.codes(lengths.reduce(0, +), below: table)
  }

  subscript(list: Int) -> [Int32] {
    Array(members[Int(offsets[list])..<Int(offsets[list + 1])])
  }
}

extension KernelTests.LayerTests {
  @Test(arguments: awkwardLanes, awkwardRows) func gatherCopiesRows(width: Int, rows: Int) {
    let table = LayerRows(7, width: width + 2, seed: 1)
    var random = Draws(key: 2)
    let id = random.codes(rows, below: 7)
    forEachISA { name in
      let out = LayerRows(rows, width: width, seed: 3)
      ck_layer_gather(table.base, table.stride, id, rows, width, out.base, out.stride)
      out.expect("gather, \(name)") { .exactly(table[Int(id[$0]), $1]) }
    }
  }

  /// Products and their sums over lanes, of rows in order and by number, with and without what is there.
  @Test(arguments: awkwardLanes, awkwardRows) func productsOfLanesAndTheirSums(
    width: Int, rows: Int
  ) {
    let a = LayerRows(5, width: width, seed: 4)
    var random = Draws(key: 5)
    let row = Guarded(random.codes(rows, below: 5))
    let places = row.values.map { Int($0) }
    for (narrow, adds) in [(false, 0), (false, 1), (true, 0), (true, 1)] {
      let b = LayerRows(rows, width: narrow ? 1 : width, seed: 6)
      forEachISA { name in
        let out = LayerRows(rows, width: width, seed: 7)
        ck_layer_product(a.view(row), b.view(), Int32(adds), rows, out.base, out.stride)
        out.expect("product, \(name), adds \(adds), narrow \(narrow)") { r, n in
          let before = Double(adds) * out.double(r, n)
          let term = a.double(places[r], n) * b.double(r, narrow ? 0 : n)
          return .sum(before + term, roundings: 2, magnitude: abs(before) + abs(term))
        }
        if narrow { return }
        let sums = LayerRows(rows, width: 1, seed: 8)
        ck_layer_inner(b.view(), a.view(row), Int32(adds), rows, sums.base, sums.stride)
        sums.expect("inner, \(name), adds \(adds), width \(width)") { r, _ in
          let before = Double(adds) * sums.double(r, 0)
          var magnitude = 0.0
          let sum = ref_dot(
            a.base + places[r] * a.stride, b.base + r * b.stride, width, &magnitude)
          return .sum(before + sum, roundings: width + 1, magnitude: abs(before) + magnitude)
        }
      }
    }
  }

  @Test(arguments: awkwardLanes, [0, 0.1, 0.5, 0.93] as [Float]) func dropoutIsTheReferences(
    width: Int, rate: Float
  ) {
    let x = LayerRows(6, width: width, seed: 9)
    let row = Guarded<Int32>([3, 0, 5, 5, 1])
    let (key, first) = (ck_random_key(10, 917), UInt64(1) << 40)
    for adds in [0, 1] {
      forEachISA { name in
        let out = LayerRows(5, width: width, seed: 11)
        ck_layer_dropout(x.view(row), key, first, rate, Int32(adds), 5, out.base, out.stride)
        let places = row.values.map { Int($0) }
        out.expect("dropout of \(rate), \(name), adds \(adds)") { r, n in
          let before = Double(adds) * out.double(r, n)
          let left = ref_layer_dropout(
            x.double(places[r], n), key, first + UInt64(r), n, Double(rate))
          return .sum(before + left, roundings: 3, magnitude: abs(before) + abs(left))
        }
        // In place.
        let own = LayerRows(5, width: width, seed: 12)
        ck_layer_dropout(own.view(), key, first, rate, 0, 5, own.base, own.stride)
        own.expect("dropout of \(rate) in place, \(name)") { r, n in
          let left = ref_layer_dropout(own.double(r, n), key, first + UInt64(r), n, Double(rate))
          return .sum(left, roundings: 2, magnitude: abs(left))
        }
      }
    }
  }

  @Test(arguments: awkwardLanes, awkwardRows) func membersAreSummed(width: Int, rows: Int) {
    let table = LayerRows(1, width: 9 * width, seed: 13)
    let lists = MemberLists(lists: max(6, rows), table: 9, seed: UInt64(width))
    var random = Draws(key: 14)
    let id = random.codes(rows, below: 6)
    for list in [id, nil] {
      let own = (0..<rows).map { row in lists[list.map { Int($0[row]) } ?? row] }
      forEachISA { name in
        let out = LayerRows(rows, width: width, seed: 15)
        ck_layer_members(
          table.base, width, lists.offsets, lists.members, list, rows, out.base, out.stride)
        out.expect("members, \(name), by number \(list != nil)") { r, n in
          let terms = own[r].map { table.double(0, Int($0) * width + n) }
          return .sum(
            terms.reduce(0, +), roundings: terms.count,
            magnitude: terms.reduce(0) { $0 + abs($1) })
        }
      }
    }
  }
}
