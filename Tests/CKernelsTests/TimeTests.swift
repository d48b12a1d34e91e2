// Times out of text against Foundation's calendar and decimals, and units told apart.
import CKernels
import Foundation
import Testing

extension KernelTests {
  struct TimeTests {
    private func time(_ text: String) -> Int64? {
      var value: Int64 = -77
      // Just so many bytes: no NUL behind them.
      let bytes = Array(text.utf8).map { CChar(bitPattern: $0) }
      let status = ck_ingest_time(bytes, bytes.count, &value)
      return status == CK_INGEST_OK ? value : nil
    }

    @Test func datesLikeTheCalendar() throws {
      var calendar = Calendar(identifier: .gregorian)
      calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
      for row in 0..<2000 {
        func draw(_ stream: UInt64, _ bound: UInt64) -> Int {
          Int(ck_random_below(stream, UInt64(row), bound))
        }
        // Where the calendars of Gregory and of Foundation agree.
        let parts = DateComponents(
          year: 1600 + draw(1, 800), month: 1 + draw(2, 12), day: 1 + draw(3, 28),
          hour: draw(4, 24),
          minute: draw(5, 60), second: draw(6, 60))
        let date = try #require(calendar.date(from: parts))
        let seconds = Int64(date.timeIntervalSince1970)
        let text = String(
          format: "%04d-%02d-%02d%@%02d:%02d:%02d", parts.year ?? 0, parts.month ?? 0,
          parts.day ?? 0,
          row % 2 == 0 ? " " : "T", parts.hour ?? 0, parts.minute ?? 0, parts.second ?? 0)
        #expect(time(text) == seconds, "\(text)")
        let ahead = draw(7, 24) * 60 + draw(8, 60)
        let sign = row % 3 == 0 ? "-" : "+"
        let offset = String(
          format: "%@%02d%@%02d", sign, ahead / 60, row % 5 == 0 ? "" : ":", ahead % 60)
        #expect(
          time(text + ".75" + offset) == seconds + Int64((sign == "-" ? 60 : -60) * ahead),
          "\(text + offset)")
      }
      for day in [
        "1900-02-29", "2000-02-30", "2001-00-10", "2001-11-31", "2001-1-1", "20010-01-01",
      ] {
        #expect(time(day) == nil, "\(day)")
      }
      #expect(time("2000-02-29") == 951_782_400 && time("1900-02-28") == -2_203_977_600)
    }

    @Test func numbersRoundedDown() {
      for row in 0..<2000 as Range<UInt64> {
        let mantissa = Int64(bitPattern: ck_random_bits(3, row)) >> Int64(row % 40)
        let exponent = Int(ck_random_below(4, row, 40)) - 30
        let text = "\(mantissa)e\(exponent)"
        let power = (0..<abs(exponent)).reduce(1 as Double) { power, _ in power * 10 }
        let near = exponent < 0 ? Double(mantissa) / power : Double(mantissa) * power
        guard near.magnitude < 9e18 else {
          if near.magnitude > 9.3e18 { #expect(time(text) == nil, "\(text)") }
          continue
        }
        let found = time(text)
        // By double within its precision; exactly where there is no fraction or little of it.
        let tolerance = Int64(1 + near.magnitude / 4e15)
        #expect(found.map { abs($0 - Int64(near.rounded(.down))) <= tolerance } == true, "\(text)")
      }
      #expect(time("12345678901234567.9") == 12_345_678_901_234_567)
      #expect(time("-12345678901234567.1") == -12_345_678_901_234_568)
      #expect(time("-3.000") == -3 && time("+4.") == 4 && time(".5") == 0 && time("-.5") == -1)
      for text in ["", ".", "+", "e5", "1e", "1e+", "0x10", "inf", "nan", "1 2", "1e99", "1,5"] {
        #expect(time(text) == nil, "\(text)")
      }
    }

    @Test(arguments: awkwardCounts) func unitsAreCountedAndScaled(count: Int) {
      let bounds: [Int64] = [100_000_000_000, 100_000_000_000_000, 100_000_000_000_000_000, .max]
      let times = (0..<count).map { row -> Int64 in
        let bits = Int64(bitPattern: ck_random_bits(9, UInt64(row))) >> Int64(row % 60)
        return row % 19 == 3 ? .min : row % 19 == 4 ? bounds[row % 4] : bits
      }
      let range = count / 5..<count
      var counts = [7, 0, 0, 0]
      ck_ingest_time_units(times, range.lowerBound, count, &counts)
      let expected = times[range].reduce(into: [7, 0, 0, 0]) { counts, time in
        counts[bounds.prefix(3).count { time.magnitude >= $0.magnitude }] += 1
      }
      #expect(counts == expected)
      for divisor in [1, 1000, 1_000_000_000] as [Int64] {
        let scaled = Guarded(times)
        ck_ingest_time_scale(scaled.base, range.lowerBound, count, divisor)
        let floors = times.enumerated().map { row, time in
          let (quotient, rest) = time.quotientAndRemainder(dividingBy: divisor)
          return row < range.lowerBound ? time : rest < 0 ? quotient - 1 : quotient
        }
        #expect(scaled.values == floors && scaled.isIntact)
      }
    }
  }
}
