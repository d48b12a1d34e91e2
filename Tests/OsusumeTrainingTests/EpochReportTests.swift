// The learning curve's JSON.
import Foundation
import OsusumeTraining
import Testing

struct EpochReportTests {
  private func json(_ report: EpochReport) throws -> [String: Any] {
    let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(report))
    return try #require(json as? [String: Any])
  }

  @Test func namesAreTheContracts() throws {
    var report = EpochReport(epoch: 1, seconds: 2, trainLoss: 3, validRMSE: 4, validMAE: 5)
    let ofTest = try json(report)
    #expect(
      ofTest as? [String: Double] == [
        "epoch": 1, "seconds": 2, "train_loss": 3, "valid_rmse": 4, "valid_mae": 5, "test_rmse": 4,
        "test_mae": 5,
      ])
    // Of training ratings that were held out and that nothing goes by.
    (report.heldOutRMSE, report.heldOutMAE) = (6, 7)
    let ofBoth = try json(report)
    #expect(ofBoth["validation_rmse"] as? Double == 6 && ofBoth["validation_mae"] as? Double == 7)
    #expect(ofBoth["test_rmse"] as? Double == 4)
    #expect(
      try JSONDecoder().decode(EpochReport.self, from: JSONEncoder().encode(report)) == report)
    (report.heldOutRMSE, report.heldOutMAE) = (nil, nil)
    // Of training ratings that were held out, by which the number of epochs is found.
    report.phase = .search
    let ofValidation = try json(report)
    #expect(
      Set(ofValidation.keys) == [
        "epoch", "seconds", "train_loss", "phase", "validation_rmse", "validation_mae",
      ])
    #expect(ofValidation["validation_rmse"] as? Double == 4)
    let read = try JSONDecoder().decode(EpochReport.self, from: JSONEncoder().encode(report))
    #expect(read == report)
  }
}
