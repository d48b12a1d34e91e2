// The module users import: everything the library offers, and nothing of its own.
@_exported import OsusumeAnalysis
@_exported import OsusumeData
@_exported import OsusumeModels
@_exported import OsusumeRecommending
@_exported import OsusumeTraining
