// The version of the tool.

/// The version written into model files and reports.
public let osusumeVersion = "0.1.0"
