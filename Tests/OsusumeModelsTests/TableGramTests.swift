// Gram matrices and mean rows of tables, against plain double precision.
import CKernels
import OsusumeData
import Testing

@testable import OsusumeModels

struct TableGramTests {
  private func table(rows: Int, lanes: Int) -> FloatMatrix {
    let table = FloatMatrix(rows: rows, columns: lanes)
    for row in 0..<rows {
      for lane in 0..<lanes {
        table[row][lane] = Float(ck_random_normal(ck_random_key(9, 9), UInt64(row * 400 + lane)))
      }
    }
    return table
  }

  @Test(arguments: [(1, 1), (3, 17), (700, 8), (1500, 33)])
  func theGramMatrixIsASumOverRows(rows: Int, lanes: Int) {
    let table = table(rows: rows, lanes: lanes)
    let gram = table.gram(lanes: lanes, threads: 1)
    #expect(gram == table.gram(lanes: lanes, threads: 3))
    for i in 0..<lanes {
      for j in 0..<lanes {
        let terms = (0..<rows).map { Double(table[$0][i]) * Double(table[$0][j]) }
        let bound = 0x1p-24 * Double(rows) * terms.reduce(0) { $0 + abs($1) }
        #expect(abs(gram[i * lanes + j] - terms.reduce(0, +)) <= bound, "\(i), \(j)")
      }
    }
  }

  @Test func theMeanRowIsOfTheRowsWanted() {
    let table = table(rows: 5, lanes: 3)
    let mean = table.meanRow { $0 % 2 == 0 }
    for lane in 0..<3 {
      let sum = [0, 2, 4].reduce(0.0) { $0 + Double(table[$1][lane]) }
      #expect(abs(Double(mean[lane]) - sum / 3) <= 0x1p-24 * abs(sum))
    }
    #expect(table.meanRow { _ in false }.allSatisfy { $0 == 0 })
  }
}
