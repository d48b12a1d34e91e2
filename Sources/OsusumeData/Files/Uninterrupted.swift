// System calls that a signal may interrupt before they have done anything: made again.
import Foundation

/// Makes a system call, again and again as long as a signal interrupts it (EINTR); returns its result.
func uninterrupted(_ call: () -> Int32) -> Int32 {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}
