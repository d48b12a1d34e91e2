// SHA-256 of bytes that arrive in pieces, by libcrypto.
import COpenSSL

/// A SHA-256 under way: give it bytes with `update`, then ask for the digest.
public final class SHA256 {
  private let context: OpaquePointer?

  /// Starts a digest of nothing.
  public init() {
    context = EVP_MD_CTX_new()
    let started = EVP_DigestInit_ex(context, EVP_sha256(), nil)
    precondition(started == 1, "libcrypto offers no SHA-256")
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Takes in the next bytes.
  public func update(_ bytes: UnsafeRawBufferPointer) {
    EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  /// Takes in the UTF-8 bytes of a text.
  public func update(_ text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  /// The digest of all bytes so far, 64 lower-case hexadecimal digits; nothing may follow.
  public func hexadecimal() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    EVP_DigestFinal_ex(context, &digest, nil)
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The digest of some bytes, 64 lower-case hexadecimal digits.
  public static func hexadecimal(of bytes: UnsafeRawBufferPointer) -> String {
    let digest = SHA256()
    digest.update(bytes)
    return digest.hexadecimal()
  }
}
