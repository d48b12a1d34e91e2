// What pages about models count: means over users, groups of rows, months, lines through points.
import Foundation
import OsusumeData
import Testing

@testable import OsusumeAnalysis

struct RunStatisticsTests {
  /// Every day of four centuries, beside Foundation's calendar.
  @Test func periodsAreMonthsOfTheCalendar() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: "GMT"))
    for day in stride(from: -73_050 as Int64, through: 73_050, by: 13) {
      for seconds in [day * 86_400, day * 86_400 + 86_399] {
        let date = Date(timeIntervalSince1970: Double(seconds))
        let parts = calendar.dateComponents([.year, .month], from: date)
        let period = Period(seconds: seconds)
        #expect(period.year == parts.year && period.month == parts.month, "\(seconds)")
      }
    }
    #expect(Period(seconds: 951_782_400).description == "2000-02")
    #expect(Period(seconds: -1).description == "1969-12")
    // Times of any size have a month; many months become years.
    #expect(Period.rows(of: [.min, 0, .max]).count == 3)
    let monthly = (0..<400 as Range<Int64>).map { $0 * 31 * 86_400 }
    let years = Period.rows(of: monthly)
    #expect(years.count == 34 && years[0].period.description == "1970")
    #expect(years.reduce(0) { $0 + $1.rows.count } == 400)
  }

  @Test func aMeanOverRowsHasTheIntervalOfItsUsers() {
    // Users' sums 3, 0, 8 of 2, 1, 2 rows: the ratio is 11/5.
    let figures = [1.0, 2, 0, 4, 4]
    let users: [Int32] = [7, 7, 2, 5, 5]
    let mean = UserMean(Array(0..<5), users: users) { figures[$0] }
    #expect(abs(mean.value - 2.2) < 1e-12 && mean.rows == 5 && mean.users == 3)
    // Distances −1.4, −2.2 and 3.6 from 2.2 a row.
    let squares: Double = 1.96 + 4.84 + 12.96
    let reach: Double = 1.96 * (squares * 1.5).squareRoot() / 5
    #expect(abs(mean.reach - reach) < 1e-12)
    #expect(UserMean([0, 1], users: users) { figures[$0] }.reach.isNaN)
    #expect(UserMean([0, 1], users: users) { figures[$0] }.interval == 1.5...1.5)
    let root = UserMean([0, 3], users: users) { figures[$0] }.root
    #expect(abs(root.value - 2.5.squareRoot()) < 1e-12 && root.interval.lowerBound == 0)
  }

  /// The interval that a bootstrap over users gives, from which its own differs by no more than both do by chance.
  @Test func theIntervalIsThatOfABootstrap() {
    var random = SplitMix(state: 5)
    var (users, figures) = ([Int32](), [Double]())
    for user in 0..<300 {
      let own = Double.random(in: 0...1, using: &random)
      for _ in 0..<Int.random(in: 1...9, using: &random) {
        users.append(Int32(user))
        figures.append(own + Double.random(in: 0...1, using: &random))
      }
    }
    let mean = UserMean(Array(figures.indices), users: users) { figures[$0] }
    var (sums, counts) = ([Double](repeating: 0, count: 300), [Double](repeating: 0, count: 300))
    for (user, figure) in zip(users, figures) {
      sums[Int(user)] += figure
      counts[Int(user)] += 1
    }
    let means = (0..<2000).map { _ -> Double in
      let drawn = (0..<300).map { _ in Int.random(in: 0..<300, using: &random) }
      return drawn.reduce(0) { $0 + sums[$1] } / drawn.reduce(0) { $0 + counts[$1] }
    }
    let middle = means.reduce(0, +) / 2000
    let deviation = (means.reduce(0) { $0 + ($1 - middle) * ($1 - middle) } / 2000).squareRoot()
    #expect(abs(mean.reach / (1.96 * deviation) - 1) < 0.1)
  }

  @Test func groupsHoldEveryRowOnceAndEqualFiguresTogether() {
    let figures = [5.0, 1, 1, 1, 1, 9, 3, 3, .nan]
    for count in 1...9 {
      let groups = RowGroup.equal(count, of: figures)
      #expect(groups.flatMap(\.rows).sorted() == Array(0..<8), "\(count)")
      for (a, b) in zip(groups, groups.dropFirst()) {
        #expect(a.range.upperBound < b.range.lowerBound)
      }
    }
    #expect(RowGroup.equal(4, of: figures).map(\.rows) == [[1, 2, 3, 4], [6, 7], [0, 5]])
    #expect(RowGroup.values(figures, atMost: 4).map(\.rows) == [[1, 2, 3, 4], [6, 7], [0], [5]])
    let wide = RowGroup.values(figures, atMost: 2)
    #expect(wide.map(\.rows) == [[1, 2, 3, 4, 6, 7], [0, 5]] && wide[1].range == 5...9)
    #expect(RowGroup.values([], atMost: 3).isEmpty && RowGroup.equal(3, of: []).isEmpty)
  }

  @Test func theRegressionLineIsThatOfLeastSquares() throws {
    let line = try #require(Regression(x: [0, 1, 2, 3], y: [1, 3, 2, 6]))
    #expect(abs(line.slope - 1.4) < 1e-12 && abs(line.intercept - 0.9) < 1e-12)
    #expect(abs(line.correlation - 7 / 70.0.squareRoot()) < 1e-12)
    #expect(Regression(x: [1, 1], y: [1, 2]) == nil)
  }
}
