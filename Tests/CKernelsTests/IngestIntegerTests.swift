// The reader of one integer: what it takes, what it refuses, and where int64 ends.
import CKernels
import Testing

struct IngestIntegerTests {
  @Test(
    arguments: [
      ("0", 0), ("7", 7), ("-1", -1), (" 42 ", 42), ("9223372036854775807", Int64.max),
      ("-9223372036854775808", Int64.min), ("1234567890123", 1_234_567_890_123),
    ] as [(String, Int64)]) func integersAreRead(text: String, expected: Int64)
  {
    var value: Int64 = -7
    let code = ck_ingest_integer(text, text.utf8.count, &value)
    #expect(code == CK_INGEST_OK && value == expected, "'\(text)': \(value)")
  }

  @Test(arguments: ["", " ", "-", "1.5", "x", "12x", "9223372036854775808", "-9223372036854775809"])
  func allElseIsRefused(text: String) {
    var value: Int64 = -7
    #expect(ck_ingest_integer(text, text.utf8.count, &value) != CK_INGEST_OK, "'\(text)'")
    #expect(value == -7)
  }
}
