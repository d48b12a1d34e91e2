// The one style of error: an enum of cases whose description is the line a user reads.

/// An error a user can act on.
///
/// Conforming types are enums; `description` is one line without a full stop that says what is wrong,
/// where, and what to do. The command line prints it after `osusume: ` and exits with 1.
public protocol OsusumeError: Error, CustomStringConvertible {}
