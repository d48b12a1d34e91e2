// Versions of the libraries that files are read with.
import COpenSSL
import CZlib

#if canImport(Glibc)
  import Glibc
#endif

/// Libraries of the system as they were found when the process started, not when it was built.
package enum LibraryVersions {
  /// Name and version of each.
  package static var all: [(name: String, version: String)] {
    var all = [
      (name: "zlib", version: String(cString: zlibVersion())),
      ("libcrypto", String(cString: OpenSSL_version(OPENSSL_VERSION))),
    ]
    #if canImport(Glibc)
      var text = [CChar](repeating: 0, count: 64)
      // "glibc 2.36".
      if confstr(Int32(_CS_GNU_LIBC_VERSION), &text, text.count) > 0 {
        let words = String(
          decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        all.append(("glibc", words.split(separator: " ").last.map(String.init) ?? words))
      }
    #endif
    return all
  }
}
